//! A month of 200 devices and 100 rules in virtual time: `hearth automation replay` over a log, beside reading the log and
//! nothing else; and reading the same month back from the store.

use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use hub_model::time::ManualClock;
use hub_model::{Clock, Timestamp};
use hub_store::{Options, Store};

use crate::figures::{Report, Target};
use crate::month;
use crate::setup::Bench;

/// How often a process is looked at.
const LOOK: Duration = Duration::from_millis(5);

pub(crate) fn measure(bench: &mut Bench, report: &mut Report) {
    let folder = bench.folder.path().join("replay");
    std::fs::create_dir_all(&folder).expect("a folder");
    std::fs::write(folder.join("devices.json"), month::devices().to_string()).expect("devices");
    std::fs::write(folder.join("rules.json"), month::rules().to_string()).expect("rules");
    let log = folder.join("log.jsonl");
    let events = month::write_log(&mut BufWriter::new(File::create(&log).expect("a log"))).expect("a log");
    let floor = read_only(&log);
    let (first, peak) = replay(&bench.hearth, &folder, "first.jsonl");
    let (second, _) = replay(&bench.hearth, &folder, "second.jsonl");
    let read = |name: &str| std::fs::read(folder.join(name)).expect("an output");
    let output = read("first.jsonl");
    assert!(output == read("second.jsonl"), "two replays of one log differ");
    let lines = output.iter().filter(|byte| **byte == b'\n').count();
    report.note(format!("replay: {events} events, {lines} lines, the same in both runs"));
    let best = first.min(second).as_secs_f64();
    report.beside(
        format!("replay of {} days, 200 devices, 100 rules", month::DAYS),
        best,
        floor.as_secs_f64(),
        "s",
        Target::AtMost(10.0),
    );
    report.figure("the same, greatest memory (RSS)", peak, "MiB", Target::AtMost(64.0));
    stored(&folder.join("store"), report);
}

/// Reads and parses a log.
fn read_only(log: &Path) -> Duration {
    let before = Instant::now();
    let mut reader = BufReader::new(File::open(log).expect("the log"));
    let mut line = String::new();
    loop {
        line.clear();
        if reader.read_line(&mut line).expect("the log") == 0 {
            return before.elapsed();
        }
        std::hint::black_box(hub_automation::replay::parse_line(line.trim()).expect("an event"));
    }
}

/// How long it takes, and the greatest memory in MiB.
fn replay(hearth: &Path, folder: &Path, output: &str) -> (Duration, f64) {
    let before = Instant::now();
    let mut process = Command::new(hearth)
        .args(["automation", "replay", "rules.json", "--events", "log.jsonl", "--home", "devices.json", "--json"])
        .current_dir(folder)
        .stdout(Stdio::from(File::create(folder.join(output)).expect("an output")))
        .spawn()
        .expect("hearth");
    let status_file = format!("/proc/{}/status", process.id());
    let mut peak = 0.0_f64;
    loop {
        let status = std::fs::read_to_string(&status_file).unwrap_or_default();
        let highest = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kibibytes = highest.and_then(|text| text.trim().trim_end_matches(" kB").parse::<f64>().ok());
        peak = peak.max(kibibytes.unwrap_or(0.0) / 1_024.0);
        if let Some(status) = process.try_wait().expect("hearth") {
            assert!(status.success(), "hearth automation replay failed");
            return (before.elapsed(), peak);
        }
        std::thread::sleep(LOOK);
    }
}

/// The same month in the store, and read back as a whole.
fn stored(folder: &Path, report: &mut Report) {
    let clock = Arc::new(ManualClock::at(Timestamp(1_790_000_000_000)));
    let open = || {
        let options = Options { ballast_bytes: 0, history_days: 60, ..Options::default() };
        Store::open(folder, Arc::clone(&clock) as Arc<dyn Clock>, options).expect("a store").0
    };
    let store = open();
    let handle = store.handle();
    let mut written = 0_u64;
    for (number, happening) in month::happenings().enumerate() {
        handle.record(happening.record());
        written += 1;
        if number % 1_000 == 999 {
            handle.flush();
        }
    }
    store.close();
    let store = open();
    let size = std::fs::metadata(folder.join("history.db")).map_or(0, |file| file.len());
    let before_rss = highest();
    let before = Instant::now();
    let (mut read, mut last) = (0_u64, Timestamp(0));
    let mut take = |record: hub_model::history::HistoryRecord| {
        assert!(record.at >= last, "out of order");
        last = record.at;
        read += 1;
        true
    };
    store.handle().recorded(Timestamp(0), Timestamp(i64::MAX), &mut take).expect("history");
    let took = before.elapsed();
    assert_eq!(read, written, "of what was recorded");
    report.note(format!("history: {read} records in {:.1} MB", size as f64 / 1e6));
    report.figure("the same month read back from the store", took.as_secs_f64(), "s", Target::None);
    report.figure("the same, more memory than before", highest() - before_rss, "MiB", Target::None);
}

/// The greatest memory of this process so far, in MiB.
fn highest() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let highest = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    highest.and_then(|text| text.trim().trim_end_matches(" kB").parse::<f64>().ok()).unwrap_or(0.0) / 1_024.0
}
