//! Questions to history.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use hub_model::history::{Aggregate, HistoryAnswer, HistoryEntry, HistoryQuery, HistoryRecord, Resolution, Sample};
use hub_model::{Timestamp, Value};
use hub_store::Options;
use proptest::prelude::*;

use crate::support::{Bench, START, options, query, state_at};

const HOUR: i64 = 3_600_000;

#[test]
fn samples_come_from_batch_journal_and_chunks_in_order() {
    let bench = Bench::new();
    bench.state("power", 1.0);
    bench.fill_journal();
    bench.advance(1);
    bench.state("power", 2.0);
    bench.handle.flush();
    bench.advance(1);
    bench.state("power", 3.0);
    assert_eq!(bench.values("power"), [1.0, 2.0, 3.0].map(Value::Number));
    assert_eq!(bench.values("filler").len(), 4_000);
    let bench = bench.restart();
    assert_eq!(bench.values("power"), [1.0, 2.0, 3.0].map(Value::Number));
    assert_eq!(bench.values("nothing"), []);
}

#[test]
fn from_is_included_to_is_not_and_the_limit_holds() {
    let bench = Bench::new();
    for second in 0..10 {
        bench.handle.record(state_at(START.plus(Duration::from_secs(second)), "power", Value::Number(second as f64)));
    }
    let at = |second| START.plus(Duration::from_secs(second));
    let ask = |from, to, limit| {
        let query = HistoryQuery { from: at(from), to: at(to), limit, ..query("power", Resolution::Raw) };
        let hub_model::history::HistoryAnswer::Samples(samples) = bench.handle.history(&query).unwrap() else {
            panic!()
        };
        samples.into_iter().filter_map(|Sample { value, .. }| value.as_number()).collect::<Vec<_>>()
    };
    for _ in 0..2 {
        assert_eq!(ask(2, 5, 100), [2.0, 3.0, 4.0]);
        assert_eq!(ask(2, 9, 3), [2.0, 3.0, 4.0]);
        assert!(ask(5, 5, 100).is_empty() && ask(6, 2, 100).is_empty() && ask(2, 5, 0).is_empty());
        bench.handle.flush();
    }
}

/// Whatever is read between two writes: every value once, in order, also of one millisecond.
#[test]
fn what_is_read_while_it_is_written_is_exact() {
    let bench = Bench::new();
    let (handle, done) = (bench.handle.clone(), Arc::new(AtomicBool::new(false)));
    let reader = std::thread::spawn({
        let done = Arc::clone(&done);
        move || {
            let mut most = 0;
            while !done.load(Ordering::Acquire) {
                let HistoryAnswer::Samples(samples) = handle.history(&query("power", Resolution::Raw)).unwrap() else {
                    panic!("samples were asked for")
                };
                let found: Vec<f64> = samples.iter().filter_map(|sample| sample.value.as_number()).collect();
                let expected: Vec<f64> = (0..found.len()).map(|number| number as f64).collect();
                assert_eq!(found, expected);
                assert!(found.len() >= most, "{} after {most}", found.len());
                most = found.len();
            }
        }
    });
    for number in 0..3_000 {
        bench.state("power", f64::from(number));
        bench.state("filler", Value::text(format!("{number} {}", "x".repeat(60))));
        if number % 10 == 9 {
            bench.handle.flush();
        }
        if number % 25 == 24 {
            bench.advance(1);
        }
    }
    done.store(true, Ordering::Release);
    reader.join().unwrap();
    assert_eq!(bench.values("power").len(), 3_000);
    assert_eq!(bench.restart().values("power").len(), 3_000);
}

#[test]
fn one_millisecond_reads_the_same_wherever_it_lies() {
    let bench = Bench::new();
    let press = |action: &str| {
        let entry = HistoryEntry::DeviceEvent {
            device: "virtual:1".into(),
            endpoint: 1,
            attribute: "action".into(),
            value: action.into(),
        };
        bench.handle.record(HistoryRecord { at: bench.now(), entry });
    };
    let (mut values, mut presses) = (Vec::new(), Vec::new());
    let check = |values: &[f64], presses: &[&str]| {
        assert_eq!(bench.values("power"), values.iter().copied().map(Value::Number).collect::<Vec<_>>());
        assert_eq!(bench.values("action"), presses.iter().map(|press| Value::text(*press)).collect::<Vec<_>>());
    };
    for round in 0..3 {
        for number in [1.0, 2.0, 1.0, 2.0] {
            bench.state("power", number);
            values.push(number);
        }
        for action in ["single", "single", "double"] {
            press(action);
            presses.push(action);
        }
        check(&values, &presses);
        bench.handle.flush();
        check(&values, &presses);
        if round == 1 {
            bench.fill_journal();
            check(&values, &presses);
        }
    }
}

#[test]
fn presses_of_a_button_are_history_too() {
    let bench = Bench::new();
    for _ in 0..3 {
        let entry = HistoryEntry::DeviceEvent {
            device: "virtual:1".into(),
            endpoint: 1,
            attribute: "action".into(),
            value: "single".into(),
        };
        bench.handle.record(HistoryRecord { at: bench.now(), entry });
        bench.advance(1);
    }
    assert_eq!(bench.values("action").len(), 3);
    bench.fill_journal();
    assert_eq!(bench.restart().values("action").len(), 3);
}

#[test]
fn means_are_weighted_by_time_and_counters_survive_a_reset() {
    let bench = Bench::new();
    let hour = Timestamp(START.0 - START.0.rem_euclid(HOUR));
    let at = |minutes: u64| hour.plus(Duration::from_secs(60 * minutes));
    for (minutes, energy) in [(0, 10.0), (15, 12.0), (45, 1.0), (70, 4.0)] {
        bench.handle.record(state_at(at(minutes), "energy", Value::Number(energy)));
    }
    bench.clock.jump_to(at(120), hub_model::Trust::Ntp);
    let wanted = HistoryQuery { from: at(5), to: at(61), ..query("energy", Resolution::Hour) };
    let first = Aggregate {
        at: at(0),
        min: 1.0,
        mean: (10.0 * 15.0 + 12.0 * 30.0 + 1.0 * 15.0) / 60.0,
        max: 12.0,
        count: 3,
        covered: Duration::from_secs(3_600),
        change: Some(3.0),
    };
    let second = Aggregate {
        at: at(60),
        min: 1.0,
        mean: (1.0 * 10.0 + 4.0 * 50.0) / 60.0,
        max: 4.0,
        count: 1,
        covered: Duration::from_secs(3_600),
        change: Some(3.0),
    };
    assert_eq!(bench.aggregates(&wanted), [first, second]);
    // A stretch without a change has the value that held.
    let quiet = HistoryQuery { from: at(90), to: at(95), ..query("energy", Resolution::FiveMinutes) };
    assert_eq!(
        bench.aggregates(&quiet),
        [Aggregate {
            at: at(90),
            min: 4.0,
            mean: 4.0,
            max: 4.0,
            count: 0,
            covered: Duration::from_secs(300),
            change: Some(0.0)
        }]
    );
}

/// Told in several chunks, with a stop between, and asked from within; then summed up.
#[test]
fn a_counter_that_dips_or_says_zero_once_rose_by_nothing() {
    let bench = Bench::with(Options { history_days: 1, ..options() });
    let readings = [1_234.56, 1_234.55, 1_234.56, 0.0, 1_234.57, 1_234.60, 0.0, 0.5];
    for (number, reading) in readings.into_iter().enumerate() {
        bench.state("energy", reading);
        bench.advance(1_800);
        bench.handle.flush();
        if number % 2 == 1 {
            bench.fill_journal();
        }
    }
    let ask = |from: Timestamp, resolution| {
        let rows = bench.aggregates(&HistoryQuery { from, ..query("energy", resolution) });
        rows.iter().filter_map(|row| row.change).sum::<f64>()
    };
    let wanted = [(0, 0.54), (2, 0.54), (4, 0.54), (5, 0.53), (6, 0.5), (7, 0.5), (8, 0.0)];
    let check = |said: &str| {
        for (half_hours, wanted) in wanted {
            let from = Timestamp(START.0 + half_hours * HOUR / 2);
            let found = ask(from, Resolution::FiveMinutes);
            assert!((found - wanted).abs() < 0.011, "{said}, from {half_hours}: {found}, not {wanted}");
        }
        let found = ask(START, Resolution::Hour);
        assert!((found - 0.54).abs() < 0.021, "{said}: {found}");
    };
    check("as it came");
    let raw = bench.samples("energy").len();
    bench.advance(3 * 24 * 3_600);
    bench.handle.flush();
    assert!(bench.samples("energy").len() < raw, "something was summed up");
    check("summed up");
}

#[test]
fn days_begin_at_local_midnight_also_when_clocks_change() {
    let bench = Bench::new();
    let spring: Timestamp = "2027-03-27T12:00:00Z".parse().unwrap();
    bench.handle.record(state_at(spring, "temperature", Value::Number(20.0)));
    bench.clock.jump_to("2027-03-30T12:00:00Z".parse().unwrap(), hub_model::Trust::Ntp);
    let days: Vec<String> =
        bench.aggregates(&query("temperature", Resolution::Day)).iter().map(|day| day.at.to_string()).collect();
    assert_eq!(
        days,
        [
            "2027-03-26T23:00:00.000Z",
            "2027-03-27T23:00:00.000Z",
            "2027-03-28T22:00:00.000Z",
            "2027-03-29T22:00:00.000Z"
        ]
    );
    let nowhere = HistoryQuery { time_zone: "Mars/Base".into(), ..query("temperature", Resolution::Day) };
    assert!(bench.handle.history(&nowhere).is_err());
}

#[test]
fn old_history_is_summed_up_and_answers_the_same() {
    let bench = Bench::with(Options { history_days: 1, ..options() });
    // On a clock that nobody vouches for, nothing is old.
    bench.clock.jump_to(START, hub_model::Trust::Persisted);
    let mut number = 0;
    for day in 0..4 {
        for _ in 0..200 {
            number += 1;
            bench.state("power", ((number * 37) % 100) as f64);
            bench.advance(400);
        }
        bench.handle.flush();
        if day < 3 {
            bench.fill_journal();
        }
    }
    let ask = |resolution| bench.aggregates(&query("power", resolution));
    let all = [Resolution::FiveMinutes, Resolution::Hour, Resolution::Day];
    let before = all.map(ask);
    let raw = bench.samples("power").len();
    bench.advance(3_600);
    bench.clock.jump_to(bench.now(), hub_model::Trust::Ntp);
    // Time for housekeeping; the journal's last part is not sealed and stays as it is.
    bench.handle.flush();
    assert!(bench.samples("power").len() < raw, "something was summed up");
    for (before, resolution) in before.iter().zip(all) {
        let after = ask(resolution);
        for (before, after) in before.iter().zip(&after) {
            if before.at.0 + 24 * HOUR > bench.now().0 {
                continue;
            }
            let same = before.at == after.at && before.min == after.min && before.max == after.max;
            let same = same && before.count == after.count && (before.mean - after.mean).abs() < 1e-9;
            assert!(same, "{resolution:?}\n{before:?}\n{after:?}");
        }
        assert!(after.len() >= before.len());
    }
}

/// What is summed up does not come back.
#[test]
fn a_clock_that_somebody_sets_years_ahead_makes_nothing_old() {
    use hub_model::Trust;
    let mut bench = Bench::with(Options { history_days: 1, history_sum_days: 1, ..options() });
    for number in 0..400 {
        bench.state("power", f64::from(number));
        bench.advance(60);
    }
    bench.handle.flush();
    bench.fill_journal();
    let to = START.plus(Duration::from_secs(6 * 3_600));
    let fine = |bench: &Bench| bench.aggregates(&HistoryQuery { to, ..query("power", Resolution::FiveMinutes) });
    let (raw, sums) = (bench.samples("power").len(), fine(&bench));
    let five_years = Duration::from_secs(5 * 365 * 24 * 3_600);
    bench.clock.jump_to(bench.now().plus(five_years), Trust::Person);
    for _ in 0..2 {
        for _ in 0..3 {
            bench.advance(3_601);
            bench.handle.flush();
        }
        assert_eq!(bench.samples("power").len(), raw);
        assert_eq!(fine(&bench), sums);
        // Nor does it so over a restart, by what was written down meanwhile.
        bench = bench.restart();
    }
    // A time server says the same: then it is so.
    bench.clock.jump_to(bench.now(), Trust::Ntp);
    bench.advance(3_601);
    bench.handle.flush();
    assert!(bench.samples("power").len() < raw, "something was summed up");
}

#[test]
fn history_stays_below_its_size() {
    let bench = Bench::with(Options { history_max_bytes: 200_000, ..options() });
    let mut seed = 1u64;
    for _ in 0..60 {
        for _ in 0..100 {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            bench.state("noise", Value::text(format!("{seed:016x}{:016x}{:016x}", !seed, seed.rotate_left(7))));
            bench.advance(1);
        }
        bench.handle.flush();
    }
    let size = std::fs::metadata(bench.folder.join("history.db")).unwrap().len();
    assert!(size < 400_000, "{size} bytes");
    assert_eq!(bench.samples("noise").last().map(|sample| sample.at), Some(Timestamp(bench.now().0 - 1_000)));
}

/// How far a counter rose, by looking at all its readings: `counted` are those that count.
fn rise(counted: &mut Vec<f64>, value: f64) -> f64 {
    let is_word_that_was_none = |high: f64| value > 0.0 && value > 0.9 * high;
    if let [.., high, zero] = counted[..]
        && zero == 0.0
        && is_word_that_was_none(high)
    {
        counted.pop();
    }
    let before = counted.last().copied().unwrap_or(value);
    if value < before && value > 0.9 * before || value == before && !counted.is_empty() {
        return 0.0;
    }
    counted.push(value);
    if value < before { value } else { value - before }
}

/// Sums up by looking at every second.
fn naive(samples: &[(i64, Option<f64>)], now: i64) -> BTreeMap<i64, (f64, f64, f64, u32, f64)> {
    let mut parts: BTreeMap<i64, (f64, f64, f64, i64, u32, f64)> = BTreeMap::new();
    let empty = (f64::INFINITY, f64::NEG_INFINITY, 0.0, 0, 0, 0.0);
    let mut counted: Vec<f64> = Vec::new();
    for (index, (at, value)) in samples.iter().enumerate() {
        let Some(value) = *value else { continue };
        let part = parts.entry(at / 300).or_insert(empty);
        *part = (part.0.min(value), part.1.max(value), part.2, part.3, part.4 + 1, part.5);
        part.5 += rise(&mut counted, value);
        let end = samples.get(index + 1).map_or(now, |(at, _)| *at);
        for second in *at..end {
            let part = parts.entry(second / 300).or_insert(empty);
            *part = (part.0.min(value), part.1.max(value), part.2 + value, part.3 + 1, part.4, part.5);
        }
    }
    parts.into_iter().map(|(at, part)| (at, (part.0, part.1, part.2 / part.3.max(1) as f64, part.4, part.5))).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]
    #[test]
    fn sums_agree_with_counting_every_second(
        steps in proptest::collection::vec((1i64..900, proptest::option::weighted(0.9, 0i32..50)), 1..60),
        flushes in proptest::collection::vec(any::<bool>(), 60),
    ) {
        let bench = Bench::new();
        let base = START.0 / 1_000 / 300 * 300;
        let mut at = 0;
        let mut samples = Vec::new();
        for ((step, value), flush) in steps.into_iter().zip(flushes) {
            at += step;
            let value = value.map(f64::from);
            samples.push((at, value));
            let value = value.map_or(Value::Unknown, Value::Number);
            bench.handle.record(state_at(Timestamp((base + at) * 1_000), "energy", value));
            if flush {
                bench.handle.flush();
            }
        }
        let now = at + 450;
        bench.clock.jump_to(Timestamp((base + now) * 1_000), hub_model::Trust::Ntp);
        let expected = naive(&samples, now);
        let found = bench.aggregates(&query("energy", Resolution::FiveMinutes));
        prop_assert_eq!(found.len(), expected.len());
        for (found, (at, (min, max, mean, count, change))) in found.iter().zip(expected) {
            prop_assert_eq!(found.at, Timestamp((base + at * 300) * 1_000));
            prop_assert_eq!((found.min, found.max, found.count), (min, max, count));
            prop_assert!((found.mean - mean).abs() < 1e-6 && (found.change.unwrap() - change).abs() < 1e-6);
        }
    }
}
