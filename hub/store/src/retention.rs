//! By which time history is old. What is let go does not come back, so a clock that somebody sets years ahead must not
//! make all of it old at once, over restarts neither.

use hub_model::{Monotonic, Now, Timestamp, Trust};

/// Goes with the wall clock, but no faster than twice the time that really passes, unless a time server vouches for it.
#[derive(Debug)]
pub(crate) struct Retention {
    /// A time that has come for certain.
    certain: Timestamp,
    /// When that was found.
    at: Monotonic,
}

impl Retention {
    /// `certain` = what was found before the start.
    pub(crate) fn new(certain: Timestamp, now: Monotonic) -> Self {
        Self { certain, at: now }
    }

    /// A time that has come for certain.
    pub(crate) fn certain(&self) -> Timestamp {
        self.certain
    }

    /// The time by which history is old; none = nobody vouches for the clock.
    pub(crate) fn time(&mut self, now: &Now) -> Option<Timestamp> {
        let passed = now.mono.since(self.at);
        self.at = now.mono;
        // After a stop it catches up in as much time as that lasted.
        let most = self.certain.plus(passed.saturating_mul(2));
        match now.wall.trust {
            Trust::Persisted => return None,
            Trust::Ntp => self.certain = now.time(),
            Trust::Rtc | Trust::Lan | Trust::Person => self.certain = now.time().min(most),
        }
        Some(self.certain)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use hub_model::time::Wall;

    use super::*;

    const HOUR: u64 = 3_600;

    fn now(mono: u64, wall: u64, trust: Trust) -> Now {
        let time = Timestamp(0).plus(Duration::from_secs(wall));
        Now { wall: Wall { time, trust }, mono: Monotonic(Duration::from_secs(mono)) }
    }

    #[test]
    fn a_clock_that_was_set_ahead_is_followed_by_twice_the_time_that_passes() {
        let mut retention = Retention::new(Timestamp(0), Monotonic::default());
        let mut time = |mono, wall, trust| retention.time(&now(mono, wall, trust)).map(|time| time.0 / 1_000);
        let year = 365 * 24 * HOUR;
        assert_eq!(time(HOUR, HOUR, Trust::Person), Some(3_600));
        assert_eq!(time(2 * HOUR, 5 * year, Trust::Person), Some(3 * 3_600));
        assert_eq!(time(3 * HOUR, 5 * year, Trust::Persisted), None);
        // What passed while nobody vouched for the clock does not count.
        assert_eq!(time(3 * HOUR, 5 * year, Trust::Rtc), Some(3 * 3_600));
        assert_eq!(time(4 * HOUR, 4 * HOUR, Trust::Lan), Some(4 * 3_600));
        let five = i64::try_from(5 * year).unwrap();
        assert_eq!(time(4 * HOUR, 5 * year, Trust::Ntp), Some(five));
    }
}
