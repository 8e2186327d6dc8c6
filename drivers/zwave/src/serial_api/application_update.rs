//! Application Update (0x49): something about a node has changed or was asked for.

use super::node_information::{CommandClasses, NodeInformation};
use super::{NodeId, NodeIdWidth};
use crate::node_id::HomeId;
use crate::read::{Problem, Reader};

/// What the stick tells.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ApplicationUpdate {
    /// A node tells what it is: it was asked, or somebody pressed its button.
    NodeInformation {
        /// Which.
        node: NodeId,
        /// What it says; `None` if the frame says nothing.
        information: Option<NodeInformation>,
    },
    /// A node that was asked for its information did not answer. The stick does not say which.
    NodeInformationFailed,
    /// The question for node information was sent.
    NodeInformationRequested,
    /// A node waits for its route.
    RoutingPending,
    /// Another controller added a node.
    NodeAdded {
        /// Which.
        node: NodeId,
        /// What it is.
        information: Option<NodeInformation>,
    },
    /// A node was removed.
    NodeRemoved {
        /// Which.
        node: NodeId,
    },
    /// Another controller is the static update controller now.
    SucChanged {
        /// Which; `None` for nobody.
        node: Option<NodeId>,
    },
    /// A node wants to be added by SmartStart.
    SmartStart {
        /// By Long Range.
        long_range: bool,
        /// Of its DSK ([`crate::security::Dsk::network_wide_inclusion_home`]).
        home: HomeId,
        /// What it says of itself.
        information: NodeInformation,
    },
    /// A SmartStart node of this network was switched on.
    SmartStartIncluded {
        /// As it came: sticks differ.
        payload: Vec<u8>,
    },
}

const SUC_CHANGED: u8 = 0x10;
const NODE_REMOVED: u8 = 0x20;
const NODE_ADDED: u8 = 0x40;
const ROUTING_PENDING: u8 = 0x80;
const INFORMATION_FAILED: u8 = 0x81;
const INFORMATION_REQUESTED: u8 = 0x82;
const INFORMATION_RECEIVED: u8 = 0x84;
const SMART_START_HOME_ID: u8 = 0x85;
const SMART_START_INCLUDED: u8 = 0x86;
const SMART_START_HOME_ID_LONG_RANGE: u8 = 0x87;

impl ApplicationUpdate {
    pub(crate) fn read(reader: &mut Reader<'_>, nodes: NodeIdWidth) -> Result<Self, Problem> {
        let status = reader.byte("update status")?;
        Ok(match status {
            INFORMATION_RECEIVED => {
                let (node, information) = NodeInformation::read_of_node(reader, nodes)?;
                Self::NodeInformation { node, information }
            }
            NODE_ADDED => {
                let (node, information) = NodeInformation::read_of_node(reader, nodes)?;
                Self::NodeAdded { node, information }
            }
            NODE_REMOVED => Self::NodeRemoved { node: nodes.read(reader, "node")? },
            SUC_CHANGED => {
                let node = nodes.read(reader, "node")?;
                Self::SucChanged { node: (node.0 != 0).then_some(node) }
            }
            ROUTING_PENDING => Self::RoutingPending,
            INFORMATION_FAILED => Self::NodeInformationFailed,
            INFORMATION_REQUESTED => Self::NodeInformationRequested,
            SMART_START_HOME_ID => Self::read_smart_start(reader, nodes, false)?,
            SMART_START_HOME_ID_LONG_RANGE => Self::read_smart_start(reader, nodes, true)?,
            SMART_START_INCLUDED => Self::SmartStartIncluded { payload: reader.rest().to_vec() },
            value => return Err(Problem::Unknown { field: "update status", value }),
        })
    }

    fn read_smart_start(reader: &mut Reader<'_>, nodes: NodeIdWidth, long_range: bool) -> Result<Self, Problem> {
        nodes.read(reader, "node")?;
        reader.byte("receive status")?;
        let home = HomeId(reader.array("home id")?);
        // Counts the command classes, or with some sticks the device class too: the frame's end is surer.
        reader.byte("node information length")?;
        let device_class = reader.array("device class")?;
        let command_classes = CommandClasses::from_bytes(reader.rest());
        Ok(Self::SmartStart { long_range, home, information: NodeInformation { device_class, command_classes } })
    }
}
