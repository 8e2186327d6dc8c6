//! What people are told, and what time it is, on the wire.

use hub_model::event::Severity;
use hub_model::notification::{Notification, Recipient};
use hub_model::{Timestamp, Trust};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Something that a rule told you.
#[derive(Serialize, ToSchema)]
#[schema(as = Notification)]
pub(crate) struct NotificationBody<'a> {
    id: &'a str,
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    title: Option<&'a str>,
    message: &'a str,
    /// `info`, `warning` or `error`.
    #[schema(value_type = String)]
    severity: Severity,
    /// The rule.
    rule: &'a str,
    /// When you have read it; null = not yet.
    #[schema(value_type = Option<String>, format = DateTime)]
    read_at: Option<Timestamp>,
}

impl<'a> NotificationBody<'a> {
    /// As one of those who were told sees it.
    pub(crate) fn new(told: &'a Notification, recipient: &Recipient) -> Self {
        Self {
            id: told.id.as_str(),
            at: told.at,
            title: told.title.as_deref(),
            message: &told.message,
            severity: told.severity,
            rule: told.rule.as_str(),
            read_at: recipient.read_at,
        }
    }
}

/// What time it is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewTime {
    /// RFC 3339.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) time: Timestamp,
}

/// What the hub takes the time to be.
#[derive(Serialize, ToSchema)]
#[schema(as = HubTime)]
pub(crate) struct TimeBody {
    #[schema(value_type = String, format = DateTime)]
    pub(crate) time: Timestamp,
    /// `persisted`, `rtc`, `lan`, `person` or `ntp`.
    #[schema(value_type = String)]
    pub(crate) time_trust: Trust,
}
