//! Who guesses passwords: slowed down, over a restart too, without keeping others out and without wearing the disk.

use std::time::Duration;

use axum::http::Method;
use hub_model::record::{Change, Record};
use serde_json::{Value, json};

use crate::harness::{Hub, PASSWORD, eventually};

const HOME: &str = "192.168.1.20:5000";
const STRANGER: &str = "203.0.113.7:5000";

async fn login(hub: &Hub, source: &str, password: &str) -> String {
    hub.login_from(source, json!({"username": "anna", "password": password})).await.says()
}

#[tokio::test]
async fn who_guesses_from_one_place_waits_longer_and_longer_and_keeps_nobody_out() {
    let (hub, _) = Hub::claimed(&[]).await;
    let mut said = Vec::new();
    for _ in 0..12 {
        said.push(login(&hub, STRANGER, "wrong horse").await);
        hub.clock.advance(Duration::from_secs(1));
    }
    let tried = said.iter().filter(|said| *said == "401 wrong_credentials").count();
    assert!((5..=10).contains(&tried), "{said:?}");
    assert_eq!(login(&hub, STRANGER, PASSWORD).await, "429 too_many_attempts");
    let waits = hub.login_from(STRANGER, json!({"username": "anna", "password": PASSWORD})).await;
    assert!(waits.header("retry-after").parse::<u64>().unwrap() >= 2, "{waits:?}");
    // From elsewhere the same account is open, for who never logged in from there too.
    for place in [HOME, "198.51.100.1:5000", "[2001:db8::1]:5000"] {
        assert_eq!(login(&hub, place, PASSWORD).await, "200", "{place}");
    }
    // An open browser guesses no faster.
    let token = hub.login("anna").await;
    let mut said = Vec::new();
    for _ in 0..7 {
        let body = json!({"password": "another password", "old_password": "wrong horse"});
        let request = axum::http::Request::patch("/api/v1/users/me")
            .header("host", "localhost")
            .header("content-type", "application/json")
            .header("authorization", format!("Bearer {token}"))
            .extension(hub_api::Peer(HOME.parse().unwrap()))
            .body(axum::body::Body::from(body.to_string()))
            .unwrap();
        said.push(hub.send_request(hub.router.clone(), request).await.says());
    }
    assert_eq!(said.last().unwrap(), "429 too_many_attempts", "{said:?}");
}

#[tokio::test]
async fn a_restart_gives_nobody_a_fresh_start() {
    let (hub, _) = Hub::claimed(&[]).await;
    assert_eq!(login(&hub, HOME, PASSWORD).await, "200");
    for _ in 0..5 {
        assert_eq!(login(&hub, STRANGER, "wrong horse").await, "401 wrong_credentials");
    }
    assert_eq!(login(&hub, STRANGER, PASSWORD).await, "429 too_many_attempts");
    hub.api.finish().await;
    let restarted = Hub::with(&[], hub.kept()).await;
    assert_eq!(login(&restarted, STRANGER, PASSWORD).await, "429 too_many_attempts");
    assert_eq!(login(&restarted, HOME, PASSWORD).await, "200");
    restarted.clock.advance(Duration::from_secs(60 * 60));
    assert_eq!(login(&restarted, STRANGER, PASSWORD).await, "200");
}

fn writes(hub: &Hub) -> (usize, usize) {
    let changes = hub.journal.changes();
    let attempts = changes.iter().filter(|change| matches!(change, Change::Put(Record::LoginAttempts(_)))).count();
    let entries = hub.journal.audited();
    (attempts, entries.iter().filter(|entry| &*entry.action == "login_failed").count())
}

#[tokio::test(start_paused = true)]
async fn a_flood_of_guesses_does_not_wear_the_disk() {
    let (hub, _) = Hub::claimed(&[]).await;
    let before = writes(&hub);
    // Ten minutes, from very many places.
    for number in 0..600_u32 {
        let source = format!("203.0.{}.{}:5000", number / 250, number % 250);
        login(&hub, &source, "wrong horse").await;
        hub.clock.advance(Duration::from_secs(1));
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    let after = writes(&hub);
    assert!(after.0 - before.0 <= 11, "{after:?}");
    assert!((2..=5).contains(&(after.1 - before.1)), "{after:?}");
    let first = hub.journal.audited().into_iter().filter(|entry| &*entry.action == "login_failed").collect::<Vec<_>>();
    assert_eq!((&*first[0].outcome, first[0].detail.as_deref()), ("refused", None));
    let told = first[1].detail.as_deref().unwrap();
    assert!(told.contains(" tries for user-") && told.len() < 200, "{told}");
}

#[tokio::test]
async fn what_was_typed_in_place_of_a_name_is_written_down_nowhere() {
    let (hub, token) = Hub::claimed(&[]).await;
    let body = json!({"username": "my secret password", "password": "anna"});
    assert_eq!(hub.login_from(STRANGER, body).await.says(), "401 wrong_credentials");
    eventually("the failure is in the log", async || {
        let log = hub.send(Method::GET, "/api/v1/audit", Some(&token), None).await;
        assert!(!log.text.contains("my secret password"));
        log.json()["items"][0] == Value::Null || log.json()["items"][0]["action"] == "login_failed"
    })
    .await;
    let log = hub.send(Method::GET, "/api/v1/audit", Some(&token), None).await.json();
    assert_eq!((&log["items"][0]["who"], &log["items"][0]["source"]), (&json!("unknown"), &json!("203.0.113.7")));
    assert!(!format!("{:?}", hub.journal.changes()).contains("my secret password"));
}

#[tokio::test]
async fn two_who_claim_a_hub_at_once_do_not_both_get_it() {
    for _ in 0..5 {
        let hub = Hub::new(&[]).await;
        let (first, second) = futures_util::future::join(hub.claim(), hub.claim()).await;
        let mut said = [first.says(), second.says()];
        said.sort();
        assert_eq!(said, ["201", "409 already_claimed"]);
        assert_eq!(hub.kept().accounts.len(), 1);
    }
}
