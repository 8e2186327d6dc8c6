//! Devices that may join by themselves, and routes.

use axum::http::Method;
use serde_json::json;

use crate::harness::Hub;

#[tokio::test]
async fn devices_may_join_by_themselves_and_find_their_routes() {
    let (hub, token) = Hub::claimed(&["lamp"]).await;
    let cases = [
        (Method::GET, "drivers/test/provisioning", json!(null)),
        (Method::GET, "drivers/nobody/provisioning", json!(null)),
        (Method::POST, "drivers/test/provisioning", json!({"code": "00002", "name": "Cellar"})),
        (Method::POST, "drivers/test/provisioning", json!({"code": ""})),
        (Method::POST, "drivers/test/provisioning", json!({"name": "Cellar"})),
        (Method::DELETE, "drivers/test/provisioning/51525", json!(null)),
        (Method::DELETE, "drivers/test/provisioning/1", json!(null)),
        (Method::POST, "devices/test:lamp/routes", json!(null)),
        (Method::POST, "devices/test:nobody/routes", json!(null)),
        (Method::POST, "drivers/test/routes?wait=0s", json!(null)),
        (Method::POST, "drivers/test/routes?wait=2h", json!(null)),
        (Method::POST, "drivers/nobody/routes", json!(null)),
    ];
    let mut said = String::new();
    for (method, path, body) in cases {
        let body = (!body.is_null()).then_some(body);
        let answer = hub.send(method.clone(), &format!("/api/v1/{path}"), Some(&token), body).await;
        let text = if answer.status.is_success() { answer.text.clone() } else { answer.json()["detail"].to_string() };
        said += &format!("{method} {path}: {} {text}\n", answer.says());
    }
    expect_test::expect![[r#"
        GET drivers/test/provisioning: 200 {"items":[{"key":"51525","name":"Attic","state":"waiting"},{"key":"00001","state":"joined","device":"test:lamp"}]}
        GET drivers/nobody/provisioning: 404 not_found "There is no driver nobody."
        POST drivers/test/provisioning: 200 {"items":[{"key":"51525","name":"Attic","state":"waiting"},{"key":"00001","state":"joined","device":"test:lamp"},{"key":"00002","name":"Cellar","state":"waiting"}]}
        POST drivers/test/provisioning: 409 refused "This is no code."
        POST drivers/test/provisioning: 422 invalid_body "The body does not fit: missing field `code` (line 1, column 17)."
        DELETE drivers/test/provisioning/51525: 204 
        DELETE drivers/test/provisioning/1: 404 not_found "There is no entry 1."
        POST devices/test:lamp/routes: 200 {"status":"done","answer":null}
        POST devices/test:nobody/routes: 404 not_found "There is no device test:nobody."
        POST drivers/test/routes?wait=0s: 202 {"status":"under_way","answer":null}
        POST drivers/test/routes?wait=2h: 422 bad_parameter "The parameter wait is not a time of 0 to 60 s."
        POST drivers/nobody/routes: 404 not_found "There is no driver nobody."
    "#]].assert_eq(&said);
}

/// Who comes to a pairing that is under way finds it again; what a driver can is told with it.
#[tokio::test]
async fn an_open_pairing_is_found_again() {
    let (hub, token) = Hub::claimed(&["lamp-1"]).await;
    let get = async |path: &str| hub.send(Method::GET, path, Some(&token), None).await;
    let driver = get("/api/v1/drivers/test").await.json();
    assert_eq!(driver["abilities"], json!(["include", "network"]));
    let path = "/api/v1/drivers/test/pairing";
    assert_eq!(get(path).await.json()["items"], json!([]));
    let wanted = json!({"action": "exclude", "seconds": 60});
    let opened = hub.send(Method::POST, path, Some(&token), Some(wanted)).await;
    assert_eq!(opened.status, 201, "{}", opened.text);
    let open = get(path).await.json()["items"][0].clone();
    assert_eq!((&open["id"], &open["action"]), (&opened.json()["id"], &json!("exclude")));
    assert_eq!((&open["until"], open["steps"].as_array().unwrap().len()), (&opened.json()["until"], 2));
    let step = &open["steps"][1];
    assert_eq!((&step["stage"], &step["next_step"]), (&json!("heard"), &json!("Press its button.")));
    // What a driver refused was never open.
    let refused = hub.send(Method::POST, path, Some(&token), Some(json!({"action": "include"}))).await;
    assert_eq!(refused.says(), "409 unsupported");
    assert_eq!(get(path).await.json()["items"].as_array().unwrap().len(), 1);
    let session = format!("{path}/{}", open["id"].as_str().unwrap());
    assert_eq!(hub.send(Method::DELETE, &session, Some(&token), None).await.status, 204);
    assert_eq!(get(path).await.json()["items"], json!([]));
    assert_eq!(get("/api/v1/drivers/none/pairing").await.says(), "404 not_found");
}
