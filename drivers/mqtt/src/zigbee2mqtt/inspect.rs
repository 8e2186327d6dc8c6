//! What the hub makes of definitions, offline: a line of JSON for each.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use flate2::read::MultiGzDecoder;
use hub_model::attributes::semantic;
use hub_model::command::Setting;
use hub_model::{AttributeSchema, DriverId, EndpointNumber, Value};
use serde::Serialize;
use serde_json::Value as Json;

use super::definition::{Definition, DeviceItem};
use super::mapping::{Described, describe};

/// One definition as the hub sees it.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Inspected {
    /// The model.
    pub model: String,
    /// Its maker.
    pub vendor: String,
    /// Its attributes.
    pub attributes: Vec<InspectedAttribute>,
    /// What was lost; empty unless the definition is broken.
    pub dropped: Vec<String>,
}

/// One attribute as the hub sees it.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[allow(missing_docs)]
pub struct InspectedAttribute {
    pub name: String,
    pub endpoint: EndpointNumber,
    pub kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    pub access: Vec<&'static str>,
    /// A name of the hub's list, with its kind and unit.
    pub semantic: bool,
    pub property: String,
}

/// How an inspection went.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Summary {
    /// Definitions that were read.
    pub definitions: usize,
    /// Those of which every attribute has a fixed meaning.
    pub fully_semantic: usize,
    /// Those of which something was lost.
    pub with_losses: usize,
    /// Lines that hold no definition.
    pub errors: usize,
}

/// An inspection could not go on.
#[derive(Debug, thiserror::Error)]
pub enum InspectError {
    /// The file cannot be read.
    #[error("cannot read {path}; give a file of JSON lines or a saved bridge/devices, plain or .gz")]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The output cannot be written.
    #[error("cannot write the result")]
    Write(#[source] io::Error),
}

/// Inspects a file: JSON lines of objects with a `definition`, or a saved `bridge/devices` array; plain or compressed
/// with gzip. Writes one line of JSON for each definition; a line that cannot be read gives one with `error`.
pub fn inspect_file(path: &Path, output: &mut impl Write) -> Result<Summary, InspectError> {
    let unreadable = |source| InspectError::Read { path: path.to_owned(), source };
    let mut file = BufReader::new(File::open(path).map_err(unreadable)?);
    let is_gzip = file.fill_buf().map_err(unreadable)?.starts_with(&[0x1f, 0x8b]);
    let reader: Box<dyn Read> = if is_gzip { Box::new(MultiGzDecoder::new(file)) } else { Box::new(file) };
    inspect(BufReader::new(reader), output).map_err(|error| match error {
        Failure::Read(source) => unreadable(source),
        Failure::Write(source) => InspectError::Write(source),
    })
}

/// One definition as the hub sees it.
pub fn inspect_definition(definition: Definition, item: Option<DeviceItem>) -> Inspected {
    let model = definition.model.clone();
    let vendor = definition.vendor.clone();
    let mut item = item.unwrap_or_default();
    item.definition = Some(definition);
    let Described { device, mapping, dropped } = describe(&DriverId::from("zigbee"), &item, None);
    let attributes = device
        .attributes()
        .map(|(endpoint, schema)| InspectedAttribute {
            name: schema.name.to_string(),
            endpoint,
            kind: schema.kind.as_str(),
            unit: schema.unit.as_deref().map(str::to_owned),
            access: schema.access.words().collect(),
            semantic: is_semantic(schema),
            property: mapping.property(endpoint, &schema.name).unwrap_or("update").to_owned(),
        })
        .collect();
    Inspected { model, vendor, attributes, dropped }
}

/// Whether an attribute has the kind and unit that its name stands for.
pub fn is_semantic(schema: &AttributeSchema) -> bool {
    semantic(schema.name.as_str()).is_some_and(|attribute| {
        attribute.kind == schema.kind
            && attribute.unit == schema.unit.as_deref()
            && attribute.momentary == schema.momentary
    })
}

enum Failure {
    Read(io::Error),
    Write(io::Error),
}

fn inspect(mut reader: impl BufRead, output: &mut impl Write) -> Result<Summary, Failure> {
    let mut summary = Summary::default();
    let mut line = Vec::new();
    let mut number = 0;
    let mut is_array = false;
    loop {
        line.clear();
        if reader.read_until(b'\n', &mut line).map_err(Failure::Read)? == 0 {
            return Ok(summary);
        }
        number += 1;
        if line.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        if !is_array && summary == Summary::default() && line.trim_ascii_start().starts_with(b"[") {
            is_array = true;
            // A saved array may be spread over many lines.
            reader.read_to_end(&mut line).map_err(Failure::Read)?;
        }
        let mut outcome = |result: Result<Inspected, String>| {
            let json = match result {
                Ok(inspected) => {
                    summary.definitions += 1;
                    summary.with_losses += usize::from(!inspected.dropped.is_empty());
                    summary.fully_semantic +=
                        usize::from(inspected.attributes.iter().all(|attribute| attribute.semantic));
                    serde_json::to_string(&inspected)
                }
                Err(error) => {
                    summary.errors += 1;
                    serde_json::to_string(&serde_json::json!({"error": format!("line {number}: {error}")}))
                }
            };
            let json = json.map_err(|error| Failure::Write(error.into()))?;
            writeln!(output, "{json}").map_err(Failure::Write)
        };
        match serde_json::from_slice::<Json>(&line) {
            Ok(Json::Array(items)) => {
                for item in items.iter().filter(|item| !is_coordinator(item)) {
                    outcome(one(item))?;
                }
            }
            Ok(item) => outcome(one(&item))?,
            Err(error) => outcome(Err(error.to_string()))?,
        }
    }
}

fn is_coordinator(item: &Json) -> bool {
    item.get("type").and_then(Json::as_str) == Some("Coordinator")
}

fn one(item: &Json) -> Result<Inspected, String> {
    let definition = item
        .get("definition")
        .and_then(Definition::read)
        .ok_or("no definition; give objects with a `definition` as bridge/devices has them")?;
    Ok(inspect_definition(definition, DeviceItem::read(item)))
}

/// Reads bytes as a definition, describes it, and sends values of every kind there and back; for fuzzing. Never panics.
#[doc(hidden)]
pub fn fuzz_definition(bytes: &[u8]) {
    let Ok(json) = serde_json::from_slice::<Json>(bytes) else { return };
    let item = DeviceItem::read(&json).unwrap_or_default();
    let Some(definition) = Definition::read(json.get("definition").unwrap_or(&json)) else { return };
    let item = DeviceItem { definition: Some(definition), ..item };
    let Described { device, mapping, .. } = describe(&DriverId::from("zigbee"), &item, None);
    let again = describe(&DriverId::from("zigbee"), &item, Some(&device));
    let text = Value::text("1");
    let values = [
        Value::Bool(true),
        Value::Number(1e308),
        Value::Number(-1e-308),
        Value::composite([("x", Value::Number(0.0)), ("y", Value::Number(0.0))]),
        Value::composite([("hue", Value::Number(360.0)), ("saturation", text.clone())]),
        Value::list([text.clone(), Value::Unknown]),
        text,
    ];
    for (endpoint, schema) in again.device.attributes() {
        for value in values.iter().chain(schema.presets.iter().map(|preset| &preset.value)) {
            let setting = Setting { endpoint, attribute: schema.name.clone(), value: value.clone() };
            // Refusals are fine; only panics are not.
            let Ok(objects) = mapping.encode(&[setting.clone(), setting], Some(Duration::MAX)) else { continue };
            for object in objects {
                for (property, json) in &object {
                    mapping.decode_property(property, &json.to_string());
                }
                mapping.decode(&Json::Object(object));
            }
        }
        if let Some(property) = mapping.property(endpoint, &schema.name) {
            let state = [json.clone(), Json::Null, Json::from(1e308), Json::from("NaN"), serde_json::json!([[{}]])];
            for json in state {
                mapping.decode(&serde_json::json!({ property: json }));
            }
        }
    }
    mapping.readable();
}
