//! Devices as the API lists them, read back: the items of `GET /devices`.

use std::sync::Arc;

use hub_model::attribute::AttributeSchema;
use hub_model::device::{Capability, Device, DeviceRecord, Endpoint};
use hub_model::{Access, AreaId, Availability, DeviceId, Kind, Value};
use serde::Deserialize;

/// How deep fields of fields may go.
const MAX_DEPTH: usize = 8;

/// The devices cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum DevicesError {
    /// It is no JSON of that form.
    #[error("this is no list of devices as GET /devices gives it: {0}")]
    Form(#[from] serde_json::Error),
}

/// Fields may be added to what the API gives, so unknown ones are fine here.
#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    Items { items: Vec<DeviceItem> },
    List(Vec<DeviceItem>),
}

#[derive(Deserialize)]
struct DeviceItem {
    id: String,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    area: Option<String>,
    #[serde(default)]
    manufacturer: Option<Arc<str>>,
    #[serde(default)]
    model: Option<Arc<str>>,
    #[serde(default)]
    availability: Option<Availability>,
    #[serde(default)]
    members: Vec<String>,
    #[serde(default)]
    endpoints: Vec<EndpointItem>,
}

#[derive(Deserialize)]
struct EndpointItem {
    id: u16,
    #[serde(default)]
    label: Option<Arc<str>>,
    #[serde(default)]
    capabilities: Option<Vec<Capability>>,
    #[serde(default)]
    attributes: Vec<AttributeItem>,
}

#[derive(Deserialize)]
struct AttributeItem {
    #[serde(default)]
    name: String,
    kind: Kind,
    #[serde(default)]
    unit: Option<Arc<str>>,
    #[serde(default)]
    access: Vec<String>,
    #[serde(default)]
    min: Option<f64>,
    #[serde(default)]
    max: Option<f64>,
    #[serde(default)]
    step: Option<f64>,
    #[serde(default)]
    values: Vec<Arc<str>>,
    #[serde(default)]
    fields: Vec<AttributeItem>,
    #[serde(default)]
    item: Option<Box<AttributeItem>>,
    #[serde(default)]
    momentary: Option<bool>,
    #[serde(default)]
    state: Option<StateItem>,
}

#[derive(Deserialize)]
struct StateItem {
    #[serde(default)]
    value: Value,
}

/// A device, whether it can be reached, and what is known of it.
pub type Described = (DeviceRecord, Availability, Vec<(u16, String, Value)>);

/// Reads the items of `GET /devices`: an array, or an object with `items`.
pub fn devices(text: &str) -> Result<Vec<Described>, DevicesError> {
    let (Written::Items { items } | Written::List(items)) = serde_json::from_str(text)?;
    Ok(items.into_iter().map(described).collect())
}

fn described(item: DeviceItem) -> Described {
    let mut states = Vec::new();
    let mut endpoints: Vec<Endpoint> = Vec::new();
    for part in item.endpoints {
        let mut attributes = Vec::new();
        for attribute in part.attributes {
            if let Some(state) = &attribute.state {
                states.push((part.id, attribute.name.clone(), state.value.clone()));
            }
            attributes.push(schema(attribute, 0));
        }
        let capabilities = part.capabilities.unwrap_or_else(|| capabilities_of(&attributes));
        endpoints.push(Endpoint { number: part.id, label: part.label, capabilities, attributes });
    }
    let device = Device {
        id: DeviceId::new(item.id),
        manufacturer: item.manufacturer,
        model: item.model,
        interviewed: true,
        members: item.members.into_iter().map(DeviceId::new).collect(),
        endpoints,
        ..Device::default()
    };
    let mut record = DeviceRecord::new(device);
    if let Some(name) = item.name {
        record.name = name.into();
    }
    record.area = item.area.map(AreaId::new);
    (record, item.availability.unwrap_or_default(), states)
}

fn schema(item: AttributeItem, depth: usize) -> AttributeSchema {
    let has = |word: &str| item.access.iter().any(|access| access == word);
    let access = Access { read: has("read"), write: has("write"), notify: has("notify") };
    let momentary = item
        .momentary
        .unwrap_or_else(|| hub_model::attributes::semantic(&item.name).is_some_and(|known| known.momentary));
    let mut schema = AttributeSchema::new(item.name.as_str(), item.kind, access);
    schema.unit = item.unit;
    (schema.min, schema.max, schema.step) = (item.min, item.max, item.step);
    schema.values = item.values;
    schema.momentary = momentary;
    if depth < MAX_DEPTH {
        schema.fields = item.fields.into_iter().map(|field| self::schema(field, depth + 1)).collect();
        schema.item = item.item.map(|item| Box::new(self::schema(*item, depth + 1)));
    }
    schema
}

/// What an endpoint is for, by its attributes, where the list does not say.
fn capabilities_of(attributes: &[AttributeSchema]) -> Vec<Capability> {
    let has = |name: &str| attributes.iter().any(|schema| schema.name.as_str() == name);
    let can_set = |name: &str| attributes.iter().any(|schema| schema.name.as_str() == name && schema.access.write);
    let table: &[(Capability, bool)] = &[
        (Capability::Light, can_set("on") && (has("brightness") || has("color_temperature") || has("color"))),
        (Capability::Switch, can_set("on") && !has("brightness") && !has("color_temperature") && !has("color")),
        (Capability::Cover, can_set("position") || can_set("cover_command")),
        (Capability::Lock, can_set("locked")),
        (Capability::Thermostat, can_set("heating_setpoint") || can_set("cooling_setpoint")),
        (Capability::Fan, can_set("fan_mode") || can_set("fan_speed")),
        (Capability::Remote, has("action")),
        (Capability::Sensor, attributes.iter().any(|schema| !schema.access.write && !schema.momentary)),
    ];
    table.iter().filter_map(|(capability, held)| held.then_some(*capability)).collect()
}
