//! The household: home, areas, accounts, tokens.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::id::{AccountId, AreaId, DeviceId, TokenId};
use crate::presence::{Evidence, PresenceZone, StandIn};
use crate::time::{Now, Timestamp, Trust};
use crate::zone::{TimeOfDay, Weekday};

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
    /// What a kilowatt hour costs where no rate says otherwise, in `currency`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub energy_price: Option<f64>,
    /// What it costs at times; the first that fits counts.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub energy_rates: Vec<EnergyRate>,
    /// The main meters: they measure the whole home, so their energy is never added to that of other devices.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub energy_meters: Vec<DeviceId>,
    /// Places beside the home that have a name.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub zones: Vec<PresenceZone>,
    /// How far from its location the home reaches, in metres.
    pub radius_m: f64,
}

/// What a kilowatt hour costs at a time of day.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct EnergyRate {
    /// From when (included), by local clocks.
    pub from: TimeOfDay,
    /// Until when (excluded). Not later than `from` = on the next day.
    pub to: TimeOfDay,
    /// In the home's currency.
    pub price: f64,
    /// The days on which it begins; empty = every day.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub weekdays: Vec<Weekday>,
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
            energy_price: None,
            energy_rates: Vec::new(),
            energy_meters: Vec::new(),
            zones: Vec::new(),
            radius_m: 100.0,
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
    /// Where people want it in a list, the smallest first; those without a place come behind, by name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<i32>,
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
    /// Whether `everyone` waits for them, while they have an account.
    pub counts: bool,
    /// Their account is over.
    pub has_ended: bool,
    /// The devices that stand for them.
    pub devices: Vec<StandIn>,
    /// What their phone and people said.
    pub evidence: Vec<Evidence>,
}

impl Person {
    /// Somebody of whom nothing is known yet: an adult.
    pub fn new(id: AccountId, name: impl Into<Arc<str>>) -> Self {
        Self {
            id,
            name: name.into(),
            role: Role::Adult,
            presence: None,
            counts: true,
            has_ended: false,
            devices: Vec::new(),
            evidence: Vec::new(),
        }
    }

    /// Whether `everyone` waits for them now.
    pub fn is_waited_for(&self) -> bool {
        self.counts && !self.has_ended
    }
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
    /// By which signs; empty = a person said so.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<Evidence>,
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

impl Role {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Owner, Self::Adult, Self::Child, Self::Guest, Self::Installer];

    /// As it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Adult => "adult",
            Self::Child => "child",
            Self::Guest => "guest",
            Self::Installer => "installer",
        }
    }

    /// The role of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == name)
    }

    /// Whether who has it comes for a while only: such an account has an end.
    pub fn is_passing(self) -> bool {
        matches!(self, Self::Guest | Self::Installer)
    }
}

/// A person's account. Its password is a secret record of its own.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Account {
    /// Its id.
    pub id: AccountId,
    /// The name to log in with, by which rules know the person too; unique without regard to case.
    pub username: Arc<str>,
    /// What the person is called elsewhere; none = the user name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display_name: Option<Arc<str>>,
    /// What the person may be.
    pub role: Role,
    /// Since when.
    pub created_at: Timestamp,
    /// Until when; from then on nobody logs in, and its tokens are void.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
}

impl Account {
    /// An account without an end.
    pub fn new(id: AccountId, username: impl Into<Arc<str>>, role: Role, created_at: Timestamp) -> Self {
        Self { id, username: username.into(), display_name: None, role, created_at, expires_at: None }
    }

    /// Whether its time is over for certain.
    pub fn has_expired(&self, now: &Now) -> bool {
        Validity::of(self.expires_at, now) == Validity::Over
    }
}

/// Whether somebody still has an account whose time may be limited: the one place where that is decided.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Validity {
    /// They have.
    Valid,
    /// Its time is over.
    Over,
    /// Its time may be over: since its start the hub knows only the last time that it wrote down.
    Unsure,
}

impl Validity {
    /// Of an account that ends then; none = it has no end.
    pub fn of(ends_at: Option<Timestamp>, now: &Now) -> Self {
        match ends_at {
            Some(ends_at) if ends_at <= now.time() => Self::Over,
            Some(_) if now.wall.trust == Trust::Persisted => Self::Unsure,
            _ => Self::Valid,
        }
    }

    /// Whether they have for certain.
    pub fn is_sure(self) -> bool {
        self == Self::Valid
    }
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
    /// In the cookie of a browser.
    Cookie,
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

/// A session: what began with a login, seen from outside. Its tokens are records of their own.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Session {
    /// Its id, which its tokens name.
    pub id: Arc<str>,
    /// Whose.
    pub account: AccountId,
    /// When somebody logged in.
    pub created_at: Timestamp,
    /// When it was last used, to a day: a request costs the disk nothing.
    pub last_used_at: Timestamp,
    /// What the browser or program calls itself, shortened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_agent: Option<Arc<str>>,
    /// From where somebody logged in; none by the local socket.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<Arc<str>>,
}

/// What is remembered of failed logins, so that a restart gives nobody a fresh start. One small record.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
pub struct LoginAttempts {
    /// Who has to wait before the next attempt.
    pub failures: Vec<KeptFailures>,
    /// From where people lately logged in.
    pub known: Vec<KnownSource>,
}

/// Failures of one subject: an account, a source, or both together.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct KeptFailures {
    /// The name that was typed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<Arc<str>>,
    /// From where.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Arc<str>>,
    /// How many.
    pub count: u32,
    /// They are of the account's PIN; the name is its id then.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub pin: bool,
}

/// A source from which somebody logged in.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct KnownSource {
    /// The name of the account.
    pub account: Arc<str>,
    /// From where.
    pub source: Arc<str>,
    /// When last.
    pub at: Timestamp,
}

/// What a person prefers: language, theme, dashboards. Their apps know what it means.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Preferences {
    /// Whose.
    pub account: AccountId,
    /// A JSON object.
    pub document: Arc<str>,
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
