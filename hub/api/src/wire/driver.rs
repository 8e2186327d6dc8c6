//! Drivers and pairing on the wire.

use std::sync::Arc;

use hub_core::{DriverView, OpenPairing, Snapshot};
use hub_model::event::DriverState;
use hub_model::pairing::{PairingAction, PairingProgress, PairingStage};
use hub_model::{DeviceId, Said, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::problem::Problem;
use crate::wire::event::QuestionBody;

/// A driver instance.
#[derive(Serialize, ToSchema)]
#[schema(as = Driver)]
pub(crate) struct DriverBody<'a> {
    id: &'a str,
    /// E.g. `zigbee2mqtt`.
    #[serde(rename = "type")]
    driver_type: &'a str,
    /// `starting`, `online`, `offline` or `failed`.
    #[schema(value_type = String)]
    state: DriverState,
    /// Why, and what to do; empty when all is well.
    detail: &'a str,
    /// Since when it is so.
    #[schema(value_type = String, format = DateTime)]
    since: Timestamp,
    /// How often it was started again after an error.
    restarts: u64,
    /// How many devices it has.
    devices: usize,
    /// What its kind can do beside speaking with devices, of `include`, `exclude` and `replace` (pairings), `provision`
    /// (a list of devices that join by themselves), `groups`, `network` (a map), `routes` (found anew by all devices),
    /// `backup` (of its stick) and `restart`. A stick or bridge may still lack one, and says so.
    abilities: Vec<&'static str>,
}

impl<'a> DriverBody<'a> {
    pub(crate) fn new(view: &'a DriverView, snapshot: &Snapshot) -> Self {
        let own = |device: &&Arc<hub_core::DeviceView>| {
            device.record.device.id.as_str().split_once(':').is_some_and(|(driver, _)| driver == view.id.as_str())
        };
        Self {
            id: view.id.as_str(),
            driver_type: &view.driver_type,
            state: view.status.state,
            detail: &view.status.detail,
            since: view.since,
            restarts: view.restarts,
            devices: snapshot.devices.iter().filter(own).count(),
            abilities: view.abilities.iter().map(|ability| ability.as_str()).collect(),
        }
    }
}

/// Opens a network.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewPairing {
    action: PairingActionWord,
    /// For how long; 1 to 900, 180 if nobody says.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 900, default = 180)]
    seconds: Option<u64>,
    /// Through which router; left out = all. For `include`.
    #[serde(default)]
    via: Option<String>,
    /// An install code, QR text or the like. For `include`.
    #[serde(default)]
    code: Option<String>,
    /// The dead device. For `replace`.
    #[serde(default)]
    device: Option<String>,
}

/// What kind of pairing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum PairingActionWord {
    Include,
    Exclude,
    Replace,
}

/// An open network.
#[derive(Serialize, ToSchema)]
pub(crate) struct Pairing {
    /// The session, as in events and paths.
    pub(crate) id: String,
    /// When it closes by itself.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) until: Timestamp,
}

/// A network that is open, and how far it is.
#[derive(Serialize, ToSchema)]
#[schema(as = OpenPairing)]
pub(crate) struct OpenPairingBody<'a> {
    /// The session, as in events and paths.
    id: &'a str,
    /// `include`, `exclude` or `replace`; null = the driver opened it by itself, for devices of its list.
    action: Option<&'a str>,
    /// When it closes by itself; null = the driver knows.
    #[schema(value_type = Option<String>, format = DateTime)]
    until: Option<Timestamp>,
    /// What was said of it, oldest first: as the events of the kind pairing. The last 100.
    steps: Vec<PairingStepBody<'a>>,
}

/// A step of a pairing.
#[derive(Serialize, ToSchema)]
#[schema(as = PairingStep)]
struct PairingStepBody<'a> {
    /// When.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    #[serde(flatten)]
    progress: ProgressBody<'a>,
}

/// How far a pairing is, in a step and in an event.
#[derive(Serialize, ToSchema)]
#[schema(as = PairingProgress)]
pub(crate) struct ProgressBody<'a> {
    #[schema(value_type = String)]
    stage: PairingStage,
    #[serde(skip_serializing_if = "Option::is_none")]
    device: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ask: Option<QuestionBody<'a>>,
    /// What the person does next.
    next_step: &'a str,
}

impl<'a> ProgressBody<'a> {
    pub(crate) fn new(progress: &'a PairingProgress) -> Self {
        Self {
            stage: progress.stage,
            device: progress.device.as_ref().map(DeviceId::as_str),
            ask: progress.ask.as_ref().map(QuestionBody::new),
            next_step: &progress.next_step,
        }
    }
}

impl<'a> OpenPairingBody<'a> {
    pub(crate) fn new(pairing: &'a OpenPairing) -> Self {
        let step = |(at, progress): &'a (Timestamp, PairingProgress)| PairingStepBody {
            at: *at,
            progress: ProgressBody::new(progress),
        };
        let steps = pairing.steps.iter().map(step).collect();
        Self { id: pairing.session.as_str(), action: pairing.action, until: pairing.until, steps }
    }
}

impl NewPairing {
    /// What the driver is asked, and for how many seconds.
    pub(crate) fn checked(self) -> Result<(PairingAction, u64), Problem> {
        let seconds = self.seconds.unwrap_or(180);
        if !(1..=900).contains(&seconds) {
            return Err(Problem::invalid(
                "bad_value",
                Said::new("seconds", "The seconds are out of range.").with("min", 1).with("max", 900),
                "Give 1 to 900 seconds.",
            )
            .with("field", "seconds".into()));
        }
        let misplaced = |field: &'static str, action: &str| {
            Problem::invalid(
                "bad_value",
                Said::new("field", format!("The field {field} does not belong to this action.")).with("field", field),
                format!("Leave {field} out, or use the action {action}."),
            )
            .with("field", field.into())
        };
        if self.action != PairingActionWord::Include && self.via.is_some() {
            return Err(misplaced("via", "include"));
        }
        if self.action != PairingActionWord::Include && self.code.is_some() {
            return Err(misplaced("code", "include"));
        }
        if self.action != PairingActionWord::Replace && self.device.is_some() {
            return Err(misplaced("device", "replace"));
        }
        let action = match self.action {
            PairingActionWord::Include => {
                PairingAction::Include { via: self.via.map(DeviceId::new), code: self.code.map(Arc::from) }
            }
            PairingActionWord::Exclude => PairingAction::Exclude,
            PairingActionWord::Replace => PairingAction::Replace {
                device: self.device.map(DeviceId::new).ok_or_else(|| {
                    Problem::invalid(
                        "bad_value",
                        Said::new("replaces_what", "Which device is to be replaced is not said."),
                        "Give the id of the dead device in the field device.",
                    )
                    .with("field", "device".into())
                })?,
            },
        };
        Ok((action, seconds))
    }
}
