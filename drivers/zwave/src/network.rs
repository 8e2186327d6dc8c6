//! Talking with the nodes: one radio for all of them, a queue for each, and everything that is wrapped around commands.
//!
//! One frame is on the air at a time; which is chosen anew for each, by urgency and in turn. Who waits for a report
//! holds nobody up, a node that does not answer is left alone but for rare probes, and a node that sleeps is waited for.

mod datagram;
mod incoming;
mod node;
mod outgoing;
mod replies;
mod resynchronisation;
mod schedule;
mod security;
mod statistics;
mod task;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use hub_model::Monotonic;

pub use node::{Listening, Reach};
pub use security::Keys;
pub use statistics::{NodeStatistics, WorkingRoute};
pub use task::{Done, Expected, Failure, Protection, Task, TaskId, Urgency, What};

use crate::encapsulation::transport_service::Receiver;
use crate::security::SecurityClass;
use crate::security::ckdf::SessionKeys;
use crate::security::ctr_drbg::CtrDrbg;
use crate::security::s0::{Nonces, Reassembly};
use crate::serial_api::transmit::TransmitStatus;
use crate::serial_api::{HomeId, NodeId};
use node::Node;
use task::{OnAir, Queued};

/// The longest command where the stick does not say what it can.
const LONGEST_COMMAND: usize = 46;
/// The most events that wait.
const QUEUE_LIMIT: usize = 1_024;
/// How long nobody sends after the stick could not.
const JAM_PAUSE: Duration = Duration::from_secs(1);
/// How often in a row the stick may fail to send before it is taken to be jammed.
const MOST_JAMS: u32 = 5;

/// Something to send.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Transmission {
    /// A command.
    Command {
        /// To whom.
        node: NodeId,
        /// Wrapped as it is to be.
        bytes: Vec<u8>,
    },
    /// A node is to be asked for its node information.
    NodeInformation {
        /// Whom.
        node: NodeId,
    },
}

/// How a transmission ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Transmitted {
    /// It arrived.
    Arrived,
    /// The node did not acknowledge it.
    NotAcknowledged,
    /// The stick could not send it.
    NotSent {
        /// It tried: then the radio is not jammed, and it came to nothing further on.
        was_on_air: bool,
    },
    /// The stick did not do its part.
    StickFailed,
}

impl Transmitted {
    /// Of what the stick says.
    pub fn of(status: TransmitStatus, ticks: Option<u16>) -> Self {
        match status {
            TransmitStatus::Ok | TransmitStatus::Verified => Self::Arrived,
            TransmitStatus::NoAcknowledge | TransmitStatus::NoRoute => Self::NotAcknowledged,
            // Time on the air means that it was sent, and came to nothing further on.
            TransmitStatus::Fail => Self::NotSent { was_on_air: ticks.is_some_and(|ticks| ticks > 0) },
            TransmitStatus::NotIdle => Self::NotSent { was_on_air: true },
        }
    }
}

/// A command of a node, with everything taken off that was wrapped around it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Received {
    /// From whom.
    pub node: NodeId,
    /// From which endpoint; 0 is the root device.
    pub endpoint: u8,
    /// What.
    pub command: Vec<u8>,
    /// With which security it came.
    pub security: Option<SecurityClass>,
    /// How an answer is to be protected; none if it went to others too, whom nobody answers.
    pub answer: Option<Protection>,
    /// It came while a node is being let in, with the keys that are only for that.
    pub temporary: bool,
}

/// What happened.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Event {
    /// A node says something.
    Received(Received),
    /// A task was sent for the first time.
    Sent(TaskId),
    /// A node says that a task is under way and takes that long.
    Working(TaskId, Option<Duration>),
    /// A task ended.
    Ended(TaskId, Result<Done, Failure>),
    /// A node can be reached, or not any more, or sleeps.
    Reach(NodeId, Reach),
    /// The stick's radio is jammed.
    Jammed,
}

/// The network. Bounded: its nodes are those that the stick knows, and each has a bounded queue.
#[derive(Debug)]
pub struct Network {
    home: HomeId,
    own: NodeId,
    longest: usize,
    keys: Keys,
    random: CtrDrbg,
    nodes: BTreeMap<NodeId, Node>,
    on_air: Option<OnAir>,
    /// Since when.
    on_air_since: Monotonic,
    /// The node whose information was asked for: the stick does not say whose it did not get.
    asked_for_information: Option<(NodeId, Monotonic)>,
    last_task: TaskId,
    turn: u64,
    jams: u32,
    paused_until: Monotonic,
    s0_nonces: Nonces,
    s0_parts: Reassembly,
    segments: Receiver,
    events: VecDeque<Event>,
}

impl Network {
    /// A network that knows nobody yet. `random` is what nonces are made of.
    pub fn new(random: CtrDrbg, keys: Keys) -> Self {
        Self {
            home: HomeId([0; 4]),
            own: NodeId(1),
            longest: LONGEST_COMMAND,
            keys,
            random,
            nodes: BTreeMap::new(),
            on_air: None,
            on_air_since: Monotonic::default(),
            asked_for_information: None,
            last_task: 0,
            turn: 0,
            jams: 0,
            paused_until: Monotonic::default(),
            s0_nonces: Nonces::default(),
            s0_parts: Reassembly::default(),
            segments: Receiver::default(),
            events: VecDeque::new(),
        }
    }

    /// The stick is ready: who it is.
    pub fn handle_ready(&mut self, home: HomeId, own: NodeId, longest: Option<u8>) {
        (self.home, self.own) = (home, own);
        self.longest = longest.map_or(LONGEST_COMMAND, usize::from);
        self.handle_information_failed();
        self.jams = 0;
    }

    /// A node is there. What is known of one that was there before stays, and so does what waits for it, also when it
    /// listens at other times than before.
    pub fn add_node(&mut self, id: NodeId, listening: Listening) {
        let sequence = self.random_byte();
        let node = self.nodes.entry(id).or_insert_with(|| Node::new(id, listening, sequence));
        node.set_listening(listening);
    }

    /// A node is gone; its tasks end.
    pub fn remove_node(&mut self, id: NodeId) {
        let Some(mut node) = self.nodes.remove(&id) else { return };
        for task in node.take_all() {
            self.push(Event::Ended(task, Err(Failure::Removed)));
        }
        if self.on_air.as_ref().is_some_and(|on_air| on_air.node == id)
            && let Some(OnAir { queued: Some(queued), .. }) = self.on_air.take()
        {
            self.end(&queued, Err(Failure::Removed));
        }
    }

    /// The nodes, without the stick.
    pub fn nodes(&self) -> impl Iterator<Item = NodeId> {
        self.nodes.keys().copied()
    }

    /// How a node can be reached.
    pub fn reach(&self, id: NodeId) -> Option<Reach> {
        self.nodes.get(&id).map(|node| node.reach.state())
    }

    /// Whether a node sleeps now and then.
    pub fn listening(&self, id: NodeId) -> Option<Listening> {
        self.nodes.get(&id).map(|node| node.listening)
    }

    /// The highest security class of a node, as far as it is known. `None` = without security, or not known.
    pub fn set_security(&mut self, id: NodeId, class: Option<SecurityClass>) {
        if let Some(node) = self.nodes.get_mut(&id) {
            node.granted = class;
        }
    }

    /// Whether a node puts together what comes in segments (Transport Service).
    pub fn set_takes_segments(&mut self, id: NodeId, takes: bool) {
        if let Some(node) = self.nodes.get_mut(&id) {
            node.takes_segments = takes;
        }
    }

    /// The keys of an inclusion, for a node that is just let in.
    pub fn set_temporary_keys(&mut self, id: NodeId, keys: Option<SessionKeys>) {
        if let Some(node) = self.nodes.get_mut(&id) {
            node.temporary = keys;
        }
    }

    /// A node that usually sleeps is awake just now, because it is being let in.
    pub fn handle_awake(&mut self, now: Monotonic, id: NodeId) {
        if let Some(node) = self.nodes.get_mut(&id) {
            node.handle_awake(now);
        }
    }

    /// A node that usually sleeps is not to be sent to sleep, as far as that is up to us.
    pub fn hold_awake(&mut self, id: NodeId, is_held: bool) {
        if let Some(node) = self.nodes.get_mut(&id) {
            node.is_held = is_held;
        }
    }

    /// The longest command that fits into one frame with this protection.
    pub fn longest_command(&self, protection: Protection) -> usize {
        self.longest.saturating_sub(outgoing::overhead(protection))
    }

    /// Takes the network's keys over.
    pub fn set_keys(&mut self, keys: Keys) {
        self.keys = keys;
    }

    /// The keys of the network.
    pub fn keys(&self) -> &Keys {
        &self.keys
    }

    /// Random bytes.
    pub fn random<const N: usize>(&mut self) -> [u8; N] {
        self.random.generate()
    }

    /// Takes a task on; one [`Event::Ended`] follows.
    pub fn push_task(&mut self, now: Monotonic, task: Task) -> TaskId {
        self.last_task += 1;
        let id = self.last_task;
        let refused = match self.nodes.get_mut(&task.node) {
            None => Some(Failure::Removed),
            Some(node) => node.push(now, Queued::new(id, task)).err(),
        };
        if let Some(failure) = refused {
            self.push(Event::Ended(id, Err(failure)));
        }
        id
    }

    /// Takes tasks back, wherever they are: they end without an event, and nothing of them is sent from now on. A frame
    /// that is on the air stays there.
    pub fn cancel(&mut self, is_meant: impl Fn(TaskId) -> bool) {
        for node in self.nodes.values_mut() {
            node.queue.retain(|queued| !is_meant(queued.id));
            node.waiting.retain(|waiting| !is_meant(waiting.queued.id));
            node.datagram.take_if(|datagram| is_meant(datagram.queued.id));
        }
        if let Some(on_air) = &mut self.on_air {
            // A question for node information holds the radio until it is answered.
            on_air.queued.take_if(|queued| is_meant(queued.id) && queued.task.what != What::NodeInformation);
        }
    }

    /// Whether the same waits to be sent already.
    pub fn is_queued(&self, task: &Task) -> bool {
        self.nodes.get(&task.node).is_some_and(|node| node.queue.iter().any(|queued| queued.task == *task))
    }

    /// The next thing to send, if nothing is on the air. Say [`Network::handle_transmitted`] when it is sent.
    pub fn poll_transmission(&mut self, now: Monotonic) -> Option<Transmission> {
        if self.on_air.is_some() || self.paused_until > now {
            return None;
        }
        self.on_air_since = now;
        self.send_next(now)
    }

    /// Whether nothing is on the air, and nothing keeps others from sending.
    pub fn is_quiet(&self, now: Monotonic) -> bool {
        self.on_air.is_none() && self.paused_until <= now
    }

    /// A node's information came (it may have sent it by itself).
    pub fn handle_information(&mut self, now: Monotonic, id: NodeId) {
        if self.asked_for_information.is_some_and(|(asked, _)| asked == id) {
            self.asked_for_information = None;
        }
        self.handle_heard(now, id);
        if let Some(queued) = self.take_question(id) {
            self.end(&queued, Ok(Done::Reported(Vec::new())));
        }
    }

    /// A node's information was asked for and did not come.
    pub fn handle_information_failed(&mut self) {
        let Some((id, _)) = self.asked_for_information.take() else { return };
        if let Some(queued) = self.take_question(id) {
            self.end(&queued, Err(Failure::NoReport));
        }
    }

    /// The question for a node's information, which holds the radio until it is answered.
    fn take_question(&mut self, id: NodeId) -> Option<Queued> {
        let asks = |on_air: &mut OnAir| {
            let is_question = on_air.queued.as_ref().is_some_and(|queued| queued.task.what == What::NodeInformation);
            on_air.node == id && is_question
        };
        self.on_air.take_if(asks)?.queued
    }

    /// The time of [`Network::poll_timeout`] has come.
    pub fn handle_timeout(&mut self, now: Monotonic) {
        self.segments.handle_timeout(now);
        self.answer_segments(now);
        if self.asked_for_information.is_some_and(|(_, until)| until <= now) {
            self.handle_information_failed();
        }
        let ids: Vec<NodeId> = self.nodes.keys().copied().collect();
        for id in ids {
            if let Some(node) = self.nodes.get_mut(&id) {
                let ended = node.handle_timeout(now);
                for (queued, result) in ended {
                    self.end(&queued, result);
                }
            }
            self.finish_datagram(now, id);
        }
    }

    /// When [`Network::handle_timeout`] wants to be called, or [`Network::poll_transmission`] has something again.
    pub fn poll_timeout(&self, now: Monotonic) -> Option<Monotonic> {
        let information = self.asked_for_information.map(|(_, until)| until);
        let paused = (self.paused_until > now).then_some(self.paused_until);
        let nodes = self.nodes.values().filter_map(|node| node.poll_timeout(now));
        nodes.chain([information, paused, self.segments.poll_timeout()].into_iter().flatten()).min()
    }

    /// The next thing that happened.
    pub fn poll_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    fn random_byte(&mut self) -> u8 {
        let [byte] = self.random.generate::<1>();
        byte
    }

    /// A frame of a node shows that it is there.
    fn handle_heard(&mut self, now: Monotonic, id: NodeId) {
        if let Some(node) = self.nodes.get_mut(&id)
            && node.handle_heard(now)
        {
            let reach = node.reach.state();
            self.push(Event::Reach(id, reach));
        }
    }

    fn end(&mut self, queued: &Queued, result: Result<Done, Failure>) {
        if queued.task.urgency == Urgency::Interview
            && result.is_ok()
            && let Some(node) = self.nodes.get_mut(&queued.task.node)
        {
            node.answered += 1;
        }
        self.push(Event::Ended(queued.id, result));
    }

    /// What a node floods us with is dropped when nobody takes it; ends of tasks are as many as there are tasks.
    fn push(&mut self, event: Event) {
        if self.events.len() < QUEUE_LIMIT || !matches!(event, Event::Received(_)) {
            self.events.push_back(event);
        }
    }
}
