//! Between the hub's values and minijinja's, and what is the same or less.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::Arc;

use hub_model::Value;
use minijinja::value::{Value as Dynamic, ValueKind};
use minijinja::{Error, ErrorKind};

use super::time::Time;

/// How many items a list may have, those of lists in it counted.
pub(super) const MAX_ITEMS: usize = 1_000;
/// How long a text may be, in bytes.
pub(super) const MAX_TEXT: usize = 16 * 1024;
/// How deep values may be nested.
const MAX_DEPTH: usize = 32;

/// Why there is no value.
pub(super) fn wrong(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::InvalidOperation, message.into())
}

/// Whether nothing is known: a value that is not there is unknown too.
pub(super) fn is_unknown(value: &Dynamic) -> bool {
    value.is_none() || value.is_undefined()
}

/// The seconds since 1970 of a time.
pub(super) fn seconds(value: &Dynamic) -> Option<f64> {
    value.downcast_object_ref::<Time>().map(Time::seconds)
}

/// A value of the hub for expressions: whole numbers are integers there, unknown is `none`.
pub(super) fn from_hub(value: &Value) -> Dynamic {
    from_hub_at(value, 0)
}

fn from_hub_at(value: &Value, depth: usize) -> Dynamic {
    match value {
        _ if depth > MAX_DEPTH => Dynamic::from(()),
        Value::Unknown => Dynamic::from(()),
        Value::Bool(value) => Dynamic::from(*value),
        Value::Number(value) if value.fract() == 0.0 && value.abs() < 9e15 => Dynamic::from(*value as i64),
        Value::Number(value) => Dynamic::from(*value),
        Value::Text(value) => Dynamic::from(&**value),
        Value::List(values) => values.iter().map(|value| from_hub_at(value, depth + 1)).collect(),
        Value::Composite(fields) => {
            Dynamic::from_pairs(fields.iter().map(|(name, value)| (&**name, from_hub_at(value, depth + 1))))
        }
    }
}

/// A value of the hub, or why there is none.
pub(super) fn to_hub(value: &Dynamic) -> Result<Value, Error> {
    to_hub_at(value, 0, &mut 0)
}

fn to_hub_at(value: &Dynamic, depth: usize, items: &mut usize) -> Result<Value, Error> {
    *items += 1;
    if *items > MAX_ITEMS {
        return Err(wrong(format!("a list has at most {MAX_ITEMS} items")));
    }
    if depth > MAX_DEPTH {
        return Err(wrong(format!("a value is nested at most {MAX_DEPTH} deep")));
    }
    Ok(match value.kind() {
        ValueKind::Undefined | ValueKind::None => Value::Unknown,
        ValueKind::Bool => Value::Bool(value.is_true()),
        ValueKind::Number => Value::number(f64::try_from(value.clone())?),
        ValueKind::String => Value::text(short(value.as_str().unwrap_or_default())?),
        ValueKind::Seq | ValueKind::Iterable => {
            let mut list = Vec::new();
            for item in value.try_iter()? {
                list.push(to_hub_at(&item, depth + 1, items)?);
            }
            Value::list(list)
        }
        ValueKind::Map => {
            let mut fields: BTreeMap<Arc<str>, Value> = BTreeMap::new();
            for key in value.try_iter()? {
                let name = key.as_str().ok_or_else(|| wrong("the names of fields must be texts"))?;
                fields.insert(short(name)?.into(), to_hub_at(&value.get_item(&key)?, depth + 1, items)?);
            }
            Value::Composite(Arc::new(fields))
        }
        kind => match value.downcast_object_ref::<Time>() {
            Some(time) => Value::text(time.to_string()),
            None => return Err(wrong(format!("{kind} is not a value"))),
        },
    })
}

fn short(text: &str) -> Result<&str, Error> {
    if text.len() > MAX_TEXT { Err(wrong(format!("a text has at most {MAX_TEXT} bytes"))) } else { Ok(text) }
}

/// A value as people read it: `true`, `40`, `unknown`.
pub(super) fn text(value: &Dynamic) -> Result<String, Error> {
    match value.as_str() {
        Some(text) => Ok(text.to_owned()),
        None => {
            let text = to_hub(value)?.to_string();
            short(&text)?;
            Ok(text)
        }
    }
}

/// `value, operator, value, operator, value …`: whether each of the comparisons holds. With an unknown value none does
/// but `==` and `!=`.
pub(super) fn compare(chain: &[Dynamic]) -> Result<bool, Error> {
    for link in chain.windows(3).step_by(2) {
        let [left, operator, right] = link else { continue };
        let operator = operator.as_str().unwrap_or_default();
        if !holds(left, operator, right)? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn holds(left: &Dynamic, operator: &str, right: &Dynamic) -> Result<bool, Error> {
    if matches!(operator, "==" | "!=") {
        return Ok(same(left, right)? == (operator == "=="));
    }
    if is_unknown(left) || is_unknown(right) {
        return Ok(false);
    }
    let number = |value: &Dynamic| match value.kind() {
        ValueKind::Number => f64::try_from(value.clone()).ok(),
        _ => seconds(value),
    };
    let ordering = match (number(left), number(right), left.as_str(), right.as_str()) {
        (Some(left), Some(right), ..) => left.partial_cmp(&right),
        (.., Some(left), Some(right)) => Some(left.cmp(right)),
        _ => {
            let (left, right) = (kind(left), kind(right));
            return Err(wrong(format!("{left} cannot be compared with {right} by {operator}")));
        }
    };
    Ok(ordering.is_some_and(|ordering| match operator {
        "<" => ordering == Ordering::Less,
        "<=" => ordering != Ordering::Greater,
        ">" => ordering == Ordering::Greater,
        _ => ordering != Ordering::Less,
    }))
}

fn same(left: &Dynamic, right: &Dynamic) -> Result<bool, Error> {
    Ok(match (seconds(left), seconds(right), left.as_str(), right.as_str()) {
        (Some(left), Some(right), ..) => left == right,
        (.., Some(left), Some(right)) => left == right,
        _ => to_hub(left)? == to_hub(right)?,
    })
}

/// What people call a kind of value.
pub(super) fn kind(value: &Dynamic) -> String {
    match value.kind() {
        _ if is_unknown(value) => "unknown".to_owned(),
        ValueKind::Bool => "true or false".to_owned(),
        ValueKind::Number => "a number".to_owned(),
        ValueKind::String => "a text".to_owned(),
        ValueKind::Seq | ValueKind::Iterable => "a list".to_owned(),
        ValueKind::Map => "a value with fields".to_owned(),
        _ if seconds(value).is_some() => "a time".to_owned(),
        other => other.to_string(),
    }
}
