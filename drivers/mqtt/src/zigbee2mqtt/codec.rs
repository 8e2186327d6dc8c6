//! One value: from the JSON of a state to the hub's value in canonical units, and back.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use hub_model::color::{hue_saturation_to_xy, xy_to_hue_saturation};
use hub_model::{Kind, Value};
use serde_json::{Map, Value as Json};

use super::encode::EncodeReason;

/// How values of one attribute are written in JSON.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Codec {
    /// Two JSON values.
    Bool { on: Json, off: Json },
    /// A number.
    Number(NumberCodec),
    /// Words; numeric ones are written as numbers.
    Enum(Vec<(Arc<str>, Json)>),
    /// Any text.
    Text,
    /// A colour.
    Color(ColorCodec),
    /// An object.
    Composite(Vec<(Arc<str>, Codec)>),
    /// An array.
    List(Box<Codec>),
    /// Whatever comes.
    Raw,
}

/// How a number is converted: `value = raw * factor + offset`, or `value = factor / raw`.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct NumberCodec {
    pub(super) factor: f64,
    pub(super) offset: f64,
    pub(super) reciprocal: bool,
    /// Range of the raw number.
    pub(super) min: Option<f64>,
    pub(super) max: Option<f64>,
    /// Resolution of the raw number.
    pub(super) step: Option<f64>,
    /// Decimal places that a converted value is given.
    pub(super) decimals: i32,
    /// Raw numbers with names.
    pub(super) presets: Vec<(Arc<str>, f64)>,
}

/// Which forms of a colour a device takes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct ColorCodec {
    pub(super) xy: bool,
    pub(super) hue_saturation: bool,
    pub(super) prefers_hue_saturation: bool,
    /// The property that says which form is current.
    pub(super) mode: Arc<str>,
}

impl Codec {
    /// The value; none for garbage. `state` is the whole message, for what depends on another property.
    pub(super) fn decode(&self, json: &Json, state: Option<&Map<String, Json>>) -> Option<Value> {
        if json.is_null() {
            return Some(Value::Unknown);
        }
        match self {
            Self::Bool { on, off } => decode_bool(json, on, off).map(Value::Bool),
            Self::Number(number) => number.decode(json),
            Self::Enum(values) => decode_enum(json, values),
            Self::Text => Some(match scalar_text(json) {
                Some(text) => Value::text(&*text),
                None => Value::text(json.to_string()),
            }),
            Self::Color(color) => color.decode(json.as_object()?, state),
            Self::Composite(fields) => {
                let object = json.as_object()?;
                Some(composite(object.iter().filter_map(|(name, json)| decode_field(fields, name, json))))
            }
            Self::List(item) => {
                Some(Value::list(json.as_array()?.iter().map(|json| item.decode(json, None).unwrap_or_default())))
            }
            Self::Raw => Some(decode_raw(json)),
        }
    }

    /// The value of a plain text, as it comes with one topic for each attribute.
    pub(super) fn decode_text(&self, text: &str) -> Option<Value> {
        if matches!(self, Self::Text) {
            return Some(Value::text(text));
        }
        let trimmed = text.trim();
        if trimmed.is_empty() {
            return Some(Value::Unknown);
        }
        if let Ok(json) = serde_json::from_str::<Json>(trimmed)
            && let Some(value) = self.decode(&json, None)
        {
            return Some(value);
        }
        self.decode(&Json::String(trimmed.to_owned()), None)
    }

    /// The JSON to send, clamped to what the device takes.
    pub(super) fn encode(&self, value: &Value) -> Result<Json, EncodeReason> {
        match (self, value) {
            (_, Value::Unknown) => Err(EncodeReason::Unknown),
            (Self::Bool { on, off }, Value::Bool(value)) => Ok(if *value { on.clone() } else { off.clone() }),
            (Self::Number(number), Value::Number(value)) => number.encode(*value),
            (Self::Number(number), Value::Text(name)) => {
                let preset = number.presets.iter().find(|preset| preset.0 == *name);
                preset.and_then(|preset| json_number(preset.1)).ok_or(EncodeReason::Kind { wanted: Kind::Number })
            }
            (Self::Enum(values), Value::Text(text)) => values
                .iter()
                .find(|value| value.0 == *text)
                .map(|value| value.1.clone())
                .or_else(|| values.is_empty().then(|| Json::from(&**text)))
                .ok_or_else(|| EncodeReason::NotOneOf { values: values.iter().map(|value| value.0.clone()).collect() }),
            (Self::Text, Value::Text(text)) => Ok(Json::from(&**text)),
            (Self::Color(color), Value::Composite(fields)) => color.encode(fields),
            (Self::Composite(fields), Value::Composite(values)) => Ok(Json::Object(encode_fields(fields, values)?)),
            (Self::List(item), Value::List(values)) => {
                values.iter().map(|value| item.encode(value)).collect::<Result<_, _>>().map(Json::Array)
            }
            (Self::Raw, value) => Ok(encode_raw(value)),
            _ => Err(EncodeReason::Kind { wanted: self.kind() }),
        }
    }

    fn kind(&self) -> Kind {
        match self {
            Self::Bool { .. } => Kind::Bool,
            Self::Number(_) => Kind::Number,
            Self::Enum(_) => Kind::Enum,
            Self::Text | Self::Raw => Kind::Text,
            Self::Color(_) => Kind::Color,
            Self::Composite(_) => Kind::Composite,
            Self::List(_) => Kind::List,
        }
    }
}

/// The fields of a composite as a JSON object. A composite without known fields takes any.
pub(super) fn encode_fields(
    fields: &[(Arc<str>, Codec)],
    values: &BTreeMap<Arc<str>, Value>,
) -> Result<Map<String, Json>, EncodeReason> {
    let mut object = Map::new();
    for (name, value) in values {
        let json = match fields.iter().find(|field| field.0 == *name) {
            Some((_, codec)) => codec.encode(value)?,
            None if fields.is_empty() => encode_raw(value),
            None => return Err(EncodeReason::UnknownField { field: Arc::clone(name) }),
        };
        object.insert(name.to_string(), json);
    }
    Ok(object)
}

/// One field of a composite; what its definition does not name is kept as it comes.
fn decode_field(fields: &[(Arc<str>, Codec)], name: &str, json: &Json) -> Option<(Arc<str>, Value)> {
    match fields.iter().find(|field| &*field.0 == name) {
        Some((name, codec)) => Some((Arc::clone(name), codec.decode(json, None)?)),
        None => Some((Arc::from(name), decode_raw(json))),
    }
}

/// A composite of fields.
pub(super) fn composite(fields: impl Iterator<Item = (Arc<str>, Value)>) -> Value {
    Value::Composite(Arc::new(fields.collect()))
}

/// By JSON value first, by text second.
fn decode_bool(json: &Json, on: &Json, off: &Json) -> Option<bool> {
    if json == on {
        return Some(true);
    }
    if json == off {
        return Some(false);
    }
    let text = scalar_text(json)?;
    let is = |value: &Json| scalar_text(value).is_some_and(|value| value.eq_ignore_ascii_case(&text));
    match (is(on), is(off)) {
        (true, false) => return Some(true),
        (false, true) => return Some(false),
        _ => {}
    }
    // ON and OFF for booleans and the other way round; only where «on» means true.
    if matches!(on, Json::Bool(false)) {
        return None;
    }
    match &*text.to_ascii_lowercase() {
        "true" | "on" | "1" => Some(true),
        "false" | "off" | "0" => Some(false),
        _ => None,
    }
}

/// By JSON value first, by text second, by text without regard to case third; a word that the definition does not
/// know passes through.
fn decode_enum(json: &Json, values: &[(Arc<str>, Json)]) -> Option<Value> {
    if let Some((name, _)) = values.iter().find(|(_, native)| native == json) {
        return Some(Value::Text(Arc::clone(name)));
    }
    let text = scalar_text(json)?;
    let same = |native: &Json, eq: fn(&str, &str) -> bool| scalar_text(native).is_some_and(|native| eq(&native, &text));
    let found = values
        .iter()
        .find(|(_, native)| same(native, str::eq))
        .or_else(|| values.iter().find(|(_, native)| same(native, str::eq_ignore_ascii_case)));
    Some(match found {
        Some((name, _)) => Value::Text(Arc::clone(name)),
        None => Value::text(&*text),
    })
}

/// The text of a string, number or boolean.
pub(super) fn scalar_text(json: &Json) -> Option<Cow<'_, str>> {
    match json {
        Json::String(text) => Some(Cow::Borrowed(text)),
        Json::Number(number) => Some(Cow::Owned(number.to_string())),
        Json::Bool(true) => Some(Cow::Borrowed("true")),
        Json::Bool(false) => Some(Cow::Borrowed("false")),
        Json::Null | Json::Array(_) | Json::Object(_) => None,
    }
}

/// A finite number, or a text that is one.
fn json_f64(json: &Json) -> Option<f64> {
    let number = match json {
        Json::Number(number) => number.as_f64(),
        Json::String(text) => text.trim().parse().ok(),
        _ => None,
    };
    number.filter(|number: &f64| number.is_finite())
}

/// A JSON number without a needless fraction.
fn json_number(number: f64) -> Option<Json> {
    if number.fract() == 0.0 && number.abs() < 9e15 {
        return Some(Json::from(number as i64));
    }
    serde_json::Number::from_f64(number).map(Json::Number)
}

pub(super) fn round_to(number: f64, decimals: i32) -> f64 {
    let scale = 10_f64.powi(decimals);
    let scaled = number * scale;
    if scaled.abs() < 9e15 { scaled.round() / scale } else { number }
}

impl NumberCodec {
    /// A number that is passed on as it is.
    pub(super) fn plain(min: Option<f64>, max: Option<f64>, step: Option<f64>) -> Self {
        Self { factor: 1.0, offset: 0.0, reciprocal: false, min, max, step, decimals: 6, presets: Vec::new() }
    }

    fn is_plain(&self) -> bool {
        self.factor == 1.0 && self.offset == 0.0 && !self.reciprocal
    }

    /// From the raw number to the hub's.
    pub(super) fn to_canonical(&self, raw: f64) -> Option<f64> {
        if self.is_plain() {
            return Some(raw);
        }
        let value = match self.reciprocal {
            true if raw <= 0.0 => return None,
            true => self.factor / raw,
            false => raw * self.factor + self.offset,
        };
        value.is_finite().then(|| round_to(value, self.decimals))
    }

    fn decode(&self, json: &Json) -> Option<Value> {
        self.to_canonical(json_f64(json)?).map(Value::number)
    }

    fn encode(&self, value: f64) -> Result<Json, EncodeReason> {
        if !value.is_finite() {
            return Err(EncodeReason::Kind { wanted: Kind::Number });
        }
        // Some values with a name lie outside the range, e.g. the one that stands for «as before».
        if let Some((_, raw)) = self.presets.iter().find(|preset| self.to_canonical(preset.1) == Some(value)) {
            return json_number(*raw).ok_or(EncodeReason::Kind { wanted: Kind::Number });
        }
        let mut raw = match self.reciprocal {
            true if value <= 0.0 => return Err(EncodeReason::NotPositive),
            true => self.factor / value,
            false => (value - self.offset) / self.factor,
        };
        if !self.is_plain() {
            raw = match self.step {
                Some(step) => round_to((raw / step).round() * step, 6),
                None => round_to(raw, 9),
            };
        }
        // Some definitions have min >= max; such a range says nothing.
        if self.min.zip(self.max).is_none_or(|(min, max)| min < max) {
            raw = raw.max(self.min.unwrap_or(f64::MIN)).min(self.max.unwrap_or(f64::MAX));
        }
        json_number(raw).ok_or(EncodeReason::Kind { wanted: Kind::Number })
    }
}

impl ColorCodec {
    /// The form that the colour mode names, else the preferred one, else the other. A form of which a part is missing
    /// or null says nothing; a colour of nulls is unknown.
    fn decode(&self, color: &Map<String, Json>, state: Option<&Map<String, Json>>) -> Option<Value> {
        let pair = |first: &[&str], second: &[&str]| -> Option<(f64, f64)> {
            let part = |names: &[&str]| names.iter().find_map(|name| color.get(*name).and_then(json_f64));
            Some((part(first)?, part(second)?))
        };
        let xy = pair(&["x"], &["y"]);
        let hue_saturation = pair(&["hue", "h"], &["saturation", "s"]);
        let mode = state.and_then(|state| state.get(&*self.mode)).and_then(Json::as_str);
        let hue_saturation_first = match mode {
            Some("hs") => true,
            Some("xy") => false,
            _ => self.prefers_hue_saturation,
        };
        match (xy, hue_saturation) {
            (xy, Some((hue, saturation))) if hue_saturation_first || xy.is_none() => {
                Some(Value::composite([("hue", Value::number(hue)), ("saturation", Value::number(saturation))]))
            }
            (Some((x, y)), _) => Some(Value::composite([("x", Value::number(x)), ("y", Value::number(y))])),
            (None, _) => color.values().all(Json::is_null).then_some(Value::Unknown),
        }
    }

    /// The colour in the form that the device prefers.
    fn encode(&self, fields: &BTreeMap<Arc<str>, Value>) -> Result<Json, EncodeReason> {
        let pair = |first: &str, second: &str| -> Option<(f64, f64)> {
            Some((fields.get(first)?.as_number()?, fields.get(second)?.as_number()?))
        };
        let hue_saturation = pair("hue", "saturation");
        let xy = pair("x", "y");
        let mut object = Map::new();
        let mut put = |name: &str, value: f64, max: f64, decimals: i32| {
            if let Some(json) = json_number(round_to(value.clamp(0.0, max), decimals)) {
                object.insert(name.to_owned(), json);
            }
        };
        if self.prefers_hue_saturation {
            let given = hue_saturation.or_else(|| xy.map(|(x, y)| xy_to_hue_saturation(x, y)));
            let (hue, saturation) = given.ok_or(EncodeReason::Kind { wanted: Kind::Color })?;
            put("hue", hue, 360.0, 2);
            put("saturation", saturation, 100.0, 2);
        } else {
            let given = xy.or_else(|| hue_saturation.map(|(hue, saturation)| hue_saturation_to_xy(hue, saturation)));
            let (x, y) = given.ok_or(EncodeReason::Kind { wanted: Kind::Color })?;
            put("x", x, 1.0, 4);
            put("y", y, 1.0, 4);
        }
        Ok(Json::Object(object))
    }
}

/// Any JSON as a value.
pub(super) fn decode_raw(json: &Json) -> Value {
    match json {
        Json::Null => Value::Unknown,
        Json::Bool(value) => Value::Bool(*value),
        Json::Number(number) => number.as_f64().map_or(Value::Unknown, Value::number),
        Json::String(text) => Value::text(&**text),
        Json::Array(items) => Value::list(items.iter().map(decode_raw)),
        Json::Object(fields) => composite(fields.iter().map(|(name, json)| (Arc::from(&**name), decode_raw(json)))),
    }
}

/// Any value as JSON.
fn encode_raw(value: &Value) -> Json {
    match value {
        Value::Unknown => Json::Null,
        Value::Bool(value) => Json::from(*value),
        Value::Number(number) => json_number(*number).unwrap_or(Json::Null),
        Value::Text(text) => Json::from(&**text),
        Value::List(values) => Json::Array(values.iter().map(encode_raw).collect()),
        Value::Composite(fields) => {
            Json::Object(fields.iter().map(|(name, value)| (name.to_string(), encode_raw(value))).collect())
        }
    }
}
