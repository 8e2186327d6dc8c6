//! Who was placed by a device before a stop, of which nothing was heard since.

use std::collections::BTreeMap;

use hub_model::household::Person;
use hub_model::presence::UNKNOWN;
use hub_model::{AccountId, Monotonic};

use super::LASTS;

/// Whose place is left over from before a stop, and until when it holds if nothing is heard.
#[derive(Debug, Default)]
pub(crate) struct LeftOver(BTreeMap<AccountId, Monotonic>);

impl LeftOver {
    /// At a start: those whose place none of their own signs says, so that a device must have said it.
    pub(crate) fn at_start(people: &[Person], now: Monotonic) -> Self {
        let is_left_over = |person: &&Person| {
            person.presence.as_ref().is_some_and(|presence| {
                *presence.place != *UNKNOWN
                    && !person.devices.is_empty()
                    && person.evidence.iter().all(|sign| sign.says != presence.place)
            })
        };
        Self(people.iter().filter(is_left_over).map(|person| (person.id.clone(), now.plus(LASTS))).collect())
    }

    /// Until when somebody's place holds although nobody says it; none = it does not.
    pub(crate) fn until(&self, person: &AccountId, now: Monotonic) -> Option<Monotonic> {
        self.0.get(person).copied().filter(|until| *until > now)
    }

    /// Something was heard of somebody.
    pub(crate) fn is_over(&mut self, person: &AccountId) {
        self.0.remove(person);
    }
}
