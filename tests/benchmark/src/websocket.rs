//! From a message of a sensor to the last of 50 clients of the stream.

use std::io::{BufRead, BufReader};
use std::net::TcpStream;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use tokio_tungstenite::tungstenite::{self, Message};

use crate::figures::{Report, Sample, Target};
use crate::mqtt::Client;
use crate::setup::{BASE, Bench, motion_state};

const CLIENTS: usize = 50;
const EVENTS: u32 = 300;

/// Where a listener puts the number of what it heard, and when.
type Arrivals = mpsc::SyncSender<(u32, Instant)>;

pub(crate) fn measure(bench: &mut Bench, report: &mut Report) {
    let broker = bench.broker();
    let (_floor, floor_port) = bench.floor();
    let floor = delays(
        broker,
        |number| ("floor/stream".to_owned(), format!("{number}\n").into_bytes()),
        move |ready, arrivals| listen_to_floor(floor_port, ready, arrivals),
    );
    let hub = bench.hub();
    let (port, token) = (hub.port, hub.token.clone());
    let hub = delays(
        broker,
        |number| (format!("{BASE}/motion-99"), motion_state(false, 100_000 + number)),
        move |ready, arrivals| listen(port, &token, ready, arrivals),
    );
    for (percent, target) in [(50, Target::AtMost(1.0)), (99, Target::None)] {
        let name = format!("publish → last of 50 clients of the stream, p{percent}");
        report.beside(name, hub.percentile(percent), floor.percentile(percent), "ms", target);
    }
}

/// From publishing each message to the last listener that hears of it.
fn delays(
    broker: u16,
    message: impl Fn(u32) -> (String, Vec<u8>),
    listen: impl Fn(&mpsc::SyncSender<()>, &Arrivals) + Clone + Send + 'static,
) -> Sample {
    let (sender, arrivals) = mpsc::sync_channel::<(u32, Instant)>(CLIENTS * EVENTS as usize);
    let (ready_sender, ready) = mpsc::sync_channel::<()>(CLIENTS);
    for _ in 0..CLIENTS {
        let (sender, ready_sender, listen) = (sender.clone(), ready_sender.clone(), listen.clone());
        std::thread::spawn(move || listen(&ready_sender, &sender));
    }
    for _ in 0..CLIENTS {
        ready.recv_timeout(Duration::from_secs(20)).expect("every client is let in");
    }
    let mut client = Client::connect(broker, "publisher");
    let mut times = Vec::new();
    for number in 1..=EVENTS {
        let (topic, payload) = message(number);
        let begin = Instant::now();
        client.publish(&topic, &payload, false);
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
    Sample::new(times)
}

fn listen_to_floor(port: u16, ready: &mpsc::SyncSender<()>, arrivals: &Arrivals) {
    let stream = TcpStream::connect(("127.0.0.1", port)).expect("the floor listens");
    let mut lines = BufReader::new(stream).lines().map_while(Result::ok);
    if lines.next().is_some() {
        let _ = ready.send(());
    }
    for line in lines {
        let at = Instant::now();
        if arrivals.send((line.parse().expect("a number"), at)).is_err() {
            return;
        }
    }
}

fn listen(port: u16, token: &str, ready: &mpsc::SyncSender<()>, arrivals: &Arrivals) {
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
