//! Scenes: states of many devices under one name.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::command::CommandRequest;
use crate::device::EndpointSelector;
use crate::id::{AttributeName, DeviceId, EndpointNumber, SceneId};
use crate::value::Value;

/// States of many devices under one name.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Scene {
    /// Its id, made from the first name.
    pub id: SceneId,
    /// What people call it.
    pub name: Arc<str>,
    /// How long the change takes if nobody says, milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transition_ms: Option<u64>,
    /// What is set, in order.
    pub states: Vec<SceneState>,
}

/// What a scene sets on one endpoint of a device.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct SceneState {
    /// The device.
    pub device: DeviceId,
    /// The endpoint; may be left out where each attribute is on one endpoint only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<EndpointNumber>,
    /// What to set, in order.
    pub set: Vec<(AttributeName, Value)>,
}

impl Scene {
    /// The same without some of its settings, each named by the place of its state and its attribute.
    pub fn without(&self, settings: &[(usize, AttributeName)]) -> Self {
        let mut scene = self.clone();
        for (place, attribute) in settings {
            if let Some(state) = scene.states.get_mut(*place) {
                state.set.retain(|(name, _)| name != attribute);
            }
        }
        scene.states.retain(|state| !state.set.is_empty());
        scene
    }

    /// The commands that activate it; `transition_ms` in place of its own.
    pub fn commands(&self, transition_ms: Option<u64>) -> impl Iterator<Item = CommandRequest> + '_ {
        let transition_ms = transition_ms.or(self.transition_ms);
        self.states.iter().map(move |state| CommandRequest {
            device: state.device.clone(),
            endpoint: state.endpoint.map(EndpointSelector::Number),
            set: state.set.clone(),
            transition_ms,
            ttl_ms: None,
        })
    }
}
