//! What a real zigbee2mqtt said in four sessions, replayed.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::io::{BufRead, BufReader};
use std::time::Duration;

use driver_api::{DriverEvent, LinkState, Machine};
use driver_mqtt::Message;
use driver_mqtt::zigbee2mqtt::Zigbee2Mqtt;
use expect_test::expect_file;
use hub_model::{DriverId, Monotonic, Now};
use serde::Deserialize;

#[derive(Deserialize)]
struct Line {
    session: String,
    t: f64,
    retain: u8,
    topic: String,
    payload: String,
}

fn lines() -> Vec<Line> {
    let file = std::fs::File::open(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/z2m-transcript.jsonl.gz")).unwrap();
    let reader = BufReader::new(flate2::read::GzDecoder::new(file));
    reader.lines().map(|line| serde_json::from_str(&line.unwrap()).unwrap()).collect()
}

/// The last that was said of a device.
#[derive(Default)]
struct Known {
    name: String,
    availability: String,
    values: BTreeMap<String, String>,
}

#[test]
fn it_ends_in_the_right_devices() {
    let lines = lines();
    assert_eq!(lines.len(), 893);
    let mut text = String::new();
    let mut sessions: Vec<&str> = lines.iter().map(|line| line.session.as_str()).collect();
    sessions.dedup();
    for session in sessions {
        let base = if session == "attribute_and_json_slash_base" { "haus/oben/zigbee" } else { "zigbee2mqtt" };
        let mut machine = Zigbee2Mqtt::new(DriverId::new("zigbee"), base, Vec::new(), 1);
        machine.handle_link(Now::default(), LinkState::Up);
        let mut devices: BTreeMap<String, Known> = BTreeMap::new();
        let mut happenings = Vec::new();
        let mut failed = 0;
        for line in lines.iter().filter(|line| line.session == session) {
            let now = Now { mono: Monotonic(Duration::from_secs_f64(line.t)), ..Now::default() };
            let message = Message::new(line.topic.clone(), line.payload.clone());
            let message = if line.retain == 1 { message.retained() } else { message };
            machine.handle_received(now, vec![message]);
            while let Some(event) = machine.poll_event() {
                match event {
                    DriverEvent::Device(device) => {
                        devices.entry(device.id.to_string()).or_default().name =
                            device.native_name.as_deref().unwrap_or("").to_owned();
                    }
                    DriverEvent::DeviceRemoved(device) => {
                        devices.remove(device.as_str()).expect("only what was there is removed");
                    }
                    DriverEvent::Report(report) => {
                        let known = devices.get_mut(report.device.as_str()).expect("reports only of what is there");
                        for reading in report.readings.iter().filter(|reading| !reading.value.is_unknown()) {
                            known.values.insert(
                                format!("{}/{}", reading.endpoint, reading.attribute),
                                reading.value.to_string(),
                            );
                        }
                    }
                    DriverEvent::Happening { reading, device } => {
                        happenings.push(format!("{device} {}={}", reading.attribute, reading.value));
                    }
                    DriverEvent::Availability { device, availability } => {
                        availability.as_str().clone_into(&mut devices.get_mut(device.as_str()).unwrap().availability);
                    }
                    DriverEvent::Command(_) => failed += 1,
                    DriverEvent::Renamed { .. } | DriverEvent::Status(_) => {}
                    other => panic!("unexpected {other:?}"),
                }
            }
            while machine.poll_transmit().is_some() {}
        }
        let counters = machine.counters();
        assert_eq!(counters.malformed, 0, "{session}");
        assert_eq!(failed, 0, "errors of commands that the hub did not send are nobody's");
        writeln!(
            text,
            "== {session}: {} happenings {happenings:?}, {} properties without attribute",
            happenings.len(),
            counters.unmapped
        )
        .unwrap();
        for (id, known) in devices {
            writeln!(text, "{id} {:?} {}", known.name, known.availability).unwrap();
            for (attribute, value) in known.values {
                writeln!(text, "    {attribute} = {value}").unwrap();
            }
        }
    }
    expect_file!["data/z2m-transcript.expected.txt"].assert_eq(&text);
}
