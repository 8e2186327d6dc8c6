//! Values as the home's devices take them.

use hub_model::attribute::WrongValue;
use hub_model::{AttributeSchema, Kind, Said, Value};

use super::Compiler;
use super::devices::Found;
use crate::document::words::parse_with_unit;
use crate::document::written::{Placed, Range};
use crate::rule::{NumberRange, Pattern};

impl Compiler<'_> {
    /// A value as it is sent.
    pub(super) fn value(&mut self, schema: &AttributeSchema, written: &Placed<Value>) -> Option<Value> {
        match fit(schema, &written.value) {
            Ok(value) => Some(value),
            Err(message) => {
                self.wrong(&written.place, "bad_value", message);
                None
            }
        }
    }

    /// Values that states are compared with. Unknown can be come from or gone to, but nothing is equal to it.
    pub(super) fn patterns(&mut self, found: &[Found<'_>], written: &[Placed<Value>], unknown: bool) -> Vec<Pattern> {
        let mut patterns: Vec<Pattern> = Vec::new();
        for value in written {
            for found in found {
                let pattern = match (&value.value, unknown) {
                    (Value::Unknown, true) => Pattern { value: Value::Unknown, tolerance: 0.0 },
                    (Value::Unknown, false) => {
                        let text = "nothing is equal to an unknown value; give a value";
                        self.wrong(&value.place, "bad_value", Said::new("unknown", text));
                        break;
                    }
                    _ => match self.value(found.schema, value) {
                        Some(value) => Pattern { value, tolerance: found.schema.tolerance() / 2.0 },
                        None => break,
                    },
                };
                if !patterns.contains(&pattern) {
                    patterns.push(pattern);
                }
            }
        }
        patterns
    }

    /// A range of numbers. The bounds are limits, not values: they may lie outside what the device can say.
    pub(super) fn range(&mut self, found: &[Found<'_>], written: &Range) -> NumberRange {
        for found in found {
            if found.schema.kind != Kind::Number
                && let Some(bound) = written.above.as_ref().or(written.below.as_ref())
            {
                let text = format!("{} is no number but {}", found.schema.name, found.schema.kind.as_str());
                let message = Said::new("no_number", text).with("attribute", &found.schema.name);
                self.wrong(&bound.place, "bad_value", message);
                break;
            }
        }
        let unit = found.first().and_then(|found| found.schema.unit.as_deref());
        let mut bound = |written: &Option<Placed<Value>>| {
            let written = written.as_ref()?;
            let number = match &written.value {
                Value::Text(text) => parse_with_unit(text, unit),
                value => value.as_number(),
            };
            if number.is_none() {
                let text = match unit {
                    Some(unit) => format!("{} is no number; give one in {unit}", written.value),
                    None => format!("{} is no number", written.value),
                };
                let message = Said::new(if unit.is_some() { "number_in" } else { "number" }, text);
                let message = message.with("value", &written.value).with_some("unit", unit);
                self.wrong(&written.place, "bad_value", message);
            }
            number
        };
        NumberRange { above: bound(&written.above), below: bound(&written.below) }
    }
}

/// A written value as the attribute wants it: `40%` is a number where percent is the unit.
pub(crate) fn fit(schema: &AttributeSchema, written: &Value) -> Result<Value, Said> {
    let value = match (schema.kind, written) {
        (Kind::Number, Value::Text(text)) => {
            parse_with_unit(text, schema.unit.as_deref()).map_or_else(|| written.clone(), Value::number)
        }
        _ => written.clone(),
    };
    schema.check(&value).map(|()| value).map_err(|error| match (&error.reason, written) {
        (WrongValue::Kind { wanted: Kind::Bool }, Value::Text(text)) => match crate::document::bool_hint(text) {
            Some(meant) => Said::new("boolean_word", format!("{} cannot be {text:?}; write {meant}", schema.name))
                .with("value", meant),
            None => error.said(),
        },
        _ => error.said(),
    })
}
