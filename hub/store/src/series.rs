//! What is recorded, uniformly: a series has samples, each a time, a value and a cause.

use std::sync::Arc;

use hub_model::history::{HistoryEntry, HistoryRecord, Recorded, StateRecord};
use hub_model::{AccountId, AttributeName, Availability, Cause, DeviceId, Timestamp, Value};

/// What kind of thing a series records. The numbers are stored; they never change.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[repr(u8)]
pub enum SeriesKind {
    /// Values of an attribute.
    State = 0,
    /// Momentary things of a device.
    DeviceEvent = 1,
    /// Whether a device can be reached.
    Availability = 2,
    /// The home's mode.
    Mode = 3,
    /// Where a person is.
    Presence = 4,
    /// Traces of rules.
    Trace = 5,
    /// A device was removed: what was last known of it no longer counts.
    Removed = 6,
}

const KINDS: [SeriesKind; 7] = [
    SeriesKind::State,
    SeriesKind::DeviceEvent,
    SeriesKind::Availability,
    SeriesKind::Mode,
    SeriesKind::Presence,
    SeriesKind::Trace,
    SeriesKind::Removed,
];

impl SeriesKind {
    /// What happens in a home; traces and marks are no part of that. In the database these are the smallest numbers.
    pub(crate) const HAPPENINGS: [Self; 5] =
        [Self::State, Self::DeviceEvent, Self::Availability, Self::Mode, Self::Presence];

    /// The kind of this number.
    pub fn of(number: u8) -> Option<Self> {
        KINDS.get(usize::from(number)).copied()
    }
}

/// Names a series.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct SeriesKey {
    /// What it records.
    pub kind: SeriesKind,
    /// Whose: a device, for presence a person, for traces a rule, else empty.
    pub device: Arc<str>,
    /// Where on the device; 0 where that says nothing.
    pub endpoint: u16,
    /// Which attribute; empty where that says nothing.
    pub attribute: Arc<str>,
}

/// One recorded value.
#[derive(Clone, PartialEq, Debug)]
pub struct StoredSample {
    /// When it became so.
    pub at: Timestamp,
    /// What.
    pub value: Value,
    /// What caused it.
    pub cause: Cause,
}

impl SeriesKey {
    fn of(kind: SeriesKind, device: &str, endpoint: u16, attribute: &str) -> Self {
        Self { kind, device: device.into(), endpoint, attribute: attribute.into() }
    }

    /// The series of an attribute's values.
    pub fn state(device: &str, endpoint: u16, attribute: &str) -> Self {
        Self::of(SeriesKind::State, device, endpoint, attribute)
    }

    /// The series of what is recorded.
    pub fn recorded(of: &Recorded) -> Self {
        match of {
            Recorded::State { device, endpoint, attribute } => {
                Self::state(device.as_str(), *endpoint, attribute.as_str())
            }
            Recorded::DeviceEvent { device, endpoint, attribute } => {
                Self::of(SeriesKind::DeviceEvent, device.as_str(), *endpoint, attribute.as_str())
            }
            Recorded::Availability(device) => Self::of(SeriesKind::Availability, device.as_str(), 0, ""),
            Recorded::Mode => Self::of(SeriesKind::Mode, "", 0, ""),
            Recorded::Presence(person) => Self::of(SeriesKind::Presence, person.as_str(), 0, ""),
        }
    }

    /// The traces of a rule: each has a series of its own, so that looking for them reads no other's.
    pub fn traces(automation: &str) -> Self {
        Self::of(SeriesKind::Trace, automation, 0, "")
    }

    /// The mark of a removed device.
    pub fn removed(device: &DeviceId) -> Self {
        Self::of(SeriesKind::Removed, device.as_str(), 0, "")
    }
}

/// The uniform form of a history record; none if it belongs to no series.
pub fn sample_of(record: &HistoryRecord) -> Option<(SeriesKey, StoredSample)> {
    let mut cause = Cause::Report;
    let (key, value) = match &record.entry {
        HistoryEntry::State(state) => {
            cause = state.cause.clone();
            let key = SeriesKey::state(state.device.as_str(), state.endpoint, state.attribute.as_str());
            (key, state.value.clone())
        }
        HistoryEntry::DeviceEvent { device, endpoint, attribute, value } => {
            (SeriesKey::of(SeriesKind::DeviceEvent, device.as_str(), *endpoint, attribute.as_str()), value.clone())
        }
        HistoryEntry::Availability { device, availability } => (
            SeriesKey::of(SeriesKind::Availability, device.as_str(), 0, ""),
            Value::Number(f64::from(availability_number(*availability))),
        ),
        HistoryEntry::Mode { mode, cause: by } => {
            cause = by.clone();
            (SeriesKey::of(SeriesKind::Mode, "", 0, ""), Value::Text(mode.clone()))
        }
        HistoryEntry::Presence { person, presence, cause: by } => {
            cause = by.clone();
            (SeriesKey::of(SeriesKind::Presence, person.as_str(), 0, ""), Value::Text(presence.clone()))
        }
        HistoryEntry::Trace(text) => (SeriesKey::traces(&traced(text)), Value::Text(text.clone())),
        HistoryEntry::Command(_) => return None,
    };
    Some((key, StoredSample { at: record.at, value, cause }))
}

/// Whose trace it is; nobody's if it does not say.
fn traced(trace: &str) -> String {
    #[derive(serde::Deserialize)]
    struct Traced {
        automation: String,
    }
    serde_json::from_str::<Traced>(trace).map(|traced| traced.automation).unwrap_or_default()
}

/// What a sample of a series says; none if that is nothing that happened in the home.
pub(crate) fn record_of(key: &SeriesKey, sample: StoredSample) -> Option<HistoryRecord> {
    let StoredSample { at, value, cause } = sample;
    let device = || DeviceId::new(Arc::clone(&key.device));
    let attribute = || AttributeName::new(Arc::clone(&key.attribute));
    let text = |value: Value| if let Value::Text(text) = value { Some(text) } else { None };
    let entry = match key.kind {
        SeriesKind::State => HistoryEntry::State(StateRecord {
            device: device(),
            endpoint: key.endpoint,
            attribute: attribute(),
            value,
            cause,
        }),
        SeriesKind::DeviceEvent => {
            HistoryEntry::DeviceEvent { device: device(), endpoint: key.endpoint, attribute: attribute(), value }
        }
        SeriesKind::Availability => {
            HistoryEntry::Availability { device: device(), availability: availability_of(&value) }
        }
        SeriesKind::Mode => HistoryEntry::Mode { mode: text(value)?, cause },
        SeriesKind::Presence => {
            HistoryEntry::Presence { person: AccountId::new(Arc::clone(&key.device)), presence: text(value)?, cause }
        }
        SeriesKind::Trace | SeriesKind::Removed => return None,
    };
    Some(HistoryRecord { at, entry })
}

fn availability_number(availability: Availability) -> u8 {
    match availability {
        Availability::Unknown => 0,
        Availability::Online => 1,
        Availability::Offline => 2,
    }
}

/// The availability that a sample of such a series stands for.
pub(crate) fn availability_of(value: &Value) -> Availability {
    match value.as_number() {
        Some(1.0) => Availability::Online,
        Some(2.0) => Availability::Offline,
        _ => Availability::Unknown,
    }
}
