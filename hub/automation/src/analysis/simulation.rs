//! One step of a walk through rules that set each other off: what is known of the home before and after it.

use super::effects::{AirKind, Deed, Effect, Role, Wish};
use super::facts::{Facts, Variable};
use super::graph::{Edge, Node, Way, case_of, change_of};
use super::home::{Home, Subject};
use super::model::Rules;
use super::set::Set;
use super::triggers::{Change, Signal};

/// How much light a lamp gives, in lux, at most.
const LAMP: f64 = 200.0;
/// In how many situations a rule is entered.
const MOST_ENTRIES: usize = 8;

/// What is known of the home.
#[derive(Clone, Debug, PartialEq, Default)]
pub(super) struct Situation {
    pub(super) facts: Facts,
    /// These have one value, whatever it is.
    equal: Vec<(Variable, Variable)>,
}

/// Something that became something else.
struct Became {
    before: Set,
    after: Set,
}

/// The situations in which a rule acts, of those in which it is set off.
pub(super) fn enter(rules: &Rules<'_, '_>, node: Node, situation: &Situation) -> Vec<Situation> {
    let Some(case) = case_of(rules, node) else { return Vec::new() };
    if case.guard.is_vague() {
        return Vec::new();
    }
    let entered = case.guard.cases().iter().filter_map(|facts| {
        let facts = situation.facts.and(&without_ages(facts, &rules.home))?;
        facts.has_known().then(|| Situation { facts, equal: situation.equal.clone() })
    });
    entered.take(MOST_ENTRIES).collect()
}

/// The situations in which the rule that an edge leads to acts, once the rule that it comes from has done what it does.
pub(super) fn follow(rules: &Rules<'_, '_>, node: Node, situation: &Situation, edge: &Edge) -> Vec<Situation> {
    let Some(case) = case_of(rules, node) else { return Vec::new() };
    let Some(effect) = case.effects.get(edge.effect).filter(|effect| !effect.guard.is_vague()) else {
        return Vec::new();
    };
    let mut next: Vec<Situation> = Vec::new();
    for facts in effect.guard.cases().iter().take(MOST_ENTRIES) {
        let Some(facts) = situation.facts.and(&without_ages(facts, &rules.home)).filter(Facts::has_known) else {
            continue;
        };
        let mut now = Situation { facts, equal: situation.equal.clone() };
        let chosen = now.facts.clone();
        for earlier in case.effects.iter().take(edge.effect) {
            now.do_besides(earlier, &chosen, false, &rules.home);
        }
        for mut done in now.bring_about(effect, edge, rules) {
            // What the rule that is run does comes with that rule.
            let besides = |later: &&Effect| edge.way != Way::Call || later.role != Role::Called;
            for later in case.effects.iter().skip(edge.effect + 1).filter(besides) {
                done.do_besides(later, &chosen, later.moment != effect.moment, &rules.home);
            }
            // Which trigger it was is over when the next rule is set off.
            done.facts.keep(|variable| !matches!(rules.home.subject(variable), Subject::Trigger(_)));
            if edge.way == Way::Change && is_taken_away(rules, edge.to, effect, &done) {
                continue;
            }
            for entered in enter(rules, edge.to, &done) {
                if !next.contains(&entered) {
                    next.push(entered);
                }
            }
        }
    }
    next.truncate(MOST_ENTRIES);
    next
}

/// How long something has been so is left aside: a ring may be slow.
fn without_ages(facts: &Facts, home: &Home<'_>) -> Facts {
    let mut facts = facts.clone();
    facts.keep(|variable| !matches!(home.subject(variable), Subject::Since(_) | Subject::PlaceSince(_)));
    facts
}

impl Situation {
    fn get(&self, variable: Variable, home: &Home<'_>) -> Set {
        self.facts.get(variable).unwrap_or_else(|| home.universe(variable)).clone()
    }

    fn put(&mut self, variable: Variable, set: Set, home: &Home<'_>) {
        self.facts.put(variable, set);
        self.equal.retain(|(left, right)| {
            *left != variable && *right != variable && !home.dependencies(*right).contains(&variable)
        });
    }

    /// What setting something may come to.
    fn outcomes(&self, variable: Variable, wish: &Wish, home: &Home<'_>) -> Vec<Became> {
        let before = self.get(variable, home);
        let universe = home.universe(variable).clone().with_unknown(false);
        let after = match wish {
            Wish::Value { around, .. } => around.clone(),
            Wish::Opposite => {
                return [0.0, 1.0]
                    .into_iter()
                    .filter(|value| before.contains(*value))
                    .map(|value| Became { before: Set::point(value), after: Set::point(1.0 - value) })
                    .collect();
            }
            Wish::Computed(_) => universe,
            Wish::Copy(source) if self.equal.contains(&(variable, *source)) => return Vec::new(),
            Wish::Copy(source) if self.equal.contains(&(*source, variable)) => return Vec::new(),
            Wish::Copy(source) => match home.subject(*source) {
                Subject::Expression(_) => universe,
                _ => self.get(*source, home).intersect(&universe),
            },
        };
        // What is there already is no change; among many values another can be found.
        let narrow = matches!(wish, Wish::Value { .. }) || after.single().is_some();
        let before = if narrow { before.without(&after) } else { before };
        if before.is_empty() || !after.has_known() { Vec::new() } else { vec![Became { before, after }] }
    }

    fn set(&mut self, variable: Variable, wish: &Wish, after: Set, home: &Home<'_>) {
        self.put(variable, after, home);
        // What is made of the old value is another with the new one.
        if let Wish::Copy(source) = wish
            && !home.dependencies(*source).contains(&variable)
        {
            self.equal.push((variable, *source));
            self.equal.sort();
            self.equal.dedup();
        }
    }

    /// Does what a rule does besides. What comes only perhaps, or later, leaves open what is so.
    fn do_besides(&mut self, effect: &Effect, chosen: &Facts, is_later: bool, home: &Home<'_>) {
        let Deed::Set { variable, wish, .. } = &effect.deed else { return };
        if effect.role == Role::Called && is_later {
            return;
        }
        let comes = effect.guard.cases().iter().any(|facts| chosen.and(&without_ages(facts, home)).is_some());
        if !comes {
            return;
        }
        let is_sure = !is_later
            && !effect.guard.is_vague()
            && effect
                .guard
                .cases()
                .iter()
                .any(|facts| super::facts::Guard::of(without_ages(facts, home)).follows_from(chosen));
        let before = self.get(*variable, home);
        let after = match wish {
            Wish::Value { around, .. } => around.clone(),
            Wish::Opposite if before.single() == Some(0.0) => Set::point(1.0),
            Wish::Opposite if before.single() == Some(1.0) => Set::point(0.0),
            Wish::Copy(source) if self.equal.contains(&(*variable, *source)) => return,
            _ => home.universe(*variable).clone().with_unknown(false),
        };
        if is_sure {
            self.set(*variable, wish, after, home);
        } else if !after.is_within(&before) {
            self.put(*variable, before.union(&after), home);
        }
    }

    /// The situations in which an effect is the event that an edge is about.
    fn bring_about(&self, effect: &Effect, edge: &Edge, rules: &Rules<'_, '_>) -> Vec<Self> {
        let home = &rules.home;
        let Deed::Set { variable, wish, .. } = &effect.deed else {
            return if edge.way == Way::Call { vec![self.clone()] } else { Vec::new() };
        };
        let Some(change) = change_of(rules, edge.to) else { return Vec::new() };
        let mut situations = Vec::new();
        for became in self.outcomes(*variable, wish, home) {
            let mut after = self.clone();
            after.set(*variable, wish, became.after.clone(), home);
            match edge.way {
                Way::Change => {
                    if let Some(set) = fires(change, &became) {
                        // What it is known to be now does not end what it was made equal to.
                        after.facts.put(*variable, set);
                        situations.push(after);
                    }
                }
                Way::Air(number) => {
                    let Some(air) = effect.air.get(number) else { continue };
                    for became in
                        through_air(air.kind, &became, &self.get(air.variable, home), home.universe(air.variable))
                    {
                        if let Some(set) = fires(change, &became) {
                            let mut after = after.clone();
                            after.put(air.variable, set, home);
                            situations.push(after);
                        }
                    }
                }
                Way::Call => {}
            }
        }
        situations
    }
}

/// What it is after a change that a trigger is about; none if the trigger is not about it.
fn fires(change: &Change, became: &Became) -> Option<Set> {
    let after = became.after.intersect(&change.after);
    (became.before.intersects(&change.before) && after.has_known()).then_some(after.with_unknown(false))
}

/// What becomes of something through the air.
fn through_air(kind: AirKind, cause: &Became, before: &Set, universe: &Set) -> Vec<Became> {
    let became = |after: Set| Became { before: before.clone(), after: after.intersect(universe).with_unknown(false) };
    let (rises, falls) = (can_rise(&cause.before, &cause.after), can_rise(&cause.after, &cause.before));
    let reach = match kind {
        AirKind::Power => {
            let off = cause.after.single() == Some(0.0);
            return vec![became(if off { Set::point(0.0) } else { Set::open(0.0, f64::INFINITY) })];
        }
        AirKind::Lamp => LAMP,
        AirKind::Shade => f64::INFINITY,
    };
    let mut all = Vec::new();
    if rises {
        all.push(became(before.stretched(0.0, reach)));
    }
    if falls {
        all.push(became(before.stretched(reach, 0.0)));
    }
    all
}

/// Whether something can have become more.
fn can_rise(before: &Set, after: &Set) -> bool {
    let (Some((_, high)), false) = (after.spans().last(), before.unknown && !before.has_known()) else { return true };
    before.spans().first().is_none_or(|(low, _)| low.at() < high.at())
}

/// Whether the value that a `for` counts is taken away at once: by the same rule, or by another.
fn is_taken_away(rules: &Rules<'_, '_>, to: Node, effect: &Effect, situation: &Situation) -> bool {
    let (Some(change), Deed::Set { variable, wish, .. }) = (change_of(rules, to), &effect.deed) else { return false };
    if change.hold.is_none_or(|hold| hold.is_zero()) {
        return false;
    }
    if !situation.get(*variable, &rules.home).meets(&change.after) {
        return true;
    }
    let Wish::Value { around, .. } = wish else { return false };
    rules.acting().any(|(_, model)| {
        model.cases.iter().any(|case| {
            let reacts = matches!(model.signal(case), Some(Signal::Change(other))
                if other.variable == *variable && other.hold.is_none() && around.is_within(&other.after));
            reacts
                && case.effects.iter().any(|other| {
                    let sets_away = matches!(&other.deed, Deed::Set { variable: set, wish: away, .. }
                        if set == variable && wish.contradicts(away));
                    sets_away
                        && other.moment == 0
                        && other.guard.cases().iter().any(|facts| {
                            let mut facts = without_ages(facts, &rules.home);
                            facts.forget(*variable);
                            super::facts::Guard::of(facts).follows_from(&situation.facts)
                        })
                })
        })
    })
}
