//! Whether an event is what a trigger or a wait is about, and what already stands.

use std::time::Duration;

use hub_model::record::DecidedOn;
use hub_model::zone::{TimeOfDay, Weekday, Zone};
use hub_model::{Event, EventKind, Source, Timestamp, Value};
use serde_json::json;

use crate::World;
use crate::rule::{Pattern, Trigger, TriggerKind, any_matches};

/// What an event means to a trigger that watches it.
#[derive(Debug, PartialEq)]
pub(super) struct Touched {
    /// Which of the watched things it is.
    pub(super) subject: usize,
    /// It is what the trigger is about; only a `for` may be missing yet.
    pub(super) matches: bool,
}

/// How strictly an event is looked at.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Strictness {
    /// A trigger fires on changes only.
    Change,
    /// A wait goes on however what it waits for came about.
    Standing,
}

impl Trigger {
    /// What `event` means to it; none = nothing.
    pub(super) fn touched(&self, event: &Event, strictness: Strictness) -> Option<Touched> {
        match (&self.kind, &event.kind) {
            (
                TriggerKind::State { watched, from, to, .. },
                EventKind::StateChanged { device, endpoint, attribute, from: before, to: after, source, .. },
            ) => {
                let subject = watched.iter().position(|key| {
                    key.device == *device && key.endpoint == *endpoint && key.attribute == *attribute
                })?;
                let live = *source != Source::Restored || (strictness == Strictness::Standing && to.is_some());
                let from = from.as_ref().is_none_or(|from| any_matches(from, before));
                let to = to.as_ref().is_none_or(|to| entered(to, before, after));
                Some(Touched { subject, matches: live && from && to })
            }
            (TriggerKind::Event { watched, is }, EventKind::DeviceEvent { device, endpoint, attribute, value }) => {
                let subject = watched.iter().position(|key| {
                    key.device == *device && key.endpoint == *endpoint && key.attribute == *attribute
                })?;
                Some(Touched { subject, matches: is.as_ref().is_none_or(|is| any_matches(is, value)) })
            }
            (
                TriggerKind::Availability { devices, from, to, .. },
                EventKind::AvailabilityChanged { device, from: before, to: after },
            ) => {
                let subject = devices.iter().position(|watched| watched == device)?;
                let matches = from.is_none_or(|from| from == *before) && to.is_none_or(|to| to == *after);
                Some(Touched { subject, matches })
            }
            _ => None,
        }
    }

    /// How long what it is about must stay so.
    pub(super) fn hold(&self) -> Option<Duration> {
        match &self.kind {
            TriggerKind::State { hold, .. } | TriggerKind::Availability { hold, .. } => *hold,
            TriggerKind::Event { .. } | TriggerKind::Time { .. } => None,
        }
    }

    /// How many things it watches.
    pub(super) fn subjects(&self) -> usize {
        match &self.kind {
            TriggerKind::State { watched, .. } | TriggerKind::Event { watched, .. } => watched.len(),
            TriggerKind::Availability { devices, .. } => devices.len(),
            TriggerKind::Time { .. } => 0,
        }
    }

    /// Since when the state that it wants stands already at a subject; `unsaid` where nobody knows. None = it does not.
    pub(super) fn stands_since(&self, subject: usize, unsaid: Timestamp, world: &dyn World) -> Option<Timestamp> {
        match &self.kind {
            TriggerKind::State { watched, to: Some(to), .. } => {
                let state = watched.get(subject)?.state(world)?;
                any_matches(to, &state.value).then(|| state.changed_at.unwrap_or(unsaid))
            }
            TriggerKind::Availability { devices, to: Some(to), .. } => {
                (world.availability(devices.get(subject)?) == *to).then_some(unsaid)
            }
            _ => None,
        }
    }

    /// The state of a subject as something that was decided on.
    pub(super) fn decided_on(&self, subject: usize, world: &dyn World) -> Option<DecidedOn> {
        let TriggerKind::State { watched, .. } = &self.kind else { return None };
        let key = watched.get(subject)?;
        key.state(world).and_then(|state| key.decided_on(state))
    }

    /// The next time after `after` that it is about.
    pub(super) fn next_time(&self, zone: &Zone, after: Timestamp) -> Option<Timestamp> {
        let TriggerKind::Time { at, weekdays } = &self.kind else { return None };
        next_time(zone, after, at, weekdays)
    }

    /// The subject, for a trace.
    pub(super) fn describe(&self, subject: usize) -> serde_json::Value {
        match &self.kind {
            TriggerKind::State { watched, .. } | TriggerKind::Event { watched, .. } => match watched.get(subject) {
                Some(key) => json!({
                    "path": &*self.path, "device": key.device.as_str(), "endpoint": key.endpoint,
                    "attribute": key.attribute.as_str(),
                }),
                None => json!({"path": &*self.path}),
            },
            TriggerKind::Availability { devices, .. } => {
                json!({"path": &*self.path, "device": devices.get(subject).map(|device| device.as_str())})
            }
            TriggerKind::Time { .. } => json!({"path": &*self.path}),
        }
    }
}

/// Whether a change leads to one of `to` and did not start there.
fn entered(to: &[Pattern], before: &Value, after: &Value) -> bool {
    to.iter().any(|pattern| pattern.matches(after) && !pattern.matches(before))
}

fn next_time(zone: &Zone, after: Timestamp, at: &[TimeOfDay], weekdays: &[Weekday]) -> Option<Timestamp> {
    at.iter().filter_map(|time| zone.next(after, *time, weekdays)).min()
}
