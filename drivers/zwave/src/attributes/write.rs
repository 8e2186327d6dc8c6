//! From wishes to commands.

use std::time::Duration as Time;

use hub_model::command::Setting;
use hub_model::{AttributeName, Value};

use super::conversion::encode;
use super::describe::{entries_of, fill};
use super::mapping::Entry;
use super::names::Conversion;
use super::node::{Endpoint, Node};
use super::parameter;
use super::reading::{Native, Property as P, Source};
use crate::command_class::value::{Direction, Duration, EncodedText, Level, ScaledNumber};
use crate::command_class::{
    Command, CommandClass as C, barrier_operator, basic, basic_window_covering, binary_switch, central_scene,
    color_switch, door_lock, humidity_control_mode, humidity_control_setpoint, indicator, irrigation, lock, meter,
    multilevel_switch, node_naming_and_location, protection, sound_switch, thermostat_fan_mode, thermostat_mode,
    thermostat_setpoint, user_code, wake_up, window_covering,
};

/// A wish that cannot be sent.
#[derive(Clone, PartialEq, Debug, thiserror::Error)]
pub enum WriteError {
    /// The endpoint is not there.
    #[error("the node has no endpoint {0}")]
    NoEndpoint(u8),
    /// The endpoint has no such attribute, or it cannot be set.
    #[error("{0} cannot be set on this endpoint")]
    NotWritable(AttributeName),
    /// The value does not fit.
    #[error("{attribute} cannot be {value}")]
    Unfit {
        /// The attribute.
        attribute: AttributeName,
        /// The value.
        value: Value,
    },
    /// Something that must be sent with it is not known yet.
    #[error("{attribute} can be set when {missing} of the device is known; ask the device what it is and try again")]
    NotKnownYet {
        /// The attribute.
        attribute: AttributeName,
        /// What is missing.
        missing: &'static str,
    },
}

/// The commands that set an attribute of an endpoint, in order, without encapsulation. Numbers are clamped to the
/// attribute's range; a transition is left out where the class's version has none.
pub fn commands(
    node: &Node,
    endpoint: u8,
    attribute: &AttributeName,
    value: &Value,
    transition: Option<Time>,
) -> Result<Vec<Command>, WriteError> {
    let (known, entry, native) = resolve(node, endpoint, attribute, value)?;
    let not_known = |missing| WriteError::NotKnownYet { attribute: attribute.clone(), missing };
    match write(&entry, known, &native, transition) {
        Some(commands) => Ok(commands),
        None if entry.source.class == C::CONFIGURATION => Err(not_known("the rest of the parameter")),
        None if entry.source.class == C::DOOR_LOCK => Err(not_known("the configuration")),
        None if entry.source.class == C::PROTECTION => Err(not_known("the protection")),
        None if entry.source.class == C::SOUND_SWITCH => Err(not_known("the sound's configuration")),
        None => Err(WriteError::Unfit { attribute: attribute.clone(), value: value.clone() }),
    }
}

/// The value of a class that a wish for an attribute of an endpoint comes to, for bridges that make the command
/// themselves.
///
/// # Errors
/// When the endpoint has no such attribute, or the value does not fit it.
pub fn wish(
    node: &Node,
    endpoint: u8,
    attribute: &AttributeName,
    value: &Value,
) -> Result<(Source, Native), WriteError> {
    resolve(node, endpoint, attribute, value).map(|(_, entry, native)| (entry.source, native))
}

/// The wishes of one command without those that others of them say better. The level of an endpoint is one value, which
/// can be wished as «on» and as a brightness at once: off wins, and a brightness says that it is on.
pub fn without_doubles<'wish>(node: &Node, settings: &'wish [Setting]) -> Vec<&'wish Setting> {
    let level = |setting: &Setting| {
        let endpoint = u8::try_from(setting.endpoint).ok()?;
        match wish(node, endpoint, &setting.attribute, &setting.value).ok()? {
            (source, Native::Level(level)) => Some((endpoint, source, level)),
            _ => None,
        }
    };
    let levels: Vec<Option<(u8, Source, Level)>> = settings.iter().map(level).collect();
    let is_said_better = |(place, of): (usize, &Option<(u8, Source, Level)>)| {
        let Some((endpoint, source, level)) = of else { return false };
        let rank = |level: Level| match level {
            Level::OFF => 2,
            Level::ON => 0,
            _ => 1,
        };
        levels.iter().enumerate().any(|(other_place, other)| {
            other.is_some_and(|(other_endpoint, other_source, other)| {
                (other_endpoint, other_source) == (*endpoint, *source)
                    && (rank(other), other_place) > (rank(*level), place)
            })
        })
    };
    let places = levels.iter().enumerate().filter(|(place, of)| !is_said_better((*place, of)));
    places.filter_map(|(place, _)| settings.get(place)).collect()
}

fn resolve<'node>(
    node: &'node Node,
    endpoint: u8,
    attribute: &AttributeName,
    value: &Value,
) -> Result<(&'node Endpoint, Entry, Native), WriteError> {
    let known = node.endpoints.get(&endpoint).ok_or(WriteError::NoEndpoint(endpoint))?;
    let entry = entries_of(node, endpoint, known)
        .into_iter()
        .filter(|entry| entry.schema.name == *attribute)
        .map(|mut entry| {
            fill(&mut entry, known);
            entry
        })
        .find(|entry| entry.schema.access.write)
        .ok_or_else(|| WriteError::NotWritable(attribute.clone()))?;
    let unfit = || WriteError::Unfit { attribute: attribute.clone(), value: value.clone() };
    let native = encode(&entry, known, value).ok_or_else(unfit)?;
    Ok((known, entry, native))
}

/// A transition as a class's version can say it: from which version on, and what stands there without one.
fn duration(endpoint: &Endpoint, class: C, since: u8, transition: Option<Time>) -> Option<Duration> {
    (endpoint.version(class) >= since).then(|| match transition {
        Some(transition) => Duration::from_milliseconds(u64::try_from(transition.as_millis()).unwrap_or(u64::MAX)),
        None => Duration::FACTORY_DEFAULT,
    })
}

fn write(entry: &Entry, endpoint: &Endpoint, native: &Native, transition: Option<Time>) -> Option<Vec<Command>> {
    let (class, property, key) = (entry.source.class, entry.source.property, entry.source.key);
    let byte = u8::try_from(key).unwrap_or_default();
    let one = |command| Some(vec![command]);
    match (class, property, native) {
        (C::BINARY_SWITCH, _, Native::Level(target)) => {
            let duration = duration(endpoint, class, 2, transition);
            one(Command::BinarySwitch(binary_switch::Command::Set { target: *target, duration }))
        }
        (C::MULTILEVEL_SWITCH, P::Current, Native::Level(target)) => {
            let duration = duration(endpoint, class, 2, transition);
            one(Command::MultilevelSwitch(multilevel_switch::Command::Set { target: *target, duration }))
        }
        (C::MULTILEVEL_SWITCH, P::Move, Native::Text(word)) => one(move_level(endpoint, word, transition)),
        (C::BASIC, _, Native::Level(value)) => one(Command::Basic(basic::Command::Set { value: *value })),
        (C::COLOR_SWITCH, _, _) => write_color(endpoint, property, byte, native, transition),
        (C::WINDOW_COVERING, P::Position, Native::Level(value)) => {
            let positions = vec![window_covering::Position { parameter: byte, value: *value }];
            let duration = duration(endpoint, class, 1, transition);
            one(Command::WindowCovering(window_covering::Command::Set { positions, duration }))
        }
        (C::WINDOW_COVERING, P::Move, Native::Text(word)) => one(move_covering(endpoint, byte, word, transition)),
        (C::BASIC_WINDOW_COVERING, _, Native::Text(word)) => {
            let direction = if word == "open" { Direction::Up } else { Direction::Down };
            one(Command::BasicWindowCovering(match word.as_str() {
                "stop" => basic_window_covering::Command::StopLevelChange,
                _ => basic_window_covering::Command::StartLevelChange { direction },
            }))
        }
        (C::BARRIER_OPERATOR, P::Current, Native::Choice(state)) => one(barrier(*state != 0)),
        (C::BARRIER_OPERATOR, P::Move, Native::Text(word)) if word != "stop" => one(barrier(word == "open")),
        (C::BARRIER_OPERATOR, P::Signal, Native::Flag(on)) => {
            one(Command::BarrierOperator(barrier_operator::Command::EventSignalingSet { signal: byte, on: *on }))
        }
        (C::THERMOSTAT_MODE, _, Native::Choice(mode)) => {
            let (mode, manufacturer_data) = (u8::try_from(*mode).ok()?, Vec::new());
            one(Command::ThermostatMode(thermostat_mode::Command::Set { mode, manufacturer_data }))
        }
        (C::THERMOSTAT_FAN_MODE, P::Mode, Native::Choice(mode)) => {
            let mode = u8::try_from(*mode).ok()?;
            one(Command::ThermostatFanMode(thermostat_fan_mode::Command::Set { mode, off: false }))
        }
        (C::THERMOSTAT_FAN_MODE, P::FanOff, Native::Flag(off)) => {
            let mode = endpoint.fan_mode.unwrap_or_default();
            one(Command::ThermostatFanMode(thermostat_fan_mode::Command::Set { mode, off: *off }))
        }
        (C::THERMOSTAT_SETPOINT, _, Native::Number(number)) => {
            let value = scaled(
                endpoint,
                *number,
                endpoint
                    .setpoints
                    .get(&byte)
                    .and_then(|setpoint| setpoint.value.or(setpoint.range.map(|range| range.0))),
            );
            one(Command::ThermostatSetpoint(thermostat_setpoint::Command::Set { setpoint_type: byte, value }))
        }
        (C::HUMIDITY_CONTROL_MODE, _, Native::Choice(mode)) => {
            let mode = u8::try_from(*mode).ok()?;
            one(Command::HumidityControlMode(humidity_control_mode::Command::Set { mode }))
        }
        (C::HUMIDITY_CONTROL_SETPOINT, _, Native::Number(number)) => {
            let value = scaled(
                endpoint,
                *number,
                endpoint
                    .humidity_setpoints
                    .get(&byte)
                    .and_then(|setpoint| setpoint.value.or(setpoint.range.map(|range| range.0))),
            );
            one(Command::HumidityControlSetpoint(humidity_control_setpoint::Command::Set {
                setpoint_type: byte,
                value,
            }))
        }
        (C::DOOR_LOCK, P::Mode, Native::Choice(mode)) => {
            one(Command::DoorLock(door_lock::Command::OperationSet { mode: u8::try_from(*mode).ok()? }))
        }
        (C::DOOR_LOCK, ..) => one(configure_lock(endpoint, property, native)?),
        (C::IRRIGATION, _, Native::Number(hours)) => {
            one(Command::Irrigation(irrigation::Command::SystemShutoff { hours: hours.round() as u8 }))
        }
        (C::LOCK, _, Native::Flag(locked)) => one(Command::Lock(lock::Command::Set { locked: *locked })),
        (C::USER_CODE, _, Native::Code { user, is_enabled, code }) => {
            one(user_code_command(*user, *is_enabled, code.as_ref()))
        }
        (C::SOUND_SWITCH, ..) => one(write_sound(endpoint, property, native)?),
        (C::INDICATOR, ..) => one(write_indicator(property, key, native)?),
        (C::PROTECTION, _, Native::Choice(state)) => one(protect(endpoint, entry, *state)?),
        (C::CONFIGURATION, _, Native::Number(number)) => one(parameter::write(endpoint, entry.source, *number)?),
        (C::NODE_NAMING_AND_LOCATION, P::Name, Native::Text(text)) => {
            let name = EncodedText::new(text);
            one(Command::NodeNamingAndLocation(node_naming_and_location::Command::NameSet { name }))
        }
        (C::NODE_NAMING_AND_LOCATION, _, Native::Text(text)) => {
            let location = EncodedText::new(text);
            one(Command::NodeNamingAndLocation(node_naming_and_location::Command::LocationSet { location }))
        }
        (C::WAKE_UP, _, Native::Number(seconds)) => {
            // Whom it tells stays as it is; the controller is node 1 where nothing else is known.
            let (seconds, node) = (whole(*seconds), endpoint.wake_up.map_or(1, |(_, node)| node));
            one(Command::WakeUp(wake_up::Command::IntervalSet { seconds, node }))
        }
        (C::CENTRAL_SCENE, _, Native::Flag(slow_refresh)) => {
            one(Command::CentralScene(central_scene::Command::ConfigurationSet { slow_refresh: *slow_refresh }))
        }
        (C::METER, ..) => one(Command::Meter(meter::Command::Reset { to: None })),
        _ => None,
    }
}

/// A whole number from 0 on.
fn whole(number: f64) -> u32 {
    number.round() as u32
}

/// A whole number of 16 bits; what does not fit is clamped.
fn word(number: f64) -> u16 {
    number.round() as u16
}

/// A whole number of four bits; what does not fit is clamped.
fn nibble(number: f64) -> u8 {
    (number.round() as u8).min(15)
}

/// A number with decimals, scale and size as the device has them, unless it is known to want others.
fn scaled(endpoint: &Endpoint, number: f64, like: Option<ScaledNumber>) -> ScaledNumber {
    let like = like.unwrap_or(ScaledNumber { precision: 1, scale: 0, size: 2, number: 0 });
    let wants = endpoint.model.as_ref().and_then(|model| model.compat.override_float_encoding);
    let precision = wants.and_then(|wants| wants.precision).unwrap_or(like.precision);
    let size = wants.and_then(|wants| wants.size).unwrap_or(like.size);
    ScaledNumber::new(number, precision, like.scale, size)
}

fn move_level(endpoint: &Endpoint, word: &str, transition: Option<Time>) -> Command {
    let set = |target| {
        let duration = duration(endpoint, C::MULTILEVEL_SWITCH, 2, transition);
        multilevel_switch::Command::Set { target, duration }
    };
    Command::MultilevelSwitch(match word {
        "open" => set(Level::FULL),
        "close" => set(Level::OFF),
        _ => multilevel_switch::Command::StopLevelChange,
    })
}

fn move_covering(endpoint: &Endpoint, parameter: u8, word: &str, transition: Option<Time>) -> Command {
    let duration = duration(endpoint, C::WINDOW_COVERING, 1, transition);
    // A parameter with a position is sent to its end, so that it is known where it stops.
    let command = match (word, parameter % 2) {
        ("stop", _) => window_covering::Command::StopLevelChange { parameter },
        ("open", 1) => window_covering::Command::Set {
            positions: vec![window_covering::Position { parameter, value: Level::FULL }],
            duration,
        },
        (_, 1) => window_covering::Command::Set {
            positions: vec![window_covering::Position { parameter, value: Level::OFF }],
            duration,
        },
        (word, _) => {
            let direction = if word == "open" { Direction::Up } else { Direction::Down };
            window_covering::Command::StartLevelChange { direction, parameter, duration }
        }
    };
    Command::WindowCovering(command)
}

fn barrier(open: bool) -> Command {
    Command::BarrierOperator(barrier_operator::Command::Set { open })
}

/// Colours and whites exclude each other: what is not wanted is switched off.
fn write_color(
    endpoint: &Endpoint,
    property: P,
    component: u8,
    native: &Native,
    transition: Option<Time>,
) -> Option<Vec<Command>> {
    let wanted: Vec<(u8, u8)> = match (property, native) {
        (P::Color, Native::Channels(channels)) => {
            let colors = [color_switch::RED, color_switch::GREEN, color_switch::BLUE];
            [(color_switch::WARM_WHITE, 0), (color_switch::COLD_WHITE, 0)]
                .into_iter()
                .chain(colors.into_iter().zip(channels.iter().copied()))
                .collect()
        }
        (P::ColorTemperature, Native::Channels(channels)) => {
            let whites = [color_switch::WARM_WHITE, color_switch::COLD_WHITE];
            let off = [color_switch::RED, color_switch::GREEN, color_switch::BLUE].map(|color| (color, 0));
            whites.into_iter().zip(channels.iter().copied()).chain(off).collect()
        }
        // From 0 to 255.
        (P::Component, Native::Number(number)) => vec![(component, number.round() as u8)],
        _ => return None,
    };
    let components = wanted
        .into_iter()
        .filter(|(component, _)| endpoint.colors.contains_key(component))
        .map(|(component, value)| color_switch::Component { component, value })
        .collect();
    let duration = duration(endpoint, C::COLOR_SWITCH, 2, transition);
    Some(vec![Command::ColorSwitch(color_switch::Command::Set { components, duration })])
}

/// A lock takes its whole configuration at once, so that the rest must be known.
fn configure_lock(endpoint: &Endpoint, property: P, native: &Native) -> Option<Command> {
    let mut configuration = endpoint.lock_configuration?;
    let mut more = configuration.more.unwrap_or_default();
    match (property, native) {
        (P::OperationType, Native::Choice(operation_type)) => {
            configuration.operation_type = u8::try_from(*operation_type).ok()?;
            let is_timed = configuration.operation_type == 0x02;
            if is_timed && configuration.timeout.total_seconds().is_none() {
                configuration.timeout = door_lock::Timeout::of_seconds(30);
            }
            if !is_timed {
                configuration.timeout = door_lock::Timeout::NONE;
            }
        }
        // A time after which it locks is timed operation; 0 is never.
        (P::LockTimeoutConfiguration, Native::Number(seconds)) if word(*seconds) == 0 => {
            (configuration.operation_type, configuration.timeout) = (0x01, door_lock::Timeout::NONE);
        }
        (P::LockTimeoutConfiguration, Native::Number(seconds)) => {
            configuration.operation_type = 0x02;
            configuration.timeout = door_lock::Timeout::of_seconds(word(*seconds));
        }
        (P::InsideHandlesConfiguration, Native::Number(handles)) => configuration.handles.inside = nibble(*handles),
        (P::OutsideHandlesConfiguration, Native::Number(handles)) => configuration.handles.outside = nibble(*handles),
        (P::AutoRelockTime, Native::Number(seconds)) => more.auto_relock_time = word(*seconds),
        (P::HoldAndReleaseTime, Native::Number(seconds)) => more.hold_and_release_time = word(*seconds),
        (P::TwistAssist, Native::Flag(on)) => more.twist_assist = *on,
        (P::BlockToBlock, Native::Flag(on)) => more.block_to_block = *on,
        _ => return None,
    }
    configuration.more = (endpoint.version(C::DOOR_LOCK) >= 4).then_some(more);
    Some(Command::DoorLock(door_lock::Command::ConfigurationSet(configuration)))
}

fn user_code_command(user: u16, is_enabled: bool, code: Option<&user_code::Code>) -> Command {
    let status = match (code, is_enabled) {
        (None, _) => user_code::AVAILABLE,
        (Some(_), true) => user_code::ENABLED,
        (Some(_), false) => 0x02,
    };
    // Version 1 wants four zeros where a code is deleted.
    let code = code.cloned().unwrap_or_else(|| user_code::Code(vec![0; 4]));
    Command::UserCode(match u8::try_from(user) {
        Ok(user) => user_code::Command::Set { user, status, code },
        Err(_) => user_code::Command::ExtendedUserCodeSet { users: vec![user_code::User { user, status, code }] },
    })
}

fn write_sound(endpoint: &Endpoint, property: P, native: &Native) -> Option<Command> {
    // Volume 0 plays as loud as the device is set up for.
    let volume = (endpoint.version(C::SOUND_SWITCH) >= 2).then_some(0);
    Some(Command::SoundSwitch(match (property, native) {
        (P::Playing, Native::Level(level)) => {
            let tone = if *level == Level::OFF { sound_switch::OFF } else { sound_switch::DEFAULT_TONE };
            sound_switch::Command::TonePlaySet { tone, volume }
        }
        (P::Playing, Native::Choice(tone)) => {
            sound_switch::Command::TonePlaySet { tone: u8::try_from(*tone).ok()?, volume }
        }
        (P::DefaultVolume, Native::Number(number)) => {
            let (_, default_tone) = endpoint.sound?;
            sound_switch::Command::ConfigurationSet { volume: whole(*number).min(100) as u8, default_tone }
        }
        (P::DefaultTone, Native::Choice(tone)) => {
            let (volume, _) = endpoint.sound?;
            sound_switch::Command::ConfigurationSet { volume, default_tone: u8::try_from(*tone).ok()? }
        }
        _ => return None,
    }))
}

fn write_indicator(property: P, key: u16, native: &Native) -> Option<Command> {
    let objects = match (property, native) {
        (P::Current, Native::Level(level)) => {
            return Some(Command::Indicator(indicator::Command::Set { value: level.0, objects: Vec::new() }));
        }
        // Three blinks of 0.8 seconds, as the specification has them for this.
        (P::Identify, _) => {
            let object = |property, value| indicator::Object { indicator: indicator::NODE_IDENTIFY, property, value };
            vec![
                object(indicator::ON_OFF_PERIOD, 0x08),
                object(indicator::ON_OFF_CYCLES, 0x03),
                object(indicator::ON_TIME, 0x06),
            ]
        }
        (P::Indicator, native) => {
            let [indicator, property] = key.to_be_bytes();
            let value = match native {
                Native::Flag(on) => Level::switch(*on).0,
                // From 0 to 100; a level ends at 99.
                Native::Number(number) if property == indicator::MULTILEVEL => number.round().min(99.0) as u8,
                Native::Number(number) => number.round() as u8,
                _ => return None,
            };
            vec![indicator::Object { indicator, property, value }]
        }
        _ => return None,
    };
    Some(Command::Indicator(indicator::Command::Set { value: 0, objects }))
}

/// Local and radio protection are set together; the one that is not wanted stays as it was.
fn protect(endpoint: &Endpoint, entry: &Entry, state: u16) -> Option<Command> {
    let state = u8::try_from(state).ok()?;
    let has_rf = endpoint.version(C::PROTECTION) >= 2;
    let (local, rf) = match (entry.source.property, has_rf) {
        (P::LocalProtection, false) => (local_state(endpoint, entry, state), None),
        (P::LocalProtection, true) => {
            let rf = endpoint.protection.and_then(|(_, rf)| rf).unwrap_or_default();
            (local_state(endpoint, entry, state), Some(rf))
        }
        _ => (endpoint.protection?.0, Some(state)),
    };
    Some(Command::Protection(protection::Command::Set { local, rf }))
}

/// «Locked» is as much as the device can: 2, or else 1.
fn local_state(endpoint: &Endpoint, entry: &Entry, state: u8) -> u8 {
    let has = |state: u8| endpoint.protection_states.is_none_or(|states| states & (1 << state) != 0);
    match entry.conversion {
        Conversion::OneOf(..) if state == 2 && !has(2) => 1,
        _ => state,
    }
}
