//! What is asked, and what is so in the home when it is asked.

use hub_model::household::{Role, Validity};
use hub_model::zone::Zone;
use hub_model::{AccountId, AreaId, DeviceId, EndpointNumber, Now, Timestamp, Value};

use crate::action::Action;
use crate::allowance::Allowances;
use crate::approval::Approvals;
use crate::device_type::DeviceTypes;
use crate::part::Part;

/// Somebody wants to do something with something.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// What they want to do.
    pub action: Action,
    /// With what.
    pub target: Target<'a>,
    /// By which door they come.
    pub via: Via,
}

/// With what something is to be done.
#[derive(Clone, Copy, Debug)]
pub enum Target<'a> {
    /// With a device.
    Device {
        /// The device.
        device: DeviceFacts<'a>,
        /// The attribute. None asks whether there is anything of the device that may be seen or controlled; for
        /// configuring it is the device as a whole.
        attribute: Option<&'a str>,
        /// At which of its endpoints. None asks whether there is any.
        endpoint: Option<EndpointNumber>,
        /// The value that it is to be set to. None asks whether there is any.
        value: Option<&'a Value>,
    },
    /// With a part of the hub.
    Part(Part),
}

/// What permissions need to know of a device.
#[derive(Clone, Copy, Debug)]
pub struct DeviceFacts<'a> {
    /// Its id.
    pub id: &'a DeviceId,
    /// The room it is in.
    pub area: Option<&'a AreaId>,
    /// What it is for ([`crate::types_of`], kept beside the device).
    pub types: DeviceTypes,
    /// The group through which it is reached: what an adult allowed for the group they allowed for its members so.
    pub through: Option<Through<'a>>,
}

/// A group through which a device is reached.
#[derive(Clone, Copy, Debug)]
pub struct Through<'a> {
    /// The group.
    pub group: &'a DeviceId,
    /// At which of the group's endpoints; none = at any.
    pub endpoint: Option<EndpointNumber>,
}

/// By which door somebody comes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Via {
    /// The local socket of the machine.
    LocalSocket,
    /// The local network.
    Lan,
    /// From outside, through the relay.
    Remote,
    /// A voice, which anybody within earshot may raise.
    Voice,
    /// A rule that the person wrote.
    Rule,
}

impl Via {
    /// Whether it cannot be told who is there.
    pub fn is_from_afar(self) -> bool {
        matches!(self, Self::Remote | Self::Voice)
    }
}

/// Somebody of the household and where they are.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Resident {
    /// Who: an account.
    pub id: AccountId,
    /// What they are.
    pub role: Role,
    /// Where they are. What is old or was never said is unknown.
    pub whereabouts: Whereabouts,
    /// When their account ends: from then on they do not count, wherever they are.
    pub ends_at: Option<Timestamp>,
}

impl Resident {
    /// Whether they are at home for certain, and belong to the household still.
    pub(crate) fn is_home(&self, now: &Now) -> bool {
        self.whereabouts == Whereabouts::Home && Validity::of(self.ends_at, now).is_sure()
    }
}

/// Where somebody is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Whereabouts {
    /// At home.
    Home,
    /// Elsewhere.
    Away,
    /// Nobody knows; counts as not at home.
    #[default]
    Unknown,
}

/// What is so in the home.
#[derive(Clone, Copy, Debug)]
pub struct Household<'a> {
    /// What time it is.
    pub now: &'a Now,
    /// Where the home's clock is.
    pub zone: &'a Zone,
    /// Who lives there, and where they are.
    pub people: &'a [Resident],
    /// What was used of daily allowances.
    pub allowances: &'a Allowances,
    /// What was asked for and answered.
    pub approvals: &'a Approvals,
    /// Whether the person's right PIN came with the request.
    pub pin: bool,
}
