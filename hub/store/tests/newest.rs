//! What happened last, with causes: changes and traces of rules.

use std::time::Duration;

use hub_model::history::{ChangesQuery, HistoryEntry, HistoryRecord, Recorded, StateRecord, TraceQuery};
use hub_model::{Availability, Cause, Timestamp, Value};
use hub_store::Options;

use crate::support::{Bench, START, options};

const HOUR: u64 = 3_600;

fn lamp() -> Recorded {
    Recorded::State { device: "virtual:1".into(), endpoint: 1, attribute: "on".into() }
}

fn all(of: Recorded) -> ChangesQuery {
    ChangesQuery { of, from: Timestamp(0), to: START.plus(Duration::from_secs(400 * 24 * HOUR)), limit: 100 }
}

fn rule_cause(run: &str) -> Cause {
    Cause::Rule { automation: "hall".into(), run: run.into(), depth: 1, parent: None }
}

fn set(bench: &Bench, value: bool, cause: Cause) {
    let (device, attribute) = ("virtual:1".into(), "on".into());
    let state = StateRecord { device, endpoint: 1, attribute, value: Value::Bool(value), cause };
    bench.handle.record(HistoryRecord { at: bench.now(), entry: HistoryEntry::State(state) });
}

fn trace(bench: &Bench, automation: &str, run: &str, number: usize) {
    let text = format!(
        r#"{{"at":"{}","automation":"{automation}","run":"{run}","number":{number},"result":"finished"}}"#,
        bench.now()
    );
    bench.handle.record(HistoryRecord { at: bench.now(), entry: HistoryEntry::Trace(text.into()) });
}

fn of(automation: &str) -> TraceQuery {
    let everything = all(lamp());
    TraceQuery {
        automation: automation.into(),
        run: None,
        from: everything.from,
        to: everything.to,
        limit: 1_000,
        oldest_first: false,
    }
}

fn numbers(bench: &Bench, query: &TraceQuery) -> Vec<usize> {
    let number = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap()["number"].as_u64().unwrap();
    bench.handle.traces(query).unwrap().iter().map(|trace| number(&trace.text) as usize).collect()
}

#[test]
fn changes_come_newest_first_with_their_causes_from_batch_journal_and_chunks() {
    let bench = Bench::new();
    let person = Cause::Person { account: "anna".into(), via: "api".into() };
    set(&bench, true, person.clone());
    bench.fill_journal();
    bench.advance(1);
    set(&bench, false, rule_cause("hall-a-0"));
    bench.handle.flush();
    bench.advance(1);
    set(&bench, true, Cause::Report);
    let expected = |changes: Vec<hub_model::history::RecordedChange>| {
        let told: Vec<_> = changes.into_iter().map(|change| (change.value, change.cause)).collect();
        assert_eq!(
            told,
            [
                (Value::Bool(true), Cause::Report),
                (Value::Bool(false), rule_cause("hall-a-0")),
                (Value::Bool(true), person.clone())
            ]
        );
    };
    expected(bench.handle.changes(&all(lamp())).unwrap());
    let before = ChangesQuery { to: bench.now(), limit: 1, ..all(lamp()) };
    assert_eq!(bench.handle.changes(&before).unwrap()[0].cause, rule_cause("hall-a-0"));
    let bench = bench.restart();
    expected(bench.handle.changes(&all(lamp())).unwrap());
}

#[test]
fn reachability_mode_and_presence_are_told_in_words() {
    let bench = Bench::new();
    let by_anna = Cause::Person { account: "anna".into(), via: "cli".into() };
    let entries = [
        HistoryEntry::Availability { device: "virtual:1".into(), availability: Availability::Offline },
        HistoryEntry::Mode { mode: "night".into(), cause: rule_cause("hall-m-0") },
        HistoryEntry::Presence { person: "anna".into(), presence: "away".into(), cause: by_anna.clone() },
    ];
    for entry in entries {
        bench.handle.record(HistoryRecord { at: bench.now(), entry });
    }
    let asked = [Recorded::Availability("virtual:1".into()), Recorded::Mode, Recorded::Presence("anna".into())];
    let expected =
        [("offline".into(), Cause::Report), ("night".into(), rule_cause("hall-m-0")), ("away".into(), by_anna)];
    let told = |bench: &Bench| {
        asked.clone().map(|of| {
            let newest = bench.handle.changes(&all(of)).unwrap().remove(0);
            (newest.value, newest.cause)
        })
    };
    assert_eq!(told(&bench), expected);
    // From the journal, and once it is sealed.
    let bench = bench.restart();
    assert_eq!(told(&bench), expected);
    bench.fill_journal();
    assert_eq!(told(&bench), expected);
}

#[test]
fn traces_are_found_by_rule_run_and_time_wherever_they_lie() {
    let bench = Bench::new();
    for number in 0..300 {
        trace(&bench, "hall", &format!("hall-{}-0", number / 2), number);
        trace(&bench, "kitchen", "kitchen-0", number);
        bench.advance(60);
        if number == 100 {
            bench.fill_journal();
        }
        if number == 200 {
            bench.handle.flush();
        }
    }
    let newest_first: Vec<usize> = (0..300).rev().collect();
    assert_eq!(numbers(&bench, &of("hall")), newest_first);
    assert_eq!(numbers(&bench, &TraceQuery { run: Some("hall-40-0".into()), ..of("hall") }), [81, 80]);
    let minute = |minutes: u64| START.plus(Duration::from_secs(60 * minutes));
    let first = TraceQuery { limit: 3, oldest_first: true, ..of("hall") };
    let all = numbers(&bench, &of("hall"));
    assert_eq!(numbers(&bench, &first), all.iter().rev().take(3).copied().collect::<Vec<_>>());
    let of_run = TraceQuery { run: Some("hall-40-0".into()), limit: 1, ..first };
    assert_eq!(numbers(&bench, &of_run), [80]);
    let some = TraceQuery { from: minute(99), to: minute(203), limit: 4, ..of("hall") };
    assert_eq!(numbers(&bench, &some), [202, 201, 200, 199]);
    assert_eq!(numbers(&bench, &TraceQuery { to: minute(102), limit: 100, ..some }), [101, 100, 99]);
    assert!(numbers(&bench, &of("nobody")).is_empty());
    let image = bench.cut();
    let kept = numbers(&Bench::of(image.path()), &of("hall"));
    assert!(kept.len() > 200 && newest_first.ends_with(&kept), "{kept:?}");
    assert_eq!(numbers(&bench.restart(), &of("hall")), newest_first);
}

#[test]
fn traces_are_kept_for_weeks_and_then_go() {
    let bench = Bench::with(Options { history_days: 35, ..options() });
    trace(&bench, "hall", "hall-0", 0);
    bench.fill_journal();
    bench.advance(34 * 24 * HOUR);
    trace(&bench, "hall", "hall-1", 1);
    let bench = bench.restart();
    bench.fill_journal();
    assert_eq!(numbers(&bench, &of("hall")), [1, 0]);
    bench.advance(2 * 24 * HOUR);
    let bench = bench.restart();
    bench.fill_journal();
    assert_eq!(numbers(&bench, &of("hall")), [1]);
}

#[test]
fn a_clock_that_was_set_back_hides_nothing() {
    let bench = Bench::new();
    bench.advance(10 * HOUR);
    trace(&bench, "hall", "hall-late", 1);
    bench.fill_journal();
    bench.clock.jump_to(START, hub_model::Trust::Ntp);
    trace(&bench, "hall", "hall-early", 2);
    bench.fill_journal();
    assert_eq!(numbers(&bench, &TraceQuery { limit: 1, ..of("hall") }), [1]);
    assert_eq!(numbers(&bench, &of("hall")), [1, 2]);
}
