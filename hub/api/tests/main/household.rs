//! Scenes, people, the clock, notifications, webhooks.

use std::time::Duration;

use axum::http::Method;
use serde_json::{Value, json};

use crate::harness::{Answer, Hub};

impl Hub {
    pub(crate) async fn post(&self, token: &str, path: &str, body: Value) -> Answer {
        self.send(Method::POST, path, Some(token), Some(body)).await
    }

    pub(crate) async fn get(&self, token: &str, path: &str) -> Answer {
        self.send(Method::GET, path, Some(token), None).await
    }

    pub(crate) async fn rule(&self, token: &str, trigger: Value, action: Value) {
        let rule = json!({"id": "r", "name": "R", "mode": "parallel", "triggers": [trigger], "actions": [action]});
        let made = self.post(token, "/api/v1/automations", rule).await;
        assert_eq!(made.status, 201, "{}", made.text);
    }

    pub(crate) async fn command(&self, token: &str, lamp: &str, set: Value) {
        let path = format!("/api/v1/devices/test%3A{lamp}/commands?wait=10s");
        let done = self.post(token, &path, json!({"set": set})).await;
        assert_eq!(done.json()["status"], "confirmed", "{}", done.text);
    }

    /// Waits until the home is so.
    pub(crate) async fn until(&self, holds: impl Fn(&hub_core::Snapshot) -> bool) {
        let mut pictures = self.core.handle.watch();
        let waited = pictures.wait_for(|snapshot| holds(snapshot));
        drop(tokio::time::timeout(Duration::from_secs(10), waited).await.unwrap().unwrap());
    }
}

fn film() -> Value {
    json!({"name": "Film", "transition_ms": 500, "states": [
        {"device": "lamp 1", "set": {"on": true, "brightness": 20}},
        {"device": "test:lamp-2", "endpoint": 1, "set": {"on": false}}]})
}

#[tokio::test]
async fn a_scene_is_written_read_and_removed() {
    let (hub, token) = Hub::claimed(&["lamp-1", "lamp-2"]).await;
    let made = hub.post(&token, "/api/v1/scenes", film()).await;
    assert_eq!((made.status.as_u16(), made.header("location")), (201, "/api/v1/scenes/film"), "{}", made.text);
    let shown = hub.get(&token, "/api/v1/scenes/film").await;
    assert_eq!(shown.text, made.text);
    let first = &shown.json()["states"][0];
    assert_eq!(first.to_string(), r#"{"device":"test:lamp-1","endpoint":1,"set":{"brightness":20,"on":true}}"#);
    assert_eq!(hub.get(&token, "/api/v1/scenes").await.json()["items"][0]["name"], "Film");
    let taken = json!({"name": "FILM", "states": [{"device": "lamp 1", "set": {"on": true}}]});
    assert_eq!(hub.post(&token, "/api/v1/scenes", taken).await.says(), "409 conflict");

    let bearer = format!("Bearer {token}");
    let tag = shown.header("etag").to_owned();
    let headers = [("authorization", bearer.as_str()), ("if-match", tag.as_str())];
    let other = json!({"name": "Movie", "states": [{"device": "lamp 2", "set": {"on": true}}]});
    let written = hub.send_with(Method::PUT, "/api/v1/scenes/film", &headers, Some(other.clone())).await;
    let json = written.json();
    assert_eq!((&json["id"], &json["name"], &json["revision"]), (&json!("film"), &json!("Movie"), &json!(2)));
    let late = hub.send_with(Method::PUT, "/api/v1/scenes/film", &headers, Some(other.clone())).await;
    assert_eq!(late.says(), "412 changed_meanwhile");
    let elsewhere = hub.send_with(Method::PUT, "/api/v1/scenes/new", &headers, Some(film())).await;
    assert_eq!(elsewhere.says(), "404 not_found");
    let new = hub.send(Method::PUT, "/api/v1/scenes/new", Some(&token), Some(film())).await;
    assert_eq!(new.json()["id"], "new", "{}", new.text);
    for id in ["capture", "N%20x"] {
        let path = format!("/api/v1/scenes/{id}");
        let bad = hub.send(Method::PUT, &path, Some(&token), Some(other.clone())).await;
        assert!(bad.status.is_client_error(), "{id}: {}", bad.text);
    }

    let kept = Hub::with(&[], hub.kept()).await.core.handle.snapshot();
    assert!(kept.scenes.iter().any(|record| &*record.scene.name == "Movie"));
    assert_eq!(hub.send(Method::DELETE, "/api/v1/scenes/film", Some(&token), None).await.status, 204);
    assert_eq!(hub.get(&token, "/api/v1/scenes/film").await.says(), "404 not_found");
}

#[tokio::test]
async fn what_is_wrong_with_a_scene_is_said_with_its_place() {
    let (hub, token) = Hub::claimed(&["lamp-1"]).await;
    let wrong = json!({"name": "Film", "states": [
        {"device": "lamp 7", "set": {"on": true}}, {"device": "lamp 1", "set": {"brightness": 400}}]});
    let refused = hub.post(&token, "/api/v1/scenes", wrong).await;
    assert_eq!(refused.says(), "422 scene_invalid");
    let said: Vec<String> = refused.json()["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| format!("{} {}: {}", finding["code"], finding["path"], finding["message"]).replace('"', ""))
        .collect();
    assert_eq!(
        said,
        [
            "unknown_name states[0].device: there is no device \\lamp 7\\; did you mean \\lamp 1\\?",
            "bad_value states[1].set.brightness: brightness cannot be 400: give 0 to 100 %"
        ]
    );
    for (body, code) in [
        (json!({"name": "", "states": []}), "422 bad_name"),
        (json!({"name": "Film", "states": [], "colour": 1}), "422 unknown_field"),
        (json!({"name": "Film", "id": "Ä", "states": []}), "422 bad_value"),
    ] {
        assert_eq!(hub.post(&token, "/api/v1/scenes", body).await.says(), code);
    }
}

#[tokio::test]
async fn a_scene_is_activated_and_undone() {
    let (hub, token) = Hub::claimed(&["lamp-1", "lamp-2"]).await;
    hub.command(&token, "lamp-1", json!({"on": true, "brightness": 80})).await;
    hub.command(&token, "lamp-2", json!({"on": true})).await;
    hub.post(&token, "/api/v1/scenes", film()).await;
    let undo = "/api/v1/scenes/film/undo?wait=10s";
    assert_eq!(hub.send(Method::POST, undo, Some(&token), None).await.says(), "409 nothing_to_undo");
    // Without a body.
    let done = hub.send(Method::POST, "/api/v1/scenes/film/activate?wait=10s", Some(&token), None).await;
    let json = done.json();
    assert_eq!((done.status.as_u16(), &json["status"]), (200, &json!("confirmed")), "{}", done.text);
    assert_eq!(
        (&json["devices"][0]["device"], &json["devices"][0]["status"], &json["devices"][0]["command"]["transition_ms"]),
        (&json!("test:lamp-1"), &json!("confirmed"), &json!(500))
    );
    assert_eq!(json["devices"][1]["command"]["cause"]["kind"], "person");
    let undone = hub.send(Method::POST, undo, Some(&token), None).await;
    assert_eq!((undone.status.as_u16(), &undone.json()["status"]), (200, &json!("confirmed")), "{}", undone.text);
    let snapshot = hub.core.handle.snapshot();
    let is =
        |lamp: &str, attribute: &str| snapshot.device(&lamp.into()).unwrap().state(1, attribute).unwrap().value.clone();
    assert_eq!(is("test:lamp-1", "brightness").as_number(), Some(80.0));
    assert_eq!(is("test:lamp-2", "on").as_bool(), Some(true));
    assert_eq!(hub.send(Method::POST, undo, Some(&token), None).await.says(), "409 nothing_to_undo");

    let removed = hub.send(Method::DELETE, "/api/v1/devices/test%3Alamp-2?force=true", Some(&token), None).await;
    assert_eq!(removed.status, 204, "{}", removed.text);
    let body = json!({"transition_ms": 20});
    let partly = hub.post(&token, "/api/v1/scenes/film/activate?wait=10s", body).await.json();
    assert_eq!(
        (&partly["status"], &partly["devices"][0]["status"], &partly["devices"][0]["command"]["transition_ms"]),
        (&json!("failed"), &json!("confirmed"), &json!(20))
    );
    let gone = &partly["devices"][1];
    assert_eq!(
        (&gone["status"], &gone["reason"], &gone["detail"], &gone["command"]),
        (&json!("failed"), &json!("not_found"), &json!("there is no device test:lamp-2"), &Value::Null)
    );
    assert_eq!(hub.post(&token, "/api/v1/scenes/x/activate", json!({})).await.says(), "404 not_found");
    assert_eq!(hub.post(&token, "/api/v1/scenes/film/activate?wait=2h", json!({})).await.says(), "422 bad_parameter");
}

#[tokio::test]
async fn what_is_now_becomes_a_scene() {
    let (hub, token) = Hub::claimed(&["lamp-1", "lamp-2"]).await;
    hub.command(&token, "lamp-1", json!({"on": true, "brightness": 80})).await;
    let body = json!({"name": "Now", "devices": ["lamp 1", "test:lamp-2"]});
    let refused = hub.post(&token, "/api/v1/scenes/capture", body.clone()).await;
    assert_eq!(refused.says(), "422 scene_invalid");
    assert_eq!(refused.json()["findings"][0]["path"], "devices[1]");
    hub.command(&token, "lamp-2", json!({"on": false})).await;
    let made = hub.post(&token, "/api/v1/scenes/capture", body).await;
    assert_eq!((made.status.as_u16(), made.header("location")), (201, "/api/v1/scenes/now"), "{}", made.text);
    assert_eq!(
        made.json()["states"],
        json!([
            {"device": "test:lamp-1", "endpoint": 1, "set": {"on": true, "brightness": 80}},
            {"device": "test:lamp-2", "endpoint": 1, "set": {"on": false}}
        ])
    );
}

#[tokio::test]
async fn modes_and_people_reach_the_rules_and_survive_a_restart() {
    let (hub, token) = Hub::claimed(&["lamp-1"]).await;
    let people = hub.get(&token, "/api/v1/people").await.json();
    assert_eq!((&people["items"][0]["name"], &people["items"][0]["presence"]), (&json!("Anna"), &Value::Null));
    hub.rule(&token, json!({"presence": {"person": "Anna", "to": "away"}}), json!({"set_mode": "away"})).await;
    let says = async |id: &str, place: &str| {
        hub.post(&token, &format!("/api/v1/people/{id}/presence"), json!({"presence": place})).await
    };
    let id = people["items"][0]["id"].as_str().unwrap();
    assert_eq!(says("anna", "Home").await.json()["presence"], "home");
    assert_eq!(says(id, "away").await.json()["since"], "2026-11-20T18:00:00.000Z");
    hub.until(|snapshot| &*snapshot.home.mode == "away").await;
    assert_eq!(says("ben", "home").await.says(), "404 not_found");
    assert_eq!(says(id, " ").await.says(), "422 bad_name");

    let body = json!({"modes": ["home", "away", "party"], "mode": "party"});
    let changed = hub.send(Method::PATCH, "/api/v1/home", Some(&token), Some(body)).await;
    assert_eq!(changed.json()["mode"], "party", "{}", changed.text);
    let unknown = hub.send(Method::PATCH, "/api/v1/home", Some(&token), Some(json!({"mode": "night"}))).await;
    assert_eq!(unknown.says(), "422 bad_value");
    assert!(unknown.text.contains("home, away, party"), "{}", unknown.text);
    // A mode that a rule sets stays.
    let used = hub.send(Method::PATCH, "/api/v1/home", Some(&token), Some(json!({"modes": ["home", "party"]}))).await;
    assert_eq!(used.says(), "409 mode_in_use");
    assert!(used.text.contains(r#"Rules use what would be gone of away: \"R\"."#), "{}", used.text);

    let restarted = Hub::with(&[], hub.kept()).await;
    let people = restarted.get(&token, "/api/v1/people").await.json();
    assert_eq!(people["items"][0]["presence"], "away");
    assert_eq!(restarted.get(&token, "/api/v1/home").await.json()["mode"], "party");
}

#[tokio::test]
async fn the_owner_sets_the_clock() {
    let (hub, token) = Hub::claimed(&[]).await;
    let set = async |time: &str| hub.post(&token, "/api/v1/home/clock", json!({"time": time})).await;
    let early = set("2020-01-01T12:00:00Z").await;
    assert_eq!(early.says(), "422 bad_value");
    assert_eq!(early.json()["hint"], "Give a time after 2026-11-01T00:00:00.000Z.");
    assert_eq!(set("noon").await.says(), "422 invalid_body");
    let done = set("2026-11-20T18:40:00Z").await.json();
    assert_eq!((&done["time"], &done["time_trust"]), (&json!("2026-11-20T18:40:00.000Z"), &json!("person")));
}

#[tokio::test]
async fn a_clock_that_is_set_wrongly_ends_logins_only_until_it_is_right() {
    let (hub, owner) = Hub::claimed(&[]).await;
    let bert = hub.person(&owner, "bert", "adult").await;
    let set = async |token: &str, time: &str| hub.post(token, "/api/v1/home/clock", json!({"time": time})).await;
    set(&owner, "2199-01-01T12:00:00Z").await;
    assert_eq!(hub.get(&bert, "/api/v1/home").await.says(), "401 unauthorized");
    let later = hub.login("anna").await;
    assert_eq!(set(&later, "2026-11-20T18:05:00Z").await.status, 200);
    assert_eq!(hub.get(&bert, "/api/v1/home").await.status, 200, "nothing was thrown away");
}

#[tokio::test]
async fn what_rules_tell_people_stands_in_their_list() {
    let (hub, token) = Hub::claimed(&["lamp-1"]).await;
    let trigger = json!({"state": {"device": "lamp 1", "attribute": "on", "to": true}});
    hub.rule(&token, trigger, json!({"notify": {"to": "anna", "title": "Lamp", "message": "It is on"}})).await;
    for _ in 0..3 {
        hub.command(&token, "lamp-1", json!({"on": false})).await;
        hub.command(&token, "lamp-1", json!({"on": true})).await;
    }
    hub.until(|snapshot| snapshot.notifications.len() == 3).await;
    let path = "/api/v1/users/me/notifications";
    let first = hub.get(&token, &format!("{path}?limit=2")).await.json();
    let newest = &first["items"][0];
    assert_eq!(
        (&newest["title"], &newest["message"], &newest["severity"], &newest["rule"], &newest["read_at"]),
        (&json!("Lamp"), &json!("It is on"), &json!("info"), &json!("r"), &Value::Null)
    );
    let cursor = first["next_cursor"].as_str().unwrap();
    let rest = hub.get(&token, &format!("{path}?limit=2&cursor={cursor}")).await.json();
    assert_eq!((rest["items"].as_array().unwrap().len(), &rest["next_cursor"]), (1, &Value::Null));
    assert!(rest["items"][0]["id"].as_str() < newest["id"].as_str());
    let read = format!("{path}/{}/read", newest["id"].as_str().unwrap());
    let marked = hub.send(Method::POST, &read, Some(&token), None).await;
    assert_eq!(marked.json()["read_at"], "2026-11-20T18:00:00.000Z", "{}", marked.text);
    assert_eq!(hub.send(Method::POST, &format!("{path}/1/read"), Some(&token), None).await.says(), "404 not_found");
    let restarted = Hub::with(&[], hub.kept()).await;
    let kept = restarted.get(&token, path).await.json();
    assert_eq!(kept["items"][0]["read_at"], "2026-11-20T18:00:00.000Z");
    assert_eq!(kept["items"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn a_webhook_needs_only_its_id() {
    let (hub, token) = Hub::claimed(&["lamp-1"]).await;
    let action = json!({"command": {"device": "lamp 1", "set": {"on": true}}});
    hub.rule(&token, json!({"webhook": {"id": "door-bell-7f3a9c"}}), action).await;
    let call = async |id: &str, body: Option<Value>| {
        hub.send(Method::POST, &format!("/api/v1/webhooks/{id}"), None, body).await
    };
    for body in [None, Some(json!({"button": 1}))] {
        let called = call("door-bell-7f3a9c", body).await;
        assert_eq!((called.status.as_u16(), called.text.as_str()), (202, "{}"));
    }
    hub.until(|snapshot| {
        let state = snapshot.device(&"test:lamp-1".into()).unwrap().state(1, "on").unwrap();
        state.value.as_bool() == Some(true)
    })
    .await;
    assert_eq!(call("door-bell-7f3a9c", Some(json!("{"))).await.says(), "400 malformed_json");
    assert_eq!(call("door-bell-7f3a9c", Some(json!("x".repeat(66_000)))).await.says(), "413 too_large");
    assert_eq!(call("door-bell", None).await.says(), "404 not_found");
    let listed = hub.get(&token, "/api/v1/automations").await;
    assert!(!listed.text.contains("7f3a9c"), "lists do not show the secret");
    let off = json!({"enabled": false});
    hub.send(Method::PATCH, "/api/v1/automations/r", Some(&token), Some(off)).await;
    assert_eq!(call("door-bell-7f3a9c", None).await.says(), "404 not_found", "nobody listens");
}

#[tokio::test]
async fn a_rule_finds_a_scene_without_regard_to_case() {
    let (hub, token) = Hub::claimed(&["lamp-1"]).await;
    let scene = json!({"name": "Kinoabend Süd", "states": [{"device": "test:lamp-1", "set": {"on": true}}]});
    assert_eq!(hub.post(&token, "/api/v1/scenes", scene).await.json()["id"], "kinoabend-sued");
    for name in ["Kinoabend Süd", "KINOABEND SÜD", "kinoabend-sued"] {
        let rule = json!({"name": "Film", "triggers": [{"time": "20:15"}], "actions": [{"scene": name}]});
        let saved = hub.post(&token, "/api/v1/automations", rule).await;
        assert_eq!(saved.status, 201, "{name}: {}", saved.text);
    }
}
