//! A full disk, a folder that cannot be written, other options.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use hub_model::Value;
use hub_model::record::{Change, KeepError, Record};
use hub_model::time::ManualClock;
use hub_store::{Options, Store, StoreHandle, Synchronous};

use crate::support::{Bench, START, area, home, options, query, state_at};

/// A small file system in memory; gone when dropped.
struct Mount {
    path: PathBuf,
    _directory: tempfile::TempDir,
}

impl Mount {
    fn new(size: &str) -> Option<Self> {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("mount");
        std::fs::create_dir(&path).unwrap();
        let mounted = run("mount", &["-t", "tmpfs", "-o", &format!("size={size}"), "tmpfs", path.to_str().unwrap()]);
        if !mounted {
            println!("SKIP: mounting a file system needs root");
        }
        mounted.then_some(Self { path, _directory: directory })
    }

    fn remount(&self, option: &str) -> bool {
        run("mount", &["-o", &format!("remount,{option}"), self.path.to_str().unwrap()])
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        run("umount", &["-l", self.path.to_str().unwrap()]);
    }
}

fn run(program: &str, arguments: &[&str]) -> bool {
    Command::new(program).args(arguments).output().is_ok_and(|output| output.status.success())
}

fn open(folder: &Path, options: Options) -> (Store, StoreHandle, hub_model::record::Kept, Arc<ManualClock>) {
    let clock = Arc::new(ManualClock::at(START));
    let (store, kept) = Store::open(folder, clock.clone(), options).unwrap();
    let handle = store.handle();
    (store, handle, kept, clock)
}

fn commit(handle: &StoreHandle, changes: Vec<Change>) -> Result<(), KeepError> {
    let (sender, receiver) = std::sync::mpsc::sync_channel(1);
    handle.commit(changes, Box::new(move |result| sender.send(result).unwrap()));
    receiver.recv_timeout(std::time::Duration::from_secs(20)).expect("an answer")
}

fn codes(handle: &StoreHandle) -> Vec<&'static str> {
    handle.status().troubles.into_iter().map(|trouble| trouble.code).collect()
}

#[test]
fn a_read_only_folder_is_opened_and_used_again_when_it_can_be_written() {
    let Some(mount) = Mount::new("32m") else { return };
    let folder = mount.path.join("data");
    let image = {
        let bench = Bench::new();
        bench.put(home("Casa"));
        bench.state("on", true);
        bench.fill_journal();
        bench.state("on", false);
        bench.handle.flush();
        bench.cut()
    };
    std::fs::create_dir(&folder).unwrap();
    for entry in std::fs::read_dir(image.path()).unwrap().flatten() {
        std::fs::copy(entry.path(), folder.join(entry.file_name())).unwrap();
    }
    assert!(mount.remount("ro"));
    let (store, handle, kept, clock) = open(&folder, options());
    assert_eq!(kept.home.as_ref().map(|home| &*home.name), Some("Casa"), "what is in the write-ahead log is read");
    assert!(kept.states.iter().any(|state| state.attribute.as_str() == "on" && state.value == Value::Bool(false)));
    assert_eq!(codes(&handle), ["storage_read_only"]);
    assert_eq!(commit(&handle, vec![Change::Put(area("hall", "Hall"))]), Err(KeepError::ReadOnly));
    handle.record(state_at(START, "power", Value::Number(1.0)));
    handle.flush();
    assert_eq!(codes(&handle), ["storage_read_only"]);
    let Ok(hub_model::history::HistoryAnswer::Samples(samples)) = handle.history(&query("on", Default::default()))
    else {
        panic!("history can be read")
    };
    assert_eq!(samples.len(), 2);

    assert!(mount.remount("rw"));
    assert_eq!(commit(&handle, vec![Change::Put(area("hall", "Hall"))]), Ok(()));
    clock.advance(std::time::Duration::from_secs(60));
    handle.flush();
    assert!(codes(&handle).is_empty());
    store.close();
    let (_store, handle, again, _clock) = open(&folder, options());
    assert_eq!((again.areas.len(), again.epoch, again.clean), (1, kept.epoch, true));
    let answer = handle.history(&query("power", Default::default())).unwrap();
    assert_eq!(
        answer,
        hub_model::history::HistoryAnswer::Samples(vec![hub_model::history::Sample {
            at: START,
            value: Value::Number(1.0)
        }])
    );
}

/// A folder that was left by a clean stop, on a file system that cannot be written any more.
fn stopped_and_read_only(change: impl FnOnce(&Path)) -> Option<(Mount, PathBuf)> {
    let mount = Mount::new("32m")?;
    let folder = mount.path.join("data 100%");
    let (store, handle, ..) = open(&folder, options());
    commit(&handle, vec![Change::Put(home("Casa")), Change::Put(area("hall", "Hall"))]).unwrap();
    handle.record(state_at(START, "on", Value::Bool(true)));
    store.close();
    assert!(!folder.join("core.db-wal").exists(), "a clean stop leaves no write-ahead log");
    change(&folder);
    assert!(mount.remount("ro"));
    Some((mount, folder))
}

#[test]
fn a_read_only_folder_is_read_after_a_clean_stop_too() {
    for (case, change) in [
        (
            "no log, no snapshot",
            &(|folder: &Path| std::fs::remove_file(folder.join("core.db.snapshot")).unwrap()) as &dyn Fn(&Path),
        ),
        ("an empty log", &|folder| {
            std::fs::remove_file(folder.join("core.db.snapshot")).unwrap();
            std::fs::write(folder.join("core.db-wal"), "").unwrap();
        }),
        ("only the snapshot", &|folder| std::fs::remove_file(folder.join("core.db")).unwrap()),
    ] {
        let Some((mount, folder)) = stopped_and_read_only(change) else { return };
        let (store, handle, kept, clock) = open(&folder, options());
        assert_eq!(kept.home.as_ref().map(|home| &*home.name), Some("Casa"), "{case}");
        assert_eq!(kept.areas.len(), 1, "{case}");
        assert_eq!(codes(&handle), ["storage_read_only"], "{case}");
        let on = || handle.history(&query("on", Default::default())).unwrap();
        assert!(matches!(on(), hub_model::history::HistoryAnswer::Samples(samples) if samples.len() == 1), "{case}");

        assert!(mount.remount("rw"));
        assert_eq!(commit(&handle, vec![Change::Put(area("attic", "Attic"))]), Ok(()), "{case}");
        handle.record(state_at(START.plus(std::time::Duration::from_secs(1)), "on", Value::Bool(false)));
        clock.advance(std::time::Duration::from_secs(60));
        handle.flush();
        assert!(matches!(on(), hub_model::history::HistoryAnswer::Samples(samples) if samples.len() == 2), "{case}");
        store.close();
        let (_store, _, again, _) = open(&folder, options());
        assert_eq!(again.areas.len(), 2, "{case}");
    }
}

#[test]
fn a_read_only_folder_whose_records_cannot_be_read_is_no_first_start() {
    let destroyed = |folder: &Path| {
        std::fs::remove_file(folder.join("core.db.snapshot")).unwrap();
        std::fs::write(folder.join("core.db"), [0xa5; 8_192]).unwrap();
    };
    let Some((_mount, folder)) = stopped_and_read_only(destroyed) else { return };
    let refused = Store::open(&folder, Arc::new(ManualClock::at(START)), options());
    let error = refused.err().map(|error| error.to_string()).unwrap_or_default();
    assert!(error.contains("core.db cannot be opened"), "{error}");
}

#[test]
fn a_full_disk_refuses_in_words_loses_nothing_and_recovers() {
    let Some(mount) = Mount::new("8m") else { return };
    let folder = mount.path.join("data");
    let ballast = Options { ballast_bytes: 2 * 1024 * 1024, ..options() };
    let (store, handle, _, clock) = open(&folder, ballast.clone());
    commit(&handle, vec![Change::Put(home("Casa"))]).unwrap();
    clock.advance(std::time::Duration::from_secs(31));
    handle.flush();
    assert!(folder.join("ballast").exists());
    // Somebody else fills the disk.
    let filler = mount.path.join("filler");
    assert!(std::fs::write(&filler, vec![1u8; 16 * 1024 * 1024]).is_err());
    let mut kept = 0;
    let mut refused = None;
    for number in 0..400 {
        let name = "x".repeat(30_000);
        match commit(&handle, vec![Change::Put(area(&format!("a{number:03}"), &name))]) {
            Ok(()) => kept += 1,
            Err(error) => {
                refused = Some(error);
                break;
            }
        }
    }
    assert_eq!(refused, Some(KeepError::Full));
    assert!(kept > 20, "the ballast made room for a while: {kept}");
    assert_eq!(codes(&handle), ["storage_full"]);
    handle.record(state_at(START, "power", Value::Number(1.0)));
    handle.flush();
    assert!(handle.history(&query("power", Default::default())).is_ok());

    std::fs::remove_file(&filler).unwrap();
    assert_eq!(commit(&handle, vec![Change::Put(area("late", "Late"))]), Ok(()));
    for _ in 0..4 {
        clock.advance(std::time::Duration::from_secs(3_600));
        handle.flush();
    }
    assert!(codes(&handle).is_empty(), "{:?}", handle.status().troubles);
    store.close();
    let (_store, _, again, _) = open(&folder, ballast);
    assert_eq!(again.areas.len(), kept + 1);
    assert!(again.findings.is_empty(), "{:?}", again.findings);
}

#[test]
fn a_folder_that_vanishes_is_said_and_used_again() {
    let bench = Bench::new();
    bench.put(home("Casa"));
    let hidden = bench.folder.with_extension("hidden");
    std::fs::rename(&bench.folder, &hidden).unwrap();
    bench.state("on", true);
    bench.handle.flush();
    std::fs::rename(&hidden, &bench.folder).unwrap();
    bench.put(area("hall", "Hall"));
    bench.advance(60);
    bench.handle.flush();
    assert!(bench.troubles().is_empty());
    let bench = bench.restart();
    assert_eq!(bench.kept.areas.len(), 1);
    assert_eq!(bench.values("on"), [Value::Bool(true)]);
}

/// What a card leaves that was unmounted under the hub: the folder that it was mounted on.
#[test]
fn an_empty_folder_in_the_place_of_the_home_stays_empty() {
    let bench = Bench::with(Options { ballast_bytes: 4_096, ..options() });
    bench.put(home("Casa"));
    let hidden = bench.folder.with_extension("hidden");
    std::fs::rename(&bench.folder, &hidden).unwrap();
    std::fs::create_dir(&bench.folder).unwrap();
    // Enough for a new journal, snapshot and ballast.
    for _ in 0..3 {
        bench.state("on", true);
        bench.advance(3_600);
        bench.handle.flush();
    }
    assert_eq!(std::fs::read_dir(&bench.folder).unwrap().count(), 0);
    std::fs::remove_dir(&bench.folder).unwrap();
    std::fs::rename(&hidden, &bench.folder).unwrap();
    bench.put(area("hall", "Hall"));
    assert_eq!(bench.restart().kept.areas.len(), 1);
}

#[test]
fn the_negative_control_opens_too() {
    let bench = Bench::with(Options { synchronous: Synchronous::Normal, ..options() });
    bench.put(home("Casa"));
    assert!(bench.restart().kept.home.is_some());
}

#[test]
fn written_bytes_are_counted_and_begin_anew_each_day() {
    if !Path::new("/proc/self/io").exists() {
        println!("SKIP: the kernel does not count what is written");
        return;
    }
    let bench = Bench::new();
    bench.put(home("Casa"));
    let status = bench.handle.status();
    assert!(status.size_bytes > 64 * 1024);
    bench.handle.alive(bench.now(), 1);
    let before = bench.handle.status().bytes_written_today;
    let bench = bench.restart();
    assert!(bench.handle.status().bytes_written_today >= before);
    // It is another day there, but nothing was unwritten.
    let before = bench.handle.status().bytes_written_today;
    for zone in ["Pacific/Kiritimati", "Pacific/Pago_Pago", "UTC"] {
        bench.put(Record::Home(hub_model::household::Home { time_zone: zone.into(), ..Default::default() }));
        assert!(bench.handle.status().bytes_written_today >= before, "{zone}");
    }
    bench.advance(24 * 3_600);
    assert!(bench.handle.status().bytes_written_today <= before.max(1_000_000));
}
