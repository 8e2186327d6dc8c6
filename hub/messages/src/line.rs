//! A line of time that never jumps and can be written down.

use hub_model::{Monotonic, Now, Timestamp};

/// Begins at the wall time of the start and goes on with the monotonic clock: delays are right whatever happens to the
/// wall clock, and deadlines mean something to the next start.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Line {
    from: Timestamp,
    since: Monotonic,
}

impl Line {
    pub(crate) fn new(now: &Now) -> Self {
        Self { from: now.time(), since: now.mono }
    }

    /// Where on the line it is now.
    pub(crate) fn at(&self, now: &Now) -> Timestamp {
        self.from.plus(now.mono.since(self.since))
    }

    /// When that place on the line is reached.
    pub(crate) fn when(&self, at: Timestamp) -> Monotonic {
        self.since.plus(at.since(self.from))
    }
}
