//! Hubs on a local network: found by name, recognised by their key, and reached encrypted. Judged by python-zeroconf and
//! curl on another host.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use hub_tests::hub::program;
use hub_tests::lan::{Host, Lan};
use hub_tests::skip::{has_programs, skip};
use hub_tests::wait::timed;
use hub_tests::{Bench, eventually};
use serde_json::{Value, json};

/// Long enough for a name to be probed and told on a busy machine.
pub(crate) const SOON: Duration = Duration::from_secs(30);
/// Long enough for a hub to look at its addresses and make a certificate.
const LATER: Duration = Duration::from_secs(60);
/// The system's own Python, which has what the system's packages bring.
const PYTHON: &str = "/usr/bin/python3";

/// A process on a host.
pub(crate) struct Process(pub(crate) Child);

impl Process {
    /// Asks it to end, and gives back its exit code.
    pub(crate) fn end(mut self) -> Option<i32> {
        let told = Command::new("kill").args(["-TERM", &self.0.id().to_string()]).status();
        assert!(told.is_ok_and(|status| status.success()));
        eventually("the end of a process", SOON, || self.0.try_wait().ok().flatten().ok_or("it runs")).code()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A hub on a host.
pub(crate) struct LanHub {
    host: Host,
    folder: PathBuf,
    process: Option<Process>,
}

impl LanHub {
    pub(crate) fn start(host: &Host, folder: PathBuf) -> Self {
        fs::create_dir_all(&folder).expect("a folder can be made");
        let configuration = format!("[hub]\nsocket = \"{}\"\n", folder.join("hearth.sock").display());
        fs::write(folder.join("hearth.toml"), configuration).expect("the configuration can be written");
        let log = |name: &str| File::create(folder.join(name)).expect("a log can be made");
        let child = host
            .command(&program())
            .args(["run", "--config", "hearth.toml", "--data", "data"])
            .current_dir(&folder)
            .stdout(log("hearth.out"))
            .stderr(log("hearth.log"))
            .spawn()
            .expect("the hub can be started");
        let hub = Self { host: host.clone(), folder, process: Some(Process(child)) };
        eventually("the hub to be ready", SOON, || {
            let status = hub.status();
            if status["ready"] == true { Ok(()) } else { Err(fs::read_to_string(hub.folder.join("hearth.log"))) }
        });
        hub
    }

    /// What the command line says by the local socket, which is no matter of networks.
    pub(crate) fn hearth(&self, arguments: &[&str]) -> Value {
        let socket = self.folder.join("hearth.sock");
        let output = Command::new(program()).args(arguments).args(["--json", "--socket"]).arg(socket).output();
        serde_json::from_slice(&output.expect("the program can be started").stdout).unwrap_or_default()
    }

    pub(crate) fn status(&self) -> Value {
        self.hearth(&["status"])
    }

    /// Stops it, and gives back its exit code.
    pub(crate) fn stop(&mut self) -> Option<i32> {
        self.process.take().and_then(Process::end)
    }

    fn authority(&self) -> String {
        self.folder.join("data/tls/authority.pem").display().to_string()
    }
}

/// What the listener has heard so far.
fn heard(file: &Path) -> Vec<Value> {
    let text = fs::read_to_string(file).unwrap_or_default();
    text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
}

/// Waits until the listener has heard something that suits.
fn until_heard(file: &Path, what: &str, suits: impl Fn(&Value) -> bool) -> Value {
    eventually(what, SOON, || heard(file).into_iter().rev().find(|line| suits(line)).ok_or_else(|| heard(file)))
}

/// What curl gets: the status (000 = nothing) and the exit code.
fn curl(host: &Host, arguments: &[&str]) -> (String, i32) {
    let fixed = ["-s", "-o", "/dev/null", "-m", "10", "-w", "%{http_code} %{redirect_url}"];
    let output = host.run(Path::new("curl"), &[&fixed, arguments].concat());
    (String::from_utf8_lossy(&output.stdout).trim().to_owned(), output.status.code().unwrap_or(-1))
}

/// What `hearth discover` finds.
fn discovered(host: &Host) -> Vec<Value> {
    let output = host.run(&program(), &["discover", "--json"]);
    let found: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
    found["items"].as_array().cloned().unwrap_or_default()
}

/// Whether the system's Python has the library that listens.
fn can_listen() -> bool {
    let found = Command::new(PYTHON).args(["-c", "import zeroconf"]).stderr(Stdio::null()).status();
    if found.is_ok_and(|status| status.success()) {
        return true;
    }
    skip("python3-zeroconf is not installed");
    false
}

#[test]
fn hubs_are_found_recognised_and_reached() {
    if !has_programs(&["curl"]) || !can_listen() {
        return;
    }
    let bench = Bench::new("lan");
    let Some(lan) = Lan::new("hearth-lan", 3) else { return };
    let guest = lan.host(3);
    let sounds = bench.folder().join("heard");
    let listener = guest
        .command(Path::new(PYTHON))
        .arg(hub_tests::bench::counterparts().join("lan/listen.py"))
        .stdin(Stdio::piped())
        .stdout(File::create(&sounds).expect("a file can be made"))
        .spawn()
        .expect("python can be started");
    let _listener = Process(listener);
    until_heard(&sounds, "the listener", |line| line["what"] == "listening");

    // A new hub tells of itself.
    let mut first = LanHub::start(lan.host(1), bench.folder().join("first"));
    let status = first.status();
    let id = status["hub_id"].as_str().expect("a hub has an id").to_owned();
    let tail = &id[id.len() - 4..];
    let told = until_heard(&sounds, "the hub", |line| line["text"]["id"] == id.as_str());
    assert_eq!(told["host"], format!("hearth-{tail}.local."));
    assert_eq!(told["port"], 8443);
    let text = &told["text"];
    let expected = json!({"id": id, "nm": "Home", "ver": env!("CARGO_PKG_VERSION"), "api": "1", "path": "/api/v1",
        "st": "0", "tls": "8443", "fp": status["tls"]["fingerprint"]});
    assert_eq!(text, &expected);
    assert!(told["addresses"].as_array().is_some_and(|all| all.contains(&json!("10.77.0.1"))), "{told}");
    until_heard(&sounds, "the shared name", |line| {
        line["service"] == "_http._tcp.local." && line["host"] == "hearth.local."
    });
    let found = discovered(guest);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!((&found[0]["id"], &found[0]["url"]), (&json!(id), &json!("https://10.77.0.1:8443")));
    assert!(found[0]["addresses"].as_array().is_some_and(|all| all.contains(&json!("fd77::1"))), "{found:?}");

    // It is recognised by its authority, and only as what it is.
    let authority = first.authority();
    let own_name = format!("hearth-{tail}.local:8443:10.77.0.1");
    for (arguments, expected) in [
        (&["--cacert", &authority, "https://10.77.0.1:8443/healthz"][..], ("200", 0)),
        (&["--cacert", &authority, "https://[fd77::1]:8443/healthz"], ("200", 0)),
        (
            &["--cacert", &authority, "--resolve", &own_name, &format!("https://hearth-{tail}.local:8443/healthz")],
            ("200", 0),
        ),
        (
            &["--cacert", &authority, "--resolve", "bank.example:8443:10.77.0.1", "https://bank.example:8443/"],
            ("000", 60),
        ),
        (&["https://10.77.0.1:8443/healthz"], ("000", 60)),
        (&["http://10.77.0.1:8080/api/v1/status"], ("200", 0)),
        (&["http://10.77.0.1:8080/api/v1/devices"], ("403", 0)),
        (&["http://10.77.0.1:8080/certificate"], ("200", 0)),
        (&["-H", "Accept: text/html", "http://10.77.0.1:8080/x?y=1"], ("302 https://10.77.0.1:8443/x?y=1", 0)),
    ] {
        let (said, code) = curl(guest, arguments);
        assert_eq!((said.as_str(), code), expected, "{arguments:?}");
    }

    // The command line recognises it by its key.
    let fingerprint = status["tls"]["fingerprint"].as_str().expect("a hub has a fingerprint");
    let by = |fingerprint: &str| {
        guest.run(&program(), &["--host", "https://10.77.0.1", "--fingerprint", fingerprint, "status", "--json"])
    };
    assert_eq!(by(fingerprint).status.code(), Some(0));
    let refused = by(&fingerprint.replace(|digit: char| digit != '0', "0"));
    assert_eq!(refused.status.code(), Some(5));
    let words = String::from_utf8_lossy(&refused.stderr);
    assert!(words.contains(fingerprint) && words.contains("--fingerprint"), "{words}");

    // Claimed, and with another name, it tells so.
    let code = status["setup_code"].as_str().expect("a new hub has a code");
    let body = json!({"setup_code": code, "home_name": "Villa Kunterbunt",
        "owner": {"username": "anna", "password": "correct horse battery staple"}});
    let claim = [
        "--cacert",
        &authority,
        "-H",
        "Content-Type: application/json",
        "-d",
        &body.to_string(),
        "https://10.77.0.1:8443/api/v1/setup",
    ];
    assert_eq!(curl(guest, &claim), ("201".to_owned(), 0));
    until_heard(&sounds, "the new name", |line| line["text"]["st"] == "1" && line["text"]["nm"] == "Villa Kunterbunt");

    // One more address is told, and the certificate holds it.
    first.host.add_address("10.77.0.9/24");
    eventually("a certificate for the new address", LATER, || {
        match curl(guest, &["--cacert", &authority, "https://10.77.0.9:8443/healthz"]) {
            (_, 0) => Ok(()),
            other => Err(other),
        }
    });
    eventually("the new address in the record", SOON, || {
        let found = discovered(guest);
        let has_it =
            found.iter().any(|hub| hub["addresses"].as_array().is_some_and(|all| all.contains(&json!("10.77.0.9"))));
        if has_it { Ok(()) } else { Err(found) }
    });

    // A second hub has a name of its own.
    let second = LanHub::start(lan.host(2), bench.folder().join("second"));
    let other = second.status()["hub_id"].as_str().expect("a hub has an id").to_owned();
    let told = until_heard(&sounds, "the second hub", |line| line["text"]["id"] == other.as_str());
    assert_ne!(told["host"], format!("hearth-{tail}.local."));
    eventually("both hubs are found within two seconds", SOON, || {
        let (found, time) = timed(|| discovered(guest));
        let mut found: Vec<String> = found.iter().filter_map(|hub| hub["id"].as_str().map(ToOwned::to_owned)).collect();
        found.sort();
        let mut wanted = [id.clone(), other.clone()];
        wanted.sort();
        if found == wanted && time < Duration::from_secs(2) { Ok(()) } else { Err((found, time)) }
    });
    let shared: Vec<Value> = heard(&sounds)
        .into_iter()
        .filter(|line| line["service"] == "_http._tcp.local." && line["host"] == "hearth.local.")
        .collect();
    assert!(shared.iter().all(|line| line["name"] == shared[0]["name"]), "one hub has the shared name: {shared:?}");

    // It says goodbye.
    assert_eq!(first.stop(), Some(0));
    until_heard(&sounds, "the goodbye", |line| {
        line["what"] == "removed" && line["name"] == format!("Hearth {tail}._hearth._tcp.local.")
    });

    // Somebody else has its name when it comes back: it takes another one.
    let squatter = guest
        .command(Path::new(PYTHON))
        .arg(hub_tests::bench::counterparts().join("lan/squat.py"))
        .args([&format!("Hearth {tail}"), "10.77.0.3"])
        .stdin(Stdio::piped())
        .stdout(File::create(bench.folder().join("squatter")).expect("a file can be made"))
        .spawn()
        .expect("python can be started");
    let _squatter = Process(squatter);
    eventually("the squatter", SOON, || match fs::read_to_string(bench.folder().join("squatter")) {
        Ok(said) if said.starts_with("held") => Ok(()),
        other => Err(other),
    });
    let _back = LanHub::start(lan.host(1), bench.folder().join("first"));
    until_heard(&sounds, "another name", |line| {
        line["name"] == format!("Hearth {tail} (2)._hearth._tcp.local.") && line["text"]["id"] == id.as_str()
    });
}
