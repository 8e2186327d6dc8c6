//! Reads what a rule does.

use hub_model::Said;
use hub_model::event::Severity;

use super::super::node::Content;
use super::super::place::{At, Findings};
use super::super::read_parts::Words;
use super::super::written::{Choice, Notify, OnTimeout, Placed, Repetition, Step};
use super::conditions::conditions;
use super::{list, triggers};

/// The words that say what an action is.
const ACTIONS: &[&str] = &[
    "command", "toggle", "scene", "delay", "wait_for", "choose", "if", "repeat", "parallel", "notify", "set_mode",
    "run", "stop",
];
/// What may stand beside the word.
const BESIDE: &[(&str, &[&str])] = &[
    ("wait_for", &["wait_for", "timeout", "on_timeout"]),
    ("choose", &["choose", "else"]),
    ("if", &["if", "then", "else"]),
];
const ON_TIMEOUT: &Words<OnTimeout> = &[("continue", OnTimeout::Continue), ("stop", OnTimeout::Stop)];
const SEVERITIES: &Words<Severity> = &[
    ("info", Severity::Info),
    ("warning", Severity::Warning),
    ("error", Severity::Error),
    ("critical", Severity::Error),
];
/// How often something may be repeated.
pub(crate) const MOST_REPEATS: u32 = 1_000;
/// How many things a rule may do side by side.
const MOST_BRANCHES: usize = 20;
/// How many attributes one command may set.
const MOST_SETTINGS: usize = 64;
/// How long names may be.
const MAX_NAME: usize = 200;

/// An action.
pub(super) fn step(at: &At<'_>, findings: &mut Findings) -> Option<Step> {
    let word = at.word("action", ACTIONS, findings)?;
    let beside = BESIDE.iter().find(|(name, _)| *name == word).map_or(std::slice::from_ref(&word), |(_, keys)| keys);
    at.only(beside, findings)?;
    let inner = at.key(word)?;
    match word {
        "command" => command(&inner, findings),
        "toggle" => toggle(&inner, findings),
        "scene" => scene(&inner, findings),
        "delay" => inner.duration(findings).map(Step::Delay),
        "wait_for" => {
            let timeout = at.key("timeout").and_then(|at| at.duration(findings));
            let on_timeout =
                at.key("on_timeout").map_or(Some(OnTimeout::Continue), |at| at.one_of(ON_TIMEOUT, findings));
            if inner.items().is_empty() {
                inner.wrong("missing", Said::new("wait", "say what to wait for"), findings);
            }
            let triggers = list(&inner, findings, triggers::trigger);
            Some(Step::WaitFor { triggers, timeout, on_timeout: on_timeout? })
        }
        "choose" => {
            let choices: Vec<Choice> = inner.items().iter().filter_map(|item| choice(item, findings)).collect();
            if inner.items().is_empty() {
                inner.wrong(
                    "missing",
                    Said::new("choice", "give at least one choice, like {if: […], do: […]}"),
                    findings,
                );
            }
            Some(Step::Choose { choices, otherwise: steps_below(at, "else", findings) })
        }
        "if" => {
            let conditions = conditions(&inner, findings);
            if at.key("then").is_none() && at.key("else").is_none() {
                at.wrong("missing", Said::new("then", "say what to do: give then or else"), findings);
            }
            let choice = Choice { conditions, steps: steps_below(at, "then", findings) };
            Some(Step::Choose { choices: vec![choice], otherwise: steps_below(at, "else", findings) })
        }
        "repeat" => repeat(&inner, findings),
        "parallel" => parallel(&inner, findings),
        "notify" => notify(&inner, findings).map(Step::Notify),
        "set_mode" => inner.name(MAX_NAME, findings).map(|mode| Step::SetMode(inner.placed(mode))),
        "run" => inner.name(MAX_NAME, findings).map(|rule| Step::Run(inner.placed(rule))),
        _ => inner.template(findings).map(Step::Stop),
    }
}

fn steps_below(at: &At<'_>, key: &str, findings: &mut Findings) -> Vec<Placed<Step>> {
    at.key(key).map_or_else(Vec::new, |at| list(&at, findings, step))
}

fn command(at: &At<'_>, findings: &mut Findings) -> Option<Step> {
    at.only(&["device", "endpoint", "set", "transition", "ttl"], findings)?;
    let devices = at.needed("device", findings).and_then(|at| at.devices(findings));
    let endpoint = at.key("endpoint").and_then(|at| at.endpoint(findings));
    let set = at.needed("set", findings)?;
    let wanted = set.given_map(MOST_SETTINGS, findings);
    if set.entries().is_some_and(|entries| entries.iter().all(|entry| entry.key == "note")) {
        set.wrong("bad_value", Said::new("set", "give what to set, like {on: true}"), findings);
    }
    let transition = at.key("transition").and_then(|at| at.duration(findings));
    let time_to_live = at.key("ttl").and_then(|at| at.duration(findings));
    Some(Step::Command { devices: devices?, endpoint, set: wanted, transition, time_to_live })
}

fn toggle(at: &At<'_>, findings: &mut Findings) -> Option<Step> {
    at.only(&["device", "endpoint", "attribute", "transition"], findings)?;
    let attribute = at.attribute(Some("on"), findings)?;
    let transition = at.key("transition").and_then(|at| at.duration(findings));
    Some(Step::Toggle {
        devices: attribute.devices,
        endpoint: attribute.endpoint,
        attribute: attribute.name,
        transition,
    })
}

/// A scene by its name, or with how long the change should take.
fn scene(at: &At<'_>, findings: &mut Findings) -> Option<Step> {
    if at.entries().is_none() {
        return Some(Step::Scene { scene: at.placed(at.name(MAX_NAME, findings)?), transition: None });
    }
    at.only(&["name", "transition"], findings)?;
    let transition = at.key("transition").and_then(|at| at.duration(findings));
    let name = at.needed("name", findings)?;
    Some(Step::Scene { scene: name.placed(name.name(MAX_NAME, findings)?), transition })
}

fn choice(at: &At<'_>, findings: &mut Findings) -> Option<Choice> {
    at.only(&["if", "do"], findings)?;
    let conditions = at.needed("if", findings).map(|at| conditions(&at, findings));
    at.needed("do", findings);
    Some(Choice { conditions: conditions?, steps: steps_below(at, "do", findings) })
}

fn repeat(at: &At<'_>, findings: &mut Findings) -> Option<Step> {
    at.only(&["times", "while", "do"], findings)?;
    at.needed("do", findings);
    let steps = steps_below(at, "do", findings);
    let repetition = match (at.key("times"), at.key("while")) {
        (Some(times), None) => match &times.node.content {
            Content::Number(number) if number.fract() == 0.0 && (1.0..=f64::from(MOST_REPEATS)).contains(number) => {
                Repetition::Times(*number as u32)
            }
            _ => {
                let text = format!("give a whole number from 1 to {MOST_REPEATS}");
                times.wrong("bad_value", Said::new("times", text).with("most", MOST_REPEATS), findings);
                return None;
            }
        },
        (None, Some(condition)) => Repetition::While(conditions(&condition, findings)),
        _ => {
            at.wrong("missing", Said::new("how_often", "say how often: give either times or while"), findings);
            return None;
        }
    };
    Some(Step::Repeat { repetition, steps })
}

/// Each item is an action, or a list of actions that are done one after the other.
fn parallel(at: &At<'_>, findings: &mut Findings) -> Option<Step> {
    let items = at.items();
    if items.is_empty() || items.len() > MOST_BRANCHES {
        let text = format!("give 1 to {MOST_BRANCHES} actions or lists of actions");
        at.wrong("bad_value", Said::new("branches", text).with("most", MOST_BRANCHES), findings);
        return None;
    }
    let branch = |item: &At<'_>, findings: &mut Findings| match item.key("do") {
        Some(steps) => {
            item.only(&["do"], findings);
            list(&steps, findings, step)
        }
        None => list(item, findings, step),
    };
    Some(Step::Parallel(items.iter().map(|item| branch(item, findings)).collect()))
}

fn notify(at: &At<'_>, findings: &mut Findings) -> Option<Notify> {
    if at.entries().is_none() {
        let message = at.template(findings)?;
        return Some(Notify { to: Vec::new(), title: None, message, severity: Severity::Info });
    }
    at.only(&["to", "title", "message", "severity"], findings)?;
    let to = at.key("to").map_or_else(Vec::new, |at| at.names(findings));
    let title = at.key("title").map(|at| at.template(findings));
    let message = at.needed("message", findings).and_then(|at| at.template(findings));
    let severity = at.key("severity").map_or(Some(Severity::Info), |at| at.one_of(SEVERITIES, findings));
    let title = match title {
        Some(title) => Some(title?),
        None => None,
    };
    Some(Notify { to, title, message: message?, severity: severity? })
}
