//! How fast the doors are. Measured on request only:
//! `cargo test --release -p hub-api speed -- --ignored --nocapture --test-threads=1`.
#![allow(clippy::disallowed_methods, reason = "measuring needs a clock")]

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use futures_util::{SinkExt, StreamExt};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::Message;

use crate::harness::Hub;

async fn serve(hub: &Hub) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let api = hub.api.clone();
    tokio::spawn(async move { api.serve(listener, std::future::pending()).await });
    address
}

/// One GET over a connection that stays open; gives the length of the body.
async fn get(stream: &mut TcpStream, request: &[u8], buffer: &mut Vec<u8>) -> usize {
    stream.write_all(request).await.unwrap();
    buffer.clear();
    let (head, length) = loop {
        stream.read_buf(buffer).await.unwrap();
        if let Some(end) = buffer.windows(4).position(|window| window == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&buffer[..end]).to_lowercase();
            assert!(head.starts_with("http/1.1 200"), "{head}");
            let length = head.split("content-length: ").nth(1).unwrap().lines().next().unwrap();
            break (end + 4, length.trim().parse::<usize>().unwrap());
        }
    };
    while buffer.len() < head + length {
        stream.read_buf(buffer).await.unwrap();
    }
    length
}

fn percentile(times: &mut [Duration], share: f64) -> Duration {
    times.sort();
    times[((times.len() - 1) as f64 * share) as usize]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a measurement"]
async fn the_whole_list_of_devices() {
    let names: Vec<String> = (0..240).map(|number| format!("lamp-{number:03}")).collect();
    let (hub, token) = Hub::claimed(&names.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let address = serve(&hub).await;
    for encoding in ["identity", "gzip"] {
        let request = format!(
            "GET /api/v1/devices?limit=1000 HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\nAccept-Encoding: {encoding}\r\n\r\n"
        );
        let mut stream = TcpStream::connect(address).await.unwrap();
        let mut buffer = Vec::new();
        let mut times = Vec::new();
        let mut length = 0;
        for _ in 0..3_000 {
            let start = Instant::now();
            length = get(&mut stream, request.as_bytes(), &mut buffer).await;
            times.push(start.elapsed());
        }
        let (p50, p99) = (percentile(&mut times, 0.5), percentile(&mut times, 0.99));
        let start = Instant::now();
        let clients = (0..8).map(|_| {
            let request = request.clone();
            tokio::spawn(async move {
                let mut stream = TcpStream::connect(address).await.unwrap();
                let mut buffer = Vec::new();
                for _ in 0..3_000 {
                    get(&mut stream, request.as_bytes(), &mut buffer).await;
                }
            })
        });
        for client in clients.collect::<Vec<_>>() {
            client.await.unwrap();
        }
        let rate = 24_000.0 / start.elapsed().as_secs_f64();
        println!("240 devices, {encoding}, {length} bytes: p50 {p50:?}, p99 {p99:?}; 8 clients: {rate:.0}/s");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a measurement"]
async fn fifty_listeners() {
    let (hub, token) = Hub::claimed(&["lamp-1"]).await;
    let address = serve(&hub).await;
    let (heard, mut hearings) = tokio::sync::mpsc::channel::<(bool, Instant)>(1_000);
    for _ in 0..50 {
        let (mut socket, _) = connect_async(format!("ws://{address}/api/v1/stream")).await.unwrap();
        socket.send(Message::text(json!({"type": "auth", "token": token}).to_string())).await.unwrap();
        socket.send(Message::text(json!({"type": "subscribe", "id": 1}).to_string())).await.unwrap();
        assert!(socket.next().await.unwrap().unwrap().to_text().unwrap().contains("snapshot"));
        let heard = heard.clone();
        tokio::spawn(async move {
            while let Some(Ok(message)) = socket.next().await {
                let now = Instant::now();
                let text = message.to_text().unwrap();
                if text.contains("state_changed") {
                    heard.send((text.contains("\"to\":true"), now)).await.unwrap();
                }
            }
        });
    }
    let mut events = hub.core.handle.subscribe();
    let mut times = Vec::new();
    for round in 0..400 {
        let on = round % 2 == 0;
        let request = hub_model::CommandRequest {
            device: "test:lamp-1".into(),
            endpoint: None,
            set: vec![("on".into(), on.into())],
            transition_ms: None,
            ttl_ms: None,
        };
        let published = tokio::spawn({
            let mut events = events.resubscribe();
            async move {
                loop {
                    let event = events.recv().await.unwrap();
                    if matches!(event.kind, hub_model::EventKind::StateChanged { .. }) {
                        return Instant::now();
                    }
                }
            }
        });
        tokio::task::yield_now().await;
        hub.core.handle.command(hub_model::Cause::System, request).await.unwrap();
        let mut last = None;
        for _ in 0..50 {
            let (_, at) = hearings.recv().await.unwrap();
            last = last.max(Some(at));
        }
        let published = published.await.unwrap();
        times.push(last.unwrap().saturating_duration_since(published));
        while events.try_recv().is_ok() {}
    }
    println!(
        "50 listeners: published → last p50 {:?}, p99 {:?}",
        percentile(&mut times, 0.5),
        percentile(&mut times, 0.99)
    );
}
