//! What rules were, what differs, and the way back.

use axum::http::Method;
use serde_json::{Value, json};

use crate::harness::{Answer, Hub};

const PATH: &str = "/api/v1/automations/night";

async fn ask(hub: &Hub, token: &str, method: Method, path: &str, body: Option<Value>) -> Answer {
    hub.send(method, path, Some(token), body).await
}

fn rule(brightness: u8) -> Value {
    json!({
        "name": "Night",
        "note": "Anna wants it",
        "triggers": [{"time": "22:30"}],
        "actions": [{"command": {"device": "test:lamp-1", "set": {"on": true, "brightness": brightness}}}]
    })
}

/// A hub whose rule was made, changed, switched off and removed.
async fn lived() -> (Hub, String) {
    let (hub, token) = Hub::claimed(&["lamp-1"]).await;
    for (method, body) in [
        (Method::PUT, Some(rule(30))),
        (Method::PUT, Some(rule(60))),
        (Method::PATCH, Some(json!({"enabled": false}))),
        (Method::DELETE, None),
    ] {
        let done = ask(&hub, &token, method, PATH, body).await;
        assert!(done.status.is_success(), "{}", done.text);
    }
    (hub, token)
}

fn numbers(page: &Value) -> Vec<String> {
    let items = page["items"].as_array().unwrap();
    items.iter().map(|item| format!("{} {}", item["revision"], item["change"].as_str().unwrap())).collect()
}

#[tokio::test]
async fn changes_of_a_rule_are_listed_with_who_made_them() {
    let (hub, token) = lived().await;
    let path = format!("{PATH}/revisions");
    let all = ask(&hub, &token, Method::GET, &path, None).await.json();
    assert_eq!(numbers(&all), ["4 removed", "3 disabled", "2 changed", "1 created"]);
    let first = &all["items"][3];
    let account = first["author"].as_str().unwrap();
    assert_eq!((&first["name"], &first["at"]), (&json!("Night"), &json!("2026-11-20T18:00:00.000Z")));
    assert_eq!(first["cause"], json!({"kind": "person", "user": account, "via": "api"}));
    assert!(first.get("document").is_none());
    let page = ask(&hub, &token, Method::GET, &format!("{path}?limit=3"), None).await.json();
    let cursor = page["next_cursor"].as_str().unwrap();
    let rest = ask(&hub, &token, Method::GET, &format!("{path}?limit=3&cursor={cursor}"), None).await.json();
    assert_eq!((numbers(&rest), &rest["next_cursor"]), (vec!["1 created".to_owned()], &json!(null)));
    let everything = ask(&hub, &token, Method::GET, "/api/v1/revisions", None).await.json();
    assert_eq!((numbers(&everything), &everything["items"][0]["id"]), (numbers(&all), &json!("night")));
    for (path, says) in [
        ("/api/v1/automations/never/revisions", "404 not_found"),
        ("/api/v1/automations/never/revisions/1", "404 not_found"),
        ("/api/v1/automations/night/revisions/9", "404 not_found"),
        ("/api/v1/automations/night/revisions/x", "404 not_found"),
        ("/api/v1/automations/night/revisions?cursor=78", "422 bad_cursor"),
        ("/api/v1/automations/night/revisions/1?format=toml", "422 bad_parameter"),
    ] {
        assert_eq!(ask(&hub, &token, Method::GET, path, None).await.says(), says, "{path}");
    }
}

#[tokio::test]
async fn a_revision_is_shown_as_json_or_yaml() {
    let (hub, token) = lived().await;
    let shown = ask(&hub, &token, Method::GET, &format!("{PATH}/revisions/1"), None).await;
    assert_eq!(shown.json()["document"]["actions"][0]["command"]["set"]["brightness"], 30);
    // In the order in which it was written.
    assert!(shown.text.contains(r#""actions":[{"command":{"device":"test:lamp-1","set":"#), "{}", shown.text);
    let yaml = ask(&hub, &token, Method::GET, &format!("{PATH}/revisions/3?format=yaml"), None).await;
    assert_eq!(yaml.header("content-type"), "application/yaml; charset=utf-8");
    assert!(yaml.text.starts_with("enabled: false\nid: night\n"), "{}", yaml.text);
    let bearer = format!("Bearer {token}");
    let headers = [("authorization", bearer.as_str()), ("accept", "text/yaml")];
    let path = format!("{PATH}/revisions/3");
    assert_eq!(hub.send_with(Method::GET, &path, &headers, None).await.text, yaml.text);
    let json = hub.send_with(Method::GET, &format!("{path}?format=json"), &headers, None).await;
    assert_eq!(json.header("content-type"), "application/json");
}

#[tokio::test]
async fn differences_are_shown_as_text_and_by_place() {
    let (hub, token) = lived().await;
    let diff = ask(&hub, &token, Method::GET, &format!("{PATH}/revisions/2/diff"), None).await.json();
    assert_eq!((&diff["from"], &diff["to"]), (&json!(1), &json!(2)));
    assert_eq!(diff["changes"], json!([{"path": "actions[0].command.set.brightness", "from": 30, "to": 60}]));
    expect_test::expect![[r#"
        --- night revision 1
        +++ night revision 2
        @@ -3,7 +3,7 @@
         - command:
             device: test:lamp-1
             set:
        -      brightness: 30
        +      brightness: 60
               "on": true
         name: Night
         note: Anna wants it
    "#]]
    .assert_eq(diff["diff"].as_str().unwrap());
    let back = ask(&hub, &token, Method::GET, &format!("{PATH}/revisions/1/diff?against=3"), None).await.json();
    assert_eq!(
        back["changes"],
        json!([{"path": "enabled", "from": false}, {"path": "actions[0].command.set.brightness", "from": 60, "to": 30}])
    );
    let first = ask(&hub, &token, Method::GET, &format!("{PATH}/revisions/1/diff"), None).await.json();
    assert_eq!((&first["from"], &first["changes"]), (&json!(null), &json!([])));
    assert!(first["diff"].as_str().unwrap().starts_with("--- nothing\n+++ night revision 1\n"), "{first}");
    let removal = ask(&hub, &token, Method::GET, &format!("{PATH}/revisions/4/diff"), None).await.json();
    assert_eq!(removal["diff"], "");
    let nowhere = ask(&hub, &token, Method::GET, &format!("{PATH}/revisions/1/diff?against=9"), None).await;
    assert_eq!(nowhere.says(), "404 not_found");
}

#[tokio::test]
async fn a_removed_rule_is_brought_back_and_a_bad_edit_undone() {
    let (hub, token) = lived().await;
    let path = format!("{PATH}/revert");
    let back = ask(&hub, &token, Method::POST, &path, Some(json!({"revision": 2}))).await;
    assert_eq!((back.status.as_u16(), &back.json()["revision"]), (200, &json!(5)), "{}", back.text);
    let shown = ask(&hub, &token, Method::GET, PATH, None).await;
    assert_eq!((&shown.json()["document"], shown.header("etag")), (&back.json()["document"], back.header("etag")));
    assert_eq!(shown.json()["enabled"], true);
    let bearer = format!("Bearer {token}");
    let old = [("authorization", bearer.as_str()), ("if-match", "\"0\"")];
    let refused = hub.send_with(Method::POST, &path, &old, Some(json!({"revision": 1}))).await;
    assert_eq!(refused.says(), "412 changed_meanwhile");
    let tag = shown.header("etag").to_owned();
    let new = [("authorization", bearer.as_str()), ("if-match", tag.as_str())];
    let again = hub.send_with(Method::POST, &path, &new, Some(json!({"revision": 1}))).await;
    assert_eq!(again.json()["document"]["actions"][0]["command"]["set"]["brightness"], 30, "{}", again.text);
    let all = ask(&hub, &token, Method::GET, &format!("{PATH}/revisions?limit=2"), None).await.json();
    assert_eq!(numbers(&all), ["6 reverted", "5 reverted"]);
    assert_eq!(all["items"][0]["reverted_to"], 1);
    for (body, says) in [
        (json!({"revision": 99}), "404 not_found"),
        (json!({"revision": "1"}), "422 invalid_body"),
        (json!({}), "422 invalid_body"),
    ] {
        assert_eq!(ask(&hub, &token, Method::POST, &path, Some(body)).await.says(), says);
    }
    let nowhere =
        ask(&hub, &token, Method::POST, "/api/v1/automations/never/revert", Some(json!({"revision": 1}))).await;
    assert_eq!(nowhere.says(), "404 not_found");
}

#[tokio::test]
async fn a_revision_that_no_longer_fits_the_home_is_refused_in_words() {
    let (hub, token) = Hub::claimed(&["lamp-1", "lamp-2"]).await;
    ask(&hub, &token, Method::PUT, PATH, Some(rule(30))).await;
    let replaced = json!({"with": "test:lamp-2"});
    let done = ask(&hub, &token, Method::POST, "/api/v1/devices/test%3Alamp-1/replace", Some(replaced)).await;
    assert_eq!(done.status, 200, "{}", done.text);
    let all = ask(&hub, &token, Method::GET, &format!("{PATH}/revisions"), None).await.json();
    assert_eq!(numbers(&all), ["2 device_replaced", "1 created"]);
    let refused = ask(&hub, &token, Method::POST, &format!("{PATH}/revert"), Some(json!({"revision": 1}))).await;
    assert_eq!(refused.says(), "422 rule_invalid");
    assert_eq!(refused.json()["findings"][0]["code"], "unknown_name", "{}", refused.text);
    assert_eq!(ask(&hub, &token, Method::GET, PATH, None).await.json()["revision"], 2);
}

#[tokio::test]
async fn a_rule_is_let_decide_without_acting() {
    let (hub, token) = Hub::claimed(&["lamp-1"]).await;
    ask(&hub, &token, Method::PUT, PATH, Some(rule(30))).await;
    let shadow = ask(&hub, &token, Method::PATCH, PATH, Some(json!({"enabled": "shadow"}))).await;
    assert_eq!((shadow.status.as_u16(), &shadow.json()["enabled"]), (200, &json!("shadow")), "{}", shadow.text);
    let all = ask(&hub, &token, Method::GET, &format!("{PATH}/revisions"), None).await.json();
    assert_eq!(numbers(&all), ["2 shadowed", "1 created"]);
    for wrong in [json!({"enabled": "off"}), json!({"enabled": null}), json!({})] {
        let refused = ask(&hub, &token, Method::PATCH, PATH, Some(wrong)).await;
        assert_eq!(refused.says(), "422 invalid_body", "{}", refused.text);
    }
    let refused = ask(&hub, &token, Method::PATCH, PATH, Some(json!({"enabled": "off"}))).await;
    assert!(refused.text.contains(r#"true, false or \"shadow\""#), "{}", refused.text);
}

#[tokio::test]
async fn no_rule_or_scene_gets_an_id_that_paths_need() {
    let (hub, token) = Hub::claimed(&["lamp-1"]).await;
    for id in ["check", "replay"] {
        let mut given = rule(30);
        given["id"] = json!(id);
        let refused = hub.post(&token, "/api/v1/automations", given).await;
        assert_eq!(refused.says(), "422 invalid", "{}", refused.text);
        let mut named = rule(30);
        named["name"] = json!(id);
        let made = hub.post(&token, "/api/v1/automations", named).await;
        assert_eq!(made.json()["id"], format!("{id}-2"), "{}", made.text);
    }
    let scene = |id: Option<&str>, name: &str| json!({"id": id, "name": name, "states": [{"device": "test:lamp-1", "set": {"on": true}}]});
    let refused = hub.post(&token, "/api/v1/scenes", scene(Some("capture"), "Film")).await;
    assert_eq!(refused.says(), "422 invalid", "{}", refused.text);
    let made = hub.post(&token, "/api/v1/scenes", scene(None, "Capture")).await;
    assert_eq!(made.json()["id"], "capture-2", "{}", made.text);
}
