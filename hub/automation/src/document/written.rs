//! What a document says, before it is known whether the home has what it names.

use std::time::Duration;

use hub_model::Value;
use hub_model::device::{Capability, EndpointSelector};
use hub_model::zone::{TimeOfDay, Weekday};

use super::Place;
use crate::cron::Cron;
use crate::expression::{Expression, Template};
use crate::sun::SunTime;

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
    /// Of rules that one event sets off and that want different things of one attribute, the one with the greatest has
    /// it.
    pub priority: i32,
    /// Names for values, in the order in which they are made when the rule fires.
    pub variables: Vec<(String, Placed<Given>)>,
    /// What sets it off: any of them.
    pub triggers: Vec<Placed<Trigger>>,
    /// What must hold then: all of them.
    pub conditions: Vec<Placed<Condition>>,
    /// What it does.
    pub actions: Vec<Placed<Step>>,
    /// What must come of what, played when the rule is saved.
    pub tests: Vec<Placed<super::tests::Test>>,
}

/// A value that is given or is made when the rule runs.
#[derive(Clone, Debug, PartialEq)]
pub enum Given {
    /// As it stands.
    Value(Value),
    /// Made from a text with `{{ }}`.
    Template(Template),
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
    /// Whether something that comes this late is still done. What comes in the very millisecond is not late.
    pub fn allows(self, late: Duration) -> bool {
        match self {
            Self::Skip => late.is_zero(),
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

/// Whose presence.
#[derive(Clone, Debug, PartialEq)]
pub enum People {
    /// This person's, by name or id.
    Person(Placed<String>),
    /// Anybody's.
    Anyone,
    /// Everybody's, together.
    Everyone,
}

/// Numbers between two bounds, the bounds excluded.
#[derive(Clone, Debug, PartialEq)]
pub struct Range {
    /// Greater than this.
    pub above: Option<Placed<Value>>,
    /// Less than this.
    pub below: Option<Placed<Value>>,
}

/// What sets a rule off, or what a run waits for, and what people call it.
#[derive(Clone, Debug, PartialEq)]
pub struct Trigger {
    /// `trigger.id` in expressions.
    pub id: Option<String>,
    /// What it is.
    pub kind: TriggerKind,
}

/// What a trigger is.
#[derive(Clone, Debug, PartialEq)]
pub enum TriggerKind {
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
    /// A number comes into a range.
    Numeric {
        /// Which.
        attribute: Attribute,
        /// Into this.
        range: Range,
        /// And stays there for this long.
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
    /// The sun rises or sets.
    Sun {
        /// When.
        moment: SunTime,
        /// On one of these days; empty = on any.
        weekdays: Vec<Weekday>,
    },
    /// Again and again, aligned to the clock.
    Every(Duration),
    /// Local clocks and the calendar fit a pattern.
    Cron(Cron),
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
    /// A person comes or goes.
    Presence {
        /// Who.
        people: People,
        /// From `home`, `away` or a zone; none = from anywhere.
        from: Option<Placed<String>>,
        /// To `home`, `away` or a zone; none = anywhere.
        to: Option<Placed<String>>,
        /// And stays so for this long.
        hold: Option<Duration>,
    },
    /// The home's mode changes.
    Mode {
        /// From one of these; none = from any.
        from: Option<Vec<Placed<String>>>,
        /// To one of these; none = to any.
        to: Option<Vec<Placed<String>>>,
        /// And stays so for this long.
        hold: Option<Duration>,
    },
    /// The hub starts.
    Start,
    /// Somebody calls the hub's web address of this secret id.
    Webhook(Placed<String>),
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
    /// An attribute of all these devices is a number in a range.
    Numeric {
        /// Which.
        attribute: Attribute,
        /// This.
        range: Range,
    },
    /// Local clocks show a time between two, on one of some days.
    Time {
        /// At or after this.
        after: Option<TimeOfDay>,
        /// Before this; a window that ends before it begins goes over midnight.
        before: Option<TimeOfDay>,
        /// One of these; empty = any.
        weekdays: Vec<Weekday>,
    },
    /// The sun is between two of its moments.
    Sun {
        /// After this.
        after: Option<SunTime>,
        /// Before this.
        before: Option<SunTime>,
    },
    /// Somebody is somewhere.
    Presence {
        /// Who.
        people: People,
        /// `home`, `away` or a zone.
        is: Vec<Placed<String>>,
        /// For at least this long.
        hold: Option<Duration>,
    },
    /// The home is in one of these modes.
    Mode(Vec<Placed<String>>),
    /// All of these devices can be reached, or cannot.
    Availability {
        /// Which.
        devices: Devices,
        /// This.
        is: hub_model::Availability,
    },
    /// An expression that comes to true.
    If(Expression),
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
        set: Vec<(Placed<String>, Placed<Given>)>,
        /// How long the change should take.
        transition: Option<Duration>,
        /// How long the command may wait to be sent.
        time_to_live: Option<Duration>,
    },
    /// Turns to the opposite of what is.
    Toggle {
        /// Which devices.
        devices: Devices,
        /// Where on them.
        endpoint: Option<EndpointSelector>,
        /// Which attribute, mostly `on`.
        attribute: Placed<String>,
        /// How long the change should take.
        transition: Option<Duration>,
    },
    /// Activates a scene.
    Scene {
        /// By id or name.
        scene: Placed<String>,
        /// How long the change should take.
        transition: Option<Duration>,
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
    /// Does what stands beside the first conditions that hold.
    Choose {
        /// In order.
        choices: Vec<Choice>,
        /// If none holds.
        otherwise: Vec<Placed<Step>>,
    },
    /// Does it several times, one after the other.
    Repeat {
        /// How often.
        repetition: Repetition,
        /// What.
        steps: Vec<Placed<Step>>,
    },
    /// Does several things side by side, and goes on when all are done.
    Parallel(Vec<Vec<Placed<Step>>>),
    /// Tells people.
    Notify(Notify),
    /// Sets the home's mode.
    SetMode(Placed<String>),
    /// Runs another rule: its conditions are asked, its triggers are not.
    Run(Placed<String>),
    /// Ends the run.
    Stop(Template),
}

/// Conditions, and what is done if all hold.
#[derive(Clone, Debug, PartialEq)]
pub struct Choice {
    /// All must hold.
    pub conditions: Vec<Placed<Condition>>,
    /// What is done then.
    pub steps: Vec<Placed<Step>>,
}

/// How often.
#[derive(Clone, Debug, PartialEq)]
pub enum Repetition {
    /// So many times.
    Times(u32),
    /// As long as all hold, asked before each time.
    While(Vec<Placed<Condition>>),
}

/// What people are told.
#[derive(Clone, Debug, PartialEq)]
pub struct Notify {
    /// Whom; empty = everyone.
    pub to: Vec<Placed<String>>,
    /// In few words.
    pub title: Option<Template>,
    /// In more.
    pub message: Template,
    /// How bad it is.
    pub severity: hub_model::event::Severity,
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
