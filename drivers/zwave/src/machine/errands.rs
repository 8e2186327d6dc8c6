//! What the stick itself is to do: letting nodes in and out, telling who hears whom.

use std::collections::VecDeque;

use driver_api::network::{Neighbour, Network as Map, Node as MapNode, Relation, Role};
use driver_api::{DriverEvent, ManageError, RequestId};
use hub_model::{Monotonic, Value};

use super::backup::Memory;
use super::health::HealthQuestion;
use super::pairing::NOT_FAILED;
use super::{Purpose, ZWave};
use crate::controller::{Answer, Outcome, Ticket};
use crate::network::Reach;
use crate::security::Dsk;
use crate::serial_api::add_node::{AddMode, AddNode, AddNodeByDsk, NETWORK_WIDE, NORMAL_POWER};
use crate::serial_api::failed_node::{FailedNodeStart, FailedNodeStatus, RemoveFailedNode, ReplaceFailedNode};
use crate::serial_api::neighbors::GetRoutingInformation;
use crate::serial_api::node_protocol_information::GetNodeProtocolInformation;
use crate::serial_api::remove_node::{RemoveMode, RemoveNode};
use crate::serial_api::return_route::AssignSucReturnRoute;
use crate::serial_api::suc::SetSucNodeId;
use crate::serial_api::transmit::{TransmitOptions, TransmitStatus};
use crate::serial_api::{Callback, CallbackId, NodeId, Response};

/// Something that the stick is to do.
#[derive(Debug)]
pub(super) enum Errand {
    /// Forget a node that does not answer.
    Remove { node: NodeId, answers: Option<RequestId>, was_tried: bool },
    /// Give the number of a node that does not answer to a new one.
    Replace { node: NodeId, was_tried: bool },
    /// The stick believes that a node has failed only when it has sent to it in vain. Afterwards it is asked again.
    Try { node: NodeId, then: Box<Errand> },
    /// Tell who hears whom, node by node.
    Neighbors { request: RequestId, left: VecDeque<NodeId>, map: Map },
    /// Tell how much noise there is; then the map is complete.
    Noise { request: RequestId, map: Map },
    /// Listen for nodes that want to be let in.
    Add,
    /// Let in the node that has announced itself for SmartStart.
    AddByDsk { dsk: Dsk, long_range: bool },
    /// Listen for nodes that announce themselves for SmartStart.
    Listen,
    /// Finish what is done with a node that was let in; the stick says so once more.
    FinishAdding,
    /// Stop listening for nodes that want to be let in.
    StopAdding,
    /// A node was let in: stop for good, and tell what is remembered of it.
    Joined,
    /// Listen for nodes that want to leave.
    Exclude,
    /// Stop listening for nodes that want to leave.
    StopExcluding,
    /// Be the one to whom nodes keep a way, and who gives node numbers out.
    BecomeSuc,
    /// Tell a node the way to the stick.
    WayHome { node: NodeId },
    /// Read or write what the stick remembers.
    Memory(Box<Memory>),
    /// Tell how much noise there is, and whom a node hears, for a look at its health.
    Health(HealthQuestion),
}

impl Errand {
    pub(super) fn remove(node: NodeId, answers: Option<RequestId>) -> Self {
        Self::Remove { node, answers, was_tried: false }
    }

    pub(super) fn replace(node: NodeId) -> Self {
        Self::Replace { node, was_tried: false }
    }

    /// Whether it is in vain when nothing is paired any more.
    pub(super) fn is_of_pairing(&self) -> bool {
        match self {
            Self::Try { then, .. } => then.is_of_pairing(),
            Self::Add
            | Self::AddByDsk { .. }
            | Self::FinishAdding
            | Self::Joined
            | Self::Exclude
            | Self::Replace { .. } => true,
            _ => false,
        }
    }

    /// Whether afterwards the stick does not listen for SmartStart any more.
    fn ends_listening(&self) -> bool {
        match self {
            Self::Add
            | Self::AddByDsk { .. }
            | Self::FinishAdding
            | Self::StopAdding
            | Self::Exclude
            | Self::StopExcluding
            | Self::Replace { .. } => true,
            Self::Remove { .. }
            | Self::Try { .. }
            | Self::Neighbors { .. }
            | Self::Noise { .. }
            | Self::Memory(_)
            | Self::Health(_)
            | Self::Listen
            | Self::Joined
            | Self::BecomeSuc
            | Self::WayHome { .. } => false,
        }
    }
}

impl ZWave {
    pub(super) fn begin_errand(&mut self, now: Monotonic, errand: Errand) {
        if errand.is_of_pairing() && self.pairing.is_none() {
            return;
        }
        self.smart_start.listens = match &errand {
            Errand::Listen => true,
            errand => self.smart_start.listens && !errand.ends_listening(),
        };
        let ticket = match &errand {
            Errand::Replace { node, .. } => {
                let callback = self.controller.next_callback_id();
                let request = ReplaceFailedNode { node: *node, callback };
                self.controller.request(now, &request, Answer::ResponseAndCallback(callback))
            }
            Errand::Try { node, .. } => self.send_data(now, *node, NO_OPERATION.to_vec()),
            Errand::AddByDsk { dsk, long_range } => {
                let request = AddNodeByDsk {
                    network_wide_inclusion_home: dsk.network_wide_inclusion_home(),
                    authentication_home: dsk.authentication_home(),
                    long_range: *long_range,
                    options: NETWORK_WIDE | NORMAL_POWER,
                    callback: self.controller.next_callback_id(),
                };
                // Its callbacks come when the node announces itself again: that takes its time.
                self.controller.request(now, &request, Answer::Nothing)
            }
            Errand::Listen => self.change_adding(now, AddMode::SmartStartListen, false),
            Errand::BecomeSuc => {
                let node = self.own();
                let callback = self.controller.next_callback_id();
                let options = TransmitOptions::DEFAULT;
                let request = SetSucNodeId { node, enable: true, sis: true, options, callback };
                self.controller.request(now, &request, Answer::Response)
            }
            Errand::WayHome { node } => {
                let callback = self.controller.next_callback_id();
                let request = AssignSucReturnRoute { node: *node, callback };
                self.controller.request(now, &request, Answer::ResponseAndCallback(callback))
            }
            Errand::Remove { node, .. } => {
                let callback = self.controller.next_callback_id();
                let request = RemoveFailedNode { node: *node, callback };
                self.controller.request(now, &request, Answer::ResponseAndCallback(callback))
            }
            Errand::Neighbors { left, request, map } => {
                let Some(node) = left.front().copied() else {
                    return self.errands.push_front(Errand::Noise { request: *request, map: map.clone() });
                };
                let request = GetRoutingInformation { node, without_bad_links: false, without_non_repeaters: false };
                self.controller.request(now, &request, Answer::Response)
            }
            Errand::Noise { request, map } => match self.begin_noise(now) {
                Some(ticket) => ticket,
                None => return self.finish_map(*request, map.clone(), &Outcome::Delivered),
            },
            Errand::Add => self.change_adding(now, AddMode::Any, true),
            Errand::FinishAdding => self.change_adding(now, AddMode::Stop, true),
            Errand::StopAdding => self.change_adding(now, AddMode::Stop, false),
            Errand::Joined => {
                let Some(node) = self.pairing_node() else { return };
                self.controller.request(now, &GetNodeProtocolInformation { node }, Answer::Response)
            }
            Errand::Exclude => self.change_removing(now, RemoveMode::Any, true),
            Errand::StopExcluding => self.change_removing(now, RemoveMode::Stop, false),
            Errand::Memory(memory) => self.begin_memory(now, memory),
            Errand::Health(question) => match self.begin_health_question(now, *question) {
                Some(ticket) => ticket,
                None => return,
            },
        };
        self.request = Some((ticket, Purpose::Errand(errand)));
    }

    fn change_adding(&mut self, now: Monotonic, mode: AddMode, called_back: bool) -> Ticket {
        let options = match mode {
            AddMode::Stop => 0,
            AddMode::SmartStartListen => NETWORK_WIDE,
            _ => NETWORK_WIDE | NORMAL_POWER,
        };
        let (callback, answer) = self.called_back(called_back);
        self.controller.request(now, &AddNode { mode, options, callback }, answer)
    }

    fn change_removing(&mut self, now: Monotonic, mode: RemoveMode, called_back: bool) -> Ticket {
        let options = if mode == RemoveMode::Stop { 0 } else { NETWORK_WIDE | NORMAL_POWER };
        let (callback, answer) = self.called_back(called_back);
        self.controller.request(now, &RemoveNode { mode, options, callback }, answer)
    }

    fn called_back(&mut self, called_back: bool) -> (CallbackId, Answer) {
        if !called_back {
            return (CallbackId::NONE, Answer::Nothing);
        }
        let callback = self.controller.next_callback_id();
        (callback, Answer::Callback(callback))
    }

    pub(super) fn handle_errand(&mut self, now: Monotonic, errand: Errand, outcome: Outcome) {
        match errand {
            Errand::Add | Errand::FinishAdding | Errand::Exclude => self.handle_pairing_outcome(now, outcome),
            Errand::AddByDsk { .. } => {
                if outcome == Outcome::StickFailed {
                    self.handle_pairing_outcome(now, outcome);
                }
            }
            Errand::StopAdding | Errand::StopExcluding | Errand::Listen | Errand::WayHome { .. } => {}
            Errand::BecomeSuc => {
                let own = self.own();
                if let (Outcome::Response(Response::Accepted { accepted: true, .. }), Some(stick)) =
                    (outcome, &mut self.stick)
                {
                    stick.suc = Some(own);
                }
            }
            Errand::Try { node, then } => self.handle_tried(node, *then, &outcome),
            Errand::Replace { node, was_tried } => match outcome {
                Outcome::Response(Response::FailedNodeStart { start, .. }) if start.not_failed() && !was_tried => {
                    self.errands
                        .push_front(Errand::Try { node, then: Box::new(Errand::Replace { node, was_tried: true }) });
                }
                Outcome::Response(Response::FailedNodeStart { start, .. }) => self.fail_pairing(refusal_of(start)),
                outcome => self.handle_pairing_outcome(now, outcome),
            },
            Errand::Noise { request, map } => self.finish_map(request, map, &outcome),
            Errand::Joined => {
                if let Outcome::Response(Response::NodeProtocolInformation(protocol)) = outcome {
                    self.errands.push_front(Errand::StopAdding);
                    self.handle_joined(now, protocol);
                } else {
                    self.handle_pairing_outcome(now, outcome);
                }
            }
            Errand::Remove { node, answers, was_tried } => match outcome {
                Outcome::Response(Response::FailedNodeStart { start, .. }) if start.not_failed() && !was_tried => {
                    let then = Box::new(Errand::Remove { node, answers, was_tried: true });
                    self.errands.push_front(Errand::Try { node, then });
                }
                outcome => self.handle_removal(node, answers, outcome),
            },
            Errand::Memory(memory) => self.handle_memory(now, memory, outcome),
            Errand::Health(question) => self.handle_health_answer(now, question, outcome),
            Errand::Neighbors { request, mut left, mut map } => {
                let (Some(node), Outcome::Response(Response::Neighbors(neighbours))) = (left.pop_front(), outcome)
                else {
                    return self
                        .answer(request, Err(ManageError::NotPossible("the stick did not say it; try again".into())));
                };
                let known: Vec<NodeId> = self.members.keys().copied().chain([self.own()]).collect();
                let neighbours = neighbours.into_iter().filter(|neighbour| known.contains(neighbour));
                map.nodes.push(self.map_node(node, neighbours.collect()));
                self.errands.push_back(Errand::Neighbors { request, left, map });
            }
        }
    }

    /// The stick has sent to a node that is said to have failed.
    fn handle_tried(&mut self, node: NodeId, then: Errand, outcome: &Outcome) {
        let answered = matches!(
            outcome,
            Outcome::Callback(Callback::Transmitted { transmitted, .. })
                if matches!(transmitted.status, TransmitStatus::Ok | TransmitStatus::Verified)
        );
        match then {
            Errand::Remove { answers, .. } if !self.is_ready => self.end_removal(node, answers, Some(LOST)),
            Errand::Replace { .. } if !self.is_ready => {}
            Errand::Remove { answers, .. } if answered => self.end_removal(node, answers, Some(STILL_THERE)),
            Errand::Replace { .. } if answered => self.fail_pairing(NOT_FAILED),
            then => self.errands.push_front(then),
        }
    }

    pub(super) fn map_node(&self, node: NodeId, neighbours: Vec<NodeId>) -> MapNode {
        let is_stick = node == self.own();
        let routes =
            !node.is_long_range() && self.members.get(&node).is_some_and(|member| member.known.protocol.routing);
        let listens = self.members.get(&node).is_some_and(|member| member.known.protocol.listening);
        MapNode {
            id: node.to_string().into(),
            device: (!is_stick).then(|| self.device_id(node)),
            name: if is_stick { "Z-Wave stick".into() } else { format!("Node {node}").into() },
            role: match (is_stick, routes && listens) {
                (true, _) => Role::Coordinator,
                (false, true) => Role::Router,
                (false, false) => Role::EndDevice,
            },
            last_seen: self.last_seen(node),
            is_silent: self.network.reach(node) == Some(Reach::Dead),
            neighbours: neighbours
                .into_iter()
                .map(|neighbour| Neighbour {
                    id: neighbour.to_string().into(),
                    link_quality: None,
                    relation: Relation::Sibling,
                })
                .collect(),
        }
    }

    fn handle_removal(&mut self, node: NodeId, answers: Option<RequestId>, outcome: Outcome) {
        let refusal = match outcome {
            Outcome::Callback(Callback::FailedNode { progress, .. }) => match progress.status {
                FailedNodeStatus::Removed => None,
                FailedNodeStatus::NodeOk => Some(STILL_THERE),
                _ => Some("the stick could not remove it; try again later"),
            },
            Outcome::Response(Response::FailedNodeStart { start, .. }) if start.not_failed() => Some(STILL_THERE),
            Outcome::Response(_) => Some("the stick does not remove it now; try again later"),
            Outcome::StickFailed | Outcome::Delivered | Outcome::Callback(_) => {
                Some("the stick did not answer; try again")
            }
        };
        self.end_removal(node, answers, refusal);
    }

    fn end_removal(&mut self, node: NodeId, answers: Option<RequestId>, refusal: Option<&str>) {
        match refusal {
            None => {
                self.forget_node(node);
                self.stop_dismissing(node);
                if let Some(request) = answers {
                    self.answer(request, Ok(Value::Unknown));
                }
            }
            Some(words) => {
                if let Some(request) = answers {
                    let how = if words == STILL_THERE { self.how_to_exclude(node) } else { String::new() };
                    self.answer(request, Err(ManageError::NotPossible(format!("{words}{how}").into())));
                }
            }
        }
    }

    /// The stick is not there: what was asked of it is answered.
    pub(super) fn give_up_errands(&mut self) {
        for errand in std::mem::take(&mut self.errands) {
            let errand = if let Errand::Try { then, .. } = errand { *then } else { errand };
            match errand {
                Errand::Remove { answers: Some(request), .. }
                | Errand::Neighbors { request, .. }
                | Errand::Noise { request, .. } => {
                    self.answer(request, Err(ManageError::Offline));
                }
                Errand::Memory(memory) => self.lose_memory(*memory),
                _ => {}
            }
        }
    }

    pub(super) fn answer(&mut self, request: RequestId, result: Result<Value, ManageError>) {
        self.emit(DriverEvent::Managed { request, result });
    }
}

const LOST: &str = "the stick did not answer; try again";

/// The shortest command there is.
const NO_OPERATION: [u8; 1] = [0x00];

fn refusal_of(start: FailedNodeStart) -> &'static str {
    match start {
        start if start.not_failed() => NOT_FAILED,
        start if start.not_primary() => "The stick may not replace it: another controller is in charge. Use that one.",
        _ => "The stick does not replace it now. Try again later.",
    }
}

const STILL_THERE: &str =
    "the device still answers; start an exclusion and press its button, so that it forgets this network too";
