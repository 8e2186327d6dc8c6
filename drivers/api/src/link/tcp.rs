//! Bytes over TCP: a coordinator or serial port that is shared on the network.

use std::io::ErrorKind;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::{Link, LinkError};

/// A host that does not answer by then is taken for absent.
const CONNECT_LIMIT: Duration = Duration::from_secs(10);
/// A peer that takes nothing for that long is taken for dead.
const TRANSMIT_LIMIT: Duration = Duration::from_secs(10);
/// Room for one read.
pub(super) const READ_SIZE: usize = 4_096;

/// A TCP connection to `host:port`. Dropped and made anew by each `connect`.
#[derive(Debug)]
pub struct TcpLink {
    address: String,
    stream: Option<TcpStream>,
    buffer: BytesMut,
}

impl TcpLink {
    /// A link to `host:port`; connects when it is asked to.
    pub fn new(address: impl Into<String>) -> Self {
        Self { address: address.into(), stream: None, buffer: BytesMut::new() }
    }

    fn not_connected(&self) -> LinkError {
        LinkError::new(format!("not connected to {}", self.address))
    }

    fn lost(&mut self, what: &str) -> LinkError {
        self.stream = None;
        LinkError::new(format!(
            "lost the connection to {}: {what}; check that the device has power and network",
            self.address
        ))
    }
}

impl Link for TcpLink {
    type Received = Bytes;
    type Transmit = Bytes;

    async fn connect(&mut self) -> Result<(), LinkError> {
        self.stream = None;
        self.buffer.clear();
        let outcome = tokio::time::timeout(CONNECT_LIMIT, TcpStream::connect(self.address.as_str())).await;
        let stream = match outcome {
            Ok(Ok(stream)) => stream,
            Ok(Err(error)) => return Err(cannot_connect(&self.address, &error)),
            Err(_) => {
                return Err(LinkError::new(format!(
                    "{} did not answer within {} s; check the address and that the device has power",
                    self.address,
                    CONNECT_LIMIT.as_secs()
                )));
            }
        };
        // Frames are small and answered one by one; waiting for more to send would only add latency.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(address = self.address, %error, "A TCP connection cannot send at once.");
        }
        self.stream = Some(stream);
        Ok(())
    }

    async fn receive(&mut self) -> Result<Bytes, LinkError> {
        let Some(stream) = &mut self.stream else { return Err(self.not_connected()) };
        self.buffer.reserve(READ_SIZE);
        match stream.read_buf(&mut self.buffer).await {
            Ok(0) => Err(self.lost("the other side closed it")),
            Ok(_) => Ok(self.buffer.split().freeze()),
            Err(error) => Err(self.lost(&error.to_string())),
        }
    }

    async fn transmit(&mut self, transmit: Bytes) -> Result<(), LinkError> {
        let Some(stream) = &mut self.stream else { return Err(self.not_connected()) };
        match tokio::time::timeout(TRANSMIT_LIMIT, stream.write_all(&transmit)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(self.lost(&error.to_string())),
            Err(_) => Err(self.lost("the other side does not read")),
        }
    }
}

fn cannot_connect(address: &str, error: &std::io::Error) -> LinkError {
    let advice = match error.kind() {
        ErrorKind::ConnectionRefused => "nothing listens there; check the port and that the service runs",
        ErrorKind::InvalidInput => "write it as host:port",
        _ => "check the address and the network",
    };
    LinkError::new(format!("could not connect to {address}: {error}; {advice}"))
}
