//! `hearth automation check`: what is wrong with rules in files, without a hub.

use std::path::{Path, PathBuf};

use hub_automation::analysis::CheckFinding;
use hub_model::AutomationId;
use hub_model::event::Severity;

use super::failure::Failure;
use super::output::Output;
use super::rule_files::{RuleFiles, has_errors};

pub(crate) fn check(paths: &[PathBuf], home: Option<&Path>, output: &mut Output<'_>) -> Result<(), Failure> {
    let files = RuleFiles::read(paths)?;
    let home = files.home(home)?;
    let mut findings: Vec<(Option<&Path>, &CheckFinding)> =
        files.findings.iter().map(|(file, finding)| (Some(file.as_path()), finding)).collect();
    let checked = files.check(&home);
    findings.extend(checked.iter().map(|finding| (None, finding)));
    for (file, finding) in &findings {
        print(*file, finding, output)?;
    }
    if has_errors(findings.iter().map(|(_, finding)| *finding)) {
        return Err(Failure::Failed("there are errors; a rule with an error is not saved".to_owned()));
    }
    if findings.is_empty() && output.is_for_people() {
        output.line(format_args!("{} rules, nothing found", files.rules.len()))?;
    }
    Ok(())
}

/// A line of JSON for programs, a sentence for people.
fn print(file: Option<&Path>, finding: &CheckFinding, output: &mut Output<'_>) -> Result<(), Failure> {
    if !output.is_for_people() {
        let mut line = finding.to_json();
        if let Some(file) = file {
            line["file"] = file.display().to_string().into();
        }
        return output.line(line);
    }
    let severity = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "info",
    };
    let rules: Vec<&str> = finding.automations.iter().map(AutomationId::as_str).collect();
    let place = match (file, finding.position) {
        (Some(file), Some(position)) => format!("{}, {position}", file.display()),
        (Some(file), None) => file.display().to_string(),
        (None, _) => rules.join(", "),
    };
    let path = if finding.path.is_empty() { String::new() } else { format!(" {}", finding.path) };
    output.line(format_args!("{severity} {}: {place}{path}\n  {}", finding.code, finding.message))?;
    match &finding.example {
        Some(example) => output.line(format_args!("  for example: {example}")),
        None => Ok(()),
    }
}
