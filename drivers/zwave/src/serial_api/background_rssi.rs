//! Get Background RSSI (0x3B): how much noise there is on each channel.

use super::bare_request;
use super::transmit::Rssi;
use crate::read::{Problem, Reader};

bare_request! {
    /// Asks for it.
    GetBackgroundRssi, GET_BACKGROUND_RSSI
}

/// The noise of each channel: two or three, and a fourth with Long Range.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BackgroundRssi {
    /// From channel 0.
    pub channels: Vec<Rssi>,
}

const MOST_CHANNELS: usize = 4;

impl BackgroundRssi {
    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, Problem> {
        let mut channels = vec![Rssi::read(reader, "RSSI of channel 0")?];
        while channels.len() < MOST_CHANNELS && reader.remaining() > 0 {
            channels.push(Rssi::read(reader, "RSSI")?);
        }
        Ok(Self { channels })
    }
}
