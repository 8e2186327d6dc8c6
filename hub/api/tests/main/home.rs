//! Home, rooms, devices, commands, rules.

use axum::http::Method;
use serde_json::json;

use crate::harness::{Hub, eventually};

#[tokio::test]
async fn the_home_is_edited_with_care() {
    let (hub, token) = Hub::claimed(&[]).await;
    let shown = hub.send(Method::GET, "/api/v1/home", Some(&token), None).await;
    let bearer = format!("Bearer {token}");
    let tag = shown.header("etag").to_owned();
    let headers = [("authorization", bearer.as_str()), ("if-match", tag.as_str())];
    let changed = hub.send_with(Method::PATCH, "/api/v1/home", &headers, Some(json!({"mode": "night"}))).await;
    assert_eq!((changed.status.as_u16(), &changed.json()["mode"]), (200, &json!("night")), "{}", changed.text);
    let again = hub.send_with(Method::PATCH, "/api/v1/home", &headers, Some(json!({"mode": "home"}))).await;
    assert_eq!(again.says(), "412 changed_meanwhile");
    assert_eq!(hub.send(Method::GET, "/api/v1/home", Some(&token), None).await.json()["mode"], "night");
}

#[tokio::test]
async fn rooms_come_and_go_and_devices_stay() {
    let (hub, token) = Hub::claimed(&["lamp-1"]).await;
    let made =
        hub.send(Method::POST, "/api/v1/areas", Some(&token), Some(json!({"name": "Küche", "floor": "EG"}))).await;
    assert_eq!((made.status.as_u16(), made.header("location")), (201, "/api/v1/areas/kueche"), "{}", made.text);
    let placed = json!({"floor": null, "position": -2});
    let placed = hub.send(Method::PATCH, "/api/v1/areas/kueche", Some(&token), Some(placed)).await.json();
    assert_eq!(placed, json!({"id": "kueche", "name": "Küche", "floor": null, "position": -2}));
    let second = hub.send(Method::POST, "/api/v1/areas", Some(&token), Some(json!({"name": "Kueche"}))).await;
    assert_eq!(second.json()["id"], "kueche-2", "{}", second.text);
    let taken = hub.send(Method::POST, "/api/v1/areas", Some(&token), Some(json!({"id": "kueche", "name": "x"}))).await;
    assert_eq!(taken.says(), "409 exists");

    let path = "/api/v1/devices/test%3Alamp-1";
    let moved = hub.send(Method::PATCH, path, Some(&token), Some(json!({"name": " Lampe ", "area": "kueche"}))).await;
    assert_eq!((&moved.json()["name"], &moved.json()["area"]), (&json!("Lampe"), &json!("kueche")), "{}", moved.text);
    let nowhere = hub.send(Method::PATCH, path, Some(&token), Some(json!({"area": "attic"}))).await;
    assert_eq!(nowhere.says(), "422 no_such_area");
    assert_eq!(hub.send(Method::DELETE, "/api/v1/areas/kueche", Some(&token), None).await.status, 204);
    let lamp = hub.send(Method::GET, path, Some(&token), None).await.json();
    assert_eq!((&lamp["name"], &lamp["area"]), (&json!("Lampe"), &json!(null)));
}

#[tokio::test]
async fn devices_are_listed_in_pages_and_only_when_changed() {
    let (hub, token) = Hub::claimed(&["lamp-1", "lamp-2", "lamp-3"]).await;
    let first = hub.send(Method::GET, "/api/v1/devices?limit=2", Some(&token), None).await.json();
    let cursor = first["next_cursor"].as_str().unwrap();
    let second =
        hub.send(Method::GET, &format!("/api/v1/devices?limit=2&cursor={cursor}"), Some(&token), None).await.json();
    assert_eq!((first["items"].as_array().unwrap().len(), second["items"][0]["id"].as_str()), (2, Some("test:lamp-3")));
    assert_eq!(second["next_cursor"], json!(null));

    let all = hub.send(Method::GET, "/api/v1/devices", Some(&token), None).await;
    let bearer = format!("Bearer {token}");
    let tag = all.header("etag").to_owned();
    let headers = [("authorization", bearer.as_str()), ("if-none-match", tag.as_str())];
    assert_eq!(hub.send_with(Method::GET, "/api/v1/devices", &headers, None).await.status, 304);
    let path = "/api/v1/devices/test%3Alamp-2/commands?wait=5s";
    let ended = hub.send(Method::POST, path, Some(&token), Some(json!({"set": {"on": true}}))).await;
    assert_eq!((ended.status.as_u16(), &ended.json()["status"]), (200, &json!("confirmed")), "{}", ended.text);
    let changed = hub.send_with(Method::GET, "/api/v1/devices", &headers, None).await;
    assert_eq!(changed.status, 200);
    let state = &changed.json()["items"][1]["endpoints"][1]["attributes"][0]["state"];
    assert_eq!((&state["value"], &state["source"]), (&json!(true), &json!("reported")));
    let one = hub.send(Method::GET, "/api/v1/devices/test%3Alamp-2", Some(&token), None).await.json();
    assert_eq!(one, changed.json()["items"][1]);
}

#[tokio::test]
async fn a_long_list_is_compressed_when_asked_for_again() {
    let names: Vec<String> = (0..20).map(|number| format!("lamp-{number:02}")).collect();
    let (hub, token) = Hub::claimed(&names.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let bearer = format!("Bearer {token}");
    let headers = [("authorization", bearer.as_str()), ("accept-encoding", "gzip")];
    let encoding = async || {
        let answer = hub.send_with(Method::GET, "/api/v1/devices", &headers, None).await;
        answer.header("content-encoding").to_owned()
    };
    assert_eq!(encoding().await, "");
    eventually("it is compressed", async || encoding().await == "gzip").await;
}

#[tokio::test]
async fn a_command_is_followed_to_its_end() {
    let (hub, token) = Hub::claimed(&["lamp-1"]).await;
    let path = "/api/v1/devices/test%3Alamp-1/commands";
    let body = json!({"set": {"on": true, "brightness": 40}, "endpoint": 1, "ttl_ms": 5000});
    let accepted = hub.send(Method::POST, path, Some(&token), Some(body)).await;
    assert_eq!(accepted.status, 202, "{}", accepted.text);
    let location = accepted.header("location").to_owned();
    let mut pictures = hub.core.handle.watch();
    loop {
        let command = hub.send(Method::GET, &location, Some(&token), None).await.json();
        if !command["ended_at"].is_null() {
            assert_eq!(command["status"], "confirmed");
            let outcomes = command["outcomes"].as_array().unwrap();
            let brightness = outcomes.iter().find(|outcome| outcome["attribute"] == "brightness").unwrap();
            assert_eq!((&brightness["value"], &brightness["confirmed_by"]), (&json!(40), &json!("report")));
            assert_eq!(command["cause"]["kind"], "person");
            break;
        }
        tokio::time::timeout(std::time::Duration::from_secs(5), pictures.changed()).await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn what_is_sent_twice_with_one_key_is_done_once() {
    let (hub, token) = Hub::claimed(&[]).await;
    let bearer = format!("Bearer {token}");
    let headers = [("authorization", bearer.as_str()), ("idempotency-key", "k1")];
    let first = hub.send_with(Method::POST, "/api/v1/areas", &headers, Some(json!({"name": "Hall"}))).await;
    let again = hub.send_with(Method::POST, "/api/v1/areas", &headers, Some(json!({"name": "Hall"}))).await;
    assert_eq!(
        (first.status, &first.text, first.header("location")),
        (again.status, &again.text, again.header("location"))
    );
    assert_eq!(again.header("idempotency-replayed"), "true");
    let other = hub.send_with(Method::POST, "/api/v1/areas", &headers, Some(json!({"name": "Attic"}))).await;
    assert_eq!(other.says(), "422 idempotency_key_reused");
    let list = hub.send(Method::GET, "/api/v1/areas", Some(&token), None).await.json();
    assert_eq!(list["items"].as_array().unwrap().len(), 1);
    hub.clock.advance(std::time::Duration::from_secs(24 * 60 * 60));
    let login = json!({"username": "anna", "password": crate::harness::PASSWORD});
    let token = hub.send(Method::POST, "/api/v1/auth/login", None, Some(login)).await.json()["access_token"]
        .as_str()
        .unwrap()
        .to_owned();
    let bearer = format!("Bearer {token}");
    let headers = [("authorization", bearer.as_str()), ("idempotency-key", "k1")];
    let later = hub.send_with(Method::POST, "/api/v1/areas", &headers, Some(json!({"name": "Attic"}))).await;
    assert_eq!(later.status, 201, "{}", later.text);
}

#[tokio::test]
async fn rules_are_written_switched_and_removed() {
    let (hub, token) = Hub::claimed(&["lamp-1"]).await;
    let rule = json!({
        "name": "Second lamp follows",
        "triggers": [{"state": {"device": "test:lamp-1", "attribute": "on", "to": true}}],
        "actions": [{"command": {"device": "test:lamp-1", "set": {"brightness": 30}}}]
    });
    let made = hub.send(Method::POST, "/api/v1/automations", Some(&token), Some(rule.clone())).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let id = made.json()["id"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/automations/{id}");
    let off = hub.send(Method::PATCH, &path, Some(&token), Some(json!({"enabled": false}))).await;
    assert_eq!((off.status.as_u16(), &off.json()["enabled"]), (200, &json!(false)), "{}", off.text);
    let shown = hub.send(Method::GET, &path, Some(&token), None).await.json();
    assert_eq!(shown["document"]["name"], "Second lamp follows");
    let bearer = format!("Bearer {token}");
    let yaml = "name: By text\ntriggers:\n  - state: {device: 'test:lamp-1', attribute: on, to: true}\nactions:\n  - command: {device: 'test:lamp-1', set: {on: false}}\n";
    let headers = [("authorization", bearer.as_str()), ("content-type", "text/yaml")];
    let written = hub.send_with(Method::PUT, &path, &headers, Some(json!(yaml))).await;
    assert_eq!((written.status.as_u16(), &written.json()["name"]), (200, &json!("By text")), "{}", written.text);
    assert_eq!(hub.send(Method::DELETE, &path, Some(&token), None).await.status, 204);
    assert_eq!(hub.send(Method::GET, &path, Some(&token), None).await.says(), "404 not_found");
    let wrong = json!({"name": "x", "triggers": [{"moon": {}}], "actions": []});
    let refused = hub.send(Method::POST, "/api/v1/automations", Some(&token), Some(wrong)).await;
    assert_eq!(refused.says(), "422 rule_invalid");
    assert!(!refused.json()["findings"].as_array().unwrap().is_empty());
}

#[tokio::test]
async fn history_comes_as_json_or_csv() {
    let (hub, token) = Hub::claimed(&["lamp-1"]).await;
    let path = "/api/v1/devices/test%3Alamp-1/history?attribute=brightness&from=2026-11-20T00:00:00Z";
    let shown = hub.send(Method::GET, path, Some(&token), None).await.json();
    assert_eq!((&shown["unit"], &shown["endpoint"], &shown["items"]), (&json!("%"), &json!(1), &json!([])));
    let bearer = format!("Bearer {token}");
    let headers = [("authorization", bearer.as_str()), ("accept", "text/csv")];
    let csv = hub.send_with(Method::GET, path, &headers, None).await;
    assert_eq!((csv.text.as_str(), csv.status.as_u16()), ("at,value\r\n", 200));
}

/// Dims a lamp and waits until it has reported that.
async fn dim(hub: &Hub, token: &str, lamp: &str, brightness: u8) {
    hub.clock.advance(std::time::Duration::from_secs(1));
    dim_now(hub, token, lamp, brightness).await;
}

async fn dim_now(hub: &Hub, token: &str, lamp: &str, brightness: u8) {
    let path = format!("/api/v1/devices/test%3A{lamp}/commands?wait=5s");
    let body = json!({"set": {"brightness": brightness}});
    let done = hub.send(Method::POST, &path, Some(token), Some(body)).await;
    assert_eq!((done.status.as_u16(), &done.json()["status"]), (200, &json!("confirmed")), "{}", done.text);
}

#[tokio::test]
async fn pages_of_history_are_exact_within_one_millisecond() {
    let (hub, token) = Hub::claimed(&["lamp-1"]).await;
    dim(&hub, &token, "lamp-1", 1).await;
    hub.clock.advance(std::time::Duration::from_secs(1));
    for brightness in [2, 3, 2, 3, 4] {
        dim_now(&hub, &token, "lamp-1", brightness).await;
    }
    dim(&hub, &token, "lamp-1", 5).await;
    let path = "/api/v1/devices/test%3Alamp-1/history?attribute=brightness&from=2026-11-20T00:00:00Z";
    for limit in 1..=8 {
        let (mut seen, mut cursor) = (Vec::new(), String::new());
        for _ in 0..10 {
            let path = format!("{path}&limit={limit}{cursor}");
            let page = hub.send(Method::GET, &path, Some(&token), None).await.json();
            seen.extend(page["items"].as_array().unwrap().iter().map(|item| item["value"].as_u64().unwrap()));
            let Some(next) = page["next_cursor"].as_str() else { break };
            cursor = format!("&cursor={next}");
        }
        assert_eq!(seen, [1, 2, 3, 2, 3, 4, 5], "in pages of {limit}");
    }
    for cursor in ["x", "1.x", "1.", ".1", "1.-1", "1.9999999999", "1.1.1"] {
        let refused = hub.send(Method::GET, &format!("{path}&cursor={cursor}"), Some(&token), None).await;
        assert_eq!(refused.says(), "422 bad_cursor", "{cursor}");
    }
}

#[tokio::test]
async fn a_device_goes_on_with_the_history_of_the_one_it_replaces() {
    let (hub, token) = Hub::claimed(&["lamp-1", "lamp-2", "lamp-3"]).await;
    for (lamp, brightness) in [("lamp-1", 10), ("lamp-2", 20), ("lamp-1", 30)] {
        dim(&hub, &token, lamp, brightness).await;
    }
    for (old, new) in [("lamp-1", "lamp-2"), ("lamp-2", "lamp-3")] {
        let path = format!("/api/v1/devices/test%3A{old}/replace");
        let done = hub.send(Method::POST, &path, Some(&token), Some(json!({"with": format!("test:{new}")}))).await;
        assert_eq!(done.status, 200, "{}", done.text);
    }
    dim(&hub, &token, "lamp-3", 40).await;
    let path = "/api/v1/devices/test%3Alamp-3/history?attribute=brightness&from=2026-11-20T00:00:00Z";
    let shown = |more: &'static str| {
        let path = format!("{path}{more}");
        let (hub, token) = (&hub, &token);
        async move { hub.send(Method::GET, &path, Some(token), None).await.json() }
    };
    let values = |page: &serde_json::Value| -> Vec<_> {
        page["items"].as_array().unwrap().iter().map(|item| item["value"].clone()).collect()
    };
    assert_eq!(values(&shown("").await), [json!(10), json!(20), json!(30), json!(40)]);
    let first = shown("&limit=3").await;
    assert_eq!(values(&first), [json!(10), json!(20), json!(30)]);
    let cursor = first["next_cursor"].as_str().unwrap();
    let rest = hub.send(Method::GET, &format!("{path}&limit=3&cursor={cursor}"), Some(&token), None).await.json();
    assert_eq!((values(&rest), &rest["next_cursor"]), (vec![json!(40)], &json!(null)));
    let summed = shown("&resolution=1d").await;
    let day = &summed["items"][0];
    assert_eq!(
        (&day["min"], &day["mean"], &day["max"], &day["count"]),
        (&json!(10.0), &json!(25.0), &json!(40.0), &json!(4))
    );
    assert_eq!(summed["items"].as_array().unwrap().len(), 1, "{summed}");
}

#[tokio::test]
async fn a_refused_command_says_what_is_wrong_and_apart_from_it_what_to_do() {
    let (hub, token) = Hub::claimed(&["lamp-1"]).await;
    let mut said = String::new();
    for (device, body) in [
        ("lamp-1", json!({"set": {"brightness": 400}})),
        ("lamp-1", json!({"set": {"on": "yes"}})),
        ("lamp-1", json!({"set": {"brightnes": 40}})),
        ("lamp-1", json!({"set": {"volume": 40}})),
        ("lamp-1", json!({"set": {"on": true}, "endpoint": 7})),
        ("lamp-1", json!({"set": {"link_quality": 1}})),
        ("lamp-1", json!({"set": {}})),
        ("lamp-9", json!({"set": {"on": true}})),
    ] {
        let path = format!("/api/v1/devices/test%3A{device}/commands");
        let refused = hub.send(Method::POST, &path, Some(&token), Some(body)).await;
        let (detail, hint) = (refused.json()["detail"].clone(), refused.json()["hint"].clone());
        said += &format!("{}\n  {}\n  {}\n", refused.says(), detail.as_str().unwrap(), hint.as_str().unwrap());
    }
    expect_test::expect![[r#"
        422 bad_value
          brightness cannot be 400.
          Give 0 to 100 %.
        422 bad_value
          on cannot be yes.
          Give true or false.
        422 no_such_attribute
          test:lamp-1 has no attribute brightnes.
          Did you mean brightness? It has: link_quality, on, brightness.
        422 no_such_attribute
          test:lamp-1 has no attribute volume.
          It has: link_quality, on, brightness.
        422 no_such_endpoint
          test:lamp-1 has no endpoint 7.
          Name one of its endpoints by id or label (GET /api/v1/devices has them).
        422 not_writable
          link_quality of test:lamp-1 can only be read.
          Set an attribute whose access has the word write.
        422 invalid
          Nothing to set.
          Give {"set": {"<attribute>": <value>}} with at least one attribute.
        404 not_found
          There is no device test:lamp-9.
          List what there is; an id in a path is URL-encoded.
    "#]]
    .assert_eq(&said);
}
