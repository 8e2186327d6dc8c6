//! Sending by radio: options, how it ended, and the report of how it went (INS12350; Host API
//! specification, Send Data).

use crate::node_id::NodeId;
use crate::read::{Problem, Reader, named_bytes};

/// How a frame is sent. The bits of the specification may be combined.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TransmitOptions(pub u8);

impl TransmitOptions {
    /// The receiver acknowledges.
    pub const ACKNOWLEDGE: Self = Self(0x01);
    /// At low power, for tests.
    pub const LOW_POWER: Self = Self(0x02);
    /// Through other nodes, if it does not work directly.
    pub const AUTO_ROUTE: Self = Self(0x04);
    /// Directly or not at all.
    pub const NO_ROUTE: Self = Self(0x10);
    /// By an explorer frame, if no route works.
    pub const EXPLORE: Self = Self(0x20);
    /// Everything that helps it to arrive.
    pub const DEFAULT: Self = Self(0x25);
}

named_bytes! {
    /// How a transmission ended.
    TransmitStatus, "transmit status" {
        /// It arrived, or no acknowledgement was asked for.
        Ok = 0x00,
        /// The receiver did not acknowledge: it is asleep, out of reach or dead.
        NoAcknowledge = 0x01,
        /// It could not be sent: the network is busy.
        Fail = 0x02,
        /// The stick does something else: it adds or removes a node.
        NotIdle = 0x03,
        /// There is no route.
        NoRoute = 0x04,
        /// It arrived, and the receiver could decrypt it; of sticks that encrypt by themselves.
        Verified = 0x05,
    }
}

named_bytes! {
    /// By which means the route was found.
    RoutingScheme, "routing scheme" {
        /// Not said.
        Idle = 0,
        /// Without repeaters.
        Direct = 1,
        /// By a route that was set by hand.
        Priority = 2,
        /// By the last that worked.
        LastWorking = 3,
        /// By the one before.
        NextToLastWorking = 4,
        /// By a route that was computed.
        Auto = 5,
        /// Directly, after all else had failed.
        ResortDirect = 6,
        /// By an explorer frame.
        Explore = 7,
    }
}

/// How strong a signal was.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Rssi {
    /// In dBm.
    Dbm(i8),
    /// Below what the receiver can tell from noise.
    NoSignal,
    /// Above what the receiver can measure.
    Saturated,
    /// Not measured.
    NotAvailable,
}

impl Rssi {
    /// The signed byte of the specification.
    pub fn from_byte(byte: i8) -> Self {
        match byte {
            127 => Self::NotAvailable,
            126 => Self::Saturated,
            125 => Self::NoSignal,
            dbm => Self::Dbm(dbm),
        }
    }

    /// The number, if there is one.
    pub fn dbm(self) -> Option<i8> {
        match self {
            Self::Dbm(dbm) => Some(dbm),
            Self::NoSignal | Self::Saturated | Self::NotAvailable => None,
        }
    }

    pub(crate) fn read(reader: &mut Reader<'_>, field: &'static str) -> Result<Self, Problem> {
        reader.signed_byte(field).map(Self::from_byte)
    }
}

/// A repeater on the way, and how strong it heard the one before it on the way back.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Repeater {
    /// Which node.
    pub node: NodeId,
    /// Of the acknowledgement.
    pub rssi: Rssi,
}

/// The way a frame took.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Route {
    /// In their order, from the stick.
    pub repeaters: Vec<Repeater>,
    /// Of the acknowledgement, at the stick.
    pub acknowledgement_rssi: Rssi,
    /// The channel of the acknowledgement.
    pub acknowledgement_channel: u8,
    /// The channel of the frame; 3 and 4 are those of Long Range.
    pub channel: u8,
    /// How the route was found; `None` for what the specification does not know.
    pub scheme: Option<RoutingScheme>,
    /// Speed and beam, as the specification packs them: bits 0 to 2 are 1 (9.6 kbit/s), 2 (40), 3 (100) or 4 (Long
    /// Range), bit 5 a beam of 250 ms, bit 6 one of 1,000 ms.
    pub speed_and_beam: u8,
    /// How many routes were tried.
    pub attempts: u8,
    /// Where the last route that was tried broke: the last node that works and the first that does not.
    pub broken_between: Option<(NodeId, NodeId)>,
}

/// Powers, which Long Range measures.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LongRangeReport {
    /// Of the frame, in dBm.
    pub transmit_power: i8,
    /// At the stick.
    pub noise_floor: Rssi,
    /// Of the acknowledgement, in dBm.
    pub destination_transmit_power: i8,
    /// Of the frame, at the destination.
    pub destination_rssi: Rssi,
    /// At the destination.
    pub destination_noise_floor: Rssi,
}

/// How a transmission went. Older sticks say less.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TransmitReport {
    /// How long it took, in units of 10 ms.
    pub ticks: u16,
    /// The way.
    pub route: Option<Route>,
    /// Of Long Range only.
    pub long_range: Option<LongRangeReport>,
}

const MOST_REPEATERS: usize = 4;

impl TransmitReport {
    /// What follows the status in the callback. Nothing is no report; a part that is cut off is none either, as sticks
    /// cut it off at different places.
    pub(crate) fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let ticks = reader.word("transmit ticks").ok()?;
        let route = Route::read(reader).ok();
        let by_long_range = route.as_ref().is_some_and(|route| route.channel >= 3);
        let long_range = by_long_range.then(|| LongRangeReport::read(reader).ok()).flatten();
        Some(Self { ticks, route, long_range })
    }
}

impl Route {
    fn read(reader: &mut Reader<'_>) -> Result<Self, Problem> {
        let count = usize::from(reader.byte("number of repeaters")?).min(MOST_REPEATERS);
        let acknowledgement_rssi = Rssi::read(reader, "RSSI of the acknowledgement")?;
        let rssi: [u8; MOST_REPEATERS] = reader.array("RSSI of the repeaters")?;
        let acknowledgement_channel = reader.byte("channel of the acknowledgement")?;
        let channel = reader.byte("channel")?;
        let scheme = RoutingScheme::from_byte(reader.byte("routing scheme")?).ok();
        let nodes: [u8; MOST_REPEATERS] = reader.array("repeaters")?;
        let speed_and_beam = reader.byte("speed")?;
        let attempts = reader.byte("routing attempts")?;
        let broken_between = reader.array("broken link").ok().filter(|[works, fails]| *works != 0 && *fails != 0);
        let repeaters = nodes.iter().zip(rssi).take(count).map(|(node, rssi)| Repeater {
            node: NodeId(u16::from(*node)),
            rssi: Rssi::from_byte(i8::from_be_bytes([rssi])),
        });
        Ok(Self {
            repeaters: repeaters.collect(),
            acknowledgement_rssi,
            acknowledgement_channel,
            channel,
            scheme,
            speed_and_beam,
            attempts,
            broken_between: broken_between.map(|[works, fails]| (NodeId(works.into()), NodeId(fails.into()))),
        })
    }
}

impl LongRangeReport {
    fn read(reader: &mut Reader<'_>) -> Result<Self, Problem> {
        Ok(Self {
            transmit_power: reader.signed_byte("transmit power")?,
            noise_floor: Rssi::read(reader, "noise floor")?,
            destination_transmit_power: reader.signed_byte("transmit power of the destination")?,
            destination_rssi: Rssi::read(reader, "RSSI at the destination")?,
            destination_noise_floor: Rssi::read(reader, "noise floor at the destination")?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Option<TransmitReport> {
        TransmitReport::read(&mut Reader::new(bytes))
    }

    #[test]
    fn nothing_is_no_report_and_ticks_alone_are_one() {
        assert_eq!(read(&[]), None);
        assert_eq!(read(&[0x00, 0x0b]), Some(TransmitReport { ticks: 11, route: None, long_range: None }));
    }

    #[test]
    fn a_report_by_way_of_two_repeaters() {
        let bytes = [0, 30, 2, 0xA6, 0xB0, 0x7E, 0x7F, 0x7F, 0, 1, 3, 7, 9, 0, 0, 0x43, 1, 0, 0];
        let report = read(&bytes).unwrap();
        let route = report.route.unwrap();
        assert_eq!(
            route.repeaters,
            [Repeater { node: NodeId(7), rssi: Rssi::Dbm(-80) }, Repeater { node: NodeId(9), rssi: Rssi::Saturated }]
        );
        assert_eq!((route.acknowledgement_rssi, route.scheme), (Rssi::Dbm(-90), Some(RoutingScheme::LastWorking)));
        assert_eq!((report.ticks, route.broken_between, report.long_range), (30, None, None));
    }

    #[test]
    fn long_range_has_powers() {
        let bytes = [0, 2, 0, 0xC4, 127, 127, 127, 127, 3, 3, 1, 0, 0, 0, 0, 4, 1, 0, 0, 14, 0x9C, 10, 0xBA, 0x9B];
        assert_eq!(
            read(&bytes).unwrap().long_range,
            Some(LongRangeReport {
                transmit_power: 14,
                noise_floor: Rssi::Dbm(-100),
                destination_transmit_power: 10,
                destination_rssi: Rssi::Dbm(-70),
                destination_noise_floor: Rssi::Dbm(-101),
            })
        );
    }

    #[test]
    fn more_repeaters_than_there_can_be_are_no_reason_to_panic() {
        let route = read(&[[0, 1, 200].as_slice(), &[1; 16]].concat()).unwrap().route.unwrap();
        assert_eq!(route.repeaters.len(), MOST_REPEATERS);
    }
}
