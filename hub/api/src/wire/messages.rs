//! How people are reached, on the wire.

use std::sync::Arc;

use hub_model::event::Severity;
use hub_model::household::Secret;
use hub_model::message::{Channel, ChannelKind, MessagePreferences, QuietHours, WebhookShape};
use hub_model::{DeviceId, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::extract;

/// A way to you.
#[derive(Serialize, ToSchema)]
#[schema(as = Channel)]
pub(crate) struct ChannelBody<'a> {
    id: &'a str,
    name: &'a str,
    /// `web_push`, `email` or `webhook`.
    kind: &'a str,
    /// The mail address, or the host of the push service or webhook; the rest of these is a secret.
    to: &'a str,
    /// What the other end of a webhook understands.
    #[schema(value_type = Option<String>)]
    shape: Option<WebhookShape>,
    /// The least severity that it takes: `info`, `warning` or `error`.
    #[schema(value_type = String)]
    least: Severity,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
}

impl<'a> ChannelBody<'a> {
    pub(crate) fn new(channel: &'a Channel) -> Self {
        let (to, shape) = match &channel.kind {
            ChannelKind::WebPush { endpoint, .. } => (host_of(endpoint), None),
            ChannelKind::Email { address } => (&**address, None),
            ChannelKind::Webhook { url, shape } => (host_of(url), Some(*shape)),
        };
        Self {
            id: channel.id.as_str(),
            name: &channel.name,
            kind: channel.kind.word(),
            to,
            shape,
            least: channel.least,
            created_at: channel.created_at,
        }
    }
}

fn host_of(url: &Secret) -> &str {
    let behind = url.reveal().split_once("://").map_or("", |(_, rest)| rest);
    behind.split(['/', '?', '#']).next().unwrap_or_default()
}

/// A new way to you.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum NewChannel {
    /// A browser that has subscribed with the key of `GET /push-key`. One that is known already is known once.
    WebPush {
        name: Option<String>,
        /// Of `PushSubscription.toJSON()`.
        endpoint: String,
        keys: PushKeys,
        /// Of `PushSubscription.toJSON()`; means nothing to the hub.
        #[serde(default, rename = "expirationTime")]
        #[allow(dead_code, reason = "browsers give it, and what is not known is refused")]
        expiration_time: Option<f64>,
        /// The least severity that it takes: `info` (what holds without it), `warning` or `error`.
        #[schema(value_type = Option<String>)]
        least: Option<Severity>,
    },
    /// Mail.
    Email {
        name: Option<String>,
        address: String,
        /// The least severity that it takes.
        #[schema(value_type = Option<String>)]
        least: Option<Severity>,
    },
    /// Another program.
    Webhook {
        name: Option<String>,
        url: String,
        /// `json` (what holds without it), `ntfy`, `discord` or `slack`.
        #[schema(value_type = Option<String>)]
        shape: Option<WebhookShape>,
        /// The least severity that it takes.
        #[schema(value_type = Option<String>)]
        least: Option<Severity>,
    },
}

/// The keys of a subscription, of `PushSubscription.toJSON()`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PushKeys {
    p256dh: String,
    auth: String,
}

impl NewChannel {
    /// What it is, what the person calls it, and the least that it takes.
    pub(crate) fn into_parts(self) -> (ChannelKind, Option<String>, Severity) {
        match self {
            Self::WebPush { name, endpoint, keys, expiration_time: _, least } => {
                let (p256dh, auth) = (Arc::from(keys.p256dh), Secret::new(keys.auth));
                (
                    ChannelKind::WebPush { endpoint: Secret::new(endpoint), p256dh, auth },
                    name,
                    least.unwrap_or_default(),
                )
            }
            Self::Email { name, address, least } => {
                (ChannelKind::Email { address: address.trim().into() }, name, least.unwrap_or_default())
            }
            Self::Webhook { name, url, shape, least } => {
                let url = Secret::new(url.trim());
                (ChannelKind::Webhook { url, shape: shape.unwrap_or_default() }, name, least.unwrap_or_default())
            }
        }
    }
}

/// What browsers subscribe with.
#[derive(Serialize, ToSchema)]
#[schema(as = PushKey)]
pub(crate) struct PushKeyBody<'a> {
    /// `applicationServerKey` of `PushManager.subscribe`: a point on P-256, uncompressed, base64url.
    pub(crate) key: &'a str,
}

/// What you want to be told.
#[derive(Serialize, ToSchema)]
#[schema(as = MessagePreferences)]
pub(crate) struct PreferencesBody<'a> {
    /// The least severity that leaves the hub for you: `info`, `warning` or `error`.
    #[schema(value_type = String)]
    least: Severity,
    /// When you are told only what is critical (`error`); what waits comes together at the end. Null = never.
    quiet: Option<Quiet>,
    /// Kinds of alerts that you are not told, e.g. `battery_low`.
    #[schema(value_type = Vec<String>)]
    muted_kinds: &'a [Arc<str>],
    /// Devices whose alerts you are not told, by id.
    #[schema(value_type = Vec<String>)]
    muted_devices: &'a [DeviceId],
}

impl<'a> PreferencesBody<'a> {
    pub(crate) fn new(wanted: &'a MessagePreferences) -> Self {
        Self {
            least: wanted.least,
            quiet: wanted.quiet.map(|QuietHours { from, to }| Quiet { from: from.to_string(), to: to.to_string() }),
            muted_kinds: &wanted.muted_kinds,
            muted_devices: &wanted.muted_devices,
        }
    }
}

/// A stretch of every day by the clocks of the home; over midnight if `to` is earlier.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = QuietHours)]
pub(crate) struct Quiet {
    /// E.g. `22:00`.
    pub(crate) from: String,
    /// E.g. `07:00`.
    pub(crate) to: String,
}

/// What you want to be told from now on; what is left out stays.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct PreferencesChange {
    /// The least severity that leaves the hub for you: `info`, `warning` or `error`.
    #[schema(value_type = Option<String>)]
    pub(crate) least: Option<Severity>,
    /// When you are told only what is critical; null = never.
    #[serde(deserialize_with = "extract::nullable")]
    #[schema(value_type = Option<Quiet>)]
    pub(crate) quiet: Option<Option<Quiet>>,
    /// Kinds of alerts that you are not told: `smoke`, `gas`, `carbon_monoxide`, `water_leak`, `offline`, `battery_low` …
    /// An unknown one is refused with the list of all.
    pub(crate) muted_kinds: Option<Vec<String>>,
    /// Devices whose alerts you are not told, by id.
    pub(crate) muted_devices: Option<Vec<String>>,
}

/// What became of a test message.
#[derive(Serialize, ToSchema)]
#[schema(as = TriedChannel)]
pub(crate) struct TriedChannel {
    pub(crate) id: String,
    pub(crate) name: String,
    /// `web_push`, `email` or `webhook`.
    pub(crate) kind: &'static str,
    pub(crate) delivered: bool,
    /// What went wrong.
    pub(crate) detail: Option<String>,
}

/// What became of test messages.
#[derive(Serialize, ToSchema)]
#[schema(as = TriedChannels)]
pub(crate) struct TriedChannels {
    pub(crate) items: Vec<TriedChannel>,
}
