//! Who is on the air next: the most urgent; among those of one urgency first who is awake for a moment only, last who is
//! slow or known not to answer, and otherwise the node whose turn was longest ago. Interviews are an exception: who has answered
//! most goes first, so that some nodes can be used soon, and not all of them late.

use std::cmp::Reverse;

use hub_model::Monotonic;

use super::node::{Node, Presence, Reach};
use super::task::{Expected, Frame, OnAir, Protection, Queued, Task, Urgency, What};
use super::{Network, Transmission};
use crate::serial_api::NodeId;

/// No Operation.
const NO_OPERATION: u8 = 0x00;
/// Wake Up, No More Information.
const NO_MORE_INFORMATION: [u8; 2] = [0x84, 0x08];

/// Who goes first among those of one urgency.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Haste {
    /// It sleeps again soon.
    Awake,
    Usual,
    /// Its frame holds up all others.
    Slow,
    /// To find out once more that it does not answer takes the radio for seconds.
    Dead,
}

impl Haste {
    fn of(node: &Node) -> Self {
        match node.reach {
            Presence::Awake { .. } => Self::Awake,
            Presence::Dead { .. } => Self::Dead,
            Presence::Unknown | Presence::Alive | Presence::Asleep if node.is_slow => Self::Slow,
            Presence::Unknown | Presence::Alive | Presence::Asleep => Self::Usual,
        }
    }
}

#[derive(Clone, Copy, Debug)]
enum Choice {
    Task(usize),
    Probe,
    NoMoreInformation,
    Segment,
}

impl Network {
    pub(super) fn send_next(&mut self, now: Monotonic) -> Option<Transmission> {
        // What cannot be sent ends, and the next is chosen.
        loop {
            let choices = self.nodes.values().filter_map(|node| {
                let (urgency, choice) = Self::choice(now, node)?;
                let haste = Haste::of(node);
                let urgency = match haste {
                    // Who sleeps again soon does not wait until all others can be used.
                    Haste::Awake => urgency.min(Urgency::Interview),
                    // Nor do others wait for what will come to nothing.
                    Haste::Dead => urgency.max(Urgency::Poll),
                    Haste::Usual | Haste::Slow => urgency,
                };
                let answered = if urgency == Urgency::Interview { node.answered } else { 0 };
                Some(((urgency, haste, Reverse(answered), node.served, node.id), choice))
            });
            let ((.., id), choice) = choices.min_by_key(|(order, _)| *order)?;
            self.turn += 1;
            let turn = self.turn;
            self.nodes.get_mut(&id)?.served = turn;
            let transmission = match choice {
                Choice::Task(place) => self.prepare(now, id, place),
                Choice::Probe => Some(self.begin(id, Frame::Probe, vec![NO_OPERATION])),
                Choice::NoMoreInformation => self.say_no_more(now, id),
                Choice::Segment => self.send_segment(now, id),
            };
            if transmission.is_some() {
                return transmission;
            }
        }
    }

    fn choice(now: Monotonic, node: &Node) -> Option<(Urgency, Choice)> {
        let task = node.next_task(now).and_then(|place| {
            let task = &node.queue.get(place)?.task;
            Some((task.urgency, Choice::Task(place)))
        });
        let segment = node.datagram.as_ref().filter(|datagram| datagram.sender.is_due(now));
        let segment = segment.map(|datagram| (datagram.queued.task.urgency, Choice::Segment));
        if let Some(first) = task.into_iter().chain(segment).min_by_key(|(urgency, _)| *urgency) {
            return Some(first);
        }
        if node.wants_probe(now) {
            return Some((Urgency::Poll, Choice::Probe));
        }
        node.may_sleep(now).then_some((Urgency::Poll, Choice::NoMoreInformation))
    }

    pub(super) fn begin(&mut self, node: NodeId, frame: Frame, bytes: Vec<u8>) -> Transmission {
        self.on_air = Some(OnAir { node, frame, queued: None });
        Transmission::Command { node, bytes }
    }

    /// Takes a task out of its queue and wraps it, or asks for the nonce that it needs first.
    fn prepare(&mut self, now: Monotonic, id: NodeId, place: usize) -> Option<Transmission> {
        let node = self.nodes.get_mut(&id)?;
        let mut queued = node.queue.remove(place)?;
        node.count_bite(now, queued.task.urgency);
        let What::Command(command) = queued.task.what.clone() else {
            self.on_air = Some(OnAir { node: id, frame: Frame::Task, queued: Some(queued) });
            return Some(Transmission::NodeInformation { node: id });
        };
        match self.needs_nonce(now, id, queued.task.protection) {
            Err(failure) => {
                self.end(&queued, Err(failure));
                return None;
            }
            Ok(Some(question)) => {
                if let Some(node) = self.nodes.get_mut(&id) {
                    node.put_back(queued);
                    node.nonce_attempts += 1;
                    node.want_nonce(now);
                }
                return Some(self.begin(id, Frame::NonceGet, question));
            }
            Ok(None) => {}
        }
        match self.wrap(now, &mut queued, command) {
            Ok(bytes) if bytes.len() > self.longest => self.begin_datagram(now, queued, bytes),
            Ok(bytes) => {
                self.on_air = Some(OnAir { node: id, frame: Frame::Task, queued: Some(queued) });
                Some(Transmission::Command { node: id, bytes })
            }
            Err(failure) => {
                self.end(&queued, Err(failure));
                None
            }
        }
    }

    /// A node that woke is told that it may sleep, in the way it is spoken with otherwise.
    fn say_no_more(&mut self, now: Monotonic, id: NodeId) -> Option<Transmission> {
        let node = self.nodes.get_mut(&id)?;
        let protection = node.granted.map_or(Protection::None, Protection::Class);
        if protection == Protection::None {
            return Some(self.begin(id, Frame::NoMoreInformation, NO_MORE_INFORMATION.to_vec()));
        }
        // With a nonce that may have to be asked for, it is a task like others, but that much that waits does not keep
        // it out: the node would be chosen to be sent to sleep again and again.
        let task = Task { protection, ..Task::new(id, NO_MORE_INFORMATION.to_vec(), Urgency::Reply) };
        self.last_task += 1;
        node.push_beyond_limit(now, Queued::new(self.last_task, task));
        None
    }

    /// Whether a command sends a node to sleep.
    pub(super) fn is_good_night(what: &What) -> bool {
        matches!(what, What::Command(command) if command.as_slice() == NO_MORE_INFORMATION)
    }

    /// What a report begins with that answers a task.
    pub(super) fn answers(expected: &Expected, command: &[u8]) -> bool {
        command.starts_with(&expected.prefix)
    }

    pub(super) fn tell_reach(&mut self, id: NodeId, reach: Reach) {
        self.push(super::Event::Reach(id, reach));
    }
}
