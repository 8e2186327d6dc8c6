//! A client of the hub's API, over the local socket or TCP alike.

use std::path::PathBuf;

use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use http_body_util::{BodyExt, Full};
use hyper::{Method, Request, header};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, UnixStream};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;

use super::arguments::Common;
use super::failure::{Failure, Problem};
use super::trust::Tls;
use crate::config::HttpSection;
use crate::config::paths::{self, Environment};

/// Talks to one hub.
#[derive(Debug)]
pub struct Client {
    target: Target,
    token: Option<String>,
}

#[derive(Debug)]
enum Target {
    /// The first of these that answers.
    Sockets(Vec<PathBuf>),
    /// Host and port, and how to speak TLS there if it is to be spoken.
    Host(String, Option<Tls>),
}

/// What the hub answers.
#[derive(Debug)]
pub struct Answer {
    /// The body.
    pub text: String,
    /// Names the version of what is shown.
    pub tag: Option<String>,
}

/// Bytes to and from the hub.
trait Connection: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Connection for T {}

/// An answer may be this large.
const ANSWER_LIMIT: usize = 64 << 20;

impl Client {
    /// The hub that the arguments name.
    pub fn new(common: &Common, environment: Environment<'_>) -> Result<Self, Failure> {
        let target = match &common.host {
            None => Target::Sockets(match &common.socket {
                Some(socket) => vec![socket.clone()],
                None => paths::sockets(environment),
            }),
            Some(host) => {
                let tls = host.starts_with("https://").then(|| Tls::new(common)).transpose()?;
                Target::Host(authority(host)?, tls)
            }
        };
        Ok(Self { target, token: common.token.clone() })
    }

    /// Whether it talks to the hub of this machine by its socket.
    pub fn is_local(&self) -> bool {
        matches!(self.target, Target::Sockets(_))
    }

    /// Whether there is a token to show.
    pub fn has_token(&self) -> bool {
        self.token.is_some()
    }

    async fn connect(&self) -> Result<(Box<dyn Connection>, &str), Failure> {
        match &self.target {
            Target::Host(authority, tls) => {
                let stream = TcpStream::connect(authority)
                    .await
                    .map_err(|error| Failure::Unreachable { at: authority.clone(), detail: error.to_string() })?;
                match tls {
                    Some(tls) => Ok((Box::new(tls.connect(stream, authority).await?), authority)),
                    None => Ok((Box::new(stream), authority)),
                }
            }
            Target::Sockets(sockets) => {
                let mut refused = None;
                for socket in sockets {
                    match UnixStream::connect(socket).await {
                        Ok(stream) => return Ok((Box::new(stream), "localhost")),
                        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                        Err(error) => refused = refused.or(Some((socket, error))),
                    }
                }
                let (at, detail) = match refused {
                    Some((socket, error)) => (socket.display().to_string(), error.to_string()),
                    None => {
                        let places: Vec<String> = sockets.iter().map(|socket| socket.display().to_string()).collect();
                        (places.join(" or "), "there is no such socket".to_owned())
                    }
                };
                Err(Failure::Unreachable { at, detail })
            }
        }
    }

    /// Asks the hub, in JSON. An answer that says no is [`Failure::Refused`].
    pub async fn request(&self, method: Method, path: &str, body: Option<String>) -> Result<String, Failure> {
        Ok(self.exchange(method, path, body, None).await?.text)
    }

    /// The same, on top of a version: if there is another by now, the hub refuses (412).
    pub async fn exchange(
        &self,
        method: Method,
        path: &str,
        body: Option<String>,
        version: Option<&str>,
    ) -> Result<Answer, Failure> {
        let (stream, authority) = self.connect().await?;
        let broken = |error: hyper::Error| Failure::Unreachable { at: authority.to_owned(), detail: error.to_string() };
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(broken)?;
        let driving = tokio::spawn(connection);
        let mut request =
            Request::builder().method(method).uri(format!("/api/v1{path}")).header(header::HOST, authority);
        if let Some(token) = &self.token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        if body.is_some() {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        if let Some(version) = version {
            request = request.header(header::IF_MATCH, version);
        }
        let request = request
            .body(Full::new(Bytes::from(body.unwrap_or_default())))
            .map_err(|error| Failure::Usage(format!("this cannot be asked of a hub: {error}")))?;
        let answer = sender.send_request(request).await.map_err(broken)?;
        let status = answer.status();
        let tag = answer.headers().get(header::ETAG).and_then(|tag| tag.to_str().ok()).map(str::to_owned);
        let body = http_body_util::Limited::new(answer.into_body(), ANSWER_LIMIT)
            .collect()
            .await
            .map_err(|error| Failure::Unreachable { at: authority.to_owned(), detail: error.to_string() })?
            .to_bytes();
        driving.abort();
        let text = String::from_utf8_lossy(&body).into_owned();
        if status.is_success() {
            Ok(Answer { text, tag })
        } else {
            Err(Failure::Refused(Problem::new(status.as_u16(), parsed(&text))))
        }
    }

    /// `GET`.
    pub async fn get(&self, path: &str) -> Result<Value, Failure> {
        Ok(parsed(&self.request(Method::GET, path, None).await?))
    }

    /// `POST`.
    pub async fn post(&self, path: &str, body: &Value) -> Result<Value, Failure> {
        Ok(parsed(&self.request(Method::POST, path, Some(body.to_string())).await?))
    }

    /// `PATCH`.
    pub async fn patch(&self, path: &str, body: &Value) -> Result<Value, Failure> {
        Ok(parsed(&self.request(Method::PATCH, path, Some(body.to_string())).await?))
    }

    /// `DELETE`.
    pub async fn delete(&self, path: &str) -> Result<Value, Failure> {
        Ok(parsed(&self.request(Method::DELETE, path, None).await?))
    }

    /// All items of a list, page by page.
    pub async fn items(&self, path: &str) -> Result<Vec<Value>, Failure> {
        let (mut items, mut cursor) = (Vec::new(), String::new());
        loop {
            let separator = if path.contains('?') { '&' } else { '?' };
            let page = self.get(&format!("{path}{separator}limit=1000{cursor}")).await?;
            items.extend(page["items"].as_array().cloned().unwrap_or_default());
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={}", encode(next)),
                None => return Ok(items),
            }
        }
    }

    /// Opens the stream of events; subscribing is up to the caller.
    pub async fn stream(&self) -> Result<EventStream, Failure> {
        let (stream, authority) = self.connect().await?;
        let broken = |error: tokio_tungstenite::tungstenite::Error| match error {
            tokio_tungstenite::tungstenite::Error::Http(answer) => {
                let body = answer.body().as_deref().and_then(|body| serde_json::from_slice(body).ok());
                Failure::Refused(Problem::new(answer.status().as_u16(), body.unwrap_or(Value::Null)))
            }
            error => Failure::Unreachable { at: authority.to_owned(), detail: error.to_string() },
        };
        let (socket, _) =
            tokio_tungstenite::client_async(format!("ws://{authority}/api/v1/stream"), stream).await.map_err(broken)?;
        let mut stream = EventStream { socket, at: authority.to_owned() };
        if let Some(token) = &self.token {
            stream.send(&serde_json::json!({ "type": "auth", "token": token })).await?;
        }
        Ok(stream)
    }
}

/// What is no JSON (an empty answer) is null.
fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or(Value::Null)
}

/// The hub's events.
pub struct EventStream {
    socket: WebSocketStream<Box<dyn Connection>>,
    at: String,
}

impl EventStream {
    /// Says something to the hub.
    pub async fn send(&mut self, message: &Value) -> Result<(), Failure> {
        let sent = self.socket.send(Message::text(message.to_string())).await;
        sent.map_err(|error| Failure::Unreachable { at: self.at.clone(), detail: error.to_string() })
    }

    /// What the hub says next; none when it has ended.
    pub async fn next(&mut self) -> Result<Option<Value>, Failure> {
        loop {
            match self.socket.next().await {
                Some(Ok(Message::Text(text))) => {
                    let message: Value = serde_json::from_str(&text).unwrap_or(Value::Null);
                    if message["type"] == "error" {
                        return Err(Failure::Refused(Problem::new(
                            message["status"].as_u64().unwrap_or(401) as u16,
                            message,
                        )));
                    }
                    return Ok(Some(message));
                }
                Some(Ok(Message::Close(_))) | None => return Ok(None),
                Some(Ok(_)) => {}
                Some(Err(error)) => {
                    return Err(Failure::Unreachable { at: self.at.clone(), detail: error.to_string() });
                }
            }
        }
    }
}

/// Host and port of `https://host:port/`, `http://host`, `host:port` or `host`.
fn authority(host: &str) -> Result<String, Failure> {
    let (rest, port) = match host.strip_prefix("https://") {
        Some(rest) => (rest, HttpSection::TLS_PORT),
        None => (host.strip_prefix("http://").unwrap_or(host), HttpSection::PORT),
    };
    let rest = rest.trim_end_matches('/');
    if rest.is_empty() || rest.contains('/') {
        return Err(Failure::Usage(format!("{host:?} is not the address of a hub; write https://192.168.1.5:8443")));
    }
    let has_port =
        rest.rsplit_once(':').is_some_and(|(_, port)| !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()));
    Ok(if has_port { rest.to_owned() } else { format!("{rest}:{port}") })
}

/// A part of a path or query, percent-encoded (RFC 3986).
pub fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~:".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_may_be_written_in_several_ways() {
        let table = [
            ("http://hub.local:8080/", Some("hub.local:8080")),
            ("hub.local", Some("hub.local:8080")),
            ("https://hub.local/", Some("hub.local:8443")),
            ("https://192.168.1.5:443", Some("192.168.1.5:443")),
            ("http://[::1]:9000", Some("[::1]:9000")),
            ("http://hub/path", None),
            ("", None),
        ];
        for (given, wanted) in table {
            assert_eq!(authority(given).ok().as_deref(), wanted, "{given}");
        }
    }

    #[test]
    fn ids_survive_a_path() {
        assert_eq!(encode("zigbee:0x01 ä/b"), "zigbee:0x01%20%C3%A4%2Fb");
    }
}
