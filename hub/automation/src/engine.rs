//! The engine: runs rules. Pure.
//!
//! Rules that one event sets off act in the order of their ids. Runs that wait come before the triggers of their rule.
//! What is due comes before the event that wakes the engine.

mod catch_up;
mod clock;
mod deadlines;
mod entry;
mod facts;
mod explain;
mod kept;
mod limits;
mod matching;
mod priority;
mod program;
mod run;
mod schedule;
mod trace;
mod waits;
mod watches;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use hub_model::event::Severity;
use hub_model::household::Location;
use hub_model::record::{AutomationRecord, Decision};
use hub_model::time::Timestamp;
use hub_model::zone::Zone;
use hub_model::{AttributeName, AutomationId, CommandRequest, DeviceId, Event, EventKind, Monotonic, Now, RunId};

use crate::document::Finding;
use crate::rule::{AttributeKey, InstructionKind, Trigger, TriggerKind};
use crate::wall::WallHistory;
use crate::world::{EmptyWorld, Seen, World};
use deadlines::{Armed, Deadlines, Timer};
use entry::{Entry, Turn};
pub use explain::{ConditionState, Explanation, LookedAt, LooksAt, TriggerState, WatchedState, explain, looks_at};
pub use facts::Facts;
use kept::Memory;
use limits::Limit;
use schedule::Site;
use watches::{Subject, WatchedBy, Watcher, Watches};

/// How long schedules wait after a start for a clock that can be trusted.
const WAIT_FOR_CLOCK: Duration = Duration::from_secs(600);

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
    /// A rule activates a scene.
    Scene {
        /// The rule.
        automation: AutomationId,
        /// The run.
        run: RunId,
        /// How many rules lie between the first event and this.
        depth: u32,
        /// Its id, or its name if the home did not know it when the rule was saved.
        scene: Arc<str>,
        /// How long the change should take; none = as the scene says.
        transition_ms: Option<u64>,
        /// What another rule of a greater priority sets at once: of which state of the scene, which attribute.
        left_out: Vec<(usize, AttributeName)>,
    },
    /// A rule sets the home's mode.
    SetMode {
        /// The rule.
        automation: AutomationId,
        /// The run.
        run: RunId,
        /// How many rules lie between the first event and this.
        depth: u32,
        /// The mode.
        mode: Arc<str>,
    },
    /// A rule tells people.
    Notify {
        /// The rule.
        automation: AutomationId,
        /// The run.
        run: RunId,
        /// Whom, by account; empty = everyone.
        to: Vec<Arc<str>>,
        /// In few words.
        title: Option<Arc<str>>,
        /// In more.
        message: Arc<str>,
        /// How bad it is.
        severity: Severity,
    },
    /// To be kept promptly: the run's new state and what it was decided on.
    Keep(Decision),
    /// A run started, ended, was resumed, came late or was missed: told to people.
    Run {
        /// The rule.
        automation: AutomationId,
        /// The run.
        run: RunId,
        /// `started`, `finished`, `stopped`, `failed` (the run, or one step of it), `resumed`, `late`, `missed`,
        /// `outranked`, `fuse`; `run` where the rule that it runs is not there to be tried.
        phase: &'static str,
        /// In words.
        detail: Option<Arc<str>>,
    },
    /// A compact trace for history, to be made JSON and kept behind everything else.
    Trace(Facts),
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
    /// The hub itself starts, so that `start` triggers fire; false where rules are taken up in a hub that runs.
    pub boots: bool,
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
    /// What of it cannot work (a device it names is gone …), the rest of it does; empty = nothing.
    pub findings: Vec<Finding>,
}

/// The engine.
#[derive(Debug)]
pub struct Engine {
    settings: Settings,
    rules: BTreeMap<AutomationId, Entry>,
    deadlines: Deadlines,
    watches: Watches,
    schedules: Schedules,
    /// How often each device was commanded.
    budgets: HashMap<DeviceId, Limit>,
    /// What follows in this turn, the next last.
    agenda: Vec<Task>,
    wall: WallHistory,
    /// Rules that are run and not there are elsewhere.
    is_alone: bool,
}

/// What follows in the same turn.
#[derive(Debug)]
enum Task {
    /// A rule was told to run by a run of another.
    Call { rule: Arc<str>, depth: u32, automation: AutomationId, run: RunId },
    /// A run goes on.
    GoOn { automation: AutomationId, run: RunId, thread: u32 },
}

/// Whether schedules run yet.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Schedules {
    Running,
    /// The clock cannot be trusted yet.
    Waiting {
        /// When the hub was started.
        started: Monotonic,
        /// When it was last alive before.
        stopped_at: Option<Timestamp>,
    },
}

impl Engine {
    /// An engine without rules.
    pub fn new(settings: Settings) -> Self {
        Self {
            settings,
            rules: BTreeMap::new(),
            deadlines: Deadlines::default(),
            watches: Watches::default(),
            schedules: Schedules::Running,
            budgets: HashMap::new(),
            agenda: Vec::new(),
            wall: WallHistory::default(),
            is_alone: false,
        }
    }

    /// The same for one rule without the others of its home: to run one of those is said (phase `run`), and the run
    /// goes on.
    pub(crate) fn alone(self) -> Self {
        Self { is_alone: true, ..self }
    }

    /// The rule of this id, and what a turn works with.
    fn turn<'a>(
        &'a mut self,
        automation: &AutomationId,
        now: &'a Now,
        world: &'a dyn World,
        out: &'a mut Vec<Action>,
    ) -> Option<(&'a mut Entry, Turn<'a>)> {
        let entry = self.rules.get_mut(automation)?;
        let site = Site { zone: &self.settings.zone, location: self.settings.location.as_ref() };
        let automation = entry.id.clone();
        let turn = Turn {
            now,
            wall: &self.wall,
            world: Seen::by(&entry.record.author, world),
            site,
            automation,
            out,
            deadlines: &mut self.deadlines,
            watches: &mut self.watches,
            budgets: &mut self.budgets,
            agenda: &mut self.agenda,
        };
        Some((entry, turn))
    }

    /// Lets the rules that were told to run do so, each before its caller goes on.
    fn run_agenda(&mut self, now: &Now, world: &dyn World, out: &mut Vec<Action>) {
        while let Some(task) = self.agenda.pop() {
            match task {
                Task::GoOn { automation, run, thread } => {
                    if let Some((entry, mut turn)) = self.turn(&automation, now, world, out) {
                        entry.advance(&run, thread, &mut turn);
                    }
                }
                Task::Call { rule, depth, automation, run } => match self.named(&rule) {
                    Some(called) => {
                        if let Some((entry, mut turn)) = self.turn(&called, now, world, out) {
                            entry.call(&automation, &run, depth, &mut turn);
                        }
                    }
                    None if self.is_alone => {
                        out.push(Action::Run { automation, run, phase: "run", detail: Some(rule) });
                    }
                    None => {
                        if let Some((entry, mut turn)) = self.turn(&automation, now, world, out) {
                            entry.finish(&run, "failed", Some(&format!("there is no rule {rule:?}")), &mut turn);
                        }
                    }
                },
            }
        }
    }

    /// The rule of this id or name.
    fn named(&self, name: &str) -> Option<AutomationId> {
        let id = AutomationId::from(name);
        if self.rules.contains_key(&id) {
            return Some(id);
        }
        self.rules.values().find(|entry| *entry.name() == *name).map(|entry| entry.id.clone())
    }

    /// Ends a turn: rules that were told to run do so, and of what they want at once the greatest priority decides.
    fn settle(&mut self, now: &Now, world: &dyn World, out: &mut Vec<Action>) {
        self.run_agenda(now, world, out);
        priority::settle(out, world, |automation| {
            self.rules.get(automation).and_then(|entry| entry.rule.as_ref()).map_or(0, |rule| rule.priority)
        });
    }

    /// Takes the rules and what was kept of their runs at the hub's start. What of a rule cannot work any more its
    /// status says; the rest of it does.
    pub fn start(&mut self, now: &Now, start: Start, world: &dyn World, out: &mut Vec<Action>) {
        self.wall.look(now);
        self.schedules = Schedules::Waiting { started: now.mono, stopped_at: start.stopped_at };
        for record in start.automations {
            self.rules.insert(record.id.clone(), Entry::new(record, world));
        }
        for decision in start.decisions {
            let Some((entry, mut turn)) = self.turn(&decision.automation, now, world, out) else {
                if let Some(run) = &decision.run {
                    drop_kept(&decision.automation, Some(run.clone()), now, out);
                }
                continue;
            };
            match (decision.run, decision.state) {
                (Some(run), Some(state)) => entry.take_up(run, &state, &mut turn),
                (None, Some(state)) => {
                    let revision = entry.record.revision;
                    if let Some(memory) = Memory::read(&state).filter(|memory| memory.rev == revision) {
                        entry.memory = memory;
                    }
                }
                (_, None) => {}
            }
        }
        for id in self.ids() {
            if let Some((entry, mut turn)) = self.turn(&id, now, world, out) {
                entry.watch(turn.watches);
                entry.resume_runs(&mut turn);
                entry.resume_holds(&mut turn, start.stopped_at);
            }
            self.run_agenda(now, world, out);
        }
        self.run_schedules(now, world, out);
        self.run_due(now, world, out);
        for id in self.ids().into_iter().filter(|_| start.boots) {
            if let Some((entry, mut turn)) = self.turn(&id, now, world, out) {
                entry.on_start(&mut turn);
            }
            self.run_agenda(now, world, out);
        }
        self.settle(now, world, out);
    }

    fn ids(&self) -> Vec<AutomationId> {
        self.rules.keys().cloned().collect()
    }

    /// The home's place or zone changed.
    pub fn set_settings(&mut self, now: &Now, settings: Settings, out: &mut Vec<Action>) {
        self.settings = settings;
        self.arm_all_schedules(now, out);
    }

    /// A new rule, or a new revision of one. Runs of the old revision end. What of the new one cannot work its status
    /// says.
    pub fn put(&mut self, now: &Now, record: &AutomationRecord, world: &dyn World, out: &mut Vec<Action>) {
        let mut entry = Entry::new(record.clone(), world);
        if let Some((old, mut turn)) = self.turn(&record.id, now, world, out) {
            old.end("the rule was changed", &mut turn);
        }
        let last_fired_at = self.rules.get(&record.id).and_then(|old| old.last_fired_at);
        entry.last_fired_at = last_fired_at;
        self.rules.insert(record.id.clone(), entry);
        let running = self.schedules == Schedules::Running;
        if let Some((entry, mut turn)) = self.turn(&record.id, now, world, out) {
            entry.watch(turn.watches);
            if running {
                entry.arm_schedules(&mut turn);
            }
        }
    }

    /// A rule is gone; its runs end.
    pub fn remove(&mut self, now: &Now, automation: &AutomationId, out: &mut Vec<Action>) {
        if let Some((entry, mut turn)) = self.turn(automation, now, &EmptyWorld::default(), out) {
            entry.end("the rule was removed", &mut turn);
        }
        self.rules.remove(automation);
    }

    /// Something happened, or time passed.
    pub fn step(&mut self, now: &Now, input: Input<'_>, world: &dyn World, out: &mut Vec<Action>) {
        self.notice_clock(now, world, out);
        self.run_schedules(now, world, out);
        self.run_due(now, world, out);
        if let Input::Event(event) = input {
            self.on_event(now, event, world, out);
            self.run_due(now, world, out);
        }
        self.settle(now, world, out);
    }

    fn on_event(&mut self, now: &Now, event: &Event, world: &dyn World, out: &mut Vec<Action>) {
        let subject = match &event.kind {
            EventKind::StateChanged { device, endpoint, attribute, .. }
            | EventKind::DeviceEvent { device, endpoint, attribute, .. } => {
                let (device, attribute) = (device.clone(), attribute.clone());
                Subject::Attribute(AttributeKey { device, endpoint: *endpoint, attribute })
            }
            EventKind::AvailabilityChanged { device, .. } => Subject::Device(device.clone()),
            EventKind::PresenceChanged { .. } => Subject::People,
            EventKind::ModeChanged { .. } => Subject::Mode,
            EventKind::Webhook { id, .. } => Subject::Webhook(Arc::clone(id)),
            EventKind::DeviceAdded(record) | EventKind::DeviceUpdated(record) => {
                return self.on_device(now, &record.device.id, world, out);
            }
            EventKind::DeviceRemoved { device } => return self.on_device(now, device, world, out),
            _ => return,
        };
        for Watcher { automation, by } in self.watches.of(&subject) {
            if let Some((entry, mut turn)) = self.turn(&automation, now, world, out) {
                match by {
                    WatchedBy::Run { run, thread, trigger } => {
                        entry.on_run_event(&run, thread, trigger, event, &mut turn);
                    }
                    WatchedBy::Trigger { trigger } => entry.on_event(trigger, event, &mut turn),
                }
            }
            self.run_agenda(now, world, out);
        }
    }

    fn on_device(&mut self, now: &Now, device: &DeviceId, world: &dyn World, out: &mut Vec<Action>) {
        let concerned: Vec<AutomationId> =
            self.rules.values().filter(|entry| entry.concerns(device)).map(|entry| entry.id.clone()).collect();
        self.refresh(concerned, now, world, out);
    }

    /// The home's scenes, people, modes or place changed: what rules mean is found out anew.
    pub fn refresh_all(&mut self, now: &Now, world: &dyn World, out: &mut Vec<Action>) {
        self.notice_clock(now, world, out);
        self.refresh(self.ids(), now, world, out);
        self.settle(now, world, out);
    }

    fn refresh(&mut self, rules: Vec<AutomationId>, now: &Now, world: &dyn World, out: &mut Vec<Action>) {
        for id in rules {
            let running = self.schedules == Schedules::Running;
            if let Some((entry, mut turn)) = self.turn(&id, now, world, out) {
                entry.refresh(&mut turn);
                if !running {
                    turn.deadlines.cancel_where(&id, |armed| matches!(armed, Armed::Schedule { .. }));
                }
            }
        }
    }

    /// Does everything that is due, the earliest first.
    fn run_due(&mut self, now: &Now, world: &dyn World, out: &mut Vec<Action>) {
        while let Some((Timer { automation, what }, at)) = self.deadlines.pop(now) {
            let Some((entry, mut turn)) = self.turn(&automation, now, world, out) else { continue };
            match what {
                Armed::Hold(key) => entry.on_hold_timer(&key, at, &mut turn),
                Armed::Schedule { trigger } => entry.on_schedule(trigger, at, &mut turn),
                Armed::Run { run, thread, what } => entry.on_run_timer(&run, thread, &what, &mut turn),
            }
            drop(turn);
            self.run_agenda(now, world, out);
        }
    }

    /// When [`Input::Timeout`] is wanted at the latest, given what time it is now.
    pub fn poll_timeout(&self, now: &Now) -> Option<Monotonic> {
        let clock = match self.schedules {
            Schedules::Waiting { started, .. } if self.settings.schedules_on_untrusted_clock => {
                Some(started.plus(WAIT_FOR_CLOCK))
            }
            _ => None,
        };
        [self.deadlines.next(now), clock].into_iter().flatten().min()
    }

    /// The webhooks that rules listen to, as triggers or in waits.
    pub fn webhooks(&self) -> BTreeSet<Arc<str>> {
        let rules: Vec<_> = self.rules.values().filter_map(Entry::active).collect();
        let waited_for = rules.iter().flat_map(|rule| &rule.program).flat_map(|instruction| match &instruction.kind {
            InstructionKind::WaitFor { triggers, .. } => triggers.as_slice(),
            _ => &[],
        });
        let triggers = rules.iter().flat_map(|rule| &rule.triggers).chain(waited_for);
        let id = |trigger: &Trigger| match &trigger.kind {
            TriggerKind::Webhook(id) => Some(Arc::clone(id)),
            _ => None,
        };
        triggers.filter_map(id).collect()
    }

    /// When the earliest wait of a run or `for` of a trigger ends; schedules do not count.
    pub(crate) fn next_wait(&self, now: &Now) -> Option<Monotonic> {
        self.deadlines.next_wait(now)
    }

    /// How the rules are, ordered by id.
    pub fn statuses(&self) -> Vec<RuleStatus> {
        self.rules.keys().filter_map(|id| self.status(id)).collect()
    }

    /// How one rule is; none if there is no such rule.
    pub fn status(&self, id: &AutomationId) -> Option<RuleStatus> {
        self.rules.get(id).map(|entry| RuleStatus {
            id: entry.id.clone(),
            name: entry.name(),
            enabled: entry.enabled().as_str().into(),
            last_fired_at: entry.last_fired_at,
            active_runs: entry.runs.len(),
            findings: entry.findings.clone(),
        })
    }
}

/// Forgets what was kept of a run.
fn drop_kept_run(automation: &AutomationId, run: &RunId, turn: &mut Turn<'_>) {
    drop_kept(automation, Some(run.clone()), turn.now, turn.out);
}

fn drop_kept(automation: &AutomationId, run: Option<RunId>, now: &Now, out: &mut Vec<Action>) {
    let automation = automation.clone();
    out.push(Action::Keep(Decision { automation, run, at: now.time(), state: None, decided_on: Vec::new() }));
}
