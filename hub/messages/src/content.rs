//! What a message says.

use std::sync::Arc;

use hub_model::NotificationId;
use hub_model::event::Severity;
use hub_model::message::PendingMessage;

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
        Self { id, title, body, severity, topic: Arc::clone(&message.key), url: None }
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
