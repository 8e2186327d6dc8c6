//! Links: what carries bytes or messages to a bus.

use std::future::Future;

pub mod byte;
pub mod capture;
pub mod memory;
pub mod recording;
pub mod replay;
pub mod serial;
pub mod tcp;

pub use byte::{ByteLink, PortError};
pub use capture::{Capture, CaptureError};
pub use memory::{MemoryLink, MemoryPeer};
pub use recording::Recording;
pub use replay::{Replay, ReplayWatch};
pub use serial::{SerialLink, SerialSettings, stable_ports};
pub use tcp::TcpLink;

/// A way to a bus that can be lost and found again.
pub trait Link: Send {
    /// What comes in.
    type Received: Send;
    /// What goes out.
    type Transmit: Send;

    /// Connects, or connects again. Returns when the bus can be spoken to.
    fn connect(&mut self) -> impl Future<Output = Result<(), LinkError>> + Send;
    /// The next thing that comes in. Must be safe to drop while it waits: nothing is lost by that.
    fn receive(&mut self) -> impl Future<Output = Result<Self::Received, LinkError>> + Send;
    /// Sends. Not called while the link is full.
    fn transmit(&mut self, transmit: Self::Transmit) -> impl Future<Output = Result<(), LinkError>> + Send;
    /// Whether what was sent last still waits, because the bus takes nothing at the moment. For links that must be read
    /// for something to leave: `receive` then returns as soon as that is over, with nothing if need be. Others wait in
    /// `transmit` and are never full.
    fn is_full(&self) -> bool {
        false
    }
}

/// The link is lost or could not be made. The text names the place and what to do.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct LinkError {
    /// In words.
    pub message: String,
    /// How long to wait at least before the next try, where the cause says so.
    pub retry_after: Option<std::time::Duration>,
}

impl LinkError {
    /// An error of these words.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), retry_after: None }
    }
}
