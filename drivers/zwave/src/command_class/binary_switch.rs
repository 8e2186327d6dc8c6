//! Binary Switch, version 2: on and off.

use super::reader::Reader;
use super::value::{Duration, Level, Target};
use super::writer::Writer;
use super::{CommandClass, Malformed};

/// A command of Binary Switch.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Command {
    /// Switches; the duration is of version 2.
    Set { target: Level, duration: Option<Duration> },
    /// Asks for the state.
    Get,
    /// The state; from version 2 on with its target.
    Report { current: Level, target: Option<Target> },
}

impl Command {
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(match reader.command() {
            0x01 => Self::Set { target: reader.level("the target value")?, duration: reader.next_duration() },
            0x02 => Self::Get,
            0x03 => Self::Report { current: reader.level("the current value")?, target: reader.next_target() },
            _ => return reader.unknown_command(),
        })
    }

    pub(super) fn write(&self) -> Writer {
        let command = |command| Writer::new(CommandClass::BINARY_SWITCH, command);
        match *self {
            Self::Set { target, duration } => command(0x01).byte(target).optional(duration),
            Self::Get => command(0x02),
            Self::Report { current, target } => command(0x03).byte(current).target(target),
        }
    }
}
