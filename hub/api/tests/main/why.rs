//! Why something is as it is, why a rule did not act, and what it did.

use std::time::Duration;

use axum::http::Method;
use serde_json::{Value, json};

use crate::harness::Hub;

const SOON: Duration = Duration::from_secs(10);

/// Switching lamp 1 on switches lamp 2 on, unless lamp 3 is on; that switches lamp 4 on.
async fn hub_with_rules() -> (Hub, String) {
    let (hub, token) = Hub::claimed(&["lamp-1", "lamp-2", "lamp-3", "lamp-4"]).await;
    let rule = |name: &str, from: &str, to: &str, conditions: Value| {
        json!({
            "name": name,
            "triggers": [{"state": {"device": from, "attribute": "on", "to": true}}],
            "conditions": conditions,
            "actions": [{"command": {"device": to, "set": {"on": true}}}],
        })
    };
    let guard = json!([{"state": {"device": "test:lamp-3", "attribute": "on", "is": false}}]);
    for rule in [
        rule("Second follows", "test:lamp-1", "test:lamp-2", guard),
        rule("Fourth follows", "test:lamp-2", "test:lamp-4", json!([])),
    ] {
        let made = hub.send(Method::POST, "/api/v1/automations", Some(&token), Some(rule)).await;
        assert_eq!(made.status, 201, "{}", made.text);
    }
    (hub, token)
}

async fn set(hub: &Hub, token: &str, lamp: u8, on: bool) {
    let path = format!("/api/v1/devices/test%3Alamp-{lamp}/commands?wait=5s");
    let ended = hub.send(Method::POST, &path, Some(token), Some(json!({"set": {"on": on}}))).await;
    assert_eq!(ended.json()["status"], "confirmed", "{}", ended.text);
}

async fn until_on(hub: &Hub, lamp: u8) {
    let id = hub_model::DeviceId::from(format!("test:lamp-{lamp}"));
    let mut pictures = hub.core.handle.watch();
    let is_on = |snapshot: &std::sync::Arc<hub_core::Snapshot>| {
        snapshot
            .device(&id)
            .and_then(|view| view.state(1, "on"))
            .is_some_and(|state| state.value == hub_model::Value::Bool(true) && state.desired.is_none())
    };
    drop(tokio::time::timeout(SOON, pictures.wait_for(is_on)).await.unwrap().unwrap());
}

async fn get(hub: &Hub, token: &str, path: &str) -> Value {
    let answer = hub.send(Method::GET, path, Some(token), None).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json()
}

fn kinds(why: &Value) -> Vec<&str> {
    why["chain"].as_array().unwrap().iter().map(|link| link["kind"].as_str().unwrap()).collect()
}

fn lines(answer: &Value) -> String {
    answer["text"].as_array().unwrap().iter().map(|line| format!("{}\n", line.as_str().unwrap())).collect()
}

#[tokio::test]
async fn a_chain_of_causes_leads_back_to_who_began_it() {
    let (hub, token) = hub_with_rules().await;
    set(&hub, &token, 3, false).await;
    hub.clock.advance(Duration::from_secs(5));
    set(&hub, &token, 1, true).await;
    until_on(&hub, 4).await;
    hub.clock.advance(Duration::from_secs(60));
    let why = get(&hub, &token, "/api/v1/why?device=test%3Alamp-4").await;
    expect_test::expect![[r#"
        lamp 4 on is true since 18:00:05 because the rule "Fourth follows" set it (action 1, revision 1).
        The rule fired because lamp 2 reported on true at 18:00:05.
        The command was accepted at 18:00:05, sent 0 ms later and confirmed by the device 0 ms later.
        lamp 2 on became true at 18:00:05 because the rule "Second follows" set it (action 1, revision 1).
        The rule fired because lamp 1 reported on true at 18:00:05.
        Its condition held: lamp 3 on was false.
        The command was accepted at 18:00:05, sent 0 ms later and confirmed by the device 0 ms later.
        lamp 1 on became true at 18:00:05 because Anna set it over the API.
        The command was accepted at 18:00:05, sent 0 ms later and confirmed by the device 0 ms later.
    "#]]
    .assert_eq(&lines(&why));
    assert_eq!(
        kinds(&why),
        ["state", "command", "run", "state", "command", "run", "state", "command", "person"],
        "{why:#}"
    );
    assert_eq!((&why["attribute"], &why["value"], &why["complete"]), (&json!("on"), &json!(true), &json!(true)));
    let run = &why["chain"][5];
    assert_eq!((&run["automation"], &run["name"]), (&json!("second-follows"), &json!("Second follows")));
    assert_eq!((&run["revision"], &run["action"]["path"]), (&json!(1), &json!("actions[0]")));
    assert_eq!(run["trigger"]["device"], "test:lamp-1");
    assert_eq!(run["conditions"][0]["as_wanted"], true);
    assert_eq!(why["chain"][1]["status"], "confirmed");
    assert_eq!((&why["chain"][8]["name"], &why["chain"][8]["via"]), (&json!("Anna"), &json!("api")));

    let before = get(&hub, &token, "/api/v1/why?device=test%3Alamp-1&attribute=on&at=2026-11-20T18:00:02Z").await;
    assert_eq!((&before["value"], &before["chain"]), (&json!(null), &json!([])), "{before:#}");
    let never = get(&hub, &token, "/api/v1/why?device=test%3Alamp-1&attribute=brightness").await;
    assert_eq!(never["text"], json!(["lamp 1 brightness is not known: it was never reported."]));
    for (path, problem) in [
        ("/api/v1/why?device=nothing", "404 not_found"),
        ("/api/v1/why?device=test%3Alamp-1&attribute=colour", "422 no_such_attribute"),
        ("/api/v1/why?device=test%3Alamp-1&other=1", "422 unknown_parameter"),
        ("/api/v1/automations/nothing/why-not", "404 not_found"),
        ("/api/v1/automations/nothing/runs", "404 not_found"),
    ] {
        let answer = hub.send(Method::GET, path, Some(&token), None).await;
        assert_eq!(answer.says(), problem, "{path}: {}", answer.text);
    }
}

#[tokio::test]
async fn the_reason_why_a_rule_did_not_act_is_named() {
    let (hub, token) = hub_with_rules().await;
    let path = "/api/v1/automations/second-follows/why-not";
    let nothing = get(&hub, &token, path).await;
    assert_eq!(nothing["reason"]["code"], "trigger", "{nothing:#}");
    set(&hub, &token, 3, true).await;
    hub.clock.advance(Duration::from_secs(60));
    set(&hub, &token, 1, true).await;
    hub.clock.advance(Duration::from_secs(5));
    let why_not = get(&hub, &token, path).await;
    assert_eq!(
        (&why_not["reason"]["code"], &why_not["reason"]["path"]),
        (&json!("condition"), &json!("conditions[0]"))
    );
    expect_test::expect![[r#"
        At 18:01:00 lamp 1 reported on true, but the condition conditions[0] did not hold: lamp 3 on was true, wanted false.
        triggers[0] (state): lamp 1 on has been true since 18:01:00 already, and it fires when that becomes so. Last: At 18:01:00 lamp 1 reported on true, but the condition conditions[0] did not hold: lamp 3 on was true, wanted false.
        conditions[0] (state) does not hold: lamp 3 on is true since 18:00:00, wanted false.
        It has not run as far as history goes back.
    "#]].assert_eq(&lines(&why_not));
    assert_eq!(why_not["misses"][0]["result"], "conditions");
    assert_eq!(why_not["triggers"][0]["last_near"]["path"], "conditions[0]");

    // Half an hour later the same moment is still explained, as it was then.
    hub.clock.advance(Duration::from_secs(1_800));
    set(&hub, &token, 3, false).await;
    let past = get(&hub, &token, &format!("{path}?at=2026-11-20T18:01:30Z")).await;
    assert_eq!(past["reason"]["text"], why_not["reason"]["text"]);
    assert_eq!(
        (&past["conditions"][0]["holds"], &past["conditions"][0]["looked_at"][0]["value"]),
        (&json!(false), &json!(true))
    );
    let now = get(&hub, &token, path).await;
    assert_eq!((&now["reason"]["code"], &now["conditions"][0]["holds"]), (&json!("trigger"), &json!(true)), "{now:#}");

    let off = json!({"enabled": false});
    hub.send(Method::PATCH, "/api/v1/automations/second-follows", Some(&token), Some(off)).await;
    assert_eq!(get(&hub, &token, path).await["reason"]["code"], "disabled");
}

#[tokio::test]
async fn runs_are_listed_newest_first_in_pages() {
    let (hub, token) = hub_with_rules().await;
    set(&hub, &token, 3, false).await;
    for _ in 0..5 {
        set(&hub, &token, 1, true).await;
        hub.clock.advance(Duration::from_secs(60));
        set(&hub, &token, 1, false).await;
        hub.clock.advance(Duration::from_secs(60));
    }
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = get(&hub, &token, &format!("/api/v1/automations/second-follows/runs?limit=2{cursor}")).await;
        seen.extend(page["items"].as_array().unwrap().iter().cloned());
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    let times: Vec<&str> = seen.iter().map(|run| run["started_at"].as_str().unwrap()).collect();
    assert_eq!(times.len(), 5, "{seen:#?}");
    assert!(times.is_sorted_by(|left, right| left > right), "{times:?}");
    let newest = &seen[0];
    assert_eq!((&newest["phase"], &newest["revision"]), (&json!("finished"), &json!(1)));
    assert_eq!(newest["ended_at"], newest["started_at"]);
    assert_eq!(newest["actions"][0], json!({"path": "actions[0]", "device": "test:lamp-2", "set": {"on": true}}));
    let wrong = hub.send(Method::GET, "/api/v1/automations/second-follows/runs?cursor=61", Some(&token), None).await;
    assert_eq!(wrong.says(), "422 bad_cursor");
}

#[tokio::test]
async fn what_a_rule_wanted_and_may_not_is_not_told_as_done() {
    let (hub, token) = hub_with_rules().await;
    let ben = hub.person(&token, "Ben", "adult").await;
    let rule = json!({
        "name": "Bens",
        "triggers": [{"state": {"device": "test:lamp-3", "attribute": "on", "to": true}}],
        "actions": [{"command": {"device": "test:lamp-4", "set": {"on": true}}}],
    });
    let made = hub.send(Method::POST, "/api/v1/automations", Some(&ben), Some(rule)).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let demoted = hub.send(Method::PATCH, "/api/v1/users/ben", Some(&token), Some(json!({"role": "child"}))).await;
    assert_eq!(demoted.status, 200, "{}", demoted.text);
    let off = json!({"who": {"role": "child"}, "ready_made": false});
    let off = hub.send(Method::PUT, "/api/v1/permissions/ready-made", Some(&token), Some(off)).await;
    assert_eq!(off.status, 200, "{}", off.text);
    let look = json!({"who": {"role": "child"}, "allow": ["see"]});
    let look = hub.send(Method::POST, "/api/v1/permissions", Some(&token), Some(look)).await;
    assert_eq!(look.status, 201, "{}", look.text);
    set(&hub, &token, 3, true).await;
    let runs = async || get(&hub, &token, "/api/v1/automations/bens/runs").await["items"].as_array().unwrap().clone();
    crate::harness::eventually("the run has ended", async || runs().await.len() == 1).await;
    let run = runs().await.remove(0);
    assert_eq!(
        (run["phase"].as_str().unwrap(), run["detail"].as_str().unwrap_or_default()),
        ("finished", "it was not done: No rule allows Ben to control on of this device; an owner can add one.")
    );
    let why_not = get(&hub, &token, "/api/v1/automations/bens/why-not").await;
    assert!(lines(&why_not).contains("(finished: it was not done: No rule allows Ben"), "{why_not}");
}
