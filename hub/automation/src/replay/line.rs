//! What a replay says: one line of JSON for each thing that a rule did.

use std::sync::Arc;

use hub_model::event::Severity;
use hub_model::{AttributeName, AutomationId, DeviceId, EndpointNumber, RunId, Timestamp, Value};
use serde_json::{Map, Value as Json, json};

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
}

fn optional(line: &mut Json, key: &str, value: Option<Json>) {
    if let Some(value) = value {
        line[key] = value;
    }
}
