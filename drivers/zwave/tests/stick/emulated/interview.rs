//! From the first start to a working home, and again from what was kept.

use std::collections::BTreeMap;

use driver_api::{CommandStage, DriverEvent};
use expect_test::expect_file;
use hub_model::command::FailureReason;
use hub_model::{Availability, Device, Value};
use serde_json::json;

use super::compared::{Comparison, reference};
use crate::support::{Hub, Kept, Stick};

/// Those that listen and answer.
pub(crate) const LISTENING: [u16; 14] = [2, 3, 4, 5, 7, 8, 9, 10, 12, 13, 14, 15, 16, 18];
pub(crate) const SLEEPING: [u16; 2] = [6, 11];
pub(crate) const DEAD: u16 = 17;
/// The beginning of the document.
const HEADER: &str = "# What zwave-js knows of the emulated nodes, beside what Hearth knows

Made by the test `emulated::interview` of `drivers/zwave` after an interview of the emulated nodes: each line of
`reference-values.txt` with what Hearth knows of it. Levels are in percent here, states are words.

";
/// How nodes are, which is asked after each start: pings, switches, covers, locks and thermostats; and what security needs
/// for that.
const FIRST_LOOK: [&[u8]; 13] = [
    &[0x00],
    &[0x25, 0x02],
    &[0x26, 0x02],
    &[0x6A, 0x03],
    &[0x6D, 0x02],
    &[0x62, 0x02],
    &[0x76, 0x02],
    &[0x40, 0x02],
    &[0x43, 0x02],
    &[0x60, 0x0D],
    &[0x9F],
    &[0x98],
    &[0x66, 0x02],
];

pub(crate) async fn interview(stick: &mut Stick, hub: &mut Hub) {
    hub.is_known(&LISTENING).await;
    assert_eq!(hub.availability.get(&Hub::id(DEAD)), Some(&Availability::Offline), "the dead one is known to be dead");
    for node in SLEEPING {
        stick.tell(json!({"do": "wake", "node": node})).await;
    }
    hub.is_known(&SLEEPING).await;
    hub.settle(1_500).await;
}

#[tokio::test]
async fn a_home_from_the_first_start_on() {
    let Some(mut stick) = Stick::start().await else { return };
    let mut hub = Hub::start(&stick);
    interview(&mut stick, &mut hub).await;
    let sent = stick.sent_to_nodes().await;
    println!("{} frames to nodes for all interviews", sent.len());
    let to_dead = sent.iter().filter(|(node, _)| u16::from(*node) == DEAD).count();
    assert!(to_dead <= 3, "{to_dead} frames for who does not answer");
    for node in stick.tell(json!({"do": "nodes"})).await.as_array().unwrap() {
        let sleeps = SLEEPING.iter().any(|sleeping| node["id"] == *sleeping);
        assert!(!sleeps || node["asleep"] == true, "{node} was not sent to sleep again");
    }

    let comparison = Comparison::of(&hub, &reference());
    assert_eq!(comparison.unequal, [""; 0], "values differ");
    assert_eq!(comparison.unexplained, [""; 0], "nobody says why Hearth has no attribute for these");
    expect_file!["../../data/compared-with-zwave-js.md"].assert_eq(&format!("{HEADER}{}", comparison.table()));

    commands(&mut stick, &mut hub).await;
    reports(&mut stick, &mut hub).await;

    hub.settle(1_000).await;
    let (kept, devices) = hub.stop().await;
    restart(&mut stick, kept, devices).await;
}

/// Each node: without security, with Supervision, with Multi Channel, Security 0 and every class of Security 2.
async fn commands(stick: &mut Stick, hub: &mut Hub) {
    let on = Value::Bool(true);
    for (node, endpoint, attribute, value) in [
        (2, 0, "on", on.clone()),
        (3, 0, "brightness", Value::number(60.0)),
        (5, 0, "locked", on.clone()),
        // What sets a fan or a colour the emulated nodes cannot read, and the thermostat takes nothing above its least value.
        (7, 0, "heating_setpoint", Value::number(5.0)),
        (7, 0, "hvac_mode", Value::text("heat")),
        (8, 2, "on", on.clone()),
        (9, 0, "brightness", Value::number(30.0)),
        (10, 0, "on", on.clone()),
        (12, 0, "position", Value::number(100.0)),
        (13, 0, "on", on.clone()),
        (14, 0, "on", on.clone()),
        (14, 0, "parameter_2", Value::number(300.0)),
        (15, 0, "default_melody", Value::text("Alarm")),
        (16, 0, "on", on.clone()),
        (18, 0, "on", on.clone()),
    ] {
        hub.sets(node, endpoint, attribute, value).await;
    }
    assert_eq!(hub.value(8, 1, "on"), Some(&Value::Bool(false)), "the other half of the relay");
    let state = stick.tell(json!({"do": "state", "node": 13})).await;
    assert!(state.to_string().contains("true"), "the node itself is on: {state}");

    for node in SLEEPING {
        let interval = Value::number(7_200.0);
        let command = hub.begin_set(node, &[(0, "wake_up_interval", interval.clone())]).await;
        hub.settle(300).await;
        assert_eq!(hub.stages(&command), [], "node {node} sleeps");
        stick.tell(json!({"do": "wake", "node": node})).await;
        assert_eq!(hub.ended(&command).await, [CommandStage::Sent, CommandStage::Acknowledged], "node {node}");
        hub.reports(node, 0, "wake_up_interval", &interval).await;
    }

    let refused = |stages: &[CommandStage]| {
        matches!(stages, [CommandStage::Failed { reason: FailureReason::Refused, detail: Some(_) }])
    };
    for (node, attribute) in [(2, "brightness"), (4, "temperature")] {
        let stages = hub.set(node, &[(0, attribute, Value::number(5.0))]).await;
        assert!(refused(&stages), "node {node}: {stages:?}");
    }
    let stages = hub.set(DEAD, &[(0, "on", on)]).await;
    assert!(matches!(stages[..], [CommandStage::Failed { .. }]), "{stages:?}");
}

/// What each node says by itself: the request to the stick, and endpoint, attribute and value that follow.
async fn reports(stick: &mut Stick, hub: &mut Hub) {
    let tell = |node: u16, hex: &str| json!({"do": "tell", "node": node, "hex": hex});
    let percent = Value::number(100.0);
    for (request, endpoint, attribute, value) in [
        (json!({"do": "press_switch", "node": 2, "value": false}), 0, "on", Value::Bool(false)),
        (tell(3, "26 03 63"), 0, "brightness", percent.clone()),
        (tell(4, "31 05 01 22 00 fa"), 0, "temperature", Value::number(25.0)),
        (json!({"do": "battery", "node": 5, "level": 33}), 0, "battery", Value::number(33.0)),
        (json!({"do": "notification", "node": 6, "type": 7, "event": 8}), 0, "occupancy", Value::Bool(true)),
        (tell(7, "43 03 01 01 14"), 0, "heating_setpoint", Value::number(20.0)),
        (tell(8, "60 0d 01 00 25 03 ff"), 1, "on", Value::Bool(true)),
        (tell(9, "26 03 63"), 0, "brightness", percent.clone()),
        (tell(10, "25 03 00"), 0, "on", Value::Bool(false)),
        (tell(12, "6a 04 0d 21 21 00"), 0, "position", Value::number(33.0 * 100.0 / 99.0)),
        (tell(13, "25 03 00"), 0, "on", Value::Bool(false)),
        (tell(14, "70 06 01 01 03"), 0, "parameter_1", Value::number(3.0)),
        (tell(15, "79 07 14 01"), 0, "volume", Value::number(20.0)),
        (tell(16, "25 03 00"), 0, "on", Value::Bool(false)),
        (tell(18, "25 03 00"), 0, "on", Value::Bool(false)),
    ] {
        let node = u16::try_from(request["node"].as_u64().unwrap()).unwrap();
        stick.tell(request).await;
        hub.reports(node, endpoint, attribute, &value).await;
    }
    stick.tell(tell(11, "5b 03 07 80 02")).await;
    let pressed = |event: &DriverEvent| {
        matches!(event, DriverEvent::Happening { device, reading }
            if *device == Hub::id(11) && reading.value == Value::text("2_single"))
    };
    hub.until(10, "a button is pressed", |hub| hub.log.iter().any(pressed)).await;

    // It comes to life again by itself.
    stick.tell(json!({"do": "dead", "node": DEAD, "on": false})).await;
    stick.tell(json!({"do": "press_switch", "node": DEAD, "value": true})).await;
    hub.is_known(&[DEAD]).await;
    assert_eq!(hub.availability.get(&Hub::id(DEAD)), Some(&Availability::Online));
}

async fn restart(stick: &mut Stick, kept: Kept, devices: Vec<Device>) {
    stick.frames().await;
    let told: BTreeMap<_, _> = devices.iter().map(|device| (device.id.clone(), device.clone())).collect();
    let mut hub = Hub::start_with(&stick.address(), kept, devices);
    hub.online_since(0).await;
    hub.settle(2_000).await;
    assert_eq!(hub.devices, told, "what was kept says the same");
    let asked = stick.sent_to_nodes().await;
    let is_look = |command: &[u8]| FIRST_LOOK.iter().any(|look| command.starts_with(look));
    assert!(asked.iter().all(|(_, command)| is_look(command)), "nobody is asked again what it is: {asked:02x?}");
    assert_eq!(hub.availability.get(&Hub::id(2)), Some(&Availability::Online), "and who answers is known to be there");
    let stages = hub.set(9, &[(0, "brightness", Value::number(80.0))]).await;
    assert_eq!(stages, [CommandStage::Sent, CommandStage::Acknowledged], "with security from the start");
    hub.stop().await;
}
