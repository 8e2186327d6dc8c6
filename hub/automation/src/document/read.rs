//! Reads a rule from its tree. Everything that is wrong is found in one go.

use std::time::Duration;

use super::Finding;
use super::node::{Content, Node};
use super::place::{At, Findings};
use super::read_parts::Words;
use super::written::{CatchUp, CatchUpPolicy, Condition, Enabled, Mode, OnTimeout, Placed, Rule, Step, Trigger};

/// The keys of a rule.
const RULE: &[&str] = &["id", "name", "enabled", "mode", "catch_up", "triggers", "conditions", "actions"];
/// The words that say what a trigger, a condition and an action are.
const TRIGGERS: &[&str] = &["state", "event", "time", "availability"];
const CONDITIONS: &[&str] = &["state", "and", "or", "not"];
const ACTIONS: &[&str] = &["command", "delay", "wait_for"];

const MODES: &Words<Mode> =
    &[("single", Mode::Single), ("restart", Mode::Restart), ("queued", Mode::Queued), ("parallel", Mode::Parallel)];
const ON_TIMEOUT: &Words<OnTimeout> = &[("continue", OnTimeout::Continue), ("stop", OnTimeout::Stop)];

/// How long names and ids may be.
const MAX_NAME: usize = 200;

/// Reads a rule that stands at `path`.
pub(super) fn read_rule(tree: &Node, path: &str) -> Result<Rule, Vec<Finding>> {
    let mut findings = Vec::new();
    let rule = rule(&At::root(tree, path), &mut findings);
    match rule {
        Some(rule) if findings.is_empty() => Ok(rule),
        _ => Err(findings),
    }
}

fn rule(at: &At<'_>, findings: &mut Findings) -> Option<Rule> {
    at.only(RULE, findings)?;
    let id = at.key("id").and_then(|at| id(&at, findings));
    let name = at.needed("name", findings).and_then(|at| {
        let name = at.text(findings)?;
        if name.chars().count() > MAX_NAME {
            at.wrong("bad_value", format!("give at most {MAX_NAME} letters"), findings);
        }
        Some(name.to_owned())
    });
    let enabled = at.key("enabled").map_or(Some(Enabled::Yes), |at| enabled(&at, findings));
    let mode = at.key("mode").map_or(Some(Mode::Single), |at| at.one_of(MODES, findings));
    let catch_up = at.key("catch_up").map_or(Some(CatchUp::default()), |at| catch_up(&at, findings));
    let triggers = at.needed("triggers", findings).map(|at| {
        if at.items().is_empty() {
            at.wrong("missing", "give at least one trigger", findings);
        }
        list(&at, findings, trigger)
    });
    let conditions = at.key("conditions").map_or_else(Vec::new, |at| list(&at, findings, condition));
    let actions = at.needed("actions", findings).map(|at| {
        if at.items().is_empty() {
            at.wrong("missing", "give at least one action", findings);
        }
        list(&at, findings, step)
    });
    Some(Rule {
        id,
        name: name?,
        enabled: enabled?,
        mode: mode?,
        catch_up: catch_up?,
        triggers: triggers?,
        conditions,
        actions: actions?,
    })
}

fn list<T>(at: &At<'_>, findings: &mut Findings, read: fn(&At<'_>, &mut Findings) -> Option<T>) -> Vec<Placed<T>> {
    at.items().iter().filter_map(|item| read(item, findings).map(|value| item.placed(value))).collect()
}

/// An id: small letters, digits, `-` and `_`.
fn id(at: &At<'_>, findings: &mut Findings) -> Option<String> {
    let text = at.text(findings)?;
    let plain =
        text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_'));
    if !plain || text.len() > MAX_NAME {
        let message = format!("{} is no id; use small letters, digits, - and _", at.node.describe());
        at.wrong("bad_value", message, findings);
        return None;
    }
    Some(text.to_owned())
}

fn enabled(at: &At<'_>, findings: &mut Findings) -> Option<Enabled> {
    match &at.node.content {
        Content::Text(text) if text == "shadow" => Some(Enabled::Shadow),
        Content::Text(text) if super::read_parts::bool_hint(text).is_none() => {
            at.wrong("bad_value", format!("give true, false or shadow, not {}", at.node.describe()), findings);
            None
        }
        _ => at.boolean(findings).map(|on| if on { Enabled::Yes } else { Enabled::No }),
    }
}

/// One policy for both, or one for each.
fn catch_up(at: &At<'_>, findings: &mut Findings) -> Option<CatchUp> {
    if at.key("schedules").is_none() && at.key("waits").is_none() {
        let both = policy(at, findings)?;
        return Some(CatchUp { schedules: both, waits: both });
    }
    at.only(&["schedules", "waits"], findings)?;
    let mut catch_up = CatchUp::default();
    if let Some(at) = at.key("schedules") {
        catch_up.schedules = policy(&at, findings)?;
    }
    if let Some(at) = at.key("waits") {
        catch_up.waits = policy(&at, findings)?;
    }
    Some(catch_up)
}

fn policy(at: &At<'_>, findings: &mut Findings) -> Option<CatchUpPolicy> {
    match &at.node.content {
        Content::Text(text) if text == "skip" => Some(CatchUpPolicy::Skip),
        Content::Text(text) if text == "run_once" => Some(CatchUpPolicy::RunOnce),
        Content::Map(_) => {
            at.only(&["run_if_within"], findings)?;
            let limit = at.needed("run_if_within", findings)?.duration(findings)?;
            Some(CatchUpPolicy::RunIfWithin(limit))
        }
        _ => {
            let message =
                format!("{} is not known here; give skip, run_once or {{run_if_within: 10m}}", at.node.describe());
            at.wrong("bad_value", message, findings);
            None
        }
    }
}

fn hold(at: &At<'_>, findings: &mut Findings) -> Option<Duration> {
    at.key("for").and_then(|at| at.duration(findings))
}

/// A trigger. `weekdays` may stand beside `time` or in it.
fn trigger(at: &At<'_>, findings: &mut Findings) -> Option<Trigger> {
    let word = at.word("trigger", TRIGGERS, findings)?;
    at.only(if word == "time" { &["time", "weekdays"] } else { std::slice::from_ref(&word) }, findings)?;
    trigger_of(word, at, findings)
}

fn trigger_of(word: &str, beside: &At<'_>, findings: &mut Findings) -> Option<Trigger> {
    let at = beside.key(word)?;
    match word {
        "state" => {
            at.only(&["device", "endpoint", "attribute", "from", "to", "for"], findings)?;
            let attribute = at.attribute(None, findings);
            let from = at.key("from").map(|at| at.values(findings));
            let to = at.key("to").map(|at| at.values(findings));
            let hold = hold(&at, findings);
            Some(Trigger::State { attribute: attribute?, from, to, hold })
        }
        "event" => {
            at.only(&["device", "endpoint", "attribute", "is"], findings)?;
            let attribute = at.attribute(Some("action"), findings);
            let is = at.key("is").map(|at| at.values(findings));
            Some(Trigger::Event { attribute: attribute?, is })
        }
        "availability" => {
            at.only(&["device", "from", "to", "for"], findings)?;
            let devices = at.needed("device", findings).and_then(|at| at.devices(findings));
            let from = at.key("from").and_then(|at| at.availability(findings));
            let to = at.key("to").and_then(|at| at.availability(findings));
            let hold = hold(&at, findings);
            Some(Trigger::Availability { devices: devices?, from, to, hold })
        }
        _ => {
            let mut weekdays = beside.key("weekdays").map_or_else(Vec::new, |at| at.weekdays(findings));
            if at.entries().is_none() {
                return Some(Trigger::Time { at: at.times(findings), weekdays });
            }
            at.only(&["at", "weekdays"], findings)?;
            weekdays.extend(at.key("weekdays").map_or_else(Vec::new, |at| at.weekdays(findings)));
            let times = at.needed("at", findings)?.times(findings);
            Some(Trigger::Time { at: times, weekdays })
        }
    }
}

fn condition(at: &At<'_>, findings: &mut Findings) -> Option<Condition> {
    let word = at.word("condition", CONDITIONS, findings)?;
    at.only(std::slice::from_ref(&word), findings)?;
    let at = at.key(word)?;
    match word {
        "state" => {
            at.only(&["device", "endpoint", "attribute", "is", "for"], findings)?;
            let attribute = at.attribute(None, findings);
            let is = at.needed("is", findings).map(|at| at.values(findings));
            let hold = hold(&at, findings);
            Some(Condition::State { attribute: attribute?, is: is?, hold })
        }
        "and" => Some(Condition::And(list(&at, findings, condition))),
        "or" => Some(Condition::Or(list(&at, findings, condition))),
        _ => Some(Condition::Not(list(&at, findings, condition))),
    }
}

fn step(at: &At<'_>, findings: &mut Findings) -> Option<Step> {
    let word = at.word("action", ACTIONS, findings)?;
    let beside: &[&str] = if word == "wait_for" { &["wait_for", "timeout", "on_timeout"] } else { &[word] };
    at.only(beside, findings)?;
    match word {
        "command" => command(&at.key(word)?, findings),
        "delay" => at.key(word)?.duration(findings).map(Step::Delay),
        _ => {
            let timeout = at.key("timeout").and_then(|at| at.duration(findings));
            let on_timeout =
                at.key("on_timeout").map_or(Some(OnTimeout::Continue), |at| at.one_of(ON_TIMEOUT, findings));
            let waited = at.key(word)?;
            if waited.items().is_empty() {
                waited.wrong("missing", "say what to wait for", findings);
            }
            Some(Step::WaitFor { triggers: list(&waited, findings, trigger), timeout, on_timeout: on_timeout? })
        }
    }
}

fn command(at: &At<'_>, findings: &mut Findings) -> Option<Step> {
    at.only(&["device", "endpoint", "set", "transition", "ttl"], findings)?;
    let devices = at.needed("device", findings).and_then(|at| at.devices(findings));
    let endpoint = at.key("endpoint").and_then(|at| at.endpoint(findings));
    let set = at.needed("set", findings)?;
    let mut wanted = Vec::new();
    match set.entries() {
        Some(entries) if entries.iter().any(|entry| entry.key != "note") => {
            for entry in entries.iter().filter(|entry| entry.key != "note") {
                let Some(value) = set.key(&entry.key) else { continue };
                let mut name = value.placed(entry.key.clone());
                name.place.position = entry.position.or(name.place.position);
                wanted.push((name, value.placed(value.node.to_value())));
            }
        }
        _ => set.wrong("bad_value", "give what to set, like {on: true}", findings),
    }
    let transition = at.key("transition").and_then(|at| at.duration(findings));
    let time_to_live = at.key("ttl").and_then(|at| at.duration(findings));
    Some(Step::Command { devices: devices?, endpoint, set: wanted, transition, time_to_live })
}
