//! The engine: runs rules. Pure.

use std::sync::Arc;

use hub_model::household::Location;
use hub_model::record::{AutomationRecord, Decision};
use hub_model::time::Timestamp;
use hub_model::zone::Zone;
use hub_model::{AutomationId, CommandRequest, Event, Monotonic, Now, RunId};

use crate::document::Finding;
use crate::world::World;

/// What of the home's settings the engine needs compiled.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Schedules follow it.
    pub zone: Zone,
    /// Sun triggers need it.
    pub location: Option<Location>,
    /// Whether schedules run, after ten minutes of waiting for a better one, on a clock that is only the last
    /// persisted one.
    pub schedules_on_untrusted_clock: bool,
}

/// What the engine is woken by.
#[derive(Clone, Copy, Debug)]
pub enum Input<'a> {
    /// Something happened. The world already shows it.
    Event(&'a Event),
    /// The time of [`Engine::poll_timeout`] may have come, or the wall clock changed.
    Timeout,
}

/// What the engine wants done, in order.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// A rule commands a device.
    Command {
        /// The rule.
        automation: AutomationId,
        /// The run.
        run: RunId,
        /// How many rules lie between the first event and this command.
        depth: u32,
        /// What is wanted; endpoint resolved, values as written.
        request: CommandRequest,
    },
    /// To be kept promptly: the run's new state and what it was decided on.
    Keep(Decision),
    /// A run started, ended, was resumed, came late or was missed: told to people.
    Run {
        /// The rule.
        automation: AutomationId,
        /// The run.
        run: RunId,
        /// `started`, `finished`, `stopped`, `failed`, `resumed`, `late`, `missed`, `fuse`.
        phase: &'static str,
        /// In words.
        detail: Option<Arc<str>>,
    },
    /// A compact trace for history, JSON.
    Trace(Arc<str>),
}

/// What the engine finds at a start.
#[derive(Clone, Debug, Default)]
pub struct Start {
    /// The rules.
    pub automations: Vec<AutomationRecord>,
    /// What they were waiting for.
    pub decisions: Vec<Decision>,
    /// When the hub was last alive; none at the first start.
    pub stopped_at: Option<Timestamp>,
}

/// How a rule is, for lists.
#[derive(Clone, Debug, PartialEq)]
pub struct RuleStatus {
    /// The rule.
    pub id: AutomationId,
    /// What people call it.
    pub name: Arc<str>,
    /// `true`, `false` or `shadow`, as in the document.
    pub enabled: Arc<str>,
    /// When it last fired.
    pub last_fired_at: Option<Timestamp>,
    /// How many runs are under way.
    pub active_runs: usize,
    /// Why it cannot run (a device it names is gone …); empty = it can.
    pub findings: Vec<Finding>,
}

/// The engine. Its shape is fixed; what is in it is to be written.
#[derive(Debug)]
pub struct Engine {
    settings: Settings,
}

impl Engine {
    /// An engine without rules.
    pub fn new(settings: Settings) -> Self {
        Self { settings }
    }

    /// Takes the rules and what was kept of their runs at the hub's start. A rule that cannot run any more is kept and
    /// says so in its status.
    pub fn start(&mut self, now: &Now, start: Start, world: &dyn World, out: &mut Vec<Action>) {
        let _ = (now, start, world, out);
    }

    /// The home's place or zone changed.
    pub fn set_settings(&mut self, now: &Now, settings: Settings, out: &mut Vec<Action>) {
        let _ = (now, out);
        self.settings = settings;
    }

    /// A new rule, or a new revision of one. Runs of the old revision end.
    pub fn put(
        &mut self,
        now: &Now,
        record: &AutomationRecord,
        world: &dyn World,
        out: &mut Vec<Action>,
    ) -> Result<(), Vec<Finding>> {
        let _ = (now, record, world, out);
        Ok(())
    }

    /// A rule is gone; its runs end.
    pub fn remove(&mut self, now: &Now, automation: &AutomationId, out: &mut Vec<Action>) {
        let _ = (now, automation, out);
    }

    /// Something happened, or time passed.
    pub fn step(&mut self, now: &Now, input: Input<'_>, world: &dyn World, out: &mut Vec<Action>) {
        let _ = (now, input, world, out);
    }

    /// When [`Input::Timeout`] is wanted at the latest, given what time it is now.
    pub fn poll_timeout(&self, now: &Now) -> Option<Monotonic> {
        let _ = now;
        None
    }

    /// How the rules are, ordered by id.
    pub fn statuses(&self) -> Vec<RuleStatus> {
        Vec::new()
    }
}
