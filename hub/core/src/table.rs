//! The state table: every device with the state of each of its attributes.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use driver_api::Origin;
use hub_automation::World;
use hub_model::device::DeviceRecord;
use hub_model::household::{Area, Home, Person};
use hub_model::scene::Scene;
use hub_model::{
    AccountId, AreaId, AttributeName, AttributeState, Availability, Device, DeviceId, DriverId, EndpointNumber, Source,
    Timestamp, Value,
};

use crate::by_id::ById;
use crate::household::Household;
use crate::sight::Sights;
use crate::snapshot::DeviceView;

/// One device with an index into its states.
#[derive(Debug)]
struct Entry {
    view: Arc<DeviceView>,
    /// Sorted.
    slots: Vec<(EndpointNumber, AttributeName, usize)>,
}

impl Entry {
    /// Where the state of an attribute is.
    fn slot(&self, endpoint: EndpointNumber, attribute: &str) -> Option<usize> {
        let place = |(number, name, _): &(EndpointNumber, AttributeName, usize)| {
            (*number, name.as_str()).cmp(&(endpoint, attribute))
        };
        let index = self.slots.binary_search_by(place).ok()?;
        self.slots.get(index).map(|(_, _, slot)| *slot)
    }
}

/// All devices, by id, and the home's settings: what the rules see.
#[derive(Debug, Default)]
pub(crate) struct Table {
    devices: BTreeMap<DeviceId, Entry>,
    /// The devices that are other than in the picture.
    changed: BTreeSet<DeviceId>,
    pub(crate) home: Arc<Home>,
    /// Rooms, by id.
    pub(crate) areas: Arc<Vec<Area>>,
    /// Scenes and people.
    pub(crate) household: Household,
    /// What the authors of rules see.
    pub(crate) sights: Sights,
    /// Since then the wall clock has not jumped.
    pub(crate) steady_since: Timestamp,
    /// When the hub was last alive before its start.
    pub(crate) stopped_at: Option<Timestamp>,
}

/// What a reading changed.
#[derive(Debug, PartialEq)]
pub(crate) enum Update {
    /// No such device or attribute.
    Unknown,
    /// The same value as before.
    Equal,
    /// Another value.
    Changed { from: Value, from_source: Source },
}

fn index(device: &Device) -> Vec<(EndpointNumber, AttributeName, usize)> {
    let places = device.attributes().enumerate();
    let mut slots: Vec<_> = places.map(|(slot, (endpoint, schema))| (endpoint, schema.name.clone(), slot)).collect();
    slots.sort_unstable();
    slots
}

impl Table {
    /// The room of this id.
    pub(crate) fn area(&self, id: &AreaId) -> Option<&Area> {
        self.areas.iter().find(|area| area.id == *id)
    }

    /// A new room, or another name or floor for one.
    pub(crate) fn put_area(&mut self, area: Area) {
        let areas = Arc::make_mut(&mut self.areas);
        match areas.binary_search_by(|other| other.id.cmp(&area.id)) {
            Ok(index) => areas[index] = area,
            Err(index) => areas.insert(index, area),
        }
    }

    /// No such room any more.
    pub(crate) fn remove_area(&mut self, id: &AreaId) {
        Arc::make_mut(&mut self.areas).retain(|area| area.id != *id);
    }

    /// Puts a device into the table, or gives it another description; states of attributes that it still has stay.
    pub(crate) fn put(&mut self, record: DeviceRecord) {
        let id = record.device.id.clone();
        let old = self.devices.get(&id);
        let states = record
            .device
            .attributes()
            .map(|(endpoint, schema)| {
                old.and_then(|old| {
                    let slot = old.slot(endpoint, schema.name.as_str())?;
                    old.view.states.get(slot).cloned()
                })
                .unwrap_or_default()
            })
            .collect();
        let availability = old.map(|old| old.view.availability).unwrap_or_default();
        let slots = index(&record.device);
        let types = hub_access::types_of(&record);
        let view = Arc::new(DeviceView { record: Arc::new(record), types, availability, states });
        self.changed.insert(id.clone());
        self.devices.insert(id, Entry { view, slots });
    }

    /// Takes a device out.
    pub(crate) fn remove(&mut self, id: &DeviceId) -> Option<Arc<DeviceView>> {
        let entry = self.devices.remove(id)?;
        self.changed.insert(id.clone());
        Some(entry.view)
    }

    pub(crate) fn view(&self, id: &DeviceId) -> Option<&Arc<DeviceView>> {
        self.devices.get(id).map(|entry| &entry.view)
    }

    pub(crate) fn views(&self) -> impl Iterator<Item = &Arc<DeviceView>> {
        self.devices.values().map(|entry| &entry.view)
    }

    /// Brings the picture of the devices, which is the one of the last call, up to date.
    pub(crate) fn show(&mut self, picture: &mut ById<DeviceView>) {
        while let Some(id) = self.changed.pop_first() {
            match self.devices.get(&id) {
                Some(entry) => picture.put(Arc::clone(&entry.view)),
                None => picture.remove(id.as_str()),
            }
        }
    }

    pub(crate) fn ids_of(&self, driver: &DriverId) -> Vec<DeviceId> {
        self.devices.keys().filter(|id| id.driver() == *driver).cloned().collect()
    }

    /// Sets what is known of an attribute at the start; no event comes of it.
    pub(crate) fn restore(
        &mut self,
        id: &DeviceId,
        endpoint: EndpointNumber,
        attribute: &AttributeName,
        value: Value,
        changed_at: Timestamp,
    ) {
        if let Some(state) = self.slot(id, endpoint, attribute) {
            *state = AttributeState {
                value,
                reported_at: Some(changed_at),
                changed_at: Some(changed_at),
                source: Source::Restored,
                desired: None,
            };
        }
    }

    /// Takes a reading in.
    pub(crate) fn update(
        &mut self,
        id: &DeviceId,
        endpoint: EndpointNumber,
        attribute: &AttributeName,
        value: &Value,
        origin: Origin,
        at: Timestamp,
    ) -> Update {
        let Some(state) = self.slot(id, endpoint, attribute) else { return Update::Unknown };
        let outdone = match origin {
            Origin::Live | Origin::Assumed => false,
            // A cached value says nothing that a live one has not said better.
            Origin::Cached => true,
            // What was kept while nobody listened is newer than what was heard before, where the two differ.
            Origin::Retained => state.value == *value,
        };
        if outdone && state.source == Source::Reported {
            return Update::Equal;
        }
        state.reported_at = Some(at);
        let from_source = std::mem::replace(&mut state.source, origin.source());
        if state.value == *value {
            return Update::Equal;
        }
        let from = std::mem::replace(&mut state.value, value.clone());
        state.changed_at = Some(at);
        Update::Changed { from, from_source }
    }

    /// Notes what a command wants, or that none wants anything any more.
    pub(crate) fn set_desired(
        &mut self,
        id: &DeviceId,
        endpoint: EndpointNumber,
        attribute: &AttributeName,
        desired: Option<Value>,
    ) {
        if let Some(state) = self.slot(id, endpoint, attribute) {
            state.desired = desired;
        }
    }

    /// Sets a device's reachability; gives back what it was if that is something else.
    pub(crate) fn set_availability(&mut self, id: &DeviceId, availability: Availability) -> Option<Availability> {
        let entry = self.devices.get_mut(id)?;
        if entry.view.availability == availability {
            return None;
        }
        self.changed.insert(id.clone());
        let view = Arc::make_mut(&mut entry.view);
        Some(std::mem::replace(&mut view.availability, availability))
    }

    fn slot(
        &mut self,
        id: &DeviceId,
        endpoint: EndpointNumber,
        attribute: &AttributeName,
    ) -> Option<&mut AttributeState> {
        let entry = self.devices.get_mut(id)?;
        let slot = entry.slot(endpoint, attribute.as_str())?;
        self.changed.insert(id.clone());
        Arc::make_mut(&mut entry.view).states.get_mut(slot)
    }
}

impl World for Table {
    fn device(&self, device: &DeviceId) -> Option<&DeviceRecord> {
        self.view(device).map(|view| &*view.record)
    }

    fn devices(&self) -> Box<dyn Iterator<Item = &DeviceRecord> + '_> {
        Box::new(self.views().map(|view| &*view.record))
    }

    fn state(&self, device: &DeviceId, endpoint: EndpointNumber, attribute: &str) -> Option<&AttributeState> {
        let entry = self.devices.get(device)?;
        let slot = entry.slot(endpoint, attribute)?;
        entry.view.states.get(slot)
    }

    fn availability(&self, device: &DeviceId) -> Availability {
        self.view(device).map(|view| view.availability).unwrap_or_default()
    }

    fn areas(&self) -> &[Area] {
        &self.areas
    }

    fn home(&self) -> &Home {
        &self.home
    }

    /// Everybody who has an account, also those of whom nobody has said where they are.
    fn people(&self) -> &[Person] {
        &self.household.people
    }

    fn scenes(&self) -> &[Scene] {
        self.household.scenes()
    }

    fn is_complete(&self) -> bool {
        true
    }

    fn seen_by<'w>(&'w self, account: &AccountId) -> Option<Box<dyn World + 'w>> {
        self.sights.of(account).map(|sight| sight.home(self))
    }
}
