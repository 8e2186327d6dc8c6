//! Waits of runs: armed, come about, taken too long.

use std::time::Duration;

use hub_model::record::{DecidedOn, Decision};
use hub_model::{Event, RunId, Timestamp};

use super::Action;
use super::deadlines::{Armed, Due, RunArmed};
use super::entry::{Entry, Turn};
use super::kept::{HoldKey, KeptRun};
use super::matching::Strictness;
use super::run::Standing;
use crate::document::written::{Enabled, Mode, OnTimeout};
use crate::rule::InstructionKind;

impl Entry {
    /// Lets a thread wait where it is, at most so long.
    pub(super) fn wait(&mut self, id: &RunId, thread: u32, limit: Option<Duration>, turn: &mut Turn<'_>) {
        let time = turn.now.time();
        if let Some(waiting) = self.run_mut(id).and_then(|run| run.thread_mut(thread)) {
            waiting.since = time;
            waiting.limit = limit.map(|limit| (time.plus(limit), limit));
        }
        self.arm_wait(id, thread, limit, turn);
    }

    /// Arms everything that a waiting thread waits for. Whether it remembers more than before.
    pub(super) fn arm_wait(&mut self, id: &RunId, thread: u32, limit: Option<Duration>, turn: &mut Turn<'_>) -> bool {
        let rule = self.rule.clone();
        let Some(run) = self.runs.iter().find(|run| run.id == *id) else { return false };
        let armed = |what| self.timer(Armed::Run { run: id.clone(), thread, what });
        if let Some(limit) = limit {
            turn.deadlines.arm(armed(RunArmed::Limit), Due::Elapsed(Self::due_in(limit, turn.now)));
        }
        let time = turn.now.time();
        let triggers = run.waits_for(thread, rule.as_deref());
        let mut counts = Vec::new();
        for Standing { trigger, subject, since, moment } in
            run.standing(thread, rule.as_deref(), time, turn.wall, &*turn.world)
        {
            let Some(written) = triggers.get(trigger) else { continue };
            let Some(key) = written.subject_key(trigger, subject, &*turn.world) else { continue };
            let due = Due::Elapsed(Self::due_in(moment.since(time), turn.now));
            turn.deadlines.arm(armed(RunArmed::Hold(key.clone())), due);
            if !written.kind.stands_since_last_change() {
                counts.push((key, since));
            }
        }
        for (trigger, written) in triggers.iter().enumerate() {
            if let Some(at) = written.next_time(turn.site, time) {
                turn.deadlines.arm(armed(RunArmed::Schedule { trigger }), Due::Wall(at));
            }
        }
        run.watch(thread, rule.as_deref(), &self.id, turn.watches);
        let Some(waiting) = self.run_mut(id).and_then(|run| run.thread_mut(thread)) else { return false };
        let known = waiting.counts.len();
        waiting.counts.extend(counts);
        waiting.counts.len() > known
    }

    /// The wall clock was set back or the home's zone is another: the times that runs wait for come at other instants.
    pub(super) fn arm_times_of_waits(&self, turn: &mut Turn<'_>) {
        for run in &self.runs {
            for thread in &run.threads {
                for (trigger, written) in run.waits_for(thread.number, self.rule.as_deref()).iter().enumerate() {
                    let what = RunArmed::Schedule { trigger };
                    if let Some(at) = written.next_time(turn.site, turn.now.time()) {
                        let timer = self.timer(Armed::Run { run: run.id.clone(), thread: thread.number, what });
                        turn.deadlines.arm(timer, Due::Wall(at));
                    }
                }
            }
        }
    }

    /// The rule changed under its runs: they wait for what it means now.
    pub(super) fn wait_anew(&mut self, turn: &mut Turn<'_>) {
        let waiting: Vec<(RunId, u32)> = self
            .runs
            .iter()
            .filter(|run| !run.queued)
            .flat_map(|run| run.threads.iter().map(|thread| (run.id.clone(), thread.number)))
            .collect();
        for (id, thread) in waiting {
            turn.deadlines.cancel_where(&self.id, |armed| {
                matches!(armed, Armed::Run { run, thread: of, what }
                    if *run == id && *of == thread && *what != RunArmed::Limit)
            });
            if self.arm_wait(&id, thread, None, turn) {
                self.keep_run(&id, turn);
            }
        }
    }

    /// An event that a thread waits for.
    pub(super) fn on_run_event(&mut self, id: &RunId, thread: u32, trigger: usize, event: &Event, turn: &mut Turn<'_>) {
        let rule = self.rule.clone();
        let Some(run) = self.runs.iter().find(|run| run.id == *id) else { return };
        let Some(written) = run.waits_for(thread, rule.as_deref()).get(trigger) else { return };
        let Some(touched) = written.touched(event, Strictness::Standing, &*turn.world) else { return };
        let key = written.subject_key(trigger, touched.subject, &*turn.world);
        let timer = |key| self.timer(Armed::Run { run: id.clone(), thread, what: RunArmed::Hold(key) });
        if let Some(key) = &key {
            turn.deadlines.cancel(&timer(key.clone()));
        }
        match (written.kind.hold().filter(|_| touched.matches), &key) {
            (Some(hold), Some(key)) => {
                let left = hold.saturating_sub(turn.now.time().since(event.at));
                turn.deadlines.arm(timer(key.clone()), Due::Elapsed(Self::due_in(left, turn.now)));
            }
            (None, _) if touched.matches => {
                return self.go_on(id, thread, written.decided_on(touched.subject, &*turn.world), turn);
            }
            _ => {}
        }
        if let Some(key) = key.filter(|_| written.kind.hold().is_some()) {
            let counts = touched.matches && !written.kind.stands_since_last_change();
            self.count(id, thread, key, counts.then_some(event.at), turn);
        }
    }

    /// Remembers since when the `for` of a wait counts; none = it does not, or the last change tells.
    fn count(&mut self, id: &RunId, thread: u32, key: HoldKey, since: Option<Timestamp>, turn: &mut Turn<'_>) {
        let Some(waiting) = self.run_mut(id).and_then(|run| run.thread_mut(thread)) else { return };
        let before = match since {
            Some(since) => waiting.counts.insert(key, since),
            None => waiting.counts.remove(&key),
        };
        if before != since {
            self.keep_run(id, turn);
        }
    }

    /// Something that was armed in a thread is due.
    pub(super) fn on_run_timer(&mut self, id: &RunId, thread: u32, what: &RunArmed, turn: &mut Turn<'_>) {
        let Some(rule) = self.rule.clone() else { return };
        let Some(run) = self.runs.iter().find(|run| run.id == *id) else { return };
        match what {
            RunArmed::Hold(key) => {
                let Some(written) = run.waits_for(thread, Some(&rule)).get(key.trigger) else { return };
                let Some(subject) = written.subject_of(key, &*turn.world) else { return };
                let decided = written.decided_on(subject, &*turn.world);
                self.go_on(id, thread, decided, turn);
            }
            RunArmed::Schedule { .. } => self.go_on(id, thread, None, turn),
            RunArmed::Limit => self.on_limit(id, thread, turn),
        }
    }

    /// A delay is over, or a wait took too long.
    pub(super) fn on_limit(&mut self, id: &RunId, thread: u32, turn: &mut Turn<'_>) {
        let Some(rule) = self.rule.clone() else { return };
        let Some(pc) = self.run_mut(id).and_then(|run| run.thread(thread).map(|thread| thread.pc)) else { return };
        match rule.program.get(pc).map(|instruction| &instruction.kind) {
            Some(InstructionKind::WaitFor { on_timeout: OnTimeout::Stop, .. }) => {
                self.finish(id, "stopped", Some("what it waited for did not happen in time"), turn);
            }
            _ => self.go_on(id, thread, None, turn),
        }
    }

    /// A wait is over: the thread goes on behind it.
    pub(super) fn go_on(&mut self, id: &RunId, thread: u32, decided: Option<DecidedOn>, turn: &mut Turn<'_>) {
        self.disarm(id, thread, turn);
        if let Some(run) = self.run_mut(id) {
            decided.into_iter().for_each(|decided| run.decide_on(decided));
            if let Some(waiting) = run.thread_mut(thread) {
                waiting.pc += 1;
                waiting.limit = None;
                waiting.resumed = false;
                waiting.counts.clear();
            }
        }
        self.advance(id, thread, turn);
    }

    fn disarm(&mut self, id: &RunId, thread: u32, turn: &mut Turn<'_>) {
        turn.deadlines.cancel_where(
            &self.id,
            |armed| matches!(armed, Armed::Run { run, thread: of, .. } if run == id && *of == thread),
        );
        if let Some(run) = self.runs.iter().find(|run| run.id == *id) {
            run.unwatch(thread, self.rule.as_deref(), &self.id, turn.watches);
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
            self.advance(&next, 0, turn);
        }
    }

    fn end_run(&mut self, id: &RunId, phase: &'static str, detail: Option<&str>, turn: &mut Turn<'_>) {
        turn.deadlines.cancel_where(&self.id, |armed| matches!(armed, Armed::Run { run, .. } if run == id));
        self.leave_trace(id, phase, detail, turn);
        let Some(position) = self.runs.iter().position(|run| run.id == *id) else { return };
        let run = self.runs.remove(position);
        run.unwatch_all(self.rule.as_deref(), &self.id, turn.watches);
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
        self.leave_trace(id, "queued", None, turn);
    }

    /// Keeps where a run is.
    pub(super) fn keep_run(&mut self, id: &RunId, turn: &mut Turn<'_>) {
        let (revision, automation, at) = (self.record.revision, self.id.clone(), turn.now.time());
        let looks_at_trigger = self.rule.as_ref().is_some_and(|rule| rule.looks_at_trigger);
        let Some(run) = self.run_mut(id) else { return };
        let kept = KeptRun::new(revision, run, looks_at_trigger);
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

    pub(super) fn leave_trace(&mut self, id: &RunId, result: &'static str, detail: Option<&str>, turn: &mut Turn<'_>) {
        let is_shadow = self.enabled() == Enabled::Shadow;
        let mut trace = self.trace(turn).with("run", id);
        let Some(run) = self.run_mut(id) else { return };
        if let Some(conditions) = run.why.take() {
            trace.put("trigger", &run.trigger);
            trace.put("conditions", conditions);
        }
        trace.put("actions", std::mem::take(&mut run.did));
        trace.put("result", result);
        if is_shadow {
            trace.put("shadow", true);
        }
        if let Some(detail) = detail {
            trace.put("detail", detail.to_owned());
        }
        turn.out.push(Action::Trace(trace));
    }
}
