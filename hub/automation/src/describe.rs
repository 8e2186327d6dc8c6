//! Words for what rules are about, for people who ask why: names of things, what triggers and conditions want, what
//! happened.

use hub_model::zone::{Weekday, Zone};
use hub_model::{AttributeName, DeviceId, EndpointNumber, Timestamp, Value};
use jiff::SignedDuration;

use crate::World;
use crate::document::words::format_duration;
use crate::rule::{AttributeKey, Condition, ConditionKind, Pattern, Trigger, TriggerKind, Who};
use crate::sun::{SunEvent, SunTime};

/// What people call a device; its id if the home does not know it any more.
pub fn device(id: &DeviceId, world: &dyn World) -> String {
    world.device(id).map_or_else(|| id.to_string(), |record| record.name.to_string())
}

/// What people call a person; the id if the home does not know them.
pub fn person(id: &str, world: &dyn World) -> String {
    let known = world.people().iter().find(|person| person.id.as_str() == id);
    known.map_or_else(|| id.to_owned(), |person| person.name.to_string())
}

/// `Hallway lamp on`; `Strip left on` where the device has it at several places.
pub fn attribute(key: &AttributeKey, world: &dyn World) -> String {
    format!("{} {}", place(key, world), key.attribute)
}

/// `Hallway lamp`; `Strip left` where the device has the attribute at several places.
pub fn place(key: &AttributeKey, world: &dyn World) -> String {
    let name = device(&key.device, world);
    let Some(record) = world.device(&key.device) else { return name };
    let holders = record.device.attributes().filter(|(_, schema)| schema.name == key.attribute).count();
    if holders < 2 {
        return name;
    }
    let label = record.device.endpoint(key.endpoint).and_then(|endpoint| endpoint.label.clone());
    format!("{name} {}", label.unwrap_or_else(|| key.endpoint.to_string().into()))
}

/// A value with its unit.
pub fn value(value: &Value, key: Option<&AttributeKey>, world: &dyn World) -> String {
    let Value::Number(number) = value else { return value.to_string() };
    let record = key.and_then(|key| Some((key, world.device(&key.device)?)));
    let unit = record.and_then(|(key, record)| {
        record.device.attribute(key.endpoint, key.attribute.as_str()).and_then(|schema| schema.unit.clone())
    });
    let number = (number * 100.0).round() / 100.0;
    unit.map_or_else(|| number.to_string(), |unit| format!("{number} {unit}"))
}

/// What local clocks show: `18:00:05`, with the date if that is not the day of `near`.
pub fn time(at: Timestamp, near: Timestamp, zone: &Zone) -> String {
    let local = zone.local(at);
    let clock = format!("{:02}:{:02}:{:02}", local.hour(), local.minute(), local.second());
    if local.date() == zone.local(near).date() { clock } else { format!("{} {clock}", local.date()) }
}

/// A text in which points in time are as local clocks show them, e.g. one that was kept:
/// `was due at 2026-11-25T22:45:00.000Z` becomes `was due at 23:45:00`.
pub fn localized(text: &str, near: Timestamp, zone: &Zone) -> String {
    let local = |word: &str| -> Option<String> {
        let end = word.find('Z').map_or(0, |end| end + 1);
        let at = word.get(..end).filter(|at| at.len() >= "2026-11-25T22:45:00Z".len())?.parse().ok()?;
        Some(time(at, near, zone) + word.get(end..).unwrap_or_default())
    };
    let said = |word: &str| local(word).unwrap_or_else(|| word.to_owned());
    text.split(' ').map(said).collect::<Vec<_>>().join(" ")
}

/// How long, rounded to what matters.
pub fn length(duration: std::time::Duration) -> String {
    let milliseconds = duration.as_millis();
    if milliseconds < 1_000 {
        return format!("{milliseconds} ms");
    }
    format_duration(std::time::Duration::from_secs(duration.as_secs()))
}

/// The attribute that a trace or a document names.
pub fn key(device: &DeviceId, endpoint: EndpointNumber, attribute: &AttributeName) -> AttributeKey {
    AttributeKey { device: device.clone(), endpoint, attribute: attribute.clone() }
}

/// What a trigger waits for, without what it watches: `true for 2m`, `above 25`, `07:30 on mon, tue`.
pub fn trigger_wants(trigger: &Trigger, world: &dyn World) -> String {
    let first = trigger.kind.attributes().first();
    let wanted = match &trigger.kind {
        TriggerKind::State { from, to, .. } => {
            let words = |patterns: &Option<Vec<Pattern>>| {
                patterns
                    .as_ref()
                    .map(|patterns| any_of(patterns.iter().map(|wanted| value(&wanted.value, first, world))))
            };
            change(words(from), words(to))
        }
        TriggerKind::Numeric { range, .. } => range.to_string(),
        TriggerKind::Event { is, .. } => match is {
            Some(patterns) => any_of(patterns.iter().map(|wanted| wanted.value.to_string())),
            None => "anything".to_owned(),
        },
        TriggerKind::Time { at, weekdays } => {
            format!("{}{}", any_of(at.iter().map(ToString::to_string)), on_days(weekdays))
        }
        TriggerKind::Sun { moment, weekdays } => format!("{}{}", sun_time(*moment), on_days(weekdays)),
        TriggerKind::Every(period) => format!("every {}", format_duration(*period)),
        TriggerKind::Cron(_) => "a time of its cron pattern".to_owned(),
        TriggerKind::Availability { from, to, .. } => {
            change(from.map(|from| from.as_str().to_owned()), to.map(|to| to.as_str().to_owned()))
        }
        TriggerKind::Presence { from, to, .. } => {
            change(from.as_deref().map(str::to_owned), to.as_deref().map(str::to_owned))
        }
        TriggerKind::Mode { from, to, .. } => {
            let words = |modes: &Option<Vec<std::sync::Arc<str>>>| modes.as_ref().map(|modes| any_of(modes.iter()));
            change(words(from), words(to))
        }
        TriggerKind::Start => "a start of the hub".to_owned(),
        TriggerKind::Webhook(_) => "a call of its webhook".to_owned(),
    };
    match trigger.kind.hold() {
        Some(hold) => format!("{wanted} for {}", format_duration(hold)),
        None => wanted,
    }
}

/// What a condition wants, without what it looks at: `false`, `a time after 20:00`, `night or away`.
pub fn condition_wants(condition: &Condition, world: &dyn World) -> String {
    let held = |hold: &Option<std::time::Duration>| {
        hold.map(|hold| format!(" for {}", format_duration(hold))).unwrap_or_default()
    };
    let each = |inner: &[Condition]| {
        let told: Vec<String> = inner.iter().map(|condition| whole_condition(condition, world)).collect();
        told.join("; ")
    };
    match &condition.kind {
        ConditionKind::State { watched, is, hold } => {
            let words = is.iter().map(|wanted| value(&wanted.value, watched.first(), world));
            format!("{}{}", any_of(words), held(hold))
        }
        ConditionKind::Numeric { range, .. } => range.to_string(),
        ConditionKind::Time { after, before, weekdays } => {
            let window = match (after, before) {
                (Some(after), Some(before)) => format!("a time from {after} to {before}"),
                (Some(after), None) => format!("a time after {after}"),
                (None, Some(before)) => format!("a time before {before}"),
                (None, None) => "a time".to_owned(),
            };
            format!("{window}{}", on_days(weekdays))
        }
        ConditionKind::Sun(window) => {
            let after = window.after.map(|after| format!("after {}", sun_time(after)));
            let before = window.before.map(|before| format!("before {}", sun_time(before)));
            [after, before].into_iter().flatten().collect::<Vec<_>>().join(" and ")
        }
        ConditionKind::Presence { is, hold, .. } => format!("{}{}", any_of(is.iter()), held(hold)),
        ConditionKind::Mode(modes) => any_of(modes.iter()),
        ConditionKind::Availability { is, .. } => is.as_str().to_owned(),
        ConditionKind::If(_) => "an expression that comes to true".to_owned(),
        ConditionKind::And(inner) => format!("all of: {}", each(inner)),
        ConditionKind::Or(inner) => format!("at least one of: {}", each(inner)),
        ConditionKind::Not(inner) => format!("none of: {}", each(inner)),
    }
}

/// What a condition looks at, in words; empty for a group of conditions.
pub fn condition_about(condition: &Condition, world: &dyn World) -> String {
    match &condition.kind {
        ConditionKind::State { watched, .. } | ConditionKind::Numeric { watched, .. } => match watched.as_slice() {
            [] => "no device".to_owned(),
            several => all_of(several.iter().map(|key| attribute(key, world))),
        },
        ConditionKind::Time { .. } => "the time".to_owned(),
        ConditionKind::Sun(_) => "the time of the sun".to_owned(),
        ConditionKind::Presence { who, .. } => who_words(who, world),
        ConditionKind::Mode(_) => "the mode".to_owned(),
        ConditionKind::Availability { devices, .. } => match devices.as_slice() {
            [] => "no device".to_owned(),
            several => all_of(several.iter().map(|id| device(id, world))),
        },
        ConditionKind::If(_) => "the expression".to_owned(),
        ConditionKind::And(_) | ConditionKind::Or(_) | ConditionKind::Not(_) => String::new(),
    }
}

fn whole_condition(condition: &Condition, world: &dyn World) -> String {
    let (about, wants) = (condition_about(condition, world), condition_wants(condition, world));
    if about.is_empty() { wants } else { format!("{about} {wants}") }
}

/// Whose presence.
pub fn who_words(who: &Who, world: &dyn World) -> String {
    match who {
        Who::Person(id) => person(id.as_str(), world),
        Who::Anyone => "anyone".to_owned(),
        Who::Everyone => "everyone".to_owned(),
    }
}

/// Into and out of what.
fn change(from: Option<String>, to: Option<String>) -> String {
    match (from, to) {
        (Some(from), Some(to)) => format!("a change from {from} to {to}"),
        (Some(from), None) => format!("a change from {from}"),
        (None, Some(to)) => to,
        (None, None) => "a change".to_owned(),
    }
}

/// `sunset`, `20m before sunset`.
fn sun_time(moment: SunTime) -> String {
    let event = match moment.event {
        SunEvent::Sunrise => "sunrise",
        SunEvent::Sunset => "sunset",
    };
    let side = match moment.offset.cmp(&SignedDuration::ZERO) {
        std::cmp::Ordering::Equal => return event.to_owned(),
        std::cmp::Ordering::Less => "before",
        std::cmp::Ordering::Greater => "after",
    };
    format!("{} {side} {event}", format_duration(moment.offset.unsigned_abs()))
}

fn on_days(weekdays: &[Weekday]) -> String {
    if weekdays.is_empty() {
        return String::new();
    }
    let names: Vec<String> = weekdays.iter().map(|day| format!("{day:?}").to_lowercase()).collect();
    format!(" on {}", names.join(", "))
}

fn any_of<T: std::fmt::Display>(words: impl Iterator<Item = T>) -> String {
    words.map(|word| word.to_string()).collect::<Vec<_>>().join(" or ")
}

/// The first few; a selection may mean many.
fn all_of(words: impl ExactSizeIterator<Item = String>) -> String {
    const NAMED: usize = 5;
    let more = words.len().saturating_sub(NAMED);
    let named = words.take(NAMED).collect::<Vec<_>>().join(", ");
    if more > 0 { format!("{named} and {more} more") } else { named }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kept_times_are_told_as_clocks_show_them() {
        let (zone, near) = (Zone::named("Europe/Berlin").unwrap(), "2026-11-25T23:30:00Z".parse().unwrap());
        for (kept, told) in [
            ("due at 2026-11-25T22:45:00.000Z, while", "due at 2026-11-25 23:45:00, while"),
            ("2026-11-25T23:05:00Z", "00:05:00"),
            ("Zoo at 2026, Z", "Zoo at 2026, Z"),
            ("", ""),
        ] {
            assert_eq!(localized(kept, near, &zone), told);
        }
    }
}
