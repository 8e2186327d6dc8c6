//! From attributes to the commands that ask for them.

use hub_model::AttributeName;

use super::describe::entries_of;
use super::node::{Endpoint, Node};
use super::reading::{Property as P, Source};
use crate::command_class::{
    Command, CommandClass as C, alarm_sensor, barrier_operator, basic, battery, binary_sensor, binary_switch,
    central_scene, color_switch, configuration, door_lock, energy_production, humidity_control_mode,
    humidity_control_operating_state, humidity_control_setpoint, indicator, irrigation, lock, meter, multilevel_sensor,
    multilevel_switch, node_naming_and_location, notification, protection, sound_switch, thermostat_fan_mode,
    thermostat_fan_state, thermostat_mode, thermostat_operating_state, thermostat_setback, thermostat_setpoint,
    user_code, wake_up, window_covering,
};

/// The commands that ask an endpoint for an attribute, each once and without encapsulation; none where it cannot be
/// asked for.
pub fn queries(node: &Node, endpoint: u8, attribute: &AttributeName) -> Vec<Command> {
    let Some(known) = node.endpoints.get(&endpoint) else { return Vec::new() };
    let mut queries = Vec::new();
    let entries = entries_of(node, endpoint, known).into_iter();
    for entry in entries.filter(|entry| entry.schema.name == *attribute && entry.schema.access.read) {
        for query in ask(known, entry.source) {
            if !queries.contains(&query) {
                queries.push(query);
            }
        }
    }
    queries
}

/// Where the values of an attribute come from, by endpoint; none where it cannot be asked for.
pub fn sources(node: &Node, endpoint: u8, attribute: &AttributeName) -> Vec<Source> {
    let Some(known) = node.endpoints.get(&endpoint) else { return Vec::new() };
    let entries = entries_of(node, endpoint, known).into_iter();
    entries
        .filter(|entry| entry.schema.name == *attribute && entry.schema.access.read)
        .map(|entry| entry.source)
        .collect()
}

fn ask(endpoint: &Endpoint, source: Source) -> Vec<Command> {
    let Source { class, property, key } = source;
    let since = |version: u8| endpoint.version(class) >= version;
    let byte = u8::try_from(key).unwrap_or_default();
    let component = |component| Command::ColorSwitch(color_switch::Command::Get { component });
    vec![match (class, property) {
        (C::BINARY_SWITCH, _) => Command::BinarySwitch(binary_switch::Command::Get),
        (C::MULTILEVEL_SWITCH, _) => Command::MultilevelSwitch(multilevel_switch::Command::Get),
        (C::BASIC, P::Current) => Command::Basic(basic::Command::Get),
        (C::COLOR_SWITCH, P::Color) => {
            return [color_switch::RED, color_switch::GREEN, color_switch::BLUE].map(component).to_vec();
        }
        (C::COLOR_SWITCH, P::ColorTemperature) => {
            return [color_switch::WARM_WHITE, color_switch::COLD_WHITE].map(component).to_vec();
        }
        (C::COLOR_SWITCH, _) => component(byte),
        (C::WINDOW_COVERING, _) => Command::WindowCovering(window_covering::Command::Get { parameter: byte }),
        (C::BARRIER_OPERATOR, P::Signal) => {
            Command::BarrierOperator(barrier_operator::Command::EventSignalingGet { signal: byte })
        }
        (C::BARRIER_OPERATOR, _) => Command::BarrierOperator(barrier_operator::Command::Get),
        (C::MULTILEVEL_SENSOR, _) => {
            let scale = endpoint.sensors.get(&byte).copied().unwrap_or_default();
            let wanted = since(5).then_some(multilevel_sensor::Wanted { sensor_type: byte, scale });
            Command::MultilevelSensor(multilevel_sensor::Command::Get { wanted })
        }
        (C::BINARY_SENSOR, _) => {
            let sensor_type = since(2).then_some(byte);
            Command::BinarySensor(binary_sensor::Command::Get { sensor_type })
        }
        (C::ALARM_SENSOR, _) => Command::AlarmSensor(alarm_sensor::Command::Get { sensor_type: byte }),
        (C::METER, _) => {
            let rate_type = match (since(4), key >> 9 & 0b11) {
                (true, 1) => meter::RateType::Consumed,
                (true, 2) => meter::RateType::Produced,
                _ => meter::RateType::Unspecified,
            };
            Command::Meter(meter::Command::Get { rate_type, scale: since(2).then_some(key & 0x1ff) })
        }
        (C::NOTIFICATION, P::State) => {
            let [notification_type, _] = key.to_be_bytes();
            // Event 0: what is active of this type.
            Command::Notification(notification::Command::Get { notification_type, event: 0 })
        }
        (C::NOTIFICATION, P::AlarmType | P::AlarmLevel) => {
            Command::Notification(notification::Command::AlarmGet { alarm_type: 0 })
        }
        (C::BATTERY, P::MaximumCapacity | P::Temperature) => Command::Battery(battery::Command::HealthGet),
        (C::BATTERY, _) => Command::Battery(battery::Command::Get),
        (C::THERMOSTAT_MODE, _) => Command::ThermostatMode(thermostat_mode::Command::Get),
        (C::THERMOSTAT_OPERATING_STATE, _) => {
            Command::ThermostatOperatingState(thermostat_operating_state::Command::Get)
        }
        (C::THERMOSTAT_FAN_MODE, _) => Command::ThermostatFanMode(thermostat_fan_mode::Command::Get),
        (C::THERMOSTAT_FAN_STATE, _) => Command::ThermostatFanState(thermostat_fan_state::Command::Get),
        (C::THERMOSTAT_SETBACK, _) => Command::ThermostatSetback(thermostat_setback::Command::Get),
        (C::THERMOSTAT_SETPOINT, _) => {
            Command::ThermostatSetpoint(thermostat_setpoint::Command::Get { setpoint_type: byte })
        }
        (C::HUMIDITY_CONTROL_MODE, _) => Command::HumidityControlMode(humidity_control_mode::Command::Get),
        (C::HUMIDITY_CONTROL_OPERATING_STATE, _) => {
            Command::HumidityControlOperatingState(humidity_control_operating_state::Command::Get)
        }
        (C::HUMIDITY_CONTROL_SETPOINT, _) => {
            Command::HumidityControlSetpoint(humidity_control_setpoint::Command::Get { setpoint_type: byte })
        }
        (C::DOOR_LOCK, property) if OPERATION.contains(&property) => {
            Command::DoorLock(door_lock::Command::OperationGet)
        }
        (C::DOOR_LOCK, _) => Command::DoorLock(door_lock::Command::ConfigurationGet),
        (C::LOCK, _) => Command::Lock(lock::Command::Get),
        (C::USER_CODE, P::UserStatus) => Command::UserCode(user_code::Command::Get { user: byte }),
        (C::SOUND_SWITCH, P::Playing | P::Volume) => Command::SoundSwitch(sound_switch::Command::TonePlayGet),
        (C::SOUND_SWITCH, _) => Command::SoundSwitch(sound_switch::Command::ConfigurationGet),
        (C::INDICATOR, P::Current) => Command::Indicator(indicator::Command::Get { indicator: None }),
        (C::INDICATOR, P::Indicator) => {
            let [indicator, _] = key.to_be_bytes();
            Command::Indicator(indicator::Command::Get { indicator: Some(indicator) })
        }
        (C::PROTECTION, _) => Command::Protection(protection::Command::Get),
        (C::CONFIGURATION, _) => Command::Configuration(match u8::try_from(key) {
            Ok(parameter) => configuration::Command::Get { parameter },
            Err(_) => configuration::Command::BulkGet { first: key, count: 1 },
        }),
        (C::NODE_NAMING_AND_LOCATION, P::Name) => {
            Command::NodeNamingAndLocation(node_naming_and_location::Command::NameGet)
        }
        (C::NODE_NAMING_AND_LOCATION, _) => {
            Command::NodeNamingAndLocation(node_naming_and_location::Command::LocationGet)
        }
        (C::IRRIGATION, _) => Command::Irrigation(irrigation::Command::SystemStatusGet),
        (C::WAKE_UP, _) => Command::WakeUp(wake_up::Command::IntervalGet),
        (C::CENTRAL_SCENE, _) => Command::CentralScene(central_scene::Command::ConfigurationGet),
        (C::ENERGY_PRODUCTION, _) => Command::EnergyProduction(energy_production::Command::Get { parameter: byte }),
        _ => return Vec::new(),
    }]
}

/// What is in the report of a lock's operation; the rest is in that of its configuration.
const OPERATION: &[P] = &[P::Mode, P::Door, P::Bolt, P::Latch, P::LockTimeout, P::InsideHandles, P::OutsideHandles];
