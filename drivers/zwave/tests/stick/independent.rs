//! The driver against a second implementation of Security 2, in Python (`tests/zwave_security`): a node behind the least
//! stick that there can be. Where Python or its package is not there, the tests say so and pass.

use std::path::{Path, PathBuf};
use std::time::Duration;

use driver_api::{CommandStage, DriverEvent};
use hub_model::Value;
use hub_model::event::DriverState;
use hub_model::pairing::{PairingAction, PairingStage, QuestionKind};
use serde_json::{Value as Json, json};
use tokio::process::Command;

use crate::support::{Hub, Stick};

const NODE: u16 = 20;
/// The system's own Python, which Debian's packages are for.
const PYTHON: &str = "/usr/bin/python3";

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/zwave_security")
}

async fn start(arguments: &[&str]) -> Option<(Stick, Hub)> {
    let has_package = Command::new(PYTHON).args(["-c", "import cryptography"]).output().await;
    if !has_package.is_ok_and(|output| output.status.success()) {
        println!("SKIP: there is no {PYTHON} with cryptography (Debian's package python3-cryptography)");
        return None;
    }
    let stick =
        Stick::run(Command::new(PYTHON).arg("main.py").args(arguments).current_dir(folder())).await.expect("it starts");
    let mut hub = Hub::start(&stick);
    ready(&mut hub).await;
    Some((stick, hub))
}

async fn ready(hub: &mut Hub) {
    let online =
        |event: &DriverEvent| matches!(event, DriverEvent::Status(status) if status.state == DriverState::Online);
    hub.until(30, "the stick is ready", |hub| hub.log.iter().any(online)).await;
}

/// A node with the keys of Authenticated and Unauthenticated, all of it known.
async fn included() -> Option<(Stick, Hub)> {
    included_with(&[]).await
}

async fn included_with(arguments: &[&str]) -> Option<(Stick, Hub)> {
    let (mut stick, mut hub) = start(arguments).await?;
    stick.tell(json!({"do": "include", "id": NODE, "keys": 0b011})).await;
    hub.begin("in", PairingAction::Include { via: None, code: None }).await;
    hub.asked("in", QuestionKind::Grant).await;
    let grant = [("s2_authenticated", Value::Bool(true)), ("s2_unauthenticated", Value::Bool(true))];
    hub.answer("in", Value::composite(grant)).await;
    hub.asked("in", QuestionKind::Pin).await;
    let pin = stick.tell(json!({"do": "included"})).await["pin"].as_str().unwrap().to_owned();
    hub.answer("in", Value::composite([("pin", Value::text(pin))])).await;
    hub.stage("in", PairingStage::Confirmed).await;
    let known = |hub: &Hub| hub.device(NODE).is_some_and(|device| device.interviewed);
    hub.until(30, "the node is known", known).await;
    stick.tell(json!({"do": "heard"})).await;
    Some((stick, hub))
}

/// Until the node has heard something, with which keys, as hex.
async fn hears(stick: &mut Stick, hub: &mut Hub, command: &str) -> Json {
    for _ in 0..200 {
        let heard = stick.tell(json!({"do": "heard"})).await;
        if let Some(found) = heard.as_array().unwrap().iter().find(|heard| heard[1] == command) {
            return found[0].clone();
        }
        hub.settle(20).await;
    }
    panic!("the node never heard {command}");
}

async fn reports(hub: &mut Hub, on: bool) {
    hub.until(10, "the value", |hub| hub.value(NODE, 0, "on") == Some(&Value::Bool(on))).await;
}

async fn switch(hub: &mut Hub, on: bool) {
    let stages = hub.set(NODE, &[(0, "on", Value::Bool(on))]).await;
    assert_eq!(stages, [CommandStage::Sent, CommandStage::Acknowledged]);
    reports(hub, on).await;
}

#[tokio::test]
async fn both_compute_the_same() {
    let vectors = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/security-vectors.json");
    let Ok(output) = Command::new(PYTHON).arg("vectors.py").arg(vectors).current_dir(folder()).output().await else {
        println!("SKIP: there is no {PYTHON}");
        return;
    };
    let errors = String::from_utf8_lossy(&output.stderr);
    if errors.contains("No module named 'cryptography'") {
        println!("SKIP: there is no cryptography (Debian's package python3-cryptography)");
        return;
    }
    assert!(output.status.success(), "{errors}");
}

#[tokio::test]
async fn a_node_joins_with_its_keys_and_is_spoken_with() {
    let Some((mut stick, mut hub)) = included().await else { return };
    let joined = stick.tell(json!({"do": "included"})).await;
    assert_eq!((&joined["done"], &joined["highest"]), (&json!(true), &json!("authenticated")));
    switch(&mut hub, true).await;
    assert_eq!(stick.tell(json!({"do": "value"})).await, 255);
    stick.tell(json!({"do": "say", "command": "250300"})).await;
    reports(&mut hub, false).await;
    // With somebody else's end of the event: Supervision, which is answered with the same keys.
    stick.tell(json!({"do": "say", "command": "6c0105032503ff"})).await;
    reports(&mut hub, true).await;
    assert_eq!(hears(&mut stick, &mut hub, "6c0205ff00").await, "authenticated");
}

#[tokio::test]
async fn a_node_gets_the_key_of_security_0_too() {
    let Some((mut stick, mut hub)) = start(&[]).await else { return };
    stick.tell(json!({"do": "include", "id": NODE, "keys": 0x87})).await;
    hub.begin("all", PairingAction::Include { via: None, code: None }).await;
    hub.asked("all", QuestionKind::Grant).await;
    let words = ["s2_access_control", "s2_authenticated", "s2_unauthenticated", "s0"];
    hub.answer("all", Value::composite(words.map(|word| (word, Value::Bool(true))))).await;
    hub.asked("all", QuestionKind::Pin).await;
    let pin = stick.tell(json!({"do": "included"})).await["pin"].as_str().unwrap().to_owned();
    hub.answer("all", Value::composite([("pin", Value::text(pin))])).await;
    hub.stage("all", PairingStage::Confirmed).await;
    let joined = stick.tell(json!({"do": "included"})).await;
    assert_eq!((&joined["done"], &joined["highest"]), (&json!(true), &json!("access_control")));
}

#[tokio::test]
async fn a_node_with_a_wrong_pin_gets_no_keys() {
    let Some((mut stick, mut hub)) = start(&[]).await else { return };
    stick.tell(json!({"do": "include", "id": NODE, "keys": 0b010})).await;
    hub.begin("wrong", PairingAction::Include { via: None, code: None }).await;
    hub.asked("wrong", QuestionKind::Grant).await;
    hub.answer("wrong", Value::composite([("s2_authenticated", Value::Bool(true))])).await;
    hub.asked("wrong", QuestionKind::Pin).await;
    let pin = stick.tell(json!({"do": "included"})).await["pin"].as_str().unwrap().to_owned();
    let wrong = if pin == "00001" { "00002" } else { "00001" };
    hub.answer("wrong", Value::composite([("pin", Value::text(wrong))])).await;
    hub.asked("wrong", QuestionKind::Confirm).await;
    assert_eq!(stick.tell(json!({"do": "included"})).await["done"], false);
}

#[tokio::test]
async fn nonces_that_are_lost_are_found_again() {
    let Some((mut stick, mut hub)) = included().await else { return };
    switch(&mut hub, true).await;
    // One message of the node is lost on its way, and then one of ours.
    stick.tell(json!({"do": "lose", "frames": 1})).await;
    stick.tell(json!({"do": "say", "command": "2503ff"})).await;
    switch(&mut hub, false).await;
    stick.tell(json!({"do": "deaf", "frames": 1})).await;
    switch(&mut hub, true).await;
    // More than anybody looks ahead.
    stick.tell(json!({"do": "lose", "frames": 9})).await;
    for _ in 0..9 {
        stick.tell(json!({"do": "say", "command": "2503ff"})).await;
    }
    stick.tell(json!({"do": "say", "command": "250300"})).await;
    reports(&mut hub, false).await;
    // The node was without power.
    stick.tell(json!({"do": "forget"})).await;
    switch(&mut hub, true).await;
    stick.tell(json!({"do": "forget"})).await;
    stick.tell(json!({"do": "say", "command": "250300"})).await;
    reports(&mut hub, false).await;
    // The hub was.
    let (kept, known) = hub.stop().await;
    let mut hub = Hub::start_with(&stick.address(), kept, known);
    ready(&mut hub).await;
    stick.tell(json!({"do": "say", "command": "2503ff"})).await;
    reports(&mut hub, true).await;
    switch(&mut hub, false).await;
}

#[tokio::test]
async fn both_speak_at_once() {
    let Some((mut stick, mut hub)) = included().await else { return };
    switch(&mut hub, true).await;
    stick.tell(json!({"do": "heard"})).await;
    for session in 0..5 {
        // The node's message has the very nonce of ours, which is on the air.
        stick.tell(json!({"do": "collide", "command": format!("6c01{session:02x}03250300")})).await;
        switch(&mut hub, session % 2 == 0).await;
        hears(&mut stick, &mut hub, &format!("6c02{session:02x}ff00")).await;
    }
}

#[tokio::test]
async fn what_no_frame_carries_goes_in_segments() {
    // A message that begins a new sequence of nonces is 37 bytes long, and so too long for this stick.
    let Some((mut stick, mut hub)) = included_with(&["36"]).await else { return };
    switch(&mut hub, true).await;
    for (lost, on) in [(None, false), (Some(1), true), (Some(2), false)] {
        stick.tell(json!({"do": "forget"})).await;
        let mut request = json!({"do": "segments"});
        if let Some(lost) = lost {
            request["deaf_to"] = json!(lost);
        }
        let before = stick.tell(request).await.as_u64().unwrap();
        switch(&mut hub, on).await;
        assert_eq!(stick.tell(json!({"do": "value"})).await, if on { 255 } else { 0 });
        let segments = stick.tell(json!({"do": "segments"})).await.as_u64().unwrap() - before;
        assert!(segments >= 2, "{segments} segments, of which {lost:?} was lost");
    }
    // And the other way.
    stick.tell(json!({"do": "segments", "longest": 12})).await;
    stick.tell(json!({"do": "say", "command": "2503ff"})).await;
    reports(&mut hub, true).await;
}

#[tokio::test]
async fn what_is_forged_or_repeated_is_not_believed() {
    let Some((mut stick, mut hub)) = included().await else { return };
    switch(&mut hub, false).await;
    hub.settle(600).await;
    stick.tell(json!({"do": "say", "command": "2503ff"})).await;
    reports(&mut hub, true).await;
    let before = hub.log.len();
    stick.tell(json!({"do": "repeat"})).await;
    stick.tell(json!({"do": "plain", "command": "250300"})).await;
    hub.settle(300).await;
    let told = hub.log[before..].iter().filter(|event| matches!(event, DriverEvent::Report(_))).count();
    assert_eq!(told, 0, "nothing was told of it");
    // The node is asked to say it again, and says what it said last.
    stick.tell(json!({"do": "forge", "command": "250300"})).await;
    hub.settle(300).await;
    assert_eq!(hub.value(NODE, 0, "on"), Some(&Value::Bool(true)));
    switch(&mut hub, false).await;
    stick.tell(json!({"do": "say", "command": "2503ff"})).await;
    reports(&mut hub, true).await;
}

#[tokio::test]
async fn a_flood_of_questions_hinders_nobody() {
    let Some((mut stick, mut hub)) = included().await else { return };
    stick.tell(json!({"do": "flood", "frames": 500})).await;
    switch(&mut hub, true).await;
    switch(&mut hub, false).await;
}

#[tokio::test]
async fn what_the_node_asks_is_answered_with_its_keys_only() {
    let Some((mut stick, mut hub)) = included().await else { return };
    let information = stick.tell(json!({"do": "information"})).await;
    assert!(information.as_str().unwrap().starts_with("010207"), "{information}: it listens, and is a gateway");
    for (question, answer) in [
        ("5e01", "5e0202000005000500"),
        ("861385", "86148502"),
        ("861325", "86142500"),
        ("7204", "7205ffff00010001"),
        ("850201", "8503010500"),
        ("9f0d", "9f0e86728559738a"),
    ] {
        stick.tell(json!({"do": "say", "command": question})).await;
        let keys = hears(&mut stick, &mut hub, answer).await;
        assert_eq!(keys, "authenticated", "{question}");
    }
    for question in ["861385", "7204", "850201", "9f0d"] {
        stick.tell(json!({"do": "plain", "command": question})).await;
    }
    tokio::time::timeout(Duration::from_secs(5), hub.settle(300)).await.unwrap();
    let heard = stick.tell(json!({"do": "heard"})).await;
    assert_eq!(heard, json!([]), "without its keys it gets nothing");
}
