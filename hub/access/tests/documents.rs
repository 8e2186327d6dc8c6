//! Documents: kept as they were written, refused in words.

use hub_access::check::{NameKind, Names};
use hub_access::overlap::limits_nothing;
use hub_access::{PolicyRule, ReadyMadeChoice, Who};
use hub_model::household::Role;
use serde_json::{Value as Json, json};

use crate::home::{Home, rule, time};

struct Known;

impl Names for Known {
    fn names(&self, kind: NameKind) -> Vec<&str> {
        match kind {
            NameKind::Area => vec!["anna", "hall"],
            NameKind::Device => vec!["zigbee:lamp", "zigbee:door"],
            NameKind::Attribute => vec!["own_thing"],
            NameKind::Person => vec!["user-anna", "user-bert"],
        }
    }
}

fn findings(document: &Json) -> Vec<String> {
    let rule: PolicyRule = serde_json::from_value(document.clone()).unwrap();
    let findings = rule.check(&Known, time("2026-11-27T12:00:00Z"));
    findings.iter().map(|finding| format!("{} {}: {}", finding.code, finding.path, finding.message)).collect()
}

#[test]
fn documents_come_out_as_they_went_in() {
    for document in [
        json!({
            "id": "ID", "who": {"role": "child"}, "allow": ["see", "control", "configure"],
            "what": {
                "areas": ["anna"], "devices": ["zigbee:lamp"], "capabilities": ["on", "brightness"],
                "types": ["light"], "parts": ["rules", "scenes"]
            },
            "when": {"from": "7:00", "to": "20:30", "weekdays": ["mon"]},
            "limits": {"heating_setpoint": {"min": 18, "max": 22.5}}, "approval": false, "pin": false,
            "only_while_home": ["adult"], "daily": {"minutes": 60}, "until": null, "note": "…"
        }),
        json!({"who": {"person": "user-anna"}, "allow": [], "until": "2026-11-27T12:00:00.000Z", "approval": true}),
        json!({"who": {"role": "guest"}, "allow": ["see"], "what": {}, "when": {}, "limits": {}, "only_while_home": []}),
    ] {
        let rule: PolicyRule = serde_json::from_value(document.clone()).unwrap();
        assert_eq!(serde_json::to_value(&rule).unwrap(), document);
    }
}

#[test]
fn what_is_no_rule_is_refused() {
    for (text, words) in [
        (r#"{"who": {"role": "child"}}"#, "missing field `allow`"),
        (r#"{"who": {"role": "king"}, "allow": []}"#, "unknown variant `king`"),
        (r#"{"who": {"role": "child", "person": "x"}, "allow": []}"#, ""),
        (r#"{"who": {"role": "child"}, "allow": ["deny"]}"#, "unknown variant `deny`"),
        (r#"{"who": {"role": "child"}, "allow": [], "deny": []}"#, "unknown field `deny`"),
        (r#"{"who": {"role": "child"}, "allow": [], "what": {"room": []}}"#, "unknown field `room`"),
        (r#"{"who": {"role": "child"}, "allow": [], "when": {"until": ""}}"#, "unknown field `until`"),
        (r#"{"who": {"role": "child"}, "allow": [], "until": "tomorrow"}"#, "is not a time"),
        (r#"{"who": {"role": "child"}, "allow": [], "daily": {"minutes": -1}}"#, "invalid value"),
        (r#"{"who": {"role": "child"}, "allow": [], "limits": {"x": {"least": 1}}}"#, "unknown field `least`"),
        (r#"{"who": {"role": "child"}, "allow": [], "limits": {"x": {"min": 1e999}}}"#, "number out of range"),
        ("[]", ""),
        ("", ""),
    ] {
        let error = serde_json::from_str::<PolicyRule>(text).expect_err(text).to_string();
        assert!(error.contains(words), "{text}: {error}");
    }
}

#[test]
fn a_good_rule_has_no_findings() {
    let document = json!({
        "who": {"person": "user-anna"}, "allow": ["see", "control"],
        "what": {"areas": ["anna"], "devices": ["zigbee:lamp"], "capabilities": ["on", "own_thing"], "types": ["lock"]},
        "when": {"from": "22:00", "to": "06:00", "weekdays": ["mon", "sun"]},
        "limits": {"own_thing": {"min": 1, "max": 1}}, "only_while_home": ["adult", "user-bert"],
        "daily": {"minutes": 60}, "until": "2026-11-28T12:00:00Z", "pin": true, "approval": true
    });
    assert_eq!(findings(&document), Vec::<String>::new());
}

#[test]
fn everything_that_is_wrong_is_said_in_words() {
    let child = json!({"role": "child"});
    for (document, expected) in [
        (
            json!({"who": {"role": "owner"}, "allow": ["see"]}),
            "no_effect who.role: owners may do everything without a rule",
        ),
        (
            json!({"who": {"person": "user-ana"}, "allow": ["see"]}),
            r#"unknown_name who.person: there is no person "user-ana"; "user-anna" is near"#,
        ),
        (json!({"who": child, "allow": []}), "allows_nothing allow: name what is allowed: see, control, configure"),
        (
            json!({"who": child, "allow": ["see"], "what": {"areas": ["hal"]}}),
            r#"unknown_name what.areas[0]: there is no room "hal"; "hall" is near"#,
        ),
        (
            json!({"who": child, "allow": ["see"], "what": {"devices": ["zigbee:lamp", "x"]}}),
            r#"unknown_name what.devices[1]: there is no device "x""#,
        ),
        (
            json!({"who": child, "allow": ["see"], "what": {"capabilities": ["owm_thing"]}}),
            r#"unknown_name what.capabilities[0]: there is no attribute "owm_thing"; "own_thing" is near"#,
        ),
        (
            json!({"who": child, "allow": ["see"], "what": {"types": ["lamp"]}}),
            r#"unknown_name what.types[0]: "lamp" is none of light, switch, cover, lock, thermostat, fan, sensor, remote, media, garage_door, alarm, camera, valve"#,
        ),
        (
            json!({"who": child, "allow": ["see"], "what": {"areas": []}}),
            "names_nothing what.areas: an empty list leaves nothing: name something, or leave it out",
        ),
        (
            json!({"who": child, "allow": ["see"], "when": {"from": "25:00"}}),
            r#"bad_time when.from: "25:00" is not a time of day; write it like "07:30""#,
        ),
        (
            json!({"who": child, "allow": ["see"], "when": {"from": "07:00", "to": "7:00:00"}}),
            "empty_window when: it ends when it begins, so no time is in it; for the whole day leave both out",
        ),
        (
            json!({"who": child, "allow": ["see"], "when": {"weekdays": ["monday"]}}),
            r#"bad_weekday when.weekdays[0]: "monday" is none of mon, tue, wed, thu, fri, sat, sun"#,
        ),
        (
            json!({"who": child, "allow": ["control"], "limits": {"brightness": {"min": 5, "max": 4}}}),
            "bad_limit limits.brightness: no number is at least 5 and at most 4",
        ),
        (
            json!({"who": child, "allow": ["control"], "limits": {"brightness": {}}}),
            "bad_limit limits.brightness: give min, max or both",
        ),
        (
            json!({"who": child, "allow": ["control"], "what": {"capabilities": ["on"]}, "limits": {"brightness": {"min": 5}}}),
            "no_effect limits.brightness: the rule is not about this attribute: add it to capabilities",
        ),
        (
            json!({"who": child, "allow": ["see"], "limits": {"brightness": {"min": 5}}}),
            "no_effect limits: it is for control, which this rule does not allow",
        ),
        (
            json!({"who": child, "allow": ["see"], "pin": true}),
            "no_effect allow: approval and pin are for controlling and configuring, not for seeing",
        ),
        (
            json!({"who": child, "allow": ["control"], "daily": {"minutes": 0}}),
            "bad_allowance daily.minutes: give 1 to 1440 minutes a day",
        ),
        (
            json!({"who": child, "allow": ["see"], "only_while_home": ["parent"]}),
            r#"unknown_name only_while_home[0]: there is no person "parent""#,
        ),
        (
            json!({"who": child, "allow": ["see"], "until": "2026-11-27T12:00:00Z"}),
            "ended until: it ended at 2026-11-27T12:00:00.000Z: give a time to come, or leave it out",
        ),
        (
            json!({"who": child, "allow": ["see"], "note": "x".repeat(2_001)}),
            "too_long note: a note has at most 2000 bytes",
        ),
        (
            json!({"who": child, "allow": ["see"], "what": {"areas": vec!["hall"; 201]}}),
            "too_many what.areas: a list has at most 200 entries",
        ),
        (
            json!({"who": child, "allow": ["see"], "what": {"areas": ["x".repeat(201)]}}),
            "too_long what.areas[0]: a name has at most 200 bytes",
        ),
    ] {
        assert_eq!(findings(&document), [expected]);
    }
}

#[test]
fn a_rule_that_cannot_be_read_allows_nothing() {
    let home = Home::at("2026-11-27T12:00:00Z");
    let broken = r#"{"id": "r", "who": {"role": "guest"}, "allow": ["see"], "when": {"from": "x"}}"#;
    let policy = hub_access::Policy { rules: vec![rule(broken)], ..Default::default() };
    let guest = hub_access::CompiledPolicy::new(crate::home::subject(hub_model::household::Role::Guest), &policy);
    assert_eq!(home.said(&guest, "see plug"), "no_rule");
}

#[test]
fn a_rule_that_limits_nothing_is_noticed() {
    let window = r#""when": {"from": "07:00", "to": "20:30"}"#;
    let pin = r#""pin": true"#;
    for (action, what, condition, is_noticed) in [
        ("control", r#"{"areas": ["anna"]}"#, window, true),
        ("see", r#"{"areas": ["anna"]}"#, window, true),
        ("see", r#"{"areas": ["anna"]}"#, pin, false),
        ("control", r#"{"areas": ["anna"]}"#, pin, true),
        ("control", r#"{"areas": ["anna"]}"#, r#""until": null"#, false),
        ("control", r#"{"types": ["lock"]}"#, window, false),
        ("control", r#"{"types": ["thermostat"]}"#, window, false),
        ("control", r#"{"capabilities": ["heating_setpoint"]}"#, window, false),
        ("control", r#"{"devices": ["zigbee:door"]}"#, pin, false),
        ("configure", r#"{"areas": ["anna"]}"#, window, false),
    ] {
        let document = format!(r#"{{"who": {{"role": "child"}}, "allow": ["{action}"], "what": {what}, {condition}}}"#);
        let found = limits_nothing(&rule(&document), Role::Child, &[]);
        assert_eq!(found.is_some(), is_noticed, "{document}");
        let off = ReadyMadeChoice { who: Who::Role(Role::Child), ready_made: false };
        assert_eq!(limits_nothing(&rule(&document), Role::Child, &[off]), None);
    }
}
