//! The one table from zigbee2mqtt's names to the hub's: what an expose is called, in which context, of which type, and
//! what its numbers are. A name that stands in the hub's own list with the same kind and a unit that can be converted
//! needs no line here; everything else keeps its own name.

use hub_model::Kind;

/// A specific type that a feature belongs to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Context {
    /// On its own.
    None,
    /// `light`.
    Light,
    /// `switch`.
    Switch,
    /// `cover`.
    Cover,
    /// `lock`.
    Lock,
    /// `climate`.
    Climate,
    /// `fan`.
    Fan,
}

/// What is done to a value beside converting its unit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Conversion {
    /// Nothing.
    Plain,
    /// A number from 0 to its greatest value becomes 0–100 %.
    Percent,
    /// The same, and 0 is left to switching off: the least that is sent is the device's own least, at least 1.
    PercentAboveZero,
    /// Mired become kelvin; least and greatest change places.
    Reciprocal,
    /// A boolean becomes its opposite.
    Inverted,
    /// OPEN, CLOSE and STOP: a command to write and a state to read, two attributes of one property.
    CoverState,
}

/// One line of the table.
#[derive(Clone, Copy, Debug)]
pub struct Rename {
    /// Within which type.
    pub context: Context,
    /// The expose's name.
    pub expose: &'static str,
    /// The kind it must have.
    pub kind: Kind,
    /// The attribute's name. Its unit is in the hub's list; a line whose unit cannot be converted to it does not count.
    pub attribute: &'static str,
    /// What is done to values.
    pub conversion: Conversion,
}

const fn rename(context: Context, expose: &'static str, kind: Kind, attribute: &'static str) -> Rename {
    Rename { context, expose, kind, attribute, conversion: Conversion::Plain }
}
const fn convert(
    context: Context,
    expose: &'static str,
    kind: Kind,
    attribute: &'static str,
    conversion: Conversion,
) -> Rename {
    Rename { context, expose, kind, attribute, conversion }
}

/// Tried in this order; the first that fits counts.
#[rustfmt::skip]
pub const RENAMES: &[Rename] = &[
    rename(Context::Light, "state", Kind::Bool, "on"),
    convert(Context::Light, "brightness", Kind::Number, "brightness", Conversion::PercentAboveZero),
    convert(Context::Light, "color_temp", Kind::Number, "color_temperature", Conversion::Reciprocal),
    convert(Context::Light, "color_temp_startup", Kind::Number, "color_temperature_startup", Conversion::Reciprocal),
    convert(Context::Light, "min_brightness", Kind::Number, "min_brightness", Conversion::Percent),
    convert(Context::Light, "max_brightness", Kind::Number, "max_brightness", Conversion::Percent),
    rename(Context::Switch, "state", Kind::Bool, "on"),
    convert(Context::Cover, "state", Kind::Enum, "cover_command", Conversion::CoverState),
    rename(Context::Cover, "moving", Kind::Enum, "motion"),
    rename(Context::Lock, "state", Kind::Bool, "locked"),
    rename(Context::Fan, "state", Kind::Bool, "on"),
    rename(Context::Fan, "mode", Kind::Enum, "fan_mode"),
    convert(Context::Fan, "speed", Kind::Number, "fan_speed", Conversion::Percent),
    rename(Context::Climate, "state", Kind::Bool, "on"),
    rename(Context::Climate, "local_temperature", Kind::Number, "temperature"),
    rename(Context::Climate, "local_temperature_calibration", Kind::Number, "temperature_calibration"),
    rename(Context::Climate, "occupied_heating_setpoint", Kind::Number, "heating_setpoint"),
    rename(Context::Climate, "current_heating_setpoint", Kind::Number, "heating_setpoint"),
    rename(Context::Climate, "occupied_cooling_setpoint", Kind::Number, "cooling_setpoint"),
    rename(Context::Climate, "current_cooling_setpoint", Kind::Number, "cooling_setpoint"),
    rename(Context::Climate, "system_mode", Kind::Enum, "hvac_mode"),
    rename(Context::Climate, "running_state", Kind::Enum, "hvac_action"),
    rename(Context::Climate, "running_mode", Kind::Enum, "hvac_running_mode"),
    rename(Context::Climate, "pi_heating_demand", Kind::Number, "heating_demand"),
    rename(Context::Climate, "min_heat_setpoint_limit", Kind::Number, "min_heating_setpoint"),
    rename(Context::Climate, "max_heat_setpoint_limit", Kind::Number, "max_heating_setpoint"),
    // On their own.
    rename(Context::None, "linkquality", Kind::Number, "link_quality"),
    convert(Context::None, "contact", Kind::Bool, "open", Conversion::Inverted),
    rename(Context::None, "state", Kind::Bool, "on"),
    convert(Context::None, "brightness", Kind::Number, "brightness", Conversion::Percent),
    convert(Context::None, "min_brightness", Kind::Number, "min_brightness", Conversion::Percent),
    convert(Context::None, "max_brightness", Kind::Number, "max_brightness", Conversion::Percent),
    convert(Context::None, "color_temp", Kind::Number, "color_temperature", Conversion::Reciprocal),
    convert(Context::None, "effect_speed", Kind::Number, "effect_speed", Conversion::Percent),
    convert(Context::None, "fan_speed", Kind::Number, "fan_speed", Conversion::Percent),
    convert(Context::None, "zb_fan_speed", Kind::Number, "zb_fan_speed", Conversion::Percent),
    convert(Context::None, "smart_fan_speed", Kind::Number, "smart_fan_speed", Conversion::Percent),
    convert(Context::None, "display_brightness", Kind::Number, "display_brightness", Conversion::Percent),
    convert(Context::None, "backlight_brightness", Kind::Number, "backlight_brightness", Conversion::Percent),
    convert(Context::None, "backlight", Kind::Number, "backlight_brightness", Conversion::Percent),
    convert(Context::None, "backlight_mode", Kind::Number, "backlight_brightness", Conversion::Percent),
    rename(Context::None, "backlight_mode", Kind::Bool, "backlight"),
    rename(Context::None, "backlight_switch", Kind::Bool, "backlight"),
    rename(Context::None, "backlight", Kind::Enum, "backlight_mode"),
    rename(Context::None, "indicator", Kind::Enum, "indicator_mode"),
    rename(Context::None, "status_led", Kind::Bool, "indicator"),
    rename(Context::None, "power_outage_memory", Kind::Enum, "power_on_behavior"),
    rename(Context::None, "ac_frequency", Kind::Number, "frequency"),
    rename(Context::None, "system_mode", Kind::Enum, "hvac_mode"),
    rename(Context::None, "running_state", Kind::Enum, "hvac_action"),
    rename(Context::None, "current_temperature", Kind::Number, "temperature"),
    rename(Context::None, "occupied_heating_setpoint", Kind::Number, "heating_setpoint"),
    rename(Context::None, "current_heating_setpoint", Kind::Number, "heating_setpoint"),
    rename(Context::None, "occupied_cooling_setpoint", Kind::Number, "cooling_setpoint"),
    rename(Context::None, "min_heat_setpoint_limit", Kind::Number, "min_heating_setpoint"),
    rename(Context::None, "max_heat_setpoint_limit", Kind::Number, "max_heating_setpoint"),
    rename(Context::None, "min_cool_setpoint_limit", Kind::Number, "min_cooling_setpoint"),
    rename(Context::None, "max_cool_setpoint_limit", Kind::Number, "max_cooling_setpoint"),
    rename(Context::None, "outdoor_air_temperature", Kind::Number, "outdoor_temperature"),
    rename(Context::None, "pi_heating_demand", Kind::Number, "heating_demand"),
    rename(Context::None, "eco_mode", Kind::Number, "eco_temperature"),
    rename(Context::None, "open_window", Kind::Bool, "window_open"),
    rename(Context::None, "keypad_lockout", Kind::Bool, "child_lock"),
    rename(Context::None, "moving", Kind::Enum, "motion"),
    rename(Context::None, "motor_state", Kind::Enum, "motion"),
    rename(Context::None, "motor_reversal", Kind::Bool, "reverse_direction"),
    rename(Context::None, "reverse_direction", Kind::Enum, "motor_direction"),
    rename(Context::None, "motor_reversal", Kind::Enum, "motor_direction"),
    rename(Context::None, "gas", Kind::Number, "gas_volume"),
    rename(Context::None, "gas", Kind::Number, "gas_concentration"),
    rename(Context::None, "voc", Kind::Number, "voc_ppb"),
    rename(Context::None, "formaldehyd", Kind::Number, "formaldehyde"),
    rename(Context::None, "hcho", Kind::Number, "formaldehyde"),
    rename(Context::None, "illuminance", Kind::Number, "illuminance"),
    rename(Context::None, "illuminance", Kind::Number, "illuminance_percent"),
    rename(Context::None, "illuminance_lux", Kind::Number, "illuminance"),
    rename(Context::None, "fault", Kind::Enum, "fault_type"),
    rename(Context::None, "fault", Kind::Text, "fault_state"),
    rename(Context::None, "faults", Kind::Text, "fault_state"),
    rename(Context::None, "fault_alarm", Kind::Enum, "fault_type"),
    rename(Context::None, "alarm", Kind::Enum, "alarm_state"),
    rename(Context::None, "volume", Kind::Enum, "sound_volume"),
    rename(Context::None, "sound_volume", Kind::Number, "volume"),
    rename(Context::None, "alarm_volume", Kind::Enum, "sound_volume"),
    rename(Context::None, "alarm_ringtone", Kind::Enum, "melody"),
    rename(Context::None, "sensitivity", Kind::Number, "sensitivity_level"),
    rename(Context::None, "motion_sensitivity", Kind::Number, "motion_sensitivity_level"),
    rename(Context::None, "occupancy_sensitivity", Kind::Number, "occupancy_sensitivity_level"),
    rename(Context::None, "presence_sensitivity", Kind::Number, "presence_sensitivity_level"),
];

/// Attributes that belong to the device as a whole where no endpoint is said: endpoint 0.
pub const WHOLE_DEVICE: &[&str] = &[
    "battery",
    "battery_low",
    "battery_state",
    "battery_voltage",
    "charging",
    "cpu_temperature",
    "device_temperature",
    "dhcp_enabled",
    "fault_state",
    "ip_address",
    "lifetime",
    "link_quality",
    "power_outage_count",
    "reboot_count",
    "rejoin_count",
    "reported_packages",
    "serial_number",
    "smart_sleep",
    "tx_radio_power",
    "update_installed_version",
    "update_latest_version",
    "update_progress",
    "update_remaining",
    "update_state",
    "uptime",
    "wifi_config",
    "wifi_status",
];

/// Differences between temperatures: 1.8 °F is 1 °C, whatever the zero is.
pub const TEMPERATURE_DIFFERENCES: &[&str] =
    &["deadzone_temperature", "hysteresis", "temperature_calibration", "temperature_offset", "temperature_sensitivity"];

/// What an endpoint measures or detects when it is a sensor.
pub const SENSED: &[&str] = &[
    "air_quality",
    "alarm",
    "carbon_monoxide",
    "co",
    "co2",
    "formaldehyde",
    "gas",
    "gas_concentration",
    "humidity",
    "illuminance",
    "illuminance_percent",
    "illuminance_raw",
    "noise",
    "occupancy",
    "open",
    "pm1",
    "pm10",
    "pm25",
    "presence",
    "pressure",
    "rain",
    "smoke",
    "soil_moisture",
    "sos",
    "temperature",
    "vibration",
    "voc",
    "voc_index",
    "voc_ppb",
    "water_leak",
];

/// What the bridge writes into states about itself; no attribute of the device.
pub const BOOKKEEPING: &[&str] = &["last_seen", "elapsed", "device"];

/// Words that stand where a unit belongs and are none.
const NOT_UNITS: &[&str] = &["", "lqi", "VOC Index points", "VOC index points", "raw", "times", "level", "index", "*"];

/// Units that stand for a length of time or a distance, and those where several are usual: with none said, nothing may
/// be assumed.
const NEVER_ASSUMED: &[&str] = &["s", "min", "h", "m", "µg/m³", "ppb", "m³", "%LEL", "m³/h", "bar", "psi"];

/// Durations that the Zigbee standard itself gives in the hub's unit.
const STANDARD_UNIT: &[&str] = &["temperature_setpoint_hold_duration"];

/// From a unit to a canonical one: `canonical = raw * factor + offset`.
const UNIT_CONVERSIONS: &[(&str, &str, f64, f64)] = &[
    ("mV", "V", 0.001, 0.0),
    ("kV", "V", 1000.0, 0.0),
    ("mA", "A", 0.001, 0.0),
    ("mW", "W", 0.001, 0.0),
    ("kW", "W", 1000.0, 0.0),
    ("kVA", "VA", 1000.0, 0.0),
    ("kvar", "var", 1000.0, 0.0),
    ("Wh", "kWh", 0.001, 0.0),
    ("MWh", "kWh", 1000.0, 0.0),
    ("kPa", "hPa", 10.0, 0.0),
    ("Pa", "hPa", 0.01, 0.0),
    ("°F", "°C", 5.0 / 9.0, -160.0 / 9.0),
    ("K", "°C", 1.0, -273.15),
    ("ms", "s", 0.001, 0.0),
    ("min", "s", 60.0, 0.0),
    ("m", "s", 60.0, 0.0),
    ("h", "s", 3600.0, 0.0),
    ("d", "s", 86400.0, 0.0),
    ("s", "min", 1.0 / 60.0, 0.0),
    ("h", "min", 60.0, 0.0),
    ("min", "h", 1.0 / 60.0, 0.0),
    ("d", "h", 24.0, 0.0),
    ("mm", "m", 0.001, 0.0),
    ("cm", "m", 0.01, 0.0),
    ("mg/m³", "µg/m³", 1000.0, 0.0),
    ("ppm", "ppb", 1000.0, 0.0),
    ("ppb", "ppm", 0.001, 0.0),
    ("L", "m³", 0.001, 0.0),
    ("L/h", "m³/h", 0.001, 0.0),
    ("dBA", "dB", 1.0, 0.0),
    ("kHz", "Hz", 1000.0, 0.0),
];

/// How a number in the unit `raw` of an expose becomes one of the attribute `name` in its `canonical` unit: factor and
/// offset; none when they do not go together.
pub fn unit_conversion(name: &str, raw: Option<&str>, canonical: Option<&str>) -> Option<(f64, f64)> {
    let raw = raw.map(hub_model::unit::canonical).filter(|unit| !NOT_UNITS.contains(unit));
    match (raw, canonical) {
        (None, None) => Some((1.0, 0.0)),
        (Some("%"), None) if name.starts_with("power_factor") => Some((0.01, 0.0)),
        (Some(raw), Some(canonical)) if raw == canonical => Some((1.0, 0.0)),
        (None, Some(canonical)) => {
            (!NEVER_ASSUMED.contains(&canonical) || STANDARD_UNIT.contains(&name)).then_some((1.0, 0.0))
        }
        (Some(raw), Some(canonical)) => {
            let (.., factor, offset) = UNIT_CONVERSIONS.iter().find(|line| line.0 == raw && line.1 == canonical)?;
            let difference = canonical == "°C" && TEMPERATURE_DIFFERENCES.contains(&name);
            Some((*factor, if difference { 0.0 } else { *offset }))
        }
        (Some(_), None) => None,
    }
}

/// The unit of an attribute that keeps its own name: in canonical spelling where it is a known one.
pub fn own_unit(raw: Option<&str>) -> Option<&str> {
    raw.map(hub_model::unit::canonical).filter(|unit| !unit.is_empty() && *unit != "lqi")
}
