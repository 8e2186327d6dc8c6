//! The life of commands: accepted → sent → acknowledged → confirmed, or failed, or expired.
//!
//! `ttl_ms` bounds how long a command waits to be sent. From sending on, the confirming report may take five seconds and
//! the transition; movements take longer, sleeping devices one wake interval longer. Then one read-back where the device
//! can be asked, then the command has failed with `no_report`.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use driver_api::Reading;
use hub_model::command::{ConfirmedBy, FailureReason, Outcome, Setting};
use hub_model::{
    AttributeName, AttributeSchema, Cause, Command, CommandId, CommandStatus, Device, DeviceId, EndpointNumber,
    Monotonic, Now, Timestamp, Value,
};

use crate::goes_with::{GoesWith, goes_with};

/// How long a confirming report may take.
const CONFIRM_WITHIN: Duration = Duration::from_secs(5);
/// How long it may take for what moves.
const MOVE_WITHIN: Duration = Duration::from_secs(90);
/// What moves: motors are slow.
const MOVING: &[&str] = &["position", "tilt", "locked", "lock_state", "cover_command"];
/// How long a failure of a write-only attribute is waited for before it counts as acknowledged.
const WRITE_ONLY_WITHIN: Duration = Duration::from_secs(1);
/// How many ended commands are remembered.
const REMEMBERED: usize = 1_000;

/// Where one attribute is, by device.
type Target = (DeviceId, EndpointNumber, AttributeName);

/// What is known of one outcome beside what people see.
#[derive(Debug)]
struct Pending {
    /// How far a report may lie from the wish.
    tolerance: f64,
    /// Never reported: ends with the acknowledgement.
    write_only: bool,
    /// Can be asked.
    readable: bool,
    /// How long the confirming report may take from sending on.
    confirm_within: Duration,
}

/// A command under way.
#[derive(Debug)]
struct Underway {
    command: Arc<Command>,
    pending: Vec<Pending>,
    deadline: Monotonic,
    read_back: bool,
}

/// All commands.
#[derive(Debug, Default)]
pub(crate) struct Commands {
    underway: HashMap<CommandId, Underway>,
    /// The command that each wished attribute waits for.
    targets: HashMap<Target, CommandId>,
    deadlines: BTreeSet<(Monotonic, CommandId)>,
    ended: VecDeque<Arc<Command>>,
}

/// A command that was checked and is to be carried out.
#[derive(Debug)]
pub(crate) struct Accepted<'a> {
    pub(crate) id: CommandId,
    pub(crate) device: &'a Device,
    pub(crate) settings: Vec<Setting>,
    pub(crate) cause: Cause,
    pub(crate) transition_ms: Option<u64>,
    pub(crate) ttl_ms: u64,
}

/// A report that changed a state.
#[derive(Debug)]
pub(crate) struct StateChange<'a> {
    pub(crate) device: &'a DeviceId,
    pub(crate) endpoint: EndpointNumber,
    pub(crate) attribute: &'a AttributeName,
    pub(crate) from: &'a Value,
    pub(crate) to: &'a Value,
}

impl StateChange<'_> {
    /// Whether it is the wanted value, or for what changes gradually one on the way to it. What the way of a colour is
    /// like nobody knows.
    fn leads_to(&self, wanted: &Value, tolerance: f64) -> bool {
        match (self.from, self.to, wanted) {
            (Value::Number(from), Value::Number(to), Value::Number(wanted)) => {
                (from.min(*wanted) - tolerance..=from.max(*wanted) + tolerance).contains(to)
            }
            (Value::Unknown, Value::Number(_), Value::Number(_)) => true,
            (_, Value::Composite(_) | Value::List(_), _) => true,
            (_, to, wanted) => to.confirms(wanted, tolerance),
        }
    }
}

/// What a change in a command's life asks the core to do.
#[derive(Debug, PartialEq)]
pub(crate) enum Step {
    /// Tell it.
    Changed(Arc<Command>),
    /// Nothing wants this attribute to be something else any more.
    Settled { device: DeviceId, endpoint: EndpointNumber, attribute: AttributeName },
    /// Ask the device.
    ReadBack { device: DeviceId, attributes: Vec<(EndpointNumber, AttributeName)> },
}

impl Commands {
    /// Takes a command on. Older commands for the same attributes are superseded.
    pub(crate) fn accept(&mut self, now: &Now, accepted: Accepted<'_>, steps: &mut Vec<Step>) -> Arc<Command> {
        let Accepted { id, device, settings, cause, transition_ms, ttl_ms } = accepted;
        for setting in &settings {
            let target = (device.id.clone(), setting.endpoint, setting.attribute.clone());
            if let Some(older) = self.targets.get(&target).cloned() {
                let place = Some((setting.endpoint, setting.attribute.clone()));
                self.fail(now, &older, place.as_ref(), FailureReason::Superseded, None, steps);
            }
        }
        let pending = settings
            .iter()
            .map(|setting| {
                let schema = device.attribute(setting.endpoint, setting.attribute.as_str());
                Pending::of(schema, setting, device, transition_ms)
            })
            .collect();
        let command = Arc::new(Command {
            id: id.clone(),
            device: device.id.clone(),
            cause,
            transition_ms,
            ttl_ms,
            outcomes: settings
                .into_iter()
                .map(|setting| Outcome {
                    setting,
                    status: CommandStatus::Accepted,
                    reason: None,
                    detail: None,
                    confirmed_by: None,
                })
                .collect(),
            status: CommandStatus::Accepted,
            accepted_at: now.time(),
            sent_at: None,
            acknowledged_at: None,
            ended_at: None,
            not_kept: false,
        });
        for outcome in &command.outcomes {
            let setting = &outcome.setting;
            self.targets.insert((device.id.clone(), setting.endpoint, setting.attribute.clone()), id.clone());
        }
        let deadline = now.mono.plus(Duration::from_millis(ttl_ms));
        self.deadlines.insert((deadline, id.clone()));
        self.underway.insert(id, Underway { command: Arc::clone(&command), pending, deadline, read_back: false });
        command
    }

    /// The command of this id, under way or ended not long ago.
    pub(crate) fn find(&self, id: &CommandId) -> Option<Arc<Command>> {
        self.underway
            .get(id)
            .map(|underway| &underway.command)
            .or_else(|| self.ended.iter().rev().find(|command| command.id == *id))
            .map(Arc::clone)
    }

    /// All that are under way or remembered.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Arc<Command>> {
        self.underway.values().map(|underway| &underway.command).chain(&self.ended)
    }

    /// Remembers a command of a former life of the hub.
    pub(crate) fn remember(&mut self, command: Arc<Command>) {
        if self.ended.len() >= REMEMBERED {
            self.ended.pop_front();
        }
        self.ended.push_back(command);
    }

    /// Notes that a command could not be written down.
    pub(crate) fn mark_not_kept(&mut self, id: &CommandId) {
        if let Some(underway) = self.underway.get_mut(id) {
            Arc::make_mut(&mut underway.command).not_kept = true;
        } else if let Some(command) = self.ended.iter_mut().rev().find(|command| command.id == *id) {
            Arc::make_mut(command).not_kept = true;
        }
    }

    /// The cause of the command that a change is the doing of.
    pub(crate) fn cause_of(&self, now: Timestamp, change: &StateChange<'_>) -> Option<&Cause> {
        self.cause_of_wanted(change).or_else(|| self.cause_of_effect(now, change))
    }

    /// Of one that was sent, where the value lies where it leads. A person at the device may do something else meanwhile.
    fn cause_of_wanted(&self, change: &StateChange<'_>) -> Option<&Cause> {
        let id = self.targets.get(&(change.device.clone(), change.endpoint, change.attribute.clone()))?;
        let Underway { command, pending, .. } = self.underway.get(id)?;
        let leads_there = |(outcome, pending): (&Outcome, &Pending)| {
            outcome.setting.endpoint == change.endpoint
                && outcome.setting.attribute == *change.attribute
                && change.leads_to(&outcome.setting.value, pending.tolerance)
        };
        let is_wanted = command.sent_at.is_some() && command.outcomes.iter().zip(pending).any(leads_there);
        is_wanted.then_some(&command.cause)
    }

    /// Of one that was sent and wanted something else of the device, which goes with this: while it is under way, or if it
    /// did what was wanted not long ago. Only the last that was wanted of it counts.
    fn cause_of_effect(&self, now: Timestamp, change: &StateChange<'_>) -> Option<&Cause> {
        let rows = || goes_with(change.attribute.as_str());
        let last = rows().filter_map(|row| self.last_that_set(now, change, row)).max_by_key(|last| last.accepted_at)?;
        let is_effect = |row: &GoesWith| {
            let outcome = last.outcomes.iter().find(|outcome| row.is_set_by(outcome, change.endpoint));
            let is_in_time = last.ended_at.is_none_or(|ended| now.since(ended) <= row.within);
            is_in_time
                && outcome
                    .is_some_and(|outcome| has_worked(last, outcome) && row.leads(outcome, change.from, change.to))
        };
        rows().any(is_effect).then_some(&last.cause)
    }

    /// The command under way, or the last one of not long ago, that set what changes something else.
    fn last_that_set(&self, now: Timestamp, change: &StateChange<'_>, row: &GoesWith) -> Option<&Arc<Command>> {
        let target = (change.device.clone(), change.endpoint, AttributeName::from(row.set));
        if let Some(underway) = self.targets.get(&target).and_then(|id| self.underway.get(id)) {
            return Some(&underway.command);
        }
        let is_recent = |command: &&Arc<Command>| {
            command.ended_at.is_some_and(|ended| ended <= now && now.since(ended) <= row.within)
        };
        let sets = |command: &&Arc<Command>| {
            command.device == *change.device
                && command.outcomes.iter().any(|outcome| row.is_set_by(outcome, change.endpoint))
        };
        self.ended.iter().rev().take_while(is_recent).find(sets)
    }

    /// Whether any command is under way; if not, reports need not be looked up.
    pub(crate) fn is_idle(&self) -> bool {
        self.targets.is_empty()
    }

    /// Handed to the radio or bridge.
    pub(crate) fn sent(&mut self, now: &Now, id: &CommandId, steps: &mut Vec<Step>) {
        let Some(underway) = self.underway.get_mut(id) else { return };
        if underway.command.sent_at.is_some() {
            return;
        }
        let command = Arc::make_mut(&mut underway.command);
        command.sent_at = Some(now.time());
        for outcome in command.outcomes.iter_mut().filter(|outcome| outcome.status == CommandStatus::Accepted) {
            outcome.status = CommandStatus::Sent;
        }
        let within = underway.pending.iter().map(|pending| pending.confirm_within).max().unwrap_or(CONFIRM_WITHIN);
        Self::set_deadline(&mut self.deadlines, id, underway, now.mono.plus(within));
        self.settle(now, id, steps);
    }

    /// The device or its network took it.
    pub(crate) fn acknowledged(
        &mut self,
        now: &Now,
        id: &CommandId,
        place: Option<&(EndpointNumber, AttributeName)>,
        steps: &mut Vec<Step>,
    ) {
        let Some(underway) = self.underway.get_mut(id) else { return };
        let command = Arc::make_mut(&mut underway.command);
        command.acknowledged_at.get_or_insert(now.time());
        for outcome in command.outcomes.iter_mut().filter(|outcome| is_open(outcome.status) && concerns(outcome, place))
        {
            outcome.status = CommandStatus::Acknowledged;
        }
        self.settle(now, id, steps);
    }

    /// It did not happen.
    pub(crate) fn fail(
        &mut self,
        now: &Now,
        id: &CommandId,
        place: Option<&(EndpointNumber, AttributeName)>,
        reason: FailureReason,
        detail: Option<Arc<str>>,
        steps: &mut Vec<Step>,
    ) {
        let Some(underway) = self.underway.get_mut(id) else { return };
        let command = Arc::make_mut(&mut underway.command);
        for (outcome, pending) in command.outcomes.iter_mut().zip(&underway.pending) {
            if concerns(outcome, place) && !has_ended(outcome, pending) {
                outcome.status = CommandStatus::Failed;
                outcome.reason = Some(reason);
                outcome.detail.clone_from(&detail);
            }
        }
        self.settle(now, id, steps);
    }

    /// A report came in. An equal report confirms too.
    pub(crate) fn reported(
        &mut self,
        now: &Now,
        device: &DeviceId,
        reading: &Reading,
        confirms: ConfirmedBy,
        steps: &mut Vec<Step>,
    ) {
        let Reading { endpoint, attribute, value } = reading;
        let endpoint = *endpoint;
        let Some(id) = self.targets.get(&(device.clone(), endpoint, attribute.clone())).cloned() else { return };
        let Some(underway) = self.underway.get_mut(&id) else { return };
        if underway.command.sent_at.is_none() {
            return;
        }
        let command = Arc::make_mut(&mut underway.command);
        let mut confirmed = false;
        for (outcome, pending) in command.outcomes.iter_mut().zip(&underway.pending) {
            let setting = &outcome.setting;
            if setting.endpoint == endpoint
                && setting.attribute == *attribute
                && !has_ended(outcome, pending)
                && value.confirms(&setting.value, pending.tolerance)
            {
                outcome.status = CommandStatus::Confirmed;
                outcome.confirmed_by = Some(confirms);
                confirmed = true;
            }
        }
        if confirmed {
            self.settle(now, &id, steps);
        }
    }

    /// All commands under way that `concerns` holds of fail.
    pub(crate) fn fail_all(
        &mut self,
        now: &Now,
        concerns: impl Fn(&Command) -> bool,
        reason: FailureReason,
        steps: &mut Vec<Step>,
    ) {
        let mut ids: Vec<CommandId> = self
            .underway
            .values()
            .filter(|underway| concerns(&underway.command))
            .map(|underway| underway.command.id.clone())
            .collect();
        ids.sort();
        for id in ids {
            self.fail(now, &id, None, reason, None, steps);
        }
    }

    /// When [`Self::timeout`] wants to be called.
    pub(crate) fn next_deadline(&self) -> Option<Monotonic> {
        self.deadlines.first().map(|(deadline, _)| *deadline)
    }

    /// Deadlines have come.
    pub(crate) fn timeout(&mut self, now: &Now, steps: &mut Vec<Step>) {
        while let Some((deadline, id)) = self.deadlines.first().cloned() {
            if deadline > now.mono {
                break;
            }
            self.deadlines.pop_first();
            let Some(underway) = self.underway.get_mut(&id) else { continue };
            if underway.command.sent_at.is_none() {
                let command = Arc::make_mut(&mut underway.command);
                for outcome in command.outcomes.iter_mut().filter(|outcome| is_open(outcome.status)) {
                    outcome.status = CommandStatus::Expired;
                }
                self.settle(now, &id, steps);
                continue;
            }
            let unanswered: Vec<(EndpointNumber, AttributeName)> = underway
                .command
                .outcomes
                .iter()
                .zip(&underway.pending)
                .filter(|(outcome, pending)| !has_ended(outcome, pending) && pending.readable)
                .map(|(outcome, _)| (outcome.setting.endpoint, outcome.setting.attribute.clone()))
                .collect();
            if !underway.read_back && !unanswered.is_empty() {
                underway.read_back = true;
                let deadline = now.mono.plus(CONFIRM_WITHIN);
                let device = underway.command.device.clone();
                Self::set_deadline(&mut self.deadlines, &id, underway, deadline);
                steps.push(Step::ReadBack { device, attributes: unanswered });
                continue;
            }
            let command = Arc::make_mut(&mut underway.command);
            for (outcome, pending) in command.outcomes.iter_mut().zip(&underway.pending) {
                if has_ended(outcome, pending) {
                    continue;
                }
                if pending.write_only {
                    outcome.status = CommandStatus::Acknowledged;
                    command.acknowledged_at.get_or_insert(now.time());
                } else {
                    outcome.status = CommandStatus::Failed;
                    outcome.reason = Some(FailureReason::NoReport);
                }
            }
            self.settle(now, &id, steps);
        }
    }

    fn set_deadline(
        deadlines: &mut BTreeSet<(Monotonic, CommandId)>,
        id: &CommandId,
        underway: &mut Underway,
        deadline: Monotonic,
    ) {
        deadlines.remove(&(underway.deadline, id.clone()));
        underway.deadline = deadline;
        deadlines.insert((deadline, id.clone()));
    }

    /// After outcomes changed: tells it, frees what nothing wants any more, ends the command when all of it has ended.
    fn settle(&mut self, now: &Now, id: &CommandId, steps: &mut Vec<Step>) {
        let Some(underway) = self.underway.get_mut(id) else { return };
        let command = Arc::make_mut(&mut underway.command);
        command.status = overall(&command.outcomes, &underway.pending);
        let mut all_ended = true;
        for (outcome, pending) in command.outcomes.iter().zip(&underway.pending) {
            if !has_ended(outcome, pending) {
                all_ended = false;
                continue;
            }
            let setting = &outcome.setting;
            let target = (command.device.clone(), setting.endpoint, setting.attribute.clone());
            if self.targets.get(&target) == Some(id) {
                let (device, endpoint, attribute) = target.clone();
                self.targets.remove(&target);
                steps.push(Step::Settled { device, endpoint, attribute });
            }
        }
        if all_ended {
            command.ended_at = Some(now.time());
            steps.push(Step::Changed(Arc::clone(&underway.command)));
            self.deadlines.remove(&(underway.deadline, id.clone()));
            if let Some(underway) = self.underway.remove(id) {
                self.remember(underway.command);
            }
        } else {
            steps.push(Step::Changed(Arc::clone(&underway.command)));
        }
    }
}

impl Pending {
    fn of(schema: Option<&AttributeSchema>, setting: &Setting, device: &Device, transition_ms: Option<u64>) -> Self {
        let write_only = schema.is_some_and(|schema| !schema.access.read && !schema.access.notify);
        let wake_interval = Duration::from_millis(device.wake_interval_ms.unwrap_or(0));
        let confirm_within = if write_only {
            // Also for who sleeps: nothing confirms it.
            WRITE_ONLY_WITHIN
        } else if MOVING.contains(&setting.attribute.as_str()) {
            MOVE_WITHIN + wake_interval
        } else {
            CONFIRM_WITHIN + Duration::from_millis(transition_ms.unwrap_or(0)) + wake_interval
        };
        Self {
            tolerance: schema.map_or(0.0, AttributeSchema::tolerance),
            write_only,
            readable: schema.is_some_and(|schema| schema.access.read),
            confirm_within,
        }
    }
}

/// Whether an outcome can still change for the better or worse.
/// Whether it can have effects, or had them.
fn has_worked(command: &Command, outcome: &Outcome) -> bool {
    match command.ended_at {
        None => command.sent_at.is_some(),
        Some(_) => matches!(outcome.status, CommandStatus::Confirmed | CommandStatus::Acknowledged),
    }
}

fn is_open(status: CommandStatus) -> bool {
    matches!(status, CommandStatus::Accepted | CommandStatus::Sent | CommandStatus::Acknowledged)
}

fn has_ended(outcome: &Outcome, pending: &Pending) -> bool {
    !is_open(outcome.status) || (pending.write_only && outcome.status == CommandStatus::Acknowledged)
}

fn concerns(outcome: &Outcome, place: Option<&(EndpointNumber, AttributeName)>) -> bool {
    place.is_none_or(|(endpoint, attribute)| {
        outcome.setting.endpoint == *endpoint && outcome.setting.attribute == *attribute
    })
}

/// The status of a command: while any part of it is under way, that of the part that is least far; in the end failed or
/// expired if any of its parts is, else that of the part that came least far.
fn overall(outcomes: &[Outcome], pending: &[Pending]) -> CommandStatus {
    let open = outcomes.iter().zip(pending).filter(|(outcome, pending)| !has_ended(outcome, pending));
    let statuses = || outcomes.iter().map(|outcome| outcome.status);
    open.map(|(outcome, _)| outcome.status)
        .min()
        .or_else(|| statuses().max().filter(|worst| *worst >= CommandStatus::Expired))
        .or_else(|| statuses().min())
        .unwrap_or(CommandStatus::Accepted)
}

/// A command that was under way when the hub stopped: nobody knows what became of it.
pub(crate) fn ended_by_restart(mut command: Command, now: &Now) -> Command {
    if command.has_ended() {
        return command;
    }
    for outcome in &mut command.outcomes {
        if outcome.status < CommandStatus::Confirmed {
            outcome.status = CommandStatus::Failed;
            outcome.reason = Some(FailureReason::Interrupted);
        }
    }
    command.status = CommandStatus::Failed;
    command.ended_at = Some(now.time());
    command
}
