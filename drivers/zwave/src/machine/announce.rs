//! Devices as the hub is told of them.

use std::sync::Arc;

use driver_api::{DriverEvent, ManageError};
use hub_model::device::Abilities;
use hub_model::{Availability, Device, DeviceId, Monotonic};

use super::firmware::attributes_of_updates;
use super::keep::Wear;
use super::{Member, ZWave};
use crate::attributes::describe;
use crate::command_class::CommandClass;
use crate::controller::Stick;
use crate::interview::{Known, Stage};
use crate::network::{Listening, Reach};
use crate::serial_api::NodeId;
use crate::serial_api::node_protocol_information::NodeProtocolInformation;

/// What people are told of a node that has not woken since it is known.
const ASLEEP: &str =
    "asleep, and not known yet: wake it as its manual says, often by pressing its button once or three times";

fn listening_of(protocol: &NodeProtocolInformation) -> Listening {
    match (protocol.listening, protocol.frequent_listening) {
        (true, _) => Listening::Always,
        (false, Some(_)) => Listening::Frequent,
        (false, None) => Listening::Sleeping,
    }
}

impl ZWave {
    /// The address of a node: of its network too, so that another network's node of the same number is another device.
    pub(super) fn address(&self, node: NodeId) -> String {
        let home = self.stick.as_ref().and_then(|stick| stick.home).map(|home| home.0).unwrap_or_default();
        format!("0x{:08x}-{node}", u32::from_be_bytes(home))
    }

    pub(super) fn device_id(&self, node: NodeId) -> DeviceId {
        DeviceId::of(&self.id, &self.address(node))
    }

    /// The stick is ready: its nodes are told, and those that are not known are asked.
    pub(super) fn handle_ready(&mut self, now: Monotonic, stick: Stick) {
        let (Some(home), Some(own)) = (stick.home, stick.node) else { return };
        let same_home = self.stick.as_ref().is_none_or(|before| before.home == stick.home);
        self.end_search();
        self.restart_pairing(now);
        let before: Vec<NodeId> = self.members.keys().copied().collect();
        if !same_home {
            before.iter().for_each(|node| self.drop_node(*node));
        }
        let mut nodes = stick.nodes.clone();
        if same_home {
            // They are in the network still, and are no devices.
            nodes.retain(|node, _| !self.is_dismissed(*node));
        } else {
            self.smart_start.forget_dismissed();
        }
        self.network.handle_ready(home, own, stick.longest_command);
        self.stick = Some(stick);
        (self.is_ready, self.lost) = (true, None);
        self.begin_progress(now);
        self.smart_start.listens = false;
        if self.stick.as_ref().is_some_and(Stick::may_become_suc) {
            self.errands.push_back(super::errands::Errand::BecomeSuc);
        }
        for node in before.into_iter().filter(|node| same_home && !nodes.contains_key(node)) {
            self.forget_node(node);
        }
        for (node, protocol) in &nodes {
            let is_new = !self.members.contains_key(node);
            self.add_member(*node, *protocol);
            if is_new {
                self.recall_security(*node);
            }
        }
        self.tell_missing();
        for node in nodes.into_keys() {
            self.tell_device_again(node);
            self.proceed_with_interview(now, node);
        }
        self.take_first_look(now);
    }

    /// The hub hears anew of every device, and whether it can be reached, when the stick is there again.
    fn tell_device_again(&mut self, node: NodeId) {
        let before = self.members.get_mut(&node).and_then(|member| member.told.take());
        self.tell_device(node);
        let Some(before) = before else { return };
        let is_untold = |member: &&mut Member| member.told.is_none();
        if let Some(member) = self.members.get_mut(&node).filter(is_untold) {
            member.told = Some(before.clone());
            self.emit(DriverEvent::Device(Box::new(before)));
            self.tell_availability(node);
        }
    }

    pub(super) fn add_member(&mut self, node: NodeId, protocol: NodeProtocolInformation) {
        self.network.add_node(node, listening_of(&protocol));
        if let Some(member) = self.members.get_mut(&node) {
            member.known.protocol = protocol;
        } else {
            let known = self.recall(node, protocol);
            let member = Member { known, asking: None, tries: 0, told: None, is_changed: false, wear: Wear::default() };
            self.members.insert(node, member);
            self.share_model(node);
        }
        self.tell_network_of(node);
    }

    /// The hub knows that a node has keys of which nothing was kept, as after another driver or with a part of a backup:
    /// so much is known of it before it is asked.
    fn recall_security(&mut self, node: NodeId) {
        let device = self.device_id(node);
        let told = self.hub_knows.iter().find(|known| known.id == device).and_then(|known| known.security.clone());
        if let Some((member, word)) = self.members.get_mut(&node).zip(told)
            && member.known.information.is_none()
        {
            member.known.recall_security(&word);
        }
        self.tell_network_of(node);
    }

    /// Devices that the hub knew and the stick does not.
    fn tell_missing(&mut self) {
        let there: Vec<DeviceId> = self.members.keys().map(|node| self.device_id(*node)).collect();
        let (known, missing) =
            std::mem::take(&mut self.hub_knows).into_iter().partition(|device: &Device| there.contains(&device.id));
        self.hub_knows = known;
        let missing: Vec<Device> = missing;
        for device in missing {
            let id = device.id.clone();
            self.emit(DriverEvent::Device(Box::new(Device { unlisted: true, ..device })));
            self.emit(DriverEvent::Availability { device: id, availability: Availability::Offline });
        }
    }

    /// How far a node is known; none = completely.
    pub(super) fn stage(&self, node: NodeId) -> Option<Stage> {
        let own = self.own().0.to_be_bytes()[1];
        self.members.get(&node)?.known.stage(own, &self.key_classes(node))
    }

    /// Tells the hub of a device, if it can be used, or if nothing more is heard of it for now because it does not answer
    /// or sleeps, and if anything is new.
    pub(super) fn tell_device(&mut self, node: NodeId) {
        let stage = self.stage(node);
        let reach = self.network.reach(node);
        let is_usable = stage.is_none_or(|stage| stage > Stage::Endpoints);
        let Some(member) = self.members.get(&node) else { return };
        let before = self.hub_knows.iter().find(|device| device.id == self.device_id(node));
        let device = match (is_usable, before) {
            (true, _) => self.describe_device(node, member, stage.is_none()),
            // It was known before, and is better described so than by what is known so far.
            (false, Some(before)) if member.told.is_none() => before.clone(),
            (false, _) if matches!(reach, Some(Reach::Dead | Reach::Asleep)) || member.told.is_some() => {
                self.describe_device(node, member, false)
            }
            (false, _) => return,
        };
        let Some(member) = self.members.get_mut(&node) else { return };
        if member.told.as_ref() == Some(&device) {
            return;
        }
        let is_new = member.told.replace(device.clone()).is_none();
        self.emit(DriverEvent::Device(Box::new(device)));
        if is_new {
            self.tell_availability(node);
        }
    }

    fn describe_device(&self, node: NodeId, member: &Member, interviewed: bool) -> Device {
        let known = &member.known;
        let listening = listening_of(&known.protocol);
        let mut endpoints = describe(&known.node);
        if known.takes_firmware {
            let root = endpoints.iter_mut().filter(|endpoint| endpoint.number == 0);
            root.for_each(|root| root.attributes.extend(attributes_of_updates()));
        }
        let wake = known.node.endpoints.get(&0).and_then(|root| root.wake_up).map(|(seconds, _)| seconds);
        let wake = wake.filter(|_| listening == Listening::Sleeping);
        let (identity, model) = (known.identity, known.model());
        let is_unknown_sleeper = listening == Listening::Sleeping && !interviewed && identity.is_none();
        Device {
            id: self.device_id(node),
            native_name: Some(self.native_name(node, known)),
            manufacturer: known
                .manufacturer
                .clone()
                .or(identity.map(|identity| Arc::from(format!("Manufacturer {:#06x}", identity.manufacturer)))),
            model: model
                .map(|model| Arc::from(&*model.label))
                .or(identity
                    .map(|identity| Arc::from(format!("{:#06x}:{:#06x}", identity.product_type, identity.product)))),
            description: model
                .map(|model| Arc::from(&*model.description))
                .or(is_unknown_sleeper.then(|| ASLEEP.into())),
            firmware: known.firmware.map(|version| Arc::from(version.to_string())),
            power_source: Some(Arc::from(match listening {
                Listening::Always if !known.has(CommandClass::BATTERY) => "mains",
                Listening::Always | Listening::Frequent | Listening::Sleeping => "battery",
            })),
            security: self.security_of(node, known),
            wake_interval_ms: wake.map(|seconds| u64::from(seconds) * 1_000),
            members: Vec::new(),
            interviewed,
            unlisted: false,
            abilities: Abilities {
                rename: known.has(CommandClass::NODE_NAMING_AND_LOCATION),
                remove: true,
                interview: true,
                firmware_update: known.takes_firmware,
            },
            endpoints,
        }
    }

    /// The word for a node's security, once it is known.
    fn security_of(&self, node: NodeId, known: &Known) -> Option<Arc<str>> {
        let is_settled = self.stage(node).is_none_or(|stage| stage > Stage::Security);
        known.security_word(is_settled).map(Arc::from)
    }

    pub(super) fn tell_availability(&mut self, node: NodeId) {
        if self.members.get(&node).is_none_or(|member| member.told.is_none()) {
            return;
        }
        let was_heard = self.members.get(&node).is_some_and(|member| member.known.information.is_some());
        let availability = match self.network.reach(node) {
            // The stick says that it is there; nobody else has yet.
            Some(Reach::Asleep) if !was_heard => Availability::Unknown,
            Some(Reach::Alive | Reach::Asleep) => Availability::Online,
            Some(Reach::Dead) => Availability::Offline,
            Some(Reach::Unknown) | None => Availability::Unknown,
        };
        let device = self.device_id(node);
        self.emit(DriverEvent::Availability { device, availability });
    }

    pub(super) fn handle_reach(&mut self, now: Monotonic, node: NodeId, reach: Reach) {
        let is_new = self.members.get(&node).is_some_and(|member| member.told.is_none());
        // Of who is just coming in nothing is decided yet.
        let is_over = reach == Reach::Dead || reach == Reach::Asleep && !self.is_being_paired(node);
        if is_over && is_new {
            self.tell_device(node);
        } else {
            self.tell_availability(node);
        }
        if reach != Reach::Dead {
            self.proceed_with_interview(now, node);
        }
    }

    /// A node has left.
    pub(super) fn forget_node(&mut self, node: NodeId) {
        self.note_left(node);
        self.forget_kept(node);
        self.drop_node(node);
        let device = self.device_id(node);
        self.hub_knows.retain(|known| known.id != device);
    }

    fn drop_node(&mut self, node: NodeId) {
        if self.take_member(node).is_some_and(|member| member.told.is_some()) {
            let device = self.device_id(node);
            self.emit(DriverEvent::DeviceRemoved(device));
        }
    }

    /// Takes a node out, and ends all that is done with it. It need not be a member: those that were dismissed are only
    /// spoken to.
    pub(super) fn take_member(&mut self, node: NodeId) -> Option<Member> {
        self.end_update(node, Err(ManageError::NotFound));
        self.give_up_checks(Some(node), &ManageError::NotFound);
        self.open_states.forget(node);
        self.network.remove_node(node);
        let member = self.members.remove(&node);
        // Its tasks end before it does: nothing follows about it.
        while let Some(event) = self.network.poll_event() {
            self.handle_node_event(self.now, event);
        }
        member
    }
}
