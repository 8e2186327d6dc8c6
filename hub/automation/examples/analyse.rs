//! Makes a home with as many rules as are asked for (500 if nobody says) and prints how long their analysis takes.
//!
//! `cargo run --release -p hub-automation --example analyse -- 500`; a code behind the number shows some findings of it.

#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::expect_used, clippy::disallowed_methods)]

use std::collections::BTreeMap;
use std::time::Instant;

use hub_automation::World;
use hub_automation::analysis::{RuleOfSet, check};
use hub_automation::document::parse_yaml_many;
use hub_model::device::{Capability, Device, DeviceRecord, Endpoint};
use hub_model::household::{Home, Location};
use hub_model::{Access, AttributeSchema, AttributeState, AutomationId, Availability, DeviceId, EndpointNumber, Kind};

#[derive(Default)]
struct House {
    devices: BTreeMap<DeviceId, DeviceRecord>,
    home: Home,
}

impl World for House {
    fn device(&self, device: &DeviceId) -> Option<&DeviceRecord> {
        self.devices.get(device)
    }
    fn devices(&self) -> Box<dyn Iterator<Item = &DeviceRecord> + '_> {
        Box::new(self.devices.values())
    }
    fn state(&self, _: &DeviceId, _: EndpointNumber, _: &str) -> Option<&AttributeState> {
        None
    }
    fn availability(&self, _: &DeviceId) -> Availability {
        Availability::Online
    }
    fn home(&self) -> &Home {
        &self.home
    }
}

impl House {
    fn add(&mut self, name: &str, area: &str, capability: Capability, attributes: Vec<AttributeSchema>) {
        let id = DeviceId::from(format!("test:{}", name.to_lowercase().replace(' ', "-")));
        let endpoint = Endpoint { number: 1, label: None, capabilities: vec![capability], attributes };
        let device = Device { id: id.clone(), interviewed: true, endpoints: vec![endpoint], ..Device::default() };
        let mut record = DeviceRecord::new(device);
        record.name = name.into();
        record.area = Some(area.into());
        self.devices.insert(id, record);
    }

    /// What is in one room.
    fn furnish(&mut self, area: &str) {
        let flag = |name, access| AttributeSchema::new(name, Kind::Bool, access);
        let number = |name, access| AttributeSchema::new(name, Kind::Number, access);
        let mut action = AttributeSchema::new("action", Kind::Enum, Access::NOTIFY).values(["single", "long"]);
        action.momentary = true;
        let percent = |name| number(name, Access::ALL).range(0.0, 100.0);
        let things = [
            ("lamp", Capability::Light, vec![flag("on", Access::ALL), percent("brightness")]),
            (
                "motion",
                Capability::Sensor,
                vec![flag("occupancy", Access::NOTIFY), number("illuminance", Access::NOTIFY)],
            ),
            ("climate", Capability::Sensor, vec![number("temperature", Access::NOTIFY)]),
            ("heater", Capability::Switch, vec![flag("on", Access::ALL)]),
            ("window", Capability::Sensor, vec![flag("open", Access::NOTIFY)]),
            ("blind", Capability::Cover, vec![percent("position")]),
            ("button", Capability::Remote, vec![action]),
        ];
        for (what, capability, attributes) in things {
            self.add(&format!("{area} {what}"), area, capability, attributes);
        }
    }
}

/// The rules of one room: light, heat, blind, scene button; some of them are about the whole house.
const ROOM: &str = r#"
- {id: "R-on", name: R light on, mode: restart, triggers: [{state: {device: R motion, attribute: occupancy, to: true}}], conditions: [{sun: {after: sunset, before: sunrise}}, {mode: {is: [home, night]}}], actions: [{command: {device: R lamp, set: {on: true, brightness: 60}}}, {wait_for: {state: {device: R motion, attribute: occupancy, to: false, for: 2m}}, timeout: 30m}, {command: {device: R lamp, set: {on: false}}}]}
- {id: "R-cold", name: R cold, triggers: [{numeric: {device: R climate, attribute: temperature, below: 19}}], conditions: [{not: [{state: {device: R window, attribute: open, is: true}}]}], actions: [{command: {device: R heater, set: {on: true}}}]}
- {id: "R-warm", name: R warm, triggers: [{numeric: {device: R climate, attribute: temperature, above: 21}}, {state: {device: R window, attribute: open, to: true}}], actions: [{command: {device: R heater, set: {on: false}}}]}
- {id: "R-morning", name: R morning, triggers: [{time: "07:MM", weekdays: [mon, tue, wed, thu, fri]}], conditions: [{presence: {anyone: true, is: home}}], actions: [{command: {device: R blind, set: {position: 100}}}]}
- {id: "R-evening", name: R evening, triggers: [{sun: {event: sunset, offset: MMm}}], actions: [{command: {device: R blind, set: {position: 0}}}]}
- {id: "R-leave", name: R leave, triggers: [{presence: {everyone: true, to: away}}], actions: [{command: {device: {area: R, type: light}, set: {on: false}}}, {command: {device: R heater, set: {on: false}}}]}
- {id: "R-night", name: R night, triggers: [{mode: {to: night}}], conditions: [{time: {after: "20:00", before: "04:00"}}], actions: [{choose: [{if: [{state: {device: R lamp, attribute: on, is: true}}], do: [{command: {device: R lamp, set: {brightness: 10}}}]}], else: [{command: {device: R lamp, set: {on: false}}}]}]}
- {id: "R-press", name: R press, triggers: [{event: {device: R button, is: single}}], actions: [{toggle: {device: R lamp}}]}
- {id: "R-dark", name: R all dark, triggers: [{event: {device: R button, is: long}}], actions: [{command: {device: {type: light, all: true}, set: {on: false}}}]}
- {id: "R-follow", name: R follows, triggers: [{state: {device: R lamp, attribute: on, to: true}}], conditions: [{mode: {is: night}}], actions: [{command: {device: R blind, set: {position: 0}}}]}
"#;

/// Rules of one room that all lead to each other: each lamp darkens and lights the whole house.
const RING: &str = r#"
- {id: "R-dark", name: R dark, triggers: [{state: {device: R lamp, attribute: on, to: true}}], actions: [{command: {device: {type: light, all: true}, set: {on: false}}}]}
- {id: "R-lit", name: R lit, triggers: [{state: {device: R lamp, attribute: on, to: false}}], actions: [{command: {device: {type: light, all: true}, set: {on: true}}}]}
"#;

fn main() {
    let rules = std::env::args().nth(1).and_then(|count| count.parse::<usize>().ok()).unwrap_or(500);
    let shown = std::env::args().nth(2);
    measure("rooms", ROOM, rules.div_ceil(10), shown.as_deref());
    measure("one ring", RING, rules.div_ceil(2), shown.as_deref());
}

/// A house of so many rooms with these rules in each.
fn measure(what: &str, rules_of_room: &str, rooms: usize, shown: Option<&str>) {
    let mut house = House::default();
    house.home.location = Some(Location { latitude: 52.5, longitude: 13.4 });
    house.home.time_zone = "Europe/Berlin".into();
    let mut text = String::new();
    for room in 0..rooms {
        let area = format!("room{room}");
        house.furnish(&area);
        let rules = rules_of_room
            .replace("MM", &format!("{:02}", room % 60))
            .replace("R ", &format!("{area} "))
            .replace("R-", &format!("{area}-"))
            .replace("area: R,", &format!("area: {area},"));
        text.push_str(&rules);
    }
    let documents = parse_yaml_many(&text).expect("the rules are right");
    let ids: Vec<AutomationId> = documents.iter().map(|document| document.id().unwrap_or_default().into()).collect();
    let set: Vec<RuleOfSet<'_>> = ids.iter().zip(&documents).map(|(id, document)| RuleOfSet { id, document }).collect();
    let started = Instant::now();
    let findings = check(&set, &house);
    let took = started.elapsed();
    let mut codes: BTreeMap<&str, usize> = BTreeMap::new();
    for finding in &findings {
        *codes.entry(finding.code).or_default() += 1;
    }
    println!("{what}: {} rules, {} devices: {took:?}, findings {codes:?}", set.len(), house.devices.len());
    for finding in findings.iter().filter(|finding| shown == Some(finding.code)).take(3) {
        println!("{}", finding.to_json());
    }
}
