//! Parameters of Configuration: what the device says of them counts, and what it does not say is known of its model.

use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock};

use hub_model::attribute::Preset;
use hub_model::attributes::semantic;
use hub_model::{Kind, Value};

use super::mapping::Entry;
use super::names::{Access, Conversion, KEYED_NAMES, ROWS};
use super::node::Endpoint;
use super::own_names::{Own, slug};
use super::reading::{Native, Property as P, Readings, Source, shown};
use crate::command_class::configuration::{self, Format, ParameterValue};
use crate::command_class::{Command, CommandClass, multilevel_sensor};
use crate::device_database;

/// How units of the device database are written here.
const UNITS: &[(&str, &str)] = &[
    ("seconds", "s"),
    ("second", "s"),
    ("sec", "s"),
    ("milliseconds", "ms"),
    ("minutes", "min"),
    ("minute", "min"),
    ("hours", "h"),
    ("hour", "h"),
    ("days", "d"),
    ("lux", "lx"),
    ("Lux", "lx"),
];

/// Names of the specification that values can have; made once, because every parameter is compared with them.
static OTHER_NAMES: LazyLock<BTreeSet<String>> = LazyLock::new(|| {
    let keyed = KEYED_NAMES.iter().flat_map(|(.., names)| *names).map(|(_, name)| slug(name));
    let sensors = (0..=u8::MAX).filter_map(multilevel_sensor::sensor_type).map(|sensor| slug(sensor.name));
    keyed.chain(sensors).chain(ROWS.iter().map(|row| row.attribute.to_owned())).collect()
});

/// Whether a name has a meaning of its own, so that no parameter may have it.
pub(crate) fn is_taken(name: &str) -> bool {
    semantic(name).is_some() || OTHER_NAMES.contains(name)
}

/// What is known of a parameter, or a part of one, of the model.
fn of_model(endpoint: &Endpoint, source: Source) -> Option<&device_database::Parameter> {
    let mask = match source.property {
        P::Parameter => None,
        P::ParameterPart(mask) => Some(mask),
        _ => return None,
    };
    of_number(endpoint, source.key).find(|parameter| parameter.mask == mask)
}

fn of_number(endpoint: &Endpoint, number: u16) -> impl Iterator<Item = &device_database::Parameter> {
    let parameters = endpoint.model.iter().flat_map(|model| &model.parameters);
    parameters.filter(move |parameter| parameter.number == number)
}

/// Whole parameters and parts, with their numbers: those of the device, and those that are known of its model.
pub(super) fn sources(endpoint: &Endpoint) -> Vec<(P, u16)> {
    let has_class = endpoint.has(CommandClass::CONFIGURATION);
    let of_model = endpoint.model.iter().filter(|_| has_class).flat_map(|model| &model.parameters);
    let of_model = of_model.filter(|parameter| !parameter.hidden).map(|parameter| parameter.number);
    let numbers: BTreeSet<u16> = endpoint.parameters.keys().copied().chain(of_model).collect();
    numbers
        .into_iter()
        .flat_map(|number| properties(endpoint, number).into_iter().map(move |it| (it, number)))
        .collect()
}

/// The parts of a parameter, or all of it where it has none.
fn properties(endpoint: &Endpoint, number: u16) -> Vec<P> {
    let parts: Vec<P> = of_number(endpoint, number).filter_map(|part| part.mask).map(P::ParameterPart).collect();
    if parts.is_empty() { vec![P::Parameter] } else { parts }
}

/// What a parameter is called of which the model is known.
pub(super) fn own(endpoint: &Endpoint, source: Source) -> Option<Own> {
    let parameter = of_model(endpoint, source)?;
    let (kind, conversion) = match parameter.is_choice() {
        true => (Kind::Enum, Conversion::Choice),
        false => (Kind::Number, Conversion::Plain),
    };
    let access = match (parameter.read_only, parameter.write_only) {
        (true, _) => Access::Diagnostic,
        (_, true) => Access::SetOnly,
        _ => Access::Setting,
    };
    Some(Own { name: parameter.name.to_string(), kind, conversion, access })
}

/// A number in the unit that stands behind it: `0.1 °C`.
fn unit_of(text: &str) -> (f64, &str) {
    let end = text.find(|letter: char| !letter.is_ascii_digit() && letter != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let unit = unit.trim();
    let unit = UNITS.iter().find(|(other, _)| *other == unit).map_or(unit, |(_, written)| *written);
    (number.parse().ok().filter(|factor| *factor > 0.0).unwrap_or(1.0), unit)
}

/// The unit of a number, and how much one of the device is in it.
pub(super) fn scale(entry: &mut Entry, endpoint: &Endpoint) {
    let unit = of_model(endpoint, entry.source).and_then(|parameter| parameter.unit.as_deref());
    if let (Kind::Number, Some(unit)) = (entry.schema.kind, unit) {
        let (factor, unit) = unit_of(unit);
        entry.factor = factor;
        entry.schema.unit = Some(unit).filter(|unit| !unit.is_empty()).map(Arc::from);
    }
}

/// Names for people, range, options and access of a parameter.
pub(super) fn fill(entry: &mut Entry, endpoint: &Endpoint) {
    let known = endpoint.parameters.get(&entry.source.key);
    let model = of_model(endpoint, entry.source);
    let is_whole = entry.source.property == P::Parameter;
    let factor = entry.factor;
    let shown_value = |number: i64| (number as f64 * factor * 1e6).round() / 1e6;
    let schema = &mut entry.schema;
    let said = |text: fn(&super::Parameter) -> &[u8]| known.filter(|_| is_whole).and_then(|known| shown(text(known)));
    schema.label = said(|known| &known.name).or(model.map(|model| model.label.to_string())).map(Arc::from);
    let description = model.and_then(|model| model.description.as_deref()).map(str::to_owned);
    schema.description = said(|known| &known.info).or(description).map(Arc::from);
    if known.is_some_and(|known| known.is_read_only) {
        schema.access = hub_model::Access::READ_NOTIFY;
    }
    if schema.kind == Kind::Enum {
        schema.values = model.iter().flat_map(|model| &model.options).map(|option| Arc::from(&*option.word)).collect();
        return;
    }
    let range = known.filter(|_| is_whole).and_then(|known| known.range).or(model.and_then(|model| model.range()));
    (schema.min, schema.max) = (range.map(|range| shown_value(range.0)), range.map(|range| shown_value(range.1)));
    schema.step = Some(factor);
    let preset = |option: &device_database::Choice| Preset {
        name: Arc::from(&*option.label),
        value: Value::number(shown_value(option.value)),
        description: None,
    };
    schema.presets = model.iter().flat_map(|model| &model.options).map(preset).collect();
}

/// The word for a value, or the value where it has none.
pub(super) fn word(entry: &Entry, endpoint: &Endpoint, number: f64) -> String {
    let options = of_model(endpoint, entry.source).into_iter().flat_map(|parameter| &parameter.options);
    let mut words = options.filter(|option| option.value as f64 == number).map(|option| option.word.to_string());
    words.next().unwrap_or_else(|| number.to_string())
}

/// The value for a word.
pub(super) fn value(entry: &Entry, endpoint: &Endpoint, word: &str) -> Option<f64> {
    let options = &of_model(endpoint, entry.source)?.options;
    options.iter().find(|option| *option.word == *word).map(|option| option.value as f64)
}

/// How the bytes of a parameter are to be read.
fn format(endpoint: &Endpoint, number: u16) -> Format {
    let known = endpoint.parameters.get(&number);
    let model = of_number(endpoint, number).find(|parameter| parameter.mask.is_none());
    match (known.filter(|known| known.is_described), model) {
        (Some(known), _) => known.format,
        (None, Some(model)) if !model.is_signed() => Format::Unsigned,
        (None, _) => Format::Signed,
    }
}

/// What a report of a parameter says of it, or of its parts.
pub(super) fn readings(of: Readings, endpoint: &Endpoint, number: u16, value: ParameterValue) -> Readings {
    properties(endpoint, number).into_iter().fold(of, |of, property| {
        let number_of = match property {
            P::ParameterPart(mask) => {
                let is_signed = of_model(endpoint, Source::keyed(CommandClass::CONFIGURATION, property, number))
                    .is_some_and(device_database::Parameter::is_signed);
                part(value, mask, is_signed)
            }
            _ => value.number(format(endpoint, number)),
        };
        of.keyed(property, number, Native::Number(number_of as f64), None)
    })
}

/// Some bits of a value as a number. A single bit has no sign.
fn part(value: ParameterValue, mask: u32, is_signed: bool) -> i64 {
    let (shift, width) = place(mask);
    let number = i64::from((value.signed as u32 & mask) >> shift);
    let is_negative = is_signed && width > 1 && number >> (width - 1) & 1 == 1;
    if is_negative { number - (1 << width) } else { number }
}

/// Where bits begin, and over how many they reach.
fn place(mask: u32) -> (u32, u32) {
    let shift = mask.trailing_zeros().min(31);
    (shift, (u32::BITS - mask.leading_zeros()).saturating_sub(shift))
}

/// The command that sets a parameter, or a part of it; none = the rest of it is not known.
pub(super) fn write(endpoint: &Endpoint, source: Source, number: f64) -> Option<Command> {
    let known = endpoint.parameters.get(&source.key);
    let size = known.map(|known| known.size).or(of_model(endpoint, source).map(|model| model.size)).unwrap_or(1);
    let number = number.round() as i64;
    let value = match source.property {
        P::ParameterPart(mask) => {
            let (shift, _) = place(mask);
            // What does not fit the bits is cut off; the range of the attribute was seen to before.
            let bits = (number as u32) << shift & mask;
            let before = known?.value?;
            let all = before.signed as u32 & !mask | bits;
            ParameterValue::new(i64::from(all) & whole(before.size), before.size, Format::Unsigned)
        }
        _ => ParameterValue::new(number, size, format(endpoint, source.key)),
    };
    Some(Command::Configuration(match u8::try_from(source.key) {
        Ok(parameter) => configuration::Command::Set { parameter, value: Some(value) },
        // Only bulk commands reach beyond 255.
        Err(_) => configuration::Command::BulkSet {
            first: source.key,
            count: 1,
            to_default: false,
            handshake: false,
            values: vec![value],
        },
    }))
}

/// All bits of so many bytes.
fn whole(size: u8) -> i64 {
    match size {
        0 | 1 => 0xff,
        2 => 0xffff,
        _ => 0xffff_ffff,
    }
}
