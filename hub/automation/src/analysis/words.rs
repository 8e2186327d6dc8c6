//! How findings speak: names of things, situations in words.

use std::time::Duration;

use hub_model::device::DeviceRecord;
use hub_model::zone::Weekday;

use super::conditions::WEEKDAYS;
use super::effects::{Deed, Wish};
use super::facts::{CLOCK, Facts, Variable};
use super::home::{Home, Subject};
use super::set::Set;
use super::sun::DAY;
use super::triggers::Signal;
use crate::document::words::format_duration;
use crate::sun::{SunEvent, SunTime};

/// Words in the name, model or description of a switch that say that it lights.
pub(super) const LIGHTS: &[&str] = &["lamp", "light", "bulb", "spot", "lantern"];
/// Words of what is dangerous or dear when it is left on or open.
pub(super) const DANGEROUS: &[&str] = &[
    "valve",
    "water",
    "gas",
    "heater",
    "heating",
    "heat",
    "boiler",
    "radiator",
    "oven",
    "stove",
    "hob",
    "iron",
    "kettle",
    "sauna",
    "pump",
    "garage",
    "gate",
    "siren",
    "cooker",
    "fireplace",
    "furnace",
    "sprinkler",
    "irrigation",
    "faucet",
    "tap",
];
/// Words of what heats.
pub(super) const HEATS: &[&str] =
    &["heater", "heating", "heat", "boiler", "radiator", "oven", "stove", "fireplace", "furnace"];

/// Whether the name, model or description of a device has one of these as a whole word.
pub(super) fn has_word(record: &DeviceRecord, words: &[&str]) -> bool {
    let texts = [Some(&record.name), record.device.model.as_ref(), record.device.description.as_ref()];
    texts.into_iter().flatten().any(|text| {
        text.split(|letter: char| !letter.is_alphanumeric()).any(|word| {
            let word = word.to_lowercase();
            words.contains(&word.as_str()) || word.strip_suffix('s').is_some_and(|word| words.contains(&word))
        })
    })
}

/// What people call a variable.
pub(super) fn name(variable: Variable, home: &Home<'_>) -> String {
    match home.subject(variable) {
        Subject::Clock => "the time".to_owned(),
        Subject::Sun => "the sun".to_owned(),
        Subject::Attribute(key) | Subject::Since(key) => {
            let record = home.record(&key.device);
            let several = record.is_some_and(|record| record.device.resolve(None, key.attribute.as_str()).is_err());
            let part = record.and_then(|record| record.device.endpoint(key.endpoint)).filter(|_| several);
            let part = part.map(|part| part.label.as_deref().map_or(part.number.to_string(), str::to_owned));
            let device = home.device_name(&key.device);
            match part {
                Some(part) => format!("{device} ({part}) {}", key.attribute),
                None => format!("{device} {}", key.attribute),
            }
        }
        Subject::Mode => "the mode".to_owned(),
        Subject::Trigger(_) => "the trigger".to_owned(),
        Subject::Place(person) | Subject::PlaceSince(person) => {
            let known = home.world.people().iter().find(|known| known.id == *person);
            known.map_or_else(|| person.to_string(), |known| known.name.to_string())
        }
        Subject::Reachable(device) => home.device_name(device).to_owned(),
        Subject::Expression(text) => format!("`{text}`"),
    }
}

/// One value of a set, as people write it.
fn value(variable: Variable, number: f64, home: &Home<'_>) -> String {
    match home.subject(variable) {
        Subject::Reachable(_) => match number as i64 {
            1 => "offline".to_owned(),
            2 => "online".to_owned(),
            _ => "neither online nor offline".to_owned(),
        },
        Subject::Expression(_) => if number == 0.0 { "false" } else { "true" }.to_owned(),
        Subject::Attribute(key) => {
            let schema = home.schema(key);
            match schema.map(|schema| schema.kind) {
                Some(hub_model::Kind::Bool) => if number == 0.0 { "false" } else { "true" }.to_owned(),
                Some(hub_model::Kind::Number) | None => {
                    let unit = schema.and_then(|schema| schema.unit.as_deref());
                    unit.map_or(number.to_string(), |unit| format!("{number} {unit}"))
                }
                _ => home.text_of(number).unwrap_or("something else").to_owned(),
            }
        }
        Subject::Mode | Subject::Trigger(_) => home.text_of(number).unwrap_or("another").to_owned(),
        Subject::Place(_) => match home.text_of(number) {
            Some("home") => "at home".to_owned(),
            Some("away") => "away".to_owned(),
            Some(zone) => format!("at {zone}"),
            None => "away".to_owned(),
        },
        Subject::Since(_) | Subject::PlaceSince(_) => {
            format_duration(Duration::try_from_secs_f64(number).unwrap_or_default())
        }
        Subject::Clock | Subject::Sun => clock(number),
    }
}

/// The values of a set, as people write them: `true`, `night or away`, `above 20 °C and below 25 °C`.
fn values(variable: Variable, set: &Set, home: &Home<'_>) -> String {
    let is_number = match home.subject(variable) {
        Subject::Attribute(key) => home.schema(key).is_some_and(|schema| schema.kind == hub_model::Kind::Number),
        Subject::Since(_) | Subject::PlaceSince(_) => true,
        _ => false,
    };
    let place = matches!(home.subject(variable), Subject::Place(_));
    let mut parts: Vec<String> = Vec::new();
    for (low, high) in set.spans().iter().take(8) {
        if low.at() == high.at() {
            parts.push(value(variable, low.at(), home));
        } else if is_number {
            let universe = home.universe(variable).spans();
            let (least, greatest) = (universe.first().map(|(low, _)| low), universe.last().map(|(_, high)| high));
            let bound = |word: &str, number: f64| {
                number.is_finite().then(|| format!("{word} {}", value(variable, number, home)))
            };
            let from =
                bound(if low.is_behind() { "above" } else { "at least" }, low.at()).filter(|_| Some(low) != least);
            let to =
                bound(if high.is_behind() { "at most" } else { "below" }, high.at()).filter(|_| Some(high) != greatest);
            let both: Vec<String> = [from, to].into_iter().flatten().collect();
            parts.push(if both.is_empty() { "any number".to_owned() } else { both.join(" and ") });
        } else if place {
            parts.push("away".to_owned());
        } else {
            parts.push("something else".to_owned());
        }
    }
    parts.dedup();
    if set.unknown {
        parts.push("unknown".to_owned());
    }
    parts.join(" or ")
}

/// What is known, in words: `Hallway lamp on is true and the mode is night`; none if there are no words for it.
pub(super) fn known(facts: &Facts, home: &Home<'_>) -> Option<String> {
    let mut parts = Vec::new();
    for (variable, set) in facts.iter() {
        parts.push(match home.subject(variable) {
            Subject::Clock | Subject::Sun => return None,
            Subject::Trigger(_) => format!("the trigger is {}", values(variable, set, home)),
            Subject::Expression(text) => format!("`{text}`"),
            Subject::Since(_) | Subject::PlaceSince(_) => format!("for {}", values(variable, set, home)),
            _ => format!("{} is {}", name(variable, home), values(variable, set, home)),
        });
    }
    (!parts.is_empty()).then(|| parts.join(" and "))
}

/// A time of the week.
pub(super) fn clock(seconds: f64) -> String {
    let time = seconds.rem_euclid(DAY) as u32;
    format!("{:02}:{:02}", time / 3_600, time / 60 % 60)
}

/// An example of a situation: `Hallway motion occupancy is true and the mode is night`. What `told` is left out.
pub(super) fn situation(facts: &Facts, told: Option<Variable>, home: &Home<'_>) -> String {
    let mut parts = Vec::new();
    for (variable, set) in facts.iter() {
        if Some(variable) == told || matches!(variable, CLOCK) {
            continue;
        }
        match home.subject(variable) {
            Subject::Sun | Subject::Clock | Subject::Trigger(_) => {}
            Subject::Since(key) if told.is_some_and(|told| *home.subject(told) == Subject::Attribute(key.clone())) => {}
            Subject::Since(key) => {
                if let Some((low, _)) = set.spans().first().filter(|(low, _)| low.at() > 0.0) {
                    let value = home.device_name(&key.device);
                    parts.push(format!("{value} has been so for {}", self::value(variable, low.at(), home)));
                }
            }
            Subject::PlaceSince(_) => {}
            Subject::Expression(text) => {
                let truth = if set.single() == Some(0.0) { "does not hold" } else { "holds" };
                parts.push(format!("`{text}` {truth}"));
            }
            _ => parts.push(match set.example() {
                Some(number) => format!("{} is {}", name(variable, home), value(variable, number, home)),
                None => format!("{} is unknown", name(variable, home)),
            }),
        }
    }
    parts.truncate(6);
    parts.join(" and ")
}

/// When it is, in words, if anything is known of it: ` at 23:10 on Friday`.
fn at_time(facts: &Facts) -> String {
    let Some(set) = facts.get(CLOCK) else { return String::new() };
    let Some((low, high)) = set.spans().first() else { return String::new() };
    let second = if low.at() == high.at() { low.at() } else { (low.at() + high.at().min(low.at() + 7_200.0)) / 2.0 };
    let day = WEEKDAYS.get((second / DAY) as usize).copied().unwrap_or(Weekday::Mon);
    let whole_week = (0..7).all(|other| {
        let moved = f64::from(other) * DAY + second.rem_euclid(DAY);
        set.contains(moved)
    });
    if whole_week { format!(" at {}", clock(second)) } else { format!(" at {} on {}", clock(second), weekday(day)) }
}

fn weekday(day: Weekday) -> &'static str {
    match day {
        Weekday::Mon => "Monday",
        Weekday::Tue => "Tuesday",
        Weekday::Wed => "Wednesday",
        Weekday::Thu => "Thursday",
        Weekday::Fri => "Friday",
        Weekday::Sat => "Saturday",
        Weekday::Sun => "Sunday",
    }
}

/// An event and the situation in which it comes: `when Hallway motion occupancy becomes true at 23:10 while …`.
pub(super) fn example(signal: &Signal, facts: &Facts, home: &Home<'_>) -> String {
    let (event, told) = event(signal, facts, home);
    // A schedule says its time itself.
    let time = if matches!(signal, Signal::Schedule(_)) { String::new() } else { at_time(facts) };
    let situation = situation(facts, told, home);
    if situation.is_empty() { format!("{event}{time}") } else { format!("{event}{time} while {situation}") }
}

/// An event in words.
fn event(signal: &Signal, facts: &Facts, home: &Home<'_>) -> (String, Option<Variable>) {
    match signal {
        Signal::Change(change) => {
            let set = facts.get(change.variable).unwrap_or(&change.after);
            let set = if set.has_known() { set } else { &change.after };
            let subject = name(change.variable, home);
            let mut text = match set.example() {
                Some(number) if matches!(home.subject(change.variable), Subject::Place(_)) => {
                    match home.text_of(number) {
                        Some("home") => format!("when {subject} comes home"),
                        Some(zone) if zone != "away" => format!("when {subject} comes to {zone}"),
                        _ => format!("when {subject} leaves"),
                    }
                }
                Some(number) if set != home.universe(change.variable) => {
                    format!("when {subject} becomes {}", value(change.variable, number, home))
                }
                _ => format!("when {subject} changes"),
            };
            if let Some(hold) = change.hold {
                text.push_str(&format!(" and has been so for {}", format_duration(hold)));
            }
            (text, Some(change.variable))
        }
        Signal::Press { key, values } => {
            let what = values.as_ref().and_then(|values| values.first()).map(|value| format!(" {value}"));
            let device = home.device_name(&key.device);
            (format!("when {device} sends {}{}", key.attribute, what.unwrap_or_default()), None)
        }
        Signal::Schedule(schedule) => {
            let set = schedule.set();
            let facts = match facts.get(CLOCK).map(|known| known.intersect(&set)).filter(Set::has_known) {
                Some(set) => Facts::of(CLOCK, set),
                None => Facts::of(CLOCK, set),
            };
            (at_time(&facts).trim_start().to_owned(), None)
        }
        Signal::Sun { moment, .. } => (sun(*moment), None),
        Signal::Start => ("when the hub starts".to_owned(), None),
        // Its id opens it.
        Signal::Webhook(_) => ("when its webhook is called".to_owned(), None),
    }
}

fn sun(moment: SunTime) -> String {
    let event = match moment.event {
        SunEvent::Sunrise => "sunrise",
        SunEvent::Sunset => "sunset",
    };
    let offset = format_duration(moment.offset.unsigned_abs());
    match moment.offset.as_secs() {
        0 => format!("at {event}"),
        seconds if seconds < 0 => format!("{offset} before {event}"),
        _ => format!("{offset} after {event}"),
    }
}

/// What a deed is, in words: `sets Hallway lamp on to true`.
pub(super) fn deed(deed: &Deed, home: &Home<'_>) -> String {
    match deed {
        Deed::Set { variable, wish, .. } => {
            let name = name(*variable, home);
            match wish {
                Wish::Value { value, .. } => format!("sets {name} to {value}"),
                Wish::Opposite => format!("turns {name} to its opposite"),
                Wish::Computed(_) => format!("sets {name} to a value that it works out"),
                Wish::Copy(source) => format!("sets {name} to the value of {}", self::name(*source, home)),
            }
        }
        Deed::Told(_) => "sends a message".to_owned(),
        Deed::Call(_) => "runs another rule".to_owned(),
    }
}

/// Some things in a row: `a, b and c`.
pub(super) fn list(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}
