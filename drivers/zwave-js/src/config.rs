//! Where the server is.

use std::fmt;

use serde::Deserialize;

use crate::message::NEWEST_SCHEMA;

/// The port of a server that says none.
const DEFAULT_PORT: u16 = 3000;

/// The keys of a driver for a server of Z-Wave JS.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ZWaveJsConfig {
    /// `ws://host[:3000]`.
    pub url: String,
    /// The newest version of the API's schema that is used, where both sides know it; for tests of older servers.
    #[serde(skip)]
    pub schema: Option<u64>,
}

/// A server's address, taken apart.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ServerAddress {
    /// Name or IP address, without brackets.
    pub host: String,
    /// The port.
    pub port: u16,
    /// What follows the host, `/` where nothing does: a server behind a proxy has a path.
    pub path: String,
}

/// The configuration cannot work.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ZWaveJsConfigError {
    /// It is no address of a WebSocket.
    #[error("url = {0:?} is not an address; write ws://HOST:3000")]
    Url(String),
    /// It is to be encrypted.
    #[error(
        "url = {0:?} is encrypted, which the server of Z-Wave JS cannot do itself; write ws://HOST:3000, and keep what lies between on your own network"
    )]
    Encrypted(String),
}

impl ZWaveJsConfig {
    /// The server at this address.
    pub fn new(url: impl Into<String>) -> Self {
        Self { url: url.into(), schema: None }
    }

    /// The newest schema to use.
    pub(crate) fn newest_schema(&self) -> u64 {
        self.schema.unwrap_or(NEWEST_SCHEMA)
    }

    /// Takes the address apart.
    ///
    /// # Errors
    /// When it is none.
    pub fn check(&self) -> Result<ServerAddress, ZWaveJsConfigError> {
        let shown = || self.url.chars().take(128).collect::<String>();
        let wrong = || ZWaveJsConfigError::Url(shown());
        if self.url.starts_with("wss://") {
            return Err(ZWaveJsConfigError::Encrypted(shown()));
        }
        let rest = self.url.strip_prefix("ws://").ok_or_else(wrong)?;
        let (authority, path) = match rest.split_once('/') {
            Some((authority, path)) => (authority, format!("/{path}")),
            None => (rest, "/".to_owned()),
        };
        let is_odd = |letter: char| letter.is_whitespace() || letter.is_control() || !letter.is_ascii();
        if authority.contains(['@', '?', '#']) || authority.contains(is_odd) || path.contains(is_odd) {
            return Err(wrong());
        }
        let (host, port) = match authority.strip_prefix('[') {
            Some(rest) => {
                let (host, port) = rest.split_once(']').ok_or_else(wrong)?;
                let port = if port.is_empty() { None } else { Some(port.strip_prefix(':').ok_or_else(wrong)?) };
                (host, port)
            }
            None => match authority.rsplit_once(':') {
                Some((host, port)) if !host.contains(':') => (host, Some(port)),
                Some(_) => return Err(wrong()),
                None => (authority, None),
            },
        };
        let port = match port {
            Some(port) => port.parse().ok().filter(|port| *port != 0).ok_or_else(wrong)?,
            None => DEFAULT_PORT,
        };
        if host.is_empty() {
            return Err(wrong());
        }
        Ok(ServerAddress { host: host.to_owned(), port, path })
    }

    /// Whether both read the same server, as far as the words tell.
    pub fn is_same_server(&self, other: &Self) -> bool {
        match (self.check(), other.check()) {
            (Ok(one), Ok(other)) => one.place() == other.place(),
            _ => false,
        }
    }
}

impl ServerAddress {
    /// `host:port` as sockets and headers have it.
    pub fn authority(&self) -> String {
        if self.host.contains(':') {
            format!("[{}]:{}", self.host, self.port)
        } else {
            format!("{}:{}", self.host, self.port)
        }
    }

    /// This machine has several names.
    fn place(&self) -> (String, u16, &str) {
        let host = self.host.to_ascii_lowercase();
        let is_here = host == "localhost" || host.parse().is_ok_and(|address: std::net::IpAddr| address.is_loopback());
        (if is_here { "localhost".to_owned() } else { host }, self.port, &self.path)
    }
}

impl fmt::Display for ServerAddress {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "ws://{}{}", self.authority(), self.path.trim_end_matches('/'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        for (url, read) in [
            ("ws://localhost", "ws://localhost:3000"),
            ("ws://10.0.0.1:3001/", "ws://10.0.0.1:3001"),
            ("ws://[::1]", "ws://[::1]:3000"),
            ("ws://[fe80::1]:4000/zwave", "ws://[fe80::1]:4000/zwave"),
        ] {
            assert_eq!(ZWaveJsConfig::new(url).check().unwrap().to_string(), read, "{url}");
        }
        for url in
            ["", "localhost", "http://x", "ws://", "ws://x:0", "ws://x:99999", "ws://u:p@x", "ws://a b", "ws://::1"]
        {
            assert!(matches!(ZWaveJsConfig::new(url).check(), Err(ZWaveJsConfigError::Url(_))), "{url}");
        }
        assert!(matches!(ZWaveJsConfig::new("wss://x").check(), Err(ZWaveJsConfigError::Encrypted(_))));
    }

    #[test]
    fn one_server_has_several_names() {
        let first = ZWaveJsConfig::new("ws://localhost");
        for (url, same) in [("ws://127.0.0.1:3000", true), ("ws://[::1]/", true), ("ws://localhost:3001", false)] {
            assert_eq!(first.is_same_server(&ZWaveJsConfig::new(url)), same, "{url}");
        }
    }
}
