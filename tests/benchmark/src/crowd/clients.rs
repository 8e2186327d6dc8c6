//! The crowd: all of it in one thread, as lean as can be.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tokio::io::AsyncReadExt;
use tokio::net::{TcpSocket, TcpStream};
use tokio::runtime::Runtime;
use tokio::sync::{Semaphore, mpsc};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

/// How many come in at the same time.
const AT_ONCE: usize = 64;

#[derive(Default)]
struct Counts {
    subscribed: AtomicUsize,
    heard: AtomicUsize,
    lost: AtomicUsize,
}

/// Everybody leaves when it is dropped.
pub(crate) struct Crowd {
    port: u16,
    token: String,
    clients: usize,
    counts: Arc<Counts>,
    handle: tokio::runtime::Handle,
    _end: mpsc::Sender<()>,
}

/// Slow clients; they hang up when it is dropped.
pub(crate) struct Slow(Vec<tokio::task::JoinHandle<()>>);

impl Drop for Slow {
    fn drop(&mut self) {
        self.0.iter().for_each(tokio::task::JoinHandle::abort);
    }
}

/// So that each round brings a change.
static ROUND: AtomicU32 = AtomicU32::new(1);

impl Crowd {
    /// Connects so many clients, each of them subscribed to one of the devices, and waits until all of them have their
    /// answer.
    pub(crate) fn gather(port: u16, tokens: &[String], devices: &[String], clients: usize) -> Self {
        let counts = Arc::new(Counts::default());
        let runtime: Runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let handle = runtime.handle().clone();
        let (end, mut ended) = mpsc::channel::<()>(1);
        std::thread::spawn(move || {
            runtime.block_on(async { ended.recv().await });
        });
        let room = Arc::new(Semaphore::new(AT_ONCE));
        for number in 0..clients {
            let (counts, room) = (Arc::clone(&counts), Arc::clone(&room));
            let subscribe = subscription(&tokens[number % tokens.len()], &devices[number % devices.len()..][..1]);
            handle.spawn(async move {
                let place = room.acquire().await.expect("the semaphore stays open");
                let connected = connect(port, TcpSocket::new_v4().expect("a socket"), subscribe).await;
                drop(place);
                if let Some(socket) = connected {
                    listen(socket, &counts).await;
                }
                counts.lost.fetch_add(1, Ordering::Relaxed);
            });
        }
        let crowd = Self { port, token: tokens[0].clone(), clients, counts, handle, _end: end };
        let limit = Instant::now() + Duration::from_secs(300);
        while crowd.counts.subscribed.load(Ordering::Relaxed) < clients {
            assert!(crowd.lost() == 0, "{} clients were not let in", crowd.lost());
            assert!(Instant::now() < limit, "the hub lets clients in too slowly");
            std::thread::sleep(Duration::from_millis(20));
        }
        crowd
    }

    /// Some more, that read one byte a second.
    pub(crate) fn add_slow(&self, count: usize, devices: &[String]) -> Slow {
        let (port, token) = (self.port, self.token.clone());
        let slow = (0..count).map(|_| {
            let subscribe = subscription(&token, devices);
            self.handle.spawn(async move {
                let socket = TcpSocket::new_v4().expect("a socket");
                socket.set_recv_buffer_size(4 * 1_024).expect("an option");
                let Some(socket) = connect(port, socket, subscribe).await else { return };
                let mut stream = socket.into_inner();
                let mut byte = [0];
                while stream.read(&mut byte).await.is_ok_and(|count| count > 0) {
                    tokio::time::sleep(Duration::from_secs(1)).await;
                }
            })
        });
        Slow(slow.collect())
    }

    /// A number that no round before had.
    pub(crate) fn round(&self) -> u32 {
        self.counts.heard.store(0, Ordering::Relaxed);
        ROUND.load(Ordering::Relaxed) % 100 + 1
    }

    /// How many have heard of their device.
    pub(crate) fn wait_until_all_heard(&self, limit: Duration) -> usize {
        ROUND.fetch_add(1, Ordering::Relaxed);
        let end = Instant::now() + limit;
        loop {
            let heard = self.counts.heard.load(Ordering::Relaxed);
            if heard >= self.clients || Instant::now() > end {
                return heard;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// How many the hub has hung up on.
    pub(crate) fn lost(&self) -> usize {
        self.counts.lost.load(Ordering::Relaxed)
    }
}

fn subscription(token: &str, devices: &[String]) -> [String; 2] {
    let devices = serde_json::to_string(devices).expect("names");
    [format!(r#"{{"type":"auth","token":"{token}"}}"#), format!(r#"{{"type":"subscribe","id":1,"devices":{devices}}}"#)]
}

/// A client that has said what it wants.
async fn connect(port: u16, socket: TcpSocket, subscribe: [String; 2]) -> Option<WebSocketStream<TcpStream>> {
    use futures_util::SinkExt;
    let stream = socket.connect(([127, 0, 0, 1], port).into()).await.ok()?;
    stream.set_nodelay(true).ok()?;
    let config = WebSocketConfig::default().read_buffer_size(512).write_buffer_size(0);
    let address = format!("ws://127.0.0.1:{port}/api/v1/stream");
    let (mut socket, _) = client_async_with_config(address, stream, Some(config)).await.ok()?;
    for message in subscribe {
        socket.send(Message::text(message)).await.ok()?;
    }
    Some(socket)
}

/// Counts what comes, until the hub hangs up. Pings are answered on the way.
async fn listen(mut socket: WebSocketStream<TcpStream>, counts: &Counts) {
    use futures_util::StreamExt;
    let mut has_heard = false;
    while let Some(Ok(message)) = socket.next().await {
        let Message::Text(text) = message else { continue };
        if text.starts_with(r#"{"type":"snapshot""#) {
            counts.subscribed.fetch_add(1, Ordering::Relaxed);
        } else if text.starts_with(r#"{"type":"event""#) && text.contains(r#""brightness""#) && !has_heard {
            has_heard = true;
            counts.heard.fetch_add(1, Ordering::Relaxed);
        }
    }
}
