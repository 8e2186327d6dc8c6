//! Nodes that sleep, are dead or are slow hold nobody up.

use std::time::Duration;

use driver_api::CommandStage;
use hub_model::command::FailureReason;
use hub_model::{Availability, Value};
use serde_json::json;

use crate::support::{Hub, Stick};

const ACKNOWLEDGED: [CommandStage; 2] = [CommandStage::Sent, CommandStage::Acknowledged];

fn on() -> [(u16, &'static str, Value); 1] {
    [(0, "on", Value::Bool(true))]
}

#[tokio::test]
async fn who_sleeps_is_waited_for() {
    let Some(mut stick) = Stick::with_nodes(&[2, 6]).await else { return };
    let mut hub = Hub::start(&stick);
    hub.is_known(&[2]).await;
    stick.tell(json!({"do": "wake", "node": 6})).await;
    hub.is_known(&[6]).await;
    hub.settle(1_500).await;
    stick.frames().await;

    let interval = Value::number(600.0);
    let command = hub.begin_set(6, &[(0, "wake_up_interval", interval.clone())]).await;
    hub.sets(2, 0, "on", Value::Bool(true)).await;
    assert_eq!(hub.stages(&command), [], "it waits");
    assert!(stick.sent_to_nodes().await.iter().all(|(node, _)| *node != 6), "nothing is sent to who sleeps");
    assert_eq!(hub.availability.get(&Hub::id(6)), Some(&Availability::Online), "to sleep is not to be away");

    stick.tell(json!({"do": "wake", "node": 6})).await;
    assert_eq!(hub.ended(&command).await, ACKNOWLEDGED);
    hub.reports(6, 0, "wake_up_interval", &interval).await;
    hub.settle(1_500).await;
    let nodes = stick.tell(json!({"do": "nodes"})).await;
    let node = nodes.as_array().unwrap().iter().find(|node| node["id"] == 6).unwrap();
    assert_eq!(node["asleep"], true, "it was sent to sleep again");
}

#[tokio::test]
async fn who_is_dead_holds_nobody_up_and_comes_back_by_itself() {
    let Some(mut stick) = Stick::with_nodes(&[2, 13]).await else { return };
    let mut hub = Hub::start(&stick);
    hub.is_known(&[2, 13]).await;
    stick.tell(json!({"do": "dead", "node": 13})).await;
    stick.frames().await;
    let lost = hub.begin_set(13, &on()).await;
    let other = hub.begin_set(2, &on()).await;
    assert_eq!(hub.ended(&other).await, ACKNOWLEDGED);
    let stages = hub.ended(&lost).await;
    assert!(
        matches!(stages[..], [CommandStage::Failed { reason: FailureReason::Unreachable, detail: Some(_) }]),
        "{stages:?}"
    );
    hub.until(10, "it is known to be away", |hub| hub.availability.get(&Hub::id(13)) == Some(&Availability::Offline))
        .await;
    let attempts = stick.sent_to_nodes().await.iter().filter(|(node, _)| *node == 13).count();
    assert!((1..=3).contains(&attempts), "{attempts} frames in vain");

    stick.tell(json!({"do": "dead", "node": 13, "on": false})).await;
    stick.tell(json!({"do": "press_switch", "node": 13, "value": true})).await;
    hub.until(10, "it is back", |hub| hub.availability.get(&Hub::id(13)) == Some(&Availability::Online)).await;
    hub.sets(13, 0, "on", Value::Bool(false)).await;
}

#[tokio::test]
async fn who_is_slow_holds_nobody_up() {
    let Some(mut stick) = Stick::with_nodes(&[2, 13, 14]).await else { return };
    let mut hub = Hub::start(&stick);
    hub.is_known(&[2, 13, 14]).await;
    hub.settle(700).await;
    stick.tell(json!({"do": "delay", "node": 14, "milliseconds": 400})).await;
    stick.frames().await;
    let slow = hub.begin_set(14, &on()).await;
    let others = [hub.begin_set(2, &on()).await, hub.begin_set(13, &on()).await];
    for command in others.iter().chain([&slow]) {
        assert_eq!(hub.ended(command).await, ACKNOWLEDGED);
    }
    hub.reports(14, 0, "on", &Value::Bool(true)).await;
    let nodes: Vec<u8> = stick.sent_to_nodes().await.into_iter().map(|(node, _)| node).collect();
    let second = nodes.iter().enumerate().filter(|(_, node)| **node == 14).nth(1).unwrap().0;
    assert!([2, 13].iter().all(|node| nodes[..second].contains(node)), "the slow one has one turn only: {nodes:?}");
}

/// Told to the hub, and a command confirmed: within 20 s, although the first of all nodes is dead and the second slow.
#[tokio::test]
async fn the_first_switch_is_usable_soon_behind_a_slow_and_a_dead_node() {
    let Some(mut stick) = Stick::start().await else { return };
    stick.tell(json!({"do": "dead", "node": 2})).await;
    stick.tell(json!({"do": "delay", "node": 3, "milliseconds": 400})).await;
    let begin = tokio::time::Instant::now();
    let mut hub = Hub::start(&stick);
    let switches = [8, 10, 13, 14, 16, 18];
    let told_switch = |hub: &Hub| {
        switches.into_iter().find_map(|node| {
            let device = hub.device(node)?;
            let endpoint = device.endpoints.iter().find(|endpoint| endpoint.attribute("on").is_some())?;
            Some((node, endpoint.number))
        })
    };
    hub.until(60, "a switch is told", |hub| told_switch(hub).is_some()).await;
    let (switch, endpoint) = told_switch(&hub).unwrap();
    let told = begin.elapsed();
    hub.sets(switch, endpoint, "on", Value::Bool(true)).await;
    let confirmed = begin.elapsed();
    println!("a switch, node {switch}, was told after {told:?}, and a command confirmed after {confirmed:?}");
    assert!(confirmed < Duration::from_secs(20), "{confirmed:?}");
    assert_ne!(hub.availability.get(&Hub::id(2)), Some(&Availability::Online), "the first is dead");
}
