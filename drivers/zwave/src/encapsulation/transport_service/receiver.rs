//! Putting segments together (SDS13783, Transport Service), from several nodes at once.

use std::collections::VecDeque;
use std::time::Duration;

use hub_model::Monotonic;

use super::segment::{LONGEST_PAYLOAD, Segment};
use crate::node_id::NodeId;

/// How long the next segment may take, before it is asked for, and once more before all is given up.
const SEGMENT_WAIT: Duration = Duration::from_millis(800);
/// Datagrams under way at once, one of each node. Who comes then is told to wait.
const MOST: usize = 8;
/// How long, and of how many, it is remembered that a datagram was complete: the sender may not have heard it.
const MEMORY: Duration = Duration::from_secs(2);
const MOST_REMEMBERED: usize = 16;

/// Datagrams that are not complete. Bounded: eight of 2,047 bytes.
#[derive(Debug, Default)]
pub struct Receiver {
    under_way: Vec<Incoming>,
    complete: VecDeque<Complete>,
    replies: VecDeque<(NodeId, Segment)>,
}

#[derive(Debug)]
struct Incoming {
    from: NodeId,
    session: u8,
    /// A place is empty until its segment came.
    bytes: Vec<Option<u8>>,
    until: Monotonic,
    /// What was asked for, since the last segment came.
    asked: bool,
}

#[derive(Debug)]
struct Complete {
    from: NodeId,
    session: u8,
    until: Monotonic,
}

impl Receiver {
    /// A segment came in. Gives the datagram, when this was the last that lacked. Segments for a sender are ignored.
    pub fn handle_segment(&mut self, now: Monotonic, from: NodeId, segment: Segment) -> Option<Vec<u8>> {
        self.complete.retain(|complete| complete.until > now);
        match segment {
            Segment::First { size, session, payload } => self
                .begin(now, from, session, size.into())
                .and_then(|()| self.add(now, from, session, size, 0, &payload)),
            Segment::Subsequent { size, session, offset, payload } => {
                self.add(now, from, session, size, offset, &payload)
            }
            Segment::Request { .. } | Segment::Complete { .. } | Segment::Wait { .. } => None,
        }
    }

    /// The time of [`Receiver::poll_timeout`] has come.
    pub fn handle_timeout(&mut self, now: Monotonic) {
        self.under_way.retain(|incoming| incoming.until > now || !incoming.asked);
        for incoming in self.under_way.iter_mut().filter(|incoming| incoming.until <= now) {
            incoming.ask(now, &mut self.replies);
        }
    }

    /// The next answer to a sender.
    pub fn poll_reply(&mut self) -> Option<(NodeId, Segment)> {
        self.replies.pop_front()
    }

    /// When [`Receiver::handle_timeout`] wants to be called.
    pub fn poll_timeout(&self) -> Option<Monotonic> {
        self.under_way.iter().map(|incoming| incoming.until).min()
    }

    fn begin(&mut self, now: Monotonic, from: NodeId, session: u8, size: usize) -> Option<()> {
        if self.acknowledge_again(from, session) {
            return None;
        }
        // A node that begins anew has given up what was before.
        self.under_way.retain(|incoming| incoming.from != from);
        if self.under_way.len() >= MOST {
            let pending = self.under_way.iter().map(Incoming::pending).min().unwrap_or_default();
            self.reply(from, Segment::Wait { pending });
            return None;
        }
        let bytes = vec![None; size];
        self.under_way.push(Incoming { from, session, bytes, until: now.plus(SEGMENT_WAIT), asked: false });
        Some(())
    }

    fn add(
        &mut self,
        now: Monotonic,
        from: NodeId,
        session: u8,
        size: u16,
        offset: u16,
        payload: &[u8],
    ) -> Option<Vec<u8>> {
        let known = |incoming: &Incoming| {
            incoming.from == from && incoming.session == session && incoming.bytes.len() == usize::from(size)
        };
        let Some(place) = self.under_way.iter().position(known) else {
            if !self.acknowledge_again(from, session) {
                // Its beginning is not known: the sender begins anew.
                self.reply(from, Segment::Wait { pending: 0 });
            }
            return None;
        };
        let incoming = &mut self.under_way[place];
        let offset = usize::from(offset);
        let places = incoming.bytes.get_mut(offset..offset + payload.len())?;
        for (place, byte) in places.iter_mut().zip(payload) {
            *place = Some(*byte);
        }
        let Some(datagram) = incoming.bytes.iter().copied().collect::<Option<Vec<u8>>>() else {
            incoming.until = now.plus(SEGMENT_WAIT);
            let at_end = incoming.bytes.last().is_some_and(Option::is_some);
            if at_end || incoming.asked {
                incoming.ask(now, &mut self.replies);
            }
            return None;
        };
        self.under_way.remove(place);
        if self.complete.len() >= MOST_REMEMBERED {
            self.complete.pop_front();
        }
        self.complete.push_back(Complete { from, session, until: now.plus(MEMORY) });
        self.reply(from, Segment::Complete { session });
        Some(datagram)
    }

    fn acknowledge_again(&mut self, from: NodeId, session: u8) -> bool {
        let known = self.complete.iter().any(|complete| complete.from == from && complete.session == session);
        if known {
            self.reply(from, Segment::Complete { session });
        }
        known
    }

    /// One answer for each segment that came in, so that as many wait as the caller lets come in at once.
    fn reply(&mut self, to: NodeId, segment: Segment) {
        if self.replies.len() < MOST_REMEMBERED {
            self.replies.push_back((to, segment));
        }
    }
}

impl Incoming {
    /// Asks for the first segment that lacks.
    fn ask(&mut self, now: Monotonic, replies: &mut VecDeque<(NodeId, Segment)>) {
        let missing = self.bytes.iter().position(Option::is_none).unwrap_or_default();
        self.asked = true;
        self.until = now.plus(SEGMENT_WAIT);
        if replies.len() < MOST_REMEMBERED {
            let offset = u16::try_from(missing).unwrap_or_default();
            replies.push_back((self.from, Segment::Request { session: self.session, offset }));
        }
    }

    fn pending(&self) -> u8 {
        let missing = self.bytes.iter().filter(|place| place.is_none()).count();
        u8::try_from(missing.div_ceil(LONGEST_PAYLOAD)).unwrap_or(u8::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NODE: NodeId = NodeId(5);

    fn at(milliseconds: u64) -> Monotonic {
        Monotonic(Duration::from_millis(milliseconds))
    }

    fn datagram() -> Vec<u8> {
        (0..100).collect()
    }

    fn segment(session: u8, offset: u16) -> Segment {
        let payload = datagram().into_iter().skip(offset.into()).take(LONGEST_PAYLOAD).collect();
        match offset {
            0 => Segment::First { size: 100, session, payload },
            _ => Segment::Subsequent { size: 100, session, offset, payload },
        }
    }

    fn replies(receiver: &mut Receiver) -> Vec<Segment> {
        std::iter::from_fn(|| receiver.poll_reply()).map(|(_, segment)| segment).collect()
    }

    #[test]
    fn three_segments() {
        let mut receiver = Receiver::default();
        assert_eq!(receiver.handle_segment(at(0), NODE, segment(3, 0)), None);
        assert_eq!(receiver.handle_segment(at(10), NODE, segment(3, 39)), None);
        assert_eq!(receiver.handle_segment(at(20), NODE, segment(3, 78)), Some(datagram()));
        assert_eq!(replies(&mut receiver), [Segment::Complete { session: 3 }]);
        assert_eq!(receiver.poll_timeout(), None);
        // The sender did not hear that, and repeats the last.
        assert_eq!(receiver.handle_segment(at(1_020), NODE, segment(3, 78)), None);
        assert_eq!(replies(&mut receiver), [Segment::Complete { session: 3 }]);
    }

    #[test]
    fn a_lost_segment_is_asked_for() {
        let mut receiver = Receiver::default();
        receiver.handle_segment(at(0), NODE, segment(3, 0));
        receiver.handle_segment(at(20), NODE, segment(3, 78));
        assert_eq!(replies(&mut receiver), [Segment::Request { session: 3, offset: 39 }]);
        assert_eq!(receiver.handle_segment(at(40), NODE, segment(3, 39)), Some(datagram()));
    }

    #[test]
    fn the_last_segment_is_asked_for_after_a_while_and_once() {
        let mut receiver = Receiver::default();
        receiver.handle_segment(at(0), NODE, segment(3, 0));
        receiver.handle_segment(at(0), NODE, segment(3, 39));
        assert_eq!(receiver.poll_timeout(), Some(at(800)));
        receiver.handle_timeout(at(800));
        assert_eq!(replies(&mut receiver), [Segment::Request { session: 3, offset: 78 }]);
        receiver.handle_timeout(at(1_600));
        assert_eq!((replies(&mut receiver), receiver.poll_timeout()), (vec![], None));
    }

    #[test]
    fn what_has_no_beginning_is_to_begin_anew() {
        let mut receiver = Receiver::default();
        receiver.handle_segment(at(0), NODE, segment(3, 39));
        assert_eq!(replies(&mut receiver), [Segment::Wait { pending: 0 }]);
    }

    #[test]
    fn too_many_at_once_are_told_to_wait() {
        let mut receiver = Receiver::default();
        for node in 0..=8 {
            receiver.handle_segment(at(0), NodeId(node), segment(3, 0));
        }
        assert_eq!(receiver.poll_reply(), Some((NodeId(8), Segment::Wait { pending: 2 })));
        assert_eq!(receiver.under_way.len(), MOST);
    }

    #[test]
    fn what_lies_outside_is_ignored() {
        let mut receiver = Receiver::default();
        receiver.handle_segment(at(0), NODE, segment(3, 0));
        let outside = Segment::Subsequent { size: 100, session: 3, offset: 90, payload: vec![0; 11] };
        assert_eq!(receiver.handle_segment(at(0), NODE, outside), None);
        let too_long = Segment::First { size: 1, session: 4, payload: vec![0; 2] };
        assert_eq!(receiver.handle_segment(at(0), NODE, too_long), None);
        let nothing = Segment::First { size: 0, session: 5, payload: vec![0] };
        assert_eq!(receiver.handle_segment(at(0), NODE, nothing), None);
    }
}
