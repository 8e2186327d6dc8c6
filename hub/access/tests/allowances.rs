//! Daily allowances: counted while something is on, begun anew at midnight.

use std::time::Duration;

use hub_access::allowance::{ALLOWANCES_MAX, Switch, SwitchOff};
use hub_access::{Allowances, CompiledPolicy};
use hub_model::Trust;

use crate::home::{Home, child_with_only};

const RULE: &str = r#"{"id": "tv", "who": {"role": "child"}, "allow": ["control"], "what": {"types": ["media"]}, "daily": {"minutes": 60}}"#;
const ON: &str = "control tv.on = true";
const OFF: &str = "control tv.on = false";
const MINUTE: u64 = 60;

fn child() -> CompiledPolicy {
    child_with_only(&[RULE])
}

fn switch(device: &str) -> Switch {
    Switch { device: device.into(), endpoint: Some(1) }
}

/// Switches on as the hub does: by the answer that it got.
fn switch_on(home: &mut Home, device: &str) {
    let verdict = home.verdict(&child(), ON);
    let (rule, minutes) = (verdict.rule.unwrap(), verdict.daily_minutes.unwrap());
    home.allowances.start(&"anna".into(), &rule, minutes, &switch(device), &home.now, &home.zone);
}

fn switch_off(home: &mut Home, device: &str) {
    home.allowances.stop(&switch(device), &home.now, &home.zone);
}

fn due(home: &mut Home) -> Vec<SwitchOff> {
    home.allowances.take_due(&home.now, &home.zone)
}

fn next_due(home: &Home) -> Option<u64> {
    home.allowances.next_due(&home.now, &home.zone).map(|left| left.as_secs() / MINUTE)
}

#[test]
fn an_hour_is_an_hour_of_being_on() {
    let mut home = Home::at("2026-11-27T12:00:00Z");
    switch_on(&mut home, "tv");
    assert_eq!(next_due(&home), Some(60));
    home.advance(40 * MINUTE);
    switch_off(&mut home, "tv");
    assert_eq!(next_due(&home), None);
    home.advance(180 * MINUTE);
    switch_on(&mut home, "tv");
    home.advance(19 * MINUTE);
    assert_eq!(next_due(&home), Some(1));
    assert_eq!(due(&mut home), []);
    assert_eq!(home.said(&child(), ON), "yes: tv");
    home.advance(MINUTE);
    assert_eq!(home.said(&child(), ON), "used_up +ask");
    assert_eq!(home.said(&child(), OFF), "yes: tv");
    assert_eq!(home.verdict(&child(), OFF).daily_minutes, None);
    let expected = SwitchOff { person: "anna".into(), rule: "tv".into(), switches: vec![switch("tv")] };
    assert_eq!(due(&mut home), [expected]);
    assert_eq!(due(&mut home), []);
}

#[test]
fn things_that_are_on_together_count_once() {
    let mut home = Home::at("2026-11-27T12:00:00Z");
    switch_on(&mut home, "tv");
    switch_on(&mut home, "radio");
    home.advance(30 * MINUTE);
    assert_eq!(next_due(&home), Some(30));
    switch_off(&mut home, "tv");
    home.advance(30 * MINUTE);
    assert_eq!(due(&mut home)[0].switches, [switch("radio")]);
}

#[test]
fn each_switch_of_a_device_counts_for_itself() {
    let mut home = Home::at("2026-11-27T12:00:00Z");
    switch_on(&mut home, "strip");
    home.advance(10 * MINUTE);
    home.allowances.stop(&Switch { endpoint: Some(2), ..switch("strip") }, &home.now, &home.zone);
    assert_eq!(next_due(&home), Some(50));
    switch_off(&mut home, "strip");
    assert_eq!(next_due(&home), None);
}

#[test]
fn a_day_begins_at_midnight_of_the_home() {
    // Half past eleven in the evening.
    let mut home = Home::at("2026-11-27T22:30:00Z");
    switch_on(&mut home, "tv");
    home.advance(20 * MINUTE);
    assert_eq!(next_due(&home), Some(40));
    home.advance(40 * MINUTE);
    // Half past midnight: half an hour of the new day is used.
    assert_eq!(due(&mut home), []);
    assert_eq!(next_due(&home), Some(30));
    home.advance(30 * MINUTE);
    assert_eq!(due(&mut home).len(), 1);
    assert_eq!(home.said(&child(), ON), "used_up +ask");
    home.advance(23 * 60 * MINUTE);
    assert_eq!(home.said(&child(), ON), "yes: tv");
}

#[test]
fn a_day_of_23_or_25_hours_is_one_day() {
    for (evening, hours) in [("2027-03-27T22:59:00Z", 23), ("2027-10-30T21:59:00Z", 25)] {
        let mut home = Home::at(evening);
        home.advance(2 * MINUTE);
        switch_on(&mut home, "tv");
        home.advance(60 * MINUTE);
        assert_eq!(due(&mut home).len(), 1);
        home.advance(hours * 60 * MINUTE - 62 * MINUTE);
        assert_eq!(home.said(&child(), ON), "used_up +ask", "a minute before midnight");
        home.advance(MINUTE);
        assert_eq!(home.said(&child(), ON), "yes: tv", "at midnight");
    }
}

#[test]
fn a_restart_gives_nobody_a_second_hour() {
    let mut home = Home::at("2026-11-27T12:00:00Z");
    switch_on(&mut home, "tv");
    home.advance(30 * MINUTE);
    assert_eq!(due(&mut home), []);
    let kept = serde_json::to_string(&home.allowances).unwrap();
    let restart = |trust| {
        let mut home = Home::at("2026-11-27T12:40:00Z");
        home.now.mono.0 = Duration::from_secs(5);
        home.now.wall.trust = trust;
        home.allowances = serde_json::from_str(&kept).unwrap();
        home
    };
    // It was on meanwhile, for as long as a clock that can be trusted says.
    assert_eq!(next_due(&restart(Trust::Ntp)), Some(20));
    let mut home = restart(Trust::Persisted);
    assert_eq!(next_due(&home), Some(30));
    assert_eq!(due(&mut home), []);
    home.advance(30 * MINUTE);
    assert_eq!(due(&mut home).len(), 1);
}

#[test]
fn a_clock_that_jumps_changes_nothing_of_what_is_counted() {
    let mut home = Home::at("2026-11-27T12:00:00Z");
    switch_on(&mut home, "tv");
    home.now.wall.time = home.now.wall.time.plus(Duration::from_secs(3 * 3600));
    assert_eq!(next_due(&home), Some(60));
    home.advance(10 * MINUTE);
    // Back to the day before, as after a power cut: still the same day.
    home.now.wall.time = home.now.wall.time.minus(Duration::from_secs(24 * 3600));
    home.advance(10 * MINUTE);
    assert_eq!(next_due(&home), Some(40));
}

#[test]
fn where_too_many_are_counted_new_ones_are_used_up() {
    let mut home = Home::at("2026-11-27T12:00:00Z");
    let mut allowances = Allowances::default();
    for count in 0..=ALLOWANCES_MAX {
        let person = format!("user-{count}");
        allowances.start(&person.as_str().into(), &"tv".into(), 60, &switch("tv"), &home.now, &home.zone);
    }
    home.allowances = allowances;
    assert_eq!(home.said(&child(), ON), "used_up +ask");
    // The next day there is room again.
    home.advance(25 * 60 * MINUTE);
    assert!(!due(&mut home).is_empty());
    home.allowances.start(&"anna".into(), &"tv".into(), 60, &switch("tv"), &home.now, &home.zone);
    assert_eq!(home.said(&child(), ON), "used_up +ask", "those of this day are still counted");
    home.advance(24 * 60 * MINUTE);
    home.allowances.start(&"anna".into(), &"tv".into(), 60, &switch("tv"), &home.now, &home.zone);
    assert_eq!(home.said(&child(), ON), "yes: tv");
}
