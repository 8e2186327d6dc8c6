//! The devices of the week, and what is said of them.

use driver_api::Reading;
use hub_model::{Access, AttributeSchema, Availability, Capability, Device, DeviceId, DriverId, Endpoint, Kind, Value};

use crate::week;

/// The one driver.
pub(crate) const DRIVER: &str = "world";

/// The id of a device.
pub(crate) fn id(name: &str) -> DeviceId {
    DeviceId::of(&DriverId::new(DRIVER), &name.to_lowercase().replace(' ', "-"))
}

/// Every device.
pub(crate) fn devices() -> impl Iterator<Item = Device> {
    week::devices().map(|(name, kind, _)| Device {
        id: id(&name),
        native_name: Some(name.into()),
        interviewed: true,
        endpoints: vec![endpoint(kind)],
        ..Device::default()
    })
}

fn endpoint(kind: &str) -> Endpoint {
    let flag = |name, access| AttributeSchema::new(name, Kind::Bool, access);
    let number = |name, unit, access| AttributeSchema::new(name, Kind::Number, access).unit(unit);
    let (capability, attributes) = match kind {
        "light" => {
            let brightness = number("brightness", "%", Access::ALL).range(0.0, 100.0);
            (Capability::Light, vec![flag("on", Access::ALL), brightness])
        }
        "plug" => (Capability::Switch, vec![flag("on", Access::ALL), number("power", "W", Access::NOTIFY)]),
        "motion sensor" => (Capability::Sensor, vec![flag("occupancy", Access::NOTIFY)]),
        "contact sensor" => (Capability::Sensor, vec![flag("open", Access::NOTIFY)]),
        "climate sensor" => (Capability::Sensor, vec![number("temperature", "°C", Access::NOTIFY)]),
        _ => {
            let mut action = AttributeSchema::new("action", Kind::Enum, Access::NOTIFY).values(vec!["single"]);
            action.momentary = true;
            (Capability::Sensor, vec![action])
        }
    };
    Endpoint { number: 1, capabilities: vec![capability], attributes, ..Endpoint::default() }
}

/// What a line of the week says.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Said {
    State(Reading),
    Happening(Reading),
    Availability(Availability),
}

/// Reads `NAME.ATTRIBUTE = VALUE`, `NAME.ATTRIBUTE happens VALUE`, `NAME is AVAILABILITY`.
pub(crate) fn read(line: &str) -> Option<(DeviceId, Said)> {
    if let Some((name, state)) = line.split_once(" is ") {
        let availability = if state == "offline" { Availability::Offline } else { Availability::Online };
        return Some((id(name), Said::Availability(availability)));
    }
    let (place, value) = line.split_once(" = ").or_else(|| line.split_once(" happens "))?;
    let (name, attribute) = place.split_once('.')?;
    let value = match value {
        "true" => Value::Bool(true),
        "false" => Value::Bool(false),
        text => text.parse().map_or_else(|_| Value::text(text), Value::number),
    };
    let reading = Reading { endpoint: 1, attribute: attribute.into(), value };
    Some((id(name), if line.contains(" happens ") { Said::Happening(reading) } else { Said::State(reading) }))
}
