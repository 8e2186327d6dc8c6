//! From wishes to commands.

use std::sync::LazyLock;
use std::time::Duration;

use hub_model::command::Setting;
use hub_model::{AttributeName, Kind, Value};
use proptest::collection::vec;
use proptest::prelude::{ProptestConfig, Strategy, any, prop_oneof, proptest};
use proptest::sample::Index;

use super::super::{Endpoint, Node, WriteError, commands, describe, queries, report, without_doubles};
use super::values::everything;
use super::{command, node};
use crate::command_class::{Command, CommandClass as C};

fn sent(node: &Node, attribute: &str, value: &Value, transition: Option<Duration>) -> Result<String, WriteError> {
    let commands = commands(node, 0, &AttributeName::new(attribute), value, transition)?;
    Ok(commands.iter().map(|command| hex(command.encode())).collect::<Vec<_>>().join(", "))
}

#[test]
fn what_can_be_read_can_be_asked_for() {
    let (node, endpoints) = &*EVERYTHING;
    for attribute in endpoints[0].attributes.iter().filter(|attribute| attribute.access.read) {
        let queries = queries(node, 0, &attribute.name);
        assert!(!queries.is_empty(), "{}", attribute.name);
        for query in queries {
            assert_eq!(Command::decode(0, &query.encode()), Ok(query));
        }
    }
    let asked = |node: &Node, attribute: &str| {
        let queries = queries(node, 0, &AttributeName::new(attribute));
        queries.iter().map(|query| hex(query.encode())).collect::<Vec<_>>().join(", ")
    };
    let old_sensor = Node::new(Endpoint::new(0x21, 1, [(C::MULTILEVEL_SENSOR, 1), (C::METER, 1)]));
    let mut old_sensor = old_sensor;
    for report in ["31 05 01 01 14", "32 02 01 01 05"] {
        old_sensor.learn(0, &command(report));
    }
    for (node, attribute, bytes) in [
        (node, "on", "25 02"),
        (node, "temperature", "31 04 01 00"),
        (&old_sensor, "temperature", "31 04"),
        (&old_sensor, "energy", "32 01"),
        (node, "energy", "32 01 40"),
        (node, "color", "33 03 02, 33 03 03, 33 03 04"),
        (node, "occupancy", "30 02 0c, 71 04 00 07 00"),
        (node, "locked", "62 02, 76 02"),
        (node, "parameter_258", "70 08 01 02 01"),
        (node, "nothing", ""),
        (node, "action", ""),
        (node, "energy_reset", ""),
    ] {
        assert_eq!(asked(node, attribute), bytes, "{attribute}");
    }
}

fn hex(bytes: Vec<u8>) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(" ")
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[test]
fn a_level_is_sent_once_however_it_is_wished() {
    let dimmer = node(0x11, 0x01, &[C::MULTILEVEL_SWITCH], &[]);
    for (wishes, sent) in [
        (&[("on", "true"), ("brightness", "40")][..], &["brightness"][..]),
        (&[("brightness", "40"), ("on", "true")], &["brightness"]),
        (&[("on", "false"), ("brightness", "40")], &["on"]),
        (&[("on", "true")], &["on"]),
        (&[("brightness", "40"), ("nothing", "1")], &["brightness", "nothing"]),
    ] {
        let setting = |(attribute, value): &(&str, &str)| Setting {
            endpoint: 0,
            attribute: AttributeName::new(*attribute),
            value: json(value),
        };
        let settings: Vec<Setting> = wishes.iter().map(setting).collect();
        let left = without_doubles(&dimmer, &settings);
        assert_eq!(left.iter().map(|setting| setting.attribute.as_str()).collect::<Vec<_>>(), sent, "{wishes:?}");
    }
}

#[test]
fn wishes_become_commands() {
    let switch = node(0x10, 0x01, &[C::BINARY_SWITCH], &[]);
    let mut old_switch = switch.clone();
    old_switch.learn(0, &command("86 14 25 01"));
    let light = node(0x11, 0x01, &[C::MULTILEVEL_SWITCH, C::COLOR_SWITCH], &["33 02 1f 00"]);
    let rgb = node(0x11, 0x01, &[C::COLOR_SWITCH], &["33 02 1c 00"]);
    let cover = node(0x11, 0x06, &[C::MULTILEVEL_SWITCH], &[]);
    let slats = node(0x11, 0x06, &[C::WINDOW_COVERING], &["6a 02 03 00 20 80"]);
    let moved = node(0x11, 0x06, &[C::WINDOW_COVERING], &["6a 02 02 00 10"]);
    let thermostat = node(
        0x08,
        0x06,
        &[C::THERMOSTAT_MODE, C::THERMOSTAT_SETPOINT, C::THERMOSTAT_FAN_MODE],
        &["40 05 0f", "43 05 06", "43 0a 01 01 05 01 1e", "44 05 43"],
    );
    let fahrenheit = node(0x08, 0x06, &[C::THERMOSTAT_SETPOINT], &["43 03 01 09 44", "43 0a 01 09 28 09 5a"]);
    let lock = node(0x40, 0x03, &[C::DOOR_LOCK, C::USER_CODE], &["63 05 0a", "62 06 01 ff fe fe 00 1e 00 00 00"]);
    let device = node(
        0x10,
        0x01,
        &[
            C::CONFIGURATION,
            C::INDICATOR,
            C::PROTECTION,
            C::NODE_NAMING_AND_LOCATION,
            C::WAKE_UP,
            C::METER,
            C::SOUND_SWITCH,
        ],
        &[
            "70 0f 00 01 09 00 03 01 00 02 00",
            "70 0f 00 02 02 ff 00 00 64 00 00 00 00",
            "87 05 50 00 01 38",
            "75 05 00 05 00 01 00",
            "75 03 00 01",
            "84 06 00 0e 10 05",
            "32 04 a1 05",
            "79 04 01 00 02 04 44 69 6e 67",
            "79 07 1e 01",
        ],
    );
    let old_cover = node(0x09, 0x01, &[C::BASIC_WINDOW_COVERING], &[]);
    let garage = node(0x40, 0x07, &[C::BARRIER_OPERATOR], &[]);
    let slow = Some(Duration::from_secs(3));
    for (node, attribute, value, transition, bytes) in [
        (&switch, "on", "true", None, "25 01 ff ff"),
        (&switch, "on", "false", slow, "25 01 00 03"),
        (&old_switch, "on", "true", slow, "25 01 ff"),
        (&light, "on", "true", None, "26 01 ff ff"),
        (&light, "brightness", "50", slow, "26 01 32 03"),
        (&light, "brightness", "0", None, "26 01 01 ff"),
        (&light, "brightness", "1000", None, "26 01 63 ff"),
        (&light, "brightness", "50", Some(Duration::from_secs(100_000)), "26 01 32 fd"),
        (&light, "color", r#"{"hue": 0, "saturation": 100}"#, slow, "33 05 05 00 00 01 00 02 ff 03 00 04 00 03"),
        (&rgb, "color", r#"{"hue": 120, "saturation": 100}"#, None, "33 05 03 02 00 03 ff 04 00 ff"),
        (&light, "color_temperature", "2700", None, "33 05 05 00 ff 01 00 02 00 03 00 04 00 ff"),
        (&light, "red", "300", None, "33 05 01 02 ff ff"),
        (&cover, "position", "100", None, "26 01 63 ff"),
        (&cover, "cover_command", "\"open\"", None, "26 01 63 ff"),
        (&cover, "cover_command", "\"stop\"", None, "26 05"),
        (&slats, "position", "0", slow, "6a 05 01 0d 00 03"),
        (&slats, "tilt", "100", None, "6a 05 01 17 32 ff"),
        (&slats, "cover_command", "\"close\"", None, "6a 05 01 0d 00 ff"),
        (&slats, "cover_command", "\"stop\"", None, "6a 07 0d"),
        (&moved, "cover_command", "\"open\"", None, "6a 06 00 0c ff"),
        (&thermostat, "hvac_mode", "\"heat\"", None, "40 01 01"),
        (&thermostat, "heating_setpoint", "21.5", None, "43 01 01 01 16"),
        (&thermostat, "heating_setpoint", "99", None, "43 01 01 01 1e"),
        (&thermostat, "cooling_setpoint", "25.5", None, "43 01 02 22 00 ff"),
        (&thermostat, "fan_mode", "\"circulation\"", None, "44 01 06"),
        (&fahrenheit, "heating_setpoint", "20", None, "43 01 01 09 44"),
        (&fahrenheit, "heating_setpoint", "-40", None, "43 01 01 09 28"),
        (&lock, "locked", "true", None, "62 01 ff"),
        (&lock, "locked", "false", None, "62 01 00"),
        (&lock, "lock_timeout", "0", None, "62 04 01 ff fe fe 00 1e 00 00 00"),
        (&lock, "auto_relock_time", "60", None, "62 04 01 ff fe fe 00 3c 00 00 00"),
        (&lock, "lock_timeout", "90", None, "62 04 02 ff 01 1e 00 1e 00 00 00"),
        (&lock, "pin_code", r#"{"user": 3, "pin_code": "0123"}"#, None, "63 01 03 01 30 31 32 33"),
        (
            &lock,
            "pin_code",
            r#"{"user": 3, "user_enabled": false, "pin_code": "0123"}"#,
            None,
            "63 01 03 02 30 31 32 33",
        ),
        (&lock, "pin_code", r#"{"user": 3, "pin_code": null}"#, None, "63 01 03 00 00 00 00 00"),
        (&device, "parameter_1", "2", None, "70 04 01 01 02"),
        (&device, "parameter_1", "99", None, "70 04 01 01 03"),
        (&device, "parameter_2", "-5", None, "70 04 02 02 ff fb"),
        (&device, "identify", "\"identify\"", None, "87 01 00 03 50 03 08 50 04 03 50 05 06"),
        (&device, "indicator", "true", None, "87 01 ff"),
        (&device, "child_lock", "true", None, "75 01 02 01"),
        (&device, "child_lock", "false", None, "75 01 00 01"),
        (&device, "name", "\"Hall\"", None, "77 01 00 48 61 6c 6c"),
        (&device, "wake_up_interval", "7200", None, "84 04 00 1c 20 05"),
        (&device, "energy_reset", "\"reset\"", None, "32 05"),
        (&device, "melody", "\"Ding\"", None, "79 08 01 00"),
        (&device, "alarm", "true", None, "79 08 ff 00"),
        (&device, "alarm", "false", None, "79 08 00 00"),
        (&device, "volume", "50", None, "79 05 32 01"),
        (&old_cover, "cover_command", "\"close\"", None, "50 01 40"),
        (&old_cover, "cover_command", "\"stop\"", None, "50 02"),
        (&garage, "cover_command", "\"open\"", None, "66 01 ff"),
    ] {
        let sent = sent(node, attribute, &json(value), transition);
        assert_eq!(sent.as_deref(), Ok(bytes), "{attribute} {value}");
    }
}

#[test]
fn wishes_that_cannot_be_are_named() {
    let lock = node(0x40, 0x03, &[C::DOOR_LOCK, C::USER_CODE, C::NOTIFICATION], &["71 02 06 02 66 08"]);
    for (attribute, value, words) in [
        ("brightness", "5", "brightness cannot be set on this endpoint"),
        ("lock_state", "\"locked\"", "lock_state cannot be set on this endpoint"),
        ("action", "\"auto_lock_locked_operation\"", "action cannot be set on this endpoint"),
        ("locked", "5", "locked cannot be 5"),
        ("lock_mode", "\"ajar\"", "lock_mode cannot be ajar"),
        ("pin_code", r#"{"user": 1, "pin_code": 1234}"#, "pin_code cannot be {pin_code: 1234, user: 1}"),
        ("pin_code", r#"{"user": 1, "pin_code": "12"}"#, "pin_code cannot be {pin_code: 12, user: 1}"),
        (
            "auto_relock_time",
            "60",
            "auto_relock_time can be set when the configuration of the device is known; ask the device what it is and try again",
        ),
    ] {
        assert_eq!(sent(&lock, attribute, &json(value), None).unwrap_err().to_string(), words);
    }
    assert_eq!(commands(&lock, 7, &"on".into(), &Value::Bool(true), None), Err(WriteError::NoEndpoint(7)));
}

/// A node that has everything, and its description.
static EVERYTHING: LazyLock<(Node, Vec<hub_model::Endpoint>)> = LazyLock::new(|| {
    let node = everything();
    let endpoints = describe(&node);
    (node, endpoints)
});

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        any::<bool>().prop_map(Value::Bool),
        any::<f64>().prop_map(Value::number),
        (-500.0..500.0).prop_map(Value::Number),
        ".{0,20}".prop_map(Value::text),
        (any::<f64>(), any::<f64>()).prop_map(|(hue, saturation)| Value::composite([
            ("hue", Value::number(hue)),
            ("saturation", Value::number(saturation))
        ])),
        (any::<f64>(), ".{0,12}").prop_map(|(user, code)| Value::composite([
            ("user", Value::number(user)),
            ("pin_code", Value::text(code))
        ])),
    ]
}

proptest! {
    // To describe a node that has everything takes long without optimisation; the fuzz target does the same.
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Any wish is refused or is commands that a node could read.
    #[test]
    fn any_wish_can_be_made(which in any::<Index>(), value in value(), word in any::<Index>(), milliseconds in any::<u32>()) {
        let (node, endpoints) = &*EVERYTHING;
        let attribute = which.get(&endpoints[0].attributes);
        let value = match attribute.values.len() {
            0 => value,
            count => Value::Text(attribute.values[word.index(count)].clone()),
        };
        let transition = Some(Duration::from_millis(u64::from(milliseconds)));
        if let Ok(commands) = commands(node, 0, &attribute.name, &value, transition) {
            for command in commands {
                assert_eq!(Command::decode(0, &command.encode()), Ok(command));
            }
        }
    }

    /// Any report is read, and what it says is described, whatever was known of the node before.
    #[test]
    fn any_report_fits_its_description(is_known: bool, class in 0x20_u8..0xa0, number in 0_u8..0x12, rest in vec(any::<u8>(), 0..12)) {
        let bytes: Vec<u8> = [class, number].into_iter().chain(rest).collect();
        if let Ok(command) = Command::decode(0, &bytes) {
            let mut node = if is_known { EVERYTHING.0.clone() } else { Node::new(Endpoint::default()) };
            node.learn(0, &command);
            let reports = report(&node, 0, &command);
            let endpoints = if reports.is_empty() { Vec::new() } else { describe(&node) };
            for report in reports {
                let schema = endpoints[0].attribute(report.attribute.as_str());
                let schema = schema.unwrap_or_else(|| panic!("{} is not described", report.attribute));
                let fits = match (&report.value, schema.kind) {
                    (Value::Unknown, _) => true,
                    (Value::Bool(_), kind) => kind == Kind::Bool,
                    (Value::Number(_), kind) => kind == Kind::Number,
                    (Value::Text(_), kind) => matches!(kind, Kind::Enum | Kind::Text),
                    (Value::Composite(_), kind) => kind == Kind::Color,
                    _ => false,
                };
                assert!(fits, "{}: {} is no {:?}", report.attribute, report.value, schema.kind);
                assert_eq!(schema.momentary, report.momentary, "{}", report.attribute);
            }
        }
    }
}
