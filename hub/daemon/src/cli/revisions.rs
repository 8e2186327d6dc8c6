//! `hearth automation history`, `diff` and `revert`, and the same of `hearth scene`: what rules and scenes were, and the
//! way back.

use hyper::Method;
use serde_json::{Value, json};

use super::Terminal;
use super::client::{Client, encode};
use super::failure::Failure;
use super::find::{self, find};
use super::output::text;

/// What has revisions.
#[derive(Clone, Copy)]
pub(crate) enum Kind {
    Automation,
    Scene,
}

impl Kind {
    fn as_str(self) -> &'static str {
        match self {
            Self::Automation => "automation",
            Self::Scene => "scene",
        }
    }

    /// Where all of them are.
    fn path(self) -> &'static str {
        match self {
            Self::Automation => "/automations",
            Self::Scene => "/scenes",
        }
    }

    /// The latest changes of all of them.
    fn latest(self) -> String {
        format!("/revisions?kind={}", self.as_str())
    }

    /// Where one is.
    fn path_of(self, id: &str) -> String {
        format!("{}/{}", self.path(), encode(id))
    }
}

/// The changes of one, or the latest of all.
pub(crate) async fn history(kind: Kind, wanted: Option<&str>, terminal: &mut Terminal<'_>) -> Result<(), Failure> {
    let path = match wanted {
        Some(wanted) => format!("{}/revisions", kind.path_of(&any_id(kind, &terminal.client, wanted).await?)),
        None => kind.latest(),
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
    kind: Kind,
    wanted: &str,
    first: Option<u64>,
    second: Option<u64>,
    terminal: &mut Terminal<'_>,
) -> Result<(), Failure> {
    let id = any_id(kind, &terminal.client, wanted).await?;
    let path = format!("{}/revisions", kind.path_of(&id));
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

/// Makes one again what it was.
pub(crate) async fn revert(kind: Kind, wanted: &str, number: u64, terminal: &mut Terminal<'_>) -> Result<(), Failure> {
    let id = any_id(kind, &terminal.client, wanted).await?;
    let body = Some(json!({ "revision": number }).to_string());
    let path = format!("{}/revert", kind.path_of(&id));
    let reverted = terminal.client.request(Method::POST, &path, body).await?;
    let reverted: Value = serde_json::from_str(&reverted).unwrap_or_default();
    let sentence = format!("{id} is again what it was in revision {number}; this is revision {}", reverted["revision"]);
    terminal.output.done(&reverted, sentence)
}

/// The id of one of this name or id, also of one that was removed.
async fn any_id(kind: Kind, client: &Client, wanted: &str) -> Result<String, Failure> {
    let failure = match find(&client.items(kind.path()).await?, kind.as_str(), wanted) {
        Ok(found) => return Ok(find::id(found)),
        Err(failure @ Failure::NotFound { .. }) => failure,
        Err(failure) => return Err(failure),
    };
    let revisions = client.items(&kind.latest()).await?;
    let named = |revision: &&Value| revision["id"] == wanted || revision["name"] == wanted;
    // The newest first: of two that were called so, the later one is meant.
    revisions.iter().find(named).map(find::id).ok_or(failure)
}
