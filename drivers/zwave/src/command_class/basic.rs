//! Basic, version 2: the one class that every node has; what its value means is up to the device.

use super::reader::Reader;
use super::value::{Level, Target};
use super::writer::Writer;
use super::{CommandClass, Malformed};

/// A command of Basic.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Command {
    /// Sets the value.
    Set { value: Level },
    /// Asks for the value.
    Get,
    /// The value; from version 2 on with its target.
    Report { current: Level, target: Option<Target> },
}

impl Command {
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(match reader.command() {
            0x01 => Self::Set { value: reader.level("the value")? },
            0x02 => Self::Get,
            0x03 => Self::Report { current: reader.level("the current value")?, target: reader.next_target() },
            _ => return reader.unknown_command(),
        })
    }

    pub(super) fn write(&self) -> Writer {
        let command = |command| Writer::new(CommandClass::BASIC, command);
        match *self {
            Self::Set { value } => command(0x01).byte(value),
            Self::Get => command(0x02),
            Self::Report { current, target } => command(0x03).byte(current).target(target),
        }
    }
}
