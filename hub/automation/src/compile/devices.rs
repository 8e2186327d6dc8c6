//! The devices and attributes that a rule means.

use hub_model::device::{DeviceRecord, EndpointSelector, ResolveError};
use hub_model::{AreaId, AttributeName, AttributeSchema, EndpointNumber, Said};

use super::{Compiler, area_named, device_named};
use crate::document::written::{self, Devices, Placed};
use crate::rule::AttributeKey;
use hub_model::name::nearest;

/// An attribute that was found.
pub(super) struct Found<'w> {
    pub(super) key: AttributeKey,
    pub(super) schema: &'w AttributeSchema,
}

/// What a rule does with an attribute.
#[derive(Clone, Copy)]
pub(super) enum Use {
    State,
    Event,
    Set,
}

impl Use {
    /// Why the attribute is not good for it: a stable word and a sentence.
    fn problem(self, schema: &AttributeSchema) -> Option<(&'static str, &'static str)> {
        let readable = schema.access.read || schema.access.notify;
        match self {
            Self::State if schema.momentary => {
                Some(("momentary", "happens and is over, it has no state; use an event trigger"))
            }
            Self::State if !readable => Some(("write_only", "can only be set, its state is never known")),
            Self::Event if !schema.momentary => Some(("no_event", "is a state, not an event; use a state trigger")),
            Self::Set if !schema.access.write => Some(("read_only", "can only be read, not set")),
            _ => None,
        }
    }
}

impl<'w> Compiler<'w> {
    /// Whether anything is known of areas. Where not, any may be there.
    fn knows_areas(&self) -> bool {
        let world = self.world;
        world.is_complete() || !world.areas().is_empty() || world.devices().any(|record| record.area.is_some())
    }

    /// The devices that are meant.
    pub(super) fn records(&mut self, devices: &Devices) -> Vec<&'w DeviceRecord> {
        let world = self.world;
        match devices {
            Devices::Named(names) => {
                let mut records = Vec::new();
                for name in names {
                    match device_named(&name.value, world) {
                        Ok(id) => {
                            records.extend(world.device(&id));
                            self.devices.insert(id);
                        }
                        Err(message) => self.wrong(&name.place, "unknown_name", message),
                    }
                }
                records
            }
            Devices::Selected(selection) => {
                self.selects = true;
                let area = match &selection.value.area {
                    None => None,
                    Some(name) => match area_named(&name.value, world) {
                        Some(area) => Some(area),
                        None if !self.knows_areas() => return Vec::new(),
                        None => {
                            let listed = world.areas().iter().flat_map(|area| [area.id.as_str(), &*area.name]);
                            let used = world.devices().filter_map(|record| record.area.as_ref().map(AreaId::as_str));
                            let near = nearest(&name.value, listed.chain(used));
                            let text = match near {
                                Some(near) => format!("there is no area {:?}; did you mean {near:?}?", name.value),
                                None => format!("there is no area {:?}", name.value),
                            };
                            let message = Said::new("area", text).with("name", &name.value).with_some("near", near);
                            self.wrong(&name.place, "unknown_name", message);
                            return Vec::new();
                        }
                    },
                };
                world
                    .devices()
                    // A group would command its members a second time.
                    .filter(|record| record.device.members.is_empty())
                    .filter(|record| area.is_none() || record.area == area)
                    .filter(|record| selection.value.capability.is_none_or(|wanted| record.device.has(wanted)))
                    .collect()
            }
        }
    }

    /// The attribute on each of the devices that are meant. Selected devices that do not have it are left out.
    pub(super) fn attributes(&mut self, attribute: &written::Attribute, used: Use) -> Vec<Found<'w>> {
        let records = self.records(&attribute.devices);
        let endpoint = attribute.endpoint.as_ref();
        match &attribute.devices {
            Devices::Named(_) => records
                .into_iter()
                .filter_map(|record| self.attribute(record, endpoint, &attribute.name, used))
                .collect(),
            Devices::Selected(selection) => records
                .into_iter()
                .flat_map(|record| record.device.endpoints.iter().map(move |part| (record, part)))
                .filter(|(_, part)| {
                    selection.value.capability.is_none_or(|wanted| part.capabilities.contains(&wanted))
                        && endpoint.is_none_or(|selector| selector.names(part))
                })
                .filter_map(|(record, part)| {
                    let schema =
                        part.attribute(&attribute.name.value).filter(|schema| used.problem(schema).is_none())?;
                    Some(found(record, part.number, schema))
                })
                .collect(),
        }
    }

    pub(super) fn attribute(
        &mut self,
        record: &'w DeviceRecord,
        endpoint: Option<&EndpointSelector>,
        name: &Placed<String>,
        used: Use,
    ) -> Option<Found<'w>> {
        let number = match record.device.resolve(endpoint, &name.value) {
            Ok(number) => number,
            Err(ResolveError::NoSuchAttribute { known, .. }) => {
                let near = nearest(&name.value, known.iter().map(AttributeName::as_str));
                let hint = near.map(|near| format!("; did you mean {near:?}?")).unwrap_or_default();
                let text = format!("{:?} has no attribute {:?}{hint}", &*record.name, name.value);
                let message = Said::new("attribute", text).with("device", &record.name).with("name", &name.value);
                let message = message.with_some("near", near);
                self.wrong(&name.place, "unknown_name", message);
                return None;
            }
            Err(error @ ResolveError::NoSuchEndpoint { .. }) => {
                let message = Said::new("endpoint", error.to_string()).with("device", &record.name);
                self.wrong(&name.place, "unknown_name", message);
                return None;
            }
            Err(error @ ResolveError::AmbiguousEndpoint { .. }) => {
                let message = Said::new("which_endpoint", error.to_string()).with("device", &record.name);
                self.wrong(&name.place, "bad_value", message.with("attribute", &name.value));
                return None;
            }
        };
        let schema = record.device.attribute(number, &name.value)?;
        if let Some(problem) = used.problem(schema) {
            let (case, problem) = problem;
            let text = format!("{:?} of {:?} {problem}", name.value, &*record.name);
            let message = Said::new(case, text).with("attribute", &name.value).with("device", &record.name);
            self.wrong(&name.place, "bad_value", message);
            return None;
        }
        Some(found(record, number, schema))
    }
}

pub(super) fn keys(found: Vec<Found<'_>>) -> Vec<AttributeKey> {
    let mut keys: Vec<AttributeKey> = Vec::new();
    for found in found {
        if !keys.contains(&found.key) {
            keys.push(found.key);
        }
    }
    keys
}

fn found<'w>(record: &DeviceRecord, endpoint: EndpointNumber, schema: &'w AttributeSchema) -> Found<'w> {
    let key = AttributeKey { device: record.device.id.clone(), endpoint, attribute: schema.name.clone() };
    Found { key, schema }
}
