//! Furnishes the demo home: rooms, who stands in which, and a few rules to look at.

use std::time::Duration;

use hub_core::{CoreHandle, Edit, EditError};
use hub_model::household::Area;
use hub_model::{AreaId, AutomationId, Cause, DeviceId, DriverId};

use crate::drivers::DEMO;

/// The rules of the demo home.
const RULES: [(&str, &str); 3] = [
    (
        "hallway-light",
        r#"{"name": "Hallway light on motion", "mode": "restart",
            "note": "Lights the way at low brightness and goes out two minutes after the last motion.",
            "triggers": [{"state": {"device": "demo:hallway-motion", "attribute": "occupancy", "to": true}}],
            "actions": [
                {"command": {"device": "demo:hallway-lamp", "set": {"on": true, "brightness": 40}}},
                {"wait_for": {"state": {"device": "demo:hallway-motion", "attribute": "occupancy", "to": false, "for": "2m"}},
                    "timeout": "30m"},
                {"command": {"device": "demo:hallway-lamp", "set": {"on": false}}}]}"#,
    ),
    (
        "bedside-remote",
        r#"{"name": "Bedside remote: light on", "mode": "restart",
            "triggers": [{"event": {"device": "demo:bedroom-remote", "attribute": "action", "is": "single"}}],
            "conditions": [{"state": {"device": "demo:bedside-lamp", "attribute": "on", "is": false}}],
            "actions": [{"command": {"device": "demo:bedside-lamp", "set": {"on": true, "brightness": 30}}}]}"#,
    ),
    (
        "lock-at-night",
        r#"{"name": "Lock the front door at night",
            "triggers": [{"time": "22:30"}],
            "conditions": [{"state": {"device": "demo:front-door", "attribute": "open", "is": false}}],
            "actions": [{"command": {"device": "demo:front-door-lock", "set": {"locked": true}}}]}"#,
    ),
];

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
        let area = Area { id: AreaId::new(slug(name)), name: (*name).into(), floor: None };
        core.edit(Cause::System, Edit::Area(area.clone())).await?;
        for address in *addresses {
            let id = DeviceId::of(&driver, address);
            // An ended core answers the edit with an error.
            pictures.wait_for(|picture| picture.device(&id).is_some()).await.ok();
            let edit = Edit::Device { id, name: None, area: Some(Some(area.id.clone())) };
            core.edit(Cause::System, edit).await?;
        }
    }
    for (id, document) in RULES {
        let edit = Edit::Automation { id: Some(AutomationId::new(id)), document: document.into(), must_exist: None };
        core.edit(Cause::System, edit).await?;
    }
    Ok(())
}

/// `Anna's room` → `annas-room`
fn slug(name: &str) -> String {
    name.to_lowercase().replace('\'', "").replace(' ', "-")
}
