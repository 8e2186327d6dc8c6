//! What holds for all rules and all requests.

use std::time::Duration;

use hub_access::allowance::Switch;
use hub_access::check::{NameKind, Names};
use hub_access::{
    Action, Allowances, Approvals, CompiledPolicy, DeviceFacts, DeviceType, Household, Part, Policy, PolicyRule,
    ReadyMadeChoice, Request, Resident, Subject, Target, Verdict, Via, Whereabouts, Who, can, may_see,
    may_see_attribute, may_see_part, ready_made,
};
use hub_model::household::Role;
use hub_model::zone::Zone;
use hub_model::{AreaId, DeviceId, Monotonic, Now, Timestamp, Trust, Value, Wall};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use serde_json::{Map, Value as Json, json};

use crate::reference::{self, Wish};

const ROLES: [(&str, Role); 5] = [
    ("owner", Role::Owner),
    ("adult", Role::Adult),
    ("child", Role::Child),
    ("guest", Role::Guest),
    ("installer", Role::Installer),
];
const PEOPLE: [&str; 2] = ["anna", "bert"];
const AREAS: [&str; 3] = ["hall", "attic", ""];
const DEVICES: [&str; 3] = ["a", "b", "c"];
const ATTRIBUTES: [&str; 6] = ["on", "brightness", "heating_setpoint", "locked", "alarm", "battery"];
const TYPES: [&str; 6] = ["light", "cover", "lock", "garage_door", "alarm", "camera"];
const PARTS: [&str; 8] = ["account", "home", "mode", "rules", "people", "presence", "audit", "network"];
const ACTIONS: [(&str, Action); 3] =
    [("see", Action::See), ("control", Action::Control), ("configure", Action::Configure)];

fn some_of(words: &'static [&'static str]) -> impl Strategy<Value = Json> {
    subsequence(words.to_vec(), 0..=words.len().min(3)).prop_map(|words| json!(words))
}

/// An object of the fields that are there.
fn object(fields: Vec<(&'static str, Option<Json>)>) -> Json {
    Json::Object(fields.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect())
}

fn what() -> impl Strategy<Value = Json> {
    let rarely = |words| option::weighted(0.25, some_of(words));
    (rarely(&AREAS), rarely(&DEVICES), rarely(&ATTRIBUTES), rarely(&TYPES), rarely(&PARTS)).prop_map(
        |(areas, devices, capabilities, types, parts)| {
            object(vec![
                ("areas", areas),
                ("devices", devices),
                ("capabilities", capabilities),
                ("types", types),
                ("parts", parts),
            ])
        },
    )
}

fn when() -> impl Strategy<Value = Json> {
    let time = || option::of(select(vec!["00:00", "02:30", "06:00", "13:15:30", "22:00", "24:00"]));
    let days = option::weighted(0.4, some_of(&["mon", "fri", "sat", "sun"]));
    (time(), time(), days).prop_map(|(from, to, days)| {
        object(vec![("from", from.map(Json::from)), ("to", to.map(Json::from)), ("weekdays", days)])
    })
}

fn who() -> impl Strategy<Value = Json> {
    prop_oneof![
        select(ROLES.to_vec()).prop_map(|(word, _)| json!({"role": word})),
        select(PEOPLE.to_vec()).prop_map(|word| json!({"person": word})),
    ]
}

/// A rule as JSON. Conditions are rare, so that something is allowed often enough.
fn rule() -> impl Strategy<Value = Json> {
    let allow = some_of(&["see", "control", "configure"]);
    let limit = (option::of(-5..30_i32), option::of(-5..30_i32)).prop_map(|(min, max)| {
        let limit = object(vec![("min", min.map(Json::from)), ("max", max.map(Json::from))]);
        json!({"heating_setpoint": limit})
    });
    let home = some_of(&["adult", "owner", "guest", "bert"]);
    let until = select(vec!["2027-03-28T01:00:00.000Z", "2027-03-29T00:00:00.000Z"]);
    let first = (who(), allow, option::weighted(0.7, what()), option::weighted(0.3, when()));
    let rest = (
        option::weighted(0.2, limit),
        option::weighted(0.1, any::<bool>()),
        option::weighted(0.1, any::<bool>()),
        option::weighted(0.2, home),
        option::weighted(0.2, select(vec![0, 30, 90])),
        option::weighted(0.2, until),
    );
    (select(vec!["r1", "r2"]), first, rest).prop_map(|(id, first, rest)| {
        let (who, allow, what, when) = first;
        let (limits, approval, pin, home, minutes, until) = rest;
        object(vec![
            ("id", Some(json!(id))),
            ("who", Some(who)),
            ("allow", Some(allow)),
            ("what", what),
            ("when", when),
            ("limits", limits),
            ("approval", approval.map(Json::from)),
            ("pin", pin.map(Json::from)),
            ("only_while_home", home),
            ("daily", minutes.map(|minutes| json!({"minutes": minutes}))),
            ("until", until.map(Json::from)),
        ])
    })
}

fn wish() -> impl Strategy<Value = Wish> {
    let value = select(vec![json!(true), json!(false), json!(21), json!(-3.5), json!("off"), json!(null)]);
    (
        select(ACTIONS.to_vec()),
        option::weighted(0.25, select(PARTS.to_vec())),
        select(DEVICES.to_vec()),
        select(AREAS.to_vec()),
        subsequence(TYPES.to_vec(), 0..=2),
        option::weighted(0.8, select(ATTRIBUTES.to_vec())),
        option::weighted(0.8, value),
        any::<bool>(),
    )
        .prop_map(|((action, _), part, device, area, types, attribute, value, is_from_afar)| Wish {
            action,
            part,
            device,
            area,
            types,
            attribute,
            value,
            is_from_afar,
        })
}

/// What is so in a home.
#[derive(Clone, Debug)]
struct Circumstances {
    now: Now,
    people: Vec<Resident>,
    allowances: Allowances,
    approvals: Approvals,
    pin: bool,
}

/// Berlin, in whose zone these days of March and October have changes of clocks.
fn zone() -> Zone {
    Zone::named("Europe/Berlin").unwrap()
}

fn circumstances() -> impl Strategy<Value = Circumstances> {
    let start: Timestamp = "2027-03-27T00:00:00Z".parse().unwrap();
    let autumn: Timestamp = "2027-10-30T00:00:00Z".parse().unwrap();
    let time = (select(vec![start, autumn]), 0..3 * 24 * 60_u64)
        .prop_map(|(start, minutes)| start.plus(Duration::from_secs(minutes * 60)));
    let trust = prop_oneof![1 => Just(Trust::Persisted), 6 => Just(Trust::Ntp)];
    let whereabouts = || select(vec![Whereabouts::Home, Whereabouts::Away, Whereabouts::Unknown]);
    let people = vec((select(vec!["bert", "carl"]), select(ROLES.to_vec()), whereabouts()), 0..3);
    (time, trust, people, 0..100_u64, any::<bool>()).prop_map(|(time, trust, people, used, pin)| {
        let people = people.into_iter().map(|(id, (_, role), whereabouts)| Resident {
            id: id.into(),
            role,
            whereabouts,
            ends_at: None,
        });
        let now = |minutes: u64| Now {
            wall: Wall { time: time.minus(Duration::from_secs(minutes * 60)), trust },
            mono: Monotonic(Duration::from_secs((1_000 - minutes) * 60)),
        };
        let mut allowances = Allowances::default();
        let switch = Switch { device: "a".into(), endpoint: Some(1) };
        allowances.start(&"anna".into(), &"r1".into(), 60, &switch, &now(used), &zone());
        let people = people.collect();
        Circumstances { now: now(0), people, allowances, approvals: Approvals::default(), pin }
    })
}

impl Circumstances {
    fn household<'a>(&'a self, zone: &'a Zone) -> Household<'a> {
        Household {
            now: &self.now,
            zone,
            people: &self.people,
            allowances: &self.allowances,
            approvals: &self.approvals,
            pin: self.pin,
        }
    }
}

fn parsed(rules: &[Json]) -> Vec<PolicyRule> {
    rules.iter().map(|rule| serde_json::from_value(rule.clone()).unwrap()).collect()
}

fn compiled(role: Role, rules: &[Json], ready_made: bool) -> CompiledPolicy {
    let subject = Subject { id: "anna".into(), name: "Anna".into(), role, expires_at: None };
    let ready_made = vec![ReadyMadeChoice { who: Who::Role(role), ready_made }];
    CompiledPolicy::new(subject, &Policy { rules: parsed(rules), ready_made })
}

fn is_allowed(policy: &CompiledPolicy, wish: &Wish, home: &Household<'_>) -> bool {
    verdict(policy, wish, home).allowed
}

/// Asks, by every door that there is for the question, and compares what they say.
fn verdict(policy: &CompiledPolicy, wish: &Wish, home: &Household<'_>) -> Verdict {
    let (_, action) = ACTIONS.into_iter().find(|(word, _)| *word == wish.action).unwrap();
    let id = DeviceId::new(wish.device);
    let area = (!wish.area.is_empty()).then(|| AreaId::new(wish.area));
    let types = wish.types.iter().map(|word| DeviceType::named(word).unwrap()).collect();
    let device = DeviceFacts { id: &id, area: area.as_ref(), types, through: None };
    let value: Option<Value> = wish.value.clone().map(|value| serde_json::from_value(value).unwrap());
    let part = wish.part.map(|word| Part::named(word).unwrap());
    let target = match part {
        Some(part) => Target::Part(part),
        None => Target::Device { device, attribute: wish.attribute, endpoint: None, value: value.as_ref() },
    };
    let via = if wish.is_from_afar { Via::Remote } else { Via::Lan };
    let verdict = can(policy, &Request { action, target, via }, home);
    assert_eq!(verdict.allowed, verdict.reasons.is_empty());
    assert_eq!(verdict.allowed, verdict.rule.is_some());
    assert!(verdict.reasons.iter().all(|reason| reason.text.ends_with('.')));
    assert!(verdict.valid_until.is_none_or(|until| until > home.now.time()));
    if action == Action::See {
        let sees = match (part, wish.attribute) {
            (Some(part), _) => may_see_part(policy, part, home),
            (None, Some(attribute)) => may_see_attribute(policy, &device, attribute, home),
            (None, None) => may_see(policy, &device, home),
        };
        assert_eq!(sees, verdict.allowed, "seeing and being able to see are one");
    }
    verdict
}

/// Areas are words, and a device without one is in none of them.
fn without_nowhere(mut rules: Vec<Json>) -> Vec<Json> {
    for rule in &mut rules {
        if let Some(areas) = rule.pointer_mut("/what/areas").and_then(Json::as_array_mut) {
            areas.retain(|area| *area != "");
        }
    }
    rules
}

struct NoNames;

impl Names for NoNames {
    fn names(&self, _: NameKind) -> Vec<&str> {
        Vec::new()
    }
}

/// JSON that looks a little like a rule.
fn malformed() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        any::<i64>().prop_map(Json::from),
        any::<f64>().prop_map(Json::from),
        "\\PC{0,8}".prop_map(Json::from),
        select(vec!["child", "see", "07:00", "mon", "2026-11-27T12:00:00Z", "lock"]).prop_map(Json::from),
    ];
    let keys = vec![
        "id",
        "who",
        "role",
        "person",
        "allow",
        "what",
        "areas",
        "types",
        "when",
        "from",
        "to",
        "weekdays",
        "limits",
        "min",
        "max",
        "approval",
        "pin",
        "only_while_home",
        "daily",
        "minutes",
        "until",
        "note",
        "x",
    ];
    leaf.prop_recursive(4, 32, 6, move |inner| {
        let fields = vec((select(keys.clone()), inner.clone()), 0..6);
        prop_oneof![
            vec(inner, 0..4).prop_map(Json::from),
            fields.prop_map(|fields| {
                Json::Object(fields.into_iter().map(|(key, value)| (key.to_owned(), value)).collect::<Map<_, _>>())
            }),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_reference_agrees(
        rules in vec(rule(), 0..5), (word, role) in select(ROLES.to_vec()), wish in wish(), home in circumstances(),
    ) {
        let (rules, zone) = (without_nowhere(rules), zone());
        let home = home.household(&zone);
        let mut all = rules.clone();
        if matches!(role, Role::Owner | Role::Adult) {
            all.extend(ready_made::rules().iter().map(|rule| serde_json::to_value(rule).unwrap()));
        }
        let expected = reference::allows(&all, "anna", word, &wish, &home);
        prop_assert_eq!(is_allowed(&compiled(role, &rules, false), &wish, &home), expected);
        all.extend(ready_made::rules().iter().map(|rule| serde_json::to_value(rule).unwrap()));
        let expected = reference::allows(&all, "anna", word, &wish, &home);
        prop_assert_eq!(is_allowed(&compiled(role, &rules, true), &wish, &home), expected);
    }

    #[test]
    fn an_answer_holds_as_long_as_it_says(
        rules in vec(rule(), 1..5), wish in wish(), mut home in circumstances(), share in 0.0..1.0,
    ) {
        let (policy, zone) = (compiled(Role::Child, &rules, false), zone());
        let before = verdict(&policy, &wish, &home.household(&zone));
        let end = before.valid_until.unwrap_or(home.now.time().plus(Duration::from_secs(7 * 24 * 3600)));
        let step = end.since(home.now.time()).saturating_sub(Duration::from_millis(1)).mul_f64(share);
        home.now.wall.time = home.now.wall.time.plus(step);
        home.now.mono = home.now.mono.plus(step);
        prop_assert_eq!(is_allowed(&policy, &wish, &home.household(&zone)), before.allowed);
    }

    #[test]
    fn one_more_rule_takes_nothing_away(
        rules in vec(rule(), 0..4), more in rule(), place in 0..5_usize, (_, role) in select(ROLES.to_vec()),
        wish in wish(), home in circumstances(), ready_made in any::<bool>(),
    ) {
        let zone = zone();
        let home = home.household(&zone);
        let before = is_allowed(&compiled(role, &rules, ready_made), &wish, &home);
        let mut with_more = rules.clone();
        with_more.insert(place.min(rules.len()), more);
        prop_assert!(!before || is_allowed(&compiled(role, &with_more, ready_made), &wish, &home));
    }

    #[test]
    fn what_is_protected_is_only_for_who_is_named(
        rules in vec(rule(), 0..5), role in select(vec![Role::Child, Role::Guest, Role::Installer]), wish in wish(),
        home in circumstances(),
    ) {
        let is_protected = wish.types.iter().any(|word| !matches!(*word, "light" | "cover"))
            || matches!(wish.attribute, Some("locked" | "alarm"));
        let names = |rule: &Json| {
            let what = &rule["what"];
            what["devices"].is_array()
                || ["lock", "garage_door", "alarm", "camera", "locked"].iter().any(|word| what.to_string().contains(&format!("\"{word}\"")))
        };
        let nameless: Vec<Json> = rules.into_iter().filter(|rule| !names(rule)).collect();
        let zone = zone();
        if is_protected && wish.part.is_none() {
            prop_assert!(!is_allowed(&compiled(role, &nameless, true), &wish, &home.household(&zone)));
        }
    }

    #[test]
    fn owners_may_everything_and_from_afar_what_is_protected_with_their_pin(
        rules in vec(rule(), 0..4), wish in wish(), mut home in circumstances(), ready_made in any::<bool>(),
    ) {
        let zone = zone();
        let owner = compiled(Role::Owner, &rules, ready_made);
        let near = Wish { is_from_afar: false, ..wish.clone() };
        prop_assert!(is_allowed(&owner, &near, &home.household(&zone)));
        home.pin = true;
        prop_assert!(is_allowed(&owner, &wish, &home.household(&zone)));
    }

    #[test]
    fn what_is_malformed_is_refused_and_what_is_odd_denies(document in malformed(), wish in wish(), home in circumstances()) {
        if let Ok(rule) = serde_json::from_value::<PolicyRule>(document.clone()) {
            let _ = rule.check(&NoNames, home.now.time());
            let zone = zone();
            is_allowed(&compiled(Role::Child, &[document], false), &wish, &home.household(&zone));
        }
    }

    #[test]
    fn odd_words_in_good_places_harm_nobody(words in vec("\\PC{0,6}", 8), wish in wish(), home in circumstances()) {
        let document = json!({
            "who": {"role": "child"}, "allow": ["see", "control"],
            "what": {"areas": [words[0]], "types": [words[1]], "parts": [words[2]]},
            "when": {"from": words[3], "to": words[4], "weekdays": [words[5]]},
            "limits": {words[6].clone(): {}}, "only_while_home": [words[7]],
        });
        let rule: PolicyRule = serde_json::from_value(document.clone()).unwrap();
        prop_assert!(!rule.check(&NoNames, home.now.time()).is_empty());
        let zone = zone();
        let wish = Wish { part: wish.part.filter(|part| !matches!(*part, "account" | "home" | "mode")), ..wish };
        prop_assert!(!is_allowed(&compiled(Role::Child, &[document], false), &wish, &home.household(&zone)));
    }
}
