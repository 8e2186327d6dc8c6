//! Times of day and days of the week.

use hub_model::Timestamp;
use hub_model::said::Params;
use hub_model::zone::{TimeOfDay, Weekday, Zone};

use crate::document::When;
use crate::set::{Member, Set};

impl Member for Weekday {
    const ALL: &'static [Self] = &[Self::Mon, Self::Tue, Self::Wed, Self::Thu, Self::Fri, Self::Sat, Self::Sun];

    fn index(self) -> u32 {
        self as u32
    }
}

/// The words for days, and what people call them.
const WEEKDAYS: &[(&str, Weekday, &str)] = &[
    ("mon", Weekday::Mon, "Mondays"),
    ("tue", Weekday::Tue, "Tuesdays"),
    ("wed", Weekday::Wed, "Wednesdays"),
    ("thu", Weekday::Thu, "Thursdays"),
    ("fri", Weekday::Fri, "Fridays"),
    ("sat", Weekday::Sat, "Saturdays"),
    ("sun", Weekday::Sun, "Sundays"),
];

const MIDNIGHT: TimeOfDay = TimeOfDay { hour: 0, minute: 0, second: 0 };

/// The day of this word.
pub(crate) fn weekday(word: &str) -> Option<Weekday> {
    WEEKDAYS.iter().find(|(name, ..)| *name == word).map(|(_, weekday, _)| *weekday)
}

/// The words for days.
pub(crate) fn weekday_words() -> impl Iterator<Item = &'static str> {
    WEEKDAYS.iter().map(|(word, ..)| *word)
}

/// Times of some days, ready to be asked.
#[derive(Clone, Debug)]
pub(crate) struct Window {
    from: TimeOfDay,
    /// None = the end of the day.
    to: Option<TimeOfDay>,
    weekdays: Set<Weekday>,
}

impl Window {
    /// The window that is written; none if it cannot be read.
    pub(crate) fn of(when: &When) -> Option<Self> {
        let from = when.from.as_ref().map_or(Some(MIDNIGHT), |text| text.parse().ok())?;
        let to = match &when.to {
            Some(text) => Some(text.parse().ok()?),
            None => None,
        };
        let weekdays = match &when.weekdays {
            Some(words) => words.iter().map(|word| weekday(word)).collect::<Option<Set<Weekday>>>()?,
            None => Set::all(),
        };
        Some(Self { from, to, weekdays })
    }

    /// Whether no time is in it on any day.
    pub(crate) fn is_empty(&self) -> bool {
        self.weekdays.is_empty() || self.to == Some(self.from)
    }

    /// Whether this instant is in it.
    pub(crate) fn contains(&self, time: Timestamp, zone: &Zone) -> bool {
        let today = zone.local(time).date();
        // A window of yesterday may last until now.
        let days = [today.yesterday().ok(), Some(today)];
        days.into_iter().flatten().any(|day| {
            if !self.weekdays.contains(Weekday::of(day)) || self.to == Some(self.from) {
                return false;
            }
            let is_next_day = self.to.is_none_or(|to| to < self.from);
            let last_day = if is_next_day { day.tomorrow().ok() } else { Some(day) };
            let begins = zone.on(day, self.from);
            let ends = last_day.and_then(|day| zone.on(day, self.to.unwrap_or(MIDNIGHT)));
            begins.is_some_and(|begins| begins <= time) && ends.is_some_and(|ends| time < ends)
        })
    }

    /// The first instant after `time` at which it may begin or end.
    pub(crate) fn changes_after(&self, time: Timestamp, zone: &Zone) -> Option<Timestamp> {
        let next = |time_of_day| zone.next(time, time_of_day, &[]);
        let all_day = self.to.is_none().then(|| next(MIDNIGHT)).flatten();
        [next(self.from), self.to.and_then(next), all_day].into_iter().flatten().min()
    }

    /// What varies in the words: `from`, `to` and `days`, where it is not any.
    pub(crate) fn params(&self) -> Params {
        let from = (self.from != MIDNIGHT || self.to.is_some()).then(|| ("from", self.from.to_string()));
        let to = self.to.map(|to| ("to", to.to_string()));
        let days = WEEKDAYS.iter().filter(|(_, weekday, _)| self.weekdays.contains(*weekday));
        let days: Vec<&str> = days.map(|(word, ..)| *word).collect();
        let days = (self.weekdays != Set::all()).then(|| ("days", days.join(", ")));
        [from, to, days].into_iter().flatten().collect()
    }

    /// In words, behind «may do this».
    pub(crate) fn in_words(&self) -> String {
        let times = match self.to {
            Some(to) => format!("from {} to {to}", self.from),
            None if self.from == MIDNIGHT => "at any time".to_owned(),
            None => format!("from {}", self.from),
        };
        if self.weekdays == Set::all() {
            return times;
        }
        let days = WEEKDAYS.iter().filter(|(_, weekday, _)| self.weekdays.contains(*weekday));
        format!("{times} on {}", listed(days.map(|(.., words)| *words), "and"))
    }
}

/// `a, b and c`.
pub(crate) fn listed<'a>(words: impl Iterator<Item = &'a str>, joined_by: &str) -> String {
    let mut words: Vec<&str> = words.collect();
    match words.pop() {
        Some(last) if words.is_empty() => last.to_owned(),
        Some(last) => format!("{} {joined_by} {last}", words.join(", ")),
        None => "nothing".to_owned(),
    }
}

/// The beginning of the day of the home that `time` is in.
pub(crate) fn start_of_day(time: Timestamp, zone: &Zone) -> Timestamp {
    // In a zone that leaves midnight out the day begins behind the gap.
    zone.on(zone.local(time).date(), MIDNIGHT).unwrap_or(time)
}

/// The beginning of the next day of the home.
pub(crate) fn next_day(time: Timestamp, zone: &Zone) -> Option<Timestamp> {
    zone.next(time, MIDNIGHT, &[])
}

/// A clock time of the home as people say it: `21:10`.
pub(crate) fn clock_time(time: Timestamp, zone: &Zone) -> String {
    let local = zone.local(time);
    format!("{:02}:{:02}", local.hour(), local.minute())
}

/// A day and time of the home as people say it: `2026-11-27 21:10`.
pub(crate) fn day_and_time(time: Timestamp, zone: &Zone) -> String {
    format!("{} {}", zone.local(time).date(), clock_time(time, zone))
}
