//! `undone`: a rule brings a device out of its rest, and nothing ever sets it to anything else.

use std::collections::BTreeMap;

use hub_model::Value;
use hub_model::device::Capability;
use hub_model::event::Severity;

use super::CheckFinding;
use super::effects::{Deed, Effect, Role, Wish};
use super::facts::Variable;
use super::home::Home;
use super::model::{Case, Model, Rules};
use super::triggers::Signal;
use super::words::{DANGEROUS, LIGHTS, example, has_word, list, name};
use crate::rule::AttributeKey;

const CODE: &str = "undone";

/// What should not be left for ever, and the value in which it rests; none = it has no rest.
const STATES: &[(&str, Option<Value>)] = &[
    ("alarm", Some(Value::Bool(false))),
    ("cooling_setpoint", None),
    ("fan_mode", None),
    ("fan_speed", Some(Value::Number(0.0))),
    ("heating_setpoint", None),
    ("hvac_mode", None),
    ("locked", Some(Value::Bool(true))),
    ("on", Some(Value::Bool(false))),
    ("position", Some(Value::Number(0.0))),
];
/// Settings that let a device come back by itself.
const TIMERS: &[&str] = &["countdown", "duration", "auto_relock_time", "on_time", "timer"];

pub(super) fn find(rules: &Rules<'_, '_>, findings: &mut Vec<CheckFinding>) {
    let mut wishes: BTreeMap<Variable, Vec<&Wish>> = BTreeMap::new();
    for (_, model) in rules.acting() {
        for effect in model.all_cases().flat_map(|case| &case.effects) {
            if let Deed::Set { variable, wish, .. } = &effect.deed
                && effect.role != Role::Echo
            {
                wishes.entry(*variable).or_default().push(wish);
            }
        }
    }
    for (_, model) in rules.acting() {
        // By the step, in the order in which they stand.
        let mut by_step: Vec<(&str, Severity, Vec<Variable>, &Wish)> = Vec::new();
        let mut examples = Vec::new();
        for case in model.all_cases() {
            for effect in &case.effects {
                let Some((variable, wish, severity)) = left_behind(effect, case, model, &wishes, &rules.home) else {
                    continue;
                };
                match by_step.iter_mut().find(|(path, ..)| *path == &*effect.path) {
                    Some((_, worst, variables, _)) => {
                        *worst = severity.max(*worst);
                        if !variables.contains(&variable) {
                            variables.push(variable);
                        }
                    }
                    None => {
                        by_step.push((&effect.path, severity, vec![variable], wish));
                        let start = model.signal(case).zip(case.guard.cases().first());
                        examples.push(start.map(|(signal, facts)| example(signal, facts, &rules.home)));
                    }
                }
            }
        }
        for ((path, severity, variables, wish), start) in by_step.into_iter().zip(examples) {
            let mut names: Vec<String> =
                variables.iter().take(5).map(|variable| name(*variable, &rules.home)).collect();
            if variables.len() > names.len() {
                names.push(format!("{} more", variables.len() - names.len()));
            }
            let value = if let Wish::Value { value, .. } = wish { value.to_string() } else { "something".to_owned() };
            let message = format!(
                "{:?} sets {} to {value} ({path}), and no rule ever sets it to anything else",
                model.name(),
                list(&names)
            );
            let mut finding = model.finding(severity, CODE, &[], path, message);
            finding.example = start.map(|start| format!("{start}; from then on it stays {value}").into());
            findings.push(finding);
        }
    }
}

/// What an effect leaves behind for ever, if it does.
fn left_behind<'e>(
    effect: &'e Effect,
    case: &Case,
    model: &Model<'_>,
    wishes: &BTreeMap<Variable, Vec<&Wish>>,
    home: &Home<'_>,
) -> Option<(Variable, &'e Wish, Severity)> {
    let Deed::Set { variable, key: Some(key), wish } = &effect.deed else { return None };
    // A group is looked at in its members; what a run rule does is its own matter.
    if !matches!(effect.role, Role::Said | Role::Member) {
        return None;
    }
    let Wish::Value { value, .. } = wish else { return None };
    let (_, rest) = STATES.iter().find(|(name, _)| *name == key.attribute.as_str())?;
    let rests = match rest {
        Some(rest) => value == rest,
        None => key.attribute.as_str() == "fan_mode" && value.as_text() == Some("off"),
    };
    if rests || wishes.get(variable)?.iter().any(|other| is_another(wish, other)) {
        return None;
    }
    if has_timer(effect, key, case) || keeps(model, case, *variable, wish) {
        return None;
    }
    Some((*variable, wish, severity(key, home)?))
}

fn is_another(wish: &Wish, other: &Wish) -> bool {
    matches!(other, Wish::Opposite | Wish::Computed(_) | Wish::Copy(_)) || wish.contradicts(other)
}

/// The same command sets a timer of the device.
fn has_timer(effect: &Effect, key: &AttributeKey, case: &Case) -> bool {
    case.effects.iter().any(|other| {
        let Deed::Set { key: Some(other_key), wish, .. } = &other.deed else { return false };
        let runs = !matches!(wish, Wish::Value { value: Value::Number(number), .. } if *number <= 0.0);
        runs && other.path == effect.path
            && (&other_key.device, other_key.endpoint) == (&key.device, key.endpoint)
            && TIMERS.contains(&other_key.attribute.as_str())
    })
}

/// The rule is set off by the value going away, and sets it again.
fn keeps(model: &Model<'_>, case: &Case, variable: Variable, wish: &Wish) -> bool {
    let Some(Signal::Change(change)) = model.signal(case) else { return false };
    let Wish::Value { around, .. } = wish else { return false };
    change.variable == variable && change.is_said && !change.after.meets(around)
}

/// How bad it is; none if nobody minds.
fn severity(key: &AttributeKey, home: &Home<'_>) -> Option<Severity> {
    let record = home.record(&key.device)?;
    let endpoint = record.device.endpoint(key.endpoint)?;
    let is = |capability| endpoint.capabilities.contains(&capability);
    let dangerous = match key.attribute.as_str() {
        "alarm" | "locked" | "heating_setpoint" | "cooling_setpoint" | "hvac_mode" => true,
        _ if is(Capability::Light) || is(Capability::Fan) => false,
        // A lamp in the oven is a lamp, unless it is there to warm.
        _ => {
            has_word(record, DANGEROUS)
                && (!has_word(record, LIGHTS) || has_word(record, &["heat", "heater", "heating"]))
        }
    };
    Some(if dangerous { Severity::Warning } else { Severity::Info })
}
