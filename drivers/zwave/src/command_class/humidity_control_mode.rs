//! Humidity Control Mode, version 2.

use super::reader::Reader;
use super::value::{BitMask, Names};
use super::writer::Writer;
use super::{CommandClass, Malformed};

/// The modes.
pub const MODES: Names = &[(0x00, "Off"), (0x01, "Humidify"), (0x02, "De-humidify"), (0x03, "Auto")];

/// A command of Humidity Control Mode.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Command {
    /// Sets the mode, by [`MODES`].
    Set { mode: u8 },
    /// Asks for the mode.
    Get,
    /// The mode.
    Report { mode: u8 },
    /// Asks for the modes.
    SupportedGet,
    /// The modes: bit 0 is mode 0.
    SupportedReport { modes: BitMask },
}

impl Command {
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(match reader.command() {
            0x01 => Self::Set { mode: reader.byte("the mode")? & 0b1111 },
            0x02 => Self::Get,
            0x03 => Self::Report { mode: reader.byte("the mode")? & 0b1111 },
            0x04 => Self::SupportedGet,
            0x05 => Self::SupportedReport { modes: reader.rest_mask("the modes")? },
            _ => return reader.unknown_command(),
        })
    }

    pub(super) fn write(&self) -> Writer {
        let command = |command| Writer::new(CommandClass::HUMIDITY_CONTROL_MODE, command);
        match self {
            Self::Set { mode } => command(0x01).byte(mode & 0b1111),
            Self::Get => command(0x02),
            Self::Report { mode } => command(0x03).byte(mode & 0b1111),
            Self::SupportedGet => command(0x04),
            Self::SupportedReport { modes } => command(0x05).mask(modes),
        }
    }
}
