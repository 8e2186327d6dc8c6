//! `hearth automation add`: the rules of a file, checked together before any of them is saved.

use std::path::Path;

use hyper::Method;
use serde_json::{Value, json};

use super::Terminal;
use super::automation::findings;
use super::check::{findings_of_hub, is_error, sentence};
use super::failure::Failure;
use super::output::text;
use super::rule_files::{RuleFile, RuleFiles};

pub(crate) async fn add(file: &Path, terminal: &mut Terminal<'_>) -> Result<(), Failure> {
    let client = &terminal.client;
    let known = client.items("/automations").await?;
    let files = RuleFiles::read(&[file.to_owned()], &known)?;
    let unreadable = files.unreadable();
    if !unreadable.is_empty() {
        return Err(Failure::Usage(lines(&unreadable)));
    }
    for (index, rule) in files.rules.iter().enumerate() {
        is_new(rule, file, &known, &files.rules[..index])?;
    }
    let errors: Vec<Value> = findings_of_hub(&files, client).await?.into_iter().filter(is_error).collect();
    if !errors.is_empty() {
        return Err(Failure::Failed(format!("nothing of {} was saved:\n{}", shown(file), lines(&errors))));
    }
    let mut saved = Vec::new();
    let refused = save(files.rules, &mut saved, terminal).await;
    if terminal.output.is_json() {
        terminal.output.json(&json!({ "items": saved }))?;
    }
    refused
}

/// A rule may run another that stands behind it: what is refused is tried again as long as others are taken.
async fn save(mut rules: Vec<RuleFile>, saved: &mut Vec<Value>, terminal: &mut Terminal<'_>) -> Result<(), Failure> {
    loop {
        let before = rules.len();
        let (mut left, mut failure) = (Vec::new(), None);
        for rule in rules {
            match terminal.client.request(Method::POST, "/automations", Some(rule.written.to_json())).await {
                Ok(answer) => {
                    let answer: Value = serde_json::from_str(&answer).unwrap_or_default();
                    if !terminal.output.is_json() {
                        terminal.output.line(format_args!("added {}", text(&answer, "id")))?;
                        findings(&answer).iter().try_for_each(|finding| terminal.output.line(finding))?;
                    }
                    saved.push(answer);
                }
                Err(refused @ Failure::Refused(_)) => {
                    failure = Some(refused);
                    left.push(rule);
                }
                Err(other) => return Err(other),
            }
        }
        match failure {
            None => return Ok(()),
            Some(failure) if left.len() == before => {
                let names: Vec<String> = left.iter().map(|rule| format!("{:?}", rule.written.name())).collect();
                if before > 1 || !saved.is_empty() {
                    terminal.say(&format!("Not saved: {}.", names.join(", "))).await?;
                }
                return Err(failure);
            }
            Some(_) => rules = left,
        }
    }
}

/// Refuses a rule that would be another's twin: nobody could name either of them any more.
fn is_new(rule: &RuleFile, file: &Path, known: &[Value], before: &[RuleFile]) -> Result<(), Failure> {
    let (name, id) = (rule.written.name(), rule.written.id());
    let taken = known.iter().find(|other| {
        other["name"].as_str().is_some_and(|other| same(other, name)) || id.is_some_and(|id| other["id"] == id)
    });
    if let Some(taken) = taken {
        let named = if same(&text(taken, "name"), name) { text(taken, "name") } else { text(taken, "id") };
        return Err(Failure::Conflict(format!(
            "there is already a rule {named:?}; use `hearth automation replace {} {}`, or give this one another name \
             and id",
            quoted(&named),
            shown(file)
        )));
    }
    if before.iter().any(|other| same(other.written.name(), name)) {
        return Err(Failure::Conflict(format!(
            "two rules of {} are called {name:?}; give each its own name",
            shown(file)
        )));
    }
    Ok(())
}

fn same(left: &str, right: &str) -> bool {
    left.to_lowercase() == right.to_lowercase()
}

/// As a shell takes it for one word.
fn quoted(word: &str) -> String {
    if word.contains('\'') { format!("{word:?}") } else { format!("'{word}'") }
}

fn shown(file: &Path) -> String {
    file.display().to_string()
}

fn lines(findings: &[Value]) -> String {
    findings.iter().map(sentence).collect::<Vec<_>>().join("\n")
}
