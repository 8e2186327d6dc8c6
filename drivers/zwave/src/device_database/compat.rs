//! Where models do not do what the specification says, and what is done about it. Named as in the table's source; where
//! each is obeyed stands in `hub/docs/z-wave.md`.

use serde::Deserialize;

use super::condition::Condition;
use crate::attributes::{BasicReport, BasicSet};
use crate::command_class::CommandClass;

/// What is done otherwise with a model.
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Compat {
    pub(super) when: Option<Condition>,
    /// What a Basic Set from it means.
    pub map_basic_set: Option<BasicSet>,
    /// What a Basic Report from it means.
    pub map_basic_report: Option<BasicReport>,
    /// Classes that it has and does not name, or versions of classes that it does not tell.
    pub add_classes: Vec<AddedClass>,
    /// Classes that it names and that do not work.
    pub remove_classes: Vec<RemovedClass>,
    /// Values of the root device stay although endpoints have them too.
    #[serde(rename = "preserveRootApplicationCCValueIDs")]
    pub preserve_root_application_cc_value_ids: bool,
    /// Which notifications its old alarms are.
    pub alarm_mapping: Vec<AlarmMapping>,
    /// Notifications that are others than it says.
    pub remap_notifications: Vec<RemappedNotification>,
    /// It is not asked what its parameters are called.
    pub skip_configuration_name_query: bool,
    /// It is not asked what its parameters are for.
    pub skip_configuration_info_query: bool,
    /// What it is not asked, because its answer is wrong.
    pub override_queries: Vec<OverriddenQuery>,
    /// Endpoints that it names and that are of no use; empty = all of them.
    pub remove_endpoints: Option<Vec<u8>>,
    /// What the root reports is of this endpoint, if it has the class.
    pub map_root_reports_to_endpoint: Option<u8>,
    /// In which decimals and size it takes numbers.
    pub override_float_encoding: Option<FloatEncoding>,
    /// It never says that a state of a notification is over.
    pub force_notification_idle_reset: bool,
    /// What it is asked whenever it wakes.
    pub query_on_wakeup: Vec<WakeUpQuery>,
    /// Names of commands of zwave-js that set something, and mean that it is so.
    pub treat_set_as_report: Vec<Box<str>>,
}

/// A class that a model has.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AddedClass {
    /// Which.
    pub class: CommandClass,
    /// At which endpoint.
    #[serde(default)]
    pub endpoint: u8,
    /// In which version, whatever the model says; none = as it says.
    pub version: Option<u8>,
    /// It has the class, whether it names it or not.
    #[serde(default)]
    pub is_supported: bool,
}

/// A class that a model does not have.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
pub struct RemovedClass {
    /// Which.
    pub class: CommandClass,
    /// At which endpoints; empty = at all.
    pub endpoints: Vec<u8>,
}

/// An old alarm, and the notification that it is.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AlarmMapping {
    /// Type of the alarm, in the maker's numbers.
    pub alarm_type: u8,
    /// Its level; none = any.
    pub alarm_level: Option<u8>,
    /// The type of the notification.
    pub notification_type: u8,
    /// Its event; 0 = idle.
    pub event: u8,
    /// What the level means, by name: `userId`.
    #[serde(default)]
    pub parameters: std::collections::BTreeMap<Box<str>, AlarmParameter>,
}

/// A parameter of an event.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(untagged)]
pub enum AlarmParameter {
    /// Always this.
    Number(u8),
    /// The word `alarmLevel`: the level of the alarm.
    Level(Box<str>),
}

/// A notification that is another one.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RemappedNotification {
    /// What it says.
    pub from: NotificationEvent,
    /// What it means.
    pub to: Option<NotificationEvent>,
    /// What is over then.
    #[serde(default)]
    pub idle: Vec<NotificationEvent>,
}

/// An event of a notification.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NotificationEvent {
    /// The type.
    pub notification_type: u8,
    /// The event; 0 = idle.
    pub notification_event: u8,
}

/// A question that is not asked, and its answer.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
pub struct OverriddenQuery {
    /// Of which class.
    pub class: CommandClass,
    /// At which endpoint.
    #[serde(default)]
    pub endpoint: u8,
    /// The question, as zwave-js calls it.
    pub method: Box<str>,
    /// What stands behind it.
    #[serde(default)]
    pub arguments: Vec<u8>,
    /// The answer, in numbers.
    pub result: Vec<u16>,
}

/// How a model wants numbers with decimals.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
pub struct FloatEncoding {
    /// Decimals; none = as ever.
    pub precision: Option<u8>,
    /// Bytes; none = as ever.
    pub size: Option<u8>,
}

/// A question.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
pub struct WakeUpQuery {
    /// Of which class.
    pub class: CommandClass,
    /// As zwave-js calls it: `get`.
    pub method: Box<str>,
    /// What stands behind it.
    #[serde(default)]
    pub arguments: Vec<u8>,
}

impl RemovedClass {
    /// Whether a class is not to be at an endpoint.
    pub fn is_at(&self, class: CommandClass, endpoint: u8) -> bool {
        self.class == class && (self.endpoints.is_empty() || self.endpoints.contains(&endpoint))
    }
}
