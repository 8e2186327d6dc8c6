//! What the server's messages mean to the hub, and the hub's wishes to the server.

mod answers;
mod commands;
mod events;
mod firmware;
mod listening;
mod manage;
mod pairing;
mod routes;
mod trouble;

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use driver_api::{DriverEvent, DriverRequest, LinkState, Machine, Origin, Reading, Report};
use hub_model::command::ConfirmedBy;
use hub_model::event::{DriverState, DriverStatus};
use hub_model::{CommandId, Device, DeviceId, DriverId, Monotonic, Now};
use serde_json::Value as Json;

use crate::message::{Answer, Incoming, ValueId, request};
use crate::node::Member;
use commands::UnderWay;
use manage::Task;
use trouble::Troubles;

/// The most requests that wait for their answers.
const MOST_WAITING: usize = 1_024;
/// The most nodes of a network: all that the addresses of Long Range leave room for are never met.
const MOST_NODES: usize = 1_024;
/// The most memory that all nodes may take with their values, roughly.
const MOST_MEMORY: usize = 64 * 1024 * 1024;
/// How long a server may take for what it has at hand.
const ANSWER_LIMIT: Duration = Duration::from_secs(60);

/// What a request is for.
#[derive(Clone, PartialEq, Debug)]
enum Purpose {
    /// Not a request: the server is to greet by then.
    Greeting,
    /// Not a request: to hear everything is tried again then.
    Again,
    /// To agree on a schema.
    Initialize,
    /// To hear everything.
    Listen,
    /// One value of a command.
    Set(CommandId),
    /// Its answer comes as values, or not at all.
    Poll,
    /// What a new value of a node is. Until then it takes so many bytes.
    Metadata { node: u16, id: ValueId, value: Json, bytes: usize },
    /// What can happen at a node.
    NotificationEvents(u16),
    /// All of a node.
    NodeState(u16),
    /// Managing.
    Task(Task),
}

/// A request that waits for its answer.
#[derive(Clone, PartialEq, Debug)]
struct Waiting {
    purpose: Purpose,
    until: Monotonic,
}

/// The machine.
#[derive(Debug)]
pub struct ZWaveJs {
    id: DriverId,
    hub_knows: Vec<Device>,
    newest_schema: u64,
    /// The schema that was agreed on.
    schema: u64,
    home: Option<u32>,
    /// The stick's own node.
    own: u16,
    is_listening: bool,
    /// What the server calls itself.
    server: String,
    members: BTreeMap<u16, Member>,
    next_message: u64,
    waiting: BTreeMap<u64, Waiting>,
    under_way: BTreeMap<CommandId, UnderWay>,
    pairing: Option<pairing::Pairing>,
    routes: routes::Routes,
    remembered: commands::Remembered,
    troubles: Troubles,
    status: Option<DriverStatus>,
    transmit: VecDeque<String>,
    events: VecDeque<DriverEvent>,
    now: Monotonic,
}

impl ZWaveJs {
    /// A machine that waits for its link. `known` are the devices that the hub knew before, `newest_schema` is as far as
    /// the server is followed.
    pub fn new(id: DriverId, known: Vec<Device>, newest_schema: u64) -> Self {
        Self {
            id,
            hub_knows: known,
            newest_schema,
            schema: 0,
            home: None,
            own: 1,
            is_listening: false,
            server: String::new(),
            members: BTreeMap::new(),
            next_message: 1,
            waiting: BTreeMap::new(),
            under_way: BTreeMap::new(),
            pairing: None,
            routes: routes::Routes::default(),
            remembered: commands::Remembered::default(),
            troubles: Troubles::default(),
            status: None,
            transmit: VecDeque::new(),
            events: VecDeque::new(),
            now: Monotonic::default(),
        }
    }

    fn emit(&mut self, event: DriverEvent) {
        self.events.push_back(event);
    }

    fn set_status(&mut self, state: DriverState, detail: impl Into<Arc<str>>) {
        let status = DriverStatus { state, detail: detail.into() };
        if self.status.as_ref() != Some(&status) {
            self.status = Some(status.clone());
            self.emit(DriverEvent::Status(status));
        }
    }

    /// The address of a node is that of `driver-zwave`, so that a home can move from one driver to the other.
    fn device_id(&self, node: u16) -> DeviceId {
        DeviceId::of(&self.id, &format!("0x{:08x}-{node}", self.home.unwrap_or_default()))
    }

    fn node_of(&self, device: &DeviceId) -> Option<u16> {
        self.members.keys().copied().find(|node| self.device_id(*node) == *device)
    }

    /// Sends a request. False = too many wait already.
    fn ask(&mut self, command: &str, arguments: &Json, purpose: Purpose, limit: Duration) -> bool {
        if self.waiting.len() >= MOST_WAITING {
            return false;
        }
        let id = self.next_message;
        self.next_message += 1;
        self.transmit.push_back(request(&id.to_string(), command, arguments));
        self.waiting.insert(id, Waiting { purpose, until: self.now.plus(limit) });
        true
    }

    /// Nothing is sent, and something is done when the time is up.
    fn wait_for(&mut self, purpose: Purpose) {
        if self.waiting.len() < MOST_WAITING {
            self.waiting.insert(self.next_message, Waiting { purpose, until: self.now.plus(ANSWER_LIMIT) });
            self.next_message += 1;
        }
    }

    fn report(&mut self, node: u16, readings: Vec<Reading>, origin: Origin, confirms: ConfirmedBy) {
        if !readings.is_empty() {
            let device = self.device_id(node);
            self.emit(DriverEvent::Report(Report { device, readings, origin, confirms }));
        }
    }

    fn happen(&mut self, node: u16, readings: Vec<Reading>) {
        for reading in readings {
            let device = self.device_id(node);
            self.emit(DriverEvent::Happening { device, reading });
        }
    }

    fn handle_answer(&mut self, answer: Answer<'_>) {
        let waiting = answer.id.parse().ok().and_then(|id: u64| self.waiting.remove(&id));
        // Answers to what is given up come late.
        let Some(Waiting { purpose, .. }) = waiting else { return };
        match purpose {
            Purpose::Initialize => self.handle_initialized(answer.outcome),
            Purpose::Listen => self.handle_state(answer.outcome),
            Purpose::Set(command) => self.handle_set(&command, answer.outcome),
            Purpose::Poll | Purpose::Greeting | Purpose::Again => {}
            Purpose::Metadata { node, id, value, bytes } => {
                self.handle_metadata(node, id, value, bytes, answer.outcome);
            }
            Purpose::NotificationEvents(node) => self.handle_notification_events(node, answer.outcome),
            Purpose::NodeState(node) => self.handle_node_state(node, answer.outcome),
            Purpose::Task(task) => self.handle_task(task, answer.outcome),
        }
    }

    /// No answer came in time.
    fn handle_no_answer(&mut self, purpose: Purpose) {
        match purpose {
            Purpose::Set(command) => self.set_unanswered(&command),
            Purpose::Task(task) => self.task_unanswered(task),
            Purpose::Greeting => self.set_status(
                DriverState::Offline,
                "what listens there does not greet as a server of Z-Wave JS does; check url and its port",
            ),
            Purpose::Again => self.listen(),
            Purpose::Initialize | Purpose::Listen => {
                self.is_listening = false;
                self.set_status(DriverState::Offline, "Z-Wave JS does not answer; look at its log, or start it again");
                if purpose == Purpose::Listen { self.listen() } else { self.initialize() }
            }
            Purpose::Poll | Purpose::Metadata { .. } | Purpose::NotificationEvents(_) | Purpose::NodeState(_) => {}
        }
    }

    /// What was under way is void.
    fn handle_down(&mut self, reason: &str) {
        self.is_listening = false;
        self.transmit.clear();
        self.give_up_commands(reason);
        self.lose_pairing();
        let waiting = std::mem::take(&mut self.waiting);
        for (_, waiting) in waiting {
            if let Purpose::Task(task) = waiting.purpose {
                self.task_lost(task);
            }
        }
        self.lose_routes();
        self.set_status(DriverState::Offline, reason);
    }
}

impl Machine for ZWaveJs {
    type Received = String;
    type Transmit = String;

    fn handle_link(&mut self, now: Now, state: LinkState) {
        self.now = now.mono;
        match state {
            // The server speaks first.
            LinkState::Up => {
                self.set_status(DriverState::Starting, "waiting for the greeting of Z-Wave JS");
                self.wait_for(Purpose::Greeting);
            }
            LinkState::Down(reason) => self.handle_down(&reason),
        }
    }

    fn handle_received(&mut self, now: Now, received: String) {
        self.now = now.mono;
        match Incoming::parse(&received) {
            Ok(Incoming::Version(version)) => self.handle_version(version),
            Ok(Incoming::Result(answer)) => self.handle_answer(answer),
            Ok(Incoming::Event(event)) => self.handle_event(event),
            // Newer servers may say more.
            Ok(Incoming::Other) => {}
            Err(error) => self.note_trouble(error.to_string()),
        }
    }

    fn handle_request(&mut self, now: Now, request: DriverRequest) {
        self.now = now.mono;
        match request {
            DriverRequest::Command(command) => self.handle_command(command),
            DriverRequest::Read { device, attributes } => self.handle_read(&device, &attributes),
            DriverRequest::Manage { request, action } => self.handle_manage(request, action),
        }
    }

    fn handle_timeout(&mut self, now: Now) {
        self.now = now.mono;
        let late = self.waiting.iter().filter(|(_, waiting)| waiting.until <= now.mono);
        let late: Vec<u64> = late.map(|(id, _)| *id).collect();
        for id in late {
            if let Some(Waiting { purpose, .. }) = self.waiting.remove(&id) {
                self.handle_no_answer(purpose);
            }
        }
        self.handle_pairing_timeout();
        self.handle_routes_timeout();
    }

    fn poll_transmit(&mut self) -> Option<String> {
        self.transmit.pop_front()
    }

    fn poll_event(&mut self) -> Option<DriverEvent> {
        self.events.pop_front()
    }

    fn poll_timeout(&self) -> Option<Monotonic> {
        let waiting = self.waiting.values().map(|waiting| waiting.until).min();
        [waiting, self.pairing_timeout(), self.routes_timeout()].into_iter().flatten().min()
    }
}
