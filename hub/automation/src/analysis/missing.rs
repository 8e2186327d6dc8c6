//! `missing_trigger`: what would be wanted when a condition comes true later, and nothing asks then.

use std::collections::{BTreeMap, BTreeSet};

use hub_model::AttributeName;
use hub_model::event::Severity;

use super::CheckFinding;
use super::conditions::{clock, when};
use super::effects::{Deed, Effect, Role, Wish};
use super::facts::{CLOCK, SUN, Variable};
use super::home::{Home, Subject};
use super::model::{Model, Rules};
use super::program::Asked;
use super::set::Set;
use super::triggers::{Firing, Lasts, Signal};
use super::words::{example, name};
use crate::compile::device_named;
use crate::expression::Expression;
use crate::rule::{AttributeKey, Condition, ConditionKind, TriggerKind};
use crate::sun::SunTime;

const CODE: &str = "missing_trigger";

pub(super) fn find(rules: &mut Rules<'_, '_>, findings: &mut Vec<CheckFinding>) {
    let Rules { home, models } = rules;
    let wishes: Vec<Wishes<'_>> = models.iter().map(wishes).collect();
    let mut setters: BTreeMap<Variable, BTreeSet<usize>> = BTreeMap::new();
    for (index, wishes) in wishes.iter().enumerate().filter(|(index, _)| models.get(*index).is_some_and(|one| one.acts))
    {
        for variable in wishes.keys() {
            setters.entry(*variable).or_default().insert(index);
        }
    }
    for (index, model) in models.iter().enumerate().filter(|(_, model)| model.acts) {
        let regularly =
            |trigger: &crate::rule::Trigger| matches!(trigger.kind, TriggerKind::Every(_) | TriggerKind::Cron(_));
        let lasting: Vec<&Firing> = model
            .cases
            .iter()
            .filter_map(|case| model.firing(case))
            .filter(|firing| firing.lasts != Lasts::No)
            .collect();
        let asks = !model.rule.conditions.is_empty() || !model.asked.is_empty();
        if !asks || lasting.is_empty() || model.rule.triggers.iter().any(regularly) {
            continue;
        }
        let others = doing_the_same(index, models, &wishes, &setters);
        let askers: Vec<&Firing> = std::iter::once(model).chain(others).flat_map(|model| &model.firings).collect();
        let question = Question { model, lasting: &lasting, askers: &askers };
        if model.cases.iter().flat_map(|case| &case.effects).any(stays) {
            for condition in &model.rule.conditions {
                question.ask(condition, home, findings);
            }
        }
        for asked in model.asked.iter().filter(|asked| asked.reached > 0 && asked.at_once && !asked.repeats) {
            if leads_to_something(asked, model) {
                for condition in &asked.conditions {
                    question.ask(condition, home, findings);
                }
            }
        }
    }
}

/// Whether what is done stays when it is done: a message does not.
fn stays(effect: &Effect) -> bool {
    matches!(effect.deed, Deed::Set { .. }) && effect.role != Role::Echo
}

/// Whether something that stays depends on what is asked.
fn leads_to_something(asked: &Asked, model: &Model<'_>) -> bool {
    let (first, end) = asked.steps;
    let steps = model.rule.program.get(first..end).unwrap_or_default();
    let effects = || model.cases.iter().flat_map(|case| &case.effects).filter(|effect| stays(effect));
    steps
        .iter()
        .any(|step| effects().any(|effect| effect.path.rsplit_once('.').is_some_and(|(path, _)| path == &*step.path)))
}

/// Rules that do all that this one does.
fn doing_the_same<'m, 'a>(
    index: usize,
    models: &'m [Model<'a>],
    wishes: &[Wishes<'_>],
    setters: &BTreeMap<Variable, BTreeSet<usize>>,
) -> Vec<&'m Model<'a>> {
    let mut wanted: BTreeMap<Variable, &Wish> = BTreeMap::new();
    let model = models.get(index);
    for effect in model.into_iter().flat_map(|model| &model.cases).flat_map(|case| &case.effects) {
        if let Deed::Set { variable, wish, .. } = &effect.deed
            && stays(effect)
        {
            wanted.entry(*variable).or_insert(wish);
        }
    }
    let does = |other: usize, variable: Variable, wanted: &Wish| {
        wishes
            .get(other)
            .and_then(|wishes| wishes.get(&variable))
            .is_some_and(|wishes| wishes.iter().any(|wish| wanted.agrees(wish)))
    };
    let rarest = wanted.keys().filter_map(|variable| setters.get(variable)).min_by_key(|setters| setters.len());
    let others = rarest.into_iter().flatten().copied().filter(|other| *other != index);
    let others = others.filter(|other| wanted.iter().all(|(variable, wish)| does(*other, *variable, wish)));
    others.filter_map(|other| models.get(other)).collect()
}

/// What a rule may set each thing to.
type Wishes<'m> = BTreeMap<Variable, Vec<&'m Wish>>;

fn wishes<'m>(model: &'m Model<'_>) -> Wishes<'m> {
    let mut wishes = Wishes::new();
    for effect in model.cases.iter().flat_map(|case| &case.effects) {
        if let Deed::Set { variable, wish, .. } = &effect.deed {
            wishes.entry(*variable).or_default().push(wish);
        }
    }
    wishes
}

struct Question<'q, 'a> {
    model: &'q Model<'a>,
    lasting: &'q [&'q Firing],
    askers: &'q [&'q Firing],
}

impl Question<'_, '_> {
    /// One finding for a condition, whatever is in it.
    fn ask(&self, condition: &Condition, home: &mut Home<'_>, findings: &mut Vec<CheckFinding>) {
        let Some(missed) = self.missed(condition, true, home) else { return };
        let message = format!(
            "when {} comes true later, nothing asks {:?} again although what set it off is still so; add a trigger for {missed}, or leave it if that is meant",
            condition.path,
            self.model.name(),
        );
        let mut finding = self.model.finding(Severity::Info, CODE, &[], &condition.path, message);
        let start = self.lasting.first().map(|firing| example(&firing.signal, &firing.facts, home));
        finding.example = start.map(|start| format!("{start}, and {} comes true an hour later", condition.path).into());
        findings.push(finding);
    }

    /// What changes without anybody asking, if the condition should hold, or should not.
    fn missed(&self, condition: &Condition, holds: bool, home: &mut Home<'_>) -> Option<String> {
        match &condition.kind {
            ConditionKind::And(inner) | ConditionKind::Or(inner) => {
                inner.iter().find_map(|part| self.missed(part, holds, home))
            }
            ConditionKind::Not(inner) => inner.iter().find_map(|part| self.missed(part, !holds, home)),
            ConditionKind::Time { after, before, weekdays } => {
                let begins = if holds { *after } else { *before }?;
                let moment = clock(Some(begins), None, weekdays);
                let second = super::conditions::seconds(begins);
                let asked =
                    self.askers.iter().any(|firing| match &firing.signal {
                        Signal::Schedule(schedule) => schedule.set().spans().iter().any(|(low, _)| {
                            low.at().rem_euclid(super::sun::DAY) == second && moment.contains(low.at())
                        }),
                        _ => false,
                    });
                (!asked && self.can_come_true(condition, holds, &[CLOCK], home))
                    .then(|| "the time at which it begins".to_owned())
            }
            ConditionKind::Sun(window) => {
                let begins = if holds { window.after } else { window.before }?;
                let asked = self.askers.iter().any(|firing| is_sun(&firing.signal, begins));
                (!asked && self.can_come_true(condition, holds, &[SUN], home))
                    .then(|| "that moment of the sun".to_owned())
            }
            _ => {
                let guard = when(condition, holds, self.model.document, home);
                let variables: Vec<(Variable, Set)> = guard
                    .cases()
                    .iter()
                    .flat_map(|facts| facts.iter())
                    .filter(|(variable, _)| {
                        !matches!(
                            home.subject(*variable),
                            Subject::Since(_) | Subject::PlaceSince(_) | Subject::Trigger(_)
                        )
                    })
                    .map(|(variable, set)| (variable, set.clone()))
                    .collect();
                let names: Vec<Variable> = variables.iter().map(|(variable, _)| *variable).collect();
                if !self.can_come_true(condition, holds, &names, home) {
                    return None;
                }
                if let ConditionKind::If(expression) = &condition.kind
                    && names.iter().any(|variable| matches!(home.subject(*variable), Subject::Expression(_)))
                {
                    return if self.lasting.iter().any(|firing| firing.lasts == Lasts::Yes) {
                        self.missed_in(expression, home)
                    } else {
                        None
                    };
                }
                let missing = |(variable, set): &&(Variable, Set)| {
                    !self.is_asked(*variable, set) && !matches!(home.subject(*variable), Subject::Expression(_))
                };
                // Of several people or devices each may be the last that was missing.
                variables.iter().find(missing).map(|(variable, _)| name(*variable, home))
            }
        }
    }

    /// An attribute that an expression reads and whose changes nobody asks for.
    fn missed_in(&self, expression: &Expression, home: &mut Home<'_>) -> Option<String> {
        let mut read = Vec::new();
        for reference in expression.references() {
            let device = device_named(&reference.device, home.world).ok()?;
            let attribute = reference.attribute.as_ref()?;
            let endpoint = home.record(&device)?.device.resolve(reference.endpoint.as_ref(), attribute).ok()?;
            let key = AttributeKey { device, endpoint, attribute: AttributeName::from(&**attribute) };
            read.push(home.attribute(&key));
        }
        if read.iter().any(|variable| self.sets(*variable)) {
            return None;
        }
        let anything = Set::line().with_unknown(true);
        read.into_iter().find(|variable| !self.is_asked(*variable, &anything)).map(|variable| name(variable, home))
    }

    /// Whether the rule itself sets something.
    fn sets(&self, variable: Variable) -> bool {
        self.model
            .cases
            .iter()
            .flat_map(|case| &case.effects)
            .any(|effect| matches!(&effect.deed, Deed::Set { variable: set, .. } if *set == variable))
    }

    /// Whether it is no guard, and may be false when the rule is set off by something that lasts.
    fn can_come_true(&self, condition: &Condition, holds: bool, variables: &[Variable], home: &mut Home<'_>) -> bool {
        if variables.is_empty() || variables.iter().any(|variable| self.sets(*variable)) {
            return false;
        }
        let (wanted, fails) =
            (when(condition, holds, self.model.document, home), when(condition, !holds, self.model.document, home));
        let of_a_device = |variable: &Variable| matches!(home.subject(*variable), Subject::Attribute(_));
        let all_of_devices = variables.iter().all(of_a_device);
        self.lasting.iter().any(|firing| {
            if firing.lasts == Lasts::ForDevices && !all_of_devices {
                return false;
            }
            let same = matches!(&firing.signal, Signal::Change(change) if variables.contains(&change.variable));
            !same && fails.and_facts(&firing.facts).has_known() && wanted.and_facts(&firing.facts).has_known()
        })
    }

    /// Whether some trigger fires when a variable becomes one of these.
    fn is_asked(&self, variable: Variable, set: &Set) -> bool {
        self.askers.iter().any(|firing| {
            matches!(&firing.signal, Signal::Change(change) if change.variable == variable && change.after.meets(set))
        })
    }
}

fn is_sun(signal: &Signal, begins: SunTime) -> bool {
    matches!(signal, Signal::Sun { moment, .. } if *moment == begins)
}
