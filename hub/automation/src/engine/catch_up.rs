//! What fell into the time the hub was down: by each rule's policy it is done late or ends there, and is reported.
//!
//! What the state tells is not kept twice: the `for` of a trigger is counted anew from the time at which the retained
//! value changed. The value is taken to have stood all the while.

use std::sync::Arc;
use std::time::Duration;

use hub_model::record::DecidedOn;
use hub_model::{RunId, Timestamp};

use super::Action;
use super::deadlines::{Armed, Due, RunArmed};
use super::entry::{Entry, Fired, Remembered, Turn, told_by_state};
use super::facts::{Facts, What};
use super::kept::{KeptHold, KeptRun};
use super::run::{Run, earliest};
use crate::document::words::format_duration;
use crate::rule::TriggerKind;
use crate::wall;

/// A time of a schedule that is handled later than this was missed: the clock jumped.
const ON_TIME: Duration = Duration::from_secs(600);
/// A wait that ended while the hub was down.
struct Ended {
    moment: Timestamp,
    /// What was waited for came about; else it took too long.
    came_about: bool,
    decided: Option<DecidedOn>,
}

/// Whether a trigger says what must stand while its `for` counts.
fn has_goal(kind: &TriggerKind) -> bool {
    match kind {
        TriggerKind::State { to, .. } => to.is_some(),
        TriggerKind::Availability { to, .. } => to.is_some(),
        TriggerKind::Presence { to, .. } => to.is_some(),
        TriggerKind::Mode { to, .. } => to.is_some(),
        _ => true,
    }
}

/// Times this close ahead of a clock that was set back have already been.
const SET_BACK: Duration = Duration::from_secs(12 * 3_600);

impl Entry {
    /// Takes up a run, or the `for` of a trigger, that was kept.
    pub(super) fn take_up(&mut self, id: RunId, state: &[u8], turn: &mut Turn<'_>) {
        if let Some(hold) = KeptHold::read(state) {
            if hold.rev == self.record.revision && self.active().is_some() {
                self.remembered.insert(hold.of.clone(), hold);
            } else {
                super::drop_kept_run(&self.id, &id, turn);
            }
            return;
        }
        let kept = KeptRun::read(state);
        let trouble = match (&kept, self.active()) {
            (None, _) => Some(("failed", "what was kept of it cannot be read")),
            (Some(_), None) => Some(("stopped", "the rule cannot run any more or is switched off")),
            (Some(kept), Some(rule))
                if kept.rev != self.record.revision
                    || kept.threads.iter().any(|thread| thread.pc > rule.program.len()) =>
            {
                Some(("stopped", "the rule was changed"))
            }
            _ => None,
        };
        if let (Some(kept), None) = (kept, trouble) {
            self.runs.push(Run::resumed(id, kept));
        } else if let Some((phase, detail)) = trouble {
            super::drop_kept_run(&self.id, &id, turn);
            self.tell(&id, phase, Some(detail.to_owned()), turn.out);
        }
    }

    /// Goes on with the runs that were taken up.
    pub(super) fn resume_runs(&mut self, turn: &mut Turn<'_>) {
        self.runs.sort_by(|left, right| (left.started_at, &left.id).cmp(&(right.started_at, &right.id)));
        let runs: Vec<(RunId, bool)> = self.runs.iter().map(|run| (run.id.clone(), run.queued)).collect();
        for (id, queued) in runs {
            if queued {
                self.tell(&id, "resumed", Some("it waits for its turn".to_owned()), turn.out);
            } else {
                self.resume_run(&id, true, turn);
            }
        }
        self.start_next(turn);
    }

    /// Goes on with each thread of a run that was taken up, in the order in which their waits ended while the hub was
    /// down. Done again once the clock can be trusted, it finds how late they really are.
    pub(super) fn resume_run(&mut self, id: &RunId, at_start: bool, turn: &mut Turn<'_>) {
        let Some(run) = self.runs.iter().find(|run| run.id == *id) else { return };
        let waiting = run.threads.iter().filter(|thread| !thread.joins && thread.resumed);
        let waiting: Vec<u32> = waiting.map(|thread| thread.number).collect();
        let mut ended: Vec<(Ended, u32)> = Vec::new();
        let mut goes_on = Vec::new();
        for thread in waiting {
            match self.ended(id, thread, turn) {
                Some(wait) => ended.push((wait, thread)),
                None => goes_on.push(thread),
            }
        }
        ended.sort_by_key(|(wait, thread)| (wait.moment, *thread));
        // What is missed ends the whole run.
        let allows = |wait: &Ended| {
            let late = turn.now.time().since(wait.moment);
            self.active().is_some_and(|rule| rule.catch_up.waits.allows(late))
        };
        if let Some(missed) = ended.iter().position(|(wait, _)| !allows(wait)) {
            let (wait, thread) = ended.swap_remove(missed);
            return self.end_wait_late(id, thread, wait, turn);
        }
        for thread in goes_on {
            let limit = self.runs.iter().find(|run| run.id == *id).and_then(|run| run.thread(thread)?.limit);
            let timer = self.timer(Armed::Run { run: id.clone(), thread, what: RunArmed::Limit });
            let armed = turn.deadlines.left(&timer, turn.now);
            let left = limit.map(|(until, left)| until.since(turn.now.time()).min(armed.unwrap_or(left)));
            let detail =
                left.map_or("it goes on waiting".to_owned(), |left| format!("it waits {} more", format_duration(left)));
            if self.arm_wait(id, thread, left, turn) {
                self.keep_run(id, turn);
            }
            if at_start || armed.zip(left).is_some_and(|(armed, left)| wall::differ(armed, left)) {
                self.tell(id, "resumed", Some(detail), turn.out);
            }
        }
        for (wait, thread) in ended {
            self.end_wait_late(id, thread, wait, turn);
        }
    }

    /// The wait of a thread, if it ended while the hub was down: what it waits for may have come about, its time may
    /// have passed; whichever was first counts.
    fn ended(&self, id: &RunId, thread: u32, turn: &Turn<'_>) -> Option<Ended> {
        let rule = self.active()?;
        let run = self.runs.iter().find(|run| run.id == *id)?;
        let (limit, since) = run.thread(thread).map(|thread| (thread.limit, thread.since))?;
        let time = turn.now.time();
        let triggers = run.waits_for(thread, Some(&rule));
        let standing = earliest(run.standing(thread, Some(&rule), time, turn.wall, &*turn.world));
        let clock = triggers.iter().filter_map(|written| written.next_time(turn.site, since)).min();
        let come_about =
            [standing.as_ref().map(|standing| standing.moment.max(since)), clock].into_iter().flatten().min();
        let come_about = come_about.filter(|moment| *moment <= time);
        let too_long = limit.map(|(until, _)| until).filter(|until| *until <= time);
        let moment = [come_about, too_long].into_iter().flatten().min()?;
        let decided = standing
            .filter(|standing| standing.moment <= time)
            .and_then(|standing| triggers.get(standing.trigger)?.decided_on(standing.subject, &*turn.world));
        Some(Ended { moment, came_about: come_about == Some(moment), decided })
    }

    fn end_wait_late(&mut self, id: &RunId, thread: u32, wait: Ended, turn: &mut Turn<'_>) {
        let Some(rule) = self.active() else { return };
        // Another thread may have ended the run.
        if self.runs.iter().find(|run| run.id == *id).and_then(|run| run.thread(thread)).is_none() {
            return;
        }
        let late = turn.now.time().since(wait.moment);
        let detail = format!("its wait ended at {}, {} ago", wait.moment, format_duration(late));
        if !rule.catch_up.waits.allows(late) {
            self.tell(id, "missed", Some(detail), turn.out);
            self.finish(id, "stopped", Some("its wait ended while the hub was down"), turn);
            return;
        }
        self.tell(id, "late", Some(detail), turn.out);
        if wait.came_about {
            self.go_on(id, thread, wait.decided, turn);
        } else {
            self.on_limit(id, thread, turn);
        }
    }

    /// Counts the `for` of each trigger anew from what stands. What fell due after `stopped_at` is caught up; none =
    /// nothing is.
    pub(super) fn resume_holds(&mut self, turn: &mut Turn<'_>, stopped_at: Option<Timestamp>) {
        let Some(rule) = self.active() else { return };
        let time = turn.now.time();
        for (trigger, written) in rule.triggers.iter().enumerate() {
            let Some(hold) = written.kind.hold() else { continue };
            for subject in 0..written.subjects(&*turn.world) {
                let Some(key) = written.hold_key(trigger, subject, &*turn.world) else { continue };
                if self.holds.contains_key(&key) {
                    continue;
                }
                let Some((since, counts_from)) = self.counts_since(trigger, subject, turn) else { continue };
                let due = counts_from.plus(hold);
                if due > time {
                    let left = due.since(time).min(hold);
                    let timer = self.timer(Armed::Hold(key.clone()));
                    turn.deadlines.arm(timer, Due::Elapsed(Self::due_in(left, turn.now)));
                    self.holds.insert(key, (since, 1));
                } else if stopped_at.is_some_and(|stopped_at| due > stopped_at) {
                    self.holds.insert(key.clone(), (since, 1));
                    self.catch_up_hold(&key, due, turn);
                }
            }
        }
    }

    /// Since when the `for` of a trigger counts at a subject, by the state and what is remembered: as it was written
    /// down, and by the clock as it is set now. None = it does not count, or it has fired.
    pub(super) fn counts_since(
        &self,
        trigger: usize,
        subject: usize,
        turn: &Turn<'_>,
    ) -> Option<(Timestamp, Timestamp)> {
        let rule = self.rule.as_ref()?;
        let remembered = self.remembered_hold(trigger, subject, &*turn.world);
        let written = rule.triggers.get(trigger)?;
        let stands = match &written.kind {
            TriggerKind::State { watched, to: None, .. } => watched.get(subject)?.state(&*turn.world)?.changed_at?,
            kind if kind.stands_since_last_change() => written.stands_since(subject, turn.now.time(), &*turn.world)?,
            // A trigger that does not say where to counts from whatever happened; the others must still stand.
            kind => {
                if has_goal(kind) {
                    written.stands_since(subject, turn.now.time(), &*turn.world)?;
                }
                Timestamp(remembered?.since)
            }
        };
        let needs_memory = !told_by_state(&rule.triggers.get(trigger)?.kind);
        let same = remembered.filter(|remembered| remembered.since == stands.0);
        let counts = match same {
            Some(remembered) => !remembered.fired,
            // A change before the rule was there did not set it off. A rule of the future was saved before the clock was
            // set back: what the clock shows by now came behind it.
            None => {
                let saved_at = self.record.changed_at;
                !needs_memory && (stands >= saved_at || (stands..saved_at).contains(&turn.now.time()))
            }
        };
        let counts_from = match same {
            Some(remembered) if remembered.set_by != 0 => Timestamp(stands.0.saturating_add(remembered.set_by)),
            _ => turn.wall.by_present_clock(stands),
        };
        counts.then_some((stands, counts_from))
    }

    /// Says that something was missed.
    pub(super) fn missed(&mut self, at: Timestamp, kind: &'static str, path: &Arc<str>, turn: &mut Turn<'_>) {
        let run = self.new_run_id(at);
        let detail = format!("{path} was due at {at}, while the hub was down");
        let what = Facts::new().with("kind", kind).with("path", path).with("at", at);
        let trace = self.trace(turn).with("trigger", what).with("result", "missed").with("detail", detail.clone());
        turn.out.push(Action::Trace(trace));
        self.tell(&run, "missed", Some(detail), turn.out);
    }

    /// The first time of a schedule trigger that is still to come. After the clock was set back, a time that has
    /// already been does not come again; what comes often is not silent for longer than it would be otherwise.
    fn next_schedule(&self, trigger: usize, turn: &Turn<'_>) -> Option<Timestamp> {
        let time = turn.now.time();
        let written = self.rule.as_ref()?.triggers.get(trigger)?;
        let last = self.memory.last_time(trigger).filter(|last| *last > time);
        let last = last.filter(|last| last.since(time) <= SET_BACK.min(written.period(turn.site, time)));
        written.next_time(turn.site, last.unwrap_or(time))
    }

    /// Arms the next time of every schedule trigger.
    pub(super) fn arm_schedules(&self, turn: &mut Turn<'_>) {
        for trigger in 0..self.active().map_or(0, |rule| rule.triggers.len()) {
            self.arm_schedule(trigger, turn);
        }
    }

    fn arm_schedule(&self, trigger: usize, turn: &mut Turn<'_>) {
        let timer = self.timer(Armed::Schedule { trigger });
        match self.next_schedule(trigger, turn) {
            Some(at) => turn.deadlines.arm(timer, Due::Wall(at)),
            None => turn.deadlines.cancel(&timer),
        }
    }

    /// Catches up with the schedules: those up to `up_at`, when the hub was up again, by the policy; those behind it
    /// only waited for a better clock and are done.
    pub(super) fn resume_schedules(&mut self, stopped_at: Option<Timestamp>, up_at: Timestamp, turn: &mut Turn<'_>) {
        let Some(rule) = self.active() else { return };
        let time = turn.now.time();
        for (trigger, written) in rule.triggers.iter().enumerate().filter(|(_, written)| written.is_schedule()) {
            let asleep_since = stopped_at.unwrap_or(up_at).max(self.record.changed_at);
            let after = self.memory.last_time(trigger).map_or(asleep_since, |last| last.max(asleep_since));
            if let Some(newest) = written.last_time(turn.site, after, time) {
                self.handle_time(trigger, newest, newest > up_at, turn);
            }
            self.arm_schedule(trigger, turn);
        }
    }

    /// A time of a schedule trigger has come.
    pub(super) fn on_schedule(&mut self, trigger: usize, at: Timestamp, turn: &mut Turn<'_>) {
        let on_time = turn.now.time().since(at) <= ON_TIME;
        self.handle_time(trigger, at, on_time, turn);
        self.arm_schedule(trigger, turn);
    }

    fn handle_time(&mut self, trigger: usize, at: Timestamp, up: bool, turn: &mut Turn<'_>) {
        let Some(rule) = self.active() else { return };
        let Some(written) = rule.triggers.get(trigger) else { return };
        let late = turn.now.time().since(at);
        if !up && !rule.catch_up.schedules.allows(late) {
            return self.missed(at, written.kind.word(), &written.path, turn);
        }
        let what = What::from(super::trace::about(written, trigger, 0, &*turn.world).with("at", at)).into();
        let late = (!up || late > ON_TIME).then_some(late);
        self.fire(
            Fired { at, depth: 1, decided_on: None, what, late, remembered: Remembered::Schedule(trigger) },
            turn,
        );
    }
}
