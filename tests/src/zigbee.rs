//! The real zigbee2mqtt over a simulated coordinator with virtual devices, and the hands to act on these devices.

use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use crate::bench::{Bench, counterparts};
use crate::skip::{has_programs, skip};
use crate::wait::eventually;

/// How long it may take until everything runs and every device has joined.
const START: Duration = Duration::from_secs(180);

/// How long it may take until everything has stopped.
const END: Duration = Duration::from_secs(30);

/// A running network.
#[derive(Debug)]
pub struct Network {
    process: Child,
    commands: Option<ChildStdin>,
    answers: Receiver<String>,
    /// The port of the broker.
    pub mqtt: u16,
    control: u16,
    base: String,
}

impl Network {
    /// Whether everything is there to start one; says what is missing.
    pub fn is_possible() -> bool {
        if !has_programs(&["python3", "mosquitto"]) {
            return false;
        }
        let installed = counterparts().join("zigbee2mqtt/node_modules/zigbee2mqtt/index.js").is_file();
        if !installed {
            skip("zigbee2mqtt is not installed (npm ci --ignore-scripts in tests/zigbee2mqtt)");
        }
        installed
    }

    /// Starts one and waits until it is up.
    pub fn start(bench: &Bench, arguments: &[&str]) -> Self {
        let folder = bench.folder().join("zigbee");
        std::fs::create_dir_all(&folder).expect("a folder can be made");
        let log = File::create(folder.join("network.log")).expect("a log can be opened");
        let mut process = Command::new("python3")
            .arg(counterparts().join("zigbee2mqtt/network.py"))
            .arg("--folder")
            .arg(&folder)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .expect("python3 can be started");
        let output = process.stdout.take().expect("its output is ours");
        let commands = process.stdin.take();
        let (sender, answers) = sync_channel(16);
        thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        let ready = answers.recv_timeout(START).expect("the network gets up in time; see zigbee/network.log");
        let ready: Value = serde_json::from_str(&ready).expect("the network says where it is");
        let port = |name: &str| ready[name].as_u64().and_then(|port| u16::try_from(port).ok()).expect("a port");
        let base = ready["base"].as_str().expect("a base topic").to_owned();
        Self { process, commands, mqtt: port("mqtt"), control: port("control"), base, answers }
    }

    /// The base topic of the bridge.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// The `[[driver]]` table of a hub that is to use it.
    pub fn driver(&self) -> String {
        format!(
            "[[driver]]\nid = \"zigbee\"\ntype = \"zigbee2mqtt\"\nbroker = \"mqtt://127.0.0.1:{}\"\nbase_topic = \"{}\"\n",
            self.mqtt, self.base
        )
    }

    /// `kill`, `stop`, `start` or `restart` one of `mosquitto`, `coordinator`, `zigbee2mqtt`, and wait until it is so.
    pub fn process(&mut self, verb: &str, name: &str) {
        let commands = self.commands.as_mut().expect("the network runs");
        writeln!(commands, "{verb} {name}").expect("the network listens");
        let answer = self.answers.recv_timeout(START).expect("the network answers");
        let answer: Value = serde_json::from_str(&answer).expect("the network answers in JSON");
        assert_eq!(answer["ok"], true, "{verb} {name}: {answer}");
    }

    /// Something happens in the physical world.
    pub fn act(&self, request: &Value) -> Value {
        let mut tcp = TcpStream::connect(("127.0.0.1", self.control)).expect("the coordinator listens");
        writeln!(tcp, "{request}").expect("the coordinator reads");
        let mut line = String::new();
        BufReader::new(tcp).read_line(&mut line).expect("the coordinator answers");
        let answer: Value = serde_json::from_str(&line).expect("the coordinator answers in JSON");
        assert_eq!(answer["ok"], true, "{request}: {answer}");
        answer
    }

    /// A device's own attribute changes, and it reports so.
    pub fn change(&self, device: &str, cluster: u16, attribute: u16, value: &Value) {
        self.act(&json!({"cmd": "set", "dev": device, "ep": 1, "cluster": cluster, "attr": attribute, "value": value}));
    }

    /// A virtual device as it is.
    pub fn device(&self, device: &str) -> Value {
        let list = self.act(&json!({"cmd": "list"}));
        let devices = list["devices"].as_array().cloned().unwrap_or_default();
        devices.into_iter().find(|candidate| candidate["id"] == device).expect("there is such a device")
    }

    /// The device's own value of an attribute: what a lamp would really shine like.
    pub fn own(&self, device: &str, endpoint: u8, cluster: u16, attribute: u16) -> Value {
        self.device(device)["attrs"][endpoint.to_string()][cluster.to_string()][attribute.to_string()].clone()
    }

    /// Waits until the device's own value suits.
    pub fn until_own(
        &self,
        device: &str,
        endpoint: u8,
        cluster: u16,
        attribute: u16,
        suits: impl Fn(&Value) -> bool,
    ) -> Value {
        eventually(&format!("attribute {attribute} of cluster {cluster} of {device}"), Duration::from_secs(10), || {
            let value = self.own(device, endpoint, cluster, attribute);
            if suits(&value) { Ok(value) } else { Err(value) }
        })
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        // The end of its input is what ends it, and with it everything it started.
        self.commands = None;
        if self.answers.recv_timeout(END) == Err(RecvTimeoutError::Timeout) {
            let _ = self.process.kill();
        }
        let _ = self.process.wait();
    }
}
