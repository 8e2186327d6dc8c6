//! What rules tell people.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::event::Severity;
use crate::id::{AccountId, AutomationId, NotificationId};
use crate::time::Timestamp;

/// Something that a rule told people: it stands in the list of each of them.
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
    /// Which rule told it.
    pub rule: AutomationId,
    /// Whom.
    pub to: Vec<Recipient>,
}

/// One of those who are told something.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Recipient {
    /// Who.
    pub account: AccountId,
    /// When they have read it; none = not yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read_at: Option<Timestamp>,
}

impl Notification {
    /// What of it concerns this person; none if it is not for them.
    pub fn recipient(&self, account: &AccountId) -> Option<&Recipient> {
        self.to.iter().find(|recipient| recipient.account == *account)
    }
}
