//! Bytes that reach the block device below ext4, counted by a recorder: the file system's own journal included. Time is
//! told to the store, so that hours pass in seconds.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use hub_model::history::{HistoryEntry, HistoryRecord, StateRecord};
use hub_model::record::{DecidedOn, Decision};
use hub_model::time::ManualClock;
use hub_model::{Cause, Clock, DeviceId, Timestamp, Value};
use hub_store::{Options, Store};

use crate::figures::{Report, Target};
use crate::setup::{Bench, Process, until};

/// State changes, five a second over sixty attributes.
const CHANGES: u64 = 40_000;
const ATTRIBUTES: u64 = 60;
const CHANGES_A_BATCH: u64 = 50;
/// Runs of rules, one every half minute, each alone.
const RUNS: u32 = 400;
/// How long the demo home is watched.
const DEMO: Duration = Duration::from_secs(90);

pub(crate) fn measure(bench: &mut Bench, report: &mut Report) {
    let Some(recorder) = bench.recorder.clone() else {
        report.note("SKIP: bytes written, because the recorder is not built (make bench builds it)");
        return;
    };
    if std::env::var("USER").is_ok_and(|user| user != "root") || !Path::new("/dev/fuse").exists() {
        report.note("SKIP: bytes written, because that needs root and /dev/fuse");
        return;
    }
    let disk = Disk::new(&recorder, &bench.folder.path().join("wear"));
    changes(&disk, report);
    runs(&disk, report);
    demo(&disk, &bench.hearth, report);
}

/// Shares of the whole: after the start, the journal is already there.
fn changes(disk: &Disk, report: &mut Report) {
    let clock = Arc::new(ManualClock::at(Timestamp(1_800_000_000_000)));
    let (store, _) =
        Store::open(&disk.folder.join("changes"), Arc::clone(&clock) as Arc<dyn Clock>, options()).expect("a store");
    let handle = store.handle();
    let device = |number: u64| DeviceId::new(format!("zigbee:0x{number:016x}"));
    let before = disk.bytes();
    let mut walk = 1_u64;
    let mut levels = [2_000_i64; ATTRIBUTES as usize];
    for change in 0..CHANGES {
        clock.advance(Duration::from_millis(190 + change % 21));
        walk = walk.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let number = (walk >> 33) % ATTRIBUTES;
        let level = &mut levels[number as usize];
        *level += ((walk >> 20) % 9) as i64 - 4;
        handle.record(HistoryRecord {
            at: clock.now().time(),
            entry: HistoryEntry::State(StateRecord {
                device: device(number / 3),
                endpoint: 1,
                attribute: ["temperature", "humidity", "power"][(number % 3) as usize].into(),
                value: Value::Number(*level as f64 / 100.0),
                cause: Cause::Report,
            }),
        });
        if change % CHANGES_A_BATCH == CHANGES_A_BATCH - 1 {
            handle.flush();
        }
    }
    store.close();
    disk.sync();
    let bytes = (disk.bytes() - before) as f64;
    report.figure("written below ext4, for each state change", bytes / CHANGES as f64, "bytes", Target::AtMost(150.0));
}

fn runs(disk: &Disk, report: &mut Report) {
    let clock = Arc::new(ManualClock::at(Timestamp(1_800_000_000_000)));
    let (store, _) =
        Store::open(&disk.folder.join("runs"), Arc::clone(&clock) as Arc<dyn Clock>, options()).expect("a store");
    let handle = store.handle();
    let before = disk.bytes();
    for run in 0..RUNS {
        clock.advance(Duration::from_secs(30));
        let at = clock.now().time();
        handle.decide(Decision {
            automation: "hallway-light".into(),
            run: Some(format!("hallway-light-{run}").into()),
            at,
            state: None,
            decided_on: vec![DecidedOn {
                device: "zigbee:0x00158d0001e82b3c".into(),
                endpoint: 1,
                attribute: "occupancy".into(),
                value: Value::Bool(run % 2 == 0),
                changed_at: at,
            }],
        });
        // The motion, the command's effect and the trace.
        for (attribute, device) in [("occupancy", "zigbee:0x00158d0001e82b3c"), ("on", "zigbee:0x00158d0001e82b3d")] {
            handle.record(HistoryRecord {
                at,
                entry: HistoryEntry::State(StateRecord {
                    device: device.into(),
                    endpoint: 1,
                    attribute: attribute.into(),
                    value: Value::Bool(run % 2 == 0),
                    cause: Cause::Report,
                }),
            });
        }
        let trace =
            format!(r#"{{"at":{},"automation":"hallway-light","run":{run},"trigger":0,"result":"finished"}}"#, at.0);
        handle.record(HistoryRecord { at, entry: HistoryEntry::Trace(trace.into()) });
        handle.flush();
    }
    store.close();
    disk.sync();
    let bytes = (disk.bytes() - before) as f64;
    report.figure(
        "written below ext4, for each run of a rule",
        bytes / f64::from(RUNS) / 1_024.0,
        "KiB",
        Target::AtMost(8.0),
    );
}

/// The real program with the demo home, in real time.
fn demo(disk: &Disk, hearth: &Path, report: &mut Report) {
    let data = disk.folder.join("demo");
    let socket = disk.outside.join("demo.sock");
    let child = Command::new(hearth)
        .args(["run", "--demo", "--listen", "127.0.0.1:0", "--data"])
        .arg(&data)
        .env("HEARTH_HUB_SOCKET", socket)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the hub can be started");
    let process = Process(child);
    // The first writes are the making of the files; half a minute later the ballast for a full disk follows, once.
    std::thread::sleep(Duration::from_secs(45));
    let (before, begin) = (disk.bytes(), Instant::now());
    std::thread::sleep(DEMO);
    disk.sync();
    let a_day = (disk.bytes() - before) as f64 * 86_400.0 / begin.elapsed().as_secs_f64();
    report.figure("the demo home writes in a day (from 90 s)", a_day / 1e6, "MB", Target::None);
    drop(process);
}

fn options() -> Options {
    // The ballast is written once in the life of a hub.
    Options { ballast_bytes: 0, ..Options::default() }
}

/// An ext4 on a recorded disk.
struct Disk {
    recorder: Option<Process>,
    device: String,
    fuse: PathBuf,
    folder: PathBuf,
    outside: PathBuf,
}

fn system(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output().expect("a program of the system");
    assert!(output.status.success(), "{program} {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

impl Disk {
    fn new(recorder: &Path, outside: &Path) -> Self {
        let (fuse, folder) = (outside.join("fuse"), outside.join("mnt"));
        std::fs::create_dir_all(&fuse).expect("a folder");
        std::fs::create_dir_all(&folder).expect("a folder");
        let child =
            Command::new(recorder).args(["serve", "--mib", "256", "--dir"]).arg(&fuse).spawn().expect("the recorder");
        let image = fuse.join("disk");
        until("the recorder", Duration::from_secs(10), || image.exists().then_some(()));
        let device = system("losetup", &["-f", "--show", &image.to_string_lossy()]);
        system("mkfs.ext4", &["-q", "-b", "4096", "-E", "lazy_itable_init=0,lazy_journal_init=0", &device]);
        system("mount", &["-o", "noatime", &device, &folder.to_string_lossy()]);
        let disk = Self { recorder: Some(Process(child)), device, fuse, folder, outside: outside.to_owned() };
        disk.sync();
        disk
    }

    fn sync(&self) {
        system("sync", &["-f", &self.folder.to_string_lossy()]);
    }

    /// Bytes written to the device so far.
    fn bytes(&self) -> u64 {
        let statistics = std::fs::read_to_string(self.fuse.join("stat")).expect("statistics");
        let words: Vec<&str> = statistics.split_whitespace().collect();
        let place = words.iter().position(|word| *word == "bytes").expect("a count of bytes");
        words[place + 1].parse().expect("a number")
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let quiet = |program: &str, arguments: &[&str]| {
            Command::new(program).args(arguments).status().is_ok_and(|status| status.success())
        };
        let folder = self.folder.to_string_lossy().into_owned();
        for _ in 0..100 {
            if quiet("umount", &[&folder]) {
                break;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        quiet("losetup", &["-d", &self.device]);
        quiet("umount", &[&self.fuse.to_string_lossy()]);
        drop(self.recorder.take());
    }
}
