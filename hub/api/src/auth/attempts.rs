//! Brute force is slowed down: after a few failures each further attempt has to wait, longer and longer. Counted for an
//! account from one source first, then for a source as a whole: who guesses from one place keeps nobody out who comes
//! from another. Who guesses from very many places meets a slow ceiling of each account; a source from which somebody
//! lately logged in does not wait for that. What makes somebody wait survives a restart. Bounded: of too many, those
//! with the fewest failures are forgotten.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use hub_model::household::{KeptFailures, KnownSource, LoginAttempts};
use hub_model::{Monotonic, Now, Timestamp};

use crate::guard::source_of;

/// How many subjects are remembered.
const REMEMBERED: usize = 4_096;
/// How many of them over a restart, and how many known sources: a small record.
const KEPT: usize = 64;
/// A subject without a failure for so long starts anew.
const FORGIVEN_AFTER: Duration = Duration::from_secs(30 * 60);
/// So long a source is known from which somebody logged in.
const KNOWN_FOR: Duration = Duration::from_secs(30 * 24 * 60 * 60);
/// The ceiling of an account: so many guesses at once, and then one in so long. A million take 463 days.
const CEILING_BURST: u32 = 100;
const CEILING_INTERVAL: Duration = Duration::from_secs(40);

/// Whose failures are counted.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) enum Subject {
    /// An account, by its name as it was typed (it may not exist), wherever guesses come from.
    Account(Arc<str>),
    /// An account from one source.
    AccountFrom(Arc<str>, IpAddr),
    /// A source as a whole.
    Source(IpAddr),
    /// The set-up code as a whole.
    SetupCode,
    /// A source that calls webhooks.
    Webhook(IpAddr),
    /// The PIN of an account, by its id.
    Pin(Arc<str>),
}

/// An attempt to log in.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Origin {
    /// The account's name as it was typed.
    pub(crate) account: Arc<str>,
    /// From where; none by the local socket.
    pub(crate) source: Option<IpAddr>,
}

impl Origin {
    /// Of this name, from this address.
    pub(crate) fn new(username: &str, source: Option<IpAddr>) -> Self {
        let account: String = username.trim().to_lowercase().chars().take(128).collect();
        Self { account: account.into(), source: source.map(source_of) }
    }

    /// Who is counted, beside the account as a whole.
    fn places(&self) -> impl Iterator<Item = Subject> {
        let pair = self.source.map(|source| Subject::AccountFrom(Arc::clone(&self.account), source));
        pair.into_iter().chain(self.source.map(Subject::Source))
    }

    fn account(&self) -> Subject {
        Subject::Account(Arc::clone(&self.account))
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

    /// How many failures are free, and the longest delay.
    fn policy(&self) -> (u32, Duration) {
        match self {
            Self::AccountFrom(..) => (5, Duration::from_secs(15 * 60)),
            Self::Source(_) | Self::Webhook(_) => (10, Duration::from_secs(15 * 60)),
            Self::SetupCode => (5, Duration::from_secs(60)),
            // Few digits: ten thousand of them take months.
            Self::Pin(_) => (3, Duration::from_secs(15 * 60)),
            Self::Account(_) => (CEILING_BURST, CEILING_INTERVAL),
        }
    }

    fn kept(&self, count: u32) -> Option<KeptFailures> {
        let (account, source) = match self {
            Self::Account(account) => (Some(account), None),
            Self::AccountFrom(account, source) => (Some(account), Some(source)),
            Self::Source(source) => (None, Some(source)),
            Self::Pin(account) => (Some(account), None),
            // Nobody guesses these in the time between two restarts.
            Self::SetupCode | Self::Webhook(_) => return None,
        };
        let (source, pin) = (source.map(|it| it.to_string().into()), matches!(self, Self::Pin(_)));
        Some(KeptFailures { account: account.cloned(), source, count, pin })
    }

    fn read(kept: &KeptFailures) -> Option<Self> {
        let source = || kept.source.as_deref()?.parse().ok();
        match (&kept.account, &kept.source) {
            (Some(account), None) if kept.pin => Some(Self::Pin(Arc::clone(account))),
            (Some(account), None) => Some(Self::Account(Arc::clone(account))),
            (Some(account), Some(_)) => Some(Self::AccountFrom(Arc::clone(account), source()?)),
            (None, Some(_)) => Some(Self::Source(source()?)),
            (None, None) => None,
        }
    }
}

#[derive(Clone, Copy, Debug)]
struct Failures {
    count: u32,
    last: Monotonic,
}

impl Failures {
    /// As they count now: of an account as a whole one is forgotten in each interval, of all others all after a while.
    fn now(self, subject: &Subject, now: Monotonic) -> Self {
        let passed = now.since(self.last);
        if let Subject::Account(_) = subject {
            let forgotten = u32::try_from(passed.as_secs() / CEILING_INTERVAL.as_secs()).unwrap_or(u32::MAX);
            let rest = CEILING_INTERVAL.saturating_mul(forgotten);
            return Self { count: self.count.saturating_sub(forgotten), last: self.last.plus(rest) };
        }
        if passed >= FORGIVEN_AFTER { Self { count: 0, last: self.last } } else { self }
    }

    fn wait(self, subject: &Subject, now: Monotonic) -> Option<Duration> {
        let (free, longest) = subject.policy();
        let beyond = self.count.checked_sub(free)?;
        let delay = match subject {
            Subject::Account(_) => longest,
            _ => Duration::from_secs(1u64 << beyond.min(20)).min(longest),
        };
        delay.checked_sub(now.since(self.last)).filter(|wait| !wait.is_zero())
    }
}

/// The failures of late.
#[derive(Debug, Default)]
pub(crate) struct Attempts {
    tables: Mutex<Tables>,
}

#[derive(Debug, Default)]
struct Tables {
    failures: HashMap<Subject, Failures>,
    /// From where people lately logged in, and when.
    known: HashMap<Origin, Timestamp>,
    /// What was kept last.
    kept: LoginAttempts,
}

impl Attempts {
    /// As they were kept. Who had to wait waits anew, as long as the last time.
    pub(crate) fn new(kept: LoginAttempts, now: Now) -> Self {
        let failures = kept
            .failures
            .iter()
            .filter_map(|one| Some((Subject::read(one)?, Failures { count: one.count, last: now.mono })));
        let known = kept.known.iter().filter_map(|one| {
            let origin = Origin { account: Arc::clone(&one.account), source: Some(one.source.parse().ok()?) };
            Some((origin, one.at))
        });
        let (failures, known) = (failures.take(KEPT).collect(), known.take(KEPT).collect());
        Self { tables: Mutex::new(Tables { failures, known, kept }) }
    }

    fn with<T>(&self, read: impl FnOnce(&mut Tables) -> T) -> T {
        read(&mut self.tables.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// How long `subject` has to wait before the next attempt; none = it may try now.
    pub(crate) fn wait(&self, subject: &Subject, now: Monotonic) -> Option<Duration> {
        self.with(|tables| tables.failures.get(subject)?.now(subject, now).wait(subject, now))
    }

    /// An attempt failed.
    pub(crate) fn failed(&self, subject: Subject, now: Monotonic) {
        self.with(|tables| tables.failed(subject, now));
    }

    /// How long a login has to wait; none = it may try now.
    pub(crate) fn login_wait(&self, from: &Origin, now: Now) -> Option<Duration> {
        let of_places = from.places().filter_map(|subject| self.wait(&subject, now.mono)).max();
        let is_known = from.source.is_some()
            && self.with(|tables| tables.known.get(from).is_some_and(|at| now.time().since(*at) < KNOWN_FOR));
        let of_account = if is_known { None } else { self.wait(&from.account(), now.mono) };
        of_places.max(of_account)
    }

    /// A login was tried.
    pub(crate) fn logged_in(&self, from: &Origin, succeeded: bool, now: Now) {
        self.with(|tables| {
            if !succeeded {
                from.places().chain([from.account()]).for_each(|subject| tables.failed(subject, now.mono));
                return;
            }
            // The ceiling stays: who got in from elsewhere does not open it for those who guess.
            for place in from.places() {
                tables.failures.remove(&place);
            }
            if from.source.is_some() {
                if tables.known.len() >= REMEMBERED {
                    let oldest = tables.known.iter().min_by_key(|(_, at)| **at).map(|(origin, _)| origin.clone());
                    oldest.and_then(|oldest| tables.known.remove(&oldest));
                }
                tables.known.insert(from.clone(), now.time());
            }
        });
    }

    /// What is to be kept, if that is other than before in a way that matters: somebody has to wait, or longer, or no
    /// more; or people are known at another place.
    pub(crate) fn to_keep(&self, now: Now) -> Option<LoginAttempts> {
        self.with(|tables| {
            let new = tables.to_keep(now);
            (new != tables.kept).then(|| {
                tables.kept = new.clone();
                new
            })
        })
    }

    /// Whether there is something to be kept.
    pub(crate) fn has_news(&self, now: Now) -> bool {
        self.with(|tables| tables.to_keep(now) != tables.kept)
    }

    /// It could not be kept.
    pub(crate) fn not_kept(&self) {
        self.with(|tables| tables.kept = LoginAttempts::default());
    }
}

impl Tables {
    fn failed(&mut self, subject: Subject, now: Monotonic) {
        if self.failures.len() >= REMEMBERED && !self.failures.contains_key(&subject) {
            self.failures.retain(|subject, failures| failures.now(subject, now).count > 0);
            if self.failures.len() >= REMEMBERED {
                let least = self.failures.iter().min_by_key(|(_, failures)| (failures.count, failures.last));
                let least = least.map(|(subject, _)| subject.clone());
                least.and_then(|least| self.failures.remove(&least));
            }
        }
        let failures = self.failures.entry(subject.clone()).or_insert(Failures { count: 0, last: now });
        let before = failures.now(&subject, now);
        // Beyond the ceiling there is nothing to be counted: it opens by itself.
        let most = if matches!(subject, Subject::Account(_)) { CEILING_BURST } else { u32::MAX };
        let count = before.count.saturating_add(1).min(most);
        // An account's interval goes on where it began.
        let keeps_time = matches!(subject, Subject::Account(_)) && before.count > 0;
        *failures = Failures { count, last: if keeps_time { before.last } else { now } };
    }

    fn to_keep(&self, now: Now) -> LoginAttempts {
        let waiting = self.failures.iter().filter_map(|(subject, failures)| {
            let count = failures.now(subject, now.mono).count;
            let beyond = count.checked_sub(subject.policy().0)?;
            // Beyond the longest delay a further failure changes nothing.
            Some((subject, count.min(subject.policy().0 + beyond.min(16))))
        });
        let mut waiting: Vec<(&Subject, u32)> = waiting.collect();
        waiting.sort_by(|left, right| (right.1, left.0).cmp(&(left.1, right.0)));
        let known = self.known.iter().filter(|(_, at)| now.time().since(**at) < KNOWN_FOR);
        let mut known: Vec<KnownSource> = known
            .filter_map(|(origin, at)| {
                // To a day: a login from where people always log in changes nothing.
                let at = Timestamp(at.0 - at.0.rem_euclid(24 * 60 * 60 * 1_000));
                let source = origin.source?.to_string().into();
                Some(KnownSource { account: Arc::clone(&origin.account), source, at })
            })
            .collect();
        known.sort_by(|left, right| {
            (right.at, &left.account, &left.source).cmp(&(left.at, &right.account, &right.source))
        });
        known.truncate(KEPT);
        let failures = waiting.into_iter().filter_map(|(subject, count)| subject.kept(count)).take(KEPT).collect();
        LoginAttempts { failures, known }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOME: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 168, 1, 20));

    fn at(seconds: u64) -> Now {
        let passed = Duration::from_secs(seconds);
        let mut now = Now { mono: Monotonic(passed), ..Now::default() };
        now.wall.time = Timestamp(1_800_000_000_000).plus(passed);
        now
    }

    fn stranger(number: u32) -> IpAddr {
        IpAddr::V4(std::net::Ipv4Addr::from_bits(0xCB00_0000 + number))
    }

    #[test]
    fn delays_grow_and_are_forgiven() {
        let attempts = Attempts::default();
        let subject = Subject::AccountFrom("anna".into(), HOME);
        let mut now = Monotonic::default();
        let mut waits = Vec::new();
        for _ in 0..16 {
            attempts.failed(subject.clone(), now);
            waits.push(attempts.wait(&subject, now).map_or(0, |wait| wait.as_secs()));
        }
        assert_eq!(waits, [0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]);
        now = now.plus(Duration::from_secs(900));
        assert_eq!(attempts.wait(&subject, now), None);
        now = now.plus(FORGIVEN_AFTER);
        attempts.failed(subject.clone(), now);
        assert_eq!(attempts.wait(&subject, now), None);
    }

    #[test]
    fn a_million_guesses_from_everywhere_take_more_than_a_year() {
        let attempts = Attempts::default();
        let (mut seconds, mut guesses) = (0, 0_u64);
        let day = 24 * 60 * 60;
        while seconds < 2 * day {
            let from = Origin::new("anna", Some(stranger(u32::try_from(guesses).unwrap())));
            match attempts.login_wait(&from, at(seconds)) {
                None => {
                    attempts.logged_in(&from, false, at(seconds));
                    guesses += 1;
                }
                Some(wait) => seconds += wait.as_secs().max(1),
            }
        }
        let a_day = (guesses - u64::from(CEILING_BURST)) / 2;
        assert!((2_000..2_200).contains(&a_day), "{a_day}");
        assert!(1_000_000 / a_day > 365);
    }

    #[test]
    fn who_guesses_from_one_place_keeps_nobody_out() {
        let attempts = Attempts::default();
        let (guesser, elsewhere) = (Origin::new("anna", Some(stranger(1))), Origin::new("Anna ", Some(HOME)));
        for seconds in 0..2 * 24 * 60 * 60 {
            if attempts.login_wait(&guesser, at(seconds)).is_none() {
                attempts.logged_in(&guesser, false, at(seconds));
            }
            assert_eq!(attempts.login_wait(&elsewhere, at(seconds)), None, "{seconds}");
        }
    }

    #[test]
    fn waits_survive_a_restart_and_so_do_known_places() {
        let attempts = Attempts::default();
        let (guesser, home) = (Origin::new("anna", Some(stranger(1))), Origin::new("anna", Some(HOME)));
        attempts.logged_in(&home, true, at(0));
        let first = attempts.to_keep(at(0)).unwrap();
        for number in 0..12 {
            attempts.logged_in(&guesser, false, at(1));
            assert_eq!(attempts.to_keep(at(1)).is_some(), number >= 4, "{number}");
        }
        for number in 0..200 {
            attempts.logged_in(&Origin::new("anna", Some(stranger(number + 10))), false, at(1));
        }
        let kept = attempts.to_keep(at(1)).unwrap();
        assert_eq!((first.known.len(), &first.known), (1, &kept.known));
        let restarted = Attempts::new(kept, at(0));
        assert_eq!(restarted.login_wait(&guesser, at(0)), attempts.login_wait(&guesser, at(1)));
        assert!(restarted.login_wait(&Origin::new("anna", Some(stranger(99))), at(0)).is_some());
        assert_eq!(restarted.login_wait(&home, at(0)), None);
    }

    #[test]
    fn memory_is_bounded_and_what_counts_is_not_pushed_out() {
        let attempts = Attempts::default();
        let guesser = Origin::new("anna", Some(HOME));
        for _ in 0..8 {
            attempts.logged_in(&guesser, false, at(0));
        }
        for number in 0..6_000 {
            attempts.logged_in(&Origin::new(&number.to_string(), Some(stranger(number))), false, at(1));
        }
        assert_eq!(attempts.tables.lock().unwrap().failures.len(), REMEMBERED);
        assert!(attempts.login_wait(&guesser, at(1)).is_some());
        for number in 0..6_000 {
            attempts.logged_in(&Origin::new(&number.to_string(), Some(stranger(number))), true, at(1));
        }
        assert_eq!(attempts.tables.lock().unwrap().known.len(), REMEMBERED);
        let kept = attempts.to_keep(at(1)).unwrap();
        assert!(kept.failures.len() <= KEPT && kept.known.len() <= KEPT);
        assert!(serde_json::to_vec(&kept).unwrap().len() < 10_000);
    }
}
