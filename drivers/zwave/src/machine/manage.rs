//! Managing the network.

use driver_api::network::Network as Map;
use driver_api::{ManageAction, ManageError, RequestId};
use hub_model::{DeviceId, Monotonic, Value};

use super::errands::Errand;
use super::{Member, ZWave};
use crate::serial_api::{Function, NodeId};

/// The most that waits for the stick.
const MOST_ERRANDS: usize = 64;

impl ZWave {
    pub(super) fn handle_manage(&mut self, now: Monotonic, request: RequestId, action: ManageAction) {
        let done = match action {
            ManageAction::Remove { device, .. } => self.remove(request, &device),
            ManageAction::Interview { device } => self.interview_again(now, &device).map(Some),
            ManageAction::NetworkMap => self.draw_map(request),
            ManageAction::Restart => self.restart(now).map(Some),
            ManageAction::StartPairing { session, action, duration } => {
                self.start_pairing(now, request, session, action, duration).map(|()| None)
            }
            ManageAction::AnswerPairing { session, answer } => self.answer_pairing(now, &session, &answer).map(Some),
            ManageAction::StopPairing { session } => self.stop_pairing(&session).map(Some),
            ManageAction::Provision(action) => self.provision(action).map(Some),
            ManageAction::RepairRoutes { device } => self.repair_routes(request, device.as_ref()).map(|()| None),
            ManageAction::Rename { device, name } => self.rename(now, request, &device, &name).map(|()| None),
            ManageAction::InstallFirmware { device, image, target } => {
                self.install_firmware(now, request, &device, &image, target).map(|()| None)
            }
            ManageAction::CheckHealth { device } => self.check_health(now, request, &device).map(|()| None),
            ManageAction::Backup => self.back_up(request).map(|()| None),
            ManageAction::Restore { image } => self.restore(request, image).map(|()| None),
            ManageAction::SetOptions { .. } | ManageAction::Firmware { .. } | ManageAction::Group(_) => {
                Err(ManageError::Unsupported)
            }
        };
        match done {
            Ok(Some(value)) => self.answer(request, Ok(value)),
            // The answer comes later.
            Ok(None) => {}
            Err(error) => self.answer(request, Err(error)),
        }
    }

    pub(super) fn needs_stick(&self, function: Function) -> Result<(), ManageError> {
        match &self.stick {
            Some(stick) if self.is_ready && !stick.has(function) => {
                Err(ManageError::NotPossible(format!("this stick cannot do that: it has no {function}").into()))
            }
            Some(_) if self.is_ready && self.errands.len() < MOST_ERRANDS => Ok(()),
            _ => Err(ManageError::Offline),
        }
    }

    /// Only a node that does not answer can be removed without it.
    fn remove(&mut self, request: RequestId, device: &DeviceId) -> Result<Option<Value>, ManageError> {
        let node = self.node_of(device).ok_or(ManageError::NotFound)?;
        self.needs_stick(Function::REMOVE_FAILED_NODE)?;
        self.errands.push_back(Errand::remove(node, Some(request)));
        Ok(None)
    }

    /// A node says that it was reset and has left by itself. Anybody can say so in its name: it is forgotten when the
    /// stick has tried to reach it in vain, and at once only without a stick that can do so.
    pub(super) fn handle_reset_locally(&mut self, now: Monotonic, node: NodeId) {
        let is_removed = |errand: &Errand| matches!(errand, Errand::Remove { node: removed, .. } if *removed == node);
        if self.errands.iter().any(is_removed) {
            return;
        }
        match self.needs_stick(Function::REMOVE_FAILED_NODE) {
            Ok(()) => {
                self.errands.push_back(Errand::remove(node, None));
                self.remove_later(now, node);
            }
            Err(_) if self.errands.len() >= MOST_ERRANDS => {}
            Err(_) => self.forget_node(node),
        }
    }

    pub(super) fn interview_again(&mut self, now: Monotonic, device: &DeviceId) -> Result<Value, ManageError> {
        let node = self.node_of(device).ok_or(ManageError::NotFound)?;
        if !self.is_ready {
            return Err(ManageError::Offline);
        }
        if let Some(member) = self.members.get_mut(&node) {
            let Member { known, asking, tries, .. } = member;
            known.forget();
            (*asking, *tries) = (None, 0);
        }
        self.proceed_with_interview(now, node);
        Ok(Value::Unknown)
    }

    fn draw_map(&mut self, request: RequestId) -> Result<Option<Value>, ManageError> {
        let tells_neighbours = match self.needs_stick(Function::GET_ROUTING_INFORMATION) {
            Ok(()) => true,
            // A stick that does not tell who hears whom still has nodes.
            Err(ManageError::NotPossible(_)) => false,
            Err(error) => return Err(error),
        };
        if !tells_neighbours {
            let nodes = [self.own()].into_iter().chain(self.members.keys().copied());
            let nodes = nodes.map(|node| self.map_node(node, Vec::new())).collect();
            let map = Map { nodes, ..Map::default() };
            self.errands.push_back(Errand::Noise { request, map });
            return Ok(None);
        }
        // Who speaks by Long Range has the stick for its only neighbour.
        let (far, near): (Vec<NodeId>, Vec<NodeId>) = self.members.keys().partition(|node| node.is_long_range());
        let left = [self.own()].into_iter().chain(near).collect();
        let own = self.own();
        let nodes = far.into_iter().map(|node| self.map_node(node, vec![own])).collect();
        self.errands.push_back(Errand::Neighbors { request, left, map: Map { nodes, ..Map::default() } });
        Ok(None)
    }

    fn restart(&mut self, now: Monotonic) -> Result<Value, ManageError> {
        self.needs_stick(Function::SOFT_RESET)?;
        // Half written, it would not know its network any more.
        self.needs_free_memory()?;
        self.controller.restart(now);
        Ok(Value::Unknown)
    }
}
