//! A home that is only simulated.

use std::collections::BTreeMap;
use std::sync::Arc;

use hub_model::device::{DeviceRecord, EndpointSelector};
use hub_model::history::{HistoryEntry, HistoryRecord};
use hub_model::household::{Area, Home, Person, Presence};
use hub_model::scene::Scene;
use hub_model::{
    AccountId, AttributeName, AttributeState, Availability, CommandRequest, DeviceId, EndpointNumber, Source,
    Timestamp, Value,
};

use super::{Deed, infer};
use crate::{Document, World};

/// A device and what is known of it.
#[derive(Clone, Debug)]
struct Entry {
    record: DeviceRecord,
    states: BTreeMap<(EndpointNumber, AttributeName), AttributeState>,
    availability: Availability,
}

/// A home that is only simulated.
#[derive(Clone, Debug, Default)]
pub struct SimulatedHome {
    devices: BTreeMap<DeviceId, Entry>,
    /// Devices by what people call them; none = several are called so.
    names: BTreeMap<Arc<str>, Option<DeviceId>>,
    /// Devices and attributes that nobody described are made as they are heard of.
    open: bool,
    /// Its modes, people and scenes are all that there are.
    complete: bool,
    areas: Vec<Area>,
    home: Home,
    people: Vec<Person>,
    scenes: Vec<Scene>,
}

impl SimulatedHome {
    /// A home of these devices. `settings` says its modes and the like.
    pub fn of(records: Vec<(DeviceRecord, Availability)>, settings: Home) -> Self {
        let mut home = Self { home: settings, ..Self::default() };
        for (record, availability) in records {
            home.put(record, availability);
        }
        home
    }

    /// A home of which nothing is known: devices are made of what these rules and later events say of them.
    pub fn inferred(documents: &[Document]) -> Self {
        let mut home = Self { open: true, ..Self::default() };
        for record in infer::devices(documents) {
            home.put(record, Availability::Unknown);
        }
        home
    }

    /// A home like this one, with nothing known of its devices yet.
    pub fn of_world(world: &dyn World) -> Self {
        let availability = |record: &DeviceRecord| world.availability(&record.device.id);
        let records = world.devices().map(|record| (record.clone(), availability(record))).collect();
        let mut home = Self::of(records, world.home().clone()).with_scenes(world.scenes().to_vec());
        if !world.areas().is_empty() {
            home.areas = world.areas().to_vec();
        }
        home.people = world.people().to_vec();
        home
    }

    /// The same home before anything is known of it: no states, nobody anywhere, in the first of its modes.
    pub fn at_rest(&self) -> Self {
        let mut home = self.clone();
        for entry in home.devices.values_mut() {
            entry.states.clear();
            entry.availability = Availability::Unknown;
        }
        for person in &mut home.people {
            person.presence = None;
        }
        if let Some(mode) = home.home.modes.first() {
            home.home.mode = Arc::clone(mode);
        }
        home
    }

    /// Whether devices that nobody described are made as they are heard of.
    pub(super) fn is_open(&self) -> bool {
        self.open
    }

    /// Whether there is such an attribute, so that it can be reported.
    pub(super) fn has(&self, device: &DeviceId, endpoint: EndpointNumber, attribute: &AttributeName) -> bool {
        let record = self.devices.get(device).map(|entry| &entry.record);
        record.is_some_and(|record| record.device.attribute(endpoint, attribute.as_str()).is_some())
    }

    fn put(&mut self, record: DeviceRecord, availability: Availability) {
        let id = record.device.id.clone();
        if let Some(area) = &record.area
            && !self.areas.iter().any(|known| known.id == *area)
        {
            self.areas.push(Area { id: area.clone(), name: area.as_str().into(), floor: None, position: None });
        }
        let old = self.devices.remove(&id);
        if old.is_none() {
            let name = Arc::clone(&record.name);
            self.names.entry(name).and_modify(|known| *known = None).or_insert(Some(id.clone()));
        }
        let states = old.map(|old| old.states).unwrap_or_default();
        self.devices.insert(id, Entry { record, states, availability });
    }

    /// The areas, where they have names beside their ids.
    pub fn with_areas(mut self, areas: Vec<Area>) -> Self {
        self.areas = areas;
        self
    }

    /// The same with other settings.
    pub fn with_settings(mut self, settings: Home) -> Self {
        self.home = settings;
        self
    }

    /// The people, by id, and where they are.
    pub fn with_people(mut self, people: Vec<Person>) -> Self {
        self.people = people;
        self
    }

    /// The scenes.
    pub fn with_scenes(mut self, scenes: Vec<Scene>) -> Self {
        self.scenes = scenes;
        self
    }

    /// The same, with nothing left out: a mode, person or scene that it does not have is none.
    pub fn complete(mut self) -> Self {
        self.complete = true;
        self
    }

    /// The device of this id or name.
    pub fn device_named(&self, name: &str) -> Option<DeviceId> {
        let id = DeviceId::new(name);
        if self.devices.contains_key(&id) {
            return Some(id);
        }
        self.names.get(name).cloned().flatten()
    }

    /// The endpoint on which a device has an attribute. In an open home it is made if need be.
    pub(super) fn find(
        &mut self,
        name: &str,
        endpoint: Option<&EndpointSelector>,
        attribute: &str,
        value: &Value,
        momentary: bool,
    ) -> Option<(DeviceId, EndpointNumber)> {
        let known = self.device_named(name);
        if let Some(id) = &known
            && let Some(entry) = self.devices.get(id)
            && let Ok(number) = entry.record.device.resolve(endpoint, attribute)
        {
            return Some((id.clone(), number));
        }
        if !self.open {
            return None;
        }
        let id = known.unwrap_or_else(|| DeviceId::new(name));
        let mut record = match self.devices.get(&id) {
            Some(entry) => entry.record.clone(),
            None => infer::device(name),
        };
        infer::add(&mut record, endpoint, attribute, std::slice::from_ref(value), momentary);
        let number = record.device.resolve(endpoint, attribute).ok();
        self.put(record, Availability::Unknown);
        number.map(|number| (id, number))
    }

    /// Takes a report in; the value before and where it came from, if it was another.
    pub(super) fn report(
        &mut self,
        device: &DeviceId,
        endpoint: EndpointNumber,
        attribute: &str,
        value: &Value,
        source: Source,
        at: Timestamp,
    ) -> Option<(Value, Source)> {
        let entry = self.devices.get_mut(device)?;
        let state = entry.states.entry((endpoint, attribute.into())).or_default();
        state.reported_at = Some(at);
        let from_source = std::mem::replace(&mut state.source, source);
        if state.value == *value {
            return None;
        }
        state.changed_at = Some(at);
        Some((std::mem::replace(&mut state.value, value.clone()), from_source))
    }

    /// What is known before anything happens.
    pub fn know(
        &mut self,
        device: &str,
        endpoint: Option<&EndpointSelector>,
        attribute: &str,
        value: &Value,
        at: Timestamp,
    ) {
        if let Some((device, endpoint)) = self.find(device, endpoint, attribute, value, false) {
            self.report(&device, endpoint, attribute, value, Source::Reported, at);
        }
    }

    /// What was recorded before anything happens.
    pub(super) fn remember(&mut self, record: &HistoryRecord) {
        match &record.entry {
            HistoryEntry::State(state) if self.has(&state.device, state.endpoint, &state.attribute) => {
                let (attribute, at) = (state.attribute.as_str(), record.at);
                self.report(&state.device, state.endpoint, attribute, &state.value, Source::Reported, at);
            }
            HistoryEntry::Availability { device, availability } => {
                self.set_availability(device, *availability);
            }
            HistoryEntry::Mode { mode, .. } => {
                self.set_mode(mode);
            }
            HistoryEntry::Presence { person, presence, .. } => {
                self.put_person(person.as_str(), Some(presence), record.at);
            }
            _ => {}
        }
    }

    /// Nothing is known of where a person is; without one, of the mode.
    pub(super) fn forget(&mut self, person: Option<&AccountId>) {
        let Some(person) = person else {
            self.home.mode = "".into();
            return;
        };
        if let Some(known) = self.people.iter_mut().find(|known| known.id == *person) {
            known.presence = None;
        }
    }

    /// Sets a device's reachability; what it was, if that was something else.
    pub fn set_availability(&mut self, device: &DeviceId, to: Availability) -> Option<Availability> {
        let entry = self.devices.get_mut(device)?;
        (entry.availability != to).then(|| std::mem::replace(&mut entry.availability, to))
    }

    /// Sets the mode; what it was, if that was another.
    pub fn set_mode(&mut self, mode: &str) -> Option<Arc<str>> {
        (*self.home.mode != *mode).then(|| std::mem::replace(&mut self.home.mode, mode.into()))
    }

    /// A person is known, and perhaps somewhere; where they were before, if that was another place.
    pub fn put_person(
        &mut self,
        name: &str,
        place: Option<&str>,
        since: Timestamp,
    ) -> Option<(AccountId, Option<Arc<str>>)> {
        let index = match self.people.iter().position(|person| person.id.as_str() == name || &*person.name == name) {
            Some(index) => index,
            None => {
                let id = AccountId::new(name);
                let index = self.people.partition_point(|person| person.id < id);
                self.people.insert(index, Person::new(id, name));
                index
            }
        };
        let person = self.people.get_mut(index)?;
        let place = place?;
        let from = person.presence.as_ref().map(|presence| Arc::clone(&presence.place));
        if from.as_deref() == Some(place) {
            return None;
        }
        person.presence = Some(Presence { place: place.into(), since });
        Some((person.id.clone(), from))
    }

    /// All that is known is from before a start.
    pub(super) fn restore(&mut self) {
        for entry in self.devices.values_mut() {
            for state in entry.states.values_mut() {
                state.source = Source::Restored;
            }
        }
    }

    /// What is told of a command.
    pub(super) fn command_deed(&self, request: &CommandRequest) -> Deed {
        let record = self.device(&request.device);
        let mut endpoints: Vec<EndpointNumber> = request
            .set
            .iter()
            .filter_map(|(name, _)| record?.device.resolve(request.endpoint.as_ref(), name.as_str()).ok())
            .collect();
        endpoints.dedup();
        let endpoint = if let [only] = endpoints.as_slice() { Some(*only) } else { None };
        Deed::Command {
            device: request.device.clone(),
            endpoint,
            set: request.set.clone(),
            transition_ms: request.transition_ms,
        }
    }
}

impl World for SimulatedHome {
    fn device(&self, device: &DeviceId) -> Option<&DeviceRecord> {
        self.devices.get(device).map(|entry| &entry.record)
    }

    fn devices(&self) -> Box<dyn Iterator<Item = &DeviceRecord> + '_> {
        Box::new(self.devices.values().map(|entry| &entry.record))
    }

    fn state(&self, device: &DeviceId, endpoint: EndpointNumber, attribute: &str) -> Option<&AttributeState> {
        self.devices.get(device)?.states.get(&(endpoint, AttributeName::new(attribute)))
    }

    fn availability(&self, device: &DeviceId) -> Availability {
        self.devices.get(device).map(|entry| entry.availability).unwrap_or_default()
    }

    fn areas(&self) -> &[Area] {
        &self.areas
    }

    fn home(&self) -> &Home {
        &self.home
    }

    fn people(&self) -> &[Person] {
        &self.people
    }

    fn scenes(&self) -> &[Scene] {
        &self.scenes
    }

    fn is_complete(&self) -> bool {
        self.complete
    }
}
