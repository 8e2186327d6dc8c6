//! What the stick is asked when its port was opened or it has started anew, in this order: what it can, who it is, whom
//! it knows.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::{Answer, Outcome, Ticket};
use crate::serial_api::application_node_information::ApplicationNodeInformation;
use crate::serial_api::capabilities::{Capabilities, GetCapabilities};
use crate::serial_api::controller_capabilities::{ControllerCapabilities, GetControllerCapabilities};
use crate::serial_api::init_data::GetInitData;
use crate::serial_api::long_range::{GetLongRangeNodes, LongRangeNodes};
use crate::serial_api::memory_get_id::MemoryGetId;
use crate::serial_api::node_protocol_information::{GetNodeProtocolInformation, NodeProtocolInformation};
use crate::serial_api::setup::{Setup, SetupCommand, SetupResponse};
use crate::serial_api::suc::GetSucNodeId;
use crate::serial_api::version::{GetVersion, Version};
use crate::serial_api::{Function, HomeId, NodeId, NodeIdWidth, Request, Response};

/// What the stick is, and whom it knows.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Stick {
    /// Its network.
    pub home: Option<HomeId>,
    /// Its own number.
    pub node: Option<NodeId>,
    /// Its library.
    pub version: Option<Version>,
    /// Maker and functions.
    pub capabilities: Option<Capabilities>,
    /// Its part in the network.
    pub controller: Option<ControllerCapabilities>,
    /// Who gives node numbers out.
    pub suc: Option<NodeId>,
    /// Chip type and version.
    pub chip: Option<(u8, u8)>,
    /// Its other nodes, with what it remembers of them.
    pub nodes: BTreeMap<NodeId, NodeProtocolInformation>,
    /// The longest command that it sends, where it says so.
    pub longest_command: Option<u8>,
    /// How wide node numbers are in its frames: 16 bits where it has Long Range.
    pub width: NodeIdWidth,
}

impl Stick {
    /// Whether a function can be called. Before the stick has said what it can, everything.
    pub fn has(&self, function: Function) -> bool {
        self.capabilities.as_ref().is_none_or(|known| known.functions.contains(&function))
    }

    /// Whether it lets nodes in by SmartStart: libraries from 6.01 on do, of SDK 6.81 (INS13954).
    pub fn has_smart_start(&self) -> bool {
        let library = self.version.as_ref().and_then(|version| numbers_of(&version.library));
        self.has(Function::ADD_NODE_TO_NETWORK)
            && library.is_some_and(|library| library.as_slice() >= FIRST_WITH_SMART_START.as_slice())
    }

    /// Whether it speaks with nodes by Long Range, and this hub with it about them.
    pub fn has_long_range(&self) -> bool {
        self.width == NodeIdWidth::Bits16 && self.has(Function::GET_LONG_RANGE_NODES)
    }

    /// Whether it is the one to whom nodes keep a way (the static update controller).
    pub fn is_suc(&self) -> bool {
        self.controller.is_some_and(ControllerCapabilities::is_suc) || (self.suc.is_some() && self.suc == self.node)
    }

    /// Whether nobody gives node numbers out, and this stick may.
    pub fn may_become_suc(&self) -> bool {
        let is_in_charge =
            self.controller.is_some_and(|part| !part.is_secondary() && !part.is_on_other_network() && !part.has_sis());
        let can_say_and_set = self.capabilities.is_some()
            && [Function::GET_SUC_NODE_ID, Function::SET_SUC_NODE_ID].into_iter().all(|function| self.has(function));
        can_say_and_set && is_in_charge && self.suc.is_none() && !self.is_suc()
    }
}

/// Generic and specific device class: static controller, gateway.
const OUR_DEVICE_CLASS: (u8, u8) = (0x02, 0x07);
/// Chips from here on restart without losing their port.
const FIRST_CHIP_TO_RESET: u8 = 7;
/// The first library with SmartStart.
const FIRST_WITH_SMART_START: [u32; 2] = [6, 1];
/// The last part of the list of nodes with Long Range, which end at 4000.
const LAST_LONG_RANGE_PART: u8 = 3;

/// How far it is.
#[derive(Debug)]
pub(super) struct StartUp {
    pub(super) ticket: Ticket,
    waiting: VecDeque<Question>,
    asked: Option<Question>,
    stick: Stick,
    setup: BTreeSet<u8>,
    may_reset: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Question {
    Capabilities,
    InitData,
    Version,
    Controller,
    SetupCommands,
    TransmitReports,
    LongestCommand,
    NodeIdWidth,
    OurInformation,
    Identity,
    Suc,
    LongRangeNodes(u8),
    Node(NodeId),
}

const BEFORE_RESET: &[Question] =
    &[Question::Capabilities, Question::InitData, Question::Version, Question::Controller, Question::SetupCommands];
const AFTER_SETUP: &[Question] =
    &[Question::OurInformation, Question::Identity, Question::Suc, Question::LongRangeNodes(0)];

impl StartUp {
    /// `may_reset` = the stick may be told to start anew, if it is one that takes that well.
    pub(super) fn new(may_reset: bool) -> Self {
        Self {
            ticket: 0,
            waiting: BEFORE_RESET.iter().copied().collect(),
            asked: None,
            stick: Stick::default(),
            setup: BTreeSet::new(),
            may_reset,
        }
    }

    /// Whether anything was asked.
    pub(super) fn has_begun(&self) -> bool {
        self.waiting.len() < BEFORE_RESET.len() || self.asked.is_some()
    }

    /// Whether it cannot go on without an answer to what was asked last: who is in the network. Without that all of
    /// them would be taken for gone.
    pub(super) fn needs_answer(&self) -> bool {
        self.asked == Some(Question::InitData)
    }

    /// How wide node numbers are by now.
    pub(super) fn width(&self) -> NodeIdWidth {
        self.stick.width
    }

    /// The next question, and what follows it.
    pub(super) fn poll_request(&mut self) -> Option<(Box<dyn Request>, Answer)> {
        while let Some(question) = self.waiting.pop_front() {
            if let Some(request) = self.request(question) {
                self.asked = Some(question);
                let is_told = question == Question::OurInformation;
                return Some((request, if is_told { Answer::Nothing } else { Answer::Response }));
            }
            self.plan_next(question);
        }
        None
    }

    /// Whether the stick is to start anew before it is ready.
    pub(super) fn wants_reset(&self) -> bool {
        self.may_reset
            && self.stick.chip.is_some_and(|(kind, _)| kind >= FIRST_CHIP_TO_RESET)
            && self.stick.has(Function::SOFT_RESET)
    }

    pub(super) fn finish(&mut self) -> Stick {
        std::mem::take(&mut self.stick)
    }

    pub(super) fn handle_outcome(&mut self, outcome: Outcome) {
        let Some(question) = self.asked.take() else { return };
        match outcome {
            Outcome::Response(response) => self.handle_response(question, response),
            // The recovery works on it; the question stays.
            Outcome::StickFailed => {
                self.waiting.push_front(question);
                return;
            }
            Outcome::Delivered | Outcome::Callback(_) => {}
        }
        self.plan_next(question);
    }

    fn request(&self, question: Question) -> Option<Box<dyn Request>> {
        let boxed: Box<dyn Request> = match question {
            Question::Capabilities => Box::new(GetCapabilities),
            Question::InitData => Box::new(GetInitData),
            Question::Version => Box::new(GetVersion),
            Question::Controller => Box::new(GetControllerCapabilities),
            Question::SetupCommands => Box::new(Setup::GetSupportedCommands),
            Question::TransmitReports => Box::new(Setup::SetTransmitReport(true)),
            Question::LongestCommand => Box::new(Setup::GetMaximumPayload),
            Question::NodeIdWidth => Box::new(Setup::SetNodeIdWidth(NodeIdWidth::Bits16)),
            Question::OurInformation => Box::new(ApplicationNodeInformation {
                listening: true,
                generic: OUR_DEVICE_CLASS.0,
                specific: OUR_DEVICE_CLASS.1,
                command_classes: crate::answers::command_classes(),
            }),
            Question::Identity => Box::new(MemoryGetId),
            Question::Suc => Box::new(GetSucNodeId),
            Question::LongRangeNodes(part) => Box::new(GetLongRangeNodes { part }),
            Question::Node(node) => Box::new(GetNodeProtocolInformation { node }),
        };
        if matches!(question, Question::LongRangeNodes(_)) && !self.stick.has_long_range() {
            return None;
        }
        let always = matches!(question, Question::Capabilities | Question::InitData | Question::Identity);
        // Old sticks do not list what they all have.
        let is_optional = matches!(question, Question::SetupCommands | Question::OurInformation);
        let listed = self.stick.capabilities.is_some() || !is_optional;
        (always || listed && self.stick.has(boxed.function())).then_some(boxed)
    }

    /// What follows a question depends on what its answer was.
    fn plan_next(&mut self, question: Question) {
        match question {
            Question::SetupCommands if self.wants_reset() => {}
            Question::SetupCommands => {
                let commands = [
                    (SetupCommand::SetTransmitReport, Question::TransmitReports),
                    (SetupCommand::GetMaximumPayload, Question::LongestCommand),
                    (SetupCommand::SetNodeIdWidth, Question::NodeIdWidth),
                ];
                let known = commands.into_iter().filter(|(command, _)| self.setup.contains(&command.to_byte()));
                // Wide numbers are for Long Range alone.
                let known = known.filter(|(_, question)| {
                    *question != Question::NodeIdWidth || self.stick.has(Function::GET_LONG_RANGE_NODES)
                });
                self.waiting.extend(known.map(|(_, question)| question));
                self.waiting.extend(AFTER_SETUP);
                let nodes = self.stick.nodes.keys().copied();
                self.waiting.extend(nodes.map(Question::Node));
            }
            _ => {}
        }
    }

    fn handle_response(&mut self, question: Question, response: Response) {
        let stick = &mut self.stick;
        match (question, response) {
            (_, Response::Capabilities(capabilities)) => stick.capabilities = Some(capabilities),
            (_, Response::InitData(data)) => {
                stick.chip = data.chip;
                stick.nodes = data.nodes.into_iter().map(|node| (node, UNKNOWN)).collect();
            }
            (_, Response::Version(version)) => stick.version = Some(version),
            (_, Response::ControllerCapabilities(capabilities)) => stick.controller = Some(capabilities),
            (_, Response::Setup(SetupResponse::SupportedCommands(commands))) => {
                let library = stick.version.as_ref().map(|version| version.library.as_str()).unwrap_or_default();
                self.setup = commands.commands(counts_from_zero(library));
            }
            (_, Response::Setup(SetupResponse::MaximumPayload(longest))) => stick.longest_command = Some(longest),
            (Question::NodeIdWidth, Response::Setup(SetupResponse::Accepted(_, true))) => {
                stick.width = NodeIdWidth::Bits16;
            }
            (Question::LongRangeNodes(asked), Response::LongRangeNodes(LongRangeNodes { more, part, nodes })) => {
                for node in nodes {
                    stick.nodes.insert(node, UNKNOWN);
                    self.waiting.push_back(Question::Node(node));
                }
                if more && part == asked && part < LAST_LONG_RANGE_PART {
                    self.waiting.push_front(Question::LongRangeNodes(part + 1));
                }
            }
            (_, Response::MemoryId(id)) => {
                (stick.home, stick.node) = (Some(id.home), Some(id.node));
                stick.nodes.remove(&id.node);
                self.waiting.retain(|waiting| *waiting != Question::Node(id.node));
            }
            (_, Response::SucNodeId(node)) => stick.suc = node,
            (Question::Node(node), Response::NodeProtocolInformation(information)) => {
                stick.nodes.insert(node, information);
            }
            _ => {}
        }
    }
}

/// A node of which nothing is known yet.
const UNKNOWN: NodeProtocolInformation = NodeProtocolInformation {
    listening: true,
    routing: false,
    protocol_version: 0,
    frequent_listening: None,
    beaming: false,
    optional_functionality: false,
    controller: false,
    security: false,
    speed_9_6: false,
    speed_40: false,
    speed_100: false,
    device_class: [0; 3],
};

/// Whether a stick with this library counts its setup commands from zero: those before 7.19.1 do.
fn counts_from_zero(library: &str) -> bool {
    numbers_of(library).is_some_and(|version| version.first() == Some(&7) && version.as_slice() < [7, 19, 1].as_slice())
}

/// The numbers of a library's version: 7, 19 and 1 of "Z-Wave 7.19.1".
fn numbers_of(library: &str) -> Option<Vec<u32>> {
    library.rsplit(' ').next().unwrap_or_default().split('.').map(|number| number.parse().ok()).collect()
}
