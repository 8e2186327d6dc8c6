//! The state of one attribute, and of a device's reachability.

use serde::{Deserialize, Serialize};

use crate::time::Timestamp;
use crate::value::Value;

/// Where a value comes from.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// The device said so since the hub started.
    Reported,
    /// A command was acknowledged and nothing else is known.
    Assumed,
    /// From before the hub's start, or from a cache, a retained message or an interview.
    #[default]
    Restored,
}

/// What the hub knows of one attribute.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct AttributeState {
    /// The value; unknown is a value of its own.
    pub value: Value,
    /// When the device last said so, changed or not.
    pub reported_at: Option<Timestamp>,
    /// When the value became what it is.
    pub changed_at: Option<Timestamp>,
    /// Where it comes from.
    pub source: Source,
    /// What a command under way wants it to be.
    pub desired: Option<Value>,
}

/// Whether a device can be reached.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Availability {
    /// It answers.
    Online,
    /// It does not, or its driver or bridge does not.
    Offline,
    /// Nobody said.
    #[default]
    Unknown,
}

impl Availability {
    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Online => "online",
            Self::Offline => "offline",
            Self::Unknown => "unknown",
        }
    }
}
