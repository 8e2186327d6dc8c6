//! The filter `format`: `'%.1f' | format(4.56)` is `4.6`.
//!
//! There are `%s` (any value), `%d` (a whole number), `%f` (a number, six decimals unless `%.2f` says how many) and `%%`,
//! each with a width: `%5d` fills up with spaces, `%05d` with zeros, `%-5s` behind.

use minijinja::value::{Rest, Value};
use minijinja::{Error, State};

use super::convert::{kind, text, wrong};

/// The largest width and precision.
const LARGEST: usize = 50;

/// What stands between `%` and its letter.
#[derive(Default)]
struct Specification {
    left: bool,
    zeros: bool,
    width: usize,
    precision: Option<usize>,
}

/// Puts the values into the format, in order.
pub(super) fn format(state: &State<'_, '_>, format: &str, values: Rest<Value>) -> Result<String, Error> {
    let mut output = String::new();
    let mut values = values.iter();
    let mut rest = format;
    while let Some((before, behind)) = rest.split_once('%') {
        output.push_str(before);
        let (specification, letter, behind) = specification(behind)?;
        rest = behind;
        if letter == '%' {
            output.push('%');
            continue;
        }
        let value = values.next().ok_or_else(|| wrong("format has fewer values than its text has places for"))?;
        let piece = piece(&specification, letter, value)?;
        state.consume_fuel(1 + piece.len() as u64 / 64)?;
        output.push_str(&piece);
    }
    if values.next().is_some() {
        return Err(wrong("format has more values than its text has places for"));
    }
    output.push_str(rest);
    Ok(output)
}

/// The specification behind a `%`, its letter, and what follows.
fn specification(text: &str) -> Result<(Specification, char, &str), Error> {
    let refuse = || {
        let start: String = text.chars().take(4).collect();
        wrong(format!("%{start} is no place for a value: write %s, %d or %.1f, no wider than {LARGEST}"))
    };
    let mut specification = Specification::default();
    let rest = text.trim_start_matches(['-', '0']);
    for flag in text.get(..text.len() - rest.len()).unwrap_or_default().chars() {
        *if flag == '-' { &mut specification.left } else { &mut specification.zeros } = true;
    }
    let (width, mut rest) = number(rest).ok_or_else(refuse)?;
    specification.width = width.unwrap_or(0);
    if let Some(behind) = rest.strip_prefix('.') {
        let (precision, behind) = number(behind).ok_or_else(refuse)?;
        specification.precision = Some(precision.unwrap_or(0));
        rest = behind;
    }
    let letter = rest.chars().next().filter(|letter| matches!(letter, 's' | 'd' | 'f' | '%')).ok_or_else(refuse)?;
    Ok((specification, letter, rest.get(1..).unwrap_or_default()))
}

/// The number that a text begins with, if it does, and what follows. None if it is too large.
fn number(text: &str) -> Option<(Option<usize>, &str)> {
    let rest = text.trim_start_matches(|character: char| character.is_ascii_digit());
    let digits = text.get(..text.len() - rest.len())?;
    let number = if digits.is_empty() { None } else { Some(digits.parse().ok()?) };
    number.is_none_or(|number| number <= LARGEST).then_some((number, rest))
}

fn piece(specification: &Specification, letter: char, value: &Value) -> Result<String, Error> {
    let Specification { left, zeros, width, precision } = *specification;
    let plain = match letter {
        's' => text(value)?,
        _ => {
            let number = f64::try_from(value.clone()).ok().filter(|number| number.is_finite());
            let number = number.ok_or_else(|| wrong(format!("%{letter} wants a number, not {}", kind(value))))?;
            match letter {
                'd' => format!("{:.0}", number.trunc()),
                _ => format!("{number:.precision$}", precision = precision.unwrap_or(6)),
            }
        }
    };
    Ok(match (left, zeros && letter != 's', plain.strip_prefix('-')) {
        (true, ..) => format!("{plain:<width$}"),
        (_, true, Some(digits)) => format!("-{digits:0>width$}", width = width.saturating_sub(1)),
        (_, true, None) => format!("{plain:0>width$}"),
        _ => format!("{plain:>width$}"),
    })
}
