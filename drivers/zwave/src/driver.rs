//! The driver: a machine at a port.

use std::future::Future;
use std::pin::Pin;

use driver_api::{Driver, DriverContext, DriverError, WhenFull, run_machine};
use hub_model::zone::Zone;

use crate::config::ZWaveConfig;
use crate::machine::{Start, ZWave};
use crate::port::Port;
use crate::security::Secret;

/// The driver for a Z-Wave stick.
#[derive(Debug)]
pub struct ZWaveDriver {
    config: ZWaveConfig,
    entropy: Secret<32>,
    zone: Option<Zone>,
}

impl ZWaveDriver {
    /// A driver for the stick that this configuration names. `entropy` is 32 bytes from the system's generator, new for
    /// each start: keys and nonces are made of it.
    pub fn new(config: ZWaveConfig, entropy: [u8; 32]) -> Self {
        Self { config, entropy: Secret::new(entropy), zone: None }
    }

    /// Where the home is, so that nodes that ask what time it is are told.
    #[must_use]
    pub fn in_zone(self, zone: Option<Zone>) -> Self {
        Self { zone, ..self }
    }
}

impl Driver for ZWaveDriver {
    fn run(
        self: Box<Self>,
        mut context: DriverContext,
    ) -> Pin<Box<dyn Future<Output = Result<(), DriverError>> + Send>> {
        Box::pin(async move {
            let link = self.config.link().map_err(|error| DriverError::new(error.to_string()))?;
            let start = Start {
                id: context.id.clone(),
                known: std::mem::take(&mut context.known),
                kept: std::mem::take(&mut context.kept),
                entropy: self.entropy,
            };
            run_machine(ZWave::new(start).in_zone(self.zone), Port::new(link), context, WhenFull::Wait).await
        })
    }
}
