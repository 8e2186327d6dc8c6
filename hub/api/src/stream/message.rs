//! What goes over the stream in both directions.

use std::fmt;

use hub_model::household::Secret;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use utoipa::ToSchema;

/// From the client.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum ClientMessage {
    /// Says who it is; not needed with the cookie or the header Authorization. Again before the token ends, to stay.
    Auth {
        #[schema(value_type = String)]
        token: Secret,
    },
    /// Wants events. May be sent right behind `auth`.
    Subscribe {
        /// The client's own number for it.
        id: u64,
        /// Where it left off; left out = from now on, with a snapshot first.
        #[serde(default)]
        since: Option<Cursor>,
        /// Only what concerns these devices; left out = everything. All subscriptions of a connection name 500 together
        /// at most.
        #[serde(default)]
        devices: Option<Vec<String>>,
        /// Whether the client reads gzip: then each snapshot comes as one binary message, the gzip form (RFC 1952) of the
        /// text that it is otherwise. All other messages stay text.
        #[serde(default)]
        gzip: bool,
    },
    /// Wants no more events.
    Unsubscribe { id: u64 },
    /// Wants a `pong`.
    Ping {
        #[serde(default)]
        id: Option<u64>,
    },
}

/// A place in the stream of events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Cursor {
    /// Names a stretch of the hub's life.
    #[serde(serialize_with = "as_text", deserialize_with = "from_text_or_number")]
    #[schema(value_type = String)]
    pub(crate) epoch: u64,
    /// The last event that is known.
    pub(crate) seq: u64,
}

/// A text, because JavaScript's numbers end at 2⁵³.
fn as_text<S: Serializer>(epoch: &u64, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(epoch)
}

fn from_text_or_number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    struct TextOrNumber;
    impl serde::de::Visitor<'_> for TextOrNumber {
        type Value = u64;
        fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.write_str("the epoch of a cursor")
        }
        fn visit_u64<E: Error>(self, epoch: u64) -> Result<u64, E> {
            Ok(epoch)
        }
        fn visit_str<E: Error>(self, epoch: &str) -> Result<u64, E> {
            // One that is no number is not of this hub: it names no epoch that there is.
            Ok(epoch.parse().unwrap_or(u64::MAX))
        }
    }
    deserializer.deserialize_any(TextOrNumber)
}

/// To the client; events and snapshots, the most of it, are put together by hand.
#[derive(Debug, Serialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum ServerMessage<'a> {
    /// The client has to start over; a snapshot follows.
    Resync {
        id: u64,
        /// `gone` (the cursor is no longer, or never was, one of this hub) or `too_slow`.
        reason: &'a str,
    },
    /// Events up to `seq` that are not for this subscription.
    Progress { id: u64, seq: u64 },
    /// The answer to `ping`.
    Pong {
        #[serde(skip_serializing_if = "Option::is_none")]
        id: Option<u64>,
    },
    /// The client made a mistake, or is not welcome (any more).
    Error {
        #[serde(skip_serializing_if = "Option::is_none")]
        id: Option<u64>,
        code: &'a str,
        detail: &'a str,
        hint: &'a str,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_read_strictly() {
        let read = |text: &str| serde_json::from_str::<ClientMessage>(text);
        assert!(matches!(
            read(r#"{"type":"subscribe","id":1,"since":{"epoch":"7","seq":9}}"#),
            Ok(ClientMessage::Subscribe {
                id: 1,
                since: Some(Cursor { epoch: 7, seq: 9 }),
                devices: None,
                gzip: false
            })
        ));
        assert!(matches!(
            read(r#"{"type":"subscribe","id":1,"gzip":true}"#),
            Ok(ClientMessage::Subscribe { since: None, gzip: true, .. })
        ));
        assert!(matches!(
            read(r#"{"type":"subscribe","id":1,"since":{"epoch":7,"seq":9},"devices":["a:1"]}"#),
            Ok(ClientMessage::Subscribe { since: Some(Cursor { epoch: 7, seq: 9 }), devices: Some(_), .. })
        ));
        for wrong in [
            r#"{"type":"subscribe"}"#,
            r#"{"type":"subscribe","id":1,"gzip":"yes"}"#,
            r#"{"type":"subscribe","id":1,"gzip":null}"#,
            r#"{"type":"dance"}"#,
            r#"{"type":"auth","token":"t","x":1}"#,
            "[]",
            "",
        ] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
