//! What the bridge says of itself, its devices and its groups.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use std::time::Duration;

use driver_api::DriverEvent;
use hub_model::{Availability, DeviceId, Monotonic, Now};
use serde::Deserialize;

use super::availability::read_state_word;
use super::definition::{self, DeviceItem, GroupItem};
use super::machine::Zigbee2Mqtt;
use super::mapping::{Described, Mapping, describe, describe_group};
use super::registry::{Entry, Key, Kind};
use super::topics::is_address;
use super::unlisted::Listing;

/// How long after its start the bridge may repeat states from its cache, if it never says that it has started.
const REPETITION: Duration = Duration::from_secs(10);

/// The state of the bridge, as known on this connection.
#[derive(Debug, Default)]
pub(super) struct Bridge {
    /// None = it did not say.
    pub(super) online: Option<bool>,
    /// That it keeps silent has been said.
    pub(super) silence_said: bool,
    pub(super) restart_required: bool,
    pub(super) devices_listed: bool,
    groups_listed: bool,
    /// States come as one topic for each attribute and not as JSON.
    pub(super) attributes_only: bool,
    /// It repeats states from its cache until then.
    repeats_until: Option<Monotonic>,
    /// Of the last list of devices, to leave out equal ones.
    devices_hash: Option<u64>,
}

impl Bridge {
    /// Whether the names of all devices and groups are known.
    pub(super) fn is_listed(&self) -> bool {
        self.devices_listed && self.groups_listed
    }

    pub(super) fn is_repeating(&self, now: Now) -> bool {
        self.repeats_until.is_some_and(|until| now.mono < until)
    }

    /// Until when it may repeat states, if it does.
    pub(super) fn repeats_until(&self) -> Option<Monotonic> {
        self.repeats_until
    }

    pub(super) fn end_repetition(&mut self) {
        self.repeats_until = None;
    }
}

/// The parts of `bridge/info` that matter here.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Info {
    permit_join: Option<bool>,
    restart_required: Option<bool>,
    config: Option<InfoConfig>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct InfoConfig {
    advanced: Option<InfoAdvanced>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct InfoAdvanced {
    output: Option<String>,
}

impl Zigbee2Mqtt {
    /// `bridge/…`. Large things that nobody needs are left unread.
    pub(super) fn handle_bridge(&mut self, now: Now, path: &str, payload: &[u8], retain: bool) {
        if path != "state" && !retain && self.bridge.online.is_none() && !path.starts_with("request/") {
            // A broker may be told not to retain; whoever speaks is there.
            self.set_online(now, true, true);
        }
        match path {
            "state" => match read_state_word(payload) {
                Some(online) => self.set_online(now, online, retain),
                None if payload.is_empty() => {}
                None => self.counters.malformed += 1,
            },
            "info" => self.handle_info(now, payload),
            "devices" => self.handle_devices(now, payload),
            "groups" => self.handle_groups(now, payload),
            "event" => self.handle_event(now, payload),
            "logging" => self.handle_logging(now, payload),
            _ if path.starts_with("response/") => self.handle_response(now, payload),
            _ => {}
        }
    }

    fn set_online(&mut self, now: Now, online: bool, retain: bool) {
        let before = self.bridge.online.replace(online);
        if online && !retain && before != Some(true) {
            self.bridge.repeats_until = Some(now.mono.plus(REPETITION));
        }
        if !online && before != Some(false) {
            for (_, entry) in self.registry.iter_mut() {
                entry.heard = false;
            }
            self.abandon_requests();
            self.abandon_session("zigbee2mqtt was stopped. Start again when it is back.");
        }
        self.update_status(now);
        if before != Some(online) {
            self.update_availabilities();
            if online && self.bridge.devices_listed {
                self.plan_reads(now);
            }
        }
    }

    fn handle_info(&mut self, now: Now, payload: &[u8]) {
        let Ok(info) = serde_json::from_slice::<Info>(payload) else {
            self.counters.malformed += 1;
            return;
        };
        let output = info.config.and_then(|config| config.advanced).and_then(|advanced| advanced.output);
        self.bridge.attributes_only = output.as_deref() == Some("attribute");
        self.bridge.restart_required = info.restart_required.unwrap_or(false);
        if let Some(open) = info.permit_join {
            self.note_permit_join(open);
        }
        self.update_status(now);
    }

    /// The list of devices: the only truth about which there are.
    fn handle_devices(&mut self, now: Now, payload: &[u8]) {
        let hash = hash_of(payload);
        if self.bridge.devices_hash == Some(hash) {
            return;
        }
        let items = match definition::devices(payload) {
            Ok(items) => items,
            Err(error) => {
                self.counters.malformed += u64::from(!payload.is_empty());
                // The error quotes the list, in which names stand.
                let column = error.column();
                tracing::warn!(driver = %self.driver, column, "The list of devices of zigbee2mqtt cannot be read; the last one stays.");
                return;
            }
        };
        // Without even the coordinator it is no list: a bridge that is starting.
        if items.is_empty() {
            return;
        }
        self.bridge.devices_hash = Some(hash);
        let before = self.count_present(Listing::Devices);
        let first = !self.bridge.devices_listed;
        self.bridge.devices_listed = true;
        self.knows_devices = true;
        let listed: HashSet<DeviceId> = items
            .iter()
            .filter(|item| !item.is_coordinator() && is_address(&item.ieee_address))
            .map(|item| self.take_device(item))
            .collect();
        self.take_missing(Listing::Devices, &listed, before);
        self.registry.index_names();
        // Members may be described otherwise now, or be gone.
        let groups = std::mem::take(&mut self.groups);
        self.take_groups(groups);
        if first {
            // First the driver is online, then its devices are.
            self.update_status(now);
        }
        self.update_availabilities();
        self.note_listed_devices();
        if first {
            self.plan_reads(now);
        }
        self.release_early(now);
    }

    fn take_device(&mut self, item: &DeviceItem) -> DeviceId {
        let id = DeviceId::of(&self.driver, &item.ieee_address);
        let key = self.registry.by_id(&id);
        let known = match key {
            Some(key) => self.registry.get(key).map(|entry| entry.device.clone()),
            None => self.known.remove(&id),
        };
        let described = describe(&self.driver, item, known.as_ref());
        if !described.dropped.is_empty() {
            tracing::warn!(device = %id, dropped = ?described.dropped, "Parts of a definition cannot be described.");
        }
        let kind = Kind::Device { battery: item.is_battery_powered(), disabled: item.disabled };
        self.take_described(key, described, kind, &item.friendly_name, known.and_then(|device| device.native_name));
        id
    }

    fn handle_groups(&mut self, now: Now, payload: &[u8]) {
        match definition::groups(payload) {
            Ok(groups) => {
                self.bridge.groups_listed = true;
                self.take_groups(groups);
                self.update_availabilities();
                self.release_early(now);
            }
            Err(_) => self.counters.malformed += u64::from(!payload.is_empty()),
        }
    }

    fn take_groups(&mut self, groups: Vec<GroupItem>) {
        let before = self.count_present(Listing::Groups);
        let mut listed = HashSet::new();
        for group in &groups {
            let id = DeviceId::of(&self.driver, &format!("group-{}", group.id));
            listed.insert(id.clone());
            let key = self.registry.by_id(&id);
            let known = match key {
                Some(key) => self.registry.get(key).map(|entry| entry.device.clone()),
                None => self.known.remove(&id),
            };
            let described = {
                let members: Vec<_> = group
                    .members
                    .iter()
                    .filter_map(|member| self.registry.by_id(&DeviceId::of(&self.driver, &member.ieee_address)))
                    .filter_map(|key| self.registry.get(key))
                    .map(|entry| (&entry.device, &entry.mapping))
                    .collect::<Vec<(&hub_model::Device, &Mapping)>>();
                describe_group(&self.driver, group, &members, known.as_ref())
            };
            let kind = Kind::Group { id: group.id };
            self.take_described(
                key,
                described,
                kind,
                &group.friendly_name,
                known.and_then(|device| device.native_name),
            );
        }
        self.groups = groups;
        if self.bridge.groups_listed {
            self.take_missing(Listing::Groups, &listed, before);
        }
        self.registry.index_names();
    }

    /// Adds an entry, or brings it up to date, and says what changed.
    fn take_described(
        &mut self,
        key: Option<Key>,
        described: Described,
        kind: Kind,
        name: &str,
        old_name: Option<Arc<str>>,
    ) {
        let Described { device, mapping, .. } = described;
        let id = device.id.clone();
        let name: Arc<str> = Arc::from(name);
        let changed = match key.and_then(|key| self.registry.get_mut(key)) {
            Some(entry) => {
                if entry.name != name {
                    entry.renamed = entry.reported == Some(Availability::Online);
                    entry.name = Arc::clone(&name);
                }
                entry.kind = kind;
                entry.mapping = mapping;
                let changed = entry.device != device;
                entry.device = device.clone();
                changed
            }
            None => {
                self.registry.insert(Entry::new(device.clone(), mapping, kind, Arc::clone(&name)));
                true
            }
        };
        if changed {
            self.emit(DriverEvent::Device(Box::new(device)));
        }
        if old_name.is_some_and(|old| old != name) && !self.requests.is_renaming(&id, &name) {
            self.emit(DriverEvent::Renamed { device: id, name });
        }
    }
}

fn hash_of(payload: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    payload.hash(&mut hasher);
    hasher.finish()
}
