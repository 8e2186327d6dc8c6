//! What two drivers show of the same nodes.

use std::collections::{BTreeMap, BTreeSet};

use hub_model::{Device, Value};

use crate::shared::Hub;

/// Devices, and the values that are known of them.
pub(crate) struct Home {
    devices: Vec<Device>,
    values: BTreeMap<String, Value>,
}

impl Home {
    pub(crate) fn of(hub: &Hub) -> Self {
        let values = hub.values.iter().map(|((device, endpoint, attribute), value)| {
            (format!("{} {endpoint}/{attribute}", device.native_address()), value.clone())
        });
        Self { devices: hub.devices.values().cloned().collect(), values: values.collect() }
    }

    /// A line for everything that is known.
    fn lines(&self) -> BTreeSet<String> {
        let mut lines = BTreeSet::new();
        for device in &self.devices {
            let id = device.id.native_address();
            lines.insert(format!("{id} {:?} {:?} {:?}", device.manufacturer, device.model, device.firmware));
            lines.insert(format!("{id} {:?} wakes {:?}", device.power_source, device.wake_interval_ms));
            lines.insert(format!("{id} is spoken with by {:?}", device.security));
            for endpoint in &device.endpoints {
                lines.insert(format!("{id} {} is {:?}", endpoint.number, endpoint.capabilities));
                for attribute in &endpoint.attributes {
                    let mut values = attribute.values.clone();
                    values.sort();
                    let access: Vec<_> = attribute.access.words().collect();
                    lines.insert(format!(
                        "{id} {}/{} {} {:?} {access:?} {:?}..{:?} step {:?} {values:?}",
                        endpoint.number,
                        attribute.name,
                        attribute.kind.as_str(),
                        attribute.unit,
                        attribute.min,
                        attribute.max,
                        attribute.step,
                    ));
                }
            }
        }
        // The energy of the plug grows while they look.
        let values = self.values.iter().filter(|(place, _)| !place.ends_with("/energy"));
        lines.extend(values.map(|(place, value)| format!("{place} = {value}")));
        lines
    }
}

/// The differences are those that are written down; `hub/docs/zwave-js.md` has their reasons.
pub(crate) fn compare(own: &Home, other: &Home) {
    let (own, other) = (own.lines(), other.lines());
    let lacking = own.difference(&other).map(|line| format!("- {line}"));
    let more = other.difference(&own).map(|line| format!("+ {line}"));
    let mut differences: Vec<String> = lacking.chain(more).collect();
    differences.sort_by(|one, other| one[2..].cmp(&other[2..]));
    expect_test::expect_file!["../data/differences.txt"].assert_eq(&(differences.join("\n") + "\n"));
}
