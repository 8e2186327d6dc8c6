//! SmartStart: the stick listens for devices that announce themselves, and those of the provisioning list are let in
//! without a person.
//!
//! A device that announces itself while something else is under way is left alone: it does so again. By which way it
//! announces itself, classic or Long Range, it is let in.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use driver_api::{DriverEvent, ManageError};
use hub_model::household::Secret as Kept;
use hub_model::pairing::PairingStage;
use hub_model::{Monotonic, SessionId};

use super::ZWave;
use super::errands::Errand;
use crate::controller::Stick;
use crate::node_id::HomeId;
use crate::security::Dsk;
use crate::serial_api::{Function, NodeId};

/// After a node was not given keys it is taken out of the network, as soon as it has noticed that and left it: then it
/// does not answer any more.
const LEAVING: [Duration; 3] = [Duration::from_secs(60), Duration::from_secs(120), Duration::from_secs(300)];

/// For how long a device with which it failed is left alone, the first time and from then on: anybody can repeat an
/// announcement that was heard.
const PAUSES: [Duration; 4] =
    [Duration::from_secs(120), Duration::from_secs(300), Duration::from_secs(900), Duration::from_secs(1_800)];

/// Under which name it is kept who is to leave.
const NAME: &str = "dismissed";
/// The format; a list of another is not read.
const VERSION: &str = "zwave-dismissed 1";
/// The most that are kept: whoever is beyond is a device after a start of the hub.
const MOST_KEPT: usize = 64;

/// What the stick does for SmartStart. Bounded: three times for each node, and what the provisioning list has.
#[derive(Debug, Default)]
pub(super) struct SmartStart {
    /// It was told to listen, and has not been told anything else since.
    pub(super) listens: bool,
    /// Nodes that were let in and not given keys, or that were reset, and when to take them out.
    leaving: Vec<(Monotonic, NodeId)>,
    /// Those of them that were not given keys: they are no devices.
    dismissed: BTreeSet<NodeId>,
    /// What is kept of these.
    kept: Option<String>,
    /// Devices with which it failed: how often, and until when they are left alone.
    failures: BTreeMap<Dsk, (usize, Monotonic)>,
}

impl SmartStart {
    /// The stick is in another network.
    pub(super) fn forget_dismissed(&mut self) {
        self.leaving.clear();
        self.dismissed.clear();
    }

    /// A device came in, or a person has put it on the list or taken it off: what was before does not count.
    pub(super) fn forget_failures(&mut self, dsk: &Dsk) {
        self.failures.remove(dsk);
    }

    pub(super) fn note_failure(&mut self, now: Monotonic, dsk: Dsk) {
        let before = self.failures.get(&dsk).map_or(0, |(failures, _)| *failures);
        let pause = PAUSES.get(before).or(PAUSES.last()).copied().unwrap_or_default();
        self.failures.insert(dsk, (before.saturating_add(1), now.plus(pause)));
    }

    fn is_paused(&self, now: Monotonic, dsk: &Dsk) -> bool {
        self.failures.get(dsk).is_some_and(|(_, until)| *until > now)
    }
}

impl ZWave {
    /// What the stick is to do so that it listens when somebody is waited for, and only then.
    pub(super) fn smart_start_errand(&mut self) -> Option<Errand> {
        let can = self.is_ready && self.stick.as_ref().is_some_and(crate::controller::Stick::has_smart_start);
        let wanted = can && self.provisioning.is_awaiting();
        match (self.smart_start.listens, wanted) {
            (false, true) => Some(Errand::Listen),
            (true, false) if can => Some(Errand::StopAdding),
            _ => None,
        }
    }

    /// A device has announced itself.
    pub(super) fn handle_announced(&mut self, now: Monotonic, home: HomeId, long_range: bool) {
        if self.pairing.is_some() || self.searches_neighbors() || !self.is_ready {
            return;
        }
        let Some(label) = self.provisioning.awaited(home) else {
            tracing::debug!(driver = %self.id, "A device that is not on the provisioning list has announced itself.");
            return;
        };
        let Some(dsk) = label.dsk else { return };
        if self.smart_start.is_paused(now, &dsk) {
            return;
        }
        if long_range && !self.stick.as_ref().is_some_and(crate::controller::Stick::has_long_range) {
            return;
        }
        // The hub opened no session for it: this one is the driver's own.
        let session = SessionId::new(format!("smart-start-{:016x}", u64::from_be_bytes(self.network.random())));
        self.begin_unattended(now, session, label);
        self.errands.push_back(Errand::AddByDsk { dsk, long_range });
        self.tell_pairing(
            PairingStage::Heard,
            None,
            "A device of the provisioning list was heard. Leave it where it is.",
        );
    }

    /// A node that came by itself was not given keys: without them it is not to stay.
    pub(super) fn dismiss(&mut self, now: Monotonic, node: NodeId, words: &str) {
        self.fail_pairing(&format!("{words} It is taken out of the network again, and tries anew by itself."));
        // It is no device, but it is still to be told that it has no keys.
        if self.members.remove(&node).is_some_and(|member| member.told.is_some()) {
            let device = self.device_id(node);
            self.emit(DriverEvent::DeviceRemoved(device));
        }
        self.forget_kept(node);
        self.remove_later(now, node);
        self.smart_start.dismissed.insert(node);
        self.keep_dismissed(self.stick.as_ref().and_then(|stick| stick.home));
    }

    /// The stick is ready: who was to leave when the hub was stopped still is.
    pub(super) fn recall_dismissed(&mut self, now: Monotonic, stick: &Stick) {
        let Some(text) = self.kept.remove(NAME) else { return };
        self.smart_start.kept = Some(text.reveal().to_owned());
        let nodes = stick.home.map(|home| read(text.reveal(), home)).unwrap_or_default();
        for node in nodes.into_iter().filter(|node| stick.nodes.contains_key(node)) {
            self.remove_later(now, node);
            self.smart_start.dismissed.insert(node);
        }
        self.keep_dismissed(stick.home);
    }

    /// Keeps who is to leave this network, if that is new.
    fn keep_dismissed(&mut self, home: Option<HomeId>) {
        let Some(home) = home else { return };
        let text = write(&self.smart_start.dismissed, home);
        if text != self.smart_start.kept {
            self.smart_start.kept.clone_from(&text);
            self.emit(DriverEvent::Keep { name: NAME.into(), value: text.map(Kept::new) });
        }
    }

    /// A node leaves, and may still answer for a while.
    pub(super) fn remove_later(&mut self, now: Monotonic, node: NodeId) {
        self.smart_start.leaving.retain(|(_, leaving)| *leaving != node);
        self.smart_start.leaving.extend(LEAVING.map(|after| (now.plus(after), node)));
    }

    /// A node has left, or its number has a new bearer.
    pub(super) fn stop_dismissing(&mut self, node: NodeId) {
        self.smart_start.leaving.retain(|(_, leaving)| *leaving != node);
        self.no_longer_dismissed(node);
    }

    fn no_longer_dismissed(&mut self, node: NodeId) {
        if self.smart_start.dismissed.remove(&node) {
            self.keep_dismissed(self.stick.as_ref().and_then(|stick| stick.home));
        }
    }

    /// Whether a node was let in and is to leave, as it has no keys.
    pub(super) fn is_dismissed(&self, node: NodeId) -> bool {
        self.smart_start.dismissed.contains(&node)
    }

    /// Without the stick nobody can be taken out: that waits until it is back.
    pub(super) fn smart_start_timeout(&self) -> Option<Monotonic> {
        if !self.is_ready {
            return None;
        }
        self.smart_start.leaving.iter().map(|(at, _)| *at).min()
    }

    pub(super) fn handle_smart_start_timeout(&mut self, now: Monotonic) {
        if !self.is_ready {
            return;
        }
        let is_due = |(at, _): &mut (Monotonic, NodeId)| *at <= now;
        let due: Vec<(Monotonic, NodeId)> = self.smart_start.leaving.extract_if(.., is_due).collect();
        for (_, node) in due {
            match self.needs_stick(Function::REMOVE_FAILED_NODE) {
                Ok(()) => self.errands.push_back(Errand::remove(node, None)),
                // Too much waits for the stick just now.
                Err(ManageError::Offline) => self.smart_start.leaving.push((now.plus(LEAVING[0]), node)),
                Err(_) => {}
            }
            // Who stays all the same is to be seen.
            if !self.smart_start.leaving.iter().any(|(_, leaving)| *leaving == node) {
                self.no_longer_dismissed(node);
            }
        }
    }
}

fn write(dismissed: &BTreeSet<NodeId>, home: HomeId) -> Option<String> {
    let numbers = dismissed.iter().take(MOST_KEPT).map(|node| node.0.to_string());
    let lines = [VERSION.to_owned(), home_text(home)].into_iter().chain(numbers);
    (!dismissed.is_empty()).then(|| lines.collect::<Vec<_>>().join("\n"))
}

/// Who is to leave this network; nobody, if it is another or the text is of something else.
fn read(text: &str, home: HomeId) -> Vec<NodeId> {
    let mut lines = text.lines();
    if lines.next() != Some(VERSION) || lines.next() != Some(&*home_text(home)) {
        return Vec::new();
    }
    lines.take(MOST_KEPT).filter_map(|number| number.parse().ok().map(NodeId)).collect()
}

fn home_text(home: HomeId) -> String {
    format!("0x{:08x}", u32::from_be_bytes(home.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_to_leave_is_kept_as_text() {
        let home = HomeId([0x7E, 0x57, 0x00, 0x01]);
        let text = write(&BTreeSet::from([NodeId(6), NodeId(300)]), home).unwrap();
        assert_eq!(text, "zwave-dismissed 1\n0x7e570001\n6\n300");
        assert_eq!(read(&text, home), [NodeId(6), NodeId(300)]);
        assert_eq!(read(&text, HomeId([1; 4])), [], "of another network");
        assert_eq!(read("6\n7", home), []);
        assert_eq!(write(&BTreeSet::new(), home), None);
    }
}
