//! Any messages of a server, with requests of the hub, time and losses of the link between them.
//!
//! The input is lines: a message, or `:` with a letter and an argument for what else happens to a machine: `c` a command
//! (endpoint, attribute, value), `m` something to manage (a number), `t` seconds that pass, `l` the link is lost and back.
#![no_main]

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use driver_api::{
    CommandStage, DriverCommand, DriverEvent, DriverRequest, Image, LinkState, Machine, ManageAction, ProvisionAction,
};
use driver_zwave_js::machine::ZWaveJs;
use driver_zwave_js::message::NEWEST_SCHEMA;
use hub_model::command::Setting;
use hub_model::pairing::PairingAction;
use hub_model::{CommandId, DeviceId, DriverId, Now, SessionId, Value};
use libfuzzer_sys::fuzz_target;

/// In seconds.
const LONGEST_WAIT: u64 = 3_600;
/// Longer than anything may take.
const LAST_WAIT: u64 = 7 * 3_600;
/// What a session begins with; the input goes on from there.
const BEGINNING: &str = include_str!("../beginning.jsonl");

fuzz_target!(|bytes: &[u8]| {
    let mut player = Player::new();
    for line in BEGINNING.lines().map(str::as_bytes).chain(bytes.split(|byte| *byte == b'\n')) {
        player.line(line);
        player.drain();
    }
    player.pass(LAST_WAIT);
    player.lose();
    assert!(player.manages.values().all(|answers| *answers == 1), "every request is answered: {:?}", player.manages);
    assert!(player.commands.values().all(|ends| *ends == 1), "every command has one beginning: {:?}", player.commands);
});

struct Player {
    machine: ZWaveJs,
    now: Now,
    /// Devices that the hub was told of.
    known: HashSet<DeviceId>,
    /// How often each command was sent, or failed before it was.
    commands: BTreeMap<String, u32>,
    /// How often each request was answered.
    manages: BTreeMap<u64, u32>,
    next: u64,
}

impl Player {
    fn new() -> Self {
        let mut machine = ZWaveJs::new(DriverId::new("zwave"), Vec::new(), NEWEST_SCHEMA);
        machine.handle_link(Now::default(), LinkState::Up);
        let (commands, manages) = (BTreeMap::new(), BTreeMap::new());
        Self { machine, now: Now::default(), known: HashSet::new(), commands, manages, next: 0 }
    }

    fn line(&mut self, line: &[u8]) {
        match line {
            [b':', letter, argument @ ..] => self.happen(*letter, &String::from_utf8_lossy(argument)),
            message => self.machine.handle_received(self.now, String::from_utf8_lossy(message).into_owned()),
        }
    }

    fn device(&self) -> DeviceId {
        self.known.iter().min_by_key(|device| device.as_str().to_owned()).cloned().unwrap_or_default()
    }

    fn happen(&mut self, letter: u8, argument: &str) {
        match letter {
            b'c' => self.command(argument),
            b'm' => self.manage(argument.trim().parse().unwrap_or_default()),
            b't' => self.pass(argument.trim().parse().unwrap_or(1).min(LONGEST_WAIT)),
            b'l' => self.lose(),
            _ => {}
        }
    }

    fn command(&mut self, argument: &str) {
        let mut words = argument.split_whitespace();
        let endpoint = words.next().and_then(|word| word.parse().ok()).unwrap_or_default();
        let attribute = words.next().unwrap_or("on");
        let value = match words.next().unwrap_or("true") {
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            word => word.parse().map_or_else(|_| Value::text(word), Value::number),
        };
        self.next += 1;
        let id = CommandId::new(format!("command-{}", self.next));
        self.commands.insert(id.as_str().to_owned(), 0);
        let settings = vec![Setting { endpoint, attribute: attribute.into(), value }];
        let deadline = self.now.mono.plus(Duration::from_secs(10));
        let transition = (self.next % 2 == 0).then_some(Duration::from_secs(self.next));
        let command = DriverCommand { id, device: self.device(), settings, transition, deadline, by_person: true };
        self.machine.handle_request(self.now, DriverRequest::Command(command));
        let read = DriverRequest::Read { device: self.device(), attributes: vec![(endpoint, attribute.into())] };
        self.machine.handle_request(self.now, read);
    }

    fn manage(&mut self, number: u64) {
        let device = self.device();
        let session = SessionId::new("session");
        let include = |action| ManageAction::StartPairing {
            session: session.clone(),
            action,
            duration: Duration::from_secs(60),
        };
        let answer = Value::composite([("s2_authenticated", Value::Bool(true)), ("pin", Value::text("12345"))]);
        let action = match number {
            0 => include(PairingAction::Include { via: None, code: None }),
            1 => include(PairingAction::Exclude),
            2 => include(PairingAction::Replace { device }),
            3 => ManageAction::AnswerPairing { session, answer },
            4 => ManageAction::StopPairing { session },
            5 => ManageAction::Remove { device, force: true },
            6 => ManageAction::Interview { device },
            7 => ManageAction::NetworkMap,
            8 => ManageAction::RepairRoutes { device: None },
            9 => ManageAction::RepairRoutes { device: Some(device) },
            10 => ManageAction::CheckHealth { device },
            11 => ManageAction::Provision(ProvisionAction::List),
            12 => ManageAction::Provision(ProvisionAction::Add { code: "1".into(), name: None }),
            13 => ManageAction::Backup,
            14 => ManageAction::Restore { image: Image(Arc::from([1, 2, 3])) },
            15 => ManageAction::InstallFirmware { device, image: Image(Arc::from([1])), target: 0 },
            _ => ManageAction::Restart,
        };
        self.next += 1;
        self.manages.insert(self.next, 0);
        self.machine.handle_request(self.now, DriverRequest::Manage { request: self.next, action });
    }

    fn pass(&mut self, seconds: u64) {
        self.now.mono = self.now.mono.plus(Duration::from_secs(seconds));
        self.machine.handle_timeout(self.now);
        self.drain();
        let next = self.machine.poll_timeout();
        assert!(next.is_none_or(|at| at > self.now.mono), "what was due is done");
    }

    fn lose(&mut self) {
        self.machine.handle_link(self.now, LinkState::Down("lost".to_owned()));
        self.drain();
        self.machine.handle_link(self.now, LinkState::Up);
        self.drain();
    }

    fn drain(&mut self) {
        while self.machine.poll_transmit().is_some() {}
        while let Some(event) = self.machine.poll_event() {
            match event {
                DriverEvent::Device(device) => {
                    self.known.insert(device.id);
                }
                DriverEvent::DeviceRemoved(device) => {
                    self.known.remove(&device);
                }
                DriverEvent::Report(report) => assert!(self.known.contains(&report.device)),
                DriverEvent::Happening { device, .. } => assert!(self.known.contains(&device)),
                DriverEvent::Managed { request, .. } => *self.manages.entry(request).or_default() += 1,
                DriverEvent::Command(progress) => {
                    let begins = !matches!(progress.stage, CommandStage::Acknowledged);
                    let of = self.commands.entry(progress.command.as_str().to_owned()).or_default();
                    // A failure after it was sent is no second beginning.
                    *of = (*of + u32::from(begins)).min(1);
                }
                _ => {}
            }
        }
    }
}
