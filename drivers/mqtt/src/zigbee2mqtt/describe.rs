//! From the bridge's definition of a device to the hub's description of it and the mapping between the two.

use std::collections::BTreeMap;
use std::sync::Arc;

use hub_model::attributes::semantic;
use hub_model::device::Abilities;
use hub_model::{Access, AttributeSchema, Capability, Device, DeviceId, DriverId, Endpoint, EndpointNumber, Kind};

use super::codec::{Codec, ColorCodec};
use super::definition::{Definition, DeviceItem, Expose, ExposeType};
use super::endpoints::Numbering;
use super::mapping::{Described, Entry, EntryAccess, Mapping};
use super::names::{Context, Conversion, SENSED, WHOLE_DEVICE};
use super::schema::{Candidate, candidates, own};

/// Attributes of the firmware update that the bridge offers, with the values of the first.
const UPDATE_STATES: &[&str] = &["idle", "available", "updating", "scheduled"];

/// Properties of a light that change gradually when a transition is given.
const GRADUAL: &[&str] = &["on", "brightness", "color", "color_temperature"];

/// How long a sleeping device may take until it has heard of a command. How often it polls is not published, so this is
/// how long zigbee2mqtt tries: its parent keeps a message for 7.68 s (the persistence time of a transaction in Zigbee),
/// and zigbee-herdsman sends it up to five times, with pauses and a look for the route between. Then there is an echo or
/// an error. For a device that checks in (Poll Control; once an hour by default) the bridge keeps the message longer, but
/// nobody wants to learn an hour later that a door was not locked; what still happens then comes as a report.
const WAKE_INTERVAL_MS: u64 = 60_000;

/// Builds the hub's description of a device and the mapping between payload and attributes. `known` is what the hub
/// knew of the device before: numbers of endpoints stay. A device without a definition is shown with what is known.
pub fn describe(driver: &DriverId, item: &DeviceItem, known: Option<&Device>) -> Described {
    let text = |text: &Option<String>| text.as_deref().map(Arc::<str>::from);
    let definition = item.definition.as_ref();
    let said =
        |text: fn(&Definition) -> &str| definition.map(text).filter(|text| !text.is_empty()).map(Arc::<str>::from);
    let mut device = Device {
        id: DeviceId::of(driver, &item.ieee_address),
        native_name: Some(Arc::from(&*item.friendly_name)),
        manufacturer: said(|definition| &definition.vendor).or_else(|| text(&item.manufacturer)),
        model: said(|definition| &definition.model).or_else(|| text(&item.model_id)),
        description: definition.and_then(|definition| text(&definition.description)),
        firmware: text(&item.software_build_id),
        power_source: text(&item.power_source),
        wake_interval_ms: item.is_sleeping().then_some(WAKE_INTERVAL_MS),
        interviewed: item.is_interviewed(),
        abilities: Abilities {
            rename: true,
            remove: true,
            interview: true,
            firmware_update: definition.is_some_and(|definition| definition.supports_ota),
        },
        ..Device::default()
    };
    let Some(definition) = definition else {
        device.endpoints = known.map(|known| known.endpoints.clone()).unwrap_or_default();
        return Described { device, mapping: Mapping::default(), dropped: Vec::new() };
    };
    let mut builder = Builder::new(item, definition, known);
    for expose in &definition.exposes {
        builder.expose(expose);
    }
    if definition.supports_ota {
        builder.firmware();
    }
    builder.finish(device, known)
}

struct Builder<'a> {
    numbering: Numbering,
    /// What has no endpoint belongs to the device as a whole, because the endpoints that do something have labels.
    whole_device: bool,
    /// Names that exposes claim for themselves, with their endpoint; no other expose is given them.
    claimed: Vec<(Option<&'a str>, &'a str)>,
    has_transition: bool,
    endpoints: BTreeMap<EndpointNumber, Endpoint>,
    entries: Vec<Entry>,
    dropped: Vec<String>,
    has_firmware: bool,
}

impl<'a> Builder<'a> {
    fn new(item: &'a DeviceItem, definition: &'a Definition, known: Option<&Device>) -> Self {
        let mut labels: Vec<&str> = Vec::new();
        let mut claimed = Vec::new();
        let mut unlabelled_function = false;
        for (context, expose, label) in definition.exposes.iter().flat_map(parts) {
            match label {
                Some(label) if !labels.contains(&label) => labels.push(label),
                Some(_) => {}
                None => unlabelled_function |= context != Context::None,
            }
            let name = lookup(context, expose, label).1;
            if semantic(name).is_some() {
                claimed.push((label, name));
            }
        }
        Self {
            numbering: Numbering::new(&labels, &item.endpoints, known),
            whole_device: !labels.is_empty() && !unlabelled_function,
            claimed,
            has_transition: definition.options.is_empty() || definition.has_option("transition"),
            endpoints: BTreeMap::new(),
            entries: Vec::new(),
            dropped: definition.unreadable.clone(),
            has_firmware: false,
        }
    }

    fn expose(&mut self, expose: &'a Expose) {
        let mut number = None;
        let before = self.entries.len();
        for (context, part, label) in parts(expose) {
            if let Some(placed) = self.part(context, part, label) {
                number.get_or_insert(placed);
            }
        }
        let capability = match expose.kind {
            ExposeType::Light => Capability::Light,
            ExposeType::Switch => Capability::Switch,
            ExposeType::Cover => Capability::Cover,
            ExposeType::Lock => Capability::Lock,
            ExposeType::Climate => Capability::Thermostat,
            ExposeType::Fan => Capability::Fan,
            _ => return,
        };
        if expose.kind == ExposeType::Light {
            self.color_mode(before);
        }
        // A «switch» that only carries a setting, like the window detection of a valve, makes no switch.
        let has_on =
            |number| self.endpoints.get(&number).is_some_and(|endpoint: &Endpoint| endpoint.attribute("on").is_some());
        if let Some(number) = number
            && (capability != Capability::Switch || has_on(number))
        {
            let capabilities = &mut self.endpoint(number).capabilities;
            if !capabilities.contains(&capability) {
                capabilities.push(capability);
            }
        }
    }

    /// Describes one expose or feature; says where it was placed.
    fn part(&mut self, context: Context, expose: &'a Expose, label: Option<&'a str>) -> Option<EndpointNumber> {
        let spread = expose.property.is_none() && expose.kind == ExposeType::Composite;
        let (lookup_context, name) = lookup(context, expose, label);
        let property = expose.property.as_deref().unwrap_or(name);
        if property.is_empty() || (spread && expose.features.is_empty()) {
            self.dropped.push(format!("{:?} without a name", expose.kind));
            return None;
        }
        if expose.kind == ExposeType::Composite && matches!(name, "color_xy" | "color_hs") && !spread {
            return Some(self.color(context, expose, property, label));
        }
        let place = |attribute: &str| match label {
            Some(label) => self.numbering.of(label),
            None if WHOLE_DEVICE.contains(&attribute) => 0,
            None if context == Context::None && self.whole_device => 0,
            None => self.numbering.unlabelled,
        };
        let mut chosen = None;
        for candidate in candidates(lookup_context, name, expose) {
            let attribute = candidate.schema.name.as_str();
            let number = place(attribute);
            let claimed = attribute != name && self.claimed.contains(&(label, attribute));
            let taken = self.endpoints.get(&number).and_then(|endpoint| endpoint.attribute(attribute));
            if taken.is_some() && self.is_same(number, &candidate, property) {
                return Some(number);
            }
            if !claimed && taken.is_none() {
                chosen = Some((number, candidate));
                break;
            }
        }
        let (number, candidate) = chosen.unwrap_or_else(|| {
            // Another property of the same name: its own property as a name, or else a number behind it.
            let mut candidate = own(property, expose);
            let stem = candidate.schema.name.clone();
            let number = place(stem.as_str());
            let is_taken =
                |name: &str| self.endpoints.get(&number).is_some_and(|endpoint| endpoint.attribute(name).is_some());
            let mut count = 1;
            while is_taken(candidate.schema.name.as_str()) {
                count += 1;
                candidate.schema.name = format!("{stem}_{count}").into();
            }
            (number, candidate)
        });
        let base = label.and_then(|label| property.strip_suffix(label)?.strip_suffix('_')).unwrap_or(property);
        let entry = Entry {
            endpoint: number,
            name: candidate.schema.name.clone(),
            property: Arc::from(property),
            base: Arc::from(base),
            spread,
            access: entry_access(expose),
            momentary: candidate.schema.momentary,
            transition: self.has_transition
                && context == Context::Light
                && GRADUAL.contains(&candidate.schema.name.as_str()),
            codec: candidate.codec,
        };
        match candidate.conversion {
            Conversion::CoverState => self.cover_state(candidate.schema, entry),
            _ => self.add(candidate.schema, entry),
        }
        Some(number)
    }

    /// Whether the attribute that already has this name is this very one: light and switch may share a property.
    fn is_same(&self, number: EndpointNumber, candidate: &Candidate, property: &str) -> bool {
        self.entries.iter().any(|entry| {
            entry.endpoint == number
                && entry.name == candidate.schema.name
                && *entry.property == *property
                && std::mem::discriminant(&entry.codec) == std::mem::discriminant(&candidate.codec)
        })
    }

    /// One property serves both forms of a colour; the first that is named is the preferred one.
    fn color(&mut self, context: Context, expose: &Expose, property: &str, label: Option<&str>) -> EndpointNumber {
        let number = label.map_or(self.numbering.unlabelled, |label| self.numbering.of(label));
        let hue_saturation = expose.name.as_deref() == Some("color_hs");
        for entry in &mut self.entries {
            if let Codec::Color(color) = &mut entry.codec
                && *entry.property == *property
            {
                color.hue_saturation |= hue_saturation;
                color.xy |= !hue_saturation;
                return entry.endpoint;
            }
        }
        let mut name = "color".to_owned();
        let is_taken =
            |name: &str| self.endpoints.get(&number).is_some_and(|endpoint| endpoint.attribute(name).is_some());
        let mut count = 1;
        while is_taken(&name) {
            count += 1;
            name = format!("color_{count}");
        }
        let access = Access { read: expose.is_gettable(), write: expose.is_settable(), notify: expose.is_published() };
        let base = label.and_then(|label| property.strip_suffix(label)?.strip_suffix('_')).unwrap_or(property);
        let mode = property.replacen("color", "color_mode", 1);
        let codec = Codec::Color(ColorCodec {
            xy: !hue_saturation,
            hue_saturation,
            prefers_hue_saturation: hue_saturation,
            mode: Arc::from(mode),
        });
        let schema = AttributeSchema::new(name, Kind::Color, access);
        let entry = Entry {
            endpoint: number,
            name: schema.name.clone(),
            property: Arc::from(property),
            base: Arc::from(base),
            codec,
            spread: false,
            access: entry_access(expose),
            momentary: false,
            transition: self.has_transition && context == Context::Light,
        };
        self.add(schema, entry);
        number
    }

    /// States of coloured lights hold the colour mode, though definitions do not name it.
    fn color_mode(&mut self, first: usize) {
        let added = self.entries.get(first..).unwrap_or_default();
        let mut modes = Vec::new();
        let mut place = None;
        for entry in added {
            let property = match (&entry.codec, entry.name.as_str()) {
                (Codec::Color(color), _) => {
                    modes.extend(color.xy.then_some("xy"));
                    modes.extend(color.hue_saturation.then_some("hs"));
                    color.mode.to_string()
                }
                (_, "color_temperature") => {
                    modes.push("color_temp");
                    entry.property.replacen("color_temp", "color_mode", 1)
                }
                _ => continue,
            };
            place.get_or_insert((entry.endpoint, property));
        }
        let Some((number, property)) = place else { return };
        if self.endpoints.get(&number).is_some_and(|endpoint| endpoint.attribute("color_mode").is_some()) {
            return;
        }
        let mut schema = AttributeSchema::new("color_mode", Kind::Enum, Access::NOTIFY);
        schema.values = modes.iter().map(|mode| Arc::from(*mode)).collect();
        let words = modes.into_iter().map(|mode| (Arc::from(mode), serde_json::Value::from(mode))).collect();
        let entry = Entry {
            endpoint: number,
            name: schema.name.clone(),
            property: Arc::from(property),
            base: Arc::from("color_mode"),
            codec: Codec::Enum(words),
            spread: false,
            access: EntryAccess { decode: true, write: false, read: false },
            momentary: false,
            transition: false,
        };
        self.add(schema, entry);
    }

    /// A cover's `state` is a command when it is written and a state when it is read: two attributes.
    fn cover_state(&mut self, mut schema: AttributeSchema, mut entry: Entry) {
        let Codec::Enum(words) = entry.codec.clone() else { return self.add(schema, entry) };
        let renamed = |rename: fn(&str) -> String| -> Vec<(Arc<str>, serde_json::Value)> {
            words.iter().map(|(word, json)| (Arc::from(rename(word)), json.clone())).collect()
        };
        let names = |words: &[(Arc<str>, serde_json::Value)]| words.iter().map(|word| Arc::clone(&word.0)).collect();
        if entry.access.decode {
            let words = renamed(|word| match word.to_lowercase().as_str() {
                "close" => "closed".to_owned(),
                "stop" => "stopped".to_owned(),
                other => other.to_owned(),
            });
            let mut state = AttributeSchema::new("cover_state", Kind::Enum, Access { write: false, ..schema.access });
            state.values = names(&words);
            let access = EntryAccess { write: false, ..entry.access };
            let entry = Entry { name: state.name.clone(), codec: Codec::Enum(words), access, ..entry.clone() };
            if self.endpoints.get(&entry.endpoint).is_none_or(|endpoint| endpoint.attribute("cover_state").is_none()) {
                self.add(state, entry);
            }
        }
        if entry.access.write {
            let words = renamed(|word| word.to_lowercase());
            schema.values = names(&words);
            schema.access = Access::WRITE;
            entry.codec = Codec::Enum(words);
            entry.access = EntryAccess { decode: false, write: true, read: false };
            self.add(schema, entry);
        }
    }

    fn add(&mut self, schema: AttributeSchema, entry: Entry) {
        self.endpoint(entry.endpoint).attributes.push(schema);
        self.entries.push(entry);
    }

    fn endpoint(&mut self, number: EndpointNumber) -> &mut Endpoint {
        self.endpoints.entry(number).or_insert_with(|| Endpoint { number, ..Endpoint::default() })
    }

    /// The states of an updatable device say how the update goes.
    fn firmware(&mut self) {
        self.has_firmware = true;
        for name in
            ["update_state", "update_progress", "update_remaining", "update_installed_version", "update_latest_version"]
        {
            let Some(attribute) = semantic(name) else { continue };
            if self.endpoint(0).attribute(name).is_some() {
                continue;
            }
            let mut schema = AttributeSchema::new(name, attribute.kind, Access::NOTIFY);
            schema.unit = attribute.unit.map(Arc::from);
            schema.category = attribute.category;
            if name == "update_state" {
                schema.values = UPDATE_STATES.iter().map(|state| Arc::from(*state)).collect();
            }
            self.endpoint(0).attributes.push(schema);
        }
    }

    fn finish(mut self, mut device: Device, known: Option<&Device>) -> Described {
        let labels: Vec<_> = self.numbering.labels().map(|(label, number)| (Arc::clone(label), number)).collect();
        for (label, number) in labels {
            // Also of endpoints that are no more: their numbers are not used again.
            let was_known = || known.is_some_and(|known| known.endpoint(number).is_some());
            if self.endpoints.contains_key(&number) || was_known() {
                self.endpoint(number).label = Some(label);
            }
        }
        for endpoint in self.endpoints.values_mut() {
            if !endpoint.capabilities.is_empty() {
                continue;
            }
            if endpoint.attribute("action").is_some_and(|action| action.momentary) {
                endpoint.capabilities.push(Capability::Remote);
            }
            let senses = |schema: &AttributeSchema| !schema.access.write && SENSED.contains(&schema.name.as_str());
            if endpoint.attributes.iter().any(senses) {
                endpoint.capabilities.push(Capability::Sensor);
            }
        }
        device.endpoints = self.endpoints.into_values().collect();
        Described { device, mapping: Mapping::new(self.entries, self.has_firmware), dropped: self.dropped }
    }
}

fn entry_access(expose: &Expose) -> EntryAccess {
    EntryAccess {
        decode: expose.is_published() || expose.is_gettable() || !expose.is_settable(),
        write: expose.is_settable(),
        read: expose.is_gettable(),
    }
}

/// The parts of an expose: the features of a specific type, or itself.
fn parts(expose: &Expose) -> impl Iterator<Item = (Context, &Expose, Option<&str>)> {
    let context = match expose.kind {
        ExposeType::Light => Some(Context::Light),
        ExposeType::Switch => Some(Context::Switch),
        ExposeType::Cover => Some(Context::Cover),
        ExposeType::Lock => Some(Context::Lock),
        ExposeType::Climate => Some(Context::Climate),
        ExposeType::Fan => Some(Context::Fan),
        ExposeType::Unknown if expose.property.is_none() && !expose.features.is_empty() => Some(Context::None),
        _ => None,
    };
    let whole = context.is_none() || expose.features.is_empty();
    let features = expose.features.iter().filter(move |_| !whole);
    let label = expose.endpoint.as_deref();
    let itself = whole.then_some((Context::None, expose, label));
    itself.into_iter().chain(
        features.map(move |feature| (context.unwrap_or(Context::None), feature, feature.endpoint.as_deref().or(label))),
    )
}

/// The context and name by which the table is asked. With an endpoint the property is the name and the endpoint; where
/// a property differs from the name without an endpoint, it says better what is meant (`state` → `window_detection`).
fn lookup<'a>(context: Context, expose: &'a Expose, label: Option<&str>) -> (Context, &'a str) {
    let (name, property) = (expose.name.as_deref(), expose.property.as_deref());
    match (name, property) {
        (Some(name), None) | (None, Some(name)) => (context, name),
        (None, None) => (context, expose.label.as_deref().unwrap_or("")),
        (Some(name), Some(_)) if label.is_some() || matches!(name, "color_xy" | "color_hs") => (context, name),
        (Some(name), Some(property)) => {
            let type_name = format!("{context:?}").to_lowercase();
            let is_prefixed = property.strip_prefix(&*type_name).and_then(|rest| rest.strip_prefix('_')) == Some(name);
            if name == property || is_prefixed { (context, name) } else { (Context::None, property) }
        }
    }
}
