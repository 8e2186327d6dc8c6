//! A machine driven by hand.

use std::time::Duration;

use driver_api::{DriverCommand, DriverEvent, DriverRequest, LinkState, Machine, ManageAction, ManageError, Report};
use driver_virtual::{Placement, Stimulus, VirtualMachine};
use hub_model::command::Setting;
use hub_model::{CommandId, DeviceId, DriverId, Monotonic, Now, Timestamp, Trust, Value, Wall};

/// A virtual bus and the time on it.
pub(crate) struct Hand {
    pub(crate) machine: VirtualMachine,
    start: Timestamp,
    passed: Duration,
    counter: u64,
    /// Events that came while something else was awaited.
    pub(crate) aside: Vec<DriverEvent>,
}

pub(crate) fn id(address: &str) -> DeviceId {
    DeviceId::of(&DriverId::new("virtual"), address)
}

impl Hand {
    pub(crate) fn demo(seed: u64, start: &str) -> Self {
        Self::of(VirtualMachine::new(DriverId::new("virtual"), &driver_virtual::demo_devices(), true, seed, &[]), start)
    }

    pub(crate) fn scripted(devices: &[Placement]) -> Self {
        Self::of(VirtualMachine::new(DriverId::new("virtual"), devices, false, 1, &[]), "2026-11-21T12:00:00Z")
    }

    pub(crate) fn of(machine: VirtualMachine, start: &str) -> Self {
        let mut hand =
            Self { machine, start: start.parse().unwrap(), passed: Duration::ZERO, counter: 0, aside: Vec::new() };
        hand.machine.handle_link(hand.now(), LinkState::Up);
        hand
    }

    pub(crate) fn now(&self) -> Now {
        Now { wall: Wall { time: self.start.plus(self.passed), trust: Trust::Ntp }, mono: Monotonic(self.passed) }
    }

    pub(crate) fn events(&mut self) -> Vec<DriverEvent> {
        std::iter::from_fn(|| self.machine.poll_event()).collect()
    }

    /// Lets time pass, timer by timer; what happened, and when.
    pub(crate) fn pass(&mut self, duration: Duration) -> Vec<(Duration, DriverEvent)> {
        let end = self.passed + duration;
        let mut happened: Vec<_> = self.events().into_iter().map(|event| (self.passed, event)).collect();
        while let Some(at) = self.machine.poll_timeout().filter(|at| at.0 <= end) {
            self.passed = self.passed.max(at.0);
            self.machine.handle_timeout(self.now());
            happened.extend(self.events().into_iter().map(|event| (self.passed, event)));
        }
        self.passed = end;
        happened
    }

    /// The same without the times.
    pub(crate) fn events_of(&mut self, duration: Duration) -> Vec<DriverEvent> {
        self.pass(duration).into_iter().map(|(_, event)| event).collect()
    }

    pub(crate) fn play(&mut self, stimulus: Stimulus) {
        self.machine.handle_received(self.now(), stimulus);
    }

    pub(crate) fn request(&mut self, request: DriverRequest) {
        self.machine.handle_request(self.now(), request);
    }

    pub(crate) fn command(&mut self, address: &str, set: &[(&str, Value)], transition: Option<Duration>) -> CommandId {
        self.counter += 1;
        let command = CommandId::new(format!("c{}", self.counter));
        let settings = set
            .iter()
            .map(|(attribute, value)| Setting {
                endpoint: endpoint(attribute),
                attribute: (*attribute).into(),
                value: value.clone(),
            })
            .collect();
        self.request(DriverRequest::Command(DriverCommand {
            id: command.clone(),
            device: id(address),
            settings,
            transition,
            deadline: self.now().mono.plus(Duration::from_secs(10)),
            by_person: true,
        }));
        command
    }

    /// Manages, waits for at most a minute, and gives the one answer.
    pub(crate) fn manage(&mut self, action: ManageAction) -> (Result<Value, ManageError>, Vec<DriverEvent>) {
        self.counter += 1;
        self.request(DriverRequest::Manage { request: self.counter, action });
        let mut events = self.events();
        if !events.iter().any(|event| matches!(event, DriverEvent::Managed { .. })) {
            events.extend(self.events_of(Duration::from_secs(60)));
        }
        let answers: Vec<_> = events
            .iter()
            .filter_map(|event| match event {
                DriverEvent::Managed { request, result } => Some((*request, result.clone())),
                _ => None,
            })
            .collect();
        assert_eq!(answers.len(), 1, "{answers:?}");
        assert_eq!(answers[0].0, self.counter);
        (answers[0].1.clone(), events)
    }
}

fn endpoint(attribute: &str) -> u16 {
    u16::from(!matches!(attribute, "identify" | "battery"))
}

pub(crate) fn reports(events: &[DriverEvent]) -> impl Iterator<Item = &Report> {
    events.iter().filter_map(|event| match event {
        DriverEvent::Report(report) => Some(report),
        _ => None,
    })
}

/// The last reported value of an attribute.
pub(crate) fn last(events: &[DriverEvent], address: &str, attribute: &str) -> Option<Value> {
    reports(events)
        .filter(|report| report.device == id(address))
        .flat_map(|report| &report.readings)
        .filter(|reading| reading.attribute.as_str() == attribute)
        .map(|reading| reading.value.clone())
        .last()
}

/// One line for each event of a command or its device, with its time.
pub(crate) fn lines(happened: &[(Duration, DriverEvent)]) -> String {
    let mut text = String::new();
    for (_, event) in happened {
        let line = match event {
            DriverEvent::Command(progress) => format!("{} {:?}", progress.command, progress.stage),
            DriverEvent::Report(report) => {
                let readings: Vec<String> =
                    report.readings.iter().map(|reading| format!("{}={}", reading.attribute, reading.value)).collect();
                format!("{} {}", report.device, readings.join(" "))
            }
            DriverEvent::Pairing(progress) => format!(
                "{:?}{}{} — {}",
                progress.stage,
                progress.device.as_ref().map(|device| format!(" {device}")).unwrap_or_default(),
                progress.ask.as_ref().map(|ask| format!(" asks {:?} {:?}", ask.kind, ask.fields)).unwrap_or_default(),
                progress.next_step
            ),
            DriverEvent::Device(device) => format!("device {}", device.id),
            DriverEvent::DeviceRemoved(device) => format!("removed {device}"),
            DriverEvent::Availability { device, availability } => format!("{device} {}", availability.as_str()),
            DriverEvent::Managed { result, .. } => match result {
                Ok(value) => format!("answer {value}"),
                Err(error) => format!("error {error}"),
            },
            other => format!("{other:?}"),
        };
        text.push_str(&line);
        text.push('\n');
    }
    text
}
