//! Why something is as it is, and why a rule did not act: put together from history, from the traces of rules and from
//! the commands that are remembered. Pure but for the archive, which blocks on the disk.
//!
//! [`why`] follows causes back: a state, the command that it came of, the run that gave it, what set that off, and what
//! caused that in turn. [`why_not()`] asks how a rule stands, or stood, and names the reason that came nearest. [`runs`]
//! lists what a rule did. Who does not see everything is told what their [`Eyes`] see, and of the rest only that it is
//! there.

mod chain;
mod eyes;
mod not;
mod picture;
mod runs;
mod text;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use hub_model::zone::Zone;
use hub_model::{AccountId, Command, Timestamp};

use crate::ports::Archive;
use crate::snapshot::Snapshot;

pub use chain::{ActionTaken, Link, Origin, RunLink, StateLink, Why, why};
pub use eyes::{Eyes, Hidden};
pub use not::{NearMiss, WhyNot, why_not};
pub use picture::Picture;
pub use runs::{MOST_RUNS, RuleRun, RunsPage, RunsQuery, runs};

/// What answers are made of.
pub struct Sources<'a> {
    /// The home as it is now.
    pub snapshot: &'a Snapshot,
    /// What was recorded.
    pub archive: &'a dyn Archive,
    /// The commands that are remembered, under way or not.
    pub commands: &'a [Arc<Command>],
    /// What time it is.
    pub now: Timestamp,
    /// What people call an account.
    pub person: &'a dyn Fn(&AccountId) -> Option<String>,
    /// Who asks; none = somebody who sees everything.
    pub eyes: Option<&'a Eyes>,
}

impl<'a> Sources<'a> {
    /// The home as it is shown to who asks.
    fn shown(&self) -> &'a Snapshot {
        self.eyes.map_or(self.snapshot, |eyes| &eyes.home)
    }

    fn zone(&self) -> Zone {
        Zone::named(&self.snapshot.home.time_zone).unwrap_or_else(|_| Zone::utc())
    }

    fn person(&self, account: &AccountId) -> String {
        (self.person)(account).unwrap_or_else(|| account.to_string())
    }

    /// What people call a rule, if it is still there.
    fn rule(&self, automation: &hub_model::AutomationId) -> Option<Arc<str>> {
        let found = self.snapshot.automations.iter().find(|view| view.record.id == *automation);
        found.map(|view| Arc::clone(&view.status.name))
    }
}

impl std::fmt::Debug for Sources<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Sources").field("now", &self.now).finish_non_exhaustive()
    }
}

/// The first instant behind `at`.
fn behind(at: Timestamp) -> Timestamp {
    at.plus(std::time::Duration::from_millis(1))
}
