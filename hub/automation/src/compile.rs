//! Makes a rule ready to run: finds the devices it names, checks every attribute and value against them.

use std::collections::BTreeSet;
use std::sync::Arc;

use hub_model::attribute::WrongValue;
use hub_model::device::{DeviceRecord, EndpointSelector, ResolveError};
use hub_model::{AreaId, AttributeName, AttributeSchema, CommandRequest, DeviceId, EndpointNumber, Kind, Value};

use crate::World;
use crate::document::words::{nearest, parse_with_unit};
use crate::document::written::{self, Devices, Placed, Selection};
use crate::document::{Document, Finding, Place};
use crate::rule::{
    AttributeKey, Condition, ConditionKind, Instruction, InstructionKind, Pattern, Rule, Trigger, TriggerKind,
};

/// How many ids a finding lists.
const LISTED: usize = 10;

/// Makes a rule ready to run in this home. Everything that is wrong is found in one go.
pub fn compile(document: &Document, world: &dyn World) -> Result<Rule, Vec<Finding>> {
    let written = document.rule();
    let mut compiler = Compiler { world, findings: Vec::new(), devices: BTreeSet::new(), selects: false };
    let triggers = written.triggers.iter().map(|trigger| compiler.trigger(trigger)).collect();
    let conditions = written.conditions.iter().map(|condition| compiler.condition(condition)).collect();
    let program = written.actions.iter().map(|step| compiler.step(step)).collect();
    if !compiler.findings.is_empty() {
        return Err(compiler.findings);
    }
    Ok(Rule {
        name: written.name.as_str().into(),
        enabled: written.enabled,
        mode: written.mode,
        catch_up: written.catch_up,
        triggers,
        conditions,
        program,
        devices: compiler.devices,
        selects: compiler.selects,
    })
}

/// The device of this id or name; in words what is wrong if there is none or more than one.
pub(crate) fn device_named(name: &str, world: &dyn World) -> Result<DeviceId, String> {
    if let Some(record) = world.device(&DeviceId::new(name)) {
        return Ok(record.device.id.clone());
    }
    let mut named = world.devices().filter(|record| &*record.name == name).map(|record| &record.device.id);
    match (named.next(), named.next()) {
        (Some(only), None) => Ok(only.clone()),
        (Some(first), Some(second)) => {
            let ids: Vec<&str> = [first, second].into_iter().chain(named).take(LISTED).map(DeviceId::as_str).collect();
            Err(format!("{name:?} is the name of several devices; write one of their ids: {}", ids.join(", ")))
        }
        (None, _) => {
            let known = world.devices().flat_map(|record| [&*record.name, record.device.id.as_str()]);
            Err(match nearest(name, known) {
                Some(nearest) => format!("there is no device {name:?}; did you mean {nearest:?}?"),
                None => format!("there is no device {name:?}"),
            })
        }
    }
}

/// The area of this id or name. A world that does not know its areas knows those that its devices are in.
pub(crate) fn area_named(name: &str, world: &dyn World) -> Option<AreaId> {
    let by_id = world.areas().iter().find(|area| area.id.as_str() == name);
    let listed = by_id.or_else(|| world.areas().iter().find(|area| &*area.name == name)).map(|area| area.id.clone());
    listed.or_else(|| world.devices().filter_map(|record| record.area.clone()).find(|area| area.as_str() == name))
}

struct Compiler<'w> {
    world: &'w dyn World,
    findings: Vec<Finding>,
    devices: BTreeSet<DeviceId>,
    selects: bool,
}

/// An attribute that was found.
struct Found<'w> {
    key: AttributeKey,
    schema: &'w AttributeSchema,
}

impl<'w> Compiler<'w> {
    fn wrong(&mut self, place: &Place, code: &'static str, message: impl Into<Arc<str>>) {
        self.findings.push(Finding::at(place, code, message));
    }

    fn trigger(&mut self, written: &Placed<written::Trigger>) -> Trigger {
        let kind = match &written.value {
            written::Trigger::State { attribute, from, to, hold } => {
                let found = self.attributes(attribute, Use::State);
                TriggerKind::State {
                    from: from.as_ref().map(|values| self.patterns(&found, values, true)),
                    to: to.as_ref().map(|values| self.patterns(&found, values, true)),
                    watched: keys(found),
                    hold: *hold,
                }
            }
            written::Trigger::Event { attribute, is } => {
                let found = self.attributes(attribute, Use::Event);
                TriggerKind::Event {
                    is: is.as_ref().map(|values| self.patterns(&found, values, false)),
                    watched: keys(found),
                }
            }
            written::Trigger::Time { at, weekdays } => TriggerKind::Time { at: at.clone(), weekdays: weekdays.clone() },
            written::Trigger::Availability { devices, from, to, hold } => TriggerKind::Availability {
                devices: self.records(devices).into_iter().map(|record| record.device.id.clone()).collect(),
                from: *from,
                to: *to,
                hold: *hold,
            },
        };
        Trigger { path: Arc::clone(&written.place.path), kind }
    }

    fn condition(&mut self, written: &Placed<written::Condition>) -> Condition {
        let kind = match &written.value {
            written::Condition::State { attribute, is, hold } => {
                let found = self.attributes(attribute, Use::State);
                ConditionKind::State { is: self.patterns(&found, is, false), watched: keys(found), hold: *hold }
            }
            written::Condition::And(inner) => ConditionKind::And(self.conditions(inner)),
            written::Condition::Or(inner) => ConditionKind::Or(self.conditions(inner)),
            written::Condition::Not(inner) => ConditionKind::Not(self.conditions(inner)),
        };
        Condition { path: Arc::clone(&written.place.path), kind }
    }

    fn conditions(&mut self, written: &[Placed<written::Condition>]) -> Vec<Condition> {
        written.iter().map(|condition| self.condition(condition)).collect()
    }

    fn step(&mut self, written: &Placed<written::Step>) -> Instruction {
        let kind = match &written.value {
            written::Step::Delay(duration) => InstructionKind::Delay(*duration),
            written::Step::WaitFor { triggers, timeout, on_timeout } => InstructionKind::WaitFor {
                triggers: triggers.iter().map(|trigger| self.trigger(trigger)).collect(),
                timeout: *timeout,
                on_timeout: *on_timeout,
            },
            written::Step::Command { devices, endpoint, set, transition, time_to_live } => {
                let milliseconds =
                    |duration: std::time::Duration| u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
                let mut requests = match devices {
                    Devices::Named(_) => self.named_requests(devices, endpoint.as_ref(), set),
                    Devices::Selected(selection) => {
                        self.selected_requests(devices, &selection.value, endpoint.as_ref(), set)
                    }
                };
                for request in &mut requests {
                    request.transition_ms = transition.map(milliseconds);
                    request.ttl_ms = time_to_live.map(milliseconds);
                }
                InstructionKind::Command(requests)
            }
        };
        Instruction { path: Arc::clone(&written.place.path), kind }
    }

    /// Named devices must have everything that is set on them.
    fn named_requests(
        &mut self,
        devices: &Devices,
        endpoint: Option<&EndpointSelector>,
        set: &[(Placed<String>, Placed<Value>)],
    ) -> Vec<CommandRequest> {
        let mut requests = Vec::new();
        for record in self.records(devices) {
            let mut wanted = Vec::new();
            let mut endpoints = BTreeSet::new();
            for (name, value) in set {
                if let Some(found) = self.attribute(record, endpoint, name, Use::Set)
                    && let Some(value) = self.value(found.schema, value)
                {
                    endpoints.insert(found.key.endpoint);
                    wanted.push((found.key.attribute, value));
                }
            }
            let only = (endpoints.len() == 1).then(|| endpoints.first().copied()).flatten();
            requests.push(request(record, only, wanted));
        }
        requests
    }

    /// Selected devices get what they have of it, each endpoint that is what was selected.
    fn selected_requests(
        &mut self,
        devices: &Devices,
        selection: &Selection,
        endpoint: Option<&EndpointSelector>,
        set: &[(Placed<String>, Placed<Value>)],
    ) -> Vec<CommandRequest> {
        let mut requests = Vec::new();
        for record in self.records(devices) {
            for part in &record.device.endpoints {
                let fits = selection.capability.is_none_or(|wanted| part.capabilities.contains(&wanted))
                    && endpoint.is_none_or(|selector| selector.names(part));
                let wanted: Vec<(AttributeName, Value)> = set
                    .iter()
                    .filter_map(|(name, value)| {
                        let schema = part.attribute(&name.value).filter(|schema| fits && schema.access.write)?;
                        Some((schema.name.clone(), fit(schema, &value.value).ok()?))
                    })
                    .collect();
                if !wanted.is_empty() {
                    requests.push(request(record, Some(part.number), wanted));
                }
            }
        }
        requests
    }

    /// The devices that are meant.
    fn records(&mut self, devices: &Devices) -> Vec<&'w DeviceRecord> {
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
                        None => {
                            let listed = world.areas().iter().flat_map(|area| [area.id.as_str(), &*area.name]);
                            let used = world.devices().filter_map(|record| record.area.as_ref().map(AreaId::as_str));
                            let message = match nearest(&name.value, listed.chain(used)) {
                                Some(nearest) => {
                                    format!("there is no area {:?}; did you mean {nearest:?}?", name.value)
                                }
                                None => format!("there is no area {:?}", name.value),
                            };
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
    fn attributes(&mut self, attribute: &written::Attribute, used: Use) -> Vec<Found<'w>> {
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

    fn attribute(
        &mut self,
        record: &'w DeviceRecord,
        endpoint: Option<&EndpointSelector>,
        name: &Placed<String>,
        used: Use,
    ) -> Option<Found<'w>> {
        let number = match record.device.resolve(endpoint, &name.value) {
            Ok(number) => number,
            Err(ResolveError::NoSuchAttribute { known, .. }) => {
                let hint = match nearest(&name.value, known.iter().map(AttributeName::as_str)) {
                    Some(nearest) => format!("; did you mean {nearest:?}?"),
                    None => String::new(),
                };
                let message = format!("{:?} has no attribute {:?}{hint}", &*record.name, name.value);
                self.wrong(&name.place, "unknown_name", message);
                return None;
            }
            Err(error @ ResolveError::NoSuchEndpoint { .. }) => {
                self.wrong(&name.place, "unknown_name", error.to_string());
                return None;
            }
            Err(error @ ResolveError::AmbiguousEndpoint { .. }) => {
                self.wrong(&name.place, "bad_value", error.to_string());
                return None;
            }
        };
        let schema = record.device.attribute(number, &name.value)?;
        if let Some(problem) = used.problem(schema) {
            self.wrong(&name.place, "bad_value", format!("{:?} of {:?} {problem}", name.value, &*record.name));
            return None;
        }
        Some(found(record, number, schema))
    }

    /// A value as it is sent.
    fn value(&mut self, schema: &AttributeSchema, written: &Placed<Value>) -> Option<Value> {
        match fit(schema, &written.value) {
            Ok(value) => Some(value),
            Err(message) => {
                self.wrong(&written.place, "bad_value", message);
                None
            }
        }
    }

    /// Values that states are compared with. Unknown can be come from or gone to, but nothing is equal to it.
    fn patterns(&mut self, found: &[Found<'_>], written: &[Placed<Value>], unknown: bool) -> Vec<Pattern> {
        let mut patterns: Vec<Pattern> = Vec::new();
        for value in written {
            for found in found {
                let pattern = match (&value.value, unknown) {
                    (Value::Unknown, true) => Pattern { value: Value::Unknown, tolerance: 0.0 },
                    (Value::Unknown, false) => {
                        self.wrong(&value.place, "bad_value", "nothing is equal to an unknown value; give a value");
                        break;
                    }
                    _ => match self.value(found.schema, value) {
                        Some(value) => Pattern { value, tolerance: found.schema.tolerance() / 2.0 },
                        None => break,
                    },
                };
                if !patterns.contains(&pattern) {
                    patterns.push(pattern);
                }
            }
        }
        patterns
    }
}

fn keys(found: Vec<Found<'_>>) -> Vec<AttributeKey> {
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

fn request(
    record: &DeviceRecord,
    endpoint: Option<EndpointNumber>,
    set: Vec<(AttributeName, Value)>,
) -> CommandRequest {
    CommandRequest {
        device: record.device.id.clone(),
        endpoint: endpoint.map(EndpointSelector::Number),
        set,
        transition_ms: None,
        ttl_ms: None,
    }
}

/// What a rule does with an attribute.
#[derive(Clone, Copy)]
enum Use {
    State,
    Event,
    Set,
}

impl Use {
    /// Why the attribute is not good for it.
    fn problem(self, schema: &AttributeSchema) -> Option<&'static str> {
        let readable = schema.access.read || schema.access.notify;
        match self {
            Self::State if schema.momentary => Some("happens and is over, it has no state; use an event trigger"),
            Self::State if !readable => Some("can only be set, its state is never known"),
            Self::Event if !schema.momentary => Some("is a state, not an event; use a state trigger"),
            Self::Set if !schema.access.write => Some("can only be read, not set"),
            _ => None,
        }
    }
}

/// A written value as the attribute wants it: `40%` is a number where percent is the unit.
fn fit(schema: &AttributeSchema, written: &Value) -> Result<Value, String> {
    let value = match (schema.kind, written) {
        (Kind::Number, Value::Text(text)) => {
            parse_with_unit(text, schema.unit.as_deref()).map_or_else(|| written.clone(), Value::number)
        }
        _ => written.clone(),
    };
    schema.check(&value).map(|()| value).map_err(|error| match (&error.reason, written) {
        (WrongValue::Kind { wanted: Kind::Bool }, Value::Text(text)) => match crate::document::bool_hint(text) {
            Some(meant) => format!("{} cannot be {text:?}; write {meant}", schema.name),
            None => error.to_string(),
        },
        _ => error.to_string(),
    })
}
