//! Who watches what: an event costs as much as there are rules that watch it, however many rules there are.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use hub_model::{AutomationId, DeviceId, RunId};

use crate::rule::{AttributeKey, Trigger, TriggerKind};

/// One that watches. A run that waits comes before the triggers of its rule.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Watcher {
    pub(super) automation: AutomationId,
    pub(super) by: WatchedBy,
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum WatchedBy {
    /// A thread of a run waits for this trigger of its wait.
    Run { run: RunId, thread: u32, trigger: usize },
    /// A trigger of the rule.
    Trigger { trigger: usize },
}

/// Something that is watched.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) enum Subject {
    Attribute(AttributeKey),
    Device(DeviceId),
    People,
    Mode,
    Webhook(Arc<str>),
}

/// The map is only looked up in, never walked through.
#[derive(Debug, Default)]
pub(super) struct Watches(HashMap<Subject, BTreeSet<Watcher>>);

impl Watches {
    pub(super) fn add(&mut self, trigger: &Trigger, watcher: &Watcher) {
        for subject in subjects(trigger) {
            self.0.entry(subject).or_default().insert(watcher.clone());
        }
    }

    pub(super) fn remove(&mut self, trigger: &Trigger, watcher: &Watcher) {
        for subject in subjects(trigger) {
            if let Some(watchers) = self.0.get_mut(&subject) {
                watchers.remove(watcher);
                if watchers.is_empty() {
                    self.0.remove(&subject);
                }
            }
        }
    }

    pub(super) fn of(&self, subject: &Subject) -> Vec<Watcher> {
        self.0.get(subject).map(|watchers| watchers.iter().cloned().collect()).unwrap_or_default()
    }
}

fn subjects(trigger: &Trigger) -> Vec<Subject> {
    match &trigger.kind {
        TriggerKind::Presence { .. } => vec![Subject::People],
        TriggerKind::Mode { .. } => vec![Subject::Mode],
        TriggerKind::Webhook(id) => vec![Subject::Webhook(Arc::clone(id))],
        kind => {
            let attributes = kind.attributes().iter().cloned().map(Subject::Attribute);
            attributes.chain(kind.devices().iter().cloned().map(Subject::Device)).collect()
        }
    }
}
