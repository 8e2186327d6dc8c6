//! Application Command Handler (0x04) and Bridge Application Command Handler (0xA8): a node says something.

use super::transmit::Rssi;
use super::{Command, NodeId, NodeIdWidth};
use crate::node_id::nodes_of_mask;
use crate::read::{Problem, Reader};

/// To whom a command was sent.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Addressing {
    /// To us alone.
    Singlecast,
    /// To everybody.
    Broadcast,
    /// To many.
    Multicast,
}

/// How a command was received (RECEIVE_STATUS).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ReceiveStatus(pub u8);

impl ReceiveStatus {
    /// The sender's routes are busy: no answer now.
    pub fn routed_busy(self) -> bool {
        self.0 & 0x01 != 0
    }

    /// It was sent at low power.
    pub fn low_power(self) -> bool {
        self.0 & 0x02 != 0
    }

    /// To whom it was sent.
    pub fn addressing(self) -> Addressing {
        match self.0 & 0x0C {
            0x08 => Addressing::Multicast,
            0x04 => Addressing::Broadcast,
            _ => Addressing::Singlecast,
        }
    }

    /// It was for somebody else, and the stick listens to everything.
    pub fn foreign_frame(self) -> bool {
        self.0 & 0x40 != 0
    }

    /// It came from another network.
    pub fn foreign_home_id(self) -> bool {
        self.0 & 0x80 != 0
    }
}

/// A command of a node.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ApplicationCommand {
    /// How it came.
    pub status: ReceiveStatus,
    /// From whom.
    pub source: NodeId,
    /// To whom, if a bridge library says so.
    pub destination: Option<NodeId>,
    /// To whom a multicast was sent, if a bridge library says so.
    pub multicast: Vec<NodeId>,
    /// What.
    pub command: Command,
    /// How strong it came, if the stick says so.
    pub rssi: Option<Rssi>,
}

impl ApplicationCommand {
    pub(crate) fn read(reader: &mut Reader<'_>, nodes: NodeIdWidth) -> Result<Self, Problem> {
        Ok(Self {
            status: ReceiveStatus(reader.byte("receive status")?),
            source: nodes.read(reader, "source node")?,
            destination: None,
            multicast: Vec::new(),
            command: Command::copy_from_slice(reader.counted("command")?),
            // Older sticks end here.
            rssi: Rssi::read(reader, "RSSI").ok(),
        })
    }

    pub(crate) fn read_bridge(reader: &mut Reader<'_>, nodes: NodeIdWidth) -> Result<Self, Problem> {
        let status = ReceiveStatus(reader.byte("receive status")?);
        let destination = Some(nodes.read(reader, "destination node")?);
        Ok(Self {
            status,
            source: nodes.read(reader, "source node")?,
            destination,
            command: Command::copy_from_slice(reader.counted("command")?),
            multicast: nodes_of_mask(reader.counted("multicast node mask").unwrap_or_default(), 1),
            rssi: Rssi::read(reader, "RSSI").ok(),
        })
    }
}
