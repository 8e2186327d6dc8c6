//! Says when rules run by a clock that nobody has confirmed.

use std::time::Duration;

use hub_model::event::Severity;
use hub_model::{Monotonic, Now, Trust};

use crate::core::Core;

/// A word for programs.
const CODE: &str = "clock_untrusted";
/// A time server is heard within this after most starts.
const HEARD_WITHIN: Duration = Duration::from_secs(600);

/// A wall clock that goes that much otherwise than time does has been set.
pub(crate) const CLOCK_JUMP: Duration = Duration::from_secs(2);

/// By how much the wall clock went forth or back since `before`, beside the time that really passed.
pub(crate) fn drift(now: &Now, before: &Now) -> Duration {
    let expected = before.time().plus(now.mono.since(before.mono));
    now.time().since(expected).max(expected.since(now.time()))
}

impl Core {
    /// Notes when the wall clock jumps.
    pub(crate) fn follow_clock(&mut self, now: &Now) {
        let before = std::mem::replace(&mut self.seen, *now);
        let jumped = drift(now, &before) > CLOCK_JUMP;
        if jumped {
            self.table.steady_since = now.time();
        }
        if jumped || before.wall.trust != now.wall.trust {
            self.permissions_may_turn(now);
        }
    }

    /// Raises or ends the alert about the clock.
    pub(crate) fn note_clock(&mut self, now: &Now) {
        if now.wall.trust > Trust::Persisted {
            return self.resolve(now, CODE);
        }
        if now.mono < Monotonic(HEARD_WITHIN) {
            return;
        }
        let consequence = if self.schedules_on_untrusted_clock {
            "rules by the time of day and the sun run by it, and may be wrong"
        } else {
            "rules by the time of day and the sun do not run"
        };
        let text = format!(
            "the time of this hub ({}) is a guess, as no time server was heard since it was started: {consequence}; \
             connect it to the internet, or set the clock with `hearth home clock TIME`",
            now.time()
        );
        if !self.alerts.iter().any(|alert| &*alert.code == CODE) {
            self.raise(now, CODE, Severity::Warning, text.into());
        }
    }

    /// When [`Core::note_clock`] has something to say.
    pub(crate) fn clock_alert_at(&self, now: &Now) -> Option<Monotonic> {
        let is_due = now.wall.trust == Trust::Persisted && now.mono < Monotonic(HEARD_WITHIN);
        is_due.then_some(Monotonic(HEARD_WITHIN))
    }
}
