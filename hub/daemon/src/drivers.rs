//! The drivers that there are: one `match` from configuration to driver.

use driver_api::{Driver, DriverError};
use driver_mqtt::Zigbee2MqttDriver;
use driver_virtual::VirtualDriver;
use hub_core::{DriverFactory, DriverSpec};
use hub_model::DriverId;

use crate::config::{DriverKind, DriverSection, VirtualConfig};

/// The id of the demo home's driver.
pub const DEMO: &str = "demo";

/// What the hub is to run.
pub fn specs(drivers: Vec<DriverSection>) -> Vec<DriverSpec> {
    drivers.into_iter().map(spec).collect()
}

fn spec(driver: DriverSection) -> DriverSpec {
    let (driver_type, factory): (&str, DriverFactory) = match driver.kind {
        DriverKind::Zigbee2Mqtt(config) => {
            ("zigbee2mqtt", Box::new(move || boxed(Zigbee2MqttDriver::new((*config).clone()))))
        }
        DriverKind::Virtual(VirtualConfig { seed }) => ("virtual", Box::new(move || boxed(VirtualDriver::demo(seed)))),
    };
    DriverSpec { id: driver.id, driver_type: driver_type.into(), factory }
}

fn boxed(driver: impl Driver) -> Result<Box<dyn Driver>, DriverError> {
    Ok(Box::new(driver))
}

/// The demo home's driver.
pub fn demo() -> DriverSection {
    DriverSection { id: DriverId::new(DEMO), kind: DriverKind::Virtual(VirtualConfig::default()) }
}
