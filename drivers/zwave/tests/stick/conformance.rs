//! The suite for all drivers, with a small stick at a wire in memory: a plug (node 2), a remote (3) and what may go (4).

use std::collections::{BTreeMap, VecDeque};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use driver_api::conformance::{Bus, Sample, TokioClock, check};
use driver_api::link::memory::{self, MemoryLink, MemoryPeer};
use driver_api::{Driver, DriverContext, DriverError, WhenFull, run_machine};
use driver_zwave::link::{Data, Frame, decode};
use driver_zwave::machine::{Start, ZWave};
use driver_zwave::port::Port;
use driver_zwave::security::Secret;
use hub_model::command::Setting;
use hub_model::{DeviceId, DriverId, Value};
use tokio::sync::mpsc;

const REMOTE: u8 = 3;
const FUNCTIONS: [u8; 10] = [0x02, 0x05, 0x07, 0x13, 0x15, 0x20, 0x41, 0x60, 0x61, 0x80];
/// What the nodes answer.
const ANSWERS: &[(&[u8], &[u8])] =
    &[(&[0x72, 0x04], &[0x72, 0x05, 0xFF, 0xFF, 0, 1, 0, 2]), (&[0x5B, 0x01], &[0x5B, 0x02, 0x04, 0x03, 0x0F])];

struct ZWaveAtWire(MemoryLink);

impl Driver for ZWaveAtWire {
    fn run(
        self: Box<Self>,
        mut context: DriverContext,
    ) -> Pin<Box<dyn Future<Output = Result<(), DriverError>> + Send>> {
        Box::pin(async move {
            let start = Start {
                id: context.id.clone(),
                known: std::mem::take(&mut context.known),
                kept: BTreeMap::new(),
                entropy: Secret::new([7; 32]),
            };
            run_machine(ZWave::new(start), Port::new(self.0), context, WhenFull::Wait).await
        })
    }
}

/// The stick: says one frame at a time, and the next when that is acknowledged.
struct Stick {
    peer: Arc<MemoryPeer>,
    presses: mpsc::Receiver<usize>,
    incoming: BytesMut,
    outbox: VecDeque<Bytes>,
    unacknowledged: bool,
    nodes: Vec<u8>,
    is_on: bool,
}

impl Stick {
    async fn run(mut self) {
        loop {
            tokio::select! {
                bytes = self.peer.receive() => match bytes {
                    Some(bytes) => self.incoming.extend_from_slice(&bytes),
                    None => return,
                },
                count = self.presses.recv() => match count {
                    Some(count) => for number in 0..count {
                        let [number, _] = number.to_le_bytes()[..2] else { return };
                        self.node_says(REMOTE, &[0x5B, 0x03, number, 0x80, 0x01]);
                    },
                    None => return,
                },
            }
            while let Some(frame) = decode(&mut self.incoming) {
                match frame {
                    Frame::Ack => self.unacknowledged = false,
                    // The port was opened: what was under way is forgotten.
                    Frame::Nak => (self.unacknowledged, self.outbox) = (false, VecDeque::new()),
                    Frame::Data(data) => {
                        self.peer.send(Bytes::from_static(&[0x06])).await;
                        self.handle(&data);
                    }
                    _ => {}
                }
            }
            if !self.unacknowledged
                && let Some(frame) = self.outbox.pop_front()
            {
                self.unacknowledged = true;
                self.peer.send(frame).await;
            }
        }
    }

    fn call_back(&mut self, function: u8, payload: &[u8]) {
        self.outbox.push_back(Data::request(function, payload.to_vec()).encode().unwrap());
    }

    fn respond(&mut self, function: u8, payload: &[u8]) {
        let mut frame = Data::request(function, payload.to_vec()).encode().unwrap().to_vec();
        frame[2] = 0x01;
        let last = frame.len() - 1;
        frame[last] ^= 0x01;
        self.outbox.push_back(frame.into());
    }

    fn node_says(&mut self, node: u8, command: &[u8]) {
        let length = u8::try_from(command.len()).unwrap();
        self.call_back(0x04, &[&[0, node, length], command].concat());
    }

    fn mask(&self) -> Vec<u8> {
        let mut mask = vec![0; 29];
        for node in self.nodes.iter().chain([&1]) {
            mask[usize::from(node - 1) / 8] |= 1 << ((node - 1) % 8);
        }
        mask
    }

    fn handle(&mut self, data: &Data) {
        let payload = data.payload.to_vec();
        match data.function {
            0x07 => {
                let mut mask = [0; 32];
                for function in FUNCTIONS.map(|function| usize::from(function) - 1) {
                    mask[function / 8] |= 1 << (function % 8);
                }
                self.respond(0x07, &[&[1, 0, 0xFF, 0xFF, 0, 1, 0, 1], &mask[..]].concat());
            }
            0x02 => {
                let nodes = [&[5, 8, 29], &self.mask()[..], &[5, 0]].concat();
                self.respond(0x02, &nodes);
            }
            0x15 => self.respond(0x15, b"Z-Wave 4.05\0\x01"),
            0x05 => self.respond(0x05, &[0x1C]),
            0x20 => self.respond(0x20, &[0x7E, 0x57, 0, 1, 1]),
            0x41 => self.respond(0x41, &[0xD3, 0x9C, 0, 4, 0x10, 1]),
            0x60 => {
                self.respond(0x60, &[1]);
                let class = if payload[0] == REMOTE { 0x5B } else { 0x25 };
                self.call_back(0x49, &[0x84, payload[0], 6, 4, 0x10, 1, 0x5E, 0x72, class]);
            }
            0x61 => {
                self.nodes.retain(|node| *node != payload[0]);
                self.respond(0x61, &[0]);
                self.call_back(0x61, &[payload[1], 1]);
            }
            0x80 => {
                let mask = self.mask();
                self.respond(0x80, &mask);
            }
            0x13 => self.send(&payload),
            _ => {}
        }
    }

    fn send(&mut self, payload: &[u8]) {
        let (node, length) = (payload[0], usize::from(payload[1]));
        let command = &payload[2..2 + length];
        self.respond(0x13, &[1]);
        self.call_back(0x13, &[payload[3 + length], u8::from(!self.nodes.contains(&node))]);
        match command {
            [0x25, 0x01, value, ..] => self.is_on = *value != 0,
            [0x25, 0x02] => {
                let value = if self.is_on { 0xFF } else { 0 };
                self.node_says(node, &[0x25, 0x03, value]);
            }
            _ => {
                if let Some((_, answer)) = ANSWERS.iter().find(|(question, _)| *question == command) {
                    self.node_says(node, answer);
                }
            }
        }
    }
}

struct Wire {
    link: MemoryLink,
    peer: Arc<MemoryPeer>,
    presses: mpsc::Sender<usize>,
}

fn device(node: u8) -> DeviceId {
    DeviceId::new(format!("zwave:0x7e570001-{node}"))
}

impl Bus for Wire {
    fn id(&self) -> DriverId {
        DriverId::new("zwave")
    }
    fn driver(&mut self) -> Box<dyn Driver> {
        Box::new(ZWaveAtWire(self.link.clone()))
    }
    fn sample(&self) -> Sample {
        let on = Setting { endpoint: 0, attribute: "on".into(), value: Value::Bool(true) };
        Sample { device: device(2), settings: vec![on] }
    }
    async fn lose_link(&mut self) {
        self.peer.cut("the stick was unplugged");
    }
    async fn regain_link(&mut self) {
        self.peer.restore();
    }
    async fn happen(&mut self, count: usize) -> bool {
        self.presses.send(count).await.is_ok()
    }
    fn removable(&self) -> Option<DeviceId> {
        Some(device(4))
    }
}

#[tokio::test(start_paused = true)]
async fn it_conforms() {
    let (link, peer) = memory::wire(1_024);
    let peer = Arc::new(peer);
    let (presses, pressed) = mpsc::channel(16);
    let stick = Stick {
        peer: Arc::clone(&peer),
        presses: pressed,
        incoming: BytesMut::new(),
        outbox: VecDeque::new(),
        unacknowledged: false,
        nodes: vec![2, REMOTE, 4],
        is_on: false,
    };
    tokio::spawn(stick.run());
    let clock = Arc::new(TokioClock::at("2026-11-26T12:00:00Z".parse().unwrap()));
    let findings = check(&mut Wire { link, peer, presses }, clock).await.into_result().unwrap();
    assert_eq!(findings.skipped, [""; 0]);
}
