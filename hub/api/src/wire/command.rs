//! Commands on the wire.

use std::fmt;

use hub_model::command::{Command, CommandStatus, ConfirmedBy, FailureReason, Outcome};
use hub_model::device::EndpointSelector;
use hub_model::household::Secret;
use hub_model::{AttributeName, CommandRequest, DeviceId, Timestamp, Value};
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::wire::event::CauseBody;

/// What a device is to do.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewCommand {
    /// Attributes and the values they are to have: absolute, never «toggle».
    #[schema(value_type = Object)]
    set: Settings,
    /// The endpoint's id or label; may be left out where each attribute is on one endpoint only.
    #[serde(default)]
    #[schema(value_type = Option<serde_json::Value>)]
    endpoint: Option<EndpointSelector>,
    /// How long the change is to take.
    #[serde(default)]
    #[schema(maximum = 3_600_000)]
    transition_ms: Option<u64>,
    /// How long the command may wait to be sent.
    #[serde(default)]
    #[schema(maximum = 86_400_000)]
    ttl_ms: Option<u64>,
    /// Your PIN, where the command takes one.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub(crate) pin: Option<Secret>,
}

impl NewCommand {
    /// What the core is asked.
    pub(crate) fn request(self, device: DeviceId) -> CommandRequest {
        CommandRequest {
            device,
            endpoint: self.endpoint,
            set: self.set.0,
            // An hour and a day: longer ones are slips of the pen, and must not overflow anybody's arithmetic.
            transition_ms: self.transition_ms.map(|transition| transition.min(3_600_000)),
            ttl_ms: self.ttl_ms.map(|ttl| ttl.min(86_400_000)),
        }
    }
}

/// Attributes and values in the order in which they were written.
#[derive(Debug)]
pub(crate) struct Settings(pub(crate) Vec<(AttributeName, Value)>);

impl<'de> Deserialize<'de> for Settings {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;
        impl<'de> Visitor<'de> for InOrder {
            type Value = Settings;
            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object of attributes and values")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Settings, A::Error> {
                let mut settings: Vec<(AttributeName, Value)> = Vec::new();
                while let Some((name, value)) = map.next_entry::<AttributeName, Value>()? {
                    if settings.iter().any(|(known, _)| *known == name) {
                        return Err(A::Error::custom(format_args!("duplicate field `{name}`")));
                    }
                    settings.push((name, value));
                }
                Ok(Settings(settings))
            }
        }
        deserializer.deserialize_map(InOrder)
    }
}

/// How long to wait for the outcome.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct WaitQuery {
    /// Waits so long for the final status, e.g. `2s`, `500ms`, `1m`; at most 60 s.
    #[serde(default)]
    pub(crate) wait: Option<String>,
}

/// A command and its life.
#[derive(Serialize, ToSchema)]
#[schema(as = Command)]
pub(crate) struct CommandBody<'a> {
    id: &'a str,
    device: &'a str,
    /// `accepted`, `sent`, `acknowledged`, `confirmed`, `expired` or `failed`: the worst of the outcomes.
    status: &'a str,
    /// Why it failed: the reason of the worst outcome.
    reason: Option<&'a str>,
    /// One for each attribute.
    outcomes: Vec<OutcomeBody<'a>>,
    transition_ms: Option<u64>,
    ttl_ms: u64,
    #[schema(value_type = String, format = DateTime)]
    accepted_at: Timestamp,
    #[schema(value_type = Option<String>, format = DateTime)]
    sent_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    acknowledged_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    confirmed_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    failed_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    expired_at: Option<Timestamp>,
    /// Set once nothing more will happen to it.
    #[schema(value_type = Option<String>, format = DateTime)]
    ended_at: Option<Timestamp>,
    /// It could not be written down (the disk is full or gone); it is carried out all the same.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    not_kept: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<CauseBody<'a>>,
}

/// What became of one attribute of a command.
#[derive(Serialize, ToSchema)]
#[schema(as = Outcome)]
struct OutcomeBody<'a> {
    endpoint: u16,
    attribute: &'a str,
    #[schema(value_type = serde_json::Value)]
    value: &'a Value,
    status: &'a str,
    /// `no_report`, `refused`, `unreachable`, `driver_offline`, `busy`, `superseded`, `removed` or `interrupted`.
    reason: Option<&'a str>,
    /// In the driver's words.
    detail: Option<&'a str>,
    /// `echo`: the bridge said that its conversion succeeded; `report`: the device itself reported.
    #[schema(value_type = Option<String>)]
    confirmed_by: Option<ConfirmedBy>,
}

impl<'a> CommandBody<'a> {
    /// The command as clients see it.
    pub(crate) fn new(command: &'a Command) -> Self {
        Self { cause: Some(CauseBody::new(&command.cause)), ..Self::without_cause(command) }
    }

    /// Why it failed: the reason of the worst outcome.
    pub(crate) fn reason(&self) -> Option<&'a str> {
        self.reason
    }

    /// The same for an event, which has the cause itself.
    pub(crate) fn without_cause(command: &'a Command) -> Self {
        let ended = |status: CommandStatus| command.ended_at.filter(|_| command.status == status);
        let worst = command.outcomes.iter().filter(|outcome| outcome.status == command.status);
        Self {
            id: command.id.as_str(),
            device: command.device.as_str(),
            status: command.status.as_str(),
            reason: worst.filter_map(|outcome| outcome.reason).next().map(FailureReason::as_str),
            outcomes: command.outcomes.iter().map(OutcomeBody::new).collect(),
            transition_ms: command.transition_ms,
            ttl_ms: command.ttl_ms,
            accepted_at: command.accepted_at,
            sent_at: command.sent_at,
            acknowledged_at: command.acknowledged_at,
            confirmed_at: ended(CommandStatus::Confirmed),
            failed_at: ended(CommandStatus::Failed),
            expired_at: ended(CommandStatus::Expired),
            ended_at: command.ended_at,
            not_kept: command.not_kept,
            cause: None,
        }
    }
}

impl<'a> OutcomeBody<'a> {
    fn new(outcome: &'a Outcome) -> Self {
        Self {
            endpoint: outcome.setting.endpoint,
            attribute: outcome.setting.attribute.as_str(),
            value: &outcome.setting.value,
            status: outcome.status.as_str(),
            reason: outcome.reason.map(FailureReason::as_str),
            detail: outcome.detail.as_deref(),
            confirmed_by: outcome.confirmed_by,
        }
    }
}
