//! The link to the broker.
//!
//! MQTT 5 is tried first, because it lets the hub say how large a packet may be; a broker that does not know it gets
//! 3.1.1. Either way [`packet_limit`] leaves out what is larger than [`LARGEST_PACKET`], so that nothing that somebody
//! retained can throw the hub off the broker again and again.
//!
//! The client's event loop runs inside [`MqttLink::receive`]: no task of its own, so a message costs no change of task
//! and a published command is written as soon as the hub waits again. The future that polls the event loop is kept
//! over calls, because dropping it in the middle of a write could leave bytes behind in a buffer.
//!
//! When the broker takes less than the hub says, [`OUTGOING_QUEUE`] packets and one more wait here, and the link is full
//! until there is room. A broker that takes nothing at all for [`WRITE_LIMIT`] is given up, and what waited is lost.

mod packet_limit;
mod socket;
mod tls;
mod v4;
mod v5;
mod write_limit;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use driver_api::{Link, LinkError};
use hub_model::DriverId;
use rustls::ClientConfig;
use tokio::time::{Instant, timeout};
use tokio_util::sync::ReusableBoxFuture;

use crate::config::{BrokerAddress, MqttConfig, MqttConfigError};
use crate::message::{Message, Outgoing};
use packet_limit::{PacketLimit, SkippedPackets};
use write_limit::WriteLimit;

/// The largest packet that is read. `bridge/devices` of a very large home stays below 8 MiB.
pub const LARGEST_PACKET: usize = 16 * 1024 * 1024;
/// Seconds without a packet after which the broker is asked whether it is there.
const KEEP_ALIVE: u16 = 30;
/// How long connecting and the broker's greeting may take.
const CONNECT_LIMIT: Duration = Duration::from_secs(15);
/// How many packets wait to be written before the link is full.
const OUTGOING_QUEUE: usize = 64;
/// How long the broker may take nothing at all: as long as a command waits for its report and the answer to the question
/// that follows. Whoever was told that it failed must not see it carried out later.
const WRITE_LIMIT: Duration = Duration::from_secs(10);
/// How many packets are read at once.
const READ_BATCH: usize = 128;
/// Unacknowledged messages that the client has room for. Everything is QoS 0, so that there are none; left alone, the
/// client takes 16 MiB for 65,535 of them.
const INFLIGHT: u16 = 8;
/// The pause after an answer that a person has to change something for.
const PERSON_NEEDED: Duration = Duration::from_secs(60);

/// A connection that is closed sooner was not meant to last: two clients with one id close each other's in turn.
const SHORT_LIFE: Duration = Duration::from_secs(20);

/// A client's event loop after one step: itself, and what it brought.
type Step = (Connection, Result<Vec<Message>, Cause>);

/// A step under way.
type Pump = ReusableBoxFuture<'static, Step>;

/// A packet that waits for room in the client's queue.
type Sending = Pin<Box<dyn Future<Output = Result<(), Cause>> + Send>>;

/// The protocol version in use.
enum Connection {
    V5(Box<v5::Connection>),
    V4(Box<v4::Connection>),
}

/// Hands packets to the client under way.
enum Client {
    V5(v5::Client),
    V4(v4::Client),
}

impl Client {
    /// Queues a packet. Where there is no room, what waits for it comes back; it moves only while the event loop is polled.
    fn send(&self, packet: Outgoing) -> Option<Sending> {
        let sending: Sending = match self {
            Self::V5(client) => Box::pin(client.clone().send(client.try_send(packet).err()?)),
            Self::V4(client) => Box::pin(client.clone().send(client.try_send(packet).err()?)),
        };
        // A broker that takes a little now and then is no better.
        Some(Box::pin(async { timeout(WRITE_LIMIT, sending).await.unwrap_or(Err(Cause::Deaf)) }))
    }
}

/// Why a connection could not be made or ended.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Cause {
    /// In words, with the broker's name.
    Network(String),
    /// It ended without a word.
    Closed,
    /// No answer within the time.
    Silent,
    /// It reads nothing any more.
    Deaf,
    BadCredentials,
    NotAuthorized,
    ClientIdRefused,
    /// The broker does not speak this version.
    Version,
    Busy,
    TakenOver,
    ShuttingDown,
    TooLarge,
    SubscriptionRefused,
    /// What was received is no MQTT, or the broker says that of us.
    Protocol(String),
}

/// What a connection needs to know.
#[derive(Clone)]
struct Setup {
    address: BrokerAddress,
    tls: Option<Arc<ClientConfig>>,
    client_id: String,
    username: Option<String>,
    password: String,
    skipped: SkippedPackets,
}

impl Setup {
    /// Opens the stream that MQTT is spoken over.
    async fn open(self) -> std::io::Result<PacketLimit<WriteLimit<Box<dyn socket::Stream>>>> {
        let stream = socket::open(&self.address, self.tls).await.map_err(std::io::Error::other)?;
        Ok(PacketLimit::new(WriteLimit::new(stream, WRITE_LIMIT), LARGEST_PACKET, self.skipped))
    }
}

/// A link to one broker.
pub struct MqttLink {
    config: MqttConfig,
    address: BrokerAddress,
    client_id: String,
    skipped: SkippedPackets,
    reported_skips: u64,
    /// The broker did not know MQTT 5 at the last successful connection.
    old_broker: bool,
    client: Option<Client>,
    pump: Option<Pump>,
    /// The link is full: this is the packet that found no room.
    sending: Option<Sending>,
    connected_at: Option<Instant>,
    /// How many connections in a row were closed soon after they were made.
    short_lived: u32,
}

impl std::fmt::Debug for MqttLink {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("MqttLink").field("address", &self.address).field("client_id", &self.client_id).finish()
    }
}

impl MqttLink {
    /// A link to the broker of `config`, not connected yet. The client id is the configured one, or is made of
    /// `driver` and `seed`: two hubs at one broker must not throw each other out.
    pub fn new(config: &MqttConfig, driver: &DriverId, seed: u64) -> Result<Self, MqttConfigError> {
        let address = config.check()?;
        let client_id =
            config.client_id.clone().unwrap_or_else(|| format!("hearth-{driver}-{:08x}", seed & 0xffff_ffff));
        Ok(Self {
            config: config.clone(),
            address,
            client_id,
            skipped: SkippedPackets::default(),
            reported_skips: 0,
            old_broker: false,
            client: None,
            pump: None,
            sending: None,
            connected_at: None,
            short_lived: 0,
        })
    }

    /// Whether the connection speaks MQTT 5.
    pub fn is_version_5(&self) -> bool {
        matches!(self.client, Some(Client::V5(_)))
    }

    /// How many packets were left out because they were too large.
    pub fn skipped(&self) -> u64 {
        self.skipped.count()
    }

    /// What a connection needs, read anew each time. Core and drivers share one thread, and a card may be slow, so
    /// another one reads the files.
    fn setup(&self) -> impl Future<Output = Result<Setup, LinkError>> + Send + use<> {
        let (config, address) = (self.config.clone(), self.address.clone());
        let (client_id, skipped) = (self.client_id.clone(), self.skipped.clone());
        async move {
            let (username, is_tls) = (config.username.clone(), address.tls);
            let (tls, password) = tokio::task::spawn_blocking(move || read_files(&config, is_tls))
                .await
                .map_err(|error| format!("the files of the driver could not be read: {error}"))
                .flatten()
                .map_err(|message| LinkError { message, retry_after: Some(PERSON_NEEDED) })?;
            Ok(Setup { address, tls, client_id, username, password, skipped })
        }
    }

    /// What a cause means to a person, and how long to wait.
    fn explain(&self, cause: Cause) -> LinkError {
        let address = &self.address;
        let (text, retry_after) = match cause {
            Cause::Network(message) => return LinkError::new(message),
            Cause::Closed if self.short_lived > 1 => (
                format!(
                    "the broker closes each connection soon after it is made; perhaps another client uses the id {}; see the broker's log",
                    self.client_id
                ),
                Some(Duration::from_secs(1 << self.short_lived.min(6))),
            ),
            Cause::Closed => ("the broker closed the connection; if it goes on, see the broker's log".to_owned(), None),
            Cause::Silent => {
                ("the broker does not answer; check that it runs and that this port speaks MQTT".to_owned(), None)
            }
            Cause::Deaf => (
                "the broker takes nothing any more; check that it and its machine are not stuck, and the network"
                    .to_owned(),
                None,
            ),
            Cause::BadCredentials => {
                ("user name or password is wrong; check username and password_file".to_owned(), Some(PERSON_NEEDED))
            }
            Cause::NotAuthorized => {
                let hint = if self.config.username.is_some() {
                    "the broker does not let this user in; check username and password_file, and the broker's access list"
                } else {
                    "the broker wants a user; give username and password_file"
                };
                (hint.to_owned(), Some(PERSON_NEEDED))
            }
            Cause::ClientIdRefused => (
                format!("the broker refuses the client id {}; give another one as client_id", self.client_id),
                Some(PERSON_NEEDED),
            ),
            Cause::Version => ("the broker speaks neither MQTT 5 nor 3.1.1; update it".to_owned(), Some(PERSON_NEEDED)),
            Cause::Busy => ("the broker is busy or full; check its limits".to_owned(), Some(PERSON_NEEDED)),
            Cause::TakenOver => (
                format!(
                    "another client uses the id {} at this broker; give one of them another client_id",
                    self.client_id
                ),
                Some(PERSON_NEEDED),
            ),
            Cause::ShuttingDown => ("the broker was stopped".to_owned(), None),
            Cause::TooLarge => (
                format!(
                    "a packet is larger than {} MiB; find out who publishes it, and clear it if it is retained",
                    LARGEST_PACKET >> 20
                ),
                Some(PERSON_NEEDED * 5),
            ),
            Cause::SubscriptionRefused => (
                format!(
                    "the broker does not allow reading {}/#; allow it in the broker's access list",
                    self.config.base_topic
                ),
                Some(PERSON_NEEDED),
            ),
            Cause::Protocol(detail) => (
                format!("what came is not proper MQTT ({detail}); check that the port is that of an MQTT broker"),
                Some(PERSON_NEEDED),
            ),
        };
        LinkError { message: format!("{address}: {text}"), retry_after }
    }

    /// Takes a finished step: the connection goes on polling unless it ended.
    fn take_step(&mut self, (connection, outcome): Step) -> Result<Vec<Message>, Cause> {
        match outcome {
            Ok(messages) => {
                // The place of the last step is used again: one is needed for each message.
                match &mut self.pump {
                    Some(pump) => pump.set(step(connection)),
                    None => self.pump = Some(Pump::new(step(connection))),
                }
                self.say_skipped();
                Ok(messages)
            }
            Err(cause) => {
                self.client = None;
                self.pump = None;
                self.sending = None;
                let short = self.connected_at.take().is_some_and(|since| since.elapsed() < SHORT_LIFE);
                self.short_lived = if short { self.short_lived.saturating_add(1) } else { 0 };
                Err(cause)
            }
        }
    }

    /// Goes on with a new connection.
    fn take_connection(&mut self, client: Client, connection: Connection) {
        self.old_broker = matches!(client, Client::V4(_));
        self.client = Some(client);
        self.pump = Some(Pump::new(step(connection)));
        self.connected_at = Some(Instant::now());
    }

    fn say_skipped(&mut self) {
        let count = self.skipped.count();
        if count > self.reported_skips {
            self.reported_skips = count;
            tracing::warn!(
                broker = %self.address, count, limit_mib = LARGEST_PACKET >> 20,
                "An MQTT message was too large and was left out; if it is retained, clear it."
            );
        }
    }
}

/// The files of a configuration: whom to trust, and the password. Waits for the disk.
fn read_files(config: &MqttConfig, is_tls: bool) -> Result<(Option<Arc<ClientConfig>>, String), String> {
    let tls = is_tls.then(|| tls::client_config(config)).transpose()?;
    let password = match (&config.password, &config.password_file) {
        (Some(password), _) => password.expose().to_owned(),
        (None, Some(path)) => std::fs::read_to_string(path)
            .map_err(|error| {
                format!("password_file = {}: {error}; check that it is there and readable", path.display())
            })?
            .trim_end_matches(['\r', '\n'])
            .to_owned(),
        (None, None) => String::new(),
    };
    Ok((tls, password))
}

/// Polls the event loop until it brings messages or ends.
async fn step(mut connection: Connection) -> Step {
    let outcome = match &mut connection {
        Connection::V5(connection) => connection.next_batch().await,
        Connection::V4(connection) => connection.next_batch().await,
    };
    (connection, outcome)
}

/// Why reading or writing failed.
fn io_cause(error: &std::io::Error) -> Cause {
    match error.kind() {
        // The words of the hub's own connector stand inside.
        std::io::ErrorKind::Other => Cause::Network(error.to_string()),
        std::io::ErrorKind::TimedOut => Cause::Deaf,
        _ => Cause::Closed,
    }
}

/// Whether the older protocol is worth a try after this. Brokers before MQTT 5 refuse the version, answer in the older
/// form, or close.
fn may_be_old(cause: &Cause) -> bool {
    matches!(cause, Cause::Version | Cause::Closed | Cause::Protocol(_))
}

impl Link for MqttLink {
    type Received = Vec<Message>;
    type Transmit = Outgoing;

    async fn connect(&mut self) -> Result<(), LinkError> {
        self.client = None;
        self.pump = None;
        self.sending = None;
        let setup = self.setup().await?;
        let mut cause = Cause::Version;
        if !self.old_broker {
            match v5::connect(setup.clone()).await {
                Ok((client, connection)) => {
                    self.take_connection(Client::V5(client), Connection::V5(Box::new(connection)));
                    return Ok(());
                }
                Err(refused) => cause = refused,
            }
        }
        if may_be_old(&cause) {
            match v4::connect(setup).await {
                Ok((client, connection)) => {
                    self.take_connection(Client::V4(client), Connection::V4(Box::new(connection)));
                    return Ok(());
                }
                Err(refused) => {
                    // A broker that was updated is to be asked for MQTT 5 again.
                    self.old_broker = false;
                    cause = refused;
                }
            }
        }
        Err(self.explain(cause))
    }

    async fn receive(&mut self) -> Result<Vec<Message>, LinkError> {
        let Some(pump) = &mut self.pump else {
            return Err(self.explain(Cause::Closed));
        };
        let finished = match &mut self.sending {
            None => pump.await,
            Some(sending) => tokio::select! {
                biased;
                sent = sending => {
                    self.sending = None;
                    return sent.map(|()| Vec::new()).map_err(|cause| self.explain(cause));
                }
                finished = pump => finished,
            },
        };
        self.take_step(finished).map_err(|cause| self.explain(cause))
    }

    async fn transmit(&mut self, transmit: Outgoing) -> Result<(), LinkError> {
        match &self.client {
            Some(client) if self.sending.is_none() => {
                self.sending = client.send(transmit);
                Ok(())
            }
            // Nobody asked whether there is room.
            Some(_) => Err(self.explain(Cause::Deaf)),
            None => Err(self.explain(Cause::Closed)),
        }
    }

    fn is_full(&self) -> bool {
        self.sending.is_some()
    }
}
