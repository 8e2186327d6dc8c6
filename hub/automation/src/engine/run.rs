//! Runs: a rule at work. A run is at one place of its rule's program, or at several side by side; each waits by itself.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use hub_model::record::DecidedOn;
use hub_model::{AutomationId, RunId, Timestamp};
use serde_json::{Map, Value as Json};

use super::entry::{Fired, Remembered};
use super::facts::{Facts, What};
use super::kept::{HoldKey, KeptCount, KeptRun, KeptThread};
use super::watches::{WatchedBy, Watcher, Watches};
use crate::World;
use crate::rule::{InstructionKind, Rule, Trigger, Verdict};
use crate::wall::WallHistory;

/// How many values a decision names at most.
const MAX_DECIDED_ON: usize = 16;
/// How many deeds a trace names at most.
const MAX_DID: usize = 50;

/// One run.
#[derive(Debug)]
pub(super) struct Run {
    pub(super) id: RunId,
    pub(super) started_at: Timestamp,
    pub(super) depth: u32,
    /// What set it off, as expressions see it.
    pub(super) trigger: Arc<What>,
    pub(super) variables: Map<String, Json>,
    /// It waits for runs before it.
    pub(super) queued: bool,
    /// The places at which it is, by rising number.
    pub(super) threads: Vec<Thread>,
    /// What it was decided on since it was kept last.
    pub(super) decided_on: Vec<DecidedOn>,
    /// A state of it is kept.
    pub(super) kept: bool,
    /// Another record tells that it fired.
    pub(super) remembered: bool,
    /// It did something since it was kept last.
    pub(super) acted: bool,
    /// What the conditions were, until the first trace.
    pub(super) why: Option<Vec<Facts>>,
    /// What it did since the last trace.
    pub(super) did: Vec<Facts>,
}

/// One of the places at which a run is.
#[derive(Clone, Debug, Default)]
pub(super) struct Thread {
    pub(super) number: u32,
    /// The one that waits for this and others.
    pub(super) parent: Option<u32>,
    /// At which step it is.
    pub(super) pc: usize,
    /// It waits for those that it started.
    pub(super) joins: bool,
    /// Since when it waits.
    pub(super) since: Timestamp,
    /// Until when it waits at the longest, and how much of that remained.
    pub(super) limit: Option<(Timestamp, Duration)>,
    /// How often each loop that it is in has gone round, by the place of its head.
    pub(super) rounds: BTreeMap<usize, u32>,
    /// Since when what it waits for is so, where the last change alone does not tell.
    pub(super) counts: BTreeMap<HoldKey, Timestamp>,
    /// It waits since before the hub's start, and how late it is was not settled by a clock that can be trusted.
    pub(super) resumed: bool,
}

/// Something that a wait is about stands already.
pub(super) struct Standing {
    pub(super) trigger: usize,
    pub(super) subject: usize,
    /// Since when.
    pub(super) since: Timestamp,
    /// When it has stood long enough.
    pub(super) moment: Timestamp,
}

/// The first of what is waited for that stands, or will if it goes on standing.
pub(super) fn earliest(standing: Vec<Standing>) -> Option<Standing> {
    standing.into_iter().min_by_key(|standing| (standing.moment, standing.trigger, standing.subject))
}

impl Run {
    pub(super) fn new(
        id: RunId,
        fired: &Fired,
        variables: Map<String, Json>,
        verdict: Verdict,
        why: Vec<Facts>,
        now: Timestamp,
    ) -> Self {
        let mut run = Self {
            id,
            started_at: now,
            depth: fired.depth,
            trigger: Arc::clone(&fired.what),
            variables,
            queued: false,
            threads: vec![Thread { since: now, ..Thread::default() }],
            decided_on: Vec::new(),
            kept: false,
            remembered: fired.remembered != Remembered::No,
            acted: false,
            why: Some(why),
            did: Vec::new(),
        };
        verdict.decided_on.into_iter().for_each(|decided| run.decide_on(decided));
        run
    }

    /// A run as it was kept.
    pub(super) fn resumed(id: RunId, kept: KeptRun) -> Self {
        Self {
            id,
            started_at: Timestamp(kept.start),
            depth: kept.depth,
            trigger: Arc::new(What::from(kept.trigger)),
            variables: kept.variables,
            queued: kept.queued,
            threads: kept.threads.into_iter().map(Thread::resumed).collect(),
            decided_on: Vec::new(),
            kept: true,
            remembered: false,
            acted: false,
            why: None,
            did: Vec::new(),
        }
    }

    pub(super) fn decide_on(&mut self, decided: DecidedOn) {
        let known = self.decided_on.iter().any(|other| {
            (&other.device, other.endpoint, &other.attribute) == (&decided.device, decided.endpoint, &decided.attribute)
        });
        if !known && self.decided_on.len() < MAX_DECIDED_ON {
            self.decided_on.push(decided);
        }
    }

    /// Notes something that it did, for the trace.
    pub(super) fn note(&mut self, what: Facts) {
        if self.did.len() < MAX_DID {
            self.did.push(what);
        }
    }

    pub(super) fn thread(&self, number: u32) -> Option<&Thread> {
        self.threads.iter().find(|thread| thread.number == number)
    }

    pub(super) fn thread_mut(&mut self, number: u32) -> Option<&mut Thread> {
        self.threads.iter_mut().find(|thread| thread.number == number)
    }

    /// What a thread waits for.
    pub(super) fn waits_for<'r>(&self, thread: u32, rule: Option<&'r Rule>) -> &'r [Trigger] {
        // One that waits for its branches does not wait for what stands behind them.
        let pc = self.thread(thread).filter(|thread| !thread.joins).map(|thread| thread.pc);
        let instruction = pc.zip(rule).and_then(|(pc, rule)| rule.program.get(pc));
        match instruction.map(|instruction| &instruction.kind) {
            Some(InstructionKind::WaitFor { triggers, .. }) if !self.queued => triggers,
            _ => &[],
        }
    }

    /// What a thread waits for that stands already; `time` where nobody knows since when.
    pub(super) fn standing(
        &self,
        thread: u32,
        rule: Option<&Rule>,
        time: Timestamp,
        wall: &WallHistory,
        world: &dyn World,
    ) -> Vec<Standing> {
        let mut found = Vec::new();
        for (trigger, written) in self.waits_for(thread, rule).iter().enumerate() {
            for subject in 0..written.subjects(world) {
                let Some(told) = written.stands_since(subject, time, world) else { continue };
                let key = written.hold_key(trigger, subject, world);
                let counted = key.and_then(|key| self.thread(thread)?.counts.get(&key).copied());
                let since = counted.unwrap_or_else(|| wall.by_present_clock(told));
                let moment = since.plus(written.kind.hold().unwrap_or_default());
                found.push(Standing { trigger, subject, since, moment });
            }
        }
        found
    }

    fn watcher(&self, automation: &AutomationId, thread: u32, trigger: usize) -> Watcher {
        Watcher { automation: automation.clone(), by: WatchedBy::Run { run: self.id.clone(), thread, trigger } }
    }

    pub(super) fn watch(&self, thread: u32, rule: Option<&Rule>, automation: &AutomationId, watches: &mut Watches) {
        for (trigger, written) in self.waits_for(thread, rule).iter().enumerate() {
            watches.add(written, &self.watcher(automation, thread, trigger));
        }
    }

    pub(super) fn unwatch(&self, thread: u32, rule: Option<&Rule>, automation: &AutomationId, watches: &mut Watches) {
        for (trigger, written) in self.waits_for(thread, rule).iter().enumerate() {
            watches.remove(written, &self.watcher(automation, thread, trigger));
        }
    }

    pub(super) fn unwatch_all(&self, rule: Option<&Rule>, automation: &AutomationId, watches: &mut Watches) {
        for thread in &self.threads {
            self.unwatch(thread.number, rule, automation, watches);
        }
    }
}

impl Thread {
    fn resumed(kept: KeptThread) -> Self {
        Self {
            number: kept.number,
            parent: kept.parent,
            pc: kept.pc,
            joins: kept.joins,
            since: Timestamp(kept.since),
            limit: kept.until.map(|until| (Timestamp(until), Duration::from_millis(kept.left.unwrap_or_default()))),
            rounds: kept.rounds.into_iter().collect(),
            counts: kept.counts.into_iter().map(|count| (count.of, Timestamp(count.since))).collect(),
            resumed: true,
        }
    }

    pub(super) fn kept(&self) -> KeptThread {
        KeptThread {
            number: self.number,
            parent: self.parent,
            pc: self.pc,
            joins: self.joins,
            since: self.since.0,
            until: self.limit.map(|(until, _)| until.0),
            left: self.limit.map(|(_, left)| u64::try_from(left.as_millis()).unwrap_or(u64::MAX)),
            rounds: self.rounds.iter().map(|(head, rounds)| (*head, *rounds)).collect(),
            counts: self.counts.iter().map(|(of, since)| KeptCount { of: of.clone(), since: since.0 }).collect(),
        }
    }
}
