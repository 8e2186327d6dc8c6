//! What passes between the hub and a driver.

use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use hub_model::command::{ConfirmedBy, FailureReason, Setting};
use hub_model::event::DriverStatus;
use hub_model::household::Secret;
use hub_model::pairing::{PairingAction, PairingProgress};
use hub_model::{
    AttributeName, Availability, Clock, CommandId, Device, DeviceId, DriverId, EndpointNumber, Monotonic, SessionId,
    Source, Value,
};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// Speaks one protocol to one bus.
pub trait Driver: Send + 'static {
    /// Runs until it is cancelled (returns `Ok` within a second) or cannot go on. The supervisor starts it again with
    /// back-off. A lost bus is no reason to return: say so with [`DriverEvent::Status`] and try again.
    fn run(self: Box<Self>, context: DriverContext) -> Pin<Box<dyn Future<Output = Result<(), DriverError>> + Send>>;
}

/// What the hub gives a driver.
pub struct DriverContext {
    /// The id of this instance: the first part of its devices' ids.
    pub id: DriverId,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Randomness for back-off, transaction ids and the like; not for keys.
    pub seed: u64,
    /// The devices of this driver that the hub knew before, so that endpoint numbers stay and what has gone is noticed.
    pub known: Vec<Device>,
    /// What this driver asked to keep ([`DriverEvent::Keep`]), by name: keys of its network, what it found out of devices.
    pub kept: BTreeMap<Arc<str>, Secret>,
    /// To the core; bounded.
    pub events: mpsc::Sender<DriverEvent>,
    /// From the core; bounded. Closed = stop.
    pub requests: mpsc::Receiver<DriverRequest>,
    /// Stop now.
    pub cancel: CancellationToken,
}

/// A driver ended and could not go on. The text is for people: what went wrong, where, what to do.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct DriverError {
    /// In words.
    pub message: String,
    /// What lies beneath.
    #[source]
    pub source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl DriverError {
    /// An error of these words.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), source: None }
    }
}

/// Matches an answer to a [`DriverRequest::Manage`].
pub type RequestId = u64;

/// From a driver to the hub.
#[derive(Clone, PartialEq, Debug)]
pub enum DriverEvent {
    /// How the driver is.
    Status(DriverStatus),
    /// A device is there, or its description changed.
    Device(Box<Device>),
    /// A device has left. Nothing about it follows.
    DeviceRemoved(DeviceId),
    /// Values of attributes.
    Report(Report),
    /// A momentary thing, e.g. a button was pressed. Two equal ones are two presses.
    Happening {
        /// Whose.
        device: DeviceId,
        /// Which and what.
        reading: Reading,
    },
    /// A device can be reached, or not.
    Availability {
        /// Whose.
        device: DeviceId,
        /// Now.
        availability: Availability,
    },
    /// A command moved on.
    Command(CommandProgress),
    /// A pairing moved on.
    Pairing(PairingProgress),
    /// The one answer to a [`DriverRequest::Manage`].
    Managed {
        /// To which request.
        request: RequestId,
        /// What came out, JSON-shaped.
        result: Result<Value, ManageError>,
    },
    /// A device was given another name in its own network (by somebody else than the hub).
    Renamed {
        /// Whose.
        device: DeviceId,
        /// Now.
        name: Arc<str>,
    },
    /// Keep this for the driver, to be given to it when it starts again ([`DriverContext::kept`]). Nobody else sees it.
    Keep {
        /// Under which name; it takes the place of what was kept so before.
        name: Arc<str>,
        /// What; none = forget it.
        value: Option<Secret>,
    },
}

/// Values of attributes of one device, from one frame or message.
#[derive(Clone, PartialEq, Debug)]
pub struct Report {
    /// Whose.
    pub device: DeviceId,
    /// Which and what.
    pub readings: Vec<Reading>,
    /// How they came.
    pub origin: Origin,
    /// What a match with a command's wish is worth.
    pub confirms: ConfirmedBy,
}

/// How a report came to the driver. What the hub tells others of it is [`Origin::source`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Origin {
    /// The device said it just now.
    Live,
    /// The last report before this connection, kept for whoever connects (a retained message of MQTT): at least as new
    /// as everything that was heard before the connection was lost, so it outdoes that.
    Retained,
    /// Repeated from a bridge's memory, or found out by an interview: it may be older than what was heard live, so it
    /// outdoes nothing that was.
    Cached,
    /// A command was acknowledged and nothing else is known.
    Assumed,
}

impl Origin {
    /// Where a value that came so is said to be from.
    pub fn source(self) -> Source {
        match self {
            Self::Live => Source::Reported,
            Self::Retained | Self::Cached => Source::Restored,
            Self::Assumed => Source::Assumed,
        }
    }
}

/// A value of one attribute.
#[derive(Clone, PartialEq, Debug)]
pub struct Reading {
    /// Where on the device.
    pub endpoint: EndpointNumber,
    /// Which.
    pub attribute: AttributeName,
    /// What, in canonical units.
    pub value: Value,
}

/// A command moved on. After [`CommandStage::Sent`] the device's own report confirms it; a driver that cannot send
/// reports [`CommandStage::Failed`]. Exactly one of `Sent` and `Failed` comes first for each command.
#[derive(Clone, PartialEq, Debug)]
pub struct CommandProgress {
    /// Which command.
    pub command: CommandId,
    /// Which attribute of it; none = all of them.
    pub attribute: Option<(EndpointNumber, AttributeName)>,
    /// How far.
    pub stage: CommandStage,
}

/// How far a command is, as the driver knows it.
#[derive(Clone, PartialEq, Debug)]
pub enum CommandStage {
    /// Handed to the radio or bridge.
    Sent,
    /// The device or its network took it.
    Acknowledged,
    /// It did not happen.
    Failed {
        /// Why.
        reason: FailureReason,
        /// In words.
        detail: Option<Arc<str>>,
    },
}

/// From the hub to a driver.
#[derive(Clone, PartialEq, Debug)]
pub enum DriverRequest {
    /// Set attributes.
    Command(DriverCommand),
    /// Ask a device for values; they come as reports, or not at all.
    Read {
        /// Whose.
        device: DeviceId,
        /// Which.
        attributes: Vec<(EndpointNumber, AttributeName)>,
    },
    /// Everything else. Answered by exactly one [`DriverEvent::Managed`].
    Manage {
        /// To match the answer.
        request: RequestId,
        /// What to do.
        action: ManageAction,
    },
}

/// Attributes to set on one device: checked against its schema, absolute, in order.
#[derive(Clone, PartialEq, Debug)]
pub struct DriverCommand {
    /// Its id.
    pub id: CommandId,
    /// The device.
    pub device: DeviceId,
    /// What to set.
    pub settings: Vec<Setting>,
    /// How long the change should take.
    pub transition: Option<Duration>,
    /// Not to be sent after this.
    pub deadline: Monotonic,
    /// A person asked for it and waits; where the bus is slow, it goes before what rules want.
    pub by_person: bool,
}

/// What a kind of driver can do beside speaking with devices. A stick or bridge may still not have it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum DriverAbility {
    /// Take in new devices.
    Include,
    /// Let devices leave by a pairing.
    Exclude,
    /// Give a new device the place of a dead one within the network.
    Replace,
    /// Keep a list of devices that may join by themselves.
    Provision,
    /// Keep groups of devices.
    Groups,
    /// Draw its network.
    Network,
    /// Have all devices find their routes anew.
    Routes,
    /// Read and write what its stick remembers.
    Backup,
    /// Restart its bridge or stick.
    Restart,
}

impl DriverAbility {
    /// Its word for programs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Include => "include",
            Self::Exclude => "exclude",
            Self::Replace => "replace",
            Self::Provision => "provision",
            Self::Groups => "groups",
            Self::Network => "network",
            Self::Routes => "routes",
            Self::Backup => "backup",
            Self::Restart => "restart",
        }
    }
}

/// What both drivers for Z-Wave can.
pub const ZWAVE_ABILITIES: &[DriverAbility] = &[
    DriverAbility::Include,
    DriverAbility::Exclude,
    DriverAbility::Replace,
    DriverAbility::Provision,
    DriverAbility::Network,
    DriverAbility::Routes,
    DriverAbility::Backup,
    DriverAbility::Restart,
];

/// Managing a network.
#[derive(Clone, PartialEq, Debug)]
pub enum ManageAction {
    /// Write a name into the device's own network.
    Rename {
        /// Whose.
        device: DeviceId,
        /// The new name.
        name: Arc<str>,
    },
    /// Take a device out of its network.
    Remove {
        /// Which.
        device: DeviceId,
        /// Forget it even if it does not answer.
        force: bool,
    },
    /// Find out anew what a device is.
    Interview {
        /// Which.
        device: DeviceId,
    },
    /// Set options that the bridge keeps for a device.
    SetOptions {
        /// Whose.
        device: DeviceId,
        /// A composite.
        options: Value,
    },
    /// Look for, or install, newer firmware.
    Firmware {
        /// Whose.
        device: DeviceId,
        /// Install it; else only look.
        install: bool,
    },
    /// Install this firmware file on a device. Progress is reported as values of `update_state` and `update_progress`;
    /// the answer comes at the end.
    InstallFirmware {
        /// Whose.
        device: DeviceId,
        /// The file as its maker gives it.
        image: Image,
        /// Which of the device's chips; 0 = the one that is on the air.
        target: u8,
    },
    /// Try how well a device is reached, which may take a minute.
    CheckHealth {
        /// Whose.
        device: DeviceId,
    },
    /// Have a device, or each one after the other, find its neighbours and its ways to the stick anew.
    RepairRoutes {
        /// Whose; none = all.
        device: Option<DeviceId>,
    },
    /// Devices that may join by themselves as soon as they have power.
    Provision(ProvisionAction),
    /// Read everything that the stick itself remembers. The answer is a text in Base64.
    Backup,
    /// Write what [`ManageAction::Backup`] once read into the stick, which then restarts.
    Restore {
        /// The bytes that were read.
        image: Image,
    },
    /// Open the network. The answer comes when it is open; progress as [`DriverEvent::Pairing`].
    StartPairing {
        /// The session's id, chosen by the hub.
        session: SessionId,
        /// What kind.
        action: PairingAction,
        /// For how long at most.
        duration: Duration,
    },
    /// Answer a question of a pairing.
    AnswerPairing {
        /// The session.
        session: SessionId,
        /// The fields, a composite.
        answer: Value,
    },
    /// Close the network.
    StopPairing {
        /// The session.
        session: SessionId,
    },
    /// Make a group, change or remove it.
    Group(GroupAction),
    /// Draw the network. The answer is a [`crate::network::Network`] as a value; on large networks it takes minutes.
    /// [`ManageError::Unsupported`] = this driver has none.
    NetworkMap,
    /// Restart the bridge or stick.
    Restart,
}

/// A file. What it holds is not shown: a stick's memory is nobody's business.
#[derive(Clone, PartialEq, Eq)]
pub struct Image(pub Arc<[u8]>);

impl fmt::Debug for Image {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Image({} bytes)", self.0.len())
    }
}

/// Managing the list of devices that may join by themselves (Z-Wave: SmartStart's provisioning list). The answer to each
/// is the list as it then is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ProvisionAction {
    /// Show it.
    List,
    /// Put a device on it.
    Add {
        /// What its label's QR code says, or the key printed below it.
        code: Arc<str>,
        /// How it is to be called once it is there.
        name: Option<Arc<str>>,
    },
    /// Take a device off it. One that has joined stays in the network.
    Remove {
        /// Its key as the list shows it.
        key: Arc<str>,
    },
}

/// Managing groups that a bus knows by itself.
#[derive(Clone, PartialEq, Debug)]
#[allow(missing_docs)]
pub enum GroupAction {
    /// The answer has the field `device`: the id of the group, which is a device.
    Create {
        name: Arc<str>,
    },
    Remove {
        group: DeviceId,
    },
    AddMember {
        group: DeviceId,
        member: DeviceId,
        endpoint: Option<EndpointNumber>,
    },
    RemoveMember {
        group: DeviceId,
        member: DeviceId,
        endpoint: Option<EndpointNumber>,
    },
}

/// Managing did not work.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ManageError {
    /// This driver cannot do that.
    #[error("this driver cannot do that")]
    Unsupported,
    /// There is no such device, group or session.
    #[error("there is no such device, group or session")]
    NotFound,
    /// The bridge, stick or device refused.
    #[error("{0}")]
    Refused(Arc<str>),
    /// The driver itself has found that it cannot be done, or not now; nobody said no. What can be done stands behind a
    /// semicolon.
    #[error("{0}")]
    NotPossible(Arc<str>),
    /// What was given is not what is needed. What is needed stands behind a semicolon.
    #[error("{words}")]
    Invalid {
        /// What of it.
        field: &'static str,
        /// In words.
        words: Arc<str>,
    },
    /// No answer came.
    #[error("no answer came within {0:?}")]
    TimedOut(Duration),
    /// The driver is not connected.
    #[error("the driver is not connected; see its status")]
    Offline,
}

impl ManageError {
    /// What was given in this field is not what is needed.
    pub fn invalid(field: &'static str, words: impl Into<Arc<str>>) -> Self {
        Self::Invalid { field, words: words.into() }
    }

    /// A word for logs: what a bridge says when it refuses may name things by the names that people gave them.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Unsupported => "unsupported",
            Self::NotFound => "not_found",
            Self::Refused(_) => "refused",
            Self::NotPossible(_) => "not_possible",
            Self::Invalid { .. } => "invalid",
            Self::TimedOut(_) => "timed_out",
            Self::Offline => "offline",
        }
    }
}
