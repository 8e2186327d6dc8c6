//! Promised records.

use std::sync::mpsc::sync_channel;
use std::time::Duration;

use hub_model::Timestamp;
use hub_model::device::DeviceRecord;
use hub_model::event::Severity;
use hub_model::household::{
    Account, KeptFailures, KeptPresence, KnownSource, LoginAttempts, Preferences, Presence, Role, Secret, Session,
    Token, TokenUse,
};
use hub_model::message::{Channel, ChannelKind, MessagePreferences, PendingMessage, QuietHours, Tell};
use hub_model::notification::{AlertNote, Notification, Recipient, RequestNote, RequestState};
use hub_model::presence::{PersonSettings, StandIn};
use hub_model::record::{Change, Record, RecordKey, SceneRecord};
use hub_model::scene::{Scene, SceneState};
use serde_json::json;

use crate::support::{Bench, Log, START, area, areas, home, rule, secret};

fn command(number: i64) -> Record {
    let command = json!({
        "id": format!("c{number}"),
        "device": "virtual:1",
        "cause": {"kind": "person", "account": "anna", "via": "api"},
        "ttl_ms": 10_000,
        "outcomes": [{"endpoint": 1, "attribute": "on", "value": true, "status": "accepted"}],
        "status": "accepted",
        "accepted_at": START.plus(Duration::from_secs(number as u64)),
    });
    Record::Command(serde_json::from_value(command).unwrap())
}

#[test]
fn every_kind_of_record_comes_back() {
    let bench = Bench::new();
    let device = json!({"device": {"id": "virtual:1", "endpoints": []}, "name": "Lamp", "named_by_person": true, "area": "hall"});
    let device: DeviceRecord = serde_json::from_value(device).unwrap();
    let account = Account::new("anna".into(), "Anna", Role::Owner, START);
    let token = Token {
        id: "t1".into(),
        account: "anna".into(),
        token_use: TokenUse::Api,
        session: "".into(),
        name: "shell".into(),
        scope: None,
        created_at: START,
        expires_at: None,
    };
    let states = vec![SceneState {
        device: "virtual:1".into(),
        endpoint: Some(1),
        set: vec![("on".into(), true.into()), ("brightness".into(), 40.5.into())],
    }];
    let scene = SceneRecord {
        scene: Scene { id: "film".into(), name: "Film".into(), transition_ms: Some(500), states },
        revision: 3,
        author: "anna".into(),
        changed_at: START,
    };
    let presence = KeptPresence {
        person: "anna".into(),
        presence: Presence { place: "home".into(), since: START },
        evidence: Vec::new(),
    };
    let told = Notification {
        id: "1800000000000".into(),
        at: START,
        title: None,
        message: "The washing machine is done.".into(),
        severity: Severity::Info,
        rule: Some("washing".into()),
        to: vec![Recipient { account: "anna".into(), read_at: None, acknowledged_at: Some(START) }],
        alert: Some(AlertNote { code: "smoke:a".into(), over: true }),
        request: Some(RequestNote {
            id: 3,
            person: "mia".into(),
            person_name: "Mia".into(),
            device: Some("zigbee:0x1".into()),
            endpoint: Some(2),
            attribute: Some("on".into()),
            value: Some(true.into()),
            state: RequestState::AllowedForAnHour,
            by: Some("anna".into()),
            by_name: Some("Anna".into()),
        }),
    };
    let channel = Channel {
        id: "1800000000000-0a0b".into(),
        account: "anna".into(),
        name: "Phone".into(),
        kind: ChannelKind::WebPush {
            endpoint: Secret::new("https://push.example/1"),
            p256dh: "BCVx".into(),
            auth: Secret::new("BTBZ"),
        },
        least: Severity::Warning,
        created_at: START,
    };
    let quiet = QuietHours { from: "22:00".parse().unwrap(), to: "07:00".parse().unwrap() };
    let wanted = MessagePreferences { quiet: Some(quiet), ..MessagePreferences::of("anna".into()) };
    let pending = PendingMessage {
        id: "1800000000000".into(),
        key: "rule:x".into(),
        severity: Severity::Error,
        title: None,
        text: "Smoke".into(),
        alert: None,
        request: None,
        rule: Some("x".into()),
        since: START,
        count: 1,
        again: vec!["1799".into()],
        tells: vec![Tell {
            account: "anna".into(),
            begun: true,
            waited: false,
            next_step_at: Some(START),
            deliveries: Vec::new(),
        }],
        next_person_at: Some(START),
    };
    let session = Session {
        id: "s1".into(),
        account: "anna".into(),
        created_at: START,
        last_used_at: START,
        user_agent: Some("Firefox".into()),
        address: None,
    };
    let attempts = LoginAttempts {
        failures: vec![KeptFailures {
            account: Some("anna".into()),
            source: Some("192.0.2.1".into()),
            count: 7,
            pin: false,
        }],
        known: vec![KnownSource { account: "anna".into(), source: "192.168.1.20".into(), at: START }],
    };
    let stand_in = StandIn {
        device: "router:phone".into(),
        endpoint: 1,
        attribute: "presence".into(),
        away_after_minutes: Some(30),
    };
    let person = PersonSettings { person: "anna".into(), counts: false, devices: vec![stand_in] };
    let preferences = Preferences { account: "anna".into(), document: "{\"theme\":\"dark\"}".into() };
    let (permissions, usage): (std::sync::Arc<str>, std::sync::Arc<str>) = ("{\"rules\":[]}".into(), "{}".into());
    let records = [
        Record::Permissions(permissions.clone()),
        Record::Usage(usage.clone()),
        Record::Session(session.clone()),
        Record::LoginAttempts(attempts.clone()),
        home("Casa"),
        area("hall", "Hall"),
        Record::Device(device.clone()),
        rule("hall-light"),
        Record::Scene(scene.clone()),
        Record::Account(account.clone()),
        Record::Presence(presence.clone()),
        Record::Notification(told.clone()),
        Record::Token(token.clone()),
        Record::Person(person.clone()),
        Record::Preferences(preferences.clone()),
        Record::Channel(channel.clone()),
        Record::MessagePreferences(wanted.clone()),
        Record::PendingMessage(pending.clone()),
        command(1),
        secret("account/anna/password", "hash"),
    ];
    bench.commit(records.into_iter().map(Change::Put).collect()).unwrap();
    let kept = bench.restart().kept;
    assert_eq!(kept.home.map(|home| home.name), Some("Casa".into()));
    assert_eq!(kept.areas.len(), 1);
    assert_eq!(kept.devices, [device]);
    assert_eq!(kept.automations.len(), 1);
    assert_eq!(kept.scenes, [scene]);
    assert_eq!(kept.accounts, [account]);
    assert_eq!(kept.presences, [presence]);
    assert_eq!(kept.notifications, [told]);
    assert_eq!((kept.people, kept.preferences), (vec![person], vec![preferences]));
    assert_eq!(kept.tokens, [token]);
    assert_eq!(kept.sessions, [session]);
    assert_eq!(kept.login_attempts, attempts);
    assert_eq!(kept.channels, [channel]);
    assert_eq!(kept.message_preferences, [wanted]);
    assert_eq!((kept.permissions, kept.usage), (Some(permissions), Some(usage)));
    assert_eq!(kept.pending_messages, [pending]);
    assert_eq!(kept.commands.into_iter().map(Record::Command).collect::<Vec<_>>(), [command(1)]);
    assert_eq!(
        kept.secrets.iter().map(|(name, value)| (&**name, value.reveal())).collect::<Vec<_>>(),
        [("account/anna/password", "hash")]
    );
    assert!(kept.findings.is_empty(), "{:?}", kept.findings);
}

#[test]
fn what_was_acknowledged_is_in_the_files() {
    let bench = Bench::new();
    for number in 0..20 {
        bench.put(area(&format!("a{number:02}"), "Room"));
        if number % 4 == 0 {
            let image = bench.cut();
            assert_eq!(Bench::of(image.path()).kept.areas.len(), number + 1);
        }
    }
    bench.commit(vec![Change::Remove(RecordKey::Area("a03".into()))]).unwrap();
    let image = bench.cut();
    assert!(!areas(&Bench::of(image.path()).kept).contains(&"a03=Room".to_owned()));
}

#[test]
fn commits_are_answered_in_order_and_together() {
    let bench = Bench::new();
    let log: Log<usize> = Log::default();
    let (sender, receiver) = sync_channel(200);
    for number in 0..200 {
        let (log, sender) = (log.clone(), sender.clone());
        let done = move |result: Result<(), _>| {
            assert_eq!(result, Ok(()));
            log.lock().unwrap().push(number);
            sender.send(()).unwrap();
        };
        bench.handle.commit(vec![Change::Put(area(&format!("a{number}"), "Room"))], Box::new(done));
    }
    for _ in 0..200 {
        receiver.recv_timeout(Duration::from_secs(20)).unwrap();
    }
    assert_eq!(*log.lock().unwrap(), (0..200).collect::<Vec<_>>());
    let image = bench.cut();
    assert_eq!(Bench::of(image.path()).kept.areas.len(), 200);
}

#[test]
fn the_newest_thousand_commands_are_kept_for_a_week() {
    let bench = Bench::new();
    for part in 0..12 {
        let commands = (part * 100..part * 100 + 100).map(|number| Change::Put(command(number)));
        bench.commit(commands.collect()).unwrap();
    }
    bench.put(command(1_200));
    // The same one again, further in its life.
    bench.put(command(1_200));
    let bench = bench.restart();
    let ids: Vec<_> = bench.kept.commands.iter().map(|command| command.id.as_str().to_owned()).collect();
    assert!((1_000..=1_100).contains(&ids.len()), "{}", ids.len());
    assert_eq!(ids.last().map(String::as_str), Some("c1200"));
    bench.put(command(8 * 24 * 3_600));
    bench.put(command(8 * 24 * 3_600 + 1));
    assert_eq!(bench.restart().kept.commands.len(), 2);
}

#[test]
fn a_stopped_store_refuses_in_words() {
    let bench = Bench::new();
    let handle = bench.handle.clone();
    bench.store.close();
    let (sender, receiver) = sync_channel(1);
    handle.commit(vec![Change::Put(home("Casa"))], Box::new(move |result| sender.send(result).unwrap()));
    assert_eq!(receiver.recv_timeout(Duration::from_secs(5)).unwrap(), Err(hub_model::record::KeepError::Busy));
    handle.flush();
}

#[test]
fn only_the_owner_may_read_the_files() {
    use std::os::unix::fs::PermissionsExt;
    let bench = Bench::new();
    bench.put(home("Casa"));
    bench.advance(120);
    bench.handle.flush();
    let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&bench.folder), 0o700);
    let mut names = Vec::new();
    for entry in std::fs::read_dir(&bench.folder).unwrap() {
        let entry = entry.unwrap();
        assert_eq!(mode(&entry.path()), 0o600, "{:?}", entry.file_name());
        names.push(entry.file_name().into_string().unwrap());
    }
    assert!(names.contains(&"core.db.snapshot".to_owned()), "{names:?}");
}

#[test]
fn a_home_without_anything_is_empty() {
    let kept = Bench::new().kept;
    assert!(kept.epoch > 0 && kept.home.is_none() && kept.stopped_at.is_none() && kept.findings.is_empty());
    assert_eq!(kept.last_known_time, Timestamp(0));
}
