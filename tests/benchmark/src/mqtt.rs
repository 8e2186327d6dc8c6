//! A raw MQTT 3.1.1 client that costs next to nothing itself (OASIS MQTT 3.1.1, sections 3.1, 3.3 and 3.8). QoS 0 only.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

pub(crate) struct Client {
    stream: TcpStream,
    received: Vec<u8>,
}

fn packet(kind: u8, body: &[u8]) -> Vec<u8> {
    let mut bytes = vec![kind];
    let mut length = body.len();
    loop {
        let digit = (length % 128) as u8;
        length /= 128;
        bytes.push(if length > 0 { digit | 0x80 } else { digit });
        if length == 0 {
            break;
        }
    }
    bytes.extend_from_slice(body);
    bytes
}

fn text(text: &str) -> Vec<u8> {
    [&(text.len() as u16).to_be_bytes()[..], text.as_bytes()].concat()
}

/// The bytes of one PUBLISH.
pub(crate) fn publish(topic: &str, payload: &[u8], retain: bool) -> Vec<u8> {
    packet(0x30 | u8::from(retain), &[&text(topic)[..], payload].concat())
}

impl Client {
    pub(crate) fn connect(port: u16, name: &str) -> Self {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).expect("the broker listens");
        stream.set_nodelay(true).expect("a TCP option");
        let header = [&text("MQTT")[..], &[4, 2, 0, 0], &text(name)[..]].concat();
        stream.write_all(&packet(0x10, &header)).expect("the broker reads");
        let mut acknowledgement = [0; 4];
        stream.read_exact(&mut acknowledgement).expect("the broker answers");
        Self { stream, received: Vec::new() }
    }

    pub(crate) fn send(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).expect("the broker reads");
    }

    pub(crate) fn publish(&mut self, topic: &str, payload: &[u8], retain: bool) {
        self.send(&publish(topic, payload, retain));
    }

    pub(crate) fn subscribe(&mut self, filter: &str) {
        self.send(&packet(0x82, &[&[0, 1][..], &text(filter)[..], &[0]].concat()));
    }

    /// The next message, if one comes within `limit`.
    pub(crate) fn receive(&mut self, limit: Duration) -> Option<(String, Vec<u8>)> {
        let end = Instant::now() + limit;
        loop {
            while let Some(message) = self.parse() {
                if let Some(message) = message {
                    return Some(message);
                }
            }
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return None;
            }
            self.stream.set_read_timeout(Some(left)).expect("a TCP option");
            let mut buffer = [0; 65_536];
            match self.stream.read(&mut buffer) {
                Ok(0) => panic!("the broker hung up"),
                Ok(count) => self.received.extend_from_slice(&buffer[..count]),
                Err(_) => return None,
            }
        }
    }

    /// One packet off the front: `Some(None)` is one that is not a message.
    #[allow(clippy::option_option, reason = "no packet yet, another packet, a message")]
    fn parse(&mut self) -> Option<Option<(String, Vec<u8>)>> {
        let (mut length, mut header) = (0_usize, 1);
        loop {
            let digit = *self.received.get(header)?;
            length |= usize::from(digit & 0x7f) << (7 * (header - 1));
            header += 1;
            if digit & 0x80 == 0 {
                break;
            }
        }
        if self.received.len() < header + length {
            return None;
        }
        let packet: Vec<u8> = self.received.drain(..header + length).collect();
        if packet[0] >> 4 != 3 {
            return Some(None);
        }
        let topic_length = usize::from(u16::from_be_bytes([packet[header], packet[header + 1]]));
        let topic = String::from_utf8_lossy(&packet[header + 2..header + 2 + topic_length]).into_owned();
        Some(Some((topic, packet[header + 2 + topic_length..].to_vec())))
    }
}
