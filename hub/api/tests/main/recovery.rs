//! An owner who has lost the password is let in again by whoever has the hub in hand.

use std::time::Duration;

use axum::http::Method;
use hub_model::Timestamp;
use hub_model::household::Secret;
use serde_json::{Value, json};

use crate::harness::{Answer, Hub, PASSWORD};

const WRITTEN: Timestamp = Timestamp(1_795_000_000_000);

async fn setup(hub: &Hub, code: &str, username: &str) -> Answer {
    let owner = json!({"username": username, "password": "a new password"});
    hub.send(Method::POST, "/api/v1/setup", None, Some(json!({"setup_code": code, "owner": owner}))).await
}

async fn recover(hub: &Hub, request: &str, written_at: Timestamp) -> Option<String> {
    hub.api.recover(request, written_at).await.unwrap().map(|code: Secret| code.reveal().to_owned())
}

#[tokio::test]
async fn a_recovery_sets_the_owners_password_and_nothing_else() {
    let (hub, token) = Hub::claimed(&["lamp-1"]).await;
    let rule = json!({"id": "hall", "name": "Hall", "triggers": [{"time": "07:30"}],
        "actions": [{"command": {"device": "lamp 1", "set": {"on": true}}}]});
    assert_eq!(hub.send(Method::POST, "/api/v1/automations", Some(&token), Some(rule)).await.status, 201);
    assert_eq!(setup(&hub, "whatever", "anna").await.says(), "409 already_claimed");
    let code = recover(&hub, "", WRITTEN).await.unwrap();
    assert_eq!(hub.api.setup_code().unwrap().reveal(), code);
    assert_eq!(std::fs::read_to_string(hub.folder.path().join("setup-code")).unwrap().trim(), code);
    assert_eq!(hub.local(Method::GET, "/api/v1/system", None).await.json()["setup_code"], json!(code));
    let status = hub.send(Method::GET, "/api/v1/status", None, None).await.json();
    assert_eq!(status["state"], "claimed");
    assert_eq!(setup(&hub, "0000-0000-0000-0000-0000", "anna").await.says(), "403 wrong_setup_code");
    // The name may be forgotten too: there is one owner.
    let done = setup(&hub, &code, "whoever").await;
    assert_eq!(done.status, 201, "{}", done.text);
    let new = done.json()["access_token"].as_str().unwrap().to_owned();
    let me = hub.send(Method::GET, "/api/v1/users/me", Some(&new), None).await.json();
    assert_eq!((&me["username"], &me["role"]), (&json!("Anna"), &json!("owner")));
    assert_eq!(hub.send(Method::GET, "/api/v1/home", Some(&token), None).await.says(), "401 unauthorized");
    assert_eq!(hub.send(Method::GET, "/api/v1/home", Some(&new), None).await.json()["name"], "Villa");
    let snapshot = hub.core.handle.snapshot();
    assert_eq!((snapshot.devices.len(), snapshot.automations.len()), (1, 1));
    // Once.
    assert_eq!(setup(&hub, &code, "anna").await.says(), "409 already_claimed");
    assert_eq!(hub.api.setup_code(), None);
    let restarted = Hub::with(&[], hub.kept()).await;
    for (password, said) in [(PASSWORD, "401 wrong_credentials"), ("a new password", "200")] {
        let login = json!({"username": "anna", "password": password});
        assert_eq!(restarted.send(Method::POST, "/api/v1/auth/login", None, Some(login)).await.says(), said);
    }
    let actions: Vec<String> =
        hub.journal.audited().iter().map(|entry| format!("{} {}", entry.action, entry.via)).collect();
    assert!(
        actions.contains(&"recovery file".to_owned()) && actions.contains(&"recovery api".to_owned()),
        "{actions:?}"
    );
}

#[tokio::test]
async fn the_same_file_is_heard_once() {
    let (hub, _) = Hub::claimed(&[]).await;
    assert!(recover(&hub, "", WRITTEN).await.is_some());
    assert!(recover(&hub, "", WRITTEN).await.is_none());
    let restarted = Hub::with(&[], hub.kept()).await;
    assert!(recover(&restarted, "", WRITTEN).await.is_none());
    assert!(recover(&restarted, "", Timestamp(WRITTEN.0 + 2_000)).await.is_some());
    // Its code is good for a day, and only until the next start.
    assert!(restarted.api.setup_code().is_some());
    restarted.clock.advance(Duration::from_secs(24 * 60 * 60));
    assert_eq!(restarted.api.setup_code(), None);
    let again = Hub::with(&[], hub.kept()).await;
    assert_eq!(again.api.setup_code(), None);
    // A hub that belongs to nobody has nobody to let in.
    let new = Hub::new(&[]).await;
    let code = new.api.setup_code();
    assert!(recover(&new, "", WRITTEN).await.is_none());
    assert_eq!(new.api.setup_code(), code);
}

#[tokio::test]
async fn a_person_may_choose_the_code_and_has_to_say_which_of_several_owners() {
    let (hub, token) = Hub::claimed(&[]).await;
    hub.person(&token, "Ben", "owner").await;
    hub.person(&token, "Cleo", "adult").await;
    assert!(recover(&hub, "my own code 12345678", WRITTEN).await.is_some());
    for name in ["whoever", "cleo"] {
        let refused = setup(&hub, "MY-OWN-CODE-12345678", name).await;
        assert_eq!(refused.says(), "422 bad_value");
        assert!(refused.json()["hint"].as_str().unwrap().contains("Anna, Ben"), "{}", refused.text);
    }
    assert_eq!(setup(&hub, "my own code 12345678", "ben").await.status, 201);
    let login = json!({"username": "anna", "password": PASSWORD});
    assert_eq!(hub.send(Method::POST, "/api/v1/auth/login", None, Some(login)).await.status, 200);
    // A file on a hub whose disk refuses is heard when it does not.
    hub.journal.fail_with(Some(hub_model::record::KeepError::Full));
    assert!(hub.api.recover("", Timestamp(1)).await.is_err());
    assert_eq!(hub.api.setup_code(), None);
    hub.journal.fail_with(None);
    assert_ne!(recover(&hub, "", Timestamp(1)).await.map(Value::from), None);
}

#[tokio::test]
async fn nobody_is_let_in_again_before_everybodys_eyes() {
    let strict = Hub::strict().await;
    assert_eq!(strict.claim().await.status, 201, "a new hub may be claimed in the clear");
    let code = recover(&strict, "", WRITTEN).await.unwrap();
    assert_eq!(setup(&strict, &code, "anna").await.says(), "403 plain_http");
    assert!(strict.api.setup_code().is_some(), "the code is not used up");
}
