//! Devices made of what rules say of them, where nobody describes the home.

use std::collections::BTreeMap;

use hub_model::attribute::AttributeSchema;
use hub_model::attributes::semantic;
use hub_model::device::{Device, DeviceRecord, Endpoint, EndpointSelector};
use hub_model::{Access, DeviceId, EndpointNumber, Kind, Value};

use crate::Document;
use crate::document::written::{
    Attribute, Condition, Devices, Given, Placed, Range, Repetition, Rule, Step, TriggerKind,
};

/// A device of which only the name is known.
pub(super) fn device(name: &str) -> DeviceRecord {
    DeviceRecord::new(Device { id: DeviceId::new(name), interviewed: true, ..Device::default() })
}

/// Gives a device an attribute that it does not have yet. Its kind is what its name means, or else that of the values.
pub(super) fn add(
    record: &mut DeviceRecord,
    selector: Option<&EndpointSelector>,
    attribute: &str,
    values: &[Value],
    momentary: bool,
) {
    let device = &mut record.device;
    if device.resolve(selector, attribute).is_ok() {
        return;
    }
    let wanted: EndpointNumber = match selector {
        Some(EndpointSelector::Number(number)) => *number,
        Some(EndpointSelector::Label(_)) => device.endpoints.iter().map(|part| part.number).max().unwrap_or(0) + 1,
        None => 1,
    };
    let existing = device.endpoints.iter().position(|part| match selector {
        Some(selector) => selector.names(part),
        None => part.number == wanted,
    });
    let index = existing.unwrap_or_else(|| {
        let label = match selector {
            Some(EndpointSelector::Label(label)) => Some(label.clone()),
            _ => None,
        };
        device.endpoints.push(Endpoint { number: wanted, label, ..Endpoint::default() });
        device.endpoints.len() - 1
    });
    if let Some(part) = device.endpoints.get_mut(index) {
        part.attributes.push(schema(attribute, values, momentary));
    }
}

fn schema(attribute: &str, values: &[Value], momentary: bool) -> AttributeSchema {
    let known = semantic(attribute);
    let kind = match known.map(|known| known.kind) {
        // The words of an enumeration are the device's own.
        Some(Kind::Enum) => Kind::Text,
        Some(kind) => kind,
        None => match values.iter().find(|value| !value.is_unknown()) {
            Some(Value::Bool(_)) => Kind::Bool,
            Some(Value::Number(_)) => Kind::Number,
            Some(Value::List(_)) => Kind::List,
            Some(Value::Composite(_)) => Kind::Composite,
            _ => Kind::Text,
        },
    };
    let mut schema = AttributeSchema::new(attribute, kind, Access::ALL);
    if let Some(unit) = known.and_then(|known| known.unit) {
        schema = schema.unit(unit);
    }
    schema.momentary = momentary;
    schema
}

/// The devices that rules name, with the attributes that they use.
pub(super) fn devices(documents: &[Document]) -> Vec<DeviceRecord> {
    let mut found = Found::default();
    for document in documents {
        found.rule(document.rule());
    }
    found.0.into_values().collect()
}

#[derive(Default)]
struct Found(BTreeMap<String, DeviceRecord>);

impl Found {
    fn attribute(
        &mut self,
        devices: &Devices,
        endpoint: Option<&EndpointSelector>,
        name: &str,
        values: &[Value],
        momentary: bool,
    ) {
        let Devices::Named(names) = devices else { return };
        for device_name in names {
            let record = self.0.entry(device_name.value.clone()).or_insert_with(|| device(&device_name.value));
            add(record, endpoint, name, values, momentary);
        }
    }

    fn state(&mut self, attribute: &Attribute, values: &[Placed<Value>]) {
        let values: Vec<Value> = values.iter().map(|value| value.value.clone()).collect();
        self.attribute(&attribute.devices, attribute.endpoint.as_ref(), &attribute.name.value, &values, false);
    }

    fn number(&mut self, attribute: &Attribute, _: &Range) {
        let number = [Value::Number(0.0)];
        self.attribute(&attribute.devices, attribute.endpoint.as_ref(), &attribute.name.value, &number, false);
    }

    fn rule(&mut self, rule: &Rule) {
        for (_, given) in &rule.variables {
            self.given(&given.value);
        }
        for trigger in &rule.triggers {
            self.trigger(&trigger.value.kind);
        }
        self.conditions(&rule.conditions);
        self.steps(&rule.actions);
    }

    fn trigger(&mut self, trigger: &TriggerKind) {
        match trigger {
            TriggerKind::State { attribute, from, to, .. } => {
                let values: Vec<Placed<Value>> = from.iter().chain(to).flatten().cloned().collect();
                self.state(attribute, &values);
            }
            TriggerKind::Numeric { attribute, range, .. } => self.number(attribute, range),
            TriggerKind::Event { attribute, .. } => {
                let (devices, endpoint) = (&attribute.devices, attribute.endpoint.as_ref());
                self.attribute(devices, endpoint, &attribute.name.value, &[], true);
            }
            TriggerKind::Availability { devices: Devices::Named(names), .. } => {
                for name in names {
                    self.0.entry(name.value.clone()).or_insert_with(|| device(&name.value));
                }
            }
            _ => {}
        }
    }

    fn conditions(&mut self, conditions: &[Placed<Condition>]) {
        for condition in conditions {
            match &condition.value {
                Condition::State { attribute, is, .. } => self.state(attribute, is),
                Condition::Numeric { attribute, range } => self.number(attribute, range),
                Condition::And(inner) | Condition::Or(inner) | Condition::Not(inner) => self.conditions(inner),
                Condition::If(expression) => self.references(expression.references()),
                Condition::Availability { devices: Devices::Named(names), .. } => {
                    for name in names {
                        self.0.entry(name.value.clone()).or_insert_with(|| device(&name.value));
                    }
                }
                _ => {}
            }
        }
    }

    fn references(&mut self, references: &[crate::expression::Reference]) {
        for reference in references {
            let name = &*reference.device;
            let record = self.0.entry(name.to_owned()).or_insert_with(|| device(name));
            if let Some(attribute) = &reference.attribute {
                add(record, reference.endpoint.as_ref(), attribute, &[], false);
            }
        }
    }

    fn given(&mut self, given: &Given) {
        if let Given::Template(template) = given {
            self.references(template.references());
        }
    }

    fn steps(&mut self, steps: &[Placed<Step>]) {
        for step in steps {
            match &step.value {
                Step::Command { devices, endpoint, set, .. } => {
                    for (name, given) in set {
                        let values = match &given.value {
                            Given::Value(value) => vec![value.clone()],
                            Given::Template(_) => {
                                self.given(&given.value);
                                Vec::new()
                            }
                        };
                        self.attribute(devices, endpoint.as_ref(), &name.value, &values, false);
                    }
                }
                Step::Toggle { devices, endpoint, attribute, .. } => {
                    self.attribute(devices, endpoint.as_ref(), &attribute.value, &[Value::Bool(true)], false);
                }
                Step::WaitFor { triggers, .. } => {
                    triggers.iter().for_each(|trigger| self.trigger(&trigger.value.kind));
                }
                Step::Choose { choices, otherwise } => {
                    for choice in choices {
                        self.conditions(&choice.conditions);
                        self.steps(&choice.steps);
                    }
                    self.steps(otherwise);
                }
                Step::Repeat { repetition, steps } => {
                    if let Repetition::While(conditions) = repetition {
                        self.conditions(conditions);
                    }
                    self.steps(steps);
                }
                Step::Notify(notify) => {
                    for template in [Some(&notify.message), notify.title.as_ref()].into_iter().flatten() {
                        self.references(template.references());
                    }
                }
                Step::Stop(reason) => self.references(reason.references()),
                Step::Parallel(branches) => branches.iter().for_each(|branch| self.steps(branch)),
                _ => {}
            }
        }
    }
}
