//! Any JSON as the rules of permission of a home: refused or read; what was read is checked, compiled for everybody and
//! asked everything. Whoever was allowed something without these rules still is, an owner always, and a rule whose times
//! cannot be read allows nothing.
#![no_main]

#[allow(dead_code)]
#[path = "../../tests/home.rs"]
mod home;

use std::sync::LazyLock;

use home::{DEVICES, Home, subject, time, with_request};
use hub_access::check::{NameKind, Names};
use hub_access::{
    Action, CompiledPolicy, Policy, PolicyRule, ReadyMadeChoice, Request, Target, Whereabouts, Who, can, may_see,
    may_see_attribute, may_see_part,
};
use hub_model::household::Role;
use libfuzzer_sys::fuzz_target;

const ROLES: [Role; 5] = [Role::Owner, Role::Adult, Role::Child, Role::Guest, Role::Installer];

/// What is asked, beside everything about every device.
const PARTS: [&str; 7] = [
    "see #home", "control #mode", "configure #rules", "see #people", "control #presence via remote", "see #audit",
    "configure #permissions via rule",
];

static LINES: LazyLock<Vec<String>> = LazyLock::new(|| {
    let of = |(name, ..): &(&str, &str, &[_])| {
        [
            format!("see {name}"),
            format!("see {name}.locked"),
            format!("control {name}"),
            format!("control {name}.on = true"),
            format!("control {name}.on = false via remote"),
            format!("control {name}.heating_setpoint = 21.5"),
            format!("control {name}.locked = false via voice"),
            format!("configure {name}"),
        ]
    };
    DEVICES.iter().flat_map(of).chain(PARTS.map(str::to_owned)).collect()
});

static HOMES: LazyLock<[Home; 2]> = LazyLock::new(|| {
    let somebody = |home: Home| home.with_home("bert", Role::Adult, Whereabouts::Home);
    let mut later = somebody(Home::at("2027-03-28T00:59:59Z"));
    later.pin = true;
    [Home::at("2026-11-20T18:00:00Z"), later]
});

struct Known;

impl Names for Known {
    fn names(&self, kind: NameKind) -> Vec<&str> {
        match kind {
            NameKind::Area => vec!["anna", "hall"],
            NameKind::Device => vec!["lamp", "door"],
            NameKind::Attribute => vec!["on", "locked"],
            NameKind::Person => vec!["anna", "bert"],
        }
    }
}

fuzz_target!(|bytes: &[u8]| {
    let rules = || serde_json::from_slice::<Vec<PolicyRule>>(bytes).ok();
    let one = || serde_json::from_slice::<PolicyRule>(bytes).ok().map(|rule| vec![rule]);
    let of_rules = |rules| Policy { rules, ..Policy::default() };
    let read = serde_json::from_slice::<Policy>(bytes).ok();
    let Some(policy) = read.or_else(|| rules().or_else(one).map(of_rules)) else { return };
    let again = serde_json::to_vec(&policy).expect("what was read can be written");
    assert!(serde_json::from_slice::<Policy>(&again).is_ok(), "and read again");
    for rule in &policy.rules {
        check(rule);
    }
    for role in ROLES {
        everything(role, &policy);
    }
});

fn check(rule: &PolicyRule) {
    let findings = rule.check(&Known, time("2026-11-20T18:00:00Z"));
    assert!(findings.iter().all(|finding| !finding.message.is_empty()));
    if !findings.iter().any(|finding| matches!(finding.code, "bad_time")) {
        return;
    }
    // Nobody but who may everything anyway gets anything by a rule that cannot be read.
    let rules = vec![PolicyRule { who: Who::Role(Role::Child), ..rule.clone() }];
    let ready_made = vec![ReadyMadeChoice { who: Who::Role(Role::Child), ready_made: false }];
    let nothing = CompiledPolicy::new(subject(Role::Child), &Policy { rules: Vec::new(), ready_made: ready_made.clone() });
    let policy = CompiledPolicy::new(subject(Role::Child), &Policy { rules, ready_made });
    for line in LINES.iter() {
        let (with, without) = (allowed(&policy, &HOMES[0], line), allowed(&nothing, &HOMES[0], line));
        assert_eq!(with, without, "{line}");
    }
}

fn everything(role: Role, policy: &Policy) {
    let without = CompiledPolicy::new(subject(role), &Policy { rules: Vec::new(), ready_made: policy.ready_made.clone() });
    let policy = CompiledPolicy::new(subject(role), policy);
    for home in HOMES.iter() {
        for line in LINES.iter() {
            let is_allowed = allowed(&policy, home, line);
            assert!(is_allowed || !allowed(&without, home, line), "a rule takes something away: {line}");
            assert!(is_allowed || role != Role::Owner || line.contains(" via "), "an owner may everything: {line}");
        }
    }
}

/// Asks by every door that there is for the question.
fn allowed(policy: &CompiledPolicy, home: &Home, line: &str) -> bool {
    with_request(line, |request| {
        let household = home.household();
        let verdict = can(policy, request, &household);
        assert_eq!(verdict.allowed, verdict.reasons.is_empty());
        assert_eq!(verdict.allowed, verdict.rule.is_some());
        assert!(verdict.valid_until.is_none_or(|until| until > household.now.time()));
        let sees = match *request {
            Request { action: Action::See, target: Target::Part(part), .. } => may_see_part(policy, part, &household),
            Request { action: Action::See, target: Target::Device { device, attribute, .. }, .. } => match attribute {
                Some(attribute) => may_see_attribute(policy, &device, attribute, &household),
                None => may_see(policy, &device, &household),
            },
            _ => return verdict.allowed,
        };
        assert_eq!(sees, verdict.allowed, "seeing and being able to see are one: {line}");
        verdict.allowed
    })
}
