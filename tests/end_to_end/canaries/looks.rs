//! Looks at everything that may be sent to somebody: answers, logs, metrics, what programs print, what lies on the disk.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use hub_tests::hub::program;
use hub_tests::{Bench, eventually};
use serde_json::{Value, json};

use super::exchange::Client;
use super::sown::{AtRest, Seen};
use super::story::Story;
use super::{SOON, anything, kept, leaks, not_for};

/// What a path in the description of the API stands for, by what is before it.
const STAND_INS: &[(&str, &str)] = &[
    ("revisions", "1"),
    ("drivers", "demo"),
    ("commands", "none"),
    ("webhooks", "none-of-this-name"),
    ("permissions", "adult"),
];
/// Paths that are no questions: they wait, or end what is needed still.
const LEFT_OUT: [&str; 1] = ["/api/v1/stream"];

impl Story {
    /// A hub that nobody has claimed shows its code to nobody from the network.
    pub(crate) fn looks_of_a_new_hub(&mut self) -> Vec<String> {
        let code = self.hub.setup_code();
        let file = fs::metadata(self.hub.data().join("setup-code")).expect("the file of the code");
        assert_eq!(file.permissions().mode() & 0o077, 0, "the set-up code is for the hub's user alone");
        // The file is written first; the doors are told of when all of them are open.
        let shown = || self.hub.log().contains(&code).then_some(()).ok_or("not yet");
        eventually("the code is shown at the start", SOON, shown);
        let paths = self.paths();
        let nobody = self.nobody();
        let answers = paths.iter().filter(|(method, _)| method == "GET").map(|(_, path)| nobody.get(path).whole);
        let leaking: Vec<String> = answers.filter(|answer| answer.contains(&code)).collect();
        leaking.into_iter().map(|answer| format!("a new hub: {answer}")).collect()
    }

    /// Every path of the description, with something that is there in place of each id.
    fn paths(&self) -> Vec<(String, String)> {
        let document = self.nobody().get("openapi.json").json();
        let paths = document["paths"].as_object().expect("paths");
        let of = |path: &String, methods: &Value| -> Vec<(String, String)> {
            let (mut filled, mut before) = (String::new(), "");
            for part in path.split('/').skip(1) {
                let known =
                    || self.ids.iter().rev().find(|(things, _)| things.ends_with(before)).map(|(_, id)| id.as_str());
                let stand_in = || STAND_INS.iter().find(|(things, _)| *things == before).map(|(_, id)| *id);
                let name = if part.starts_with('{') { known().or_else(stand_in).unwrap_or("none") } else { part };
                filled += &format!("/{}", super::percent(name));
                before = part;
            }
            let methods = methods.as_object().into_iter().flatten().map(|(method, _)| method.to_uppercase());
            methods.filter(|method| method != "PARAMETERS").map(|method| (method, filled.clone())).collect()
        };
        let all: Vec<(String, String)> = paths.iter().flat_map(|(path, methods)| of(path, methods)).collect();
        assert!(all.len() > 100, "the description has all paths: {}", all.len());
        all.into_iter().filter(|(_, path)| !LEFT_OUT.contains(&path.as_str())).collect()
    }

    /// Everybody asks for everything.
    pub(crate) fn looks_of_a_running_hub(&mut self) -> Vec<String> {
        let mut found = Vec::new();
        let (owner, guest, nobody) = (self.owner.clone(), self.guest.clone(), self.nobody());
        let paths = self.paths();
        let mut ask = |story: &mut Self, who: Seen, client: &Client, (method, path): &(String, String)| {
            let body = if method == "GET" { Value::Null } else { json!({}) };
            let answer = client.send(method, path, &body);
            assert!(answer.status != 500, "{method} {path}: {}", answer.whole);
            found.extend(leaks(
                &format!("{method} {path} for {who:?}"),
                not_for(&story.sown, who).within(answer.whole.as_bytes()),
            ));
        };
        for path in &paths {
            ask(self, Seen::Public, &nobody, path);
            if path.0 == "GET" {
                ask(self, Seen::Owner, &owner, path);
            }
            // Nothing that ends the guest's own session.
            if path.0 == "GET" || !path.1.contains("/auth/") && !path.1.contains("/me") {
                ask(self, Seen::Guest, &guest, path);
            }
        }
        let device = self.id_of("devices");
        for path in [
            format!("why?device={device}&attribute=on"),
            format!("devices/{device}/history?attribute=on"),
            format!("can?action=control&device={device}&attribute=on"),
            "audit?limit=1000".to_owned(),
            "revisions?limit=1000".to_owned(),
        ] {
            let get = ("GET".to_owned(), format!("/api/v1/{path}"));
            ask(self, Seen::Owner, &owner, &get);
            ask(self, Seen::Guest, &guest, &get);
            ask(self, Seen::Public, &nobody, &get);
        }
        for (who, answer) in &self.answers {
            found.extend(leaks(&format!("an answer for {who:?}"), not_for(&self.sown, *who).within(answer.as_bytes())));
        }
        for path in ["/metrics", "/healthz", "/readyz"] {
            let answers = [&nobody, &owner].map(|client| client.get(path).whole).concat();
            assert!(answers.contains("200 OK"), "{answers}");
            found.extend(leaks(path, anything(&self.sown).within(answers.as_bytes())));
        }
        let process = self.hub.process_id().expect("it runs");
        let command_line = fs::read(format!("/proc/{process}/cmdline")).expect("an own process can be looked at");
        found.extend(leaks("the command line of the daemon", anything(&self.sown).within(&command_line)));
        found
    }

    /// What the command line prints: to an owner at the hub, and to somebody with nothing.
    pub(crate) fn looks_of_the_command_line(&mut self, bench: &Bench) -> Vec<String> {
        let mut found = Vec::new();
        let socket = bench.folder().join("hearth.sock").display().to_string();
        let commands: [&[&str]; 14] = [
            &["status"],
            &["home"],
            &["device", "list"],
            &["area", "list"],
            &["scene", "list"],
            &["automation", "list"],
            &["user", "list"],
            &["token", "list"],
            &["people", "list"],
            &["permission", "list"],
            &["driver", "list"],
            &["message", "channels"],
            &["notifications", "list"],
            &["audit"],
        ];
        for command in commands {
            for json in [&[][..], &["--json"]] {
                let output = hearth(&[&["--socket", &socket], json, command].concat(), &[]);
                let place = format!("hearth {}", command.join(" "));
                found.extend(leaks(&place, not_for(&self.sown, Seen::Owner).within(&both(&output))));
            }
        }
        // What is refused says nothing of what was shown.
        let host = format!("http://127.0.0.1:{}", self.hub.port());
        let wrong = self.sown.text("wrong token");
        for (arguments, environment) in [
            (vec!["--host", &host, "--token", wrong, "device", "list"], vec![]),
            (vec!["--host", &host, "device", "list"], vec![("HEARTH_TOKEN", wrong)]),
            (vec!["--host", "http://127.0.0.1:1", "device", "list"], vec![("HEARTH_TOKEN", wrong)]),
            (vec!["--host", &host, "--token", wrong, "device", "frobnicate"], vec![]),
            (vec!["--help"], vec![("HEARTH_TOKEN", wrong)]),
        ] {
            let output = hearth(&arguments, &environment);
            found.extend(leaks("hearth with a wrong token", anything(&self.sown).within(&both(&output))));
        }
        found.extend(self.looks_of_configurations(bench));
        found
    }

    /// Configurations that are wrong where something secret stands.
    fn looks_of_configurations(&self, bench: &Bench) -> Vec<String> {
        let (value, password, key) = ("value in a file of the configuration", "broker's password", "private key");
        let driver = "[[driver]]\nid = \"z\"\ntype = \"zigbee2mqtt\"\n";
        let (value, password) = (self.sown.text(value), self.sown.text(password));
        let pem = bench.folder().join("wrong.pem");
        let text = self.sown.text(key);
        fs::write(&pem, format!("-----BEGIN PRIVATE KEY-----\n{text}\n-----END PRIVATE KEY-----\n{text}\n"))
            .expect("a file can be written");
        let mut found = Vec::new();
        for text in [
            format!("{driver}username = \"u\"\npassword = [\"{value}\"]"),
            format!("{driver}username = \"u\"\npassword = {value}"),
            format!("{driver}username = \"u\"\npassword = \"{value}"),
            format!("{driver}password = \"{value}\""),
            format!("{driver}username = \"u\"\npassword = \"{value}\"\npassword_file = \"/{value}\""),
            format!("{driver}broker = \"mqtt://u:{value}@h\""),
            format!("{driver}broker = \"mqtt://u:{value}@h:99999/{value}\""),
            format!("{driver}username = \"{value}\"\npassword = \"{}\"\nport = 1", password.replace('"', "")),
            format!("driver = [{{ id = \"z\", type = \"zigbee2mqtt\", password = {{ x = \"{value}\" }} }}]"),
            format!("[tls]\ncertificate = \"{0}\"\nkey = \"{0}\"", pem.display()),
        ] {
            let file = bench.folder().join("wrong.toml");
            fs::write(&file, &text).expect("a file can be written");
            let file = file.display().to_string();
            let data = bench.folder().join("wrong-data").display().to_string();
            for arguments in [
                vec!["check-config", &file],
                vec!["run", "--config", &file, "--data", &data, "--listen", "127.0.0.1:0"],
            ] {
                let output = hearth(&arguments, &[("HEARTH_LOG", "trace")]);
                assert_eq!(output.status.code(), Some(78), "{text}\n{}", String::from_utf8_lossy(&output.stderr));
                found.extend(leaks(
                    &format!("hearth {} of\n{text}", arguments[0]),
                    anything(&self.sown).within(&both(&output)),
                ));
            }
        }
        found
    }

    /// It is killed, finds its records damaged, and is stopped.
    pub(crate) fn the_hub_falls_and_gets_up(&mut self) {
        self.hub.kill();
        self.hub.start();
        assert_eq!(self.hub.stop(), Some(0));
        damage(&self.hub.data().join("core.db"));
        self.hub.start();
        assert_eq!(self.hub.stop(), Some(0));
        // Two on one port: the second one says so and ends.
        self.hub.start();
        let port = format!("127.0.0.1:{}", self.hub.port());
        let output = hearth(
            &["run", "--config", "/dev/null", "--data", "/nonexistent", "--listen", &port],
            &[("HEARTH_LOG", "trace")],
        );
        assert_ne!(output.status.code(), Some(0));
        let found = anything(&self.sown).within(&both(&output));
        assert!(found.is_empty(), "{found:?}");
        assert_eq!(self.hub.stop(), Some(0));
    }

    /// The logs of all this, and the disk.
    pub(crate) fn looks_of_what_is_left(&self, bench: &Bench, level: &str) -> Vec<String> {
        let log = fs::read(bench.folder().join("hearth.log")).expect("a log");
        let text = String::from_utf8_lossy(&log);
        let mut found = leaks("the log", anything(&self.sown).within(&log));
        let provoked = ["The store was mended", "A message was not delivered", "its run of this time says why"];
        let missing = provoked.iter().filter(|sentence| !text.contains(**sentence));
        found.extend(missing.map(|sentence| format!("the story provokes this no more: {sentence}")));
        assert_eq!(level == "trace", text.contains("DEBUG"), "the level is the one that was asked for");
        let output = fs::read_to_string(bench.folder().join("hearth.out")).expect("what was printed");
        // The one place where the set-up code is meant to be.
        let output: Vec<&str> = output.lines().filter(|line| !line.contains("Set-up code")).collect();
        found.extend(leaks("the standard output", anything(&self.sown).within(output.join("\n").as_bytes())));
        let mut private = 0;
        for file in files(self.hub.data()) {
            let bytes = fs::read(&file).expect("an own file can be read");
            let mode = fs::metadata(&file).expect("an own file").permissions().mode() & 0o777;
            let name = format!("{} ({mode:o})", file.display());
            found.extend(leaks(&name, kept(&self.sown, AtRest::Nowhere).within(&bytes)));
            let within = kept(&self.sown, AtRest::Private).within(&bytes);
            private += within.len();
            if mode & 0o077 != 0 {
                found.extend(leaks(&name, within));
            }
        }
        assert!(private > 10, "what is kept is found where it is kept: {private}");
        found
    }
}

fn both(output: &Output) -> Vec<u8> {
    [&output.stdout[..], &output.stderr].concat()
}

fn hearth(arguments: &[&str], environment: &[(&str, &str)]) -> Output {
    let mut command = Command::new(program());
    command.args(arguments).envs(environment.iter().copied()).stdin(Stdio::null());
    command.output().expect("the program can be started")
}

/// All files of a folder and those within it.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder).expect("an own folder can be read").map_while(Result::ok) {
        if entry.path().is_dir() {
            all.extend(files(&entry.path()));
        } else if entry.path().is_file() {
            all.push(entry.path());
        }
    }
    all
}

/// Turns some bits in the second half of a database.
fn damage(file: &Path) {
    let mut bytes = fs::read(file).expect("the database can be read");
    let half = bytes.len() / 2;
    bytes[half..].iter_mut().step_by(97).for_each(|byte| *byte ^= 0x10);
    fs::write(file, bytes).expect("the database can be written");
}
