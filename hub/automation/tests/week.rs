//! A made-up week in a home with sixty rules. The engine plays it in virtual time, and so does a whole hub that is killed
//! (`tests/week`).

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

pub(crate) const ROOMS: usize = 10;
pub(crate) const START: &str = "2026-03-23T00:00:00Z";
pub(crate) const WEEK: Duration = Duration::from_secs(7 * 86_400);

/// Numbers that look random and are the same each time (xorshift, Marsaglia 2003).
pub(crate) struct Numbers(pub(crate) u64);

impl Numbers {
    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }
}

/// What is in each room: name and kind.
const THINGS: &[(&str, &str)] = &[
    ("Motion", "motion sensor"),
    ("Door", "contact sensor"),
    ("Climate", "climate sensor"),
    ("Button", "button"),
    ("Lamp", "light"),
    // Each rule has something of its own to command, so that what was commanded tells whose doing it was.
    ("Door plug", "plug"),
    ("Cold plug", "plug"),
    ("Clock plug", "plug"),
    ("Gone plug", "plug"),
];

/// Every device of the home: its name, its kind and its room.
pub(crate) fn devices() -> impl Iterator<Item = (String, &'static str, usize)> {
    (0..ROOMS).flat_map(|room| THINGS.iter().map(move |(name, kind)| (format!("{name} {room}"), *kind, room)))
}

/// Six rules a room: waits, delays, `for`, schedules of every kind, loops, branches side by side, every mode.
pub(crate) fn rules() -> String {
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
          - command: {{device: Door plug {room}, set: {{on: true}}}}
          - delay: 30s
          - command: {{device: Door plug {room}, set: {{on: false}}}}
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
    - command: {{device: Cold plug {room}, set: {{on: false}}}}
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
    - command: {{device: Clock plug {room}, set: {{on: true}}}}
    - delay: 20m
    - command: {{device: Clock plug {room}, set: {{on: false}}}}
- id: gone-{room}
  name: Gone {room}
  catch_up: {catch_up}
  triggers: [{{availability: {{device: Lamp {room}, to: offline, for: 8m}}}}]
  actions: [{{command: {{device: Gone plug {room}, set: {{on: true}}}}}}]
"#
        );
    }
    rules
}

/// What happens in the week, by milliseconds from its start.
pub(crate) fn happenings() -> BTreeMap<u64, String> {
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
            10 => format!("Clock plug {room}.power = {}", numbers.below(500)),
            _ => format!("Lamp {room}.on = {}", numbers.below(2) == 0),
        };
        happenings.insert(at, what);
    }
    happenings
}
