//! The devices and groups that the bridge lists, and those that are kept though it does not.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use hub_model::{Availability, Device, DeviceId, Monotonic};

use super::commands::SentCommand;
use super::decode::Nested;
use super::mapping::Mapping;

/// Where an entry is kept.
pub(super) type Key = usize;

/// What an entry stands for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    Device {
        /// It sleeps most of the time: asking it is of no use.
        battery: bool,
        /// The bridge was told to leave it alone.
        disabled: bool,
    },
    Group {
        /// The group's number.
        id: u64,
    },
}

/// A device or group.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) device: Device,
    pub(super) mapping: Mapping,
    pub(super) kind: Kind,
    /// The name that topics are made of.
    pub(super) name: Arc<str>,
    /// Parts of nested properties that come on topics of their own.
    pub(super) nested: Nested,
    /// What its own topic says.
    pub(super) announced: Option<Availability>,
    /// A live message came since the bridge and the link are up.
    pub(super) heard: bool,
    /// What the hub was told last.
    pub(super) reported: Option<Availability>,
    /// It was online when it was renamed: the next «offline» is an artefact of that.
    pub(super) renamed: bool,
    /// It is taken for online against what its topic says, until then.
    pub(super) doubted_until: Option<Monotonic>,
    /// A state came since the link is up.
    pub(super) has_state: bool,
    /// What was sent to it lately, oldest first.
    pub(super) sent: VecDeque<SentCommand>,
}

impl Entry {
    pub(super) fn new(device: Device, mapping: Mapping, kind: Kind, name: Arc<str>) -> Self {
        Self {
            device,
            mapping,
            kind,
            name,
            nested: Nested::default(),
            announced: None,
            heard: false,
            reported: None,
            renamed: false,
            doubted_until: None,
            has_state: false,
            sent: VecDeque::new(),
        }
    }

    pub(super) fn is_group(&self) -> bool {
        matches!(self.kind, Kind::Group { .. })
    }

    /// How the bridge is told whom is meant: devices by their address, which survives renames, groups by name.
    pub(super) fn address(&self) -> &str {
        match self.kind {
            Kind::Device { .. } => self.device.id.native_address(),
            Kind::Group { .. } => &self.name,
        }
    }
}

/// All entries, found by id or by name.
#[derive(Debug, Default)]
pub(super) struct Registry {
    entries: Vec<Option<Entry>>,
    by_id: HashMap<DeviceId, Key>,
    by_name: HashMap<Arc<str>, Key>,
}

impl Registry {
    pub(super) fn by_name(&self, name: &str) -> Option<Key> {
        self.by_name.get(name).copied()
    }

    pub(super) fn by_id(&self, id: &DeviceId) -> Option<Key> {
        self.by_id.get(id).copied()
    }

    pub(super) fn get(&self, key: Key) -> Option<&Entry> {
        self.entries.get(key)?.as_ref()
    }

    pub(super) fn get_mut(&mut self, key: Key) -> Option<&mut Entry> {
        self.entries.get_mut(key)?.as_mut()
    }

    /// Adds an entry with a new id.
    pub(super) fn insert(&mut self, entry: Entry) -> Key {
        let key = match self.entries.iter().position(Option::is_none) {
            Some(free) => free,
            None => {
                self.entries.push(None);
                self.entries.len() - 1
            }
        };
        self.by_id.insert(entry.device.id.clone(), key);
        if let Some(slot) = self.entries.get_mut(key) {
            *slot = Some(entry);
        }
        key
    }

    /// Takes an entry out.
    pub(super) fn remove(&mut self, key: Key) -> Option<Entry> {
        let entry = self.entries.get_mut(key)?.take()?;
        self.by_id.remove(&entry.device.id);
        Some(entry)
    }

    /// Makes the names current, after any change. What is no longer listed has none: another may have it by now.
    pub(super) fn index_names(&mut self) {
        let listed = self.iter().filter(|(_, entry)| !entry.device.unlisted);
        self.by_name = listed.map(|(key, entry)| (Arc::clone(&entry.name), key)).collect();
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (Key, &Entry)> {
        self.entries.iter().enumerate().filter_map(|(key, entry)| Some((key, entry.as_ref()?)))
    }

    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = (Key, &mut Entry)> {
        self.entries.iter_mut().enumerate().filter_map(|(key, entry)| Some((key, entry.as_mut()?)))
    }

    pub(super) fn keys(&self) -> Vec<Key> {
        self.iter().map(|(key, _)| key).collect()
    }
}
