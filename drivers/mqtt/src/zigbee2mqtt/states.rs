//! States of devices and groups.

use driver_api::{DriverEvent, Origin, Report};
use hub_model::Now;
use hub_model::command::ConfirmedBy;
use serde_json::Value as Json;

use super::decode::Decoded;
use super::machine::Zigbee2Mqtt;
use super::registry::Key;

impl Zigbee2Mqtt {
    /// `<name>`: the whole state as one JSON object. Empty means that the topic is given up.
    pub(super) fn handle_state(&mut self, now: Now, key: Key, payload: &[u8], retain: bool) {
        if payload.is_empty() {
            return;
        }
        let Ok(state @ Json::Object(_)) = serde_json::from_slice::<Json>(payload) else {
            self.counters.malformed += 1;
            return;
        };
        let Some(entry) = self.registry.get(key) else { return };
        let decoded = entry.mapping.decode(&state);
        // What the bridge repeats from its cache has no link quality; what came by radio has.
        let repeated = self.bridge.is_repeating(now)
            && decoded.happenings.is_empty()
            && (entry.is_group() || state.get("linkquality").is_none());
        self.take_decoded(now, key, decoded, repeated, retain);
    }

    /// `<name>/<attribute>`: one property as plain text, if the bridge publishes them so. Where it publishes JSON too,
    /// that has it all, and an action would be taken twice.
    pub(super) fn handle_property(&mut self, now: Now, key: Key, path: &str, payload: &[u8], retain: bool) {
        if payload.is_empty() || !self.bridge.attributes_only {
            return;
        }
        let Ok(text) = std::str::from_utf8(payload) else {
            self.counters.malformed += 1;
            return;
        };
        let repeating = self.bridge.is_repeating(now);
        let Some(entry) = self.registry.get_mut(key) else { return };
        let decoded = entry.mapping.decode_nested(&mut entry.nested, path, text);
        let repeated = repeating && decoded.happenings.is_empty();
        self.take_decoded(now, key, decoded, repeated, retain);
    }

    fn take_decoded(&mut self, now: Now, key: Key, decoded: Decoded, repeated: bool, retain: bool) {
        self.counters.unmapped += decoded.unmapped.len() as u64;
        let Some(entry) = self.registry.get_mut(key) else { return };
        entry.has_state = true;
        let device = entry.device.id.clone();
        let origin = match (retain, repeated) {
            // Some brokers hand out what they kept while news already passes: then it is the older of the two.
            (true, _) if !entry.heard => Origin::Retained,
            (true, _) | (_, true) => Origin::Cached,
            (false, false) => Origin::Live,
        };
        if !decoded.readings.is_empty() {
            let confirms = match origin {
                Origin::Live => entry.confirms(now.mono, &decoded.readings),
                _ => ConfirmedBy::Report,
            };
            let report = Report { device: device.clone(), readings: decoded.readings, origin, confirms };
            self.emit(DriverEvent::Report(report));
        }
        // A retained press was before the hub's time.
        if !retain {
            for reading in decoded.happenings {
                self.emit(DriverEvent::Happening { device: device.clone(), reading });
            }
        }
        if origin == Origin::Live {
            self.note_heard(key);
            self.note_paired_report(&device);
        }
    }
}
