//! A stick that lets nodes in, in virtual time; it notes what it was asked.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use driver_api::{DriverEvent, DriverRequest, LinkState, Machine, ManageAction, ManageError};
use driver_zwave::link::{Data, Frame, decode};
use driver_zwave::machine::{Start, ZWave};
use driver_zwave::port::ToPort;
use driver_zwave::security::{Dsk, Secret};
use driver_zwave::serial_api::NodeId;
use hub_model::household::Secret as Kept;
use hub_model::pairing::PairingProgress;
use hub_model::{Device, DeviceId, DriverId, Monotonic, Now, Value, Wall};

use super::node::SecureNode;

/// What a plain node answers.
const ANSWERS: &[(&[u8], &[u8])] = &[
    (&[0x85, 0x02, 0x01], &[0x85, 0x03, 1, 5, 0, 1, 3]),
    (&[0x77, 0x02], &[0x77, 0x03, 0]),
    (&[0x77, 0x05], &[0x77, 0x06, 0]),
    (&[0x25, 0x02], &[0x25, 0x03, 0xFF]),
];

/// A node.
#[derive(Default)]
pub(crate) struct Node {
    pub(crate) classes: Vec<u8>,
    pub(crate) secure: Option<SecureNode>,
    pub(crate) is_silent: bool,
    /// It does not say what it is.
    pub(crate) hides_information: bool,
}

pub(crate) struct Home {
    machine: ZWave,
    pub(crate) now: Monotonic,
    incoming: BytesMut,
    agenda: BTreeMap<(Monotonic, u64), Bytes>,
    counter: u64,
    /// The functions that it has.
    functions: BTreeSet<u8>,
    /// It has Long Range; and it was told to write numbers wide.
    pub(crate) has_long_range: bool,
    is_wide: bool,
    /// Nobody gives numbers out.
    pub(crate) has_no_suc: bool,
    pub(crate) nodes: BTreeMap<u16, Node>,
    /// Nodes that listen at intervals.
    pub(crate) woken: BTreeSet<u16>,
    /// Nodes that the stick believes to have failed.
    pub(crate) failed: BTreeSet<u16>,
    /// Who announces itself, and the number that it will get.
    pub(crate) newcomer: Option<(u16, Node)>,
    /// How long a search for neighbours takes.
    pub(crate) search: Duration,
    /// It gives a newcomer its number and does not finish.
    pub(crate) stops_half_way: bool,
    /// What the stick was asked: function and payload.
    pub(crate) asked: Vec<(u8, Vec<u8>)>,
    /// What nodes were sent.
    pub(crate) sent: Vec<(u16, Vec<u8>)>,
    pub(crate) log: Vec<DriverEvent>,
    pub(crate) kept: BTreeMap<Arc<str>, Kept>,
    requests: u64,
}

impl Home {
    /// A home with a stick that has all functions but these.
    pub(crate) fn new(without: &[u8]) -> Self {
        Self::restarted(without, BTreeMap::new())
    }

    pub(crate) fn restarted(without: &[u8], kept: BTreeMap<Arc<str>, Kept>) -> Self {
        Self::remembering(without, kept, Vec::new(), 7)
    }

    /// A home whose hub knows devices already. Keys that are not kept are made of `random`.
    pub(crate) fn remembering(without: &[u8], kept: BTreeMap<Arc<str>, Kept>, known: Vec<Device>, random: u8) -> Self {
        let start = Start { id: DriverId::new("zwave"), known, kept: kept.clone(), entropy: Secret::new([random; 32]) };
        let all = [
            0x02, 0x05, 0x0B, 0x13, 0x15, 0x20, 0x41, 0x46, 0x47, 0x48, 0x4A, 0x4B, 0x51, 0x54, 0x56, 0x60, 0x61, 0x63,
            0x80, 0xDA,
        ];
        Self {
            machine: ZWave::new(start),
            now: Monotonic::default(),
            incoming: BytesMut::new(),
            agenda: BTreeMap::new(),
            counter: 0,
            functions: all.into_iter().filter(|function| !without.contains(function)).collect(),
            has_long_range: false,
            is_wide: false,
            has_no_suc: false,
            nodes: BTreeMap::new(),
            woken: BTreeSet::new(),
            failed: BTreeSet::new(),
            newcomer: None,
            search: Duration::from_secs(20),
            stops_half_way: false,
            asked: Vec::new(),
            sent: Vec::new(),
            log: Vec::new(),
            kept,
            requests: 0,
        }
    }

    pub(crate) fn with(mut self, node: u16, classes: &[u8]) -> Self {
        self.nodes.insert(node, Node { classes: classes.to_vec(), ..Node::default() });
        self
    }

    pub(crate) fn open(mut self) -> Self {
        self.machine.handle_link(self.time(), LinkState::Up);
        self.drain();
        self.until("the stick is ready", |home| home.machine.stick().is_some());
        self
    }

    /// The stick is pulled out, and plugged in again after a time.
    pub(crate) fn unplug(&mut self, time: Duration) {
        self.machine.handle_link(self.time(), LinkState::Down("it is not there".into()));
        self.drain();
        self.run(time);
        self.machine.handle_link(self.time(), LinkState::Up);
        self.drain();
    }

    /// The stick starts anew by itself.
    pub(crate) fn restart(&mut self) {
        self.call_back(Duration::ZERO, 0x0A, &[7, 0, 1, 2, 7, 0]);
        self.run(Duration::from_secs(2));
    }

    fn time(&self) -> Now {
        Now { wall: Wall::default(), mono: self.now }
    }

    /// Lets time pass until something is so.
    pub(crate) fn until(&mut self, what: &str, mut is_so: impl FnMut(&Self) -> bool) {
        let end = self.now.plus(Duration::from_secs(600));
        while !is_so(self) {
            assert!(self.step(end), "{what}: not within ten minutes; asked: {:02x?}; told: {:?}", self.asked, self.log);
        }
    }

    pub(crate) fn run(&mut self, time: Duration) {
        let end = self.now.plus(time);
        while self.step(end) {}
    }

    fn step(&mut self, end: Monotonic) -> bool {
        let said = self.agenda.first_key_value().map(|((at, _), _)| *at);
        let next = [said, self.machine.poll_timeout()].into_iter().flatten().min();
        let Some(next) = next.filter(|next| *next <= end) else {
            self.now = end;
            return false;
        };
        self.now = self.now.max(next);
        if said.is_some_and(|said| said <= self.now) {
            let (_, bytes) = self.agenda.pop_first().unwrap();
            self.machine.handle_received(self.time(), bytes);
        } else {
            self.machine.handle_timeout(self.time());
        }
        self.drain();
        true
    }

    /// Asks without waiting.
    pub(crate) fn ask(&mut self, action: ManageAction) -> u64 {
        self.requests += 1;
        let request = self.requests;
        self.machine.handle_request(self.time(), DriverRequest::Manage { request, action });
        self.drain();
        request
    }

    pub(crate) fn command(&mut self, request: DriverRequest) {
        self.machine.handle_request(self.time(), request);
        self.drain();
    }

    pub(crate) fn answer_to(&self, request: u64) -> Option<Result<Value, ManageError>> {
        self.log.iter().find_map(|event| match event {
            DriverEvent::Managed { request: of, result } if *of == request => Some(result.clone()),
            _ => None,
        })
    }

    pub(crate) fn manage(&mut self, action: ManageAction) -> Result<Value, ManageError> {
        let request = self.ask(action);
        self.until("an answer", |home| home.answer_to(request).is_some());
        self.answer_to(request).unwrap()
    }

    pub(crate) fn pairings(&self) -> Vec<PairingProgress> {
        let pairing = |event: &DriverEvent| match event {
            DriverEvent::Pairing(progress) => Some(progress.clone()),
            _ => None,
        };
        self.log.iter().filter_map(pairing).collect()
    }

    /// How often a function was called with a payload that begins so.
    pub(crate) fn count(&self, function: u8, payload: &[u8]) -> usize {
        self.asked.iter().filter(|(asked, with)| *asked == function && with.starts_with(payload)).count()
    }

    /// The stick says something by itself.
    pub(crate) fn call_back(&mut self, after: Duration, function: u8, payload: &[u8]) {
        let bytes = Data::request(function, payload.to_vec()).encode().unwrap();
        self.counter += 1;
        self.agenda.insert((self.now.plus(after), self.counter), bytes);
    }

    /// A device with this DSK announces itself for SmartStart.
    pub(crate) fn announce(&mut self, dsk: Dsk, long_range: bool) {
        let status = if long_range { 0x87 } else { 0x85 };
        let node = self.number(0);
        let home = dsk.network_wide_inclusion_home().0;
        let payload = [&[status], &node[..], &[0x00], &home, &[5, 4, 0x10, 1, 0x5E, 0x9F]].concat();
        self.call_back(Duration::ZERO, 0x49, &payload);
        self.run(Duration::from_millis(1));
    }

    /// A device as the hub was told of it last.
    pub(crate) fn told(&self, node: u16) -> Option<&Device> {
        self.log.iter().rev().find_map(|event| match event {
            DriverEvent::Device(device) if device.id == Self::device(node) => Some(&**device),
            _ => None,
        })
    }

    pub(crate) fn device(node: u16) -> DeviceId {
        DeviceId::new(format!("zwave:0x7e570001-{node}"))
    }

    fn number(&self, node: u16) -> Vec<u8> {
        let bytes = node.to_be_bytes();
        if self.is_wide { bytes.to_vec() } else { vec![bytes[1]] }
    }

    fn read_number<'payload>(&self, payload: &'payload [u8]) -> (u16, &'payload [u8]) {
        match self.is_wide {
            true => (u16::from_be_bytes([payload[0], payload[1]]), &payload[2..]),
            false => (payload[0].into(), &payload[1..]),
        }
    }

    fn respond(&mut self, function: u8, payload: &[u8]) {
        let mut frame = Data::request(function, payload.to_vec()).encode().unwrap().to_vec();
        frame[2] = 0x01;
        let last = frame.len() - 1;
        frame[last] ^= 0x01;
        self.counter += 1;
        self.agenda.insert((self.now, self.counter), frame.into());
    }

    fn drain(&mut self) {
        loop {
            while let Some(transmit) = self.machine.poll_transmit() {
                let ToPort::Bytes(bytes) = transmit else { panic!("the port is opened anew") };
                self.incoming.extend_from_slice(&bytes);
            }
            let Some(frame) = decode(&mut self.incoming) else { break };
            if let Frame::Data(data) = frame {
                self.counter += 1;
                self.agenda.insert((self.now, self.counter), Bytes::from_static(&[0x06]));
                self.asked.push((data.function, data.payload.to_vec()));
                self.handle(data.function, &data.payload);
            }
        }
        while let Some(event) = self.machine.poll_event() {
            if let DriverEvent::Keep { name, value } = &event {
                match value {
                    Some(value) => drop(self.kept.insert(Arc::clone(name), value.clone())),
                    None => drop(self.kept.remove(name)),
                }
            }
            self.log.push(event);
        }
    }

    fn mask(&self) -> [u8; 29] {
        let mut mask = [0; 29];
        for node in self.nodes.keys().chain([&1]).filter(|node| **node < 233) {
            mask[usize::from(node - 1) / 8] |= 1 << ((node - 1) % 8);
        }
        mask
    }

    fn handle(&mut self, function: u8, payload: &[u8]) {
        let soon = Duration::from_millis(10);
        match function {
            0x07 => {
                let mut mask = [0; 32];
                for function in self.functions.iter().map(|function| usize::from(*function) - 1) {
                    mask[function / 8] |= 1 << (function % 8);
                }
                self.respond(0x07, &[&[1, 0, 0xFF, 0xFF, 0, 1, 0, 1], &mask[..]].concat());
            }
            0x02 => self.respond(0x02, &[&[5, 8, 29], &self.mask()[..], &[5, 0]].concat()),
            0x15 => self.respond(0x15, b"Z-Wave 7.18\0\x01"),
            0x05 => self.respond(0x05, &[if self.has_no_suc { 0x08 } else { 0x1C }]),
            0x56 => self.respond(0x56, &[if self.has_no_suc { 0 } else { 1 }]),
            0x54 => self.respond(0x54, &[1]),
            0x0B if payload == [0x01] => {
                let wide = if self.has_long_range { 0x80 } else { 0 };
                self.respond(0x0B, &[0x01, wide]);
            }
            0x0B => {
                assert_eq!(payload, [0x80, 0x02], "wide numbers");
                self.respond(0x0B, &[0x80, 1]);
                self.is_wide = true;
            }
            0xDA => {
                let mut mask = [0; 128];
                for node in self.nodes.keys().filter(|node| **node >= 256) {
                    mask[usize::from(node - 256) / 8] |= 1 << (node % 8);
                }
                self.respond(0xDA, &[&[0, 0, 128], &mask[..]].concat());
            }
            0x20 => {
                let own = self.number(1);
                self.respond(0x20, &[&[0x7E, 0x57, 0, 1], &own[..]].concat());
            }
            0x41 => {
                let (node, _) = self.read_number(payload);
                let listens = if self.woken.contains(&node) { [0x53, 0xDC] } else { [0xD3, 0x9C] };
                self.respond(0x41, &[&listens[..], &[0, 4, 0x10, 1]].concat());
            }
            0x80 => self.respond(0x80, &self.mask()),
            0x60 => {
                self.respond(0x60, &[1]);
                let (node, _) = self.read_number(payload);
                if self.nodes.get(&node).is_some_and(|node| node.hides_information) {
                    return self.call_back(soon, 0x49, &[0x81, 0, 0]);
                }
                let classes = self.nodes.get(&node).map(|node| node.classes.clone()).unwrap_or_default();
                let length = u8::try_from(classes.len() + 3).unwrap();
                let information = [&[0x84], &self.number(node)[..], &[length, 4, 0x10, 1], &classes].concat();
                self.call_back(soon, 0x49, &information);
            }
            0x13 => self.handle_send(payload),
            0x4A => self.handle_add(payload),
            0x46 | 0x47 | 0x51 => {
                let (node, _) = self.read_number(payload);
                let is_silent = self.nodes.get(&node).is_none_or(|node| node.is_silent);
                self.respond(function, &[1]);
                self.call_back(soon, function, &[payload[payload.len() - 1], u8::from(is_silent)]);
            }
            0x48 => {
                let callback = payload[payload.len() - 1];
                self.call_back(Duration::ZERO, 0x48, &[callback, 0x21]);
                self.call_back(self.search, 0x48, &[callback, 0x22]);
            }
            0x61 | 0x63 => {
                let (node, rest) = self.read_number(payload);
                if !self.failed.contains(&node) {
                    return self.respond(function, &[0x08]);
                }
                self.respond(function, &[0]);
                let status = if function == 0x61 { 0x01 } else { 0x03 };
                if function == 0x61 {
                    self.nodes.remove(&node);
                }
                self.call_back(soon, function, &[rest[0], status]);
            }
            _ => {}
        }
    }

    fn handle_add(&mut self, payload: &[u8]) {
        let (mode, callback) = (payload[0] & 0x0F, payload[1]);
        let soon = Duration::from_millis(10);
        let nobody = self.number(0);
        match mode {
            0x01 => self.call_back(soon, 0x4A, &[&[callback, 0x01], &nobody[..], &[0]].concat()),
            0x08 => {
                let Some((node, _)) = &self.newcomer else { return };
                let number = self.number(*node);
                self.call_back(soon, 0x4A, &[&[callback, 0x02], &nobody[..], &[0]].concat());
                let information = [5, 4, 0x10, 1, 0x5E, 0x9F];
                self.call_back(soon * 2, 0x4A, &[&[callback, 0x03], &number[..], &information].concat());
                if self.stops_half_way {
                    let (node, newcomer) = self.newcomer.take().expect("somebody announces itself");
                    self.nodes.insert(node, newcomer);
                    return;
                }
                self.call_back(soon * 3, 0x4A, &[&[callback, 0x05], &number[..], &[0]].concat());
            }
            0x05 if callback != 0 => {
                let (node, mut newcomer) = self.newcomer.take().expect("somebody was let in");
                if let Some(secure) = &mut newcomer.secure {
                    secure.get_number(NodeId(node));
                }
                self.nodes.insert(node, newcomer);
                let number = self.number(node);
                self.call_back(soon, 0x4A, &[&[callback, 0x06], &number[..], &[0]].concat());
            }
            _ => {}
        }
    }

    fn handle_send(&mut self, payload: &[u8]) {
        let (node, rest) = self.read_number(payload);
        let length = usize::from(rest[0]);
        let (command, callback) = (rest[1..=length].to_vec(), rest[length + 2]);
        self.sent.push((node, command.clone()));
        self.respond(0x13, &[1]);
        let now = self.now;
        let answers = match self.nodes.get_mut(&node).filter(|node| !node.is_silent) {
            None => None,
            Some(Node { secure: Some(secure), .. }) => Some(secure.handle(now, &command)),
            Some(_) => {
                let plain = ANSWERS.iter().find(|(question, _)| *question == command);
                Some(plain.map(|(_, answer)| answer.to_vec()).into_iter().collect())
            }
        };
        if answers.is_none() {
            self.failed.insert(node);
        }
        let soon = Duration::from_millis(10);
        self.call_back(soon, 0x13, &[callback, u8::from(answers.is_none())]);
        for answer in answers.into_iter().flatten() {
            let length = u8::try_from(answer.len()).unwrap();
            let said = [&[0x00], &self.number(node)[..], &[length], &answer].concat();
            self.call_back(soon * 2, 0x04, &said);
        }
    }
}
