//! The live stream: a WebSocket that gives a picture of the home and then every event, with a cursor to come back to.
//!
//! An event is turned into its message once, by the first listener that gets to it ([`frames`]); the others send the same
//! bytes. Only those are woken for it who listen to its device or to everything ([`distributor`]). A listener that is too
//! slow is told to start over and gets a new picture; it never holds up others, and what waits for it is bounded.

mod client;
mod distributor;
mod frames;
mod message;
mod picture;
mod socket;

pub(crate) use client::open;
pub(crate) use distributor::Distributor;
pub(crate) use frames::Frames;
pub(crate) use message::{ClientMessage, ServerMessage};
pub(crate) use picture::Picture;
pub(crate) use socket::accept;
