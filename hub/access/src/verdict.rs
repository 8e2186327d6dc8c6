//! The answer: whether, and why.

use std::sync::Arc;

use hub_model::said::Params;
use hub_model::{Said, Timestamp};
use serde::{Serialize, Serializer};

use crate::approval::ApprovalId;
use crate::set::{Member, Set};

/// Whether somebody may do something.
#[derive(Clone, PartialEq, Debug, Default, Serialize)]
pub struct Verdict {
    /// Whether.
    pub allowed: bool,
    /// Why not, the nearest first; empty where it is allowed.
    pub reasons: Vec<Reason>,
    /// Whether an adult's approval would help.
    pub approvable: bool,
    /// Whether the person's PIN is missing.
    pub pin: bool,
    /// The id of the rule that allows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<Arc<str>>,
    /// The approval that it is allowed by: whoever does the thing says so to [`crate::Approvals::use_up`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approval: Option<ApprovalId>,
    /// The minutes for each day that the rule gives: whoever does the thing says so to [`crate::Allowances::start`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub daily_minutes: Option<u32>,
    /// The next moment at which the answer may become another by time alone; none = never.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<Timestamp>,
}

/// A reason why not.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Reason {
    /// For programs.
    pub code: ReasonCode,
    /// For people: a sentence that says what would make it possible.
    pub text: String,
    /// What varies in the sentence, for who says it in another language: `name`, and by code `from`, `to`, `days`,
    /// `now`, `until`, `attribute`, `min`, `max`, `value`, `who`, `minutes`, `action`.
    #[serde(serialize_with = "as_map", skip_serializing_if = "Params::is_empty")]
    pub params: Params,
}

impl Reason {
    /// A reason in a sentence.
    pub fn new(code: ReasonCode, said: Said) -> Self {
        Self { code, text: said.text.to_string(), params: said.params }
    }
}

fn as_map<S: Serializer>(params: &Params, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(params.iter().map(|(name, value)| (name, value)))
}

/// Why something is not allowed. The words are stable.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum ReasonCode {
    /// No rule allows it.
    NoRule,
    /// It is protected, and no rule names it.
    Protected,
    /// The account or the rule has ended.
    Expired,
    /// The rule allows it at other times.
    OutsideWindow,
    /// It depends on the time, and the time is not known for certain.
    ClockNotTrusted,
    /// The rule allows other values.
    ValueOutOfLimits,
    /// Nobody of those is at home who must be.
    NobodyHome,
    /// The day's allowance is used up.
    UsedUp,
    /// An adult must allow it.
    NeedsApproval,
    /// The person's PIN must come with it.
    NeedsPin,
}

impl Member for ReasonCode {
    const ALL: &'static [Self] = &[
        Self::NoRule,
        Self::Protected,
        Self::Expired,
        Self::OutsideWindow,
        Self::ClockNotTrusted,
        Self::ValueOutOfLimits,
        Self::NobodyHome,
        Self::UsedUp,
        Self::NeedsApproval,
        Self::NeedsPin,
    ];

    fn index(self) -> u32 {
        self as u32
    }
}

/// What keeps a rule from allowing something.
pub(crate) type Obstacles = Set<ReasonCode>;

impl ReasonCode {
    /// The word for programs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NoRule => "no_rule",
            Self::Protected => "protected",
            Self::Expired => "expired",
            Self::OutsideWindow => "outside_window",
            Self::ClockNotTrusted => "clock_not_trusted",
            Self::ValueOutOfLimits => "value_out_of_limits",
            Self::NobodyHome => "nobody_home",
            Self::UsedUp => "used_up",
            Self::NeedsApproval => "needs_approval",
            Self::NeedsPin => "needs_pin",
        }
    }
}

impl Serialize for ReasonCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}
