//! `hearth automation replay … --recorded`: one rule against what the hub has recorded.

use std::path::Path;

use hyper::Method;
use serde_json::{Value, json};

use super::Terminal;
use super::arguments::ReplayArguments;
use super::automation::{id, read};
use super::failure::Failure;
use super::home_time::HomeTime;
use super::output::text;

pub(crate) async fn replay(arguments: &ReplayArguments, terminal: &mut Terminal<'_>) -> Result<(), Failure> {
    let [wanted] = arguments.paths.as_slice() else {
        return Err(Failure::Usage("give one file, or the name or id of one rule".to_owned()));
    };
    let rule = if is_file(wanted) {
        let rules = read(wanted)?;
        let [rule] = rules.as_slice() else {
            return Err(Failure::Usage(format!("{} holds {} rules; give one", wanted.display(), rules.len())));
        };
        // As text: a rule's keys stay in the order they were written in.
        format!("\"draft\":{rule}")
    } else {
        format!("\"id\":{}", Value::from(id(&terminal.client, &wanted.to_string_lossy()).await?))
    };
    let to = arguments.to.as_ref().map(|to| format!(",\"to\":{}", Value::from(to.as_str()))).unwrap_or_default();
    let from = Value::from(arguments.from.as_str());
    let body = format!("{{{rule},\"from\":{from}{to},\"limit\":{}}}", arguments.limit);
    let answer = terminal.client.request(Method::POST, "/automations/replay", Some(body)).await?;
    let answer: Value = serde_json::from_str(&answer).unwrap_or_default();
    if terminal.output.is_json() {
        return terminal.output.json(&answer);
    }
    let home_time = terminal.home_time().await;
    for line in told(&answer, &home_time) {
        terminal.output.line(line)?;
    }
    Ok(())
}

/// The standard input too, as elsewhere.
fn is_file(path: &Path) -> bool {
    path == Path::new("-") || path.is_file()
}

/// The answer in words.
fn told(answer: &Value, home_time: &HomeTime) -> Vec<String> {
    let mut told = vec![
        format!("{} {}", text(answer, "automation"), text(&answer["summary"], "text")),
        format!(
            "from {} to {}, {} events",
            home_time.show(&answer["from"]),
            home_time.show(&answer["to"]),
            answer["events"]
        ),
    ];
    if !answer["recorded_from"].is_null() {
        told.push(format!("the recording begins at {}", home_time.show(&answer["recorded_from"])));
    }
    if answer["complete"] == json!(false) {
        told.push("this took too long and was ended before its time; try a shorter stretch".to_owned());
    }
    if !answer["approximate_from"].is_null() {
        let since = home_time.show(&answer["approximate_from"]);
        told.push(format!("approximate from {since} on: what was recorded then could not have happened like this"));
    }
    let lists = [
        ("It would have done:", &answer["lines"]),
        ("Only the current version would have done:", &answer["differences"]["only_current"]),
        ("Only this version would have done:", &answer["differences"]["only_draft"]),
    ];
    for (title, lines) in lists {
        let lines = lines.as_array().map(Vec::as_slice).unwrap_or_default();
        if !lines.is_empty() {
            told.push(String::new());
            told.push(title.to_owned());
        }
        told.extend(lines.iter().map(|line| format!("  {}  {}", home_time.show(&line["at"]), text(line, "text"))));
    }
    if answer["truncated"] == json!(true) {
        told.push("  … and more; see --limit".to_owned());
    }
    told
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    #[test]
    fn an_answer_is_told_in_words() {
        let answer = json!({
            "automation": "hall", "from": "2026-11-13T18:00:00.000Z", "to": "2026-11-20T18:00:00.000Z", "events": 812,
            "recorded_from": "2026-11-13T18:00:00.000Z", "complete": true, "truncated": true,
            "approximate_from": "2026-11-14T01:00:00.000Z",
            "summary": {"text": "would have fired twice; differs from the current version once"},
            "lines": [{"at": "2026-11-13T19:00:00.000Z", "text": "sets Lamp: on true"}],
            "differences": {"count": 1, "only_draft": [],
                "only_current": [{"at": "2026-11-13T20:00:00.000Z", "text": "sets Lamp: on false"}]},
        });
        expect![[r#"
            hall would have fired twice; differs from the current version once
            from 2026-11-13 18:00:00Z to 2026-11-20 18:00:00Z, 812 events
            the recording begins at 2026-11-13 18:00:00Z
            approximate from 2026-11-14 01:00:00Z on: what was recorded then could not have happened like this

            It would have done:
              2026-11-13 19:00:00Z  sets Lamp: on true

            Only the current version would have done:
              2026-11-13 20:00:00Z  sets Lamp: on false
              … and more; see --limit"#]]
        .assert_eq(&told(&answer, &HomeTime::default()).join("\n"));
    }
}
