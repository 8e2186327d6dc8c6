//! Accounts of people: added, changed, removed, and let in.

use std::time::Duration;

use axum::http::Method;
use hub_model::audit::AuditEntry;
use serde_json::{Value, json};

use crate::harness::{Hub, PASSWORD, eventually};

const USERS: &str = "/api/v1/users";

async fn add(hub: &Hub, token: &str, body: Value) -> crate::harness::Answer {
    hub.send(Method::POST, USERS, Some(token), Some(body)).await
}

/// Names as the core knows people.
fn people(hub: &Hub) -> Vec<String> {
    let mut names: Vec<String> =
        hub.core.handle.snapshot().people.iter().map(|person| person.name.to_string()).collect();
    names.sort();
    names
}

async fn works(hub: &Hub, token: &str) -> bool {
    hub.send(Method::GET, "/api/v1/home", Some(token), None).await.status == 200
}

#[tokio::test]
async fn a_person_is_invited_and_sets_a_password() {
    let (hub, token) = Hub::claimed(&[]).await;
    let added = add(&hub, &token, json!({"username": "Ben", "display_name": "Benjamin", "role": "adult"})).await;
    assert_eq!(added.status, 201, "{}", added.text);
    let ben = added.json();
    assert_eq!(
        (&ben["state"], &ben["role"], &ben["display_name"], &ben["expires_at"], &ben["note"]),
        (&json!("invited"), &json!("adult"), &json!("Benjamin"), &Value::Null, &Value::Null)
    );
    assert_eq!(people(&hub), ["Anna", "Ben"]);
    let code = ben["invitation"]["code"].as_str().unwrap();
    assert!(code.replace('-', "").len() * 5 >= 96, "{code}");
    assert_eq!(added.header("location"), format!("{USERS}/{}", ben["id"].as_str().unwrap()));
    // Nobody logs in before, not with an empty password either.
    for password in ["", PASSWORD] {
        let login = json!({"username": "ben", "password": password});
        assert_eq!(
            hub.send(Method::POST, "/api/v1/auth/login", None, Some(login)).await.says(),
            "401 wrong_credentials"
        );
    }
    let accept = async |code: &str, password: &str| {
        let body = json!({"code": code, "password": password});
        hub.send(Method::POST, "/api/v1/auth/accept", None, Some(body)).await
    };
    assert_eq!(accept("0000-0000-0000-0000-0000", PASSWORD).await.says(), "403 wrong_invitation");
    assert_eq!(accept(code, "short").await.says(), "422 bad_password");
    let opened = accept(&code.to_lowercase().replace('-', " "), PASSWORD).await;
    assert_eq!(opened.status, 200, "{}", opened.text);
    assert!(works(&hub, opened.json()["access_token"].as_str().unwrap()).await);
    assert_eq!(accept(code, PASSWORD).await.says(), "403 wrong_invitation");
    hub.login("ben").await;
    let shown = hub.send(Method::GET, &format!("{USERS}/ben"), Some(&token), None).await.json();
    assert_eq!((&shown["state"], &shown["invited_until"]), (&json!("active"), &Value::Null));
    // Over a restart.
    let restarted = Hub::with(&[], hub.kept()).await;
    restarted.login("Ben").await;
    assert_eq!(people(&restarted), ["Anna", "Ben"]);
}

#[tokio::test]
async fn an_invitation_is_good_for_a_week_and_once_even_for_two_at_a_time() {
    let (hub, token) = Hub::claimed(&[]).await;
    let code = async |name: &str| {
        let added = add(&hub, &token, json!({"username": name, "role": "adult"})).await.json();
        added["invitation"]["code"].as_str().unwrap().to_owned()
    };
    let (late, twice) = (code("Late").await, code("Twice").await);
    let accept = |code: String| {
        let hub = &hub;
        async move {
            let body = json!({"code": code, "password": PASSWORD});
            hub.send(Method::POST, "/api/v1/auth/accept", None, Some(body)).await.says()
        }
    };
    let mut said = futures_util::future::join_all((0..3).map(|_| accept(twice.clone()))).await;
    said.sort();
    assert_eq!(said, ["200", "403 wrong_invitation", "403 wrong_invitation"]);
    hub.clock.advance(Duration::from_secs(7 * 24 * 60 * 60));
    assert_eq!(accept(late).await, "403 wrong_invitation");
}

#[tokio::test]
async fn only_owners_see_to_accounts() {
    let (hub, token) = Hub::claimed(&[]).await;
    let ben = hub.person(&token, "Ben", "adult").await;
    let body = json!({"username": "Eve", "role": "owner"});
    for (method, path, body) in [
        (Method::GET, USERS.to_owned(), None),
        (Method::POST, USERS.to_owned(), Some(body)),
        (Method::GET, format!("{USERS}/anna"), None),
        (Method::GET, format!("{USERS}/nobody"), None),
        (Method::PATCH, format!("{USERS}/ben"), Some(json!({"role": "owner"}))),
        (Method::DELETE, format!("{USERS}/anna"), None),
        (Method::POST, format!("{USERS}/anna/password"), None),
        (Method::DELETE, format!("{USERS}/anna/totp"), None),
    ] {
        let answer = hub.send(method.clone(), &path, Some(&ben), body).await;
        assert_eq!(answer.says(), "403 owner_only", "{method} {path}");
    }
    for path in ["/api/v1/audit", "/api/v1/audit/check"] {
        assert_eq!(hub.send(Method::GET, path, Some(&ben), None).await.says(), "403 not_allowed", "{path}");
    }
    for path in [format!("{USERS}/me"), format!("{USERS}/ben")] {
        let own = hub.send(Method::GET, &path, Some(&ben), None).await.json();
        assert_eq!((&own["username"], &own["role"]), (&json!("Ben"), &json!("adult")));
    }
    // The local socket is the owner's.
    assert_eq!(hub.local(Method::GET, USERS, None).await.json()["items"].as_array().unwrap().len(), 2);
    assert_eq!(hub.local(Method::GET, &format!("{USERS}/me"), None).await.json()["username"], "Anna");
}

#[tokio::test]
async fn what_cannot_be_is_refused_in_words() {
    let (hub, token) = Hub::claimed(&[]).await;
    for (body, said) in [
        (json!({"username": "ANNA", "role": "adult"}), "409 conflict"),
        (json!({"username": "me", "role": "adult"}), "422 bad_name"),
        (json!({"username": " ", "role": "adult"}), "422 bad_name"),
        (json!({"username": "Ben", "role": "king"}), "422 bad_value"),
        (json!({"username": "Ben", "role": "guest", "expires_at": "2026-11-20T17:59:59Z"}), "422 bad_value"),
        (json!({"username": "Ben", "role": "adult", "password": "short"}), "422 bad_password"),
        (json!({"username": "Ben"}), "422 invalid_body"),
        (json!({"username": "Ben", "role": "adult", "rank": 1}), "422 unknown_field"),
    ] {
        assert_eq!(add(&hub, &token, body.clone()).await.says(), said, "{body}");
    }
    assert_eq!(people(&hub), ["Anna"]);
    // A token that has an end makes nothing that outlives it.
    let passing = json!({"name": "script", "expires_at": "2026-11-21T18:00:00Z"});
    let passing = hub.send(Method::POST, "/api/v1/tokens", Some(&token), Some(passing)).await.json();
    let refused = add(&hub, passing["token"].as_str().unwrap(), json!({"username": "Eve", "role": "owner"})).await;
    assert_eq!(refused.says(), "403 passing_token");
    // A hub that nobody has claimed has no owner who could add people.
    let new = Hub::new(&[]).await;
    let body = Some(json!({"username": "Eve", "role": "owner", "password": PASSWORD}));
    assert_eq!(new.local(Method::POST, USERS, body).await.says(), "409 not_claimed");
}

#[tokio::test]
async fn the_account_of_a_guest_ends_with_everything_that_hangs_on_it() {
    let (hub, token) = Hub::claimed(&[]).await;
    let added = add(&hub, &token, json!({"username": "Gus", "role": "guest", "password": PASSWORD})).await.json();
    assert_eq!(added["expires_at"], "2026-11-27T18:00:00.000Z");
    assert!(added["note"].as_str().unwrap().contains("seven days"), "{added}");
    assert_eq!(added["invitation"], Value::Null);
    let path = format!("{USERS}/{}", added["id"].as_str().unwrap());
    let endless = hub.send(Method::PATCH, &path, Some(&token), Some(json!({"expires_at": null}))).await;
    assert_eq!(endless.says(), "422 bad_value");
    let soon = json!({"expires_at": "2026-11-20T18:10:00Z"});
    assert_eq!(hub.send(Method::PATCH, &path, Some(&token), Some(soon)).await.status, 200);
    let guest = hub.login("gus").await;
    let program = hub.send(Method::POST, "/api/v1/tokens", Some(&guest), Some(json!({"name": "x"}))).await.json();
    let program = program["token"].as_str().unwrap();
    assert!(works(&hub, &guest).await && works(&hub, program).await);
    hub.clock.advance(Duration::from_secs(10 * 60));
    assert!(!works(&hub, &guest).await && !works(&hub, program).await);
    let login = json!({"username": "gus", "password": PASSWORD});
    assert_eq!(hub.send(Method::POST, "/api/v1/auth/login", None, Some(login)).await.says(), "403 account_expired");
    let wrong = json!({"username": "gus", "password": "wrong horse"});
    assert_eq!(hub.send(Method::POST, "/api/v1/auth/login", None, Some(wrong)).await.says(), "401 wrong_credentials");
    let shown = hub.send(Method::GET, &path, Some(&token), None).await.json();
    assert_eq!(shown["state"], "expired");
    // Extended, it goes on.
    let longer = json!({"role": "adult", "expires_at": null});
    assert_eq!(hub.send(Method::PATCH, &path, Some(&token), Some(longer)).await.json()["state"], "active");
    hub.login("gus").await;
    // Who becomes a guest comes for a while.
    let guest = hub.send(Method::PATCH, &path, Some(&token), Some(json!({"role": "guest"}))).await.json();
    assert_eq!(guest["expires_at"], "2026-11-27T18:10:00.000Z");
}

#[tokio::test]
async fn the_last_owner_stays() {
    let (hub, token) = Hub::claimed(&[]).await;
    let path = format!("{USERS}/anna");
    let attempts = async |said: &str| {
        for (method, body) in [
            (Method::DELETE, None),
            (Method::PATCH, Some(json!({"role": "adult"}))),
            (Method::PATCH, Some(json!({"expires_at": "2027-11-20T18:00:00Z"}))),
        ] {
            assert_eq!(hub.send(method.clone(), &path, Some(&token), body).await.says(), said, "{method}");
        }
    };
    attempts("409 last_owner").await;
    // One who never set a password, or comes for a while, is none to rely on.
    add(&hub, &token, json!({"username": "Ivy", "role": "owner"})).await;
    let passing =
        json!({"username": "Tom", "role": "owner", "password": PASSWORD, "expires_at": "2027-01-01T00:00:00Z"});
    add(&hub, &token, passing).await;
    attempts("409 last_owner").await;
    let ben = hub.person(&token, "Ben", "owner").await;
    assert_eq!(hub.send(Method::DELETE, &path, Some(&token), None).await.status, 200);
    assert!(!works(&hub, &token).await && works(&hub, &ben).await);
    let status = hub.send(Method::GET, "/api/v1/status", None, None).await.json();
    assert_eq!(status["state"], "claimed");
    let restarted = Hub::with(&[], hub.kept()).await;
    assert_eq!(restarted.claim().await.says(), "409 already_claimed");
    assert_eq!(restarted.local(Method::GET, &format!("{USERS}/me"), None).await.json()["username"], "Ben");
}

#[tokio::test]
async fn who_is_removed_is_out_at_once_and_their_rules_are_named() {
    let (hub, token) = Hub::claimed(&["lamp-1"]).await;
    let ben = hub.person(&token, "Ben", "adult").await;
    let rule = json!({"id": "hall", "name": "Hall", "triggers": [{"time": "07:30"}],
        "actions": [{"command": {"device": "lamp 1", "set": {"on": true}}}]});
    let saved = hub.send(Method::POST, "/api/v1/automations", Some(&ben), Some(rule)).await;
    assert_eq!(saved.status, 201, "{}", saved.text);
    let program = hub.send(Method::POST, "/api/v1/tokens", Some(&ben), Some(json!({"name": "x"}))).await.json();
    let me = hub.send(Method::GET, &format!("{USERS}/me"), Some(&ben), None).await.json();
    let id = me["id"].as_str().unwrap();
    let presence = json!({"presence": "home"});
    hub.send(Method::POST, "/api/v1/people/ben/presence", Some(&ben), Some(presence)).await;
    let removed = hub.send(Method::DELETE, &format!("{USERS}/{id}"), Some(&token), None).await;
    assert_eq!(removed.status, 200, "{}", removed.text);
    assert_eq!(removed.json()["rules"], json!([{"id": "hall", "name": "Hall"}]));
    assert!(removed.json()["note"].as_str().unwrap().contains("save one again"));
    assert!(!works(&hub, &ben).await && !works(&hub, program["token"].as_str().unwrap()).await);
    assert_eq!(people(&hub), ["Anna"]);
    let view = hub.core.handle.snapshot().automations.get("hall").unwrap().record.author.to_string();
    assert_eq!(view, id);
    // Nothing of them is left on the disk.
    let kept = hub.kept();
    assert!(kept.accounts.len() == 1 && kept.tokens.iter().all(|token| token.account.as_str() != id));
    assert!(kept.secrets.iter().all(|(name, _)| !name.contains(id)), "{:?}", kept.secrets);
    assert!(kept.sessions.iter().all(|session| session.account.as_str() != id));
    assert_eq!(hub.send(Method::DELETE, &format!("{USERS}/{id}"), Some(&token), None).await.says(), "404 not_found");
}

#[tokio::test]
async fn a_new_password_ends_all_other_sessions() {
    let (hub, token) = Hub::claimed(&[]).await;
    let other = hub.login("anna").await;
    let first = json!({"username": "anna", "password": PASSWORD});
    let first = hub.send(Method::POST, "/api/v1/auth/login", None, Some(first)).await.json();
    let program = hub.send(Method::POST, "/api/v1/tokens", Some(&token), Some(json!({"name": "x"}))).await.json();
    let me = format!("{USERS}/me");
    let change = async |body: Value| hub.send(Method::PATCH, &me, Some(&token), Some(body)).await;
    for (body, said) in [
        (json!({"password": "another password"}), "422 bad_password"),
        (json!({"password": "short", "old_password": PASSWORD}), "422 bad_password"),
        (json!({"password": "another password", "old_password": "wrong horse"}), "403 wrong_password"),
    ] {
        assert_eq!(change(body.clone()).await.says(), said, "{body}");
    }
    assert!(works(&hub, &other).await);
    let body = json!({"password": "another password", "old_password": PASSWORD, "display_name": "Anna M."});
    let changed = change(body).await;
    assert_eq!((changed.status.as_u16(), &changed.json()["display_name"]), (200, &json!("Anna M.")));
    assert!(works(&hub, &token).await && !works(&hub, &other).await);
    assert!(works(&hub, program["token"].as_str().unwrap()).await);
    let refresh = json!({"refresh_token": first["refresh_token"]});
    assert_eq!(hub.send(Method::POST, "/api/v1/auth/refresh", None, Some(refresh)).await.says(), "401 unauthorized");
    for (password, said) in [(PASSWORD, "401 wrong_credentials"), ("another password", "200")] {
        let login = json!({"username": "anna", "password": password});
        assert_eq!(hub.send(Method::POST, "/api/v1/auth/login", None, Some(login)).await.says(), said);
    }
    let restarted = Hub::with(&[], hub.kept()).await;
    assert!(works(&restarted, &token).await && !works(&restarted, &other).await);
}

#[tokio::test]
async fn who_lost_the_password_is_let_in_again() {
    let (hub, token) = Hub::claimed(&[]).await;
    let ben = hub.person(&token, "Ben", "adult").await;
    let program = hub.send(Method::POST, "/api/v1/tokens", Some(&ben), Some(json!({"name": "x"}))).await.json();
    let reset = hub.send(Method::POST, &format!("{USERS}/ben/password"), Some(&token), None).await;
    assert_eq!((reset.status.as_u16(), &reset.json()["state"]), (200, &json!("invited")), "{}", reset.text);
    assert!(!works(&hub, &ben).await && !works(&hub, program["token"].as_str().unwrap()).await);
    let login = json!({"username": "ben", "password": PASSWORD});
    let login = hub.send(Method::POST, "/api/v1/auth/login", None, Some(login)).await;
    assert_eq!(login.says(), "401 wrong_credentials");
    let accept = json!({"code": reset.json()["invitation"]["code"], "password": "quite another one"});
    assert_eq!(hub.send(Method::POST, "/api/v1/auth/accept", None, Some(accept)).await.status, 200);
    let given = Some(json!({"password": PASSWORD}));
    assert_eq!(hub.send(Method::POST, &format!("{USERS}/ben/password"), Some(&token), given.clone()).await.status, 200);
    hub.login("ben").await;
    // An owner changes the own one with the old one; who sits at the hub itself need not.
    let own = format!("{USERS}/anna/password");
    assert_eq!(hub.send(Method::POST, &own, Some(&token), given.clone()).await.says(), "409 own_account");
    assert_eq!(hub.local(Method::POST, &own, Some(json!({"password": "by the socket"}))).await.status, 200);
    assert!(!works(&hub, &token).await);
    let login = json!({"username": "anna", "password": "by the socket"});
    assert_eq!(hub.send(Method::POST, "/api/v1/auth/login", None, Some(login)).await.status, 200);
}

#[tokio::test]
async fn a_changed_account_goes_on_with_its_tokens() {
    let (hub, token) = Hub::claimed(&[]).await;
    hub.person(&token, "Ben", "adult").await;
    let login = json!({"username": "ben", "password": PASSWORD});
    let session = hub.send(Method::POST, "/api/v1/auth/login", None, Some(login)).await.json();
    let path = format!("{USERS}/ben");
    let shown = hub.send(Method::GET, &path, Some(&token), None).await;
    let stale = [("authorization", &*format!("Bearer {token}")), ("if-match", "\"stale\"")];
    let body = json!({"role": "owner", "username": "Benno"});
    let refused = hub.send_with(Method::PATCH, &path, &stale, Some(body.clone())).await;
    assert_eq!(refused.status, 412, "{}", refused.text);
    let current = [("authorization", &*format!("Bearer {token}")), ("if-match", shown.header("etag"))];
    let changed = hub.send_with(Method::PATCH, &path, &current, Some(body)).await;
    assert_eq!((changed.status.as_u16(), &changed.json()["role"]), (200, &json!("owner")));
    assert_eq!(people(&hub), ["Anna", "Benno"]);
    // The same tokens, with what the account may now.
    let access = session["access_token"].as_str().unwrap();
    assert_eq!(hub.send(Method::GET, USERS, Some(access), None).await.status, 200);
    let refresh = json!({"refresh_token": session["refresh_token"]});
    let refreshed = hub.send(Method::POST, "/api/v1/auth/refresh", None, Some(refresh)).await.json();
    let access = refreshed["access_token"].as_str().unwrap();
    assert_eq!(hub.send(Method::GET, USERS, Some(access), None).await.status, 200);
    hub.login("benno").await;
}

#[tokio::test]
async fn a_full_disk_changes_no_accounts() {
    let (hub, token) = Hub::claimed(&[]).await;
    hub.journal.fail_with(Some(hub_model::record::KeepError::Full));
    let refused = add(&hub, &token, json!({"username": "Ben", "role": "adult"})).await;
    assert_eq!(refused.says(), "507 storage_full");
    hub.journal.fail_with(None);
    assert_eq!(people(&hub), ["Anna"]);
    let added = add(&hub, &token, json!({"username": "Ben", "role": "adult"})).await;
    assert_eq!(added.status, 201);
    eventually("the person is known", async || people(&hub) == ["Anna", "Ben"]).await;
}

#[tokio::test]
async fn two_changes_at_once_do_not_leave_a_hub_without_an_owner() {
    let (hub, token) = Hub::claimed(&[]).await;
    let ben = hub.person(&token, "Ben", "owner").await;
    let demote = async |token: &str, name: &str| {
        let path = format!("{USERS}/{name}");
        hub.send(Method::PATCH, &path, Some(token), Some(json!({"role": "adult"}))).await.says()
    };
    let (anna, bens) = futures_util::future::join(demote(&ben, "anna"), demote(&token, "ben")).await;
    let mut said = [anna, bens];
    said.sort();
    assert_eq!(said[0], "200");
    assert!(["403 owner_only", "409 last_owner"].contains(&said[1].as_str()), "{said:?}");
    let audited: Vec<AuditEntry> = hub.journal.audited();
    assert_eq!(audited.iter().filter(|entry| &*entry.action == "user_changed").count(), 1);
}

#[tokio::test]
async fn a_pin_and_its_removal_survive_a_restart() {
    let (hub, token) = Hub::claimed(&[]).await;
    let set = async |pin: serde_json::Value| {
        let change = json!({"pin": pin, "old_password": PASSWORD});
        assert_eq!(hub.send(Method::PATCH, &format!("{USERS}/me"), Some(&token), Some(change)).await.says(), "200");
        hub.kept().secrets.into_iter().filter(|(name, _)| name.contains("pin")).count()
    };
    assert_eq!((set(json!("4711")).await, set(json!(null)).await), (1, 0));
}
