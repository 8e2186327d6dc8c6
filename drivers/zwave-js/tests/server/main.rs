//! The driver with the real server over the emulated stick, with one that is played, and with what servers say.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test that cannot go on fails, and says why it was skipped"
)]

mod conformance;
mod emulated;
mod hostile;
mod machine;
mod parity;
mod played;
mod recorded;
#[path = "../../../zwave/tests/support/mod.rs"]
mod shared;
mod support;
