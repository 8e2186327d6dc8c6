//! Commands that no frame carries: they go in segments (Transport Service), one at a time, so that others are served in
//! between. While they do, nothing else is sent to the same node but answers that need no nonce.

use hub_model::Monotonic;

use super::task::{Failure, Frame, Queued};
use super::{Network, Transmission, Transmitted};
use crate::encapsulation::transport_service::{Outcome, Segment, Sender};
use crate::serial_api::NodeId;

/// A task on its way in segments.
#[derive(Debug)]
pub(super) struct Datagram {
    pub(super) sender: Sender,
    pub(super) queued: Queued,
}

impl Network {
    /// Sends the first segment of a task that was wrapped, if its node puts segments together.
    pub(super) fn begin_datagram(&mut self, now: Monotonic, queued: Queued, bytes: Vec<u8>) -> Option<Transmission> {
        let id = queued.task.node;
        let longest = self.longest;
        let node = self.nodes.get_mut(&id)?;
        let sender = match node.datagram {
            None if node.takes_segments => {
                node.datagrams = node.datagrams.wrapping_add(1);
                Sender::new(now, node.datagrams, bytes, longest).ok()
            }
            _ => None,
        };
        let Some(sender) = sender else {
            self.end(&queued, Err(Failure::TooLong));
            return None;
        };
        node.datagram = Some(Datagram { sender, queued });
        self.send_segment(now, id)
    }

    pub(super) fn send_segment(&mut self, now: Monotonic, id: NodeId) -> Option<Transmission> {
        let segment = self.nodes.get_mut(&id)?.datagram.as_mut()?.sender.poll_transmit(now)?;
        Some(self.begin(id, Frame::Segment, segment.encode()))
    }

    /// A segment was sent, or not: then its task is sent again as a whole, or given up, as if it had been one frame.
    pub(super) fn handle_segment_transmitted(&mut self, now: Monotonic, id: NodeId, transmitted: Transmitted) {
        let Some(node) = self.nodes.get_mut(&id) else { return };
        if transmitted == Transmitted::Arrived {
            if let Some(datagram) = &mut node.datagram {
                datagram.sender.handle_transmitted(now, true);
            }
            self.handle_heard(now, id);
            self.finish_datagram(now, id);
        } else if let Some(Datagram { queued, .. }) = node.datagram.take() {
            self.handle_transmitted_frame(now, id, Frame::Task, Some(queued), transmitted);
        }
    }

    /// A node says something of segments: those of its own, or ours.
    pub(super) fn handle_segment(&mut self, now: Monotonic, source: NodeId, segment: Segment) -> Option<Vec<u8>> {
        if let Segment::First { .. } | Segment::Subsequent { .. } = segment {
            let datagram = self.segments.handle_segment(now, source, segment);
            self.answer_segments(now);
            return datagram;
        }
        if let Some(datagram) = self.nodes.get_mut(&source).and_then(|node| node.datagram.as_mut()) {
            datagram.sender.handle_segment(now, &segment);
            self.finish_datagram(now, source);
        }
        None
    }

    /// What follows when all segments have arrived, or not.
    pub(super) fn finish_datagram(&mut self, now: Monotonic, id: NodeId) {
        let Some(node) = self.nodes.get_mut(&id) else { return };
        let Some(Datagram { sender, queued }) = node.datagram.take_if(|datagram| datagram.sender.outcome().is_some())
        else {
            return;
        };
        match sender.outcome() {
            Some(Outcome::Complete) => {
                self.handle_transmitted_frame(now, id, Frame::Task, Some(queued), Transmitted::Arrived);
            }
            _ => self.end(&queued, Err(Failure::NoReport)),
        }
    }

    pub(super) fn answer_segments(&mut self, now: Monotonic) {
        while let Some((to, segment)) = self.segments.poll_reply() {
            self.reply(now, to, 0, segment.encode(), super::Protection::None);
        }
    }
}
