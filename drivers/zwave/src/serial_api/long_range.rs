//! Get Long Range Nodes (0xDA), Get Long Range Channel (0xDB) and Set Long Range Channel (0xDC).

use super::{Function, NodeId, NodeIdWidth, Request, bare_request};
use crate::node_id::nodes_of_mask;
use crate::read::{Problem, Reader, named_bytes};

/// Asks for the nodes with Long Range, a part of the list at a time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct GetLongRangeNodes {
    /// Which part, from zero.
    pub part: u8,
}

impl Request for GetLongRangeNodes {
    fn function(&self) -> Function {
        Function::GET_LONG_RANGE_NODES
    }

    fn write(&self, _: NodeIdWidth, payload: &mut Vec<u8>) {
        payload.push(self.part);
    }
}

/// A part of the list.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LongRangeNodes {
    /// Whether another part follows.
    pub more: bool,
    /// Which part, from zero.
    pub part: u8,
    /// The nodes.
    pub nodes: Vec<NodeId>,
}

/// The first node of the list.
const FIRST: u16 = 256;
/// How many nodes a part stands for.
const PART: u16 = 1_024;

impl LongRangeNodes {
    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, Problem> {
        let more = reader.byte("whether there are more")? != 0;
        let part = reader.byte("part")?;
        let mask = reader.counted("node mask")?;
        let first = u16::from(part).checked_mul(PART).and_then(|first| first.checked_add(FIRST));
        Ok(Self { more, part, nodes: first.map(|first| nodes_of_mask(mask, first)).unwrap_or_default() })
    }
}

bare_request! {
    /// Asks for the channel.
    GetLongRangeChannel, GET_LONG_RANGE_CHANNEL
}

named_bytes! {
    /// A channel of Long Range.
    LongRangeChannel, "Long Range channel" {
        /// The region has no Long Range.
        Unsupported = 0x00,
        /// The lower one.
        A = 0x01,
        /// The upper one.
        B = 0x02,
        /// The stick chooses.
        Automatic = 0xFF,
    }
}

/// Sets the channel; the response says whether it was.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SetLongRangeChannel {
    /// Which.
    pub channel: LongRangeChannel,
}

impl Request for SetLongRangeChannel {
    fn function(&self) -> Function {
        Function::SET_LONG_RANGE_CHANNEL
    }

    fn write(&self, _: NodeIdWidth, payload: &mut Vec<u8>) {
        payload.push(self.channel.to_byte());
    }
}

/// The channel, and whether the stick chose it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CurrentLongRangeChannel {
    /// Which.
    pub channel: LongRangeChannel,
    /// The stick can choose by itself.
    pub can_choose: bool,
    /// The stick chose it.
    pub chosen: bool,
}

impl CurrentLongRangeChannel {
    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, Problem> {
        let channel = LongRangeChannel::from_byte(reader.byte("Long Range channel")?)?;
        // Older sticks end here.
        let flags = reader.byte("flags").unwrap_or_default();
        Ok(Self { channel, can_choose: flags & 0x10 != 0, chosen: flags & 0x20 != 0 })
    }
}
