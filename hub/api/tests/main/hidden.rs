//! What is named somewhere is told to who sees it: in documents, hints and errors.

use axum::http::Method;
use serde_json::{Value, json};

use crate::harness::{Hub, PASSWORD};
use crate::permissions::Family;

/// Everything about rules and scenes is open to children; the lock is not.
async fn home_with_a_lock() -> Family {
    let family = Family::at_home().await;
    family
        .allow(json!({"who": {"role": "child"}, "allow": ["see", "control", "configure"],
            "what": {"parts": ["rules", "scenes"]}}))
        .await;
    let rule = |id: &str, device: &str, attribute: &str| {
        json!({"id": id, "name": id, "triggers": [{"state": {"device": device, "attribute": attribute, "to": true}}],
            "actions": [{"stop": "It is done."}]})
    };
    let scene =
        |id: &str, device: &str, set: Value| json!({"id": id, "name": id, "states": [{"device": device, "set": set}]});
    for body in [rule("door", "test:lock-1", "locked"), rule("lamp", "test:lamp-1", "on")] {
        let made = family.send("owner", Method::POST, "/api/v1/automations", Some(body)).await;
        assert_eq!(made.status, 201, "{}", made.text);
    }
    let both = json!({"id": "night", "name": "night", "states": [
        {"device": "test:lock-1", "set": {"locked": true}}, {"device": "test:lamp-1", "set": {"on": false}}]});
    for body in [both, scene("light", "test:lamp-1", json!({"on": true}))] {
        let made = family.send("owner", Method::POST, "/api/v1/scenes", Some(body)).await;
        assert_eq!(made.status, 201, "{}", made.text);
    }
    family
}

#[tokio::test]
async fn a_document_is_for_who_sees_all_that_is_in_it() {
    let family = home_with_a_lock().await;
    for (path, hidden) in [
        ("/api/v1/automations/door", true),
        ("/api/v1/automations/lamp", false),
        ("/api/v1/scenes/night", true),
        ("/api/v1/scenes/light", false),
    ] {
        let shown = family.get("child", path).await;
        assert_eq!(shown.status, 200, "{path}: {}", shown.text);
        assert_eq!(shown.json()["hidden"] == true, hidden, "{path}: {}", shown.text);
        assert_eq!(shown.text.contains("test:"), !hidden, "{path}: {}", shown.text);
        assert!(family.get("owner", path).await.text.contains("test:"), "{path}");
        for part in ["revisions/1", "revisions/1/diff", "revisions/1?format=yaml"] {
            let told = family.get("child", &format!("{path}/{part}")).await;
            let said = if hidden { "403 not_allowed" } else { "200" };
            assert_eq!(told.says(), said, "{path}/{part}: {}", told.text);
        }
        let list = family.get("child", &format!("{path}/revisions")).await;
        assert!(list.status == 200 && !list.text.contains("test:"), "{}", list.text);
        let back = json!({"revision": 1});
        let reverted = family.send("child", Method::POST, &format!("{path}/revert"), Some(back)).await;
        assert_eq!(reverted.says(), if hidden { "403 not_allowed" } else { "200" }, "{path}: {}", reverted.text);
    }
    for path in ["/api/v1/automations", "/api/v1/scenes", "/api/v1/revisions"] {
        let list = family.get("child", path).await;
        assert!(list.status == 200 && !list.text.contains("lock-1"), "{}", list.text);
    }
    // Who may switch a rule need not see what is in it.
    for enabled in [json!(false), json!(true)] {
        let body = json!({"enabled": enabled});
        let switched = family.send("child", Method::PATCH, "/api/v1/automations/door", Some(body)).await;
        assert_eq!(switched.status, 200, "{}", switched.text);
        assert!(!switched.text.contains("lock-1"), "{}", switched.text);
    }
    for path in ["activate", "undo"] {
        let done = family.send("child", Method::POST, &format!("/api/v1/scenes/night/{path}?wait=5s"), None).await;
        assert!(!done.text.contains("lock-1"), "{path}: {}", done.text);
    }
    assert_eq!(family.get("child", "/api/v1/automations/door/runs").await.says(), "403 not_allowed");
    let untold = family.get("child", "/api/v1/automations/door/why-not").await;
    assert_eq!((untold.status.as_u16(), &untold.json()["reason"]["code"]), (200, &json!("hidden")), "{}", untold.text);
    assert!(!untold.text.contains("lock"), "{}", untold.text);
    let told = family.get("child", "/api/v1/automations/lamp/why-not").await;
    assert!(told.status == 200 && told.text.contains("test:lamp-1"), "{}", told.text);
}

/// The lock opens and a lamp comes on: a child is told why, and nothing of the lock.
#[tokio::test]
async fn why_a_lamp_is_on_is_told_without_what_is_not_seen() {
    let family = Family::at_home().await;
    let rule = json!({"id": "welcome", "name": "Welcome", "triggers": [{"state":
            {"device": "test:lock-1", "attribute": "locked", "to": false}}],
        "conditions": [{"state": {"device": "test:lock-1", "attribute": "locked", "is": false}}],
        "actions": [{"command": {"device": "test:lamp-1", "set": {"on": true}}}]});
    let made = family.send("owner", Method::POST, "/api/v1/automations", Some(rule)).await;
    assert_eq!(made.status, 201, "{}", made.text);
    for locked in [true, false] {
        assert_eq!(family.set("adult", "lock-1", json!({"locked": locked})).await.json()["status"], "confirmed");
    }
    let why = "/api/v1/why?device=test%3Alamp-1";
    crate::harness::eventually("the lamp is on", async || {
        family.get("owner", why).await.json()["value"] == json!(true)
    })
    .await;
    let whole = family.get("owner", why).await;
    assert!(whole.text.contains("test:lock-1") && whole.text.contains("\"adult\""), "{}", whole.text);
    let told = family.get("child", why).await;
    assert_eq!(told.status, 200, "{}", told.text);
    assert_eq!(
        told.json()["chain"].as_array().unwrap().last().unwrap(),
        &json!({"kind": "hidden", "what": "something"})
    );
    assert!(told.text.contains("something that you may not see"), "{}", told.text);
    // An owner who looks with the child's eyes is told the same.
    let authorization = format!("Bearer {}", family.tokens["owner"]);
    let headers = [("authorization", authorization.as_str()), ("view-as", "child")];
    let seen_as = family.hub.send_with(Method::GET, why, &headers, None).await;
    assert_eq!(seen_as.text, told.text);
    let off = json!({"who": {"role": "child"}, "ready_made": false});
    assert_eq!(family.send("owner", Method::PUT, "/api/v1/permissions/ready-made", Some(off)).await.status, 200);
    family
        .allow(json!({"who": {"role": "child"}, "allow": ["see"],
            "what": {"devices": ["test:lamp-1"], "capabilities": ["on"], "parts": ["why"]}}))
        .await;
    let less = family.get("child", why).await;
    assert!(less.text.contains("a rule that you may not see"), "{}", less.text);
    for (answer, names) in [(&told, &["lock", "adult"][..]), (&less, &["lock", "adult", "elcome", "automation"])] {
        for name in names {
            assert!(!answer.text.contains(name), "{name}: {}", answer.text);
        }
    }
    // What was is history.
    let then = family.get("child", &format!("{why}&at=2026-11-20T18:00:02Z")).await;
    assert_eq!(then.says(), "403 not_allowed", "{}", then.text);
    assert_eq!(family.get("child", "/api/v1/why?device=test%3Alock-1").await.says(), "404 not_found");
}

/// Nor is it shown if only a variable or a test of it names something.
#[tokio::test]
async fn variables_and_tests_name_things_too() {
    let family = home_with_a_lock().await;
    let rule = |id: &str, more: (&str, Value)| {
        let mut rule = json!({"id": id, "name": id, "actions": [{"stop": "It is done."}],
            "triggers": [{"state": {"device": "test:lamp-1", "attribute": "on", "to": true}}]});
        rule[more.0] = more.1;
        rule
    };
    let variable = |device: &str, attribute: &str| {
        ("variables", json!({"it": format!("{{{{ state('{device}', '{attribute}') }}}}")}))
    };
    let test = |step: Value| ("tests", json!([{"name": "t", "when": [step], "then": []}]));
    let report =
        |device: &str, attribute: &str| test(json!({"device": device, "attribute": attribute, "value": false}));
    for (id, more, hidden) in [
        ("variable-door", variable("test:lock-1", "locked"), true),
        ("variable-lamp", variable("test:lamp-1", "brightness"), false),
        ("test-door", report("test:lock-1", "locked"), true),
        ("test-lamp", report("test:lamp-1", "on"), false),
        ("test-person", test(json!({"person": "adult", "presence": "home"})), true),
    ] {
        let made = family.send("owner", Method::POST, "/api/v1/automations", Some(rule(id, more))).await;
        assert_eq!(made.status, 201, "{}", made.text);
        let shown = family.get("child", &format!("/api/v1/automations/{id}")).await;
        assert_eq!(shown.json()["hidden"] == true, hidden, "{id}: {}", shown.text);
        let revision = family.get("child", &format!("/api/v1/automations/{id}/revisions/1")).await;
        assert_eq!(revision.says(), if hidden { "403 not_allowed" } else { "200" }, "{id}: {}", revision.text);
    }
}

#[tokio::test]
async fn nothing_hints_at_what_is_not_seen() {
    let family = home_with_a_lock().await;
    let rule = |device: &str| {
        json!({"name": "R", "triggers": [{"state": {"device": device, "attribute": "on", "to": true}}],
            "actions": [{"notify": {"to": "everyone", "message": format!("{{{{ state('{device}', 'on') }}}}")}}]})
    };
    let scene = |device: &str| json!({"name": "S", "states": [{"device": device, "set": {"on": true}}]});
    let capture = |device: &str| json!({"name": "S", "devices": [device]});
    for nearly in ["test:lock-", "test:lock-1", "lock-1", "lock-", "Lock"] {
        let asked = [
            ("/api/v1/automations", rule(nearly)),
            ("/api/v1/automations/check", rule(nearly)),
            ("/api/v1/scenes", scene(nearly)),
            ("/api/v1/scenes/capture", capture(nearly)),
        ];
        for (path, body) in asked {
            let said = family.send("child", Method::POST, path, Some(body)).await;
            assert!(said.text.contains("there is no device"), "{path}: {}", said.text);
            let without = said.text.replace(nearly, "");
            assert!(!without.contains("lock-1"), "{path}: {}", said.text);
        }
    }
    // Nor at attributes of a device of which something is seen.
    let off = json!({"who": {"role": "child"}, "ready_made": false});
    family.send("owner", Method::PUT, "/api/v1/permissions/ready-made", Some(off)).await;
    family
        .allow(json!({"who": {"role": "child"}, "allow": ["see", "control"], "what": {"capabilities": ["on"]}}))
        .await;
    let said = family.set("child", "lamp-1", json!({"brightnes": 1})).await;
    assert!(said.status.is_client_error() && !said.text.contains("brightness"), "{}", said.text);
}

#[tokio::test]
async fn what_is_not_seen_and_what_is_not_there_are_answered_alike() {
    let family = Family::at_home().await;
    let muted = async |device: &str| {
        let body = json!({"muted_devices": [device]});
        let said = family.send("child", Method::PATCH, "/api/v1/users/me/messages", Some(body)).await;
        said.text.replace(device, "DEVICE")
    };
    assert_eq!(muted("test:lock-1").await, muted("test:lock-9").await);
    let presence = async |person: &str| {
        let path = format!("/api/v1/people/{person}/presence");
        let said = family.send("child", Method::POST, &path, Some(json!({"presence": "home"}))).await;
        said.text.replace(person, "PERSON")
    };
    assert_eq!(presence("adult").await, presence("nobody").await);
    assert!(presence("child").await.contains("\"home\""));
    let messages = async |person: &str| {
        let path = format!("/api/v1/people/{person}/messages/test");
        family.send("child", Method::POST, &path, None).await.text.replace(person, "PERSON")
    };
    assert_eq!(messages("adult").await, messages("nobody").await);
}

#[tokio::test]
async fn a_restart_gives_nobody_a_fresh_pin() {
    let family = Family::at_home().await;
    let body = json!({"pin": "4711", "old_password": PASSWORD});
    assert_eq!(family.send("child", Method::PATCH, "/api/v1/users/me", Some(body)).await.says(), "200");
    let switch = async |hub: &Hub, token: &str, pin: &str| {
        let body = json!({"set": {"on": true}, "pin": pin});
        hub.send(Method::POST, "/api/v1/devices/test%3Alamp-1/commands?wait=5s", Some(token), Some(body)).await.says()
    };
    for _ in 0..3 {
        assert_eq!(switch(&family.hub, &family.tokens["child"], "0815").await, "403 wrong_pin");
    }
    assert_eq!(switch(&family.hub, &family.tokens["child"], "4711").await, "429 too_many_attempts");
    family.hub.api.finish().await;
    let restarted = Hub::with(&["lamp-1"], family.hub.kept()).await;
    let token = restarted.login("child").await;
    assert_eq!(switch(&restarted, &token, "4711").await, "429 too_many_attempts");
    restarted.clock.advance(std::time::Duration::from_secs(60 * 60));
    let token = restarted.login("child").await;
    assert_ne!(switch(&restarted, &token, "4711").await, "429 too_many_attempts");
}

/// A token that ends makes nothing that outlives it: without the second factor a password is enough.
#[tokio::test]
async fn a_token_that_ends_takes_no_second_factor_away() {
    let family = Family::at_home().await;
    let body = json!({"name": "program", "expires_at": "2026-12-01T00:00:00Z"});
    let made = family.send("owner", Method::POST, "/api/v1/tokens", Some(body)).await.json();
    let token = made["token"].as_str().unwrap();
    let removed = family.hub.send(Method::DELETE, "/api/v1/users/child/totp", Some(token), None).await;
    assert_eq!(removed.says(), "403 passing_token");
}

async fn told(family: &Family, who: &str) -> Vec<String> {
    let list = family.get(who, "/api/v1/users/me/notifications").await.json();
    let text = |one: &Value| format!("{} {}", one["title"].as_str().unwrap_or(""), one["message"].as_str().unwrap());
    list["items"].as_array().unwrap().iter().map(text).collect()
}

#[tokio::test]
async fn who_may_answer_is_told_that_somebody_waits_and_who_asked_is_told_the_answer() {
    let family = Family::at_home().await;
    family
        .allow(json!({"who": {"role": "child"}, "allow": ["see", "control"], "what": {"devices": ["test:lock-1"]},
            "approval": true}))
        .await;
    let plea = |value: bool| json!({"device": "test:lock-1", "attribute": "locked", "value": value});
    let asked = family.send("child", Method::POST, "/api/v1/approvals", Some(plea(false))).await;
    assert_eq!(asked.status, 201, "{}", asked.text);
    // Asked once more it is the same.
    family.send("child", Method::POST, "/api/v1/approvals", Some(plea(false))).await;
    for who in ["owner", "adult"] {
        let heard = told(&family, who).await;
        assert_eq!(heard.len(), 1, "{heard:?}");
        assert!(
            heard[0].contains("child asks for permission") && heard[0].contains("would like to unlock"),
            "{heard:?}"
        );
    }
    for who in ["child", "guest", "installer"] {
        assert_eq!(told(&family, who).await, Vec::<String>::new(), "{who}");
    }
    let path = format!("/api/v1/approvals/{}/answer", asked.json()["id"].as_str().unwrap());
    family.send("adult", Method::POST, &path, Some(json!({"answer": "refuse"}))).await;
    // The others see in their own list that it is answered, by whom, and have nothing more to read.
    let of_owner = family.get("owner", "/api/v1/users/me/notifications").await.json()["items"][0].clone();
    assert!(!of_owner["read_at"].is_null(), "{of_owner}");
    let adult = family.get("adult", "/api/v1/users/me").await.json()["id"].clone();
    let expected = json!({"id": asked.json()["id"], "person": asked.json()["person"], "person_name": "child", "device": "test:lock-1",
        "endpoint": asked.json()["endpoint"], "attribute": "locked", "value": false, "state": "refused", "by": adult,
        "by_name": "adult"});
    assert_eq!(of_owner["request"], expected);
    let heard = told(&family, "child").await;
    assert!(heard.len() == 1 && heard[0].contains("adult refused it"), "{heard:?}");
    // Nobody answers the next one.
    family.send("child", Method::POST, "/api/v1/approvals", Some(plea(true))).await;
    family.hub.clock.advance(std::time::Duration::from_secs(601));
    family.hub.core.handle.look_at_clock().await;
    crate::harness::eventually("the child hears that nobody answered", async || {
        told(&family, "child").await.iter().any(|one| one.contains("Nobody answered"))
    })
    .await;
}

#[tokio::test]
async fn what_is_gone_is_told_to_who_saw_everything() {
    let family = Family::at_home().await;
    family.allow(json!({"who": {"role": "child"}, "allow": ["see"], "what": {"parts": ["alerts"]}})).await;
    for code in ["battery_low:test:lock-1", "battery_low:test:gone-1", "battery_low:test:lamp-1", "rule_stopped:door"] {
        let (severity, text) = (hub_model::event::Severity::Warning, "It is so.".into());
        family
            .hub
            .core
            .handle
            .alert(hub_model::event::Alert { code: code.into(), severity, text, resolved: false })
            .await;
    }
    let shown = |text: &str| ["lock-1", "gone-1", "lamp-1", "rule_stopped"].map(|part| text.contains(part));
    crate::harness::eventually("the alerts are there", async || {
        shown(&family.get("owner", "/api/v1/alerts").await.text) == [true; 4]
    })
    .await;
    let some = family.get("child", "/api/v1/alerts").await.text;
    assert_eq!(shown(&some), [false, false, true, true], "{some}");
}

#[tokio::test]
async fn the_home_names_meters_to_who_sees_them() {
    let family = Family::at_home().await;
    family.allow(json!({"who": {"role": "child"}, "allow": ["configure"], "what": {"parts": ["home"]}})).await;
    let meters = async |who: &str| family.get(who, "/api/v1/home").await.json()["energy_meters"].clone();
    let set = async |who: &str, list: Value| {
        let body = json!({"energy_meters": list});
        family.send(who, Method::PATCH, "/api/v1/home", Some(body)).await
    };
    assert_eq!(set("owner", json!(["test:lock-1", "test:lamp-1"])).await.status, 200);
    assert_eq!(meters("child").await, json!(["test:lamp-1"]));
    // What they do not see, they neither name nor take away.
    assert_eq!(set("child", json!(["test:lock-1"])).await.says(), "422 no_such_device");
    let shown = set("child", json!([])).await;
    assert_eq!((shown.status.as_u16(), &shown.json()["energy_meters"]), (200, &json!([])), "{}", shown.text);
    assert_eq!(meters("owner").await, json!(["test:lock-1"]));
}

#[tokio::test]
async fn an_hour_is_for_any_value_and_is_taken_back_with_word_of_it() {
    let family = Family::at_home().await;
    let off = json!({"who": {"role": "child"}, "ready_made": false});
    family.send("owner", Method::PUT, "/api/v1/permissions/ready-made", Some(off)).await;
    family
        .allow(json!({"who": {"role": "child"}, "allow": ["see", "control"], "what": {"devices": ["test:lamp-1"]},
            "approval": true}))
        .await;
    let plea = json!({"device": "test:lamp-1", "attribute": "on", "value": true});
    let asked = family.send("child", Method::POST, "/api/v1/approvals", Some(plea)).await;
    let path = format!("/api/v1/approvals/{}", asked.json()["id"].as_str().unwrap());
    let take_back = async |who: &str| family.send(who, Method::DELETE, &path, None).await;
    assert_eq!(take_back("adult").await.says(), "409 conflict", "nothing was allowed yet");
    let hour = json!({"answer": "allow_for_an_hour"});
    assert_eq!(family.send("adult", Method::POST, &format!("{path}/answer"), Some(hour)).await.status, 200);
    for on in [true, false, true] {
        let set = family.set("child", "lamp-1", json!({"on": on})).await;
        assert_eq!(set.json()["status"], "confirmed", "{}", set.text);
    }
    assert_eq!(take_back("child").await.says(), "403 not_allowed");
    assert_eq!(take_back("owner").await.says(), "204");
    assert_eq!(family.set("child", "lamp-1", json!({"on": false})).await.says(), "403 not_allowed");
    assert_eq!(take_back("owner").await.says(), "404 not_found");
    let heard = told(&family, "child").await;
    assert!(heard.iter().any(|one| one.contains("Anna took back what was allowed")), "{heard:?}");
    let audit = family.get("owner", "/api/v1/audit").await.json();
    let entries = audit["items"].as_array().unwrap().iter();
    let taken_back = entries.filter(|entry| entry["action"] == "approval_taken_back").count();
    assert_eq!(taken_back, 1, "{audit}");
}
