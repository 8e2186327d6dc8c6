//! A recorded session with the real server (Z-Wave JS 15.29.0, server 3.10.2, schema 50) over the emulated stick.

use std::collections::BTreeMap;
use std::io::Read;

use driver_api::run::drain_events;
use driver_api::{DriverCommand, DriverEvent, DriverRequest, LinkState, Machine};
use driver_zwave_js::machine::ZWaveJs;
use driver_zwave_js::message::NEWEST_SCHEMA;
use hub_model::command::Setting;
use hub_model::{CommandId, DeviceId, DriverId, Monotonic, Now, Timestamp, Trust, Value, Wall};
use serde_json::{Value as Json, json};

/// What the server said, one message a line.
pub(crate) fn messages() -> Vec<Json> {
    let packed = include_bytes!("../data/session.jsonl.gz");
    let mut text = String::new();
    flate2::read::GzDecoder::new(packed.as_slice()).read_to_string(&mut text).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn now() -> Now {
    Now { wall: Wall { time: Timestamp(1_800_000_000_000), trust: Trust::Ntp }, mono: Monotonic::default() }
}

/// A machine that has heard the greeting and the state.
fn listening() -> ZWaveJs {
    let mut machine = ZWaveJs::new(DriverId::new("zwave"), Vec::new(), NEWEST_SCHEMA);
    machine.handle_link(now(), LinkState::Up);
    for message in messages().iter().take(3) {
        machine.handle_received(now(), message.to_string());
    }
    while machine.poll_transmit().is_some() {}
    machine
}

fn device(node: u16) -> DeviceId {
    DeviceId::new(format!("zwave:0x7e570001-{node}"))
}

#[test]
fn a_session_becomes_devices_values_and_happenings() {
    let mut machine = listening();
    let mut told = BTreeMap::new();
    let mut happened = Vec::new();
    let mut take = |events: Vec<DriverEvent>| {
        for event in events {
            match event {
                DriverEvent::Report(report) => told.extend(report.readings.into_iter().map(|reading| {
                    let node = report.device.native_address().rsplit('-').next().unwrap_or_default().to_owned();
                    (format!("{node:>2} {}/{}", reading.endpoint, reading.attribute), reading.value)
                })),
                DriverEvent::Happening { device, reading } => {
                    happened.push(format!("{device} {}: {}", reading.attribute, reading.value));
                }
                _ => {}
            }
        }
    };
    take(drain_events(&mut machine));
    for message in messages().iter().skip(3) {
        machine.handle_received(now(), message.to_string());
        take(drain_events(&mut machine));
    }
    let lines: String = told.iter().map(|(place, value)| format!("{place} = {value}\n")).collect();
    expect_test::expect_file!["../data/session.txt"].assert_eq(&(lines + &happened.join("\n") + "\n"));
}

/// What is sent for wishes: the emulated stick cannot take all of them.
#[test]
fn wishes_become_values_to_set() {
    let text = Value::text;
    let number = Value::number;
    let color = Value::composite([("hue", number(0.0)), ("saturation", number(100.0))]);
    let code = Value::composite([("user", number(2.0)), ("pin_code", text("1234"))]);
    let wishes: [(u16, &str, Value); 20] = [
        (2, "on", Value::Bool(true)),
        (2, "energy_reset", text("reset")),
        (3, "brightness", number(50.0)),
        (3, "on", Value::Bool(false)),
        (5, "locked", Value::Bool(true)),
        (5, "auto_relock_time", number(30.0)),
        (5, "inside_handles_allowed", number(5.0)),
        (5, "pin_code", code),
        (6, "wake_up_interval", number(600.0)),
        (7, "heating_setpoint", number(21.5)),
        (7, "hvac_mode", text("heat")),
        (7, "fan_on", Value::Bool(true)),
        (9, "color", color),
        (9, "red", number(7.0)),
        (11, "slow_refresh", Value::Bool(true)),
        (12, "position", number(100.0)),
        (12, "cover_command", text("stop")),
        (14, "parameter_1", number(2.0)),
        (15, "alarm", Value::Bool(true)),
        (14, "identify", text("identify")),
    ];
    let mut machine = listening();
    let mut lines = String::new();
    for (node, attribute, value) in wishes {
        drain_events(&mut machine);
        let command = DriverCommand {
            id: CommandId::new(format!("{node}-{attribute}")),
            device: device(node),
            settings: vec![Setting { endpoint: 0, attribute: attribute.into(), value: value.clone() }],
            transition: None,
            deadline: Monotonic::default(),
            by_person: true,
        };
        machine.handle_request(now(), DriverRequest::Command(command));
        lines += &format!("{node} {attribute} = {value}\n");
        while let Some(request) = machine.poll_transmit() {
            let request: Json = serde_json::from_str(&request).unwrap();
            assert_eq!((&request["command"], &request["nodeId"]), (&json!("node.set_value"), &json!(node)));
            lines += &format!("  {} := {}\n", request["valueId"], request["value"]);
        }
        for event in drain_events(&mut machine) {
            lines += &format!("  {event:?}\n").replace("\n  \n", "\n");
        }
    }
    expect_test::expect_file!["../data/wishes.txt"].assert_eq(&lines);
}
