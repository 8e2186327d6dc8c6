//! Messages that came before the names in their topics were known: brokers hand out retained messages in any order.

use std::collections::VecDeque;

use crate::message::Message;

/// The most messages and bytes that are held.
const LIMIT: (usize, usize) = (4_096, 8 * 1024 * 1024);

/// Held messages, oldest first.
#[derive(Debug, Default)]
pub(super) struct Early {
    messages: VecDeque<Message>,
    bytes: usize,
}

impl Early {
    /// Holds a message; false when there is no room.
    pub(super) fn hold(&mut self, message: Message) -> bool {
        let size = message.topic.len() + message.payload.len();
        if self.messages.len() >= LIMIT.0 || self.bytes + size > LIMIT.1 {
            return false;
        }
        self.bytes += size;
        // A small payload must not keep the whole read buffer that it is a slice of.
        let copy = |bytes: &bytes::Bytes| bytes::Bytes::copy_from_slice(bytes);
        self.messages.push_back(Message { topic: copy(&message.topic), payload: copy(&message.payload), ..message });
        true
    }

    /// Gives everything back.
    pub(super) fn take(&mut self) -> VecDeque<Message> {
        self.bytes = 0;
        std::mem::take(&mut self.messages)
    }
}
