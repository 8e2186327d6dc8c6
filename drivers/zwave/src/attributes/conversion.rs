//! Values of classes to values of attributes and back.

use hub_model::Value;
use hub_model::color::xy_to_hue_saturation;

use super::mapping::Entry;
use super::names::{Conversion, DEFAULT_TONE};
use super::node::{Endpoint, Tone};
use super::own_names::{slug, state_words};
use super::reading::{Native, Property};
use super::{color, parameter};
use crate::command_class::user_code::Code;
use crate::command_class::value::{Level, Names};
use crate::command_class::{barrier_operator, door_lock, sound_switch};

/// The word that stands for a tone: its name, with its number where another has the same or it has none.
pub(super) fn tone_words(endpoint: &Endpoint) -> Vec<(u8, String)> {
    let word = |(number, tone): (&u8, &Tone)| {
        let name = tone.name.trim();
        let is_unique = endpoint.tones.values().filter(|other| other.name.trim() == name).count() == 1;
        match name {
            "" => (*number, number.to_string()),
            _ if is_unique => (*number, name.to_owned()),
            _ => (*number, format!("{name} ({number})")),
        }
    };
    endpoint.tones.iter().map(word).collect()
}

fn named(names: Names) -> impl Iterator<Item = (u16, String)> {
    names.iter().map(|(number, name)| (u16::from(*number), slug(name)))
}

/// The words of an enumeration, by number.
pub(super) fn words(entry: &Entry, endpoint: &Endpoint) -> Vec<(u16, String)> {
    match entry.conversion {
        Conversion::Words(words) => words.iter().map(|(number, word)| (*number, (*word).to_owned())).collect(),
        Conversion::Named(names) => named(names).collect(),
        Conversion::State => state_words(entry.source.key),
        Conversion::Tone => {
            let tones = tone_words(endpoint).into_iter().map(|(number, word)| (u16::from(number), word));
            let off = (u16::from(sound_switch::OFF), "off".to_owned());
            let default = (u16::from(DEFAULT_TONE), "default".to_owned());
            // The default tone is one of the tones.
            match entry.source.property {
                Property::DefaultTone => tones.collect(),
                _ => [off, default].into_iter().chain(tones).collect(),
            }
        }
        Conversion::BarrierState => [(0xff, "open"), (0x00, "closed"), (0xfd, "stopped")]
            .into_iter()
            .map(|(number, word)| (number, word.to_owned()))
            .collect(),
        _ => Vec::new(),
    }
}

/// The value of an attribute; none = this value says nothing about it.
pub(super) fn decode(entry: &Entry, endpoint: &Endpoint, native: &Native) -> Option<Value> {
    Some(match (entry.conversion, native) {
        (_, Native::Unknown) => Value::Unknown,
        (Conversion::Plain, Native::Number(number)) => Value::number(round(number * entry.factor + entry.offset)),
        (Conversion::Choice, Native::Number(number)) => Value::text(parameter::word(entry, endpoint, *number)),
        (Conversion::Plain, Native::Choice(number)) => Value::number(f64::from(*number)),
        (Conversion::Plain | Conversion::Switch, Native::Flag(flag)) => Value::Bool(*flag),
        (Conversion::Plain, Native::Level(level)) => level.is_on().map_or(Value::Unknown, Value::Bool),
        (Conversion::Plain | Conversion::Event, Native::Text(text)) => Value::text(text.as_str()),
        (Conversion::Inverted, Native::Flag(flag)) => Value::Bool(!flag),
        (Conversion::Switch, Native::Level(level)) => level.is_on().map_or(Value::Unknown, Value::Bool),
        (Conversion::Switch, Native::Choice(number)) => Value::Bool(*number != 0),
        (Conversion::Percent, Native::Level(level)) => percent(*level),
        // Off says nothing about the brightness that it has when it is on.
        (Conversion::PercentAboveZero, Native::Level(Level::OFF)) => return None,
        (Conversion::PercentAboveZero, Native::Level(level)) => percent(*level),
        (Conversion::Slats, Native::Level(level)) => match level.0 {
            angle @ 0..=50 => Value::number(f64::from(angle) * 2.0),
            angle @ 51..=99 => Value::number(round(f64::from(99 - angle) / 0.49)),
            _ => Value::Unknown,
        },
        (Conversion::OneOf(numbers, unknown), Native::Choice(number)) => {
            if unknown.contains(number) {
                Value::Unknown
            } else {
                Value::Bool(numbers.contains(number))
            }
        }
        (Conversion::Color, Native::Channels(channels)) => {
            let [red, green, blue] = <[u8; 3]>::try_from(channels.as_slice()).ok()?;
            let (hue, saturation) = color::hue_saturation(red, green, blue);
            let fields = [("hue", hue), ("saturation", saturation)];
            Value::composite(fields.map(|(name, number)| (name, Value::number(round(number)))))
        }
        (Conversion::ColorTemperature, Native::Channels(channels)) => {
            let [warm, cold] = <[u8; 2]>::try_from(channels.as_slice()).ok()?;
            Value::number(color::color_temperature(warm, cold)?.round())
        }
        (Conversion::BarrierPosition, Native::Choice(state)) => match state {
            0..=99 => Value::number(f64::from(*state)),
            0xff => Value::number(100.0),
            _ => return None,
        },
        (Conversion::BarrierState, Native::Choice(state)) => match *state {
            0x00 => "closed".into(),
            0xff => "open".into(),
            1..=99 | 0xfd => "stopped".into(),
            _ => return None,
        },
        (
            Conversion::Words(_) | Conversion::Named(_) | Conversion::State | Conversion::Tone,
            Native::Choice(number),
        ) => {
            let is_lock_mode = entry.schema.name.as_str() == "lock_mode";
            if is_lock_mode && *number == u16::from(door_lock::UNKNOWN) {
                return Some(Value::Unknown);
            }
            let words = words(entry, endpoint);
            match words.into_iter().find(|(known, _)| known == number) {
                Some((_, word)) => Value::text(word),
                // Motion of a barrier: where it stands says that it stands.
                None if entry.schema.name.as_str() == "motion" => "stopped".into(),
                None => Value::text(number.to_string()),
            }
        }
        _ => return None,
    })
}

/// The value of a class for a wish; none = it does not fit. Numbers are clamped to what the attribute can be.
pub(super) fn encode(entry: &Entry, endpoint: &Endpoint, wanted: &Value) -> Option<Native> {
    let clamped = |number: f64| {
        let (least, greatest) = (entry.schema.min.unwrap_or(f64::MIN), entry.schema.max.unwrap_or(f64::MAX));
        if least <= greatest { number.clamp(least, greatest) } else { number }
    };
    Some(match (entry.conversion, wanted) {
        (Conversion::Plain, Value::Number(number)) => Native::Number((clamped(*number) - entry.offset) / entry.factor),
        (Conversion::Plain, Value::Bool(flag)) => Native::Flag(*flag),
        (Conversion::Plain, Value::Text(text)) => Native::Text(text.to_string()),
        (Conversion::Inverted, Value::Bool(flag)) => Native::Flag(!flag),
        (Conversion::Switch, Value::Bool(on)) => Native::Level(Level::switch(*on)),
        (Conversion::Percent, Value::Number(number)) => Native::Level(Level::from_percent(*number)),
        (Conversion::PercentAboveZero, Value::Number(number)) => {
            Native::Level(Level(Level::from_percent(*number).0.max(1)))
        }
        // From 0 to 50.
        (Conversion::Slats, Value::Number(number)) => {
            Native::Level(Level((number.clamp(0.0, 100.0) / 2.0).round() as u8))
        }
        (Conversion::OneOf(numbers, _), Value::Bool(flag)) => match numbers {
            // Of several that say yes, the last says most.
            [.., last] if *flag => Native::Choice(*last),
            _ => Native::Choice(0),
        },
        (Conversion::Color, Value::Composite(fields)) => {
            let field = |name: &str| fields.get(name).and_then(Value::as_number);
            let (hue, saturation) = match (field("x"), field("y")) {
                (Some(x), Some(y)) => xy_to_hue_saturation(x, y),
                _ => (field("hue")?, field("saturation")?),
            };
            Native::Channels(color::red_green_blue(hue, saturation).to_vec())
        }
        (Conversion::ColorTemperature, Value::Number(kelvin)) => Native::Channels(color::whites(*kelvin).to_vec()),
        (Conversion::CoverCommand, Value::Text(word)) => match &**word {
            "open" | "close" | "stop" => Native::Text(word.to_string()),
            _ => return None,
        },
        (Conversion::BarrierPosition, Value::Number(number)) => {
            Native::Choice(u16::from(if *number > 50.0 { barrier_operator::OPEN } else { barrier_operator::CLOSED }))
        }
        (Conversion::Press(word), Value::Text(wanted)) if &**wanted == word => Native::Flag(true),
        (Conversion::Words(_) | Conversion::Named(_) | Conversion::Tone, Value::Text(wanted)) => {
            if !entry.schema.values.is_empty() && !entry.schema.values.contains(wanted) {
                return None;
            }
            let words = words(entry, endpoint);
            Native::Choice(words.into_iter().find(|(_, word)| *word == **wanted)?.0)
        }
        (Conversion::Choice, Value::Text(wanted)) => Native::Number(parameter::value(entry, endpoint, wanted)?),
        (Conversion::Code, Value::Composite(_)) => code(wanted)?,
        _ => return None,
    })
}

/// `{user: 1, user_enabled: true, pin_code: "1234"}`; no code, or null, deletes it.
fn code(wanted: &Value) -> Option<Native> {
    let user = wanted.field("user").and_then(Value::as_number)?;
    if !(1.0..=65535.0).contains(&user) {
        return None;
    }
    let is_enabled = wanted.field("user_enabled").and_then(Value::as_bool).unwrap_or(true);
    let code = match wanted.field("pin_code") {
        None | Some(Value::Unknown) => None,
        // A number would have lost its leading zeros.
        Some(code) => Some(
            code.as_text()
                .filter(|code| (4..=10).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_digit()))?,
        ),
    };
    // From 1 to 65535.
    Some(Native::Code { user: user as u16, is_enabled, code: code.map(|code| Code(code.as_bytes().to_vec())) })
}

fn percent(level: Level) -> Value {
    level.percent().map_or(Value::Unknown, |percent| Value::number(round(percent)))
}

/// So many decimals as people can use; binary fractions of decimal numbers end.
fn round(number: f64) -> f64 {
    (number * 1e6).round() / 1e6
}
