//! What goes into history.

use std::sync::Arc;

use hub_model::history::{HistoryEntry, HistoryRecord, StateRecord};
use hub_model::{Event, EventKind};

/// What goes into history of an event.
pub(crate) fn history_of(event: &Event) -> Option<HistoryRecord> {
    let entry = match &event.kind {
        EventKind::StateChanged { device, endpoint, attribute, to, .. } => HistoryEntry::State(StateRecord {
            device: device.clone(),
            endpoint: *endpoint,
            attribute: attribute.clone(),
            value: to.clone(),
            cause: event.cause.clone(),
        }),
        EventKind::DeviceEvent { device, endpoint, attribute, value } => HistoryEntry::DeviceEvent {
            device: device.clone(),
            endpoint: *endpoint,
            attribute: attribute.clone(),
            value: value.clone(),
        },
        EventKind::AvailabilityChanged { device, to, .. } => {
            HistoryEntry::Availability { device: device.clone(), availability: *to }
        }
        EventKind::ModeChanged { to, .. } => HistoryEntry::Mode { mode: Arc::clone(to) },
        EventKind::PresenceChanged { person, to, .. } => {
            HistoryEntry::Presence { person: person.clone(), presence: Arc::clone(to) }
        }
        _ => return None,
    };
    Some(HistoryRecord { at: event.at, entry })
}
