//! What is done when the stick does not do what it should: from the gentlest step to the hardest, each with time to
//! help. The steps are proposed here and taken by the caller; nodes are never blamed for the stick.

use std::time::Duration;

use hub_model::Monotonic;

/// What went wrong.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Trouble {
    /// A frame did not reach the stick.
    Undelivered,
    /// A request was acknowledged, but not answered within its time.
    ResponseMissing,
    /// A transmission was accepted, but its callback did not come within its time.
    CallbackMissing,
    /// The stick cannot send: its radio is jammed, or it believes so.
    Jammed,
}

/// What to do.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Step {
    /// Send Data Abort: give up the transmission that hangs.
    Abort,
    /// Serial API Soft Reset: restart the stick, and wait for Serial API Started.
    SoftReset,
    /// Close the port and open it again.
    Reopen,
    /// Tell people that the stick does not answer: they are to unplug it and plug it in again.
    Report,
}

/// How long a step has to help, and what follows.
const LADDER: &[(Step, Duration)] = &[
    // The specification gives a transmission 65 s at most; a stick that aborts calls back at once.
    (Step::Abort, Duration::from_secs(2)),
    // A stick is back after 1.5 s, and says so within 5 s.
    (Step::SoftReset, Duration::from_secs(7)),
    (Step::Reopen, Duration::from_secs(5)),
    // From here on the port is opened again and again: somebody may have plugged the stick in.
    (Step::Report, Duration::ZERO),
    (Step::Reopen, Duration::from_secs(10)),
    (Step::Reopen, Duration::from_secs(30)),
];
/// What happens for ever after the ladder.
const LAST: (Step, Duration) = (Step::Reopen, Duration::from_secs(60));

/// Where on the ladder each trouble begins: what needs a working link is of no use without one.
const BEGINNINGS: &[(Trouble, Step)] = &[
    (Trouble::CallbackMissing, Step::Abort),
    (Trouble::ResponseMissing, Step::SoftReset),
    (Trouble::Jammed, Step::SoftReset),
    (Trouble::Undelivered, Step::Reopen),
];

/// The ladder, and how far up we are.
#[derive(Debug, Default)]
pub struct Recovery {
    under_way: Option<Climb>,
}

#[derive(Debug)]
struct Climb {
    rung: usize,
    /// When the next step is due.
    next: Monotonic,
    /// Whether the step of this rung was handed out.
    proposed: bool,
}

impl Recovery {
    /// Something went wrong. While steps are being taken only something worse changes them.
    pub fn handle_trouble(&mut self, now: Monotonic, trouble: Trouble) {
        let begin = BEGINNINGS.iter().find(|(of, _)| *of == trouble).map_or(Step::SoftReset, |(_, step)| *step);
        let rung = LADDER.iter().position(|(step, _)| *step == begin).unwrap_or_default();
        if self.under_way.as_ref().is_none_or(|climb| climb.rung < rung) {
            self.begin(now, rung);
        }
    }

    /// The stick works: it answered a request, or called back.
    pub fn handle_progress(&mut self) {
        self.under_way = None;
    }

    /// The step that was proposed could not be taken, or did not help: take the next at once.
    pub fn handle_failed_step(&mut self, now: Monotonic) {
        if let Some(climb) = &mut self.under_way {
            climb.next = climb.next.min(now);
            self.handle_timeout(now);
        }
    }

    /// The time of [`Recovery::poll_timeout`] has come.
    pub fn handle_timeout(&mut self, now: Monotonic) {
        if let Some(climb) = self.under_way.as_ref().filter(|climb| climb.proposed && climb.next <= now) {
            self.begin(now, climb.rung.saturating_add(1));
        }
    }

    /// What to do now.
    pub fn poll_step(&mut self) -> Option<Step> {
        let climb = self.under_way.as_mut().filter(|climb| !climb.proposed)?;
        climb.proposed = true;
        Some(rung(climb.rung).0)
    }

    /// When [`Recovery::handle_timeout`] wants to be called.
    pub fn poll_timeout(&self) -> Option<Monotonic> {
        self.under_way.as_ref().map(|climb| climb.next)
    }

    /// Whether the stick is to be shown as not answering: people were told.
    pub fn is_lost(&self) -> bool {
        let report = LADDER.iter().position(|(step, _)| *step == Step::Report);
        self.under_way.as_ref().is_some_and(|climb| Some(climb.rung) >= report)
    }

    fn begin(&mut self, now: Monotonic, number: usize) {
        self.under_way = Some(Climb { rung: number, next: now.plus(rung(number).1), proposed: false });
    }
}

fn rung(number: usize) -> (Step, Duration) {
    LADDER.get(number).copied().unwrap_or(LAST)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Monotonic {
        Monotonic(Duration::from_secs(seconds))
    }

    /// The steps and the seconds at which they are due, if nothing helps.
    fn steps(trouble: Trouble, until: u64) -> Vec<(u64, Step)> {
        let mut recovery = Recovery::default();
        recovery.handle_trouble(at(0), trouble);
        let mut now = at(0);
        let mut steps = Vec::new();
        loop {
            if let Some(step) = recovery.poll_step() {
                steps.push((now.0.as_secs(), step));
                continue;
            }
            match recovery.poll_timeout().filter(|next| *next <= at(until)) {
                Some(next) => now = next,
                None => return steps,
            }
            recovery.handle_timeout(now);
        }
    }

    #[test]
    fn a_callback_that_does_not_come_climbs_the_whole_ladder() {
        use Step::{Abort, Reopen, Report, SoftReset};
        assert_eq!(
            steps(Trouble::CallbackMissing, 180),
            [
                (0, Abort),
                (2, SoftReset),
                (9, Reopen),
                (14, Report),
                (14, Reopen),
                (24, Reopen),
                (54, Reopen),
                (114, Reopen),
                (174, Reopen)
            ]
        );
    }

    #[test]
    fn a_stick_that_hears_nothing_is_not_asked_to_abort() {
        assert_eq!(steps(Trouble::Undelivered, 5), [(0, Step::Reopen), (5, Step::Report), (5, Step::Reopen)]);
    }

    #[test]
    fn progress_ends_it() {
        let mut recovery = Recovery::default();
        recovery.handle_trouble(at(0), Trouble::CallbackMissing);
        assert_eq!(recovery.poll_step(), Some(Step::Abort));
        recovery.handle_progress();
        recovery.handle_timeout(at(100));
        assert_eq!((recovery.poll_step(), recovery.poll_timeout(), recovery.is_lost()), (None, None, false));
    }

    #[test]
    fn only_something_worse_changes_what_is_under_way() {
        let mut recovery = Recovery::default();
        recovery.handle_trouble(at(0), Trouble::ResponseMissing);
        assert_eq!(recovery.poll_step(), Some(Step::SoftReset));
        recovery.handle_trouble(at(1), Trouble::CallbackMissing);
        recovery.handle_trouble(at(1), Trouble::ResponseMissing);
        assert_eq!(recovery.poll_step(), None);
        recovery.handle_trouble(at(2), Trouble::Undelivered);
        assert_eq!(recovery.poll_step(), Some(Step::Reopen));
    }

    #[test]
    fn a_step_that_fails_is_followed_at_once() {
        let mut recovery = Recovery::default();
        recovery.handle_trouble(at(0), Trouble::ResponseMissing);
        assert_eq!(recovery.poll_step(), Some(Step::SoftReset));
        recovery.handle_failed_step(at(1));
        assert_eq!(recovery.poll_step(), Some(Step::Reopen));
        recovery.handle_failed_step(at(1));
        assert_eq!(recovery.poll_step(), Some(Step::Report));
        assert!(recovery.is_lost());
    }
}
