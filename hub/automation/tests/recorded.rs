//! Rules tried on what a home has recorded.

use hub_automation::World;
use hub_automation::document::parse_yaml;
use hub_automation::replay::{Line, Recorded, RecordedReplay, SimulatedHome, Site, Trial, record_of};
use hub_model::history::{HistoryEntry, HistoryRecord, StateRecord};
use hub_model::record::AutomationRecord;
use hub_model::zone::Zone;
use hub_model::{Availability, Cause, Timestamp, Value};

use crate::home::TestHome;

fn home() -> SimulatedHome {
    let mut home = TestHome::default();
    for line in ["Motion: motion sensor", "Lamp: light", "Button: button", "Door: contact sensor"] {
        home.add(line);
    }
    home.put_person("anna", None, Timestamp::default());
    SimulatedHome::of_world(&home)
}

fn rule(actions: &str) -> AutomationRecord {
    let text = format!(
        "name: Hall\nmode: restart\ntriggers:\n  - state: {{device: Motion, attribute: occupancy, to: true}}\nactions:\n{actions}"
    );
    record_of(&parse_yaml(&text).unwrap(), &"hall".into(), &home())
}

fn lamp(actions: &str) -> AutomationRecord {
    rule(&format!("  - command: {{device: Lamp, set: {{{actions}}}}}\n"))
}

fn at(text: &str) -> Timestamp {
    format!("2026-11-20T{text}Z").parse().unwrap()
}

fn state_by(time: &str, device: &str, attribute: &str, value: impl Into<Value>, cause: Cause) -> HistoryRecord {
    let entry = HistoryEntry::State(StateRecord {
        device: format!("test:{device}").into(),
        endpoint: 1,
        attribute: attribute.into(),
        value: value.into(),
        cause,
    });
    HistoryRecord { at: at(time), entry }
}

fn state(time: &str, device: &str, attribute: &str, value: impl Into<Value>) -> HistoryRecord {
    state_by(time, device, attribute, value, Cause::Report)
}

fn caused_by(automation: &str) -> Cause {
    Cause::Rule { automation: automation.into(), run: "r".into(), depth: 1, parent: None }
}

fn trial(current: Option<AutomationRecord>, draft: AutomationRecord) -> Trial {
    let site = Site { zone: Zone::utc(), location: None };
    Trial { home: home(), site, current, draft, from: at("12:00:00"), limit: 100 }
}

fn replayed(trial: Trial, records: &[HistoryRecord], to: &str) -> Recorded {
    let mut replay = RecordedReplay::new(trial);
    for record in records {
        assert!(replay.take(record, &mut || true));
    }
    assert!(replay.advance_to(at(to), &mut || true));
    replay.finish()
}

fn told(lines: &[Line]) -> Vec<String> {
    let home = home();
    lines
        .iter()
        .map(|line| format!("{} {}", line.at.to_string().get(11..19).unwrap(), line.deed.in_words(&home)))
        .collect()
}

#[test]
fn a_new_rule_is_told_by_what_it_would_have_done() {
    let records = [
        state("11:00:00", "motion", "occupancy", false),
        state("12:10:00", "motion", "occupancy", true),
        state("12:20:00", "motion", "occupancy", false),
        state("23:30:00", "motion", "occupancy", true),
    ];
    let result = replayed(trial(None, lamp("on: true")), &records, "23:59:00");
    assert_eq!(told(&result.lines), ["12:10:00 sets Lamp: on true", "23:30:00 sets Lamp: on true"]);
    assert_eq!(result.in_words(), "would have fired twice, once between 23:00 and 06:00");
    assert_eq!((result.events, result.truncated, result.approximate_from), (3, false, None));
    assert_eq!(result.kinds.into_iter().collect::<Vec<_>>(), [("command", 2)]);
    assert!(result.differences.is_none());
}

#[test]
fn what_was_before_the_beginning_is_known_and_sets_nothing_off() {
    let records = [state("11:00:00", "motion", "occupancy", true), state("12:10:00", "motion", "occupancy", true)];
    let result = replayed(trial(None, lamp("on: true")), &records, "13:00:00");
    assert_eq!(told(&result.lines), [""; 0]);
    assert_eq!(result.in_words(), "would not have fired");
}

#[test]
fn only_what_is_other_than_with_the_current_version_differs() {
    let records = [
        state("12:10:00", "motion", "occupancy", true),
        state_by("12:10:01", "lamp", "on", true, caused_by("hall")),
        state_by("12:10:02", "lamp", "brightness", 40.0, caused_by("hall")),
        state("12:20:00", "motion", "occupancy", false),
    ];
    let current = lamp("on: true, brightness: 40");
    let result = replayed(trial(Some(current.clone()), current.clone()), &records, "13:00:00");
    assert_eq!(result.in_words(), "would have fired once; does the same as the current version");

    let result = replayed(trial(Some(current), lamp("on: true, brightness: 60")), &records, "13:00:00");
    assert_eq!(result.in_words(), "would have fired once; differs from the current version once");
    let differences = result.differences.unwrap();
    assert_eq!(told(&differences.only_current), ["12:10:00 sets Lamp: on true, brightness 40"]);
    assert_eq!(told(&differences.only_draft), ["12:10:00 sets Lamp: on true, brightness 60"]);
    // What followed from the current version is no contradiction: it is left out.
    assert_eq!(result.approximate_from, None);
}

/// The draft reacts to the lamp, which the current version switched on: in the home of the draft it stays off.
#[test]
fn what_the_current_version_caused_is_left_out() {
    let records = [
        state("12:00:01", "lamp", "on", false),
        state("12:10:00", "motion", "occupancy", true),
        state_by("12:10:01", "lamp", "on", true, caused_by("hall")),
        state_by("12:11:00", "lamp", "on", false, caused_by("other")),
        state_by("12:12:00", "lamp", "on", true, caused_by("other")),
    ];
    let text = "name: Hall\ntriggers:\n  - state: {device: Lamp, attribute: on, to: true}\nactions:\n  - notify: {message: light}\n";
    let draft = record_of(&parse_yaml(text).unwrap(), &"hall".into(), &home());
    let result = replayed(trial(Some(lamp("on: true")), draft), &records, "13:00:00");
    assert_eq!(told(&result.lines), ["12:12:00 tells everyone: light"]);
}

#[test]
fn the_first_contradiction_makes_the_result_approximate() {
    let motion = state("12:10:00", "motion", "occupancy", true);
    let by_itself = |time: &str| state(time, "lamp", "on", true);
    let person = Cause::Person { account: "anna".into(), via: "api".into() };
    let before = state("12:05:00", "lamp", "on", false);
    let switched = |value: bool| lamp(&format!("on: {value}"));
    let table = [
        ("somebody pressed the lamp's own switch", vec![before.clone(), motion.clone(), by_itself("12:30:00")], true),
        (
            "it was so already",
            vec![by_itself("12:05:00"), motion.clone(), state("12:30:00", "lamp", "on", false)],
            false,
        ),
        (
            "a person did it, and then it changed by itself",
            vec![
                before.clone(),
                motion.clone(),
                state_by("12:20:00", "lamp", "on", true, person),
                state("12:30:00", "lamp", "on", false),
            ],
            false,
        ),
        (
            "another rule did it",
            vec![before, motion, state_by("12:30:00", "lamp", "on", true, caused_by("other"))],
            false,
        ),
        ("nothing was set", vec![by_itself("12:30:00")], false),
    ];
    for (what, records, is_approximate) in table {
        let result = replayed(trial(None, switched(true)), &records, "13:00:00");
        assert_eq!(result.approximate_from, is_approximate.then(|| at("12:30:00")), "{what}");
    }
}

#[test]
fn buttons_reachability_modes_and_people_are_heard_too() {
    let text = "
name: All
mode: parallel
triggers:
  - event: {device: Button, attribute: action, is: single}
  - availability: {device: Lamp, to: offline}
  - mode: {to: night}
  - presence: {person: anna, to: home}
  - time: \"12:45\"
actions:
  - notify: {message: heard}
";
    let draft = record_of(&parse_yaml(text).unwrap(), &"all".into(), &home());
    let entry = |time: &str, entry: HistoryEntry| HistoryRecord { at: at(time), entry };
    let records = [
        entry(
            "11:00:00",
            HistoryEntry::Availability { device: "test:lamp".into(), availability: Availability::Online },
        ),
        entry("11:00:00", HistoryEntry::Mode { mode: "night".into(), cause: Cause::Report }),
        entry(
            "11:00:00",
            HistoryEntry::Presence { person: "anna".into(), presence: "away".into(), cause: Cause::Report },
        ),
        entry(
            "12:01:00",
            HistoryEntry::DeviceEvent {
                device: "test:button".into(),
                endpoint: 1,
                attribute: "action".into(),
                value: "single".into(),
            },
        ),
        entry(
            "12:02:00",
            HistoryEntry::Availability { device: "test:lamp".into(), availability: Availability::Offline },
        ),
        entry("12:03:00", HistoryEntry::Mode { mode: "home".into(), cause: Cause::Report }),
        entry("12:04:00", HistoryEntry::Mode { mode: "night".into(), cause: Cause::Report }),
        entry(
            "12:05:00",
            HistoryEntry::Presence { person: "anna".into(), presence: "home".into(), cause: Cause::Report },
        ),
        state("12:06:00", "gone", "on", true),
    ];
    let result = replayed(trial(None, draft), &records, "13:00:00");
    let times: Vec<String> = told(&result.lines).iter().map(|line| line[..5].to_owned()).collect();
    assert_eq!(times, ["12:01", "12:02", "12:04", "12:05", "12:45"]);
}

#[test]
fn the_first_that_was_recorded_is_a_change_though_the_home_is_so_by_now() {
    let text = "name: Night\ntriggers: [{mode: {to: night}}]\nactions: [{notify: {message: heard}}]";
    let mut now = home();
    now.set_mode("night");
    let draft = record_of(&parse_yaml(text).unwrap(), &"night".into(), &now);
    let mut trial = trial(None, draft);
    trial.home = now;
    let records = [HistoryRecord {
        at: at("12:04:00"),
        entry: HistoryEntry::Mode { mode: "night".into(), cause: Cause::Report },
    }];
    assert_eq!(replayed(trial, &records, "13:00:00").lines.len(), 1);
}

#[test]
fn a_mode_that_the_current_version_set_is_its_own_doing() {
    let by =
        |automation: &str| Cause::Rule { automation: automation.into(), run: "r-0".into(), depth: 1, parent: None };
    let mode = |time: &str, mode: &str, cause: Cause| HistoryRecord {
        at: at(time),
        entry: HistoryEntry::Mode { mode: mode.into(), cause },
    };
    let text = "name: Hall\ntriggers:\n  - mode: {}\nactions:\n  - notify: {message: \"{{ 1 }}\"}\n"
        .replace("\"{{ 1 }}\"", "mode");
    let draft = record_of(&parse_yaml(&text).unwrap(), &"hall".into(), &home());
    // Modes were once kept without their cause.
    for (cause, is_own) in [(Cause::Report, true), (by("hall"), true), (by("other"), false)] {
        let records = [
            state("12:10:00", "motion", "occupancy", true),
            mode("12:10:00", "night", cause.clone()),
            mode("12:30:00", "away", Cause::Report),
        ];
        let current = rule("  - set_mode: night\n");
        let result = replayed(trial(Some(current), draft.clone()), &records, "13:00:00");
        let heard = told(&result.lines);
        assert_eq!(heard.first().is_some_and(|line| line.starts_with("12:30")), is_own, "{cause:?}: {heard:?}");
    }
}

#[test]
fn lists_are_bounded_and_a_trial_can_be_ended() {
    let text = "name: Often\ntriggers:\n  - every: 1m\nactions:\n  - notify: {message: tick}\n";
    let draft = record_of(&parse_yaml(text).unwrap(), &"often".into(), &home());
    let often = || Trial { limit: 3, ..trial(None, draft.clone()) };
    let before = state("11:59:00", "motion", "occupancy", true);
    let result = replayed(often(), std::slice::from_ref(&before), "13:00:00");
    assert_eq!((result.lines.len(), result.truncated, result.firings.total), (3, true, 60));
    let mut left = 10;
    let mut replay = RecordedReplay::new(often());
    assert!(replay.take(&before, &mut || true));
    let mut goes_on = || {
        left -= 1;
        left > 0
    };
    assert!(!replay.advance_to(at("13:00:00"), &mut goes_on));
    assert!(replay.finish().to < at("13:00:00"));
}

#[test]
fn nothing_is_tried_on_the_time_before_the_first_record() {
    let text = "name: Often\ntriggers:\n  - every: 10m\nactions:\n  - notify: {message: tick}\n";
    let draft = record_of(&parse_yaml(text).unwrap(), &"often".into(), &home());
    let table = [
        (vec![state("11:00:00", "motion", "occupancy", true)], 6, None),
        (vec![state("12:25:00", "motion", "occupancy", true)], 4, Some(at("12:25:00"))),
        (Vec::new(), 0, Some(at("13:00:00"))),
    ];
    for (records, firings, recorded_from) in table {
        let result = replayed(trial(None, draft.clone()), &records, "13:00:00");
        assert_eq!((result.firings.total, result.recorded_from), (firings, recorded_from));
        assert_eq!(result.from, recorded_from.unwrap_or(at("12:00:00")));
    }
}

#[test]
fn a_home_is_the_world_without_what_it_knows() {
    let home = home();
    assert_eq!(home.devices().count(), 4);
    assert_eq!(home.people().len(), 1);
}
