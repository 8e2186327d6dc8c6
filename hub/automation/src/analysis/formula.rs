//! What simple expressions say: comparisons of an attribute with a value, joined with `and`, `or` and `not`. Any other
//! can be true and false; two of one text are one.

use hub_model::device::EndpointSelector;
use hub_model::{AttributeName, Value};

use super::conditions::attribute;
use super::facts::{Facts, Guard};
use super::home::{Home, Subject};
use super::set::{Cut, Set};
use crate::Document;
use crate::compile::device_named;
use crate::rule::AttributeKey;

/// How deep words may nest.
const MAX_DEPTH: usize = 16;

/// The situations in which an expression comes to true, or does not.
pub(super) fn when(text: &str, holds: bool, document: &Document, home: &mut Home<'_>) -> Guard {
    of(text, holds, 0, document, home)
}

fn of(text: &str, holds: bool, depth: usize, document: &Document, home: &mut Home<'_>) -> Guard {
    let text = unwrapped(text);
    if depth < MAX_DEPTH {
        for (word, every) in [(" or ", false), (" and ", true)] {
            let parts = split(text, word);
            if parts.len() > 1 {
                let parts: Vec<Guard> =
                    parts.into_iter().map(|part| of(part, holds, depth + 1, document, home)).collect();
                return if every == holds {
                    parts.iter().fold(Guard::always(), |guard, part| guard.and(part))
                } else {
                    parts.into_iter().fold(Guard::never(), Guard::or)
                };
            }
        }
        if let Some(rest) = text.strip_prefix("not ") {
            return of(rest, !holds, depth + 1, document, home);
        }
        if let Some(guard) = comparison(text, holds, document, home) {
            return guard;
        }
    }
    let plain: String = text.split_whitespace().collect::<Vec<_>>().join(" ").replace('\'', "\"");
    let truth = home.variable(Subject::Expression(plain.into()));
    Guard::of(Facts::of(truth, Set::point(f64::from(u8::from(holds)))))
}

/// Without braces or brackets around all of it.
fn unwrapped(text: &str) -> &str {
    let text = text.trim();
    let inside = text.strip_prefix("{{").and_then(|text| text.strip_suffix("}}"));
    let inside = inside.or_else(|| text.strip_prefix('(').and_then(|text| text.strip_suffix(')')));
    match inside {
        Some(inside) if is_balanced(inside) => unwrapped(inside),
        _ => text,
    }
}

/// Whether no bracket closes what was opened in front of the text.
fn is_balanced(text: &str) -> bool {
    let mut depth = 0_i32;
    outside_quotes(text).all(|(_, letter)| {
        match letter {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth -= 1,
            _ => {}
        }
        depth >= 0
    })
}

/// The letters that stand in no quotes, with their places.
fn outside_quotes(text: &str) -> impl Iterator<Item = (usize, char)> + '_ {
    let mut quote = None;
    text.char_indices().filter(move |(_, letter)| match quote {
        Some(open) => {
            if *letter == open {
                quote = None;
            }
            false
        }
        None if matches!(letter, '"' | '\'') => {
            quote = Some(*letter);
            false
        }
        None => true,
    })
}

/// The parts between a word that stands in no quotes and no brackets.
fn split<'t>(text: &'t str, word: &str) -> Vec<&'t str> {
    let mut parts = Vec::new();
    let (mut depth, mut from) = (0_i32, 0);
    for (at, letter) in outside_quotes(text) {
        match letter {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth -= 1,
            _ if depth == 0 && at >= from && text.get(at..).is_some_and(|rest| rest.starts_with(word)) => {
                parts.extend(text.get(from..at));
                from = at + word.len();
            }
            _ => {}
        }
    }
    parts.extend(text.get(from..));
    parts
}

/// `state("Device", "attribute") < 20` and the like.
fn comparison(text: &str, holds: bool, document: &Document, home: &mut Home<'_>) -> Option<Guard> {
    let operator =
        ["==", "!=", "<=", ">=", "<", ">"].into_iter().find_map(|operator| match split(text, operator).as_slice() {
            [left, right] => Some((left.trim(), operator, right.trim())),
            _ => None,
        });
    let Some((left, operator, right)) = operator else {
        // A bool by itself.
        let (key, "") = call(text, "state", home)? else { return None };
        let is_bool = home.schema(&key)?.kind == hub_model::Kind::Bool;
        return is_bool.then(|| attribute(&key, &Set::point(1.0), None, holds, home));
    };
    if let ("trigger.id", "==" | "!=", Some(Value::Text(id))) = (left, operator, literal(right)) {
        let (trigger, is) = (home.trigger_of(document), Set::point(home.text(&id)));
        let set = if holds == (operator == "==") { is } else { home.other_than(trigger, &is) };
        return Some(Guard::of(Facts::of(trigger, set)));
    }
    let (key, value, operator) = match (call(left, "state", home), call(right, "state", home)) {
        (Some((key, "")), None) => (key, literal(right)?, operator),
        (None, Some((key, ""))) => (key, literal(left)?, mirrored(operator)),
        _ => return None,
    };
    let negated = operator == "!=";
    let set = match (operator, value.as_number()) {
        ("==" | "!=", _) => home.around(&value, 0.0),
        ("<", Some(number)) => Set::of(vec![(Cut::before(f64::NEG_INFINITY), Cut::before(number))]),
        ("<=", Some(number)) => Set::of(vec![(Cut::before(f64::NEG_INFINITY), Cut::behind(number))]),
        (">", Some(number)) => Set::of(vec![(Cut::behind(number), Cut::behind(f64::INFINITY))]),
        (">=", Some(number)) => Set::of(vec![(Cut::before(number), Cut::behind(f64::INFINITY))]),
        _ => return None,
    };
    Some(attribute(&key, &set, None, holds != negated, home))
}

fn mirrored(operator: &str) -> &str {
    match operator {
        "<" => ">",
        "<=" => ">=",
        ">" => "<",
        ">=" => "<=",
        other => other,
    }
}

/// The attribute that a call of a function names, and what stands behind the call.
pub(super) fn call<'t>(text: &'t str, function: &str, home: &Home<'_>) -> Option<(AttributeKey, &'t str)> {
    let rest = text.trim().strip_prefix(function)?.trim_start().strip_prefix('(')?;
    let end = outside_quotes(rest).find(|(_, letter)| *letter == ')').map(|(at, _)| at)?;
    let (inside, behind) = (rest.get(..end)?, rest.get(end + 1..)?);
    let arguments = split(inside, ",");
    let quoted = |text: &str| match literal(text.trim()) {
        Some(Value::Text(text)) => Some(text.to_string()),
        _ => None,
    };
    let device = device_named(&quoted(arguments.first()?)?, home.world).ok()?;
    let attribute = quoted(arguments.get(1)?)?;
    let endpoint = match arguments.get(2).map(|argument| argument.trim()) {
        None => None,
        Some(argument) => {
            let value =
                argument.strip_prefix("endpoint").map_or(argument, |rest| rest.trim_start().trim_start_matches('='));
            Some(match literal(value.trim())? {
                Value::Number(number) => EndpointSelector::Label(number.to_string().into()),
                Value::Text(text) => EndpointSelector::Label(text),
                _ => return None,
            })
        }
    };
    let number = home.record(&device)?.device.resolve(endpoint.as_ref(), &attribute).ok()?;
    let key = AttributeKey { device, endpoint: number, attribute: AttributeName::from(attribute) };
    Some((key, behind.trim()))
}

fn literal(text: &str) -> Option<Value> {
    match text {
        "true" | "True" => return Some(Value::Bool(true)),
        "false" | "False" => return Some(Value::Bool(false)),
        "none" | "None" => return Some(Value::Unknown),
        _ => {}
    }
    for quote in ['"', '\''] {
        if let Some(inside) = text.strip_prefix(quote).and_then(|text| text.strip_suffix(quote)) {
            return (!inside.contains(quote)).then(|| Value::text(inside));
        }
    }
    let number = text.parse::<f64>().ok().filter(|number| number.is_finite())?;
    Some(Value::number(number))
}

#[cfg(test)]
mod tests {
    use super::{literal, split, unwrapped};
    use hub_model::Value;

    #[test]
    fn words_in_quotes_and_brackets_do_not_split() {
        assert_eq!(split("a and (b and c) and \"d and e\"", " and "), ["a", "(b and c)", "\"d and e\""]);
        assert_eq!(unwrapped(" {{ (a) or (b) }} "), "(a) or (b)");
        assert_eq!(literal("'x'"), Some(Value::text("x")));
        assert_eq!(literal("x"), None);
    }
}
