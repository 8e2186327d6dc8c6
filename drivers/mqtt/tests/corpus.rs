//! The sample of real definitions: nothing is lost, most has a fixed meaning, and what is written comes back.

use std::collections::{HashMap, HashSet};
use std::io::{BufRead, BufReader};
use std::path::PathBuf;

use driver_mqtt::zigbee2mqtt::definition::{Definition, DeviceItem};
use driver_mqtt::zigbee2mqtt::inspect::{self, fuzz_definition, inspect_file};
use driver_mqtt::zigbee2mqtt::mapping::{Described, describe};
use driver_mqtt::zigbee2mqtt::names;
use hub_model::attributes::semantic;
use hub_model::command::Setting;
use hub_model::{AttributeSchema, DriverId, Kind, Value};
use serde_json::Value as Json;

fn sample_path() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data/z2m-definitions-sample.jsonl.gz")
}

/// Every line of the sample.
fn sample() -> Vec<Json> {
    let file = std::fs::File::open(sample_path()).unwrap();
    let lines = BufReader::new(flate2::read::MultiGzDecoder::new(file)).lines();
    lines.map(|line| serde_json::from_str(&line.unwrap()).unwrap()).collect()
}

fn described(line: &Json) -> Described {
    let definition = Definition::read(&line["definition"]).unwrap();
    let item = DeviceItem { ieee_address: "0x01".to_owned(), definition: Some(definition), ..DeviceItem::default() };
    describe(&DriverId::from("zigbee"), &item, None)
}

#[test]
fn the_sample_is_inspected_without_loss_and_mostly_with_fixed_meaning() {
    let mut output = Vec::new();
    let summary = inspect_file(&sample_path(), &mut output).unwrap();
    assert_eq!((summary.definitions, summary.with_losses, summary.errors), (400, 0, 0));
    assert!(summary.fully_semantic * 100 >= summary.definitions * 75, "{summary:?}");
    let lines: Vec<Json> = output.lines().map(|line| serde_json::from_str(&line.unwrap()).unwrap()).collect();
    assert_eq!(lines.len(), 400);
    for line in &lines {
        assert_eq!(line["dropped"], serde_json::json!([]));
        let attributes = line["attributes"].as_array().unwrap();
        let mut names = HashSet::new();
        for attribute in attributes {
            assert!(names.insert((attribute["endpoint"].as_u64(), attribute["name"].as_str())), "{attribute}");
            if let Some(unit) = attribute["unit"].as_str() {
                assert_eq!(hub_model::unit::canonical(unit), unit, "{attribute}");
            }
        }
    }
}

#[test]
fn every_property_of_the_sample_has_an_attribute_and_every_fixed_name_its_kind_and_unit() {
    for line in sample() {
        let Described { device, mapping, .. } = described(&line);
        let properties: HashSet<_> = device
            .attributes()
            .filter_map(|(endpoint, schema)| mapping.property(endpoint, &schema.name))
            .map(str::to_owned)
            .collect();
        for expose in line["definition"]["exposes"].as_array().unwrap() {
            let whole = [expose.clone()];
            let is_specific = expose.get("property").is_none();
            let parts = if is_specific { expose["features"].as_array().unwrap() } else { &whole[..] };
            for part in parts {
                assert!(properties.contains(part["property"].as_str().unwrap()), "{part} of {}", device.id);
            }
        }
        for (_, schema) in device.attributes() {
            if semantic(schema.name.as_str()).is_some() {
                assert!(inspect::is_semantic(schema), "{schema:?}");
            }
        }
    }
}

#[test]
fn the_hundred_and_twenty_most_frequent_exposes_have_a_fixed_meaning() {
    let mut counts: HashMap<String, (usize, usize)> = HashMap::new();
    for line in sample() {
        let Described { device, mapping, .. } = described(&line);
        let fixed: HashMap<_, _> = device
            .attributes()
            .filter_map(|(endpoint, schema)| {
                Some((mapping.property(endpoint, &schema.name)?.to_owned(), inspect::is_semantic(schema)))
            })
            .collect();
        let mut seen = HashMap::new();
        for expose in line["definition"]["exposes"].as_array().unwrap() {
            let features = expose["features"].as_array().filter(|_| expose.get("property").is_none());
            let parts = features.map_or(std::slice::from_ref(expose), Vec::as_slice);
            for part in parts {
                let context = features.map_or("", |_| expose["type"].as_str().unwrap());
                let name = format!("{context}.{}", part["name"].as_str().unwrap());
                *seen.entry(name).or_insert(true) &= fixed[part["property"].as_str().unwrap()];
            }
        }
        for (name, is_fixed) in seen {
            let count = counts.entry(name).or_default();
            count.0 += 1;
            count.1 += usize::from(is_fixed);
        }
    }
    let mut ranked: Vec<_> = counts.into_iter().collect();
    ranked.sort_by(|(first, (first_count, _)), (second, (second_count, _))| {
        second_count.cmp(first_count).then(first.cmp(second))
    });
    let missing: Vec<_> = ranked[..120].iter().filter(|(_, (all, fixed))| fixed * 10 < all * 9).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn the_table_of_names_leads_to_the_list_of_attributes() {
    for line in names::RENAMES {
        let attribute = semantic(line.attribute).unwrap_or_else(|| panic!("{line:?}"));
        assert_eq!(attribute.kind, line.kind, "{line:?}");
    }
    for name in names::WHOLE_DEVICE.iter().chain(names::SENSED).chain(names::TEMPERATURE_DIFFERENCES) {
        assert!(semantic(name).is_some(), "{name}");
    }
}

/// Values that an attribute takes: ends, middle and every word.
fn valid_values(schema: &AttributeSchema) -> Vec<Value> {
    match schema.kind {
        Kind::Bool => vec![Value::Bool(true), Value::Bool(false)],
        Kind::Number => {
            let (min, max) = match (schema.min, schema.max) {
                (Some(min), Some(max)) if min < max => (min, max),
                (Some(min), Some(_)) => (min, min),
                (Some(min), None) => (min, min + 100.0),
                (None, Some(max)) => (max - 100.0, max),
                _ => (0.0, 100.0),
            };
            let grid = schema.step.unwrap_or(1.0);
            let middle = min + ((max - min) * 0.37 / grid).floor() * grid;
            let presets = schema.presets.iter().map(|preset| preset.value.clone());
            [min, max, middle].into_iter().map(Value::Number).chain(presets).collect()
        }
        Kind::Enum => schema.values.iter().map(|value| Value::Text(value.clone())).collect(),
        Kind::Text => vec![Value::text("01:23 Übung"), Value::text("")],
        Kind::Color => vec![
            Value::composite([("hue", Value::Number(200.0)), ("saturation", Value::Number(60.0))]),
            Value::composite([("x", Value::Number(0.4)), ("y", Value::Number(0.35))]),
        ],
        Kind::Composite => {
            let first = |field: &AttributeSchema| valid_values(field).into_iter().next();
            vec![Value::composite(schema.fields.iter().filter_map(|field| Some((field.name.as_str(), first(field)?))))]
        }
        Kind::List => {
            let items = schema.item.as_ref().map(|item| valid_values(item)).unwrap_or_default();
            vec![Value::list(items), Value::list([])]
        }
    }
}

#[test]
fn what_is_written_comes_back_within_one_native_step() {
    let mut tried = 0;
    for line in sample() {
        let Described { device, mapping, .. } = described(&line);
        for (endpoint, schema) in device.attributes().filter(|(_, schema)| schema.access.write) {
            for value in valid_values(schema) {
                let context = || format!("{} {schema:?} {value}", line["definition"]["model"]);
                schema.check(&value).unwrap_or_else(|error| panic!("{error}: {}", context()));
                let setting = Setting { endpoint, attribute: schema.name.clone(), value: value.clone() };
                let objects = mapping.encode(&[setting], None).unwrap_or_else(|error| panic!("{error}: {}", context()));
                let [object] = &objects[..] else { panic!("{objects:?}") };
                assert!(!object.contains_key("transition"));
                if !schema.access.notify {
                    continue;
                }
                let decoded = mapping.decode(&Json::Object(object.clone()));
                let back = decoded
                    .readings
                    .iter()
                    .find(|reading| reading.endpoint == endpoint && reading.attribute == schema.name);
                let back = &back.unwrap_or_else(|| panic!("{decoded:?}: {}", context())).value;
                assert!(back.confirms(&value, schema.tolerance().max(1e-6)), "{back}: {}", context());
                tried += 1;
            }
        }
    }
    assert!(tried > 4000, "{tried}");
}

#[test]
fn descriptions_do_not_change_when_the_device_is_known() {
    for line in sample() {
        let first = described(&line);
        let definition = Definition::read(&line["definition"]).unwrap();
        let item =
            DeviceItem { ieee_address: "0x01".to_owned(), definition: Some(definition), ..DeviceItem::default() };
        let again = describe(&DriverId::from("zigbee"), &item, Some(&first.device));
        assert_eq!(again, first);
        let stored: hub_model::Device = serde_json::from_str(&serde_json::to_string(&first.device).unwrap()).unwrap();
        assert_eq!(describe(&DriverId::from("zigbee"), &item, Some(&stored)), first);
    }
}

#[test]
fn a_value_of_the_wrong_type_anywhere_in_a_definition_does_no_harm() {
    let wrong =
        [Json::Null, Json::from(-1e308), Json::from("NaN"), serde_json::json!([[]]), serde_json::json!({"a": {}})];
    for (index, mut line) in sample().into_iter().enumerate().filter(|(index, _)| index % 4 == 0) {
        let mut count = 0;
        visit(&mut line, &mut |_| count += 1);
        for target in (0..count).step_by(7) {
            let mut broken = line.clone();
            let mut at = 0;
            visit(&mut broken, &mut |json| {
                if at == target {
                    *json = wrong[(index + target) % wrong.len()].clone();
                }
                at += 1;
            });
            fuzz_definition(&serde_json::to_vec(&broken).unwrap());
        }
    }
}

/// Calls `see` for every value within.
fn visit(json: &mut Json, see: &mut impl FnMut(&mut Json)) {
    match json {
        Json::Array(items) => items.iter_mut().for_each(|item| visit(item, see)),
        Json::Object(fields) => fields.values_mut().for_each(|field| visit(field, see)),
        _ => {}
    }
    see(json);
}

#[test]
fn broken_lines_are_named_and_the_rest_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("definitions.jsonl");
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let good = r#"{"definition":{"model":"A","model":"B","vendor":"V","exposes":[7,{"type":"numeric","name":"x","property":"x","access":1}]}}"#;
    std::fs::write(&path, format!("{{\"definition\":\n{deep}\n\n42\n{{\"definition\":null}}\n{good}\n")).unwrap();
    let mut output = Vec::new();
    inspect_file(&path, &mut output).unwrap();
    let lines: Vec<Json> = output.lines().map(|line| serde_json::from_str(&line.unwrap()).unwrap()).collect();
    assert_eq!(lines.len(), 5);
    assert!(lines[..4].iter().all(|line| line["error"].is_string()), "{lines:?}");
    // Of doubled keys the last counts.
    assert_eq!(lines[4]["model"], "B");
    assert_eq!(lines[4]["dropped"], serde_json::json!(["expose 0 is not an object"]));
    let saved = folder.path().join("devices.json");
    std::fs::write(&saved, format!("[\n{{\"type\":\"Coordinator\"}},\n{good}\n]")).unwrap();
    assert_eq!(inspect_file(&saved, &mut Vec::new()).unwrap().definitions, 1);
    let missing = inspect_file(&folder.path().join("missing"), &mut Vec::new()).unwrap_err();
    assert!(missing.to_string().contains("cannot read"), "{missing}");
}
