//! What is known of a node: what Z-Wave JS said of it, and what that is in the words of `driver-zwave`.

mod learn;
mod names;

pub(crate) use learn::scene;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use driver_api::Reading;
use driver_zwave::attributes::{self, Native, Node, Property as P, Report, Source};
use driver_zwave::command_class::CommandClass as C;
use hub_model::attribute::Access;
use hub_model::attributes::semantic;
use hub_model::command::Setting;
use hub_model::device::Abilities;
use hub_model::{AttributeName, AttributeSchema, Availability, Device, DeviceId, EndpointNumber};
use serde_json::Value as Json;

use crate::conversion::{CHANNELS, native, settings};
use crate::message::{Metadata, NodeState, ValueId, ValueState};
use crate::unnamed::Unnamed;
use crate::value::{EMPTY_BATTERY, LOW_BATTERY, Place, place};

/// The most values of a node that are kept.
const MOST_VALUES: usize = 4_096;

/// A value that a node has.
#[derive(Clone, PartialEq, Debug)]
struct Known {
    metadata: Metadata,
    place: Place,
    value: Json,
    /// Roughly what it takes in memory.
    bytes: usize,
}

/// A node.
#[derive(Clone, PartialEq, Debug)]
pub struct Member {
    /// What Z-Wave JS says of it, without its values.
    pub state: NodeState,
    node: Node,
    values: BTreeMap<ValueId, Known>,
    unnamed: BTreeMap<ValueId, Unnamed>,
    names: names::Names,
    /// Roughly what it takes in memory.
    bytes: usize,
    /// As the hub was told.
    pub(crate) told: Option<Device>,
}

impl Member {
    /// A node as Z-Wave JS describes it, which took so many bytes, with its values.
    pub fn new(state: NodeState, bytes: usize, values: Vec<(ValueState, usize)>) -> Self {
        let mut member = Self {
            node: learn::skeleton(&state),
            state,
            values: BTreeMap::new(),
            unnamed: BTreeMap::new(),
            names: names::Names::default(),
            bytes,
            told: None,
        };
        for (value, bytes) in values {
            member.insert(value, bytes);
        }
        member.settle_root();
        member
    }

    /// Roughly what it takes in memory, with its values.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Roughly what a value takes in memory.
    pub fn bytes_of(&self, id: &ValueId) -> usize {
        self.values.get(id).map_or(0, |known| known.bytes)
    }

    /// Whether this value was heard of.
    pub fn knows(&self, id: &ValueId) -> bool {
        self.values.contains_key(id)
    }

    /// What is known of a value; nothing where it was not heard of.
    pub fn metadata(&self, id: &ValueId) -> Metadata {
        self.values.get(id).map(|known| known.metadata.clone()).unwrap_or_default()
    }

    /// The value that it has.
    pub fn value(&self, id: &ValueId) -> Json {
        self.values.get(id).map(|known| known.value.clone()).unwrap_or_default()
    }

    /// A value is new, or is another than it was. Says whether the device has to be described anew.
    pub fn put(&mut self, value: ValueState, bytes: usize) -> bool {
        let before = self.values.get(&value.id);
        let is_same_kind = before.is_some_and(|known| known.metadata == value.metadata);
        let was_seen = before.is_some_and(|known| !known.value.is_null());
        let is_first = !was_seen && !value.value.is_null();
        self.insert(value, bytes);
        if !is_same_kind {
            self.settle_root();
        }
        !is_same_kind || is_first
    }

    /// A value of which only the value is told.
    pub fn update(&mut self, id: &ValueId, value: Json, bytes: usize) -> bool {
        let metadata = self.metadata(id);
        // What it is stays in memory too.
        let bytes = bytes.max(self.bytes_of(id));
        self.put(ValueState { id: id.clone(), metadata, value }, bytes)
    }

    fn insert(&mut self, value: ValueState, bytes: usize) {
        let ValueState { id, metadata, value } = value;
        if self.values.len() >= MOST_VALUES && !self.values.contains_key(&id) {
            return;
        }
        let place = place(&id, &metadata);
        let known = self.node.endpoints.entry(id.endpoint).or_default();
        learn::learn(known, &id, place, &metadata, &value);
        // It keeps its name while it has one.
        let name = self.unnamed.remove(&id).map(|before| before.schema.name);
        if place == Place::Unnamed
            && let Some(mut unnamed) = Unnamed::new(&id, &metadata)
        {
            let wished = unnamed.schema.name;
            unnamed.schema.name = name.unwrap_or_else(|| self.names.take(id.endpoint, wished));
            self.unnamed.insert(id.clone(), unnamed);
        }
        self.bytes += bytes;
        if let Some(before) = self.values.insert(id, Known { metadata, place, value, bytes }) {
            self.bytes -= before.bytes;
        }
    }

    /// A value is there no more.
    pub fn remove(&mut self, id: &ValueId) {
        let Some(removed) = self.values.remove(id) else { return };
        self.bytes -= removed.bytes;
        // What it said of its endpoint is forgotten by hearing the others again.
        self.node = learn::skeleton(&self.state);
        self.unnamed.clear();
        self.names = names::Names::default();
        for (id, known) in std::mem::take(&mut self.values) {
            self.bytes -= known.bytes;
            self.insert(ValueState { id, metadata: known.metadata, value: known.value }, known.bytes);
        }
        self.settle_root();
    }

    /// The events that an endpoint can send, by type; those without a state are known from nothing else.
    pub fn supports_events(&mut self, endpoint: u8, notification_type: u8, events: impl IntoIterator<Item = u8>) {
        if let Some(known) = self.node.endpoints.get_mut(&endpoint) {
            known.notifications.entry(notification_type).or_default().extend(events);
        }
    }

    /// Z-Wave JS leaves out values of the root that an endpoint has too; those that it tells all the same are meant.
    fn settle_root(&mut self) {
        self.node.keeps_root_values = false;
        let of_root = self.values.iter().filter(|(id, _)| id.endpoint == 0);
        let is_hidden = |known: &Known| match known.place {
            Place::Value(source, ..) => source.class != C::MULTILEVEL_SWITCH && self.node.hides(0, source),
            _ => false,
        };
        self.node.keeps_root_values = of_root.into_iter().any(|(_, known)| is_hidden(known));
    }

    /// Whether it supports a class anywhere.
    pub fn has(&self, class: C) -> bool {
        self.node.endpoints.values().any(|endpoint| endpoint.has(class))
    }

    /// What a value says of attributes.
    pub fn readings(&self, id: &ValueId) -> Vec<Reading> {
        let Some(known) = self.values.get(id) else { return Vec::new() };
        let endpoint = id.endpoint;
        match known.place {
            Place::Value(source, shape, unit) => {
                let Some(native) = native(shape, &known.value) else { return Vec::new() };
                self.report(endpoint, values_of(source, native, unit))
            }
            Place::Colors => self.report(endpoint, colors(&known.value)),
            Place::Unnamed => {
                let Some(unnamed) = self.unnamed.get(id).filter(|unnamed| unnamed.schema.access.read) else {
                    return Vec::new();
                };
                let (attribute, value) = (unnamed.schema.name.clone(), unnamed.value(&known.value));
                vec![Reading { endpoint: EndpointNumber::from(endpoint), attribute, value }]
            }
            Place::Happening | Place::Sign(_) | Place::LeftOut => Vec::new(),
        }
    }

    fn report(&self, endpoint: u8, readings: Vec<attributes::Reading>) -> Vec<Reading> {
        let reports = attributes::report_readings(&self.node, endpoint, readings).into_iter();
        reports.map(reading_of).collect()
    }

    /// What values of a class say that came in another way.
    pub fn readings_of(&self, endpoint: u8, readings: Vec<attributes::Reading>) -> Vec<Reading> {
        self.report(endpoint, readings)
    }

    /// What happened, told as a command of the node; states that it has are told by values.
    pub fn happenings(&self, endpoint: u8, command: &driver_zwave::command_class::Command) -> Vec<Reading> {
        let reports = attributes::report(&self.node, endpoint, command).into_iter();
        reports.filter(|report| report.momentary).map(reading_of).collect()
    }

    /// Everything that is known of its attributes, each once.
    pub fn all_readings(&self) -> Vec<Reading> {
        let mut readings: Vec<Reading> = Vec::new();
        let mut places: BTreeMap<(EndpointNumber, AttributeName), usize> = BTreeMap::new();
        for (id, _) in self.values.iter().filter(|(_, known)| !known.value.is_null()) {
            for reading in self.readings(id) {
                let place = (reading.endpoint, reading.attribute.clone());
                match places.get(&place).and_then(|at| readings.get_mut(*at)) {
                    Some(before) => *before = reading,
                    None => {
                        places.insert(place, readings.len());
                        readings.push(reading);
                    }
                }
            }
        }
        readings
    }

    /// The wishes of one command without those that others of them say better.
    pub fn without_doubles<'wish>(&self, settings: &'wish [Setting]) -> Vec<&'wish Setting> {
        attributes::without_doubles(&self.node, settings)
    }

    /// What to set for a wish, in order.
    ///
    /// # Errors
    /// In words, when it cannot be set.
    pub fn settings(&self, setting: &Setting) -> Result<Vec<(ValueId, Json)>, String> {
        let endpoint =
            u8::try_from(setting.endpoint).map_err(|_| format!("there is no endpoint {}", setting.endpoint))?;
        let of_unnamed = |(id, unnamed): (&ValueId, &Unnamed)| {
            (id.endpoint == endpoint && unnamed.schema.name == setting.attribute && unnamed.schema.access.write)
                .then(|| unnamed.json(&setting.value).map(|value| (id.clone(), value)))
        };
        let unfit = || format!("{} cannot be {}", setting.attribute, setting.value);
        if let Some(found) = self.unnamed.iter().find_map(of_unnamed) {
            return found.map(|found| vec![found]).ok_or_else(unfit);
        }
        let (source, native) = attributes::wish(&self.node, endpoint, &setting.attribute, &setting.value)
            .map_err(|error| error.to_string())?;
        let colors = self.node.endpoints.get(&endpoint).map(|known| known.colors.keys().copied().collect());
        let colors: Vec<u8> = colors.unwrap_or_default();
        settings(endpoint, source, &native, &colors)
            .ok_or_else(|| format!("Z-Wave JS has no way to set {} of this device", setting.attribute))
    }

    /// The values that an attribute comes from.
    pub fn ids_of(&self, endpoint: EndpointNumber, attribute: &AttributeName) -> Vec<ValueId> {
        let Ok(endpoint) = u8::try_from(endpoint) else { return Vec::new() };
        let sources = attributes::sources(&self.node, endpoint, attribute);
        let is_color = sources.iter().any(|source| matches!(source.property, P::Color | P::ColorTemperature));
        let is_meant = |id: &ValueId, known: &Known| match known.place {
            Place::Value(Source { class: C::COLOR_SWITCH, .. }, ..) if is_color => true,
            Place::Value(source, ..) => {
                let is_low = Source { property: P::BatteryLow, ..source };
                sources.contains(&source) || (source.property == P::Current && sources.contains(&is_low))
            }
            Place::Unnamed => self.unnamed.get(id).is_some_and(|unnamed| unnamed.schema.name == *attribute),
            _ => false,
        };
        let ids = self.values.iter().filter(|(id, known)| id.endpoint == endpoint && is_meant(id, known));
        ids.map(|(id, _)| id.clone()).collect()
    }

    /// Whether it can be reached: Z-Wave JS says 0 unknown, 1 asleep, 2 awake, 3 dead, 4 alive.
    pub fn availability(&self) -> Availability {
        match self.state.status {
            1 | 2 | 4 => Availability::Online,
            3 => Availability::Offline,
            _ => Availability::Unknown,
        }
    }

    /// It sleeps and wakes by itself.
    pub fn is_sleeping(&self) -> bool {
        self.state.is_listening == Some(false) && !self.state.is_frequent_listening
    }

    /// The device of this node.
    pub fn describe(&self, id: DeviceId) -> Device {
        let state = &self.state;
        let mut endpoints = attributes::describe(&self.node);
        for endpoint in &mut endpoints {
            let named = state.endpoints.iter().find(|known| u16::from(known.index) == endpoint.number);
            endpoint.label =
                named.and_then(|known| short(known.endpoint_label.as_deref())).filter(|_| endpoint.number > 0);
            let named: BTreeSet<AttributeName> = endpoint.attributes.iter().map(|known| known.name.clone()).collect();
            let more = self.unnamed.iter().filter(|(id, _)| u16::from(id.endpoint) == endpoint.number);
            let more = more.map(|(_, unnamed)| &unnamed.schema).filter(|schema| !named.contains(&schema.name));
            endpoint.attributes.extend(more.cloned());
        }
        let takes_firmware = self.has(C::FIRMWARE_UPDATE_META_DATA);
        if let Some(root) = endpoints.iter_mut().find(|endpoint| endpoint.number == 0 && takes_firmware) {
            root.attributes.extend(attributes_of_updates());
        }
        let database = state.device_config.clone().unwrap_or_default();
        let by_number = || Some(Arc::from(format!("Manufacturer {:#06x}", state.manufacturer_id?)));
        let by_numbers = || Some(Arc::from(format!("{:#06x}:{:#06x}", state.product_type?, state.product_id?)));
        let wake = self.node.endpoints.get(&0).and_then(|root| root.wake_up).map(|(seconds, _)| seconds);
        let power_source = state.is_listening.map(|listens| match listens && !self.has(C::BATTERY) {
            true => Arc::from("mains"),
            false => Arc::from("battery"),
        });
        Device {
            id,
            native_name: short(state.name.as_deref()).or_else(|| Some(Arc::from(format!("Node {}", state.node_id)))),
            manufacturer: short(database.manufacturer.as_deref()).or_else(by_number),
            model: short(database.label.as_deref()).or_else(by_numbers),
            description: short(database.description.as_deref()),
            firmware: short(state.firmware_version.as_deref()),
            power_source,
            security: state.highest_security_class.and_then(security_word).map(Arc::from),
            wake_interval_ms: wake.filter(|_| self.is_sleeping()).map(|seconds| u64::from(seconds) * 1_000),
            members: Vec::new(),
            interviewed: state.ready && state.is_complete(),
            unlisted: false,
            abilities: Abilities { rename: true, remove: true, interview: true, firmware_update: takes_firmware },
            endpoints,
        }
    }
}

/// The attributes that say how an update of the firmware goes, as every driver has them.
fn attributes_of_updates() -> impl Iterator<Item = AttributeSchema> {
    ["update_state", "update_progress"].into_iter().filter_map(semantic).map(|meaning| {
        let mut schema = AttributeSchema::new(meaning.name, meaning.kind, Access::NOTIFY);
        schema.unit = meaning.unit.map(Arc::from);
        schema.category = meaning.category;
        if meaning.name == "update_state" {
            schema.values = ["idle", "scheduled", "updating"].map(Arc::from).to_vec();
        }
        schema
    })
}

/// The words for security classes, by the number that Z-Wave JS has for them.
const SECURITY: &[(i64, &str)] =
    &[(2, "s2_access_control"), (1, "s2_authenticated"), (0, "s2_unauthenticated"), (7, "s0"), (-1, "none")];

fn security_word(number: i64) -> Option<&'static str> {
    SECURITY.iter().find(|(known, _)| *known == number).map(|(_, word)| *word)
}

/// A text that people gave or a database has; none where there is none.
fn short(text: Option<&str>) -> Option<Arc<str>> {
    let text: String = text?.trim().chars().take(200).collect();
    (!text.is_empty()).then(|| Arc::from(text))
}

fn reading_of(report: Report) -> Reading {
    let Report { endpoint, attribute, value, .. } = report;
    Reading { endpoint, attribute, value }
}

/// The values that one value of Z-Wave JS comes to.
fn values_of(source: Source, native: Native, unit: Option<&'static str>) -> Vec<attributes::Reading> {
    let reading = |property, native| {
        let source = Source { property, ..source };
        attributes::Reading { source, native, unit: unit.filter(|_| property == source.property) }
    };
    match (source.class, source.property, &native) {
        // A charge of nothing is what a battery says that only says «low».
        (C::BATTERY, P::Current, Native::Number(level)) => {
            let level = if *level >= LOW_BATTERY { EMPTY_BATTERY } else { *level };
            let is_low = level <= EMPTY_BATTERY;
            vec![reading(P::Current, Native::Number(level)), reading(P::BatteryLow, Native::Flag(is_low))]
        }
        // Open and closed are told by its state.
        (C::BARRIER_OPERATOR, _, Native::Choice(100)) => Vec::new(),
        _ => vec![reading(source.property, native)],
    }
}

/// Red, green and blue, and both whites, of all channels together.
fn colors(value: &Json) -> Vec<attributes::Reading> {
    let known = |channels: &[u8]| -> Option<Vec<u8>> {
        let of = |channel: &u8| {
            let (_, name) = CHANNELS.iter().find(|(number, _)| number == channel)?;
            u8::try_from(value.get(name)?.as_u64()?).ok()
        };
        channels.iter().map(of).collect()
    };
    [(P::Color, known(&[2, 3, 4])), (P::ColorTemperature, known(&[0, 1]))]
        .into_iter()
        .filter_map(|(property, channels)| {
            let source = Source::new(C::COLOR_SWITCH, property);
            Some(attributes::Reading { source, native: Native::Channels(channels?), unit: None })
        })
        .collect()
}
