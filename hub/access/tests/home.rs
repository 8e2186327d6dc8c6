//! A home to ask about, and requests as one line of text.

use std::time::Duration;

use hub_access::{
    Action, Allowances, Approvals, CompiledPolicy, DeviceFacts, DeviceType, DeviceTypes, Household, Part, Policy,
    PolicyRule, Request, Resident, Subject, Target, Verdict, Via, Whereabouts, can,
};
use hub_model::household::Role;
use hub_model::zone::Zone;
use hub_model::{AreaId, DeviceId, Monotonic, Now, Timestamp, Trust, Value, Wall};

/// Devices: the name, the room, what it is for.
pub(crate) const DEVICES: &[(&str, &str, &[DeviceType])] = &[
    ("lamp", "anna", &[DeviceType::Light]),
    ("hall-lamp", "hall", &[DeviceType::Light]),
    ("plug", "kitchen", &[DeviceType::Switch]),
    ("blind", "anna", &[DeviceType::Cover]),
    ("heater", "anna", &[DeviceType::Thermostat]),
    ("fan", "anna", &[DeviceType::Fan]),
    ("motion", "hall", &[DeviceType::Sensor]),
    ("tv", "living", &[DeviceType::Media]),
    ("garage", "garage", &[DeviceType::Cover, DeviceType::GarageDoor]),
    ("door", "hall", &[DeviceType::Lock]),
    ("siren", "hall", &[DeviceType::Alarm]),
    ("camera", "hall", &[DeviceType::Camera]),
    ("water", "cellar", &[DeviceType::Switch, DeviceType::Valve]),
    ("box", "", &[]),
];

/// What is so in the home.
pub(crate) struct Home {
    pub(crate) now: Now,
    pub(crate) zone: Zone,
    pub(crate) people: Vec<Resident>,
    pub(crate) allowances: Allowances,
    pub(crate) approvals: Approvals,
    pub(crate) pin: bool,
}

pub(crate) fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

impl Home {
    /// In Berlin, at this time, which is certain. Nobody is known to be at home.
    pub(crate) fn at(text: &str) -> Self {
        let wall = Wall { time: time(text), trust: Trust::Ntp };
        Self {
            now: Now { wall, mono: Monotonic(Duration::from_secs(1_000_000)) },
            zone: Zone::named("Europe/Berlin").unwrap(),
            people: Vec::new(),
            allowances: Allowances::default(),
            approvals: Approvals::default(),
            pin: false,
        }
    }

    pub(crate) fn advance(&mut self, seconds: u64) {
        let duration = Duration::from_secs(seconds);
        self.now.wall.time = self.now.wall.time.plus(duration);
        self.now.mono = self.now.mono.plus(duration);
    }

    pub(crate) fn with_home(mut self, id: &str, role: Role, whereabouts: Whereabouts) -> Self {
        self.people.push(Resident { id: id.into(), role, whereabouts, ends_at: None });
        self
    }

    pub(crate) fn household(&self) -> Household<'_> {
        Household {
            now: &self.now,
            zone: &self.zone,
            people: &self.people,
            allowances: &self.allowances,
            approvals: &self.approvals,
            pin: self.pin,
        }
    }

    /// The verdict on a line like `control lamp.on = true via remote`, `control plug.on@2 = true` or `see #rules`.
    pub(crate) fn verdict(&self, policy: &CompiledPolicy, line: &str) -> Verdict {
        with_request(line, |request| can(policy, request, &self.household()))
    }

    /// The same in short: `yes: RULE`, or the codes, with what would help.
    pub(crate) fn said(&self, policy: &CompiledPolicy, line: &str) -> String {
        short(&self.verdict(policy, line))
    }
}

pub(crate) fn short(verdict: &Verdict) -> String {
    if verdict.allowed {
        return format!("yes: {}", verdict.rule.as_deref().unwrap());
    }
    let mut words: Vec<&str> = verdict.reasons.iter().map(|reason| reason.code.as_str()).collect();
    words.extend(verdict.approvable.then_some("+ask"));
    words.extend(verdict.pin.then_some("+pin"));
    words.join(" ")
}

/// What is known of a device of the table.
pub(crate) fn device(name: &str) -> (DeviceId, Option<AreaId>, DeviceTypes) {
    let (_, area, types) = DEVICES.iter().find(|(one, ..)| *one == name).expect(name);
    let area = (!area.is_empty()).then(|| AreaId::new(*area));
    (DeviceId::new(name), area, types.iter().copied().collect())
}

/// Makes a request of a line.
pub(crate) fn with_request<R>(line: &str, ask: impl FnOnce(&Request<'_>) -> R) -> R {
    let (line, via) = line.split_once(" via ").unwrap_or((line, "lan"));
    let via = match via {
        "local" => Via::LocalSocket,
        "lan" => Via::Lan,
        "remote" => Via::Remote,
        "voice" => Via::Voice,
        "rule" => Via::Rule,
        _ => panic!("{via}"),
    };
    let (line, value) = match line.split_once(" = ") {
        Some((line, value)) => (line, Some(serde_json::from_str::<Value>(value).unwrap())),
        None => (line, None),
    };
    let (action, target) = line.split_once(' ').unwrap();
    let action = match action {
        "see" => Action::See,
        "control" => Action::Control,
        "configure" => Action::Configure,
        _ => panic!("{action}"),
    };
    if let Some(part) = target.strip_prefix('#') {
        let target = Target::Part(Part::named(part).expect(part));
        return ask(&Request { action, target, via });
    }
    let (target, endpoint) = match target.split_once('@') {
        Some((target, endpoint)) => (target, Some(endpoint.parse().unwrap())),
        None => (target, None),
    };
    let (name, attribute) = match target.split_once('.') {
        Some((name, attribute)) => (name, Some(attribute)),
        None => (target, None),
    };
    let (id, area, types) = device(name);
    let device = DeviceFacts { id: &id, area: area.as_ref(), types, through: None };
    ask(&Request { action, target: Target::Device { device, attribute, endpoint, value: value.as_ref() }, via })
}

pub(crate) fn subject(role: Role) -> Subject {
    Subject { id: "anna".into(), name: "Anna".into(), role, expires_at: None }
}

pub(crate) fn rule(json: &str) -> PolicyRule {
    serde_json::from_str(json).unwrap_or_else(|error| panic!("{error}: {json}"))
}

/// What a person of this role may, beside the ready-made rules, by these.
pub(crate) fn with_rules(role: Role, rules: &[&str]) -> CompiledPolicy {
    let policy = Policy { rules: rules.iter().map(|json| rule(json)).collect(), ..Policy::default() };
    CompiledPolicy::new(subject(role), &policy)
}

/// What a child may by these rules alone.
pub(crate) fn child_with_only(rules: &[&str]) -> CompiledPolicy {
    let choice = serde_json::from_str(r#"{"who": {"role": "child"}, "ready_made": false}"#).unwrap();
    let policy = Policy { rules: rules.iter().map(|json| rule(json)).collect(), ready_made: vec![choice] };
    CompiledPolicy::new(subject(Role::Child), &policy)
}
