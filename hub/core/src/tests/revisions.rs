//! Every change of a rule is kept beside it, with who made it.

use hub_automation::document::Enabled;
use hub_model::record::AutomationRecord;
use hub_model::revision::{RevisedKind, Revision, RevisionChange};

use super::*;
use crate::scene_edits::{DraftState, SceneDraft};

const RULE: &str = r#"{"name":"Dark","triggers":[{"state":{"device":"bus:hall-lamp","attribute":"on","to":false}}],
    "actions":[{"command":{"device":"bus:hall-lamp","set":{"brightness":1}}}]}"#;

impl Bench {
    /// Makes a change by Anna, and gives the revisions that are kept with it.
    fn anna(&mut self, edit: Edit) -> (Result<Edited, EditError>, Vec<Revision>) {
        let (reply, mut answer) = oneshot::channel();
        let cause = Cause::Person { account: "anna".into(), via: "api".into() };
        self.core.step(&self.now, Input::Request(Request::Edit { cause, edit, audit: None, reply }), &mut self.out);
        let kept = self.out.commits.iter().flat_map(|(_, changes)| changes.clone());
        let revisions = kept
            .filter_map(|change| if let Change::Revision(revision) = change { Some(revision) } else { None })
            .collect();
        self.kept(Ok(()));
        (answer.try_recv().unwrap(), revisions)
    }

    fn told(&mut self, edit: Edit) -> String {
        let (answer, revisions) = self.anna(edit);
        if let Err(error) = answer {
            return error.to_string();
        }
        let told = revisions.iter().map(|revision| {
            let entry = &revision.entry;
            let enabled = if revision.document.contains("\"enabled\":false") { " off" } else { "" };
            format!("{} {} {:?} by {}{enabled}", entry.id, entry.number, entry.change, entry.author)
        });
        told.collect::<Vec<_>>().join(", ")
    }
}

fn write(document: &str) -> Edit {
    Edit::Automation { id: Some("dark".into()), document: document.into(), must_exist: None }
}

#[test]
fn each_change_of_a_rule_is_kept_with_it() {
    let mut bench = Bench::with_lamp();
    let (_, first) = bench.anna(write(RULE));
    let [first] = first.as_slice() else { panic!("{first:?}") };
    assert_eq!(
        (&*first.entry.name, first.entry.kind, first.entry.at),
        ("Dark", RevisedKind::Automation, bench.now.time())
    );
    assert_eq!(first.entry.cause, Cause::Person { account: "anna".into(), via: "api".into() });
    let revert = |document: &str| Edit::RevertAutomation { id: "dark".into(), revision: 1, document: document.into() };
    let mut told = vec![
        bench.told(write(&RULE.replace("Dark", "Darker"))),
        bench.told(Edit::EnableAutomation { id: "dark".into(), enabled: Enabled::No }),
        bench.told(Edit::EnableAutomation { id: "dark".into(), enabled: Enabled::Yes }),
        bench.told(Edit::EnableAutomation { id: "dark".into(), enabled: Enabled::Shadow }),
        bench.told(revert(&first.document)),
        bench.told(Edit::RemoveAutomation("dark".into())),
        bench.told(revert(&first.document)),
        bench.told(Edit::RemoveAutomation("dark".into())),
        bench.told(write(RULE)),
    ];
    told.push(bench.told(revert(&first.document.replace("bus:hall-lamp", "bus:gone"))));
    assert_eq!(
        told,
        [
            "dark 2 Changed by anna",
            "dark 3 Disabled by anna off",
            "dark 4 Enabled by anna",
            "dark 5 Shadowed by anna",
            "dark 6 Reverted { revision: 1 } by anna",
            "dark 7 Removed by anna",
            "dark 8 Reverted { revision: 1 } by anna",
            "dark 9 Removed by anna",
            "dark 10 Created by anna",
            "the rule has errors",
        ]
    );
}

#[test]
fn a_rule_whose_device_is_replaced_has_a_revision_of_who_did_that() {
    let mut bench = Bench::with_lamp();
    bench.tell(DriverEvent::Device(Box::new(lamp(&driver(), "new-lamp"))));
    assert!(bench.anna(write(RULE)).0.is_ok());
    let told = bench.told(Edit::ReplaceDevice { old: hall(), new: DeviceId::new("bus:new-lamp") });
    assert_eq!(told, "dark 2 DeviceReplaced by anna");
}

#[test]
fn a_number_never_names_two_revisions() {
    let rule = AutomationRecord {
        id: "dark".into(),
        document: RULE.into(),
        revision: 4,
        author: "anna".into(),
        changed_at: Timestamp(0),
    };
    let kept = Kept {
        automations: vec![rule],
        revisions: vec![(RevisedKind::Automation, "gone".into(), 9), (RevisedKind::Automation, "dark".into(), 4)],
        ..Kept::default()
    };
    let mut bench = Bench::new(&kept);
    bench.tell(DriverEvent::Device(Box::new(lamp(&driver(), "hall-lamp"))));
    let gone = Edit::Automation { id: Some("gone".into()), document: RULE.into(), must_exist: None };
    assert_eq!(bench.told(gone), "gone 10 Created by anna");
    assert_eq!(bench.told(write(RULE)), "dark 5 Changed by anna");
    // Two changes at once.
    let mut answers = [bench.edit(write(RULE)), bench.edit(write(RULE))];
    bench.kept(Ok(()));
    let numbers = answers.each_mut().map(|answer| match answer.try_recv().unwrap() {
        Ok(Edited::Automation(rule)) => rule.revision,
        other => panic!("{other:?}"),
    });
    assert_eq!(numbers, [6, 7]);
}

#[test]
fn what_is_kept_of_a_change_is_one_commit() {
    let mut bench = Bench::with_lamp();
    bench.edit(write(RULE));
    let commits: Vec<usize> = bench.out.commits.iter().map(|(_, changes)| changes.len()).collect();
    assert_eq!(commits, [2]);
    let (_, changes) = bench.out.commits.first().unwrap();
    let (Some(Change::Put(Record::Automation(rule))), Some(Change::Revision(revision))) =
        (changes.first(), changes.get(1))
    else {
        panic!("{changes:?}")
    };
    assert_eq!((rule.revision, &rule.document), (revision.entry.number, &revision.document));
    assert_eq!(revision.entry.change, RevisionChange::Created);
}

fn scene(name: &str, brightness: f64) -> SceneDraft {
    let set = vec![("brightness".into(), Value::Number(brightness))];
    let states = vec![DraftState { device: "bus:hall-lamp".into(), endpoint: None, set }];
    SceneDraft { name: name.into(), transition_ms: None, states }
}

fn write_scene(name: &str, brightness: f64) -> Edit {
    Edit::Scene { id: Some("film".into()), scene: scene(name, brightness), must_exist: None }
}

#[test]
fn each_change_of_a_scene_is_kept_with_it() {
    let mut bench = Bench::with_lamp();
    let (_, first) = bench.anna(write_scene("Film", 20.0));
    let [first] = first.as_slice() else { panic!("{first:?}") };
    assert_eq!((&*first.entry.name, first.entry.kind), ("Film", RevisedKind::Scene));
    expect_test::expect![[
        r#"{"id":"film","name":"Film","states":[{"device":"bus:hall-lamp","endpoint":1,"set":{"brightness":20}}]}"#
    ]]
    .assert_eq(&first.document);
    let revert = || Edit::RevertScene { id: "film".into(), revision: 1, scene: scene("Film", 20.0) };
    let capture = Edit::CaptureScene { name: "Now".into(), devices: vec!["bus:hall-lamp".into()], attributes: None };
    bench.report("on", Value::Bool(true), Origin::Live);
    let told = vec![
        bench.told(write_scene("Movie", 30.0)),
        bench.told(revert()),
        bench.told(Edit::RemoveScene("film".into())),
        bench.told(revert()),
        bench.told(Edit::RemoveScene("film".into())),
        bench.told(write_scene("Film", 40.0)),
        bench.told(capture),
    ];
    assert_eq!(
        told,
        [
            "film 2 Changed by anna",
            "film 3 Reverted { revision: 1 } by anna",
            "film 4 Removed by anna",
            "film 5 Reverted { revision: 1 } by anna",
            "film 6 Removed by anna",
            "film 7 Created by anna",
            "now 1 Created by anna",
        ]
    );
    bench.tell(DriverEvent::Device(Box::new(lamp(&driver(), "new-lamp"))));
    let told = bench.told(Edit::ReplaceDevice { old: hall(), new: DeviceId::new("bus:new-lamp") });
    assert_eq!(told, "film 8 DeviceReplaced by anna, now 2 DeviceReplaced by anna");
    let refused = bench.told(revert());
    assert!(refused.contains("the scene has errors"), "{refused}");
}
