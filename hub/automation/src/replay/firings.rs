//! How often rules fired, in numbers and in words.

use std::fmt;

use jiff::civil;

/// From which hour on it is night.
const NIGHT_FROM: i8 = 23;
/// Until which hour it is night.
const NIGHT_TO: i8 = 6;

/// How often rules fired.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Firings {
    /// In all.
    pub total: u64,
    /// Of these, between 23:00 and 06:00 by the home's clocks.
    pub at_night: u64,
}

impl Firings {
    /// Counts one.
    pub(super) fn add(&mut self, local: &civil::DateTime) {
        self.total += 1;
        if local.hour() >= NIGHT_FROM || local.hour() < NIGHT_TO {
            self.at_night += 1;
        }
    }
}

/// `would have fired 14×, twice between 23:00 and 06:00`
impl fmt::Display for Firings {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.total, self.at_night) {
            (0, _) => write!(formatter, "would not have fired"),
            (total, 0) => write!(formatter, "would have fired {}", times(total)),
            (1, _) => write!(formatter, "would have fired once, between {NIGHT_FROM:02}:00 and {NIGHT_TO:02}:00"),
            (total, night) => {
                let (total, night) = (times(total), times(night));
                write!(formatter, "would have fired {total}, {night} between {NIGHT_FROM:02}:00 and {NIGHT_TO:02}:00")
            }
        }
    }
}

/// How often, in a word where there is one.
pub(super) fn times(count: u64) -> String {
    match count {
        1 => "once".to_owned(),
        2 => "twice".to_owned(),
        count => format!("{count}×"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn firings_are_told_in_words() {
        let table = [
            (0, 0, "would not have fired"),
            (1, 0, "would have fired once"),
            (1, 1, "would have fired once, between 23:00 and 06:00"),
            (14, 2, "would have fired 14×, twice between 23:00 and 06:00"),
            (3, 3, "would have fired 3×, 3× between 23:00 and 06:00"),
        ];
        for (total, at_night, words) in table {
            assert_eq!(Firings { total, at_night }.to_string(), words);
        }
    }

    #[test]
    fn the_night_begins_at_23_and_ends_at_6() {
        let mut firings = Firings::default();
        for (hour, minute) in [(22, 59), (23, 0), (0, 0), (5, 59), (6, 0)] {
            firings.add(&civil::datetime(2026, 11, 20, hour, minute, 0, 0));
        }
        assert_eq!(firings, Firings { total: 5, at_night: 3 });
    }
}
