//! The driver against the stick that zwave-js emulates (`tests/zwave`), with seventeen nodes behind it. Where Node or its
//! packages are not there, the tests say so and pass. Those that take minutes are ignored, and run by `make test-long`.

mod compared;
mod differential;
mod faults;
mod interview;
mod nodes;
mod pairing;
