//! What nodes wait for: answers, few at a time for each node, so that nobody who asks makes us flood the air.

use std::time::Duration;

use hub_model::Monotonic;

use super::node::Node;
use super::task::{Protection, What};
use super::{Network, Received, Task, Urgency};
use crate::command_class::value::Duration as Taken;
use crate::command_class::{Command, Malformed, supervision};
use crate::security::s2::{COMMAND_CLASS, frame::NONCE_REPORT};
use crate::serial_api::NodeId;

/// After that nobody waits for an answer of ours any more.
const REPLY_LIMIT: Duration = Duration::from_secs(10);
/// How many answers wait for one node, and how many it gets in a time: others are to be heard too. What it asks beyond
/// that is left out: it asks again, or floods us.
const MOST_REPLIES: usize = 8;
const MOST_REPLIES_OF_A_TIME: u32 = 16;
const TIME: Duration = Duration::from_secs(1);
/// How long the same command in the same session of Supervision is the same one, sent again.
const SUPERVISION_MEMORY: Duration = Duration::from_secs(10);

fn is_s2_nonce_report(task: &Task) -> bool {
    matches!(&task.what, What::Command(command) if command.starts_with(&[COMMAND_CLASS, NONCE_REPORT]))
}

/// What is said of a command that a node wants to know the end of: we take everything that we know.
fn status_of(command: &[u8]) -> supervision::Status {
    match Command::decode(0, command) {
        Ok(Command::Unknown(_)) | Err(Malformed::UnknownCommand { .. }) => supervision::Status::NoSupport,
        // The power is the stick's own.
        Ok(Command::Powerlevel(_)) => supervision::Status::Fail,
        Ok(_) => supervision::Status::Success,
        Err(_) => supervision::Status::Fail,
    }
}

impl Network {
    /// Answers a command of a node as it was protected itself. Left out where too many answers wait already.
    pub fn answer(&mut self, now: Monotonic, question: &Received, command: Vec<u8>) {
        if let Some(protection) = question.answer {
            self.reply(now, question.node, question.endpoint, command, protection);
        }
    }

    pub(super) fn reply(&mut self, now: Monotonic, to: NodeId, endpoint: u8, command: Vec<u8>, protection: Protection) {
        if self.may_answer(now, to) {
            let deadline = Some(now.plus(REPLY_LIMIT));
            let task = Task { endpoint, protection, deadline, ..Task::new(to, command, Urgency::Reply) };
            self.push_task(now, task);
        }
    }

    /// Whether a node may be given an answer, which is counted.
    fn may_answer(&mut self, now: Monotonic, to: NodeId) -> bool {
        let Some(node) = self.nodes.get_mut(&to) else { return false };
        let (since, replies) = node.replies;
        node.replies = if now >= since.plus(TIME) { (now, 1) } else { (since, replies.saturating_add(1)) };
        let waiting = node.queue.iter().filter(|queued| queued.task.urgency == Urgency::Reply).count();
        let may = waiting < MOST_REPLIES && node.replies.1 <= MOST_REPLIES_OF_A_TIME;
        if !may {
            tracing::debug!(node = to.0, "A node asks more than it can be answered; an answer is left out.");
        }
        may
    }

    /// Tells a node our entropy for Security 2, because it asked or because we could not read it.
    pub(super) fn give_s2_nonce(&mut self, now: Monotonic, to: NodeId) {
        let entropy = self.random();
        let waits = |node: &Node| node.queue.iter().any(|queued| is_s2_nonce_report(&queued.task));
        // One that waits will do, and the one that it has is void as soon as there is another.
        if self.nodes.get(&to).is_none_or(waits) || !self.may_answer(now, to) {
            return;
        }
        let Some(node) = self.nodes.get_mut(&to) else { return };
        let report = node.s2.nonce_report(now, entropy);
        let deadline = Some(now.plus(REPLY_LIMIT));
        self.push_task(now, Task { deadline, ..Task::new(to, report, Urgency::Reply) });
    }

    /// A node wants to know what becomes of a command. Says whether it is new, and not one that came before.
    pub(super) fn answer_supervision(
        &mut self,
        now: Monotonic,
        (source, endpoint): (NodeId, u8),
        (session, command): (u8, &[u8]),
        (protection, alone): (Protection, bool),
    ) -> bool {
        let Some(node) = self.nodes.get_mut(&source) else { return false };
        // With less than it was granted somebody else may speak: that neither gets an answer nor hides what the node says.
        if node.granted.is_some_and(|granted| protection != Protection::Class(granted)) {
            return true;
        }
        let until = now.plus(SUPERVISION_MEMORY);
        let before = node.supervised.replace((protection, session, command.to_vec(), until));
        if alone {
            let report = supervision::Command::Report {
                more_follow: false,
                wake_up: false,
                session,
                status: status_of(command),
                duration: Taken(0),
            };
            self.reply(now, source, endpoint, Command::Supervision(report).encode(), protection);
        }
        before.is_none_or(|(before, same, bytes, until)| {
            before != protection || same != session || bytes != command || until <= now
        })
    }
}
