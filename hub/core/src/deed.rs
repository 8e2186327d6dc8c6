//! What setting a value comes to, as a person would say it in English: for messages to people.

use std::sync::Arc;

use hub_model::attribute::AttributeSchema;
use hub_model::device::DeviceRecord;
use hub_model::{AttributeName, EndpointNumber, Value};

/// What people have a word for: attribute, value, word. What is a switch has the words of `on`.
const DEEDS: &[(&str, &str, &str)] = &[
    ("on", "true", "switch on"),
    ("on", "false", "switch off"),
    ("locked", "true", "lock"),
    ("locked", "false", "unlock"),
    ("cover_command", "open", "open"),
    ("cover_command", "close", "close"),
    ("cover_command", "stop", "stop"),
];

/// Setting an attribute of a device, e.g. «switch on Hallway lamp» or «set brightness of Hallway lamp to 40 %». No value
/// = to whatever they like.
pub(crate) fn deed(
    device: &str,
    attribute: &AttributeName,
    schema: Option<&AttributeSchema>,
    value: Option<&Value>,
) -> String {
    let label = schema.and_then(|schema| schema.label.as_deref()).unwrap_or(attribute.as_str());
    let thing = format!("{} of {device}", spaced(label));
    let word = |attribute: &str, value: &Value| {
        let text = value.to_string();
        DEEDS.iter().find(|(name, is, _)| *name == attribute && *is == text).map(|(.., word)| *word)
    };
    match value {
        None | Some(Value::Unknown) => format!("change {thing}"),
        Some(value) if let Some(word) = word(attribute.as_str(), value) => format!("{word} {device}"),
        Some(value @ Value::Bool(_)) if let Some(word) = word("on", value) => format!("{word} {thing}"),
        // What has no short form is left to the app, which shows it.
        Some(Value::List(_) | Value::Composite(_)) => format!("change {thing}"),
        Some(value) => {
            let unit = schema.and_then(|schema| schema.unit.as_deref()).map(|unit| format!(" {unit}"));
            format!("set {thing} to {}{}", spaced(&value.to_string()), unit.unwrap_or_default())
        }
    }
}

/// What the part of a device is called that has an attribute: with its label, where several have it.
pub(crate) fn name_of_part(record: &DeviceRecord, attribute: &AttributeName, part: Option<EndpointNumber>) -> Arc<str> {
    let holders = record.device.endpoints.iter().filter(|endpoint| endpoint.attribute(attribute.as_str()).is_some());
    let endpoint = holders.clone().find(|endpoint| Some(endpoint.number) == part).filter(|_| holders.count() > 1);
    match endpoint {
        Some(endpoint) => {
            let label = endpoint.label.as_deref().map_or_else(|| endpoint.number.to_string(), spaced);
            format!("{} ({label})", record.name).into()
        }
        None => Arc::clone(&record.name),
    }
}

/// A word of the table of attributes, as it is read.
fn spaced(word: &str) -> String {
    word.replace('_', " ")
}

#[cfg(test)]
mod tests {
    use hub_model::attribute::{Access, Kind};

    use super::*;

    #[test]
    fn what_is_set_is_said_as_a_person_would() {
        let percent = AttributeSchema::new("brightness", Kind::Number, Access::ALL).unit("%");
        let own = AttributeSchema { label: Some("Night light".into()), ..percent.clone() };
        for (attribute, schema, value, expected) in [
            ("on", None, Some(Value::Bool(true)), "switch on Lamp"),
            ("on", None, Some(Value::Bool(false)), "switch off Lamp"),
            ("locked", None, Some(Value::Bool(false)), "unlock Lamp"),
            ("cover_command", None, Some(Value::Text("open".into())), "open Lamp"),
            ("child_lock", None, Some(Value::Bool(true)), "switch on child lock of Lamp"),
            ("brightness", Some(&percent), Some(Value::Number(40.0)), "set brightness of Lamp to 40 %"),
            ("brightness", Some(&percent), None, "change brightness of Lamp"),
            ("own", Some(&own), Some(Value::Number(2.0)), "set Night light of Lamp to 2 %"),
            ("fan_mode", None, Some(Value::Text("very_high".into())), "set fan mode of Lamp to very high"),
            ("color", None, Some(Value::List(Vec::new().into())), "change color of Lamp"),
        ] {
            assert_eq!(deed("Lamp", &attribute.into(), schema, value.as_ref()), expected);
        }
    }
}
