//! What waits to be written. Bounded: when it is full, telemetry collapses to the newest of each attribute, while
//! happenings, decisions and commits are kept.

use std::collections::{HashSet, VecDeque};

use hub_model::history::{HistoryEntry, HistoryRecord};
use hub_model::record::{Change, Decision, KeepError};
use hub_model::{DeviceId, Monotonic, Timestamp};

/// Called with the outcome of a commit.
pub type Done = Box<dyn FnOnce(Result<(), KeepError>) + Send>;

/// Happenings may take so many times the limit before they are dropped too.
const HARD_FACTOR: usize = 2;

/// Something for the history.
#[derive(Clone, Debug)]
pub(crate) enum Staged {
    /// What happened.
    Record(HistoryRecord),
    /// A device was removed.
    Removed(DeviceId, Timestamp),
}

/// How far the journal reaches. What lies before this place no longer waits, and what waits is not before it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Reach {
    /// The generation that the journal is in; 0 = not known, and nobody writes.
    pub(crate) generation: u64,
    /// Behind its last frame.
    pub(crate) end: usize,
}

/// What waits.
pub(crate) struct Staging {
    limit: usize,
    pub(crate) commits: Vec<(Vec<Change>, Done)>,
    pub(crate) decisions: Vec<Decision>,
    /// Since when the oldest decision waits.
    pub(crate) decided_since: Option<Monotonic>,
    pub(crate) records: VecDeque<Staged>,
    /// So many of the first records are being written: they stay until that is done.
    pub(crate) writing: usize,
    /// Since when the oldest record waits.
    pub(crate) waiting_since: Option<Monotonic>,
    pub(crate) alive: Option<(Timestamp, u64)>,
    pub(crate) reach: Reach,
    /// Write everything now; counts requests.
    pub(crate) flushes: u64,
    /// So many of these requests are done.
    pub(crate) flushed: u64,
    pub(crate) closing: bool,
    /// The thread has ended: nothing is taken any more.
    pub(crate) closed: bool,
    /// Telemetry that collapsed.
    pub(crate) collapsed: u64,
    /// What was dropped beside.
    pub(crate) dropped: u64,
}

impl Staging {
    pub(crate) fn new(limit: usize) -> Self {
        Self {
            limit: limit.max(16),
            commits: Vec::new(),
            decisions: Vec::new(),
            decided_since: None,
            records: VecDeque::new(),
            writing: 0,
            waiting_since: None,
            alive: None,
            reach: Reach::default(),
            flushes: 0,
            flushed: 0,
            closing: false,
            closed: false,
            collapsed: 0,
            dropped: 0,
        }
    }

    /// Whether the batch is long enough to be written before its time.
    pub(crate) fn is_crowded(&self) -> bool {
        self.records.len() >= self.limit / 2
    }

    /// Takes a commit, or gives it back when too many wait.
    pub(crate) fn commit(&mut self, changes: Vec<Change>, done: Done) -> Result<(), Done> {
        if self.closing || self.closed || self.commits.len() >= self.limit {
            return Err(done);
        }
        self.commits.push((changes, done));
        Ok(())
    }

    /// Takes a decision. When too many wait, older ones of the same run make room: the newest says all.
    pub(crate) fn decide(&mut self, decision: Decision, now: Monotonic) {
        if self.closed {
            return;
        }
        self.decided_since.get_or_insert(now);
        if self.decisions.len() >= self.limit {
            let mut seen = HashSet::new();
            let mut newest: Vec<Decision> = self.decisions.drain(..).rev().collect();
            newest.retain(|decision| seen.insert((decision.automation.clone(), decision.run.clone())));
            newest.reverse();
            self.decisions = newest;
        }
        if self.decisions.len() >= HARD_FACTOR * self.limit {
            self.decisions.remove(0);
            self.dropped += 1;
        }
        self.decisions.push(decision);
    }

    /// Takes a record.
    pub(crate) fn record(&mut self, record: HistoryRecord, now: Monotonic) {
        if self.closed {
            return;
        }
        if self.records.len() >= self.limit {
            self.collapse();
        }
        if self.records.len() >= self.limit {
            let is_state = matches!(record.entry, HistoryEntry::State(_));
            if is_state && self.replace(&record) {
                self.collapsed += 1;
                return;
            }
            if is_state || self.records.len() >= HARD_FACTOR * self.limit {
                self.dropped += 1;
                if self.dropped.is_power_of_two() {
                    tracing::warn!(dropped = self.dropped, "The disk takes nothing; history was dropped.");
                }
                return;
            }
        }
        self.waiting_since.get_or_insert(now);
        self.records.push_back(Staged::Record(record));
    }

    /// Takes the mark of a removed device.
    pub(crate) fn removed(&mut self, device: DeviceId, at: Timestamp, now: Monotonic) {
        self.waiting_since.get_or_insert(now);
        self.records.push_back(Staged::Removed(device, at));
    }

    /// Keeps the newest telemetry of each attribute, and everything else, in order.
    fn collapse(&mut self) {
        let before = self.records.len();
        let mut rest = self.records.split_off(self.writing.min(before));
        let mut seen = HashSet::new();
        let mut kept = VecDeque::with_capacity(rest.len());
        while let Some(staged) = rest.pop_back() {
            let keeps = match &staged {
                Staged::Record(HistoryRecord { entry: HistoryEntry::State(state), .. }) => {
                    seen.insert((state.device.clone(), state.endpoint, state.attribute.clone()))
                }
                _ => true,
            };
            if keeps {
                kept.push_front(staged);
            }
        }
        self.records.append(&mut kept);
        let collapsed = (before - self.records.len()) as u64;
        if collapsed > 0 {
            self.collapsed += collapsed;
            tracing::warn!(
                collapsed,
                "Telemetry waits faster than the disk takes it; only the newest of each attribute is kept."
            );
        }
    }

    /// Puts a state in the place of the one of the same attribute that waits.
    fn replace(&mut self, record: &HistoryRecord) -> bool {
        let HistoryEntry::State(new) = &record.entry else { return false };
        let same = |staged: &&mut Staged| match staged {
            Staged::Record(HistoryRecord { entry: HistoryEntry::State(old), .. }) => {
                (&old.device, old.endpoint, &old.attribute) == (&new.device, new.endpoint, &new.attribute)
            }
            _ => false,
        };
        let found = self.records.iter_mut().skip(self.writing).find(same);
        found.map(|staged| *staged = Staged::Record(record.clone())).is_some()
    }

    /// The first of the records that were being written are in the journal, which now reaches so far.
    pub(crate) fn written(&mut self, count: usize, reach: Reach, now: Monotonic) {
        self.reach = reach;
        self.records.drain(..count.min(self.records.len()));
        self.writing = self.writing.saturating_sub(count);
        self.waiting_since = (!self.records.is_empty()).then_some(now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hub_model::history::StateRecord;
    use hub_model::{Cause, Value};

    fn state(attribute: usize, value: f64) -> HistoryRecord {
        let entry = HistoryEntry::State(StateRecord {
            device: "d:1".into(),
            endpoint: 1,
            attribute: format!("a{attribute}").into(),
            value: Value::Number(value),
            cause: Cause::Report,
        });
        HistoryRecord { at: Timestamp(0), entry }
    }

    fn press() -> HistoryRecord {
        let entry = HistoryEntry::DeviceEvent {
            device: "d:1".into(),
            endpoint: 1,
            attribute: "action".into(),
            value: "single".into(),
        };
        HistoryRecord { at: Timestamp(0), entry }
    }

    fn values(staging: &Staging) -> Vec<Option<f64>> {
        let value = |staged: &Staged| match staged {
            Staged::Record(HistoryRecord { entry: HistoryEntry::State(state), .. }) => state.value.as_number(),
            _ => None,
        };
        staging.records.iter().map(value).collect()
    }

    #[test]
    fn a_full_queue_keeps_the_newest_telemetry_and_every_happening() {
        let mut staging = Staging::new(16);
        staging.record(press(), Monotonic::default());
        for number in 0..100 {
            staging.record(state(number % 3, number as f64), Monotonic::default());
        }
        staging.record(press(), Monotonic::default());
        assert!(staging.records.len() <= 17);
        assert_eq!(staging.collapsed as usize, 102 - staging.records.len());
        assert_eq!(staging.dropped, 0);
        let values = values(&staging);
        assert_eq!((values.first(), values.last()), (Some(&None), Some(&None)));
        for newest in [97.0, 98.0, 99.0] {
            assert!(values.contains(&Some(newest)));
        }
    }

    #[test]
    fn what_is_being_written_stays_as_it_is() {
        let mut staging = Staging::new(16);
        for number in 0..10 {
            staging.record(state(0, number as f64), Monotonic::default());
        }
        staging.writing = 10;
        for number in 10..40 {
            staging.record(state(0, number as f64), Monotonic::default());
        }
        assert_eq!(values(&staging)[..10], (0..10).map(|number| Some(number as f64)).collect::<Vec<_>>());
        staging.written(10, Reach::default(), Monotonic::default());
        assert_eq!(values(&staging).last(), Some(&Some(39.0)));
    }

    #[test]
    fn happenings_alone_are_bounded_too() {
        let mut staging = Staging::new(16);
        for _ in 0..1_000 {
            staging.record(press(), Monotonic::default());
        }
        assert_eq!((staging.records.len(), staging.dropped), (32, 968));
    }

    #[test]
    fn too_many_decisions_leave_the_newest_of_each_run() {
        let mut staging = Staging::new(16);
        for number in 0..1_000i64 {
            let decision = Decision {
                automation: "rule".into(),
                run: Some(format!("{}", number % 4).into()),
                at: Timestamp(number),
                state: None,
                decided_on: Vec::new(),
            };
            staging.decide(decision, Monotonic::default());
        }
        assert!(staging.decisions.len() <= 16);
        assert_eq!(staging.decisions.last().map(|decision| decision.at), Some(Timestamp(999)));
    }
}
