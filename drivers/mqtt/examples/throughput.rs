//! How many messages a second: the machine alone, and the whole driver over a broker.
//!
//! `cargo run --release -p driver-mqtt --example throughput [BROKER]`; without a broker only the machine is measured.

use std::sync::Arc;
use std::time::{Duration, Instant};

use driver_api::{Driver, DriverContext, DriverEvent, LinkState, Machine};
use driver_mqtt::zigbee2mqtt::Zigbee2Mqtt;
use driver_mqtt::{Message, MqttConfig, Zigbee2MqttDriver};
use hub_model::time::ManualClock;
use hub_model::{DriverId, Now};
use serde_json::json;
use tokio::sync::mpsc;

const DEVICES: usize = 240;
const MESSAGES: usize = 300_000;

fn device(index: usize) -> serde_json::Value {
    let numeric =
        |name: &str, unit: &str| json!({"type": "numeric", "name": name, "property": name, "access": 1, "unit": unit});
    json!({
        "ieee_address": format!("0x{index:016x}"), "type": "Router", "friendly_name": format!("room {index}/plug"), "supported": true,
        "interview_state": "SUCCESSFUL", "power_source": "Mains (single phase)", "endpoints": {"1": {}},
        "definition": {"model": "M", "vendor": "V", "description": "D", "exposes": [
            {"type": "switch", "features": [{"type": "binary", "name": "state", "property": "state", "access": 7, "value_on": "ON", "value_off": "OFF"}]},
            numeric("power", "W"), numeric("energy", "kWh"), numeric("voltage", "V"), numeric("linkquality", "lqi")
        ]}
    })
}

fn list() -> String {
    let mut devices = vec![json!({"ieee_address": "0xc0", "type": "Coordinator", "friendly_name": "Coordinator"})];
    devices.extend((0..DEVICES).map(device));
    json!(devices).to_string()
}

fn message(index: usize) -> (String, String) {
    let topic = format!("zigbee2mqtt/room {}/plug", index % DEVICES);
    let payload =
        format!(r#"{{"state":"ON","power":{}.5,"energy":12.34,"voltage":230,"linkquality":120}}"#, index % 2_000);
    (topic, payload)
}

#[allow(clippy::disallowed_methods, reason = "a stopwatch is what this is about")]
fn stopwatch() -> Instant {
    Instant::now()
}

#[allow(clippy::print_stdout, reason = "its answer")]
fn say(what: &str, count: usize, time: Duration) {
    println!(
        "{what}: {:.0} messages/s, {:.2} µs each",
        count as f64 / time.as_secs_f64(),
        time.as_secs_f64() * 1e6 / count as f64
    );
}

fn machine_alone() {
    let mut machine = Zigbee2Mqtt::new(DriverId::new("zigbee"), "zigbee2mqtt", Vec::new(), 1);
    machine.handle_link(Now::default(), LinkState::Up);
    for (topic, payload) in [("state", "online".to_owned()), ("devices", list()), ("groups", "[]".to_owned())] {
        machine.handle_received(
            Now::default(),
            vec![Message::new(format!("zigbee2mqtt/bridge/{topic}"), payload).retained()],
        );
    }
    let batches: Vec<Vec<Message>> = (0..MESSAGES / 64)
        .map(|batch| {
            (0..64).map(|n| message(batch * 64 + n)).map(|(topic, payload)| Message::new(topic, payload)).collect()
        })
        .collect();
    let count = batches.len() * 64;
    let start = stopwatch();
    for batch in batches {
        machine.handle_received(Now::default(), batch);
        while machine.poll_event().is_some() {}
        while machine.poll_transmit().is_some() {}
    }
    say("machine alone", count, start.elapsed());
}

async fn whole_driver(broker: String) {
    let (sender, mut events) = mpsc::channel(256);
    let (_requests, requests) = mpsc::channel(64);
    let cancel = tokio_util::sync::CancellationToken::new();
    let context = DriverContext {
        id: DriverId::new("zigbee"),
        clock: Arc::new(ManualClock::default()),
        seed: 1,
        known: Vec::new(),
        kept: std::collections::BTreeMap::new(),
        events: sender,
        requests,
        cancel: cancel.clone(),
    };
    let driver = Zigbee2MqttDriver::new(MqttConfig { broker: broker.clone(), ..MqttConfig::default() });
    let task = tokio::spawn(Box::new(driver).run(context));
    let address = driver_mqtt::config::BrokerAddress::parse(&broker).map(|address| (address.host, address.port));
    let Ok((host, port)) = address else { return };
    let start = stopwatch();
    let publisher = std::thread::spawn(move || publish_all(&host, port));
    let mut reports = 0;
    let mut first = None;
    let mut last = start;
    while let Ok(Some(event)) = tokio::time::timeout(Duration::from_secs(3), events.recv()).await {
        if let DriverEvent::Report(_) = event {
            reports += 1;
            last = stopwatch();
            first.get_or_insert(last);
        }
    }
    let published = publisher.join().unwrap_or_default();
    say("published", MESSAGES, published);
    say("reports of the driver (coalesced ones count once)", reports, last - first.unwrap_or(start));
    cancel.cancel();
    let _ = task.await;
}

/// Publishes by hand: nothing of the driver is in the way.
fn publish_all(host: &str, port: u16) -> Duration {
    use std::io::{BufWriter, Read, Write};
    let connect = || -> std::io::Result<std::net::TcpStream> {
        let mut stream = std::net::TcpStream::connect((host, port))?;
        stream.write_all(b"\x10\x0d\x00\x04MQTT\x04\x02\x00\x00\x00\x01p")?;
        stream.read_exact(&mut [0; 4])?;
        Ok(stream)
    };
    let Ok(stream) = connect() else { return Duration::ZERO };
    let mut writer = BufWriter::with_capacity(64 * 1024, stream);
    let mut publish = |topic: &str, payload: &str, retain: bool| {
        let mut packet = vec![0x30 | u8::from(retain)];
        let mut length = 2 + topic.len() + payload.len();
        while length > 127 {
            packet.push((length % 128) as u8 | 0x80);
            length /= 128;
        }
        packet.push(length as u8);
        packet.extend((topic.len() as u16).to_be_bytes());
        packet.extend(topic.as_bytes());
        packet.extend(payload.as_bytes());
        let _ = writer.write_all(&packet);
        if retain {
            let _ = writer.flush();
        }
    };
    publish("zigbee2mqtt/bridge/state", "online", true);
    publish("zigbee2mqtt/bridge/devices", &list(), true);
    publish("zigbee2mqtt/bridge/groups", "[]", true);
    let start = stopwatch();
    for index in 0..MESSAGES {
        let (topic, payload) = message(index);
        publish(&topic, &payload, false);
    }
    publish("zigbee2mqtt/bridge/health", "{}", true);
    start.elapsed()
}

#[tokio::main]
async fn main() {
    machine_alone();
    if let Some(broker) = std::env::args().nth(1) {
        whole_driver(broker).await;
    }
}
