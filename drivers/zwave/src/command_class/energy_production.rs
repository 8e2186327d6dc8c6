//! Energy Production, version 1: inverters.

use super::reader::Reader;
use super::value::{Names, ScaledNumber};
use super::writer::Writer;
use super::{CommandClass, Malformed};

/// What an inverter tells.
pub const PARAMETERS: Names = &[
    (0x00, "Instant energy production"),
    (0x01, "Total energy production"),
    (0x02, "Energy production today"),
    (0x03, "Total production time"),
];

/// The unit of a parameter in a scale.
pub fn unit(parameter: u8, scale: u8) -> Option<&'static str> {
    match (parameter, scale) {
        (0x00, 0) => Some("W"),
        (0x01 | 0x02, 0) => Some("Wh"),
        (0x03, 0) => Some("s"),
        (0x03, 1) => Some("h"),
        _ => None,
    }
}

/// A command of Energy Production.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Command {
    /// Asks for a parameter, by [`PARAMETERS`].
    Get { parameter: u8 },
    /// A parameter.
    Report { parameter: u8, value: ScaledNumber },
}

impl Command {
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(match reader.command() {
            0x02 => Self::Get { parameter: reader.byte("the parameter")? },
            0x03 => Self::Report { parameter: reader.byte("the parameter")?, value: reader.number("the value")? },
            _ => return reader.unknown_command(),
        })
    }

    pub(super) fn write(&self) -> Writer {
        let command = |command| Writer::new(CommandClass::ENERGY_PRODUCTION, command);
        match *self {
            Self::Get { parameter } => command(0x02).byte(parameter),
            Self::Report { parameter, value } => command(0x03).byte(parameter).number(value),
        }
    }
}
