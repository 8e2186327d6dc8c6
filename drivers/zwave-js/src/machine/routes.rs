//! What takes several answers or an event to be done: drawing the network, and finding all ways anew.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use driver_api::network::{Neighbour, Network, Node, Relation, Role};
use driver_api::{ManageError, RequestId};
use hub_model::{Monotonic, Value};
use serde_json::value::RawValue;
use serde_json::{Value as Json, json};

use super::manage::Task;
use super::{ANSWER_LIMIT, Purpose, ZWaveJs};
use crate::message::{REBUILD_ROUTES, Refusal};

/// How long finding all ways anew may take: some minutes for each node that is asked.
const REBUILD_LIMIT: Duration = Duration::from_secs(6 * 60 * 60);
/// An error of zwave-js: the stick cannot do that.
const NOT_SUPPORTED: i64 = 105;

/// What is under way.
#[derive(Debug, Default)]
pub(super) struct Routes {
    map: Option<Map>,
    rebuilding: Option<(RequestId, Monotonic)>,
}

/// A network that is being drawn.
#[derive(Debug)]
struct Map {
    requests: Vec<RequestId>,
    left: BTreeSet<u16>,
    neighbours: BTreeMap<u16, Vec<u16>>,
    unsupported: bool,
}

/// The most who wait for one drawing.
const MOST_REQUESTS: usize = 16;

impl ZWaveJs {
    /// Asks for the neighbours of every node, the stick's too.
    pub(super) fn draw_map(&mut self, request: RequestId) -> Result<(), ManageError> {
        if let Some(map) = &mut self.routes.map {
            if map.requests.len() >= MOST_REQUESTS {
                return Err(ManageError::NotPossible("the network is being drawn; wait for it".into()));
            }
            map.requests.push(request);
            return Ok(());
        }
        let nodes: BTreeSet<u16> = self.members.keys().copied().chain([self.own]).collect();
        if self.waiting.len() + nodes.len() > super::MOST_WAITING {
            return Err(ManageError::NotPossible("too much is under way; try again in a minute".into()));
        }
        self.routes.map =
            Some(Map { requests: vec![request], left: nodes.clone(), neighbours: BTreeMap::new(), unsupported: false });
        for node in nodes {
            let purpose = Purpose::Task(Task::Neighbours(node));
            self.ask("controller.get_node_neighbors", &json!({"nodeId": node}), purpose, ANSWER_LIMIT);
        }
        Ok(())
    }

    pub(super) fn handle_neighbours(&mut self, node: u16, outcome: Option<Result<Option<&RawValue>, Refusal>>) {
        let Some(map) = &mut self.routes.map else { return };
        match outcome {
            Some(Ok(Some(raw))) => {
                let answer: Json = serde_json::from_str(raw.get()).unwrap_or_default();
                let list = answer.get("neighbors").and_then(Json::as_array).into_iter().flatten();
                let list = list.filter_map(|node| u16::try_from(node.as_u64()?).ok());
                map.neighbours.insert(node, list.take(driver_api::network::MOST_NEIGHBOURS).collect());
            }
            Some(Err(refusal)) => map.unsupported |= refusal.z_wave_code == Some(NOT_SUPPORTED),
            _ => {}
        }
        map.left.remove(&node);
        if map.left.is_empty()
            && let Some(map) = self.routes.map.take()
        {
            let result = match map.unsupported {
                true => Err(ManageError::Unsupported),
                false => Ok(self.network(&map.neighbours).to_value()),
            };
            for request in map.requests {
                self.answer(request, result.clone());
            }
        }
    }

    fn network(&self, neighbours: &BTreeMap<u16, Vec<u16>>) -> Network {
        let nodes = [self.own].into_iter().chain(self.members.keys().copied().filter(|node| *node != self.own));
        let nodes = nodes.map(|node| {
            let member = self.members.get(&node);
            let own = neighbours.get(&node);
            let heard = own
                .into_iter()
                .flatten()
                .filter(|heard| **heard != node && (**heard == self.own || self.members.contains_key(heard)));
            let heard: BTreeSet<u16> = heard.copied().collect();
            Node {
                id: Arc::from(node.to_string()),
                device: member.map(|_| self.device_id(node)),
                name: member.and_then(|member| member.told.as_ref()?.native_name.clone()).unwrap_or_else(|| {
                    Arc::from(if node == self.own { "Stick".to_owned() } else { format!("Node {node}") })
                }),
                role: match member {
                    None => Role::Coordinator,
                    Some(member) if member.state.is_listening == Some(true) => Role::Router,
                    Some(_) => Role::EndDevice,
                },
                last_seen: None,
                is_silent: own.is_none(),
                neighbours: heard
                    .into_iter()
                    .map(|heard| Neighbour {
                        id: Arc::from(heard.to_string()),
                        link_quality: None,
                        relation: Relation::Sibling,
                    })
                    .collect(),
            }
        });
        Network { nodes: nodes.collect(), ..Network::default() }
    }

    /// Has all ways found anew. The answer comes when the server says that it is done.
    pub(super) fn rebuild_all(&mut self, request: RequestId) -> Result<(), ManageError> {
        if self.routes.rebuilding.is_some() {
            return Err(ManageError::NotPossible("all ways are being found anew already; wait for it".into()));
        }
        let command = match self.schema < REBUILD_ROUTES {
            true => "controller.begin_healing_network",
            false => "controller.begin_rebuilding_routes",
        };
        self.task(command, &json!({}), Task::Rebuild, ANSWER_LIMIT)?;
        self.routes.rebuilding = Some((request, self.now.plus(REBUILD_LIMIT)));
        Ok(())
    }

    pub(super) fn handle_rebuild_began(&mut self, outcome: Option<Result<Option<&RawValue>, Refusal>>) {
        let why = match outcome {
            Some(Ok(Some(raw))) if super::manage::is_success(raw) => return,
            Some(Err(refusal)) => refusal.words(),
            Some(Ok(_)) => "Z-Wave JS did not begin; it may be at it already".to_owned(),
            None => "Z-Wave JS did not answer".to_owned(),
        };
        if let Some((request, _)) = self.routes.rebuilding.take() {
            self.answer(request, Err(ManageError::Refused(why.into())));
        }
    }

    /// The server says of each node what became of it.
    pub(super) fn handle_routes_done(&mut self, result: Option<&RawValue>) {
        let Some((request, _)) = self.routes.rebuilding.take() else { return };
        let result: Json = result.and_then(|raw| serde_json::from_str(raw.get()).ok()).unwrap_or_default();
        let of = |word: &str| {
            let nodes = result.as_object().into_iter().flatten();
            Value::number(nodes.filter(|(_, state)| state.as_str() == Some(word)).count() as f64)
        };
        let counts = ["done", "failed", "skipped"].map(|word| (word, of(word)));
        self.answer(request, Ok(Value::composite(counts)));
    }

    pub(super) fn lose_routes(&mut self) {
        let rebuilding = self.routes.rebuilding.take().map(|(request, _)| request);
        let map = self.routes.map.take().map(|map| map.requests).unwrap_or_default();
        for request in rebuilding.into_iter().chain(map) {
            self.answer(request, Err(ManageError::Offline));
        }
    }

    pub(super) fn routes_timeout(&self) -> Option<Monotonic> {
        self.routes.rebuilding.map(|(_, until)| until)
    }

    pub(super) fn handle_routes_timeout(&mut self) {
        if let Some((request, _)) = self.routes.rebuilding.filter(|(_, until)| *until <= self.now) {
            self.routes.rebuilding = None;
            self.answer(request, Err(ManageError::TimedOut(REBUILD_LIMIT)));
        }
    }
}
