//! What is left of decisions: what expressions see as `trigger`, and what people who ask why are told. Small JSON.

use hub_model::{Event, EventKind, Source};

use super::facts::Facts;
use crate::World;
use crate::document::written::Mode;
use crate::rule::{Condition, Looked, Scope, Trigger, TriggerKind, Who};

/// A trigger and what it is about.
pub(super) fn about(trigger: &Trigger, index: usize, subject: usize, world: &dyn World) -> Facts {
    let mut what = named(trigger, index);
    match &trigger.kind {
        TriggerKind::Availability { devices, .. } => {
            what.put("device", devices.get(subject));
            what.put("to", devices.get(subject).map(|device| world.availability(device).as_str()));
        }
        TriggerKind::Presence { who, .. } => {
            let person = match who {
                Who::Person(person) => Some(person),
                Who::Anyone => world.people().get(subject).map(|person| &person.id),
                Who::Everyone => None,
            };
            what.put("person", person);
        }
        TriggerKind::Mode { .. } => what.put("to", &world.home().mode),
        kind => {
            if let Some(key) = kind.attributes().get(subject) {
                what.put("device", &key.device);
                what.put("endpoint", key.endpoint);
                what.put("attribute", &key.attribute);
                what.put("to", key.state(world).map(|state| &state.value));
            }
        }
    }
    what
}

fn named(trigger: &Trigger, index: usize) -> Facts {
    let what = Facts::new().with("kind", trigger.kind.word()).with("path", &trigger.path).with("index", index);
    match &trigger.id {
        Some(id) => what.with("id", id),
        None => what,
    }
}

/// What happened to a trigger.
pub(super) fn happened(trigger: &Trigger, index: usize, event: &Event) -> Facts {
    let mut what = named(trigger, index).with("at", event.at);
    match &event.kind {
        EventKind::StateChanged { device, endpoint, attribute, from, to, source, .. } => {
            if *source == Source::Restored {
                what.put("source", "restored");
            }
            what.put("device", device);
            what.put("endpoint", *endpoint);
            what.put("attribute", attribute);
            what.put("from", from);
            what.put("to", to);
        }
        EventKind::DeviceEvent { device, endpoint, attribute, value } => {
            what.put("device", device);
            what.put("endpoint", *endpoint);
            what.put("attribute", attribute);
            what.put("value", value);
        }
        EventKind::AvailabilityChanged { device, from, to } => {
            what.put("device", device);
            what.put("from", from.as_str());
            what.put("to", to.as_str());
        }
        EventKind::PresenceChanged { person, from, to } => {
            what.put("person", person);
            what.put("from", from.as_ref());
            what.put("to", to);
        }
        EventKind::ModeChanged { from, to } => {
            what.put("from", from);
            what.put("to", to);
        }
        EventKind::Webhook { body, .. } => what.put("data", body),
        _ => {}
    }
    what
}

/// What the conditions looked at.
pub(super) fn looked_at(looked_at: Vec<Looked>) -> Vec<Facts> {
    let said = |looked: Looked| {
        let mut said = Facts::new();
        said.put("path", &looked.path);
        said.put("value", &looked.value);
        said.put("as_wanted", looked.held);
        if let Some(key) = &looked.key {
            said.put("device", &key.device);
            said.put("endpoint", key.endpoint);
            said.put("attribute", &key.attribute);
        }
        said
    };
    looked_at.into_iter().map(said).collect()
}

/// The condition that is to blame, and what it wants.
pub(super) fn wanted(conditions: &[Condition], scope: &Scope<'_>) -> Option<Facts> {
    let states = conditions.iter().map(|condition| super::explain::condition_state(condition, scope));
    let blamed = states.into_iter().find(|state| state.holds == Some(false));
    let culprit = blamed.as_ref().and_then(super::explain::ConditionState::culprit);
    culprit.map(|(state, should)| Facts::new().with("path", &state.path).with("text", state.wanted(should)))
}

/// Why a rule that is at work does not start once more.
pub(super) fn busy(mode: Mode, runs: usize) -> String {
    let mode = match mode {
        Mode::Single => "single",
        Mode::Restart => "restart",
        Mode::Queued => "queued",
        Mode::Parallel => "parallel",
    };
    match runs {
        1 => format!("a run of it was under way, and its mode is {mode}"),
        several => format!("{several} runs of it were under way, and its mode is {mode}"),
    }
}

/// A number in few letters.
pub(super) fn base36(number: i64) -> String {
    let mut rest = number.unsigned_abs();
    let mut letters = Vec::new();
    loop {
        letters.push(char::from_digit(u32::try_from(rest % 36).unwrap_or_default(), 36).unwrap_or('0'));
        rest /= 36;
        if rest == 0 {
            break;
        }
    }
    letters.iter().rev().collect()
}
