//! Scenes on the wire.

use hub_core::{ActivatedPart, Activation, CommandError, DraftState, SceneDraft};
use hub_model::device::EndpointSelector;
use hub_model::household::Secret;
use hub_model::record::SceneRecord;
use hub_model::scene::{SceneState, settings_in_order};
use hub_model::{AttributeName, Command, CommandStatus, Timestamp, Value};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::problem::Problem;
use crate::seen::Readable;
use crate::wire::command::{CommandBody, Settings};

/// The longest transition, milliseconds: longer ones are slips of the pen.
const LONGEST_TRANSITION_MS: u64 = 3_600_000;

/// States of many devices under one name.
#[derive(Serialize, ToSchema)]
#[schema(as = Scene)]
pub(crate) struct SceneBody<'a> {
    id: &'a str,
    name: &'a str,
    /// How long the change takes if nobody says.
    transition_ms: Option<u64>,
    /// What is set, in order.
    states: Vec<StateBody<'a>>,
    /// True = it sets something that you do not see: what it sets is not shown.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    hidden: bool,
    /// Counts up with each change.
    revision: u64,
    /// Who made this revision.
    author: &'a str,
    #[schema(value_type = String, format = DateTime)]
    changed_at: Timestamp,
}

/// What a scene sets on one endpoint of a device.
#[derive(Serialize, ToSchema)]
#[schema(as = SceneState)]
struct StateBody<'a> {
    device: &'a str,
    endpoint: Option<u16>,
    /// Attributes and values, in order.
    #[serde(serialize_with = "settings_in_order")]
    #[schema(value_type = Object)]
    set: &'a [(AttributeName, Value)],
}

impl<'a> SceneBody<'a> {
    /// As who reads such scenes sees it.
    pub(crate) fn new(record: &'a SceneRecord, readable: &Readable) -> Self {
        let hidden = !readable.scene(&record.scene);
        let state = |state: &'a SceneState| StateBody {
            device: state.device.as_str(),
            endpoint: state.endpoint,
            set: &state.set,
        };
        Self {
            id: record.scene.id.as_str(),
            name: &record.scene.name,
            transition_ms: record.scene.transition_ms,
            states: record.scene.states.iter().filter(|_| !hidden).map(state).collect(),
            hidden,
            revision: record.revision,
            author: record.author.as_str(),
            changed_at: record.changed_at,
        }
    }
}

/// A scene as a client writes it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewScene {
    /// Lower-case letters, digits, `-` and `_`; left out = made from the name.
    #[serde(default)]
    pub(crate) id: Option<String>,
    /// Unique among scenes, without regard to case.
    pub(crate) name: String,
    /// How long the change takes if nobody says.
    #[serde(default)]
    #[schema(maximum = 3_600_000)]
    transition_ms: Option<u64>,
    /// What is set, in order.
    #[schema(max_items = 200)]
    states: Vec<NewState>,
}

/// What a scene is to set on a device.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewSceneState)]
struct NewState {
    /// Its id or name.
    device: String,
    /// The endpoint's id or label; may be left out where each attribute is on one endpoint only.
    #[serde(default)]
    #[schema(value_type = Option<serde_json::Value>)]
    endpoint: Option<EndpointSelector>,
    /// Attributes and the values they are to have.
    #[schema(value_type = Object)]
    set: Settings,
}

impl NewScene {
    /// What the core is asked.
    pub(crate) fn draft(self) -> Result<SceneDraft, Problem> {
        let state =
            |state: NewState| DraftState { device: state.device.into(), endpoint: state.endpoint, set: state.set.0 };
        Ok(SceneDraft {
            name: crate::extract::name("name", &self.name)?,
            transition_ms: transition(self.transition_ms),
            states: self.states.into_iter().map(state).collect(),
        })
    }
}

/// Makes a scene of what is now.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SceneCapture {
    /// Unique among scenes, without regard to case.
    pub(crate) name: String,
    /// Their ids or names.
    pub(crate) devices: Vec<String>,
    /// Which attributes; left out = `on`, `brightness`, `color_temperature` or `color` (whichever is in force),
    /// `position`, `tilt`, setpoints and modes of heating, cooling and fans. Of a light that is off, only that.
    #[serde(default)]
    pub(crate) attributes: Option<Vec<String>>,
}

/// How a scene is to be activated.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct SceneActivation {
    /// How long the change is to take, in place of the scene's own.
    #[schema(maximum = 3_600_000)]
    transition_ms: Option<u64>,
    /// Your PIN, where one of its devices takes one.
    #[schema(value_type = Option<String>)]
    pub(crate) pin: Option<Secret>,
}

impl SceneActivation {
    pub(crate) fn transition_ms(&self) -> Option<u64> {
        transition(self.transition_ms)
    }
}

fn transition(milliseconds: Option<u64>) -> Option<u64> {
    milliseconds.map(|milliseconds| milliseconds.min(LONGEST_TRANSITION_MS))
}

/// What became of a scene.
#[derive(Serialize, ToSchema)]
#[schema(as = SceneOutcome)]
pub(crate) struct ActivationBody<'a> {
    scene: &'a str,
    /// That of the part that is least far while any is under way; in the end the worst.
    status: &'a str,
    /// One for each device and endpoint, in the scene's order.
    devices: Vec<PartBody<'a>>,
}

/// What became of one device.
#[derive(Serialize, ToSchema)]
#[schema(as = SceneDeviceOutcome)]
struct PartBody<'a> {
    device: &'a str,
    endpoint: Option<u16>,
    /// As of a command; `failed` too if the device could not be commanded at all.
    status: &'a str,
    /// Why it failed: as of a command, or why there is none (`not_found`, `bad_value`, `not_writable` …).
    reason: Option<&'a str>,
    /// In words, where there is no command.
    detail: Option<String>,
    /// Whether it would have been done with your PIN.
    pin: bool,
    /// The command; null = there is none.
    #[schema(inline = false)]
    command: Option<CommandBody<'a>>,
}

/// Whether nothing more will happen to any part.
pub(crate) fn has_ended(activation: &Activation) -> bool {
    commands(activation).all(Command::has_ended)
}

fn commands(activation: &Activation) -> impl Iterator<Item = &Command> {
    activation.parts.iter().filter_map(|part| part.outcome.as_ref().ok()).map(|command| &**command)
}

fn status(activation: &Activation) -> CommandStatus {
    let under_way = commands(activation).filter(|command| !command.has_ended()).map(|command| command.status).min();
    let ended = activation.parts.iter().map(|part| match &part.outcome {
        Ok(command) => command.status,
        Err(_) => CommandStatus::Failed,
    });
    under_way.or_else(|| ended.max()).unwrap_or(CommandStatus::Confirmed)
}

impl<'a> ActivationBody<'a> {
    pub(crate) fn new(activation: &'a Activation) -> Self {
        Self {
            scene: activation.scene.as_str(),
            status: status(activation).as_str(),
            devices: activation.parts.iter().map(PartBody::new).collect(),
        }
    }
}

impl<'a> PartBody<'a> {
    fn new(part: &'a ActivatedPart) -> Self {
        let (device, endpoint) = (part.device.as_str(), part.endpoint);
        match &part.outcome {
            Ok(command) => {
                let body = CommandBody::new(command);
                let reason = body.reason();
                Self {
                    device,
                    endpoint,
                    status: command.status.as_str(),
                    reason,
                    detail: None,
                    pin: false,
                    command: Some(body),
                }
            }
            Err(error) => {
                let (reason, detail) = (Some(Problem::code_of(error)), Some(error.to_string()));
                let pin = matches!(error, CommandError::NotAllowed(verdict) if verdict.pin);
                Self { device, endpoint, status: CommandStatus::Failed.as_str(), reason, detail, pin, command: None }
            }
        }
    }
}
