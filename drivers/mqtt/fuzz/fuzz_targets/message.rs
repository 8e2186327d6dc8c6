//! Any messages, with requests, time and losses of the link between them, to a machine that knows a few devices.
//!
//! The input is lines: `topic<TAB>payload`, `!topic<TAB>payload` for a retained message, and `:` with a letter and an
//! argument for what else happens to a machine.
#![no_main]

use std::collections::{BTreeMap, HashSet};
use std::time::Duration;

use driver_api::driver::{DriverCommand, GroupAction};
use driver_api::{CommandStage, DriverEvent, DriverRequest, LinkState, Machine, ManageAction};
use driver_mqtt::Message;
use driver_mqtt::zigbee2mqtt::{Zigbee2Mqtt, fuzz};
use hub_model::command::Setting;
use hub_model::pairing::PairingAction;
use hub_model::{CommandId, Device, DeviceId, Now, Value};
use libfuzzer_sys::fuzz_target;

/// More timeouts within one wait are no progress.
const TIMEOUT_LIMIT: usize = 10_000;
/// In seconds.
const LONGEST_WAIT: u64 = 3_600;
/// Longer than any request may take; a firmware update takes a day.
const LAST_WAIT: u64 = 25 * 3_600;

fuzz_target!(|bytes: &[u8]| {
    let mut player = Player::new();
    for line in bytes.split(|byte| *byte == b'\n') {
        player.line(line);
        player.drain();
    }
    player.pass(LAST_WAIT);
    assert!(player.manages.values().all(|answers| *answers == 1), "every request is answered: {:?}", player.manages);
});

struct Player {
    machine: Zigbee2Mqtt,
    now: Now,
    /// Devices that the hub was told of.
    known: HashSet<DeviceId>,
    /// Commands that are neither sent nor failed.
    commands: HashSet<CommandId>,
    /// How often each request was answered.
    manages: BTreeMap<u64, u32>,
    next: u64,
}

impl Player {
    fn new() -> Self {
        let machine = fuzz::machine();
        let known = machine.devices().map(|device| device.id.clone()).collect();
        Self { machine, now: Now::default(), known, commands: HashSet::new(), manages: BTreeMap::new(), next: 0 }
    }

    fn line(&mut self, line: &[u8]) {
        match line {
            [b':', letter, argument @ ..] => self.happen(*letter, &String::from_utf8_lossy(argument)),
            [b'!', message @ ..] => self.message(message, true),
            message => self.message(message, false),
        }
    }

    fn message(&mut self, line: &[u8], retain: bool) {
        let end = line.iter().position(|byte| *byte == b'\t').unwrap_or(line.len());
        let payload = line.get(end + 1..).unwrap_or_default().to_vec();
        let message = Message { retain, ..Message::new(line[..end].to_vec(), payload) };
        self.machine.handle_received(self.now, vec![message]);
    }

    fn happen(&mut self, letter: u8, argument: &str) {
        let argument = argument.trim();
        let json = || serde_json::from_str::<Value>(argument).unwrap_or_default();
        let session = || "s1".into();
        match letter {
            b'u' => self.machine.handle_link(self.now, LinkState::Up),
            b'd' => self.machine.handle_link(self.now, LinkState::Down(argument.to_owned())),
            b't' => self.pass(argument.parse().unwrap_or(1).min(LONGEST_WAIT)),
            b's' => self.set(argument, None),
            b'S' => self.set(argument, Some(Duration::from_millis(1_500))),
            b'r' => {
                let Some(device) = self.device(argument) else { return };
                let attributes =
                    device.attributes().map(|(endpoint, schema)| (endpoint, schema.name.clone())).collect();
                let request = DriverRequest::Read { device: device.id, attributes };
                self.machine.handle_request(self.now, request);
            }
            b'n' => {
                let (device, name) = argument.split_once(' ').unwrap_or((argument, "new"));
                self.manage(ManageAction::Rename { device: self.id(device), name: name.into() });
            }
            b'x' => self.manage(ManageAction::Remove { device: self.id(argument), force: false }),
            b'X' => self.manage(ManageAction::Remove { device: self.id(argument), force: true }),
            b'i' => self.manage(ManageAction::Interview { device: self.id(argument) }),
            b'o' => self.manage(ManageAction::SetOptions { device: self.id("0"), options: json() }),
            b'f' => self.manage(ManageAction::Firmware { device: self.id(argument), install: false }),
            b'F' => self.manage(ManageAction::Firmware { device: self.id(argument), install: true }),
            b'p' => {
                let via = (!argument.is_empty()).then(|| self.id(argument));
                let action = PairingAction::Include { via, code: None };
                self.pair(action);
            }
            b'c' => self.pair(PairingAction::Include { via: None, code: Some(argument.into()) }),
            b'e' => self.pair(PairingAction::Exclude),
            b'w' => self.pair(PairingAction::Replace { device: self.id(argument) }),
            b'a' => self.manage(ManageAction::AnswerPairing { session: session(), answer: json() }),
            b'P' => self.manage(ManageAction::StopPairing { session: session() }),
            b'g' => self.manage(ManageAction::Group(GroupAction::Create { name: argument.into() })),
            b'G' => self.manage(ManageAction::Group(GroupAction::Remove { group: self.id(argument) })),
            b'm' | b'M' => {
                let (group, member) = argument.split_once(' ').unwrap_or(("zigbee:group-5", argument));
                let (group, member, endpoint) = (self.id(group), self.id(member), Some(1));
                self.manage(ManageAction::Group(match letter {
                    b'm' => GroupAction::AddMember { group, member, endpoint },
                    _ => GroupAction::RemoveMember { group, member, endpoint },
                }));
            }
            b'N' => self.manage(ManageAction::NetworkMap),
            b'R' => self.manage(ManageAction::Restart),
            _ => {}
        }
    }

    /// The device of this number, or of this id.
    fn device(&self, argument: &str) -> Option<Device> {
        let mut devices: Vec<&Device> = self.machine.devices().collect();
        devices.sort_by(|one, other| one.id.cmp(&other.id));
        match argument.parse::<usize>() {
            Ok(number) => devices.get(number).copied().cloned(),
            Err(_) => devices.into_iter().find(|device| device.id.as_str() == argument).cloned(),
        }
    }

    fn id(&self, argument: &str) -> DeviceId {
        self.device(argument).map_or_else(|| DeviceId::new(argument), |device| device.id)
    }

    /// Sets everything that can be set on a device.
    fn set(&mut self, argument: &str, transition: Option<Duration>) {
        let Some(device) = self.device(argument) else { return };
        let writable = device.attributes().filter(|(_, schema)| schema.access.write);
        let settings = writable.map(|(endpoint, schema)| {
            let value = match (schema.values.first(), schema.kind) {
                (Some(value), _) => Value::Text(value.clone()),
                (None, hub_model::Kind::Bool) => Value::Bool(true),
                (None, _) => Value::Number(schema.min.unwrap_or(1.0)),
            };
            Setting { endpoint, attribute: schema.name.clone(), value }
        });
        self.next += 1;
        let id = CommandId::new(format!("c{}", self.next));
        self.commands.insert(id.clone());
        let command = DriverCommand {
            id,
            device: device.id.clone(),
            settings: settings.collect(),
            transition,
            deadline: self.now.mono.plus(Duration::from_secs(10)),
            by_person: true,
        };
        self.machine.handle_request(self.now, DriverRequest::Command(command));
    }

    fn pair(&mut self, action: PairingAction) {
        self.manage(ManageAction::StartPairing { session: "s1".into(), action, duration: Duration::from_secs(60) });
    }

    fn manage(&mut self, action: ManageAction) {
        self.next += 1;
        self.manages.insert(self.next, 0);
        self.machine.handle_request(self.now, DriverRequest::Manage { request: self.next, action });
    }

    fn pass(&mut self, seconds: u64) {
        let end = self.now.mono.plus(Duration::from_secs(seconds));
        for _ in 0..TIMEOUT_LIMIT {
            let Some(at) = self.machine.poll_timeout().filter(|at| *at <= end) else {
                self.now.mono = end;
                return;
            };
            self.now.mono = self.now.mono.max(at);
            self.machine.handle_timeout(self.now);
            self.drain();
        }
        panic!("timeouts without end");
    }

    fn drain(&mut self) {
        while let Some(event) = self.machine.poll_event() {
            self.event(event);
        }
        while self.machine.poll_transmit().is_some() {}
        assert!(self.commands.is_empty(), "neither sent nor failed: {:?}", self.commands);
    }

    fn event(&mut self, event: DriverEvent) {
        match event {
            DriverEvent::Device(device) => {
                self.known.insert(device.id);
            }
            DriverEvent::DeviceRemoved(device) => assert!(self.known.remove(&device), "{device} was never there"),
            DriverEvent::Report(report) => self.told_of(&report.device),
            DriverEvent::Happening { device, .. } => self.told_of(&device),
            DriverEvent::Availability { device, .. } => self.told_of(&device),
            DriverEvent::Renamed { device, .. } => self.told_of(&device),
            DriverEvent::Command(progress) => {
                if matches!(progress.stage, CommandStage::Sent | CommandStage::Failed { .. }) {
                    self.commands.remove(&progress.command);
                }
            }
            DriverEvent::Managed { request, .. } => {
                let answers = self.manages.get_mut(&request).expect("an answer to a request that was made");
                *answers += 1;
                assert_eq!(*answers, 1, "one answer to each request");
            }
            DriverEvent::Status(_) | DriverEvent::Pairing(_) | DriverEvent::Keep { .. } => {}
        }
    }

    fn told_of(&self, device: &DeviceId) {
        assert!(self.known.contains(device), "{device} is not known to the hub");
    }
}
