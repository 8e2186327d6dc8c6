//! The household as the router sees it, made anew when something about it is another.

use std::sync::Arc;

use hub_core::{Policy, Snapshot};
use hub_messages::{Household, Person};
use hub_model::AccountId;
use hub_model::household::Role;
use hub_model::message::{Channel, MessagePreferences};
use hub_model::name::find_named;
use hub_model::zone::Zone;

/// What of the picture makes the household.
#[derive(Debug)]
pub(super) struct People {
    /// Who is told next, as the owner wrote it; empty = owners and adults.
    escalation: Vec<String>,
    seen: Option<Seen>,
}

#[derive(Debug)]
struct Seen {
    people: Arc<Vec<hub_model::household::Person>>,
    channels: Arc<Vec<Channel>>,
    preferences: Arc<Vec<MessagePreferences>>,
    policy: Arc<Policy>,
    zone: Arc<str>,
}

impl People {
    pub(super) fn new(escalation: Vec<String>) -> Self {
        Self { escalation, seen: None }
    }

    /// The household, if it is another than at the last look.
    pub(super) fn look(&mut self, snapshot: &Snapshot) -> Option<Household> {
        let is_same = self.seen.as_ref().is_some_and(|seen| {
            Arc::ptr_eq(&seen.people, &snapshot.people)
                && Arc::ptr_eq(&seen.channels, &snapshot.channels)
                && Arc::ptr_eq(&seen.preferences, &snapshot.message_preferences)
                && Arc::ptr_eq(&seen.policy, snapshot.permissions.policy())
                && seen.zone == snapshot.home.time_zone
        });
        if is_same {
            return None;
        }
        self.seen = Some(Seen {
            people: Arc::clone(&snapshot.people),
            channels: Arc::clone(&snapshot.channels),
            preferences: Arc::clone(&snapshot.message_preferences),
            policy: Arc::clone(snapshot.permissions.policy()),
            zone: Arc::clone(&snapshot.home.time_zone),
        });
        let person = |person: &hub_model::household::Person| {
            let kept = snapshot.message_preferences.iter().find(|wanted| wanted.account == person.id);
            Person {
                preferences: kept.cloned().unwrap_or_else(|| MessagePreferences::of(person.id.clone())),
                channels: snapshot.channels.iter().filter(|channel| channel.account == person.id).cloned().collect(),
                ends_at: snapshot.permissions.ends_at(&person.id),
                sees_rules: snapshot.permissions.reads_rules(&person.id),
            }
        };
        Some(Household {
            zone: Zone::named(&snapshot.home.time_zone).unwrap_or_else(|_| Zone::utc()),
            people: snapshot.people.iter().map(person).collect(),
            escalation: self.escalation_of(snapshot),
        })
    }

    /// Those who are told what the hub itself has to say: owners, adults, and whom the owner named.
    pub(super) fn responsible(&self, snapshot: &Snapshot) -> Vec<AccountId> {
        let mut responsible = grown_up(snapshot);
        let named = self.escalation_of(snapshot);
        responsible.extend(named.into_iter().filter(|account| !grown_up(snapshot).contains(account)));
        responsible
    }

    fn escalation_of(&self, snapshot: &Snapshot) -> Vec<AccountId> {
        if self.escalation.is_empty() {
            return grown_up(snapshot);
        }
        let find = |name: &String| {
            let found = find_named(&snapshot.people, name, |person| person.id.as_str(), |person| &person.name);
            found.map(|person| person.id.clone())
        };
        self.escalation.iter().filter_map(find).collect()
    }
}

/// Owners first.
fn grown_up(snapshot: &Snapshot) -> Vec<AccountId> {
    let of = |role: Role| snapshot.people.iter().filter(move |person| person.role == role);
    of(Role::Owner).chain(of(Role::Adult)).map(|person| person.id.clone()).collect()
}
