//! A rule as the engine runs it: every name resolved, every value checked, the actions one flat list.

mod condition;
mod instruction;
mod trigger;

use std::collections::BTreeSet;
use std::sync::Arc;

use hub_model::household::Person;
pub use hub_model::presence::{AWAY, HOME, UNKNOWN};
use hub_model::record::DecidedOn;
use hub_model::{AccountId, AttributeName, AttributeState, DeviceId, EndpointNumber, Value};

use crate::World;
use crate::document::written::{CatchUp, Enabled, Given, Mode};

pub use condition::{Condition, ConditionKind, Looked, Scope, SunWindow, Verdict};
pub use instruction::{CommandStep, GivenSetting, Instruction, InstructionKind, NotifyStep};
pub use trigger::{Trigger, TriggerKind};

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
    /// The greater wins where rules want different things at once.
    pub priority: i32,
    /// Names for values, made when it fires.
    pub variables: Vec<(Arc<str>, Given)>,
    /// What sets it off.
    pub triggers: Vec<Trigger>,
    /// What must hold: all.
    pub conditions: Vec<Condition>,
    /// What it does, in order. A run is at one of these, or at several side by side.
    pub program: Vec<Instruction>,
    /// The devices it names.
    pub devices: BTreeSet<DeviceId>,
    /// It selects devices by what they are: what is meant changes with every device.
    pub selects: bool,
    /// An expression in it may look at what set it off.
    pub looks_at_trigger: bool,
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

    /// Whether a value that changes is no longer this one. Numbers and colours may move by less than what their device
    /// can tell apart.
    pub fn is_exact(&self) -> bool {
        !matches!(self.value, Value::Number(_) | Value::Composite(_))
    }
}

/// Whether any pattern is `value`.
pub(crate) fn any_matches(patterns: &[Pattern], value: &Value) -> bool {
    patterns.iter().any(|pattern| pattern.matches(value))
}

/// Numbers between two bounds, which are not among them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NumberRange {
    /// Greater than this.
    pub above: Option<f64>,
    /// Less than this.
    pub below: Option<f64>,
}

impl NumberRange {
    /// Whether a value is a number in it. Unknown is not.
    pub fn contains(&self, value: &Value) -> bool {
        value.as_number().is_some_and(|number| {
            self.above.is_none_or(|above| number > above) && self.below.is_none_or(|below| number < below)
        })
    }
}

impl std::fmt::Display for NumberRange {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (self.above, self.below) {
            (Some(above), Some(below)) => write!(formatter, "above {above} and below {below}"),
            (Some(above), None) => write!(formatter, "above {above}"),
            (None, Some(below)) => write!(formatter, "below {below}"),
            (None, None) => formatter.write_str("any number"),
        }
    }
}

/// Whose presence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Who {
    /// This person's.
    Person(AccountId),
    /// Each person's by themselves.
    Anyone,
    /// That of all together. While nothing is known of one of them, it is nowhere.
    Everyone,
}

impl Who {
    /// Whether it is about this person.
    pub fn includes(&self, person: &Person) -> bool {
        match self {
            Self::Person(id) => *id == person.id,
            Self::Anyone => true,
            Self::Everyone => person.is_waited_for(),
        }
    }
}

/// Whether somebody who is at `place` is where `wanted` says. Whoever is in another zone than the home is away too;
/// who is nobody knows where is not.
pub fn is_at(wanted: &str, place: &str) -> bool {
    wanted == place || (wanted == AWAY && place != HOME && place != UNKNOWN)
}
