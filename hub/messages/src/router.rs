//! Who is told what, when and by which channel. Pure: told what happened and what time it is, it says what to send.
//!
//! A message for a person goes to all their channels of the first kind that takes it. If none of these does, or if it is
//! critical and nobody acknowledges it, their next kind of channel is tried, and then the next person's.

mod advance;
mod kept;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use hub_model::event::Severity;
use hub_model::household::Validity;
use hub_model::message::{Channel, DeliveryState, PendingMessage, Tell};
use hub_model::notification::{Notification, RequestNote};
use hub_model::record::Change;
use hub_model::{AccountId, ChannelId, Monotonic, NotificationId, Now, Timestamp};

use crate::content::Content;
use crate::household::Household;
use crate::limits::{LONGEST_RETRIES, MOST_AGAIN, MOST_ATTEMPTS, MOST_PENDING, pause_after};
use crate::line::Line;
use crate::rate::Rates;
use crate::recent::Recent;

/// What the router is told.
#[derive(Clone, Debug)]
pub enum Input<'a> {
    /// People are told something.
    Told(&'a Notification),
    /// Somebody sees to it.
    Acknowledged(&'a NotificationId),
    /// A delivery ended.
    Outcome {
        /// Of what.
        message: &'a NotificationId,
        /// Through which channel.
        channel: &'a ChannelId,
        /// How.
        outcome: Outcome,
    },
    /// Who there is, or how they want to be told, is another.
    Household(Household),
    /// A deadline has come.
    Timeout,
}

/// How a delivery ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// The other side took it.
    Delivered,
    /// It may work later.
    Failed {
        /// Not before that, says the other side.
        retry_after: Option<Duration>,
        /// What went wrong, for people.
        detail: Arc<str>,
    },
    /// This message is not taken, however often it is sent.
    Refused {
        /// What the other side says, for people.
        detail: Arc<str>,
    },
    /// The channel does not exist any more.
    Gone,
}

/// Something to send.
#[derive(Clone, PartialEq, Debug)]
pub struct Sending {
    /// Through which channel, and so to whom.
    pub channel: Channel,
    /// What.
    pub content: Content,
}

/// What is to be done.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Output {
    /// To be sent.
    pub sendings: Vec<Sending>,
    /// To be kept.
    pub changes: Vec<Change>,
    /// Channels that do not exist any more.
    pub gone: Vec<ChannelId>,
    /// Who is now told something beside those whom it was meant for.
    pub told_too: Vec<(NotificationId, AccountId)>,
}

/// Decides who is told what.
#[derive(Debug)]
pub struct Router {
    /// As it was told.
    everybody: Household,
    /// Whose accounts are over.
    over: BTreeSet<AccountId>,
    /// Whose accounts may be over: nothing is sent to them until the time is known, and nothing is forgotten.
    unsure: BTreeSet<AccountId>,
    /// Everybody else.
    household: Household,
    messages: BTreeMap<NotificationId, PendingMessage>,
    recent: Recent,
    rates: Rates,
    line: Line,
    /// Messages that may be other than on the disk.
    touched: BTreeSet<NotificationId>,
    /// Messages that are on the disk.
    on_disk: BTreeSet<NotificationId>,
    next_person_after: Duration,
}

/// What of a message could not be sent is given up after this.
fn is_given_up(attempts: u32, since: Timestamp, at: Timestamp) -> bool {
    attempts >= MOST_ATTEMPTS || at.since(since) >= LONGEST_RETRIES
}

/// Nobody sees to it yet, and somebody must.
fn is_critical(message: &PendingMessage) -> bool {
    message.severity >= Severity::Error
}

impl Router {
    /// Takes one input in and says what follows from it.
    pub fn step(&mut self, now: &Now, input: Input<'_>, out: &mut Output) {
        let at = self.line.at(now);
        self.who_is_told(now, &input);
        match input {
            Input::Told(told) => self.told(at, told),
            Input::Acknowledged(id) => self.acknowledged(id),
            Input::Outcome { message, channel, outcome } => self.ended(at, message, channel, outcome, out),
            Input::Household(_) | Input::Timeout => {}
        }
        self.advance(now, out);
        self.keep(out);
    }

    /// When [`Input::Timeout`] is wanted.
    pub fn poll_timeout(&self, now: &Now) -> Option<Monotonic> {
        let goes_on = |tell: &&Tell| !self.unsure.contains(&tell.account);
        let on_the_line = self.messages.values().flat_map(|message| {
            let of_tells = message.tells.iter().filter(goes_on).flat_map(|tell| {
                let retries = tell.deliveries.iter().filter_map(|delivery| match delivery.state {
                    DeliveryState::Retry(at) => Some(at),
                    _ => None,
                });
                retries.chain(tell.next_step_at)
            });
            of_tells.chain(message.next_person_at)
        });
        let deadline = on_the_line.chain(self.rates.next()).min().map(|at| self.line.when(at));
        let waiting = self.messages.values().flat_map(|message| &message.tells).filter(goes_on);
        let waiting = waiting.filter(|tell| !tell.begun);
        let who: BTreeSet<&AccountId> = waiting.map(|tell| &tell.account).collect();
        let quiet_ends = who
            .into_iter()
            .filter_map(|account| {
                let until = self.household.person(account)?.quiet_until(&self.household.zone, now.time());
                Some(now.mono.plus(until.map_or(Duration::ZERO, |until| until.since(now.time()))))
            })
            .min();
        [deadline, quiet_ends].into_iter().flatten().min()
    }

    /// How many messages are under way.
    pub fn pending(&self) -> usize {
        self.messages.len()
    }

    fn told(&mut self, at: Timestamp, told: &Notification) {
        if self.messages.values().any(|message| message.is_of(&told.id)) {
            return;
        }
        let key = key_of(told);
        if let Some(alert) = told.alert.as_ref().filter(|alert| alert.over) {
            self.alert_is_over(&alert.code);
        }
        if let Some(request) = told.request.as_ref().filter(|request| !request.is_waiting()) {
            self.request_is_over(request.id);
        }
        if let Some(before) = self.recent.same(&key, told.severity, at) {
            if let Some(message) = self.messages.get_mut(&before) {
                count_up(message, &told.id);
                self.touched.insert(before);
                return;
            }
            // What is critical and not under way any more reached nobody, or nobody saw to it.
            if told.severity < Severity::Error {
                return;
            }
        }
        self.recent.remember(&key, told.severity, &told.id, at);
        let mut message = PendingMessage {
            id: told.id.clone(),
            key,
            severity: told.severity,
            title: told.title.clone(),
            text: Arc::clone(&told.message),
            alert: told.alert.clone(),
            request: told.request.clone(),
            rule: told.rule.clone(),
            since: at,
            count: 1,
            again: Vec::new(),
            tells: Vec::new(),
            next_person_at: None,
        };
        for recipient in &told.to {
            self.add(&mut message, &recipient.account);
        }
        if is_critical(&message) {
            let pause = if message.tells.is_empty() { Duration::ZERO } else { self.next_person_after };
            message.next_person_at = Some(at.plus(pause));
        }
        if is_critical(&message) || !message.tells.is_empty() {
            self.insert(message, at);
        }
    }

    /// Nobody else need be told, and the next time that it is said counts anew.
    fn acknowledged(&mut self, id: &NotificationId) {
        let Some(of) = self.messages.values().find(|message| message.is_of(id)).map(|message| message.id.clone())
        else {
            return;
        };
        if let Some(message) = self.messages.remove(&of) {
            if is_critical(&message) {
                self.recent.forget(&message.key);
            }
            self.touched.insert(of);
        }
    }

    /// Nobody need be told any more that something is, and the next time that it is counts anew.
    fn alert_is_over(&mut self, code: &str) {
        let ended: Vec<NotificationId> = self
            .messages
            .values()
            .filter(|message| is_critical(message) && message.alert.as_ref().is_some_and(|alert| *alert.code == *code))
            .map(|message| message.id.clone())
            .collect();
        for id in ended {
            if let Some(message) = self.messages.remove(&id) {
                self.recent.forget(&message.key);
                self.touched.insert(id);
            }
        }
        self.recent.forget(&format!("alert:{code}"));
    }

    /// Nobody need answer it any more: who was not told yet, as it is night, is not told of it in the morning.
    fn request_is_over(&mut self, id: u64) {
        let is_of_it = |message: &PendingMessage| {
            message.request.as_ref().is_some_and(|request| request.id == id && request.is_waiting())
        };
        let over: Vec<NotificationId> =
            self.messages.extract_if(.., |_, message| is_of_it(message)).map(|(id, _)| id).collect();
        self.touched.extend(over);
    }

    /// Somebody is to hear of it, if they want to. Says whether they do.
    fn add(&self, message: &mut PendingMessage, account: &AccountId) -> bool {
        let wants =
            self.household.person(account).is_some_and(|person| person.wants(message.severity, message.alert.as_ref()))
                && message.tells.iter().all(|tell| tell.account != *account);
        if wants {
            let account = account.clone();
            message.tells.push(Tell {
                account,
                begun: false,
                waited: false,
                next_step_at: None,
                deliveries: Vec::new(),
            });
        }
        wants
    }

    /// One more message; if there is no room, the oldest that is not critical makes it, else the oldest.
    fn insert(&mut self, message: PendingMessage, at: Timestamp) {
        while self.messages.len() >= MOST_PENDING {
            let oldest = self.messages.values().min_by_key(|other| (is_critical(other), other.since));
            let Some(id) = oldest.map(|oldest| oldest.id.clone()) else { break };
            if let Some(dropped) = self.messages.remove(&id) {
                for tell in dropped.tells.iter().filter(|tell| !tell.begun) {
                    self.rates.leave_out(&tell.account, dropped.severity, at);
                }
                self.touched.insert(id);
            }
        }
        self.touched.insert(message.id.clone());
        self.messages.insert(message.id.clone(), message);
    }

    fn ended(&mut self, at: Timestamp, id: &NotificationId, channel: &ChannelId, outcome: Outcome, out: &mut Output) {
        if outcome == Outcome::Gone {
            out.gone.push(channel.clone());
        }
        let Some(message) = self.messages.get_mut(id) else { return };
        let deliveries = message.tells.iter_mut().flat_map(|tell| &mut tell.deliveries);
        let Some(delivery) =
            { deliveries }.find(|delivery| delivery.channel == *channel && delivery.state == DeliveryState::Sending)
        else {
            return;
        };
        delivery.state = match outcome {
            Outcome::Delivered => DeliveryState::Delivered,
            Outcome::Refused { .. } | Outcome::Gone => DeliveryState::Failed,
            Outcome::Failed { .. } if is_given_up(delivery.attempts, message.since, at) => DeliveryState::Failed,
            Outcome::Failed { retry_after, .. } => {
                DeliveryState::Retry(at.plus(pause_after(delivery.attempts, retry_after)))
            }
        };
        self.touched.insert(id.clone());
    }

    /// Nothing is sent to somebody whose account is over, not what is under way either. While nobody knows whether it is,
    /// what is under way waits.
    fn who_is_told(&mut self, now: &Now, input: &Input<'_>) {
        if let Input::Household(household) = input {
            self.everybody = household.clone();
        }
        let who = |is: Validity| -> BTreeSet<AccountId> {
            let people = self.everybody.people.iter().filter(|person| person.validity(now) == is);
            people.map(|person| person.preferences.account.clone()).collect()
        };
        let (over, unsure) = (who(Validity::Over), who(Validity::Unsure));
        self.unsure = unsure;
        if over != self.over || matches!(input, Input::Household(_)) {
            let mut household = self.everybody.clone();
            household.people.retain(|person| !over.contains(&person.preferences.account));
            self.over = over;
            self.household_is(household);
        }
    }

    fn household_is(&mut self, household: Household) {
        self.household = household;
        for message in self.messages.values_mut() {
            let before = message.tells.len();
            message.tells.retain(|tell| self.household.person(&tell.account).is_some());
            let mut changed = message.tells.len() != before;
            for tell in &mut message.tells {
                let person = self.household.person(&tell.account);
                for delivery in tell.deliveries.iter_mut().filter(|delivery| delivery.state.is_open()) {
                    if person.is_none_or(|person| person.channel(&delivery.channel).is_none()) {
                        delivery.state = DeliveryState::Failed;
                        changed = true;
                    }
                }
            }
            if changed {
                self.touched.insert(message.id.clone());
            }
        }
    }
}

/// The message was said once more.
fn count_up(message: &mut PendingMessage, by: &NotificationId) {
    message.count = message.count.saturating_add(1);
    if message.again.len() >= MOST_AGAIN {
        message.again.remove(0);
    }
    message.again.push(by.clone());
}

/// By what a message is known again.
fn key_of(told: &Notification) -> Arc<str> {
    if let Some(RequestNote { id, person, state, .. }) = &told.request {
        return format!("request:{id}:{person}:{state:?}").into();
    }
    match (&told.alert, &told.rule) {
        (Some(alert), _) if alert.over => format!("over:{}", alert.code).into(),
        (Some(alert), _) => format!("alert:{}", alert.code).into(),
        (None, rule) => {
            let rule = rule.as_ref().map_or("", |rule| rule.as_str());
            let text: String = told.message.chars().take(200).collect();
            let to: Vec<&str> = told.to.iter().map(|recipient| recipient.account.as_str()).collect();
            format!("rule:{rule}:{}:{}:{text}", to.join(","), told.title.as_deref().unwrap_or_default()).into()
        }
    }
}
