//! Failed logins on their way to the disk. A flood of them must not wear it: what makes somebody wait is written once a
//! minute at most, and only if it is other than before; the audit log gets the first failure at once and the others
//! together, after a minute, then after two, and at last once an hour for as long as they go on.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use hub_model::audit::AuditEntry;
use hub_model::record::{Change, Record};
use hub_model::{AccountId, Timestamp};

use super::attempts::Origin;
use crate::api::{App, Shared};
use crate::audit::{REFUSED, action};

const MINUTE: Duration = Duration::from_secs(60);
/// The longest stretch that one entry of the audit log tells of.
const STRETCH_MAX: Duration = Duration::from_secs(60 * 60);
/// So many accounts and addresses are named.
const NAMED: usize = 4;

/// Failed logins that the audit log does not know yet.
#[derive(Debug, Default)]
pub(crate) struct Guesses {
    pending: Mutex<Pending>,
    /// Whether a task keeps who has to wait.
    keeping: AtomicBool,
    /// Whether a task tells the audit log.
    telling: AtomicBool,
    /// Held while something is written: who stops the hub waits for what is on its way.
    alone: tokio::sync::Mutex<()>,
}

#[derive(Debug, Default)]
struct Pending {
    count: u64,
    accounts: BTreeSet<AccountId>,
    /// Whether some were for names that nobody has.
    strangers: bool,
    sources: BTreeSet<IpAddr>,
}

impl Pending {
    fn entry(self, now: Timestamp) -> AuditEntry {
        let one = |names: Vec<String>| match names.as_slice() {
            [name] => Some(Arc::from(name.as_str())),
            _ => None,
        };
        let mut accounts: Vec<String> = self.accounts.iter().map(ToString::to_string).collect();
        if self.strangers {
            // What was typed may be a password.
            accounts.push("unknown".to_owned());
        }
        let sources: Vec<String> = self.sources.iter().map(ToString::to_string).collect();
        let places = if sources.is_empty() { String::new() } else { format!(" from {}", sources.join(", ")) };
        let detail = (self.count > 1).then(|| format!("{} tries for {}{places}", self.count, accounts.join(", ")));
        AuditEntry {
            at: now,
            who: one(accounts).unwrap_or_else(|| "several".into()),
            via: "api".into(),
            source: one(sources),
            action: action::LOGIN_FAILED.into(),
            what: None,
            outcome: REFUSED.into(),
            detail: detail.map(Arc::from),
        }
    }
}

impl Guesses {
    fn with<T>(&self, read: impl FnOnce(&mut Pending) -> T) -> T {
        read(&mut self.pending.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// A login failed, of this account if there is one.
    pub(crate) fn note(&self, account: Option<&AccountId>, source: Option<IpAddr>) {
        self.with(|pending| {
            pending.count += 1;
            match account {
                Some(account) if pending.accounts.len() < NAMED => drop(pending.accounts.insert(account.clone())),
                Some(_) => {}
                None => pending.strangers = true,
            }
            if pending.sources.len() < NAMED {
                pending.sources.extend(source);
            }
        });
    }

    fn take(&self, now: Timestamp) -> Option<AuditEntry> {
        let pending = self.with(std::mem::take);
        (pending.count > 0).then(|| pending.entry(now))
    }

    fn is_any(&self) -> bool {
        self.with(|pending| pending.count > 0)
    }
}

impl Shared {
    /// Writes down who has to wait, if that is other than before.
    async fn keep_attempts(&self) {
        let _alone = self.guesses.alone.lock().await;
        let Some(attempts) = self.attempts.to_keep(self.clock.now()) else { return };
        if let Err(error) = self.core.keep(vec![Change::Put(Record::LoginAttempts(attempts))]).await {
            self.attempts.not_kept();
            tracing::warn!(%error, "Failed logins could not be written down.");
        }
    }

    /// Tells the audit log of the failures since the last time.
    async fn tell_guesses(&self) {
        let _alone = self.guesses.alone.lock().await;
        if let Some(entry) = self.guesses.take(self.now()) {
            self.audit(entry).await;
        }
    }

    /// Writes down what is known of failed logins.
    pub(crate) async fn keep_guesses(&self) {
        self.keep_attempts().await;
        self.tell_guesses().await;
    }

    fn has_attempts(&self) -> bool {
        self.attempts.has_news(self.clock.now())
    }
}

/// A password or code was wrong, of this account if there is one: the next attempt waits, and the log hears of it.
pub(crate) fn guessed_wrong(app: &App, from: &Origin, account: Option<&AccountId>) {
    app.attempts.logged_in(from, false, app.clock.now());
    app.guesses.note(account, from.source);
    write_soon(app);
}

/// Sees to it that what is known of logins is written down soon.
pub(crate) fn write_soon(app: &App) {
    if app.has_attempts() && !app.guesses.keeping.swap(true, Ordering::AcqRel) {
        tokio::spawn(keep(Arc::downgrade(app)));
    }
    if app.guesses.is_any() && !app.guesses.telling.swap(true, Ordering::AcqRel) {
        tokio::spawn(tell(Arc::downgrade(app)));
    }
}

/// Keeps once a minute, until there is nothing new.
async fn keep(app: Weak<Shared>) {
    while let Some(app) = app.upgrade() {
        if !app.has_attempts() {
            app.guesses.keeping.store(false, Ordering::Release);
            // Somebody may have come in between.
            if !app.has_attempts() || app.guesses.keeping.swap(true, Ordering::AcqRel) {
                return;
            }
        }
        app.keep_attempts().await;
        drop(app);
        tokio::time::sleep(MINUTE).await;
    }
}

/// Tells at once, and then after longer and longer stretches, until one was quiet.
async fn tell(app: Weak<Shared>) {
    let mut stretch = MINUTE;
    while let Some(app) = app.upgrade() {
        if !app.guesses.is_any() {
            app.guesses.telling.store(false, Ordering::Release);
            // Somebody may have come in between.
            if !app.guesses.is_any() || app.guesses.telling.swap(true, Ordering::AcqRel) {
                return;
            }
        }
        app.tell_guesses().await;
        drop(app);
        tokio::time::sleep(stretch).await;
        stretch = (stretch * 2).min(STRETCH_MAX);
    }
}
