//! Replay: rules in virtual time. A home, rules, and what happened; out comes what the rules would have done.
//!
//! The engine is the one that runs the real home. Commands are taken as confirmed at once; a later event that says
//! otherwise counts.

mod devices;
mod firings;
mod home;
mod infer;
mod line;
mod log;
mod recorded;
mod rule_tests;
mod unheard;

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use hub_model::history::{HistoryEntry, StateRecord};
use hub_model::household::Location;
use hub_model::record::{AutomationRecord, Decision};
use hub_model::zone::Zone;
use hub_model::{
    AutomationId, Availability, Cause, CommandRequest, DeviceId, Event, EventKind, Monotonic, Now, RunId, Source,
    Timestamp, Trust, Value, Wall,
};

use crate::document::tests::Happening;
use crate::{Action, Engine, Input, Settings, Start, World};
pub use devices::{Described, DevicesError, devices};
pub use firings::Firings;
pub use home::SimulatedHome;
pub use line::{Deed, Line};
pub use log::{LogError, LogEvent, parse_line, person_of};
pub use recorded::{Differences, Recorded, RecordedReplay, Trial};
pub use rule_tests::{TestOutcome, failed_tests, run_tests};
use unheard::Unheard;

/// The phases of a run that are told.
const TOLD: &[&str] = &["resumed", "late", "missed", "fuse", "failed", "outranked", "run"];
/// How many events may come of one before the rest is dropped.
const MOST_EFFECTS: usize = 10_000;

/// Where a replayed home lies.
#[derive(Clone, Debug)]
pub struct Site {
    /// Schedules follow it.
    pub zone: Zone,
    /// The sun rises there.
    pub location: Option<Location>,
}

/// Rules at work in a simulated home.
#[derive(Debug)]
pub struct Replay {
    home: SimulatedHome,
    engine: Engine,
    /// The other rules of the home are not here.
    is_alone: bool,
    site: Site,
    automations: Vec<AutomationRecord>,
    kept: BTreeMap<(AutomationId, Option<RunId>), Decision>,
    /// What time it is; none before the first event.
    time: Option<Timestamp>,
    /// When the hub was last started.
    booted: Timestamp,
    /// Until when it is stopped.
    down_until: Option<Timestamp>,
    /// When it was stopped.
    stopped_at: Option<Timestamp>,
    /// What happened while it was stopped, heard at its start.
    unheard: Unheard,
    seq: u64,
    /// What the rules did since it was last taken.
    lines: VecDeque<Line>,
    firings: Firings,
}

/// An effect of a rule on the home.
enum Effect {
    Command(Cause, CommandRequest),
    Mode(Cause, Arc<str>),
}

impl Replay {
    /// Rules in a home at rest. The documents' names are found in the home; what is wrong with them is said by a check,
    /// not here: what of a rule cannot work does nothing.
    pub fn new(home: SimulatedHome, automations: Vec<AutomationRecord>, site: Site) -> Self {
        let engine = Engine::new(settings(&site));
        Self {
            home,
            engine,
            is_alone: false,
            site,
            automations,
            kept: BTreeMap::new(),
            time: None,
            booted: Timestamp::default(),
            down_until: None,
            stopped_at: None,
            unheard: Unheard::default(),
            seq: 0,
            lines: VecDeque::new(),
            firings: Firings::default(),
        }
    }

    /// One rule in a home at rest. To run another is only told.
    pub fn of_one(home: SimulatedHome, automation: AutomationRecord, site: Site) -> Self {
        let replay = Self::new(home, vec![automation], site);
        Self { is_alone: true, ..replay }
    }

    /// How often the rules fired so far.
    pub fn firings(&self) -> Firings {
        self.firings
    }

    /// The home as it is now.
    pub fn home(&self) -> &SimulatedHome {
        &self.home
    }

    /// Takes what the rules did since the last call, in order.
    pub fn take_lines(&mut self) -> impl Iterator<Item = Line> + '_ {
        self.lines.drain(..)
    }

    /// Starts the rules at this time: the hub runs already, so `start` triggers do not fire.
    pub fn begin(&mut self, at: Timestamp) {
        if self.time.is_none() {
            self.time = Some(at);
            self.start(at, None);
        }
    }

    /// Something happens. Events come in the order of their times; an earlier one counts as now.
    pub fn happen(&mut self, at: Timestamp, happening: Happening) {
        self.begin(at);
        self.advance_to(at);
        if let Happening::Down(duration) = happening {
            let until = at.plus(duration);
            self.stopped_at = self.stopped_at.or(Some(at));
            self.down_until = Some(self.down_until.map_or(until, |other| other.max(until)));
        } else if self.down_until.is_some() {
            self.unheard.note(happening, &mut self.home);
        } else {
            self.hear(happening, Source::Reported);
        }
    }

    /// Lets time pass, and the rules do what is due.
    pub fn advance_to(&mut self, until: Timestamp) {
        while self.advance_step(until) {}
    }

    /// Lets time pass to what is due next, at most until then. False if nothing more is due: then it is `until`. For
    /// callers that must be able to stop in between.
    pub fn advance_step(&mut self, until: Timestamp) -> bool {
        let Some(time) = self.time else { return false };
        if let Some(up) = self.down_until {
            self.time = Some(time.max(up.min(until)));
            if up <= until {
                self.boot(up);
            }
            return up <= until;
        }
        let now = self.now();
        let wanted = self.engine.poll_timeout(&now).map(|at| now.time().plus(at.since(now.mono)));
        match wanted.filter(|wanted| *wanted <= until) {
            Some(next) => {
                self.time = Some(next.max(now.time()));
                self.step(None);
                true
            }
            None => {
                self.time = Some(now.time().max(until));
                false
            }
        }
    }

    /// When the next wait of a run or `for` of a trigger ends; none = nothing follows any more from what happened.
    fn next_wait(&self) -> Option<Timestamp> {
        if let Some(up) = self.down_until {
            return Some(up);
        }
        let now = self.now();
        self.engine.next_wait(&now).map(|at| now.time().plus(at.since(now.mono)))
    }

    fn now(&self) -> Now {
        let time = self.time.unwrap_or_default();
        Now { wall: Wall { time, trust: Trust::Ntp }, mono: Monotonic(time.since(self.booted)) }
    }

    /// The hub is up again: all that is known is from before, and what happened meanwhile is heard as that.
    fn boot(&mut self, at: Timestamp) {
        let stopped_at = self.stopped_at.take();
        self.down_until = None;
        self.home.restore();
        self.start(at, stopped_at.or(Some(at)));
        for happening in self.unheard.take() {
            self.hear(happening, Source::Restored);
        }
    }

    fn start(&mut self, at: Timestamp, stopped_at: Option<Timestamp>) {
        self.booted = at;
        let engine = Engine::new(settings(&self.site));
        self.engine = if self.is_alone { engine.alone() } else { engine };
        let start = Start {
            automations: self.automations.clone(),
            decisions: self.kept.values().cloned().collect(),
            stopped_at,
            boots: stopped_at.is_some(),
        };
        let mut out = Vec::new();
        let now = self.now();
        self.engine.start(&now, start, &self.home, &mut out);
        self.act(out);
    }

    fn step(&mut self, event: Option<&Event>) {
        let now = self.now();
        let mut out = Vec::new();
        self.engine.step(&now, event.map_or(Input::Timeout, Input::Event), &self.home, &mut out);
        self.act(out);
    }

    fn emit(&mut self, kind: EventKind, cause: Cause) {
        self.seq += 1;
        let event = Event { seq: self.seq, at: self.now().time(), kind, cause };
        self.step(Some(&event));
    }

    fn hear(&mut self, happening: Happening, source: Source) {
        match happening {
            Happening::Report { device, endpoint, attribute, value } => {
                if let Some((device, endpoint)) = self.home.find(&device, endpoint.as_ref(), &attribute, &value, false)
                {
                    self.report(&device, endpoint, &attribute, value, source, Cause::Report);
                }
            }
            Happening::Event { device, endpoint, attribute, value } => {
                if let Some((device, endpoint)) = self.home.find(&device, endpoint.as_ref(), &attribute, &value, true) {
                    let attribute = attribute.as_str().into();
                    self.emit(EventKind::DeviceEvent { device, endpoint, attribute, value }, Cause::Report);
                }
            }
            Happening::Availability { device, to } => {
                if let Some(device) = self.home.device_named(&device) {
                    self.reach(device, to);
                }
            }
            Happening::Mode(mode) => self.set_mode(&mode, Cause::Report),
            Happening::Presence { person, to } => self.go(&person, &to),
            Happening::Webhook(id) => {
                self.emit(EventKind::Webhook { id: id.into(), body: Value::Unknown }, Cause::Report);
            }
            Happening::Down(_) | Happening::Wait => {}
        }
    }

    /// Something that was recorded happens again. What the home does not have (any more) means nothing.
    fn happen_again(&mut self, at: Timestamp, entry: &HistoryEntry) {
        self.begin(at);
        self.advance_to(at);
        match entry {
            HistoryEntry::State(state) if self.home.has(&state.device, state.endpoint, &state.attribute) => {
                let source = if state.cause == Cause::Restore { Source::Restored } else { Source::Reported };
                let StateRecord { device, endpoint, attribute, value, cause } = state;
                self.report(device, *endpoint, attribute.as_str(), value.clone(), source, cause.clone());
            }
            HistoryEntry::DeviceEvent { device, endpoint, attribute, value }
                if self.home.has(device, *endpoint, attribute) =>
            {
                let (device, attribute, value) = (device.clone(), attribute.clone(), value.clone());
                self.emit(EventKind::DeviceEvent { device, endpoint: *endpoint, attribute, value }, Cause::Report);
            }
            HistoryEntry::Availability { device, availability } => self.reach(device.clone(), *availability),
            HistoryEntry::Mode { mode, .. } => self.set_mode(mode, Cause::Report),
            HistoryEntry::Presence { person, presence, .. } => self.go(person.as_str(), presence),
            _ => {}
        }
    }

    fn go(&mut self, person: &str, to: &str) {
        let time = self.now().time();
        if let Some((person, from)) = self.home.put_person(person, Some(to), time) {
            self.emit(EventKind::PresenceChanged { person, from, to: to.into() }, Cause::Report);
        }
    }

    fn reach(&mut self, device: DeviceId, to: Availability) {
        if let Some(from) = self.home.set_availability(&device, to) {
            self.emit(EventKind::AvailabilityChanged { device, from, to }, Cause::Report);
        }
    }

    fn set_mode(&mut self, mode: &str, cause: Cause) {
        if let Some(from) = self.home.set_mode(mode) {
            self.emit(EventKind::ModeChanged { from, to: mode.into() }, cause);
        }
    }

    fn report(
        &mut self,
        device: &DeviceId,
        endpoint: u16,
        attribute: &str,
        value: Value,
        source: Source,
        cause: Cause,
    ) {
        let at = self.now().time();
        if let Some((from, from_source)) = self.home.report(device, endpoint, attribute, &value, source, at) {
            let (device, attribute) = (device.clone(), attribute.into());
            let kind = EventKind::StateChanged { device, endpoint, attribute, from, from_source, to: value, source };
            self.emit(kind, cause);
        }
    }

    fn act(&mut self, actions: Vec<Action>) {
        let mut effects = VecDeque::new();
        let at = self.now().time();
        for action in actions {
            let Some((automation, run, deed)) = self.deed(action, &mut effects) else { continue };
            self.lines.push_back(Line { at, automation, run, deed });
        }
        for _ in 0..MOST_EFFECTS {
            match effects.pop_front() {
                None => break,
                Some(Effect::Mode(cause, mode)) => self.set_mode(&mode, cause),
                Some(Effect::Command(cause, request)) => self.confirm(&cause, request),
            }
        }
    }

    /// What is told of an action, and what it does to the home.
    fn deed(&mut self, action: Action, effects: &mut VecDeque<Effect>) -> Option<(AutomationId, RunId, Deed)> {
        match action {
            Action::Command { automation, run, depth, request } => {
                let deed = self.home.command_deed(&request);
                let cause = Cause::Rule { automation: automation.clone(), run: run.clone(), depth, parent: None };
                effects.push_back(Effect::Command(cause, request));
                Some((automation, run, deed))
            }
            Action::Scene { automation, run, depth, scene, transition_ms, left_out } => {
                let known = crate::compile::scene_named(&scene, &self.home).map(|known| known.without(&left_out));
                let name = known.as_ref().map_or(scene, |known| Arc::clone(&known.name));
                let cause = Cause::Rule { automation: automation.clone(), run: run.clone(), depth, parent: None };
                for request in known.iter().flat_map(|scene| scene.commands(transition_ms)) {
                    effects.push_back(Effect::Command(cause.clone(), request));
                }
                Some((automation, run, Deed::Scene { scene: name, transition_ms }))
            }
            Action::SetMode { automation, run, depth, mode } => {
                let cause = Cause::Rule { automation: automation.clone(), run: run.clone(), depth, parent: None };
                effects.push_back(Effect::Mode(cause, Arc::clone(&mode)));
                Some((automation, run, Deed::SetMode { mode }))
            }
            Action::Notify { automation, run, to, title, message, severity } => {
                Some((automation, run, Deed::Notify { to, title, message, severity }))
            }
            Action::Run { automation, run, phase, detail } => {
                if phase == "started" {
                    self.firings.add(&self.site.zone.local(self.now().time()));
                }
                TOLD.contains(&phase).then_some((automation, run, Deed::Phase { phase, detail }))
            }
            Action::Keep(decision) => {
                let key = (decision.automation.clone(), decision.run.clone());
                match decision.state {
                    Some(_) => self.kept.insert(key, decision),
                    None => self.kept.remove(&key),
                };
                None
            }
            Action::Trace(_) => None,
        }
    }

    /// The device did what it was told.
    fn confirm(&mut self, cause: &Cause, request: CommandRequest) {
        for (attribute, value) in request.set {
            let Some(record) = self.home.device(&request.device) else { return };
            let Ok(endpoint) = record.device.resolve(request.endpoint.as_ref(), attribute.as_str()) else { continue };
            let has_state = record
                .device
                .attribute(endpoint, attribute.as_str())
                .is_some_and(|schema| (schema.access.notify || schema.access.read) && !schema.momentary);
            if has_state {
                self.report(&request.device, endpoint, attribute.as_str(), value, Source::Reported, cause.clone());
            }
        }
    }
}

fn settings(site: &Site) -> Settings {
    Settings { zone: site.zone.clone(), location: site.location, schedules_on_untrusted_clock: true }
}

/// A rule's document as a record of its first revision.
pub fn record_of(document: &crate::Document, id: &AutomationId, home: &dyn World) -> AutomationRecord {
    let document = document.resolved(home).with_id(id);
    AutomationRecord {
        id: id.clone(),
        document: document.to_json().into(),
        revision: 1,
        author: "owner".into(),
        changed_at: Timestamp(i64::MIN / 2),
    }
}

/// How long a time is in words of a log: a duration that people write.
pub(crate) fn duration_of(text: &str) -> Option<Duration> {
    crate::document::words::parse_duration(text)
}
