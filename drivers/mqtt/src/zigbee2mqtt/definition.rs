//! What zigbee2mqtt says about devices and groups, read tolerantly: unknown fields are ignored, absent, null and of
//! the wrong type are all the same, and one odd expose never loses the others.

use serde_json::{Map, Value};

/// How deep exposes may be nested. The deepest known has 6 levels.
const DEPTH: usize = 24;

/// One item of `bridge/devices`.
#[derive(Clone, PartialEq, Debug, Default)]
#[allow(missing_docs)]
pub struct DeviceItem {
    pub ieee_address: String,
    /// Coordinator, Router, EndDevice, GreenPower or Unknown.
    pub kind: String,
    pub network_address: Option<u64>,
    pub friendly_name: String,
    pub description: Option<String>,
    pub supported: bool,
    pub disabled: bool,
    pub definition: Option<Definition>,
    pub power_source: Option<String>,
    pub software_build_id: Option<String>,
    pub date_code: Option<String>,
    pub model_id: Option<String>,
    pub manufacturer: Option<String>,
    pub interviewing: bool,
    pub interview_completed: Option<bool>,
    /// PENDING, IN_PROGRESS, SUCCESSFUL or FAILED.
    pub interview_state: Option<String>,
    pub endpoints: Vec<EndpointItem>,
}

/// A Zigbee endpoint of a device.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct EndpointItem {
    /// Its number.
    pub number: u16,
    /// The name that exposes know it by, e.g. `l1`.
    pub name: Option<String>,
}

/// What a device is and can do.
#[derive(Clone, PartialEq, Debug, Default)]
#[allow(missing_docs)]
pub struct Definition {
    /// native, generated or external.
    pub source: Option<String>,
    pub model: String,
    pub vendor: String,
    pub description: Option<String>,
    pub supports_ota: bool,
    pub exposes: Vec<Expose>,
    /// Options that the bridge keeps for the device.
    pub options: Vec<Expose>,
    /// Exposes that could not be read at all, in words.
    pub unreadable: Vec<String>,
}

/// The type of an expose.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[allow(missing_docs)]
pub enum ExposeType {
    Binary,
    Numeric,
    Enum,
    Text,
    Composite,
    List,
    Light,
    Switch,
    Cover,
    Lock,
    Climate,
    Fan,
    /// A type that this hub does not know; with features it is taken apart, without it is shown as it comes.
    #[default]
    Unknown,
}

/// One thing that a device exposes.
#[derive(Clone, PartialEq, Debug, Default)]
#[allow(missing_docs)]
pub struct Expose {
    pub kind: ExposeType,
    pub name: Option<String>,
    pub property: Option<String>,
    pub label: Option<String>,
    pub endpoint: Option<String>,
    /// 1 published, 2 settable, 4 gettable.
    pub access: u8,
    pub description: Option<String>,
    pub category: Option<String>,
    pub unit: Option<String>,
    pub value_min: Option<f64>,
    pub value_max: Option<f64>,
    pub value_step: Option<f64>,
    pub value_on: Option<Value>,
    pub value_off: Option<Value>,
    pub values: Vec<Value>,
    pub presets: Vec<PresetItem>,
    pub features: Vec<Expose>,
    pub item_type: Option<Box<Expose>>,
}

/// A number with a name.
#[derive(Clone, PartialEq, Debug)]
#[allow(missing_docs)]
pub struct PresetItem {
    pub name: String,
    pub value: Value,
    pub description: Option<String>,
}

/// One item of `bridge/groups`.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
#[allow(missing_docs)]
pub struct GroupItem {
    pub id: u64,
    pub friendly_name: String,
    pub description: Option<String>,
    pub members: Vec<GroupMember>,
}

/// A member of a group.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
#[allow(missing_docs)]
pub struct GroupMember {
    pub ieee_address: String,
    pub endpoint: Option<u16>,
}

/// The payload of `bridge/devices`. Items without an address are left out. Fails only when it is no JSON array.
pub fn devices(payload: &[u8]) -> Result<Vec<DeviceItem>, serde_json::Error> {
    let items: Vec<Value> = serde_json::from_slice(payload)?;
    Ok(items.iter().filter_map(DeviceItem::read).collect())
}

/// The payload of `bridge/groups`. Items without an id are left out. Fails only when it is no JSON array.
pub fn groups(payload: &[u8]) -> Result<Vec<GroupItem>, serde_json::Error> {
    let items: Vec<Value> = serde_json::from_slice(payload)?;
    Ok(items.iter().filter_map(GroupItem::read).collect())
}

impl DeviceItem {
    /// One item; none when it has no address.
    pub fn read(item: &Value) -> Option<Self> {
        let item = item.as_object()?;
        let mut endpoints: Vec<EndpointItem> = item
            .get("endpoints")
            .and_then(Value::as_object)
            .into_iter()
            .flatten()
            .filter_map(|(number, endpoint)| {
                let name = endpoint.as_object().and_then(|endpoint| string(endpoint, "name"));
                Some(EndpointItem { number: number.parse().ok()?, name })
            })
            .collect();
        endpoints.sort_by_key(|endpoint| endpoint.number);
        let ieee_address = string(item, "ieee_address").filter(|address| !address.is_empty())?;
        Some(Self {
            friendly_name: string(item, "friendly_name").unwrap_or_else(|| ieee_address.clone()),
            ieee_address,
            kind: string(item, "type").unwrap_or_default(),
            network_address: item.get("network_address").and_then(Value::as_u64),
            description: string(item, "description"),
            supported: flag(item, "supported").unwrap_or(false),
            disabled: flag(item, "disabled").unwrap_or(false),
            definition: item.get("definition").and_then(Definition::read),
            power_source: string(item, "power_source"),
            software_build_id: string(item, "software_build_id"),
            date_code: string(item, "date_code"),
            model_id: string(item, "model_id"),
            manufacturer: string(item, "manufacturer"),
            interviewing: flag(item, "interviewing").unwrap_or(false),
            interview_completed: flag(item, "interview_completed"),
            interview_state: string(item, "interview_state"),
            endpoints,
        })
    }

    /// Whether it is the bridge's own radio.
    pub fn is_coordinator(&self) -> bool {
        self.kind == "Coordinator"
    }

    /// Whether it lives on a battery.
    pub fn is_battery_powered(&self) -> bool {
        self.power_source.as_deref().is_some_and(|source| source.eq_ignore_ascii_case("battery"))
    }

    /// Whether its receiver is off most of the time. The bridge does not pass on what the device's node descriptor says
    /// of that: an end device listens always if it has the power to, and a router must, whatever feeds it.
    pub fn is_sleeping(&self) -> bool {
        self.kind == "EndDevice" && self.is_battery_powered()
    }

    /// Whether the bridge has found out what it is.
    pub fn is_interviewed(&self) -> bool {
        let succeeded = match (&self.interview_state, self.interview_completed) {
            (Some(state), _) => state == "SUCCESSFUL",
            (None, Some(completed)) => completed,
            (None, None) => true,
        };
        self.definition.is_some() && succeeded && !self.interviewing
    }
}

impl Definition {
    /// A definition; none when it is no object.
    pub fn read(definition: &Value) -> Option<Self> {
        let definition = definition.as_object()?;
        let mut unreadable = Vec::new();
        let mut exposes = Vec::new();
        match definition.get("exposes") {
            Some(Value::Array(items)) => {
                for (index, item) in items.iter().enumerate() {
                    match Expose::read(item, 0) {
                        Some(expose) => exposes.push(expose),
                        None => unreadable.push(format!("expose {index} is not an object")),
                    }
                }
            }
            None | Some(Value::Null) => {}
            Some(_) => unreadable.push("exposes is not a list".to_owned()),
        }
        Some(Self {
            source: string(definition, "source"),
            model: string(definition, "model").unwrap_or_default(),
            vendor: string(definition, "vendor").unwrap_or_default(),
            description: string(definition, "description"),
            supports_ota: flag(definition, "supports_ota").unwrap_or(false),
            exposes,
            options: list(definition, "options", 0),
            unreadable,
        })
    }

    /// Whether the bridge keeps an option of this name for the device.
    pub fn has_option(&self, name: &str) -> bool {
        self.options.iter().any(|option| option.name.as_deref() == Some(name))
    }
}

impl Expose {
    fn read(expose: &Value, depth: usize) -> Option<Self> {
        let expose = expose.as_object()?;
        let deeper = depth + 1;
        let item_type = match expose.get("item_type") {
            // Old definitions only name the type.
            Some(Value::String(kind)) => Some(Self { kind: expose_type(kind), ..Self::default() }),
            Some(item) if deeper < DEPTH => Self::read(item, deeper),
            _ => None,
        };
        Some(Self {
            kind: string(expose, "type").map_or(ExposeType::Unknown, |kind| expose_type(&kind)),
            name: string(expose, "name").filter(|name| !name.is_empty()),
            property: string(expose, "property").filter(|property| !property.is_empty()),
            label: string(expose, "label"),
            endpoint: string(expose, "endpoint").filter(|endpoint| !endpoint.is_empty()),
            access: expose.get("access").and_then(Value::as_u64).map_or(0, |access| (access & 7) as u8),
            description: string(expose, "description"),
            category: string(expose, "category"),
            unit: string(expose, "unit"),
            value_min: number(expose, "value_min"),
            value_max: number(expose, "value_max"),
            value_step: number(expose, "value_step").filter(|step| *step > 0.0),
            value_on: expose.get("value_on").filter(|value| !value.is_null()).cloned(),
            value_off: expose.get("value_off").filter(|value| !value.is_null()).cloned(),
            values: expose.get("values").and_then(Value::as_array).cloned().unwrap_or_default(),
            presets: expose
                .get("presets")
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
                .filter_map(|preset| {
                    let preset = preset.as_object()?;
                    Some(PresetItem {
                        name: string(preset, "name")?,
                        value: preset.get("value")?.clone(),
                        description: string(preset, "description"),
                    })
                })
                .collect(),
            features: list(expose, "features", deeper),
            item_type: item_type.map(Box::new),
        })
    }

    /// Whether states hold it.
    pub fn is_published(&self) -> bool {
        self.access & 1 != 0
    }

    /// Whether it can be set.
    pub fn is_settable(&self) -> bool {
        self.access & 2 != 0
    }

    /// Whether it can be asked for.
    pub fn is_gettable(&self) -> bool {
        self.access & 4 != 0
    }
}

impl GroupItem {
    /// One item; none when it has no id.
    pub fn read(item: &Value) -> Option<Self> {
        let item = item.as_object()?;
        let id = item.get("id").and_then(Value::as_u64)?;
        let members = item.get("members").and_then(Value::as_array).into_iter().flatten().filter_map(|member| {
            let member = member.as_object()?;
            let endpoint = member.get("endpoint").and_then(Value::as_u64).and_then(|number| number.try_into().ok());
            Some(GroupMember { ieee_address: string(member, "ieee_address")?, endpoint })
        });
        Some(Self {
            id,
            friendly_name: string(item, "friendly_name").unwrap_or_else(|| id.to_string()),
            description: string(item, "description"),
            members: members.collect(),
        })
    }
}

fn expose_type(kind: &str) -> ExposeType {
    match kind {
        "binary" => ExposeType::Binary,
        "numeric" => ExposeType::Numeric,
        "enum" => ExposeType::Enum,
        "text" => ExposeType::Text,
        "composite" => ExposeType::Composite,
        "list" => ExposeType::List,
        "light" => ExposeType::Light,
        "switch" => ExposeType::Switch,
        "cover" => ExposeType::Cover,
        "lock" => ExposeType::Lock,
        "climate" => ExposeType::Climate,
        "fan" => ExposeType::Fan,
        _ => ExposeType::Unknown,
    }
}

fn list(object: &Map<String, Value>, name: &str, depth: usize) -> Vec<Expose> {
    if depth >= DEPTH {
        return Vec::new();
    }
    let items = object.get(name).and_then(Value::as_array).into_iter().flatten();
    items.filter_map(|item| Expose::read(item, depth)).collect()
}

fn string(object: &Map<String, Value>, name: &str) -> Option<String> {
    match object.get(name)? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn flag(object: &Map<String, Value>, name: &str) -> Option<bool> {
    object.get(name)?.as_bool()
}

/// A finite number; some definitions write it as text.
fn number(object: &Map<String, Value>, name: &str) -> Option<f64> {
    let number = match object.get(name)? {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    };
    number.filter(|number: &f64| number.is_finite())
}
