//! Damaged files: found, mended, said; and nothing keeps the hub from starting.

use std::path::Path;
use std::time::Duration;

use hub_model::record::{Change, RecordKey};
use hub_model::{Clock, Value};
use hub_store::{OpenError, Store};
use rusqlite::Connection;

use crate::support::{Bench, area, areas, home, options, rule, secret};

fn sql(folder: &Path, file: &str, statement: &str) {
    let connection = Connection::open(folder.join(file)).unwrap();
    assert!(connection.execute(statement, []).unwrap() > 0, "{statement}");
}

/// A store with records, a snapshot, and one record that is newer than the snapshot.
fn furnished() -> Bench {
    let bench = Bench::new();
    bench.put(home("Casa"));
    for number in 0..5 {
        bench.put(area(&format!("a{number}"), "Room"));
    }
    bench.put(secret("account/anna/password", "hash"));
    bench.put(rule("hall"));
    bench.state("on", true);
    bench.advance(120);
    bench.handle.flush();
    assert!(bench.folder.join("core.db.snapshot").exists());
    bench.put(area("new", "Newer than the snapshot"));
    bench.commit(vec![Change::Remove(RecordKey::Area("a4".into()))]).unwrap();
    bench
}

/// Stops uncleanly, so that no newer snapshot is made, and damages the files.
fn damaged(bench: Bench, change: impl FnOnce(&Path)) -> (tempfile::TempDir, Bench) {
    let image = bench.cut();
    change(image.path());
    let bench = Bench::of(image.path());
    (image, bench)
}

#[test]
fn a_damaged_row_of_either_table_comes_from_the_snapshot() {
    for statement in [
        "UPDATE records SET body = CAST('{}' AS BLOB) WHERE kind = 'area' AND id = 'a1'",
        "UPDATE records SET checksum = checksum + 1 WHERE kind = 'home'",
        "UPDATE records SET id = 'b1' WHERE kind = 'area' AND id = 'a1'",
        "UPDATE records SET kind = 'arez' WHERE kind = 'area' AND id = 'a1'",
        "UPDATE secrets SET body = CAST('\"other\"' AS BLOB)",
    ] {
        let (_image, bench) = damaged(furnished(), |folder| sql(folder, "core.db", statement));
        let kept = &bench.kept;
        assert!(areas(kept).contains(&"a1=Room".to_owned()), "{statement}: {:?}", areas(kept));
        assert!(areas(kept).contains(&"new=Newer than the snapshot".to_owned()), "{statement}");
        assert_eq!(kept.home.as_ref().map(|home| &*home.name), Some("Casa"), "{statement}");
        assert_eq!(kept.secrets.first().map(|(_, secret)| secret.reveal()), Some("hash"), "{statement}");
        assert!(kept.findings.iter().any(|finding| finding.contains("mended")), "{statement}: {:?}", kept.findings);
        assert_eq!(bench.troubles(), ["core_restored"]);
        let aside = std::fs::read_dir(&bench.folder).unwrap().flatten();
        assert!(aside.into_iter().any(|file| file.file_name().to_string_lossy().starts_with("core.db.damaged-")));
        // It is whole now.
        let bench = bench.restart();
        assert!(bench.kept.findings.is_empty() && bench.troubles().is_empty());
    }
}

#[test]
fn what_was_removed_stays_removed_when_the_damaged_row_is_known() {
    let statement = "UPDATE records SET checksum = checksum + 1 WHERE kind = 'area' AND id = 'a1'";
    let (_image, bench) = damaged(furnished(), |folder| sql(folder, "core.db", statement));
    assert_eq!(areas(&bench.kept), ["a0=Room", "a1=Room", "a2=Room", "a3=Room", "new=Newer than the snapshot"]);
}

#[test]
fn a_destroyed_or_missing_database_comes_from_the_snapshot() {
    type Destroy = fn(&Path);
    let destroy: [Destroy; 4] = [
        |folder| {
            std::fs::write(folder.join("core.db"), b"not a database, but long enough to look at it. ".repeat(200))
                .unwrap();
        },
        |folder| std::fs::write(folder.join("core.db"), b"").unwrap(),
        |folder| {
            std::fs::remove_file(folder.join("core.db")).unwrap();
            let _ = std::fs::remove_file(folder.join("core.db-wal"));
        },
        |folder| {
            Connection::open(folder.join("core.db"))
                .unwrap()
                .pragma_update(None, "wal_checkpoint", "TRUNCATE")
                .unwrap();
            let mut bytes = std::fs::read(folder.join("core.db")).unwrap();
            let length = bytes.len();
            bytes[4_096..length].fill(0x5a);
            std::fs::write(folder.join("core.db"), bytes).unwrap();
        },
    ];
    for (index, destroy) in destroy.into_iter().enumerate() {
        let before = furnished();
        let epoch = before.kept.epoch;
        let (_image, bench) = damaged(before, |folder| {
            let _ = std::fs::remove_file(folder.join("core.db-wal"));
            destroy(folder);
        });
        assert!(areas(&bench.kept).len() >= 5, "{index}: {:?}", areas(&bench.kept));
        assert_eq!(bench.kept.home.as_ref().map(|home| &*home.name), Some("Casa"), "{index}");
        assert!(bench.kept.epoch > epoch && !bench.kept.clean, "{index}");
        assert!(!bench.kept.findings.is_empty(), "{index}");
        bench.put(area("later", "Room"));
        assert!(areas(&bench.restart().kept).contains(&"later=Room".to_owned()));
    }
}

#[test]
fn bits_flipped_anywhere_are_found_or_harmless() {
    let image = {
        let bench = furnished();
        bench.restart().cut()
    };
    let whole = std::fs::read(image.path().join("core.db")).unwrap();
    let expected = areas(&Bench::of(image.path()).kept);
    for step in 0..60 {
        let copy = crate::support::copy(image.path());
        let mut bytes = whole.clone();
        let place = step * 7_919 % bytes.len();
        bytes[place] ^= 1 << (step % 8);
        std::fs::write(copy.path().join("core.db"), bytes).unwrap();
        let _ = std::fs::remove_file(copy.path().join("core.db-wal"));
        let found = Store::open(copy.path(), std::sync::Arc::new(hub_model::time::ManualClock::default()), options());
        match found {
            Ok((store, kept)) => {
                assert_eq!(areas(&kept), expected, "flipped at {place}: {:?}", kept.findings);
                store.close();
            }
            // The version is a number that no checksum covers.
            Err(error) => {
                assert!(matches!(error, OpenError::Newer { .. }) && (60..64).contains(&place), "{place}: {error}");
            }
        }
    }
}

#[test]
fn a_power_cut_while_mending_is_mended_at_the_next_start() {
    let (image, bench) =
        damaged(furnished(), |folder| sql(folder, "core.db", "UPDATE records SET checksum = 0 WHERE kind = 'home'"));
    drop(bench.store);
    let copy = crate::support::copy(image.path());
    std::fs::rename(copy.path().join("core.db"), copy.path().join("core.db.restored")).unwrap();
    std::fs::write(copy.path().join("core.db"), b"damaged").unwrap();
    std::fs::write(copy.path().join("core.db-wal"), b"stale").unwrap();
    let bench = Bench::of(copy.path());
    assert_eq!(bench.kept.home.as_ref().map(|home| &*home.name), Some("Casa"));
    assert!(!copy.path().join("core.db.restored").exists());
}

#[test]
fn a_newer_database_is_refused_in_words() {
    for file in ["core.db", "history.db"] {
        let bench = Bench::new();
        let folder = bench.folder.clone();
        let clock = bench.clock.clone();
        drop(bench.store);
        Connection::open(folder.join(file)).unwrap().pragma_update(None, "user_version", 99).unwrap();
        let error = Store::open(&folder, clock, options()).unwrap_err();
        assert!(matches!(&error, OpenError::Newer { found: 99, .. }) && error.to_string().starts_with(file), "{error}");
    }
}

#[test]
fn a_second_hub_on_the_same_folder_is_refused() {
    let bench = Bench::new();
    let error = Store::open(&bench.folder, bench.clock.clone(), options()).unwrap_err();
    assert!(matches!(error, OpenError::InUse { .. }), "{error}");
}

#[test]
fn a_damaged_chunk_is_a_gap_and_nothing_more() {
    let bench = Bench::new();
    bench.state("power", 1.0);
    bench.fill_journal();
    let first = bench.samples("filler").len();
    let bench = bench.restart_after(|folder| {
        let damage = "UPDATE chunks SET body = zeroblob(length(body)) WHERE id = \
                      (SELECT min(chunks.id) FROM chunks JOIN series ON series.id = series WHERE attribute = 'filler')";
        sql(folder, "history.db", damage);
    });
    let left = bench.samples("filler").len();
    assert!(left < first && left > 0, "{left} of {first}");
    assert_eq!(bench.values("power"), [Value::Number(1.0)]);
    assert_eq!(bench.troubles(), ["history_damaged"]);
    bench.state("power", 2.0);
    assert_eq!(bench.values("power").len(), 1 + 1);
}

#[test]
fn a_damaged_last_state_is_left_out() {
    let bench = Bench::new();
    bench.state("on", true);
    bench.state("power", 7.0);
    bench.fill_journal();
    let bench = bench.restart_after(|folder| {
        sql(folder, "history.db", "UPDATE last_states SET checksum = checksum + 1 WHERE at > 0");
    });
    assert!(bench.kept.states.iter().all(|state| state.attribute.as_str() == "filler"));
    assert!(!bench.kept.findings.is_empty());
}

#[test]
fn a_destroyed_history_is_set_aside_and_the_hub_starts() {
    for (content, length) in [(&b"nonsense"[..], 1_000), (b"", 0)] {
        let bench = furnished();
        bench.fill_journal();
        let bench =
            bench.restart_after(|folder| std::fs::write(folder.join("history.db"), content.repeat(length)).unwrap());
        assert_eq!(bench.kept.areas.len(), 5);
        assert!(bench.kept.findings.iter().any(|finding| finding.contains("begun anew")), "{:?}", bench.kept.findings);
        bench.state("on", false);
        bench.handle.flush();
        assert_eq!(bench.values("on").last(), Some(&Value::Bool(false)));
        bench.fill_journal();
        assert_eq!(bench.restart().values("on").last(), Some(&Value::Bool(false)));
    }
}

#[test]
fn what_is_readable_of_a_damaged_history_is_kept() {
    let bench = Bench::new();
    bench.state("power", 1.0);
    bench.fill_journal();
    let bench = bench.restart_after(|folder| {
        let connection = Connection::open(folder.join("history.db")).unwrap();
        connection.pragma_update(None, "wal_checkpoint", "TRUNCATE").unwrap();
        let find = "SELECT rootpage FROM sqlite_master WHERE name = 'marks'";
        let page: u32 = connection.query_row(find, [], |row| row.get(0)).unwrap();
        let page = page as usize;
        drop(connection);
        let path = folder.join("history.db");
        let mut bytes = std::fs::read(&path).unwrap();
        bytes[(page - 1) * 4_096..page * 4_096].fill(0xa5);
        std::fs::write(path, bytes).unwrap();
    });
    assert!(bench.kept.findings.iter().any(|finding| finding.contains("begun anew")), "{:?}", bench.kept.findings);
    assert_eq!(bench.values("power"), [Value::Number(1.0)]);
    assert!(bench.kept.states.iter().any(|state| state.attribute.as_str() == "power"));
    bench.state("power", 2.0);
    bench.fill_journal();
    let bench = bench.restart();
    assert_eq!(bench.values("power"), [1.0, 2.0].map(Value::Number));
    assert!(bench.kept.findings.is_empty(), "{:?}", bench.kept.findings);
}

#[test]
fn a_missing_journal_is_made_anew() {
    let bench = furnished();
    bench.fill_journal();
    let bench = bench.restart_after(|folder| std::fs::remove_file(folder.join("history.journal")).unwrap());
    bench.state("on", false);
    bench.handle.flush();
    assert_eq!(bench.values("on").last(), Some(&Value::Bool(false)));
}

#[test]
fn snapshots_are_made_at_most_hourly_and_at_a_clean_stop() {
    let bench = Bench::new();
    let stamp = |bench: &Bench| std::fs::read(bench.folder.join("core.db.snapshot")).ok();
    bench.put(home("Casa"));
    bench.handle.flush();
    assert_eq!(stamp(&bench), None);
    bench.clock.advance(Duration::from_secs(61));
    bench.handle.flush();
    let first = stamp(&bench);
    assert!(first.is_some());
    bench.put(home("Villa"));
    bench.clock.advance(Duration::from_secs(600));
    bench.handle.flush();
    assert!(stamp(&bench) == first, "{:?}", bench.clock.now());
    bench.clock.advance(Duration::from_secs(3_600));
    bench.handle.flush();
    let second = stamp(&bench);
    assert!(second != first);
    bench.put(home("Hut"));
    let bench = bench.restart();
    assert!(stamp(&bench) != second);
}
