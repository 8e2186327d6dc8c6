//! Explains how a rule stands: each trigger and each condition with what it wants and what is. Pure; changes nothing.

use std::collections::BTreeSet;
use std::sync::Arc;

use hub_model::household::Presence;
use hub_model::record::AutomationRecord;
use hub_model::{AutomationId, Availability, DeviceId, Now, Timestamp, Value};
use serde_json::{Map, Value as Json};

use super::schedule::Site;
use super::{Engine, Settings};
use crate::World;
use crate::compile::compile_what_is_there;
use crate::describe;
use crate::document::written::{Enabled, Mode};
use crate::document::{self, Document, Finding};
use crate::rule::{
    AttributeKey, Condition, ConditionKind, Rule, Scope, Trigger, TriggerKind, UNKNOWN, Verdict, Who, any_matches,
};
use crate::wall::WallHistory;

/// How many things a trigger or condition names at most.
const MOST_NAMED: usize = 100;
/// How far back the last time of a schedule is looked for.
const LOOK_BACK: std::time::Duration = std::time::Duration::from_secs(40 * 86_400);

/// How a rule stands at a moment.
#[derive(Clone, Debug, PartialEq)]
pub struct Explanation {
    /// The rule.
    pub automation: AutomationId,
    /// What people call it.
    pub name: Arc<str>,
    /// Which revision.
    pub revision: u64,
    /// Since when it is this one.
    pub changed_at: Timestamp,
    /// Whether it acts.
    pub enabled: Enabled,
    /// What happens when it fires while it runs.
    pub mode: Mode,
    /// How many runs are under way.
    pub active_runs: usize,
    /// What of it cannot work, the rest of it does; empty = nothing.
    pub findings: Vec<Finding>,
    /// What sets it off.
    pub triggers: Vec<TriggerState>,
    /// What must hold: all.
    pub conditions: Vec<ConditionState>,
}

/// How a trigger stands.
#[derive(Clone, Debug, PartialEq)]
pub struct TriggerState {
    /// Where it stands in the document.
    pub path: Arc<str>,
    /// The word of the rule language.
    pub kind: &'static str,
    /// What it wants, in words.
    pub wants: String,
    /// What it watches.
    pub watched: Vec<WatchedState>,
    /// Of a schedule: when it was last due.
    pub last_at: Option<Timestamp>,
    /// Of a schedule: when it is due next.
    pub next_at: Option<Timestamp>,
}

/// How something that a trigger watches stands.
#[derive(Clone, Debug, PartialEq)]
pub struct WatchedState {
    /// What it is, in words: `Hallway motion occupancy`.
    pub about: String,
    /// Which attribute, if it is one.
    pub key: Option<AttributeKey>,
    /// Which device, if it is of one.
    pub device: Option<DeviceId>,
    /// What it is. Of momentary things nothing is known.
    pub value: Value,
    /// Since when.
    pub since: Option<Timestamp>,
    /// Whether that is what the trigger wants. It fires when it becomes so.
    pub matches: bool,
    /// It fires then if it stays so.
    pub due_at: Option<Timestamp>,
    /// Whether the device can be reached.
    pub availability: Option<Availability>,
}

/// How a condition stands.
#[derive(Clone, Debug, PartialEq)]
pub struct ConditionState {
    /// Where it stands in the document.
    pub path: Arc<str>,
    /// The word of the rule language.
    pub kind: &'static str,
    /// What it looks at, in words; empty for a group of conditions.
    pub about: String,
    /// What it wants, in words.
    pub wants: String,
    /// Whether it holds. None = that is not known here: it reads `trigger` or `vars`, which are there only when the rule
    /// fires.
    pub holds: Option<bool>,
    /// What it looked at.
    pub looked_at: Vec<LookedAt>,
    /// The conditions of a group.
    pub parts: Vec<ConditionState>,
    /// Why an expression could not be worked out.
    pub error: Option<Arc<str>>,
    /// Of a condition about presence that does not hold: of whom nothing was ever said.
    pub never_told: Vec<Arc<str>>,
}

/// Something that a condition looked at.
#[derive(Clone, Debug, PartialEq)]
pub struct LookedAt {
    /// What it is, in words.
    pub about: String,
    /// Which attribute, if it is one.
    pub key: Option<AttributeKey>,
    /// What it is.
    pub value: Value,
    /// Since when, if that is known.
    pub since: Option<Timestamp>,
    /// Whether that is as wanted.
    pub as_wanted: bool,
}

impl Engine {
    /// How a rule stands now; none if there is no such rule.
    pub fn explain(&self, automation: &AutomationId, now: &Now, world: &dyn World) -> Option<Explanation> {
        let entry = self.rules.get(automation)?;
        Some(explained(&entry.record, entry.runs.len(), &self.settings, (now, &self.wall), world))
    }
}

/// How a rule stands at a moment in this home, which may be one of the past.
pub fn explain(
    record: &AutomationRecord,
    active_runs: usize,
    settings: &Settings,
    now: &Now,
    world: &dyn World,
) -> Explanation {
    explained(record, active_runs, settings, (now, WallHistory::UNTOUCHED), world)
}

fn explained(
    record: &AutomationRecord,
    active_runs: usize,
    settings: &Settings,
    (now, wall): (&Now, &WallHistory),
    world: &dyn World,
) -> Explanation {
    let document = document::parse_json(&record.document);
    let name = document.as_ref().map_or(record.id.as_str(), Document::name);
    let enabled = document.as_ref().map_or(Enabled::Yes, Document::enabled);
    let mode = document.as_ref().map_or(Mode::Single, |document| document.rule().mode);
    let mut explanation = Explanation {
        automation: record.id.clone(),
        name: name.into(),
        revision: record.revision,
        changed_at: record.changed_at,
        enabled,
        mode,
        active_runs,
        findings: Vec::new(),
        triggers: Vec::new(),
        conditions: Vec::new(),
    };
    match document.map(|document| compile_what_is_there(&document, world)) {
        Ok((rule, findings)) => {
            explanation.findings = findings;
            let site = Site { zone: &settings.zone, location: settings.location.as_ref() };
            let nothing = (Json::Null, Map::new());
            let scope = Scope {
                now,
                wall,
                zone: site.zone,
                location: site.location,
                world,
                trigger: &nothing.0,
                variables: &nothing.1,
            };
            explanation.triggers = triggers(&rule, site, &scope);
            let state = |condition| without_run(condition_state(condition, &scope), condition);
            explanation.conditions = rule.conditions.iter().map(state).collect();
        }
        Err(findings) => explanation.findings = findings,
    }
    explanation
}

/// What a rule's triggers and conditions look at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LooksAt {
    /// Values.
    pub attributes: BTreeSet<AttributeKey>,
    /// Whether they can be reached.
    pub devices: BTreeSet<DeviceId>,
}

/// What a rule's triggers and conditions look at in this home. Of what expressions read, that which is written out is
/// among it.
pub fn looks_at(record: &AutomationRecord, world: &dyn World) -> LooksAt {
    let mut looks_at = LooksAt::default();
    let Ok(document) = document::parse_json(&record.document) else { return looks_at };
    let (rule, _) = compile_what_is_there(&document, world);
    for kind in rule.triggers.iter().map(|trigger| &trigger.kind) {
        looks_at.attributes.extend(kind.attributes().iter().cloned());
        looks_at.devices.extend(kind.devices().iter().cloned());
    }
    let mut conditions: Vec<&Condition> = rule.conditions.iter().collect();
    while let Some(condition) = conditions.pop() {
        match &condition.kind {
            ConditionKind::State { watched, .. } | ConditionKind::Numeric { watched, .. } => {
                looks_at.attributes.extend(watched.iter().cloned());
            }
            ConditionKind::Availability { devices, .. } => looks_at.devices.extend(devices.iter().cloned()),
            ConditionKind::If(expression) => looks_at.attributes.extend(expression.attributes(world)),
            ConditionKind::And(inner) | ConditionKind::Or(inner) | ConditionKind::Not(inner) => {
                conditions.extend(inner);
            }
            _ => {}
        }
    }
    looks_at
}

fn triggers(rule: &Rule, site: Site<'_>, scope: &Scope<'_>) -> Vec<TriggerState> {
    let (time, world) = (scope.now.time(), scope.world);
    let state = |trigger: &Trigger| {
        let is_schedule = trigger.is_schedule();
        TriggerState {
            path: Arc::clone(&trigger.path),
            kind: trigger.kind.word(),
            wants: describe::trigger_wants(trigger, world),
            watched: watched(trigger, scope),
            last_at: if is_schedule { trigger.last_time(site, time.minus(LOOK_BACK), time) } else { None },
            next_at: if is_schedule { trigger.next_time(site, time) } else { None },
        }
    };
    rule.triggers.iter().map(state).collect()
}

fn watched(trigger: &Trigger, scope: &Scope<'_>) -> Vec<WatchedState> {
    let (time, world) = (scope.now.time(), scope.world);
    let of = |about: String, value: Value, since: Option<Timestamp>, matches: bool, subject: usize| {
        let stands = if matches { trigger.stands_since(subject, time, world) } else { None };
        let stands = stands.map(|since| scope.wall.by_present_clock(since));
        let due_at = trigger.kind.hold().zip(stands).map(|(hold, since)| since.plus(hold)).filter(|due| *due > time);
        WatchedState { about, key: None, device: None, value, since, matches, due_at, availability: None }
    };
    let attribute = |(subject, key): (usize, &AttributeKey)| {
        let state = key.state(world);
        let value = state.map(|state| state.value.clone()).unwrap_or_default();
        let matches = match &trigger.kind {
            TriggerKind::State { to: Some(to), .. } => any_matches(to, &value),
            TriggerKind::Numeric { range, .. } => range.contains(&value),
            _ => false,
        };
        let since = state.and_then(|state| state.changed_at);
        WatchedState {
            key: Some(key.clone()),
            device: Some(key.device.clone()),
            availability: Some(world.availability(&key.device)),
            ..of(describe::attribute(key, world), value, since, matches, subject)
        }
    };
    match &trigger.kind {
        TriggerKind::Availability { devices, to, .. } => {
            let device = |(subject, id): (usize, &DeviceId)| {
                let is = world.availability(id);
                let matches = to.is_some_and(|to| to == is);
                WatchedState {
                    device: Some(id.clone()),
                    ..of(describe::device(id, world), Value::text(is.as_str()), None, matches, subject)
                }
            };
            devices.iter().take(MOST_NAMED).enumerate().map(device).collect()
        }
        TriggerKind::Presence { who, to, .. } => {
            let people = world.people().iter().filter(|person| who.includes(person));
            let person = |(subject, person): (usize, &hub_model::household::Person)| {
                let presence = person.presence.as_ref();
                let place = presence.map(|presence| Value::text(Arc::clone(&presence.place))).unwrap_or_default();
                let since = presence.map(|presence| presence.since);
                let subject = if *who == Who::Anyone { subject } else { 0 };
                let matches = to.is_some() && trigger.stands_since(subject, time, world).is_some();
                of(person.name.to_string(), place, since, matches, subject)
            };
            people.take(MOST_NAMED).enumerate().map(person).collect()
        }
        TriggerKind::Mode { to, .. } => {
            let mode = &world.home().mode;
            let matches = to.as_ref().is_some_and(|to| to.contains(mode));
            vec![of("the mode".to_owned(), Value::text(Arc::clone(mode)), None, matches, 0)]
        }
        kind => kind.attributes().iter().take(MOST_NAMED).enumerate().map(attribute).collect(),
    }
}

/// How a condition stands, its parts included, also those that need not have been asked.
pub(super) fn condition_state(condition: &Condition, scope: &Scope<'_>) -> ConditionState {
    let world = scope.world;
    let inner: &[Condition] = match &condition.kind {
        ConditionKind::And(inner) | ConditionKind::Or(inner) | ConditionKind::Not(inner) => inner,
        _ => &[],
    };
    let mut verdict = Verdict::default();
    let holds = condition.holds(scope, &mut verdict);
    let mut looked_at = Vec::new();
    if inner.is_empty() {
        looked_at = verdict
            .looked_at
            .into_iter()
            .take(MOST_NAMED)
            .map(|looked| looked_at_of(looked, condition, world))
            .collect();
    }
    ConditionState {
        path: Arc::clone(&condition.path),
        kind: word(&condition.kind),
        about: describe::condition_about(condition, world),
        wants: describe::condition_wants(condition, world),
        holds: Some(holds),
        looked_at,
        parts: inner.iter().map(|part| condition_state(part, scope)).collect(),
        error: verdict.error,
        never_told: if holds { Vec::new() } else { never_told(condition, world) },
    }
}

/// Of whom, of those that a condition looks at, nobody ever said where they are.
fn never_told(condition: &Condition, world: &dyn World) -> Vec<Arc<str>> {
    let ConditionKind::Presence { who, .. } = &condition.kind else { return Vec::new() };
    let meant = world.people().iter().filter(|person| who.includes(person));
    let is_unknown = |presence: &Presence| *presence.place == *UNKNOWN;
    let unknown = meant.filter(|person| person.presence.as_ref().is_none_or(is_unknown));
    unknown.take(MOST_NAMED).map(|person| Arc::clone(&person.name)).collect()
}

/// The same where no run is: what reads `trigger` or `vars` is not known, nor a group for which that would decide.
fn without_run(mut state: ConditionState, condition: &Condition) -> ConditionState {
    // What one part must come to, for that to decide the group.
    let (inner, deciding, decided) = match &condition.kind {
        ConditionKind::If(expression) if expression.reads_run() => {
            return ConditionState { holds: None, looked_at: Vec::new(), error: None, ..state };
        }
        ConditionKind::And(inner) => (inner, false, false),
        ConditionKind::Or(inner) => (inner, true, true),
        ConditionKind::Not(inner) => (inner, true, false),
        _ => return state,
    };
    state.parts = state.parts.into_iter().zip(inner).map(|(part, inner)| without_run(part, inner)).collect();
    state.holds = if state.parts.iter().any(|part| part.holds == Some(deciding)) {
        Some(decided)
    } else if state.parts.iter().any(|part| part.holds.is_none()) {
        None
    } else {
        Some(!decided)
    };
    if state.parts.iter().any(|part| part.holds.is_none()) {
        state.error = None;
    }
    state
}

fn looked_at_of(looked: crate::rule::Looked, condition: &Condition, world: &dyn World) -> LookedAt {
    let about = match &looked.key {
        Some(key) => describe::attribute(key, world),
        None => describe::condition_about(condition, world),
    };
    let since = looked.key.as_ref().and_then(|key| key.state(world)?.changed_at);
    LookedAt { about, key: looked.key, value: looked.value, since, as_wanted: looked.held }
}

fn word(kind: &ConditionKind) -> &'static str {
    match kind {
        ConditionKind::State { .. } => "state",
        ConditionKind::Numeric { .. } => "numeric",
        ConditionKind::Time { .. } => "time",
        ConditionKind::Sun(_) => "sun",
        ConditionKind::Presence { .. } => "presence",
        ConditionKind::Mode(_) => "mode",
        ConditionKind::Availability { .. } => "availability",
        ConditionKind::If(_) => "if",
        ConditionKind::And(_) => "and",
        ConditionKind::Or(_) => "or",
        ConditionKind::Not(_) => "not",
    }
}

impl ConditionState {
    /// The innermost condition that is to blame for this one not holding, and whether that one should have held
    /// (inside of a `not` it should not). None if it holds, or that is not known. Where several are to blame together it is their group.
    pub fn culprit(&self) -> Option<(&Self, bool)> {
        (self.holds == Some(false)).then(|| self.blamed(true))
    }

    /// `should` = it should hold and does not; else it should not and does.
    fn blamed(&self, should: bool) -> (&Self, bool) {
        // Of which parts, and how many of them it takes to be wrong.
        let (inner_should, one_is_enough) = match (self.kind, should) {
            ("and", true) => (true, true),
            ("and", false) => (false, false),
            ("or", true) => (true, false),
            ("or", false) => (false, true),
            ("not", true) => (false, true),
            ("not", false) => (true, false),
            _ => return (self, should),
        };
        let mut wrong = self.parts.iter().filter(|part| part.holds == Some(!inner_should));
        match (wrong.next(), wrong.next()) {
            (Some(first), None) => first.blamed(inner_should),
            (Some(first), Some(_)) if one_is_enough => first.blamed(inner_should),
            _ => (self, should),
        }
    }

    /// What is wanted of it, in words.
    pub fn wanted(&self, should: bool) -> String {
        if should { self.wants.clone() } else { format!("not {}", self.wants) }
    }
}
