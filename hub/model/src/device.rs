//! Devices, their endpoints and what they can do.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::attribute::AttributeSchema;
use crate::id::{AreaId, AttributeName, DeviceId, DriverId, EndpointNumber};

/// What an endpoint is for. Rules select by it («type: light»).
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum Capability {
    Light,
    Switch,
    Cover,
    Lock,
    Thermostat,
    Fan,
    Sensor,
    Remote,
}

/// A part of a device that works by itself: a socket of a power strip, a gang of a switch.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct Endpoint {
    /// 0 is the device as a whole.
    pub number: EndpointNumber,
    /// The name that the device or its bridge gives it, e.g. `left`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<Arc<str>>,
    /// What it is for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub capabilities: Vec<Capability>,
    /// Its attributes; each name once.
    pub attributes: Vec<AttributeSchema>,
}

impl Endpoint {
    /// The attribute of this name.
    pub fn attribute(&self, name: &str) -> Option<&AttributeSchema> {
        self.attributes.iter().find(|attribute| attribute.name.as_str() == name)
    }
}

/// What a driver can do with a device beside reading and setting attributes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Abilities {
    /// Its name can be written to the device's own network.
    pub rename: bool,
    /// It can be taken out of its network.
    pub remove: bool,
    /// It can be asked anew what it is.
    pub interview: bool,
    /// Its firmware can be updated.
    pub firmware_update: bool,
}

impl Abilities {
    /// The words on the wire, in order.
    pub fn words(self) -> impl Iterator<Item = &'static str> {
        [
            (self.rename, "rename"),
            (self.remove, "remove"),
            (self.interview, "interview"),
            (self.firmware_update, "firmware_update"),
        ]
        .into_iter()
        .filter_map(|(held, word)| held.then_some(word))
    }
}

/// A device as its driver describes it.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct Device {
    /// `<driver>:<native address>`.
    pub id: DeviceId,
    /// The name that its own network knows, e.g. zigbee2mqtt's friendly name. The hub's name for it starts as this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub native_name: Option<Arc<str>>,
    /// Who made it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub manufacturer: Option<Arc<str>>,
    /// Which model it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<Arc<str>>,
    /// What it is, in the maker's words; before that is known, what to do to have it found out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<Arc<str>>,
    /// Version of its firmware.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub firmware: Option<Arc<str>>,
    /// Where its power comes from, in the driver's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub power_source: Option<Arc<str>>,
    /// With which security the hub speaks with it, in the words of its radio's standard; `none` = without, and
    /// `keys_missing` = it was joined with keys that the hub does not have. None = not known, or nothing of that kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub security: Option<Arc<str>>,
    /// It sleeps and only wakes that often (milliseconds); none = it always listens. Commands to it get that much longer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wake_interval_ms: Option<u64>,
    /// The devices of a group; empty for a single device.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<DeviceId>,
    /// Found out completely; a device that is still being interviewed is shown with what is known.
    #[serde(default)]
    pub interviewed: bool,
    /// Its own network no longer lists it, as when a bridge lost its memory: it is kept, unreachable, until it is back
    /// or a person removes it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unlisted: bool,
    /// What else can be done with it.
    #[serde(default)]
    pub abilities: Abilities,
    /// Its endpoints, by rising number.
    pub endpoints: Vec<Endpoint>,
}

impl Default for DeviceId {
    fn default() -> Self {
        Self::new("")
    }
}

impl Device {
    /// The driver it belongs to.
    pub fn driver(&self) -> DriverId {
        self.id.driver()
    }

    /// The endpoint of this number.
    pub fn endpoint(&self, number: EndpointNumber) -> Option<&Endpoint> {
        self.endpoints.iter().find(|endpoint| endpoint.number == number)
    }

    /// The schema of one attribute.
    pub fn attribute(&self, endpoint: EndpointNumber, name: &str) -> Option<&AttributeSchema> {
        self.endpoint(endpoint)?.attribute(name)
    }

    /// Every attribute with the endpoint it is on.
    pub fn attributes(&self) -> impl Iterator<Item = (EndpointNumber, &AttributeSchema)> {
        self.endpoints
            .iter()
            .flat_map(|endpoint| endpoint.attributes.iter().map(move |schema| (endpoint.number, schema)))
    }

    /// Whether any endpoint has this capability.
    pub fn has(&self, capability: Capability) -> bool {
        self.endpoints.iter().any(|endpoint| endpoint.capabilities.contains(&capability))
    }

    /// The endpoint that stands for an attribute where none is said and several have it: the lowest functional one.
    pub fn main_endpoint(&self, attribute: &str) -> Option<EndpointNumber> {
        let holders = self.endpoints.iter().filter(|endpoint| endpoint.attribute(attribute).is_some());
        holders.map(|endpoint| endpoint.number).min_by_key(|number| (*number == 0, *number))
    }

    /// Finds the endpoint that is meant: by number, by label, or, when none is said, the only one that has the
    /// attribute (the lowest functional one wins over endpoint 0 being asked too only if it is the only one besides it).
    pub fn resolve(&self, wanted: Option<&EndpointSelector>, attribute: &str) -> Result<EndpointNumber, ResolveError> {
        let unknown_attribute = || ResolveError::NoSuchAttribute {
            device: self.id.clone(),
            attribute: attribute.into(),
            known: self.attributes().map(|(_, schema)| schema.name.clone()).collect(),
        };
        if let Some(selector) = wanted {
            let endpoint =
                self.endpoints.iter().find(|endpoint| selector.names(endpoint)).ok_or_else(|| {
                    ResolveError::NoSuchEndpoint { device: self.id.clone(), endpoint: selector.clone() }
                })?;
            return endpoint.attribute(attribute).map(|_| endpoint.number).ok_or_else(unknown_attribute);
        }
        let mut holders = self
            .endpoints
            .iter()
            .filter(|endpoint| endpoint.attribute(attribute).is_some())
            .map(|endpoint| endpoint.number);
        match (holders.next(), holders.next()) {
            (Some(only), None) => Ok(only),
            (Some(first), Some(second)) => Err(ResolveError::AmbiguousEndpoint {
                device: self.id.clone(),
                attribute: attribute.into(),
                endpoints: [first, second].into_iter().chain(holders).collect(),
            }),
            (None, _) => Err(unknown_attribute()),
        }
    }
}

/// How people name an endpoint: its number or its label.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub enum EndpointSelector {
    /// By number.
    Number(EndpointNumber),
    /// By label.
    Label(Arc<str>),
}

impl EndpointSelector {
    /// Whether it means this endpoint.
    pub fn names(&self, endpoint: &Endpoint) -> bool {
        match self {
            Self::Number(number) => endpoint.number == *number,
            Self::Label(label) => {
                endpoint.label.as_ref() == Some(label) || label.parse::<EndpointNumber>() == Ok(endpoint.number)
            }
        }
    }
}

impl std::fmt::Display for EndpointSelector {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Number(number) => write!(formatter, "{number}"),
            Self::Label(label) => formatter.write_str(label),
        }
    }
}

/// What was named is not there, or not clear.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[allow(missing_docs)]
pub enum ResolveError {
    #[error("{device} has no endpoint {endpoint}")]
    NoSuchEndpoint { device: DeviceId, endpoint: EndpointSelector },
    #[error("{device} has no attribute {attribute}")]
    NoSuchAttribute { device: DeviceId, attribute: AttributeName, known: Vec<AttributeName> },
    #[error("{device} has {attribute} on endpoints {endpoints:?}; say which one")]
    AmbiguousEndpoint { device: DeviceId, attribute: AttributeName, endpoints: Vec<EndpointNumber> },
}

/// What the hub keeps of a device: what the driver says and what people say.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct DeviceRecord {
    /// The driver's description.
    pub device: Device,
    /// A label for people; need not be unique.
    pub name: Arc<str>,
    /// Whether a person chose the name; a name that came from the driver follows the driver.
    #[serde(default)]
    pub named_by_person: bool,
    /// The room.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub area: Option<AreaId>,
    /// The devices that this one took the place of, newest first: their history is its history.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub predecessors: Vec<DeviceId>,
}

impl DeviceRecord {
    /// What the hub keeps of a device that is new to it: it goes by its native name, or else by its id.
    pub fn new(device: Device) -> Self {
        let name = device.native_name.clone().unwrap_or_else(|| Arc::from(device.id.as_str()));
        Self { device, name, named_by_person: false, area: None, predecessors: Vec::new() }
    }
}
