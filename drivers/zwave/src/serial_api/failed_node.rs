//! Remove Failed Node (0x61), Is Failed Node (0x62) and Replace Failed Node (0x63): nodes that do not answer any more.

use super::{CallbackId, Function, NodeId, NodeIdWidth, Request, node_request};
use crate::read::{Problem, Reader, named_bytes};

node_request! {
    /// Removes a node that the stick believes to have failed.
    RemoveFailedNode, REMOVE_FAILED_NODE
}

node_request! {
    /// Replaces a failed node by a new one, which keeps its number.
    ReplaceFailedNode, REPLACE_FAILED_NODE
}

/// Asks whether the stick believes that a node has failed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct IsFailedNode {
    /// Which.
    pub node: NodeId,
}

impl Request for IsFailedNode {
    fn function(&self) -> Function {
        Function::IS_FAILED_NODE
    }

    fn write(&self, nodes: NodeIdWidth, payload: &mut Vec<u8>) {
        nodes.write(self.node, payload);
    }
}

/// Whether removing or replacing has begun: zero if it has, otherwise why not, as bits of the specification.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FailedNodeStart(pub u8);

impl FailedNodeStart {
    /// It has begun; a callback follows.
    pub fn has_begun(self) -> bool {
        self.0 == 0
    }

    /// The stick may not do it.
    pub fn not_primary(self) -> bool {
        self.0 & 0x02 != 0
    }

    /// The request asked for no callback.
    pub fn no_callback(self) -> bool {
        self.0 & 0x04 != 0
    }

    /// The stick does not believe that the node has failed: send to it first.
    pub fn not_failed(self) -> bool {
        self.0 & 0x08 != 0
    }

    /// The stick does it for another node.
    pub fn busy(self) -> bool {
        self.0 & 0x10 != 0
    }

    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, Problem> {
        reader.byte("start status").map(Self)
    }
}

named_bytes! {
    /// How removing or replacing ended.
    FailedNodeStatus, "failed node status" {
        /// The node answered: it has not failed.
        NodeOk = 0x00,
        /// It is removed.
        Removed = 0x01,
        /// It is not removed.
        NotRemoved = 0x02,
        /// The stick listens for the new node.
        ReplaceReady = 0x03,
        /// The new node has the old one's place.
        Replaced = 0x04,
        /// It is not replaced.
        NotReplaced = 0x05,
    }
}

/// How removing or replacing went.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FailedNodeProgress {
    /// Of the request.
    pub callback: CallbackId,
    /// How far.
    pub status: FailedNodeStatus,
}

impl FailedNodeProgress {
    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, Problem> {
        let callback = CallbackId::read(reader)?;
        Ok(Self { callback, status: FailedNodeStatus::from_byte(reader.byte("failed node status")?)? })
    }
}
