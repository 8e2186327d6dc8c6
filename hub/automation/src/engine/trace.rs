//! What is left of decisions: what expressions see as `trigger`, and what people who ask why are told. Small JSON.

use hub_model::{Event, EventKind, Source};
use serde_json::{Value as Json, json};

use crate::World;
use crate::document::written::Mode;
use crate::rule::{Condition, Scope, Trigger, TriggerKind, Verdict, Who};

/// A trigger and what it is about.
pub(super) fn about(trigger: &Trigger, index: usize, subject: usize, world: &dyn World) -> Json {
    let mut what = json!({"kind": trigger.kind.word(), "path": &*trigger.path, "index": index});
    if let Some(id) = &trigger.id {
        what["id"] = json!(&**id);
    }
    match &trigger.kind {
        TriggerKind::Availability { devices, .. } => {
            what["device"] = json!(devices.get(subject).map(|device| device.as_str()));
            what["to"] = json!(devices.get(subject).map(|device| world.availability(device).as_str()));
        }
        TriggerKind::Presence { who, .. } => {
            let person = match who {
                Who::Person(person) => Some(person),
                Who::Anyone => world.people().get(subject).map(|person| &person.id),
                Who::Everyone => None,
            };
            what["person"] = json!(person.map(|person| person.as_str()));
        }
        TriggerKind::Mode { .. } => what["to"] = json!(&*world.home().mode),
        kind => {
            if let Some(key) = kind.attributes().get(subject) {
                what["device"] = json!(key.device.as_str());
                what["endpoint"] = json!(key.endpoint);
                what["attribute"] = json!(key.attribute.as_str());
                what["to"] = json!(key.state(world).map(|state| &state.value));
            }
        }
    }
    what
}

/// What happened to a trigger.
pub(super) fn happened(trigger: &Trigger, index: usize, event: &Event) -> Json {
    let mut what = json!({"kind": trigger.kind.word(), "path": &*trigger.path, "index": index, "at": event.at});
    if let Some(id) = &trigger.id {
        what["id"] = json!(&**id);
    }
    match &event.kind {
        EventKind::StateChanged { device, endpoint, attribute, from, to, source, .. } => {
            if *source == Source::Restored {
                what["source"] = json!(source);
            }
            what["device"] = json!(device.as_str());
            what["endpoint"] = json!(endpoint);
            what["attribute"] = json!(attribute.as_str());
            what["from"] = json!(from);
            what["to"] = json!(to);
        }
        EventKind::DeviceEvent { device, endpoint, attribute, value } => {
            what["device"] = json!(device.as_str());
            what["endpoint"] = json!(endpoint);
            what["attribute"] = json!(attribute.as_str());
            what["value"] = json!(value);
        }
        EventKind::AvailabilityChanged { device, from, to } => {
            what["device"] = json!(device.as_str());
            what["from"] = json!(from.as_str());
            what["to"] = json!(to.as_str());
        }
        EventKind::PresenceChanged { person, from, to } => {
            what["person"] = json!(person.as_str());
            what["from"] = json!(from.as_deref());
            what["to"] = json!(&**to);
        }
        EventKind::ModeChanged { from, to } => {
            what["from"] = json!(&**from);
            what["to"] = json!(&**to);
        }
        EventKind::Webhook { body, .. } => what["data"] = json!(body),
        _ => {}
    }
    what
}

/// What the conditions looked at.
pub(super) fn looked_at(verdict: &Verdict) -> Json {
    let looked = verdict.looked_at.iter().map(|looked| {
        let mut said = json!({"path": &*looked.path, "value": looked.value, "as_wanted": looked.held});
        if let Some(key) = &looked.key {
            said["device"] = json!(key.device.as_str());
            said["endpoint"] = json!(key.endpoint);
            said["attribute"] = json!(key.attribute.as_str());
        }
        said
    });
    Json::Array(looked.collect())
}

/// The condition that is to blame, and what it wants.
pub(super) fn wanted(conditions: &[Condition], scope: &Scope<'_>) -> Json {
    let states = conditions.iter().map(|condition| super::explain::condition_state(condition, scope));
    let blamed = states.into_iter().find(|state| !state.holds);
    let culprit = blamed.as_ref().and_then(super::explain::ConditionState::culprit);
    culprit.map_or(Json::Null, |(state, should)| json!({"path": &*state.path, "text": state.wanted(should)}))
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
