//! A link that plays a capture to a machine: what came in comes in again, when what went out before it has gone out.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::watch;

use super::capture::{Capture, What};
use super::{Link, LinkError};

/// How long the machine may take to send what it sent when the capture was made; then the play goes on without it.
const PATIENCE: Duration = Duration::from_secs(5);

/// Plays a capture. The times in it are not kept: each thing comes as soon as everything before it has happened.
#[derive(Debug)]
pub struct Replay {
    script: VecDeque<What>,
    watch: Arc<watch::Sender<Progress>>,
}

/// Shows how far a [`Replay`] is and what was sent otherwise than captured.
#[derive(Clone, Debug)]
pub struct ReplayWatch {
    progress: watch::Receiver<Progress>,
}

#[derive(Debug, Default)]
struct Progress {
    finished: bool,
    differences: Vec<Difference>,
}

/// The machine did not send what was sent when the capture was made.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Difference {
    /// What the capture says; none = nothing was to be sent here.
    pub captured: Option<Bytes>,
    /// What was sent; none = nothing came in time.
    pub sent: Option<Bytes>,
}

impl Replay {
    /// A link that plays `capture`, and what watches it.
    pub fn new(capture: Capture) -> (Self, ReplayWatch) {
        let (sender, progress) = watch::channel(Progress::default());
        let script = capture.entries.into_iter().map(|entry| entry.what).collect();
        let replay = Self { script, watch: Arc::new(sender) };
        replay.finish_at_end();
        (replay, ReplayWatch { progress })
    }

    fn finish_at_end(&self) {
        if self.script.is_empty() {
            self.watch.send_modify(|progress| progress.finished = true);
        }
    }

    fn differ(&self, captured: Option<Bytes>, sent: Option<Bytes>) {
        self.watch.send_modify(|progress| progress.differences.push(Difference { captured, sent }));
    }
}

impl Link for Replay {
    type Received = Bytes;
    type Transmit = Bytes;

    async fn connect(&mut self) -> Result<(), LinkError> {
        let outcome = match self.script.front() {
            Some(What::Up) => Ok(()),
            Some(What::Down(reason)) => Err(LinkError::new(reason.clone())),
            // A capture may begin in the middle of things.
            Some(What::Received(_) | What::Transmitted(_)) => return Ok(()),
            None => return Err(LinkError::new("the capture has ended")),
        };
        self.script.pop_front();
        self.finish_at_end();
        outcome
    }

    async fn receive(&mut self) -> Result<Bytes, LinkError> {
        loop {
            match self.script.front() {
                Some(What::Transmitted(_)) => {
                    // Dropped when the machine sends meanwhile, and begun anew.
                    tokio::time::sleep(PATIENCE).await;
                    if let Some(What::Transmitted(captured)) = self.script.pop_front() {
                        self.differ(Some(captured), None);
                    }
                    self.finish_at_end();
                }
                Some(What::Received(_)) => {
                    let received = self.script.pop_front();
                    self.finish_at_end();
                    if let Some(What::Received(bytes)) = received {
                        return Ok(bytes);
                    }
                }
                Some(What::Down(reason)) => {
                    let error = LinkError::new(reason.clone());
                    self.script.pop_front();
                    self.finish_at_end();
                    return Err(error);
                }
                Some(What::Up) => return Err(LinkError::new("the link was made anew here")),
                None => std::future::pending().await,
            }
        }
    }

    async fn transmit(&mut self, transmit: Bytes) -> Result<(), LinkError> {
        // What is sent may overtake what came in at the same time: the next thing to be sent is looked for up to the
        // next change of the link.
        let next = self
            .script
            .iter()
            .take_while(|what| matches!(what, What::Received(_) | What::Transmitted(_)))
            .position(|what| matches!(what, What::Transmitted(_)));
        let captured = match next.and_then(|index| self.script.remove(index)) {
            Some(What::Transmitted(captured)) => Some(captured),
            _ => None,
        };
        self.finish_at_end();
        if captured.as_ref() != Some(&transmit) {
            self.differ(captured, Some(transmit));
        }
        Ok(())
    }
}

impl ReplayWatch {
    /// Waits until the capture is played out. False = the link was dropped before.
    pub async fn finished(&mut self) -> bool {
        self.progress.wait_for(|progress| progress.finished).await.is_ok()
    }

    /// What was sent otherwise than captured, so far.
    pub fn differences(&self) -> Vec<Difference> {
        self.progress.borrow().differences.clone()
    }
}
