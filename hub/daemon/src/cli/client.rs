//! A client of the hub's API, over the local socket or TCP alike.

use std::net::IpAddr;
use std::path::PathBuf;

use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use http_body_util::{BodyExt, Full};
use hub_model::household::Secret;
use hyper::{Method, Request, header};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, UnixStream};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;

use super::arguments::Common;
use super::failure::{Failure, Problem, UNAUTHORIZED};
use super::open_session::OpenSession;
use super::trust::Tls;
use crate::config::HttpSection;
use crate::config::paths::{self, Environment};

/// Talks to one hub.
#[derive(Debug)]
pub struct Client {
    target: Target,
    credential: Credential,
}

/// What is shown to the hub.
#[derive(Debug)]
enum Credential {
    /// Nothing: the local socket asks for none.
    Nothing,
    /// A token that was given.
    Token(Secret),
    /// The session of a person who has logged in.
    Session(OpenSession),
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
/// What this program calls itself: people see it among their sessions.
const USER_AGENT: &str = concat!("hearth/", env!("CARGO_PKG_VERSION"));

impl Target {
    /// What is named with `--host`.
    fn host(host: &str, common: &Common) -> Result<Self, Failure> {
        let place = Place::read(host)?;
        let tls = place.is_encrypted.then(|| Tls::new(common)).transpose()?;
        Ok(Self::Host(place.authority, tls))
    }
}

impl Client {
    /// The hub that the arguments name; else the one at which somebody has logged in, else that of this machine.
    pub fn new(common: &Common, environment: Environment<'_>) -> Result<Self, Failure> {
        let session = if common.token.is_some() || common.host.is_none() && common.socket.is_some() {
            None
        } else {
            OpenSession::kept(environment)?
        };
        match (&common.host, session) {
            (Some(host), Some(session)) if same_place(host, &session.host())? => Self::of(common, session),
            (None, Some(session)) => Self::of(common, session),
            _ => Self::nameless(common, environment),
        }
    }

    /// The hub that the arguments name, with what they say of who asks and nothing else.
    pub(crate) fn nameless(common: &Common, environment: Environment<'_>) -> Result<Self, Failure> {
        let target = match &common.host {
            Some(host) => Target::host(host, common)?,
            None => Target::Sockets(match &common.socket {
                Some(socket) => vec![socket.clone()],
                None => paths::sockets(environment),
            }),
        };
        let credential =
            common.token.as_ref().map_or(Credential::Nothing, |token| Credential::Token(Secret::new(token)));
        Ok(Self { target, credential })
    }

    /// The hub of a login, as its person.
    pub(crate) fn of(common: &Common, session: OpenSession) -> Result<Self, Failure> {
        let common = session.known_by(common);
        let target = Target::host(&session.host(), &common)?;
        Ok(Self { target, credential: Credential::Session(session) })
    }

    /// Whether it talks to the hub of this machine by its socket.
    pub fn is_local(&self) -> bool {
        matches!(self.target, Target::Sockets(_))
    }

    /// Whether there is something to show who asks.
    pub fn has_token(&self) -> bool {
        !matches!(self.credential, Credential::Nothing)
    }

    /// The token to show now.
    fn token(&self) -> Option<Secret> {
        match &self.credential {
            Credential::Nothing => None,
            Credential::Token(token) => Some(token.clone()),
            Credential::Session(session) => Some(session.token()),
        }
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
        let token = self.token();
        let answer = self.send(method.clone(), path, body.clone(), version, token.as_ref()).await;
        match (&self.credential, token, &answer) {
            // The token of a session lives for an hour.
            (Credential::Session(session), Some(token), Err(Failure::Refused(problem)))
                if problem.status == UNAUTHORIZED =>
            {
                self.renew(session, &token).await?;
                self.send(method, path, body, version, Some(&session.token())).await
            }
            _ => answer,
        }
    }

    /// Gets new tokens in the place of an old one, if no other command has done it meanwhile.
    async fn renew(&self, session: &OpenSession, old: &Secret) -> Result<(), Failure> {
        let renewal = session.begin_renewal(old)?;
        let Some(refresh_token) = renewal.refresh_token() else { return Ok(()) };
        let body = serde_json::json!({ "refresh_token": refresh_token.reveal() }).to_string();
        match self.send(Method::POST, "/auth/refresh", Some(body), None, None).await {
            Ok(answer) => renewal.finish(&parsed(&answer.text)),
            Err(Failure::Refused(problem)) if problem.status == UNAUTHORIZED => Err(session.is_over()),
            Err(failure) => Err(failure),
        }
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        body: Option<String>,
        version: Option<&str>,
        token: Option<&Secret>,
    ) -> Result<Answer, Failure> {
        let (stream, authority) = self.connect().await?;
        let broken = |error: hyper::Error| Failure::Unreachable { at: authority.to_owned(), detail: error.to_string() };
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(broken)?;
        let driving = tokio::spawn(connection);
        let mut request =
            Request::builder().method(method).uri(format!("/api/v1{path}")).header(header::HOST, authority);
        request = request.header(header::USER_AGENT, USER_AGENT);
        if let Some(token) = token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {}", token.reveal()));
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

    /// `PUT`.
    pub async fn put(&self, path: &str, body: &Value) -> Result<Value, Failure> {
        Ok(parsed(&self.request(Method::PUT, path, Some(body.to_string())).await?))
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
        if matches!(self.credential, Credential::Session(_)) {
            // A stream ends with the token of who opened it: a fresh one is got here if that is needed.
            self.get("/users/me").await?;
        }
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
        if let Some(token) = self.token() {
            stream.send(&serde_json::json!({ "type": "auth", "token": token.reveal() })).await?;
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

/// Where a hub is, and how it is spoken to.
#[derive(PartialEq, Eq, Debug)]
struct Place {
    /// Host and port.
    authority: String,
    is_encrypted: bool,
}

impl Place {
    /// Of `https://host:port/`, `http://host`, `host:port` or `host`. What is not said is what a hub offers: HTTPS, and
    /// plain HTTP on this machine and at the port for it.
    fn read(host: &str) -> Result<Self, Failure> {
        let (is_said, rest) = match (host.strip_prefix("https://"), host.strip_prefix("http://")) {
            (Some(rest), _) => (Some(true), rest),
            (None, Some(rest)) => (Some(false), rest),
            (None, None) => (None, host),
        };
        let rest = rest.trim_end_matches('/');
        if rest.is_empty() || rest.contains('/') {
            return Err(Failure::Usage(format!(
                "{host:?} is not the address of a hub; write https://192.168.1.5:8443"
            )));
        }
        let port = rest.rsplit_once(':').and_then(|(_, port)| port.parse::<u16>().ok());
        let name = if port.is_some() { rest.rsplit_once(':').map_or(rest, |(name, _)| name) } else { rest };
        let is_encrypted = is_said.unwrap_or(match port {
            Some(HttpSection::TLS_PORT) => true,
            Some(HttpSection::PORT) => false,
            _ => !is_this_machine(name),
        });
        let usual = if is_encrypted { HttpSection::TLS_PORT } else { HttpSection::PORT };
        let authority = if port.is_some() { rest.to_owned() } else { format!("{rest}:{usual}") };
        Ok(Self { authority, is_encrypted })
    }
}

fn is_this_machine(name: &str) -> bool {
    let address = name.strip_prefix('[').and_then(|name| name.strip_suffix(']')).unwrap_or(name);
    name.eq_ignore_ascii_case("localhost") || address.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Whether both name the same hub, spoken to in the same way: a token goes nowhere else.
fn same_place(one: &str, other: &str) -> Result<bool, Failure> {
    Ok(Place::read(one)? == Place::read(other)?)
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
            ("http://hub.local:8080/", Some(("hub.local:8080", false))),
            ("http://hub.local", Some(("hub.local:8080", false))),
            ("https://hub.local/", Some(("hub.local:8443", true))),
            ("https://192.168.1.5:443", Some(("192.168.1.5:443", true))),
            ("http://[::1]:9000", Some(("[::1]:9000", false))),
            ("hub.local", Some(("hub.local:8443", true))),
            ("hub.local:8443", Some(("hub.local:8443", true))),
            ("hub.local:9000", Some(("hub.local:9000", true))),
            ("192.168.1.5:8080", Some(("192.168.1.5:8080", false))),
            ("localhost", Some(("localhost:8080", false))),
            ("127.0.0.1:40001", Some(("127.0.0.1:40001", false))),
            ("localhost:8443", Some(("localhost:8443", true))),
            ("[::1]", Some(("[::1]:8080", false))),
            ("[fe80::1]", Some(("[fe80::1]:8443", true))),
            ("http://hub/path", None),
            ("", None),
        ];
        for (given, wanted) in table {
            let read = Place::read(given).ok();
            let read = read.as_ref().map(|place| (place.authority.as_str(), place.is_encrypted));
            assert_eq!(read, wanted, "{given}");
        }
    }

    #[test]
    fn ids_survive_a_path() {
        assert_eq!(encode("zigbee:0x01 ä/b"), "zigbee:0x01%20%C3%A4%2Fb");
    }
}
