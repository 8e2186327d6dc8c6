//! The protocol as the hub sees it: devices, values, commands. Joins the stick ([`Controller`]), the nodes behind it
//! ([`Network`]) and what is known of them ([`Known`]).

mod announce;
mod answering;
mod backup;
mod commands;
mod compat;
mod errands;
mod idle;
mod firmware;
mod first_look;
mod health;
mod interviewing;
mod keep;
mod manage;
mod names;
mod pairing;
mod progress;
mod provisioning;
mod reports;
mod routes;
mod smart_start;
mod statistics;
mod supervised;

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use bytes::Bytes;
use driver_api::{DriverEvent, DriverRequest, LinkState, Machine, ManageError, RequestId};
use hub_model::event::{DriverState, DriverStatus};
use hub_model::household::Secret as Kept;
use hub_model::{CommandId, Device, DeviceId, DriverId, Monotonic, Now, Timestamp};

use crate::controller::{Answer, Controller, Event as StickEvent, Outcome, Stick, Ticket};
use crate::interview::{Known, Query};
use crate::network::{Event as NodeEvent, Network, TaskId, Transmission, Transmitted};
use crate::port::ToPort;
use crate::security::ctr_drbg::CtrDrbg;
use crate::security::{Secret, SecurityClass};
use crate::serial_api::application_update::ApplicationUpdate;
use crate::serial_api::request_node_information::RequestNodeInformation;
use crate::serial_api::send_data::{SendData, SendDataBridge};
use crate::serial_api::transmit::TransmitOptions;
use crate::serial_api::{Callback, Function, NodeId, Response};
use commands::UnderWay;
use errands::Errand;

const DOES_NOT_ANSWER: &str = "the Z-Wave stick does not answer, and restarting it did not help; unplug it, wait ten seconds and plug it in again";
const TELLS_NO_NODES: &str = "the Z-Wave stick does not tell which devices are in its network, and restarting it did not help; unplug it, wait ten seconds and plug it in again; if that does not help either, its memory is damaged: restore a backup to it or to a new stick";

/// What a machine begins with.
#[derive(Debug)]
pub struct Start {
    /// The driver's id.
    pub id: DriverId,
    /// The devices that the hub knew before.
    pub known: Vec<Device>,
    /// What was kept: keys, and what nodes said.
    pub kept: BTreeMap<Arc<str>, Kept>,
    /// 32 random bytes that nobody else knows.
    pub entropy: Secret<32>,
}

/// A node and what is told of it.
#[derive(Debug)]
struct Member {
    known: Known,
    /// The question that is under way, and how often it was asked before.
    asking: Option<(TaskId, Query)>,
    tries: u32,
    /// As the hub was told.
    told: Option<Device>,
    /// What is known has changed since it was kept.
    is_changed: bool,
    wear: keep::Wear,
}

/// What a task of the network is for.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Job {
    Interview(NodeId),
    Command(CommandId),
    /// Its report says everything.
    Poll,
    /// The same, after the port was opened.
    FirstLook,
    /// A part of letting a node in.
    Pairing,
    /// A node is given a name, and somebody waits for that.
    Rename(NodeId, RequestId, Arc<str>),
    /// A part of new firmware.
    Firmware(NodeId),
    /// A ping that finds out how well it is reached.
    Health(NodeId),
}

/// What the request that the stick has is for.
#[derive(Debug)]
enum Purpose {
    Transmission,
    Errand(Errand),
    Route(routes::Step),
    /// Nobody waits for its end any more.
    Forgotten,
}

/// The machine.
#[derive(Debug)]
pub struct ZWave {
    id: DriverId,
    hub_knows: Vec<Device>,
    kept: BTreeMap<Arc<str>, Kept>,
    /// Keys that were not kept and were made at this start.
    new_keys: keep::NewKeys,
    controller: Controller,
    network: Network,
    stick: Option<Stick>,
    is_ready: bool,
    /// It was given up, for this reason.
    lost: Option<&'static str>,
    /// The port was opened, and nobody was asked since how they are.
    look_is_due: bool,
    members: BTreeMap<NodeId, Member>,
    jobs: BTreeMap<TaskId, Job>,
    under_way: BTreeMap<CommandId, UnderWay>,
    open_states: idle::OpenStates,
    request: Option<(Ticket, Purpose)>,
    errands: VecDeque<Errand>,
    pairing: Option<pairing::Pairing>,
    answering: answering::Answering,
    provisioning: provisioning::Provisioning,
    smart_start: smart_start::SmartStart,
    routes: routes::Routes,
    progress: progress::Progress,
    updates: BTreeMap<NodeId, firmware::Update>,
    checks: BTreeMap<NodeId, health::Check>,
    transmit: VecDeque<ToPort>,
    events: VecDeque<DriverEvent>,
    now: Monotonic,
    /// The time by the clock on the wall, at the same moment.
    time: Timestamp,
    /// How often the stick did not do what it should.
    troubles: u64,
}

impl ZWave {
    /// A machine that waits for its port.
    pub fn new(start: Start) -> Self {
        let random = CtrDrbg::new(&start.entropy, &Secret::new(*b"Hearth: Z-Wave keys and nonces  "));
        let mut machine = Self {
            id: start.id,
            hub_knows: start.known,
            kept: start.kept,
            new_keys: keep::NewKeys::default(),
            controller: Controller::default(),
            network: Network::new(random, crate::network::Keys::default()),
            stick: None,
            is_ready: false,
            lost: None,
            look_is_due: false,
            members: BTreeMap::new(),
            jobs: BTreeMap::new(),
            under_way: BTreeMap::new(),
            open_states: idle::OpenStates::default(),
            request: None,
            errands: VecDeque::new(),
            pairing: None,
            answering: answering::Answering::default(),
            provisioning: provisioning::Provisioning::default(),
            smart_start: smart_start::SmartStart::default(),
            routes: routes::Routes::default(),
            progress: progress::Progress::default(),
            updates: BTreeMap::new(),
            checks: BTreeMap::new(),
            transmit: VecDeque::new(),
            events: VecDeque::new(),
            now: Monotonic::default(),
            time: Timestamp::default(),
            troubles: 0,
        };
        machine.take_keys();
        machine.take_lifeline();
        machine.take_provisioning();
        machine
    }

    /// The stick, once it has said what it is.
    pub fn stick(&self) -> Option<&Stick> {
        self.stick.as_ref()
    }

    fn emit(&mut self, event: DriverEvent) {
        self.progress.note(&event);
        self.events.push_back(event);
    }

    fn status(&mut self, state: DriverState, detail: impl Into<Arc<str>>) {
        self.emit(DriverEvent::Status(DriverStatus { state, detail: detail.into() }));
    }

    fn own(&self) -> NodeId {
        self.stick.as_ref().and_then(|stick| stick.node).unwrap_or(NodeId(1))
    }

    fn key_classes(&self, node: NodeId) -> Vec<SecurityClass> {
        self.network.keys().classes(node).collect()
    }

    /// The node of a device, if it is one of this network.
    fn node_of(&self, device: &DeviceId) -> Option<NodeId> {
        self.members.keys().copied().find(|node| self.device_id(*node) == *device)
    }

    /// Takes what stick and network have, and gives the stick what it is to do next, until there is nothing more.
    fn proceed(&mut self, now: Monotonic) {
        self.now = now;
        loop {
            if let Some(event) = self.controller.poll_event() {
                self.handle_stick_event(now, event);
            } else if let Some(event) = self.network.poll_event() {
                self.handle_node_event(now, event);
            } else if !self.controller.is_free() || self.request.is_some() || !self.begin_request(now) {
                break;
            }
        }
        self.tell_progress(now);
        while let Some(bytes) = self.controller.poll_transmit() {
            self.transmit.push_back(ToPort::Bytes(bytes));
        }
        self.keep_changed();
    }

    /// Gives the stick its next request. Says whether there was one.
    fn begin_request(&mut self, now: Monotonic) -> bool {
        if self.searches_neighbors() {
            return false;
        }
        if let Some(errand) = self.errands.pop_front() {
            self.begin_errand(now, errand);
            return true;
        }
        if self.pairing_holds_radio() {
            return false;
        }
        if self.pairing.is_none()
            && let Some(errand) = self.smart_start_errand()
        {
            self.begin_errand(now, errand);
            return true;
        }
        let Some(transmission) = self.network.poll_transmission(now) else { return self.begin_route_step(now) };
        let ticket = match transmission {
            Transmission::Command { node, bytes } => self.send_data(now, node, bytes),
            Transmission::NodeInformation { node } => {
                self.controller.request(now, &RequestNodeInformation { node }, Answer::Response)
            }
        };
        self.request = Some((ticket, Purpose::Transmission));
        true
    }

    fn send_data(&mut self, now: Monotonic, node: NodeId, command: Vec<u8>) -> Ticket {
        let callback = self.controller.next_callback_id();
        let send = SendData { node, command: command.into(), options: TransmitOptions::DEFAULT, callback };
        let answer = Answer::ResponseAndCallback(callback);
        let is_bridge = self.stick.as_ref().is_some_and(|stick| !stick.has(Function::SEND_DATA));
        if is_bridge {
            self.controller.request(now, &SendDataBridge { source: self.own(), send }, answer)
        } else {
            self.controller.request(now, &send, answer)
        }
    }

    fn handle_stick_event(&mut self, now: Monotonic, event: StickEvent) {
        match event {
            StickEvent::Ready(stick) => {
                self.recall_dismissed(now, &stick);
                self.handle_ready(now, *stick);
            }
            StickEvent::Ended { ticket, outcome } => {
                if self.request.as_ref().is_some_and(|(awaited, _)| *awaited == ticket)
                    && let Some((_, purpose)) = self.request.take()
                {
                    self.handle_outcome(now, purpose, outcome);
                }
            }
            StickEvent::Unsolicited(callback) => self.handle_callback(now, callback),
            StickEvent::Trouble(trouble) => {
                self.troubles += 1;
                tracing::warn!(driver = %self.id, ?trouble, "The Z-Wave stick does not do what it should.");
            }
            StickEvent::Recovered => tracing::info!(driver = %self.id, "The Z-Wave stick works again."),
            StickEvent::Lost { answers } => {
                let words = if answers { TELLS_NO_NODES } else { DOES_NOT_ANSWER };
                self.lost = Some(words);
                self.handle_down(words);
            }
            StickEvent::Reopen => self.transmit.push_back(ToPort::Reopen),
        }
    }

    fn handle_outcome(&mut self, now: Monotonic, purpose: Purpose, outcome: Outcome) {
        match purpose {
            Purpose::Transmission => {
                let transmitted = match outcome {
                    Outcome::Callback(Callback::Transmitted { transmitted, .. }) => {
                        if let Some(report) = &transmitted.report {
                            self.network.handle_report(report);
                        }
                        let ticks = transmitted.report.map(|report| report.ticks);
                        Transmitted::of(transmitted.status, ticks)
                    }
                    Outcome::Response(Response::Accepted { accepted: true, .. }) => Transmitted::Arrived,
                    Outcome::Response(_) => Transmitted::NotSent { was_on_air: false },
                    Outcome::Delivered | Outcome::Callback(_) | Outcome::StickFailed => Transmitted::StickFailed,
                };
                self.network.handle_transmitted(now, transmitted);
            }
            Purpose::Errand(errand) => self.handle_errand(now, errand, outcome),
            Purpose::Route(step) => self.handle_route_step(now, step, outcome),
            Purpose::Forgotten => {}
        }
    }

    fn handle_callback(&mut self, now: Monotonic, callback: Callback) {
        match callback {
            Callback::ApplicationCommand(command) => {
                let status = command.status;
                if status.foreign_frame() || status.foreign_home_id() {
                    return;
                }
                let alone = status.addressing() == crate::serial_api::application_command::Addressing::Singlecast;
                self.network.handle_command(now, command.source, &command.command, alone);
            }
            Callback::ApplicationUpdate(update) => self.handle_update(now, update),
            Callback::NeighborUpdate(progress) if self.searches_neighbors() => self.handle_neighbors(progress.status),
            other => self.handle_pairing_callback(now, other),
        }
    }

    fn handle_update(&mut self, now: Monotonic, update: ApplicationUpdate) {
        match update {
            ApplicationUpdate::NodeInformation { node, information } => {
                let is_new = match (self.members.get_mut(&node), information) {
                    (Some(member), Some(information)) => member.known.handle_information(&information),
                    _ => false,
                };
                self.network.handle_information(now, node);
                if let Some(member) = self.members.get_mut(&node) {
                    member.is_changed |= is_new;
                    self.proceed_with_interview(now, node);
                }
                if is_new {
                    self.tell_device(node);
                }
            }
            ApplicationUpdate::NodeInformationFailed => self.network.handle_information_failed(),
            ApplicationUpdate::NodeRemoved { node } => self.forget_node(node),
            ApplicationUpdate::SmartStart { long_range, home, .. } => self.handle_announced(now, home, long_range),
            _ => {}
        }
    }

    fn handle_node_event(&mut self, now: Monotonic, event: NodeEvent) {
        match event {
            NodeEvent::Received(received) => self.handle_received_command(now, received),
            NodeEvent::Sent(task) => self.handle_sent(now, task),
            NodeEvent::Working(..) => {}
            NodeEvent::Ended(task, result) => match self.jobs.remove(&task) {
                Some(Job::Interview(node)) => self.handle_interview_ended(now, node, task, result),
                Some(Job::Command(command)) => self.handle_command_ended(now, &command, task, result),
                Some(Job::Pairing) => self.handle_pairing_task(now, task, result.is_ok()),
                Some(Job::Rename(node, request, name)) => self.handle_renamed(node, request, &name, result),
                Some(Job::Firmware(node)) => self.handle_firmware_ended(now, node, task, result),
                Some(Job::Health(node)) => self.handle_ping_ended(now, node, result.is_ok()),
                Some(Job::Poll | Job::FirstLook) | None => {}
            },
            NodeEvent::Reach(node, reach) => self.handle_reach(now, node, reach),
            NodeEvent::Jammed => self.controller.handle_jammed(now),
        }
    }

    /// Whatever happens next, nothing can be done until the stick is ready again.
    fn handle_down(&mut self, detail: &str) {
        self.is_ready = false;
        self.give_up_commands(detail);
        self.give_up_renaming();
        self.lose_pairing();
        self.give_up_updates();
        self.give_up_checks(None, &ManageError::Offline);
        self.give_up_errands();
        self.give_up_routes();
        self.status(DriverState::Offline, detail);
    }
}

impl Machine for ZWave {
    type Received = Bytes;
    type Transmit = ToPort;

    fn handle_link(&mut self, now: Now, state: LinkState) {
        (self.now, self.time) = (now.mono, now.time());
        match state {
            LinkState::Up => {
                // It is tried again and again; what people can do is to stay in sight.
                let (state, words) = match self.lost {
                    Some(words) => (DriverState::Offline, words),
                    None => (DriverState::Starting, "asking the Z-Wave stick what it is"),
                };
                self.status(state, words);
                self.look_is_due = true;
                self.controller.handle_open(now.mono);
            }
            LinkState::Down(reason) => {
                self.controller.handle_close();
                self.handle_down(&reason);
            }
        }
        self.proceed(now.mono);
    }

    fn handle_received(&mut self, now: Now, received: Bytes) {
        self.answering.set_wall(now.wall);
        self.time = now.time();
        self.controller.handle_bytes(now.mono, &received);
        self.proceed(now.mono);
    }

    fn handle_request(&mut self, now: Now, request: DriverRequest) {
        (self.now, self.time) = (now.mono, now.time());
        match request {
            DriverRequest::Command(command) => self.handle_command_request(now.mono, command),
            DriverRequest::Read { device, attributes } => self.handle_read(now.mono, &device, &attributes),
            DriverRequest::Manage { request, action } => self.handle_manage(now.mono, request, action),
        }
        self.proceed(now.mono);
    }

    fn handle_timeout(&mut self, now: Now) {
        (self.now, self.time) = (now.mono, now.time());
        self.controller.handle_timeout(now.mono);
        self.network.handle_timeout(now.mono);
        self.handle_pairing_timeout(now.mono);
        self.handle_idle_timeout(now.mono);
        self.handle_smart_start_timeout(now.mono);
        self.handle_routes_timeout(now.mono);
        self.handle_firmware_timeout(now.mono);
        self.proceed(now.mono);
    }

    fn poll_transmit(&mut self) -> Option<ToPort> {
        self.transmit.pop_front()
    }

    fn poll_event(&mut self) -> Option<DriverEvent> {
        self.events.pop_front()
    }

    fn poll_timeout(&self) -> Option<Monotonic> {
        // Without a stick nothing of the network can be sent, and its times do not matter.
        let network = if self.is_ready { self.network.poll_timeout(self.now) } else { None };
        let own = [
            self.pairing_timeout(),
            self.idle_timeout(),
            self.smart_start_timeout(),
            self.routes_timeout(),
            self.firmware_timeout(),
            self.progress_timeout(),
        ];
        [self.controller.poll_timeout(), network].into_iter().chain(own).flatten().min()
    }
}
