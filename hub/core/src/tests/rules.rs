//! What rules may do, and what is said of what keeps them from it.

use hub_automation::Action;
use hub_model::household::{Account, Role};
use hub_model::record::AutomationRecord;

use super::*;

/// Anna may do everything, Bert nothing.
fn household() -> Kept {
    let account = |id: &str, role: Role| Account::new(id.into(), id, role, Timestamp(0));
    Kept {
        accounts: vec![account("anna", Role::Owner), account("bert", Role::Guest)],
        permissions: Some(r#"{"ready_made": [{"who": {"role": "guest"}, "ready_made": false}]}"#.into()),
        ..Kept::default()
    }
}

fn rule(id: &str, author: &str) -> AutomationRecord {
    let document = format!(
        r#"{{"id":"{id}","name":"{id}","triggers":[{{"webhook":"not-a-secret-at-all"}}],
            "actions":[{{"notify":{{"message":"hello"}}}}]}}"#
    );
    AutomationRecord {
        id: id.into(),
        document: document.into(),
        revision: 1,
        author: author.into(),
        changed_at: Timestamp(1_700_000_000_000),
    }
}

#[test]
fn a_rule_does_what_its_author_may() {
    let mut bench = Bench::with_lamp_and(&household());
    for (id, author) in [("hers", "anna"), ("his", "bert")] {
        bench.core.automations.insert(id.into(), rule(id, author));
    }
    let set = |automation: &str| Action::Command {
        automation: automation.into(),
        run: format!("{automation}-1").into(),
        depth: 1,
        request: CommandRequest {
            device: hall(),
            endpoint: None,
            set: vec![("on".into(), Value::Bool(true))],
            transition_ms: None,
            ttl_ms: None,
        },
    };
    let mode = Action::SetMode { automation: "his".into(), run: "his-1".into(), depth: 1, mode: "night".into() };
    bench.core.act(&bench.now, vec![set("his"), mode, set("hers")], &mut bench.out);
    bench.core.step(&bench.now, Input::Timeout, &mut bench.out);
    let of = |request: &DriverRequest| matches!(request, DriverRequest::Command(_));
    assert_eq!(bench.out.sends.iter().filter(|(_, request)| of(request)).count(), 1);
    let said: Vec<String> = std::mem::take(&mut bench.out.events)
        .iter()
        .filter_map(|event| match &event.kind {
            EventKind::AutomationRun { automation, phase, detail, .. } => {
                Some(format!("{automation} {phase}: {}", detail.as_deref().unwrap_or_default()))
            }
            _ => None,
        })
        .collect();
    expect_test::expect![[r#"
        [
            "his failed: it was not done: No rule allows bert to control on of this device; an owner can add one.",
            "his failed: it was not done: No rule allows bert to control mode; an owner can add one.",
        ]
    "#]]
    .assert_debug_eq(&said);
}

#[test]
fn a_clock_that_nobody_confirms_is_said_and_over_when_somebody_does() {
    let mut bench = Bench::with_lamp();
    let codes = |bench: &Bench| bench.core.alerts.iter().map(|alert| alert.code.to_string()).collect::<Vec<_>>();
    bench.now.wall.trust = hub_model::Trust::Persisted;
    bench.pass(Duration::from_secs(300));
    assert_eq!(codes(&bench), [""; 0], "most hear a time server within minutes");
    assert!(bench.core.poll_timeout(&bench.now).is_some());
    bench.pass(Duration::from_secs(301));
    assert_eq!(codes(&bench), ["clock_untrusted"]);
    bench.pass(Duration::from_secs(60));
    assert_eq!(codes(&bench), ["clock_untrusted"]);
    bench.now.wall.trust = hub_model::Trust::Ntp;
    bench.pass(Duration::from_secs(1));
    assert_eq!(codes(&bench), [""; 0]);
}

#[test]
fn a_rule_that_was_stopped_is_an_alert_and_its_author_is_told() {
    let mut bench = Bench::with_lamp();
    let document = r#"{"name":"Mad","triggers":[{"webhook":"a-secret-that-is-long-enough"}],"actions":[{"notify":{"message":"hello"}}]}"#;
    let edit = |bench: &mut Bench, edit| {
        drop(bench.edit(edit));
        bench.kept(Ok(()));
    };
    let save = |must_exist| Edit::Automation {
        id: Some("mad".into()),
        document: document.into(),
        must_exist: Some(must_exist),
    };
    edit(&mut bench, save(false));
    let run = crate::core::Run { automation: "mad".into(), run: "mad-1".into() };
    bench.core.rule_stopped(&bench.now, &run, "it fired too often", &mut bench.out);
    bench.core.rule_stopped(&bench.now, &run, "it fired too often", &mut bench.out);
    let codes = |bench: &Bench| bench.core.alerts.iter().map(|alert| alert.code.to_string()).collect::<Vec<_>>();
    assert_eq!(codes(&bench), ["rule_stopped:mad"]);
    edit(&mut bench, save(true));
    assert_eq!(codes(&bench), [""; 0]);
}
