//! Schedule Entry Lock, version 3: when the codes of a lock's users count.

use super::reader::Reader;
use super::time::{read_timezone, write_timezone};
use super::writer::Writer;
use super::{CommandClass, Malformed};

/// A user's schedule of one kind.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Slot {
    /// The user.
    pub user: u8,
    /// The number of the schedule.
    pub slot: u8,
}

/// On one day of the week.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct WeekDay {
    /// 0 is Sunday.
    pub weekday: u8,
    /// Hour and minute.
    pub start: [u8; 2],
    /// Hour and minute.
    pub stop: [u8; 2],
}

/// From one moment to another: year (of 2000), month, day, hour and minute.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct YearDay {
    /// From then on.
    pub start: [u8; 5],
    /// Until then.
    pub stop: [u8; 5],
}

/// On several days of the week, from version 3 on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DailyRepeating {
    /// Bit 0 is Sunday.
    pub weekdays: u8,
    /// Hour and minute.
    pub start: [u8; 2],
    /// Hours and minutes.
    pub duration: [u8; 2],
}

/// A command of Schedule Entry Lock. A set without a schedule erases the slot; so does a report say that it is empty.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Command {
    /// Switches the schedules of a user on or off.
    EnableSet { user: u8, enabled: bool },
    /// Switches all schedules on or off.
    EnableAllSet { enabled: bool },
    /// Sets a schedule of a day of the week.
    WeekDaySet { slot: Slot, schedule: Option<WeekDay> },
    /// Asks for one.
    WeekDayGet { slot: Slot },
    /// A schedule of a day of the week.
    WeekDayReport { slot: Slot, schedule: Option<WeekDay> },
    /// Sets a schedule from one moment to another.
    YearDaySet { slot: Slot, schedule: Option<YearDay> },
    /// Asks for one.
    YearDayGet { slot: Slot },
    /// A schedule from one moment to another.
    YearDayReport { slot: Slot, schedule: Option<YearDay> },
    /// Asks how many schedules a user can have.
    SupportedGet,
    /// How many schedules of each kind a user can have.
    SupportedReport { week_day: u8, year_day: u8, daily_repeating: Option<u8> },
    /// Asks for the offset from UTC, from version 2 on.
    TimeOffsetGet,
    /// The offset from UTC and what daylight saving time adds, in minutes.
    TimeOffsetReport { standard_minutes: i16, daylight_minutes: i8 },
    /// Sets the offset from UTC.
    TimeOffsetSet { standard_minutes: i16, daylight_minutes: i8 },
    /// Asks for a schedule of several days of the week, from version 3 on.
    DailyRepeatingGet { slot: Slot },
    /// A schedule of several days of the week.
    DailyRepeatingReport { slot: Slot, schedule: Option<DailyRepeating> },
    /// Sets a schedule of several days of the week.
    DailyRepeatingSet { slot: Slot, schedule: Option<DailyRepeating> },
}

/// In a set: what follows is a schedule.
const MODIFY: u8 = 0x01;
/// In a report: there is nothing here.
const EMPTY: u8 = 0xff;

impl Command {
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        const USER: &str = "the user";
        const ENABLED: &str = "whether it is enabled";
        const ACTION: &str = "the action";
        Ok(match reader.command() {
            0x01 => Self::EnableSet { user: reader.byte(USER)?, enabled: reader.byte(ENABLED)? == 1 },
            0x02 => Self::EnableAllSet { enabled: reader.byte(ENABLED)? == 1 },
            0x03 => {
                let (action, slot) = (reader.byte(ACTION)?, read_slot(reader)?);
                Self::WeekDaySet { slot, schedule: if action == MODIFY { Some(read_week_day(reader)?) } else { None } }
            }
            0x04 => Self::WeekDayGet { slot: read_slot(reader)? },
            0x05 => {
                let slot = read_slot(reader)?;
                Self::WeekDayReport {
                    slot,
                    schedule: if is_empty(reader) { None } else { Some(read_week_day(reader)?) },
                }
            }
            0x06 => {
                let (action, slot) = (reader.byte(ACTION)?, read_slot(reader)?);
                Self::YearDaySet { slot, schedule: if action == MODIFY { Some(read_year_day(reader)?) } else { None } }
            }
            0x07 => Self::YearDayGet { slot: read_slot(reader)? },
            0x08 => {
                let slot = read_slot(reader)?;
                Self::YearDayReport {
                    slot,
                    schedule: if is_empty(reader) { None } else { Some(read_year_day(reader)?) },
                }
            }
            0x09 => Self::SupportedGet,
            0x0a => Self::SupportedReport {
                week_day: reader.byte("the number of week day schedules")?,
                year_day: reader.byte("the number of year day schedules")?,
                daily_repeating: reader.next(),
            },
            0x0b => Self::TimeOffsetGet,
            0x0c => {
                let (standard_minutes, daylight_minutes) = read_timezone(reader)?;
                Self::TimeOffsetReport { standard_minutes, daylight_minutes }
            }
            0x0d => {
                let (standard_minutes, daylight_minutes) = read_timezone(reader)?;
                Self::TimeOffsetSet { standard_minutes, daylight_minutes }
            }
            0x0e => Self::DailyRepeatingGet { slot: read_slot(reader)? },
            0x0f => {
                let slot = read_slot(reader)?;
                // No weekday at all is an empty slot.
                let is_empty = is_empty(reader) || reader.peek() == Some(0);
                Self::DailyRepeatingReport { slot, schedule: if is_empty { None } else { Some(read_daily(reader)?) } }
            }
            0x10 => {
                let (action, slot) = (reader.byte(ACTION)?, read_slot(reader)?);
                Self::DailyRepeatingSet {
                    slot,
                    schedule: if action == MODIFY { Some(read_daily(reader)?) } else { None },
                }
            }
            _ => return reader.unknown_command(),
        })
    }

    pub(super) fn write(&self) -> Writer {
        let command = |command| Writer::new(CommandClass::SCHEDULE_ENTRY_LOCK, command);
        let slot = |writer: Writer, slot: Slot| writer.byte(slot.user).byte(slot.slot);
        let set = |number, is_there: bool, to| slot(command(number).byte(is_there), to);
        match *self {
            Self::EnableSet { user, enabled } => command(0x01).byte(user).byte(enabled),
            Self::EnableAllSet { enabled } => command(0x02).byte(enabled),
            Self::WeekDaySet { slot, schedule } => write_week_day(set(0x03, schedule.is_some(), slot), schedule),
            Self::WeekDayGet { slot: of } => slot(command(0x04), of),
            Self::WeekDayReport { slot: of, schedule } => write_week_day(slot(command(0x05), of), schedule),
            Self::YearDaySet { slot, schedule } => write_year_day(set(0x06, schedule.is_some(), slot), schedule),
            Self::YearDayGet { slot: of } => slot(command(0x07), of),
            Self::YearDayReport { slot: of, schedule } => write_year_day(slot(command(0x08), of), schedule),
            Self::SupportedGet => command(0x09),
            Self::SupportedReport { week_day, year_day, daily_repeating } => {
                command(0x0a).byte(week_day).byte(year_day).optional(daily_repeating)
            }
            Self::TimeOffsetGet => command(0x0b),
            Self::TimeOffsetReport { standard_minutes, daylight_minutes } => {
                write_timezone(command(0x0c), standard_minutes, daylight_minutes)
            }
            Self::TimeOffsetSet { standard_minutes, daylight_minutes } => {
                write_timezone(command(0x0d), standard_minutes, daylight_minutes)
            }
            Self::DailyRepeatingGet { slot: of } => slot(command(0x0e), of),
            Self::DailyRepeatingReport { slot: of, schedule } => write_daily(slot(command(0x0f), of), schedule),
            Self::DailyRepeatingSet { slot, schedule } => write_daily(set(0x10, schedule.is_some(), slot), schedule),
        }
    }
}

fn is_empty(reader: &Reader<'_>) -> bool {
    matches!(reader.peek(), None | Some(EMPTY))
}

fn read_slot(reader: &mut Reader<'_>) -> Result<Slot, Malformed> {
    Ok(Slot { user: reader.byte("the user")?, slot: reader.byte("the slot")? })
}

fn read_week_day(reader: &mut Reader<'_>) -> Result<WeekDay, Malformed> {
    let weekday = reader.byte("the weekday")?;
    Ok(WeekDay { weekday, start: reader.key("the start")?, stop: reader.key("the end")? })
}

fn write_week_day(writer: Writer, schedule: Option<WeekDay>) -> Writer {
    match schedule {
        Some(schedule) => writer.byte(schedule.weekday).bytes(&schedule.start).bytes(&schedule.stop),
        None => writer.bytes(&[EMPTY; 5]),
    }
}

fn read_year_day(reader: &mut Reader<'_>) -> Result<YearDay, Malformed> {
    Ok(YearDay { start: reader.key("the start")?, stop: reader.key("the end")? })
}

fn write_year_day(writer: Writer, schedule: Option<YearDay>) -> Writer {
    match schedule {
        Some(schedule) => writer.bytes(&schedule.start).bytes(&schedule.stop),
        None => writer.bytes(&[EMPTY; 10]),
    }
}

fn read_daily(reader: &mut Reader<'_>) -> Result<DailyRepeating, Malformed> {
    let weekdays = reader.byte("the weekdays")?;
    Ok(DailyRepeating { weekdays, start: reader.key("the start")?, duration: reader.key("the duration")? })
}

fn write_daily(writer: Writer, schedule: Option<DailyRepeating>) -> Writer {
    match schedule {
        Some(schedule) => writer.byte(schedule.weekdays).bytes(&schedule.start).bytes(&schedule.duration),
        None => writer.bytes(&[0, EMPTY, EMPTY, EMPTY, EMPTY]),
    }
}
