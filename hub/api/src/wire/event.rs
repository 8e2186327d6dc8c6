//! Events on the wire.

use hub_model::event::{DriverState, Resource, Severity};
use hub_model::pairing::{Question, QuestionKind};
use hub_model::{Cause, Event, EventKind, Source, Timestamp, Value};
use serde::Serialize;
use utoipa::ToSchema;

use crate::wire::command::CommandBody;
use crate::wire::driver::ProgressBody;
use crate::wire::people::{AlertNoteBody, RequestNoteBody};

/// Something that happened. Which fields there are depends on `kind`.
#[derive(Serialize, ToSchema)]
#[schema(as = Event)]
pub(crate) struct EventBody<'a> {
    #[serde(flatten)]
    kind: KindBody<'a>,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    cause: CauseBody<'a>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = EventKind)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum KindBody<'a> {
    /// An attribute has another value than before.
    StateChanged {
        device: &'a str,
        endpoint: u16,
        attribute: &'a str,
        #[schema(value_type = serde_json::Value)]
        from: &'a Value,
        #[schema(value_type = serde_json::Value)]
        to: &'a Value,
        #[schema(value_type = String)]
        source: Source,
    },
    /// A momentary thing, e.g. a button was pressed.
    DeviceEvent {
        device: &'a str,
        endpoint: u16,
        attribute: &'a str,
        #[schema(value_type = serde_json::Value)]
        value: &'a Value,
    },
    /// A device can be reached again, or no longer.
    AvailabilityChanged { device: &'a str, from: &'a str, to: &'a str },
    /// A device is new: GET it.
    DeviceAdded(DeviceNews<'a>),
    /// A device's description, name or room changed: GET it.
    DeviceUpdated(DeviceNews<'a>),
    /// A device is gone.
    DeviceRemoved { device: &'a str },
    /// A command moved on in its life.
    Command(#[schema(inline = false)] CommandBody<'a>),
    /// A rule started or ended a run.
    AutomationRun {
        automation: &'a str,
        run: &'a str,
        /// `started`, `finished`, `stopped`, `failed`, `resumed`, `late`, `missed` or `fuse`.
        phase: &'a str,
        detail: Option<&'a str>,
    },
    /// A driver's status changed.
    DriverStatus {
        driver: &'a str,
        /// `starting`, `online`, `offline` or `failed`.
        #[schema(value_type = String)]
        state: DriverState,
        detail: &'a str,
    },
    /// A pairing moved on.
    Pairing {
        session: &'a str,
        driver: &'a str,
        #[serde(flatten)]
        progress: ProgressBody<'a>,
    },
    /// The home's mode changed.
    ModeChanged { from: &'a str, to: &'a str },
    /// A person came or went.
    PresenceChanged { person: &'a str, from: Option<&'a str>, to: &'a str },
    /// Somebody called a webhook. Which one is a secret.
    Webhook {},
    /// A rule or the hub tells you something; only those who are told see it.
    Notification {
        id: &'a str,
        title: Option<&'a str>,
        message: &'a str,
        #[schema(value_type = String)]
        severity: Severity,
        /// The rule; null = the hub itself.
        rule: Option<&'a str>,
        /// The alert that it is of; null = none.
        alert: Option<AlertNoteBody<'a>>,
        /// The request for permission that it is of; null = none.
        request: Option<RequestNoteBody<'a>>,
    },
    /// Something needs a person, or no longer does.
    Alert {
        code: &'a str,
        #[schema(value_type = String)]
        severity: Severity,
        text: &'a str,
        resolved: bool,
    },
    /// Something that is no device was made, changed or removed: GET it anew.
    Changed {
        /// `automation` (a rule, or what of it cannot work), `area`, `scene`, `home`, `user` (an account, or what is set
        /// of a person), `permissions` (perhaps also of who hears it), `approval`, `messages` (one's own: read,
        /// acknowledged, channels) or `network` (of a driver, measured).
        #[schema(value_type = String)]
        what: Resource,
        /// Which of its kind; null = there is one only.
        id: Option<&'a str>,
    },
}

/// What is new about a device.
#[derive(Serialize, ToSchema)]
#[schema(as = DeviceNews)]
struct DeviceNews<'a> {
    device: &'a str,
    name: &'a str,
    area: Option<&'a str>,
    manufacturer: Option<&'a str>,
    model: Option<&'a str>,
}

/// What a pairing asks.
#[derive(Serialize, ToSchema)]
#[schema(as = Question)]
pub(crate) struct QuestionBody<'a> {
    /// `pin`, `grant` or `confirm`.
    #[schema(value_type = String)]
    kind: QuestionKind,
    fields: Vec<&'a str>,
}

impl<'a> QuestionBody<'a> {
    /// The question as clients see it.
    pub(crate) fn new(question: &'a Question) -> Self {
        Self { kind: question.kind, fields: question.fields.iter().map(|field| &**field).collect() }
    }
}

/// What caused an event or a command.
#[derive(Serialize, ToSchema)]
#[schema(as = Cause)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum CauseBody<'a> {
    /// A device or its bridge reported it by itself.
    Report,
    /// A command of the hub.
    Command { command: &'a str },
    /// A person, by whatever door.
    Person { user: &'a str, via: &'a str },
    /// A rule.
    Rule {
        automation: &'a str,
        run: &'a str,
        /// The `seq` of the event that set the run off; null = no event did, or it is not known any more.
        parent: Option<String>,
        /// How many rules lie between the first event and this one.
        depth: u32,
    },
    /// A point in time.
    Schedule,
    /// The hub's own start.
    Restore,
    /// The hub or a driver itself.
    System,
}

impl<'a> CauseBody<'a> {
    /// The cause as clients see it.
    pub(crate) fn new(cause: &'a Cause) -> Self {
        match cause {
            Cause::Report => Self::Report,
            Cause::Command { command } => Self::Command { command: command.as_str() },
            Cause::Person { account, via } => Self::Person { user: account.as_str(), via },
            Cause::Rule { automation, run, depth, parent } => Self::Rule {
                automation: automation.as_str(),
                run: run.as_str(),
                parent: parent.map(|seq| seq.to_string()),
                depth: *depth,
            },
            Cause::Schedule => Self::Schedule,
            Cause::Restore => Self::Restore,
            Cause::System => Self::System,
        }
    }
}

impl<'a> EventBody<'a> {
    /// The event as clients see it.
    pub(crate) fn new(event: &'a Event) -> Self {
        Self { kind: KindBody::new(&event.kind), at: event.at, cause: CauseBody::new(&event.cause) }
    }
}

impl<'a> DeviceNews<'a> {
    fn new(record: &'a hub_model::device::DeviceRecord) -> Self {
        Self {
            device: record.device.id.as_str(),
            name: &record.name,
            area: record.area.as_ref().map(hub_model::AreaId::as_str),
            manufacturer: record.device.manufacturer.as_deref(),
            model: record.device.model.as_deref(),
        }
    }
}

impl<'a> KindBody<'a> {
    fn new(kind: &'a EventKind) -> Self {
        match kind {
            EventKind::StateChanged { device, endpoint, attribute, from, to, source, from_source: _ } => {
                Self::StateChanged {
                    device: device.as_str(),
                    endpoint: *endpoint,
                    attribute: attribute.as_str(),
                    from,
                    to,
                    source: *source,
                }
            }
            EventKind::DeviceEvent { device, endpoint, attribute, value } => {
                Self::DeviceEvent { device: device.as_str(), endpoint: *endpoint, attribute: attribute.as_str(), value }
            }
            EventKind::AvailabilityChanged { device, from, to } => {
                Self::AvailabilityChanged { device: device.as_str(), from: from.as_str(), to: to.as_str() }
            }
            EventKind::DeviceAdded(record) => Self::DeviceAdded(DeviceNews::new(record)),
            EventKind::DeviceUpdated(record) => Self::DeviceUpdated(DeviceNews::new(record)),
            EventKind::DeviceRemoved { device } => Self::DeviceRemoved { device: device.as_str() },
            EventKind::Command(command) => Self::Command(CommandBody::without_cause(command)),
            EventKind::AutomationRun { automation, run, phase, detail } => Self::AutomationRun {
                automation: automation.as_str(),
                run: run.as_str(),
                phase,
                detail: detail.as_deref(),
            },
            EventKind::DriverStatus { driver, status } => {
                Self::DriverStatus { driver: driver.as_str(), state: status.state, detail: &status.detail }
            }
            EventKind::Pairing(progress) => Self::Pairing {
                session: progress.session.as_str(),
                driver: progress.driver.as_str(),
                progress: ProgressBody::new(progress),
            },
            EventKind::ModeChanged { from, to } => Self::ModeChanged { from, to },
            EventKind::PresenceChanged { person, from, to } => {
                Self::PresenceChanged { person: person.as_str(), from: from.as_deref(), to }
            }
            EventKind::Webhook { .. } => Self::Webhook {},
            EventKind::Notification(told) => Self::Notification {
                id: told.id.as_str(),
                title: told.title.as_deref(),
                message: &told.message,
                severity: told.severity,
                rule: told.rule.as_ref().map(|rule| rule.as_str()),
                alert: told.alert.as_ref().map(AlertNoteBody::new),
                request: told.request.as_ref().map(RequestNoteBody::new),
            },
            EventKind::Alert(alert) => {
                Self::Alert { code: &alert.code, severity: alert.severity, text: &alert.text, resolved: alert.resolved }
            }
            EventKind::Changed { what, id } => Self::Changed { what: *what, id: id.as_deref() },
        }
    }
}

/// Whether an event is not even for everybody who sees the whole home.
pub(crate) fn is_for_some(event: &Event) -> bool {
    matches!(event.kind, EventKind::Notification(_) | EventKind::Changed { .. })
}

/// Whether an event is for this person: what rules tell people is for those whom they tell.
pub(crate) fn is_for(event: &Event, account: Option<&hub_model::AccountId>) -> bool {
    match &event.kind {
        EventKind::Notification(told) => account.is_some_and(|account| told.recipient(account).is_some()),
        _ => true,
    }
}

/// The device that an event is about, if it is about one.
pub(crate) fn device_of(event: &Event) -> Option<&hub_model::DeviceId> {
    match &event.kind {
        EventKind::StateChanged { device, .. }
        | EventKind::DeviceEvent { device, .. }
        | EventKind::AvailabilityChanged { device, .. }
        | EventKind::DeviceRemoved { device } => Some(device),
        EventKind::DeviceAdded(record) | EventKind::DeviceUpdated(record) => Some(&record.device.id),
        EventKind::Command(command) => Some(&command.device),
        EventKind::Pairing(progress) => progress.device.as_ref(),
        EventKind::AutomationRun { .. }
        | EventKind::DriverStatus { .. }
        | EventKind::ModeChanged { .. }
        | EventKind::PresenceChanged { .. }
        | EventKind::Webhook { .. }
        | EventKind::Notification(_)
        | EventKind::Alert(_)
        | EventKind::Changed { .. } => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_on_the_wire() {
        let event = Event {
            seq: 4711,
            at: "2026-11-20T18:00:05.12Z".parse().unwrap(),
            kind: EventKind::StateChanged {
                device: "zigbee:0x1".into(),
                endpoint: 1,
                attribute: "on".into(),
                from: Value::Unknown,
                from_source: Source::Restored,
                to: Value::Bool(true),
                source: Source::Reported,
            },
            cause: Cause::Rule { automation: "hallway-light".into(), run: "r1".into(), depth: 0, parent: Some(4709) },
        };
        expect_test::expect![[r#"{"kind":"state_changed","device":"zigbee:0x1","endpoint":1,"attribute":"on","from":null,"to":true,"source":"reported","at":"2026-11-20T18:00:05.120Z","cause":{"kind":"rule","automation":"hallway-light","run":"r1","parent":"4709","depth":0}}"#]]
            .assert_eq(&serde_json::to_string(&EventBody::new(&event)).unwrap());
    }
}
