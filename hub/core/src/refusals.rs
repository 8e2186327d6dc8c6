//! What runs wanted and was not done, until their next trace tells of it.

use std::sync::Arc;

use hub_automation::engine::Facts;
use hub_model::RunId;

/// What was not done of the decisions that are carried out now: the trace of a run comes behind what it wanted.
#[derive(Debug, Default)]
pub(crate) struct Refusals(Vec<(RunId, Arc<str>)>);

impl Refusals {
    /// Something was not done.
    pub(crate) fn note(&mut self, run: &RunId, detail: &Arc<str>) {
        self.0.push((run.clone(), Arc::clone(detail)));
    }

    /// Has a trace tell of what its run wanted first and was not done, so that nobody takes it for done.
    pub(crate) fn tell(&mut self, trace: &mut Facts) {
        let first = self.0.iter().find(|(run, _)| trace.is_of(run)).map(|(_, detail)| Arc::clone(detail));
        self.0.retain(|(run, _)| !trace.is_of(run));
        if let Some(detail) = first {
            trace.explain(&detail);
        }
    }
}
