//! The emulated stick and the real server as processes, and a hub for a driver.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use driver_api::conformance::TokioClock;
use driver_api::{
    CommandProgress, CommandStage, Driver, DriverCommand, DriverContext, DriverError, DriverEvent, DriverRequest,
    ManageAction, ManageError,
};
use driver_zwave_js::{ZWaveJsConfig, ZWaveJsDriver};
use hub_model::command::Setting;
use hub_model::household::Secret;
use hub_model::{Availability, Clock, CommandId, Device, DeviceId, DriverId, Value};
use serde_json::{Value as Json, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// The keys of the emulated network (`tests/zwave/nodes.js`), as Z-Wave JS names them.
const KEYS: [(&str, &str); 4] = [
    ("S0_Legacy", "0102030405060708090a0b0c0d0e0f10"),
    ("S2_Unauthenticated", "11111111111111111111111111111111"),
    ("S2_Authenticated", "22222222222222222222222222222222"),
    ("S2_AccessControl", "33333333333333333333333333333333"),
];

/// Where the counterparts are.
fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/zwave")
}

/// The emulated stick. Ends with the test.
pub(crate) struct Stick {
    _process: Child,
    input: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
    pub(crate) port: u64,
}

impl Stick {
    /// Starts it, or says why not.
    pub(crate) async fn start() -> Option<Self> {
        if !folder().join("node_modules/@zwave-js/server").is_dir() {
            println!("SKIP: run `npm ci --ignore-scripts` in tests/zwave");
            return None;
        }
        let process = Command::new("node")
            .arg("main.js")
            .current_dir(folder())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn();
        let Ok(mut process) = process else {
            println!("SKIP: there is no node");
            return None;
        };
        let input = process.stdin.take().unwrap();
        let mut output = BufReader::new(process.stdout.take().unwrap()).lines();
        let ready = answer(&mut output).await;
        let port = ready["ready"]["port"].as_u64().unwrap();
        Some(Self { _process: process, input, output, port })
    }

    /// Lets something happen in the physical world.
    pub(crate) async fn tell(&mut self, request: Json) -> Json {
        self.input.write_all(format!("{request}\n").as_bytes()).await.unwrap();
        let answer = answer(&mut self.output).await;
        assert!(answer.get("error").is_none(), "{request}: {answer}");
        answer["answer"].clone()
    }
}

/// The next answer; what the emulation's own parts say in between is skipped.
async fn answer(output: &mut Lines<BufReader<ChildStdout>>) -> Json {
    let line = async {
        loop {
            let line = output.next_line().await.unwrap().expect("the stick runs");
            if let Ok(answer) = serde_json::from_str(&line) {
                return answer;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(60), line).await.expect("an answer in time")
}

/// The real server over a stick. What it found out is kept in a folder, as it is at home. Ends with the test.
pub(crate) struct Server {
    process: Option<Child>,
    folder: tempfile::TempDir,
    stick: u64,
    port: u16,
}

impl Server {
    pub(crate) fn start(stick: u64) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let keys: serde_json::Map<String, Json> =
            KEYS.iter().map(|(name, key)| ((*name).to_owned(), json!(key))).collect();
        let config = json!({
            "securityKeys": keys,
            "storage": {"cacheDir": folder.path().join("cache")},
            "logConfig": {"enabled": false},
        });
        std::fs::write(folder.path().join("config.json"), config.to_string()).unwrap();
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        let mut server = Self { process: None, folder, stick, port };
        server.run();
        server
    }

    pub(crate) fn run(&mut self) {
        let process = Command::new("node")
            .arg(folder().join("node_modules/@zwave-js/server/dist-cjs/bin/server.js"))
            .arg(format!("tcp://127.0.0.1:{}", self.stick))
            .arg("--config")
            .arg(self.folder.path().join("config.json"))
            .args(["--host", "127.0.0.1", "--port", &self.port.to_string(), "--disable-dns-sd"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn();
        self.process = Some(process.unwrap());
    }

    pub(crate) async fn stop(&mut self) {
        let Some(mut process) = self.process.take() else { return };
        // So that it writes down what it knows, as it does at home.
        let id = process.id().unwrap().to_string();
        Command::new("kill").args(["-INT", &id]).status().await.unwrap();
        tokio::time::timeout(Duration::from_secs(30), process.wait()).await.expect("it ends").unwrap();
    }

    pub(crate) fn url(&self) -> String {
        format!("ws://127.0.0.1:{}", self.port)
    }
}

/// What a hub would know of the network.
pub(crate) struct Hub {
    events: mpsc::Receiver<DriverEvent>,
    requests: mpsc::Sender<DriverRequest>,
    cancel: CancellationToken,
    task: tokio::task::JoinHandle<Result<(), DriverError>>,
    clock: Arc<TokioClock>,
    pub(crate) devices: BTreeMap<DeviceId, Device>,
    pub(crate) values: BTreeMap<(DeviceId, u16, String), Value>,
    pub(crate) availability: BTreeMap<DeviceId, Availability>,
    pub(crate) log: Vec<DriverEvent>,
    commands: u64,
}

impl Hub {
    /// With the driver for a server; `schema` = as if the hub knew no newer one.
    pub(crate) fn start(url: String, schema: Option<u64>) -> Self {
        let config = ZWaveJsConfig { schema, ..ZWaveJsConfig::new(url) };
        Self::start_with(Box::new(ZWaveJsDriver::new(config)), BTreeMap::new())
    }

    pub(crate) fn start_with(driver: Box<dyn Driver>, kept: BTreeMap<Arc<str>, Secret>) -> Self {
        let (to_core, events) = mpsc::channel(256);
        let (requests, from_core) = mpsc::channel(64);
        let cancel = CancellationToken::new();
        let clock = Arc::new(TokioClock::at("2026-11-26T12:00:00Z".parse().unwrap()));
        let context = DriverContext {
            id: DriverId::new("zwave"),
            clock: Arc::clone(&clock) as Arc<dyn Clock>,
            seed: 1,
            known: Vec::new(),
            kept,
            events: to_core,
            requests: from_core,
            cancel: cancel.clone(),
        };
        Self {
            events,
            requests,
            cancel,
            task: tokio::spawn(driver.run(context)),
            clock,
            devices: BTreeMap::new(),
            values: BTreeMap::new(),
            availability: BTreeMap::new(),
            log: Vec::new(),
            commands: 0,
        }
    }

    pub(crate) async fn stop(self) -> BTreeMap<DeviceId, Device> {
        self.cancel.cancel();
        self.task.await.unwrap().unwrap();
        self.devices
    }

    /// The device of a node.
    pub(crate) fn id(node: u16) -> DeviceId {
        DeviceId::new(format!("zwave:0x7e570001-{node}"))
    }

    pub(crate) fn device(&self, node: u16) -> Option<&Device> {
        self.devices.get(&Self::id(node))
    }

    pub(crate) fn value(&self, node: u16, endpoint: u16, attribute: &str) -> Option<&Value> {
        self.values.get(&(Self::id(node), endpoint, attribute.to_owned()))
    }

    /// Takes the next event.
    pub(crate) async fn next(&mut self, limit: Duration) -> bool {
        let Ok(event) = tokio::time::timeout(limit, self.events.recv()).await else { return false };
        let event = event.expect("the driver runs");
        match &event {
            DriverEvent::Device(device) => {
                self.devices.insert(device.id.clone(), (**device).clone());
            }
            DriverEvent::DeviceRemoved(device) => {
                self.devices.remove(device);
            }
            DriverEvent::Report(report) => {
                for reading in &report.readings {
                    let place = (report.device.clone(), reading.endpoint, reading.attribute.to_string());
                    self.values.insert(place, reading.value.clone());
                }
            }
            DriverEvent::Availability { device, availability } => {
                self.availability.insert(device.clone(), *availability);
            }
            _ => {}
        }
        self.log.push(event);
        true
    }

    /// Waits until something is so.
    pub(crate) async fn until(&mut self, seconds: u64, what: &str, mut is_so: impl FnMut(&Self) -> bool) {
        let end = tokio::time::Instant::now() + Duration::from_secs(seconds);
        while !is_so(self) {
            let left = end.saturating_duration_since(tokio::time::Instant::now());
            if !self.next(left).await {
                panic!("not within {seconds} s: {what}; {}", self.summary());
            }
        }
    }

    /// Devices in a line each, and the last events.
    pub(crate) fn summary(&self) -> String {
        let devices = self.devices.values().map(|device| {
            let availability = self.availability.get(&device.id);
            format!("\n{} interviewed {} {availability:?}", device.id, device.interviewed)
        });
        let events = self.log.iter().rev().filter(|event| !matches!(event, DriverEvent::Device(_)));
        let events = events.take(15).map(|event| format!("\n  {event:?}"));
        devices.chain(events).collect()
    }

    /// Takes what comes until nothing has come for so long.
    pub(crate) async fn settle(&mut self, milliseconds: u64) {
        while self.next(Duration::from_millis(milliseconds)).await {}
    }

    pub(crate) async fn set(&mut self, node: u16, settings: &[(u16, &str, Value)]) -> Vec<CommandStage> {
        self.set_over(node, settings, None).await
    }

    /// Sets attributes and waits for the end: the stages that it went through.
    pub(crate) async fn set_over(
        &mut self,
        node: u16,
        settings: &[(u16, &str, Value)],
        transition: Option<Duration>,
    ) -> Vec<CommandStage> {
        self.commands += 1;
        let id = CommandId::new(format!("command-{}", self.commands));
        let settings = settings.iter().map(|(endpoint, attribute, value)| Setting {
            endpoint: *endpoint,
            attribute: (*attribute).into(),
            value: value.clone(),
        });
        let command = DriverCommand {
            id: id.clone(),
            device: Self::id(node),
            settings: settings.collect(),
            transition,
            deadline: self.clock.now().mono.plus(Duration::from_secs(30)),
            by_person: true,
        };
        self.requests.send(DriverRequest::Command(command)).await.unwrap();
        let stages = move |hub: &Self| -> Vec<CommandStage> {
            let progress = hub.log.iter().filter_map(|event| match event {
                DriverEvent::Command(CommandProgress { command, stage, .. }) if *command == id => Some(stage.clone()),
                _ => None,
            });
            progress.collect()
        };
        let ended = |hub: &Self| stages(hub).last().is_some_and(|stage| *stage != CommandStage::Sent);
        self.until(45, "the command ends", ended).await;
        stages(self)
    }

    pub(crate) async fn read(&mut self, node: u16, endpoint: u16, attribute: &str) {
        let read = DriverRequest::Read { device: Self::id(node), attributes: vec![(endpoint, attribute.into())] };
        self.requests.send(read).await.unwrap();
    }

    pub(crate) async fn manage(&mut self, action: ManageAction) -> Result<Value, ManageError> {
        self.commands += 1;
        let wanted = self.commands;
        self.requests.send(DriverRequest::Manage { request: wanted, action }).await.unwrap();
        let answer = move |hub: &Self| {
            hub.log.iter().find_map(|event| match event {
                DriverEvent::Managed { request, result } if *request == wanted => Some(result.clone()),
                _ => None,
            })
        };
        self.until(60, "an answer", |hub| answer(hub).is_some()).await;
        answer(self).unwrap()
    }
}
