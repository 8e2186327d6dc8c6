//! Bytes of every class, there and back, and bytes that are wrong.

mod malformed;
mod published;
mod round_trip;

use super::Command;

/// Every class that has a file.
fn classes() -> impl Iterator<Item = u8> {
    (0..0xf0).filter(|class| !matches!(Command::decode(0, &[*class, 0]), Ok(Command::Unknown(_))))
}

/// `25 01 ff` as bytes.
fn bytes(text: &str) -> Vec<u8> {
    text.split_whitespace().map(|byte| u8::from_str_radix(byte, 16).unwrap()).collect()
}
