//! A client of the hub's event stream.

use std::io::ErrorKind;
use std::net::TcpStream;
use std::time::Duration;

use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::{Error, Message, WebSocket, client};

use crate::wait::eventually;

/// A subscription, and everything it has received.
#[derive(Debug)]
pub struct Stream {
    socket: WebSocket<TcpStream>,
    /// Every message so far; the snapshot comes first.
    pub received: Vec<Value>,
}

impl Stream {
    /// Subscribes to everything, or to what came after a cursor.
    pub fn open(port: u16, token: &str, since: Option<&Value>) -> Self {
        let tcp = TcpStream::connect(("127.0.0.1", port)).expect("the hub listens");
        let shared = tcp.try_clone().expect("a socket can be shared");
        tcp.set_read_timeout(Some(Duration::from_secs(10))).expect("a limit can be set");
        let (mut socket, _) =
            client(format!("ws://127.0.0.1:{port}/api/v1/stream"), tcp).expect("the hub speaks WebSocket");
        shared.set_read_timeout(Some(Duration::from_millis(20))).expect("a limit can be set");
        let mut subscribe = json!({"type": "subscribe", "id": 1});
        if let Some(since) = since {
            subscribe["since"] = since.clone();
        }
        for message in [json!({"type": "auth", "token": token}), subscribe] {
            socket.send(Message::text(message.to_string())).expect("the hub listens");
        }
        Self { socket, received: Vec::new() }
    }

    /// Takes what has arrived. False once the hub has closed the connection.
    pub fn take(&mut self) -> bool {
        loop {
            match self.socket.read() {
                Ok(Message::Text(text)) => self.received.push(serde_json::from_str(&text).expect("the hub sends JSON")),
                Ok(Message::Close(_)) => return false,
                Ok(_) => {}
                Err(Error::Io(error)) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                    return true;
                }
                Err(_) => return false,
            }
        }
    }

    /// A mark in what was received: what [`Stream::event_after`] looks behind.
    pub fn mark(&mut self) -> usize {
        self.take();
        self.received.len()
    }

    /// Waits for a message behind `mark` that suits.
    pub fn message_after(&mut self, mark: usize, what: &str, limit: Duration, suits: impl Fn(&Value) -> bool) -> Value {
        eventually(what, limit, || {
            self.take();
            let since = self.received.get(mark..).unwrap_or_default();
            since.iter().find(|message| suits(message)).cloned().ok_or_else(|| kinds(since))
        })
    }

    /// Waits for an event behind `mark` that has these fields with these values.
    pub fn event_after(&mut self, mark: usize, limit: Duration, fields: &Value) -> Value {
        let message = self.message_after(mark, &format!("an event like {fields}"), limit, |message| {
            message["type"] == "event" && includes(&message["event"], fields)
        });
        message["event"].clone()
    }

    /// Every event behind `mark` so far that has these fields with these values.
    pub fn events_after(&mut self, mark: usize, fields: &Value) -> Vec<Value> {
        self.take();
        let since = self.received.get(mark..).unwrap_or_default();
        since.iter().map(|message| &message["event"]).filter(|event| includes(event, fields)).cloned().collect()
    }
}

/// Whether `whole` has all that `part` has.
pub fn includes(whole: &Value, part: &Value) -> bool {
    match part {
        Value::Object(fields) => fields.iter().all(|(name, value)| includes(&whole[name], value)),
        other => whole == other,
    }
}

/// The newest messages in short, to see what came instead.
fn kinds(messages: &[Value]) -> Vec<String> {
    let newest = messages.len().saturating_sub(12);
    messages
        .iter()
        .skip(newest)
        .map(|message| {
            let text = message.to_string();
            text.chars().take(220).collect()
        })
        .collect()
}
