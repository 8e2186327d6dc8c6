//! From the greeting to a home that is known.

use driver_api::{DriverEvent, Origin};
use hub_model::command::ConfirmedBy;
use hub_model::event::DriverState;
use hub_model::{Availability, Device};
use serde::Deserialize;
use serde_json::json;
use serde_json::value::RawValue;

use super::{ANSWER_LIMIT, MOST_MEMORY, MOST_NODES, Purpose, ZWaveJs};
use crate::message::{NodeState, OLDEST_SCHEMA, Refusal, ValueId, ValueState, Version};
use crate::node::Member;

/// From this schema on a server can be asked what can happen at a node.
const NOTIFICATION_EVENTS: u64 = 43;
/// The class of notifications.
const NOTIFICATION: u16 = 0x71;
/// The largest value with what is said of it, in bytes.
pub(super) const LARGEST_VALUE: usize = 64 * 1024;
/// The largest node without its values, in bytes.
const LARGEST_NODE: usize = 256 * 1024;

#[derive(Deserialize)]
struct Listening<'text> {
    #[serde(borrow)]
    state: State<'text>,
}

#[derive(Deserialize)]
struct State<'text> {
    controller: Controller,
    #[serde(borrow, default)]
    nodes: Vec<&'text RawValue>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Controller {
    #[serde(default)]
    home_id: Option<u32>,
    #[serde(default)]
    own_node_id: Option<u16>,
}

#[derive(Deserialize)]
struct Values<'text> {
    #[serde(borrow, default)]
    values: Vec<&'text RawValue>,
}

impl ZWaveJs {
    pub(super) fn handle_version(&mut self, version: Version) {
        self.waiting.retain(|_, waiting| waiting.purpose != Purpose::Greeting);
        let shown = |text: &str| text.chars().take(40).collect::<String>();
        self.server =
            format!("Z-Wave JS {} (server {})", shown(&version.driver_version), shown(&version.server_version));
        let newest = version.max_schema_version.min(self.newest_schema);
        if newest < OLDEST_SCHEMA {
            let detail = format!(
                "{} is too old: it speaks schema {} and this hub needs {OLDEST_SCHEMA}; update Z-Wave JS",
                self.server, version.max_schema_version
            );
            return self.set_status(DriverState::Offline, detail);
        }
        if newest < version.min_schema_version {
            let detail = format!(
                "{} is newer than this hub: it wants schema {} and the hub knows {newest}; update the hub",
                self.server, version.min_schema_version
            );
            return self.set_status(DriverState::Offline, detail);
        }
        self.schema = newest;
        self.initialize();
    }

    pub(super) fn initialize(&mut self) {
        self.ask("initialize", &json!({"schemaVersion": self.schema}), Purpose::Initialize, ANSWER_LIMIT);
    }

    pub(super) fn handle_initialized(&mut self, outcome: Result<Option<&RawValue>, Refusal>) {
        match outcome {
            Ok(_) => self.listen(),
            Err(refusal) => {
                let detail = format!("{} does not let the hub in: {}", self.server, refusal.words());
                self.set_status(DriverState::Offline, detail);
            }
        }
    }

    pub(super) fn listen(&mut self) {
        self.ask("start_listening", &json!({}), Purpose::Listen, ANSWER_LIMIT);
    }

    pub(super) fn handle_state(&mut self, outcome: Result<Option<&RawValue>, Refusal>) {
        let state = match outcome.map(|result| result.map(|result| serde_json::from_str::<Listening<'_>>(result.get())))
        {
            Ok(Some(Ok(listening))) => listening.state,
            Ok(Some(Err(error))) => return self.state_unreadable(&error.to_string()),
            Ok(None) => return self.state_unreadable("it is empty"),
            Err(refusal) => return self.state_unreadable(&refusal.words()),
        };
        let home = state.controller.home_id;
        if self.home.is_some() && self.home != home {
            // The nodes of another network are other devices.
            let before: Vec<u16> = self.members.keys().copied().collect();
            before.into_iter().for_each(|node| self.forget_node(node));
        }
        self.home = home;
        self.own = state.controller.own_node_id.unwrap_or(1);
        self.is_listening = true;
        self.say_online();
        let mut there = Vec::new();
        for raw in state.nodes.iter().take(MOST_NODES) {
            let Some(member) = self.read_node(raw) else { continue };
            let node = member.state.node_id;
            if member.state.is_controller_node || node == self.own {
                continue;
            }
            there.push(node);
            self.take_member(member, Origin::Retained);
        }
        let gone: Vec<u16> = self.members.keys().copied().filter(|node| !there.contains(node)).collect();
        gone.into_iter().for_each(|node| self.forget_node(node));
        self.tell_missing();
    }

    fn state_unreadable(&mut self, why: &str) {
        self.is_listening = false;
        let why: String = why.chars().take(200).collect();
        let detail = format!("what {} says of its network cannot be used: {why}; look at its log", self.server);
        self.set_status(DriverState::Offline, detail);
        self.wait_for(Purpose::Again);
    }

    /// Reads a node with its values. What cannot be read of it is left out and counted.
    pub(super) fn read_node(&mut self, raw: &RawValue) -> Option<Member> {
        let raws = serde_json::from_str::<Values<'_>>(raw.get()).map(|values| values.values).unwrap_or_default();
        let of_values: usize = raws.iter().map(|value| value.get().len()).sum();
        let own_bytes = raw.get().len().saturating_sub(of_values);
        let mut room = self.room();
        if own_bytes > LARGEST_NODE.min(room) {
            self.note_trouble(format!("a node has {own_bytes} bytes without its values, which is too much"));
            return None;
        }
        room -= own_bytes;
        let state: NodeState = match serde_json::from_str(raw.get()) {
            Ok(state) => state,
            Err(error) => {
                self.note_trouble(format!("a node: {error}"));
                return None;
            }
        };
        let mut values = Vec::new();
        for raw in raws {
            let bytes = raw.get().len();
            match serde_json::from_str::<ValueState>(raw.get()) {
                Ok(value) if bytes <= LARGEST_VALUE && bytes <= room => {
                    room -= bytes;
                    values.push((value, bytes));
                }
                Ok(value) => {
                    self.note_trouble(format!("a value of node {} is too large: {:?}", state.node_id, value.id));
                }
                Err(error) => self.note_trouble(format!("a value of node {}: {error}", state.node_id)),
            }
        }
        Some(Member::new(state, own_bytes, values))
    }

    /// How much memory is left for nodes and values.
    pub(super) fn room(&self) -> usize {
        let of_new_values = self.waiting.values().map(|waiting| match waiting.purpose {
            Purpose::Metadata { bytes, .. } => bytes,
            _ => 0,
        });
        let taken: usize = self.members.values().map(Member::bytes).chain(of_new_values).sum();
        MOST_MEMORY.saturating_sub(taken)
    }

    /// Whether a value may take so much memory from now on.
    pub(super) fn has_room_for(&self, node: u16, id: &ValueId, bytes: usize) -> bool {
        let before = self.members.get(&node).map_or(0, |member| member.bytes_of(id));
        bytes <= before || bytes - before <= self.room()
    }

    /// A node as it is now, in the place of what was known of it.
    pub(super) fn take_member(&mut self, member: Member, origin: Origin) {
        let node = member.state.node_id;
        if self.members.len() >= MOST_NODES && !self.members.contains_key(&node) {
            return self.note_trouble(format!("node {node} is one more than {MOST_NODES}"));
        }
        let has_notifications = member.has(driver_zwave::command_class::CommandClass(NOTIFICATION));
        let is_ready = member.state.ready;
        let readings = member.all_readings();
        self.members.insert(node, member);
        self.tell_device(node);
        self.tell_availability(node);
        self.report(node, readings, origin, ConfirmedBy::Report);
        if has_notifications && is_ready && self.schema >= NOTIFICATION_EVENTS {
            let purpose = Purpose::NotificationEvents(node);
            self.ask("node.get_supported_notification_events", &json!({"nodeId": node}), purpose, ANSWER_LIMIT);
        }
    }

    /// Tells the hub of a device, if anything about it is new.
    pub(super) fn tell_device(&mut self, node: u16) {
        let id = self.device_id(node);
        let Some(member) = self.members.get(&node) else { return };
        let before = self.hub_knows.iter().find(|device| device.id == id);
        let device = match before {
            // It is better described by what was known before than by what is known so far.
            Some(before) if !member.state.ready => Device { interviewed: false, unlisted: false, ..before.clone() },
            _ => member.describe(id),
        };
        if member.told.as_ref() == Some(&device) {
            return;
        }
        if let Some(member) = self.members.get_mut(&node) {
            member.told = Some(device.clone());
        }
        self.emit(DriverEvent::Device(Box::new(device)));
    }

    pub(super) fn tell_availability(&mut self, node: u16) {
        let Some(member) = self.members.get(&node) else { return };
        let availability = member.availability();
        let device = self.device_id(node);
        self.emit(DriverEvent::Availability { device, availability });
    }

    /// Devices that the hub knew and Z-Wave JS does not.
    fn tell_missing(&mut self) {
        let there: Vec<_> = self.members.keys().map(|node| self.device_id(*node)).collect();
        let (known, missing): (Vec<Device>, Vec<Device>) =
            std::mem::take(&mut self.hub_knows).into_iter().partition(|device| there.contains(&device.id));
        self.hub_knows = known;
        for device in missing {
            let id = device.id.clone();
            self.emit(DriverEvent::Device(Box::new(Device { unlisted: true, ..device })));
            self.emit(DriverEvent::Availability { device: id, availability: Availability::Offline });
        }
    }

    /// A node has left.
    pub(super) fn forget_node(&mut self, node: u16) {
        if self.members.remove(&node).is_some() {
            let device = self.device_id(node);
            self.hub_knows.retain(|known| known.id != device);
            self.emit(DriverEvent::DeviceRemoved(device));
        }
    }
}
