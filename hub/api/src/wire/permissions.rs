//! Who may do what, on the wire.

use hub_access::approval::{Answer, Approval, AskedTarget};
use hub_access::{PolicyRule, ReadyMadeChoice, Reason, Verdict};
use hub_core::Snapshot;
use hub_model::device::EndpointSelector;
use hub_model::notification::RequestState;
use hub_model::{EndpointNumber, Timestamp, Value};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::{IntoParams, ToSchema};

/// All permissions.
#[derive(Serialize, ToSchema)]
#[schema(as = Permissions)]
pub(crate) struct PermissionsBody<'a> {
    /// What owners wrote.
    #[schema(value_type = Vec<PermissionRule>)]
    pub(crate) items: &'a [PolicyRule],
    /// What each role comes with.
    #[schema(value_type = Vec<PermissionRule>)]
    pub(crate) ready_made: &'a [PolicyRule],
    /// For whom what they come with is in force or not; who is not named has it.
    #[schema(value_type = Vec<ReadyMade>)]
    pub(crate) choices: &'a [ReadyMadeChoice],
}

/// A permission: these people may do this with that, if every condition holds. Conditions that are left out
/// hold always. See hub/docs/permissions.md.
#[derive(ToSchema)]
#[allow(dead_code)]
pub(crate) struct PermissionRule {
    /// Made from nothing if it is left out.
    id: Option<String>,
    /// Exactly one of both.
    who: WhoBody,
    /// Of `see`, `control`, `configure`.
    allow: Vec<String>,
    /// With what; left out = everything that is not protected.
    what: Option<WhatBody>,
    /// At which times of the home.
    when: Option<WhenBody>,
    /// Within which limits, by attribute: `{"heating_setpoint": {"min": 18, "max": 22}}`.
    #[schema(value_type = Option<Object>)]
    limits: Option<()>,
    /// Each time an adult must allow it.
    approval: Option<bool>,
    /// With the person's PIN.
    pin: Option<bool>,
    /// While somebody of these (roles, or ids of people) is at home.
    only_while_home: Option<Vec<String>>,
    /// For so long on each day.
    daily: Option<DailyBody>,
    /// Until when; null = for ever.
    #[schema(value_type = Option<String>, format = DateTime)]
    until: Option<Timestamp>,
    /// Why it is there.
    note: Option<String>,
}

/// For whom: a role or a person.
#[derive(ToSchema)]
#[schema(as = PermissionWho)]
#[allow(dead_code)]
pub(crate) struct WhoBody {
    /// `owner`, `adult`, `child`, `guest`, `installer`.
    role: Option<String>,
    /// The id of an account.
    person: Option<String>,
}

/// With what. Each list narrows it down.
#[derive(ToSchema)]
#[schema(as = PermissionWhat)]
#[allow(dead_code)]
pub(crate) struct WhatBody {
    /// Rooms, by id.
    areas: Option<Vec<String>>,
    /// Devices, by id.
    devices: Option<Vec<String>>,
    /// Names of attributes.
    capabilities: Option<Vec<String>>,
    /// What devices are for: `light`, `lock`, `media` …
    types: Option<Vec<String>>,
    /// Parts of the hub: `rules`, `scenes`, `drivers` …
    parts: Option<Vec<String>>,
}

/// At which times.
#[derive(ToSchema)]
#[schema(as = PermissionWhen)]
#[allow(dead_code)]
pub(crate) struct WhenBody {
    /// `HH:MM`.
    from: Option<String>,
    /// `HH:MM`; before `from` = over midnight.
    to: Option<String>,
    /// `mon` to `sun`.
    weekdays: Option<Vec<String>>,
}

/// An allowance for each day.
#[derive(ToSchema)]
#[schema(as = PermissionDaily)]
#[allow(dead_code)]
pub(crate) struct DailyBody {
    /// What was switched on by the permission may be on for so long.
    minutes: u32,
}

/// Whether what a role or a person comes with is in force.
#[derive(ToSchema)]
#[allow(dead_code)]
pub(crate) struct ReadyMade {
    who: WhoBody,
    ready_made: bool,
}

/// Who may do what with which?
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct CanParams {
    /// The id or user name of an account; oneself if left out.
    #[serde(default)]
    pub(crate) user: Option<String>,
    /// `see`, `control` or `configure`.
    #[param(value_type = String)]
    pub(crate) action: hub_access::Action,
    /// The id of a device; the name will do for one that you see at other times only. Either this or `part`.
    #[serde(default)]
    pub(crate) device: Option<String>,
    /// A part of the hub, e.g. `rules`.
    #[serde(default)]
    pub(crate) part: Option<String>,
    /// The attribute. Left out, the answer to `see` and `control` is yes if it is for any attribute of the device (for
    /// `control`: any that can be written), which says nothing of the others: for what is about to be set, name it.
    #[serde(default)]
    pub(crate) attribute: Option<String>,
    /// The value, as JSON or as a word. Left out, the answer is yes if there is any value for which it is.
    #[serde(default)]
    pub(crate) value: Option<String>,
    /// When; left out = now.
    #[serde(default)]
    #[param(value_type = Option<String>, format = DateTime)]
    pub(crate) at: Option<Timestamp>,
}

/// Whether somebody may do something, and why not.
#[derive(Serialize, ToSchema)]
#[schema(as = Verdict)]
pub(crate) struct VerdictBody<'a> {
    allowed: bool,
    /// The nearest first; empty where it is allowed.
    #[schema(value_type = Vec<ReasonBody>)]
    reasons: &'a [Reason],
    /// Whether an adult's word would help.
    approvable: bool,
    /// Whether the person's PIN would help.
    pin: bool,
    /// The id of the permission that allows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    rule: Option<&'a str>,
    /// When the answer may become another by time alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    valid_until: Option<Timestamp>,
}

/// Why not.
#[derive(ToSchema)]
#[schema(as = Reason)]
#[allow(dead_code)]
pub(crate) struct ReasonBody {
    /// `no_rule`, `protected`, `expired`, `outside_window`, `clock_not_trusted`, `value_out_of_limits`, `nobody_home`,
    /// `used_up`, `needs_approval`, `needs_pin`.
    code: String,
    /// In words, with what would make it possible.
    text: String,
    /// What varies in the words, for who says it in another language: `name`, and by code `from`, `to`, `days` (`mon` to
    /// `sun`), `now`, `until`, `attribute`, `min`, `max`, `value`, `who`, `minutes`, `action`.
    #[schema(required = false)]
    params: BTreeMap<String, String>,
}

impl<'a> VerdictBody<'a> {
    pub(crate) fn new(verdict: &'a Verdict) -> Self {
        Self {
            allowed: verdict.allowed,
            reasons: &verdict.reasons,
            approvable: verdict.approvable,
            pin: verdict.pin,
            rule: verdict.rule.as_deref(),
            valid_until: verdict.valid_until,
        }
    }
}

/// Something that is seen and may not be controlled: an attribute of a device, or a part of the hub.
#[derive(Serialize, ToSchema)]
#[schema(as = Refused)]
pub(crate) struct RefusedBody<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) device: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) endpoint: Option<EndpointNumber>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) attribute: Option<&'a str>,
    /// E.g. `scenes`, `mode`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) part: Option<&'static str>,
    /// Why not, and what would help.
    pub(crate) verdict: VerdictBody<'a>,
}

/// What somebody wants an adult's word for.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewApproval {
    /// The id of the device.
    pub(crate) device: String,
    /// Which attribute.
    pub(crate) attribute: String,
    /// The endpoint's id or label; left out = the main one that has the attribute.
    #[serde(default)]
    #[schema(value_type = Option<serde_json::Value>)]
    pub(crate) endpoint: Option<EndpointSelector>,
    /// To what; left out = whatever the permissions' limits allow.
    #[serde(default)]
    #[schema(value_type = serde_json::Value)]
    pub(crate) value: Option<Value>,
}

/// An answer.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewAnswer {
    /// `allow_once`, `allow_for_an_hour` or `refuse`.
    #[schema(value_type = String)]
    pub(crate) answer: Answer,
}

/// Something that was asked for, and what became of it.
#[derive(Serialize, ToSchema)]
#[schema(as = Approval)]
pub(crate) struct ApprovalBody<'a> {
    id: String,
    /// Who asks: an account.
    person: &'a str,
    device: Option<&'a str>,
    attribute: Option<&'a str>,
    /// At which of the device's endpoints; null = at any.
    endpoint: Option<EndpointNumber>,
    #[schema(value_type = serde_json::Value)]
    value: Option<&'a Value>,
    /// `waiting`, `allowed_once`, `allowed_for_an_hour` or `refused`.
    #[schema(value_type = String)]
    state: RequestState,
    /// Who answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    by: Option<&'a str>,
    /// What they are called, which who asked need not be able to look up.
    #[serde(skip_serializing_if = "Option::is_none")]
    by_name: Option<&'a str>,
    #[schema(value_type = String, format = DateTime)]
    since: Timestamp,
    /// When it is over.
    #[schema(value_type = String, format = DateTime)]
    until: Timestamp,
}

impl<'a> ApprovalBody<'a> {
    pub(crate) fn new(approval: &'a Approval, home: &'a Snapshot) -> Self {
        let (device, attribute, endpoint) = match &approval.asked.target {
            AskedTarget::Device { device, attribute, endpoint } => {
                (Some(device.as_str()), attribute.as_ref().map(hub_model::AttributeName::as_str), *endpoint)
            }
            AskedTarget::Part(_) => (None, None, None),
        };
        let (state, by) = approval.state.told();
        Self {
            id: approval.id.0.to_string(),
            person: approval.asked.person.as_str(),
            device,
            attribute,
            endpoint,
            value: approval.asked.value.as_ref(),
            state,
            by: by.map(hub_model::AccountId::as_str),
            by_name: by.and_then(|by| home.people.iter().find(|person| person.id == *by)).map(|person| &*person.name),
            since: approval.since,
            until: approval.until,
        }
    }
}
