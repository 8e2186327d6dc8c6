//! What passes between the link and a dialect.

use bytes::Bytes;

/// A message that the broker delivered.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Message {
    /// The topic; MQTT wants UTF-8, and a dialect checks it.
    pub topic: Bytes,
    /// The payload.
    pub payload: Bytes,
    /// It was retained: sent before the subscription, not news.
    pub retain: bool,
}

impl Message {
    /// A message that was just published.
    pub fn new(topic: impl Into<Bytes>, payload: impl Into<Bytes>) -> Self {
        Self { topic: topic.into(), payload: payload.into(), retain: false }
    }

    /// The same as a retained one.
    pub fn retained(mut self) -> Self {
        self.retain = true;
        self
    }
}

/// What goes to the broker.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Outgoing {
    /// A message, at most once and not retained: a command that is lost fails by its missing report, and is never
    /// carried out twice or late.
    Publish {
        /// Where to.
        topic: String,
        /// What.
        payload: Bytes,
    },
    /// Wants the messages of this filter, at most once each: whoever needs certainty asks again.
    Subscribe {
        /// The topic filter.
        filter: String,
    },
}
