//! Sending a command in segments (SDS13783, Transport Service).

use std::time::Duration;

use hub_model::Monotonic;

use super::segment::{LONGEST_DATAGRAM, LONGEST_PAYLOAD, OVERHEAD, Segment};

/// How long the receiver's last word may take.
const COMPLETE_WAIT: Duration = Duration::from_millis(1_000);
/// Between segments, so that slow receivers keep up.
const SEGMENT_PAUSE: Duration = Duration::from_millis(35);
/// For each segment that the receiver still waits for from others.
const PAUSE_FOR_EACH_PENDING: Duration = Duration::from_millis(100);
/// How often the last segment is repeated, and how often all begins anew, before it is given up.
const REPETITIONS: u32 = 2;
/// How many segments are asked for again, before it is given up.
const MOST_REQUESTS: u32 = 64;

/// How it ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// The receiver has everything.
    Complete,
    /// It has not, or does not say so.
    Failed,
}

/// The command is too long for Transport Service.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("Transport Service carries 1 to {LONGEST_DATAGRAM} bytes, not {length}: send less at once")]
pub struct TooLong {
    /// Of the command.
    pub length: usize,
}

/// One command on its way. One segment is sent at a time: after each the caller says that it was.
#[derive(Debug)]
pub struct Sender {
    session: u8,
    datagram: Vec<u8>,
    payload: usize,
    state: State,
    repetitions: u32,
    beginnings: u32,
    requests: u32,
}

#[derive(Clone, Copy, Debug)]
enum State {
    /// The segment at this offset is to be sent at this time.
    Pause {
        offset: usize,
        at: Monotonic,
        then: Then,
    },
    /// It was handed out.
    Sending {
        offset: usize,
        then: Then,
    },
    /// The receiver has the word.
    Listening {
        until: Monotonic,
    },
    Ended(Outcome),
}

/// What follows a segment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Then {
    Next,
    Listen,
}

impl Sender {
    /// A command for one node. `session` is 0 to 15, and another than that of the command before. `longest` is the
    /// longest frame that the radio carries.
    pub fn new(now: Monotonic, session: u8, datagram: Vec<u8>, longest: usize) -> Result<Self, TooLong> {
        if datagram.is_empty() || datagram.len() > LONGEST_DATAGRAM {
            return Err(TooLong { length: datagram.len() });
        }
        let state = State::Pause { offset: 0, at: now, then: Then::Next };
        let payload = longest.saturating_sub(OVERHEAD).clamp(1, LONGEST_PAYLOAD);
        Ok(Self { session: session & 0x0F, datagram, payload, state, repetitions: 0, beginnings: 0, requests: 0 })
    }

    /// The next segment, when its time has come. Say [`Sender::handle_transmitted`] when it is sent.
    pub fn poll_transmit(&mut self, now: Monotonic) -> Option<Segment> {
        let State::Pause { offset, at, then } = self.state else { return None };
        if at > now {
            return None;
        }
        self.state = State::Sending { offset, then };
        Some(self.segment(offset))
    }

    /// Whether [`Sender::poll_transmit`] has something.
    pub fn is_due(&self, now: Monotonic) -> bool {
        matches!(self.state, State::Pause { at, .. } if at <= now)
    }

    /// The segment that was handed out is sent, or it is not: `arrived` says whether the node acknowledged it.
    pub fn handle_transmitted(&mut self, now: Monotonic, arrived: bool) {
        let State::Sending { offset, then } = self.state else { return };
        let next = offset + self.payload;
        self.state = if !arrived {
            State::Ended(Outcome::Failed)
        } else if then == Then::Next && next < self.datagram.len() {
            State::Pause { offset: next, at: now.plus(SEGMENT_PAUSE), then }
        } else {
            State::Listening { until: now.plus(COMPLETE_WAIT) }
        };
    }

    /// The receiver says something.
    pub fn handle_segment(&mut self, now: Monotonic, segment: &Segment) {
        if matches!(self.state, State::Ended(_)) {
            return;
        }
        match segment {
            Segment::Complete { session } if *session == self.session => self.state = State::Ended(Outcome::Complete),
            Segment::Request { session, offset }
                if *session == self.session && usize::from(*offset) < self.datagram.len() =>
            {
                self.requests += 1;
                self.state = match self.requests {
                    ..=MOST_REQUESTS => State::Pause { offset: usize::from(*offset), at: now, then: Then::Listen },
                    _ => State::Ended(Outcome::Failed),
                };
            }
            Segment::Wait { pending } => {
                self.beginnings += 1;
                let at = now.plus(PAUSE_FOR_EACH_PENDING * u32::from(*pending));
                self.state = match self.beginnings {
                    ..=REPETITIONS => State::Pause { offset: 0, at, then: Then::Next },
                    _ => State::Ended(Outcome::Failed),
                };
            }
            _ => {}
        }
    }

    /// The time of [`Sender::poll_timeout`] has come; [`Sender::poll_transmit`] may have a segment now.
    pub fn handle_timeout(&mut self, now: Monotonic) {
        if matches!(self.state, State::Listening { until } if until <= now) {
            self.repetitions += 1;
            let last = (self.datagram.len() - 1) / self.payload * self.payload;
            self.state = match self.repetitions {
                ..=REPETITIONS => State::Pause { offset: last, at: now, then: Then::Listen },
                _ => State::Ended(Outcome::Failed),
            };
        }
    }

    /// When [`Sender::handle_timeout`] wants to be called.
    pub fn poll_timeout(&self) -> Option<Monotonic> {
        match self.state {
            State::Pause { at, .. } => Some(at),
            State::Listening { until } => Some(until),
            State::Sending { .. } | State::Ended(_) => None,
        }
    }

    /// How it ended, once it has.
    pub fn outcome(&self) -> Option<Outcome> {
        match self.state {
            State::Ended(outcome) => Some(outcome),
            _ => None,
        }
    }

    fn segment(&self, offset: usize) -> Segment {
        let size = u16::try_from(self.datagram.len()).unwrap_or(u16::MAX);
        let payload = self.datagram.iter().copied().skip(offset).take(self.payload).collect();
        match u16::try_from(offset).unwrap_or(u16::MAX) {
            0 => Segment::First { size, session: self.session, payload },
            offset => Segment::Subsequent { size, session: self.session, offset, payload },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::receiver::Receiver;
    use super::*;
    use crate::node_id::NodeId;

    const NODE: NodeId = NodeId(5);

    /// Sends 200 bytes; says for each transmission, counted from zero, whether it is heard. What arrives, how it ended
    /// for the sender, and how many segments were sent.
    fn transfer(lost: &[usize]) -> (Option<Vec<u8>>, Option<Outcome>, usize) {
        let mut now = Monotonic::default();
        let mut sender = Sender::new(now, 3, (0..200).collect(), 46).unwrap();
        let mut receiver = Receiver::default();
        let mut datagram = None;
        let mut sent = 0;
        while sender.outcome().is_none() {
            if let Some(segment) = sender.poll_transmit(now) {
                let heard = !lost.contains(&sent);
                sent += 1;
                let segment = Segment::decode(&segment.encode()).unwrap();
                if heard {
                    datagram = receiver.handle_segment(now, NODE, segment).or(datagram);
                }
                sender.handle_transmitted(now, true);
            }
            while let Some((_, reply)) = receiver.poll_reply() {
                sender.handle_segment(now, &reply);
            }
            let timeouts = [sender.poll_timeout(), receiver.poll_timeout()];
            if let Some(next) = timeouts.into_iter().flatten().min() {
                now = now.max(next);
            }
            sender.handle_timeout(now);
            receiver.handle_timeout(now);
        }
        (datagram, sender.outcome(), sent)
    }

    #[test]
    fn without_loss() {
        assert_eq!(transfer(&[]), (Some((0..200).collect()), Some(Outcome::Complete), 6));
    }

    #[test]
    fn any_one_lost_segment_is_made_good() {
        for lost in 1..6 {
            assert_eq!(transfer(&[lost]), (Some((0..200).collect()), Some(Outcome::Complete), 7), "segment {lost}");
        }
    }

    #[test]
    fn without_its_beginning_it_begins_anew() {
        let (datagram, outcome, _) = transfer(&[0]);
        assert_eq!((datagram.map(|datagram| datagram.len()), outcome), (Some(200), Some(Outcome::Complete)));
    }

    #[test]
    fn without_a_receiver_it_ends() {
        let (datagram, outcome, sent) = transfer(&(0..100).collect::<Vec<_>>());
        assert_eq!((datagram, outcome, sent), (None, Some(Outcome::Failed), 8));
    }

    #[test]
    fn segments_are_as_long_as_the_radio_carries() {
        for longest in [20, 46, 200] {
            let mut sender = Sender::new(Monotonic::default(), 3, vec![0; 100], longest).unwrap();
            let first = sender.poll_transmit(Monotonic::default()).unwrap().encode();
            sender.handle_transmitted(Monotonic::default(), true);
            let next = sender.poll_transmit(Monotonic(SEGMENT_PAUSE)).unwrap().encode();
            assert_eq!((first.len() + 1, next.len()), (longest.min(46), longest.min(46)));
        }
    }

    #[test]
    fn a_receiver_that_is_busy_is_waited_for() {
        let mut sender = Sender::new(Monotonic::default(), 3, vec![0; 100], 46).unwrap();
        let now = Monotonic::default();
        assert!(sender.poll_transmit(now).is_some());
        sender.handle_transmitted(now, true);
        sender.handle_segment(now, &Segment::Wait { pending: 5 });
        assert_eq!(sender.poll_timeout(), Some(Monotonic(Duration::from_millis(500))));
    }

    #[test]
    fn what_is_too_long_is_refused() {
        assert!(Sender::new(Monotonic::default(), 3, vec![0; 2_047], 46).is_ok());
        assert!(Sender::new(Monotonic::default(), 3, vec![0; 2_048], 46).is_err());
        assert!(Sender::new(Monotonic::default(), 3, vec![], 46).is_err());
    }
}
