//! Time Parameters, version 1: date and time of a device, in UTC.

use super::reader::Reader;
use super::value::DateTime;
use super::writer::Writer;
use super::{CommandClass, Malformed};

/// A command of Time Parameters.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Command {
    /// Sets date and time.
    Set { date_time: DateTime },
    /// Asks for date and time.
    Get,
    /// Date and time.
    Report { date_time: DateTime },
}

impl Command {
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(match reader.command() {
            0x01 => Self::Set { date_time: reader.date_time("date and time")? },
            0x02 => Self::Get,
            0x03 => Self::Report { date_time: reader.date_time("date and time")? },
            _ => return reader.unknown_command(),
        })
    }

    pub(super) fn write(&self) -> Writer {
        let command = |command| Writer::new(CommandClass::TIME_PARAMETERS, command);
        match *self {
            Self::Set { date_time } => command(0x01).date_time(date_time),
            Self::Get => command(0x02),
            Self::Report { date_time } => command(0x03).date_time(date_time),
        }
    }
}
