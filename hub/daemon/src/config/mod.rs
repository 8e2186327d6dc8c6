//! Configuration: one TOML file, every key of which can also be given by an environment variable.
//!
//! [`keys`] is the table of everything that can be set; errors name the place, what is wrong and what to write.

pub mod error;
pub mod keys;
mod messages;
pub mod parse;
pub mod paths;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use driver_mqtt::MqttConfig;
use driver_zwave::ZWaveConfig;
use driver_zwave_js::ZWaveJsConfig;
use hub_api::tls::{OwnFiles, TlsError};
use hub_model::DriverId;
use serde::Deserialize;

pub use error::{ConfigError, Place};
pub use messages::{MessagesSection, SmtpSection, Tls};
pub use parse::{load, parse};

/// Everything that can be set, with defaults for what was not.
#[derive(Debug, Default)]
pub struct Config {
    /// The hub itself.
    pub hub: HubSection,
    /// The web server.
    pub http: HttpSection,
    /// Its certificate.
    pub tls: TlsSection,
    /// Being found on the local network.
    pub mdns: MdnsSection,
    /// What is remembered.
    pub history: HistorySection,
    /// How it is written down.
    pub store: StoreSection,
    /// Rules.
    pub rules: RulesSection,
    /// How an owner gets in again.
    pub recovery: RecoverySection,
    /// Messages to people.
    pub messages: MessagesSection,
    /// Drivers, in the order of the file.
    pub drivers: Vec<DriverSection>,
    /// What is not wrong but should be looked at.
    pub warnings: Vec<String>,
}

/// `[hub]`
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct HubSection {
    /// Where everything is kept; none = the usual place for this user.
    pub data: Option<PathBuf>,
    /// The local socket; none = the usual place for this user.
    pub socket: Option<PathBuf>,
    /// What the home is called before somebody names it.
    pub name: Option<String>,
    /// What is logged: `warn`, or more finely `info,hub_core=debug`.
    pub log: String,
}

impl Default for HubSection {
    fn default() -> Self {
        Self { data: None, socket: None, name: None, log: "warn".to_owned() }
    }
}

/// `[http]`
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct HttpSection {
    /// The address of plain HTTP; none = every address, or loopback for a demo.
    pub listen: Option<SocketAddr>,
    /// The address of HTTPS; none = that of plain HTTP.
    pub https: Option<SocketAddr>,
    /// Serve everything over plain HTTP to other machines too.
    pub http: bool,
    /// More names by which the hub may be called.
    pub allowed_hosts: Vec<String>,
    /// How many connections there may be at once; none = as many as a home needs.
    pub connections: Option<u32>,
    /// How many of them may come from one address; none = as many as a person needs.
    pub connections_per_source: Option<u32>,
}

impl HttpSection {
    /// The port of plain HTTP when none is said.
    pub const PORT: u16 = 8080;
    /// The port of HTTPS when none is said.
    pub const TLS_PORT: u16 = 8443;

    /// Where to listen for plain HTTP: to other machines it gives the set-up, the certificate and the way to HTTPS only,
    /// unless `http` is set. A demo stays on its own machine unless it is told otherwise.
    pub fn address(&self, demo: bool) -> SocketAddr {
        let host: IpAddr = if demo && !self.http { Ipv4Addr::LOCALHOST.into() } else { Ipv6Addr::UNSPECIFIED.into() };
        self.listen.unwrap_or_else(|| (host, Self::PORT).into())
    }

    /// Where to listen for HTTPS. Who narrows plain HTTP to an address means HTTPS too, and who wants any port there
    /// wants any port here.
    pub fn tls_address(&self, http: SocketAddr) -> SocketAddr {
        let port = if http.port() == 0 { 0 } else { Self::TLS_PORT };
        self.https.unwrap_or_else(|| (http.ip(), port).into())
    }
}

/// `[tls]`
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TlsSection {
    /// The owner's own certificate; none = the hub makes one.
    pub certificate: Option<PathBuf>,
    /// The key of that certificate.
    pub key: Option<PathBuf>,
}

impl TlsSection {
    /// The owner's own files, after a look into them.
    pub fn own_files(&self, file: &Path) -> Result<Option<OwnFiles>, ConfigError> {
        let (certificate, key) = match (&self.certificate, &self.key) {
            (None, None) => return Ok(None),
            (Some(certificate), Some(key)) => (certificate.clone(), key.clone()),
            (_, key) => {
                let lacking = if key.is_some() { "certificate" } else { "key" };
                let example = keys::find("tls", lacking).map_or(lacking, |key| key.example);
                return Err(ConfigError {
                    place: Place::File(file.to_owned()),
                    problem: format!("[tls] has no `{lacking}`: certificate and key are given together"),
                    remedy: format!("add for example `{example}`"),
                });
            }
        };
        let own = OwnFiles { certificate, key };
        own.check().map_err(|error| match error {
            TlsError::Own { file, problem, remedy } => ConfigError { place: Place::File(file), problem, remedy },
            error => ConfigError {
                place: Place::File(own.certificate.clone()),
                problem: error.to_string(),
                remedy: "make certificate and key anew".to_owned(),
            },
        })?;
        Ok(Some(own))
    }
}

/// `[mdns]`
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MdnsSection {
    /// Whether the hub can be found on the local network; none = yes, but a demo cannot.
    pub enabled: Option<bool>,
}

/// `[history]`
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct HistorySection {
    /// How many days every change is kept.
    pub days: u16,
    /// How much room it may take on the disk, in MB.
    pub size_limit_mb: u32,
    /// How often changes are written to the disk, in seconds: at most so much is lost by a power cut.
    pub batch_seconds: u16,
}

impl Default for HistorySection {
    fn default() -> Self {
        Self { days: 35, size_limit_mb: 2_000, batch_seconds: 10 }
    }
}

impl HistorySection {
    /// How often changes are written to the disk.
    pub fn batch(&self) -> Duration {
        Duration::from_secs(u64::from(self.batch_seconds))
    }
}

/// `[store]`
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StoreSection {
    /// When the hub waits for the disk.
    pub synchronous: Synchronous,
}

/// When the hub waits for the disk.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Synchronous {
    /// At every commit: what it said it has kept survives a power cut.
    #[default]
    Full,
    /// Seldom: a power cut loses what it said it has kept. There to show that tests notice.
    Normal,
}

/// `[rules]`
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RulesSection {
    /// Whether schedules run, ten minutes after the start, on a clock that nobody has confirmed.
    pub schedules_on_untrusted_clock: bool,
}

impl Default for RulesSection {
    fn default() -> Self {
        Self { schedules_on_untrusted_clock: true }
    }
}

/// `[recovery]`
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RecoverySection {
    /// A file that is looked for at the start: whoever can put it there sets a new password for an owner.
    pub file: Option<PathBuf>,
}

/// One `[[driver]]`
#[derive(Debug)]
pub struct DriverSection {
    /// The first part of its devices' ids.
    pub id: DriverId,
    /// What it speaks, and how.
    pub kind: DriverKind,
    /// Why it must not run beside those before it.
    pub conflict: Option<ConfigError>,
}

/// What a driver speaks, and how.
#[derive(Debug)]
pub enum DriverKind {
    /// A Zigbee2MQTT bridge.
    Zigbee2Mqtt(Box<MqttConfig>),
    /// Simulated devices.
    Virtual(VirtualConfig),
    /// A Z-Wave stick.
    ZWave(ZWaveConfig),
    /// A server of Z-Wave JS.
    ZWaveJs(ZWaveJsConfig),
}

/// The keys of `type = "virtual"`.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct VirtualConfig {
    /// Equal seeds lead equal lives.
    pub seed: u64,
}

impl Default for VirtualConfig {
    fn default() -> Self {
        Self { seed: 1 }
    }
}
