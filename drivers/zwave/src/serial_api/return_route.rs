//! Assign Return Route (0x46), Delete Return Route (0x47), Assign SUC Return Route (0x51) and Delete SUC Return Route
//! (0x55): the way that a node sends by itself. Each has a response that says whether it has begun, and a callback with
//! a transmit status.

use super::{CallbackId, Function, NodeId, NodeIdWidth, Request, node_request};

/// Tells a node the ways to another.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AssignReturnRoute {
    /// Who is told.
    pub node: NodeId,
    /// Where the ways lead.
    pub destination: NodeId,
    /// What the callback will carry.
    pub callback: CallbackId,
}

impl Request for AssignReturnRoute {
    fn function(&self) -> Function {
        Function::ASSIGN_RETURN_ROUTE
    }

    fn write(&self, nodes: NodeIdWidth, payload: &mut Vec<u8>) {
        nodes.write(self.node, payload);
        nodes.write(self.destination, payload);
        payload.push(self.callback.0);
    }
}

node_request! {
    /// Has a node forget all ways to other nodes.
    DeleteReturnRoute, DELETE_RETURN_ROUTE
}

node_request! {
    /// Tells a node the ways to the static update controller.
    AssignSucReturnRoute, ASSIGN_SUC_RETURN_ROUTE
}

node_request! {
    /// Has a node forget the ways to the static update controller.
    DeleteSucReturnRoute, DELETE_SUC_RETURN_ROUTE
}
