//! What scenes were, what differs, and the way back.

use axum::http::Method;
use serde_json::{Value, json};

use crate::harness::Hub;

const PATH: &str = "/api/v1/scenes/film";

fn scene(name: &str, brightness: u8) -> Value {
    let set = json!({"on": true, "brightness": brightness});
    json!({"name": name, "transition_ms": 500, "states": [{"device": "test:lamp-1", "set": set}]})
}

/// A hub whose scene was made, changed and removed.
async fn lived() -> (Hub, String) {
    let (hub, token) = Hub::claimed(&["lamp-1"]).await;
    for (method, body) in
        [(Method::PUT, Some(scene("Film", 20))), (Method::PUT, Some(scene("Movie", 30))), (Method::DELETE, None)]
    {
        let done = hub.send(method, PATH, Some(&token), body).await;
        assert!(done.status.is_success(), "{}", done.text);
    }
    (hub, token)
}

fn changes(page: &Value) -> Vec<String> {
    let items = page["items"].as_array().unwrap();
    items.iter().map(|item| format!("{} {}", item["revision"], item["change"].as_str().unwrap())).collect()
}

#[tokio::test]
async fn changes_of_a_scene_are_listed_shown_and_compared() {
    let (hub, token) = lived().await;
    let all = hub.get(&token, &format!("{PATH}/revisions")).await.json();
    assert_eq!(changes(&all), ["3 removed", "2 changed", "1 created"]);
    let first = &all["items"][2];
    assert_eq!((&first["kind"], &first["name"], &first["id"]), (&json!("scene"), &json!("Film"), &json!("film")));
    assert_eq!(first["cause"], json!({"kind": "person", "user": first["author"], "via": "api"}));
    let yaml = hub.get(&token, &format!("{PATH}/revisions/1?format=yaml")).await;
    expect_test::expect![[r#"
        id: film
        name: Film
        transition_ms: 500
        states:
        - device: test:lamp-1
          endpoint: 1
          set:
            brightness: 20
            "on": true
    "#]]
    .assert_eq(&yaml.text);
    let shown = hub.get(&token, &format!("{PATH}/revisions/1")).await.json();
    assert_eq!(shown["document"]["states"][0]["set"], json!({"brightness": 20, "on": true}));
    let diff = hub.get(&token, &format!("{PATH}/revisions/2/diff")).await.json();
    assert_eq!(
        diff["changes"],
        json!([
            {"path": "name", "from": "Film", "to": "Movie"},
            {"path": "states[0].set.brightness", "from": 20, "to": 30},
        ])
    );
    let rule = json!({"name": "Night", "triggers": [{"time": "22:30"}], "actions": [{"delay": "1s"}]});
    assert_eq!(hub.post(&token, "/api/v1/automations", rule).await.status, 201);
    for (query, said) in [
        ("", vec!["1 created", "3 removed", "2 changed", "1 created"]),
        ("?kind=automation", vec!["1 created"]),
        ("?kind=scene&limit=2", vec!["3 removed", "2 changed"]),
    ] {
        assert_eq!(changes(&hub.get(&token, &format!("/api/v1/revisions{query}")).await.json()), said, "{query}");
    }
    for (path, says) in [
        ("/api/v1/scenes/never/revisions", "404 not_found"),
        ("/api/v1/scenes/film/revisions/9", "404 not_found"),
        ("/api/v1/revisions?kind=device", "422 bad_parameter"),
    ] {
        assert_eq!(hub.get(&token, path).await.says(), says, "{path}");
    }
}

#[tokio::test]
async fn a_removed_scene_is_brought_back_and_counts_on() {
    let (hub, token) = lived().await;
    let path = format!("{PATH}/revert");
    let back = hub.post(&token, &path, json!({"revision": 1})).await;
    assert_eq!((back.status.as_u16(), &back.json()["revision"]), (200, &json!(4)), "{}", back.text);
    let shown = hub.get(&token, PATH).await;
    assert_eq!((shown.json(), shown.header("etag")), (back.json(), back.header("etag")));
    assert_eq!((&shown.json()["name"], &shown.json()["transition_ms"]), (&json!("Film"), &json!(500)));
    let bearer = format!("Bearer {token}");
    let old = [("authorization", bearer.as_str()), ("if-match", "\"0\"")];
    let refused = hub.send_with(Method::POST, &path, &old, Some(json!({"revision": 2}))).await;
    assert_eq!(refused.says(), "412 changed_meanwhile");
    assert_eq!(hub.post(&token, &path, json!({"revision": 2})).await.json()["name"], "Movie");
    let all = hub.get(&token, &format!("{PATH}/revisions?limit=2")).await.json();
    assert_eq!(changes(&all), ["5 reverted", "4 reverted"]);
    assert_eq!(all["items"][0]["reverted_to"], 2);
    assert_eq!(hub.post(&token, &path, json!({"revision": 99})).await.says(), "404 not_found");
    let nowhere = hub.post(&token, "/api/v1/scenes/never/revert", json!({"revision": 1})).await;
    assert_eq!(nowhere.says(), "404 not_found");
}
