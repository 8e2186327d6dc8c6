//! Any text as a rule, in YAML and in JSON: refused or read; what was read means the same in both spellings, and is
//! compiled for a home without devices and for one with some.
#![no_main]

#[allow(dead_code)]
#[path = "../../tests/home.rs"]
mod home;

use std::sync::LazyLock;

use home::TestHome;
use hub_automation::document::written::Enabled;
use hub_automation::world::EmptyWorld;
use hub_automation::{Document, Finding, compile, document};
use libfuzzer_sys::fuzz_target;

type Read<T> = Result<T, Vec<Finding>>;

static HOME: LazyLock<TestHome> = LazyLock::new(|| {
    let mut home = TestHome::default();
    let devices = [
        "Hallway motion: motion sensor in hallway",
        "Hallway lamp: light in hallway",
        "Kitchen lamp: light in kitchen",
        "Lamp: light (id test:a)",
        "Lamp: light (id test:b)",
        "Plug: plug in kitchen",
        "Switch: double switch",
        "Front door: contact sensor in hallway",
        "Climate: climate sensor",
        "Button: button",
        "Lock: lock",
        "Thermostat: thermostat",
        "Blind: blind in kitchen",
        "All: light group",
    ];
    for device in devices {
        home.add(device);
    }
    home
});

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    each(text, document::parse_yaml, document::parse_yaml_many);
    each(text, document::parse_json, document::parse_json_many);
});

/// A text of one rule is also a text of many.
fn each(text: &str, one: fn(&str) -> Read<Document>, many: fn(&str) -> Read<Vec<Document>>) {
    match (one(text), many(text)) {
        (Ok(document), many) => {
            assert_eq!(many, Ok(vec![document.clone()]));
            check(&document);
        }
        (Err(_), many) => many.iter().flatten().for_each(check),
    }
}

fn check(document: &Document) {
    same(document);
    for enabled in [Enabled::No, Enabled::Shadow, Enabled::Yes] {
        let switched = document.clone().with_enabled(enabled);
        assert_eq!(document::parse_json(&switched.to_json()).map(|read| read.enabled()), Ok(enabled));
    }
    same(&document.clone().with_id(&"hall".into()));
    same(&document.resolved(&*HOME));
    same(&document.with_device_replaced(&"test:a".into(), &"test:b".into()));
    let _ = compile(document, &EmptyWorld::default());
    let compiled = compile(document, &*HOME).map(|rule| rule.devices);
    let resolved = compile(&document.resolved(&*HOME), &*HOME).map(|rule| rule.devices);
    assert_eq!(compiled.ok(), resolved.ok(), "ids in place of names change nothing");
}

/// Both spellings of a document mean the same, and are the same again when they are read.
fn same(document: &Document) {
    let json = document.to_json();
    let from_json = document::parse_json(&json).expect("JSON that was written can be read");
    assert_eq!(from_json.to_json(), json, "JSON stays the same");
    let yaml = document.to_yaml();
    let from_yaml = document::parse_yaml(&yaml).expect("YAML that was written can be read");
    assert_eq!(from_yaml.to_json(), json, "YAML says the same:\n{yaml}");
    assert_eq!(from_yaml.to_yaml(), yaml, "YAML stays the same");
}
