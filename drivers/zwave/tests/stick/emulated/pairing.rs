//! Nodes come and go.

use std::time::Duration;

use driver_api::{CommandStage, DriverEvent, ManageAction};
use hub_model::pairing::{PairingAction, PairingProgress, PairingStage, QuestionKind};
use hub_model::{SessionId, Value};
use serde_json::json;

use crate::support::{Hub, Stick};

/// Who is there already: without security, asleep, with security, and dead.
const NODES: [u16; 4] = [2, 6, 13, 17];

impl Hub {
    pub(crate) fn pairings(&self, session: &str) -> Vec<&PairingProgress> {
        let progress = self.log.iter().filter_map(|event| match event {
            DriverEvent::Pairing(progress) if progress.session.as_str() == session => Some(progress),
            _ => None,
        });
        progress.collect()
    }

    pub(crate) async fn begin(&mut self, session: &str, action: PairingAction) {
        let start =
            ManageAction::StartPairing { session: SessionId::new(session), action, duration: Duration::from_secs(60) };
        self.manage(start).await.unwrap();
    }

    pub(crate) async fn asked(&mut self, session: &str, kind: QuestionKind) {
        let is_asked = |hub: &Hub| {
            let last = hub.pairings(session).last().map(|progress| (*progress).clone());
            last.is_some_and(|progress| progress.ask.is_some_and(|ask| ask.kind == kind))
        };
        self.until(30, &format!("{kind:?} is asked"), is_asked).await;
    }

    pub(crate) async fn answer(&mut self, session: &str, answer: Value) {
        self.manage(ManageAction::AnswerPairing { session: SessionId::new(session), answer }).await.unwrap();
    }

    pub(crate) async fn stage(&mut self, session: &str, stage: PairingStage) {
        let is_there = |hub: &Hub| hub.pairings(session).iter().any(|progress| progress.stage == stage);
        self.until(60, &format!("{session} comes to {stage:?}"), is_there).await;
    }
}

#[tokio::test]
async fn nodes_come_with_keys_and_go() {
    let Some(mut stick) = Stick::with_nodes(&NODES).await else { return };
    let mut hub = Hub::start(&stick);
    hub.online_since(0).await;

    stick.tell(json!({"do": "include", "id": 20, "security": "s2", "keys": [1, 0]})).await;
    hub.begin("s2", PairingAction::Include { via: None, code: None }).await;
    hub.asked("s2", QuestionKind::Grant).await;
    let grant = [("s2_authenticated", Value::Bool(true)), ("s2_unauthenticated", Value::Bool(true))];
    hub.answer("s2", Value::composite(grant)).await;
    hub.asked("s2", QuestionKind::Pin).await;
    let pin = stick.tell(json!({"do": "included"})).await["pin"].as_str().unwrap().to_owned();
    hub.answer("s2", Value::composite([("pin", Value::text(pin))])).await;
    hub.stage("s2", PairingStage::Confirmed).await;
    hub.stage("s2", PairingStage::Closed).await;

    stick.tell(json!({"do": "include", "id": 21, "security": "s0"})).await;
    hub.begin("s0", PairingAction::Include { via: None, code: None }).await;
    hub.stage("s0", PairingStage::Confirmed).await;

    stick.tell(json!({"do": "include", "id": 22})).await;
    hub.begin("plain", PairingAction::Include { via: None, code: None }).await;
    hub.stage("plain", PairingStage::Confirmed).await;

    let interviewed = |hub: &Hub, node: u16| hub.device(node).is_some_and(|device| device.interviewed);
    hub.until(120, "the new ones are known", |hub| [20, 21, 22].iter().all(|node| interviewed(hub, *node))).await;
    for node in [20, 21, 22] {
        let stages = hub.set(node, &[(0, "on", Value::Bool(true))]).await;
        assert_eq!(stages, [CommandStage::Sent, CommandStage::Acknowledged], "node {node}");
        hub.until(20, "it reports it", |hub| hub.value(node, 0, "on") == Some(&Value::Bool(true))).await;
    }

    stick.tell(json!({"do": "exclude", "node": 20})).await;
    hub.begin("out", PairingAction::Exclude).await;
    hub.stage("out", PairingStage::Closed).await;
    hub.until(10, "it is gone", |hub| hub.device(20).is_none()).await;
    assert!(!hub.kept.keys().any(|name| name.ends_with("-20")), "nothing of it is kept");
}

#[tokio::test]
async fn a_wrong_pin_ends_without_security_and_only_with_consent() {
    let Some(mut stick) = Stick::with_nodes(&NODES).await else { return };
    let mut hub = Hub::start(&stick);
    hub.online_since(0).await;
    stick.tell(json!({"do": "include", "id": 20, "security": "s2", "keys": [1]})).await;
    hub.begin("wrong", PairingAction::Include { via: None, code: None }).await;
    hub.asked("wrong", QuestionKind::Grant).await;
    hub.answer("wrong", Value::composite([("s2_authenticated", Value::Bool(true))])).await;
    hub.asked("wrong", QuestionKind::Pin).await;
    let pin = stick.tell(json!({"do": "included"})).await["pin"].as_str().unwrap().to_owned();
    let wrong = if pin == "00001" { "00002" } else { "00001" };
    hub.answer("wrong", Value::composite([("pin", Value::text(wrong))])).await;
    hub.asked("wrong", QuestionKind::Confirm).await;
    hub.answer("wrong", Value::composite([("confirm", Value::Bool(false))])).await;
    hub.stage("wrong", PairingStage::Failed).await;
    hub.stage("wrong", PairingStage::Closed).await;
    hub.until(60, "who stays in the network is to be seen", |hub| hub.device(20).is_some()).await;
}
