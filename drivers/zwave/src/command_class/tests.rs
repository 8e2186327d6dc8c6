//! Bytes of every class, there and back, and bytes that are wrong.

mod malformed;
mod published;
mod round_trip;

/// `25 01 ff` as bytes.
fn bytes(text: &str) -> Vec<u8> {
    text.split_whitespace().map(|byte| u8::from_str_radix(byte, 16).unwrap()).collect()
}
