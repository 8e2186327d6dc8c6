//! What goes into history: everything that the rules read, and telemetry. Batched, never promised as durable.

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::command::Command;
use crate::event::Cause;
use crate::id::{AccountId, AttributeName, AutomationId, DeviceId, EndpointNumber, RunId};
use crate::state::Availability;
use crate::time::Timestamp;
use crate::value::Value;

/// One thing that happened.
#[derive(Clone, PartialEq, Debug)]
pub struct HistoryRecord {
    /// When.
    pub at: Timestamp,
    /// What.
    pub entry: HistoryEntry,
}

/// What happened.
#[derive(Clone, PartialEq, Debug)]
pub enum HistoryEntry {
    /// An attribute changed.
    State(StateRecord),
    /// A button was pressed or the like.
    DeviceEvent {
        /// Whose.
        device: DeviceId,
        /// Where.
        endpoint: EndpointNumber,
        /// Which attribute.
        attribute: AttributeName,
        /// What.
        value: Value,
    },
    /// A device came or went.
    Availability {
        /// Whose.
        device: DeviceId,
        /// Now.
        availability: Availability,
    },
    /// The home's mode changed.
    Mode {
        /// Now.
        mode: Arc<str>,
        /// What caused it.
        cause: Cause,
    },
    /// A person came or went.
    Presence {
        /// Who.
        person: AccountId,
        /// Where: `home`, `away` or a zone.
        presence: Arc<str>,
        /// What caused it.
        cause: Cause,
    },
    /// A trace of a rule's run or of one that did not fire; JSON of the rules engine. Its field `automation` says whose.
    Trace(Arc<str>),
    /// A person's command ended. It is in no series: a start finds it in the place of the command that was accepted.
    Command(Arc<Command>),
}

/// A changed attribute.
#[derive(Clone, PartialEq, Debug)]
pub struct StateRecord {
    /// Whose.
    pub device: DeviceId,
    /// Where.
    pub endpoint: EndpointNumber,
    /// Which.
    pub attribute: AttributeName,
    /// Now.
    pub value: Value,
    /// What caused it.
    pub cause: Cause,
}

/// A value at a time, as history gives it back.
#[derive(Clone, PartialEq, Debug)]
pub struct Sample {
    /// When it became so.
    pub at: Timestamp,
    /// What.
    pub value: Value,
}

/// A stretch of time, summed up.
#[derive(Clone, PartialEq, Debug)]
pub struct Aggregate {
    /// The start of the stretch.
    pub at: Timestamp,
    /// The least number.
    pub min: f64,
    /// The mean, weighted by time.
    pub mean: f64,
    /// The greatest.
    pub max: f64,
    /// How many samples.
    pub count: u32,
    /// For how long a value was known.
    pub covered: Duration,
    /// For counters: by how much it rose, resets handled.
    pub change: Option<f64>,
}

/// How fine history is wanted.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Serialize, Deserialize)]
pub enum Resolution {
    /// Every change.
    #[default]
    #[serde(rename = "raw")]
    Raw,
    /// Five minutes.
    #[serde(rename = "5m")]
    FiveMinutes,
    /// An hour.
    #[serde(rename = "1h")]
    Hour,
    /// A day, in the home's time zone.
    #[serde(rename = "1d")]
    Day,
}

/// A question to history.
#[derive(Clone, PartialEq, Debug)]
pub struct HistoryQuery {
    /// Whose.
    pub device: DeviceId,
    /// Where.
    pub endpoint: EndpointNumber,
    /// Which.
    pub attribute: AttributeName,
    /// From (included).
    pub from: Timestamp,
    /// To (excluded).
    pub to: Timestamp,
    /// How fine.
    pub resolution: Resolution,
    /// The IANA name of the zone in which days begin.
    pub time_zone: Arc<str>,
    /// At most so many rows.
    pub limit: usize,
}

/// The answer.
#[derive(Clone, PartialEq, Debug)]
pub enum HistoryAnswer {
    /// Every change.
    Samples(Vec<Sample>),
    /// Summed up.
    Aggregates(Vec<Aggregate>),
}

/// Something whose changes are recorded with their times.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Recorded {
    /// The values of an attribute.
    State {
        /// Whose.
        device: DeviceId,
        /// Where.
        endpoint: EndpointNumber,
        /// Which.
        attribute: AttributeName,
    },
    /// Momentary things of an attribute.
    DeviceEvent {
        /// Whose.
        device: DeviceId,
        /// Where.
        endpoint: EndpointNumber,
        /// Which.
        attribute: AttributeName,
    },
    /// Whether a device can be reached: `online`, `offline`, `unknown`.
    Availability(DeviceId),
    /// The home's mode.
    Mode,
    /// Where a person is.
    Presence(AccountId),
}

/// A question to what happened to one thing, newest first.
#[derive(Clone, PartialEq, Debug)]
pub struct ChangesQuery {
    /// To what.
    pub of: Recorded,
    /// From (included).
    pub from: Timestamp,
    /// To (excluded).
    pub to: Timestamp,
    /// At most so many.
    pub limit: usize,
}

/// A change as it was recorded.
#[derive(Clone, PartialEq, Debug)]
pub struct RecordedChange {
    /// When.
    pub at: Timestamp,
    /// What it became.
    pub value: Value,
    /// What caused it. That of states, the mode and presence is recorded; of anything else it is a report, as it is of
    /// a mode or presence that was recorded when their causes were not yet kept.
    pub cause: Cause,
}

/// A question to the traces of one rule.
#[derive(Clone, PartialEq, Debug)]
pub struct TraceQuery {
    /// Whose.
    pub automation: AutomationId,
    /// Of this run only.
    pub run: Option<RunId>,
    /// From (included).
    pub from: Timestamp,
    /// To (excluded).
    pub to: Timestamp,
    /// At most so many.
    pub limit: usize,
    /// The oldest of them, from the first, instead of the newest, from the last.
    pub oldest_first: bool,
}

/// A trace as it was recorded.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TraceRecord {
    /// When it was left.
    pub at: Timestamp,
    /// JSON of the rules engine.
    pub text: Arc<str>,
}
