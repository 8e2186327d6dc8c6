//! A hub's side, a scripted machine, and events to play with.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use driver_api::conformance::TokioClock;
use driver_api::{
    CommandProgress, CommandStage, DriverCommand, DriverContext, DriverError, DriverEvent, DriverRequest, Link,
    LinkState, Machine, Origin, Reading, Report, WhenFull, run_machine,
};
use hub_model::command::{ConfirmedBy, FailureReason};
use hub_model::event::{DriverState, DriverStatus};
use hub_model::{CommandId, DeviceId, DriverId, Monotonic, Now, Value};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// A protocol of single words: `state N`, `press N`, `tick PERIOD`; a command is sent as its id, and `ok ID` answers it.
#[derive(Debug, Default)]
pub(crate) struct Words {
    events: VecDeque<DriverEvent>,
    transmits: VecDeque<String>,
    up: bool,
    ticks: Option<(Duration, Monotonic)>,
}

impl Machine for Words {
    type Received = String;
    type Transmit = String;

    fn handle_link(&mut self, _now: Now, state: LinkState) {
        self.up = state == LinkState::Up;
        let (state, detail) = match state {
            LinkState::Up => (DriverState::Online, String::new()),
            LinkState::Down(reason) => (DriverState::Offline, reason),
        };
        self.events.push_back(DriverEvent::Status(DriverStatus { state, detail: detail.into() }));
    }
    fn handle_received(&mut self, now: Now, received: String) {
        match received.split_once(' ') {
            Some(("state", number)) => self.events.push_back(state("d", number.parse().unwrap())),
            Some(("press", number)) => self.events.push_back(press("d", number.parse().unwrap())),
            Some(("ok", id)) => self.events.push_back(progress(id, CommandStage::Acknowledged)),
            Some(("tick", milliseconds)) => {
                let period = Duration::from_millis(milliseconds.parse().unwrap());
                self.ticks = Some((period, now.mono.plus(period)));
            }
            _ => {}
        }
    }
    fn handle_request(&mut self, _now: Now, request: DriverRequest) {
        if let DriverRequest::Command(command) = request {
            if self.up {
                self.transmits.push_back(command.id.to_string());
                self.events.push_back(progress(command.id.as_str(), CommandStage::Sent));
            } else {
                let failed = CommandStage::Failed { reason: FailureReason::DriverOffline, detail: None };
                self.events.push_back(progress(command.id.as_str(), failed));
            }
        }
    }
    fn handle_timeout(&mut self, now: Now) {
        if let Some((period, at)) = &mut self.ticks {
            *at = now.mono.plus(*period);
            self.events.push_back(press("timer", 0));
        }
    }
    fn poll_transmit(&mut self) -> Option<String> {
        self.transmits.pop_front()
    }
    fn poll_event(&mut self) -> Option<DriverEvent> {
        self.events.pop_front()
    }
    fn poll_timeout(&self) -> Option<Monotonic> {
        self.ticks.map(|(_, at)| at)
    }
}

/// The hub's side of a running machine.
pub(crate) struct Hub {
    pub(crate) events: mpsc::Receiver<DriverEvent>,
    pub(crate) requests: mpsc::Sender<DriverRequest>,
    pub(crate) cancel: CancellationToken,
    pub(crate) task: JoinHandle<Result<(), DriverError>>,
}

impl Hub {
    pub(crate) fn start<L>(link: L, when_full: WhenFull, room: usize) -> Self
    where
        L: Link<Received = String, Transmit = String> + 'static,
    {
        let (to_core, events) = mpsc::channel(room);
        let (requests, from_core) = mpsc::channel(64);
        let cancel = CancellationToken::new();
        let context = DriverContext {
            id: DriverId::new("words"),
            clock: Arc::new(TokioClock::at("2026-11-21T12:00:00Z".parse().unwrap())),
            seed: 1,
            known: Vec::new(),
            kept: std::collections::BTreeMap::new(),
            events: to_core,
            requests: from_core,
            cancel: cancel.clone(),
        };
        let task = tokio::spawn(run_machine(Words::default(), link, context, when_full));
        Self { events, requests, cancel, task }
    }

    pub(crate) async fn next(&mut self) -> DriverEvent {
        tokio::time::timeout(Duration::from_secs(120), self.events.recv()).await.expect("an event in time").unwrap()
    }

    pub(crate) async fn online(&mut self) {
        while !is_status(&self.next().await, DriverState::Online) {}
    }

    pub(crate) async fn command(&self, id: &str) {
        let command = DriverCommand {
            id: CommandId::new(id),
            device: device("d"),
            settings: Vec::new(),
            transition: None,
            deadline: Monotonic(Duration::from_secs(3_600)),
            by_person: true,
        };
        self.requests.send(DriverRequest::Command(command)).await.unwrap();
    }

    /// Cancels and waits for the end, which must come within a second.
    pub(crate) async fn stop(self) {
        self.cancel.cancel();
        tokio::time::timeout(Duration::from_secs(1), self.task)
            .await
            .expect("the end within a second")
            .unwrap()
            .unwrap();
    }
}

pub(crate) fn is_status(event: &DriverEvent, wanted: DriverState) -> bool {
    matches!(event, DriverEvent::Status(status) if status.state == wanted)
}

pub(crate) fn device(address: &str) -> DeviceId {
    DeviceId::of(&DriverId::new("words"), address)
}

fn reading(attribute: &str, number: u32) -> Reading {
    Reading { endpoint: 1, attribute: attribute.into(), value: Value::number(f64::from(number)) }
}

pub(crate) fn state(address: &str, number: u32) -> DriverEvent {
    states(address, &[("level", number)])
}

pub(crate) fn states(address: &str, values: &[(&str, u32)]) -> DriverEvent {
    DriverEvent::Report(Report {
        device: device(address),
        readings: values.iter().map(|(attribute, number)| reading(attribute, *number)).collect(),
        origin: Origin::Live,
        confirms: ConfirmedBy::Report,
    })
}

pub(crate) fn press(address: &str, number: u32) -> DriverEvent {
    DriverEvent::Happening { device: device(address), reading: reading("action", number) }
}

pub(crate) fn progress(id: &str, stage: CommandStage) -> DriverEvent {
    DriverEvent::Command(CommandProgress { command: CommandId::new(id), attribute: None, stage })
}
