//! Devices and groups that the bridge no longer lists.
//!
//! One or two that are gone were removed by a person. Most of them gone at once is rather a bridge with an empty or
//! another database than a person who cleared the house, so names, rooms and rules are kept: they are unreachable until
//! the bridge lists them again or a person removes them one by one.

use std::collections::HashSet;
use std::sync::Arc;

use driver_api::DriverEvent;
use hub_model::{Device, DeviceId};

use super::machine::Zigbee2Mqtt;
use super::mapping::Mapping;
use super::registry::{Entry, Key, Kind};

/// So many that vanish at once, and more than half of all, are not taken for removed.
const MASS: usize = 3;
/// The most that are kept: what a bridge that lists other devices again and again could fill.
const MOST_KEPT: usize = 2_000;

/// Devices and groups are listed apart.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Listing {
    Devices,
    Groups,
}

impl Listing {
    fn holds(self, id: &DeviceId) -> bool {
        (self == Self::Groups) == group_number(id).is_some()
    }
}

impl Zigbee2Mqtt {
    /// How many of this kind are thought to be there. Those that are kept already are not.
    pub(super) fn count_present(&self, listing: Listing) -> usize {
        let present = |device: &&Device| listing.holds(&device.id) && !device.unlisted;
        self.known.values().filter(present).count() + self.devices().filter(present).count()
    }

    /// Takes what is missing from a list for removed, or keeps it. `before` is [`Self::count_present`] before the list.
    pub(super) fn take_missing(&mut self, listing: Listing, listed: &HashSet<DeviceId>, before: usize) {
        self.enter_known(listing, listed);
        let missing: Vec<Key> = self
            .registry
            .iter()
            .filter(|(_, Entry { device, .. })| listing.holds(&device.id) && !device.unlisted)
            .filter(|(_, entry)| !listed.contains(&entry.device.id))
            .map(|(key, _)| key)
            .collect();
        let most = missing.len() >= MASS && missing.len() * 2 > before;
        if most && self.unlisted() + missing.len() <= MOST_KEPT {
            self.keep_unlisted(&missing);
            return;
        }
        for key in missing {
            if let Some(entry) = self.registry.remove(key) {
                self.fail_removed(entry.sent);
                self.emit(DriverEvent::DeviceRemoved(entry.device.id));
            }
        }
    }

    /// What the hub knew from before and this list does not hold gets an entry like everything else.
    fn enter_known(&mut self, listing: Listing, listed: &HashSet<DeviceId>) {
        let unseen = |id: &DeviceId, _: &mut Device| listing.holds(id) && !listed.contains(id);
        let mut unseen: Vec<Device> = self.known.extract_if(unseen).map(|(_, device)| device).collect();
        unseen.sort_by(|one, other| one.id.cmp(&other.id));
        for device in unseen {
            let kind = match group_number(&device.id) {
                Some(id) => Kind::Group { id },
                None => Kind::Device { battery: false, disabled: false },
            };
            let name = device.native_name.clone().unwrap_or_else(|| Arc::from(device.id.native_address()));
            self.registry.insert(Entry::new(device, Mapping::default(), kind, name));
        }
    }

    fn keep_unlisted(&mut self, keys: &[Key]) {
        tracing::warn!(driver = %self.driver, vanished = keys.len(), "Most devices are gone from the bridge's list at once; they are kept as unreachable.");
        for key in keys {
            let Some(entry) = self.registry.get_mut(*key) else { continue };
            entry.device.unlisted = true;
            // What their topics said was of the time before.
            entry.announced = None;
            entry.heard = false;
            entry.doubted_until = None;
            let device = Box::new(entry.device.clone());
            let sent = std::mem::take(&mut entry.sent);
            self.fail_removed(sent);
            self.emit(DriverEvent::Device(device));
        }
    }

    /// A person removes it. The bridge need not be asked for what it does not list; true = it is gone.
    pub(super) fn remove_kept(&mut self, id: &DeviceId) -> bool {
        let Some(key) = self.registry.by_id(id) else { return false };
        let is_kept = self.registry.get(key).is_some_and(|entry| entry.device.unlisted);
        if is_kept {
            self.registry.remove(key);
            self.registry.index_names();
        }
        is_kept
    }
}

/// The number in the id of a group; none = it is a device.
fn group_number(id: &DeviceId) -> Option<u64> {
    id.native_address().strip_prefix("group-").map(|number| number.parse().unwrap_or_default())
}
