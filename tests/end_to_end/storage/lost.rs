//! A file system that goes away, or can no longer be written, under a running hub.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use hub_tests::skip::{can_mount, has_programs, skip};
use hub_tests::wait::throughout;
use hub_tests::{Api, Bench, Hub, eventually};
use serde_json::json;

use super::{DEMO, SOON, lamp, lights_work, name_of, rename, until_alert, until_trouble};

/// Longer than the store waits before it tries to write history again.
const RETRIES: Duration = Duration::from_secs(12);
/// Recovery may wait for the next try.
const RECOVERY: Duration = Duration::from_secs(60);

/// Ends an ext4 at once, as a pulled card does: what is not on the disk by now never will be.
const SHUT_DOWN: &str = "
import fcntl, os, struct, sys
EXT4_IOC_SHUTDOWN, NO_LOG_FLUSH = 0x8004587D, 2
fcntl.ioctl(os.open(sys.argv[1], os.O_RDONLY), EXT4_IOC_SHUTDOWN, struct.pack('I', NO_LOG_FLUSH))
";

/// An ext4 in a file: a card that can be pulled and put in again.
struct Card {
    image: PathBuf,
    folder: PathBuf,
    device: Option<String>,
}

impl Card {
    /// None, and said so, where such a thing cannot be made.
    fn new(bench: &Bench) -> Option<Self> {
        if !can_mount(bench.folder()) || !has_programs(&["mkfs.ext4", "losetup", "python3"]) {
            return None;
        }
        if !Path::new("/dev/loop-control").exists() {
            skip("there are no loop devices");
            return None;
        }
        let (image, folder) = (bench.folder().join("card.img"), bench.folder().join("card"));
        fs::create_dir(&folder).expect("a folder can be made");
        fs::File::create(&image).and_then(|file| file.set_len(96 << 20)).expect("a file can be made");
        system("mkfs.ext4", &["-q", "-F", text(&image)]);
        let mut card = Self { image, folder, device: None };
        card.put_in();
        Some(card)
    }

    /// On a device of its own each time: one that is being torn down must not be used again.
    fn put_in(&mut self) {
        let device = system("losetup", &["-f", "--show", text(&self.image)]);
        self.device = Some(device.clone());
        system("mount", &["-t", "ext4", "-o", "errors=remount-ro", &device, text(&self.folder)]);
    }

    fn die(&self) {
        system("python3", &["-c", SHUT_DOWN, text(&self.folder)]);
    }

    /// The kernel finds an error and no longer lets anybody write.
    fn become_read_only(&self) {
        let device = self.device.as_deref().and_then(|device| device.strip_prefix("/dev/")).expect("a device");
        fs::write(format!("/sys/fs/ext4/{device}/trigger_fs_error"), "1").expect("an error can be made up");
    }

    /// Who still has files of it open keeps them, but nobody finds it any more.
    fn take_out(&mut self) {
        system("umount", &["-l", text(&self.folder)]);
        if let Some(device) = self.device.take() {
            // It goes once nobody uses it.
            system("losetup", &["-d", &device]);
        }
    }
}

impl Drop for Card {
    fn drop(&mut self) {
        let quietly = |program: &str, arguments: &[&str]| {
            let _ = Command::new(program).args(arguments).output();
        };
        quietly("umount", &["-l", text(&self.folder)]);
        if let Some(device) = &self.device {
            quietly("losetup", &["-d", device]);
        }
    }
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a plain path")
}

fn system(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output().expect("the program is there");
    assert!(output.status.success(), "{program} {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

/// The databases by name: a file that was made anew has another number.
fn databases(data: &Path) -> BTreeMap<String, u64> {
    let entries = fs::read_dir(data).expect("the data folder can be read").flatten();
    entries
        .filter_map(|entry| Some((entry.file_name().into_string().ok()?, entry.metadata().ok()?.ino())))
        .filter(|(name, _)| name.starts_with("core.db") || name.starts_with("history."))
        .filter(|(name, _)| !name.ends_with("-wal") && !name.ends_with("-shm") && !name.ends_with(".snapshot"))
        .collect()
}

/// A hub on the card that has acknowledged something and written some history.
fn living(bench: &Bench, data: &Path) -> (Hub, Api, (String, u64)) {
    let mut hub = Hub::with_data(bench, data, &format!("[history]\nbatch_seconds = 1\n\n{DEMO}"));
    hub.start();
    let api = hub.claim();
    let lamp = lamp(&api);
    rename(&api, &lamp.0, "acknowledged").ok();
    api.post("areas", &json!({"id": "attic", "name": "Attic"})).ok();
    lights_work(&api, &lamp);
    // Readers of history have files open too, and what is mapped into memory was written once.
    history(&api, &lamp);
    system("sync", &["-f", text(data)]);
    (hub, api, lamp)
}

fn history(api: &Api, lamp: &(String, u64)) -> u16 {
    api.get(&format!("devices/{}/history?attribute=on", lamp.0)).status
}

/// The hub goes on without its disk: it switches lights, refuses settings in words, and says what is wrong.
fn goes_on(hub: &Hub, api: &Api, lamp: &(String, u64), code: &str) {
    lights_work(api, lamp);
    for name in ["never", "never again"] {
        let refused = rename(api, &lamp.0, name);
        assert!(refused.status >= 500, "{refused:?}");
        assert!(refused.body["detail"].as_str().is_some_and(|detail| detail.contains("check the card")), "{refused:?}");
    }
    assert!(until_trouble(api, code).contains("Check the card"));
    until_alert(api, code, true);
    throughout(RETRIES, || {
        lights_work(api, lamp);
        let _ = history(api, lamp);
        if hub.log().contains("panicked") { Err(hub.log()) } else { Ok(()) }
    })
    .expect("the hub takes no harm");
    assert!(rename(api, &lamp.0, "never").status >= 500, "still nothing can be promised");
    assert_eq!(name_of(api, &lamp.0), "acknowledged");
}

/// Everything acknowledged is there, in the files that were there before.
fn is_whole(api: &Api, lamp: &(String, u64), data: &Path, before: &BTreeMap<String, u64>) {
    eventually("the devices to be back", SOON, || {
        let name = name_of(api, &lamp.0);
        if name == "acknowledged" { Ok(()) } else { Err(name) }
    });
    assert!(api.get("areas").ok().to_string().contains("Attic"));
    lights_work(api, lamp);
    assert_eq!(history(api, lamp), 200);
    assert_eq!(databases(data), *before, "no database was set aside or made anew");
    rename(api, &lamp.0, "acknowledged").ok();
    let troubles = api.get("system").ok()["store"]["troubles"].clone();
    assert_eq!(troubles, json!([]));
}

#[test]
fn a_file_system_that_dies_under_the_hub() {
    let bench = Bench::new("dead-file-system");
    let Some(mut card) = Card::new(&bench) else { return };
    let data = card.folder.join("data");
    let (mut hub, api, lamp) = living(&bench, &data);
    let before = databases(&data);
    card.die();
    goes_on(&hub, &api, &lamp, "storage_gone");
    assert_eq!(hub.stop(), Some(0), "{}", hub.log());
    card.take_out();
    card.put_in();
    hub.start();
    is_whole(&api, &lamp, &data, &before);
    assert_eq!(hub.stop(), Some(0));
}

#[test]
fn a_file_system_that_turns_read_only_under_the_hub() {
    let bench = Bench::new("turned-read-only");
    let Some(mut card) = Card::new(&bench) else { return };
    let data = card.folder.join("data");
    let (mut hub, api, lamp) = living(&bench, &data);
    let before = databases(&data);
    card.become_read_only();
    goes_on(&hub, &api, &lamp, "storage_read_only");
    assert_eq!(hub.stop(), Some(0), "{}", hub.log());
    card.take_out();
    card.put_in();
    hub.start();
    is_whole(&api, &lamp, &data, &before);
    assert_eq!(hub.stop(), Some(0));
}

/// The folder that the card was mounted on is still there, empty, and can be written: it must not be taken for the home.
#[test]
fn a_card_that_is_pulled_and_put_in_again() {
    let bench = Bench::new("pulled-card");
    let Some(mut card) = Card::new(&bench) else { return };
    let data = card.folder.clone();
    let (mut hub, api, lamp) = living(&bench, &data);
    let before = databases(&data);
    card.die();
    card.take_out();
    goes_on(&hub, &api, &lamp, "storage_gone");
    assert_eq!(databases(&data), BTreeMap::new(), "nothing is made in the place of the card");
    card.put_in();
    eventually("promises are made again", RECOVERY, || {
        let answer = rename(&api, &lamp.0, "acknowledged");
        if answer.status < 300 { Ok(()) } else { Err(answer) }
    });
    until_alert(&api, "storage_gone", false);
    is_whole(&api, &lamp, &data, &before);
    hub.kill();
    hub.start();
    is_whole(&api, &lamp, &data, &before);
    assert_eq!(hub.stop(), Some(0));
}
