//! One definition, or a whole list of devices.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    driver_mqtt::zigbee2mqtt::inspect::fuzz_definition(data);
    driver_mqtt::zigbee2mqtt::fuzz::definition(data);
});
