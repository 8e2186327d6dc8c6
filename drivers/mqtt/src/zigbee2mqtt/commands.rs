//! Commands and questions to devices, and what their states say of the commands.

use std::sync::Arc;
use std::time::Duration;

use driver_api::{CommandProgress, CommandStage, DriverCommand, DriverEvent, Reading};
use hub_model::command::{ConfirmedBy, FailureReason, Setting};
use hub_model::{AttributeName, CommandId, DeviceId, EndpointNumber, Monotonic, Now};

use super::machine::Zigbee2Mqtt;
use super::outbox::NoRoom;
use super::registry::Entry;
use super::topics::can_be_published;
use crate::message::Outgoing;

/// How long an error or an echo may belong to a command.
const MEMORY: Duration = Duration::from_secs(90);
/// The most commands of one device that are remembered.
const MOST_REMEMBERED: usize = 16;

/// A command that went to the bridge.
#[derive(Debug)]
pub(super) struct SentCommand {
    pub(super) id: CommandId,
    pub(super) at: Monotonic,
    /// What was wished, and whether a state has shown it.
    pub(super) settings: Vec<(Setting, bool)>,
    /// The properties that were sent.
    pub(super) properties: Vec<String>,
    pub(super) failed: bool,
}

impl Entry {
    /// What a match of these readings with a wish is worth: the first state that shows a wish is the bridge's own.
    pub(super) fn confirms(&mut self, now: Monotonic, readings: &[Reading]) -> ConfirmedBy {
        self.forget_sent(now);
        let mut worth = ConfirmedBy::Report;
        let device = &self.device;
        for (setting, shown) in self.sent.iter_mut().flat_map(|sent| &mut sent.settings).filter(|(_, shown)| !shown) {
            let schema = device.attribute(setting.endpoint, setting.attribute.as_str());
            let tolerance = schema.map_or(0.0, |schema| schema.tolerance());
            let matches = |reading: &Reading| {
                reading.endpoint == setting.endpoint
                    && reading.attribute == setting.attribute
                    && reading.value.confirms(&setting.value, tolerance)
            };
            if readings.iter().any(matches) {
                *shown = true;
                worth = ConfirmedBy::Echo;
            }
        }
        worth
    }

    /// Forgets commands that neither an error nor an echo can belong to any more.
    pub(super) fn forget_sent(&mut self, now: Monotonic) {
        while self.sent.front().is_some_and(|sent| now.since(sent.at) > MEMORY) {
            self.sent.pop_front();
        }
    }
}

impl Zigbee2Mqtt {
    pub(super) fn command(&mut self, now: Now, command: DriverCommand) {
        let stage = match self.send_command(now, &command) {
            Ok(()) => CommandStage::Sent,
            Err((reason, detail)) => CommandStage::Failed { reason, detail: Some(Arc::from(detail)) },
        };
        self.emit(DriverEvent::Command(CommandProgress { command: command.id, attribute: None, stage }));
    }

    fn send_command(&mut self, now: Now, command: &DriverCommand) -> Result<(), (FailureReason, String)> {
        self.require_bridge().map_err(|detail| (FailureReason::DriverOffline, detail))?;
        if now.mono > command.deadline {
            return Err((FailureReason::Busy, "it could not be sent in time".to_owned()));
        }
        let Some(key) = self.registry.by_id(&command.device) else {
            return Err(if self.bridge.devices_listed {
                (FailureReason::Removed, "zigbee2mqtt no longer lists this device".to_owned())
            } else {
                (FailureReason::DriverOffline, "zigbee2mqtt has not listed its devices yet; try again".to_owned())
            });
        };
        let Some(entry) = self.registry.get_mut(key) else { return Ok(()) };
        if entry.device.unlisted {
            let advice = "zigbee2mqtt no longer lists this device; pair it again, or remove it";
            return Err((FailureReason::Unreachable, advice.to_owned()));
        }
        if !can_be_published(entry.address()) {
            return Err((FailureReason::Refused, "its name cannot be part of a topic; rename it".to_owned()));
        }
        let objects = entry
            .mapping
            .encode(&command.settings, command.transition)
            .map_err(|error| (FailureReason::Refused, error.to_string()))?;
        if objects.is_empty() {
            return Err((FailureReason::Refused, "there is nothing to set".to_owned()));
        }
        let topic = format!("{}{}/set", self.base, entry.address());
        let properties = objects.iter().flat_map(|object| object.keys().cloned()).collect();
        let messages = objects.into_iter().map(|object| Outgoing::Publish {
            topic: topic.clone(),
            payload: serde_json::Value::Object(object).to_string().into(),
        });
        self.outgoing.push(messages.collect(), Some(&command.id)).map_err(|no_room| {
            let reason = match no_room {
                NoRoom::Full => FailureReason::Busy,
                NoRoom::TooLarge => FailureReason::Refused,
            };
            (reason, no_room.to_string())
        })?;
        if entry.sent.len() >= MOST_REMEMBERED {
            entry.sent.pop_front();
        }
        entry.sent.push_back(SentCommand {
            id: command.id.clone(),
            at: now.mono,
            settings: command.settings.iter().map(|setting| (setting.clone(), false)).collect(),
            properties,
            failed: false,
        });
        Ok(())
    }

    /// Throws away what has not left, and says so of commands.
    pub(super) fn abandon_outgoing(&mut self) {
        for command in self.outgoing.clear() {
            let detail = Some(Arc::from("the connection to the broker was lost before it was sent"));
            let stage = CommandStage::Failed { reason: FailureReason::DriverOffline, detail };
            self.emit(DriverEvent::Command(CommandProgress { command, attribute: None, stage }));
        }
    }

    /// Asks a device for values. They come as reports, or not at all.
    pub(super) fn read(&mut self, device: &DeviceId, attributes: &[(EndpointNumber, AttributeName)]) {
        let entry = self.registry.by_id(device).and_then(|key| self.registry.get(key));
        let Some(entry) = entry.filter(|entry| !entry.device.unlisted && can_be_published(entry.address())) else {
            return;
        };
        if let Some(object) = entry.mapping.read(attributes)
            && self.require_bridge().is_ok()
        {
            let topic = format!("{}/get", entry.address());
            // It is a second chance; without it the deadline decides.
            let asked = self.publish(&topic, serde_json::Value::Object(object).to_string());
            self.counters.unasked += u64::from(asked.is_err());
        }
    }

    /// Why nothing can be sent now, if so. A bridge that has not said whether it is there may be.
    pub(super) fn require_bridge(&self) -> Result<(), String> {
        match (&self.link, self.bridge.online) {
            (Some(Ok(_)), Some(true) | None) => Ok(()),
            (Some(Ok(_)), Some(false)) => Err("zigbee2mqtt is stopped; start it".to_owned()),
            (Some(Err(reason)), _) => Err(reason.clone()),
            (None, _) => Err("the broker is not connected yet".to_owned()),
        }
    }
}
