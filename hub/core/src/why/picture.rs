//! A home to look at: as it is in a snapshot, or as history says that it was.

use std::collections::BTreeMap;

use hub_automation::World;
use hub_automation::engine::LooksAt;
use hub_model::device::DeviceRecord;
use hub_model::history::{ChangesQuery, Recorded, RecordedChange};
use hub_model::household::{Area, Home, Person, Presence};
use hub_model::{
    AttributeName, AttributeState, AutomationId, Availability, DeviceId, EndpointNumber, Source, Timestamp, Value,
};

use super::{Sources, behind};
use crate::ports::{Archive, ArchiveError};
use crate::snapshot::Snapshot;

/// A home to look at.
#[derive(Debug)]
pub struct Picture<'a> {
    snapshot: &'a Snapshot,
    home: Home,
    people: Vec<Person>,
    /// What was otherwise than it is now.
    states: BTreeMap<(DeviceId, EndpointNumber, AttributeName), AttributeState>,
    availability: BTreeMap<DeviceId, Availability>,
}

impl<'a> Picture<'a> {
    /// The home as it is.
    pub fn now(snapshot: &'a Snapshot) -> Self {
        let (home, people) = ((*snapshot.home).clone(), snapshot.people.to_vec());
        Self { snapshot, home, people, states: BTreeMap::new(), availability: BTreeMap::new() }
    }

    /// What people call a rule, if it is still there.
    pub(super) fn rule(&self, automation: &AutomationId) -> Option<&str> {
        let found = self.snapshot.automations.get(automation.as_str());
        found.map(|view| &*view.status.name)
    }

    /// The home as it was, as far as somebody looks at it. Devices have the names that they have now.
    pub(super) fn then(sources: &Sources<'a>, at: Timestamp, looks_at: &LooksAt) -> Result<Self, ArchiveError> {
        let mut picture = Self::now(sources.shown());
        for key in &looks_at.attributes {
            let of = Recorded::State {
                device: key.device.clone(),
                endpoint: key.endpoint,
                attribute: key.attribute.clone(),
            };
            let was = newest(sources.archive, of, at)?;
            let state = match was {
                Some(change) => AttributeState {
                    value: change.value,
                    reported_at: None,
                    changed_at: Some(change.at),
                    source: Source::Reported,
                    desired: None,
                },
                // What has not changed since is as it is; what was not heard of yet was not known.
                None => match key.state(&picture) {
                    Some(state) if state.changed_at.is_some_and(|changed_at| changed_at <= at) => state.clone(),
                    _ => AttributeState::default(),
                },
            };
            picture.states.insert((key.device.clone(), key.endpoint, key.attribute.clone()), state);
        }
        for device in looks_at.attributes.iter().map(|key| &key.device).chain(&looks_at.devices) {
            if !picture.availability.contains_key(device)
                && let Some(change) = newest(sources.archive, Recorded::Availability(device.clone()), at)?
            {
                picture.availability.insert(device.clone(), availability_named(&change.value));
            }
        }
        if let Some(Value::Text(mode)) = newest(sources.archive, Recorded::Mode, at)?.map(|change| change.value) {
            picture.home.mode = mode;
        }
        for person in &mut picture.people {
            let was = newest(sources.archive, Recorded::Presence(person.id.clone()), at)?;
            person.presence = match was {
                Some(RecordedChange { at, value: Value::Text(place), .. }) => Some(Presence { place, since: at }),
                // As with states: who has been there all the time is there, of others nothing was known.
                _ => person.presence.take().filter(|presence| presence.since <= at),
            };
        }
        Ok(picture)
    }
}

/// The last that was recorded up to and at a time.
pub(super) fn newest(
    archive: &dyn Archive,
    of: Recorded,
    at: Timestamp,
) -> Result<Option<RecordedChange>, ArchiveError> {
    let query = ChangesQuery { of, from: Timestamp(i64::MIN), to: behind(at), limit: 1 };
    Ok(archive.changes(&query)?.into_iter().next())
}

fn availability_named(value: &Value) -> Availability {
    [Availability::Online, Availability::Offline]
        .into_iter()
        .find(|availability| value.as_text() == Some(availability.as_str()))
        .unwrap_or_default()
}

impl World for Picture<'_> {
    fn device(&self, device: &DeviceId) -> Option<&DeviceRecord> {
        self.snapshot.device(device).map(|view| &*view.record)
    }

    fn devices(&self) -> Box<dyn Iterator<Item = &DeviceRecord> + '_> {
        Box::new(self.snapshot.devices.iter().map(|view| &*view.record))
    }

    fn state(&self, device: &DeviceId, endpoint: EndpointNumber, attribute: &str) -> Option<&AttributeState> {
        if !self.states.is_empty()
            && let Some(state) = self.states.get(&(device.clone(), endpoint, attribute.into()))
        {
            return Some(state);
        }
        self.snapshot.device(device)?.state(endpoint, attribute)
    }

    fn availability(&self, device: &DeviceId) -> Availability {
        let now = || self.snapshot.device(device).map(|view| view.availability);
        self.availability.get(device).copied().or_else(now).unwrap_or_default()
    }

    fn areas(&self) -> &[Area] {
        &self.snapshot.areas
    }

    fn home(&self) -> &Home {
        &self.home
    }

    fn people(&self) -> &[Person] {
        &self.people
    }
}
