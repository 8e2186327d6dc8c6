//! Hail, version 1: an old device says that something of it changed.

use super::reader::Reader;
use super::writer::Writer;
use super::{CommandClass, Malformed};

/// A command of Hail.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Command {
    /// Something changed; the device may be asked.
    Hail,
}

impl Command {
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        match reader.command() {
            0x01 => Ok(Self::Hail),
            _ => reader.unknown_command(),
        }
    }

    pub(super) fn write(&self) -> Writer {
        match self {
            Self::Hail => Writer::new(CommandClass::HAIL, 0x01),
        }
    }
}
