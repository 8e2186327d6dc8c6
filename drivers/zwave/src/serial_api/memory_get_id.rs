//! Memory Get ID (0x20): home id and node number of the stick.

use super::{NodeId, NodeIdWidth, bare_request};
use crate::node_id::HomeId;
use crate::read::{Problem, Reader};

bare_request! {
    /// Asks for them.
    MemoryGetId, MEMORY_GET_ID
}

/// Who the stick is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct MemoryId {
    /// Of its network.
    pub home: HomeId,
    /// Of itself.
    pub node: NodeId,
}

impl MemoryId {
    pub(crate) fn read(reader: &mut Reader<'_>, nodes: NodeIdWidth) -> Result<Self, Problem> {
        Ok(Self { home: HomeId(reader.array("home id")?), node: nodes.read(reader, "node")? })
    }
}
