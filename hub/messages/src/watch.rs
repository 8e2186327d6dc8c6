//! What devices say that needs a person: the conditions of the table, and being unreachable for long.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use hub_model::device::DeviceRecord;
use hub_model::event::{Alert, Severity};
use hub_model::{AttributeName, Availability, DeviceId, EndpointNumber, EventKind, Monotonic, Now, Value};

/// One row for each attribute that needs a person when it has such a value.
struct Condition {
    attribute: &'static str,
    kind: &'static str,
    begins: Bound,
    severity: Severity,
    words: &'static str,
}

/// When a condition begins and ends.
enum Bound {
    /// True, and no longer.
    True,
    /// At or below the first, and above the second again.
    Low(f64, f64),
}

const CONDITIONS: &[Condition] = &[
    Condition {
        attribute: "smoke",
        kind: "smoke",
        begins: Bound::True,
        severity: Severity::Error,
        words: "detects smoke",
    },
    Condition { attribute: "gas", kind: "gas", begins: Bound::True, severity: Severity::Error, words: "detects gas" },
    Condition {
        attribute: "carbon_monoxide",
        kind: "carbon_monoxide",
        begins: Bound::True,
        severity: Severity::Error,
        words: "detects carbon monoxide",
    },
    Condition {
        attribute: "water_leak",
        kind: "water_leak",
        begins: Bound::True,
        severity: Severity::Error,
        words: "detects water",
    },
    Condition {
        attribute: "battery_low",
        kind: "battery_low",
        begins: Bound::True,
        severity: Severity::Warning,
        words: "has a low battery",
    },
    Condition {
        attribute: "battery",
        kind: "battery_low",
        begins: Bound::Low(10.0, 20.0),
        severity: Severity::Warning,
        words: "has a low battery",
    },
];

/// The kind of the alert about a device that is unreachable.
const OFFLINE: &str = "offline";

/// Looks at devices.
#[derive(Debug)]
pub struct Watch {
    devices: BTreeMap<DeviceId, Watched>,
    /// Devices that cannot be reached: since when, and whether that was said.
    offline: BTreeMap<DeviceId, (Monotonic, bool)>,
    offline_after: Duration,
}

#[derive(Debug, Default)]
struct Watched {
    name: Arc<str>,
    /// What holds, by where and which: a device of several endpoints leaks until none of them does.
    holds: BTreeSet<(&'static str, EndpointNumber, &'static str)>,
}

impl Watched {
    fn has(&self, kind: &str) -> bool {
        self.holds.iter().any(|(held, _, _)| *held == kind)
    }
}

impl Watch {
    /// A look at no devices yet. A device that is unreachable is an alert after `offline_after`.
    pub fn new(offline_after: Duration) -> Self {
        Self { devices: BTreeMap::new(), offline: BTreeMap::new(), offline_after }
    }

    /// Takes in what happened.
    pub fn event(&mut self, now: &Now, event: &EventKind, out: &mut Vec<Alert>) {
        match event {
            EventKind::StateChanged { device, endpoint, attribute, to, .. } => {
                self.state(device, *endpoint, attribute, to, out);
            }
            EventKind::AvailabilityChanged { device, to, .. } => self.availability(now, device, *to, out),
            EventKind::DeviceAdded(record) | EventKind::DeviceUpdated(record) => self.device(record),
            EventKind::DeviceRemoved { device } => self.removed(device, out),
            _ => {}
        }
    }

    /// There is this device.
    pub fn device(&mut self, record: &DeviceRecord) {
        self.devices.entry(record.device.id.clone()).or_default().name = Arc::clone(&record.name);
    }

    /// There are only these devices.
    pub fn retain(&mut self, is_there: &dyn Fn(&DeviceId) -> bool, out: &mut Vec<Alert>) {
        let gone: Vec<DeviceId> = self.devices.keys().filter(|id| !is_there(id)).cloned().collect();
        gone.iter().for_each(|id| self.removed(id, out));
    }

    /// An attribute has this value.
    pub fn state(
        &mut self,
        id: &DeviceId,
        endpoint: EndpointNumber,
        attribute: &AttributeName,
        value: &Value,
        out: &mut Vec<Alert>,
    ) {
        let Some(condition) = CONDITIONS.iter().find(|condition| condition.attribute == attribute.as_str()) else {
            return;
        };
        let Some(device) = self.devices.get_mut(id) else { return };
        let key = (condition.kind, endpoint, condition.attribute);
        let held = device.holds.contains(&key);
        let holds = match condition.begins {
            // What is unknown is as it was.
            _ if value.is_unknown() => held,
            Bound::True => value.as_bool() == Some(true),
            Bound::Low(begins, ends) => {
                value.as_number().map_or(held, |level| level <= begins || (held && level < ends))
            }
        };
        let before = device.has(condition.kind);
        if holds {
            device.holds.insert(key);
        } else {
            device.holds.remove(&key);
        }
        if before != device.has(condition.kind) {
            out.push(alert(condition.kind, id, condition.severity, &device.name, condition.words, before));
        }
    }

    /// A device can be reached, or not.
    pub fn availability(&mut self, now: &Now, id: &DeviceId, availability: Availability, out: &mut Vec<Alert>) {
        let Some(device) = self.devices.get(id) else { return };
        match availability {
            Availability::Offline => drop(self.offline.entry(id.clone()).or_insert((now.mono, false))),
            Availability::Online | Availability::Unknown => {
                if let Some((_, true)) = self.offline.remove(id) {
                    out.push(alert(OFFLINE, id, Severity::Warning, &device.name, "", true));
                }
            }
        }
    }

    /// Time has passed.
    pub fn timeout(&mut self, now: &Now, out: &mut Vec<Alert>) {
        for (id, (since, said)) in &mut self.offline {
            let is_long = now.mono.since(*since) >= self.offline_after;
            if let Some(device) = self.devices.get(id).filter(|_| is_long && !*said) {
                *said = true;
                let words = format!("has been unreachable for {} minutes", self.offline_after.as_secs() / 60);
                out.push(alert(OFFLINE, id, Severity::Warning, &device.name, &words, false));
            }
        }
    }

    /// When [`Watch::timeout`] is wanted.
    pub fn poll_timeout(&self) -> Option<Monotonic> {
        let waiting = self.offline.values().filter(|(_, said)| !said);
        waiting.map(|(since, _)| since.plus(self.offline_after)).min()
    }

    fn removed(&mut self, id: &DeviceId, out: &mut Vec<Alert>) {
        let Some(device) = self.devices.remove(id) else { return };
        let kinds: BTreeSet<&str> = device.holds.iter().map(|(kind, _, _)| *kind).collect();
        let was_offline = self.offline.remove(id).is_some_and(|(_, said)| said);
        for kind in kinds.into_iter().chain(was_offline.then_some(OFFLINE)) {
            out.push(alert(kind, id, Severity::Warning, &device.name, "", true));
        }
    }
}

fn alert(kind: &str, id: &DeviceId, severity: Severity, name: &str, words: &str, resolved: bool) -> Alert {
    let text = if resolved { String::new() } else { format!("{name} {words}.") };
    Alert { code: format!("{kind}:{id}").into(), severity, text: text.into(), resolved }
}

#[cfg(test)]
mod tests {
    use hub_model::Wall;
    use hub_model::device::Device;

    use super::*;

    fn said(alerts: &[Alert]) -> Vec<String> {
        alerts
            .iter()
            .map(|alert| format!("{}{} {}", if alert.resolved { '-' } else { '+' }, alert.code, alert.text))
            .collect()
    }

    #[test]
    fn every_kind_can_be_muted() {
        for kind in CONDITIONS.iter().map(|condition| condition.kind).chain([OFFLINE]) {
            assert!(hub_model::notification::ALERT_KINDS.contains(&kind), "{kind}");
        }
    }

    fn at(minutes: u64) -> Now {
        Now { wall: Wall::default(), mono: Monotonic(Duration::from_secs(60 * minutes)) }
    }

    fn watch() -> (Watch, DeviceId) {
        let mut watch = Watch::new(Duration::from_secs(3_600));
        let id = DeviceId::new("zigbee:0x1");
        let device = Device { id: id.clone(), native_name: Some("Kitchen".into()), ..Device::default() };
        watch.device(&DeviceRecord::new(device));
        (watch, id)
    }

    #[test]
    fn a_condition_is_said_when_it_begins_and_when_it_ends() {
        let (mut watch, id) = watch();
        let number = |level: f64| Value::Number(level);
        for (endpoint, attribute, value, expected) in [
            (1, "smoke", Value::Unknown, &[][..]),
            (1, "smoke", Value::Bool(false), &[]),
            (1, "smoke", Value::Bool(true), &["+smoke:zigbee:0x1 Kitchen detects smoke."]),
            (1, "smoke", Value::Bool(true), &[]),
            (1, "smoke", Value::Unknown, &[]),
            (1, "smoke", Value::Bool(false), &["-smoke:zigbee:0x1 "]),
            (1, "water_leak", Value::Bool(true), &["+water_leak:zigbee:0x1 Kitchen detects water."]),
            (2, "water_leak", Value::Bool(true), &[]),
            (1, "water_leak", Value::Bool(false), &[]),
            (2, "water_leak", Value::Bool(false), &["-water_leak:zigbee:0x1 "]),
            (0, "battery", number(11.0), &[]),
            (0, "battery", number(10.0), &["+battery_low:zigbee:0x1 Kitchen has a low battery."]),
            (0, "battery_low", Value::Bool(true), &[]),
            (0, "battery", number(15.0), &[]),
            (0, "battery_low", Value::Bool(false), &[]),
            (0, "battery", number(20.0), &["-battery_low:zigbee:0x1 "]),
            (1, "temperature", number(900.0), &[]),
        ] {
            let mut out = Vec::new();
            watch.state(&id, endpoint, &attribute.into(), &value, &mut out);
            assert_eq!(said(&out), expected, "{attribute} of {endpoint} {value:?}");
        }
    }

    #[test]
    fn who_is_unreachable_for_long_is_said() {
        let (mut watch, id) = watch();
        let mut out = Vec::new();
        watch.availability(&at(0), &id, Availability::Offline, &mut out);
        watch.availability(&at(30), &id, Availability::Offline, &mut out);
        assert_eq!(watch.poll_timeout(), Some(at(60).mono));
        watch.timeout(&at(59), &mut out);
        assert_eq!(said(&out), [""; 0]);
        watch.timeout(&at(60), &mut out);
        watch.timeout(&at(61), &mut out);
        assert_eq!(said(&out), ["+offline:zigbee:0x1 Kitchen has been unreachable for 60 minutes."]);
        assert_eq!(watch.poll_timeout(), None);
        out.clear();
        watch.availability(&at(62), &id, Availability::Online, &mut out);
        assert_eq!(said(&out), ["-offline:zigbee:0x1 "]);
    }

    #[test]
    fn nothing_is_wrong_with_what_is_gone() {
        let (mut watch, id) = watch();
        let mut out = Vec::new();
        watch.state(&id, 1, &"gas".into(), &Value::Bool(true), &mut out);
        out.clear();
        watch.retain(&|_| false, &mut out);
        assert_eq!(said(&out), ["-gas:zigbee:0x1 "]);
        watch.state(&id, 1, &"gas".into(), &Value::Bool(true), &mut out);
        assert_eq!(out.len(), 1, "who is not there says nothing");
    }
}
