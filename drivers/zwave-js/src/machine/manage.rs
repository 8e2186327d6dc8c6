//! Managing the network through Z-Wave JS.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use driver_api::{DriverEvent, Image, ManageAction, ManageError, ProvisionAction, RequestId, provisioning};
use driver_zwave::security::label::LabelError;
use driver_zwave::security::qr_code::{QrCode, QrCodeError};
use driver_zwave::security::{Dsk, Label};
use hub_model::{DeviceId, Value};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value as Json, json};

use super::answers::{entries, health};
use super::pairing::number_of;
use super::{Purpose, ZWaveJs};
use crate::message::{REBUILD_ROUTES, Refusal};

/// How long most of it may take.
const LIMIT: Duration = Duration::from_secs(60);
/// How long finding the ways of one node anew, trying how it is reached, or removing it may take.
const LONG_LIMIT: Duration = Duration::from_secs(10 * 60);
/// How long reading or writing all that a stick remembers, or a firmware, may take.
const VERY_LONG_LIMIT: Duration = Duration::from_secs(60 * 60);

/// The numbers that Z-Wave JS has for ways of speaking.
const Z_WAVE: u8 = 0;
const LONG_RANGE: u8 = 1;

/// What a request is a part of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Task {
    /// Answers this with nothing when it is done.
    Plain(RequestId),
    /// The same, where the server says whether it worked.
    Success(RequestId),
    /// Trying how a node is reached.
    Health(RequestId),
    /// What the stick remembers.
    Backup(RequestId),
    /// The list of devices that may join by themselves.
    Provisioned(RequestId),
    /// It was changed, and is to be shown.
    ProvisionedThen(RequestId),
    /// Opening the network for a pairing.
    Open(RequestId),
    /// A part of a pairing.
    Pairing,
    /// The neighbours of a node.
    Neighbours(u16),
    /// Finding all ways anew has begun.
    Rebuild,
}

impl Task {
    /// The request of the hub that is answered with it.
    fn request(self) -> Option<(RequestId, Duration)> {
        match self {
            Self::Plain(request) | Self::Provisioned(request) | Self::ProvisionedThen(request) => {
                Some((request, LIMIT))
            }
            Self::Success(request) | Self::Health(request) => Some((request, LONG_LIMIT)),
            Self::Backup(request) => Some((request, VERY_LONG_LIMIT)),
            Self::Open(_) | Self::Pairing | Self::Neighbours(_) | Self::Rebuild => None,
        }
    }
}

#[derive(Deserialize)]
struct Success {
    success: bool,
}

/// Whether an answer says that it worked.
pub(super) fn is_success(raw: &RawValue) -> bool {
    serde_json::from_str::<Success>(raw.get()).is_ok_and(|answer| answer.success)
}

impl ZWaveJs {
    pub(super) fn answer(&mut self, request: RequestId, result: Result<Value, ManageError>) {
        self.emit(DriverEvent::Managed { request, result });
    }

    pub(super) fn handle_manage(&mut self, request: RequestId, action: ManageAction) {
        if let Err(error) = self.begin(request, action) {
            self.answer(request, Err(error));
        }
    }

    /// Begins something whose answer comes later.
    fn begin(&mut self, request: RequestId, action: ManageAction) -> Result<(), ManageError> {
        let is_known =
            !matches!(action, ManageAction::SetOptions { .. } | ManageAction::Firmware { .. } | ManageAction::Group(_));
        if !is_known {
            return Err(ManageError::Unsupported);
        }
        if !self.is_listening {
            return Err(ManageError::Offline);
        }
        match action {
            ManageAction::Rename { device, name } => {
                let arguments = json!({"nodeId": self.known_node(&device)?, "name": &*name});
                self.task("node.set_name", &arguments, Task::Plain(request), LIMIT)
            }
            // Only a node that does not answer can be removed without it; the others are excluded.
            ManageAction::Remove { device, .. } => {
                let arguments = json!({"nodeId": self.known_node(&device)?});
                self.task("controller.remove_failed_node", &arguments, Task::Plain(request), LONG_LIMIT)
            }
            ManageAction::Interview { device } => {
                let arguments = json!({"nodeId": self.known_node(&device)?});
                self.task("node.refresh_info", &arguments, Task::Plain(request), LIMIT)
            }
            ManageAction::InstallFirmware { device, image, target } => {
                let node = self.known_node(&device)?;
                let file = STANDARD.encode(&image.0);
                let update = json!({"filename": "firmware.bin", "file": file, "firmwareTarget": target});
                let arguments = json!({"nodeId": node, "updates": [update]});
                self.task("node.update_firmware", &arguments, Task::Success(request), VERY_LONG_LIMIT)
            }
            ManageAction::CheckHealth { device } => {
                let arguments = json!({"nodeId": self.known_node(&device)?, "rounds": 1});
                self.task("node.check_lifeline_health", &arguments, Task::Health(request), LONG_LIMIT)
            }
            ManageAction::RepairRoutes { device: Some(device) } => {
                let arguments = json!({"nodeId": self.known_node(&device)?});
                let command = match self.schema < REBUILD_ROUTES {
                    true => "controller.heal_node",
                    false => "controller.rebuild_node_routes",
                };
                self.task(command, &arguments, Task::Success(request), LONG_LIMIT)
            }
            ManageAction::RepairRoutes { device: None } => self.rebuild_all(request),
            ManageAction::Provision(action) => self.provision(request, action),
            ManageAction::Backup => {
                self.task("controller.backup_nvm_raw", &json!({}), Task::Backup(request), VERY_LONG_LIMIT)
            }
            ManageAction::Restore { image: Image(bytes) } => {
                let arguments = json!({"nvmData": STANDARD.encode(&bytes)});
                self.task("controller.restore_nvm", &arguments, Task::Plain(request), VERY_LONG_LIMIT)
            }
            ManageAction::NetworkMap => self.draw_map(request),
            ManageAction::Restart => self.task("driver.soft_reset", &json!({}), Task::Plain(request), LIMIT),
            ManageAction::StartPairing { session, action, duration } => {
                self.start_pairing(request, session, action, duration)
            }
            ManageAction::AnswerPairing { session, answer } => {
                self.answer_pairing(&session, &answer)?;
                self.answer(request, Ok(Value::Unknown));
                Ok(())
            }
            ManageAction::StopPairing { session } => {
                self.stop_pairing(&session)?;
                self.answer(request, Ok(Value::Unknown));
                Ok(())
            }
            ManageAction::SetOptions { .. } | ManageAction::Firmware { .. } | ManageAction::Group(_) => {
                Err(ManageError::Unsupported)
            }
        }
    }

    pub(super) fn known_node(&self, device: &DeviceId) -> Result<u16, ManageError> {
        self.node_of(device).ok_or(ManageError::NotFound)
    }

    pub(super) fn task(
        &mut self,
        command: &str,
        arguments: &Json,
        task: Task,
        limit: Duration,
    ) -> Result<(), ManageError> {
        match self.ask(command, arguments, Purpose::Task(task), limit) {
            true => Ok(()),
            false => Err(ManageError::NotPossible("too much is under way; try again in a minute".into())),
        }
    }

    fn provision(&mut self, request: RequestId, action: ProvisionAction) -> Result<(), ManageError> {
        match action {
            ProvisionAction::List => {
                let task = Task::Provisioned(request);
                self.task("controller.get_provisioning_entries", &json!({}), task, LIMIT)
            }
            ProvisionAction::Add { code, name } => {
                check_code(&code)?;
                let arguments = json!({"entry": entry_of(&code, name.as_deref())});
                let task = Task::ProvisionedThen(request);
                self.task("controller.provision_smart_start_node", &arguments, task, LIMIT)
            }
            ProvisionAction::Remove { key } => {
                let key = key.parse::<Dsk>().map_or_else(|_| key.to_string(), |dsk| dsk.to_string());
                let arguments = json!({"dskOrNodeId": key});
                let task = Task::ProvisionedThen(request);
                self.task("controller.unprovision_smart_start_node", &arguments, task, LIMIT)
            }
        }
    }

    pub(super) fn handle_task(&mut self, task: Task, outcome: Result<Option<&RawValue>, Refusal>) {
        let raw = match (task, outcome) {
            (Task::Neighbours(node), outcome) => return self.handle_neighbours(node, Some(outcome)),
            (Task::Rebuild, outcome) => return self.handle_rebuild_began(Some(outcome)),
            (Task::Open(request), outcome) => {
                return self.handle_opened(request, outcome.map_err(|refusal| refusal.words()));
            }
            (Task::Pairing, Err(refusal)) => return self.handle_pairing_refused(&refusal.words()),
            (Task::Pairing, Ok(_)) => return,
            (task, Err(refusal)) => {
                if let Some((request, _)) = task.request() {
                    self.answer(request, Err(ManageError::Refused(refusal.words().into())));
                }
                return;
            }
            (_, Ok(raw)) => raw,
        };
        match task {
            Task::Plain(request) => self.answer(request, Ok(Value::Unknown)),
            Task::Success(request) => {
                let refused = "Z-Wave JS says that it did not work; look at its log, and whether the device has power";
                let result = match raw.is_some_and(|raw| is_success(raw) || is_inner_success(raw)) {
                    true => Ok(Value::Unknown),
                    false => Err(ManageError::Refused(refused.into())),
                };
                self.answer(request, result);
            }
            Task::Health(request) => {
                let health = raw.and_then(health).map(|health| health.to_value());
                self.answer(request, health.ok_or_else(unreadable));
            }
            Task::Backup(request) => {
                #[derive(Deserialize)]
                #[serde(rename_all = "camelCase")]
                struct Answer {
                    nvm_data: String,
                }
                let answer = raw.and_then(|raw| serde_json::from_str::<Answer>(raw.get()).ok());
                self.answer(request, answer.map(|answer| Value::text(answer.nvm_data)).ok_or_else(unreadable));
            }
            Task::Provisioned(request) => {
                let device = |node| self.members.contains_key(&node).then(|| self.device_id(node));
                let list = raw.and_then(|raw| entries(raw, device)).map(|list| provisioning::to_value(&list));
                self.answer(request, list.ok_or_else(unreadable));
            }
            Task::ProvisionedThen(request) => {
                let next = Task::Provisioned(request);
                if let Err(error) = self.task("controller.get_provisioning_entries", &json!({}), next, LIMIT) {
                    self.answer(request, Err(error));
                }
            }
            Task::Open(_) | Task::Pairing | Task::Neighbours(_) | Task::Rebuild => {}
        }
    }

    pub(super) fn task_unanswered(&mut self, task: Task) {
        match task {
            Task::Neighbours(node) => self.handle_neighbours(node, None),
            Task::Rebuild => self.handle_rebuild_began(None),
            Task::Open(request) => self.handle_opened(request, Err("Z-Wave JS did not answer".to_owned())),
            Task::Pairing => {}
            task => {
                if let Some((request, limit)) = task.request() {
                    self.answer(request, Err(ManageError::TimedOut(limit)));
                }
            }
        }
    }

    /// The link is lost.
    pub(super) fn task_lost(&mut self, task: Task) {
        if let Some((request, _)) = task.request() {
            self.answer(request, Err(ManageError::Offline));
        }
    }
}

/// What the server is told of a device that may join: what its label says, and how people call it. A code that is not
/// known here is left to the server, which has no place for a name beside it.
/// A code that Z-Wave JS would make nothing of. One of a newer kind it may know.
pub(super) fn check_code(code: &str) -> Result<(), ManageError> {
    match code.parse::<Label>() {
        Ok(_) | Err(LabelError::QrCode(QrCodeError::Unsupported)) => Ok(()),
        Err(error) => Err(ManageError::invalid("code", error.to_string())),
    }
}

fn entry_of(code: &str, name: Option<&str>) -> Json {
    let mut entry = match (code.parse::<Dsk>(), QrCode::parse(code)) {
        // A key alone says nothing of the classes that are wanted.
        (Ok(dsk), _) => json!({"dsk": dsk.to_string(), "securityClasses": [0, 1, 2]}),
        (_, Ok(label)) if name.is_some() => {
            let classes: Vec<u8> = label.requested.iter().map(|class| number_of(*class)).collect();
            let mut entry = json!({"dsk": label.dsk.to_string(), "securityClasses": classes});
            if label.long_range == Some(true) {
                entry["supportedProtocols"] = json!([Z_WAVE, LONG_RANGE]);
            }
            entry
        }
        _ => return json!(code),
    };
    if let Some(name) = name {
        entry["name"] = json!(name);
    }
    entry
}

fn unreadable() -> ManageError {
    ManageError::NotPossible("the answer of Z-Wave JS could not be read; look at its log, and update the hub".into())
}

/// From schema 29 on some answers have one more layer.
fn is_inner_success(raw: &RawValue) -> bool {
    #[derive(Deserialize)]
    struct Outer {
        result: Success,
    }
    serde_json::from_str::<Outer>(raw.get()).is_ok_and(|answer| answer.result.success)
}
