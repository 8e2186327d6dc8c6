//! What was last known of each series, gathered entry by entry.

use std::collections::BTreeMap;
use std::sync::Arc;

use hub_model::record::{DecidedOn, KnownState};
use hub_model::{AttributeName, Availability, DeviceId, Timestamp, Value};

use crate::series::{SeriesKey, SeriesKind, StoredSample, availability_of};

/// The newest values.
#[derive(Debug, Default)]
pub(crate) struct LastKnown {
    values: BTreeMap<SeriesKey, (Timestamp, Value)>,
    removed: Vec<Arc<str>>,
}

impl LastKnown {
    /// Takes the next sample of a series, in the order of writing.
    pub(crate) fn take(&mut self, key: &SeriesKey, sample: &StoredSample) {
        match key.kind {
            SeriesKind::State | SeriesKind::Availability => {
                self.values.insert(key.clone(), (sample.at, sample.value.clone()));
            }
            SeriesKind::Removed => {
                self.values.retain(|known, _| known.device != key.device);
                self.removed.push(Arc::clone(&key.device));
            }
            SeriesKind::DeviceEvent | SeriesKind::Mode | SeriesKind::Presence | SeriesKind::Trace => {}
        }
    }

    /// Takes a value that a decision was made on, if it is newer than what is known.
    pub(crate) fn overlay(&mut self, fact: &DecidedOn) {
        let key = SeriesKey::state(fact.device.as_str(), fact.endpoint, fact.attribute.as_str());
        let known = self.values.get(&key).map(|(at, _)| *at);
        if known.is_none_or(|at| at < fact.changed_at) {
            self.values.insert(key, (fact.changed_at, fact.value.clone()));
        }
    }

    /// Devices that were removed on the way.
    pub(crate) fn removed(&self) -> &[Arc<str>] {
        &self.removed
    }

    /// The values with their series.
    pub(crate) fn values(&self) -> impl Iterator<Item = (&SeriesKey, Timestamp, &Value)> {
        self.values.iter().map(|(key, (at, value))| (key, *at, value))
    }

    /// As a start finds it.
    pub(crate) fn into_kept(self) -> (Vec<KnownState>, Vec<(DeviceId, Availability)>) {
        let (mut states, mut availability) = (Vec::new(), Vec::new());
        for (key, (changed_at, value)) in self.values {
            let device = DeviceId::new(key.device);
            match key.kind {
                SeriesKind::Availability => availability.push((device, availability_of(&value))),
                _ => states.push(KnownState {
                    device,
                    endpoint: key.endpoint,
                    attribute: AttributeName::new(key.attribute),
                    value,
                    changed_at,
                }),
            }
        }
        (states, availability)
    }
}
