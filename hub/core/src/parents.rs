//! Which event set off a run: what the run does says so as long as it goes on.

use std::collections::BTreeMap;

use hub_automation::Action;
use hub_model::RunId;

/// How many runs are remembered; the oldest are forgotten.
const REMEMBERED: usize = 4_096;

/// The events of runs under way, by their numbers.
#[derive(Debug, Default)]
pub(crate) struct Parents {
    of_runs: BTreeMap<RunId, u64>,
}

impl Parents {
    /// These actions follow from an event: runs that start with them were set off by it.
    pub(crate) fn note(&mut self, actions: &[Action], seq: u64) {
        for action in actions {
            if let Action::Run { run, phase: "started", .. } = action {
                if self.of_runs.len() >= REMEMBERED {
                    let oldest = self.of_runs.iter().min_by_key(|(_, seq)| **seq).map(|(run, _)| run.clone());
                    oldest.and_then(|oldest| self.of_runs.remove(&oldest));
                }
                self.of_runs.insert(run.clone(), seq);
            }
        }
    }

    /// The event that set a run off.
    pub(crate) fn of(&self, run: &RunId) -> Option<u64> {
        self.of_runs.get(run).copied()
    }

    /// Forgets a run that has come to such an end.
    pub(crate) fn forget_if_ended(&mut self, run: &RunId, phase: &str) {
        if matches!(phase, "finished" | "stopped" | "failed") {
            self.of_runs.remove(run);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_remembered_is_bounded() {
        let mut parents = Parents::default();
        let run = |number: usize| RunId::new(format!("run-{number}"));
        for number in 0..REMEMBERED + 10 {
            let started = Action::Run { automation: "r".into(), run: run(number), phase: "started", detail: None };
            parents.note(&[started], number as u64);
        }
        assert_eq!((parents.of_runs.len(), parents.of(&run(9)), parents.of(&run(10))), (REMEMBERED, None, Some(10)));
        parents.forget_if_ended(&run(10), "outranked");
        assert_eq!(parents.of(&run(10)), Some(10));
        parents.forget_if_ended(&run(10), "finished");
        assert_eq!(parents.of(&run(10)), None);
    }
}
