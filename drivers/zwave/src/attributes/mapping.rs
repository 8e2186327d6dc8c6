//! Which attributes a source is, at an endpoint.

use std::sync::Arc;

use hub_model::attributes::{SemanticAttribute, semantic};
use hub_model::{AttributeSchema, Kind};

use super::names::{Access, Conversion, ROWS, Row, unit_conversion};
use super::node::Endpoint;
use super::own_names::own;
use super::parameter;
use super::reading::{Property, Source};

/// An attribute and how it comes from its source.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) source: Source,
    pub(super) schema: AttributeSchema,
    pub(super) conversion: Conversion,
    /// `attribute = native * factor + offset`.
    pub(super) factor: f64,
    pub(super) offset: f64,
}

/// The attributes that a source is at an endpoint, where its numbers are in `unit`. There is always one, so that
/// nothing is dropped. Ranges and words are filled in by [`super::describe::fill`].
pub(super) fn entries(endpoint: &Endpoint, source: Source, unit: Option<&'static str>) -> Vec<Entry> {
    let mut entries: Vec<Entry> = ROWS
        .iter()
        .filter(|row| is_about(row, endpoint, source))
        .filter(|row| row.role.is_none_or(|role| role == endpoint.role()))
        .filter_map(|row| entry(source, row.attribute, row.kind, row.conversion, row.access, unit))
        .collect();
    // A line for another unit of the same value, e.g. illuminance in percent, does not count.
    if entries.is_empty() {
        let own = parameter::own(endpoint, source).unwrap_or_else(|| own(source));
        let name = own_name(&own.name, own.kind, unit);
        entries.extend(entry(source, &name, own.kind, own.conversion, own.access, unit));
    }
    entries.iter_mut().for_each(|entry| parameter::scale(entry, endpoint));
    entries
}

/// Whether a line is about a source at this endpoint.
fn is_about(row: &Row, endpoint: &Endpoint, source: Source) -> bool {
    if row.first_of.is_empty() {
        return row.source == source;
    }
    let is_there = |key: &&u16| u8::try_from(**key).is_ok_and(|key| endpoint.window_coverings.contains(&key));
    (row.source.class, row.source.property) == (source.class, source.property)
        && row.first_of.iter().find(is_there) == Some(&source.key)
}

fn entry(
    source: Source,
    name: &str,
    kind: Kind,
    conversion: Conversion,
    access: Access,
    unit: Option<&'static str>,
) -> Option<Entry> {
    let meaning = semantic(name);
    let (canonical, factor, offset) = match (meaning, kind, conversion) {
        // Levels and channels have their unit by their conversion.
        (Some(meaning), Kind::Number, Conversion::Plain) => {
            let (factor, offset) = unit_conversion(unit, meaning.unit)?;
            (meaning.unit, factor, offset)
        }
        (Some(meaning), ..) => (meaning.unit, 1.0, 0.0),
        (None, Kind::Number, Conversion::Percent) => (Some("%"), 1.0, 0.0),
        (None, Kind::Number, _) => (unit, 1.0, 0.0),
        (None, ..) => (None, 1.0, 0.0),
    };
    let mut schema = AttributeSchema::new(name, kind, access_of(access, source.property));
    schema.unit = canonical.map(Arc::from);
    schema.momentary = meaning.is_some_and(|meaning| meaning.momentary);
    schema.category = category(access).or(meaning.and_then(|meaning| meaning.category));
    Some(Entry { source, schema, conversion, factor, offset })
}

/// A name that has a fixed meaning which the value does not have gets its kind or unit added, so that a name always
/// means the same.
fn own_name(name: &str, kind: Kind, unit: Option<&str>) -> String {
    let fits = |meaning: &SemanticAttribute| meaning.kind == kind && unit_conversion(unit, meaning.unit).is_some();
    match semantic(name) {
        Some(meaning) if meaning.kind != kind => format!("{name}_{}", kind.as_str()),
        Some(meaning) if !fits(meaning) => {
            let word = match unit {
                Some("%") => "percent".to_owned(),
                Some(unit) => unit.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase(),
                None => "raw".to_owned(),
            };
            format!("{name}_{}", if word.is_empty() { "native" } else { &word })
        }
        _ => name.to_owned(),
    }
}

fn access_of(access: Access, property: Property) -> hub_model::Access {
    match (access, property) {
        (_, property) if property.is_momentary() => hub_model::Access::NOTIFY,
        (Access::Told | Access::Diagnostic, _) => hub_model::Access::READ_NOTIFY,
        (Access::Set | Access::Setting, _) => hub_model::Access::ALL,
        (Access::SetOnly, _) => hub_model::Access::WRITE,
    }
}

fn category(access: Access) -> Option<hub_model::attribute::Category> {
    match access {
        Access::Diagnostic => Some(hub_model::attribute::Category::Diagnostic),
        Access::Setting => Some(hub_model::attribute::Category::Config),
        _ => None,
    }
}
