//! What nodes say, as values and happenings.

use driver_api::{DriverEvent, Origin, Reading, Report};
use hub_model::Monotonic;
use hub_model::command::ConfirmedBy;

use super::ZWave;
use crate::attributes;
use crate::command_class::{Command, CommandClass, wake_up};
use crate::network::Received;

impl ZWave {
    pub(super) fn handle_received_command(&mut self, now: Monotonic, received: Received) {
        self.handle_pairing_received(now, &received);
        let Received { node, endpoint, security, temporary, .. } = received;
        let bytes = &received.command;
        let Some(member) = self.members.get_mut(&node).filter(|_| !temporary) else {
            return;
        };
        let class = bytes.first().map(|byte| CommandClass(u16::from(*byte))).unwrap_or(CommandClass::NO_OPERATION);
        if !member.known.believes(class, security) {
            tracing::warn!(driver = %self.id, node = node.0, %class, "A command came without the security that its node has; it is ignored.");
            return;
        }
        if security.is_some() && security == member.known.security && member.known.handle_keys_fit() {
            member.is_changed = true;
            self.tell_device(node);
            self.proceed_with_interview(now, node);
        }
        let Some(member) = self.members.get_mut(&node) else { return };
        let command = match member.known.decode(endpoint, bytes) {
            Ok(command) => command,
            Err(error) => {
                tracing::debug!(node = node.0, %error, "A command cannot be read.");
                return;
            }
        };
        let Some(endpoint) = member.known.endpoint_of(endpoint, command.class()) else { return };
        member.known.handle_command(endpoint, security, &command);
        member.is_changed |= member.known.handle_parameter(endpoint, security, bytes);
        if let Command::DeviceResetLocally(_) = command {
            self.handle_reset_locally(now, node);
            return;
        }
        self.handle_question(now, &received, &command);
        if let (0, Command::FirmwareUpdateMetaData(command)) = (endpoint, &command) {
            self.handle_firmware_command(now, &received, command);
        }
        self.tell_values(node, endpoint, &command);
        self.handle_state(now, node, endpoint, &command);
        if let Command::WakeUp(wake_up::Command::Notification) = command {
            self.ask_on_wake_up(now, node);
        }
    }

    pub(super) fn tell_values(&mut self, node: crate::serial_api::NodeId, endpoint: u8, command: &Command) {
        let Some(member) = self.members.get(&node).filter(|member| member.told.is_some()) else { return };
        let reports = attributes::report(&member.known.node, endpoint, command);
        if reports.is_empty() {
            return;
        }
        let is_described = |report: &attributes::Report| {
            let told = member.told.as_ref();
            told.is_some_and(|told| told.attribute(report.endpoint, report.attribute.as_str()).is_some())
        };
        if !reports.iter().all(is_described) {
            self.tell_device(node);
        }
        let device = self.device_id(node);
        let mut readings = Vec::new();
        for report in reports {
            let momentary = report.momentary;
            let reading = Reading { endpoint: report.endpoint, attribute: report.attribute, value: report.value };
            if momentary {
                self.emit(DriverEvent::Happening { device: device.clone(), reading });
            } else {
                readings.push(reading);
            }
        }
        if !readings.is_empty() {
            let report = Report { device, readings, origin: Origin::Live, confirms: ConfirmedBy::Report };
            self.emit(DriverEvent::Report(report));
        }
    }
}
