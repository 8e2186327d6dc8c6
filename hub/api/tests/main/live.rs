//! The live stream, over a real connection.

use std::net::SocketAddr;
use std::time::Duration;

use axum::http::Method;
use flate2::read::GzDecoder;
use futures_util::{SinkExt, StreamExt};
use hub_api::ApiOptions;
use hub_model::record::Kept;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};
use tokio_util::sync::CancellationToken;

use crate::harness::Hub;

struct Listener(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Listener {
    async fn connect(address: SocketAddr) -> Self {
        Self(connect_async(format!("ws://{address}/api/v1/stream")).await.unwrap().0)
    }

    async fn say(&mut self, message: Value) {
        self.0.send(Message::text(message.to_string())).await.unwrap();
    }

    /// The next message; null when the other end closed.
    async fn hear(&mut self) -> Value {
        loop {
            match tokio::time::timeout(Duration::from_secs(10), self.0.next()).await.unwrap() {
                Some(Ok(Message::Text(text))) => return serde_json::from_str(&text).unwrap(),
                // Of who reads gzip; marked, because it says the same as text.
                Some(Ok(Message::Binary(bytes))) => {
                    let mut message: Value = serde_json::from_reader(GzDecoder::new(&*bytes)).unwrap();
                    message["gzip"] = json!(bytes.len());
                    return message;
                }
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                Some(Ok(Message::Close(_)) | Err(_)) | None => return Value::Null,
                Some(Ok(other)) => panic!("{other:?}"),
            }
        }
    }
}

/// Serves a hub; the token stops it.
async fn serve(hub: &Hub) -> (SocketAddr, CancellationToken, tokio::task::JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (api, stop) = (hub.api.clone(), CancellationToken::new());
    let stopped = stop.clone();
    let task = tokio::spawn(async move { api.serve(listener, stopped.cancelled_owned()).await });
    (address, stop, task)
}

async fn switch(hub: &Hub, token: &str, lamp: &str, on: bool) {
    let path = format!("/api/v1/devices/test%3A{lamp}/commands?wait=5s");
    let answer = hub.send(Method::POST, &path, Some(token), Some(json!({"set": {"on": on}}))).await;
    assert_eq!(answer.json()["status"], "confirmed", "{}", answer.text);
}

#[tokio::test]
async fn a_picture_first_then_every_event_and_back_by_cursor() {
    let (hub, token) = Hub::claimed(&["lamp-1", "lamp-2"]).await;
    let (address, stop, task) = serve(&hub).await;
    let mut listener = Listener::connect(address).await;
    listener.say(json!({"type": "auth", "token": token})).await;
    listener.say(json!({"type": "subscribe", "id": 1})).await;
    let picture = listener.hear().await;
    assert_eq!(
        (&picture["type"], &picture["id"], &picture["home"]["name"]),
        (&json!("snapshot"), &json!(1), &json!("Villa"))
    );
    assert_eq!(picture["devices"][1]["id"], "test:lamp-2");
    let cursor = picture["cursor"].clone();
    switch(&hub, &token, "lamp-1", true).await;
    let mut seq = cursor["seq"].as_u64().unwrap();
    let mut kinds = Vec::new();
    while !kinds.contains(&"state_changed".to_owned()) {
        let message = listener.hear().await;
        seq += 1;
        assert_eq!(
            (&message["type"], &message["id"], message["seq"].as_u64()),
            (&json!("event"), &json!(1), Some(seq))
        );
        kinds.push(message["event"]["kind"].as_str().unwrap().to_owned());
        if kinds.ends_with(&["state_changed".to_owned()]) {
            let event = &message["event"];
            assert_eq!(
                (&event["device"], &event["attribute"], &event["to"]),
                (&json!("test:lamp-1"), &json!("on"), &json!(true))
            );
            assert_eq!(event["cause"]["kind"], "person");
        }
    }
    assert!(kinds.contains(&"command".to_owned()));
    drop(listener);

    let mut returned = Listener::connect(address).await;
    returned.say(json!({"type": "auth", "token": token})).await;
    returned.say(json!({"type": "subscribe", "id": 9, "since": cursor})).await;
    let missed = returned.hear().await;
    assert_eq!((&missed["type"], missed["seq"].as_u64()), (&json!("event"), cursor["seq"].as_u64().map(|seq| seq + 1)));
    returned.say(json!({"type": "subscribe", "id": 10, "since": {"epoch": "1", "seq": 5}})).await;
    loop {
        let message = returned.hear().await;
        if message["type"] == "resync" {
            assert_eq!((&message["id"], &message["reason"]), (&json!(10), &json!("gone")));
            assert_eq!(returned.hear().await["type"], "snapshot");
            break;
        }
    }
    stop.cancel();
    while returned.hear().await != Value::Null {}
    tokio::time::timeout(Duration::from_secs(5), task).await.unwrap().unwrap();
}

/// A message without that by which the test knows its form, and that form's bytes.
fn plain(mut message: Value) -> (Value, u64) {
    let bytes = message.as_object_mut().unwrap().remove("gzip").and_then(|bytes| bytes.as_u64());
    (message, bytes.unwrap_or(0))
}

#[tokio::test]
async fn who_reads_gzip_gets_the_same_picture_as_one_small_message() {
    let lamps: Vec<String> = (1..=60).map(|lamp| format!("lamp-{lamp:02}")).collect();
    let (hub, token) = Hub::claimed(&lamps.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let (address, ..) = serve(&hub).await;
    let mut listener = Listener::connect(address).await;
    listener.say(json!({"type": "auth", "token": token})).await;
    listener.say(json!({"type": "subscribe", "id": 1})).await;
    let (text, none) = plain(listener.hear().await);
    listener.say(json!({"type": "subscribe", "id": 1, "gzip": true})).await;
    let (picture, bytes) = plain(listener.hear().await);
    assert_eq!((&picture, none), (&text, 0));
    assert!(bytes > 0 && bytes * 8 < text.to_string().len() as u64, "{bytes} bytes");

    // It may be of some devices, or of none.
    for (named, count) in [(json!(["test:lamp-07"]), 1), (json!([]), 0)] {
        listener.say(json!({"type": "subscribe", "id": 2, "devices": named, "gzip": true})).await;
        let (some, bytes) = plain(listener.hear().await);
        assert_eq!((&some["id"], some["devices"].as_array().unwrap().len()), (&json!(2), count));
        assert!(bytes > 0);
    }
    listener.say(json!({"type": "unsubscribe", "id": 2})).await;

    // All but pictures stays text; the picture after a resync is one.
    switch(&hub, &token, "lamp-01", true).await;
    let (event, bytes) = plain(listener.hear().await);
    assert_eq!((&event["type"], bytes), (&json!("event"), 0));
    listener.say(json!({"type": "subscribe", "id": 3, "since": {"epoch": "1", "seq": 5}, "gzip": true})).await;
    loop {
        let (message, bytes) = plain(listener.hear().await);
        assert_eq!(bytes > 0, message["type"] == "snapshot", "{message}");
        if bytes > 0 {
            break;
        }
    }

    // What is no wish is said to be none, and the connection goes on.
    for wrong in [json!("yes"), json!(1), json!(null), json!({"level": 9})] {
        listener.say(json!({"type": "unsubscribe", "id": 1})).await;
        listener.say(json!({"type": "subscribe", "id": 4, "gzip": wrong})).await;
        loop {
            let message = listener.hear().await;
            if message["type"] == "error" {
                assert_eq!(message["code"], "bad_message", "{message}");
                break;
            }
            assert_eq!(message["type"], "event", "{message}");
        }
    }
}

#[tokio::test]
async fn who_asked_for_some_devices_hears_how_far_the_rest_is() {
    let (hub, token) = Hub::claimed(&["lamp-1", "lamp-2"]).await;
    let (address, ..) = serve(&hub).await;
    let mut listener = Listener::connect(address).await;
    listener.say(json!({"type": "auth", "token": token})).await;
    listener.say(json!({"type": "subscribe", "id": 1, "devices": ["test:lamp-2"]})).await;
    let picture = listener.hear().await;
    assert_eq!(picture["devices"].as_array().unwrap().len(), 1);
    let start = picture["cursor"]["seq"].as_u64().unwrap();
    switch(&hub, &token, "lamp-1", true).await;
    switch(&hub, &token, "lamp-2", true).await;
    let progress = listener.hear().await;
    assert_eq!(progress["type"], "progress");
    let mut seq = progress["seq"].as_u64().unwrap();
    assert!(seq > start);
    loop {
        let message = listener.hear().await;
        if message["type"] == "progress" {
            seq = message["seq"].as_u64().unwrap();
            continue;
        }
        seq += 1;
        assert_eq!(message["seq"].as_u64(), Some(seq));
        assert_eq!(message["event"]["device"], "test:lamp-2");
        if message["event"]["kind"] == "state_changed" {
            break;
        }
    }
}

/// One client does not take the memory and the time of all others.
#[tokio::test]
async fn devices_are_named_within_bounds() {
    let (hub, token) = Hub::claimed(&["lamp-1"]).await;
    let (address, ..) = serve(&hub).await;
    let mut listener = Listener::connect(address).await;
    listener.say(json!({"type": "auth", "token": token})).await;
    let named =
        |from: usize, count: usize| (from..from + count).map(|number| format!("test:{number}")).collect::<Vec<_>>();
    let mut subscribe = async |id: u64, devices: Vec<String>| {
        listener.say(json!({"type": "subscribe", "id": id, "devices": devices})).await;
        loop {
            let said = listener.hear().await;
            if said["id"] == id && said["type"] != "progress" {
                return said["code"].as_str().unwrap_or("").to_owned() + said["type"].as_str().unwrap();
            }
        }
    };
    assert_eq!(subscribe(1, named(0, 501)).await, "too_many_deviceserror");
    assert_eq!(subscribe(1, named(0, 500)).await, "snapshot");
    assert_eq!(subscribe(1, named(500, 500)).await, "snapshot", "in the place of the one before");
    assert_eq!(subscribe(2, named(0, 1)).await, "too_many_deviceserror", "all of them together");
    assert_eq!(subscribe(1, vec!["test:lamp-1".into()]).await, "snapshot");
    assert_eq!(subscribe(2, vec!["x".repeat(40_000)]).await, "too_many_deviceserror");
    assert_eq!(subscribe(2, named(0, 499)).await, "snapshot");
}

#[tokio::test]
async fn who_listens_to_a_quiet_device_hears_how_far_the_rest_is() {
    let (hub, token) = Hub::claimed(&["lamp-1", "lamp-2"]).await;
    let (address, ..) = serve(&hub).await;
    let mut listener = Listener::connect(address).await;
    listener.say(json!({"type": "auth", "token": token})).await;
    listener.say(json!({"type": "subscribe", "id": 1, "devices": ["test:lamp-2"]})).await;
    assert_eq!(listener.hear().await["type"], "snapshot");
    switch(&hub, &token, "lamp-1", true).await;
    let newest = hub.core.handle.snapshot().seq;
    let mut told = 0;
    while told < newest {
        let message = listener.hear().await;
        assert_eq!((&message["type"], &message["id"]), (&json!("progress"), &json!(1)));
        assert!(message["seq"].as_u64().unwrap() > told);
        told = message["seq"].as_u64().unwrap();
    }
}

#[tokio::test]
async fn a_stream_keeps_its_place() {
    let options = ApiOptions { connections: 1, ..ApiOptions::default() };
    let hub = Hub::made(&[], Kept { epoch: 7, ..Kept::default() }, options).await;
    let (address, ..) = serve(&hub).await;
    let stream = Listener::connect(address).await;
    let mut waiting = TcpStream::connect(address).await.unwrap();
    waiting.write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
    let mut answer = [0; 15];
    let early = tokio::time::timeout(Duration::from_millis(300), waiting.read_exact(&mut answer)).await;
    assert!(early.is_err(), "there is no room: {early:?}");
    drop(stream);
    tokio::time::timeout(Duration::from_secs(10), waiting.read_exact(&mut answer)).await.unwrap().unwrap();
    assert_eq!(&answer, b"HTTP/1.1 200 OK");
}

#[tokio::test]
async fn what_rules_tell_somebody_only_they_hear() {
    let (hub, token) = Hub::claimed(&["lamp-1"]).await;
    let adult = hub_model::household::Role::Adult;
    let ben = hub_model::household::Account::new("user-ben".into(), "Ben", adult, hub_model::Timestamp(0));
    let change = hub_model::record::Change::Put(hub_model::record::Record::Account(ben));
    hub.core.handle.keep(vec![change]).await.unwrap();
    for (id, to, value) in [("for-ben", "ben", true), ("for-anna", "anna", false)] {
        let trigger = json!({"state": {"device": "lamp 1", "attribute": "on", "to": value}});
        let rule = json!({"id": id, "name": id, "triggers": [trigger],
            "actions": [{"notify": {"to": to, "message": id}}]});
        let made = hub.send(Method::POST, "/api/v1/automations", Some(&token), Some(rule)).await;
        assert_eq!(made.status, 201, "{}", made.text);
    }
    let (address, ..) = serve(&hub).await;
    let mut listener = Listener::connect(address).await;
    listener.say(json!({"type": "auth", "token": token})).await;
    listener.say(json!({"type": "subscribe", "id": 1})).await;
    assert_eq!(listener.hear().await["type"], "snapshot");
    switch(&hub, &token, "lamp-1", true).await;
    switch(&hub, &token, "lamp-1", false).await;
    let (mut left_out, mut heard) = (0, Vec::new());
    while heard.is_empty() {
        let message = listener.hear().await;
        left_out += u32::from(message["type"] == "progress");
        if message["event"]["kind"] == "notification" {
            heard.push(message["event"]["message"].clone());
            assert_eq!(message["event"]["cause"]["kind"], "rule");
        }
    }
    assert_eq!((left_out, heard), (1, vec![json!("for-anna")]));
}

#[tokio::test]
async fn webhooks_cannot_be_guessed_fast() {
    let hub = Hub::new(&[]).await;
    let (address, ..) = serve(&hub).await;
    let mut said = Vec::new();
    for number in 0..11 {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let request = format!(
            "POST /api/v1/webhooks/guess-{number} HTTP/1.1\r\nHost: {address}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        said.push(answer.split(' ').nth(1).unwrap().to_owned());
    }
    assert_eq!(said[..10], vec!["404"; 10]);
    assert_eq!(said[10], "429");
}

#[tokio::test]
async fn a_picture_says_how_far_back_events_go() {
    let (hub, token) = Hub::claimed(&["lamp-1"]).await;
    let kept = hub_model::record::Kept { last_seq: 5_000, ..hub.kept() };
    let restarted = Hub::with(&[], kept).await;
    let (address, ..) = serve(&restarted).await;
    let mut listener = Listener::connect(address).await;
    listener.say(json!({"type": "auth", "token": token})).await;
    listener.say(json!({"type": "subscribe", "id": 1})).await;
    let picture = listener.hear().await;
    let oldest = picture["oldest_seq"].as_u64().unwrap();
    assert!((5_000..=picture["cursor"]["seq"].as_u64().unwrap()).contains(&oldest), "{oldest}");
    let since = json!({"epoch": picture["cursor"]["epoch"], "seq": oldest});
    listener.say(json!({"type": "subscribe", "id": 2, "since": since})).await;
    listener.say(json!({"type": "ping", "id": 3})).await;
    loop {
        let message = listener.hear().await;
        assert!(["event", "pong"].contains(&message["type"].as_str().unwrap()), "{message}");
        if message["type"] == "pong" {
            break;
        }
    }
}

#[tokio::test]
async fn a_stream_ends_with_its_token() {
    let (hub, token) = Hub::claimed(&[]).await;
    let (address, ..) = serve(&hub).await;
    let mut stranger = Listener::connect(address).await;
    stranger.say(json!({"type": "subscribe", "id": 1})).await;
    assert_eq!(stranger.hear().await["code"], "unauthorized");
    assert_eq!(stranger.hear().await, Value::Null);
    let mut liar = Listener::connect(address).await;
    liar.say(json!({"type": "auth", "token": "hearth_wrong"})).await;
    assert_eq!(liar.hear().await["code"], "unauthorized");

    let mut listener = Listener::connect(address).await;
    listener.say(json!({"type": "auth", "token": token})).await;
    listener.say(json!({"type": "subscribe", "id": 1})).await;
    assert_eq!(listener.hear().await["type"], "snapshot");
    listener.say(json!({"type": "ping", "id": 3})).await;
    assert_eq!(listener.hear().await, json!({"type": "pong", "id": 3}));
    listener.say(json!({"type": "dance"})).await;
    assert_eq!(listener.hear().await["code"], "bad_message");
    assert_eq!(hub.send(Method::POST, "/api/v1/auth/logout", Some(&token), None).await.status, 204);
    assert_eq!(listener.hear().await["code"], "unauthorized");
    assert_eq!(listener.hear().await, Value::Null);
}

#[tokio::test]
async fn the_local_socket_needs_no_token() {
    let (hub, _) = Hub::claimed(&[]).await;
    let path = hub.folder.path().join("hearth.sock");
    let listener = tokio::net::UnixListener::bind(&path).unwrap();
    let (api, stop) = (hub.api.clone(), CancellationToken::new());
    let stopped = stop.clone();
    let task = tokio::spawn(async move { api.serve(listener, stopped.cancelled_owned()).await });
    let mut stream = tokio::net::UnixStream::connect(&path).await.unwrap();
    stream.write_all(b"GET /api/v1/system HTTP/1.1\r\nHost: hearth\r\nConnection: close\r\n\r\n").await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("\"state\":\"claimed\""), "{answer}");
    stop.cancel();
    tokio::time::timeout(Duration::from_secs(5), task).await.unwrap().unwrap();
}

#[tokio::test]
async fn plain_http_from_elsewhere_is_for_set_up_only() {
    let (hub, token) = Hub::claimed(&[]).await;
    let (address, ..) = serve(&hub).await;
    let get = async |path: &str| {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer.lines().next().unwrap().to_owned()
    };
    // From this machine all is open, whatever the option says.
    assert_eq!(get("/api/v1/home").await, "HTTP/1.1 200 OK");
    assert_eq!(get("/metrics").await, "HTTP/1.1 200 OK");
    // Who does not say from where it comes is taken for a stranger.
    let strict = Hub::strict().await;
    let answer = strict.send(Method::GET, "/api/v1/home", None, None).await;
    assert_eq!(answer.says(), "403 plain_http");
    assert_eq!(strict.send(Method::GET, "/api/v1/status", None, None).await.status, 200);
    assert_eq!(strict.claim().await.status, 201);
}

/// A listener at a socket that takes little, who has its first picture.
async fn narrow(address: std::net::SocketAddr, token: &str) -> Listener {
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4 * 1024).unwrap();
    let stream = MaybeTlsStream::Plain(socket.connect(address).await.unwrap());
    let (socket, _) = tokio_tungstenite::client_async(format!("ws://{address}/api/v1/stream"), stream).await.unwrap();
    let mut slow = Listener(socket);
    slow.say(json!({"type": "auth", "token": token})).await;
    slow.say(json!({"type": "subscribe", "id": 1})).await;
    assert_eq!(slow.hear().await["type"], "snapshot");
    slow
}

/// Switches the lamp so often, one after another.
async fn switch_often(hub: &Hub, times: usize) {
    for round in 0..times {
        let request = hub_model::CommandRequest {
            device: "test:lamp-1".into(),
            endpoint: None,
            set: vec![("on".into(), (round % 2 == 0).into())],
            transition_ms: None,
            ttl_ms: None,
        };
        hub.core.handle.command(hub_model::Cause::System, request, false).await.unwrap();
    }
}

#[tokio::test]
async fn who_is_too_slow_starts_over_and_holds_up_nobody() {
    let (hub, token) = Hub::claimed(&["lamp-1"]).await;
    let (address, ..) = serve(&hub).await;
    let mut slow = narrow(address, &token).await;
    // More than the system's buffers and the queue hold, while nobody reads.
    switch_often(&hub, 6_000).await;
    let mut messages = 0;
    loop {
        let message = slow.hear().await;
        messages += 1;
        if message["type"] == "resync" {
            assert_eq!(message["reason"], "too_slow");
            break;
        }
        assert_eq!(message["type"], "event");
    }
    let picture = slow.hear().await;
    assert_eq!(picture["type"], "snapshot", "after {messages} messages");
    switch(&hub, &token, "lamp-1", true).await;
    let next = slow.hear().await;
    assert_eq!(next["seq"].as_u64(), picture["cursor"]["seq"].as_u64().map(|seq| seq + 1));
}

#[tokio::test]
async fn nothing_is_lost_where_the_account_changes_while_a_listener_is_slow() {
    let (hub, token) = Hub::claimed(&["lamp-1"]).await;
    let (address, ..) = serve(&hub).await;
    let mut slow = narrow(address, &token).await;
    let me = "/api/v1/users/anna";
    for round in 0..200 {
        switch_often(&hub, 30).await;
        let name = json!({"display_name": format!("Anna {round}")});
        assert_eq!(hub.send(Method::PATCH, me, Some(&token), Some(name)).await.says(), "200");
    }
    let mut seq = None;
    loop {
        let message = slow.hear().await;
        if message["type"] == "resync" {
            break;
        }
        let now = message["seq"].as_u64().unwrap();
        if message["type"] == "event" {
            assert!(seq.is_none_or(|before| before + 1 == now), "{seq:?} is followed by {now}");
        }
        seq = Some(now);
    }
}
