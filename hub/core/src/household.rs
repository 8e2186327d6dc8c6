//! The household beside its devices, as the rules and readers see it: scenes, people, and what people were told.

use std::sync::Arc;

use hub_model::event::Resource;
use hub_model::household::{Account, KeptPresence, Person, Presence, Validity};
use hub_model::message::{Channel, MessagePreferences};
use hub_model::name::find_named;
use hub_model::notification::Notification;
use hub_model::presence::{Evidence, PersonSettings, Source, StandIn, UNKNOWN};
use hub_model::record::{Change, Kept, Record, RecordKey, SceneRecord};
use hub_model::scene::Scene;
use hub_model::{AccountId, Cause, EventKind, Monotonic, NotificationId, Now, SceneId, Timestamp};

use crate::core::{Core, Output, Run};

/// Scenes, people and notifications.
#[derive(Debug, Default)]
pub(crate) struct Household {
    /// Scenes as they are kept, by id.
    pub(crate) records: Arc<Vec<SceneRecord>>,
    /// The same as rules see them, in the same order.
    scenes: Vec<Scene>,
    /// Everybody who has an account, by id.
    pub(crate) people: Arc<Vec<Person>>,
    /// What people were told, oldest first.
    pub(crate) notifications: Arc<Vec<Arc<Notification>>>,
    /// Ways to people, in the order in which they were made.
    pub(crate) channels: Arc<Vec<Channel>>,
    /// What people want to be told, of those who have said it.
    pub(crate) message_preferences: Arc<Vec<MessagePreferences>>,
}

impl Household {
    /// As it was kept. A presence of somebody who has no account any more is left out.
    pub(crate) fn restored(kept: &Kept) -> Self {
        let mut household = Self::default();
        for record in &kept.scenes {
            household.put_scene(record.clone());
        }
        for account in &kept.accounts {
            household.put_account(account);
        }
        for PersonSettings { person, counts, devices } in &kept.people {
            household.set_settings(person, *counts, devices.clone());
        }
        for presence in &kept.presences {
            household.set_presence(&presence.person, presence.presence.clone());
            let has_devices = household.person(&presence.person).is_some_and(|person| !person.devices.is_empty());
            household.set_evidence(&presence.person, signs_after_stop(presence, has_devices, kept.stopped_at));
        }
        household.notifications = Arc::new(kept.notifications.iter().cloned().map(Arc::new).collect());
        let mut channels = kept.channels.clone();
        channels.sort_by(|left, right| (left.created_at, &left.id).cmp(&(right.created_at, &right.id)));
        household.channels = Arc::new(channels);
        household.message_preferences = Arc::new(kept.message_preferences.clone());
        household
    }

    /// Scenes as rules see them.
    pub(crate) fn scenes(&self) -> &[Scene] {
        &self.scenes
    }

    /// The scene of this id.
    pub(crate) fn scene(&self, id: &SceneId) -> Option<&SceneRecord> {
        self.records.iter().find(|record| record.scene.id == *id)
    }

    /// The scene of this id, or else of this name without regard to case.
    pub(crate) fn scene_named(&self, name: &str) -> Option<&SceneRecord> {
        find_named(&self.records, name, |record| record.scene.id.as_str(), |record| &record.scene.name)
    }

    /// A new scene, or a new revision of one.
    pub(crate) fn put_scene(&mut self, record: SceneRecord) {
        let records = Arc::make_mut(&mut self.records);
        let scene = record.scene.clone();
        match records.binary_search_by(|other| other.scene.id.cmp(&scene.id)) {
            Ok(index) => {
                records[index] = record;
                self.scenes[index] = scene;
            }
            Err(index) => {
                records.insert(index, record);
                self.scenes.insert(index, scene);
            }
        }
    }

    /// No such scene any more.
    pub(crate) fn remove_scene(&mut self, id: &SceneId) {
        Arc::make_mut(&mut self.records).retain(|record| record.scene.id != *id);
        self.scenes.retain(|scene| scene.id != *id);
    }

    /// Somebody has an account, perhaps under another name than before.
    pub(crate) fn put_account(&mut self, account: &Account) {
        let people = Arc::make_mut(&mut self.people);
        let name = Arc::clone(&account.username);
        match people.binary_search_by(|person| person.id.cmp(&account.id)) {
            Ok(index) => {
                people[index].name = name;
                people[index].role = account.role;
            }
            Err(index) => {
                let person = Person { role: account.role, ..Person::new(account.id.clone(), name) };
                people.insert(index, person);
            }
        }
    }

    /// Somebody has no account any more.
    pub(crate) fn remove_account(&mut self, id: &AccountId) {
        Arc::make_mut(&mut self.people).retain(|person| person.id != *id);
    }

    /// What somebody leaves whose account is removed: it goes with the account, in one commit.
    pub(crate) fn left_by(&self, change: &AccountChange) -> Vec<Change> {
        let AccountChange::Removed(id) = change else { return Vec::new() };
        let channels = self.channels.iter().filter(|channel| channel.account == *id);
        channels
            .map(|channel| RecordKey::Channel(channel.id.clone()))
            .chain([
                RecordKey::MessagePreferences(id.clone()),
                RecordKey::Presence(id.clone()),
                RecordKey::Person(id.clone()),
                RecordKey::Preferences(id.clone()),
            ])
            .map(Change::Remove)
            .collect()
    }

    /// The person of this account.
    pub(crate) fn person(&self, id: &AccountId) -> Option<&Person> {
        self.people.iter().find(|person| person.id == *id)
    }

    /// The person of this account, or else of this name without regard to case.
    pub(crate) fn person_named(&self, name: &str) -> Option<&Person> {
        find_named(&self.people, name, |person| person.id.as_str(), |person| &person.name)
    }

    /// Somebody is somewhere. False if there is no such person.
    pub(crate) fn set_presence(&mut self, id: &AccountId, presence: Presence) -> bool {
        let people = Arc::make_mut(&mut self.people);
        match people.iter_mut().find(|person| person.id == *id) {
            Some(person) => {
                person.presence = Some(presence);
                true
            }
            None => false,
        }
    }

    /// Whether somebody counts for `everyone`, and which devices stand for them.
    pub(crate) fn set_settings(&mut self, id: &AccountId, counts: bool, devices: Vec<StandIn>) {
        let people = Arc::make_mut(&mut self.people);
        if let Some(person) = people.iter_mut().find(|person| person.id == *id) {
            (person.counts, person.devices) = (counts, devices);
        }
    }

    /// What people were told under this id.
    pub(crate) fn notification(&self, id: &NotificationId) -> Option<&Arc<Notification>> {
        self.notifications.iter().rev().find(|told| told.id == *id)
    }

    /// The same with other marks of who has read it. One that has made room for newer ones meanwhile stays away.
    pub(crate) fn put_notification(&mut self, told: Arc<Notification>) {
        let notifications = Arc::make_mut(&mut self.notifications);
        if let Some(known) = notifications.iter_mut().rev().find(|known| known.id == told.id) {
            *known = told;
        }
    }
}

/// The signs of somebody after a stop. A phone that was heard of until then counts as if it was heard at the stop: not
/// each word of it was written down. Where there are none, a device said it that will say it again, or else a person.
fn signs_after_stop(kept: &KeptPresence, has_devices: bool, stopped_at: Option<Timestamp>) -> Vec<Evidence> {
    let Presence { place, since } = &kept.presence;
    if kept.evidence.is_empty() && !has_devices && **place != *UNKNOWN {
        return vec![Evidence { source: Source::Manual, says: Arc::clone(place), at: *since, heard_at: *since }];
    }
    let heard_at = |sign: &Evidence| stopped_at.map_or(sign.heard_at, |stop| stop.max(sign.heard_at));
    kept.evidence.iter().map(|sign| Evidence { heard_at: heard_at(sign), ..sign.clone() }).collect()
}

/// A change of who has an account, on its way to the disk.
#[derive(Debug)]
pub(crate) enum AccountChange {
    Put(Account),
    Removed(AccountId),
}

impl AccountChange {
    /// What a change says of accounts.
    pub(crate) fn of(change: &Change) -> Option<Self> {
        match change {
            Change::Put(Record::Account(account)) => Some(Self::Put(account.clone())),
            Change::Remove(RecordKey::Account(id)) => Some(Self::Removed(id.clone())),
            _ => None,
        }
    }
}

impl Core {
    /// People have accounts, or have none any more.
    pub(crate) fn accounts_changed(&mut self, now: &Now, changes: Vec<AccountChange>, out: &mut Output) {
        if changes.is_empty() {
            return;
        }
        for change in changes {
            let (AccountChange::Put(Account { id, .. }) | AccountChange::Removed(id)) = &change;
            self.changed(now, (Resource::User, Some(id.as_str().into())), Cause::System);
            match change {
                AccountChange::Put(account) => {
                    self.table.household.put_account(&account);
                    Arc::make_mut(&mut self.permissions).put_account(account);
                }
                AccountChange::Removed(id) => {
                    // Once more: something of theirs may have been on its way to the disk.
                    let left = self.table.household.left_by(&AccountChange::Removed(id.clone()));
                    self.keep_silently(left, out);
                    self.table.household.remove_account(&id);
                    Arc::make_mut(&mut self.permissions).remove_account(&id);
                    self.forget_messages_of(&id);
                }
            }
        }
        Arc::make_mut(&mut self.permissions).people_are(&self.table.household.people);
        self.end_accounts(now);
        self.note_what_is_in_force(now);
        self.sights_changed(now, out);
    }

    /// Notes whose account is over by now: `everyone` of a rule does not wait for them. Says whether that is another than
    /// before.
    pub(crate) fn end_accounts(&mut self, now: &Now) -> bool {
        let permissions = Arc::clone(&self.permissions);
        let has_ended = |person: &Person| Validity::of(permissions.ends_at(&person.id), now) == Validity::Over;
        let people = &mut self.table.household.people;
        if people.iter().all(|person| person.has_ended == has_ended(person)) {
            return false;
        }
        for person in Arc::make_mut(people) {
            person.has_ended = has_ended(person);
        }
        true
    }

    /// When the next account is over.
    pub(crate) fn accounts_end(&self, now: &Now) -> Option<Monotonic> {
        let people = self.table.household.people.iter();
        let ends = people.filter_map(|person| self.permissions.ends_at(&person.id));
        let next = ends.filter(|ends_at| *ends_at > now.time()).min()?;
        Some(now.mono.plus(next.since(now.time())))
    }

    /// Where somebody is, is on the disk.
    pub(crate) fn presence_becomes(&mut self, now: &Now, kept: KeptPresence, cause: Cause) -> Option<Person> {
        let KeptPresence { person, presence, .. } = kept;
        let from = self.table.household.person(&person)?.presence.as_ref().map(|before| Arc::clone(&before.place));
        let to = Arc::clone(&presence.place);
        if from.as_ref() != Some(&to) {
            self.table.household.set_presence(&person, presence);
            Arc::make_mut(&mut self.permissions).people_are(&self.table.household.people);
            self.permissions_may_turn(now);
            self.emit(now, EventKind::PresenceChanged { person: person.clone(), from, to }, cause);
        }
        self.table.household.person(&person).cloned()
    }

    /// The one place where the home's mode changes, whoever wants it.
    pub(crate) fn mode_becomes(&mut self, now: &Now, mode: Arc<str>, cause: Cause) {
        let from = Arc::clone(&self.table.home.mode);
        if from != mode {
            Arc::make_mut(&mut self.table.home).mode = Arc::clone(&mode);
            self.emit(now, EventKind::ModeChanged { from, to: mode }, cause);
        }
    }

    /// A rule sets the home's mode.
    pub(crate) fn mode_of_rule(&mut self, now: &Now, run: &Run, depth: u32, mode: Arc<str>, out: &mut Output) {
        let modes = &self.table.home.modes;
        if !modes.contains(&mode) {
            let detail = format!("the home has no mode {mode:?}; its modes are {}", modes.join(", "));
            self.run_failed(now, run, detail);
        } else if self.table.home.mode != mode {
            self.mode_becomes(now, mode, self.cause_of(run, depth));
            let home = (*self.table.home).clone();
            self.keep_silently(vec![Change::Put(Record::Home(home))], out);
        }
    }
}
