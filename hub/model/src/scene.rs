//! Scenes: states of many devices under one name.

use std::sync::Arc;

use serde::ser::SerializeMap;
use serde::{Deserialize, Serialize, Serializer};

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

/// Writes what is set as people write it: an object, in the order of the list.
pub fn settings_in_order<S: Serializer>(settings: &[(AttributeName, Value)], serializer: S) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(settings.len()))?;
    for (name, value) in settings {
        map.serialize_entry(name, value)?;
    }
    map.end()
}

/// A scene as people write it.
#[derive(Serialize)]
struct Written<'a> {
    id: &'a str,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    transition_ms: Option<u64>,
    states: Vec<WrittenState<'a>>,
}

#[derive(Serialize)]
struct WrittenState<'a> {
    device: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    endpoint: Option<EndpointNumber>,
    #[serde(serialize_with = "settings_in_order")]
    set: &'a [(AttributeName, Value)],
}

impl<'a> WrittenState<'a> {
    fn of(state: &'a SceneState) -> Self {
        Self { device: state.device.as_str(), endpoint: state.endpoint, set: &state.set }
    }
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

    /// The document that people would write to make it.
    pub fn document(&self) -> impl Serialize + '_ {
        Written {
            id: self.id.as_str(),
            name: &self.name,
            transition_ms: self.transition_ms,
            states: self.states.iter().map(WrittenState::of).collect(),
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scene_has_a_document_as_people_write_it() {
        let set = vec![("on".into(), Value::Bool(true)), ("brightness".into(), Value::Number(20.0))];
        let states = vec![
            SceneState { device: "bus:lamp".into(), endpoint: Some(1), set },
            SceneState { device: "bus:plug".into(), endpoint: None, set: vec![("on".into(), Value::Bool(false))] },
        ];
        let mut scene = Scene { id: "film".into(), name: "Film".into(), transition_ms: Some(500), states };
        let written = |scene: &Scene| serde_json::to_string(&scene.document()).unwrap();
        assert_eq!(
            written(&scene),
            r#"{"id":"film","name":"Film","transition_ms":500,"states":[{"device":"bus:lamp","endpoint":1,"set":{"on":true,"brightness":20}},{"device":"bus:plug","set":{"on":false}}]}"#
        );
        scene.transition_ms = None;
        assert!(!written(&scene).contains("transition_ms"));
    }
}
