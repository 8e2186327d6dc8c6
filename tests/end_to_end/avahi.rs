//! Hubs on a local network, judged by Avahi: what desktops and servers with Linux look with.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use hub_tests::lan::{Host, Lan};
use hub_tests::skip::has_programs;
use hub_tests::{Bench, eventually};

use crate::lan::{LanHub, Process, SOON};

/// A record lives for two minutes at least where nobody says goodbye.
const GOODBYE: Duration = Duration::from_secs(20);

/// Avahi on a host, over a bus of its own: nothing of this machine is started, asked or written to.
struct Avahi {
    host: Host,
    bus: String,
    _daemons: [Process; 2],
}

impl Avahi {
    fn start(host: &Host, folder: &Path) -> Self {
        let counterparts = hub_tests::bench::counterparts().join("lan");
        let (socket, said) = (folder.join("bus"), folder.join("avahi.log"));
        let bus = format!("unix:path={}", socket.display());
        let log = |name: &str| File::create(folder.join(name)).expect("a log can be made");
        let mut daemon = Command::new("dbus-daemon");
        daemon.arg(format!("--config-file={}", counterparts.join("bus.conf").display()));
        daemon.args([&format!("--address={bus}"), "--nofork", "--nopidfile"]).stderr(log("bus.log"));
        let first = Process(daemon.spawn().expect("a bus can be started"));
        eventually("the bus", SOON, || if socket.exists() { Ok(()) } else { Err("there is no socket") });
        // Where it notes that it runs is not that of an Avahi of this machine: mounts are the namespace's own.
        let script = "mount -t tmpfs tmpfs /run && mkdir /run/avahi-daemon && PATH=$PATH:/usr/sbin exec avahi-daemon \
            --file \"$0\" --no-drop-root --no-chroot --no-rlimits --no-proc-title";
        let mut daemon = host.command(Path::new("sh"));
        daemon.args(["-c", script]).arg(counterparts.join("avahi.conf"));
        daemon.env("DBUS_SYSTEM_BUS_ADDRESS", &bus).stdout(log("avahi.out")).stderr(log("avahi.log"));
        let second = Process(daemon.spawn().expect("Avahi can be started"));
        let avahi = Self { host: host.clone(), bus, _daemons: [first, second] };
        eventually("Avahi", SOON, || {
            let asked = avahi.command("avahi-browse").args(["--terminate", "--all"]).output();
            if asked.is_ok_and(|output| output.status.success()) { Ok(()) } else { Err(fs::read_to_string(&said)) }
        });
        avahi
    }

    fn command(&self, program: &str) -> Command {
        let mut command = self.host.command(Path::new(program));
        command.env("DBUS_SYSTEM_BUS_ADDRESS", &self.bus);
        command
    }

    /// What it has found by now.
    fn found(&self) -> Vec<Found> {
        let output = self.command("avahi-browse").args(BROWSE).arg("--terminate").output();
        let text = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
        text.lines().filter_map(Found::read).collect()
    }

    /// Writes down what comes and goes.
    fn watch(&self, file: &PathBuf) -> Process {
        let mut command = self.command("avahi-browse");
        command.args(BROWSE).stdout(File::create(file).expect("a file can be made"));
        Process(command.spawn().expect("avahi-browse can be started"))
    }

    /// The address behind a name.
    fn address(&self, name: &str) -> String {
        let output = self.command("avahi-resolve").args(["-4", "--name", name]).output();
        let text = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
        text.split_whitespace().nth(1).unwrap_or_default().to_owned()
    }
}

const BROWSE: [&str; 4] = ["--parsable", "--resolve", "--no-db-lookup", "_hearth._tcp"];

/// A hub as Avahi tells of it.
#[derive(Debug, PartialEq)]
struct Found {
    family: String,
    name: String,
    host: String,
    address: String,
    port: String,
    text: BTreeSet<String>,
}

impl Found {
    /// A line of `avahi-browse --parsable --resolve`.
    fn read(line: &str) -> Option<Self> {
        let fields: Vec<&str> = line.splitn(10, ';').collect();
        let ["=", _, family, name, _, _, host, address, port, text] = fields.as_slice() else { return None };
        let owned = |field: &&str| (*field).to_owned();
        let text = text.trim_matches('"').split("\" \"").map(ToOwned::to_owned).collect();
        let [family, name, host, address, port] = [family, name, host, address, port].map(owned);
        Some(Self { family, name, host, address, port, text })
    }
}

#[test]
fn a_hub_is_found_renamed_and_gone_as_avahi_sees_it() {
    if !has_programs(&["avahi-daemon", "avahi-browse", "avahi-resolve", "dbus-daemon"]) {
        return;
    }
    let bench = Bench::new("avahi");
    let Some(lan) = Lan::new("hearth-avahi", 2) else { return };
    let avahi = Avahi::start(lan.host(2), bench.folder());
    let seen = bench.folder().join("seen");
    let _watching = avahi.watch(&seen);
    let mut hub = LanHub::start(lan.host(1), bench.folder().join("hub"));
    let status = hub.status();
    let id = status["hub_id"].as_str().expect("a hub has an id").to_owned();
    let tail = &id[id.len() - 4..];
    let text = |name: &str| {
        let fingerprint = status["tls"]["fingerprint"].as_str().expect("a hub has a fingerprint");
        let version = env!("CARGO_PKG_VERSION");
        let all = format!("id={id};nm={name};ver={version};api=1;path=/api/v1;st=0;tls=8443;fp={fingerprint}");
        all.split(';').map(ToOwned::to_owned).collect::<BTreeSet<String>>()
    };
    let wanted = |name: &str| Found {
        family: "IPv4".to_owned(),
        name: format!("Hearth\\032{tail}"),
        host: format!("hearth-{tail}.local"),
        address: "10.77.0.1".to_owned(),
        port: "8443".to_owned(),
        text: text(name),
    };
    let until_found = |name: &str| {
        eventually("the hub", SOON, || {
            let found = avahi.found();
            let is_there = found.contains(&wanted(name)) && found.iter().any(|one| one.family == "IPv6");
            if is_there { Ok(()) } else { Err(found) }
        });
    };
    until_found("Home");
    assert_eq!(avahi.address(&format!("hearth-{tail}.local")), "10.77.0.1");
    assert_eq!(avahi.address("hearth.local"), "10.77.0.1");
    // Another name of the home is another text.
    hub.hearth(&["home", "set", "name=Villa Kunterbunt"]);
    until_found("Villa Kunterbunt");
    // Its goodbye is heard at once, not when the record has grown old.
    let lines = |sign: &str| {
        let seen = fs::read_to_string(&seen).unwrap_or_default();
        seen.lines().filter(|line| line.starts_with(&format!("{sign};eth0;IPv4;Hearth\\032{tail};"))).count()
    };
    assert_eq!((lines("+"), lines("-")), (1, 0));
    assert_eq!(hub.stop(), Some(0));
    eventually("the goodbye", GOODBYE, || match lines("-") {
        1 => Ok(()),
        _ => Err(fs::read_to_string(&seen)),
    });
}
