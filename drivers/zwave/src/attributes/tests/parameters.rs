//! Parameters of which the model is known: names, ranges, options, and parts of one parameter.

use std::sync::Arc;

use hub_model::{AttributeName, AttributeSchema, Kind, Value};

use super::super::{Node, WriteError, commands, describe, queries};
use super::{node, told};
use crate::command_class::CommandClass as C;
use crate::device_database::{Model, find};
use crate::interview::Identity;

/// Aeotec ZW100 with firmware 1.10.
fn multisensor() -> Arc<Model> {
    let identity = Identity { manufacturer: 0x0086, product_type: 0x0102, product: 0x0064 };
    let firmware = crate::command_class::version::MajorMinor { major: 1, minor: 10 };
    Arc::new(find(identity, Some(firmware)).unwrap())
}

fn sensor(learnt: &[&str]) -> Node {
    let mut node = node(0x07, 0x01, &[C::CONFIGURATION], learnt);
    node.endpoints.get_mut(&0).unwrap().model = Some(multisensor());
    node
}

fn attribute(node: &Node, name: &str) -> AttributeSchema {
    let endpoints = describe(node);
    let attributes = &endpoints[0].attributes;
    let names = || attributes.iter().map(|attribute| attribute.name.as_str()).collect::<Vec<_>>();
    attributes.iter().find(|it| it.name.as_str() == name).cloned().unwrap_or_else(|| panic!("{name}: {:?}", names()))
}

fn sent(node: &Node, name: &str, value: &Value) -> Result<String, WriteError> {
    let commands = commands(node, 0, &AttributeName::new(name), value, None)?;
    let hex = |bytes: Vec<u8>| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(" ");
    Ok(commands.iter().map(|command| hex(command.encode())).collect::<Vec<_>>().join(", "))
}

#[test]
fn a_parameter_of_the_model_has_its_name_and_range() {
    let mut node = sensor(&[]);
    let timeout = attribute(&node, "pir_sensor_timeout");
    assert_eq!((timeout.kind, timeout.min, timeout.max), (Kind::Number, Some(10.0), Some(3600.0)));
    assert_eq!(timeout.label.as_deref(), Some("PIR Sensor Timeout"));
    assert_eq!(told(&mut node, "70 06 03 02 00 f0"), "pir_sensor_timeout=240");
    // Two bytes, as the model has it; what does not fit is clamped.
    assert_eq!(sent(&sensor(&[]), "pir_sensor_timeout", &Value::number(9999.0)).unwrap(), "70 04 03 02 0e 10");
    let asked = queries(&node, 0, &AttributeName::new("pir_sensor_timeout"));
    assert_eq!(asked[0].encode(), [0x70, 0x05, 0x03]);
}

#[test]
fn options_that_are_all_there_is_are_words() {
    let mut node = sensor(&[]);
    let report = attribute(&node, "motion_sensor_report_type_to_send");
    assert_eq!(report.kind, Kind::Enum);
    let words: Vec<&str> = report.values.iter().map(|word| &**word).collect();
    assert_eq!(words.len(), 2, "{words:?}");
    let first = format!("motion_sensor_report_type_to_send={}", words[0]);
    assert_eq!(told(&mut node, "70 06 05 01 01"), first);
    assert_eq!(sent(&node, "motion_sensor_report_type_to_send", &words[1].into()).unwrap(), "70 04 05 01 02");
    assert!(sent(&node, "motion_sensor_report_type_to_send", &"nothing".into()).is_err());
}

#[test]
fn a_part_is_set_only_when_the_rest_is_known_and_leaves_it_as_it_is() {
    let mut node = sensor(&[]);
    let threshold = attribute(&node, "temperature_change_threshold");
    // 10 to 2120 tenths of a degree.
    assert_eq!((threshold.unit.as_deref(), threshold.min, threshold.max), (Some("°C/°F"), Some(1.0), Some(212.0)));
    let wish = Value::number(3.0);
    let error = sent(&node, "temperature_change_threshold", &wish).unwrap_err();
    assert!(matches!(error, WriteError::NotKnownYet { .. }), "{error}");
    let said = told(&mut node, "70 06 29 04 00 14 01 00");
    assert_eq!(said, "temperature_threshold_unit=celsius temperature_change_threshold=2");
    assert_eq!(sent(&node, "temperature_change_threshold", &wish).unwrap(), "70 04 29 04 00 1e 01 00");
    assert_eq!(sent(&node, "temperature_threshold_unit", &"fahrenheit".into()).unwrap(), "70 04 29 04 00 14 02 00");
}

#[test]
fn what_the_device_says_of_itself_counts() {
    // Parameter 3: 1 to 100, one byte, its own name.
    let node = sensor(&["70 0f 00 03 09 01 64 05 00 00", "70 0b 00 03 00 44 65 6c 61 79"]);
    let timeout = attribute(&node, "pir_sensor_timeout");
    assert_eq!((timeout.label.as_deref(), timeout.min, timeout.max), (Some("Delay"), Some(1.0), Some(100.0)));
    assert_eq!(sent(&node, "pir_sensor_timeout", &Value::number(60.0)).unwrap(), "70 04 03 01 3c");
}

#[test]
fn a_node_without_the_class_has_no_parameters() {
    let mut node = node(0x07, 0x01, &[C::BASIC], &[]);
    node.endpoints.get_mut(&0).unwrap().model = Some(multisensor());
    assert!(describe(&node)[0].attributes.iter().all(|attribute| attribute.name.as_str() != "pir_sensor_timeout"));
}
