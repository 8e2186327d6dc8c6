//! Windows: over midnight, on days of the week, and on the days on which clocks change.

use crate::home::{Home, child_with_only};

fn is_in(when: &str, time: &str) -> bool {
    let json = format!(r#"{{"id": "r", "who": {{"role": "child"}}, "allow": ["see"], "when": {when}}}"#);
    Home::at(time).verdict(&child_with_only(&[&json]), "see lamp").allowed
}

/// The window, and instants before, in and after it. Berlin is an hour before UTC in winter, two in summer.
const TABLE: &[(&str, &[(&str, bool)])] = &[
    (
        r#"{"from": "07:00", "to": "20:30"}"#,
        &[
            ("2026-11-27T05:59:59.999Z", false),
            ("2026-11-27T06:00:00Z", true),
            ("2026-11-27T19:29:59.999Z", true),
            ("2026-11-27T19:30:00Z", false),
            // In summer.
            ("2026-07-27T05:00:00Z", true),
            ("2026-07-27T18:30:00Z", false),
        ],
    ),
    // Over midnight.
    (
        r#"{"from": "22:00", "to": "06:00"}"#,
        &[
            ("2026-11-27T20:59:00Z", false),
            ("2026-11-27T21:00:00Z", true),
            ("2026-11-27T23:30:00Z", true),
            ("2026-11-28T04:59:00Z", true),
            ("2026-11-28T05:00:00Z", false),
        ],
    ),
    // Over midnight from Friday (the 27th) to Saturday: the day on which it begins counts.
    (
        r#"{"from": "22:00", "to": "06:00", "weekdays": ["fri"]}"#,
        &[
            ("2026-11-27T03:00:00Z", false),
            ("2026-11-27T21:30:00Z", true),
            ("2026-11-28T03:00:00Z", true),
            ("2026-11-28T21:30:00Z", false),
        ],
    ),
    // One end, or only days.
    (
        r#"{"from": "18:00"}"#,
        &[("2026-11-27T16:59:00Z", false), ("2026-11-27T17:00:00Z", true), ("2026-11-27T23:00:00Z", false)],
    ),
    (
        r#"{"to": "18:00"}"#,
        &[("2026-11-26T22:59:00Z", false), ("2026-11-26T23:00:00Z", true), ("2026-11-27T17:00:00Z", false)],
    ),
    (
        r#"{"weekdays": ["sat", "sun"]}"#,
        &[
            ("2026-11-27T22:59:59.999Z", false),
            ("2026-11-27T23:00:00Z", true),
            ("2026-11-29T22:59:59.999Z", true),
            ("2026-11-29T23:00:00Z", false),
        ],
    ),
    // To midnight.
    (
        r#"{"from": "18:00", "to": "00:00"}"#,
        &[("2026-11-27T22:59:00Z", true), ("2026-11-27T23:00:00Z", false), ("2026-11-27T10:00:00Z", false)],
    ),
    // On 28 March 2027 clocks go from 02:00 to 03:00: 02:30 comes an hour later.
    (
        r#"{"from": "02:30", "to": "05:00"}"#,
        &[
            ("2027-03-28T01:00:00Z", false),
            ("2027-03-28T01:29:59Z", false),
            ("2027-03-28T01:30:00Z", true),
            ("2027-03-28T03:00:00Z", false),
        ],
    ),
    (r#"{"from": "22:00", "to": "02:30"}"#, &[("2027-03-28T01:29:59Z", true), ("2027-03-28T01:30:00Z", false)]),
    // On 31 October 2027 they go from 03:00 to 02:00: 02:30 is meant the first time.
    (
        r#"{"from": "02:30", "to": "05:00"}"#,
        &[
            ("2027-10-31T00:29:59Z", false),
            ("2027-10-31T00:30:00Z", true),
            ("2027-10-31T01:15:00Z", true),
            ("2027-10-31T03:59:59Z", true),
            ("2027-10-31T04:00:00Z", false),
        ],
    ),
    (
        r#"{"from": "22:00", "to": "02:30"}"#,
        &[("2027-10-31T00:29:59Z", true), ("2027-10-31T00:30:00Z", false), ("2027-10-31T01:15:00Z", false)],
    ),
    // Nothing that cannot be read, and nothing empty, is in a window.
    (r#"{"from": "7 o'clock"}"#, &[("2026-11-27T12:00:00Z", false)]),
    (r#"{"weekdays": ["friday"]}"#, &[("2026-11-27T12:00:00Z", false)]),
    (r#"{"weekdays": []}"#, &[("2026-11-27T12:00:00Z", false)]),
    (r#"{"from": "12:00", "to": "12:00"}"#, &[("2026-11-27T12:00:00Z", false), ("2026-11-27T11:00:00Z", false)]),
    (r#"{}"#, &[("2026-11-27T12:00:00Z", true)]),
];

#[test]
fn windows_are_as_long_as_they_say() {
    for (when, instants) in TABLE {
        for (time, expected) in *instants {
            assert_eq!(is_in(when, time), *expected, "{when} at {time}");
        }
    }
}

#[test]
fn a_rule_ends_at_its_end() {
    let json = r#"{"id": "r", "who": {"role": "child"}, "allow": ["see"], "until": "2026-11-27T12:00:00Z"}"#;
    let said = |time| Home::at(time).said(&child_with_only(&[json]), "see lamp");
    assert_eq!(said("2026-11-27T11:59:59.999Z"), "yes: r");
    assert_eq!(said("2026-11-27T12:00:00Z"), "expired");
}
