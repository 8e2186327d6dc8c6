//! Tests that stand in rules: what they say, and that they say it right.

use expect_test::{Expect, expect};
use hub_automation::document::parse_yaml;
use hub_automation::replay::{SimulatedHome, Site, failed_tests, run_tests};
use hub_model::zone::Zone;

use crate::home::TestHome;

fn home() -> SimulatedHome {
    let mut home = TestHome::default();
    for line in [
        "Hallway motion: motion sensor in hallway",
        "Hallway lamp: light in hallway",
        "Button: button",
        "Strip: double switch",
        "Front door: lock",
    ] {
        home.add(line);
    }
    home.put_person("anna", None, hub_model::Timestamp::default());
    SimulatedHome::of_world(&home)
}

fn site() -> Site {
    Site { zone: Zone::named("Europe/Berlin").unwrap(), location: None }
}

/// What is said of the tests of a rule, a line each.
fn told(rule: &str) -> String {
    let document = parse_yaml(rule).unwrap_or_else(|findings| panic!("{findings:?}"));
    let mut text = String::new();
    for outcome in run_tests(&document, &"hall".into(), &home(), &site()) {
        match outcome.finding(&"hall".into()) {
            None => text.push_str(&format!("{}: passed\n", outcome.name)),
            Some(finding) => text.push_str(&format!("{}: {}\n", finding.path, finding.message)),
        }
    }
    text
}

fn check(rule: &str, expected: &Expect) {
    expected.assert_eq(&told(rule));
}

const HALL: &str = "
name: Hall
mode: restart
triggers:
  - state: {device: Hallway motion, attribute: occupancy, to: true}
conditions:
  - not: {mode: night}
actions:
  - command: {device: Hallway lamp, set: {on: true, brightness: 40%}}
  - wait_for: {state: {device: Hallway motion, attribute: occupancy, to: false, for: 2m}}
    timeout: 30m
  - command: {device: Hallway lamp, set: {on: false}}
tests:
";

fn hall(tests: &str) -> String {
    format!("{HALL}{tests}")
}

#[test]
fn time_runs_until_nothing_follows_any_more() {
    check(
        &hall(
            "
  - name: on and off again
    when:
      - {device: Hallway motion, attribute: occupancy, value: true}
      - {after: 5m, device: Hallway motion, attribute: occupancy, value: false}
    then:
      - {device: Hallway lamp, set: {brightness: 40}}
      - {device: Hallway lamp, set: {on: false}}
  - name: off by the limit
    when:
      - {device: Hallway motion, attribute: occupancy, value: true}
    then:
      - {device: Hallway lamp, set: {on: true}}
      - {device: Hallway lamp, set: {on: false}}
  - name: still on after 29 minutes
    when:
      - {device: Hallway motion, attribute: occupancy, value: true}
      - after: 29m
    then:
      - {device: Hallway lamp, set: {on: true, brightness: 40%}}
",
        ),
        &expect![[r#"
            on and off again: passed
            off by the limit: passed
            still on after 29 minutes: passed
        "#]],
    );
}

#[test]
fn what_is_given_holds_and_nothing_else_is_known() {
    check(
        &hall(
            "
  - name: not at night
    given: {mode: night}
    when: [{device: Hallway motion, attribute: occupancy, value: true}]
    then: []
  - name: no change, no light
    given: {states: [{device: Hallway motion, attribute: occupancy, value: true}]}
    when: [{device: Hallway motion, attribute: occupancy, value: true}]
    then: []
  - name: a device that is away
    given: {states: [{device: Hallway lamp, availability: offline}]}
    when: [{device: Hallway lamp, availability: online}]
    then: []
",
        ),
        &expect![[r#"
            not at night: passed
            no change, no light: passed
            a device that is away: passed
        "#]],
    );
}

#[test]
fn a_failing_test_says_what_it_wanted_and_what_it_got() {
    check(
        &hall(
            "
  - name: too bright
    when: [{device: Hallway motion, attribute: occupancy, value: true}, {after: 1s}]
    then: [{device: Hallway lamp, set: {brightness: 80}}]
  - name: nothing at night
    given: {mode: night}
    when: [{device: Hallway motion, attribute: occupancy, value: true}]
    then: [{notify: anna}]
  - name: more than that
    when: [{device: Hallway motion, attribute: occupancy, value: true}]
    then: [{device: Hallway lamp, set: {on: true}}]
",
        ),
        &expect![[r#"
            tests[0]: the test "too bright" fails; expected: sets Hallway lamp: brightness 80; got: sets Hallway lamp: on true, brightness 40
            tests[1]: the test "nothing at night" fails; expected: tells anna; got: nothing
            tests[2]: the test "more than that" fails; expected: sets Hallway lamp: on true; got: sets Hallway lamp: on true, brightness 40, then sets Hallway lamp: on false
        "#]],
    );
}

#[test]
fn a_name_that_is_not_there_is_said() {
    check(
        &hall(
            "
  - name: a typing error
    when: [{device: Hallway moton, attribute: occupancy, value: true}]
    then: []
  - name: another attribute
    given: {states: [{device: Hallway lamp, attribute: locked, value: true}]}
    when: []
    then: []
  - name: a wrong value
    when: [{device: Hallway motion, attribute: occupancy, value: 7}]
    then: []
  - name: an effect on nothing
    when: []
    then: [{device: Cellar lamp, set: {on: true}}]
",
        ),
        &expect![[r#"
            tests[0]: the test "a typing error" cannot be run: there is no device "Hallway moton"; did you mean "Hallway motion"?
            tests[1]: the test "another attribute" cannot be run: test:hallway-lamp has no attribute locked
            tests[2]: the test "a wrong value" cannot be run: occupancy cannot be 7: give true or false
            tests[3]: the test "an effect on nothing" cannot be run: there is no device "Cellar lamp"; did you mean "Hallway lamp"?
        "#]],
    );
}

#[test]
fn schedules_need_time_that_passes() {
    let rule = "
name: Evening
triggers:
  - time: \"22:30\"
actions:
  - set_mode: night
  - notify: {to: anna, title: Night, message: Sleep well}
  - scene: Night
tests:
  - name: in the evening
    given: {time: \"2026-11-20 22:29\"}
    when: [{after: 2m}]
    then: [{set_mode: night}, {notify: true}, {scene: Night}]
  - name: not before
    given: {time: \"2026-11-20 22:29\"}
    when: [{after: 59s}]
    then: []
  - name: a press of a button brings no evening
    when: [{device: Button, event: action, value: single}]
    then: []
";
    check(
        rule,
        &expect![[r#"
            in the evening: passed
            not before: passed
            a press of a button brings no evening: passed
        "#]],
    );
}

#[test]
fn endpoints_people_and_stops_of_the_hub() {
    let rule = "
name: Leaving
triggers:
  - presence: {person: anna, to: away, for: 5m}
catch_up: run_once
actions:
  - command: {device: Strip, endpoint: left, set: {on: false}}
tests:
  - name: after five minutes
    given: {presence: {anna: home}}
    when: [{person: anna, presence: away}]
    then: [{device: Strip, endpoint: left, set: {on: false}}]
  - name: the other side
    given: {presence: {anna: home}}
    when: [{person: anna, presence: away}]
    then: [{device: Strip, endpoint: right, set: {on: false}}]
  - name: over a stop
    given: {presence: {anna: home}}
    when: [{person: anna, presence: away}, {after: 1m, down: 10m}]
    then: [{device: Strip, endpoint: left, set: {on: false}}]
  - name: only a minute
    given: {presence: {anna: home}}
    when: [{person: anna, presence: away}, {after: 1m, person: anna, presence: home}]
    then: []
";
    check(
        rule,
        &expect![[r#"
            after five minutes: passed
            tests[1]: the test "the other side" fails; expected: sets Strip (right): on false; got: sets Strip (left): on false
            over a stop: passed
            only a minute: passed
        "#]],
    );
}

#[test]
fn a_test_that_would_never_end_is_given_up() {
    let rule = "
name: Every second
triggers:
  - every: 1s
actions:
  - stop: enough
tests:
  - name: for a year
    when: [{after: 300d}]
    then: []
";
    check(
        rule,
        &expect![[r#"
            tests[0]: the test "for a year" cannot be run: the rule was woken more than 10000 times; let the test take less time
        "#]],
    );
}

#[test]
fn a_rule_that_is_off_is_tested_and_an_undescribed_home_is_made_up() {
    let document = parse_yaml(&format!(
        "enabled: false\n{}",
        hall("  - {name: on, when: [{device: Hallway motion, attribute: occupancy, value: true}, {after: 1s}], then: [{device: Hallway lamp, set: {on: true}}]}\n")
            .trim_start()
    ))
    .unwrap();
    let open = SimulatedHome::inferred(std::slice::from_ref(&document));
    for home in [home(), open] {
        assert_eq!(failed_tests(&document, &"hall".into(), &home, &site()), []);
    }
}

#[test]
fn a_rule_that_follows_the_sun_needs_a_place() {
    let rule = "
name: Evening
triggers:
  - sun: {event: sunset}
actions:
  - command: {device: Hallway lamp, set: {on: true}}
tests:
  - name: in the evening
    given: {time: \"2026-11-20 16:00\"}
    when: [{after: 1h}]
    then: [{device: Hallway lamp, set: {on: true}}]
";
    check(
        rule,
        &expect![[r#"
            tests[0]: the test "in the evening" was not run: the rule follows the sun, and it is not known where the home lies
        "#]],
    );
    let document = parse_yaml(rule).unwrap();
    let location = hub_model::household::Location { latitude: 52.52, longitude: 13.4 };
    let site = Site { location: Some(location), ..site() };
    assert_eq!(failed_tests(&document, &"hall".into(), &home(), &site), []);
}

#[test]
fn another_rule_that_it_runs_is_not_there_and_the_rest_is_done() {
    let rule = "
name: Evening
triggers: [{event: {device: Button, is: single}}]
actions:
  - parallel:
      - [{run: Other rule}, {command: {device: Hallway lamp, set: {on: true}}}]
      - [{delay: 1m}, {notify: {message: late}}]
  - command: {device: Strip, endpoint: left, set: {on: true}}
tests:
  - name: all of it
    when: [{device: Button, event: action, value: single}]
    then:
      - {device: Hallway lamp, set: {on: true}}
      - {notify: true}
      - {device: Strip, endpoint: left, set: {on: true}}
  - name: too little
    when: [{device: Button, event: action, value: single}]
    then: []
";
    check(
        rule,
        &expect![[r#"
        all of it: passed
        tests[1]: the test "too little" fails; expected: nothing; got: run: Other rule, then sets Hallway lamp: on true, then tells everyone: late, then sets Strip (left): on true
    "#]],
    );
}

#[test]
fn of_what_happened_while_the_hub_was_down_only_the_newest_is_heard() {
    let rule = "
name: Night
mode: parallel
triggers:
  - mode: {to: night}
  - presence: {person: anna, to: home}
  - presence: {person: anna, to: away}
  - state: {device: Hallway motion, attribute: occupancy}
  - availability: {device: Hallway lamp}
actions:
  - notify: {message: \"{{ trigger.kind }} {{ trigger.to }}\"}
tests:
  - name: back as it was
    given: {mode: home, presence: {anna: home}, states: [{device: Hallway lamp, availability: online}]}
    when:
      - {down: 10m}
      - {after: 1m, mode: night}
      - {after: 1m, person: anna, presence: away}
      - {after: 1m, device: Hallway lamp, availability: offline}
      - {after: 1m, mode: home}
      - {after: 1m, person: anna, presence: home}
      - {after: 1m, device: Hallway lamp, availability: online}
    then: []
  - name: otherwise
    given: {mode: home, presence: {anna: home}}
    when:
      - {down: 10m}
      - {after: 1m, mode: night}
      - {after: 1m, person: anna, presence: away}
      - {after: 1m, mode: home}
      - {after: 1m, mode: night}
    then: [{notify: true}, {notify: true}]
";
    check(
        rule,
        &expect![[r#"
        back as it was: passed
        otherwise: passed
    "#]],
    );
}
