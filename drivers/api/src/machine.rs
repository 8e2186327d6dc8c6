//! The pure part of a driver: the protocol as a state machine.

use hub_model::{Monotonic, Now};

use crate::driver::{DriverEvent, DriverRequest};

/// Whether the link is there.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum LinkState {
    /// Connected (again). What was under way is to be started over.
    Up,
    /// Lost; the text says why and what to do.
    Down(String),
}

/// A protocol. Does no I/O, reads no clock, and bounds its memory. After every `handle_…` call the caller drains
/// `poll_transmit` and `poll_event`, then waits for `poll_timeout`.
pub trait Machine: Send {
    /// What the link brings: bytes, or messages where a crate does the framing.
    type Received: Send;
    /// What the link carries away.
    type Transmit: Send;

    /// The link came or went.
    fn handle_link(&mut self, now: Now, state: LinkState);
    /// Something came in. Garbage is a value: it is skipped and counted, never an error, never a panic.
    fn handle_received(&mut self, now: Now, received: Self::Received);
    /// The hub wants something.
    fn handle_request(&mut self, now: Now, request: DriverRequest);
    /// The time of `poll_timeout` has come.
    fn handle_timeout(&mut self, now: Now);
    /// The next thing to send.
    fn poll_transmit(&mut self) -> Option<Self::Transmit>;
    /// The next thing that happened.
    fn poll_event(&mut self) -> Option<DriverEvent>;
    /// When `handle_timeout` wants to be called.
    fn poll_timeout(&self) -> Option<Monotonic>;
}
