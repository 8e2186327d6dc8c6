//! Durations, shares and the like as people write them.

use std::time::Duration;

/// The longest duration a rule may name.
pub const MAX_DURATION: Duration = Duration::from_secs(366 * 24 * 3_600);

/// The units of durations, from the longest.
const UNITS: &[(&str, u64)] = &[("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)];

/// What a duration looks like, for messages.
pub(crate) const DURATION_EXAMPLE: &str = "write a duration like 90s, 2m, 1h30m or 1d";

/// Reads `500ms`, `90s`, `2m`, `1h30m`, `1d` or `00:02:30`. None = it is no duration, or longer than a year.
pub fn parse_duration(text: &str) -> Option<Duration> {
    let text = text.trim();
    let milliseconds = if text.contains(':') { parse_clock(text)? } else { parse_units(text)? };
    let duration = Duration::from_millis(milliseconds);
    (duration <= MAX_DURATION).then_some(duration)
}

/// A duration that may lead back: `-20m`, `+1h`, `30m`.
pub fn parse_signed_duration(text: &str) -> Option<jiff::SignedDuration> {
    let text = text.trim();
    let duration = parse_duration(text.strip_prefix(['-', '+']).unwrap_or(text))?;
    let duration = jiff::SignedDuration::try_from(duration).ok()?;
    Some(if text.starts_with('-') { -duration } else { duration })
}

/// `1h30m`: numbers with units, the longer first.
fn parse_units(text: &str) -> Option<u64> {
    let mut rest = text;
    let mut total: u64 = 0;
    let mut next_unit = 0;
    while !rest.is_empty() {
        let digits = rest.len() - rest.trim_start_matches(|character: char| character.is_ascii_digit()).len();
        let (number, tail) = rest.split_at(digits);
        let number: u64 = number.parse().ok()?;
        let letters = tail.len() - tail.trim_start_matches(|character: char| character.is_ascii_alphabetic()).len();
        let (unit, tail) = tail.split_at(letters);
        let index = UNITS.iter().position(|(name, _)| *name == unit).filter(|index| *index >= next_unit)?;
        next_unit = index + 1;
        total = total.checked_add(number.checked_mul(UNITS.get(index)?.1)?)?;
        rest = tail.trim_start();
    }
    (!text.is_empty()).then_some(total)
}

/// `00:02:30`: hours, minutes, seconds.
fn parse_clock(text: &str) -> Option<u64> {
    let parts: Vec<u64> = text
        .split(':')
        .map(|part| (part.len() <= 3 && part.bytes().all(|byte| byte.is_ascii_digit())).then(|| part.parse().ok())?)
        .collect::<Option<_>>()?;
    match parts.as_slice() {
        [hours, minutes, seconds] if *minutes < 60 && *seconds < 60 => {
            Some((hours * 3_600 + minutes * 60 + seconds) * 1_000)
        }
        _ => None,
    }
}

/// A duration as people write it.
pub fn format_duration(duration: Duration) -> String {
    let mut rest = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
    let mut text = String::new();
    for (name, length) in UNITS {
        if rest >= *length {
            text.push_str(&format!("{}{name}", rest / length));
            rest %= length;
        }
    }
    if text.is_empty() { "0s".to_owned() } else { text }
}

/// A number with its unit behind it, e.g. `40%` or `21.5 °C`; none if it is not one of this unit.
pub fn parse_with_unit(text: &str, unit: Option<&str>) -> Option<f64> {
    let number = text.trim().strip_suffix(unit?)?.trim_end();
    let plain = number.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'+'));
    plain.then(|| number.parse::<f64>().ok())?.filter(|number| number.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_as_people_write_them() {
        for (text, milliseconds) in [
            ("2m", 120_000),
            ("1h30m", 5_400_000),
            ("1h 30m", 5_400_000),
            ("500ms", 500),
            ("90s", 90_000),
            ("1d", 86_400_000),
            ("0s", 0),
            ("00:02:30", 150_000),
        ] {
            assert_eq!(parse_duration(text), Some(Duration::from_millis(milliseconds)), "{text}");
        }
        for wrong in ["", "2", "m", "-2m", "2.5m", "30m1h", "1m1m", "2 minutes", "400d", "99999999999999999999s", "1:2"]
        {
            assert_eq!(parse_duration(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn durations_are_written_as_they_are_read() {
        for text in ["2m", "1h30m", "500ms", "1d", "0s"] {
            assert_eq!(format_duration(parse_duration(text).unwrap()), text);
        }
        assert_eq!(format_duration(Duration::from_secs(90)), "1m30s");
    }

    #[test]
    fn a_number_may_carry_its_unit() {
        assert_eq!(parse_with_unit("40%", Some("%")), Some(40.0));
        assert_eq!(parse_with_unit("21.5 °C", Some("°C")), Some(21.5));
        assert_eq!(parse_with_unit("21.5 °F", Some("°C")), None);
        assert_eq!(parse_with_unit("inf%", Some("%")), None);
        assert_eq!(parse_with_unit("40", None), None);
    }
}
