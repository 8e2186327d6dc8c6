//! What strangers and clients that hang up can do: no harm.

use std::convert::Infallible;
use std::time::Duration;

use axum::body::Body;
use axum::http::{Method, Request, header};
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use hub_api::Door;
use hub_model::record::KeepError;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tower::ServiceExt;

use crate::harness::{Answer, Hub, PASSWORD, eventually};

/// A request whose body stops after its first bytes.
fn hanging(path: &str, token: Option<&str>, first: usize) -> Request<Body> {
    let bytes = stream::iter([Ok::<_, Infallible>(Bytes::from(vec![b' '; first]))]);
    let mut request = Request::post(path).header(header::HOST, "localhost").header("content-type", "application/json");
    if let Some(token) = token {
        request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
    }
    request.body(Body::from_stream(bytes.chain(stream::pending()))).unwrap()
}

/// What is answered at once.
async fn at_once(hub: &Hub, request: Request<Body>) -> Answer {
    let answer = hub.send_request(hub.api.router(Door::Network), request);
    tokio::time::timeout(Duration::from_secs(5), answer).await.unwrap()
}

#[tokio::test]
async fn strangers_send_little() {
    let (hub, token) = Hub::claimed(&[]).await;
    let much = || Some(Value::String(format!("{{\"username\":\"{}\"}}", "a".repeat(20_000))));
    for path in ["/api/v1/auth/login", "/api/v1/auth/refresh"] {
        assert_eq!(hub.send(Method::POST, path, None, much()).await.says(), "413 too_large");
        let headers = [("idempotency-key", "k1")];
        assert_eq!(hub.send_with(Method::POST, path, &headers, much()).await.says(), "413 too_large");
    }
    // Who is known may.
    assert_eq!(hub.send(Method::POST, "/api/v1/areas", Some(&token), much()).await.says(), "422 unknown_field");
    // A hub with an owner does not even listen to one who wants it.
    assert_eq!(at_once(&hub, hanging("/api/v1/setup", None, 10)).await.says(), "409 already_claimed");
}

#[tokio::test]
async fn bodies_under_way_have_a_bound_together() {
    let (hub, token) = Hub::claimed(&[]).await;
    let router = hub.api.router(Door::Network);
    let mut held = Vec::new();
    for (path, token, first) in
        [("/api/v1/areas", Some(token.as_str()), 1024 * 1024 - 1), ("/api/v1/auth/login", None, 16 * 1024 - 1)]
    {
        let refused = loop {
            assert!(held.len() < 2_000, "{path} has no bound");
            let mut request = Box::pin(router.clone().oneshot(hanging(path, token, first)));
            match futures_util::poll!(&mut request) {
                std::task::Poll::Pending => held.push(request),
                std::task::Poll::Ready(answer) => break answer.unwrap(),
            }
        };
        assert_eq!(refused.status(), 503, "{path}");
        assert!(refused.headers().contains_key("retry-after"));
    }
    // Who is done makes room.
    drop(held);
    let area = json!({"name": "Hall"});
    assert_eq!(hub.send(Method::POST, "/api/v1/areas", Some(&token), Some(area)).await.status, 201);
    let login = json!({"username": "anna", "password": PASSWORD});
    assert_eq!(hub.send(Method::POST, "/api/v1/auth/login", None, Some(login)).await.status, 200);
}

#[tokio::test]
async fn an_idle_connection_is_closed() {
    let hub = Hub::new(&[]).await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let api = hub.api.clone();
    tokio::spawn(async move { api.serve(listener, std::future::pending()).await });
    let mut used = tokio::net::TcpStream::connect(address).await.unwrap();
    used.write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
    let mut answer = [0; 15];
    used.read_exact(&mut answer).await.unwrap();
    assert_eq!(&answer, b"HTTP/1.1 200 OK");
    let mut silent = tokio::net::TcpStream::connect(address).await.unwrap();
    tokio::time::pause();
    for connection in [&mut used, &mut silent] {
        let mut rest = Vec::new();
        let closed = connection.read_to_end(&mut rest);
        tokio::time::timeout(Duration::from_secs(120), closed).await.unwrap().unwrap();
    }
}

async fn works(hub: &Hub, token: &str) -> bool {
    hub.send(Method::GET, "/api/v1/home", Some(token), None).await.status == 200
}

#[tokio::test]
async fn what_was_revoked_on_a_full_disk_does_not_come_back() {
    let (hub, token) = Hub::claimed(&[]).await;
    let make = async || {
        let made = hub.send(Method::POST, "/api/v1/tokens", Some(&token), Some(json!({"name": "panel"}))).await.json();
        (format!("/api/v1/tokens/{}", made["id"].as_str().unwrap()), made["token"].as_str().unwrap().to_owned())
    };
    let (path, text) = make().await;
    let (other_path, other_text) = make().await;
    hub.journal.fail_with(Some(KeepError::Full));
    let revoke = async |path: &str| hub.send(Method::DELETE, path, Some(&token), None).await.says();
    for path in [&path, &path, &other_path] {
        assert_eq!(revoke(path).await, "507 storage_full");
    }
    assert!(!works(&hub, &text).await);
    hub.journal.fail_with(None);
    assert_eq!(revoke(&path).await, "204");
    assert_eq!(revoke(&path).await, "404 not_found");
    let restarted = Hub::with(&[], hub.kept()).await;
    assert!(!works(&restarted, &text).await);
    // The other one went with the first commit that worked.
    assert!(!works(&restarted, &other_text).await);
}

#[tokio::test(start_paused = true)]
async fn a_logout_on_a_full_disk_is_written_down_when_there_is_room() {
    let (hub, token) = Hub::claimed(&[]).await;
    hub.journal.fail_with(Some(KeepError::Full));
    assert_eq!(hub.send(Method::POST, "/api/v1/auth/logout", Some(&token), None).await.says(), "507 storage_full");
    assert!(!works(&hub, &token).await);
    assert_eq!(hub.kept().tokens.len(), 2);
    hub.journal.fail_with(None);
    // Nobody does anything; it is tried again by itself.
    let written = async {
        while !hub.kept().tokens.is_empty() {
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(600), written).await.unwrap();
}

#[tokio::test]
async fn who_hangs_up_while_refreshing_leaves_nothing_half_done() {
    let hub = Hub::new(&[]).await;
    let first = hub.claim().await.json();
    let body = json!({"refresh_token": first["refresh_token"]});
    let request = Request::post("/api/v1/auth/refresh")
        .header(header::HOST, "localhost")
        .header("content-type", "application/json")
        .body(Body::from(body.to_string()))
        .unwrap();
    let mut request = Box::pin(hub.api.router(Door::Network).oneshot(request));
    assert!(futures_util::poll!(&mut request).is_pending());
    drop(request);
    eventually("the new tokens are kept", async || hub.kept().tokens.len() == 3).await;
    // Memory knows what the disk knows: the old one is spent, so the session ends.
    let again = async || hub.send(Method::POST, "/api/v1/auth/refresh", None, Some(body.clone())).await.says();
    eventually("the old token is spent", async || again().await == "401 token_reused").await;
    assert_eq!(hub.kept().tokens.len(), 0);
}

#[tokio::test]
async fn a_token_makes_none_that_outlives_it() {
    let (hub, token) = Hub::claimed(&[]).await;
    let make = async |token: &str, body: Value| hub.send(Method::POST, "/api/v1/tokens", Some(token), Some(body)).await;
    let short = make(&token, json!({"name": "short", "expires_at": "2026-11-21T18:00:00Z"})).await.json();
    let short = short["token"].as_str().unwrap();
    let heir = make(short, json!({"name": "heir"})).await;
    assert_eq!((heir.says().as_str(), &heir.json()["expires_at"]), ("201", &json!("2026-11-21T18:00:00.000Z")));
    let longer = make(short, json!({"name": "longer", "expires_at": "2026-11-21T18:00:01Z"})).await;
    assert_eq!(longer.says(), "422 bad_value");
    let shorter = make(short, json!({"name": "shorter", "expires_at": "2026-11-21T17:00:00Z", "scope": "read"})).await;
    assert_eq!(shorter.says(), "201");
    // One without an end, and who logged in, may make what they like.
    let endless = make(&token, json!({"name": "endless"})).await.json();
    assert_eq!(endless["expires_at"], Value::Null);
    let heir = make(endless["token"].as_str().unwrap(), json!({"name": "heir"})).await.json();
    assert_eq!(heir["expires_at"], Value::Null);
}

/// A login from an address.
async fn login_from(hub: &Hub, source: &str, username: &str, password: &str) -> String {
    hub.login_from(source, json!({"username": username, "password": password})).await.says()
}

#[tokio::test]
async fn a_whole_network_guesses_no_faster_than_one_address() {
    let (hub, _) = Hub::claimed(&[]).await;
    let mut said = Vec::new();
    for host in 1..=12 {
        // The account itself is never the reason.
        hub.clock.advance(Duration::from_secs(1));
        said.push(login_from(&hub, &format!("[2001:db8:1:2::{host:x}]:4000"), &format!("name-{host}"), "wrong").await);
    }
    assert_eq!(said[..10], vec!["401 wrong_credentials"; 10]);
    assert_eq!(said[11], "429 too_many_attempts");
}

#[tokio::test]
async fn who_may_only_look_cannot_call_webhooks() {
    let (hub, token) = Hub::claimed(&["lamp-1"]).await;
    let rule = |id: &str, wait: &str| {
        json!({
            "id": "bell", "name": "Bell", "triggers": [{"webhook": {"id": id}}, {"time": "07:30"}],
            "actions": [{"wait_for": {"webhook": wait}}, {"command": {"device": "lamp 1", "set": {"on": true}}}],
            "tests": [{"name": "rings", "when": [{"webhook": id}], "then": []}]
        })
    };
    let (secret, other) = ("4f1c09a7d2e85b36", "c3d1f00dbadcafe1");
    let path = "/api/v1/automations/bell";
    for id in [secret, other] {
        let saved = hub.send(Method::PUT, path, Some(&token), Some(rule(id, other))).await;
        assert_eq!(saved.status, 200, "{}", saved.text);
    }
    let made = json!({"name": "wall", "scope": "read"});
    let made = hub.send(Method::POST, "/api/v1/tokens", Some(&token), Some(made)).await.json();
    let reader = made["token"].as_str().unwrap();
    let shown = hub.send(Method::GET, path, Some(reader), None).await.json();
    assert_eq!(shown["document"]["triggers"], json!([{"webhook": {"id": "(hidden)"}}, {"time": "07:30"}]));
    for path in [
        path.to_owned(),
        format!("{path}/revisions"),
        format!("{path}/revisions/1"),
        format!("{path}/revisions/1?format=yaml"),
        format!("{path}/revisions/2/diff"),
        "/api/v1/revisions".to_owned(),
        "/api/v1/automations".to_owned(),
        format!("{path}/runs"),
        format!("{path}/why-not"),
    ] {
        let seen = hub.send(Method::GET, &path, Some(reader), None).await;
        assert_eq!(seen.status, 200, "{path}: {}", seen.text);
        assert!(!seen.text.contains(secret) && !seen.text.contains(other), "{path}: {}", seen.text);
    }
    // Who may act sees what there is.
    for path in [path.to_owned(), format!("{path}/revisions/2"), format!("{path}/revisions/2/diff")] {
        assert!(hub.send(Method::GET, &path, Some(&token), None).await.text.contains(other), "{path}");
    }
}

#[tokio::test]
async fn the_id_of_a_webhook_is_not_guessed() {
    let (hub, token) = Hub::claimed(&["lamp-1"]).await;
    let rule = |trigger: Value, wait: Value| {
        let command = json!({"command": {"device": "lamp 1", "set": {"on": true}}});
        json!({"id": "bell", "name": "Bell", "triggers": [trigger], "actions": [{"wait_for": wait}, command]})
    };
    let (long, short) = (json!({"webhook": "4f1c09a7d2e85b36"}), json!({"webhook": {"id": "door-bell"}}));
    for (rule, at) in [
        (rule(short.clone(), long.clone()), "triggers[0].webhook.id"),
        (rule(long.clone(), short), "actions[0].wait_for.webhook.id"),
    ] {
        let refused = hub.send(Method::POST, "/api/v1/automations", Some(&token), Some(rule)).await;
        assert_eq!(refused.says(), "422 rule_invalid");
        let finding = &refused.json()["findings"][0];
        assert_eq!((&finding["code"], &finding["path"]), (&json!("bad_value"), &json!(at)));
        let message = finding["message"].as_str().unwrap();
        let (words, offered) = message.rsplit_once(' ').unwrap();
        assert_eq!(
            words,
            "the id of a webhook is its only secret; give one of at least 16 characters that nobody can guess, for example"
        );
        assert_eq!(offered.len(), 24);
    }
    let saved = hub.send(Method::POST, "/api/v1/automations", Some(&token), Some(rule(long.clone(), long))).await;
    assert_eq!(saved.status, 201, "{}", saved.text);
}

#[test]
fn whoever_reads_much_keeps_nobody_from_logging_in() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().max_blocking_threads(4).build().unwrap();
    runtime.block_on(async {
        let (hub, token) = Hub::claimed(&["lamp-1"]).await;
        let held = hub.gate.write().await;
        let mut readers: Vec<_> = (0..5)
            .map(|_| {
                let request = Request::get("/api/v1/devices/test:lamp-1/history?attribute=on")
                    .header(header::HOST, "localhost")
                    .header(header::ACCEPT, "text/csv")
                    .header(header::AUTHORIZATION, format!("Bearer {token}"));
                Box::pin(hub.api.router(Door::Network).oneshot(request.body(Body::empty()).unwrap()))
            })
            .collect();
        for reader in &mut readers {
            assert!(futures_util::poll!(reader).is_pending());
        }
        let login = json!({"username": "anna", "password": PASSWORD});
        let login = hub.send(Method::POST, "/api/v1/auth/login", None, Some(login));
        let login = tokio::time::timeout(Duration::from_secs(8), login).await;
        // Else the runtime could not end.
        drop(held);
        assert_eq!(login.unwrap().status, 200);
        for reader in readers {
            assert_eq!(reader.await.unwrap().status(), 200);
        }
    });
}
