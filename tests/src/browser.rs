//! A real browser, Chromium, driven through Playwright by the scripts in `tests/browser`.

use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use crate::bench::{Bench, counterparts};
use crate::hub::Hub;
use crate::skip::{has_programs, skip};

/// How long a start, and what is asked of it, may take on a busy machine.
const LIMIT: Duration = Duration::from_secs(90);

/// A browser with a profile of its own, the attacker's server beside it, and the hub once more without its guards.
#[derive(Debug)]
pub struct Browser {
    process: Child,
    input: Option<ChildStdin>,
    answers: Receiver<Value>,
}

impl Browser {
    /// Whether it is installed; says so if not.
    pub fn is_possible() -> bool {
        if !has_programs(&["node", "chromium"]) {
            return false;
        }
        let installed = counterparts().join("browser/node_modules/playwright-core/package.json").is_file();
        if !installed {
            skip("playwright-core is not installed (npm ci --ignore-scripts in tests/browser)");
        }
        let built = counterparts().join("../hub/web/dist/index.html.gz").is_file();
        if !built {
            skip("the web app is not built (make web)");
        }
        installed && built
    }

    /// Starts it for a hub that runs and is claimed. `https` is the hub's port of HTTPS where the test needs it.
    pub fn start(bench: &Bench, hub: &Hub, https: Option<u16>) -> Self {
        let folder = bench.folder().join("browser");
        std::fs::create_dir_all(&folder).expect("a folder can be made");
        let log = File::create(folder.join("browser.log")).expect("a log can be opened");
        let (name, password) = crate::hub::OWNER;
        let options = json!({
            "hub": hub.port(), "https": https, "folder": folder,
            "username": name, "password": password,
        });
        let mut process = Command::new("node")
            .arg(counterparts().join("browser/main.js"))
            .arg(options.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .expect("node can be started");
        let input = process.stdin.take();
        let output = process.stdout.take().expect("its output is ours");
        let (sender, answers) = sync_channel(16);
        thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                let Ok(value) = serde_json::from_str(&line) else { continue };
                if sender.send(value).is_err() {
                    return;
                }
            }
        });
        let browser = Self { process, input, answers };
        browser.next("start");
        browser
    }

    fn next(&self, what: &str) -> Value {
        match self.answers.recv_timeout(LIMIT) {
            Ok(mut answer) => match answer["error"].as_str() {
                Some(error) => panic!("the browser was asked for {what}: {error}"),
                None => answer["answer"].take(),
            },
            Err(error) => panic!("the browser was asked for {what}: {error}; see browser/browser.log"),
        }
    }

    /// Has it do something that is known by this name in `tests/browser`, and gives back what came of it.
    pub fn ask(&mut self, what: &str, request: &Value) -> Value {
        let mut request = request.clone();
        request["do"] = json!(what);
        let input = self.input.as_mut().expect("it runs until it is dropped");
        writeln!(input, "{request}").expect("the browser listens");
        self.next(&request.to_string().chars().take(200).collect::<String>())
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // It ends with its input, and Chromium with it.
        drop(self.input.take());
        let _ = self.process.wait();
    }
}
