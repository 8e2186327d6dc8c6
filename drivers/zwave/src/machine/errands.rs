//! What the stick itself is to do: removing a node, telling its neighbours.

use std::collections::VecDeque;

use driver_api::network::{Neighbour, Network as Map, Node as MapNode, Relation, Role};
use driver_api::{DriverEvent, ManageError, RequestId};
use hub_model::{Monotonic, Value};

use super::{Purpose, ZWave};
use crate::controller::{Answer, Outcome};
use crate::network::Reach;
use crate::serial_api::failed_node::{FailedNodeStatus, RemoveFailedNode};
use crate::serial_api::neighbors::GetRoutingInformation;
use crate::serial_api::{Callback, NodeId, Response};

/// Something that the stick is to do.
#[derive(Debug)]
pub(super) enum Errand {
    /// Forget a node that does not answer.
    Remove { node: NodeId, answers: Option<RequestId> },
    /// Tell who hears whom, node by node.
    Neighbors { request: RequestId, left: VecDeque<NodeId>, map: Map },
}

impl ZWave {
    pub(super) fn begin_errand(&mut self, now: Monotonic, errand: Errand) {
        let ticket = match &errand {
            Errand::Remove { node, .. } => {
                let callback = self.controller.next_callback_id();
                let request = RemoveFailedNode { node: *node, callback };
                self.controller.request(now, &request, Answer::ResponseAndCallback(callback))
            }
            Errand::Neighbors { left, request, map } => {
                let Some(node) = left.front().copied() else {
                    let (request, map) = (*request, map.to_value());
                    return self.answer(request, Ok(map));
                };
                let request = GetRoutingInformation { node, without_bad_links: false, without_non_repeaters: false };
                self.controller.request(now, &request, Answer::Response)
            }
        };
        self.request = Some((ticket, Purpose::Errand(errand)));
    }

    pub(super) fn handle_errand(&mut self, now: Monotonic, errand: Errand, outcome: Outcome) {
        let _ = now;
        match errand {
            Errand::Remove { node, answers } => self.handle_removal(node, answers, outcome),
            Errand::Neighbors { request, mut left, mut map } => {
                let (Some(node), Outcome::Response(Response::Neighbors(neighbours))) = (left.pop_front(), outcome)
                else {
                    return self
                        .answer(request, Err(ManageError::Refused("the stick did not say it; try again".into())));
                };
                let known: Vec<NodeId> = self.members.keys().copied().chain([self.own()]).collect();
                let neighbours = neighbours.into_iter().filter(|neighbour| known.contains(neighbour));
                map.nodes.push(self.map_node(node, neighbours.collect()));
                self.errands.push_back(Errand::Neighbors { request, left, map });
            }
        }
    }

    fn map_node(&self, node: NodeId, neighbours: Vec<NodeId>) -> MapNode {
        let is_stick = node == self.own();
        let routes = self.members.get(&node).is_some_and(|member| member.known.protocol.routing);
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
            last_seen: None,
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
        match refusal {
            None => {
                self.forget_node(node);
                if let Some(request) = answers {
                    self.answer(request, Ok(Value::Unknown));
                }
            }
            Some(words) => {
                if let Some(request) = answers {
                    self.answer(request, Err(ManageError::Refused(words.into())));
                }
            }
        }
    }

    pub(super) fn answer(&mut self, request: RequestId, result: Result<Value, ManageError>) {
        self.emit(DriverEvent::Managed { request, result });
    }

    pub(super) fn handle_errand_callback(&mut self, _now: Monotonic, _callback: Callback) {}

    pub(super) fn handle_errand_timeout(&mut self, _now: Monotonic) {}

    pub(super) fn errand_timeout(&self) -> Option<Monotonic> {
        None
    }
}

const STILL_THERE: &str =
    "the device still answers; start an exclusion and press its button, so that it forgets this network too";
