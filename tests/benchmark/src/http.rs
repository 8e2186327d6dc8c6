//! `GET /devices` with the whole state of 240 devices.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use crate::figures::{Report, Sample, Target};
use crate::setup::Bench;

const REQUESTS: usize = 2_000;
const CLIENTS: usize = 8;
const FOR: Duration = Duration::from_secs(4);

pub(crate) fn measure(bench: &mut Bench, report: &mut Report) {
    let hub = bench.hub();
    let (port, token) = (hub.port, hub.token.clone());
    for encoding in ["gzip", "identity"] {
        let mut connection = Connection::open(port, &token, encoding);
        // The first answers are made; the others are kept ready, and squeezed a moment later.
        connection.get();
        connection.get();
        std::thread::sleep(Duration::from_millis(500));
        let size = connection.get();
        let times = (0..REQUESTS)
            .map(|_| {
                let begin = Instant::now();
                connection.get();
                begin.elapsed()
            })
            .collect();
        let name = format!("GET /devices, {encoding}, {} kB, p50", size / 1_000);
        report.figure(name, Sample::new(times).percentile(50), "ms", Target::AtMost(0.2));
        let clients: Vec<_> = (0..CLIENTS)
            .map(|_| {
                let mut connection = Connection::open(port, &token, encoding);
                std::thread::spawn(move || {
                    let end = Instant::now() + FOR;
                    let mut count = 0_u64;
                    while Instant::now() < end {
                        connection.get();
                        count += 1;
                    }
                    count
                })
            })
            .collect();
        let total: u64 = clients.into_iter().map(|client| client.join().expect("a client ends")).sum();
        let name = format!("GET /devices, {encoding}, {CLIENTS} clients");
        report.figure(name, total as f64 / FOR.as_secs_f64(), "/s", Target::AtLeast(10_000.0));
    }
}

/// One connection that is kept.
pub(crate) struct Connection {
    stream: TcpStream,
    request: Vec<u8>,
    buffer: Vec<u8>,
}

impl Connection {
    pub(crate) fn open(port: u16, token: &str, encoding: &str) -> Self {
        let stream = TcpStream::connect(("127.0.0.1", port)).expect("the hub listens");
        stream.set_nodelay(true).expect("a TCP option");
        let request = format!(
            "GET /api/v1/devices?limit=1000 HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer {token}\r\nAccept-Encoding: {encoding}\r\n\r\n"
        );
        Self { stream, request: request.into_bytes(), buffer: vec![0; 1 << 20] }
    }

    /// The size of the body.
    pub(crate) fn get(&mut self) -> usize {
        let request = std::mem::take(&mut self.request);
        let size = self.exchange(&request, "http/1.1 200");
        self.request = request;
        size
    }

    /// Sends a request and insists on an answer that begins so; gives back the size of its body.
    pub(crate) fn exchange(&mut self, request: &[u8], expected: &str) -> usize {
        self.stream.write_all(request).expect("the hub reads");
        let mut filled = 0;
        loop {
            let count = self.stream.read(&mut self.buffer[filled..]).expect("the hub answers");
            assert!(count > 0, "the hub hung up");
            filled += count;
            let Some(head) = self.buffer[..filled].windows(4).position(|window| window == b"\r\n\r\n") else {
                continue;
            };
            let text = String::from_utf8_lossy(&self.buffer[..head]).to_ascii_lowercase();
            assert!(text.starts_with(expected), "{text}");
            let length: usize = text
                .lines()
                .find_map(|line| line.strip_prefix("content-length: ")?.trim().parse().ok())
                .expect("a length");
            if filled < head + 4 + length {
                let (rest, whole) = (filled, head + 4 + length);
                if self.buffer.len() < whole {
                    self.buffer.resize(whole, 0);
                }
                self.stream.read_exact(&mut self.buffer[rest..whole]).expect("the hub answers");
            }
            return length;
        }
    }
}
