//! What nodes are called: by themselves, where they keep a name; else as the provisioning list says.

use std::sync::Arc;

use driver_api::{DriverEvent, ManageError, RequestId};
use hub_model::{DeviceId, Monotonic, Value};

use super::{Job, ZWave};
use crate::command_class::supervision::Status;
use crate::command_class::value::EncodedText;
use crate::command_class::{Command, CommandClass, node_naming_and_location};
use crate::interview::{KEYS_ARE_MISSING, Known};
use crate::network::{Done, Failure, Protection, Task, TaskId, Urgency};
use crate::serial_api::NodeId;

impl ZWave {
    /// What a node is called in its network. One that had a name is not called by its number, whoever lost the name.
    pub(super) fn native_name(&self, node: NodeId, known: &Known) -> Arc<str> {
        let of_list = || self.provisioning.name_at(&self.address(node));
        let before = || {
            let told = self.members.get(&node).and_then(|member| member.told.as_ref());
            let device = self.device_id(node);
            told.or_else(|| self.hub_knows.iter().find(|known| known.id == device))?.native_name.clone()
        };
        known.name.clone().or_else(of_list).or_else(before).unwrap_or_else(|| format!("Node {node}").into())
    }

    /// Only nodes with Node Naming and Location keep a name, and that of 16 bytes at most.
    pub(super) fn rename(
        &mut self,
        now: Monotonic,
        request: RequestId,
        device: &DeviceId,
        name: &str,
    ) -> Result<(), ManageError> {
        let node = self.node_of(device).ok_or(ManageError::NotFound)?;
        if !self.is_ready {
            return Err(ManageError::Offline);
        }
        let class = CommandClass::NODE_NAMING_AND_LOCATION;
        let known = self.members.get(&node).map(|member| &member.known).filter(|known| known.has(class));
        let known = known.ok_or(ManageError::Unsupported)?;
        if known.lacks_keys_for(class) {
            return Err(ManageError::NotPossible(KEYS_ARE_MISSING.into()));
        }
        let name = EncodedText::new(name.trim());
        let kept = Arc::from(name.text());
        let set = Command::NodeNamingAndLocation(node_naming_and_location::Command::NameSet { name });
        let task = Task {
            protection: known.protection(class).map_or(Protection::None, Protection::Class),
            supervised: known.has(CommandClass::SUPERVISION),
            ..Task::new(node, set.encode(), Urgency::Rule)
        };
        let task = self.network.push_task(now, task);
        self.jobs.insert(task, Job::Rename(node, request, kept));
        Ok(())
    }

    /// The stick is not there: who waits for a name to be written is told.
    pub(super) fn give_up_renaming(&mut self) {
        let renaming = self.jobs.iter().filter_map(|(task, job)| match job {
            Job::Rename(_, request, _) => Some((*task, *request)),
            _ => None,
        });
        let renaming: Vec<(TaskId, RequestId)> = renaming.collect();
        for (task, request) in renaming {
            self.network.cancel(|other| other == task);
            self.jobs.remove(&task);
            self.answer(request, Err(ManageError::Offline));
        }
    }

    pub(super) fn handle_renamed(
        &mut self,
        node: NodeId,
        request: RequestId,
        name: &str,
        result: Result<Done, Failure>,
    ) {
        let result = match result {
            Ok(Done::Supervised(Status::Fail | Status::NoSupport)) => {
                Err(ManageError::Refused("the device does not take the name".into()))
            }
            Ok(_) => Ok(Value::Unknown),
            Err(failure) => Err(ManageError::NotPossible(failure.to_string().into())),
        };
        if result.is_ok()
            && let Some(member) = self.members.get_mut(&node)
        {
            member.known.rename(name);
            member.is_changed = true;
            let device = self.device_id(node);
            self.emit(DriverEvent::Renamed { device, name: name.into() });
            self.tell_device(node);
        }
        self.answer(request, result);
    }
}
