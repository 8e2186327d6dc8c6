//! Any text as a condition and as a template: refused or read; what was read comes to something or fails in words, the
//! same each time, within its bounds, and names its devices where they stand.
#![no_main]

#[allow(dead_code)]
#[path = "../../tests/home.rs"]
mod home;

use std::sync::LazyLock;

use home::TestHome;
use hub_automation::expression::{Evaluated, Expression, Reference, Scope, Template};
use hub_model::zone::Zone;
use hub_model::{Now, Source, Timestamp, Value, Wall};
use libfuzzer_sys::fuzz_target;
use serde_json::json;

/// A home with one lamp on, one sensor that reported, and much that did not.
struct Fixture {
    home: TestHome,
    zone: Zone,
    now: Now,
    trigger: serde_json::Value,
    variables: serde_json::Map<String, serde_json::Value>,
}

static FIXTURE: LazyLock<Fixture> = LazyLock::new(|| {
    let mut home = TestHome::default();
    for device in
        ["Lamp: light", "Climate: climate sensor", "Switch: double switch", "A: light (id a)", "A: light (id b)"]
    {
        home.add(device);
    }
    let time = Timestamp(1_795_194_005_250);
    for (device, attribute, value) in
        [("Lamp", "on", Value::Bool(true)), ("Climate", "temperature", Value::Number(4.5))]
    {
        home.report(&(home.find(device), 1, attribute.into()), value, Source::Reported, time);
    }
    let variables = json!({"n": 5, "text": "Lamp", "list": ["a", "b", 1, null], "map": {"a": 1.5, "b": true}});
    Fixture {
        home,
        zone: Zone::named("Europe/Berlin").unwrap(),
        now: Now { wall: Wall { time, ..Wall::default() }, ..Now::default() },
        trigger: json!({"to": true, "from": null, "color": {"hue": 30}}),
        variables: variables.as_object().cloned().unwrap(),
    }
});

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let fixture = &*FIXTURE;
    let (trigger, variables) = (&fixture.trigger, &fixture.variables);
    let scope = Scope { now: &fixture.now, zone: &fixture.zone, world: &fixture.home, trigger, variables };
    if let Ok(condition) = Expression::condition(text) {
        same(&condition.holds(&scope), &condition.holds(&scope));
        spans(text, condition.references());
        let renamed = Expression::rename_devices(text, &mut |name| Some(format!("{name}\"\\{{}}")));
        let again = Expression::condition(&renamed).expect("names of devices change no grammar");
        assert!(names(again.references()).eq(names(condition.references()).map(|name| format!("{name}\"\\{{}}"))));
        assert_eq!(Expression::rename_devices(text, &mut |_| None), text);
    }
    if let Ok(template) = Template::new(text) {
        let Evaluated { result, .. } = template.text(&scope);
        assert!(result.is_ok_and(|text| text.len() <= 16 * 1024) || !template.is_constant());
        same(&template.value(&scope), &template.value(&scope));
        spans(text, template.references());
        let renamed = Template::rename_devices(text, &mut |name| Some(format!("{name}'}}}}")));
        let again = Template::new(&renamed).expect("names of devices change no grammar");
        assert!(names(again.references()).eq(names(template.references()).map(|name| format!("{name}'}}}}"))));
        assert_eq!(Template::rename_devices(text, &mut |_| None), text);
    }
});

fn names(references: &[Reference]) -> impl Iterator<Item = String> + '_ {
    references.iter().map(|reference| reference.device.to_string())
}

fn same<T: PartialEq + std::fmt::Debug>(one: &Evaluated<T>, other: &Evaluated<T>) {
    assert_eq!(one, other, "the same home at the same time");
}

/// Each reference stands where it says, in quotes.
fn spans(text: &str, references: &[Reference]) {
    let mut end = 0;
    for reference in references {
        let quoted = &text[reference.span.clone()];
        assert!(reference.span.start >= end && quoted.len() >= 2 && quoted.starts_with(['"', '\'']));
        end = reference.span.end;
    }
}
