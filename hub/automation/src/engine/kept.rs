//! The form in which runs and memories are kept: small JSON that says its version, so that a newer program reads what
//! an older one wrote.

use std::sync::Arc;

use hub_model::{AutomationId, EndpointNumber, RunId, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

/// The version of the form.
const VERSION: u8 = 1;

/// A run that waits.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct KeptRun {
    v: u8,
    /// The revision of the rule.
    pub(super) rev: u64,
    /// When it started, milliseconds.
    pub(super) start: i64,
    pub(super) depth: u32,
    /// What set it off, as expressions see it.
    #[serde(default, skip_serializing_if = "Json::is_null")]
    pub(super) trigger: Json,
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub(super) variables: Map<String, Json>,
    /// It waits for runs before it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) queued: bool,
    /// Where it is; several where it does things side by side.
    pub(super) threads: Vec<KeptThread>,
}

/// One of the places at which a run is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct KeptThread {
    pub(super) number: u32,
    /// The one that waits for this and others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) parent: Option<u32>,
    /// At which step it is.
    pub(super) pc: usize,
    /// It waits for those that it started.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) joins: bool,
    /// Since when it waits, milliseconds.
    pub(super) since: i64,
    /// Until when it waits at the longest, wall time in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) until: Option<i64>,
    /// How much of that remained, milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) left: Option<u64>,
    /// How often each loop that it is in has gone round, by the place of its head.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) rounds: Vec<(usize, u32)>,
    /// Since when what it waits for is so, where the last change alone does not tell.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) counts: Vec<KeptCount>,
}

/// The `for` of what a thread waits for, at one of the things it watches.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct KeptCount {
    #[serde(flatten)]
    pub(super) of: HoldKey,
    /// Since when it is so, milliseconds.
    pub(super) since: i64,
}

/// What a rule remembers beside its runs.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Memory {
    v: u8,
    /// The revision of the rule.
    pub(super) rev: u64,
    /// The last time of each schedule trigger that was acted on, milliseconds.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) schedules: Vec<(usize, i64)>,
}

/// The `for` of a trigger at one of the things it watches: that it fired, or that it counts where the state alone does
/// not tell. Each is kept for itself, so that many at once cost no more than their number.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct KeptHold {
    v: u8,
    /// The revision of the rule.
    pub(super) rev: u64,
    #[serde(flatten)]
    pub(super) of: HoldKey,
    /// Since when it was so, milliseconds.
    pub(super) since: i64,
    pub(super) fired: bool,
    /// By how much the wall clock was set forward while it counted, milliseconds.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(super) set_by: i64,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde asks by reference")]
fn is_zero(number: &i64) -> bool {
    *number == 0
}

/// Names a `for`: of a trigger, at one of the things it watches. The least of all is the default.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct HoldKey {
    #[serde(rename = "for")]
    pub(super) trigger: usize,
    /// A device, a person, or nothing where there is only one.
    #[serde(rename = "device")]
    pub(super) subject: Arc<str>,
    pub(super) endpoint: EndpointNumber,
}

impl HoldKey {
    /// The name under which it is kept, beside the runs.
    pub(super) fn id(&self, automation: &AutomationId) -> RunId {
        RunId::new(format!("{automation}-for-{}-{}-{}", self.trigger, self.subject, self.endpoint))
    }
}

impl KeptHold {
    pub(super) fn new(rev: u64, of: HoldKey, since: Timestamp, fired: bool) -> Self {
        Self { v: VERSION, rev, of, since: since.0, fired, set_by: 0 }
    }

    pub(super) fn write(&self) -> Arc<[u8]> {
        serde_json::to_vec(self).unwrap_or_default().into()
    }

    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice(bytes).ok().filter(|hold: &Self| hold.v == VERSION)
    }
}

impl KeptRun {
    /// `trigger`: an expression of the rule may still look at what set the run off.
    pub(super) fn new(rev: u64, run: &super::run::Run, trigger: bool) -> Self {
        Self {
            v: VERSION,
            rev,
            start: run.started_at.0,
            depth: run.depth,
            trigger: if trigger { run.trigger.json().clone() } else { Json::Null },
            variables: run.variables.clone(),
            queued: run.queued,
            threads: run.threads.iter().map(super::run::Thread::kept).collect(),
        }
    }

    pub(super) fn write(&self) -> Arc<[u8]> {
        serde_json::to_vec(self).unwrap_or_default().into()
    }

    /// None = it cannot be read: damaged, or from another program.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let kept: Self = serde_json::from_slice(bytes).ok()?;
        (kept.v == VERSION && !kept.threads.is_empty()).then_some(kept)
    }
}

impl Memory {
    pub(super) fn new(rev: u64) -> Self {
        Self { v: VERSION, rev, ..Self::default() }
    }

    pub(super) fn write(&self) -> Arc<[u8]> {
        serde_json::to_vec(self).unwrap_or_default().into()
    }

    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice(bytes).ok().filter(|memory: &Self| memory.v == VERSION)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.schedules.is_empty()
    }

    pub(super) fn last_time(&self, trigger: usize) -> Option<Timestamp> {
        self.schedules.iter().find(|(of, _)| *of == trigger).map(|(_, at)| Timestamp(*at))
    }

    pub(super) fn set_last_time(&mut self, trigger: usize, at: Timestamp) {
        self.schedules.retain(|(of, _)| *of != trigger);
        self.schedules.push((trigger, at.0));
        self.schedules.sort_unstable();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_kept_before_counts_and_set_clocks_were_is_read() {
        let run =
            br#"{"v":1,"rev":2,"start":5,"depth":1,"threads":[{"number":0,"pc":3,"since":5,"until":9,"left":4}]}"#;
        let run = KeptRun::read(run).unwrap();
        assert_eq!(run.threads.first().map(|thread| (thread.until, thread.counts.len())), Some((Some(9), 0)));
        let hold = br#"{"v":1,"rev":1,"for":0,"device":"test:door","endpoint":1,"since":7,"fired":true}"#;
        let read = KeptHold::read(hold).unwrap();
        assert_eq!((read.set_by, read.fired), (0, true));
        assert_eq!(&*read.write(), hold);
    }

    #[test]
    fn what_counts_in_a_wait_is_read_as_it_was_written() {
        let of = HoldKey { trigger: 1, subject: "test:plug".into(), endpoint: 2 };
        let thread = KeptThread { counts: vec![KeptCount { of, since: 7 }], ..KeptThread::default() };
        let written = serde_json::to_string(&thread).unwrap();
        assert_eq!(serde_json::from_str::<KeptThread>(&written).unwrap(), thread);
    }
}
