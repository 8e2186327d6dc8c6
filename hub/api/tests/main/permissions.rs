//! Who may do what: no door does or tells what is not allowed.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::time::Duration;

use axum::http::Method;
use flate2::read::GzDecoder;
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use crate::harness::{Answer, Hub};

const ROLES: [&str; 4] = ["adult", "child", "guest", "installer"];

/// Two lamps and a lock; the second lamp and the lock are in the hall.
const DEVICES: [&str; 3] = ["lamp-1", "lamp-2", "lock-1"];

/// A household with somebody of each role, and a token of each.
pub(crate) struct Family {
    pub(crate) hub: Hub,
    pub(crate) tokens: BTreeMap<&'static str, String>,
}

impl Family {
    pub(crate) async fn at_home() -> Self {
        let (hub, owner) = Hub::claimed(&DEVICES).await;
        let mut tokens = BTreeMap::new();
        for role in ROLES {
            tokens.insert(role, hub.person(&owner, role, role).await);
        }
        tokens.insert("owner", owner);
        let family = Self { hub, tokens };
        let hall = family.send("owner", Method::POST, "/api/v1/areas", Some(json!({"name": "Hall"}))).await;
        assert_eq!(hall.status, 201, "{}", hall.text);
        for device in ["lamp-2", "lock-1"] {
            let path = format!("/api/v1/devices/test%3A{device}");
            let moved = family.send("owner", Method::PATCH, &path, Some(json!({"area": "hall"}))).await;
            assert_eq!(moved.status, 200, "{}", moved.text);
        }
        family
    }

    pub(crate) async fn send(&self, who: &str, method: Method, path: &str, body: Option<Value>) -> Answer {
        self.hub.send(method, path, Some(&self.tokens[who]), body).await
    }

    pub(crate) async fn get(&self, who: &str, path: &str) -> Answer {
        self.send(who, Method::GET, path, None).await
    }

    pub(crate) async fn allow(&self, rule: Value) -> String {
        let made = self.send("owner", Method::POST, "/api/v1/permissions", Some(rule)).await;
        assert_eq!(made.status, 201, "{}", made.text);
        made.json()["id"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn can(&self, user: &str, query: &str) -> Value {
        let answer = self.get("owner", &format!("/api/v1/can?user={user}&{query}")).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.json()
    }

    pub(crate) async fn set(&self, who: &str, device: &str, set: Value) -> Answer {
        let path = format!("/api/v1/devices/test%3A{device}/commands?wait=5s");
        self.send(who, Method::POST, &path, Some(json!({"set": set}))).await
    }

    /// What of the devices somebody is shown: `device attribute`.
    async fn shown(&self, who: &str) -> BTreeSet<String> {
        let list = self.get(who, "/api/v1/devices").await.json();
        attributes(list["items"].as_array().unwrap())
    }
}

pub(crate) fn attributes(devices: &[Value]) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for device in devices {
        for endpoint in device["endpoints"].as_array().unwrap() {
            for attribute in endpoint["attributes"].as_array().unwrap() {
                all.insert(format!("{} {}", device["id"].as_str().unwrap(), attribute["name"].as_str().unwrap()));
            }
        }
    }
    all
}

/// Everybody at each path, made from the description of all paths: `-` = refused, `+` = let through to what the path
/// itself says. A path that is new is seen here.
#[tokio::test]
async fn every_path_for_every_role() {
    let family = Family::at_home().await;
    let document = family.get("owner", "/api/v1/openapi.json").await.json();
    let mut table = String::from("owner adult child guest installer nobody\n");
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, _) in item.as_object().unwrap() {
            let method: Method = method.to_uppercase().parse().unwrap();
            // What ends the session of who tries it, or waits for an upgrade.
            let ends = path.ends_with("/logout") || (method == Method::DELETE && path.ends_with("/me/sessions"));
            if ends || path.ends_with("/stream") {
                continue;
            }
            let tried = path.replace("{id}", "none").replace("{session}", "none").replace("{revision}", "1");
            let tried = tried.replace("{member}", "none").replace("{program}", "none");
            let mut row = String::new();
            for who in ["owner", "adult", "child", "guest", "installer", "nobody"] {
                let token = family.tokens.get(who).map(String::as_str);
                let answer = family.hub.send(method.clone(), &tried, token, None).await;
                assert!(answer.status.as_u16() < 500, "{method} {path} by {who}: {}", answer.text);
                let refused = matches!(answer.status.as_u16(), 401 | 403);
                row.push_str(if refused { "- " } else { "+ " });
            }
            writeln!(table, "{row} {method} {path}").unwrap();
        }
    }
    expect_test::expect_file!["paths-of-roles.txt"].assert_eq(&table);
}

#[tokio::test]
async fn a_child_sees_lamps_and_no_lock_and_switches_what_it_may() {
    let family = Family::at_home().await;
    assert!(family.shown("owner").await.contains("test:lock-1 locked"));
    let shown = family.shown("child").await;
    assert!(shown.contains("test:lamp-1 on") && !shown.iter().any(|one| one.starts_with("test:lock-1")), "{shown:?}");
    assert_eq!(family.get("child", "/api/v1/devices/test%3Alock-1").await.says(), "404 not_found");
    assert_eq!(
        family.get("child", "/api/v1/devices/test%3Alock-1/history?attribute=locked").await.says(),
        "404 not_found"
    );
    assert_eq!(family.set("child", "lock-1", json!({"locked": false})).await.says(), "404 not_found");
    assert_eq!(family.set("child", "lamp-1", json!({"on": true})).await.json()["status"], "confirmed");
    // Of a command that is not for their eyes they see nothing.
    let unlocked = family.set("adult", "lock-1", json!({"locked": false})).await;
    let path = format!("/api/v1/commands/{}", unlocked.json()["id"].as_str().unwrap());
    assert_eq!(family.get("adult", &path).await.status, 200);
    assert_eq!(family.get("child", &path).await.says(), "404 not_found");
}

#[tokio::test]
async fn limits_and_times_are_said_in_words() {
    let family = Family::at_home().await;
    let off = json!({"who": {"role": "child"}, "ready_made": false});
    let chosen = family.send("owner", Method::PUT, "/api/v1/permissions/ready-made", Some(off)).await;
    assert_eq!(chosen.status, 200, "{}", chosen.text);
    assert_eq!(family.shown("child").await.len(), 0);
    family.allow(json!({"who": {"role": "child"}, "allow": ["see"], "what": {"areas": ["hall"]}})).await;
    family
        .allow(json!({"id": "evening", "who": {"role": "child"}, "allow": ["control"], "what": {"areas": ["hall"]},
            "limits": {"brightness": {"max": 50}}, "when": {"from": "07:00", "to": "18:30"}}))
        .await;
    let shown = family.shown("child").await;
    assert!(shown.contains("test:lamp-2 on") && !shown.contains("test:lamp-1 on"), "{shown:?}");
    assert_eq!(family.set("child", "lamp-2", json!({"brightness": 40})).await.json()["status"], "confirmed");
    let refused = family.set("child", "lamp-2", json!({"brightness": 80})).await;
    assert_eq!(refused.says(), "403 not_allowed");
    assert_eq!(refused.json()["reasons"][0]["code"], "value_out_of_limits", "{}", refused.text);
    // It is 18:00 in the home; half an hour later it is too late.
    family.hub.clock.advance(Duration::from_secs(1_801));
    let late = family.set("child", "lamp-2", json!({"brightness": 40})).await;
    assert_eq!(late.json()["reasons"][0]["code"], "outside_window", "{}", late.text);
    let verdict = family.can("child", "action=control&device=test%3Alamp-2&attribute=brightness&value=40").await;
    assert_eq!((&verdict["allowed"], &verdict["approvable"]), (&json!(false), &json!(true)), "{verdict}");
    // An adult lets them, once.
    let plea = json!({"device": "test:lamp-2", "attribute": "brightness", "value": 40});
    let asked = family.send("child", Method::POST, "/api/v1/approvals", Some(plea)).await;
    assert_eq!(asked.status, 201, "{}", asked.text);
    assert_eq!(asked.json()["endpoint"], 1, "{}", asked.text);
    for endpoint in [json!(7), json!("left")] {
        let plea = json!({"device": "test:lamp-2", "attribute": "brightness", "value": 40, "endpoint": endpoint});
        let nowhere = family.send("child", Method::POST, "/api/v1/approvals", Some(plea)).await;
        assert_eq!(nowhere.says(), "422 no_such_endpoint");
    }
    let answer_path = format!("/api/v1/approvals/{}/answer", asked.json()["id"].as_str().unwrap());
    let answer = json!({"answer": "allow_once"});
    assert_eq!(family.send("child", Method::POST, &answer_path, Some(answer.clone())).await.says(), "403 not_allowed");
    let answered = family.send("adult", Method::POST, &answer_path, Some(answer)).await;
    assert_eq!(answered.json()["state"], "allowed_once", "{}", answered.text);
    let own = family.get("child", "/api/v1/approvals").await.json();
    assert_eq!(own["items"][0]["by_name"], "adult", "{own}");
    assert_eq!(family.set("child", "lamp-2", json!({"brightness": 40})).await.json()["status"], "confirmed");
    assert_eq!(family.set("child", "lamp-2", json!({"brightness": 40})).await.says(), "403 not_allowed");
}

#[tokio::test]
async fn what_one_may_not_is_told_at_once() {
    let family = Family::at_home().await;
    let refused = async |who: &str| -> Vec<String> {
        let list = family.get(who, "/api/v1/can/refused?limit=1000").await.json();
        let one = |one: &Value| {
            let place = match one["part"].as_str() {
                Some(part) => part.to_owned(),
                None => {
                    format!(
                        "{} {} {}",
                        one["device"].as_str().unwrap(),
                        one["endpoint"],
                        one["attribute"].as_str().unwrap()
                    )
                }
            };
            let Value::Bool(is_approvable) = one["verdict"]["approvable"] else { panic!("{one}") };
            let help = if is_approvable { " ask" } else { "" };
            format!("{place}: {}{help}", one["verdict"]["reasons"][0]["code"].as_str().unwrap())
        };
        list["items"].as_array().unwrap().iter().map(one).collect()
    };
    // Who may everything has nothing to read, and what is not seen is not named.
    assert_eq!(refused("owner").await, Vec::<String>::new());
    assert!(family.shown("child").await.contains("test:lamp-2 on"));
    let of_child = refused("child").await;
    assert!(!of_child.iter().any(|one| one.contains("lock-1") || one.contains("lamp-2 1 on")), "{of_child:?}");
    let of_guest = refused("guest").await;
    assert!(of_guest.contains(&"mode: no_rule".to_owned()), "{of_guest:?}");

    // An hour that ends takes it away, and an adult's word gives one of both back.
    let off = json!({"who": {"role": "child"}, "ready_made": false});
    family.send("owner", Method::PUT, "/api/v1/permissions/ready-made", Some(off)).await;
    family.allow(json!({"who": {"role": "child"}, "allow": ["see"], "what": {"areas": ["hall"]}})).await;
    family
        .allow(json!({"id": "evening", "who": {"role": "child"}, "allow": ["control"],
            "what": {"capabilities": ["on", "brightness"]}, "when": {"from": "07:00", "to": "18:30"}}))
        .await;
    let of_lamp = async || -> Vec<String> {
        refused("child").await.into_iter().filter(|one| one.starts_with("test:lamp-2")).collect()
    };
    let lamp = ["brightness", "on"].map(|attribute| format!("test:lamp-2 1 {attribute}: outside_window ask"));
    let before = of_lamp().await;
    assert!(!before.iter().any(|one| lamp.contains(one)), "{before:?}");
    family.hub.clock.advance(Duration::from_secs(1_801));
    let late = of_lamp().await;
    assert!(lamp.iter().all(|one| late.contains(one)), "{late:?}");
    let plea = json!({"device": "test:lamp-2", "attribute": "on", "value": true, "endpoint": 1});
    let asked = family.send("child", Method::POST, "/api/v1/approvals", Some(plea)).await.json();
    let path = format!("/api/v1/approvals/{}/answer", asked["id"].as_str().unwrap());
    family.send("adult", Method::POST, &path, Some(json!({"answer": "allow_for_an_hour"}))).await;
    let allowed = of_lamp().await;
    assert!(allowed.contains(&lamp[0]) && !allowed.contains(&lamp[1]), "{allowed:?}");
}

#[tokio::test]
async fn a_lock_that_takes_a_pin_opens_with_the_right_one() {
    let family = Family::at_home().await;
    family
        .allow(json!({"who": {"role": "child"}, "allow": ["see", "control"], "what": {"devices": ["test:lock-1"]},
            "pin": true}))
        .await;
    let open = async |pin: Option<&str>| {
        let mut body = json!({"set": {"locked": false}});
        if let Some(pin) = pin {
            body["pin"] = json!(pin);
        }
        let path = "/api/v1/devices/test%3Alock-1/commands?wait=5s";
        family.send("child", Method::POST, path, Some(body)).await
    };
    let without = open(None).await;
    assert_eq!(
        (without.says().as_str(), &without.json()["pin"]),
        ("403 not_allowed", &json!(true)),
        "{}",
        without.text
    );
    assert_eq!(open(Some("4711")).await.says(), "403 no_pin");
    let set = async |body: Value| family.send("child", Method::PATCH, "/api/v1/users/me", Some(body)).await.says();
    let password = crate::harness::PASSWORD;
    assert_eq!(set(json!({"pin": "4711"})).await, "422 bad_password");
    assert_eq!(set(json!({"pin": "1234", "old_password": password})).await, "422 bad_pin");
    assert_eq!(set(json!({"pin": "4711", "old_password": password})).await, "200");
    assert_eq!(open(Some("4711")).await.json()["status"], "confirmed");
    // A scene says of which of its devices the PIN would have made it.
    let scene = json!({"id": "leave", "name": "Leave", "states": [{"device": "test:lock-1", "set": {"locked": true}}]});
    assert_eq!(family.send("owner", Method::POST, "/api/v1/scenes", Some(scene)).await.status, 201);
    for (pin, wanted, status) in [(None, true, "failed"), (Some("4711"), false, "confirmed")] {
        let body = pin.map(|pin| json!({"pin": pin}));
        let done = family.send("child", Method::POST, "/api/v1/scenes/leave/activate?wait=5s", body).await;
        let part = &done.json()["devices"][0];
        assert_eq!((&part["pin"], &part["status"]), (&json!(wanted), &json!(status)), "{}", done.text);
    }
    for _ in 0..3 {
        assert_eq!(open(Some("0815")).await.says(), "403 wrong_pin");
    }
    assert_eq!(open(Some("4711")).await.says(), "429 too_many_attempts");
}

#[tokio::test]
async fn an_owner_sees_with_the_eyes_of_others_and_nobody_else_does() {
    let family = Family::at_home().await;
    let look = async |who: &str, eyes: &str, method: Method, path: &str| {
        let authorization = format!("Bearer {}", family.tokens[who]);
        let headers = [("authorization", authorization.as_str()), ("view-as", eyes)];
        family.hub.send_with(method, path, &headers, None).await
    };
    let seen = look("owner", "child", Method::GET, "/api/v1/devices").await.json();
    assert_eq!(attributes(seen["items"].as_array().unwrap()), family.shown("child").await);
    assert_eq!(look("owner", "child", Method::GET, "/api/v1/system").await.says(), "403 not_allowed");
    assert_eq!(look("owner", "nobody", Method::GET, "/api/v1/devices").await.says(), "404 not_found");
    assert_eq!(look("adult", "owner", Method::GET, "/api/v1/devices").await.says(), "403 not_allowed");
    let deed = look("owner", "child", Method::POST, "/api/v1/scenes/none/activate").await;
    assert_eq!(deed.says(), "403 not_allowed");
}

#[tokio::test]
async fn a_rule_does_what_its_author_may() {
    let family = Family::at_home().await;
    family.allow(json!({"who": {"role": "child"}, "allow": ["see", "configure"], "what": {"parts": ["rules"]}})).await;
    let rule = |id: &str, device: &str, set: Value| {
        json!({"id": id, "name": id, "triggers": [{"state": {"device": "lamp 1", "attribute": "on", "to": true}}],
            "actions": [{"command": {"device": device, "set": set}}]})
    };
    let made = async |body: Value| family.send("child", Method::POST, "/api/v1/automations", Some(body)).await;
    assert_eq!(made(rule("lamp", "lamp 2", json!({"on": true}))).await.says(), "201");
    // What it does not see is not there.
    let door = rule("door", "test:lock-1", json!({"locked": false}));
    assert_eq!(made(door.clone()).await.says(), "422 rule_invalid");
    family.allow(json!({"who": {"role": "child"}, "allow": ["see"], "what": {"devices": ["test:lock-1"]}})).await;
    let made = made(door).await;
    assert_eq!(made.says(), "201");
    // It is told that the lock will not do it.
    let findings = made.json()["findings"].as_array().unwrap().clone();
    let refused = findings.iter().find(|finding| finding["code"] == "not_allowed").expect(&made.text);
    assert_eq!((&refused["severity"], &refused["path"]), (&json!("warning"), &json!("actions[0]")));
    family.set("owner", "lamp-1", json!({"on": true})).await;
    let state = async |device: &str, attribute: &str| {
        let path = format!("/api/v1/devices/test%3A{device}");
        let shown = family.get("owner", &path).await.json();
        let of = shown["endpoints"][1]["attributes"].as_array().unwrap().clone();
        of.into_iter().find(|one| one["name"] == attribute).unwrap()["state"]["value"].clone()
    };
    crate::harness::eventually("the lamp follows", async || state("lamp-2", "on").await == json!(true)).await;
    assert_eq!(state("lock-1", "locked").await, Value::Null);
}

/// A generator of its own, so that a failure can be told by its number.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % sides
    }

    pub(crate) fn some<'a>(&mut self, words: &[&'a str]) -> Vec<&'a str> {
        words.iter().copied().filter(|_| self.roll(2) == 0).collect()
    }

    pub(crate) fn rule(&mut self) -> Value {
        let mut actions = self.some(&["see", "control", "configure"]);
        if actions.is_empty() {
            actions.push("see");
        }
        let mut what = serde_json::Map::new();
        let lists: [(&str, &[&str]); 4] = [
            ("areas", &["hall"]),
            ("devices", &["test:lamp-1", "test:lock-1"]),
            ("capabilities", &["on", "brightness", "locked", "link_quality"]),
            ("types", &["light", "lock"]),
        ];
        for (name, words) in lists {
            if self.roll(3) == 0 {
                what.insert(name.to_owned(), json!(self.some(words)));
            }
        }
        let mut rule = json!({"who": {"role": "child"}, "allow": actions});
        if self.roll(4) > 0 {
            rule["what"] = Value::Object(what);
        }
        if self.roll(3) == 0 {
            let max = self.roll(100);
            rule["limits"] = json!({"brightness": {"max": max}});
        }
        if self.roll(4) == 0 {
            rule["when"] = json!({"from": "17:00", "to": if self.roll(2) == 0 { "19:00" } else { "17:30" }});
        }
        rule
    }
}

/// With random rules: what is listed, shown, told of the past, streamed, commanded and renamed is what `can` allows, and
/// nothing else.
#[tokio::test]
async fn no_door_does_or_tells_what_is_not_allowed() {
    let family = Family::at_home().await;
    let off = json!({"who": {"role": "child"}, "ready_made": false});
    family.send("owner", Method::PUT, "/api/v1/permissions/ready-made", Some(off)).await;
    let history = json!({"id": "history", "who": {"role": "child"}, "allow": ["see"], "what": {"parts": ["history"]}});
    family.allow(history).await;
    let mut stream = Stream::open(&family, "child").await;
    for round in 0..60_u64 {
        let mut dice = Dice(round);
        let count = 1 + dice.roll(3);
        let mut ids = Vec::new();
        for _ in 0..count {
            let rule = dice.rule();
            let made = family.send("owner", Method::POST, "/api/v1/permissions", Some(rule.clone())).await;
            // Some are refused by the check; a rule that cannot be saved allows nothing.
            if made.status == 201 {
                ids.push(made.json()["id"].as_str().unwrap().to_owned());
            } else {
                assert_eq!(made.status, 422, "{rule}: {}", made.text);
            }
        }
        let mut allowed = BTreeSet::new();
        for (device, names) in
            [("lamp-1", ["on", "brightness"].as_slice()), ("lamp-2", &["on", "brightness"]), ("lock-1", &["locked"])]
        {
            for name in [names, &["link_quality"]].concat() {
                let query = format!("action=see&device=test%3A{device}&attribute={name}");
                let is_allowed = family.can("child", &query).await["allowed"] == true;
                if is_allowed {
                    allowed.insert(format!("test:{device} {name}"));
                }
                let path = format!("/api/v1/devices/test%3A{device}/history?attribute={name}");
                let told = family.get("child", &path).await;
                assert_eq!(told.status == 200, is_allowed, "round {round}, {path}: {}", told.text);
            }
        }
        assert_eq!(family.shown("child").await, allowed, "round {round}");
        for device in DEVICES {
            let is_seen = allowed.iter().any(|one| one.starts_with(&format!("test:{device} ")));
            let path = format!("/api/v1/devices/test%3A{device}");
            let shown = family.get("child", &path).await;
            assert_eq!(shown.status == 200, is_seen, "round {round}: {}", shown.text);
            let may_configure =
                family.can("child", &format!("action=configure&device=test%3A{device}")).await["allowed"] == true;
            let renamed = family.send("child", Method::PATCH, &path, Some(json!({"name": device}))).await;
            assert_eq!(renamed.status == 200, is_seen && may_configure, "round {round}: {}", renamed.text);
            let (name, value) = if device == "lock-1" { ("locked", json!(true)) } else { ("brightness", json!(50)) };
            let query = format!("action=control&device=test%3A{device}&attribute={name}&value={value}");
            let may_control = family.can("child", &query).await["allowed"] == true;
            let done = family.set("child", device, json!({name: value})).await;
            assert_eq!(done.status == 200, is_seen && may_control, "round {round}: {}", done.text);
        }
        // The owner changes everything once more; the child hears of what it sees.
        let flip = round % 2 == 0;
        for device in ["lamp-1", "lamp-2"] {
            family.set("owner", device, json!({"on": flip, "brightness": if flip { 90 } else { 10 }})).await;
        }
        family.set("owner", "lock-1", json!({"locked": flip})).await;
        let heard = stream.changes_up_to(&family).await;
        assert!(heard.is_subset(&allowed), "round {round}: heard {heard:?}, sees {allowed:?}");
        // These become another in each round.
        for one in ["test:lamp-1 on", "test:lamp-2 on"] {
            assert_eq!(heard.contains(one), allowed.contains(one), "round {round}: {one}");
        }
        for id in ids {
            family.send("owner", Method::DELETE, &format!("/api/v1/permissions/{id}"), None).await;
        }
    }
}

/// The live stream as somebody hears it.
pub(crate) struct Stream(tokio_tungstenite::WebSocketStream<tokio_tungstenite::MaybeTlsStream<tokio::net::TcpStream>>);

impl Stream {
    pub(crate) async fn open(family: &Family, who: &str) -> Self {
        let mut stream = Self::connect(family).await;
        stream.say(json!({"type": "auth", "token": family.tokens[who]})).await;
        stream.say(json!({"type": "subscribe", "id": 1})).await;
        assert_eq!(stream.hear().await["type"], "snapshot");
        stream
    }

    pub(crate) async fn say(&mut self, message: Value) {
        self.0.send(Message::text(message.to_string())).await.unwrap();
    }

    /// Without having said who it is.
    pub(crate) async fn connect(family: &Family) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let api = family.hub.api.clone();
        tokio::spawn(async move { api.serve(listener, std::future::pending()).await });
        let url = format!("ws://{address}/api/v1/stream");
        Self(tokio_tungstenite::connect_async(url).await.unwrap().0)
    }

    pub(crate) async fn hear(&mut self) -> Value {
        loop {
            match tokio::time::timeout(Duration::from_secs(10), self.0.next()).await.unwrap() {
                Some(Ok(Message::Text(text))) => return serde_json::from_str(&text).unwrap(),
                Some(Ok(Message::Binary(gzip))) => return serde_json::from_reader(GzDecoder::new(&*gzip)).unwrap(),
                Some(Ok(_)) => {}
                other => panic!("{other:?}"),
            }
        }
    }

    /// What was heard to change up to now: `device attribute`.
    async fn changes_up_to(&mut self, family: &Family) -> BTreeSet<String> {
        // A change of mode everybody hears.
        let mode = if family.hub.core.handle.snapshot().home.mode.as_ref() == "home" { "night" } else { "home" };
        family.send("owner", Method::PATCH, "/api/v1/home", Some(json!({"mode": mode}))).await;
        let mut heard = BTreeSet::new();
        loop {
            let message = self.hear().await;
            let event = &message["event"];
            match event["kind"].as_str() {
                Some("state_changed") => {
                    let (device, attribute) = (event["device"].as_str().unwrap(), event["attribute"].as_str().unwrap());
                    heard.insert(format!("{device} {attribute}"));
                }
                Some("mode_changed") if event["to"] == mode => return heard,
                _ => {}
            }
        }
    }
}
