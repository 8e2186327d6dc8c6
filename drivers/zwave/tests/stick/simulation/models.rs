//! What is known of models, where it is about doing: names, parameters, questions on waking, and words for people.

use std::time::Duration;

use driver_api::{CommandProgress, CommandStage, DriverEvent};
use hub_model::Value;

use super::home::{Home, LAST, device, kind_of, switch};
use super::stick::Kind;

/// A node that says of itself that it is this model, with Configuration among its classes; interviewed.
fn known(node: u8, identity: &[u8]) -> Home {
    let mut home = Home::small();
    home.until(Duration::from_secs(5), |now| now.stick.sent.len() > 20);
    home.wake(node);
    let is_asked = |now: &Home| now.stick.sent.iter().any(|sent| sent.node == node && sent.command == [0x86, 0x11]);
    home.until(Duration::from_secs(600), is_asked);
    home.tell(node, &[&[0x72, 0x05], identity].concat());
    // A report of a class that it does not name says that it has it.
    home.tell(node, &[0x70, 0x06, 0xFA, 0x01, 0x00]);
    home.until(Duration::from_secs(600), |now| now.is_interviewed(node));
    home
}

fn first(kind: Kind) -> u8 {
    (2..=LAST).find(|node| kind_of(*node) == kind).unwrap()
}

fn asked(home: &Home, node: u8, command: &[u8]) -> usize {
    home.stick.sent.iter().filter(|sent| sent.node == node && sent.command.starts_with(command)).count()
}

/// Aeotec ZW100.
const MULTISENSOR: [u8; 6] = [0x00, 0x86, 0x01, 0x02, 0x00, 0x64];
/// Danfoss 010101.
const RADIATOR: [u8; 6] = [0x00, 0x02, 0x01, 0x15, 0xA0, 0x10];
/// Vision ZP3103, which never says that nobody moves any more.
const MOTION_SENSOR: [u8; 6] = [0x01, 0x09, 0x20, 0x03, 0x03, 0x02];
/// Aeotec ZWA056.
const TILT_SENSOR: [u8; 6] = [0x03, 0x71, 0x00, 0x02, 0x00, 0x38];

#[test]
fn a_device_has_its_names_and_parameters() {
    let node = first(Kind::Listening);
    let home = known(node, &MULTISENSOR);
    let told = &home.devices[&device(node)];
    assert_eq!(told.manufacturer.as_deref(), Some("AEON Labs"));
    assert_eq!((told.model.as_deref(), told.description.as_deref()), (Some("ZW100"), Some("MultiSensor 6")));
    assert!(told.attribute(0, "pir_sensor_timeout").is_some());
    // It listens anyway, and is asked for each parameter; one that does not answer is asked twice.
    assert!((50..=200).contains(&asked(&home, node, &[0x70, 0x05])));
}

#[test]
fn a_device_that_sleeps_is_asked_for_the_parameters_that_it_told_only() {
    let node = first(Kind::Sleeping);
    let home = known(node, &MULTISENSOR);
    assert!(home.devices[&device(node)].attribute(0, "pir_sensor_timeout").is_some());
    assert_eq!(asked(&home, node, &[0x70, 0x05]), asked(&home, node, &[0x70, 0x05, 0xFA]));
}

#[test]
fn a_model_that_tells_nothing_by_itself_is_asked_whenever_it_wakes() {
    let node = first(Kind::Sleeping);
    let mut home = known(node, &RADIATOR);
    home.until(Duration::from_secs(60), |now| now.stick.asleep.contains(&node));
    // Until the stick has said that the node was told to sleep.
    home.run(Duration::from_secs(1));
    let queries = [&[0x80, 0x02][..], &[0x43, 0x02, 0x01]];
    assert_eq!(queries.map(|query| asked(&home, node, query)), [0, 0]);
    // It says several times that it is awake: what waits already is not asked once more.
    for _ in 0..10 {
        home.wake(node);
    }
    home.until(Duration::from_secs(60), |now| queries.iter().all(|query| asked(now, node, query) > 0));
    home.until(Duration::from_secs(600), |now| now.stick.asleep.contains(&node));
    // What is on the air when it says so once more is asked again.
    assert!(queries.iter().all(|query| asked(&home, node, query) <= 3));
}

#[test]
fn who_waits_for_a_device_that_sleeps_is_told_how_to_wake_it() {
    let node = first(Kind::Sleeping);
    let mut home = known(node, &TILT_SENSOR);
    home.until(Duration::from_secs(60), |now| now.stick.asleep.contains(&node));
    home.request(switch(node, true, true, home.now.plus(Duration::from_secs(10))));
    home.run(Duration::from_secs(60));
    let detail = home.log.iter().find_map(|event| match event {
        DriverEvent::Command(CommandProgress { stage: CommandStage::Failed { detail, .. }, .. }) => detail.clone(),
        _ => None,
    });
    let detail = detail.unwrap();
    assert!(detail.contains("to wake it: Press the Action Button once."), "{detail}");
}

#[test]
fn a_state_that_a_model_never_takes_back_is_over_after_five_minutes() {
    let node = first(Kind::Sleeping);
    for (identity, is_over) in [(MOTION_SENSOR, true), (MULTISENSOR, false)] {
        let mut home = known(node, &identity);
        // Home Security: motion.
        home.tell(node, &[0x71, 0x05, 0x00, 0x00, 0x00, 0xFF, 0x07, 0x08, 0x00]);
        home.run(Duration::from_secs(290));
        assert_eq!(occupancy(&home), [Value::Bool(true)]);
        home.run(Duration::from_secs(20));
        let last = occupancy(&home).pop();
        assert_eq!(last == Some(Value::Bool(false)), is_over, "{identity:?}");
    }
}

/// All that was told of it.
fn occupancy(home: &Home) -> Vec<Value> {
    let reports = home.log.iter().filter_map(|event| match event {
        DriverEvent::Report(report) => Some(report.readings.iter()),
        _ => None,
    });
    let readings = reports.flatten().filter(|reading| reading.attribute.as_str() == "occupancy");
    readings.map(|reading| reading.value.clone()).collect()
}
