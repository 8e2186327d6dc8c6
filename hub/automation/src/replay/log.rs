//! The log that a replay reads: one JSON object a line, in the order of their times.

use hub_model::device::EndpointSelector;
use hub_model::{Availability, Timestamp, Value};
use serde::Deserialize;

use crate::document::tests::Happening;

/// How long a line may be.
const MAX_LINE: usize = 64 * 1024;

/// Something that happened, and when.
#[derive(Clone, Debug, PartialEq)]
pub struct LogEvent {
    /// When.
    pub at: Timestamp,
    /// What.
    pub happening: Happening,
}

/// A line is not what a log says.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LogError {
    /// It is no JSON, or a key is not known.
    #[error(
        "{0}; write an object like {{\"at\":\"2026-11-20T18:00:00Z\",\"device\":\"…\",\"attribute\":\"on\",\"value\":true}}"
    )]
    Form(String),
    /// It does not say what happened.
    #[error(
        "it does not say what happened: give a device with attribute and value, event or availability; or mode; or person and presence; or down; or webhook"
    )]
    Nothing,
    /// It is longer than any event.
    #[error("it is longer than {MAX_LINE} bytes")]
    TooLong,
    /// A stretch of time cannot be read.
    #[error("{0:?} is no duration; write one like 90s, 2m or 1h30m")]
    Duration(String),
    /// A device is neither online nor offline.
    #[error("{0:?} is no availability; write online, offline or unknown")]
    Availability(String),
}

/// The object on a line.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    at: Timestamp,
    device: Option<String>,
    endpoint: Option<EndpointSelector>,
    attribute: Option<String>,
    #[serde(default, deserialize_with = "present")]
    value: Option<Value>,
    event: Option<String>,
    availability: Option<String>,
    mode: Option<String>,
    person: Option<String>,
    presence: Option<String>,
    down: Option<String>,
    webhook: Option<String>,
}

/// A `null` that stands there is a value: unknown.
fn present<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

/// Reads a line.
pub fn parse_line(line: &str) -> Result<LogEvent, LogError> {
    if line.len() > MAX_LINE {
        return Err(LogError::TooLong);
    }
    let written: Written = serde_json::from_str(line).map_err(|error| LogError::Form(error.to_string()))?;
    let at = written.at;
    let happening = match written {
        Written { device: Some(device), availability: Some(availability), .. } => {
            let to = match availability.as_str() {
                "online" => Availability::Online,
                "offline" => Availability::Offline,
                "unknown" => Availability::Unknown,
                _ => return Err(LogError::Availability(availability)),
            };
            Happening::Availability { device, to }
        }
        Written { device: Some(device), endpoint, event: Some(attribute), value: Some(value), .. } => {
            Happening::Event { device, endpoint, attribute, value }
        }
        Written { device: Some(device), endpoint, attribute: Some(attribute), value: Some(value), .. } => {
            Happening::Report { device, endpoint, attribute, value }
        }
        Written { mode: Some(mode), .. } => Happening::Mode(mode),
        Written { person: Some(person), presence: Some(to), .. } => Happening::Presence { person, to },
        Written { webhook: Some(id), .. } => Happening::Webhook(id),
        Written { down: Some(down), .. } => Happening::Down(super::duration_of(&down).ok_or(LogError::Duration(down))?),
        _ => return Err(LogError::Nothing),
    };
    Ok(LogEvent { at, happening })
}

/// The person that an event is about, so that all of them can be known from the beginning.
pub fn person_of(happening: &Happening) -> Option<&str> {
    if let Happening::Presence { person, .. } = happening { Some(person) } else { None }
}
