//! Sessions: where one is logged in, how long, and how they end.

use std::time::Duration;

use axum::http::{Method, Request};
use futures_util::{SinkExt, StreamExt};
use hub_model::record::{Change, Record};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use crate::harness::{Answer, Hub, PASSWORD};

const SESSIONS: &str = "/api/v1/users/me/sessions";
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

async fn works(hub: &Hub, token: &str) -> bool {
    hub.send(Method::GET, "/api/v1/home", Some(token), None).await.status == 200
}

/// The cookie of a login by the hub's page.
async fn cookie(hub: &Hub) -> String {
    let login = json!({"username": "anna", "password": PASSWORD, "cookie": true});
    let opened =
        hub.send_with(Method::POST, "/api/v1/auth/login", &[("origin", "http://localhost:8080")], Some(login)).await;
    assert_eq!(opened.status, 200, "{}", opened.text);
    opened.header("set-cookie").split(';').next().unwrap().to_owned()
}

async fn cookie_works(hub: &Hub, cookie: &str) -> bool {
    hub.send_with(Method::GET, "/api/v1/home", &[("cookie", cookie)], None).await.status == 200
}

async fn refresh(hub: &Hub, session: &Value) -> Answer {
    let body = json!({"refresh_token": session["refresh_token"]});
    hub.send(Method::POST, "/api/v1/auth/refresh", None, Some(body)).await
}

#[tokio::test]
async fn people_see_where_they_are_logged_in_and_end_it() {
    let (hub, token) = Hub::claimed(&[]).await;
    let agent = format!("Mozilla/5.0 {}", "x".repeat(200));
    let login = json!({"username": "anna", "password": PASSWORD});
    let headers = [("user-agent", agent.as_str())];
    let phone = hub.send_with(Method::POST, "/api/v1/auth/login", &headers, Some(login)).await.json();
    let phone = phone["access_token"].as_str().unwrap();
    cookie(&hub).await;
    let listed = hub.send(Method::GET, SESSIONS, Some(phone), None).await;
    let items = listed.json()["items"].as_array().unwrap().clone();
    assert_eq!(items.len(), 3, "{}", listed.text);
    assert!(!listed.text.contains("hearth_"), "{}", listed.text);
    let own: Vec<&Value> = items.iter().filter(|item| item["current"] == true).collect();
    assert_eq!(own.len(), 1);
    assert_eq!(own[0]["user_agent"], agent[..80]);
    assert_eq!(own[0]["created_at"], "2026-11-20T18:00:00.000Z");
    assert_eq!(items.iter().filter(|item| item["kind"] == "cookie").count(), 1);
    let first = items.iter().find(|item| item["kind"] == "tokens" && item["current"] == false).unwrap();
    let path = format!("{SESSIONS}/{}", first["id"].as_str().unwrap());
    // Those of others are not there.
    let ben = hub.person(phone, "Ben", "adult").await;
    assert_eq!(hub.send(Method::DELETE, &path, Some(&ben), None).await.says(), "404 not_found");
    assert_eq!(hub.send(Method::DELETE, &path, Some(phone), None).await.says(), "204");
    assert!(!works(&hub, &token).await && works(&hub, phone).await);
    let restarted = Hub::with(&[], hub.kept()).await;
    let after = restarted.send(Method::GET, SESSIONS, Some(phone), None).await.json();
    assert_eq!(after["items"].as_array().unwrap().len(), 2);
    assert_eq!(hub.send(Method::DELETE, SESSIONS, Some(phone), None).await.says(), "204");
    assert!(!works(&hub, phone).await && works(&hub, &ben).await);
    assert_eq!(hub.kept().sessions.len(), 1);
}

#[tokio::test]
async fn owners_see_and_end_the_sessions_and_tokens_of_others() {
    let (hub, owner) = Hub::claimed(&[]).await;
    let (ben, cleo) = (hub.person(&owner, "Ben", "adult").await, hub.person(&owner, "Cleo", "child").await);
    let made = hub.send(Method::POST, "/api/v1/tokens", Some(&ben), Some(json!({"name": "script"}))).await.json();
    let program = made["token"].as_str().unwrap().to_owned();
    let list = async |who: &str, what: &str| {
        hub.send(Method::GET, &format!("/api/v1/users/ben/{what}"), Some(who), None).await
    };
    let end = async |who: &str, what: &str| {
        hub.send(Method::DELETE, &format!("/api/v1/users/ben/{what}"), Some(who), None).await
    };
    for what in ["sessions", "tokens"] {
        assert_eq!(list(&cleo, what).await.says(), "403 owner_only");
        let (own, seen) = (list(&ben, what).await.json(), list(&owner, what).await.json());
        assert_eq!((own["items"].as_array().unwrap().len(), seen["items"].as_array().unwrap().len()), (1, 1), "{seen}");
        assert_eq!(own["items"][0]["id"], seen["items"][0]["id"]);
        let path = format!("{what}/{}", seen["items"][0]["id"].as_str().unwrap());
        assert_eq!(end(&cleo, &path).await.says(), "403 owner_only");
        assert_eq!(end(&owner, &format!("{what}/none")).await.says(), "404 not_found");
    }
    // A session of one is none of another.
    let session = list(&owner, "sessions").await.json()["items"][0]["id"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/users/cleo/sessions/{session}");
    assert_eq!(hub.send(Method::DELETE, &path, Some(&owner), None).await.says(), "404 not_found");
    assert!(works(&hub, &ben).await && works(&hub, &program).await);
    assert_eq!(end(&owner, &format!("sessions/{session}")).await.says(), "204");
    assert!(!works(&hub, &ben).await && works(&hub, &program).await);
    assert_eq!(end(&owner, &format!("tokens/{}", made["id"].as_str().unwrap())).await.says(), "204");
    assert!(!works(&hub, &program).await && works(&hub, &cleo).await && works(&hub, &owner).await);
    let path = "/api/v1/users/Cleo/sessions";
    assert_eq!(hub.send(Method::DELETE, path, Some(&owner), None).await.says(), "204");
    assert!(!works(&hub, &cleo).await);
    let log = hub.send(Method::GET, "/api/v1/audit?limit=3", Some(&owner), None).await.json();
    let told: Vec<String> =
        (0..3).map(|at| format!("{} {}", log["items"][at]["action"], log["items"][at]["detail"])).collect();
    assert_eq!(told, ["\"session_ended\" \"of Cleo\"", "\"token_removed\" \"of Ben\"", "\"session_ended\" \"of Ben\""]);
}

#[tokio::test]
async fn a_cookie_ends_unused_or_after_half_a_year() {
    let (hub, _) = Hub::claimed(&[]).await;
    let (used, unused) = (cookie(&hub).await, cookie(&hub).await);
    let writes = |hub: &Hub| {
        hub.journal.changes().iter().filter(|change| matches!(change, Change::Put(Record::Session(_)))).count()
    };
    let before = writes(&hub);
    for _ in 0..29 {
        hub.clock.advance(DAY);
        for _ in 0..20 {
            assert!(cookie_works(&hub, &used).await);
        }
    }
    tokio::task::yield_now().await;
    // Once a day, not with each request.
    let written = writes(&hub) - before;
    assert!((28..=29).contains(&written), "{written}");
    hub.clock.advance(DAY);
    assert!(!cookie_works(&hub, &unused).await);
    // What is known of its use survives a restart.
    let restarted = Hub::with(&[], hub.kept()).await;
    restarted.clock.advance(DAY * 40);
    assert!(cookie_works(&restarted, &used).await);
    for _ in 0..30 {
        hub.clock.advance(DAY * 5);
        if !cookie_works(&hub, &used).await {
            break;
        }
    }
    assert!(!cookie_works(&hub, &used).await);
}

#[tokio::test]
async fn tokens_end_unused_or_after_a_year() {
    let (hub, _) = Hub::claimed(&[]).await;
    let login = json!({"username": "anna", "password": PASSWORD});
    let mut session = hub.send(Method::POST, "/api/v1/auth/login", None, Some(login.clone())).await.json();
    let idle = hub.send(Method::POST, "/api/v1/auth/login", None, Some(login)).await.json();
    for days in [80, 80, 80, 80] {
        hub.clock.advance(DAY * days);
        let refreshed = refresh(&hub, &session).await;
        assert_eq!(refreshed.status, 200, "{}", refreshed.text);
        session = refreshed.json();
    }
    assert_eq!(refresh(&hub, &idle).await.says(), "401 unauthorized");
    hub.clock.advance(DAY * 45);
    assert_eq!(refresh(&hub, &session).await.says(), "401 unauthorized");
}

/// A request by a browser, encrypted or not.
async fn browse(hub: &Hub, by_tls: bool, request: axum::http::request::Builder, body: &Value) -> Answer {
    let mut request = request.header("host", "localhost").header("content-type", "application/json");
    if by_tls {
        request = request.extension(hub_api::Secure);
    }
    let request = request.body(axum::body::Body::from(body.to_string())).unwrap();
    hub.send_request(hub.router.clone(), request).await
}

/// The cookies of a login from this origin.
async fn cookies(hub: &Hub, origin: &str, by_tls: bool) -> Vec<String> {
    let login = json!({"username": "anna", "password": PASSWORD, "cookie": true});
    let request = Request::post("/api/v1/auth/login").header("origin", origin);
    set_cookies(&browse(hub, by_tls, request, &login).await)
}

fn set_cookies(answer: &Answer) -> Vec<String> {
    answer.headers.get_all("set-cookie").iter().map(|cookie| cookie.to_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_cookie_is_for_tls_alone_where_there_is_some() {
    let (hub, _) = Hub::claimed(&[]).await;
    for (origin, by_tls, name, end) in [
        ("http://localhost", false, "hearth_session", "SameSite=Strict"),
        // By a proxy that ends TLS.
        ("https://localhost", false, "hearth_session", "SameSite=Strict; Secure"),
        ("https://localhost", true, "__Host-hearth_session", "SameSite=Strict; Secure"),
    ] {
        let cookies = cookies(&hub, origin, by_tls).await;
        let cookie = &cookies[0];
        assert!(cookie.starts_with(&format!("{name}=hearth_")), "{origin} {by_tls}: {cookie}");
        assert!(
            cookie.ends_with(&format!("; Path=/; Max-Age=15552000; HttpOnly; {end}")),
            "{origin} {by_tls}: {cookie}"
        );
        assert!(!cookie.contains("Domain"), "{cookie}");
        // One from the clear ends with the first encrypted login.
        let others = if by_tls { &["hearth_session=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict"][..] } else { &[] };
        assert_eq!(cookies[1..], *others, "{origin} {by_tls}");
    }
}

#[tokio::test]
async fn a_cookie_is_read_only_where_it_was_made() {
    let (hub, _) = Hub::claimed(&[]).await;
    let mut tokens = Vec::new();
    for by_tls in [false, true] {
        let origin = if by_tls { "https://localhost" } else { "http://localhost" };
        let cookies = cookies(&hub, origin, by_tls).await;
        tokens.push(cookies[0].split(['=', ';']).nth(1).unwrap().to_owned());
    }
    let [clear, encrypted] = [&tokens[0], &tokens[1]];
    for (by_tls, cookie, status) in [
        (false, format!("hearth_session={clear}"), 200),
        (true, format!("hearth_session={clear}"), 401),
        (true, format!("__Host-hearth_session={encrypted}"), 200),
        (false, format!("__Host-hearth_session={encrypted}"), 401),
        // What somebody put there over plain HTTP is not even looked at.
        (true, format!("hearth_session=x; __Host-hearth_session={encrypted}"), 200),
        (true, format!("__host-hearth_session={encrypted}"), 401),
    ] {
        let request = Request::get("/api/v1/home").header("cookie", &cookie);
        let answer = browse(&hub, by_tls, request, &Value::Null).await;
        assert_eq!(answer.status, status, "{by_tls} {cookie}");
    }
    let request = Request::post("/api/v1/auth/logout")
        .header("origin", "https://localhost")
        .header("cookie", format!("__Host-hearth_session={encrypted}"));
    let ended = browse(&hub, true, request, &Value::Null).await;
    assert_eq!(ended.status, 204, "{}", ended.text);
    assert_eq!(
        set_cookies(&ended),
        [
            "__Host-hearth_session=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict; Secure",
            "hearth_session=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict"
        ]
    );
}

/// A stream by this token that has subscribed.
async fn listen(
    hub: &Hub,
    token: &str,
) -> tokio_tungstenite::WebSocketStream<tokio_tungstenite::MaybeTlsStream<tokio::net::TcpStream>> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let api = hub.api.clone();
    tokio::spawn(async move { api.serve(listener, std::future::pending()).await });
    let (mut socket, _) = tokio_tungstenite::connect_async(format!("ws://{address}/api/v1/stream")).await.unwrap();
    for message in [json!({"type": "auth", "token": token}), json!({"type": "subscribe", "id": 1})] {
        socket.send(Message::text(message.to_string())).await.unwrap();
    }
    let first = socket.next().await.unwrap().unwrap().into_text().unwrap();
    assert!(first.contains("snapshot"), "{first}");
    socket
}

/// Whether it is closed within a second.
async fn closes(
    socket: &mut tokio_tungstenite::WebSocketStream<tokio_tungstenite::MaybeTlsStream<tokio::net::TcpStream>>,
) -> bool {
    let closed = async {
        while let Some(message) = socket.next().await {
            if matches!(message, Ok(Message::Close(_)) | Err(_)) {
                return;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(1), closed).await.is_ok()
}

#[tokio::test]
async fn streams_end_with_what_opened_them_and_go_on_when_the_account_only_changes() {
    let (hub, token) = Hub::claimed(&[]).await;
    let other = hub.login("anna").await;
    let (mut own, mut others) = (listen(&hub, &token).await, listen(&hub, &other).await);
    let body = json!({"password": "another password", "old_password": PASSWORD});
    assert_eq!(hub.send(Method::PATCH, "/api/v1/users/me", Some(&token), Some(body)).await.status, 200);
    assert!(closes(&mut others).await);
    assert!(!closes(&mut own).await);

    let gus = hub.person(&token, "Gus", "guest").await;
    let mut guests = listen(&hub, &gus).await;
    let change = async |body: Value| {
        let changed = hub.send(Method::PATCH, "/api/v1/users/gus", Some(&token), Some(body)).await;
        assert_eq!(changed.status, 200, "{}", changed.text);
    };
    change(json!({"role": "child", "expires_at": null})).await;
    assert!(!closes(&mut guests).await);
    // It hears what happens still.
    let area = json!({"presence": "away"});
    hub.send(Method::POST, "/api/v1/people/gus/presence", Some(&token), Some(area)).await;
    let heard = tokio::time::timeout(Duration::from_secs(5), guests.next()).await.unwrap().unwrap().unwrap();
    assert!(heard.into_text().unwrap().contains("presence_changed"));
    assert_eq!(hub.send(Method::DELETE, "/api/v1/users/gus", Some(&token), None).await.status, 200);
    assert!(closes(&mut guests).await);
}

#[tokio::test]
async fn a_stream_ends_with_the_time_of_its_account() {
    let (hub, token) = Hub::claimed(&[]).await;
    let gus = hub.person(&token, "Gus", "guest").await;
    let mut guests = listen(&hub, &gus).await;
    tokio::time::pause();
    let soon = json!({"expires_at": "2026-11-20T18:00:05Z"});
    assert_eq!(hub.send(Method::PATCH, "/api/v1/users/gus", Some(&token), Some(soon)).await.status, 200);
    hub.clock.advance(Duration::from_secs(5));
    // Its own timer, long before the next ping.
    let closed = async {
        while let Some(message) = guests.next().await {
            if matches!(message, Ok(Message::Close(_)) | Err(_)) {
                return;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(10), closed).await.unwrap();
}
