//! Humidity Control Setpoint, version 2: humidity to reach.

use super::reader::Reader;
use super::value::{BitMask, Names, ScaledNumber};
use super::writer::Writer;
use super::{CommandClass, Malformed};

/// The setpoint types.
pub const TYPES: Names = &[(0x01, "Humidifier"), (0x02, "De-humidifier"), (0x03, "Auto")];

/// A command of Humidity Control Setpoint. Scale 0 is percent, 1 is g/m³.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Command {
    /// Sets a setpoint, by [`TYPES`].
    Set { setpoint_type: u8, value: ScaledNumber },
    /// Asks for a setpoint.
    Get { setpoint_type: u8 },
    /// A setpoint; no value = the device has no such setpoint.
    Report { setpoint_type: u8, value: Option<ScaledNumber> },
    /// Asks for the types.
    SupportedGet,
    /// The types: bit 1 is type 1.
    SupportedReport { types: BitMask },
    /// Asks for the scales of a type.
    ScaleSupportedGet { setpoint_type: u8 },
    /// The scales: bit 0 is scale 0.
    ScaleSupportedReport { scales: u8 },
    /// Asks for the range of a type.
    CapabilitiesGet { setpoint_type: u8 },
    /// The range of a type.
    CapabilitiesReport { setpoint_type: u8, minimum: ScaledNumber, maximum: ScaledNumber },
}

impl Command {
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        const TYPE: &str = "the setpoint type";
        Ok(match reader.command() {
            0x01 => Self::Set { setpoint_type: reader.byte(TYPE)? & 0b1111, value: reader.number("the value")? },
            0x02 => Self::Get { setpoint_type: reader.byte(TYPE)? & 0b1111 },
            0x03 => {
                let setpoint_type = reader.byte(TYPE)? & 0b1111;
                let value = if setpoint_type == 0 { None } else { Some(reader.number("the value")?) };
                Self::Report { setpoint_type, value }
            }
            0x04 => Self::SupportedGet,
            0x05 => Self::SupportedReport { types: reader.rest_mask("the setpoint types")? },
            0x06 => Self::ScaleSupportedGet { setpoint_type: reader.byte(TYPE)? & 0b1111 },
            0x07 => Self::ScaleSupportedReport { scales: reader.byte("the scales")? & 0b1111 },
            0x08 => Self::CapabilitiesGet { setpoint_type: reader.byte(TYPE)? & 0b1111 },
            0x09 => {
                let setpoint_type = reader.byte(TYPE)? & 0b1111;
                let (minimum, maximum) = (reader.number("the least value")?, reader.number("the greatest value")?);
                Self::CapabilitiesReport { setpoint_type, minimum, maximum }
            }
            _ => return reader.unknown_command(),
        })
    }

    pub(super) fn write(&self) -> Writer {
        let command = |command| Writer::new(CommandClass::HUMIDITY_CONTROL_SETPOINT, command);
        match self {
            Self::Set { setpoint_type, value } => command(0x01).byte(setpoint_type & 0b1111).number(*value),
            Self::Get { setpoint_type } => command(0x02).byte(setpoint_type & 0b1111),
            Self::Report { setpoint_type, value } => {
                let none = ScaledNumber { precision: 0, scale: 0, size: 1, number: 0 };
                command(0x03).byte(setpoint_type & 0b1111).number(value.unwrap_or(none))
            }
            Self::SupportedGet => command(0x04),
            Self::SupportedReport { types } => command(0x05).mask(types),
            Self::ScaleSupportedGet { setpoint_type } => command(0x06).byte(setpoint_type & 0b1111),
            Self::ScaleSupportedReport { scales } => command(0x07).byte(scales & 0b1111),
            Self::CapabilitiesGet { setpoint_type } => command(0x08).byte(setpoint_type & 0b1111),
            Self::CapabilitiesReport { setpoint_type, minimum, maximum } => {
                command(0x09).byte(setpoint_type & 0b1111).number(*minimum).number(*maximum)
            }
        }
    }
}
