//! Whether a device can be reached.
//!
//! Without link or bridge nothing can, whatever topics say. Else a device's own topic counts; where there is none, a
//! device that reports is there; what the bridge no longer lists is not. A group can be reached if one of its members can: the bridge's own word for groups is
//! wrong for empty ones and stays behind when they fill.

use std::time::Duration;

use driver_api::DriverEvent;
use hub_model::{Availability, Now};

use super::machine::Zigbee2Mqtt;
use super::registry::{Entry, Key, Kind};

/// How long a renamed device is taken for online against its topic: as long as the bridge takes to ask one that is
/// always on, and as long as one that sleeps may keep silent.
const DOUBT: (Duration, Duration) = (Duration::from_secs(15 * 60), Duration::from_secs(25 * 3600));

impl Zigbee2Mqtt {
    /// `<name>/availability`: JSON, or plain as with 1.x. Empty means that the topic is given up.
    pub(super) fn handle_availability(&mut self, now: Now, key: Key, payload: &[u8], retain: bool) {
        let announced = match read_state_word(payload) {
            _ if payload.is_empty() => return,
            Some(true) => Availability::Online,
            Some(false) => Availability::Offline,
            None => {
                self.counters.malformed += 1;
                return;
            }
        };
        let Some(entry) = self.registry.get_mut(key) else { return };
        match announced {
            Availability::Offline if entry.renamed && !retain => {
                let doubt = if matches!(entry.kind, Kind::Device { battery: true, .. }) { DOUBT.1 } else { DOUBT.0 };
                let until = now.mono.plus(doubt);
                entry.doubted_until = Some(until);
                self.doubts_end = Some(self.doubts_end.map_or(until, |end| end.min(until)));
            }
            announced => {
                entry.announced = Some(announced);
                entry.doubted_until = None;
            }
        }
        entry.renamed = false;
        self.update_availability(key);
        self.update_groups();
    }

    /// A live message came from this device.
    pub(super) fn note_heard(&mut self, key: Key) {
        let Some(entry) = self.registry.get_mut(key) else { return };
        if entry.heard && entry.doubted_until.is_none() {
            return;
        }
        entry.heard = true;
        entry.doubted_until = None;
        if !entry.is_group() {
            self.update_availability(key);
            self.update_groups();
        }
    }

    /// Ends doubts about renamed devices that were not heard since.
    pub(super) fn end_doubts(&mut self, now: Now) {
        if self.doubts_end.is_none_or(|end| end > now.mono) {
            return;
        }
        self.doubts_end = None;
        for (_, entry) in self.registry.iter_mut() {
            match entry.doubted_until {
                Some(until) if until <= now.mono => {
                    entry.doubted_until = None;
                    entry.announced = Some(Availability::Offline);
                }
                Some(until) => self.doubts_end = Some(self.doubts_end.map_or(until, |end| end.min(until))),
                None => {}
            }
        }
        self.update_availabilities();
    }

    /// Says of all what changed.
    pub(super) fn update_availabilities(&mut self) {
        for key in self.registry.keys() {
            if self.registry.get(key).is_some_and(|entry| !entry.is_group()) {
                self.update_availability(key);
            }
        }
        self.update_groups();
    }

    fn update_groups(&mut self) {
        let groups: Vec<Key> = self.registry.iter().filter(|(_, entry)| entry.is_group()).map(|(key, _)| key).collect();
        for key in groups {
            self.update_availability(key);
        }
    }

    pub(super) fn update_availability(&mut self, key: Key) {
        let reachable = self.is_connected() && self.bridge.online == Some(true) && self.knows_devices;
        let Some(entry) = self.registry.get(key) else { return };
        let availability = match (reachable, entry.is_group()) {
            (false, _) => Availability::Offline,
            _ if entry.device.unlisted => Availability::Offline,
            (true, false) => of_device(entry),
            (true, true) => self.of_group(entry),
        };
        if let Some(entry) = self.registry.get_mut(key)
            && entry.reported != Some(availability)
        {
            entry.reported = Some(availability);
            let device = entry.device.id.clone();
            self.emit(DriverEvent::Availability { device, availability });
        }
    }

    fn of_group(&self, group: &Entry) -> Availability {
        let members = || {
            let keys = group.device.members.iter().filter_map(|member| self.registry.by_id(member));
            keys.filter_map(|key| self.registry.get(key)).map(of_device)
        };
        if members().any(|member| member == Availability::Online) {
            Availability::Online
        } else if members().count() > 0 && members().all(|member| member == Availability::Offline) {
            Availability::Offline
        } else {
            Availability::Unknown
        }
    }
}

fn of_device(entry: &Entry) -> Availability {
    match (&entry.kind, entry.announced) {
        _ if entry.device.unlisted => Availability::Offline,
        (Kind::Device { disabled: true, .. }, _) => Availability::Offline,
        (_, Some(announced)) => announced,
        (_, None) if entry.heard => Availability::Online,
        (_, None) => Availability::Unknown,
    }
}

/// `{"state":"online"}` or plain `online`; none = something else.
pub(super) fn read_state_word(payload: &[u8]) -> Option<bool> {
    #[derive(serde::Deserialize)]
    struct State<'a> {
        #[serde(borrow)]
        state: std::borrow::Cow<'a, str>,
    }
    let word = match serde_json::from_slice::<State<'_>>(payload) {
        Ok(State { state }) => state,
        Err(_) => std::str::from_utf8(payload).ok()?.trim().trim_matches('"').into(),
    };
    match &*word {
        "online" => Some(true),
        "offline" => Some(false),
        _ => None,
    }
}
