//! Groups: devices of their own, with what their members have in common.

use std::sync::Arc;

use hub_model::device::Abilities;
use hub_model::{AttributeSchema, Capability, Device, DeviceId, DriverId, Endpoint, EndpointNumber};

use super::codec::Codec;
use super::definition::GroupItem;
use super::mapping::{Described, Entry, Mapping};

/// What groups pass on to their members and report.
const SHARED: &[&str] = &[
    "on",
    "brightness",
    "color_temperature",
    "color",
    "color_mode",
    "effect",
    "position",
    "tilt",
    "cover_command",
    "cover_state",
    "locked",
    "lock_state",
    "hvac_mode",
    "heating_setpoint",
    "cooling_setpoint",
    "fan_mode",
    "fan_speed",
];

/// What makes an endpoint worth being in a group.
const FUNCTIONS: &[Capability] = &[
    Capability::Light,
    Capability::Switch,
    Capability::Cover,
    Capability::Lock,
    Capability::Thermostat,
    Capability::Fan,
];

/// Describes a group: everything functional that any of its members has, on endpoint 1; ranges are as wide as the
/// widest member's. A member that the hub does not know yet only appears in the list of members.
pub fn describe_group(
    driver: &DriverId,
    group: &GroupItem,
    members: &[(&Device, &Mapping)],
    known: Option<&Device>,
) -> Described {
    const ENDPOINT: EndpointNumber = 1;
    let mut endpoint = Endpoint { number: ENDPOINT, ..Endpoint::default() };
    let mut entries: Vec<Entry> = Vec::new();
    for member in &group.members {
        let id = DeviceId::of(driver, &member.ieee_address);
        let Some((device, mapping)) = members.iter().find(|(device, _)| device.id == id) else { continue };
        for part in functional(device, member.endpoint) {
            for capability in part.capabilities.iter().filter(|capability| FUNCTIONS.contains(capability)) {
                if !endpoint.capabilities.contains(capability) {
                    endpoint.capabilities.push(*capability);
                }
            }
            for schema in part.attributes.iter().filter(|schema| SHARED.contains(&schema.name.as_str())) {
                let Some(entry) = mapping.entry(part.number, &schema.name) else { continue };
                match endpoint.attributes.iter_mut().zip(&mut entries).find(|(shared, _)| shared.name == schema.name) {
                    Some((shared, known)) => widen(shared, known, schema, entry),
                    None => {
                        let mut schema = schema.clone();
                        schema.access.read = false;
                        endpoint.attributes.push(schema);
                        let mut entry = entry.clone();
                        entry.endpoint = ENDPOINT;
                        entry.property = Arc::clone(&entry.base);
                        entry.access.read = false;
                        if let Codec::Color(color) = &mut entry.codec {
                            color.mode = Arc::from("color_mode");
                        }
                        entries.push(entry);
                    }
                }
            }
        }
    }
    let mut endpoints = vec![endpoint];
    if entries.is_empty() {
        // As long as no member is known, the group stays what it was.
        endpoints = known.map(|known| known.endpoints.clone()).unwrap_or_default();
    }
    let device = Device {
        id: DeviceId::of(driver, &format!("group-{}", group.id)),
        native_name: Some(Arc::from(&*group.friendly_name)),
        description: group.description.as_deref().map(Arc::from),
        members: group.members.iter().map(|member| DeviceId::of(driver, &member.ieee_address)).collect(),
        interviewed: true,
        abilities: Abilities { rename: true, remove: true, ..Abilities::default() },
        endpoints,
        ..Device::default()
    };
    Described { device, mapping: Mapping::new(entries, false), dropped: Vec::new() }
}

/// The endpoints of a member that are in the group: the one of that number where it does something, else every one
/// that does.
fn functional(device: &Device, number: Option<EndpointNumber>) -> Vec<&Endpoint> {
    let works = |endpoint: &&Endpoint| endpoint.capabilities.iter().any(|capability| FUNCTIONS.contains(capability));
    match device.endpoints.iter().filter(works).find(|endpoint| Some(endpoint.number) == number) {
        Some(endpoint) => vec![endpoint],
        None => device.endpoints.iter().filter(works).collect(),
    }
}

fn widen(shared: &mut AttributeSchema, known: &mut Entry, schema: &AttributeSchema, entry: &Entry) {
    let wider = |known: Option<f64>, other: Option<f64>, pick: fn(f64, f64) -> f64| {
        known.zip(other).map(|(known, other)| pick(known, other))
    };
    shared.min = wider(shared.min, schema.min, f64::min);
    shared.max = wider(shared.max, schema.max, f64::max);
    shared.step = wider(shared.step, schema.step, f64::max).or(shared.step).or(schema.step);
    for value in &schema.values {
        if !shared.values.contains(value) {
            shared.values.push(Arc::clone(value));
        }
    }
    match (&mut known.codec, &entry.codec) {
        (Codec::Number(known), Codec::Number(other)) => {
            known.min = wider(known.min, other.min, f64::min);
            known.max = wider(known.max, other.max, f64::max);
        }
        (Codec::Enum(known), Codec::Enum(other)) => {
            for word in other {
                if known.iter().all(|known| known.0 != word.0) {
                    known.push(word.clone());
                }
            }
        }
        (Codec::Color(known), Codec::Color(other)) => {
            known.xy |= other.xy;
            known.hue_saturation |= other.hue_saturation;
        }
        _ => {}
    }
}
