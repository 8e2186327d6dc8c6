//! The one table of attributes with a fixed meaning: a name of this list always has this kind and unit, whatever
//! device or radio it comes from. `hub/docs/attributes.md` is made from it. Enumerations keep the words of the device.

use std::collections::HashMap;
use std::fmt::Write;
use std::sync::LazyLock;

use crate::attribute::{Category, Kind};

/// An attribute with a fixed meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SemanticAttribute {
    /// The name.
    pub name: &'static str,
    /// The kind of its values.
    pub kind: Kind,
    /// The canonical unit; none for what has no unit.
    pub unit: Option<&'static str>,
    /// A happening, never a state.
    pub momentary: bool,
    /// Where people look for it, unless a device says otherwise.
    pub category: Option<Category>,
    /// What it means, for people.
    pub meaning: &'static str,
}

impl SemanticAttribute {
    const fn setting(mut self) -> Self {
        self.category = Some(Category::Config);
        self
    }

    const fn diagnostic(mut self) -> Self {
        self.category = Some(Category::Diagnostic);
        self
    }

    const fn momentary(mut self) -> Self {
        self.momentary = true;
        self
    }
}

const fn attribute(name: &'static str, kind: Kind, meaning: &'static str) -> SemanticAttribute {
    SemanticAttribute { name, kind, unit: None, momentary: false, category: None, meaning }
}
const fn boolean(name: &'static str, meaning: &'static str) -> SemanticAttribute {
    attribute(name, Kind::Bool, meaning)
}
const fn number(name: &'static str, unit: &'static str, meaning: &'static str) -> SemanticAttribute {
    let mut number = attribute(name, Kind::Number, meaning);
    if !unit.is_empty() {
        number.unit = Some(unit);
    }
    number
}
const fn one_of(name: &'static str, meaning: &'static str) -> SemanticAttribute {
    attribute(name, Kind::Enum, meaning)
}
const fn text(name: &'static str, meaning: &'static str) -> SemanticAttribute {
    attribute(name, Kind::Text, meaning)
}
const fn composite(name: &'static str, meaning: &'static str) -> SemanticAttribute {
    attribute(name, Kind::Composite, meaning)
}
const fn list(name: &'static str, meaning: &'static str) -> SemanticAttribute {
    attribute(name, Kind::List, meaning)
}

/// All of them.
#[rustfmt::skip]
pub const SEMANTIC_ATTRIBUTES: &[SemanticAttribute] = &[
    // Light and switch.
    boolean("on", "Switched on."),
    number("brightness", "%", "Brightness; 0 is the least the device can, not off."),
    number("color_temperature", "K", "Colour temperature of white light."),
    number("color_temperature_startup", "K", "Colour temperature after power comes back.").setting(),
    attribute("color", Kind::Color, "Colour: hue 0–360 and saturation 0–100, or x and y of CIE 1931."),
    one_of("color_mode", "Which of colour and colour temperature is in force."),
    one_of("power_on_behavior", "What the device does when power comes back.").setting(),
    one_of("color_power_on_behavior", "Which colour a light takes when power comes back.").setting(),
    boolean("power_outage_memory", "The device remembers its state over a power cut.").setting(),
    one_of("effect", "A light effect to play."),
    number("effect_speed", "%", "Speed of the effect."),
    text("effect_color", "Colours of the effect."),
    list("gradient", "Colours along a light strip, first segment first."),
    one_of("gradient_scene", "A ready-made gradient."),
    one_of("gradient_style", "How a gradient is drawn.").setting(),
    number("gradient_scale", "", "How many segments of a gradient are drawn.").setting(),
    number("gradient_offset", "", "Segment at which a gradient starts.").setting(),
    composite("level_config", "How brightness behaves: start-up level, transition times.").setting(),
    composite("color_options", "How colour behaves while the light is off.").setting(),
    number("min_brightness", "%", "Least brightness that a dimmer gives.").setting(),
    number("max_brightness", "%", "Greatest brightness that a dimmer gives.").setting(),
    number("ballast_minimum_level", "", "Least level of the ballast, on the device's scale.").setting(),
    number("ballast_maximum_level", "", "Greatest level of the ballast, on the device's scale.").setting(),
    number("min_level", "", "Least level, on the device's scale.").setting(),
    number("max_level", "", "Greatest level, on the device's scale.").setting(),
    number("lower_level", "%", "Lower end of the range.").setting(),
    number("upper_level", "%", "Upper end of the range.").setting(),
    number("fading_time", "s", "Time after which no more movement counts as absence.").setting(),
    one_of("dimmer_mode", "How a dimmer works.").setting(),
    one_of("light_type", "Which kind of lamp is connected.").setting(),
    one_of("light_mode", "Mode of the light."),
    boolean("do_not_disturb", "The light stays off when power comes back.").setting(),
    number("countdown", "s", "Time until the device switches by itself."),
    number("countdown_1", "s", "Time until the first output switches by itself."),
    number("countdown_2", "s", "Time until the second output switches by itself."),
    composite("inching_control_set", "Makes outputs switch back by themselves.").setting(),
    composite("detach_relay_mode", "Which keys no longer switch their output.").setting(),
    one_of("switch_type", "Which kind of wall switch is connected.").setting(),
    one_of("external_switch_type", "Which kind of external switch is connected.").setting(),
    one_of("switch_mode", "What the keys of the device do.").setting(),
    one_of("switch_actions", "What the two positions of a switch do.").setting(),
    one_of("operation_mode", "Whether keys switch the device or only send actions.").setting(),
    one_of("click_mode", "Whether a key knows only single presses.").setting(),
    boolean("multi_click", "A key knows double and triple presses.").setting(),
    one_of("mode_switch", "How fast and how flicker-free the device works.").setting(),
    one_of("relay_mode", "How the relay works.").setting(),
    one_of("relay_status", "What the relay does when power comes back.").setting(),
    boolean("lock_relay", "The relay keeps its state.").setting(),
    one_of("device_mode", "What the device works as.").setting(),
    one_of("mode", "Mode of the device."),
    one_of("work_mode", "What the device works as."),
    one_of("operating_mode", "How the device works."),
    one_of("state", "State in the words of the device."),
    one_of("status", "What the device is doing, in its own words."),
    one_of("action", "What was done at a remote or button.").momentary(),
    number("action_group", "", "Group that the last action was sent to.").diagnostic(),
    number("action_duration", "s", "How long the key of the last action was held."),
    number("action_rate", "", "Speed of the last dimming action."),
    number("action_level", "", "Level of the last dimming action."),
    number("action_step_size", "", "Step of the last dimming action."),
    number("action_transition_time", "s", "Transition of the last action."),
    one_of("action_source_name", "How the last action of a lock came about."),
    number("action_user", "", "Number of the user of the last action."),
    number("scene_id", "", "Number of a scene.").setting(),
    number("group_id", "", "Number of a group.").setting(),
    one_of("identify", "Makes the device show itself."),
    // Indicators, sounds and displays.
    one_of("indicator_mode", "When the indicator is lit.").setting(),
    one_of("indicator_status", "How the indicator is lit.").setting(),
    boolean("indicator", "The indicator is lit.").setting(),
    one_of("indicator_color", "Colour of the indicator.").setting(),
    one_of("indicator_luminance_level", "Brightness of the indicator.").setting(),
    boolean("network_indicator", "The network indicator is lit.").setting(),
    boolean("heartbeat_indicator", "The indicator blinks now and then.").setting(),
    boolean("flip_indicator_light", "The indicator is lit while the output is off.").setting(),
    boolean("led_disabled_night", "The indicator is dark at night.").setting(),
    boolean("led_indication", "The indicator is lit.").setting(),
    boolean("led_indicator", "The indicator is lit.").setting(),
    one_of("indicate_light", "When the indicator is lit.").setting(),
    boolean("led_enable", "The indicator is lit.").setting(),
    boolean("led_in_dark", "The indicator is lit in the dark.").setting(),
    boolean("led_if_on", "The indicator is lit while the output is on.").setting(),
    one_of("led_feedback_mode", "When the indicator answers.").setting(),
    one_of("wireless_led_status", "How the wireless indicator is lit.").setting(),
    one_of("status_led", "When the status light is lit.").setting(),
    boolean("backlight", "The backlight is on.").setting(),
    one_of("backlight_mode", "How the backlight works.").setting(),
    number("backlight_brightness", "%", "Brightness of the backlight.").setting(),
    boolean("night_onoff_backlight", "The backlight is off at night.").setting(),
    number("night_on_backlight", "h", "Hour at which the night of the backlight begins.").setting(),
    number("night_off_backlight", "h", "Hour at which the night of the backlight ends.").setting(),
    boolean("auto_brightness", "The display takes its brightness from the room.").setting(),
    number("display_brightness", "%", "Brightness of the display.").setting(),
    boolean("enable_display", "The display is on.").setting(),
    boolean("screen_light", "The display is lit.").setting(),
    one_of("screen_orientation", "Which way up the display is.").setting(),
    one_of("on_color", "Colour of the indicator while the output is on.").setting(),
    one_of("off_color", "Colour of the indicator while the output is off.").setting(),
    one_of("sound_volume", "Volume of the device's sounds.").setting(),
    number("volume", "", "Volume, on the device's scale.").setting(),
    number("duration", "s", "How long it lasts.").setting(),
    one_of("melody", "Sound to play.").setting(),
    composite("warning", "Starts or stops a siren."),
    composite("squawk", "Makes a short sound."),
    one_of("temperature_unit", "Unit on the device's display.").setting(),
    one_of("temperature_display_mode", "Unit on the device's display.").setting(),
    one_of("time_format", "Clock format on the device's display.").setting(),
    text("name", "A name that the device shows.").setting(),
    // Covers.
    number("position", "%", "Position: 0 is closed, 100 is open."),
    number("tilt", "%", "Tilt of the slats: 0 is closed, 100 is open."),
    one_of("cover_command", "Opens, closes or stops a cover."),
    one_of("cover_state", "Where a cover was last seen or sent to: open, closed or stopped."),
    one_of("motion", "How a cover, lock or fan is moving."),
    boolean("moving", "Something moves."),
    one_of("motor_direction", "Which way the motor turns.").setting(),
    one_of("motor_steering", "Which way the motor turns.").setting(),
    boolean("running", "The motor runs."),
    boolean("reverse_direction", "The motor turns the other way round.").setting(),
    one_of("cover_limit", "Sets an end position.").setting(),
    one_of("calibration", "Starts or stops finding the end positions.").setting(),
    one_of("calibrate", "Starts a calibration.").setting(),
    number("calibration_time", "s", "Time from one end to the other.").setting(),
    // Locks.
    boolean("locked", "Locked."),
    one_of("lock_state", "State of the bolt: locked, unlocked, not_fully_locked, unknown."),
    boolean("child_lock", "The keys of the device are locked."),
    one_of("keypad_lockout", "How far the keys of the device are locked.").setting(),
    number("auto_relock_time", "s", "Time after which it locks by itself; 0 is never.").setting(),
    composite("pin_code", "Codes of the users."),
    // Climate.
    number("temperature", "°C", "Temperature of the air (or of what the probe is in)."),
    number("local_temperature", "°C", "Temperature that a thermostat goes by, where it has another beside it."),
    number("outdoor_temperature", "°C", "Temperature outdoors."),
    number("device_temperature", "°C", "Temperature inside the device.").diagnostic(),
    number("cpu_temperature", "°C", "Temperature of the device's processor.").diagnostic(),
    number("dew_point", "°C", "Dew point."),
    number("humidity", "%", "Relative humidity."),
    number("soil_moisture", "%", "Moisture of soil."),
    number("pressure", "hPa", "Air pressure."),
    number("bar", "bar", "Pressure of a liquid or gas, in bar."),
    number("psi", "psi", "Pressure of a liquid or gas, in pounds per square inch."),
    number("temperature_calibration", "°C", "Added to the measured temperature.").setting(),
    number("temperature_offset", "°C", "Added to the measured temperature.").setting(),
    number("humidity_calibration", "%", "Added to the measured humidity.").setting(),
    number("humidity_offset", "%", "Added to the measured humidity.").setting(),
    number("pressure_offset", "hPa", "Added to the measured pressure.").setting(),
    boolean("temperature_compensation", "The temperature is corrected for the device's own warmth.").setting(),
    number("temperature_sensitivity", "°C", "Change of temperature that is reported.").setting(),
    number("heating_setpoint", "°C", "Temperature to heat to."),
    number("current_heating_setpoint", "°C", "Temperature that is heated to now, where it differs from the setting."),
    number("cooling_setpoint", "°C", "Temperature to cool to."),
    number("target_temperature", "°C", "Temperature to reach."),
    number("unoccupied_heating_setpoint", "°C", "Temperature to heat to while nobody is there.").setting(),
    number("unoccupied_cooling_setpoint", "°C", "Temperature to cool to while nobody is there.").setting(),
    number("min_heating_setpoint", "°C", "Least temperature that can be set for heating.").setting(),
    number("max_heating_setpoint", "°C", "Greatest temperature that can be set for heating.").setting(),
    number("min_cooling_setpoint", "°C", "Least temperature that can be set for cooling.").setting(),
    number("max_cooling_setpoint", "°C", "Greatest temperature that can be set for cooling.").setting(),
    number("min_temperature", "°C", "Least temperature.").setting(),
    number("max_temperature", "°C", "Greatest temperature.").setting(),
    number("min_temperature_limit", "°C", "Least temperature that can be set.").setting(),
    number("max_temperature_limit", "°C", "Greatest temperature that can be set.").setting(),
    number("low_temperature", "°C", "Temperature below which the device acts.").setting(),
    number("high_temperature", "°C", "Temperature above which the device acts.").setting(),
    number("low_humidity", "%", "Humidity below which the device acts.").setting(),
    number("high_humidity", "%", "Humidity above which the device acts.").setting(),
    number("min_temperature_alarm", "°C", "Temperature below which an alarm is given.").setting(),
    number("max_temperature_alarm", "°C", "Temperature above which an alarm is given.").setting(),
    number("min_humidity_alarm", "%", "Humidity below which an alarm is given.").setting(),
    number("max_humidity_alarm", "%", "Humidity above which an alarm is given.").setting(),
    one_of("temperature_alarm", "Whether the temperature is out of its range."),
    one_of("humidity_alarm", "Whether the humidity is out of its range."),
    number("comfort_temperature", "°C", "Temperature for comfort.").setting(),
    number("comfort_temperature_min", "°C", "Least temperature that counts as comfortable.").setting(),
    number("comfort_temperature_max", "°C", "Greatest temperature that counts as comfortable.").setting(),
    number("comfort_humidity_min", "%", "Least humidity that counts as comfortable.").setting(),
    number("comfort_humidity_max", "%", "Greatest humidity that counts as comfortable.").setting(),
    number("eco_temperature", "°C", "Temperature for saving energy.").setting(),
    number("holiday_temperature", "°C", "Temperature during holidays.").setting(),
    number("open_window_temperature", "°C", "Temperature while a window is open.").setting(),
    number("heat_protect", "°C", "Temperature of the floor that is not exceeded.").setting(),
    number("deadzone_temperature", "°C", "How far the temperature may leave the setpoint.").setting(),
    number("hysteresis", "°C", "How far the temperature may leave the setpoint.").setting(),
    number("heating_demand", "%", "How much heat a thermostat asks for."),
    number("valve_position", "%", "How far a radiator valve is open."),
    number("minimum_pwm", "%", "Least share of time for which heating is on.").setting(),
    one_of("hvac_mode", "What heating or cooling is set to do."),
    one_of("hvac_action", "What heating or cooling is doing."),
    one_of("hvac_running_mode", "Which of heating and cooling is running."),
    one_of("control_sequence_of_operation", "Whether the device heats, cools or both.").setting(),
    one_of("programming_operation_mode", "Whether a thermostat follows its schedule.").setting(),
    one_of("preset", "A ready-made way of heating or cooling."),
    boolean("temperature_setpoint_hold", "The setpoint stays, whatever the schedule says."),
    number("temperature_setpoint_hold_duration", "min", "How long the setpoint stays."),
    one_of("sensor", "Which temperature sensor counts.").setting(),
    one_of("sensor_type", "Which kind of sensor is connected.").setting(),
    boolean("frost_protection", "The device keeps frost away.").setting(),
    boolean("scale_protection", "The valve is moved now and then.").setting(),
    boolean("eco_mode", "The device saves energy."),
    boolean("away_mode", "The device is set for an empty home."),
    one_of("pilot_wire_mode", "Order on the pilot wire of a heater."),
    boolean("comfort_smiley", "A face on the display shows whether the room is comfortable.").setting(),
    one_of("sensor_mode", "Which sensor counts.").setting(),
    boolean("sleep_mode", "The device is set for the night."),
    boolean("quiet_mode", "The device works quietly."),
    boolean("turbo_mode", "The device works as hard as it can."),
    boolean("boost_heating", "The device heats as hard as it can for a while."),
    number("boost_time", "s", "How long boost lasts.").setting(),
    boolean("window_detection", "The device notices open windows by the temperature.").setting(),
    boolean("window_open", "An open window was noticed or is said to be there."),
    boolean("valve_detection", "The device watches its valve.").setting(),
    boolean("auto_lock", "The keys lock by themselves.").setting(),
    text("schedule_monday", "Schedule of Mondays.").setting(),
    text("schedule_tuesday", "Schedule of Tuesdays.").setting(),
    text("schedule_wednesday", "Schedule of Wednesdays.").setting(),
    text("schedule_thursday", "Schedule of Thursdays.").setting(),
    text("schedule_friday", "Schedule of Fridays.").setting(),
    text("schedule_saturday", "Schedule of Saturdays.").setting(),
    text("schedule_sunday", "Schedule of Sundays.").setting(),
    composite("weekly_schedule", "Schedule of the week.").setting(),
    boolean("enabling_temperature_control", "The device switches by temperature.").setting(),
    boolean("enabling_humidity_control", "The device switches by humidity.").setting(),
    one_of("temperature_actions", "Whether it switches on when it is too warm or too cold.").setting(),
    one_of("humidity_actions", "Whether it switches on when it is too damp or too dry.").setting(),
    one_of("fan_mode", "Mode of a fan."),
    number("fan_speed", "%", "Speed of a fan."),
    number("smart_fan_speed", "%", "Speed of a fan in its automatic mode."),
    number("zb_fan_speed", "%", "Speed of a fan as set over the radio."),
    number("horizontal_vanes", "", "Position of the horizontal vanes."),
    number("vertical_vanes", "", "Position of the vertical vanes."),
    number("vanes_swing", "", "How the vanes swing."),
    boolean("ionization", "The ioniser is on."),
    boolean("self_cleaning", "The device cleans itself."),
    // Air and light.
    number("illuminance", "lx", "Illuminance."),
    number("illuminance_percent", "%", "Illuminance on the device's scale."),
    number("illuminance_raw", "", "Illuminance as the sensor gives it."),
    number("illuminance_calibration", "", "Correction of the measured illuminance.").setting(),
    number("illuminance_interval", "s", "Time between two readings of illuminance.").setting(),
    number("lux_factor", "", "Factor for the measured illuminance.").setting(),
    number("co2", "ppm", "Carbon dioxide."),
    number("co", "ppm", "Carbon monoxide."),
    number("voc", "µg/m³", "Volatile organic compounds."),
    number("voc_ppb", "ppb", "Volatile organic compounds, as a share of the air."),
    number("voc_index", "", "Index of volatile organic compounds."),
    number("formaldehyde", "µg/m³", "Formaldehyde."),
    number("pm25", "µg/m³", "Particles up to 2.5 µm."),
    number("pm10", "µg/m³", "Particles up to 10 µm."),
    number("pm1", "µg/m³", "Particles up to 1 µm."),
    number("noise", "dB", "Noise."),
    one_of("air_quality", "Quality of the air in words."),
    boolean("rain", "It rains."),
    boolean("enable_gas", "The device switches by carbon dioxide.").setting(),
    boolean("invert_logic_gas", "It switches off instead of on by carbon dioxide.").setting(),
    number("high_gas", "ppm", "Carbon dioxide above which the device acts.").setting(),
    number("low_gas", "ppm", "Carbon dioxide below which the device acts.").setting(),
    boolean("forced_recalibration", "Calibrates the carbon dioxide sensor.").setting(),
    number("manual_forced_recalibration", "ppm", "Calibrates the carbon dioxide sensor to this value.").setting(),
    boolean("automatic_self_calibration", "The carbon dioxide sensor calibrates itself.").setting(),
    boolean("factory_reset_co2", "Resets the carbon dioxide sensor.").setting(),
    number("set_altitude", "m", "Altitude of the place.").setting(),
    // Electricity and meters.
    number("power", "W", "Active power."),
    number("power_a", "W", "Active power of phase or channel A."),
    number("power_b", "W", "Active power of phase or channel B."),
    number("power_c", "W", "Active power of phase or channel C."),
    number("power_phase_b", "W", "Active power of phase B."),
    number("power_phase_c", "W", "Active power of phase C."),
    number("power_apparent", "VA", "Apparent power."),
    number("power_apparent_phase_b", "VA", "Apparent power of phase B."),
    number("power_apparent_phase_c", "VA", "Apparent power of phase C."),
    number("power_reactive", "var", "Reactive power."),
    number("power_reactive_phase_b", "var", "Reactive power of phase B."),
    number("power_reactive_phase_c", "var", "Reactive power of phase C."),
    number("energy", "kWh", "Energy consumed, counted up."),
    number("energy_a", "kWh", "Energy consumed on phase or channel A, counted up."),
    number("energy_b", "kWh", "Energy consumed on phase or channel B, counted up."),
    number("energy_c", "kWh", "Energy consumed on phase or channel C, counted up."),
    number("energy_today", "kWh", "Energy consumed today."),
    number("energy_yesterday", "kWh", "Energy consumed yesterday."),
    number("energy_month", "kWh", "Energy consumed this month."),
    number("produced_energy", "kWh", "Energy produced, counted up."),
    number("energy_produced_a", "kWh", "Energy produced on phase or channel A, counted up."),
    number("energy_produced_b", "kWh", "Energy produced on phase or channel B, counted up."),
    number("energy_produced_c", "kWh", "Energy produced on phase or channel C, counted up."),
    one_of("energy_reset", "Sets the energy counter to zero.").setting(),
    number("voltage", "V", "Voltage."),
    number("voltage_a", "V", "Voltage of phase or channel A."),
    number("voltage_b", "V", "Voltage of phase or channel B."),
    number("voltage_c", "V", "Voltage of phase or channel C."),
    number("voltage_phase_b", "V", "Voltage of phase B."),
    number("voltage_phase_c", "V", "Voltage of phase C."),
    number("mains_voltage", "V", "Voltage of the mains."),
    number("current", "A", "Current."),
    number("current_a", "A", "Current of phase or channel A."),
    number("current_b", "A", "Current of phase or channel B."),
    number("current_c", "A", "Current of phase or channel C."),
    number("current_phase_b", "A", "Current of phase B."),
    number("current_phase_c", "A", "Current of phase C."),
    number("frequency", "Hz", "Frequency of the mains."),
    number("power_factor", "", "Power factor, −1 to 1."),
    number("power_factor_a", "", "Power factor of phase or channel A, −1 to 1."),
    number("power_factor_b", "", "Power factor of phase or channel B, −1 to 1."),
    number("power_factor_c", "", "Power factor of phase or channel C, −1 to 1."),
    number("power_factor_phase_b", "", "Power factor of phase B, −1 to 1."),
    number("power_factor_phase_c", "", "Power factor of phase C, −1 to 1."),
    number("overload_protection", "W", "Power above which the device switches off.").setting(),
    number("over_voltage_threshold", "V", "Voltage above which the device acts.").setting(),
    number("under_voltage_threshold", "V", "Voltage below which the device acts.").setting(),
    number("over_current_threshold", "A", "Current above which the device acts.").setting(),
    number("gas_volume", "m³", "Gas consumed, counted up."),
    number("water_consumed", "m³", "Water consumed, counted up."),
    number("flow", "m³/h", "Flow of water or gas."),
    // Detection.
    boolean("occupancy", "Somebody moved here."),
    boolean("presence", "Somebody is here."),
    boolean("vibration", "Vibration detected."),
    boolean("water_leak", "Water detected."),
    boolean("smoke", "Smoke detected."),
    boolean("gas", "Gas detected."),
    number("gas_concentration", "%LEL", "Gas, as a share of the lower explosive limit."),
    number("smoke_density", "", "Density of smoke, on the device's scale."),
    boolean("carbon_monoxide", "Carbon monoxide detected."),
    boolean("tamper", "The device was tampered with."),
    boolean("open", "A door, window or contact is open."),
    boolean("alarm", "An alarm is given."),
    boolean("alarm_1", "A first alarm is given."),
    one_of("alarm_mode", "How an alarm is given, or whether the device is armed.").setting(),
    number("alarm_duration", "s", "How long an alarm lasts.").setting(),
    boolean("emergency_overcurrent", "The device switched off because of too much current."),
    boolean("emergency_overheat", "The device switched off because it was too hot."),
    boolean("sos", "Somebody called for help."),
    one_of("alarm_state", "State of the alarm."),
    boolean("alarm_switch", "Alarms are given.").setting(),
    number("alarm_time", "s", "How long an alarm lasts.").setting(),
    boolean("silence", "The alarm is silenced."),
    boolean("temporary_mute", "The alarm is silenced for a while."),
    one_of("siren_for_automation_only", "The siren is left to rules.").setting(),
    boolean("test", "The device is being tested."),
    boolean("self_test", "Starts a self-test."),
    one_of("self_test_result", "How the last self-test ended."),
    one_of("trigger_selftest", "Starts a self-test.").setting(),
    one_of("sensitivity", "Sensitivity of the sensor.").setting(),
    number("sensitivity_level", "", "Sensitivity of the sensor, on the device's scale.").setting(),
    one_of("motion_sensitivity", "Sensitivity to movement.").setting(),
    number("motion_sensitivity_level", "", "Sensitivity to movement, on the device's scale.").setting(),
    one_of("occupancy_sensitivity", "Sensitivity to movement.").setting(),
    number("occupancy_sensitivity_level", "", "Sensitivity to movement, on the device's scale.").setting(),
    one_of("presence_sensitivity", "Sensitivity to presence.").setting(),
    number("presence_sensitivity_level", "", "Sensitivity to presence, on the device's scale.").setting(),
    number("radar_sensitivity", "", "Sensitivity of the radar, on the device's scale.").setting(),
    number("motion_detection_sensitivity", "", "Sensitivity to movement, on the device's scale.").setting(),
    number("static_detection_sensitivity", "", "Sensitivity to people at rest, on the device's scale.").setting(),
    boolean("radar_switch", "The radar is on.").setting(),
    number("target_distance", "m", "Distance of the nearest person."),
    number("detection_range", "m", "How far the sensor looks.").setting(),
    number("detection_distance", "m", "How far the sensor looks.").setting(),
    number("occupancy_timeout", "s", "Time after which no more movement counts as absence.").setting(),
    number("detection_interval", "s", "Time between two detections.").setting(),
    number("presence_timeout", "s", "Time after which nobody counts as absence.").setting(),
    one_of("keep_time", "How long a detection is kept.").setting(),
    // The device itself.
    number("battery", "%", "Charge of the battery.").diagnostic(),
    boolean("battery_low", "The battery is nearly empty.").diagnostic(),
    one_of("battery_state", "Charge of the battery in words.").diagnostic(),
    number("battery_voltage", "V", "Voltage of the battery.").diagnostic(),
    boolean("charging", "The battery is being charged.").diagnostic(),
    number("link_quality", "", "Quality of the radio link, 0–255.").diagnostic(),
    number("power_outage_count", "", "How often power was lost.").diagnostic(),
    number("button_clicks_count_1", "", "How often the first button was pressed.").diagnostic(),
    number("relay_switches_count_1", "", "How often the first relay switched.").diagnostic(),
    number("trigger_count", "", "How often the device was triggered.").diagnostic(),
    number("reboot_count", "", "How often the device started.").diagnostic(),
    number("rejoin_count", "", "How often the device came back to its network.").diagnostic(),
    number("reported_packages", "", "How many packets the device sent.").diagnostic(),
    number("uptime", "s", "Time since the device started.").diagnostic(),
    number("lifetime", "h", "Time the device has been in use.").diagnostic(),
    one_of("ac_connected", "Whether and how mains or an appliance is connected.").diagnostic(),
    boolean("fault", "Something is wrong with the device.").diagnostic(),
    one_of("fault_type", "What is wrong with the device.").diagnostic(),
    text("fault_state", "What is wrong with the device, in its own words.").diagnostic(),
    boolean("fault_alarm", "Something is wrong with the device.").diagnostic(),
    list("faults", "What is wrong with the device.").diagnostic(),
    number("error", "", "Number of an error; 0 is none.").diagnostic(),
    number("error_status", "", "Number of an error; 0 is none.").diagnostic(),
    text("serial_number", "Serial number.").diagnostic(),
    text("ip_address", "Address in the local network.").diagnostic(),
    boolean("dhcp_enabled", "The address comes from the local network.").setting(),
    text("wifi_status", "State of the wireless network.").diagnostic(),
    composite("wifi_config", "How the device joins the wireless network.").setting(),
    text("muted", "What is muted.").diagnostic(),
    number("reading_interval", "s", "Time between two readings.").setting(),
    number("measurement_interval", "s", "Time between two readings.").setting(),
    number("update_frequency", "s", "Time between two reports.").setting(),
    number("report_delay", "s", "Time between two reports.").setting(),
    number("max_duration", "s", "Longest time.").setting(),
    boolean("config_report_enable", "Reports of the device's own kind are sent.").setting(),
    boolean("comparison_previous_data", "A reading is compared with the one before.").setting(),
    boolean("smart_sleep", "The device sleeps as long as it can.").setting(),
    one_of("tx_radio_power", "Power of the radio.").setting(),
    boolean("factory_reset", "Resets the device.").setting(),
    one_of("update_state", "Newer firmware: idle, available, updating or scheduled.").diagnostic(),
    number("update_progress", "%", "How much of the new firmware is installed.").diagnostic(),
    number("update_remaining", "s", "Time until the new firmware is installed.").diagnostic(),
    text("update_installed_version", "Version of the installed firmware file.").diagnostic(),
    text("update_latest_version", "Version of the newest firmware file.").diagnostic(),
];

/// The attribute of this name, if it has a fixed meaning.
pub fn semantic(name: &str) -> Option<&'static SemanticAttribute> {
    static BY_NAME: LazyLock<HashMap<&'static str, &'static SemanticAttribute>> =
        LazyLock::new(|| SEMANTIC_ATTRIBUTES.iter().map(|attribute| (attribute.name, attribute)).collect());
    BY_NAME.get(name).copied()
}

/// The table as a page for people (`hub/docs/attributes.md`).
pub fn markdown() -> String {
    let mut page = String::from(
        "# Attributes with a fixed meaning\n\n\
         A name of this list always has this kind and unit, whatever device or radio it comes from. Enumerations keep \
         the words of the device.\nAnything else a device exposes keeps its own name, kind, unit and access. This page \
         is made from `hub/model/src/attributes.rs`.\n\n| name | kind | unit | meaning |\n|---|---|---|---|\n",
    );
    for SemanticAttribute { name, kind, unit, momentary, meaning, .. } in SEMANTIC_ATTRIBUTES {
        let kind = if *momentary { "event".to_owned() } else { kind.as_str().to_owned() };
        // Writing to a text cannot fail.
        let _ = writeln!(page, "| `{name}` | {kind} | {} | {meaning} |", unit.unwrap_or(""));
    }
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_units_canonical() {
        let mut names: Vec<_> = SEMANTIC_ATTRIBUTES.iter().map(|attribute| attribute.name).collect();
        names.sort_unstable();
        assert!(names.windows(2).all(|pair| pair[0] != pair[1]));
        for attribute in SEMANTIC_ATTRIBUTES {
            assert!(attribute.unit.is_none_or(|unit| crate::unit::canonical(unit) == unit), "{}", attribute.name);
            assert!(attribute.meaning.ends_with('.'), "{}", attribute.name);
        }
    }

    #[test]
    fn the_page_for_people_is_made_from_the_table() {
        expect_test::expect_file!["../../docs/attributes.md"].assert_eq(&markdown());
    }
}
