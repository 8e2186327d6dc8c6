//! Where people are: places, and the signs by which it is told.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::id::{AccountId, AttributeName, DeviceId, EndpointNumber};
use crate::time::Timestamp;

/// At home.
pub const HOME: &str = "home";
/// Neither at home nor in a zone.
pub const AWAY: &str = "away";
/// Nobody knows (any more).
pub const UNKNOWN: &str = "unknown";

/// A round place that has a name. The one called `home` is the home's own location.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct PresenceZone {
    /// What people call it; unique without regard to case.
    pub name: Arc<str>,
    /// Degrees north of its middle.
    pub latitude: f64,
    /// Degrees east.
    pub longitude: f64,
    /// From the middle to the edge, in metres.
    pub radius_m: f64,
}

/// Where a phone is. It is never kept and never shown: only the place that it is in is.
#[derive(Clone, Copy, PartialEq)]
pub struct Fix {
    /// Degrees north.
    pub latitude: f64,
    /// Degrees east.
    pub longitude: f64,
    /// How far off it may be, in metres.
    pub accuracy_m: f64,
    /// When it was there.
    pub at: Timestamp,
}

/// Without the position.
impl fmt::Debug for Fix {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "a position at {}", self.at)
    }
}

/// Where a sign of somebody comes from.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// A person said so.
    Manual,
    /// Their phone.
    Phone,
    /// A device that stands for them.
    Device(DeviceId),
}

/// A sign of where somebody is.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Evidence {
    /// Where it comes from.
    pub source: Source,
    /// `home`, `away` or the name of a zone.
    pub says: Arc<str>,
    /// Since when it says so.
    pub at: Timestamp,
    /// When it last said so.
    pub heard_at: Timestamp,
}

/// A device that stands for somebody: a phone that a router sees, a key fob, a sensor in a bed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct StandIn {
    /// Which.
    pub device: DeviceId,
    /// Where on it.
    pub endpoint: EndpointNumber,
    /// The attribute that is true while they are at home.
    pub attribute: AttributeName,
    /// After so many minutes of false they are away; none = false says nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub away_after_minutes: Option<u32>,
}

/// What people have set of a person, as it is kept.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PersonSettings {
    /// Who: an account.
    pub person: AccountId,
    /// Whether `everyone` waits for them.
    pub counts: bool,
    /// The devices that stand for them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub devices: Vec<StandIn>,
}
