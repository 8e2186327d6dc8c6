//! What changes at a device because something else of it was set: a light goes on when its brightness is set. Such a
//! change is the doing of whoever set the other.

use std::time::Duration;

use hub_model::command::Outcome;
use hub_model::{EndpointNumber, Value};

/// How long after a command has ended its other effects may be reported: they mostly come in the same report.
const SOON: Duration = Duration::from_secs(2);
/// The same for what moves on afterwards.
pub(crate) const LONGEST: Duration = Duration::from_secs(90);

/// An attribute that changes because another of the same endpoint is set.
pub(crate) struct GoesWith {
    changes: &'static str,
    /// What is set.
    pub(crate) set: &'static str,
    /// For how long after the end of the command.
    pub(crate) within: Duration,
    /// Whether it looks like it: what was wanted of the other, what this was and what it is.
    follows: fn(&Value, &Value, &Value) -> bool,
}

impl GoesWith {
    /// Whether it is this what is wanted of the endpoint.
    pub(crate) fn is_set_by(&self, outcome: &Outcome, endpoint: EndpointNumber) -> bool {
        outcome.setting.endpoint == endpoint && outcome.setting.attribute.as_str() == self.set
    }

    /// Whether a change looks like what comes of it.
    pub(crate) fn leads(&self, outcome: &Outcome, from: &Value, to: &Value) -> bool {
        (self.follows)(&outcome.setting.value, from, to)
    }
}

const fn row(
    changes: &'static str,
    set: &'static str,
    within: Duration,
    follows: fn(&Value, &Value, &Value) -> bool,
) -> GoesWith {
    GoesWith { changes, set, within, follows }
}

const TABLE: &[GoesWith] = &[
    row("on", "brightness", SOON, turns_on_or_out),
    row("on", "color", SOON, turns_on),
    row("on", "color_temperature", SOON, turns_on),
    row("brightness", "on", SOON, brightens),
    row("color_mode", "color", SOON, any),
    row("color_mode", "color_temperature", SOON, any),
    row("color", "color_temperature", SOON, any),
    row("color_temperature", "color", SOON, any),
    row("position", "cover_command", LONGEST, moves),
    row("position", "cover_command", SOON, any),
    row("cover_state", "cover_command", LONGEST, goes_on),
    row("cover_state", "cover_command", SOON, any),
    row("cover_state", "position", SOON, any),
    row("motion", "cover_command", LONGEST, goes_on),
    row("motion", "cover_command", SOON, any),
    row("motion", "position", SOON, any),
    row("moving", "cover_command", LONGEST, goes_on),
    row("moving", "cover_command", SOON, any),
    row("moving", "position", SOON, any),
    row("lock_state", "locked", SOON, bolts),
    row("locked", "lock_state", SOON, is_bolted),
];

/// What, when it is set, may change an attribute.
pub(crate) fn goes_with(attribute: &str) -> impl Iterator<Item = &'static GoesWith> {
    TABLE.iter().filter(move |row| row.changes == attribute)
}

fn any(_: &Value, _: &Value, _: &Value) -> bool {
    true
}

fn turns_on(_: &Value, _: &Value, is: &Value) -> bool {
    *is == Value::Bool(true)
}

/// Some go out at a brightness of 0, others do not.
fn turns_on_or_out(brightness: &Value, was: &Value, is: &Value) -> bool {
    turns_on(brightness, was, is) || brightness.as_number() == Some(0.0)
}

/// A light that goes on comes to any brightness, one that goes off to none.
fn brightens(on: &Value, _: &Value, is: &Value) -> bool {
    *on == Value::Bool(true) || is.as_number() == Some(0.0)
}

/// What was stopped does not move for long.
fn goes_on(command: &Value, _: &Value, _: &Value) -> bool {
    command.as_text() != Some("stop")
}

fn moves(command: &Value, was: &Value, is: &Value) -> bool {
    match (command.as_text(), was.as_number(), is.as_number()) {
        (Some("open"), Some(was), Some(is)) => is > was,
        (Some("close"), Some(was), Some(is)) => is < was,
        _ => goes_on(command, was, is),
    }
}

fn bolts(locked: &Value, _: &Value, is: &Value) -> bool {
    (*locked == Value::Bool(true)) == (is.as_text() == Some("locked"))
}

fn is_bolted(lock_state: &Value, _: &Value, is: &Value) -> bool {
    (lock_state.as_text() == Some("locked")) == (*is == Value::Bool(true))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_attribute_of_the_table_has_a_meaning() {
        for GoesWith { changes, set, within, .. } in TABLE {
            for name in [changes, set] {
                assert!(hub_model::attributes::semantic(name).is_some(), "{name}");
            }
            assert!(changes != set && *within <= LONGEST);
        }
    }
}
