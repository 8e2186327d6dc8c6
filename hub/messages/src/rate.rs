//! How many messages each person was sent in this hour, and how many had to stay here.

use std::collections::BTreeMap;

use hub_model::event::Severity;
use hub_model::{AccountId, Timestamp};

use crate::limits::{WINDOW, most_in_window};

/// The hours of all people.
#[derive(Debug, Default)]
pub(crate) struct Rates(BTreeMap<AccountId, Hour>);

#[derive(Debug)]
struct Hour {
    since: Timestamp,
    sent: u32,
    left_out: u32,
    worst: Severity,
}

impl Rates {
    /// Whether one more may be sent to this person; if not, it is counted.
    pub(crate) fn admit(&mut self, account: &AccountId, severity: Severity, at: Timestamp) -> bool {
        let hour = self.0.entry(account.clone()).or_insert(Hour::beginning(at));
        if at.since(hour.since) >= WINDOW && hour.left_out == 0 {
            *hour = Hour::beginning(at);
        }
        if hour.sent < most_in_window(severity >= Severity::Error) {
            hour.sent += 1;
            return true;
        }
        hour.left_out = hour.left_out.saturating_add(1);
        hour.worst = hour.worst.max(severity);
        false
    }

    /// What was not sent for want of room, too.
    pub(crate) fn leave_out(&mut self, account: &AccountId, severity: Severity, at: Timestamp) {
        let hour = self.0.entry(account.clone()).or_insert(Hour::beginning(at));
        hour.left_out = hour.left_out.saturating_add(1);
        hour.worst = hour.worst.max(severity);
    }

    /// Those whose hour is over and who are to hear that there was more: who, how much more, and how bad.
    pub(crate) fn over(&mut self, at: Timestamp) -> Vec<(AccountId, u32, Severity)> {
        let mut more = Vec::new();
        self.0.retain(|account, hour| {
            let is_over = at.since(hour.since) >= WINDOW;
            if is_over && hour.left_out > 0 {
                more.push((account.clone(), hour.left_out, hour.worst));
            }
            !is_over
        });
        more
    }

    /// When [`Rates::over`] has something to say.
    pub(crate) fn next(&self) -> Option<Timestamp> {
        self.0.values().filter(|hour| hour.left_out > 0).map(|hour| hour.since.plus(WINDOW)).min()
    }
}

impl Hour {
    fn beginning(at: Timestamp) -> Self {
        Self { since: at, sent: 0, left_out: 0, worst: Severity::Info }
    }
}
