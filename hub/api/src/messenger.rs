//! What the API needs of the ways to people.

use std::future::Future;
use std::pin::Pin;

use hub_model::NotificationId;
use hub_model::message::{Channel, ChannelKind};

/// An answer that takes a while: nothing, or what went wrong, for people.
pub type Attempt = Pin<Box<dyn Future<Output = Result<(), String>> + Send>>;

/// Sends messages to people. The daemon joins it to the real one.
pub trait Messenger: Send + Sync + 'static {
    /// What browsers subscribe with.
    fn push_key(&self) -> &str;

    /// What is wrong with a channel, as far as that can be known without sending, for people.
    fn check(&self, kind: &ChannelKind) -> Result<(), String>;

    /// Sends a test message.
    fn try_out(&self, channel: Channel) -> Attempt;

    /// Somebody sees to what people were told.
    fn acknowledged(&self, id: &NotificationId);
}
