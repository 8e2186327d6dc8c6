//! All that happened in a stretch of time, in order.

use std::time::Duration;

use hub_model::history::{HistoryEntry, HistoryRecord, StateRecord};
use hub_model::{Availability, Cause, Timestamp, Value};
use proptest::prelude::*;

use crate::support::{Bench, START, options, state_at};

/// A shape of its own for what is compared: time (seconds behind [`START`]) and what.
fn told(record: &HistoryRecord) -> String {
    let seconds = (record.at.0 - START.0) as f64 / 1_000.0;
    let what = match &record.entry {
        HistoryEntry::State(StateRecord { device, attribute, value, cause, .. }) => {
            let by =
                if let Cause::Rule { automation, .. } = cause { format!(" by {automation}") } else { String::new() };
            format!("{device} {attribute} {value}{by}")
        }
        HistoryEntry::DeviceEvent { device, value, .. } => format!("{device} happens {value}"),
        HistoryEntry::Availability { device, availability } => format!("{device} {availability:?}"),
        HistoryEntry::Mode { mode, .. } => format!("mode {mode}"),
        HistoryEntry::Presence { person, presence, .. } => format!("{person} {presence}"),
        other => format!("{other:?}"),
    };
    format!("{seconds} {what}")
}

fn at(seconds: u64) -> Timestamp {
    START.plus(Duration::from_secs(seconds))
}

fn recorded(bench: &Bench, from: u64, to: u64) -> Vec<String> {
    let mut found = Vec::new();
    let take = &mut |record: HistoryRecord| {
        found.push(told(&record));
        true
    };
    bench.handle.recorded(at(from), at(to), take).unwrap();
    found
}

fn entry(seconds: u64, entry: HistoryEntry) -> HistoryRecord {
    HistoryRecord { at: at(seconds), entry }
}

fn by_rule(seconds: u64, attribute: &str, value: f64, depth: u32) -> HistoryRecord {
    let cause = Cause::Rule { automation: "hall".into(), run: "r".into(), depth, parent: None };
    let HistoryEntry::State(state) = state_at(at(seconds), attribute, Value::Number(value)).entry else { panic!() };
    entry(seconds, HistoryEntry::State(StateRecord { cause, ..state }))
}

#[test]
fn everything_that_happens_comes_in_order_wherever_it_lies() {
    let bench = Bench::new();
    bench.handle.record(state_at(at(1), "power", Value::Number(1.0)));
    bench.handle.record(entry(
        2,
        HistoryEntry::DeviceEvent {
            device: "virtual:2".into(),
            endpoint: 1,
            attribute: "action".into(),
            value: "single".into(),
        },
    ));
    bench.fill_journal();
    let offline = HistoryEntry::Availability { device: "virtual:2".into(), availability: Availability::Offline };
    bench.handle.record(entry(3, offline));
    bench.handle.record(by_rule(4, "a", 7.0, 0));
    bench.handle.record(state_at(at(4), "power", Value::Number(2.0)));
    bench.handle.record(by_rule(4, "b", 8.0, 1));
    bench.handle.flush();
    bench.handle.record(entry(5, HistoryEntry::Mode { mode: "night".into(), cause: Cause::System }));
    bench.handle.record(entry(
        6,
        HistoryEntry::Presence { person: "anna".into(), presence: "away".into(), cause: Cause::System },
    ));
    bench.handle.record(entry(7, HistoryEntry::Trace("{}".into())));
    let expected = [
        "1 virtual:1 power 1",
        "2 virtual:2 happens single",
        "3 virtual:2 Offline",
        // What a rule caused comes behind what may have set it off.
        "4 virtual:1 power 2",
        "4 virtual:1 a 7 by hall",
        "4 virtual:1 b 8 by hall",
        "5 mode night",
        "6 anna away",
    ];
    let without_filler =
        |found: Vec<String>| -> Vec<String> { found.into_iter().filter(|line| !line.contains("filler")).collect() };
    assert_eq!(without_filler(recorded(&bench, 0, 100)), expected);
    assert_eq!(recorded(&bench, 0, 100).len(), expected.len() + 4_000);
    let bench = bench.restart();
    assert_eq!(without_filler(recorded(&bench, 0, 100)), expected);
    // What is known before the beginning: the last of each series, but no press of a button.
    assert_eq!(
        without_filler(recorded(&bench, 4, 6)),
        [
            "1 virtual:1 power 1",
            "3 virtual:2 Offline",
            "4 virtual:1 power 2",
            "4 virtual:1 a 7 by hall",
            "4 virtual:1 b 8 by hall",
            "5 mode night"
        ]
    );
    assert_eq!(without_filler(recorded(&bench, 7, 7)).len(), 6);
}

#[test]
fn a_value_that_is_older_than_any_chunk_is_still_known() {
    let day = 24 * 60 * 60;
    let bench = Bench::with(hub_store::Options { history_days: 1, ..options() });
    bench.state("power", 5.0);
    bench.fill_journal();
    bench.advance(3 * day);
    bench.fill_journal();
    bench.advance(day);
    bench.fill_journal();
    let bench = bench.restart();
    let known: Vec<String> =
        recorded(&bench, 3 * day, 4 * day).into_iter().filter(|line| line.contains("power")).collect();
    assert_eq!(known, ["0 virtual:1 power 5"]);
}

#[test]
fn reading_ends_when_enough_was_taken() {
    let bench = Bench::new();
    bench.fill_journal();
    let mut left = 10;
    let take = &mut |_| {
        left -= 1;
        left > 0
    };
    bench.handle.recorded(at(0), at(10), take).unwrap();
    assert_eq!(left, 0);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    /// Whatever is recorded, and however it is cut into chunks: it comes once, in order of time.
    #[test]
    fn nothing_is_lost_or_doubled(
        events in proptest::collection::vec((0u64..500, 0u8..5, any::<bool>()), 1..200),
        from in 0u64..500,
    ) {
        let bench = Bench::with(hub_store::Options { journal_bytes: 4 * 1024, ..options() });
        let mut expected = Vec::new();
        for (number, (second, attribute, flushes)) in events.iter().enumerate() {
            let name = format!("a{attribute}");
            bench.handle.record(state_at(at(*second), &name, Value::Number(number as f64)));
            if *second >= from {
                expected.push((*second, name, number));
            }
            if *flushes {
                bench.handle.flush();
            }
        }
        // What is of one time and series keeps its order.
        expected.sort();
        let expected: Vec<String> =
            expected.iter().map(|(second, name, number)| format!("{second} virtual:1 {name} {number}")).collect();
        let found = recorded(&bench, from, 1_000);
        let found: Vec<String> = found.into_iter().skip_while(|line| {
            line.split(' ').next().unwrap().parse::<f64>().unwrap() < from as f64
        }).collect();
        prop_assert_eq!(found, expected);
    }
}
