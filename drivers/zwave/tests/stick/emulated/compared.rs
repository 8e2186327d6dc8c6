//! What zwave-js knows of a value beside what Hearth knows, and why where they differ.

use std::fmt::Write;

use hub_model::Value;
use serde_json::Value as Json;

use crate::support::Hub;

/// A value as zwave-js has it.
#[derive(Clone, Debug)]
pub(crate) struct Theirs {
    pub(crate) node: u16,
    pub(crate) class: String,
    pub(crate) endpoint: u16,
    /// With its key: `setpoint/1`.
    pub(crate) property: String,
    pub(crate) value: Json,
}

/// How a value of zwave-js becomes one of Hearth.
#[derive(Clone, Copy, Debug)]
enum As {
    /// As it is.
    Same,
    /// 99 is 100 %.
    Percent,
    /// A brightness: 0 is off.
    Brightness,
    /// It is what the other is not.
    Not,
    /// The number of a state, of which 0 is «nothing».
    State,
    /// One of these words.
    Word(&'static [(&'static str, &'static str)]),
    /// Yes, if it is this word.
    IsWord(&'static str),
    /// The bits of a list of truths.
    Bits,
    /// It grows while it is looked at.
    Growing,
}

/// Class, property, Hearth's attribute, and how one becomes the other.
#[rustfmt::skip]
const ROWS: &[(&str, &str, &str, As)] = &[
    ("Binary Switch", "currentValue", "on", As::Same),
    ("Multilevel Switch", "currentValue", "brightness", As::Brightness),
    ("Binary Sensor", "Door/Window", "open", As::Same),
    ("Multilevel Sensor", "Air temperature", "temperature", As::Same),
    ("Multilevel Sensor", "Illuminance", "illuminance", As::Same),
    ("Multilevel Sensor", "Humidity", "humidity", As::Same),
    ("Meter", "value/65537", "energy", As::Growing),
    ("Meter", "value/66049", "power", As::Same),
    ("Door Lock", "currentMode", "lock_mode", As::Word(&[("0", "unsecured"), ("255", "secured")])),
    ("Door Lock", "operationType", "lock_operation_type", As::Word(&[("1", "constant_operation"), ("2", "timed_operation")])),
    ("Door Lock", "doorStatus", "open", As::IsWord("open")),
    ("Door Lock", "boltStatus", "bolt_locked", As::IsWord("locked")),
    ("Door Lock", "insideHandlesCanOpenDoor", "inside_handles", As::Bits),
    ("Door Lock", "outsideHandlesCanOpenDoor", "outside_handles", As::Bits),
    ("Door Lock", "insideHandlesCanOpenDoorConfiguration", "inside_handles_allowed", As::Bits),
    ("Door Lock", "outsideHandlesCanOpenDoorConfiguration", "outside_handles_allowed", As::Bits),
    ("Notification", "Access Control/Lock state", "lock_jammed", As::State),
    ("Notification", "Home Security/Cover status", "tamper", As::State),
    ("Notification", "Home Security/Motion sensor status", "occupancy", As::State),
    ("Battery", "level", "battery", As::Same),
    ("Wake Up", "wakeUpInterval", "wake_up_interval", As::Same),
    ("Thermostat Mode", "mode", "hvac_mode", As::Word(&[("0", "off"), ("1", "heat"), ("2", "cool"), ("3", "auto")])),
    ("Thermostat Operating State", "state", "hvac_action", As::Word(&[("0", "idle"), ("1", "heat"), ("2", "cool")])),
    ("Thermostat Setpoint", "setpoint/1", "heating_setpoint", As::Same),
    ("Thermostat Setpoint", "setpoint/2", "cooling_setpoint", As::Same),
    ("Thermostat Fan Mode", "mode", "fan_mode", As::Word(&[("0", "auto_low"), ("1", "low"), ("6", "circulation")])),
    ("Thermostat Fan Mode", "off", "fan_on", As::Not),
    ("Color Switch", "currentColor/0", "warm_white", As::Same),
    ("Color Switch", "currentColor/2", "red", As::Same),
    ("Color Switch", "currentColor/3", "green", As::Same),
    ("Color Switch", "currentColor/4", "blue", As::Same),
    ("Window Covering", "currentValue/13", "position", As::Percent),
    ("Window Covering", "currentValue/23", "tilt", As::Percent),
    ("Configuration", "1", "parameter_1", As::Same),
    ("Configuration", "2", "parameter_2", As::Same),
    ("Configuration", "3", "parameter_3", As::Same),
    ("Node Naming and Location", "name", "name", As::Same),
    ("Node Naming and Location", "location", "location", As::Same),
    ("Sound Switch", "defaultToneId", "default_melody", As::Word(&[("1", "Ding"), ("2", "Alarm")])),
    ("Sound Switch", "defaultVolume", "volume", As::Same),
];

const COMMANDED: &str = "what was commanded is the life of a command in Hearth, not a value";
const IN_COLOR: &str = "the attribute `color` has it as hue and saturation; its parts are compared";
const NUMBERED_ALARM: &str = "the report carries a notification, whose attribute is compared; the number is for old devices that have nothing else";

/// Class, property and why Hearth has no such attribute. An empty class or property is any.
#[rustfmt::skip]
const REASONS: &[(&str, &str, &str)] = &[
    ("", "targetValue", COMMANDED),
    ("", "targetMode", COMMANDED),
    ("", "duration", "how long a command takes is part of its life in Hearth, not a value"),
    ("Color Switch", "currentColor", IN_COLOR),
    ("Color Switch", "hexColor", IN_COLOR),
    ("Notification", "alarmType", NUMBERED_ALARM),
    ("Notification", "alarmLevel", NUMBERED_ALARM),
    ("Wake Up", "controllerNodeId", "the driver sets it by itself, so that the device wakes for this hub"),
];

const NO_VALUE: &str = "zwave-js has no value either";

/// What is compared, and what is not and why.
#[derive(Debug, Default)]
pub(crate) struct Comparison {
    equal: Vec<String>,
    without: Vec<String>,
    /// Both have it, and not the same.
    pub(crate) unequal: Vec<String>,
    /// Nobody says why Hearth does not have it.
    pub(crate) unexplained: Vec<String>,
}

impl Comparison {
    pub(crate) fn of(hub: &Hub, theirs: &[Theirs]) -> Self {
        let mut comparison = Self::default();
        theirs.iter().for_each(|theirs| comparison.add(hub, theirs));
        comparison
    }

    fn add(&mut self, hub: &Hub, theirs: &Theirs) {
        let Theirs { node, class, endpoint, property, value } = theirs;
        let place = format!("{node} | {endpoint} | {class} {property}");
        let Some((.., attribute, conversion)) = ROWS.iter().find(|row| row.0 == *class && row.1 == *property) else {
            let base = property.split('/').next().unwrap_or_default();
            let reasons = REASONS.iter().filter(|row| row.0.is_empty() || row.0 == *class);
            let reason = reasons.map(|row| (row.1, row.2)).find(|row| row.0 == base).map(|row| row.1);
            match reason.or(value.is_null().then_some(NO_VALUE)) {
                Some(reason) => self.without.push(format!("| {place} | {value} | {reason} |")),
                None => self.unexplained.push(format!("{place} = {value}")),
            }
            return;
        };
        let attribute = if matches!(conversion, As::Brightness) && value == 0 { "on" } else { attribute };
        let ours = hub.value(*node, *endpoint, attribute);
        match (ours, conversion) {
            (Some(Value::Number(number)), As::Growing) if *number >= 0.0 => {
                self.equal.push(format!("| {place} | grows | {attribute} |"));
            }
            (Some(ours), _) if is_same(*conversion, value, ours) => {
                self.equal.push(format!("| {place} | {value} | {attribute} = {ours} |"));
            }
            (None, _) if value.is_null() => self.without.push(format!("| {place} | {value} | {NO_VALUE} |")),
            (ours, _) => {
                let ours = ours.map_or("nothing".to_owned(), ToString::to_string);
                self.unequal.push(format!("{place} = {value}, and here {attribute} = {ours}"));
            }
        }
    }

    /// As a document.
    pub(crate) fn table(&self) -> String {
        let mut text = String::new();
        writeln!(text, "## Equal: {} values\n", self.equal.len()).unwrap();
        writeln!(text, "| node | endpoint | zwave-js | its value | Hearth |\n|---|---|---|---|---|").unwrap();
        self.equal.iter().for_each(|line| writeln!(text, "{line}").unwrap());
        writeln!(text, "\n## Different: {} values\n", self.without.len()).unwrap();
        writeln!(
            text,
            "| node | endpoint | zwave-js | its value | why it is no attribute here |\n|---|---|---|---|---|"
        )
        .unwrap();
        self.without.iter().for_each(|line| writeln!(text, "{line}").unwrap());
        text
    }
}

fn is_same(conversion: As, theirs: &Json, ours: &Value) -> bool {
    let number = theirs.as_f64().unwrap_or_default();
    let is_near = |wanted: f64| matches!(ours, Value::Number(value) if (value - wanted).abs() < 0.001);
    let flag = |wanted: bool| *ours == Value::Bool(wanted);
    match conversion {
        As::Same => match theirs {
            Json::Bool(wanted) => flag(*wanted),
            Json::Number(_) => is_near(number),
            Json::String(wanted) => *ours == Value::text(wanted.as_str()),
            _ => false,
        },
        As::Brightness if number == 0.0 => flag(false),
        As::Percent | As::Brightness => is_near(number * 100.0 / 99.0),
        As::Not => theirs.as_bool().is_some_and(|off| flag(!off)),
        As::State => flag(number != 0.0),
        As::Word(words) => {
            let theirs = theirs.to_string();
            words.iter().any(|(number, word)| theirs == *number && *ours == Value::text(*word))
        }
        As::IsWord(word) => flag(theirs == word),
        As::Bits => theirs.as_array().is_some_and(|list| {
            let bits = list.iter().enumerate().map(|(place, bit)| u32::from(bit == true) << place);
            is_near(f64::from(bits.sum::<u32>()))
        }),
        As::Growing => false,
    }
}

/// The values of `tests/data/reference-values.txt`.
pub(crate) fn reference() -> Vec<Theirs> {
    let mut values = Vec::new();
    let mut node = 0;
    for line in include_str!("../../data/reference-values.txt").lines() {
        if let Some(title) = line.strip_prefix("== node ") {
            node = title.split(':').next().unwrap().parse().unwrap();
            continue;
        }
        // `   Binary Switch 0 currentValue boolean R = false   "Current value"`.
        let Some((left, right)) = line.trim().split_once(" = ") else { continue };
        let (left, _access) = left.rsplit_once(' ').unwrap();
        let (left, _kind) = left.rsplit_once(' ').unwrap();
        // Classes have no numbers in their names; what follows the first one is the property.
        let words: Vec<&str> = left.split(' ').collect();
        let place = words.iter().position(|word| word.parse::<u16>().is_ok()).unwrap();
        let value = serde_json::Deserializer::from_str(right).into_iter::<Json>().next().unwrap().unwrap();
        values.push(Theirs {
            node,
            class: words[..place].join(" "),
            endpoint: words[place].parse().unwrap(),
            property: words[place + 1..].join(" "),
            value,
        });
    }
    values
}
