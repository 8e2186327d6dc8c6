//! Managing the virtual network: names, removal, interviews, firmware, the map.

use std::sync::Arc;
use std::time::Duration;

use driver_api::network::{Neighbour, Network, Node, Relation, Role};
use driver_api::{ManageAction, ManageError, Reading, RequestId};
use hub_model::pairing::PairingAction;
use hub_model::{DeviceId, Monotonic, Value};

use crate::machine::{Task, VirtualMachine};
use crate::random::Random;

/// The newest firmware there is.
const NEWEST: &str = "1.1.0";
/// How long an interview takes.
const INTERVIEW: Duration = Duration::from_millis(1_200);
/// How long every tenth part of a firmware takes.
const FIRMWARE_PART: Duration = Duration::from_secs(1);
/// The longest name a device can keep.
const LONGEST_NAME: usize = 100;

impl VirtualMachine {
    pub(crate) fn manage(&mut self, now: Monotonic, request: RequestId, action: ManageAction) {
        let done = match action {
            ManageAction::Rename { device, name } => self.rename(&device, name).map(Some),
            ManageAction::Remove { device, force } => self.take_out(&device, force).map(Some),
            ManageAction::Interview { device } => self.needs(&device).map(|()| {
                self.schedule(now.plus(INTERVIEW), Task::Interview(device, request));
                None
            }),
            ManageAction::Firmware { device, install } => self.firmware(now, request, device, install),
            ManageAction::StartPairing { session, action, duration } => self.open(&action).map(|()| {
                self.start_pairing(now, session, action, duration);
                Some(Value::Unknown)
            }),
            ManageAction::AnswerPairing { session, answer } => {
                match self.session.as_mut().filter(|open| *open.id() == session) {
                    Some(open) => open.answer(now, &answer).map(|()| Some(Value::Unknown)),
                    None => Err(ManageError::NotFound),
                }
            }
            ManageAction::StopPairing { session } => match self.session.as_mut().filter(|open| *open.id() == session) {
                Some(open) => {
                    open.stop();
                    Ok(Some(Value::Unknown))
                }
                None => Err(ManageError::NotFound),
            },
            ManageAction::NetworkMap => Ok(Some(self.network_map())),
            ManageAction::SetOptions { .. }
            | ManageAction::Group(_)
            | ManageAction::Restart
            | ManageAction::InstallFirmware { .. }
            | ManageAction::CheckHealth { .. }
            | ManageAction::RepairRoutes { .. }
            | ManageAction::Provision(_)
            | ManageAction::Backup
            | ManageAction::Restore { .. } => Err(ManageError::Unsupported),
        };
        match done {
            Ok(Some(value)) => self.answer(request, Ok(value)),
            // The answer comes later.
            Ok(None) => {}
            Err(error) => self.answer(request, Err(error)),
        }
    }

    /// A device that is there and answers.
    fn needs(&self, device: &DeviceId) -> Result<(), ManageError> {
        match self.home.unit(device) {
            None => Err(ManageError::NotFound),
            Some(unit) if !unit.reachable || unit.silent => {
                Err(ManageError::NotPossible("the device does not answer; bring it near and try again".into()))
            }
            Some(_) => Ok(()),
        }
    }

    fn rename(&mut self, device: &DeviceId, name: Arc<str>) -> Result<Value, ManageError> {
        let Some(unit) = self.home.unit_mut(device) else { return Err(ManageError::NotFound) };
        if name.trim().is_empty() || name.len() > LONGEST_NAME {
            return Err(ManageError::invalid("name", "a name has 1 to 100 bytes"));
        }
        unit.device.native_name = Some(name);
        let description = unit.device.clone();
        self.home.events.push_back(driver_api::DriverEvent::Device(Box::new(description)));
        Ok(Value::Unknown)
    }

    fn take_out(&mut self, device: &DeviceId, force: bool) -> Result<Value, ManageError> {
        let Some(unit) = self.home.unit(device) else { return Err(ManageError::NotFound) };
        if !unit.reachable && !force {
            return Err(ManageError::NotPossible(
                "the device does not answer; remove it with force to forget it".into(),
            ));
        }
        self.remove(device);
        Ok(Value::Unknown)
    }

    pub(crate) fn interviewed(&mut self, device: &DeviceId, request: RequestId) {
        let there = self.needs(device);
        if there.is_ok() {
            self.home.introduce(device);
        }
        self.answer(request, there.map(|()| Value::Unknown));
    }

    fn firmware(
        &mut self,
        now: Monotonic,
        request: RequestId,
        device: DeviceId,
        install: bool,
    ) -> Result<Option<Value>, ManageError> {
        self.needs(&device)?;
        let Some(unit) = self.home.unit(&device).filter(|unit| unit.model.has_firmware()) else {
            return Err(ManageError::Unsupported);
        };
        let installed = unit.device.firmware.clone().unwrap_or_default();
        let available = &*installed != NEWEST;
        if install && available {
            if unit.value(0, "update_state").as_text() == Some("updating") {
                return Err(ManageError::NotPossible("an update is under way".into()));
            }
            self.schedule(now, Task::Firmware(device, request, 0));
            return Ok(None);
        }
        let state = if available { "available" } else { "idle" };
        self.home.set(device.native_address(), &[("update_state", Value::text(state))]);
        Ok(Some(Value::composite([
            ("available", Value::Bool(available)),
            ("installed", Value::text(installed)),
            ("latest", Value::text(NEWEST)),
        ])))
    }

    /// Firmware arrives in ten parts; the device reports each.
    pub(crate) fn firmware_arrives(&mut self, now: Monotonic, device: DeviceId, request: RequestId, percent: u8) {
        if let Err(error) = self.needs(&device) {
            self.home.set(device.native_address(), &[("update_state", Value::text("available"))]);
            return self.answer(request, Err(error));
        }
        let state = if percent < 100 { "updating" } else { "idle" };
        let readings = [("update_state", Value::text(state)), ("update_progress", Value::number(f64::from(percent)))]
            .map(|(attribute, value)| Reading { endpoint: 0, attribute: attribute.into(), value });
        self.home.take(&device, readings.to_vec());
        if percent < 100 {
            return self.schedule(now.plus(FIRMWARE_PART), Task::Firmware(device, request, percent.saturating_add(10)));
        }
        if let Some(unit) = self.home.unit_mut(&device) {
            unit.device.firmware = Some(Arc::from(NEWEST));
        }
        self.home.introduce(&device);
        self.answer(request, Ok(Value::composite([("installed", Value::text(NEWEST))])));
    }

    fn open(&self, action: &PairingAction) -> Result<(), ManageError> {
        if self.session.is_some() {
            return Err(ManageError::NotPossible("a pairing is under way; finish or stop it first".into()));
        }
        let wanted = match action {
            PairingAction::Include { via, .. } => via.as_ref(),
            PairingAction::Replace { device } => Some(device),
            PairingAction::Exclude => None,
        };
        match wanted {
            Some(device) if self.home.unit(device).is_none() => Err(ManageError::NotFound),
            _ => Ok(()),
        }
    }

    /// A mesh: devices on the mains carry on what those with batteries say.
    fn network_map(&self) -> Value {
        let coordinator: Arc<str> = Arc::from("coordinator");
        let mut nodes = vec![Node {
            id: Arc::clone(&coordinator),
            device: None,
            name: Arc::from("Coordinator"),
            role: Role::Coordinator,
            last_seen: None,
            is_silent: false,
            neighbours: Vec::new(),
        }];
        let mut routers = vec![0];
        // The map must not change with each look at it.
        let mut random = Random::new(1);
        for unit in self.home.units.values() {
            let is_router = unit.device.power_source.as_deref() == Some("mains");
            let id: Arc<str> = unit.device.id.native_address().into();
            let reach = if is_router { 1 } else { routers.len() };
            let parent = routers[random.next() as usize % reach.max(1)];
            let neighbour = Neighbour {
                id: Arc::clone(&id),
                link_quality: Some(random.between(90.0, 250.0).round() as u8),
                relation: if is_router { Relation::Sibling } else { Relation::Child },
            };
            nodes[parent].neighbours.push(neighbour);
            if is_router {
                routers.push(nodes.len());
            }
            nodes.push(Node {
                name: unit.device.native_name.clone().unwrap_or_else(|| Arc::clone(&id)),
                id,
                device: Some(unit.device.id.clone()),
                role: if is_router { Role::Router } else { Role::EndDevice },
                last_seen: None,
                is_silent: !unit.reachable,
                neighbours: Vec::new(),
            });
        }
        Network { nodes, ..Network::default() }.to_value()
    }
}
