//! Tests of the driver as a whole.

mod conformance;
mod emulated;
mod hostile;
mod machine;
mod parity;
mod played;
mod recorded;
mod support;
