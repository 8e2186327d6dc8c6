//! Hours, days and months as local clocks and the calendar have them.

use serde::{Deserialize, Serialize};

use crate::time::Timestamp;
use crate::zone::Zone;

const HOUR: i64 = 3_600_000;

/// Into what time is cut.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CalendarUnit {
    /// From one full hour of local clocks to the next.
    Hour,
    /// From local midnight to local midnight: 23 to 25 hours.
    #[default]
    Day,
    /// A month of the calendar.
    Month,
}

impl CalendarUnit {
    /// The start of the stretch that `at` is in.
    pub fn start(self, zone: &Zone, at: Timestamp) -> Timestamp {
        let local = zone.local(at);
        let midnight = match self {
            Self::Hour => {
                let seconds = i64::from(local.minute()) * 60 + i64::from(local.second());
                return Timestamp(at.0.saturating_sub(seconds * 1_000 + i64::from(local.millisecond())));
            }
            Self::Day => local.date().at(0, 0, 0, 0),
            Self::Month => local.date().first_of_month().at(0, 0, 0, 0),
        };
        zone.instant(midnight).map_or(at, |start| start.min(at))
    }

    /// The start of the stretch behind the one that begins at `start`; always later.
    pub fn next(self, zone: &Zone, start: Timestamp) -> Timestamp {
        let date = zone.local(start).date();
        let next = match self {
            Self::Hour => Some(self.start(zone, Timestamp(start.0.saturating_add(HOUR)))),
            Self::Day => date.tomorrow().ok().and_then(|day| zone.instant(day.at(0, 0, 0, 0))),
            Self::Month => date.last_of_month().tomorrow().ok().and_then(|day| zone.instant(day.at(0, 0, 0, 0))),
        };
        // A clock change of half an hour could put it at the same place.
        next.filter(|next| *next > start).unwrap_or(Timestamp(start.0.saturating_add(HOUR)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn starts(unit: CalendarUnit, zone: &str, from: &str, count: usize) -> Vec<String> {
        let zone = Zone::named(zone).unwrap();
        let mut start = unit.start(&zone, from.parse().unwrap());
        let mut written = Vec::new();
        for _ in 0..count {
            written.push(zone.written(start));
            start = unit.next(&zone, start);
        }
        written
    }

    #[test]
    fn days_and_hours_follow_the_clock_changes() {
        let autumn = starts(CalendarUnit::Hour, "Europe/Berlin", "2027-10-30T23:59:59.5Z", 4);
        let wanted = ["01:00:00+02:00", "02:00:00+02:00", "02:00:00+01:00", "03:00:00+01:00"];
        assert_eq!(autumn, wanted.map(|clock| format!("2027-10-31T{clock}")));
        let spring = starts(CalendarUnit::Hour, "Europe/Berlin", "2027-03-28T00:10:00Z", 3);
        let wanted = ["01:00:00+01:00", "03:00:00+02:00", "04:00:00+02:00"];
        assert_eq!(spring, wanted.map(|clock| format!("2027-03-28T{clock}")));
        let days = starts(CalendarUnit::Day, "Europe/Berlin", "2027-10-31T12:00:00Z", 2);
        assert_eq!(days, ["2027-10-31T00:00:00+02:00", "2027-11-01T00:00:00+01:00"]);
    }

    #[test]
    fn half_hours_and_months_are_cut_where_the_calendar_has_them() {
        let india = starts(CalendarUnit::Hour, "Asia/Kolkata", "2027-01-01T00:00:00Z", 2);
        assert_eq!(india, ["2027-01-01T05:00:00+05:30", "2027-01-01T06:00:00+05:30"]);
        let months = starts(CalendarUnit::Month, "Europe/Berlin", "2027-02-28T23:30:00Z", 2);
        assert_eq!(months, ["2027-03-01T00:00:00+01:00", "2027-04-01T00:00:00+02:00"]);
        // Half an hour is left out there: every start is later than the one before.
        assert_eq!(starts(CalendarUnit::Hour, "Australia/Lord_Howe", "2027-10-02T14:00:00Z", 6).len(), 6);
    }
}
