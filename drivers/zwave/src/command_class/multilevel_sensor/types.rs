//! Sensor types and their scales, as the specification's registry of Multilevel Sensor types has them.

/// Number, name and unit of a scale; the unit is empty where there is none.
pub type Scale = (u8, &'static str, &'static str);

/// A sensor type.
#[derive(Clone, Copy, Debug)]
pub struct SensorType {
    /// Its number.
    pub number: u8,
    /// What the specification calls it.
    pub name: &'static str,
    /// What its numbers may be in.
    pub scales: &'static [Scale],
}

/// The sensor type of this number.
pub fn sensor_type(number: u8) -> Option<&'static SensorType> {
    SENSOR_TYPES.iter().find(|sensor_type| sensor_type.number == number)
}

/// The unit of a scale; none = the scale is not known or has no unit.
pub fn unit(number: u8, scale: u8) -> Option<&'static str> {
    let (.., unit) = sensor_type(number)?.scales.iter().find(|known| known.0 == scale)?;
    Some(*unit).filter(|unit| !unit.is_empty())
}

const TEMPERATURE: &[Scale] = &[(0, "Celsius", "°C"), (1, "Fahrenheit", "°F")];
const MOLES: &[Scale] = &[(0, "Mole per cubic meter", "mol/m³")];
const PERCENTAGE: &[Scale] = &[(0, "Percentage value", "%")];
const MASS: &[Scale] = &[(0, "Kilogram", "kg")];
const ACCELERATION: &[Scale] = &[(0, "Meter per square second", "m/s²")];
const UNITLESS: &[Scale] = &[(0, "Unitless", "")];
const DENSITY: &[Scale] = &[(0, "Density", "µg/m³")];

const fn sensor(number: u8, name: &'static str, scales: &'static [Scale]) -> SensorType {
    SensorType { number, name, scales }
}

/// All of them.
#[rustfmt::skip]
pub const SENSOR_TYPES: &[SensorType] = &[
    sensor(0x01, "Air temperature", TEMPERATURE),
    sensor(0x02, "General purpose", &[(0, "Percentage value", "%"), (1, "Dimensionless value", "")]),
    sensor(0x03, "Illuminance", &[(0, "Percentage value", "%"), (1, "Lux", "lx")]),
    sensor(0x04, "Power", &[(0, "Watt", "W"), (1, "Btu/h", "Btu/h")]),
    sensor(0x05, "Humidity", &[(0, "Percentage value", "%"), (1, "Absolute humidity", "g/m³")]),
    sensor(0x06, "Velocity", &[(0, "m/s", "m/s"), (1, "Mph", "mph")]),
    sensor(0x07, "Direction", &[(0, "Degrees", "°")]),
    sensor(0x08, "Atmospheric pressure", &[(0, "Kilopascal", "kPa"), (1, "Inches of Mercury", "inHg")]),
    sensor(0x09, "Barometric pressure", &[(0, "Kilopascal", "kPa"), (1, "Inches of Mercury", "inHg")]),
    sensor(0x0a, "Solar radiation", &[(0, "Watt per square meter", "W/m²")]),
    sensor(0x0b, "Dew point", TEMPERATURE),
    sensor(0x0c, "Rain rate", &[(0, "Millimeter/hour", "mm/h"), (1, "Inches per hour", "in/h")]),
    sensor(0x0d, "Tide level", &[(0, "Meter", "m"), (1, "Feet", "ft")]),
    sensor(0x0e, "Weight", &[(0, "Kilogram", "kg"), (1, "Pounds", "lb")]),
    sensor(0x0f, "Voltage", &[(0, "Volt", "V"), (1, "Millivolt", "mV")]),
    sensor(0x10, "Current", &[(0, "Ampere", "A"), (1, "Milliampere", "mA")]),
    sensor(0x11, "Carbon dioxide (CO2) level", &[(0, "Parts/million", "ppm")]),
    sensor(0x12, "Air flow", &[(0, "Cubic meter per hour", "m³/h"), (1, "Cubic feet per minute", "cfm")]),
    sensor(0x13, "Tank capacity", &[(0, "Liter", "L"), (1, "Cubic meter", "m³"), (2, "Gallons", "gal")]),
    sensor(0x14, "Distance", &[(0, "Meter", "m"), (1, "Centimeter", "cm"), (2, "Feet", "ft")]),
    sensor(0x15, "Angle position", &[(0, "Percentage value", "%"), (1, "Degrees relative to north pole of standing eye view", "°N"), (2, "Degrees relative to south pole of standing eye view", "°S")]),
    sensor(0x16, "Rotation", &[(0, "Revolutions per minute", "rpm"), (1, "Hertz", "Hz")]),
    sensor(0x17, "Water temperature", TEMPERATURE),
    sensor(0x18, "Soil temperature", TEMPERATURE),
    sensor(0x19, "Seismic Intensity", &[(0, "Mercalli", ""), (1, "European Macroseismic", ""), (2, "Liedu", ""), (3, "Shindo", "")]),
    sensor(0x1a, "Seismic magnitude", &[(0, "Local", ""), (1, "Moment", ""), (2, "Surface wave", ""), (3, "Body wave", "")]),
    sensor(0x1b, "Ultraviolet", &[(0, "UV index", "")]),
    sensor(0x1c, "Electrical resistivity", &[(0, "Ohm meter", "Ωm")]),
    sensor(0x1d, "Electrical conductivity", &[(0, "Siemens per meter", "S/m")]),
    sensor(0x1e, "Loudness", &[(0, "Decibel", "dB"), (1, "A-weighted decibels", "dBA")]),
    sensor(0x1f, "Moisture", &[(0, "Percentage value", "%"), (1, "Volume water content", "m³/m³"), (2, "Impedance", "kΩ"), (3, "Water activity", "aw")]),
    sensor(0x20, "Frequency", &[(0, "Hertz", "Hz"), (1, "Kilohertz", "kHz")]),
    sensor(0x21, "Time", &[(0, "Second", "s")]),
    sensor(0x22, "Target temperature", TEMPERATURE),
    sensor(0x23, "Particulate Matter 2.5", &[(0, "Mole per cubic meter", "mol/m³"), (1, "Microgram per cubic meter", "µg/m³")]),
    sensor(0x24, "Formaldehyde (CH2O) level", MOLES),
    sensor(0x25, "Radon concentration", &[(0, "Becquerel per cubic meter", "Bq/m³"), (1, "Picocuries per liter", "pCi/L")]),
    sensor(0x26, "Methane (CH4) density", MOLES),
    sensor(0x27, "Volatile Organic Compound level", &[(0, "Mole per cubic meter", "mol/m³"), (1, "Parts/million", "ppm")]),
    sensor(0x28, "Carbon monoxide (CO) level", &[(0, "Mole per cubic meter", "mol/m³"), (1, "Parts/million", "ppm")]),
    sensor(0x29, "Soil humidity", PERCENTAGE),
    sensor(0x2a, "Soil reactivity", &[(0, "Acidity", "pH")]),
    sensor(0x2b, "Soil salinity", MOLES),
    sensor(0x2c, "Heart rate", &[(0, "Beats per minute", "bpm")]),
    sensor(0x2d, "Blood pressure", &[(0, "Systolic", "mmHg"), (1, "Diastolic", "mmHg")]),
    sensor(0x2e, "Muscle mass", MASS),
    sensor(0x2f, "Fat mass", MASS),
    sensor(0x30, "Bone mass", MASS),
    sensor(0x31, "Total body water (TBW)", MASS),
    sensor(0x32, "Basis metabolic rate (BMR)", &[(0, "Joule", "J")]),
    sensor(0x33, "Body Mass Index (BMI)", &[(0, "Body Mass Index", "")]),
    sensor(0x34, "Acceleration X-axis", ACCELERATION),
    sensor(0x35, "Acceleration Y-axis", ACCELERATION),
    sensor(0x36, "Acceleration Z-axis", ACCELERATION),
    sensor(0x37, "Smoke density", PERCENTAGE),
    sensor(0x38, "Water flow", &[(0, "Liter per hour", "L/h")]),
    sensor(0x39, "Water pressure", &[(0, "Kilopascal", "kPa")]),
    sensor(0x3a, "RF signal strength", &[(0, "RSSI", "%"), (1, "Power Level", "dBm")]),
    sensor(0x3b, "Particulate Matter 10", &[(0, "Mole per cubic meter", "mol/m³"), (1, "Microgram per cubic meter", "µg/m³")]),
    sensor(0x3c, "Respiratory rate", &[(0, "Breaths per minute", "bpm")]),
    sensor(0x3d, "Relative Modulation level", PERCENTAGE),
    sensor(0x3e, "Boiler water temperature", TEMPERATURE),
    sensor(0x3f, "Domestic Hot Water (DHW) temperature", TEMPERATURE),
    sensor(0x40, "Outside temperature", TEMPERATURE),
    sensor(0x41, "Exhaust temperature", TEMPERATURE),
    sensor(0x42, "Water Chlorine level", &[(0, "Milligram per liter", "mg/L")]),
    sensor(0x43, "Water acidity", &[(0, "Acidity", "pH")]),
    sensor(0x44, "Water Oxidation reduction potential", &[(0, "Millivolt", "mV")]),
    sensor(0x45, "Heart Rate LF/HF ratio", UNITLESS),
    sensor(0x46, "Motion Direction", &[(0, "Degrees", "°")]),
    sensor(0x47, "Applied force on the sensor", &[(0, "Newton", "N")]),
    sensor(0x48, "Return Air temperature", TEMPERATURE),
    sensor(0x49, "Supply Air temperature", TEMPERATURE),
    sensor(0x4a, "Condenser Coil temperature", TEMPERATURE),
    sensor(0x4b, "Evaporator Coil temperature", TEMPERATURE),
    sensor(0x4c, "Liquid Line temperature", TEMPERATURE),
    sensor(0x4d, "Discharge Line temperature", TEMPERATURE),
    sensor(0x4e, "Suction Pressure", &[(0, "Kilopascal", "kPa"), (1, "Pound per square inch", "psi")]),
    sensor(0x4f, "Discharge Pressure", &[(0, "Kilopascal", "kPa"), (1, "Pound per square inch", "psi")]),
    sensor(0x50, "Defrost temperature", TEMPERATURE),
    sensor(0x51, "Ozone", DENSITY),
    sensor(0x52, "Sulfur dioxide", DENSITY),
    sensor(0x53, "Nitrogen dioxide", DENSITY),
    sensor(0x54, "Ammonia", DENSITY),
    sensor(0x55, "Lead", DENSITY),
    sensor(0x56, "Particulate Matter 1", DENSITY),
    sensor(0x57, "Person counter (entering)", UNITLESS),
    sensor(0x58, "Person counter (exiting)", UNITLESS),
];
