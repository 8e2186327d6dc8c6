//! What is answered to whether somebody may do something.

use axum::http::Method;
use serde_json::json;

use crate::harness::Hub;

#[tokio::test]
async fn what_a_device_has_not_or_cannot_be_is_not_answered_with_yes() {
    let (hub, token) = Hub::claimed(&["lamp-1"]).await;
    hub.person(&token, "Ben", "adult").await;
    let ask = async |query: &str| {
        let path = format!("/api/v1/can?user=ben&action=control&device=test%3Alamp-1&{query}");
        hub.send(Method::GET, &path, Some(&token), None).await
    };
    assert_eq!(ask("attribute=on&value=true").await.json()["allowed"], json!(true));
    let unknown = ask("attribute=onn&value=true").await;
    assert_eq!(unknown.says(), "422 no_such_attribute", "{}", unknown.text);
    let outside = ask("attribute=on&value=7").await;
    assert_eq!(outside.status, 422, "{}", outside.text);
}

#[tokio::test]
async fn a_permission_for_an_attribute_is_none_for_a_device_without_it() {
    let (hub, token) = Hub::claimed(&["lamp-1"]).await;
    hub.person(&token, "Cleo", "child").await;
    let off = json!({"who": {"role": "child"}, "ready_made": false});
    hub.send(Method::PUT, "/api/v1/permissions/ready-made", Some(&token), Some(off)).await;
    let may = async |capability: &str| {
        let rule =
            json!({"who": {"role": "child"}, "allow": ["see", "control"], "what": {"capabilities": [capability]}});
        let made = hub.send(Method::POST, "/api/v1/permissions", Some(&token), Some(rule)).await;
        assert_eq!(made.status, 201, "{}", made.text);
        let path = "/api/v1/can?user=cleo&action=control&device=test%3Alamp-1";
        hub.send(Method::GET, path, Some(&token), None).await.json()["allowed"].as_bool().unwrap()
    };
    assert!(!may("heating_setpoint").await);
    assert!(may("on").await);
}

#[tokio::test]
async fn who_sees_a_device_at_times_is_told_why_not_now() {
    let (hub, token) = Hub::claimed(&["lamp-1", "lock-1"]).await;
    let cleo = hub.person(&token, "Cleo", "child").await;
    let send = async |method: Method, path: &str, body| hub.send(method, path, Some(&token), Some(body)).await;
    let off = json!({"who": {"role": "child"}, "ready_made": false});
    send(Method::PUT, "/api/v1/permissions/ready-made", off).await;
    let ask = async |who: &str, device: &str, more: &str| {
        let path = format!("/api/v1/can?action=control&device={device}{more}");
        hub.send(Method::GET, &path, Some(who), None).await
    };
    let lamp = "test%3Alamp-1";
    assert_eq!(ask(&cleo, lamp, "").await.says(), "404 not_found");
    let rule = json!({"id": "lamp", "who": {"role": "child"}, "allow": ["see", "control"], "what": {"devices": ["test:lamp-1"]},
        "only_while_home": ["adult"]});
    assert_eq!(send(Method::POST, "/api/v1/permissions", rule.clone()).await.status, 201);
    // By its name too: its id is nowhere to be found for them.
    let listed = hub.send(Method::GET, "/api/v1/devices", Some(&token), None).await.json();
    let lamp_is = listed["items"].as_array().unwrap().iter().find(|device| device["id"] == "test:lamp-1").unwrap();
    let name = lamp_is["name"].as_str().unwrap().replace(' ', "%20");
    for device in [lamp, &name] {
        let told = ask(&cleo, device, "").await.json();
        assert_eq!((&told["allowed"], &told["reasons"][0]["code"]), (&json!(false), &json!("nobody_home")), "{told}");
    }
    for other in ["test%3Alock-1", "test%3Anone"] {
        assert_eq!(ask(&cleo, other, "").await.says(), "404 not_found");
    }
    let ben = hub.person(&token, "Ben", "guest").await;
    assert_eq!(ask(&ben, "test%3Alock-1", "").await.says(), "404 not_found");
    // At home it is there.
    assert_eq!(send(Method::POST, "/api/v1/people/anna/presence", json!({"presence": "home"})).await.status, 200);
    assert_eq!(ask(&cleo, lamp, "").await.json()["allowed"], json!(true));
    // By the time of the day; at another time it may be.
    let by_time = json!({"who": {"role": "child"}, "allow": ["see", "control"], "what": {"devices": ["test:lamp-1"]},
        "when": {"from": "07:00", "to": "08:00"}});
    assert_eq!(send(Method::PUT, "/api/v1/permissions/lamp", by_time).await.status, 200);
    let told = ask(&cleo, lamp, "").await.json();
    assert_eq!(told["reasons"][0]["code"], "outside_window", "{told}");
    assert_eq!(ask(&cleo, lamp, "&at=2026-11-21T07:30:00Z").await.json()["allowed"], json!(true));
    // What has ended is not there any more.
    let ended = json!({"who": {"role": "child"}, "allow": ["see", "control"], "what": {"devices": ["test:lamp-1"]},
        "until": "2026-11-20T18:30:00Z"});
    assert_eq!(send(Method::PUT, "/api/v1/permissions/lamp", ended).await.status, 200);
    hub.clock.advance(std::time::Duration::from_secs(1_801));
    assert_eq!(ask(&cleo, lamp, "").await.says(), "404 not_found");
}
