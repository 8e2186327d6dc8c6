//! From a message of a sensor to the last of 50 clients of the stream.

use std::net::TcpStream;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use tokio_tungstenite::tungstenite::{self, Message};

use crate::figures::{Report, Sample, Target};
use crate::mqtt::Client;
use crate::setup::{BASE, Bench, motion_state};

const CLIENTS: usize = 50;
const EVENTS: u32 = 300;

pub(crate) fn measure(bench: &mut Bench, report: &mut Report) {
    let broker = bench.broker();
    let hub = bench.hub();
    let (port, token) = (hub.port, hub.token.clone());
    let (sender, arrivals) = mpsc::sync_channel::<(u32, Instant)>(CLIENTS * EVENTS as usize);
    let (ready_sender, ready) = mpsc::sync_channel::<()>(CLIENTS);
    for _ in 0..CLIENTS {
        let (sender, ready_sender, token) = (sender.clone(), ready_sender.clone(), token.clone());
        std::thread::spawn(move || listen(port, &token, &ready_sender, &sender));
    }
    for _ in 0..CLIENTS {
        ready.recv_timeout(Duration::from_secs(20)).expect("every client gets a snapshot");
    }
    let mut client = Client::connect(broker, "publisher");
    let mut times = Vec::new();
    for number in 1..=EVENTS {
        let begin = Instant::now();
        client.publish(&format!("{BASE}/motion-99"), &motion_state(false, 100_000 + number), false);
        let mut last = begin;
        let mut count = 0;
        while count < CLIENTS {
            let (arrived, at) = arrivals.recv_timeout(Duration::from_secs(10)).expect("every client hears of it");
            if arrived == number {
                count += 1;
                last = last.max(at);
            }
        }
        times.push(last - begin);
        std::thread::sleep(Duration::from_millis(5));
    }
    let sample = Sample::new(times);
    report.figure("publish → last of 50 clients of the stream, p50", sample.percentile(50), "ms", Target::AtMost(1.0));
    report.figure("publish → last of 50 clients of the stream, p99", sample.percentile(99), "ms", Target::None);
}

fn listen(port: u16, token: &str, ready: &mpsc::SyncSender<()>, arrivals: &mpsc::SyncSender<(u32, Instant)>) {
    let stream = TcpStream::connect(("127.0.0.1", port)).expect("the hub listens");
    stream.set_nodelay(true).expect("a TCP option");
    let (mut socket, _) =
        tungstenite::client(format!("ws://127.0.0.1:{port}/api/v1/stream"), stream).expect("a WebSocket");
    let send = |socket: &mut tungstenite::WebSocket<TcpStream>, text: String| {
        socket.send(Message::text(text)).expect("the hub reads");
    };
    send(&mut socket, format!(r#"{{"type":"auth","token":"{token}"}}"#));
    send(&mut socket, r#"{"type":"subscribe","id":1}"#.to_owned());
    let marker = r#""to":1"#;
    while let Ok(message) = socket.read() {
        let at = Instant::now();
        let Message::Text(text) = message else { continue };
        if text.contains(r#""type":"snapshot""#) {
            let _ = ready.send(());
        } else if text.contains(r#""illuminance""#)
            && let Some(place) = text.find(marker)
        {
            let digits: String = text[place + 5..].chars().take_while(char::is_ascii_digit).collect();
            if let Ok(value) = digits.parse::<u32>()
                && value > 100_000
                && arrivals.send((value - 100_000, at)).is_err()
            {
                return;
            }
        }
    }
}
