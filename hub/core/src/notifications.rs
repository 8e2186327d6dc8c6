//! What rules and the hub tell people: the list in the app of each of them.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use hub_model::event::Severity;
use hub_model::notification::{Notification, Recipient};
use hub_model::record::{Change, Record, RecordKey};
use hub_model::{AccountId, AutomationId, Cause, EventKind, Monotonic, NotificationId, Now};

use crate::core::{Core, Output, Run};
use crate::handle::EditError;
use crate::prepared::Prepared;

/// How many are kept, of all people together; the oldest make room.
const KEPT: usize = 500;
/// How many a rule may send in an hour: each is a write to the disk.
const MOST_AN_HOUR: u32 = 30;
const HOUR: Duration = Duration::from_secs(3_600);
/// How many letters a title and a message may have; the rest is cut off.
pub(crate) const LONGEST_TITLE: usize = 200;
pub(crate) const LONGEST_MESSAGE: usize = 4_000;

/// How many notifications each rule sent of late.
#[derive(Debug, Default)]
pub(crate) struct Sent(BTreeMap<AutomationId, (Monotonic, u32)>);

impl Sent {
    /// Counts one more; gives how many that makes within the hour.
    fn count(&mut self, rule: &AutomationId, now: Monotonic) -> u32 {
        self.0.retain(|_, (since, _)| now.since(*since) < HOUR);
        let (_, count) = self.0.entry(rule.clone()).or_insert((now, 0));
        *count = count.saturating_add(1);
        *count
    }
}

/// What a rule tells people.
#[derive(Debug)]
pub(crate) struct Told {
    /// Whom, by account or name; empty = everyone.
    pub(crate) to: Vec<Arc<str>>,
    pub(crate) title: Option<Arc<str>>,
    pub(crate) message: Arc<str>,
    pub(crate) severity: Severity,
}

impl Core {
    /// A rule tells people something. What cannot be done is said of its run.
    pub(crate) fn tell_people(&mut self, now: &Now, run: &Run, told: Told, out: &mut Output) {
        let sent = self.sent.count(&run.automation, now.mono);
        if sent > MOST_AN_HOUR {
            if sent == MOST_AN_HOUR + 1 {
                let detail = format!(
                    "it told people something more than {MOST_AN_HOUR} times in an hour; the rest of the hour it is not \
                     listened to"
                );
                self.run_phase(now, run, "fuse", Some(detail.into()));
            }
            return;
        }
        let to = self.recipients(now, run, &told.to);
        if to.is_empty() {
            return;
        }
        let notification = Arc::new(Notification {
            id: self.notification_id(now),
            at: now.time(),
            title: told.title.map(|title| cut(title, LONGEST_TITLE)),
            message: cut(told.message, LONGEST_MESSAGE),
            severity: told.severity,
            rule: Some(run.automation.clone()),
            to,
            alert: None,
            request: None,
        });
        let cause = self.cause_of(run, 0);
        self.put_into_the_lists(now, notification, cause, out);
    }

    /// People are told something: it stands in their lists, and is kept.
    pub(crate) fn put_into_the_lists(
        &mut self,
        now: &Now,
        notification: Arc<Notification>,
        cause: Cause,
        out: &mut Output,
    ) {
        let mut changes = vec![Change::Put(Record::Notification((*notification).clone()))];
        let notifications = Arc::make_mut(&mut self.table.household.notifications);
        notifications.push(Arc::clone(&notification));
        let surplus = notifications.len().saturating_sub(KEPT);
        changes
            .extend(notifications.drain(..surplus).map(|old| Change::Remove(RecordKey::Notification(old.id.clone()))));
        self.keep_silently(changes, out);
        self.emit(now, EventKind::Notification(notification), cause);
    }

    /// The fuse stopped a rule: an alert until the rule is another, and a word to who wrote it.
    pub(crate) fn rule_stopped(&mut self, now: &Now, run: &Run, detail: &str, out: &mut Output) {
        let code = stopped_code(&run.automation);
        if self.alerts.iter().any(|alert| *alert.code == *code) {
            return;
        }
        let Some(rule) = self.automations.get(&run.automation) else { return };
        let author = self.table.household.person(&rule.author).map(|person| Arc::from(person.id.as_str()));
        let name = self.engine.status(&run.automation).map_or_else(|| run.automation.as_str().into(), |rule| rule.name);
        let message: Arc<str> =
            format!("the rule {name:?}: {detail}. Mend it or switch it off; `hearth automation runs {name:?}` shows what it did.").into();
        self.raise(now, &code, Severity::Warning, Arc::clone(&message));
        if !self.table.household.people.is_empty() {
            let to = author.into_iter().collect();
            let title = Some("A rule was stopped".into());
            self.tell_people(now, run, Told { to, title, message, severity: Severity::Warning }, out);
        }
    }

    /// A rule was changed, switched or removed: whatever stopped it is over.
    pub(crate) fn rule_is_another(&mut self, now: &Now, automation: &AutomationId) {
        self.resolve(now, &stopped_code(automation));
    }

    /// Those who are meant and are there.
    fn recipients(&mut self, now: &Now, run: &Run, to: &[Arc<str>]) -> Vec<Recipient> {
        let household = &self.table.household;
        let mut accounts: Vec<AccountId> = Vec::new();
        let mut unknown = Vec::new();
        for name in to {
            match household.person_named(name) {
                Some(person) if accounts.contains(&person.id) => {}
                Some(person) => accounts.push(person.id.clone()),
                None => unknown.push(format!("{name:?}")),
            }
        }
        if to.is_empty() {
            accounts.extend(household.people.iter().map(|person| person.id.clone()));
        }
        if !unknown.is_empty() {
            let detail = format!("nobody here is called {}; name people who have an account", unknown.join(" or "));
            self.run_failed(now, run, detail);
        } else if accounts.is_empty() {
            self.run_failed(now, run, "there is nobody to tell: nobody has an account yet".to_owned());
        }
        let meant = accounts.len();
        // Whose time is over is told nothing more.
        accounts.retain(|account| self.permissions.sees_part(account, hub_access::Part::Messages, now));
        if accounts.is_empty() && meant > 0 {
            let detail = "nobody was told: those who are meant may not be told anything now, as their accounts are over or may be";
            self.run_failed(now, run, detail.to_owned());
        }
        accounts.into_iter().map(|account| Recipient { account, read_at: None, acknowledged_at: None }).collect()
    }

    /// Rises with each, also when the clock is set back: the time in milliseconds, or one more than the last.
    pub(crate) fn notification_id(&self, now: &Now) -> NotificationId {
        let newest = self.table.household.notifications.last().and_then(|told| told.id.as_str().parse::<i64>().ok());
        let number = newest.map_or(0, |newest| newest.saturating_add(1)).max(now.time().milliseconds());
        NotificationId::new(format!("{number:013}"))
    }

    /// Somebody has read what they were told, or sees to it.
    pub(crate) fn prepare_reading(
        &self,
        now: &Now,
        id: &NotificationId,
        account: &AccountId,
        acknowledges: bool,
    ) -> Result<Prepared, EditError> {
        let known = self.table.household.notification(id).filter(|told| told.recipient(account).is_some());
        let base = known.ok_or_else(|| EditError::NotFound { what: "notification", id: id.to_string() })?;
        let told = Arc::new(read(base, account, acknowledges, now));
        Ok(Prepared::Reading { account: account.clone(), acknowledges, base: Arc::clone(base), told })
    }

    /// The same on top of what somebody else has read while it was being kept.
    pub(crate) fn renewed_reading(
        &self,
        now: &Now,
        base: &Arc<Notification>,
        account: &AccountId,
        acknowledges: bool,
    ) -> Option<Prepared> {
        let current = self.table.household.notification(&base.id)?;
        if Arc::ptr_eq(current, base) {
            return None;
        }
        let told = Arc::new(read(current, account, acknowledges, now));
        Some(Prepared::Reading { account: account.clone(), acknowledges, base: Arc::clone(current), told })
    }
}

/// The word of the alert about a rule that was stopped.
fn stopped_code(automation: &AutomationId) -> String {
    format!("rule_stopped:{automation}")
}

/// The same, read by this person, who perhaps sees to it. Who has already did it then.
fn read(told: &Notification, account: &AccountId, acknowledges: bool, now: &Now) -> Notification {
    let mut told = told.clone();
    for recipient in told.to.iter_mut().filter(|recipient| recipient.account == *account) {
        recipient.read_at.get_or_insert(now.time());
        if acknowledges {
            recipient.acknowledged_at.get_or_insert(now.time());
        }
    }
    told
}

pub(crate) fn cut(text: Arc<str>, longest: usize) -> Arc<str> {
    match text.char_indices().nth(longest) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()).into(),
        None => text,
    }
}
