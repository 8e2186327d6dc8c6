//! Reads a rule from its tree. Everything that is wrong is found in one go.

mod conditions;
mod steps;
mod tests;
mod triggers;

use super::Finding;
use super::node::{Content, Node};
use super::place::{At, Findings};
use super::read_parts::Words;
use super::written::{CatchUp, CatchUpPolicy, Enabled, Mode, Placed, Rule};
use hub_model::Said;

/// The keys of a rule.
const RULE: &[&str] = &[
    "id",
    "name",
    "enabled",
    "mode",
    "catch_up",
    "priority",
    "variables",
    "triggers",
    "conditions",
    "actions",
    "tests",
];

const MODES: &Words<Mode> =
    &[("single", Mode::Single), ("restart", Mode::Restart), ("queued", Mode::Queued), ("parallel", Mode::Parallel)];

/// How long names and ids may be.
const MAX_NAME: usize = 200;
/// The greatest priority, and the least below zero.
const MAX_PRIORITY: f64 = 1_000.0;
/// How many variables a rule may have.
const MAX_VARIABLES: usize = 100;

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
    let name = at.needed("name", findings).and_then(|at| at.name(MAX_NAME, findings));
    let enabled = at.key("enabled").map_or(Some(Enabled::Yes), |at| enabled(&at, findings));
    let mode = at.key("mode").map_or(Some(Mode::Single), |at| at.one_of(MODES, findings));
    let catch_up = at.key("catch_up").map_or(Some(CatchUp::default()), |at| catch_up(&at, findings));
    let priority = at.key("priority").map_or(Some(0), |at| priority(&at, findings));
    let variables = at.key("variables").map_or_else(Vec::new, |at| at.given_map(MAX_VARIABLES, findings));
    let triggers = at.needed("triggers", findings).map(|at| {
        if at.items().is_empty() {
            at.wrong("missing", Said::new("trigger", "give at least one trigger"), findings);
        }
        list(&at, findings, triggers::trigger)
    });
    let conditions = at.key("conditions").map_or_else(Vec::new, |at| list(&at, findings, conditions::condition));
    let actions = at.needed("actions", findings).map(|at| {
        if at.items().is_empty() {
            at.wrong("missing", Said::new("action", "give at least one action"), findings);
        }
        list(&at, findings, steps::step)
    });
    let tests = at.key("tests").map_or_else(Vec::new, |at| list(&at, findings, tests::test));
    Some(Rule {
        id,
        name: name?,
        enabled: enabled?,
        mode: mode?,
        catch_up: catch_up?,
        priority: priority?,
        variables: variables.into_iter().map(|(name, given)| (name.value, given)).collect(),
        triggers: triggers?,
        conditions,
        actions: actions?,
        tests,
    })
}

fn list<T>(at: &At<'_>, findings: &mut Findings, read: fn(&At<'_>, &mut Findings) -> Option<T>) -> Vec<Placed<T>> {
    at.items().iter().filter_map(|item| read(item, findings).map(|value| item.placed(value))).collect()
}

/// An id: small letters, digits, `-` and `_`.
fn id(at: &At<'_>, findings: &mut Findings) -> Option<String> {
    let text = at.text(findings)?;
    if let Err(finding) = check_id(text) {
        at.wrong(finding.code, finding.message, findings);
        return None;
    }
    Some(text.to_owned())
}

/// Whether a rule can have this id: small letters, digits, `-` and `_`, 200 of them at most.
pub fn check_id(id: &str) -> Result<(), Finding> {
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_');
    if !id.is_empty() && id.len() <= MAX_NAME && id.bytes().all(is_plain) {
        return Ok(());
    }
    let shown: String = id.chars().take(MAX_NAME).collect();
    let message = Said::new("id", format!("{shown:?} is no id; use small letters, digits, - and _"));
    Err(Finding::new("bad_value", "id", None, message))
}

fn enabled(at: &At<'_>, findings: &mut Findings) -> Option<Enabled> {
    match &at.node.content {
        Content::Text(text) if text == "shadow" => Some(Enabled::Shadow),
        Content::Text(text) if super::read_parts::bool_hint(text).is_none() => {
            let message = Said::new("enabled", format!("give true, false or shadow, not {}", at.node.describe()));
            at.wrong("bad_value", message, findings);
            None
        }
        _ => at.boolean(findings).map(|on| if on { Enabled::Yes } else { Enabled::No }),
    }
}

fn priority(at: &At<'_>, findings: &mut Findings) -> Option<i32> {
    match &at.node.content {
        Content::Number(number) if number.fract() == 0.0 && number.abs() <= MAX_PRIORITY => Some(*number as i32),
        _ => {
            let text = format!(
                "{} is no priority; give a whole number from -{MAX_PRIORITY} to {MAX_PRIORITY}, the greater wins",
                at.node.describe()
            );
            at.wrong("bad_value", Said::new("priority", text).with("most", MAX_PRIORITY), findings);
            None
        }
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
            let text =
                format!("{} is not known here; give skip, run_once or {{run_if_within: 10m}}", at.node.describe());
            at.wrong("bad_value", Said::new("catch_up", text), findings);
            None
        }
    }
}
