//! Powerlevel, version 1: the power of a node's radio, for tests.

use super::reader::Reader;
use super::value::Names;
use super::writer::Writer;
use super::{CommandClass, Malformed};

/// How a test went.
pub const TEST_STATUSES: Names = &[(0x00, "Failed"), (0x01, "Success"), (0x02, "In progress")];

/// A command of Powerlevel. Power is 0 (normal) to 9 (9 dB less).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Command {
    /// Sets the power for so many seconds.
    Set { power: u8, seconds: u8 },
    /// Asks for the power.
    Get,
    /// The power, and for how many seconds more.
    Report { power: u8, seconds: u8 },
    /// Makes the node send frames to another with this power.
    TestNodeSet { node: u8, power: u8, frames: u16 },
    /// Asks how the test went.
    TestNodeGet,
    /// How the test went, by [`TEST_STATUSES`], and how many frames were acknowledged.
    TestNodeReport { node: u8, status: u8, acknowledged: u16 },
}

impl Command {
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        const POWER: &str = "the power";
        Ok(match reader.command() {
            0x01 => Self::Set { power: reader.byte(POWER)?, seconds: reader.next().unwrap_or_default() },
            0x02 => Self::Get,
            0x03 => Self::Report { power: reader.byte(POWER)?, seconds: reader.next().unwrap_or_default() },
            0x04 => {
                let (node, power) = (reader.byte("the node")?, reader.byte(POWER)?);
                Self::TestNodeSet { node, power, frames: reader.word("the number of frames")? }
            }
            0x05 => Self::TestNodeGet,
            0x06 => {
                let (node, status) = (reader.byte("the node")?, reader.byte("the status")?);
                Self::TestNodeReport { node, status, acknowledged: reader.word("the number of frames")? }
            }
            _ => return reader.unknown_command(),
        })
    }

    pub(super) fn write(&self) -> Writer {
        let command = |command| Writer::new(CommandClass::POWERLEVEL, command);
        match *self {
            Self::Set { power, seconds } => command(0x01).byte(power).byte(seconds),
            Self::Get => command(0x02),
            Self::Report { power, seconds } => command(0x03).byte(power).byte(seconds),
            Self::TestNodeSet { node, power, frames } => command(0x04).byte(node).byte(power).word(frames),
            Self::TestNodeGet => command(0x05),
            Self::TestNodeReport { node, status, acknowledged } => {
                command(0x06).byte(node).byte(status).word(acknowledged)
            }
        }
    }
}
