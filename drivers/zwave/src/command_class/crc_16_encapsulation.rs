//! CRC-16 Encapsulation, version 1: a command with a checksum. The checksum is only carried here.

use super::reader::Reader;
use super::writer::Writer;
use super::{CommandClass, Malformed};

/// A command of CRC-16 Encapsulation.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Command {
    /// A command and the CRC-CCITT over it, command class and command of the encapsulation included.
    Encapsulation { inner: Vec<u8>, checksum: u16 },
}

impl Command {
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        if reader.command() != 0x01 {
            return reader.unknown_command();
        }
        let inner = reader.slice(reader.left().saturating_sub(2), "the command")?.to_vec();
        Ok(Self::Encapsulation { inner, checksum: reader.word("the checksum")? })
    }

    pub(super) fn write(&self) -> Writer {
        let Self::Encapsulation { inner, checksum } = self;
        Writer::new(CommandClass::CRC_16_ENCAPSULATION, 0x01).bytes(inner).word(*checksum)
    }
}
