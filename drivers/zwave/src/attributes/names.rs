//! The one table from values of command classes to attributes: which value, of which device, is called what, and how
//! its values are converted. A line counts only where the value's unit can be converted to the attribute's; what has no
//! line keeps the specification's name.

use hub_model::Kind;

use super::node::Role;
use super::reading::{Property as P, Source, meter_key, pair_key};
use crate::command_class::value::Names;
use crate::command_class::{
    CommandClass, alarm_sensor, barrier_operator, battery, binary_sensor, color_switch, door_lock, energy_production,
    humidity_control_mode, humidity_control_operating_state, humidity_control_setpoint, meter, protection,
    sound_switch, thermostat_fan_mode, thermostat_fan_state, thermostat_setback, thermostat_setpoint, user_code,
    window_covering,
};

/// How values become attribute values and back.
#[derive(Clone, Copy, Debug)]
pub enum Conversion {
    /// Numbers with their unit converted; flags and texts as they are.
    Plain,
    /// A flag becomes its opposite.
    Inverted,
    /// A level: off or on.
    Switch,
    /// A level from 0 to 99 becomes 0–100 %.
    Percent,
    /// The same, and 0 is left to switching off.
    PercentAboveZero,
    /// 0–99 from closed one way over open to closed the other way becomes 0 (closed) to 100 % (open); set on the first
    /// half.
    Slats,
    /// One of these words, by number.
    Words(&'static [(u16, &'static str)]),
    /// One of a table's names as words.
    Named(Names),
    /// A variable of Notification: idle, or one of its events.
    State,
    /// Whether it is one of these numbers, and not known when it is one of those.
    OneOf(&'static [u16], &'static [u16]),
    /// Red, green and blue become hue and saturation.
    Color,
    /// Warm and cold white become a colour temperature.
    ColorTemperature,
    /// Opens, closes or stops.
    CoverCommand,
    /// A position of a barrier: 0 closed, 1–99, 255 open.
    BarrierPosition,
    /// Where a barrier was last seen or sent to.
    BarrierState,
    /// A single word that is only sent.
    Press(&'static str),
    /// A tone, by its name.
    Tone,
    /// A word that says what happened.
    Event,
    /// A user's code, only set.
    Code,
    /// One of the options of a parameter.
    Choice,
}

/// Whether an attribute can be set, and what it is for people.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Access {
    /// Measured or told.
    Told,
    /// Told, and about the device rather than the home.
    Diagnostic,
    /// Can be set.
    Set,
    /// A setting of the device.
    Setting,
    /// Can only be set.
    SetOnly,
}

/// One line of the table.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// Which value.
    pub source: Source,
    /// Of a device whose levels are of this; none = of any.
    pub role: Option<Role>,
    /// Not the source's own key, but the first of these that the device has.
    pub first_of: &'static [u16],
    /// The attribute.
    pub attribute: &'static str,
    /// The kind that it has.
    pub kind: Kind,
    /// What is done to values.
    pub conversion: Conversion,
    /// What can be done with it.
    pub access: Access,
}

impl Row {
    const fn when(mut self, role: Role) -> Self {
        self.role = Some(role);
        self
    }
}

const fn row(source: Source, attribute: &'static str, kind: Kind, conversion: Conversion, access: Access) -> Row {
    Row { source, role: None, first_of: &[], attribute, kind, conversion, access }
}
const fn of(class: CommandClass, property: P) -> Source {
    Source::new(class, property)
}
const fn sensor(sensor_type: u8, attribute: &'static str) -> Row {
    let source = Source::keyed(CommandClass::MULTILEVEL_SENSOR, P::Sensor, sensor_type as u16);
    row(source, attribute, Kind::Number, Conversion::Plain, Access::Told)
}
const fn reading(meter_type: u8, rate: u16, scale: u16, attribute: &'static str) -> Row {
    let source = Source::keyed(CommandClass::METER, P::Meter, meter_key(meter_type, rate, scale));
    row(source, attribute, Kind::Number, Conversion::Plain, Access::Told)
}
const fn detected(sensor_type: u8, attribute: &'static str) -> Row {
    let source = Source::keyed(CommandClass::BINARY_SENSOR, P::Current, sensor_type as u16);
    row(source, attribute, Kind::Bool, Conversion::Plain, Access::Told)
}
const fn alarm(sensor_type: u8, attribute: &'static str) -> Row {
    let source = Source::keyed(CommandClass::ALARM_SENSOR, P::Current, sensor_type as u16);
    row(source, attribute, Kind::Bool, Conversion::Plain, Access::Told)
}
const fn notified(notification_type: u8, first: u8, attribute: &'static str, events: &'static [u16]) -> Row {
    let source = Source::keyed(CommandClass::NOTIFICATION, P::State, pair_key(notification_type, first));
    row(source, attribute, Kind::Bool, Conversion::OneOf(events, &[]), Access::Told)
}
const fn setpoint(setpoint_type: u8, attribute: &'static str) -> Row {
    let source = Source::keyed(CommandClass::THERMOSTAT_SETPOINT, P::Setpoint, setpoint_type as u16);
    row(source, attribute, Kind::Number, Conversion::Plain, Access::Set)
}
const fn event(class: CommandClass) -> Row {
    row(of(class, P::Event), "action", Kind::Enum, Conversion::Event, Access::Told)
}
const fn of_covering(
    property: P,
    first_of: &'static [u16],
    attribute: &'static str,
    kind: Kind,
    conversion: Conversion,
) -> Row {
    let access = if matches!(conversion, Conversion::CoverCommand) { Access::SetOnly } else { Access::Set };
    let mut row = row(of(CommandClass::WINDOW_COVERING, property), attribute, kind, conversion, access);
    row.first_of = first_of;
    row
}

const UNSPECIFIED: u16 = 0;
const CONSUMED: u16 = 1;
const PRODUCED: u16 = 2;

/// Movements of a window covering that can be its position: those of the outside first.
const POSITIONS: &[u16] = &[13, 15, 1, 3, 9, 5, 7, 17, 19, 21];
/// Movements that are its slats.
const SLATS: &[u16] = &[23, 11];
/// Movements that open and close it: those with a position first.
const MOVES: &[u16] = &[13, 15, 1, 3, 9, 5, 7, 17, 19, 21, 12, 14, 0, 2, 8, 4, 6, 16, 18, 20];

/// Words for modes of thermostats, as other drivers have them where they have them.
const THERMOSTAT_MODES: &[(u16, &str)] = &[
    (0x00, "off"),
    (0x01, "heat"),
    (0x02, "cool"),
    (0x03, "auto"),
    (0x04, "auxiliary"),
    (0x05, "resume"),
    (0x06, "fan_only"),
    (0x07, "furnace"),
    (0x08, "dry"),
    (0x09, "moist"),
    (0x0a, "auto_changeover"),
    (0x0b, "energy_heat"),
    (0x0c, "energy_cool"),
    (0x0d, "away"),
    (0x0f, "full_power"),
    (0x1f, "manufacturer_specific"),
];
/// Words for what heating or cooling does.
const OPERATING_STATES: &[(u16, &str)] = &[
    (0x00, "idle"),
    (0x01, "heat"),
    (0x02, "cool"),
    (0x03, "fan_only"),
    (0x04, "pending_heat"),
    (0x05, "pending_cool"),
    (0x06, "vent"),
    (0x07, "aux_heat"),
    (0x08, "heat_stage_2"),
    (0x09, "cool_stage_2"),
    (0x0a, "aux_heat_stage_2"),
    (0x0b, "aux_heat_stage_3"),
];
/// Words for the bolt by the mode of the lock. What is open from one side only is not fully locked.
const LOCK_STATES: &[(u16, &str)] = &[
    (0xff, "locked"),
    (0x00, "unlocked"),
    (0x01, "unlocked"),
    (0x10, "not_fully_locked"),
    (0x11, "not_fully_locked"),
    (0x20, "not_fully_locked"),
    (0x21, "not_fully_locked"),
    (0xfe, "unknown"),
];
const BARRIER_MOTION: &[(u16, &str)] =
    &[(0xfc, "closing"), (0xfd, "stopped"), (0xfe, "opening"), (0x00, "stopped"), (0xff, "stopped")];
const REPLACE: &[(u16, &str)] = &[(0, "no"), (1, "soon"), (3, "now"), (2, "now")];

/// Every line; all that fit a value count, so that a level is both `on` and `brightness`.
#[rustfmt::skip]
pub const ROWS: &[Row] = &[
    // Switches and dimmers.
    row(of(CommandClass::BINARY_SWITCH, P::Current), "on", Kind::Bool, Conversion::Switch, Access::Set),
    row(of(CommandClass::MULTILEVEL_SWITCH, P::Current), "on", Kind::Bool, Conversion::Switch, Access::Set).when(Role::Light),
    row(of(CommandClass::MULTILEVEL_SWITCH, P::Current), "brightness", Kind::Number, Conversion::PercentAboveZero, Access::Set).when(Role::Light),
    row(of(CommandClass::MULTILEVEL_SWITCH, P::Current), "on", Kind::Bool, Conversion::Switch, Access::Set).when(Role::Fan),
    row(of(CommandClass::MULTILEVEL_SWITCH, P::Current), "fan_speed", Kind::Number, Conversion::Percent, Access::Set).when(Role::Fan),
    row(of(CommandClass::MULTILEVEL_SWITCH, P::Current), "position", Kind::Number, Conversion::Percent, Access::Set).when(Role::Cover),
    row(of(CommandClass::MULTILEVEL_SWITCH, P::Move), "cover_command", Kind::Enum, Conversion::CoverCommand, Access::SetOnly).when(Role::Cover),
    row(of(CommandClass::BASIC, P::Current), "basic", Kind::Number, Conversion::Percent, Access::Set),
    row(of(CommandClass::COLOR_SWITCH, P::Color), "color", Kind::Color, Conversion::Color, Access::Set),
    row(of(CommandClass::COLOR_SWITCH, P::ColorTemperature), "color_temperature", Kind::Number, Conversion::ColorTemperature, Access::Set),
    // Covers.
    of_covering(P::Position, POSITIONS, "position", Kind::Number, Conversion::Percent),
    of_covering(P::Position, SLATS, "tilt", Kind::Number, Conversion::Slats),
    of_covering(P::Move, MOVES, "cover_command", Kind::Enum, Conversion::CoverCommand),
    row(of(CommandClass::BASIC_WINDOW_COVERING, P::Move), "cover_command", Kind::Enum, Conversion::CoverCommand, Access::SetOnly),
    row(of(CommandClass::BARRIER_OPERATOR, P::Current), "position", Kind::Number, Conversion::BarrierPosition, Access::Told),
    row(of(CommandClass::BARRIER_OPERATOR, P::Current), "cover_state", Kind::Enum, Conversion::BarrierState, Access::Told),
    row(of(CommandClass::BARRIER_OPERATOR, P::Current), "motion", Kind::Enum, Conversion::Words(BARRIER_MOTION), Access::Told),
    row(of(CommandClass::BARRIER_OPERATOR, P::Move), "cover_command", Kind::Enum, Conversion::CoverCommand, Access::SetOnly),
    // Measurements.
    sensor(0x01, "temperature"),
    sensor(0x03, "illuminance"),
    sensor(0x03, "illuminance_percent"),
    sensor(0x04, "power"),
    sensor(0x05, "humidity"),
    sensor(0x08, "pressure"),
    sensor(0x09, "pressure"),
    sensor(0x0b, "dew_point"),
    sensor(0x0f, "voltage"),
    sensor(0x10, "current"),
    sensor(0x11, "co2"),
    sensor(0x12, "flow"),
    sensor(0x1e, "noise"),
    sensor(0x20, "frequency"),
    sensor(0x22, "target_temperature"),
    sensor(0x23, "pm25"),
    sensor(0x27, "voc_ppb"),
    sensor(0x28, "co"),
    sensor(0x29, "soil_moisture"),
    sensor(0x38, "flow"),
    sensor(0x3b, "pm10"),
    sensor(0x40, "outdoor_temperature"),
    sensor(0x56, "pm1"),
    reading(meter::ELECTRIC, UNSPECIFIED, 0, "energy"),
    reading(meter::ELECTRIC, CONSUMED, 0, "energy"),
    reading(meter::ELECTRIC, PRODUCED, 0, "produced_energy"),
    reading(meter::ELECTRIC, UNSPECIFIED, 2, "power"),
    reading(meter::ELECTRIC, CONSUMED, 2, "power"),
    reading(meter::ELECTRIC, UNSPECIFIED, 4, "voltage"),
    reading(meter::ELECTRIC, CONSUMED, 4, "voltage"),
    reading(meter::ELECTRIC, UNSPECIFIED, 5, "current"),
    reading(meter::ELECTRIC, CONSUMED, 5, "current"),
    reading(meter::ELECTRIC, UNSPECIFIED, 6, "power_factor"),
    reading(meter::ELECTRIC, CONSUMED, 6, "power_factor"),
    reading(meter::ELECTRIC, UNSPECIFIED, 7, "power_reactive"),
    reading(meter::ELECTRIC, CONSUMED, 7, "power_reactive"),
    reading(meter::GAS, UNSPECIFIED, 0, "gas_volume"),
    reading(meter::GAS, CONSUMED, 0, "gas_volume"),
    reading(meter::GAS, UNSPECIFIED, 1, "gas_volume"),
    reading(meter::GAS, CONSUMED, 1, "gas_volume"),
    reading(meter::WATER, UNSPECIFIED, 0, "water_consumed"),
    reading(meter::WATER, CONSUMED, 0, "water_consumed"),
    reading(meter::WATER, UNSPECIFIED, 1, "water_consumed"),
    reading(meter::WATER, CONSUMED, 1, "water_consumed"),
    reading(meter::WATER, UNSPECIFIED, 2, "water_consumed"),
    reading(meter::WATER, CONSUMED, 2, "water_consumed"),
    row(of(CommandClass::METER, P::MeterReset), "energy_reset", Kind::Enum, Conversion::Press("reset"), Access::SetOnly),
    row(Source::keyed(CommandClass::ENERGY_PRODUCTION, P::Production, 0), "power", Kind::Number, Conversion::Plain, Access::Told),
    row(Source::keyed(CommandClass::ENERGY_PRODUCTION, P::Production, 1), "produced_energy", Kind::Number, Conversion::Plain, Access::Told),
    // What is detected.
    detected(0x02, "smoke"),
    detected(0x03, "carbon_monoxide"),
    detected(0x06, "water_leak"),
    detected(0x08, "tamper"),
    detected(0x0a, "open"),
    detected(0x0c, "occupancy"),
    alarm(0x01, "smoke"),
    alarm(0x02, "carbon_monoxide"),
    alarm(0x05, "water_leak"),
    notified(0x01, 0x01, "smoke", &[1, 2]),
    notified(0x01, 0x03, "test", &[3]),
    notified(0x02, 0x01, "carbon_monoxide", &[1, 2]),
    notified(0x05, 0x01, "water_leak", &[1, 2]),
    notified(0x06, 0x16, "open", &[0x16]),
    notified(0x06, 0x0b, "lock_jammed", &[0x0b]),
    notified(0x07, 0x01, "intrusion", &[1, 2]),
    notified(0x07, 0x03, "tamper", &[3]),
    notified(0x07, 0x07, "occupancy", &[7, 8]),
    notified(0x08, 0x02, "mains_connected", &[3]),
    notified(0x08, 0x06, "over_current", &[6]),
    notified(0x08, 0x07, "over_voltage", &[7]),
    notified(0x08, 0x08, "over_load", &[8]),
    notified(0x08, 0x0c, "charging", &[0x0c]),
    notified(0x09, 0x06, "tamper", &[6]),
    notified(0x0e, 0x01, "alarm", &[1]),
    notified(0x0f, 0x01, "valve_open", &[1]),
    notified(0x10, 0x01, "rain", &[1]),
    notified(0x12, 0x01, "gas", &[1, 2]),
    notified(0x16, 0x01, "presence", &[1, 2]),
    row(of(CommandClass::NOTIFICATION, P::AlarmType), "alarm_type", Kind::Number, Conversion::Plain, Access::Diagnostic),
    row(of(CommandClass::NOTIFICATION, P::AlarmLevel), "alarm_level", Kind::Number, Conversion::Plain, Access::Diagnostic),
    // What is done.
    event(CommandClass::NOTIFICATION),
    event(CommandClass::CENTRAL_SCENE),
    event(CommandClass::SCENE_ACTIVATION),
    event(CommandClass::ENTRY_CONTROL),
    event(CommandClass::BASIC),
    row(of(CommandClass::NOTIFICATION, P::EventUser), "action_user", Kind::Number, Conversion::Plain, Access::Told),
    row(of(CommandClass::BASIC, P::EventLevel), "action_level", Kind::Number, Conversion::Plain, Access::Told),
    row(of(CommandClass::CENTRAL_SCENE, P::SlowRefresh), "slow_refresh", Kind::Bool, Conversion::Plain, Access::Setting),
    // Batteries.
    row(of(CommandClass::BATTERY, P::Current), "battery", Kind::Number, Conversion::Plain, Access::Diagnostic),
    row(of(CommandClass::BATTERY, P::BatteryLow), "battery_low", Kind::Bool, Conversion::Plain, Access::Diagnostic),
    row(of(CommandClass::BATTERY, P::Charging), "charging", Kind::Bool, Conversion::OneOf(&[1, 2], &[3]), Access::Diagnostic),
    row(of(CommandClass::BATTERY, P::Charging), "battery_charging_state", Kind::Enum, Conversion::Named(battery::CHARGING), Access::Diagnostic),
    row(of(CommandClass::BATTERY, P::Rechargeable), "battery_rechargeable", Kind::Bool, Conversion::Plain, Access::Diagnostic),
    row(of(CommandClass::BATTERY, P::Backup), "battery_backup", Kind::Bool, Conversion::Plain, Access::Diagnostic),
    row(of(CommandClass::BATTERY, P::Overheating), "battery_overheating", Kind::Bool, Conversion::Plain, Access::Diagnostic),
    row(of(CommandClass::BATTERY, P::LowFluid), "battery_low_fluid", Kind::Bool, Conversion::Plain, Access::Diagnostic),
    row(of(CommandClass::BATTERY, P::ReplaceOrRecharge), "battery_replace_or_recharge", Kind::Enum, Conversion::Words(REPLACE), Access::Diagnostic),
    row(of(CommandClass::BATTERY, P::Disconnected), "battery_disconnected", Kind::Bool, Conversion::Plain, Access::Diagnostic),
    row(of(CommandClass::BATTERY, P::LowTemperature), "battery_low_temperature", Kind::Bool, Conversion::Plain, Access::Diagnostic),
    row(of(CommandClass::BATTERY, P::MaximumCapacity), "battery_maximum_capacity", Kind::Number, Conversion::Plain, Access::Diagnostic),
    row(of(CommandClass::BATTERY, P::Temperature), "battery_temperature", Kind::Number, Conversion::Plain, Access::Diagnostic),
    // Heating, cooling, humidity.
    row(of(CommandClass::THERMOSTAT_MODE, P::Mode), "hvac_mode", Kind::Enum, Conversion::Words(THERMOSTAT_MODES), Access::Set),
    row(of(CommandClass::THERMOSTAT_OPERATING_STATE, P::OperatingState), "hvac_action", Kind::Enum, Conversion::Words(OPERATING_STATES), Access::Told),
    row(of(CommandClass::THERMOSTAT_FAN_MODE, P::Mode), "fan_mode", Kind::Enum, Conversion::Named(thermostat_fan_mode::MODES), Access::Set),
    row(of(CommandClass::THERMOSTAT_FAN_MODE, P::FanOff), "fan_on", Kind::Bool, Conversion::Inverted, Access::Set),
    row(of(CommandClass::THERMOSTAT_FAN_STATE, P::OperatingState), "fan_state", Kind::Enum, Conversion::Named(thermostat_fan_state::STATES), Access::Told),
    row(of(CommandClass::THERMOSTAT_SETBACK, P::SetbackType), "setback", Kind::Enum, Conversion::Named(thermostat_setback::TYPES), Access::Told),
    row(of(CommandClass::THERMOSTAT_SETBACK, P::SetbackState), "setback_temperature", Kind::Number, Conversion::Plain, Access::Told),
    setpoint(thermostat_setpoint::HEATING, "heating_setpoint"),
    setpoint(thermostat_setpoint::COOLING, "cooling_setpoint"),
    row(of(CommandClass::HUMIDITY_CONTROL_MODE, P::Mode), "humidity_control_mode", Kind::Enum, Conversion::Named(humidity_control_mode::MODES), Access::Set),
    row(of(CommandClass::HUMIDITY_CONTROL_OPERATING_STATE, P::OperatingState), "humidity_control_state", Kind::Enum, Conversion::Named(humidity_control_operating_state::STATES), Access::Told),
    // Locks.
    row(of(CommandClass::DOOR_LOCK, P::Mode), "locked", Kind::Bool, Conversion::OneOf(&[door_lock::SECURED as u16], &[door_lock::UNKNOWN as u16]), Access::Set),
    row(of(CommandClass::DOOR_LOCK, P::Mode), "lock_state", Kind::Enum, Conversion::Words(LOCK_STATES), Access::Told),
    row(of(CommandClass::DOOR_LOCK, P::Mode), "lock_mode", Kind::Enum, Conversion::Named(door_lock::MODES), Access::Set),
    row(of(CommandClass::DOOR_LOCK, P::Door), "open", Kind::Bool, Conversion::Plain, Access::Told),
    row(of(CommandClass::DOOR_LOCK, P::Bolt), "bolt_locked", Kind::Bool, Conversion::Plain, Access::Told),
    row(of(CommandClass::DOOR_LOCK, P::Latch), "latch_open", Kind::Bool, Conversion::Plain, Access::Told),
    row(of(CommandClass::DOOR_LOCK, P::LockTimeout), "lock_timeout_remaining", Kind::Number, Conversion::Plain, Access::Told),
    row(of(CommandClass::DOOR_LOCK, P::InsideHandles), "inside_handles", Kind::Number, Conversion::Plain, Access::Diagnostic),
    row(of(CommandClass::DOOR_LOCK, P::OutsideHandles), "outside_handles", Kind::Number, Conversion::Plain, Access::Diagnostic),
    row(of(CommandClass::DOOR_LOCK, P::OperationType), "lock_operation_type", Kind::Enum, Conversion::Named(door_lock::OPERATION_TYPES), Access::Setting),
    row(of(CommandClass::DOOR_LOCK, P::LockTimeoutConfiguration), "lock_timeout", Kind::Number, Conversion::Plain, Access::Setting),
    row(of(CommandClass::DOOR_LOCK, P::AutoRelockTime), "auto_relock_time", Kind::Number, Conversion::Plain, Access::Setting),
    row(of(CommandClass::DOOR_LOCK, P::HoldAndReleaseTime), "hold_and_release_time", Kind::Number, Conversion::Plain, Access::Setting),
    row(of(CommandClass::DOOR_LOCK, P::TwistAssist), "twist_assist", Kind::Bool, Conversion::Plain, Access::Setting),
    row(of(CommandClass::DOOR_LOCK, P::BlockToBlock), "block_to_block", Kind::Bool, Conversion::Plain, Access::Setting),
    row(of(CommandClass::DOOR_LOCK, P::InsideHandlesConfiguration), "inside_handles_allowed", Kind::Number, Conversion::Plain, Access::Setting),
    row(of(CommandClass::DOOR_LOCK, P::OutsideHandlesConfiguration), "outside_handles_allowed", Kind::Number, Conversion::Plain, Access::Setting),
    row(of(CommandClass::LOCK, P::Current), "locked", Kind::Bool, Conversion::Plain, Access::Set),
    row(of(CommandClass::USER_CODE, P::Code), "pin_code", Kind::Composite, Conversion::Code, Access::SetOnly),
    // Sirens and chimes.
    row(of(CommandClass::SOUND_SWITCH, P::Playing), "alarm", Kind::Bool, Conversion::Switch, Access::Set),
    row(of(CommandClass::SOUND_SWITCH, P::Playing), "melody", Kind::Enum, Conversion::Tone, Access::Set),
    row(of(CommandClass::SOUND_SWITCH, P::Volume), "playing_volume", Kind::Number, Conversion::Plain, Access::Told),
    row(of(CommandClass::SOUND_SWITCH, P::DefaultVolume), "volume", Kind::Number, Conversion::Plain, Access::Setting),
    row(of(CommandClass::SOUND_SWITCH, P::DefaultTone), "default_melody", Kind::Enum, Conversion::Tone, Access::Setting),
    // Irrigation.
    row(of(CommandClass::IRRIGATION, P::Voltage), "voltage", Kind::Number, Conversion::Plain, Access::Diagnostic),
    row(of(CommandClass::IRRIGATION, P::Flow), "flow", Kind::Number, Conversion::Plain, Access::Told),
    row(of(CommandClass::IRRIGATION, P::Pressure), "water_pressure", Kind::Number, Conversion::Plain, Access::Told),
    row(of(CommandClass::IRRIGATION, P::Rain), "rain", Kind::Bool, Conversion::Plain, Access::Told),
    row(of(CommandClass::IRRIGATION, P::Moisture), "moisture_detected", Kind::Bool, Conversion::Plain, Access::Told),
    row(of(CommandClass::IRRIGATION, P::MasterValve), "master_valve_open", Kind::Bool, Conversion::Plain, Access::Told),
    row(of(CommandClass::IRRIGATION, P::FirstOpenValve), "first_open_valve", Kind::Number, Conversion::Plain, Access::Told),
    row(of(CommandClass::IRRIGATION, P::Errors), "irrigation_errors", Kind::Number, Conversion::Plain, Access::Diagnostic),
    row(of(CommandClass::IRRIGATION, P::ShutoffHours), "irrigation_shutoff", Kind::Number, Conversion::Plain, Access::Set),
    // The device itself.
    row(of(CommandClass::INDICATOR, P::Current), "indicator", Kind::Bool, Conversion::Switch, Access::Set),
    row(of(CommandClass::INDICATOR, P::Identify), "identify", Kind::Enum, Conversion::Press("identify"), Access::SetOnly),
    row(of(CommandClass::PROTECTION, P::LocalProtection), "child_lock", Kind::Bool, Conversion::OneOf(&[1, 2], &[]), Access::Setting),
    row(of(CommandClass::PROTECTION, P::LocalProtection), "keypad_lockout", Kind::Enum, Conversion::Named(protection::LOCAL_STATES), Access::Setting),
    row(of(CommandClass::PROTECTION, P::RfProtection), "rf_protection", Kind::Enum, Conversion::Named(protection::RF_STATES), Access::Setting),
    row(of(CommandClass::NODE_NAMING_AND_LOCATION, P::Name), "name", Kind::Text, Conversion::Plain, Access::Setting),
    row(of(CommandClass::NODE_NAMING_AND_LOCATION, P::Location), "location", Kind::Text, Conversion::Plain, Access::Setting),
    row(of(CommandClass::WAKE_UP, P::WakeUpInterval), "wake_up_interval", Kind::Number, Conversion::Plain, Access::Setting),
];

/// Names of what there are several of, where no line has them.
pub(super) const KEYED_NAMES: &[(CommandClass, P, Names)] = &[
    (CommandClass::COLOR_SWITCH, P::Component, color_switch::COMPONENTS),
    (CommandClass::THERMOSTAT_SETPOINT, P::Setpoint, thermostat_setpoint::TYPES),
    (CommandClass::HUMIDITY_CONTROL_SETPOINT, P::Setpoint, humidity_control_setpoint::TYPES),
    (CommandClass::ENERGY_PRODUCTION, P::Production, energy_production::PARAMETERS),
    (CommandClass::WINDOW_COVERING, P::Position, window_covering::PARAMETERS),
    (CommandClass::WINDOW_COVERING, P::Move, window_covering::PARAMETERS),
    (CommandClass::BINARY_SENSOR, P::Current, binary_sensor::SENSOR_TYPES),
    (CommandClass::ALARM_SENSOR, P::Current, alarm_sensor::SENSOR_TYPES),
    (CommandClass::BARRIER_OPERATOR, P::Signal, barrier_operator::SIGNALS),
];

/// Statuses of users.
pub(super) const USER_STATUSES: Names = user_code::STATUSES;
/// The tone that stands for «the one that is set up».
pub(super) const DEFAULT_TONE: u8 = sound_switch::DEFAULT_TONE;

/// From a unit to a canonical one: `canonical = native * factor + offset`.
const UNIT_CONVERSIONS: &[(&str, &str, f64, f64)] = &[
    ("°F", "°C", 5.0 / 9.0, -160.0 / 9.0),
    ("kPa", "hPa", 10.0, 0.0),
    ("inHg", "hPa", 33.863_886_666_667, 0.0),
    ("mV", "V", 0.001, 0.0),
    ("mA", "A", 0.001, 0.0),
    ("Btu/h", "W", 0.293_071_07, 0.0),
    ("kvar", "var", 1000.0, 0.0),
    ("kHz", "Hz", 1000.0, 0.0),
    ("dBA", "dB", 1.0, 0.0),
    ("ppm", "ppb", 1000.0, 0.0),
    ("L/h", "m³/h", 0.001, 0.0),
    ("cfm", "m³/h", 1.699_010_795_52, 0.0),
    ("ft³", "m³", 0.028_316_846_592, 0.0),
    ("gal", "m³", 0.003_785_411_784, 0.0),
    ("Wh", "kWh", 0.001, 0.0),
    ("s", "min", 1.0 / 60.0, 0.0),
];

/// How a number in the unit `native` becomes one in the unit `canonical`: factor and offset; none when they do not go
/// together.
pub fn unit_conversion(native: Option<&str>, canonical: Option<&str>) -> Option<(f64, f64)> {
    match (native, canonical) {
        _ if native == canonical => Some((1.0, 0.0)),
        (Some(native), Some(canonical)) => {
            let line = UNIT_CONVERSIONS.iter().find(|line| line.0 == native && line.1 == canonical)?;
            Some((line.2, line.3))
        }
        _ => None,
    }
}
