//! Nodes and their values as Z-Wave JS sees them, attributes there and back, and values that cannot be.

mod parameters;
mod reference;
mod values;
mod wishes;

use super::{Endpoint, Node, report};
use crate::command_class::{Command, CommandClass};

/// `25 01 ff` as bytes.
fn bytes(text: &str) -> Vec<u8> {
    text.split_whitespace().map(|byte| u8::from_str_radix(byte, 16).unwrap()).collect()
}

fn command(text: &str) -> Command {
    Command::decode(0, &bytes(text)).unwrap()
}

/// A node with these classes in their newest versions, that has learnt these commands.
fn node(generic: u8, specific: u8, classes: &[CommandClass], learnt: &[&str]) -> Node {
    let versions = classes.iter().map(|class| (*class, class.implemented_version().unwrap_or(1)));
    let mut node = Node::new(Endpoint::new(generic, specific, versions));
    for text in learnt {
        node.learn(0, &command(text));
    }
    node
}

/// What a command from the root device says, as `attribute=value`.
fn told(node: &mut Node, text: &str) -> String {
    let command = command(text);
    node.learn(0, &command);
    let reports = report(node, 0, &command);
    let reports = reports.iter().map(|report| format!("{}={}", report.attribute, report.value));
    reports.collect::<Vec<_>>().join(" ")
}
