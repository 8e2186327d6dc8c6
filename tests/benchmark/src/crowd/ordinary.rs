//! An ordinary client beside the crowd: what it waits for.

use std::net::TcpStream;
use std::time::{Duration, Instant};

use tokio_tungstenite::tungstenite::{self, Message, WebSocket};

use crate::figures::Sample;
use crate::http::Connection;
use crate::latency;
use crate::mqtt::Client;
use crate::setup::{BASE, lamp_address};

/// How often each thing is measured in a block.
const PER_BLOCK: usize = 200;
/// The lamp that it switches. No rule has it, and no client of the crowd.
const LAMP: usize = 30;

/// What is measured.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Rule,
    Command,
    Get,
}

impl Kind {
    pub(crate) const ALL: [Self; 3] = [Self::Rule, Self::Command, Self::Get];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Rule => "motion → command of a rule",
            Self::Command => "command → event of the lamp's new state",
            Self::Get => "GET /devices",
        }
    }
}

/// What was measured, block by block.
#[derive(Default)]
pub(crate) struct Blocks {
    rule: Vec<Sample>,
    command: Vec<Sample>,
    get: Vec<Sample>,
    pub(crate) rules_asked: usize,
    pub(crate) rules_run: usize,
    /// How often the hub had lost the thread, and began anew with a picture.
    pub(crate) started_over: usize,
}

impl Blocks {
    pub(crate) fn of(&self, kind: Kind) -> &[Sample] {
        match kind {
            Kind::Rule => &self.rule,
            Kind::Command => &self.command,
            Kind::Get => &self.get,
        }
    }
}

/// The client, and the bridge that does what it wants.
pub(crate) struct Ordinary {
    broker: u16,
    requests: Connection,
    port: u16,
    token: String,
    stream: WebSocket<TcpStream>,
    bridge: Client,
    is_on: bool,
    started_over: usize,
}

/// What a lamp says.
pub(crate) fn lamp_state(on: bool, brightness: u32) -> Vec<u8> {
    format!(r#"{{"state":"{}","brightness":{brightness}}}"#, if on { "ON" } else { "OFF" }).into_bytes()
}

impl Ordinary {
    pub(crate) fn new(broker: u16, port: u16, token: &str) -> Self {
        let stream = TcpStream::connect(("127.0.0.1", port)).expect("the hub listens");
        stream.set_nodelay(true).expect("a TCP option");
        stream.set_read_timeout(Some(Duration::from_secs(60))).expect("a TCP option");
        let (mut stream, _) =
            tungstenite::client(format!("ws://127.0.0.1:{port}/api/v1/stream"), stream).expect("a WebSocket");
        for message in [
            format!(r#"{{"type":"auth","token":"{token}"}}"#),
            format!(r#"{{"type":"subscribe","id":1,"devices":["zigbee:{}"]}}"#, lamp_address(LAMP)),
        ] {
            stream.send(Message::text(message)).expect("the hub reads");
        }
        let mut bridge = Client::connect(broker, "lamp");
        bridge.subscribe(&format!("{BASE}/{}/set", lamp_address(LAMP)));
        let requests = Connection::open(port, token, "gzip");
        let mut client =
            Self { broker, requests, port, token: token.to_owned(), stream, bridge, is_on: false, started_over: 0 };
        client.wait_for(r#""type":"snapshot""#);
        client
    }

    /// Measures so many blocks. At the end the lamp is off.
    pub(crate) fn measure(mut self, blocks: usize) -> Blocks {
        let mut measured = Blocks::default();
        for _ in 0..blocks {
            let rules = latency::rule_pings(self.broker, PER_BLOCK);
            measured.rules_asked += PER_BLOCK;
            measured.rules_run += rules.len();
            measured.rule.push(Sample::new(rules));
            let commands = (0..PER_BLOCK).map(|number| {
                pause(number);
                self.command()
            });
            measured.command.push(Sample::new(commands.collect()));
            let requests = (0..2 * PER_BLOCK).map(|number| {
                pause(number);
                let begin = Instant::now();
                self.requests.get();
                begin.elapsed()
            });
            measured.get.push(Sample::new(requests.collect()));
        }
        measured.started_over = self.started_over;
        measured
    }

    /// From a command to the event of its effect.
    fn command(&mut self) -> Duration {
        self.is_on = !self.is_on;
        let body = format!(r#"{{"set":{{"on":{}}}}}"#, self.is_on);
        let request = format!(
            "POST /api/v1/devices/zigbee%3A{}/commands HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nAuthorization: Bearer {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            lamp_address(LAMP),
            self.port,
            self.token,
            body.len()
        );
        let begin = Instant::now();
        self.requests.exchange(request.as_bytes(), "http/1.1 202");
        self.bridge.receive(Duration::from_secs(5)).expect("the command goes to the lamp");
        self.bridge.publish(&format!("{BASE}/lamp-{LAMP}"), &lamp_state(self.is_on, 254), false);
        self.wait_for(r#""kind":"state_changed""#);
        begin.elapsed()
    }

    fn wait_for(&mut self, marker: &str) {
        let mut is_new = false;
        loop {
            let Message::Text(text) = self.stream.read().expect("the hub goes on") else { continue };
            if text.contains(r#""type":"resync""#) {
                self.started_over += 1;
                is_new = true;
            }
            // What was missed is in the picture.
            if text.contains(marker) || (is_new && text.contains(r#""type":"snapshot""#)) {
                return;
            }
        }
    }
}

/// Not in step with anything.
fn pause(number: usize) {
    std::thread::sleep(Duration::from_micros(1_000 + (number as u64 * 7_919) % 2_000));
}
