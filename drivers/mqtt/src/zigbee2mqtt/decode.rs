//! From a state of zigbee2mqtt to readings.

use std::sync::Arc;

use driver_api::Reading;
use hub_model::Value;
use serde_json::{Map, Value as Json};

use super::codec::{Codec, composite, round_to, scalar_text};
use super::mapping::{Entry, Mapping};
use super::names::BOOKKEEPING;

/// What a state says.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Decoded {
    /// Values of attributes; unknown where the state says null.
    pub readings: Vec<Reading>,
    /// Momentary things, e.g. a button was pressed.
    pub happenings: Vec<Reading>,
    /// How an update of the firmware goes, where the state says so.
    pub update: Option<FirmwareProgress>,
    /// Properties that no attribute knows, and those whose value makes no sense.
    pub unmapped: Vec<String>,
}

/// The `update` object of a state.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct FirmwareProgress {
    /// idle, available, updating, scheduled; none = not known.
    pub state: Option<Arc<str>>,
    /// How much is done, 0–100 %.
    pub progress: Option<f64>,
    /// Seconds left.
    pub remaining: Option<f64>,
    /// Version of what is installed.
    pub installed_version: Option<Arc<str>>,
    /// Version of the newest there is.
    pub latest_version: Option<Arc<str>>,
}

/// Nested properties of which each part comes on a topic of its own (`color-x`, `color-y`), as far as they have come.
/// Keep one for each device; it never holds more than the device's own properties.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Nested {
    state: Map<String, Json>,
}

impl Mapping {
    /// Reads a state. What is not a JSON object says nothing.
    pub fn decode(&self, payload: &Json) -> Decoded {
        let mut decoded = Decoded::default();
        let Some(state) = payload.as_object() else { return decoded };
        decoded.readings.reserve(state.len());
        for (property, json) in state {
            self.decode_into(&mut decoded, property, json, state);
        }
        decoded
    }

    /// Reads a plain text of the topic `<name>/<path>`. Where a nested property comes in parts, use
    /// [`Self::decode_nested`].
    pub fn decode_property(&self, path: &str, text: &str) -> Decoded {
        self.decode_nested(&mut Nested::default(), path, text)
    }

    /// Reads a plain text of the topic `<name>/<path>`; parts of nested properties are put together in `nested`.
    pub fn decode_nested(&self, nested: &mut Nested, path: &str, text: &str) -> Decoded {
        let mut decoded = Decoded::default();
        if let Some(indexes) = self.by_property.get(path) {
            // Kept for what depends on it, like the form of a colour that is current.
            nested.state.insert(path.to_owned(), Json::String(text.trim().to_owned()));
            for entry in indexes.iter().filter_map(|index| self.entries.get(*index)) {
                let value = match (&entry.codec, entry.spread) {
                    (Codec::Composite(fields), true) => Some(spread_value(fields, &nested.state)),
                    (codec, _) => codec.decode_text(text),
                };
                decoded.take(entry, value);
            }
            return decoded;
        }
        // Properties may hold hyphens themselves: the longest known one counts.
        let split = path.char_indices().rev().filter(|(_, character)| *character == '-');
        for (index, _) in split {
            let (property, part) = (&path[..index], &path[index + 1..]);
            let is_update = property == "update" && self.has_firmware;
            if !is_update && !self.by_property.contains_key(property) {
                continue;
            }
            let json = serde_json::from_str(text.trim()).unwrap_or_else(|_| Json::String(text.trim().to_owned()));
            if !matches!(nested.state.get(property), Some(Json::Object(_))) {
                nested.state.insert(property.to_owned(), Json::Object(Map::new()));
            }
            if let Some(Json::Object(object)) = nested.state.get_mut(property) {
                // A bound against a flood of made-up parts.
                if object.len() < 64 || object.contains_key(part) {
                    object.insert(part.to_owned(), json);
                }
            }
            if let Some(json) = nested.state.get(property) {
                self.decode_into(&mut decoded, property, json, &nested.state);
            }
            return decoded;
        }
        if !BOOKKEEPING.contains(&path) {
            decoded.unmapped.push(path.to_owned());
        }
        decoded
    }

    fn decode_into(&self, decoded: &mut Decoded, property: &str, json: &Json, state: &Map<String, Json>) {
        let Some(indexes) = self.by_property.get(property) else {
            match json {
                Json::Object(update) if property == "update" => self.decode_update(decoded, update),
                _ if BOOKKEEPING.contains(&property) => {}
                _ => decoded.unmapped.push(property.to_owned()),
            }
            return;
        };
        for entry in indexes.iter().filter_map(|index| self.entries.get(*index)) {
            if !entry.access.decode {
                continue;
            }
            match (&entry.codec, entry.spread) {
                (Codec::Composite(fields), true) => {
                    // Its fields come one by one; the first of them speaks for all.
                    let first = fields.iter().find(|field| state.contains_key(&*field.0));
                    if first.is_some_and(|(first, _)| &**first == property) {
                        decoded.take(entry, Some(spread_value(fields, state)));
                    }
                }
                (codec, _) => match codec.decode(json, Some(state)) {
                    Some(value) => decoded.take(entry, Some(value)),
                    // Half a colour: the other half follows.
                    None if matches!(codec, Codec::Color(_)) && json.is_object() => {}
                    None => decoded.take(entry, None),
                },
            }
        }
    }

    fn decode_update(&self, decoded: &mut Decoded, update: &Map<String, Json>) {
        let number = |name: &str| update.get(name).and_then(Json::as_f64).filter(|number| number.is_finite());
        // Minus one stands for «not known».
        let version = |name: &str| {
            let text = update.get(name).and_then(scalar_text)?;
            (text != "-1").then(|| Arc::<str>::from(&*text))
        };
        let progress = FirmwareProgress {
            state: update.get("state").and_then(Json::as_str).map(Arc::from),
            progress: number("progress").map(|percent| round_to(percent.clamp(0.0, 100.0), 1)),
            remaining: number("remaining"),
            installed_version: version("installed_version"),
            latest_version: version("latest_version"),
        };
        if self.has_firmware {
            let text = |text: &Option<Arc<str>>| text.clone().map_or(Value::Unknown, Value::Text);
            let number = |number: Option<f64>| number.map_or(Value::Unknown, Value::number);
            let values = [
                ("update_state", text(&progress.state)),
                ("update_progress", number(progress.progress)),
                ("update_remaining", number(progress.remaining)),
                ("update_installed_version", text(&progress.installed_version)),
                ("update_latest_version", text(&progress.latest_version)),
            ];
            for (attribute, value) in values {
                decoded.readings.push(Reading { endpoint: 0, attribute: attribute.into(), value });
            }
        }
        decoded.update = Some(progress);
    }
}

/// A composite whose fields lie at the top level of the state.
fn spread_value(fields: &[(Arc<str>, Codec)], state: &Map<String, Json>) -> Value {
    composite(
        fields.iter().filter_map(|(name, codec)| Some((Arc::clone(name), codec.decode(state.get(&**name)?, None)?))),
    )
}

impl Decoded {
    /// Files a value where it belongs; none is garbage.
    fn take(&mut self, entry: &Entry, value: Option<Value>) {
        if !entry.access.decode {
            return;
        }
        let Some(value) = value else {
            self.unmapped.push(entry.property.to_string());
            return;
        };
        let reading = Reading { endpoint: entry.endpoint, attribute: entry.name.clone(), value };
        match entry.momentary {
            false => self.readings.push(reading),
            // Null and the empty text only say that nothing happens now.
            true if reading.value.is_unknown() || reading.value.as_text() == Some("") => {}
            true => self.happenings.push(reading),
        }
    }
}
