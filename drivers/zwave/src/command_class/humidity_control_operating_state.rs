//! Humidity Control Operating State, version 1.

use super::reader::Reader;
use super::value::Names;
use super::writer::Writer;
use super::{CommandClass, Malformed};

/// The states.
pub const STATES: Names = &[(0x00, "Idle"), (0x01, "Humidifying"), (0x02, "De-humidifying")];

/// A command of Humidity Control Operating State.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Command {
    /// Asks for the state.
    Get,
    /// The state, by [`STATES`].
    Report { state: u8 },
}

impl Command {
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(match reader.command() {
            0x01 => Self::Get,
            0x02 => Self::Report { state: reader.byte("the state")? & 0b1111 },
            _ => return reader.unknown_command(),
        })
    }

    pub(super) fn write(&self) -> Writer {
        let command = |command| Writer::new(CommandClass::HUMIDITY_CONTROL_OPERATING_STATE, command);
        match *self {
            Self::Get => command(0x01),
            Self::Report { state } => command(0x02).byte(state & 0b1111),
        }
    }
}
