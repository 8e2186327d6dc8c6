//! Supervision, version 2: a node says whether a command that was wrapped worked.

use super::reader::Reader;
use super::value::Duration;
use super::writer::Writer;
use super::{CommandClass, Malformed};

/// What became of a command.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Status {
    /// The node does not know the command.
    NoSupport,
    /// It is under way, and takes as long as the duration says. Another report follows.
    Working,
    /// It did not work.
    Fail,
    /// It worked.
    Success,
    /// A number that has no meaning yet.
    Reserved(u8),
}

impl From<u8> for Status {
    fn from(byte: u8) -> Self {
        match byte {
            0x00 => Self::NoSupport,
            0x01 => Self::Working,
            0x02 => Self::Fail,
            0xff => Self::Success,
            other => Self::Reserved(other),
        }
    }
}
impl From<Status> for u8 {
    fn from(status: Status) -> Self {
        match status {
            Status::NoSupport => 0x00,
            Status::Working => 0x01,
            Status::Fail => 0x02,
            Status::Success => 0xff,
            Status::Reserved(other) => other,
        }
    }
}

/// A command of Supervision. Sessions are 0–63.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Command {
    /// A command that wants an answer; more than one with status updates.
    Get { status_updates: bool, session: u8, inner: Vec<u8> },
    /// What became of it. A node that sleeps may ask to be woken on demand (version 2).
    Report { more_follow: bool, wake_up: bool, session: u8, status: Status, duration: Duration },
}

impl Command {
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(match reader.command() {
            0x01 => {
                let (first, length) = (reader.byte("the session")?, reader.byte("the length of the command")?);
                let (status_updates, session) = (first & 0x80 != 0, first & 0b11_1111);
                Self::Get { status_updates, session, inner: reader.bytes(length, "the command")? }
            }
            0x02 => {
                let first = reader.byte("the session")?;
                Self::Report {
                    more_follow: first & 0x80 != 0,
                    wake_up: first & 0x40 != 0,
                    session: first & 0b11_1111,
                    status: reader.byte("the status")?.into(),
                    duration: Duration(reader.byte("the duration")?),
                }
            }
            _ => return reader.unknown_command(),
        })
    }

    pub(super) fn write(&self) -> Writer {
        let command = |command| Writer::new(CommandClass::SUPERVISION, command);
        match self {
            Self::Get { status_updates, session, inner } => {
                let first = super::writer::bits([(*status_updates, 7)]);
                command(0x01).byte(first | session & 0b11_1111).counted(0, 8, inner)
            }
            Self::Report { more_follow, wake_up, session, status, duration } => {
                let first = super::writer::bits([(*more_follow, 7), (*wake_up, 6)]);
                command(0x02).byte(first | session & 0b11_1111).byte(*status).byte(*duration)
            }
        }
    }
}
