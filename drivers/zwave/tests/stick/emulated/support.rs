//! The emulated stick as a process, and a hub for the driver.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use driver_api::conformance::TokioClock;
use driver_api::{
    CommandProgress, CommandStage, Driver, DriverCommand, DriverContext, DriverEvent, DriverRequest, ManageAction,
    ManageError,
};
use driver_zwave::{ZWaveConfig, ZWaveDriver};
use hub_model::command::Setting;
use hub_model::household::Secret;
use hub_model::{Availability, Clock, CommandId, Device, DeviceId, DriverId, Value};
use serde_json::{Value as Json, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// The keys of the emulated network (`tests/zwave/nodes.js`).
const KEYS: [(&str, &str); 4] = [
    ("key/s0", "0102030405060708090a0b0c0d0e0f10"),
    ("key/s2_unauthenticated", "11111111111111111111111111111111"),
    ("key/s2_authenticated", "22222222222222222222222222222222"),
    ("key/s2_access_control", "33333333333333333333333333333333"),
];

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
        let folder: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/zwave");
        if !folder.join("node_modules").is_dir() {
            println!("SKIP: run `npm ci --ignore-scripts` in tests/zwave");
            return None;
        }
        let process = Command::new("node")
            .arg("main.js")
            .current_dir(folder)
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

    /// How many commands went to nodes since this was asked last.
    pub(crate) async fn sent_to_nodes(&mut self) -> Vec<(u64, String)> {
        let frames = self.tell(json!({"do": "frames", "clear": true})).await;
        let frames = frames.as_array().unwrap().iter().filter(|frame| frame[1] == "->");
        let frames = frames.filter_map(|frame| {
            let hex = frame[2].as_str().unwrap();
            (hex.len() > 14 && &hex[4..8] == "0013").then(|| (frame[0].as_u64().unwrap(), hex[8..].to_owned()))
        });
        frames.collect()
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

/// What a hub would know of the network.
pub(crate) struct Hub {
    events: mpsc::Receiver<DriverEvent>,
    requests: mpsc::Sender<DriverRequest>,
    cancel: CancellationToken,
    task: tokio::task::JoinHandle<Result<(), driver_api::DriverError>>,
    clock: Arc<TokioClock>,
    pub(crate) devices: BTreeMap<DeviceId, Device>,
    pub(crate) values: BTreeMap<(DeviceId, u16, String), Value>,
    pub(crate) availability: BTreeMap<DeviceId, Availability>,
    pub(crate) kept: BTreeMap<Arc<str>, Secret>,
    pub(crate) log: Vec<DriverEvent>,
    commands: u64,
}

impl Hub {
    pub(crate) fn start(port: u64) -> Self {
        let kept = KEYS.iter().map(|(name, key)| (Arc::from(*name), Secret::new(*key))).collect();
        Self::start_with(port, kept, Vec::new())
    }

    pub(crate) fn start_with(port: u64, kept: BTreeMap<Arc<str>, Secret>, known: Vec<Device>) -> Self {
        let (to_core, events) = mpsc::channel(256);
        let (requests, from_core) = mpsc::channel(64);
        let cancel = CancellationToken::new();
        let clock = Arc::new(TokioClock::at("2026-11-26T12:00:00Z".parse().unwrap()));
        let context = DriverContext {
            id: DriverId::new("zwave"),
            clock: Arc::clone(&clock) as Arc<dyn Clock>,
            seed: 1,
            known,
            kept: kept.clone(),
            events: to_core,
            requests: from_core,
            cancel: cancel.clone(),
        };
        let config = ZWaveConfig { port: format!("tcp://127.0.0.1:{port}") };
        let task = tokio::spawn(Box::new(ZWaveDriver::new(config, [7; 32])).run(context));
        Self {
            events,
            requests,
            cancel,
            task,
            clock,
            devices: BTreeMap::new(),
            values: BTreeMap::new(),
            availability: BTreeMap::new(),
            kept,
            log: Vec::new(),
            commands: 0,
        }
    }

    pub(crate) async fn stop(self) -> (BTreeMap<Arc<str>, Secret>, Vec<Device>) {
        self.cancel.cancel();
        self.task.await.unwrap().unwrap();
        (self.kept, self.devices.into_values().collect())
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
            DriverEvent::Keep { name, value } => {
                match value {
                    Some(value) => self.kept.insert(Arc::clone(name), value.clone()),
                    None => self.kept.remove(name),
                };
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

    /// Sets attributes and waits for the end: the stages that it went through.
    pub(crate) async fn set(&mut self, node: u16, settings: &[(u16, &str, Value)]) -> Vec<CommandStage> {
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
            transition: None,
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
