//! Why a rule did not act, on the wire.

use hub_automation::document::written::Enabled;
use hub_automation::engine::{ConditionState, LookedAt, TriggerState, WatchedState};
use hub_automation::trace::{Trace, TraceCondition, TraceTrigger};
use hub_automation::why_not::Reason;
use hub_core::why::{NearMiss, WhyNot};
use hub_model::{Timestamp, Value};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::wire::automation::{FindingBody, finding_value};
use crate::wire::why::{ConditionBody, TriggerBody};

/// When.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct WhyNotParams {
    /// The moment at which it should have acted; now if left out.
    #[serde(default)]
    #[param(value_type = Option<String>, format = DateTime)]
    pub(crate) at: Option<Timestamp>,
}

/// Why a rule did not act around a moment.
#[derive(Serialize, ToSchema)]
#[schema(as = WhyNot)]
pub(crate) struct WhyNotBody<'a> {
    automation: &'a str,
    name: &'a str,
    /// The moment that was asked about.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    reason: ReasonBody<'a>,
    revision: u64,
    /// When the rule was last changed: of a moment before that only its traces tell.
    #[schema(value_type = String, format = DateTime)]
    changed_at: Timestamp,
    /// true, false or `shadow`.
    #[schema(value_type = serde_json::Value)]
    enabled: serde_json::Value,
    /// How many runs are under way; 0 for a moment of the past.
    active_runs: usize,
    /// What of it cannot work, the rest of it does; empty = nothing.
    #[schema(value_type = Vec<FindingBody<'static>>)]
    findings: Vec<serde_json::Value>,
    triggers: Vec<TriggerStateBody<'a>>,
    conditions: Vec<ConditionStateBody<'a>>,
    /// What fired in vain or was nearly it within five minutes around the moment, newest first.
    misses: Vec<MissBody<'a>>,
    /// The last run that began up to the moment.
    last_run: Option<LastRunBody<'a>>,
    /// The same in plain sentences; the first names the reason. Times are those of the home's clocks.
    text: &'a [String],
}

/// The reason that came nearest.
#[derive(Serialize, ToSchema)]
#[schema(as = WhyNotReason)]
struct ReasonBody<'a> {
    /// `condition` (one did not hold), `trigger` (none happened), `waiting` (the `for` of one counts), `busy`, `failed`,
    /// `fuse`, `missed`, `disabled`, `shadow`, `cannot_run`, `ran` (it did act), or `hidden` (you may not see all that
    /// the rule names, and so nothing else is told).
    code: &'a str,
    /// The part of the rule that it is about, e.g. `conditions[0]`.
    path: Option<&'a str>,
    /// When it came near.
    #[schema(value_type = Option<String>, format = DateTime)]
    at: Option<Timestamp>,
    text: &'a str,
}

/// How a trigger stood.
#[derive(Serialize, ToSchema)]
#[schema(as = TriggerState)]
struct TriggerStateBody<'a> {
    path: &'a str,
    kind: &'a str,
    /// In words.
    wants: &'a str,
    /// What it watches: 100 things at most.
    watched: Vec<WatchedBody<'a>>,
    /// Of a schedule.
    #[schema(value_type = Option<String>, format = DateTime)]
    last_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    next_at: Option<Timestamp>,
    /// When it last fired or nearly did.
    last_near: Option<MissBody<'a>>,
}

/// How something that a trigger watches stood.
#[derive(Serialize, ToSchema)]
#[schema(as = WatchedState)]
struct WatchedBody<'a> {
    about: &'a str,
    device: Option<&'a str>,
    endpoint: Option<u16>,
    attribute: Option<&'a str>,
    #[schema(value_type = serde_json::Value)]
    value: &'a Value,
    #[schema(value_type = Option<String>, format = DateTime)]
    since: Option<Timestamp>,
    /// Whether that is what the trigger wants; it fires when it becomes so.
    matches: bool,
    /// It fires then if it stays so.
    #[schema(value_type = Option<String>, format = DateTime)]
    due_at: Option<Timestamp>,
    /// `online`, `offline` or `unknown`.
    availability: Option<&'a str>,
}

/// How a condition stood.
#[derive(Serialize, ToSchema)]
#[schema(as = ConditionState)]
struct ConditionStateBody<'a> {
    path: &'a str,
    kind: &'a str,
    /// What it looks at, in words; empty for a group.
    about: &'a str,
    /// In words.
    wants: &'a str,
    /// null = not known: it reads `trigger` or `vars`, which are there only when the rule fires.
    holds: Option<bool>,
    looked_at: Vec<LookedAtBody<'a>>,
    /// The conditions of a group, in the same form.
    #[schema(value_type = Vec<Object>)]
    parts: Vec<ConditionStateBody<'a>>,
    /// Why an expression could not be worked out.
    error: Option<&'a str>,
}

/// Something that a condition looked at.
#[derive(Serialize, ToSchema)]
#[schema(as = LookedAt)]
struct LookedAtBody<'a> {
    about: &'a str,
    device: Option<&'a str>,
    endpoint: Option<u16>,
    attribute: Option<&'a str>,
    #[schema(value_type = serde_json::Value)]
    value: &'a Value,
    #[schema(value_type = Option<String>, format = DateTime)]
    since: Option<Timestamp>,
    as_wanted: bool,
}

/// Something that came near.
#[derive(Serialize, ToSchema)]
#[schema(as = NearMiss)]
struct MissBody<'a> {
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// `conditions`, `busy`, `failed`, `fuse`, `missed` or `no_match`; of a run how far it came.
    result: &'a str,
    /// Of a run.
    run: Option<&'a str>,
    /// The part of the rule that it failed at.
    path: Option<&'a str>,
    #[schema(value_type = Option<TriggerBody>)]
    trigger: Option<&'a TraceTrigger>,
    #[schema(value_type = Vec<ConditionBody>)]
    conditions: &'a [TraceCondition],
    detail: Option<&'a str>,
    /// In a sentence.
    text: &'a str,
}

/// The last run.
#[derive(Serialize, ToSchema)]
#[schema(as = LastRun)]
struct LastRunBody<'a> {
    id: Option<&'a str>,
    #[schema(value_type = String, format = DateTime)]
    started_at: Timestamp,
    revision: u64,
}

impl<'a> WhyNotBody<'a> {
    pub(crate) fn new(found: &'a WhyNot) -> Self {
        let explanation = &found.explanation;
        let Reason { code, path, at, text } = &found.reason;
        let triggers = explanation.triggers.iter().zip(&found.last_near);
        Self {
            automation: explanation.automation.as_str(),
            name: &explanation.name,
            at: found.at,
            reason: ReasonBody { code, path: path.as_deref(), at: *at, text },
            revision: explanation.revision,
            changed_at: explanation.changed_at,
            enabled: match explanation.enabled {
                Enabled::Yes => true.into(),
                Enabled::No => false.into(),
                Enabled::Shadow => "shadow".into(),
            },
            active_runs: explanation.active_runs,
            findings: explanation.findings.iter().map(finding_value).collect(),
            triggers: triggers.map(|(trigger, last)| TriggerStateBody::new(trigger, last.as_ref())).collect(),
            conditions: explanation.conditions.iter().map(ConditionStateBody::new).collect(),
            misses: found.misses.iter().map(MissBody::new).collect(),
            last_run: found.last_run.as_ref().map(LastRunBody::new),
            text: &found.text,
        }
    }
}

impl<'a> TriggerStateBody<'a> {
    fn new(trigger: &'a TriggerState, last_near: Option<&'a NearMiss>) -> Self {
        Self {
            path: &trigger.path,
            kind: trigger.kind,
            wants: &trigger.wants,
            watched: trigger.watched.iter().map(WatchedBody::new).collect(),
            last_at: trigger.last_at,
            next_at: trigger.next_at,
            last_near: last_near.map(MissBody::new),
        }
    }
}

impl<'a> WatchedBody<'a> {
    fn new(watched: &'a WatchedState) -> Self {
        Self {
            about: &watched.about,
            device: watched.device.as_ref().map(hub_model::DeviceId::as_str),
            endpoint: watched.key.as_ref().map(|key| key.endpoint),
            attribute: watched.key.as_ref().map(|key| key.attribute.as_str()),
            value: &watched.value,
            since: watched.since,
            matches: watched.matches,
            due_at: watched.due_at,
            availability: watched.availability.map(hub_model::Availability::as_str),
        }
    }
}

impl<'a> ConditionStateBody<'a> {
    fn new(condition: &'a ConditionState) -> Self {
        Self {
            path: &condition.path,
            kind: condition.kind,
            about: &condition.about,
            wants: &condition.wants,
            holds: condition.holds,
            looked_at: condition.looked_at.iter().map(LookedAtBody::new).collect(),
            parts: condition.parts.iter().map(Self::new).collect(),
            error: condition.error.as_deref(),
        }
    }
}

impl<'a> LookedAtBody<'a> {
    fn new(looked: &'a LookedAt) -> Self {
        Self {
            about: &looked.about,
            device: looked.key.as_ref().map(|key| key.device.as_str()),
            endpoint: looked.key.as_ref().map(|key| key.endpoint),
            attribute: looked.key.as_ref().map(|key| key.attribute.as_str()),
            value: &looked.value,
            since: looked.since,
            as_wanted: looked.as_wanted,
        }
    }
}

impl<'a> MissBody<'a> {
    fn new(NearMiss { trace, text }: &'a NearMiss) -> Self {
        Self {
            at: trace.at,
            result: &trace.result,
            run: trace.run.as_ref().map(hub_model::RunId::as_str),
            path: trace.failed_path().map(|path| &**path),
            trigger: trace.trigger.as_ref(),
            conditions: &trace.conditions,
            detail: trace.detail.as_deref(),
            text,
        }
    }
}

impl<'a> LastRunBody<'a> {
    fn new(trace: &'a Trace) -> Self {
        Self { id: trace.run.as_ref().map(hub_model::RunId::as_str), started_at: trace.at, revision: trace.revision }
    }
}
