//! Clock, version 1: the clock of a device.

use super::reader::Reader;
use super::writer::Writer;
use super::{CommandClass, Malformed};

/// Day of the week and time of day.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct WeekTime {
    /// 1 is Monday, 7 Sunday; 0 = not known.
    pub weekday: u8,
    /// 0–23.
    pub hour: u8,
    /// 0–59.
    pub minute: u8,
}

/// A command of Clock.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Command {
    /// Sets the clock.
    Set(WeekTime),
    /// Asks for the time.
    Get,
    /// The time.
    Report(WeekTime),
}

impl Command {
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(match reader.command() {
            0x04 => Self::Set(read_time(reader)?),
            0x05 => Self::Get,
            0x06 => Self::Report(read_time(reader)?),
            _ => return reader.unknown_command(),
        })
    }

    pub(super) fn write(&self) -> Writer {
        let command = |command| Writer::new(CommandClass::CLOCK, command);
        let time = |writer: Writer, time: WeekTime| {
            writer.byte((time.weekday & 0b111) << 5 | time.hour & 0b1_1111).byte(time.minute)
        };
        match *self {
            Self::Set(now) => time(command(0x04), now),
            Self::Get => command(0x05),
            Self::Report(now) => time(command(0x06), now),
        }
    }
}

fn read_time(reader: &mut Reader<'_>) -> Result<WeekTime, Malformed> {
    let first = reader.byte("the weekday and hour")?;
    Ok(WeekTime { weekday: first >> 5, hour: first & 0b1_1111, minute: reader.byte("the minute")? })
}
