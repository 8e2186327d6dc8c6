//! What a replay says: one line of JSON for each thing that a rule did.

use std::sync::Arc;

use hub_model::device::Device;
use hub_model::event::Severity;
use hub_model::{AttributeName, AutomationId, DeviceId, EndpointNumber, RunId, Timestamp, Value};
use serde_json::{Map, Value as Json, json};

use crate::World;

/// Something that a rule did.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// When.
    pub at: Timestamp,
    /// Which rule.
    pub automation: AutomationId,
    /// Which run of it.
    pub run: RunId,
    /// What.
    pub deed: Deed,
}

/// What a rule did.
#[derive(Clone, Debug, PartialEq)]
pub enum Deed {
    /// It commanded a device.
    Command {
        /// Which.
        device: DeviceId,
        /// Where; none = on several endpoints.
        endpoint: Option<EndpointNumber>,
        /// What.
        set: Vec<(AttributeName, Value)>,
        /// How long the change should take.
        transition_ms: Option<u64>,
    },
    /// It activated a scene.
    Scene {
        /// Its name.
        scene: Arc<str>,
        /// How long the change should take.
        transition_ms: Option<u64>,
    },
    /// It told people.
    Notify {
        /// Whom; empty = everyone.
        to: Vec<Arc<str>>,
        /// In few words.
        title: Option<Arc<str>>,
        /// In more.
        message: Arc<str>,
        /// How bad it is.
        severity: Severity,
    },
    /// It set the home's mode.
    SetMode {
        /// Which.
        mode: Arc<str>,
    },
    /// Something became of a run: `resumed`, `late`, `missed`, `fuse`, `failed`, `outranked`.
    Phase {
        /// What.
        phase: &'static str,
        /// In words.
        detail: Option<Arc<str>>,
    },
}

impl Line {
    /// As JSON.
    pub fn to_json(&self) -> Json {
        let mut line = json!({
            "at": self.at, "automation": self.automation.as_str(), "run": self.run.as_str(), "kind": self.deed.kind(),
        });
        match &self.deed {
            Deed::Command { device, endpoint, set, transition_ms } => {
                line["device"] = json!(device.as_str());
                line["endpoint"] = json!(endpoint);
                let set: Map<String, Json> =
                    set.iter().map(|(name, value)| (name.as_str().to_owned(), json!(value))).collect();
                line["set"] = Json::Object(set);
                optional(&mut line, "transition_ms", transition_ms.map(Json::from));
            }
            Deed::Scene { scene, transition_ms } => {
                line["scene"] = json!(&**scene);
                optional(&mut line, "transition_ms", transition_ms.map(Json::from));
            }
            Deed::Notify { to, title, message, severity } => {
                line["to"] = to.iter().map(|name| Json::from(&**name)).collect();
                optional(&mut line, "title", title.as_deref().map(Json::from));
                line["message"] = json!(&**message);
                line["severity"] = json!(severity);
            }
            Deed::SetMode { mode } => line["mode"] = json!(&**mode),
            Deed::Phase { detail, .. } => optional(&mut line, "detail", detail.as_deref().map(Json::from)),
        }
        line
    }
}

impl Deed {
    /// The word on the wire.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Command { .. } => "command",
            Self::Scene { .. } => "scene",
            Self::Notify { .. } => "notify",
            Self::SetMode { .. } => "set_mode",
            Self::Phase { phase, .. } => phase,
        }
    }

    /// For people, in the home's names: `sets Hallway lamp: on true`.
    pub fn in_words(&self, home: &dyn World) -> String {
        match self {
            Self::Command { device, endpoint, set, .. } => {
                let record = home.device(device);
                let name = record.map_or(device.as_str(), |record| &record.name);
                let place = record.zip(*endpoint).and_then(|(record, number)| place(&record.device, number, set));
                let set: Vec<String> = set.iter().map(|(name, value)| format!("{name} {value}")).collect();
                format!("sets {name}{}: {}", place.unwrap_or_default(), set.join(", "))
            }
            Self::Scene { scene, .. } => format!("activates the scene {scene}"),
            Self::Notify { to, title, message, .. } => {
                let to = if to.is_empty() { "everyone".to_owned() } else { to.join(", ") };
                let title = title.as_deref().map(|title| format!("{title}: ")).unwrap_or_default();
                format!("tells {to}: {title}{message}")
            }
            Self::SetMode { mode } => format!("sets the mode {mode}"),
            Self::Phase { phase, detail } => match detail {
                Some(detail) => format!("{phase}: {detail}"),
                None => (*phase).to_owned(),
            },
        }
    }

    /// Whether the home or its people notice it; the others only tell of a run.
    pub fn is_effect(&self) -> bool {
        !matches!(self, Self::Phase { .. })
    }
}

/// Where on a device, if that needs to be said: ` (left)`.
fn place(device: &Device, number: EndpointNumber, set: &[(AttributeName, Value)]) -> Option<String> {
    let is_clear = set.iter().all(|(name, _)| device.resolve(None, name.as_str()).is_ok());
    let endpoint = device.endpoints.iter().find(|endpoint| endpoint.number == number).filter(|_| !is_clear)?;
    Some(match &endpoint.label {
        Some(label) => format!(" ({label})"),
        None => format!(" ({number})"),
    })
}

fn optional(line: &mut Json, key: &str, value: Option<Json>) {
    if let Some(value) = value {
        line[key] = value;
    }
}
