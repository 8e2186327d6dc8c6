//! What a rule does, one step after the other. Nesting is jumps here, so that a run that waits is just a place in a list.

use std::sync::Arc;
use std::time::Duration;

use hub_model::event::Severity;
use hub_model::{AttributeSchema, CommandRequest};

use super::{AttributeKey, Condition, Trigger};
use crate::document::written::OnTimeout;
use crate::expression::Template;

/// One step of what a rule does.
#[derive(Clone, Debug, PartialEq)]
pub struct Instruction {
    /// Where it stands in the document.
    pub path: Arc<str>,
    /// What it is, as far as it can be done in this home.
    pub kind: InstructionKind,
    /// Why not all of it can be done (something that it names is gone): said when its turn comes.
    pub unresolved: Option<Arc<str>>,
}

/// What a step is. Places in the program are numbers of instructions.
#[derive(Clone, Debug, PartialEq)]
pub enum InstructionKind {
    /// Commands devices, in this order.
    Command(Vec<CommandStep>),
    /// Turns each to the opposite of what is.
    Toggle {
        /// Which.
        keys: Vec<AttributeKey>,
        /// How long the change should take.
        transition_ms: Option<u64>,
    },
    /// Activates a scene.
    Scene {
        /// By id, or as it was written if the home does not know it.
        scene: Arc<str>,
        /// How long the change should take.
        transition_ms: Option<u64>,
    },
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
    /// Goes on if all hold, else elsewhere.
    Branch {
        /// All must hold.
        conditions: Vec<Condition>,
        /// Where else.
        otherwise: usize,
    },
    /// Goes on elsewhere.
    Jump(usize),
    /// The head of a loop: goes into it once more, or behind it.
    Repeat {
        /// How often at the most.
        times: u32,
        /// All must hold for one more; empty = only the number counts.
        conditions: Vec<Condition>,
        /// Behind it.
        end: usize,
    },
    /// Goes on at several places side by side, and behind them when all are done.
    Fork {
        /// Where each begins.
        branches: Vec<usize>,
        /// Where it goes on.
        join: usize,
    },
    /// The end of one of several that are done side by side.
    Join,
    /// Tells people.
    Notify(NotifyStep),
    /// Sets the home's mode.
    SetMode(Arc<str>),
    /// Runs another rule, by id or name.
    Run(Arc<str>),
    /// Ends the run.
    Stop(Template),
}

/// A command to one device.
#[derive(Clone, Debug, PartialEq)]
pub struct CommandStep {
    /// What is wanted. Values that are made when it runs are unknown in it.
    pub request: CommandRequest,
    /// What is made when it runs.
    pub made: Vec<GivenSetting>,
}

/// A value of a command that is made when it runs.
#[derive(Clone, Debug, PartialEq)]
pub struct GivenSetting {
    /// Which of the settings.
    pub index: usize,
    /// Of what.
    pub template: Template,
    /// What the device takes.
    pub schema: AttributeSchema,
}

/// What people are told.
#[derive(Clone, Debug, PartialEq)]
pub struct NotifyStep {
    /// Whom, by id or as written; empty = everyone.
    pub to: Vec<Arc<str>>,
    /// In few words.
    pub title: Option<Template>,
    /// In more.
    pub message: Template,
    /// How bad it is.
    pub severity: Severity,
}
