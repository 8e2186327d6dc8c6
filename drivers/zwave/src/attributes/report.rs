//! From what a node sent to values of attributes.

use hub_model::{AttributeName, EndpointNumber, Value};

use super::basic;
use super::conversion::decode;
use super::mapping::entries;
use super::node::Node;
use super::reading::{Property, Reading, readings};
use crate::command_class::Command;

/// A value of an attribute, or a happening.
#[derive(Clone, PartialEq, Debug)]
pub struct Report {
    /// The endpoint; 0 is the root device.
    pub endpoint: EndpointNumber,
    /// The attribute.
    pub attribute: AttributeName,
    /// Its value.
    pub value: Value,
    /// It happened, and is no state.
    pub momentary: bool,
}

/// The readings of a command, those of Basic included.
pub(super) fn readings_of(node: &Node, endpoint: u8, command: &Command) -> Vec<Reading> {
    let Some(known) = node.endpoints.get(&endpoint) else { return Vec::new() };
    match command {
        Command::Basic(command) => basic::readings(node, known, command),
        _ => basic::events(command).unwrap_or_else(|| readings(known, command)),
    }
}

/// What a command from an endpoint says, after [`Node::learn`]. Empty for commands that say nothing about the home, and
/// for values that are told elsewhere (see [`Node::hides`]).
pub fn report(node: &Node, endpoint: u8, command: &Command) -> Vec<Report> {
    report_readings(node, endpoint, readings_of(node, endpoint, command))
}

/// The same for readings that came in another form than a command, e.g. from a bridge that has read the commands itself.
pub fn report_readings(node: &Node, endpoint: u8, readings: Vec<Reading>) -> Vec<Report> {
    let Some(known) = node.endpoints.get(&endpoint) else { return Vec::new() };
    readings
        .into_iter()
        .filter(|reading| !node.hides(endpoint, reading.source))
        .flat_map(|reading| {
            let entries = entries(known, reading.source, reading.unit).into_iter();
            entries.filter_map(move |entry| {
                let value = decode(&entry, known, &reading.native)?;
                let momentary = entry.source.property == Property::Event;
                Some(Report { endpoint: u16::from(endpoint), attribute: entry.schema.name, value, momentary })
            })
        })
        .collect()
}
