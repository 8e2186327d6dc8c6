//! Makes a home with as many rules as are asked for (500 if nobody says) and prints how long their analysis takes.
//!
//! `cargo run --release -p hub-automation --example analyse -- 500`

#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::expect_used, clippy::disallowed_methods)]

use std::collections::BTreeMap;
use std::fmt::Write as _;
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

fn main() {
    let rules = std::env::args().nth(1).and_then(|count| count.parse::<usize>().ok()).unwrap_or(500);
    let mut house = House::default();
    house.home.location = Some(Location { latitude: 52.5, longitude: 13.4 });
    house.home.time_zone = "Europe/Berlin".into();
    let flag = |name, access| AttributeSchema::new(name, Kind::Bool, access);
    let number = |name, access| AttributeSchema::new(name, Kind::Number, access);
    let mut text = String::new();
    for room in 0..rules.div_ceil(10) {
        let area = format!("room{room}");
        let name = |what: &str| format!("{area} {what}");
        let brightness = number("brightness", Access::ALL).range(0.0, 100.0);
        house.add(&name("lamp"), &area, Capability::Light, vec![flag("on", Access::ALL), brightness]);
        let sensor = vec![flag("occupancy", Access::NOTIFY), number("illuminance", Access::NOTIFY)];
        house.add(&name("motion"), &area, Capability::Sensor, sensor);
        house.add(&name("climate"), &area, Capability::Sensor, vec![number("temperature", Access::NOTIFY)]);
        house.add(&name("heater"), &area, Capability::Switch, vec![flag("on", Access::ALL)]);
        house.add(&name("window"), &area, Capability::Sensor, vec![flag("open", Access::NOTIFY)]);
        house.add(&name("blind"), &area, Capability::Cover, vec![number("position", Access::ALL).range(0.0, 100.0)]);
        let mut action = AttributeSchema::new("action", Kind::Enum, Access::NOTIFY).values(["single", "long"]);
        action.momentary = true;
        house.add(&name("button"), &area, Capability::Remote, vec![action]);
        let _ = write!(
            text,
            "{}",
            ROOM.replace("MM", &format!("{:02}", room % 60))
                .replace("R ", &format!("{area} "))
                .replace("R-", &format!("{area}-"))
                .replace("area: R,", &format!("area: {area},"))
        );
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
    println!("{} rules, {} devices: {took:?}, findings {codes:?}", set.len(), house.devices.len());
    for finding in findings.iter().filter(|finding| std::env::args().nth(2).as_deref() == Some(finding.code)).take(3) {
        println!("{}", finding.to_json());
    }
}
