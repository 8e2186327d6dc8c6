//! What goes into history.

use std::sync::Arc;

use hub_model::history::{HistoryEntry, HistoryRecord, StateRecord};
use hub_model::{Cause, Event, EventKind};

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
        EventKind::ModeChanged { to, .. } => HistoryEntry::Mode { mode: Arc::clone(to), cause: event.cause.clone() },
        EventKind::PresenceChanged { person, to, .. } => {
            HistoryEntry::Presence { person: person.clone(), presence: Arc::clone(to), cause: event.cause.clone() }
        }
        // What a person wanted was promised when it was accepted; how it ended is batched.
        EventKind::Command(command) if command.has_ended() && matches!(command.cause, Cause::Person { .. }) => {
            HistoryEntry::Command(Arc::clone(command))
        }
        _ => return None,
    };
    Some(HistoryRecord { at: event.at, entry })
}
