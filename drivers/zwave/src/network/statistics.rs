//! How well nodes are reached, counted and measured as frames come and go.

use std::time::Duration;

use hub_model::Monotonic;

use super::{Network, Transmitted};
use crate::serial_api::NodeId;
use crate::serial_api::transmit::{Rssi, TransmitReport};

/// What bits 0 to 2 of speed and beam are.
const SPEEDS: &[(u8, &str)] =
    &[(1, "9.6 kbit/s"), (2, "40 kbit/s"), (3, "100 kbit/s"), (4, "100 kbit/s by Long Range")];
/// A new round trip counts for one part of this many of the average.
const SMOOTHING: u32 = 8;

/// The way that a frame took, as the stick says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WorkingRoute {
    /// From the stick outwards; none = directly.
    pub repeaters: Vec<NodeId>,
    /// Of the radio; `None` for what the specification does not know.
    pub speed: Option<&'static str>,
    /// The channel of the acknowledgement.
    pub channel: u8,
}

/// What was counted and measured of a node since the driver started.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct NodeStatistics {
    /// Frames to the node that it acknowledged.
    pub delivered: u64,
    /// Frames to the node that it did not acknowledge.
    pub not_acknowledged: u64,
    /// Frames to the node that the stick could not send.
    pub not_sent: u64,
    /// Commands of the node.
    pub received: u64,
    /// From a frame to its acknowledgement, smoothed.
    pub round_trip: Option<Duration>,
    /// The last.
    pub last_round_trip: Option<Duration>,
    /// How strong the last acknowledgement was at the stick, in dBm.
    pub rssi: Option<i8>,
    /// The way of the last frame that arrived.
    pub route: Option<WorkingRoute>,
    /// When the node was heard last.
    pub heard_at: Option<Monotonic>,
}

impl NodeStatistics {
    fn count(&mut self, now: Monotonic, since: Monotonic, transmitted: Transmitted) {
        match transmitted {
            Transmitted::Arrived => {
                self.delivered += 1;
                self.heard_at = Some(now);
                let took = now.since(since);
                self.last_round_trip = Some(took);
                let smoothed = self.round_trip.unwrap_or(took);
                self.round_trip = Some((smoothed * (SMOOTHING - 1) + took) / SMOOTHING);
            }
            Transmitted::NotAcknowledged => self.not_acknowledged += 1,
            Transmitted::NotSent { .. } => self.not_sent += 1,
            // That is the stick's, and says nothing of the node.
            Transmitted::StickFailed => {}
        }
    }
}

impl Network {
    /// What was counted and measured of a node.
    pub fn statistics(&self, id: NodeId) -> Option<&NodeStatistics> {
        self.nodes.get(&id).map(|node| &node.statistics)
    }

    /// What the stick says of the frame on the air, before [`Network::handle_transmitted`].
    pub fn handle_report(&mut self, report: &TransmitReport) {
        let Some(route) = &report.route else { return };
        let on_air = self.on_air.as_ref().and_then(|on_air| self.nodes.get_mut(&on_air.node));
        let Some(statistics) = on_air.map(|node| &mut node.statistics) else { return };
        let speed = SPEEDS.iter().find(|(bits, _)| *bits == route.speed_and_beam & 0b111).map(|(_, name)| *name);
        if let Rssi::Dbm(dbm) = route.acknowledgement_rssi {
            statistics.rssi = Some(dbm);
        }
        statistics.route = Some(WorkingRoute {
            repeaters: route.repeaters.iter().map(|repeater| repeater.node).collect(),
            speed,
            channel: route.acknowledgement_channel,
        });
    }

    pub(super) fn count_transmitted(&mut self, now: Monotonic, id: NodeId, transmitted: Transmitted) {
        let since = self.on_air_since;
        if let Some(node) = self.nodes.get_mut(&id) {
            node.statistics.count(now, since, transmitted);
        }
    }

    pub(super) fn count_received(&mut self, now: Monotonic, id: NodeId) {
        if let Some(node) = self.nodes.get_mut(&id) {
            node.statistics.received += 1;
            node.statistics.heard_at = Some(now);
        }
    }
}
