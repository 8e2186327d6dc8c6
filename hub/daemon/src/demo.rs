//! Furnishes the demo home: rooms, what stands in which, scenes and rules to look at.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use hub_automation::document::parse_yaml_many;
use hub_core::{CoreHandle, DraftState, Edit, EditError, SceneDraft};
use hub_model::household::{Area, Location};
use hub_model::name::AREAS;
use hub_model::{AreaId, AttributeName, AutomationId, Cause, DeviceId, DriverId, Value};
use serde::Deserialize;

use crate::drivers::DEMO;

/// Where the demo home lies.
pub const LOCATION: Location = Location { latitude: 52.52, longitude: 13.4 };
/// What its clocks show, on a machine that has no time zone.
pub const TIME_ZONE: &str = "Europe/Berlin";
/// The rules of the demo home, a list.
const RULES: &str = include_str!("demo/rules.yaml");
/// Its scenes, which rules name.
const SCENES: &str = include_str!("demo/scenes.json");

/// A scene as it is written.
#[derive(Deserialize)]
struct WrittenScene {
    name: Arc<str>,
    #[serde(default)]
    transition_ms: Option<u64>,
    states: Vec<WrittenState>,
}

#[derive(Deserialize)]
struct WrittenState {
    device: Arc<str>,
    set: BTreeMap<Arc<str>, Value>,
}

impl From<WrittenScene> for SceneDraft {
    fn from(written: WrittenScene) -> Self {
        let states = written.states.into_iter().map(|state| DraftState {
            device: state.device,
            endpoint: None,
            set: state.set.into_iter().map(|(name, value)| (AttributeName::new(name), value)).collect(),
        });
        Self { name: written.name, transition_ms: written.transition_ms, states: states.collect() }
    }
}

/// How long the simulated devices may take to appear.
const PATIENCE: Duration = Duration::from_secs(30);

/// Furnishes a home that has no rooms yet; anything a person has made stays as it is.
pub async fn furnish(core: CoreHandle) {
    if !core.snapshot().areas.is_empty() {
        return;
    }
    let outcome = tokio::time::timeout(PATIENCE, make(&core)).await;
    match outcome {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::warn!(%error, "The demo home could not be furnished completely."),
        Err(_) => tracing::warn!("The simulated devices have not appeared, so that they stand in no room."),
    }
}

async fn make(core: &CoreHandle) -> Result<(), EditError> {
    let driver = DriverId::new(DEMO);
    let mut pictures = core.watch();
    for (name, addresses) in driver_virtual::demo_areas() {
        let is_taken = |id: &str| core.snapshot().areas.iter().any(|area| area.id.as_str() == id);
        let area =
            Area { id: AreaId::new(AREAS.free_id(name, is_taken)), name: (*name).into(), floor: None, position: None };
        core.edit(Cause::System, Edit::Area(area.clone())).await?;
        for address in *addresses {
            let id = DeviceId::of(&driver, address);
            // An ended core answers the edit with an error.
            pictures.wait_for(|picture| picture.device(&id).is_some()).await.ok();
            let edit = Edit::Device { id, name: None, area: Some(Some(area.id.clone())) };
            core.edit(Cause::System, edit).await?;
        }
    }
    let scenes: Vec<WrittenScene> = serde_json::from_str(SCENES).unwrap_or_default();
    for scene in scenes {
        core.edit(Cause::System, Edit::Scene { id: None, scene: scene.into(), must_exist: None }).await?;
    }
    let rules = parse_yaml_many(RULES).unwrap_or_default();
    for rule in rules {
        let id = rule.id().map(AutomationId::from);
        let edit = Edit::Automation { id, document: rule.to_json().into(), must_exist: None };
        core.edit(Cause::System, edit).await?;
    }
    Ok(())
}
