//! Where people are: phones, zones, devices that stand for somebody, and what each person prefers.

use std::time::Duration;

use axum::http::Method;
use base64::Engine;
use serde_json::{Value, json};

use crate::harness::{Answer, Hub};

/// 2026-11-20T18:00:00Z, when the tests begin.
const START: i64 = 1_795_197_600;
const PATH: &str = "/api/v1/presence/owntracks";

impl Hub {
    async fn phone(&self, user: &str, token: &str, message: Value) -> Answer {
        let encoded = base64::engine::general_purpose::STANDARD.encode(format!("{user}:{token}"));
        let authorization = format!("Basic {encoded}");
        self.send_with(Method::POST, PATH, &[("authorization", &authorization)], Some(message)).await
    }

    async fn anna(&self, token: &str) -> Value {
        self.send(Method::GET, "/api/v1/people", Some(token), None).await.json()["items"][0].clone()
    }
}

async fn phone_token(hub: &Hub, token: &str) -> String {
    let body = json!({"name": "phone", "scope": "presence"});
    let made = hub.send(Method::POST, "/api/v1/tokens", Some(token), Some(body)).await;
    assert_eq!(made.status, 201, "{}", made.text);
    made.json()["token"].as_str().unwrap().to_owned()
}

fn at(latitude: f64, accuracy: f64, seconds: i64) -> Value {
    json!({"_type": "location", "lat": latitude, "lon": 13.4, "acc": accuracy, "tst": START + seconds, "tid": "AN",
        "topic": "owntracks/anna/phone", "batt": 80})
}

async fn home_in_berlin(hub: &Hub, token: &str) {
    let body = json!({"location": {"latitude": 52.5, "longitude": 13.4},
        "zones": [{"name": "Work", "latitude": 52.6, "longitude": 13.4, "radius_m": 200}]});
    let changed = hub.send(Method::PATCH, "/api/v1/home", Some(token), Some(body)).await;
    assert_eq!(changed.status, 200, "{}", changed.text);
}

#[tokio::test]
async fn a_phone_says_where_its_person_is_and_nothing_else_is_kept() {
    let (hub, token) = Hub::claimed(&[]).await;
    home_in_berlin(&hub, &token).await;
    let phone = phone_token(&hub, &token).await;
    // One that outlives the day that passes.
    let lasting = hub.send(Method::POST, "/api/v1/tokens", Some(&token), Some(json!({"name": "test"}))).await.json();
    let token = lasting["token"].as_str().unwrap().to_owned();
    for (message, place) in [
        (at(52.5, 20.0, 0), Some("home")),
        // So uncertain that it moves nobody, then older than what is known.
        (at(52.6, 1_500.0, 10), Some("home")),
        (at(52.6, 10.0, -10), Some("home")),
        (json!({"_type": "lwt", "tst": START + 15}), Some("home")),
        (at(52.6, 10.0, 20), Some("Work")),
        (
            json!({"_type": "transition", "event": "leave", "lat": 52.7, "lon": 13.4, "acc": 10, "tst": START + 30}),
            Some("away"),
        ),
    ] {
        hub.clock.advance(Duration::from_secs(10));
        let answer = hub.phone("ANNA", &phone, message).await;
        assert_eq!((answer.status.as_u16(), answer.text.as_str()), (200, "[]"));
        assert_eq!(hub.anna(&token).await["presence"].as_str(), place);
    }
    let person = hub.anna(&token).await;
    let reason = &person["reasons"][0];
    assert_eq!(
        (&reason["source"], &reason["says"], &reason["standing"], &reason["text"]),
        (&json!("phone"), &json!("away"), &json!("decides"), &json!("the phone says away")),
        "{person}"
    );
    let future = hub.phone("anna", &phone, at(52.5, 10.0, 3_600)).await;
    assert_eq!(future.says(), "422 in_the_future");
    let kept = format!("{:?} {:?} {person}", hub.journal.changes(), hub.journal.records());
    // The zone itself is a setting of the home.
    assert!(!kept.contains("52.7"), "positions are kept nowhere");

    // A day of silence says nothing, least of all away; a word of a person holds until the phone speaks anew.
    hub.clock.advance(Duration::from_secs(24 * 60 * 60));
    hub.core.handle.look_at_clock().await;
    crate::harness::eventually("nobody knows", async || {
        let person = hub.anna(&token).await;
        person["id"].is_string() && person["presence"].is_null()
    })
    .await;
    let said = json!({"presence": "work"});
    let body = hub.send(Method::POST, "/api/v1/people/anna/presence", Some(&token), Some(said)).await.json();
    assert_eq!((&body["presence"], &body["reasons"][0]["source"]), (&json!("Work"), &json!("manual")), "{body}");
    hub.clock.advance(Duration::from_secs(10));
    hub.phone("anna", &phone, at(52.5, 10.0, 86_465)).await;
    assert_eq!(hub.anna(&token).await["presence"], "home");

    let restarted = Hub::with(&[], hub.kept()).await;
    let kept = &restarted.core.handle.snapshot().people[0];
    assert_eq!((&*kept.presence.as_ref().unwrap().place, kept.evidence.len()), ("home", 1));
}

#[tokio::test]
async fn the_token_of_a_phone_is_of_no_other_use() {
    let (hub, token) = Hub::claimed(&[]).await;
    let phone = phone_token(&hub, &token).await;
    assert_eq!(hub.phone("anna", &phone, at(52.5, 10.0, 0)).await.says(), "409 no_location");
    home_in_berlin(&hub, &token).await;
    for path in ["/api/v1/home", "/api/v1/people", "/api/v1/users/me/preferences", "/api/v1/tokens"] {
        assert_eq!(hub.send(Method::GET, path, Some(&phone), None).await.says(), "401 unauthorized", "{path}");
    }
    for (user, password) in [("anna", token.as_str()), ("ben", phone.as_str()), ("anna", "x"), ("", "")] {
        let answer = hub.phone(user, password, at(52.5, 10.0, 0)).await;
        assert_eq!(answer.says(), "401 unauthorized", "{user}");
        assert!(answer.text.contains("--scope presence"), "{}", answer.text);
    }
    assert_eq!(hub.send(Method::POST, PATH, Some(&phone), Some(at(52.5, 10.0, 0))).await.says(), "401 unauthorized");
    assert_eq!(hub.phone("anna", &phone, json!({"_type": "encrypted", "data": "x"})).await.says(), "422 encrypted");
    assert_eq!(hub.phone("anna", &phone, json!([1])).await.says(), "422 invalid_body");
    let other = json!({"name": "x", "scope": "write"});
    assert_eq!(hub.send(Method::POST, "/api/v1/tokens", Some(&token), Some(other)).await.says(), "422 bad_value");
}

#[tokio::test]
async fn a_device_stands_for_somebody() {
    let (hub, token) = Hub::claimed(&["lamp-1"]).await;
    let change = async |body: Value| hub.send(Method::PATCH, "/api/v1/people/anna", Some(&token), Some(body)).await;
    for (device, code) in [
        (json!({"device": "test:x"}), "422 no_such_device"),
        (json!({"device": "test:lamp-1", "attribute": "brightness"}), "422 bad_value"),
        (json!({"device": "test:lamp-1", "attribute": "on", "away_after_minutes": 0}), "422 bad_value"),
    ] {
        assert_eq!(change(json!({"devices": [device]})).await.says(), code);
    }
    let body =
        json!({"counts": false, "devices": [{"device": "test:lamp-1", "attribute": "on", "away_after_minutes": 30}]});
    let changed = change(body).await;
    assert_eq!((changed.status.as_u16(), &changed.json()["counts"]), (200, &json!(false)), "{}", changed.text);
    let set = async |on: bool| {
        let body = json!({"set": {"on": on}});
        let path = "/api/v1/devices/test%3Alamp-1/commands?wait=10s";
        assert_eq!(hub.send(Method::POST, path, Some(&token), Some(body)).await.json()["status"], "confirmed");
    };
    set(true).await;
    let person = hub.anna(&token).await;
    assert_eq!(
        (&person["presence"], &person["reasons"][0]["device"]),
        (&json!("home"), &json!("test:lamp-1")),
        "{person}"
    );
    set(false).await;
    let somewhere = async |place: Value| {
        crate::harness::eventually("the person to be elsewhere", async || hub.anna(&token).await["presence"] == place)
            .await;
    };
    somewhere(json!(null)).await;
    hub.clock.advance(Duration::from_secs(30 * 60));
    hub.core.handle.look_at_clock().await;
    somewhere(json!("away")).await;
    let kept = Hub::with(&[], hub.kept()).await.core.handle.snapshot();
    assert_eq!((kept.people[0].counts, kept.people[0].devices.len()), (false, 1));
}

#[tokio::test]
async fn everybody_keeps_what_they_prefer() {
    let (hub, token) = Hub::claimed(&[]).await;
    let path = "/api/v1/users/me/preferences";
    let shown = hub.send(Method::GET, path, Some(&token), None).await;
    assert_eq!((shown.status.as_u16(), shown.json()), (200, json!({})));
    let put = hub.send(Method::PUT, path, Some(&token), Some(json!({"theme": "dark", "tabs": {"a": 1, "b": 2}}))).await;
    assert_eq!(put.status, 200, "{}", put.text);
    let bearer = format!("Bearer {token}");
    let patch = json!({"theme": null, "tabs": {"b": null, "c": [3]}});
    let headers = [("authorization", bearer.as_str()), ("if-match", put.header("etag"))];
    let headers = [&headers[..], &[("content-type", "application/merge-patch+json")]].concat();
    let patched = hub.send_with(Method::PATCH, path, &headers, Some(patch.clone())).await;
    assert_eq!(patched.json(), json!({"tabs": {"a": 1, "c": [3]}}), "{}", patched.text);
    assert_eq!(hub.send_with(Method::PATCH, path, &headers, Some(patch)).await.says(), "412 changed_meanwhile");
    let large = json!({"x": "x".repeat(70_000)});
    assert_eq!(hub.send(Method::PUT, path, Some(&token), Some(large)).await.says(), "422 too_large");
    assert_eq!(hub.send(Method::PUT, path, Some(&token), Some(json!([1]))).await.says(), "422 invalid_body");
    let restarted = Hub::with(&[], hub.kept()).await;
    assert_eq!(restarted.send(Method::GET, path, Some(&token), None).await.json(), json!({"tabs": {"a": 1, "c": [3]}}));
}

/// Whoever may not see where others are sees where they are said to be themselves, and not by which hidden device.
#[tokio::test]
async fn a_child_reads_its_own_presence() {
    let family = crate::permissions::Family::at_home().await;
    let child = family.get("child", "/api/v1/users/me").await.json()["id"].as_str().unwrap().to_owned();
    let stands = json!({"devices": [{"device": "test:lock-1", "attribute": "locked"}]});
    let set = family.send("owner", Method::PATCH, &format!("/api/v1/people/{child}"), Some(stands)).await;
    assert_eq!(set.status, 200, "{}", set.text);
    let path = format!("/api/v1/people/{child}/presence");
    let said = family.send("child", Method::POST, &path, Some(json!({"presence": "home"}))).await;
    assert_eq!(said.status, 200, "{}", said.text);
    let list = family.get("child", "/api/v1/people").await;
    let items = list.json()["items"].as_array().unwrap().clone();
    let shown: Vec<_> = items.iter().map(|person| (person["id"].as_str().unwrap(), &person["presence"])).collect();
    assert_eq!(shown, [(child.as_str(), &json!("home"))]);
    assert!(!list.text.contains("lock-1"), "{}", list.text);
    assert_eq!(family.get("adult", "/api/v1/people").await.json()["items"].as_array().unwrap().len(), 5);
}
