//! The link to the server: texts over a WebSocket.

use std::time::Duration;

use driver_api::{Link, LinkError};
use futures_util::{SinkExt, StreamExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};
use tokio_tungstenite::tungstenite::error::CapacityError;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

use crate::config::ServerAddress;

/// The largest message that is read. The state of 232 nodes with 150 values each stays below 20 MiB.
pub const LARGEST_MESSAGE: usize = 48 * 1024 * 1024;
/// How long connecting may take, and the server's greeting.
const CONNECT_LIMIT: Duration = Duration::from_secs(15);
/// A server that takes nothing for that long is taken for dead.
const TRANSMIT_LIMIT: Duration = Duration::from_secs(10);
/// A server that was silent for that long is asked whether it is there.
const QUIET: Duration = Duration::from_secs(30);
/// The pause after an answer that a person has to change something for.
const PERSON_NEEDED: Duration = Duration::from_secs(60);

/// A WebSocket to a server. Dropped and made anew by each `connect`.
#[derive(Debug)]
pub struct WebSocketLink {
    address: ServerAddress,
    socket: Option<WebSocketStream<TcpStream>>,
    heard_at: Instant,
    /// It was asked whether it is there and has said nothing since.
    was_asked: bool,
}

impl WebSocketLink {
    /// A link to the server at this address; connects when it is asked to.
    pub fn new(address: ServerAddress) -> Self {
        Self { address, socket: None, heard_at: Instant::now(), was_asked: false }
    }

    fn lost(&mut self, what: &str) -> LinkError {
        self.socket = None;
        LinkError::new(format!(
            "lost the connection to Z-Wave JS at {}: {what}; check that it runs and that the network is up",
            self.address
        ))
    }

    fn explain(&mut self, error: &Error) -> LinkError {
        match error {
            Error::Capacity(CapacityError::MessageTooLong { size, .. }) => {
                self.socket = None;
                let mut error = LinkError::new(format!(
                    "Z-Wave JS at {} sent a message of {size} bytes, more than the {LARGEST_MESSAGE} that are read; check that url names a server of Z-Wave JS",
                    self.address
                ));
                error.retry_after = Some(PERSON_NEEDED);
                error
            }
            Error::ConnectionClosed | Error::AlreadyClosed => self.lost("it closed it"),
            error => self.lost(&error.to_string()),
        }
    }

    /// Takes what came; none = nothing that the machine is to see.
    fn take(&mut self, came: Option<Result<Message, Error>>) -> Result<Option<String>, LinkError> {
        self.heard_at = Instant::now();
        self.was_asked = false;
        match came {
            Some(Ok(Message::Text(text))) => Ok(Some(text.as_str().to_owned())),
            Some(Ok(Message::Close(frame))) => {
                // So a server says that its stick is not ready yet.
                let not_ready = frame.is_some_and(|frame| frame.code == CloseCode::Again);
                if !not_ready {
                    return Err(self.lost("it closed it"));
                }
                self.socket = None;
                Err(LinkError::new(format!(
                    "Z-Wave JS at {} is not ready yet; if this stays so, look at its log: its stick may be missing",
                    self.address
                )))
            }
            // Pongs, and what no server of this API sends.
            Some(Ok(_)) => Ok(None),
            Some(Err(error)) => Err(self.explain(&error)),
            None => Err(self.lost("it closed it")),
        }
    }
}

impl Link for WebSocketLink {
    type Received = String;
    type Transmit = String;

    async fn connect(&mut self) -> Result<(), LinkError> {
        self.socket = None;
        let authority = self.address.authority();
        let url = format!("ws://{authority}{}", self.address.path);
        let config =
            WebSocketConfig::default().max_message_size(Some(LARGEST_MESSAGE)).max_frame_size(Some(LARGEST_MESSAGE));
        let connecting = async {
            let stream = TcpStream::connect(authority.as_str()).await.map_err(Error::Io)?;
            // Messages are small; waiting for more to send would only add latency.
            stream.set_nodelay(true).map_err(Error::Io)?;
            client_async_with_config(url, stream, Some(config)).await
        };
        let address = &self.address;
        match timeout(CONNECT_LIMIT, connecting).await {
            Ok(Ok((socket, _))) => {
                self.socket = Some(socket);
                self.heard_at = Instant::now();
                self.was_asked = false;
                Ok(())
            }
            Ok(Err(Error::Io(error))) => Err(LinkError::new(format!(
                "could not connect to Z-Wave JS at {address}: {error}; check url, and that its WebSocket server is switched on (in Z-Wave JS UI: Settings, Home Assistant, WS Server)"
            ))),
            Ok(Err(error)) => {
                let mut error = LinkError::new(format!(
                    "what listens at {address} is no server of Z-Wave JS: {error}; check url and its port"
                ));
                error.retry_after = Some(PERSON_NEEDED);
                Err(error)
            }
            Err(_) => Err(LinkError::new(format!(
                "Z-Wave JS at {address} did not answer within {} s; check url and that the machine is up",
                CONNECT_LIMIT.as_secs()
            ))),
        }
    }

    async fn receive(&mut self) -> Result<String, LinkError> {
        loop {
            let due = self.heard_at + QUIET * if self.was_asked { 2 } else { 1 };
            let Some(socket) = &mut self.socket else { return Err(self.lost("it is not there")) };
            let came = tokio::select! {
                biased;
                came = socket.next() => came,
                () = tokio::time::sleep_until(due) => {
                    if self.was_asked {
                        return Err(self.lost("it says nothing any more"));
                    }
                    self.was_asked = true;
                    self.send(Message::Ping(Vec::new().into())).await?;
                    continue;
                }
            };
            if let Some(text) = self.take(came)? {
                return Ok(text);
            }
        }
    }

    async fn transmit(&mut self, transmit: String) -> Result<(), LinkError> {
        self.send(Message::Text(transmit.into())).await
    }
}

impl WebSocketLink {
    async fn send(&mut self, message: Message) -> Result<(), LinkError> {
        let Some(socket) = &mut self.socket else { return Err(self.lost("it is not there")) };
        match timeout(TRANSMIT_LIMIT, socket.send(message)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(self.explain(&error)),
            Err(_) => Err(self.lost("it takes nothing any more")),
        }
    }
}
