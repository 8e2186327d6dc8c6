//! Looking after devices and their networks, on the wire.

use hub_model::Value;
use hub_model::device::EndpointSelector;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// What is wanted of a device's firmware.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FirmwareRequest {
    pub(crate) action: FirmwareAction,
}

/// To look for newer firmware, or to install it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum FirmwareAction {
    /// Only look.
    Check,
    /// Install the newest.
    Update,
}

/// A firmware file.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FirmwareFile {
    /// The file as its maker gives it, in Base64. Z-Wave: .otz, .ota, .hex, .gbl or .bin.
    pub(crate) image: String,
    /// Which of the device's chips; 0, or left out, is the one that is on the air.
    #[serde(default)]
    pub(crate) target: u8,
}

/// Everything that a stick remembers.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct StickImage {
    /// Its memory as it is, in Base64. It fits sticks of the same kind only.
    pub(crate) image: String,
}

/// What came of it so far.
#[derive(Serialize, ToSchema)]
pub(crate) struct Progress {
    pub(crate) status: ProgressStatus,
    /// What the driver says, in its own words; null while it is under way.
    #[schema(value_type = serde_json::Value)]
    pub(crate) answer: Value,
}

/// Whether the driver has answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ProgressStatus {
    /// It has.
    Done,
    /// Not yet; how it goes on is told by events.
    UnderWay,
}

/// A new group.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewGroup {
    /// What its network calls it.
    pub(crate) name: String,
}

/// A group that was made.
#[derive(Serialize, ToSchema)]
pub(crate) struct NewGroupBody {
    /// The id of the device that it is; null if the driver does not say.
    #[schema(value_type = Option<String>)]
    pub(crate) device: Value,
}

/// A device that joins a group.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewMember {
    /// The id of the device, of the same driver.
    pub(crate) device: String,
    /// The endpoint's id or label; left out = the driver chooses.
    #[serde(default)]
    #[schema(value_type = Option<serde_json::Value>)]
    pub(crate) endpoint: Option<EndpointSelector>,
}

/// Which part of a device leaves a group.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct MemberQuery {
    /// The endpoint's id or label; left out = the driver chooses.
    #[serde(default)]
    pub(crate) endpoint: Option<String>,
}
