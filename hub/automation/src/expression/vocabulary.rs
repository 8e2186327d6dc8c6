//! The words of expressions, and the environment that knows them.
//!
//! Filters and tests are a choice of minijinja's: those that look at one value or a short list, all of them paid for
//! with fuel. What is not listed here is refused when the expression is read.

use std::sync::LazyLock;

use minijinja::value::{Kwargs, Rest, Value, ValueKind};
use minijinja::{Environment, Error, State, UndefinedBehavior, filters};

use super::Function;
use super::convert::{MAX_ITEMS, compare, is_unknown, kind, seconds, text, wrong};
use super::session::{Lookup, Session};

/// What one evaluation may cost. A step costs 1 and so do 64 bytes of text; expressions of people cost less than 100.
pub(super) const FUEL: u64 = 5_000;

/// Our functions; `now` looks nothing up.
pub(super) const FUNCTIONS: &[(&str, Option<Function>)] = &[
    ("state", Some(Function::State)),
    ("desired", Some(Function::Desired)),
    ("changed_at", Some(Function::ChangedAt)),
    ("now", None),
];

/// Names that are there without a call.
pub(super) const VARIABLES: &[&str] = &["trigger", "vars", "true", "True", "false", "False", "none", "None"];

/// What may stand behind `|`.
pub(super) const FILTERS: &[&str] = &[
    "abs",
    "capitalize",
    "count",
    "d",
    "default",
    "first",
    "float",
    "format",
    "int",
    "join",
    "last",
    "length",
    "lower",
    "max",
    "min",
    "replace",
    "round",
    "split",
    "string",
    "sum",
    "title",
    "trim",
    "upper",
];

/// What may stand behind `is`.
pub(super) const TESTS: &[&str] = &[
    "boolean",
    "defined",
    "divisibleby",
    "endingwith",
    "even",
    "false",
    "in",
    "mapping",
    "none",
    "number",
    "odd",
    "sequence",
    "startingwith",
    "string",
    "true",
    "undefined",
];

/// The environment of all expressions: without templates, so that nothing can be included.
pub(super) static ENVIRONMENT: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut environment = Environment::new();
    environment.set_fuel(Some(FUEL));
    // What is missing is unknown, and so is what is missing of it.
    environment.set_undefined_behavior(UndefinedBehavior::Chainable);
    for (name, function) in FUNCTIONS {
        match function {
            Some(function) => {
                let function = *function;
                environment.add_function(*name, move |state: &State<'_, '_>, arguments: Rest<Value>, named: Kwargs| {
                    look_up(state, function, &arguments, &named)
                });
            }
            None => environment.add_function(*name, |state: &State<'_, '_>| Ok(Session::of(state)?.now())),
        }
    }
    environment.add_function("_compare", |arguments: Rest<Value>| compare(&arguments));
    environment.add_function("_term", term);
    environment.add_function("_factor", factor);
    environment.add_function("_text", |value: Value| text(&value));
    environment.add_filter("default", default);
    environment.add_filter("d", default);
    environment.add_filter("string", |value: Value| text(&value));
    environment.add_filter("join", join);
    environment.add_filter("format", super::printf::format);
    environment.add_filter("float", |state: &State<'_, '_>, value: Value, default: Option<Value>, named: Kwargs| {
        filters::float(state, &number(value), default, named)
    });
    environment.add_filter(
        "int",
        |state: &State<'_, '_>, value: Value, default: Option<Value>, base: Option<u32>, named: Kwargs| {
            filters::int(state, &number(value), default, base, named)
        },
    );
    environment.add_test("none", is_unknown);
    environment.add_test("defined", |value: &Value| !is_unknown(value));
    environment.add_test("undefined", is_unknown);
    environment
});

fn look_up(state: &State<'_, '_>, function: Function, arguments: &[Value], named: &Kwargs) -> Result<Value, Error> {
    let endpoint: Option<Value> = named.get("endpoint")?;
    named.assert_all_used()?;
    let (device, attribute, endpoint) = match arguments {
        [device, attribute] => (device, attribute, endpoint),
        [device, attribute, third] if endpoint.is_none() => (device, attribute, Some(third.clone())),
        _ => return Err(wrong("a device and an attribute are wanted, and perhaps an endpoint")),
    };
    let name = |value: &Value, what| {
        value
            .as_str()
            .map(str::to_owned)
            .ok_or_else(|| wrong(format!("the {what} must be a text, not {}", kind(value))))
    };
    let lookup = Lookup::new(function, name(device, "device")?, name(attribute, "attribute")?, endpoint)?;
    Session::of(state)?.look_up(lookup)
}

/// An operand of `+` or `-`: a time counts in seconds.
fn term(value: Value) -> Result<Value, Error> {
    known(&value).map(|()| number(value))
}

/// An operand of `*`, `/` and the like: numbers alone, because texts and lists can be multiplied without end.
fn factor(value: Value) -> Result<Value, Error> {
    known(&value)?;
    let number = number(value);
    match number.kind() {
        ValueKind::Number => Ok(number),
        _ => Err(wrong(format!("only numbers can be multiplied and divided, not {}", kind(&number)))),
    }
}

fn known(value: &Value) -> Result<(), Error> {
    match is_unknown(value) {
        true => Err(wrong("nothing can be worked out with an unknown value; give it one with |default(0)")),
        false => Ok(()),
    }
}

/// The seconds of a time; anything else as it is.
fn number(value: Value) -> Value {
    seconds(&value).map(Value::from).unwrap_or(value)
}

/// Unknown is replaced, as people mean it; in Jinja `none` would stay. With `true` behind it, so is what does not hold.
fn default(value: Value, other: Option<Value>, all_that_does_not_hold: Option<bool>) -> Value {
    let replaced = is_unknown(&value) || (all_that_does_not_hold == Some(true) && !value.is_true());
    if replaced { other.unwrap_or_else(|| Value::from("")) } else { value }
}

fn join(state: &State<'_, '_>, list: &Value, separator: Option<String>) -> Result<String, Error> {
    let separator = separator.unwrap_or_default();
    let mut joined = String::new();
    for (index, item) in list.try_iter()?.enumerate() {
        if index == MAX_ITEMS {
            return Err(wrong(format!("a list has at most {MAX_ITEMS} items")));
        }
        let item = text(&item)?;
        state.consume_fuel(1 + (item.len() + separator.len()) as u64 / 64)?;
        if index > 0 {
            joined.push_str(&separator);
        }
        joined.push_str(&item);
    }
    Ok(joined)
}

#[cfg(test)]
mod tests {
    use super::{FILTERS, FUNCTIONS, TESTS};

    #[test]
    fn every_word_is_in_the_manual() {
        let manual = include_str!("../../../docs/expressions.md");
        let functions = FUNCTIONS.iter().map(|(name, _)| format!("`{name}("));
        let words = FILTERS.iter().chain(TESTS).map(|word| format!("`{word}`"));
        let missing: Vec<String> = functions.chain(words).filter(|word| !manual.contains(word)).collect();
        assert!(missing.is_empty(), "not in hub/docs/expressions.md: {missing:?}");
    }
}
