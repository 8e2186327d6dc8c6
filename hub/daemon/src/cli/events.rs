//! `hearth events`

use std::collections::VecDeque;

use serde_json::{Value, json};

use super::Terminal;
use super::device::wishes;
use super::failure::Failure;
use super::find::{self, find};
use super::home_time::HomeTime;
use super::names::Names;
use super::output::{plain, text};

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
    let (home_time, names) = (terminal.home_time().await, terminal.names().await);
    let told = Told { home_time, names };
    let mut stream = terminal.client.stream().await?;
    let mut view = View::new(follow, lines, ids);
    stream.send(&view.subscribe(Value::Null)).await?;
    while let Some(message) = stream.next().await? {
        let Heard { say, shown, is_over } = view.hear(message);
        for message in shown {
            told.print(&message, terminal)?;
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
    /// The latest events up to that one, as many as are wanted.
    latest: VecDeque<Value>,
}

/// What a message leads to.
#[derive(Debug, Default, PartialEq)]
struct Heard {
    say: Vec<Value>,
    shown: Vec<Value>,
    is_over: bool,
}

impl View {
    fn new(follow: bool, lines: u64, devices: Vec<String>) -> Self {
        Self { follow, lines, devices, subscription: FIRST, end: None, latest: VecDeque::new() }
    }

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

    fn hear(&mut self, message: Value) -> Heard {
        if message["id"].as_u64() != Some(self.subscription) {
            return Heard::default();
        }
        match message["type"].as_str() {
            Some("snapshot") => self.found(&message),
            Some("event" | "progress") => self.happened(message),
            _ => Heard::default(),
        }
    }

    /// An event, or a word that others were passed over. Events up to the end are shown together once it is there: how
    /// many there are of some devices is not known before.
    fn happened(&mut self, message: Value) -> Heard {
        let (seq, end) = (message["seq"].as_u64().unwrap_or(0), self.end.unwrap_or(0));
        if message["type"] == "event" && (self.follow || seq <= end) {
            self.latest.push_back(message);
            if seq <= end && self.latest.len() as u64 > self.lines {
                self.latest.pop_front();
            }
        }
        let has_ended = seq >= end;
        let shown = if has_ended { self.latest.drain(..).collect() } else { Vec::new() };
        Heard { shown, is_over: !self.follow && has_ended, ..Heard::default() }
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
        let oldest = oldest.unwrap_or(0);
        // What other devices did is passed over.
        let start = if self.devices.is_empty() { end.saturating_sub(self.lines).max(oldest) } else { oldest };
        if start >= end || self.lines == 0 {
            return Heard { is_over: !self.follow, ..Heard::default() };
        }
        let before = self.subscription;
        self.subscription += 1;
        let since = json!({ "epoch": cursor["epoch"], "seq": start });
        let say = vec![json!({ "type": "unsubscribe", "id": before }), self.subscribe(since)];
        Heard { say, ..Heard::default() }
    }
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
            "command" => [field("device"), wishes(event), joined(&["status", "reason"])].join(" "),
            "automation_run" => joined(&["automation", "phase", "detail"]),
            "driver_status" => joined(&["driver", "state", "detail"]),
            "pairing" => joined(&["driver", "stage", "device", "next_step"]),
            "mode_changed" => format!("{} → {}", field("from"), field("to")),
            "presence_changed" => format!("{}: {} → {}", field("person"), known(&event["from"]), field("to")),
            "changed" => joined(&["what", "id"]),
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

    /// A view that has got its first picture.
    fn begun(follow: bool, lines: u64, seq: u64, oldest_seq: u64) -> (View, Heard) {
        let mut view = View::new(follow, lines, Vec::new());
        let heard = view.hear(picture(1, seq, oldest_seq));
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
        let shows = |events: &[Value]| Heard { shown: events.to_vec(), ..Heard::default() };
        let ends = |events: &[Value]| Heard { shown: events.to_vec(), is_over: true, ..Heard::default() };
        let (mut view, _) = begun(false, 2, 812, 0);
        assert_eq!(view.hear(event(2, 811)), shows(&[]));
        assert_eq!(view.hear(event(2, 812)), ends(&[event(2, 811), event(2, 812)]));
        // The end was left out by the hub: it concerns other devices.
        let progress = json!({"type": "progress", "id": 2, "seq": 813});
        assert_eq!(begun(false, 2, 812, 0).0.hear(progress), ends(&[]));
        // Forgotten just then: asked for anew, but not for ever.
        assert_eq!(view.hear(picture(2, 900, 899)).say, since(2, 3, 899));
        assert_eq!(view.hear(picture(3, 900, 899)).say, since(3, 4, 899));
        assert_eq!(view.hear(picture(4, 900, 899)), ends(&[]));

        let (mut view, _) = begun(true, 2, 812, 0);
        assert_eq!(view.hear(event(2, 811)), shows(&[]));
        assert_eq!(view.hear(event(2, 812)), shows(&[event(2, 811), event(2, 812)]));
        for seq in 813..815 {
            assert_eq!(view.hear(event(2, seq)), shows(&[event(2, seq)]));
            assert_eq!(view.hear(event(1, seq)), Heard::default(), "the first subscription has ended");
        }
        // It was too slow: a new picture comes, and events go on behind it.
        assert_eq!(view.hear(json!({"type": "resync", "id": 2, "reason": "too_slow"})), Heard::default());
        assert_eq!(view.hear(picture(2, 2_000, 0)), Heard::default());
        assert_eq!(view.hear(event(2, 2_001)), shows(&[event(2, 2_001)]));
    }

    #[test]
    fn of_some_devices_the_latest_are_shown_however_long_ago() {
        let mut view = View::new(false, 2, vec!["demo:1".to_owned()]);
        let said = view.hear(picture(1, 812, 300)).say;
        assert_eq!(said[1]["since"]["seq"], 300);
        for seq in [301, 410, 500] {
            assert_eq!(view.hear(event(2, seq)), Heard::default());
        }
        let heard = view.hear(json!({"type": "progress", "id": 2, "seq": 812}));
        assert_eq!(heard, Heard { shown: vec![event(2, 410), event(2, 500)], is_over: true, ..Heard::default() });
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
