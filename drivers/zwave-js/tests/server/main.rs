//! Tests of the driver as a whole.

mod emulated;
mod parity;
mod support;
