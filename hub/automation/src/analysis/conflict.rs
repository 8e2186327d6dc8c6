//! `conflict`: one event can set off two rules, or two parts of one, that set different values in that moment.

use std::collections::{BTreeMap, BTreeSet};

use hub_model::Said;
use hub_model::event::Severity;

use super::CheckFinding;
use super::effects::{Deed, Effect, Role, Wish};
use super::facts::{Facts, Guard, Variable};
use super::model::{Case, Model, Rules};
use super::words::{deed, example};

const CODE: &str = "conflict";
/// How many pairs of effects on one thing are looked at.
const MOST_PAIRS: usize = 50_000;

/// An effect of a rule in the moment in which it fires.
struct Setting<'m> {
    rule: usize,
    case: &'m Case,
    effect: &'m Effect,
    wish: &'m Wish,
}

pub(super) fn find(rules: &Rules<'_, '_>, findings: &mut Vec<CheckFinding>) {
    let mut settings: BTreeMap<Variable, Vec<Setting<'_>>> = BTreeMap::new();
    for (rule, model) in rules.acting() {
        for case in &model.cases {
            for effect in &case.effects {
                if let Deed::Set { variable, wish, .. } = &effect.deed
                    && effect.moment == 0
                    && effect.role != Role::Echo
                {
                    settings.entry(*variable).or_default().push(Setting { rule, case, effect, wish });
                }
            }
            within(model, case, rules, findings);
        }
    }
    let mut told: BTreeSet<(usize, usize)> = BTreeSet::new();
    for of_one in settings.values() {
        let mut pairs = 0;
        for (index, left) in of_one.iter().enumerate() {
            for right in of_one.iter().skip(index + 1) {
                pairs += 1;
                if pairs > MOST_PAIRS {
                    break;
                }
                let pair = (left.rule.min(right.rule), left.rule.max(right.rule));
                if left.rule == right.rule || !left.wish.contradicts(right.wish) || told.contains(&pair) {
                    continue;
                }
                let (first, second) = if left.rule < right.rule { (left, right) } else { (right, left) };
                if let Some(finding) = clash(first, second, rules) {
                    told.insert(pair);
                    findings.push(finding);
                }
            }
        }
    }
}

fn clash(left: &Setting<'_>, right: &Setting<'_>, rules: &Rules<'_, '_>) -> Option<CheckFinding> {
    let (model, other) = (rules.models.get(left.rule)?, rules.models.get(right.rule)?);
    if model.rule.priority != other.rule.priority {
        return None;
    }
    let (signal, other_signal) = (model.signal(left.case)?, other.signal(right.case)?);
    let shared = signal.meets(other_signal)?;
    let both = together(&left.effect.guard, &right.effect.guard, &shared)?;
    let text = format!(
        "one event can set off both {:?} and {:?}: {:?} {} ({}), {:?} {} ({}); give one of them another condition, or a greater priority",
        model.name(),
        other.name(),
        model.name(),
        deed(&left.effect.deed, &rules.home),
        left.effect.path,
        other.name(),
        deed(&right.effect.deed, &rules.home),
        right.effect.path,
    );
    let message = Said::new("between", text).with("place", &right.effect.path);
    let mut finding = model.finding(Severity::Warning, CODE, &[other], &left.effect.path, message);
    finding.example = Some(example(signal, &both, &rules.home).into());
    Some(finding)
}

/// A situation with nothing unknown in which both come to it.
fn together(left: &Guard, right: &Guard, shared: &Facts) -> Option<Facts> {
    if left.is_vague() || right.is_vague() {
        return None;
    }
    left.cases().iter().find_map(|case| {
        let case = case.and(shared)?;
        right.cases().iter().find_map(|other| case.and(other).filter(Facts::has_known))
    })
}

/// Parts of one rule that run side by side.
fn within(model: &Model<'_>, case: &Case, rules: &Rules<'_, '_>, findings: &mut Vec<CheckFinding>) {
    let in_forks: Vec<&Effect> =
        case.effects.iter().filter(|effect| !effect.forks.is_empty() && effect.role != Role::Echo).collect();
    for (index, left) in in_forks.iter().enumerate() {
        for right in in_forks.iter().skip(index + 1) {
            let side_by_side = left.forks.iter().any(|(fork, part, moment)| {
                right.forks.iter().any(|(other_fork, other_part, _)| {
                    fork == other_fork && part != other_part && left.moment == *moment && right.moment == *moment
                })
            });
            let (Deed::Set { variable, wish, .. }, Deed::Set { variable: other, wish: other_wish, .. }) =
                (&left.deed, &right.deed)
            else {
                continue;
            };
            if !side_by_side || variable != other || !wish.contradicts(other_wish) {
                continue;
            }
            let Some(both) = together(&left.guard, &right.guard, &Facts::default()) else { continue };
            let known = findings.iter().any(|finding| {
                finding.code == CODE && finding.automations.as_slice() == std::slice::from_ref(model.id)
            });
            if known {
                return;
            }
            let text = format!(
                "{:?} {} ({}) and side by side {} ({})",
                model.name(),
                deed(&left.deed, &rules.home),
                left.path,
                deed(&right.deed, &rules.home),
                right.path
            );
            let message = Said::new("side_by_side", text).with("place", &right.path);
            let mut finding = model.finding(Severity::Warning, CODE, &[], &left.path, message);
            finding.example = model.signal(case).map(|signal| example(signal, &both, &rules.home).into());
            findings.push(finding);
        }
    }
}
