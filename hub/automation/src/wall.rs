//! What the wall clock showed since the hub's start: it may have been set, by hours.

use std::collections::VecDeque;
use std::time::Duration;

use hub_model::{Monotonic, Now, Timestamp};

/// How far the two clocks may drift apart before the wall clock counts as set.
const DRIFT: Duration = Duration::from_secs(1);
/// How many stretches are remembered. What lies before them is taken as it was written down.
const MOST_STRETCHES: usize = 16;

/// What the wall clock showed since the hub's start, so that what was written down by it before it was set is counted
/// from when it really was.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct WallHistory {
    /// Between two of these it was set.
    stretches: VecDeque<Stretch>,
}

/// The wall clock ran on without being set.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Stretch {
    from: Timestamp,
    until: Timestamp,
    /// By how much it was ahead of the monotonic clock, milliseconds.
    ahead: i64,
}

impl WallHistory {
    /// Of a clock that was never set.
    pub const UNTOUCHED: &'static Self = &Self { stretches: VecDeque::new() };

    /// Takes in what the clocks show. By how many milliseconds the wall clock was set since it was looked at last; none
    /// = it was not.
    pub(crate) fn look(&mut self, now: &Now) -> Option<i64> {
        let time = now.time();
        let ahead = time.0.saturating_sub(milliseconds(now.mono));
        let set_by = match self.stretches.back_mut() {
            Some(present) if present.ahead.abs_diff(ahead) <= DRIFT.as_millis() as u64 => {
                (present.ahead, present.until) = (ahead, time);
                return None;
            }
            last => last.map(|last| ahead.saturating_sub(last.ahead)),
        };
        if self.stretches.len() == MOST_STRETCHES {
            self.stretches.pop_front();
        }
        self.stretches.push_back(Stretch { from: time, until: time, ahead });
        set_by
    }

    /// What the clock as it is set now would have shown when it showed `written`. What is from before the hub's start
    /// stays as it is, unless the clock is now behind it.
    pub fn by_present_clock(&self, written: Timestamp) -> Timestamp {
        let (Some(first), Some(present)) = (self.stretches.front(), self.stretches.back()) else { return written };
        let found = self.stretches.iter().rev().find(|stretch| stretch.from <= written && written <= stretch.until);
        let then = match found {
            Some(found) => found.ahead,
            None if written > present.until => first.ahead,
            None => return written,
        };
        Timestamp(written.0.saturating_add(present.ahead.saturating_sub(then)))
    }

    /// Whether it was written down since the hub's start.
    pub(crate) fn contains(&self, written: Timestamp) -> bool {
        self.stretches.iter().any(|stretch| stretch.from <= written && written <= stretch.until)
    }
}

/// Whether two stretches of time differ by more than the clocks drift.
pub(crate) fn differ(left: Duration, right: Duration) -> bool {
    left.abs_diff(right) > DRIFT
}

fn milliseconds(mono: Monotonic) -> i64 {
    i64::try_from(mono.0.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use hub_model::{Trust, Wall};

    use super::*;

    fn now(mono: u64, wall: i64) -> Now {
        let wall = Wall { time: Timestamp(wall * 1_000), trust: Trust::Persisted };
        Now { wall, mono: Monotonic(Duration::from_secs(mono)) }
    }

    fn seconds(history: &WallHistory, written: i64) -> i64 {
        history.by_present_clock(Timestamp(written * 1_000)).0 / 1_000
    }

    #[test]
    fn what_was_written_before_the_clock_was_set_is_told_by_the_clock_as_it_is() {
        let mut history = WallHistory::default();
        let looks = [(0, 1_000), (100, 1_100), (101, 5_101), (200, 5_200), (201, 3_201), (300, 3_300)];
        let set: Vec<Option<i64>> = looks.map(|(mono, wall)| history.look(&now(mono, wall))).to_vec();
        assert_eq!(set, [None, None, Some(4_000_000), None, Some(-2_000_000), None]);
        let table = [
            // written, by the present clock
            (900, 900),
            (1_050, 3_050),
            (5_150, 3_150),
            (3_250, 3_250),
        ];
        for (written, told) in table {
            assert_eq!(seconds(&history, written), told, "{written}");
        }
        assert!(history.contains(Timestamp(1_050_000)) && !history.contains(Timestamp(900_000)));
    }

    #[test]
    fn a_clock_that_was_ahead_before_the_start_too_is_set_back_for_what_it_wrote_then() {
        let mut history = WallHistory::default();
        history.look(&now(0, 20_000));
        history.look(&now(10, 2_010));
        assert_eq!(seconds(&history, 19_000), 1_000);
        assert_eq!(seconds(&history, 1_500), 1_500);
    }

    #[test]
    fn slow_drift_is_not_a_set_clock() {
        let mut history = WallHistory::default();
        for hour in 0..100 {
            // Half a second an hour.
            let wall = Wall { time: Timestamp(hour * 3_600_500), trust: Trust::Ntp };
            let mono = Monotonic(Duration::from_secs(hour as u64 * 3_600));
            assert_eq!(history.look(&Now { wall, mono }), None);
        }
    }

    #[test]
    fn a_clock_that_is_set_again_and_again_costs_no_memory() {
        let mut history = WallHistory::default();
        for step in 0..1_000 {
            history.look(&now(step, step as i64 * 100));
        }
        assert_eq!(history.stretches.len(), MOST_STRETCHES);
    }
}
