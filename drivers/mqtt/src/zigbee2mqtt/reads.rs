//! Asking for what the broker does not keep: states that are not retained are published when they change, not when a
//! hub starts.

use std::collections::VecDeque;
use std::time::Duration;

use hub_model::{Availability, DeviceId, Monotonic, Now};

use super::machine::Zigbee2Mqtt;
use super::registry::Kind;
use super::topics::can_be_published;

/// How long the broker has to bring what it kept.
const PATIENCE: Duration = Duration::from_secs(3);
/// The pause between two devices: each question is a handful of radio frames.
const PAUSE: Duration = Duration::from_secs(1);

/// Devices that are still to be asked.
#[derive(Debug, Default)]
pub(super) struct Reads {
    queue: VecDeque<DeviceId>,
    at: Option<Monotonic>,
    planned: bool,
}

impl Reads {
    /// Everything is to be asked for again.
    pub(super) fn start_over(&mut self) {
        *self = Self::default();
    }

    pub(super) fn next_timeout(&self) -> Option<Monotonic> {
        self.at
    }
}

impl Zigbee2Mqtt {
    /// Plans to ask every device once after each connection, also when the bridge only starts then. A bridge that has
    /// just started may repeat what it knows, which saves the question.
    pub(super) fn plan_reads(&mut self, now: Now) {
        if self.reads.planned {
            return;
        }
        self.reads.planned = true;
        self.reads.queue = self.registry.iter().map(|(_, entry)| entry.device.id.clone()).collect();
        self.reads.queue.make_contiguous().sort();
        let patience = now.mono.plus(PATIENCE);
        self.reads.at = Some(self.bridge.repeats_until().map_or(patience, |until| until.max(patience)));
    }

    pub(super) fn tick_reads(&mut self, now: Now) {
        if self.reads.at.is_none_or(|at| at > now.mono) {
            return;
        }
        if self.require_bridge().is_err() {
            self.reads.start_over();
            return;
        }
        while let Some(id) = self.reads.queue.pop_front() {
            let entry = self.registry.by_id(&id).and_then(|key| self.registry.get(key));
            let Some(entry) = entry.filter(|entry| {
                let awake = matches!(entry.kind, Kind::Device { battery: false, disabled: false });
                let reachable = entry.announced != Some(Availability::Offline);
                awake && reachable && !entry.device.unlisted && !entry.has_state && can_be_published(entry.address())
            }) else {
                continue;
            };
            if let Some(object) = entry.mapping.readable() {
                let topic = format!("{}/get", entry.address());
                if self.publish(&topic, serde_json::Value::Object(object).to_string()).is_err() {
                    // When there is room again.
                    self.reads.queue.push_front(id);
                }
                break;
            }
        }
        self.reads.at = (!self.reads.queue.is_empty()).then(|| now.mono.plus(PAUSE));
    }
}
