//! Binary Sensor, version 2: something is detected or not. Newer devices have Notification in its place.

use super::reader::Reader;
use super::value::{BitMask, Names};
use super::writer::Writer;
use super::{CommandClass, Malformed};

/// What a sensor detects.
pub const SENSOR_TYPES: Names = &[
    (0x01, "General purpose"),
    (0x02, "Smoke"),
    (0x03, "CO"),
    (0x04, "CO2"),
    (0x05, "Heat"),
    (0x06, "Water"),
    (0x07, "Freeze"),
    (0x08, "Tamper"),
    (0x09, "Aux"),
    (0x0a, "Door/Window"),
    (0x0b, "Tilt"),
    (0x0c, "Motion"),
    (0x0d, "Glass Break"),
];

/// In a question: the first type that the sensor has.
pub const FIRST_TYPE: u8 = 0xff;

/// A command of Binary Sensor. Types are those of [`SENSOR_TYPES`], from version 2 on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Command {
    /// Asks for the types.
    SupportedGet,
    /// Asks for the state.
    Get { sensor_type: Option<u8> },
    /// Whether it is detected.
    Report { detected: bool, sensor_type: Option<u8> },
    /// The types: bit 1 is type 1.
    SupportedReport { types: BitMask },
}

impl Command {
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(match reader.command() {
            0x01 => Self::SupportedGet,
            0x02 => Self::Get { sensor_type: reader.next() },
            0x03 => Self::Report { detected: reader.byte("the value")? != 0, sensor_type: reader.next() },
            0x04 => Self::SupportedReport { types: reader.rest_mask("the sensor types")? },
            _ => return reader.unknown_command(),
        })
    }

    pub(super) fn write(&self) -> Writer {
        let command = |command| Writer::new(CommandClass::BINARY_SENSOR, command);
        match self {
            Self::SupportedGet => command(0x01),
            Self::Get { sensor_type } => command(0x02).optional(*sensor_type),
            Self::Report { detected, sensor_type } => {
                command(0x03).byte(if *detected { 0xff } else { 0 }).optional(*sensor_type)
            }
            Self::SupportedReport { types } => command(0x04).mask(types),
        }
    }
}
