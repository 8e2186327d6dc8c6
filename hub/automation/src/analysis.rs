//! What is wrong with rules, each by itself and all of them together, found before they act.

mod conditions;
mod conflict;
mod controllers;
mod dead;
mod effects;
mod facts;
mod formula;
mod graph;
mod home;
mod loops;
mod missing;
mod model;
mod program;
mod set;
mod shadowed;
mod simulation;
mod sun;
mod triggers;
mod undone;
mod unknown;
mod words;

use std::sync::Arc;

use hub_model::event::Severity;
use hub_model::{AutomationId, Said};
use serde_json::{Value as Json, json};

use crate::compile::compile_what_is_there;
use crate::document::Position;
use crate::{Document, Finding, World};

/// A rule of a set.
#[derive(Clone, Copy, Debug)]
pub struct RuleOfSet<'a> {
    /// Its id.
    pub id: &'a AutomationId,
    /// As it is written.
    pub document: &'a Document,
}

/// Something that was found in a set of rules.
#[derive(Clone, Debug, PartialEq)]
pub struct CheckFinding {
    /// How bad it is; an error refuses the rule.
    pub severity: Severity,
    /// A stable word: `unknown_name`, `bad_value`, `never_true`, `always_true`, `shadowed`, `conflict`, `loop`,
    /// `undone`, `missing_trigger`, `no_location`, or what the reader of documents says.
    pub code: &'static str,
    /// The rules that it is about, the one with `path` first.
    pub automations: Vec<AutomationId>,
    /// Where in the first of them.
    pub path: String,
    /// Where in the text, if it was YAML.
    pub position: Option<Position>,
    /// In words, with both places.
    pub message: Said,
    /// A situation in which it shows.
    pub example: Option<Arc<str>>,
}

impl CheckFinding {
    /// What is wrong with one rule by itself.
    pub fn of(finding: &Finding, automation: Option<&AutomationId>) -> Self {
        Self {
            severity: finding.severity,
            code: finding.code,
            automations: automation.into_iter().cloned().collect(),
            path: crate::document::within_rule(&finding.path).to_owned(),
            position: finding.position,
            message: finding.message.clone(),
            example: None,
        }
    }

    /// As JSON.
    pub fn to_json(&self) -> Json {
        let ids: Vec<&str> = self.automations.iter().map(AutomationId::as_str).collect();
        let mut finding = json!({
            "severity": self.severity, "code": self.code, "automations": ids, "path": self.path,
            "message": &*self.message.text,
        });
        if let Some(position) = self.position {
            finding["line"] = json!(position.line);
            finding["column"] = json!(position.column);
        }
        if let Some(example) = &self.example {
            finding["example"] = json!(&**example);
        }
        finding
    }
}

/// Everything that is wrong with these rules in this home, the worst first, then in the order of the rules.
///
/// Rules that are switched off or only in shadow are looked at by themselves and left out where rules are compared; so
/// are those with errors. What is not certain is not said: an analysis that grows too large says nothing.
pub fn check(rules: &[RuleOfSet<'_>], world: &dyn World) -> Vec<CheckFinding> {
    let mut findings = Vec::new();
    let mut compiled = Vec::new();
    for rule in rules {
        let (ready, wrong) = compile_what_is_there(rule.document, world);
        findings.extend(wrong.iter().map(|finding| CheckFinding::of(finding, Some(rule.id))));
        if wrong.iter().all(|finding| finding.severity != Severity::Error) {
            unknown::find_places(rule.id, &ready, rule.document, world, &mut findings);
            compiled.push((*rule, ready));
        }
    }
    unknown::find(rules, world, &mut findings);
    let mut rules_of_set = model::Rules::new(compiled, world);
    let model::Rules { home, models } = &mut rules_of_set;
    for model in models.iter() {
        dead::find(model, home, &mut findings);
    }
    shadowed::find(&rules_of_set, &mut findings);
    conflict::find(&rules_of_set, &mut findings);
    loops::find(&rules_of_set, &mut findings);
    undone::find(&rules_of_set, &mut findings);
    missing::find(&mut rules_of_set, &mut findings);
    let place = |finding: &CheckFinding| {
        let first = finding.automations.first();
        rules.iter().position(|rule| Some(rule.id) == first).unwrap_or(usize::MAX)
    };
    findings.sort_by_cached_key(|finding| (std::cmp::Reverse(finding.severity), place(finding)));
    findings
}
