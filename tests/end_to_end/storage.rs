//! Troubles with the disk: the hub says what is wrong, keeps switching lights, and loses nothing it acknowledged.

mod lost;

use std::fs::{self, File};
use std::io::{ErrorKind, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use hub_tests::api::{attribute_of, items};
use hub_tests::skip::can_mount;
use hub_tests::{Api, Bench, Hub, eventually};
use serde_json::{Value, json};

const DEMO: &str = "[[driver]]\nid = \"demo\"\ntype = \"virtual\"\n";
const SOON: Duration = Duration::from_secs(20);

/// A mounted file system, unmounted at the end.
struct Mount(PathBuf);

impl Mount {
    fn new(at: &Path, arguments: &[&str]) -> Self {
        run("mount", arguments, at);
        Self(at.to_path_buf())
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).stderr(Stdio::null()).status();
    }
}

fn run(program: &str, arguments: &[&str], last: &Path) {
    let status = Command::new(program).args(arguments).arg(last).status();
    assert!(status.is_ok_and(|status| status.success()), "{program} {arguments:?} {}", last.display());
}

/// A lamp of the simulated home: its id and the endpoint that shines.
fn lamp(api: &Api) -> (String, u64) {
    eventually("a lamp", SOON, || {
        let devices = api.devices();
        let found = devices.iter().find_map(|device| {
            let endpoints = device["endpoints"].as_array()?;
            let endpoint =
                endpoints.iter().find(|endpoint| endpoint["capabilities"].to_string().contains("light"))?["id"]
                    .as_u64()?;
            (!attribute_of(device, endpoint, "on").is_null())
                .then(|| (device["id"].as_str().map(str::to_owned), endpoint))
        });
        match found {
            Some((Some(id), endpoint)) => Ok((id, endpoint)),
            _ => Err(devices.len()),
        }
    })
}

/// The lamp goes on and off, whatever is wrong with the disk.
fn lights_work(api: &Api, (id, endpoint): &(String, u64)) {
    for on in [true, false, true] {
        let command = api.command(id, &json!({"set": {"on": on}, "endpoint": endpoint}));
        assert_eq!(command["status"], "confirmed", "{command:#}");
        assert_eq!(api.value(id, *endpoint, "on"), on);
    }
}

/// Waits until the hub says that this is wrong, and gives back its words.
fn until_trouble(api: &Api, code: &str) -> String {
    eventually(&format!("the trouble {code}"), SOON, || {
        let system = api.get("system").ok();
        let troubles = system["store"]["troubles"].as_array().cloned().unwrap_or_default();
        let trouble = troubles.iter().find(|trouble| trouble["code"] == code);
        trouble.map(|trouble| trouble["text"].as_str().unwrap_or_default().to_owned()).ok_or(system)
    })
}

/// Waits until this alert is there, or (`false`) is over.
fn until_alert(api: &Api, code: &str, wanted: bool) {
    eventually(&format!("the alert {code}: {wanted}"), SOON, || {
        let alerts = items(api.get("alerts").ok());
        let found = alerts.iter().filter(|alert| alert["code"] == code).count();
        if found == usize::from(wanted) { Ok(()) } else { Err(alerts) }
    });
}

fn rename(api: &Api, id: &str, name: &str) -> hub_tests::api::Answer {
    api.patch(&format!("devices/{id}"), &json!({"name": name}))
}

fn name_of(api: &Api, id: &str) -> Value {
    api.device(id).unwrap_or_default()["name"].clone()
}

/// Writes until nothing more goes onto the disk.
fn fill(path: &Path) {
    let mut file = File::options().create(true).append(true).open(path).expect("a file can be opened");
    for size in [1 << 20, 4_096, 1] {
        let block = vec![0x55; size];
        loop {
            match file.write_all(&block) {
                Ok(()) => {}
                Err(error) if error.kind() == ErrorKind::StorageFull => break,
                Err(error) => panic!("the disk cannot be filled: {error}"),
            }
        }
    }
}

#[test]
fn a_full_disk() {
    let bench = Bench::new("disk-full");
    if !can_mount(bench.folder()) {
        return;
    }
    let disk = bench.folder().join("disk");
    fs::create_dir(&disk).expect("a folder can be made");
    let _mount = Mount::new(&disk, &["-t", "tmpfs", "-o", "size=48m", "tmpfs"]);
    let mut hub = Hub::with_data(&bench, &disk.join("data"), DEMO);
    hub.start();
    let api = hub.claim();
    let lamp = lamp(&api);
    rename(&api, &lamp.0, "first").ok();

    // The hub frees room by itself for a while; in the end it must refuse.
    let filler = disk.join("filler");
    let mut acknowledged = "first".to_owned();
    let refused = (0..200).find_map(|round| {
        fill(&filler);
        let name = format!("round {round} {}", "x".repeat(100));
        let answer = rename(&api, &lamp.0, &name);
        if answer.status < 300 {
            acknowledged = name;
            return None;
        }
        Some(answer)
    });
    let refused = refused.expect("no room, no promise");
    assert!(refused.status >= 500, "{refused:?}");
    assert!(refused.body["detail"].as_str().is_some_and(|detail| detail.contains("full")), "{refused:?}");
    assert!(until_trouble(&api, "storage_full").contains("full"));
    until_alert(&api, "storage_full", true);
    lights_work(&api, &lamp);
    assert_eq!(api.get("devices").status, 200);
    assert_eq!(name_of(&api, &lamp.0), acknowledged.as_str());

    // The same after a crash, on the full disk.
    hub.kill();
    hub.start();
    eventually("the devices to be back", SOON, || {
        let name = name_of(&api, &lamp.0);
        if name == acknowledged.as_str() { Ok(()) } else { Err(name) }
    });
    lights_work(&api, &lamp);

    // Room again: it goes on by itself.
    fs::remove_file(&filler).expect("the filler can be removed");
    eventually("promises are made again", Duration::from_secs(90), || {
        let answer = rename(&api, &lamp.0, "after");
        if answer.status < 300 { Ok(()) } else { Err(answer) }
    });
    eventually("the trouble to be over", Duration::from_secs(90), || {
        let troubles = api.get("system").ok()["store"]["troubles"].clone();
        if troubles.to_string().contains("storage_full") { Err(troubles) } else { Ok(()) }
    });
    until_alert(&api, "storage_full", false);
    assert_eq!(hub.stop(), Some(0));
}

#[test]
fn a_read_only_data_folder() {
    let bench = Bench::new("read-only");
    if !can_mount(bench.folder()) {
        return;
    }
    let data = bench.folder().join("data");
    let mut hub = Hub::new(&bench, DEMO);
    hub.start();
    let api = hub.claim();
    let lamp = lamp(&api);
    rename(&api, &lamp.0, "kept").ok();
    lights_work(&api, &lamp);
    let identity = || {
        let status = api.get("status").ok();
        (status["hub_id"].clone(), status["state"].clone())
    };
    let before = identity();
    assert_eq!(before.1, "claimed");
    assert_eq!(hub.stop(), Some(0));

    // Without the copy there is only what a clean stop leaves.
    fs::remove_file(data.join("core.db.snapshot")).expect("a stop leaves a verified copy");
    let mount = Mount::new(&data, &["--bind", data.to_str().expect("a plain path")]);
    run("mount", &["-o", "remount,bind,ro"], &data);
    hub.start();
    assert_eq!(name_of(&api, &lamp.0), "kept", "what was acknowledged can be read");
    assert_eq!(identity(), before, "it is the same hub, and belongs to somebody");
    assert!(!until_trouble(&api, "storage_read_only").is_empty());
    until_alert(&api, "storage_read_only", true);
    lights_work(&api, &lamp);
    let refused = rename(&api, &lamp.0, "never");
    assert!(refused.status >= 500, "{refused:?}");
    assert!(refused.body["detail"].as_str().is_some_and(|detail| detail.contains("read-only")), "{refused:?}");
    until_alert(&api, "storage_read_only", true);
    hub.stop();

    drop(mount);
    hub.start();
    assert_eq!(name_of(&api, &lamp.0), "kept");
    rename(&api, &lamp.0, "again").ok();
    assert_eq!(hub.stop(), Some(0));
}

/// Overwrites a stretch in the middle of a file, behind its head.
fn damage(path: &Path, share: u64) {
    let mut file = File::options().write(true).open(path).expect("a file of the store can be opened");
    let length = file.metadata().expect("a file has a length").len();
    file.seek(SeekFrom::Start(length / 4)).expect("a file can be gone through");
    let stretch = usize::try_from((length / share).max(64)).expect("a small file");
    file.write_all(&vec![0xa5; stretch]).expect("a file can be damaged");
    file.sync_all().expect("a file can be written");
}

/// A hub that has lived a little, stopped politely: its API, its lamp.
fn lived(hub: &mut Hub) -> (Api, (String, u64)) {
    hub.start();
    let api = hub.claim();
    let lamp = lamp(&api);
    rename(&api, &lamp.0, "acknowledged").ok();
    api.post("areas", &json!({"id": "attic", "name": "Attic"})).ok();
    for _ in 0..6 {
        lights_work(&api, &lamp);
    }
    assert_eq!(hub.stop(), Some(0));
    (api, lamp)
}

fn nothing_is_lost(api: &Api, lamp: &(String, u64)) {
    eventually("the devices to be back", SOON, || {
        let name = name_of(api, &lamp.0);
        if name == "acknowledged" { Ok(()) } else { Err(name) }
    });
    assert!(api.get("areas").ok().to_string().contains("Attic"));
    lights_work(api, lamp);
    rename(api, &lamp.0, "acknowledged").ok();
}

#[test]
fn a_damaged_history() {
    let bench = Bench::new("damaged-history");
    let mut hub = Hub::new(&bench, DEMO);
    let (api, lamp) = lived(&mut hub);
    damage(&hub.data().join("history.db"), 2);
    hub.start();
    nothing_is_lost(&api, &lamp);
    assert!(!until_trouble(&api, "history_damaged").is_empty());
    until_alert(&api, "history_damaged", true);
    let history = api.get(&format!("devices/{}/history?attribute=on", lamp.0));
    assert_eq!(history.status, 200, "{history:?}");
    assert_eq!(hub.stop(), Some(0));
}

#[test]
fn a_damaged_journal() {
    let bench = Bench::new("damaged-journal");
    let mut hub = Hub::new(&bench, &format!("[history]\nbatch_seconds = 1\n\n{DEMO}"));
    let (api, lamp) = lived(&mut hub);
    // The journal is made at its full length; what is not zero is used. Several batches shall be in it.
    let journal = hub.data().join("history.journal");
    let used = || fs::read(&journal).map_or(0, |bytes| bytes.iter().rposition(|byte| *byte != 0).unwrap_or(0));
    hub.start();
    for _ in 0..4 {
        let before = used();
        lights_work(&api, &lamp);
        eventually("another batch in the journal", SOON, || if used() == before { Err(before) } else { Ok(()) });
    }
    hub.kill();
    let mut bytes = fs::read(&journal).expect("the journal can be read");
    let used = used();
    bytes[used / 3..used / 2].fill(0xa5);
    fs::write(&journal, bytes).expect("the journal can be damaged");
    hub.start();
    nothing_is_lost(&api, &lamp);
    assert!(!until_trouble(&api, "history_damaged").is_empty());
    until_alert(&api, "history_damaged", true);
    assert_eq!(hub.stop(), Some(0));
}

#[test]
fn a_damaged_core_database() {
    for share in [2, 50] {
        let bench = Bench::new(&format!("damaged-core-{share}"));
        let mut hub = Hub::new(&bench, DEMO);
        let (api, lamp) = lived(&mut hub);
        damage(&hub.data().join("core.db"), share);
        hub.start();
        nothing_is_lost(&api, &lamp);
        assert!(!until_trouble(&api, "core_restored").is_empty());
        until_alert(&api, "core_restored", true);
        assert_eq!(hub.stop(), Some(0));
    }
}
