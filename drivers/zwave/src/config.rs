//! Where the stick is.

use driver_api::link::byte::PortError;
use driver_api::link::{ByteLink, SerialSettings};
use serde::Deserialize;

/// The keys of a driver for a Z-Wave stick.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ZWaveConfig {
    /// The path of its serial port, best one of `/dev/serial/by-id/`, or `tcp://host:port` where it is shared on the
    /// network.
    pub port: String,
}

impl ZWaveConfig {
    /// The link to the stick. It is opened when it is asked to.
    ///
    /// # Errors
    /// When `port` names none.
    pub fn link(&self) -> Result<ByteLink, PortError> {
        ByteLink::to_port(&self.port, SerialSettings::default())
    }
}
