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

/// How many rules lie between the first event and what a rule does that is set off by this cause.
pub(super) fn depth_after(cause: &Cause) -> u32 {
    if let Cause::Rule { depth, .. } = cause { depth.saturating_add(1) } else { 1 }
}
