//! Numbers of nodes and networks.

use std::fmt;

use crate::read::{Problem, Reader};

/// The number of a node: 1 to 232 in a classic network, 256 and above with Long Range.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct NodeId(pub u16);

impl NodeId {
    /// Everybody in a classic network.
    pub const BROADCAST: Self = Self(0xFF);
    /// Everybody with Long Range.
    pub const BROADCAST_LONG_RANGE: Self = Self(0xFFF);
    /// The highest number of a node in a classic network.
    pub const LAST_CLASSIC: Self = Self(232);

    /// Whether the node speaks Long Range, where every number has 16 bits on the air too.
    pub fn is_long_range(self) -> bool {
        self.0 > 0xFF
    }
}

impl fmt::Display for NodeId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.0)
    }
}

/// The number of a network.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct HomeId(pub [u8; 4]);

/// How wide node numbers are in the Serial API's frames (Serial API Setup, Set Node ID Base Type).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum NodeIdWidth {
    /// What every stick begins with.
    #[default]
    Bits8,
    /// What Long Range needs.
    Bits16,
}

impl NodeIdWidth {
    /// Appends the number. With 8 bits a Long Range number does not fit and loses its upper half: the caller has set
    /// the width that its nodes need.
    pub(crate) fn write(self, node: NodeId, payload: &mut Vec<u8>) {
        let [high, low] = node.0.to_be_bytes();
        if self == Self::Bits16 {
            payload.push(high);
        }
        payload.push(low);
    }

    pub(crate) fn read(self, reader: &mut Reader<'_>, field: &'static str) -> Result<NodeId, Problem> {
        Ok(NodeId(match self {
            Self::Bits8 => u16::from(reader.byte(field)?),
            Self::Bits16 => reader.word(field)?,
        }))
    }
}

/// The nodes of a bit mask whose lowest bit stands for `first`.
pub(crate) fn nodes_of_mask(mask: &[u8], first: u16) -> Vec<NodeId> {
    bits_of_mask(mask).filter_map(|bit| first.checked_add(bit)).map(NodeId).collect()
}

/// The numbers of the bits that are set, counted from zero.
pub(crate) fn bits_of_mask(mask: &[u8]) -> impl Iterator<Item = u16> {
    let bytes = mask.iter().zip(0_u16..);
    bytes.flat_map(|(byte, index)| (0..8).filter(move |bit| byte >> bit & 1 == 1).map(move |bit| index * 8 + bit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mask_counts_from_its_lowest_bit() {
        assert_eq!(nodes_of_mask(&[0b0000_0011, 0b1000_0000], 1), [NodeId(1), NodeId(2), NodeId(16)]);
    }

    #[test]
    fn a_number_has_its_width() {
        let mut payload = Vec::new();
        NodeIdWidth::Bits8.write(NodeId(5), &mut payload);
        NodeIdWidth::Bits16.write(NodeId(0x0123), &mut payload);
        assert_eq!(payload, [5, 1, 0x23]);
    }
}
