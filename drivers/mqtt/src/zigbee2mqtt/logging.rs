//! `bridge/logging`: the only place where a failed `/set` shows.

use std::borrow::Cow;
use std::sync::Arc;

use driver_api::{CommandProgress, CommandStage, DriverEvent};
use hub_model::Now;
use hub_model::command::{FailureReason, Setting};
use serde::Deserialize;

use super::machine::Zigbee2Mqtt;

/// Words in an error that mean that the device did not answer, not that it refused.
const UNREACHABLE: [&str; 12] = [
    "Timeout",
    "timed out",
    "MAC_NO_ACK",
    "MAC_CHANNEL_ACCESS_FAILURE",
    "MAC_TRANSACTION_EXPIRED",
    "NWK_NO_ROUTE",
    "APS_NO_ACK",
    "Delivery failed",
    "No network route",
    "Data request failed",
    "no response",
    "UNICAST_",
];

/// The longest text that is passed on.
const LONGEST_DETAIL: usize = 300;

#[derive(Deserialize)]
struct Line<'a> {
    #[serde(borrow)]
    level: Cow<'a, str>,
    #[serde(borrow)]
    message: Cow<'a, str>,
}

/// A `/set` that failed, as the log tells it.
#[derive(PartialEq, Eq, Debug)]
pub(super) struct FailedSet<'a> {
    pub(super) property: &'a str,
    pub(super) name: &'a str,
    pub(super) detail: &'a str,
}

/// Reads the two sentences in which the bridge says that setting a property failed.
pub(super) fn read_failure(message: &str) -> Option<FailedSet<'_>> {
    if let Some((_, rest)) = message.split_once("Publish 'set' '") {
        let (property, rest) = rest.split_once("' to '")?;
        let (name, detail) = rest.split_once("' failed: '")?;
        let detail = detail.strip_suffix('\'').unwrap_or(detail);
        return Some(FailedSet { property, name, detail: essence(detail) });
    }
    let (_, rest) = message.split_once("No converter available for '")?;
    let (property, rest) = rest.split_once("' on '")?;
    let (name, _) = rest.rsplit_once("': (").or_else(|| rest.rsplit_once('\''))?;
    Some(FailedSet { property, name, detail: "this device cannot do that" })
}

/// The end of an error says why; what stands before repeats the command with its contents, which may be secret.
fn essence(detail: &str) -> &str {
    let detail = detail.strip_prefix("Error: ").unwrap_or(detail);
    match detail.rsplit_once(" failed (") {
        Some((_, reason)) if detail.starts_with("ZCL command") => reason.strip_suffix(')').unwrap_or(reason),
        _ => detail,
    }
}

fn reason_of(detail: &str) -> FailureReason {
    match UNREACHABLE.iter().any(|word| detail.contains(word)) {
        true => FailureReason::Unreachable,
        false => FailureReason::Refused,
    }
}

impl Zigbee2Mqtt {
    /// One line of the bridge's log.
    pub(super) fn handle_logging(&mut self, now: Now, payload: &[u8]) {
        let Ok(line) = serde_json::from_slice::<Line<'_>>(payload) else {
            self.counters.malformed += 1;
            return;
        };
        if line.message.ends_with("Zigbee2MQTT started!") {
            self.bridge.end_repetition();
        }
        if line.level != "error" {
            return;
        }
        if let Some(failure) = read_failure(&line.message) {
            self.fail_command(now, &failure);
        }
    }

    /// Fails the oldest command that this error can belong to: only the attributes that the property stands for. What a
    /// state has shown was carried out.
    fn fail_command(&mut self, now: Now, failure: &FailedSet<'_>) {
        let Some(key) = self.registry.by_name(failure.name) else { return };
        let Some(entry) = self.registry.get_mut(key) else { return };
        entry.forget_sent(now.mono);
        let mapping = &entry.mapping;
        let is_meant = |setting: &Setting| mapping.sets(setting.endpoint, &setting.attribute, failure.property);
        let sent = entry.sent.iter_mut().filter(|sent| !sent.failed).find(|sent| {
            // Something like a transition belongs to no setting, so to all of them.
            let belongs_to_none = !sent.settings.iter().any(|(setting, _)| is_meant(setting))
                && sent.properties.iter().any(|property| property == failure.property);
            sent.settings.iter().any(|(setting, shown)| !shown && (belongs_to_none || is_meant(setting)))
        });
        let Some(sent) = sent else { return };
        sent.failed = true;
        let concerned: Vec<_> = sent
            .settings
            .iter()
            .map(|(setting, _)| setting)
            .filter(|setting| is_meant(setting))
            .map(|setting| (setting.endpoint, setting.attribute.clone()))
            .collect();
        let stage = CommandStage::Failed {
            reason: reason_of(failure.detail),
            detail: Some(failure.detail.chars().take(LONGEST_DETAIL).collect::<String>().into()),
        };
        let command = sent.id.clone();
        let all = concerned.is_empty() || concerned.len() == sent.settings.len();
        let attributes = if all { vec![None] } else { concerned.into_iter().map(Some).collect() };
        for attribute in attributes {
            let progress = CommandProgress { command: command.clone(), attribute, stage: stage.clone() };
            self.emit(DriverEvent::Command(progress));
        }
    }

    /// Fails what was sent to a device that is gone.
    pub(super) fn fail_removed(&mut self, sent: impl IntoIterator<Item = super::commands::SentCommand>) {
        for sent in sent {
            if sent.failed || sent.settings.iter().all(|(_, shown)| *shown) {
                continue;
            }
            let stage = CommandStage::Failed {
                reason: FailureReason::Removed,
                detail: Some(Arc::from("the device was removed from zigbee2mqtt")),
            };
            self.emit(DriverEvent::Command(CommandProgress { command: sent.id, attribute: None, stage }));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_are_read_from_the_log() {
        let table = [
            (
                "z2m: Publish 'set' 'color_temp' to '0x01' failed: 'Error: Value is not a number, got string (warm)'",
                Some(("color_temp", "0x01", "Value is not a number, got string (warm)")),
            ),
            (
                "z2m: Publish 'set' 'pin_code' to 'a/b c' failed: 'Error: ZCL command 0x1/1 x.y({\"pin\":\"1234\"}, {}) failed (Timeout after 10000ms [a=1])'",
                Some(("pin_code", "a/b c", "Timeout after 10000ms [a=1]")),
            ),
            (
                "Publish 'set' 'state' to 'plug' failed: 'Error: ZCL command 0x2/1 genOnOff.off({}, {\"timeout\":10000}) failed (Data request failed with error: 'MAC_NO_ACK' (0xe9))'",
                Some(("state", "plug", "Data request failed with error: 'MAC_NO_ACK' (0xe9)")),
            ),
            (
                "z2m: No converter available for 'bogus' on 'plug': (1)",
                Some(("bogus", "plug", "this device cannot do that")),
            ),
            ("z2m: Publish 'get' 'state' to 'plug' failed: 'x'", None),
            ("Publish 'set' '", None),
            ("No converter available for 'x' on '", None),
        ];
        for (message, expected) in table {
            let read = read_failure(message).map(|failure| (failure.property, failure.name, failure.detail));
            assert_eq!(read, expected, "{message}");
        }
        assert_eq!(reason_of("Timeout after 10000ms"), FailureReason::Unreachable);
        assert_eq!(reason_of("Value is not a number"), FailureReason::Refused);
    }
}
