//! A link that writes down what goes over it, so that a user's capture becomes a test file.

use std::io::Write;
use std::sync::Arc;

use bytes::Bytes;
use hub_model::{Clock, Monotonic};

use super::capture::{Entry, What};
use super::{Link, LinkError};

/// Writes a [`Capture`](super::Capture) of everything that passes the link within it. The bytes are the bus's own: keys
/// that go over the bus in the clear stand in the capture.
pub struct Recording<L, W> {
    link: L,
    clock: Arc<dyn Clock>,
    began: Monotonic,
    writer: Option<W>,
    room: u64,
}

impl<L, W: Write> Recording<L, W> {
    /// Records `link` to `writer`, at most about `limit` bytes of text.
    pub fn new(link: L, clock: Arc<dyn Clock>, writer: W, limit: u64) -> Self {
        let began = clock.now().mono;
        Self { link, clock, began, writer: Some(writer), room: limit }
    }

    fn note(&mut self, what: What) {
        let Some(writer) = &mut self.writer else { return };
        let entry = Entry { at: self.clock.now().mono.since(self.began), what };
        let line = format!("{entry}\n");
        let Some(room) = self.room.checked_sub(line.len() as u64) else {
            tracing::warn!("The capture has reached its size limit; what follows is not recorded.");
            self.writer = None;
            return;
        };
        self.room = room;
        if let Err(error) = writer.write_all(line.as_bytes()).and_then(|()| writer.flush()) {
            tracing::warn!(%error, "The capture cannot be written; what follows is not recorded.");
            self.writer = None;
        }
    }

    fn noted<T>(&mut self, outcome: Result<T, LinkError>) -> Result<T, LinkError> {
        if let Err(error) = &outcome {
            self.note(What::Down(error.message.clone()));
        }
        outcome
    }
}

impl<L, W> Link for Recording<L, W>
where
    L: Link<Received = Bytes, Transmit = Bytes>,
    W: Write + Send,
{
    type Received = Bytes;
    type Transmit = Bytes;

    async fn connect(&mut self) -> Result<(), LinkError> {
        let outcome = self.link.connect().await;
        self.noted(outcome)?;
        self.note(What::Up);
        Ok(())
    }

    async fn receive(&mut self) -> Result<Bytes, LinkError> {
        let outcome = self.link.receive().await;
        let received = self.noted(outcome)?;
        self.note(What::Received(received.clone()));
        Ok(received)
    }

    async fn transmit(&mut self, transmit: Bytes) -> Result<(), LinkError> {
        let outcome = self.link.transmit(transmit.clone()).await;
        self.noted(outcome)?;
        self.note(What::Transmitted(transmit));
        Ok(())
    }

    fn is_full(&self) -> bool {
        self.link.is_full()
    }
}

impl<L: std::fmt::Debug, W> std::fmt::Debug for Recording<L, W> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Recording").field("link", &self.link).finish_non_exhaustive()
    }
}
