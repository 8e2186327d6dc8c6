//! Managing the network.

use std::time::Duration;

use driver_api::driver::GroupAction;
use driver_api::network::Network;
use driver_api::{DriverEvent, LinkState, Machine, ManageAction, ManageError};
use driver_virtual::{Model, Placement, Stimulus};
use expect_test::expect;
use hub_model::Value;

use super::support::{Hand, id, last, lines, reports};

fn hand() -> Hand {
    let mut hand = Hand::scripted(&[
        Placement::new("lamp", "Lamp", Model::ColorLight),
        Placement::new("plug", "Plug", Model::MeteringPlug),
        Placement::new("sensor", "Sensor", Model::LeakSensor),
    ]);
    hand.events();
    hand
}

#[test]
fn devices_are_renamed_interviewed_and_removed() {
    let mut hand = hand();
    let (answer, events) = hand.manage(ManageAction::Rename { device: id("lamp"), name: "Küche".into() });
    answer.unwrap();
    let DriverEvent::Device(device) = &events[0] else { panic!("{events:?}") };
    assert_eq!(device.native_name.as_deref(), Some("Küche"));
    let empty = hand.manage(ManageAction::Rename { device: id("lamp"), name: " ".into() });
    assert!(matches!(empty.0, Err(ManageError::Invalid { field: "name", .. })));

    let (answer, events) = hand.manage(ManageAction::Interview { device: id("sensor") });
    answer.unwrap();
    assert!(matches!(&events[0], DriverEvent::Device(device) if device.id == id("sensor")), "{events:?}");

    hand.play(Stimulus::Reach { address: "sensor".into(), reachable: false });
    let remove = |force| ManageAction::Remove { device: id("sensor"), force };
    assert!(matches!(hand.manage(remove(false)).0, Err(ManageError::NotPossible(_))));
    let (answer, events) = hand.manage(remove(true));
    answer.unwrap();
    assert_eq!(events[0], DriverEvent::DeviceRemoved(id("sensor")));
    assert_eq!(hand.manage(remove(true)).0, Err(ManageError::NotFound));
}

#[test]
fn firmware_arrives_part_by_part() {
    let mut hand = hand();
    let look = ManageAction::Firmware { device: id("lamp"), install: false };
    let (answer, _) = hand.manage(look.clone());
    expect!["{available: true, installed: 1.0.0, latest: 1.1.0}"].assert_eq(&answer.unwrap().to_string());
    let (answer, events) = hand.manage(ManageAction::Firmware { device: id("lamp"), install: true });
    expect!["{installed: 1.1.0}"].assert_eq(&answer.unwrap().to_string());
    let steps = reports(&events).filter(|report| report.readings.len() == 2).count();
    assert_eq!(steps, 11);
    assert_eq!(last(&events, "lamp", "update_state"), Some(Value::text("idle")));
    let (answer, _) = hand.manage(look);
    assert_eq!(answer.unwrap().field("available"), Some(&Value::Bool(false)));
    let other = ManageAction::Firmware { device: id("plug"), install: true };
    assert_eq!(hand.manage(other).0, Err(ManageError::Unsupported));
}

#[test]
fn the_map_shows_every_device_once_and_stays_the_same() {
    let mut hand = hand();
    let (first, _) = hand.manage(ManageAction::NetworkMap);
    let (second, _) = hand.manage(ManageAction::NetworkMap);
    assert_eq!(first, second);
    let network = Network::from_value(&first.unwrap()).unwrap();
    assert_eq!((network.nodes.len(), network.places().len()), (4, 4), "{network:?}");
}

#[test]
fn what_this_bus_cannot_do_is_said() {
    let mut hand = hand();
    let group = ManageAction::Group(GroupAction::Create { name: "All".into() });
    let options = ManageAction::SetOptions { device: id("lamp"), options: Value::Unknown };
    for action in [group, options, ManageAction::Restart] {
        assert_eq!(hand.manage(action).0, Err(ManageError::Unsupported));
    }
}

#[test]
fn without_its_bus_nothing_is_done_and_what_was_under_way_fails() {
    let mut hand = hand();
    hand.command("lamp", &[("on", Value::Bool(true))], None);
    hand.events();
    let now = hand.now();
    hand.machine.handle_link(now, LinkState::Down("the cable was pulled".to_owned()));
    hand.command("lamp", &[("on", Value::Bool(true))], None);
    expect![[r#"
        Status(DriverStatus { state: Offline, detail: "the cable was pulled" })
        c1 Failed { reason: DriverOffline, detail: Some("the virtual bus was lost on the way") }
        c2 Failed { reason: DriverOffline, detail: Some("the virtual bus is not connected") }
    "#]]
    .assert_eq(&lines(&hand.pass(Duration::from_secs(60))));
    assert_eq!(hand.manage(ManageAction::NetworkMap).0, Err(ManageError::Offline));
}
