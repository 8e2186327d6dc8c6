//! Commands of the hub: to command classes, to the node, and what becomes of them.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use driver_api::{CommandProgress, CommandStage, DriverCommand, DriverEvent};
use hub_model::command::FailureReason;
use hub_model::{AttributeName, CommandId, DeviceId, EndpointNumber, Monotonic, Value};

use super::{Job, ZWave, supervised};
use crate::attributes::{self, commands};
use crate::command_class::supervision::Status;
use crate::command_class::{Command, CommandClass};
use crate::interview::KEYS_ARE_MISSING;
use crate::network::{Done, Expected, Failure, Protection, Task, TaskId, Urgency};
use crate::serial_api::NodeId;

/// How long after a command a node is asked how it is now, so that what it does at once is done.
const SETTLING: Duration = Duration::from_millis(250);
/// The most commands under way; more are refused.
const MOST_UNDER_WAY: usize = 512;
/// The most questions at once for the values of a node.
const MOST_POLLS: usize = 32;

/// A command of the hub that was taken on.
#[derive(Debug)]
pub(super) struct UnderWay {
    node: NodeId,
    tasks: BTreeSet<TaskId>,
    was_sent: bool,
    failed: bool,
    transition: Duration,
    /// What it sets: how that is then is asked afterwards.
    sets: Vec<(u8, AttributeName)>,
    /// What is so once the node has said that it worked; none = that does not say everything.
    settled: Option<Vec<(u8, Command)>>,
}

impl ZWave {
    fn progress(&mut self, command: &CommandId, stage: CommandStage) {
        self.emit(DriverEvent::Command(CommandProgress { command: command.clone(), attribute: None, stage }));
    }

    fn fail(&mut self, command: &CommandId, reason: FailureReason, detail: impl Into<Arc<str>>) {
        self.progress(command, CommandStage::Failed { reason, detail: Some(detail.into()) });
    }

    pub(super) fn handle_command_request(&mut self, now: Monotonic, command: DriverCommand) {
        let Some(node) = self.node_of(&command.device) else {
            let is_missing = self.stick.is_none();
            return match is_missing {
                true => self.fail(&command.id, FailureReason::DriverOffline, "the Z-Wave stick is not ready yet"),
                false => self.fail(&command.id, FailureReason::Removed, "this network has no such node"),
            };
        };
        if !self.is_ready {
            return self.fail(&command.id, FailureReason::DriverOffline, "the Z-Wave stick is not ready");
        }
        if self.under_way.len() >= MOST_UNDER_WAY {
            return self.fail(&command.id, FailureReason::Busy, "too many commands are under way");
        }
        let tasks = match self.tasks_of(node, &command) {
            Ok(tasks) if tasks.is_empty() => return self.fail(&command.id, FailureReason::Refused, "nothing to set"),
            Ok(tasks) => tasks,
            Err(detail) => return self.fail(&command.id, FailureReason::Refused, detail),
        };
        let sets = command.settings.iter().flat_map(|setting| {
            let endpoint = u8::try_from(setting.endpoint).ok();
            // Codes are never told, but whose code holds is.
            let user = setting.value.field("user").and_then(Value::as_number);
            let status = user.map(|user| AttributeName::new(format!("user_{user}_status")));
            let attributes = [Some(setting.attribute.clone()), status].into_iter().flatten();
            attributes.filter_map(move |attribute| Some((endpoint?, attribute)))
        });
        let sets = sets.collect();
        let transition = command.transition.unwrap_or_default();
        let settled = supervised::settled(&tasks).filter(|_| transition.is_zero());
        let tasks_under_way = BTreeSet::new();
        let mut under_way =
            UnderWay { node, tasks: tasks_under_way, was_sent: false, failed: false, transition, sets, settled };
        for task in tasks {
            let task = self.network.push_task(now, task);
            self.jobs.insert(task, Job::Command(command.id.clone()));
            under_way.tasks.insert(task);
        }
        self.under_way.insert(command.id, under_way);
    }

    /// The stick is not there: what was not done is not done later either.
    pub(super) fn give_up_commands(&mut self, detail: &str) {
        let under_way = std::mem::take(&mut self.under_way);
        for (command, under_way) in under_way {
            self.network.cancel(|task| under_way.tasks.contains(&task));
            for task in &under_way.tasks {
                self.jobs.remove(task);
            }
            if !under_way.failed {
                self.fail(&command, FailureReason::DriverOffline, detail);
            }
        }
    }

    /// The tasks of a command; all of its settings can be sent, or none is.
    fn tasks_of(&self, node: NodeId, command: &DriverCommand) -> Result<Vec<Task>, String> {
        let Some(member) = self.members.get(&node) else { return Ok(Vec::new()) };
        let urgency = if command.by_person { Urgency::Person } else { Urgency::Rule };
        let mut tasks = Vec::new();
        for setting in attributes::without_doubles(&member.known.node, &command.settings) {
            let endpoint =
                u8::try_from(setting.endpoint).map_err(|_| format!("there is no endpoint {}", setting.endpoint))?;
            let commands =
                commands(&member.known.node, endpoint, &setting.attribute, &setting.value, command.transition)
                    .map_err(|error| error.to_string())?;
            for set in commands {
                if member.known.lacks_keys_for(set.class()) {
                    return Err(KEYS_ARE_MISSING.to_owned());
                }
                let protection = member.known.protection(set.class()).map_or(Protection::None, Protection::Class);
                let task = Task {
                    endpoint,
                    protection,
                    supervised: member.known.has(CommandClass::SUPERVISION),
                    deadline: Some(command.deadline),
                    ..Task::new(node, set.encode(), urgency)
                };
                tasks.push(task);
            }
        }
        Ok(tasks)
    }

    pub(super) fn handle_sent(&mut self, now: Monotonic, task: TaskId) {
        let command = match self.jobs.get(&task).cloned() {
            Some(Job::Command(command)) => command,
            Some(Job::Firmware(node)) => return self.handle_firmware_sent(now, node, task),
            _ => return,
        };
        let Some(under_way) = self.under_way.get_mut(&command) else { return };
        if !under_way.failed && !std::mem::replace(&mut under_way.was_sent, true) {
            self.progress(&command, CommandStage::Sent);
        }
    }

    pub(super) fn handle_command_ended(
        &mut self,
        now: Monotonic,
        command: &CommandId,
        task: TaskId,
        result: Result<Done, Failure>,
    ) {
        let Some(under_way) = self.under_way.get(command) else { return };
        // Who waited for a device that sleeps is told how to wake it.
        let hint = if result == Err(Failure::Expired) { self.how_to_wake(under_way.node) } else { String::new() };
        let Some(under_way) = self.under_way.get_mut(command) else { return };
        under_way.tasks.remove(&task);
        let is_last = under_way.tasks.is_empty();
        under_way.settled.take_if(|_| result != Ok(Done::Supervised(Status::Success)));
        let failure = match result {
            Ok(Done::Supervised(Status::Fail)) => {
                Some((FailureReason::Refused, "the device says that it could not do it".to_owned()))
            }
            Ok(Done::Supervised(Status::NoSupport)) => {
                Some((FailureReason::Refused, "the device says that it does not know this command".to_owned()))
            }
            Ok(_) => None,
            Err(failure) => Some((reason_of(failure), format!("{failure}{hint}"))),
        };
        match failure {
            // After a failure nothing follows, whatever becomes of the rest.
            Some((reason, detail)) if !std::mem::replace(&mut under_way.failed, true) => {
                self.fail(command, reason, detail);
            }
            Some(_) => {}
            None if is_last && !under_way.failed => self.progress(command, CommandStage::Acknowledged),
            None => {}
        }
        if !is_last {
            return;
        }
        let Some(under_way) = self.under_way.remove(command) else { return };
        match under_way.settled {
            Some(reports) => {
                for (endpoint, report) in &reports {
                    self.settle(under_way.node, *endpoint, report);
                }
            }
            None => {
                let later = now.plus(under_way.transition + SETTLING);
                self.poll(now, under_way.node, &under_way.sets, Some(later));
            }
        }
    }

    /// Asks a node for attributes: at once, or so that what was commanded is done.
    fn poll(&mut self, now: Monotonic, node: NodeId, wanted: &[(u8, AttributeName)], not_before: Option<Monotonic>) {
        let Some(member) = self.members.get(&node) else { return };
        let mut tasks = Vec::new();
        let mut asked = BTreeSet::new();
        for (endpoint, attribute) in wanted {
            for command in attributes::queries(&member.known.node, *endpoint, attribute) {
                if asked.insert((*endpoint, command.encode())) && asked.len() <= MOST_POLLS {
                    let task = self.question(node, *endpoint, &command, Urgency::Poll);
                    tasks.extend(task.map(|task| Task { not_before, ..task }));
                }
            }
        }
        for task in tasks {
            let task = self.network.push_task(now, task);
            self.jobs.insert(task, Job::Poll);
        }
    }

    /// A question as it is to be sent, with the report that it waits for.
    pub(super) fn question(&self, node: NodeId, endpoint: u8, command: &Command, urgency: Urgency) -> Option<Task> {
        let member = self.members.get(&node).filter(|member| !member.known.lacks_keys_for(command.class()))?;
        let bytes = command.encode();
        let [class, get, ..] = bytes[..] else { return None };
        let protection = member.known.protection(command.class()).map_or(Protection::None, Protection::Class);
        // In every class the report follows its question.
        let expected = Some(Expected { prefix: vec![class, get.wrapping_add(1)] });
        Some(Task { endpoint, protection, expected, ..Task::new(node, bytes, urgency) })
    }

    pub(super) fn handle_read(
        &mut self,
        now: Monotonic,
        device: &DeviceId,
        wanted: &[(EndpointNumber, AttributeName)],
    ) {
        let Some(node) = self.node_of(device) else { return };
        let wanted =
            wanted.iter().filter_map(|(endpoint, attribute)| Some((u8::try_from(*endpoint).ok()?, attribute.clone())));
        let wanted: Vec<(u8, AttributeName)> = wanted.collect();
        self.poll(now, node, &wanted, None);
    }
}

fn reason_of(failure: Failure) -> FailureReason {
    match failure {
        Failure::NotAcknowledged | Failure::Expired => FailureReason::Unreachable,
        Failure::NoReport => FailureReason::NoReport,
        Failure::NotSent | Failure::Busy => FailureReason::Busy,
        Failure::StickFailed => FailureReason::DriverOffline,
        Failure::Removed => FailureReason::Removed,
        Failure::TooLong | Failure::NoKeys | Failure::Unreadable => FailureReason::Refused,
    }
}
