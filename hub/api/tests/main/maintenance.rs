//! Looking after devices: interviews, firmware, options, groups, restarts.

use axum::http::Method;
use serde_json::json;

use crate::harness::Hub;

#[tokio::test]
async fn devices_are_looked_after_through_their_driver() {
    let (hub, token) = Hub::claimed(&["able-lamp", "lamp"]).await;
    let cases = [
        (Method::POST, "devices/test:able-lamp/interview", json!(null)),
        (Method::POST, "devices/test:able-lamp/interview?wait=2h", json!(null)),
        (Method::POST, "devices/test:lamp/interview", json!(null)),
        (Method::POST, "devices/test:nobody/interview", json!(null)),
        (Method::POST, "devices/test:able-lamp/firmware", json!({"action": "check"})),
        (Method::POST, "devices/test:able-lamp/firmware?wait=0s", json!({"action": "update"})),
        (Method::POST, "devices/test:able-lamp/firmware", json!({"action": "destroy"})),
        (Method::POST, "devices/test:lamp/firmware", json!({"action": "check"})),
        (Method::POST, "devices/test:able-lamp/firmware/file", json!({"image": "OjAw", "target": 1})),
        (Method::POST, "devices/test:able-lamp/firmware/file?wait=0s", json!({"image": "c2xvdw=="})),
        (Method::POST, "devices/test:able-lamp/firmware/file", json!({"image": "no Base64"})),
        (Method::POST, "devices/test:able-lamp/firmware/file", json!({"image": "OjAw", "target": 256})),
        (Method::POST, "devices/test:lamp/firmware/file", json!({"image": "OjAw"})),
        (Method::POST, "devices/test:able-lamp/health", json!(null)),
        (Method::POST, "devices/test:lamp/health", json!(null)),
        (Method::POST, "devices/test:nobody/health", json!(null)),
        (Method::POST, "drivers/test/backup", json!(null)),
        (Method::POST, "drivers/nobody/backup", json!(null)),
        (Method::PUT, "drivers/test/backup", json!({"image": "AQIDBA=="})),
        (Method::PUT, "drivers/test/backup", json!({"image": "AQID"})),
        (Method::PUT, "drivers/test/backup", json!({"image": "?"})),
        (Method::PATCH, "devices/test:lamp/options", json!({"retain": true})),
        (Method::PATCH, "devices/test:lamp/options", json!({})),
        (Method::PATCH, "devices/test:lamp/options", json!([1])),
        (Method::POST, "drivers/test/restart", json!(null)),
        (Method::POST, "drivers/nobody/restart", json!(null)),
    ];
    let mut said = String::new();
    for (method, path, body) in cases {
        let body = (!body.is_null()).then_some(body);
        let answer = hub.send(method.clone(), &format!("/api/v1/{path}"), Some(&token), body).await;
        let text = if answer.status.is_success() { answer.text.clone() } else { answer.json()["detail"].to_string() };
        said += &format!("{method} {path}: {} {text}\n", answer.says());
    }
    expect_test::expect![[r#"
        POST devices/test:able-lamp/interview: 200 {"status":"done","answer":null}
        POST devices/test:able-lamp/interview?wait=2h: 422 bad_parameter "The parameter wait is not a time of 0 to 60 s."
        POST devices/test:lamp/interview: 409 unsupported "lamp cannot be interviewed."
        POST devices/test:nobody/interview: 404 not_found "There is no device test:nobody."
        POST devices/test:able-lamp/firmware: 200 {"status":"done","answer":{"available":false}}
        POST devices/test:able-lamp/firmware?wait=0s: 202 {"status":"under_way","answer":null}
        POST devices/test:able-lamp/firmware: 422 invalid_body "The body does not fit: unknown variant, expected `check` or `update` (line 1, column 19, in action)."
        POST devices/test:lamp/firmware: 409 unsupported "lamp cannot have its firmware updated."
        POST devices/test:able-lamp/firmware/file: 409 refused "These 3 bytes are no firmware for target 1."
        POST devices/test:able-lamp/firmware/file?wait=0s: 202 {"status":"under_way","answer":null}
        POST devices/test:able-lamp/firmware/file: 422 bad_image "The field image is not Base64."
        POST devices/test:able-lamp/firmware/file: 422 invalid_body "The body does not fit: invalid value: integer, expected u8 (line 1, column 28, in target)."
        POST devices/test:lamp/firmware/file: 409 unsupported "lamp cannot have its firmware updated."
        POST devices/test:able-lamp/health: 200 {"status":"done","health":{"rating":9,"word":"good","advice":[],"tried":3,"reached":3,"round_trips":{"least_ms":20.0,"median_ms":25.0,"most_ms":30.0},"signal_dbm":null,"noise_dbm":null,"margin_db":null,"neighbours":null,"repeaters":null,"speed":null,"traffic":{"delivered":12,"not_acknowledged":0,"not_sent":0,"received":3,"round_trip_ms":null,"heard_seconds_ago":null}}}
        POST devices/test:lamp/health: 409 unsupported "This driver cannot do that."
        POST devices/test:nobody/health: 404 not_found "There is no device test:nobody."
        POST drivers/test/backup: 200 {"image":"AQIDBA=="}
        POST drivers/nobody/backup: 404 not_found "There is no driver nobody."
        PUT drivers/test/backup: 204 
        PUT drivers/test/backup: 409 refused "The backup is of another kind of stick."
        PUT drivers/test/backup: 422 bad_image "The field image is not Base64."
        PATCH devices/test:lamp/options: 200 {"status":"done","answer":{"retain":true}}
        PATCH devices/test:lamp/options: 422 invalid_body "The options are not an object with at least one field."
        PATCH devices/test:lamp/options: 422 invalid_body "The options are not an object with at least one field."
        POST drivers/test/restart: 204 
        POST drivers/nobody/restart: 404 not_found "There is no driver nobody."
    "#]].assert_eq(&said);
}

#[tokio::test]
async fn groups_are_made_and_filled() {
    let (hub, token) = Hub::claimed(&["able-group-hall", "lamp"]).await;
    let cases = [
        (Method::POST, "drivers/test/groups", json!({"name": "kitchen"})),
        (Method::POST, "drivers/test/groups", json!({"name": " "})),
        (Method::POST, "drivers/nobody/groups", json!({"name": "kitchen"})),
        (Method::POST, "devices/test:able-group-hall/members", json!({"device": "test:lamp"})),
        (Method::POST, "devices/test:able-group-hall/members", json!({"device": "test:lamp", "endpoint": 1})),
        (Method::POST, "devices/test:able-group-hall/members", json!({"device": "test:lamp", "endpoint": "left"})),
        (Method::POST, "devices/test:able-group-hall/members", json!({"device": "test:nobody"})),
        (Method::POST, "devices/test:lamp/members", json!({"device": "test:lamp"})),
        (Method::DELETE, "devices/test:able-group-hall/members/test:lamp?endpoint=1", json!(null)),
        (Method::DELETE, "devices/test:able-group-hall/members/test:nobody", json!(null)),
    ];
    let mut said = String::new();
    for (method, path, body) in cases {
        let body = (!body.is_null()).then_some(body);
        let answer = hub.send(method.clone(), &format!("/api/v1/{path}"), Some(&token), body).await;
        let text = if answer.status.is_success() { answer.text.clone() } else { answer.json()["detail"].to_string() };
        said += &format!("{method} {path}: {} {text}{}\n", answer.says(), answer.header("location"));
    }
    expect_test::expect![[r#"
        POST drivers/test/groups: 201 {"device":"test:able-group-kitchen"}/api/v1/devices/test%3Aable-group-kitchen
        POST drivers/test/groups: 422 bad_name "The name is empty, too long or has control characters."
        POST drivers/nobody/groups: 404 not_found "There is no driver nobody."
        POST devices/test:able-group-hall/members: 204 
        POST devices/test:able-group-hall/members: 204 
        POST devices/test:able-group-hall/members: 422 no_such_endpoint "test:lamp has no endpoint left."
        POST devices/test:able-group-hall/members: 422 no_such_device "There is no device test:nobody that could be in this group."
        POST devices/test:lamp/members: 409 not_a_group "lamp is no group of its network, or the device is not there any more."
        DELETE devices/test:able-group-hall/members/test:lamp?endpoint=1: 204 
        DELETE devices/test:able-group-hall/members/test:nobody: 404 not_found "There is no device test:nobody."
    "#]].assert_eq(&said);
}
