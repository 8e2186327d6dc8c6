//! Whether an event is what a trigger or a wait is about, and what already stands.

use std::sync::Arc;

use hub_model::household::Person;
use hub_model::record::DecidedOn;
use hub_model::{Event, EventKind, Source, Timestamp, Value};

use super::kept::HoldKey;
use crate::World;
use crate::rule::{AttributeKey, Pattern, Trigger, TriggerKind, Who, any_matches, is_at};

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
    /// What `event` means to it; none = nothing. The world already shows the event.
    pub(super) fn touched(&self, event: &Event, strictness: Strictness, world: &dyn World) -> Option<Touched> {
        match (&self.kind, &event.kind) {
            (
                TriggerKind::State { watched, from, to, .. },
                EventKind::StateChanged { device, endpoint, attribute, from: before, to: after, source, .. },
            ) => {
                let subject = position(watched, device, *endpoint, attribute)?;
                let live = *source != Source::Restored || (strictness == Strictness::Standing && to.is_some());
                let from = from.as_ref().is_none_or(|from| any_matches(from, before));
                let to = match to {
                    Some(to) if stays(to, before, after) => return None,
                    Some(to) => any_matches(to, after),
                    None => true,
                };
                Some(Touched { subject, matches: live && from && to })
            }
            (
                TriggerKind::Numeric { watched, range, .. },
                EventKind::StateChanged { device, endpoint, attribute, from: before, to: after, source, .. },
            ) => {
                let subject = position(watched, device, *endpoint, attribute)?;
                let live = *source != Source::Restored || strictness == Strictness::Standing;
                crossed(range.contains(before), range.contains(after))
                    .map(|in_it| Touched { subject, matches: live && in_it })
            }
            (TriggerKind::Event { watched, is }, EventKind::DeviceEvent { device, endpoint, attribute, value }) => {
                let subject = position(watched, device, *endpoint, attribute)?;
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
            (
                TriggerKind::Presence { who, from, to, .. },
                EventKind::PresenceChanged { person, from: before, to: after },
            ) => {
                let subject = match who {
                    Who::Person(watched) if watched != person => return None,
                    // Where they are makes no difference for everyone.
                    Who::Everyone if !counts(person, world) => return None,
                    Who::Person(_) | Who::Everyone => 0,
                    Who::Anyone => world.people().iter().position(|other| other.id == *person)?,
                };
                let was = |place: &str| before.as_deref().is_some_and(|before| is_at(place, before));
                let came_from = from.as_deref().is_none_or(was);
                let Some(to) = to.as_deref() else { return Some(Touched { subject, matches: came_from }) };
                let others = *who != Who::Everyone || others_are_at(to, person, world);
                let inside = crossed(was(to) && others, is_at(to, after) && others)?;
                Some(Touched { subject, matches: inside && came_from })
            }
            (TriggerKind::Mode { from, to, .. }, EventKind::ModeChanged { from: before, to: after }) => {
                let came_from = from.as_ref().is_none_or(|from| from.contains(before));
                let inside = match to {
                    Some(to) => crossed(to.contains(before), to.contains(after))?,
                    None => true,
                };
                Some(Touched { subject: 0, matches: inside && came_from })
            }
            (TriggerKind::Webhook(wanted), EventKind::Webhook { id, .. }) => {
                (wanted == id).then_some(Touched { subject: 0, matches: true })
            }
            _ => None,
        }
    }

    /// Whether anything that it waits for is there at all.
    pub(super) fn can_happen(&self, world: &dyn World) -> bool {
        match &self.kind {
            TriggerKind::State { to: Some(to), .. } if to.is_empty() => false,
            TriggerKind::State { watched, .. }
            | TriggerKind::Numeric { watched, .. }
            | TriggerKind::Event { watched, .. } => !watched.is_empty(),
            TriggerKind::Availability { devices, .. } => !devices.is_empty(),
            TriggerKind::Presence { who: Who::Person(id), .. } => world.people().iter().any(|person| person.id == *id),
            TriggerKind::Mode { to: Some(to), .. } => to.iter().any(|mode| world.home().modes.contains(mode)),
            _ => true,
        }
    }

    /// How many things it watches, each with a `for` of its own.
    pub(super) fn subjects(&self, world: &dyn World) -> usize {
        match &self.kind {
            TriggerKind::Presence { who: Who::Anyone, .. } => world.people().len(),
            TriggerKind::Presence { .. } | TriggerKind::Mode { .. } => 1,
            kind => kind.attributes().len().max(kind.devices().len()),
        }
    }

    /// Since when the state that it wants stands already at a subject; `unsaid` where nobody knows. None = it does not.
    pub(super) fn stands_since(&self, subject: usize, unsaid: Timestamp, world: &dyn World) -> Option<Timestamp> {
        match &self.kind {
            TriggerKind::State { watched, to: Some(to), .. } => {
                let state = watched.get(subject)?.state(world)?;
                any_matches(to, &state.value).then(|| state.changed_at.unwrap_or(unsaid))
            }
            TriggerKind::Numeric { watched, range, .. } => {
                let state = watched.get(subject)?.state(world)?;
                range.contains(&state.value).then(|| state.changed_at.unwrap_or(unsaid))
            }
            TriggerKind::Availability { devices, to: Some(to), .. } => {
                (world.availability(devices.get(subject)?) == *to).then_some(unsaid)
            }
            TriggerKind::Presence { who, to: Some(to), .. } => match who {
                Who::Person(id) => at_since(to, world.people().iter().find(|person| person.id == *id)?),
                Who::Anyone => at_since(to, world.people().get(subject)?),
                Who::Everyone => {
                    let counted = world.people().iter().filter(|person| person.is_waited_for());
                    let since: Option<Vec<Timestamp>> = counted.map(|person| at_since(to, person)).collect();
                    since?.into_iter().max()
                }
            },
            TriggerKind::Mode { to: Some(to), .. } => to.contains(&world.home().mode).then_some(unsaid),
            _ => None,
        }
    }

    /// The state of a subject as something that was decided on.
    pub(super) fn decided_on(&self, subject: usize, world: &dyn World) -> Option<DecidedOn> {
        let (TriggerKind::State { watched, .. } | TriggerKind::Numeric { watched, .. }) = &self.kind else {
            return None;
        };
        let key = watched.get(subject)?;
        key.state(world).and_then(|state| key.decided_on(state))
    }

    /// What names the `for` at a subject over restarts; none = it has none.
    pub(super) fn hold_key(&self, trigger: usize, subject: usize, world: &dyn World) -> Option<HoldKey> {
        self.kind.hold()?;
        self.subject_key(trigger, subject, world)
    }

    /// What names a subject whatever else comes or goes; none = it has no state that could stand.
    pub(super) fn subject_key(&self, trigger: usize, subject: usize, world: &dyn World) -> Option<HoldKey> {
        let (name, endpoint): (Arc<str>, _) = match &self.kind {
            TriggerKind::State { watched, .. } | TriggerKind::Numeric { watched, .. } => {
                let key = watched.get(subject)?;
                (key.device.as_str().into(), key.endpoint)
            }
            TriggerKind::Availability { devices, .. } => (devices.get(subject)?.as_str().into(), 0),
            TriggerKind::Presence { who: Who::Anyone, .. } => (world.people().get(subject)?.id.as_str().into(), 0),
            TriggerKind::Presence { .. } | TriggerKind::Mode { .. } => ("".into(), 0),
            _ => return None,
        };
        Some(HoldKey { trigger, subject: name, endpoint })
    }

    /// Which of the watched things has this name now; none = it is gone.
    pub(super) fn subject_of(&self, key: &HoldKey, world: &dyn World) -> Option<usize> {
        (0..self.subjects(world))
            .find(|subject| self.subject_key(key.trigger, *subject, world).is_some_and(|other| other == *key))
    }
}

fn position(
    watched: &[AttributeKey],
    device: &hub_model::DeviceId,
    endpoint: hub_model::EndpointNumber,
    attribute: &hub_model::AttributeName,
) -> Option<usize> {
    watched.iter().position(|key| key.device == *device && key.endpoint == endpoint && key.attribute == *attribute)
}

/// Whether a value that moved is still the same one of `to`: what counts goes on counting.
fn stays(to: &[Pattern], before: &Value, after: &Value) -> bool {
    to.iter().any(|pattern| pattern.matches(before) && pattern.matches(after))
}

/// Into it (true) or out of it (false). Staying in or out is nothing: what counts goes on counting.
fn crossed(before: bool, after: bool) -> Option<bool> {
    match (before, after) {
        (true, true) => None,
        (_, after) => Some(after),
    }
}

fn counts(person: &hub_model::AccountId, world: &dyn World) -> bool {
    world.people().iter().all(|known| known.id != *person || known.is_waited_for())
}

fn others_are_at(place: &str, person: &hub_model::AccountId, world: &dyn World) -> bool {
    let others = world.people().iter().filter(|other| other.is_waited_for() && other.id != *person);
    others.map(|other| other.presence.as_ref()).all(|presence| presence.is_some_and(|at| is_at(place, &at.place)))
}

fn at_since(place: &str, person: &Person) -> Option<Timestamp> {
    person.presence.as_ref().filter(|presence| is_at(place, &presence.place)).map(|presence| presence.since)
}
