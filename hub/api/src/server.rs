//! The accept loop: bounded in connections (altogether and per source, over all doors of the network together), in the
//! size of a request's head and in the time it may take.

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
use rustls::ServerConfig;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, UnixListener};
use tokio::sync::Semaphore;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::Service;

use crate::api::{Api, Door};
use crate::guard::{Peer, Secure};
use crate::patience::Patient;
use crate::places::{Place, Places, Seat};
use crate::tls::shake_hands;

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
pub enum Listener {
    /// Over the network, in the clear.
    Tcp(TcpListener),
    /// Over the network, encrypted.
    Tls(TcpListener, Arc<ServerConfig>),
    /// By the local socket.
    Unix(UnixListener),
}

impl std::fmt::Debug for Listener {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (kind, address) = match self {
            Self::Tcp(listener) => ("Tcp", listener.local_addr().ok()),
            Self::Tls(listener, _) => ("Tls", listener.local_addr().ok()),
            Self::Unix(_) => ("Unix", None),
        };
        formatter.debug_tuple(kind).field(&address).finish()
    }
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
    Tls(tokio::net::TcpStream, Peer, TlsAcceptor),
    Unix(tokio::net::UnixStream),
}

impl Connection {
    fn peer(&self) -> Option<Peer> {
        match self {
            Self::Tcp(_, peer) | Self::Tls(_, peer, _) => Some(*peer),
            Self::Unix(_) => None,
        }
    }
}

/// Room for connections, shared by the doors of one kind.
#[derive(Debug)]
pub(crate) struct Room {
    places: Arc<Places>,
    all: Arc<Semaphore>,
}

impl Room {
    pub(crate) fn new(connections: usize, per_source: usize) -> Self {
        let all = Semaphore::new(connections.clamp(1, Semaphore::MAX_PERMITS));
        Self { places: Places::new(per_source), all: Arc::new(all) }
    }

    /// A place for its source; `Err` = it has enough.
    fn own_place(&self, peer: Option<Peer>) -> Result<Option<Place>, Peer> {
        let Some(peer) = peer else { return Ok(None) };
        self.places.take(peer.0.ip()).map(Some).ok_or(peer)
    }
}

impl Listener {
    /// The door that this is.
    pub fn door(&self) -> Door {
        match self {
            Self::Tcp(_) | Self::Tls(..) => Door::Network,
            Self::Unix(_) => Door::LocalSocket,
        }
    }

    async fn accept(&self) -> io::Result<Connection> {
        let (Self::Tcp(listener) | Self::Tls(listener, _)) = self else {
            let Self::Unix(listener) = self else { return Err(io::ErrorKind::Unsupported.into()) };
            return Ok(Connection::Unix(listener.accept().await?.0));
        };
        let (stream, address) = listener.accept().await?;
        // A WebSocket's small frames must not wait for one another. Without it they are only slower.
        let _ = stream.set_nodelay(true);
        Ok(match self {
            Self::Tls(_, config) => Connection::Tls(stream, Peer(address), TlsAcceptor::from(Arc::clone(config))),
            _ => Connection::Tcp(stream, Peer(address)),
        })
    }
}

impl Api {
    /// Serves connections until `shutdown` is done; then takes no more, closes the streams, and lets requests under
    /// way finish (3 s at most).
    pub async fn serve(&self, listener: impl Into<Listener>, shutdown: impl Future<Output = ()>) {
        let listener = listener.into();
        let router = self.router(listener.door());
        let room = self.app.room(listener.door());
        let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
        let mut shutdown = std::pin::pin!(shutdown);
        loop {
            let accepted = tokio::select! {
                () = &mut shutdown => break,
                accepted = listener.accept() => accepted,
            };
            let connection = match accepted {
                Ok(connection) => connection,
                Err(error) => {
                    tracing::debug!(%error, "A connection could not be accepted.");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                    continue;
                }
            };
            let own_place = match room.own_place(connection.peer()) {
                Ok(own_place) => own_place,
                Err(Peer(address)) => {
                    tracing::debug!(source = %address.ip(), "A source has too many connections; one was closed.");
                    continue;
                }
            };
            // No room: this one waits here for its place, and who comes now in the system's queue.
            let place = tokio::select! {
                () = &mut shutdown => break,
                place = Arc::clone(&room.all).acquire_owned() => place,
            };
            // The semaphore is never closed.
            let Ok(place) = place else { break };
            tasks.spawn(serve_connection(connection, Seat::new(place, own_place), router.clone(), stop.clone()));
        }
        self.close_streams();
        stop.cancel();
        tasks.close();
        if tokio::time::timeout(STOP_WITHIN, tasks.wait()).await.is_err() {
            tracing::info!(connections = tasks.len(), "Connections were cut off because they did not finish.");
        }
    }
}

async fn serve_connection(connection: Connection, seat: Seat, router: Router, stop: CancellationToken) {
    match connection {
        Connection::Tcp(stream, peer) => serve_one(Patient::new(stream, seat), Some(peer), None, router, stop).await,
        Connection::Tls(stream, peer, acceptor) => {
            let stream = tokio::select! {
                stream = shake_hands(stream, &acceptor) => stream,
                () = stop.cancelled() => return,
            };
            match stream {
                Ok(Some(stream)) => {
                    serve_one(Patient::new(stream, seat), Some(peer), Some(Secure), router, stop).await;
                }
                Ok(None) => tracing::debug!(source = %peer.0.ip(), "Somebody spoke plain HTTP where TLS is spoken."),
                Err(error) => tracing::debug!(source = %peer.0.ip(), %error, "A TLS handshake failed."),
            }
        }
        Connection::Unix(stream) => serve_one(Patient::new(stream, seat), None, None, router, stop).await,
    }
}

async fn serve_one<S>(
    stream: Patient<S>,
    peer: Option<Peer>,
    secure: Option<Secure>,
    router: Router,
    stop: CancellationToken,
) where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let service = hyper::service::service_fn(move |mut request: hyper::Request<Incoming>| {
        if let Some(peer) = peer {
            request.extensions_mut().insert(peer);
        }
        if let Some(secure) = secure {
            request.extensions_mut().insert(secure);
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
        .serve_connection(TokioIo::new(stream), service)
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
