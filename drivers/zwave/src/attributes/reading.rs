//! From commands to readings: values of a class, each with its source, before they are attributes.

use std::collections::BTreeMap;

use super::describe::IN_PASSING;
use super::node::Endpoint;
use super::{action, notification, parameter};
use crate::command_class::value::{Level, ScaledNumber, text_of};
use crate::command_class::{
    Command, CommandClass, alarm_sensor, barrier_operator, battery, binary_sensor, binary_switch, central_scene,
    color_switch, configuration, door_lock, energy_production, humidity_control_mode, humidity_control_operating_state,
    humidity_control_setpoint, indicator, irrigation, lock, meter, multilevel_sensor, multilevel_switch,
    node_naming_and_location, protection, sound_switch, thermostat_fan_mode, thermostat_fan_state, thermostat_mode,
    thermostat_operating_state, thermostat_setback, thermostat_setpoint, user_code, wake_up, window_covering,
};

/// Which value of a class it is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[allow(missing_docs, reason = "named as in the specification; keys are said where there are any")]
pub enum Property {
    /// The main value; of Binary Sensor and Alarm Sensor by sensor type.
    Current,
    /// Moving until it is stopped; of Window Covering by parameter.
    Move,
    /// By sensor type.
    Sensor,
    /// By [`meter_key`].
    Meter,
    MeterReset,
    /// By notification type and the variable's first event.
    State,
    /// What happens and has no state.
    Event,
    EventUser,
    EventLevel,
    AlarmType,
    AlarmLevel,
    BatteryLow,
    Charging,
    Rechargeable,
    Backup,
    Overheating,
    LowFluid,
    ReplaceOrRecharge,
    Disconnected,
    LowTemperature,
    MaximumCapacity,
    Temperature,
    /// Red, green and blue together.
    Color,
    /// Warm and cold white together.
    ColorTemperature,
    /// By colour component.
    Component,
    /// By parameter.
    Position,
    Mode,
    FanOff,
    OperatingState,
    /// By setpoint type.
    Setpoint,
    SetbackType,
    SetbackState,
    Door,
    Bolt,
    Latch,
    LockTimeout,
    OperationType,
    LockTimeoutConfiguration,
    AutoRelockTime,
    HoldAndReleaseTime,
    TwistAssist,
    BlockToBlock,
    InsideHandles,
    OutsideHandles,
    InsideHandlesConfiguration,
    OutsideHandlesConfiguration,
    /// A user's code, by setting only.
    Code,
    /// By user.
    UserStatus,
    /// By signal.
    Signal,
    Playing,
    Volume,
    DefaultTone,
    DefaultVolume,
    /// By indicator and property.
    Indicator,
    Identify,
    LocalProtection,
    RfProtection,
    /// By parameter.
    Parameter,
    /// These bits of a parameter; by parameter.
    ParameterPart(u32),
    Name,
    Location,
    WakeUpInterval,
    SlowRefresh,
    /// By parameter.
    Production,
    Voltage,
    Flow,
    Pressure,
    Rain,
    Moisture,
    MasterValve,
    FirstOpenValve,
    Errors,
    ShutoffHours,
}

impl Property {
    /// It happens, or comes with what happens, and has no state.
    pub fn is_momentary(self) -> bool {
        matches!(self, Self::Event | Self::EventUser | Self::EventLevel)
    }
}

/// Where a value comes from.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Source {
    /// The class.
    pub class: CommandClass,
    /// Which of its values.
    pub property: Property,
    /// Which of several of that kind; 0 where there is one.
    pub key: u16,
}

impl Source {
    /// A source of which there is one.
    pub const fn new(class: CommandClass, property: Property) -> Self {
        Self { class, property, key: 0 }
    }

    /// One of several.
    pub const fn keyed(class: CommandClass, property: Property, key: u16) -> Self {
        Self { class, property, key }
    }
}

/// The key of a reading of a meter: meter type, rate type and scale.
pub const fn meter_key(meter_type: u8, rate: u16, scale: u16) -> u16 {
    (meter_type as u16 & 0b1_1111) << 11 | (rate & 0b11) << 9 | scale & 0x1ff
}

/// What was counted, as it stands in a key.
pub const fn rate_bits(rate_type: meter::RateType) -> u16 {
    match rate_type {
        meter::RateType::Unspecified => 0,
        meter::RateType::Consumed => 1,
        meter::RateType::Produced => 2,
        meter::RateType::Reserved => 3,
    }
}

/// Two bytes as a key.
pub const fn pair_key(first: u8, second: u8) -> u16 {
    (first as u16) << 8 | second as u16
}

/// A value as its class has it.
#[derive(Clone, PartialEq, Debug)]
pub enum Native {
    /// The device does not know it.
    Unknown,
    /// A number in the reading's unit.
    Number(f64),
    /// True or false.
    Flag(bool),
    /// Off, a level or on.
    Level(Level),
    /// One of several that have numbers.
    Choice(u16),
    /// A text.
    Text(String),
    /// Red, green and blue, or warm and cold white; 0–255 each.
    Channels(Vec<u8>),
    /// A user (0 = all), whether the code counts, and the code. The code is never shown.
    Code {
        /// From 1 on.
        user: u16,
        /// The code opens.
        is_enabled: bool,
        /// Its digits; none = it is deleted.
        code: Option<user_code::Code>,
    },
}

/// A value and where it comes from.
#[derive(Clone, PartialEq, Debug)]
pub struct Reading {
    /// Where.
    pub source: Source,
    /// The value.
    pub native: Native,
    /// The unit of a number.
    pub unit: Option<&'static str>,
}

/// Values of one class.
pub(super) struct Readings(CommandClass, Vec<Reading>);

impl Readings {
    pub(super) fn of(class: CommandClass) -> Self {
        Self(class, Vec::new())
    }

    pub(super) fn add(self, property: Property, native: Native) -> Self {
        self.keyed(property, 0, native, None)
    }

    pub(super) fn flag(self, property: Property, flag: bool) -> Self {
        self.add(property, Native::Flag(flag))
    }

    pub(super) fn choice(self, property: Property, choice: u8) -> Self {
        self.add(property, Native::Choice(u16::from(choice)))
    }

    fn number(self, property: Property, number: impl Into<f64>, unit: Option<&'static str>) -> Self {
        self.keyed(property, 0, Native::Number(number.into()), unit)
    }

    pub(super) fn keyed(mut self, property: Property, key: u16, native: Native, unit: Option<&'static str>) -> Self {
        self.1.push(Reading { source: Source::keyed(self.0, property, key), native, unit });
        self
    }

    pub(super) fn done(self) -> Vec<Reading> {
        self.1
    }
}

/// The values in a command that a node sent; none in questions and in what is only about the node. Values that need
/// others beside them (colours) are complete when the endpoint has learnt the command.
pub fn readings(endpoint: &Endpoint, command: &Command) -> Vec<Reading> {
    use Property as P;
    let of = Readings::of(command.class());
    match command {
        Command::BinarySwitch(binary_switch::Command::Report { current, .. })
        | Command::MultilevelSwitch(multilevel_switch::Command::Report { current, .. }) => {
            of.add(P::Current, Native::Level(*current))
        }
        Command::BinarySensor(binary_sensor::Command::Report { detected, sensor_type }) => {
            let sensor_type = sensor_type.unwrap_or_else(|| only_sensor(endpoint));
            of.keyed(P::Current, u16::from(sensor_type), Native::Flag(*detected), None)
        }
        Command::AlarmSensor(alarm_sensor::Command::Report { sensor_type, state, .. }) => {
            of.keyed(P::Current, u16::from(*sensor_type), Native::Flag(*state != 0), None)
        }
        Command::MultilevelSensor(multilevel_sensor::Command::Report { sensor_type, value }) => {
            let unit = multilevel_sensor::unit(*sensor_type, value.scale);
            of.keyed(P::Sensor, u16::from(*sensor_type), Native::Number(value.value()), unit)
        }
        Command::Meter(meter::Command::Report(reading)) => {
            let key = meter_key(reading.meter_type, rate_bits(reading.rate_type), reading.scale);
            of.keyed(P::Meter, key, Native::Number(reading.value.value()), meter_unit(key))
        }
        Command::Notification(command) => return notification::readings(endpoint, command),
        Command::Battery(command) => battery_readings(of, command),
        Command::ColorSwitch(color_switch::Command::Report { current, .. }) => {
            let of = of.keyed(P::Component, u16::from(current.component), Native::Number(current.value.into()), None);
            color_readings(of, &endpoint.colors)
        }
        // A movement without a position, of an even number, sends numbers that mean nothing.
        Command::WindowCovering(window_covering::Command::Report { current, .. }) if current.parameter % 2 == 1 => {
            of.keyed(P::Position, u16::from(current.parameter), Native::Level(current.value), None)
        }
        Command::ThermostatMode(thermostat_mode::Command::Report { mode, .. }) => of.choice(P::Mode, *mode),
        Command::ThermostatFanMode(thermostat_fan_mode::Command::Report { mode, off }) => {
            let of = of.choice(P::Mode, *mode);
            if endpoint.version(CommandClass::THERMOSTAT_FAN_MODE) < 2 { of } else { of.flag(P::FanOff, *off) }
        }
        Command::ThermostatFanState(thermostat_fan_state::Command::Report { state })
        | Command::ThermostatOperatingState(thermostat_operating_state::Command::Report { state })
        | Command::HumidityControlOperatingState(humidity_control_operating_state::Command::Report { state }) => {
            of.choice(P::OperatingState, *state)
        }
        Command::ThermostatSetpoint(thermostat_setpoint::Command::Report { setpoint_type, value: Some(value) }) => {
            setpoint(of, *setpoint_type, *value, temperature_unit(value.scale))
        }
        Command::ThermostatSetback(thermostat_setback::Command::Report { setback_type, state }) => {
            of.choice(P::SetbackType, *setback_type).number(P::SetbackState, f64::from(*state) / 10.0, Some("K"))
        }
        Command::HumidityControlMode(humidity_control_mode::Command::Report { mode }) => of.choice(P::Mode, *mode),
        Command::HumidityControlSetpoint(humidity_control_setpoint::Command::Report {
            setpoint_type,
            value: Some(value),
        }) => setpoint(of, *setpoint_type, *value, humidity_unit(value.scale)),
        Command::DoorLock(command) => door_lock_readings(of, endpoint, command),
        Command::Lock(lock::Command::Report { locked }) => of.flag(P::Current, *locked),
        Command::UserCode(user_code::Command::Report { user, status, .. }) => {
            of.keyed(P::UserStatus, u16::from(*user), Native::Choice(u16::from(*status)), None)
        }
        Command::BarrierOperator(barrier_operator::Command::Report { state }) => of.choice(P::Current, *state),
        Command::BarrierOperator(barrier_operator::Command::EventSignalingReport { signal, on }) => {
            of.keyed(P::Signal, u16::from(*signal), Native::Flag(*on), None)
        }
        Command::SoundSwitch(sound_switch::Command::TonePlayReport { tone, volume }) => {
            let of = of.choice(P::Playing, *tone);
            match volume.filter(|_| *tone != 0) {
                Some(volume) => of.number(P::Volume, volume, Some("%")),
                None => of,
            }
        }
        Command::SoundSwitch(sound_switch::Command::ConfigurationReport { volume, default_tone }) => {
            of.number(P::DefaultVolume, *volume, None).choice(P::DefaultTone, *default_tone)
        }
        Command::Indicator(indicator::Command::Report { value, objects }) => indicator_readings(of, *value, objects),
        Command::Protection(protection::Command::Report { local, rf }) => {
            let of = of.choice(P::LocalProtection, *local);
            rf.iter().fold(of, |of, rf| of.choice(P::RfProtection, *rf))
        }
        Command::Configuration(configuration::Command::Report { parameter, value }) => {
            parameter::readings(of, endpoint, u16::from(*parameter), *value)
        }
        Command::Configuration(configuration::Command::BulkReport { first, values, .. }) => {
            let values = values.iter().zip(*first..);
            values.fold(of, |of, (value, key)| parameter::readings(of, endpoint, key, *value))
        }
        Command::NodeNamingAndLocation(command) => match command {
            node_naming_and_location::Command::NameReport { name } => of.add(P::Name, Native::Text(name.text())),
            node_naming_and_location::Command::LocationReport { location } => {
                of.add(P::Location, Native::Text(location.text()))
            }
            _ => of,
        },
        Command::WakeUp(wake_up::Command::IntervalReport { seconds, .. }) => {
            of.number(P::WakeUpInterval, *seconds, Some("s"))
        }
        Command::CentralScene(central_scene::Command::ConfigurationReport { slow_refresh }) => {
            of.flag(P::SlowRefresh, *slow_refresh)
        }
        Command::EnergyProduction(energy_production::Command::Report { parameter, value }) => {
            let unit = energy_production::unit(*parameter, value.scale);
            of.keyed(P::Production, u16::from(*parameter), Native::Number(value.value()), unit)
        }
        Command::Irrigation(irrigation::Command::SystemStatusReport(status)) => irrigation_readings(of, status),
        Command::CentralScene(_) | Command::SceneActivation(_) | Command::EntryControl(_) => {
            return action::readings(command);
        }
        _ => of,
    }
    .done()
}

/// The unit of a meter's reading.
pub(super) fn meter_unit(key: u16) -> Option<&'static str> {
    // Five bits.
    let (meter_type, scale) = ((key >> 11) as u8, key & 0x1ff);
    let (_, unit) = meter::scale(meter_type, u8::try_from(scale).ok()?)?;
    Some(unit).filter(|unit| !unit.is_empty())
}

/// The unit of a thermostat's setpoint.
pub(super) fn temperature_unit(scale: u8) -> Option<&'static str> {
    match scale {
        thermostat_setpoint::CELSIUS => Some("°C"),
        thermostat_setpoint::FAHRENHEIT => Some("°F"),
        _ => None,
    }
}

/// The unit of a humidifier's setpoint.
pub(super) fn humidity_unit(scale: u8) -> Option<&'static str> {
    match scale {
        0 => Some("%"),
        1 => Some("g/m³"),
        _ => None,
    }
}

fn setpoint(of: Readings, setpoint_type: u8, value: ScaledNumber, unit: Option<&'static str>) -> Readings {
    of.keyed(Property::Setpoint, u16::from(setpoint_type), Native::Number(value.value()), unit)
}

/// The type of a sensor that does not say it: the only one, or that for anything.
pub(super) fn only_sensor(endpoint: &Endpoint) -> u8 {
    let mut types = endpoint.binary_sensors.iter();
    match (types.next(), types.next()) {
        (Some(only), None) => *only,
        _ => 0x01,
    }
}

fn battery_readings(of: Readings, command: &battery::Command) -> Readings {
    use Property as P;
    match command {
        battery::Command::Report { level, state } => {
            let is_low = *level == battery::LOW;
            let level = if is_low { 0 } else { *level };
            let of = of.number(P::Current, level, Some("%")).flag(P::BatteryLow, is_low);
            let Some(state) = state else { return of };
            of.choice(P::Charging, state.charging)
                .flag(P::Rechargeable, state.rechargeable)
                .flag(P::Backup, state.backup)
                .flag(P::Overheating, state.overheating)
                .flag(P::LowFluid, state.low_fluid)
                .choice(P::ReplaceOrRecharge, state.replace_or_recharge)
                .flag(P::Disconnected, state.disconnected)
                .flag(P::LowTemperature, state.low_temperature)
        }
        battery::Command::HealthReport { maximum_capacity, temperature } => {
            let of = match maximum_capacity {
                0xff => of.add(P::MaximumCapacity, Native::Unknown),
                capacity => of.number(P::MaximumCapacity, *capacity, Some("%")),
            };
            match temperature {
                Some(temperature) => of.number(P::Temperature, temperature.value(), Some("°C")),
                None => of.add(P::Temperature, Native::Unknown),
            }
        }
        _ => of,
    }
}

/// What follows from several channels, where all of them are known.
fn color_readings(of: Readings, colors: &BTreeMap<u8, Option<u8>>) -> Readings {
    let known = |components: &[u8]| -> Option<Vec<u8>> {
        components.iter().map(|component| colors.get(component).copied().flatten()).collect()
    };
    let of = match known(&[color_switch::RED, color_switch::GREEN, color_switch::BLUE]) {
        Some(channels) => of.add(Property::Color, Native::Channels(channels)),
        None => of,
    };
    match known(&[color_switch::WARM_WHITE, color_switch::COLD_WHITE]) {
        Some(channels) => of.add(Property::ColorTemperature, Native::Channels(channels)),
        None => of,
    }
}

fn door_lock_readings(of: Readings, endpoint: &Endpoint, command: &door_lock::Command) -> Readings {
    use Property as P;
    let seconds = |timeout: door_lock::Timeout| {
        timeout.total_seconds().map_or(Native::Unknown, |seconds| Native::Number(seconds.into()))
    };
    match command {
        door_lock::Command::OperationReport(operation) => {
            let of = of
                .choice(P::Mode, operation.mode)
                .keyed(P::LockTimeout, 0, seconds(operation.timeout), Some("s"))
                .number(P::InsideHandles, operation.handles.inside, None)
                .number(P::OutsideHandles, operation.handles.outside, None);
            let components = endpoint.lock_parts();
            let parts = [(P::Door, 0), (P::Bolt, 1), (P::Latch, 2)];
            let parts = parts.into_iter().filter(|(_, bit)| components & (1 << bit) != 0);
            // A bit that is set: door closed, bolt unlocked, latch closed.
            parts.fold(of, |of, (part, bit)| of.flag(part, operation.condition & (1 << bit) == 0))
        }
        door_lock::Command::ConfigurationReport(configuration) => {
            let of = of
                .choice(P::OperationType, configuration.operation_type)
                .keyed(P::LockTimeoutConfiguration, 0, seconds(configuration.timeout), Some("s"))
                .number(P::InsideHandlesConfiguration, configuration.handles.inside, None)
                .number(P::OutsideHandlesConfiguration, configuration.handles.outside, None);
            let Some(more) = configuration.more else { return of };
            of.number(P::AutoRelockTime, more.auto_relock_time, Some("s"))
                .number(P::HoldAndReleaseTime, more.hold_and_release_time, Some("s"))
                .flag(P::TwistAssist, more.twist_assist)
                .flag(P::BlockToBlock, more.block_to_block)
        }
        _ => of,
    }
}

fn irrigation_readings(of: Readings, status: &irrigation::SystemStatus) -> Readings {
    use Property as P;
    // A sensor that is not there has a number all the same.
    let measured = |bit: u8, value: ScaledNumber| match status.sensors & (1 << bit) {
        0 => Native::Unknown,
        _ => Native::Number(value.value()),
    };
    of.number(P::Voltage, status.voltage, Some("V"))
        .keyed(P::Flow, 0, measured(0, status.flow), Some("L/h"))
        .keyed(P::Pressure, 0, measured(1, status.pressure), Some("kPa"))
        .flag(P::Rain, status.sensors & 0b100 != 0)
        .flag(P::Moisture, status.sensors & 0b1000 != 0)
        .flag(P::MasterValve, status.is_master_open)
        .number(P::FirstOpenValve, status.first_open, None)
        .number(P::Errors, status.errors, None)
        .number(P::ShutoffHours, status.shutoff_hours, Some("h"))
}

fn indicator_readings(of: Readings, value: u8, objects: &[indicator::Object]) -> Readings {
    if objects.is_empty() {
        return of.add(Property::Current, Native::Level(Level(value)));
    }
    let objects = objects.iter().filter(|object| !IN_PASSING.contains(&object.property));
    objects.fold(of, |of, object| {
        let native = match object.property {
            indicator::BINARY => Native::Flag(object.value != 0),
            _ => Native::Number(f64::from(object.value)),
        };
        of.keyed(Property::Indicator, pair_key(object.indicator, object.property), native, None)
    })
}

/// A name of a parameter, where the device has one.
pub(super) fn shown(text: &[u8]) -> Option<String> {
    Some(text_of(text).trim().to_owned()).filter(|text| !text.is_empty())
}
