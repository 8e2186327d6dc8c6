//! Thermostat Setback, version 1: for a while, another temperature than the schedule's.

use super::reader::Reader;
use super::value::Names;
use super::writer::Writer;
use super::{CommandClass, Malformed};

/// How long it lasts.
pub const TYPES: Names = &[(0x00, "No override"), (0x01, "Temporary override"), (0x02, "Permanent override")];

/// The state: frost protection.
pub const FROST_PROTECTION: i8 = 0x79;
/// The state: energy saving.
pub const ENERGY_SAVING: i8 = 0x7a;
/// The state is not used.
pub const UNUSED: i8 = 0x7f;

/// A command of Thermostat Setback. The state is in tenths of a kelvin, −12.8 to 12 K, or one of the constants above.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Command {
    /// Sets type, by [`TYPES`], and state.
    Set { setback_type: u8, state: i8 },
    /// Asks for it.
    Get,
    /// Type and state.
    Report { setback_type: u8, state: i8 },
}

impl Command {
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        const TYPE: &str = "the setback type";
        Ok(match reader.command() {
            0x01 => Self::Set { setback_type: reader.byte(TYPE)? & 0b11, state: read_state(reader)? },
            0x02 => Self::Get,
            0x03 => Self::Report { setback_type: reader.byte(TYPE)? & 0b11, state: read_state(reader)? },
            _ => return reader.unknown_command(),
        })
    }

    pub(super) fn write(&self) -> Writer {
        let command = |command| Writer::new(CommandClass::THERMOSTAT_SETBACK, command);
        match *self {
            Self::Set { setback_type, state } => command(0x01).byte(setback_type & 0b11).byte(state as u8),
            Self::Get => command(0x02),
            Self::Report { setback_type, state } => command(0x03).byte(setback_type & 0b11).byte(state as u8),
        }
    }
}

fn read_state(reader: &mut Reader<'_>) -> Result<i8, Malformed> {
    Ok(i8::from_be_bytes([reader.byte("the setback state")?]))
}
