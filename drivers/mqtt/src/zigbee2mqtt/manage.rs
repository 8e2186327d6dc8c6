//! Managing the network: names, groups, firmware, options, the map.

use std::time::Duration;

use driver_api::driver::GroupAction;
use driver_api::{ManageAction, ManageError, RequestId};
use hub_model::{DeviceId, EndpointNumber, Now};
use serde_json::{Map, Value as Json, json};

use super::machine::Zigbee2Mqtt;
use super::registry::{Entry, Kind};
use super::requests::Purpose;

/// For what the bridge only writes down.
const QUICK: Duration = Duration::from_secs(30);
/// For what needs a device to answer, with the bridge's own tries.
const DEVICE: Duration = Duration::from_secs(120);
/// For what asks every device, or one for everything.
const NETWORK: Duration = Duration::from_secs(10 * 60);
/// An update of firmware is answered when it is done; sleepy devices take most of a day.
const FIRMWARE: Duration = Duration::from_secs(24 * 3600);

/// A request: its path, its body and its limit.
type Wanted = (&'static str, Json, Duration);

impl Zigbee2Mqtt {
    /// Does it, or says at once why not. Exactly one answer follows.
    pub(super) fn manage(&mut self, now: Now, request: RequestId, action: ManageAction) {
        if let ManageAction::Remove { device, .. } = &action
            && self.remove_kept(device)
        {
            return self.answer(Some(request), Err(ManageError::NotFound));
        }
        let purpose = match &action {
            ManageAction::Rename { device, name } => Purpose::Rename { device: device.clone(), name: name.clone() },
            ManageAction::Group(GroupAction::Create { .. }) => Purpose::CreateGroup,
            ManageAction::NetworkMap => Purpose::NetworkMap,
            _ => Purpose::Answer,
        };
        let wanted = match action {
            ManageAction::StartPairing { session, action, duration } => {
                return self.start_pairing(now, request, session, &action, duration);
            }
            ManageAction::StopPairing { session } => return self.stop_pairing(now, request, &session),
            ManageAction::AnswerPairing { .. } => Err(ManageError::Unsupported),
            action => self.wanted(action),
        };
        match wanted {
            Ok((path, body, limit)) => {
                let body = match body {
                    Json::Object(body) => body,
                    _ => Map::new(),
                };
                self.request(now, Some(request), path, body, limit, purpose);
            }
            Err(error) => self.answer(Some(request), Err(error)),
        }
    }

    fn wanted(&self, action: ManageAction) -> Result<Wanted, ManageError> {
        Ok(match action {
            ManageAction::Rename { device, name } => {
                let entry = self.entry(&device)?;
                let path = if entry.is_group() { "group/rename" } else { "device/rename" };
                (path, json!({"from": native(entry), "to": &*name, "homeassistant_rename": false}), QUICK)
            }
            ManageAction::Remove { device, force } => {
                let entry = self.entry(&device)?;
                match entry.kind {
                    Kind::Group { .. } => ("group/remove", json!({"id": native(entry), "force": force}), DEVICE),
                    Kind::Device { .. } => {
                        ("device/remove", json!({"id": native(entry), "force": force, "block": false}), DEVICE)
                    }
                }
            }
            ManageAction::Interview { device } => {
                ("device/interview", json!({"id": native(self.device_entry(&device)?)}), NETWORK)
            }
            ManageAction::SetOptions { device, options } => {
                let entry = self.entry(&device)?;
                let options = serde_json::to_value(&options)
                    .ok()
                    .filter(Json::is_object)
                    .ok_or_else(|| ManageError::invalid("options", "options must be an object"))?;
                let path = if entry.is_group() { "group/options" } else { "device/options" };
                (path, json!({"id": native(entry), "options": options}), QUICK)
            }
            ManageAction::Firmware { device, install } => {
                let id = json!({"id": native(self.device_entry(&device)?)});
                match install {
                    true => ("device/ota_update/update", id, FIRMWARE),
                    false => ("device/ota_update/check", id, DEVICE),
                }
            }
            ManageAction::Group(GroupAction::Create { name }) => ("group/add", json!({"friendly_name": &*name}), QUICK),
            ManageAction::Group(GroupAction::Remove { group }) => {
                ("group/remove", json!({"id": native(self.group_entry(&group)?), "force": false}), DEVICE)
            }
            ManageAction::Group(GroupAction::AddMember { group, member, endpoint }) => {
                ("group/members/add", self.member(&group, &member, endpoint)?, DEVICE)
            }
            ManageAction::Group(GroupAction::RemoveMember { group, member, endpoint }) => {
                ("group/members/remove", self.member(&group, &member, endpoint)?, DEVICE)
            }
            ManageAction::NetworkMap => ("networkmap", json!({"type": "raw", "routes": false}), NETWORK),
            ManageAction::Restart => ("restart", json!({}), QUICK),
            ManageAction::StartPairing { .. }
            | ManageAction::StopPairing { .. }
            | ManageAction::AnswerPairing { .. }
            | ManageAction::InstallFirmware { .. }
            | ManageAction::CheckHealth { .. }
            | ManageAction::RepairRoutes { .. }
            | ManageAction::Provision(_)
            | ManageAction::Backup
            | ManageAction::Restore { .. } => return Err(ManageError::Unsupported),
        })
    }

    /// What the bridge lists under this id.
    fn entry(&self, id: &DeviceId) -> Result<&Entry, ManageError> {
        let entry = self.registry.by_id(id).and_then(|key| self.registry.get(key));
        entry.filter(|entry| !entry.device.unlisted).ok_or_else(|| match self.require_bridge() {
            Ok(()) if self.bridge.is_listed() => ManageError::NotFound,
            Ok(()) => ManageError::NotPossible("zigbee2mqtt has not listed its devices yet; try again".into()),
            Err(_) => ManageError::Offline,
        })
    }

    fn device_entry(&self, id: &DeviceId) -> Result<&Entry, ManageError> {
        self.entry(id).and_then(|entry| if entry.is_group() { Err(ManageError::Unsupported) } else { Ok(entry) })
    }

    fn group_entry(&self, id: &DeviceId) -> Result<&Entry, ManageError> {
        self.entry(id).and_then(|entry| if entry.is_group() { Ok(entry) } else { Err(ManageError::NotFound) })
    }

    fn member(
        &self,
        group: &DeviceId,
        member: &DeviceId,
        endpoint: Option<EndpointNumber>,
    ) -> Result<Json, ManageError> {
        let group = native(self.group_entry(group)?);
        let mut body = json!({"group": group, "device": native(self.device_entry(member)?)});
        // Endpoint 0 is the device as a whole: the bridge chooses.
        if let (Some(endpoint), Some(body)) = (endpoint.filter(|endpoint| *endpoint != 0), body.as_object_mut()) {
            body.insert("endpoint".to_owned(), Json::from(endpoint));
        }
        Ok(body)
    }
}

/// How a request names a device or group.
fn native(entry: &Entry) -> Json {
    match entry.kind {
        Kind::Device { .. } => Json::from(entry.device.id.native_address()),
        // By name: a group may be called like another one's number.
        Kind::Group { .. } => Json::from(&*entry.name),
    }
}
