//! Devices behind an MQTT broker.
//!
//! One link ([`link::MqttLink`]) speaks MQTT 5, or 3.1.1 with brokers that know nothing else; dialects stand on it.
//! The dialect [`zigbee2mqtt`] is a pure machine: messages in, messages and events out.
//!
//! **Invariant:** a hostile or broken broker, bridge or device never panics the driver, never makes it reconnect in a
//! loop and never makes its memory grow without bound.

pub mod config;
pub mod link;
pub mod message;
pub mod zigbee2mqtt;

use std::future::Future;
use std::pin::Pin;

use driver_api::{Driver, DriverContext, DriverError, WhenFull, run_machine};

pub use config::MqttConfig;
pub use message::{Message, Outgoing};

/// The driver for a zigbee2mqtt bridge.
#[derive(Debug)]
pub struct Zigbee2MqttDriver {
    config: MqttConfig,
}

impl Zigbee2MqttDriver {
    /// A driver for the bridge that this configuration names.
    pub fn new(config: MqttConfig) -> Self {
        Self { config }
    }
}

impl Driver for Zigbee2MqttDriver {
    fn run(
        self: Box<Self>,
        mut context: DriverContext,
    ) -> Pin<Box<dyn Future<Output = Result<(), DriverError>> + Send>> {
        Box::pin(async move {
            let known = std::mem::take(&mut context.known);
            let link = link::MqttLink::new(&self.config, &context.id, context.seed)
                .map_err(|error| DriverError::new(error.to_string()))?;
            let machine =
                zigbee2mqtt::Zigbee2Mqtt::new(context.id.clone(), &self.config.base_topic, known, context.seed);
            run_machine(machine, link, context, WhenFull::Coalesce).await
        })
    }
}
