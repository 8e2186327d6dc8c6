//! What became of the rules that a stop of the hub interrupted: what went on, came late or was missed.

use std::sync::Arc;

use hub_model::{AutomationId, RunId, Timestamp};

use crate::core::Core;

/// How many are kept in words; the rest is only counted.
const MOST_TOLD: usize = 100;

/// What became of what a stop interrupted.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CaughtUp {
    /// When the hub was last alive before this start; none at the first start.
    pub stopped_at: Option<Timestamp>,
    /// When it was up again.
    pub started_at: Timestamp,
    /// How many waits went on.
    pub resumed: usize,
    /// How much was done late.
    pub late: usize,
    /// How much was left out, as `catch_up` says.
    pub missed: usize,
    /// Each of them, the first hundred.
    pub told: Vec<CaughtUpRun>,
}

/// What became of one run.
#[derive(Clone, Debug, PartialEq)]
pub struct CaughtUpRun {
    /// Whose.
    pub automation: AutomationId,
    /// Which run.
    pub run: RunId,
    /// `resumed`, `late` or `missed`.
    pub phase: &'static str,
    /// Why, in words.
    pub detail: Option<Arc<str>>,
}

impl CaughtUp {
    /// What is said of runs that a stop interrupted.
    const PHASES: [&str; 3] = ["resumed", "late", "missed"];

    fn take(&mut self, run: CaughtUpRun) {
        match run.phase {
            "resumed" => self.resumed += 1,
            "late" => self.late += 1,
            _ => self.missed += 1,
        }
        if self.told.len() < MOST_TOLD {
            self.told.push(run);
        }
    }

    /// Whether there is anything to tell.
    pub fn is_empty(&self) -> bool {
        self.resumed + self.late + self.missed == 0
    }
}

impl Core {
    /// What is said of a run, if it is about a stop, is kept for whoever asks later: nobody listens at a start.
    pub(crate) fn note_caught_up(
        &mut self,
        automation: &AutomationId,
        run: &RunId,
        phase: &'static str,
        detail: Option<&Arc<str>>,
    ) {
        if CaughtUp::PHASES.contains(&phase) {
            let detail = detail.map(Arc::clone);
            let run = CaughtUpRun { automation: automation.clone(), run: run.clone(), phase, detail };
            Arc::make_mut(&mut self.caught_up).take(run);
        }
    }
}
