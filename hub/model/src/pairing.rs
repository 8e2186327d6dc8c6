//! Pairing: how a new device comes into its network, in named stages.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::id::{DeviceId, DriverId, SessionId};

/// The stages of a pairing, in order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PairingStage {
    /// The network is open and waits for a device.
    Waiting,
    /// A device was heard.
    Heard,
    /// It is in the network.
    Joined,
    /// Keys were exchanged.
    Keys,
    /// The hub knows what it is.
    Identified,
    /// It was set up to report.
    Configured,
    /// It works. The pairing of this device is done.
    Confirmed,
    /// It did not work; the next step says what to do.
    Failed,
    /// The network is closed again.
    Closed,
}

/// What a pairing asks of the person.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Question {
    /// What kind of answer is wanted.
    pub kind: QuestionKind,
    /// The fields to fill in or to choose from.
    pub fields: Vec<Arc<str>>,
}

/// The kinds of question.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QuestionKind {
    /// A number printed on the device.
    Pin,
    /// Which of the offered security classes to grant.
    Grant,
    /// Yes or no.
    Confirm,
}

/// How far a pairing is.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PairingProgress {
    /// The session.
    pub session: SessionId,
    /// The driver that pairs.
    pub driver: DriverId,
    /// How far it is.
    pub stage: PairingStage,
    /// The device, as soon as it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<DeviceId>,
    /// What the person is asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ask: Option<Question>,
    /// What the person does next, in words.
    #[serde(default)]
    pub next_step: Arc<str>,
}

/// What kind of pairing is wanted.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "action", rename_all = "snake_case")]
pub enum PairingAction {
    /// Take in new devices.
    Include {
        /// Through which router; none = all.
        #[serde(default)]
        via: Option<DeviceId>,
        /// An install code, QR text or the like.
        #[serde(default)]
        code: Option<Arc<str>>,
    },
    /// Let devices leave.
    Exclude,
    /// Put a new device in the place of a dead one.
    Replace {
        /// The dead one.
        device: DeviceId,
    },
}
