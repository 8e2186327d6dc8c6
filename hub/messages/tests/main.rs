//! Where the hub sends for people, with servers on loopback and a name service that changes its mind.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests may fail loudly")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{IpAddr, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use bytes::Bytes;
use hub_messages::address::Allowed;
use hub_messages::http::{Answer, Client, Post, PostError, Resolution, Resolver};

/// A server that counts its connections and gives the same answer to each request.
struct Server {
    address: SocketAddr,
    connections: Arc<AtomicUsize>,
    bodies: Arc<Mutex<Vec<String>>>,
}

impl Server {
    fn start(ip: &str, answer: &str) -> Self {
        let listener = TcpListener::bind((ip.parse::<IpAddr>().unwrap(), 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let (connections, bodies) = (Arc::new(AtomicUsize::new(0)), Arc::new(Mutex::new(Vec::new())));
        let (count, taken, answer) = (Arc::clone(&connections), Arc::clone(&bodies), answer.to_owned());
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                count.fetch_add(1, Ordering::SeqCst);
                serve(stream, &answer, &taken);
            }
        });
        Self { address, connections, bodies }
    }

    fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    fn url(&self, host: &str) -> String {
        format!("http://{host}:{}/x", self.address.port())
    }
}

fn serve(stream: TcpStream, answer: &str, taken: &Mutex<Vec<String>>) -> Option<()> {
    let mut reader = BufReader::new(stream);
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length: ") {
            length = value.trim().parse().ok()?;
        }
        if line.trim().is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    // Before the answer: who has that may look at once.
    taken.lock().unwrap().push(String::from_utf8(body).ok()?);
    reader.get_mut().write_all(answer.as_bytes()).ok()
}

/// Gives one answer after the other, the last again and again.
#[derive(Default)]
struct Changing {
    answers: Vec<Vec<&'static str>>,
    asked: AtomicUsize,
}

impl Resolver for Changing {
    fn resolve(&self, _host: &str, port: u16) -> Resolution {
        let index = self.asked.fetch_add(1, Ordering::SeqCst).min(self.answers.len() - 1);
        let addresses: Vec<SocketAddr> =
            self.answers[index].iter().map(|ip| SocketAddr::new(ip.parse().unwrap(), port)).collect();
        Box::pin(async move { Ok(addresses) })
    }
}

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

fn client(allowed: &[&str], answers: &[&[&'static str]]) -> (Client, Arc<Changing>) {
    let answers = answers.iter().map(|answer| answer.to_vec()).collect();
    let resolver = Arc::new(Changing { answers, asked: AtomicUsize::new(0) });
    (Client::new(Allowed::new(allowed), Arc::clone(&resolver) as Arc<dyn Resolver>).unwrap(), resolver)
}

fn post(follows: bool) -> Post {
    Post { headers: Vec::new(), body: Bytes::from_static(b"hello"), follows }
}

fn refused(answer: Result<Answer, PostError>) -> String {
    let error = answer.unwrap_err();
    assert!(!error.may_work_later(), "{error}");
    error.to_string()
}

#[tokio::test]
async fn a_request_reaches_whom_the_owner_allows() {
    let server = Server::start("127.0.0.1", OK);
    let (client, _) = client(&["ntfy.lan"], &[&["127.0.0.1"]]);
    let answer = client.post(&server.url("ntfy.lan"), &post(true)).await.unwrap();
    assert_eq!((answer.status.as_u16(), &*answer.text), (200, "ok"));
    assert_eq!(*server.bodies.lock().unwrap(), ["hello"]);
}

/// The name is asked for once for each connection, and the connection goes to what was checked. An answer that changes
/// afterwards is refused when it comes.
#[tokio::test]
async fn a_name_that_changes_its_address_leads_nowhere_else() {
    let (good, inside) = (Server::start("127.0.0.2", OK), Server::start("127.0.0.1", OK));
    // The address is allowed, the name is not: as a public address would be.
    let (client, resolver) = client(&["127.0.0.2"], &[&["127.0.0.2"], &["127.0.0.1"]]);
    // By TLS, as every name that the owner did not name; the server speaks none, but it is reached.
    let url = |server: &Server| format!("https://rebind.example:{}/x", server.address.port());
    let first = client.post(&url(&good), &post(true)).await.unwrap_err();
    assert!(first.may_work_later(), "{first}");
    assert_eq!((resolver.asked.load(Ordering::SeqCst), good.connections()), (1, 1));
    let second = refused(client.post(&url(&inside), &post(true)).await);
    assert!(second.starts_with("rebind.example is the hub itself"), "{second}");
    assert_eq!((resolver.asked.load(Ordering::SeqCst), inside.connections()), (2, 0));
}

#[tokio::test]
async fn one_address_here_is_enough_to_refuse_a_name() {
    let inside = Server::start("127.0.0.1", OK);
    for answers in
        [&["1.1.1.1", "127.0.0.1"][..], &["127.0.0.1"], &["::1"], &["::ffff:127.0.0.1"], &["169.254.169.254"]]
    {
        let (client, _) = client(&[], &[answers]);
        let url = format!("https://both.example:{}/x", inside.address.port());
        let error = refused(client.post(&url, &post(true)).await);
        assert!(error.contains("only if the owner allows it"), "{answers:?}: {error}");
    }
    assert_eq!(inside.connections(), 0);
}

#[tokio::test]
async fn a_redirect_is_an_address_like_others() {
    let inside = Server::start("127.0.0.1", OK);
    let lead = |to: &str, status: &str| {
        Server::start("127.0.0.2", &format!("HTTP/1.1 {status}\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n"))
    };
    let allowed = &["127.0.0.2", "out.lan"];
    // To an address that is not allowed, by number and by name.
    for host in ["127.0.0.1", "inside.example"] {
        let out = lead(&format!("https://{host}:{}/x", inside.address.port()), "307 Temporary Redirect");
        let (client, _) = client(allowed, &[&["127.0.0.2"], &["127.0.0.1"]]);
        let error = refused(client.post(&out.url("out.lan"), &post(true)).await);
        assert!(error.starts_with(&format!("{host} is the hub itself")), "{error}");
    }
    // To one that is not encrypted.
    let out = lead(&inside.url("127.0.0.1"), "308 Permanent Redirect");
    let (here, _) = client(allowed, &[&["127.0.0.2"]]);
    assert!(refused(here.post(&out.url("out.lan"), &post(true)).await).contains("not encrypted"));
    assert_eq!(inside.connections(), 0);
    // To one that is.
    let good = Server::start("127.0.0.2", OK);
    let out = lead(&good.url("127.0.0.2"), "307 Temporary Redirect");
    assert_eq!(here.post(&out.url("out.lan"), &post(true)).await.unwrap().status.as_u16(), 200);
    assert_eq!(*good.bodies.lock().unwrap(), ["hello"]);
    // Not at all, if nobody wants it; and not by what makes a GET of it.
    assert_eq!(here.post(&out.url("out.lan"), &post(false)).await.unwrap().status.as_u16(), 307);
    let out = lead(&good.url("127.0.0.2"), "302 Found");
    assert_eq!(here.post(&out.url("out.lan"), &post(true)).await.unwrap().status.as_u16(), 302);
    // Not for ever.
    let round = TcpListener::bind("127.0.0.2:0").unwrap();
    let url = format!("http://127.0.0.2:{}/x", round.local_addr().unwrap().port());
    let answer = format!("HTTP/1.1 307 Temporary Redirect\r\nLocation: {url}\r\nContent-Length: 0\r\n\r\n");
    let taken = Mutex::default();
    thread::spawn(move || {
        for stream in round.incoming().map_while(Result::ok) {
            serve(stream, &answer, &taken);
        }
    });
    assert!(refused(here.post(&url, &post(true)).await).contains("again and again"));
}

/// What the other side says is bounded, and so is the time that it takes.
#[tokio::test(flavor = "multi_thread")]
async fn the_other_side_may_say_what_it_likes() {
    let (here, _) = client(&["127.0.0.2"], &[&["127.0.0.2"]]);
    let long = format!("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n{}", "x".repeat(1_000_000));
    let answer = here.post(&Server::start("127.0.0.2", &long).url("127.0.0.2"), &post(true)).await.unwrap();
    assert!(answer.text.len() <= 4_096);
    let header = format!("HTTP/1.1 200 OK\r\nX: {}\r\n\r\n", "x".repeat(1_000_000));
    let retry = "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n";
    for (says, expected) in [(&*header, None), ("SSH-2.0-OpenSSH\r\n", None), ("", None), (retry, Some(7))] {
        let answer = here.post(&Server::start("127.0.0.2", says).url("127.0.0.2"), &post(true)).await;
        match expected {
            Some(seconds) => assert_eq!(answer.unwrap().retry_after, Some(Duration::from_secs(seconds))),
            None => assert!(answer.unwrap_err().may_work_later(), "{says:.20}"),
        }
    }
}
