//! From the first start to a working home, and again from what was kept.

use std::collections::BTreeMap;

use driver_api::{CommandStage, DriverEvent};
use hub_model::command::FailureReason;
use hub_model::event::DriverState;
use hub_model::{Availability, Value};
use serde_json::json;

use super::support::{Hub, Stick};

/// Those that listen and answer.
const LISTENING: [u16; 14] = [2, 3, 4, 5, 7, 8, 9, 10, 12, 13, 14, 15, 16, 18];
const SLEEPING: [u16; 2] = [6, 11];

/// Values that the emulated nodes have (`tests/zwave/nodes.js`).
fn values() -> Vec<(u16, u16, &'static str, Value)> {
    vec![
        (2, 0, "on", Value::Bool(false)),
        (2, 0, "power", Value::number(100.5)),
        (3, 0, "on", Value::Bool(false)),
        (4, 0, "temperature", Value::number(21.5)),
        (4, 0, "humidity", Value::number(48.0)),
        (4, 0, "illuminance", Value::number(120.0)),
        (4, 0, "open", Value::Bool(false)),
        (5, 0, "locked", Value::Bool(false)),
        (5, 0, "battery", Value::number(90.0)),
        (6, 0, "temperature", Value::number(19.75)),
        (6, 0, "battery", Value::number(77.0)),
        (7, 0, "heating_setpoint", Value::number(21.0)),
        (7, 0, "cooling_setpoint", Value::number(25.0)),
        (8, 1, "on", Value::Bool(false)),
        (8, 2, "on", Value::Bool(false)),
        (10, 0, "on", Value::Bool(false)),
        (11, 0, "battery", Value::number(55.0)),
        (13, 0, "on", Value::Bool(false)),
        (14, 0, "parameter_3", Value::number(42.0)),
        (18, 0, "on", Value::Bool(false)),
    ]
}

/// How nodes are, which is asked after each start: pings, switches, covers, locks and thermostats; and what security
/// needs for that.
const FIRST_LOOK: [&str; 13] =
    ["00", "2502", "2602", "6a03", "6d02", "6202", "7602", "4002", "4302", "600d", "9f", "98", "6602"];

async fn is_known(hub: &mut Hub, nodes: &[u16]) {
    let interviewed = |hub: &Hub, node: &u16| hub.device(*node).is_some_and(|device| device.interviewed);
    hub.until(150, "nodes are found out", |hub| nodes.iter().all(|node| interviewed(hub, node))).await;
}

fn acknowledged() -> Vec<CommandStage> {
    vec![CommandStage::Sent, CommandStage::Acknowledged]
}

#[tokio::test]
async fn a_home_from_the_first_start_on() {
    let Some(mut stick) = Stick::start().await else { return };
    let mut hub = Hub::start(stick.port);
    is_known(&mut hub, &LISTENING).await;
    println!("{} commands to nodes until all that listen were known", stick.sent_to_nodes().await.len());
    assert_eq!(hub.availability.get(&Hub::id(17)), Some(&Availability::Offline));

    for node in SLEEPING {
        stick.tell(json!({"do": "wake", "node": node})).await;
    }
    is_known(&mut hub, &SLEEPING).await;
    hub.settle(1_500).await;
    for node in stick.tell(json!({"do": "nodes"})).await.as_array().unwrap() {
        let sleeps = SLEEPING.iter().any(|sleeping| node["id"] == *sleeping);
        assert!(!sleeps || node["asleep"] == true, "{node} was not sent to sleep again");
    }
    for (node, endpoint, attribute, value) in values() {
        assert_eq!(hub.value(node, endpoint, attribute), Some(&value), "node {node}, {endpoint}/{attribute}");
    }

    commands(&mut stick, &mut hub).await;
    reports(&mut stick, &mut hub).await;

    hub.settle(1_000).await;
    let (kept, devices) = hub.stop().await;
    restart(&mut stick, kept, devices).await;
}

/// Without security, with Supervision, with Multi Channel, Security 0 and every class of Security 2.
async fn commands(stick: &mut Stick, hub: &mut Hub) {
    let on = Value::Bool(true);
    let wishes: [(u16, u16, &str, Value); 10] = [
        (2, 0, "on", on.clone()),
        (3, 0, "brightness", Value::number(60.0)),
        (5, 0, "locked", on.clone()),
        // The emulated thermostat takes nothing above its least value.
        (7, 0, "heating_setpoint", Value::number(5.0)),
        (7, 0, "hvac_mode", Value::text("heat")),
        (8, 2, "on", on.clone()),
        (9, 0, "brightness", Value::number(30.0)),
        (10, 0, "on", on.clone()),
        (13, 0, "on", on.clone()),
        (18, 0, "on", on.clone()),
    ];
    for (node, endpoint, attribute, value) in wishes {
        let stages = hub.set(node, &[(endpoint, attribute, value.clone())]).await;
        assert_eq!(stages, acknowledged(), "node {node}, {attribute}");
        let is_so = |hub: &Hub| hub.value(node, endpoint, attribute).is_some_and(|now| now.confirms(&value, 1.02));
        hub.until(20, &format!("node {node} reports {attribute} = {value}"), is_so).await;
    }
    assert_eq!(hub.value(8, 1, "on"), Some(&Value::Bool(false)));
    let state = stick.tell(json!({"do": "state", "node": 13})).await;
    assert!(state.to_string().contains("true"), "the node itself is on: {state}");

    let stages = hub.set(17, &[(0, "on", on.clone())]).await;
    assert!(matches!(stages[..], [CommandStage::Failed { .. }]), "{stages:?}");
    let stages = hub.set(2, &[(0, "brightness", Value::number(5.0))]).await;
    assert!(matches!(stages[..], [CommandStage::Failed { reason: FailureReason::Refused, .. }]), "{stages:?}");

    // Wire and radio fail now and then: it comes through all the same.
    for (faults, expected) in [
        (json!({"wire": {"dropAck": 1}}), acknowledged()),
        (json!({"wire": {"sendCan": 1}}), acknowledged()),
        (json!({"wire": {"sendNak": 1}}), acknowledged()),
        (json!({"wire": {"corruptOut": 1}}), acknowledged()),
        (json!({"wire": {"splitOut": 3, "noise": 3}}), acknowledged()),
        (json!({"controller": {"queueFull": 1}}), acknowledged()),
        (json!({"controller": {"txFail": 1}}), acknowledged()),
    ] {
        stick.tell(json!({"do": "faults", "wire": faults["wire"], "controller": faults["controller"]})).await;
        let stages = hub.set(13, &[(0, "on", Value::Bool(false))]).await;
        assert_eq!(stages, expected, "{faults}");
        hub.settle(700).await;
    }
}

async fn reports(stick: &mut Stick, hub: &mut Hub) {
    stick.tell(json!({"do": "press_switch", "node": 2, "value": false})).await;
    hub.until(10, "somebody switched it off", |hub| hub.value(2, 0, "on") == Some(&Value::Bool(false))).await;
    stick.tell(json!({"do": "notification", "node": 6, "type": 7, "event": 8})).await;
    hub.until(10, "somebody moves", |hub| {
        ["motion", "occupancy"].iter().any(|name| hub.value(6, 0, name) == Some(&Value::Bool(true)))
    })
    .await;
    stick.tell(json!({"do": "tell", "node": 11, "hex": "5b 03 07 80 02"})).await;
    let pressed = |event: &DriverEvent| {
        matches!(event, DriverEvent::Happening { device, reading }
            if *device == Hub::id(11) && reading.value == Value::text("2_single"))
    };
    hub.until(10, "a button is pressed", |hub| hub.log.iter().any(pressed)).await;

    // It comes to life again by itself.
    stick.tell(json!({"do": "dead", "node": 17, "on": false})).await;
    stick.tell(json!({"do": "press_switch", "node": 17, "value": true})).await;
    is_known(hub, &[17]).await;
    assert_eq!(hub.availability.get(&Hub::id(17)), Some(&Availability::Online));
}

async fn restart(
    stick: &mut Stick,
    kept: BTreeMap<std::sync::Arc<str>, hub_model::household::Secret>,
    devices: Vec<hub_model::Device>,
) {
    stick.sent_to_nodes().await;
    let told: BTreeMap<_, _> = devices.iter().map(|device| (device.id.clone(), device.clone())).collect();
    let mut hub = Hub::start_with(stick.port, kept, devices);
    let online =
        |event: &DriverEvent| matches!(event, DriverEvent::Status(status) if status.state == DriverState::Online);
    hub.until(30, "the stick is ready", |hub| hub.log.iter().any(online)).await;
    hub.settle(2_000).await;
    assert_eq!(hub.devices, told, "what was kept says the same");
    let asked = stick.sent_to_nodes().await;
    let is_look = |frame: &str| FIRST_LOOK.iter().any(|look| frame.get(4..).is_some_and(|rest| rest.starts_with(look)));
    assert!(asked.iter().all(|(_, frame)| is_look(frame)), "nobody is asked again what it is: {asked:?}");
    assert_eq!(hub.availability.get(&Hub::id(2)), Some(&Availability::Online), "and who answers is known to be there");
    let stages = hub.set(9, &[(0, "brightness", Value::number(80.0))]).await;
    assert_eq!(stages, acknowledged(), "with security from the start");
    hub.stop().await;
}
