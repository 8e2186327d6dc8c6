//! Actions, ready to run: one flat list with jumps.

use std::collections::BTreeSet;
use std::sync::Arc;

use hub_model::device::{DeviceRecord, EndpointSelector};
use hub_model::{AttributeName, CommandRequest, EndpointNumber, Kind, Said, Value};

use super::devices::{Use, keys};
use super::{Compiler, milliseconds};
use crate::compile::fit;
use crate::document::Place;
use crate::document::written::{self, Choice, Devices, Given, Placed, Repetition, Selection, Step};
use crate::expression::Template;
use crate::rule::{CommandStep, GivenSetting, Instruction, InstructionKind, NotifyStep};

/// How often a loop may go round.
const MOST_ROUNDS: u32 = 1_000;
/// How many instructions a rule may come to.
const MOST_INSTRUCTIONS: usize = 10_000;

/// What to set, in order.
type Settings = [(Placed<String>, Placed<Given>)];

impl Compiler<'_> {
    /// The steps of a rule as one flat list.
    pub(super) fn program(&mut self, steps: &[Placed<Step>]) -> Vec<Instruction> {
        let mut program = Vec::new();
        self.steps(steps, &mut program);
        if program.len() > MOST_INSTRUCTIONS
            && let Some(first) = steps.first()
        {
            let text = format!("these come to more than {MOST_INSTRUCTIONS} steps; make several rules of it");
            let message = Said::new("steps", text).with("most", MOST_INSTRUCTIONS);
            self.wrong(&first.place, "too_large", message);
        }
        program
    }

    fn steps(&mut self, steps: &[Placed<Step>], program: &mut Vec<Instruction>) {
        for step in steps {
            self.step(step, program);
        }
    }

    fn step(&mut self, written: &Placed<Step>, program: &mut Vec<Instruction>) {
        let place = &written.place;
        let others = self.findings.len();
        let kind = match &written.value {
            Step::Delay(duration) => InstructionKind::Delay(*duration),
            Step::WaitFor { triggers, timeout, on_timeout } => InstructionKind::WaitFor {
                triggers: triggers.iter().map(|trigger| self.trigger(trigger)).collect(),
                timeout: *timeout,
                on_timeout: *on_timeout,
            },
            Step::Command { devices, endpoint, set, transition, time_to_live } => {
                let mut commands = match devices {
                    Devices::Named(_) => self.named_commands(devices, endpoint.as_ref(), set),
                    Devices::Selected(selection) => {
                        self.selected_commands(devices, &selection.value, endpoint.as_ref(), set)
                    }
                };
                for command in &mut commands {
                    command.request.transition_ms = transition.map(milliseconds);
                    command.request.ttl_ms = time_to_live.map(milliseconds);
                }
                InstructionKind::Command(commands)
            }
            Step::Toggle { devices, endpoint, attribute, transition } => {
                let wanted = written::Attribute {
                    devices: devices.clone(),
                    endpoint: endpoint.clone(),
                    name: attribute.clone(),
                };
                let mut found = self.attributes(&wanted, Use::Set);
                if let Some(other) = found.iter().find(|found| found.schema.kind != Kind::Bool) {
                    let text = format!("{} is not on or off, so it has no opposite; use a command", other.schema.name);
                    let message = Said::new("no_opposite", text).with("attribute", &other.schema.name);
                    self.wrong(&attribute.place, "bad_value", message);
                    found.retain(|found| found.schema.kind == Kind::Bool);
                }
                InstructionKind::Toggle { keys: keys(found), transition_ms: transition.map(milliseconds) }
            }
            Step::Scene { scene, transition } => {
                InstructionKind::Scene { scene: self.scene(scene), transition_ms: transition.map(milliseconds) }
            }
            Step::Notify(notify) => {
                for template in [Some(&notify.message), notify.title.as_ref()].into_iter().flatten() {
                    self.references(template.references(), place);
                }
                InstructionKind::Notify(NotifyStep {
                    to: self.recipients(&notify.to),
                    title: notify.title.clone(),
                    message: notify.message.clone(),
                    severity: notify.severity,
                })
            }
            Step::SetMode(mode) => InstructionKind::SetMode(self.mode(mode)),
            Step::Run(rule) => InstructionKind::Run(rule.value.as_str().into()),
            Step::Stop(reason) => {
                self.references(reason.references(), place);
                InstructionKind::Stop(reason.clone())
            }
            Step::Choose { choices, otherwise } => return self.choose(place, choices, otherwise, program),
            Step::Repeat { repetition, steps } => return self.repeat(place, repetition, steps, program),
            Step::Parallel(branches) => return self.parallel(place, branches, program),
        };
        program.push(Instruction { unresolved: self.problem_behind(others), ..instruction(place, kind) });
    }

    /// Each choice is a branch that leads to the next if it does not hold, and a jump behind all of them.
    fn choose(
        &mut self,
        place: &Place,
        choices: &[Choice],
        otherwise: &[Placed<Step>],
        program: &mut Vec<Instruction>,
    ) {
        let mut ends = Vec::new();
        for choice in choices {
            let conditions = self.conditions(&choice.conditions);
            let branch = program.len();
            program.push(instruction(place, InstructionKind::Branch { conditions, otherwise: 0 }));
            self.steps(&choice.steps, program);
            ends.push(program.len());
            program.push(instruction(place, InstructionKind::Jump(0)));
            let behind = program.len();
            if let Some(InstructionKind::Branch { otherwise, .. }) = kind_at(program, branch) {
                *otherwise = behind;
            }
        }
        self.steps(otherwise, program);
        let behind = program.len();
        for end in ends {
            if let Some(InstructionKind::Jump(to)) = kind_at(program, end) {
                *to = behind;
            }
        }
    }

    fn repeat(
        &mut self,
        place: &Place,
        repetition: &Repetition,
        steps: &[Placed<Step>],
        program: &mut Vec<Instruction>,
    ) {
        let (times, conditions) = match repetition {
            Repetition::Times(times) => (*times, Vec::new()),
            Repetition::While(conditions) => (MOST_ROUNDS, self.conditions(conditions)),
        };
        let head = program.len();
        program.push(instruction(place, InstructionKind::Repeat { times, conditions, end: 0 }));
        self.steps(steps, program);
        program.push(instruction(place, InstructionKind::Jump(head)));
        let behind = program.len();
        if let Some(InstructionKind::Repeat { end, .. }) = kind_at(program, head) {
            *end = behind;
        }
    }

    fn parallel(&mut self, place: &Place, branches: &[Vec<Placed<Step>>], program: &mut Vec<Instruction>) {
        let fork = program.len();
        program.push(instruction(place, InstructionKind::Fork { branches: Vec::new(), join: 0 }));
        let mut begins = Vec::new();
        for branch in branches {
            begins.push(program.len());
            self.steps(branch, program);
            program.push(instruction(place, InstructionKind::Join));
        }
        let behind = program.len();
        if let Some(InstructionKind::Fork { branches, join }) = kind_at(program, fork) {
            (*branches, *join) = (begins, behind);
        }
    }

    /// Named devices must have everything that is set on them.
    fn named_commands(
        &mut self,
        devices: &Devices,
        endpoint: Option<&EndpointSelector>,
        set: &Settings,
    ) -> Vec<CommandStep> {
        let mut commands = Vec::new();
        for record in self.records(devices) {
            let mut command = CommandStep { request: request(record, None), made: Vec::new() };
            let mut endpoints = BTreeSet::new();
            for (name, given) in set {
                let Some(found) = self.attribute(record, endpoint, name, Use::Set) else { continue };
                let value = match &given.value {
                    Given::Value(value) => {
                        let written = Placed { value: value.clone(), place: given.place.clone() };
                        match self.value(found.schema, &written) {
                            Some(value) => value,
                            None => continue,
                        }
                    }
                    Given::Template(template) => {
                        self.references(template.references(), &given.place);
                        command.made.push(made(&command.request, template, found.schema));
                        Value::Unknown
                    }
                };
                endpoints.insert(found.key.endpoint);
                command.request.set.push((found.key.attribute, value));
            }
            let only = (endpoints.len() == 1).then(|| endpoints.first().copied()).flatten();
            command.request.endpoint = only.map(EndpointSelector::Number);
            if !command.request.set.is_empty() {
                commands.push(command);
            }
        }
        commands
    }

    /// Selected devices get what they have of it, each endpoint that is what was selected.
    fn selected_commands(
        &mut self,
        devices: &Devices,
        selection: &Selection,
        endpoint: Option<&EndpointSelector>,
        set: &Settings,
    ) -> Vec<CommandStep> {
        let mut commands = Vec::new();
        for record in self.records(devices) {
            for part in &record.device.endpoints {
                let fits = selection.capability.is_none_or(|wanted| part.capabilities.contains(&wanted))
                    && endpoint.is_none_or(|selector| selector.names(part));
                let mut command = CommandStep { request: request(record, Some(part.number)), made: Vec::new() };
                for (name, given) in set {
                    let Some(schema) = part.attribute(&name.value).filter(|schema| fits && schema.access.write) else {
                        continue;
                    };
                    let value = match &given.value {
                        Given::Value(value) => match fit(schema, value) {
                            Ok(value) => value,
                            Err(_) => continue,
                        },
                        Given::Template(template) => {
                            command.made.push(made(&command.request, template, schema));
                            Value::Unknown
                        }
                    };
                    command.request.set.push((schema.name.clone(), value));
                }
                if !command.request.set.is_empty() {
                    commands.push(command);
                }
            }
        }
        for (_, given) in set {
            if let Given::Template(template) = &given.value {
                self.references(template.references(), &given.place);
            }
        }
        commands
    }
}

fn instruction(place: &Place, kind: InstructionKind) -> Instruction {
    Instruction { path: Arc::clone(&place.path), kind, unresolved: None }
}

fn kind_at(program: &mut [Instruction], index: usize) -> Option<&mut InstructionKind> {
    program.get_mut(index).map(|instruction| &mut instruction.kind)
}

/// A setting that comes next in a command, to be made when it runs.
fn made(request: &CommandRequest, template: &Template, schema: &hub_model::AttributeSchema) -> GivenSetting {
    GivenSetting { index: request.set.len(), template: template.clone(), schema: schema.clone() }
}

fn request(record: &DeviceRecord, endpoint: Option<EndpointNumber>) -> CommandRequest {
    CommandRequest {
        device: record.device.id.clone(),
        endpoint: endpoint.map(EndpointSelector::Number),
        set: Vec::<(AttributeName, Value)>::new(),
        transition_ms: None,
        ttl_ms: None,
    }
}
