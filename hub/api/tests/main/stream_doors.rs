//! Every kind of message of the stream, one by one: what comes is what `can` allows.

use std::collections::{BTreeMap, BTreeSet};

use axum::http::Method;
use serde_json::{Value, json};

use crate::permissions::{Dice, Family, Stream, attributes};

/// What must be seen to hear of an event.
#[derive(Clone, Copy, Debug)]
enum Needs {
    /// The attribute that it names.
    Attribute,
    /// Anything of the device that it names.
    Device,
    /// All of the device that is in it.
    WholeDevice,
    /// Every attribute that is commanded.
    Commanded,
    /// This part of the hub.
    Part(&'static str),
    /// Everything.
    Everything,
    /// Where people are, or it is oneself.
    Presence,
    /// That it is for oneself.
    Own,
    /// What is read anew.
    Changed,
}

/// Of every kind of event.
const EVENTS: [(&str, Needs); 16] = [
    ("state_changed", Needs::Attribute),
    ("device_event", Needs::Attribute),
    ("availability_changed", Needs::Device),
    ("device_added", Needs::WholeDevice),
    ("device_updated", Needs::WholeDevice),
    ("device_removed", Needs::Device),
    ("command", Needs::Commanded),
    ("automation_run", Needs::Everything),
    ("driver_status", Needs::Part("drivers")),
    ("pairing", Needs::Part("network")),
    ("mode_changed", Needs::Part("mode")),
    ("presence_changed", Needs::Presence),
    ("webhook", Needs::Part("webhooks")),
    ("notification", Needs::Own),
    ("alert", Needs::Part("alerts")),
    ("changed", Needs::Changed),
];

/// What must be seen to hear that something of this kind changed.
const RESOURCES: [(&str, Needs); 9] = [
    ("automation", Needs::Part("rules")),
    ("area", Needs::Part("areas")),
    ("scene", Needs::Part("scenes")),
    ("home", Needs::Part("home")),
    // Or it is oneself.
    ("user", Needs::Part("people")),
    ("permissions", Needs::Own),
    // Or one asked for it.
    ("approval", Needs::Part("approvals")),
    // One's own only.
    ("messages", Needs::Everything),
    ("network", Needs::Part("network")),
];

/// Every kind of message of a client, with what the test sends of it.
const CLIENT: [&str; 4] = ["auth", "subscribe", "unsubscribe", "ping"];
/// Every kind of message of the hub that tells nothing of the home by itself, and the two that do.
const SERVER: [&str; 6] = ["error", "event", "pong", "progress", "resync", "snapshot"];

/// The kinds of a schema in the description of the API.
fn kinds(document: &Value, schema: &str, tag: &str) -> BTreeSet<String> {
    let variants = document["components"]["schemas"][schema]["oneOf"].as_array().unwrap();
    let kind = |variant: &Value| {
        let mut parts = variant["allOf"].as_array().cloned().unwrap_or_default();
        parts.push(variant.clone());
        parts.iter().find_map(|part| Some(part["properties"][tag]["enum"][0].as_str()?.to_owned()))
    };
    variants.iter().map(|variant| kind(variant).unwrap_or_else(|| panic!("{variant}"))).collect()
}

#[tokio::test]
async fn every_kind_of_message_has_its_row() {
    let family = Family::at_home().await;
    let document = family.get("owner", "/api/v1/openapi.json").await.json();
    let rows = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>();
    assert_eq!(kinds(&document, "ClientMessage", "type"), rows(&CLIENT));
    let mut server = kinds(&document, "ServerMessage", "type");
    server.extend(["event", "snapshot"].map(ToOwned::to_owned));
    assert_eq!(server, rows(&SERVER));
    assert_eq!(kinds(&document, "EventKind", "kind"), rows(&EVENTS.map(|(kind, _)| kind)));
    for (what, _) in RESOURCES {
        serde_json::from_value::<hub_model::event::Resource>(json!(what)).unwrap();
    }
}

/// What the child may see, asked once for each question.
struct Sees<'f> {
    family: &'f Family,
    known: BTreeMap<String, bool>,
}

impl Sees<'_> {
    async fn can(&mut self, query: String) -> bool {
        if let Some(known) = self.known.get(&query) {
            return *known;
        }
        let allowed = self.family.can("child", &format!("action=see&{query}")).await["allowed"] == true;
        self.known.insert(query, allowed);
        allowed
    }

    async fn attribute(&mut self, device: &str, attribute: &str) -> bool {
        self.can(format!("device={}&attribute={attribute}", device.replace(':', "%3A"))).await
    }

    async fn all(&mut self, device: &str, names: impl Iterator<Item = String>) -> bool {
        for name in names {
            if !self.attribute(device, &name).await {
                return false;
            }
        }
        true
    }

    /// Whether an event is for the child.
    async fn may_hear(&mut self, event: &Value, own: &str) -> bool {
        let kind = event["kind"].as_str().unwrap();
        let (_, needs) = EVENTS.iter().find(|(name, _)| *name == kind).unwrap_or_else(|| panic!("no row: {event}"));
        let device = event["device"].as_str().unwrap_or("");
        match needs {
            Needs::Attribute => self.attribute(device, event["attribute"].as_str().unwrap()).await,
            Needs::Device => self.can(format!("device={}", device.replace(':', "%3A"))).await,
            Needs::WholeDevice => {
                let names: &[&str] = if device == "test:lock-1" { &["locked"] } else { &["on", "brightness"] };
                let names = names.iter().chain(&["link_quality"]).map(|name| (*name).to_owned());
                self.all(device, names).await
            }
            Needs::Commanded => {
                let outcomes = event["outcomes"].as_array().unwrap().iter();
                let names = outcomes.map(|outcome| outcome["attribute"].as_str().unwrap().to_owned());
                self.all(device, names).await
            }
            Needs::Part(part) => self.can(format!("part={part}")).await,
            Needs::Everything => false,
            Needs::Presence => event["person"] == own || self.can("part=presence".to_owned()).await,
            Needs::Own => true,
            Needs::Changed => {
                let what = event["what"].as_str().unwrap();
                let (_, needs) = RESOURCES.iter().find(|(name, _)| *name == what).unwrap_or_else(|| panic!("{event}"));
                match needs {
                    Needs::Part(part) => event["id"] == own || self.can(format!("part={part}")).await,
                    needs => matches!(needs, Needs::Own) || event["id"] == own,
                }
            }
        }
    }
}

const PARTS: [&str; 8] = ["rules", "scenes", "presence", "alerts", "webhooks", "drivers", "network", "areas"];

/// With random rules: no message of any kind tells what `can` denies, and what it allows comes.
#[tokio::test]
async fn no_message_tells_what_is_not_allowed() {
    let family = Family::at_home().await;
    let off = json!({"who": {"role": "child"}, "ready_made": false});
    family.send("owner", Method::PUT, "/api/v1/permissions/ready-made", Some(off)).await;
    let own = family.get("child", "/api/v1/users/me").await.json()["id"].as_str().unwrap().to_owned();
    let rule = json!({"id": "tells", "name": "tells",
        "triggers": [{"state": {"device": "test:lock-1", "attribute": "locked"}}, {"webhook": "0123456789abcdef0123456789"}],
        "actions": [{"notify": {"to": "owner", "message": "Locked: {{ state('test:lock-1', 'locked') }}"}}]});
    let made = family.send("owner", Method::POST, "/api/v1/automations", Some(rule)).await;
    assert!(made.status == 201 || made.says() == "422 rule_invalid", "{}", made.text);
    let mut stream = Stream::open(&family, "child").await;
    let mut heard_kinds = BTreeSet::new();
    for round in 0..40_u64 {
        let mut dice = Dice(1_000 + round);
        let mut ids = Vec::new();
        let mut rules = vec![dice.rule(), dice.rule()];
        let parts = dice.some(&PARTS);
        if !parts.is_empty() {
            rules.push(json!({"who": {"role": "child"}, "allow": ["see"], "what": {"parts": parts}}));
        }
        for rule in rules {
            let made = family.send("owner", Method::POST, "/api/v1/permissions", Some(rule)).await;
            if made.status == 201 {
                ids.push(made.json()["id"].as_str().unwrap().to_owned());
            }
        }
        let mut sees = Sees { family: &family, known: BTreeMap::new() };

        // A new subscription in the place of the old one, of everything or of one device.
        let devices = if dice.roll(3) == 0 { json!(["test:lock-1"]) } else { Value::Null };
        stream.say(json!({"type": "unsubscribe", "id": 1})).await;
        stream.say(json!({"type": "ping", "id": round})).await;
        loop {
            let answer = stream.hear().await;
            if answer["type"] == "pong" {
                assert_eq!(answer, json!({"type": "pong", "id": round}));
                break;
            }
        }
        // Compressed or not, it tells the same.
        stream.say(json!({"type": "subscribe", "id": 1, "devices": devices, "gzip": round % 2 == 0})).await;
        let picture = stream.hear().await;
        assert_eq!(picture["type"], "snapshot", "{picture}");
        for one in attributes(picture["devices"].as_array().unwrap()) {
            let (device, attribute) = one.split_once(' ').unwrap();
            assert!(sees.attribute(device, attribute).await, "round {round}: {one}");
        }
        for (list, part) in [("automations", "rules"), ("drivers", "drivers"), ("alerts", "alerts"), ("areas", "areas")]
        {
            let is_shown = picture[list].as_array().is_some_and(|list| !list.is_empty());
            let may = sees.can(format!("part={part}")).await;
            assert!(!is_shown || may, "round {round}: {list} in {picture}");
        }
        let lock = sees.attribute("test:lock-1", "locked").await;
        for rule in picture["automations"].as_array().unwrap() {
            assert_eq!(rule["hidden"] == true, !lock, "round {round}: {rule}");
        }

        // Things of many kinds happen.
        let since = picture["cursor"].clone();
        let flip = round % 2 == 0;
        family.set("owner", "lamp-1", json!({"on": flip, "brightness": if flip { 90 } else { 10 }})).await;
        family.set("owner", "lock-1", json!({"locked": flip})).await;
        let place = json!({"presence": if flip { "home" } else { "away" }});
        family.send("owner", Method::POST, "/api/v1/people/adult/presence", Some(place)).await;
        let name = json!({"name": format!("Lock {round}")});
        family.send("owner", Method::PATCH, "/api/v1/devices/test%3Alock-1", Some(name)).await;
        let alert = hub_model::event::Alert {
            code: format!("test_{round}:test:lock-1").into(),
            severity: hub_model::event::Severity::Warning,
            text: "The lock has a flat battery.".into(),
            resolved: false,
        };
        family.hub.core.handle.alert(alert).await;
        let scene = json!({"name": "Evening", "states": [{"device": "test:lamp-1", "set": {"on": flip}}]});
        family.send("owner", Method::PUT, "/api/v1/scenes/evening", Some(scene)).await;
        let floor = json!({"floor": format!("Floor {round}")});
        family.send("owner", Method::PATCH, "/api/v1/areas/hall", Some(floor)).await;
        family.send("owner", Method::PATCH, "/api/v1/people/adult", Some(json!({"counts": flip}))).await;
        family.send("owner", Method::PATCH, "/api/v1/users/me/messages", Some(json!({"least": "info"}))).await;
        let mode = if flip { "night" } else { "home" };
        family.send("owner", Method::PATCH, "/api/v1/home", Some(json!({"mode": mode}))).await;

        // The same events come live, and to who was away: a cursor leads to nothing more.
        for again in [false, true] {
            if again {
                stream.say(json!({"type": "subscribe", "id": 2, "since": since})).await;
            } else if !devices.is_null() {
                continue;
            }
            loop {
                let message = stream.hear().await;
                let kind = message["type"].as_str().unwrap();
                assert!(SERVER.contains(&kind), "{message}");
                if kind != "event" {
                    continue;
                }
                let event = &message["event"];
                assert!(sees.may_hear(event, &own).await, "round {round}: {event}");
                heard_kinds.insert(event["what"].as_str().or(event["kind"].as_str()).unwrap().to_owned());
                if event["kind"] == "mode_changed" && message["id"] == if again { 2 } else { 1 } {
                    break;
                }
            }
        }
        stream.say(json!({"type": "unsubscribe", "id": 2})).await;
        for id in ids {
            family.send("owner", Method::DELETE, &format!("/api/v1/permissions/{id}"), None).await;
        }
    }
    for kind in
        ["state_changed", "command", "device_updated", "presence_changed", "alert", "mode_changed", "area", "scene"]
    {
        assert!(heard_kinds.contains(kind), "{kind} was never allowed: {heard_kinds:?}");
    }
}

/// Before somebody says who they are, nothing but an error comes, whatever they send.
#[tokio::test]
async fn nobody_in_particular_is_told_nothing() {
    let family = Family::at_home().await;
    for message in CLIENT {
        let mut stream = Stream::connect(&family).await;
        stream
            .say(match message {
                "auth" => json!({"type": "auth", "token": "wrong"}),
                "ping" => json!({"type": "ping"}),
                other => json!({"type": other, "id": 1}),
            })
            .await;
        let answer = stream.hear().await;
        let expected = if message == "ping" { "pong" } else { "error" };
        assert_eq!(answer["type"], expected, "{message}: {answer}");
        assert!(!answer.to_string().contains("test:"), "{message}: {answer}");
    }
}

/// Whoever shows something hears that it is another now: the same things, told to each as far as it is for them.
#[tokio::test]
async fn what_changed_is_said_to_who_may_read_it() {
    let family = Family::at_home().await;
    let mut streams = BTreeMap::new();
    for who in ["owner", "adult", "child"] {
        streams.insert(who, Stream::open(&family, who).await);
    }
    let own = |who: &'static str| {
        let family = &family;
        async move { family.get(who, "/api/v1/users/me").await.json()["id"].as_str().unwrap().to_owned() }
    };
    let (owner, adult, child) = (own("owner").await, own("adult").await, own("child").await);
    let send = async |method: Method, path: &str, body: Value| {
        let answer = family.send("owner", method, &format!("/api/v1{path}"), (!body.is_null()).then_some(body)).await;
        assert!(answer.status.is_success(), "{path}: {}", answer.text);
    };
    let rule = |device: &str| {
        json!({"name": "r", "triggers": [{"state": {"device": device, "attribute": "on", "to": true}}],
            "actions": [{"command": {"device": device, "set": {"on": false}}}]})
    };
    send(Method::PUT, "/automations/r", rule("test:lamp-1")).await;
    send(Method::PATCH, "/automations/r", json!({"enabled": false})).await;
    send(Method::DELETE, "/automations/r", Value::Null).await;
    send(Method::PATCH, "/areas/hall", json!({"name": "Corridor"})).await;
    send(Method::PATCH, "/home", json!({"name": "House"})).await;
    let scene = json!({"name": "s", "states": [{"device": "test:lamp-1", "set": {"on": true}}]});
    send(Method::PUT, "/scenes/s", scene).await;
    send(Method::PATCH, &format!("/people/{child}"), json!({"counts": false})).await;
    send(Method::PATCH, &format!("/people/{adult}"), json!({"counts": false})).await;
    send(Method::PUT, "/permissions/ready-made", json!({"who": {"role": "guest"}, "ready_made": false})).await;
    send(Method::PATCH, "/users/me/messages", json!({"least": "warning"})).await;
    family.hub.core.handle.changed(hub_model::event::Resource::Network, "test").await;
    let mut said = String::new();
    for (who, stream) in &mut streams {
        said.push_str(&format!("{who}:"));
        loop {
            let message = stream.hear().await;
            // The last of all that everybody hears.
            if message["event"]["kind"] == "mode_changed" {
                break;
            }
            if message["event"]["kind"] == "changed" {
                let id = message["event"]["id"].as_str().unwrap_or("-").to_owned();
                let id = id.replace(&owner, "(owner)").replace(&adult, "(adult)").replace(&child, "(child)");
                said.push_str(&format!(" {} {id},", message["event"]["what"].as_str().unwrap()));
            }
            if message["event"]["what"] == "permissions" {
                send(Method::PATCH, "/home", json!({"mode": if *who == "child" { "night" } else { "away" }})).await;
            }
        }
        said.push('\n');
    }
    expect_test::expect![[r#"
        adult: automation r, automation r, automation r, area hall, home -, scene s, user (child), user (adult), permissions -, network test,
        child: automation r, automation r, automation r, area hall, home -, scene s, user (child), permissions -,
        owner: automation r, automation r, automation r, area hall, home -, scene s, user (child), user (adult), permissions -, messages (owner), network test,
    "#]]
    .assert_eq(&said);
}

/// What of a rule cannot work any more is said when its device goes, though nobody touched the rule.
#[tokio::test]
async fn a_rule_whose_device_goes_is_another() {
    let family = Family::at_home().await;
    let rule = json!({"name": "r", "triggers": [{"state": {"device": "test:lamp-1", "attribute": "on", "to": true}}],
        "actions": [{"command": {"device": "test:lamp-2", "set": {"on": true}}}]});
    let made = family.send("owner", Method::PUT, "/api/v1/automations/r", Some(rule)).await;
    assert_eq!(made.status, 200, "{}", made.text);
    let mut stream = Stream::open(&family, "owner").await;
    family.send("owner", Method::DELETE, "/api/v1/devices/test%3Alamp-2?force=true", None).await;
    loop {
        let event = stream.hear().await["event"].clone();
        if event["kind"] == "changed" {
            assert_eq!((&event["what"], &event["id"]), (&json!("automation"), &json!("r")));
            break;
        }
    }
    let shown = family.get("owner", "/api/v1/automations/r").await.json();
    assert_eq!(shown["findings"][0]["code"], "unknown_name", "{shown}");
}
