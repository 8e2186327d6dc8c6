//! Serial API Get Init Data (0x02): which nodes the stick knows.

use super::{NodeId, bare_request};
use crate::node_id::nodes_of_mask;
use crate::read::{Problem, Reader};

bare_request! {
    /// Asks for it.
    GetInitData, GET_INIT_DATA
}

/// What the stick begins with. Nodes with Long Range are not in this list.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct InitData {
    /// Below 10 of the 500 series; the Host API's version is this less 9.
    pub api_version: u8,
    /// The stick is an end node, no controller.
    pub is_end_node: bool,
    /// The stick has timers.
    pub has_timers: bool,
    /// Another controller is the primary one.
    pub is_secondary: bool,
    /// The stick gives node numbers out for all controllers.
    pub is_sis: bool,
    /// The nodes of the network, the stick among them.
    pub nodes: Vec<NodeId>,
    /// Chip type and version, if the stick says so.
    pub chip: Option<(u8, u8)>,
}

impl InitData {
    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, Problem> {
        let api_version = reader.byte("API version")?;
        let capabilities = reader.byte("capabilities")?;
        let nodes = nodes_of_mask(reader.counted("node mask")?, 1);
        if nodes.is_empty() {
            return Err(Problem::Unexpected {
                field: "number of nodes",
                value: 0,
                expected: "the stick itself at least",
            });
        }
        let chip = reader.array("chip").ok().map(|[kind, version]| (kind, version));
        let has = |bit: u8| capabilities & bit != 0;
        Ok(Self {
            api_version,
            is_end_node: has(0x01),
            has_timers: has(0x02),
            is_secondary: has(0x04),
            is_sis: has(0x08),
            nodes,
            chip,
        })
    }
}
