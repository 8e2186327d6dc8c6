//! What a message says.

use std::sync::Arc;

use hub_model::NotificationId;
use hub_model::event::Severity;
use hub_model::message::PendingMessage;

use crate::household::Person;

/// What is sent to a person, whatever the channel.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Content {
    /// What people were told: the id by which it is acknowledged.
    pub id: NotificationId,
    /// In few words.
    pub title: Arc<str>,
    /// In more.
    pub body: Arc<str>,
    /// How bad it is.
    pub severity: Severity,
    /// Equal to that of the message that this one may take the place of.
    pub topic: Arc<str>,
    /// Where the person can see more.
    pub url: Option<Arc<str>>,
    /// The page of the hub's own app that shows what it is about: a path, for who has the app open at some address.
    pub page: Option<Arc<str>>,
}

impl Content {
    /// What a message says now.
    pub(crate) fn of(message: &PendingMessage) -> Self {
        let title = message.title.clone().unwrap_or_else(|| "Hearth".into());
        let body = match message.count {
            0 | 1 => Arc::clone(&message.text),
            count => format!("{} ({count} times)", message.text).into(),
        };
        let (id, severity) = (message.id.clone(), message.severity);
        Self { id, title, body, severity, topic: Arc::clone(&message.key), url: None, page: None }
    }

    /// The same for one of those who are told, with the page that they are led to.
    pub(crate) fn for_person(message: &PendingMessage, person: &Person) -> Self {
        Self { page: page(message, person.sees_rules).map(Arc::from), ..Self::of(message) }
    }

    /// The word for how bad it is: `info`, `warning` or `critical`.
    pub fn severity_word(&self) -> &'static str {
        match self.severity {
            Severity::Info => "info",
            Severity::Warning => "warning",
            Severity::Error => "critical",
        }
    }
}

/// The page of what a message is about; none = there is none, or the list of messages is the better one: what is critical
/// wants somebody to say that they see to it.
fn page(message: &PendingMessage, sees_rules: bool) -> Option<String> {
    if message.severity == Severity::Error {
        return None;
    }
    let rule = |id: &str| sees_rules.then(|| format!("/rules/{}", url_encoded(id)));
    match &message.alert {
        Some(alert) if alert.kind().starts_with("rule_") => alert.subject().and_then(rule),
        Some(alert) => alert.subject().map(|device| format!("/devices/{}", url_encoded(device))),
        None => message.rule.as_ref().and_then(|id| rule(id.as_str())),
    }
}

/// An id as part of a path.
fn url_encoded(id: &str) -> String {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~');
    id.bytes().map(|byte| if plain(&byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}
