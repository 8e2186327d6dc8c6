//! The simulated devices as they are, and what they say of it.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use driver_api::{DriverEvent, Origin, Reading, Report};
use hub_model::command::ConfirmedBy;
use hub_model::{AttributeName, Availability, Device, DeviceId, DriverId, EndpointNumber, Monotonic, Value};

use crate::catalogue::Model;

/// A device to simulate.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Placement {
    /// Its address on the bus.
    pub address: Arc<str>,
    /// The name that the bus knows.
    pub name: Arc<str>,
    /// What it is.
    pub model: Model,
    /// Where it is in the demo home; none = life does not touch it.
    pub(crate) room: Option<Room>,
}

impl Placement {
    /// A device that only does what it is told.
    pub fn new(address: impl Into<Arc<str>>, name: impl Into<Arc<str>>, model: Model) -> Self {
        Self { address: address.into(), name: name.into(), model, room: None }
    }
}

/// The rooms of the demo home.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
// Two of them happen to be called so.
#[allow(clippy::enum_variant_names)]
pub(crate) enum Room {
    Hallway,
    LivingRoom,
    Kitchen,
    Bedroom,
    Bathroom,
    AnnasRoom,
}

impl Room {
    pub(crate) const ALL: [Self; 6] =
        [Self::Hallway, Self::LivingRoom, Self::Kitchen, Self::Bedroom, Self::Bathroom, Self::AnnasRoom];
}

/// A simulated device.
#[derive(Debug)]
pub(crate) struct Unit {
    pub(crate) device: Device,
    pub(crate) model: Model,
    pub(crate) room: Option<Room>,
    /// It can be reached.
    pub(crate) reachable: bool,
    /// It takes commands and never answers.
    pub(crate) silent: bool,
    /// Where a blind is going.
    pub(crate) target: Option<f64>,
    state: BTreeMap<(EndpointNumber, AttributeName), Value>,
    sensed_at: BTreeMap<AttributeName, Monotonic>,
}

impl Unit {
    fn new(driver: &DriverId, placement: &Placement) -> Self {
        let id = DeviceId::of(driver, &placement.address);
        Self {
            device: placement.model.describe(id, &placement.name),
            model: placement.model,
            room: placement.room,
            reachable: true,
            silent: false,
            target: None,
            state: placement
                .model
                .first_values()
                .map(|(endpoint, name, value)| ((endpoint, name.into()), value))
                .collect(),
            sensed_at: BTreeMap::new(),
        }
    }

    /// The endpoint that has this attribute (the lowest, if several have).
    pub(crate) fn endpoint_of(&self, attribute: &str) -> Option<EndpointNumber> {
        self.device.attributes().find(|(_, schema)| schema.name.as_str() == attribute).map(|(endpoint, _)| endpoint)
    }

    pub(crate) fn value(&self, endpoint: EndpointNumber, attribute: &str) -> Value {
        // A device has a handful of attributes; looking at each is cheaper than making a key.
        let mut held = self.state.iter();
        held.find(|((at, name), _)| *at == endpoint && name.as_str() == attribute)
            .map(|(_, value)| value.clone())
            .unwrap_or_default()
    }

    fn readings(&self) -> Vec<Reading> {
        self.state
            .iter()
            .map(|((endpoint, attribute), value)| Reading {
                endpoint: *endpoint,
                attribute: attribute.clone(),
                value: value.clone(),
            })
            .collect()
    }

    /// When it listens next.
    pub(crate) fn listens_at(&self, now: Monotonic) -> Monotonic {
        match self.device.wake_interval_ms.filter(|interval| *interval > 0) {
            None => now,
            Some(interval) => {
                let passed = u64::try_from(now.0.as_millis()).unwrap_or(u64::MAX);
                Monotonic(Duration::from_millis((passed / interval).saturating_add(1).saturating_mul(interval)))
            }
        }
    }
}

/// How a sensor reports: attribute, resolution, least change, least change in parts of the value, least time between.
const REPORTING: &[(&str, f64, f64, f64, u64)] = &[
    ("temperature", 0.1, 0.1, 0.0, 30),
    ("humidity", 0.5, 1.0, 0.0, 30),
    ("pressure", 0.1, 0.2, 0.0, 60),
    ("illuminance", 1.0, 1.0, 0.02, 10),
    ("power", 0.1, 0.2, 0.005, 3),
    ("current", 0.01, 0.01, 0.01, 3),
    ("voltage", 0.1, 0.3, 0.0, 10),
    ("energy", 0.001, 0.001, 0.0, 60),
];

/// All devices, and what they have said since it was last asked.
#[derive(Debug)]
pub(crate) struct Home {
    pub(crate) driver: DriverId,
    pub(crate) units: BTreeMap<Arc<str>, Unit>,
    pub(crate) events: VecDeque<DriverEvent>,
    /// The bus is there; without it devices act, but nobody hears them.
    pub(crate) heard: bool,
}

impl Home {
    pub(crate) fn new(driver: DriverId, placements: &[Placement]) -> Self {
        let units = placements
            .iter()
            .map(|placement| (Arc::clone(&placement.address), Unit::new(&driver, placement)))
            .collect();
        Self { driver, units, events: VecDeque::new(), heard: false }
    }

    pub(crate) fn unit(&self, device: &DeviceId) -> Option<&Unit> {
        self.units.get(device.native_address()).filter(|unit| unit.device.id == *device)
    }

    pub(crate) fn unit_mut(&mut self, device: &DeviceId) -> Option<&mut Unit> {
        self.units.get_mut(device.native_address()).filter(|unit| unit.device.id == *device)
    }

    /// Puts a device into the home (in the place of one at the same address) and introduces it.
    pub(crate) fn add(&mut self, placement: &Placement) -> DeviceId {
        let unit = Unit::new(&self.driver, placement);
        let id = unit.device.id.clone();
        self.units.insert(Arc::clone(&placement.address), unit);
        self.introduce(&id);
        id
    }

    /// Takes a device out of the home.
    pub(crate) fn remove(&mut self, device: &DeviceId) -> bool {
        if self.unit(device).is_none() {
            return false;
        }
        self.units.remove(device.native_address());
        self.events.push_back(DriverEvent::DeviceRemoved(device.clone()));
        true
    }

    /// Says what a device is, whether it is there, and all its values.
    pub(crate) fn introduce(&mut self, device: &DeviceId) {
        let Some(unit) = self.unit(device) else { return };
        let (description, reachable) = (unit.device.clone(), unit.reachable);
        self.events.push_back(DriverEvent::Device(Box::new(description)));
        self.events
            .push_back(DriverEvent::Availability { device: device.clone(), availability: availability(reachable) });
        self.report_all(device);
    }

    pub(crate) fn introduce_all(&mut self) {
        let devices: Vec<DeviceId> = self.units.values().map(|unit| unit.device.id.clone()).collect();
        devices.iter().for_each(|device| self.introduce(device));
    }

    /// Makes a device unreachable or reachable again.
    pub(crate) fn reach(&mut self, device: &DeviceId, reachable: bool) {
        let heard = self.heard;
        let Some(unit) = self.unit_mut(device).filter(|unit| unit.reachable != reachable) else { return };
        unit.reachable = reachable;
        if heard {
            let availability = availability(reachable);
            self.events.push_back(DriverEvent::Availability { device: device.clone(), availability });
            if reachable {
                self.report_all(device);
            }
        }
    }

    fn report_all(&mut self, device: &DeviceId) {
        let readings = self.unit(device).map(Unit::readings).unwrap_or_default();
        self.report(device, readings);
    }

    /// A report of these values, if somebody can hear it.
    pub(crate) fn report(&mut self, device: &DeviceId, readings: Vec<Reading>) {
        let audible = self.heard && self.unit(device).is_some_and(|unit| unit.reachable && !unit.silent);
        if audible && !readings.is_empty() {
            self.events.push_back(DriverEvent::Report(Report {
                device: device.clone(),
                readings,
                origin: Origin::Live,
                confirms: ConfirmedBy::Report,
            }));
        }
    }

    /// The device takes these values and reports them, changed or not.
    pub(crate) fn take(&mut self, device: &DeviceId, readings: Vec<Reading>) {
        let Some(unit) = self.unit_mut(device) else { return };
        for reading in &readings {
            unit.state.insert((reading.endpoint, reading.attribute.clone()), reading.value.clone());
        }
        self.report(device, readings);
    }

    /// The device takes these values; reports those that differ from before.
    pub(crate) fn set(&mut self, address: &str, values: &[(&str, Value)]) {
        let Some(unit) = self.units.get(address) else { return };
        let changed: Vec<Reading> = values
            .iter()
            .filter_map(|(attribute, value)| {
                let endpoint = unit.endpoint_of(attribute)?;
                (unit.value(endpoint, attribute) != *value).then(|| Reading {
                    endpoint,
                    attribute: (*attribute).into(),
                    value: value.clone(),
                })
            })
            .collect();
        if changed.is_empty() {
            return;
        }
        let device = unit.device.id.clone();
        self.take(&device, changed);
    }

    /// Sensors measure: each reports as [`REPORTING`] says.
    pub(crate) fn sense(&mut self, now: Monotonic, address: &str, measured: &[(&str, f64)]) {
        let Some(unit) = self.units.get_mut(address) else { return };
        let mut due = Vec::new();
        for (attribute, exact) in measured {
            let Some((_, step, least, part, seconds)) = REPORTING.iter().find(|(named, ..)| named == attribute) else {
                continue;
            };
            let Some(endpoint) = unit.endpoint_of(attribute) else { continue };
            let rounded = round(*exact, *step);
            let before = unit.value(endpoint, attribute).as_number();
            let least = least.max(before.unwrap_or(0.0).abs() * part);
            let rested =
                unit.sensed_at.get(*attribute).is_none_or(|at| now.since(*at) >= Duration::from_secs(*seconds));
            if rested && before.is_none_or(|before| (rounded - before).abs() >= least - 1e-9) {
                let key = AttributeName::from(*attribute);
                unit.sensed_at.insert(key.clone(), now);
                due.push(Reading { endpoint, attribute: key, value: Value::number(rounded) });
            }
        }
        if due.is_empty() {
            return;
        }
        let device = unit.device.id.clone();
        self.take(&device, due);
    }

    /// A button is pressed.
    pub(crate) fn press(&mut self, address: &str, action: &str) {
        let Some(unit) = self.units.get(address).filter(|unit| unit.reachable && self.heard) else { return };
        let Some(endpoint) = unit.endpoint_of("action") else { return };
        self.events.push_back(DriverEvent::Happening {
            device: unit.device.id.clone(),
            reading: Reading { endpoint, attribute: "action".into(), value: Value::text(action) },
        });
    }

    pub(crate) fn value(&self, address: &str, attribute: &str) -> Value {
        self.units
            .get(address)
            .and_then(|unit| Some(unit.value(unit.endpoint_of(attribute)?, attribute)))
            .unwrap_or_default()
    }

    pub(crate) fn is(&self, address: &str, attribute: &str) -> bool {
        self.value(address, attribute).as_bool() == Some(true)
    }

    pub(crate) fn number(&self, address: &str, attribute: &str) -> Option<f64> {
        self.value(address, attribute).as_number()
    }
}

/// To a multiple of `step`, without the noise of binary fractions behind it.
pub(crate) fn round(exact: f64, step: f64) -> f64 {
    let per_one = (1.0 / step).round();
    if per_one >= 1.0 { (exact * per_one).round() / per_one } else { (exact / step).round() * step }
}

fn availability(reachable: bool) -> Availability {
    if reachable { Availability::Online } else { Availability::Offline }
}
