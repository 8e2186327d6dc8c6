//! Conditions, ready to run.

use std::sync::Arc;

use super::Compiler;
use super::devices::{Use, keys};
use crate::document::Place;
use crate::document::written::{self, Placed};
use crate::expression::Reference;
use crate::rule::{Condition, ConditionKind, SunWindow};

impl Compiler<'_> {
    pub(super) fn conditions(&mut self, written: &[Placed<written::Condition>]) -> Vec<Condition> {
        written.iter().map(|condition| self.condition(condition)).collect()
    }

    fn condition(&mut self, written: &Placed<written::Condition>) -> Condition {
        let others = self.findings.len();
        let kind = match &written.value {
            written::Condition::State { attribute, is, hold } => {
                let found = self.attributes(attribute, Use::State);
                ConditionKind::State { is: self.patterns(&found, is, false), watched: keys(found), hold: *hold }
            }
            written::Condition::Numeric { attribute, range } => {
                let found = self.attributes(attribute, Use::State);
                ConditionKind::Numeric { range: self.range(&found, range), watched: keys(found) }
            }
            written::Condition::Time { after, before, weekdays } => {
                ConditionKind::Time { after: *after, before: *before, weekdays: weekdays.clone() }
            }
            written::Condition::Sun { after, before } => {
                ConditionKind::Sun(SunWindow { after: *after, before: *before })
            }
            written::Condition::Presence { people, is, hold } => ConditionKind::Presence {
                who: self.who(people, &written.place),
                is: is.iter().map(|place| Arc::from(&*place.value)).collect(),
                hold: *hold,
            },
            written::Condition::Mode(is) => ConditionKind::Mode(self.modes(is)),
            written::Condition::Availability { devices, is } => ConditionKind::Availability {
                devices: self.records(devices).into_iter().map(|record| record.device.id.clone()).collect(),
                is: *is,
            },
            written::Condition::If(expression) => {
                self.references(expression.references(), &written.place);
                ConditionKind::If(expression.clone())
            }
            written::Condition::And(inner) => ConditionKind::And(self.conditions(inner)),
            written::Condition::Or(inner) => ConditionKind::Or(self.conditions(inner)),
            written::Condition::Not(inner) => ConditionKind::Not(self.conditions(inner)),
        };
        let unresolved = match kind {
            // Each of their parts says it of itself. What inverts one that cannot be asked must not hold either.
            ConditionKind::And(_) | ConditionKind::Or(_) => None,
            _ => self.problem_behind(others),
        };
        Condition { path: Arc::clone(&written.place.path), kind, unresolved }
    }

    /// What an expression names must be there.
    pub(super) fn references(&mut self, references: &[Reference], place: &Place) {
        self.evaluates = true;
        let placed = |text: &str| Placed { value: text.to_owned(), place: place.clone() };
        for reference in references {
            let devices = written::Devices::Named(vec![placed(&reference.device)]);
            for record in self.records(&devices) {
                if let Some(attribute) = &reference.attribute {
                    self.attribute(record, reference.endpoint.as_ref(), &placed(attribute), Use::State);
                }
            }
        }
    }
}
