//! What the client does to the hub, and what must then be so.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use crate::disk::{Recorded, wait_for};
use crate::hub::Hub;
use crate::random::Random;

/// Something that an acknowledged change made true: this place of the hub holds this text, or nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    pub place: Place,
    pub text: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    Home,
    Area(String),
    DeviceName(String),
    DeviceArea(String),
    Automation(String),
    Command(String),
    /// A run of this rule that waits.
    Wait(String),
}

/// How long a rule waits that is set off while the power may fail.
const WAIT: &str = "24h";
/// What is said after a restart of a run that goes on waiting.
pub const STILL_WAITS: &str = "it waits 23h";
/// A decision of a rule is on the medium after this: it is written with what else is decided within 50 ms.
const KEPT_AFTER: Duration = Duration::from_millis(300);
/// How long a run may take to begin, on a busy machine.
const BEGINS_WITHIN: Duration = Duration::from_secs(10);

/// What holds after the first `count` changes.
pub fn facts_after(facts: &[Fact], count: usize) -> BTreeMap<Place, Option<String>> {
    facts.iter().take(count).map(|fact| (fact.place.clone(), fact.text.clone())).collect()
}

/// How many devices the demo home has at least.
const DEVICES: usize = 15;

/// The ids of the demo home's devices, once they are all there.
pub fn devices(hub: &Hub) -> Result<Vec<Value>> {
    let mut devices = Vec::new();
    wait_for("the demo home", Duration::from_secs(20), || {
        let answer = hub.get("/api/v1/devices?limit=1000").unwrap_or_default();
        devices = answer["items"].as_array().cloned().unwrap_or_default();
        devices.len() >= DEVICES
    })?;
    Ok(devices)
}

/// Claims the hub and changes things, one after the other; behind each answer of success a mark with its number.
pub fn work(hub: &Hub, data: &Path, disk: &Recorded, operations: u64, random: &mut Random) -> Result<Vec<Fact>> {
    let code = std::fs::read_to_string(data.join("setup-code")).context("the set-up code")?;
    let mut facts = Vec::new();
    let mut done = |fact: Fact| -> Result<()> {
        facts.push(fact);
        disk.mark(&facts.len().to_string())
    };
    let owner = json!({"username": "owner", "password": "correct horse battery staple"});
    let setup = json!({"setup_code": code.trim(), "home_name": "Home 0", "owner": owner});
    hub.request("POST", "/api/v1/setup", Some(&setup))?;
    done(Fact { place: Place::Home, text: Some("Home 0".to_owned()) })?;

    let devices = devices(hub)?;
    let ids: Vec<String> = devices.iter().filter_map(|device| Some(device["id"].as_str()?.to_owned())).collect();
    let lamps: Vec<String> = devices.iter().filter(|device| is_lamp(device)).filter_map(|device| Some(device["id"].as_str()?.to_owned())).collect();
    ensure!(!lamps.is_empty(), "the demo home has no lamp");
    let mut areas: Vec<String> = Vec::new();
    let mut rules = 0;
    for number in 0..operations {
        let id = &ids[random.below(ids.len() as u64) as usize];
        let device = format!("/api/v1/devices/{}", id.replace(':', "%3A"));
        match random.below(9) {
            0 => {
                let name = format!("Home {number}");
                hub.request("PATCH", "/api/v1/home", Some(&json!({"name": name})))?;
                done(Fact { place: Place::Home, text: Some(name) })?;
            }
            1 => {
                let name = format!("Area {number}");
                let area = hub.request("POST", "/api/v1/areas", Some(&json!({"name": name})))?;
                let area = area["id"].as_str().context("the area's id")?.to_owned();
                done(Fact { place: Place::Area(area.clone()), text: Some(name) })?;
                areas.push(area);
            }
            2 if !areas.is_empty() => {
                let area = areas[random.below(areas.len() as u64) as usize].clone();
                hub.request("PATCH", &device, Some(&json!({"area": area})))?;
                done(Fact { place: Place::DeviceArea(id.clone()), text: Some(area) })?;
            }
            3 | 4 => {
                let rule = random.below(rules + 1);
                rules = rules.max(rule + 1);
                let name = format!("Rule {number}");
                let document = json!({
                    "name": name,
                    "triggers": [{"time": "03:07"}],
                    "actions": [{"command": {"device": lamps[0], "set": {"on": number % 2 == 0}}}],
                });
                hub.request("PUT", &format!("/api/v1/automations/rule-{rule}"), Some(&document))?;
                done(Fact { place: Place::Automation(format!("rule-{rule}")), text: Some(name) })?;
            }
            7 => {
                let rule = format!("wait-{number}");
                let webhook = format!("power-cut-webhook-{number}");
                let document = json!({
                    "name": format!("Wait {number}"),
                    "triggers": [{"webhook": {"id": webhook}}],
                    "actions": [{"delay": WAIT}, {"command": {"device": lamps[0], "set": {"on": false}}}],
                });
                hub.request("PUT", &format!("/api/v1/automations/{rule}"), Some(&document))?;
                done(Fact { place: Place::Automation(rule.clone()), text: Some(format!("Wait {number}")) })?;
                // Nobody is told when a decision of a rule is kept.
                let before = disk.flushes()?;
                hub.request("POST", &format!("/api/v1/webhooks/{webhook}"), Some(&json!({})))?;
                wait_for("the run of a rule", BEGINS_WITHIN, || {
                    let waits = hub.get(&format!("/api/v1/automations/{rule}"));
                    waits.is_ok_and(|rule| rule["active_runs"] == 1)
                })?;
                let decided = Instant::now();
                wait_for("the decision of a rule on the medium", BEGINS_WITHIN, || {
                    decided.elapsed() >= KEPT_AFTER && disk.flushes().is_ok_and(|flushes| flushes > before)
                })?;
                done(Fact { place: Place::Wait(rule), text: Some(STILL_WAITS.to_owned()) })?;
            }
            5 | 6 => {
                let lamp = &lamps[random.below(lamps.len() as u64) as usize];
                let path = format!("/api/v1/devices/{}/commands", lamp.replace(':', "%3A"));
                let command = hub.request("POST", &path, Some(&json!({"set": {"on": number % 2 == 0}})))?;
                let command = command["id"].as_str().context("the command's id")?.to_owned();
                done(Fact { place: Place::Command(command), text: Some(lamp.clone()) })?;
            }
            _ => {
                let name = format!("Device {number}");
                hub.request("PATCH", &device, Some(&json!({"name": name})))?;
                done(Fact { place: Place::DeviceName(id.clone()), text: Some(name) })?;
            }
        }
    }
    Ok(facts)
}

fn is_lamp(device: &Value) -> bool {
    let endpoints = device["endpoints"].as_array().cloned().unwrap_or_default();
    endpoints.iter().flat_map(|endpoint| endpoint["attributes"].as_array().cloned().unwrap_or_default()).any(|attribute| {
        attribute["name"] == "brightness"
    })
}
