//! From wishes to the JSON of `/set` and `/get`.

use std::sync::Arc;
use std::time::Duration;

use hub_model::command::Setting;
use hub_model::{AttributeName, EndpointNumber, Kind, Value};
use serde_json::{Map, Value as Json};

use super::codec::{Codec, encode_fields};
use super::mapping::{Entry, Mapping};

/// A wish that cannot be sent.
#[derive(Clone, PartialEq, Debug, thiserror::Error)]
#[error("cannot set {attribute} of endpoint {endpoint}: {reason}")]
pub struct EncodeError {
    /// Where.
    pub endpoint: EndpointNumber,
    /// Which.
    pub attribute: AttributeName,
    /// Why not.
    pub reason: EncodeReason,
}

/// Why a value cannot be sent.
#[derive(Clone, PartialEq, Debug, thiserror::Error)]
#[allow(missing_docs)]
pub enum EncodeReason {
    #[error("the device has no such attribute")]
    NoSuchAttribute,
    #[error("the device does not let it be set")]
    NotWritable,
    #[error("unknown is no value to set")]
    Unknown,
    #[error("give a value of kind {}", wanted.as_str())]
    Kind { wanted: Kind },
    #[error("give a number above 0")]
    NotPositive,
    #[error("give one of {}", values.join(", "))]
    NotOneOf { values: Vec<Arc<str>> },
    #[error("it has no field {field}")]
    UnknownField { field: Arc<str> },
}

impl Mapping {
    /// The objects to publish to `/set`, in order: normally one. Another begins only where two settings need the same
    /// property, or a colour and a colour temperature are wished for at once.
    pub fn encode(
        &self,
        settings: &[Setting],
        transition: Option<Duration>,
    ) -> Result<Vec<Map<String, Json>>, EncodeError> {
        let mut objects: Vec<Pending<'_>> = Vec::new();
        for setting in settings {
            let refuse =
                |reason| EncodeError { endpoint: setting.endpoint, attribute: setting.attribute.clone(), reason };
            let entry = self
                .entry(setting.endpoint, &setting.attribute)
                .ok_or_else(|| refuse(EncodeReason::NoSuchAttribute))?;
            if !entry.access.write {
                return Err(refuse(EncodeReason::NotWritable));
            }
            let fields = entry.encode(&setting.value).map_err(refuse)?;
            let colour = matches!(&*entry.base, "color" | "color_temp").then_some((entry.endpoint, &*entry.base));
            let fits = objects.last().is_some_and(|pending| {
                let other = colour.is_some_and(|colour| {
                    pending.colours.iter().any(|known| known.0 == colour.0 && known.1 != colour.1)
                });
                !other && !fields.keys().any(|key| pending.object.contains_key(key))
            });
            if !fits {
                objects.push(Pending::default());
            }
            if let Some(pending) = objects.last_mut() {
                pending.object.extend(fields);
                pending.colours.extend(colour);
                pending.transition |= entry.transition;
            }
        }
        let seconds = transition.map(|transition| (transition.as_secs_f64() * 1000.0).round() / 1000.0);
        Ok(objects
            .into_iter()
            .map(|mut pending| {
                if let Some(seconds) = seconds.filter(|_| pending.transition) {
                    pending.object.insert("transition".to_owned(), Json::from(seconds));
                }
                pending.object
            })
            .collect())
    }

    /// The object to publish to `/get`; none when the device cannot be asked for any of them.
    pub fn read(&self, attributes: &[(EndpointNumber, AttributeName)]) -> Option<Map<String, Json>> {
        let entries = attributes.iter().filter_map(|(endpoint, name)| self.entry(*endpoint, name));
        asked(entries)
    }

    /// The object to publish to `/get` for everything that the device can be asked for.
    pub fn readable(&self) -> Option<Map<String, Json>> {
        asked(self.entries.iter())
    }
}

#[derive(Default)]
struct Pending<'a> {
    object: Map<String, Json>,
    colours: Vec<(EndpointNumber, &'a str)>,
    transition: bool,
}

impl Entry {
    fn encode(&self, value: &Value) -> Result<Map<String, Json>, EncodeReason> {
        match (&self.codec, self.spread, value) {
            (Codec::Composite(fields), true, Value::Composite(values)) => encode_fields(fields, values),
            (codec, ..) => Ok(Map::from_iter([(self.property.to_string(), codec.encode(value)?)])),
        }
    }
}

fn asked<'a>(entries: impl Iterator<Item = &'a Entry>) -> Option<Map<String, Json>> {
    let mut object = Map::new();
    for entry in entries.filter(|entry| entry.access.read) {
        match (&entry.codec, entry.spread) {
            (Codec::Composite(fields), true) => {
                object.extend(fields.iter().map(|field| (field.0.to_string(), Json::from(""))));
            }
            (Codec::Color(color), _) => {
                let names = if color.prefers_hue_saturation { ["hue", "saturation"] } else { ["x", "y"] };
                let parts = names.into_iter().map(|name| (name.to_owned(), Json::from("")));
                object.insert(entry.property.to_string(), Json::Object(parts.collect()));
            }
            _ => {
                object.insert(entry.property.to_string(), Json::from(""));
            }
        }
    }
    (!object.is_empty()).then_some(object)
}
