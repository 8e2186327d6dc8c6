//! Get Node Protocol Information (0x41): what the stick remembers of a node since it was included.

use super::{Function, NodeId, NodeIdWidth, Request};
use crate::read::{Problem, Reader};

/// Asks for it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct GetNodeProtocolInformation {
    /// Whose.
    pub node: NodeId,
}

impl Request for GetNodeProtocolInformation {
    fn function(&self) -> Function {
        Function::GET_NODE_PROTOCOL_INFORMATION
    }

    fn write(&self, nodes: NodeIdWidth, payload: &mut Vec<u8>) {
        nodes.write(self.node, payload);
    }
}

/// When a node that does not always listen does so.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FrequentListening {
    /// Four times a second.
    Every250Milliseconds,
    /// Once a second.
    Every1000Milliseconds,
}

/// What the stick remembers of a node.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NodeProtocolInformation {
    /// It always listens.
    pub listening: bool,
    /// It can repeat for others.
    pub routing: bool,
    /// Of the protocol: 1 (2.0), 2 (5.0x), 3 (4.5x and later).
    pub protocol_version: u8,
    /// It listens at intervals, and is woken by a beam.
    pub frequent_listening: Option<FrequentListening>,
    /// It can wake others by a beam.
    pub beaming: bool,
    /// It has command classes beside those of its device class.
    pub optional_functionality: bool,
    /// It is a controller.
    pub controller: bool,
    /// It has the protocol's own security bit, which says nothing of S0 and S2.
    pub security: bool,
    /// It speaks at 9.6 kbit/s.
    pub speed_9_6: bool,
    /// It speaks at 40 kbit/s.
    pub speed_40: bool,
    /// It speaks at 100 kbit/s.
    pub speed_100: bool,
    /// Basic, generic and specific device class.
    pub device_class: [u8; 3],
}

impl NodeProtocolInformation {
    /// A node of which the stick knows nothing has no generic device class.
    pub fn is_known(&self) -> bool {
        self.device_class[1] != 0
    }

    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, Problem> {
        let [capability, security, speed] = reader.array("protocol information")?;
        let frequent_listening = match security & 0x60 {
            0x40 => Some(FrequentListening::Every1000Milliseconds),
            0x20 => Some(FrequentListening::Every250Milliseconds),
            _ => None,
        };
        let basic = reader.byte("basic device class")?;
        let generic = reader.byte("generic device class")?;
        // Without a specific class some sticks leave the byte out.
        let specific = reader.byte("specific device class").unwrap_or_default();
        Ok(Self {
            listening: capability & 0x80 != 0,
            routing: capability & 0x40 != 0,
            protocol_version: capability & 0x07,
            frequent_listening,
            beaming: security & 0x10 != 0,
            optional_functionality: security & 0x80 != 0,
            controller: security & 0x02 != 0,
            security: security & 0x01 != 0,
            speed_9_6: capability & 0x08 != 0,
            speed_40: capability & 0x10 != 0,
            speed_100: speed & 0x01 != 0,
            device_class: [basic, generic, specific],
        })
    }
}
