//! Rules are checked, tested and tried before they are trusted.

use std::time::Duration;

use axum::http::Method;
use serde_json::{Value, json};

use crate::harness::{Answer, Hub};

const RULES: &str = "/api/v1/automations";

/// Lamp 2 follows lamp 1, with these tests in it.
fn follows(brightness: u8, tests: Value) -> Value {
    json!({
        "id": "follows", "name": "Lamp 2 follows",
        "triggers": [{"state": {"device": "test:lamp-1", "attribute": "on", "to": true}}],
        "actions": [{"command": {"device": "test:lamp-2", "set": {"on": true, "brightness": brightness}}}],
        "tests": tests
    })
}

fn goes_on(brightness: u8) -> Value {
    json!([{
        "name": "goes on",
        "when": [{"device": "test:lamp-1", "attribute": "on", "value": true}],
        "then": [{"device": "test:lamp-2", "set": {"brightness": brightness}}]
    }])
}

async fn post(hub: &Hub, token: &str, path: &str, body: Value) -> Answer {
    hub.send(Method::POST, &format!("{RULES}{path}"), Some(token), Some(body)).await
}

#[tokio::test]
async fn a_rule_whose_test_fails_is_not_saved() {
    let (hub, token) = Hub::claimed(&["lamp-1", "lamp-2"]).await;
    let refused = post(&hub, &token, "", follows(40, goes_on(60))).await;
    assert_eq!(refused.says(), "422 test_failed");
    let said = refused.json();
    expect_test::expect![[
        r#"The test "goes on" fails; expected: sets lamp 2: brightness 60; got: sets lamp 2: brightness 40, on true."#
    ]]
    .assert_eq(said["detail"].as_str().unwrap());
    assert_eq!((&said["tests"][0]["name"], &said["tests"][0]["path"]), (&json!("goes on"), &json!("tests[0]")));
    assert_eq!(said["tests"][0]["expected"], json!(["sets lamp 2: brightness 60"]));
    assert_eq!(
        (&said["findings"][0]["code"], &said["findings"][0]["severity"]),
        (&json!("test_failed"), &json!("error"))
    );
    assert!(hub.core.handle.snapshot().automations.is_empty());

    let saved = post(&hub, &token, "", follows(60, goes_on(60))).await;
    let info = &saved.json()["findings"][0];
    assert_eq!((saved.status.as_u16(), &info["severity"], &info["code"]), (201, &json!("info"), &json!("undone")));
    let path = format!("{RULES}/follows");
    let worse = hub.send(Method::PUT, &path, Some(&token), Some(follows(40, goes_on(60)))).await;
    assert_eq!(worse.says(), "422 test_failed");
    for enabled in [false, true] {
        let switched = hub.send(Method::PATCH, &path, Some(&token), Some(json!({"enabled": enabled}))).await;
        assert_eq!((switched.status.as_u16(), &switched.json()["enabled"]), (200, &json!(enabled)));
    }
}

#[tokio::test]
async fn rules_are_checked_without_saving_them() {
    let (hub, token) = Hub::claimed(&["lamp-1", "lamp-2"]).await;
    let mut unknown = follows(40, json!([]));
    unknown["actions"][0]["command"]["device"] = json!("test:lamp-3");
    let found = |answer: &Answer| -> Vec<String> {
        assert_eq!(answer.status, 200, "{}", answer.text);
        let findings = answer.json()["findings"].as_array().unwrap().clone();
        findings
            .iter()
            .map(|finding| {
                let text = |name: &str| finding[name].as_str().unwrap_or("").to_owned();
                format!("{} {} {} {}", text("severity"), text("code"), finding["automations"], text("path"))
            })
            .collect()
    };
    let one = post(&hub, &token, "/check", unknown.clone()).await;
    assert_eq!(found(&one), [r#"error unknown_name ["follows"] actions[0].command.device"#]);
    assert!(one.json()["findings"][0]["message"].as_str().unwrap().contains("did you mean"), "{}", one.text);

    let nameless = json!({"name": "Nameless", "triggers": [{"moon": {}}], "actions": [{"delay": "1s"}]});
    let failing = follows(40, goes_on(60));
    let several =
        post(&hub, &token, "/check", json!({"automations": [nameless, failing, follows(1, json!([]))]})).await;
    assert_eq!(
        found(&several),
        [
            r#"error unknown_key ["nameless"] triggers[0]"#,
            r#"error bad_value ["follows"] id"#,
            r#"error test_failed ["follows"] tests[0]"#,
            r#"info undone ["follows"] actions[0].command"#
        ]
    );
    let good = post(&hub, &token, "/check", follows(40, goes_on(40))).await;
    assert_eq!(found(&good), [r#"info undone ["follows"] actions[0].command"#]);
    let beside = json!({"automations": [], "more": 1});
    assert_eq!(post(&hub, &token, "/check", beside).await.says(), "422 unknown_field");
    assert!(hub.core.handle.snapshot().automations.is_empty());
}

async fn switch(hub: &Hub, token: &str, on: bool) {
    hub.clock.advance(Duration::from_secs(60));
    let path = "/api/v1/devices/test%3Alamp-1/commands?wait=5s";
    let done = hub.send(Method::POST, path, Some(token), Some(json!({"set": {"on": on}}))).await;
    assert_eq!(done.json()["status"], "confirmed", "{}", done.text);
}

#[tokio::test]
async fn a_draft_is_tried_on_what_was_recorded() {
    let (hub, token) = Hub::claimed(&["lamp-1", "lamp-2"]).await;
    for on in [true, false, true] {
        switch(&hub, &token, on).await;
    }
    hub.clock.advance(Duration::from_secs(60));
    let request = json!({"automation": follows(40, json!([])), "from": "2026-11-20T18:00:30Z"});
    let answer = post(&hub, &token, "/replay", request).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let tried = answer.json();
    assert_eq!(tried["summary"]["text"], "would have fired twice");
    let numbers = json!({"fired": 2, "commands": 2, "notifications": 0, "fired_at_night": 0});
    for (name, number) in numbers.as_object().unwrap() {
        assert_eq!(&tried["summary"][name], number, "{name}: {}", answer.text);
    }
    assert_eq!(tried["lines"][0]["at"], "2026-11-20T18:01:00.000Z");
    assert_eq!((&tried["lines"][0]["kind"], &tried["lines"][0]["device"]), (&json!("command"), &json!("test:lamp-2")));
    assert_eq!(tried["lines"][0]["text"], "sets lamp 2: brightness 40, on true");
    assert_eq!(
        (&tried["complete"], &tried["differences"], &tried["automation"]),
        (&json!(true), &Value::Null, &json!("follows"))
    );
    assert!(hub.core.handle.snapshot().automations.is_empty());

    // Beside a saved one; its id is enough to try it itself.
    assert_eq!(post(&hub, &token, "", follows(40, json!([]))).await.status, 201);
    let request = json!({"id": "follows", "draft": follows(60, json!([])), "from": "1h", "limit": 1});
    let tried = post(&hub, &token, "/replay", request).await.json();
    assert_eq!(tried["summary"]["text"], "would have fired twice; differs from the current version twice");
    assert_eq!(tried["differences"]["only_current"][0]["set"], json!({"on": true, "brightness": 40}));
    assert_eq!(tried["differences"]["only_draft"][0]["set"], json!({"on": true, "brightness": 60}));
    assert_eq!((&tried["truncated"], tried["lines"].as_array().unwrap().len()), (&json!(true), 1));
    let tried = post(&hub, &token, "/replay", json!({"id": "follows", "from": "2026-11-20T18:02:30"})).await.json();
    assert_eq!(tried["summary"]["text"], "would have fired once");
}

#[tokio::test]
async fn a_rule_is_not_tried_on_days_that_were_not_recorded() {
    let (hub, token) = Hub::claimed(&["lamp-1", "lamp-2"]).await;
    switch(&hub, &token, true).await;
    hub.clock.advance(Duration::from_secs(150));
    let minutely = json!({"name": "Minutely", "triggers": [{"every": "1m"}],
        "actions": [{"command": {"device": "test:lamp-2", "set": {"on": true}}}]});
    let tried = |from: &str| json!({"automation": minutely, "from": from});
    let long = post(&hub, &token, "/replay", tried("3d")).await.json();
    let begins = &long["recorded_from"];
    assert!(begins.as_str().is_some_and(|at| at.starts_with("2026-11-20T18:01")), "{long:#}");
    assert_eq!((&long["from"], &long["summary"]["text"]), (begins, &json!("would have fired twice")));
    let short = post(&hub, &token, "/replay", tried("1s")).await.json();
    assert_eq!(short["recorded_from"], Value::Null, "{short:#}");
}

#[tokio::test]
async fn a_rule_that_follows_the_sun_is_told_that_the_homes_place_is_not_known() {
    let (hub, token) = Hub::claimed(&["lamp-1"]).await;
    let rule = json!({"id": "dusk", "name": "Dusk", "triggers": [{"sun": {"event": "sunset", "offset": "15m"}}],
        "actions": [{"command": {"device": "test:lamp-1", "set": {"on": true}}}]});
    let saved = post(&hub, &token, "", rule).await;
    assert_eq!(saved.status, 201, "{}", saved.text);
    let codes = |answer: &Value| {
        let findings = answer["findings"].as_array().unwrap().clone();
        findings.iter().filter(|finding| finding["code"] == "no_location").count()
    };
    assert_eq!(codes(&saved.json()), 1, "{}", saved.text);
    let get = async |path: &str| hub.send(Method::GET, path, Some(&token), None).await.json();
    assert_eq!(codes(&get("/api/v1/automations/dusk").await), 1);
    let told = get("/api/v1/automations/dusk/why-not").await;
    let reason = told["reason"]["text"].as_str().unwrap();
    assert!(reason.contains("the home's place is not known, so that it never fires"), "{told:#}");
    let place = json!({"location": {"latitude": 52.5, "longitude": 13.4}});
    assert_eq!(hub.send(Method::PATCH, "/api/v1/home", Some(&token), Some(place)).await.status, 200);
    assert_eq!(codes(&get("/api/v1/automations/dusk").await), 0);
}

#[tokio::test]
async fn what_cannot_be_tried_is_said() {
    let (hub, token) = Hub::claimed(&["lamp-1", "lamp-2"]).await;
    let rule = || follows(40, json!([]));
    let table = [
        (json!({"id": "nothing", "from": "1h"}), "404 not_found"),
        (json!({"from": "1h"}), "422 invalid_body"),
        (json!({"automation": rule(), "draft": rule(), "from": "1h"}), "422 invalid_body"),
        (json!({"automation": rule(), "from": "soon"}), "422 bad_parameter"),
        (json!({"automation": rule(), "from": "1h", "to": "2h"}), "422 bad_parameter"),
        (json!({"automation": rule(), "from": "2030-01-01T00:00:00Z"}), "422 bad_parameter"),
        (json!({"automation": rule(), "from": "1h", "limit": 0}), "422 bad_limit"),
        (json!({"automation": {"name": "x"}, "from": "1h"}), "422 rule_invalid"),
        (json!({"automation": rule(), "from": "1h", "more": 1}), "422 unknown_field"),
    ];
    for (request, said) in table {
        assert_eq!(post(&hub, &token, "/replay", request.clone()).await.says(), said, "{request}");
    }
}

#[tokio::test]
async fn a_rule_keeps_its_id() {
    let (hub, token) = Hub::claimed(&["lamp-1", "lamp-2"]).await;
    let rule = follows(60, json!([]));
    assert_eq!(post(&hub, &token, "", rule.clone()).await.status, 201);
    let other = hub.send(Method::PUT, &format!("{RULES}/other"), Some(&token), Some(rule.clone())).await;
    assert_eq!((other.says().as_str(), &other.json()["field"]), ("422 bad_value", &json!("id")));
    assert!(other.text.contains("stays what it is"), "{}", other.text);
    assert_eq!(hub.core.handle.snapshot().automations.len(), 1);
    let path = format!("{RULES}/follows");
    assert_eq!(hub.send(Method::PUT, &path, Some(&token), Some(rule.clone())).await.status, 200);
    let mut without = rule;
    without.as_object_mut().unwrap().remove("id");
    assert_eq!(hub.send(Method::PUT, &path, Some(&token), Some(without)).await.status, 200);
}
