//! Routes: nodes search their neighbours and are told the ways to the stick and to whom they report, one after the other.
//!
//! A step is begun only when nothing else waits to be sent, so that a command waits for one step at most. Nodes with Long
//! Range have no routes, and who sleeps or does not answer is left out.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use driver_api::{ManageError, RequestId};
use hub_model::event::DriverState;
use hub_model::{DeviceId, Monotonic, Value};

use super::errands::Errand;
use super::{Purpose, ZWave};
use crate::controller::{Answer, Outcome};
use crate::network::{Listening, Reach};
use crate::serial_api::neighbors::{NeighborUpdateStatus, RequestNodeNeighborUpdate};
use crate::serial_api::return_route::{AssignReturnRoute, AssignSucReturnRoute, DeleteReturnRoute};
use crate::serial_api::transmit::TransmitStatus;
use crate::serial_api::{Callback, Function, NodeId};

/// The most requests that wait.
const MOST_JOBS: usize = 16;
/// To how many others a node keeps ways (INS12350).
const MOST_RETURN_ROUTES: usize = 4;
/// How long a search may take: so long in any case, so much longer for each node that always listens, and for each that
/// is woken by a beam (INS13954).
const SEARCH: Duration = Duration::from_secs(76);
const SEARCH_PER_LISTENING: Duration = Duration::from_millis(217);
const SEARCH_PER_FREQUENT: Duration = Duration::from_millis(3_517);

/// What is done with one node.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Step {
    /// It searches its neighbours.
    Search(NodeId),
    /// It is told the way to the stick, which is the static update controller.
    WayHome(NodeId),
    /// It forgets its ways to others.
    Forget(NodeId),
    /// It is told the way to another.
    WayTo(NodeId, NodeId),
}

/// Nodes whose routes are found anew.
#[derive(Debug)]
struct Job {
    /// Who waits for the end; none = nobody, these are nodes that have just joined.
    request: Option<RequestId>,
    /// It was asked for one device, not for all.
    is_single: bool,
    left: VecDeque<NodeId>,
    /// The node that is worked on, and what is still to be done with it.
    node: Option<NodeId>,
    steps: VecDeque<Step>,
    total: usize,
    repaired: Vec<NodeId>,
    failed: Vec<NodeId>,
    left_out: Vec<NodeId>,
}

impl Job {
    fn new(request: Option<RequestId>, is_single: bool, left: VecDeque<NodeId>) -> Self {
        let total = left.len();
        let (repaired, failed, left_out) = (Vec::new(), Vec::new(), Vec::new());
        Self { request, is_single, left, node: None, steps: VecDeque::new(), total, repaired, failed, left_out }
    }
}

/// All that is to be done. Bounded: 16 requests, and each node once for having joined.
#[derive(Debug, Default)]
pub(super) struct Routes {
    jobs: VecDeque<Job>,
    /// Nodes that have joined, and whose neighbours are searched as soon as it is known what they are.
    newcomers: VecDeque<NodeId>,
    /// A search is under way, until then at most.
    searching: Option<Monotonic>,
}

impl ZWave {
    pub(super) fn repair_routes(&mut self, request: RequestId, device: Option<&DeviceId>) -> Result<(), ManageError> {
        let wanted = device.map(|device| self.node_of(device).ok_or(ManageError::NotFound)).transpose()?;
        self.needs_stick(Function::REQUEST_NODE_NEIGHBOR_UPDATE)?;
        if let Some(node) = wanted
            && let Some(reason) = self.reason_against(node)
        {
            return Err(ManageError::NotPossible(reason.into()));
        }
        if self.routes.jobs.len() >= MOST_JOBS {
            return Err(ManageError::NotPossible(
                "routes are being found anew already; wait until that is done".into(),
            ));
        }
        let nodes = wanted.map_or_else(|| self.members.keys().copied().collect(), |node| VecDeque::from([node]));
        self.routes.jobs.push_back(Job::new(Some(request), wanted.is_some(), nodes));
        Ok(())
    }

    /// Why nothing can be done with a node.
    fn reason_against(&self, node: NodeId) -> Option<&'static str> {
        match self.network.reach(node) {
            _ if node.is_long_range() => {
                Some("a device with Long Range speaks with the stick directly and has no routes")
            }
            Some(Reach::Asleep) => Some("the device sleeps; wake it, and ask again at once"),
            Some(Reach::Dead) => Some("the device does not answer; check that it has power"),
            None => Some("the device has left"),
            Some(Reach::Alive | Reach::Unknown) => None,
        }
    }

    /// A node was let in: it is told the way to the stick while it is surely awake, and searches its neighbours later.
    pub(super) fn teach_way_home(&mut self, node: NodeId) {
        if node.is_long_range() {
            return;
        }
        let has = |function| self.stick.as_ref().is_some_and(|stick| stick.has(function));
        if has(Function::ASSIGN_SUC_RETURN_ROUTE) && self.stick.as_ref().is_some_and(|stick| stick.is_suc()) {
            self.errands.push_back(Errand::WayHome { node });
        }
        let sleeps = self.network.listening(node) == Some(Listening::Sleeping);
        if has(Function::REQUEST_NODE_NEIGHBOR_UPDATE) && !sleeps && !self.routes.newcomers.contains(&node) {
            self.routes.newcomers.push_back(node);
        }
    }

    /// Whether nothing can be sent because a node searches its neighbours.
    pub(super) fn searches_neighbors(&self) -> bool {
        self.routes.searching.is_some()
    }

    /// Begins the next step. Says whether there was one.
    pub(super) fn begin_route_step(&mut self, now: Monotonic) -> bool {
        if !self.is_ready || self.pairing.is_some() || !self.network.is_quiet(now) {
            return false;
        }
        loop {
            let Some(job) = self.routes.jobs.front_mut() else {
                if self.welcome_newcomer() {
                    continue;
                }
                return false;
            };
            if let Some(step) = job.steps.pop_front() {
                self.begin_step(now, step);
                return true;
            }
            if let Some(node) = job.node.take() {
                job.repaired.push(node);
            }
            match job.left.pop_front() {
                Some(node) => self.begin_node(node),
                None => self.end_job(),
            }
        }
    }

    /// A node that has joined is next, if it is known what it is. Says whether there was one.
    fn welcome_newcomer(&mut self) -> bool {
        let is_known = |node: &NodeId| self.stage(*node).is_none() || self.network.reach(*node) == Some(Reach::Dead);
        let Some(place) = self.routes.newcomers.iter().position(is_known) else { return false };
        let node = self.routes.newcomers.remove(place);
        self.routes.jobs.extend(node.map(|node| Job::new(None, true, VecDeque::from([node]))));
        true
    }

    fn begin_node(&mut self, node: NodeId) {
        let reason = self.reason_against(node);
        let steps = self.steps_of(node);
        let Some(job) = self.routes.jobs.front_mut() else { return };
        if reason.is_some() || steps.is_empty() {
            job.left_out.push(node);
            return;
        }
        (job.node, job.steps) = (Some(node), steps);
        let number = job.total - job.left.len();
        if job.request.is_some() {
            let words = format!("Node {node} finds its routes anew, {number} of {}.", job.total);
            self.status(DriverState::Online, words);
        }
    }

    fn steps_of(&self, node: NodeId) -> VecDeque<Step> {
        let Some(stick) = &self.stick else { return VecDeque::new() };
        let can_assign = stick.has(Function::ASSIGN_RETURN_ROUTE) && stick.has(Function::DELETE_RETURN_ROUTE);
        let is_home = stick.is_suc() && stick.has(Function::ASSIGN_SUC_RETURN_ROUTE);
        let own = self.own();
        let reported_to = self.members.get(&node).map(|member| member.known.reports_to()).unwrap_or_default();
        let others = reported_to.into_iter().filter(|other| self.members.contains_key(other) && *other != node);
        let to_stick = (!is_home).then_some(own);
        let ways: Vec<NodeId> = to_stick.into_iter().chain(others).take(MOST_RETURN_ROUTES).collect();
        let mut steps = VecDeque::new();
        if stick.has(Function::REQUEST_NODE_NEIGHBOR_UPDATE) {
            steps.push_back(Step::Search(node));
        }
        if is_home {
            steps.push_back(Step::WayHome(node));
        }
        if can_assign && !ways.is_empty() {
            steps.push_back(Step::Forget(node));
            steps.extend(ways.into_iter().map(|other| Step::WayTo(node, other)));
        }
        steps
    }

    fn begin_step(&mut self, now: Monotonic, step: Step) {
        let callback = self.controller.next_callback_id();
        let ticket = match step {
            Step::Search(node) => {
                let request = RequestNodeNeighborUpdate { node, callback };
                self.controller.request(now, &request, Answer::Callback(callback))
            }
            Step::WayHome(node) => {
                let request = AssignSucReturnRoute { node, callback };
                self.controller.request(now, &request, Answer::ResponseAndCallback(callback))
            }
            Step::Forget(node) => {
                let request = DeleteReturnRoute { node, callback };
                self.controller.request(now, &request, Answer::ResponseAndCallback(callback))
            }
            Step::WayTo(node, destination) => {
                let request = AssignReturnRoute { node, destination, callback };
                self.controller.request(now, &request, Answer::ResponseAndCallback(callback))
            }
        };
        self.request = Some((ticket, Purpose::Route(step)));
    }

    pub(super) fn handle_route_step(&mut self, now: Monotonic, step: Step, outcome: Outcome) {
        match (step, outcome) {
            (Step::Search(_), Outcome::Callback(Callback::NeighborUpdate(progress))) => {
                if progress.status == NeighborUpdateStatus::Started {
                    self.routes.searching = Some(now.plus(self.search_limit()));
                } else {
                    self.handle_neighbors(progress.status);
                }
            }
            (_, Outcome::Callback(Callback::Transmitted { transmitted, .. }))
                if matches!(transmitted.status, TransmitStatus::Ok | TransmitStatus::Verified) => {}
            _ => self.fail_node(),
        }
    }

    fn search_limit(&self) -> Duration {
        let of = |listening: Listening| {
            let nodes = self.members.keys().filter(|node| self.network.listening(**node) == Some(listening));
            u32::try_from(nodes.count()).unwrap_or(u32::MAX)
        };
        let all = SEARCH_PER_LISTENING.saturating_mul(of(Listening::Always));
        SEARCH + all + SEARCH_PER_FREQUENT.saturating_mul(of(Listening::Frequent))
    }

    /// A search goes on, or has ended.
    pub(super) fn handle_neighbors(&mut self, status: NeighborUpdateStatus) {
        match status {
            NeighborUpdateStatus::Started => {}
            NeighborUpdateStatus::Done => self.routes.searching = None,
            NeighborUpdateStatus::Failed => {
                self.routes.searching = None;
                self.fail_node();
            }
        }
    }

    /// The stick has started anew: a search that it was at does not end any more.
    pub(super) fn end_search(&mut self) {
        if self.searches_neighbors() {
            self.handle_neighbors(NeighborUpdateStatus::Failed);
        }
    }

    /// The rest is not tried with a node with which one thing came to nothing.
    fn fail_node(&mut self) {
        if let Some(job) = self.routes.jobs.front_mut()
            && let Some(node) = job.node.take()
        {
            job.steps.clear();
            job.failed.push(node);
        }
    }

    fn end_job(&mut self) {
        let Some(job) = self.routes.jobs.pop_front() else { return };
        let Some(request) = job.request else {
            if let Some(node) = job.failed.first() {
                tracing::info!(driver = %self.id, node = node.0, "A Z-Wave node that has joined could not search its neighbours.");
            }
            return;
        };
        let devices = |nodes: &[NodeId]| {
            Value::list(nodes.iter().map(|node| Value::text(Arc::from(self.device_id(*node).as_str()))))
        };
        let parts = [("repaired", &job.repaired), ("failed", &job.failed), ("left_out", &job.left_out)];
        let answer = Value::composite(parts.map(|(name, nodes)| (name, devices(nodes))));
        self.tell_progress_again(self.now);
        self.answer(
            request,
            match job.is_single {
                true if job.repaired.is_empty() => Err(ManageError::NotPossible(NOT_FOUND.into())),
                true => Ok(Value::Unknown),
                false => Ok(answer),
            },
        );
    }

    /// The stick is not there: nothing of it is done any more.
    pub(super) fn give_up_routes(&mut self) {
        let routes = std::mem::take(&mut self.routes);
        for request in routes.jobs.into_iter().filter_map(|job| job.request) {
            self.answer(request, Err(ManageError::Offline));
        }
    }

    /// Whether the detail of the driver says how far the search for routes is.
    pub(super) fn tells_of_routes(&self) -> bool {
        self.routes.jobs.front().is_some_and(|job| job.request.is_some() && job.node.is_some())
    }

    pub(super) fn routes_timeout(&self) -> Option<Monotonic> {
        self.routes.searching
    }

    pub(super) fn handle_routes_timeout(&mut self, now: Monotonic) {
        if self.routes.searching.is_some_and(|until| until <= now) {
            self.handle_neighbors(NeighborUpdateStatus::Failed);
        }
    }
}

const NOT_FOUND: &str = "the device did not find its routes; check that it has power, and try again";
