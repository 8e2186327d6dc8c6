//! Everything that is armed, in one ordered queue. What lies at the same instant comes in the order of its name, so
//! that a restarted engine does things in the same order.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use hub_model::{AutomationId, Monotonic, Now, RunId, Timestamp};

use super::kept::HoldKey;

/// What is armed.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Timer {
    pub(super) automation: AutomationId,
    pub(super) what: Armed,
}

/// What is armed for a rule. Indices name a trigger; one of the things it watches has a name that stays, whoever comes
/// before it later.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Armed {
    /// The `for` of a trigger.
    Hold(HoldKey),
    /// The next time of a trigger.
    Schedule { trigger: usize },
    /// Something in one of the threads of a run.
    Run { run: RunId, thread: u32, what: RunArmed },
}

/// What is armed in a run. At the same instant, what was waited for comes before the limit.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum RunArmed {
    /// The `for` of what it waits for.
    Hold(HoldKey),
    /// The time it waits for.
    Schedule { trigger: usize },
    /// The end of a delay, or the longest a wait may take.
    Limit,
}

/// When something is due: after some time has passed, or when the wall clock shows a time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Due {
    Elapsed(Monotonic),
    Wall(Timestamp),
}

#[derive(Debug, Default)]
pub(super) struct Deadlines {
    elapsed: BTreeSet<(Monotonic, Timer)>,
    wall: BTreeSet<(Timestamp, Timer)>,
    due: BTreeMap<Timer, Due>,
}

impl Deadlines {
    /// Arms a timer, anew if it was armed.
    pub(super) fn arm(&mut self, timer: Timer, due: Due) {
        self.cancel(&timer);
        match due {
            Due::Elapsed(at) => self.elapsed.insert((at, timer.clone())),
            Due::Wall(at) => self.wall.insert((at, timer.clone())),
        };
        self.due.insert(timer, due);
    }

    pub(super) fn cancel(&mut self, timer: &Timer) {
        match self.due.remove(timer) {
            Some(Due::Elapsed(at)) => self.elapsed.remove(&(at, timer.clone())),
            Some(Due::Wall(at)) => self.wall.remove(&(at, timer.clone())),
            None => false,
        };
    }

    /// How much is left until a timer is due that counts what passes; none = there is no such.
    pub(super) fn left(&self, timer: &Timer, now: &Now) -> Option<Duration> {
        match self.due.get(timer)? {
            Due::Elapsed(at) => Some(at.since(now.mono)),
            Due::Wall(_) => None,
        }
    }

    /// Cancels what is armed for a rule and fits.
    pub(super) fn cancel_where(&mut self, automation: &AutomationId, fits: impl Fn(&Armed) -> bool) {
        let first = Timer { automation: automation.clone(), what: Armed::Hold(HoldKey::default()) };
        let found: Vec<Timer> = self
            .due
            .range(first..)
            .map(|(timer, _)| timer)
            .take_while(|timer| timer.automation == *automation)
            .filter(|timer| fits(&timer.what))
            .cloned()
            .collect();
        for timer in &found {
            self.cancel(timer);
        }
    }

    /// Takes the earliest that is due, with the wall time at which it was.
    pub(super) fn pop(&mut self, now: &Now) -> Option<(Timer, Timestamp)> {
        let elapsed = self
            .elapsed
            .first()
            .filter(|(at, _)| *at <= now.mono)
            .map(|(at, timer)| (now.time().minus(now.mono.since(*at)), timer));
        let wall = self.wall.first().filter(|(at, _)| *at <= now.time()).map(|(at, timer)| (*at, timer));
        let (at, timer) = match (elapsed, wall) {
            (Some(elapsed), Some(wall)) => elapsed.min(wall),
            (elapsed, wall) => elapsed.or(wall)?,
        };
        let timer = timer.clone();
        self.cancel(&timer);
        Some((timer, at))
    }

    /// When the earliest is due.
    pub(super) fn next(&self, now: &Now) -> Option<Monotonic> {
        let elapsed = self.elapsed.first().map(|(at, _)| *at);
        let wall = self.wall.first().map(|(at, _)| now.mono.plus(at.since(now.time())));
        [elapsed, wall].into_iter().flatten().min()
    }

    /// When the earliest is due of what follows from something that happened: no trigger that only waits for its time.
    pub(super) fn next_wait(&self, now: &Now) -> Option<Monotonic> {
        let waits = |timer: &Timer| !matches!(timer.what, Armed::Schedule { .. });
        let elapsed = self.elapsed.iter().find(|(_, timer)| waits(timer)).map(|(at, _)| *at);
        let wall = self.wall.iter().find(|(_, timer)| waits(timer));
        let wall = wall.map(|(at, _)| now.mono.plus(at.since(now.time())));
        [elapsed, wall].into_iter().flatten().min()
    }
}
