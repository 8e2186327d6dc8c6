//! Who watches what: an event costs as much as there are rules that watch it, however many rules there are.

use std::collections::{BTreeSet, HashMap};

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
    /// A run waits for this trigger of its wait.
    Run { run: RunId, trigger: usize },
    /// A trigger of the rule.
    Trigger { trigger: usize },
}

/// The maps are only looked up in, never walked through.
#[derive(Debug, Default)]
pub(super) struct Watches {
    attributes: HashMap<AttributeKey, BTreeSet<Watcher>>,
    devices: HashMap<DeviceId, BTreeSet<Watcher>>,
}

impl Watches {
    pub(super) fn add(&mut self, trigger: &Trigger, watcher: &Watcher) {
        for key in attributes(trigger) {
            self.attributes.entry(key.clone()).or_default().insert(watcher.clone());
        }
        for device in devices(trigger) {
            self.devices.entry(device.clone()).or_default().insert(watcher.clone());
        }
    }

    pub(super) fn remove(&mut self, trigger: &Trigger, watcher: &Watcher) {
        for key in attributes(trigger) {
            if let Some(watchers) = self.attributes.get_mut(key) {
                watchers.remove(watcher);
                if watchers.is_empty() {
                    self.attributes.remove(key);
                }
            }
        }
        for device in devices(trigger) {
            if let Some(watchers) = self.devices.get_mut(device) {
                watchers.remove(watcher);
                if watchers.is_empty() {
                    self.devices.remove(device);
                }
            }
        }
    }

    pub(super) fn of_attribute(&self, key: &AttributeKey) -> Vec<Watcher> {
        self.attributes.get(key).map(|watchers| watchers.iter().cloned().collect()).unwrap_or_default()
    }

    pub(super) fn of_device(&self, device: &DeviceId) -> Vec<Watcher> {
        self.devices.get(device).map(|watchers| watchers.iter().cloned().collect()).unwrap_or_default()
    }
}

fn attributes(trigger: &Trigger) -> &[AttributeKey] {
    match &trigger.kind {
        TriggerKind::State { watched, .. } | TriggerKind::Event { watched, .. } => watched,
        TriggerKind::Time { .. } | TriggerKind::Availability { .. } => &[],
    }
}

fn devices(trigger: &Trigger) -> &[DeviceId] {
    if let TriggerKind::Availability { devices, .. } = &trigger.kind { devices } else { &[] }
}
