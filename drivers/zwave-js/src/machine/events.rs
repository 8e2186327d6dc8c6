//! What the server tells by itself. Events that are not known here are left alone.

use driver_api::Origin;
use driver_zwave::attributes::{Native, Property as P, Reading, Source};
use driver_zwave::command_class::value::{Direction, Level};
use driver_zwave::command_class::{
    Command, CommandClass as C, basic, central_scene, entry_control, multilevel_switch, notification, scene_activation,
    user_code::Code,
};
use hub_model::command::ConfirmedBy;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value as Json, json};

use super::listening::LARGEST_VALUE;
use super::{ANSWER_LIMIT, Purpose, ZWaveJs};
use crate::message::{InterviewStage, Metadata, Refusal, ValueId, ValueState};
use crate::node::scene;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Event<'text> {
    #[serde(default)]
    source: String,
    #[serde(default)]
    pub(super) event: String,
    #[serde(default)]
    node_id: Option<u16>,
    #[serde(default, borrow)]
    args: Option<&'text RawValue>,
    #[serde(default, borrow)]
    node_state: Option<&'text RawValue>,
    #[serde(default, borrow)]
    pub(super) node: Option<&'text RawValue>,
    #[serde(default)]
    cc_id: Option<u16>,
    #[serde(default)]
    endpoint_index: Option<u8>,
    #[serde(default)]
    replaced: Option<bool>,
    #[serde(default)]
    reason: Option<u8>,
    #[serde(default, borrow)]
    pub(super) requested: Option<&'text RawValue>,
    #[serde(default, borrow)]
    pub(super) result: Option<&'text RawValue>,
    #[serde(default, borrow)]
    pub(super) progress: Option<&'text RawValue>,
}

/// Reasons for which a node leaves, where another takes its place: replaced, by this stick or by another.
const REPLACED: [u8; 2] = [3, 4];

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ValueChange {
    #[serde(flatten)]
    id: ValueId,
    #[serde(default)]
    new_value: Json,
    #[serde(default)]
    value: Json,
    #[serde(default)]
    metadata: Option<Metadata>,
}

impl ZWaveJs {
    pub(super) fn handle_event(&mut self, raw: &RawValue) {
        // Events before the state are about what is not known yet; the state has them.
        if !self.is_listening {
            return;
        }
        let event: Event<'_> = match serde_json::from_str(raw.get()) {
            Ok(event) => event,
            Err(error) => return self.note_trouble(format!("an event: {error}")),
        };
        match (event.source.as_str(), event.node_id) {
            ("node", Some(node)) => self.handle_node_event(node, &event),
            ("controller", _) => self.handle_controller_event(&event),
            // The stick was started over or reset: everything may be different.
            ("driver", _) if event.event == "driver ready" => self.listen(),
            _ => {}
        }
    }

    fn handle_controller_event(&mut self, event: &Event<'_>) {
        match event.event.as_str() {
            "node added" => {
                let member = event.node.and_then(|raw| self.read_node(raw));
                let node = member.as_ref().map(|member| member.state.node_id);
                if let Some(member) = member {
                    self.take_member(member, Origin::Cached);
                }
                self.handle_pairing_event(event, node);
            }
            "node removed" => {
                let node = event.node.and_then(node_id);
                let is_replaced =
                    event.replaced == Some(true) || event.reason.is_some_and(|reason| REPLACED.contains(&reason));
                self.handle_pairing_event(event, node);
                // Another takes its place and its number: the device stays.
                if let Some(node) = node.filter(|_| !is_replaced) {
                    self.forget_node(node);
                }
            }
            "node found" => {
                let node = event.node.and_then(node_id);
                self.handle_pairing_event(event, node);
            }
            "rebuild routes done" | "heal network done" => self.handle_routes_done(event.result),
            _ => self.handle_pairing_event(event, None),
        }
    }

    fn handle_node_event(&mut self, node: u16, event: &Event<'_>) {
        if !self.members.contains_key(&node) {
            return;
        }
        match event.event.as_str() {
            "ready" => {
                let member = event.node_state.and_then(|raw| self.read_node(raw));
                if let Some(member) = member.filter(|member| member.state.node_id == node) {
                    self.replace_member(member);
                }
            }
            "alive" => self.set_node_status(node, 4),
            "dead" => self.set_node_status(node, 3),
            "wake up" => self.set_node_status(node, 2),
            "sleep" => self.set_node_status(node, 1),
            // What is known of a node that is not ready yet grows with each stage, and is told by nothing else.
            "interview stage completed" if self.members.get(&node).is_some_and(|member| !member.state.ready) => {
                let arguments = json!({"nodeId": node});
                self.ask("node.get_state", &arguments, Purpose::NodeState(node), ANSWER_LIMIT);
            }
            "interview started" => self.set_node_stage(node, InterviewStage::Unfinished),
            "interview completed" => self.set_node_stage(node, InterviewStage::Complete),
            "interview failed" => {
                tracing::warn!(driver = %self.id, node, "Z-Wave JS could not find out all of a node; ask it to try again.");
            }
            "value added" | "value updated" | "value removed" | "value notification" | "metadata updated" => {
                self.handle_value_event(node, event);
            }
            "notification" => self.handle_notification(node, event),
            "firmware update progress" => self.handle_firmware_progress(node, event),
            "firmware update finished" => self.handle_firmware_finished(node),
            _ => {}
        }
    }

    /// A node as it is now. What the hub was told stays, so that only what is new is told.
    fn replace_member(&mut self, mut member: crate::node::Member) {
        let node = member.state.node_id;
        member.told = self.members.get(&node).and_then(|before| before.told.clone());
        self.take_member(member, Origin::Cached);
    }

    pub(super) fn handle_node_state(&mut self, node: u16, outcome: Result<Option<&RawValue>, Refusal>) {
        #[derive(Deserialize)]
        struct Answer<'text> {
            #[serde(borrow)]
            state: &'text RawValue,
        }
        let raw = outcome.ok().flatten();
        let Some(answer) = raw.and_then(|raw| serde_json::from_str::<Answer<'_>>(raw.get()).ok()) else { return };
        let member = self.read_node(answer.state).filter(|member| member.state.node_id == node);
        // It may have become ready, or have left, meanwhile.
        let is_waited_for = self.members.get(&node).is_some_and(|before| !before.state.ready);
        if let Some(member) = member.filter(|_| is_waited_for) {
            self.replace_member(member);
        }
    }

    fn set_node_status(&mut self, node: u16, status: u8) {
        let Some(member) = self.members.get_mut(&node) else { return };
        let before = member.availability();
        member.state.status = status;
        if member.availability() != before {
            self.tell_availability(node);
        }
    }

    fn set_node_stage(&mut self, node: u16, stage: InterviewStage) {
        if let Some(member) = self.members.get_mut(&node) {
            member.state.interview_stage = stage;
        }
        self.tell_device(node);
    }

    fn handle_value_event(&mut self, node: u16, event: &Event<'_>) {
        let Some(raw) = event.args else { return self.note_trouble(format!("{} without a value", event.event)) };
        let bytes = raw.get().len();
        if bytes > LARGEST_VALUE {
            return self.note_trouble(format!("a value of node {node} has {bytes} bytes"));
        }
        let change: ValueChange = match serde_json::from_str(raw.get()) {
            Ok(change) => change,
            Err(error) => return self.note_trouble(format!("a value of node {node}: {error}")),
        };
        match event.event.as_str() {
            "value removed" => {
                if let Some(member) = self.members.get_mut(&node) {
                    member.remove(&change.id);
                }
                self.tell_device(node);
            }
            "value notification" => self.handle_value_notification(node, &change),
            "metadata updated" => match change.metadata {
                Some(metadata) => self.describe_value(node, change.id, metadata, None, bytes),
                None => {
                    if let Some(member) = self.members.get_mut(&node) {
                        member.remove(&change.id);
                    }
                    self.tell_device(node);
                }
            },
            _ => self.handle_value(node, change.id, change.new_value, bytes),
        }
    }

    /// A value is another than before, or is new.
    fn handle_value(&mut self, node: u16, id: ValueId, value: Json, bytes: usize) {
        let Some(member) = self.members.get(&node) else { return };
        if !member.knows(&id) {
            if bytes > self.room() {
                return self.note_trouble(format!("there is no room for a value of node {node}"));
            }
            // What it is, is asked first: it is told under one name only.
            let arguments = json!({"nodeId": node, "valueId": id});
            let purpose = Purpose::Metadata { node, id, value, bytes };
            self.ask("node.get_value_metadata", &arguments, purpose, ANSWER_LIMIT);
            return;
        }
        if !self.has_room_for(node, &id, bytes) {
            return self.note_trouble(format!("there is no room for a value of node {node}"));
        }
        let confirms = self.worth_of(node, &id);
        let Some(member) = self.members.get_mut(&node) else { return };
        let is_new = member.update(&id, value, bytes);
        let readings = member.readings(&id);
        if is_new {
            self.tell_device(node);
        }
        self.report(node, readings, Origin::Live, confirms);
    }

    /// What a value is, was said or changed; its own value only if it is given.
    fn describe_value(&mut self, node: u16, id: ValueId, metadata: Metadata, value: Option<Json>, bytes: usize) {
        if !self.has_room_for(node, &id, bytes) {
            return self.note_trouble(format!("there is no room for a value of node {node}"));
        }
        let Some(member) = self.members.get_mut(&node) else { return };
        let is_told = value.is_some();
        let value = value.unwrap_or_else(|| member.value(&id));
        let is_new = member.put(ValueState { id: id.clone(), metadata, value }, bytes);
        let readings = member.readings(&id);
        if is_new {
            self.tell_device(node);
        }
        if is_told {
            self.report(node, readings, Origin::Live, ConfirmedBy::Report);
        }
    }

    pub(super) fn handle_metadata(
        &mut self,
        node: u16,
        id: ValueId,
        value: Json,
        bytes: usize,
        outcome: Result<Option<&RawValue>, Refusal>,
    ) {
        let raw = outcome.ok().flatten().filter(|raw| raw.get().len() <= LARGEST_VALUE);
        let metadata = raw.and_then(|raw| serde_json::from_str(raw.get()).ok()).unwrap_or_default();
        let bytes = bytes + raw.map_or(0, |raw| raw.get().len());
        self.describe_value(node, id, metadata, Some(value), bytes);
    }

    /// A value that happens and is no state.
    fn handle_value_notification(&mut self, node: u16, change: &ValueChange) {
        let Some(member) = self.members.get(&node) else { return };
        let id = &change.id;
        let byte = change.value.as_u64().and_then(|value| u8::try_from(value).ok());
        let command = match (C(id.command_class), id.property.word(), byte) {
            (C::CENTRAL_SCENE, Some("scene"), Some(key_attribute)) => scene(id).map(|scene| {
                let notification = central_scene::Command::Notification {
                    sequence_number: 0,
                    key_attribute,
                    slow_refresh: false,
                    scene,
                };
                Command::CentralScene(notification)
            }),
            (C::SCENE_ACTIVATION, Some("sceneId"), Some(scene)) => {
                Some(Command::SceneActivation(scene_activation::Command::Set { scene, duration: None }))
            }
            (C::BASIC | C::MULTILEVEL_SWITCH, Some("event"), Some(level)) => {
                Some(Command::Basic(basic::Command::Set { value: Level(level) }))
            }
            _ => None,
        };
        let readings = command.map(|command| member.happenings(id.endpoint, &command)).unwrap_or_default();
        if readings.is_empty() {
            tracing::debug!(driver = %self.id, node, ?id, "Z-Wave JS told of something that has no name here.");
        }
        self.happen(node, readings);
    }

    /// What a node told that is no value.
    fn handle_notification(&mut self, node: u16, event: &Event<'_>) {
        let Some(member) = self.members.get(&node) else { return };
        let endpoint = event.endpoint_index.unwrap_or_default();
        let args: Json = match event.args.map(|raw| serde_json::from_str(raw.get())) {
            Some(Ok(args)) => args,
            _ => return self.note_trouble(format!("a notification of node {node}")),
        };
        let byte = |name: &str| args.get(name).and_then(Json::as_u64).and_then(|value| u8::try_from(value).ok());
        let readings = match event.cc_id.map(C) {
            // Older servers say that it was a notification only by saying nothing else.
            Some(C::NOTIFICATION) | None => {
                let (Some(notification_type), Some(number)) = (byte("type"), byte("event")) else { return };
                let report = notification::Notification {
                    notification_type,
                    status: 0xff,
                    event: number,
                    parameters: parameters(args.get("parameters")),
                    sequence_number: None,
                    alarm: notification::Alarm::default(),
                };
                member.happenings(endpoint, &Command::Notification(notification::Command::Report(report)))
            }
            Some(C::ENTRY_CONTROL) => {
                let Some(event_type) = byte("eventType") else { return };
                // What was typed in is a code, and no value.
                let notification = entry_control::Command::Notification {
                    sequence_number: 0,
                    data_type: 0,
                    event_type,
                    data: Code::default(),
                };
                member.happenings(endpoint, &Command::EntryControl(notification))
            }
            Some(C::MULTILEVEL_SWITCH) => {
                let direction = match args.get("direction").and_then(Json::as_str) {
                    Some("up") => Some(Direction::Up),
                    Some("down") => Some(Direction::Down),
                    _ => None,
                };
                let command = level_change(byte("eventType"), direction);
                command.map(|command| member.happenings(endpoint, &command)).unwrap_or_default()
            }
            Some(C::BATTERY) if args.get("eventType") == Some(&json!("battery low")) => {
                let reading = |property, native| Reading {
                    source: Source::new(C::BATTERY, property),
                    native,
                    unit: (property == P::Current).then_some("%"),
                };
                // Such a battery says no charge.
                let low = vec![reading(P::Current, Native::Number(0.0)), reading(P::BatteryLow, Native::Flag(true))];
                let readings = member.readings_of(endpoint, low);
                return self.report(node, readings, Origin::Live, ConfirmedBy::Report);
            }
            _ => Vec::new(),
        };
        self.happen(node, readings);
    }

    pub(super) fn handle_notification_events(&mut self, node: u16, outcome: Result<Option<&RawValue>, Refusal>) {
        let Some(raw) = outcome.ok().flatten().filter(|raw| raw.get().len() <= LARGEST_VALUE) else { return };
        let Ok(answer) = serde_json::from_str::<Json>(raw.get()) else { return };
        let Some(member) = self.members.get_mut(&node) else { return };
        let numbers = |value: &Json| -> Vec<u8> {
            value
                .as_object()
                .map(|events| events.keys().filter_map(|key| key.parse().ok()).collect())
                .unwrap_or_default()
        };
        for class in answer.get("events").and_then(Json::as_array).into_iter().flatten() {
            let endpoint = class.get("endpoint").and_then(Json::as_u64).unwrap_or_default();
            let Ok(endpoint) = u8::try_from(endpoint) else { continue };
            let types = class.get("supportedNotificationTypes").and_then(Json::as_object);
            for (notification_type, about) in types.into_iter().flatten() {
                let Ok(notification_type) = notification_type.parse() else { continue };
                let events = about.get("supportedEvents").map(numbers).unwrap_or_default();
                member.supports_events(endpoint, notification_type, events);
            }
        }
        self.tell_device(node);
    }
}

/// The number of a node that is described.
fn node_id(raw: &RawValue) -> Option<u16> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Node {
        node_id: u16,
    }
    serde_json::from_str::<Node>(raw.get()).ok().map(|node| node.node_id)
}

/// Start and stop of a change of level, by the number of its command.
fn level_change(command: Option<u8>, direction: Option<Direction>) -> Option<Command> {
    Some(Command::MultilevelSwitch(match (command?, direction) {
        (0x04, Some(direction)) => multilevel_switch::Command::StartLevelChange {
            direction,
            ignore_start_level: true,
            start: Level::OFF,
            duration: None,
        },
        (0x05, _) => multilevel_switch::Command::StopLevelChange,
        _ => return None,
    }))
}

/// What comes with an event: bytes, or a user.
fn parameters(parameters: Option<&Json>) -> Vec<u8> {
    let bytes = |list: &Json| -> Vec<u8> {
        let list = list.as_array().into_iter().flatten().take(31);
        list.filter_map(|byte| u8::try_from(byte.as_u64()?).ok()).collect()
    };
    let Some(parameters) = parameters else { return Vec::new() };
    match (parameters.get("data"), parameters.get("userId").and_then(Json::as_u64)) {
        (Some(data), _) => bytes(data),
        (None, Some(user)) => u16::try_from(user).map(|user| user.to_be_bytes().to_vec()).unwrap_or_default(),
        _ => Vec::new(),
    }
}
