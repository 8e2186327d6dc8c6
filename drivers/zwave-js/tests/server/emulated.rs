//! The real server of Z-Wave JS over the emulated stick.

use std::time::Duration;

use driver_api::{CommandStage, DriverEvent, ManageAction, Origin};
use hub_model::command::FailureReason;
use hub_model::event::DriverState;
use hub_model::pairing::{PairingAction, PairingStage, QuestionKind};
use hub_model::{Availability, SessionId, Value};
use serde_json::json;

use crate::parity;
use crate::shared::{Hub, Stick};
use crate::support::{Server, hub_of};

/// Those that listen and answer.
const LISTENING: [u16; 14] = [2, 3, 4, 5, 7, 8, 9, 10, 12, 13, 14, 15, 16, 18];
const SLEEPING: [u16; 2] = [6, 11];

fn acknowledged() -> Vec<CommandStage> {
    vec![CommandStage::Sent, CommandStage::Acknowledged]
}

/// Finds out everything, as the hub's own driver shows it.
async fn with_the_own_driver(stick: &mut Stick) -> parity::Home {
    let mut hub = Hub::start(stick);
    hub.is_known(&LISTENING).await;
    for node in SLEEPING {
        stick.tell(json!({"do": "wake", "node": node})).await;
    }
    hub.is_known(&SLEEPING).await;
    hub.settle(1_500).await;
    let home = parity::Home::of(&hub);
    hub.stop().await;
    home
}

#[tokio::test]
async fn a_home_that_moves_from_the_own_driver_and_back() {
    let Some(mut stick) = Stick::start().await else { return };
    let own = with_the_own_driver(&mut stick).await;

    let mut server = Server::start(stick.port());
    let mut hub = hub_of(&server, None);
    hub.is_known(&LISTENING).await;
    assert_eq!(hub.availability.get(&Hub::id(17)), Some(&Availability::Offline));
    for node in SLEEPING {
        stick.tell(json!({"do": "wake", "node": node})).await;
    }
    hub.is_known(&SLEEPING).await;
    hub.settle(1_500).await;
    parity::compare(&own, &parity::Home::of(&hub));

    commands(&mut stick, &mut hub).await;
    reports(&mut stick, &mut hub).await;
    restart(&mut server, &mut hub).await;
    let (_, told) = hub.stop().await;

    // A server of years ago says less, and the same.
    let mut hub = hub_of(&server, Some(28));
    hub.is_known(&LISTENING).await;
    assert!(hub.devices.keys().eq(told.iter().map(|device| &device.id)));
    for on in [true, false] {
        assert_eq!(hub.set(2, &[(0, "on", Value::Bool(on))]).await, acknowledged());
        hub.until(10, "it reports", |hub| hub.value(2, 0, "on") == Some(&Value::Bool(on))).await;
    }
    hub.stop().await;
}

async fn commands(stick: &mut Stick, hub: &mut Hub) {
    let on = Value::Bool(true);
    let wishes: [(u16, u16, &str, Value); 12] = [
        (2, 0, "on", on.clone()),
        (3, 0, "brightness", Value::number(60.0)),
        (5, 0, "locked", on.clone()),
        // The emulated thermostat takes nothing above its least value.
        (7, 0, "heating_setpoint", Value::number(5.0)),
        (7, 0, "hvac_mode", Value::text("heat")),
        (8, 2, "on", on.clone()),
        (9, 0, "brightness", Value::number(30.0)),
        (10, 0, "on", on.clone()),
        (12, 0, "position", Value::number(50.5)),
        (13, 0, "on", on.clone()),
        (14, 0, "parameter_1", Value::number(2.0)),
        (18, 0, "on", on.clone()),
    ];
    for (node, endpoint, attribute, value) in wishes {
        hub.sets(node, endpoint, attribute, value).await;
    }
    assert_eq!(hub.value(8, 1, "on"), Some(&Value::Bool(false)));
    let state = stick.tell(json!({"do": "state", "node": 13})).await;
    assert!(state.to_string().contains("true"), "the node itself is on: {state}");

    let wish = [(0, "brightness", Value::number(20.0))];
    let dims = hub.begin_set_over(3, &wish, Some(Duration::from_secs(2))).await;
    assert_eq!(hub.ended(&dims).await, acknowledged());
    hub.reports(3, 0, "brightness", &wish[0].2).await;

    let stages = hub.set(17, &[(0, "on", on.clone())]).await;
    assert!(matches!(stages[..], [.., CommandStage::Failed { .. }]), "{stages:?}");
    let stages = hub.set(2, &[(0, "brightness", Value::number(5.0))]).await;
    assert!(matches!(stages[..], [CommandStage::Failed { reason: FailureReason::Refused, .. }]), "{stages:?}");
}

async fn reports(stick: &mut Stick, hub: &mut Hub) {
    stick.tell(json!({"do": "press_switch", "node": 2, "value": false})).await;
    hub.until(10, "somebody switched it off", |hub| hub.value(2, 0, "on") == Some(&Value::Bool(false))).await;
    stick.tell(json!({"do": "tell", "node": 4, "hex": "31 05 01 22 00 eb"})).await;
    hub.until(10, "it is warmer", |hub| hub.value(4, 0, "temperature") == Some(&Value::number(23.5))).await;
    stick.tell(json!({"do": "notification", "node": 6, "type": 7, "event": 8})).await;
    hub.until(10, "somebody moves", |hub| hub.value(6, 0, "occupancy") == Some(&Value::Bool(true))).await;
    stick.tell(json!({"do": "battery", "node": 6, "level": 255})).await;
    hub.until(10, "its battery is low", |hub| hub.value(6, 0, "battery_low") == Some(&Value::Bool(true))).await;
    stick.tell(json!({"do": "tell", "node": 11, "hex": "5b 03 07 80 02"})).await;
    let pressed = |event: &DriverEvent| {
        matches!(event, DriverEvent::Happening { device, reading }
            if *device == Hub::id(11) && reading.value == Value::text("2_single"))
    };
    hub.until(10, "a button is pressed", |hub| hub.log.iter().any(pressed)).await;

    hub.log.clear();
    hub.read(2, 0, "on").await;
    let told = |event: &DriverEvent| matches!(event, DriverEvent::Report(report) if report.device == Hub::id(2) && report.origin == Origin::Live);
    hub.until(10, "it says what it is asked", |hub| hub.log.iter().any(told)).await;

    // It comes to life again by itself.
    stick.tell(json!({"do": "dead", "node": 17, "on": false})).await;
    stick.tell(json!({"do": "press_switch", "node": 17, "value": true})).await;
    hub.is_known(&[17]).await;
    assert_eq!(hub.availability.get(&Hub::id(17)), Some(&Availability::Online));
    stick.tell(json!({"do": "dead", "node": 17})).await;
    let stages = hub.set(17, &[(0, "on", Value::Bool(false))]).await;
    assert!(
        matches!(stages[..], [CommandStage::Sent, CommandStage::Failed { reason: FailureReason::Unreachable, .. }]),
        "{stages:?}"
    );
    hub.until(20, "it is dead", |hub| hub.availability.get(&Hub::id(17)) == Some(&Availability::Offline)).await;
    stick.tell(json!({"do": "dead", "node": 17, "on": false})).await;
}

/// The server is stopped in the middle, and comes back.
async fn restart(server: &mut Server, hub: &mut Hub) {
    let told = hub.devices.clone();
    let state = |event: &DriverEvent, wanted: DriverState| matches!(event, DriverEvent::Status(status) if status.state == wanted);
    hub.log.clear();
    server.stop().await;
    hub.until(20, "the server is lost", |hub| hub.log.iter().any(|event| state(event, DriverState::Offline))).await;
    let stages = hub.set(2, &[(0, "on", Value::Bool(true))]).await;
    assert!(matches!(stages[..], [CommandStage::Failed { reason: FailureReason::DriverOffline, .. }]), "{stages:?}");
    hub.log.clear();
    server.run();
    hub.until(60, "the server is back", |hub| hub.log.iter().any(|event| state(event, DriverState::Online))).await;
    hub.settle(3_000).await;
    assert_eq!(hub.devices.keys().collect::<Vec<_>>(), told.keys().collect::<Vec<_>>());
    assert!(!hub.log.iter().any(|event| matches!(event, DriverEvent::DeviceRemoved(_))));
    assert_eq!(hub.set(13, &[(0, "on", Value::Bool(false))]).await, acknowledged(), "with security from the start");
}

#[tokio::test]
async fn a_node_comes_in_with_a_pin_and_goes() {
    let Some(mut stick) = Stick::with_nodes(&[2]).await else { return };
    let server = Server::start(stick.port());
    let mut hub = hub_of(&server, None);
    hub.until(60, "the server is there", |hub| hub.device(2).is_some()).await;

    stick.tell(json!({"do": "include", "id": 40, "security": "s2", "keys": [1]})).await;
    let session = SessionId::new("in");
    let action = PairingAction::Include { via: None, code: None };
    let start = ManageAction::StartPairing { session: session.clone(), action, duration: Duration::from_secs(60) };
    assert_eq!(hub.manage(start).await, Ok(Value::Unknown));
    let asked = |wanted: QuestionKind| {
        move |event: &DriverEvent| {
            matches!(event, DriverEvent::Pairing(progress)
                if progress.ask.as_ref().is_some_and(|ask| ask.kind == wanted))
        }
    };
    hub.until(60, "classes are asked for", |hub| hub.log.iter().any(asked(QuestionKind::Grant))).await;
    let answer = Value::composite([("s2_authenticated", Value::Bool(true))]);
    let grant = ManageAction::AnswerPairing { session: session.clone(), answer };
    assert_eq!(hub.manage(grant).await, Ok(Value::Unknown));
    hub.until(60, "the PIN is asked for", |hub| hub.log.iter().any(asked(QuestionKind::Pin))).await;
    let wrong = Value::composite([("pin", Value::text("7"))]);
    assert!(hub.manage(ManageAction::AnswerPairing { session: session.clone(), answer: wrong }).await.is_err());
    let included = stick.tell(json!({"do": "included"})).await;
    let answer = Value::composite([("pin", Value::text(included["pin"].as_str().unwrap()))]);
    assert_eq!(hub.manage(ManageAction::AnswerPairing { session, answer }).await, Ok(Value::Unknown));
    let stage = |hub: &Hub, wanted: PairingStage| {
        hub.log.iter().any(|event| matches!(event, DriverEvent::Pairing(progress) if progress.stage == wanted))
    };
    hub.until(60, "it is in", |hub| stage(hub, PairingStage::Closed)).await;
    assert!(stage(&hub, PairingStage::Confirmed), "{}", hub.summary());
    hub.until(300, "it is found out", |hub| hub.device(40).is_some_and(|device| device.interviewed)).await;
    assert_eq!(hub.set(40, &[(0, "on", Value::Bool(true))]).await, acknowledged());

    hub.log.clear();
    stick.tell(json!({"do": "exclude", "node": 40})).await;
    let action = PairingAction::Exclude;
    let session = SessionId::new("out");
    let start = ManageAction::StartPairing { session, action, duration: Duration::from_secs(60) };
    assert_eq!(hub.manage(start).await, Ok(Value::Unknown));
    hub.until(60, "it is gone", |hub| hub.device(40).is_none()).await;
    assert!(stage(&hub, PairingStage::Confirmed), "{}", hub.summary());

    let name = ManageAction::Rename { device: Hub::id(2), name: "Plug".into() };
    assert_eq!(hub.manage(name).await, Ok(Value::Unknown));
    hub.stop().await;
}
