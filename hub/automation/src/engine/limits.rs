//! The bounds that keep a rule from taking the hub down.

use std::time::Duration;

use hub_model::{Cause, Monotonic};

/// How many rules may set off one another in a row.
pub(super) const MAX_DEPTH: u32 = 16;
/// How often a rule may fire in a minute.
pub(super) const MAX_FIRINGS: u32 = 600;
/// How often rules may command one device in a minute.
pub(super) const MAX_COMMANDS: u32 = 600;
/// How many steps a run may take without a wait.
pub(super) const MAX_STEPS: u32 = 20_000;
/// How many runs of one rule may be under way or wait for their turn.
pub(super) const MAX_RUNS: usize = 10;
/// How many traces a minute a rule may leave of triggers that fired in vain.
pub(super) const MAX_MISSES: u32 = 6;
/// How many traces a minute a rule may leave of events that were not what it is about.
pub(super) const MAX_OFF_TARGET: u32 = 1;

const WINDOW: Duration = Duration::from_secs(60);

/// Counts what happens in a minute.
#[derive(Debug, Default)]
pub(super) struct Limit {
    since: Option<Monotonic>,
    count: u32,
}

impl Limit {
    /// Counts one more; whether it is within `most` a minute.
    pub(super) fn allows(&mut self, most: u32, now: Monotonic) -> bool {
        if self.since.is_none_or(|since| now.since(since) >= WINDOW) {
            (self.since, self.count) = (Some(now), 0);
        }
        self.count = self.count.saturating_add(1);
        self.count <= most
    }
}

/// How long a rule is stopped that fires too often: the first time, and at most.
const STOPPED_FOR: (Duration, Duration) = (Duration::from_secs(60), Duration::from_secs(3_600));
/// A rule that behaved for so long starts anew with the shortest stop.
const FORGIVEN_AFTER: Duration = Duration::from_secs(7_200);

/// Stops a rule that fires too often; each further time for twice as long, so that a loop that begins again and again
/// does less and less.
#[derive(Debug, Default)]
pub(super) struct Fuse {
    firings: Limit,
    /// Until when the rule is stopped, and for how long that is.
    stopped: Option<(Monotonic, Duration)>,
}

/// What a [`Fuse`] says of one more firing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Firing {
    Allowed,
    /// The rule is stopped now, for so long.
    Stops(Duration),
    Stopped,
}

impl Fuse {
    /// Counts one more firing.
    pub(super) fn fires(&mut self, now: Monotonic) -> Firing {
        if self.stopped.is_some_and(|(until, _)| now < until) {
            return Firing::Stopped;
        }
        if self.firings.allows(MAX_FIRINGS, now) {
            return Firing::Allowed;
        }
        let recent = self.stopped.filter(|(until, _)| now.since(*until) < FORGIVEN_AFTER);
        let pause = recent.map_or(STOPPED_FOR.0, |(_, last)| (last * 2).min(STOPPED_FOR.1));
        self.stopped = Some((now.plus(pause), pause));
        self.firings = Limit::default();
        Firing::Stops(pause)
    }
}

/// How many rules lie between the first event and what a rule does that is set off by this cause.
pub(super) fn depth_after(cause: &Cause) -> u32 {
    if let Cause::Rule { depth, .. } = cause { depth.saturating_add(1) } else { 1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_that_goes_mad_again_and_again_does_less_and_less() {
        let mut fuse = Fuse::default();
        let mut now = Monotonic::default();
        let mut pauses = Vec::new();
        // A loop that is as fast as it may be, for a day.
        while now < Monotonic(Duration::from_secs(86_400)) {
            if let Firing::Stops(pause) = fuse.fires(now) {
                pauses.push(pause.as_secs());
            }
            now = now.plus(Duration::from_millis(50));
        }
        assert_eq!(&pauses[..8], [60, 120, 240, 480, 960, 1_920, 3_600, 3_600]);
        now = now.plus(FORGIVEN_AFTER * 2);
        while fuse.fires(now) == Firing::Allowed {}
        assert_eq!(fuse.stopped.map(|(_, pause)| pause), Some(STOPPED_FOR.0), "it behaved for hours");
    }
}
