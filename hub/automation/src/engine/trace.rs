//! What is left of decisions for people who ask why: small JSON.

use std::sync::Arc;

use hub_model::{Event, EventKind};
use serde_json::{Value as Json, json};

use crate::rule::{Trigger, Verdict};

/// What happened to a trigger.
pub(super) fn happened(trigger: &Trigger, subject: usize, event: &Event) -> Json {
    let mut what = trigger.describe(subject);
    match &event.kind {
        EventKind::StateChanged { from, to, .. } => {
            what["from"] = json!(from);
            what["to"] = json!(to);
        }
        EventKind::DeviceEvent { value, .. } => what["value"] = json!(value),
        EventKind::AvailabilityChanged { from, to, .. } => {
            what["from"] = json!(from.as_str());
            what["to"] = json!(to.as_str());
        }
        _ => {}
    }
    what
}

/// What the conditions looked at.
pub(super) fn looked_at(verdict: &Verdict) -> Json {
    let looked: Vec<Json> = verdict
        .looked_at
        .iter()
        .map(|(path, value, held): &(Arc<str>, _, _)| json!({"path": &**path, "value": value, "as_wanted": held}))
        .collect();
    Json::Array(looked)
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
