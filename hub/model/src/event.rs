//! Events: what happened, in order, each with what caused it.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::command::Command;
use crate::device::DeviceRecord;
use crate::id::{AccountId, AttributeName, AutomationId, DeviceId, DriverId, EndpointNumber, RunId};
use crate::notification::Notification;
use crate::pairing::PairingProgress;
use crate::state::{Availability, Source};
use crate::time::Timestamp;
use crate::value::Value;

/// Something that happened, numbered without gaps within one boot epoch.
#[derive(Clone, PartialEq, Debug)]
pub struct Event {
    /// Counts up by one.
    pub seq: u64,
    /// When it happened.
    pub at: Timestamp,
    /// What happened.
    pub kind: EventKind,
    /// What caused it.
    pub cause: Cause,
}

/// What caused an event or a command. One chain runs from a radio's frame to a confirmed state.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Cause {
    /// A device or its bridge reported it by itself.
    #[default]
    Report,
    /// A command of the hub: the device did what it was told. `command` leads to its own cause. The hub itself gives
    /// what a command led to the command's own cause instead; this is for what only knows the command.
    Command {
        /// The command's id.
        command: crate::id::CommandId,
    },
    /// A person, by whatever door.
    Person {
        /// Who.
        account: AccountId,
        /// Through what: `api`, `cli`, `relay`.
        via: Arc<str>,
    },
    /// A rule.
    Rule {
        /// Which rule.
        automation: AutomationId,
        /// Which run of it.
        run: RunId,
        /// How many rules lie between the first event and this one.
        depth: u32,
        /// The number of the event that set the run off; none = no event did, or it is not known any more. History
        /// does not keep it: numbers mean something within an epoch only.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        parent: Option<u64>,
    },
    /// A point in time, and no rule. The hub itself has nothing of that kind: what a rule does at its time is caused by
    /// the rule, whose run says which trigger it was.
    Schedule,
    /// The hub's own start.
    Restore,
    /// The hub or a driver itself.
    System,
}

/// What happened.
#[derive(Clone, PartialEq, Debug)]
pub enum EventKind {
    /// An attribute has another value than before. An equal report is no event.
    StateChanged {
        /// Whose.
        device: DeviceId,
        /// Where on it.
        endpoint: EndpointNumber,
        /// Which.
        attribute: AttributeName,
        /// Before.
        from: Value,
        /// Whether the value before was live or from before the start.
        from_source: Source,
        /// Now.
        to: Value,
        /// Whether the value now is live; a restored one (retained, cached, interview) does not fire rules.
        source: Source,
    },
    /// A momentary thing: a button was pressed. Two equal ones are two presses.
    DeviceEvent {
        /// Whose.
        device: DeviceId,
        /// Where on it.
        endpoint: EndpointNumber,
        /// Which, mostly `action`.
        attribute: AttributeName,
        /// What, e.g. `single`.
        value: Value,
    },
    /// A device can be reached again, or no longer.
    AvailabilityChanged {
        /// Whose.
        device: DeviceId,
        /// Before.
        from: Availability,
        /// Now.
        to: Availability,
    },
    /// A device is new.
    DeviceAdded(Arc<DeviceRecord>),
    /// A device's description, name or room changed.
    DeviceUpdated(Arc<DeviceRecord>),
    /// A device is gone.
    DeviceRemoved {
        /// Which.
        device: DeviceId,
    },
    /// A command moved on in its life.
    Command(Arc<Command>),
    /// A rule started or ended a run, or was stopped.
    AutomationRun {
        /// Which rule.
        automation: AutomationId,
        /// Which run.
        run: RunId,
        /// What happened: `started`, `finished`, `stopped`, `failed`, `resumed`, `late`, `missed`, `fuse`.
        phase: Arc<str>,
        /// In words.
        detail: Option<Arc<str>>,
    },
    /// A driver's status changed.
    DriverStatus {
        /// Which driver.
        driver: DriverId,
        /// Its new status.
        status: DriverStatus,
    },
    /// A pairing moved on.
    Pairing(PairingProgress),
    /// The home's mode changed.
    ModeChanged {
        /// Before.
        from: Arc<str>,
        /// Now.
        to: Arc<str>,
    },
    /// A person came or went.
    PresenceChanged {
        /// Who.
        person: AccountId,
        /// Before; none = nobody had said.
        from: Option<Arc<str>>,
        /// Now: `home`, `away` or a zone.
        to: Arc<str>,
    },
    /// Somebody called a webhook.
    Webhook {
        /// Which: a secret, which no client is shown.
        id: Arc<str>,
        /// What they sent, if it was JSON of a bounded size.
        body: Value,
    },
    /// A rule tells people something.
    Notification(Arc<Notification>),
    /// Something needs a person.
    Alert(Alert),
    /// Something that is no device was made, changed or removed: who shows it reads it anew.
    Changed {
        /// What it is.
        what: Resource,
        /// Which of its kind; none = there is one only. Of [`Resource::Messages`] it is the person whose they are.
        id: Option<Arc<str>>,
    },
}

/// What of a home is read anew when it changed, as the paths of the API name it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Resource {
    /// A rule: its document, whether it is enabled, or what of it cannot work.
    Automation,
    /// A room.
    Area,
    /// A scene.
    Scene,
    /// The settings of the home.
    Home,
    /// Somebody's account, or what is set of them as a person.
    User,
    /// Who may do what.
    Permissions,
    /// What somebody asked an adult for.
    Approval,
    /// What somebody was told and has read, and by which ways they want to be told.
    Messages,
    /// The network of a driver, as it was measured.
    Network,
}

/// How a driver is.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct DriverStatus {
    /// Its state.
    pub state: DriverState,
    /// Why, in words, and what to do; empty when all is well.
    #[serde(default)]
    pub detail: Arc<str>,
}

/// The state of a driver.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DriverState {
    /// Getting ready; connecting.
    Starting,
    /// Talks to its bus.
    Online,
    /// Lost its bus or bridge and tries again.
    Offline,
    /// Ended by an error or panic and will be started again.
    Failed,
}

/// Something that needs a person.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Alert {
    /// A stable word for programs, e.g. `storage_full`; of one thing with its id behind it, e.g. `rule_stopped:ID`.
    pub code: Arc<str>,
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong and what to do, for people.
    pub text: Arc<str>,
    /// Over.
    #[serde(default)]
    pub resolved: bool,
}

/// How bad something is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Good to know.
    #[default]
    Info,
    /// Should be looked at.
    Warning,
    /// Must be looked at: critical.
    #[serde(alias = "critical")]
    Error,
}
