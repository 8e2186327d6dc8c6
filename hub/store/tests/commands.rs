//! Commands of people: accepting one is promised, its end goes with history.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use hub_model::history::{HistoryEntry, HistoryRecord};
use hub_model::record::{Change, Kept, Record};
use hub_model::{Command, CommandStatus, Timestamp};
use hub_store::Options;
use serde_json::json;

use crate::support::{Bench, START, options};

fn accepted(id: &str, at: Timestamp) -> Command {
    let command = json!({
        "id": id,
        "device": "virtual:1",
        "cause": {"kind": "person", "account": "anna", "via": "api"},
        "ttl_ms": 10_000,
        "outcomes": [{"endpoint": 1, "attribute": "on", "value": true, "status": "accepted"}],
        "status": "accepted",
        "accepted_at": at,
    });
    serde_json::from_value(command).unwrap()
}

fn confirmed(accepted: &Command) -> Command {
    let mut command = accepted.clone();
    command.status = CommandStatus::Confirmed;
    command.outcomes[0].status = CommandStatus::Confirmed;
    command.ended_at = Some(accepted.accepted_at.plus(Duration::from_millis(80)));
    command
}

fn accept(bench: &Bench, id: &str) -> Command {
    let command = accepted(id, bench.now());
    bench.put(Record::Command(command.clone()));
    command
}

fn end(bench: &Bench, accepted: &Command) {
    let entry = HistoryEntry::Command(Arc::new(confirmed(accepted)));
    bench.handle.record(HistoryRecord { at: bench.now(), entry });
}

fn statuses(kept: &Kept) -> Vec<(&str, CommandStatus)> {
    kept.commands.iter().map(|command| (command.id.as_str(), command.status)).collect()
}

/// Everything that SQLite has of the records.
fn core_files(folder: &Path) -> Vec<Vec<u8>> {
    ["core.db", "core.db-wal"].iter().map(|name| std::fs::read(folder.join(name)).unwrap_or_default()).collect()
}

#[test]
fn the_end_of_a_command_is_kept_without_a_commit() {
    let bench = Bench::new();
    let command = accept(&bench, "c1");
    let before = core_files(&bench.folder);
    end(&bench, &command);
    bench.handle.flush();
    assert!(core_files(&bench.folder) == before, "the records were written for it");
    let image = bench.cut();
    assert_eq!(Bench::of(image.path()).kept.commands, [confirmed(&command)]);
    assert_eq!(bench.restart().kept.commands, [confirmed(&command)]);
}

#[test]
fn a_cut_before_the_batch_leaves_the_command_as_it_was_accepted() {
    let bench = Bench::new();
    let command = accept(&bench, "c1");
    end(&bench, &command);
    let image = bench.cut();
    assert_eq!(Bench::of(image.path()).kept.commands, [command]);
}

#[test]
fn sealing_puts_the_ends_of_commands_among_the_records() {
    let bench = Bench::new();
    let command = accept(&bench, "c1");
    end(&bench, &command);
    bench.handle.flush();
    bench.fill_journal();
    let later = accept(&bench, "c2");
    end(&bench, &later);
    bench.handle.flush();
    let image = bench.cut();
    std::fs::remove_file(image.path().join("history.journal")).unwrap();
    let kept = Bench::of(image.path()).kept;
    assert_eq!(statuses(&kept), [("c1", CommandStatus::Confirmed), ("c2", CommandStatus::Accepted)]);
    let bench = bench.restart();
    assert_eq!(bench.kept.commands, [confirmed(&command), confirmed(&later)]);
    // What an older life has left in the journal is sealed too.
    bench.fill_journal();
    let image = bench.cut();
    std::fs::remove_file(image.path().join("history.journal")).unwrap();
    assert_eq!(Bench::of(image.path()).kept.commands, [confirmed(&command), confirmed(&later)]);
}

#[test]
fn the_end_of_a_command_that_is_no_longer_kept_brings_nothing_back() {
    let bench = Bench::with(Options { command_limit: 2, ..options() });
    for number in 0..4 {
        let command = accept(&bench, &format!("c{number}"));
        end(&bench, &command);
        bench.advance(1);
        bench.handle.flush();
    }
    end(&bench, &accepted("never", bench.now()));
    let bench = bench.restart();
    let kept = bench.kept.commands.len();
    assert!((2..=3).contains(&kept), "{:?}", bench.kept.commands);
    assert!(bench.kept.commands.iter().all(Command::has_ended));
    bench.fill_journal();
    assert_eq!(bench.restart().kept.commands.len(), kept);
}

#[test]
fn a_command_that_ends_while_its_acceptance_waits_for_the_disk_has_ended() {
    let bench = Bench::new();
    for number in 0..50 {
        let command = accepted(&format!("c{number:02}"), START);
        bench.handle.commit(vec![Change::Put(Record::Command(command.clone()))], Box::new(|_| {}));
        end(&bench, &command);
        if number % 10 == 0 {
            bench.handle.flush();
        }
    }
    bench.fill_journal();
    let image = bench.cut();
    std::fs::remove_file(image.path().join("history.journal")).unwrap();
    let kept = Bench::of(image.path()).kept;
    assert_eq!(kept.commands.len(), 50);
    assert!(kept.commands.iter().all(Command::has_ended));
}

#[test]
fn the_end_of_a_command_too_long_for_the_journal_is_kept_among_the_records() {
    let bench = Bench::new();
    let mut command = accepted("c1", START);
    command.outcomes[0].detail = Some("x".repeat(100_000).into());
    bench.put(Record::Command(command.clone()));
    end(&bench, &command);
    bench.handle.flush();
    assert_eq!(bench.restart().kept.commands, [confirmed(&command)]);
}
