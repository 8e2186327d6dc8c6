//! Thermostat Setpoint, version 3: temperatures to reach.

use super::reader::Reader;
use super::value::{BitMask, Names, ScaledNumber};
use super::writer::Writer;
use super::{CommandClass, Malformed};

/// Scale: °C.
pub const CELSIUS: u8 = 0;
/// Scale: °F.
pub const FAHRENHEIT: u8 = 1;
/// Setpoint type: heating.
pub const HEATING: u8 = 0x01;
/// Setpoint type: cooling.
pub const COOLING: u8 = 0x02;

/// The setpoint types.
pub const TYPES: Names = &[
    (HEATING, "Heating"),
    (COOLING, "Cooling"),
    (0x07, "Furnace"),
    (0x08, "Dry Air"),
    (0x09, "Moist Air"),
    (0x0a, "Auto Changeover"),
    (0x0b, "Energy Save Heating"),
    (0x0c, "Energy Save Cooling"),
    (0x0d, "Away Heating"),
    (0x0e, "Away Cooling"),
    (0x0f, "Full Power"),
];

/// Types by their bit in a Supported Report, as most devices mean it: bits 3–6 are left out.
const BY_BIT: [u8; 12] = [0, 1, 2, 7, 8, 9, 10, 11, 12, 13, 14, 15];

/// The types that a Supported Report names.
pub fn types_of(mask: &BitMask) -> impl Iterator<Item = u8> + '_ {
    mask.positions().filter_map(|position| BY_BIT.get(usize::from(position)).copied()).filter(|kind| *kind != 0)
}

/// A command of Thermostat Setpoint.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Command {
    /// Sets a setpoint.
    Set { setpoint_type: u8, value: ScaledNumber },
    /// Asks for a setpoint.
    Get { setpoint_type: u8 },
    /// A setpoint; no value = the device has no such setpoint.
    Report { setpoint_type: u8, value: Option<ScaledNumber> },
    /// Asks for the types.
    SupportedGet,
    /// The types, as [`types_of`] reads them.
    SupportedReport { types: BitMask },
    /// Asks for the range of a setpoint, from version 3 on.
    CapabilitiesGet { setpoint_type: u8 },
    /// The range of a setpoint.
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
            0x09 => Self::CapabilitiesGet { setpoint_type: reader.byte(TYPE)? & 0b1111 },
            0x0a => {
                let setpoint_type = reader.byte(TYPE)? & 0b1111;
                let (minimum, maximum) = (reader.number("the least value")?, reader.number("the greatest value")?);
                Self::CapabilitiesReport { setpoint_type, minimum, maximum }
            }
            _ => return reader.unknown_command(),
        })
    }

    pub(super) fn write(&self) -> Writer {
        let command = |command| Writer::new(CommandClass::THERMOSTAT_SETPOINT, command);
        match self {
            Self::Set { setpoint_type, value } => command(0x01).byte(setpoint_type & 0b1111).number(*value),
            Self::Get { setpoint_type } => command(0x02).byte(setpoint_type & 0b1111),
            Self::Report { setpoint_type, value } => {
                let none = ScaledNumber { precision: 0, scale: 0, size: 1, number: 0 };
                command(0x03).byte(setpoint_type & 0b1111).number(value.unwrap_or(none))
            }
            Self::SupportedGet => command(0x04),
            Self::SupportedReport { types } => command(0x05).mask(types),
            Self::CapabilitiesGet { setpoint_type } => command(0x09).byte(setpoint_type & 0b1111),
            Self::CapabilitiesReport { setpoint_type, minimum, maximum } => {
                command(0x0a).byte(setpoint_type & 0b1111).number(*minimum).number(*maximum)
            }
        }
    }
}
