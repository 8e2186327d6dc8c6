//! The audit log: what is written into it, and who reads it.

use axum::http::Method;
use hub_model::record::{Change, Record, RecordKey};
use serde_json::{Value, json};

use crate::harness::{Hub, PASSWORD};

async fn send(hub: &Hub, token: &str, method: Method, path: &str, body: Option<Value>) -> Value {
    let answer = hub.send(method.clone(), path, Some(token), body).await;
    assert!(answer.status.is_success(), "{method} {path}: {}", answer.text);
    serde_json::from_str(&answer.text).unwrap_or(Value::Null)
}

#[tokio::test]
async fn what_is_done_is_written_down_with_who_did_it() {
    let (hub, token) = Hub::claimed(&["lamp-1"]).await;
    let rule = json!({"id": "hall", "name": "Hall", "triggers": [{"time": "07:30"}],
        "actions": [{"command": {"device": "lamp 1", "set": {"on": true}}}]});
    let scene = json!({"name": "Film", "states": [{"device": "lamp 1", "set": {"on": true}}]});
    let lamp = "/api/v1/devices/test%3Alamp-1";
    let area = send(&hub, &token, Method::POST, "/api/v1/areas", Some(json!({"name": "Hall"}))).await;
    for (method, path, body) in [
        (Method::POST, "/api/v1/automations", Some(rule)),
        (Method::PATCH, "/api/v1/automations/hall", Some(json!({"enabled": false}))),
        (Method::DELETE, "/api/v1/automations/hall", None),
        (Method::POST, "/api/v1/scenes", Some(scene)),
        (Method::DELETE, "/api/v1/scenes/film", None),
        (Method::PATCH, lamp, Some(json!({"name": "Big lamp"}))),
        (Method::DELETE, lamp, None),
        (Method::PATCH, "/api/v1/home", Some(json!({"name": "Villa Kunterbunt"}))),
        (Method::DELETE, &format!("/api/v1/areas/{}", area["id"].as_str().unwrap()), None),
    ] {
        send(&hub, &token, method, path, body).await;
    }
    let program = send(&hub, &token, Method::POST, "/api/v1/tokens", Some(json!({"name": "x"}))).await;
    let program = program["id"].as_str().unwrap();
    send(&hub, &token, Method::DELETE, &format!("/api/v1/tokens/{program}"), None).await;
    let ben =
        send(&hub, &token, Method::POST, "/api/v1/users", Some(json!({"username": "Ben", "role": "child"}))).await;
    send(&hub, &token, Method::PATCH, "/api/v1/users/ben", Some(json!({"role": "adult"}))).await;
    send(&hub, &token, Method::DELETE, "/api/v1/users/ben", None).await;
    let own = json!({"password": "another password", "old_password": PASSWORD});
    send(&hub, &token, Method::PATCH, "/api/v1/users/me", Some(own)).await;
    send(&hub, &token, Method::POST, "/api/v1/auth/logout", None).await;
    let login = json!({"username": "anna", "password": "another password"});
    let opened = hub.login_from("192.168.1.20:5000", login).await.json();
    let token = opened["access_token"].as_str().unwrap();

    let log = send(&hub, token, Method::GET, "/api/v1/audit", None).await;
    let items = log["items"].as_array().unwrap();
    let told: Vec<String> = items
        .iter()
        .rev()
        .map(|item| {
            let what = item["what"].as_str().unwrap_or("-");
            let what = what.replace(ben["id"].as_str().unwrap(), "BEN").replace(program, "PROGRAM");
            let what = if what.starts_with("user-") { "ANNA".to_owned() } else { what };
            format!("{} {} {what}", item["name"].as_str().unwrap(), item["action"].as_str().unwrap())
        })
        .collect();
    expect_test::expect![[r#"
        Anna setup -
        Anna area_saved hall
        Anna rule_saved hall
        Anna rule_saved hall
        Anna rule_removed hall
        Anna scene_saved film
        Anna scene_removed film
        Anna device_changed test:lamp-1
        Anna device_removed test:lamp-1
        Anna home_changed -
        Anna area_removed hall
        Anna token_made PROGRAM
        Anna token_removed PROGRAM
        Anna user_added BEN
        Anna user_changed BEN
        Anna user_removed BEN
        Anna password_changed ANNA
        Anna logout -
        Anna login -"#]]
    .assert_eq(&told.join("\n"));
    let last = &items[0];
    assert_eq!((&last["source"], &last["via"]), (&json!("192.168.1.20"), &json!("api")));
    let changed = items.iter().find(|item| item["action"] == "user_changed").unwrap();
    assert_eq!(changed["detail"], "role child → adult");
    // Nothing secret is in it.
    let text = log.to_string();
    assert!(!text.contains("hearth_") && !text.contains("another password") && !text.contains(PASSWORD));
    let check = send(&hub, token, Method::GET, "/api/v1/audit/check", None).await;
    assert_eq!((&check["whole"], &check["entries"]), (&json!(true), &json!(items.len())));
}

#[tokio::test]
async fn pages_lead_backwards_without_a_gap() {
    let (hub, token) = Hub::claimed(&[]).await;
    for number in 0..7 {
        send(&hub, &token, Method::POST, "/api/v1/areas", Some(json!({"name": format!("Room {number}")}))).await;
    }
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = send(&hub, &token, Method::GET, &format!("/api/v1/audit?limit=3{cursor}"), None).await;
        seen.extend(page["items"].as_array().unwrap().iter().map(|item| item["number"].as_u64().unwrap()));
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    let all = seen[0];
    assert_eq!(seen, (1..=all).rev().collect::<Vec<_>>());
    let bad = hub.send(Method::GET, "/api/v1/audit?cursor=zz", Some(&token), None).await;
    assert_eq!(bad.says(), "422 bad_cursor");
}

#[tokio::test]
async fn an_entry_comes_in_the_commit_of_what_it_speaks_of_or_not_at_all() {
    let (hub, token) = Hub::claimed(&[]).await;
    hub.journal.fail_with(Some(hub_model::record::KeepError::Full));
    let before = hub.journal.audited().len();
    for (path, body) in [
        ("/api/v1/areas", json!({"name": "Hall"})),
        ("/api/v1/users", json!({"username": "Ben", "role": "adult"})),
        ("/api/v1/tokens", json!({"name": "x"})),
    ] {
        assert_eq!(hub.send(Method::POST, path, Some(&token), Some(body)).await.says(), "507 storage_full");
    }
    hub.journal.fail_with(None);
    assert_eq!(hub.journal.audited().len(), before);
    // What is refused leaves none.
    let missing = hub.send(Method::DELETE, "/api/v1/areas/nowhere", Some(&token), None).await;
    assert_eq!((missing.says().as_str(), hub.journal.audited().len()), ("404 not_found", before));
    send(&hub, &token, Method::POST, "/api/v1/users", Some(json!({"username": "Ben", "role": "adult"}))).await;
    let changes = hub.journal.changes();
    let account = changes.iter().rposition(|change| matches!(change, Change::Put(Record::Account(_)))).unwrap();
    assert!(
        changes[account..]
            .iter()
            .any(|change| matches!(change, Change::Audit(entry) if &*entry.action == "user_added"))
    );
    assert!(!changes.iter().any(|change| matches!(change, Change::Remove(RecordKey::Account(_)))));
}

#[tokio::test]
async fn a_driver_that_refuses_halfway_leaves_an_entry_all_the_same() {
    let (hub, token) = Hub::claimed(&["able-lamp"]).await;
    for (method, path, image, action) in [
        (Method::PUT, "/api/v1/drivers/test/backup", "AQID", "driver_restored"),
        (Method::POST, "/api/v1/devices/test:able-lamp/firmware/file", "OjAw", "firmware_installed"),
    ] {
        let answer = hub.send(method, path, Some(&token), Some(json!({"image": image}))).await;
        assert_eq!(answer.says(), "409 refused");
        assert!(hub.journal.audited().iter().any(|entry| &*entry.action == action), "{action}");
    }
    // Who names a driver that is not there has done nothing.
    let before = hub.journal.audited().len();
    let nobody =
        hub.send(Method::PUT, "/api/v1/drivers/nobody/backup", Some(&token), Some(json!({"image": "AQID"}))).await;
    assert_eq!((nobody.says().as_str(), hub.journal.audited().len()), ("404 not_found", before));
}

#[tokio::test]
async fn who_sits_at_the_hub_is_called_local() {
    let (hub, token) = Hub::claimed(&[]).await;
    let area = hub.local(Method::POST, "/api/v1/areas", Some(json!({"name": "Hall"}))).await;
    assert_eq!(area.status, 201, "{}", area.text);
    let log = send(&hub, &token, Method::GET, "/api/v1/audit?limit=1", None).await;
    let entry = &log["items"][0];
    assert_eq!(
        (&entry["who"], &entry["via"], &entry["source"], &entry["action"]),
        (&json!("local"), &json!("cli"), &Value::Null, &json!("area_saved"))
    );
}
