//! The one table of attributes with a fixed meaning: a name of this list always has this kind and unit, whatever
//! device or radio it comes from. `hub/docs/attributes.md` is made from it.

use crate::attribute::Kind;

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
    /// What it means, for people.
    pub meaning: &'static str,
}

const fn attribute(name: &'static str, kind: Kind, unit: Option<&'static str>, meaning: &'static str) -> SemanticAttribute {
    SemanticAttribute { name, kind, unit, momentary: false, meaning }
}

/// All of them.
pub const SEMANTIC_ATTRIBUTES: &[SemanticAttribute] = &[
    // Light and switch.
    attribute("on", Kind::Bool, None, "Switched on."),
    attribute("brightness", Kind::Number, Some("%"), "Brightness; 0 is the least the device can, not off."),
    attribute("color_temperature", Kind::Number, Some("K"), "Colour temperature of white light."),
    attribute("color_temperature_startup", Kind::Number, Some("K"), "Colour temperature after power comes back."),
    attribute("color", Kind::Color, None, "Colour: hue 0–360 and saturation 0–100, or x and y of CIE 1931."),
    attribute("color_mode", Kind::Enum, None, "Which of colour and colour temperature is in force."),
    attribute("power_on_behavior", Kind::Enum, None, "What the device does when power comes back."),
    attribute("effect", Kind::Enum, None, "A light effect to play."),
    attribute("effect_speed", Kind::Number, Some("%"), "Speed of the effect."),
    attribute("effect_color", Kind::Text, None, "Colours of the effect."),
    attribute("identify", Kind::Enum, None, "Makes the device show itself."),
    SemanticAttribute { name: "action", kind: Kind::Enum, unit: None, momentary: true, meaning: "What was done at a remote or button." },
    // Covers.
    attribute("position", Kind::Number, Some("%"), "Position: 0 is closed, 100 is open."),
    attribute("tilt", Kind::Number, Some("%"), "Tilt of the slats: 0 is closed, 100 is open."),
    attribute("cover_command", Kind::Enum, None, "Opens, closes or stops a cover."),
    attribute("motion", Kind::Enum, None, "How a cover, lock or fan is moving."),
    // Locks.
    attribute("locked", Kind::Bool, None, "Locked."),
    attribute("lock_state", Kind::Enum, None, "State of the bolt: locked, unlocked, not_fully_locked, unknown."),
    attribute("child_lock", Kind::Bool, None, "The keys of the device are locked."),
    // Climate.
    attribute("temperature", Kind::Number, Some("°C"), "Temperature of the air (or of what the probe is in)."),
    attribute("device_temperature", Kind::Number, Some("°C"), "Temperature inside the device."),
    attribute("humidity", Kind::Number, Some("%"), "Relative humidity."),
    attribute("soil_moisture", Kind::Number, Some("%"), "Moisture of soil."),
    attribute("pressure", Kind::Number, Some("hPa"), "Air pressure."),
    attribute("heating_setpoint", Kind::Number, Some("°C"), "Temperature to heat to."),
    attribute("cooling_setpoint", Kind::Number, Some("°C"), "Temperature to cool to."),
    attribute("hvac_mode", Kind::Enum, None, "What heating or cooling is set to do."),
    attribute("hvac_action", Kind::Enum, None, "What heating or cooling is doing."),
    attribute("fan_mode", Kind::Enum, None, "Mode of a fan."),
    attribute("fan_speed", Kind::Number, Some("%"), "Speed of a fan."),
    // Air and light.
    attribute("illuminance", Kind::Number, Some("lx"), "Illuminance."),
    attribute("co2", Kind::Number, Some("ppm"), "Carbon dioxide."),
    attribute("voc", Kind::Number, Some("µg/m³"), "Volatile organic compounds."),
    attribute("pm25", Kind::Number, Some("µg/m³"), "Particles up to 2.5 µm."),
    // Electricity.
    attribute("power", Kind::Number, Some("W"), "Active power."),
    attribute("energy", Kind::Number, Some("kWh"), "Energy consumed, counted up."),
    attribute("voltage", Kind::Number, Some("V"), "Voltage."),
    attribute("current", Kind::Number, Some("A"), "Current."),
    attribute("frequency", Kind::Number, Some("Hz"), "Frequency of the mains."),
    attribute("power_factor", Kind::Number, None, "Power factor, −1 to 1."),
    // Detection.
    attribute("occupancy", Kind::Bool, None, "Somebody moved here."),
    attribute("presence", Kind::Bool, None, "Somebody is here."),
    attribute("vibration", Kind::Bool, None, "Vibration detected."),
    attribute("water_leak", Kind::Bool, None, "Water detected."),
    attribute("smoke", Kind::Bool, None, "Smoke detected."),
    attribute("gas", Kind::Bool, None, "Gas detected."),
    attribute("carbon_monoxide", Kind::Bool, None, "Carbon monoxide detected."),
    attribute("tamper", Kind::Bool, None, "The device was tampered with."),
    attribute("open", Kind::Bool, None, "A door, window or contact is open."),
    // The device itself.
    attribute("battery", Kind::Number, Some("%"), "Charge of the battery."),
    attribute("battery_low", Kind::Bool, None, "The battery is nearly empty."),
    attribute("link_quality", Kind::Number, None, "Quality of the radio link, 0–255."),
];

/// The attribute of this name, if it has a fixed meaning.
pub fn semantic(name: &str) -> Option<&'static SemanticAttribute> {
    SEMANTIC_ATTRIBUTES.iter().find(|attribute| attribute.name == name)
}
