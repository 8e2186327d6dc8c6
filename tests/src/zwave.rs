//! The stick that zwave-js emulates, the real server of Z-Wave JS over such a stick, and one that says what it is told.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::sync_channel;
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use crate::bench::{Bench, counterparts};
use crate::hub::free_port;
use crate::skip::{has_programs, skip};

/// How long it may take until the stick is there.
const START: Duration = Duration::from_secs(60);

/// The key of Security 0 of the emulated network (`tests/zwave/nodes.js`). The server does not start without one.
const S0_KEY: &str = "0102030405060708090a0b0c0d0e0f10";

/// Whether everything is there; says what is missing.
pub fn is_possible() -> bool {
    if !has_programs(&["node"]) {
        return false;
    }
    let installed = counterparts().join("zwave/node_modules/@zwave-js/server").is_dir();
    if !installed {
        skip("zwave-js is not installed (npm ci --ignore-scripts in tests/zwave)");
    }
    installed
}

/// An emulated stick. Ends with the test.
#[derive(Debug)]
pub struct Stick {
    process: Child,
    port: u16,
}

impl Stick {
    /// How many texts a node says (`TEXTS` in `tests/zwave/nodes.js`).
    pub const TEXTS: usize = 50;

    /// Starts one with some of the nodes of `tests/zwave/nodes.js`, and waits until it is there.
    pub fn start(nodes: &[u16]) -> Self {
        Self::with(&json!({ "nodes": nodes }))
    }

    /// Starts one whose nodes say these texts, and are called by these names, which are as short as a node keeps them.
    /// The nodes count from 2, and each takes [`Self::TEXTS`] of them.
    pub fn saying(names: &[&str], texts: &[&str]) -> Self {
        Self::with(&json!({"say": {"names": names, "texts": texts}}))
    }

    fn with(options: &Value) -> Self {
        let (process, port) = start("main.js", options.to_string());
        Self { process, port }
    }

    /// Where a driver finds it.
    pub fn address(&self) -> String {
        format!("tcp://127.0.0.1:{}", self.port)
    }

    /// The `[[driver]]` table of a hub that is to use it.
    pub fn driver(&self, id: &str) -> String {
        format!("[[driver]]\nid = \"{id}\"\ntype = \"zwave\"\nport = \"{}\"\n", self.address())
    }
}

impl Drop for Stick {
    fn drop(&mut self) {
        end(&mut self.process);
    }
}

/// A server of Z-Wave JS. Ends with the test.
#[derive(Debug)]
pub struct Server {
    process: Child,
    port: u16,
}

impl Server {
    /// Starts one over a stick; does not wait.
    pub fn start(bench: &Bench, stick: &Stick) -> Self {
        let folder = bench.folder().join("zwave-js");
        fs::create_dir_all(&folder).expect("a folder can be made");
        let configuration = json!({
            "securityKeys": {"S0_Legacy": S0_KEY},
            "storage": {"cacheDir": folder.join("cache")},
            "logConfig": {"enabled": false},
        });
        fs::write(folder.join("config.json"), configuration.to_string()).expect("the configuration can be written");
        let log = File::create(folder.join("server.log")).expect("a log can be opened");
        let port = free_port();
        let process = Command::new("node")
            .arg(counterparts().join("zwave/node_modules/@zwave-js/server/dist-cjs/bin/server.js"))
            .arg(stick.address())
            .arg("--config")
            .arg(folder.join("config.json"))
            .args(["--host", "127.0.0.1", "--port", &port.to_string(), "--disable-dns-sd"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .expect("node can be started");
        Self { process, port }
    }

    /// The `[[driver]]` table of a hub that is to use it.
    pub fn driver(&self, id: &str) -> String {
        format!("[[driver]]\nid = \"{id}\"\ntype = \"zwave-js\"\nurl = \"ws://127.0.0.1:{}\"\n", self.port)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        end(&mut self.process);
    }
}

/// A server of Z-Wave JS without a stick, which says what it is told. Ends with the test.
#[derive(Debug)]
pub struct Played {
    process: Child,
    port: u16,
}

impl Played {
    /// Starts one with these nodes, in the words of Z-Wave JS; whatever it is asked for fails with this text.
    pub fn start(bench: &Bench, nodes: &Value, error: &str) -> Self {
        let file: PathBuf = bench.folder().join("played.json");
        let controller = json!({"homeId": 0x7e57_0001_u32, "ownNodeId": 1});
        let said = json!({"state": {"driver": {}, "controller": controller, "nodes": nodes}, "error": error});
        fs::write(&file, said.to_string()).expect("a file can be written");
        let (process, port) = start("server.js", file.display().to_string());
        Self { process, port }
    }

    /// The `[[driver]]` table of a hub that is to use it.
    pub fn driver(&self, id: &str) -> String {
        format!("[[driver]]\nid = \"{id}\"\ntype = \"zwave-js\"\nurl = \"ws://127.0.0.1:{}\"\n", self.port)
    }
}

impl Drop for Played {
    fn drop(&mut self) {
        end(&mut self.process);
    }
}

/// Starts a program of `tests/zwave`, and waits until it says at which port it is.
fn start(program: &str, argument: String) -> (Child, u16) {
    let mut process = Command::new("node")
        .args([program.to_owned(), argument])
        .current_dir(counterparts().join("zwave"))
        // It ends with its input.
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("node can be started");
    let output = process.stdout.take().expect("its output is ours");
    let (sender, lines) = sync_channel(16);
    // It is read to its end, so that the program can go on speaking.
    thread::spawn(move || {
        BufReader::new(output).lines().map_while(Result::ok).for_each(|line| drop(sender.try_send(line)));
    });
    let ready = loop {
        let line = lines.recv_timeout(START).expect("it is there in time");
        match serde_json::from_str::<Value>(&line) {
            Ok(line) if line["ready"].is_object() => break line,
            _ => {}
        }
    };
    let port = ready["ready"]["port"].as_u64().and_then(|port| u16::try_from(port).ok()).expect("a port");
    (process, port)
}

fn end(process: &mut Child) {
    process.kill().expect("an own process can be ended");
    process.wait().expect("an own process can be waited for");
}
