//! `hearth automation …`

use std::path::Path;

use hub_automation::document::difference::yaml_of;
use hub_automation::document::{Document, Finding, parse_json, parse_yaml_many};
use hub_automation::replay::SimulatedHome;
use hub_model::AutomationId;
use hyper::Method;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::Terminal;
use super::arguments::AutomationCommand;
use super::client::{Client, encode};
use super::failure::Failure;
use super::find::{self, find};
use super::output::text;
use super::revisions::Kind;
use super::rule_folder::Import;
use super::{add, edit, recorded, revisions, rule_folder};

pub(crate) async fn execute(command: AutomationCommand, terminal: &mut Terminal<'_>) -> Result<(), Failure> {
    let client = &terminal.client;
    match command {
        AutomationCommand::List => {
            let rules = client.items("/automations").await?;
            let home_time = terminal.home_time().await;
            terminal.output.list(&rules, ["NAME", "ENABLED", "LAST FIRED", "ID"], |rule| {
                [text(rule, "name"), text(rule, "enabled"), home_time.show(&rule["last_fired_at"]), text(rule, "id")]
            })
        }
        AutomationCommand::Show { automation } => {
            let id = id(client, &automation).await?;
            let text = client.request(Method::GET, &format!("/automations/{}", encode(&id)), None).await?;
            match yaml(&text) {
                Some(yaml) if !terminal.output.is_json() => terminal.output.line(yaml.trim_end()),
                _ => terminal.output.line(text),
            }
        }
        AutomationCommand::Add { file } => add::add(&file, terminal).await,
        AutomationCommand::Replace { automation, file } => {
            let id = id(client, &automation).await?;
            let rules = read(&file)?;
            let [rule] = rules.as_slice() else {
                return Err(Failure::Usage(format!("{} holds {} rules; give one", file.display(), rules.len())));
            };
            let path = format!("/automations/{}", encode(&id));
            let shown = client.request(Method::GET, &path, None).await?;
            let home = rule_folder::home(client).await?;
            if document_of(&shown).is_some_and(|saved| is_same(rule, &id, &saved, &home)) {
                let shown = serde_json::from_str(&shown).unwrap_or_default();
                return terminal.output.done(&shown, "nothing was changed: the rule is like this already");
            }
            let rule = client.request(Method::PUT, &path, Some(rule.clone())).await?;
            let rule: Value = serde_json::from_str(&rule).unwrap_or_default();
            let told: Vec<String> = std::iter::once(format!("{id} is replaced")).chain(findings(&rule)).collect();
            terminal.output.done(&rule, told.join("\n"))
        }
        AutomationCommand::Runs { automation, lines } => super::why::runs(&automation, lines, terminal).await,
        AutomationCommand::Enable { automation } => enable(&automation, json!(true), "is switched on", terminal).await,
        AutomationCommand::Disable { automation } => {
            enable(&automation, json!(false), "is switched off", terminal).await
        }
        AutomationCommand::Shadow { automation } => {
            enable(&automation, json!("shadow"), "decides, and does nothing", terminal).await
        }
        AutomationCommand::History { automation } => {
            revisions::history(Kind::Automation, automation.as_deref(), terminal).await
        }
        AutomationCommand::Diff { automation, first, second } => {
            revisions::diff(Kind::Automation, &automation, first, second, terminal).await
        }
        AutomationCommand::Revert { automation, revision } => {
            revisions::revert(Kind::Automation, &automation, revision, terminal).await
        }
        AutomationCommand::Edit { automation } => edit::edit(&automation, terminal).await,
        AutomationCommand::Export { folder } => rule_folder::export(&folder, terminal).await,
        AutomationCommand::Import { folder, dry_run, delete } => {
            rule_folder::import(&folder, Import { dry_run, delete }, terminal).await
        }
        AutomationCommand::Replay(arguments) => recorded::replay(&arguments, terminal).await,
        // This needs no hub.
        AutomationCommand::Check(_) => Ok(()),
        AutomationCommand::Remove { automation } => {
            let id = id(client, &automation).await?;
            terminal.confirm(&format!("Remove the rule {id}?")).await?;
            terminal.client.delete(&format!("/automations/{}", encode(&id))).await?;
            terminal.output.done(&json!({ "removed": id }), format_args!("{id} is removed"))
        }
    }
}

/// Whether a rule is what was saved under this id. The hub keeps ids where people write names.
pub(super) fn is_same(rule: &str, id: &str, saved: &str, home: &SimulatedHome) -> bool {
    let document = parse_json(rule).ok().map(|document| document.with_id(&AutomationId::new(id)).resolved(home));
    document.is_some_and(|document| document.to_json() == saved)
}

pub(super) async fn id(client: &Client, wanted: &str) -> Result<String, Failure> {
    Ok(find::id(find(&client.items("/automations").await?, "automation", wanted)?))
}

async fn enable(wanted: &str, enabled: Value, outcome: &str, terminal: &mut Terminal<'_>) -> Result<(), Failure> {
    let id = id(&terminal.client, wanted).await?;
    let rule = terminal.client.patch(&format!("/automations/{}", encode(&id)), &json!({ "enabled": enabled })).await?;
    terminal.output.done(&rule, format_args!("{id} {outcome}"))
}

/// What is to be known of a rule that was saved, a line each.
pub(super) fn findings(rule: &Value) -> Vec<String> {
    let findings = rule["findings"].as_array().map(Vec::as_slice).unwrap_or_default();
    let line = |finding: &Value| {
        let [severity, code, path, message] = ["severity", "code", "path", "message"].map(|field| text(finding, field));
        format!("  {severity} {code}: {path} {message}")
    };
    findings.iter().map(line).collect()
}

/// A rule as the hub answers with it. Text, because a rule's keys stay in the order they were written in.
#[derive(Deserialize)]
struct Shown<'a> {
    #[serde(borrow)]
    document: &'a RawValue,
}

/// The document of an answer, in JSON.
pub(super) fn document_of(answer: &str) -> Option<String> {
    let shown: Shown<'_> = serde_json::from_str(answer).ok()?;
    Some(shown.document.get().to_owned())
}

/// The document of an answer, as people write it.
pub(super) fn yaml(answer: &str) -> Option<String> {
    yaml_of(&document_of(answer)?)
}

/// The rules of a file, as the API takes them.
pub(super) fn read(file: &Path) -> Result<Vec<String>, Failure> {
    let wrong = |source| Failure::File { file: file.to_owned(), source };
    let text = if file == Path::new("-") {
        std::io::read_to_string(std::io::stdin()).map_err(wrong)?
    } else {
        std::fs::read_to_string(file).map_err(wrong)?
    };
    // JSON too: it is YAML.
    let rules = parse_yaml_many(&text).map_err(|findings| Failure::Usage(report(file, &findings)))?;
    Ok(rules.iter().map(Document::to_json).collect())
}

/// `hall.yaml:3:5: actions[1].command: bad_value: …`, a line for each.
pub(super) fn report(file: &Path, findings: &[Finding]) -> String {
    let line = |finding: &Finding| {
        let position = finding.position.as_ref().map(|at| format!(":{}:{}", at.line, at.column)).unwrap_or_default();
        let Finding { code, path, message, .. } = finding;
        let path = if path.is_empty() { String::new() } else { format!(" {path}:") };
        format!("{}{position}:{path} {code}: {message}", file.display())
    };
    findings.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    #[test]
    fn what_is_to_be_known_of_a_saved_rule_is_told() {
        let rule = json!({"id": "hall", "findings": [
            {"severity": "info", "code": "undone", "path": "actions[0]", "message": "nothing switches it off"}]});
        assert_eq!(findings(&rule), ["  info undone: actions[0] nothing switches it off"]);
        assert_eq!(findings(&json!({"id": "hall"})), [""; 0]);
    }

    #[test]
    fn a_rule_is_shown_in_the_order_it_was_written_in() {
        let answer =
            r#"{"id": "a", "document": {"name": "A", "triggers": [{"time": "07:30"}], "actions": [{"delay": "1s"}]}}"#;
        expect![[r#"
            name: A
            triggers:
            - time: 07:30
            actions:
            - delay: 1s
        "#]]
        .assert_eq(&yaml(answer).unwrap());
    }

    #[test]
    fn rules_are_read_from_yaml_and_json() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("rules");
        let rule = r#"{"name": "A", "triggers": [{"time": "07:30"}], "actions": [{"delay": "1s"}]}"#;
        let table = [
            (rule.to_owned(), 1),
            (format!("[{rule}, {rule}]"), 2),
            ("name: A\ntriggers:\n  - time: \"07:30\"\nactions:\n  - delay: 1s\n".to_owned(), 1),
        ];
        for (text, count) in table {
            std::fs::write(&file, &text).unwrap();
            let rules = read(&file).unwrap();
            let written = r#"{"name":"A","triggers":[{"time":"07:30"}],"actions":[{"delay":"1s"}]}"#;
            assert_eq!(rules, vec![written; count], "{text}");
        }
        std::fs::write(&file, "name: A\ntriggers:\n  - time: [\n").unwrap();
        let failure = read(&file).unwrap_err();
        assert_eq!(failure.exit_code(), 2);
        assert!(failure.to_string().contains("rules:3:11: syntax: "), "{failure}");
    }
}
