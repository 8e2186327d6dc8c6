//! An MQTT 3.1.1 client that sends whatever bytes it is told to, valid or not.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::Value;

use crate::wait::eventually;

/// A connection to a broker.
#[derive(Debug)]
pub struct Client {
    tcp: TcpStream,
    buffer: Vec<u8>,
    /// Every message that came: topic and payload.
    pub received: Vec<(String, Vec<u8>)>,
}

impl Client {
    /// Connects, with a clean session.
    pub fn connect(port: u16, name: &str) -> Self {
        Self::connect_as(port, name, None)
    }

    /// Connects as a user with a password.
    pub fn connect_as(port: u16, name: &str, user: Option<(&str, &str)>) -> Self {
        let tcp = TcpStream::connect(("127.0.0.1", port)).expect("the broker listens");
        tcp.set_nodelay(true).expect("a socket can be told so");
        tcp.set_read_timeout(Some(Duration::from_millis(20))).expect("a limit can be set");
        let mut client = Self { tcp, buffer: Vec::new(), received: Vec::new() };
        let mut body = text("MQTT");
        body.extend([4, if user.is_some() { 0xc2 } else { 2 }, 0, 0]);
        body.extend(text(name));
        if let Some((user, password)) = user {
            body.extend([text(user), text(password)].concat());
        }
        client.send(0x10, &body);
        eventually("the broker to accept", Duration::from_secs(10), || {
            client.fill();
            if client.buffer.starts_with(&[0x20, 2]) && client.buffer.len() >= 4 { Ok(()) } else { Err("no answer") }
        });
        client.buffer.drain(..4);
        client
    }

    fn send(&mut self, head: u8, body: &[u8]) {
        let mut packet = vec![head];
        let mut length = body.len();
        loop {
            let rest = u8::try_from(length % 128).expect("below 128");
            length /= 128;
            packet.push(if length > 0 { rest | 0x80 } else { rest });
            if length == 0 {
                break;
            }
        }
        self.tcp.write_all(&packet).and_then(|()| self.tcp.write_all(body)).expect("the broker reads");
    }

    /// Publishes with quality of service 0. The topic is bytes, so that it may be no text.
    pub fn publish(&mut self, topic: &[u8], payload: &[u8], retain: bool) {
        let length = u16::try_from(topic.len()).expect("a topic is short");
        let mut body = length.to_be_bytes().to_vec();
        body.extend(topic);
        body.extend(payload);
        self.send(0x30 | u8::from(retain), &body);
    }

    /// Publishes JSON.
    pub fn publish_json(&mut self, topic: &str, payload: &Value) {
        self.publish(topic.as_bytes(), payload.to_string().as_bytes(), false);
    }

    /// Subscribes with quality of service 0.
    pub fn subscribe(&mut self, filter: &str) {
        let mut body = vec![0, 1];
        body.extend(text(filter));
        body.push(0);
        self.send(0x82, &body);
    }

    /// Asks the broker for a sign of life and waits for it: everything sent before has then been taken.
    pub fn settle(&mut self) {
        self.send(0xc0, &[]);
        eventually("the broker's answer to a ping", Duration::from_secs(60), || {
            if self.take() { Ok(()) } else { Err("none yet") }
        });
    }

    /// Takes what has arrived; true when an answer to a ping was among it.
    pub fn take(&mut self) -> bool {
        self.fill();
        let mut pong = false;
        while let Some((head, body)) = self.packet() {
            match head >> 4 {
                3 => {
                    let length = usize::from(u16::from_be_bytes([body[0], body[1]]));
                    let topic = String::from_utf8_lossy(&body[2..2 + length]).into_owned();
                    self.received.push((topic, body[2 + length..].to_vec()));
                }
                13 => pong = true,
                _ => {}
            }
        }
        pong
    }

    /// Waits for a message that suits.
    pub fn until(&mut self, what: &str, limit: Duration, suits: impl Fn(&str, &[u8]) -> bool) -> Vec<u8> {
        eventually(what, limit, || {
            self.take();
            let found = self.received.iter().find(|(topic, payload)| suits(topic, payload));
            found.map(|(_, payload)| payload.clone()).ok_or(self.received.len())
        })
    }

    fn fill(&mut self) {
        let mut chunk = [0; 65_536];
        loop {
            match self.tcp.read(&mut chunk) {
                Ok(0) => return,
                Ok(read) => self.buffer.extend(&chunk[..read]),
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => return,
                Err(error) => panic!("the broker broke off: {error}"),
            }
        }
    }

    fn packet(&mut self) -> Option<(u8, Vec<u8>)> {
        let head = *self.buffer.first()?;
        let (mut length, mut at) = (0_usize, 1);
        loop {
            let byte = *self.buffer.get(at)?;
            length |= usize::from(byte & 0x7f) << (7 * (at - 1));
            at += 1;
            if byte & 0x80 == 0 {
                break;
            }
        }
        if self.buffer.len() < at + length {
            return None;
        }
        let body = self.buffer[at..at + length].to_vec();
        self.buffer.drain(..at + length);
        Some((head, body))
    }
}

fn text(text: &str) -> Vec<u8> {
    let length = u16::try_from(text.len()).expect("a short text");
    [&length.to_be_bytes()[..], text.as_bytes()].concat()
}
