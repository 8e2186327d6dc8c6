//! A node's endpoints and attributes, from what is known of it.

use std::sync::Arc;

use hub_model::device::Capability;
use hub_model::{AttributeSchema, Kind};

use super::color;
use super::conversion::words;
use super::mapping::{Entry, entries};
use super::names::Conversion;
use super::node::{Endpoint, Node, Role};
use super::notification::variables;
use super::reading::{
    Property as P, Source, humidity_unit, meter_key, meter_unit, pair_key, rate_bits, temperature_unit,
};
use super::{BasicSet, action, notification, parameter};
use crate::command_class::value::{BitMask, ScaledNumber};
use crate::command_class::{CommandClass as C, energy_production, indicator, multilevel_sensor, thermostat_setpoint};
use crate::device_database::Model;

/// The endpoints of a node with their attributes, by rising number. Only what the node is known to have is there; a
/// value that comes all the same is reported under the name that it would have here.
pub fn describe(node: &Node) -> Vec<hub_model::Endpoint> {
    node.endpoints
        .iter()
        .map(|(number, endpoint)| {
            let mut attributes: Vec<AttributeSchema> = Vec::new();
            for mut entry in entries_of(node, *number, endpoint) {
                fill(&mut entry, endpoint);
                match attributes.iter_mut().find(|known| known.name == entry.schema.name) {
                    Some(known) => merge(known, entry.schema),
                    None => attributes.push(entry.schema),
                }
            }
            let capabilities = capabilities(endpoint, &attributes);
            let model = node.endpoints.get(&0).and_then(|root| root.model.as_ref());
            let label = model.and_then(|model| model.endpoint_labels.get(number)).map(|label| Arc::from(&**label));
            hub_model::Endpoint { number: u16::from(*number), label, capabilities, attributes }
        })
        .collect()
}

/// Two sources of one attribute: all words of both.
fn merge(known: &mut AttributeSchema, other: AttributeSchema) {
    for word in other.values {
        if !known.values.contains(&word) {
            known.values.push(word);
        }
    }
    known.access.write |= other.access.write;
}

/// Every attribute of an endpoint with its source, hidden ones left out, without ranges and words.
pub(super) fn entries_of(node: &Node, number: u8, endpoint: &Endpoint) -> Vec<Entry> {
    let sources = sources(endpoint).into_iter().filter(|(source, _)| !node.hides(number, *source));
    sources.flat_map(|(source, unit)| entries(endpoint, source, unit)).collect()
}

/// The values of a class that every endpoint with that class has.
#[rustfmt::skip]
const ALWAYS: &[(C, &[P])] = &[
    (C::BINARY_SWITCH, &[P::Current]),
    (C::MULTILEVEL_SWITCH, &[P::Current]),
    (C::BATTERY, &[P::Current, P::BatteryLow]),
    (C::THERMOSTAT_MODE, &[P::Mode]),
    (C::THERMOSTAT_OPERATING_STATE, &[P::OperatingState]),
    (C::THERMOSTAT_FAN_MODE, &[P::Mode]),
    (C::THERMOSTAT_FAN_STATE, &[P::OperatingState]),
    (C::THERMOSTAT_SETBACK, &[P::SetbackType, P::SetbackState]),
    (C::HUMIDITY_CONTROL_MODE, &[P::Mode]),
    (C::HUMIDITY_CONTROL_OPERATING_STATE, &[P::OperatingState]),
    (C::DOOR_LOCK, &[P::Mode, P::LockTimeout, P::InsideHandles, P::OutsideHandles, P::OperationType, P::LockTimeoutConfiguration, P::InsideHandlesConfiguration, P::OutsideHandlesConfiguration]),
    (C::IRRIGATION, &[P::Voltage, P::Flow, P::Pressure, P::Rain, P::Moisture, P::MasterValve, P::FirstOpenValve, P::Errors, P::ShutoffHours]),
    (C::LOCK, &[P::Current]),
    (C::USER_CODE, &[P::Code]),
    (C::BARRIER_OPERATOR, &[P::Current, P::Move]),
    (C::BASIC_WINDOW_COVERING, &[P::Move]),
    (C::SOUND_SWITCH, &[P::Playing, P::DefaultVolume, P::DefaultTone]),
    (C::INDICATOR, &[P::Current]),
    (C::PROTECTION, &[P::LocalProtection]),
    (C::NODE_NAMING_AND_LOCATION, &[P::Name, P::Location]),
    (C::WAKE_UP, &[P::WakeUpInterval]),
    (C::CENTRAL_SCENE, &[P::Event]),
    (C::SCENE_ACTIVATION, &[P::Event]),
    (C::ENTRY_CONTROL, &[P::Event]),
];
/// The values that later versions add.
#[rustfmt::skip]
const FROM_VERSION: &[(C, u8, &[P])] = &[
    (C::THERMOSTAT_FAN_MODE, 2, &[P::FanOff]),
    (C::DOOR_LOCK, 4, &[P::AutoRelockTime, P::HoldAndReleaseTime, P::TwistAssist, P::BlockToBlock]),
    (C::PROTECTION, 2, &[P::RfProtection]),
    (C::CENTRAL_SCENE, 3, &[P::SlowRefresh]),
    (C::SOUND_SWITCH, 2, &[P::Volume]),
];
/// Properties of indicators that are said when one is set, and are no values of their own: periods, cycles, timeouts.
pub(super) const IN_PASSING: &[u8] = &[0x00, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x0a, 0x10];
const BATTERY_STATE: &[P] = &[
    P::Charging,
    P::Rechargeable,
    P::Backup,
    P::Overheating,
    P::LowFluid,
    P::ReplaceOrRecharge,
    P::Disconnected,
    P::LowTemperature,
];

/// Every source that an endpoint is known to have, with the unit of its numbers.
fn sources(endpoint: &Endpoint) -> Vec<(Source, Option<&'static str>)> {
    let mut sources = Vec::new();
    let mut plain = |class: C, properties: &[P]| {
        sources.extend(properties.iter().map(|property| (Source::new(class, *property), unit_of(*property))));
    };
    for (class, properties) in ALWAYS.iter().filter(|row| endpoint.has(row.0)) {
        plain(*class, properties);
    }
    for (class, version, properties) in FROM_VERSION.iter().filter(|row| endpoint.has(row.0)) {
        if endpoint.version(*class) >= *version {
            plain(*class, properties);
        }
    }
    if endpoint.has(C::MULTILEVEL_SWITCH) && endpoint.role() == Role::Cover {
        plain(C::MULTILEVEL_SWITCH, &[P::Move]);
    }
    if endpoint.battery_has_state {
        plain(C::BATTERY, BATTERY_STATE);
    }
    if endpoint.battery_has_health {
        plain(C::BATTERY, &[P::MaximumCapacity, P::Temperature]);
    }
    if endpoint.has(C::DOOR_LOCK) {
        let components = endpoint.lock_parts();
        for (part, bit) in [(P::Door, 0), (P::Bolt, 1), (P::Latch, 2)] {
            if components & (1 << bit) != 0 {
                plain(C::DOOR_LOCK, &[part]);
            }
        }
    }
    // Basic stands for another class where there is one.
    let others = [C::BINARY_SWITCH, C::MULTILEVEL_SWITCH, C::BINARY_SENSOR, C::THERMOSTAT_MODE, C::DOOR_LOCK];
    if endpoint.has(C::BASIC) && !others.iter().any(|class| endpoint.has(*class)) {
        plain(C::BASIC, &[P::Current]);
    }
    if endpoint.meter_can_reset {
        plain(C::METER, &[P::MeterReset]);
    }
    let rgb = [2, 3, 4].iter().all(|component| endpoint.colors.contains_key(component));
    let whites = [0, 1].iter().all(|component| endpoint.colors.contains_key(component));
    for (is_there, property) in [(rgb, P::Color), (whites, P::ColorTemperature)] {
        if is_there {
            plain(C::COLOR_SWITCH, &[property]);
        }
    }
    if endpoint.indicators.contains_key(&indicator::NODE_IDENTIFY) {
        plain(C::INDICATOR, &[P::Identify]);
    }
    // Remotes.
    let sends_events = |model: &Arc<Model>| model.compat.map_basic_set == Some(BasicSet::Event);
    if matches!(endpoint.generic, 0x01 | 0x02 | 0x18) || endpoint.model.as_ref().is_some_and(sends_events) {
        plain(C::BASIC, &[P::Event, P::EventLevel]);
    }
    if !action::words(endpoint, C::NOTIFICATION).is_empty() {
        plain(C::NOTIFICATION, &[P::Event]);
        if endpoint.notifications.contains_key(&0x06) {
            plain(C::NOTIFICATION, &[P::EventUser]);
        }
    }
    sources.extend(keyed_sources(endpoint));
    // In the order of the tables, so that one attribute stays what it was when more is seen.
    let seen = endpoint.seen.iter().filter(|(source, _)| !sources.iter().any(|(known, _)| known == *source));
    let seen: Vec<_> = seen.map(|(source, unit)| (*source, *unit)).collect();
    sources.extend(seen);
    sources
}

/// Sources of which there are several.
fn keyed_sources(endpoint: &Endpoint) -> Vec<(Source, Option<&'static str>)> {
    let mut sources = Vec::new();
    let mut add = |class, property, key: u16, unit| sources.push((Source::keyed(class, property, key), unit));
    for sensor_type in &endpoint.binary_sensors {
        add(C::BINARY_SENSOR, P::Current, u16::from(*sensor_type), None);
    }
    for sensor_type in &endpoint.alarm_sensors {
        add(C::ALARM_SENSOR, P::Current, u16::from(*sensor_type), None);
    }
    for (sensor_type, scale) in &endpoint.sensors {
        add(C::MULTILEVEL_SENSOR, P::Sensor, u16::from(*sensor_type), multilevel_sensor::unit(*sensor_type, *scale));
    }
    for (meter_type, scale, rate) in &endpoint.meter_scales {
        let key = meter_key(*meter_type, rate_bits(*rate), *scale);
        add(C::METER, P::Meter, key, meter_unit(key));
    }
    for notification_type in endpoint.notifications.keys() {
        for key in variables(endpoint, *notification_type) {
            add(C::NOTIFICATION, P::State, key, None);
        }
    }
    // Red, green and blue are one colour; the others, and all where one lacks, are numbers.
    for component in endpoint.colors.keys() {
        add(C::COLOR_SWITCH, P::Component, u16::from(*component), None);
    }
    for parameter in &endpoint.window_coverings {
        // An even number can only be moved.
        if parameter % 2 == 1 {
            add(C::WINDOW_COVERING, P::Position, u16::from(*parameter), None);
        }
        add(C::WINDOW_COVERING, P::Move, u16::from(*parameter), None);
    }
    for (setpoint_type, setpoint) in &endpoint.setpoints {
        let scale = scale_of(setpoint.value, setpoint.range);
        let unit = temperature_unit(scale.unwrap_or(thermostat_setpoint::CELSIUS));
        add(C::THERMOSTAT_SETPOINT, P::Setpoint, u16::from(*setpoint_type), unit);
    }
    for (setpoint_type, setpoint) in &endpoint.humidity_setpoints {
        let scale = scale_of(setpoint.value, setpoint.range);
        add(C::HUMIDITY_CONTROL_SETPOINT, P::Setpoint, u16::from(*setpoint_type), humidity_unit(scale.unwrap_or(0)));
    }
    for signal in &endpoint.barrier_signals {
        add(C::BARRIER_OPERATOR, P::Signal, u16::from(*signal), None);
    }
    for user in &endpoint.user_statuses {
        add(C::USER_CODE, P::UserStatus, u16::from(*user), None);
    }
    for (property, parameter) in parameter::sources(endpoint) {
        add(C::CONFIGURATION, property, parameter, None);
    }
    for (indicator, properties) in &endpoint.indicators {
        for property in properties.positions().filter_map(|property| u8::try_from(property).ok()) {
            if !IN_PASSING.contains(&property) {
                add(C::INDICATOR, P::Indicator, pair_key(*indicator, property), None);
            }
        }
    }
    if endpoint.has(C::ENERGY_PRODUCTION) {
        let parameters = (0..4).chain(endpoint.productions.keys().copied().filter(|parameter| *parameter >= 4));
        for parameter in parameters {
            let scale = endpoint.productions.get(&parameter).copied().unwrap_or_default();
            add(C::ENERGY_PRODUCTION, P::Production, u16::from(parameter), energy_production::unit(parameter, scale));
        }
    }
    sources
}

fn scale_of(value: Option<ScaledNumber>, range: Option<(ScaledNumber, ScaledNumber)>) -> Option<u8> {
    value.map(|value| value.scale).or(range.map(|(minimum, _)| minimum.scale))
}

/// The unit of a value of which there is one.
fn unit_of(property: P) -> Option<&'static str> {
    Some(match property {
        P::LockTimeout
        | P::LockTimeoutConfiguration
        | P::AutoRelockTime
        | P::HoldAndReleaseTime
        | P::WakeUpInterval => "s",
        P::Current | P::Volume | P::MaximumCapacity => "%",
        P::Temperature => "°C",
        P::Voltage => "V",
        P::Flow => "L/h",
        P::Pressure => "kPa",
        P::ShutoffHours => "h",
        P::SetbackState => "K",
        _ => return None,
    })
}

/// Ranges and words of an attribute, by what is known of the endpoint.
pub(super) fn fill(entry: &mut Entry, endpoint: &Endpoint) {
    let key = u8::try_from(entry.source.key).unwrap_or(u8::MAX);
    let (factor, offset) = (entry.factor, entry.offset);
    let convert = |number: ScaledNumber| ((number.value() * factor + offset) * 1e6).round() / 1e6;
    let (min, max, step) = match (entry.source.class, entry.source.property, entry.conversion) {
        (_, _, Conversion::Percent | Conversion::PercentAboveZero) => (Some(0.0), Some(100.0), Some(100.0 / 99.0)),
        (_, _, Conversion::Slats) => (Some(0.0), Some(100.0), Some(2.0)),
        (_, _, Conversion::BarrierPosition) => (Some(0.0), Some(100.0), Some(1.0)),
        (_, _, Conversion::ColorTemperature) => (Some(color::WARM), Some(color::COLD), Some(15.0)),
        (C::BATTERY, P::Current, _) | (C::SOUND_SWITCH, P::DefaultVolume | P::Volume, _) => {
            (Some(0.0), Some(100.0), Some(1.0))
        }
        (C::IRRIGATION, P::ShutoffHours, _) => (Some(0.0), Some(255.0), Some(1.0)),
        (C::COLOR_SWITCH, P::Component, _) => (Some(0.0), Some(255.0), Some(1.0)),
        (C::INDICATOR, P::Indicator, _) if entry.schema.kind == Kind::Number => (Some(0.0), Some(100.0), Some(1.0)),
        (C::DOOR_LOCK, P::AutoRelockTime | P::HoldAndReleaseTime, _) => (Some(0.0), Some(65535.0), Some(1.0)),
        (C::DOOR_LOCK, P::LockTimeoutConfiguration, _) => (Some(0.0), Some(15239.0), Some(1.0)),
        (C::DOOR_LOCK, P::InsideHandlesConfiguration | P::OutsideHandlesConfiguration, _) => {
            (Some(0.0), Some(15.0), Some(1.0))
        }
        (C::THERMOSTAT_SETPOINT | C::HUMIDITY_CONTROL_SETPOINT, P::Setpoint, _) => {
            let setpoints = match entry.source.class {
                C::THERMOSTAT_SETPOINT => &endpoint.setpoints,
                _ => &endpoint.humidity_setpoints,
            };
            let setpoint = setpoints.get(&key).copied().unwrap_or_default();
            let step = setpoint.value.map(|value| factor / 10_f64.powi(i32::from(value.precision)));
            let range = setpoint.range;
            (range.map(|range| convert(range.0)), range.map(|range| convert(range.1)), step)
        }
        (C::WAKE_UP, ..) => {
            let range = endpoint.wake_up_range;
            (range.map(|range| f64::from(range.0)), range.map(|range| f64::from(range.1)), None)
        }
        _ => (None, None, None),
    };
    (entry.schema.min, entry.schema.max, entry.schema.step) = (min, max, step);
    let values = values(entry, endpoint);
    entry.schema.values = values.iter().map(|word| Arc::from(word.as_str())).collect();
    match (entry.source.property, entry.conversion) {
        (P::Parameter | P::ParameterPart(_), _) => parameter::fill(entry, endpoint),
        (_, Conversion::Code) => {
            entry.schema.fields = vec![
                AttributeSchema::new("user", Kind::Number, hub_model::Access::WRITE)
                    .range(1.0, f64::from(endpoint.users.max(1))),
                AttributeSchema::new("user_enabled", Kind::Bool, hub_model::Access::WRITE),
                AttributeSchema::new("pin_code", Kind::Text, hub_model::Access::WRITE),
            ];
        }
        _ => {}
    }
}

/// The words that an attribute can have here, those that the device is known not to have left out.
fn values(entry: &Entry, endpoint: &Endpoint) -> Vec<String> {
    let class = entry.source.class;
    let some = |supported: Vec<u16>| {
        let words = words(entry, endpoint).into_iter();
        words.filter(move |(number, _)| supported.is_empty() || supported.contains(number)).map(|(_, word)| word)
    };
    let of = |numbers: &std::collections::BTreeSet<u8>| numbers.iter().map(|number| u16::from(*number)).collect();
    let mut values: Vec<String> = match (class, entry.source.property, entry.conversion) {
        (_, _, Conversion::CoverCommand) if class == C::BARRIER_OPERATOR => {
            ["open", "close"].map(str::to_owned).to_vec()
        }
        (_, _, Conversion::CoverCommand) => ["open", "close", "stop"].map(str::to_owned).to_vec(),
        (_, _, Conversion::Press(word)) => vec![word.to_owned()],
        (_, P::Event, _) => action::words(endpoint, class),
        (C::THERMOSTAT_MODE, ..) => some(of(&endpoint.thermostat_modes)).collect(),
        (C::THERMOSTAT_FAN_MODE, P::Mode, _) => some(of(&endpoint.fan_modes)).collect(),
        (C::DOOR_LOCK, P::Mode, Conversion::Named(_)) => {
            let modes = of(&endpoint.lock_modes);
            // Nobody can wish for a mode that the lock does not know.
            let is_unknown = |word: &String| word == "unknown";
            some(modes).filter(|word| !is_unknown(word)).collect()
        }
        (C::HUMIDITY_CONTROL_MODE, ..) => some(of(&endpoint.humidity_modes)).collect(),
        (C::PROTECTION, P::LocalProtection, Conversion::Named(_)) => {
            let mask = endpoint.protection_states.map(|states| BitMask(states.to_le_bytes().to_vec()));
            some(mask.map(|mask| mask.positions().collect()).unwrap_or_default()).collect()
        }
        (C::NOTIFICATION, P::State, Conversion::State) => {
            let [notification_type, _] = entry.source.key.to_be_bytes();
            let known = endpoint.notifications.get(&notification_type).filter(|events| !events.is_empty());
            let mut supported: Vec<u16> = known.map(of).unwrap_or_default();
            // What a parameter says is known only when it comes.
            if notification::by_parameter(entry.source.key).is_some() {
                supported.clear();
            }
            if !supported.is_empty() {
                supported.push(0);
            }
            some(supported).collect()
        }
        _ => some(Vec::new()).collect(),
    };
    let mut known = std::collections::BTreeSet::new();
    values.retain(|word| known.insert(word.clone()));
    values
}

/// What an endpoint is for.
fn capabilities(endpoint: &Endpoint, attributes: &[AttributeSchema]) -> Vec<Capability> {
    let has = |name: &str| attributes.iter().any(|attribute| attribute.name.as_str() == name);
    let is_sensor = endpoint.has(C::MULTILEVEL_SENSOR)
        || endpoint.has(C::BINARY_SENSOR)
        || endpoint.has(C::ALARM_SENSOR)
        || endpoint.has(C::NOTIFICATION);
    let rows = [
        (Capability::Light, has("brightness") || has("color")),
        (Capability::Switch, has("on") && !has("brightness") && !has("fan_speed")),
        (Capability::Cover, has("cover_command")),
        (Capability::Lock, has("locked")),
        (Capability::Thermostat, has("hvac_mode") || has("heating_setpoint") || has("cooling_setpoint")),
        (Capability::Fan, has("fan_speed")),
        (Capability::Remote, endpoint.has(C::CENTRAL_SCENE) || endpoint.has(C::SCENE_ACTIVATION)),
    ];
    let mut capabilities: Vec<_> =
        rows.into_iter().filter(|(_, held)| *held).map(|(capability, _)| capability).collect();
    if capabilities.is_empty() && is_sensor {
        capabilities.push(Capability::Sensor);
    }
    capabilities
}
