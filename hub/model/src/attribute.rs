//! What an attribute is: its name, kind, unit, range and what may be done with it.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::id::AttributeName;
use crate::said::{Params, Said};
use crate::value::Value;

/// The kind of an attribute's values.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// True or false.
    Bool,
    /// A finite number in the attribute's unit.
    Number,
    /// One text of a closed list.
    Enum,
    /// Any text.
    Text,
    /// A colour: `{hue: 0–360, saturation: 0–100}` or `{x, y}` (CIE 1931).
    Color,
    /// Named fields.
    Composite,
    /// Values of one kind in order.
    List,
}

impl Kind {
    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Bool => "bool",
            Self::Number => "number",
            Self::Enum => "enum",
            Self::Text => "text",
            Self::Color => "color",
            Self::Composite => "composite",
            Self::List => "list",
        }
    }
}

/// What may be done with an attribute.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Serialize, Deserialize)]
pub struct Access {
    /// The device can be asked for it.
    pub read: bool,
    /// It can be set.
    pub write: bool,
    /// The device reports it by itself.
    pub notify: bool,
}

impl Access {
    /// A sensor's attribute.
    pub const NOTIFY: Self = Self { read: false, write: false, notify: true };
    /// Read and reported.
    pub const READ_NOTIFY: Self = Self { read: true, write: false, notify: true };
    /// All three.
    pub const ALL: Self = Self { read: true, write: true, notify: true };
    /// A button: can be set, has no state.
    pub const WRITE: Self = Self { read: false, write: true, notify: false };

    /// The words on the wire, in order.
    pub fn words(self) -> impl Iterator<Item = &'static str> {
        [(self.read, "read"), (self.write, "write"), (self.notify, "notify")]
            .into_iter()
            .filter_map(|(held, word)| held.then_some(word))
    }
}

/// Where people look for an attribute.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Category {
    /// A setting of the device.
    Config,
    /// About the device, not about the home.
    Diagnostic,
}

/// A value with a name, e.g. `warm` for 370 mired.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Preset {
    /// What people choose.
    pub name: Arc<str>,
    /// The value, in the attribute's unit.
    pub value: Value,
    /// What it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<Arc<str>>,
}

/// The description of one attribute of one endpoint, or of a field of a composite, or of the items of a list.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct AttributeSchema {
    /// Unique on its endpoint.
    pub name: AttributeName,
    /// The kind of its values.
    pub kind: Kind,
    /// What may be done with it.
    pub access: Access,
    /// The unit as people write it (`°C`, `%`, `lx`), canonical; none for numbers without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<Arc<str>>,
    /// The least number that the device accepts or sends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<f64>,
    /// The greatest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<f64>,
    /// The native resolution in the attribute's unit, where it is known. A report within one step confirms a wish.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<f64>,
    /// The values of an enumeration.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<Arc<str>>,
    /// The fields of a composite.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<AttributeSchema>,
    /// What the items of a list are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub item: Option<Box<AttributeSchema>>,
    /// Values with names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub presets: Vec<Preset>,
    /// A name for people, where the device gives one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<Arc<str>>,
    /// What it means, where the device says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<Arc<str>>,
    /// Where people look for it; none = among the main things.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<Category>,
    /// A happening (a button was pressed), never a state: it comes as a device event and has no value.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub momentary: bool,
}

impl AttributeSchema {
    /// An attribute of this name, kind and access, with nothing else said about it.
    pub fn new(name: impl Into<AttributeName>, kind: Kind, access: Access) -> Self {
        Self {
            name: name.into(),
            kind,
            access,
            unit: None,
            min: None,
            max: None,
            step: None,
            values: Vec::new(),
            fields: Vec::new(),
            item: None,
            presets: Vec::new(),
            label: None,
            description: None,
            category: None,
            momentary: false,
        }
    }

    /// The same with a unit.
    pub fn unit(mut self, unit: &str) -> Self {
        self.unit = Some(Arc::from(unit));
        self
    }

    /// The same with a range.
    pub fn range(mut self, min: f64, max: f64) -> Self {
        self.min = Some(min);
        self.max = Some(max);
        self
    }

    /// The same as an enumeration of these values.
    pub fn values<'a>(mut self, values: impl IntoIterator<Item = &'a str>) -> Self {
        self.values = values.into_iter().map(Arc::from).collect();
        self
    }

    /// How far a report may lie from a wish and still confirm it: the native step of a percentage, whose lowest level
    /// stands for 0 too; less than the step of anything else (21 °C is not the 20 °C that were wished); where it is not
    /// known, a 254th of a percentage (the level clusters of Zigbee count to 254), else next to nothing.
    pub fn tolerance(&self) -> f64 {
        match (self.kind, self.step, self.unit.as_deref()) {
            (Kind::Number, Some(step), Some("%")) => step,
            (Kind::Number, Some(step), _) => 0.99 * step,
            (Kind::Number, None, Some("%")) => 0.5,
            (Kind::Color, ..) => 1.0,
            _ => 0.0,
        }
    }

    /// Whether `value` can be sent: kind, range, membership and fields. The error names what is wrong and what is
    /// allowed.
    pub fn check(&self, value: &Value) -> Result<(), ValueError> {
        let wrong = |reason: WrongValue| Err(ValueError { attribute: self.name.clone(), value: value.clone(), reason });
        match (self.kind, value) {
            (Kind::Bool, Value::Bool(_)) | (Kind::Text, Value::Text(_)) => Ok(()),
            (Kind::Number, Value::Number(number)) => {
                // Some definitions have min >= max; such a range says nothing.
                let (min, max) = (self.min.unwrap_or(f64::MIN), self.max.unwrap_or(f64::MAX));
                // Some values with a name lie outside, e.g. the one that stands for «as before».
                let has_name = || self.presets.iter().any(|preset| preset.value == *value);
                if min < max && !(min..=max).contains(number) && !has_name() {
                    return wrong(WrongValue::Range { min: self.min, max: self.max, unit: self.unit.clone() });
                }
                Ok(())
            }
            (Kind::Enum, Value::Text(text)) => {
                if self.values.is_empty() || self.values.contains(text) {
                    return Ok(());
                }
                wrong(WrongValue::NotOneOf { values: self.values.clone() })
            }
            (Kind::Color, Value::Composite(fields)) => {
                let within = |name: &str, max: f64| {
                    fields.get(name).and_then(Value::as_number).is_some_and(|number| (0.0..=max).contains(&number))
                };
                let known = fields.keys().all(|name| matches!(&**name, "hue" | "saturation" | "x" | "y"));
                let hue_saturation = within("hue", 360.0) && within("saturation", 100.0);
                let xy = within("x", 1.0) && within("y", 1.0);
                if known && (hue_saturation || xy) { Ok(()) } else { wrong(WrongValue::Kind { wanted: self.kind }) }
            }
            (Kind::Composite, Value::Composite(fields)) => {
                for (name, value) in fields.iter() {
                    match self.fields.iter().find(|field| field.name.as_str() == &**name) {
                        Some(field) => field.check(value)?,
                        None if self.fields.is_empty() => {}
                        None => return wrong(WrongValue::UnknownField { field: Arc::clone(name) }),
                    }
                }
                Ok(())
            }
            (Kind::List, Value::List(values)) => {
                if let Some(item) = &self.item {
                    values.iter().try_for_each(|value| item.check(value))?;
                }
                Ok(())
            }
            _ => wrong(WrongValue::Kind { wanted: self.kind }),
        }
    }
}

/// A value does not fit its attribute.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{attribute} cannot be {value}: {reason}")]
pub struct ValueError {
    /// The attribute.
    pub attribute: AttributeName,
    /// The value.
    pub value: Value,
    /// Why not.
    pub reason: WrongValue,
}

impl ValueError {
    /// The same, for people of any language.
    pub fn said(&self) -> Said {
        let said = Said::new(self.reason.case(), self.to_string());
        let said = said.with("attribute", &self.attribute).with("value", &self.value);
        self.reason.params().into_iter().fold(said, |said, (name, value)| said.with(name, value))
    }
}

impl WrongValue {
    /// A stable word for what is wrong.
    fn case(&self) -> &'static str {
        match self {
            Self::Kind { wanted: Kind::Bool } => "not_bool",
            Self::Kind { wanted: Kind::Number } => "not_number",
            Self::Kind { wanted: Kind::Enum | Kind::Text } => "not_text",
            Self::Kind { wanted: Kind::Color } => "not_color",
            Self::Kind { wanted: Kind::Composite } => "not_object",
            Self::Kind { wanted: Kind::List } => "not_list",
            Self::Range { min: Some(_), max: Some(_), .. } => "not_between",
            Self::Range { min: Some(_), .. } => "too_little",
            Self::Range { max: Some(_), .. } => "too_much",
            Self::Range { .. } => "out_of_range",
            Self::NotOneOf { .. } => "not_one_of",
            Self::UnknownField { .. } => "unknown_field",
        }
    }

    /// What would be right.
    fn params(&self) -> Params {
        match self {
            Self::Kind { .. } => Params::new(),
            Self::Range { min, max, unit } => {
                let bounds = [("min", min), ("max", max)].into_iter();
                let bounds = bounds.filter_map(|(name, bound)| Some((name, bound.as_ref()?.to_string())));
                bounds.chain([("unit", unit.as_deref().unwrap_or_default().to_owned())]).collect()
            }
            Self::NotOneOf { values } => vec![("values", values.join(", "))],
            Self::UnknownField { field } => vec![("field", field.to_string())],
        }
    }
}

/// What is wrong with a value, and what would be right.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub enum WrongValue {
    Kind { wanted: Kind },
    Range { min: Option<f64>, max: Option<f64>, unit: Option<Arc<str>> },
    NotOneOf { values: Vec<Arc<str>> },
    UnknownField { field: Arc<str> },
}

impl std::fmt::Display for WrongValue {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Kind { wanted: Kind::Bool } => formatter.write_str("give true or false"),
            Self::Kind { wanted: Kind::Number } => formatter.write_str("give a number"),
            Self::Kind { wanted: Kind::Enum | Kind::Text } => formatter.write_str("give a text"),
            Self::Kind { wanted: Kind::Color } => {
                formatter.write_str("give {\"hue\": 0–360, \"saturation\": 0–100} or {\"x\": 0–1, \"y\": 0–1}")
            }
            Self::Kind { wanted: Kind::Composite } => formatter.write_str("give an object"),
            Self::Kind { wanted: Kind::List } => formatter.write_str("give a list"),
            Self::Range { min, max, unit } => {
                let unit = unit.as_deref().unwrap_or("");
                match (min, max) {
                    (Some(min), Some(max)) => write!(formatter, "give {min} to {max} {unit}"),
                    (Some(min), None) => write!(formatter, "give at least {min} {unit}"),
                    (None, Some(max)) => write!(formatter, "give at most {max} {unit}"),
                    (None, None) => formatter.write_str("it is out of range"),
                }
            }
            Self::NotOneOf { values } => {
                formatter.write_str("give one of ")?;
                for (index, value) in values.iter().take(12).enumerate() {
                    write!(formatter, "{}{value}", if index > 0 { ", " } else { "" })?;
                }
                if values.len() > 12 {
                    write!(formatter, " … ({} in all)", values.len())?;
                }
                Ok(())
            }
            Self::UnknownField { field } => write!(formatter, "it has no field {field}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_step_away_is_another_value_but_for_levels() {
        let number = |unit: &str, step: f64| {
            let mut schema = AttributeSchema::new("value", Kind::Number, Access::ALL).unit(unit);
            schema.step = Some(step);
            schema
        };
        for (schema, wanted, reported, confirms) in [
            (number("°C", 1.0), 20.0, 21.0, false),
            (number("°C", 1.0), 20.0, 20.0, true),
            (number("°C", 0.5), 20.3, 20.5, true),
            (number("%", 0.4), 0.0, 0.4, true),
            (number("%", 0.4), 40.0, 40.5, false),
        ] {
            let is_confirmed = Value::number(reported).confirms(&Value::number(wanted), schema.tolerance());
            assert_eq!(is_confirmed, confirms, "{reported} for {wanted} {:?}", schema.unit);
        }
    }
}
