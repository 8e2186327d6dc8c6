//! Names, kinds and units of values that the table does not have: the specification's own.

use hub_model::Kind;

use super::names::{Access, Conversion, KEYED_NAMES, USER_STATUSES};
use super::notification::{by_parameter, events_of_variable};
use super::reading::{Property as P, Source};
use crate::command_class::notification::{self, Event};
use crate::command_class::value::name_of;
use crate::command_class::{CommandClass, indicator, meter, multilevel_sensor};

/// What a value is called that the table does not have.
pub(super) struct Own {
    pub(super) name: String,
    pub(super) kind: Kind,
    pub(super) conversion: Conversion,
    pub(super) access: Access,
}

/// A name in small letters, digits and `_`.
pub fn slug(name: &str) -> String {
    // Where it is told is no part of what it is.
    let name = name.replace(" (location provided)", "");
    let mut slug = String::new();
    for letter in name.chars().flat_map(char::to_lowercase) {
        match letter {
            'a'..='z' | '0'..='9' => slug.push(letter),
            _ if !slug.ends_with('_') => slug.push('_'),
            _ => {}
        }
    }
    slug.trim_matches('_').to_owned()
}

/// The word for an event.
pub(super) fn event_word(event: &Event) -> String {
    slug(event.name)
}

/// The words of a variable of Notification, by number.
pub(super) fn state_words(key: u16) -> Vec<(u16, String)> {
    if let Some(names) = by_parameter(key) {
        return names.iter().map(|(number, name)| (u16::from(*number), slug(name))).collect();
    }
    let has_idle = events_of_variable(key).any(|event| event.has_idle);
    let idle = has_idle.then(|| (0, "idle".to_owned()));
    idle.into_iter().chain(events_of_variable(key).map(|event| (u16::from(event.number), event_word(event)))).collect()
}

/// What a source is called.
pub(super) fn own(source: Source) -> Own {
    let Source { class, property, key } = source;
    let (name, kind, conversion, access) = match property {
        P::Sensor => (sensor_name(key), Kind::Number, Conversion::Plain, Access::Told),
        P::Meter => (meter_name(key), Kind::Number, Conversion::Plain, Access::Told),
        P::State => (state_name(key), Kind::Enum, Conversion::State, Access::Told),
        P::Component => (keyed(source, "color_component"), Kind::Number, Conversion::Plain, Access::Set),
        P::Setpoint => (keyed(source, "setpoint") + "_setpoint", Kind::Number, Conversion::Plain, Access::Set),
        P::Position => (keyed(source, "position"), Kind::Number, Conversion::Percent, Access::Set),
        P::Move => (keyed(source, "move") + "_command", Kind::Enum, Conversion::CoverCommand, Access::SetOnly),
        P::Production => (keyed(source, "production"), Kind::Number, Conversion::Plain, Access::Told),
        P::Signal => (keyed(source, "barrier") + "_signal", Kind::Bool, Conversion::Plain, Access::Setting),
        P::Parameter => (format!("parameter_{key}"), Kind::Number, Conversion::Plain, Access::Setting),
        P::UserStatus => {
            (format!("user_{key}_status"), Kind::Enum, Conversion::Named(USER_STATUSES), Access::Diagnostic)
        }
        P::Indicator => indicator_name(key),
        P::Current if matches!(class, CommandClass::BINARY_SENSOR | CommandClass::ALARM_SENSOR) => {
            (keyed(source, "sensor"), Kind::Bool, Conversion::Plain, Access::Told)
        }
        _ => {
            let class = class.name().map_or_else(|| format!("class_{}", class.0), slug);
            (format!("{class}_{}", slug(&format!("{property:?}"))), Kind::Number, Conversion::Plain, Access::Diagnostic)
        }
    };
    Own { name, kind, conversion, access }
}

/// The specification's name for one of several, or its number.
fn keyed(source: Source, otherwise: &str) -> String {
    let table = KEYED_NAMES.iter().find(|row| row.0 == source.class && row.1 == source.property);
    let name = table.and_then(|row| name_of(row.2, u8::try_from(source.key).ok()?));
    name.map_or_else(|| format!("{otherwise}_{}", source.key), slug)
}

fn sensor_name(key: u16) -> String {
    let sensor_type = u8::try_from(key).ok().and_then(multilevel_sensor::sensor_type);
    sensor_type.map_or_else(|| format!("sensor_{key}"), |sensor_type| slug(sensor_type.name))
}

fn meter_name(key: u16) -> String {
    let (meter_type, rate, scale) = ((key >> 11) as u8, key >> 9 & 0b11, key & 0x1ff);
    let kind = name_of(meter::TYPES, meter_type).map_or_else(|| format!("meter_{meter_type}"), slug);
    let scale = match u8::try_from(scale).ok().and_then(|scale| meter::scale(meter_type, scale)) {
        Some((name, _)) => slug(name),
        None => format!("scale_{scale}"),
    };
    let rate = if rate == 2 { "_produced" } else { "" };
    format!("{kind}_{scale}{rate}")
}

fn state_name(key: u16) -> String {
    let [notification_type, number] = key.to_be_bytes();
    let kind = name_of(notification::TYPES, notification_type);
    let kind = kind.map_or_else(|| format!("notification_{notification_type}"), slug);
    match notification::event(notification_type, number).and_then(|event| event.variable) {
        Some(variable) => format!("{kind}_{}", slug(variable)),
        None => format!("{kind}_{number}"),
    }
}

fn indicator_name(key: u16) -> (String, Kind, Conversion, Access) {
    let [number, property] = key.to_be_bytes();
    let name = name_of(indicator::INDICATORS, number).map_or_else(|| format!("indicator_{number}"), slug);
    let of = name_of(indicator::PROPERTIES, property).map_or_else(|| format!("property_{property}"), slug);
    let kind = if property == indicator::BINARY { Kind::Bool } else { Kind::Number };
    (format!("{name}_{of}"), kind, Conversion::Plain, Access::Setting)
}
