//! What happens while the hub is stopped: at its start it hears how things are by then, not how they came to be so.

use std::collections::BTreeMap;

use hub_model::{DeviceId, EndpointNumber};

use super::SimulatedHome;
use crate::document::tests::Happening;

/// What something that happened is about.
#[derive(PartialEq, Eq, PartialOrd, Ord, Debug)]
enum About {
    State(DeviceId, EndpointNumber, String),
    Reach(DeviceId),
    Person(String),
    Mode,
}

/// The newest of everything, so that it takes as much room as the home is large, however much happened.
#[derive(Debug, Default)]
pub(super) struct Unheard {
    newest: BTreeMap<About, (u64, Happening)>,
    count: u64,
}

impl Unheard {
    /// Something happened. A press of a button that nobody heard is gone.
    pub(super) fn note(&mut self, happening: Happening, home: &mut SimulatedHome) {
        let about = match &happening {
            Happening::Report { device, endpoint, attribute, value } => home
                .find(device, endpoint.as_ref(), attribute, value, false)
                .map(|(device, endpoint)| About::State(device, endpoint, attribute.clone())),
            Happening::Availability { device, .. } => home.device_named(device).map(About::Reach),
            Happening::Presence { person, .. } => Some(About::Person(person.clone())),
            Happening::Mode(_) => Some(About::Mode),
            Happening::Event { .. } | Happening::Webhook(_) | Happening::Down(_) | Happening::Wait => None,
        };
        if let Some(about) = about {
            self.count += 1;
            self.newest.insert(about, (self.count, happening));
        }
    }

    /// Takes all of it, in the order in which it happened.
    pub(super) fn take(&mut self) -> impl Iterator<Item = Happening> + use<> {
        let mut newest: Vec<(u64, Happening)> = std::mem::take(&mut self.newest).into_values().collect();
        newest.sort_by_key(|(count, _)| *count);
        newest.into_iter().map(|(_, happening)| happening)
    }
}
