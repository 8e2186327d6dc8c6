//! New firmware for nodes: files of people to [`Transfer`]s, and what becomes of these.

use std::sync::Arc;
use std::time::Duration;

use driver_api::{DriverEvent, Image, ManageError, Origin, Reading, Report, RequestId};
use hub_model::attribute::Access;
use hub_model::attributes::semantic;
use hub_model::command::ConfirmedBy;
use hub_model::{AttributeSchema, DeviceId, Monotonic, Value};

use super::{Job, Member, ZWave};
use crate::command_class::firmware_update_meta_data::Command as Meta;
use crate::command_class::{Command, CommandClass as C};
use crate::encapsulation::crc16::checksum;
use crate::firmware::{Action, FirmwareImage, Offer, Transfer};
use crate::interview::KEYS_ARE_MISSING;
use crate::network::{Done, Failure, Listening, Protection, Reach, Received, Task, TaskId, Urgency};
use crate::serial_api::NodeId;

/// The most updates at once: each holds its image.
const MOST_UPDATES: usize = 4;
/// How long a node that sleeps is waited for.
const WAKING_LIMIT: Duration = Duration::from_secs(24 * 3_600);
/// What `update_state` can be.
const STATES: [&str; 3] = ["idle", "scheduled", "updating"];
/// No Operation.
const NO_OPERATION: u8 = 0x00;

/// An update of a node.
#[derive(Debug)]
pub(super) struct Update {
    request: RequestId,
    transfer: Transfer,
    /// What is on its way to the node.
    task: Option<TaskId>,
    /// The node has its firmware: when it is asked anew what it is.
    interview_at: Option<Monotonic>,
}

/// The attributes of a device that say how an update goes, as every driver has them.
pub(super) fn attributes_of_updates() -> impl Iterator<Item = AttributeSchema> {
    ["update_state", "update_progress"].into_iter().filter_map(semantic).map(|meaning| {
        let mut schema = AttributeSchema::new(meaning.name, meaning.kind, Access::NOTIFY);
        schema.unit = meaning.unit.map(Arc::from);
        schema.category = meaning.category;
        if meaning.name == "update_state" {
            schema.values = STATES.into_iter().map(Arc::from).collect();
        }
        schema
    })
}

fn not_possible(words: &str) -> ManageError {
    ManageError::NotPossible(words.into())
}

impl ZWave {
    pub(super) fn install_firmware(
        &mut self,
        now: Monotonic,
        request: RequestId,
        device: &DeviceId,
        image: &Image,
        target: u8,
    ) -> Result<(), ManageError> {
        let node = self.node_of(device).ok_or(ManageError::NotFound)?;
        if !self.is_ready {
            return Err(ManageError::Offline);
        }
        let Some(Member { known, .. }) = self.members.get(&node) else { return Err(ManageError::NotFound) };
        if !known.has(C::FIRMWARE_UPDATE_META_DATA) {
            return Err(not_possible("this device has no way to take firmware by radio"));
        }
        if self.updates.contains_key(&node) {
            return Err(not_possible("this device is being updated already; wait until that is over"));
        }
        if self.updates.len() >= MOST_UPDATES {
            return Err(not_possible("too many devices are being updated; wait until one of them is ready"));
        }
        if self.network.reach(node) == Some(Reach::Dead) {
            return Err(not_possible("the device does not answer; check that it has power and is in reach"));
        }
        if known.lacks_keys_for(C::FIRMWARE_UPDATE_META_DATA) {
            return Err(not_possible(KEYS_ARE_MISSING));
        }
        let FirmwareImage(image) =
            FirmwareImage::from_file(&image.0).map_err(|error| ManageError::invalid("image", error.to_string()))?;
        let longest = self.network.longest_command(self.firmware_protection(node));
        let version = known.version(C::FIRMWARE_UPDATE_META_DATA).max(1);
        let transfer = Transfer::new(Offer { image, target, version, longest });
        self.updates.insert(node, Update { request, transfer, task: None, interview_at: None });
        self.network.hold_awake(node, true);
        self.tell_update(node, "scheduled", 0);
        self.proceed_with_update(now, node);
        Ok(())
    }

    fn firmware_protection(&self, node: NodeId) -> Protection {
        let class = self.members.get(&node).and_then(|member| member.known.protection(C::FIRMWARE_UPDATE_META_DATA));
        class.map_or(Protection::None, Protection::Class)
    }

    fn proceed_with_update(&mut self, now: Monotonic, node: NodeId) {
        while let Some(action) = self.updates.get_mut(&node).and_then(|update| update.transfer.poll_action()) {
            match action {
                Action::Send(command) => self.send_for_update(now, node, command),
                Action::Progress(percent) => self.tell_update(node, "updating", percent),
                Action::Installed(wait) => {
                    self.tell_update(node, "idle", 100);
                    if let Some(update) = self.updates.get_mut(&node) {
                        update.interview_at = Some(now.plus(wait));
                    }
                }
                Action::Refused(words) => self.end_update(node, Err(ManageError::Refused(words.into()))),
                Action::Failed(words) => self.end_update(node, Err(not_possible(&words))),
            }
        }
    }

    fn send_for_update(&mut self, now: Monotonic, node: NodeId, command: Vec<u8>) {
        // A node that sleeps is awake for little else; others are asked for values between two parts.
        let sleeps = self.network.listening(node) == Some(Listening::Sleeping);
        let urgency = if sleeps { Urgency::Rule } else { Urgency::Poll };
        let task = Task {
            protection: self.firmware_protection(node),
            deadline: Some(now.plus(WAKING_LIMIT)),
            ..Task::new(node, command, urgency)
        };
        let task = self.network.push_task(now, task);
        self.jobs.insert(task, Job::Firmware(node));
        if let Some(update) = self.updates.get_mut(&node) {
            update.task = Some(task);
        }
    }

    pub(super) fn handle_firmware_sent(&mut self, now: Monotonic, node: NodeId, task: TaskId) {
        if let Some(update) = self.updates.get_mut(&node).filter(|update| update.task == Some(task)) {
            update.transfer.handle_sent(now);
            self.proceed_with_update(now, node);
        }
    }

    pub(super) fn handle_firmware_ended(
        &mut self,
        now: Monotonic,
        node: NodeId,
        task: TaskId,
        result: Result<Done, Failure>,
    ) {
        let Some(update) = self.updates.get_mut(&node).filter(|update| update.task == Some(task)) else { return };
        if let Err(failure) = result {
            update.transfer.handle_lost(now, &failure.to_string());
            if failure == Failure::TooLong {
                // Security has to begin anew, and that takes room: in a command that has none itself. The node asks again.
                self.send_for_update(now, node, vec![NO_OPERATION]);
            }
            self.proceed_with_update(now, node);
        }
    }

    /// A node speaks of its firmware.
    pub(super) fn handle_firmware_command(&mut self, now: Monotonic, received: &Received, command: &Meta) {
        let node = received.node;
        if let Some(update) = self.updates.get_mut(&node) {
            if matches!(command, Meta::Get { .. }) {
                // Whoever asks is awake, and stays so.
                self.network.handle_awake(now, node);
            }
            update.transfer.handle_command(now, command);
            return self.proceed_with_update(now, node);
        }
        let Meta::Get { number, .. } = command else { return };
        // An update that nobody knows of: a last part that is damaged ends it.
        let mut part = Meta::Report { is_last: true, number: *number, data: vec![0xFF], checksum: None };
        let wrong = !checksum(&[&Command::FirmwareUpdateMetaData(part.clone()).encode()]);
        if let Meta::Report { checksum, .. } = &mut part {
            *checksum = Some(wrong);
        }
        self.network.answer(now, received, Command::FirmwareUpdateMetaData(part).encode());
    }

    pub(super) fn handle_firmware_timeout(&mut self, now: Monotonic) {
        let nodes: Vec<NodeId> = self.updates.keys().copied().collect();
        for node in nodes {
            let Some(update) = self.updates.get_mut(&node) else { continue };
            if update.interview_at.is_some_and(|at| at <= now) {
                self.end_update(node, Ok(Value::Unknown));
                let device = self.device_id(node);
                // It is another device now; that it cannot be asked just now is no failure of the update.
                let _ = self.interview_again(now, &device);
                continue;
            }
            update.transfer.handle_timeout(now);
            self.proceed_with_update(now, node);
        }
    }

    pub(super) fn firmware_timeout(&self) -> Option<Monotonic> {
        self.updates.values().flat_map(|update| [update.transfer.poll_timeout(), update.interview_at]).flatten().min()
    }

    /// An update ended, or has to.
    pub(super) fn end_update(&mut self, node: NodeId, result: Result<Value, ManageError>) {
        let Some(update) = self.updates.remove(&node) else { return };
        let Self { network, jobs, .. } = self;
        network.cancel(|task| jobs.get(&task) == Some(&Job::Firmware(node)));
        jobs.retain(|_, job| *job != Job::Firmware(node));
        self.network.hold_awake(node, false);
        if result.is_err() {
            self.tell_update(node, "idle", 0);
        }
        self.answer(update.request, result);
    }

    /// The stick is not there: nodes give up by themselves, and go on with what they have.
    pub(super) fn give_up_updates(&mut self) {
        let nodes: Vec<NodeId> = self.updates.keys().copied().collect();
        for node in nodes {
            self.end_update(node, Err(ManageError::Offline));
        }
    }

    fn tell_update(&mut self, node: NodeId, state: &'static str, percent: u8) {
        let is_told = |name: &str| {
            let told = self.members.get(&node).and_then(|member| member.told.as_ref());
            told.is_some_and(|device| device.attribute(0, name).is_some())
        };
        let values = [("update_state", Value::text(state)), ("update_progress", Value::number(f64::from(percent)))];
        let readings: Vec<Reading> = values
            .into_iter()
            .filter(|(name, _)| is_told(name))
            .map(|(name, value)| Reading { endpoint: 0, attribute: name.into(), value })
            .collect();
        if !readings.is_empty() {
            let device = self.device_id(node);
            let report = Report { device, readings, origin: Origin::Live, confirms: ConfirmedBy::Report };
            self.emit(DriverEvent::Report(report));
        }
    }
}
