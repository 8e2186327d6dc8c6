//! Commands and questions of the hub, and what becomes of them.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use driver_api::{CommandProgress, CommandStage, DriverCommand, DriverEvent};
use driver_zwave::command_class::CommandClass as C;
use hub_model::command::{ConfirmedBy, FailureReason};
use hub_model::{AttributeName, CommandId, DeviceId, EndpointNumber, Monotonic};
use serde_json::value::RawValue;
use serde_json::{Value as Json, json};

use super::{ANSWER_LIMIT, Purpose, ZWaveJs};
use crate::message::{Refusal, SetOutcome, ValueId, set_outcome};

/// The most commands under way; more are refused.
const MOST_UNDER_WAY: usize = 256;
/// The most values that are asked for at once.
const MOST_POLLS: usize = 32;
/// The most values of a node that are remembered as just set.
const MOST_REMEMBERED: usize = 16;
/// How long a value may be what Z-Wave JS made of a command rather than what the device said.
const MEMORY: Duration = Duration::from_secs(90);
/// How long a node that listens may take, tries of Z-Wave JS and what waits before included.
const SET_LIMIT: Duration = Duration::from_secs(120);

/// The classes whose changes can take a while.
const WITH_TRANSITION: &[C] =
    &[C::BINARY_SWITCH, C::MULTILEVEL_SWITCH, C::COLOR_SWITCH, C::WINDOW_COVERING, C::BASIC_WINDOW_COVERING];
/// An error of zwave-js: the device did not acknowledge; its node is dead; it was gone before it answered.
const UNREACHABLE: &[i64] = &[204, 202, 205, 1501];

/// A command of which not every value is answered.
#[derive(Debug)]
pub(super) struct UnderWay {
    left: usize,
    failed: bool,
}

/// What was set lately, by node.
pub(super) type Remembered = VecDeque<(u16, ValueId, Monotonic)>;

impl ZWaveJs {
    fn progress(&mut self, command: &CommandId, stage: CommandStage) {
        self.emit(DriverEvent::Command(CommandProgress { command: command.clone(), attribute: None, stage }));
    }

    fn fail(&mut self, command: &CommandId, reason: FailureReason, detail: impl Into<Arc<str>>) {
        self.progress(command, CommandStage::Failed { reason, detail: Some(detail.into()) });
    }

    pub(super) fn handle_command(&mut self, command: DriverCommand) {
        match self.send_command(&command) {
            Ok(left) => {
                self.under_way.insert(command.id.clone(), UnderWay { left, failed: false });
                self.progress(&command.id, CommandStage::Sent);
            }
            Err((reason, detail)) => self.fail(&command.id, reason, detail),
        }
    }

    /// Sends all values of a command, or none. Says how many they are.
    fn send_command(&mut self, command: &DriverCommand) -> Result<usize, (FailureReason, String)> {
        if !self.is_listening {
            return Err((FailureReason::DriverOffline, self.why_offline()));
        }
        let busy = |detail: &str| (FailureReason::Busy, detail.to_owned());
        if self.now > command.deadline {
            return Err(busy("it could not be sent in time"));
        }
        let removed = || (FailureReason::Removed, "Z-Wave JS has no such node".to_owned());
        let node = self.node_of(&command.device).ok_or_else(removed)?;
        let Some(member) = self.members.get(&node) else { return Err(removed()) };
        let mut values: Vec<(ValueId, Json)> = Vec::new();
        for setting in member.without_doubles(&command.settings) {
            values.extend(member.settings(setting).map_err(|detail| (FailureReason::Refused, detail))?);
        }
        if values.is_empty() {
            return Err((FailureReason::Refused, "there is nothing to set".to_owned()));
        }
        if self.under_way.len() >= MOST_UNDER_WAY || self.waiting.len() + values.len() > super::MOST_WAITING {
            return Err(busy("too many commands are under way"));
        }
        // A node that sleeps is told when it wakes.
        let wake = member.told.as_ref().and_then(|device| device.wake_interval_ms).map(Duration::from_millis);
        let limit = SET_LIMIT + wake.unwrap_or_default();
        let left = values.len();
        for (id, value) in values {
            let mut arguments = json!({"nodeId": node, "valueId": id, "value": value});
            let takes_transition = WITH_TRANSITION.contains(&C(id.command_class));
            if let Some(transition) = command.transition.filter(|_| takes_transition)
                && let Some(arguments) = arguments.as_object_mut()
            {
                arguments.insert("options".to_owned(), json!({"transitionDuration": duration(transition)}));
            }
            self.ask("node.set_value", &arguments, Purpose::Set(command.id.clone()), limit);
            self.remember(node, id);
        }
        Ok(left)
    }

    fn why_offline(&self) -> String {
        let detail = self.status.as_ref().map(|status| status.detail.to_string()).unwrap_or_default();
        if detail.is_empty() { "Z-Wave JS is not connected yet".to_owned() } else { detail }
    }

    fn remember(&mut self, node: u16, id: ValueId) {
        let of_node = self.remembered.iter().filter(|(of, ..)| *of == node).count();
        if of_node >= MOST_REMEMBERED
            && let Some(oldest) = self.remembered.iter().position(|(of, ..)| *of == node)
        {
            self.remembered.remove(oldest);
        }
        self.remembered.push_back((node, id, self.now));
    }

    /// What a new value is worth: Z-Wave JS takes what was set for what is, where both are one value, so that the first
    /// such value after a command says no more than that it took the command.
    pub(super) fn worth_of(&mut self, node: u16, id: &ValueId) -> ConfirmedBy {
        while self.remembered.front().is_some_and(|(.., at)| self.now.since(*at) > MEMORY) {
            self.remembered.pop_front();
        }
        match self.remembered.iter().position(|(of, set, _)| *of == node && set == id) {
            Some(at) => {
                self.remembered.remove(at);
                ConfirmedBy::Echo
            }
            None => ConfirmedBy::Report,
        }
    }

    pub(super) fn handle_set(&mut self, command: &CommandId, outcome: Result<Option<&RawValue>, Refusal>) {
        let failure = match outcome {
            Ok(result) => match set_outcome(self.schema, result) {
                SetOutcome::Done => None,
                SetOutcome::Failed(words) => Some((FailureReason::Refused, words)),
            },
            Err(refusal) => {
                let is_unreachable = refusal.z_wave_code.is_some_and(|code| UNREACHABLE.contains(&code));
                let reason = if is_unreachable { FailureReason::Unreachable } else { FailureReason::Refused };
                Some((reason, refusal.words()))
            }
        };
        self.end_set(command, failure);
    }

    pub(super) fn set_unanswered(&mut self, command: &CommandId) {
        self.end_set(command, Some((FailureReason::NoReport, "Z-Wave JS did not answer".to_owned())));
    }

    /// One value of a command is answered. After a failure nothing follows, whatever becomes of the rest.
    fn end_set(&mut self, command: &CommandId, failure: Option<(FailureReason, String)>) {
        let Some(under_way) = self.under_way.get_mut(command) else { return };
        under_way.left = under_way.left.saturating_sub(1);
        let is_last = under_way.left == 0;
        let has_failed = under_way.failed;
        under_way.failed |= failure.is_some();
        if is_last {
            self.under_way.remove(command);
        }
        match failure {
            Some((reason, detail)) if !has_failed => self.fail(command, reason, detail),
            None if is_last && !has_failed => self.progress(command, CommandStage::Acknowledged),
            _ => {}
        }
    }

    /// Nobody knows what becomes of what was sent.
    pub(super) fn give_up_commands(&mut self, reason: &str) {
        for (command, under_way) in std::mem::take(&mut self.under_way) {
            if !under_way.failed {
                self.fail(&command, FailureReason::DriverOffline, reason);
            }
        }
        self.remembered.clear();
    }

    /// Asks a device for values. They come as values that are updated, or not at all.
    pub(super) fn handle_read(&mut self, device: &DeviceId, wanted: &[(EndpointNumber, AttributeName)]) {
        let Some(node) = self.node_of(device).filter(|_| self.is_listening) else { return };
        let Some(member) = self.members.get(&node) else { return };
        let mut ids: Vec<ValueId> = Vec::new();
        for id in wanted.iter().flat_map(|(endpoint, attribute)| member.ids_of(*endpoint, attribute)) {
            if !ids.contains(&id) && ids.len() < MOST_POLLS {
                ids.push(id);
            }
        }
        for id in ids {
            let arguments = json!({"nodeId": node, "valueId": id});
            self.ask("node.poll_value", &arguments, Purpose::Poll, ANSWER_LIMIT);
        }
    }
}

/// A duration as Z-Wave JS reads it: seconds up to 127, then minutes.
fn duration(of: Duration) -> String {
    // Half a second and more is one.
    let seconds = (of.as_millis() + 500) / 1_000;
    match seconds {
        0..=127 => format!("{seconds}s"),
        _ => format!("{}m", (seconds / 60).min(127)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_as_z_wave_has_them() {
        for (milliseconds, text) in
            [(0, "0s"), (400, "0s"), (500, "1s"), (127_000, "127s"), (150_000, "2m"), (u64::MAX, "127m")]
        {
            assert_eq!(duration(Duration::from_millis(milliseconds)), text);
        }
    }
}
