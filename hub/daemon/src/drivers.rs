//! The drivers that there are: one `match` from configuration to driver.

use driver_api::{Driver, DriverAbility, DriverError, ZWAVE_ABILITIES};
use driver_mqtt::Zigbee2MqttDriver;
use driver_virtual::VirtualDriver;
use driver_zwave::{ZWaveConfig, ZWaveDriver};
use driver_zwave_js::ZWaveJsDriver;
use hub_api::{Random, SystemRandom};
use hub_core::{DriverFactory, DriverSpec};
use hub_model::DriverId;
use hub_model::zone::Zone;

use crate::config::{DriverKind, DriverSection, VirtualConfig};

/// What zigbee2mqtt can; what a device's place is given to is a matter of the hub there, and a device leaves when it is
/// removed.
const ZIGBEE2MQTT: &[DriverAbility] =
    &[DriverAbility::Include, DriverAbility::Groups, DriverAbility::Network, DriverAbility::Restart];

/// What a simulated home can.
const VIRTUAL: &[DriverAbility] =
    &[DriverAbility::Include, DriverAbility::Exclude, DriverAbility::Replace, DriverAbility::Network];

/// The id of the demo home's driver.
pub const DEMO: &str = "demo";

/// What the hub of this id, in a home of this zone, is to run.
pub fn specs(drivers: Vec<DriverSection>, hub_id: &str, zone: Option<&Zone>, random: SystemRandom) -> Vec<DriverSpec> {
    drivers.into_iter().map(|driver| spec(driver, hub_id, zone, random)).collect()
}

fn spec(driver: DriverSection, hub_id: &str, zone: Option<&Zone>, random: SystemRandom) -> DriverSpec {
    let conflict = driver.conflict.map(|conflict| conflict.to_string());
    let (driver_type, abilities, factory): (&str, &'static [DriverAbility], DriverFactory) = match driver.kind {
        DriverKind::Zigbee2Mqtt(mut config) => {
            config.client_id.get_or_insert_with(|| client_id(hub_id, &driver.id));
            ("zigbee2mqtt", ZIGBEE2MQTT, Box::new(move || boxed(Zigbee2MqttDriver::new((*config).clone()))))
        }
        DriverKind::Virtual(VirtualConfig { seed }) => {
            ("virtual", VIRTUAL, Box::new(move || boxed(VirtualDriver::demo(seed))))
        }
        DriverKind::ZWave(config) => {
            let zone = zone.cloned();
            ("zwave", ZWAVE_ABILITIES, Box::new(move || boxed(zwave(&config, random)?.in_zone(zone.clone()))))
        }
        DriverKind::ZWaveJs(config) => {
            ("zwave-js", ZWAVE_ABILITIES, Box::new(move || boxed(ZWaveJsDriver::new(config.clone()))))
        }
    };
    let factory = match conflict {
        Some(conflict) => Box::new(move || Err(DriverError::new(conflict.clone()))),
        None => factory,
    };
    DriverSpec { id: driver.id, driver_type: driver_type.into(), abilities, factory }
}

/// The same after every start, so that a broker ends what is left of the connection before; unlike that of every
/// other hub and driver. Short: old brokers take 23 letters.
fn client_id(hub_id: &str, driver: &DriverId) -> String {
    format!("hearth-{}-{driver}", hub_id.get(..8).unwrap_or(hub_id))
}

/// Keys and nonces are made of new randomness at each start.
fn zwave(config: &ZWaveConfig, random: SystemRandom) -> Result<ZWaveDriver, DriverError> {
    let mut entropy = [0; 32];
    random
        .fill(&mut entropy)
        .map_err(|error| DriverError::new(format!("the system gives no random bytes to make keys of: {error}")))?;
    Ok(ZWaveDriver::new(config.clone(), entropy))
}

fn boxed(driver: impl Driver) -> Result<Box<dyn Driver>, DriverError> {
    Ok(Box::new(driver))
}

/// The demo home's driver.
pub fn demo() -> DriverSection {
    DriverSection { id: DriverId::new(DEMO), kind: DriverKind::Virtual(VirtualConfig::default()), conflict: None }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::config;

    #[test]
    fn a_bridge_that_has_a_driver_gets_no_second_one() {
        let text = ["a", "b"].map(|id| format!("[[driver]]\nid = \"{id}\"\ntype = \"zigbee2mqtt\"\n")).concat();
        let config = config::parse(Path::new("hearth.toml"), &text, []).unwrap();
        let made: Vec<_> =
            specs(config.drivers, "0123456789", None, SystemRandom).iter().map(|spec| (spec.factory)()).collect();
        assert!(made[0].is_ok());
        let told = made[1].as_ref().err().unwrap().to_string();
        assert!(told.contains("`a` and `b` read the same bridge; remove one of them"), "{told}");
    }
}
