//! Any JSON as one item of `bridge/devices`, or as the whole list: described, read and set, there and back, without a
//! panic.
#![no_main]

use driver_mqtt::zigbee2mqtt::{fuzz, inspect};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    inspect::fuzz_definition(bytes);
    match bytes.first() {
        Some(b'[') => fuzz::definition(bytes),
        _ => fuzz::definition(&[b"[", bytes, b"]"].concat()),
    }
});
