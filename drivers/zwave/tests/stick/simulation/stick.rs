//! A stick with nodes behind it: requests in, and at which time it says what. One frame is on the air at a time, at
//! 100 kbit/s; everything else takes no time.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use driver_zwave::link::{Data, Frame, decode};
use hub_model::Monotonic;

/// Bits per second on the air.
const RATE: u64 = 100_000;
/// Bytes around a command: what receivers tune in with, start, header and checksum. An acknowledgement is nothing else.
const AROUND: u64 = 24 + 1 + 9 + 2;
/// Between a frame and its acknowledgement, and between that and the next frame.
const TURNAROUND: Duration = Duration::from_millis(1);
/// How long a frame of a slow node takes, over three repeaters.
const SLOW_AIR: Duration = Duration::from_millis(400);
/// How long the stick tries to reach a node that is not there.
const IN_VAIN: Duration = Duration::from_millis(1_500);
/// How long a node thinks before it answers.
const THINKING: Duration = Duration::from_millis(20);

const REQUEST_NODE_INFORMATION: u8 = 0x60;
const SEND_DATA: u8 = 0x13;

/// What a node answers.
const ANSWERS: &[(&[u8], &[u8])] = &[
    (&[0x72, 0x04], &[0x72, 0x05, 0xFF, 0xFF, 0, 1, 0, 2]),
    (&[0x86, 0x11], &[0x86, 0x12, 3, 7, 17, 1, 0]),
    (&[0x86, 0x13, 0x25], &[0x86, 0x14, 0x25, 2]),
    (&[0x86, 0x13, 0x84], &[0x86, 0x14, 0x84, 2]),
    (&[0x86, 0x13, 0x85], &[0x86, 0x14, 0x85, 2]),
    (&[0x86, 0x13, 0x86], &[0x86, 0x14, 0x86, 3]),
    (&[0x86, 0x13, 0x72], &[0x86, 0x14, 0x72, 2]),
    (&[0x86, 0x13, 0x5E], &[0x86, 0x14, 0x5E, 2]),
    (&[0x85, 0x02, 0x01], &[0x85, 0x03, 1, 5, 0, 1]),
    (&[0x84, 0x05], &[0x84, 0x06, 0, 0x0E, 0x10, 1]),
    (&[0x84, 0x09], &[0x84, 0x0A, 0, 0, 0x3C, 1, 0x51, 0x80, 0, 0x0E, 0x10, 0, 0, 0x3C]),
    (&[0x25, 0x02], &[0x25, 0x03, 0xFF, 0xFF, 0]),
];

/// What kind of node it is, in the beginning.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    Listening,
    Slow,
    Dead,
    Sleeping,
}

/// Something that went on the air to a node.
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    pub(crate) node: u8,
    /// Empty where node information is asked for.
    pub(crate) command: Vec<u8>,
    request: Data,
}

/// What happens later.
#[derive(Debug)]
enum Later {
    ToHost(Bytes),
    /// A node takes the air.
    Answers {
        node: u8,
        command: Vec<u8>,
    },
}

/// What a node says to a command that it is sent; nothing = it answers as all do.
pub(crate) type Behaviour = Box<dyn FnMut(&[u8]) -> Option<Vec<Vec<u8>>>>;

/// The stick.
pub(crate) struct Stick {
    nodes: Vec<u8>,
    kind_of: fn(u8) -> Kind,
    now: Monotonic,
    incoming: BytesMut,
    agenda: BTreeMap<(Monotonic, u64), Later>,
    counter: u64,
    air_free_at: Monotonic,
    /// How long the air was taken.
    pub(crate) busy: Duration,
    pub(crate) sent: Vec<Sent>,
    pub(crate) asleep: BTreeSet<u8>,
    dead: BTreeSet<u8>,
    /// Nodes that do more than others. They have Firmware Update Meta Data.
    pub(crate) behaviours: BTreeMap<u8, Behaviour>,
    /// Every so many frames one to a node that is there is lost.
    pub(crate) loses_each: Option<usize>,
    /// What the stick remembers; nobody writes from this address on.
    pub(crate) memory: Vec<u8>,
    pub(crate) memory_breaks_at: usize,
    memory_is_open: bool,
}

fn on_air(bytes: usize) -> Duration {
    let bits = 8 * (AROUND + bytes as u64 + AROUND);
    Duration::from_micros(bits * 1_000_000 / RATE) + 2 * TURNAROUND
}

impl Stick {
    /// A stick with nodes, itself not among them.
    pub(crate) fn new(nodes: Vec<u8>, kind_of: fn(u8) -> Kind) -> Self {
        let all_of = |kind| nodes.iter().copied().filter(|node| kind_of(*node) == kind).collect();
        Self {
            kind_of,
            now: Monotonic::default(),
            incoming: BytesMut::new(),
            agenda: BTreeMap::new(),
            counter: 0,
            air_free_at: Monotonic::default(),
            busy: Duration::ZERO,
            sent: Vec::new(),
            asleep: all_of(Kind::Sleeping),
            dead: all_of(Kind::Dead),
            nodes,
            behaviours: BTreeMap::new(),
            loses_each: None,
            memory: (0..=250).cycle().take(1_000).collect(),
            memory_breaks_at: usize::MAX,
            memory_is_open: false,
        }
    }

    /// Bytes of the host.
    pub(crate) fn handle_bytes(&mut self, now: Monotonic, bytes: &[u8]) {
        self.now = now;
        self.incoming.extend_from_slice(bytes);
        while let Some(frame) = decode(&mut self.incoming) {
            if let Frame::Data(data) = frame {
                self.say_later(Duration::ZERO, Bytes::from_static(&[0x06]));
                self.handle(&data);
            }
        }
    }

    /// When it says something next.
    pub(crate) fn poll_timeout(&self) -> Option<Monotonic> {
        self.agenda.first_key_value().map(|((at, _), _)| *at)
    }

    /// What it says now.
    pub(crate) fn poll_transmit(&mut self, now: Monotonic) -> Option<Bytes> {
        self.now = now;
        while let Some(entry) = self.agenda.first_entry().filter(|entry| entry.key().0 <= now) {
            match entry.remove() {
                Later::ToHost(bytes) => return Some(bytes),
                Later::Answers { node, command } => {
                    let over = self.occupy(node, command.len(), true);
                    self.say_later(over, application_command(node, &command));
                }
            }
        }
        None
    }

    /// It is unplugged: what was under way is forgotten.
    pub(crate) fn unplug(&mut self, now: Monotonic) {
        self.agenda.clear();
        self.incoming.clear();
        self.air_free_at = now;
    }

    pub(crate) fn kill(&mut self, node: u8) {
        self.dead.insert(node);
    }

    pub(crate) fn revive(&mut self, node: u8) {
        self.dead.remove(&node);
    }

    /// A node says something by itself.
    pub(crate) fn tell(&mut self, now: Monotonic, node: u8, command: &[u8]) {
        self.now = now;
        self.say_later(Duration::from_millis(1), application_command(node, command));
    }

    /// How long the same frames take if each is sent when everything has come that the one before leads to, node after
    /// node, at a stick like this one; and how much of it they are on the air.
    pub(crate) fn one_after_another(&self, frames: &[Sent]) -> (Duration, Duration) {
        let mut stick = Self::new(self.nodes.clone(), self.kind_of);
        stick.asleep = self.asleep.clone();
        stick.dead = self.dead.clone();
        let mut frames: Vec<&Sent> = frames.iter().collect();
        frames.sort_by_key(|sent| sent.node);
        for sent in frames {
            stick.handle(&sent.request);
            while let Some(at) = stick.poll_timeout() {
                while stick.poll_transmit(at).is_some() {}
            }
        }
        (stick.now.0, stick.busy)
    }

    fn say_later(&mut self, after: Duration, bytes: Bytes) {
        self.later(after, Later::ToHost(bytes));
    }

    fn later(&mut self, after: Duration, what: Later) {
        self.counter += 1;
        self.agenda.insert((self.now.plus(after), self.counter), what);
    }

    fn respond(&mut self, function: u8, payload: &[u8]) {
        let mut frame = Data::request(function, payload.to_vec()).encode().unwrap().to_vec();
        // The only difference, and what it makes of the checksum.
        frame[2] = 0x01;
        let last = frame.len() - 1;
        frame[last] ^= 0x01;
        self.say_later(Duration::ZERO, frame.into());
    }

    fn handle(&mut self, data: &Data) {
        let payload = data.payload.to_vec();
        match data.function {
            0x07 => {
                let mut mask = [0; 32];
                for function in [0x02_usize, 0x05, 0x08, 0x13, 0x15, 0x20, 0x2E, 0x3B, 0x41, 0x60, 0x80] {
                    mask[(function - 1) / 8] |= 1 << ((function - 1) % 8);
                }
                self.respond(0x07, &[&[1, 0, 0xFF, 0xFF, 0, 1, 0, 1], &mask[..]].concat());
            }
            0x02 => {
                let mut nodes = [0; 29];
                for node in self.nodes.iter().chain([&1]).map(|node| usize::from(*node) - 1) {
                    nodes[node / 8] |= 1 << (node % 8);
                }
                self.respond(0x02, &[&[5, 8, 29], &nodes[..], &[5, 0]].concat());
            }
            0x15 => self.respond(0x15, b"Z-Wave 4.05\0\x01"),
            0x05 => self.respond(0x05, &[0x1C]),
            0x20 => self.respond(0x20, &[0x7E, 0x57, 0, 1, 1]),
            0x41 => {
                let sleeps = (self.kind_of)(payload[0]) == Kind::Sleeping;
                self.respond(0x41, &[if sleeps { 0x53 } else { 0xD3 }, 0x9C, 0, 4, 0x10, 1]);
            }
            REQUEST_NODE_INFORMATION => {
                self.respond(REQUEST_NODE_INFORMATION, &[1]);
                let node = payload[0];
                self.keep(node, &[], data);
                let wake_up: &[u8] = if (self.kind_of)(node) == Kind::Sleeping { &[0x84] } else { &[] };
                let firmware: &[u8] = if self.behaviours.contains_key(&node) { &[0x7A] } else { &[] };
                let classes = [&[0x5E, 0x86, 0x72, 0x85, 0x25], wake_up, firmware].concat();
                let length = u8::try_from(classes.len() + 3).unwrap();
                let information = [&[0x84, node, length, 4, 0x10, 1], &classes[..]].concat();
                self.occupy(node, 1, self.is_there(node));
                let over = self.occupy(node, classes.len() + 4, self.is_there(node));
                self.say_later(over, callback(0x49, &information));
            }
            SEND_DATA => self.handle_send(&payload, data),
            0x08 => self.say_later(Duration::from_millis(50), callback(0x0A, &[7, 0, 1, 2, 7, 0, 0])),
            0x2E => self.handle_memory(&payload),
            0x3B => self.respond(0x3B, &[0xA1, 0xA2, 0x7F]),
            0x80 => self.respond(0x80, &[&[0b0001_1110], &[0; 28][..]].concat()),
            other => panic!("the stick has no function {other:#04x}"),
        }
    }

    fn is_there(&self, node: u8) -> bool {
        !self.dead.contains(&node) && !self.asleep.contains(&node)
    }

    fn keep(&mut self, node: u8, command: &[u8], request: &Data) {
        self.sent.push(Sent { node, command: command.to_vec(), request: request.clone() });
    }

    /// Takes the air for a command to or from a node. Says after how long it is over.
    fn occupy(&mut self, node: u8, bytes: usize, arrives: bool) -> Duration {
        let air = match (self.kind_of)(node) {
            _ if !arrives => IN_VAIN,
            Kind::Slow => SLOW_AIR,
            _ => on_air(bytes),
        };
        self.busy += air;
        let begins = self.air_free_at.max(self.now);
        self.air_free_at = begins.plus(air);
        self.air_free_at.since(self.now)
    }

    fn handle_memory(&mut self, payload: &[u8]) {
        let place = |payload: &[u8]| usize::from(u16::from_be_bytes([payload[2], payload[3]]));
        match payload[0] {
            0 => {
                self.memory_is_open = true;
                let [.., high, low] = self.memory.len().to_be_bytes();
                self.respond(0x2E, &[0, 0, high, low]);
            }
            1 => {
                let (from, length) = (place(payload), usize::from(payload[1]));
                let bytes = self.memory[from..self.memory.len().min(from + length)].to_vec();
                let is_end = from + bytes.len() == self.memory.len();
                let head = [if is_end { 0xFF } else { 0 }, bytes.len() as u8, payload[2], payload[3]];
                self.respond(0x2E, &[&head, &bytes[..]].concat());
            }
            2 => {
                let (to, bytes) = (place(payload), &payload[4..]);
                if to + bytes.len() > self.memory_breaks_at {
                    return self.respond(0x2E, &[1, 0, payload[2], payload[3]]);
                }
                self.memory[to..to + bytes.len()].copy_from_slice(bytes);
                self.respond(0x2E, &[0, payload[1], payload[2], payload[3]]);
            }
            _ => {
                self.memory_is_open = false;
                self.respond(0x2E, &[0, 0, 0, 0]);
            }
        }
    }

    fn handle_send(&mut self, payload: &[u8], data: &Data) {
        assert!(!self.memory_is_open, "the radio is off while the memory is open");
        let (node, length) = (payload[0], usize::from(payload[1]));
        let command = &payload[2..2 + length];
        let callback_id = payload[3 + length];
        self.respond(SEND_DATA, &[1]);
        let is_lost = self.loses_each.is_some_and(|each| self.sent.len() % each == each - 1);
        self.keep(node, command, data);
        let arrives = self.is_there(node) && !is_lost;
        let over = self.occupy(node, length, arrives);
        self.say_later(over, callback(SEND_DATA, &[callback_id, u8::from(!arrives)]));
        if !arrives {
            return;
        }
        if command == [0x84, 0x08] {
            self.asleep.insert(node);
        }
        if let Some(answers) = self.behaviours.get_mut(&node).and_then(|behaviour| behaviour(command)) {
            for (after, command) in (1_u32..).zip(answers) {
                self.later(over + THINKING * after, Later::Answers { node, command });
            }
        } else if let Some((_, answer)) = ANSWERS.iter().find(|(question, _)| *question == command) {
            self.later(over + THINKING, Later::Answers { node, command: answer.to_vec() });
        }
    }
}

fn callback(function: u8, payload: &[u8]) -> Bytes {
    Data::request(function, payload.to_vec()).encode().unwrap()
}

fn application_command(node: u8, command: &[u8]) -> Bytes {
    let length = u8::try_from(command.len()).unwrap();
    callback(0x04, &[&[0x00, node, length], command].concat())
}
