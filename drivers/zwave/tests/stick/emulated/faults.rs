//! What goes wrong between host and stick, each by itself: a command comes through all the same, and no node is blamed.

use driver_api::{CommandStage, DriverEvent};
use hub_model::command::FailureReason;
use hub_model::event::DriverState;
use hub_model::{Availability, Value};
use serde_json::{Value as Json, json};
use tokio::net::TcpStream;
use tokio_serial::{SerialPort, SerialStream};

use crate::support::{Hub, Stick};

/// Without security, and with.
const NODES: [u16; 2] = [2, 13];

async fn home() -> Option<(Stick, Hub)> {
    let stick = Stick::with_nodes(&NODES).await?;
    let mut hub = Hub::start(&stick);
    hub.is_known(&NODES).await;
    hub.settle(700).await;
    Some((stick, hub))
}

/// Both nodes do what they are told, and nobody ever took one for dead.
async fn all_is_well(hub: &mut Hub) {
    for node in NODES {
        let toggled = Value::Bool(hub.value(node, 0, "on") != Some(&Value::Bool(true)));
        hub.sets(node, 0, "on", toggled).await;
    }
    let is_blamed =
        |event: &&DriverEvent| matches!(event, DriverEvent::Availability { availability: Availability::Offline, .. });
    let blamed: Vec<_> = hub.log.iter().filter(is_blamed).collect();
    assert!(blamed.is_empty(), "{blamed:?}");
}

/// A command comes through while this happens, with security and without; and it did happen.
async fn comes_through(wire: Json, controller: Json) {
    let Some((mut stick, mut hub)) = home().await else { return };
    stick.fail(wire.clone(), controller.clone()).await;
    all_is_well(&mut hub).await;
    let left = stick.tell(json!({"do": "faults"})).await;
    let happened = |faults: &Json| faults.as_object().unwrap().keys().all(|name| left[name] == 0);
    assert!(happened(&wire) && happened(&controller), "it did not happen: {left}");
    all_is_well(&mut hub).await;
}

#[tokio::test]
async fn lost_acknowledgements() {
    comes_through(json!({"dropAck": 2}), json!({})).await;
}

#[tokio::test]
async fn frames_that_collide() {
    comes_through(json!({"sendCan": 2}), json!({})).await;
}

#[tokio::test]
async fn frames_that_the_stick_cannot_read() {
    comes_through(json!({"sendNak": 2}), json!({})).await;
}

#[tokio::test]
async fn corrupt_frames() {
    comes_through(json!({"corruptOut": 2}), json!({})).await;
}

#[tokio::test]
async fn split_frames_and_noise() {
    comes_through(json!({"splitOut": 8, "noise": 8}), json!({})).await;
}

#[tokio::test]
async fn a_full_queue_of_the_stick() {
    comes_through(json!({}), json!({"queueFull": 2})).await;
}

#[tokio::test]
async fn a_radio_that_is_jammed_for_a_moment() {
    comes_through(json!({}), json!({"txFail": 2})).await;
}

#[tokio::test]
async fn a_request_that_is_not_answered() {
    comes_through(json!({}), json!({"noResponse": 1})).await;
}

#[tokio::test]
#[ignore = "a transmission is waited for 20 s; part of make test-long"]
async fn a_transmission_of_which_the_end_is_never_told() {
    comes_through(json!({}), json!({"noCallback": 1})).await;
}

#[tokio::test]
async fn a_radio_that_is_jammed_for_long() {
    let Some((mut stick, mut hub)) = home().await else { return };
    stick.fail(json!({}), json!({"txFail": 1_000, "txFailDelay": 5})).await;
    let stages = hub.set(2, &[(0, "on", Value::Bool(true))]).await;
    let failed = |reason| matches!(stages.last(), Some(CommandStage::Failed { reason: given, .. }) if *given == reason);
    assert!(failed(FailureReason::Busy) || failed(FailureReason::DriverOffline), "{stages:?}");
    stick.fail(json!({}), json!({"txFail": 0})).await;
    // The stick may be restarting.
    hub.settle(3_000).await;
    all_is_well(&mut hub).await;
}

#[tokio::test]
async fn a_stick_that_restarts_by_itself() {
    let Some((mut stick, mut hub)) = home().await else { return };
    stick.frames().await;
    let before = hub.log.len();
    stick.tell(json!({"do": "restart"})).await;
    hub.online_since(before).await;
    hub.settle(1_000).await;
    assert_eq!(stick.sent_to_nodes().await, [], "nobody is asked anew");
    all_is_well(&mut hub).await;
}

#[tokio::test]
async fn a_cable_that_is_pulled() {
    let Some((mut stick, mut hub)) = home().await else { return };
    let before = hub.log.len();
    stick.tell(json!({"do": "unplug"})).await;
    let is_offline =
        |event: &DriverEvent| matches!(event, DriverEvent::Status(status) if status.state == DriverState::Offline);
    hub.until(10, "the driver says so", |hub| hub.log[before..].iter().any(is_offline)).await;
    hub.online_since(before).await;
    all_is_well(&mut hub).await;
}

#[tokio::test]
#[ignore = "all that helps is tried, with its pauses; part of make test-long"]
async fn a_stick_that_hears_nothing_any_more() {
    let Some((mut stick, mut hub)) = home().await else { return };
    stick.fail(json!({"deaf": true}), json!({})).await;
    let before = hub.log.len();
    let stages = hub.set(2, &[(0, "on", Value::Bool(true))]).await;
    assert!(
        matches!(stages.last(), Some(CommandStage::Failed { reason: FailureReason::DriverOffline, .. })),
        "{stages:?}"
    );
    let asks_people = |event: &DriverEvent| {
        matches!(event, DriverEvent::Status(status)
            if status.state == DriverState::Offline && status.detail.contains("unplug"))
    };
    hub.until(90, "people are told what to do", |hub| hub.log[before..].iter().any(asks_people)).await;
    stick.fail(json!({"deaf": false}), json!({})).await;
    let since = hub.log.len();
    hub.online_since(since).await;
    all_is_well(&mut hub).await;
}

/// Some sticks say in another frame what a node said.
#[tokio::test]
async fn frames_of_a_bridge() {
    let Some(mut stick) = Stick::with_nodes(&NODES).await else { return };
    stick.fail(json!({"bridge": true}), json!({})).await;
    let mut hub = Hub::start(&stick);
    hub.is_known(&NODES).await;
    all_is_well(&mut hub).await;
    let frames = stick.frames().await;
    assert!(frames.iter().any(|frame| frame.function == 0xA8) && frames.iter().all(|frame| frame.function != 0x04));
}

/// The way by which a stick in a socket is reached: the driver opens a serial port.
#[tokio::test]
async fn a_serial_port() {
    let Some(stick) = Stick::with_nodes(&NODES).await else { return };
    let (mut far, mut near) = SerialStream::pair().unwrap();
    let path = near.name().unwrap();
    // The driver wants the port for itself; until it has it, somebody must hold this end.
    near.set_exclusive(false).unwrap();
    let holder = std::fs::File::open(&path).unwrap();
    drop(near);
    let mut socket = TcpStream::connect(("127.0.0.1", u16::try_from(stick.port()).unwrap())).await.unwrap();
    tokio::spawn(async move { tokio::io::copy_bidirectional(&mut far, &mut socket).await });
    let mut hub = Hub::start_with(&path, Hub::keys(), Vec::new());
    hub.is_known(&NODES).await;
    drop(holder);
    all_is_well(&mut hub).await;
    let (kept, devices) = hub.stop().await;
    assert_eq!(devices.len(), NODES.len());
    assert!(kept.keys().any(|name| name.ends_with("-13")));
}
