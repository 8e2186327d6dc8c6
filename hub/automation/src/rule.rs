//! A rule as the engine runs it: every name resolved, every value checked, the actions one flat list.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use hub_model::record::DecidedOn;
use hub_model::zone::{TimeOfDay, Weekday};
use hub_model::{
    AttributeName, AttributeState, Availability, CommandRequest, DeviceId, EndpointNumber, Timestamp, Value,
};

use crate::World;
use crate::document::written::{CatchUp, Enabled, Mode, OnTimeout};

/// A rule, ready to run.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    /// What people call it.
    pub name: Arc<str>,
    /// Whether it acts.
    pub enabled: Enabled,
    /// What happens when it fires while it runs.
    pub mode: Mode,
    /// What becomes of what fell into the time the hub was down.
    pub catch_up: CatchUp,
    /// What sets it off.
    pub triggers: Vec<Trigger>,
    /// What must hold: all.
    pub conditions: Vec<Condition>,
    /// What it does, in order. A run is at one of these.
    pub program: Vec<Instruction>,
    /// The devices it names.
    pub devices: BTreeSet<DeviceId>,
    /// It selects devices by what they are: what is meant changes with every device.
    pub selects: bool,
}

/// One attribute of one device.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AttributeKey {
    /// Whose.
    pub device: DeviceId,
    /// Where.
    pub endpoint: EndpointNumber,
    /// Which.
    pub attribute: AttributeName,
}

impl AttributeKey {
    /// What is known of it.
    pub fn state<'w>(&self, world: &'w dyn World) -> Option<&'w AttributeState> {
        world.state(&self.device, self.endpoint, self.attribute.as_str())
    }

    /// Its value as something that was decided on; none if it is unknown.
    pub fn decided_on(&self, state: &AttributeState) -> Option<DecidedOn> {
        Some(DecidedOn {
            device: self.device.clone(),
            endpoint: self.endpoint,
            attribute: self.attribute.clone(),
            value: (!state.value.is_unknown()).then(|| state.value.clone())?,
            changed_at: state.changed_at?,
        })
    }
}

/// A value that another may be equal to, within what its device can tell apart.
#[derive(Clone, Debug, PartialEq)]
pub struct Pattern {
    /// The value.
    pub value: Value,
    /// Half of the device's step.
    pub tolerance: f64,
}

impl Pattern {
    /// Whether `value` is this one.
    pub fn matches(&self, value: &Value) -> bool {
        value.confirms(&self.value, self.tolerance)
    }
}

/// Whether any pattern is `value`.
pub(crate) fn any_matches(patterns: &[Pattern], value: &Value) -> bool {
    patterns.iter().any(|pattern| pattern.matches(value))
}

/// What sets a rule off, or what a run waits for.
#[derive(Clone, Debug, PartialEq)]
pub struct Trigger {
    /// Where it stands in the document.
    pub path: Arc<str>,
    /// What it is.
    pub kind: TriggerKind,
}

/// What a trigger is.
#[derive(Clone, Debug, PartialEq)]
pub enum TriggerKind {
    /// One of these attributes changes.
    State {
        /// Which.
        watched: Vec<AttributeKey>,
        /// From one of these; none = from anything.
        from: Option<Vec<Pattern>>,
        /// To one of these; none = to anything.
        to: Option<Vec<Pattern>>,
        /// And stays so for this long.
        hold: Option<Duration>,
    },
    /// A momentary thing happens.
    Event {
        /// Which.
        watched: Vec<AttributeKey>,
        /// One of these; none = any.
        is: Option<Vec<Pattern>>,
    },
    /// Local clocks show a time.
    Time {
        /// One of these.
        at: Vec<TimeOfDay>,
        /// On one of these days; empty = on any.
        weekdays: Vec<Weekday>,
    },
    /// One of these devices can be reached again, or no longer.
    Availability {
        /// Which.
        devices: Vec<DeviceId>,
        /// From this; none = from anything.
        from: Option<Availability>,
        /// To this; none = to anything.
        to: Option<Availability>,
        /// And stays so for this long.
        hold: Option<Duration>,
    },
}

/// What must hold.
#[derive(Clone, Debug, PartialEq)]
pub struct Condition {
    /// Where it stands in the document.
    pub path: Arc<str>,
    /// What it is.
    pub kind: ConditionKind,
}

/// What a condition is.
#[derive(Clone, Debug, PartialEq)]
pub enum ConditionKind {
    /// All of these attributes have one of these values.
    State {
        /// Which.
        watched: Vec<AttributeKey>,
        /// One of these.
        is: Vec<Pattern>,
        /// For at least this long.
        hold: Option<Duration>,
    },
    /// All of them.
    And(Vec<Condition>),
    /// At least one of them.
    Or(Vec<Condition>),
    /// None of them.
    Not(Vec<Condition>),
}

/// One step of what a rule does.
#[derive(Clone, Debug, PartialEq)]
pub struct Instruction {
    /// Where it stands in the document.
    pub path: Arc<str>,
    /// What it is.
    pub kind: InstructionKind,
}

/// What a step is.
#[derive(Clone, Debug, PartialEq)]
pub enum InstructionKind {
    /// Commands devices, in this order.
    Command(Vec<CommandRequest>),
    /// Waits for a time.
    Delay(Duration),
    /// Waits until any of these happens or holds.
    WaitFor {
        /// Any of these.
        triggers: Vec<Trigger>,
        /// No longer than this.
        timeout: Option<Duration>,
        /// What follows then.
        on_timeout: OnTimeout,
    },
}

/// What the conditions came to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Verdict {
    /// Each state that was looked at: where it stands, its value, whether it was as wanted.
    pub looked_at: Vec<(Arc<str>, Value, bool)>,
    /// The values that it was decided on.
    pub decided_on: Vec<DecidedOn>,
}

impl Condition {
    /// Whether it holds at `time`. What was looked at is added to `verdict`.
    pub fn holds(&self, time: Timestamp, world: &dyn World, verdict: &mut Verdict) -> bool {
        match &self.kind {
            ConditionKind::And(inner) => inner.iter().all(|condition| condition.holds(time, world, verdict)),
            ConditionKind::Or(inner) => inner.iter().any(|condition| condition.holds(time, world, verdict)),
            ConditionKind::Not(inner) => !inner.iter().any(|condition| condition.holds(time, world, verdict)),
            ConditionKind::State { watched, is, hold } => {
                !watched.is_empty()
                    && watched.iter().all(|key| {
                        let state = key.state(world);
                        let holds = state.is_some_and(|state| state_holds(state, is, *hold, time));
                        let value = state.map(|state| state.value.clone()).unwrap_or_default();
                        verdict.looked_at.push((Arc::clone(&self.path), value, holds));
                        verdict.decided_on.extend(state.and_then(|state| key.decided_on(state)));
                        holds
                    })
            }
        }
    }
}

/// Whether a state is one of `is` and has been for as long as is wanted. Unknown never is.
fn state_holds(state: &AttributeState, is: &[Pattern], hold: Option<Duration>, time: Timestamp) -> bool {
    !state.value.is_unknown()
        && any_matches(is, &state.value)
        && hold.is_none_or(|hold| state.changed_at.is_some_and(|changed_at| time.since(changed_at) >= hold))
}
