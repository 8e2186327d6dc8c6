//! Chains and runs over a made-up history.

mod masked;

use std::sync::Arc;
use std::time::Duration;

use hub_automation::RuleStatus;
use hub_automation::rule::AttributeKey;
use hub_model::device::DeviceRecord;
use hub_model::history::{HistoryEntry, HistoryRecord, StateRecord};
use hub_model::household::{Person, Presence};
use hub_model::record::AutomationRecord;
use hub_model::{AttributeState, Availability, Cause, Command, DeviceId, Source, Timestamp, Value};

use super::{Link, Origin, RunsQuery, Sources, runs, why, why_not};
use crate::ports::Journal;
use crate::snapshot::{AutomationView, DeviceView, Snapshot};
use crate::testing::{MemoryArchive, MemoryJournal, lamp};

const START: Timestamp = Timestamp(1_795_197_600_000);

fn at(seconds: u64) -> Timestamp {
    START.plus(Duration::from_secs(seconds))
}

#[derive(Default)]
struct Past {
    journal: MemoryJournal,
    devices: Vec<Arc<DeviceView>>,
    commands: Vec<Arc<Command>>,
}

impl Past {
    fn with(lamps: &[(&str, &[&str])]) -> Self {
        let view = |(address, predecessors): &(&str, &[&str])| {
            let mut record = DeviceRecord::new(lamp(&"test".into(), address));
            record.predecessors = predecessors.iter().map(|id| DeviceId::from(*id)).collect();
            let states = record.device.attributes().map(|_| AttributeState::default()).collect();
            let types = hub_access::types_of(&record);
            Arc::new(DeviceView { record: Arc::new(record), types, availability: Availability::Online, states })
        };
        Self { devices: lamps.iter().map(view).collect(), ..Self::default() }
    }

    fn state(&mut self, device: &str, value: bool, seconds: u64, cause: Cause) {
        let (device, value) = (DeviceId::from(device), Value::Bool(value));
        let state =
            StateRecord { device: device.clone(), endpoint: 1, attribute: "on".into(), value: value.clone(), cause };
        self.journal.record(HistoryRecord { at: at(seconds), entry: HistoryEntry::State(state) });
        for view in self.devices.iter_mut().filter(|view| view.record.device.id == device) {
            // `link_quality` of endpoint 0 comes first.
            Arc::make_mut(view).states[1] = AttributeState {
                value: value.clone(),
                changed_at: Some(at(seconds)),
                source: Source::Reported,
                ..AttributeState::default()
            };
        }
    }

    fn trace(&mut self, seconds: u64, rest: &str) {
        let text = format!(r#"{{"at":"{}","automation":"hall","revision":2,{rest}}}"#, at(seconds));
        self.journal.record(HistoryRecord { at: at(seconds), entry: HistoryEntry::Trace(text.into()) });
    }

    fn snapshot(&self) -> Snapshot {
        let mut snapshot = Snapshot::empty(1, 1);
        self.devices.iter().for_each(|device| snapshot.devices.put(Arc::clone(device)));
        snapshot
    }

    fn why(&self, device: &str) -> super::Why {
        let snapshot = self.snapshot();
        let archive = MemoryArchive(self.journal.clone());
        let sources = Sources {
            snapshot: &snapshot,
            archive: &archive,
            commands: &self.commands,
            now: at(1_000),
            person: &|_| Some("Anna".to_owned()),
            eyes: None,
        };
        let key = AttributeKey { device: device.into(), endpoint: 1, attribute: "on".into() };
        why(&sources, &key, None).unwrap()
    }
}

fn rule(run: &str) -> Cause {
    Cause::Rule { automation: "hall".into(), run: run.into(), depth: 1, parent: None }
}

#[test]
fn a_chain_that_leads_back_to_itself_ends() {
    let mut past = Past::with(&[("lamp-1", &[])]);
    past.state("test:lamp-1", true, 10, rule("hall-0-0"));
    past.trace(
        10,
        &format!(
            r#""run":"hall-0-0","trigger":{{"kind":"state","path":"triggers[0]","device":"test:lamp-1","endpoint":1,
            "attribute":"on","to":true,"at":"{}"}},"conditions":[],"actions":[],"result":"finished""#,
            at(10)
        ),
    );
    let why = past.why("test:lamp-1");
    assert!(!why.is_complete);
    assert!(why.chain.len() < 40);
    assert_eq!(why.text.last().unwrap(), "It goes further back than is followed.");
}

#[test]
fn what_is_no_longer_in_history_is_said() {
    let mut past = Past::with(&[("lamp-1", &[]), ("lamp-2", &["test:dead"])]);
    past.state("test:lamp-1", true, 10, rule("hall-gone-0"));
    let why = past.why("test:lamp-1");
    assert!(matches!(why.chain.as_slice(), [Link::State(_), Link::Run(_), Link::Origin(Origin::Unknown)]), "{why:#?}");
    let gone = "lamp 1 on is true since 18:00:10 because the rule hall, which is gone now, set it.";
    assert_eq!(why.text, [gone, "What set that off is not in history any more."]);
    // The history of the one whose place it took is its own.
    past.state("test:dead", true, 20, Cause::Person { account: "anna".into(), via: "cli".into() });
    assert_eq!(
        past.why("test:lamp-2").text[0],
        "test:dead on is true since 18:00:20 because Anna set it on the command line."
    );
}

#[test]
fn the_beginning_of_a_long_run_is_found() {
    let mut past = Past::with(&[("lamp-1", &[])]);
    let trigger = r#""trigger":{"kind":"time","path":"triggers[0]"},"conditions":[],"#;
    let command = r#"{"path":"actions[0].repeat.do[0]","device":"test:lamp-1","endpoint":1,"set":{"on":true}}"#;
    for step in 0..200 {
        let trigger = if step == 0 { trigger } else { "" };
        past.trace(step, &format!(r#""run":"hall-0-0",{trigger}"actions":[{command}],"result":"waiting""#));
    }
    past.state("test:lamp-1", true, 30, rule("hall-0-0"));
    let why = past.why("test:lamp-1");
    let [Link::State(_), Link::Run(run), Link::Origin(Origin::Trigger(_))] = why.chain.as_slice() else {
        panic!("{why:#?}")
    };
    assert_eq!((run.started_at, run.revision), (Some(at(0)), Some(2)));
    assert_eq!(run.action.as_ref().map(|action| &*action.path), Some("actions[0].repeat.do[0]"));
}

fn view_of(document: &str) -> AutomationView {
    let record = AutomationRecord {
        id: "hall".into(),
        document: document.into(),
        revision: 1,
        author: "anna".into(),
        changed_at: START,
    };
    let status = RuleStatus {
        id: "hall".into(),
        name: "Hall".into(),
        enabled: "true".into(),
        last_fired_at: None,
        active_runs: 0,
        findings: Vec::new(),
    };
    AutomationView { record, status }
}

#[test]
fn how_a_rule_stood_is_told_with_what_was_known_then() {
    let mut past = Past::with(&[("lamp-1", &[])]);
    past.state("test:lamp-1", true, 100, Cause::Report);
    past.state("test:lamp-1", false, 300, Cause::Report);
    let presence = |presence: &str| HistoryEntry::Presence {
        person: "anna".into(),
        presence: presence.into(),
        cause: Cause::Report,
    };
    past.journal.record(HistoryRecord { at: at(50), entry: presence("home") });
    past.journal.record(HistoryRecord { at: at(400), entry: presence("away") });
    let document = r#"{"id":"hall","name":"Hall","triggers":[{"time":"07:30"}],"actions":[{"delay":"1s"}],
        "variables":{"level":1},"conditions":[
        {"presence":{"person":"anna","is":"home"}},
        {"if":"state('test:lamp-1', 'on')"},
        {"if":"trigger.to == true"},
        {"or":[{"if":"vars.level > 0"},{"if":"state('test:lamp-1', 'on')"}]},
        {"and":[{"if":"vars.level > 0"},{"if":"state('test:lamp-1', 'on')"}]}]}"#;
    let told = |seconds| {
        let mut snapshot = Snapshot::empty(1, 1);
        past.devices.iter().for_each(|device| snapshot.devices.put(Arc::clone(device)));
        let anna = Presence { place: "away".into(), since: at(400) };
        snapshot.people = Arc::new(vec![Person { presence: Some(anna), ..Person::new("anna".into(), "Anna") }]);
        let archive = MemoryArchive(past.journal.clone());
        let sources = Sources {
            snapshot: &snapshot,
            archive: &archive,
            commands: &past.commands,
            now: at(1_000),
            person: &|_| Some("Anna".to_owned()),
            eyes: None,
        };
        let found = why_not(&sources, &view_of(document), Some(at(seconds))).unwrap();
        assert!(found.explanation.findings.is_empty(), "{:?}", found.explanation.findings);
        let conditions = found.explanation.conditions.iter();
        (conditions.map(|it| it.holds.filter(|_| it.error.is_none())).collect::<Vec<_>>(), found.text)
    };
    let (then, text) = told(200);
    assert_eq!(then, [Some(true), Some(true), None, Some(true), None]);
    assert!(text.iter().any(|line| line.contains("conditions[2] (if) is not known here")), "{text:#?}");
    let (later, _) = told(500);
    assert_eq!(later, [Some(false), Some(false), None, None, Some(false)]);
    let (before, _) = told(10);
    assert_eq!(before[..2], [Some(false), Some(false)], "nobody was heard of yet");
}

#[test]
fn who_set_the_mode_or_said_where_somebody_is_is_told() {
    let anna = Cause::Person { account: "anna".into(), via: "cli".into() };
    let mode = |cause: Cause| HistoryEntry::Mode { mode: "night".into(), cause };
    let trigger =
        |kind: &str, seconds: u64| format!(r#""trigger":{{"kind":{kind},"at":"{}"}},"conditions":[]"#, at(seconds));
    let by_mode = trigger(r#""mode","path":"triggers[0]","from":"home","to":"night""#, 10);
    let by_presence = trigger(r#""presence","path":"triggers[0]","person":"anna","to":"away""#, 10);
    let told = |happened: Vec<HistoryEntry>, set_off: &str| {
        let mut past = Past::with(&[("lamp-1", &[])]);
        for entry in happened {
            past.journal.record(HistoryRecord { at: at(10), entry });
        }
        past.trace(
            5,
            r#""run":"hall-5-0","trigger":{"kind":"time","path":"triggers[0]"},"conditions":[],"result":"waiting""#,
        );
        past.trace(10, &format!(r#""run":"hall-10-0",{set_off},"actions":[],"result":"finished""#));
        past.state("test:lamp-1", true, 11, rule("hall-10-0"));
        let why = past.why("test:lamp-1");
        assert!(why.is_complete);
        why.text[1..].join("\n")
    };
    let fired = "The rule fired because the mode was night at 18:00:10.";
    assert_eq!(told(vec![mode(anna.clone())], &by_mode), format!("{fired}\nThat was set by Anna on the command line."));
    let presence = HistoryEntry::Presence { person: "anna".into(), presence: "away".into(), cause: anna };
    assert_eq!(
        told(vec![presence], &by_presence),
        "The rule fired because anna was away at 18:00:10.\nThat was set by Anna on the command line."
    );
    assert_eq!(
        told(vec![mode(rule("hall-5-0"))], &by_mode),
        format!(
            "{fired}\nThat was set by the rule hall, which is gone now.\nThe rule fired because its time had come (triggers[0]) at 18:00:05."
        )
    );
    // What was recorded without its cause, or is not there any more, ends where it did.
    assert_eq!(told(vec![mode(Cause::Report)], &by_mode), fired);
    assert_eq!(told(Vec::new(), &by_mode), fired);
}

#[test]
fn what_a_webhook_did_last_does_not_contradict_that_it_did_nothing_now() {
    let document = r#"{"id":"hall","name":"Hall","triggers":[{"webhook":{"id":"0123456789abcdef0123"}}],
        "actions":[{"delay":"1s"}]}"#;
    let mut past = Past::default();
    let told = |past: &Past, seconds: i64| {
        let archive = MemoryArchive(past.journal.clone());
        let snapshot = Snapshot::empty(1, 1);
        let sources = Sources {
            snapshot: &snapshot,
            archive: &archive,
            commands: &[],
            now: at(1_000),
            person: &|_| None,
            eyes: None,
        };
        why_not(&sources, &view_of(document), Some(Timestamp(START.0 + seconds * 1_000))).unwrap().text
    };
    assert_eq!(told(&past, 1_000)[1], "triggers[0] (webhook): nothing was heard of a call of its webhook.");
    past.trace(
        800,
        r#""run":"hall-0-0","trigger":{"kind":"webhook","path":"triggers[0]"},"conditions":[],"actions":[],"result":"finished""#,
    );
    assert_eq!(
        told(&past, 1_000),
        [
            "It did not fire because no trigger happened: nothing was heard of a call of its webhook in the last minute.",
            "triggers[0] (webhook): it waits for a call of its webhook. Last: At 18:13:20 its webhook was called, and the rule ran (finished).",
            "It last ran at 18:13:20 (revision 2).",
        ]
    );
    assert_eq!(
        told(&past, -10)[1],
        "The rule was made only later, at 18:00:00: its triggers and conditions are told as they are now."
    );
}

#[test]
fn a_command_that_came_to_nothing_is_told_beside_the_state() {
    let mut past = Past::with(&[("lamp-1", &[])]);
    past.state("test:lamp-1", false, 10, Cause::Report);
    let failed = format!(
        r#"{{"id":"c1","device":"test:lamp-1","cause":{{"kind":"person","account":"anna","via":"api"}},"ttl_ms":1,
        "outcomes":[{{"endpoint":1,"attribute":"on","value":true,"status":"failed","reason":"no_report"}}],
        "status":"failed","accepted_at":"{}","ended_at":"{}"}}"#,
        at(60),
        at(65)
    );
    past.commands.push(Arc::new(serde_json::from_str(&failed).unwrap()));
    let why = past.why("test:lamp-1");
    assert_eq!(why.attempt.as_ref().map(|command| command.id.as_str()), Some("c1"));
    assert_eq!(
        why.text,
        [
            "lamp 1 on is false since 18:00:10 because the device itself reported it.",
            "A command at 18:01:00 wanted true (of anna over the API), but it failed: no_report.",
        ]
    );
}

/// A light goes on with its brightness: that is told, and not what the same person wanted of it before.
#[test]
fn a_state_that_goes_with_another_is_told_with_the_command_for_that() {
    let mut past = Past::with(&[("lamp-1", &[])]);
    let command = |id: &str, attribute: &str, value: &str, from: u64| {
        let text = format!(
            r#"{{"id":"{id}","device":"test:lamp-1","cause":{{"kind":"person","account":"anna","via":"api"}},"ttl_ms":1,
            "outcomes":[{{"endpoint":1,"attribute":"{attribute}","value":{value},"status":"confirmed"}}],
            "status":"confirmed","accepted_at":"{}","ended_at":"{}"}}"#,
            at(from),
            at(from + 2)
        );
        Arc::new(serde_json::from_str::<Command>(&text).unwrap())
    };
    past.commands.push(command("off", "on", "false", 10));
    past.commands.push(command("dimmed", "brightness", "40", 60));
    let anna = || Cause::Person { account: "anna".into(), via: "api".into() };
    let told = |past: &Past| match &past.why("test:lamp-1").chain[1] {
        Link::Command(command) => command.id.as_str().to_owned(),
        other => panic!("{other:?}"),
    };
    past.state("test:lamp-1", true, 61, anna());
    assert_eq!(told(&past), "dimmed");
    let life = past.why("test:lamp-1").text[1].clone();
    assert!(life.starts_with("The command for brightness 40 % was accepted at 18:01:00, "), "{life}");

    // Somebody who switches it on and dims it at once has switched it on.
    past.commands.push(command("on", "on", "true", 100));
    past.commands.push(command("dimmed at once", "brightness", "40", 100));
    past.state("test:lamp-1", false, 99, Cause::Report);
    past.state("test:lamp-1", true, 101, anna());
    assert_eq!(told(&past), "on");
}

#[test]
fn a_run_that_goes_on_behind_its_page_is_told_to_its_end() {
    let mut past = Past::default();
    let started = |run: u64| {
        format!(
            r#""run":"hall-{run}-0","trigger":{{"kind":"time","path":"triggers[0]"}},"conditions":[],"actions":[{{"path":"actions[0]","delay":"5m"}}],"result":"waiting""#
        )
    };
    past.trace(0, &started(0));
    past.trace(1, r#""trigger":{"kind":"time"},"result":"busy""#);
    past.trace(10, &started(1));
    past.trace(20, r#""run":"hall-0-0","actions":[{"path":"actions[1]","scene":"x"}],"result":"finished""#);
    past.trace(30, r#""run":"hall-1-0","actions":[],"result":"stopped","detail":"it fired again""#);
    let archive = MemoryArchive(past.journal.clone());
    let mut query = RunsQuery { automation: "hall".into(), before: None, limit: 1 };
    let mut seen = Vec::new();
    for _ in 0..5 {
        let page = runs(&archive, at(1_000), &query).unwrap();
        seen.extend(page.runs);
        match page.next {
            Some(next) => query.before = Some(next),
            None => break,
        }
    }
    let told: Vec<_> =
        seen.iter().map(|run| (run.run.as_str(), &*run.phase, run.ended_at, run.actions.len())).collect();
    assert_eq!(
        told,
        [("hall-1-0", "stopped", Some(at(30)), 1), ("hall-0-0", "finished", Some(at(20)), 2)],
        "{seen:#?}"
    );
}
