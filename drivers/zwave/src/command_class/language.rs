//! Language, version 1: the language of a device's display.

use super::reader::Reader;
use super::writer::Writer;
use super::{CommandClass, Malformed};

/// A language: three letters of ISO 639-2, and a country: two letters of ISO 3166-1.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Language {
    /// E.g. `deu`.
    pub language: [u8; 3],
    /// E.g. `DE`.
    pub country: Option<[u8; 2]>,
}

/// A command of Language.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Command {
    /// Sets the language.
    Set(Language),
    /// Asks for the language.
    Get,
    /// The language.
    Report(Language),
}

impl Command {
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(match reader.command() {
            0x01 => Self::Set(read_language(reader)?),
            0x02 => Self::Get,
            0x03 => Self::Report(read_language(reader)?),
            _ => return reader.unknown_command(),
        })
    }

    pub(super) fn write(&self) -> Writer {
        let command = |command| Writer::new(CommandClass::LANGUAGE, command);
        let language = |writer: Writer, language: &Language| {
            language.country.iter().fold(writer.bytes(&language.language), |writer, country| writer.bytes(country))
        };
        match self {
            Self::Set(wanted) => language(command(0x01), wanted),
            Self::Get => command(0x02),
            Self::Report(current) => language(command(0x03), current),
        }
    }
}

fn read_language(reader: &mut Reader<'_>) -> Result<Language, Malformed> {
    let language = reader.key("the language")?;
    let country = if reader.left() < 2 { None } else { Some(reader.key("the country")?) };
    Ok(Language { language, country })
}
