//! The driver against the stick that zwave-js emulates (`tests/zwave`), with seventeen nodes behind it. Where Node or its
//! packages are not there, the tests say so and pass.

mod interview;
mod pairing;
pub(crate) mod support;
