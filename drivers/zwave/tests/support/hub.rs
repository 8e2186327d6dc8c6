//! A hub for a driver.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use driver_api::conformance::TokioClock;
use driver_api::{
    CommandProgress, CommandStage, Driver, DriverCommand, DriverContext, DriverEvent, DriverRequest, ManageAction,
    ManageError,
};
use driver_zwave::{ZWaveConfig, ZWaveDriver};
use hub_model::command::Setting;
use hub_model::event::DriverState;
use hub_model::household::Secret;
use hub_model::{Availability, Clock, CommandId, Device, DeviceId, DriverId, Value};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::Stick;

/// The keys of the emulated network (`tests/zwave/nodes.js`).
const KEYS: [(&str, &str); 4] = [
    ("key/s0", "0102030405060708090a0b0c0d0e0f10"),
    ("key/s2_unauthenticated", "11111111111111111111111111111111"),
    ("key/s2_authenticated", "22222222222222222222222222222222"),
    ("key/s2_access_control", "33333333333333333333333333333333"),
];

/// What a driver has the hub keep.
pub(crate) type Kept = BTreeMap<Arc<str>, Secret>;

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
    pub(crate) kept: Kept,
    pub(crate) log: Vec<DriverEvent>,
    commands: u64,
}

impl Hub {
    /// A hub with the driver of this house, that knows nothing but the keys of the network.
    pub(crate) fn start(stick: &Stick) -> Self {
        Self::start_with(&stick.address(), Self::keys(), Vec::new())
    }

    pub(crate) fn keys() -> Kept {
        KEYS.iter().map(|(name, key)| (Arc::from(*name), Secret::new(*key))).collect()
    }

    /// The same at a port, with what the driver had it keep, and the devices that it knew.
    pub(crate) fn start_with(port: &str, kept: Kept, known: Vec<Device>) -> Self {
        let config = ZWaveConfig { port: port.to_owned() };
        Self::with_driver(Box::new(ZWaveDriver::new(config, [7; 32])), kept, known)
    }

    /// A hub with any driver.
    pub(crate) fn with_driver(driver: Box<dyn Driver>, kept: Kept, known: Vec<Device>) -> Self {
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
        let task = tokio::spawn(driver.run(context));
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

    pub(crate) async fn stop(self) -> (Kept, Vec<Device>) {
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

    /// Waits until the driver says that its stick is ready, counted from an event of the log on.
    pub(crate) async fn online_since(&mut self, since: usize) {
        let is_online =
            |event: &DriverEvent| matches!(event, DriverEvent::Status(status) if status.state == DriverState::Online);
        self.until(60, "the stick is ready", |hub| hub.log[since..].iter().any(is_online)).await;
    }

    /// Waits until nodes are interviewed.
    pub(crate) async fn is_known(&mut self, nodes: &[u16]) {
        let interviewed = |hub: &Self, node: &u16| hub.device(*node).is_some_and(|device| device.interviewed);
        self.until(240, "nodes are found out", |hub| nodes.iter().all(|node| interviewed(hub, node))).await;
    }

    /// Waits until an attribute is so.
    pub(crate) async fn reports(&mut self, node: u16, endpoint: u16, attribute: &str, value: &Value) {
        let is_so = |hub: &Self| hub.value(node, endpoint, attribute).is_some_and(|now| now.confirms(value, 1.02));
        self.until(20, &format!("node {node} reports {attribute} = {value}"), is_so).await;
    }

    /// Sets an attribute, and waits until it is acknowledged and reported.
    pub(crate) async fn sets(&mut self, node: u16, endpoint: u16, attribute: &str, value: Value) {
        let stages = self.set(node, &[(endpoint, attribute, value.clone())]).await;
        assert_eq!(stages, [CommandStage::Sent, CommandStage::Acknowledged], "node {node}, {attribute}");
        self.reports(node, endpoint, attribute, &value).await;
    }

    /// Sets attributes and waits for the end: the stages that it went through.
    pub(crate) async fn set(&mut self, node: u16, settings: &[(u16, &str, Value)]) -> Vec<CommandStage> {
        let id = self.begin_set(node, settings).await;
        self.ended(&id).await
    }

    /// Asks for attributes to be set.
    pub(crate) async fn begin_set(&mut self, node: u16, settings: &[(u16, &str, Value)]) -> CommandId {
        self.begin_set_over(node, settings, None).await
    }

    /// The same, in this time.
    pub(crate) async fn begin_set_over(
        &mut self,
        node: u16,
        settings: &[(u16, &str, Value)],
        transition: Option<Duration>,
    ) -> CommandId {
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
        id
    }

    /// The stages of a command so far.
    pub(crate) fn stages(&self, id: &CommandId) -> Vec<CommandStage> {
        let progress = self.log.iter().filter_map(|event| match event {
            DriverEvent::Command(CommandProgress { command, stage, .. }) if command == id => Some(stage.clone()),
            _ => None,
        });
        progress.collect()
    }

    /// Waits for the end of a command: the stages that it went through.
    pub(crate) async fn ended(&mut self, id: &CommandId) -> Vec<CommandStage> {
        let is_over = |hub: &Self| hub.stages(id).last().is_some_and(|stage| *stage != CommandStage::Sent);
        self.until(45, "the command ends", is_over).await;
        self.stages(id)
    }

    /// Asks how an attribute is.
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
