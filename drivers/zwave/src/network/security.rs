//! The keys of the network.

use std::collections::BTreeMap;

use crate::security::ckdf::{self, NetworkKeys};
use crate::security::s0::S0Keys;
use crate::security::{Key, SecurityClass};
use crate::serial_api::NodeId;

/// The network's keys, those that are known. Nodes with Long Range have keys of their own (SDS13783), and no Security 0.
#[derive(Clone, Debug, Default)]
pub struct Keys {
    classic: KeySet,
    long_range: KeySet,
    s0: Option<S0Keys>,
    /// Of an inclusion with Security 0: all zeros.
    s0_temporary: Option<S0Keys>,
}

/// The keys of all who speak in the same way.
#[derive(Clone, Debug, Default)]
struct KeySet {
    network: BTreeMap<SecurityClass, Key>,
    s2: BTreeMap<SecurityClass, NetworkKeys>,
}

impl KeySet {
    fn insert(&mut self, class: SecurityClass, key: Key) {
        // Of Security 0 too: with these a node that is let in with Security 2 verifies that it has the key (SDS13783).
        self.s2.insert(class, ckdf::network_keys(&key));
        self.network.insert(class, key);
    }
}

impl Keys {
    /// Takes a network key over.
    pub fn insert(&mut self, class: SecurityClass, key: Key) {
        if class == SecurityClass::S0 {
            self.s0 = Some(S0Keys::new(&key));
        }
        self.s0_temporary.get_or_insert_with(|| S0Keys::new(&Key::new([0; 16])));
        self.classic.insert(class, key);
    }

    /// Takes a network key of Long Range over.
    pub fn insert_long_range(&mut self, class: SecurityClass, key: Key) {
        self.long_range.insert(class, key);
    }

    fn of(&self, node: NodeId) -> &KeySet {
        if node.is_long_range() { &self.long_range } else { &self.classic }
    }

    /// A network key, to hand it to a node that is let in.
    pub fn network_key(&self, node: NodeId, class: SecurityClass) -> Option<&Key> {
        self.of(node).network.get(&class)
    }

    /// The classes whose keys are known and could be those of a node, the most trusted first.
    pub fn classes(&self, node: NodeId) -> impl Iterator<Item = SecurityClass> {
        let known = &self.of(node).network;
        SecurityClass::ALL.into_iter().filter(|class| known.contains_key(class))
    }

    pub(super) fn s2(&self, node: NodeId, class: SecurityClass) -> Option<&NetworkKeys> {
        self.of(node).s2.get(&class)
    }

    pub(super) fn s0(&self, temporary: bool) -> Option<&S0Keys> {
        if temporary { self.s0_temporary.as_ref() } else { self.s0.as_ref() }
    }
}
