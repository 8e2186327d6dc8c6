//! `hearth events`

use std::collections::VecDeque;

use serde_json::{Value, json};

use super::Terminal;
use super::failure::Failure;
use super::find::{self, find};
use super::home_time::HomeTime;
use super::names::Names;
use super::output::{plain, text};

/// How many events the hub remembers at most.
const REMEMBERED: u64 = 4_096;

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
    let (home_time, names) = (terminal.home_time().await, terminal.names().await);
    let told = Told { home_time, names };
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
    // The first subscription says where the hub is; the second starts a little before that. What other devices did is
    // passed over, so where only some are wanted it starts as far back as the hub remembers.
    stream.send(&subscribe(1, Value::Null)).await?;
    let mut cursor = Value::Null;
    let mut back = if ids.is_empty() { lines } else { lines.max(REMEMBERED) };
    let (mut latest, mut is_told) = (VecDeque::new(), false);
    while let Some(message) = stream.next().await? {
        let seq = message["seq"].as_u64().unwrap_or(0);
        let end = cursor["seq"].as_u64().unwrap_or(0);
        let before = |back: u64| json!({ "epoch": cursor["epoch"], "seq": end.saturating_sub(back) });
        match (message["type"].as_str(), message["id"].as_u64()) {
            (Some("snapshot"), Some(1)) => {
                cursor = message["cursor"].clone();
                let end = cursor["seq"].as_u64().unwrap_or(0);
                if lines > 0 && end > 0 {
                    let since = json!({ "epoch": cursor["epoch"], "seq": end.saturating_sub(back) });
                    stream.send(&subscribe(2, since)).await?;
                } else if !follow {
                    return Ok(());
                }
            }
            // The hub remembers less.
            (Some("snapshot"), Some(2)) if back > lines && !ids.is_empty() => {
                back = (back / 2).max(lines);
                stream.send(&subscribe(2, before(back))).await?;
            }
            // What is older than the hub remembers ends in a second snapshot.
            (Some("snapshot"), Some(2)) if !follow => return Ok(()),
            // How far the hub is may already lie behind what was its end.
            (Some("event" | "progress"), Some(2)) if !is_told => {
                if message["type"] == "event" && seq <= end {
                    latest.push_back(message);
                }
                if latest.len() as u64 > lines {
                    latest.pop_front();
                }
                if seq >= end {
                    is_told = true;
                    latest.drain(..).try_for_each(|message| told.print(&message, terminal))?;
                    if !follow {
                        return Ok(());
                    }
                }
            }
            (Some("event"), Some(1)) if follow => told.print(&message, terminal)?,
            _ => {}
        }
    }
    Err(Failure::Failed("the hub has ended the stream".to_owned()))
}

/// How events are told.
struct Told {
    home_time: HomeTime,
    names: Names,
}

impl Told {
    fn print(&self, message: &Value, terminal: &mut Terminal<'_>) -> Result<(), Failure> {
        if message["type"] != "event" {
            return Ok(());
        }
        if terminal.output.is_json() {
            return terminal.output.line(json!({ "seq": message["seq"], "event": message["event"] }));
        }
        terminal.output.line(self.sentence(&message["event"]))
    }

    /// A field of an event: things by their names, points in time by the home's clocks.
    fn field(&self, event: &Value, field: &str) -> String {
        match field {
            "device" => self.names.device(&event[field]),
            "person" => self.names.person(&event[field]),
            "automation" => self.names.rule(&event[field]),
            "detail" | "text" | "message" => self.home_time.within(&event[field]),
            _ => text(event, field),
        }
    }

    /// One line: when, what, and why.
    fn sentence(&self, event: &Value) -> String {
        let field = |name: &str| self.field(event, name);
        let kind = field("kind");
        let joined = |names: &[&str]| {
            let words: Vec<String> = names.iter().map(|name| field(name)).filter(|word| !word.is_empty()).collect();
            words.join(" ")
        };
        let what = match kind.as_str() {
            "state_changed" => {
                let (from, to) = (known(&event["from"]), known(&event["to"]));
                format!("{} {}: {from} → {to}", field("device"), field("attribute"))
            }
            "device_event" => format!("{} {}: {}", field("device"), field("attribute"), known(&event["value"])),
            "availability_changed" => format!("{} is {}", field("device"), field("to")),
            "device_added" | "device_updated" | "device_removed" => {
                [text(event, "device"), joined(&["name", "manufacturer", "model"])].join(" ")
            }
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
            Some("rule") => format!("  [rule {}]", self.names.rule(&cause["automation"])),
            Some("person") => "  [person]".to_owned(),
            Some("command") => "  [command]".to_owned(),
            _ => String::new(),
        };
        format!("{}  {kind:<20}  {what}{why}", self.home_time.show(&event["at"])).trim_end().to_owned()
    }
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
            json!({"kind": "presence_changed", "person": "user-1", "from": null, "to": "home", "at": "2026-11-21T18:00:12Z"}),
            json!({"kind": "alert", "code": "storage_full", "severity": "error", "text": "The disk is full.", "resolved": true,
                "at": "2026-11-21T18:00:12Z"}),
        ];
        let names = Names::listed(&[("demo:1", "Lamp")], &[("user-1", "Anna")], &[("hall", "Hall light")]);
        let told = Told { home_time: HomeTime::default(), names };
        let lines: Vec<String> = events.iter().map(|event| told.sentence(event)).collect();
        expect![[r#"
            2026-11-21 18:00:05Z  state_changed         Lamp on: unknown → true  [rule Hall light]
            2026-11-21 18:00:06Z  device_event          demo:2 action: single
            2026-11-21 18:00:07Z  availability_changed  demo:2 is offline
            2026-11-21 18:00:08Z  driver_status         zigbee offline no broker
            2026-11-21 18:00:09Z  pairing               demo joined demo:9 Wait.
            2026-11-21 18:00:10Z  device_updated        demo:9 Lamp Glow
            2026-11-21 18:00:11Z  command               demo:9 on=true confirmed  [person]
            2026-11-21 18:00:12Z  presence_changed      Anna: unknown → home
            2026-11-21 18:00:12Z  alert                 over: The disk is full."#]]
        .assert_eq(&lines.join("\n"));
    }
}
