//! Add Node To Network (0x4A): inclusion, SmartStart too.

use super::node_information::NodeInformation;
use super::{CallbackId, Function, NodeId, NodeIdWidth, Request};
use crate::node_id::HomeId;
use crate::read::{Problem, Reader, named_bytes};

named_bytes! {
    /// Whom to add, or what to stop.
    AddMode, "add node mode" {
        /// Any node.
        Any = 0x01,
        /// A controller.
        Controller = 0x02,
        /// A node that is no controller.
        EndNode = 0x03,
        /// A node that is in the network already.
        Existing = 0x04,
        /// Stop.
        Stop = 0x05,
        /// Stop, the replication to a controller failed.
        StopFailed = 0x06,
        /// Listen for nodes that want to be added by SmartStart.
        SmartStartListen = 0x09,
    }
}

/// Network-wide inclusion: other nodes help to reach the new one.
pub const NETWORK_WIDE: u8 = 0x40;
/// At normal power; without it the node must be near.
pub const NORMAL_POWER: u8 = 0x80;
/// By Long Range.
const LONG_RANGE: u8 = 0x20;
/// Add the node of a DSK, which has announced itself.
const MODE_HOME_ID: u8 = 0x08;

/// Begins or stops to add. Each callback carries an [`AddNodeStatus`]; stopping at the very end is done without one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AddNode {
    /// Whom.
    pub mode: AddMode,
    /// [`NETWORK_WIDE`] and [`NORMAL_POWER`].
    pub options: u8,
    /// What the callbacks will carry; none for the last stop and while listening for SmartStart.
    pub callback: CallbackId,
}

impl Request for AddNode {
    fn function(&self) -> Function {
        Function::ADD_NODE_TO_NETWORK
    }

    fn write(&self, _: NodeIdWidth, payload: &mut Vec<u8>) {
        payload.extend_from_slice(&[self.mode.to_byte() | self.options, self.callback.0]);
    }
}

/// Adds the node of a DSK by SmartStart, after it has announced itself.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AddNodeByDsk {
    /// With which the node announces itself ([`crate::security::Dsk::network_wide_inclusion_home`]).
    pub network_wide_inclusion_home: HomeId,
    /// With which the node proves itself ([`crate::security::Dsk::authentication_home`]).
    pub authentication_home: HomeId,
    /// Whether it joins by Long Range.
    pub long_range: bool,
    /// [`NETWORK_WIDE`] and [`NORMAL_POWER`].
    pub options: u8,
    /// What the callbacks will carry.
    pub callback: CallbackId,
}

impl Request for AddNodeByDsk {
    fn function(&self) -> Function {
        Function::ADD_NODE_TO_NETWORK
    }

    fn write(&self, _: NodeIdWidth, payload: &mut Vec<u8>) {
        let protocol = if self.long_range { LONG_RANGE } else { 0 };
        payload.extend_from_slice(&[MODE_HOME_ID | self.options | protocol, self.callback.0]);
        payload.extend_from_slice(&self.network_wide_inclusion_home.0);
        payload.extend_from_slice(&self.authentication_home.0);
    }
}

named_bytes! {
    /// How far adding has come.
    AddNodeStatus, "add node status" {
        /// The stick listens: press the button of the node.
        Ready = 0x01,
        /// A node was heard.
        NodeFound = 0x02,
        /// It is being added, and is no controller.
        AddingEndNode = 0x03,
        /// It is being added, and is a controller.
        AddingController = 0x04,
        /// It is in the network; stop, so that the stick finishes.
        ProtocolDone = 0x05,
        /// Finished.
        Done = 0x06,
        /// Not added.
        Failed = 0x07,
        /// The stick may not add: another controller is primary.
        NotPrimary = 0x23,
    }
}

/// How far adding has come.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AddNodeProgress {
    /// Of the request.
    pub callback: CallbackId,
    /// How far.
    pub status: AddNodeStatus,
    /// The node, as soon as it has a number.
    pub node: Option<NodeId>,
    /// What the node says of itself, while it is being added.
    pub information: Option<NodeInformation>,
}

impl AddNodeProgress {
    pub(crate) fn read(reader: &mut Reader<'_>, nodes: NodeIdWidth) -> Result<Self, Problem> {
        let callback = CallbackId::read(reader)?;
        let status = AddNodeStatus::from_byte(reader.byte("add node status")?)?;
        let (node, information) = read_node(reader, nodes)?;
        Ok(Self { callback, status, node, information })
    }
}

/// Zero stands for no node, and the rest is left out by some sticks where there is none.
pub(super) fn read_node(
    reader: &mut Reader<'_>,
    nodes: NodeIdWidth,
) -> Result<(Option<NodeId>, Option<NodeInformation>), Problem> {
    if reader.remaining() == 0 {
        return Ok((None, None));
    }
    let node = nodes.read(&mut reader.clone(), "node")?;
    let information = match NodeInformation::read_of_node(reader, nodes) {
        Ok((_, information)) => information,
        // At the end there is no information, and not always its length.
        Err(_) if reader.remaining() == 0 => None,
        Err(problem) => return Err(problem),
    };
    Ok(((node.0 != 0).then_some(node), information))
}
