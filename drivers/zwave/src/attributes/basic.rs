//! Basic: the same value as that of another class, or something that was done at a remote.

use serde::Deserialize;

use super::node::{Endpoint, Node};
use super::reading::{Native, Property, Reading, Readings};
use crate::command_class::value::Level;
use crate::command_class::{Command, CommandClass, basic, binary_sensor, binary_switch, multilevel_switch};

/// What a Basic Set from a node means.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize)]
pub enum BasicSet {
    /// From a sensor or switch its value, from anything else an event.
    #[default]
    #[serde(rename = "auto")]
    Automatic,
    /// Always the value of the device.
    #[serde(rename = "report")]
    Report,
    /// Always an event.
    #[serde(rename = "event")]
    Event,
    /// Whether a Binary Sensor detects something.
    #[serde(rename = "Binary Sensor")]
    BinarySensor,
}

/// What a Basic Report from a node means.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize)]
pub enum BasicReport {
    /// The value of the class that Basic stands for.
    #[default]
    #[serde(rename = "auto")]
    Automatic,
    /// A value of its own.
    #[serde(rename = "report")]
    OfItsOwn,
    /// Whether a Binary Sensor detects something.
    #[serde(rename = "Binary Sensor")]
    BinarySensor,
}

/// The classes that Basic stands for, the first that an endpoint has.
const STANDS_FOR: &[CommandClass] =
    &[CommandClass::MULTILEVEL_SWITCH, CommandClass::BINARY_SWITCH, CommandClass::BINARY_SENSOR];
/// Generic device class: Sensor Binary.
const BINARY_SENSOR: u8 = 0x20;
/// Generic device class: Sensor Notification.
const NOTIFICATION_SENSOR: u8 = 0x07;

/// What a Basic Report or Set from an endpoint says.
pub(super) fn readings(node: &Node, endpoint: &Endpoint, command: &basic::Command) -> Vec<Reading> {
    let is_sensor = matches!(endpoint.generic, BINARY_SENSOR | NOTIFICATION_SENSOR);
    match *command {
        basic::Command::Report { current, .. } => match node.basic_report {
            BasicReport::Automatic => value(endpoint, current),
            BasicReport::OfItsOwn => of_its_own(current),
            BasicReport::BinarySensor => sensor(endpoint, current),
        },
        basic::Command::Set { value: level } => match node.basic_set {
            BasicSet::Report => value(endpoint, level),
            BasicSet::BinarySensor => sensor(endpoint, level),
            BasicSet::Automatic if is_sensor => sensor(endpoint, level),
            BasicSet::Automatic if STANDS_FOR.iter().any(|class| endpoint.has(*class)) => value(endpoint, level),
            BasicSet::Automatic | BasicSet::Event => event(level),
        },
        basic::Command::Get => Vec::new(),
    }
}

/// The value of the class that Basic stands for, or of Basic itself.
fn value(endpoint: &Endpoint, level: Level) -> Vec<Reading> {
    match STANDS_FOR.iter().find(|class| endpoint.has(**class)) {
        Some(&CommandClass::BINARY_SENSOR) => sensor(endpoint, level),
        Some(&class) => Readings::of(class).add(Property::Current, Native::Level(level)).done(),
        None => of_its_own(level),
    }
}

fn of_its_own(level: Level) -> Vec<Reading> {
    Readings::of(CommandClass::BASIC).add(Property::Current, Native::Level(level)).done()
}

fn sensor(endpoint: &Endpoint, level: Level) -> Vec<Reading> {
    let report = binary_sensor::Command::Report { detected: level.0 != 0, sensor_type: None };
    super::reading::readings(endpoint, &Command::BinarySensor(report))
}

/// On, off or a level, as something that was done.
fn event(level: Level) -> Vec<Reading> {
    let word = match level {
        Level::OFF => "off",
        Level::ON => "on",
        _ => "level",
    };
    let of = Readings::of(CommandClass::BASIC);
    let of = match level {
        Level::OFF | Level::ON => of,
        Level(level) => of.add(Property::EventLevel, Native::Number(f64::from(level))),
    };
    of.add(Property::Event, Native::Text(word.to_owned())).done()
}

/// A wish for a switch, from a node that has this controller among its associations and none of the classes above.
pub(super) fn events(command: &Command) -> Option<Vec<Reading>> {
    match command {
        Command::BinarySwitch(binary_switch::Command::Set { target, .. })
        | Command::MultilevelSwitch(multilevel_switch::Command::Set { target, .. }) => Some(event(*target)),
        Command::MultilevelSwitch(multilevel_switch::Command::StartLevelChange { direction, .. }) => {
            let word = match direction {
                crate::command_class::value::Direction::Up => "brightness_move_up",
                crate::command_class::value::Direction::Down => "brightness_move_down",
            };
            Some(Readings::of(CommandClass::BASIC).add(Property::Event, Native::Text(word.to_owned())).done())
        }
        Command::MultilevelSwitch(multilevel_switch::Command::StopLevelChange) => {
            let word = "brightness_stop".to_owned();
            Some(Readings::of(CommandClass::BASIC).add(Property::Event, Native::Text(word)).done())
        }
        _ => None,
    }
}
