//! `never_true` and `always_true`: conditions that decide nothing, and triggers that lead nowhere.

use hub_model::Said;
use hub_model::event::Severity;

use super::CheckFinding;
use super::conditions::when;
use super::facts::Guard;
use super::home::Home;
use super::model::Model;
use super::program::Asked;
use super::triggers::{Firing, Signal, of_trigger};
use super::words::{example, known};
use crate::rule::{Condition, ConditionKind, InstructionKind};

/// A condition by its path, and what it asks if there are words for it.
fn named(condition: &Condition, model: &Model<'_>, home: &mut Home<'_>) -> String {
    let guard = when(condition, true, model.document, home);
    match guard.cases() {
        [facts] => match known(facts, home) {
            Some(words) => format!("{} ({words})", condition.path),
            None => condition.path.to_string(),
        },
        _ => condition.path.to_string(),
    }
}

const NEVER: &str = "never_true";
const ALWAYS: &str = "always_true";

/// What of a rule's conditions decides nothing.
pub(super) fn find(model: &Model<'_>, home: &mut Home<'_>, findings: &mut Vec<CheckFinding>) {
    let before = findings.len();
    impossible_triggers(model, home, findings);
    let dead = findings.len() > before;
    for condition in &model.rule.conditions {
        by_itself(condition, model, home, findings);
    }
    if findings[before..].iter().all(|finding| finding.code != NEVER || finding.path.starts_with("triggers")) {
        against_triggers(model, dead, home, findings);
    }
    if !model.cases.is_empty() || model.is_called {
        for asked in &model.asked {
            inside(asked, model, home, findings);
        }
    }
}

fn is_possible(firing: &Firing) -> bool {
    !matches!(&firing.signal, Signal::Change(change) if !change.is_possible())
}

/// Triggers, and things that are waited for, that cannot happen.
fn impossible_triggers(model: &Model<'_>, home: &mut Home<'_>, findings: &mut Vec<CheckFinding>) {
    let waited = model.rule.program.iter().filter_map(|instruction| match &instruction.kind {
        InstructionKind::WaitFor { triggers, .. } => Some(triggers),
        _ => None,
    });
    for (trigger, is_wait) in model
        .rule
        .triggers
        .iter()
        .map(|trigger| (trigger, false))
        .chain(waited.flatten().map(|trigger| (trigger, true)))
    {
        let mut firings = Vec::new();
        of_trigger(0, trigger, true, home, &mut firings);
        // A wait goes on if what it waits for already stands, wherever that came from.
        let impossible = |firing: &Firing| match &firing.signal {
            Signal::Change(change) if is_wait => change.after.is_empty(),
            _ => !is_possible(firing),
        };
        if firings.is_empty() || !firings.iter().all(impossible) {
            continue;
        }
        let verb = if is_wait { "wait for" } else { "be set off by" };
        let text = format!(
            "{:?} can never {verb} {}: no value is what it asks for, or none is a change",
            model.name(),
            trigger.path
        );
        let message = Said::new(if is_wait { "wait" } else { "trigger" }, text);
        findings.push(model.finding(Severity::Warning, NEVER, &[], &trigger.path, message));
    }
}

/// A condition that holds never or always, whatever the home does; or a part of it.
fn by_itself(condition: &Condition, model: &Model<'_>, home: &mut Home<'_>, findings: &mut Vec<CheckFinding>) {
    let holds = when(condition, true, model.document, home);
    if holds.is_never() {
        let text = format!("{} of {:?} can never hold", named(condition, model, home), model.name());
        let message = Said::new("condition", text);
        findings.push(with_start(model.finding(Severity::Warning, NEVER, &[], &condition.path, message), model, home));
        return;
    }
    let fails = when(condition, false, model.document, home);
    if !fails.is_vague() && !fails.has_known() {
        let text =
            format!("{} of {:?} always holds, so it decides nothing", named(condition, model, home), model.name());
        let message = Said::new("condition", text);
        findings.push(with_start(model.finding(Severity::Warning, ALWAYS, &[], &condition.path, message), model, home));
        return;
    }
    match &condition.kind {
        ConditionKind::And(inner) | ConditionKind::Or(inner) | ConditionKind::Not(inner) => {
            for part in inner {
                by_itself(part, model, home, findings);
            }
        }
        _ => {}
    }
}

/// Conditions against each other and against what sets the rule off.
fn against_triggers(model: &Model<'_>, some_impossible: bool, home: &mut Home<'_>, findings: &mut Vec<CheckFinding>) {
    let conditions = &model.rule.conditions;
    let guards: Vec<Guard> = conditions.iter().map(|condition| when(condition, true, model.document, home)).collect();
    if let Some(index) = first_contradiction(&Guard::always(), &guards) {
        let Some(condition) = conditions.get(index) else { return };
        let with = contradicted(index, &guards).and_then(|other| conditions.get(other));
        let own = named(condition, model, home);
        let message = match with {
            Some(other) => {
                let named = named(other, model, home);
                let text = format!("{:?} can never act: {named} and {own} cannot hold together", model.name());
                Said::new("together", text).with("place", &other.path)
            }
            None => Said::new(
                "all_together",
                format!("{:?} can never act: its conditions cannot hold together", model.name()),
            ),
        };
        findings.push(with_start(model.finding(Severity::Warning, NEVER, &[], &condition.path, message), model, home));
        return;
    }
    let possible: Vec<&Firing> = model.firings.iter().filter(|firing| is_possible(firing)).collect();
    let passes =
        |firing: &Firing| guards.iter().fold(Guard::of(firing.facts.clone()), |guard, condition| guard.and(condition));
    let stuck: Vec<bool> = possible.iter().map(|firing| passes(firing).is_never()).collect();
    if possible.is_empty() {
        return;
    }
    if stuck.iter().all(|stuck| *stuck) && !model.is_called && !some_impossible {
        let blamed =
            guards.iter().position(|guard| possible.iter().all(|firing| guard.and_facts(&firing.facts).is_never()));
        let blamed = blamed.or_else(|| {
            first_contradiction(
                &possible.first().map_or_else(Guard::always, |firing| Guard::of(firing.facts.clone())),
                &guards,
            )
        });
        let (Some(condition), Some(firing)) = (blamed.and_then(|index| conditions.get(index)), possible.first()) else {
            return;
        };
        let text = format!(
            "{:?} can never act: {} never holds when {} fires",
            model.name(),
            named(condition, model, home),
            trigger_path(model, firing)
        );
        let message = Said::new("when_it_fires", text).with("place", trigger_path(model, firing));
        let mut finding = model.finding(Severity::Warning, NEVER, &[], &condition.path, message);
        finding.example = Some(example(&firing.signal, &firing.facts, home).into());
        findings.push(finding);
        return;
    }
    dead_triggers(model, &possible, &stuck, &guards, home, findings);
    parts_against_triggers(model, &possible, home, findings);
    if !model.is_called {
        repeated(model, &possible, home, findings);
    }
}

/// Triggers that never pass the conditions, beside others that do.
fn dead_triggers(
    model: &Model<'_>,
    possible: &[&Firing],
    stuck: &[bool],
    guards: &[Guard],
    home: &mut Home<'_>,
    findings: &mut Vec<CheckFinding>,
) {
    for (index, trigger) in model.rule.triggers.iter().enumerate() {
        let own: Vec<(&Firing, bool)> = possible
            .iter()
            .zip(stuck)
            .filter(|(firing, _)| firing.trigger == index)
            .map(|(firing, stuck)| (*firing, *stuck))
            .collect();
        let Some((firing, _)) = own.first().filter(|_| own.iter().all(|(_, stuck)| *stuck)) else { continue };
        let blamed = first_contradiction(&Guard::of(firing.facts.clone()), guards);
        let blamed = blamed.and_then(|index| model.rule.conditions.get(index));
        let blamed = blamed.map_or("its conditions".to_owned(), |condition| named(condition, model, home));
        let text = format!("{} of {:?} leads nowhere: when it fires, {blamed} never holds", trigger.path, model.name());
        let message = Said::new("leads_nowhere", text);
        let mut finding = model.finding(Severity::Warning, NEVER, &[], &trigger.path, message);
        finding.example = Some(example(&firing.signal, &firing.facts, home).into());
        findings.push(finding);
    }
}

/// Parts of an `or` that never hold, whatever sets the rule off.
fn parts_against_triggers(
    model: &Model<'_>,
    possible: &[&Firing],
    home: &mut Home<'_>,
    findings: &mut Vec<CheckFinding>,
) {
    if model.is_called {
        return;
    }
    for condition in &model.rule.conditions {
        let ConditionKind::Or(parts) = &condition.kind else { continue };
        for part in parts {
            let holds = when(part, true, model.document, home);
            if holds.is_never() || !possible.iter().all(|firing| holds.and_facts(&firing.facts).is_never()) {
                continue;
            }
            let named = named(part, model, home);
            let text = format!("{named} of {:?} never holds when the rule is set off", model.name());
            let message = Said::new("part", text);
            let mut finding = model.finding(Severity::Warning, NEVER, &[], &part.path, message);
            finding.example = possible.first().map(|firing| example(&firing.signal, &firing.facts, home).into());
            findings.push(finding);
        }
    }
}

/// Conditions that say what each trigger says already.
fn repeated(model: &Model<'_>, possible: &[&Firing], home: &mut Home<'_>, findings: &mut Vec<CheckFinding>) {
    for condition in &model.rule.conditions {
        let fails = when(condition, false, model.document, home);
        if fails.is_vague() || !fails.has_known() {
            continue;
        }
        if possible.iter().any(|firing| fails.and_facts(&firing.facts).has_known()) {
            continue;
        }
        let text = format!(
            "{} of {:?} always holds when the rule is set off: it repeats what its triggers say",
            named(condition, model, home),
            model.name()
        );
        let message = Said::new("repeats", text);
        let mut finding = model.finding(Severity::Info, ALWAYS, &[], &condition.path, message);
        finding.example = possible.first().map(|firing| example(&firing.signal, &firing.facts, home).into());
        findings.push(finding);
    }
}

/// Conditions inside what a rule does.
fn inside(asked: &Asked, model: &Model<'_>, home: &mut Home<'_>, findings: &mut Vec<CheckFinding>) {
    let before = findings.len();
    for condition in &asked.conditions {
        by_itself(condition, model, home, findings);
    }
    if findings.len() > before {
        return;
    }
    // Where only some events lead to it, the others are what it is for.
    let always_reached = asked.reached >= model.cases.len().max(1);
    if asked.contradiction || (asked.reached > 0 && !asked.can_hold) {
        let asks = asks(asked, model, home);
        let message = if asked.contradiction {
            let text = format!("{asks} of {:?} can never hold: its conditions exclude each other", model.name());
            Said::new("exclude", text)
        } else {
            let text = format!(
                "{asks} of {:?} never holds where it is asked, so what depends on it is never done",
                model.name()
            );
            Said::new("where_asked", text)
        };
        findings.push(with_start(model.finding(Severity::Warning, NEVER, &[], &asked.path, message), model, home));
    } else if asked.tautology || (always_reached && !asked.can_fail && !asked.repeats) {
        let severity = if asked.has_other || asked.tautology { Severity::Warning } else { Severity::Info };
        let rest =
            if asked.has_other { ", so that what stands behind it is never done" } else { ", so it decides nothing" };
        let asks = asks(asked, model, home);
        let text = format!("{asks} of {:?} always holds where it is asked{rest}", model.name());
        let message = Said::new(if asked.has_other { "else_is_dead" } else { "where_asked" }, text);
        findings.push(with_start(model.finding(severity, ALWAYS, &[], &asked.path, message), model, home));
    }
}

/// Conditions by their path, and what they ask if it is one of which there are words.
fn asks(asked: &Asked, model: &Model<'_>, home: &mut Home<'_>) -> String {
    match asked.conditions.as_slice() {
        [only] => named(only, model, home),
        _ => asked.path.to_string(),
    }
}

/// A finding with what sets its rule off as the example.
fn with_start(mut finding: CheckFinding, model: &Model<'_>, home: &Home<'_>) -> CheckFinding {
    let start = model.cases.first().and_then(|case| Some((model.signal(case)?, case.guard.cases().first()?)));
    let start = start.or_else(|| model.firings.first().map(|firing| (&firing.signal, &firing.facts)));
    finding.example = start.map(|(signal, facts)| example(signal, facts, home).into());
    finding
}

/// The first of the guards that cannot hold with all before it.
fn first_contradiction(start: &Guard, guards: &[Guard]) -> Option<usize> {
    let mut so_far = start.clone();
    for (index, guard) in guards.iter().enumerate() {
        so_far = so_far.and(guard);
        if so_far.is_never() {
            return Some(index);
        }
    }
    None
}

/// An earlier guard that alone excludes this one.
fn contradicted(index: usize, guards: &[Guard]) -> Option<usize> {
    let own = guards.get(index)?;
    guards.iter().take(index).position(|other| other.and(own).is_never())
}

fn trigger_path<'m>(model: &'m Model<'_>, firing: &Firing) -> &'m str {
    model.rule.triggers.get(firing.trigger).map_or("a trigger", |trigger| &*trigger.path)
}
