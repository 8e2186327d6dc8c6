//! How much, how often, how long.

use std::time::Duration;

const HOUR: Duration = Duration::from_secs(3_600);

/// Messages that are not yet where they should be, at most.
pub(crate) const MOST_PENDING: usize = 256;
/// Equal messages within this count up in place of another message.
pub(crate) const SAME_WITHIN: Duration = Duration::from_secs(600);
/// Of the equal messages that count one up, so many of the newest are known by their ids.
pub(crate) const MOST_AGAIN: usize = 64;
/// Of so many messages is remembered that they were said.
pub(crate) const MOST_REMEMBERED: usize = 1_024;
/// The stretch that [`most_in_window`] speaks of.
pub(crate) const WINDOW: Duration = HOUR;
/// How often a delivery is tried.
pub(crate) const MOST_ATTEMPTS: u32 = 10;
/// For how long a delivery is tried.
pub(crate) const LONGEST_RETRIES: Duration = Duration::from_secs(24 * 3_600);
/// The longest time between two attempts, whatever the other side asks for.
pub(crate) const LONGEST_PAUSE: Duration = HOUR;
/// When somebody's next kind of channel is tried, if nobody acknowledges what is critical.
pub(crate) const NEXT_STEP_AFTER: Duration = Duration::from_secs(2 * 60);
/// How many titles a message that stands for several names.
pub(crate) const MOST_NAMED: usize = 10;

/// How many messages a person is sent in an hour. What is critical has more room.
pub(crate) fn most_in_window(is_critical: bool) -> u32 {
    if is_critical { 60 } else { 20 }
}

/// How long until the next attempt, after so many that failed.
pub(crate) fn pause_after(attempts: u32, retry_after: Option<Duration>) -> Duration {
    let own = Duration::from_secs(10).saturating_mul(3_u32.saturating_pow(attempts.saturating_sub(1).min(8)));
    own.max(retry_after.unwrap_or_default()).min(LONGEST_PAUSE)
}

/// When the next person is told, if nothing else is set.
pub const NEXT_PERSON_AFTER: Duration = Duration::from_secs(10 * 60);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_up_to_an_hour() {
        let pauses: Vec<u64> = (1..=MOST_ATTEMPTS).map(|attempts| pause_after(attempts, None).as_secs()).collect();
        assert_eq!(pauses, [10, 30, 90, 270, 810, 2_430, 3_600, 3_600, 3_600, 3_600]);
        assert_eq!(pause_after(1, Some(Duration::from_secs(120))).as_secs(), 120);
        assert_eq!(pause_after(1, Some(Duration::from_secs(u64::MAX))).as_secs(), 3_600);
        assert_eq!(pause_after(u32::MAX, None).as_secs(), 3_600);
    }
}
