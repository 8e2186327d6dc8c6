//! Values of attributes.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde::de::{MapAccess, SeqAccess, Visitor};
use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The value of an attribute: JSON-shaped. The attribute's schema says whether a text is one of an enumeration and
/// whether a composite is a colour.
#[derive(Clone, Debug, PartialEq, Default)]
pub enum Value {
    /// Never reported, or the device said that it does not know. Not false, not zero.
    #[default]
    Unknown,
    /// On or off, detected or not.
    Bool(bool),
    /// A finite number. Build it with [`Value::number`].
    Number(f64),
    /// A text, or one of the values of an enumeration.
    Text(Arc<str>),
    /// Values in order.
    List(Arc<[Value]>),
    /// Named fields; also colours: `{hue, saturation}` or `{x, y}`.
    Composite(Arc<BTreeMap<Arc<str>, Value>>),
}

impl Value {
    /// A number; not-a-number and the infinities are unknown.
    pub fn number(number: f64) -> Self {
        if number.is_finite() { Self::Number(number) } else { Self::Unknown }
    }

    /// A text.
    pub fn text(text: impl Into<Arc<str>>) -> Self {
        Self::Text(text.into())
    }

    /// A composite of these fields.
    pub fn composite<N: Into<Arc<str>>>(fields: impl IntoIterator<Item = (N, Value)>) -> Self {
        Self::Composite(Arc::new(fields.into_iter().map(|(name, value)| (name.into(), value)).collect()))
    }

    /// A list of these values.
    pub fn list(values: impl IntoIterator<Item = Value>) -> Self {
        Self::List(values.into_iter().collect())
    }

    /// Whether nothing is known.
    pub fn is_unknown(&self) -> bool {
        matches!(self, Self::Unknown)
    }

    /// The boolean, if it is one.
    pub fn as_bool(&self) -> Option<bool> {
        if let Self::Bool(value) = self { Some(*value) } else { None }
    }

    /// The number, if it is one.
    pub fn as_number(&self) -> Option<f64> {
        if let Self::Number(value) = self { Some(*value) } else { None }
    }

    /// The text, if it is one.
    pub fn as_text(&self) -> Option<&str> {
        if let Self::Text(value) = self { Some(value) } else { None }
    }

    /// The field of a composite.
    pub fn field(&self, name: &str) -> Option<&Value> {
        if let Self::Composite(fields) = self { fields.get(name) } else { None }
    }

    /// Whether a report of `self` confirms a wish for `wanted`: equal, or numbers no further apart than one `step`
    /// (40 % may come back as 40.2 % from a device with 254 levels). Composites agree when every wished field does,
    /// colours when they look the same, in whichever form they are given.
    pub fn confirms(&self, wanted: &Self, step: f64) -> bool {
        match (self, wanted) {
            (Self::Number(reported), Self::Number(wanted)) => (reported - wanted).abs() <= step + 1e-9,
            (Self::Composite(reported), Self::Composite(wanted)) => match crate::color::agree(reported, wanted) {
                Some(agree) => agree,
                None => wanted
                    .iter()
                    .all(|(name, wanted)| reported.get(name).is_some_and(|reported| reported.confirms(wanted, step))),
            },
            (reported, wanted) => reported == wanted,
        }
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}
impl From<f64> for Value {
    fn from(value: f64) -> Self {
        Self::number(value)
    }
}
impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::text(value)
    }
}

/// As people read it: `on` stays `true`, 40.0 is `40`, unknown is `unknown`.
impl fmt::Display for Value {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown => formatter.write_str("unknown"),
            Self::Bool(value) => write!(formatter, "{value}"),
            Self::Number(value) => write!(formatter, "{value}"),
            Self::Text(value) => formatter.write_str(value),
            Self::List(values) => {
                formatter.write_str("[")?;
                for (index, value) in values.iter().enumerate() {
                    write!(formatter, "{}{value}", if index > 0 { ", " } else { "" })?;
                }
                formatter.write_str("]")
            }
            Self::Composite(fields) => {
                formatter.write_str("{")?;
                for (index, (name, value)) in fields.iter().enumerate() {
                    write!(formatter, "{}{name}: {value}", if index > 0 { ", " } else { "" })?;
                }
                formatter.write_str("}")
            }
        }
    }
}

/// Plain JSON: unknown is `null`, whole numbers are written without a fraction.
impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Unknown => serializer.serialize_unit(),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Number(value) if value.fract() == 0.0 && value.abs() < 9e15 => {
                serializer.serialize_i64(*value as i64)
            }
            Self::Number(value) => serializer.serialize_f64(*value),
            Self::Text(value) => serializer.serialize_str(value),
            Self::List(values) => {
                let mut sequence = serializer.serialize_seq(Some(values.len()))?;
                for value in values.iter() {
                    sequence.serialize_element(value)?;
                }
                sequence.end()
            }
            Self::Composite(fields) => {
                let mut map = serializer.serialize_map(Some(fields.len()))?;
                for (name, value) in fields.iter() {
                    map.serialize_entry(&**name, value)?;
                }
                map.end()
            }
        }
    }
}

/// From any self-describing format. Of doubled keys the last counts.
impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ValueVisitor;
        impl<'de> Visitor<'de> for ValueVisitor {
            type Value = Value;
            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a value")
            }
            fn visit_unit<E>(self) -> Result<Value, E> {
                Ok(Value::Unknown)
            }
            fn visit_none<E>(self) -> Result<Value, E> {
                Ok(Value::Unknown)
            }
            fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
                Value::deserialize(deserializer)
            }
            fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
                Ok(Value::Bool(value))
            }
            fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
                Ok(Value::Number(value as f64))
            }
            fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
                Ok(Value::Number(value as f64))
            }
            fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
                Ok(Value::number(value))
            }
            fn visit_str<E>(self, value: &str) -> Result<Value, E> {
                Ok(Value::text(value))
            }
            fn visit_string<E>(self, value: String) -> Result<Value, E> {
                Ok(Value::text(value))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Value, A::Error> {
                let mut values = Vec::new();
                while let Some(value) = sequence.next_element()? {
                    values.push(value);
                }
                Ok(Value::List(values.into()))
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
                let mut fields = BTreeMap::new();
                while let Some((name, value)) = map.next_entry::<String, Value>()? {
                    fields.insert(Arc::from(name), value);
                }
                Ok(Value::Composite(Arc::new(fields)))
            }
        }
        deserializer.deserialize_any(ValueVisitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_plain_json() {
        let text = r#"{"a":null,"b":[true,40,40.2,"on"],"c":{"hue":30}}"#;
        let value: Value = serde_json::from_str(text).unwrap();
        assert_eq!(serde_json::to_string(&value).unwrap(), text);
    }

    #[test]
    fn not_a_number_is_unknown() {
        assert_eq!(Value::number(f64::NAN), Value::Unknown);
        assert_eq!(Value::number(f64::INFINITY), Value::Unknown);
    }

    #[test]
    fn a_report_within_one_native_step_confirms() {
        assert!(Value::Number(40.2).confirms(&Value::Number(40.0), 0.4));
        assert!(!Value::Number(41.0).confirms(&Value::Number(40.0), 0.4));
        assert!(!Value::Unknown.confirms(&Value::Bool(false), 0.0));
    }

    #[test]
    fn colours_confirm_each_other_in_either_form() {
        let color = |a, x, b, y| Value::composite([(a, Value::Number(x)), (b, Value::Number(y))]);
        let orange = color("hue", 30.0, "saturation", 100.0);
        let (x, y) = crate::color::hue_saturation_to_xy(30.0, 100.0);
        assert!(color("x", x, "y", y).confirms(&orange, 1.0));
        assert!(color("hue", 359.6, "saturation", 80.0).confirms(&color("hue", 0.0, "saturation", 80.0), 1.0));
        assert!(!color("x", 0.17, "y", 0.7).confirms(&orange, 1.0));
        assert!(!color("x", 0.17, "y", 0.7).confirms(&color("x", 0.69, "y", 0.3), 1.0));
    }
}
