//! Node Naming and Location, version 1: a name and a place, kept by the node.

use super::reader::Reader;
use super::value::EncodedText;
use super::writer::Writer;
use super::{CommandClass, Malformed};

/// A command of Node Naming and Location.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Command {
    /// Sets the name.
    NameSet { name: EncodedText },
    /// Asks for the name.
    NameGet,
    /// The name.
    NameReport { name: EncodedText },
    /// Sets the place.
    LocationSet { location: EncodedText },
    /// Asks for the place.
    LocationGet,
    /// The place.
    LocationReport { location: EncodedText },
}

impl Command {
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        const ENCODING: &str = "the encoding of the text";
        Ok(match reader.command() {
            0x01 => Self::NameSet { name: reader.text(ENCODING)? },
            0x02 => Self::NameGet,
            0x03 => Self::NameReport { name: reader.text(ENCODING)? },
            0x04 => Self::LocationSet { location: reader.text(ENCODING)? },
            0x05 => Self::LocationGet,
            0x06 => Self::LocationReport { location: reader.text(ENCODING)? },
            _ => return reader.unknown_command(),
        })
    }

    pub(super) fn write(&self) -> Writer {
        let command = |command| Writer::new(CommandClass::NODE_NAMING_AND_LOCATION, command);
        match self {
            Self::NameSet { name } => command(0x01).text(name),
            Self::NameGet => command(0x02),
            Self::NameReport { name } => command(0x03).text(name),
            Self::LocationSet { location } => command(0x04).text(location),
            Self::LocationGet => command(0x05),
            Self::LocationReport { location } => command(0x06).text(location),
        }
    }
}
