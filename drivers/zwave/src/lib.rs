//! Z-Wave through a stick's Serial API, natively: framing, Serial API functions, security
//! and command classes. Pure: bytes in, values out. Not tested on hardware.

pub mod attributes;
pub mod command_class;
pub mod link;
pub mod security;
pub mod serial_api;
