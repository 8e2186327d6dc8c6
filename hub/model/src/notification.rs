//! What rules and the hub tell people.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::event::Severity;
use crate::id::{AccountId, AttributeName, AutomationId, DeviceId, EndpointNumber, NotificationId};
use crate::time::Timestamp;
use crate::value::Value;

/// Something that a rule or the hub told people: it stands in the list of each of them.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Notification {
    /// Its id: rises with each.
    pub id: NotificationId,
    /// When.
    pub at: Timestamp,
    /// In few words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<Arc<str>>,
    /// In more.
    pub message: Arc<str>,
    /// How bad it is.
    pub severity: Severity,
    /// Which rule told it; none = the hub did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<AutomationId>,
    /// Whom.
    pub to: Vec<Recipient>,
    /// The alert that it is of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alert: Option<AlertNote>,
    /// The request for permission that it is of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<RequestNote>,
}

/// What a notification is about, where that is more than its words.
#[derive(Clone, PartialEq, Debug)]
pub enum About {
    /// An alert.
    Alert(AlertNote),
    /// A request for permission.
    Request(RequestNote),
}

/// What a notification says of an alert.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct AlertNote {
    /// The alert's word: a kind, and behind a colon what it is about, e.g. `smoke:zigbee:0x00158d0001e82b3c`.
    pub code: Arc<str>,
    /// It is over.
    #[serde(default)]
    pub over: bool,
}

/// What a notification says of a request for permission.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct RequestNote {
    /// The number of the request.
    pub id: u64,
    /// Who asked.
    pub person: AccountId,
    /// What they were called then: who is told need not be able to look it up.
    pub person_name: Arc<str>,
    /// The device that they want to control; none = it is about a part of the hub.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<DeviceId>,
    /// At which of its endpoints; none = at any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<EndpointNumber>,
    /// Which attribute.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attribute: Option<AttributeName>,
    /// To what; none = to whatever they like.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Value>,
    /// What became of it.
    pub state: RequestState,
    /// Who answered, or took it back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<AccountId>,
    /// What they were called then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by_name: Option<Arc<str>>,
}

/// What became of a request for permission.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RequestState {
    /// Nobody has answered yet.
    Waiting,
    /// It may be done once.
    AllowedOnce,
    /// It may be done for an hour.
    AllowedForAnHour,
    /// It may not be done.
    Refused,
    /// Nobody answered in time.
    Unanswered,
    /// It was allowed, and is no more.
    TakenBack,
}

impl RequestNote {
    /// Whether it still waits for an answer.
    pub fn is_waiting(&self) -> bool {
        self.state == RequestState::Waiting
    }
}

/// Every kind of alert that there is: what of devices needs a person, then the hub's own troubles.
pub const ALERT_KINDS: &[&str] = &[
    "smoke",
    "gas",
    "carbon_monoxide",
    "water_leak",
    "offline",
    "battery_low",
    "rule_stopped",
    "rule_not_seen",
    "clock_untrusted",
    "storage_full",
    "storage_read_only",
    "storage_gone",
    "storage_busy",
    "store_mended",
    "core_restored",
    "history_damaged",
    "audit_broken",
    "permissions_unreadable",
    "certificate_authority_lost",
    "certificate_not_renewed",
    "certificate_lacks_name",
    "own_certificate_bad",
];

impl AlertNote {
    /// The kind, e.g. `battery_low`.
    pub fn kind(&self) -> &str {
        self.code.split(':').next().unwrap_or_default()
    }

    /// What it is about, e.g. the id of a device.
    pub fn subject(&self) -> Option<&str> {
        self.code.split_once(':').map(|(_, subject)| subject)
    }
}

/// One of those who are told something.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Recipient {
    /// Who.
    pub account: AccountId,
    /// When they have read it; none = not yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read_at: Option<Timestamp>,
    /// When they said that they see to it; none = not yet. Who has has read it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acknowledged_at: Option<Timestamp>,
}

impl Notification {
    /// Whether somebody sees to it.
    pub fn is_acknowledged(&self) -> bool {
        self.to.iter().any(|recipient| recipient.acknowledged_at.is_some())
    }

    /// Whether it tells the same: of the same alert or request, or the same words of the same rule.
    pub fn says_the_same(&self, other: &Self) -> bool {
        let has_note = self.alert.is_some() || self.request.is_some();
        let is_of_same = (&self.alert, &self.request) == (&other.alert, &other.request);
        let has_same_words = self.rule == other.rule && self.title == other.title && self.message == other.message;
        is_of_same && (has_note || has_same_words)
    }

    /// The same, read by everybody who was told it.
    pub fn read_by_all(mut self, at: Timestamp) -> Self {
        for recipient in &mut self.to {
            recipient.read_at.get_or_insert(at);
        }
        self
    }

    /// Whether somebody sees to what it tells: they have acknowledged it, or an equal one since.
    pub fn is_seen_to<'a>(&self, all: impl IntoIterator<Item = &'a Self>) -> bool {
        // Its own acknowledgement counts whatever became of the clock.
        if self.is_acknowledged() {
            return true;
        }
        all.into_iter()
            .filter(|other| other.says_the_same(self))
            .flat_map(|other| &other.to)
            .any(|recipient| recipient.acknowledged_at.is_some_and(|acknowledged_at| acknowledged_at >= self.at))
    }

    /// What of it concerns this person; none if it is not for them.
    pub fn recipient(&self, account: &AccountId) -> Option<&Recipient> {
        self.to.iter().find(|recipient| recipient.account == *account)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_acknowledges_sees_to_all_equal_ones_before() {
        let told = |at: i64, message: &str, acknowledged_at: Option<i64>| {
            let acknowledged_at = acknowledged_at.map(Timestamp);
            let to = vec![Recipient { account: "anna".into(), read_at: None, acknowledged_at }];
            let (id, severity) = (at.to_string().into(), Severity::Error);
            Notification {
                id,
                at: Timestamp(at),
                title: None,
                message: message.into(),
                severity,
                rule: None,
                to,
                alert: None,
                request: None,
            }
        };
        let all = [told(1, "smoke", None), told(2, "smoke", Some(5)), told(3, "water", None), told(6, "smoke", None)];
        let seen_to: Vec<bool> = all.iter().map(|one| one.is_seen_to(&all)).collect();
        assert_eq!(seen_to, [true, true, false, false]);
        let of = |code: &str, told: Notification| Notification {
            alert: Some(AlertNote { code: code.into(), over: false }),
            ..told
        };
        let all = [of("smoke:a", told(1, "smoke", None)), of("smoke:b", told(2, "smoke", Some(5)))];
        assert!(!all[0].is_seen_to(&all) && !told(1, "smoke", None).is_seen_to(&all));
    }
}
