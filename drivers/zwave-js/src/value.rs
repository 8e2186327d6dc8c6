//! The one table from Z-Wave JS's value ids to values of command classes: which value it is, how it looks there, and what
//! is set to set it. From there on the attributes are those of `driver-zwave`.

use driver_zwave::attributes::{Property as P, Source, meter_key, pair_key, variable};
use driver_zwave::command_class::{CommandClass as C, battery, energy_production, meter, multilevel_sensor};

use crate::message::{Key, Metadata, ValueId};

/// How a value of a class looks in JSON.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Shape {
    /// True or false.
    Flag,
    /// True or false for on or off.
    Switch,
    /// On (255), off (0) or a level.
    Level,
    /// One of several that have numbers.
    Choice,
    /// A number.
    Number,
    /// A text.
    Text,
    /// This word for true, any other for false.
    Word(&'static str),
    /// A list of true and false, the lowest bit first.
    Bits,
    /// 255 or 0 for true or false.
    FullOrZero,
}

/// How the key of a value becomes that of its source.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Keyed {
    /// There is one.
    No,
    /// The property's key, a number.
    ByKey,
}

/// One line of the table.
#[derive(Clone, Copy, Debug)]
struct Row {
    class: C,
    /// Which value of the class it is.
    property: P,
    /// As Z-Wave JS calls it when it is told.
    told: &'static str,
    /// What is set to set it; empty = it cannot be set so.
    set: &'static str,
    keyed: Keyed,
    shape: Shape,
    /// The unit of its numbers, where it does not say one.
    unit: Option<&'static str>,
}

const fn row(class: C, property: P, told: &'static str, set: &'static str, shape: Shape) -> Row {
    Row { class, property, told, set, keyed: Keyed::No, shape, unit: None }
}
impl Row {
    const fn keyed(mut self) -> Self {
        self.keyed = Keyed::ByKey;
        self
    }

    const fn unit(mut self, unit: &'static str) -> Self {
        self.unit = Some(unit);
        self
    }
}

#[rustfmt::skip]
const ROWS: &[Row] = &[
    row(C::BINARY_SWITCH, P::Current, "currentValue", "targetValue", Shape::Switch),
    row(C::MULTILEVEL_SWITCH, P::Current, "currentValue", "targetValue", Shape::Level),
    row(C::BASIC, P::Current, "currentValue", "targetValue", Shape::Level),
    row(C::COLOR_SWITCH, P::Component, "currentColor", "targetColor", Shape::Number).keyed(),
    row(C::WINDOW_COVERING, P::Position, "currentValue", "targetValue", Shape::Level).keyed(),
    row(C::BARRIER_OPERATOR, P::Current, "currentState", "targetState", Shape::Choice),
    row(C::BARRIER_OPERATOR, P::Current, "position", "", Shape::Choice),
    row(C::BARRIER_OPERATOR, P::Signal, "signalingState", "signalingState", Shape::FullOrZero).keyed(),
    row(C::ALARM_SENSOR, P::Current, "state", "", Shape::Flag).keyed(),
    row(C::ENERGY_PRODUCTION, P::Production, "value", "", Shape::Number).keyed(),
    row(C::METER, P::MeterReset, "reset", "reset", Shape::Flag),
    row(C::NOTIFICATION, P::AlarmType, "alarmType", "", Shape::Choice),
    row(C::NOTIFICATION, P::AlarmLevel, "alarmLevel", "", Shape::Choice),
    row(C::CENTRAL_SCENE, P::SlowRefresh, "slowRefresh", "slowRefresh", Shape::Flag),
    // Batteries.
    row(C::BATTERY, P::Current, "level", "", Shape::Number).unit("%"),
    row(C::BATTERY, P::BatteryLow, "isLow", "", Shape::Flag),
    row(C::BATTERY, P::Charging, "chargingStatus", "", Shape::Choice),
    row(C::BATTERY, P::Rechargeable, "rechargeable", "", Shape::Flag),
    row(C::BATTERY, P::Backup, "backup", "", Shape::Flag),
    row(C::BATTERY, P::Overheating, "overheating", "", Shape::Flag),
    row(C::BATTERY, P::LowFluid, "lowFluid", "", Shape::Flag),
    row(C::BATTERY, P::ReplaceOrRecharge, "rechargeOrReplace", "", Shape::Choice),
    row(C::BATTERY, P::Disconnected, "disconnected", "", Shape::Flag),
    row(C::BATTERY, P::LowTemperature, "lowTemperatureStatus", "", Shape::Flag),
    row(C::BATTERY, P::MaximumCapacity, "maximumCapacity", "", Shape::Number).unit("%"),
    row(C::BATTERY, P::Temperature, "temperature", "", Shape::Number).unit("°C"),
    // Heating, cooling, humidity.
    row(C::THERMOSTAT_MODE, P::Mode, "mode", "mode", Shape::Choice),
    row(C::THERMOSTAT_OPERATING_STATE, P::OperatingState, "state", "", Shape::Choice),
    row(C::THERMOSTAT_FAN_MODE, P::Mode, "mode", "mode", Shape::Choice),
    row(C::THERMOSTAT_FAN_MODE, P::FanOff, "off", "off", Shape::Flag),
    row(C::THERMOSTAT_FAN_STATE, P::OperatingState, "state", "", Shape::Choice),
    row(C::THERMOSTAT_SETBACK, P::SetbackType, "setbackType", "", Shape::Choice),
    row(C::THERMOSTAT_SETBACK, P::SetbackState, "setbackState", "", Shape::Number).unit("K"),
    row(C::THERMOSTAT_SETPOINT, P::Setpoint, "setpoint", "setpoint", Shape::Number).keyed(),
    row(C::HUMIDITY_CONTROL_MODE, P::Mode, "mode", "mode", Shape::Choice),
    row(C::HUMIDITY_CONTROL_OPERATING_STATE, P::OperatingState, "state", "", Shape::Choice),
    row(C::HUMIDITY_CONTROL_SETPOINT, P::Setpoint, "setpoint", "setpoint", Shape::Number).keyed(),
    // Locks.
    row(C::DOOR_LOCK, P::Mode, "currentMode", "targetMode", Shape::Choice),
    row(C::DOOR_LOCK, P::Door, "doorStatus", "", Shape::Word("open")),
    row(C::DOOR_LOCK, P::Bolt, "boltStatus", "", Shape::Word("locked")),
    row(C::DOOR_LOCK, P::Latch, "latchStatus", "", Shape::Word("open")),
    row(C::DOOR_LOCK, P::LockTimeout, "lockTimeout", "", Shape::Number).unit("s"),
    row(C::DOOR_LOCK, P::InsideHandles, "insideHandlesCanOpenDoor", "", Shape::Bits),
    row(C::DOOR_LOCK, P::OutsideHandles, "outsideHandlesCanOpenDoor", "", Shape::Bits),
    row(C::DOOR_LOCK, P::OperationType, "operationType", "operationType", Shape::Choice),
    row(C::DOOR_LOCK, P::LockTimeoutConfiguration, "lockTimeoutConfiguration", "lockTimeoutConfiguration", Shape::Number).unit("s"),
    row(C::DOOR_LOCK, P::AutoRelockTime, "autoRelockTime", "autoRelockTime", Shape::Number).unit("s"),
    row(C::DOOR_LOCK, P::HoldAndReleaseTime, "holdAndReleaseTime", "holdAndReleaseTime", Shape::Number).unit("s"),
    row(C::DOOR_LOCK, P::TwistAssist, "twistAssist", "twistAssist", Shape::Flag),
    row(C::DOOR_LOCK, P::BlockToBlock, "blockToBlock", "blockToBlock", Shape::Flag),
    row(C::DOOR_LOCK, P::InsideHandlesConfiguration, "insideHandlesCanOpenDoorConfiguration", "insideHandlesCanOpenDoorConfiguration", Shape::Bits),
    row(C::DOOR_LOCK, P::OutsideHandlesConfiguration, "outsideHandlesCanOpenDoorConfiguration", "outsideHandlesCanOpenDoorConfiguration", Shape::Bits),
    row(C::LOCK, P::Current, "locked", "locked", Shape::Flag),
    row(C::USER_CODE, P::UserStatus, "userIdStatus", "", Shape::Choice).keyed(),
    // Sirens and chimes.
    row(C::SOUND_SWITCH, P::Playing, "toneId", "toneId", Shape::Choice),
    row(C::SOUND_SWITCH, P::Volume, "volume", "", Shape::Number).unit("%"),
    row(C::SOUND_SWITCH, P::DefaultVolume, "defaultVolume", "defaultVolume", Shape::Number),
    row(C::SOUND_SWITCH, P::DefaultTone, "defaultToneId", "defaultToneId", Shape::Choice),
    // Irrigation.
    row(C::IRRIGATION, P::Voltage, "systemVoltage", "", Shape::Number).unit("V"),
    row(C::IRRIGATION, P::Flow, "flow", "", Shape::Number).unit("L/h"),
    row(C::IRRIGATION, P::Pressure, "pressure", "", Shape::Number).unit("kPa"),
    row(C::IRRIGATION, P::Rain, "rainSensorActive", "", Shape::Flag),
    row(C::IRRIGATION, P::Moisture, "moistureSensorActive", "", Shape::Flag),
    row(C::IRRIGATION, P::MasterValve, "masterValveOpen", "", Shape::Flag),
    row(C::IRRIGATION, P::FirstOpenValve, "firstOpenZoneId", "", Shape::Number),
    row(C::IRRIGATION, P::ShutoffHours, "shutoffDuration", "", Shape::Number).unit("h"),
    // The device itself.
    row(C::INDICATOR, P::Current, "value", "value", Shape::Level),
    row(C::INDICATOR, P::Identify, "identify", "identify", Shape::Flag),
    row(C::PROTECTION, P::LocalProtection, "local", "local", Shape::Choice),
    row(C::PROTECTION, P::RfProtection, "rf", "rf", Shape::Choice),
    row(C::NODE_NAMING_AND_LOCATION, P::Name, "name", "name", Shape::Text),
    row(C::NODE_NAMING_AND_LOCATION, P::Location, "location", "location", Shape::Text),
    row(C::WAKE_UP, P::WakeUpInterval, "wakeUpInterval", "wakeUpInterval", Shape::Number).unit("s"),
];

/// What is no attribute, by class and property: ways to set what another value tells, how long a change still takes, and
/// what the device's description has. `*` = the whole class.
const LEFT_OUT: &[(C, &str)] = &[
    (C::BINARY_SWITCH, "targetValue"),
    (C::BINARY_SWITCH, "duration"),
    (C::MULTILEVEL_SWITCH, "targetValue"),
    (C::MULTILEVEL_SWITCH, "duration"),
    (C::MULTILEVEL_SWITCH, "restorePrevious"),
    (C::BASIC, "targetValue"),
    (C::BASIC, "duration"),
    (C::BASIC, "restorePrevious"),
    (C::COLOR_SWITCH, "targetColor"),
    (C::COLOR_SWITCH, "hexColor"),
    (C::COLOR_SWITCH, "duration"),
    (C::WINDOW_COVERING, "targetValue"),
    (C::WINDOW_COVERING, "duration"),
    (C::BASIC_WINDOW_COVERING, "levelChangeDown"),
    (C::BARRIER_OPERATOR, "targetState"),
    (C::DOOR_LOCK, "targetMode"),
    (C::DOOR_LOCK, "duration"),
    // A reset of one reading; the one of all of them is an attribute.
    (C::METER, "reset"),
    // Codes open doors. They are set and never shown.
    (C::USER_CODE, "userCode"),
    (C::USER_CODE, "adminCode"),
    (C::THERMOSTAT_MODE, "manufacturerData"),
    (C::SCENE_ACTIVATION, "dimmingDuration"),
    (C::WAKE_UP, "controllerNodeId"),
    (C::MANUFACTURER_SPECIFIC, "*"),
    (C::VERSION, "*"),
    (C::Z_WAVE_PLUS_INFO, "*"),
];

/// What a value id is.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Place {
    /// A value of a class: which, how it looks, and the unit of its numbers.
    Value(Source, Shape, Option<&'static str>),
    /// All channels of a colour together.
    Colors,
    /// Something that happens.
    Happening,
    /// Only a sign that something can be done, which another attribute does.
    Sign(Source),
    /// No attribute (see [`LEFT_OUT`]).
    LeftOut,
    /// Nothing that is known here.
    Unnamed,
}

/// Which value of which class an id is.
pub fn place(id: &ValueId, metadata: &Metadata) -> Place {
    let class = C(id.command_class);
    if let Some(place) = by_numbers(class, id, metadata) {
        return place;
    }
    let Some(property) = id.property.word() else { return Place::Unnamed };
    if let (C::COLOR_SWITCH, "currentColor", None) = (class, property, &id.property_key) {
        return Place::Colors;
    }
    if metadata.stateful == Some(false) || matches!((class, property), (C::CENTRAL_SCENE, "scene")) {
        return Place::Happening;
    }
    let known = ROWS.iter().filter(|row| row.class == class && row.told == property).find_map(|row| {
        let key = match (row.keyed, &id.property_key) {
            (Keyed::No, None) => 0,
            (Keyed::ByKey, Some(Key::Number(key))) => u16::try_from(*key).ok()?,
            _ => return None,
        };
        let source = Source::keyed(class, row.property, key);
        let is_pressed = row.property == P::MeterReset || row.property == P::Identify;
        let unit = row.unit.or_else(|| unit_of(source, metadata));
        Some(if is_pressed { Place::Sign(source) } else { Place::Value(source, row.shape, unit) })
    });
    if let Some(place) = known {
        return place;
    }
    let moves = [(C::WINDOW_COVERING, "levelChangeUp"), (C::WINDOW_COVERING, "levelChangeDown")];
    if moves.contains(&(class, property)) || (class, property) == (C::BASIC_WINDOW_COVERING, "levelChangeUp") {
        let key = id.property_key.as_ref().and_then(Key::number).and_then(|key| u16::try_from(key).ok());
        return Place::Sign(Source::keyed(class, P::Move, key.unwrap_or_default()));
    }
    // Up and down go by several names.
    let is_move = class == C::MULTILEVEL_SWITCH && metadata.specific("switchType").is_some() && !metadata.readable;
    let is_left_out = LEFT_OUT.iter().any(|(of, name)| *of == class && (*name == "*" || *name == property));
    if is_move || is_left_out { Place::LeftOut } else { Place::Unnamed }
}

/// Values that are known by numbers that their class says of them, not by a name.
fn by_numbers(class: C, id: &ValueId, metadata: &Metadata) -> Option<Place> {
    let byte = |name: &str| u8::try_from(metadata.specific(name)?).ok();
    Some(match class {
        C::BINARY_SENSOR => {
            let source = Source::keyed(class, P::Current, u16::from(byte("sensorType")?));
            Place::Value(source, Shape::Flag, None)
        }
        C::MULTILEVEL_SENSOR => {
            let sensor_type = byte("sensorType")?;
            let unit = multilevel_sensor::unit(sensor_type, byte("scale").unwrap_or_default());
            Place::Value(Source::keyed(class, P::Sensor, u16::from(sensor_type)), Shape::Number, unit)
        }
        C::METER if id.property == Key::Word("value".into()) => {
            let meter_type = byte("meterType")?;
            let rate = u16::from(byte("rateType").unwrap_or_default());
            let scale = u16::try_from(metadata.specific("scale")?).ok()?;
            let key = meter_key(meter_type, rate, scale);
            let unit = u8::try_from(scale).ok().and_then(|scale| meter::scale(meter_type, scale));
            let unit = unit.map(|(_, unit)| unit).filter(|unit| !unit.is_empty());
            Place::Value(Source::keyed(class, P::Meter, key), Shape::Number, unit)
        }
        C::NOTIFICATION if id.property_key.is_some() => {
            let notification_type = byte("notificationType")?;
            let events = metadata.state_numbers().filter_map(|number| u8::try_from(number).ok());
            let key = events.filter(|event| *event != 0).find_map(|event| variable(notification_type, event))?;
            Place::Value(Source::keyed(class, P::State, key), Shape::Choice, None)
        }
        C::INDICATOR => {
            let indicator = u8::try_from(id.property.number()?).ok()?;
            match &id.property_key {
                Some(Key::Number(property)) => {
                    let property = u8::try_from(*property).ok()?;
                    let source = Source::keyed(class, P::Indicator, pair_key(indicator, property));
                    let is_flag = metadata.kind == "boolean";
                    Place::Value(source, if is_flag { Shape::Flag } else { Shape::Number }, None)
                }
                // How long it shows something; said when it is set.
                _ => Place::LeftOut,
            }
        }
        // A parameter of which a part is meant has no attribute of its own in `driver-zwave`.
        C::CONFIGURATION if id.property_key.is_none() => {
            let parameter = u16::try_from(id.property.number()?).ok()?;
            Place::Value(Source::keyed(class, P::Parameter, parameter), Shape::Number, None)
        }
        _ => return None,
    })
}

fn unit_of(source: Source, metadata: &Metadata) -> Option<&'static str> {
    match (source.class, metadata.unit.as_deref()) {
        (C::THERMOSTAT_SETPOINT, Some("°F")) => Some("°F"),
        (C::THERMOSTAT_SETPOINT, _) => Some("°C"),
        (C::HUMIDITY_CONTROL_SETPOINT, Some("g/m³")) => Some("g/m³"),
        (C::HUMIDITY_CONTROL_SETPOINT, _) => Some("%"),
        (C::ENERGY_PRODUCTION, unit) => {
            let parameter = u8::try_from(source.key).ok()?;
            let scale = u8::from(unit == Some("h"));
            energy_production::unit(parameter, scale)
        }
        _ => None,
    }
}

/// What is set to set a value of a class, and how that looks; none = not one value as it is.
pub fn target(endpoint: u8, source: Source) -> Option<(ValueId, Shape)> {
    let class = source.class;
    match (class, source.property) {
        (C::CONFIGURATION, P::Parameter) => {
            let property = Key::Number(u64::from(source.key));
            let id = ValueId { command_class: class.0, endpoint, property, property_key: None };
            Some((id, Shape::Number))
        }
        (C::INDICATOR, P::Indicator) => {
            let [indicator, property] = source.key.to_be_bytes();
            let is_flag = property == driver_zwave::command_class::indicator::BINARY;
            let id = ValueId {
                command_class: class.0,
                endpoint,
                property: Key::Number(u64::from(indicator)),
                property_key: Some(Key::Number(u64::from(property))),
            };
            Some((id, if is_flag { Shape::Flag } else { Shape::Number }))
        }
        _ => {
            let is_meant = |row: &&Row| row.class == class && row.property == source.property && !row.set.is_empty();
            let row = ROWS.iter().find(is_meant)?;
            let key = (row.keyed == Keyed::ByKey).then_some(u64::from(source.key));
            Some((ValueId::new(class.0, endpoint, row.set, key), row.shape))
        }
    }
}

/// A battery that only says that it is low is told to be empty.
pub const EMPTY_BATTERY: f64 = 0.0;
/// The number that means «low» where a charge is told.
pub const LOW_BATTERY: f64 = battery::LOW as f64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_that_can_be_set_is_found_again() {
        for row in ROWS.iter().filter(|row| !row.set.is_empty()) {
            let source = Source::keyed(row.class, row.property, if row.keyed == Keyed::ByKey { 3 } else { 0 });
            let (id, shape) = target(0, source).unwrap();
            assert_eq!((id.command_class, shape), (row.class.0, row.shape), "{row:?}");
            assert_eq!(id.property_key.is_some(), row.keyed == Keyed::ByKey, "{row:?}");
        }
    }

    #[test]
    fn what_is_not_known_is_said_so() {
        let odd = ValueId::new(0x7fff, 0, "whatever", None);
        assert_eq!(place(&odd, &Metadata::default()), Place::Unnamed);
        let parts =
            ValueId { property_key: Some(Key::Number(1)), property: Key::Number(3), ..ValueId::new(0x70, 0, "", None) };
        assert_eq!(place(&parts, &Metadata::default()), Place::Unnamed);
    }
}
