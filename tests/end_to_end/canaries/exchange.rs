//! HTTP as it is on the wire: what is sent may be no proper request, and what comes back is looked at as a whole.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::Value;

/// What the hub answered, headers included.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) whole: String,
}

impl Answer {
    /// The body as JSON; null if it is none.
    pub(crate) fn json(&self) -> Value {
        let body = self.whole.split_once("\r\n\r\n").map_or("", |(_, body)| body);
        serde_json::from_str(body).unwrap_or_default()
    }

    /// A text of the body of a success.
    pub(crate) fn word(&self, field: &str) -> String {
        let body = self.json();
        let word = body[field].as_str().map(str::to_owned);
        word.unwrap_or_else(|| panic!("there is no {field} in {}", self.whole))
    }

    /// The same, insisting that it is a success.
    pub(crate) fn good(self) -> Self {
        assert!((200..300).contains(&self.status), "{}", self.whole);
        self
    }
}

/// Who asks.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    port: u16,
    headers: Vec<(String, String)>,
}

impl Client {
    /// Nobody.
    pub(crate) fn new(port: u16) -> Self {
        Self { port, headers: Vec::new() }
    }

    /// The same with a header.
    pub(crate) fn header(&self, name: &str, value: &str) -> Self {
        let mut client = self.clone();
        client.headers.push((name.to_owned(), value.to_owned()));
        client
    }

    /// The same with a token.
    pub(crate) fn bearer(&self, token: &str) -> Self {
        self.header("Authorization", &format!("Bearer {token}"))
    }

    /// Sends JSON below `/api/v1/`, or elsewhere if the path begins with a slash.
    pub(crate) fn send(&self, method: &str, path: &str, body: &Value) -> Answer {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        self.send_text(method, path, &body)
    }

    /// The same with any text as the body.
    pub(crate) fn send_text(&self, method: &str, path: &str, body: &str) -> Answer {
        let path = if path.starts_with('/') { path.to_owned() } else { format!("/api/v1/{path}") };
        let mut request = format!("{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nConnection: close\r\n", self.port);
        for (name, value) in &self.headers {
            request += &format!("{name}: {value}\r\n");
        }
        if !body.is_empty() {
            request += &format!("Content-Type: application/json\r\nContent-Length: {}\r\n", body.len());
        }
        request += &format!("\r\n{body}");
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).expect("the hub listens");
        stream.set_read_timeout(Some(Duration::from_secs(70))).expect("a limit can be set");
        stream.write_all(request.as_bytes()).expect("the hub reads");
        let mut whole = Vec::new();
        // Who is told off in the middle of a request may be cut off.
        let _ = stream.read_to_end(&mut whole);
        let whole = String::from_utf8_lossy(&whole).into_owned();
        let status = whole.split(' ').nth(1).and_then(|status| status.parse().ok());
        Answer { status: status.unwrap_or_else(|| panic!("no answer to {method} {path}: {whole:?}")), whole }
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &Value::Null)
    }

    pub(crate) fn post(&self, path: &str, body: Value) -> Answer {
        self.send("POST", path, &body)
    }
}
