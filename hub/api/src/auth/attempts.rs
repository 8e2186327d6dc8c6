//! Brute force is slowed down: after a few failures each further attempt has to wait, longer and longer. Counted per
//! account and per source, so that neither many sources nor many names help. A source from which somebody lately
//! logged in does not wait for what others do to the account. Bounded: the oldest are forgotten.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use hub_model::Monotonic;

use crate::guard::source_of;

/// How many subjects are remembered.
const REMEMBERED: usize = 4_096;
/// A subject without a failure for so long starts anew.
const FORGIVEN_AFTER: Duration = Duration::from_secs(30 * 60);
/// So long a source is known from which somebody logged in.
const KNOWN_FOR: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// Whose failures are counted.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Subject {
    /// An account, by its name as it was typed (it may not exist).
    Account(String),
    /// A source as a whole.
    Source(IpAddr),
    /// The set-up code as a whole.
    SetupCode,
    /// A source that calls webhooks.
    Webhook(IpAddr),
}

/// An attempt to log in.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Origin {
    /// The account's name as it was typed.
    pub(crate) account: String,
    /// From where; none by the local socket.
    pub(crate) source: Option<IpAddr>,
}

impl Origin {
    fn account(&self) -> Subject {
        Subject::Account(self.account.clone())
    }

    fn whole(&self) -> Self {
        Self { account: self.account.clone(), source: self.source.map(source_of) }
    }
}

impl Subject {
    /// A source, whichever of its addresses it uses.
    pub(crate) fn source(address: IpAddr) -> Self {
        Self::Source(source_of(address))
    }

    /// The same for webhooks.
    pub(crate) fn webhook(address: IpAddr) -> Self {
        Self::Webhook(source_of(address))
    }

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
    /// From where people lately logged in, and when.
    known: Mutex<HashMap<Origin, Monotonic>>,
}

/// Makes room for one more: forgets what is older than `life`, and the oldest.
fn make_room<K: Clone + Eq + Hash, V>(
    table: &mut HashMap<K, V>,
    life: Duration,
    now: Monotonic,
    at: impl Fn(&V) -> Monotonic,
) {
    if table.len() < REMEMBERED {
        return;
    }
    table.retain(|_, value| now.since(at(value)) < life);
    if table.len() >= REMEMBERED {
        let oldest = table.iter().min_by_key(|(_, value)| at(value)).map(|(key, _)| key.clone());
        oldest.and_then(|oldest| table.remove(&oldest));
    }
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
        if !failures.contains_key(&subject) {
            make_room(&mut failures, FORGIVEN_AFTER, now, |of_late| of_late.last);
        }
        let of_late = failures.entry(subject).or_insert(Failures { count: 0, last: now });
        if now.since(of_late.last) >= FORGIVEN_AFTER {
            of_late.count = 0;
        }
        *of_late = Failures { count: of_late.count.saturating_add(1), last: now };
    }

    fn forget(&self, subject: &Subject) {
        self.failures.lock().unwrap_or_else(PoisonError::into_inner).remove(subject);
    }

    /// How long a login has to wait; none = it may try now.
    pub(crate) fn login_wait(&self, from: &Origin, now: Monotonic) -> Option<Duration> {
        let of_source = from.source.and_then(|source| self.wait(&Subject::source(source), now));
        let of_account = if self.is_known(from, now) { None } else { self.wait(&from.account(), now) };
        of_source.max(of_account)
    }

    fn is_known(&self, from: &Origin, now: Monotonic) -> bool {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        from.source.is_some() && known.get(&from.whole()).is_some_and(|at| now.since(*at) < KNOWN_FOR)
    }

    /// A login was tried.
    pub(crate) fn logged_in(&self, from: &Origin, succeeded: bool, now: Monotonic) {
        let source = from.source.map(Subject::source);
        if !succeeded {
            source.into_iter().chain([from.account()]).for_each(|subject| self.failed(subject, now));
            return;
        }
        source.iter().for_each(|source| self.forget(source));
        // Who passed a wait by being known does not end it for the others.
        if self.wait(&from.account(), now).is_none() {
            self.forget(&from.account());
        }
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        make_room(&mut known, KNOWN_FOR, now, |at| *at);
        known.insert(from.whole(), now);
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
