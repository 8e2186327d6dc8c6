//! How the driver is, in words.

use std::sync::Arc;

use driver_api::DriverEvent;
use hub_model::Now;
use hub_model::event::{DriverState, DriverStatus};

use super::machine::{BRIDGE_GRACE, Zigbee2Mqtt};

impl Zigbee2Mqtt {
    /// Says how the driver is, if that changed.
    pub(super) fn update_status(&mut self, now: Now) {
        let base = self.base.trim_end_matches('/');
        let (state, detail) = match (&self.link, self.bridge.online) {
            (None, _) => (DriverState::Starting, String::new()),
            (Some(Err(reason)), _) => (DriverState::Offline, reason.clone()),
            // Online is who can carry out commands.
            (Some(Ok(_)), Some(true)) if !self.knows_devices => {
                (DriverState::Starting, "waiting for the list of devices".to_owned())
            }
            (Some(Ok(_)), Some(true)) if self.bridge.restart_required => (
                DriverState::Online,
                "zigbee2mqtt wants to be restarted for a changed setting; restart it when it suits".to_owned(),
            ),
            (Some(Ok(_)), Some(true)) => (DriverState::Online, String::new()),
            (Some(Ok(_)), Some(false)) => {
                (DriverState::Offline, format!("zigbee2mqtt is stopped ({base}/bridge/state says offline); start it"))
            }
            (Some(Ok(since)), None) if now.mono.since(*since) >= BRIDGE_GRACE => {
                self.bridge.silence_said = true;
                let detail = format!(
                    "the broker is there, but no zigbee2mqtt under {base}; check that it runs and that base_topic is that of its configuration"
                );
                (DriverState::Offline, detail)
            }
            (Some(Ok(_)), None) => (DriverState::Starting, "waiting for zigbee2mqtt".to_owned()),
        };
        let status = DriverStatus { state, detail: Arc::from(detail) };
        if self.status.as_ref() != Some(&status) {
            self.status = Some(status.clone());
            self.emit(DriverEvent::Status(status));
        }
    }
}
