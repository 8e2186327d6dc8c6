//! A first look at nodes that are known from before: whether they answer, and how they are now. Lamps are switched by
//! hand while nobody listens. What a node is was asked once and is not asked again.

use std::collections::BTreeSet;
use std::time::Duration;

use hub_model::Monotonic;

use super::{Job, ZWave};
use crate::attributes::{self, describe};
use crate::command_class::{Command, CommandClass as C};
use crate::network::{Listening, Reach, Task, Urgency};
use crate::serial_api::NodeId;

/// The most that one node is asked.
const MOST_QUESTIONS: usize = 6;
/// Between two questions, whoever they go to: nobody waits for these, and others have the radio meanwhile.
const SPACING: Duration = Duration::from_millis(100);
/// Between two nodes that have to be woken for it: for a second each nobody else is on the air.
const WOKEN_SPACING: Duration = Duration::from_secs(10);
/// What hands and keys change, the most telling first. What sensors measure they say by themselves.
const TELLING: &[C] = &[
    C::BINARY_SWITCH,
    C::MULTILEVEL_SWITCH,
    C::WINDOW_COVERING,
    C::DOOR_LOCK,
    C::LOCK,
    C::BARRIER_OPERATOR,
    C::THERMOSTAT_MODE,
    C::THERMOSTAT_SETPOINT,
];
/// No Operation: its acknowledgement is all that is wanted.
const NO_OPERATION: u8 = 0x00;

impl ZWave {
    /// The port was opened, and the stick is ready: who listens is asked, one question each, then the second of each.
    pub(super) fn take_first_look(&mut self, now: Monotonic) {
        if !std::mem::take(&mut self.look_is_due) {
            return;
        }
        self.give_up_first_look();
        let nodes: Vec<NodeId> = self.members.keys().copied().filter(|node| self.is_to_be_looked_at(*node)).collect();
        let mut questions: Vec<(usize, Task)> = Vec::new();
        for node in nodes {
            questions.extend(self.first_questions(node).into_iter().enumerate());
        }
        questions.sort_by_key(|(round, _)| *round);
        for (place, (_, task)) in (0_u32..).zip(questions) {
            let not_before = Some(now.plus(SPACING * place));
            let task = self.network.push_task(now, Task { not_before, ..task });
            self.jobs.insert(task, Job::FirstLook);
        }
        self.wake_for_first_look(now);
    }

    /// Who listens at intervals is woken once, to see whether it is there: nothing that costs its battery more. That it
    /// did not answer this says nothing of it.
    fn wake_for_first_look(&mut self, now: Monotonic) {
        let is_unheard = |node: &NodeId| {
            self.network.listening(*node) == Some(Listening::Frequent)
                && self.network.reach(*node) == Some(Reach::Unknown)
                && self.stage(*node).is_none()
        };
        let nodes: Vec<NodeId> = self.members.keys().copied().filter(is_unheard).collect();
        for (place, node) in (1_u32..).zip(nodes) {
            let not_before = Some(now.plus(WOKEN_SPACING * place));
            let ping = Task::new(node, vec![NO_OPERATION], Urgency::Background);
            let task = self.network.push_task(now, Task { once: true, not_before, ..ping });
            self.jobs.insert(task, Job::FirstLook);
        }
    }

    /// Who is not known completely is asked all that by the interview; who does not answer is probed; who sleeps is left
    /// alone.
    fn is_to_be_looked_at(&self, node: NodeId) -> bool {
        self.network.listening(node) == Some(Listening::Always)
            && self.network.reach(node) != Some(Reach::Dead)
            && self.stage(node).is_none()
    }

    fn first_questions(&self, node: NodeId) -> Vec<Task> {
        let Some(member) = self.members.get(&node) else { return Vec::new() };
        let known = &member.known.node;
        let mut asked = BTreeSet::new();
        let mut questions: Vec<(usize, u8, Command)> = Vec::new();
        for endpoint in describe(known) {
            let Ok(number) = u8::try_from(endpoint.number) else { continue };
            let queries =
                endpoint.attributes.iter().flat_map(|schema| attributes::queries(known, number, &schema.name));
            for query in queries {
                let place = TELLING.iter().position(|class| *class == query.class());
                if let Some(place) = place.filter(|_| asked.insert((number, query.encode()))) {
                    questions.push((place, number, query));
                }
            }
        }
        questions.sort_by_key(|(place, endpoint, _)| (*place, *endpoint));
        let tasks = questions
            .iter()
            .filter_map(|(_, endpoint, query)| self.question(node, *endpoint, query, Urgency::Background));
        let tasks: Vec<Task> = tasks.take(MOST_QUESTIONS).collect();
        match tasks.is_empty() {
            true => vec![Task::new(node, vec![NO_OPERATION], Urgency::Background)],
            false => tasks,
        }
    }

    /// What was not asked yet is not asked any more.
    fn give_up_first_look(&mut self) {
        let Self { network, jobs, .. } = self;
        network.cancel(|task| jobs.get(&task) == Some(&Job::FirstLook));
        jobs.retain(|_, job| *job != Job::FirstLook);
    }
}
