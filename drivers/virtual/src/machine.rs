//! The bus as a state machine: what is due, and who is told.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use driver_api::{
    CommandProgress, CommandStage, DriverCommand, DriverEvent, DriverRequest, LinkState, Machine, ManageAction,
    ManageError, Reading, RequestId,
};
use hub_model::command::FailureReason;
use hub_model::event::{DriverState, DriverStatus};
use hub_model::{AttributeName, CommandId, Device, DeviceId, DriverId, EndpointNumber, Monotonic, Now, Value};

use crate::blind;
use crate::catalogue::Model;
use crate::commands::{self, Effect};
use crate::driver::Stimulus;
use crate::home::{Home, Placement};
use crate::life::Life;
use crate::pairing::{self, Happening, Session};
use crate::random::Random;

/// More than that is never under way at once; further commands fail as busy.
const AGENDA_LIMIT: usize = 4_096;
/// How often life goes on.
const TICK: Duration = Duration::from_secs(1);
/// After that the bus gives up on a device that does not answer.
const UNREACHABLE_AFTER: Duration = Duration::from_secs(2);

/// Something that will happen.
#[derive(Debug)]
pub(crate) enum Task {
    /// Life goes on.
    Tick,
    /// A command reaches its device.
    Carry(DriverCommand),
    /// The bus gives up.
    GiveUp(CommandId),
    /// A device has taken new values.
    Take(DeviceId, Vec<Reading>),
    /// A device is asked.
    Read(DeviceId, Vec<(EndpointNumber, AttributeName)>),
    /// A blind moves on.
    Blind(DeviceId),
    /// A device has been asked what it is.
    Interview(DeviceId, RequestId),
    /// Firmware arrives, so many percent so far.
    Firmware(DeviceId, RequestId, u8),
}

/// The virtual bus.
#[derive(Debug)]
pub struct VirtualMachine {
    pub(crate) home: Home,
    pub(crate) random: Random,
    life: Option<Life>,
    pub(crate) session: Option<Session>,
    pub(crate) paired: Vec<DeviceId>,
    agenda: BTreeMap<(Monotonic, u64), Task>,
    counter: u64,
    introduced: bool,
}

impl VirtualMachine {
    /// A bus with these devices. `lively`: people live among them. `known` are the devices of an earlier run: names and
    /// devices that were paired then are kept, and if there are any, devices that were removed then stay away.
    pub fn new(driver: DriverId, placements: &[Placement], lively: bool, seed: u64, known: &[Device]) -> Self {
        let mut machine = Self {
            home: Home::new(driver, placements),
            random: Random::new(seed),
            life: lively.then(|| Life::new(seed)),
            session: None,
            paired: Vec::new(),
            agenda: BTreeMap::new(),
            counter: 0,
            introduced: false,
        };
        machine.remember(known, lively);
        if let Some(life) = &machine.life {
            life.furnish(&mut machine.home);
        }
        machine
    }

    fn remember(&mut self, known: &[Device], lively: bool) {
        if lively && !known.is_empty() {
            self.home.units.retain(|_, unit| known.iter().any(|device| device.id == unit.device.id));
        }
        for device in known {
            if self.home.unit(&device.id).is_none() {
                let Some(model) = Model::of(device) else {
                    self.home.events.push_back(DriverEvent::DeviceRemoved(device.id.clone()));
                    continue;
                };
                let name = device.native_name.clone().unwrap_or_else(|| device.id.native_address().into());
                self.home.add(&Placement::new(device.id.native_address(), name, model));
                self.paired.push(device.id.clone());
            }
            if let Some(unit) = self.home.unit_mut(&device.id) {
                unit.device.native_name.clone_from(&device.native_name);
                unit.device.firmware.clone_from(&device.firmware);
            }
        }
        // They are introduced with all others once the bus is there.
        self.home.events.retain(|event| matches!(event, DriverEvent::DeviceRemoved(_)));
    }

    /// The devices as they are described now.
    pub fn devices(&self) -> impl Iterator<Item = &Device> {
        self.home.units.values().map(|unit| &unit.device)
    }

    pub(crate) fn schedule(&mut self, at: Monotonic, task: Task) {
        self.counter += 1;
        self.agenda.insert((at, self.counter), task);
    }

    pub(crate) fn answer(&mut self, request: RequestId, result: Result<Value, ManageError>) {
        self.home.events.push_back(DriverEvent::Managed { request, result });
    }

    fn progress(&mut self, command: &CommandId, stage: CommandStage) {
        let progress = CommandProgress { command: command.clone(), attribute: None, stage };
        self.home.events.push_back(DriverEvent::Command(progress));
    }

    fn fail(&mut self, command: &CommandId, reason: FailureReason, detail: &str) {
        self.progress(command, CommandStage::Failed { reason, detail: Some(detail.into()) });
    }

    fn command(&mut self, now: Monotonic, command: DriverCommand) {
        if !self.home.heard {
            return self.fail(&command.id, FailureReason::DriverOffline, "the virtual bus is not connected");
        }
        if let Some((reason, detail)) = commands::refusal(&self.home, &command) {
            return self.fail(&command.id, reason, &detail);
        }
        if self.agenda.len() >= AGENDA_LIMIT {
            return self.fail(&command.id, FailureReason::Busy, "too much is under way on the virtual bus");
        }
        if now > command.deadline {
            return self.fail(&command.id, FailureReason::Busy, "it waited too long to be sent");
        }
        let Some(unit) = self.home.unit(&command.device) else { return };
        let (reachable, silent, listens_at) = (unit.reachable, unit.silent, unit.listens_at(now));
        self.progress(&command.id, CommandStage::Sent);
        if silent {
            return;
        }
        if !reachable {
            return self.schedule(now.plus(UNREACHABLE_AFTER), Task::GiveUp(command.id));
        }
        let latency = self.random.milliseconds(10, 150);
        self.schedule(listens_at.plus(latency), Task::Carry(command));
    }

    fn perform(&mut self, now: Monotonic, task: Task) {
        match task {
            Task::Tick => {}
            Task::Carry(command) => {
                if self.home.unit(&command.device).is_none() {
                    return;
                }
                self.progress(&command.id, CommandStage::Acknowledged);
                for effect in commands::carry_out(&mut self.home, &command, &mut self.random) {
                    match effect {
                        Effect::Take(after, readings) => {
                            self.schedule(now.plus(after), Task::Take(command.device.clone(), readings));
                        }
                        Effect::Move => self.move_blind(now, &command.device),
                    }
                }
            }
            Task::GiveUp(command) => self.fail(&command, FailureReason::Unreachable, "the device does not answer"),
            Task::Take(device, readings) => self.home.take(&device, readings),
            Task::Read(device, attributes) => {
                let Some(unit) = self.home.unit(&device) else { return };
                let readings = attributes
                    .into_iter()
                    .filter(|(endpoint, attribute)| {
                        unit.device.attribute(*endpoint, attribute.as_str()).is_some_and(|schema| schema.access.read)
                    })
                    .map(|(endpoint, attribute)| {
                        let value = unit.value(endpoint, attribute.as_str());
                        Reading { endpoint, attribute, value }
                    })
                    .collect();
                self.home.report(&device, readings);
            }
            Task::Blind(device) => {
                if blind::step(&mut self.home, &device) {
                    self.schedule(now.plus(blind::STEP), Task::Blind(device));
                }
            }
            Task::Interview(device, request) => self.interviewed(&device, request),
            Task::Firmware(device, request, percent) => self.firmware_arrives(now, device, request, percent),
        }
    }

    /// A blind has one motor: a new aim takes the place of the old one.
    fn move_blind(&mut self, now: Monotonic, device: &DeviceId) {
        let moving = |task: &Task| matches!(task, Task::Blind(moving) if moving == device);
        if !self.agenda.values().any(moving) {
            let latency = self.random.milliseconds(200, 400);
            self.schedule(now.plus(latency), Task::Blind(device.clone()));
        }
    }

    fn live(&mut self, now: Now) {
        if let Some(life) = &mut self.life {
            life.tick(now, &mut self.home);
            self.schedule(now.mono.plus(TICK), Task::Tick);
        }
    }

    fn tell_pairing(&mut self) {
        while let Some(happening) = self.session.as_mut().and_then(Session::poll) {
            match happening {
                Happening::Tell(progress) => self.home.events.push_back(DriverEvent::Pairing(progress)),
                Happening::Arrive { address, model } => {
                    let name = new_name(model, &address);
                    let device = self.home.add(&Placement::new(address, name, model));
                    self.paired.push(device);
                }
                Happening::Renew(device) => {
                    let Some(unit) = self.home.unit(&device) else { continue };
                    let name = unit.device.native_name.clone().unwrap_or_else(|| device.native_address().into());
                    let placement =
                        Placement { room: unit.room, ..Placement::new(device.native_address(), name, unit.model) };
                    self.home.add(&placement);
                }
                Happening::Leave(device) => self.remove(&device),
            }
        }
        if self.session.as_ref().is_some_and(|session| !session.is_open()) {
            self.session = None;
        }
    }

    pub(crate) fn remove(&mut self, device: &DeviceId) {
        if self.home.remove(device) {
            self.paired.retain(|paired| paired != device);
            self.agenda.retain(|_, task| !task.is_about(device));
        }
    }

    /// What a person or program at the other end of the wire does.
    fn stimulate(&mut self, stimulus: Stimulus) {
        let id = |address: &Arc<str>, home: &Home| DeviceId::of(&home.driver, address);
        match stimulus {
            Stimulus::Press { address, action } => self.home.press(&address, &action),
            Stimulus::Set { address, endpoint, attribute, value } => {
                let device = id(&address, &self.home);
                let Some(unit) = self.home.unit(&device) else { return };
                let Some(endpoint) = endpoint.or_else(|| unit.endpoint_of(attribute.as_str())) else { return };
                self.home.take(&device, vec![Reading { endpoint, attribute, value }]);
            }
            Stimulus::Reach { address, reachable } => {
                let device = id(&address, &self.home);
                self.home.reach(&device, reachable);
            }
            Stimulus::Silence { address, silent } => {
                let device = id(&address, &self.home);
                if let Some(unit) = self.home.unit_mut(&device) {
                    unit.silent = silent;
                }
            }
            Stimulus::Add(placement) => {
                self.home.add(&placement);
            }
            Stimulus::Leave { address } => {
                let device = id(&address, &self.home);
                self.remove(&device);
            }
            Stimulus::Rename { address, name } => {
                let device = id(&address, &self.home);
                if let Some(unit) = self.home.unit_mut(&device) {
                    unit.device.native_name = Some(Arc::clone(&name));
                    self.home.events.push_back(DriverEvent::Renamed { device, name });
                }
            }
        }
    }

    pub(crate) fn start_pairing(
        &mut self,
        now: Monotonic,
        id: hub_model::SessionId,
        action: hub_model::pairing::PairingAction,
        duration: Duration,
    ) {
        let new = self.next_device();
        let last_paired = self.paired.last().cloned();
        let plan = pairing::plan(action, new, last_paired);
        self.session = Some(Session::start(id, self.home.driver.clone(), plan, now, duration));
    }

    /// The kinds of new device take turns, and none gets an address that is or was taken.
    fn next_device(&mut self) -> (Arc<str>, Model) {
        let taken = |address: &str| self.home.units.contains_key(address);
        for number in 1..=u32::MAX {
            let (word, model) =
                if number % 2 == 1 { ("contact", Model::ContactSensor) } else { ("plug", Model::MeteringPlug) };
            let address = format!("paired-{word}-{number}");
            if !taken(&address) {
                return (address.into(), model);
            }
        }
        ("paired".into(), Model::ContactSensor)
    }
}

impl Task {
    fn is_about(&self, device: &DeviceId) -> bool {
        match self {
            Self::Carry(command) => command.device == *device,
            Self::Take(about, _) | Self::Read(about, _) | Self::Blind(about) => about == device,
            // These owe an answer.
            Self::Tick | Self::GiveUp(_) | Self::Interview(..) | Self::Firmware(..) => false,
        }
    }
}

impl Machine for VirtualMachine {
    type Received = Stimulus;
    type Transmit = Infallible;

    fn handle_link(&mut self, now: Now, state: LinkState) {
        let (heard, status) = match state {
            LinkState::Up => (true, DriverStatus { state: DriverState::Online, detail: Arc::from("") }),
            LinkState::Down(reason) => (false, DriverStatus { state: DriverState::Offline, detail: reason.into() }),
        };
        let changed = self.home.heard != heard;
        self.home.heard = heard;
        self.home.events.push_back(DriverEvent::Status(status));
        if heard {
            self.home.introduce_all();
            if !self.introduced {
                self.introduced = true;
                self.live(now);
            }
        } else if changed {
            // What was on its way is lost.
            let (lost, kept) =
                std::mem::take(&mut self.agenda).into_iter().partition::<BTreeMap<_, _>, _>(|(_, task)| {
                    matches!(task, Task::Carry(_) | Task::GiveUp(_) | Task::Read(..))
                });
            self.agenda = kept;
            for task in lost.into_values() {
                if let Task::Carry(DriverCommand { id, .. }) | Task::GiveUp(id) = task {
                    self.fail(&id, FailureReason::DriverOffline, "the virtual bus was lost on the way");
                }
            }
        }
    }

    fn handle_received(&mut self, _now: Now, received: Stimulus) {
        self.stimulate(received);
    }

    fn handle_request(&mut self, now: Now, request: DriverRequest) {
        match request {
            DriverRequest::Command(command) => self.command(now.mono, command),
            DriverRequest::Read { device, attributes } => {
                let Some(unit) = self.home.unit(&device).filter(|unit| unit.reachable && self.home.heard) else {
                    return;
                };
                let listens_at = unit.listens_at(now.mono);
                if self.agenda.len() < AGENDA_LIMIT {
                    let latency = self.random.milliseconds(20, 300);
                    self.schedule(listens_at.plus(latency), Task::Read(device, attributes));
                }
            }
            DriverRequest::Manage { request, action } => {
                // Everything but closing the network needs the bus.
                if !self.home.heard && !matches!(action, ManageAction::StopPairing { .. }) {
                    return self.answer(request, Err(ManageError::Offline));
                }
                self.manage(now.mono, request, action);
                self.tell_pairing();
            }
        }
    }

    fn handle_timeout(&mut self, now: Now) {
        while let Some(entry) = self.agenda.first_entry().filter(|entry| entry.key().0 <= now.mono) {
            match entry.remove() {
                Task::Tick => self.live(now),
                task => self.perform(now.mono, task),
            }
        }
        while let Some(session) = &mut self.session
            && session.poll_timeout().is_some_and(|at| at <= now.mono)
        {
            session.handle_timeout(now.mono);
            self.tell_pairing();
        }
    }

    fn poll_transmit(&mut self) -> Option<Infallible> {
        None
    }

    fn poll_event(&mut self) -> Option<DriverEvent> {
        self.home.events.pop_front()
    }

    fn poll_timeout(&self) -> Option<Monotonic> {
        let agenda = self.agenda.first_key_value().map(|((at, _), _)| *at);
        let pairing = self.session.as_ref().and_then(Session::poll_timeout);
        agenda.into_iter().chain(pairing).min()
    }
}

fn new_name(model: Model, address: &str) -> Arc<str> {
    let number = address.rsplit('-').next().unwrap_or_default();
    match model {
        Model::ContactSensor => format!("New contact {number}").into(),
        _ => format!("New plug {number}").into(),
    }
}
