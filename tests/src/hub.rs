//! The built daemon, run on a folder and a port of its own.

use std::env;
use std::fs::{self, File, OpenOptions};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

use crate::api::Api;
use crate::bench::{Bench, target};
use crate::stream::Stream;
use crate::wait::eventually;

/// How long a start may take on a busy machine.
const START: Duration = Duration::from_secs(20);
/// How long a polite end may take.
const END: Duration = Duration::from_secs(15);

/// Name and password of the owner in the tests.
pub const OWNER: (&str, &str) = ("anna", "correct horse battery staple");

/// A hub: its folder, its port, and the process while it runs.
#[derive(Debug)]
pub struct Hub {
    folder: PathBuf,
    data: PathBuf,
    port: u16,
    process: Option<Child>,
    arguments: Vec<String>,
    environment: Vec<(String, String)>,
    token: Option<String>,
}

impl Hub {
    /// A hub that is to run on a part of the test's folder, with these drivers: TOML, `[[driver]]` tables.
    pub fn new(bench: &Bench, drivers: &str) -> Self {
        Self::with_data(bench, &bench.folder().join("data"), drivers)
    }

    /// A hub whose data lies somewhere else.
    pub fn with_data(bench: &Bench, data: &Path, drivers: &str) -> Self {
        let folder = bench.folder().to_path_buf();
        let configuration =
            format!("[hub]\nlog = \"info\"\nsocket = \"{}\"\n\n{drivers}\n", folder.join("hearth.sock").display());
        fs::write(folder.join("hearth.toml"), configuration).expect("the configuration can be written");
        Self {
            folder,
            data: data.to_path_buf(),
            port: free_port(),
            process: None,
            arguments: Vec::new(),
            environment: Vec::new(),
            token: None,
        }
    }

    /// The same with more arguments to `hearth run`.
    pub fn arguments(mut self, arguments: &[&str]) -> Self {
        self.arguments = arguments.iter().map(|argument| (*argument).to_owned()).collect();
        self
    }

    /// The same with a variable of the environment.
    pub fn environment(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Where it keeps everything.
    pub fn data(&self) -> &Path {
        &self.data
    }

    /// The port of its web server.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Its process.
    pub fn process_id(&self) -> Option<u32> {
        self.process.as_ref().map(Child::id)
    }

    /// Starts the process; does not wait.
    pub fn spawn(&mut self) {
        assert!(self.process.is_none(), "the hub runs already");
        let log = |name: &str| -> File {
            OpenOptions::new().create(true).append(true).open(self.folder.join(name)).expect("a log can be opened")
        };
        let child = Command::new(program())
            .args(["run", "--config"])
            .arg(self.folder.join("hearth.toml"))
            .arg("--data")
            .arg(&self.data)
            .args(["--listen", &format!("127.0.0.1:{}", self.port)])
            .args(&self.arguments)
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .current_dir(&self.folder)
            .stdin(Stdio::null())
            .stdout(log("hearth.out"))
            .stderr(log("hearth.log"))
            .spawn()
            .expect("the daemon can be started");
        self.process = Some(child);
    }

    /// Starts it and waits until it is ready.
    pub fn start(&mut self) {
        self.spawn();
        self.wait_until_ready();
    }

    /// Waits until it says that it is ready.
    pub fn wait_until_ready(&mut self) {
        let api = Api::new(self.port);
        eventually("the hub to be ready", START, || {
            if let Some(process) = &mut self.process
                && let Ok(Some(status)) = process.try_wait()
            {
                panic!("the hub ended at its start with {status}: {}", self.log_tail());
            }
            match api.try_get("status") {
                Ok(answer) if answer.body["ready"] == true => Ok(()),
                other => Err(format!("{other:?}")),
            }
        });
    }

    /// Ends it at once, as when it crashes.
    pub fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill().expect("an own process can be ended");
            process.wait().expect("an own process can be waited for");
        }
    }

    /// Ends it politely and gives back its exit code.
    pub fn stop(&mut self) -> Option<i32> {
        let mut process = self.process.take()?;
        let told = Command::new("kill").args(["-TERM", &process.id().to_string()]).status();
        assert!(told.is_ok_and(|status| status.success()), "the hub can be told to stop");
        let status = eventually("the hub to stop", END, || match process.try_wait() {
            Ok(Some(status)) => Ok(status),
            other => Err(format!("{other:?}")),
        });
        status.code()
    }

    /// The API as nobody.
    pub fn anonymous(&self) -> Api {
        Api::new(self.port)
    }

    /// The code that a new hub is claimed with.
    pub fn setup_code(&self) -> String {
        eventually("a set-up code", START, || fs::read_to_string(self.data.join("setup-code"))).trim().to_owned()
    }

    /// Claims the new hub and gives back its API as the owner.
    pub fn claim(&mut self) -> Api {
        let (username, password) = OWNER;
        let request = json!({
            "setup_code": self.setup_code(), "home_name": "Home", "owner": {"username": username, "password": password},
        });
        // A hub that is just told of a thousand devices may say that it is busy.
        let login = eventually("the hub to be claimed", START, || match self.anonymous().post("setup", &request) {
            answer if answer.status == 503 => Err(answer.body),
            answer => Ok(answer.ok()),
        });
        self.remember(&login)
    }

    /// Logs the owner in and gives back the API.
    pub fn login(&mut self) -> Api {
        let (username, password) = OWNER;
        let login = self.anonymous().post("auth/login", &json!({"username": username, "password": password})).ok();
        self.remember(&login)
    }

    fn remember(&mut self, login: &Value) -> Api {
        let token = login["access_token"].as_str().expect("a login has a token").to_owned();
        let api = self.anonymous().with_token(&token);
        self.token = Some(token);
        api
    }

    /// The API as the owner, who has claimed it or logged in.
    pub fn api(&self) -> Api {
        self.anonymous().with_token(self.token.as_ref().expect("somebody has logged in"))
    }

    /// The event stream as the owner.
    pub fn stream(&self, since: Option<&Value>) -> Stream {
        Stream::open(self.port, self.token.as_ref().expect("somebody has logged in"), since)
    }

    /// What it has logged so far.
    pub fn log(&self) -> String {
        ["hearth.out", "hearth.log"].map(|name| fs::read_to_string(self.folder.join(name)).unwrap_or_default()).concat()
    }

    fn log_tail(&self) -> String {
        let log = self.log();
        let lines: Vec<&str> = log.lines().collect();
        lines.iter().skip(lines.len().saturating_sub(25)).copied().collect::<Vec<_>>().join("\n")
    }

    /// Resident memory in bytes, while it runs.
    pub fn resident_bytes(&self) -> Option<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process_id()?)).ok()?;
        let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
        line.split_whitespace().nth(1)?.parse::<u64>().ok().map(|kib| kib * 1024)
    }
}

impl Drop for Hub {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Runs the command line program to its end.
pub fn hearth(arguments: &[&str]) -> std::process::Output {
    Command::new(program()).args(arguments).stdin(Stdio::null()).output().expect("the program can be started")
}

/// The built program: `HEARTH_BIN`, or where cargo puts it.
pub fn program() -> PathBuf {
    if let Some(program) = env::var_os("HEARTH_BIN") {
        return program.into();
    }
    let test = env::current_exe().expect("a test knows where it is");
    let built = test
        .ancestors()
        .skip(1)
        .map(|folder| folder.join("hearth"))
        .find(|program| program.is_file() && program.starts_with(target()));
    built.expect("the daemon is built (cargo build -p hearth), or HEARTH_BIN names it")
}

/// A port of loopback that was free a moment ago.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("loopback has a free port");
    listener.local_addr().expect("a bound socket has an address").port()
}
