//! A week of a home with sixty rules, in a process that is killed at two hundred instants: what the devices were told is
//! what an uninterrupted hub tells them, and where a stop took time, each exception is said.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

#[allow(dead_code, reason = "the program under test uses the rest")]
#[path = "../../hub/automation/tests/week.rs"]
mod made_up;

use made_up::{Numbers, START, WEEK};

const PROGRAM: &str = env!("CARGO_BIN_EXE_simulated-week");
const STOPS: usize = 200;

/// A line of the diary: milliseconds since 1970, and what happened.
type Line = (i64, String);

/// How the hub is killed.
#[derive(Clone, Copy, PartialEq)]
enum Kill {
    /// Whatever it is doing; it is on again in the same millisecond of its time.
    Anywhere,
    /// When the disk has all that happened; it is off for a while, but nothing happens meanwhile.
    Resting,
}

/// Runs one life of the hub in `folder`, until it reports something as late as `until`; then it is killed.
fn live(folder: &Path, kill: Kill, pause: u64, until: Option<i64>) {
    let mut command = Command::new(PROGRAM);
    command.arg("live").arg(folder).arg(pause.to_string());
    if kill == Kill::Resting {
        command.args(until.map(|until| until.to_string()));
    }
    let mut hub = command.stdout(Stdio::piped()).spawn().expect("the hub starts");
    let lines = BufReader::new(hub.stdout.take().expect("its output is a pipe")).lines();
    let is_time = |line: &str| {
        let is_late = until.is_some_and(|until| read(line).0 >= until);
        is_late && (kill == Kill::Anywhere || line.ends_with(" stands still"))
    };
    let mut has_ended = false;
    for line in lines.map_while(Result::ok) {
        has_ended = line.ends_with(" end");
        if is_time(&line) {
            hub.kill().expect("the hub can be killed");
            break;
        }
    }
    let status = hub.wait().expect("the hub can be waited for");
    assert!(until.is_some() || (has_ended && status.success()), "the hub did not live to the end: {status}");
}

fn read(line: &str) -> Line {
    let (time, text) = line.split_once(' ').expect("a line has a time");
    (time.parse().expect("the time is a number"), text.to_owned())
}

/// A whole week; the hub is killed at each of `stops`.
fn week(kill: Kill, mut stops: VecDeque<i64>) -> Vec<Line> {
    let mut numbers = Numbers(23);
    // In memory: a kill takes away nothing that a file system was given.
    let folder = ["/dev/shm", "/tmp"].map(Path::new).into_iter().find(|folder| folder.is_dir()).expect("a folder");
    let folder = tempfile::tempdir_in(folder).expect("a folder can be made");
    let folder = folder.path();
    fs::create_dir(folder.join("data")).expect("a folder can be made");
    assert!(Command::new(PROGRAM).arg("set-up").arg(folder).status().expect("the hub starts").success());
    let diary = || fs::read_to_string(folder.join("diary")).expect("the diary can be read");
    live(folder, kill, 0, stops.pop_front());
    while !diary().ends_with(" end\n") {
        let last = diary().lines().last().map(read).expect("something happened");
        // Each stop is behind the one before.
        while stops.front().is_some_and(|stop| *stop <= last.0) {
            stops.pop_front();
        }
        // So much of the time to what happens next, in thousandths.
        let pause = if kill == Kill::Resting { numbers.below(1_000) } else { 0 };
        live(folder, kill, pause, stops.pop_front());
    }
    diary().lines().map(read).collect()
}

fn random_stops(numbers: &mut Numbers) -> VecDeque<i64> {
    let start: jiff::Timestamp = START.parse().expect("a time");
    let mut stops: Vec<i64> = (0..STOPS)
        .map(|_| start.as_millisecond() + 60_000 + numbers.below(WEEK.as_millis() as u64 - 60_000) as i64)
        .collect();
    stops.sort_unstable();
    stops.into()
}

/// What the devices were told and what was said of runs, without what a killed hub said once more at the same instant:
/// it had not kept that it had said it, and a command that is given twice is as good as one.
fn told(lines: &[Line]) -> Vec<&Line> {
    let mut seen = BTreeSet::new();
    lines.iter().filter(|line| !line.1.starts_with("world: ") && seen.insert(*line)).collect()
}

#[test]
fn a_hub_that_is_killed_two_hundred_times_in_a_week_tells_the_devices_the_same() {
    let killed = week(Kill::Anywhere, random_stops(&mut Numbers(7)));
    let untouched = week(Kill::Anywhere, VecDeque::new());
    let missed = killed.iter().any(|line| line.1.ends_with(" missed"));
    let repeated = killed.len() - untouched.len();
    let (killed, untouched) = (by_rule(&killed), by_rule(&untouched));
    assert_eq!(untouched.1, BTreeSet::new());
    // What was due in the millisecond of a kill comes late by nothing; nothing is missed.
    assert!(!missed, "something was missed");
    for (rule, commands) in &untouched.0 {
        if let Some((was, is)) = first_difference(commands, killed.0.get(rule)) {
            panic!("{rule} did {is:?} in place of {was:?}");
        }
    }
    let commands: usize = untouched.0.values().map(Vec::len).sum();
    assert!(commands > 2_000, "only {commands} commands");
    assert!(repeated <= STOPS * 3, "{repeated} commands were given twice");
}

/// Which rule a command is of: each has something of its own to say.
const COMMANDS: &[(&str, &str, &str)] = &[
    ("Lamp", "on", "motion"),
    ("Lamp", "brightness = 10", "cold"),
    ("Lamp", "brightness = 90", "cold"),
    ("Lamp", "brightness", "press"),
    ("Door plug", "on", "door"),
    ("Cold plug", "on", "cold"),
    ("Clock plug", "on", "clock"),
    ("Gone plug", "on", "gone"),
];

/// What each rule commanded, and the rules of which something late or missed was said.
type Told = (BTreeMap<String, Vec<Line>>, BTreeSet<String>);

/// What each rule commanded, and the rules of which something late or missed was said.
fn by_rule(lines: &[Line]) -> Told {
    let (mut commands, mut said) = Told::default();
    for line in told(lines) {
        if let Some(command) = line.1.strip_prefix("command: ") {
            let (place, what) = command.split_once('.').expect("a command names an attribute");
            let (thing, room) = place.rsplit_once(' ').expect("a device has a room");
            let is_of = |(of, with, _): &&(&str, &str, &str)| *of == thing && what.starts_with(with);
            let rule = COMMANDS.iter().find(is_of).map_or("unknown", |(_, _, rule)| rule);
            commands.entry(format!("{rule}-{room}")).or_default().push(line.clone());
        } else if let Some((rule, "late" | "missed")) = line.1.split_once(' ') {
            said.insert(rule.to_owned());
        }
    }
    (commands, said)
}

#[test]
fn what_a_longer_stop_of_the_process_changes_is_said() {
    let stopped = week(Kill::Resting, random_stops(&mut Numbers(11)));
    let (stopped, untouched) = (by_rule(&stopped), by_rule(&week(Kill::Anywhere, VecDeque::new())));
    assert_eq!(untouched.1, BTreeSet::new());
    assert!(!untouched.0.keys().any(|rule| rule.starts_with("unknown")), "{:?}", untouched.0.keys());
    let changed = assert_same_or_said(&untouched, &stopped);
    assert!(changed.len() > 5, "the stops are too short to show anything: {changed:?}");
}

/// Gives back the rules that did something else.
fn assert_same_or_said<'a>(untouched: &'a Told, stopped: &Told) -> BTreeSet<&'a String> {
    let mut changed = BTreeSet::new();
    for (rule, commands) in &untouched.0 {
        let Some((was, is)) = first_difference(commands, stopped.0.get(rule)) else { continue };
        assert!(stopped.1.contains(rule), "{rule} did {is:?} in place of {was:?} and nothing was said");
        changed.insert(rule);
    }
    changed
}

/// The first command that was another one; the untouched one first.
fn first_difference<'a>(
    untouched: &'a [Line],
    stopped: Option<&'a Vec<Line>>,
) -> Option<(Option<&'a Line>, Option<&'a Line>)> {
    let stopped = stopped.map_or(&[][..], Vec::as_slice);
    let pairs = (0..untouched.len().max(stopped.len())).map(|index| (untouched.get(index), stopped.get(index)));
    pairs.into_iter().find(|(untouched, stopped)| untouched != stopped)
}
