//! Why something is as it is, on the wire.

use hub_automation::trace::{TraceCondition, TraceTrigger};
use hub_core::why::{ActionTaken, Link, Origin, RuleRun, RunLink, StateLink, Why};
use hub_model::{Source, Timestamp, Value};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::wire::command::CommandBody;
use crate::wire::event::CauseBody;

/// Which state, and when.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct WhyParams {
    /// The id of the device.
    pub(crate) device: String,
    /// Which attribute; left out = what people look at first, e.g. `on`, `locked`, `position`, `open`, `temperature`.
    #[serde(default)]
    pub(crate) attribute: Option<String>,
    /// The endpoint's id or label; may be left out where the attribute is on one endpoint only.
    #[serde(default)]
    pub(crate) endpoint: Option<String>,
    /// The moment; now if left out.
    #[serde(default)]
    #[param(value_type = Option<String>, format = DateTime)]
    pub(crate) at: Option<Timestamp>,
}

/// Why an attribute is as it is: its state, and the chain of causes back to where it began.
#[derive(Serialize, ToSchema)]
#[schema(as = Why)]
pub(crate) struct WhyBody<'a> {
    device: &'a str,
    name: &'a str,
    endpoint: u16,
    attribute: &'a str,
    unit: Option<&'a str>,
    /// The moment that was asked about.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// What it was then.
    #[schema(value_type = serde_json::Value)]
    value: &'a Value,
    /// Since when; null = nobody knows.
    #[schema(value_type = Option<String>, format = DateTime)]
    since: Option<Timestamp>,
    /// `reported`, `assumed` or `restored`; null for a moment of the past.
    #[schema(value_type = Option<String>)]
    source: Option<Source>,
    /// From the state back to where its cause began.
    chain: Vec<LinkBody<'a>>,
    /// Whether the chain was followed to its beginning.
    complete: bool,
    /// The newest command since then that wanted something else and did not get it (yet).
    attempt: Option<CommandBody<'a>>,
    /// The same in plain sentences. Times are those of the home's clocks.
    text: &'a [String],
}

/// A step of a chain of causes, from what happened back to why. Which fields there are depends on `kind`.
#[derive(Serialize, ToSchema)]
#[schema(as = WhyLink)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum LinkBody<'a> {
    /// An attribute became something.
    State {
        device: &'a str,
        name: &'a str,
        endpoint: u16,
        attribute: &'a str,
        /// Before; null = nobody knows.
        #[schema(value_type = serde_json::Value)]
        from: Option<&'a Value>,
        #[schema(value_type = serde_json::Value)]
        to: &'a Value,
        #[schema(value_type = String, format = DateTime)]
        at: Timestamp,
        /// Null = you do not see everything, and the links behind it tell as much as you may know.
        cause: Option<CauseBody<'a>>,
    },
    /// A command wanted that, with its life.
    Command(#[schema(inline = false)] CommandBody<'a>),
    /// A rule's run gave it.
    Run {
        automation: &'a str,
        /// Null = the rule is gone.
        name: Option<&'a str>,
        /// Null = you may not see what set it off.
        run: Option<&'a str>,
        /// Null = its traces are no longer kept.
        revision: Option<u64>,
        #[schema(value_type = Option<String>, format = DateTime)]
        started_at: Option<Timestamp>,
        /// Which of its actions did it.
        action: Option<ActionBody<'a>>,
        #[schema(value_type = Option<TriggerBody>)]
        trigger: Option<&'a TraceTrigger>,
        #[schema(value_type = Vec<ConditionBody>)]
        conditions: &'a [TraceCondition],
        /// True = there is more that set it off or that its conditions looked at, and you may not see it.
        #[serde(skip_serializing_if = "std::ops::Not::not")]
        masked: bool,
    },
    /// It began with a person.
    Person {
        user: &'a str,
        name: &'a str,
        /// `api`, `cli` or `relay`.
        via: &'a str,
    },
    /// It began with the device itself.
    Device {
        device: &'a str,
        name: &'a str,
        /// What happened to it, e.g. `single`; null = it reported a value.
        #[schema(value_type = serde_json::Value)]
        event: Option<&'a Value>,
    },
    /// It began with what set the rule off: a time, a mode, a person who came, the hub's start.
    Trigger {
        #[schema(value_type = TriggerBody)]
        trigger: &'a TraceTrigger,
    },
    /// It was known from before: retained, cached or restored.
    Restore,
    /// The hub itself did it.
    System,
    /// A point in time.
    Schedule,
    /// It is not, or no longer, in history.
    Unknown,
    /// You may not see it, nor what is behind it.
    Hidden {
        /// `rule`, `person` or `something`.
        what: &'a str,
    },
}

#[derive(Serialize, ToSchema)]
#[schema(as = ActionTaken)]
struct ActionBody<'a> {
    /// Where it stands in the rule, e.g. `actions[0]`.
    path: &'a str,
    /// What the device was told.
    #[schema(value_type = Object)]
    set: &'a std::collections::BTreeMap<hub_model::AttributeName, Value>,
    /// The scene that was activated.
    scene: Option<&'a str>,
}

/// What set a rule off, or nearly did. What is not known or not of its kind is left out.
#[derive(ToSchema)]
#[schema(as = TraceTrigger)]
#[allow(dead_code)]
pub(crate) struct TriggerBody {
    /// The word of the rule language, or `run`: another rule ran it.
    kind: String,
    /// Where it stands in the rule, e.g. `triggers[0]`.
    path: Option<String>,
    id: Option<String>,
    /// The moment that it is about.
    #[schema(format = DateTime)]
    at: Option<String>,
    /// Since when it had been so, where it had to be for some time.
    #[schema(format = DateTime)]
    since: Option<String>,
    device: Option<String>,
    endpoint: Option<u16>,
    attribute: Option<String>,
    from: Option<serde_json::Value>,
    to: Option<serde_json::Value>,
    /// Of a momentary thing.
    value: Option<serde_json::Value>,
    /// `restored` = it was no live report.
    source: Option<String>,
    person: Option<String>,
    /// The rule that ran this one.
    automation: Option<String>,
    /// Its run.
    run: Option<String>,
}

/// Something that a condition looked at.
#[derive(ToSchema)]
#[schema(as = TraceCondition)]
#[allow(dead_code)]
pub(crate) struct ConditionBody {
    /// Where it stands in the rule, e.g. `conditions[0]`.
    path: String,
    value: serde_json::Value,
    /// Whether that is what the condition wants.
    as_wanted: bool,
    device: Option<String>,
    endpoint: Option<u16>,
    attribute: Option<String>,
}

/// Something that a run did; beside the path: `device` and `set`, `scene`, `set_mode`, `notify`, `delay`, `waits` …
#[derive(ToSchema)]
#[schema(as = TraceAction)]
#[allow(dead_code)]
pub(crate) struct TraceActionBody {
    /// Where it stands in the rule.
    path: String,
    device: Option<String>,
    #[schema(value_type = Option<Object>)]
    set: Option<serde_json::Value>,
}

/// A run of a rule.
#[derive(Serialize, ToSchema)]
#[schema(as = AutomationRun)]
pub(crate) struct RunBody<'a> {
    id: &'a str,
    /// Which revision of the rule it was.
    revision: u64,
    #[schema(value_type = String, format = DateTime)]
    started_at: Timestamp,
    /// Null = it is under way, or nobody saw its end.
    #[schema(value_type = Option<String>, format = DateTime)]
    ended_at: Option<Timestamp>,
    /// `queued`, `waiting`, `finished`, `stopped`, `failed` or `fuse`.
    phase: &'a str,
    /// Why it ended so.
    detail: Option<&'a str>,
    /// The rule was only tried: nothing was commanded.
    shadow: bool,
    #[schema(value_type = TriggerBody)]
    trigger: &'a TraceTrigger,
    #[schema(value_type = Vec<ConditionBody>)]
    conditions: &'a [TraceCondition],
    #[schema(value_type = Vec<TraceActionBody>)]
    actions: &'a [hub_automation::trace::TraceAction],
}

/// How an answer is told to who asks.
pub(crate) struct Telling<'n, 'a> {
    /// What people call devices.
    pub(crate) name: &'n dyn Fn(&hub_model::DeviceId) -> &'a str,
    /// Whether commands name their cause: for who sees everything.
    pub(crate) with_causes: bool,
}

impl<'a> Telling<'_, 'a> {
    fn name(&self, device: &hub_model::DeviceId) -> &'a str {
        (self.name)(device)
    }

    fn command(&self, command: &'a hub_model::Command) -> CommandBody<'a> {
        if self.with_causes { CommandBody::new(command) } else { CommandBody::without_cause(command) }
    }
}

impl<'a> WhyBody<'a> {
    /// The answer, given the unit of the attribute.
    pub(crate) fn new(why: &'a Why, unit: Option<&'a str>, telling: &Telling<'_, 'a>) -> Self {
        Self {
            device: why.key.device.as_str(),
            name: telling.name(&why.key.device),
            endpoint: why.key.endpoint,
            attribute: why.key.attribute.as_str(),
            unit,
            at: why.at,
            value: &why.value,
            since: why.since,
            source: why.source,
            chain: why.chain.iter().map(|link| LinkBody::new(link, telling)).collect(),
            complete: why.is_complete,
            attempt: why.attempt.as_ref().map(|command| telling.command(command)),
            text: &why.text,
        }
    }
}

impl<'a> LinkBody<'a> {
    fn new(link: &'a Link, telling: &Telling<'_, 'a>) -> Self {
        match link {
            Link::State(StateLink { key, before, value, at, cause }) => Self::State {
                device: key.device.as_str(),
                name: telling.name(&key.device),
                endpoint: key.endpoint,
                attribute: key.attribute.as_str(),
                from: before.as_ref(),
                to: value,
                at: *at,
                cause: cause.as_ref().map(CauseBody::new),
            },
            Link::Command(command) => Self::Command(telling.command(command)),
            Link::Run(run) => {
                let RunLink { automation, name, run, revision, started_at, action, trigger, conditions, is_masked } =
                    &**run;
                Self::Run {
                    automation: automation.as_str(),
                    name: name.as_deref(),
                    run: run.as_ref().map(hub_model::RunId::as_str),
                    revision: *revision,
                    started_at: *started_at,
                    action: action.as_ref().map(|ActionTaken { path, set, scene }| ActionBody {
                        path,
                        set,
                        scene: scene.as_deref(),
                    }),
                    trigger: trigger.as_ref(),
                    conditions,
                    masked: *is_masked,
                }
            }
            Link::Origin(origin) => match origin {
                Origin::Person { account, name, via } => Self::Person { user: account.as_str(), name, via },
                Origin::Device { device, event } => {
                    Self::Device { device: device.as_str(), name: telling.name(device), event: event.as_ref() }
                }
                Origin::Trigger(trigger) => Self::Trigger { trigger },
                Origin::Restore => Self::Restore,
                Origin::System => Self::System,
                Origin::Schedule => Self::Schedule,
                Origin::Unknown => Self::Unknown,
            },
            Link::Hidden(hidden) => Self::Hidden { what: hidden.as_str() },
        }
    }
}

impl<'a> RunBody<'a> {
    pub(crate) fn new(run: &'a RuleRun) -> Self {
        Self {
            id: run.run.as_str(),
            revision: run.revision,
            started_at: run.started_at,
            ended_at: run.ended_at,
            phase: &run.phase,
            detail: run.detail.as_deref(),
            shadow: run.shadow,
            trigger: &run.trigger,
            conditions: &run.conditions,
            actions: &run.actions,
        }
    }
}
