//! What a node has said with the word that a command worked (Supervision, SDS13783): where that is all that a report
//! would say, it is not asked once more.

use super::ZWave;
use crate::command_class::{Command, binary_switch, multilevel_switch};
use crate::network::{Task, What};
use crate::serial_api::NodeId;

/// The greatest level that is one; 0xFF is the one that it had last, which only the node knows.
const GREATEST_LEVEL: u8 = 99;

/// What is so when these have all worked, by endpoint; none = that is to be asked.
pub(super) fn settled(tasks: &[Task]) -> Option<Vec<(u8, Command)>> {
    tasks.iter().map(|task| Some((task.endpoint, report_after(task)?))).collect()
}

fn report_after(task: &Task) -> Option<Command> {
    let What::Command(bytes) = &task.what else { return None };
    let set = Command::decode(0, bytes).ok().filter(|_| task.supervised)?;
    match set {
        Command::BinarySwitch(binary_switch::Command::Set { target, .. }) => {
            Some(Command::BinarySwitch(binary_switch::Command::Report { current: target, target: None }))
        }
        Command::MultilevelSwitch(multilevel_switch::Command::Set { target, .. }) if target.0 <= GREATEST_LEVEL => {
            Some(Command::MultilevelSwitch(multilevel_switch::Command::Report { current: target, target: None }))
        }
        // A lock says in its report more than that it locked, and others round what they were given.
        _ => None,
    }
}

impl ZWave {
    /// Takes it as said, as if the node had reported it.
    pub(super) fn settle(&mut self, node: NodeId, endpoint: u8, report: &Command) {
        if let Some(member) = self.members.get_mut(&node) {
            let security = member.known.security;
            member.known.handle_command(endpoint, security, report);
        }
        self.tell_values(node, endpoint, report);
    }
}
