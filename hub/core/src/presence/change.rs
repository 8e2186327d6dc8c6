//! When signs come, change or grow old: the core's part.

use std::sync::Arc;

use hub_model::household::{KeptPresence, Person, Presence};
use hub_model::presence::{Evidence, Fix, PersonSettings, Source, StandIn, UNKNOWN};
use hub_model::record::{Change, Record};
use hub_model::{
    AccountId, AttributeName, Cause, DeviceId, EndpointNumber, Event, EventKind, Monotonic, Now, Timestamp,
};

use super::{away_from, estimate, heard, place, signs_of};
use crate::core::{Core, Output};
use crate::edits::not_found;
use crate::handle::{EditError, Edited};
use crate::household::Household;
use crate::prepared::Prepared;
use crate::table::Table;

/// What a new sign makes of a person: where they are, by which signs, and whether that is worth a write.
pub(crate) struct Heard {
    pub(crate) kept: KeptPresence,
    pub(crate) is_news: bool,
}

impl Household {
    /// The signs that count from now on for somebody. False if there is no such person.
    pub(crate) fn set_evidence(&mut self, id: &AccountId, evidence: Vec<Evidence>) -> bool {
        let people = Arc::make_mut(&mut self.people);
        match people.iter_mut().find(|person| person.id == *id) {
            Some(person) => {
                person.evidence = evidence;
                true
            }
            None => false,
        }
    }
}

/// What somebody's signs come to now.
fn kept(person: &Person, now: &Now, table: &Table) -> Option<KeptPresence> {
    let place = estimate(now.time(), &signs_of(person, now.time(), table)).place;
    // Of whom the last sign is gone, nobody knows any more.
    let place = place.or_else(|| person.presence.is_some().then(|| UNKNOWN.into()))?;
    // Told again, they have been there all the time.
    let before = person.presence.clone().filter(|before| before.place == place);
    let presence = before.unwrap_or(Presence { place, since: now.time() });
    Some(KeptPresence { person: person.id.clone(), presence, evidence: person.evidence.clone() })
}

fn says(evidence: &[Evidence]) -> impl Iterator<Item = (&Source, &Arc<str>)> {
    evidence.iter().map(|sign| (&sign.source, &sign.says))
}

impl Core {
    /// What would be if this was heard of somebody; none = it is older than what is known of them.
    pub(crate) fn hears(&self, now: &Now, person: &Person, sign: Evidence) -> Option<Heard> {
        let mut after = person.clone();
        if *sign.says == *UNKNOWN {
            after.evidence.retain(|known| known.source != sign.source);
        } else if !heard(&mut after.evidence, sign) {
            return None;
        }
        let none = KeptPresence {
            person: person.id.clone(),
            presence: Presence { place: UNKNOWN.into(), since: now.time() },
            evidence: after.evidence.clone(),
        };
        let kept = kept(&after, now, &self.table).unwrap_or(none);
        let is_news =
            person.presence.as_ref() != Some(&kept.presence) || !says(&person.evidence).eq(says(&kept.evidence));
        Some(Heard { kept, is_news })
    }

    /// What an edit of a person led to.
    pub(crate) fn edited_person(&self, id: &AccountId) -> Edited {
        self.table.household.person(id).map_or(Edited::Done, |person| Edited::Person(person.clone()))
    }

    /// Checks what a sign of somebody makes of them.
    pub(crate) fn prepare_sign(
        &self,
        now: &Now,
        id: &AccountId,
        sign: impl FnOnce(&Person) -> Option<Evidence>,
    ) -> Result<Prepared, EditError> {
        let known = self.table.household.person(id).ok_or_else(|| not_found("person", id))?;
        let heard = sign(known).and_then(|sign| Some((self.hears(now, known, sign.clone())?, sign)));
        Ok(match heard {
            Some((Heard { kept, is_news }, sign)) => Prepared::Heard { sign, kept, is_news },
            None => Prepared::Unchanged(id.clone()),
        })
    }

    /// Other settings of a person; what is none stays.
    pub(crate) fn prepare_person(
        &self,
        person: AccountId,
        counts: Option<bool>,
        devices: Option<Vec<StandIn>>,
    ) -> Result<Prepared, EditError> {
        let known = self.table.household.person(&person).ok_or_else(|| not_found("person", &person))?;
        let counts = counts.unwrap_or(known.counts);
        let devices = devices.unwrap_or_else(|| known.devices.clone());
        Ok(Prepared::Person(PersonSettings { person, counts, devices }))
    }

    /// Takes a sign of somebody in.
    pub(crate) fn takes_in(&mut self, now: &Now, id: &AccountId, sign: Evidence, cause: Cause) {
        let Some(known) = self.table.household.person(id).cloned() else { return };
        let Some(Heard { kept, .. }) = self.hears(now, &known, sign) else { return };
        self.left_over.is_over(id);
        self.table.household.set_evidence(id, kept.evidence.clone());
        self.presence_becomes(now, kept, cause);
        if let Some(person) = self.table.household.person(id).cloned() {
            self.wake_for(now, &person);
        }
    }

    /// The sign that a phone gives by being somewhere. A position that moves nobody gives none.
    pub(crate) fn sign_of_phone(&self, person: &Person, fix: &Fix) -> Option<Evidence> {
        let before = person.evidence.iter().find(|sign| sign.source == Source::Phone);
        let says = place(&self.table.home, fix, before.map(|sign| &*sign.says))?;
        Some(Evidence { source: Source::Phone, says, at: fix.at, heard_at: fix.at })
    }

    /// A device that stands for somebody may say something else now.
    pub(crate) fn stand_in_changed(&mut self, now: &Now, event: &Event, out: &mut Output) {
        match &event.kind {
            EventKind::StateChanged { device, endpoint, attribute, .. } => {
                self.stand_in_spoke(now, (device, *endpoint, attribute), &event.cause, out);
            }
            EventKind::AvailabilityChanged { device, .. } => {
                for person in self.people_of(|stand_in| stand_in.device == *device) {
                    self.look_at_person(now, &person, event.cause.clone(), out);
                }
            }
            EventKind::DeviceRemoved { device } => {
                for person in self.people_of(|stand_in| stand_in.device == *device) {
                    self.left_over.is_over(&person);
                    self.look_at_person(now, &person, event.cause.clone(), out);
                }
            }
            _ => {}
        }
    }

    /// A device said something, perhaps the same as before: it counts anew for those for whom it stands.
    pub(crate) fn stand_in_spoke(
        &mut self,
        now: &Now,
        (device, endpoint, attribute): (&DeviceId, EndpointNumber, &AttributeName),
        cause: &Cause,
        out: &mut Output,
    ) {
        let said = |stand_in: &StandIn| {
            stand_in.device == *device && stand_in.endpoint == endpoint && stand_in.attribute == *attribute
        };
        for person in self.people_of(said) {
            self.left_over.is_over(&person);
            self.look_at_person(now, &person, cause.clone(), out);
        }
    }

    /// Those for whom a device stands.
    fn people_of(&self, is_meant: impl Fn(&StandIn) -> bool) -> Vec<AccountId> {
        let concerned = |person: &&Person| person.devices.iter().any(&is_meant);
        self.table.household.people.iter().filter(concerned).map(|person| person.id.clone()).collect()
    }

    /// Time alone may have changed where people are.
    pub(crate) fn look_at_people(&mut self, now: &Now, out: &mut Output) {
        if self.next_look_at_people.is_none_or(|due| due > now.mono) {
            return;
        }
        self.next_look_at_people = None;
        let people: Vec<AccountId> = self.table.household.people.iter().map(|person| person.id.clone()).collect();
        for person in people {
            self.look_at_person(now, &person, Cause::System, out);
        }
    }

    /// Looks anew at where somebody is, tells it if it is another place, and keeps it.
    pub(crate) fn look_at_person(&mut self, now: &Now, id: &AccountId, cause: Cause, out: &mut Output) {
        let Some(person) = self.table.household.person(id).cloned() else { return };
        let signs = signs_of(&person, now.time(), &self.table);
        // What a device says anew counts for more than what people said before.
        let newest = signs.iter().filter(|sign| matches!(sign.source, Source::Device(_))).map(|sign| sign.at).max();
        let is_over = |sign: &Evidence| sign.source == Source::Manual && newest.is_some_and(|newest| newest > sign.at);
        if person.evidence.iter().any(is_over) {
            let evidence = person.evidence.iter().filter(|sign| !is_over(sign)).cloned().collect();
            self.table.household.set_evidence(id, evidence);
        }
        let Some(person) = self.table.household.person(id).cloned() else { return };
        self.wake_for(now, &person);
        let Some(kept) = kept(&person, now, &self.table) else { return };
        let is_left_over = *kept.presence.place == *UNKNOWN && self.left_over.until(id, now.mono).is_some();
        if is_left_over || person.presence.as_ref() == Some(&kept.presence) {
            return;
        }
        self.keep_silently(vec![Change::Put(Record::Presence(kept.clone()))], out);
        self.presence_becomes(now, kept, cause);
    }

    /// Wakes when somebody's signs may come to something else by time alone.
    pub(crate) fn wake_for(&mut self, now: &Now, person: &Person) {
        let estimate = estimate(now.time(), &signs_of(person, now.time(), &self.table));
        let away = person.devices.iter().filter_map(|stand_in| {
            let attribute = stand_in.attribute.as_str();
            let state = hub_automation::World::state(&self.table, &stand_in.device, stand_in.endpoint, attribute)?;
            away_from(stand_in, state, self.table.steady_since).filter(|at| *at > now.time())
        });
        let next: Option<Timestamp> = estimate.until.into_iter().chain(away).min();
        let due: Option<Monotonic> = next.map(|at| now.mono.plus(at.since(now.time())));
        // The device that said it before a stop may never be heard again.
        let left_over = self.left_over.until(&person.id, now.mono);
        self.next_look_at_people = self.next_look_at_people.into_iter().chain(due).chain(left_over).min();
    }
}
