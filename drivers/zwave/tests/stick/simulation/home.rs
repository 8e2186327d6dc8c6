//! The driver's machine at a simulated stick, in virtual time: 232 nodes, of which three are dead, five slow and sixty
//! asleep; or a few of them.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use driver_api::{CommandProgress, CommandStage, DriverCommand, DriverEvent, DriverRequest, LinkState, Machine};
use driver_zwave::machine::{Start, ZWave};
use driver_zwave::port::ToPort;
use driver_zwave::security::Secret;
use hub_model::command::Setting;
use hub_model::household::Secret as Kept;
use hub_model::{Availability, CommandId, Device, DeviceId, DriverId, Monotonic, Now, Value, Wall};

use super::stick::{Kind, Stick};

pub(crate) const LAST: u8 = 232;
pub(crate) const DEAD: [u8; 3] = [40, 41, 42];
const SLOW: [u8; 5] = [50, 51, 52, 53, 54];
const SLEEPING: std::ops::Range<u8> = 100..160;

pub(crate) fn kind_of(node: u8) -> Kind {
    match node {
        node if DEAD.contains(&node) => Kind::Dead,
        node if SLOW.contains(&node) => Kind::Slow,
        node if SLEEPING.contains(&node) => Kind::Sleeping,
        _ => Kind::Listening,
    }
}

/// The nodes that listen and answer.
pub(crate) fn living() -> impl Iterator<Item = u8> {
    (2..=LAST).filter(|node| matches!(kind_of(*node), Kind::Listening | Kind::Slow))
}

pub(crate) fn device(node: u8) -> DeviceId {
    DeviceId::new(format!("zwave:0x7e570001-{node}"))
}

/// A command to switch a node, named `command-NODE`.
pub(crate) fn switch(node: u8, on: bool, by_person: bool, deadline: Monotonic) -> DriverRequest {
    DriverRequest::Command(DriverCommand {
        id: CommandId::new(format!("command-{node}")),
        device: device(node),
        settings: vec![Setting { endpoint: 0, attribute: "on".into(), value: Value::Bool(on) }],
        transition: None,
        deadline,
        by_person,
    })
}

pub(crate) struct Home {
    machine: ZWave,
    pub(crate) stick: Stick,
    pub(crate) now: Monotonic,
    idle_steps: u32,
    pub(crate) devices: BTreeMap<DeviceId, Device>,
    pub(crate) availability: BTreeMap<DeviceId, Availability>,
    pub(crate) log: Vec<DriverEvent>,
    kept: BTreeMap<Arc<str>, Kept>,
}

impl Home {
    /// With all nodes, for what many of them do to each other.
    pub(crate) fn start() -> Self {
        Self::with((2..=LAST).collect())
    }

    /// With a few of every kind, for what is about one of them: quick.
    pub(crate) fn small() -> Self {
        Self::with((2..=12).chain([DEAD[0], SLOW[0], 99, SLEEPING.start]).collect())
    }

    fn with(nodes: Vec<u8>) -> Self {
        let start = Start {
            id: DriverId::new("zwave"),
            known: Vec::new(),
            kept: BTreeMap::new(),
            entropy: Secret::new([7; 32]),
        };
        let mut home = Self {
            machine: ZWave::new(start),
            stick: Stick::new(nodes, kind_of),
            now: Monotonic::default(),
            idle_steps: 0,
            devices: BTreeMap::new(),
            availability: BTreeMap::new(),
            log: Vec::new(),
            kept: BTreeMap::new(),
        };
        home.machine.handle_link(home.time(), LinkState::Up);
        home.drain();
        home
    }

    /// The hub starts again, with what it kept, at the same stick.
    pub(crate) fn restart(&mut self) {
        let start = Start {
            id: DriverId::new("zwave"),
            known: std::mem::take(&mut self.devices).into_values().collect(),
            kept: self.kept.clone(),
            entropy: Secret::new([8; 32]),
        };
        self.machine = ZWave::new(start);
        self.availability.clear();
        self.stick.sent.clear();
        self.log.clear();
        self.plug(LinkState::Up);
    }

    fn time(&self) -> Now {
        Now { wall: Wall::default(), mono: self.now }
    }

    /// Lets time pass until something is so.
    pub(crate) fn until(&mut self, limit: Duration, mut is_so: impl FnMut(&Self) -> bool) {
        let end = self.now.plus(limit);
        while !is_so(self) {
            assert!(self.step(end), "not within {limit:?}");
        }
    }

    pub(crate) fn run(&mut self, time: Duration) {
        let end = self.now.plus(time);
        while self.step(end) {}
    }

    pub(crate) fn is_interviewed(&self, node: u8) -> bool {
        self.devices.get(&device(node)).is_some_and(|device| device.interviewed)
    }

    /// Whether the command of [`switch`] came to this.
    pub(crate) fn has_come_to(&self, node: u8, wanted: &CommandStage) -> bool {
        self.log.iter().any(|event| {
            matches!(event, DriverEvent::Command(CommandProgress { command, stage, .. })
                if stage == wanted && command.as_str() == format!("command-{node}"))
        })
    }

    /// Nodes that were known do not answer any more, and this is known too.
    pub(crate) fn lose(&mut self, nodes: &[u8]) {
        let deadline = self.now.plus(Duration::from_secs(60));
        for node in nodes {
            self.stick.kill(*node);
            self.request(switch(*node, true, true, deadline));
        }
        let is_lost = |now: &Self, node: &u8| now.availability.get(&device(*node)) == Some(&Availability::Offline);
        self.until(Duration::from_secs(60), |now| nodes.iter().all(|node| is_lost(now, node)));
    }

    pub(crate) fn request(&mut self, request: DriverRequest) {
        self.machine.handle_request(self.time(), request);
        self.drain();
    }

    /// The stick is unplugged, or plugged in.
    pub(crate) fn plug(&mut self, state: LinkState) {
        self.stick.unplug(self.now);
        self.machine.handle_link(self.time(), state);
        self.drain();
    }

    pub(crate) fn wake(&mut self, node: u8) {
        self.stick.asleep.remove(&node);
        self.tell(node, &[0x84, 0x07]);
    }

    /// A node says something by itself.
    pub(crate) fn tell(&mut self, node: u8, command: &[u8]) {
        self.stick.tell(self.now, node, command);
    }

    /// The next thing that happens. False = nothing until then.
    fn step(&mut self, end: Monotonic) -> bool {
        let timeout = self.machine.poll_timeout();
        let said = self.stick.poll_timeout();
        let Some(next) = [said, timeout].into_iter().flatten().min().filter(|next| *next <= end) else {
            self.now = end;
            return false;
        };
        self.idle_steps = if next > self.now { 0 } else { self.idle_steps + 1 };
        assert!(self.idle_steps < 10_000, "time stands still: {timeout:?}");
        self.now = self.now.max(next);
        if said.is_some_and(|said| said <= self.now) {
            if let Some(bytes) = self.stick.poll_transmit(self.now) {
                self.machine.handle_received(self.time(), bytes);
            }
        } else {
            self.machine.handle_timeout(self.time());
        }
        self.drain();
        true
    }

    fn drain(&mut self) {
        while let Some(transmit) = self.machine.poll_transmit() {
            let ToPort::Bytes(bytes) = transmit else { panic!("the port is opened anew") };
            self.stick.handle_bytes(self.now, &bytes);
        }
        while let Some(event) = self.machine.poll_event() {
            match &event {
                DriverEvent::Device(device) => {
                    self.devices.insert(device.id.clone(), (**device).clone());
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
        }
    }
}
