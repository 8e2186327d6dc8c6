//! Thermostat Fan State, version 2: what the fan is doing.

use super::reader::Reader;
use super::value::Names;
use super::writer::Writer;
use super::{CommandClass, Malformed};

/// The states.
pub const STATES: Names = &[
    (0x00, "Idle / off"),
    (0x01, "Running / running low"),
    (0x02, "Running high"),
    (0x03, "Running medium"),
    (0x04, "Circulation mode"),
    (0x05, "Humidity circulation mode"),
    (0x06, "Right - left circulation mode"),
    (0x07, "Up - down circulation mode"),
    (0x08, "Quiet circulation mode"),
];

/// A command of Thermostat Fan State.
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
            0x02 => Self::Get,
            0x03 => Self::Report { state: reader.byte("the state")? & 0b1111 },
            _ => return reader.unknown_command(),
        })
    }

    pub(super) fn write(&self) -> Writer {
        let command = |command| Writer::new(CommandClass::THERMOSTAT_FAN_STATE, command);
        match *self {
            Self::Get => command(0x02),
            Self::Report { state } => command(0x03).byte(state & 0b1111),
        }
    }
}
