//! What is to be published and has not left yet.
//!
//! The run loop empties it after every step, unless the broker takes nothing at the moment. What finds no room then is
//! refused to whoever wanted it: a command fails with `busy`, a request is answered, a question to a device is left out.

use std::collections::VecDeque;

use hub_model::CommandId;

use crate::message::Outgoing;

/// The most messages that wait. One command makes fewer.
const MOST_MESSAGES: usize = 256;
/// The most bytes that wait.
const MOST_BYTES: usize = 1024 * 1024;
/// The largest message. What a device can take is far below.
const LARGEST: usize = 256 * 1024;

/// Why something cannot be sent.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub(super) enum NoRoom {
    /// Too much waits.
    #[error("the broker takes nothing at the moment; try again when it does")]
    Full,
    /// No device could take it.
    #[error("a message may have {} KiB at most; send less at once", LARGEST >> 10)]
    TooLarge,
}

/// A message that waits, and the command that it is part of.
#[derive(Debug)]
struct Waiting {
    message: Outgoing,
    command: Option<CommandId>,
}

/// Messages in the order in which they are to be sent.
#[derive(Debug, Default)]
pub(super) struct Outbox {
    waiting: VecDeque<Waiting>,
    bytes: usize,
}

impl Outbox {
    /// Takes messages that belong together, all or none.
    pub(super) fn push(&mut self, messages: Vec<Outgoing>, command: Option<&CommandId>) -> Result<(), NoRoom> {
        if messages.iter().any(|message| size_of(message) > LARGEST) {
            return Err(NoRoom::TooLarge);
        }
        let bytes: usize = messages.iter().map(size_of).sum();
        if self.waiting.len() + messages.len() > MOST_MESSAGES || self.bytes + bytes > MOST_BYTES {
            return Err(NoRoom::Full);
        }
        self.bytes += bytes;
        self.waiting.extend(messages.into_iter().map(|message| Waiting { message, command: command.cloned() }));
        Ok(())
    }

    /// The next message.
    pub(super) fn pop(&mut self) -> Option<Outgoing> {
        let Waiting { message, .. } = self.waiting.pop_front()?;
        self.bytes -= size_of(&message);
        Some(message)
    }

    /// Throws everything away. The commands of which something was lost, each once.
    pub(super) fn clear(&mut self) -> Vec<CommandId> {
        self.bytes = 0;
        let mut lost: Vec<CommandId> = self.waiting.drain(..).filter_map(|waiting| waiting.command).collect();
        // The messages of one command stand together.
        lost.dedup();
        lost
    }
}

fn size_of(message: &Outgoing) -> usize {
    match message {
        Outgoing::Publish { topic, payload } => topic.len() + payload.len(),
        Outgoing::Subscribe { filter } => filter.len(),
    }
}
