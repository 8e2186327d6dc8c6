//! A week in a home with sixty rules, ended abruptly at two hundred instants: what was decided is what an uninterrupted
//! week decides, and where a stop took time, each exception is said.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use hub_model::Timestamp;

use crate::script::Player;
use crate::week::{Numbers, START, WEEK, devices, happenings, rules};

const STOPS: usize = 200;

/// Plays the week; the hub is ended at each of `stops` (milliseconds) and is back after so long.
fn play(stops: &BTreeMap<u64, Duration>) -> Vec<String> {
    let start: Timestamp = START.parse().unwrap();
    let home: String = devices().map(|(name, kind, room)| format!("{name}: {kind} in room-{room}\n")).collect();
    let mut player = Player::new(&format!("start: {START}\nzone: Europe/Berlin"), &home);
    player.load(&rules());
    let happenings = happenings();
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
    let happenings = happenings();
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
