//! Walks through what a rule does and finds what it comes to in which situations.

use std::collections::BTreeMap;
use std::sync::Arc;

use hub_model::Value;
use hub_model::device::EndpointSelector;

use super::conditions::{all, not_all};
use super::effects::{Deed, Effect, Role, Surroundings, Wish};
use super::facts::{Guard, Variable};
use super::formula;
use super::home::{Home, Subject};
use super::set::Set;
use super::triggers::{Signal, of_trigger};
use crate::Document;
use crate::compile::scene_named;
use crate::document::written::OnTimeout;
use crate::rule::{AttributeKey, CommandStep, Condition, Instruction, InstructionKind, Rule, Trigger};

/// How deep rules that run rules are followed.
const MAX_CALLS: usize = 3;
/// How many effects of one rule are looked at.
const MOST_EFFECTS: usize = 2_000;

/// What makes a text come to something else although the home is the same.
const CHANGING: &[&str] = &["trigger", "now", "random", "desired", "changed_at"];

/// A rule that can run.
#[derive(Clone, Copy)]
pub(super) struct Runnable<'a> {
    pub(super) rule: &'a Rule,
    pub(super) document: &'a Document,
}

/// What is found out about conditions inside what a rule does, over everything that sets it off.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub(super) path: Arc<str>,
    /// It is asked before each round of a repetition.
    pub(super) repeats: bool,
    /// Something else is done where it does not hold.
    pub(super) has_other: bool,
    /// After how many of the events it comes to it.
    pub(super) reached: usize,
    pub(super) can_hold: bool,
    pub(super) can_fail: bool,
    /// It holds whatever the home does.
    pub(super) tautology: bool,
    /// It holds in no situation at all.
    pub(super) contradiction: bool,
    /// The conditions, and whether they are asked in the moment in which the rule fires.
    pub(super) conditions: Vec<Condition>,
    pub(super) at_once: bool,
    /// The first step behind it, and the first behind those that depend on it.
    pub(super) steps: (usize, usize),
}

/// Where a walk is.
#[derive(Clone)]
struct State {
    /// The situations in which it comes here.
    guard: Guard,
    /// The same, but for what conditions that did not hold before exclude.
    plain: Guard,
    moment: u32,
    forks: Vec<(usize, usize, u32)>,
}

impl State {
    fn forget(&mut self, variables: &[Variable]) {
        self.guard.forget(variables);
        self.plain.forget(variables);
    }
}

/// A walk.
pub(super) struct Walk<'a, 'w, 'h> {
    pub(super) home: &'h mut Home<'w>,
    pub(super) surroundings: &'h Surroundings,
    pub(super) rules: &'h [Option<Runnable<'a>>],
    /// Which rule of a set is meant by a name.
    pub(super) named: &'h dyn Fn(&str) -> Option<usize>,
    pub(super) effects: Vec<Effect>,
    /// By the place in the program.
    pub(super) asked: BTreeMap<usize, Asked>,
    moments: u32,
    calls: Vec<usize>,
    /// The step that runs another rule.
    called_at: Option<Arc<str>>,
}

impl<'a, 'w, 'h> Walk<'a, 'w, 'h> {
    pub(super) fn new(
        home: &'h mut Home<'w>,
        surroundings: &'h Surroundings,
        rules: &'h [Option<Runnable<'a>>],
        named: &'h dyn Fn(&str) -> Option<usize>,
        own: usize,
    ) -> Self {
        Self {
            home,
            surroundings,
            rules,
            named,
            effects: Vec::new(),
            asked: BTreeMap::new(),
            moments: 0,
            calls: vec![own],
            called_at: None,
        }
    }

    /// Walks through the whole program.
    pub(super) fn run(&mut self, runnable: Runnable<'a>, guard: Guard) {
        let state = State { plain: guard.clone(), guard, moment: 0, forks: Vec::new() };
        self.steps(runnable, 0, runnable.rule.program.len(), state);
    }

    /// Walks from a step to another. None: nothing comes behind.
    fn steps(&mut self, runnable: Runnable<'a>, from: usize, end: usize, mut state: State) -> Option<State> {
        let mut at = from;
        while at < end {
            let instruction = runnable.rule.program.get(at)?;
            if state.guard.is_never() || self.effects.len() > MOST_EFFECTS {
                return None;
            }
            match &instruction.kind {
                InstructionKind::Delay(duration) if duration.is_zero() => {}
                InstructionKind::Delay(_) => self.wait(&mut state, Guard::always()),
                InstructionKind::WaitFor { triggers, timeout, on_timeout } => {
                    let certain = timeout.is_none() || *on_timeout == OnTimeout::Stop;
                    let guard = if certain { self.waited_for(triggers) } else { Guard::always() };
                    self.wait(&mut state, guard);
                }
                InstructionKind::Branch { conditions, otherwise } => {
                    let (next, behind) = self.branch(runnable, at, conditions, *otherwise, state)?;
                    (state, at) = (next, behind);
                    continue;
                }
                InstructionKind::Jump(to) if *to > at => {
                    at = *to;
                    continue;
                }
                InstructionKind::Jump(_) => return Some(state),
                InstructionKind::Repeat { conditions, end: behind, .. } => {
                    state = self.repeat(runnable, at, conditions, *behind, state)?;
                    at = *behind;
                    continue;
                }
                InstructionKind::Fork { branches, join } => {
                    state = self.fork(runnable, at, branches, *join, state)?;
                    at = *join;
                    continue;
                }
                InstructionKind::Join => return Some(state),
                InstructionKind::Stop(_) => return None,
                _ => self.deed(runnable, instruction, &mut state),
            }
            at += 1;
        }
        Some(state)
    }

    /// After a wait nothing is known but what was waited for.
    fn wait(&mut self, state: &mut State, guard: Guard) {
        self.moments += 1;
        state.moment = self.moments;
        state.plain = guard.clone();
        state.guard = guard;
    }

    fn waited_for(&mut self, triggers: &[Trigger]) -> Guard {
        let mut firings = Vec::new();
        for (index, trigger) in triggers.iter().enumerate() {
            of_trigger(index, trigger, true, self.home, &mut firings);
        }
        let mut guard = Guard::never();
        for firing in &firings {
            let mut facts = firing.facts.clone();
            // What already holds is not waited for, so that nobody knows since when it does.
            if matches!(firing.signal, Signal::Change(_)) {
                let home = &*self.home;
                facts.keep(|variable| !matches!(home.subject(variable), Subject::Since(_) | Subject::PlaceSince(_)));
            }
            guard = guard.or(Guard::of(facts));
        }
        if guard.is_never() { Guard::unclear() } else { guard }
    }

    fn branch(
        &mut self,
        runnable: Runnable<'a>,
        at: usize,
        conditions: &[Condition],
        otherwise: usize,
        state: State,
    ) -> Option<(State, usize)> {
        let program = &runnable.rule.program;
        let behind = match program.get(otherwise.checked_sub(1)?).map(|step| &step.kind) {
            Some(InstructionKind::Jump(behind)) => *behind,
            _ => otherwise,
        };
        let holds = all(conditions, runnable.document, self.home);
        let fails = not_all(conditions, runnable.document, self.home);
        self.ask(at, program, conditions, behind > otherwise, (otherwise - 1, false), &state, (&holds, &fails));
        let then = State { guard: state.guard.and(&holds), plain: state.plain.and(&holds), ..state.clone() };
        let other = State { guard: state.guard.and(&fails), ..state.clone() };
        let done = self.arm(runnable, at + 1, otherwise.saturating_sub(1), then);
        let other = self.arm(runnable, otherwise, behind, other);
        Some((joined(done, other, state.moment)?, behind))
    }

    /// One of several ways; none if it is never taken or ends the run.
    fn arm(&mut self, runnable: Runnable<'a>, from: usize, end: usize, state: State) -> Option<State> {
        if state.guard.is_never() { None } else { self.steps(runnable, from, end, state) }
    }

    fn repeat(
        &mut self,
        runnable: Runnable<'a>,
        at: usize,
        conditions: &[Condition],
        behind: usize,
        state: State,
    ) -> Option<State> {
        if conditions.is_empty() {
            return self.steps(runnable, at + 1, behind, state);
        }
        let holds = all(conditions, runnable.document, self.home);
        let fails = not_all(conditions, runnable.document, self.home);
        self.ask(at, &runnable.rule.program, conditions, false, (behind, true), &state, (&holds, &fails));
        let moment = state.moment;
        let inside = State { guard: state.guard.and(&holds), plain: state.plain.and(&holds), ..state.clone() };
        let none = State { guard: state.guard.and(&fails), ..state };
        let none = (!none.guard.is_never()).then_some(none);
        let rounds = self.arm(runnable, at + 1, behind, inside);
        // It goes on when the conditions no longer hold, in whatever situation.
        let rounds = rounds.map(|rounds| State { guard: Guard::always(), plain: Guard::always(), ..rounds });
        joined(rounds, none, moment)
    }

    fn fork(
        &mut self,
        runnable: Runnable<'a>,
        at: usize,
        branches: &[usize],
        join: usize,
        state: State,
    ) -> Option<State> {
        let mut last: Option<State> = None;
        for (index, from) in branches.iter().enumerate() {
            let end = branches.get(index + 1).copied().unwrap_or(join);
            let mut inside = state.clone();
            inside.forks.push((at, index, state.moment));
            let done = self.steps(runnable, *from, end, inside)?;
            // It goes on when the last of them is done.
            last = match last {
                Some(last) if last.moment > done.moment => Some(last),
                _ => Some(done),
            };
        }
        last.map(|last| State { forks: state.forks, ..last })
    }

    #[allow(clippy::too_many_arguments)]
    fn ask(
        &mut self,
        at: usize,
        program: &[Instruction],
        conditions: &[Condition],
        has_other: bool,
        (end, repeats): (usize, bool),
        state: &State,
        (holds, fails): (&Guard, &Guard),
    ) {
        if self.called_at.is_some() || conditions.is_empty() {
            return;
        }
        let Some(instruction) = program.get(at) else { return };
        let path = conditions.first().map_or(&instruction.path, |condition| &condition.path);
        let path = path.strip_suffix(']').and_then(|path| path.rsplit_once('[')).map_or(&**path, |(path, _)| path);
        let asked = self.asked.entry(at).or_insert_with(|| Asked {
            path: path.into(),
            repeats,
            has_other,
            reached: 0,
            can_hold: false,
            can_fail: false,
            tautology: !fails.has_known() && !fails.is_vague(),
            contradiction: holds.is_never(),
            conditions: conditions.to_vec(),
            at_once: state.moment == 0,
            steps: (at + 1, end),
        });
        asked.reached += 1;
        asked.can_hold |= !state.guard.and(holds).is_never();
        asked.can_fail |= state.plain.and(fails).has_known();
    }

    fn deed(&mut self, runnable: Runnable<'a>, instruction: &Instruction, state: &mut State) {
        match &instruction.kind {
            InstructionKind::Command(commands) => {
                let path = self.path(instruction, "command");
                for command in commands {
                    self.command(runnable, command, &path, state);
                }
            }
            InstructionKind::Toggle { keys, .. } => {
                let path = self.path(instruction, "toggle");
                for key in keys {
                    self.set(key.clone(), Wish::Opposite, &path, state);
                }
            }
            InstructionKind::Scene { scene, .. } => {
                let path = self.path(instruction, "scene");
                let Some(scene) = scene_named(scene, self.home.world) else { return };
                for command in scene.commands(None) {
                    for (name, value) in &command.set {
                        if let Some(key) = self.key(&command.device, command.endpoint.as_ref(), name.as_str()) {
                            let wish = self.wish(&key, value);
                            self.set(key, wish, &path, state);
                        }
                    }
                }
            }
            InstructionKind::SetMode(mode) => {
                let variable = self.home.variable(Subject::Mode);
                let around = Set::point(self.home.text(mode));
                let wish = Wish::Value { value: Value::text(Arc::clone(mode)), around };
                let path = self.path(instruction, "set_mode");
                self.push(path, Deed::Set { variable, key: None, wish }, Role::Said, Vec::new(), state);
                state.forget(&[variable]);
            }
            InstructionKind::Notify(notify) => {
                let path = self.path(instruction, "notify");
                self.push(path, Deed::Told(notify.clone()), Role::Said, Vec::new(), state);
            }
            InstructionKind::Run(name) => self.call(instruction, name, state),
            _ => {}
        }
    }

    /// Another rule runs: its conditions are asked, and what it does is done.
    fn call(&mut self, instruction: &Instruction, name: &str, state: &mut State) {
        let Some(index) = (self.named)(name) else { return };
        let path = self.path(instruction, "run");
        self.push(Arc::clone(&path), Deed::Call(index), Role::Said, Vec::new(), state);
        let Some(called) = self.rules.get(index).copied().flatten() else { return };
        if self.calls.contains(&index) || self.calls.len() > MAX_CALLS {
            return;
        }
        let guard = state.guard.and(&all(&called.rule.conditions, called.document, self.home));
        let before = self.effects.len();
        self.calls.push(index);
        let outer = self.called_at.replace(path);
        let inside = State { plain: guard.clone(), guard, moment: state.moment, forks: state.forks.clone() };
        self.steps(called, 0, called.rule.program.len(), inside);
        self.called_at = outer;
        self.calls.pop();
        let mut changed = Vec::new();
        for effect in self.effects.iter_mut().skip(before) {
            if let Deed::Set { variable, .. } = &effect.deed {
                changed.push(*variable);
            }
            if effect.role != Role::Echo {
                effect.role = Role::Called;
            }
        }
        state.forget(&changed);
    }

    fn command(&mut self, runnable: Runnable<'a>, command: &CommandStep, path: &Arc<str>, state: &mut State) {
        let request = &command.request;
        for (index, (name, value)) in request.set.iter().enumerate() {
            let Some(key) = self.key(&request.device, request.endpoint.as_ref(), name.as_str()) else { continue };
            let made = command.made.iter().find(|made| made.index == index);
            let wish = match made {
                None => self.wish(&key, value),
                Some(made) => {
                    let text = runnable.document.text_at(&format!("{path}.set.{name}"));
                    match text.and_then(|text| self.copied(text)) {
                        Some(source) => Wish::Copy(source),
                        None => Wish::Computed(Some(made.template.clone())),
                    }
                }
            };
            self.set(key, wish, path, state);
        }
    }

    /// What a text copies: an attribute, if it is nothing but `{{ state("A", "x") }}`, else its own value, if that is
    /// the same as long as the home is the same.
    fn copied(&mut self, text: &str) -> Option<Variable> {
        let inside = text.trim().strip_prefix("{{").and_then(|text| text.strip_suffix("}}"));
        if let Some((key, "")) = inside.and_then(|inside| formula::call(inside, "state", self.home)) {
            return Some(self.home.attribute(&key));
        }
        if CHANGING.iter().any(|word| text.contains(word)) {
            return None;
        }
        let mut read = Vec::new();
        for (at, _) in text.match_indices("state(") {
            let (key, _) = formula::call(text.get(at..)?, "state", self.home)?;
            read.push(self.home.attribute(&key));
        }
        let value = self.home.variable(Subject::Expression(text.trim().into()));
        self.home.depends_on(value, read);
        Some(value)
    }

    fn key(
        &self,
        device: &hub_model::DeviceId,
        endpoint: Option<&EndpointSelector>,
        name: &str,
    ) -> Option<AttributeKey> {
        let record = self.home.record(device)?;
        let endpoint = record.device.resolve(endpoint, name).ok()?;
        Some(AttributeKey { device: device.clone(), endpoint, attribute: name.into() })
    }

    fn wish(&mut self, key: &AttributeKey, value: &Value) -> Wish {
        let tolerance = self.home.tolerance(key) / 2.0;
        Wish::Value { value: value.clone(), around: self.home.around(value, tolerance) }
    }

    fn set(&mut self, key: AttributeKey, wish: Wish, path: &Arc<str>, state: &mut State) {
        let mut changed = Vec::new();
        for spread in self.surroundings.spread(key, wish, self.home) {
            changed.extend([spread.variable, self.home.since(&spread.key)]);
            let deed = Deed::Set { variable: spread.variable, key: Some(spread.key), wish: spread.wish };
            self.push(Arc::clone(path), deed, spread.role, spread.air, state);
        }
        // It may fail, so that nobody knows what it is now.
        state.forget(&changed);
    }

    fn push(&mut self, path: Arc<str>, deed: Deed, role: Role, air: Vec<super::effects::Air>, state: &State) {
        let (moment, forks) = (state.moment, state.forks.clone());
        self.effects.push(Effect { path, deed, guard: state.guard.clone(), moment, forks, role, air });
    }

    fn path(&self, instruction: &Instruction, word: &str) -> Arc<str> {
        match &self.called_at {
            Some(path) => Arc::clone(path),
            None => format!("{}.{word}", instruction.path).into(),
        }
    }
}

/// Where two ways meet again.
fn joined(left: Option<State>, right: Option<State>, moment: u32) -> Option<State> {
    let (left, right) = match (left, right) {
        (Some(left), Some(right)) => (left, right),
        (one, other) => return one.or(other),
    };
    // Where one of them did not wait, what follows can still come in the same moment.
    let moment = match (left.moment == moment, right.moment == moment) {
        (false, false) => left.moment.max(right.moment),
        _ => moment,
    };
    Some(State { guard: left.guard.or(right.guard), plain: left.plain.or(right.plain), moment, forks: left.forks })
}
