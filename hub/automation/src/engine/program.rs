//! The steps of a rule, carried out one after the other until it waits or ends.

use std::sync::Arc;

use hub_model::device::EndpointSelector;
use hub_model::{CommandRequest, RunId, Value};
use serde_json::Value as Json;

use super::entry::{Entry, Turn};
use super::facts::{Fact, Facts};
use super::limits::{MAX_COMMANDS, MAX_STEPS};
use super::run::{Run, Thread, earliest};
use super::{Action, Task};
use crate::compile::fit;
use crate::document::words::format_duration;
use crate::document::written::Enabled;
use crate::expression::ExpressionError;
use crate::rule::{CommandStep, Instruction, InstructionKind, NotifyStep, Rule, Scope, Verdict};

/// What comes after a step.
enum Next {
    /// The step behind it.
    On,
    /// Another step.
    To(usize),
    /// The thread waits.
    Wait,
    /// The thread is no more; another goes on.
    Thread(u32),
    /// Another rule runs first.
    Call(Arc<str>),
    /// The run ends so.
    End(&'static str, Option<String>),
}

impl Entry {
    pub(super) fn run_mut(&mut self, run: &RunId) -> Option<&mut Run> {
        self.runs.iter_mut().find(|other| other.id == *run)
    }

    /// Goes on with a thread of a run until everything waits or the run ends. Whether it acted or waits.
    pub(super) fn advance(&mut self, id: &RunId, thread: u32, turn: &mut Turn<'_>) -> bool {
        let Some(rule) = self.rule.clone() else { return false };
        if let Some(run) = self.run_mut(id) {
            run.queued = false;
        }
        // Threads that are ready, the next last.
        let mut ready = vec![thread];
        let mut steps = 0;
        // The rules that its branches run, each before its branch goes on.
        let mut calls: Vec<[Task; 2]> = Vec::new();
        while let Some(&number) = ready.last() {
            steps += 1;
            let Some(run) = self.runs.iter_mut().find(|run| run.id == *id) else { return true };
            let Some(at) = run.thread(number).map(|thread| thread.pc) else {
                ready.pop();
                continue;
            };
            let next = if steps > MAX_STEPS {
                let detail = format!("it took more than {MAX_STEPS} steps without a wait, which looks like a loop");
                Next::End("fuse", Some(detail))
            } else {
                match rule.program.get(at) {
                    None => Next::End("finished", None),
                    Some(instruction) => {
                        let mut step = Step { rule: &rule, run, thread: number, ready: &mut ready };
                        step.carry_out(instruction, turn)
                    }
                }
            };
            let acted = self.run_mut(id).is_some_and(|run| run.acted);
            match next {
                Next::On => self.move_to(id, number, at + 1),
                Next::To(pc) => self.move_to(id, number, pc),
                Next::Wait => {
                    ready.pop();
                    self.begin_wait(id, number, &rule, turn);
                }
                Next::Thread(other) => {
                    ready.pop();
                    ready.push(other);
                }
                Next::Call(rule) => {
                    ready.pop();
                    self.move_to(id, number, at + 1);
                    let depth = self.run_mut(id).map_or(1, |run| run.depth.saturating_add(1));
                    let (automation, run) = (self.id.clone(), id.clone());
                    let goes_on = Task::GoOn { automation: automation.clone(), run: run.clone(), thread: number };
                    calls.push([goes_on, Task::Call { rule, depth, automation, run }]);
                }
                Next::End(phase, detail) => {
                    self.finish(id, phase, detail.as_deref(), turn);
                    turn.agenda.extend(calls.into_iter().rev().flatten());
                    return acted;
                }
            }
        }
        if calls.is_empty() {
            self.keep_run(id, turn);
            self.leave_trace(id, "waiting", None, turn);
        }
        turn.agenda.extend(calls.into_iter().rev().flatten());
        true
    }

    fn move_to(&mut self, id: &RunId, thread: u32, pc: usize) {
        if let Some(thread) = self.run_mut(id).and_then(|run| run.thread_mut(thread)) {
            thread.pc = pc;
        }
    }

    /// Lets a thread wait at its step.
    fn begin_wait(&mut self, id: &RunId, thread: u32, rule: &Arc<Rule>, turn: &mut Turn<'_>) {
        let Some(waiting) = self.run_mut(id).and_then(|run| run.thread(thread).cloned()) else { return };
        if waiting.joins {
            return;
        }
        let limit = match rule.program.get(waiting.pc).map(|instruction| &instruction.kind) {
            Some(InstructionKind::Delay(duration)) => Some(*duration),
            Some(InstructionKind::WaitFor { timeout, .. }) => *timeout,
            _ => None,
        };
        self.wait(id, thread, limit, turn);
    }
}

/// One step of one thread.
struct Step<'a> {
    rule: &'a Rule,
    run: &'a mut Run,
    thread: u32,
    ready: &'a mut Vec<u32>,
}

impl Step<'_> {
    /// What of the step can be done is done. Of what cannot it is said that it failed, and the run goes on.
    fn carry_out(&mut self, instruction: &Instruction, turn: &mut Turn<'_>) -> Next {
        let Instruction { path, kind, unresolved } = instruction;
        let failed = |problem: &dyn std::fmt::Display| Next::End("failed", Some(format!("{path}: {problem}")));
        let Some(problem) = unresolved else {
            return self.do_step(kind, path, turn).unwrap_or_else(|error| failed(&error));
        };
        let next = match kind {
            // Nothing would ever end it.
            InstructionKind::WaitFor { triggers, timeout: None, .. }
                if !triggers.iter().any(|trigger| trigger.can_happen(&*turn.world)) =>
            {
                return failed(problem);
            }
            InstructionKind::Stop(_) => {
                let next = self.do_step(kind, path, turn);
                return next.unwrap_or_else(|_| Next::End("stopped", Some(problem.to_string())));
            }
            InstructionKind::Scene { .. } | InstructionKind::SetMode(_) => Next::On,
            // Whom of several a message does not reach is said where it is delivered.
            InstructionKind::Notify(notify) => match self.notify(notify, path, turn) {
                Ok(next) => return next,
                Err(_) => Next::On,
            },
            _ => self.do_step(kind, path, turn).unwrap_or(Next::On),
        };
        if let Next::On = next
            && !matches!(kind, InstructionKind::WaitFor { .. })
        {
            self.run.note(did(path).with("failed", problem));
            let (automation, run) = (turn.automation.clone(), self.run.id.clone());
            let detail = Some(format!("{path}: {problem}").into());
            turn.out.push(Action::Run { automation, run, phase: "failed", detail });
        }
        next
    }

    fn do_step(
        &mut self,
        kind: &InstructionKind,
        path: &Arc<str>,
        turn: &mut Turn<'_>,
    ) -> Result<Next, ExpressionError> {
        match kind {
            InstructionKind::Command(commands) => self.command(commands, path, turn),
            InstructionKind::Toggle { keys, transition_ms } => {
                let requests = keys.iter().map(|key| {
                    let on = key.state(&*turn.world).and_then(|state| state.value.as_bool()).unwrap_or(false);
                    CommandRequest {
                        device: key.device.clone(),
                        endpoint: Some(EndpointSelector::Number(key.endpoint)),
                        set: vec![(key.attribute.clone(), Value::Bool(!on))],
                        transition_ms: *transition_ms,
                        ttl_ms: None,
                    }
                });
                let requests: Vec<CommandRequest> = requests.collect();
                self.send(requests, path, turn)
            }
            InstructionKind::Scene { scene, transition_ms } => {
                self.run.note(did(path).with("scene", scene));
                let (scene, transition_ms) = (Arc::clone(scene), *transition_ms);
                let depth = self.run.depth;
                let left_out = Vec::new();
                self.act(turn, |automation, run| Action::Scene {
                    automation,
                    run,
                    depth,
                    scene,
                    transition_ms,
                    left_out,
                });
                Ok(Next::On)
            }
            InstructionKind::SetMode(mode) => {
                self.run.note(did(path).with("set_mode", mode));
                let (mode, depth) = (Arc::clone(mode), self.run.depth);
                self.act(turn, |automation, run| Action::SetMode { automation, run, depth, mode });
                Ok(Next::On)
            }
            InstructionKind::Notify(notify) => self.notify(notify, path, turn),
            InstructionKind::Run(rule) => {
                self.run.note(did(path).with("run", rule));
                let shadow = self.rule.enabled == Enabled::Shadow;
                Ok(if shadow { Next::On } else { Next::Call(Arc::clone(rule)) })
            }
            InstructionKind::Delay(duration) if duration.is_zero() => Ok(Next::On),
            InstructionKind::Delay(duration) => {
                self.run.note(did(path).with("delay", format_duration(*duration)));
                Ok(Next::Wait)
            }
            InstructionKind::WaitFor { triggers, .. } => {
                let time = turn.now.time();
                let standing = self.run.standing(self.thread, Some(self.rule), time, turn.wall, &*turn.world);
                let standing = earliest(standing).filter(|found| found.moment <= time);
                match standing {
                    Some(standing) => {
                        let written = triggers.get(standing.trigger);
                        let decided = written.and_then(|written| written.decided_on(standing.subject, &*turn.world));
                        self.run.note(did(path).with("held_since", standing.since));
                        decided.into_iter().for_each(|decided| self.run.decide_on(decided));
                        Ok(Next::On)
                    }
                    None => {
                        self.run.note(did(path).with("waits", true));
                        Ok(Next::Wait)
                    }
                }
            }
            InstructionKind::Branch { conditions, otherwise } => {
                let holds = self.all_hold(conditions, turn);
                self.run.note(did(path).with("holds", holds));
                Ok(if holds { Next::On } else { Next::To(*otherwise) })
            }
            InstructionKind::Jump(to) => Ok(Next::To(*to)),
            InstructionKind::Repeat { times, conditions, end } => {
                let holds = self.all_hold(conditions, turn);
                Ok(self.round(*times, conditions.is_empty(), holds, *end))
            }
            InstructionKind::Fork { branches, join } => Ok(self.fork(branches, *join)),
            InstructionKind::Join => Ok(self.join()),
            InstructionKind::Stop(reason) => {
                reason.text(&self.scope(turn).seen()).result.map(|reason| Next::End("stopped", Some(reason)))
            }
        }
    }

    /// What expressions see of what set the run off, if the rule has any that look at it.
    fn seen(&self) -> &Json {
        if self.rule.looks_at_trigger { self.run.trigger.json() } else { &Json::Null }
    }

    fn scope<'s>(&'s self, turn: &'s Turn<'_>) -> Scope<'s> {
        turn.scope(self.seen(), &self.run.variables)
    }

    fn all_hold(&mut self, conditions: &[crate::rule::Condition], turn: &Turn<'_>) -> bool {
        let mut verdict = Verdict::default();
        let scope = turn.scope(self.seen(), &self.run.variables);
        let holds = conditions.iter().all(|condition| condition.holds(&scope, &mut verdict));
        verdict.decided_on.into_iter().for_each(|decided| self.run.decide_on(decided));
        holds
    }

    /// Does something, unless the rule is only tried.
    fn act(&mut self, turn: &mut Turn<'_>, action: impl FnOnce(hub_model::AutomationId, RunId) -> Action) {
        if self.rule.enabled != Enabled::Shadow {
            self.run.acted = true;
            turn.out.push(action(turn.automation.clone(), self.run.id.clone()));
        }
    }

    fn command(
        &mut self,
        commands: &[CommandStep],
        path: &Arc<str>,
        turn: &mut Turn<'_>,
    ) -> Result<Next, ExpressionError> {
        let mut requests = Vec::with_capacity(commands.len());
        for command in commands {
            let mut request = command.request.clone();
            for made in &command.made {
                let value = made.template.value(&self.scope(turn).seen()).result?;
                match fit(&made.schema, &value) {
                    Ok(value) => {
                        if let Some((_, setting)) = request.set.get_mut(made.index) {
                            *setting = value;
                        }
                    }
                    Err(message) => return Ok(Next::End("failed", Some(format!("{path}: {message}")))),
                }
            }
            requests.push(request);
        }
        self.send(requests, path, turn)
    }

    fn send(
        &mut self,
        requests: Vec<CommandRequest>,
        path: &Arc<str>,
        turn: &mut Turn<'_>,
    ) -> Result<Next, ExpressionError> {
        for request in requests {
            let set = Fact::Settings(request.set.clone());
            self.run.note(did(path).with("device", &request.device).with("set", set));
            if self.rule.enabled == Enabled::Shadow {
                continue;
            }
            let limit = turn.budgets.entry(request.device.clone()).or_default();
            if !limit.allows(MAX_COMMANDS, turn.now.mono) {
                let detail = format!(
                    "rules commanded {} more than {MAX_COMMANDS} times in a minute, which looks like a loop",
                    request.device
                );
                return Ok(Next::End("fuse", Some(detail)));
            }
            let depth = self.run.depth;
            self.act(turn, |automation, run| Action::Command { automation, run, depth, request });
        }
        Ok(Next::On)
    }

    fn notify(&mut self, notify: &NotifyStep, path: &Arc<str>, turn: &mut Turn<'_>) -> Result<Next, ExpressionError> {
        let scope = self.scope(turn).seen();
        let title = notify.title.as_ref().map(|title| title.text(&scope).result).transpose()?;
        let message = notify.message.text(&scope).result?;
        self.run.note(did(path).with("notify", message.clone()));
        let (to, severity) = (notify.to.clone(), notify.severity);
        let (title, message) = (title.map(Arc::from), Arc::from(message));
        self.act(turn, |automation, run| Action::Notify { automation, run, to, title, message, severity });
        Ok(Next::On)
    }

    /// Into a loop once more, or behind it.
    fn round(&mut self, times: u32, counted: bool, holds: bool, end: usize) -> Next {
        let Some(thread) = self.run.thread_mut(self.thread) else { return Next::Wait };
        let head = thread.pc;
        let rounds = thread.rounds.entry(head).or_default();
        if holds && *rounds < times {
            *rounds += 1;
            return Next::On;
        }
        thread.rounds.remove(&head);
        if holds && !counted {
            return Next::End("failed", Some(format!("it repeated {times} times and its condition still held")));
        }
        Next::To(end)
    }

    /// The thread waits behind the fork for one thread a branch.
    fn fork(&mut self, branches: &[usize], join: usize) -> Next {
        let mut number = self.run.threads.iter().map(|thread| thread.number).max().unwrap_or_default();
        let parent = self.thread;
        if let Some(thread) = self.run.thread_mut(parent) {
            thread.pc = join;
            thread.joins = true;
        }
        let mut begun = Vec::new();
        for pc in branches {
            number += 1;
            self.run.threads.push(Thread { number, parent: Some(parent), pc: *pc, ..Thread::default() });
            begun.push(number);
        }
        // The parent is taken from the ready ones by the wait; its children come in their order.
        self.ready.retain(|ready| *ready != parent);
        self.ready.extend(begun.iter().rev());
        self.ready.push(parent);
        Next::Wait
    }

    /// A branch is done; the last one lets its parent go on.
    fn join(&mut self) -> Next {
        let parent = self.run.thread(self.thread).and_then(|thread| thread.parent).unwrap_or_default();
        self.run.threads.retain(|thread| thread.number != self.thread);
        if self.run.threads.iter().any(|thread| thread.parent == Some(parent)) {
            // Gone: the loop takes the next that is ready.
            return Next::Thread(self.thread);
        }
        if let Some(thread) = self.run.thread_mut(parent) {
            thread.joins = false;
        }
        Next::Thread(parent)
    }
}

/// Something that was done.
fn did(path: &Arc<str>) -> Facts {
    Facts::new().with("path", path)
}
