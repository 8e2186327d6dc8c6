//! How people are reached and what they want to be told.

use axum::http::Method;
use serde_json::{Value, json};

use crate::harness::Hub;

const CHANNELS: &str = "/api/v1/users/me/channels";
const PREFERENCES: &str = "/api/v1/users/me/messages";

fn push(endpoint: &str) -> Value {
    let keys = json!({"p256dh": "BCVx", "auth": "BTBZ"});
    json!({"kind": "web_push", "name": "Phone", "endpoint": endpoint, "keys": keys, "expirationTime": null})
}

#[tokio::test]
async fn channels_come_and_go_and_show_no_secret() {
    let (hub, token) = Hub::claimed(&[]).await;
    assert_eq!(hub.get(&token, "/api/v1/push-key").await.json(), json!({"key": "BPUBLIC"}));
    let made = hub.post(&token, CHANNELS, push("https://push.example/a-secret")).await;
    assert_eq!(made.says(), "201", "{}", made.text);
    let id = made.json()["id"].as_str().unwrap().to_owned();
    assert_eq!(made.header("location"), format!("{CHANNELS}/{id}"));
    let again = hub.post(&token, CHANNELS, push("https://push.example/a-secret")).await;
    assert_eq!(again.json()["id"], *id, "one browser is one channel");
    let mail = json!({"kind": "email", "address": "anna@example.com", "least": "critical"});
    assert_eq!(hub.post(&token, CHANNELS, mail).await.json()["least"], "error");
    let hook = json!({"kind": "webhook", "url": "https://ntfy.example/a-secret", "shape": "ntfy"});
    hub.post(&token, CHANNELS, hook).await;
    let listed = hub.get(&token, CHANNELS).await;
    assert!(!listed.text.contains("secret") && !listed.text.contains("BCVx"), "{}", listed.text);
    let shown: Vec<Value> =
        listed.json()["items"].as_array().unwrap().iter().map(|one| json!([one["kind"], one["to"]])).collect();
    assert_eq!(
        json!(shown),
        json!([["web_push", "push.example"], ["email", "anna@example.com"], ["webhook", "ntfy.example"]])
    );
    let restarted = Hub::with(&[], hub.kept()).await;
    assert_eq!(restarted.get(&token, CHANNELS).await.json(), listed.json());

    let one = format!("{CHANNELS}/{id}");
    assert_eq!(hub.send(Method::POST, &format!("{one}/test"), Some(&token), None).await.says(), "204");
    assert_eq!(hub.messenger.sent(), ["Phone"]);
    assert_eq!(hub.send(Method::DELETE, &one, Some(&token), None).await.says(), "204");
    assert_eq!(hub.send(Method::DELETE, &one, Some(&token), None).await.says(), "404 not_found");
    assert_eq!(hub.send(Method::POST, &format!("{one}/test"), Some(&token), None).await.says(), "404 not_found");
}

#[tokio::test]
async fn what_cannot_be_a_channel_is_refused_with_a_reason() {
    let (hub, token) = Hub::claimed(&[]).await;
    for (channel, says) in [
        (json!({"kind": "email", "address": "wrong"}), "422 bad_channel"),
        (json!({"kind": "email", "adress": "a@b"}), "422 unknown_field"),
        (json!({"kind": "pigeon"}), "422 invalid_body"),
        (json!({"kind": "email"}), "422 invalid_body"),
        (json!({"kind": "email", "address": "a@b", "name": ""}), "422 bad_name"),
        (json!({"kind": "webhook", "url": "https://x", "shape": "round"}), "422 invalid_body"),
        (json!({"kind": "email", "address": "a@b", "least": "huge"}), "422 invalid_body"),
    ] {
        let refused = hub.post(&token, CHANNELS, channel.clone()).await;
        assert_eq!(refused.says(), says, "{channel} {}", refused.text);
    }
    for number in 0..16 {
        let hook = json!({"kind": "webhook", "url": format!("https://x/{number}")});
        assert_eq!(hub.post(&token, CHANNELS, hook).await.says(), "201");
    }
    assert_eq!(hub.post(&token, CHANNELS, push("https://x")).await.says(), "409 conflict");
    let id = hub.get(&token, CHANNELS).await.json()["items"][0]["id"].as_str().unwrap().to_owned();
    hub.messenger.fails.store(true, std::sync::atomic::Ordering::Relaxed);
    let failed = hub.send(Method::POST, &format!("{CHANNELS}/{id}/test"), Some(&token), None).await;
    assert_eq!(failed.says(), "502 not_delivered");
    assert!(failed.text.contains("was not delivered: nobody is there."), "{}", failed.text);
    let all = hub.send(Method::POST, "/api/v1/people/ANNA/messages/test", Some(&token), None).await.json();
    assert_eq!(all["items"].as_array().unwrap().len(), 16);
    assert_eq!((&all["items"][0]["delivered"], &all["items"][0]["detail"]), (&json!(false), &json!("nobody is there")));
    let nobody = hub.send(Method::POST, "/api/v1/people/nobody/messages/test", Some(&token), None).await;
    assert_eq!(nobody.says(), "404 not_found");
}

#[tokio::test]
async fn a_browser_changes_hands_only_if_it_can() {
    let (hub, token) = Hub::claimed(&[]).await;
    let ben = hub.person(&token, "Ben", "guest").await;
    assert_eq!(hub.post(&token, CHANNELS, push("https://push.example/shared")).await.says(), "201");
    for number in 0..16 {
        hub.post(&ben, CHANNELS, json!({"kind": "webhook", "url": format!("https://x/{number}")})).await;
    }
    let count = async |token: &str| hub.get(token, CHANNELS).await.json()["items"].as_array().unwrap().len();
    assert_eq!(hub.post(&ben, CHANNELS, push("https://push.example/shared")).await.says(), "409 conflict");
    assert_eq!((count(&token).await, count(&ben).await), (1, 16));
    let one = hub.get(&ben, CHANNELS).await.json()["items"][0]["id"].as_str().unwrap().to_owned();
    hub.send(Method::DELETE, &format!("{CHANNELS}/{one}"), Some(&ben), None).await;
    assert_eq!(hub.post(&ben, CHANNELS, push("https://push.example/shared")).await.says(), "201");
    assert_eq!((count(&token).await, count(&ben).await), (0, 16));
}

#[tokio::test]
async fn test_messages_are_few() {
    let (hub, token) = Hub::claimed(&[]).await;
    let ben = hub.person(&token, "Ben", "guest").await;
    let channel = json!({"kind": "email", "address": "victim@example.com"});
    let made = hub.post(&ben, CHANNELS, channel.clone()).await.json();
    let test = format!("{CHANNELS}/{}/test", made["id"].as_str().unwrap());
    for _ in 0..10 {
        assert_eq!(hub.send(Method::POST, &test, Some(&ben), None).await.says(), "204");
        assert_eq!(hub.send(Method::POST, "/api/v1/people/ben/messages/test", Some(&ben), None).await.says(), "200");
    }
    // A new channel is no new allowance.
    let made = hub.post(&ben, CHANNELS, channel).await.json();
    let anew = format!("{CHANNELS}/{}/test", made["id"].as_str().unwrap());
    for path in [&*anew, "/api/v1/people/ben/messages/test"] {
        let refused = hub.send(Method::POST, path, Some(&ben), None).await;
        assert_eq!(refused.says(), "429 too_many_attempts", "{path}");
        assert!(refused.header("retry-after").parse::<u64>().unwrap() > 0);
    }
    assert_eq!(hub.messenger.sent().len(), 20);
    // Others are not held up, and some minutes later there is one more.
    let owners = hub.send(Method::POST, "/api/v1/people/ben/messages/test", Some(&token), None).await;
    assert_eq!(owners.says(), "200");
    hub.clock.advance(std::time::Duration::from_secs(180));
    assert_eq!(hub.send(Method::POST, &test, Some(&ben), None).await.says(), "204");
    assert_eq!(hub.send(Method::POST, &test, Some(&ben), None).await.says(), "429 too_many_attempts");
}

#[tokio::test]
async fn who_may_only_look_changes_nothing() {
    let (hub, token) = Hub::claimed(&["lamp-1"]).await;
    let reader = hub.post(&token, "/api/v1/tokens", json!({"name": "reader", "scope": "read"})).await;
    let reader = reader.json()["token"].as_str().unwrap().to_owned();
    for (method, path, body) in [
        (Method::POST, CHANNELS, Some(push("https://x"))),
        (Method::DELETE, "/api/v1/users/me/channels/x", None),
        (Method::POST, "/api/v1/users/me/channels/x/test", None),
        (Method::PATCH, PREFERENCES, Some(json!({}))),
        (Method::POST, "/api/v1/users/me/notifications/x/acknowledge", None),
        (Method::POST, "/api/v1/people/anna/messages/test", None),
    ] {
        assert_eq!(hub.send(method, path, Some(&reader), body).await.says(), "403 read_only_token", "{path}");
    }
    assert_eq!(hub.get(&reader, CHANNELS).await.says(), "200");
}

#[tokio::test]
async fn preferences_are_changed_in_parts() {
    let (hub, token) = Hub::claimed(&["lamp-1"]).await;
    let usual = json!({"least": "info", "quiet": null, "muted_kinds": [], "muted_devices": []});
    assert_eq!(hub.get(&token, PREFERENCES).await.json(), usual);
    let patch = async |body: Value| hub.send(Method::PATCH, PREFERENCES, Some(&token), Some(body)).await;
    let quiet = json!({"from": "22:00", "to": "07:00"});
    assert_eq!(patch(json!({"quiet": quiet})).await.json()["quiet"], quiet);
    let muted = json!({"least": "warning", "muted_kinds": ["battery_low"], "muted_devices": ["test:lamp-1"]});
    let all = patch(muted).await.json();
    let expected =
        json!({"least": "warning", "quiet": quiet, "muted_kinds": ["battery_low"], "muted_devices": ["test:lamp-1"]});
    assert_eq!(all, expected);
    for (body, says) in [
        (json!({"quiet": {"from": "25:00", "to": "07:00"}}), "422 bad_value"),
        (json!({"quiet": {"from": "07:00", "to": "07:00"}}), "422 invalid"),
        (json!({"quiet": {"from": "07:00"}}), "422 invalid_body"),
        (json!({"muted_devices": ["test:nobody"]}), "404 not_found"),
        (json!({"muted_kinds": ["battery_low", "batery_low"]}), "422 bad_value"),
        (json!({"loud": true}), "422 unknown_field"),
    ] {
        assert_eq!(patch(body.clone()).await.says(), says, "{body}");
    }
    let misspelt = patch(json!({"muted_kinds": ["batery_low"]})).await.json();
    assert!(misspelt["hint"].as_str().unwrap().contains("battery_low, rule_stopped"), "{misspelt}");
    let restarted = Hub::with(&["lamp-1"], hub.kept()).await;
    assert_eq!(restarted.get(&token, PREFERENCES).await.json(), expected);
    assert_eq!(patch(json!({"quiet": null})).await.json()["quiet"], Value::Null);
}

#[tokio::test]
async fn who_sees_to_it_has_read_it() {
    let (hub, token) = Hub::claimed(&["lamp-1"]).await;
    let trigger = json!({"state": {"device": "lamp 1", "attribute": "on", "to": true}});
    hub.rule(&token, trigger, json!({"notify": {"message": "It is on", "severity": "critical"}})).await;
    hub.command(&token, "lamp-1", json!({"on": true})).await;
    hub.until(|snapshot| snapshot.notifications.len() == 1).await;
    let path = "/api/v1/users/me/notifications";
    let told = hub.get(&token, path).await.json()["items"][0].clone();
    let expected = (&json!("error"), &Value::Null, &json!(false), &Value::Null);
    assert_eq!((&told["severity"], &told["acknowledged_at"], &told["acknowledged"], &told["alert"]), expected);
    let id = told["id"].as_str().unwrap();
    let seen = hub.send(Method::POST, &format!("{path}/{id}/acknowledge"), Some(&token), None).await.json();
    let now = json!("2026-11-20T18:00:00.000Z");
    assert_eq!((&seen["acknowledged_at"], &seen["read_at"], &seen["acknowledged"]), (&now, &now, &json!(true)));
    assert_eq!(hub.messenger.acknowledged(), [id]);
    let restarted = Hub::with(&[], hub.kept()).await;
    assert_eq!(restarted.get(&token, path).await.json()["items"][0]["acknowledged_at"], now);
    let unknown = hub.send(Method::POST, &format!("{path}/1/acknowledge"), Some(&token), None).await;
    assert_eq!(unknown.says(), "404 not_found");
}
