//! Multi Command, version 1: several commands in one frame.

use super::reader::Reader;
use super::writer::Writer;
use super::{CommandClass, Malformed};

/// A command of Multi Command.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Command {
    /// Several commands.
    Encapsulation { commands: Vec<Vec<u8>> },
}

impl Command {
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        if reader.command() != 0x01 {
            return reader.unknown_command();
        }
        let count = reader.byte("the number of commands")?;
        let command = |_| {
            let length = reader.byte("the length of a command")?;
            reader.bytes(length, "a command")
        };
        Ok(Self::Encapsulation { commands: (0..count).map(command).collect::<Result<_, _>>()? })
    }

    pub(super) fn write(&self) -> Writer {
        let Self::Encapsulation { commands } = self;
        let commands = commands.get(..usize::from(u8::MAX)).unwrap_or(commands);
        let writer = Writer::new(CommandClass::MULTI_COMMAND, 0x01).byte(commands.len() as u8);
        writer.each(commands, |writer, command| writer.counted(0, 8, command))
    }
}
