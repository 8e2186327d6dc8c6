//! Reads the tests of a rule.

use std::time::Duration;

use hub_model::{Said, Value};
use jiff::civil;

use super::super::node::Content;
use super::super::place::{At, Findings};
use super::super::tests::{Effect, Given, Happening, Test};
use super::super::written::{self, Placed};

/// How long a name may be.
const MAX_NAME: usize = 200;
/// How many things may happen in one test.
const MOST_STEPS: usize = 1_000;
/// What may happen.
const HAPPENINGS: &[&str] = &[
    "after",
    "device",
    "endpoint",
    "attribute",
    "value",
    "event",
    "availability",
    "mode",
    "person",
    "presence",
    "webhook",
    "down",
];

/// A test.
pub(super) fn test(at: &At<'_>, findings: &mut Findings) -> Option<Test> {
    at.only(&["name", "given", "when", "then"], findings)?;
    let name = at.needed("name", findings).and_then(|at| at.name(MAX_NAME, findings));
    let given = at.key("given").map_or(Some(Given::default()), |at| given(&at, findings));
    let when = at.needed("when", findings).map(|at| {
        let items = at.items();
        if items.len() > MOST_STEPS {
            let message = Said::new("entries", format!("give at most {MOST_STEPS}")).with("most", MOST_STEPS);
            at.wrong("too_large", message, findings);
        }
        items
            .iter()
            .filter_map(|item| {
                let after = item.key("after").map_or(Some(Duration::ZERO), |at| at.duration(findings))?;
                Some((after, item.placed(happening(item, findings)?)))
            })
            .collect()
    });
    let then = at.needed("then", findings).map(|at| {
        let items = at.items();
        items.iter().filter_map(|item| effect(item, findings).map(|effect| item.placed(effect))).collect()
    });
    Some(Test { name: name?, given: given?, when: when?, then: then? })
}

fn given(at: &At<'_>, findings: &mut Findings) -> Option<Given> {
    at.only(&["time", "mode", "presence", "states"], findings)?;
    let mut given = Given { mode: text(at, "mode", findings), ..Given::default() };
    if let Some(at) = at.key("time") {
        given.time = at.text(findings).and_then(|text| text.parse::<civil::DateTime>().ok());
        if given.time.is_none() {
            let message = Said::new("local_time", "write a local time like \"2026-11-20 18:00\"");
            at.wrong("bad_value", message, findings);
        }
    }
    if let Some(at) = at.key("presence") {
        for entry in at.entries().unwrap_or_default().iter().filter(|entry| entry.key != "note") {
            if let Some(place) = text(&at, &entry.key, findings) {
                given.presence.push((entry.key.clone(), place));
            }
        }
        if at.entries().is_none() {
            at.wrong("bad_value", Said::new("who_is_where", "write who is where, like {anna: home}"), findings);
        }
    }
    if let Some(at) = at.key("states") {
        for item in at.items() {
            if let Some(state) = happening(&item, findings) {
                if !matches!(state, Happening::Report { .. } | Happening::Availability { .. }) {
                    let text = "give a device with attribute and value, or its availability";
                    item.wrong("bad_value", Said::new("given_state", text), findings);
                }
                given.states.push(item.placed(state));
            }
        }
    }
    Some(given)
}

fn text(at: &At<'_>, key: &str, findings: &mut Findings) -> Option<String> {
    at.key(key).and_then(|at| at.text(findings).map(str::to_owned))
}

fn happening(at: &At<'_>, findings: &mut Findings) -> Option<Happening> {
    at.only(HAPPENINGS, findings)?;
    if at.key("device").is_some() {
        let device = text(at, "device", findings)?;
        if let Some(availability) = at.key("availability") {
            return Some(Happening::Availability { device, to: availability.availability(findings)? });
        }
        let endpoint = match at.key("endpoint") {
            Some(at) => Some(at.endpoint(findings)?),
            None => None,
        };
        let value = at.needed("value", findings)?.node.to_value();
        if at.key("event").is_some() {
            return Some(Happening::Event { device, endpoint, attribute: text(at, "event", findings)?, value });
        }
        at.needed("attribute", findings)?;
        return Some(Happening::Report { device, endpoint, attribute: text(at, "attribute", findings)?, value });
    }
    if at.key("person").is_some() {
        at.needed("presence", findings)?;
        return Some(Happening::Presence {
            person: text(at, "person", findings)?,
            to: text(at, "presence", findings)?,
        });
    }
    if at.key("mode").is_some() {
        return text(at, "mode", findings).map(Happening::Mode);
    }
    if at.key("webhook").is_some() {
        return text(at, "webhook", findings).map(Happening::Webhook);
    }
    if let Some(at) = at.key("down") {
        return at.duration(findings).map(Happening::Down);
    }
    if at.key("after").is_none() {
        let text = "say what happens: give a device, a person, a mode, a webhook, down or after";
        at.wrong("missing", Said::new("happening", text), findings);
    }
    Some(Happening::Wait)
}

fn effect(at: &At<'_>, findings: &mut Findings) -> Option<Effect> {
    let word = at.word("effect", &["device", "scene", "notify", "set_mode"], findings)?;
    match word {
        "device" => {
            at.only(&["device", "endpoint", "set"], findings)?;
            let endpoint = match at.key("endpoint") {
                Some(at) => Some(at.endpoint(findings)?),
                None => None,
            };
            let set = at.needed("set", findings)?.given_map(MOST_STEPS, findings);
            let set = set
                .into_iter()
                .filter_map(|(name, Placed { value, .. })| match value {
                    written::Given::Value(value) => Some((name.value, value)),
                    written::Given::Template(_) => None,
                })
                .collect::<Vec<(String, Value)>>();
            Some(Effect::Command { device: text(at, "device", findings)?, endpoint, set })
        }
        "notify" => {
            at.only(&["notify"], findings)?;
            let whom = at.key("notify")?;
            let anybody = matches!(whom.node.content, Content::Bool(true) | Content::Null);
            Some(Effect::Notify(if anybody { None } else { Some(whom.text(findings)?.to_owned()) }))
        }
        "scene" => {
            at.only(&["scene"], findings)?;
            text(at, "scene", findings).map(Effect::Scene)
        }
        _ => {
            at.only(&["set_mode"], findings)?;
            text(at, "set_mode", findings).map(Effect::SetMode)
        }
    }
}
