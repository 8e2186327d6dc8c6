//! Epochs, clean and unclean stops, last states and decisions.

use std::sync::Arc;

use hub_model::history::{HistoryEntry, HistoryRecord};
use hub_model::record::{Change, RecordKey};
use hub_model::{Availability, Value};

use crate::support::{Bench, START, copy, decision, rule};

fn states(bench: &Bench) -> Vec<(String, Value)> {
    bench.kept.states.iter().map(|state| (state.attribute.as_str().to_owned(), state.value.clone())).collect()
}

#[test]
fn a_clean_stop_keeps_the_epoch_and_an_unclean_one_does_not() {
    let bench = Bench::new();
    let first = bench.kept.epoch;
    assert!(!bench.kept.clean);
    bench.handle.alive(bench.now(), 41);
    bench.advance(60);
    let bench = bench.restart();
    assert_eq!((bench.kept.epoch, bench.kept.clean, bench.kept.last_seq), (first, true, 41));
    assert_eq!(bench.kept.stopped_at, Some(bench.now()));
    bench.handle.alive(bench.now(), 99);
    bench.handle.flush();
    let image = bench.cut();
    let cut = Bench::of(image.path());
    assert!(cut.kept.epoch > first);
    assert_eq!((cut.kept.clean, cut.kept.last_seq), (false, 0));
    assert_eq!(cut.kept.stopped_at, Some(bench.now()));
    // Another cut of the same files is yet another epoch.
    let again = Bench::of(bench.cut().path());
    assert!(again.kept.epoch > first && again.kept.epoch != cut.kept.epoch);
}

#[test]
fn a_store_that_is_dropped_was_not_stopped_cleanly() {
    let bench = Bench::new();
    bench.state("on", true);
    let (folder, first) = (bench.folder.clone(), bench.kept.epoch);
    drop(bench.store);
    let image = copy(&folder);
    let bench = Bench::of(image.path());
    assert!(!bench.kept.clean && bench.kept.epoch > first);
    assert_eq!(states(&bench), [("on".to_owned(), Value::Bool(true))]);
}

#[test]
fn last_states_come_from_journal_and_sealed_history() {
    let bench = Bench::new();
    bench.state("temperature", 20.5);
    bench.state("on", false);
    bench.fill_journal();
    bench.state("on", true);
    bench.handle.record(HistoryRecord {
        at: bench.now(),
        entry: HistoryEntry::Availability { device: "virtual:1".into(), availability: Availability::Offline },
    });
    bench.handle.flush();
    let cut = Bench::of(bench.cut().path());
    let states = states(&cut);
    assert!(states.contains(&("temperature".into(), Value::Number(20.5))));
    assert!(states.contains(&("on".into(), Value::Bool(true))));
    assert_eq!(cut.kept.availability, [("virtual:1".into(), Availability::Offline)]);
    assert!(cut.kept.findings.is_empty(), "{:?}", cut.kept.findings);
}

#[test]
fn a_batch_is_written_after_its_time_and_not_before() {
    let bench = Bench::new();
    bench.state("on", true);
    assert!(states(&Bench::of(bench.cut().path())).is_empty());
    assert_eq!(bench.values("on"), [Value::Bool(true)]);
    bench.handle.flush();
    assert_eq!(states(&Bench::of(bench.cut().path())).len(), 1);
}

#[test]
fn live_decisions_come_back_and_ended_ones_do_not() {
    let bench = Bench::new();
    bench.put(rule("hall"));
    bench.handle.decide(decision("r1", START, Some(b"waits")));
    bench.handle.decide(decision("r2", START, Some(b"waits too")));
    bench.handle.decide(decision("r2", START, None));
    bench.handle.flush();
    for sealed in [false, true] {
        if sealed {
            bench.fill_journal();
        }
        let cut = Bench::of(bench.cut().path());
        assert_eq!(cut.kept.decisions, [decision("r1", START, Some(b"waits"))], "sealed: {sealed}");
        // The value it was decided on was never in the history, and is known all the same.
        assert!(states(&cut).contains(&("occupancy".into(), Value::Bool(true))));
    }
    bench.commit(vec![Change::Remove(RecordKey::Automation("hall".into()))]).unwrap();
    bench.handle.flush();
    assert!(Bench::of(bench.cut().path()).kept.decisions.is_empty());
}

#[test]
fn newer_history_wins_over_what_was_decided_on() {
    let bench = Bench::new();
    bench.handle.decide(decision("r1", START, Some(b"")));
    bench.advance(1);
    bench.state("occupancy", false);
    assert_eq!(states(&bench.restart()), [("occupancy".to_owned(), Value::Bool(false))]);
}

#[test]
fn a_decision_too_long_for_the_journal_is_kept_too() {
    let bench = Bench::new();
    let long = vec![7u8; 300_000];
    bench.handle.decide(decision("r1", START, Some(&long)));
    bench.handle.flush();
    let cut = Bench::of(bench.cut().path());
    assert_eq!(cut.kept.decisions.first().and_then(|decision| decision.state.clone()), Some(Arc::from(long)));
}

#[test]
fn a_removed_device_is_forgotten() {
    let bench = Bench::new();
    bench.state("on", true);
    bench.fill_journal();
    bench.handle.decide(decision("r1", START, Some(b"")));
    bench.commit(vec![Change::Remove(RecordKey::Device("virtual:1".into()))]).unwrap();
    let bench = bench.restart();
    assert_eq!(states(&bench), []);
    bench.fill_journal();
    let bench = bench.restart();
    assert_eq!(states(&bench).into_iter().map(|(name, _)| name).collect::<Vec<_>>(), ["filler"]);
}

#[test]
fn an_idle_hub_writes_a_sign_of_life_every_ten_minutes_only() {
    let bench = Bench::new();
    bench.state("on", true);
    bench.handle.flush();
    let journal = || std::fs::read(bench.folder.join("history.journal")).unwrap();
    let before = journal();
    bench.handle.alive(bench.now(), 1);
    bench.put(rule("hall"));
    assert!(journal() == before);
    bench.advance(601);
    // Anything wakes the thread.
    bench.put(rule("hall"));
    bench.handle.flush();
    assert!(journal() != before);
}
