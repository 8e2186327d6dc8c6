//! `unknown_name` of rules that are run and are not there. All other names are found when a rule is made ready.

use std::collections::BTreeSet;

use hub_model::event::Severity;

use super::{CheckFinding, RuleOfSet};
use crate::document::within_rule;
use crate::document::written::{Placed, Step};
use hub_model::name::nearest;

pub(super) fn find(rules: &[RuleOfSet<'_>], findings: &mut Vec<CheckFinding>) {
    let known: BTreeSet<&str> = rules.iter().flat_map(|rule| [rule.id.as_str(), rule.document.name()]).collect();
    for rule in rules {
        let mut run = Vec::new();
        names(&rule.document.rule().actions, &mut run);
        for name in run {
            if known.contains(name.value.as_str()) {
                continue;
            }
            let hint = match nearest(&name.value, known.iter().copied()) {
                Some(nearest) => format!("; did you mean {nearest:?}?"),
                None => String::new(),
            };
            findings.push(CheckFinding {
                severity: Severity::Error,
                code: "unknown_name",
                automations: vec![rule.id.clone()],
                path: within_rule(&name.place.path).to_owned(),
                position: name.place.position,
                message: format!("there is no rule {:?}{hint}", name.value).into(),
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
