//! What people are told, and what time it is, on the wire.

use hub_model::event::Severity;
use hub_model::notification::{AlertNote, Notification, Recipient, RequestNote, RequestState};
use hub_model::{AccountId, AttributeName, DeviceId, Timestamp, Trust, Value};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Something that a rule or the hub told you.
#[derive(Serialize, ToSchema)]
#[schema(as = Notification)]
pub(crate) struct NotificationBody<'a> {
    id: &'a str,
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    title: Option<&'a str>,
    message: &'a str,
    /// `info`, `warning` or `error` (critical).
    #[schema(value_type = String)]
    severity: Severity,
    /// The rule; null = the hub itself.
    rule: Option<&'a str>,
    /// The alert that it is of; null = none.
    alert: Option<AlertNoteBody<'a>>,
    /// The request for permission that it is of; null = none.
    request: Option<RequestNoteBody<'a>>,
    /// When you have read it; null = not yet.
    #[schema(value_type = Option<String>, format = DateTime)]
    read_at: Option<Timestamp>,
    /// When you said that you see to it; null = not yet.
    #[schema(value_type = Option<String>, format = DateTime)]
    acknowledged_at: Option<Timestamp>,
    /// Somebody sees to it.
    acknowledged: bool,
}

/// What a notification says of an alert.
#[derive(Serialize, ToSchema)]
#[schema(as = AlertNote)]
pub(crate) struct AlertNoteBody<'a> {
    /// The alert's word: a kind, and behind a colon what it is about.
    code: &'a str,
    /// It is over.
    over: bool,
}

impl<'a> AlertNoteBody<'a> {
    pub(crate) fn new(note: &'a AlertNote) -> Self {
        Self { code: &note.code, over: note.over }
    }
}

/// What a notification says of a request for permission, as it is now.
#[derive(Serialize, ToSchema)]
#[schema(as = RequestNote)]
pub(crate) struct RequestNoteBody<'a> {
    /// The id of the request (`/approvals`).
    id: String,
    /// Who asked: an account.
    person: &'a str,
    /// What they were called then.
    person_name: &'a str,
    /// The device; null = it is about a part of the hub.
    device: Option<&'a str>,
    /// At which of its endpoints; null = at any.
    endpoint: Option<u16>,
    attribute: Option<&'a str>,
    #[schema(value_type = serde_json::Value)]
    value: Option<&'a Value>,
    /// `waiting`, `allowed_once`, `allowed_for_an_hour`, `refused`, `unanswered` or `taken_back`.
    #[schema(value_type = String)]
    state: RequestState,
    /// Who answered it or took it back; null = nobody.
    by: Option<&'a str>,
    /// What they were called then.
    by_name: Option<&'a str>,
}

impl<'a> RequestNoteBody<'a> {
    pub(crate) fn new(note: &'a RequestNote) -> Self {
        Self {
            id: note.id.to_string(),
            person: note.person.as_str(),
            person_name: &note.person_name,
            device: note.device.as_ref().map(DeviceId::as_str),
            endpoint: note.endpoint,
            attribute: note.attribute.as_ref().map(AttributeName::as_str),
            value: note.value.as_ref(),
            state: note.state,
            by: note.by.as_ref().map(AccountId::as_str),
            by_name: note.by_name.as_deref(),
        }
    }
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
            rule: told.rule.as_ref().map(|rule| rule.as_str()),
            alert: told.alert.as_ref().map(AlertNoteBody::new),
            request: told.request.as_ref().map(RequestNoteBody::new),
            read_at: recipient.read_at,
            acknowledged_at: recipient.acknowledged_at,
            acknowledged: told.is_acknowledged(),
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
