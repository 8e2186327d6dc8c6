//! Reads conditions.

use super::super::node::Content;
use super::super::place::{At, Findings};
use super::super::written::{Condition, Placed};
use super::{list, triggers};
use hub_model::Said;

/// The words that say what a condition is.
const CONDITIONS: &[&str] =
    &["state", "numeric", "time", "sun", "presence", "mode", "availability", "if", "and", "or", "not"];

/// Conditions, one or a list.
pub(super) fn conditions(at: &At<'_>, findings: &mut Findings) -> Vec<Placed<Condition>> {
    if at.items().is_empty() {
        at.wrong("missing", Said::new("condition", "give at least one condition"), findings);
    }
    list(at, findings, condition)
}

/// A condition. A text is an expression.
pub(super) fn condition(at: &At<'_>, findings: &mut Findings) -> Option<Condition> {
    if matches!(at.node.content, Content::Text(_)) {
        return at.expression(findings).map(Condition::If);
    }
    let word = at.word("condition", CONDITIONS, findings)?;
    at.only(std::slice::from_ref(&word), findings)?;
    let at = at.key(word)?;
    match word {
        "state" => {
            at.only(&["device", "endpoint", "attribute", "is", "for"], findings)?;
            let attribute = at.attribute(None, findings);
            let is = at.needed("is", findings).map(|at| at.values(findings));
            let hold = triggers::hold(&at, findings);
            Some(Condition::State { attribute: attribute?, is: is?, hold })
        }
        "numeric" => {
            at.only(&["device", "endpoint", "attribute", "above", "below"], findings)?;
            let attribute = at.attribute(None, findings);
            let range = at.range(findings);
            Some(Condition::Numeric { attribute: attribute?, range: range? })
        }
        "time" => {
            at.only(&["after", "before", "weekdays"], findings)?;
            let time = |key: &'static str, findings: &mut Findings| match at.key(key) {
                Some(at) => at.time(findings).map(Some),
                None => Some(None),
            };
            let (after, before) = (time("after", findings), time("before", findings));
            let weekdays = at.key("weekdays").map_or_else(Vec::new, |at| at.weekdays(findings));
            if at.key("after").is_none() && at.key("before").is_none() && at.key("weekdays").is_none() {
                at.wrong("missing", Said::new("time_span", "give after, before or weekdays"), findings);
            }
            Some(Condition::Time { after: after?, before: before?, weekdays })
        }
        "sun" => {
            at.only(&["after", "after_offset", "before", "before_offset"], findings)?;
            let moment = |key: &'static str, offset: &'static str, findings: &mut Findings| match at.key(key) {
                Some(event) => event.sun_moment(at.key(offset).as_ref(), findings).map(Some),
                None => {
                    if let Some(offset) = at.key(offset) {
                        let text = format!("an offset of what? give {key:?} too");
                        offset.wrong("missing", Said::new("offset_of", text).with("key", key), findings);
                    }
                    Some(None)
                }
            };
            let after = moment("after", "after_offset", findings);
            let before = moment("before", "before_offset", findings);
            if at.key("after").is_none() && at.key("before").is_none() {
                at.wrong("missing", Said::new("sun_span", "give after or before, like {after: sunset}"), findings);
            }
            Some(Condition::Sun { after: after?, before: before? })
        }
        "presence" => {
            at.only(&["person", "anyone", "everyone", "is", "for"], findings)?;
            let people = at.people(findings);
            let is = at.needed("is", findings).map(|at| at.names(findings));
            let hold = triggers::hold(&at, findings);
            Some(Condition::Presence { people: people?, is: is?, hold })
        }
        "mode" => {
            if at.entries().is_none() {
                return Some(Condition::Mode(at.names(findings)));
            }
            at.only(&["is"], findings)?;
            Some(Condition::Mode(at.needed("is", findings)?.names(findings)))
        }
        "availability" => {
            at.only(&["device", "is"], findings)?;
            let devices = at.needed("device", findings).and_then(|at| at.devices(findings));
            let is = at.needed("is", findings).and_then(|at| at.availability(findings));
            Some(Condition::Availability { devices: devices?, is: is? })
        }
        "if" => at.expression(findings).map(Condition::If),
        "and" => Some(Condition::And(list(&at, findings, condition))),
        "or" => Some(Condition::Or(list(&at, findings, condition))),
        _ => Some(Condition::Not(list(&at, findings, condition))),
    }
}
