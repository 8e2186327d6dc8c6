//! Starts the hub on what a cut left and looks whether everything acknowledged is there.

use std::collections::BTreeMap;

use anyhow::Result;
use serde_json::Value;

use crate::hub::Hub;
use crate::work::{Fact, Place, STILL_WAITS, facts_after};

/// What was found on one disk.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Verdict {
    /// Everything acknowledged is there.
    Whole,
    /// Something acknowledged is gone.
    Lost(String),
    /// The hub does not start without a hand.
    Dead(String),
}

/// Compares the hub with what `acknowledged` changes made true. The change after them may have happened too: its answer
/// was under way.
pub fn check(hub: &Hub, facts: &[Fact], acknowledged: usize) -> Result<Verdict> {
    let certain = facts_after(facts, acknowledged);
    let possible = facts_after(facts, acknowledged + 1);
    let actual = read(hub, certain.keys().cloned().collect())?;
    for (place, wanted) in &certain {
        let found = actual.get(place).cloned().flatten();
        if found != *wanted && Some(&found) != possible.get(place) {
            return Ok(Verdict::Lost(format!("{place:?} is {found:?}, not {wanted:?}")));
        }
    }
    Ok(Verdict::Whole)
}

fn read(hub: &Hub, places: Vec<Place>) -> Result<BTreeMap<Place, Option<String>>> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let mut found = BTreeMap::new();
    found.insert(Place::Home, text(&hub.get("/api/v1/home")?["name"]));
    for area in items(hub, "/api/v1/areas?limit=1000")? {
        found.insert(Place::Area(text(&area["id"]).unwrap_or_default()), text(&area["name"]));
    }
    for device in items(hub, "/api/v1/devices?limit=1000")? {
        let id = text(&device["id"]).unwrap_or_default();
        found.insert(Place::DeviceName(id.clone()), text(&device["name"]));
        found.insert(Place::DeviceArea(id), text(&device["area"]));
    }
    for rule in items(hub, "/api/v1/automations?limit=1000")? {
        let id = text(&rule["id"]).unwrap_or_default();
        // A rule and its revision are kept together or not at all.
        let newest = hub.get(&format!("/api/v1/automations/{id}/revisions?limit=1"))?["items"][0].clone();
        let is_whole = (&newest["revision"], &newest["name"]) == (&rule["revision"], &rule["name"]);
        let name = if is_whole { text(&rule["name"]) } else { Some(format!("{rule} beside {newest}")) };
        found.insert(Place::Automation(id), name);
    }
    for run in hub.get("/api/v1/system")?["caught_up"]["runs"].as_array().into_iter().flatten() {
        let detail = run["detail"].as_str().unwrap_or_default();
        let text = if detail.starts_with(STILL_WAITS) { STILL_WAITS } else { detail };
        let rule = run["automation"].as_str().unwrap_or_default();
        if rule.starts_with("wait-") {
            found.insert(Place::Wait(rule.to_owned()), Some(text.to_owned()));
        }
    }
    for place in places {
        if let Place::Command(id) = &place {
            let device = hub.get(&format!("/api/v1/commands/{id}")).ok().and_then(|command| text(&command["device"]));
            found.insert(place, device);
        }
    }
    Ok(found)
}

fn items(hub: &Hub, path: &str) -> Result<Vec<Value>> {
    Ok(hub.get(path)?["items"].as_array().cloned().unwrap_or_default())
}
