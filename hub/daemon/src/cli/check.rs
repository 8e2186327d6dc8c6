//! `hearth automation check`: what is wrong with rules in files, the tests in them included: in the home of the hub, or
//! without one.

use hyper::Method;
use serde_json::{Value, json};

use super::arguments::{CheckArguments, Common};
use super::client::Client;
use super::failure::Failure;
use super::output::{Output, counted, text};
use super::rule_files::{RuleFiles, site};
use crate::config::paths::Environment;

/// What rules were checked against.
enum Against {
    /// The home of this name.
    Home(String),
    Devices(String),
    Nothing,
}

impl std::fmt::Display for Against {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Home(name) => write!(formatter, "checked against the home {name}"),
            Self::Devices(file) => write!(
                formatter,
                "checked against the devices of {file}: names of rules, scenes, people and modes are not checked"
            ),
            Self::Nothing => formatter.write_str(
                "checked without a home: names of devices, areas, rules, scenes, people and modes are not checked",
            ),
        }
    }
}

pub(crate) async fn check(
    arguments: &CheckArguments,
    common: &Common,
    environment: Environment<'_>,
    output: &mut Output<'_>,
) -> Result<(), Failure> {
    // What is said of a place is said of another home than the hub's.
    let is_offline =
        arguments.offline || arguments.home.is_some() || arguments.tz.is_some() || arguments.location.is_some();
    let asked = if is_offline { None } else { of_hub(arguments, common, environment).await? };
    let (count, findings, against) = match asked {
        Some(asked) => asked,
        None => of_files(arguments)?,
    };
    for finding in &findings {
        print(finding, output)?;
    }
    if output.is_for_people() {
        if findings.is_empty() {
            output.line(format_args!("{}, nothing found", counted(count, "rule")))?;
        }
        output.line(&against)?;
    } else if !output.is_json() {
        output.remark(&against)?;
    }
    if findings.iter().any(is_error) {
        return Err(Failure::Failed("there are errors; a rule with an error is not saved".to_owned()));
    }
    Ok(())
}

type Checked = (usize, Vec<Value>, Against);

/// Without a hub.
fn of_files(arguments: &CheckArguments) -> Result<Checked, Failure> {
    let site = site(arguments.tz.as_deref().unwrap_or("UTC"), arguments.location.as_deref())?;
    let files = RuleFiles::read(&arguments.paths, &[])?;
    let home = files.home(arguments.home.as_deref())?;
    let mut findings = files.unreadable();
    let mut checked = files.check(&home);
    checked.extend(files.failed_tests(&home, &site, &checked));
    findings.extend(checked.iter().map(|finding| files.placed(finding.to_json())));
    let against = arguments.home.as_ref().map_or(Against::Nothing, |file| Against::Devices(file.display().to_string()));
    Ok((files.rules.len(), findings, against))
}

/// By the hub; none if there is none. One that was named must be there.
async fn of_hub(
    arguments: &CheckArguments,
    common: &Common,
    environment: Environment<'_>,
) -> Result<Option<Checked>, Failure> {
    let client = Client::new(common, environment)?;
    let known = match client.items("/automations").await {
        Err(Failure::Unreachable { .. }) if common.host.is_none() => return Ok(None),
        answer => answer?,
    };
    let files = RuleFiles::read(&arguments.paths, &known)?;
    let mut findings = files.unreadable();
    findings.extend(findings_of_hub(&files, &client).await?);
    let home = client.get("/home").await?;
    Ok(Some((files.rules.len(), findings, Against::Home(text(&home, "name")))))
}

/// What the hub finds in the rules of files, together with its own.
pub(super) async fn findings_of_hub(files: &RuleFiles, client: &Client) -> Result<Vec<Value>, Failure> {
    // As text: a rule's keys stay in the order they were written in.
    let rules: Vec<String> = files.rules.iter().map(|rule| rule.document.to_json()).collect();
    let body = format!("{{\"automations\":[{}]}}", rules.join(","));
    let answer = client.request(Method::POST, "/automations/check", Some(body)).await?;
    let mut answer: Value = serde_json::from_str(&answer).unwrap_or_else(|_| json!({}));
    let findings = answer["findings"].as_array_mut().map(std::mem::take).unwrap_or_default();
    Ok(findings.into_iter().map(|finding| files.placed(finding)).collect())
}

/// Whether it keeps a rule from being saved.
pub(super) fn is_error(finding: &Value) -> bool {
    finding["severity"] == "error"
}

/// A line of JSON for programs, a sentence for people.
fn print(finding: &Value, output: &mut Output<'_>) -> Result<(), Failure> {
    if !output.is_for_people() {
        return output.line(finding);
    }
    output.line(sentence(finding))?;
    match finding["example"].as_str() {
        Some(example) => output.line(format_args!("  for example: {example}")),
        None => Ok(()),
    }
}

/// `hall.yaml:3:5: error bad_value: actions[1].command: …`; in place of what has no line, its rules.
pub(super) fn sentence(finding: &Value) -> String {
    let part = |field: &str| text(finding, field);
    let mut place = part("file");
    match (finding["line"].as_u64(), finding["column"].as_u64()) {
        (Some(line), Some(column)) if !place.is_empty() => place += &format!(":{line}:{column}"),
        _ => {
            let rules = finding["automations"].as_array().map(Vec::as_slice).unwrap_or_default();
            let rules: Vec<String> = rules.iter().map(super::output::plain).collect();
            let joint = if place.is_empty() || rules.is_empty() { "" } else { ": " };
            place += &format!("{joint}{}", rules.join(", "));
        }
    }
    let path = part("path");
    let path = if path.is_empty() { path } else { format!(" {path}:") };
    format!("{place}: {} {}:{path} {}", part("severity"), part("code"), part("message"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_names_its_place() {
        let finding = json!({"severity": "error", "code": "bad_value", "automations": ["hall"], "path": "triggers[0].state",
            "message": "it is wrong", "file": "hall.yaml", "line": 3, "column": 5});
        assert_eq!(sentence(&finding), "hall.yaml:3:5: error bad_value: triggers[0].state: it is wrong");
        let finding = json!({"severity": "warning", "code": "conflict", "automations": ["hall", "night"], "path": "",
            "message": "they differ", "file": "hall.json"});
        assert_eq!(sentence(&finding), "hall.json: hall, night: warning conflict: they differ");
        let finding = json!({"severity": "info", "code": "undone", "automations": ["hall"], "path": "actions[0]", "message": "m"});
        assert_eq!(sentence(&finding), "hall: info undone: actions[0]: m");
    }
}
