//! Follows causes back from a state to where they began.

use std::collections::BTreeMap;
use std::sync::Arc;

use hub_automation::rule::AttributeKey;
use hub_automation::trace::{Trace, TraceCondition, TraceTrigger, moment_of_run};
use hub_automation::{World, describe};
use hub_model::history::{ChangesQuery, Recorded, RecordedChange, TraceQuery};
use hub_model::{AccountId, AttributeName, AutomationId, Cause, Command, DeviceId, RunId, Source, Timestamp, Value};

use super::eyes::Hidden;
use super::picture::Picture;
use super::{Sources, behind, text};
use crate::goes_with::goes_with;
use crate::ports::ArchiveError;

/// How many states a chain leads back through at most.
const MOST_STATES: usize = 16;
/// How many changes of one attribute are looked at for the one that is meant.
const LAST_FEW: usize = 8;
/// How many of the last traces of a run are looked at for the action that is meant.
const MOST_TRACES: usize = 64;

/// How many traces are looked at for the first of a run: those of others name it too, e.g. of a rule that it ran.
const FIRST_FEW: usize = 8;

/// Why an attribute is as it is.
#[derive(Clone, Debug, PartialEq)]
pub struct Why {
    /// Which.
    pub key: AttributeKey,
    /// The moment that was asked about.
    pub at: Timestamp,
    /// What it was then.
    pub value: Value,
    /// Since when; none = nobody knows.
    pub since: Option<Timestamp>,
    /// Where the value comes from; of the present only.
    pub source: Option<Source>,
    /// From the state back to where its cause began.
    pub chain: Vec<Link>,
    /// Whether the chain was followed to its beginning.
    pub is_complete: bool,
    /// A command since then that wanted something else and did not get it (yet).
    pub attempt: Option<Arc<Command>>,
    /// The same in sentences.
    pub text: Vec<String>,
}

/// A step back.
#[derive(Clone, Debug, PartialEq)]
pub enum Link {
    /// An attribute became something.
    State(StateLink),
    /// A command wanted that.
    Command(Arc<Command>),
    /// A rule's run gave it.
    Run(Box<RunLink>),
    /// Where it began.
    Origin(Origin),
    /// What is behind it is not for who asks.
    Hidden(Hidden),
}

/// An attribute became something.
#[derive(Clone, Debug, PartialEq)]
pub struct StateLink {
    /// Which.
    pub key: AttributeKey,
    /// What it was before, if that is known.
    pub before: Option<Value>,
    /// What it became.
    pub value: Value,
    /// When.
    pub at: Timestamp,
    /// What caused it; none = who asks does not see everything, and the links behind it tell as much as they may know.
    pub cause: Option<Cause>,
}

/// A run of a rule.
#[derive(Clone, Debug, PartialEq)]
pub struct RunLink {
    /// The rule.
    pub automation: AutomationId,
    /// What people call it, if it is still there.
    pub name: Option<Arc<str>>,
    /// The run; none = what set it off is not for who asks, and the id tells when that was.
    pub run: Option<RunId>,
    /// Which revision of the rule, if its traces are still there.
    pub revision: Option<u64>,
    /// When it started.
    pub started_at: Option<Timestamp>,
    /// Which of its actions did it.
    pub action: Option<ActionTaken>,
    /// What set it off.
    pub trigger: Option<TraceTrigger>,
    /// What its conditions were.
    pub conditions: Vec<TraceCondition>,
    /// There is more that set it off or that its conditions looked at, and it is not for who asks.
    pub is_masked: bool,
}

/// An action of a run.
#[derive(Clone, Debug, PartialEq)]
pub struct ActionTaken {
    /// Where it stands in the document: `actions[0]`.
    pub path: Arc<str>,
    /// What the device was told; empty if it was told by a scene.
    pub set: BTreeMap<AttributeName, Value>,
    /// The scene that was activated.
    pub scene: Option<Arc<str>>,
}

/// Where causes begin.
#[derive(Clone, Debug, PartialEq)]
pub enum Origin {
    /// A person.
    Person {
        /// Who.
        account: AccountId,
        /// What people call them.
        name: String,
        /// By which door: `api`, `cli`, `relay`.
        via: Arc<str>,
    },
    /// The device itself.
    Device {
        /// Which.
        device: DeviceId,
        /// A momentary thing that it reported; none = a value.
        event: Option<Value>,
    },
    /// What set a rule off and has no cause that is recorded: a time, a call of a webhook, the hub's start …
    Trigger(TraceTrigger),
    /// What was known from before: retained, cached or restored.
    Restore,
    /// The hub itself.
    System,
    /// A point in time.
    Schedule,
    /// It is not, or no longer, in history.
    Unknown,
}

/// Why an attribute is as it is, or was at a moment.
pub fn why(sources: &Sources<'_>, key: &AttributeKey, at: Option<Timestamp>) -> Result<Why, ArchiveError> {
    let picture = Picture::now(sources.snapshot);
    let asked = at.map_or(sources.now, |at| at.min(sources.now));
    let is_now = at.is_none_or(|at| at >= sources.now);
    let present = key.state(&picture);
    let mut found = change_before(sources, key, asked, None)?;
    let unchanged = present.filter(|state| state.changed_at.is_some_and(|changed_at| changed_at <= asked));
    if let Some(state) = unchanged
        && found.as_ref().is_none_or(|link| state.changed_at > Some(link.at) || (is_now && link.value != state.value))
    {
        // History does not have it (any more).
        found = Some(StateLink {
            key: key.clone(),
            before: found.map(|link| link.value),
            value: state.value.clone(),
            at: state.changed_at.unwrap_or(asked),
            cause: Some(Cause::System),
        });
        return Ok(told(sources, key, asked, is_now, found, vec![Link::Origin(Origin::Unknown)], true, &picture));
    }
    let mut chain = Chain { sources, links: Vec::new(), states: 0, is_cut: false };
    let is_complete = match &found {
        Some(state) => chain.follow(state.clone())?,
        None => true,
    };
    let links = chain.links.into_iter().skip(1).collect();
    Ok(told(sources, key, asked, is_now, found, links, is_complete, &picture))
}

#[expect(clippy::too_many_arguments, reason = "it only puts together what was found")]
fn told(
    sources: &Sources<'_>,
    key: &AttributeKey,
    at: Timestamp,
    is_now: bool,
    state: Option<StateLink>,
    rest: Vec<Link>,
    is_complete: bool,
    picture: &Picture<'_>,
) -> Why {
    let value = state.as_ref().map(|state| state.value.clone()).unwrap_or_default();
    let since = state.as_ref().map(|state| state.at);
    let source = key.state(picture).filter(|_| is_now).map(|state| state.source);
    let chain: Vec<Link> = state.map(Link::State).into_iter().chain(rest).collect();
    let attempt = attempt(sources, key, &value, since, at);
    let mut why = Why { key: key.clone(), at, value, since, source, chain, is_complete, attempt, text: Vec::new() };
    match sources.eyes {
        Some(eyes) => {
            eyes.mask(&mut why);
            why.text = text::sentences(&why, is_now, &Picture::now(&eyes.home), &sources.zone(), Some(eyes));
        }
        None => why.text = text::sentences(&why, is_now, picture, &sources.zone(), None),
    }
    why
}

/// The newest command since the state came about that wanted something else.
fn attempt(
    sources: &Sources<'_>,
    key: &AttributeKey,
    value: &Value,
    since: Option<Timestamp>,
    at: Timestamp,
) -> Option<Arc<Command>> {
    let later = sources.commands.iter().filter(|command| {
        command.device == key.device
            && command.accepted_at <= at
            && since.is_none_or(|since| command.accepted_at > since)
    });
    let newest = later.filter(|command| outcome(command, key).is_some()).max_by_key(|command| command.accepted_at)?;
    let wanted = &outcome(newest, key)?.setting.value;
    (!value.confirms(wanted, 0.5)).then(|| Arc::clone(newest))
}

/// What became of an attribute of a command.
pub(super) fn outcome<'c>(command: &'c Command, key: &AttributeKey) -> Option<&'c hub_model::command::Outcome> {
    command
        .outcomes
        .iter()
        .find(|outcome| outcome.setting.endpoint == key.endpoint && outcome.setting.attribute == key.attribute)
}

/// What became of that of a command which changed an attribute with it.
pub(super) fn outcome_beside<'c>(command: &'c Command, key: &AttributeKey) -> Option<&'c hub_model::command::Outcome> {
    goes_with(key.attribute.as_str())
        .find_map(|row| command.outcomes.iter().find(|outcome| row.is_set_by(outcome, key.endpoint)))
}

/// The last change up to and at a time, of the device or of those whose place it took; to this value, if it is among
/// the last few.
fn change_before(
    sources: &Sources<'_>,
    key: &AttributeKey,
    at: Timestamp,
    to: Option<&Value>,
) -> Result<Option<StateLink>, ArchiveError> {
    let picture = Picture::now(sources.snapshot);
    let predecessors = picture.device(&key.device).map(|record| record.predecessors.clone()).unwrap_or_default();
    for device in [&key.device].into_iter().chain(&predecessors) {
        let of = Recorded::State { device: device.clone(), endpoint: key.endpoint, attribute: key.attribute.clone() };
        let query = ChangesQuery { of, from: Timestamp(i64::MIN), to: behind(at), limit: LAST_FEW };
        let mut changes = sources.archive.changes(&query)?;
        // Several things may have happened within one millisecond.
        let wanted = to.and_then(|to| changes.iter().position(|change| change.value == *to)).unwrap_or(0);
        let mut changes = changes.drain(wanted.min(changes.len())..);
        if let Some(RecordedChange { at, value, cause }) = changes.next() {
            let before = changes.next().map(|change| change.value);
            let key = AttributeKey { device: device.clone(), ..key.clone() };
            return Ok(Some(StateLink { key, before, value, at, cause: Some(cause) }));
        }
    }
    Ok(None)
}

/// A chain that grows.
struct Chain<'a> {
    sources: &'a Sources<'a>,
    links: Vec<Link>,
    states: usize,
    /// There are more runs than are followed.
    is_cut: bool,
}

impl Chain<'_> {
    /// Adds a state and everything behind it. False if there is more than is followed.
    fn follow(&mut self, state: StateLink) -> Result<bool, ArchiveError> {
        let mut next = Some(state);
        while let Some(state) = next.take() {
            self.states += 1;
            if self.states > MOST_STATES {
                return Ok(false);
            }
            let (key, at) = (state.key.clone(), state.at);
            let mut cause = state.cause.clone().unwrap_or(Cause::System);
            let command = self.command_of(&state, &cause);
            self.links.push(Link::State(state));
            if let Cause::Command { command } = &cause {
                let found = self.sources.commands.iter().find(|known| known.id == *command).cloned();
                match found {
                    Some(command) => {
                        cause = command.cause.clone();
                        self.links.push(Link::Command(command));
                    }
                    None => cause = Cause::System,
                }
            } else if let Some(command) = command {
                self.links.push(Link::Command(command));
            }
            next = match cause {
                Cause::Rule { automation, run, .. } => self.run(automation, run, Some((&key, at)))?,
                cause => {
                    self.links.push(Link::Origin(self.origin(cause, &key)));
                    None
                }
            };
        }
        Ok(!self.is_cut)
    }

    /// The command that a state came of, if it is still remembered: one that wanted it, or something that it goes with.
    fn command_of(&self, state: &StateLink, cause: &Cause) -> Option<Arc<Command>> {
        if !matches!(cause, Cause::Person { .. } | Cause::Rule { .. }) {
            return None;
        }
        let StateLink { key, at, before, value, .. } = state;
        let before = before.as_ref().unwrap_or(&Value::Unknown);
        let is_effect = |command: &Command| {
            goes_with(key.attribute.as_str()).any(|row| {
                let set = command.outcomes.iter().find(|outcome| row.is_set_by(outcome, key.endpoint));
                set.is_some_and(|outcome| row.leads(outcome, before, value))
            })
        };
        let rank = |command: &&Arc<Command>| {
            let wants_it = outcome(command, key).is_some();
            let is_from_then = command.device == key.device && command.cause == *cause && command.accepted_at <= *at;
            // While it was under way it was the cause, even if something was set meanwhile that this goes with.
            let was_under_way = wants_it && command.ended_at.is_none_or(|ended| ended >= *at);
            (is_from_then && (wants_it || is_effect(command))).then_some((was_under_way, command.accepted_at))
        };
        let ranked = self.sources.commands.iter().filter_map(|command| Some((rank(&command)?, command)));
        ranked.max_by_key(|(rank, _)| *rank).map(|(_, command)| Arc::clone(command))
    }

    fn origin(&self, cause: Cause, key: &AttributeKey) -> Origin {
        match cause {
            Cause::Report => Origin::Device { device: key.device.clone(), event: None },
            cause => self.origin_of_another(cause),
        }
    }

    /// Where something began that no device reported.
    fn origin_of_another(&self, cause: Cause) -> Origin {
        match cause {
            Cause::Person { account, via } => Origin::Person { name: self.sources.person(&account), account, via },
            Cause::Schedule => Origin::Schedule,
            Cause::Restore => Origin::Restore,
            Cause::System => Origin::System,
            Cause::Report | Cause::Command { .. } | Cause::Rule { .. } => Origin::Unknown,
        }
    }

    /// Adds a run and the runs that ran it, or set the mode that set it off; gives the state that set the first of them off.
    fn run(
        &mut self,
        automation: AutomationId,
        run: RunId,
        did: Option<(&AttributeKey, Timestamp)>,
    ) -> Result<Option<StateLink>, ArchiveError> {
        let (mut automation, mut run, mut did) = (automation, run, did);
        // Rules that run each other are as many as rules can set off in a row.
        for _ in 0..=MOST_STATES {
            let first = self.first_trace(&automation, &run)?;
            let start = first.as_ref().filter(|trace| trace.is_start());
            let traces = match did {
                Some((_, at)) => self.traces(&automation, &run, at)?,
                None => Vec::new(),
            };
            let trigger = start.and_then(|trace| trace.trigger.clone());
            self.links.push(Link::Run(Box::new(RunLink {
                name: self.sources.rule(&automation),
                revision: first.as_ref().map(|trace| trace.revision),
                started_at: start.map(|trace| trace.at),
                action: did.and_then(|(key, at)| action(&traces, key, at)),
                conditions: start.map(|trace| trace.conditions.clone()).unwrap_or_default(),
                trigger: trigger.clone(),
                is_masked: false,
                automation,
                run: Some(run),
            })));
            let Some(trigger) = trigger else {
                self.links.push(Link::Origin(Origin::Unknown));
                return Ok(None);
            };
            if let (Some(caller), Some(calling)) = (&trigger.automation, &trigger.run) {
                (automation, run, did) = (caller.clone(), calling.clone(), None);
                continue;
            }
            match self.cause_in_household(&trigger)? {
                Some(Cause::Rule { automation: setter, run: setting, .. }) => {
                    (automation, run, did) = (setter, setting, None);
                }
                Some(cause) => {
                    self.links.push(Link::Origin(self.origin_of_another(cause)));
                    return Ok(None);
                }
                None => return self.cause_of(trigger),
            }
        }
        self.is_cut = true;
        Ok(None)
    }

    /// What caused the change of the mode or of where somebody is that set a rule off, if it was one and that is
    /// recorded.
    fn cause_in_household(&self, trigger: &TraceTrigger) -> Result<Option<Cause>, ArchiveError> {
        let of = match (&*trigger.kind, &trigger.person) {
            ("mode", _) => Recorded::Mode,
            ("presence", Some(person)) => Recorded::Presence(AccountId::from(&**person)),
            _ => return Ok(None),
        };
        let Some(at) = trigger.since.or(trigger.at) else { return Ok(None) };
        let query = ChangesQuery { of, from: Timestamp(i64::MIN), to: behind(at), limit: LAST_FEW };
        let changes = self.sources.archive.changes(&query)?;
        let meant = changes.into_iter().find(|change| change.value == trigger.to);
        Ok(meant.map(|change| change.cause).filter(|cause| *cause != Cause::Report))
    }

    /// The state that set a rule off; if it was no state, where it began.
    fn cause_of(&mut self, trigger: TraceTrigger) -> Result<Option<StateLink>, ArchiveError> {
        if let (Some(device), Some(endpoint), Some(attribute)) = (&trigger.device, trigger.endpoint, &trigger.attribute)
        {
            if &*trigger.kind == "event" {
                let origin = Origin::Device { device: device.clone(), event: Some(trigger.value.clone()) };
                self.links.push(Link::Origin(origin));
                return Ok(None);
            }
            let key = describe::key(device, endpoint, attribute);
            if let Some(at) = trigger.since.or(trigger.at)
                && let Some(state) = change_before(self.sources, &key, at, Some(&trigger.to))?
            {
                return Ok(Some(state));
            }
            self.links.push(Link::Origin(Origin::Unknown));
            return Ok(None);
        }
        self.links.push(Link::Origin(Origin::Trigger(trigger)));
        Ok(None)
    }

    /// The last traces of a run up to a time, the oldest first.
    fn traces(&self, automation: &AutomationId, run: &RunId, at: Timestamp) -> Result<Vec<Trace>, ArchiveError> {
        let last = TraceQuery { to: behind(at), limit: MOST_TRACES, ..self.first_query(automation, run) };
        let records = self.sources.archive.traces(&TraceQuery { oldest_first: false, ..last })?;
        let traces = records.iter().rev().filter_map(|record| Trace::read(&record.text));
        Ok(traces.filter(|trace| trace.run.as_ref() == Some(run)).collect())
    }

    /// What a run left first. A long run leaves more traces than are read at once.
    fn first_trace(&self, automation: &AutomationId, run: &RunId) -> Result<Option<Trace>, ArchiveError> {
        let records = self.sources.archive.traces(&self.first_query(automation, run))?;
        let mut traces = records.iter().filter_map(|record| Trace::read(&record.text));
        Ok(traces.find(|trace| trace.run.as_ref() == Some(run)))
    }

    fn first_query(&self, automation: &AutomationId, run: &RunId) -> TraceQuery {
        TraceQuery {
            automation: automation.clone(),
            run: Some(run.clone()),
            from: moment_of_run(run).unwrap_or(Timestamp(i64::MIN)),
            to: behind(self.sources.now),
            limit: FIRST_FEW,
            oldest_first: true,
        }
    }
}

/// The action of a run that set an attribute: the last up to the time at which it changed.
fn action(traces: &[Trace], key: &AttributeKey, at: Timestamp) -> Option<ActionTaken> {
    let before = traces.iter().filter(|trace| trace.at <= at);
    let mut actions: Vec<_> = before.flat_map(|trace| &trace.actions).collect();
    actions.reverse();
    let scene = |action: &&hub_automation::trace::TraceAction| {
        action.rest.get("scene").and_then(|scene| scene.as_str()).map(Arc::<str>::from)
    };
    let commanded = actions
        .iter()
        .find(|action| action.device.as_ref() == Some(&key.device) && action.set.contains_key(&key.attribute));
    let found = commanded.or_else(|| actions.iter().find(|action| scene(action).is_some()))?;
    Some(ActionTaken { path: Arc::clone(&found.path), set: found.set.clone(), scene: scene(found) })
}
