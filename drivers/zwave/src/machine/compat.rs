//! What is known of models, as far as it is about doing: questions to nodes that wake, and words for people.

use hub_model::Monotonic;

use super::{Job, ZWave};
use crate::device_database::Model;
use crate::network::{Expected, Protection, Task, Urgency};
use crate::serial_api::NodeId;

impl ZWave {
    /// Asks a node that woke what its model does not tell by itself.
    pub(super) fn ask_on_wake_up(&mut self, now: Monotonic, node: NodeId) {
        let Some(member) = self.members.get(&node).filter(|member| member.told.is_some()) else { return };
        let Some(model) = member.known.model() else { return };
        // «Get» is command 2 in the classes that are asked so, and its report the next.
        let queries = model.compat.query_on_wakeup.iter().filter(|query| &*query.method == "get");
        let queries = queries.filter(|query| !member.known.lacks_keys_for(query.class));
        let tasks: Vec<Task> = queries
            .map(|query| {
                let class = query.class.bytes();
                let bytes = [&class[..], &[0x02], &query.arguments].concat();
                let protection = member.known.protection(query.class).map_or(Protection::None, Protection::Class);
                let expected = Some(Expected { prefix: [&class[..], &[0x03]].concat() });
                Task { protection, expected, ..Task::new(node, bytes, Urgency::Poll) }
            })
            .collect();
        for task in tasks {
            // It may not have been asked yet since it woke before.
            if self.network.is_queued(&task) {
                continue;
            }
            let task = self.network.push_task(now, task);
            self.jobs.insert(task, Job::Poll);
        }
    }

    /// Nodes of one model have what is known of it in common.
    pub(super) fn share_model(&mut self, node: NodeId) {
        let Some(own) = self.members.get(&node).and_then(|member| member.known.model()) else { return };
        let others = self.members.iter().filter(|(other, _)| **other != node);
        let same = others.filter_map(|(_, member)| member.known.model()).find(|model| *model == own).cloned();
        if let (Some(same), Some(member)) = (same, self.members.get_mut(&node)) {
            member.known.share_model(same);
        }
    }

    /// How people wake a node, in the maker's words, as the end of a sentence; empty where it is not known.
    pub(super) fn how_to_wake(&self, node: NodeId) -> String {
        self.words(node, "; to wake it", |model| model.wake_up.as_deref())
    }

    /// How people make a node leave, in the maker's words, as the end of a sentence; empty where it is not known.
    pub(super) fn how_to_exclude(&self, node: NodeId) -> String {
        self.words(node, "; to make it leave", |model| model.exclusion.as_deref())
    }

    fn words(&self, node: NodeId, purpose: &str, of: fn(&Model) -> Option<&str>) -> String {
        let model = self.members.get(&node).and_then(|member| member.known.model());
        model.and_then(|model| of(model)).map(|words| format!("{purpose}: {words}")).unwrap_or_default()
    }
}
