//! What is due is begun, tried again, or handed on.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use hub_model::event::Severity;
use hub_model::message::{Delivery, DeliveryState, PendingMessage, Tell};
use hub_model::{AccountId, NotificationId, Now, Timestamp};

use super::{Output, Router, Sending, is_critical};
use crate::content::Content;
use crate::limits::{MOST_NAMED, NEXT_STEP_AFTER};

/// Who is sent nothing now.
struct Held {
    /// They have quiet hours, in which only what is critical comes.
    quiet: BTreeSet<AccountId>,
    /// Nobody knows whether they still have an account.
    unsure: BTreeSet<AccountId>,
}

impl Router {
    /// Does whatever is due; nothing if nothing is.
    pub(super) fn advance(&mut self, now: &Now, out: &mut Output) {
        let at = self.line.at(now);
        let held = Held { quiet: self.quiet(now), unsure: self.unsure.clone() };
        self.say_how_much_more(at);
        self.collapse_what_waited(&held, at);
        let ids: Vec<NotificationId> = self.messages.keys().cloned().collect();
        for id in ids {
            // Taken out, so that people, rates and the message can be worked with side by side.
            let Some(mut message) = self.messages.remove(&id) else { continue };
            let before = message.clone();
            self.go_on(&held, at, &mut message, out);
            if message != before {
                self.touched.insert(id.clone());
            }
            if has_ended(&message) {
                self.touched.insert(id);
            } else {
                self.messages.insert(id, message);
            }
        }
    }

    /// Who has quiet hours now.
    fn quiet(&self, now: &Now) -> BTreeSet<AccountId> {
        let zone = &self.household.zone;
        let quiet = self.household.people.iter().filter(|person| person.quiet_until(zone, now.time()).is_some());
        quiet.map(|person| person.preferences.account.clone()).collect()
    }

    fn go_on(&mut self, held: &Held, at: Timestamp, message: &mut PendingMessage, out: &mut Output) {
        let mut tells = std::mem::take(&mut message.tells);
        for tell in &mut tells {
            self.go_on_with(held, at, message, tell, out);
        }
        message.tells = tells;
        // Who cannot be reached costs no time.
        let is_held = |account: &AccountId| held.unsure.contains(account);
        let nobody = message.tells.iter().all(|tell| is_held(&tell.account) || tell.begun && !reaches(tell));
        while message.next_person_at.is_some_and(|due| due <= at || nobody) {
            let mut others = self.household.escalation.clone().into_iter().filter(|account| !is_held(account));
            let next = others.find(|account| self.add(message, account));
            match next {
                Some(account) => {
                    message.next_person_at = Some(at.plus(self.next_person_after));
                    out.told_too.push((message.id.clone(), account));
                    let Some(mut tell) = message.tells.pop() else { break };
                    self.go_on_with(held, at, message, &mut tell, out);
                    message.tells.push(tell);
                    break;
                }
                None => message.next_person_at = None,
            }
        }
    }

    fn go_on_with(&mut self, held: &Held, at: Timestamp, message: &PendingMessage, tell: &mut Tell, out: &mut Output) {
        if held.unsure.contains(&tell.account) {
            return;
        }
        if !tell.begun {
            if !is_critical(message) && held.quiet.contains(&tell.account) {
                tell.waited = true;
                return;
            }
            tell.begun = true;
            if !self.rates.admit(&tell.account, message.severity, at) {
                return;
            }
            self.next_step(at, message, tell, out);
        }
        for delivery in &mut tell.deliveries {
            if let DeliveryState::Retry(due) = delivery.state
                && due <= at
                && let Some(person) = self.household.person(&tell.account)
                && let Some(channel) = person.channel(&delivery.channel)
            {
                delivery.state = DeliveryState::Sending;
                delivery.attempts = delivery.attempts.saturating_add(1);
                let content = Content::for_person(message, person);
                out.sendings.push(Sending { channel: channel.clone(), content });
            }
        }
        let none_took_it =
            !tell.deliveries.is_empty() && tell.deliveries.iter().all(|one| one.state == DeliveryState::Failed);
        if none_took_it || tell.next_step_at.is_some_and(|due| due <= at) {
            self.next_step(at, message, tell, out);
        }
    }

    /// Tries the person's next kind of channel.
    fn next_step(&self, at: Timestamp, message: &PendingMessage, tell: &mut Tell, out: &mut Output) {
        tell.next_step_at = None;
        let Some(person) = self.household.person(&tell.account) else { return };
        let tried = |channel: &hub_model::message::Channel| {
            tell.deliveries.iter().any(|delivery| delivery.channel == channel.id)
        };
        let channels = person.next_step(message.severity, &tried);
        for channel in &channels {
            let delivery = Delivery { channel: channel.id.clone(), attempts: 1, state: DeliveryState::Sending };
            tell.deliveries.push(delivery);
            let content = Content::for_person(message, person);
            out.sendings.push(Sending { channel: (*channel).clone(), content });
        }
        if is_critical(message) && !channels.is_empty() {
            tell.next_step_at = Some(at.plus(NEXT_STEP_AFTER));
        }
    }

    /// Of several messages that waited for the end of somebody's quiet hours one is made.
    fn collapse_what_waited(&mut self, held: &Held, at: Timestamp) {
        let mut waiting: BTreeMap<AccountId, Vec<NotificationId>> = BTreeMap::new();
        for message in self.messages.values() {
            for tell in message.tells.iter().filter(|tell| tell.waited && !tell.begun) {
                waiting.entry(tell.account.clone()).or_default().push(message.id.clone());
            }
        }
        for (account, ids) in waiting {
            if held.quiet.contains(&account) || held.unsure.contains(&account) || ids.len() < 2 {
                continue;
            }
            let mut lines = Vec::new();
            let mut severity = Severity::Info;
            for id in &ids {
                if let Some(message) = self.messages.get_mut(id) {
                    message.tells.retain(|tell| tell.account != account);
                    severity = severity.max(message.severity);
                    lines.push(line_of(message));
                    self.touched.insert(id.clone());
                }
            }
            let id = ids.last().map_or_else(String::new, |id| id.to_string());
            let title = format!("{} messages while you did not want to be disturbed", lines.len());
            self.synthetic(format!("{id}/waited/{account}"), &account, severity, title, together(lines), at);
        }
    }

    /// Says once how many messages a person was spared in the hour before.
    fn say_how_much_more(&mut self, at: Timestamp) {
        for (account, count, severity) in self.rates.over(at) {
            let title = format!("And {count} more {}", if count == 1 { "message" } else { "messages" });
            let text = "There were too many within an hour; they stand in the list of your notifications.".to_owned();
            self.synthetic(format!("more/{account}/{}", at.milliseconds()), &account, severity, title, text, at);
        }
    }

    /// A message that stands for others: nobody has to see to it.
    fn synthetic(
        &mut self,
        id: String,
        account: &AccountId,
        severity: Severity,
        title: String,
        text: String,
        at: Timestamp,
    ) {
        let mut message = PendingMessage {
            key: Arc::from(id.as_str()),
            id: NotificationId::new(id),
            severity: severity.min(Severity::Warning),
            title: Some(title.into()),
            text: text.into(),
            alert: None,
            request: None,
            rule: None,
            since: at,
            count: 1,
            again: Vec::new(),
            tells: Vec::new(),
            next_person_at: None,
        };
        if self.add(&mut message, account) {
            self.insert(message, at);
        }
    }
}

/// Whether something of it reached the person, or still may.
fn reaches(tell: &Tell) -> bool {
    tell.deliveries.is_empty() || tell.deliveries.iter().any(|delivery| delivery.state != DeliveryState::Failed)
}

/// Whether nothing more is to come of it.
fn has_ended(message: &PendingMessage) -> bool {
    message.next_person_at.is_none()
        && message.tells.iter().all(|tell| {
            tell.begun && tell.next_step_at.is_none() && tell.deliveries.iter().all(|one| !one.state.is_open())
        })
}

fn line_of(message: &PendingMessage) -> String {
    let content = Content::of(message);
    match &message.title {
        Some(title) => format!("{title}: {}", content.body),
        None => content.body.to_string(),
    }
}

fn together(mut lines: Vec<String>) -> String {
    let more = lines.len().saturating_sub(MOST_NAMED);
    lines.truncate(MOST_NAMED);
    if more > 0 {
        lines.push(format!("and {more} more"));
    }
    lines.join("\n")
}
