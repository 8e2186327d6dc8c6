//! What joins a device's attributes to the properties of its state.

use std::collections::HashMap;
use std::sync::Arc;

use hub_model::{AttributeName, Device, EndpointNumber};

pub use super::describe::describe;
pub use super::group::describe_group;

use super::codec::Codec;

/// A device as the hub sees it, and how its state is read and written.
#[derive(Clone, PartialEq, Debug)]
pub struct Described {
    /// The hub's description.
    pub device: Device,
    /// Between payloads and attributes.
    pub mapping: Mapping,
    /// What the definition holds and could not be described, in words; empty for every definition that is well formed.
    pub dropped: Vec<String>,
}

/// Between payloads and attributes of one device. Pure: it holds no state of the device.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Mapping {
    pub(super) entries: Vec<Entry>,
    /// Which entries a property of the state concerns.
    pub(super) by_property: HashMap<Arc<str>, Vec<usize>>,
    pub(super) by_attribute: HashMap<(EndpointNumber, AttributeName), usize>,
    /// The device's firmware can be updated by the bridge.
    pub(super) has_firmware: bool,
}

/// One attribute and its property.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Entry {
    pub(super) endpoint: EndpointNumber,
    pub(super) name: AttributeName,
    /// The property of the state; for a composite that has none, its own name.
    pub(super) property: Arc<str>,
    /// The property without an endpoint, as groups use it.
    pub(super) base: Arc<str>,
    pub(super) codec: Codec,
    /// A composite without a property: its fields lie at the top level.
    pub(super) spread: bool,
    pub(super) access: EntryAccess,
    /// A happening, never a state.
    pub(super) momentary: bool,
    /// Changes of it can be given a transition.
    pub(super) transition: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct EntryAccess {
    /// Its values in states count. Only what has no state, like a button to press, does not.
    pub(super) decode: bool,
    pub(super) write: bool,
    pub(super) read: bool,
}

impl Mapping {
    pub(super) fn new(entries: Vec<Entry>, has_firmware: bool) -> Self {
        let mut by_property: HashMap<Arc<str>, Vec<usize>> = HashMap::new();
        let mut by_attribute = HashMap::new();
        for (index, entry) in entries.iter().enumerate() {
            match (&entry.codec, entry.spread) {
                (Codec::Composite(fields), true) => {
                    for (field, _) in fields {
                        by_property.entry(Arc::clone(field)).or_default().push(index);
                    }
                }
                _ => by_property.entry(Arc::clone(&entry.property)).or_default().push(index),
            }
            by_attribute.insert((entry.endpoint, entry.name.clone()), index);
        }
        Self { entries, by_property, by_attribute, has_firmware }
    }

    pub(super) fn entry(&self, endpoint: EndpointNumber, name: &AttributeName) -> Option<&Entry> {
        self.by_attribute.get(&(endpoint, name.clone())).and_then(|index| self.entries.get(*index))
    }

    /// The property of the state that an attribute comes from.
    pub fn property(&self, endpoint: EndpointNumber, name: &AttributeName) -> Option<&str> {
        self.entry(endpoint, name).map(|entry| &*entry.property)
    }

    /// Whether setting an attribute sets this property, as the bridge's log calls it: without its endpoint.
    pub(super) fn sets(&self, endpoint: EndpointNumber, name: &AttributeName, property: &str) -> bool {
        self.entry(endpoint, name).is_some_and(|entry| match (&entry.codec, entry.spread) {
            (Codec::Composite(fields), true) => fields.iter().any(|(field, _)| &**field == property),
            _ => *entry.property == *property || *entry.base == *property,
        })
    }

    /// How many attributes it maps.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether it maps nothing.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}
