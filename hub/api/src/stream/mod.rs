//! The live stream: a WebSocket that gives a picture of the home and then every event, with a cursor to come back to.
//!
//! An event is turned into its message once, by the first listener that gets to it ([`frames`]); the others send the same
//! bytes. A listener that is too slow is told to start over and gets a new picture; it never holds up
//! others, and what waits for it is bounded by the core's queue.

mod client;
mod frames;
mod message;
mod picture;

pub(crate) use client::open;
pub(crate) use frames::Frames;
pub(crate) use message::{ClientMessage, ServerMessage};
pub(crate) use picture::Picture;
