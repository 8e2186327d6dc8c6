//! Numbers for endpoints: from the bridge by name, else assigned once and kept.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use hub_model::{Device, EndpointNumber};

use super::definition::EndpointItem;

/// The Green Power endpoint; no function of a device.
const GREEN_POWER: EndpointNumber = 242;

/// Which number each endpoint of a device has.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Numbering {
    labels: BTreeMap<Arc<str>, EndpointNumber>,
    /// The endpoint of what has a function and no label.
    pub(super) unlabelled: EndpointNumber,
}

impl Numbering {
    /// Numbers for these labels, in order of appearance. What the hub knew before stays; then the bridge's own numbers
    /// count, then labels that are numbers; what is left gets the lowest that was never used.
    pub(super) fn new(labels: &[&str], bridge: &[EndpointItem], known: Option<&Device>) -> Self {
        let known = known.map_or(&[][..], |known| &known.endpoints);
        let mut numbering = Self::default();
        for endpoint in known.iter().filter(|endpoint| endpoint.number > 0) {
            if let Some(label) = &endpoint.label {
                numbering.labels.insert(Arc::clone(label), endpoint.number);
            }
        }
        let mut used: BTreeSet<_> = numbering.labels.values().copied().chain([0]).collect();
        for label in labels {
            let item = bridge.iter().find(|item| item.name.as_deref() == Some(*label));
            numbering.assign(label, item.map(|item| item.number), &mut used);
        }
        // The bridge may since have named what had no label.
        let unlabelled = known.iter().find(|endpoint| endpoint.number > 0 && endpoint.label.is_none());
        let unlabelled = unlabelled.map(|endpoint| endpoint.number).filter(|number| !used.contains(number));
        used.extend(known.iter().map(|endpoint| endpoint.number));
        for label in labels {
            numbering.assign(label, label.parse().ok(), &mut used);
        }
        let reserved: BTreeSet<_> = bridge.iter().filter(|item| item.name.is_some()).map(|item| item.number).collect();
        let lowest = |used: &mut BTreeSet<EndpointNumber>| {
            let number = (1..EndpointNumber::MAX).find(|number| !used.contains(number) && !reserved.contains(number));
            let number = number.unwrap_or(EndpointNumber::MAX);
            used.insert(number);
            number
        };
        for label in labels {
            if !numbering.labels.contains_key(*label) {
                let number = lowest(&mut used);
                numbering.labels.insert(Arc::from(*label), number);
            }
        }
        let unnamed = || {
            let free =
                |item: &&EndpointItem| item.name.is_none() && item.number < GREEN_POWER && !used.contains(&item.number);
            bridge.iter().find(free).map(|item| item.number).filter(|_| !numbering.labels.is_empty())
        };
        numbering.unlabelled = match unlabelled {
            Some(number) => number,
            None => match unnamed() {
                Some(number) => number,
                None => lowest(&mut used),
            },
        };
        numbering
    }

    /// Gives a label a number, if it has none and the number is free.
    fn assign(&mut self, label: &str, number: Option<EndpointNumber>, used: &mut BTreeSet<EndpointNumber>) {
        if let Some(number) = number
            && !self.labels.contains_key(label)
            && used.insert(number)
        {
            self.labels.insert(Arc::from(label), number);
        }
    }

    /// The number of a label.
    pub(super) fn of(&self, label: &str) -> EndpointNumber {
        self.labels.get(label).copied().unwrap_or(self.unlabelled)
    }

    /// Every label with its number.
    pub(super) fn labels(&self) -> impl Iterator<Item = (&Arc<str>, EndpointNumber)> {
        self.labels.iter().map(|(label, number)| (label, *number))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bridge(items: &[(u16, Option<&str>)]) -> Vec<EndpointItem> {
        items.iter().map(|(number, name)| EndpointItem { number: *number, name: name.map(str::to_owned) }).collect()
    }

    #[test]
    fn numbers_come_from_the_bridge_then_from_the_label_then_from_below() {
        let numbering = Numbering::new(&["left", "3", "rgb"], &bridge(&[(2, Some("left")), (1, None)]), None);
        let numbers: Vec<_> = ["left", "3", "rgb"].iter().map(|label| numbering.of(label)).collect();
        assert_eq!((numbers, numbering.unlabelled), (vec![2, 3, 1], 4));
        assert_eq!(Numbering::new(&[], &bridge(&[(11, None)]), None).unlabelled, 1);
    }

    #[test]
    fn what_the_bridge_names_later_takes_its_number_from_what_had_no_label() {
        let mut device = Device::default();
        device.endpoints.push(hub_model::Endpoint { number: 1, ..Default::default() });
        let numbering = Numbering::new(&["l1", "l2"], &bridge(&[(1, Some("l1")), (2, Some("l2"))]), Some(&device));
        assert_eq!((numbering.of("l1"), numbering.of("l2"), numbering.unlabelled), (1, 2, 3));
    }

    #[test]
    fn numbers_stay_and_are_not_used_again() {
        let mut device = Device::default();
        for (number, label) in [(5, "top"), (1, "gone")] {
            let label = Some(Arc::from(label));
            device.endpoints.push(hub_model::Endpoint { number, label, ..Default::default() });
        }
        let numbering = Numbering::new(&["bottom", "top"], &bridge(&[(7, Some("top"))]), Some(&device));
        assert_eq!((numbering.of("top"), numbering.of("bottom"), numbering.of("gone")), (5, 2, 1));
    }
}
