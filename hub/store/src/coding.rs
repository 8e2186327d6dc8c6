//! Binary forms of values, causes and decisions.

use std::collections::BTreeMap;
use std::sync::Arc;

use hub_model::record::{DecidedOn, Decision};
use hub_model::{Cause, Timestamp, Value};

use crate::bytes::{Malformed, Reader, put_blob, put_signed, put_text, put_unsigned};

/// Values nested deeper are kept as unknown: no device has any, and reading them back must not overflow a stack.
const DEPTH_LIMIT: usize = 16;

/// Decimal places up to which numbers are kept as scaled integers.
pub(crate) const SCALE_LIMIT: u8 = 6;
const POWERS: [f64; SCALE_LIMIT as usize + 1] = [1.0, 10.0, 100.0, 1e3, 1e4, 1e5, 1e6];

const UNKNOWN: u8 = 0;
const FALSE: u8 = 1;
const TRUE: u8 = 2;
const FLOAT: u8 = 3;
const TEXT: u8 = 4;
const LIST: u8 = 5;
const COMPOSITE: u8 = 6;
const SCALED: u8 = 8;

/// The integer that is `number` × 10^`scale`, if dividing gives back exactly the number.
pub(crate) fn scaled(number: f64, scale: u8) -> Option<i64> {
    let power = POWERS.get(usize::from(scale))?;
    let integer = (number * power).round();
    let exact = integer.abs() < 9e15 && (integer as i64 as f64 / power).to_bits() == number.to_bits();
    exact.then_some(integer as i64)
}

/// The number that [`scaled`] was made from.
pub(crate) fn unscaled(integer: i64, scale: u8) -> Result<f64, Malformed> {
    POWERS.get(usize::from(scale)).map(|power| integer as f64 / power).ok_or(Malformed("a scale is too great"))
}

/// The fewest decimal places that hold the number exactly.
pub(crate) fn least_scale(number: f64) -> Option<u8> {
    (0..=SCALE_LIMIT).find(|scale| scaled(number, *scale).is_some())
}

pub(crate) fn put_value(out: &mut Vec<u8>, value: &Value) {
    put_nested(out, value, 0);
}

fn put_nested(out: &mut Vec<u8>, value: &Value, depth: usize) {
    match value {
        Value::List(_) | Value::Composite(_) if depth >= DEPTH_LIMIT => out.push(UNKNOWN),
        Value::Unknown => out.push(UNKNOWN),
        Value::Bool(false) => out.push(FALSE),
        Value::Bool(true) => out.push(TRUE),
        Value::Number(number) => {
            match least_scale(*number).and_then(|scale| scaled(*number, scale).map(|integer| (scale, integer))) {
                Some((scale, integer)) => {
                    out.push(SCALED + scale);
                    put_signed(out, integer);
                }
                None => {
                    out.push(FLOAT);
                    out.extend_from_slice(&number.to_le_bytes());
                }
            }
        }
        Value::Text(text) => {
            out.push(TEXT);
            put_text(out, text);
        }
        Value::List(values) => {
            out.push(LIST);
            put_unsigned(out, values.len() as u64);
            values.iter().for_each(|value| put_nested(out, value, depth + 1));
        }
        Value::Composite(fields) => {
            out.push(COMPOSITE);
            put_unsigned(out, fields.len() as u64);
            for (name, value) in fields.iter() {
                put_text(out, name);
                put_nested(out, value, depth + 1);
            }
        }
    }
}

pub(crate) fn value(reader: &mut Reader<'_>) -> Result<Value, Malformed> {
    nested(reader, 0)
}

fn nested(reader: &mut Reader<'_>, depth: usize) -> Result<Value, Malformed> {
    if depth > DEPTH_LIMIT {
        return Err(Malformed("a value is nested too deeply"));
    }
    Ok(match reader.byte()? {
        UNKNOWN => Value::Unknown,
        FALSE => Value::Bool(false),
        TRUE => Value::Bool(true),
        FLOAT => Value::number(f64::from_le_bytes(reader.array()?)),
        TEXT => Value::text(reader.text()?),
        LIST => {
            let count = reader.count()?;
            Value::List((0..count).map(|_| nested(reader, depth + 1)).collect::<Result<Vec<_>, _>>()?.into())
        }
        COMPOSITE => {
            let count = reader.count()?;
            let mut fields = BTreeMap::new();
            for _ in 0..count {
                let name: Arc<str> = reader.text()?.into();
                fields.insert(name, nested(reader, depth + 1)?);
            }
            Value::Composite(Arc::new(fields))
        }
        tag @ SCALED..=0x0f => Value::number(unscaled(reader.signed()?, tag - SCALED)?),
        _ => return Err(Malformed("a value has an unknown tag")),
    })
}

pub(crate) fn put_cause(out: &mut Vec<u8>, cause: &Cause) {
    match cause {
        Cause::Report => out.push(0),
        Cause::Command { command } => {
            out.push(1);
            put_text(out, command.as_str());
        }
        Cause::Person { account, via } => {
            out.push(2);
            put_text(out, account.as_str());
            put_text(out, via);
        }
        Cause::Rule { automation, run, depth, parent: _ } => {
            out.push(3);
            put_text(out, automation.as_str());
            put_text(out, run.as_str());
            put_unsigned(out, u64::from(*depth));
        }
        Cause::Schedule => out.push(4),
        Cause::Restore => out.push(5),
        Cause::System => out.push(6),
    }
}

pub(crate) fn cause(reader: &mut Reader<'_>) -> Result<Cause, Malformed> {
    Ok(match reader.byte()? {
        0 => Cause::Report,
        1 => Cause::Command { command: reader.text()?.into() },
        2 => Cause::Person { account: reader.text()?.into(), via: reader.text()?.into() },
        3 => Cause::Rule {
            automation: reader.text()?.into(),
            run: reader.text()?.into(),
            depth: u32::try_from(reader.unsigned()?).unwrap_or(u32::MAX),
            parent: None,
        },
        4 => Cause::Schedule,
        5 => Cause::Restore,
        6 => Cause::System,
        _ => return Err(Malformed("a cause has an unknown tag")),
    })
}

pub(crate) fn put_decision(out: &mut Vec<u8>, decision: &Decision) {
    put_text(out, decision.automation.as_str());
    put_optional(out, decision.run.as_ref().map(|run| run.as_str().as_bytes()));
    put_signed(out, decision.at.0);
    put_optional(out, decision.state.as_deref());
    put_unsigned(out, decision.decided_on.len() as u64);
    decision.decided_on.iter().for_each(|fact| put_decided_on(out, fact));
}

pub(crate) fn decision(reader: &mut Reader<'_>) -> Result<Decision, Malformed> {
    Ok(Decision {
        automation: reader.text()?.into(),
        run: optional(reader)?
            .map(|run| std::str::from_utf8(run).map(Into::into).map_err(|_| Malformed("a text is not UTF-8")))
            .transpose()?,
        at: Timestamp(reader.signed()?),
        state: optional(reader)?.map(Arc::from),
        decided_on: {
            let count = reader.count()?;
            (0..count).map(|_| decided_on(reader)).collect::<Result<_, _>>()?
        },
    })
}

pub(crate) fn put_decided_on(out: &mut Vec<u8>, fact: &DecidedOn) {
    put_text(out, fact.device.as_str());
    put_unsigned(out, u64::from(fact.endpoint));
    put_text(out, fact.attribute.as_str());
    put_value(out, &fact.value);
    put_signed(out, fact.changed_at.0);
}

pub(crate) fn decided_on(reader: &mut Reader<'_>) -> Result<DecidedOn, Malformed> {
    Ok(DecidedOn {
        device: reader.text()?.into(),
        endpoint: u16::try_from(reader.unsigned()?).map_err(|_| Malformed("an endpoint is too great"))?,
        attribute: reader.text()?.into(),
        value: value(reader)?,
        changed_at: Timestamp(reader.signed()?),
    })
}

fn put_optional(out: &mut Vec<u8>, bytes: Option<&[u8]>) {
    out.push(u8::from(bytes.is_some()));
    if let Some(bytes) = bytes {
        put_blob(out, bytes);
    }
}

fn optional<'a>(reader: &mut Reader<'a>) -> Result<Option<&'a [u8]>, Malformed> {
    match reader.byte()? {
        0 => Ok(None),
        1 => reader.blob().map(Some),
        _ => Err(Malformed("an optional part has an unknown tag")),
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Values as devices have them, decimals above all.
    pub(crate) fn any_value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Unknown),
            any::<bool>().prop_map(Value::Bool),
            any::<f64>().prop_map(Value::number),
            (-100_000i64..100_000, 0u8..=3)
                .prop_map(|(integer, scale)| Value::Number(unscaled(integer, scale).unwrap())),
            ".{0,12}".prop_map(Value::text),
        ];
        leaf.prop_recursive(3, 24, 4, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::list),
                proptest::collection::btree_map("[a-z]{1,4}", inner, 0..4).prop_map(Value::composite),
            ]
        })
    }

    proptest! {
        #[test]
        fn values_come_back(expected in any_value()) {
            let mut bytes = Vec::new();
            put_value(&mut bytes, &expected);
            let mut reader = Reader::new(&bytes);
            prop_assert_eq!(value(&mut reader).unwrap(), expected);
            prop_assert!(reader.is_empty());
        }

        #[test]
        fn any_bytes_are_read_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = value(&mut Reader::new(&bytes));
            let _ = cause(&mut Reader::new(&bytes));
            let _ = decision(&mut Reader::new(&bytes));
        }
    }

    #[test]
    fn usual_numbers_are_short() {
        for (number, length) in [(0.0, 2), (21.5, 3), (-40.0, 2), (230.12, 4), (1.0 / 3.0, 9)] {
            let mut bytes = Vec::new();
            put_value(&mut bytes, &Value::Number(number));
            assert_eq!(bytes.len(), length, "{number}");
        }
    }

    #[test]
    fn values_nested_too_deeply_are_cut() {
        let mut deep = Value::Bool(true);
        for _ in 0..100 {
            deep = Value::list([deep]);
        }
        let mut bytes = Vec::new();
        put_value(&mut bytes, &deep);
        assert!(value(&mut Reader::new(&bytes)).is_ok());
    }

    #[test]
    fn decisions_come_back() {
        let expected = Decision {
            automation: "hall".into(),
            run: Some("r1".into()),
            at: Timestamp(1),
            state: Some(Arc::from(&b"\0x"[..])),
            decided_on: vec![DecidedOn {
                device: "a:1".into(),
                endpoint: 1,
                attribute: "on".into(),
                value: true.into(),
                changed_at: Timestamp(-5),
            }],
        };
        for expected in [expected.clone(), Decision { run: None, state: None, decided_on: Vec::new(), ..expected }] {
            let mut bytes = Vec::new();
            put_decision(&mut bytes, &expected);
            assert_eq!(decision(&mut Reader::new(&bytes)).unwrap(), expected);
        }
    }
}
