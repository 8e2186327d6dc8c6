//! The keys of the network.

use std::collections::BTreeMap;

use crate::security::ckdf::{self, NetworkKeys};
use crate::security::s0::S0Keys;
use crate::security::{Key, SecurityClass};

/// The network's keys, those that are known.
#[derive(Clone, Debug, Default)]
pub struct Keys {
    network: BTreeMap<SecurityClass, Key>,
    s2: BTreeMap<SecurityClass, NetworkKeys>,
    s0: Option<S0Keys>,
    /// Of an inclusion with Security 0: all zeros.
    s0_temporary: Option<S0Keys>,
}

impl Keys {
    /// Takes a network key over.
    pub fn insert(&mut self, class: SecurityClass, key: Key) {
        if class == SecurityClass::S0 {
            self.s0 = Some(S0Keys::new(&key));
        } else {
            self.s2.insert(class, ckdf::network_keys(&key));
        }
        self.s0_temporary.get_or_insert_with(|| S0Keys::new(&Key::new([0; 16])));
        self.network.insert(class, key);
    }

    /// A network key, to hand it to a node that is let in.
    pub fn network_key(&self, class: SecurityClass) -> Option<&Key> {
        self.network.get(&class)
    }

    /// The classes whose keys are known, the most trusted first.
    pub fn classes(&self) -> impl Iterator<Item = SecurityClass> {
        SecurityClass::ALL.into_iter().filter(|class| self.network.contains_key(class))
    }

    pub(super) fn s2(&self, class: SecurityClass) -> Option<&NetworkKeys> {
        self.s2.get(&class)
    }

    pub(super) fn s0(&self, temporary: bool) -> Option<&S0Keys> {
        if temporary { self.s0_temporary.as_ref() } else { self.s0.as_ref() }
    }
}
