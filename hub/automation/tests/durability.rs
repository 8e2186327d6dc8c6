//! A week in a home with sixty rules, ended abruptly at two hundred instants: what was decided is what an uninterrupted
//! week decides, and where a stop took time, each exception is said.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::time::Duration;

use hub_model::Timestamp;

use crate::script::Player;

const ROOMS: usize = 10;
const START: &str = "2026-03-23T00:00:00Z";
const WEEK: Duration = Duration::from_secs(7 * 86_400);
/// How long the clock is set again and again.
const DAYS: Duration = Duration::from_secs(2 * 86_400);
const STOPS: usize = 200;

/// Numbers that look random and are the same each time (xorshift, Marsaglia 2003).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }
}

fn home() -> String {
    let mut home = String::new();
    for room in 0..ROOMS {
        let _ = write!(
            home,
            "Motion {room}: motion sensor in room-{room}\nLamp {room}: light in room-{room}\nDoor {room}: contact sensor in room-{room}\nClimate {room}: climate sensor in room-{room}\nButton {room}: button\nPlug {room}: plug in room-{room}\n"
        );
    }
    home
}

/// Six rules a room: waits, delays, `for`, schedules of every kind, loops, branches side by side, every mode.
fn rules() -> String {
    let mut rules = String::new();
    for room in 0..ROOMS {
        let catch_up = ["run_once", "skip", "{run_if_within: 5m}"][room % 3];
        let minute = room * 5;
        let _ = write!(
            rules,
            r#"
- id: motion-{room}
  name: Motion {room}
  mode: restart
  catch_up: {catch_up}
  triggers: [{{state: {{device: Motion {room}, attribute: occupancy, to: true}}}}]
  actions:
    - command: {{device: Lamp {room}, set: {{on: true}}}}
    - wait_for: {{state: {{device: Motion {room}, attribute: occupancy, to: false, for: 2m}}}}
      timeout: 30m
    - command: {{device: Lamp {room}, set: {{on: false}}}}
- id: door-{room}
  name: Door {room}
  mode: single
  catch_up: {catch_up}
  triggers: [{{state: {{device: Door {room}, attribute: open, to: true, for: 10m}}}}]
  actions:
    - repeat:
        times: 3
        do:
          - command: {{device: Plug {room}, set: {{on: true}}}}
          - delay: 30s
          - command: {{device: Plug {room}, set: {{on: false}}}}
          - delay: 1m
- id: cold-{room}
  name: Cold {room}
  catch_up: {catch_up}
  triggers: [{{numeric: {{device: Climate {room}, attribute: temperature, below: 18, for: 15m}}}}]
  conditions: [{{state: {{device: Door {room}, attribute: open, is: false, for: 1m}}}}]
  actions:
    - parallel:
        - - delay: 5m
          - command: {{device: Lamp {room}, set: {{brightness: 10}}}}
        - - wait_for: {{numeric: {{device: Climate {room}, attribute: temperature, above: 19}}}}
            timeout: 2h
          - command: {{device: Lamp {room}, set: {{brightness: 90}}}}
    - command: {{device: Plug {room}, set: {{on: false}}}}
- id: press-{room}
  name: Press {room}
  mode: queued
  catch_up: {catch_up}
  triggers: [{{event: {{device: Button {room}, is: single}}}}]
  actions:
    - command: {{device: Lamp {room}, set: {{brightness: 50}}}}
    - delay: 4m
    - if: [{{state: {{device: Motion {room}, attribute: occupancy, is: true}}}}]
      then: [{{command: {{device: Lamp {room}, set: {{brightness: 70}}}}}}]
      else: [{{command: {{device: Lamp {room}, set: {{brightness: 30}}}}}}]
- id: clock-{room}
  name: Clock {room}
  mode: parallel
  catch_up: {catch_up}
  triggers:
    - time: ["06:{minute:02}", "02:30"]
    - cron: "{minute} */6 * * mon-fri"
    - every: 7h
  actions:
    - command: {{device: Plug {room}, set: {{on: true}}}}
    - delay: 20m
    - command: {{device: Plug {room}, set: {{on: false}}}}
- id: gone-{room}
  name: Gone {room}
  catch_up: {catch_up}
  triggers: [{{availability: {{device: Lamp {room}, to: offline, for: 8m}}}}]
  actions: [{{command: {{device: Plug {room}, set: {{on: true}}}}}}]
"#
        );
    }
    rules
}

/// What happens in the week, by milliseconds from its start.
fn week() -> BTreeMap<u64, String> {
    let mut numbers = Numbers(20_260_323);
    let mut happenings = BTreeMap::new();
    let mut at = 0;
    while at < WEEK.as_millis() as u64 {
        at += 1_000 + numbers.below(400_000);
        let room = numbers.below(ROOMS as u64);
        let what = match numbers.below(12) {
            0..=3 => format!("Motion {room}.occupancy = {}", numbers.below(2) == 0),
            4 | 5 => format!("Door {room}.open = {}", numbers.below(2) == 0),
            6 | 7 => format!("Climate {room}.temperature = {}", 15 + numbers.below(8)),
            8 => format!("Button {room}.action happens single"),
            9 => format!("Lamp {room} is {}", if numbers.below(2) == 0 { "offline" } else { "online" }),
            10 => format!("Plug {room}.power = {}", numbers.below(500)),
            _ => format!("Lamp {room}.on = {}", numbers.below(2) == 0),
        };
        happenings.insert(at, what);
    }
    happenings
}

/// Plays the week; the hub is ended at each of `stops` (milliseconds) and is back after so long.
fn play(stops: &BTreeMap<u64, Duration>) -> Vec<String> {
    let start: Timestamp = START.parse().unwrap();
    let mut player = Player::new(&format!("start: {START}\nzone: Europe/Berlin"), &home());
    player.load(&rules());
    let happenings = week();
    let mut moments: BTreeSet<u64> = happenings.keys().copied().collect();
    moments.extend(stops.keys());
    for moment in moments {
        player.advance_to(start.plus(Duration::from_millis(moment)));
        if let Some(what) = happenings.get(&moment) {
            player.play(&format!("+0s {what}"));
        }
        if let Some(duration) = stops.get(&moment) {
            player.stop(*duration);
        }
    }
    player.advance_to(start.plus(WEEK + Duration::from_secs(6 * 3_600)));
    player.printed().lines().filter(|line| !line.contains(": resumed (")).map(str::to_owned).collect()
}

#[test]
fn a_hub_that_is_killed_two_hundred_times_in_a_week_decides_as_if_it_had_not_been() {
    let mut numbers = Numbers(7);
    let stops = (0..STOPS).map(|_| (numbers.below(WEEK.as_millis() as u64), Duration::ZERO)).collect();
    let (killed, untouched) = (play(&stops), play(&BTreeMap::new()));
    assert!(untouched.len() > 2_000, "only {} decisions", untouched.len());
    for (index, (killed, untouched)) in killed.iter().zip(&untouched).enumerate() {
        assert_eq!(killed, untouched, "decision {index}");
    }
    assert_eq!(killed.len(), untouched.len());
}

/// What each rule commanded, and the rules of which something late or missed was said.
fn by_rule(lines: &[String]) -> (BTreeMap<String, Vec<String>>, BTreeSet<String>) {
    let (mut commands, mut said) = (BTreeMap::<String, Vec<String>>::new(), BTreeSet::new());
    for line in lines {
        let Some((time, text)) = line.split_once(' ') else { continue };
        let Some((rule, what)) = text.split_once(": ") else { continue };
        if what.contains(" <- ") {
            commands.entry(rule.to_owned()).or_default().push(format!("{time} {what}"));
        }
        if what.starts_with("late (") || what.starts_with("missed (") {
            said.insert(rule.to_owned());
        }
    }
    (commands, said)
}

#[test]
fn what_a_longer_stop_changes_is_said() {
    let happenings = week();
    let mut numbers = Numbers(11);
    let mut stops = BTreeMap::new();
    let times: Vec<u64> = happenings.keys().copied().collect();
    for _ in 0..STOPS {
        // Nothing happens while it is down: what devices do meanwhile is another story.
        let index = numbers.below(times.len() as u64 - 1) as usize;
        let (from, until) = (times[index], times[index + 1]);
        let begin = from + 1;
        stops.insert(begin, Duration::from_millis(numbers.below(until - begin)));
    }
    let (stopped, untouched) = (by_rule(&play(&stops)), by_rule(&play(&BTreeMap::new())));
    assert_eq!(untouched.1, BTreeSet::new());
    let changed: BTreeSet<&String> = untouched
        .0
        .iter()
        .filter(|(rule, commands)| stopped.0.get(*rule) != Some(*commands))
        .map(|(rule, _)| rule)
        .collect();
    assert!(changed.len() > 5, "the stops are too short to show anything: {changed:?}");
    for rule in changed {
        assert!(stopped.1.contains(rule), "{rule} did something else and nothing was said");
    }
}

/// Plays two days; the clock is set by so many seconds at some instants, the hub is ended for a moment at others.
fn play_with_a_clock_that_is_set(sets: &BTreeMap<u64, i64>, kills: &BTreeSet<u64>) -> Vec<String> {
    let mut player = Player::new(&format!("start: {START}\nzone: Europe/Berlin"), &home());
    // What a condition asks goes by the times that were written down, which a restart cannot set right.
    let rules = rules().replace("is: false, for: 1m", "is: false").replace("above: 19}", "above: 19, for: 3m}");
    player.load(&rules);
    let mut happenings = week();
    happenings.retain(|moment, _| *moment < DAYS.as_millis() as u64);
    let mut moments: BTreeSet<u64> = happenings.keys().copied().collect();
    moments.extend(sets.keys().chain(kills));
    let mut passed = 0;
    for moment in moments {
        player.pass(Duration::from_millis(moment - passed));
        passed = moment;
        if let Some(what) = happenings.get(&moment) {
            player.play(&format!("+0s {what}"));
        }
        if let Some(seconds) = sets.get(&moment) {
            player.set_clock(*seconds);
        }
        if kills.contains(&moment) {
            player.stop(Duration::ZERO);
        }
    }
    player.pass(Duration::from_secs(6 * 3_600));
    player.printed().lines().filter(|line| !line.contains(": resumed (")).map(str::to_owned).collect()
}

#[test]
fn a_clock_that_is_set_again_and_again_and_a_hub_that_is_killed_lose_nothing_that_counts() {
    let mut numbers = Numbers(23);
    let length = DAYS.as_millis() as u64;
    // Up to two hours forward or back.
    let sets: BTreeMap<u64, i64> =
        (0..60).map(|_| (numbers.below(length), numbers.below(4 * 3_600) as i64 - 2 * 3_600)).collect();
    let kills = (0..STOPS).map(|_| numbers.below(length)).collect();
    let killed = play_with_a_clock_that_is_set(&sets, &kills);
    let untouched = play_with_a_clock_that_is_set(&sets, &BTreeSet::new());
    assert!(untouched.len() > 500, "only {} decisions", untouched.len());
    for (index, (killed, untouched)) in killed.iter().zip(&untouched).enumerate() {
        assert_eq!(killed, untouched, "decision {index}");
    }
    assert_eq!(killed.len(), untouched.len());
}
