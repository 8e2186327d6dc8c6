//! What always holds, whatever happens: the same events lead to the same decisions, and a stop changes none of them.

use proptest::prelude::*;

use crate::script::Player;

const HOME: &str = "\
Hallway motion: motion sensor in hallway
Hallway lamp: light in hallway
Kitchen lamp: light in kitchen
Front door: contact sensor in hallway
Button: button
";

/// Rules of every mode and with every kind of wait.
const RULES: &str = r#"
- id: motion
  name: Motion
  mode: restart
  triggers: [{state: {device: Hallway motion, attribute: occupancy, to: true}}]
  actions:
    - command: {device: Hallway lamp, set: {on: true}}
    - wait_for: {state: {device: Hallway motion, attribute: occupancy, to: false, for: 2m}}
      timeout: 10m
    - command: {device: Hallway lamp, set: {on: false}}
- id: open
  name: Open
  mode: parallel
  triggers: [{state: {device: Front door, attribute: open, to: true, for: 3m}}]
  actions:
    - command: {device: Kitchen lamp, set: {brightness: 10}}
    - delay: 4m
    - command: {device: Kitchen lamp, set: {brightness: 90}}
- id: press
  name: Press
  mode: queued
  triggers: [{event: {device: Button, is: [single, long]}}]
  actions:
    - command: {device: Kitchen lamp, set: {on: true}}
    - delay: 1m
    - command: {device: Kitchen lamp, set: {on: false}}
- id: chain
  name: Chain
  triggers: [{state: {device: Kitchen lamp, attribute: on, from: true, to: false, for: 90s}}]
  conditions: [{not: {state: {device: Front door, attribute: open, is: true, for: 5m}}}]
  actions:
    - command: {device: Hallway lamp, set: {brightness: 33}}
    - wait_for: [{event: {device: Button, is: double}}, {time: "19:00"}]
      timeout: 20m
      on_timeout: stop
    - command: {device: Hallway lamp, set: {brightness: 66}}
- id: evening
  name: Evening
  triggers: [{time: ["18:30", "19:15"], weekdays: [fri, sat]}]
  actions: [{command: {device: {type: light, all: true}, set: {color_temperature: 2700}}}]
- id: gone
  name: Gone
  triggers: [{availability: {device: Hallway lamp, to: offline, for: 6m}}]
  actions: [{command: {device: Kitchen lamp, set: {color_temperature: 4000}}}]
"#;

const HAPPENINGS: &[&str] = &[
    "Hallway motion.occupancy = true",
    "Hallway motion.occupancy = false",
    "Hallway motion.occupancy = unknown",
    "Front door.open = true",
    "Front door.open = false",
    "Kitchen lamp.on = true",
    "Kitchen lamp.on = false",
    "Hallway lamp.on = false",
    "Button.action happens single",
    "Button.action happens double",
    "Button.action happens long",
    "Hallway lamp is offline",
    "Hallway lamp is online",
];

#[test]
fn a_rule_that_fires_without_end_is_held_back_and_says_so_once() {
    let mut player = Player::new("", HOME);
    let rule = "name: Press\nmode: parallel\ntriggers: [{event: {device: Button}}]\nactions: [{command: {device: Hallway lamp, set: {on: true}}}]";
    player.load(rule);
    for _ in 0..700 {
        player.play("+50ms Button.action happens single");
    }
    let count = |player: &Player, what: &str| player.printed().lines().filter(|line| line.contains(what)).count();
    assert_eq!((count(&player, "finished"), count(&player, "fuse")), (600, 1));
    player.play("+1m Button.action happens single");
    assert_eq!((count(&player, "finished"), count(&player, "fuse")), (601, 1));
}

/// An event, some seconds after the one before, and whether the hub stops for a moment right after it.
type Happening = (u32, usize, bool);

fn play(happenings: &[Happening], stops: bool, show: &str) -> Vec<String> {
    let mut player = Player::new(&format!("start: 2026-11-20T18:00:00Z\nshow: {show}"), HOME);
    player.load(RULES);
    for (gap, what, stop) in happenings {
        player.play(&format!("+{gap}s {}", HAPPENINGS[*what]));
        if stops && *stop {
            player.play("+0s stop for 0s");
        }
    }
    player.play("+3h wait");
    player.printed().lines().filter(|line| !line.contains(" resumed (")).map(str::to_owned).collect()
}

fn happenings() -> impl Strategy<Value = Vec<Happening>> {
    prop::collection::vec((0u32..200, 0..HAPPENINGS.len(), any::<bool>()), 1..40)
}

/// Commands without their times, in the order of the text.
fn commands(lines: &[String]) -> Vec<String> {
    let mut commands: Vec<String> = lines
        .iter()
        .filter(|line| line.contains(" <- "))
        .filter_map(|line| line.split_once(' '))
        .map(|(_, text)| text.to_owned())
        .collect();
    commands.sort();
    commands
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_same_events_lead_to_the_same_decisions(happenings in happenings()) {
        let show = "runs, keeps, traces";
        prop_assert_eq!(play(&happenings, true, show), play(&happenings, true, show));
    }

    #[test]
    fn a_stop_at_any_instant_changes_no_decision(happenings in happenings()) {
        prop_assert_eq!(play(&happenings, true, "runs"), play(&happenings, false, "runs"));
    }

    /// With `run_once` everything that fell into a long stop is still done.
    #[test]
    fn a_long_stop_loses_nothing(happenings in happenings(), minutes in 0u32..90) {
        let rules = r#"
- id: press
  name: Press
  mode: parallel
  catch_up: run_once
  triggers: [{event: {device: Button}}]
  actions:
    - delay: 3m
    - command: {device: Kitchen lamp, set: {brightness: 1}}
    - delay: 50m
    - command: {device: Kitchen lamp, set: {brightness: 2}}
- id: open
  name: Open
  mode: parallel
  catch_up: run_once
  triggers: [{state: {device: Front door, attribute: open, to: true, for: 30m}}]
  actions: [{command: {device: Hallway lamp, set: {brightness: 3}}}]
- id: evening
  name: Evening
  catch_up: run_once
  triggers: [{time: "20:00"}]
  actions: [{command: {device: Hallway lamp, set: {brightness: 4}}}]
"#;
        let play = |stop: u32| {
            let mut player = Player::new("start: 2026-11-20T18:00:00Z", HOME);
            player.load(rules);
            for (gap, what, _) in happenings.iter().take(8) {
                player.play(&format!("+{gap}s {}", HAPPENINGS[*what]));
            }
            player.play(&format!("+1s stop for {stop}m"));
            player.play("23:00 wait");
            player.printed().lines().map(str::to_owned).collect::<Vec<_>>()
        };
        prop_assert_eq!(commands(&play(minutes)), commands(&play(0)));
    }
}
