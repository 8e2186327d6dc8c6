//! `hearth events`

use serde_json::{Value, json};

use super::Terminal;
use super::failure::Failure;
use super::find::{self, find};
use super::output::{plain, text, time};

pub(crate) async fn show(
    follow: bool,
    lines: u64,
    devices: &[String],
    terminal: &mut Terminal<'_>,
) -> Result<(), Failure> {
    let mut ids = Vec::new();
    if !devices.is_empty() {
        let known = terminal.client.items("/devices").await?;
        for wanted in devices {
            ids.push(find::id(find(&known, "device", wanted)?));
        }
    }
    let mut stream = terminal.client.stream().await?;
    let subscribe = |id: u64, since: Value| {
        let mut message = json!({ "type": "subscribe", "id": id });
        if !since.is_null() {
            message["since"] = since;
        }
        if !ids.is_empty() {
            message["devices"] = json!(ids);
        }
        message
    };
    // The first subscription says where the hub is; the second starts a little before that.
    stream.send(&subscribe(1, Value::Null)).await?;
    let mut end = 0;
    while let Some(message) = stream.next().await? {
        let seq = message["seq"].as_u64().unwrap_or(0);
        match (message["type"].as_str(), message["id"].as_u64()) {
            (Some("snapshot"), Some(1)) => {
                let cursor = &message["cursor"];
                end = cursor["seq"].as_u64().unwrap_or(0);
                if lines > 0 && end > 0 {
                    let since = json!({ "epoch": cursor["epoch"], "seq": end.saturating_sub(lines) });
                    stream.send(&subscribe(2, since)).await?;
                } else if !follow {
                    return Ok(());
                }
            }
            // What is older than the hub remembers ends in a second snapshot.
            (Some("snapshot"), Some(2)) if !follow => return Ok(()),
            (Some("event" | "progress"), Some(2)) if seq <= end => {
                print(&message, terminal)?;
                if seq == end && !follow {
                    return Ok(());
                }
            }
            (Some("event"), Some(1)) if follow => print(&message, terminal)?,
            _ => {}
        }
    }
    Err(Failure::Failed("the hub has ended the stream".to_owned()))
}

fn print(message: &Value, terminal: &mut Terminal<'_>) -> Result<(), Failure> {
    if message["type"] != "event" {
        return Ok(());
    }
    if terminal.output.is_json() {
        return terminal.output.line(json!({ "seq": message["seq"], "event": message["event"] }));
    }
    terminal.output.line(sentence(&message["event"]))
}

/// One line: when, what, and why.
fn sentence(event: &Value) -> String {
    let field = |name: &str| text(event, name);
    let kind = field("kind");
    let joined = |names: &[&str]| {
        let words: Vec<String> = names.iter().map(|name| field(name)).filter(|word| !word.is_empty()).collect();
        words.join(" ")
    };
    let what = match kind.as_str() {
        "state_changed" => {
            format!("{} {}: {} → {}", field("device"), field("attribute"), known(&event["from"]), known(&event["to"]))
        }
        "device_event" => format!("{} {}: {}", field("device"), field("attribute"), known(&event["value"])),
        "availability_changed" => format!("{} is {}", field("device"), field("to")),
        "device_added" | "device_updated" | "device_removed" => joined(&["device", "name", "manufacturer", "model"]),
        "command" => {
            let wish = |outcome: &Value| format!("{}={}", text(outcome, "attribute"), plain(&outcome["value"]));
            let wishes: Vec<String> = event["outcomes"].as_array().into_iter().flatten().map(wish).collect();
            [field("device"), wishes.join(" "), joined(&["status", "reason"])].join(" ")
        }
        "automation_run" => joined(&["automation", "phase", "detail"]),
        "driver_status" => joined(&["driver", "state", "detail"]),
        "pairing" => joined(&["driver", "stage", "device", "next_step"]),
        "mode_changed" => format!("{} → {}", field("from"), field("to")),
        "presence_changed" => format!("{}: {} → {}", field("person"), known(&event["from"]), field("to")),
        "webhook" => String::new(),
        "notification" => joined(&["severity", "title", "message"]),
        "alert" if event["resolved"] == true => format!("over: {}", field("text")),
        "alert" => joined(&["severity", "text"]),
        _ => event.to_string(),
    };
    let cause = &event["cause"];
    let why = match cause["kind"].as_str() {
        Some("rule") => format!("  [rule {}]", text(cause, "automation")),
        Some("person") => "  [person]".to_owned(),
        Some("command") => "  [command]".to_owned(),
        _ => String::new(),
    };
    format!("{}  {kind:<20}  {}{why}", time(&event["at"]), what)
}

fn known(value: &Value) -> String {
    if value.is_null() { "unknown".to_owned() } else { plain(value) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;

    #[test]
    fn events_are_one_line_each() {
        let events = [
            json!({"kind": "state_changed", "device": "demo:1", "endpoint": 1, "attribute": "on", "from": null, "to": true,
                "at": "2026-11-21T18:00:05.120Z", "cause": {"kind": "rule", "automation": "hall"}}),
            json!({"kind": "device_event", "device": "demo:2", "attribute": "action", "value": "single",
                "at": "2026-11-21T18:00:06.120Z", "cause": {"kind": "report"}}),
            json!({"kind": "availability_changed", "device": "demo:2", "from": "online", "to": "offline",
                "at": "2026-11-21T18:00:07.120Z"}),
            json!({"kind": "driver_status", "driver": "zigbee", "state": "offline", "detail": "no broker",
                "at": "2026-11-21T18:00:08.120Z"}),
            json!({"kind": "pairing", "driver": "demo", "stage": "joined", "device": "demo:9", "next_step": "Wait.",
                "at": "2026-11-21T18:00:09Z"}),
            json!({"kind": "device_updated", "device": "demo:9", "name": "Lamp", "area": null, "manufacturer": null,
                "model": "Glow", "at": "2026-11-21T18:00:10Z"}),
            json!({"kind": "command", "id": "c1", "device": "demo:9", "status": "confirmed", "reason": null,
                "outcomes": [{"endpoint": 1, "attribute": "on", "value": true, "status": "confirmed"}],
                "at": "2026-11-21T18:00:11Z", "cause": {"kind": "person", "user": "anna", "via": "api"}}),
            json!({"kind": "alert", "code": "storage_full", "severity": "error", "text": "The disk is full.", "resolved": true,
                "at": "2026-11-21T18:00:12Z"}),
        ];
        let lines: Vec<String> = events.iter().map(sentence).collect();
        expect![[r#"
            2026-11-21 18:00:05Z  state_changed         demo:1 on: unknown → true  [rule hall]
            2026-11-21 18:00:06Z  device_event          demo:2 action: single
            2026-11-21 18:00:07Z  availability_changed  demo:2 is offline
            2026-11-21 18:00:08Z  driver_status         zigbee offline no broker
            2026-11-21 18:00:09Z  pairing               demo joined demo:9 Wait.
            2026-11-21 18:00:10Z  device_updated        demo:9 Lamp Glow
            2026-11-21 18:00:11Z  command               demo:9 on=true confirmed  [person]
            2026-11-21 18:00:12Z  alert                 over: The disk is full."#]]
        .assert_eq(&lines.join("\n"));
    }
}
