//! What the hub relies on, with a real broker and a bridge that is played here.

use std::future::Future;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use driver_api::Driver;
use driver_api::conformance::{Bus, Sample, TokioClock, check};
use driver_mqtt::{MqttConfig, Zigbee2MqttDriver};
use hub_model::command::Setting;
use hub_model::{DeviceId, DriverId, Timestamp, Value};
use serde_json::json;

use crate::mosquitto::{BareClient, Mosquitto};
use crate::script::{button, lamp, list};

/// A broker and a bridge with two lamps and a button.
struct PlayedBridge {
    broker: Mosquitto,
    removed: Arc<AtomicBool>,
}

impl PlayedBridge {
    fn start() -> Option<Self> {
        let broker = Mosquitto::start("allow_anonymous true")?;
        let bridge = Self { broker, removed: Arc::default() };
        bridge.play();
        Some(bridge)
    }

    /// Lists the devices and does what is asked, until the broker is gone.
    fn play(&self) {
        let mut client = BareClient::connect(self.broker.port, "bridge").patient();
        let removed = Arc::clone(&self.removed);
        publish_all(&mut client, &removed);
        client.subscribe("zigbee2mqtt/#");
        std::thread::spawn(move || {
            while let Some((topic, payload)) = client.next_message() {
                let Ok(wish) = serde_json::from_slice::<serde_json::Value>(&payload) else { continue };
                match topic.as_str() {
                    "zigbee2mqtt/0x01/set" => {
                        let mut state = wish;
                        state["linkquality"] = json!(100);
                        client.publish("zigbee2mqtt/lamp", state.to_string().as_bytes(), false);
                    }
                    "zigbee2mqtt/bridge/request/networkmap" => {
                        let node = |address: &str, kind: &str| json!({"ieeeAddr": address, "friendlyName": address, "type": kind});
                        let nodes = [node("0x00", "Coordinator"), node("0x01", "Router"), node("0x02", "EndDevice")];
                        let data = json!({"type": "raw", "value": {"nodes": nodes, "links": []}});
                        let answer = json!({"status": "ok", "data": data, "transaction": wish["transaction"]});
                        client.publish("zigbee2mqtt/bridge/response/networkmap", answer.to_string().as_bytes(), false);
                    }
                    "zigbee2mqtt/bridge/request/device/remove" => {
                        removed.store(true, Ordering::SeqCst);
                        publish_all(&mut client, &removed);
                        let answer = json!({"status": "ok", "data": {}, "transaction": wish["transaction"]});
                        client.publish(
                            "zigbee2mqtt/bridge/response/device/remove",
                            answer.to_string().as_bytes(),
                            false,
                        );
                    }
                    _ => {}
                }
            }
        });
    }
}

fn publish_all(client: &mut BareClient, removed: &AtomicBool) {
    let mut devices = vec![lamp("0x01", "lamp"), button("0x02", "button")];
    if !removed.load(Ordering::SeqCst) {
        devices.push(lamp("0x03", "old lamp"));
    }
    client.publish("zigbee2mqtt/bridge/state", br#"{"state":"online"}"#, true);
    client.publish("zigbee2mqtt/bridge/devices", list(&devices).as_bytes(), true);
    client.publish("zigbee2mqtt/bridge/groups", b"[]", true);
}

/// The suite wants to send the bus to other threads.
struct PlayedBus(Mutex<PlayedBridge>);

impl PlayedBus {
    fn with<T>(&self, act: impl FnOnce(&mut PlayedBridge) -> T) -> T {
        act(&mut self.0.lock().unwrap())
    }
}

impl Bus for PlayedBus {
    fn id(&self) -> DriverId {
        DriverId::new("zigbee")
    }

    fn driver(&mut self) -> Box<dyn Driver> {
        let broker = self.with(|bridge| bridge.broker.url());
        Box::new(Zigbee2MqttDriver::new(MqttConfig { broker, ..MqttConfig::default() }))
    }

    fn sample(&self) -> Sample {
        let settings = vec![Setting { endpoint: 1, attribute: "on".into(), value: Value::Bool(true) }];
        Sample { device: DeviceId::new("zigbee:0x01"), settings }
    }

    fn lose_link(&mut self) -> impl Future<Output = ()> + Send {
        self.with(|bridge| bridge.broker.kill());
        std::future::ready(())
    }

    fn regain_link(&mut self) -> impl Future<Output = ()> + Send {
        self.with(|bridge| {
            bridge.broker.start_again();
            bridge.play();
        });
        std::future::ready(())
    }

    fn happen(&mut self, count: usize) -> impl Future<Output = bool> + Send {
        self.with(|bridge| {
            let mut client = BareClient::connect(bridge.broker.port, "finger");
            for _ in 0..count {
                client.publish("zigbee2mqtt/button", br#"{"action":"single","linkquality":9}"#, false);
            }
            client.settle();
        });
        std::future::ready(true)
    }

    fn removable(&self) -> Option<DeviceId> {
        Some(DeviceId::new("zigbee:0x03"))
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_driver_conforms() {
    let Some(bridge) = PlayedBridge::start() else { return };
    let mut bus = PlayedBus(Mutex::new(bridge));
    let clock = Arc::new(TokioClock::at(Timestamp(1_800_000_000_000)));
    let findings = check(&mut bus, clock).await.into_result().unwrap();
    assert!(findings.skipped.is_empty(), "{:?}", findings.skipped);
}
