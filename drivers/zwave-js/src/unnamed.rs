//! Values that have no place among those of `driver-zwave`: shown under Z-Wave JS's own name, so that nothing is dropped.

use std::sync::Arc;

use driver_zwave::attributes::slug;
use driver_zwave::command_class::CommandClass as C;
use hub_model::attribute::Category;
use hub_model::{Access, AttributeSchema, Kind, Value};
use serde_json::{Value as Json, json};

use crate::conversion::number;
use crate::message::{Key, Metadata, ValueId};

/// The longest name of an attribute.
const LONGEST_NAME: usize = 80;
/// The most words of an enumeration.
const MOST_WORDS: usize = 256;
/// The longest text that is shown.
const LONGEST_TEXT: usize = 1_024;

/// An attribute, and the words of its numbers.
#[derive(Clone, PartialEq, Debug)]
pub struct Unnamed {
    /// As the hub is told of it.
    pub schema: AttributeSchema,
    words: Vec<(i64, Arc<str>)>,
}

fn part(key: &Key) -> String {
    match key {
        Key::Number(number) => number.to_string(),
        Key::Word(word) => slug(word),
    }
}

fn name(id: &ValueId) -> String {
    let class = C(id.command_class);
    let name = match (class, &id.property, &id.property_key) {
        // A part of a parameter: its bits, as manuals have them.
        (C::CONFIGURATION, Key::Number(parameter), Some(Key::Number(bits))) => {
            format!("parameter_{parameter}_bits_{bits:x}")
        }
        (_, property, key) => {
            let of = class.name().map_or_else(|| format!("class_{}", class.0), slug);
            let key = key.as_ref().map(|key| format!("_{}", part(key))).unwrap_or_default();
            format!("{of}_{}{key}", part(property))
        }
    };
    name.chars().take(LONGEST_NAME).collect()
}

impl Unnamed {
    /// The attribute of a value; none where it is a secret, which nobody is to see.
    pub fn new(id: &ValueId, metadata: &Metadata) -> Option<Self> {
        if metadata.secret == Some(true) {
            return None;
        }
        let states = metadata.states.iter().flatten();
        let mut words: Vec<(i64, Arc<str>)> = Vec::new();
        for (number, word) in states.filter_map(|(number, word)| Some((number.parse::<i64>().ok()?, word))) {
            let mut word = slug(word);
            if word.is_empty() || words.iter().any(|(_, other)| **other == word) {
                word = number.to_string();
            }
            if words.len() < MOST_WORDS {
                words.push((number, Arc::from(word)));
            }
        }
        words.sort_by_key(|(number, _)| *number);
        let is_enumeration = !words.is_empty() && metadata.allow_manual_entry != Some(true);
        let kind = match metadata.kind.as_str() {
            "boolean" => Kind::Bool,
            "number" if is_enumeration => Kind::Enum,
            "number" | "duration" | "timeout" => Kind::Number,
            _ => Kind::Text,
        };
        if kind != Kind::Enum {
            words.clear();
        }
        // Only what is written as it is read.
        let can_be_set =
            metadata.writeable && matches!(metadata.kind.as_str(), "boolean" | "number" | "string" | "color");
        let access = Access { read: metadata.readable, write: can_be_set, notify: metadata.readable || !can_be_set };
        let mut schema = AttributeSchema::new(name(id), kind, access);
        schema.values = words.iter().map(|(_, word)| Arc::clone(word)).collect();
        let shown =
            |text: &Option<String>| text.as_deref().map(|text| Arc::from(text.chars().take(300).collect::<String>()));
        schema.label = shown(&metadata.label);
        schema.description = shown(&metadata.description);
        if kind == Kind::Number {
            (schema.min, schema.max) = (metadata.min, metadata.max);
            schema.unit = match metadata.kind.as_str() {
                "duration" | "timeout" => Some(Arc::from("s")),
                _ => metadata.unit.as_deref().filter(|unit| !unit.is_empty() && unit.len() <= 16).map(Arc::from),
            };
        }
        schema.category = Some(if can_be_set { Category::Config } else { Category::Diagnostic });
        Some(Self { schema, words })
    }

    /// The value of the attribute.
    pub fn value(&self, value: &Json) -> Value {
        let text = |text: String| Value::text(text.chars().take(LONGEST_TEXT).collect::<String>());
        match (self.schema.kind, value) {
            (_, Json::Null) => Value::Unknown,
            (Kind::Bool, value) => value.as_bool().map_or(Value::Unknown, Value::Bool),
            (Kind::Enum, value) => {
                let number = value.as_i64();
                let word = number.and_then(|number| self.words.iter().find(|(known, _)| *known == number));
                match (word, number) {
                    (Some((_, word)), _) => Value::Text(Arc::clone(word)),
                    (None, Some(number)) => Value::text(number.to_string()),
                    (None, None) => Value::Unknown,
                }
            }
            (Kind::Number, Json::Object(duration)) => seconds(duration).map_or(Value::Unknown, Value::number),
            (Kind::Number, value) => value.as_f64().map_or(Value::Unknown, Value::number),
            (_, Json::String(words)) => text(words.clone()),
            (_, value) => text(value.to_string()),
        }
    }

    /// What is set for a wish; none = it does not fit.
    pub fn json(&self, wanted: &Value) -> Option<Json> {
        Some(match (self.schema.kind, wanted) {
            (Kind::Bool, Value::Bool(flag)) => json!(flag),
            (Kind::Number, Value::Number(wanted)) => number(*wanted),
            (Kind::Enum, Value::Text(word)) => json!(self.words.iter().find(|(_, known)| known == word)?.0),
            (Kind::Text, Value::Text(text)) => json!(&**text),
            _ => return None,
        })
    }
}

/// A duration is a number and its unit.
fn seconds(duration: &serde_json::Map<String, Json>) -> Option<f64> {
    let of = duration.get("value").and_then(Json::as_f64)?;
    match duration.get("unit").and_then(Json::as_str)? {
        "seconds" => Some(of),
        "minutes" => Some(of * 60.0),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_knows_is_shown_all_the_same() {
        let id = ValueId::new(0x75, 0, "exclusiveControlNodeId", None);
        let metadata = Metadata { kind: "number".into(), readable: true, writeable: true, ..Metadata::default() };
        let unnamed = Unnamed::new(&id, &metadata).unwrap();
        assert_eq!(unnamed.schema.name.as_str(), "protection_exclusivecontrolnodeid");
        assert_eq!((unnamed.value(&json!(7)), unnamed.json(&Value::Number(7.0))), (Value::Number(7.0), Some(json!(7))));
        assert_eq!(unnamed.value(&json!({"value": 2, "unit": "minutes"})), Value::Number(120.0));
    }

    #[test]
    fn numbers_that_have_words_are_words() {
        let bits = ValueId {
            property: Key::Number(3),
            property_key: Some(Key::Number(255)),
            ..ValueId::new(0x70, 0, "", None)
        };
        let states =
            [("0", "Off"), ("1", "On"), ("2", "On")].map(|(number, word)| (number.to_owned(), word.to_owned()));
        let metadata = Metadata {
            kind: "number".into(),
            readable: true,
            writeable: true,
            states: Some(states.into()),
            ..Metadata::default()
        };
        let unnamed = Unnamed::new(&bits, &metadata).unwrap();
        assert_eq!(unnamed.schema.name.as_str(), "parameter_3_bits_ff");
        assert_eq!(unnamed.schema.values, ["off", "on", "2"].map(Arc::from));
        assert_eq!(unnamed.json(&Value::text("2")), Some(json!(2)));
        assert_eq!(unnamed.value(&json!(9)), Value::text("9"));
    }

    #[test]
    fn a_secret_is_not_shown() {
        let metadata = Metadata { secret: Some(true), kind: "string".into(), ..Metadata::default() };
        assert_eq!(Unnamed::new(&ValueId::new(99, 0, "masterCode", None), &metadata), None);
    }
}
