//! Multilevel Sensor, version 11: measurements.

mod types;

pub use types::{SENSOR_TYPES, Scale, SensorType, sensor_type, unit};

use super::reader::Reader;
use super::value::{BitMask, ScaledNumber};
use super::writer::Writer;
use super::{CommandClass, Malformed};

/// A command of Multilevel Sensor. Types and scales are those of [`SENSOR_TYPES`].
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Command {
    /// Asks for the sensor types, from version 5 on.
    SupportedSensorGet,
    /// The sensor types: bit 0 is type 1.
    SupportedSensorReport { types: BitMask },
    /// Asks for the scales of a type.
    SupportedScaleGet { sensor_type: u8 },
    /// The scales of a type: bit 0 is scale 0.
    SupportedScaleReport { sensor_type: u8, scales: u8 },
    /// Asks for a measurement; type and scale are of version 5.
    Get { wanted: Option<Wanted> },
    /// A measurement.
    Report { sensor_type: u8, value: ScaledNumber },
}

/// What is to be measured.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Wanted {
    /// The sensor type.
    pub sensor_type: u8,
    /// In which scale, 0–3.
    pub scale: u8,
}

impl Command {
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(match reader.command() {
            0x01 => Self::SupportedSensorGet,
            0x02 => Self::SupportedSensorReport { types: reader.rest_mask("the sensor types")? },
            0x03 => Self::SupportedScaleGet { sensor_type: reader.byte("the sensor type")? },
            0x04 => Self::Get { wanted: read_wanted(reader) },
            0x05 => Self::Report { sensor_type: reader.byte("the sensor type")?, value: reader.number("the value")? },
            0x06 => {
                let sensor_type = reader.byte("the sensor type")?;
                Self::SupportedScaleReport { sensor_type, scales: reader.byte("the scales")? & 0b1111 }
            }
            _ => return reader.unknown_command(),
        })
    }

    pub(super) fn write(&self) -> Writer {
        let command = |command| Writer::new(CommandClass::MULTILEVEL_SENSOR, command);
        match self {
            Self::SupportedSensorGet => command(0x01),
            Self::SupportedSensorReport { types } => command(0x02).mask(types),
            Self::SupportedScaleGet { sensor_type } => command(0x03).byte(*sensor_type),
            Self::Get { wanted: Some(wanted) } => {
                command(0x04).byte(wanted.sensor_type).byte((wanted.scale & 0b11) << 3)
            }
            Self::Get { wanted: None } => command(0x04),
            Self::Report { sensor_type, value } => command(0x05).byte(*sensor_type).number(*value),
            Self::SupportedScaleReport { sensor_type, scales } => {
                command(0x06).byte(*sensor_type).byte(scales & 0b1111)
            }
        }
    }
}

fn read_wanted(reader: &mut Reader<'_>) -> Option<Wanted> {
    let sensor_type = reader.next()?;
    Some(Wanted { sensor_type, scale: reader.next()? >> 3 & 0b11 })
}
