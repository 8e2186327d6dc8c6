//! Device Reset Locally, version 1: a node was set back to how it left the factory.

use super::reader::Reader;
use super::writer::Writer;
use super::{CommandClass, Malformed};

/// A command of Device Reset Locally.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Command {
    /// The node was set back, and has left the network.
    Notification,
}

impl Command {
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        match reader.command() {
            0x01 => Ok(Self::Notification),
            _ => reader.unknown_command(),
        }
    }

    pub(super) fn write(&self) -> Writer {
        match self {
            Self::Notification => Writer::new(CommandClass::DEVICE_RESET_LOCALLY, 0x01),
        }
    }
}
