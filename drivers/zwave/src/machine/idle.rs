//! States of notifications that a model never says the end of: they are over after a time.

use std::collections::BTreeMap;
use std::time::Duration;

use hub_model::Monotonic;

use super::ZWave;
use crate::command_class::Command;
use crate::command_class::notification::{self, Alarm, Command as N, IDLE, Notification};
use crate::serial_api::NodeId;

/// How long such a state lasts after it was told last.
const LASTS: Duration = Duration::from_secs(300);
/// The most states that are waited for; the others last until the device says otherwise.
const MOST: usize = 256;

/// A node, endpoint, type of notification and event.
type State = (NodeId, u8, u8, u8);

/// States that are on, and when they are over.
#[derive(Debug, Default)]
pub(super) struct OpenStates(BTreeMap<State, Monotonic>);

impl OpenStates {
    /// A node is gone, and its states with it.
    pub(super) fn forget(&mut self, node: NodeId) {
        self.0.retain(|(of, ..), _| *of != node);
    }
}

impl ZWave {
    /// A node told something: a state of a model that does not take it back begins, or is over.
    pub(super) fn handle_state(&mut self, now: Monotonic, node: NodeId, endpoint: u8, command: &Command) {
        let Command::Notification(N::Report(report)) = command else { return };
        let model = self.members.get(&node).and_then(|member| member.known.model());
        if !model.is_some_and(|model| model.compat.force_notification_idle_reset) {
            return;
        }
        let (kind, event) = (report.notification_type, report.event);
        let state = (node, endpoint, kind, event);
        let has_state = notification::event(kind, event).is_some_and(|event| event.has_idle);
        if event == IDLE {
            let is_over = |state: &State| (state.0, state.1, state.2) == (node, endpoint, kind);
            self.open_states.0.retain(|state, _| !is_over(state));
        } else if has_state && (self.open_states.0.len() < MOST || self.open_states.0.contains_key(&state)) {
            self.open_states.0.insert(state, now.plus(LASTS));
        }
    }

    pub(super) fn handle_idle_timeout(&mut self, now: Monotonic) {
        let over: Vec<State> =
            self.open_states.0.iter().filter(|(_, at)| **at <= now).map(|(state, _)| *state).collect();
        for state in over {
            self.open_states.0.remove(&state);
            let (node, endpoint, notification_type, event) = state;
            let idle = Notification {
                notification_type,
                status: 0xff,
                event: IDLE,
                parameters: vec![event],
                sequence_number: None,
                alarm: Alarm::default(),
            };
            self.tell_values(node, endpoint, &Command::Notification(N::Report(idle)));
        }
    }

    pub(super) fn idle_timeout(&self) -> Option<Monotonic> {
        self.open_states.0.values().min().copied()
    }
}
