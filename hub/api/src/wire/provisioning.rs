//! The list of devices that may join by themselves, on the wire.

use driver_api::provisioning::Entry;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A device that is to join by itself.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewProvisioned {
    /// What its label's QR code says, or the key printed below it. Z-Wave: the digits of the code, or the DSK.
    pub(crate) code: String,
    /// How it is to be called once it is there.
    #[serde(default)]
    pub(crate) name: Option<String>,
}

/// The list.
#[derive(Serialize, ToSchema)]
pub(crate) struct Provisioning {
    items: Vec<ProvisionedDevice>,
}

/// A device on the list.
#[derive(Serialize, ToSchema)]
pub(crate) struct ProvisionedDevice {
    /// By this it is taken off the list. Z-Wave: its DSK.
    key: String,
    /// How it is to be called.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    state: ProvisionedState,
    /// The device that it has become.
    #[serde(skip_serializing_if = "Option::is_none")]
    device: Option<String>,
}

/// Whether it is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum ProvisionedState {
    /// Not yet.
    Waiting,
    /// It is in the network.
    Joined,
}

impl Provisioning {
    pub(crate) fn new(entries: Vec<Entry>) -> Self {
        let items = entries.into_iter().map(|entry| ProvisionedDevice {
            key: entry.key.to_string(),
            name: entry.name.map(|name| name.to_string()),
            state: if entry.device.is_some() { ProvisionedState::Joined } else { ProvisionedState::Waiting },
            device: entry.device.map(|device| device.to_string()),
        });
        Self { items: items.collect() }
    }
}
