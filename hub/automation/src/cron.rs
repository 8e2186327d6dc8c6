//! Cron patterns: five fields that local clocks are compared with.
//!
//! ```text
//! minute  hour  day of month  month       weekday
//! 0–59    0–23  1–31          1–12, jan…  0–7, sun… (0 and 7 are Sunday)
//! ```
//!
//! A field is `*`, a value, a range `1-5`, a list `1,15,20-25`, each with a step `*/15`, `10-40/10`, `5/20` (from 5 to
//! the end). `@hourly`, `@daily` (`@midnight`), `@weekly`, `@monthly` and `@yearly` (`@annually`) are short for patterns.
//! As in every cron, a day fits if its date *or* its weekday does when both fields are limited, and when both do if one of
//! them begins with `*`.
//!
//! **When clocks change.** A time that the spring leaves out comes as much later as clocks are put forward (02:30 at
//! 03:30), once; a time that the autumn doubles comes the first time only. A pattern for every hour (`*/15 * * * *`)
//! follows the clock on the wall instead: it goes on through the repeated hour, four times in each hour that passes.

use std::ops::RangeInclusive;

use hub_model::Timestamp;
use hub_model::zone::{Weekday, Zone};
use jiff::ToSpan;
use jiff::civil::{Date, DateTime};

use hub_model::name::nearest;

/// The longest pattern.
const MAX_LENGTH: usize = 256;
/// A date comes again within this many years: 29 February on one weekday, over a turn of the century, is the rarest.
const MAX_YEARS: i16 = 41;
const MINUTE_MILLISECONDS: i64 = 60_000;
const ALL_HOURS: u64 = (1 << 24) - 1;

/// A cron pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cron {
    /// A bit for each value that fits.
    minutes: u64,
    hours: u64,
    dates: u64,
    months: u64,
    weekdays: u64,
    /// A date must fit both its day of the month and its weekday.
    both: bool,
}

/// The text is not a cron pattern.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs)]
pub enum CronError {
    #[error("a cron pattern has at most {MAX_LENGTH} characters")]
    TooLong,
    #[error("a cron pattern has five fields (minute, hour, day of month, month, weekday), not {found}{}", if *found == 6 { "; seconds are not for it: use every" } else { "" })]
    FieldCount { found: usize },
    #[error("there is no {text:?}; write @hourly, @daily, @weekly, @monthly, @yearly or five fields")]
    UnknownNickname { text: String },
    #[error(
        "the {field} is empty before or after a comma, dash or slash: write *, a value, 1-5, */2 or a list of them"
    )]
    Empty { field: &'static str },
    #[error("{text:?} is no {field}: write {}", wanted(.limits, .nearest))]
    NotAValue { field: &'static str, text: String, limits: Limits, nearest: Option<&'static str> },
    #[error("the range {text} of the {field} runs backwards: write it as a list of two ranges")]
    Backwards { field: &'static str, text: String },
    #[error("the step of the {field} is {text:?}: write 1 to {most}")]
    Step { field: &'static str, text: String, most: u8 },
}

/// What a field may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    least: u8,
    most: u8,
    names: &'static [&'static str],
}

fn wanted(limits: &Limits, nearest: &Option<&str>) -> String {
    let names = match limits.names {
        [first, .., last] => format!(" or {first} to {last}"),
        _ => String::new(),
    };
    let nearest = nearest.map(|nearest| format!("; did you mean {nearest}?")).unwrap_or_default();
    format!("{} to {}{names}{nearest}", limits.least, limits.most)
}

/// A field: what people call it, and what it may hold.
struct Field {
    name: &'static str,
    limits: Limits,
}

const fn field(name: &'static str, least: u8, most: u8, names: &'static [&'static str]) -> Field {
    Field { name, limits: Limits { least, most, names } }
}

const MONTHS: &[&str] = &["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const WEEKDAYS: &[&str] = &["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

const MINUTE: Field = field("minute", 0, 59, &[]);
const HOUR: Field = field("hour", 0, 23, &[]);
const DAY: Field = field("day of month", 1, 31, &[]);
const MONTH: Field = field("month", 1, 12, MONTHS);
const WEEKDAY: Field = field("weekday", 0, 7, WEEKDAYS);

const NICKNAMES: &[(&str, &str)] = &[
    ("@hourly", "0 * * * *"),
    ("@daily", "0 0 * * *"),
    ("@midnight", "0 0 * * *"),
    ("@weekly", "0 0 * * 0"),
    ("@monthly", "0 0 1 * *"),
    ("@yearly", "0 0 1 1 *"),
    ("@annually", "0 0 1 1 *"),
];

impl Cron {
    /// Reads a pattern. Upper and lower case are the same.
    pub fn parse(text: &str) -> Result<Self, CronError> {
        if text.len() > MAX_LENGTH {
            return Err(CronError::TooLong);
        }
        let text = text.trim().to_ascii_lowercase();
        let pattern = match NICKNAMES.iter().find(|(nickname, _)| *nickname == text) {
            Some((_, pattern)) => pattern,
            None if text.starts_with('@') => return Err(CronError::UnknownNickname { text }),
            None => text.as_str(),
        };
        let fields: Vec<&str> = pattern.split_whitespace().collect();
        let &[minute, hour, day, month, weekday] = fields.as_slice() else {
            return Err(CronError::FieldCount { found: fields.len() });
        };
        let weekdays = WEEKDAY.parse(weekday)?;
        Ok(Self {
            minutes: MINUTE.parse(minute)?,
            hours: HOUR.parse(hour)?,
            dates: DAY.parse(day)?,
            months: MONTH.parse(month)?,
            // 7 is Sunday too.
            weekdays: (weekdays | weekdays >> 7) & 0x7f,
            both: day.starts_with('*') || weekday.starts_with('*'),
        })
    }

    /// The first instant after `after` that fits. None if there is none: 30 February, or the year 10000.
    pub fn next(&self, zone: &Zone, after: Timestamp) -> Option<Timestamp> {
        let today = zone.local(after).date();
        // A day before, because a time that was left out before midnight comes after it.
        let mut date = today.yesterday().unwrap_or(today);
        let last = date.checked_add(MAX_YEARS.years()).unwrap_or(Date::MAX);
        while date <= last {
            if !has(self.months, date.month()) {
                date = date.last_of_month().tomorrow().ok()?;
                continue;
            }
            let tomorrow = date.tomorrow().ok();
            if self.fits(date) {
                let day = Day::of(date, zone);
                if let Some(found) = self.next_within(&day, zone, after) {
                    // When clocks change at midnight, the times of two dates may be out of order.
                    let other = tomorrow.filter(|date| !day.is_plain && self.fits(*date));
                    let other = other.and_then(|date| self.next_within(&Day::of(date, zone), zone, after));
                    return Some(other.map_or(found, |other| other.min(found)));
                }
            }
            date = tomorrow?;
        }
        None
    }

    /// The times of day that fit: hour and minute.
    pub(crate) fn times(&self) -> impl Iterator<Item = (u8, u8)> + '_ {
        let bytes = |bits| values(bits).map(i8::unsigned_abs);
        bytes(self.hours).flat_map(move |hour| bytes(self.minutes).map(move |minute| (hour, minute)))
    }

    /// Whether some date on this weekday fits.
    pub(crate) fn may_fit(&self, weekday: Weekday) -> bool {
        let day = match weekday {
            Weekday::Sun => 0,
            other => other as i8 + 1,
        };
        has(self.weekdays, day) || (!self.both && self.dates != 0)
    }

    /// Whether dates of a weekday that may fit can be left out.
    pub(crate) fn leaves_out_dates(&self) -> bool {
        const DATES: u64 = ((1 << 31) - 1) << 1;
        const MONTHS: u64 = ((1 << 12) - 1) << 1;
        self.dates & DATES != DATES || self.months & MONTHS != MONTHS
    }

    fn fits(&self, date: Date) -> bool {
        let by_date = has(self.dates, date.day());
        let by_weekday = has(self.weekdays, date.weekday().to_sunday_zero_offset());
        has(self.months, date.month()) && if self.both { by_date && by_weekday } else { by_date || by_weekday }
    }

    fn next_within(&self, day: &Day, zone: &Zone, after: Timestamp) -> Option<Timestamp> {
        let times = || values(self.hours).flat_map(|hour| values(self.minutes).map(move |minute| (hour, minute)));
        if day.is_plain {
            let minutes = |(hour, minute)| i64::from(hour) * 60 + i64::from(minute);
            return times()
                .map(|time| Timestamp(day.start.milliseconds() + minutes(time) * MINUTE_MILLISECONDS))
                .find(|time| *time > after);
        }
        let every_hour = self.hours == ALL_HOURS;
        times()
            .flat_map(|(hour, minute)| day.instants(day.date.at(hour, minute, 0, 0), zone, every_hour))
            .filter(|time| *time > after)
            .min()
    }
}

/// A local date and what its clocks do.
struct Day {
    date: Date,
    start: Timestamp,
    /// No clock is changed: each time comes as long after midnight as it says.
    is_plain: bool,
    /// How much of it comes twice, in milliseconds.
    doubled: i64,
}

impl Day {
    fn of(date: Date, zone: &Zone) -> Self {
        let midnight = date.at(0, 0, 0, 0);
        let start = zone.instant(midnight).unwrap_or_default();
        // Some hours more, because a change shortly after midnight may double the evening before.
        let end = Timestamp(start.milliseconds() + 27 * 60 * MINUTE_MILLISECONDS);
        let shown = zone.local(end).duration_since(zone.local(start)).as_millis();
        let lost = 27 * 60 * i128::from(MINUTE_MILLISECONDS) - shown;
        let is_plain = lost == 0 && zone.local(start) == midnight;
        Self { date, start, is_plain, doubled: i64::try_from(lost).unwrap_or(0).max(0) }
    }

    /// The instants of a local time, twice if it comes twice and that is wanted.
    fn instants(&self, local: DateTime, zone: &Zone, both: bool) -> impl Iterator<Item = Timestamp> {
        let first = zone.instant(local);
        let second = first
            .map(|first| Timestamp(first.milliseconds().saturating_add(self.doubled)))
            .filter(|second| both && self.doubled > 0 && zone.local(*second) == local);
        first.into_iter().chain(second)
    }
}

impl Field {
    /// A bit for each value.
    fn parse(&self, text: &str) -> Result<u64, CronError> {
        let mut bits = 0;
        for part in text.split(',') {
            let (range, step) = match part.split_once('/') {
                Some((range, step)) => (range, Some(step)),
                None => (part, None),
            };
            let (first, last) = self.range(range, step.is_some())?;
            let step = step.map_or(Ok(1), |step| self.step(step))?;
            for value in (first..=last).step_by(step) {
                bits |= 1 << value;
            }
        }
        Ok(bits)
    }

    fn range(&self, text: &str, has_step: bool) -> Result<(u8, u8), CronError> {
        let Limits { least, most, .. } = self.limits;
        // Sunday ends a week here and begins one there.
        let most = if most == 7 { 6 } else { most };
        match text.split_once('-') {
            None if text == "*" => Ok((least, most)),
            None => {
                let value = self.value(text)?;
                Ok((value, if has_step { most.max(value) } else { value }))
            }
            Some((first, last)) => {
                let (first, last) = (self.value(first)?, self.value(last)?);
                let last = if self.limits.most == 7 && last == 0 && first > 0 { 7 } else { last };
                let backwards = || CronError::Backwards { field: self.name, text: text.to_owned() };
                if first <= last { Ok((first, last)) } else { Err(backwards()) }
            }
        }
    }

    fn value(&self, text: &str) -> Result<u8, CronError> {
        let Limits { least, most, names } = self.limits;
        if text.is_empty() {
            return Err(CronError::Empty { field: self.name });
        }
        if let Some(index) = names.iter().position(|name| *name == text) {
            return Ok(least + index as u8);
        }
        number(text).filter(|number| (least..=most).contains(number)).ok_or_else(|| CronError::NotAValue {
            field: self.name,
            text: text.to_owned(),
            limits: self.limits,
            nearest: nearest(text, names.iter().copied()),
        })
    }

    fn step(&self, text: &str) -> Result<usize, CronError> {
        let most = self.limits.most;
        let wrong = || CronError::Step { field: self.name, text: text.to_owned(), most };
        number(text).filter(|step| (1..=most).contains(step)).map(usize::from).ok_or_else(wrong)
    }
}

/// A number of digits alone.
fn number(text: &str) -> Option<u8> {
    (text.len() <= 2 && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok()).flatten()
}

fn has(bits: u64, value: i8) -> bool {
    value >= 0 && bits >> value & 1 == 1
}

/// The values of a field, in order.
fn values(bits: u64) -> impl Iterator<Item = i8> {
    const ALL: RangeInclusive<i8> = 0..=59;
    ALL.filter(move |value| has(bits, *value))
}

#[cfg(test)]
mod tests;
