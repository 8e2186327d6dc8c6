//! What patterns mean, and that a search agrees with looking at every minute.

use proptest::prelude::*;

use super::*;

fn zone(name: &str) -> Zone {
    Zone::named(name).unwrap()
}

fn instant(zone: &Zone, local: &str) -> Timestamp {
    zone.instant(local.parse().unwrap()).unwrap()
}

/// The next local times, as many as there are in `expected`.
fn fires(zone_name: &str, pattern: &str, after: &str, expected: &[&str]) {
    let zone = zone(zone_name);
    let cron = Cron::parse(pattern).unwrap();
    let mut time = instant(&zone, after);
    for expected in expected {
        time = cron.next(&zone, time).unwrap_or_else(|| panic!("{pattern} has no more after {time}"));
        assert_eq!(zone.local(time).strftime("%F %H:%M").to_string(), *expected, "{pattern} in {zone_name}");
    }
}

#[test]
fn patterns_mean_what_they_mean_everywhere() {
    // 20 November 2026 is a Friday.
    const CASES: &[(&str, &[&str])] = &[
        ("* * * * *", &["2026-11-20 12:01", "2026-11-20 12:02"]),
        ("30 7 * * *", &["2026-11-21 07:30", "2026-11-22 07:30"]),
        ("*/15 * * * *", &["2026-11-20 12:15", "2026-11-20 12:30", "2026-11-20 12:45", "2026-11-20 13:00"]),
        ("5/20 12 * * *", &["2026-11-20 12:05", "2026-11-20 12:25", "2026-11-20 12:45", "2026-11-21 12:05"]),
        ("10-40/15 13 * * *", &["2026-11-20 13:10", "2026-11-20 13:25", "2026-11-20 13:40", "2026-11-21 13:10"]),
        ("0 6,18 * * *", &["2026-11-20 18:00", "2026-11-21 06:00"]),
        ("0 22-23 * * 1-5", &["2026-11-20 22:00", "2026-11-20 23:00", "2026-11-23 22:00"]),
        ("0 9 * * MON,Wed", &["2026-11-23 09:00", "2026-11-25 09:00"]),
        ("0 9 * * fri-sun", &["2026-11-21 09:00", "2026-11-22 09:00", "2026-11-27 09:00"]),
        ("0 9 * * 7", &["2026-11-22 09:00", "2026-11-29 09:00"]),
        ("0 9 * * 0", &["2026-11-22 09:00", "2026-11-29 09:00"]),
        ("0 0 1 jan,JUL *", &["2027-01-01 00:00", "2027-07-01 00:00"]),
        ("0 0 31 * *", &["2026-12-31 00:00", "2027-01-31 00:00", "2027-03-31 00:00"]),
        ("0 0 29 2 *", &["2028-02-29 00:00", "2032-02-29 00:00"]),
        ("0 0 29 2 */7", &["2032-02-29 00:00", "2060-02-29 00:00", "2088-02-29 00:00", "2128-02-29 00:00"]),
        // A date or a weekday …
        ("0 0 13 * 5", &["2026-11-27 00:00", "2026-12-04 00:00", "2026-12-11 00:00", "2026-12-13 00:00"]),
        // … but both where one of them begins with *.
        ("0 0 */13 * 5", &["2026-11-27 00:00", "2027-01-01 00:00"]),
        ("@hourly", &["2026-11-20 13:00", "2026-11-20 14:00"]),
        ("@midnight", &["2026-11-21 00:00", "2026-11-22 00:00"]),
        ("@weekly", &["2026-11-22 00:00", "2026-11-29 00:00"]),
        ("@Monthly", &["2026-12-01 00:00", "2027-01-01 00:00"]),
        ("@yearly", &["2027-01-01 00:00", "2028-01-01 00:00"]),
        ("  0   0  1  1  *  ", &["2027-01-01 00:00"]),
    ];
    for (pattern, expected) in CASES {
        fires("Europe/Berlin", pattern, "2026-11-20T12:00", expected);
    }
}

#[test]
fn a_time_left_out_in_spring_comes_later_once() {
    fires("Europe/Berlin", "30 2 * * *", "2027-03-27T12:00", &["2027-03-28 03:30", "2027-03-29 02:30"]);
    fires("Europe/Berlin", "*/20 2 * * *", "2027-03-28T00:00", &["2027-03-28 03:00", "2027-03-28 03:20"]);
    // What falls together fires once.
    fires("Europe/Berlin", "30 2,3 * * *", "2027-03-28T00:00", &["2027-03-28 03:30", "2027-03-29 02:30"]);
    fires("Europe/Berlin", "0 * * * *", "2027-03-28T00:30", &["2027-03-28 01:00", "2027-03-28 03:00"]);
    // Where midnight itself is left out.
    fires("America/Santiago", "0 0 * * *", "2027-09-04T12:00", &["2027-09-05 01:00", "2027-09-06 00:00"]);
    fires("America/Santiago", "30 0,1 * * *", "2027-09-04T12:00", &["2027-09-05 01:30", "2027-09-06 00:30"]);
    // Half an hour, on an island.
    fires("Australia/Lord_Howe", "15 2 * * *", "2027-10-02T12:00", &["2027-10-03 02:45", "2027-10-04 02:15"]);
    // A whole date.
    fires("Pacific/Apia", "0 9 * * *", "2011-12-29T12:00", &["2011-12-31 09:00", "2012-01-01 09:00"]);
}

#[test]
fn a_time_doubled_in_autumn_comes_once() {
    fires("Europe/Berlin", "30 2 * * *", "2027-10-30T12:00", &["2027-10-31 02:30", "2027-11-01 02:30"]);
    let berlin = zone("Europe/Berlin");
    let cron = Cron::parse("30 2 * * *").unwrap();
    assert_eq!(cron.next(&berlin, instant(&berlin, "2027-10-31T00:00")), "2027-10-31T00:30:00Z".parse().ok());
    fires(
        "Europe/Berlin",
        "*/30 2,3 * * *",
        "2027-10-31T00:00",
        &["2027-10-31 02:00", "2027-10-31 02:30", "2027-10-31 03:00", "2027-10-31 03:30"],
    );
    // Every second hour is a list of times of day.
    fires("Europe/Berlin", "0 */2 * * *", "2027-10-31T00:30", &["2027-10-31 02:00", "2027-10-31 04:00"]);
}

#[test]
fn a_pattern_for_every_hour_goes_on_through_the_repeated_one() {
    let berlin = zone("Europe/Berlin");
    for pattern in ["*/15 * * * *", "0,15,30,45 0-23 * * *", "*/15 */1 * * *"] {
        let cron = Cron::parse(pattern).unwrap();
        let mut time = instant(&berlin, "2027-10-30T12:00");
        for _ in 0..4 * 24 {
            let next = cron.next(&berlin, time).unwrap();
            assert_eq!(next.since(time).as_secs(), 900, "{pattern} after {time}");
            time = next;
        }
    }
    // Midnight shown twice, and the evening before shown twice.
    fires("America/Havana", "0 * * * *", "2027-11-06T23:30", &["2027-11-07 00:00", "2027-11-07 00:00"]);
    fires(
        "America/Santiago",
        "0 * * * *",
        "2027-04-03T22:30",
        &["2027-04-03 23:00", "2027-04-03 23:00", "2027-04-04 00:00"],
    );
}

#[test]
fn impossible_dates_never_come() {
    for pattern in ["0 0 30 2 *", "0 0 31 2,4,6,9,11 *", "59 23 31 feb *"] {
        assert_eq!(Cron::parse(pattern).unwrap().next(&Zone::utc(), Timestamp(0)), None, "{pattern}");
    }
}

#[test]
fn absurd_times_are_survived() {
    for time in [i64::MIN, -1, i64::MAX] {
        for pattern in ["* * * * *", "0 0 29 2 *", "0 0 30 2 *"] {
            for name in ["UTC", "Europe/Berlin", "Pacific/Kiritimati"] {
                Cron::parse(pattern).unwrap().next(&zone(name), Timestamp(time));
            }
        }
    }
}

#[test]
fn what_is_wrong_is_said() {
    const CASES: &[(&str, &str)] = &[
        ("", "a cron pattern has five fields (minute, hour, day of month, month, weekday), not 0"),
        ("* * * *", "a cron pattern has five fields (minute, hour, day of month, month, weekday), not 4"),
        (
            "0 * * * * *",
            "a cron pattern has five fields (minute, hour, day of month, month, weekday), not 6; seconds are not for it: \
             use every",
        ),
        ("60 * * * *", "\"60\" is no minute: write 0 to 59"),
        (
            "-5 * * * *",
            "the minute is empty before or after a comma, dash or slash: write *, a value, 1-5, */2 or a list of them",
        ),
        ("0 24 * * *", "\"24\" is no hour: write 0 to 23"),
        ("0 0 0 * *", "\"0\" is no day of month: write 1 to 31"),
        ("0 0 L * *", "\"l\" is no day of month: write 1 to 31"),
        ("0 0 * 13 *", "\"13\" is no month: write 1 to 12 or jan to dec"),
        ("0 0 * juni *", "\"juni\" is no month: write 1 to 12 or jan to dec; did you mean jun?"),
        ("0 0 * * monday", "\"monday\" is no weekday: write 0 to 7 or sun to sat; did you mean mon?"),
        ("0 0 * * 5#2", "\"5#2\" is no weekday: write 0 to 7 or sun to sat"),
        ("0 22-5 * * *", "the range 22-5 of the hour runs backwards: write it as a list of two ranges"),
        ("*/0 * * * *", "the step of the minute is \"0\": write 1 to 59"),
        ("*/90 * * * *", "the step of the minute is \"90\": write 1 to 59"),
        (
            "1,,2 * * * *",
            "the minute is empty before or after a comma, dash or slash: write *, a value, 1-5, */2 or a list of them",
        ),
        ("0 */x * * *", "the step of the hour is \"x\": write 1 to 23"),
        ("@reboot", "there is no \"@reboot\"; write @hourly, @daily, @weekly, @monthly, @yearly or five fields"),
        ("0 0 ä * *", "\"ä\" is no day of month: write 1 to 31"),
    ];
    for (pattern, expected) in CASES {
        assert_eq!(Cron::parse(pattern).unwrap_err().to_string(), *expected, "{pattern}");
    }
    assert_eq!(Cron::parse(&"*".repeat(1_000)), Err(CronError::TooLong));
}

/// By the definition: whether a minute is one of the pattern's.
fn is_due(cron: &Cron, zone: &Zone, time: Timestamp) -> bool {
    let fits =
        |local: DateTime| cron.fits(local.date()) && has(cron.hours, local.hour()) && has(cron.minutes, local.minute());
    let local = zone.local(time);
    if fits(local) && (cron.hours == ALL_HOURS || zone.instant(local) == Some(time)) {
        return true;
    }
    // Or a time that was left out moved here.
    [30, 60, 24 * 60].iter().any(|minutes| {
        let earlier = local.checked_sub(minutes.minutes()).unwrap();
        fits(earlier) && zone.local(zone.instant(earlier).unwrap()) != earlier && zone.instant(earlier) == Some(time)
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn a_search_agrees_with_looking_at_every_minute(
        minute in prop::sample::select(vec!["*", "0", "30", "*/15", "7,59", "1/7"]),
        hour in prop::sample::select(vec!["*", "2", "0,23", "*/3", "1-3", "0", "*/1"]),
        day in prop::sample::select(vec!["*", "1-15", "*/2", "31"]),
        weekday in prop::sample::select(vec!["*", "0", "sat,sun", "1-5"]),
        (zone_name, start) in prop::sample::select(vec![
            ("Europe/Berlin", "2027-03-27T12:00"),
            ("Europe/Berlin", "2027-10-30T12:00"),
            ("America/Havana", "2027-11-06T12:00"),
            ("America/Santiago", "2027-04-03T12:00"),
            ("America/Santiago", "2027-09-04T12:00"),
            ("Australia/Lord_Howe", "2027-04-03T12:00"),
            ("Australia/Lord_Howe", "2027-10-02T12:00"),
            ("America/St_Johns", "2006-10-28T12:00"),
            ("Pacific/Apia", "2011-12-29T12:00"),
            ("Asia/Kolkata", "2027-03-27T12:00"),
        ]),
        later in 0i64..600,
    ) {
        let (zone, cron) = (zone(zone_name), Cron::parse(&format!("{minute} {hour} {day} * {weekday}")).unwrap());
        let mut after = Timestamp(instant(&zone, start).milliseconds() + later * MINUTE_MILLISECONDS);
        let end = after.milliseconds() + 2 * 1_440 * MINUTE_MILLISECONDS;
        let mut time = after;
        while time.milliseconds() < end {
            time = Timestamp(time.milliseconds() + MINUTE_MILLISECONDS);
            if is_due(&cron, &zone, time) {
                prop_assert_eq!(cron.next(&zone, after), Some(time), "{:?} after {}", cron, after);
                after = time;
            }
        }
        prop_assert!(cron.next(&zone, after).is_none_or(|next| next > time));
    }

    #[test]
    fn no_text_makes_it_panic(text in "[-*/,0-9a-z@ ]{0,40}|.{0,40}") {
        if let Ok(cron) = Cron::parse(&text) {
            cron.next(&Zone::utc(), Timestamp(0));
        }
    }
}
