//! Rules as the analysis compares them: what sets them off, in which situations, and what they do then.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use hub_model::event::Severity;
use hub_model::{AccountId, AutomationId, Said};

use super::conditions::all;
use super::effects::{Deed, Effect, Surroundings};
use super::facts::{Guard, Variable};
use super::home::Home;
use super::program::{Asked, Runnable, Walk};
use super::set::Set;
use super::triggers::{Firing, Signal, firings};
use super::{CheckFinding, RuleOfSet};
use crate::document::{Enabled, within_rule};
use crate::rule::{Condition, ConditionKind, InstructionKind, Rule, Trigger, TriggerKind, Who};
use crate::{Document, World};

/// A rule of the set.
pub(super) struct Model<'a> {
    pub(super) id: &'a AutomationId,
    pub(super) document: &'a Document,
    pub(super) rule: Rule,
    pub(super) firings: Vec<Firing>,
    /// What comes of each event that it passes its conditions with.
    pub(super) cases: Vec<Case>,
    /// What comes of it when another rule runs it.
    pub(super) when_called: Case,
    /// A rule that acts runs it.
    pub(super) is_called: bool,
    /// Conditions inside what it does.
    pub(super) asked: Vec<Asked>,
    /// It is switched on and can act.
    pub(super) acts: bool,
}

/// What comes of one event.
pub(super) struct Case {
    /// Which of the firings; none = another rule runs it.
    pub(super) firing: Option<usize>,
    /// In which situations it acts.
    pub(super) guard: Guard,
    pub(super) effects: Vec<Effect>,
}

impl Model<'_> {
    /// What people call it.
    pub(super) fn name(&self) -> &str {
        &self.rule.name
    }

    pub(super) fn signal(&self, case: &Case) -> Option<&Signal> {
        self.firings.get(case.firing?).map(|firing| &firing.signal)
    }

    pub(super) fn firing(&self, case: &Case) -> Option<&Firing> {
        self.firings.get(case.firing?)
    }

    /// All cases in which it acts.
    pub(super) fn all_cases(&self) -> impl Iterator<Item = &Case> {
        self.cases.iter().chain(self.is_called.then_some(&self.when_called))
    }

    /// A finding about this rule, and others.
    pub(super) fn finding(
        &self,
        severity: Severity,
        code: &'static str,
        others: &[&Model<'_>],
        path: &str,
        message: impl Into<Said>,
    ) -> CheckFinding {
        let ids = std::iter::once(self.id).chain(others.iter().map(|other| other.id)).cloned().collect();
        CheckFinding {
            severity,
            code,
            automations: ids,
            path: within_rule(path).to_owned(),
            position: self.document.position_at(path),
            message: message.into(),
            example: None,
        }
    }
}

/// The whole set.
pub(super) struct Rules<'a, 'w> {
    pub(super) home: Home<'w>,
    /// Those without errors, in the order of the set.
    pub(super) models: Vec<Model<'a>>,
}

impl<'a, 'w> Rules<'a, 'w> {
    /// Makes models of the rules that compile.
    pub(super) fn new(compiled: Vec<(RuleOfSet<'a>, Rule)>, world: &'w dyn World) -> Self {
        let (mut people, mut modes) = (BTreeSet::new(), BTreeSet::new());
        let mut compiled = compiled;
        compiled.iter_mut().for_each(|(_, rule)| paths_within_rule(rule));
        for (_, rule) in &compiled {
            named(rule, &mut people, &mut modes);
        }
        let mut home = Home::new(world, people.into_iter().collect(), modes.into_iter().collect());
        let surroundings = Surroundings::of(&home);
        let names = Names::of(&compiled);
        let mut entered = Vec::with_capacity(compiled.len());
        for (given, rule) in &compiled {
            let mut firings = firings(rule, &mut home);
            if rule.triggers.iter().any(|trigger| trigger.id.is_some()) {
                say_which(rule, &mut firings, home.trigger_of(given.document), &mut home);
            }
            let guard = all(&rule.conditions, given.document, &mut home);
            entered.push((firings, guard));
        }
        let mut walked = Vec::with_capacity(compiled.len());
        {
            let runnables: Vec<Option<Runnable<'_>>> = compiled
                .iter()
                .map(|(given, rule)| {
                    (rule.enabled == Enabled::Yes).then_some(Runnable { rule, document: given.document })
                })
                .collect();
            let find = |name: &str| names.find(name);
            for (index, ((given, rule), (firings, guard))) in compiled.iter().zip(&entered).enumerate() {
                let own = Runnable { rule, document: given.document };
                let mut walk = Walk::new(&mut home, &surroundings, &runnables, &find, index);
                let mut cases = Vec::new();
                for (number, firing) in firings.iter().enumerate() {
                    let possible = !matches!(&firing.signal, Signal::Change(change) if !change.is_possible());
                    let guard = if possible { guard.and_facts(&firing.facts) } else { Guard::never() };
                    if guard.is_never() {
                        continue;
                    }
                    walk.run(own, guard.clone());
                    cases.push(Case { firing: Some(number), guard, effects: std::mem::take(&mut walk.effects) });
                }
                let asked = walk.asked.clone();
                walk.run(own, guard.clone());
                let when_called =
                    Case { firing: None, guard: guard.clone(), effects: std::mem::take(&mut walk.effects) };
                walked.push((cases, when_called, asked, walk.asked));
            }
        }
        let mut models: Vec<Model<'a>> = compiled
            .into_iter()
            .zip(entered)
            .zip(walked)
            .map(|(((given, rule), (firings, _)), (cases, when_called, asked, _))| Model {
                id: given.id,
                document: given.document,
                acts: rule.enabled == Enabled::Yes && !cases.is_empty(),
                rule,
                firings,
                cases,
                when_called,
                is_called: false,
                asked: asked.into_values().collect(),
            })
            .collect();
        mark_called(&mut models);
        Self { home, models }
    }

    /// The rules that command something.
    pub(super) fn acting(&self) -> impl Iterator<Item = (usize, &Model<'a>)> {
        self.models.iter().enumerate().filter(|(_, model)| model.acts)
    }
}

/// Finds out which rules others run. A rule that nothing else sets off acts when it is run.
fn mark_called(models: &mut [Model<'_>]) {
    let mut open: Vec<usize> =
        (0..models.len()).filter(|index| models.get(*index).is_some_and(|model| model.acts)).collect();
    while let Some(index) = open.pop() {
        let Some(model) = models.get(index) else { continue };
        let called: Vec<usize> = model
            .all_cases()
            .flat_map(|case| &case.effects)
            .filter_map(|effect| if let Deed::Call(called) = effect.deed { Some(called) } else { None })
            .collect();
        for called in called {
            if let Some(model) = models.get_mut(called)
                && !model.is_called
                && model.rule.enabled == Enabled::Yes
                && !model.when_called.guard.is_never()
            {
                model.is_called = true;
                model.acts = true;
                open.push(called);
            }
        }
    }
}

/// Rules by id, else by name.
pub(super) struct Names {
    ids: BTreeMap<Arc<str>, usize>,
    names: BTreeMap<Arc<str>, usize>,
}

impl Names {
    fn of(compiled: &[(RuleOfSet<'_>, Rule)]) -> Self {
        let (mut ids, mut names) = (BTreeMap::new(), BTreeMap::new());
        for (index, (given, rule)) in compiled.iter().enumerate() {
            ids.entry(Arc::from(given.id.as_str())).or_insert(index);
            names.entry(Arc::clone(&rule.name)).or_insert(index);
        }
        Self { ids, names }
    }

    fn find(&self, name: &str) -> Option<usize> {
        self.ids.get(name).or_else(|| self.names.get(name)).copied()
    }
}

/// Each event says which trigger it is, for expressions that ask.
fn say_which(rule: &Rule, firings: &mut [Firing], which: Variable, home: &mut Home<'_>) {
    for firing in firings {
        let id = rule.triggers.get(firing.trigger).and_then(|trigger| trigger.id.clone());
        let set = Set::point(home.text(id.as_deref().unwrap_or_default()));
        firing.facts.put(which, set);
    }
}

/// Makes all paths those within the rule: a rule that was read from a list says its place in it.
fn paths_within_rule(rule: &mut Rule) {
    fn shorten(path: &mut Arc<str>) {
        if path.starts_with('[') {
            *path = within_rule(path).into();
        }
    }
    fn conditions(all: &mut [Condition]) {
        for condition in all {
            shorten(&mut condition.path);
            match &mut condition.kind {
                ConditionKind::And(inner) | ConditionKind::Or(inner) | ConditionKind::Not(inner) => conditions(inner),
                _ => {}
            }
        }
    }
    conditions(&mut rule.conditions);
    rule.triggers.iter_mut().for_each(|trigger| shorten(&mut trigger.path));
    for instruction in &mut rule.program {
        shorten(&mut instruction.path);
        match &mut instruction.kind {
            InstructionKind::Branch { conditions: inner, .. } | InstructionKind::Repeat { conditions: inner, .. } => {
                conditions(inner);
            }
            InstructionKind::WaitFor { triggers, .. } => {
                triggers.iter_mut().for_each(|trigger| shorten(&mut trigger.path));
            }
            _ => {}
        }
    }
}

/// The people and modes that a rule names.
fn named(rule: &Rule, people: &mut BTreeSet<AccountId>, modes: &mut BTreeSet<Arc<str>>) {
    let mut conditions: Vec<&Condition> = rule.conditions.iter().collect();
    let mut triggers: Vec<&Trigger> = rule.triggers.iter().collect();
    for instruction in &rule.program {
        match &instruction.kind {
            InstructionKind::Branch { conditions: inner, .. } | InstructionKind::Repeat { conditions: inner, .. } => {
                conditions.extend(inner);
            }
            InstructionKind::WaitFor { triggers: inner, .. } => triggers.extend(inner),
            InstructionKind::SetMode(mode) => {
                modes.insert(Arc::clone(mode));
            }
            _ => {}
        }
    }
    while let Some(condition) = conditions.pop() {
        match &condition.kind {
            ConditionKind::And(inner) | ConditionKind::Or(inner) | ConditionKind::Not(inner) => {
                conditions.extend(inner);
            }
            ConditionKind::Presence { who: Who::Person(person), .. } => {
                people.insert(person.clone());
            }
            ConditionKind::Mode(is) => modes.extend(is.iter().cloned()),
            _ => {}
        }
    }
    for trigger in triggers {
        match &trigger.kind {
            TriggerKind::Presence { who: Who::Person(person), .. } => {
                people.insert(person.clone());
            }
            TriggerKind::Mode { from, to, .. } => modes.extend(from.iter().chain(to).flatten().cloned()),
            _ => {}
        }
    }
}
