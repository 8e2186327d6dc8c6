//! Periods on ordinary days and on those when clocks change.

use proptest::prelude::*;

use super::*;

fn zone(name: &str) -> Zone {
    Zone::named(name).unwrap()
}

/// The next local times, as many as there are in `expected`.
fn fires(zone_name: &str, period: &str, after: &str, expected: &[&str]) {
    let zone = zone(zone_name);
    let duration = crate::document::words::parse_duration(period).unwrap();
    let mut time = zone.instant(after.parse().unwrap()).unwrap();
    for expected in expected {
        time = next_every(duration, &zone, time);
        let shown = zone.local(time).strftime("%F %T").to_string();
        assert_eq!(shown, *expected, "every {period} in {zone_name}");
    }
}

#[test]
fn periods_are_aligned_to_the_clock() {
    const CASES: &[(&str, &str, &[&str])] = &[
        ("15m", "2026-11-20T12:07:33", &["2026-11-20 12:15:00", "2026-11-20 12:30:00", "2026-11-20 12:45:00"]),
        ("15m", "2026-11-20T12:15", &["2026-11-20 12:30:00"]),
        ("10s", "2026-11-20T12:07:33", &["2026-11-20 12:07:40", "2026-11-20 12:07:50", "2026-11-20 12:08:00"]),
        ("1h", "2026-11-20T12:07", &["2026-11-20 13:00:00", "2026-11-20 14:00:00"]),
        ("6h", "2026-11-20T12:07", &["2026-11-20 18:00:00", "2026-11-21 00:00:00", "2026-11-21 06:00:00"]),
        ("1d", "2026-11-20T12:07", &["2026-11-21 00:00:00", "2026-11-22 00:00:00"]),
        // What does not divide the day begins anew at midnight.
        (
            "7m",
            "2026-11-20T23:45",
            &["2026-11-20 23:48:00", "2026-11-20 23:55:00", "2026-11-21 00:00:00", "2026-11-21 00:07:00"],
        ),
        (
            "7h",
            "2026-11-20T12:00",
            &["2026-11-20 14:00:00", "2026-11-20 21:00:00", "2026-11-21 00:00:00", "2026-11-21 07:00:00"],
        ),
        ("90m", "2026-11-20T22:00", &["2026-11-20 22:30:00", "2026-11-21 00:00:00", "2026-11-21 01:30:00"]),
        // Longer than a day.
        ("2d", "2026-11-20T12:00", &["2026-11-21 00:00:00", "2026-11-23 00:00:00", "2026-11-25 00:00:00"]),
        ("36h", "2026-11-20T12:00", &["2026-11-21 00:00:00", "2026-11-22 12:00:00", "2026-11-24 00:00:00"]),
    ];
    for (period, after, expected) in CASES {
        fires("Europe/Berlin", period, after, expected);
    }
}

#[test]
fn short_periods_follow_the_clock_on_the_wall() {
    fires(
        "Europe/Berlin",
        "15m",
        "2027-03-28T01:30",
        &["2027-03-28 01:45:00", "2027-03-28 03:00:00", "2027-03-28 03:15:00"],
    );
    fires(
        "Europe/Berlin",
        "7m",
        "2027-03-28T01:50",
        &["2027-03-28 01:52:00", "2027-03-28 01:59:00", "2027-03-28 03:02:00"],
    );
    let berlin = zone("Europe/Berlin");
    let mut time = "2027-10-30T22:00:00Z".parse().unwrap();
    for _ in 0..100 {
        let next = next_every(Duration::from_secs(900), &berlin, time);
        assert_eq!(next.since(time).as_secs(), 900, "after {time}");
        time = next;
    }
    // Half an hour is put back: 02:00 is 01:30 again.
    fires(
        "Australia/Lord_Howe",
        "20m",
        "2027-04-04T01:30",
        &["2027-04-04 01:40:00", "2027-04-04 01:40:00", "2027-04-04 02:00:00"],
    );
    // Midnight is left out, or comes twice.
    fires("America/Santiago", "1h", "2027-09-04T22:30", &["2027-09-04 23:00:00", "2027-09-05 01:00:00"]);
    fires(
        "America/Havana",
        "30m",
        "2027-11-06T23:45",
        &["2027-11-07 00:00:00", "2027-11-07 00:30:00", "2027-11-07 00:00:00"],
    );
}

#[test]
fn long_periods_are_times_of_day() {
    fires(
        "Europe/Berlin",
        "2h",
        "2027-03-28T00:00",
        &["2027-03-28 03:00:00", "2027-03-28 04:00:00", "2027-03-28 06:00:00"],
    );
    fires("Europe/Berlin", "2h", "2027-10-31T00:00", &["2027-10-31 02:00:00", "2027-10-31 04:00:00"]);
    fires(
        "Europe/Berlin",
        "6h",
        "2027-10-31T00:00",
        &["2027-10-31 06:00:00", "2027-10-31 12:00:00", "2027-10-31 18:00:00"],
    );
    fires("America/Santiago", "1d", "2027-09-04T12:00", &["2027-09-05 01:00:00", "2027-09-06 00:00:00"]);
    fires("Europe/Berlin", "2d", "2027-03-27T12:00", &["2027-03-29 00:00:00", "2027-03-31 00:00:00"]);
}

#[test]
fn absurd_input_is_survived() {
    for period in [Duration::ZERO, Duration::from_nanos(1), Duration::from_millis(1_234_567), Duration::MAX] {
        for time in [i64::MIN, i64::MIN + 1, -1, 0, 253_402_207_200_000, i64::MAX - 1, i64::MAX] {
            for name in ["UTC", "Europe/Berlin", "Pacific/Kiritimati"] {
                next_every(period, &zone(name), Timestamp(time));
            }
        }
    }
    assert_eq!(next_every(Duration::ZERO, &Zone::utc(), Timestamp(0)), Timestamp(1_000));
}

proptest! {
    #[test]
    fn it_is_later_and_not_much(
        seconds in 1u64..200_000,
        time in 1_100_000_000_000i64..2_000_000_000_000,
        name in prop::sample::select(vec!["UTC", "Europe/Berlin", "America/Santiago", "Australia/Lord_Howe"]),
    ) {
        let (zone, period) = (zone(name), Duration::from_secs(seconds));
        let next = next_every(period, &zone, Timestamp(time));
        prop_assert!(next > Timestamp(time));
        prop_assert!(next.since(Timestamp(time)) <= period + Duration::from_secs(3_600));
        // From anywhere before it, it is the same.
        let middle = Timestamp(time + (next.milliseconds() - time) / 2);
        if middle < next {
            prop_assert_eq!(next_every(period, &zone, middle), next);
        }
    }
}
