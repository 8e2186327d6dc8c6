//! Sends a request to an address that a person named.
//!
//! The name is resolved once for each connection, every address that it has is checked, and the connection goes to
//! one that was checked: an answer of the name service that changes meanwhile changes nothing. A redirect is an address
//! like any other.

use std::future::Future;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::header::{CONTENT_LENGTH, HOST, HeaderMap, HeaderName, HeaderValue, LOCATION, RETRY_AFTER, USER_AGENT};
use hyper::{Method, Request, StatusCode};
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

pub use rustls::Error as SetUpError;

use crate::address::{Allowed, forbidden, is_near};
use crate::target::{Target, TargetError};

/// A request with all its redirects takes this long at most.
const WITHIN: Duration = Duration::from_secs(10);
/// How often an answer may lead on.
const MOST_REDIRECTS: usize = 3;
/// How much of an answer is read.
const MOST_ANSWER: usize = 4_096;
/// How many addresses of a name are tried.
const MOST_ADDRESSES: usize = 4;

/// A name service's answer, when it comes.
pub type Resolution = Pin<Box<dyn Future<Output = io::Result<Vec<SocketAddr>>> + Send>>;

/// Finds the addresses of a name.
pub trait Resolver: Send + Sync + 'static {
    /// All of them, with the port.
    fn resolve(&self, host: &str, port: u16) -> Resolution;
}

/// The name service of this machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemResolver;

impl Resolver for SystemResolver {
    fn resolve(&self, host: &str, port: u16) -> Resolution {
        let host = host.to_owned();
        Box::pin(async move { Ok(tokio::net::lookup_host((host, port)).await?.collect()) })
    }
}

/// What is sent.
#[derive(Clone, Debug)]
pub struct Post {
    /// Beside those that every request has.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// The body.
    pub body: Bytes,
    /// Whether an answer may lead elsewhere.
    pub follows: bool,
}

/// What came back.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// When to try again, if the answer says so in seconds.
    pub retry_after: Option<Duration>,
    /// The beginning of the body, for people.
    pub text: String,
}

/// A request could not be made. None of these shows its address.
#[derive(Debug, thiserror::Error)]
pub enum PostError {
    /// The address cannot be used.
    #[error(transparent)]
    Target(#[from] TargetError),
    /// The hub does not send there.
    #[error(
        "{host} is {what}; the hub sends there only if the owner allows it ([messages] allow in the hub's configuration)"
    )]
    Forbidden {
        /// The host.
        host: String,
        /// What is wrong with it.
        what: &'static str,
    },
    /// The name is not known.
    #[error("the address of {host} could not be found ({source})")]
    Name {
        /// The host.
        host: String,
        /// What the name service says.
        source: io::Error,
    },
    /// There was no connection.
    #[error("{host} could not be reached ({source})")]
    Connect {
        /// The host.
        host: String,
        /// What the system says.
        source: io::Error,
    },
    /// The connection broke, or the other side does not speak HTTP.
    #[error("{host} gave no answer that can be understood")]
    Exchange {
        /// The host.
        host: String,
        /// What went wrong.
        source: hyper::Error,
    },
    /// It took too long.
    #[error("there was no answer within {} s", WITHIN.as_secs())]
    Timeout,
    /// An answer led elsewhere, and that one too, and so on.
    #[error("the address leads elsewhere again and again; give the one where it ends")]
    TooManyRedirects,
}

impl PostError {
    /// Whether it is of use to try again.
    pub fn may_work_later(&self) -> bool {
        !matches!(self, Self::Target(_) | Self::Forbidden { .. } | Self::TooManyRedirects)
    }
}

/// Makes requests.
#[derive(Clone)]
pub struct Client {
    allowed: Arc<Allowed>,
    resolver: Arc<dyn Resolver>,
    tls: Arc<ClientConfig>,
}

impl std::fmt::Debug for Client {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Client").field("allowed", &self.allowed).finish_non_exhaustive()
    }
}

impl Client {
    /// One that reaches the whole world and, of what is near, what the owner allows.
    pub fn new(allowed: Allowed, resolver: Arc<dyn Resolver>) -> Result<Self, rustls::Error> {
        let roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut tls = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        tls.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self { allowed: Arc::new(allowed), resolver, tls: Arc::new(tls) })
    }

    /// What the owner allows.
    pub fn allowed(&self) -> &Allowed {
        &self.allowed
    }

    /// Posts something to an address that a person named.
    pub async fn post(&self, url: &str, post: &Post) -> Result<Answer, PostError> {
        let target = Target::of(url, &self.allowed)?;
        tokio::time::timeout(WITHIN, self.post_to(target, post)).await.unwrap_or(Err(PostError::Timeout))
    }

    async fn post_to(&self, mut target: Target, post: &Post) -> Result<Answer, PostError> {
        for _ in 0..=MOST_REDIRECTS {
            let (answer, location) = self.once(&target, post).await?;
            // Others turn a POST into a GET, which is of no use here.
            let leads_on = matches!(answer.status, StatusCode::TEMPORARY_REDIRECT | StatusCode::PERMANENT_REDIRECT);
            match location.filter(|_| leads_on && post.follows) {
                Some(location) => target = target.joined(&location, &self.allowed)?,
                None => return Ok(answer),
            }
        }
        Err(PostError::TooManyRedirects)
    }

    async fn once(&self, target: &Target, post: &Post) -> Result<(Answer, Option<String>), PostError> {
        let stream = self.connect(target).await?;
        if !target.is_https {
            return exchange(stream, target, post).await;
        }
        let connect = |source| PostError::Connect { host: target.host.clone(), source };
        let name = ServerName::try_from(target.host.clone()).map_err(|_| TargetError::NotUnderstood)?;
        let stream = TlsConnector::from(Arc::clone(&self.tls)).connect(name, stream).await.map_err(connect)?;
        exchange(stream, target, post).await
    }

    /// A connection to an address that was checked.
    async fn connect(&self, target: &Target) -> Result<TcpStream, PostError> {
        let host = || target.host.clone();
        let addresses = match target.host.parse::<IpAddr>() {
            Ok(address) => vec![SocketAddr::new(address, target.port)],
            Err(_) => {
                let found = self.resolver.resolve(&target.host, target.port).await;
                found.map_err(|source| PostError::Name { host: host(), source })?
            }
        };
        // A name that has one address here and one there is a trick.
        for address in &addresses {
            if let Some(what) = self.refusal(target, address.ip()) {
                return Err(PostError::Forbidden { host: host(), what });
            }
        }
        let mut failure = io::Error::new(io::ErrorKind::NotFound, "the name has no address");
        for address in addresses.iter().take(MOST_ADDRESSES) {
            match TcpStream::connect(SocketAddr::new(address.ip(), target.port)).await {
                Ok(stream) => return Ok(stream),
                Err(error) => failure = error,
            }
        }
        Err(PostError::Connect { host: host(), source: failure })
    }

    fn refusal(&self, target: &Target, address: IpAddr) -> Option<&'static str> {
        if self.allowed.names(&target.host) || self.allowed.has(address) {
            return None;
        }
        forbidden(address).or_else(|| {
            let is_neighbour = own_address_towards(address).is_some_and(|own| is_near(own, address));
            is_neighbour.then_some("in the home's own network")
        })
    }
}

/// The address from which the hub would speak to this one. Nothing is sent.
fn own_address_towards(address: IpAddr) -> Option<IpAddr> {
    let any: IpAddr = if address.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
    let socket = UdpSocket::bind((any, 0)).ok()?;
    socket.connect((address, 9)).ok()?;
    Some(socket.local_addr().ok()?.ip())
}

async fn exchange<S>(stream: S, target: &Target, post: &Post) -> Result<(Answer, Option<String>), PostError>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let broken = |source| PostError::Exchange { host: target.host.clone(), source };
    let (mut sender, connection) = hyper::client::conn::http1::Builder::new()
        .max_buf_size(16 * 1_024)
        .handshake(TokioIo::new(stream))
        .await
        .map_err(broken)?;
    let request = request(target, post)?;
    let exchanged = async move {
        let response = sender.send_request(request).await?;
        let (parts, body) = response.into_parts();
        // The rest of a longer one is left unread.
        let text = match Limited::new(body, MOST_ANSWER).collect().await {
            Ok(body) => String::from_utf8_lossy(&body.to_bytes()).into_owned(),
            Err(_) => String::new(),
        };
        Ok((parts, text))
    };
    tokio::pin!(exchanged);
    let answered = tokio::select! {
        answered = &mut exchanged => answered,
        // What was read before the other side hung up is still to be had.
        _ = connection => exchanged.await,
    };
    let (parts, text) = answered.map_err(broken)?;
    let location = text_of(&parts.headers, &LOCATION);
    let retry_after =
        text_of(&parts.headers, &RETRY_AFTER).and_then(|seconds| seconds.trim().parse().ok()).map(Duration::from_secs);
    Ok((Answer { status: parts.status, retry_after, text }, location))
}

fn text_of(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    Some(headers.get(name)?.to_str().ok()?.to_owned())
}

fn request(target: &Target, post: &Post) -> Result<Request<Full<Bytes>>, TargetError> {
    let mut request = Request::builder()
        .method(Method::POST)
        .uri(&target.path)
        .header(HOST, target.authority())
        .header(USER_AGENT, "Hearth")
        .header(CONTENT_LENGTH, post.body.len());
    for (name, value) in &post.headers {
        request = request.header(name, value);
    }
    request.body(Full::new(post.body.clone())).map_err(|_| TargetError::NotUnderstood)
}
