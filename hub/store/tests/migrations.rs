//! Databases of every version before are read. A new migration adds the fixture of the version that it starts from.

use std::path::Path;

use hub_model::audit::AuditQuery;
use hub_model::revision::{RevisedKind, RevisionQuery};
use hub_model::{Timestamp, Value};
use rusqlite::Connection;

use crate::support::{Bench, areas};

/// The rule of the fixtures.
const HALL: &str = r#"{"id":"hall","name":"Hall","triggers":[{"time":"07:30"}],"actions":[{"delay":"1s"}]}"#;

fn write(folder: &Path, name: &str, script: &str) {
    Connection::open(folder.join(name)).unwrap().execute_batch(script).unwrap();
}

#[test]
fn databases_of_every_version_are_read() {
    let history = include_str!("fixtures/history-1.sql");
    for core in
        [include_str!("fixtures/core-1.sql"), include_str!("fixtures/core-2.sql"), include_str!("fixtures/core-3.sql")]
    {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), "core.db", core);
        write(folder.path(), "history.db", history);
        let bench = Bench::of(folder.path());
        assert!(bench.kept.findings.is_empty(), "{:?}", bench.kept.findings);
        assert_eq!(areas(&bench.kept), ["hall=Hall"]);
        assert_eq!((bench.kept.epoch, bench.kept.clean, bench.kept.last_seq), (1_888_000_000_000_000, true, 12));
        assert_eq!(
            bench.kept.secrets.first().map(|(name, secret)| (&**name, secret.reveal())),
            Some(("setup-code", "hash"))
        );
        assert_eq!(bench.kept.states.first().map(|state| state.value.clone()), Some(Value::Bool(true)));
        assert_eq!(bench.values("on"), [Value::Bool(true)]);
        // The rule of the first version got the revision that it is.
        let query = RevisionQuery { of: None, before: None, limit: 10 };
        let listed = bench.handle.revisions(&query).unwrap();
        assert_eq!(listed.len(), 1, "{listed:?}");
        let revision = bench.handle.revision(RevisedKind::Automation, "hall", 3).unwrap().unwrap();
        assert_eq!((&*revision.entry.name, revision.entry.author.as_str()), ("Hall", "anna"));
        assert_eq!((&*revision.document, revision.entry.at), (HALL, Timestamp(1_798_761_600_000)));
        // There was no audit log before the third.
        let listed = bench.handle.audit(&AuditQuery { before: None, limit: 10 }).unwrap();
        let actions: Vec<&str> = listed.iter().map(|record| &*record.entry.action).collect();
        assert!(actions.is_empty() || actions == ["rule_saved", "login"], "{actions:?}");
        let check = bench.handle.check_audit().unwrap();
        assert_eq!((check.entries, check.broken_at), (listed.len() as u64, None));
    }
}

#[test]
fn there_is_a_fixture_of_every_version() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    for kind in ["core", "history"] {
        let versions = std::fs::read_dir(here.join("migrations").join(kind)).unwrap().count();
        for version in 1..=versions {
            assert!(here.join(format!("tests/fixtures/{kind}-{version}.sql")).exists(), "{kind} {version}");
        }
    }
}
