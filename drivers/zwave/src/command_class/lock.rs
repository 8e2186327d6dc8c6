//! Lock, version 1: older locks.

use super::reader::Reader;
use super::writer::Writer;
use super::{CommandClass, Malformed};

/// A command of Lock.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Command {
    /// Locks or unlocks.
    Set { locked: bool },
    /// Asks whether it is locked.
    Get,
    /// Whether it is locked.
    Report { locked: bool },
}

impl Command {
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(match reader.command() {
            0x01 => Self::Set { locked: reader.byte("the state")? != 0 },
            0x02 => Self::Get,
            0x03 => Self::Report { locked: reader.byte("the state")? != 0 },
            _ => return reader.unknown_command(),
        })
    }

    pub(super) fn write(&self) -> Writer {
        let command = |command| Writer::new(CommandClass::LOCK, command);
        match *self {
            Self::Set { locked } => command(0x01).byte(locked),
            Self::Get => command(0x02),
            Self::Report { locked } => command(0x03).byte(locked),
        }
    }
}
