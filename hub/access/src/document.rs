//! Rules of permission as people write them. What was left out stays left out, and what was said stays as it was said.

use std::collections::BTreeMap;
use std::sync::Arc;

use hub_model::household::Role;
use hub_model::{AccountId, Timestamp};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::action::Action;

/// Who is meant.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Who {
    /// Everybody of a role.
    Role(Role),
    /// One person: their account.
    Person(AccountId),
}

impl Who {
    /// The word of the role, or the id of the person.
    pub fn word(&self) -> &str {
        match self {
            Self::Role(role) => role.as_str(),
            Self::Person(person) => person.as_str(),
        }
    }
}

/// A rule: some people may do something, if some conditions hold. Everything that is said must hold.
///
/// `when`, `only_while_home` and `until` are for every action, `approval` and `pin` for controlling and configuring,
/// `limits` and `daily` for controlling.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolicyRule {
    /// Its id; empty until it has one.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub id: Arc<str>,
    /// Who may.
    pub who: Who,
    /// What they may do. Each word stands for itself: who may control something does not see it for that.
    pub allow: Vec<Action>,
    /// With what; none = with everything that is not protected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub what: Option<What>,
    /// At which times.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<When>,
    /// Within which limits numbers may be set, by attribute.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limits: Option<BTreeMap<Arc<str>, Limit>>,
    /// Only when an adult allows it each time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approval: Option<bool>,
    /// Only with the person's PIN.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pin: Option<bool>,
    /// Only while one of these is at home: roles, or ids of people. An owner is an adult too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub only_while_home: Option<Vec<Arc<str>>>,
    /// Only for so long on each day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub daily: Option<Daily>,
    /// Until when the rule is in force; said as none = for ever.
    #[serde(default, deserialize_with = "said", skip_serializing_if = "Option::is_none")]
    pub until: Option<Option<Timestamp>>,
    /// Why it is there, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<Arc<str>>,
}

/// With what. Each list narrows it down; one that is left out narrows nothing, and an empty one leaves nothing.
///
/// A rule that says something of devices (`areas`, `devices`, `capabilities`, `types`) and nothing of `parts` is about
/// devices only; one that says something of parts alone is about parts only.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct What {
    /// Rooms, by id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub areas: Option<Vec<Arc<str>>>,
    /// Devices, by id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub devices: Option<Vec<Arc<str>>>,
    /// Names of attributes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capabilities: Option<Vec<Arc<str>>>,
    /// What devices are for: words of [`crate::DeviceType`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub types: Option<Vec<Arc<str>>>,
    /// Parts of the hub: words of [`crate::Part`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parts: Option<Vec<Arc<str>>>,
}

impl What {
    /// Whether it says something of devices.
    pub fn narrows_devices(&self) -> bool {
        self.areas.is_some() || self.devices.is_some() || self.capabilities.is_some() || self.types.is_some()
    }
}

/// At which times, by the home's clock. A window that ends before it begins lasts over midnight and belongs to the day
/// on which it begins. What a clock change leaves out comes an hour later, what it doubles is meant the first time.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct When {
    /// From this time on, like `07:00`; left out: from the beginning of the day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Arc<str>>,
    /// To this time, and not at it; left out: to the end of the day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Arc<str>>,
    /// On these days: `mon` to `sun`; left out: on every day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weekdays: Option<Vec<Arc<str>>>,
}

/// Within which limits, both included.
#[derive(Clone, Copy, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limit {
    /// The least, in the attribute's unit.
    #[serde(default, skip_serializing_if = "Option::is_none", serialize_with = "plain_number")]
    pub min: Option<f64>,
    /// The greatest.
    #[serde(default, skip_serializing_if = "Option::is_none", serialize_with = "plain_number")]
    pub max: Option<f64>,
}

/// For how long on each day of the home.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Daily {
    /// Minutes that what was switched on by this rule may be on, all of it together.
    pub minutes: u32,
}

/// Whether the ready-made rules of children, guests and installers are in force for somebody. What is said of a person
/// goes before what is said of their role; owners and adults keep theirs.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReadyMadeChoice {
    /// For whom.
    pub who: Who,
    /// Whether they are in force.
    pub ready_made: bool,
}

impl PolicyRule {
    /// When it ends; none = never.
    pub fn ends_at(&self) -> Option<Timestamp> {
        self.until.flatten()
    }

    /// Whether it is about this person.
    pub fn is_about(&self, person: &AccountId, role: Role) -> bool {
        match &self.who {
            Who::Role(one) => *one == role,
            Who::Person(one) => one == person,
        }
    }
}

/// Reads a `null` as something that was said.
fn said<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<Timestamp>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// Writes 18 as `18`, as people do.
fn plain_number<S: Serializer>(number: &Option<f64>, serializer: S) -> Result<S::Ok, S::Error> {
    number.map(hub_model::Value::number).serialize(serializer)
}
