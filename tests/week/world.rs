//! The world around the hub, as a driver. What happens in it is written down before the hub is told, and what a device
//! is commanded the moment it arrives; so the world goes on where it was, however its hub ended.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use driver_api::{
    CommandProgress, CommandStage, Driver, DriverCommand, DriverContext, DriverError, DriverEvent, DriverRequest,
    ManageError, Origin, Reading, Report,
};
use hub_model::command::ConfirmedBy;
use hub_model::event::{DriverState, DriverStatus};
use hub_model::record::Decision;
use hub_model::{Availability, Device, DeviceId, Timestamp};
use tokio::sync::mpsc::error::SendError;

use crate::clock::VirtualClock;
use crate::diary::Diary;
use crate::things::{self, Said};
use crate::week;

/// In a diary, before what happened by itself and before what a device was commanded.
const HAPPENED: &str = "world: ";
const COMMANDED: &str = "command: ";

/// The world.
#[derive(Clone, Debug)]
pub(crate) struct World {
    start: Timestamp,
    clock: Arc<VirtualClock>,
    diary: Diary,
    /// How much of the time to the next happening the hub was off, in thousandths.
    pause: u32,
    /// A press that the hub was told of and that it has not kept.
    lost_press: Option<String>,
}

impl World {
    /// A world that goes on where its diary ends.
    pub(crate) fn new(start: Timestamp, clock: Arc<VirtualClock>, diary: Diary, pause: u32) -> Self {
        Self { start, clock, diary, pause, lost_press: None }
    }

    /// Makes it as late as it is after the pause. A press that was under way when the hub ended is made again if the hub
    /// decided nothing on it: what would be a person who presses once more is the same to an uninterrupted hub.
    pub(crate) fn at(mut self, now: Timestamp, decisions: &[Decision]) -> Self {
        let told = self.diary.lines().iter().rfind(|(_, line)| line.starts_with(HAPPENED));
        if let Some((at, line)) = told.filter(|(_, line)| line.contains(" happens ")) {
            let button = line.trim_start_matches(HAPPENED).split('.').next().unwrap_or_default();
            let rule = button.to_lowercase().replace("button ", "press-");
            let is_kept = decisions.iter().any(|one| one.automation.as_str() == rule && one.at == *at) || *at < now;
            if !is_kept {
                self.lost_press = Some(line.trim_start_matches(HAPPENED).to_owned());
            }
        }
        if let Some((next, _)) = self.to_come().next() {
            let pause = next.since(now) * self.pause / 1_000;
            self.clock.not_before(now.plus(Duration::from_millis(pause.as_millis() as u64)));
        }
        self
    }

    /// What is still to come, oldest first.
    fn to_come(&self) -> impl Iterator<Item = (Timestamp, String)> {
        let happened = self.diary.lines().iter().filter(|(_, line)| line.starts_with(HAPPENED)).count();
        let start = self.start;
        let all = week::happenings().into_iter();
        all.map(move |(at, line)| (start.plus(Duration::from_millis(at)), line)).skip(happened)
    }

    /// How everything is, by the diary.
    fn states(&self) -> Vec<DriverEvent> {
        let online = |device: Device| {
            let said = Said::Availability(Availability::Online);
            ((device.id.clone(), String::new()), event(device.id, said))
        };
        let mut states: BTreeMap<(DeviceId, String), DriverEvent> = things::devices().map(online).collect();
        for (_, line) in self.diary.lines() {
            let Some(said) = line.strip_prefix(HAPPENED).or_else(|| line.strip_prefix(COMMANDED)) else { continue };
            let Some((device, said)) = things::read(said) else { continue };
            let attribute = match &said {
                Said::State(reading) => reading.attribute.as_str().to_owned(),
                Said::Availability(_) => String::new(),
                Said::Happening(_) => continue,
            };
            states.insert((device.clone(), attribute), event(device, said));
        }
        states.into_values().collect()
    }

    async fn live(self, mut context: DriverContext) -> Result<(), SendError<DriverEvent>> {
        let events = context.events.clone();
        events.send(DriverEvent::Status(DriverStatus { state: DriverState::Online, detail: "".into() })).await?;
        for device in things::devices() {
            events.send(DriverEvent::Device(Box::new(device))).await?;
        }
        for event in self.states() {
            events.send(event).await?;
        }
        if let Some((device, said)) = self.lost_press.as_deref().and_then(things::read) {
            events.send(event(device, said)).await?;
        }
        let mut to_come = self.to_come().peekable();
        loop {
            let pause = to_come.peek().map_or(week::WEEK, |(at, _)| at.since(self.clock.time()));
            tokio::select! {
                biased;
                () = context.cancel.cancelled() => return Ok(()),
                request = context.requests.recv() => match request {
                    None => return Ok(()),
                    Some(request) => {
                        for event in self.answer(request) {
                            events.send(event).await?;
                        }
                    }
                },
                () = tokio::time::sleep(pause) => {
                    let Some((at, line)) = to_come.next() else { continue };
                    self.write(at, &format!("{HAPPENED}{line}"));
                    if let Some((device, said)) = things::read(&line) {
                        events.send(event(device, said)).await?;
                    }
                }
            }
        }
    }

    fn answer(&self, request: DriverRequest) -> Vec<DriverEvent> {
        match request {
            DriverRequest::Command(command) => self.obey(command),
            DriverRequest::Manage { request, .. } => {
                vec![DriverEvent::Managed { request, result: Err(ManageError::Unsupported) }]
            }
            DriverRequest::Read { .. } => Vec::new(),
        }
    }

    fn obey(&self, command: DriverCommand) -> Vec<DriverEvent> {
        let sent = CommandProgress { command: command.id, attribute: None, stage: CommandStage::Sent };
        let name = week::devices().map(|(name, ..)| name).find(|name| things::id(name) == command.device);
        let name = name.unwrap_or_default();
        let mut events = vec![DriverEvent::Command(sent)];
        for setting in command.settings {
            let line = format!("{name}.{} = {}", setting.attribute, setting.value);
            self.write(self.clock.time(), &format!("{COMMANDED}{line}"));
            let reading = Reading { endpoint: 1, attribute: setting.attribute, value: setting.value };
            events.push(event(command.device.clone(), Said::State(reading)));
        }
        events
    }

    /// A world that cannot write its diary is of no use: it ends, and the test sees it.
    fn write(&self, at: Timestamp, line: &str) {
        if let Err(error) = self.diary.write(at, line) {
            tracing::error!(%error, "The diary cannot be written.");
            std::process::exit(1);
        }
    }
}

fn event(device: DeviceId, said: Said) -> DriverEvent {
    match said {
        Said::State(reading) => DriverEvent::Report(Report {
            device,
            readings: vec![reading],
            origin: Origin::Live,
            confirms: ConfirmedBy::Report,
        }),
        Said::Happening(reading) => DriverEvent::Happening { device, reading },
        Said::Availability(availability) => DriverEvent::Availability { device, availability },
    }
}

impl Driver for World {
    fn run(self: Box<Self>, context: DriverContext) -> Pin<Box<dyn Future<Output = Result<(), DriverError>> + Send>> {
        Box::pin(async move {
            // A core that takes nothing any more is stopping.
            let _ = self.live(context).await;
            Ok(())
        })
    }
}
