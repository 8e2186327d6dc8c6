//! Interviews: for each node one question at a time; all nodes at once, and first what makes them usable.

use hub_model::Monotonic;

use super::{Job, ZWave};
use crate::interview::{Query, Stage};
use crate::network::{Done, Expected, Failure, Protection, Reach, Task, TaskId, Urgency, What};
use crate::serial_api::NodeId;

/// How often a question is asked that a node takes and does not answer.
const TRIES: u32 = 2;

impl ZWave {
    /// Asks the next question, unless one is under way or the node does not answer at all.
    pub(super) fn proceed_with_interview(&mut self, now: Monotonic, node: NodeId) {
        if !self.is_ready || self.network.reach(node) == Some(Reach::Dead) || self.is_being_paired(node) {
            return;
        }
        let own = self.own().0.to_be_bytes()[1];
        let keys = self.key_classes(node);
        let Some(member) = self.members.get_mut(&node).filter(|member| member.asking.is_none()) else { return };
        let Some(query) = member.known.next_query(own, &keys) else { return };
        let urgency = if query.stage <= Stage::Endpoints { Urgency::Interview } else { Urgency::Details };
        let task = self.task_of(node, &query, urgency);
        let task = self.network.push_task(now, task);
        self.jobs.insert(task, Job::Interview(node));
        if let Some(member) = self.members.get_mut(&node) {
            member.asking = Some((task, query));
        }
    }

    fn tries_of(&self, node: NodeId) -> u32 {
        self.members.get(&node).map_or(0, |member| member.tries)
    }

    pub(super) fn task_of(&self, node: NodeId, query: &Query, urgency: Urgency) -> Task {
        let what = match query.command.is_empty() {
            true => What::NodeInformation,
            false => What::Command(query.command.clone()),
        };
        Task {
            endpoint: query.endpoint,
            what,
            protection: query.security.map_or(Protection::None, Protection::Class),
            expected: query.answer.clone().filter(|prefix| !prefix.is_empty()).map(|prefix| Expected { prefix }),
            ..Task::new(node, Vec::new(), urgency)
        }
    }

    pub(super) fn handle_interview_ended(
        &mut self,
        now: Monotonic,
        node: NodeId,
        task: TaskId,
        result: Result<Done, Failure>,
    ) {
        let stage_before = self.stage(node);
        let Some(member) = self.members.get_mut(&node) else { return };
        let Some((_, query)) = member.asking.take_if(|(asking, _)| *asking == task) else { return };
        member.tries += 1;
        let is_over = match &result {
            // It was said meanwhile.
            _ if member.known.was_asked(&query) => true,
            Ok(Done::Reported(bytes)) => {
                if !bytes.is_empty() {
                    member.known.handle_answer(query.endpoint, query.security, bytes);
                }
                true
            }
            Ok(Done::Acknowledged | Done::Supervised(_)) => query.answer.is_none() || member.tries >= TRIES,
            // Without this nothing else can be asked.
            Err(Failure::NoReport) if query.command.is_empty() => false,
            // It took the question; some nodes do not know all that their version has.
            Err(Failure::NoReport | Failure::Unreadable) => member.tries >= TRIES,
            Err(Failure::TooLong | Failure::NoKeys) => true,
            Err(_) => false,
        };
        if is_over {
            member.tries = 0;
            if result.is_err() {
                member.known.handle_unanswered(&query);
            }
            member.known.handle_asked(&query);
            member.is_changed = true;
        }
        self.tell_network_of(node);
        if is_over && self.stage(node) != stage_before {
            self.share_model(node);
            self.keep(node);
        }
        let is_untold = self.members.get(&node).is_some_and(|member| member.told.is_none());
        if is_over && (is_untold || self.stage(node) != stage_before) {
            self.tell_device(node);
        }
        match result {
            // It is asked on when it is heard again, or the stick is ready again.
            Err(Failure::NotAcknowledged | Failure::Removed | Failure::StickFailed | Failure::Busy) => {}
            Err(Failure::NoReport) if !is_over && query.command.is_empty() && self.tries_of(node) >= TRIES => {}
            _ => self.proceed_with_interview(now, node),
        }
    }
}
