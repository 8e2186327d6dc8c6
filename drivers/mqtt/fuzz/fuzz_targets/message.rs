//! Topics and payloads to a machine that knows a few devices. Lines alternate: topic, payload, topic, payload …
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let mut lines = data.split(|byte| *byte == b'\n');
    let pairs = std::iter::from_fn(|| Some((lines.next()?, lines.next().unwrap_or_default())));
    driver_mqtt::zigbee2mqtt::fuzz::messages(pairs);
});
