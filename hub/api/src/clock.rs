//! A clock that a person may set.

use hub_model::Timestamp;

/// The hub's idea of the time, where a person may correct it. The machine's own clock stays as it is.
pub trait SettableClock: Send + Sync + 'static {
    /// It is this time now.
    fn set(&self, time: Timestamp) -> Result<(), ClockRefusal>;
}

/// A clock was not set.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ClockRefusal {
    /// A time server was heard: that is better than any person's watch.
    #[error("the hub has its time from a time server")]
    NetworkTime,
    /// No hub runs before it was written.
    #[error("the hub was written later than that; give a time after {0}")]
    TooEarly(Timestamp),
    /// Such a time cannot be written down.
    #[error("that is too far ahead; give a time before {0}")]
    TooLate(Timestamp),
}
