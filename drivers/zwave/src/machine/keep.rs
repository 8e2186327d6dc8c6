//! What is kept for the next start: the network's keys, and what each node said.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::sync::Arc;
use std::time::Duration;

use driver_api::DriverEvent;
use hub_model::Monotonic;
use hub_model::household::Secret as Kept;

use super::ZWave;
use crate::interview::Known;
use crate::security::{Key, SecurityClass};
use crate::serial_api::NodeId;
use crate::serial_api::node_protocol_information::NodeProtocolInformation;

/// Under which names keys are kept.
const KEY_NAMES: &[(SecurityClass, &str)] = &[
    (SecurityClass::S0, "key/s0"),
    (SecurityClass::S2Unauthenticated, "key/s2_unauthenticated"),
    (SecurityClass::S2Authenticated, "key/s2_authenticated"),
    (SecurityClass::S2AccessControl, "key/s2_access_control"),
];

/// Under which names keys of Long Range are kept. All who speak so are authenticated.
const LONG_RANGE_KEY_NAMES: &[(SecurityClass, &str)] = &[
    (SecurityClass::S2Authenticated, "key/long_range/s2_authenticated"),
    (SecurityClass::S2AccessControl, "key/long_range/s2_access_control"),
];

/// The most that is kept of a node in [`WEAR_PERIOD`]. An interview takes some ten.
const MOST_KEPT: u32 = 60;
const WEAR_PERIOD: Duration = Duration::from_secs(3_600);

fn read_key(text: &str) -> Option<Key> {
    let digits = text.as_bytes();
    if digits.len() != 32 {
        return None;
    }
    let mut key = [0; 16];
    for (byte, pair) in key.iter_mut().zip(digits.chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(Key::new(key))
}

fn write_key(key: &Key) -> Kept {
    let text = key.expose().iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    });
    Kept::new(text)
}

/// Security classes whose keys were made at this start; true = those of Long Range.
pub(super) type NewKeys = BTreeSet<(bool, SecurityClass)>;

/// How often something of a node is kept: whatever a node sends, the hub's storage is not to wear out by it. What comes
/// too often is kept when something is heard after the hour is over.
#[derive(Clone, Copy, Default, Debug)]
pub(super) struct Wear {
    since: Monotonic,
    times: u32,
}

impl Wear {
    pub(super) fn takes(&mut self, now: Monotonic) -> bool {
        if now.since(self.since) >= WEAR_PERIOD {
            *self = Self { since: now, times: 0 };
        }
        self.times = self.times.saturating_add(1);
        self.times <= MOST_KEPT
    }
}

impl ZWave {
    /// Takes the keys that were kept; what lacks is made, and kept from now on.
    pub(super) fn take_keys(&mut self) {
        let mut keys = crate::network::Keys::default();
        for (class, name) in KEY_NAMES {
            let key = self.take_key(name, *class, false);
            keys.insert(*class, key);
        }
        for (class, name) in LONG_RANGE_KEY_NAMES {
            let key = self.take_key(name, *class, true);
            keys.insert_long_range(*class, key);
        }
        self.network.set_keys(keys);
    }

    fn take_key(&mut self, name: &'static str, class: SecurityClass, is_long_range: bool) -> Key {
        let kept = self.kept.remove(name).and_then(|text| read_key(text.reveal()));
        kept.unwrap_or_else(|| {
            let key = Key::new(self.network.random());
            self.emit(DriverEvent::Keep { name: Arc::from(name), value: Some(write_key(&key)) });
            self.new_keys.insert((is_long_range, class));
            key
        })
    }

    fn node_name(&self, node: NodeId) -> Arc<str> {
        Arc::from(format!("node/{}", self.address(node)))
    }

    /// What was kept of a node.
    pub(super) fn recall(&mut self, node: NodeId, protocol: NodeProtocolInformation) -> Known {
        let name = self.node_name(node);
        let Some(text) = self.kept.remove(&name) else { return Known::new(protocol) };
        match Known::from_text(protocol, text.reveal()) {
            Ok(mut known) => {
                let is_new = |class| self.new_keys.contains(&(node.is_long_range(), class));
                if known.security.is_some_and(is_new) {
                    known.handle_keys_lost();
                    self.emit(DriverEvent::Keep { name, value: Some(Kept::new(known.to_text())) });
                }
                known
            }
            Err(error) => {
                tracing::warn!(driver = %self.id, node = node.0, %error, "A Z-Wave node is asked anew.");
                Known::new(protocol)
            }
        }
    }

    /// Keeps what has changed of nodes that are not being asked just now.
    pub(super) fn keep_changed(&mut self) {
        let now = self.now;
        let changed = self.members.iter_mut().filter(|(_, member)| member.is_changed && member.asking.is_none());
        let changed = changed.filter_map(|(node, member)| member.wear.takes(now).then_some(*node));
        let changed: Vec<NodeId> = changed.collect();
        for node in changed {
            self.keep(node);
        }
    }

    /// Keeps what is known of a node.
    pub(super) fn keep(&mut self, node: NodeId) {
        let Some(member) = self.members.get_mut(&node) else { return };
        member.is_changed = false;
        let text = member.known.to_text();
        let name = self.node_name(node);
        self.emit(DriverEvent::Keep { name, value: Some(Kept::new(text)) });
    }

    /// Forgets what was kept of a node, and what is known from the last start of one that had its number.
    pub(super) fn forget_kept(&mut self, node: NodeId) {
        let name = self.node_name(node);
        self.kept.remove(&name);
        self.emit(DriverEvent::Keep { name, value: None });
    }
}
