//! `hearth events`

use serde_json::{Value, json};

use super::Terminal;
use super::failure::Failure;
use super::find::{self, find};
use super::output::{plain, text, time};

/// How often older events are asked for anew when they were forgotten just then.
const TRIES: u64 = 3;

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
    let mut view = View { follow, lines, devices: ids, subscription: FIRST, end: None };
    stream.send(&view.subscribe(Value::Null)).await?;
    while let Some(message) = stream.next().await? {
        let Heard { say, is_shown, is_over } = view.hear(&message);
        if is_shown {
            print(&message, terminal)?;
        }
        if is_over {
            return Ok(());
        }
        for message in say {
            stream.send(&message).await?;
        }
    }
    Err(Failure::Failed("the hub has ended the stream".to_owned()))
}

/// The subscription that says where the hub is; a later one starts a little before that.
const FIRST: u64 = 1;

/// What is wanted of the stream, and how far it is.
struct View {
    follow: bool,
    lines: u64,
    devices: Vec<String>,
    /// The one that is listened to; those before it have ended.
    subscription: u64,
    /// The last event there was when it began.
    end: Option<u64>,
}

/// What a message leads to.
#[derive(Debug, Default, PartialEq)]
struct Heard {
    say: Vec<Value>,
    is_shown: bool,
    is_over: bool,
}

impl View {
    fn subscribe(&self, since: Value) -> Value {
        let mut message = json!({ "type": "subscribe", "id": self.subscription });
        if !since.is_null() {
            message["since"] = since;
        }
        if !self.devices.is_empty() {
            message["devices"] = json!(self.devices);
        }
        message
    }

    fn hear(&mut self, message: &Value) -> Heard {
        if message["id"].as_u64() != Some(self.subscription) {
            return Heard::default();
        }
        match message["type"].as_str() {
            Some("snapshot") => self.found(message),
            Some(kind @ ("event" | "progress")) => {
                // Before the first picture nothing comes.
                let (seq, end) = (message["seq"].as_u64().unwrap_or(0), self.end.unwrap_or(0));
                let is_shown = kind == "event" && (self.follow || seq <= end);
                Heard { is_shown, is_over: !self.follow && seq >= end, ..Heard::default() }
            }
            _ => Heard::default(),
        }
    }

    /// A picture: the first one, one in place of events that the hub does not have, or of a stream that was too slow.
    fn found(&mut self, snapshot: &Value) -> Heard {
        let is_first = self.end.is_none();
        let (cursor, oldest) = (&snapshot["cursor"], snapshot["oldest_seq"].as_u64());
        let end = cursor["seq"].as_u64().unwrap_or(0);
        let was_forgotten = !is_first && !self.follow && self.subscription < FIRST + TRIES;
        if !is_first && !was_forgotten {
            return Heard { is_over: !self.follow, ..Heard::default() };
        }
        self.end = Some(end);
        // The hub may have fewer, e.g. after a restart.
        let start = end.saturating_sub(self.lines).max(oldest.unwrap_or(0));
        if start >= end {
            return Heard { is_over: !self.follow, ..Heard::default() };
        }
        let before = self.subscription;
        self.subscription += 1;
        let since = json!({ "epoch": cursor["epoch"], "seq": start });
        let say = vec![json!({ "type": "unsubscribe", "id": before }), self.subscribe(since)];
        Heard { say, ..Heard::default() }
    }
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

    /// A view that has got its first picture.
    fn begun(follow: bool, lines: u64, seq: u64, oldest_seq: u64) -> (View, Heard) {
        let mut view = View { follow, lines, devices: Vec::new(), subscription: FIRST, end: None };
        let heard = view.hear(&picture(1, seq, oldest_seq));
        (view, heard)
    }

    fn picture(id: u64, seq: u64, oldest_seq: u64) -> Value {
        json!({"type": "snapshot", "id": id, "cursor": {"epoch": "7", "seq": seq}, "oldest_seq": oldest_seq})
    }

    fn since(before: u64, id: u64, seq: u64) -> Vec<Value> {
        let since = json!({"epoch": "7", "seq": seq});
        vec![json!({"type": "unsubscribe", "id": before}), json!({"type": "subscribe", "id": id, "since": since})]
    }

    fn event(id: u64, seq: u64) -> Value {
        json!({"type": "event", "id": id, "seq": seq})
    }

    #[test]
    fn no_more_is_asked_for_than_the_hub_has() {
        assert_eq!(begun(false, 20, 812, 0).1.say, since(1, 2, 792));
        assert_eq!(begun(false, 20, 812, 800).1.say, since(1, 2, 800));
        assert_eq!(begun(true, 5_000, 812, 800).1.say, since(1, 2, 800));
        // Just after a restart there is nothing yet.
        assert_eq!(begun(false, 20, 812, 812).1, Heard { is_over: true, ..Heard::default() });
        assert_eq!(begun(true, 20, 812, 812).1, Heard::default());
        assert_eq!(begun(false, 0, 812, 0).1, Heard { is_over: true, ..Heard::default() });
    }

    #[test]
    fn it_ends_with_the_newest_or_goes_on_without_repeating_itself() {
        let (shown, over) = (Heard { is_shown: true, ..Heard::default() }, true);
        let (mut view, _) = begun(false, 2, 812, 0);
        assert_eq!(view.hear(&event(2, 811)), shown);
        assert_eq!(view.hear(&event(2, 812)), Heard { is_shown: true, is_over: over, ..Heard::default() });
        // The end was left out by the hub: it concerns other devices.
        let progress = json!({"type": "progress", "id": 2, "seq": 813});
        assert_eq!(begun(false, 2, 812, 0).0.hear(&progress), Heard { is_over: over, ..Heard::default() });
        // Forgotten just then: asked for anew, but not for ever.
        assert_eq!(view.hear(&picture(2, 900, 899)).say, since(2, 3, 899));
        assert_eq!(view.hear(&picture(3, 900, 899)).say, since(3, 4, 899));
        assert_eq!(view.hear(&picture(4, 900, 899)), Heard { is_over: over, ..Heard::default() });

        let (mut view, _) = begun(true, 2, 812, 0);
        for seq in 811..815 {
            assert_eq!(view.hear(&event(2, seq)), shown);
            assert_eq!(view.hear(&event(1, seq)), Heard::default(), "the first subscription has ended");
        }
        // It was too slow: a new picture comes, and events go on behind it.
        assert_eq!(view.hear(&json!({"type": "resync", "id": 2, "reason": "too_slow"})), Heard::default());
        assert_eq!(view.hear(&picture(2, 2_000, 0)), Heard::default());
        assert_eq!(view.hear(&event(2, 2_001)), shown);
    }

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
