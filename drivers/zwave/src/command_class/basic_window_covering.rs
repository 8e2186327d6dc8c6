//! Basic Window Covering, version 1: old covers that can only be moved and stopped.

use super::multilevel_switch::{change, read_change};
use super::reader::Reader;
use super::value::Direction;
use super::writer::Writer;
use super::{CommandClass, Malformed};

/// A command of Basic Window Covering.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Command {
    /// Moves until it is stopped.
    StartLevelChange { direction: Direction },
    /// Stops.
    StopLevelChange,
}

impl Command {
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(match reader.command() {
            0x01 => {
                let (direction, _) = read_change(reader.byte("the direction")?);
                Self::StartLevelChange { direction }
            }
            0x02 => Self::StopLevelChange,
            _ => return reader.unknown_command(),
        })
    }

    pub(super) fn write(&self) -> Writer {
        let command = |command| Writer::new(CommandClass::BASIC_WINDOW_COVERING, command);
        match *self {
            Self::StartLevelChange { direction } => command(0x01).byte(change(direction, false)),
            Self::StopLevelChange => command(0x02),
        }
    }
}
