//! The truth, and what changes it. Pure: told what happened and what time it is, it says what to do.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::sync::Arc;

use driver_api::{DriverAbility, DriverEvent, DriverRequest, ManageError, RequestId};
use hub_automation::document::Finding;
use hub_automation::{Action, Engine, Facts, Input as EngineInput, Settings, Start};
use hub_model::command::FailureReason;
use hub_model::event::{Alert, DriverState, DriverStatus, Severity};
use hub_model::history::HistoryRecord;
use hub_model::record::{AutomationRecord, Change, Decision, KeepError, Kept};
use hub_model::zone::Zone;
use hub_model::{
    AutomationId, Cause, Command, CommandId, DeviceId, DriverId, Event, EventKind, Monotonic, Now, RunId, Timestamp,
    Value,
};
use tokio::sync::oneshot;

use crate::answers::Answers;
use crate::caught_up::CaughtUp;
use crate::commands::{Commands, Step, ended_by_restart};
use crate::driver_memory::DriverMemory;
use crate::edits::PendingEdit;
use crate::handle::Request;
use crate::held::Held;
use crate::household::{AccountChange, Household};
use crate::in_force::InForce;
use crate::notifications::{Sent, Told};
use crate::pairings::Pairings;
use crate::parents::Parents;
use crate::permissions::Permissions;
use crate::presence::LeftOver;
use crate::recording::history_of;
use crate::refusals::Refusals;
use crate::revisions::Numbers;
use crate::scenes::{Activation, ActivationReply, Undos, WantedScene};
use crate::snapshot::{AutomationView, DriverView, Snapshot};
use crate::table::Table;

/// What the core is told.
#[derive(Debug)]
pub(crate) enum Input {
    /// A driver says something.
    Driver(DriverId, DriverEvent),
    /// A driver instance runs (again), or ended.
    Supervisor(DriverId, DriverStatus),
    /// Somebody wants something.
    Request(Request),
    /// A lasting change is on the disk, or cannot be.
    Committed(CommitToken, Result<(), KeepError>),
    /// What was to be sent to a driver could not be handed over.
    NotSent(DriverRequest, FailureReason),
    /// A deadline has come.
    Timeout,
}

/// Matches the answer of the journal to what waits for it.
pub(crate) type CommitToken = u64;

/// What the core wants done. Sending comes first: nothing lies between a report and its command.
#[derive(Debug, Default)]
pub(crate) struct Output {
    pub(crate) sends: Vec<(DriverId, DriverRequest)>,
    pub(crate) events: Vec<Arc<Event>>,
    pub(crate) commits: Vec<(CommitToken, Vec<Change>)>,
    pub(crate) decisions: Vec<Decision>,
    pub(crate) records: Vec<HistoryRecord>,
    /// Made into texts when everything is sent.
    pub(crate) traces: Vec<(Timestamp, Facts)>,
    pub(crate) answers: Answers,
}

/// What the core waits for from the journal.
#[derive(Debug)]
pub(crate) enum PendingCommit {
    /// A person's command: answered once it is kept, carried out at once.
    Command { id: CommandId, reply: oneshot::Sender<Result<Arc<Command>, crate::CommandError>> },
    /// A person's change: made once it is kept.
    Edit(Box<PendingEdit>),
    /// The commands of a scene that a person wanted: answered once they are kept, carried out at once.
    Activation { activation: Activation, reply: ActivationReply },
    /// Something that only is to be kept, and what it says of accounts.
    Keep { accounts: Vec<AccountChange>, reply: oneshot::Sender<Result<(), KeepError>> },
    /// Nobody waits; a failure is said.
    Silent,
}

/// What waits for a driver's answer.
#[derive(Debug)]
pub(crate) enum PendingManage {
    /// Somebody asked.
    Reply(oneshot::Sender<Result<Value, ManageError>>),
    /// A device is being taken out of its network and forgotten then; with `force` whatever the driver says.
    Removal { edit: Box<PendingEdit>, force: bool },
    /// A device's own network is given its name. Nobody waits.
    Name(DeviceId),
}

/// Fills a buffer with random bytes.
pub type Randomness = Box<dyn FnMut(&mut [u8]) + Send>;

/// How many changes may wait for the disk at once.
pub(crate) const MOST_PENDING: usize = 1_024;

/// A run of a rule, as what it does is told and caused.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) automation: AutomationId,
    pub(crate) run: RunId,
}

/// How many events may come of one input before the rest is dropped. How deep rules may set one another off is bounded
/// by the engine.
const MOST_EVENTS_AT_ONCE: usize = 10_000;

/// The truth.
pub(crate) struct Core {
    pub(crate) table: Table,
    pub(crate) automations: BTreeMap<AutomationId, AutomationRecord>,
    pub(crate) revisions: Numbers,
    pub(crate) engine: Engine,
    pub(crate) commands: Commands,
    pub(crate) drivers: Vec<DriverView>,
    pub(crate) pairings: Pairings,
    pub(crate) alerts: Vec<Alert>,
    /// The alert that a failed write alone has raised: over with the next that works.
    pub(crate) keeping_alert: Option<&'static str>,
    /// Devices that are unreachable only because their driver is.
    pub(crate) lost_with_driver: BTreeSet<DeviceId>,
    pub(crate) held: Held,
    pub(crate) caught_up: Arc<CaughtUp>,
    pub(crate) permissions: Arc<Permissions>,
    pub(crate) commits: HashMap<CommitToken, PendingCommit>,
    pub(crate) manages: HashMap<RequestId, (DriverId, PendingManage)>,
    pub(crate) schedules_on_untrusted_clock: bool,
    /// The rules that are other than in the picture.
    pub(crate) changed_automations: BTreeSet<AutomationId>,
    /// What rules listen to may be other webhooks than in the picture.
    pub(crate) webhooks_changed: bool,
    /// What of rules cannot work may be another than was said.
    pub(crate) findings_changed: bool,
    /// What of rules cannot work, as it was last said; of the others nothing.
    pub(crate) told_findings: BTreeMap<AutomationId, Vec<Finding>>,
    pub(crate) undos: Undos,
    pub(crate) sent: Sent,
    /// When time alone may change where somebody is.
    pub(crate) next_look_at_people: Option<Monotonic>,
    pub(crate) left_over: LeftOver,
    pub(crate) in_force: InForce,
    /// What time it was at the last step.
    pub(crate) seen: Now,
    random: Randomness,
    events: VecDeque<Event>,
    parents: Parents,
    refusals: Refusals,
    pub(crate) driver_memory: DriverMemory,
    epoch: u64,
    seq: u64,
    next_token: u64,
    snapshot: Snapshot,
}

impl std::fmt::Debug for Core {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Core").field("epoch", &self.epoch).field("seq", &self.seq).finish_non_exhaustive()
    }
}

impl Core {
    /// The truth as it was kept. What the start itself leads to (waits that go on, schedules that were missed) is in
    /// `out`.
    pub(crate) fn restore(
        now: &Now,
        kept: &Kept,
        drivers: Vec<(DriverId, Arc<str>, &'static [DriverAbility])>,
        schedules_on_untrusted_clock: bool,
        random: Randomness,
        out: &mut Output,
    ) -> Self {
        let mut table = Table::default();
        table.home = Arc::new(kept.home.clone().unwrap_or_default());
        table.household = Household::restored(kept);
        table.stopped_at = kept.stopped_at;
        let left_over = LeftOver::at_start(&table.household.people, now.mono);
        for area in &kept.areas {
            table.put_area(area.clone());
        }
        for record in &kept.devices {
            table.put(record.clone());
        }
        for state in &kept.states {
            table.restore(&state.device, state.endpoint, &state.attribute, state.value.clone(), state.changed_at);
        }
        for (device, availability) in &kept.availability {
            table.set_availability(device, *availability);
        }
        let mut commands = Commands::default();
        for command in &kept.commands {
            commands.remember(Arc::new(ended_by_restart(command.clone(), now)));
        }
        let (permissions, unread) = Permissions::restored(kept, &table.household.people, zone_of(&table));
        let held = Held::new(drivers.iter().map(|(id, _, _)| id.clone()));
        let mut core = Self {
            engine: Engine::new(settings(&table, schedules_on_untrusted_clock)),
            table,
            automations: kept.automations.iter().map(|rule| (rule.id.clone(), rule.clone())).collect(),
            revisions: Numbers::of(kept),
            commands,
            drivers: drivers
                .into_iter()
                .map(|(id, driver_type, abilities)| DriverView {
                    id,
                    driver_type,
                    abilities,
                    status: DriverStatus { state: DriverState::Starting, detail: Arc::from("") },
                    since: now.time(),
                    restarts: 0,
                })
                .collect(),
            pairings: Pairings::default(),
            alerts: Vec::new(),
            keeping_alert: None,
            lost_with_driver: BTreeSet::new(),
            held,
            caught_up: Arc::new(CaughtUp {
                stopped_at: kept.stopped_at,
                started_at: now.time(),
                ..CaughtUp::default()
            }),
            in_force: InForce::now(now, &permissions),
            permissions: Arc::new(permissions),
            commits: HashMap::new(),
            manages: HashMap::new(),
            schedules_on_untrusted_clock,
            changed_automations: kept.automations.iter().map(|rule| rule.id.clone()).collect(),
            webhooks_changed: true,
            findings_changed: true,
            told_findings: BTreeMap::new(),
            undos: Undos::default(),
            sent: Sent::default(),
            next_look_at_people: None,
            left_over,
            seen: *now,
            random,
            events: VecDeque::new(),
            parents: Parents::default(),
            refusals: Refusals::default(),
            driver_memory: DriverMemory::restore(&kept.secrets),
            epoch: kept.epoch,
            seq: kept.last_seq,
            next_token: 0,
            snapshot: Snapshot::empty(kept.epoch, kept.last_seq),
        };
        if let Some(unread) = unread {
            core.raise(now, "permissions_unreadable", Severity::Error, unread.into());
        }
        for person in Arc::clone(&core.table.household.people).iter() {
            core.wake_for(now, person);
        }
        for finding in &kept.findings {
            core.raise(now, "store_mended", Severity::Warning, Arc::clone(finding));
        }
        let start = Start {
            automations: kept.automations.clone(),
            decisions: kept.decisions.clone(),
            stopped_at: kept.stopped_at,
            boots: true,
        };
        let mut actions = Vec::new();
        core.end_accounts(now);
        core.look_for_authors();
        core.engine.start(now, start, &core.table, &mut actions);
        core.act(now, actions, out);
        core.say_what_authors_do_not_see(now);
        core.run_events(now, out);
        let CaughtUp { resumed, late, missed, .. } = &*core.caught_up;
        if !core.caught_up.is_empty() {
            tracing::info!(resumed, late, missed, "Rules went on after a stop.");
        }
        core
    }

    /// Takes one input in and says what follows from it.
    pub(crate) fn step(&mut self, now: &Now, input: Input, out: &mut Output) {
        self.follow_clock(now);
        match input {
            Input::Driver(driver, event) => self.driver_event(now, &driver, event, out),
            Input::Supervisor(driver, status) => self.driver_ended(now, &driver, status, out),
            Input::Request(request) => self.request(now, request, out),
            Input::Committed(token, result) => self.committed(now, token, result, out),
            Input::NotSent(request, reason) => self.not_sent(now, request, reason, out),
            Input::Timeout => {
                let mut steps = Vec::new();
                self.commands.timeout(now, &mut steps);
                self.follow(now, steps, out);
                self.end_allowances(now, out);
                self.end_pleas(now, out);
                self.note_clock(now);
                if self.end_accounts(now) {
                    self.refresh_rules(now, out);
                }
                self.look_at_people(now, out);
                self.look_at_permissions(now);
                let mut actions = Vec::new();
                self.engine.step(now, EngineInput::Timeout, &self.table, &mut actions);
                self.act(now, actions, out);
            }
        }
        self.run_events(now, out);
        if std::mem::take(&mut self.findings_changed) {
            self.tell_of_findings(now);
            self.run_events(now, out);
        }
    }

    /// When [`Input::Timeout`] is wanted.
    pub(crate) fn poll_timeout(&self, now: &Now) -> Option<Monotonic> {
        let deadlines = [
            self.commands.next_deadline(),
            self.engine.poll_timeout(now),
            self.clock_alert_at(now),
            self.allowances_end(now),
            self.pleas_end(now),
            self.accounts_end(now),
            self.next_look_at_people,
            self.permissions_turn_at(),
        ];
        deadlines.into_iter().flatten().min()
    }

    /// How far the numbers of events are.
    pub(crate) fn seq(&self) -> u64 {
        self.seq
    }

    /// The picture for readers, as it is now.
    pub(crate) fn snapshot(&mut self) -> Snapshot {
        let snapshot = &mut self.snapshot;
        snapshot.seq = self.seq;
        snapshot.version += 1;
        snapshot.ready = true;
        if !Arc::ptr_eq(&snapshot.home, &self.table.home) {
            snapshot.home = Arc::clone(&self.table.home);
        }
        self.table.show(&mut snapshot.devices);
        if *snapshot.drivers != self.drivers {
            snapshot.drivers = Arc::new(self.drivers.clone());
        }
        if *snapshot.alerts != self.alerts {
            snapshot.alerts = Arc::new(self.alerts.clone());
        }
        snapshot.pairings = self.pairings.list();
        snapshot.caught_up = Arc::clone(&self.caught_up);
        snapshot.steady_since = self.table.steady_since;
        snapshot.areas = Arc::clone(&self.table.areas);
        snapshot.scenes = Arc::clone(&self.table.household.records);
        snapshot.permissions = Arc::clone(&self.permissions);
        snapshot.people = Arc::clone(&self.table.household.people);
        snapshot.notifications = Arc::clone(&self.table.household.notifications);
        snapshot.channels = Arc::clone(&self.table.household.channels);
        snapshot.message_preferences = Arc::clone(&self.table.household.message_preferences);
        if std::mem::take(&mut self.webhooks_changed) {
            snapshot.webhooks = Arc::new(self.engine.webhooks());
        }
        while let Some(id) = self.changed_automations.pop_first() {
            match self.automations.get(&id).zip(self.engine.status(&id)) {
                Some((record, status)) => {
                    snapshot.automations.put(Arc::new(AutomationView { record: record.clone(), status }));
                }
                None => snapshot.automations.remove(id.as_str()),
            }
        }
        snapshot.clone()
    }

    /// Queues an event; it is numbered, told and shown to the rules before the step ends.
    pub(crate) fn emit(&mut self, now: &Now, kind: EventKind, cause: Cause) {
        self.events.push_back(Event { seq: 0, at: now.time(), kind, cause });
    }

    /// Numbers the events that wait, shows each to the rules, and does what they say, until nothing is left.
    fn run_events(&mut self, now: &Now, out: &mut Output) {
        let mut count = 0;
        while let Some(mut event) = self.events.pop_front() {
            count += 1;
            if count > MOST_EVENTS_AT_ONCE {
                tracing::error!(dropped = self.events.len(), "Too many events came of one; the rest was dropped.");
                self.events.clear();
                break;
            }
            self.seq += 1;
            event.seq = self.seq;
            let event = Arc::new(event);
            let device = what_device_is_another(&event.kind);
            device.into_iter().for_each(|device| self.authors_look_at(device));
            let mut actions = Vec::new();
            self.engine.step(now, EngineInput::Event(&event), &self.table, &mut actions);
            self.parents.note(&actions, event.seq);
            self.act(now, actions, out);
            self.stand_in_changed(now, &event, out);
            if device.is_some() {
                // Any rule may now be able to run, or unable.
                self.changed_automations.extend(self.automations.keys().cloned());
                self.findings_changed = true;
                self.say_what_authors_do_not_see(now);
            }
            if let Some(record) = history_of(&event) {
                out.records.push(record);
            }
            out.events.push(event);
        }
    }

    /// What a run does is caused by this.
    pub(crate) fn cause_of(&self, run: &Run, depth: u32) -> Cause {
        let parent = self.parents.of(&run.run);
        Cause::Rule { automation: run.automation.clone(), run: run.run.clone(), depth, parent }
    }

    /// Does what the rules say.
    pub(crate) fn act(&mut self, now: &Now, actions: Vec<Action>, out: &mut Output) {
        for action in actions {
            match action {
                Action::Command { automation, run, depth, request } => {
                    let run = Run { automation, run };
                    if let Err(error) = self.dispatch(now, self.cause_of(&run, depth), request, false, out) {
                        self.run_failed(now, &run, error.to_string());
                    }
                }
                Action::Scene { automation, run, depth, scene, transition_ms, left_out } => {
                    let wanted = WantedScene { scene, transition_ms, left_out };
                    self.scene_of_rule(now, &Run { automation, run }, depth, &wanted, out);
                }
                Action::SetMode { automation, run, depth, mode } => {
                    let run = Run { automation, run };
                    if self.author_may_or_say(now, &run, hub_access::Action::Control, hub_access::Part::Mode) {
                        self.mode_of_rule(now, &run, depth, mode, out);
                    }
                }
                Action::Notify { automation, run, to, title, message, severity } => {
                    let told = Told { to, title, message, severity };
                    let run = Run { automation, run };
                    if self.author_may_or_say(now, &run, hub_access::Action::Control, hub_access::Part::Messages) {
                        self.tell_people(now, &run, told, out);
                    }
                }
                Action::Keep(decision) => out.decisions.push(decision),
                Action::Run { automation, run, phase, detail } => {
                    self.changed_automations.insert(automation.clone());
                    self.parents.forget_if_ended(&run, phase);
                    self.note_caught_up(&automation, &run, phase, detail.as_ref());
                    let run = Run { automation, run };
                    self.run_phase(now, &run, phase, detail.clone());
                    if phase == "fuse" {
                        self.rule_stopped(now, &run, &detail.unwrap_or_default(), out);
                    }
                }
                Action::Trace(mut trace) => {
                    self.refusals.tell(&mut trace);
                    out.traces.push((now.time(), trace));
                }
            }
        }
    }

    /// Something that a run wanted could not be done. What is said of it names things, and the ids of a rule and its runs
    /// are made of the rule's name: the log has neither.
    pub(crate) fn run_failed(&mut self, now: &Now, run: &Run, detail: String) {
        tracing::warn!("What a rule wanted could not be done; its run of this time says why.");
        let detail = detail.into();
        self.refusals.note(&run.run, &detail);
        self.run_phase(now, run, "failed", Some(detail));
    }

    /// Something about a run, beside what the engine itself says of it.
    pub(crate) fn run_phase(&mut self, now: &Now, run: &Run, phase: &str, detail: Option<Arc<str>>) {
        let kind = EventKind::AutomationRun {
            automation: run.automation.clone(),
            run: run.run.clone(),
            phase: Arc::from(phase),
            detail,
        };
        self.emit(now, kind, Cause::System);
    }

    /// What rules name (scenes, people, modes) changed.
    pub(crate) fn refresh_rules(&mut self, now: &Now, out: &mut Output) {
        let mut actions = Vec::new();
        self.engine.refresh_all(now, &self.table, &mut actions);
        self.changed_automations.extend(self.automations.keys().cloned());
        self.webhooks_changed = true;
        self.findings_changed = true;
        self.act(now, actions, out);
    }

    /// Does what a change in the life of commands asks for.
    pub(crate) fn follow(&mut self, now: &Now, steps: Vec<Step>, out: &mut Output) {
        for step in steps {
            match step {
                Step::Changed(command) => {
                    let cause = command.cause.clone();
                    self.emit(now, EventKind::Command(command), cause);
                }
                Step::Settled { device, endpoint, attribute } => {
                    self.table.set_desired(&device, endpoint, &attribute, None);
                }
                Step::ReadBack { device, attributes } => {
                    out.sends.push((device.driver(), DriverRequest::Read { device, attributes }));
                }
            }
        }
    }

    /// Keeps something that nobody waits for.
    pub(crate) fn keep_silently(&mut self, changes: Vec<Change>, out: &mut Output) {
        self.commit(changes, PendingCommit::Silent, out);
    }

    pub(crate) fn commit(&mut self, changes: Vec<Change>, pending: PendingCommit, out: &mut Output) {
        self.next_token += 1;
        self.commits.insert(self.next_token, pending);
        out.commits.push((self.next_token, changes));
    }

    pub(crate) fn next_request(&mut self) -> RequestId {
        self.next_token += 1;
        self.next_token
    }

    /// An unguessable id.
    pub(crate) fn random_id(&mut self) -> String {
        let mut bytes = [0_u8; 16];
        (self.random)(&mut bytes);
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let digit = |nibble: u8| char::from(DIGITS[usize::from(nibble)]);
        bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 0x0f)]).collect()
    }

    pub(crate) fn settings_changed(&mut self, now: &Now, out: &mut Output) {
        let mut actions = Vec::new();
        Arc::make_mut(&mut self.permissions).zone_is(zone_of(&self.table));
        self.permissions_may_turn(now);
        self.look_at_permissions(now);
        self.engine.set_settings(now, settings(&self.table, self.schedules_on_untrusted_clock), &mut actions);
        self.act(now, actions, out);
    }

    fn committed(&mut self, now: &Now, token: CommitToken, result: Result<(), KeepError>, out: &mut Output) {
        self.note_keeping(now, &result);
        match self.commits.remove(&token) {
            Some(PendingCommit::Command { id, reply }) => {
                if result.is_err() {
                    self.commands.mark_not_kept(&id);
                }
                out.answers.add(reply, self.commands.find(&id).ok_or(crate::CommandError::Busy));
            }
            Some(PendingCommit::Edit(edit)) => self.finish_edit(now, *edit, result, out),
            Some(PendingCommit::Activation { activation, reply }) => {
                self.activation_kept(activation, result.is_ok(), reply, out);
            }
            Some(PendingCommit::Keep { accounts, reply }) => {
                if result.is_ok() {
                    self.accounts_changed(now, accounts, out);
                }
                out.answers.add(reply, result);
            }
            Some(PendingCommit::Silent) | None => {}
        }
    }
}

fn zone_of(table: &Table) -> Zone {
    Zone::named(&table.home.time_zone).unwrap_or_else(|_| Zone::utc())
}

fn settings(table: &Table, schedules_on_untrusted_clock: bool) -> Settings {
    let home = &table.home;
    Settings { zone: zone_of(table), location: home.location, schedules_on_untrusted_clock }
}

/// The device that came, went or became another, which may change what rules mean.
fn what_device_is_another(kind: &EventKind) -> Option<&DeviceId> {
    match kind {
        EventKind::DeviceAdded(record) | EventKind::DeviceUpdated(record) => Some(&record.device.id),
        EventKind::DeviceRemoved { device } => Some(device),
        _ => None,
    }
}
