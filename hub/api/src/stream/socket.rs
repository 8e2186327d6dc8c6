//! A WebSocket that takes little memory while nothing happens.

use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use bytes::buf::Chain;
use bytes::{Buf, Bytes};
use futures_util::{SinkExt, StreamExt};
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use tokio::io::AsyncWriteExt;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::server::create_response_with_body;
use tokio_tungstenite::tungstenite::protocol::frame::FrameHeader;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};

/// The largest message of a client.
const MESSAGE_MAX: usize = 64 * 1024;
/// How much is read at once. Clients say little.
const READ_BUFFER: usize = 512;
/// How much is put together before it is written.
const WRITE_BUFFER: usize = 4 * 1024;

/// The other end is gone.
#[derive(Debug)]
pub(crate) struct Gone;

/// One end of a WebSocket. Everything it does may be dropped half-way, and goes on with what is done next.
#[derive(Debug)]
pub(crate) struct Socket {
    messages: WebSocketStream<TokioIo<Upgraded>>,
    /// What is still to be written of a large message: nothing else may come between.
    unsent: Option<Chain<Bytes, Bytes>>,
}

/// Takes the request for a WebSocket: the answer, and what becomes the socket once that is sent. None = it is none.
pub(crate) fn accept(mut request: Request) -> Option<(Response, OnUpgrade)> {
    let upgrade = request.extensions_mut().remove::<OnUpgrade>()?;
    let response = create_response_with_body(&request, Body::empty).ok()?;
    Some((response, upgrade))
}

impl Socket {
    /// The end of the hub.
    pub(crate) async fn new(upgraded: Upgraded) -> Self {
        let config = WebSocketConfig::default()
            .read_buffer_size(READ_BUFFER)
            .write_buffer_size(WRITE_BUFFER)
            .max_message_size(Some(MESSAGE_MAX))
            .max_frame_size(Some(MESSAGE_MAX));
        let messages = WebSocketStream::from_raw_socket(TokioIo::new(upgraded), Role::Server, Some(config)).await;
        Self { messages, unsent: None }
    }

    /// The next message.
    pub(crate) async fn receive(&mut self) -> Result<Message, Gone> {
        // An answer to a ping must not fall into a large message.
        self.finish().await?;
        match self.messages.next().await {
            Some(Ok(message)) => Ok(message),
            Some(Err(_)) | None => Err(Gone),
        }
    }

    /// Puts a message into the buffer, which is written when it is full.
    pub(crate) async fn feed(&mut self, message: Message) -> Result<(), Gone> {
        self.finish().await?;
        self.messages.feed(message).await.map_err(|_| Gone)
    }

    /// Writes what is in the buffer.
    pub(crate) async fn flush(&mut self) -> Result<(), Gone> {
        self.finish().await?;
        self.messages.flush().await.map_err(|_| Gone)
    }

    /// Writes a message past the buffer, which would keep the size of the largest for good. `data` says what it is.
    pub(crate) async fn send_large(&mut self, data: Data, message: Bytes) -> Result<(), Gone> {
        self.flush().await?;
        let header = FrameHeader { opcode: OpCode::Data(data), ..FrameHeader::default() };
        let mut bytes = Vec::with_capacity(header.len(message.len() as u64));
        header.format(message.len() as u64, &mut bytes).map_err(|_| Gone)?;
        self.unsent = Some(Bytes::from(bytes).chain(message));
        self.finish().await
    }

    async fn finish(&mut self) -> Result<(), Gone> {
        let Some(unsent) = &mut self.unsent else { return Ok(()) };
        let stream = self.messages.get_mut();
        stream.write_all_buf(unsent).await.map_err(|_| Gone)?;
        stream.flush().await.map_err(|_| Gone)?;
        self.unsent = None;
        Ok(())
    }
}
