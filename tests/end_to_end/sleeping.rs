//! Devices that listen only now and then, behind a bridge that is played here.

use std::time::Duration;

use hub_tests::broker::Broker;
use hub_tests::mqtt::Client;
use hub_tests::skip::has_programs;
use hub_tests::{Bench, Hub, eventually};
use serde_json::{Value, json};

const SOON: Duration = Duration::from_secs(15);

/// A radiator valve, as zigbee2mqtt lists it.
fn valve(address: &str, power_source: &str) -> Value {
    json!({
        "ieee_address": address, "type": "EndDevice", "power_source": power_source, "network_address": 1, "supported": true,
        "disabled": false, "friendly_name": address, "interview_completed": true, "interview_state": "SUCCESSFUL",
        "endpoints": {"1": {}},
        "definition": {"source": "native", "model": "V1", "vendor": "Valves", "description": "A valve", "options": [], "exposes": [
            {"type": "climate", "features": [
                {"type": "numeric", "name": "occupied_heating_setpoint", "property": "occupied_heating_setpoint", "access": 3,
                 "unit": "°C", "value_min": 5, "value_max": 30, "value_step": 0.5},
            ]},
        ]},
    })
}

/// A valve on a battery answers when it wakes; one on the mains is not waited for.
#[test]
fn a_device_on_a_battery_may_take_its_time() {
    if !has_programs(&["mosquitto"]) {
        return;
    }
    let bench = Bench::new("sleeping");
    let broker = Broker::start(&bench);
    let mut client = Client::connect(broker.port(), "bridge");
    let (sleeping, listening) = ("0x00158d0000000001", "0x00158d0000000002");
    let coordinator =
        json!({"ieee_address": "0x00158d0000000000", "type": "Coordinator", "friendly_name": "Coordinator"});
    let devices = json!([coordinator, valve(sleeping, "Battery"), valve(listening, "DC Source")]);
    for (topic, payload) in [("state", json!({"state": "online"})), ("devices", devices), ("groups", json!([]))] {
        client.publish(format!("zigbee2mqtt/bridge/{topic}").as_bytes(), payload.to_string().as_bytes(), true);
    }
    client.settle();
    client.subscribe("zigbee2mqtt/+/set");
    let mut hub = Hub::new(&bench, &broker.driver());
    hub.start();
    let api = hub.claim();
    let [sleeper, listener] = [sleeping, listening].map(|address| {
        let id = format!("zigbee:{address}");
        let command = eventually("the hub to know the valve", SOON, || {
            let answer = api.post(&format!("devices/{id}/commands"), &json!({"set": {"heating_setpoint": 21.5}}));
            if answer.status == 202 { Ok(answer.body) } else { Err(answer.body) }
        });
        client.until("the command", SOON, |topic, _| topic.contains(address));
        command["id"].as_str().expect("a command has an id").to_owned()
    });
    let command = |id: &str| api.get(&format!("commands/{id}")).ok();
    let failed = eventually("the valve on the mains to have failed", SOON, || {
        let command = command(&listener);
        if command["status"] == "failed" { Ok(command) } else { Err(command) }
    });
    assert_eq!(failed["outcomes"][0]["reason"], "no_report", "{failed:#}");
    assert_eq!(command(&sleeper)["status"], "sent", "{:#}", command(&sleeper));
    client.publish_json(&format!("zigbee2mqtt/{sleeping}"), &json!({"occupied_heating_setpoint": 21.5}));
    eventually("the sleeping valve to be confirmed", SOON, || {
        let command = command(&sleeper);
        if command["status"] == "confirmed" { Ok(()) } else { Err(command) }
    });
    assert_eq!(hub.stop(), Some(0));
}
