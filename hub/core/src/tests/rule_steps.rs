//! What rules do with protected things is for who may do that themself.

use hub_automation::document::{self, Enabled};

use super::permissions::home;
use super::*;
use crate::scene_edits::{DraftState, SceneDraft};

fn rule(id: &str, action: &str) -> Edit {
    let document = format!(r#"{{"name": "{id}", "triggers": [{{"time": "22:00"}}], "actions": [{action}]}}"#);
    Edit::Automation { id: Some(id.into()), document: document.into(), must_exist: None }
}

/// Every way in which a rule shuts the garage.
const SHUTS: [&str; 4] = [
    r#"{"command": {"device": "bus:garage", "set": {"on": false}}}"#,
    r#"{"choose": [{"if": [{"mode": "night"}], "do": [{"toggle": {"device": "bus:garage"}}]}]}"#,
    r#"{"scene": "shut"}"#,
    r#"{"command": {"device": "bus:group", "set": {"on": false}}}"#,
];

/// Every way in which a rule is made to do something else.
fn changes(id: &str) -> [Edit; 6] {
    let harmless = r#"{"name": "R", "triggers": [{"time": "22:00"}], "actions": [{"stop": "x"}]}"#;
    let named =
        format!(r#"{{"id": "{id}", "name": "R", "triggers": [{{"time": "22:00"}}], "actions": [{{"stop": "x"}}]}}"#);
    let switch = |enabled| Edit::EnableAutomation { id: id.into(), enabled };
    [
        switch(Enabled::No),
        switch(Enabled::Shadow),
        Edit::Automation { id: Some(id.into()), document: harmless.into(), must_exist: None },
        Edit::Automation { id: None, document: named.into(), must_exist: None },
        Edit::RevertAutomation { id: id.into(), revision: 1, document: harmless.into() },
        Edit::RemoveAutomation(id.into()),
    ]
}

fn bench() -> Bench {
    let mut bench = home();
    let states =
        vec![DraftState { device: "bus:garage".into(), endpoint: None, set: vec![("on".into(), Value::Bool(false))] }];
    let scene = SceneDraft { name: "Shut".into(), states, transition_ms: None };
    bench.edits("anna", Edit::Scene { id: Some("shut".into()), scene, must_exist: None }).unwrap();
    bench
}

#[test]
fn who_may_not_control_what_is_protected_changes_no_rule_that_does() {
    let mut bench = bench();
    for (number, action) in SHUTS.iter().enumerate() {
        let id = format!("shut-{number}");
        bench.edits("anna", rule(&id, action)).unwrap();
        for edit in changes(&id) {
            let refused = bench.edits("ida", edit.clone()).expect_err(&format!("{edit:?}"));
            assert!(refused.contains("something protected") && !refused.contains("arage"), "{refused}");
        }
        assert_eq!(bench.core.automations[&hub_model::AutomationId::new(&*id)].revision, 1);
        bench.edits("anna", changes(&id)[0].clone()).unwrap();
    }
    // The rest of the home is in her charge.
    bench.edits("anna", rule("lamp", r#"{"toggle": {"device": "bus:hall-lamp"}}"#)).unwrap();
    for edit in changes("lamp") {
        bench.edits("ida", edit).unwrap();
    }
}

/// A rule that activates the scene would do no more than before.
#[test]
fn what_is_protected_is_taken_out_of_no_scene_by_who_may_not_control_it() {
    let mut bench = bench();
    let scene = |devices: &[&str]| {
        let state = |device: &&str| DraftState {
            device: (*device).into(),
            endpoint: None,
            set: vec![("on".into(), Value::Bool(false))],
        };
        let scene =
            SceneDraft { name: "Shut".into(), states: devices.iter().map(state).collect(), transition_ms: None };
        Edit::Scene { id: Some("shut".into()), scene, must_exist: None }
    };
    for edit in [scene(&["bus:hall-lamp"]), Edit::RemoveScene("shut".into())] {
        let refused = bench.edits("ida", edit).unwrap_err();
        assert!(refused.contains("something protected"), "{refused}");
    }
    bench.edits("ida", scene(&["bus:garage", "bus:hall-lamp"])).unwrap();
    bench.edits("ida", scene(&["bus:garage"])).unwrap();
    bench.edits("anna", scene(&["bus:hall-lamp"])).unwrap();
    bench.edits("ida", Edit::RemoveScene("shut".into())).unwrap();
}

#[test]
fn who_may_control_it_may_change_the_rule_and_ones_own_rule_is_ones_own() {
    let mut bench = bench();
    bench.edits("ida", rule("own", SHUTS[0])).unwrap();
    for edit in changes("own") {
        bench.edits("ida", edit).unwrap();
    }
    bench.edits("anna", rule("shut", SHUTS[0])).unwrap();
    let policy = r#"{"rules": [{"id": "garage", "who": {"person": "ida"}, "allow": ["see", "control"],
        "what": {"types": ["garage_door"]}, "pin": true}]}"#;
    bench.edits("anna", Edit::Permissions(serde_json::from_str(policy).unwrap())).unwrap();
    for edit in changes("shut") {
        bench.edits("ida", edit).unwrap();
    }
}

#[test]
fn what_is_refused_each_time_is_said_when_it_is_saved() {
    let mut bench = bench();
    let policy = |more: &str| {
        let text = format!(
            r#"{{"rules": [{{"id": "r", "who": {{"person": "ben"}}, "allow": ["see", "control"],
                "what": {{"devices": ["bus:garage"]}}{more}}},
                {{"id": "see", "who": {{"person": "ben"}}, "allow": ["see"],
                "what": {{"devices": ["bus:garage", "bus:hall-lamp", "bus:group"], "parts": ["scenes"]}}}}],
                "ready_made": [{{"who": {{"role": "child"}}, "ready_made": false}}]}}"#
        );
        Edit::Permissions(serde_json::from_str(&text).unwrap())
    };
    let said = |bench: &mut Bench, action: &str| {
        let snapshot = bench.core.snapshot();
        let document =
            format!(r#"{{"name": "R", "triggers": [{{"time": "22:00"}}], "actions": [{{"delay": "1s"}}, {action}]}}"#);
        let document = document::parse_json(&document).unwrap();
        let found = crate::refused_steps(&snapshot, &bench.core.table, &"ben".into(), &document, &bench.now);
        found.iter().map(|one| format!("{} {}: {}", one.code, one.path, one.message)).collect::<Vec<_>>().join("\n")
    };
    for (more, reason) in [
        ("", ""),
        (r#", "pin": true"#, "PIN"),
        (r#", "approval": true"#, "adult must allow"),
        (r#", "pin": true, "when": {"from": "01:00", "to": "01:01"}"#, "PIN"),
        // At other times it is done.
        (r#", "when": {"from": "01:00", "to": "01:01"}, "only_while_home": ["adult"], "daily": {"minutes": 1}"#, ""),
        (r#", "until": "2020-01-01T00:00:00Z""#, "until"),
    ] {
        bench.edits("anna", policy(more)).unwrap();
        let text = said(&mut bench, SHUTS[0]);
        assert_eq!(text.starts_with("not_allowed actions[1]"), !reason.is_empty(), "{more}: {text}");
        assert!(text.contains(reason), "{more}: {text}");
    }
    bench.edits("anna", policy("")).unwrap();
    // What may be seen only, what is in a group and in a scene, and a part of the hub.
    let seen_only =
        said(&mut bench, r#"{"command": {"device": "bus:hall-lamp", "set": {"on": true, "brightness": 5}}}"#);
    assert!(
        seen_only.contains("on of") && seen_only.contains("and 1 more") && seen_only.contains("No rule allows"),
        "{seen_only}"
    );
    assert!(said(&mut bench, SHUTS[3]).contains("No rule allows"));
    assert!(said(&mut bench, SHUTS[2]).contains("scenes"));
    assert!(said(&mut bench, r#"{"set_mode": "night"}"#).contains("mode"));
    assert_eq!(said(&mut bench, r#"{"notify": {"to": "everyone", "message": "x"}}"#), "");
}
