//! The examples of the manual: each is read from its page, is without fault, and does what the page says.

use std::time::Duration;

use hub_access::allowance::Switch;
use hub_access::check::{NameKind, Names};
use hub_access::device_type::DEVICE_TYPES;
use hub_access::part::{PARTS, PartRow};
use hub_access::protection::PROTECTIONS;
use hub_access::{Action, CompiledPolicy, Policy, Subject, Whereabouts};
use hub_model::household::Role;

use crate::home::{DEVICES, Home, time};

const PAGE: &str = include_str!("../../docs/permissions.md");

struct Known;

impl Names for Known {
    fn names(&self, kind: NameKind) -> Vec<&str> {
        match kind {
            NameKind::Area => DEVICES.iter().map(|(_, area, _)| *area).collect(),
            NameKind::Device => DEVICES.iter().map(|(name, ..)| *name).collect(),
            NameKind::Attribute => Vec::new(),
            NameKind::Person => vec!["user-babysitter", "user-installer"],
        }
    }
}

/// Everything on the page, as one policy.
fn policy() -> Policy {
    let mut policy = Policy::default();
    for block in PAGE.split("```json\n").skip(1).map(|text| text.split("```").next().unwrap()) {
        match serde_json::from_str(block) {
            Ok(choice) => policy.ready_made.push(choice),
            Err(_) => policy.rules.push(serde_json::from_str(block).unwrap_or_else(|error| panic!("{error}: {block}"))),
        }
    }
    policy
}

fn of(id: &str, role: Role) -> CompiledPolicy {
    let subject = Subject { id: id.into(), name: "Anna".into(), role, expires_at: None };
    CompiledPolicy::new(subject, &policy())
}

#[test]
fn they_are_without_fault() {
    let policy = policy();
    assert_eq!((policy.rules.len(), policy.ready_made.len()), (7, 1));
    for rule in &policy.rules {
        assert_eq!(rule.check(&Known, time("2026-11-27T12:00:00Z")), []);
    }
}

#[test]
fn the_tables_of_the_page_are_those_of_the_program() {
    let words = |actions: &[Action]| actions.iter().map(|action| action.as_str()).collect::<Vec<_>>().join(", ");
    for PartRow { word, meaning, everybody, protected, .. } in PARTS {
        let protected = if protected.len() == 3 { "yes".to_owned() } else { words(protected) };
        let everybody = if everybody.len() == 3 { "everything".to_owned() } else { words(everybody) };
        let row = format!("| `{word}` | {meaning} | {protected} | {everybody} |\n");
        assert!(PAGE.contains(&row), "{row}");
    }
    for row in PROTECTIONS {
        let attributes = row.attributes.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        let types = format!("`{}` | {attributes}", row.device_type.as_str());
        assert!(PAGE.contains(types.trim_end()), "{types}");
    }
    for row in DEVICE_TYPES {
        assert!(PAGE.contains(&format!("`{}`", row.word)), "{}", row.word);
    }
}

#[test]
fn they_do_what_the_page_says() {
    let child = of("user-anna", Role::Child);
    let sitter = of("user-babysitter", Role::Guest);
    let installer = of("user-installer", Role::Installer);
    // The home's clock is an hour ahead; the 27th is a Friday.
    for (policy, time, line, said) in [
        (&child, "2026-11-27T12:00:00Z", "control lamp.on = true", "yes: bedtime"),
        (&child, "2026-11-27T19:29:00Z", "control blind.position = 0", "yes: bedtime"),
        (&child, "2026-11-27T19:30:00Z", "control lamp.on = true", "outside_window +ask"),
        (&child, "2026-11-27T12:00:00Z", "control hall-lamp.on = true", "no_rule"),
        (&child, "2026-11-27T22:00:00Z", "control heater.heating_setpoint = 22", "yes: heating"),
        (&child, "2026-11-27T22:00:00Z", "control heater.heating_setpoint = 23", "value_out_of_limits +ask"),
        (&child, "2026-11-27T22:00:00Z", "control tv.on = true", "yes: television"),
        (&child, "2026-11-27T12:00:00Z", "control door.locked = false", "needs_pin +pin"),
        (&child, "2026-11-27T12:00:00Z", "see door.locked", "yes: front-door"),
        (&child, "2026-11-27T12:00:00Z", "control garage.position = 100", "needs_approval +ask"),
        (&child, "2026-11-27T12:00:00Z", "control siren.alarm = false", "protected"),
        (&sitter, "2026-11-27T23:59:00Z", "control tv.on = true", "yes: babysitter"),
        (&sitter, "2026-11-28T00:00:00Z", "control tv.on = true", "expired"),
        (&sitter, "2026-11-28T00:00:00Z", "control lamp.on = true", "yes: guest-control"),
        (&sitter, "2026-11-27T20:00:00Z", "see #history", "no_rule"),
        (&installer, "2026-11-27T12:00:00Z", "configure door", "nobody_home +ask"),
        (&installer, "2026-11-28T12:00:00Z", "configure door", "outside_window nobody_home +ask"),
        (&installer, "2026-11-28T12:00:00Z", "configure #network", "yes: installer-network"),
    ] {
        assert_eq!(Home::at(time).said(policy, line), said, "{line} at {time}");
    }
    let home = Home::at("2026-11-27T12:00:00Z").with_home("maria", Role::Owner, Whereabouts::Home);
    assert_eq!(home.said(&installer, "configure door"), "yes: installer-locks");
    let mut home = Home::at("2026-11-27T12:00:00Z");
    home.pin = true;
    assert_eq!(home.said(&child, "control door.locked = false via voice"), "yes: front-door");
}

#[test]
fn the_television_is_switched_off_after_an_hour() {
    let child = of("user-anna", Role::Child);
    let mut home = Home::at("2026-11-27T15:00:00Z");
    let verdict = home.verdict(&child, "control tv.on = true");
    let (rule, minutes) = (verdict.rule.unwrap(), verdict.daily_minutes.unwrap());
    let switch = Switch { device: "tv".into(), endpoint: Some(1) };
    home.allowances.start(&"user-anna".into(), &rule, minutes, &switch, &home.now, &home.zone);
    assert_eq!(home.allowances.next_due(&home.now, &home.zone), Some(Duration::from_secs(3600)));
    home.advance(3600);
    assert_eq!(home.allowances.take_due(&home.now, &home.zone)[0].switches, [switch]);
    assert_eq!(home.said(&child, "control tv.on = true"), "used_up +ask");
}
