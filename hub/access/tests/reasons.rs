//! Each reason why not, and what would help.

use hub_access::Whereabouts;
use hub_model::Trust;
use hub_model::household::Role;

use crate::home::{Home, child_with_only, with_rules};

const CONTROL: &str = r#""id": "r", "who": {"role": "child"}, "allow": ["see", "control"]"#;

fn only(rest: &str) -> hub_access::CompiledPolicy {
    child_with_only(&[&format!("{{{CONTROL}, {rest}}}")])
}

/// The time, the rest of the rule, the request, what is said in short and in words.
const TABLE: &[(&str, &str, &str, &str, &str)] = &[
    (
        "2026-11-27T20:10:00Z",
        r#""when": {"from": "07:00", "to": "20:30"}"#,
        "control lamp.on = true",
        "outside_window +ask",
        "Anna may do this from 07:00 to 20:30; it is 21:10 now.",
    ),
    (
        "2026-11-27T20:10:00Z",
        r#""when": {"from": "07:00", "to": "20:30", "weekdays": ["mon", "tue", "sun"]}"#,
        "see lamp",
        "outside_window",
        "Anna may do this from 07:00 to 20:30 on Mondays, Tuesdays and Sundays; it is 21:10 now.",
    ),
    (
        "2026-11-27T12:00:00Z",
        r#""limits": {"heating_setpoint": {"min": 18, "max": 22}}"#,
        "control heater.heating_setpoint = 25",
        "value_out_of_limits +ask",
        "Anna may set heating_setpoint to 18 to 22, and not to 25.",
    ),
    (
        "2026-11-27T12:00:00Z",
        r#""limits": {"heating_setpoint": {"max": 22}}"#,
        "control heater.heating_setpoint = \"warm\"",
        "value_out_of_limits +ask",
        "Anna may set heating_setpoint to 22 or less, and not to warm.",
    ),
    (
        "2026-11-27T12:00:00Z",
        r#""only_while_home": ["adult", "bert"]"#,
        "control lamp.on = true",
        "nobody_home +ask",
        "Anna may do this while an adult or bert is at home, and the hub knows of nobody of them that they are.",
    ),
    (
        "2026-11-27T12:00:00Z",
        r#""until": "2026-11-27T11:00:00Z""#,
        "control lamp.on = true",
        "expired",
        "Anna was allowed to do this until 2026-11-27 12:00; an owner can extend that.",
    ),
    (
        "2026-11-27T12:00:00Z",
        r#""approval": true"#,
        "control lamp.on = true",
        "needs_approval +ask",
        "Anna may do this once an adult allows it: ask for it.",
    ),
    (
        "2026-11-27T12:00:00Z",
        r#""pin": true"#,
        "control lamp.on = true",
        "needs_pin +pin",
        "Anna may do this with their PIN: give it too.",
    ),
    (
        "2026-11-27T12:00:00Z",
        r#""daily": {"minutes": 0}"#,
        "control lamp.on = true",
        "used_up +ask",
        "Anna has used up the 0 minutes of this day; the next day begins at midnight.",
    ),
    (
        "2026-11-27T12:00:00Z",
        r#""what": {"areas": ["living"]}"#,
        "control lamp.on = true",
        "no_rule",
        "No rule allows Anna to control on of this device; an owner can add one.",
    ),
    (
        "2026-11-27T12:00:00Z",
        r#""note": "everything""#,
        "configure lamp",
        "no_rule",
        "No rule allows Anna to configure this device; an owner can add one.",
    ),
    (
        "2026-11-27T12:00:00Z",
        r#""what": {"areas": ["hall"]}"#,
        "control door.locked = false",
        "protected",
        "This is protected (locks): Anna may control it only by a rule that names it, and an owner can add one.",
    ),
    (
        "2026-11-27T12:00:00Z",
        r#""note": "everything""#,
        "see #people",
        "protected",
        "This is protected (people): Anna may see it only by a rule that names it, and an owner can add one.",
    ),
];

#[test]
fn each_reason_says_what_would_help() {
    for (time, rest, line, short, text) in TABLE {
        let home = Home::at(time);
        let policy = only(rest);
        assert_eq!(home.said(&policy, line), *short, "{rest}");
        assert_eq!(home.verdict(&policy, line).reasons[0].text, *text);
    }
}

#[test]
fn a_time_that_is_not_known_for_certain_denies_what_depends_on_it() {
    let mut home = Home::at("2026-11-27T12:00:00Z");
    let rules = [r#""when": {"from": "07:00", "to": "20:30"}"#, r#""until": "2026-11-28T11:00:00Z""#];
    for rest in rules {
        for trust in [Trust::Rtc, Trust::Lan, Trust::Person, Trust::Ntp] {
            home.now.wall.trust = trust;
            assert_eq!(home.said(&only(rest), "control lamp.on = true"), "yes: r");
        }
        home.now.wall.trust = Trust::Persisted;
        assert_eq!(home.said(&only(rest), "control lamp.on = true"), "clock_not_trusted +ask");
        assert_eq!(home.said(&only(rest), "see lamp"), "clock_not_trusted");
    }
    assert_eq!(home.said(&only(r#""note": """#), "control lamp.on = true"), "yes: r");
}

#[test]
fn who_must_be_at_home_is_known_to_be() {
    let line = "control lamp.on = true";
    let adult = only(r#""only_while_home": ["adult"]"#);
    let bert = only(r#""only_while_home": ["bert"]"#);
    for (role, whereabouts, for_adult, for_bert) in [
        (Role::Adult, Whereabouts::Home, true, true),
        (Role::Owner, Whereabouts::Home, true, true),
        (Role::Guest, Whereabouts::Home, false, true),
        (Role::Adult, Whereabouts::Away, false, false),
        (Role::Adult, Whereabouts::Unknown, false, false),
    ] {
        let home = Home::at("2026-11-27T12:00:00Z").with_home("bert", role, whereabouts);
        assert_eq!(home.verdict(&adult, line).allowed, for_adult, "{role:?} {whereabouts:?}");
        assert_eq!(home.verdict(&bert, line).allowed, for_bert, "{role:?} {whereabouts:?}");
    }
}

#[test]
fn limits_hold_for_their_attribute_and_both_ends_belong_to_them() {
    let home = Home::at("2026-11-27T12:00:00Z");
    let policy = only(r#""limits": {"heating_setpoint": {"min": 18, "max": 22}}"#);
    for (line, allowed) in [
        ("control heater.heating_setpoint = 18", true),
        ("control heater.heating_setpoint = 22", true),
        ("control heater.heating_setpoint = 22.1", false),
        ("control heater.heating_setpoint = null", false),
        ("control heater.heating_setpoint", true),
        ("control lamp.brightness = 100", true),
        ("see heater.heating_setpoint", true),
    ] {
        assert_eq!(home.verdict(&policy, line).allowed, allowed, "{line}");
    }
}

#[test]
fn seeing_asks_for_no_pin_and_no_adult() {
    let home = Home::at("2026-11-27T12:00:00Z");
    let policy = only(r#""pin": true, "approval": true, "daily": {"minutes": 0}"#);
    assert_eq!(home.said(&policy, "see lamp.on"), "yes: r");
    assert_eq!(home.said(&policy, "control lamp.on = true"), "used_up needs_approval needs_pin +ask +pin");
}

#[test]
fn the_nearest_rule_speaks_first_and_the_freest_one_allows() {
    let window =
        r#"{"id": "window", "who": {"role": "child"}, "allow": ["control"], "when": {"from": "07:00", "to": "08:00"}}"#;
    let pin = r#"{"id": "pin", "who": {"role": "child"}, "allow": ["control"], "pin": true}"#;
    let daily = r#"{"id": "daily", "who": {"role": "child"}, "allow": ["control"], "daily": {"minutes": 60}}"#;
    let line = "control lamp.on = true";
    let noon = Home::at("2026-11-27T11:00:00Z");
    assert_eq!(noon.said(&child_with_only(&[window, pin]), line), "needs_pin outside_window +ask +pin");
    assert_eq!(noon.said(&child_with_only(&[pin, daily]), line), "yes: daily");
    let morning = Home::at("2026-11-27T06:30:00Z");
    let verdict = morning.verdict(&child_with_only(&[pin, daily, window]), line);
    assert_eq!((verdict.rule.as_deref(), verdict.daily_minutes), (Some("window"), None));
}

#[test]
fn an_answer_says_until_when_it_holds() {
    let policy = only(r#""when": {"from": "07:00", "to": "20:30"}"#);
    let until = |time: &str| {
        let verdict = Home::at(time).verdict(&policy, "control lamp.on = true");
        (verdict.allowed, verdict.valid_until.map(|until| until.to_string()))
    };
    assert_eq!(until("2026-11-27T12:00:00Z"), (true, Some("2026-11-27T19:30:00.000Z".to_owned())));
    assert_eq!(until("2026-11-27T19:30:00Z"), (false, Some("2026-11-28T06:00:00.000Z".to_owned())));
    let home = Home::at("2026-11-27T12:00:00Z");
    assert_eq!(home.verdict(&with_rules(Role::Child, &[]), "control lamp.on = true").valid_until, None);
}

#[test]
fn what_is_protected_is_named_by_device_attribute_or_type() {
    let home = Home::at("2026-11-27T12:00:00Z");
    for (what, line, allowed) in [
        (r#"{"devices": ["door"]}"#, "control door.locked = false", true),
        (r#"{"devices": ["door"]}"#, "see door.battery", true),
        (r#"{"devices": ["lamp"]}"#, "see door", false),
        (r#"{"devices": ["door"], "areas": ["anna"]}"#, "see door", false),
        (r#"{"types": ["lock"]}"#, "control door.locked = false", true),
        (r#"{"types": ["lock"]}"#, "see door.battery", true),
        (r#"{"types": ["lock"], "areas": ["anna"]}"#, "control door.locked = false", false),
        (r#"{"types": ["lock"]}"#, "control door.alarm = true", false),
        (r#"{"types": ["lock", "alarm"]}"#, "control door.alarm = true", true),
        (r#"{"capabilities": ["locked"]}"#, "control door.locked = false", true),
        (r#"{"capabilities": ["locked"]}"#, "see door", true),
        (r#"{"capabilities": ["locked"]}"#, "see door.lock_state", false),
        (r#"{"capabilities": ["locked", "battery"]}"#, "see door.battery", false),
        (r#"{"capabilities": ["locked"]}"#, "configure door", false),
        (r#"{"areas": ["hall"]}"#, "control door.locked = false", false),
        (r#"{"types": ["cover"]}"#, "control garage.position = 0", false),
        (r#"{"capabilities": ["position"]}"#, "control garage.position = 0", false),
        (r#"{"types": ["garage_door"]}"#, "control garage.position = 0", true),
        (r#"{"types": ["switch"]}"#, "control water.on = true", false),
        (r#"{"types": ["valve"]}"#, "control water.on = true", true),
        (r#"{"types": ["camera"]}"#, "see camera", true),
        (r#"{"parts": ["presence"]}"#, "see #presence", true),
        (r#"{"parts": ["presence"]}"#, "see lamp", false),
        (r#"{"areas": ["hall"]}"#, "see #rules", false),
        (r#"{"areas": ["hall"], "parts": ["rules"]}"#, "see #rules", true),
        (r#"{}"#, "see #rules", true),
        (r#"{}"#, "see #audit", false),
        (r#"{"types": []}"#, "see lamp", false),
        (r#"{"types": ["lamp"]}"#, "see lamp", false),
        (r#"{"areas": []}"#, "see lamp", false),
        (r#"{"parts": []}"#, "see #rules", false),
    ] {
        let json = format!(
            r#"{{"id": "r", "who": {{"role": "child"}}, "allow": ["see", "control", "configure"], "what": {what}}}"#
        );
        assert_eq!(home.verdict(&child_with_only(&[&json]), line).allowed, allowed, "{what} {line}");
    }
}
