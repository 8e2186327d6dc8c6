//! What each role may, without any rule of an owner.

use hub_access::part::PARTS;
use hub_access::{
    CompiledPolicy, DeviceFacts, Part, Policy, ReadyMadeChoice, Subject, Who, may_see, may_see_attribute, may_see_part,
};
use hub_model::Trust;
use hub_model::household::Role;

use crate::home::{DEVICES, Home, device, rule, subject, time, with_rules};

const ROLES: [Role; 5] = [Role::Owner, Role::Adult, Role::Child, Role::Guest, Role::Installer];

/// The request, and who may: owner, adult, child, guest, installer.
const TABLE: &[(&str, &str)] = &[
    ("see lamp", "OACGI"),
    ("see lamp.on", "OACGI"),
    ("see plug", "OAC-I"),
    ("see motion.occupancy", "OAC-I"),
    ("see heater.temperature", "OACGI"),
    ("see box", "OAC-I"),
    ("see door", "OA---"),
    ("see door.battery", "OA---"),
    ("see garage.position", "OA---"),
    ("see siren", "OA---"),
    ("see camera", "OA---"),
    ("see water.on", "OA---"),
    ("see box.locked", "OA---"),
    ("control lamp.on = true", "OACGI"),
    ("control lamp.brightness = 40", "OACGI"),
    ("control lamp.power_on_behavior = \"on\"", "OA--I"),
    ("control blind.position = 0", "OACGI"),
    ("control fan.fan_mode = \"low\"", "OACGI"),
    ("control tv.on = true", "OAC-I"),
    ("control plug.on = true", "OA--I"),
    ("control heater.heating_setpoint = 21", "OA--I"),
    ("control door.locked = false", "OA---"),
    ("control garage.position = 100", "OA---"),
    ("control garage.cover_command = \"open\"", "OA---"),
    ("control siren.warning", "OA---"),
    ("control lamp.alarm = true", "OA---"),
    ("control water.on = true", "OA---"),
    ("control door.locked = false via rule", "OA---"),
    ("control door.locked = false via local", "OA---"),
    ("control door.locked = false via remote", "-----"),
    ("control door.locked = false via voice", "-----"),
    ("control garage.position = 0 via voice", "-----"),
    ("control siren.alarm = false via remote", "-----"),
    ("control lamp.on = true via voice", "OACGI"),
    ("see door via remote", "OA---"),
    ("configure lamp", "OA--I"),
    ("configure door", "OA---"),
    ("see #account", "OACGI"),
    ("configure #account", "OACGI"),
    ("control #messages", "OACGI"),
    ("see #home", "OACGI"),
    ("configure #home", "O----"),
    ("see #mode", "OACGI"),
    ("control #mode", "OA--I"),
    ("configure #mode", "OA--I"),
    ("see #areas", "OACGI"),
    ("configure #areas", "OA--I"),
    ("see #scenes", "OAC-I"),
    ("control #scenes", "OAC-I"),
    ("configure #scenes", "OA--I"),
    ("see #rules", "OAC-I"),
    ("configure #rules", "OA--I"),
    ("see #history", "OAC-I"),
    ("see #why", "OAC-I"),
    ("see #energy", "OAC-I"),
    ("see #alerts", "OAC-I"),
    ("see #webhooks", "OA---"),
    ("see #people", "OA---"),
    ("configure #people", "O----"),
    ("see #presence", "OA---"),
    ("control #presence", "OA---"),
    ("see #permissions", "OA---"),
    ("configure #permissions", "O----"),
    ("control #approvals", "OA---"),
    ("configure #tokens", "OACGI"),
    ("see #drivers", "OA--I"),
    ("control #drivers", "O---I"),
    ("configure #network", "O---I"),
    ("see #system", "OA--I"),
    ("configure #clock", "O----"),
    ("see #audit", "O----"),
    ("see #backups", "O----"),
    ("control #backups", "O----"),
    ("see #updates", "OA---"),
    ("control #updates", "O----"),
    ("see #relay", "OA---"),
    ("configure #relay", "O----"),
];

#[test]
fn each_role_may_what_the_table_says() {
    let home = Home::at("2026-11-27T12:00:00Z");
    for (line, expected) in TABLE {
        let said: String = ROLES
            .iter()
            .zip("OACGI".chars())
            .map(|(role, letter)| if home.verdict(&with_rules(*role, &[]), line).allowed { letter } else { '-' })
            .collect();
        assert_eq!(said, *expected, "{line}");
    }
}

#[test]
fn adults_see_everything_but_the_audit_and_backups() {
    let home = Home::at("2026-11-27T12:00:00Z");
    let adult = with_rules(Role::Adult, &[]);
    let unseen: Vec<&str> =
        PARTS.iter().filter(|row| !may_see_part(&adult, row.part, &home.household())).map(|row| row.word).collect();
    assert_eq!(unseen, ["audit", "backups"]);
}

#[test]
fn from_afar_a_pin_opens_what_is_protected_for_who_may() {
    let mut home = Home::at("2026-11-27T12:00:00Z");
    let adult = with_rules(Role::Adult, &[]);
    assert_eq!(home.said(&adult, "control door.locked = false via voice"), "needs_pin +pin");
    assert_eq!(home.said(&with_rules(Role::Owner, &[]), "control door.locked = false via remote"), "needs_pin +pin");
    home.pin = true;
    assert_eq!(home.said(&adult, "control door.locked = false via voice"), "yes: adult-protected-types");
    assert_eq!(home.said(&with_rules(Role::Owner, &[]), "control door.locked = false via remote"), "yes: owner");
    assert_eq!(home.said(&with_rules(Role::Child, &[]), "control door.locked = false via voice"), "protected");
}

#[test]
fn owners_and_adults_see_everything_and_nobody_else() {
    let home = Home::at("2026-11-27T12:00:00Z");
    for role in ROLES {
        let policy = with_rules(role, &[]);
        let sees_everything = matches!(role, Role::Owner | Role::Adult);
        assert_eq!(policy.sees_everything(), sees_everything);
        for part in ["mode", "rules", "alerts", "presence", "drivers", "network"] {
            let part = Part::named(part).unwrap();
            assert!(!sees_everything || may_see_part(&policy, part, &home.household()));
            assert!(!sees_everything || home.verdict(&policy, &format!("see #{}", part.as_str())).allowed);
        }
        for (name, ..) in DEVICES {
            let (id, area, types) = device(name);
            let facts = DeviceFacts { id: &id, area: area.as_ref(), types, through: None };
            let verdict = home.verdict(&policy, &format!("see {name}"));
            assert_eq!(may_see(&policy, &facts, &home.household()), verdict.allowed, "{role:?} {name}");
            let verdict = home.verdict(&policy, &format!("see {name}.lock_state"));
            assert_eq!(may_see_attribute(&policy, &facts, "lock_state", &home.household()), verdict.allowed);
            assert!(!sees_everything || verdict.allowed);
        }
    }
}

#[test]
fn what_everybody_may_stays_without_the_ready_made_rules() {
    let choice = ReadyMadeChoice { who: Who::Role(Role::Guest), ready_made: false };
    let policy = Policy { rules: Vec::new(), ready_made: vec![choice] };
    let guest = CompiledPolicy::new(subject(Role::Guest), &policy);
    let home = Home::at("2026-11-27T12:00:00Z");
    assert_eq!(home.said(&guest, "see #account"), "yes: everybody");
    assert_eq!(home.said(&guest, "see lamp"), "no_rule");
}

#[test]
fn ready_made_rules_are_chosen_for_a_role_and_first_of_all_for_a_person() {
    let off_for_children = ReadyMadeChoice { who: Who::Role(Role::Child), ready_made: false };
    let on_for_anna = ReadyMadeChoice { who: Who::Person("anna".into()), ready_made: true };
    let home = Home::at("2026-11-27T12:00:00Z");
    let said = |role, choices: &[&ReadyMadeChoice]| {
        let ready_made = choices.iter().map(|choice| (*choice).clone()).collect();
        let policy = Policy { rules: Vec::new(), ready_made };
        home.said(&CompiledPolicy::new(subject(role), &policy), "control lamp.on = true")
    };
    assert_eq!(said(Role::Child, &[]), "yes: child-control");
    assert_eq!(said(Role::Child, &[&off_for_children]), "no_rule");
    assert_eq!(said(Role::Child, &[&on_for_anna, &off_for_children]), "yes: child-control");
    let off_for_adults = ReadyMadeChoice { who: Who::Role(Role::Adult), ready_made: false };
    assert_eq!(said(Role::Adult, &[&off_for_adults]), "yes: adult");
}

#[test]
fn an_account_ends() {
    let end = Some(time("2026-11-28T12:00:00Z"));
    let policy = |role| CompiledPolicy::new(Subject { expires_at: end, ..subject(role) }, &Policy::default());
    let line = "control lamp.on = true";
    let before = Home::at("2026-11-28T11:59:59.999Z");
    let after = Home::at("2026-11-28T12:00:00Z");
    let mut uncertain = Home::at("2026-11-27T12:00:00Z");
    uncertain.now.wall.trust = Trust::Persisted;
    for role in [Role::Adult, Role::Guest, Role::Installer] {
        assert!(before.verdict(&policy(role), line).allowed);
        assert_eq!(before.verdict(&policy(role), line).valid_until, end);
        assert_eq!(after.said(&policy(role), line), "expired");
        assert_eq!(uncertain.said(&policy(role), line), "clock_not_trusted");
        assert!(!policy(role).sees_everything());
    }
    assert_eq!(after.said(&policy(Role::Owner), line), "yes: owner");
    let guest = policy(Role::Guest);
    let (id, area, types) = device("lamp");
    let lamp = DeviceFacts { id: &id, area: area.as_ref(), types, through: None };
    assert!(may_see(&guest, &lamp, &before.household()));
    assert!(!may_see(&guest, &lamp, &after.household()));
    let text = &after.verdict(&guest, line).reasons[0].text;
    assert_eq!(text, "The account of Anna ended at 2026-11-28 13:00; an owner can extend it.");
}

#[test]
fn a_rule_of_a_role_and_one_of_a_person_are_for_them_alone() {
    let home = Home::at("2026-11-27T12:00:00Z");
    for (who, is_anna) in
        [(r#"{"role": "guest"}"#, true), (r#"{"person": "anna"}"#, true), (r#"{"person": "bert"}"#, false)]
    {
        let json = format!(r#"{{"id": "r", "who": {who}, "allow": ["see"], "what": {{"devices": ["plug"]}}}}"#);
        let policy = Policy { rules: vec![rule(&json)], ..Policy::default() };
        let guest = CompiledPolicy::new(subject(Role::Guest), &policy);
        assert_eq!(home.verdict(&guest, "see plug").allowed, is_anna, "{who}");
    }
}
