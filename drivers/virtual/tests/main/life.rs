//! The demo home lives: believably, calmly, and the same way for the same seed.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use driver_api::DriverEvent;
use driver_virtual::{demo_areas, demo_devices};
use hub_model::{DeviceId, EndpointNumber, Value, attributes};

use super::support::{Hand, id, last, reports};

const HOUR: Duration = Duration::from_secs(3_600);

/// State changes: reports of another value than before.
fn changes(events: &[DriverEvent]) -> BTreeMap<String, usize> {
    let mut state: BTreeMap<(DeviceId, EndpointNumber, String), Value> = BTreeMap::new();
    let mut counts = BTreeMap::new();
    for report in reports(events) {
        for reading in &report.readings {
            let key = (report.device.clone(), reading.endpoint, reading.attribute.to_string());
            if state.insert(key, reading.value.clone()).is_some_and(|before| before != reading.value) {
                *counts.entry(reading.attribute.to_string()).or_default() += 1;
            }
        }
    }
    counts
}

#[test]
fn a_day_is_lively_but_calm_and_has_everything_in_it() {
    let mut hand = Hand::demo(7, "2026-11-20T23:00:00Z");
    let mut events = hand.events();
    for hour in 0..24 {
        let of_hour = hand.events_of(HOUR);
        let counts = changes(&of_hour);
        let per_second = counts.values().sum::<usize>() as f64 / 3_600.0;
        println!("{hour:2} o'clock: {per_second:.2} changes/s {counts:?}");
        let least = if (7..23).contains(&hour) { 0.5 } else { 0.3 };
        assert!((least..3.0).contains(&per_second), "{hour} o'clock: {per_second} changes a second");
        events.extend(of_hour);
    }
    let counts = changes(&events);
    for attribute in [
        "occupancy",
        "illuminance",
        "open",
        "locked",
        "lock_state",
        "temperature",
        "humidity",
        "pressure",
        "power",
        "energy",
        "voltage",
        "current",
        "hvac_action",
        "on",
    ] {
        assert!(counts.get(attribute).is_some_and(|count| *count >= 2), "{attribute}: {counts:?}");
    }
    let presses = events.iter().filter(|event| matches!(event, DriverEvent::Happening { .. })).count();
    assert!((3..300).contains(&presses), "{presses} presses");
    // Nothing burns and nothing leaks by itself.
    for attribute in ["smoke", "water_leak", "tamper"] {
        assert!(!counts.contains_key(attribute), "{attribute}");
    }
}

#[test]
fn values_are_plausible_and_energy_only_rises() {
    for (seed, start) in [(1, "2026-01-20T00:00:00Z"), (2, "2026-07-20T00:00:00Z")] {
        let mut hand = Hand::demo(seed, start);
        let events = hand.events_of(HOUR * 4);
        let mut energy: BTreeMap<DeviceId, f64> = BTreeMap::new();
        for report in reports(&events) {
            for reading in &report.readings {
                let Some(number) = reading.value.as_number() else { continue };
                let (low, high) = match reading.attribute.as_str() {
                    "temperature" => (8.0, 32.0),
                    "humidity" => (25.0, 95.0),
                    "pressure" => (980.0, 1_040.0),
                    "illuminance" => (0.0, 2_000.0),
                    "power" => (0.0, 2_500.0),
                    "voltage" => (220.0, 240.0),
                    "current" => (0.0, 11.0),
                    _ => (0.0, 100_000.0),
                };
                assert!((low..=high).contains(&number), "{} {} {number}", report.device, reading.attribute);
                assert!(reading.value.to_string().len() <= 8, "{} {number}", reading.attribute);
                if reading.attribute.as_str() == "energy" {
                    let before = energy.insert(report.device.clone(), number);
                    assert!(before.is_none_or(|before| before <= number), "{} {before:?} {number}", report.device);
                }
            }
        }
        assert_eq!(energy.len(), 4);
    }
}

#[test]
fn a_restart_does_not_turn_counters_back() {
    let mut hand = Hand::demo(3, "2026-11-03T14:00:00Z");
    let events = hand.events_of(HOUR * 10);
    let mut again = Hand::demo(3, "2026-11-04T00:00:00Z");
    let events_again = again.events_of(Duration::from_secs(300));
    for plug in ["television-plug", "kettle-plug", "fridge-plug", "washing-machine-plug"] {
        let before = last(&events, plug, "energy").unwrap().as_number().unwrap();
        let after = last(&events_again, plug, "energy").unwrap().as_number().unwrap();
        assert!(after >= before, "{plug}: {before} then {after}");
    }
}

#[test]
fn the_cat_walks_through_the_hallway_at_any_time_of_day() {
    for start in ["2026-11-21T02:00:00Z", "2026-11-21T12:00:00Z"] {
        let mut hand = Hand::demo(7, start);
        hand.events();
        let mut in_the_kitchen = 0;
        for stretch in 0..10 {
            let events = hand.events_of(Duration::from_secs(7 * 60));
            let moved = |sensor: &str| {
                let of_sensor = reports(&events).filter(|report| report.device == id(sensor));
                let moved = |reading: &&driver_api::Reading| {
                    reading.attribute.as_str() == "occupancy" && reading.value == Value::Bool(true)
                };
                of_sensor.flat_map(|report| &report.readings).filter(moved).count()
            };
            assert!(moved("hallway-motion") >= 1, "{start}, {stretch}");
            in_the_kitchen += moved("kitchen-motion");
        }
        assert!(in_the_kitchen >= 1, "{start}");
    }
}

#[test]
fn the_same_seed_lives_the_same_day() {
    let day = |seed| Hand::demo(seed, "2026-11-21T05:00:00Z").events_of(HOUR);
    assert_eq!(day(5), day(5));
    assert_ne!(day(5), day(6));
}

#[test]
fn light_follows_the_sun_and_the_lamps() {
    let mut hand = Hand::demo(7, "2026-06-21T00:00:00Z");
    let night = hand.events_of(HOUR);
    assert_eq!(last(&night, "hallway-motion", "illuminance"), Some(Value::number(0.0)));
    hand.command("hallway-lamp", &[("on", Value::Bool(true)), ("brightness", Value::number(100.0))], None);
    let lit = hand.events_of(Duration::from_secs(30));
    assert_eq!(last(&lit, "hallway-motion", "illuminance"), Some(Value::number(130.0)));
    hand.command("hallway-lamp", &[("on", Value::Bool(false))], None);
    let morning = hand.events_of(HOUR * 6);
    assert!(last(&morning, "living-room-motion", "illuminance").unwrap().as_number().unwrap() > 60.0);
}

#[test]
fn the_thermostat_heats_toward_what_is_wished() {
    let mut hand = Hand::demo(7, "2026-01-20T09:00:00Z");
    let mut events = hand.events();
    hand.command("living-room-thermostat", &[("heating_setpoint", Value::number(23.0))], None);
    events.extend(hand.events_of(Duration::from_secs(600)));
    assert_eq!(last(&events, "living-room-thermostat", "hvac_action"), Some(Value::text("heating")));
    let events = hand.events_of(HOUR * 3);
    let reached = last(&events, "living-room-thermostat", "temperature").unwrap().as_number().unwrap();
    assert!((22.5..=23.5).contains(&reached), "{reached}");
}

#[test]
fn a_plug_that_is_off_draws_nothing() {
    let mut hand = Hand::demo(7, "2026-01-20T09:00:00Z");
    hand.events_of(HOUR);
    hand.command("fridge-plug", &[("on", Value::Bool(false))], None);
    let events = hand.events_of(Duration::from_secs(60));
    let power = last(&events, "fridge-plug", "power");
    assert!(power.is_none_or(|power| power == Value::number(0.0)), "it was off already or it is now");
    let later = hand.events_of(HOUR);
    assert_eq!(last(&later, "fridge-plug", "power"), None);
    assert!(
        later.iter().any(|event| matches!(event, DriverEvent::Report(report) if report.device != id("fridge-plug")))
    );
}

#[test]
fn the_home_has_what_it_promises() {
    let mut hand = Hand::demo(7, "2026-01-20T09:00:00Z");
    let events = hand.events();
    let described: Vec<_> = events
        .iter()
        .filter_map(|event| match event {
            DriverEvent::Device(device) => Some(device),
            _ => None,
        })
        .collect();
    assert_eq!(described.len(), demo_devices().len());
    assert!(described.len() >= 20 && demo_areas().len() == 6);
    let own: BTreeSet<&str> = described
        .iter()
        .flat_map(|device| device.attributes())
        .map(|(_, schema)| schema.name.as_str())
        .filter(|name| attributes::semantic(name).is_none())
        .collect();
    assert_eq!(own, BTreeSet::new());
    // Everything that has a state says it at the start.
    for device in described {
        for (endpoint, schema) in device.attributes().filter(|(_, schema)| schema.access.read) {
            let said = reports(&events).any(|report| {
                report.device == device.id
                    && report
                        .readings
                        .iter()
                        .any(|reading| reading.endpoint == endpoint && reading.attribute == schema.name)
            });
            assert!(said, "{} {}", device.id, schema.name);
        }
    }
}

#[test]
fn a_battery_runs_low_and_is_replaced() {
    let mut hand = Hand::demo(7, "2026-11-20T08:00:00Z");
    let first = hand.events();
    let charges = |events: &[DriverEvent]| -> Vec<f64> {
        let of_remote = reports(events).filter(|report| report.device == id("bedroom-remote"));
        let readings =
            of_remote.flat_map(|report| &report.readings).filter(|reading| reading.attribute == "battery".into());
        readings.filter_map(|reading| reading.value.as_number()).collect()
    };
    assert_eq!(charges(&first), [11.0], "it is not told twice after a restart");
    let soon = hand.events_of(Duration::from_secs(301));
    assert_eq!(charges(&soon), [9.0]);
    let later = charges(&hand.events_of(HOUR * 24 * 3));
    assert!(later.contains(&100.0) && later.windows(2).all(|pair| pair[1] == 100.0 || pair[1] < pair[0]), "{later:?}");
}
