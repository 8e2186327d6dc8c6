//! `hearth automation history`, `diff` and `revert`: what rules were, and the way back.

use hyper::Method;
use serde_json::{Value, json};

use super::Terminal;
use super::client::{Client, encode};
use super::failure::Failure;
use super::find::{self, find};
use super::output::text;

/// The changes of a rule, or the latest of all rules.
pub(crate) async fn history(automation: Option<&str>, terminal: &mut Terminal<'_>) -> Result<(), Failure> {
    let path = match automation {
        Some(wanted) => format!("/automations/{}/revisions", encode(&any_id(&terminal.client, wanted).await?)),
        None => "/revisions".to_owned(),
    };
    let revisions = terminal.client.items(&path).await?;
    let (home_time, names) = (terminal.home_time().await, terminal.names().await);
    terminal.output.list(&revisions, ["REVISION", "WHEN", "WHO", "CHANGE", "NAME", "ID"], |revision| {
        [
            text(revision, "revision"),
            home_time.show(&revision["at"]),
            names.person(&revision["author"]),
            change(revision),
            text(revision, "name"),
            text(revision, "id"),
        ]
    })
}

/// `reverted to 3`, `device replaced`.
fn change(revision: &Value) -> String {
    let change = text(revision, "change").replace('_', " ");
    match revision["reverted_to"].as_u64() {
        Some(number) => format!("{change} to {number}"),
        None => change,
    }
}

/// What a change changed, or what differs between two revisions.
pub(crate) async fn diff(
    automation: &str,
    first: Option<u64>,
    second: Option<u64>,
    terminal: &mut Terminal<'_>,
) -> Result<(), Failure> {
    let id = any_id(&terminal.client, automation).await?;
    let path = format!("/automations/{}/revisions", encode(&id));
    let (number, against) = match (first, second) {
        (Some(from), Some(to)) => (to, format!("?against={from}")),
        (Some(number), None) => (number, String::new()),
        (None, _) => {
            let newest = terminal.client.get(&format!("{path}?limit=1")).await?;
            (newest["items"][0]["revision"].as_u64().unwrap_or(1), String::new())
        }
    };
    let diff = terminal.client.get(&format!("{path}/{number}/diff{against}")).await?;
    let lines = text(&diff, "diff");
    if terminal.output.is_json() {
        terminal.output.json(&diff)
    } else if lines.is_empty() {
        terminal.output.line("they are equal")
    } else {
        terminal.output.line(lines.trim_end())
    }
}

/// Makes a rule again what it was.
pub(crate) async fn revert(automation: &str, number: u64, terminal: &mut Terminal<'_>) -> Result<(), Failure> {
    let id = any_id(&terminal.client, automation).await?;
    let body = Some(json!({ "revision": number }).to_string());
    let path = format!("/automations/{}/revert", encode(&id));
    let rule = terminal.client.request(Method::POST, &path, body).await?;
    let rule: Value = serde_json::from_str(&rule).unwrap_or_default();
    let sentence = format!("{id} is again what it was in revision {number}; this is revision {}", rule["revision"]);
    terminal.output.done(&rule, sentence)
}

/// The id of a rule of this name or id, also of one that was removed.
async fn any_id(client: &Client, wanted: &str) -> Result<String, Failure> {
    let failure = match find(&client.items("/automations").await?, "automation", wanted) {
        Ok(rule) => return Ok(find::id(rule)),
        Err(failure @ Failure::NotFound { .. }) => failure,
        Err(failure) => return Err(failure),
    };
    let revisions = client.items("/revisions").await?;
    let named = |revision: &&Value| revision["id"] == wanted || revision["name"] == wanted;
    let rules = |revision: &&Value| revision["kind"] == "automation";
    // The newest first: of two that were called so, the later one is meant.
    revisions.iter().filter(rules).find(named).map(find::id).ok_or(failure)
}
