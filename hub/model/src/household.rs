//! The household: home, areas, accounts, tokens.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::id::{AccountId, AreaId, TokenId};
use crate::time::Timestamp;

/// The home.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(default)]
pub struct Home {
    /// What people call it.
    pub name: Arc<str>,
    /// Where it is; rules by the sun need it.
    pub location: Option<Location>,
    /// An IANA name like `Europe/Berlin`.
    pub time_zone: Arc<str>,
    /// `metric` or `imperial`.
    pub units: Arc<str>,
    /// ISO 4217.
    pub currency: Arc<str>,
    /// The mode in force; one of `modes`.
    pub mode: Arc<str>,
    /// The modes that people know.
    pub modes: Vec<Arc<str>>,
}

/// A place on earth, WGS 84.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
pub struct Location {
    /// Degrees north.
    pub latitude: f64,
    /// Degrees east.
    pub longitude: f64,
}

impl Default for Home {
    fn default() -> Self {
        Self {
            name: "Home".into(),
            location: None,
            time_zone: "UTC".into(),
            units: "metric".into(),
            currency: "EUR".into(),
            mode: "home".into(),
            modes: ["home", "away", "night", "holiday"].into_iter().map(Arc::from).collect(),
        }
    }
}

/// A room or place.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Area {
    /// Its id, made from the first name.
    pub id: AreaId,
    /// What people call it.
    pub name: Arc<str>,
    /// The floor, if people named one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub floor: Option<Arc<str>>,
}

/// A person of the household, as rules know them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Person {
    /// Their account.
    pub id: AccountId,
    /// What people call them.
    pub name: Arc<str>,
    /// What they may be.
    pub role: Role,
    /// Where they are; none = nobody ever said.
    pub presence: Option<Presence>,
}

/// Where a person is.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Presence {
    /// `home`, `away` or the name of a zone.
    pub place: Arc<str>,
    /// Since when.
    pub since: Timestamp,
}

/// Where a person is, as it is kept.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct KeptPresence {
    /// Who: an account.
    pub person: AccountId,
    /// Where, and since when.
    pub presence: Presence,
}

/// What a person may be.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum Role {
    Owner,
    Adult,
    Child,
    Guest,
    Installer,
}

/// A person's account. Its password is a secret record of its own.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Account {
    /// Its id.
    pub id: AccountId,
    /// The name to log in with; unique without regard to case.
    pub username: Arc<str>,
    /// What the person may be.
    pub role: Role,
    /// Since when.
    pub created_at: Timestamp,
}

/// What a token is for.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenUse {
    /// Access for a person's session.
    Access,
    /// Gets new access tokens.
    Refresh,
    /// Made by a person for a program.
    Api,
}

/// A token. Only its hash is kept, as a secret record of its own.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Token {
    /// Its id.
    pub id: TokenId,
    /// Whose.
    pub account: AccountId,
    /// What for.
    pub token_use: TokenUse,
    /// The tokens of one login belong together and end together.
    #[serde(default)]
    pub session: Arc<str>,
    /// What people call it.
    #[serde(default)]
    pub name: Arc<str>,
    /// What it may do; none = all that its person may.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<Arc<str>>,
    /// Since when.
    pub created_at: Timestamp,
    /// Until when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
}

/// A text that never appears in logs: it shows as `•••`.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// Hides a text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text, for the one place that needs it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("•••")
    }
}
