//! What lies outside the home: a push service and a mail server, other people's.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use crate::Api;
use crate::bench::{Bench, counterparts};
use crate::hub::free_port;
use crate::skip::{has_programs, skip};
use crate::wait::eventually;

/// How long a start may take on a busy machine.
const START: Duration = Duration::from_secs(30);

/// A program that ends with its input.
#[derive(Debug)]
struct Program {
    process: Child,
    _input: ChildStdin,
}

impl Program {
    fn start(command: &mut Command) -> Self {
        let mut process = command.stdin(Stdio::piped()).spawn().expect("the program can be started");
        let input = process.stdin.take().expect("its input is ours");
        Self { process, _input: input }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A third party's push service for browsers (`web-push-testing`), which decrypts what it takes.
#[derive(Debug)]
pub struct PushService {
    _program: Program,
    api: Api,
}

/// A browser that has subscribed.
#[derive(Debug)]
pub struct Browser {
    /// `PushSubscription.toJSON()`
    pub subscription: Value,
    client: String,
}

impl PushService {
    /// Whether it is installed; says so if not.
    pub fn is_possible() -> bool {
        if !has_programs(&["node"]) {
            return false;
        }
        let installed = counterparts().join("web_push/node_modules/web-push-testing/package.json").is_file();
        if !installed {
            skip("web-push-testing is not installed (npm ci --ignore-scripts in tests/web_push)");
        }
        installed
    }

    /// Starts it and waits until it answers.
    pub fn start(bench: &Bench) -> Self {
        let port = free_port();
        let log = std::fs::File::create(bench.folder().join("push.log")).expect("a log can be opened");
        let errors = log.try_clone().expect("a log can be shared");
        let program = Program::start(
            Command::new("node")
                .arg(counterparts().join("web_push/service.js"))
                .arg(port.to_string())
                .stdout(log)
                .stderr(errors),
        );
        let service = Self { _program: program, api: Api::new(port) };
        eventually("the push service to answer", START, || service.api.try_post("/status", &json!({})));
        service
    }

    /// A browser subscribes with the key of a hub.
    pub fn subscribe(&self, key: &str) -> Browser {
        let answer = self.api.post("/subscribe", &json!({"userVisibleOnly": "true", "applicationServerKey": key})).ok();
        let mut subscription = answer["data"].clone();
        let client = subscription["clientHash"].as_str().expect("a browser has an id").to_owned();
        if let Some(fields) = subscription.as_object_mut() {
            fields.remove("clientHash");
            fields.insert("expirationTime".to_owned(), Value::Null);
        }
        Browser { subscription, client }
    }

    /// What a browser was told, decrypted.
    pub fn messages(&self, browser: &Browser) -> Vec<Value> {
        let answer = self.api.post("/get-notifications", &json!({"clientHash": browser.client})).ok();
        let messages = answer["data"]["messages"].as_array().cloned().unwrap_or_default();
        let read = |message: &Value| serde_json::from_str(message.as_str()?).ok();
        messages.iter().filter_map(read).collect()
    }

    /// A browser unsubscribes.
    pub fn expire(&self, browser: &Browser) {
        self.api.post(&format!("/expire-subscription/{}", browser.client), &json!({})).ok();
    }
}

/// How the way to a mail server is encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailTls {
    /// Not.
    None,
    /// After the greeting.
    StartTls,
    /// From the first byte.
    Implicit,
}

/// A third party's mail server (`aiosmtpd`).
#[derive(Debug)]
pub struct MailServer {
    _program: Program,
    mails: Receiver<Value>,
    /// The keys of `[messages.smtp]` of a hub that is to use it.
    pub configuration: String,
}

/// Debian's own: what it installs is not seen by others.
const PYTHON: &str = "/usr/bin/python3";

impl MailServer {
    /// Whether it is installed; says so if not.
    pub fn is_possible() -> bool {
        if !has_programs(&["openssl"]) {
            return false;
        }
        let found = Command::new(PYTHON).args(["-c", "import aiosmtpd"]).stderr(Stdio::null()).status();
        let installed = found.is_ok_and(|status| status.success());
        if !installed {
            skip("aiosmtpd is not installed (Debian's package python3-aiosmtpd)");
        }
        installed
    }

    /// Starts one that wants a login where the way is encrypted.
    pub fn start(bench: &Bench, tls: MailTls) -> Self {
        let port = free_port();
        let folder = bench.folder();
        let (cert, key, password) = (folder.join("mail.pem"), folder.join("mail.key"), folder.join("mail-password"));
        let word = match tls {
            MailTls::None => "none",
            MailTls::StartTls => "starttls",
            MailTls::Implicit => "implicit",
        };
        let mut command = Command::new(PYTHON);
        command.arg(counterparts().join("mail/server.py")).args(["--port", &port.to_string(), "--tls", word]);
        let mut configuration = format!(
            "server = \"localhost\"\nport = {port}\ntls = \"{word}\"\nfrom = \"Hearth <hearth@example.com>\"\n"
        );
        if tls != MailTls::None {
            make_certificate(&cert, &key);
            std::fs::write(&password, "a word\n").expect("a password can be written");
            command.arg("--cert").arg(&cert).arg("--key").arg(&key);
            command.args(["--username", "hearth", "--password", "a word"]);
            configuration += &format!(
                "ca = \"{}\"\nusername = \"hearth\"\npassword_file = \"{}\"\n",
                cert.display(),
                password.display()
            );
        }
        let log = std::fs::File::create(folder.join("mail.log")).expect("a log can be opened");
        let mut program = Program::start(command.stdout(Stdio::piped()).stderr(log));
        let output = program.process.stdout.take().expect("its output is ours");
        let (sender, mails) = sync_channel(64);
        thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                let Ok(value) = serde_json::from_str(&line) else { continue };
                if sender.send(value).is_err() {
                    return;
                }
            }
        });
        assert_eq!(mails.recv_timeout(START).as_ref(), Ok(&json!("ready")), "see mail.log");
        Self { _program: program, mails, configuration }
    }

    /// The next mail that it takes.
    pub fn next(&self, limit: Duration) -> Value {
        self.mails.recv_timeout(limit).expect("a mail comes; see mail.log and hearth.log")
    }
}

fn make_certificate(cert: &Path, key: &Path) {
    let made = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"])
        .args(["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"])
        .args(["-addext", "basicConstraints=critical,CA:FALSE"])
        .arg("-keyout")
        .arg(key)
        .arg("-out")
        .arg(cert)
        .stderr(Stdio::null())
        .status();
    assert!(made.is_ok_and(|status| status.success()), "openssl makes a certificate");
}
