//! How an update of a node's firmware goes.

use driver_api::{Origin, Reading};
use hub_model::Value;
use hub_model::command::ConfirmedBy;
use serde::Deserialize;

use super::ZWaveJs;
use super::events::Event;

#[derive(Deserialize)]
struct Progress {
    progress: f64,
}

impl ZWaveJs {
    /// So much is done.
    pub(super) fn handle_firmware_progress(&mut self, node: u16, event: &Event<'_>) {
        let progress = event.progress.and_then(|raw| serde_json::from_str::<Progress>(raw.get()).ok());
        if let Some(Progress { progress }) = progress {
            self.tell_update(node, "updating", progress.clamp(0.0, 100.0).round());
        }
    }

    /// It is over, well or not; who asked for it is told which.
    pub(super) fn handle_firmware_finished(&mut self, node: u16) {
        self.tell_update(node, "idle", 100.0);
    }

    fn tell_update(&mut self, node: u16, state: &str, percent: f64) {
        let told = self.members.get(&node).and_then(|member| member.told.as_ref());
        let values = [("update_state", Value::text(state)), ("update_progress", Value::Number(percent))];
        let readings = values
            .into_iter()
            .filter(|(name, _)| told.is_some_and(|device| device.attribute(0, name).is_some()))
            .map(|(name, value)| Reading { endpoint: 0, attribute: name.into(), value });
        let readings = readings.collect();
        self.report(node, readings, Origin::Live, ConfirmedBy::Report);
    }
}
