//! A request that somebody recorded and sends again does nothing again.

use axum::http::Method;
use serde_json::{Value, json};

use crate::harness::{Answer, PASSWORD};
use crate::permissions::Family;

const LOCK: &str = "/api/v1/devices/test%3Alock-1/commands?wait=5s";

/// The child asks for something, with a key.
async fn ask(family: &Family, key: &str, path: &str, body: &Value) -> Answer {
    let authorization = format!("Bearer {}", family.tokens["child"]);
    let headers = [("authorization", authorization.as_str()), ("idempotency-key", key)];
    family.hub.send_with(Method::POST, path, &headers, Some(body.clone())).await
}

async fn value(family: &Family, device: &str, attribute: &str) -> Value {
    let path = format!("/api/v1/devices/test%3A{device}");
    let shown = family.send("owner", Method::GET, &path, None).await.json();
    let attributes = shown["endpoints"].as_array().unwrap().iter().flat_map(|it| it["attributes"].as_array().unwrap());
    attributes.clone().find(|one| one["name"] == attribute).unwrap()["state"]["value"].clone()
}

#[tokio::test]
async fn a_lock_is_not_opened_again_by_the_same_request() {
    let family = Family::at_home().await;
    let rule = json!({"who": {"role": "child"}, "allow": ["see", "control"], "what": {"devices": ["test:lock-1"]},
        "pin": true});
    assert_eq!(family.send("owner", Method::POST, "/api/v1/permissions", Some(rule)).await.status, 201);
    let pin = async |pin: &str| {
        let body = json!({"pin": pin, "old_password": PASSWORD});
        let set = family.send("child", Method::PATCH, "/api/v1/users/me", Some(body)).await;
        assert_eq!(set.status, 200, "{}", set.text);
    };
    pin("4711").await;
    let body = json!({"set": {"locked": false}, "pin": "4711"});
    let first = ask(&family, "recorded", LOCK, &body).await;
    assert_eq!(first.json()["status"], "confirmed", "{}", first.text);
    let locked = json!({"set": {"locked": true}});
    let closed = family.send("owner", Method::POST, LOCK, Some(locked)).await;
    assert_eq!(closed.json()["status"], "confirmed", "{}", closed.text);
    // The first answer comes again, and nothing else happens.
    let again = ask(&family, "recorded", LOCK, &body).await;
    assert_eq!(again.json(), first.json());
    assert_eq!(value(&family, "lock-1", "locked").await, json!(true));
    // What is changed of it is another request; the key is spent, and without it the PIN has to be the right one of now.
    let other = json!({"set": {"locked": false}, "pin": "4711", "ttl_ms": 1_000});
    assert_eq!(ask(&family, "recorded", LOCK, &other).await.status, 422);
    pin("0815").await;
    assert_eq!(ask(&family, "another", LOCK, &body).await.says(), "403 wrong_pin");
    assert_eq!(ask(&family, "third", LOCK, &json!({"set": {"locked": false}})).await.says(), "403 not_allowed");
    // A key belongs to a person.
    let authorization = format!("Bearer {}", family.tokens["guest"]);
    let headers = [("authorization", authorization.as_str()), ("idempotency-key", "recorded")];
    let stranger = family.hub.send_with(Method::POST, LOCK, &headers, Some(body)).await;
    assert!(matches!(stranger.status.as_u16(), 403 | 404), "{}", stranger.text);
    assert_eq!(value(&family, "lock-1", "locked").await, json!(true));
}

#[tokio::test]
async fn what_was_allowed_once_is_not_done_twice() {
    let family = Family::at_home().await;
    let off = json!({"who": {"role": "child"}, "ready_made": false});
    assert_eq!(family.send("owner", Method::PUT, "/api/v1/permissions/ready-made", Some(off)).await.status, 200);
    for rule in [
        json!({"who": {"role": "child"}, "allow": ["see"], "what": {"devices": ["test:lamp-1"]}}),
        json!({"who": {"role": "child"}, "allow": ["control"], "what": {"devices": ["test:lamp-1"]}, "approval": true}),
    ] {
        assert_eq!(family.send("owner", Method::POST, "/api/v1/permissions", Some(rule)).await.status, 201);
    }
    let lamp = "/api/v1/devices/test%3Alamp-1/commands?wait=5s";
    let body = json!({"set": {"on": true}});
    assert_eq!(ask(&family, "early", lamp, &body).await.says(), "403 not_allowed");
    let plea = json!({"device": "test:lamp-1", "attribute": "on", "value": true});
    let asked = family.send("child", Method::POST, "/api/v1/approvals", Some(plea)).await;
    assert_eq!(asked.status, 201, "{}", asked.text);
    let path = format!("/api/v1/approvals/{}/answer", asked.json()["id"].as_str().unwrap());
    let answer = json!({"answer": "allow_once"});
    assert_eq!(family.send("adult", Method::POST, &path, Some(answer.clone())).await.status, 200);
    // What was refused under a key may be tried again under it.
    let first = ask(&family, "early", lamp, &body).await;
    assert_eq!(first.json()["status"], "confirmed", "{}", first.text);
    family.send("owner", Method::POST, lamp, Some(json!({"set": {"on": false}}))).await;
    assert_eq!(ask(&family, "early", lamp, &body).await.json(), first.json());
    assert_eq!(ask(&family, "late", lamp, &body).await.says(), "403 not_allowed");
    assert_eq!(family.send("child", Method::POST, lamp, Some(body)).await.says(), "403 not_allowed");
    assert_eq!(value(&family, "lamp-1", "on").await, json!(false));
    // The answer of the adult counts once, too.
    let twice = family.send("adult", Method::POST, &path, Some(answer)).await;
    assert_eq!(twice.says(), "404 not_found");
}
