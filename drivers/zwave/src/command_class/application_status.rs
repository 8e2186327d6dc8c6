//! Application Status, version 1: a node is busy, or refuses.

use super::reader::Reader;
use super::value::Names;
use super::writer::Writer;
use super::{CommandClass, Malformed};

/// What a busy node says.
pub const STATUSES: Names =
    &[(0x00, "Try again later"), (TRY_AGAIN_IN, "Try again in Wait Time seconds"), (0x02, "Request queued")];
/// The status with which the wait time counts.
pub const TRY_AGAIN_IN: u8 = 0x01;

/// A command of Application Status.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Command {
    /// The node is busy, by [`STATUSES`]; it may be asked again after so many seconds.
    Busy { status: u8, wait_seconds: u8 },
    /// The node refuses the command.
    RejectedRequest { status: u8 },
}

impl Command {
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(match reader.command() {
            0x01 => Self::Busy { status: reader.byte("the status")?, wait_seconds: reader.next().unwrap_or_default() },
            0x02 => Self::RejectedRequest { status: reader.byte("the status")? },
            _ => return reader.unknown_command(),
        })
    }

    pub(super) fn write(&self) -> Writer {
        let command = |command| Writer::new(CommandClass::APPLICATION_STATUS, command);
        match *self {
            Self::Busy { status, wait_seconds } => command(0x01).byte(status).byte(wait_seconds),
            Self::RejectedRequest { status } => command(0x02).byte(status),
        }
    }
}
