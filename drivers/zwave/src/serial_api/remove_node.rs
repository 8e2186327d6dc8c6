//! Remove Node From Network (0x4B): exclusion.

use super::add_node::read_node;
use super::{CallbackId, Function, NodeId, NodeIdWidth, Request};
use crate::read::{Problem, Reader, named_bytes};

named_bytes! {
    /// Whom to remove, or what to stop.
    RemoveMode, "remove node mode" {
        /// Any node.
        Any = 0x01,
        /// A controller.
        Controller = 0x02,
        /// A node that is no controller.
        EndNode = 0x03,
        /// Stop.
        Stop = 0x05,
    }
}

/// Begins or stops to remove. Each callback carries a [`RemoveNodeStatus`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RemoveNode {
    /// Whom.
    pub mode: RemoveMode,
    /// [`super::add_node::NETWORK_WIDE`] and [`super::add_node::NORMAL_POWER`].
    pub options: u8,
    /// What the callbacks will carry.
    pub callback: CallbackId,
}

impl Request for RemoveNode {
    fn function(&self) -> Function {
        Function::REMOVE_NODE_FROM_NETWORK
    }

    fn write(&self, _: NodeIdWidth, payload: &mut Vec<u8>) {
        payload.extend_from_slice(&[self.mode.to_byte() | self.options, self.callback.0]);
    }
}

named_bytes! {
    /// How far removing has come.
    RemoveNodeStatus, "remove node status" {
        /// The stick listens: press the button of the node.
        Ready = 0x01,
        /// A node was heard.
        NodeFound = 0x02,
        /// It is being removed, and is no controller.
        RemovingEndNode = 0x03,
        /// It is being removed, and is a controller.
        RemovingController = 0x04,
        /// The protocol's part is finished; some sticks say so.
        ProtocolDone = 0x05,
        /// Finished.
        Done = 0x06,
        /// Not removed.
        Failed = 0x07,
        /// The stick may not remove: another controller is primary.
        NotPrimary = 0x23,
    }
}

/// How far removing has come.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RemoveNodeProgress {
    /// Of the request.
    pub callback: CallbackId,
    /// How far.
    pub status: RemoveNodeStatus,
    /// The node, if it was one of this network.
    pub node: Option<NodeId>,
}

impl RemoveNodeProgress {
    pub(crate) fn read(reader: &mut Reader<'_>, nodes: NodeIdWidth) -> Result<Self, Problem> {
        let callback = CallbackId::read(reader)?;
        let status = RemoveNodeStatus::from_byte(reader.byte("remove node status")?)?;
        let (node, _) = read_node(reader, nodes)?;
        Ok(Self { callback, status, node })
    }
}
