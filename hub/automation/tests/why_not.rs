//! Why a rule did not act: whatever keeps a rule from acting, the reason that is named is that one.

use std::cell::RefCell;
use std::collections::BTreeMap;

use expect_test::expect;
use proptest::prelude::*;

use crate::script::Player;

const SETTINGS: &str = "\
start: 2026-11-20T18:00:00Z
people: anna, ben
presence: anna away, ben home
modes: home, away, night, holiday
mode: home
";

const HOME: &str = "\
Hallway motion: motion sensor in hallway
Front door: contact sensor in hallway
Climate: climate sensor
Button: button
Blind: blind
Kitchen lamp: light in kitchen
Hallway lamp: light in hallway
Dining lamp: light
Fan: plug
Heater: thermostat
Other lamp: light
Spare lamp: simple light
";

/// A trigger, what makes it fire and what nearly does.
struct TriggerSort {
    yaml: &'static str,
    before: &'static [&'static str],
    fires: &'static [&'static str],
    nearly: &'static [&'static str],
    /// How the near miss is told.
    code: &'static str,
}

const fn trigger(
    yaml: &'static str,
    before: &'static [&'static str],
    fires: &'static [&'static str],
    nearly: &'static [&'static str],
) -> TriggerSort {
    TriggerSort { yaml, before, fires, nearly, code: "trigger" }
}

const TRIGGERS: &[TriggerSort] = &[
    trigger(
        "state: {device: Hallway motion, attribute: occupancy, to: true}",
        &["Hallway motion.occupancy = false"],
        &["+0s Hallway motion.occupancy = true"],
        &["+0s Hallway motion.occupancy = true (restored)"],
    ),
    trigger(
        "state: {device: Front door, attribute: open, to: true, for: 3m}",
        &["Front door.open = false"],
        &["+0s Front door.open = true", "+3m wait"],
        &["+0s Front door.open = true", "+1m Front door.open = false"],
    ),
    TriggerSort {
        code: "waiting",
        ..trigger(
            "state: {device: Spare lamp, attribute: on, to: true, for: 10m}",
            &["Spare lamp.on = false"],
            &["+0s Spare lamp.on = true", "+10m wait"],
            &["+0s Spare lamp.on = true"],
        )
    },
    trigger(
        "numeric: {device: Climate, attribute: temperature, above: 25}",
        &["Climate.temperature = 20"],
        &["+0s Climate.temperature = 26"],
        &["+0s Climate.temperature = 24.5"],
    ),
    trigger(
        "event: {device: Button, is: long}",
        &[],
        &["+0s Button.action happens long"],
        &["+0s Button.action happens single"],
    ),
    trigger("availability: {device: Blind, to: offline}", &[], &["+0s Blind is offline"], &["+0s Blind is online"]),
    trigger("mode: {to: night}", &[], &["+0s mode is night"], &["+0s mode is away"]),
    trigger("presence: {person: anna, to: home}", &[], &["+0s person anna is home"], &["+0s person anna is work"]),
    trigger(
        "state: {device: Kitchen lamp, attribute: brightness, from: 10, to: 20}",
        &["Kitchen lamp.brightness = 10"],
        &["+0s Kitchen lamp.brightness = 20"],
        &["+0s Kitchen lamp.brightness = 30"],
    ),
];

/// A condition, what makes it hold and what does not, and the part of it that is to blame then.
struct ConditionSort {
    yaml: &'static str,
    holds: &'static [&'static str],
    fails: &'static [&'static str],
    blamed: &'static str,
}

const fn condition(
    yaml: &'static str,
    holds: &'static [&'static str],
    fails: &'static [&'static str],
    blamed: &'static str,
) -> ConditionSort {
    ConditionSort { yaml, holds, fails, blamed }
}

const CONDITIONS: &[ConditionSort] = &[
    condition(
        "state: {device: Hallway lamp, attribute: on, is: false}",
        &["Hallway lamp.on = false"],
        &["Hallway lamp.on = true"],
        "",
    ),
    // Nothing was ever heard of it.
    condition("state: {device: Hallway lamp, attribute: brightness, is: 5}", &["Hallway lamp.brightness = 5"], &[], ""),
    condition(
        "numeric: {device: Climate, attribute: humidity, below: 60}",
        &["Climate.humidity = 50"],
        &["Climate.humidity = 70"],
        "",
    ),
    condition("availability: {device: Fan, is: online}", &["Fan is online"], &["Fan is offline"], ""),
    condition("presence: {person: ben, is: home}", &[], &["person ben is away"], ""),
    condition("not: {state: {device: Fan, attribute: on, is: true}}", &["Fan.on = false"], &["Fan.on = true"], ".not"),
    condition(
        "or: [{numeric: {device: Blind, attribute: position, above: 50}}, {state: {device: Heater, attribute: hvac_mode, is: heat}}]",
        &["Blind.position = 10", "Heater.hvac_mode = heat"],
        &["Blind.position = 10", "Heater.hvac_mode = off"],
        "",
    ),
    condition(
        "and: [{state: {device: Dining lamp, attribute: on, is: true}}, {numeric: {device: Dining lamp, attribute: brightness, above: 50}}]",
        &["Dining lamp.on = true", "Dining lamp.brightness = 60"],
        &["Dining lamp.on = true", "Dining lamp.brightness = 40"],
        ".and[1]",
    ),
    condition(
        "not: {or: [{state: {device: Dining lamp, attribute: color_temperature, is: 3000}}, {state: {device: Heater, attribute: heating_setpoint, is: 21}}]}",
        &["Dining lamp.color_temperature = 2700", "Heater.heating_setpoint = 19"],
        &["Dining lamp.color_temperature = 2700", "Heater.heating_setpoint = 21"],
        ".not.or[1]",
    ),
];

/// What is made to go wrong.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Injected {
    /// One of the conditions does not hold.
    Condition,
    /// What happens is not quite what the trigger is about.
    Trigger,
    /// Nothing happens at all, and there is only one trigger.
    Nothing,
    /// The rule is at work already.
    Busy,
    /// The rule is switched off.
    Disabled,
    /// The rule is only tried.
    Shadow,
    /// A device that it commands is gone.
    DeviceGone,
    /// Its time falls into a stop of the hub.
    Missed,
}

const INJECTED: &[(u32, Injected)] = &[
    (8, Injected::Condition),
    (6, Injected::Trigger),
    (2, Injected::Nothing),
    (2, Injected::Busy),
    (1, Injected::Disabled),
    (1, Injected::Shadow),
    (1, Injected::DeviceGone),
    (1, Injected::Missed),
];

/// A random rule in a random moment.
#[derive(Clone, Debug)]
struct Case {
    injected: Injected,
    /// Of the sorts, in this order.
    triggers: Vec<usize>,
    conditions: Vec<usize>,
    /// Which trigger happens, or nearly.
    which_trigger: usize,
    /// Which condition fails.
    which_condition: usize,
    /// Things happen in the home that have nothing to do with it.
    noise: Vec<u8>,
    /// The hub stops for a moment before it is asked.
    restarts: bool,
    /// So long after it is asked, seconds.
    later: u32,
}

fn case() -> impl Strategy<Value = Case> {
    let injected =
        proptest::strategy::Union::new_weighted(INJECTED.iter().map(|(weight, what)| (*weight, Just(*what))).collect());
    let triggers = proptest::sample::subsequence((0..TRIGGERS.len()).collect::<Vec<_>>(), 1..=3).prop_shuffle();
    let conditions = proptest::sample::subsequence((0..CONDITIONS.len()).collect::<Vec<_>>(), 1..=4).prop_shuffle();
    (
        (injected, triggers, conditions),
        (any::<prop::sample::Index>(), any::<prop::sample::Index>()),
        proptest::collection::vec(any::<u8>(), 0..6),
        any::<bool>(),
        0u32..100,
    )
        .prop_map(|((injected, mut triggers, conditions), (trigger, condition), noise, restarts, later)| {
            if injected == Injected::Nothing {
                triggers.truncate(1);
            }
            let which_trigger = trigger.index(triggers.len());
            let which_condition = condition.index(conditions.len());
            Case { injected, triggers, conditions, which_trigger, which_condition, noise, restarts, later }
        })
}

impl Case {
    fn rule(&self) -> String {
        let enabled = match self.injected {
            Injected::Disabled => "false",
            Injected::Shadow => "shadow",
            _ => "true",
        };
        let each = |yaml: Vec<&str>| yaml.iter().map(|yaml| format!("  - {yaml}\n")).collect::<String>();
        let mut triggers = each(self.triggers.iter().map(|sort| TRIGGERS[*sort].yaml).collect());
        if self.injected == Injected::Missed {
            triggers = format!("  - time: \"20:00\"\n{triggers}");
        }
        let conditions = each(self.conditions.iter().map(|sort| CONDITIONS[*sort].yaml).collect());
        let delay = if self.injected == Injected::Busy { "  - delay: 1h\n" } else { "" };
        format!(
            "id: rule\nname: The rule\nenabled: {enabled}\ntriggers:\n{triggers}conditions:\n{conditions}actions:\n  \
             - command: {{device: Other lamp, set: {{on: true}}}}\n{delay}"
        )
    }

    /// Plays it; the code and the path that must be named.
    fn play(&self) -> (Player, &'static str, Option<String>) {
        let mut player = Player::new(SETTINGS, HOME);
        player.load(&self.rule());
        let trigger = &TRIGGERS[self.triggers[self.which_trigger]];
        let condition = &CONDITIONS[self.conditions[self.which_condition]];
        for sort in &self.triggers {
            TRIGGERS[*sort].before.iter().for_each(|line| player.play(&format!("+1s {line}")));
        }
        for (index, sort) in self.conditions.iter().enumerate() {
            let fails = self.injected == Injected::Condition && index == self.which_condition;
            let lines = if fails { CONDITIONS[*sort].fails } else { CONDITIONS[*sort].holds };
            lines.iter().for_each(|line| player.play(&format!("+1s {line}")));
        }
        for noise in &self.noise {
            player.play(&format!("+{}s Other lamp.brightness = {}", u32::from(*noise), noise % 100));
        }
        // What was left of the start must not stand in the way.
        player.play("+6m wait");
        let trigger_path = format!("triggers[{}]", self.which_trigger);
        let (code, path) = match self.injected {
            Injected::Condition => {
                let path = format!("conditions[{}]{}", self.which_condition, condition.blamed);
                trigger.fires.iter().for_each(|line| player.play(line));
                ("condition", Some(path))
            }
            Injected::Trigger => {
                trigger.nearly.iter().for_each(|line| player.play(line));
                (trigger.code, Some(trigger_path))
            }
            Injected::Nothing => ("trigger", Some(trigger_path)),
            Injected::Busy => {
                trigger.fires.iter().for_each(|line| player.play(line));
                player.play("+7m wait");
                self.undo(&mut player);
                player.play("+7m wait");
                trigger.fires.iter().for_each(|line| player.play(line));
                ("busy", Some("mode".to_owned()))
            }
            Injected::Disabled => {
                trigger.fires.iter().for_each(|line| player.play(line));
                ("disabled", Some("enabled".to_owned()))
            }
            Injected::Shadow => {
                trigger.fires.iter().for_each(|line| player.play(line));
                ("shadow", Some("enabled".to_owned()))
            }
            Injected::DeviceGone => {
                player.play("+0s remove Other lamp");
                trigger.fires.iter().for_each(|line| player.play(line));
                ("cannot_run", Some("actions[0].command.device".to_owned()))
            }
            Injected::Missed => {
                player.play("19:59:00 stop for 2m");
                ("missed", Some("triggers[0]".to_owned()))
            }
        };
        if self.restarts {
            player.play("+0s stop for 5s");
        }
        let later = if self.injected == Injected::Shadow { self.later / 2 } else { self.later };
        player.play(&format!("+{later}s wait"));
        (player, code, path)
    }

    /// Brings the trigger back to where it can fire once more.
    fn undo(&self, player: &mut Player) {
        match self.triggers[self.which_trigger] {
            5 => player.play("+0s Blind is online"),
            6 => player.play("+0s mode is home"),
            7 => player.play("+0s person anna is away"),
            sort => TRIGGERS[sort].before.iter().for_each(|line| player.play(&format!("+0s {line}"))),
        }
    }
}

#[test]
fn the_reason_named_is_the_one_that_was_injected() {
    let seen: RefCell<BTreeMap<String, usize>> = RefCell::default();
    let config = ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() };
    let result = proptest::test_runner::TestRunner::new(config).run(&case(), |case| {
        let (player, code, path) = case.play();
        let reason = player.why_not("rule");
        *seen.borrow_mut().entry(code.to_owned()).or_default() += 1;
        prop_assert_eq!((reason.code, reason.path.as_deref()), (code, path.as_deref()), "{}", reason.text);
        Ok(())
    });
    if let Err(error) = result {
        panic!("{error}");
    }
    // Every reason there is was among them.
    let seen = seen.into_inner();
    assert_eq!(seen.values().sum::<usize>(), 1_000);
    for code in ["busy", "cannot_run", "condition", "disabled", "missed", "shadow", "trigger", "waiting"] {
        assert!(seen.contains_key(code), "{code} was never injected: {seen:?}");
    }
}

const HALLWAY: &str = "\
id: hallway-light
name: Hallway light on motion
triggers:
  - state: {device: Hallway motion, attribute: occupancy, to: true}
  - time: \"07:30\"
    weekdays: [sat]
conditions:
  - state: {device: Hallway lamp, attribute: on, is: false}
actions:
  - command: {device: Hallway lamp, set: {on: true}}
";

fn told(lines: &[&str]) -> String {
    let mut player = Player::new(SETTINGS, HOME);
    player.load(HALLWAY);
    lines.iter().for_each(|line| player.play(line));
    player.why_not("hallway-light").text + "\n"
}

#[test]
fn reasons_are_told_in_one_sentence() {
    let lamp_is_on = ["+1s Hallway lamp.on = true", "+1s Hallway motion.occupancy = true"];
    let lamp_is_off = ["+1s Hallway lamp.on = false", "+1s Hallway motion.occupancy = true", "+1s wait"];
    let stories: &[&[&str]] = &[
        &[],
        &lamp_is_on,
        &lamp_is_off,
        &["+1s Hallway motion.occupancy = false", "+10m wait"],
        &["+1s Hallway motion.occupancy = true (restored)", "+10s wait"],
        &["+1s Hallway motion.occupancy = true (restored)", "+1h wait"],
        &["+1s rule hallway-light off"],
        &["+1s remove Hallway lamp"],
    ];
    let all: String = stories.iter().map(|lines| told(lines)).collect();
    expect![[r#"
        It did not fire because no trigger happened: it is due at 07:30 on sat, next at 2026-11-21 07:30:00; Hallway motion occupancy is not known, wanted true.
        At 18:00:02 Hallway motion reported occupancy true, but the condition conditions[0] did not hold: Hallway lamp on was true, wanted false.
        It did fire: at 18:00:02 Hallway motion reported occupancy true, and the rule ran (finished).
        It did not fire because no trigger happened: Hallway motion occupancy has been false since 18:00:01, wanted true; it is due at 07:30 on sat, next at 2026-11-21 07:30:00.
        At 18:00:01 Hallway motion occupancy changed from unknown to true, which was no live report, but triggers[0] wants true.
        It did not fire because no trigger happened: Hallway motion occupancy has been true since 18:00:01 already, and it fires when that becomes so; it is due at 07:30 on sat, next at 2026-11-21 07:30:00.
        It is switched off; it was last changed at 18:00:01 (revision 2).
        A part of it cannot work: conditions[0].state.device: there is no device "test:hallway-lamp"; did you mean "test:hallway-motion"?
    "#]].assert_eq(&all);
}

#[test]
fn of_whom_nothing_is_known_is_named() {
    let settings = "start: 2026-11-20T18:00:00Z\npeople: anna, bert\npresence: anna home\n";
    let rule = |trigger: &str, condition: &str| {
        format!(
            "id: all\nname: All\ntriggers:\n  - {trigger}\n{condition}actions:\n  - command: {{device: Fan, set: {{on: true}}}}\n"
        )
    };
    let told = |trigger: &str, condition: &str, line: &str| {
        let mut player = Player::new(settings, "Fan: plug\nButton: button\n");
        player.load(&rule(trigger, condition));
        player.play(line);
        player.why_not("all").text + "\n"
    };
    let all = [
        told(
            "event: {device: Button}",
            "conditions:\n  - presence: {everyone: true, is: home}\n",
            "+1s Button.action happens long",
        ),
        told("presence: {everyone: true, to: home}", "", "+10m wait"),
        told("webhook: {id: 0123456789abcdef0123}", "", "+10m wait"),
    ];
    expect![[r#"
        At 18:00:01 Button reported action long, but the condition conditions[0] did not hold: everyone was anna home, wanted home; nothing is known of bert: say it with hearth people set bert home.
        It did not fire because no trigger happened: anna has been home since 18:00:00, wanted home; nothing is known of bert, wanted home: say it with hearth people set bert home.
        It did not fire because no trigger happened: nothing was heard of a call of its webhook in the last minute.
    "#]].assert_eq(&all.concat());
}
