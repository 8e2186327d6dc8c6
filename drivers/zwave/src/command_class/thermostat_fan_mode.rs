//! Thermostat Fan Mode, version 5.

use super::reader::Reader;
use super::value::{BitMask, Names};
use super::writer::Writer;
use super::{CommandClass, Malformed};

/// The modes.
pub const MODES: Names = &[
    (0x00, "Auto low"),
    (0x01, "Low"),
    (0x02, "Auto high"),
    (0x03, "High"),
    (0x04, "Auto medium"),
    (0x05, "Medium"),
    (0x06, "Circulation"),
    (0x07, "Humidity circulation"),
    (0x08, "Left and right"),
    (0x09, "Up and down"),
    (0x0a, "Quiet"),
    (0x0b, "External circulation"),
];

/// A command of Thermostat Fan Mode.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Command {
    /// Sets the mode, by [`MODES`]; the fan can be switched off from version 2 on.
    Set { mode: u8, off: bool },
    /// Asks for the mode.
    Get,
    /// The mode, and whether the fan is switched off.
    Report { mode: u8, off: bool },
    /// Asks for the modes.
    SupportedGet,
    /// The modes: bit 0 is mode 0.
    SupportedReport { modes: BitMask },
}

impl Command {
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        let mode = |byte: u8| (byte & 0b1111, byte & 0x80 != 0);
        Ok(match reader.command() {
            0x01 => {
                let (mode, off) = mode(reader.byte("the mode")?);
                Self::Set { mode, off }
            }
            0x02 => Self::Get,
            0x03 => {
                let (mode, off) = mode(reader.byte("the mode")?);
                Self::Report { mode, off }
            }
            0x04 => Self::SupportedGet,
            0x05 => Self::SupportedReport { modes: reader.rest_mask("the modes")? },
            _ => return reader.unknown_command(),
        })
    }

    pub(super) fn write(&self) -> Writer {
        let command = |command| Writer::new(CommandClass::THERMOSTAT_FAN_MODE, command);
        let byte = |mode: &u8, off: &bool| mode & 0b1111 | if *off { 0x80 } else { 0 };
        match self {
            Self::Set { mode, off } => command(0x01).byte(byte(mode, off)),
            Self::Get => command(0x02),
            Self::Report { mode, off } => command(0x03).byte(byte(mode, off)),
            Self::SupportedGet => command(0x04),
            Self::SupportedReport { modes } => command(0x05).mask(modes),
        }
    }
}
