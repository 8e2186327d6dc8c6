//! Any commands from a node: read, written so that the same is read again, learnt, and told as values that are
//! described; every value that can be set is wished for.
//!
//! The input is a byte (bit 0: the node is one of which nothing is known; the rest the version of its classes), then
//! commands, each after its length.
#![no_main]

use std::collections::BTreeMap;
use std::sync::{LazyLock, Mutex};

use driver_zwave::attributes::{Endpoint, Node, commands, describe, report};
use driver_zwave::command_class::{Command, CommandClass};
use libfuzzer_sys::fuzz_target;

/// How many commands of each class were understood, by their number.
static UNDERSTOOD: LazyLock<Mutex<BTreeMap<(CommandClass, u8), u64>>> = LazyLock::new(Mutex::default);
static WANTED: LazyLock<bool> = LazyLock::new(|| std::env::var_os("CLASSES").is_some());

fuzz_target!(|bytes: &[u8]| {
    let [first, rest @ ..] = bytes else { return };
    let version = first >> 1;
    let mut node = if first & 1 == 0 { all_classes(version) } else { Node::new(Endpoint::default()) };
    let mut rest = rest;
    let mut described = Described::default();
    while let [length, after @ ..] = rest {
        let (bytes, after) = after.split_at(usize::from(*length).min(after.len()));
        rest = after;
        let Ok(command) = Command::decode(version, bytes) else { continue };
        count(&command, bytes);
        assert_eq!(Command::decode(version, &command.encode()).as_ref(), Ok(&command));
        node.learn(0, &command);
        described.tell(&node, &command);
    }
});

fn all_classes(version: u8) -> Node {
    let classes = (0..0xf0).map(CommandClass).filter(|class| class.implemented_version().is_some());
    Node::new(Endpoint::new(0x11, 0x06, classes.map(|class| (class, version))))
}

/// What was known when a node was described last: to describe it takes long.
#[derive(Default)]
struct Described {
    node: Node,
    endpoints: Vec<hub_model::Endpoint>,
}

impl Described {
    fn tell(&mut self, node: &Node, command: &Command) {
        let reports = report(node, 0, command);
        if !reports.is_empty() && *node != self.node {
            (self.node, self.endpoints) = (node.clone(), describe(node));
        }
        for report in reports {
            let endpoint = self.endpoints.iter().find(|endpoint| endpoint.number == report.endpoint);
            let schema = endpoint.and_then(|endpoint| endpoint.attribute(report.attribute.as_str()));
            let schema = schema.unwrap_or_else(|| panic!("{} is not described", report.attribute));
            if !schema.access.write {
                continue;
            }
            for command in commands(node, 0, &report.attribute, &report.value, None).unwrap_or_default() {
                assert_eq!(Command::decode(0, &command.encode()), Ok(command));
            }
        }
    }
}

/// Counts, and says what was counted whenever there is twice as much.
fn count(command: &Command, bytes: &[u8]) {
    if !*WANTED {
        return;
    }
    let Ok(mut understood) = UNDERSTOOD.lock() else { return };
    let number = bytes.get(command.class().bytes().len()).copied().unwrap_or_default();
    *understood.entry((command.class(), number)).or_default() += 1;
    if !understood.values().sum::<u64>().is_power_of_two() {
        return;
    }
    let mut classes: BTreeMap<CommandClass, Vec<String>> = BTreeMap::new();
    for ((class, number), times) in understood.iter().filter(|((class, _), _)| class.implemented_version().is_some()) {
        classes.entry(*class).or_default().push(format!("{number:#04x} × {times}"));
    }
    for (class, commands) in classes {
        eprintln!("{class}: {}", commands.join(", "));
    }
}
