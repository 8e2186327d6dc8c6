//! `unknown_name` of rules that are run and are not there. All other names are found when a rule is made ready.
//! Where it is not known which other rules there are, it is a warning, unless one that is there must be meant.

use std::collections::BTreeSet;

use hub_model::event::Severity;
use hub_model::name::nearest;
use hub_model::{AutomationId, Said};

use super::{CheckFinding, RuleOfSet};
use crate::document::within_rule;
use crate::document::written::{Placed, Step};
use crate::rule::{AWAY, HOME, Rule, TriggerKind, UNKNOWN};
use crate::{Document, World};

pub(super) fn find(rules: &[RuleOfSet<'_>], world: &dyn World, findings: &mut Vec<CheckFinding>) {
    let known: BTreeSet<&str> = rules.iter().flat_map(|rule| [rule.id.as_str(), rule.document.name()]).collect();
    for rule in rules {
        let mut run = Vec::new();
        names(&rule.document.rule().actions, &mut run);
        for name in run {
            if known.contains(name.value.as_str()) {
                continue;
            }
            let nearest = nearest(&name.value, known.iter().copied());
            let is_certain = world.is_complete() || nearest.is_some_and(|nearest| is_slip(&name.value, nearest));
            let hint = match nearest {
                Some(nearest) => format!("; did you mean {nearest:?}?"),
                None => String::new(),
            };
            let (severity, message) = if is_certain {
                (Severity::Error, Said::new("rule", format!("there is no rule {:?}{hint}", name.value)))
            } else {
                let text = format!("no rule here is called {:?}{hint}; it must be in the home first", name.value);
                (Severity::Warning, Said::new("rule_here", text))
            };
            findings.push(CheckFinding {
                severity,
                code: "unknown_name",
                automations: vec![rule.id.clone()],
                path: within_rule(&name.place.path).to_owned(),
                position: name.place.position,
                message: message.with("name", &name.value),
                example: None,
            });
        }
    }
}

/// Places where nobody is, in a rule that waits for somebody to be there. There may be a zone of that name later.
pub(super) fn find_places(
    id: &AutomationId,
    rule: &Rule,
    document: &Document,
    world: &dyn World,
    findings: &mut Vec<CheckFinding>,
) {
    if !world.is_complete() {
        return;
    }
    let is_known = |place: &str| {
        let people = world.people().iter().filter_map(|person| person.presence.as_ref());
        let zones = &world.home().zones;
        [HOME, AWAY, UNKNOWN].contains(&place)
            || people.into_iter().any(|presence| *presence.place == *place)
            || zones.iter().any(|zone| zone.name.eq_ignore_ascii_case(place))
    };
    for trigger in &rule.triggers {
        let TriggerKind::Presence { to, .. } = &trigger.kind else { continue };
        let path = format!("{}.presence.to", trigger.path);
        if let Some(place) = to.as_ref().filter(|place| !is_known(place)) {
            let text = format!(
                "nobody is at {place:?} yet; besides home and away, a place is a zone of the home, or what somebody's presence was set to"
            );
            findings.push(CheckFinding {
                severity: Severity::Warning,
                code: "unknown_name",
                automations: vec![id.clone()],
                path: within_rule(&path).to_owned(),
                position: document.position_at(&path),
                message: Said::new("place", text).with("name", place),
                example: None,
            });
        }
    }
}

/// The rules that these steps run.
fn names<'d>(steps: &'d [Placed<Step>], run: &mut Vec<&'d Placed<String>>) {
    for step in steps {
        match &step.value {
            Step::Run(name) => run.push(name),
            Step::Choose { choices, otherwise } => {
                choices.iter().for_each(|choice| names(&choice.steps, run));
                names(otherwise, run);
            }
            Step::Repeat { steps, .. } => names(steps, run),
            Step::Parallel(branches) => branches.iter().for_each(|branch| names(branch, run)),
            _ => {}
        }
    }
}

/// Whether one is most likely the other with a slip of the pen in it: they differ in one place, in two letters at most.
fn is_slip(written: &str, meant: &str) -> bool {
    let letters = |name: &str| name.chars().flat_map(char::to_lowercase).collect::<Vec<_>>();
    let (written, meant) = (letters(written), letters(meant));
    let begins = written.iter().zip(&meant).take_while(|(one, other)| one == other).count();
    let (written, meant) = (&written[begins..], &meant[begins..]);
    let ends = written.iter().rev().zip(meant.iter().rev()).take_while(|(one, other)| one == other).count();
    begins + ends >= 4 && written.len().max(meant.len()) - ends <= 2
}

#[cfg(test)]
mod tests {
    use super::is_slip;

    #[test]
    fn a_slip_is_told_from_another_name() {
        for (written, meant, is) in [
            ("lights-of", "lights-off", true),
            ("Good nihgt", "Good night", true),
            ("Good night", "Good light 2", false),
            ("on", "off", false),
        ] {
            assert_eq!(is_slip(written, meant), is, "{written}");
        }
    }
}
