//! A byte link as people configure it: the path of a serial port or `tcp://host:port`.

use bytes::Bytes;

use super::{Link, LinkError, SerialLink, SerialSettings, TcpLink};

/// Bytes over whatever the configuration names.
#[derive(Debug)]
pub enum ByteLink {
    /// A serial port of this machine.
    Serial(SerialLink),
    /// A port shared on the network.
    Tcp(TcpLink),
}

/// What was written for a port names none.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{text:?} names no port; write the path of a serial port like /dev/serial/by-id/… or tcp://host:port")]
pub struct PortError {
    text: String,
}

impl ByteLink {
    /// The link to `port`; the settings only count for a serial port.
    ///
    /// # Errors
    /// When it is neither an absolute path nor `tcp://host:port`.
    pub fn to_port(port: &str, settings: SerialSettings) -> Result<Self, PortError> {
        let refuse = || PortError { text: port.chars().take(128).collect() };
        if let Some(address) = port.strip_prefix("tcp://") {
            let (host, number) = address.rsplit_once(':').ok_or_else(refuse)?;
            if host.is_empty() || number.parse::<u16>().is_err() {
                return Err(refuse());
            }
            return Ok(Self::Tcp(TcpLink::new(address)));
        }
        if !port.starts_with('/') {
            return Err(refuse());
        }
        Ok(Self::Serial(SerialLink::new(port, settings)))
    }
}

impl Link for ByteLink {
    type Received = Bytes;
    type Transmit = Bytes;

    async fn connect(&mut self) -> Result<(), LinkError> {
        match self {
            Self::Serial(link) => link.connect().await,
            Self::Tcp(link) => link.connect().await,
        }
    }

    async fn receive(&mut self) -> Result<Bytes, LinkError> {
        match self {
            Self::Serial(link) => link.receive().await,
            Self::Tcp(link) => link.receive().await,
        }
    }

    async fn transmit(&mut self, transmit: Bytes) -> Result<(), LinkError> {
        match self {
            Self::Serial(link) => link.transmit(transmit).await,
            Self::Tcp(link) => link.transmit(transmit).await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_are_paths_or_addresses() {
        for (port, kind) in [
            ("/dev/serial/by-id/usb-Stick_0001", "serial"),
            ("tcp://192.0.2.7:6638", "tcp"),
            ("tcp://[2001:db8::7]:6638", "tcp"),
            ("tcp://host", "none"),
            ("tcp://:1", "none"),
            ("tcp://host:70000", "none"),
            ("ttyUSB0", "none"),
            ("", "none"),
        ] {
            let met = match ByteLink::to_port(port, SerialSettings::default()) {
                Ok(ByteLink::Serial(_)) => "serial",
                Ok(ByteLink::Tcp(_)) => "tcp",
                Err(_) => "none",
            };
            assert_eq!(met, kind, "{port}");
        }
    }
}
