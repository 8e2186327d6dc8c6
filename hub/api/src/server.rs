//! The accept loop: bounded in connections (altogether and per source), in the size of a request's head and in the
//! time it may take.

use std::future::Future;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, UnixListener};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::Service;

use crate::api::{Api, Door};
use crate::guard::Peer;
use crate::patience::Patient;
use crate::places::Places;

/// How long the head of a request may take; also how long an idle connection is kept.
const HEAD_TIMEOUT: Duration = Duration::from_secs(60);
/// The largest head of a request.
const HEAD_MAX: usize = 32 * 1024;
/// The most headers of a request.
const HEADERS_MAX: usize = 64;
/// How long requests under way get at a stop.
const STOP_WITHIN: Duration = Duration::from_secs(3);
/// How long to wait when the system has no more file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Where connections come in.
#[derive(Debug)]
pub enum Listener {
    /// Over the network.
    Tcp(TcpListener),
    /// By the local socket.
    Unix(UnixListener),
}

impl From<TcpListener> for Listener {
    fn from(listener: TcpListener) -> Self {
        Self::Tcp(listener)
    }
}

impl From<UnixListener> for Listener {
    fn from(listener: UnixListener) -> Self {
        Self::Unix(listener)
    }
}

enum Connection {
    Tcp(tokio::net::TcpStream, Peer),
    Unix(tokio::net::UnixStream),
}

impl Listener {
    /// The door that this is.
    pub fn door(&self) -> Door {
        match self {
            Self::Tcp(_) => Door::Network,
            Self::Unix(_) => Door::LocalSocket,
        }
    }

    async fn accept(&self) -> io::Result<Connection> {
        match self {
            Self::Tcp(listener) => {
                let (stream, address) = listener.accept().await?;
                // A WebSocket's small frames must not wait for one another. Without it they are only slower.
                let _ = stream.set_nodelay(true);
                Ok(Connection::Tcp(stream, Peer(address)))
            }
            Self::Unix(listener) => Ok(Connection::Unix(listener.accept().await?.0)),
        }
    }
}

impl Api {
    /// Serves connections until `shutdown` is done; then takes no more, closes the streams, and lets requests under
    /// way finish (3 s at most).
    pub async fn serve(&self, listener: impl Into<Listener>, shutdown: impl Future<Output = ()>) {
        let listener = listener.into();
        let router = self.router(listener.door());
        let places = Places::new(self.app.options.connections_per_source);
        let room = Arc::new(Semaphore::new(self.app.options.connections.max(1)));
        let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
        let mut shutdown = std::pin::pin!(shutdown);
        loop {
            let accept = async {
                // No room: who comes now waits in the system's queue.
                let place = Arc::clone(&room).acquire_owned().await;
                (place, listener.accept().await)
            };
            let (place, accepted) = tokio::select! {
                () = &mut shutdown => break,
                accepted = accept => accepted,
            };
            let connection = match accepted {
                Ok(connection) => connection,
                Err(error) => {
                    tracing::debug!(%error, "A connection could not be accepted.");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                    continue;
                }
            };
            let own_place = match &connection {
                Connection::Tcp(_, Peer(address)) => match places.take(address.ip()) {
                    Some(own_place) => Some(own_place),
                    None => {
                        tracing::debug!(source = %address.ip(), "A source has too many connections; one was closed.");
                        continue;
                    }
                },
                Connection::Unix(_) => None,
            };
            let (router, stop) = (router.clone(), stop.clone());
            tasks.spawn(async move {
                match connection {
                    Connection::Tcp(stream, peer) => serve_one(stream, Some(peer), router, stop).await,
                    Connection::Unix(stream) => serve_one(stream, None, router, stop).await,
                }
                drop((place, own_place));
            });
        }
        self.close_streams();
        stop.cancel();
        tasks.close();
        if tokio::time::timeout(STOP_WITHIN, tasks.wait()).await.is_err() {
            tracing::info!(connections = tasks.len(), "Connections were cut off because they did not finish.");
        }
    }
}

async fn serve_one<S>(stream: S, peer: Option<Peer>, router: Router, stop: CancellationToken)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let service = hyper::service::service_fn(move |mut request: hyper::Request<Incoming>| {
        if let Some(peer) = peer {
            request.extensions_mut().insert(peer);
        }
        let request: Request = request.map(Body::new);
        router.clone().call(request)
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .max_headers(HEADERS_MAX)
        .max_buf_size(HEAD_MAX)
        .pipeline_flush(true)
        .serve_connection(TokioIo::new(Patient::new(stream)), service)
        .with_upgrades();
    let mut connection = std::pin::pin!(connection);
    let outcome = tokio::select! {
        outcome = connection.as_mut() => outcome,
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = outcome {
        tracing::trace!(%error, "A connection ended with an error.");
    }
}
