//! The nodes of Z-Wave JS's emulated stick: every value that Z-Wave JS has of them (`tests/data/reference-values.txt`, made with
//! its version 15.29), sent as a report and read here.

use std::fmt::Write;

use expect_test::expect_file;
use hub_model::{Access, AttributeSchema, Value};

use super::super::{Endpoint, Node, describe, report};
use super::command;
use crate::command_class::notification::{EVENTS, TYPES};
use crate::command_class::value::{Duration, EncodedText, Level, ScaledNumber, Target};
use crate::command_class::{
    Command, CommandClass, battery, binary_sensor, binary_switch, color_switch, configuration, indicator, meter,
    multilevel_sensor, multilevel_switch, node_naming_and_location, sound_switch, thermostat_fan_mode, thermostat_mode,
    thermostat_operating_state, thermostat_setpoint, wake_up, window_covering,
};

const REFERENCE: &str = include_str!("../../../tests/data/reference-values.txt");

/// Generic and specific device class, and what else the nodes say of themselves, by node.
const SAID: &[(u8, (u8, u8), &[&str])] = &[
    (2, (0x10, 0x01), &["32 04 a1 05"]),
    (3, (0x11, 0x01), &[]),
    (4, (0x21, 0x01), &["31 02 15", "31 06 01 03", "31 06 05 01", "31 06 03 02", "30 04 00 04"]),
    (
        5,
        (0x40, 0x03),
        &["62 08 01 02 02 00 ff ff 03 00", "63 05 05", "71 08 01 40", "71 02 06 02 66 08", "62 06 01 ff fe fe"],
    ),
    (
        6,
        (0x07, 0x01),
        &["71 08 01 80", "71 02 07 02 08 01", "31 02 01", "31 06 01 01", "84 0a 00 00 3c 01 51 80 00 0e 10 00 00 3c"],
    ),
    (
        7,
        (0x08, 0x06),
        &[
            "40 05 0f",
            "43 05 06",
            "43 0a 01 01 05 01 1e",
            "43 0a 02 01 12 01 23",
            "44 05 43",
            "31 02 01",
            "31 06 01 01",
        ],
    ),
    (8, (0x10, 0x01), &["60 0a 01 10 01 5e 25", "60 0a 02 10 01 5e 25"]),
    (9, (0x11, 0x01), &["33 02 1d 00"]),
    (10, (0x10, 0x01), &[]),
    (11, (0x18, 0x01), &["5b 02 04 03 0f"]),
    (12, (0x11, 0x06), &["6a 02 03 00 20 80"]),
    (13, (0x10, 0x01), &[]),
    (
        14,
        (0x10, 0x01),
        &[
            "70 0f 00 01 09 00 03 01 00 02 00",
            "70 0b 00 01 00 4c 45 44 20 6d 6f 64 65",
            "70 0f 00 02 0a 00 00 7d 00 00 00 00 03 00",
            "70 0f 00 03 4c 00 00 00 00 7f ff ff ff 00 00 00 2a 00 00 00",
            "87 05 50 00 01 38",
        ],
    ),
    (
        15,
        (0x10, 0x05),
        &["79 02 02", "79 04 01 00 02 04 44 69 6e 67", "79 04 02 00 1e 05 41 6c 61 72 6d", "79 07 1e 01"],
    ),
    (16, (0x10, 0x01), &[]),
    (17, (0x10, 0x01), &[]),
    (18, (0x10, 0x01), &[]),
];

/// `Binary Switch v2 secure` of a list.
fn classes(list: &str) -> impl Iterator<Item = (CommandClass, u8)> + '_ {
    list.split(", ").filter_map(|item| {
        let item = item.trim_end_matches(" secure").trim();
        let (name, version) = item.rsplit_once(" v")?;
        let class = (0..0xf0).map(CommandClass).find(|class| class.name() == Some(name))?;
        Some((class, version.parse().ok()?))
    })
}

fn node(number: u8, list: &str) -> Node {
    let (_, (generic, specific), said) = SAID.iter().find(|row| row.0 == number).unwrap();
    let mut node = Node::new(Endpoint::new(*generic, *specific, classes(list)));
    for text in *said {
        node.learn(0, &command(text));
    }
    node
}

/// The report that carries a value as Z-Wave JS calls it; none = it is no value of a report, or a part of another one.
fn report_of(class: &str, property: &str, value: &serde_json::Value, unit: &str) -> Option<Command> {
    let number = value.as_f64().unwrap_or_default();
    let byte = number as u8;
    let level = Level(if value == true { 0xff } else { byte });
    let (property, key) = property.split_once('/').unwrap_or((property, ""));
    let index = || key.parse::<u16>().unwrap();
    let scaled = |scale| ScaledNumber::new(number, 2, scale, 4);
    let target = Target { level, duration: Duration::INSTANT };
    Some(match (class, property) {
        ("Binary Switch", "currentValue") => {
            Command::BinarySwitch(binary_switch::Command::Report { current: level, target: None })
        }
        ("Multilevel Switch", "currentValue") => {
            Command::MultilevelSwitch(multilevel_switch::Command::Report { current: level, target: None })
        }
        ("Binary Sensor", name) => {
            let sensor_type = binary_sensor::SENSOR_TYPES.iter().find(|row| row.1 == name).map(|row| row.0);
            Command::BinarySensor(binary_sensor::Command::Report { detected: value == true, sensor_type })
        }
        ("Multilevel Sensor", name) => {
            let sensor_type = multilevel_sensor::SENSOR_TYPES.iter().find(|row| row.name == name)?;
            let unit = if unit == "Lux" { "lx" } else { unit };
            let scale = sensor_type.scales.iter().find(|row| row.2 == unit)?.0;
            Command::MultilevelSensor(multilevel_sensor::Command::Report {
                sensor_type: sensor_type.number,
                value: scaled(scale),
            })
        }
        ("Meter", "value") => {
            // Meter type, scale and rate type in one number.
            let key = key.parse::<u32>().unwrap();
            let (meter_type, scale) = ((key >> 16) as u8, (key >> 8 & 0xff) as u16);
            let value = ScaledNumber::new(number, 5, 0, 4);
            Command::Meter(meter::Command::Report(meter::Reading {
                meter_type,
                rate_type: meter::RateType::Consumed,
                scale,
                value,
                delta_time: None,
                previous: None,
            }))
        }
        ("Door Lock", "currentMode") => lock_report(byte, 0),
        ("Door Lock", "doorStatus") => lock_report(0, u8::from(value == "closed")),
        ("Door Lock", "boltStatus") => lock_report(0, if value == "locked" { 0 } else { 2 }),
        ("Door Lock", "operationType") => command(&format!("62 06 {byte:02x} ff fe fe")),
        ("User Code", "userIdStatus") => command(&format!("63 03 {:02x} {byte:02x}", index())),
        ("Notification", "alarmType") => command(&format!("71 05 {byte:02x} 01")),
        ("Notification", kind) if !key.is_empty() => {
            let notification_type = TYPES.iter().find(|row| row.1 == kind)?.0;
            let event = EVENTS
                .iter()
                .find(|event| event.notification_type == notification_type && event.variable == Some(key))?;
            command(&format!("71 05 00 00 00 ff {notification_type:02x} 00 01 {:02x}", event.number))
        }
        ("Battery", "level") => Command::Battery(battery::Command::Report { level: byte, state: None }),
        ("Wake Up", "wakeUpInterval") => {
            Command::WakeUp(wake_up::Command::IntervalReport { seconds: number as u32, node: 1 })
        }
        ("Thermostat Mode", "mode") => {
            Command::ThermostatMode(thermostat_mode::Command::Report { mode: byte, manufacturer_data: vec![] })
        }
        ("Thermostat Operating State", "state") => {
            Command::ThermostatOperatingState(thermostat_operating_state::Command::Report { state: byte })
        }
        ("Thermostat Setpoint", "setpoint") => Command::ThermostatSetpoint(thermostat_setpoint::Command::Report {
            setpoint_type: index() as u8,
            value: Some(scaled(0)),
        }),
        ("Thermostat Fan Mode", "mode") => {
            Command::ThermostatFanMode(thermostat_fan_mode::Command::Report { mode: byte, off: false })
        }
        ("Thermostat Fan Mode", "off") => {
            Command::ThermostatFanMode(thermostat_fan_mode::Command::Report { mode: 0, off: value == true })
        }
        ("Color Switch", "currentColor") if !key.is_empty() => Command::ColorSwitch(color_switch::Command::Report {
            current: color_switch::Component { component: index() as u8, value: byte },
            target: None,
        }),
        ("Window Covering", "currentValue") => {
            let current = window_covering::Position { parameter: index() as u8, value: level };
            Command::WindowCovering(window_covering::Command::Report { current, target })
        }
        ("Configuration", parameter) => {
            let size = if parameter == "3" {
                4
            } else if parameter == "2" {
                2
            } else {
                1
            };
            let value = configuration::ParameterValue { size, signed: number as i32 };
            Command::Configuration(configuration::Command::Report { parameter: parameter.parse().unwrap(), value })
        }
        ("Node Naming and Location", "name") => {
            Command::NodeNamingAndLocation(node_naming_and_location::Command::NameReport {
                name: EncodedText::new(value.as_str()?),
            })
        }
        ("Node Naming and Location", "location") => {
            Command::NodeNamingAndLocation(node_naming_and_location::Command::LocationReport {
                location: EncodedText::new(value.as_str()?),
            })
        }
        ("Indicator", "value") => Command::Indicator(indicator::Command::Report { value: byte, objects: vec![] }),
        ("Sound Switch", "defaultToneId") => {
            Command::SoundSwitch(sound_switch::Command::ConfigurationReport { volume: 30, default_tone: byte })
        }
        ("Sound Switch", "defaultVolume") => {
            Command::SoundSwitch(sound_switch::Command::ConfigurationReport { volume: byte, default_tone: 1 })
        }
        ("Sound Switch", "toneId") => {
            Command::SoundSwitch(sound_switch::Command::TonePlayReport { tone: byte, volume: None })
        }
        _ => return None,
    })
}

fn lock_report(mode: u8, condition: u8) -> Command {
    command(&format!("62 03 {mode:02x} ff {condition:02x} fe fe"))
}

/// `   Binary Switch 0 currentValue boolean R = false   "Current value"`.
struct Line<'a> {
    class: &'static str,
    endpoint: u8,
    property: &'a str,
    kind: &'a str,
    access: &'a str,
    value: serde_json::Value,
    unit: &'a str,
}

fn line(text: &str) -> Option<Line<'_>> {
    let (left, right) = text.trim().split_once(" = ")?;
    let names = (0..0xf0).filter_map(|number| CommandClass(number).name());
    let class = names.filter(|name| left.starts_with(&format!("{name} "))).max_by_key(|name| name.len())?;
    let rest = left[class.len()..].trim();
    let (endpoint, rest) = rest.split_once(' ')?;
    let (rest, access) = rest.rsplit_once(' ')?;
    let (property, kind) = rest.rsplit_once(' ')?;
    let mut values = serde_json::Deserializer::from_str(right).into_iter::<serde_json::Value>();
    let value = values.next()?.ok()?;
    let unit = right[values.byte_offset()..]
        .split_whitespace()
        .next()
        .filter(|word| !word.starts_with(['"', '[']))
        .unwrap_or_default();
    Some(Line { class, endpoint: endpoint.parse().ok()?, property, kind, access, value, unit })
}

fn words(schema: &AttributeSchema) -> String {
    let Access { read, write, notify } = schema.access;
    let access: String = [(read, 'r'), (write, 'w'), (notify, 'n')]
        .iter()
        .map(|(held, letter)| if *held { *letter } else { '-' })
        .collect();
    let mut text = format!("{} {} {access}", schema.name, schema.kind.as_str());
    if let Some(unit) = &schema.unit {
        write!(text, " {unit}").unwrap();
    }
    if let (Some(min), Some(max)) = (schema.min, schema.max) {
        write!(text, " {min}…{max}").unwrap();
    }
    if !schema.values.is_empty() {
        write!(text, " {:?}", schema.values).unwrap();
    }
    if let Some(label) = &schema.label {
        write!(text, " «{label}»").unwrap();
    }
    text
}

/// All nodes: what they are, and what becomes of each value of Z-Wave JS.
#[test]
fn values_of_the_emulated_nodes_become_attributes() {
    let mut text = String::new();
    let mut current: Option<Node> = None;
    let mut lines = REFERENCE.lines().peekable();
    while let Some(raw) = lines.next() {
        if let Some(title) = raw.strip_prefix("== node ") {
            writeln!(text, "== node {title}").unwrap();
            let number = title.split(':').next().unwrap().parse().unwrap();
            let list = lines.next().unwrap().trim().trim_start_matches("ep0").trim();
            let node = node(number, list);
            for endpoint in describe(&node) {
                writeln!(text, "endpoint {} {:?}", endpoint.number, endpoint.capabilities).unwrap();
                for attribute in &endpoint.attributes {
                    writeln!(text, "    {}", words(attribute)).unwrap();
                }
            }
            current = Some(node);
            continue;
        }
        let (Some(line), Some(node)) = (line(raw), current.as_mut()) else { continue };
        let name = format!("{} {} {}", line.endpoint, line.class, line.property);
        let Some(command) =
            report_of(line.class, line.property, &line.value, line.unit).filter(|_| !line.value.is_null())
        else {
            writeln!(text, "  {name} {} {} = {}", line.kind, line.access, line.value).unwrap();
            continue;
        };
        node.learn(line.endpoint, &command);
        let reports = report(node, line.endpoint, &command);
        let told: Vec<String> =
            reports.iter().map(|report| format!("{} = {}", report.attribute, report.value)).collect();
        writeln!(text, "  {name} = {} → {}", line.value, told.join(", ")).unwrap();
        agree(&name, &line, &reports);
    }
    expect_file!["reference-attributes.txt"].assert_eq(&text);
}

/// Numbers and truths are what Z-Wave JS has; levels are in percent here.
fn agree(name: &str, line: &Line<'_>, reports: &[super::super::Report]) {
    assert!(!reports.is_empty(), "{name} says nothing");
    let told = |value: &Value| reports.iter().any(|report| report.value == *value);
    match (&line.value, line.class, line.property) {
        (_, "Multilevel Switch" | "Window Covering", _) => {}
        (serde_json::Value::Bool(_), _, "off") | (serde_json::Value::Number(_), "Notification" | "Indicator", _) => {}
        (serde_json::Value::Bool(flag), ..) => assert!(told(&Value::Bool(*flag)), "{name}: {reports:?}"),
        (serde_json::Value::Number(number), ..) if !line.unit.is_empty() || line.class == "Configuration" => {
            assert!(told(&Value::Number(number.as_f64().unwrap())), "{name}: {reports:?}");
        }
        (serde_json::Value::String(words), "Node Naming and Location", _) => {
            assert!(told(&Value::text(words.as_str())), "{name}: {reports:?}");
        }
        _ => {}
    }
}

/// Nothing that the emulated nodes can be asked has a name with a fixed meaning and another kind or unit.
#[test]
fn names_with_a_fixed_meaning_have_it() {
    let all = super::values::everything();
    for endpoint in describe(&all) {
        for schema in endpoint.attributes {
            if let Some(meaning) = hub_model::attributes::semantic(schema.name.as_str()) {
                assert_eq!(schema.kind, meaning.kind, "{}", schema.name);
                assert_eq!(schema.unit.as_deref(), meaning.unit, "{}", schema.name);
            }
        }
    }
}
