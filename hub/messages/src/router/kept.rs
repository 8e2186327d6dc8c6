//! What a restart must not lose.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use hub_model::message::{DeliveryState, PendingMessage};
use hub_model::record::{Change, Record, RecordKey};
use hub_model::{NotificationId, Now, Timestamp};

use super::{Output, Router, is_critical};
use crate::household::Household;
use crate::limits::{LONGEST_PAUSE, NEXT_STEP_AFTER};
use crate::line::Line;
use crate::rate::Rates;
use crate::recent::Recent;

impl Router {
    /// As it was kept. What was being sent is sent again: better twice than never.
    pub fn restore(now: &Now, household: Household, kept: Vec<PendingMessage>, next_person_after: Duration) -> Self {
        let line = Line::new(now);
        let at = line.at(now);
        let on_disk: BTreeSet<NotificationId> = kept.iter().map(|message| message.id.clone()).collect();
        let mut recent = Recent::default();
        let (mut messages, mut touched) = (BTreeMap::new(), BTreeSet::new());
        for message in kept {
            recent.remember(&message.key, message.severity, &message.id, at);
            let now = as_of(at, message.clone(), next_person_after);
            if now != message {
                touched.insert(now.id.clone());
            }
            messages.insert(now.id.clone(), now);
        }
        let mut router = Self {
            everybody: household.clone(),
            over: BTreeSet::new(),
            unsure: BTreeSet::new(),
            household: Household::default(),
            messages,
            recent,
            rates: Rates::default(),
            line,
            touched,
            on_disk,
            next_person_after,
        };
        router.household_is(household);
        router
    }

    /// Says what of the messages is to be on the disk now.
    pub(super) fn keep(&mut self, out: &mut Output) {
        for id in std::mem::take(&mut self.touched) {
            match self.messages.get(&id).filter(|message| is_worth_keeping(message)) {
                Some(message) => {
                    self.on_disk.insert(id);
                    out.changes.push(Change::Put(Record::PendingMessage(message.clone())));
                }
                None if self.on_disk.remove(&id) => out.changes.push(Change::Remove(RecordKey::PendingMessage(id))),
                None => {}
            }
        }
    }
}

/// What is being sent for the first time and is not critical is not: it costs the disk nothing, and a restart within
/// these seconds loses the message, which stands in the person's list all the same.
fn is_worth_keeping(message: &PendingMessage) -> bool {
    is_critical(message)
        || message
            .tells
            .iter()
            .any(|tell| !tell.begun || tell.deliveries.iter().any(|one| matches!(one.state, DeliveryState::Retry(_))))
}

/// Deadlines of another run, on the line of this one. None is further away than it was when it was set: a clock that was
/// set back postpones nothing.
fn as_of(at: Timestamp, mut message: PendingMessage, next_person_after: Duration) -> PendingMessage {
    let nearer = |deadline: Timestamp, pause: Duration| deadline.min(at.plus(pause));
    message.since = message.since.min(at);
    message.next_person_at = message.next_person_at.map(|due| nearer(due, next_person_after));
    for tell in &mut message.tells {
        tell.next_step_at = tell.next_step_at.map(|due| nearer(due, NEXT_STEP_AFTER));
        for delivery in &mut tell.deliveries {
            delivery.state = match delivery.state {
                DeliveryState::Sending => DeliveryState::Retry(at),
                DeliveryState::Retry(due) => DeliveryState::Retry(nearer(due, LONGEST_PAUSE)),
                ended => ended,
            };
        }
    }
    message
}
