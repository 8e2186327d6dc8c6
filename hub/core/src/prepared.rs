//! A change that was checked, and what is to be kept of it.

use std::sync::Arc;

use hub_access::Policy;
use hub_model::device::DeviceRecord;
use hub_model::household::{Area, Home, KeptPresence};
use hub_model::message::{Channel, MessagePreferences};
use hub_model::notification::Notification;
use hub_model::presence::{Evidence, PersonSettings};
use hub_model::record::{AutomationRecord, Change, Record, RecordKey, SceneRecord};
use hub_model::revision::RevisionChange;
use hub_model::{AccountId, AreaId, Cause, ChannelId, DeviceId};

use crate::revisions;

/// A checked change: what is to be kept follows from it alone.
#[derive(Clone, Debug)]
pub(crate) enum Prepared {
    /// `base` is what was in force when it was checked.
    Home {
        home: Home,
        base: Arc<Home>,
        sets_mode: bool,
    },
    Area(Area),
    RemoveArea {
        id: AreaId,
        residents: Vec<DeviceRecord>,
    },
    Device(DeviceRecord),
    RemoveDevice(DeviceId),
    ReplaceDevice {
        old: DeviceId,
        new: DeviceRecord,
        automations: Vec<AutomationRecord>,
        scenes: Vec<SceneRecord>,
    },
    Automation(AutomationRecord, RevisionChange),
    /// The rule as it was last, under the number of its removal.
    RemoveAutomation(AutomationRecord),
    Scene(SceneRecord, RevisionChange),
    /// The scene as it was last, under the number of its removal.
    RemoveScene(SceneRecord),
    Permissions(Policy),
    /// A sign of somebody, and what it makes of them. It is written down only if that is news.
    Heard {
        sign: Evidence,
        kept: KeptPresence,
        is_news: bool,
    },
    /// It changes nothing about this person.
    Unchanged(AccountId),
    Person(PersonSettings),
    Reading {
        account: AccountId,
        acknowledges: bool,
        base: Arc<Notification>,
        told: Arc<Notification>,
    },
    Channel(Channel),
    RemoveChannel(ChannelId),
    MessagePreferences(MessagePreferences),
}

impl Prepared {
    /// What is to be kept.
    pub(crate) fn changes(&self, cause: &Cause) -> Vec<Change> {
        let put = |record: Record| Change::Put(record);
        match self {
            Self::Home { home, .. } => vec![put(Record::Home(home.clone()))],
            Self::Area(area) => vec![put(Record::Area(area.clone()))],
            Self::RemoveArea { id, residents } => residents
                .iter()
                .map(|record| put(Record::Device(record.clone())))
                .chain([Change::Remove(RecordKey::Area(id.clone()))])
                .collect(),
            Self::Device(record) => vec![put(Record::Device(record.clone()))],
            Self::RemoveDevice(id) => vec![Change::Remove(RecordKey::Device(id.clone()))],
            Self::ReplaceDevice { old, new, automations, scenes } => automations
                .iter()
                .flat_map(|rule| {
                    let revision = revisions::of_rule(rule, RevisionChange::DeviceReplaced, cause);
                    [put(Record::Automation(rule.clone())), revision]
                })
                .chain(scenes.iter().flat_map(|scene| {
                    let revision = revisions::of_scene(scene, RevisionChange::DeviceReplaced, cause);
                    [put(Record::Scene(scene.clone())), revision]
                }))
                .chain([put(Record::Device(new.clone())), Change::Remove(RecordKey::Device(old.clone()))])
                .collect(),
            Self::Automation(rule, change) => {
                vec![put(Record::Automation(rule.clone())), revisions::of_rule(rule, *change, cause)]
            }
            Self::RemoveAutomation(rule) => vec![
                Change::Remove(RecordKey::Automation(rule.id.clone())),
                revisions::of_rule(rule, RevisionChange::Removed, cause),
            ],
            Self::Scene(record, change) => {
                vec![put(Record::Scene(record.clone())), revisions::of_scene(record, *change, cause)]
            }
            Self::RemoveScene(last) => vec![
                Change::Remove(RecordKey::Scene(last.scene.id.clone())),
                revisions::of_scene(last, RevisionChange::Removed, cause),
            ],
            Self::Permissions(policy) => {
                let document = serde_json::to_string(policy).unwrap_or_default();
                vec![put(Record::Permissions(document.into()))]
            }
            Self::Heard { kept, is_news: true, .. } => vec![put(Record::Presence(kept.clone()))],
            Self::Heard { .. } | Self::Unchanged(_) => Vec::new(),
            Self::Person(settings) => vec![put(Record::Person(settings.clone()))],
            Self::Reading { told, .. } => vec![put(Record::Notification((**told).clone()))],
            Self::Channel(channel) => vec![put(Record::Channel(channel.clone()))],
            Self::RemoveChannel(id) => vec![Change::Remove(RecordKey::Channel(id.clone()))],
            Self::MessagePreferences(wanted) => vec![put(Record::MessagePreferences(wanted.clone()))],
        }
    }

    /// The id of what is changed; the home has none.
    pub(crate) fn what(&self) -> Option<Arc<str>> {
        let id = match self {
            Self::Home { .. } => return None,
            Self::Area(area) => area.id.as_str(),
            Self::RemoveArea { id, .. } => id.as_str(),
            Self::Device(record) => record.device.id.as_str(),
            Self::RemoveDevice(id) => id.as_str(),
            Self::ReplaceDevice { old, .. } => old.as_str(),
            Self::Automation(rule, _) | Self::RemoveAutomation(rule) => rule.id.as_str(),
            Self::Scene(record, _) | Self::RemoveScene(record) => record.scene.id.as_str(),
            Self::Permissions(_) => return None,
            Self::Channel(channel) => channel.id.as_str(),
            Self::RemoveChannel(id) => id.as_str(),
            Self::MessagePreferences(wanted) => wanted.account.as_str(),
            Self::Heard { kept, .. } => kept.person.as_str(),
            Self::Unchanged(person) => person.as_str(),
            Self::Person(settings) => settings.person.as_str(),
            Self::Reading { told, .. } => told.id.as_str(),
        };
        Some(id.into())
    }
}
