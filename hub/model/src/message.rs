//! How people want to be reached, and what is on its way to them.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::event::Severity;
use crate::household::Secret;
use crate::id::{AccountId, AutomationId, ChannelId, DeviceId, NotificationId};
use crate::notification::{AlertNote, RequestNote};
use crate::time::Timestamp;
use crate::zone::TimeOfDay;

/// A way to a person: their phone, their mail, another program of theirs.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Channel {
    /// Its id.
    pub id: ChannelId,
    /// Whose.
    pub account: AccountId,
    /// What the person calls it.
    pub name: Arc<str>,
    /// What it is.
    pub kind: ChannelKind,
    /// The least severity that it takes.
    #[serde(default)]
    pub least: Severity,
    /// Since when. The order in which a person made their channels is that in which they are tried.
    pub created_at: Timestamp,
}

/// What a channel is.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ChannelKind {
    /// A browser that has subscribed to messages (W3C Push API).
    WebPush {
        /// Where its push service takes them. Who knows it and the keys can write to the person.
        endpoint: Secret,
        /// The browser's public key: a point on P-256, uncompressed, base64url.
        p256dh: Arc<str>,
        /// What only the browser knows beside the hub: 16 bytes, base64url.
        auth: Secret,
    },
    /// Mail.
    Email {
        /// To whom.
        address: Arc<str>,
    },
    /// Another program, by HTTP.
    Webhook {
        /// Where. It often has a secret in it.
        url: Secret,
        /// What it understands.
        shape: WebhookShape,
    },
}

/// What the other end of a webhook understands.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WebhookShape {
    /// The message as JSON.
    #[default]
    Json,
    /// ntfy (also self-hosted): the text as the body, the rest in headers.
    Ntfy,
    /// A webhook of Discord.
    Discord,
    /// An incoming webhook of Slack or Mattermost.
    Slack,
}

impl ChannelKind {
    /// The word for it: `web_push`, `email`, `webhook`.
    pub fn word(&self) -> &'static str {
        match self {
            Self::WebPush { .. } => "web_push",
            Self::Email { .. } => "email",
            Self::Webhook { .. } => "webhook",
        }
    }
}

/// What a person wants to be told, and when not.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct MessagePreferences {
    /// Whose.
    pub account: AccountId,
    /// The least severity that leaves the hub for them.
    #[serde(default)]
    pub least: Severity,
    /// When they are told only what is critical.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quiet: Option<QuietHours>,
    /// Kinds of alerts that they are not told, e.g. `battery_low`.
    #[serde(default)]
    pub muted_kinds: Vec<Arc<str>>,
    /// Devices whose alerts they are not told.
    #[serde(default)]
    pub muted_devices: Vec<DeviceId>,
}

impl MessagePreferences {
    /// What holds for who has said nothing.
    pub fn of(account: AccountId) -> Self {
        Self { account, least: Severity::Info, quiet: None, muted_kinds: Vec::new(), muted_devices: Vec::new() }
    }
}

/// A stretch of every day, by the clocks of the home; over midnight if `to` is earlier than `from`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct QuietHours {
    /// From when.
    pub from: TimeOfDay,
    /// Until when.
    pub to: TimeOfDay,
}

/// A message that is not yet where it should be: kept, so that a restart does not lose it.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct PendingMessage {
    /// What people were told; of a message that stands for several, an id of its own.
    pub id: NotificationId,
    /// Equal ones within a while count up in place of another message.
    pub key: Arc<str>,
    /// How bad it is.
    pub severity: Severity,
    /// In few words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<Arc<str>>,
    /// In more.
    pub text: Arc<str>,
    /// The alert that it is of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alert: Option<AlertNote>,
    /// The request for permission that it is of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<RequestNote>,
    /// The rule that tells it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<AutomationId>,
    /// Since when.
    pub since: Timestamp,
    /// How often it was said.
    pub count: u32,
    /// The notifications by which it was said again, the newest last and not more than so many: who acknowledges one
    /// of them acknowledges it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub again: Vec<NotificationId>,
    /// Who is to hear of it, in the order in which they were added.
    pub tells: Vec<Tell>,
    /// When the next person is told, if nobody acknowledges it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_person_at: Option<Timestamp>,
}

impl PendingMessage {
    /// Whether this notification is what it is about, or said it again.
    pub fn is_of(&self, id: &NotificationId) -> bool {
        self.id == *id || self.again.contains(id)
    }
}

/// One of those who are to hear of a message.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Tell {
    /// Who.
    pub account: AccountId,
    /// It has gone out, or tried to.
    #[serde(default)]
    pub begun: bool,
    /// It waits, or has waited, for the end of their quiet hours.
    #[serde(default)]
    pub waited: bool,
    /// When their next kind of channel is tried, if nobody acknowledges it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_step_at: Option<Timestamp>,
    /// What became of it, by channel.
    #[serde(default)]
    pub deliveries: Vec<Delivery>,
}

/// A message on its way through a channel.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Delivery {
    /// Through which.
    pub channel: ChannelId,
    /// How often it was tried.
    pub attempts: u32,
    /// How it stands.
    pub state: DeliveryState,
}

/// How a delivery stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// It is being sent.
    Sending,
    /// It is tried again then.
    Retry(Timestamp),
    /// It was taken.
    Delivered,
    /// It is given up.
    Failed,
}

impl DeliveryState {
    /// Whether something is still to come of it.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Sending | Self::Retry(_))
    }
}
