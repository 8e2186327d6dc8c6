//! A week in a home with sixty rules, ended abruptly at two hundred instants: what was decided is what an uninterrupted
//! week decides, and where a stop took time, each exception is said.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use hub_model::Timestamp;

use crate::script::Player;
use crate::week::{Numbers, START, WEEK, devices, happenings, rules};

/// How long the clock is set again and again.
const DAYS: Duration = Duration::from_secs(2 * 86_400);
const STOPS: usize = 200;

fn home() -> String {
    devices().map(|(name, kind, room)| format!("{name}: {kind} in room-{room}\n")).collect()
}

/// Plays the week; the hub is ended at each of `stops` (milliseconds) and is back after so long.
fn play(stops: &BTreeMap<u64, Duration>) -> Vec<String> {
    let start: Timestamp = START.parse().unwrap();
    let mut player = Player::new(&format!("start: {START}\nzone: Europe/Berlin"), &home());
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

/// Plays two days; the clock is set by so many seconds at some instants, the hub is ended for a moment at others.
fn play_with_a_clock_that_is_set(sets: &BTreeMap<u64, i64>, kills: &BTreeSet<u64>) -> Vec<String> {
    let mut player = Player::new(&format!("start: {START}\nzone: Europe/Berlin"), &home());
    // What a condition asks goes by the times that were written down, which a restart cannot set right.
    let rules = rules().replace("is: false, for: 1m", "is: false").replace("above: 19}", "above: 19, for: 3m}");
    player.load(&rules);
    let mut happenings = happenings();
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
