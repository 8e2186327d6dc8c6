//! What rules were: kept with the change, bounded, found damaged, mended.

use std::path::Path;

use hub_model::record::{Change, Record, RecordKey, SceneRecord};
use hub_model::revision::{RevisedKind, Revision, RevisionChange, RevisionEntry, RevisionQuery};
use hub_model::scene::{Scene, SceneState};
use hub_model::{Cause, Value};
use hub_store::Options;
use rusqlite::Connection;

use crate::support::{Bench, START, options, rule};

fn revision(id: &str, number: u64, change: RevisionChange) -> Change {
    let entry = RevisionEntry {
        kind: RevisedKind::Automation,
        id: id.into(),
        number,
        name: format!("Rule {id}").into(),
        at: START,
        author: "anna".into(),
        cause: Cause::Person { account: "anna".into(), via: "api".into() },
        change,
    };
    Change::Revision(Revision { entry, document: format!("{{\"number\":{number}}}").into() })
}

/// `hall 3 changed`, the newest first.
fn listed(bench: &Bench, id: Option<&str>) -> Vec<String> {
    let query =
        RevisionQuery { of: id.map(|id| (RevisedKind::Automation, Some(id.into()))), before: None, limit: 10_000 };
    let listed = bench.handle.revisions(&query).unwrap();
    listed.iter().map(|one| format!("{} {} {}", one.entry.id, one.entry.number, one.entry.change.as_str())).collect()
}

fn changed(bench: &Bench, id: &str, numbers: impl Iterator<Item = u64>) {
    bench.commit(numbers.map(|number| revision(id, number, RevisionChange::Changed)).collect()).unwrap();
}

#[test]
fn revisions_come_back_with_their_documents() {
    let bench = Bench::new();
    bench.commit(vec![Change::Put(rule("hall")), revision("hall", 1, RevisionChange::Created)]).unwrap();
    changed(&bench, "hall", 2..=3);
    bench.commit(vec![revision("hall", 4, RevisionChange::Reverted { revision: 2 })]).unwrap();
    bench.commit(vec![Change::Put(rule("night")), revision("night", 1, RevisionChange::Created)]).unwrap();
    let image = bench.cut();
    for bench in [Bench::of(image.path()), bench.restart()] {
        assert_eq!(
            listed(&bench, None),
            ["night 1 created", "hall 4 reverted", "hall 3 changed", "hall 2 changed", "hall 1 created"]
        );
        assert_eq!(listed(&bench, Some("night")), ["night 1 created"]);
        let two = bench.handle.revision(RevisedKind::Automation, "hall", 2).unwrap().unwrap();
        assert_eq!((&*two.document, &*two.entry.name, two.entry.at), ("{\"number\":2}", "Rule hall", START));
        let four = bench.handle.revision(RevisedKind::Automation, "hall", 4).unwrap().unwrap();
        assert_eq!(four.entry.change, RevisionChange::Reverted { revision: 2 });
        assert_eq!(bench.handle.revision(RevisedKind::Automation, "hall", 9).unwrap(), None);
        let newest: Vec<_> = bench.kept.revisions.iter().map(|(_, id, number)| (&**id, *number)).collect();
        assert_eq!(newest, [("hall", 4), ("night", 1)]);
    }
}

#[test]
fn pages_follow_each_other() {
    let bench = Bench::new();
    changed(&bench, "hall", 1..=7);
    let (mut seen, mut before) = (Vec::new(), None);
    loop {
        let query = RevisionQuery { of: Some((RevisedKind::Automation, Some("hall".into()))), before, limit: 3 };
        let page = bench.handle.revisions(&query).unwrap();
        seen.extend(page.iter().map(|one| one.entry.number));
        match page.last() {
            Some(last) => before = Some(last.place),
            None => break,
        }
    }
    assert_eq!(seen, [7, 6, 5, 4, 3, 2, 1]);
}

#[test]
fn only_the_newest_of_each_thing_are_kept() {
    let bench = Bench::new();
    changed(&bench, "hall", 1..=90);
    changed(&bench, "night", 1..=5);
    changed(&bench, "hall", 91..=130);
    let hall = listed(&bench, Some("hall"));
    assert_eq!((hall.len(), hall.first().unwrap().as_str()), (100, "hall 130 changed"));
    assert_eq!(hall.last().unwrap(), "hall 31 changed");
    assert_eq!(listed(&bench, Some("night")).len(), 5);
}

#[test]
fn only_the_newest_removed_things_are_kept() {
    let bench = Bench::with(Options { removed_limit: 3, ..options() });
    for number in 0..6 {
        let id = format!("r{number}");
        bench.commit(vec![revision(&id, 1, RevisionChange::Created)]).unwrap();
        bench
            .commit(vec![
                Change::Remove(RecordKey::Automation(id.as_str().into())),
                revision(&id, 2, RevisionChange::Removed),
            ])
            .unwrap();
        if number == 0 {
            // Brought back: it counts no longer.
            bench.commit(vec![revision(&id, 3, RevisionChange::Reverted { revision: 1 })]).unwrap();
        }
    }
    let ids: Vec<String> = bench.kept_ids();
    assert_eq!(ids, ["r0", "r3", "r4", "r5"]);
}

impl Bench {
    fn kept_ids(&self) -> Vec<String> {
        let mut ids: Vec<String> =
            listed(self, None).iter().map(|line| line.split(' ').next().unwrap().to_owned()).collect();
        ids.sort();
        ids.dedup();
        ids
    }
}

#[test]
fn all_together_take_no_more_room_than_they_may() {
    let bench = Bench::with(Options { revision_bytes: 3_000, ..options() });
    for number in 1..=50 {
        changed(&bench, "hall", number..=number);
    }
    let hall = listed(&bench, None);
    assert!((5..30).contains(&hall.len()), "{}", hall.len());
    assert_eq!(hall.first().unwrap(), "hall 50 changed");
}

#[test]
fn a_rule_that_has_no_revision_gets_one_at_the_start() {
    let bench = Bench::new();
    bench.put(rule("hall"));
    let bench = bench.restart();
    assert_eq!(listed(&bench, None), ["hall 1 created"]);
    assert_eq!(listed(&bench.restart(), None), ["hall 1 created"]);
}

#[test]
fn a_scene_from_before_there_were_revisions_gets_one_at_the_start() {
    let bench = Bench::new();
    let state =
        SceneState { device: "bus:lamp".into(), endpoint: Some(1), set: vec![("on".into(), Value::Bool(true))] };
    bench.put(Record::Scene(SceneRecord {
        scene: Scene { id: "film".into(), name: "Film".into(), transition_ms: None, states: vec![state] },
        revision: 4,
        author: "anna".into(),
        changed_at: START,
    }));
    let bench = bench.restart();
    assert_eq!(listed(&bench, None), ["film 4 changed"]);
    let revision = bench.handle.revision(RevisedKind::Scene, "film", 4).unwrap().unwrap();
    assert_eq!(
        (&*revision.document, &*revision.entry.name, revision.entry.author.as_str()),
        (
            r#"{"id":"film","name":"Film","states":[{"device":"bus:lamp","endpoint":1,"set":{"on":true}}]}"#,
            "Film",
            "anna"
        )
    );
    let bench = bench.restart();
    assert_eq!(bench.kept.revisions, [(RevisedKind::Scene, "film".into(), 4)]);
    // Of one kind only.
    changed(&bench, "film", 1..=1);
    let of = |kind| RevisionQuery { of: Some((kind, None)), before: None, limit: 10 };
    let listed = RevisedKind::ALL.map(|kind| bench.handle.revisions(&of(kind)).unwrap());
    assert_eq!(listed.map(|list| list.iter().map(|one| one.entry.number).collect::<Vec<_>>()), [vec![1], vec![4]]);
}

fn sql(folder: &Path, statement: &str) {
    let connection = Connection::open(folder.join("core.db")).unwrap();
    assert!(connection.execute(statement, []).unwrap() > 0, "{statement}");
}

#[test]
fn a_damaged_revision_comes_from_the_snapshot_or_is_left_out() {
    let bench = Bench::new();
    bench.put(rule("hall"));
    changed(&bench, "hall", 1..=3);
    bench.advance(120);
    bench.handle.flush();
    changed(&bench, "hall", 4..=5);
    let image = bench.cut();
    sql(image.path(), "UPDATE revisions SET document = CAST('{}' AS BLOB) WHERE number IN (2, 4)");
    let bench = Bench::of(image.path());
    assert!(
        bench.kept.findings.iter().any(|finding| finding.contains("2 earlier versions")),
        "{:?}",
        bench.kept.findings
    );
    assert_eq!(listed(&bench, None), ["hall 5 changed", "hall 3 changed", "hall 2 changed", "hall 1 changed"]);
    assert_eq!(bench.handle.revision(RevisedKind::Automation, "hall", 4).unwrap(), None);
    assert_eq!(bench.kept.automations.len(), 1);
    assert!(bench.restart().kept.findings.is_empty());
}

#[test]
fn a_lost_database_has_the_revisions_of_its_snapshot() {
    let bench = Bench::new();
    bench.put(rule("hall"));
    changed(&bench, "hall", 1..=3);
    bench.advance(120);
    bench.handle.flush();
    let image = bench.cut();
    for name in ["core.db", "core.db-wal"] {
        std::fs::write(image.path().join(name), b"no database any more").unwrap();
    }
    let bench = Bench::of(image.path());
    assert_eq!(listed(&bench, None), ["hall 3 changed", "hall 2 changed", "hall 1 changed"]);
}

#[test]
fn a_stopped_store_says_that_it_is_busy() {
    let bench = Bench::new();
    let handle = bench.handle.clone();
    bench.store.close();
    let query = RevisionQuery { of: None, before: None, limit: 1 };
    assert!(handle.revisions(&query).is_err());
}
