//! The encrypted door: what comes through it, and what does it no harm.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, header};
use hub_api::tls::Certificates;
use hub_api::{ApiOptions, Door, Listener, Peer, Secure, TlsDoor};
use hub_model::Clock;
use hub_model::record::Kept;
use hub_model::time::ManualClock;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::time_provider::TimeProvider;
use rustls::{ClientConfig, RootCertStore};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::client::TlsStream;

use crate::harness::{Answer, Hub, PASSWORD};
use crate::tls::Bench;

/// A client's time is that of the hub's clock.
#[derive(Debug)]
struct ClockTime(Arc<ManualClock>);

impl TimeProvider for ClockTime {
    fn current_time(&self) -> Option<UnixTime> {
        let seconds = self.0.now().time().milliseconds() / 1_000;
        Some(UnixTime::since_unix_epoch(Duration::from_secs(u64::try_from(seconds).ok()?)))
    }
}

/// A client that trusts the authority of a folder.
pub(crate) fn client(folder: &Path, clock: &Arc<ManualClock>) -> Arc<ClientConfig> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(folder.join("authority.pem")).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_details(provider, Arc::new(ClockTime(Arc::clone(clock))));
    Arc::new(config.with_safe_default_protocol_versions().unwrap().with_root_certificates(roots).with_no_client_auth())
}

pub(crate) async fn connect(
    address: SocketAddr,
    config: &Arc<ClientConfig>,
    host: &str,
) -> std::io::Result<TlsStream<TcpStream>> {
    let name = ServerName::try_from(host.to_owned()).unwrap();
    tokio_rustls::TlsConnector::from(Arc::clone(config)).connect(name, TcpStream::connect(address).await?).await
}

/// A hub behind both doors.
struct Doors {
    hub: Hub,
    plain: SocketAddr,
    encrypted: SocketAddr,
    client: Arc<ClientConfig>,
    certificates: Arc<Certificates>,
    _bench: Bench,
}

impl Doors {
    async fn open(options: ApiOptions) -> Self {
        let bench = Bench::new();
        let certificates = bench.open();
        let [http, https] =
            [TcpListener::bind("127.0.0.1:0").await.unwrap(), TcpListener::bind("127.0.0.1:0").await.unwrap()];
        let (plain, encrypted) = (http.local_addr().unwrap(), https.local_addr().unwrap());
        let door = TlsDoor { port: encrypted.port(), certificates: Arc::clone(&certificates) };
        let hub = Hub::made(&[], Kept { epoch: 7, ..Kept::default() }, ApiOptions { tls: Some(door), ..options }).await;
        let https = Listener::Tls(https, certificates.server_config().unwrap());
        for listener in [Listener::from(http), https] {
            let api = hub.api.clone();
            tokio::spawn(async move { api.serve(listener, std::future::pending()).await });
        }
        let client = client(&bench.tls(), &bench.clock);
        Self { hub, plain, encrypted, client, certificates, _bench: bench }
    }

    async fn connect(&self) -> TlsStream<TcpStream> {
        connect(self.encrypted, &self.client, "localhost").await.unwrap()
    }

    /// A request from another machine's address, as the accept loop hands it on.
    async fn ask_from_afar(&self, secure: bool, path: &str, accept: &str) -> Answer {
        let mut request = Request::get(path)
            .header(header::HOST, "192.168.1.5:8080")
            .header(header::ACCEPT, accept)
            .extension(Peer("192.168.1.20:5000".parse().unwrap()));
        if secure {
            request = request.extension(Secure);
        }
        self.hub.send_request(self.hub.api.router(Door::Network), request.body(Body::empty()).unwrap()).await
    }
}

/// Says it, and reads until the other end closes.
async fn exchange(stream: &mut (impl AsyncReadExt + AsyncWriteExt + Unpin), text: &str) -> String {
    stream.write_all(text.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    // An end without a goodbye is an end, too.
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

const STATUS: &str = "GET /api/v1/status HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

#[tokio::test]
async fn the_hub_is_served_encrypted_and_says_by_what_it_is_recognised() {
    let doors = Doors::open(ApiOptions::default()).await;
    let answer = exchange(&mut doors.connect().await, STATUS).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
    let body = answer.split("\r\n\r\n").nth(1).unwrap();
    let status: serde_json::Value = serde_json::from_str(body).unwrap();
    assert_eq!(status["tls"]["port"], doors.encrypted.port());
    assert_eq!(status["tls"]["fingerprint"], doors.certificates.fingerprint().to_string());
    assert!(connect(doors.encrypted, &doors.client, "other.example").await.is_err());
}

#[tokio::test]
async fn a_cookie_that_was_made_encrypted_stays_so() {
    let doors = Doors::open(ApiOptions::default()).await;
    let code = doors.hub.api.setup_code().unwrap();
    let owner = json!({"username": "Anna", "password": PASSWORD});
    let body = json!({"setup_code": code.reveal(), "home_name": "Villa", "owner": owner, "cookie": true}).to_string();
    let host = format!("localhost:{}", doors.encrypted.port());
    let request = format!(
        "POST /api/v1/setup HTTP/1.1\r\nHost: {host}\r\nOrigin: https://{host}\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    let answer = exchange(&mut doors.connect().await, &request).await;
    let cookie = answer.lines().find(|line| line.starts_with("set-cookie:")).unwrap();
    assert!(answer.starts_with("HTTP/1.1 201") && cookie.ends_with("; Secure"), "{answer}");
    assert!(cookie.contains(": __Host-hearth_session="), "{cookie}");
}

#[tokio::test]
async fn a_page_in_the_clear_is_not_the_hubs_own() {
    let doors = Doors::open(ApiOptions::default()).await;
    let code = doors.hub.api.setup_code().unwrap();
    let owner = json!({"username": "Anna", "password": PASSWORD});
    let body = json!({"setup_code": code.reveal(), "home_name": "Villa", "owner": owner, "cookie": true}).to_string();
    let host = format!("localhost:{}", doors.encrypted.port());
    for (scheme, status) in [("http", "403"), ("https", "201")] {
        let request = format!(
            "POST /api/v1/setup HTTP/1.1\r\nHost: {host}\r\nOrigin: {scheme}://{host}\r\nContent-Type: \
             application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        );
        let answer = exchange(&mut doors.connect().await, &request).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{scheme}: {answer}");
    }
}

#[tokio::test]
async fn other_machines_are_sent_to_the_encrypted_door() {
    let doors = Doors::open(ApiOptions::default()).await;
    let html = "text/html,application/xhtml+xml,*/*;q=0.8";
    let place = |answer: &Answer| answer.header("location").replace(&doors.encrypted.port().to_string(), "PORT");
    // New, it shows its page, its certificate and its status.
    for path in ["/", "/certificate", "/certificate.crt", "/certificate.css"] {
        assert_eq!(doors.ask_from_afar(false, path, html).await.says(), "200", "{path}");
    }
    doors.hub.claim().await;
    for (path, accept, said, location) in [
        ("/", html, "302", "https://192.168.1.5:PORT/"),
        ("/api/v1/devices?limit=5", html, "302", "https://192.168.1.5:PORT/api/v1/devices?limit=5"),
        ("/nowhere", html, "302", "https://192.168.1.5:PORT/nowhere"),
        ("/certificate", html, "200", ""),
        ("/plain.css", "text/css,*/*;q=0.1", "200", ""),
        ("/api/v1/status", "*/*", "200", ""),
        ("/api/v1/devices", "*/*", "403 plain_http", ""),
    ] {
        let answer = doors.ask_from_afar(false, path, accept).await;
        assert_eq!((answer.says().as_str(), place(&answer).as_str()), (said, location), "{path} {accept}");
        let answer = doors.ask_from_afar(true, path, accept).await;
        assert_ne!(answer.says(), "302", "{path} {accept}");
        assert_ne!(answer.says(), "403 plain_http", "{path} {accept}");
    }
    let refused = doors.ask_from_afar(false, "/api/v1/devices", "*/*").await;
    assert!(refused.text.contains(&format!("Use https:// and port {}", doors.encrypted.port())), "{}", refused.text);
    // On the hub's own machine everything is there.
    let own = doors.hub.send(axum::http::Method::GET, "/", None, None).await;
    assert_eq!(own.says(), "200");
}

#[tokio::test]
async fn the_certificate_is_given_in_every_form() {
    let doors = Doors::open(ApiOptions::default()).await;
    let authority = doors.certificates.authority().unwrap();
    let get = async |path: &str| doors.ask_from_afar(false, path, "*/*").await;
    let pem = get("/certificate.pem").await;
    assert_eq!(pem.text, *authority.pem);
    assert_eq!(pem.header("content-disposition"), "attachment; filename=\"hearth-abcd.pem\"");
    assert_eq!(get("/certificate.crt").await.header("content-type"), "application/x-x509-ca-cert");
    let profile = get("/certificate.mobileconfig").await;
    assert_eq!(profile.header("content-type"), "application/x-apple-aspen-config");
    assert!(
        profile.text.contains("com.apple.security.root") && profile.text.contains(pem.text.lines().nth(1).unwrap())
    );
    let page = get("/certificate").await.text;
    assert!(page.contains(&doors.certificates.fingerprint().to_string()) && page.contains("https://192.168.1.5:"));
    assert!(!page.contains('{') && !page.contains("<script") && !page.contains(" style="), "{page}");
}

#[tokio::test(start_paused = true)]
async fn who_does_not_shake_hands_is_hung_up_on() {
    let doors = Doors::open(ApiOptions::default()).await;
    let mut silent = TcpStream::connect(doors.encrypted).await.unwrap();
    let mut half = TcpStream::connect(doors.encrypted).await.unwrap();
    half.write_all(&[22, 3, 1, 2, 0]).await.unwrap();
    for stream in [&mut silent, &mut half] {
        assert_eq!(stream.read(&mut [0; 64]).await.unwrap_or(0), 0);
    }
}

#[tokio::test]
async fn garbage_harms_nobody_and_plain_http_is_told_the_way() {
    let doors = Doors::open(ApiOptions::default()).await;
    let mut held = doors.connect().await;
    for garbage in
        [&b"\x16\x03\x01\xff\xff\x00\x00\x00"[..], b"\x00\x01\x02", &[0x80; 300], b"\x15\x03\x01\x00\x02\x02\x00"]
    {
        let mut stream = TcpStream::connect(doors.encrypted).await.unwrap();
        stream.write_all(garbage).await.unwrap();
        let _ = stream.shutdown().await;
        let _ = stream.read_to_end(&mut Vec::new()).await;
    }
    let answer = exchange(&mut TcpStream::connect(doors.encrypted).await.unwrap(), STATUS).await;
    assert!(answer.starts_with("HTTP/1.1 400") && answer.contains("This port speaks HTTPS"), "{answer}");
    let answer = exchange(&mut held, STATUS).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

#[tokio::test]
async fn both_doors_have_room_together() {
    let doors = Doors::open(ApiOptions { connections: 1, ..ApiOptions::default() }).await;
    let held = doors.connect().await;
    let mut waiting = TcpStream::connect(doors.plain).await.unwrap();
    let mut answer = Box::pin(exchange(&mut waiting, STATUS));
    let early = tokio::time::timeout(Duration::from_millis(300), &mut answer).await;
    assert!(early.is_err(), "there is no room: {early:?}");
    drop(held);
    let answer = tokio::time::timeout(Duration::from_secs(10), answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}
