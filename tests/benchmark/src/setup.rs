//! A broker, a hub with 240 devices and 20 rules, and the floor.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::mqtt::Client;

/// Motion sensors and lamps, as many of each.
pub(crate) const PAIRS: usize = 120;
/// How many of the pairs a rule joins.
pub(crate) const RULES: usize = 20;
/// What zigbee2mqtt publishes below.
pub(crate) const BASE: &str = "zigbee2mqtt";

/// A process that is ended when dropped.
pub(crate) struct Process(pub(crate) Child);

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

pub(crate) struct Bench {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) hearth: PathBuf,
    pub(crate) recorder: Option<PathBuf>,
    /// Further lines of the hub's configuration.
    pub(crate) configuration: String,
    broker: Option<(Process, u16)>,
    hub: Option<Hub>,
    /// Of the hub's owner, once it is claimed.
    token: Option<String>,
}

pub(crate) struct Hub {
    pub(crate) process: Process,
    pub(crate) port: u16,
    pub(crate) token: String,
}

pub(crate) fn free_port() -> u16 {
    std::net::TcpListener::bind(("127.0.0.1", 0)).and_then(|listener| listener.local_addr()).expect("a port").port()
}

/// Asks until there is an answer.
pub(crate) fn until<T>(what: &str, limit: Duration, mut ask: impl FnMut() -> Option<T>) -> T {
    let end = Instant::now() + limit;
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(Instant::now() < end, "{what} took longer than {limit:?}");
        std::thread::sleep(Duration::from_millis(2));
    }
}

pub(crate) fn lamp_address(number: usize) -> String {
    format!("0x1a{number:014x}")
}

pub(crate) fn motion_address(number: usize) -> String {
    format!("0x2b{number:014x}")
}

fn numeric(name: &str, unit: &str, access: u8) -> Value {
    json!({"type": "numeric", "name": name, "property": name, "label": name, "access": access, "unit": unit})
}

/// What zigbee2mqtt says of the devices.
pub(crate) fn bridge_devices() -> Value {
    let item = |address: String, name: String, model: &str, exposes: Value| {
        json!({
            "ieee_address": address, "friendly_name": name, "type": "EndDevice", "network_address": 1,
            "supported": true, "disabled": false, "interviewing": false, "interview_completed": true,
            "interview_state": "SUCCESSFUL",
            "definition": {"source": "native", "model": model, "vendor": "Bench", "description": model, "exposes": exposes, "options": [], "supports_ota": false},
            "endpoints": {"1": {"bindings": [], "configured_reportings": [], "clusters": {"input": [], "output": []}, "scenes": []}},
        })
    };
    let motion = json!([
        {"type": "binary", "name": "occupancy", "property": "occupancy", "label": "Occupancy", "access": 1, "value_on": true, "value_off": false},
        numeric("illuminance", "lx", 1), numeric("battery", "%", 1), numeric("linkquality", "lqi", 1),
    ]);
    let light = json!([
        {"type": "light", "features": [
            {"type": "binary", "name": "state", "property": "state", "label": "State", "access": 7, "value_on": "ON", "value_off": "OFF", "value_toggle": "TOGGLE"},
            {"type": "numeric", "name": "brightness", "property": "brightness", "label": "Brightness", "access": 7, "value_min": 0, "value_max": 254},
        ]},
        numeric("linkquality", "lqi", 1),
    ]);
    (0..PAIRS)
        .flat_map(|number| {
            [
                item(motion_address(number), format!("motion-{number}"), "Motion", motion.clone()),
                item(lamp_address(number), format!("lamp-{number}"), "Lamp", light.clone()),
            ]
        })
        .collect()
}

/// What a motion sensor says.
pub(crate) fn motion_state(occupancy: bool, illuminance: u32) -> Vec<u8> {
    format!(r#"{{"occupancy":{occupancy},"illuminance":{illuminance},"battery":90,"linkquality":120}}"#).into_bytes()
}

impl Bench {
    pub(crate) fn new(hearth: Option<String>, recorder: Option<String>) -> Self {
        let own = std::env::current_exe().expect("a program knows where it is");
        let beside = own.parent().expect("a program lies in a folder").join("hearth");
        // Some parts run them in another folder.
        let absolute = |path: String| std::path::absolute(path).expect("a folder to work in");
        Self {
            folder: tempfile::tempdir().expect("a temporary folder"),
            hearth: hearth.map_or(beside, absolute),
            recorder: recorder.map(absolute).filter(|path| path.exists()),
            configuration: String::new(),
            broker: None,
            hub: None,
            token: None,
        }
    }

    /// The broker's port.
    pub(crate) fn broker(&mut self) -> u16 {
        if let Some((_, port)) = &self.broker {
            return *port;
        }
        let port = free_port();
        let configuration = self.folder.path().join("mosquitto.conf");
        let text = format!(
            "listener {port} 127.0.0.1\nallow_anonymous true\npersistence false\nset_tcp_nodelay true\nmax_queued_messages 0\n"
        );
        std::fs::write(&configuration, text).expect("a file");
        let child = Command::new("mosquitto")
            .arg("-c")
            .arg(configuration)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("mosquitto is installed");
        let process = Process(child);
        until("the broker's start", Duration::from_secs(10), || std::net::TcpStream::connect(("127.0.0.1", port)).ok());
        let mut client = Client::connect(port, "bridge");
        client.publish(&format!("{BASE}/bridge/state"), br#"{"state":"online"}"#, true);
        client.publish(&format!("{BASE}/bridge/groups"), b"[]", true);
        client.publish(&format!("{BASE}/bridge/devices"), bridge_devices().to_string().as_bytes(), true);
        self.broker = Some((process, port));
        port
    }

    /// Starts a hub on `data` beside the broker.
    pub(crate) fn spawn_hub(&mut self, data: &Path) -> (Process, u16) {
        let broker = self.broker();
        let port = free_port();
        let configuration = self.folder.path().join("hearth.toml");
        let socket = self.folder.path().join(format!("hearth-{port}.sock"));
        let text = format!(
            "[hub]\nsocket = \"{}\"\n\n{}[[driver]]\nid = \"zigbee\"\ntype = \"zigbee2mqtt\"\nbroker = \"mqtt://127.0.0.1:{broker}\"\n",
            socket.display(),
            self.configuration
        );
        std::fs::write(&configuration, text).expect("a file");
        let log = std::fs::File::create(self.folder.path().join("hearth.log")).expect("a file");
        // With the limit of open files that a shell or a service gives; the hub raises it itself.
        let child = Command::new("sh")
            .args(["-c", r#"ulimit -S -n 1024; exec "$0" "$@""#])
            .arg(&self.hearth)
            .args(["run", "--listen", &format!("127.0.0.1:{port}"), "--config"])
            .arg(configuration)
            .arg("--data")
            .arg(data)
            .stdin(Stdio::null())
            .stdout(log.try_clone().expect("a file"))
            .stderr(log)
            .spawn()
            .expect("the hub can be started; build it with cargo build --release");
        (Process(child), port)
    }

    /// The hub with its devices and rules.
    pub(crate) fn hub(&mut self) -> &Hub {
        if self.hub.is_none() {
            let data = self.folder.path().join("data");
            let (process, port) = self.spawn_hub(&data);
            let is_new = self.token.is_none();
            let token = self.token.clone().unwrap_or_else(|| claim(port, &data));
            self.token = Some(token.clone());
            let hub = Hub { process, port, token };
            until("the devices", Duration::from_secs(20), || {
                let answer = hub.get("devices?limit=1000");
                (answer["items"].as_array().map_or(0, Vec::len) == 2 * PAIRS).then_some(())
            });
            for number in 0..if is_new { RULES } else { 0 } {
                hub.post("automations", &rule(number));
            }
            self.hub = Some(hub);
        }
        self.hub.as_ref().expect("it was just made")
    }

    /// Ends the hub, politely, so that everything is kept.
    pub(crate) fn stop_hub(&mut self) {
        if let Some(mut hub) = self.hub.take() {
            let _ = Command::new("kill").args(["-TERM", &hub.process.0.id().to_string()]).status();
            let _ = hub.process.0.wait();
        }
    }

    /// The bare client, and the port where it passes on what comes as `floor/stream`.
    pub(crate) fn floor(&mut self) -> (Process, u16) {
        let (port, stream_port) = (self.broker(), free_port());
        let program = std::env::current_exe().expect("a program knows where it is");
        let child = Command::new(program)
            .args(["floor", &port.to_string(), &stream_port.to_string()])
            .stdin(Stdio::null())
            .spawn()
            .expect("the floor can be started");
        let process = Process(child);
        let mut client = Client::connect(port, "floor-start");
        client.subscribe("floor/+/set");
        until("the floor's start", Duration::from_secs(10), || {
            client.publish("floor/motion-0", b"{}", false);
            client.receive(Duration::from_millis(50)).map(|_| ())
        });
        (process, stream_port)
    }
}

/// A rule that answers every change of a motion sensor with a command to its lamp.
pub(crate) fn rule(number: usize) -> Value {
    json!({
        "name": format!("Light {number}"),
        "mode": "restart",
        "triggers": [{"state": {"device": format!("zigbee:{}", motion_address(number)), "attribute": "occupancy"}}],
        "actions": [{"command": {"device": format!("zigbee:{}", lamp_address(number)), "set": {"on": true}}}],
    })
}

/// Claims a new hub; gives back a token.
pub(crate) fn claim(port: u16, data: &Path) -> String {
    let code = until("the set-up code", Duration::from_secs(20), || {
        std::fs::read_to_string(data.join("setup-code")).ok().filter(|code| !code.trim().is_empty())
    });
    let owner = json!({"username": "owner", "password": "correct horse battery staple"});
    let body = json!({"setup_code": code.trim(), "home_name": "Bench", "owner": owner});
    let url = format!("http://127.0.0.1:{port}/api/v1/setup");
    let mut answer = until("the claim", Duration::from_secs(20), || {
        ureq::post(&url).header("content-type", "application/json").send(body.to_string()).ok()
    });
    let text = answer.body_mut().read_to_string().expect("an answer");
    let answer: Value = serde_json::from_str(&text).expect("JSON");
    answer["access_token"].as_str().expect("a token").to_owned()
}

impl Hub {
    pub(crate) fn get(&self, path: &str) -> Value {
        let answer = ureq::get(format!("http://127.0.0.1:{}/api/v1/{path}", self.port))
            .header("authorization", format!("Bearer {}", self.token))
            .call();
        match answer {
            Ok(mut answer) => {
                serde_json::from_str(&answer.body_mut().read_to_string().unwrap_or_default()).unwrap_or_default()
            }
            Err(_) => Value::Null,
        }
    }

    pub(crate) fn post(&self, path: &str, body: &Value) {
        self.post_for(path, body);
    }

    /// Posts, and gives back what is answered.
    pub(crate) fn post_for(&self, path: &str, body: &Value) -> Value {
        let mut answer = ureq::post(format!("http://127.0.0.1:{}/api/v1/{path}", self.port))
            .header("authorization", format!("Bearer {}", self.token))
            .header("content-type", "application/json")
            .send(body.to_string())
            .expect("the hub takes it");
        serde_json::from_str(&answer.body_mut().read_to_string().unwrap_or_default()).unwrap_or_default()
    }
}

/// Processor time of a process, user and system.
pub(crate) fn cpu_seconds(process: u32) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |index: usize| fields.get(index).and_then(|field| field.parse::<f64>().ok()).unwrap_or(0.0);
    (ticks(11) + ticks(12)) / 100.0
}

/// A line of the summary of a process's memory, in MiB.
pub(crate) fn memory(process: u32, name: &str) -> f64 {
    let rollup = std::fs::read_to_string(format!("/proc/{process}/smaps_rollup")).unwrap_or_default();
    let line = rollup.lines().find_map(|line| line.strip_prefix(name)?.split_whitespace().next()?.parse::<f64>().ok());
    line.unwrap_or(f64::NAN) / 1_024.0
}
