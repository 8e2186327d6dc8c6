//! The wall clock is set, or can be trusted at last. Schedules follow it; waits and the `for` of triggers go by what
//! really passes, so what is kept of them is told anew by the clock as it is set now.
//!
//! After a start on a clock that cannot be trusted, what was kept before is left as it is until the true time is known:
//! only then can be said how late it is.

use hub_model::{Now, RunId, Timestamp, Trust};

use super::deadlines::{Armed, Due, RunArmed, Timer};
use super::entry::{Entry, Turn};
use super::kept::{HoldKey, KeptHold};
use super::{Action, Engine, Schedules, WAIT_FOR_CLOCK};
use crate::wall;
use crate::world::{EmptyWorld, World};

impl Engine {
    /// Notices a wall clock that was set: what counts goes on counting. If it was set back, schedules that lay far
    /// ahead may be near.
    pub(super) fn notice_clock(&mut self, now: &Now, world: &dyn World, out: &mut Vec<Action>) {
        let Some(set_by) = self.wall.look(now) else { return };
        let settled = self.schedules == Schedules::Running;
        for id in self.ids() {
            if let Some((entry, mut turn)) = self.turn(&id, now, world, out) {
                entry.clock_set(set_by, settled, &mut turn);
            }
        }
        if set_by < 0 {
            self.arm_all_schedules(now, out);
        }
    }

    /// Lets schedules run once the clock can be trusted, or has been waited for long enough. What was resumed by a clock
    /// that could not be trusted is settled.
    pub(super) fn run_schedules(&mut self, now: &Now, world: &dyn World, out: &mut Vec<Action>) {
        let Schedules::Waiting { started, stopped_at } = self.schedules else { return };
        let waited = now.mono.since(started) >= WAIT_FOR_CLOCK;
        let trusted = now.wall.trust >= Trust::Lan;
        let goes_without = waited && self.settings.schedules_on_untrusted_clock;
        if !trusted && !goes_without {
            return;
        }
        self.schedules = Schedules::Running;
        for id in self.ids() {
            if let Some((entry, mut turn)) = self.turn(&id, now, world, out) {
                entry.settle_waits(trusted, &mut turn);
            }
            self.run_agenda(now, world, out);
        }
        let up_at = now.time().minus(now.mono.since(started));
        for id in self.ids() {
            if let Some((entry, mut turn)) = self.turn(&id, now, world, out) {
                entry.resume_schedules(stopped_at, up_at, &mut turn);
            }
            self.run_agenda(now, world, out);
        }
    }

    /// Arms the next time of everything that follows the clock.
    pub(super) fn arm_all_schedules(&mut self, now: &Now, out: &mut Vec<Action>) {
        let running = self.schedules == Schedules::Running;
        for id in self.ids() {
            if let Some((entry, mut turn)) = self.turn(&id, now, &EmptyWorld::default(), out) {
                if running {
                    entry.arm_schedules(&mut turn);
                }
                entry.arm_times_of_waits(&mut turn);
            }
        }
    }
}

impl Entry {
    /// The wall clock was set forward by so many milliseconds, or back. `settled`: how late things are that were
    /// resumed is known, or will not be.
    pub(super) fn clock_set(&mut self, set_by: i64, settled: bool, turn: &mut Turn<'_>) {
        let waiting = self.runs.iter().filter(|run| !run.queued).map(|run| run.id.clone());
        for id in waiting.collect::<Vec<_>>() {
            self.set_waits(&id, set_by, turn);
        }
        for (key, (since, _)) in self.holds.clone() {
            if settled || turn.wall.contains(since) {
                self.set_hold(key, since, |before| before.saturating_add(set_by), turn);
            }
        }
        if set_by < 0 {
            self.keep_what_fired(turn);
        }
    }

    /// The wall clock was set back: a `for` that has fired, or was over before the rule looked, seems to count still. That
    /// it does not is kept.
    fn keep_what_fired(&mut self, turn: &mut Turn<'_>) {
        let Some(rule) = self.active() else { return };
        for (trigger, written) in rule.triggers.iter().enumerate() {
            for subject in 0..written.subjects(&*turn.world) {
                let Some(key) = written.hold_key(trigger, subject, &*turn.world) else { continue };
                if self.holds.contains_key(&key) {
                    continue;
                }
                let fired = self.remembered_hold(trigger, subject, &*turn.world).filter(|hold| hold.fired);
                let since = match fired {
                    Some(hold) => Some(Timestamp(hold.since)),
                    None => self.counts_since(trigger, subject, turn).map(|(since, _)| since),
                };
                let key = since.and_then(|since| self.remember_hold(trigger, subject, since, true, &*turn.world));
                if let Some(key) = key {
                    self.keep_hold(&key, Vec::new(), turn);
                }
            }
        }
    }

    /// Tells the times of a run that waits anew, and keeps them.
    fn set_waits(&mut self, id: &RunId, set_by: i64, turn: &mut Turn<'_>) {
        let rule = self.rule.clone();
        let Some(run) = self.runs.iter_mut().find(|run| run.id == *id) else { return };
        let moved = |time: Timestamp| Timestamp(time.0.saturating_add(set_by));
        for index in 0..run.threads.len() {
            let Some(thread) = run.threads.get(index).filter(|thread| !thread.joins) else { continue };
            let (number, resumed) = (thread.number, thread.resumed);
            let mut counts = thread.counts.clone();
            for since in counts.values_mut().filter(|since| !resumed || turn.wall.contains(**since)) {
                *since = moved(*since);
            }
            // After a stop, the last change would be told by a clock that is no more.
            for (trigger, written) in run.waits_for(number, rule.as_deref()).iter().enumerate() {
                for subject in 0..written.subjects(&*turn.world) {
                    let Some(key) = written.hold_key(trigger, subject, &*turn.world) else { continue };
                    let Some(told) = written.stands_since(subject, turn.now.time(), &*turn.world) else { continue };
                    let here = turn.wall.contains(told);
                    if here || !resumed {
                        let since = if here { turn.wall.by_present_clock(told) } else { moved(told) };
                        counts.entry(key).or_insert(since);
                    }
                }
            }
            let Some(thread) = run.threads.get_mut(index) else { continue };
            thread.counts = counts;
            if !resumed {
                thread.since = moved(thread.since);
                thread.limit = thread.limit.map(|(until, left)| (moved(until), left));
            }
        }
        self.keep_run(id, turn);
    }

    /// Remembers by how much the clock was set while the `for` of a trigger counted.
    fn set_hold(&mut self, key: HoldKey, since: Timestamp, set_by: impl FnOnce(i64) -> i64, turn: &mut Turn<'_>) {
        let known = self.remembered.remove(&key).filter(|hold| hold.since == since.0 && !hold.fired);
        let mut hold = known.unwrap_or_else(|| KeptHold::new(self.record.revision, key.clone(), since, false));
        hold.set_by = set_by(hold.set_by);
        self.remembered.insert(key.clone(), hold);
        self.keep_hold(&key, Vec::new(), turn);
    }

    /// The clock can be trusted now, or is not waited for any longer: what was resumed is settled. If it is trusted,
    /// what really ended before the hub was up is handled by the rule's policy.
    pub(super) fn settle_waits(&mut self, trusted: bool, turn: &mut Turn<'_>) {
        let resumed = self.runs.iter().filter(|run| !run.queued && run.threads.iter().any(|thread| thread.resumed));
        for id in resumed.map(|run| run.id.clone()).collect::<Vec<_>>() {
            if trusted {
                self.resume_run(&id, false, turn);
            }
            self.settle_limits(&id, turn);
        }
        for (key, (since, _)) in self.holds.clone() {
            if !turn.wall.contains(since) {
                self.settle_hold(key, since, trusted, turn);
            }
        }
    }

    /// What is armed counts from now on.
    fn settle_limits(&mut self, id: &RunId, turn: &mut Turn<'_>) {
        let mut changed = false;
        let Some(run) = self.runs.iter_mut().find(|run| run.id == *id) else { return };
        for thread in run.threads.iter_mut().filter(|thread| thread.resumed) {
            thread.resumed = false;
            let what = Armed::Run { run: id.clone(), thread: thread.number, what: RunArmed::Limit };
            let timer = Timer { automation: self.id.clone(), what };
            let Some(((until, _), left)) = thread.limit.as_mut().zip(turn.deadlines.left(&timer, turn.now)) else {
                continue;
            };
            let ends = turn.now.time().plus(left);
            changed |= wall::differ(ends.since(*until), until.since(ends));
            *until = ends;
        }
        if changed {
            self.keep_run(id, turn);
        }
    }

    fn settle_hold(&mut self, key: HoldKey, since: Timestamp, trusted: bool, turn: &mut Turn<'_>) {
        let Some(rule) = self.active() else { return };
        let Some(hold) = rule.triggers.get(key.trigger).and_then(|written| written.kind.hold()) else { return };
        let timer = self.timer(Armed::Hold(key.clone()));
        let Some(armed) = turn.deadlines.left(&timer, turn.now) else { return };
        let set_by = self.remembered.get(&key).map_or(0, |remembered| remembered.set_by);
        let due = Timestamp(since.0.saturating_add(set_by)).plus(hold);
        let time = turn.now.time();
        if trusted && due <= time {
            turn.deadlines.cancel(&timer);
            return self.catch_up_hold(&key, due, turn);
        }
        let left = if trusted { armed.min(due.since(time)) } else { armed };
        turn.deadlines.arm(timer, Due::Elapsed(Self::due_in(left, turn.now)));
        let ends = time.plus(left);
        if wall::differ(ends.since(due), due.since(ends)) {
            self.set_hold(key, since, |_| ends.minus(hold).0.saturating_sub(since.0), turn);
        }
    }

    /// The `for` of a trigger ended before the hub was up.
    pub(super) fn catch_up_hold(&mut self, key: &HoldKey, due: Timestamp, turn: &mut Turn<'_>) {
        let Some(rule) = self.active() else { return };
        let Some(written) = rule.triggers.get(key.trigger) else { return };
        let late = turn.now.time().since(due);
        match written.subject_of(key, &*turn.world) {
            Some(subject) if rule.catch_up.waits.allows(late) => {
                self.on_hold(key.trigger, subject, due, Some(late), turn);
            }
            Some(_) => {
                self.holds.remove(key);
                self.missed(due, written.kind.word(), &written.path, turn);
            }
            None => drop(self.holds.remove(key)),
        }
    }

    /// Devices and people come and go: what counts at one that is no longer watched counts no more.
    pub(super) fn drop_holds_of_gone(&mut self, turn: &mut Turn<'_>) {
        let Some(rule) = self.active() else { return };
        let is_watched = |key: &HoldKey| {
            rule.triggers.get(key.trigger).is_some_and(|written| written.subject_of(key, &*turn.world).is_some())
        };
        let gone: Vec<HoldKey> = self.holds.keys().filter(|key| !is_watched(key)).cloned().collect();
        for key in gone {
            turn.deadlines.cancel(&self.timer(Armed::Hold(key.clone())));
            self.holds.remove(&key);
        }
    }
}
