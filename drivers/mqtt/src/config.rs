//! Where the broker is and how to get in.

use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;

use serde::Deserialize;

/// The keys of a driver that speaks MQTT.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MqttConfig {
    /// `mqtt://host[:1883]` or `mqtts://host[:8883]`.
    #[serde(default = "default_broker")]
    pub broker: String,
    /// Where the bridge publishes; may contain slashes. Two bridges on one broker differ by it.
    #[serde(default = "default_base_topic")]
    pub base_topic: String,
    /// The user's name at the broker.
    #[serde(default)]
    pub username: Option<String>,
    /// The password itself; better is `password_file`.
    #[serde(default)]
    pub password: Option<Secret>,
    /// A file with the password. It is read at each connection, so that it can be changed.
    #[serde(default)]
    pub password_file: Option<PathBuf>,
    /// Certificates (PEM) that the broker's certificate is checked against; none = those of the system.
    #[serde(default)]
    pub ca: Option<PathBuf>,
    /// The hub's own certificate chain (PEM), where the broker wants one.
    #[serde(default)]
    pub cert: Option<PathBuf>,
    /// The private key for `cert` (PEM).
    #[serde(default)]
    pub key: Option<PathBuf>,
    /// The client id; one broker must not see the same one twice. None = made of the driver's id and the seed.
    #[serde(default)]
    pub client_id: Option<String>,
}

fn default_broker() -> String {
    "mqtt://127.0.0.1:1883".to_owned()
}

fn default_base_topic() -> String {
    "zigbee2mqtt".to_owned()
}

impl Default for MqttConfig {
    fn default() -> Self {
        Self {
            broker: default_broker(),
            base_topic: default_base_topic(),
            username: None,
            password: None,
            password_file: None,
            ca: None,
            cert: None,
            key: None,
            client_id: None,
        }
    }
}

impl MqttConfig {
    /// Checks what can be checked without a network.
    pub fn check(&self) -> Result<BrokerAddress, MqttConfigError> {
        let address = BrokerAddress::parse(&self.broker)?;
        let base = &self.base_topic;
        let bad_base = base.is_empty()
            || base.starts_with('/')
            || base.ends_with('/')
            || base.contains(['+', '#', '\0'])
            || base.len() > 1_024;
        if bad_base {
            return Err(MqttConfigError::BaseTopic(base.clone()));
        }
        if self.cert.is_some() != self.key.is_some() {
            return Err(MqttConfigError::HalfAKeyPair);
        }
        if !address.tls && (self.ca.is_some() || self.cert.is_some()) {
            return Err(MqttConfigError::CertificatesWithoutTls { host: address.host });
        }
        if self.password.is_some() && self.password_file.is_some() {
            return Err(MqttConfigError::TwoPasswords);
        }
        if self.username.is_none() && (self.password.is_some() || self.password_file.is_some()) {
            return Err(MqttConfigError::PasswordWithoutUser);
        }
        Ok(address)
    }

    /// Whether both read the same bridge, as far as the words tell: this machine has several names.
    pub fn is_same_bridge(&self, other: &Self) -> bool {
        let place = |config: &Self| {
            let BrokerAddress { host, port, .. } = BrokerAddress::parse(&config.broker).ok()?;
            let host = host.to_ascii_lowercase();
            let is_here = host == "localhost" || host.parse().is_ok_and(|address: IpAddr| address.is_loopback());
            Some((if is_here { "localhost".to_owned() } else { host }, port))
        };
        self.base_topic == other.base_topic && place(self).is_some() && place(self) == place(other)
    }
}

/// A broker's address, taken apart.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BrokerAddress {
    /// Name or IP address, without brackets.
    pub host: String,
    /// The port.
    pub port: u16,
    /// Whether the connection is encrypted.
    pub tls: bool,
}

impl BrokerAddress {
    /// Reads `mqtt://host[:port]` or `mqtts://host[:port]`.
    pub fn parse(url: &str) -> Result<Self, MqttConfigError> {
        let wrong = || MqttConfigError::Broker(without_credentials(url).chars().take(200).collect());
        let (scheme, rest) = url.split_once("://").ok_or_else(wrong)?;
        let (tls, default_port) = match scheme {
            "mqtt" | "tcp" => (false, 1883),
            "mqtts" | "ssl" | "tls" => (true, 8883),
            _ => return Err(wrong()),
        };
        let authority = rest.trim_end_matches('/');
        // Never put a password on a status page: credentials have keys of their own.
        if authority.contains(['@', '/', '?', ' ']) {
            return Err(wrong());
        }
        let (host, port) = match authority.strip_prefix('[') {
            Some(rest) => {
                let (host, port) = rest.split_once(']').ok_or_else(wrong)?;
                (host, port.strip_prefix(':'))
            }
            None => match authority.rsplit_once(':') {
                Some((host, port)) if !host.contains(':') => (host, Some(port)),
                _ => (authority, None),
            },
        };
        let port = match port {
            Some(port) => port.parse().ok().filter(|port| *port != 0).ok_or_else(wrong)?,
            None => default_port,
        };
        if host.is_empty() {
            return Err(wrong());
        }
        Ok(Self { host: host.to_owned(), port, tls })
    }
}

/// The text of an address for errors: what stands before an @ may be a password.
fn without_credentials(url: &str) -> String {
    match url.rsplit_once('@') {
        Some((before, host)) => {
            let host = host.split(['/', '?']).next().unwrap_or_default();
            let scheme = before.split_once("://").map_or(String::new(), |(scheme, _)| format!("{scheme}://"));
            format!("{scheme}…@{host}")
        }
        None => url.to_owned(),
    }
}

impl fmt::Display for BrokerAddress {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.tls { "mqtts" } else { "mqtt" };
        if self.host.contains(':') {
            write!(formatter, "{scheme}://[{}]:{}", self.host, self.port)
        } else {
            write!(formatter, "{scheme}://{}:{}", self.host, self.port)
        }
    }
}

/// A text that is never shown.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// Hides `text`.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text, for the one place that needs it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret(…)")
    }
}

/// The configuration of an MQTT driver cannot work.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[allow(missing_docs)]
pub enum MqttConfigError {
    #[error(
        "broker = {0:?} is not an address; write mqtt://HOST:1883, or mqtts://HOST:8883 for TLS; user and password have keys of their own"
    )]
    Broker(String),
    #[error(
        "base_topic = {0:?} cannot be one; write the base_topic of zigbee2mqtt's configuration, without + and #, without a slash at its ends"
    )]
    BaseTopic(String),
    #[error("cert and key belong together; give both or neither")]
    HalfAKeyPair,
    #[error("ca, cert and key need TLS; write broker = \"mqtts://{host}\" or leave them out")]
    CertificatesWithoutTls { host: String },
    #[error("give password_file or password, not both")]
    TwoPasswords,
    #[error("a password needs a username; give one")]
    PasswordWithoutUser,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        let table = [
            ("mqtt://localhost", "mqtt://localhost:1883"),
            ("mqtts://broker.lan/", "mqtts://broker.lan:8883"),
            ("mqtt://10.0.0.1:1884", "mqtt://10.0.0.1:1884"),
            ("mqtt://[::1]:1884", "mqtt://[::1]:1884"),
            ("mqtts://[fe80::1]", "mqtts://[fe80::1]:8883"),
        ];
        for (url, read) in table {
            assert_eq!(BrokerAddress::parse(url).unwrap().to_string(), read, "{url}");
        }
        for url in [
            "",
            "localhost",
            "http://x",
            "mqtt://",
            "mqtt://x:0",
            "mqtt://x:99999",
            "mqtt://u:p@x",
            "mqtt://x:",
            "mqtt://x/y",
        ] {
            assert!(BrokerAddress::parse(url).is_err(), "{url}");
        }
    }

    #[test]
    fn what_cannot_work_is_said() {
        let config = |change: fn(&mut MqttConfig)| {
            let mut config = MqttConfig::default();
            change(&mut config);
            config.check().map(|_| ())
        };
        assert_eq!(config(|_| {}), Ok(()));
        assert_eq!(config(|config| config.base_topic = "haus/oben/zigbee".into()), Ok(()));
        assert!(matches!(config(|config| config.base_topic = "a/#".into()), Err(MqttConfigError::BaseTopic(_))));
        assert!(matches!(config(|config| config.base_topic = "a/".into()), Err(MqttConfigError::BaseTopic(_))));
        assert_eq!(config(|config| config.cert = Some("x".into())), Err(MqttConfigError::HalfAKeyPair));
        assert!(matches!(
            config(|config| config.ca = Some("x".into())),
            Err(MqttConfigError::CertificatesWithoutTls { .. })
        ));
        assert_eq!(
            config(|config| config.password = Some(Secret::new("x"))),
            Err(MqttConfigError::PasswordWithoutUser)
        );
    }

    #[test]
    fn one_bridge_has_several_names() {
        let config = |broker: &str, base: &str| MqttConfig {
            broker: broker.to_owned(),
            base_topic: base.to_owned(),
            ..MqttConfig::default()
        };
        let first = config("mqtt://localhost", "zigbee2mqtt");
        let table = [
            ("mqtt://127.0.0.1:1883", "zigbee2mqtt", true),
            ("mqtt://[::1]", "zigbee2mqtt", true),
            ("tcp://LOCALHOST", "zigbee2mqtt", true),
            ("mqtt://localhost", "zigbee2mqtt/attic", false),
            ("mqtt://localhost:1884", "zigbee2mqtt", false),
            ("mqtt://broker.lan", "zigbee2mqtt", false),
        ];
        for (broker, base, same) in table {
            assert_eq!(first.is_same_bridge(&config(broker, base)), same, "{broker} {base}");
        }
    }

    #[test]
    fn a_password_is_never_shown() {
        let config = MqttConfig { password: Some(Secret::new("hunter2")), ..MqttConfig::default() };
        assert!(!format!("{config:?}").contains("hunter2"));
    }
}
