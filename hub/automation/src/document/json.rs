//! JSON, as the API takes it.

use hub_model::Said;
use serde::de::DeserializeSeed;

use super::Finding;
use super::node::{MAX_DEPTH, Node, NodeSeed, Position};

/// Reads one value.
pub(super) fn parse(text: &str) -> Result<Node, Finding> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    NodeSeed { depth: MAX_DEPTH }
        .deserialize(&mut deserializer)
        .and_then(|node| deserializer.end().map(|()| node))
        .map_err(|error| {
            let full = error.to_string();
            let message = full.rfind(" at line ").map_or(full.as_str(), |end| &full[..end]);
            let position = Position {
                line: u32::try_from(error.line()).unwrap_or(u32::MAX),
                column: u32::try_from(error.column()).unwrap_or(u32::MAX),
            };
            let message = Said::new("json", format!("this is not JSON: {message}")).with("error", message);
            Finding::new("syntax", "", Some(position), message)
        })
}

/// Writes a node.
pub(super) fn write(node: &Node) -> String {
    serde_json::to_string(node).unwrap_or_default()
}
