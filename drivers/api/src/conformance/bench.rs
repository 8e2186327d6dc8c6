//! The hub's side of a driver under test.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use hub_model::event::DriverState;
use hub_model::{Clock, CommandId, Device, DeviceId, Monotonic, Value};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::{Bus, Now, Sample, Timestamp, Trust, Wall};
use crate::driver::{
    CommandStage, DriverCommand, DriverContext, DriverError, DriverEvent, DriverRequest, ManageAction, ManageError,
};

/// What the queue to the core holds in the checks: little, so that it is full soon.
pub(super) const SMALL_QUEUE: usize = 16;
/// How long a driver may take to end.
const STOP_LIMIT: Duration = Duration::from_secs(1);
/// How long is waited for what should not come.
const REST: Duration = Duration::from_secs(2);

/// A clock that follows tokio's time, also when that is paused. Its wall time begins at a given instant.
#[derive(Debug)]
pub struct TokioClock {
    began: tokio::time::Instant,
    wall: Timestamp,
}

impl TokioClock {
    /// A clock that shows `wall` now. Must be made within a runtime.
    pub fn at(wall: Timestamp) -> Self {
        Self { began: tokio::time::Instant::now(), wall }
    }
}

impl Clock for TokioClock {
    fn now(&self) -> Now {
        let passed = self.began.elapsed();
        Now { wall: Wall { time: self.wall.plus(passed), trust: Trust::Ntp }, mono: Monotonic(passed) }
    }
}

/// A driver that runs, and everything it said.
pub(super) struct Bench {
    pub(super) seen: Vec<DriverEvent>,
    events: mpsc::Receiver<DriverEvent>,
    requests: Option<mpsc::Sender<DriverRequest>>,
    cancel: CancellationToken,
    task: JoinHandle<Result<(), DriverError>>,
    clock: Arc<dyn Clock>,
    patience: Duration,
    counter: u64,
}

impl Bench {
    pub(super) fn start<B: Bus>(bus: &mut B, clock: &Arc<dyn Clock>, known: Vec<Device>) -> Self {
        let (to_core, events) = mpsc::channel(SMALL_QUEUE);
        let (requests, from_core) = mpsc::channel(64);
        let cancel = CancellationToken::new();
        let context = DriverContext {
            id: bus.id(),
            clock: Arc::clone(clock),
            seed: 1,
            known,
            kept: std::collections::BTreeMap::new(),
            events: to_core,
            requests: from_core,
            cancel: cancel.clone(),
        };
        Self {
            seen: Vec::new(),
            events,
            requests: Some(requests),
            cancel,
            task: tokio::spawn(bus.driver().run(context)),
            clock: Arc::clone(clock),
            patience: bus.patience(),
            counter: 0,
        }
    }

    /// Waits for the next event that fits.
    pub(super) async fn until(
        &mut self,
        what: &str,
        fits: impl Fn(&DriverEvent) -> bool,
    ) -> Result<DriverEvent, String> {
        let patience = self.patience;
        let wait = async {
            while let Some(event) = self.events.recv().await {
                self.seen.push(event.clone());
                if fits(&event) {
                    return Ok(event);
                }
            }
            Err(format!("the driver ended while {what} was awaited"))
        };
        tokio::time::timeout(patience, wait)
            .await
            .unwrap_or_else(|_| Err(format!("{what} did not come within {patience:?}")))
    }

    /// The first event that fits, of those that came and those that come.
    pub(super) async fn sees(
        &mut self,
        what: &str,
        fits: impl Fn(&DriverEvent) -> bool,
    ) -> Result<DriverEvent, String> {
        match self.seen.iter().find(|event| fits(event)) {
            Some(event) => Ok(event.clone()),
            None => self.until(what, fits).await,
        }
    }

    /// Waits until the driver is online (again) and speaks of `device`.
    pub(super) async fn ready(&mut self, device: &DeviceId) -> Result<(), String> {
        let of_device = |event: &DriverEvent| device_of(event) == Some(device);
        let online =
            |event: &DriverEvent| matches!(event, DriverEvent::Status(status) if status.state == DriverState::Online);
        let already = self.seen.len();
        let mut missing = (true, true);
        while missing != (false, false) {
            let what = if missing.0 { "the status online" } else { "the sample device" };
            self.until(what, |event| (missing.0 && online(event)) || (missing.1 && of_device(event))).await?;
            missing.0 &= !self.seen.iter().skip(already).any(online);
            missing.1 &= !self.seen.iter().skip(already).any(of_device);
        }
        Ok(())
    }

    pub(super) async fn status(&mut self, fits: impl Fn(DriverState) -> bool) -> Result<(), String> {
        self.until("another status", |event| matches!(event, DriverEvent::Status(status) if fits(status.state)))
            .await
            .map(drop)
    }

    /// Reads what still comes.
    pub(super) async fn rest(&mut self) {
        let read = async {
            while let Some(event) = self.events.recv().await {
                self.seen.push(event);
            }
        };
        if tokio::time::timeout(REST, read).await.is_ok() {
            tracing::debug!("The driver has ended.");
        }
    }

    /// Lets time pass in which the core takes nothing.
    pub(super) async fn leave_unread(&self) {
        tokio::time::sleep(REST).await;
    }

    pub(super) async fn request(&self, request: DriverRequest) -> Result<(), String> {
        let Some(requests) = &self.requests else { return Err("the requests are closed".to_owned()) };
        tokio::time::timeout(self.patience, requests.send(request))
            .await
            .map_err(|_| "the driver takes no request".to_owned())?
            .map_err(|_| "the driver has ended".to_owned())
    }

    pub(super) async fn command(&mut self, sample: &Sample) -> Result<CommandId, String> {
        self.counter += 1;
        let id = CommandId::new(format!("conformance-{}", self.counter));
        self.command_as(id.clone(), sample).await?;
        Ok(id)
    }

    pub(super) async fn command_as(&self, id: CommandId, sample: &Sample) -> Result<(), String> {
        self.request(DriverRequest::Command(DriverCommand {
            id,
            device: sample.device.clone(),
            settings: sample.settings.clone(),
            transition: None,
            deadline: self.clock.now().mono.plus(self.patience * 2),
            by_person: true,
        }))
        .await
    }

    pub(super) async fn manage(&mut self, action: ManageAction) -> Result<Result<Value, ManageError>, String> {
        self.counter += 1;
        let wanted = self.counter;
        let what = format!("the answer to {action:?}");
        self.request(DriverRequest::Manage { request: wanted, action }).await?;
        let event = self
            .until(&what, |event| matches!(event, DriverEvent::Managed { request, .. } if *request == wanted))
            .await?;
        match event {
            DriverEvent::Managed { result, .. } => Ok(result),
            _ => Err(what),
        }
    }

    /// The first thing that is said of a command.
    pub(super) async fn first_progress(&mut self, id: &CommandId) -> Result<CommandStage, String> {
        let of_command =
            |event: &DriverEvent| matches!(event, DriverEvent::Command(progress) if progress.command == *id);
        match self.sees("an outcome of a command", of_command).await? {
            DriverEvent::Command(progress) => Ok(progress.stage),
            other => Err(format!("{other:?} is no outcome")),
        }
    }

    /// Waits until a command was sent and the device reported what was wished.
    pub(super) async fn confirmed(&mut self, id: &CommandId, sample: &Sample) -> Result<(), String> {
        let first = self.first_progress(id).await?;
        if first != CommandStage::Sent {
            return Err(format!("the sample command began with {first:?}"));
        }
        let devices = self.devices();
        let of_command =
            |event: &&DriverEvent| matches!(event, DriverEvent::Command(progress) if progress.command == *id);
        let sent = self.seen.iter().position(|event| of_command(&event)).unwrap_or(0);
        for setting in &sample.settings {
            let Some(schema) = devices
                .get(&sample.device)
                .and_then(|device| device.attribute(setting.endpoint, setting.attribute.as_str()))
            else {
                return Err(format!("the sample device has no {}", setting.attribute));
            };
            if !schema.access.read && !schema.access.notify {
                continue;
            }
            let tolerance = schema.tolerance();
            let confirms = |event: &DriverEvent| {
                matches!(event, DriverEvent::Report(report) if report.device == sample.device
                && report.readings.iter().any(|reading| reading.endpoint == setting.endpoint
                    && reading.attribute == setting.attribute
                    && reading.value.confirms(&setting.value, tolerance)))
            };
            if !self.seen.iter().skip(sent).any(confirms) {
                self.until("the report of what was wished", confirms).await?;
            }
        }
        Ok(())
    }

    /// Every command has one first outcome and nothing behind its end; every request one answer.
    pub(super) fn orderly(&self) -> Result<(), String> {
        let mut commands: BTreeMap<&CommandId, Vec<&CommandStage>> = BTreeMap::new();
        let mut answers: BTreeMap<u64, usize> = BTreeMap::new();
        for event in &self.seen {
            match event {
                DriverEvent::Command(progress) if progress.attribute.is_none() => {
                    commands.entry(&progress.command).or_default().push(&progress.stage);
                }
                DriverEvent::Managed { request, .. } => *answers.entry(*request).or_default() += 1,
                _ => {}
            }
        }
        for (id, stages) in commands {
            use CommandStage::{Acknowledged, Failed, Sent};
            let orderly = matches!(
                stages.as_slice(),
                [Failed { .. }]
                    | [Sent]
                    | [Sent, Acknowledged]
                    | [Sent, Failed { .. }]
                    | [Sent, Acknowledged, Failed { .. }]
            );
            if !orderly {
                return Err(format!("{id} went through {stages:?}"));
            }
        }
        match answers.iter().find(|(_, count)| **count > 1) {
            Some((request, count)) => Err(format!("request {request} was answered {count} times")),
            None => Ok(()),
        }
    }

    /// The devices as they were told, without those that were removed.
    pub(super) fn devices(&self) -> BTreeMap<DeviceId, Device> {
        let mut devices = BTreeMap::new();
        for event in &self.seen {
            match event {
                DriverEvent::Device(device) => {
                    devices.insert(device.id.clone(), (**device).clone());
                }
                DriverEvent::DeviceRemoved(device) => {
                    devices.remove(device);
                }
                _ => {}
            }
        }
        devices
    }

    pub(super) fn close_requests(&mut self) {
        self.requests = None;
    }

    /// Cancels the driver and waits for its end, reading on.
    pub(super) async fn stop(mut self) -> Result<(), String> {
        self.cancel.cancel();
        self.ended().await
    }

    /// Cancels the driver while nobody takes what it says.
    pub(super) async fn stop_unread(mut self) -> Result<(), String> {
        self.cancel.cancel();
        verdict(tokio::time::timeout(STOP_LIMIT, &mut self.task).await)
    }

    /// Waits for the end of the driver, which must be near.
    pub(super) async fn ended(&mut self) -> Result<(), String> {
        let task = &mut self.task;
        let events = &mut self.events;
        let end = async {
            loop {
                tokio::select! {
                    ended = &mut *task => return ended,
                    Some(_) = events.recv() => {}
                }
            }
        };
        verdict(tokio::time::timeout(STOP_LIMIT, end).await)
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        self.task.abort();
    }
}

type End = Result<Result<Result<(), DriverError>, tokio::task::JoinError>, tokio::time::error::Elapsed>;

fn verdict(end: End) -> Result<(), String> {
    match end {
        Ok(Ok(Ok(()))) => Ok(()),
        Ok(Ok(Err(error))) => Err(format!("it ended with the error {error}")),
        Ok(Err(error)) => Err(format!("it panicked: {error}")),
        Err(_) => Err(format!("it did not end within {STOP_LIMIT:?}")),
    }
}

pub(super) fn device_of(event: &DriverEvent) -> Option<&DeviceId> {
    match event {
        DriverEvent::Device(device) => Some(&device.id),
        DriverEvent::DeviceRemoved(device)
        | DriverEvent::Happening { device, .. }
        | DriverEvent::Availability { device, .. }
        | DriverEvent::Renamed { device, .. } => Some(device),
        DriverEvent::Report(report) => Some(&report.device),
        DriverEvent::Status(_)
        | DriverEvent::Command(_)
        | DriverEvent::Pairing(_)
        | DriverEvent::Managed { .. }
        | DriverEvent::Keep { .. } => None,
    }
}
