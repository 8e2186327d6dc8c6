//! Thermostat Mode, version 3: what heating or cooling is set to do.

use super::reader::Reader;
use super::value::{BitMask, Names};
use super::writer::Writer;
use super::{CommandClass, Malformed};

/// The mode whose meaning only the maker knows.
pub const MANUFACTURER_SPECIFIC: u8 = 0x1f;
/// Off.
pub const OFF: u8 = 0x00;

/// The modes.
pub const MODES: Names = &[
    (OFF, "Off"),
    (0x01, "Heat"),
    (0x02, "Cool"),
    (0x03, "Auto"),
    (0x04, "Auxiliary"),
    (0x05, "Resume (on)"),
    (0x06, "Fan"),
    (0x07, "Furnace"),
    (0x08, "Dry"),
    (0x09, "Moist"),
    (0x0a, "Auto changeover"),
    (0x0b, "Energy heat"),
    (0x0c, "Energy cool"),
    (0x0d, "Away"),
    (0x0f, "Full power"),
    (MANUFACTURER_SPECIFIC, "Manufacturer specific"),
];

/// A command of Thermostat Mode.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Command {
    /// Sets the mode, by [`MODES`], with data of the maker's own (at most 7 bytes) from version 3 on.
    Set { mode: u8, manufacturer_data: Vec<u8> },
    /// Asks for the mode.
    Get,
    /// The mode.
    Report { mode: u8, manufacturer_data: Vec<u8> },
    /// Asks for the modes.
    SupportedGet,
    /// The modes: bit 0 is mode 0.
    SupportedReport { modes: BitMask },
}

impl Command {
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(match reader.command() {
            0x01 => {
                let (mode, manufacturer_data) = read_mode(reader)?;
                Self::Set { mode, manufacturer_data }
            }
            0x02 => Self::Get,
            0x03 => {
                let (mode, manufacturer_data) = read_mode(reader)?;
                Self::Report { mode, manufacturer_data }
            }
            0x04 => Self::SupportedGet,
            0x05 => Self::SupportedReport { modes: reader.rest_mask("the modes")? },
            _ => return reader.unknown_command(),
        })
    }

    pub(super) fn write(&self) -> Writer {
        let command = |command| Writer::new(CommandClass::THERMOSTAT_MODE, command);
        match self {
            Self::Set { mode, manufacturer_data } => write_mode(command(0x01), *mode, manufacturer_data),
            Self::Get => command(0x02),
            Self::Report { mode, manufacturer_data } => write_mode(command(0x03), *mode, manufacturer_data),
            Self::SupportedGet => command(0x04),
            Self::SupportedReport { modes } => command(0x05).mask(modes),
        }
    }
}

fn read_mode(reader: &mut Reader<'_>) -> Result<(u8, Vec<u8>), Malformed> {
    let byte = reader.byte("the mode")?;
    let mode = byte & 0b1_1111;
    // In other modes the length is reserved, and some devices write into it.
    let length = if mode == MANUFACTURER_SPECIFIC { byte >> 5 } else { 0 };
    Ok((mode, reader.bytes(length, "the manufacturer's data")?))
}

fn write_mode(writer: Writer, mode: u8, manufacturer_data: &[u8]) -> Writer {
    let data = manufacturer_data.get(..7).unwrap_or(manufacturer_data);
    match mode & 0b1_1111 {
        MANUFACTURER_SPECIFIC => writer.byte((data.len() as u8) << 5 | MANUFACTURER_SPECIFIC).bytes(data),
        mode => writer.byte(mode),
    }
}
