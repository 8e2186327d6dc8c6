//! Time, version 2: nodes ask the controller for time and date.

use super::reader::Reader;
use super::value::{Date, Time};
use super::writer::Writer;
use super::{CommandClass, Malformed};

/// Offsets from UTC, and when daylight saving time begins and ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Offset {
    /// Minutes ahead of UTC; hours and minutes are sent apart, so that it is within ±127 hours.
    pub standard_minutes: i16,
    /// Minutes that daylight saving time adds, −127 to 127.
    pub daylight_minutes: i8,
    /// Month, day and hour.
    pub daylight_start: [u8; 3],
    /// Month, day and hour.
    pub daylight_end: [u8; 3],
}

/// A command of Time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Command {
    /// Asks for the time.
    TimeGet,
    /// The time of day in the home; the clock may have stood still.
    TimeReport { time: Time, clock_failure: bool },
    /// Asks for the date.
    DateGet,
    /// The date in the home.
    DateReport { date: Date },
    /// Sets the offset from UTC, from version 2 on.
    TimeOffsetSet(Offset),
    /// Asks for the offset from UTC.
    TimeOffsetGet,
    /// The offset from UTC.
    TimeOffsetReport(Offset),
}

impl Command {
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(match reader.command() {
            0x01 => Self::TimeGet,
            0x02 => {
                let time = reader.time("the time")?;
                let (hour, clock_failure) = (time.hour & 0b1_1111, time.hour & 0x80 != 0);
                Self::TimeReport { time: Time { hour, ..time }, clock_failure }
            }
            0x03 => Self::DateGet,
            0x04 => Self::DateReport { date: reader.date("the date")? },
            0x05 => Self::TimeOffsetSet(read_offset(reader)?),
            0x06 => Self::TimeOffsetGet,
            0x07 => Self::TimeOffsetReport(read_offset(reader)?),
            _ => return reader.unknown_command(),
        })
    }

    pub(super) fn write(&self) -> Writer {
        let command = |command| Writer::new(CommandClass::TIME, command);
        match *self {
            Self::TimeGet => command(0x01),
            Self::TimeReport { time, clock_failure } => {
                let hour = time.hour & 0b1_1111 | if clock_failure { 0x80 } else { 0 };
                command(0x02).time(Time { hour, ..time })
            }
            Self::DateGet => command(0x03),
            Self::DateReport { date } => command(0x04).date(date),
            Self::TimeOffsetSet(offset) => write_offset(command(0x05), offset),
            Self::TimeOffsetGet => command(0x06),
            Self::TimeOffsetReport(offset) => write_offset(command(0x07), offset),
        }
    }
}

/// A sign in the highest bit, and a number below it.
fn with_sign(byte: u8, number: i16) -> i16 {
    if byte & 0x80 == 0 { number } else { -number }
}

/// Minutes ahead of UTC, and minutes that daylight saving time adds.
pub(super) fn read_timezone(reader: &mut Reader<'_>) -> Result<(i16, i8), Malformed> {
    let [hours, minutes, daylight] = reader.key("the offset")?;
    let standard = i16::from(hours & 0x7f) * 60 + i16::from(minutes);
    // Within ±127.
    Ok((with_sign(hours, standard), with_sign(daylight, i16::from(daylight & 0x7f)) as i8))
}

pub(super) fn write_timezone(writer: Writer, standard_minutes: i16, daylight_minutes: i8) -> Writer {
    let standard = standard_minutes.unsigned_abs();
    let sign = |is_negative: bool| if is_negative { 0x80 } else { 0 };
    // The minutes take what is more than 127 hours, as far as a byte goes.
    let hours = (standard / 60).min(127);
    let minutes = (standard - hours * 60).min(u16::from(u8::MAX));
    writer
        .byte(sign(standard_minutes < 0) | hours as u8)
        .byte(minutes as u8)
        .byte(sign(daylight_minutes < 0) | daylight_minutes.unsigned_abs().min(127))
}

fn read_offset(reader: &mut Reader<'_>) -> Result<Offset, Malformed> {
    let (standard_minutes, daylight_minutes) = read_timezone(reader)?;
    Ok(Offset {
        standard_minutes,
        daylight_minutes,
        daylight_start: reader.key("the start of daylight saving time")?,
        daylight_end: reader.key("the end of daylight saving time")?,
    })
}

fn write_offset(writer: Writer, offset: Offset) -> Writer {
    write_timezone(writer, offset.standard_minutes, offset.daylight_minutes)
        .bytes(&offset.daylight_start)
        .bytes(&offset.daylight_end)
}
