//! Two ends that talk with each other in virtual time, over air that loses what it is told to.

mod ends;
mod flood;
mod forged;
mod security;
mod segments;

use std::collections::BTreeMap;
use std::time::Duration;

use hub_model::Monotonic;

use super::*;
use crate::security::{Key, Secret};

const HERE: NodeId = NodeId(1);
const THERE: NodeId = NodeId(9);
const CLASS: SecurityClass = SecurityClass::S2Authenticated;
const AIR: Duration = Duration::from_millis(15);

fn at(milliseconds: u64) -> Monotonic {
    Monotonic(Duration::from_millis(milliseconds))
}

fn keys(byte: u8) -> Keys {
    let mut keys = Keys::default();
    keys.insert(CLASS, Key::new([byte; 16]));
    keys
}

fn end(own: NodeId, other: NodeId, seed: u8, key: u8) -> Network {
    let random = CtrDrbg::new(&Secret::new([seed; 32]), &Secret::new([0; 32]));
    let mut network = Network::new(random, keys(key));
    network.handle_ready(HomeId([0xC0, 0xFF, 0xEE, 0]), own, Some(46));
    network.add_node(other, Listening::Always);
    network.set_security(other, Some(CLASS));
    network
}

/// A command with the keys, of which the other side says what became.
fn set(node: NodeId, value: u8) -> Task {
    let task = Task::new(node, vec![0x25, 0x01, value], Urgency::Person);
    Task { supervised: true, protection: Protection::Class(CLASS), ..task }
}

/// A command without keys.
fn plain(node: NodeId) -> Task {
    Task::new(node, vec![0x25, 0x01, 0xFF], Urgency::Person)
}

/// A frame on the air.
struct Flight {
    from: usize,
    to: NodeId,
    bytes: Vec<u8>,
}

struct Air {
    now: Monotonic,
    ends: [Network; 2],
    names: [NodeId; 2],
    /// What arrives, and whose sender hears that it did, by when.
    arriving: BTreeMap<(Monotonic, u64), Flight>,
    confirming: BTreeMap<(Monotonic, u64), usize>,
    counter: u64,
    /// How long after its arrival a sender hears of it.
    confirmed_after: Duration,
    /// Which frames are acknowledged and not heard, counted from zero.
    lost: Vec<usize>,
    sent: Vec<(NodeId, NodeId, Vec<u8>)>,
    received: [Vec<Vec<u8>>; 2],
    ended: [BTreeMap<TaskId, Result<Done, Failure>>; 2],
}

impl Air {
    fn new() -> Self {
        Self::of([end(HERE, THERE, 1, 0x22), end(THERE, HERE, 2, 0x22)])
    }

    fn of(ends: [Network; 2]) -> Self {
        Self {
            now: at(1_000),
            ends,
            names: [HERE, THERE],
            arriving: BTreeMap::new(),
            confirming: BTreeMap::new(),
            counter: 0,
            confirmed_after: Duration::ZERO,
            lost: Vec::new(),
            sent: Vec::new(),
            received: [Vec::new(), Vec::new()],
            ended: [BTreeMap::new(), BTreeMap::new()],
        }
    }

    fn push(&mut self, end: usize, task: Task) -> TaskId {
        self.ends[end].push_task(self.now, task)
    }

    /// Lets time pass, so long or until nothing happens any more.
    fn run(&mut self, time: Duration) {
        let until = self.now.plus(time);
        for _ in 0..100_000 {
            self.send();
            let next = [
                self.arriving.keys().next().map(|(at, _)| *at),
                self.confirming.keys().next().map(|(at, _)| *at),
                self.ends.iter().filter_map(|end| end.poll_timeout(self.now)).min(),
            ];
            let Some(next) = next.into_iter().flatten().min().filter(|next| *next <= until) else { break };
            self.now = self.now.max(next);
            self.arrive();
            for end in &mut self.ends {
                end.handle_timeout(self.now);
            }
        }
        self.now = until;
    }

    fn take_events(&mut self, end: usize) {
        while let Some(event) = self.ends[end].poll_event() {
            match event {
                Event::Received(received) => self.received[end].push(received.command),
                Event::Ended(task, result) => {
                    self.ended[end].insert(task, result);
                }
                _ => {}
            }
        }
    }

    fn send(&mut self) {
        for from in 0..2 {
            let transmission = self.ends[from].poll_transmission(self.now);
            self.take_events(from);
            let Some(Transmission::Command { node, bytes }) = transmission else { continue };
            self.counter += 1;
            let flight = Flight { from, to: node, bytes: bytes.clone() };
            self.sent.push((self.names[from], node, bytes));
            let arrives = self.now.plus(AIR);
            self.arriving.insert((arrives, self.counter), flight);
            self.confirming.insert((arrives.plus(self.confirmed_after), self.counter), from);
        }
    }

    fn arrive(&mut self) {
        while let Some(entry) = self.arriving.first_entry().filter(|entry| entry.key().0 <= self.now) {
            let number = usize::try_from(entry.key().1).unwrap() - 1;
            let Flight { from, to, bytes } = entry.remove();
            let is_heard = !self.lost.contains(&number) && self.names[1 - from] == to;
            if is_heard {
                let source = self.names[from];
                self.ends[1 - from].handle_command(self.now, source, &bytes, true);
            }
        }
        while let Some(entry) = self.confirming.first_entry().filter(|entry| entry.key().0 <= self.now) {
            let from = entry.remove();
            self.ends[from].handle_transmitted(self.now, Transmitted::Arrived);
        }
    }

    /// How many frames began so.
    fn count(&self, prefix: &[u8]) -> usize {
        self.sent.iter().filter(|(_, _, bytes)| bytes.starts_with(prefix)).count()
    }

    fn has_done(&self, end: usize, task: TaskId) -> bool {
        let success = crate::command_class::supervision::Status::Success;
        self.ended[end].get(&task) == Some(&Ok(Done::Supervised(success)))
    }

    /// The values that one end was set to, in their order.
    fn values(&self, end: usize) -> Vec<u8> {
        let sets = self.received[end].iter().filter(|command| command.starts_with(&[0x25, 0x01]));
        sets.map(|command| command[2]).collect()
    }
}
