//! Plays scripts: a home, rules, a time line; and prints what the rules decide. `tests/scripts/README.md` says how they
//! are written.

use std::collections::{BTreeMap, VecDeque};
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use hub_automation::document::written::Enabled;
use hub_automation::document::{self, words};
use hub_automation::trace::Trace;
use hub_automation::why_not::{self, Moment, Reason};
use hub_automation::{Action, Engine, Input, Settings, Start};
use hub_model::event::Severity;
use hub_model::household::Location;
use hub_model::record::{AutomationRecord, Decision};
use hub_model::scene::{Scene, SceneState};
use hub_model::time::{Clock, ManualClock, Trust};
use hub_model::zone::Zone;
use hub_model::{
    AutomationId, Availability, Cause, CommandRequest, DeviceId, Event, EventKind, Monotonic, Now, RunId, Source,
    Timestamp, Value,
};

use crate::home::TestHome;

/// The parts of a script.
pub(crate) fn parts(text: &str) -> BTreeMap<&str, String> {
    let mut parts: BTreeMap<&str, String> = BTreeMap::new();
    let mut current = "about";
    for line in text.lines() {
        match line.strip_prefix("== ") {
            Some(name) => {
                current = name.trim();
                parts.entry(current).or_default();
            }
            None => {
                let part = parts.entry(current).or_default();
                part.push_str(line);
                part.push('\n');
            }
        }
    }
    parts
}

/// Plays a script and gives back what was decided, as text.
pub(crate) fn play(text: &str) -> String {
    let parts = parts(text);
    let part = |name: &str| parts.get(name).map(String::as_str).unwrap_or_default();
    let mut player = Player::new(part("settings"), part("home"));
    player.furnish(part("scenes"));
    player.load(part("rules"));
    for line in part("time line").lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        player.play(line);
    }
    player.printed
}

/// Plays one script.
pub(crate) struct Player {
    pub(crate) home: TestHome,
    zone: Zone,
    clock: ManualClock,
    /// What the monotonic clock showed when the hub was last started.
    booted: Monotonic,
    engine: Engine,
    settings: Settings,
    automations: Vec<AutomationRecord>,
    pub(crate) kept: BTreeMap<(AutomationId, Option<RunId>), Decision>,
    /// Everything that was left for people who ask why.
    pub(crate) traces: Vec<Arc<str>>,
    seq: u64,
    printed: String,
    printed_date: String,
    show: Vec<String>,
    confirms: bool,
}

impl Player {
    pub(crate) fn new(settings: &str, home: &str) -> Self {
        let mut values: BTreeMap<&str, &str> = BTreeMap::new();
        for (key, value) in settings.lines().filter_map(|line| line.split_once(':')) {
            values.insert(key.trim(), value.trim());
        }
        let zone = Zone::named(values.get("zone").copied().unwrap_or("UTC")).unwrap();
        let start: Timestamp = values.get("start").copied().unwrap_or("2026-11-20T18:00:00Z").parse().unwrap();
        let settings = Settings {
            zone: zone.clone(),
            location: values.get("location").map(|location| {
                let (latitude, longitude) = location.split_once(',').unwrap();
                Location { latitude: latitude.trim().parse().unwrap(), longitude: longitude.trim().parse().unwrap() }
            }),
            schedules_on_untrusted_clock: values.get("schedules on untrusted clock") != Some(&"no"),
        };
        let clock = ManualClock::at(start);
        if let Some(trust) = values.get("clock") {
            clock.jump_to(start, trust_named(trust));
        }
        let mut test_home = TestHome::default();
        let list = |key: &str| values.get(key).map(|list| list.split(", ").collect::<Vec<_>>()).unwrap_or_default();
        for name in list("people") {
            test_home.put_person(name, None, start);
        }
        for told in list("presence") {
            let (name, place) = told.split_once(' ').unwrap();
            test_home.put_person(name, Some(place), start);
        }
        if values.contains_key("modes") {
            test_home.home.modes = list("modes").into_iter().map(Arc::from).collect();
        }
        if let Some(mode) = values.get("mode") {
            test_home.home.mode = (*mode).into();
        }
        for line in home.lines().filter(|line| !line.trim().is_empty()) {
            test_home.add(line.trim());
        }
        Self {
            home: test_home,
            zone,
            clock,
            booted: Monotonic::default(),
            engine: Engine::new(settings.clone()),
            settings,
            automations: Vec::new(),
            traces: Vec::new(),
            kept: BTreeMap::new(),
            seq: 0,
            printed: String::new(),
            printed_date: String::new(),
            show: values.get("show").map(|show| show.split(", ").map(str::to_owned).collect()).unwrap_or_default(),
            confirms: values.get("confirm") != Some(&"no"),
        }
    }

    /// Takes the scenes.
    fn furnish(&mut self, scenes: &str) {
        if scenes.is_empty() {
            return;
        }
        let scenes: serde_json::Value = serde_saphyr::from_str(scenes).unwrap();
        for scene in scenes.as_array().unwrap() {
            let name = scene["name"].as_str().unwrap();
            let states = scene["states"].as_array().unwrap().iter().map(|state| SceneState {
                device: self.home.find(state["device"].as_str().unwrap()),
                endpoint: None,
                set: state["set"]
                    .as_object()
                    .unwrap()
                    .iter()
                    .map(|(name, value)| (name.as_str().into(), serde_json::from_value(value.clone()).unwrap()))
                    .collect(),
            });
            let id = name.to_lowercase().replace(' ', "-").into();
            let states = states.collect();
            self.home.scenes.push(Scene { id, name: name.into(), transition_ms: None, states });
        }
    }

    /// Loads rules as a save would: each is resolved, compiled, and refused if it has errors.
    pub(crate) fn load(&mut self, rules: &str) {
        match document::parse_yaml_many(rules) {
            Err(findings) => findings.iter().for_each(|finding| self.say(&format!("{}: {finding}", finding.code))),
            Ok(documents) => {
                for (index, document) in documents.into_iter().enumerate() {
                    let id = document.id().map_or_else(|| format!("rule-{}", index + 1), str::to_owned);
                    let document = document.resolved(&self.home).with_id(&AutomationId::from(id.as_str()));
                    if let Err(findings) = hub_automation::compile(&document, &self.home) {
                        findings.iter().for_each(|finding| self.say(&format!("{}: {finding}", finding.code)));
                    }
                    self.automations.push(AutomationRecord {
                        id: id.as_str().into(),
                        document: document.to_json().into(),
                        revision: 1,
                        author: "owner".into(),
                        changed_at: self.clock.now().time(),
                    });
                }
            }
        }
        self.start(None);
    }

    fn now(&self) -> Now {
        let now = self.clock.now();
        Now { wall: now.wall, mono: Monotonic(now.mono.since(self.booted)) }
    }

    fn start(&mut self, stopped_at: Option<Timestamp>) {
        self.booted = self.clock.now().mono;
        self.engine = Engine::new(self.settings.clone());
        let start = Start {
            automations: self.automations.clone(),
            decisions: self.kept.values().cloned().collect(),
            stopped_at,
            boots: true,
        };
        let mut out = Vec::new();
        let now = self.now();
        self.engine.start(&now, start, &self.home, &mut out);
        self.act(out);
    }

    /// Stops the hub for so long. What was decided on is what the store keeps.
    pub(crate) fn stop(&mut self, duration: Duration) {
        let stopped_at = self.clock.now().time();
        self.home.restore();
        self.clock.advance(duration);
        self.start(Some(stopped_at));
    }

    /// Lets time pass, waking the engine when it wants to be.
    pub(crate) fn advance_to(&mut self, until: Timestamp) {
        loop {
            let now = self.now();
            let wanted = self.engine.poll_timeout(&now).map(|at| now.time().plus(at.since(now.mono)));
            let next = wanted.filter(|wanted| *wanted <= until);
            let Some(next) = next else { break };
            self.clock.advance(next.since(now.time()));
            self.step(None);
        }
        let left = until.since(self.clock.now().time());
        self.clock.advance(left);
    }

    /// Lets so much time pass.
    pub(crate) fn pass(&mut self, duration: Duration) {
        self.advance_to(self.clock.now().time().plus(duration));
    }

    /// Sets the wall clock forward by so many seconds, or back.
    pub(crate) fn set_clock(&mut self, seconds: i64) {
        let time = Timestamp(self.clock.now().time().0 + seconds * 1_000);
        self.clock.jump_to(time, Trust::Ntp);
        self.step(None);
    }

    fn step(&mut self, event: Option<&Event>) {
        let now = self.now();
        let mut out = Vec::new();
        self.engine.step(&now, event.map_or(Input::Timeout, Input::Event), &self.home, &mut out);
        self.act(out);
    }

    /// Tells the engine what happened.
    pub(crate) fn happen(&mut self, kind: EventKind, cause: Cause) {
        self.seq += 1;
        let event = Event { seq: self.seq, at: self.clock.now().time(), kind, cause };
        self.step(Some(&event));
    }

    /// A report of a device.
    pub(crate) fn report(
        &mut self,
        device: &DeviceId,
        endpoint: u16,
        attribute: &str,
        value: Value,
        source: Source,
        cause: Cause,
    ) {
        let at = self.clock.now().time();
        let key = (device.clone(), endpoint, attribute.into());
        if let Some(before) = self.home.report(&key, value.clone(), source, at) {
            let kind = EventKind::StateChanged {
                device: key.0,
                endpoint,
                attribute: key.2,
                from: before.value,
                from_source: before.source,
                to: value,
                source,
            };
            self.happen(kind, cause);
        }
    }

    fn act(&mut self, actions: Vec<Action>) {
        let mut effects = VecDeque::new();
        for action in actions {
            match action {
                Action::Command { automation, run, depth, request } => {
                    let set: Vec<String> = request.set.iter().map(|(name, value)| format!("{name} {value}")).collect();
                    let endpoint = request.endpoint.as_ref().filter(|_| self.several_endpoints(&request.device));
                    let endpoint = endpoint.map(|endpoint| format!(" [{endpoint}]")).unwrap_or_default();
                    let transition = request.transition_ms.map(|ms| format!(" in {ms} ms")).unwrap_or_default();
                    let ttl = request.ttl_ms.map(|ms| format!(" within {ms} ms")).unwrap_or_default();
                    let name = self.home.name(&request.device);
                    self.say(&format!("{automation}: {name}{endpoint} <- {}{transition}{ttl}", set.join(", ")));
                    effects.push_back(Effect::Command(Cause::Rule { automation, run, depth, parent: None }, request));
                }
                Action::Scene { automation, run, depth, scene, transition_ms, left_out } => {
                    let known = self.home.scenes.iter().find(|known| known.id.as_str() == &*scene);
                    let known = known.map(|known| known.without(&left_out));
                    let name = known.as_ref().map_or(scene, |known| Arc::clone(&known.name));
                    let transition = transition_ms.map(|ms| format!(" in {ms} ms")).unwrap_or_default();
                    self.say(&format!("{automation}: scene {name}{transition}"));
                    let cause = Cause::Rule { automation, run, depth, parent: None };
                    for request in known.iter().flat_map(|scene| scene.commands(transition_ms)) {
                        effects.push_back(Effect::Command(cause.clone(), request));
                    }
                }
                Action::SetMode { automation, run, depth, mode } => {
                    self.say(&format!("{automation}: mode <- {mode}"));
                    effects.push_back(Effect::Mode(Cause::Rule { automation, run, depth, parent: None }, mode));
                }
                Action::Notify { automation, to, title, message, severity, .. } => {
                    let to: Vec<&str> = to.iter().map(|name| &**name).collect();
                    let to = if to.is_empty() { "everyone".to_owned() } else { to.join(", ") };
                    let title = title.map(|title| format!("{title}: ")).unwrap_or_default();
                    let severity = match severity {
                        Severity::Info => "",
                        Severity::Warning => " (warning)",
                        Severity::Error => " (error)",
                    };
                    self.say(&format!("{automation}: notify {to}: {title}{message}{severity}"));
                }
                Action::Run { automation, run, phase, detail } => {
                    let run = if self.shows("runs") { format!(" {run}") } else { String::new() };
                    let detail = detail.map(|detail| format!(" ({detail})")).unwrap_or_default();
                    self.say(&format!("{automation}:{run} {phase}{detail}"));
                }
                Action::Keep(decision) => {
                    if self.shows("keeps") {
                        self.say(&printed_decision(&decision));
                    }
                    let key = (decision.automation.clone(), decision.run.clone());
                    match decision.state {
                        Some(_) => self.kept.insert(key, decision),
                        None => self.kept.remove(&key),
                    };
                }
                Action::Trace(trace) => {
                    let trace: Arc<str> = trace.to_json().to_string().into();
                    self.traces.push(Arc::clone(&trace));
                    if self.shows("traces") {
                        self.say(&format!("trace {trace}"));
                    }
                }
            }
        }
        while let Some(effect) = effects.pop_front() {
            let (cause, request) = match effect {
                Effect::Mode(cause, mode) => {
                    self.set_mode(&mode, cause);
                    continue;
                }
                Effect::Command(cause, request) if self.confirms => (cause, request),
                Effect::Command(..) => continue,
            };
            for (attribute, value) in request.set {
                let Some(record) = self.home.devices.get(&request.device) else { continue };
                let Ok(endpoint) = record.device.resolve(request.endpoint.as_ref(), attribute.as_str()) else {
                    continue;
                };
                let readable =
                    record.device.attribute(endpoint, attribute.as_str()).is_some_and(|schema| schema.access.notify);
                if readable {
                    self.report(&request.device, endpoint, attribute.as_str(), value, Source::Reported, cause.clone());
                }
            }
        }
    }

    fn set_mode(&mut self, mode: &str, cause: Cause) {
        let from = std::mem::replace(&mut self.home.home.mode, mode.into());
        if *from != *mode {
            self.happen(EventKind::ModeChanged { from, to: mode.into() }, cause);
        }
    }

    fn several_endpoints(&self, device: &DeviceId) -> bool {
        self.home.devices.get(device).is_some_and(|record| record.device.endpoints.len() > 1)
    }

    fn shows(&self, what: &str) -> bool {
        self.show.iter().any(|shown| shown == what)
    }

    fn say(&mut self, text: &str) {
        let local = self.zone.local(self.clock.now().time()).to_string();
        let (date, time) = local.split_once('T').unwrap();
        if date != self.printed_date {
            let _ = writeln!(self.printed, "{date}");
            date.clone_into(&mut self.printed_date);
        }
        let _ = writeln!(self.printed, "{time} {text}");
    }

    /// Why a rule did not do what was expected of it just now.
    pub(crate) fn why_not(&self, id: &str) -> Reason {
        let now = self.now();
        let explanation = self.engine.explain(&id.into(), &now, &self.home).unwrap();
        let traces: Vec<Trace> = self
            .traces
            .iter()
            .map(|text| Trace::read(text).unwrap_or_else(|| panic!("{text}")))
            .filter(|trace| now.time().since(trace.at) <= why_not::AROUND && trace.automation.as_str() == id)
            .collect();
        why_not::reason(
            &explanation,
            &traces,
            &Moment { at: now.time(), world: &self.home, zone: &self.zone, is_past: false },
        )
    }

    /// Everything printed so far.
    pub(crate) fn printed(&self) -> &str {
        &self.printed
    }

    /// Plays one line: a time of day (`18:00:05`, the next one) or a stretch (`+10m`), then what happens then.
    pub(crate) fn play(&mut self, line: &str) {
        let (time, what) = line.split_once(' ').map_or((line, ""), |(time, what)| (time, what.trim()));
        let now = self.clock.now().time();
        let at = match time.strip_prefix('+') {
            Some(stretch) => now.plus(words::parse_duration(stretch).unwrap_or_else(|| panic!("{line:?}"))),
            None => {
                let time = time.parse().unwrap_or_else(|_| panic!("{line:?} does not begin with a time"));
                self.zone.next(now.minus(Duration::from_millis(1)), time, &[]).unwrap()
            }
        };
        self.advance_to(at);
        self.play_now(what, line);
    }

    fn play_now(&mut self, what: &str, line: &str) {
        let words: Vec<&str> = what.split(' ').collect();
        match words.as_slice() {
            [""] | ["wait"] => {}
            ["stop", "for", duration] => self.stop(words::parse_duration(duration).unwrap()),
            ["clock", "is", trust] => {
                let time = self.clock.now().time();
                self.clock.jump_to(time, trust_named(trust));
                self.step(None);
            }
            ["clock", "set", "to", time, trust] => {
                self.clock.jump_to(time.parse().unwrap(), trust_named(trust));
                self.step(None);
            }
            ["zone", zone] => {
                self.settings.zone = Zone::named(zone).unwrap();
                let mut out = Vec::new();
                let now = self.now();
                self.engine.set_settings(&now, self.settings.clone(), &mut out);
                self.act(out);
            }
            ["status"] => self.print_status(),
            ["mode", "is", mode] => self.set_mode(mode, Cause::Report),
            ["person", name, "joins"] => {
                self.home.put_person(name, None, self.clock.now().time());
                let mut out = Vec::new();
                let now = self.now();
                self.engine.refresh_all(&now, &self.home, &mut out);
                self.act(out);
            }
            ["person", name, "is", place] => {
                let time = self.clock.now().time();
                if let Some(from) = self.home.put_person(name, Some(place), time) {
                    let kind = EventKind::PresenceChanged { person: (*name).into(), from, to: (*place).into() };
                    self.happen(kind, Cause::Report);
                }
            }
            ["webhook", id, ..] => {
                let body =
                    what.splitn(3, ' ').nth(2).map_or(Value::Unknown, |body| serde_json::from_str(body).unwrap());
                self.happen(EventKind::Webhook { id: (*id).into(), body }, Cause::Report);
            }
            ["add", ..] => {
                let id = self.home.add(what.trim_start_matches("add "));
                let record = Arc::new(self.home.devices[&id].clone());
                self.happen(EventKind::DeviceAdded(record), Cause::System);
            }
            ["remove", ..] => {
                let device = self.home.find(what.trim_start_matches("remove "));
                self.home.remove(&device);
                self.happen(EventKind::DeviceRemoved { device }, Cause::System);
            }
            ["rename", ..] => {
                let (old, new) = what.trim_start_matches("rename ").split_once(" to ").unwrap();
                let id = self.home.find(old);
                let record = self.home.devices.get_mut(&id).unwrap();
                record.name = new.into();
                let record = Arc::new(record.clone());
                self.happen(EventKind::DeviceUpdated(record), Cause::System);
            }
            ["rule", id, change @ ("on" | "off" | "shadow" | "save" | "delete")] => self.change_rule(id, change),
            [.., "is", to @ ("online" | "offline")] => {
                let device = self.home.find(what.trim_end_matches(&format!(" is {to}")));
                let to = if *to == "online" { Availability::Online } else { Availability::Offline };
                let from = self.home.availability.insert(device.clone(), to).unwrap_or_default();
                if from != to {
                    self.happen(EventKind::AvailabilityChanged { device, from, to }, Cause::Report);
                }
            }
            _ => self.play_report(what, line),
        }
    }

    fn play_report(&mut self, what: &str, line: &str) {
        let (what, source) = match what.strip_suffix(" (restored)") {
            Some(what) => (what, Source::Restored),
            None => (what, Source::Reported),
        };
        let (what, cause) = match what.split_once(" (depth ") {
            Some((what, depth)) => {
                let depth = depth.trim_end_matches(')').parse().unwrap();
                (what, Cause::Rule { automation: "another".into(), run: "another-0-0".into(), depth, parent: None })
            }
            None => (what, Cause::Report),
        };
        let (left, value, happens) = match (what.split_once(" = "), what.split_once(" happens ")) {
            (Some((left, value)), _) => (left, value, false),
            (_, Some((left, value))) => (left, value, true),
            _ => panic!("{line:?} is not understood"),
        };
        let (name, attribute) = left.rsplit_once('.').unwrap_or_else(|| panic!("{line:?}: write DEVICE.ATTRIBUTE"));
        let (name, endpoint) = match name.split_once('/') {
            Some((name, endpoint)) => (name, Some(endpoint)),
            None => (name, None),
        };
        let device = self.home.find(name);
        let selector = endpoint.map(|endpoint| hub_model::device::EndpointSelector::Label(endpoint.into()));
        let endpoint = self.home.devices[&device].device.resolve(selector.as_ref(), attribute).unwrap();
        let value: Value = serde_json::from_str(value).unwrap_or_else(|_| match value {
            "unknown" => Value::Unknown,
            text => Value::text(text),
        });
        if happens {
            let kind = EventKind::DeviceEvent { device, endpoint, attribute: attribute.into(), value };
            self.happen(kind, cause);
        } else {
            self.report(&device, endpoint, attribute, value, source, cause);
        }
    }

    fn change_rule(&mut self, id: &str, change: &str) {
        let id = AutomationId::from(id);
        let now = self.now();
        let mut out = Vec::new();
        let position = self.automations.iter().position(|record| record.id == id).unwrap();
        if change == "delete" {
            self.automations.remove(position);
            self.engine.remove(&now, &id, &mut out);
        } else {
            let record = &mut self.automations[position];
            let document = document::parse_json(&record.document).unwrap();
            let document = match change {
                "on" => document.with_enabled(Enabled::Yes),
                "off" => document.with_enabled(Enabled::No),
                "shadow" => document.with_enabled(Enabled::Shadow),
                _ => document,
            };
            record.document = document.to_json().into();
            record.revision += 1;
            record.changed_at = now.time();
            let record = record.clone();
            self.engine.put(&now, &record, &self.home, &mut out);
            let findings = self.engine.status(&id).unwrap().findings;
            findings.iter().for_each(|finding| self.say(&format!("{}: {finding}", finding.code)));
        }
        self.act(out);
    }

    fn print_status(&mut self) {
        for status in self.engine.statuses() {
            let findings: Vec<String> = status.findings.iter().map(|finding| format!(", {finding}")).collect();
            self.say(&format!(
                "status {}: {:?}, enabled {}, {} runs{}",
                status.id,
                status.name,
                status.enabled,
                status.active_runs,
                findings.concat()
            ));
        }
    }
}

/// What comes of an action in the home.
enum Effect {
    Command(Cause, CommandRequest),
    Mode(Cause, Arc<str>),
}

fn printed_decision(decision: &Decision) -> String {
    let run = decision.run.as_ref().map_or("memory".to_owned(), |run| run.to_string());
    let state = decision.state.as_ref().map_or("ended".into(), |state| String::from_utf8_lossy(state).into_owned());
    let on: Vec<String> =
        decision.decided_on.iter().map(|on| format!("{} {} {}", on.device, on.attribute, on.value)).collect();
    format!("keep {} {run} {state} [{}]", decision.automation, on.join(", "))
}

fn trust_named(name: &str) -> Trust {
    serde_json::from_value(serde_json::Value::from(name)).unwrap_or_else(|_| panic!("there is no trust {name:?}"))
}
