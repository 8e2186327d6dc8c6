//! What a document says, before it is known whether the home has what it names.

use std::time::Duration;

use hub_model::Value;
use hub_model::device::{Capability, EndpointSelector};
use hub_model::zone::{TimeOfDay, Weekday};

use super::Place;

/// Something and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Placed<T> {
    /// What stands there.
    pub value: T,
    /// Where.
    pub place: Place,
}

/// A rule.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    /// Its id.
    pub id: Option<String>,
    /// What people call it.
    pub name: String,
    /// Whether it acts.
    pub enabled: Enabled,
    /// What happens when it fires while it runs.
    pub mode: Mode,
    /// What becomes of what fell into the time the hub was down.
    pub catch_up: CatchUp,
    /// What sets it off: any of them.
    pub triggers: Vec<Placed<Trigger>>,
    /// What must hold then: all of them.
    pub conditions: Vec<Placed<Condition>>,
    /// What it does.
    pub actions: Vec<Placed<Step>>,
}

/// Whether a rule acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Enabled {
    /// It acts.
    #[default]
    Yes,
    /// It does nothing.
    No,
    /// It decides and leaves traces but commands nothing.
    Shadow,
}

impl Enabled {
    /// As it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Yes => "true",
            Self::No => "false",
            Self::Shadow => "shadow",
        }
    }
}

/// What happens when a rule fires while it runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[allow(missing_docs)]
pub enum Mode {
    #[default]
    Single,
    Restart,
    Queued,
    Parallel,
}

/// What becomes of what fell into the time the hub was down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CatchUp {
    /// Points in time that passed.
    pub schedules: CatchUpPolicy,
    /// Waits, delays and `for` that ended.
    pub waits: CatchUpPolicy,
}

impl Default for CatchUp {
    fn default() -> Self {
        Self { schedules: CatchUpPolicy::Skip, waits: CatchUpPolicy::RunOnce }
    }
}

/// One policy of [`CatchUp`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CatchUpPolicy {
    /// It ends there.
    Skip,
    /// It is done at the start, once.
    RunOnce,
    /// It is done at the start if it is not later than this.
    RunIfWithin(Duration),
}

impl CatchUpPolicy {
    /// Whether something that comes this late is still done.
    pub fn allows(self, late: Duration) -> bool {
        match self {
            Self::Skip => false,
            Self::RunOnce => true,
            Self::RunIfWithin(limit) => late <= limit,
        }
    }
}

/// Which devices are meant.
#[derive(Clone, Debug, PartialEq)]
pub enum Devices {
    /// These, by id or name.
    Named(Vec<Placed<String>>),
    /// All that fit when it runs.
    Selected(Placed<Selection>),
}

/// Which devices fit.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Selection {
    /// Those in this area, by id or name.
    pub area: Option<Placed<String>>,
    /// Those which are this.
    pub capability: Option<Capability>,
}

/// An attribute of devices.
#[derive(Clone, Debug, PartialEq)]
pub struct Attribute {
    /// Whose.
    pub devices: Devices,
    /// Where on them.
    pub endpoint: Option<EndpointSelector>,
    /// Which.
    pub name: Placed<String>,
}

/// What sets a rule off, or what a run waits for.
#[derive(Clone, Debug, PartialEq)]
pub enum Trigger {
    /// An attribute changes.
    State {
        /// Which.
        attribute: Attribute,
        /// From one of these; none = from anything.
        from: Option<Vec<Placed<Value>>>,
        /// To one of these; none = to anything.
        to: Option<Vec<Placed<Value>>>,
        /// And stays so for this long.
        hold: Option<Duration>,
    },
    /// A momentary thing happens.
    Event {
        /// Which.
        attribute: Attribute,
        /// One of these; none = any.
        is: Option<Vec<Placed<Value>>>,
    },
    /// Local clocks show a time.
    Time {
        /// One of these.
        at: Vec<TimeOfDay>,
        /// On one of these days; empty = on any.
        weekdays: Vec<Weekday>,
    },
    /// A device can be reached again, or no longer.
    Availability {
        /// Whose.
        devices: Devices,
        /// From this; none = from anything.
        from: Option<hub_model::Availability>,
        /// To this; none = to anything.
        to: Option<hub_model::Availability>,
        /// And stays so for this long.
        hold: Option<Duration>,
    },
}

/// What must hold.
#[derive(Clone, Debug, PartialEq)]
pub enum Condition {
    /// An attribute of all these devices has one of these values.
    State {
        /// Which.
        attribute: Attribute,
        /// One of these.
        is: Vec<Placed<Value>>,
        /// For at least this long.
        hold: Option<Duration>,
    },
    /// All of them.
    And(Vec<Placed<Condition>>),
    /// At least one of them.
    Or(Vec<Placed<Condition>>),
    /// None of them.
    Not(Vec<Placed<Condition>>),
}

/// What a rule does.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// Commands devices.
    Command {
        /// Which.
        devices: Devices,
        /// Where on them.
        endpoint: Option<EndpointSelector>,
        /// What to set, in order.
        set: Vec<(Placed<String>, Placed<Value>)>,
        /// How long the change should take.
        transition: Option<Duration>,
        /// How long the command may wait to be sent.
        time_to_live: Option<Duration>,
    },
    /// Waits for a time.
    Delay(Duration),
    /// Waits until any of these happens or holds.
    WaitFor {
        /// Any of these.
        triggers: Vec<Placed<Trigger>>,
        /// No longer than this.
        timeout: Option<Duration>,
        /// Whether it goes on when it took too long.
        on_timeout: OnTimeout,
    },
}

/// What follows a wait that took too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum OnTimeout {
    /// The run goes on.
    #[default]
    Continue,
    /// The run ends.
    Stop,
}
