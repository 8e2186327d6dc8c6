//! The emulated stick (`tests/zwave`) and a hub around a driver, for the tests of both drivers for Z-Wave: those of
//! `driver-zwave-js` take this in by its path.

#![allow(dead_code, reason = "each of the two uses its part")]

mod hub;
mod program;

#[allow(unused_imports, reason = "each of the two uses its part")]
pub(crate) use hub::{Hub, Kept};
#[allow(unused_imports, reason = "each of the two uses its part")]
pub(crate) use program::{Frame, Program, Stick};
