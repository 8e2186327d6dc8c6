//! One expose: the schema of its attribute and the way its values are written.

use std::sync::Arc;

use hub_model::attribute::{Category, Preset};
use hub_model::attributes::{SemanticAttribute, semantic};
use hub_model::{Access, AttributeSchema, Kind, Value};
use serde_json::Value as Json;

use super::codec::{Codec, NumberCodec, round_to, scalar_text};
use super::definition::{Expose, ExposeType};
use super::names::{Context, Conversion, RENAMES, own_unit, unit_conversion};

/// Greatest level where a light does not say it (level cluster).
const GREATEST_LEVEL: f64 = 254.0;

const TRUE_WORDS: &[&str] = &["on", "true", "enable", "enabled", "open", "lock", "locked", "yes", "active"];
const FALSE_WORDS: &[&str] =
    &["off", "false", "disable", "disabled", "close", "closed", "unlock", "unlocked", "no", "inactive"];

/// A way to describe an expose.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Candidate {
    pub(super) schema: AttributeSchema,
    pub(super) codec: Codec,
    pub(super) conversion: Conversion,
}

/// The ways to describe an expose, best first: by the lines of the table, by its own name where that has a fixed
/// meaning, and at last as what it says of itself.
pub(super) fn candidates<'a>(
    context: Context,
    name: &'a str,
    expose: &'a Expose,
) -> impl Iterator<Item = Candidate> + use<'a> {
    let renamed =
        RENAMES.iter().filter(move |line| line.context == context && line.expose == name).filter_map(move |line| {
            let attribute = semantic(line.attribute).filter(|attribute| attribute.kind == line.kind)?;
            meaning(attribute, line.conversion, expose)
        });
    let identical = semantic(name).and_then(move |attribute| meaning(attribute, Conversion::Plain, expose));
    renamed.chain(identical).chain(std::iter::once_with(move || own(name, expose)))
}

/// The expose as an attribute with a fixed meaning, where it fits.
fn meaning(attribute: &SemanticAttribute, conversion: Conversion, expose: &Expose) -> Option<Candidate> {
    if attribute.momentary && expose.is_settable() {
        return None;
    }
    let mut schema = AttributeSchema::new(attribute.name, attribute.kind, access(expose));
    schema.unit = attribute.unit.map(Arc::from);
    schema.momentary = attribute.momentary;
    if attribute.momentary {
        schema.access = Access::NOTIFY;
    }
    let codec = match (expose.kind, attribute.kind) {
        (ExposeType::Binary, Kind::Bool) => boolean(expose, conversion == Conversion::Inverted),
        (ExposeType::Enum, Kind::Bool) => two_words(expose)?,
        (ExposeType::Binary, Kind::Enum) => {
            let words = [expose.value_on.as_ref()?, expose.value_off.as_ref()?];
            let is_switch = |json: &&Json| scalar_text(json).is_none_or(|text| known_word(&text));
            if words.iter().any(is_switch) || words.iter().any(|json| !json.is_string()) {
                return None;
            }
            enumeration(words.into_iter(), &mut schema)
        }
        (ExposeType::Enum, Kind::Enum) => enumeration(expose.values.iter(), &mut schema),
        (ExposeType::Numeric, Kind::Number) => {
            let (factor, offset) = scale(attribute, conversion, expose)?;
            number(expose, conversion, factor, offset, &mut schema)
        }
        (ExposeType::Numeric, Kind::Text) if !expose.is_settable() => Codec::Text,
        (ExposeType::Text, Kind::Text) => Codec::Text,
        (ExposeType::Composite, Kind::Composite) => composite(expose, &mut schema),
        (ExposeType::List, Kind::List) => list(expose, &mut schema),
        _ => return None,
    };
    finish(&mut schema, expose, attribute.category);
    if schema.category != Some(Category::Config) {
        schema.description = None;
    }
    Some(Candidate { schema, codec, conversion })
}

/// The expose as what it says of itself. A name with a fixed meaning that it does not fit gets its kind or unit added,
/// so that a name always means the same.
pub(super) fn own(name: &str, expose: &Expose) -> Candidate {
    let (kind, unit) =
        (own_kind(expose), own_unit(expose.unit.as_deref()).filter(|_| expose.kind == ExposeType::Numeric));
    let name = match semantic(name) {
        Some(attribute) if attribute.kind != kind || attribute.momentary => format!("{name}_{}", kind.as_str()),
        Some(attribute) if attribute.unit != unit => {
            let word: String = unit.unwrap_or("raw").chars().filter(char::is_ascii_alphanumeric).collect();
            let word = if unit == Some("%") { "percent".to_owned() } else { word.to_ascii_lowercase() };
            format!("{name}_{}", if word.is_empty() { "native" } else { &word })
        }
        _ => name.to_owned(),
    };
    let (mut schema, codec) = described(&name, expose);
    finish(&mut schema, expose, None);
    Candidate { schema, codec, conversion: Conversion::Plain }
}

fn own_kind(expose: &Expose) -> Kind {
    match expose.kind {
        ExposeType::Binary => Kind::Bool,
        ExposeType::Numeric => Kind::Number,
        ExposeType::Enum => Kind::Enum,
        ExposeType::Composite => Kind::Composite,
        ExposeType::List => Kind::List,
        _ => Kind::Text,
    }
}

/// Schema and codec of an expose as it is, nothing converted.
fn described(name: &str, expose: &Expose) -> (AttributeSchema, Codec) {
    let mut schema = AttributeSchema::new(name, own_kind(expose), access(expose));
    let codec = match expose.kind {
        ExposeType::Binary => boolean(expose, false),
        ExposeType::Numeric => {
            schema.unit = own_unit(expose.unit.as_deref()).map(Arc::from);
            number(expose, Conversion::Plain, 1.0, 0.0, &mut schema)
        }
        ExposeType::Enum => enumeration(expose.values.iter(), &mut schema),
        ExposeType::Text => Codec::Text,
        ExposeType::Composite => composite(expose, &mut schema),
        ExposeType::List => list(expose, &mut schema),
        _ => Codec::Raw,
    };
    (schema, codec)
}

fn finish(schema: &mut AttributeSchema, expose: &Expose, category: Option<Category>) {
    schema.category = match expose.category.as_deref() {
        Some("config") => Some(Category::Config),
        Some("diagnostic") => Some(Category::Diagnostic),
        _ => category,
    };
    // Most labels are only the name in other letters.
    let plain = |text: &str| text.replace(['_', '-', ' '], "").to_lowercase();
    let name = expose.name.as_deref().unwrap_or("");
    schema.label = expose.label.as_deref().filter(|label| plain(label) != plain(name)).map(Arc::from);
    schema.description = expose.description.as_deref().map(Arc::from);
}

fn access(expose: &Expose) -> Access {
    Access { read: expose.is_gettable(), write: expose.is_settable(), notify: expose.is_published() }
}

fn boolean(expose: &Expose, inverted: bool) -> Codec {
    let on = expose.value_on.clone().unwrap_or(Json::Bool(true));
    let off = expose.value_off.clone().unwrap_or(Json::Bool(false));
    // Where the definition has turned its values round itself, «on» already means the opposite.
    if inverted && on != Json::Bool(false) { Codec::Bool { on: off, off: on } } else { Codec::Bool { on, off } }
}

fn known_word(text: &str) -> bool {
    TRUE_WORDS.iter().chain(FALSE_WORDS).any(|word| word.eq_ignore_ascii_case(text))
}

/// An enumeration of one word that means true and one that means false.
fn two_words(expose: &Expose) -> Option<Codec> {
    let [first, second] = &expose.values[..] else { return None };
    let among = |json: &Json, words: &[&str]| {
        scalar_text(json).is_some_and(|text| words.iter().any(|word| word.eq_ignore_ascii_case(&text)))
    };
    let codec = |on: &Json, off: &Json| Some(Codec::Bool { on: on.clone(), off: off.clone() });
    match () {
        () if among(first, TRUE_WORDS) && among(second, FALSE_WORDS) => codec(first, second),
        () if among(second, TRUE_WORDS) && among(first, FALSE_WORDS) => codec(second, first),
        () => None,
    }
}

/// Doubled values count once.
fn enumeration<'a>(values: impl Iterator<Item = &'a Json>, schema: &mut AttributeSchema) -> Codec {
    let mut words: Vec<(Arc<str>, Json)> = Vec::new();
    for json in values {
        let text = scalar_text(json).map_or_else(|| json.to_string(), std::borrow::Cow::into_owned);
        if words.iter().all(|word| *word.0 != *text) {
            words.push((Arc::from(text), json.clone()));
        }
    }
    schema.values = words.iter().map(|word| Arc::clone(&word.0)).collect();
    Codec::Enum(words)
}

/// Factor and offset to the attribute's unit; none when the expose does not fit.
fn scale(attribute: &SemanticAttribute, conversion: Conversion, expose: &Expose) -> Option<(f64, f64)> {
    let unit = own_unit(expose.unit.as_deref());
    match conversion {
        Conversion::Percent | Conversion::PercentAboveZero if unit.is_none() => {
            let light = conversion == Conversion::PercentAboveZero;
            let max = expose.value_max.or(light.then_some(GREATEST_LEVEL))?;
            (max > 0.0 && expose.value_min.is_none_or(|min| min >= 0.0)).then(|| (100.0 / max, 0.0))
        }
        Conversion::Reciprocal => {
            let plausible =
                expose.value_max.is_none_or(|max| max > 1.0) && expose.value_min.is_none_or(|min| min > 1.0);
            let mired = unit == Some("mired") || (unit.is_none() && expose.value_min.is_some());
            (mired && plausible).then_some((1_000_000.0, 0.0))
        }
        _ => unit_conversion(attribute.name, expose.unit.as_deref(), attribute.unit),
    }
}

fn number(expose: &Expose, conversion: Conversion, factor: f64, offset: f64, schema: &mut AttributeSchema) -> Codec {
    let mut codec = NumberCodec::plain(expose.value_min, expose.value_max, expose.value_step);
    codec.factor = factor;
    codec.offset = offset;
    codec.reciprocal = conversion == Conversion::Reciprocal;
    let converted = codec.reciprocal || factor != 1.0 || offset != 0.0;
    let is_level = expose.unit.is_none() && expose.value_max.is_some_and(|max| max > 1.0);
    let is_long = factor >= 60.0 && matches!(schema.unit.as_deref(), Some("s" | "min" | "h"));
    // Mired, levels, and durations in minutes and hours are whole numbers.
    let whole = codec.reciprocal || is_level || is_long;
    if converted && codec.step.is_none() && whole {
        codec.step = Some(1.0);
    }
    // The greatest step in the hub's unit: mired are densest at the cold end.
    let step = match (codec.step, codec.min) {
        (Some(step), Some(min)) if codec.reciprocal && min > 0.0 => Some(factor / min - factor / (min + step)),
        (Some(_), None) if codec.reciprocal => Some(50.0),
        (Some(step), _) => Some(step * factor),
        (None, _) => None,
    };
    codec.decimals = match step {
        _ if codec.reciprocal => 0,
        Some(step) if step > 0.0 => (-(step / 2.0).log10()).ceil().clamp(0.0, 6.0) as i32,
        _ if offset != 0.0 => 2,
        _ => 6,
    };
    let unit_of_last_place = 10_f64.powi(-codec.decimals);
    schema.step =
        step.map(
            |step| if converted { round_to((step / unit_of_last_place).ceil() * unit_of_last_place, 6) } else { step },
        );
    let ends = (codec.min.and_then(|min| codec.to_canonical(min)), codec.max.and_then(|max| codec.to_canonical(max)));
    (schema.min, schema.max) = if codec.reciprocal {
        // 454 mired are 2203 K, and sold as 2200 K: people's round values are let in, and sent within the device's range.
        let round = |end: Option<f64>, round: fn(f64) -> f64| end.map(|end| round(end / 10.0) * 10.0);
        (round(ends.1, f64::floor), round(ends.0, f64::ceil))
    } else {
        ends
    };
    if matches!(conversion, Conversion::Percent | Conversion::PercentAboveZero) && converted {
        schema.max = Some(100.0);
    }
    if conversion == Conversion::PercentAboveZero {
        schema.min = Some(0.0);
        codec.min = Some(codec.min.unwrap_or(1.0).max(1.0));
        codec.max = codec.max.or(Some(GREATEST_LEVEL));
    }
    for preset in &expose.presets {
        let Some(raw) = preset.value.as_f64() else { continue };
        codec.presets.push((Arc::from(&*preset.name), raw));
        if let Some(value) = codec.to_canonical(raw) {
            schema.presets.push(Preset {
                name: Arc::from(&*preset.name),
                value: Value::number(value),
                description: preset.description.as_deref().map(Arc::from),
            });
        }
    }
    Codec::Number(codec)
}

fn composite(expose: &Expose, schema: &mut AttributeSchema) -> Codec {
    let mut fields: Vec<(Arc<str>, Codec)> = Vec::new();
    for feature in &expose.features {
        let Some(name) = feature.property.as_deref().or(feature.name.as_deref()) else { continue };
        if fields.iter().all(|field| &*field.0 != name) {
            let (mut field, codec) = described(name, feature);
            finish(&mut field, feature, None);
            schema.fields.push(field);
            fields.push((Arc::from(name), codec));
        }
    }
    Codec::Composite(fields)
}

fn list(expose: &Expose, schema: &mut AttributeSchema) -> Codec {
    let Some(item) = expose.item_type.as_deref().filter(|item| item.kind != ExposeType::Unknown) else {
        return Codec::List(Box::new(Codec::Raw));
    };
    let (mut field, codec) = described(item.name.as_deref().unwrap_or("item"), item);
    finish(&mut field, item, None);
    schema.item = Some(Box::new(field));
    Codec::List(Box::new(codec))
}
