//! The audit log: kept with the change, chained, bounded; what was tampered with is found.

use std::path::Path;
use std::time::Duration;

use hub_model::Trust;
use hub_model::audit::{AuditCheck, AuditEntry, AuditQuery};
use hub_model::record::Change;
use hub_store::Options;
use rusqlite::Connection;

use crate::support::{Bench, START, options, rule};

fn entry(bench: &Bench, what: u64) -> Change {
    Change::Audit(AuditEntry {
        at: bench.now(),
        who: "user-anna".into(),
        via: "api".into(),
        source: Some("192.168.1.20".into()),
        action: "rule_saved".into(),
        what: Some(what.to_string().into()),
        outcome: "ok".into(),
        detail: None,
    })
}

fn audited(bench: &Bench, numbers: impl Iterator<Item = u64>) {
    bench.commit(numbers.map(|number| entry(bench, number)).collect()).unwrap();
}

/// What was done, newest first.
fn listed(bench: &Bench, before: Option<u64>, limit: usize) -> Vec<(u64, String)> {
    let listed = bench.handle.audit(&AuditQuery { before, limit }).unwrap();
    listed.iter().map(|one| (one.number, one.entry.what.as_deref().unwrap_or_default().to_owned())).collect()
}

fn check(bench: &Bench) -> AuditCheck {
    bench.handle.check_audit().unwrap()
}

#[test]
fn entries_come_back_in_pages_and_the_chain_is_whole() {
    let bench = Bench::new();
    assert_eq!(check(&bench), AuditCheck::default());
    bench.commit(vec![Change::Put(rule("hall")), entry(&bench, 1)]).unwrap();
    audited(&bench, 2..=5);
    let image = bench.cut();
    for bench in [Bench::of(image.path()), bench.restart()] {
        assert_eq!(listed(&bench, None, 2), [(5, "5".to_owned()), (4, "4".to_owned())]);
        assert_eq!(listed(&bench, Some(2), 2), [(1, "1".to_owned())]);
        assert_eq!(check(&bench), AuditCheck { entries: 5, first: Some(1), broken_at: None });
        assert_eq!(bench.kept.automations.len(), 1);
    }
}

#[test]
fn a_long_chain_is_checked_in_steps() {
    let bench = Bench::new();
    audited(&bench, 1..=4_001);
    assert_eq!(check(&bench), AuditCheck { entries: 4_001, first: Some(1), broken_at: None });
}

fn sql(folder: &Path, statement: &str) {
    let connection = Connection::open(folder.join("core.db")).unwrap();
    assert!(connection.execute(statement, []).unwrap() > 0, "{statement}");
}

#[test]
fn what_was_tampered_with_is_found() {
    for (statement, place) in [
        (
            "UPDATE audit SET entry = CAST(replace(CAST(entry AS TEXT), 'user-anna', 'user-bert') AS BLOB) WHERE number = 3",
            3,
        ),
        ("UPDATE audit SET hash = zeroblob(32) WHERE number = 2", 2),
        ("DELETE FROM audit WHERE number = 4", 4),
        ("DELETE FROM audit WHERE number = 1", 1),
        ("DELETE FROM audit WHERE number = 6", 6),
        ("DELETE FROM audit", 1),
        ("DELETE FROM audit_ends", 7),
        ("INSERT INTO audit SELECT 7, at, entry, hash FROM audit WHERE number = 6", 7),
        ("UPDATE audit SET number = 9 WHERE number = 5", 5),
    ] {
        let bench = Bench::new();
        audited(&bench, 1..=6);
        let bench = bench.restart_after(|folder| sql(folder, statement));
        assert_eq!(check(&bench).broken_at, Some(place), "{statement}");
        // The hub goes on, and so does its log; that does not heal it.
        audited(&bench, 7..=7);
        assert_eq!(listed(&bench, None, 1).first().unwrap().1, "7", "{statement}");
        assert_eq!(check(&bench).broken_at, Some(place), "{statement}");
    }
}

#[test]
fn the_oldest_are_let_go_and_the_rest_is_whole() {
    let bench = Bench::with(Options { audit_limit: 10, audit_days: 30, ..options() });
    for number in 1..=25 {
        audited(&bench, number..=number);
    }
    assert_eq!(check(&bench), AuditCheck { entries: 10, first: Some(16), broken_at: None });
    bench.clock.advance(Duration::from_secs(31 * 24 * 3_600));
    audited(&bench, 26..=26);
    assert_eq!(check(&bench), AuditCheck { entries: 1, first: Some(26), broken_at: None });
    let bench = bench.restart_after(|folder| sql(folder, "DELETE FROM audit WHERE number = 26"));
    assert_eq!(check(&bench).broken_at, Some(26));
}

#[test]
fn a_clock_that_is_not_sure_lets_none_go() {
    let bench = Bench::with(Options { audit_days: 30, ..options() });
    audited(&bench, 1..=3);
    for trust in [Trust::Persisted, Trust::Rtc, Trust::Lan, Trust::Person] {
        bench.clock.jump_to("2199-01-01T00:00:00Z".parse().unwrap(), trust);
        audited(&bench, 4..=4);
    }
    bench.clock.jump_to(START.plus(Duration::from_secs(3_600)), Trust::Ntp);
    audited(&bench, 5..=5);
    assert_eq!(check(&bench), AuditCheck { entries: 8, first: Some(1), broken_at: None });
}

#[test]
fn a_damaged_database_keeps_its_audit_log() {
    let bench = Bench::new();
    bench.put(rule("hall"));
    audited(&bench, 1..=3);
    bench.advance(120);
    bench.handle.flush();
    audited(&bench, 4..=5);
    let image = bench.cut();
    sql(image.path(), "UPDATE records SET body = CAST('{}' AS BLOB) WHERE kind = 'automation'");
    let mended = Bench::of(image.path());
    assert!(!mended.kept.findings.is_empty());
    assert_eq!(check(&mended), AuditCheck { entries: 5, first: Some(1), broken_at: None });
}
