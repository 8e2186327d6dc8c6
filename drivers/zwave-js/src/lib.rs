//! Z-Wave through the WebSocket API of `@zwave-js/server`, for people who run Z-Wave JS already.
//!
//! Z-Wave JS has the stick, and has read what nodes said: it tells values, each with an id of its own. [`value`] says
//! which value of a command class an id is; from there on everything is as in `driver-zwave`, whose attributes these
//! are, so that a home can move from one driver to the other. What has no place there keeps Z-Wave JS's own name
//! ([`unnamed`]), so that nothing is dropped.
//!
//! [`message`] reads and writes messages, [`machine`] is what they mean, [`link`] carries them.
//!
//! **Invariant:** a hostile or broken server never panics the driver and never makes its memory grow without bound.

pub mod config;
pub mod link;
pub mod machine;
pub mod message;
pub mod node;
pub mod unnamed;
pub mod value;
mod conversion;

use std::future::Future;
use std::pin::Pin;

use driver_api::{Driver, DriverContext, DriverError, WhenFull, run_machine};

pub use config::ZWaveJsConfig;

/// The driver for a server of Z-Wave JS.
#[derive(Debug)]
pub struct ZWaveJsDriver {
    config: ZWaveJsConfig,
}

impl ZWaveJsDriver {
    /// A driver for the server that this configuration names.
    pub fn new(config: ZWaveJsConfig) -> Self {
        Self { config }
    }
}

impl Driver for ZWaveJsDriver {
    fn run(
        self: Box<Self>,
        mut context: DriverContext,
    ) -> Pin<Box<dyn Future<Output = Result<(), DriverError>> + Send>> {
        Box::pin(async move {
            let address = self.config.check().map_err(|error| DriverError::new(error.to_string()))?;
            let known = std::mem::take(&mut context.known);
            let newest = self.config.newest_schema();
            let machine = machine::ZWaveJs::new(context.id.clone(), known, newest);
            run_machine(machine, link::WebSocketLink::new(address), context, WhenFull::Coalesce).await
        })
    }
}
