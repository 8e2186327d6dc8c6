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
