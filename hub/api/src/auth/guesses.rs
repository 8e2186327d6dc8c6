//! Failed logins on their way to the disk. A flood of them must not wear it: what makes somebody wait is written once a
//! minute at most, and only if it is other than before; the audit log gets the first failure at once and the others
//! together, after a minute, then after two, and at last once an hour for as long as they go on.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use hub_model::audit::AuditEntry;
use hub_model::record::{Change, Record};
use hub_model::{AccountId, Timestamp};

use crate::api::{App, Shared};
use crate::audit::{REFUSED, action};

const MINUTE: Duration = Duration::from_secs(60);
/// The longest stretch that one entry of the audit log tells of, in minutes.
const TOGETHER_MAX: u32 = 60;
/// So many accounts and addresses are named.
const NAMED: usize = 4;

/// Failed logins that the audit log does not know yet.
#[derive(Debug, Default)]
pub(crate) struct Guesses {
    pending: Mutex<Pending>,
    /// Whether a task writes.
    writing: AtomicBool,
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

    fn take(&self, now: Timestamp) -> Option<Change> {
        let pending = self.with(std::mem::take);
        (pending.count > 0).then(|| Change::Audit(pending.entry(now)))
    }

    fn is_any(&self) -> bool {
        self.with(|pending| pending.count > 0)
    }
}

impl Shared {
    /// Writes down what is known of failed logins, the entry of the audit log if it is wanted.
    pub(crate) async fn keep_guesses(&self, audit: bool) {
        let now = self.clock.now();
        let attempts = self.attempts.to_keep(now);
        let entry = if audit { self.guesses.take(now.time()) } else { None };
        let record = attempts.map(|attempts| Change::Put(Record::LoginAttempts(attempts)));
        let changes: Vec<Change> = record.into_iter().chain(entry).collect();
        if changes.is_empty() {
            return;
        }
        if let Err(error) = self.core.keep(changes).await {
            self.attempts.not_kept();
            tracing::warn!(%error, "Failed logins could not be written down.");
        }
    }

    fn has_guesses(&self) -> bool {
        self.guesses.is_any() || self.attempts.has_news(self.clock.now())
    }
}

/// Sees to it that what is known of logins is written down soon.
pub(crate) fn write_soon(app: &App) {
    if !app.has_guesses() || app.guesses.writing.swap(true, Ordering::AcqRel) {
        return;
    }
    let weak = Arc::downgrade(app);
    tokio::spawn(async move {
        let (mut together, mut minutes) = (1, 0);
        while let Some(app) = weak.upgrade() {
            if minutes == 0 && together > 1 && !app.has_guesses() {
                app.guesses.writing.store(false, Ordering::Release);
                // Somebody may have come in between.
                if !app.has_guesses() || app.guesses.writing.swap(true, Ordering::AcqRel) {
                    return;
                }
            }
            app.keep_guesses(minutes == 0).await;
            drop(app);
            if minutes == 0 {
                minutes = together;
                together = (together * 2).min(TOGETHER_MAX);
            }
            tokio::time::sleep(MINUTE).await;
            minutes -= 1;
        }
    });
}
