//! Doors for fuzzers: bytes in, nothing out, no panic.

use driver_api::driver::DriverCommand;
use driver_api::{DriverRequest, LinkState, Machine};
use hub_model::command::Setting;
use hub_model::{DriverId, Now};

use super::machine::Zigbee2Mqtt;
use super::{definition, mapping};
use crate::message::Message;

/// A light, a switch with two gangs, a remote and a group, as the bridge lists them.
const DEVICES: &str = include_str!("fuzz/devices.json");
const GROUPS: &str =
    r#"[{"id":5,"friendly_name":"living","members":[{"ieee_address":"0x000b57fffe000001","endpoint":1}],"scenes":[]}]"#;

/// A connected machine that knows a few devices.
pub fn machine() -> Zigbee2Mqtt {
    let mut machine = Zigbee2Mqtt::new(DriverId::new("zigbee"), "z", Vec::new(), 1);
    machine.handle_link(Now::default(), LinkState::Up);
    let listed = [("z/bridge/state", "online"), ("z/bridge/devices", DEVICES), ("z/bridge/groups", GROUPS)];
    let messages = listed.map(|(topic, payload)| Message::new(topic, payload).retained());
    machine.handle_received(Now::default(), messages.into());
    drain(&mut machine);
    machine
}

/// Messages of any topic and payload, one after another, to a machine that knows a few devices; a device that one of
/// them describes is also given a command.
pub fn messages<'a>(messages: impl IntoIterator<Item = (&'a [u8], &'a [u8])>) {
    let mut machine = machine();
    for (topic, payload) in messages {
        let message = Message::new(topic.to_vec(), payload.to_vec());
        machine.handle_received(Now::default(), vec![message.clone(), message.retained()]);
        drain(&mut machine);
    }
    machine.handle_timeout(Now::default());
    drain(&mut machine);
}

/// One payload as a list of devices: what it describes must be able to read a state and to be set.
pub fn definition(payload: &[u8]) {
    let Ok(items) = definition::devices(payload) else { return };
    for item in &items {
        let described = mapping::describe(&DriverId::new("zigbee"), item, None);
        let again = mapping::describe(&DriverId::new("zigbee"), item, Some(&described.device));
        assert_eq!(described.device, again.device, "a device is described the same way twice");
        described.mapping.readable();
    }
    let mut machine = machine();
    machine.handle_received(Now::default(), vec![Message::new("z/bridge/devices", payload.to_vec())]);
    let devices: Vec<_> = machine.devices().cloned().collect();
    for device in devices {
        for (endpoint, schema) in device.attributes().filter(|(_, schema)| schema.access.write) {
            let value = match schema.values.first() {
                Some(value) => hub_model::Value::Text(value.clone()),
                None => hub_model::Value::Number(schema.min.unwrap_or(1.0)),
            };
            let setting = Setting { endpoint, attribute: schema.name.clone(), value };
            let command = DriverCommand {
                id: "c".into(),
                device: device.id.clone(),
                settings: vec![setting],
                transition: None,
                deadline: hub_model::Monotonic::default(),
                by_person: true,
            };
            machine.handle_request(Now::default(), DriverRequest::Command(command));
        }
    }
    drain(&mut machine);
}

fn drain(machine: &mut Zigbee2Mqtt) {
    while machine.poll_event().is_some() {}
    while machine.poll_transmit().is_some() {}
    machine.poll_timeout();
}
