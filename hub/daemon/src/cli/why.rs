//! `hearth why …`, `hearth why-not …`, `hearth automation runs …`

use serde_json::{Value, json};

use super::Terminal;
use super::client::encode;
use super::failure::Failure;
use super::find::{self, find};
use super::moment::moment;
use super::names::Names;
use super::output::{counted, plain, text};

/// Why an attribute is as it is.
pub(crate) async fn why(
    device: &str,
    attribute: Option<&str>,
    endpoint: Option<&str>,
    at: Option<&str>,
    terminal: &mut Terminal<'_>,
) -> Result<(), Failure> {
    let client = &terminal.client;
    let mut path = format!("/why?device={}", encode(&find::device_id(client, device).await?));
    for (name, value) in [("attribute", attribute), ("endpoint", endpoint)] {
        if let Some(value) = value {
            path += &format!("&{name}={}", encode(value));
        }
    }
    if let Some(at) = at {
        path += &format!("&at={}", encode(&moment(at, client).await?.to_string()));
    }
    let answer = client.get(&path).await?;
    tell(&answer, terminal)
}

/// Why a rule did not act.
pub(crate) async fn why_not(automation: &str, at: Option<&str>, terminal: &mut Terminal<'_>) -> Result<(), Failure> {
    let client = &terminal.client;
    let id = find::id(find(&client.items("/automations").await?, "automation", automation)?);
    let at = match at {
        Some(at) => format!("?at={}", encode(&moment(at, client).await?.to_string())),
        None => String::new(),
    };
    let answer = client.get(&format!("/automations/{}/why-not{at}", encode(&id))).await?;
    tell(&answer, terminal)
}

/// What a rule did.
pub(crate) async fn runs(automation: &str, limit: u16, terminal: &mut Terminal<'_>) -> Result<(), Failure> {
    let client = &terminal.client;
    let id = find::id(find(&client.items("/automations").await?, "automation", automation)?);
    let answer = client.get(&format!("/automations/{}/runs?limit={limit}", encode(&id))).await?;
    let runs = answer["items"].as_array().cloned().unwrap_or_default();
    let (home_time, names) = (terminal.home_time().await, terminal.names().await);
    terminal.output.list(&runs, ["STARTED", "ENDED", "PHASE", "SET OFF BY", "DID", "ID"], |run| {
        let shadow = if run["shadow"] == json!(true) { " (shadow)" } else { "" };
        let phase = format!("{}{shadow}", text(run, "phase"));
        let [started, ended] = ["started_at", "ended_at"].map(|field| home_time.show(&run[field]));
        [started, ended, phase, trigger(run, &names), actions(run, &names), text(run, "id")]
    })
}

/// `Hallway motion occupancy=true`.
fn trigger(run: &Value, names: &Names) -> String {
    let trigger = &run["trigger"];
    match trigger["attribute"].as_str() {
        Some(attribute) => {
            let value = if trigger["value"].is_null() { &trigger["to"] } else { &trigger["value"] };
            format!("{} {attribute}={}", names.device(&trigger["device"]), plain(value))
        }
        None => text(trigger, "kind"),
    }
}

/// What it commanded, and how much else it did.
fn actions(run: &Value, names: &Names) -> String {
    let actions = run["actions"].as_array().map(Vec::as_slice).unwrap_or_default();
    let commanded = actions.iter().filter(|action| action["set"].is_object()).map(|action| {
        let set = action["set"].as_object().into_iter().flatten();
        let set: Vec<String> = set.map(|(name, value)| format!("{name}={}", plain(value))).collect();
        format!("{} {}", names.device(&action["device"]), set.join(" "))
    });
    let commanded: Vec<String> = commanded.collect();
    let did = if commanded.is_empty() { counted(actions.len(), "step") } else { commanded.join(", ") };
    match run["detail"].as_str() {
        Some(detail) => format!("{did} ({detail})"),
        None => did,
    }
}

fn tell(answer: &Value, terminal: &mut Terminal<'_>) -> Result<(), Failure> {
    if terminal.output.is_json() {
        return terminal.output.json(answer);
    }
    answer["text"].as_array().into_iter().flatten().try_for_each(|line| terminal.output.line(plain(line)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_are_told_in_short() {
        let run = json!({
            "trigger": {"kind": "event", "device": "d:1", "attribute": "action", "value": "single"},
            "actions": [{"path": "actions[0]", "device": "d:2", "set": {"on": true}}, {"path": "actions[1]", "delay": "5m"}],
        });
        let names = Names::listed(&[("d:1", "Remote")], &[], &[]);
        let told = |run: &Value| [trigger(run, &names), actions(run, &names)];
        assert_eq!(told(&run), ["Remote action=single", "d:2 on=true"]);
        let run = json!({"trigger": {"kind": "time"}, "actions": [{"path": "actions[0]", "scene": "x"}]});
        assert_eq!(told(&run), ["time", "1 step"]);
    }
}
