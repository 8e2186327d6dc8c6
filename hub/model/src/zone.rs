//! Time zones and local clock times, daylight saving included.

use std::fmt;
use std::str::FromStr;

use jiff::civil;
use jiff::tz::{Disambiguation, TimeZone, TimeZoneDatabase};

use crate::time::Timestamp;

/// A named time zone, e.g. `Europe/Berlin`.
#[derive(Clone, PartialEq, Eq)]
pub struct Zone {
    zone: TimeZone,
    name: String,
}

/// There is no such zone.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no time zone {name:?}; write a name of the IANA list like Europe/Berlin")]
pub struct UnknownZone {
    name: String,
}

/// A time of day as people write it: `07:30` or `07:30:15`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct TimeOfDay {
    /// 0 to 23.
    pub hour: u8,
    /// 0 to 59.
    pub minute: u8,
    /// 0 to 59.
    pub second: u8,
}

/// The days of the week, Monday first (ISO 8601).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)]
pub enum Weekday {
    Mon,
    Tue,
    Wed,
    Thu,
    Fri,
    Sat,
    Sun,
}

impl Zone {
    /// Universal time.
    pub fn utc() -> Self {
        Self { zone: TimeZone::UTC, name: "UTC".to_owned() }
    }

    /// The zone of this IANA name. A system whose own zone files are incomplete does not matter: the bundled ones are
    /// asked too.
    pub fn named(name: &str) -> Result<Self, UnknownZone> {
        if name.eq_ignore_ascii_case("utc") {
            return Ok(Self::utc());
        }
        TimeZone::get(name)
            .or_else(|_| TimeZoneDatabase::bundled().get(name))
            .map(|zone| Self { zone, name: name.to_owned() })
            .map_err(|_| UnknownZone { name: name.chars().take(64).collect() })
    }

    /// The name it was asked for by.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The local date and time at `time`.
    pub fn local(&self, time: Timestamp) -> civil::DateTime {
        self.zone.to_datetime(time.to_jiff())
    }

    /// The instant of a local date and time. A time that a clock change leaves out (02:30 on the spring day) is moved
    /// behind the gap (03:30); one that comes twice means the first.
    pub fn instant(&self, local: civil::DateTime) -> Option<Timestamp> {
        self.zone
            .to_ambiguous_zoned(local)
            .disambiguate(Disambiguation::Compatible)
            .ok()
            .map(|zoned| Timestamp::from_jiff(zoned.timestamp()))
    }

    /// The instant at which local clocks show `time_of_day` on this date; what clock changes do is as in [`Self::instant`].
    pub fn on(&self, date: civil::Date, time_of_day: TimeOfDay) -> Option<Timestamp> {
        self.instant(date.at(time_of_day.hour as i8, time_of_day.minute as i8, time_of_day.second as i8, 0))
    }

    /// How local clocks and the calendar write an instant, with how far they are from universal time:
    /// `2026-10-25T02:00:00+02:00`.
    pub fn written(&self, time: Timestamp) -> String {
        let time = time.to_jiff();
        time.display_with_offset(self.zone.to_offset(time)).to_string()
    }

    /// The first instant after `after` at which local clocks show `time_of_day` on one of `weekdays` (empty = any day).
    pub fn next(&self, after: Timestamp, time_of_day: TimeOfDay, weekdays: &[Weekday]) -> Option<Timestamp> {
        let mut date = self.local(after).date();
        // A day before, because the local date of an instant in the gap may already be the next one.
        date = date.yesterday().unwrap_or(date);
        for _ in 0..10 {
            let is_meant = weekdays.is_empty() || weekdays.contains(&Weekday::of(date));
            if let Some(instant) = self.on(date, time_of_day).filter(|instant| is_meant && *instant > after) {
                return Some(instant);
            }
            date = date.tomorrow().ok()?;
        }
        None
    }
}

impl fmt::Debug for Zone {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.name)
    }
}

impl Weekday {
    /// The weekday of a date.
    pub fn of(date: civil::Date) -> Self {
        match date.weekday() {
            civil::Weekday::Monday => Self::Mon,
            civil::Weekday::Tuesday => Self::Tue,
            civil::Weekday::Wednesday => Self::Wed,
            civil::Weekday::Thursday => Self::Thu,
            civil::Weekday::Friday => Self::Fri,
            civil::Weekday::Saturday => Self::Sat,
            civil::Weekday::Sunday => Self::Sun,
        }
    }
}

/// The text is not a time of day.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not a time of day; write it like \"07:30\"")]
pub struct ParseTimeOfDayError {
    text: String,
}

impl FromStr for TimeOfDay {
    type Err = ParseTimeOfDayError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let refuse = || ParseTimeOfDayError { text: text.chars().take(32).collect() };
        let mut parts = text.split(':');
        let mut part = |limit: u8| -> Option<u8> {
            let digits = parts.next()?;
            let plain = (1..=2).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
            plain.then(|| digits.parse::<u8>().ok()).flatten().filter(|number| *number < limit)
        };
        let hour = part(24).ok_or_else(refuse)?;
        let minute = part(60).ok_or_else(refuse)?;
        let second = if text.matches(':').count() == 2 { part(60).ok_or_else(refuse)? } else { 0 };
        if text.matches(':').count() > 2 {
            return Err(refuse());
        }
        Ok(Self { hour, minute, second })
    }
}

impl fmt::Display for TimeOfDay {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:02}:{:02}", self.hour, self.minute)?;
        if self.second > 0 {
            write!(formatter, ":{:02}", self.second)?;
        }
        Ok(())
    }
}

impl serde::Serialize for TimeOfDay {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for TimeOfDay {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        <String as serde::Deserialize>::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn next(after: &str, time_of_day: &str) -> String {
        let zone = Zone::named("Europe/Berlin").unwrap();
        zone.next(after.parse().unwrap(), time_of_day.parse().unwrap(), &[]).unwrap().to_string()
    }

    #[test]
    fn a_time_left_out_by_the_spring_change_comes_an_hour_later_once() {
        assert_eq!(next("2027-03-28T00:00:00Z", "02:30"), "2027-03-28T01:30:00.000Z");
        assert_eq!(next("2027-03-28T01:30:00Z", "02:30"), "2027-03-29T00:30:00.000Z");
    }

    #[test]
    fn a_time_doubled_by_the_autumn_change_comes_once_at_the_first() {
        assert_eq!(next("2027-10-30T22:00:00Z", "02:30"), "2027-10-31T00:30:00.000Z");
        assert_eq!(next("2027-10-31T00:30:00Z", "02:30"), "2027-11-01T01:30:00.000Z");
    }

    #[test]
    fn the_two_hours_of_the_autumn_change_are_written_apart() {
        let zone = Zone::named("Europe/Berlin").unwrap();
        let written = |at: &str| zone.written(at.parse().unwrap());
        assert_eq!(written("2027-10-31T00:00:00Z"), "2027-10-31T02:00:00+02:00");
        assert_eq!(written("2027-10-31T01:00:00Z"), "2027-10-31T02:00:00+01:00");
        assert_eq!(Zone::utc().written(Timestamp(0)), "1970-01-01T00:00:00+00:00");
    }

    #[test]
    fn times_of_day_are_read_strictly() {
        assert_eq!("07:30".parse::<TimeOfDay>().unwrap().to_string(), "07:30");
        for wrong in ["", "7", "24:00", "07:60", "07:30:61", "07:30:00:00", "-1:30", "07.30", "007:30"] {
            assert!(wrong.parse::<TimeOfDay>().is_err(), "{wrong}");
        }
    }
}
