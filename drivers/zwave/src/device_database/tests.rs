//! The whole table, and some models of it.

use std::collections::{BTreeMap, BTreeSet};

use super::condition::Subjects;
use super::model::Line;
use super::table::{TABLE, Table, place};
use super::*;
use crate::command_class::version::MajorMinor;
use crate::interview::Identity;

/// What of `compat` is obeyed, is so anyway, or is not obeyed; the same stands in `hub/docs/z-wave.md`.
const COMPAT: &[(&str, &[&str])] = &[
    (
        "obeyed",
        &[
            "addClasses",
            "alarmMapping",
            "forceNotificationIdleReset",
            "mapBasicReport",
            "mapBasicSet",
            "mapRootReportsToEndpoint",
            "overrideFloatEncoding",
            "overrideQueries",
            "preserveRootApplicationCCValueIDs",
            "queryOnWakeup",
            "remapNotifications",
            "removeClasses",
            "removeEndpoints",
            "skipConfigurationInfoQuery",
            "skipConfigurationNameQuery",
            "treatSetAsReport",
        ],
    ),
    (
        "so anyway",
        &[
            "disableStrictEntryControlDataValidation",
            "disableStrictMeasurementValidation",
            "encodeCCsUsingTargetVersion",
            "preserveEndpoints",
            "treatMultilevelSwitchSetAsEvent",
        ],
    ),
    (
        "not obeyed",
        &[
            "disableAutoRefresh",
            "disableCallbackFunctionTypeCheck",
            "forceSceneControllerGroupCount",
            "manualValueRefreshDelayMs",
            "reportTimeout",
            "treatDestinationEndpointAsSource",
            "useUTCInTimeParametersCC",
        ],
    ),
];

fn identity(manufacturer: u16, product_type: u16, product: u16) -> Identity {
    Identity { manufacturer, product_type, product }
}

fn model(manufacturer: u16, product_type: u16, product: u16, firmware: (u8, u8)) -> Model {
    let firmware = MajorMinor { major: firmware.0, minor: firmware.1 };
    find(identity(manufacturer, product_type, product), Some(firmware)).unwrap()
}

#[test]
fn every_line_can_be_read_and_every_fingerprint_leads_to_one() {
    let table = Table::read(TABLE).unwrap();
    assert!(table.title.starts_with("@zwave-js/config "), "{}", table.title);
    let mut blocks: BTreeMap<u16, Vec<String>> = BTreeMap::new();
    let mut compat = BTreeSet::new();
    let mut seen = BTreeSet::new();
    for key in table.fingerprints {
        let (block, line) = place(key);
        if !seen.insert((block, line)) {
            continue;
        }
        assert_ne!(block, 0);
        let lines = blocks.entry(block).or_insert_with(|| {
            let text = table.block(block).unwrap_or_else(|| panic!("block {block}"));
            text.lines().map(str::to_owned).collect()
        });
        let text = lines.get(usize::from(line)).unwrap_or_else(|| panic!("line {line} of block {block}"));
        let raw: serde_json::Value = serde_json::from_str(text).unwrap();
        for entry in raw.get("compat").and_then(serde_json::Value::as_array).into_iter().flatten() {
            compat.extend(entry.as_object().unwrap().keys().cloned());
        }
        let [m0, m1, t0, t1, p0, p1, ..] = *key;
        let [manufacturer, product_type, product] = [[m0, m1], [t0, t1], [p0, p1]].map(u16::from_be_bytes);
        let identity = identity(manufacturer, product_type, product);
        for minor in [0, 255] {
            let line: Line = serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"));
            let firmware = MajorMinor { major: minor, minor };
            check(text, &line.of(&Subjects::new(identity, Some(firmware))));
        }
    }
    assert!(seen.len() > 2_000, "{}", seen.len());
    compat.remove("when");
    let looked_at: BTreeSet<String> =
        COMPAT.iter().flat_map(|(_, names)| *names).map(|name| (*name).to_owned()).collect();
    assert_eq!(compat.difference(&looked_at).collect::<Vec<_>>(), Vec::<&String>::new(), "nobody has looked at these");
}

/// What must be true of every model.
fn check(text: &str, model: &Model) {
    assert!(!model.label.is_empty() && !model.manufacturer.is_empty(), "{text}");
    let names: BTreeSet<&str> = model.parameters.iter().map(|parameter| &*parameter.name).collect();
    assert_eq!(names.len(), model.parameters.len(), "two parameters have one name: {text}");
    for parameter in &model.parameters {
        assert!(!parameter.name.is_empty() && !crate::attributes::is_taken(&parameter.name), "{}", parameter.name);
        assert!((1..=4).contains(&parameter.size), "{text}");
        assert!(parameter.mask != Some(0), "{text}");
        let words: BTreeSet<&str> = parameter.options.iter().map(|option| &*option.word).collect();
        assert!(!parameter.is_choice() || words.len() == parameter.options.len(), "{}: {text}", parameter.name);
    }
}

#[test]
fn what_is_said_of_compat_is_said_in_the_documentation_too() {
    let document = include_str!("../../../../hub/docs/z-wave.md");
    for name in COMPAT.iter().flat_map(|(_, names)| *names) {
        let name = match *name {
            "addClasses" | "removeClasses" => "commandClasses",
            other => other,
        };
        assert!(document.contains(name), "hub/docs/z-wave.md does not name {name}");
    }
}

#[test]
fn a_model_is_found_by_its_fingerprint_and_its_firmware() {
    let sensor = model(0x0086, 0x0102, 0x0064, (1, 10));
    assert_eq!((&*sensor.manufacturer, &*sensor.label, &*sensor.description), ("AEON Labs", "ZW100", "MultiSensor 6"));
    let timeout = sensor.parameters.iter().find(|parameter| parameter.number == 3).unwrap();
    assert_eq!((&*timeout.name, timeout.size, timeout.range()), ("pir_sensor_timeout", 2, Some((10, 3600))));
    assert_eq!(timeout.default, Some(240));
    assert!(sensor.groups.iter().any(|group| group.group == 1 && group.lifeline && group.most == 5));
    // Parts of a parameter: other bits with another firmware.
    let masks = |model: &Model| {
        let parts = model.parameters.iter().filter(|parameter| parameter.number == 41);
        parts.map(|parameter| parameter.mask.unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(masks(&sensor), [0x0f00, 0xffff_0000]);
    assert_eq!(masks(&model(0x0086, 0x0102, 0x0064, (1, 6))), [0xffff]);
    assert_eq!(find(identity(0x0086, 0xfffe, 0xfffe), None), None);
    assert_eq!(find(identity(0xffff, 0xffff, 0xffff), None), None);
}

#[test]
fn a_manufacturer_is_known_where_the_model_is_not() {
    assert_eq!(manufacturer(0x0086).as_deref(), Some("AEON Labs"));
    assert_eq!(manufacturer(0xfffe), None);
}

#[test]
fn a_part_of_a_model_is_true_under_its_conditions() {
    let holds = |text: &str, firmware: (u8, u8)| {
        let condition: Condition = serde_json::from_str(text).unwrap();
        let firmware = MajorMinor { major: firmware.0, minor: firmware.1 };
        condition.holds(&Subjects::new(identity(1, 2, 3), Some(firmware)))
    };
    let between = r#"[[["firmware",">=",[2,10,0]],["firmware","<",[10,0,0]]],[["firmware","===",[11,0,0]]]]"#;
    for (firmware, expected) in
        [((2, 9), false), ((2, 10), true), ((9, 255), true), ((10, 0), false), ((11, 0), true), ((11, 1), false)]
    {
        assert_eq!(holds(between, firmware), expected, "{firmware:?}");
    }
    assert!(holds(r#"[[["productType","===",[2]],["product","===",[3]]]]"#, (0, 0)));
    assert!(!holds(r#"[[["product","!==",[3]]]]"#, (0, 0)));
    assert!(!holds(r#"[[["sdk","<",[7,22,1]]]]"#, (0, 0)));
}

#[test]
fn what_is_no_table_is_nothing() {
    for bytes in [
        &b""[..],
        b"\n",
        b"hearth-zwave-devices 1 x\n",
        b"hearth-zwave-devices 1 x\n\xff\xff\xff\xff",
        b"other\n\0\0\0\0",
    ] {
        assert!(Table::read(bytes).is_none(), "{bytes:?}");
    }
    let cut = Table::read(TABLE.get(..70_000).unwrap()).unwrap();
    assert_eq!(cut.block(u16::MAX), None);
    assert_eq!(cut.block(40), None);
}
