//! JSON to values of command classes and back.

use driver_zwave::attributes::{Native, Property as P, Source};
use driver_zwave::command_class::value::Level;
use driver_zwave::command_class::{CommandClass as C, color_switch, user_code};
use serde_json::{Value as Json, json};

use crate::message::ValueId;
use crate::value::{Shape, target};

/// The most of a text.
const LONGEST_TEXT: usize = 1_024;

/// The value of a class; none = this JSON is none of this shape.
pub(crate) fn native(shape: Shape, value: &Json) -> Option<Native> {
    if value.is_null() {
        return Some(Native::Unknown);
    }
    Some(match shape {
        Shape::Flag => Native::Flag(flag(value)?),
        Shape::Switch => Native::Level(Level::switch(flag(value)?)),
        Shape::Level => Native::Level(Level(u8::try_from(whole(value)?).ok()?)),
        Shape::Choice => Native::Choice(u16::try_from(whole(value)?).ok()?),
        Shape::Number => match value {
            Json::Number(number) => Native::Number(number.as_f64()?),
            // A word where a number would be, e.g. «Unused».
            Json::String(_) => Native::Unknown,
            _ => return None,
        },
        Shape::Text => Native::Text(value.as_str()?.chars().take(LONGEST_TEXT).collect()),
        Shape::Word(word) => Native::Flag(value.as_str()? == word),
        Shape::Bits => {
            let bits = value.as_array()?.iter().take(8).zip(0_u32..);
            let sum = bits.filter(|(bit, _)| bit.as_bool() == Some(true)).map(|(_, place)| 1_u32 << place).sum::<u32>();
            Native::Number(f64::from(sum))
        }
        Shape::FullOrZero => Native::Flag(whole(value)? != 0),
    })
}

/// True and false, also as a number.
fn flag(value: &Json) -> Option<bool> {
    value.as_bool().or_else(|| Some(value.as_u64()? != 0))
}

/// A whole number, also where it is written with a fraction of zero.
fn whole(value: &Json) -> Option<u64> {
    let number = value.as_f64()?;
    (number.fract() == 0.0 && (0.0..=65_535.0).contains(&number)).then_some(number as u64)
}

/// A number without a fraction is written without one.
pub(crate) fn number(number: f64) -> Json {
    if number.fract() == 0.0 && number.abs() < 9e15 { json!(number as i64) } else { json!(number) }
}

/// The names of the channels of a colour, by number.
pub(crate) const CHANNELS: &[(u8, &str)] = &[
    (color_switch::WARM_WHITE, "warmWhite"),
    (color_switch::COLD_WHITE, "coldWhite"),
    (color_switch::RED, "red"),
    (color_switch::GREEN, "green"),
    (color_switch::BLUE, "blue"),
    (5, "amber"),
    (6, "cyan"),
    (7, "purple"),
    (8, "index"),
];

/// What to set for a value of a class, in order; none = it cannot be set so. `channels` are those of a coloured light.
pub(crate) fn settings(endpoint: u8, source: Source, native: &Native, channels: &[u8]) -> Option<Vec<(ValueId, Json)>> {
    let Source { class, property, key } = source;
    let id = |name: &str, key: Option<u16>| ValueId::new(class.0, endpoint, name, key.map(u64::from));
    let one = |id, value| Some(vec![(id, value)]);
    match (class, property, native) {
        (C::COLOR_SWITCH, P::Color | P::ColorTemperature, Native::Channels(wanted)) => {
            let meant: &[u8] = match property {
                P::Color => &[color_switch::RED, color_switch::GREEN, color_switch::BLUE],
                _ => &[color_switch::WARM_WHITE, color_switch::COLD_WHITE],
            };
            // Colours and whites exclude each other: what is not wanted is switched off.
            let of = |channel: u8| meant.iter().position(|meant| *meant == channel).and_then(|at| wanted.get(at));
            let colors: serde_json::Map<String, Json> = CHANNELS
                .iter()
                .filter(|(channel, _)| *channel <= color_switch::BLUE && channels.contains(channel))
                .map(|(channel, name)| ((*name).to_owned(), json!(of(*channel).copied().unwrap_or_default())))
                .collect();
            one(id("targetColor", None), Json::Object(colors))
        }
        (C::MULTILEVEL_SWITCH, P::Move, Native::Text(word)) => match word.as_str() {
            "open" => one(id("targetValue", None), json!(99)),
            "close" => one(id("targetValue", None), json!(0)),
            _ => one(id("Up", None), json!(false)),
        },
        (C::WINDOW_COVERING, P::Move, Native::Text(word)) => match (word.as_str(), key % 2) {
            // What has a position is sent to its end, so that it is known where it stops.
            ("open", 1) => one(id("targetValue", Some(key)), json!(99)),
            ("close", 1) => one(id("targetValue", Some(key)), json!(0)),
            ("open", _) => one(id("levelChangeUp", Some(key)), json!(true)),
            ("close", _) => one(id("levelChangeDown", Some(key)), json!(true)),
            _ => one(id("levelChangeUp", Some(key)), json!(false)),
        },
        (C::BASIC_WINDOW_COVERING, P::Move, Native::Text(word)) => match word.as_str() {
            "open" => one(id("levelChangeUp", None), json!(true)),
            "close" => one(id("levelChangeDown", None), json!(true)),
            _ => one(id("levelChangeUp", None), json!(false)),
        },
        (C::BARRIER_OPERATOR, P::Move, Native::Text(word)) if word != "stop" => {
            one(id("targetState", None), json!(if word == "open" { 255 } else { 0 }))
        }
        (C::BARRIER_OPERATOR, P::Move, _) => None,
        (C::USER_CODE, P::Code, Native::Code { user, is_enabled, code }) => {
            let status = |status: u8| (id("userIdStatus", Some(*user)), json!(status));
            let Some(code) = code else { return Some(vec![status(user_code::AVAILABLE)]) };
            let code = String::from_utf8_lossy(&code.0).into_owned();
            let mut settings = vec![(id("userCode", Some(*user)), Json::String(code))];
            if !is_enabled {
                settings.push(status(0x02));
            }
            Some(settings)
        }
        (C::SOUND_SWITCH, P::Playing, Native::Level(level)) => {
            one(id("toneId", None), json!(if *level == Level::OFF { 0 } else { 255 }))
        }
        _ => {
            let (id, shape) = target(endpoint, source)?;
            one(id, value(shape, native)?)
        }
    }
}

/// A value of a class as JSON.
fn value(shape: Shape, native: &Native) -> Option<Json> {
    Some(match (shape, native) {
        (Shape::Flag, Native::Flag(flag)) => json!(flag),
        (Shape::FullOrZero, Native::Flag(flag)) => json!(if *flag { 255 } else { 0 }),
        (Shape::Switch, Native::Level(level)) => json!(*level != Level::OFF),
        (Shape::Level, Native::Level(level)) => json!(level.0),
        (Shape::Choice, Native::Choice(choice)) => json!(choice),
        (Shape::Number, Native::Number(of)) => number(*of),
        (Shape::Text, Native::Text(text)) => json!(text),
        (Shape::Bits, Native::Number(number)) => {
            let bits = number.round() as u8;
            json!((0..4).map(|place| bits & (1 << place) != 0).collect::<Vec<_>>())
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_of_another_shape_is_no_value() {
        for (shape, value) in [
            (Shape::Flag, json!("yes")),
            (Shape::Level, json!(300)),
            (Shape::Level, json!(1.5)),
            (Shape::Choice, json!(-1)),
            (Shape::Choice, json!(1e300)),
            (Shape::Text, json!(7)),
            (Shape::Bits, json!({"0": true})),
        ] {
            assert_eq!(native(shape, &value), None, "{shape:?} {value}");
        }
        assert_eq!(native(Shape::Level, &Json::Null), Some(Native::Unknown));
        assert_eq!(native(Shape::Bits, &json!([true, false, true, false])), Some(Native::Number(5.0)));
    }

    #[test]
    fn a_colour_is_one_setting_and_switches_the_white_off() {
        let source = Source::new(C::COLOR_SWITCH, P::Color);
        let set = settings(0, source, &Native::Channels(vec![255, 0, 7]), &[0, 2, 3, 4]).unwrap();
        let id = ValueId::new(51, 0, "targetColor", None);
        assert_eq!(set, [(id, json!({"warmWhite": 0, "red": 255, "green": 0, "blue": 7}))]);
    }

    #[test]
    fn codes_are_set_and_deleted() {
        let source = Source::new(C::USER_CODE, P::Code);
        let code = |is_enabled, code: Option<&str>| {
            let code = code.map(|code| user_code::Code(code.as_bytes().to_vec()));
            settings(0, source, &Native::Code { user: 3, is_enabled, code }, &[]).unwrap()
        };
        let (code_id, status_id) =
            (ValueId::new(99, 0, "userCode", Some(3)), ValueId::new(99, 0, "userIdStatus", Some(3)));
        assert_eq!(code(true, Some("1234")), [(code_id.clone(), json!("1234"))]);
        assert_eq!(code(false, Some("1234")), [(code_id, json!("1234")), (status_id.clone(), json!(2))]);
        assert_eq!(code(true, None), [(status_id, json!(0))]);
    }
}
