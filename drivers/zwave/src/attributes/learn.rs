//! What a command says of the node that sent it. Everything is bounded: what a node can fill is keyed by a byte, or has a
//! greatest number.

use super::node::{Endpoint, Node, Parameter, Tone};
use super::reading::{Property, Source, only_sensor};
use crate::command_class::value::{BitMask, text_of};
use crate::command_class::{
    Command, CommandClass, alarm_sensor, barrier_operator, battery, binary_sensor, central_scene, color_switch,
    configuration, door_lock, energy_production, humidity_control_mode, humidity_control_setpoint, indicator, meter,
    multi_channel, multilevel_sensor, notification, protection, sound_switch, thermostat_fan_mode, thermostat_mode,
    thermostat_setpoint, user_code, version, wake_up, window_covering,
};

/// The most parameters of a device that are kept.
const MOST_PARAMETERS: usize = 512;
/// The longest name or description of a parameter, in bytes.
const LONGEST_TEXT: usize = 2_048;
/// Scales of a meter that can be known: 0–6 and one more byte.
const MOST_METER_SCALES: usize = 512;

impl Node {
    /// Takes over what a command of an endpoint says of it. Values that are needed later (of the other channels of a
    /// colour, the decimals of a setpoint) are kept too, so this goes before [`super::report`].
    pub fn learn(&mut self, endpoint: u8, command: &Command) {
        if let Command::MultiChannel(multi_channel::Command::CapabilityReport {
            endpoint,
            generic,
            specific,
            classes,
            ..
        }) = command
        {
            self.learn_endpoint(*endpoint, *generic, *specific, classes);
            return;
        }
        // Versions are told by the root, for all.
        if let Command::Version(version::Command::CommandClassReport { class, version }) = command {
            let class = CommandClass(u16::from(*class));
            for endpoint in self.endpoints.values_mut() {
                if let Some(known) = endpoint.versions.get_mut(&class) {
                    *known = *version;
                }
            }
            return;
        }
        let Some(known) = self.endpoints.get_mut(&endpoint) else { return };
        known.learn(command);
        let readings = super::report::readings_of(self, endpoint, command);
        let Some(known) = self.endpoints.get_mut(&endpoint) else { return };
        for reading in readings {
            // Some devices have classes that they do not name.
            known.versions.entry(reading.source.class).or_default();
            if reading.source.key == 0 {
                known.seen.insert(reading.source, reading.unit);
            }
        }
    }

    fn learn_endpoint(&mut self, number: u8, generic: u8, specific: u8, classes: &[u8]) {
        let number = number & 0x7f;
        if number == 0 {
            // The root tells by its node information what it is.
            return;
        }
        if generic == multi_channel::NON_INTEROPERABLE {
            self.endpoints.remove(&number);
            return;
        }
        let root = self.endpoints.get(&0).map(|root| root.versions.clone()).unwrap_or_default();
        let supported = CommandClass::list(classes).into_iter();
        let supported = supported.take_while(|class| *class != CommandClass::SUPPORT_CONTROL_MARK);
        let endpoint = self.endpoints.entry(number).or_default();
        (endpoint.generic, endpoint.specific) = (generic, specific);
        // Versions of an endpoint are those of the root.
        endpoint.versions = supported.map(|class| (class, root.get(&class).copied().unwrap_or_default())).collect();
    }
}

/// Positions of a mask that fit a byte.
fn numbers(mask: &BitMask) -> impl Iterator<Item = u8> + '_ {
    mask.positions().filter_map(|position| u8::try_from(position).ok())
}

impl Endpoint {
    fn learn(&mut self, command: &Command) {
        match command {
            Command::BinarySensor(command) => self.learn_binary_sensor(command),
            Command::AlarmSensor(alarm_sensor::Command::SupportedReport { types }) => {
                self.alarm_sensors = numbers(types).collect();
            }
            Command::AlarmSensor(alarm_sensor::Command::Report { sensor_type, .. }) => {
                self.alarm_sensors.insert(*sensor_type);
            }
            Command::MultilevelSensor(command) => self.learn_sensor(command),
            Command::Meter(command) => self.learn_meter(command),
            Command::Notification(command) => self.learn_notification(command),
            Command::Battery(command) => match command {
                battery::Command::Report { state: Some(_), .. } => self.battery_has_state = true,
                battery::Command::HealthReport { .. } => self.battery_has_health = true,
                _ => {}
            },
            Command::ColorSwitch(command) => match command {
                color_switch::Command::SupportedReport { components } => {
                    for component in numbers(components) {
                        self.colors.entry(component).or_default();
                    }
                }
                color_switch::Command::Report { current, .. } => {
                    self.colors.insert(current.component, Some(current.value));
                }
                _ => {}
            },
            Command::EnergyProduction(energy_production::Command::Report { parameter, value }) => {
                self.productions.insert(*parameter, value.scale);
            }
            Command::WindowCovering(window_covering::Command::SupportedReport { parameters }) => {
                self.window_coverings = numbers(parameters).collect();
            }
            Command::WindowCovering(window_covering::Command::Report { current, .. }) => {
                self.window_coverings.insert(current.parameter);
            }
            Command::ThermostatMode(thermostat_mode::Command::SupportedReport { modes }) => {
                self.thermostat_modes = numbers(modes).collect();
            }
            Command::ThermostatFanMode(command) => match command {
                thermostat_fan_mode::Command::SupportedReport { modes } => self.fan_modes = numbers(modes).collect(),
                thermostat_fan_mode::Command::Report { mode, .. } => self.fan_mode = Some(*mode),
                _ => {}
            },
            Command::ThermostatSetpoint(command) => self.learn_setpoint(command),
            Command::HumidityControlMode(humidity_control_mode::Command::SupportedReport { modes }) => {
                self.humidity_modes = numbers(modes).collect();
            }
            Command::HumidityControlSetpoint(command) => self.learn_humidity_setpoint(command),
            Command::Configuration(command) => self.learn_parameter(command),
            Command::CentralScene(central_scene::Command::SupportedReport { scenes, keys }) => {
                let masks = keys.as_ref().map(|keys| keys.masks.as_slice()).unwrap_or_default();
                let mask = |index: usize| masks.get(index).or(masks.first()).cloned().unwrap_or_default();
                self.scenes = (1..=*scenes).map(|scene| (scene, mask(usize::from(scene) - 1))).collect();
            }
            Command::DoorLock(door_lock::Command::ConfigurationReport(configuration)) => {
                self.lock_configuration = Some(*configuration);
            }
            Command::DoorLock(door_lock::Command::CapabilitiesReport(capabilities)) => {
                self.lock_components = Some(capabilities.components);
                self.lock_modes = capabilities.modes.iter().copied().collect();
            }
            Command::Protection(protection::Command::Report { local, rf }) => self.protection = Some((*local, *rf)),
            Command::Protection(protection::Command::SupportedReport { local_states, .. }) => {
                self.protection_states = Some(*local_states);
            }
            Command::SoundSwitch(command) => self.learn_sound(command),
            Command::Indicator(indicator::Command::SupportedReport { indicator, properties, .. })
                if *indicator != 0 =>
            {
                self.indicators.insert(*indicator, properties.clone());
            }
            Command::Indicator(indicator::Command::Report { objects, .. }) => {
                for object in objects {
                    let properties = self.indicators.entry(object.indicator).or_default();
                    let more = properties.positions().chain([u16::from(object.property)]);
                    *properties = BitMask::of(more.collect::<Vec<_>>());
                }
            }
            Command::BarrierOperator(command) => match command {
                barrier_operator::Command::SignalingCapabilitiesReport { signals } => {
                    self.barrier_signals = numbers(signals).map(|bit| bit.saturating_add(1)).collect();
                }
                barrier_operator::Command::EventSignalingReport { signal, .. } => {
                    self.barrier_signals.insert(*signal);
                }
                _ => {}
            },
            Command::UserCode(user_code::Command::UsersNumberReport { users, extended }) => {
                self.users = extended.unwrap_or_else(|| u16::from(*users));
            }
            Command::UserCode(user_code::Command::Report { user, .. }) => {
                self.user_statuses.insert(*user);
            }
            Command::WakeUp(command) => match command {
                wake_up::Command::IntervalReport { seconds, node } => self.wake_up = Some((*seconds, *node)),
                wake_up::Command::IntervalCapabilitiesReport { minimum, maximum, .. } => {
                    self.wake_up_range = Some((*minimum, *maximum));
                }
                _ => {}
            },
            _ => {}
        }
    }

    fn learn_binary_sensor(&mut self, command: &binary_sensor::Command) {
        match command {
            binary_sensor::Command::SupportedReport { types } => {
                self.binary_sensors = numbers(types).filter(|number| *number != 0).collect();
            }
            binary_sensor::Command::Report { sensor_type, .. } => {
                self.binary_sensors.insert(sensor_type.unwrap_or_else(|| only_sensor(self)));
            }
            _ => {}
        }
    }

    fn learn_sensor(&mut self, command: &multilevel_sensor::Command) {
        match command {
            multilevel_sensor::Command::SupportedSensorReport { types } => {
                for position in numbers(types) {
                    self.sensors.entry(position.saturating_add(1)).or_default();
                }
            }
            // The first scale is the metric one.
            multilevel_sensor::Command::SupportedScaleReport { sensor_type, scales } if *scales != 0 => {
                let first = (0..4).find(|scale| scales & (1 << scale) != 0).unwrap_or_default();
                // Illuminance in lux says more than in percent.
                let scale = if *sensor_type == 0x03 && scales & 0b10 != 0 { 1 } else { first };
                self.sensors.insert(*sensor_type, scale);
            }
            multilevel_sensor::Command::Report { sensor_type, value } => {
                self.sensors.insert(*sensor_type, value.scale);
            }
            _ => {}
        }
    }

    fn learn_meter(&mut self, command: &meter::Command) {
        match command {
            meter::Command::SupportedReport { meter_type, rate_types, can_reset, scales } => {
                self.meter_can_reset = *can_reset;
                let rates: &[meter::RateType] = match rate_types {
                    0b10 => &[meter::RateType::Produced],
                    0b11 => &[meter::RateType::Consumed, meter::RateType::Produced],
                    0b01 => &[meter::RateType::Consumed],
                    _ => &[meter::RateType::Unspecified],
                };
                self.meter_scales.retain(|(other, ..)| other != meter_type);
                for scale in meter::scales_of(scales) {
                    self.meter_scales.extend(rates.iter().map(|rate| (*meter_type, scale, *rate)));
                }
            }
            meter::Command::Report(reading) if self.meter_scales.len() < MOST_METER_SCALES => {
                self.meter_scales.insert((reading.meter_type, reading.scale, reading.rate_type));
            }
            _ => {}
        }
    }

    fn learn_notification(&mut self, command: &notification::Command) {
        match command {
            notification::Command::SupportedReport { types, has_alarms } => {
                if *has_alarms {
                    let alarms = [Property::AlarmType, Property::AlarmLevel];
                    self.seen.extend(alarms.map(|property| (Source::new(CommandClass::NOTIFICATION, property), None)));
                }
                for notification_type in numbers(types).filter(|number| *number != 0) {
                    self.notifications.entry(notification_type).or_default();
                }
            }
            notification::Command::EventSupportedReport { notification_type, events } => {
                let events = numbers(events).filter(|event| *event != 0).collect();
                self.notifications.insert(*notification_type, events);
            }
            notification::Command::Report(report) => {
                // The event that ended is the parameter.
                let event = match report.event {
                    notification::IDLE => report.parameters.first().copied(),
                    event => Some(event),
                };
                let events = self.notifications.entry(report.notification_type).or_default();
                events.extend(event.filter(|event| ![notification::IDLE, notification::UNKNOWN].contains(event)));
            }
            _ => {}
        }
    }

    fn learn_setpoint(&mut self, command: &thermostat_setpoint::Command) {
        match command {
            thermostat_setpoint::Command::SupportedReport { types } => {
                for setpoint_type in thermostat_setpoint::types_of(types) {
                    self.setpoints.entry(setpoint_type).or_default();
                }
            }
            thermostat_setpoint::Command::Report { setpoint_type, value: Some(value) } => {
                self.setpoints.entry(*setpoint_type).or_default().value = Some(*value);
            }
            thermostat_setpoint::Command::CapabilitiesReport { setpoint_type, minimum, maximum } => {
                self.setpoints.entry(*setpoint_type).or_default().range = Some((*minimum, *maximum));
            }
            _ => {}
        }
    }

    fn learn_humidity_setpoint(&mut self, command: &humidity_control_setpoint::Command) {
        match command {
            humidity_control_setpoint::Command::SupportedReport { types } => {
                for setpoint_type in numbers(types).filter(|number| *number != 0) {
                    self.humidity_setpoints.entry(setpoint_type).or_default();
                }
            }
            humidity_control_setpoint::Command::Report { setpoint_type, value: Some(value) } => {
                self.humidity_setpoints.entry(*setpoint_type).or_default().value = Some(*value);
            }
            humidity_control_setpoint::Command::CapabilitiesReport { setpoint_type, minimum, maximum } => {
                self.humidity_setpoints.entry(*setpoint_type).or_default().range = Some((*minimum, *maximum));
            }
            _ => {}
        }
    }

    fn parameter(&mut self, parameter: u16) -> Option<&mut Parameter> {
        let is_full = self.parameters.len() >= MOST_PARAMETERS && !self.parameters.contains_key(&parameter);
        (!is_full).then(|| self.parameters.entry(parameter).or_default())
    }

    fn learn_parameter(&mut self, command: &configuration::Command) {
        match command {
            configuration::Command::PropertiesReport(properties) => {
                let Some(range) = properties.range else {
                    self.parameters.remove(&properties.parameter);
                    return;
                };
                let Some(parameter) = self.parameter(properties.parameter) else { return };
                parameter.is_described = true;
                parameter.format = properties.format;
                parameter.size = range.default.size;
                let number = |value: configuration::ParameterValue| value.number(properties.format);
                parameter.range = Some((number(range.minimum), number(range.maximum)));
                parameter.is_read_only = properties.flags.is_some_and(|flags| flags.is_read_only);
            }
            configuration::Command::NameReport { parameter, reports_to_follow, name } => {
                let Some(known) = self.parameter(*parameter) else { return };
                append(&mut known.name, &mut known.name_is_open, name, *reports_to_follow);
            }
            configuration::Command::InfoReport { parameter, reports_to_follow, info } => {
                let Some(known) = self.parameter(*parameter) else { return };
                append(&mut known.info, &mut known.info_is_open, info, *reports_to_follow);
            }
            configuration::Command::Report { parameter, value } => {
                if let Some(parameter) = self.parameter(u16::from(*parameter)) {
                    (parameter.size, parameter.value) = (value.size, Some(*value));
                }
            }
            configuration::Command::BulkReport { first, values, .. } => {
                for (value, parameter) in values.iter().zip(*first..) {
                    if let Some(parameter) = self.parameter(parameter) {
                        (parameter.size, parameter.value) = (value.size, Some(*value));
                    }
                }
            }
            _ => {}
        }
    }

    fn learn_sound(&mut self, command: &sound_switch::Command) {
        match command {
            sound_switch::Command::TonesNumberReport { tones } => {
                self.tones.retain(|tone, _| tone <= tones);
                for tone in 1..=*tones {
                    self.tones.entry(tone).or_default();
                }
            }
            sound_switch::Command::ToneInfoReport { tone, seconds, name } if *tone != 0 => {
                self.tones.insert(*tone, Tone { name: text_of(name), seconds: *seconds });
            }
            sound_switch::Command::ConfigurationReport { volume, default_tone } => {
                self.sound = Some((*volume, *default_tone));
            }
            _ => {}
        }
    }
}

/// A text that comes in parts; a part after the last begins it anew.
fn append(text: &mut Vec<u8>, is_open: &mut bool, part: &[u8], reports_to_follow: u8) {
    if !*is_open {
        text.clear();
    }
    text.extend(part);
    text.truncate(LONGEST_TEXT);
    *is_open = reports_to_follow > 0;
}
