//! Request Node Information (0x60): has a node say what it is. The answer comes as an Application Update.

use super::{Function, NodeId, NodeIdWidth, Request};

/// Asks for it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RequestNodeInformation {
    /// Whose.
    pub node: NodeId,
}

impl Request for RequestNodeInformation {
    fn function(&self) -> Function {
        Function::REQUEST_NODE_INFORMATION
    }

    fn write(&self, nodes: NodeIdWidth, payload: &mut Vec<u8>) {
        nodes.write(self.node, payload);
    }
}
