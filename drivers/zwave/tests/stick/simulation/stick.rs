//! A stick with nodes, in virtual time.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use driver_api::{DriverEvent, DriverRequest, LinkState, Machine};
use driver_zwave::link::{Data, Frame, decode};
use driver_zwave::machine::{Start, ZWave};
use driver_zwave::port::ToPort;
use driver_zwave::security::Secret;
use hub_model::household::Secret as Kept;
use hub_model::{Availability, Device, DeviceId, DriverId, Monotonic, Now, Wall};

pub(crate) const LAST: u8 = 232;
pub(crate) const DEAD: [u8; 3] = [40, 41, 42];
const SLOW: [u8; 5] = [50, 51, 52, 53, 54];
const SLEEPING: std::ops::Range<u8> = 100..160;

/// How long a command and its acknowledgement are on the air; of a slow node, over three repeaters; and how long the
/// stick tries to reach a node that is not there.
const AIR: Duration = Duration::from_millis(15);
const SLOW_AIR: Duration = Duration::from_millis(400);
const IN_VAIN: Duration = Duration::from_millis(1_500);
/// How long a node thinks before it answers.
const THINKING: Duration = Duration::from_millis(20);

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    Listening,
    Slow,
    Dead,
    Sleeping,
}

pub(crate) fn kind_of(node: u8) -> Kind {
    match node {
        node if DEAD.contains(&node) => Kind::Dead,
        node if SLOW.contains(&node) => Kind::Slow,
        node if SLEEPING.contains(&node) => Kind::Sleeping,
        _ => Kind::Listening,
    }
}

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

/// A command that went on the air.
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    pub(crate) node: u8,
    pub(crate) command: Vec<u8>,
}

/// What a node says to a command that it is sent; nothing = it answers as all do.
pub(crate) type Behaviour = Box<dyn FnMut(&[u8]) -> Option<Vec<Vec<u8>>>>;

pub(crate) struct Simulation {
    machine: ZWave,
    pub(crate) now: Monotonic,
    incoming: BytesMut,
    /// What the stick says, and when.
    agenda: BTreeMap<(Monotonic, u64), Bytes>,
    counter: u64,
    air_free_at: Monotonic,
    idle_steps: u32,
    /// How long the radio was busy.
    pub(crate) busy: Duration,
    pub(crate) sent: Vec<Sent>,
    pub(crate) asleep: BTreeSet<u8>,
    dead: BTreeSet<u8>,
    pub(crate) devices: BTreeMap<DeviceId, Device>,
    pub(crate) availability: BTreeMap<DeviceId, Availability>,
    pub(crate) log: Vec<DriverEvent>,
    kept: BTreeMap<Arc<str>, Kept>,
    /// Nodes that do more than others. They have Firmware Update Meta Data.
    pub(crate) behaviours: BTreeMap<u8, Behaviour>,
    /// What the stick remembers; nobody writes from this address on.
    pub(crate) memory: Vec<u8>,
    pub(crate) memory_breaks_at: usize,
    memory_is_open: bool,
    /// Every so many frames one to a node that is there is lost.
    pub(crate) loses_each: Option<usize>,
}

impl Simulation {
    pub(crate) fn start() -> Self {
        let start = Start {
            id: DriverId::new("zwave"),
            known: Vec::new(),
            kept: BTreeMap::new(),
            entropy: Secret::new([7; 32]),
        };
        let mut simulation = Self {
            machine: ZWave::new(start),
            now: Monotonic::default(),
            incoming: BytesMut::new(),
            agenda: BTreeMap::new(),
            counter: 0,
            air_free_at: Monotonic::default(),
            idle_steps: 0,
            busy: Duration::ZERO,
            sent: Vec::new(),
            asleep: SLEEPING.collect(),
            dead: DEAD.into(),
            devices: BTreeMap::new(),
            availability: BTreeMap::new(),
            log: Vec::new(),
            kept: BTreeMap::new(),
            behaviours: BTreeMap::new(),
            memory: (0..1_000_u32).map(|place| (place % 251) as u8).collect(),
            memory_breaks_at: usize::MAX,
            memory_is_open: false,
            loses_each: None,
        };
        simulation.machine.handle_link(simulation.time(), LinkState::Up);
        simulation.drain();
        simulation
    }

    /// The hub starts again, with what it kept, at the same stick.
    pub(crate) fn restart(&mut self) {
        let start = Start {
            id: DriverId::new("zwave"),
            known: std::mem::take(&mut self.devices).into_values().collect(),
            kept: self.kept.clone(),
            entropy: Secret::new([8; 32]),
        };
        self.machine = ZWave::new(start);
        self.availability.clear();
        self.sent.clear();
        self.log.clear();
        self.plug(LinkState::Up);
    }

    fn time(&self) -> Now {
        Now { wall: Wall::default(), mono: self.now }
    }

    /// Lets time pass until something is so.
    pub(crate) fn until(&mut self, limit: Duration, mut is_so: impl FnMut(&Self) -> bool) {
        let end = self.now.plus(limit);
        while !is_so(self) {
            assert!(self.step(end), "not within {limit:?}");
        }
    }

    pub(crate) fn run(&mut self, time: Duration) {
        let end = self.now.plus(time);
        while self.step(end) {}
    }

    pub(crate) fn request(&mut self, request: DriverRequest) {
        self.machine.handle_request(self.time(), request);
        self.drain();
    }

    /// The stick is unplugged, or plugged in.
    pub(crate) fn plug(&mut self, state: LinkState) {
        self.agenda.clear();
        self.incoming.clear();
        self.air_free_at = self.now;
        self.machine.handle_link(self.time(), state);
        self.drain();
    }

    pub(crate) fn wake(&mut self, node: u8) {
        self.asleep.remove(&node);
        self.tell(node, &[0x84, 0x07]);
    }

    pub(crate) fn revive(&mut self, node: u8) {
        self.dead.remove(&node);
    }

    /// A node says something by itself.
    pub(crate) fn tell(&mut self, node: u8, command: &[u8]) {
        self.say_later(Duration::from_millis(1), Self::application_command(node, command));
    }

    /// The next thing that happens. False = nothing until then.
    fn step(&mut self, end: Monotonic) -> bool {
        let said = self.agenda.first_key_value().map(|((at, _), _)| *at);
        let timeout = self.machine.poll_timeout();
        let Some(next) = [said, timeout].into_iter().flatten().min().filter(|next| *next <= end) else {
            self.now = end;
            return false;
        };
        self.idle_steps = if next > self.now { 0 } else { self.idle_steps + 1 };
        assert!(self.idle_steps < 10_000, "time stands still: {timeout:?}");
        self.now = self.now.max(next);
        if said.is_some_and(|said| said <= self.now) {
            if let Some((_, bytes)) = self.agenda.pop_first() {
                self.machine.handle_received(self.time(), bytes);
            }
        } else {
            self.machine.handle_timeout(self.time());
        }
        self.drain();
        true
    }

    fn drain(&mut self) {
        loop {
            while let Some(transmit) = self.machine.poll_transmit() {
                let ToPort::Bytes(bytes) = transmit else { panic!("the port is opened anew") };
                self.incoming.extend_from_slice(&bytes);
            }
            let Some(frame) = decode(&mut self.incoming) else { break };
            if let Frame::Data(data) = frame {
                self.say_later(Duration::ZERO, Bytes::from_static(&[0x06]));
                self.handle(&data);
            }
        }
        while let Some(event) = self.machine.poll_event() {
            match &event {
                DriverEvent::Device(device) => {
                    self.devices.insert(device.id.clone(), (**device).clone());
                }
                DriverEvent::Availability { device, availability } => {
                    self.availability.insert(device.clone(), *availability);
                }
                DriverEvent::Keep { name, value } => {
                    match value {
                        Some(value) => self.kept.insert(Arc::clone(name), value.clone()),
                        None => self.kept.remove(name),
                    };
                }
                _ => {}
            }
            self.log.push(event);
        }
    }

    fn say_later(&mut self, after: Duration, bytes: Bytes) {
        self.counter += 1;
        self.agenda.insert((self.now.plus(after), self.counter), bytes);
    }

    fn respond(&mut self, function: u8, payload: &[u8]) {
        let mut frame = Data::request(function, payload.to_vec()).encode().unwrap().to_vec();
        // The only difference, and what it makes of the checksum.
        frame[2] = 0x01;
        let last = frame.len() - 1;
        frame[last] ^= 0x01;
        self.say_later(Duration::ZERO, frame.into());
    }

    fn callback(function: u8, payload: &[u8]) -> Bytes {
        Data::request(function, payload.to_vec()).encode().unwrap()
    }

    fn application_command(node: u8, command: &[u8]) -> Bytes {
        let length = u8::try_from(command.len()).unwrap();
        Self::callback(0x04, &[&[0x00, node, length], command].concat())
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
            0x02 => self.respond(0x02, &[&[5, 8, 29], &[0xFF; 29][..], &[5, 0]].concat()),
            0x15 => self.respond(0x15, b"Z-Wave 4.05\0\x01"),
            0x05 => self.respond(0x05, &[0x1C]),
            0x20 => self.respond(0x20, &[0x7E, 0x57, 0, 1, 1]),
            0x41 => {
                let sleeps = kind_of(payload[0]) == Kind::Sleeping;
                self.respond(0x41, &[if sleeps { 0x53 } else { 0xD3 }, 0x9C, 0, 4, 0x10, 1]);
            }
            0x60 => {
                self.respond(0x60, &[1]);
                let node = payload[0];
                let wake_up: &[u8] = if kind_of(node) == Kind::Sleeping { &[0x84] } else { &[] };
                let firmware: &[u8] = if self.behaviours.contains_key(&node) { &[0x7A] } else { &[] };
                let classes = [&[0x5E, 0x86, 0x72, 0x85, 0x25], wake_up, firmware].concat();
                let length = u8::try_from(classes.len() + 3).unwrap();
                let information = [&[0x84, node, length, 4, 0x10, 1], &classes[..]].concat();
                let air = self.occupy(node, &[]);
                self.say_later(air, Self::callback(0x49, &information));
            }
            0x13 => self.handle_send(&payload),
            0x08 => self.say_later(Duration::from_millis(50), Self::callback(0x0A, &[7, 0, 1, 2, 7, 0, 0])),
            0x2E => self.handle_memory(&payload),
            0x3B => self.respond(0x3B, &[0xA1, 0xA2, 0x7F]),
            0x80 => self.respond(0x80, &[&[0b0001_1110], &[0; 28][..]].concat()),
            other => panic!("the stick has no function {other:#04x}"),
        }
    }

    /// Takes the air for a command. Says after how long it is over.
    fn occupy(&mut self, node: u8, command: &[u8]) -> Duration {
        let air = match kind_of(node) {
            _ if self.dead.contains(&node) || self.asleep.contains(&node) => IN_VAIN,
            Kind::Slow => SLOW_AIR,
            _ => AIR,
        };
        self.sent.push(Sent { node, command: command.to_vec() });
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

    fn handle_send(&mut self, payload: &[u8]) {
        assert!(!self.memory_is_open, "the radio is off while the memory is open");
        let (node, length) = (payload[0], usize::from(payload[1]));
        let command = payload[2..2 + length].to_vec();
        let callback = payload[3 + length];
        self.respond(0x13, &[1]);
        let is_there = !self.dead.contains(&node) && !self.asleep.contains(&node);
        let is_lost = self.loses_each.is_some_and(|each| self.sent.len() % each == each - 1);
        let arrives = is_there && !is_lost;
        let over = self.occupy(node, &command);
        self.say_later(over, Self::callback(0x13, &[callback, u8::from(!arrives)]));
        if !arrives {
            return;
        }
        if command == [0x84, 0x08] {
            self.asleep.insert(node);
        }
        let slow = if kind_of(node) == Kind::Slow { SLOW_AIR } else { Duration::ZERO };
        if let Some(answers) = self.behaviours.get_mut(&node).and_then(|behaviour| behaviour(&command)) {
            for (after, answer) in (1_u32..).zip(answers) {
                self.say_later(over + slow + THINKING * after, Self::application_command(node, &answer));
            }
        } else if let Some((_, answer)) = ANSWERS.iter().find(|(question, _)| *question == command) {
            self.say_later(over + THINKING + slow, Self::application_command(node, answer));
        }
    }
}
