//! A device on the wire.

use hub_core::DeviceView;
use hub_model::attribute::{AttributeSchema, Category, Kind, Preset};
use hub_model::device::{Capability, Endpoint};
use hub_model::{AttributeState, Source, Timestamp, Value};
use serde::Serialize;
use utoipa::ToSchema;

/// A device with its endpoints, their attributes and states.
#[derive(Serialize, ToSchema)]
#[schema(as = Device)]
pub(crate) struct DeviceBody<'a> {
    /// `<driver>:<native address>`; stable.
    id: &'a str,
    /// A label for people; need not be unique.
    name: &'a str,
    /// The id of its room.
    area: Option<&'a str>,
    /// The id of its driver.
    driver: &'a str,
    manufacturer: Option<&'a str>,
    model: Option<&'a str>,
    /// What it is, in the maker's words; before that is known, what to do to have it found out.
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    firmware: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    power_source: Option<&'a str>,
    /// With which security the hub speaks with it. Z-Wave: `s2_access_control`, `s2_authenticated`,
    /// `s2_unauthenticated`, `s0`, `none`, or `keys_missing`: it was joined with keys that the hub does not have.
    #[serde(skip_serializing_if = "Option::is_none")]
    security: Option<&'a str>,
    /// `online`, `offline` or `unknown`.
    availability: &'a str,
    /// Whether the hub knows all about it; a device that just joined is shown with what is known.
    interviewed: bool,
    /// Its own network no longer lists it; it is kept until it is back or removed.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    unlisted: bool,
    /// What else can be done with it: of `rename` (in its own network too), `remove`, `interview`, `firmware_update`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    abilities: Vec<&'static str>,
    /// The devices of a group.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    members: Vec<&'a str>,
    endpoints: Vec<EndpointBody<'a>>,
}

/// A part of a device that works by itself; 0 is the device as a whole.
#[derive(Serialize, ToSchema)]
#[schema(as = Endpoint)]
struct EndpointBody<'a> {
    id: u16,
    label: Option<&'a str>,
    /// `light`, `switch`, `cover`, `lock`, `thermostat`, `fan`, `sensor`, `remote`.
    #[serde(skip_serializing_if = "<[Capability]>::is_empty")]
    #[schema(value_type = Vec<String>)]
    capabilities: &'a [Capability],
    attributes: Vec<AttributeBody<'a>>,
}

/// An attribute: what it is and what is known of it.
#[derive(Serialize, ToSchema)]
#[schema(as = Attribute)]
struct AttributeBody<'a> {
    #[serde(flatten)]
    schema: SchemaBody<'a>,
    state: StateBody<'a>,
}

/// What an attribute is: kind, unit, range and what may be done with it.
#[derive(Serialize, ToSchema)]
#[schema(as = AttributeSchema)]
struct SchemaBody<'a> {
    name: &'a str,
    /// `bool`, `number`, `enum`, `text`, `color`, `composite` or `list`.
    kind: &'a str,
    unit: Option<&'a str>,
    /// Of `read`, `write` and `notify`.
    access: Vec<&'a str>,
    /// Of numbers: the least.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<f64>)]
    min: Option<Value>,
    /// Of numbers: the greatest.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<f64>)]
    max: Option<Value>,
    /// Of numbers: the native resolution, where it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<f64>)]
    step: Option<Value>,
    /// Of enumerations.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    values: Vec<&'a str>,
    /// Of composites.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<Object>)]
    fields: Vec<SchemaBody<'a>>,
    /// Of lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    item: Option<Box<SchemaBody<'a>>>,
    /// Values with names.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    presets: Vec<PresetBody<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    label: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    /// `config` or `diagnostic`; absent = among the main things.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    category: Option<Category>,
    /// A happening, never a state: it comes as an event.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    momentary: bool,
}

/// A value with a name.
#[derive(Serialize, ToSchema)]
#[schema(as = Preset)]
struct PresetBody<'a> {
    name: &'a str,
    #[schema(value_type = serde_json::Value)]
    value: &'a Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
}

/// What is known of an attribute.
#[derive(Serialize, ToSchema)]
#[schema(as = AttributeState)]
struct StateBody<'a> {
    /// The value; null = unknown.
    #[schema(value_type = serde_json::Value)]
    value: &'a Value,
    /// When the device last said so, changed or not.
    #[schema(value_type = Option<String>, format = DateTime)]
    reported_at: Option<Timestamp>,
    /// When the value became what it is.
    #[schema(value_type = Option<String>, format = DateTime)]
    changed_at: Option<Timestamp>,
    /// `reported`, `assumed` or `restored`; null = nothing is known.
    #[schema(value_type = Option<String>)]
    source: Option<Source>,
    /// What a command under way wants it to be.
    #[schema(value_type = serde_json::Value)]
    desired: Option<&'a Value>,
}

impl<'a> DeviceBody<'a> {
    /// The device as clients see it.
    pub(crate) fn new(view: &'a DeviceView) -> Self {
        let device = &view.record.device;
        let id = device.id.as_str();
        let mut states = view.states.iter();
        Self {
            id,
            name: &view.record.name,
            area: view.record.area.as_ref().map(hub_model::AreaId::as_str),
            driver: id.split_once(':').map_or(id, |(driver, _)| driver),
            manufacturer: device.manufacturer.as_deref(),
            model: device.model.as_deref(),
            description: device.description.as_deref(),
            firmware: device.firmware.as_deref(),
            power_source: device.power_source.as_deref(),
            security: device.security.as_deref(),
            availability: view.availability.as_str(),
            interviewed: device.interviewed,
            unlisted: device.unlisted,
            abilities: device.abilities.words().collect(),
            members: device.members.iter().map(hub_model::DeviceId::as_str).collect(),
            endpoints: device.endpoints.iter().map(|endpoint| EndpointBody::new(endpoint, &mut states)).collect(),
        }
    }
}

impl<'a> EndpointBody<'a> {
    fn new(endpoint: &'a Endpoint, states: &mut std::slice::Iter<'a, AttributeState>) -> Self {
        Self {
            id: endpoint.number,
            label: endpoint.label.as_deref(),
            capabilities: &endpoint.capabilities,
            attributes: endpoint
                .attributes
                .iter()
                .map(|schema| AttributeBody {
                    schema: SchemaBody::new(schema),
                    state: states.next().map_or_else(StateBody::unknown, StateBody::new),
                })
                .collect(),
        }
    }
}

impl<'a> SchemaBody<'a> {
    fn new(schema: &'a AttributeSchema) -> Self {
        let number =
            |bound: Option<f64>| (schema.kind == Kind::Number).then(|| bound.map_or(Value::Unknown, Value::number));
        Self {
            name: schema.name.as_str(),
            kind: schema.kind.as_str(),
            unit: schema.unit.as_deref(),
            access: schema.access.words().collect(),
            min: number(schema.min),
            max: number(schema.max),
            step: number(schema.step),
            values: schema.values.iter().map(|value| &**value).collect(),
            fields: schema.fields.iter().map(SchemaBody::new).collect(),
            item: schema.item.as_deref().map(|item| Box::new(SchemaBody::new(item))),
            presets: schema.presets.iter().map(PresetBody::new).collect(),
            label: schema.label.as_deref(),
            description: schema.description.as_deref(),
            category: schema.category,
            momentary: schema.momentary,
        }
    }
}

impl<'a> PresetBody<'a> {
    fn new(preset: &'a Preset) -> Self {
        Self { name: &preset.name, value: &preset.value, description: preset.description.as_deref() }
    }
}

impl<'a> StateBody<'a> {
    fn new(state: &'a AttributeState) -> Self {
        let is_known = !state.value.is_unknown() || state.reported_at.is_some();
        Self {
            value: &state.value,
            reported_at: state.reported_at,
            changed_at: state.changed_at,
            source: is_known.then_some(state.source),
            desired: state.desired.as_ref(),
        }
    }

    fn unknown() -> Self {
        Self { value: &Value::Unknown, reported_at: None, changed_at: None, source: None, desired: None }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use hub_model::device::DeviceRecord;
    use hub_model::{Access, Availability, Device, DeviceId};

    use super::*;

    #[test]
    fn a_device_on_the_wire() {
        let mut brightness = AttributeSchema::new("brightness", Kind::Number, Access::ALL).unit("%").range(0.0, 100.0);
        brightness.label = Some("Brightness".into());
        let device = Device {
            id: DeviceId::new("zigbee:0x00158d0001e82b3c"),
            manufacturer: Some("IKEA".into()),
            model: Some("LED1624G9".into()),
            security: Some("s2_authenticated".into()),
            interviewed: true,
            endpoints: vec![Endpoint {
                number: 1,
                label: None,
                capabilities: vec![Capability::Light],
                attributes: vec![AttributeSchema::new("on", Kind::Bool, Access::ALL), brightness],
            }],
            ..Device::default()
        };
        let at: Timestamp = "2026-11-20T18:00:05.12Z".parse().unwrap();
        let mut record = DeviceRecord::new(device);
        record.name = "Hallway lamp".into();
        record.area = Some("hallway".into());
        let view = DeviceView {
            record: Arc::new(record),
            types: hub_access::DeviceTypes::EMPTY,
            availability: Availability::Online,
            states: vec![
                AttributeState {
                    value: Value::Bool(true),
                    reported_at: Some(at),
                    changed_at: Some(at),
                    source: Source::Reported,
                    desired: Some(Value::Bool(false)),
                },
                AttributeState::default(),
            ],
        };
        expect_test::expect![[r#"
            {
              "id": "zigbee:0x00158d0001e82b3c",
              "name": "Hallway lamp",
              "area": "hallway",
              "driver": "zigbee",
              "manufacturer": "IKEA",
              "model": "LED1624G9",
              "security": "s2_authenticated",
              "availability": "online",
              "interviewed": true,
              "endpoints": [
                {
                  "id": 1,
                  "label": null,
                  "capabilities": [
                    "light"
                  ],
                  "attributes": [
                    {
                      "name": "on",
                      "kind": "bool",
                      "unit": null,
                      "access": [
                        "read",
                        "write",
                        "notify"
                      ],
                      "state": {
                        "value": true,
                        "reported_at": "2026-11-20T18:00:05.120Z",
                        "changed_at": "2026-11-20T18:00:05.120Z",
                        "source": "reported",
                        "desired": false
                      }
                    },
                    {
                      "name": "brightness",
                      "kind": "number",
                      "unit": "%",
                      "access": [
                        "read",
                        "write",
                        "notify"
                      ],
                      "min": 0,
                      "max": 100,
                      "step": null,
                      "label": "Brightness",
                      "state": {
                        "value": null,
                        "reported_at": null,
                        "changed_at": null,
                        "source": null,
                        "desired": null
                      }
                    }
                  ]
                }
              ]
            }"#]]
        .assert_eq(&serde_json::to_string_pretty(&DeviceBody::new(&view)).unwrap());
    }
}
