//! Who may come in.

use std::time::Duration;

use axum::http::Method;
use hub_api::{ApiOptions, Door};
use hub_model::record::Kept;
use serde_json::json;

use crate::harness::{Hub, PASSWORD};

#[tokio::test]
async fn a_new_hub_is_claimed_once() {
    let hub = Hub::new(&[]).await;
    let status = hub.send(Method::GET, "/api/v1/status", None, None).await.json();
    assert_eq!(status["state"], "new");
    let file = std::fs::read_to_string(hub.folder.path().join("setup-code")).unwrap();
    assert_eq!(file.trim(), hub.api.setup_code().unwrap().reveal());

    let owner = json!({"username": "Anna", "password": PASSWORD});
    let wrong = json!({"setup_code": "AAAA", "home_name": "Villa", "owner": owner});
    assert_eq!(hub.send(Method::POST, "/api/v1/setup", None, Some(wrong)).await.says(), "403 wrong_setup_code");
    // Whether a code is right can be asked before the rest is typed, and that uses nothing up.
    for (code, said) in [("AAAA", "403 wrong_setup_code"), (file.trim(), "204"), (file.trim(), "204")] {
        assert_eq!(check(&hub, code).await, said);
    }
    let claimed = hub.claim().await;
    assert_eq!(claimed.status, 201, "{}", claimed.text);
    assert_eq!(claimed.json()["expires_in"], 3600);
    assert!(!hub.folder.path().join("setup-code").exists());
    assert_eq!(hub.api.setup_code(), None);
    assert_eq!(hub.claim().await.says(), "409 already_claimed");
    assert_eq!(check(&hub, file.trim()).await, "409 already_claimed");
    let status = hub.send(Method::GET, "/api/v1/status", None, None).await.json();
    assert_eq!((&status["state"], &status["name"]), (&json!("claimed"), &json!("Villa")));
}

async fn check(hub: &Hub, code: &str) -> String {
    hub.send(Method::POST, "/api/v1/setup/check", None, Some(json!({"setup_code": code}))).await.says()
}

#[tokio::test]
async fn checking_is_no_way_to_guess_faster() {
    let hub = Hub::new(&[]).await;
    for _ in 0..5 {
        assert_eq!(check(&hub, "0000-0000-0000-0000-0000").await, "403 wrong_setup_code");
    }
    let right = hub.api.setup_code().unwrap();
    assert_eq!(check(&hub, right.reveal()).await, "429 too_many_attempts");
    assert_eq!(hub.claim().await.says(), "429 too_many_attempts");
    hub.clock.advance(Duration::from_secs(61));
    assert_eq!(check(&hub, right.reveal()).await, "204");
    assert_eq!(hub.claim().await.status, 201);
}

#[tokio::test]
async fn what_cannot_be_a_code_is_no_guess() {
    let hub = Hub::new(&[]).await;
    let right = hub.api.setup_code().unwrap();
    let short = &right.reveal()[..18];
    for typed in ["", "AAAA", "0000-0000-0000-000", "- - - -"].iter().cycle().take(20) {
        assert_eq!(check(&hub, typed).await, "403 wrong_setup_code", "{typed}");
    }
    for _ in 0..5 {
        assert_eq!(check(&hub, short).await, "403 wrong_setup_code");
    }
    assert_eq!(check(&hub, right.reveal()).await, "204");
}

#[tokio::test]
async fn the_setup_code_cannot_be_guessed_fast() {
    let hub = Hub::new(&[]).await;
    let mut said = Vec::new();
    for _ in 0..7 {
        let owner = json!({"username": "Eve", "password": PASSWORD});
        let body = json!({"setup_code": "0000-0000-0000-0000-0000", "home_name": "Mine", "owner": owner});
        said.push(hub.send(Method::POST, "/api/v1/setup", None, Some(body)).await.says());
    }
    assert_eq!(said[..5], vec!["403 wrong_setup_code"; 5]);
    assert_eq!(said[5..], vec!["429 too_many_attempts"; 2]);
    hub.clock.advance(Duration::from_secs(61));
    assert_eq!(hub.claim().await.status, 201);
}

#[tokio::test]
async fn login_tells_nothing_and_slows_down() {
    let (hub, _) = Hub::claimed(&[]).await;
    let login = async |username: &str, password: &str| {
        hub.login_from("192.168.1.20:5000", json!({"username": username, "password": password})).await
    };
    assert_eq!(login(" anna ", PASSWORD).await.status, 200);
    let (wrong, nobody) = (login("anna", "wrong horse").await, login("nobody", "wrong horse").await);
    assert_eq!(wrong.text, nobody.text);
    assert_eq!(wrong.says(), "401 wrong_credentials");
    for _ in 0..4 {
        login("anna", "wrong horse").await;
    }
    let slowed = login("anna", PASSWORD).await;
    assert_eq!((slowed.says().as_str(), slowed.header("retry-after")), ("429 too_many_attempts", "1"));
    hub.clock.advance(Duration::from_secs(2));
    assert_eq!(login("anna", PASSWORD).await.status, 200);
}

/// How many passwords the hub has checked.
async fn checked(hub: &Hub) -> u64 {
    let metrics = hub.local(Method::GET, "/metrics", None).await.text;
    let line = metrics.lines().find_map(|line| line.strip_prefix("hearth_password_checks_total "));
    line.unwrap().parse().unwrap()
}

/// Names that somebody may try, each from a place of its own.
const TRIED: [(&str, &str); 6] = [
    ("anna", "192.168.1.20:5000"),
    ("nobody", "192.168.1.21:5000"),
    ("ben", "192.168.1.22:5000"),
    ("", "192.168.1.23:5000"),
    ("\u{e4}\u{1f600}", "192.168.1.24:5000"),
    ("me", "192.168.1.25:5000"),
];

#[tokio::test]
async fn every_wrong_login_costs_the_same_work() {
    let (hub, token) = Hub::claimed(&[]).await;
    let invited = json!({"username": "Ben", "role": "adult"});
    assert_eq!(hub.send(Method::POST, "/api/v1/users", Some(&token), Some(invited)).await.status, 201);
    for (name, from) in TRIED {
        for password in ["wrong horse", "", &"x".repeat(2_000)] {
            let before = checked(&hub).await;
            let refused = hub.login_from(from, json!({"username": name, "password": password})).await;
            assert_eq!(refused.says(), "401 wrong_credentials", "{name:?}");
            assert_eq!(checked(&hub).await, before + 1, "{name:?}");
        }
    }
}

/// The time itself, where nothing else runs: `cargo test -p hub-api -- --ignored the_time_of_a_login`.
#[tokio::test]
#[ignore = "measures time, which other programs take"]
#[allow(clippy::disallowed_methods, reason = "measures real time")]
async fn the_time_of_a_login_tells_nothing() {
    let (hub, _) = Hub::claimed(&[]).await;
    let mut times = [Vec::new(), Vec::new()];
    for _ in 0..41 {
        for (times, (name, from)) in times.iter_mut().zip(TRIED) {
            hub.clock.advance(Duration::from_secs(3_600));
            let begin = std::time::Instant::now();
            let refused = hub.login_from(from, json!({"username": name, "password": "wrong horse"})).await;
            times.push(begin.elapsed());
            assert_eq!(refused.says(), "401 wrong_credentials");
        }
    }
    let [known, unknown] = times.map(|mut times| {
        times.sort_unstable();
        times[times.len() / 2].as_secs_f64()
    });
    let difference = (known - unknown).abs() / known;
    assert!(difference < 0.05, "{known} s and {unknown} s differ by {difference}");
}

#[tokio::test]
async fn tokens_rotate_expire_and_survive_a_restart() {
    let hub = Hub::new(&[]).await;
    let first = hub.claim().await.json();
    let refresh = async |hub: &Hub, token: &serde_json::Value| {
        hub.send(Method::POST, "/api/v1/auth/refresh", None, Some(json!({"refresh_token": token}))).await
    };
    let second = refresh(&hub, &first["refresh_token"]).await;
    assert_eq!(second.status, 200, "{}", second.text);
    let second = second.json();
    let access = second["access_token"].as_str().unwrap();
    assert_eq!(hub.send(Method::GET, "/api/v1/home", Some(access), None).await.status, 200);
    assert_eq!(
        hub.send(Method::GET, "/api/v1/home", Some(second["refresh_token"].as_str().unwrap()), None).await.says(),
        "401 unauthorized"
    );

    let restarted = Hub::with(&[], hub.kept()).await;
    assert_eq!(restarted.send(Method::GET, "/api/v1/home", Some(access), None).await.status, 200);
    restarted.clock.advance(Duration::from_secs(3601));
    assert_eq!(restarted.send(Method::GET, "/api/v1/home", Some(access), None).await.says(), "401 unauthorized");
    let third = refresh(&restarted, &second["refresh_token"]).await.json();
    let access = third["access_token"].as_str().unwrap();
    assert_eq!(restarted.send(Method::GET, "/api/v1/home", Some(access), None).await.status, 200);
    // A refresh token that comes again ends the session, even one that was used before the restart.
    assert_eq!(refresh(&restarted, &first["refresh_token"]).await.says(), "401 token_reused");
    assert_eq!(restarted.send(Method::GET, "/api/v1/home", Some(access), None).await.says(), "401 unauthorized");
}

#[tokio::test]
async fn nothing_secret_is_kept_in_the_clear() {
    let (hub, token) = Hub::claimed(&[]).await;
    let made = hub.send(Method::POST, "/api/v1/tokens", Some(&token), Some(json!({"name": "script"}))).await.json();
    let kept = format!("{:?}", hub.journal.changes());
    let secrets: String = hub.kept().secrets.iter().map(|(_, secret)| secret.reveal().to_owned()).collect();
    for text in [token.as_str(), made["token"].as_str().unwrap(), PASSWORD] {
        assert!(!kept.contains(text) && !secrets.contains(text));
    }
}

#[tokio::test]
async fn logout_and_revocation_end_tokens() {
    let (hub, token) = Hub::claimed(&[]).await;
    let body = json!({"name": "dashboard", "scope": "read", "expires_at": "2026-11-21T18:00:00Z"});
    let made = hub.send(Method::POST, "/api/v1/tokens", Some(&token), Some(body)).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let made = made.json();
    let (id, text) = (made["id"].as_str().unwrap(), made["token"].as_str().unwrap());
    assert_eq!(hub.send(Method::GET, "/api/v1/devices", Some(text), None).await.status, 200);
    let area = json!({"name": "Hall"});
    assert_eq!(hub.send(Method::POST, "/api/v1/areas", Some(text), Some(area)).await.says(), "403 read_only_token");
    let listed = hub.send(Method::GET, "/api/v1/tokens", Some(&token), None).await;
    assert_eq!(listed.json()["items"][0]["name"], "dashboard");
    assert!(!listed.text.contains(text));
    assert_eq!(hub.send(Method::DELETE, &format!("/api/v1/tokens/{id}"), Some(&token), None).await.status, 204);
    assert_eq!(
        hub.send(Method::DELETE, &format!("/api/v1/tokens/{id}"), Some(&token), None).await.says(),
        "404 not_found"
    );
    assert_eq!(hub.send(Method::GET, "/api/v1/devices", Some(text), None).await.says(), "401 unauthorized");

    assert_eq!(hub.send(Method::POST, "/api/v1/auth/logout", Some(&token), None).await.status, 204);
    assert_eq!(hub.send(Method::GET, "/api/v1/devices", Some(&token), None).await.says(), "401 unauthorized");
}

#[tokio::test]
async fn the_cookie_is_for_the_hubs_own_page() {
    let (hub, _) = Hub::claimed(&[]).await;
    let login = json!({"username": "anna", "password": PASSWORD, "cookie": true});
    let own = [("origin", "http://localhost:8080")];
    let foreign = [("origin", "http://evil.example")];
    assert_eq!(
        hub.send_with(Method::POST, "/api/v1/auth/login", &foreign, Some(login.clone())).await.says(),
        "403 foreign_origin"
    );
    let opened = hub.send_with(Method::POST, "/api/v1/auth/login", &own, Some(login)).await;
    assert_eq!(opened.status, 200, "{}", opened.text);
    assert!(opened.json().get("access_token").is_none());
    let cookie = opened.header("set-cookie").to_owned();
    for part in ["HttpOnly", "SameSite=Strict", "Path=/"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    let pair = cookie.split(';').next().unwrap();
    assert_eq!(hub.send_with(Method::GET, "/api/v1/home", &[("cookie", pair)], None).await.status, 200);
    for (origin, said) in [
        (None, "403 foreign_origin"),
        (Some("http://evil.example"), "403 foreign_origin"),
        (Some("http://localhost:8080"), "201"),
    ] {
        let mut headers = vec![("cookie", pair)];
        headers.extend(origin.map(|origin| ("origin", origin)));
        let answer = hub.send_with(Method::POST, "/api/v1/areas", &headers, Some(json!({"name": "Hall"}))).await;
        assert_eq!(answer.says(), said, "{origin:?}");
    }
    let headers = [("cookie", pair), own[0]];
    let ended = hub.send_with(Method::POST, "/api/v1/auth/logout", &headers, None).await;
    assert!(ended.header("set-cookie").contains("Max-Age=0"));
    assert_eq!(hub.send_with(Method::GET, "/api/v1/home", &[("cookie", pair)], None).await.says(), "401 unauthorized");
}

#[tokio::test]
async fn only_its_own_names_lead_to_the_hub() {
    // A dot at the end is the same name (RFC 1034, 3.1), on either side.
    let allowed_hosts = vec!["hub.example.".to_owned(), "other.example".to_owned()];
    let options = ApiOptions { http_everywhere: true, allowed_hosts, ..ApiOptions::default() };
    let hub = Hub::made(&[], Kept { epoch: 7, ..Kept::default() }, options).await;
    for (host, status) in [
        ("hub.example", 200),
        ("Hub.example.:8080", 200),
        ("other.example.", 200),
        ("localhost", 200),
        ("localhost:8080", 200),
        ("192.168.1.7:8080", 200),
        ("[fe80::1]:8080", 200),
        ("hearth.local", 200),
        ("HEARTH-ABCD.local:8080", 200),
        ("hearth-0000.local", 421),
        ("evil.example", 421),
        ("localhost.evil.example", 421),
        ("[evil]", 421),
        ("", 421),
    ] {
        let answer = hub.send_with(Method::GET, "/api/v1/status", &[("host", host)], None).await;
        assert_eq!(answer.status, status, "{host}: {}", answer.text);
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert!(answer.header("content-security-policy").contains("frame-ancestors 'none'"));
    }
}

#[tokio::test]
async fn the_local_socket_is_the_owner() {
    let hub = Hub::new(&[]).await;
    let local = async || {
        let request = axum::http::Request::get("/api/v1/system").body(axum::body::Body::empty()).unwrap();
        hub.send_request(hub.api.router(Door::LocalSocket), request).await.json()
    };
    assert_eq!(local().await["setup_code"], hub.api.setup_code().unwrap().reveal());
    hub.claim().await;
    assert!(local().await.get("setup_code").is_none());
}

#[tokio::test]
async fn a_full_disk_refuses_logins_in_words() {
    let (hub, _) = Hub::claimed(&[]).await;
    hub.journal.fail_with(Some(hub_model::record::KeepError::Full));
    let body = json!({"username": "anna", "password": PASSWORD});
    let answer = hub.send(Method::POST, "/api/v1/auth/login", None, Some(body.clone())).await;
    assert_eq!(answer.says(), "507 storage_full");
    hub.journal.fail_with(None);
    assert_eq!(hub.send(Method::POST, "/api/v1/auth/login", None, Some(body)).await.status, 200);
    hub.core.stop().await;
}

#[tokio::test]
async fn a_household_may_log_in_all_at_once() {
    let (hub, _) = Hub::claimed(&[]).await;
    let login = || async {
        let body = json!({"username": "anna", "password": PASSWORD});
        hub.send(Method::POST, "/api/v1/auth/login", None, Some(body)).await.status.as_u16()
    };
    let logins: Vec<u16> = futures_util::future::join_all((0..20).map(|_| login())).await;
    assert_eq!(logins, vec![200; 20]);
}
