//! The host's side of the link: acknowledges what comes, and sends one frame at a time until the stick has it
//! (INS12350, transmission).

use std::collections::VecDeque;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use hub_model::Monotonic;

use super::frame::{self, Data, Frame, FrameTooLong, Kind};

/// How long a sender waits for an acknowledgement: longer than a receiver waits for the rest of a damaged frame.
pub const ACKNOWLEDGEMENT_WAIT: Duration = Duration::from_millis(1_600);
/// How long the reception of one frame may take.
pub const RECEPTION_LIMIT: Duration = Duration::from_millis(1_500);
/// How often a frame is sent again.
pub const RETRANSMISSIONS: u32 = 3;
/// The wait before the first retransmission.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
/// How much longer each next one waits.
const LONGER_PAUSE: Duration = Duration::from_millis(1_000);
/// What ends a frame that the stick may still be waiting for the rest of, and has it send again what nobody heard.
const OPENING: &[u8] = &[frame::NOT_ACKNOWLEDGE; 3];
/// Serial API Soft Reset, after which firmware 7.19 damages the upper half of its acknowledgement.
const SOFT_RESET: u8 = 0x08;
/// The bytes that are looked at in one go, so that the buffer stays small.
const CHUNK: usize = 1_024;
/// How many events and how many answers to the stick wait. When it is full, frames stay unacknowledged, and the stick
/// sends them again.
const QUEUE_LIMIT: usize = 256;

/// Why a frame did not reach the stick.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Undelivered {
    /// Nothing came back.
    NoAcknowledgement,
    /// The stick received it damaged each time.
    NotAcknowledged,
    /// The stick dropped it each time, because it sent at once or was busy.
    Cancelled,
    /// The port was opened anew before it was acknowledged.
    Reopened,
}

/// What happened on the link.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Event {
    /// The stick has our frame. May come after the frame's response.
    Delivered,
    /// The stick does not have it. But for [`Undelivered::Reopened`] all retransmissions were in vain: the link or the
    /// stick is in trouble.
    Undelivered(Undelivered),
    /// The stick sent a frame, which is acknowledged already. It may send it twice if that acknowledgement is lost.
    Received(Data),
    /// Bytes between frames were skipped.
    Garbage(Bytes),
    /// A damaged frame was skipped; the stick was asked to send it again.
    Corrupt(Bytes),
}

/// Why nothing is sent.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum SendError {
    /// One frame at a time.
    #[error("the frame before is not delivered yet: wait for its event")]
    Busy,
    /// It does not fit.
    #[error(transparent)]
    TooLong(#[from] FrameTooLong),
}

/// What the link has seen since it was opened.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Statistics {
    /// Our frames that the stick acknowledged.
    pub delivered: u64,
    /// Our frames that it did not acknowledge in the end.
    pub undelivered: u64,
    /// How often one of our frames was sent again.
    pub retransmissions: u64,
    /// Frames from the stick.
    pub received: u64,
    /// Frames from the stick that came damaged.
    pub corrupt: u64,
    /// Bytes that belonged to no frame.
    pub garbage_bytes: u64,
    /// Acknowledgements for which there was no frame.
    pub stray_acknowledgements: u64,
}

/// The link. Bounded: one frame going out, less than one coming in, and 256 events and answers.
#[derive(Debug, Default)]
pub struct Link {
    /// Less than one frame.
    incoming: BytesMut,
    /// When something came in last.
    heard_at: Monotonic,
    /// When the frame that is coming in is given up.
    reception_until: Option<Monotonic>,
    outgoing: Option<Outgoing>,
    transmit: VecDeque<Bytes>,
    events: VecDeque<Event>,
    statistics: Statistics,
}

/// Our frame, until the stick has it.
#[derive(Debug)]
struct Outgoing {
    frame: Bytes,
    function: u8,
    retransmissions: u32,
    waits_for: Wait,
}

#[derive(Clone, Copy, Debug)]
enum Wait {
    /// The end of the frame that is coming in: sending now would have one of the two dropped.
    Reception {
        until: Monotonic,
    },
    Acknowledgement {
        until: Monotonic,
    },
    Retransmission {
        at: Monotonic,
        reason: Undelivered,
    },
}

impl Link {
    /// The port was opened: forgets what was under way, and has the stick do the same.
    pub fn handle_open(&mut self) {
        if self.outgoing.is_some() {
            self.events.push_back(Event::Undelivered(Undelivered::Reopened));
        }
        *self = Self { events: std::mem::take(&mut self.events), ..Self::default() };
        self.transmit.push_back(Bytes::from_static(OPENING));
    }

    /// Sends a frame, as soon as nothing is being received. One [`Event::Delivered`] or [`Event::Undelivered`] follows.
    pub fn send(&mut self, now: Monotonic, data: &Data) -> Result<(), SendError> {
        if self.outgoing.is_some() {
            return Err(SendError::Busy);
        }
        let frame = data.encode()?;
        let waits_for = Wait::Reception { until: now.plus(RECEPTION_LIMIT) };
        self.outgoing = Some(Outgoing { frame, function: data.function, retransmissions: 0, waits_for });
        self.transmit_when_quiet(now);
        Ok(())
    }

    /// Whether [`Link::send`] takes a frame.
    pub fn is_ready(&self) -> bool {
        self.outgoing.is_none()
    }

    /// Bytes came in.
    pub fn handle_bytes(&mut self, now: Monotonic, bytes: &[u8]) {
        self.heard_at = now;
        for chunk in bytes.chunks(CHUNK) {
            self.incoming.extend_from_slice(chunk);
            self.decode(now);
        }
        self.transmit_when_quiet(now);
    }

    /// The time of [`Link::poll_timeout`] has come.
    pub fn handle_timeout(&mut self, now: Monotonic) {
        while self.reception_until.is_some_and(|until| until <= now) {
            self.reception_until = None;
            if let Some(frame) = frame::abandon(&mut self.incoming) {
                self.handle_frame(now, frame);
            }
            self.decode(now);
        }
        if let Some(outgoing) = &mut self.outgoing {
            match outgoing.waits_for {
                Wait::Acknowledgement { until } if until <= now => {
                    self.handle_failure(now, Undelivered::NoAcknowledgement);
                }
                Wait::Retransmission { at, .. } if at <= now => {
                    outgoing.retransmissions += 1;
                    outgoing.waits_for = Wait::Reception { until: now.plus(RECEPTION_LIMIT) };
                    self.statistics.retransmissions += 1;
                }
                _ => {}
            }
        }
        self.transmit_when_quiet(now);
    }

    /// The next bytes for the wire.
    pub fn poll_transmit(&mut self) -> Option<Bytes> {
        self.transmit.pop_front()
    }

    /// The next thing that happened.
    pub fn poll_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    /// When [`Link::handle_timeout`] wants to be called.
    pub fn poll_timeout(&self) -> Option<Monotonic> {
        let outgoing = self.outgoing.as_ref().map(|outgoing| match outgoing.waits_for {
            Wait::Reception { until } | Wait::Acknowledgement { until } => until,
            Wait::Retransmission { at, .. } => at,
        });
        [self.reception_until, outgoing].into_iter().flatten().min()
    }

    /// What was seen since the link was opened.
    pub fn statistics(&self) -> Statistics {
        self.statistics
    }

    fn decode(&mut self, now: Monotonic) {
        while let Some(frame) = frame::decode(&mut self.incoming) {
            self.reception_until = None;
            self.handle_frame(now, frame);
        }
        if !self.incoming.is_empty() && self.reception_until.is_none() {
            self.reception_until = Some(self.heard_at.plus(RECEPTION_LIMIT));
        }
    }

    fn handle_frame(&mut self, now: Monotonic, frame: Frame) {
        match frame {
            Frame::Ack => self.handle_acknowledgement(),
            Frame::Nak => self.handle_failure(now, Undelivered::NotAcknowledged),
            Frame::Cancel => self.handle_failure(now, Undelivered::Cancelled),
            Frame::Data(data) => self.handle_data(data),
            Frame::Corrupt(bytes) => {
                self.statistics.corrupt += 1;
                self.answer(frame::NOT_ACKNOWLEDGE, Event::Corrupt(bytes));
            }
            Frame::Garbage(bytes) => self.handle_garbage(bytes),
        }
    }

    fn handle_data(&mut self, data: Data) {
        self.statistics.received += 1;
        // The response says that the stick has the request, whatever became of its acknowledgement: sending it again
        // would do it twice.
        let answers = |outgoing: &Outgoing| {
            data.kind == Kind::Response
                && data.function == outgoing.function
                && !(outgoing.retransmissions == 0 && matches!(outgoing.waits_for, Wait::Reception { .. }))
        };
        if self.outgoing.as_ref().is_some_and(answers) {
            self.deliver();
        }
        self.answer(frame::ACKNOWLEDGE, Event::Received(data));
    }

    /// Answers the stick, unless what it sent cannot be kept: then it sends it again later.
    fn answer(&mut self, answer: u8, event: Event) {
        if self.events.len() < QUEUE_LIMIT && self.transmit.len() < QUEUE_LIMIT {
            self.transmit.push_back(Bytes::copy_from_slice(&[answer]));
            self.events.push_back(event);
        }
    }

    fn handle_garbage(&mut self, bytes: Bytes) {
        self.statistics.garbage_bytes += bytes.len() as u64;
        let resets = self.outgoing.as_ref().is_some_and(|outgoing| outgoing.function == SOFT_RESET);
        if resets && bytes.iter().any(|byte| byte & 0x0F == frame::ACKNOWLEDGE) {
            self.handle_acknowledgement();
        }
        if let Some(Event::Garbage(before)) = self.events.back_mut() {
            if before.len() < CHUNK {
                *before = [&before[..], &bytes[..]].concat().into();
            }
        } else if self.events.len() < QUEUE_LIMIT {
            self.events.push_back(Event::Garbage(bytes));
        }
    }

    fn handle_acknowledgement(&mut self) {
        let awaited = match self.outgoing.as_ref().map(|outgoing| outgoing.waits_for) {
            Some(Wait::Acknowledgement { .. }) => true,
            // It comes late, but it comes.
            Some(Wait::Retransmission { reason, .. }) => reason == Undelivered::NoAcknowledgement,
            Some(Wait::Reception { .. }) | None => false,
        };
        if awaited {
            self.deliver();
        } else {
            self.statistics.stray_acknowledgements += 1;
        }
    }

    fn deliver(&mut self) {
        self.outgoing = None;
        self.statistics.delivered += 1;
        self.events.push_back(Event::Delivered);
    }

    fn handle_failure(&mut self, now: Monotonic, reason: Undelivered) {
        let Some(outgoing) = &mut self.outgoing else {
            self.statistics.stray_acknowledgements += 1;
            return;
        };
        if !matches!(outgoing.waits_for, Wait::Acknowledgement { .. }) {
            self.statistics.stray_acknowledgements += 1;
        } else if outgoing.retransmissions < RETRANSMISSIONS {
            let pause = FIRST_PAUSE + LONGER_PAUSE * outgoing.retransmissions;
            outgoing.waits_for = Wait::Retransmission { at: now.plus(pause), reason };
        } else {
            self.outgoing = None;
            self.statistics.undelivered += 1;
            self.events.push_back(Event::Undelivered(reason));
        }
    }

    fn transmit_when_quiet(&mut self, now: Monotonic) {
        let Some(outgoing) = &mut self.outgoing else { return };
        let Wait::Reception { until } = outgoing.waits_for else { return };
        if self.reception_until.is_none() || until <= now {
            outgoing.waits_for = Wait::Acknowledgement { until: now.plus(ACKNOWLEDGEMENT_WAIT) };
            self.transmit.push_back(outgoing.frame.clone());
        }
    }
}

#[cfg(test)]
mod tests;
