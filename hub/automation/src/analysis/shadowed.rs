//! `shadowed`: whenever a rule acts, another does the same in the same moment.

use std::collections::{BTreeMap, BTreeSet};

use hub_model::Said;
use hub_model::event::Severity;

use super::CheckFinding;
use super::effects::{Deed, Effect, Role};
use super::facts::Variable;
use super::model::{Case, Model, Rules};
use super::words::{deed, example};

const CODE: &str = "shadowed";

/// What an effect is about: a variable, or a message.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Topic {
    Variable(Variable),
    Message(String),
    Rule(usize),
}

pub(super) fn find(rules: &Rules<'_, '_>, findings: &mut Vec<CheckFinding>) {
    let mut by_topic: BTreeMap<Topic, BTreeSet<usize>> = BTreeMap::new();
    for (index, model) in rules.acting() {
        for effect in model.cases.iter().flat_map(|case| &case.effects).filter(|effect| counts(effect)) {
            by_topic.entry(topic(effect)).or_default().insert(index);
        }
    }
    let mut needless: BTreeSet<(usize, usize)> = BTreeSet::new();
    for (index, model) in rules.acting() {
        if model.is_called {
            // Another rule needs it.
            continue;
        }
        let topics = model.cases.iter().flat_map(|case| &case.effects).filter(|effect| counts(effect)).map(topic);
        let rarest = topics.filter_map(|topic| by_topic.get(&topic)).min_by_key(|rules| rules.len());
        for other in rarest.into_iter().flatten() {
            let Some(wider) = rules.models.get(*other).filter(|_| *other != index) else { continue };
            if does_all_of(wider, model) {
                needless.insert((index, *other));
            }
        }
    }
    for (index, other) in &needless {
        let (Some(model), Some(wider)) = (rules.models.get(*index), rules.models.get(*other)) else { continue };
        // Of two equal rules the one with the later id is not needed.
        if needless.contains(&(*other, *index)) && model.id < wider.id {
            continue;
        }
        let Some(case) = model.cases.first() else { continue };
        let first = case.effects.iter().find(|effect| counts(effect));
        let does = first.map_or_else(String::new, |effect| deed(&effect.deed, &rules.home));
        let path = model.rule.triggers.first().map_or("triggers", |trigger| &*trigger.path);
        let place = wider.rule.triggers.first().map_or("triggers", |trigger| &*trigger.path);
        let text = format!(
            "{:?} is not needed: whenever it acts and {does}, {:?} ({}) does the same in the same moment",
            model.name(),
            wider.name(),
            place,
        );
        let message = Said::from(text).with("place", place);
        let mut finding = model.finding(Severity::Warning, CODE, &[wider], path, message);
        if let (Some(signal), Some(facts)) = (model.signal(case), case.guard.cases().first()) {
            finding.example = Some(example(signal, facts, &rules.home).into());
        }
        if !findings.iter().any(|known| known.code == CODE && known.automations.first() == Some(model.id)) {
            findings.push(finding);
        }
    }
}

/// Echoes come of themselves, and what a run rule does is seen in what it does.
fn counts(effect: &Effect) -> bool {
    effect.role != Role::Echo && !matches!(effect.deed, Deed::Call(_))
}

fn topic(effect: &Effect) -> Topic {
    match &effect.deed {
        Deed::Set { variable, .. } => Topic::Variable(*variable),
        Deed::Told(notify) => Topic::Message(format!("{notify:?}")),
        Deed::Call(rule) => Topic::Rule(*rule),
    }
}

fn does_all_of(wider: &Model<'_>, model: &Model<'_>) -> bool {
    // A group is turned through its members, so that only one of both needs to be done.
    let waits = model.cases.iter().flat_map(|case| &case.effects).any(|effect| effect.moment != 0);
    if waits && !same_program(wider, model) {
        return false;
    }
    if wider.rule.priority < model.rule.priority {
        return false;
    }
    let mut does_anything = false;
    let covered = model.cases.iter().all(|case| {
        let Some(signal) = model.signal(case) else { return false };
        let mut same =
            wider.cases.iter().filter(|other| wider.signal(other).is_some_and(|other| signal.is_within(other)));
        let effects: Vec<&Effect> = case.effects.iter().filter(|effect| counts(effect)).collect();
        does_anything |= !effects.is_empty();
        same.any(|other| effects.iter().all(|effect| does(other, effect)))
    });
    // Each trigger must be covered, also those that do nothing.
    covered && does_anything
}

/// Whether a case does the same as an effect, in every situation in which the effect comes.
fn does(case: &Case, wanted: &Effect) -> bool {
    if wanted.guard.is_vague() {
        return false;
    }
    case.effects.iter().any(|effect| {
        let at_once = effect.moment == 0 || wanted.moment != 0;
        at_once
            && is_same(&effect.deed, &wanted.deed)
            && wanted.guard.cases().iter().all(|facts| effect.guard.follows_from(facts))
    })
}

fn is_same(left: &Deed, right: &Deed) -> bool {
    match (left, right) {
        (Deed::Set { variable, wish, .. }, Deed::Set { variable: other, wish: wanted, .. }) => {
            variable == other && wish.agrees(wanted)
        }
        (Deed::Told(left), Deed::Told(right)) => left == right,
        _ => false,
    }
}

fn same_program(left: &Model<'_>, right: &Model<'_>) -> bool {
    let (left, right) = (&left.rule.program, &right.rule.program);
    left.len() == right.len() && left.iter().zip(right).all(|(left, right)| left.kind == right.kind)
}
