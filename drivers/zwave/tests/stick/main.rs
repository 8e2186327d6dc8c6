//! What passes between the hub and a stick, byte for byte; the driver with an emulated stick, and with a simulated one.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test that cannot go on fails, and says why it was skipped"
)]

mod conformance;
mod device_table;
mod emulated;
mod hostile;
mod independent;
mod joining;
mod messages;
mod requests;
mod simulation;
#[path = "../support/mod.rs"]
mod support;
mod traces;

fn hex(text: &str) -> Vec<u8> {
    text.split_whitespace().map(|byte| u8::from_str_radix(byte, 16).expect("a byte in hex")).collect()
}
