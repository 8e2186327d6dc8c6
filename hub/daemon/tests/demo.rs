//! The demo home, end to end: what a person does first.

use std::io::{BufRead, BufReader};
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Output, Stdio};
use std::time::Duration;

use hearth::cli::arguments::Common;
use hearth::cli::client::{Client, encode};
use serde_json::{Value, json};

/// How long anything may take on a busy machine.
pub(crate) const LIMIT: Duration = Duration::from_secs(30);

/// How many rules the demo home has by itself.
pub(crate) fn rules() -> usize {
    hub_automation::document::parse_yaml_many(include_str!("../src/demo/rules.yaml")).unwrap().len()
}

pub(crate) struct Hub {
    process: Child,
    /// Kept open, or the hub could not print.
    _output: BufReader<ChildStdout>,
    pub(crate) socket: PathBuf,
    pub(crate) address: String,
    /// Where it is served encrypted, and by what it is recognised.
    pub(crate) encrypted: String,
    pub(crate) fingerprint: String,
    pub(crate) code: Option<String>,
}

impl Hub {
    pub(crate) fn start(folder: &Path) -> Self {
        Self::start_with(folder, &[])
    }

    /// A hub whose demo home and its rules are there.
    pub(crate) async fn furnished(folder: &Path) -> Self {
        let hub = Self::start(folder);
        tokio::time::timeout(LIMIT, async {
            while hub.json(&["automation", "list"])["items"].as_array().unwrap().len() < rules() {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        })
        .await
        .unwrap();
        hub
    }

    pub(crate) fn start_with(folder: &Path, environment: &[(&str, &str)]) -> Self {
        let socket = folder.join("hearth.sock");
        let mut process = Command::new(env!("CARGO_BIN_EXE_hearth"))
            .args(["run", "--demo", "--listen", "127.0.0.1:0", "--data"])
            .arg(folder.join("data"))
            .env("HEARTH_HUB_SOCKET", &socket)
            .envs(environment.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut output = BufReader::new(process.stdout.take().unwrap());
        let (mut address, mut code) = (None, None);
        let (mut encrypted, mut fingerprint) = (String::new(), String::new());
        // The banner ends with an empty line.
        loop {
            let mut line = String::new();
            assert_ne!(output.read_line(&mut line).unwrap(), 0, "the hub ended before it was ready");
            let mut words = line.split_whitespace();
            match words.next() {
                Some("Open") => address = words.next().map(ToOwned::to_owned),
                Some("Encrypted") => encrypted = words.next().unwrap_or_default().to_owned(),
                Some("Fingerprint") => fingerprint = words.next().unwrap_or_default().to_owned(),
                Some("Set-up") => code = words.nth(1).map(ToOwned::to_owned),
                None => break,
                _ => {}
            }
        }
        Self { process, _output: output, socket, address: address.unwrap(), encrypted, fingerprint, code }
    }

    pub(crate) fn hearth(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_hearth")).args(arguments).env("HEARTH_SOCKET", &self.socket).output().unwrap()
    }

    pub(crate) fn json(&self, arguments: &[&str]) -> Value {
        let output = self.hearth(&[arguments, &["--json"]].concat());
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    pub(crate) fn client(&self, token: Option<&str>) -> Client {
        let common = Common {
            host: Some(self.address.clone()),
            token: token.map(ToOwned::to_owned),
            fingerprint: None,
            ca: None,
            socket: None,
            json: false,
            yes: false,
        };
        Client::new(&common, &|_| None).unwrap()
    }

    /// Memory that no other process shares and no file backs.
    fn anonymous_kib(&self) -> u64 {
        let rollup = std::fs::read_to_string(format!("/proc/{}/smaps_rollup", self.process.id())).unwrap();
        let line = rollup.lines().find(|line| line.starts_with("Pss_Anon:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    }

    /// Asks politely and gives back the exit code.
    pub(crate) fn stop(mut self) -> Option<i32> {
        let asked = Command::new("kill").args(["-TERM", &self.process.id().to_string()]).status().unwrap();
        assert!(asked.success());
        self.process.wait().unwrap().code()
    }
}

impl Drop for Hub {
    fn drop(&mut self) {
        // One that has ended already is fine.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[tokio::test]
async fn a_new_home_is_claimed_listed_commanded_and_watched() {
    let folder = tempfile::tempdir().unwrap();
    let hub = Hub::start(folder.path());
    let code = hub.code.clone().unwrap();
    assert_eq!(hub.json(&["home"])["location"], json!({"latitude": 52.52, "longitude": 13.4}));
    let status = hub.json(&["status"]);
    assert_eq!((&status["state"], status["setup_code"].as_str()), (&json!("new"), Some(code.as_str())));
    let written = std::fs::read_to_string(folder.path().join("data/setup-code")).unwrap();
    assert_eq!(written.trim(), code);

    // Claim and log in, as from another machine.
    let stranger = hub.client(None);
    assert_eq!(stranger.get("/devices").await.unwrap_err().exit_code(), 5);
    let owner = json!({"username": "anna", "password": "correct horse battery staple"});
    let setup = json!({"setup_code": code, "home_name": "Demo", "owner": owner});
    stranger.post("/setup", &setup).await.unwrap();
    let login = stranger.post("/auth/login", &owner).await.unwrap();
    let anna = hub.client(login["access_token"].as_str());
    // Each password took 19 MiB for a moment; none of that stays.
    stranger.post("/auth/login", &owner).await.unwrap();
    let kept = hub.anonymous_kib();
    assert!(kept < 24_000, "{kept} KiB");

    // The devices appear by themselves.
    let lamp = "demo:hallway-lamp";
    let devices = tokio::time::timeout(LIMIT, async {
        loop {
            let devices = anna.items("/devices").await.unwrap();
            let is_placed = |device: &Value| device["id"] == lamp && device["area"] == "hallway";
            if devices.len() >= 15 && devices.iter().any(is_placed) {
                return devices;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    })
    .await
    .unwrap();
    assert_eq!(hub.json(&["device", "list"])["items"].as_array().unwrap().len(), devices.len());

    // A command over the network is confirmed, and everybody who listens sees it.
    let mut stream = anna.stream().await.unwrap();
    stream.send(&json!({"type": "subscribe", "id": 1, "devices": [lamp]})).await.unwrap();
    assert_eq!(stream.next().await.unwrap().unwrap()["type"], "snapshot");
    let off = json!({"set": {"on": false}});
    let path = format!("/devices/{}/commands?wait=10s", encode(lamp));
    assert_eq!(anna.post(&path, &off).await.unwrap()["status"], "confirmed");
    let output = hub.hearth(&["device", "set", "Hallway lamp", "on=true", "brightness=40"]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains("on=true: confirmed (report)") && text.contains("brightness=40: confirmed"), "{text}");
    tokio::time::timeout(LIMIT, async {
        loop {
            let message = stream.next().await.unwrap().unwrap();
            let event = &message["event"];
            if event["kind"] == "state_changed" && event["attribute"] == "on" && event["to"] == true {
                return;
            }
        }
    })
    .await
    .unwrap();

    // The command line, by its exit codes.
    let table: &[(&[&str], i32)] = &[
        (&["device", "show", "Hallway lamp"], 0),
        (&["device", "show", "Hallway lmap"], 4),
        (&["device", "set", "Hallway motion", "occupancy=true"], 1),
        (&["device", "rename", "Hallway lamp", "Lamp of the hall"], 0),
        (&["device", "remove", "Lamp of the hall"], 2),
        (&["area", "add", "Cellar"], 0),
        (&["area", "remove", "Cellar", "--yes"], 0),
        (&["driver", "list"], 0),
        (&["automation", "list"], 0),
        (&["scene", "capture", "Evening", "Lamp of the hall"], 0),
        (&["scene", "capture", "evening", "Lamp of the hall"], 6),
        (&["scene", "show", "evening"], 0),
        (&["device", "set", "Lamp of the hall", "brightness=90"], 0),
        (&["scene", "activate", "Evening"], 0),
        (&["scene", "undo", "Evening"], 0),
        (&["scene", "undo", "Evening"], 6),
        (&["scene", "remove", "Evening", "--yes"], 0),
        (&["home", "set", "mode=night", "location=52.52,13.40"], 0),
        (&["home", "set", "mode=party"], 1),
        (&["home"], 0),
        (&["people", "set", "anna", "home"], 0),
        (&["people", "list"], 0),
        (&["events", "-n", "5"], 0),
        (&["notifications"], 0),
        (&["notifications", "--read", "all"], 0),
        (&["notifications", "--read", "nothing"], 4),
        (&["why", "Lamp of the hall", "--at", "yesterday"], 2),
        (&["people", "set", "anna", "hone"], 2),
        (&["device", "set", "Lamp of the hall", "brightness=41%"], 0),
        (&["status", "--host", &hub.address], 0),
        (&["status", "--host", &hub.address, "--token", "wrong"], 5),
        (&["device", "history", "demo:hallway-lamp", "on"], 0),
        (&["token", "list", "--host", &hub.address, "--token", "wrong"], 5),
    ];
    for (arguments, code) in table {
        let output = hub.hearth(arguments);
        let text = [output.stdout, output.stderr].concat();
        assert_eq!(output.status.code(), Some(*code), "{arguments:?}: {}", String::from_utf8_lossy(&text));
    }
    // What other devices did meanwhile does not count.
    let events = hub.hearth(&["events", "-n", "1", "--device", "Lamp of the hall"]);
    let events = String::from_utf8_lossy(&events.stdout).into_owned();
    assert!(events.lines().count() == 1 && events.contains("Lamp of the hall"), "{events}");
    let automations = hub.json(&["automation", "list"]);
    let automations = automations["items"].as_array().unwrap();
    assert_eq!(automations.len(), rules());
    // The home has a place, so that the sun sets in it.
    assert!(automations.iter().all(|rule| rule["findings"] == json!([])), "{automations:#?}");
    assert_eq!(hub.stop(), Some(0));

    // It is still hers after a restart.
    let hub = Hub::start(folder.path());
    assert_eq!(hub.code, None);
    assert_eq!(hub.json(&["status"])["state"], "claimed");
    let anna = hub.client(login["access_token"].as_str());
    assert_eq!(anna.get(&format!("/devices/{}", encode(lamp))).await.unwrap()["name"], "Lamp of the hall");
    assert_eq!(anna.get("/home").await.unwrap()["mode"], "night");
    assert_eq!(anna.items("/people").await.unwrap()[0]["presence"], "home");
    assert_eq!(hub.stop(), Some(0));
}

/// What a rule of the test sets, and what sets it off: nobody in the demo home touches these by themselves.
const LAMP: &str = "Bedside lamp";
const TRIGGER: &str = "Living room lamp";
const ATTRIBUTE: &str = "color_temperature";

fn lines(hub: &Hub, arguments: &[&str]) -> String {
    let output = hub.hearth(arguments);
    let text = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {text}");
    text
}

#[test]
fn why_and_why_not_survive_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let hub = Hub::start(folder.path());
    let deadline = std::time::Duration::from_secs(30);
    let wait_for = |what: &str, is_so: &dyn Fn() -> bool| {
        let mut waited = Duration::ZERO;
        while !is_so() {
            assert!(waited < deadline, "{what} was waited for in vain");
            waited += Duration::from_millis(200);
            std::thread::park_timeout(Duration::from_millis(200));
        }
    };
    wait_for("the rooms", &|| hub.json(&["automation", "list"])["items"].as_array().unwrap().len() == rules());
    let rules = folder.path().join("rules.yaml");
    let rule = format!(
        "name: Match the lamps\nid: match\ntriggers:\n  \
         - numeric: {{device: {TRIGGER}, attribute: {ATTRIBUTE}, above: 4000}}\nconditions:\n  \
         - state: {{device: Hallway smoke alarm, attribute: smoke, is: false}}\nactions:\n  \
         - command: {{device: {LAMP}, set: {{on: true, {ATTRIBUTE}: 3000}}}}\n"
    );
    std::fs::write(&rules, rule).unwrap();
    lines(&hub, &["automation", "add", rules.to_str().unwrap()]);
    lines(&hub, &["device", "set", TRIGGER, "on=true", "color_temperature=2500"]);
    let why_not = lines(&hub, &["why-not", "match"]);
    assert!(why_not.contains("triggers[0] wants above 4000"), "{why_not}");
    lines(&hub, &["device", "set", TRIGGER, "color_temperature=5000"]);
    let why = |hub: &Hub| lines(hub, &["why", LAMP, ATTRIBUTE]);
    wait_for("the rule's command", &|| why(&hub).contains("confirmed by the device"));
    let told = |text: &str| {
        assert!(text.contains("because the rule \"Match the lamps\" set it (action 1, revision 1)."), "{text}");
        assert!(text.contains("The rule fired because Living room lamp reported color_temperature 5000"), "{text}");
        assert!(text.contains("Its condition held: Hallway smoke alarm smoke was false."), "{text}");
        assert!(text.contains("because somebody set it on the command line."), "{text}");
    };
    told(&why(&hub));
    let asked_at = hub.json(&["why", LAMP, ATTRIBUTE])["at"].as_str().unwrap().to_owned();
    let runs = hub.json(&["automation", "runs", "match"]);
    assert_eq!((&runs["items"][0]["phase"], runs["items"].as_array().unwrap().len()), (&json!("finished"), 1));
    assert_eq!(hub.stop(), Some(0));

    let hub = Hub::start(folder.path());
    // The count of events goes on; the hub has only those since its start.
    for count in ["20", "5000"] {
        wait_for("what happens", &|| !lines(&hub, &["events", "-n", count]).is_empty());
    }
    // A simulated lamp begins anew: what it was before is asked.
    told(&lines(&hub, &["why", LAMP, ATTRIBUTE, "--at", &asked_at]));
    let json = hub.json(&["why", LAMP, ATTRIBUTE, "--at", &asked_at]);
    let kinds: Vec<&str> =
        json["chain"].as_array().unwrap().iter().map(|link| link["kind"].as_str().unwrap()).collect();
    // How the rule's command went is remembered only while the hub runs; the person's is kept.
    assert_eq!(kinds, ["state", "run", "state", "command", "person"], "{json:#}");
    assert_eq!(hub.json(&["automation", "runs", "match"])["items"], runs["items"]);
    let near = hub.json(&["why-not", "match"]);
    let misses = near["misses"].as_array().unwrap();
    assert!(misses.iter().any(|miss| miss["result"] == "no_match" && miss["path"] == "triggers[0]"), "{near:#}");
    assert_eq!(hub.stop(), Some(0));
}

#[test]
fn the_service_manager_hears_from_the_hub() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("notify.sock");
    let manager = UnixDatagram::bind(&place).unwrap();
    manager.set_read_timeout(Some(LIMIT)).unwrap();
    let hear = || {
        let mut buffer = [0; 256];
        let count = manager.recv(&mut buffer).unwrap();
        String::from_utf8_lossy(&buffer[..count]).trim().to_owned()
    };
    let environment = [("NOTIFY_SOCKET", place.to_str().unwrap()), ("WATCHDOG_USEC", "200000")];
    let hub = Hub::start_with(folder.path(), &environment);
    let heard: Vec<String> = (0..3).map(|_| hear()).collect();
    assert!(heard.contains(&"READY=1".to_owned()) && heard.contains(&"WATCHDOG=1".to_owned()), "{heard:?}");
    assert_eq!(hub.stop(), Some(0));
    while hear() != "STOPPING=1" {}
}
