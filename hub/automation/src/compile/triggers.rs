//! Triggers, ready to run.

use std::sync::Arc;

use super::Compiler;
use super::devices::{Use, keys};
use crate::document::written::{self, Placed};
use crate::rule::{Trigger, TriggerKind};

impl Compiler<'_> {
    pub(super) fn trigger(&mut self, written: &Placed<written::Trigger>) -> Trigger {
        let kind = match &written.value.kind {
            written::TriggerKind::State { attribute, from, to, hold } => {
                let found = self.attributes(attribute, Use::State);
                TriggerKind::State {
                    from: from.as_ref().map(|values| self.patterns(&found, values, true)),
                    to: to.as_ref().map(|values| self.patterns(&found, values, true)),
                    watched: keys(found),
                    hold: *hold,
                }
            }
            written::TriggerKind::Numeric { attribute, range, hold } => {
                let found = self.attributes(attribute, Use::State);
                let others = self.findings.len();
                let range = self.range(&found, range);
                // Without a bound that cannot be understood it would fire for too much.
                let watched = if self.findings.len() > others { Vec::new() } else { keys(found) };
                TriggerKind::Numeric { range, watched, hold: *hold }
            }
            written::TriggerKind::Event { attribute, is } => {
                let found = self.attributes(attribute, Use::Event);
                TriggerKind::Event {
                    is: is.as_ref().map(|values| self.patterns(&found, values, false)),
                    watched: keys(found),
                }
            }
            written::TriggerKind::Time { at, weekdays } => {
                TriggerKind::Time { at: at.clone(), weekdays: weekdays.clone() }
            }
            written::TriggerKind::Sun { moment, weekdays } => {
                TriggerKind::Sun { moment: *moment, weekdays: weekdays.clone() }
            }
            written::TriggerKind::Every(period) => TriggerKind::Every(*period),
            written::TriggerKind::Cron(cron) => TriggerKind::Cron(cron.clone()),
            written::TriggerKind::Availability { devices, from, to, hold } => TriggerKind::Availability {
                devices: self.records(devices).into_iter().map(|record| record.device.id.clone()).collect(),
                from: *from,
                to: *to,
                hold: *hold,
            },
            written::TriggerKind::Presence { people, from, to, hold } => {
                let place = |place: &Option<Placed<String>>| place.as_ref().map(|place| Arc::from(&*place.value));
                TriggerKind::Presence {
                    who: self.who(people, &written.place),
                    from: place(from),
                    to: place(to),
                    hold: *hold,
                }
            }
            written::TriggerKind::Mode { from, to, hold } => TriggerKind::Mode {
                from: from.as_ref().map(|modes| self.modes(modes)),
                to: to.as_ref().map(|modes| self.modes(modes)),
                hold: *hold,
            },
            written::TriggerKind::Start => TriggerKind::Start,
            written::TriggerKind::Webhook(id) => TriggerKind::Webhook(id.value.as_str().into()),
        };
        let id = written.value.id.as_deref().map(Arc::from);
        Trigger { path: Arc::clone(&written.place.path), id, kind }
    }
}
