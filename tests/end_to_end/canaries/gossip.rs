//! Somebody outside who refuses whatever comes, and repeats it in the refusal: a web server and a mail server.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

/// Listens on a port of loopback, until the test program ends.
#[derive(Clone, Debug)]
pub(crate) struct Gossip {
    pub(crate) port: u16,
    heard: Arc<Mutex<String>>,
    count: Arc<AtomicUsize>,
}

type Serve = fn(&Gossip, TcpStream) -> std::io::Result<()>;

impl Gossip {
    /// Answers 400 with the request in the body.
    pub(crate) fn web() -> Self {
        Self::start(Self::serve_web)
    }

    /// Refuses every other login, and every recipient.
    pub(crate) fn mail() -> Self {
        Self::start(Self::serve_mail)
    }

    /// All that it heard.
    pub(crate) fn heard(&self) -> String {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn start(serve: Serve) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("loopback has a free port");
        let port = listener.local_addr().expect("a bound socket has an address").port();
        let gossip = Self { port, heard: Arc::default(), count: Arc::default() };
        let own = gossip.clone();
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                // Whoever breaks off has said enough.
                let _ = serve(&own, stream);
            }
        });
        gossip
    }

    fn hear(&self, text: &str) {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner).push_str(text);
    }

    fn serve_web(&self, mut stream: TcpStream) -> std::io::Result<()> {
        let mut reader = BufReader::new(stream.try_clone()?);
        let (mut head, mut length) = (String::new(), 0);
        loop {
            let start = head.len();
            if reader.read_line(&mut head)? == 0 {
                return Ok(());
            }
            let line = head[start..].trim_end().to_ascii_lowercase();
            if let Some(("content-length", value)) = line.split_once(": ") {
                length = value.parse().unwrap_or(0);
            }
            if line.is_empty() {
                break;
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body)?;
        let said = format!("{head}{}", String::from_utf8_lossy(&body));
        self.hear(&said);
        write!(stream, "HTTP/1.1 400 Bad Request\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{said}", said.len())
    }

    fn serve_mail(&self, mut stream: TcpStream) -> std::io::Result<()> {
        let is_refused = self.count.fetch_add(1, Ordering::Relaxed).is_multiple_of(2);
        let mut reader = BufReader::new(stream.try_clone()?);
        stream.write_all(b"220 mail\r\n")?;
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line)? == 0 {
                return Ok(());
            }
            self.hear(&line);
            let said = line.trim_end();
            let answer = match said.get(..4).unwrap_or_default().to_ascii_uppercase().as_str() {
                "EHLO" => "250-mail\r\n250 AUTH PLAIN".to_owned(),
                "AUTH" if is_refused => format!("535 5.7.8 nobody is {said}"),
                "AUTH" => "235 2.7.0 come in".to_owned(),
                "RCPT" => format!("550 5.1.1 there is no {said}"),
                "QUIT" => "221 bye".to_owned(),
                _ => "250 well".to_owned(),
            };
            stream.write_all(format!("{answer}\r\n").as_bytes())?;
        }
    }
}
