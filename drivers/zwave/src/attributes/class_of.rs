//! Where a value comes from.

use hub_model::AttributeName;

use super::describe::entries_of;
use super::node::Node;
use crate::command_class::CommandClass;

/// The class that an attribute of an endpoint is told by; none = the endpoint has no such attribute.
pub fn class_of(node: &Node, endpoint: u8, attribute: &AttributeName) -> Option<CommandClass> {
    let entries = entries_of(node, endpoint, node.endpoints.get(&endpoint)?);
    entries.into_iter().find(|entry| entry.schema.name == *attribute).map(|entry| entry.source.class)
}
