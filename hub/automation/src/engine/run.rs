//! Runs: a rule at work, one step after the other, with waits between.

use std::time::Duration;

use hub_model::record::{DecidedOn, Decision};
use hub_model::{AutomationId, Event, RunId, Timestamp};
use serde_json::{Value as Json, json};

use super::Action;
use super::deadlines::{Armed, Due, RunArmed};
use super::entry::{Entry, Fired, Remembered, Turn};
use super::kept::KeptRun;
use super::matching::Strictness;
use super::watches::{WatchedBy, Watcher, Watches};
use crate::World;
use crate::document::written::{Enabled, Mode, OnTimeout};
use crate::rule::{InstructionKind, Rule, Trigger, Verdict};

/// How many values a decision names at most.
const MAX_DECIDED_ON: usize = 16;

/// One run.
#[derive(Debug)]
pub(super) struct Run {
    pub(super) id: RunId,
    pub(super) started_at: Timestamp,
    pub(super) depth: u32,
    pub(super) trigger: usize,
    /// At which step it is.
    pub(super) pc: usize,
    /// It waits for runs before it.
    pub(super) queued: bool,
    /// Since when it waits.
    pub(super) since: Timestamp,
    /// Until when it waits at the longest, and how much of that remained.
    pub(super) limit: Option<(Timestamp, Duration)>,
    /// What it was decided on since it was kept last.
    pub(super) decided_on: Vec<DecidedOn>,
    /// A state of it is kept.
    pub(super) kept: bool,
    /// Another record tells that it fired.
    remembered: bool,
    /// It commanded something since it was kept last.
    acted: bool,
    /// What set it off and what the conditions were, until the first trace.
    why: Option<(Json, Json)>,
    /// What it did since the last trace.
    did: Vec<Json>,
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

/// What of a trigger stands already.
pub(super) fn standing_of(trigger: usize, written: &Trigger, unsaid: Timestamp, world: &dyn World) -> Vec<Standing> {
    (0..written.subjects())
        .filter_map(|subject| {
            let since = written.stands_since(subject, unsaid, world)?;
            Some(Standing { trigger, subject, since, moment: since.plus(written.hold().unwrap_or_default()) })
        })
        .collect()
}

impl Run {
    pub(super) fn new(id: RunId, fired: &Fired, verdict: Verdict, now: Timestamp) -> Self {
        let conditions = super::trace::looked_at(&verdict);
        let mut run = Self {
            id,
            started_at: now,
            depth: fired.depth,
            trigger: fired.trigger,
            pc: 0,
            queued: false,
            since: now,
            limit: None,
            decided_on: Vec::new(),
            kept: false,
            remembered: fired.remembered != Remembered::No,
            acted: false,
            why: Some((fired.what.clone(), conditions)),
            did: Vec::new(),
        };
        verdict.decided_on.into_iter().for_each(|decided| run.decide_on(decided));
        run
    }

    /// A run as it was kept.
    pub(super) fn resumed(id: RunId, kept: &KeptRun) -> Self {
        Self {
            id,
            started_at: Timestamp(kept.start),
            depth: kept.depth,
            trigger: kept.trigger,
            pc: kept.pc,
            queued: kept.queued,
            since: Timestamp(kept.since),
            limit: kept.until.map(|until| (Timestamp(until), Duration::from_millis(kept.left.unwrap_or_default()))),
            decided_on: Vec::new(),
            kept: true,
            remembered: false,
            acted: false,
            why: None,
            did: Vec::new(),
        }
    }

    fn decide_on(&mut self, decided: DecidedOn) {
        let known = self.decided_on.iter().any(|other| {
            (&other.device, other.endpoint, &other.attribute) == (&decided.device, decided.endpoint, &decided.attribute)
        });
        if !known && self.decided_on.len() < MAX_DECIDED_ON {
            self.decided_on.push(decided);
        }
    }

    /// What it waits for.
    fn waits_for<'r>(&self, rule: Option<&'r Rule>) -> &'r [Trigger] {
        match rule.and_then(|rule| rule.program.get(self.pc)).map(|instruction| &instruction.kind) {
            Some(InstructionKind::WaitFor { triggers, .. }) if !self.queued => triggers,
            _ => &[],
        }
    }

    fn watcher(&self, automation: &AutomationId, trigger: usize) -> Watcher {
        Watcher { automation: automation.clone(), by: WatchedBy::Run { run: self.id.clone(), trigger } }
    }

    fn watch(&self, rule: Option<&Rule>, automation: &AutomationId, watches: &mut Watches) {
        for (trigger, written) in self.waits_for(rule).iter().enumerate() {
            watches.add(written, &self.watcher(automation, trigger));
        }
    }

    pub(super) fn unwatch(&self, rule: Option<&Rule>, automation: &AutomationId, watches: &mut Watches) {
        for (trigger, written) in self.waits_for(rule).iter().enumerate() {
            watches.remove(written, &self.watcher(automation, trigger));
        }
    }
}

impl Entry {
    pub(super) fn run_mut(&mut self, run: &RunId) -> Option<&mut Run> {
        self.runs.iter_mut().find(|other| other.id == *run)
    }

    /// Goes on with a run until it waits or ends. Whether it acted or waits.
    pub(super) fn advance(&mut self, id: &RunId, turn: &mut Turn<'_>) -> bool {
        let Some(rule) = self.rule.clone() else { return false };
        let shadow = rule.enabled == Enabled::Shadow;
        let automation = self.id.clone();
        let mut acted = false;
        loop {
            let Some(run) = self.run_mut(id) else { return acted };
            run.queued = false;
            let Some(instruction) = rule.program.get(run.pc) else {
                self.finish(id, "finished", None, turn);
                return acted;
            };
            match &instruction.kind {
                InstructionKind::Command(requests) => {
                    for request in requests {
                        let set: serde_json::Map<String, Json> =
                            request.set.iter().map(|(name, value)| (name.as_str().to_owned(), json!(value))).collect();
                        run.did
                            .push(json!({"path": &*instruction.path, "device": request.device.as_str(), "set": set}));
                        if !shadow {
                            acted = true;
                            run.acted = true;
                            turn.out.push(Action::Command {
                                automation: automation.clone(),
                                run: id.clone(),
                                depth: run.depth,
                                request: request.clone(),
                            });
                        }
                    }
                    run.pc += 1;
                }
                InstructionKind::Delay(duration) if duration.is_zero() => run.pc += 1,
                InstructionKind::Delay(duration) => {
                    run.did.push(json!({"path": &*instruction.path, "delay": turn.now.time().plus(*duration)}));
                    self.wait(id, Some(*duration), turn);
                    return true;
                }
                InstructionKind::WaitFor { triggers, timeout, .. } => {
                    let time = turn.now.time();
                    let standing = earliest_standing(triggers, time, turn.world);
                    match standing.filter(|standing| standing.moment <= time) {
                        Some(standing) => {
                            let decided = decided_on(triggers, &standing, turn.world);
                            run.did.push(json!({"path": &*instruction.path, "held_since": standing.since}));
                            decided.into_iter().for_each(|decided| run.decide_on(decided));
                            run.pc += 1;
                        }
                        None => {
                            run.did.push(json!({"path": &*instruction.path, "waits": true}));
                            self.wait(id, *timeout, turn);
                            return true;
                        }
                    }
                }
            }
        }
    }

    /// Lets a run wait where it is, at most so long.
    fn wait(&mut self, id: &RunId, limit: Option<Duration>, turn: &mut Turn<'_>) {
        let time = turn.now.time();
        if let Some(run) = self.run_mut(id) {
            run.since = time;
            run.limit = limit.map(|limit| (time.plus(limit), limit));
        }
        self.arm_wait(id, limit, turn);
        self.keep_run(id, turn);
        self.leave_trace(id, "waiting", turn);
    }

    /// Arms everything that a waiting run waits for.
    pub(super) fn arm_wait(&mut self, id: &RunId, limit: Option<Duration>, turn: &mut Turn<'_>) {
        let rule = self.rule.clone();
        let Some(run) = self.runs.iter().find(|run| run.id == *id) else { return };
        let armed = |what| self.timer(Armed::Run { run: id.clone(), what });
        if let Some(limit) = limit {
            turn.deadlines.arm(armed(RunArmed::Limit), Due::Elapsed(Self::due_in(limit, turn.now)));
        }
        let time = turn.now.time();
        for (trigger, written) in run.waits_for(rule.as_deref()).iter().enumerate() {
            for standing in standing_of(trigger, written, time, turn.world) {
                let due = Due::Elapsed(Self::due_in(standing.moment.since(time), turn.now));
                turn.deadlines.arm(armed(RunArmed::Hold { trigger, subject: standing.subject }), due);
            }
            if let Some(at) = written.next_time(turn.zone, time) {
                turn.deadlines.arm(armed(RunArmed::Schedule { trigger }), Due::Wall(at));
            }
        }
        run.watch(rule.as_deref(), &self.id, turn.watches);
    }

    /// The rule changed under its runs: they wait for what it means now.
    pub(super) fn wait_anew(&mut self, turn: &mut Turn<'_>) {
        let waiting: Vec<RunId> = self.runs.iter().filter(|run| !run.queued).map(|run| run.id.clone()).collect();
        for id in waiting {
            turn.deadlines.cancel_where(
                &self.id,
                |armed| matches!(armed, Armed::Run { run, what } if *run == id && *what != RunArmed::Limit),
            );
            self.arm_wait(&id, None, turn);
        }
    }

    /// An event that a run waits for.
    pub(super) fn on_run_event(&mut self, id: &RunId, trigger: usize, event: &Event, turn: &mut Turn<'_>) {
        let rule = self.rule.clone();
        let Some(run) = self.runs.iter().find(|run| run.id == *id) else { return };
        let Some(written) = run.waits_for(rule.as_deref()).get(trigger) else { return };
        let Some(touched) = written.touched(event, Strictness::Standing) else { return };
        let timer =
            self.timer(Armed::Run { run: id.clone(), what: RunArmed::Hold { trigger, subject: touched.subject } });
        turn.deadlines.cancel(&timer);
        if !touched.matches {
            return;
        }
        match written.hold() {
            Some(hold) => {
                let left = hold.saturating_sub(turn.now.time().since(event.at));
                turn.deadlines.arm(timer, Due::Elapsed(Self::due_in(left, turn.now)));
            }
            None => self.go_on(id, written.decided_on(touched.subject, turn.world), turn),
        }
    }

    /// Something that was armed in a run is due.
    pub(super) fn on_run_timer(&mut self, id: &RunId, what: &RunArmed, turn: &mut Turn<'_>) {
        let Some(rule) = self.rule.clone() else { return };
        let Some(run) = self.runs.iter().find(|run| run.id == *id) else { return };
        match what {
            RunArmed::Hold { trigger, subject } => {
                let triggers = run.waits_for(Some(&rule));
                let decided = triggers.get(*trigger).and_then(|written| written.decided_on(*subject, turn.world));
                self.go_on(id, decided, turn);
            }
            RunArmed::Schedule { .. } => self.go_on(id, None, turn),
            RunArmed::Limit => self.on_limit(id, turn),
        }
    }

    /// A delay is over, or a wait took too long.
    pub(super) fn on_limit(&mut self, id: &RunId, turn: &mut Turn<'_>) {
        let Some(rule) = self.rule.clone() else { return };
        let Some(run) = self.run_mut(id) else { return };
        match rule.program.get(run.pc).map(|instruction| &instruction.kind) {
            Some(InstructionKind::WaitFor { on_timeout: OnTimeout::Stop, .. }) => {
                self.finish(id, "stopped", Some("what it waited for did not happen in time"), turn);
            }
            _ => self.go_on(id, None, turn),
        }
    }

    /// A wait is over: the run goes on behind it.
    pub(super) fn go_on(&mut self, id: &RunId, decided: Option<DecidedOn>, turn: &mut Turn<'_>) {
        self.disarm(id, turn);
        if let Some(run) = self.run_mut(id) {
            decided.into_iter().for_each(|decided| run.decide_on(decided));
            run.pc += 1;
            run.limit = None;
        }
        self.advance(id, turn);
    }

    fn disarm(&mut self, id: &RunId, turn: &mut Turn<'_>) {
        turn.deadlines.cancel_where(&self.id, |armed| matches!(armed, Armed::Run { run, .. } if run == id));
        if let Some(run) = self.runs.iter().find(|run| run.id == *id) {
            run.unwatch(self.rule.as_deref(), &self.id, turn.watches);
        }
    }

    /// Ends a run; the next in the queue starts.
    pub(super) fn finish(&mut self, id: &RunId, phase: &'static str, detail: Option<&str>, turn: &mut Turn<'_>) {
        self.end_run(id, phase, detail, turn);
        self.start_next(turn);
    }

    /// Starts the next in the queue if nothing else is under way.
    pub(super) fn start_next(&mut self, turn: &mut Turn<'_>) {
        let queued = self.rule.as_ref().is_some_and(|rule| rule.mode == Mode::Queued);
        if queued && let Some(next) = self.runs.first().filter(|run| run.queued) {
            let next = next.id.clone();
            self.advance(&next, turn);
        }
    }

    fn end_run(&mut self, id: &RunId, phase: &'static str, detail: Option<&str>, turn: &mut Turn<'_>) {
        self.disarm(id, turn);
        self.leave_trace(id, phase, turn);
        let Some(position) = self.runs.iter().position(|run| run.id == *id) else { return };
        let run = self.runs.remove(position);
        if run.kept || (run.acted && !run.remembered) {
            turn.out.push(Action::Keep(Decision {
                automation: self.id.clone(),
                run: Some(run.id),
                at: turn.now.time(),
                state: None,
                decided_on: run.decided_on,
            }));
        }
        self.tell(id, phase, detail.map(str::to_owned), turn.out);
    }

    pub(super) fn stop_runs(&mut self, why: &str, turn: &mut Turn<'_>) {
        let ids: Vec<RunId> = self.runs.iter().map(|run| run.id.clone()).collect();
        for id in ids {
            self.end_run(&id, "stopped", Some(why), turn);
        }
    }

    /// Lets a run wait for its turn.
    pub(super) fn queue(&mut self, id: &RunId, turn: &mut Turn<'_>) {
        if let Some(run) = self.run_mut(id) {
            run.queued = true;
        }
        self.keep_run(id, turn);
        self.leave_trace(id, "queued", turn);
    }

    fn keep_run(&mut self, id: &RunId, turn: &mut Turn<'_>) {
        let (revision, automation, at) = (self.record.revision, self.id.clone(), turn.now.time());
        let Some(run) = self.run_mut(id) else { return };
        let mut kept = KeptRun::new(revision, run.started_at, run.depth, run.trigger, run.pc, run.since);
        kept.queued = run.queued;
        kept.until = run.limit.map(|(until, _)| until.0);
        kept.left = run.limit.map(|(_, left)| u64::try_from(left.as_millis()).unwrap_or(u64::MAX));
        run.kept = true;
        run.acted = false;
        turn.out.push(Action::Keep(Decision {
            automation,
            run: Some(run.id.clone()),
            at,
            state: Some(kept.write()),
            decided_on: std::mem::take(&mut run.decided_on),
        }));
    }

    fn leave_trace(&mut self, id: &RunId, result: &str, turn: &mut Turn<'_>) {
        let automation = self.id.clone();
        let Some(run) = self.run_mut(id) else { return };
        let mut trace = json!({"at": turn.now.time(), "automation": automation.as_str(), "run": id.as_str()});
        if let Some((trigger, conditions)) = run.why.take() {
            trace["trigger"] = trigger;
            trace["conditions"] = conditions;
        }
        trace["actions"] = Json::Array(std::mem::take(&mut run.did));
        trace["result"] = json!(result);
        turn.out.push(Action::Trace(trace.to_string().into()));
    }
}

/// The first of what is waited for that stands, or will if it goes on standing.
pub(super) fn earliest_standing(triggers: &[Trigger], unsaid: Timestamp, world: &dyn World) -> Option<Standing> {
    triggers
        .iter()
        .enumerate()
        .flat_map(|(trigger, written)| standing_of(trigger, written, unsaid, world))
        .min_by_key(|standing| (standing.moment, standing.trigger, standing.subject))
}

fn decided_on(triggers: &[Trigger], standing: &Standing, world: &dyn World) -> Option<DecidedOn> {
    triggers.get(standing.trigger)?.decided_on(standing.subject, world)
}
