//! The doors of the hub: which addresses and ports they have, what certificate they show, and what is said of them.

use std::io::ErrorKind;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use hub_api::mdns::Announced;
use hub_api::tls::{self, CertificateParts, CertificateTrouble, Certificates};
use hub_api::{Api, Listener, Random, TlsDoor};
use hub_model::Clock;
use tokio::net::{TcpListener, UnixListener};

use crate::cli::Failure;
use crate::plan::{Plan, Wanted};
use crate::socket;

/// Ports that are open, before anybody is served.
#[derive(Debug)]
pub struct Ports {
    /// For plain HTTP.
    pub http: TcpListener,
    /// For HTTPS.
    pub https: TcpListener,
    /// For the command line.
    pub local: UnixListener,
    /// Where that is.
    pub socket: PathBuf,
}

impl Ports {
    /// Opens all of them: one that is taken is said before anything is touched.
    pub async fn open(http: Wanted, https: Wanted, sockets: Vec<PathBuf>) -> Result<Self, Failure> {
        let http = listen(http, "--listen or [http] listen").await?;
        let https = listen(https, "[http] https").await?;
        let (local, socket) = socket::bind(&sockets).map_err(|error| Failure::Failed(error.to_string()))?;
        Ok(Self { http, https, local, socket })
    }
}

async fn listen(wanted: Wanted, key: &str) -> Result<TcpListener, Failure> {
    let Wanted { address, any_port } = wanted;
    let mut bound = TcpListener::bind(address).await;
    // A machine without IPv6.
    let without = SocketAddr::new(Ipv4Addr::UNSPECIFIED.into(), address.port());
    if let Err(error) = &bound
        && address.ip() == Ipv6Addr::UNSPECIFIED
        && error.kind() != ErrorKind::AddrInUse
    {
        bound = TcpListener::bind(without).await;
    }
    if let Err(error) = &bound
        && any_port
        && error.kind() == ErrorKind::AddrInUse
    {
        tracing::info!(%address, "The usual port is taken; another one is used.");
        bound = TcpListener::bind((address.ip(), 0)).await;
    }
    bound.map_err(|error| {
        Failure::Failed(format!(
            "the web server cannot listen at {address} ({error}); choose another address with {key}"
        ))
    })
}

/// The certificates of the hub; what is to be said if there are none.
pub fn certificates(
    plan: &Plan,
    hub_id: &str,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
) -> Result<Arc<Certificates>, CertificateTrouble> {
    Certificates::open(CertificateParts {
        folder: plan.data.join("tls"),
        hub_id: hub_id.to_owned(),
        allowed_hosts: plan.config.http.allowed_hosts.clone(),
        own: plan.own_certificate.clone(),
        clock,
        random,
        addresses: Arc::new(hub_api::network::addresses),
    })
    .map_err(|error| {
        tracing::error!(%error, "The hub is not served by HTTPS.");
        tls::trouble_of(&error)
    })
}

/// The encrypted door and who listens at it; none without certificates.
pub fn encrypted(
    certificates: &Result<Arc<Certificates>, CertificateTrouble>,
    listener: TcpListener,
) -> Result<Option<(TlsDoor, Listener)>, Failure> {
    let Ok(certificates) = certificates else { return Ok(None) };
    let failed = |error: String| Failure::Failed(format!("HTTPS cannot be served ({error})"));
    let port = listener.local_addr().map_err(|error| failed(error.to_string()))?.port();
    let config = certificates.server_config().map_err(|error| failed(error.to_string()))?;
    Ok(Some((TlsDoor { port, certificates: Arc::clone(certificates) }, Listener::Tls(listener, config))))
}

/// What is told of the hub on the local network; nothing if it is not to be found there or does not serve it.
pub fn announced(is_wanted: bool, [http, https]: [SocketAddr; 2]) -> Option<Announced> {
    let ip = https.ip();
    let address = (!ip.is_unspecified()).then_some(ip);
    (is_wanted && !ip.is_loopback()).then_some(Announced { http_port: http.port(), address })
}

/// Where a hub is served.
#[derive(Debug)]
pub struct Served<'a> {
    /// By plain HTTP and by HTTPS.
    pub at: [SocketAddr; 2],
    /// The encrypted door.
    pub tls: Option<&'a TlsDoor>,
    /// Its name on the local network, if it is told there.
    pub name: Option<String>,
    /// The socket of the command line.
    pub socket: &'a Path,
}

/// What is said of a hub that runs: where it is, how to recognise it, and how to claim it.
pub fn banner(plan: &Plan, api: &Api, served: &Served<'_>) -> String {
    let Served { at: [http, https], tls, name, socket } = served;
    let kind = match (plan.demo, plan.is_temporary()) {
        (true, true) => ": a simulated home that is forgotten at the end",
        (true, false) => ": a simulated home",
        _ => "",
    };
    let mut text = format!("Hearth is running{kind}.\n");
    let mut line = |name: &str, value: &str| text += &format!("  {name:<12} {value}\n");
    let plain = format!("http://{}", reachable(*http));
    match tls {
        // To other machines plain HTTP is not all of it.
        Some(_) if !https.ip().is_loopback() && !plan.config.http.http => {
            line("Open", &format!("https://{}", reachable(*https)));
            if let Some(name) = name {
                line("or by name", &format!("https://{name}:{}", https.port()));
            }
            line("Certificate", &format!("{plain}/certificate   (what to do where a browser warns)"));
        }
        tls => {
            line("Open", &plain);
            if tls.is_some() {
                line("Encrypted", &format!("https://{}", reachable(*https)));
            }
        }
    }
    if let Some(tls) = tls {
        line("Fingerprint", &tls.certificates.fingerprint().to_string());
    }
    if let Some(code) = api.setup_code() {
        let words = if api.is_claimed() {
            "lets an owner set a new password, once and within a day"
        } else {
            "needed once, to make this hub yours"
        };
        line("Set-up code", &format!("{}   ({words})", code.reveal()));
    }
    // The command line takes the first socket that is there.
    if plan.usual_sockets.iter().find(|usual| usual.exists()).is_none_or(|usual| usual != *socket) {
        line("Socket", &socket.display().to_string());
    }
    if plan.demo {
        line("Stop", "Ctrl-C");
    }
    text
}

/// An address that can be opened: from other machines if the hub serves them, else from this one.
fn reachable(address: SocketAddr) -> SocketAddr {
    if !address.ip().is_unspecified() {
        return address;
    }
    // Connecting a datagram socket sends nothing; it only chooses the address that faces the network.
    let outward = |from: IpAddr, to: &str| {
        let socket = std::net::UdpSocket::bind((from, 0)).ok()?;
        socket.connect((to.parse::<IpAddr>().ok()?, 9)).ok()?;
        Some(socket.local_addr().ok()?.ip())
    };
    let ip = outward(Ipv4Addr::UNSPECIFIED.into(), "192.0.2.1")
        .or_else(|| outward(Ipv6Addr::UNSPECIFIED.into(), "2001:db8::1"));
    SocketAddr::new(ip.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST)), address.port())
}
