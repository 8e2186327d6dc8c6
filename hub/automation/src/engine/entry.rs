//! One rule in the engine: what it watches, whether it fires, and the bounds it keeps.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use hub_model::record::{AutomationRecord, DecidedOn, Decision};
use hub_model::{AutomationId, DeviceId, Event, EventKind, Monotonic, Now, RunId, Timestamp};
use serde_json::{Map, Value as Json, json};

use super::deadlines::{Armed, Deadlines, Due, Timer};
use super::facts::{Facts, What};
use super::kept::{HoldKey, KeptHold, Memory};
use super::limits::{Firing, Fuse, Limit, MAX_DEPTH, MAX_FIRINGS, MAX_MISSES, MAX_OFF_TARGET, MAX_RUNS};
use super::matching::Strictness;
use super::run::Run;
use super::schedule::Site;
use super::watches::{WatchedBy, Watcher, Watches};
use super::{Action, Task};
use crate::compile::compile_what_is_seen;
use crate::document::written::{Enabled, Given, Mode};
use crate::document::{Document, Finding};
use crate::rule::{Rule, Scope, Trigger, TriggerKind, Verdict, any_matches};
use crate::wall::WallHistory;
use crate::{Seen, World, document};

/// What a turn of the engine works with.
pub(super) struct Turn<'a> {
    pub(super) now: &'a Now,
    pub(super) wall: &'a WallHistory,
    /// The home as the rule's author sees it.
    pub(super) world: Seen<'a>,
    pub(super) site: Site<'a>,
    /// Whose turn it is.
    pub(super) automation: AutomationId,
    pub(super) out: &'a mut Vec<Action>,
    pub(super) deadlines: &'a mut Deadlines,
    pub(super) watches: &'a mut Watches,
    /// How often each device was commanded.
    pub(super) budgets: &'a mut HashMap<DeviceId, Limit>,
    /// What follows, the next last.
    pub(super) agenda: &'a mut Vec<Task>,
}

impl Turn<'_> {
    /// What conditions and expressions may look at.
    pub(super) fn scope<'s>(&'s self, trigger: &'s Json, variables: &'s Map<String, Json>) -> Scope<'s> {
        Scope {
            now: self.now,
            wall: self.wall,
            zone: self.site.zone,
            location: self.site.location,
            world: &*self.world,
            trigger,
            variables,
        }
    }
}

/// A rule and everything that the engine knows of it.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) id: AutomationId,
    pub(super) record: AutomationRecord,
    document: Option<Document>,
    /// What of it can run; none = it cannot be read.
    pub(super) rule: Option<Arc<Rule>>,
    pub(super) findings: Vec<Finding>,
    pub(super) last_fired_at: Option<Timestamp>,
    pub(super) memory: Memory,
    /// What is remembered of the `for` of triggers.
    pub(super) remembered: BTreeMap<HoldKey, KeptHold>,
    /// In the order in which they started.
    pub(super) runs: Vec<Run>,
    /// Since when the `for` of a trigger counts, and how many rules led to it.
    pub(super) holds: BTreeMap<HoldKey, (Timestamp, u32)>,
    newest_run: (i64, u32),
    fuse: Fuse,
    fuse_told: Limit,
    misses: Limit,
    off_target: Limit,
}

/// A trigger fired.
pub(super) struct Fired {
    /// The moment that it is about.
    pub(super) at: Timestamp,
    pub(super) depth: u32,
    pub(super) decided_on: Option<DecidedOn>,
    /// What happened, for expressions and the trace.
    pub(super) what: Arc<What>,
    /// It comes this late, after a stop.
    pub(super) late: Option<Duration>,
    /// What tells after a stop that it fired, where the run and what it was decided on do not.
    pub(super) remembered: Remembered,
}

/// What is to be kept of it when a trigger fired.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Remembered {
    /// The values that it was decided on tell.
    No,
    /// The last time of a schedule, by its trigger.
    Schedule(usize),
    /// The `for` of a trigger.
    Hold(Option<HoldKey>),
}

impl Fired {
    /// What conditions see of it: made only for those that may look at it.
    fn seen(&self, rule: &Rule) -> &Json {
        if rule.looks_at_trigger { self.what.json() } else { &Json::Null }
    }
}

impl Entry {
    /// A rule; what of it cannot work it says in its findings.
    pub(super) fn new(record: AutomationRecord, world: &dyn World) -> Self {
        let (document, rule, findings) = match document::parse_json(&record.document) {
            Ok(document) => {
                let (rule, findings) = compile_what_is_seen(&document, &*Seen::by(&record.author, world));
                (Some(document), Some(Arc::new(rule)), findings)
            }
            Err(findings) => (None, None, findings),
        };
        Self {
            id: record.id.clone(),
            memory: Memory::new(record.revision),
            remembered: BTreeMap::new(),
            record,
            document,
            rule,
            findings,
            last_fired_at: None,
            runs: Vec::new(),
            holds: BTreeMap::new(),
            newest_run: (i64::MIN, 0),
            fuse: Fuse::default(),
            fuse_told: Limit::default(),
            misses: Limit::default(),
            off_target: Limit::default(),
        }
    }

    pub(super) fn name(&self) -> Arc<str> {
        let name = self.document.as_ref().map_or(self.id.as_str(), Document::name);
        Arc::from(name)
    }

    pub(super) fn enabled(&self) -> Enabled {
        self.document.as_ref().map_or(Enabled::Yes, Document::enabled)
    }

    /// The rule, if it can run and is not switched off.
    pub(super) fn active(&self) -> Option<Arc<Rule>> {
        self.rule.clone().filter(|rule| rule.enabled != Enabled::No)
    }

    pub(super) fn timer(&self, what: Armed) -> Timer {
        Timer { automation: self.id.clone(), what }
    }

    fn watcher(&self, trigger: usize) -> Watcher {
        Watcher { automation: self.id.clone(), by: WatchedBy::Trigger { trigger } }
    }

    pub(super) fn watch(&self, watches: &mut Watches) {
        for (trigger, written) in self.active().iter().flat_map(|rule| rule.triggers.iter()).enumerate() {
            watches.add(written, &self.watcher(trigger));
        }
    }

    pub(super) fn unwatch(&self, watches: &mut Watches) {
        for (trigger, written) in self.active().iter().flat_map(|rule| rule.triggers.iter()).enumerate() {
            watches.remove(written, &self.watcher(trigger));
        }
    }

    /// Whether a change of this device may change what the rule means.
    pub(super) fn concerns(&self, device: &DeviceId) -> bool {
        self.rule.as_ref().is_none_or(|rule| rule.selects || rule.devices.contains(device)) || !self.findings.is_empty()
    }

    /// Devices came, went or changed: what the rule means, and what of it cannot work, is found out anew.
    pub(super) fn refresh(&mut self, turn: &mut Turn<'_>) {
        let Some(document) = &self.document else { return };
        let (rule, findings) = compile_what_is_seen(document, &*turn.world);
        self.findings = findings;
        if self.rule.as_deref() == Some(&rule) {
            return;
        }
        self.unwatch(turn.watches);
        self.runs.iter().for_each(|run| run.unwatch_all(self.rule.as_deref(), &self.id, turn.watches));
        turn.deadlines.cancel_where(&self.id, |armed| matches!(armed, Armed::Schedule { .. }));
        self.rule = Some(Arc::new(rule));
        self.watch(turn.watches);
        self.arm_schedules(turn);
        self.drop_holds_of_gone(turn);
        self.resume_holds(turn, None);
        self.wait_anew(turn);
    }

    /// An event that a trigger watches.
    pub(super) fn on_event(&mut self, trigger: usize, event: &Event, turn: &mut Turn<'_>) {
        let Some(rule) = self.active() else { return };
        let Some(written) = rule.triggers.get(trigger) else { return };
        let Some(touched) = written.touched(event, Strictness::Change, &*turn.world) else { return };
        let subject = touched.subject;
        let key = written.hold_key(trigger, subject, &*turn.world);
        let stood_since = key.as_ref().and_then(|key| self.holds.remove(key)).map(|(since, _)| since);
        if let (Some(key), Some(_)) = (&key, stood_since) {
            turn.deadlines.cancel(&self.timer(Armed::Hold(key.clone())));
        }
        if !touched.matches {
            self.forget_hold(trigger, subject, turn);
            if would_seem_to_count(&written.kind, event)
                && let Some(key) = self.remember_hold(trigger, subject, event.at, true, &*turn.world)
            {
                self.keep_hold(&key, Vec::new(), turn);
            }
            self.leave_off_target((written, trigger), event, stood_since, turn);
            return;
        }
        let depth = super::limits::depth_after(&event.cause);
        match (written.kind.hold(), key) {
            (Some(_), None) => {}
            (None, _) => {
                let what = What::from(super::trace::happened(written, trigger, event)).into();
                let decided_on = written.decided_on(subject, &*turn.world);
                let fired = Fired { at: event.at, depth, decided_on, what, late: None, remembered: Remembered::No };
                self.fire(fired, turn);
            }
            (Some(hold), Some(key)) => {
                let passed = turn.now.time().since(event.at);
                let due = turn.now.mono.plus(hold.saturating_sub(passed));
                turn.deadlines.arm(self.timer(Armed::Hold(key.clone())), Due::Elapsed(due));
                self.holds.insert(key, (event.at, depth));
                // What the state alone does not tell after a stop is remembered.
                if !told_by_state(&written.kind)
                    && let Some(key) = self.remember_hold(trigger, subject, event.at, false, &*turn.world)
                {
                    self.keep_hold(&key, Vec::new(), turn);
                }
            }
        }
    }

    /// The `for` of a trigger has passed at something that may be gone.
    pub(super) fn on_hold_timer(&mut self, key: &HoldKey, at: Timestamp, turn: &mut Turn<'_>) {
        let rule = self.active();
        let written = rule.as_ref().and_then(|rule| rule.triggers.get(key.trigger));
        match written.and_then(|written| written.subject_of(key, &*turn.world)) {
            Some(subject) => self.on_hold(key.trigger, subject, at, None, turn),
            None => drop(self.holds.remove(key)),
        }
    }

    /// The `for` of a trigger has passed.
    pub(super) fn on_hold(
        &mut self,
        trigger: usize,
        subject: usize,
        at: Timestamp,
        late: Option<Duration>,
        turn: &mut Turn<'_>,
    ) {
        let Some(key) = self.hold_key(trigger, subject, &*turn.world) else { return };
        let Some((since, depth)) = self.holds.remove(&key) else { return };
        let Some(rule) = self.active() else { return };
        let Some(written) = rule.triggers.get(trigger) else { return };
        let key = self.remember_hold(trigger, subject, since, true, &*turn.world);
        let what = super::trace::about(written, trigger, subject, &*turn.world).with("since", since).with("at", at);
        let what = What::from(what).into();
        let decided_on = written.decided_on(subject, &*turn.world);
        self.fire(Fired { at, depth, decided_on, what, late, remembered: Remembered::Hold(key) }, turn);
    }

    pub(super) fn hold_key(&self, trigger: usize, subject: usize, world: &dyn World) -> Option<HoldKey> {
        self.rule.as_ref()?.triggers.get(trigger)?.hold_key(trigger, subject, world)
    }

    pub(super) fn remember_hold(
        &mut self,
        trigger: usize,
        subject: usize,
        since: Timestamp,
        fired: bool,
        world: &dyn World,
    ) -> Option<HoldKey> {
        let key = self.hold_key(trigger, subject, world)?;
        let hold = KeptHold::new(self.record.revision, key.clone(), since, fired);
        self.remembered.insert(key.clone(), hold);
        Some(key)
    }

    pub(super) fn remembered_hold(&self, trigger: usize, subject: usize, world: &dyn World) -> Option<&KeptHold> {
        self.remembered.get(&self.hold_key(trigger, subject, world)?)
    }

    /// A device is no longer what the `for` is about. What is remembered of a state says since when it was so and does
    /// no harm; of anything else nothing but the memory tells.
    fn forget_hold(&mut self, trigger: usize, subject: usize, turn: &mut Turn<'_>) {
        let rule = self.rule.as_ref().and_then(|rule| rule.triggers.get(trigger));
        let forgets = rule.is_some_and(|rule| !rule.kind.stands_since_last_change());
        if forgets
            && let Some(key) = self.hold_key(trigger, subject, &*turn.world)
            && self.remembered.remove(&key).is_some()
        {
            super::drop_kept_run(&self.id, &key.id(&self.id), turn);
        }
    }

    pub(super) fn keep_hold(&self, key: &HoldKey, decided_on: Vec<DecidedOn>, turn: &mut Turn<'_>) {
        turn.out.push(Action::Keep(Decision {
            automation: self.id.clone(),
            run: Some(key.id(&self.id)),
            at: turn.now.time(),
            state: self.remembered.get(key).map(KeptHold::write),
            decided_on,
        }));
    }

    /// Whether the rule is kept from running because it looks like a loop, and what is to be said of that now.
    fn stopped(&mut self, fired: &Fired, turn: &Turn<'_>) -> Option<Option<String>> {
        if fired.depth > MAX_DEPTH {
            let detail = format!(
                "it was set off by a chain of more than {MAX_DEPTH} rules, which looks like a loop; it was not run"
            );
            return Some(self.fuse_told.allows(1, turn.now.mono).then_some(detail));
        }
        match self.fuse.fires(turn.now.mono) {
            Firing::Allowed => None,
            Firing::Stopped => Some(None),
            Firing::Stops(pause) => Some(Some(format!(
                "it fired more than {MAX_FIRINGS} times in a minute, which looks like a loop; it is stopped for {}",
                document::words::format_duration(pause)
            ))),
        }
    }

    /// A trigger fired: the bounds, the conditions and the mode decide what follows.
    pub(super) fn fire(&mut self, fired: Fired, turn: &mut Turn<'_>) {
        let Some(rule) = self.active() else { return };
        if let Some(detail) = self.stopped(&fired, turn) {
            if let Some(detail) = detail {
                let run = self.new_run_id(fired.at);
                let trace = self.trace(turn).with("trigger", &fired.what).with("result", "fuse");
                turn.out.push(Action::Trace(trace.with("detail", detail.clone())));
                self.tell(&run, "fuse", Some(detail), turn.out);
            }
            return;
        }
        let time = turn.now.time();
        let mut verdict = Verdict { decided_on: fired.decided_on.iter().cloned().collect(), ..Verdict::default() };
        let variables = match self.variables(&rule, &fired, turn) {
            Ok(variables) => variables,
            Err(error) => {
                verdict.error = Some(error);
                return self.miss(&fired, &rule, &verdict, "failed", turn);
            }
        };
        let scope = turn.scope(fired.seen(&rule), &variables);
        if !rule.conditions.iter().all(|condition| condition.holds(&scope, &mut verdict)) {
            return self.miss(&fired, &rule, &verdict, "conditions", turn);
        }
        match rule.mode {
            Mode::Single if !self.runs.is_empty() => return self.miss(&fired, &rule, &verdict, "busy", turn),
            Mode::Queued | Mode::Parallel if self.runs.len() >= MAX_RUNS => {
                return self.miss(&fired, &rule, &verdict, "busy", turn);
            }
            Mode::Restart => self.stop_runs("it fired again", turn),
            _ => {}
        }
        self.last_fired_at = Some(time);
        let why = super::trace::looked_at(std::mem::take(&mut verdict.looked_at));
        let run = Run::new(self.new_run_id(fired.at), &fired, variables, verdict, why, time);
        let id = run.id.clone();
        let waits_its_turn = rule.mode == Mode::Queued && !self.runs.is_empty();
        self.tell(&id, "started", None, turn.out);
        if let Some(late) = fired.late {
            let detail = format!("its time was {}, {} ago", fired.at, document::words::format_duration(late));
            self.tell(&id, "late", Some(detail), turn.out);
        }
        let decided_on = run.decided_on.clone();
        self.runs.push(run);
        let acted = if waits_its_turn {
            self.queue(&id, turn);
            true
        } else {
            self.advance(&id, 0, turn)
        };
        match fired.remembered {
            Remembered::Schedule(trigger) if acted => {
                self.memory.set_last_time(trigger, fired.at);
                self.keep_memory(decided_on, turn);
            }
            Remembered::Hold(Some(key)) if acted => self.keep_hold(&key, decided_on, turn),
            _ => {}
        }
    }

    /// The rule's variables, made now.
    fn variables(&self, rule: &Rule, fired: &Fired, turn: &Turn<'_>) -> Result<Map<String, Json>, Arc<str>> {
        let mut variables = Map::new();
        for (name, given) in &rule.variables {
            let value = match given {
                Given::Value(value) => json!(value),
                Given::Template(template) => {
                    let value = template.value(&turn.scope(fired.what.json(), &variables).seen()).result;
                    json!(value.map_err(|error| format!("variables.{name}: {error}"))?)
                }
            };
            variables.insert(name.to_string(), value);
        }
        Ok(variables)
    }

    /// Leaves a trace of what did not fire, as far as the bounds allow. Each condition is asked, also those behind the
    /// first that did not hold.
    fn miss(&mut self, fired: &Fired, rule: &Rule, verdict: &Verdict, result: &'static str, turn: &mut Turn<'_>) {
        if !self.misses.allows(MAX_MISSES, turn.now.mono) {
            return;
        }
        let mut whole = Verdict { error: verdict.error.clone(), ..Verdict::default() };
        let variables = self.variables(rule, fired, turn).unwrap_or_default();
        let scope = turn.scope(fired.what.json(), &variables);
        for condition in &rule.conditions {
            condition.holds(&scope, &mut whole);
        }
        let looked_at = super::trace::looked_at(std::mem::take(&mut whole.looked_at));
        let mut trace = self.trace(turn);
        trace.put("trigger", &fired.what);
        trace.put("conditions", looked_at);
        trace.put("result", result);
        match (result, &whole.error) {
            (_, Some(error)) => trace.put("detail", error),
            ("busy", None) => trace.put("detail", super::trace::busy(rule.mode, self.runs.len())),
            _ => {}
        }
        if result == "conditions" {
            trace.put("wanted", super::trace::wanted(&rule.conditions, &scope));
        }
        turn.out.push(Action::Trace(trace));
    }

    /// The beginning of every trace.
    pub(super) fn trace(&self, turn: &Turn<'_>) -> Facts {
        Facts::new().with("at", turn.now.time()).with("automation", &self.id).with("revision", self.record.revision)
    }

    /// Leaves a trace of an event that was not what a trigger is about, as far as the bounds allow. One that ended what
    /// already counted is a nearer miss than the others.
    fn leave_off_target(
        &mut self,
        (written, index): (&Trigger, usize),
        event: &Event,
        stood_since: Option<Timestamp>,
        turn: &mut Turn<'_>,
    ) {
        let allowed = match stood_since {
            Some(_) => self.misses.allows(MAX_MISSES, turn.now.mono),
            None => self.off_target.allows(MAX_OFF_TARGET, turn.now.mono),
        };
        if !allowed {
            return;
        }
        let mut what = super::trace::happened(written, index, event);
        if let Some(since) = stood_since {
            what.put("since", since);
        }
        let wants = crate::describe::trigger_wants(written, &*turn.world);
        let wanted = Facts::new().with("path", &written.path).with("text", wants);
        let trace = self.trace(turn).with("trigger", what).with("result", "no_match").with("wanted", wanted);
        turn.out.push(Action::Trace(trace));
    }

    /// Another rule runs this one: its conditions are asked, its triggers are not.
    pub(super) fn call(&mut self, automation: &AutomationId, run: &RunId, depth: u32, turn: &mut Turn<'_>) {
        let at = turn.now.time();
        let what = Facts::new().with("kind", "run").with("at", at).with("automation", automation).with("run", run);
        let what = What::from(what).into();
        let remembered = Remembered::No;
        self.fire(Fired { at, depth, decided_on: None, what, late: None, remembered }, turn);
    }

    /// The hub started: triggers of that kind fire.
    pub(super) fn on_start(&mut self, turn: &mut Turn<'_>) {
        let Some(rule) = self.active() else { return };
        let at = turn.now.time();
        for (trigger, written) in rule.triggers.iter().enumerate() {
            if written.kind == TriggerKind::Start {
                let what = What::from(super::trace::about(written, trigger, 0, &*turn.world).with("at", at)).into();
                let remembered = Remembered::No;
                self.fire(Fired { at, depth: 1, decided_on: None, what, late: None, remembered }, turn);
            }
        }
    }

    /// An id that says when it started; two at one instant are numbered.
    pub(super) fn new_run_id(&mut self, at: Timestamp) -> RunId {
        let number = if self.newest_run.0 == at.0 { self.newest_run.1 + 1 } else { 0 };
        self.newest_run = (at.0, number);
        let mut number = number;
        loop {
            let id = RunId::new(format!("{}-{}-{number}", self.id, super::trace::base36(at.0)));
            if !self.runs.iter().any(|run| run.id == id) {
                self.newest_run.1 = number;
                return id;
            }
            number += 1;
        }
    }

    pub(super) fn tell(&self, run: &RunId, phase: &'static str, detail: Option<String>, out: &mut Vec<Action>) {
        out.push(Action::Run { automation: self.id.clone(), run: run.clone(), phase, detail: detail.map(Arc::from) });
    }

    pub(super) fn keep_memory(&self, decided_on: Vec<DecidedOn>, turn: &mut Turn<'_>) {
        turn.out.push(Action::Keep(Decision {
            automation: self.id.clone(),
            run: None,
            at: turn.now.time(),
            state: (!self.memory.is_empty()).then(|| self.memory.write()),
            decided_on,
        }));
    }

    /// Ends everything: the rule goes or becomes another.
    pub(super) fn end(&mut self, why: &str, turn: &mut Turn<'_>) {
        self.stop_runs(why, turn);
        self.unwatch(turn.watches);
        self.holds.clear();
        turn.deadlines.cancel_where(&self.id, |_| true);
        for key in std::mem::take(&mut self.remembered).into_keys() {
            super::drop_kept_run(&self.id, &key.id(&self.id), turn);
        }
        if !self.memory.is_empty() {
            self.memory = Memory::new(self.record.revision);
            self.keep_memory(Vec::new(), turn);
        }
    }

    /// When something that has so much left is due.
    pub(super) fn due_in(left: Duration, now: &Now) -> Monotonic {
        now.mono.plus(left)
    }
}

/// Whether a change led to where the `for` of a trigger counts, yet did not set it off: it was not live, or it came from
/// elsewhere. After a stop, or when devices change, the state would tell otherwise.
fn would_seem_to_count(kind: &TriggerKind, event: &Event) -> bool {
    match (kind, &event.kind) {
        (TriggerKind::State { to, hold: Some(_), .. }, EventKind::StateChanged { to: after, .. }) => {
            told_by_state(kind) && to.as_ref().is_none_or(|to| any_matches(to, after))
        }
        _ => false,
    }
}

/// Whether the state alone tells after a stop that the `for` of this trigger counts. What it came from is not in the
/// state, though a bool can only have come from its opposite; a number may have moved since within its step;
/// reachability does not say since when.
pub(super) fn told_by_state(kind: &TriggerKind) -> bool {
    match kind {
        TriggerKind::State { from: None, .. } => kind.stands_since_last_change(),
        TriggerKind::State { to: Some(to), .. } => to.iter().all(|pattern| pattern.value.as_bool().is_some()),
        _ => false,
    }
}
