//! Notifications: which events are values of which variable.

use super::node::Endpoint;
use super::reading::{Native, Property, Reading, Readings, pair_key};
use crate::command_class::notification::{Command, Event, IDLE, Notification, Parameter, UNKNOWN, event, events_of};
use crate::command_class::value::Names;
use crate::command_class::{Command as AnyCommand, CommandClass, user_code};

/// The key of the variable that an event is a value of: the type and the variable's first event.
pub(super) fn variable_key(event: &Event) -> Option<u16> {
    let variable = event.variable?;
    let first = events_of(event.notification_type).find(|other| other.variable == Some(variable))?;
    Some(pair_key(event.notification_type, first.number))
}

/// The key of the variable that an event of a type is a value of; none where it has no state, or is not known.
pub fn variable(notification_type: u8, number: u8) -> Option<u16> {
    event(notification_type, number).and_then(variable_key)
}

/// The events that are values of a variable.
pub(super) fn events_of_variable(key: u16) -> impl Iterator<Item = &'static Event> {
    let [notification_type, number] = key.to_be_bytes();
    let variable = event(notification_type, number).and_then(|event| event.variable);
    events_of(notification_type).filter(move |event| variable.is_some() && event.variable == variable)
}

/// The table of a variable whose one event says by its parameter how it is.
pub(super) fn by_parameter(key: u16) -> Option<Names> {
    let mut events = events_of_variable(key);
    match (events.next(), events.next()) {
        (Some(Event { has_idle: false, parameter: Parameter::OneOf(names), .. }), None) => Some(names),
        _ => None,
    }
}

/// Variables of a type of which an endpoint has an event; all of them where it is not known which it has.
pub(super) fn variables(endpoint: &Endpoint, notification_type: u8) -> Vec<u16> {
    let known = endpoint.notifications.get(&notification_type).filter(|events| !events.is_empty());
    let mut keys: Vec<u16> = events_of(notification_type)
        .filter(|event| known.is_none_or(|known| known.contains(&event.number)))
        .filter_map(variable_key)
        .collect();
    keys.sort_unstable();
    keys.dedup();
    keys
}

pub(super) fn readings(endpoint: &Endpoint, command: &Command) -> Vec<Reading> {
    let of = Readings::of(CommandClass::NOTIFICATION);
    match command {
        Command::AlarmReport(alarm) => {
            of.choice(Property::AlarmType, alarm.alarm_type).choice(Property::AlarmLevel, alarm.level).done()
        }
        Command::Report(report) => {
            let of = match (report.alarm.alarm_type, report.alarm.level) {
                (0, 0) => of,
                (alarm_type, level) => of.choice(Property::AlarmType, alarm_type).choice(Property::AlarmLevel, level),
            };
            match report.event {
                IDLE => ended(of, endpoint, report),
                UNKNOWN => set_all(of, endpoint, report.notification_type, false, &Native::Unknown),
                _ => happened(of, report),
            }
            .done()
        }
        _ => Vec::new(),
    }
}

/// A state ended: the one whose event is the parameter, or all of them.
fn ended(of: Readings, endpoint: &Endpoint, report: &Notification) -> Readings {
    let ended = report.parameters.first().and_then(|number| event(report.notification_type, *number));
    match ended.and_then(variable_key) {
        Some(key) => of.keyed(Property::State, key, Native::Choice(0), None),
        None => set_all(of, endpoint, report.notification_type, true, &Native::Choice(0)),
    }
}

fn set_all(
    of: Readings,
    endpoint: &Endpoint,
    notification_type: u8,
    only_with_idle: bool,
    native: &Native,
) -> Readings {
    let has_idle = |key: &u16| events_of_variable(*key).any(|event| event.has_idle);
    let variables = variables(endpoint, notification_type).into_iter();
    variables
        .filter(|key| !only_with_idle || has_idle(key))
        .fold(of, |of, key| of.keyed(Property::State, key, native.clone(), None))
}

fn happened(of: Readings, report: &Notification) -> Readings {
    let (notification_type, number) = (report.notification_type, report.event);
    let known = event(notification_type, number);
    if let Some(key) = known.and_then(variable_key) {
        let choice = match (by_parameter(key), report.parameters.first()) {
            (Some(_), Some(parameter)) => *parameter,
            _ => number,
        };
        return of.keyed(Property::State, key, Native::Choice(u16::from(choice)), None);
    }
    let word = happening_word(notification_type, number).unwrap_or_default();
    // The user goes before the event, so that a rule that waits for the event finds it.
    let of = match user(report) {
        Some(user) => of.add(Property::EventUser, Native::Number(f64::from(user))),
        None => of,
    };
    of.add(Property::Event, Native::Text(word))
}

/// The word for an event that has no state; none = it is a value of a variable.
pub(super) fn happening_word(notification_type: u8, number: u8) -> Option<String> {
    match event(notification_type, number) {
        Some(event) => event.variable.is_none().then(|| super::own_names::event_word(event)),
        None => Some(format!("notification_{notification_type}_event_{number}")),
    }
}

/// The user that an event of a lock names: as a report of User Code, or as its number.
fn user(report: &Notification) -> Option<u16> {
    // Access Control.
    if report.notification_type != 0x06 {
        return None;
    }
    match AnyCommand::decode(0, &report.parameters) {
        Ok(AnyCommand::UserCode(user_code::Command::Report { user, .. })) => Some(u16::from(user)),
        _ => match *report.parameters.as_slice() {
            [user] => Some(u16::from(user)),
            [high, low] => Some(u16::from_be_bytes([high, low])),
            _ => None,
        },
    }
}
