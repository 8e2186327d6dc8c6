//! What rules and the hub tell people.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::event::Severity;
use crate::id::{AccountId, AutomationId, NotificationId};
use crate::time::Timestamp;

/// Something that a rule or the hub told people: it stands in the list of each of them.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
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

    /// What of it concerns this person; none if it is not for them.
    pub fn recipient(&self, account: &AccountId) -> Option<&Recipient> {
        self.to.iter().find(|recipient| recipient.account == *account)
    }
}
