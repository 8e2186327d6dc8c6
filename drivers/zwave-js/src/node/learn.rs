//! What values and their metadata say of what a node can: as its own answers do in `driver-zwave`.

use driver_zwave::attributes::{Endpoint, Node, Parameter, Property as P, Setpoint, Source, Tone, variable};
use driver_zwave::command_class::value::{BitMask, ScaledNumber};
use driver_zwave::command_class::{CommandClass as C, configuration, indicator, meter, multilevel_sensor};
use serde_json::Value as Json;

use crate::message::{Metadata, NodeState, ValueId};
use crate::value::Place;

/// The most parameters and tones of an endpoint.
const MOST_OF_A_KIND: usize = 512;

/// A node of which nothing but its classes is known.
pub(super) fn skeleton(state: &NodeState) -> Node {
    let class_of = |class: Option<&crate::message::DeviceClass>| {
        class.map(|class| (class.generic.key, class.specific.key)).unwrap_or_default()
    };
    let mut node = Node::new(Endpoint::new(0, 0, []));
    (node.endpoints.entry(0).or_default().generic, node.endpoints.entry(0).or_default().specific) =
        class_of(state.device_class.as_ref());
    for endpoint in &state.endpoints {
        let own = endpoint.device_class.as_ref();
        let class = if endpoint.index == 0 { own.or(state.device_class.as_ref()) } else { own };
        let (generic, specific) = class_of(class);
        let versions = endpoint.command_classes.iter().map(|class| (C(class.id), class.version));
        let mut known = Endpoint::new(generic, specific, versions);
        // Door, bolt and latch are values where a lock has them.
        known.lock_components = Some(0);
        node.endpoints.insert(endpoint.index, known);
    }
    node
}

/// Takes over what a value says of its endpoint.
pub(super) fn learn(known: &mut Endpoint, id: &ValueId, place: Place, metadata: &Metadata, value: &Json) {
    let class = C(id.command_class);
    let states = || metadata.state_numbers().filter_map(|number| u8::try_from(number).ok());
    match (class, id.property.word()) {
        (C::CENTRAL_SCENE, Some("scene")) => {
            if let Some(scene) = scene(id) {
                known.scenes.insert(scene, BitMask::of(metadata.state_numbers().filter(|number| *number < 8)));
            }
        }
        (C::DOOR_LOCK, Some("targetMode")) => known.lock_modes = states().collect(),
        (C::USER_CODE, Some("userCode" | "userIdStatus")) => {
            let user = id.property_key.as_ref().and_then(crate::message::Key::number);
            known.users = known.users.max(user.and_then(|user| u16::try_from(user).ok()).unwrap_or_default());
        }
        (C::SOUND_SWITCH, Some("toneId" | "defaultToneId")) => learn_tones(known, metadata),
        _ => {}
    }
    let (source, unit) = match place {
        Place::Value(source, _, unit) => (source, unit),
        Place::Sign(source) => (source, None),
        _ => return,
    };
    known.versions.entry(class).or_default();
    if !learn_source(known, source, metadata, value) && source.key == 0 && !value.is_null() {
        known.seen.insert(source, unit);
    }
}

/// The scene of a value of Central Scene: its key is the number in three digits.
pub(crate) fn scene(id: &ValueId) -> Option<u8> {
    match id.property_key.as_ref()? {
        crate::message::Key::Word(word) => word.parse().ok(),
        crate::message::Key::Number(number) => u8::try_from(*number).ok(),
    }
}

/// Says whether the source is one that is known from elsewhere than from being seen.
fn learn_source(known: &mut Endpoint, source: Source, metadata: &Metadata, value: &Json) -> bool {
    let states = || metadata.state_numbers().filter_map(|number| u8::try_from(number).ok());
    let byte = u8::try_from(source.key).ok();
    match (source.class, source.property, byte) {
        (C::BINARY_SENSOR, _, Some(sensor_type)) => {
            known.binary_sensors.insert(sensor_type);
        }
        (C::ALARM_SENSOR, _, Some(sensor_type)) => {
            known.alarm_sensors.insert(sensor_type);
        }
        (C::MULTILEVEL_SENSOR, _, Some(sensor_type)) => {
            let scale = metadata.specific("scale").and_then(|scale| u8::try_from(scale).ok());
            // A scale that nobody knows has no unit, as in its readings.
            let scale = scale.filter(|scale| multilevel_sensor::unit(sensor_type, *scale).is_some());
            known.sensors.insert(sensor_type, scale.unwrap_or_default());
        }
        (C::METER, P::Meter, _) => {
            // Five bits, two bits and nine bits.
            let meter_type = (source.key >> 11) as u8;
            let rate = match source.key >> 9 & 0b11 {
                0 => meter::RateType::Unspecified,
                1 => meter::RateType::Consumed,
                2 => meter::RateType::Produced,
                _ => meter::RateType::Reserved,
            };
            known.meter_scales.insert((meter_type, source.key & 0x1ff, rate));
        }
        (C::METER, P::MeterReset, _) => known.meter_can_reset = true,
        (C::NOTIFICATION, P::State, _) => {
            let [notification_type, _] = source.key.to_be_bytes();
            let events = states().filter(|event| variable(notification_type, *event) == Some(source.key));
            known.notifications.entry(notification_type).or_default().extend(events);
        }
        // They are told wherever they are.
        (C::NOTIFICATION, P::AlarmType | P::AlarmLevel, _) => {
            known.seen.insert(source, None);
        }
        (C::COLOR_SWITCH, P::Component, Some(component)) => {
            known.colors.insert(component, value.as_u64().and_then(|value| u8::try_from(value).ok()));
        }
        (C::ENERGY_PRODUCTION, _, Some(parameter)) => {
            known.productions.insert(parameter, u8::from(metadata.unit.as_deref() == Some("h")));
        }
        (C::WINDOW_COVERING, _, Some(parameter)) => {
            known.window_coverings.insert(parameter);
        }
        (C::THERMOSTAT_MODE, ..) => known.thermostat_modes = states().collect(),
        (C::THERMOSTAT_FAN_MODE, P::Mode, _) => {
            known.fan_modes = states().collect();
            known.fan_mode = value.as_u64().and_then(|mode| u8::try_from(mode).ok());
        }
        (C::HUMIDITY_CONTROL_MODE, ..) => known.humidity_modes = states().collect(),
        (C::THERMOSTAT_SETPOINT, _, Some(setpoint_type)) => {
            let scale = u8::from(metadata.unit.as_deref() == Some("°F"));
            known.setpoints.insert(setpoint_type, setpoint(metadata, value, scale));
        }
        (C::HUMIDITY_CONTROL_SETPOINT, _, Some(setpoint_type)) => {
            let scale = u8::from(metadata.unit.as_deref() == Some("g/m³"));
            known.humidity_setpoints.insert(setpoint_type, setpoint(metadata, value, scale));
        }
        (C::CONFIGURATION, ..) => {
            if known.parameters.len() < MOST_OF_A_KIND || known.parameters.contains_key(&source.key) {
                known.parameters.insert(source.key, parameter(metadata));
            }
        }
        (C::PROTECTION, P::LocalProtection, _) => {
            let states = states().filter(|state| *state < 16).fold(0_u16, |mask, state| mask | 1 << state);
            known.protection_states = (states != 0).then_some(states);
        }
        (C::DOOR_LOCK, P::Door | P::Bolt | P::Latch, _) => {
            let bit = match source.property {
                P::Door => 0,
                P::Bolt => 1,
                _ => 2,
            };
            known.lock_components = Some(known.lock_components.unwrap_or_default() | 1 << bit);
        }
        (C::INDICATOR, P::Indicator, _) => {
            let [number, property] = source.key.to_be_bytes();
            let properties = known.indicators.entry(number).or_default();
            let more = properties.positions().chain([u16::from(property)]);
            *properties = BitMask::of(more.collect::<Vec<_>>());
        }
        (C::INDICATOR, P::Identify, _) => {
            let how = [indicator::ON_OFF_PERIOD, indicator::ON_OFF_CYCLES, indicator::ON_TIME];
            known.indicators.entry(indicator::NODE_IDENTIFY).or_insert_with(|| BitMask::of(how.map(u16::from)));
        }
        (C::BARRIER_OPERATOR, P::Signal, Some(signal)) => {
            known.barrier_signals.insert(signal);
        }
        (C::USER_CODE, P::UserStatus, Some(user)) => {
            if !value.is_null() {
                known.user_statuses.insert(user);
            }
        }
        (C::WAKE_UP, ..) => {
            let whole = |number: f64| (0.0..=16_777_215.0).contains(&number).then_some(number as u32);
            known.wake_up = value.as_f64().and_then(whole).map(|seconds| (seconds, 1));
            let range = metadata.min.and_then(whole).zip(metadata.max.and_then(whole));
            known.wake_up_range = range;
        }
        (C::BATTERY, P::Current | P::BatteryLow, _) => {}
        (C::BATTERY, P::MaximumCapacity | P::Temperature, _) => known.battery_has_health |= !value.is_null(),
        (C::BATTERY, ..) => known.battery_has_state |= !value.is_null(),
        _ => return false,
    }
    true
}

/// Decimals are not told: one is what thermostats have.
fn setpoint(metadata: &Metadata, value: &Json, scale: u8) -> Setpoint {
    let scaled = |number: f64| ScaledNumber::new(number, 1, scale, 4);
    let range = metadata.min.zip(metadata.max);
    Setpoint {
        value: Some(scaled(value.as_f64().unwrap_or_default())),
        range: range.map(|(least, greatest)| (scaled(least), scaled(greatest))),
    }
}

fn parameter(metadata: &Metadata) -> Parameter {
    let bytes = |text: &Option<String>| text.as_deref().unwrap_or_default().chars().take(300).collect::<String>();
    let whole = |number: f64| number.abs() < 9e15 && number.fract() == 0.0;
    let range = metadata.min.zip(metadata.max).filter(|(least, greatest)| whole(*least) && whole(*greatest));
    let mut parameter = Parameter::default();
    parameter.format = match metadata.format {
        Some(1) => configuration::Format::Unsigned,
        Some(2) => configuration::Format::Enumerated,
        Some(3) => configuration::Format::BitField,
        _ => configuration::Format::Signed,
    };
    parameter.size = metadata.value_size.unwrap_or(1);
    parameter.range = range.map(|(least, greatest)| (least as i64, greatest as i64));
    parameter.is_read_only = !metadata.writeable;
    parameter.name = bytes(&metadata.label).into_bytes();
    parameter.info = bytes(&metadata.description).into_bytes();
    parameter
}

/// Tones with their names and how long they take: newer servers say both apart, older ones as «Ding (2 sec)».
fn learn_tones(known: &mut Endpoint, metadata: &Metadata) {
    let told = metadata.cc_specific.as_ref().and_then(|specific| specific.get("toneInfo")?.as_object());
    for (number, tone) in told.into_iter().flatten() {
        let name = tone.get("name").and_then(Json::as_str).unwrap_or_default();
        let seconds = tone.get("duration").and_then(Json::as_u64).and_then(|seconds| u16::try_from(seconds).ok());
        if let Ok(number @ 1..=254) = number.parse::<u8>() {
            let name = name.chars().take(100).collect();
            known.tones.insert(number, Tone { name, seconds: seconds.unwrap_or_default() });
        }
    }
    for (number, words) in metadata.states.iter().flatten() {
        let Ok(number @ 1..=254) = number.parse::<u8>() else { continue };
        let parts = words.strip_suffix(" sec)").and_then(|words| words.rsplit_once(" ("));
        let parts = parts.and_then(|(name, seconds)| Some((name, seconds.parse().ok()?)));
        let (name, seconds) = parts.unwrap_or((words, 0));
        let name: String = name.chars().take(100).collect();
        known.tones.entry(number).or_insert(Tone { name, seconds });
    }
}
