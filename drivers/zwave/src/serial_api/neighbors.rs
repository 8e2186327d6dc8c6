//! Request Node Neighbor Update (0x48) and Get Routing Information (0x80): who reaches whom.

use super::{CallbackId, Function, NodeId, NodeIdWidth, Request, node_request};
use crate::read::{Problem, Reader, named_bytes};

node_request! {
    /// Has a node search its neighbours anew. Takes up to minutes; has callbacks and no response.
    RequestNodeNeighborUpdate, REQUEST_NODE_NEIGHBOR_UPDATE
}

named_bytes! {
    /// How far the search has come.
    NeighborUpdateStatus, "neighbor update status" {
        /// It has begun.
        Started = 0x21,
        /// Finished.
        Done = 0x22,
        /// Not finished.
        Failed = 0x23,
    }
}

/// How far the search has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NeighborUpdateProgress {
    /// Of the request.
    pub callback: CallbackId,
    /// How far.
    pub status: NeighborUpdateStatus,
}

impl NeighborUpdateProgress {
    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, Problem> {
        let callback = CallbackId::read(reader)?;
        Ok(Self { callback, status: NeighborUpdateStatus::from_byte(reader.byte("neighbor update status")?)? })
    }
}

/// Asks for a node's neighbours; the response is a mask of nodes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct GetRoutingInformation {
    /// Whose.
    pub node: NodeId,
    /// Leave out links that are known to be bad.
    pub without_bad_links: bool,
    /// Leave out nodes that do not repeat.
    pub without_non_repeaters: bool,
}

impl Request for GetRoutingInformation {
    fn function(&self) -> Function {
        Function::GET_ROUTING_INFORMATION
    }

    fn write(&self, nodes: NodeIdWidth, payload: &mut Vec<u8>) {
        nodes.write(self.node, payload);
        let unused_callback = 0;
        payload.extend_from_slice(&[
            u8::from(self.without_bad_links),
            u8::from(self.without_non_repeaters),
            unused_callback,
        ]);
    }
}
