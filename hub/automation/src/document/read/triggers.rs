//! Reads triggers.

use std::time::Duration;

use hub_model::Said;

use super::super::place::{At, Findings};
use super::super::written::{Trigger, TriggerKind};
use crate::cron::Cron;

/// The words that say what a trigger is.
const TRIGGERS: &[&str] = &[
    "state",
    "numeric",
    "event",
    "time",
    "sun",
    "every",
    "cron",
    "availability",
    "presence",
    "mode",
    "start",
    "webhook",
];
/// Those beside which weekdays may stand.
const ON_WEEKDAYS: &[&str] = &["time", "sun"];
/// The shortest time after which something happens again.
const SHORTEST_PERIOD: Duration = Duration::from_secs(1);
/// How long the id of a trigger or a webhook may be.
const MAX_ID: usize = 100;

/// A trigger. `weekdays` may stand beside `time` or in it.
pub(super) fn trigger(at: &At<'_>, findings: &mut Findings) -> Option<Trigger> {
    let word = at.word("trigger", TRIGGERS, findings)?;
    let beside: &[&str] = if ON_WEEKDAYS.contains(&word) { &[word, "id", "weekdays"] } else { &[word, "id"] };
    at.only(beside, findings)?;
    let id = at.key("id").and_then(|at| at.name(MAX_ID, findings));
    Some(Trigger { id, kind: kind(word, at, findings)? })
}

pub(super) fn hold(at: &At<'_>, findings: &mut Findings) -> Option<Duration> {
    at.key("for").and_then(|at| at.duration(findings))
}

fn kind(word: &str, beside: &At<'_>, findings: &mut Findings) -> Option<TriggerKind> {
    let at = beside.key(word)?;
    match word {
        "state" => {
            at.only(&["device", "endpoint", "attribute", "from", "to", "for"], findings)?;
            let attribute = at.attribute(None, findings);
            let from = at.key("from").map(|at| at.values(findings));
            let to = at.key("to").map(|at| at.values(findings));
            let hold = hold(&at, findings);
            Some(TriggerKind::State { attribute: attribute?, from, to, hold })
        }
        "numeric" => {
            at.only(&["device", "endpoint", "attribute", "above", "below", "for"], findings)?;
            let attribute = at.attribute(None, findings);
            let range = at.range(findings);
            let hold = hold(&at, findings);
            Some(TriggerKind::Numeric { attribute: attribute?, range: range?, hold })
        }
        "event" => {
            at.only(&["device", "endpoint", "attribute", "is"], findings)?;
            let attribute = at.attribute(Some("action"), findings);
            let is = at.key("is").map(|at| at.values(findings));
            Some(TriggerKind::Event { attribute: attribute?, is })
        }
        "availability" => {
            at.only(&["device", "from", "to", "for"], findings)?;
            let devices = at.needed("device", findings).and_then(|at| at.devices(findings));
            let from = at.key("from").and_then(|at| at.availability(findings));
            let to = at.key("to").and_then(|at| at.availability(findings));
            let hold = hold(&at, findings);
            Some(TriggerKind::Availability { devices: devices?, from, to, hold })
        }
        "presence" => {
            at.only(&["person", "anyone", "everyone", "from", "to", "for"], findings)?;
            let people = at.people(findings);
            let place = |key: &'static str, findings: &mut Findings| {
                at.key(key).and_then(|at| at.text(findings).map(|text| at.placed(text.to_owned())))
            };
            let (from, to) = (place("from", findings), place("to", findings));
            let hold = hold(&at, findings);
            Some(TriggerKind::Presence { people: people?, from, to, hold })
        }
        "mode" if at.entries().is_none() => {
            Some(TriggerKind::Mode { from: None, to: Some(at.names(findings)), hold: None })
        }
        "mode" => {
            at.only(&["from", "to", "for"], findings)?;
            let from = at.key("from").map(|at| at.names(findings));
            let to = at.key("to").map(|at| at.names(findings));
            Some(TriggerKind::Mode { from, to, hold: hold(&at, findings) })
        }
        "sun" => {
            let mut weekdays = beside.key("weekdays").map_or_else(Vec::new, |at| at.weekdays(findings));
            if at.entries().is_none() {
                return Some(TriggerKind::Sun { moment: at.sun_moment(None, findings)?, weekdays });
            }
            at.only(&["event", "offset", "weekdays"], findings)?;
            weekdays.extend(at.key("weekdays").map_or_else(Vec::new, |at| at.weekdays(findings)));
            let moment = at.needed("event", findings)?.sun_moment(at.key("offset").as_ref(), findings)?;
            Some(TriggerKind::Sun { moment, weekdays })
        }
        "every" => {
            let period = at.duration(findings)?;
            if period < SHORTEST_PERIOD {
                at.wrong("bad_value", Said::new("period", "give at least 1s"), findings);
                return None;
            }
            Some(TriggerKind::Every(period))
        }
        "cron" => {
            let text = at.text(findings)?;
            match Cron::parse(text) {
                Ok(cron) => Some(TriggerKind::Cron(cron)),
                Err(error) => {
                    at.wrong("bad_value", Said::new("cron", error.to_string()).with("error", error), findings);
                    None
                }
            }
        }
        "start" => {
            if at.entries().is_none() && !at.is_null() {
                at.wrong("bad_value", Said::new("start", "write start: {}"), findings);
            } else if at.entries().is_some() {
                at.only(&[], findings);
            }
            Some(TriggerKind::Start)
        }
        "webhook" => {
            let id = if at.entries().is_some() {
                at.only(&["id"], findings)?;
                at.needed("id", findings)?.name(MAX_ID, findings)?
            } else {
                at.name(MAX_ID, findings)?
            };
            Some(TriggerKind::Webhook(at.placed(id)))
        }
        _ => {
            let mut weekdays = beside.key("weekdays").map_or_else(Vec::new, |at| at.weekdays(findings));
            if at.entries().is_none() {
                return Some(TriggerKind::Time { at: at.times(findings), weekdays });
            }
            at.only(&["at", "weekdays"], findings)?;
            weekdays.extend(at.key("weekdays").map_or_else(Vec::new, |at| at.weekdays(findings)));
            let times = at.needed("at", findings)?.times(findings);
            Some(TriggerKind::Time { at: times, weekdays })
        }
    }
}
