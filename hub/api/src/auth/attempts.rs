//! Brute force is slowed down: after a few failures each further attempt has to wait, longer and longer. Counted per
//! account and per source, so that neither many sources nor many names help. Bounded: the oldest are forgotten.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use hub_model::Monotonic;

/// How many subjects are remembered.
const REMEMBERED: usize = 4_096;
/// A subject without a failure for so long starts anew.
const FORGIVEN_AFTER: Duration = Duration::from_secs(30 * 60);

/// Whose failures are counted.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Subject {
    /// An account, by its name as it was typed (it may not exist).
    Account(String),
    /// A source.
    Source(IpAddr),
    /// The set-up code as a whole.
    SetupCode,
    /// A source that calls webhooks.
    Webhook(IpAddr),
}

impl Subject {
    /// How many failures are free, and the longest delay. That of an account is short: a stranger must not be able to
    /// lock its person out.
    fn policy(&self) -> (u32, Duration) {
        match self {
            Self::Account(_) => (5, Duration::from_secs(30)),
            Self::Source(_) | Self::Webhook(_) => (10, Duration::from_secs(15 * 60)),
            Self::SetupCode => (5, Duration::from_secs(60)),
        }
    }
}

#[derive(Clone, Copy, Debug)]
struct Failures {
    count: u32,
    last: Monotonic,
}

/// The failures of late.
#[derive(Debug, Default)]
pub(crate) struct Attempts {
    failures: Mutex<HashMap<Subject, Failures>>,
}

impl Attempts {
    /// How long `subject` has to wait before the next attempt; none = it may try now.
    pub(crate) fn wait(&self, subject: &Subject, now: Monotonic) -> Option<Duration> {
        let failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        let of_late = failures.get(subject)?;
        let (free, longest) = subject.policy();
        let beyond = of_late.count.checked_sub(free)?;
        let delay = Duration::from_secs(1u64 << beyond.min(20)).min(longest);
        delay.checked_sub(now.since(of_late.last)).filter(|wait| !wait.is_zero())
    }

    /// An attempt failed.
    pub(crate) fn failed(&self, subject: Subject, now: Monotonic) {
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        if failures.len() >= REMEMBERED && !failures.contains_key(&subject) {
            failures.retain(|_, of_late| now.since(of_late.last) < FORGIVEN_AFTER);
            if failures.len() >= REMEMBERED {
                let oldest =
                    failures.iter().min_by_key(|(_, of_late)| of_late.last).map(|(subject, _)| subject.clone());
                oldest.and_then(|oldest| failures.remove(&oldest));
            }
        }
        let of_late = failures.entry(subject).or_insert(Failures { count: 0, last: now });
        if now.since(of_late.last) >= FORGIVEN_AFTER {
            of_late.count = 0;
        }
        *of_late = Failures { count: of_late.count.saturating_add(1), last: now };
    }

    /// An attempt succeeded.
    pub(crate) fn succeeded(&self, subject: &Subject) {
        self.failures.lock().unwrap_or_else(PoisonError::into_inner).remove(subject);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_grow_and_are_forgiven() {
        let attempts = Attempts::default();
        let subject = Subject::Account("anna".to_owned());
        let mut now = Monotonic::default();
        let mut waits = Vec::new();
        for _ in 0..12 {
            attempts.failed(subject.clone(), now);
            waits.push(attempts.wait(&subject, now).map_or(0, |wait| wait.as_secs()));
        }
        assert_eq!(waits, [0, 0, 0, 0, 1, 2, 4, 8, 16, 30, 30, 30]);
        now = now.plus(Duration::from_secs(30));
        assert_eq!(attempts.wait(&subject, now), None);
        now = now.plus(FORGIVEN_AFTER);
        attempts.failed(subject.clone(), now);
        assert_eq!(attempts.wait(&subject, now), None);
    }

    #[test]
    fn memory_is_bounded() {
        let attempts = Attempts::default();
        for number in 0..(REMEMBERED as u64 + 500) {
            attempts.failed(Subject::Account(number.to_string()), Monotonic(Duration::from_millis(number)));
        }
        assert_eq!(attempts.failures.lock().unwrap().len(), REMEMBERED);
    }
}
