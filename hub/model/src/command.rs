//! Commands: what is wanted of a device, and what became of it.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::device::EndpointSelector;
use crate::event::Cause;
use crate::id::{AttributeName, CommandId, DeviceId, EndpointNumber};
use crate::time::Timestamp;
use crate::value::Value;

/// What a person, program or rule asks for. Always absolute («on», «40 %»), never «toggle».
#[derive(Clone, PartialEq, Debug)]
pub struct CommandRequest {
    /// The device.
    pub device: DeviceId,
    /// The endpoint; may be left out where the attribute is on one endpoint only.
    pub endpoint: Option<EndpointSelector>,
    /// What to set, in order.
    pub set: Vec<(AttributeName, Value)>,
    /// How long the change should take.
    pub transition_ms: Option<u64>,
    /// How long it may wait to be sent.
    pub ttl_ms: Option<u64>,
}

/// One attribute to set, resolved.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Setting {
    /// The endpoint.
    pub endpoint: EndpointNumber,
    /// The attribute.
    pub attribute: AttributeName,
    /// The value, checked against the schema.
    pub value: Value,
}

/// Where a command is in its life. The order is that of getting worse within the ended ones, so that the status of a
/// command is the greatest of its outcomes'.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CommandStatus {
    /// Taken on; waits to be sent.
    Accepted,
    /// Handed to the radio or bridge.
    Sent,
    /// The device or its network took it. The end for write-only attributes.
    Acknowledged,
    /// The device reported the wished value.
    Confirmed,
    /// Could not be sent in time.
    Expired,
    /// It did not happen, and the reason says why.
    Failed,
}

impl CommandStatus {
    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Sent => "sent",
            Self::Acknowledged => "acknowledged",
            Self::Confirmed => "confirmed",
            Self::Expired => "expired",
            Self::Failed => "failed",
        }
    }
}

/// Why a command failed.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailureReason {
    /// Sent, but no report within the time.
    NoReport,
    /// The device or its bridge refused it.
    Refused,
    /// The device cannot be reached.
    Unreachable,
    /// The driver is not connected.
    DriverOffline,
    /// The driver has too much to do.
    Busy,
    /// A newer command for the same attribute took its place.
    Superseded,
    /// The device was removed.
    Removed,
    /// The hub stopped before the outcome was known.
    Interrupted,
}

impl FailureReason {
    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NoReport => "no_report",
            Self::Refused => "refused",
            Self::Unreachable => "unreachable",
            Self::DriverOffline => "driver_offline",
            Self::Busy => "busy",
            Self::Superseded => "superseded",
            Self::Removed => "removed",
            Self::Interrupted => "interrupted",
        }
    }
}

/// How a wish was confirmed.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConfirmedBy {
    /// The bridge said that its conversion succeeded.
    Echo,
    /// The device itself reported.
    Report,
}

/// What became of one attribute of a command.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Outcome {
    /// What was set.
    #[serde(flatten)]
    pub setting: Setting,
    /// Where it is.
    pub status: CommandStatus,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<FailureReason>,
    /// In words, where the driver has some.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<Arc<str>>,
    /// How it was confirmed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirmed_by: Option<ConfirmedBy>,
}

/// A command and its life.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Command {
    /// Its id.
    pub id: CommandId,
    /// The device.
    pub device: DeviceId,
    /// Who or what wanted it.
    pub cause: Cause,
    /// How long the change should take.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transition_ms: Option<u64>,
    /// How long it may wait to be sent.
    pub ttl_ms: u64,
    /// What was set and what became of it.
    pub outcomes: Vec<Outcome>,
    /// The worst of the outcomes.
    pub status: CommandStatus,
    /// When it was accepted.
    pub accepted_at: Timestamp,
    /// When it was handed to the radio or bridge.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent_at: Option<Timestamp>,
    /// When it was acknowledged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acknowledged_at: Option<Timestamp>,
    /// When it ended: confirmed, acknowledged for good, failed or expired.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Timestamp>,
    /// It could not be written down (the disk is full or gone); it is carried out all the same.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub not_kept: bool,
}

impl Command {
    /// Whether nothing more will happen to it.
    pub fn has_ended(&self) -> bool {
        self.ended_at.is_some()
    }
}
