//! Approvals: a child asks, an adult answers.

use hub_model::household::Role;
use hub_model::notification::RequestState;
use hub_model::{AccountId, AttributeName, DeviceId, EndpointNumber, Timestamp, Value};
use serde::{Deserialize, Serialize};
use std::time::Duration;

use crate::action::Action;
use crate::part::Part;
use crate::request::{DeviceFacts, Request, Target};
use crate::set::Set;
use crate::verdict::{Obstacles, ReasonCode};

/// The most requests that wait or are in force at once, of all people.
pub const APPROVALS_MAX: usize = 100;
/// The most of one person.
pub const APPROVALS_OF_ONE_MAX: usize = 10;
/// How long a request waits for an answer, a refusal is remembered, and what was allowed once may be done.
pub const WAIT: Duration = Duration::from_secs(10 * 60);
/// How long it is when something is allowed for an hour.
pub const HOUR: Duration = Duration::from_secs(3600);

/// The number of a request for approval.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ApprovalId(pub u64);

/// What somebody asks to be allowed.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Asked {
    /// Who asks.
    pub person: AccountId,
    /// What they want to do.
    pub action: Action,
    /// With what.
    pub target: AskedTarget,
    /// The value that they want to set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Value>,
}

/// With what.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AskedTarget {
    /// With a device.
    Device {
        /// The device.
        device: DeviceId,
        /// The attribute.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        attribute: Option<AttributeName>,
        /// At which of its endpoints; none = at any, as hubs kept it that asked for no endpoint.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        endpoint: Option<EndpointNumber>,
    },
    /// With a part of the hub.
    Part(Part),
}

/// A request for approval, and what became of it.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Approval {
    /// Its number.
    pub id: ApprovalId,
    /// What was asked.
    pub asked: Asked,
    /// Since when this is so.
    pub since: Timestamp,
    /// Until when.
    pub until: Timestamp,
    /// What became of it.
    pub state: ApprovalState,
}

/// What became of a request for approval.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ApprovalState {
    /// Nobody has answered yet.
    Waiting,
    /// It may be done once.
    AllowedOnce {
        /// Who allowed it.
        by: AccountId,
    },
    /// It may be done for an hour.
    AllowedForAnHour {
        /// Who allowed it.
        by: AccountId,
    },
    /// It may not be done.
    Refused {
        /// Who refused it.
        by: AccountId,
    },
}

/// An answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// Once, within ten minutes.
    AllowOnce,
    /// As often as they like, for an hour.
    AllowForAnHour,
    /// No.
    Refuse,
}

impl Answer {
    /// As it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AllowOnce => "allow_once",
            Self::AllowForAnHour => "allow_for_an_hour",
            Self::Refuse => "refuse",
        }
    }
}

/// Who answers.
#[derive(Clone, Copy, Debug)]
pub struct Decider<'a> {
    /// Who.
    pub person: &'a AccountId,
    /// What they are.
    pub role: Role,
    /// Whether they may do it themself: what [`crate::can`] says of them for the same request.
    pub may_do_it: bool,
}

impl Decider<'_> {
    fn is_grown_up(&self) -> bool {
        matches!(self.role, Role::Owner | Role::Adult)
    }
}

/// Why a request or an answer is not taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[allow(missing_docs)]
pub enum ApprovalError {
    #[error("too many requests are waiting; wait until some are answered or ten minutes have passed")]
    TooMany,
    #[error("there is no such request any more: it was answered, used or is older than ten minutes")]
    Unknown,
    #[error("it was answered already")]
    AlreadyAnswered,
    #[error("only an adult or owner answers, and never their own request")]
    NotForYou,
    #[error("you may not do this yourself, so you cannot allow it to others")]
    NotYours,
    #[error("nothing was allowed by it, so there is nothing to take back")]
    NotGiven,
}

impl ApprovalError {
    /// A stable word for it.
    pub fn case(&self) -> &'static str {
        match self {
            Self::TooMany => "approvals_waiting",
            Self::Unknown => "approval_gone",
            Self::AlreadyAnswered => "approval_answered",
            Self::NotForYou => "approval_not_for_you",
            Self::NotYours => "approval_not_yours",
            Self::NotGiven => "approval_not_given",
        }
    }
}

/// How far an approval goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Reach {
    /// For exactly this value.
    Exact,
    /// For this attribute, within the limits of the rule.
    Attribute,
}

impl Reach {
    /// What an adult's word takes out of the way. A PIN is the person's own, and what has ended has ended.
    pub(crate) fn lifts(self) -> Obstacles {
        let always = [
            ReasonCode::NeedsApproval,
            ReasonCode::OutsideWindow,
            ReasonCode::ClockNotTrusted,
            ReasonCode::NobodyHome,
            ReasonCode::UsedUp,
        ];
        let lifted: Obstacles = always.into_iter().collect();
        if self == Self::Exact { lifted.union(Set::EMPTY.with(ReasonCode::ValueOutOfLimits)) } else { lifted }
    }
}

impl Asked {
    /// What this person asks for.
    pub fn of(person: &AccountId, request: &Request<'_>) -> Self {
        let (target, value) = match request.target {
            Target::Device { device, attribute, endpoint, value } => {
                let attribute = attribute.map(Into::into);
                (AskedTarget::Device { device: device.id.clone(), attribute, endpoint }, value)
            }
            Target::Part(part) => (AskedTarget::Part(part), None),
        };
        Self { person: person.clone(), action: request.action, target, value: value.cloned() }
    }

    fn is_for(&self, person: &AccountId, request: &Request<'_>) -> bool {
        let is_target = match (&self.target, request.target) {
            (
                AskedTarget::Device { device: asked, attribute: of, endpoint: at },
                Target::Device { device, attribute, endpoint, .. },
            ) => is_place((asked, *at), &device, endpoint) && of.as_ref().map(AttributeName::as_str) == attribute,
            (AskedTarget::Part(asked), Target::Part(part)) => *asked == part,
            _ => false,
        };
        is_target && self.person == *person && self.action == request.action
    }
}

/// Whether what was asked for this device and endpoint is for what is wanted now.
fn is_place(
    (asked, at): (&DeviceId, Option<EndpointNumber>),
    device: &DeviceFacts<'_>,
    endpoint: Option<EndpointNumber>,
) -> bool {
    let is_at =
        |wanted: Option<EndpointNumber>, of_any: bool| at.is_none_or(|at| wanted.map_or(of_any, |wanted| wanted == at));
    // Which endpoints of a member a group reaches, nobody knows where it has several.
    let is_own = asked == device.id && is_at(endpoint, device.through.is_none());
    is_own || device.through.is_some_and(|through| asked == through.group && is_at(through.endpoint, true))
}

impl ApprovalState {
    /// The same as it is told, with who answered.
    pub fn told(&self) -> (RequestState, Option<&AccountId>) {
        match self {
            Self::Waiting => (RequestState::Waiting, None),
            Self::AllowedOnce { by } => (RequestState::AllowedOnce, Some(by)),
            Self::AllowedForAnHour { by } => (RequestState::AllowedForAnHour, Some(by)),
            Self::Refused { by } => (RequestState::Refused, Some(by)),
        }
    }
}

impl Approval {
    fn is_in_force(&self, now: Timestamp) -> bool {
        self.since <= now && now < self.until
    }

    fn ends(&self, now: Timestamp) -> Timestamp {
        // A clock that was set back would keep them for too long.
        if now.plus(HOUR) < self.since { now } else { self.until }
    }

    fn reach(&self, person: &AccountId, request: &Request<'_>, now: Timestamp) -> Option<Reach> {
        let value = match request.target {
            Target::Device { value, .. } => value,
            Target::Part(_) => None,
        };
        if !self.is_in_force(now) || !self.asked.is_for(person, request) {
            return None;
        }
        match (&self.state, self.asked.value.as_ref() == value) {
            (ApprovalState::AllowedOnce { .. } | ApprovalState::AllowedForAnHour { .. }, true) => Some(Reach::Exact),
            (ApprovalState::AllowedForAnHour { .. }, false) => Some(Reach::Attribute),
            _ => None,
        }
    }
}

/// All requests for approval that still mean something. It is kept.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Approvals {
    last_id: ApprovalId,
    list: Vec<Approval>,
}

impl Approvals {
    /// All of them, oldest first.
    pub fn list(&self) -> &[Approval] {
        &self.list
    }

    /// The one of this number.
    pub fn get(&self, id: ApprovalId) -> Option<&Approval> {
        self.list.iter().find(|approval| approval.id == id)
    }

    /// Somebody asks. What they already asked and what is not over yet is the same request, refused ones included: who
    /// was refused waits a while. Says whether it is a new one, which adults are to be told.
    pub fn ask(&mut self, asked: Asked, now: Timestamp) -> Result<(ApprovalId, bool), ApprovalError> {
        let is_same = |approval: &&Approval| approval.is_in_force(now) && approval.asked == asked;
        if let Some(same) = self.list.iter().find(is_same) {
            return Ok((same.id, false));
        }
        let of_person = self.list.iter().filter(|approval| approval.asked.person == asked.person).count();
        if self.list.len() >= APPROVALS_MAX || of_person >= APPROVALS_OF_ONE_MAX {
            return Err(ApprovalError::TooMany);
        }
        self.last_id = ApprovalId(self.last_id.0.saturating_add(1));
        let (id, until) = (self.last_id, now.plus(WAIT));
        self.list.push(Approval { id, asked, since: now, until, state: ApprovalState::Waiting });
        Ok((id, true))
    }

    /// An adult or owner answers.
    pub fn answer(
        &mut self,
        id: ApprovalId,
        decider: Decider<'_>,
        answer: Answer,
        now: Timestamp,
    ) -> Result<&Approval, ApprovalError> {
        let approval = self.list.iter_mut().find(|approval| approval.id == id && approval.is_in_force(now));
        let approval = approval.ok_or(ApprovalError::Unknown)?;
        if !decider.is_grown_up() || *decider.person == approval.asked.person {
            return Err(ApprovalError::NotForYou);
        }
        if approval.state != ApprovalState::Waiting {
            return Err(ApprovalError::AlreadyAnswered);
        }
        let by = decider.person.clone();
        let (state, time) = match answer {
            Answer::Refuse => (ApprovalState::Refused { by }, WAIT),
            _ if !decider.may_do_it => return Err(ApprovalError::NotYours),
            Answer::AllowOnce => (ApprovalState::AllowedOnce { by }, WAIT),
            Answer::AllowForAnHour => (ApprovalState::AllowedForAnHour { by }, HOUR),
        };
        approval.state = state;
        approval.since = now;
        approval.until = now.plus(time);
        Ok(approval)
    }

    /// An adult or owner takes back what was allowed: by themself or by another. Less may be done from then on, so they
    /// need not be able to do it themselves.
    pub fn take_back(
        &mut self,
        id: ApprovalId,
        decider: Decider<'_>,
        now: Timestamp,
    ) -> Result<Approval, ApprovalError> {
        let place = self.list.iter().position(|approval| approval.id == id && approval.is_in_force(now));
        let (place, approval) =
            place.and_then(|place| Some((place, self.list.get(place)?))).ok_or(ApprovalError::Unknown)?;
        if !decider.is_grown_up() || *decider.person == approval.asked.person {
            return Err(ApprovalError::NotForYou);
        }
        match approval.state {
            ApprovalState::AllowedOnce { .. } | ApprovalState::AllowedForAnHour { .. } => Ok(self.list.remove(place)),
            ApprovalState::Waiting | ApprovalState::Refused { .. } => Err(ApprovalError::NotGiven),
        }
    }

    /// What was allowed by this approval is done: what was allowed once is over.
    pub fn use_up(&mut self, id: ApprovalId) {
        self.list.retain(|approval| approval.id != id || !matches!(approval.state, ApprovalState::AllowedOnce { .. }));
    }

    /// Takes out what is over by now, for who tells people of it.
    pub fn expire(&mut self, now: Timestamp) -> Vec<Approval> {
        self.list.extract_if(.., |approval| approval.ends(now) <= now).collect()
    }

    /// When the next of them is over; not after `now` = there is one that is over.
    pub fn next_end(&self, now: Timestamp) -> Option<Timestamp> {
        self.list.iter().map(|approval| approval.ends(now)).min()
    }

    /// What allows a request, and until when.
    pub(crate) fn for_request(
        &self,
        person: &AccountId,
        request: &Request<'_>,
        now: Timestamp,
    ) -> Option<(&Approval, Reach)> {
        let reaches = self.list.iter().filter_map(|approval| Some((approval, approval.reach(person, request, now)?)));
        // One for exactly this goes further, and one for an hour is not used up.
        reaches.max_by_key(|(approval, reach)| {
            (*reach == Reach::Exact, matches!(approval.state, ApprovalState::AllowedForAnHour { .. }))
        })
    }
}
