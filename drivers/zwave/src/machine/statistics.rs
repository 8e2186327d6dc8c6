//! What was counted of the stick, for who looks at the network.

use std::sync::Arc;

use driver_api::RequestId;
use driver_api::network::Network as Map;
use hub_model::{Monotonic, Timestamp};

use super::ZWave;
use crate::controller::{Answer, Outcome, Ticket};
use crate::serial_api::background_rssi::GetBackgroundRssi;
use crate::serial_api::{Function, NodeId, Response};

impl ZWave {
    /// When a node was heard last, since the driver started.
    pub(super) fn last_seen(&self, node: NodeId) -> Option<Timestamp> {
        let heard_at = self.network.statistics(node)?.heard_at?;
        let ago = i64::try_from(self.now.since(heard_at).as_millis()).ok()?;
        Some(Timestamp(self.time.0.saturating_sub(ago)))
    }

    /// Asks for the noise, if the stick can tell it.
    pub(super) fn begin_noise(&mut self, now: Monotonic) -> Option<Ticket> {
        let has = self.stick.as_ref().is_some_and(|stick| stick.has(Function::GET_BACKGROUND_RSSI));
        has.then(|| self.controller.request(now, &GetBackgroundRssi, Answer::Response))
    }

    /// The map with what was counted since the port was opened, and the noise of each channel.
    pub(super) fn finish_map(&mut self, request: RequestId, mut map: Map, noise: &Outcome) {
        let link = self.controller.statistics();
        let counted = [
            ("frames_to_stick", link.delivered),
            ("frames_to_stick_lost", link.undelivered),
            ("retransmissions", link.retransmissions),
            ("frames_from_stick", link.received),
            ("damaged_frames_from_stick", link.corrupt),
            ("stray_bytes_from_stick", link.garbage_bytes),
            ("troubles_of_stick", self.troubles),
        ];
        map.statistics = counted.into_iter().map(|(name, count)| (Arc::from(name), count as f64)).collect();
        if let Outcome::Response(Response::BackgroundRssi(noise)) = noise {
            for (channel, rssi) in noise.channels.iter().enumerate() {
                if let Some(dbm) = rssi.dbm() {
                    map.statistics.insert(Arc::from(format!("noise_of_channel_{channel}_dbm")), f64::from(dbm));
                }
            }
        }
        self.answer(request, Ok(map.to_value()));
    }
}
