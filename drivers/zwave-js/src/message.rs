//! Messages of the API, read and written. What a message lacks or has too much of is no error as long as it can be
//! understood; what cannot is counted by who reads it.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value as Json;
use serde_json::value::RawValue;

/// The oldest version of the API's schema that this driver can work with: it tells of sleeping nodes, of each endpoint's
/// classes and of what a value is for.
pub const OLDEST_SCHEMA: u64 = 28;
/// The newest that it knows.
pub const NEWEST_SCHEMA: u64 = 50;
/// From here on setting a value is answered with more than yes or no.
pub const SET_VALUE_RESULTS: u64 = 29;
/// From here on «healing» is called rebuilding routes.
pub const REBUILD_ROUTES: u64 = 32;

/// The text is no message of the API.
#[derive(Debug, thiserror::Error)]
#[error("a message of Z-Wave JS could not be read: {0}")]
pub struct Unreadable(#[from] serde_json::Error);

/// What a server says.
#[derive(Debug)]
pub enum Incoming<'text> {
    /// Its greeting.
    Version(Version),
    /// The answer to a request.
    Result(Answer<'text>),
    /// Something happened.
    Event(&'text RawValue),
    /// Something that is not known here.
    Other,
}

/// The server's greeting.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Version {
    /// The home id of the stick's network.
    #[serde(default)]
    pub home_id: Option<u32>,
    /// The version of zwave-js.
    #[serde(default)]
    pub driver_version: String,
    /// The version of the server.
    #[serde(default)]
    pub server_version: String,
    /// The oldest schema that it speaks.
    #[serde(default)]
    pub min_schema_version: u64,
    /// The newest.
    #[serde(default)]
    pub max_schema_version: u64,
}

/// The answer to a request.
#[derive(Debug)]
pub struct Answer<'text> {
    /// To which.
    pub id: String,
    /// What came out, or in words why not.
    pub outcome: Result<Option<&'text RawValue>, Refusal>,
}

/// A request was refused.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Refusal {
    /// The server's word for it, e.g. `node_not_found`.
    pub code: String,
    /// The number of an error of zwave-js.
    pub z_wave_code: Option<i64>,
    /// In words.
    pub message: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Envelope<'text> {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    message_id: Option<String>,
    #[serde(default)]
    success: Option<bool>,
    #[serde(default, borrow)]
    result: Option<&'text RawValue>,
    #[serde(default, borrow)]
    event: Option<&'text RawValue>,
    #[serde(default)]
    error_code: Option<String>,
    #[serde(default)]
    message: Option<String>,
    #[serde(default)]
    zwave_error_code: Option<i64>,
    #[serde(default)]
    zwave_error_message: Option<String>,
}

impl<'text> Incoming<'text> {
    /// Reads a message.
    ///
    /// # Errors
    /// When it is none.
    pub fn parse(text: &'text str) -> Result<Self, Unreadable> {
        let envelope: Envelope<'text> = serde_json::from_str(text)?;
        Ok(match (envelope.kind.as_str(), envelope.event, envelope.message_id) {
            ("version", ..) => Self::Version(serde_json::from_str(text)?),
            ("event", Some(event), _) => Self::Event(event),
            ("result", _, Some(id)) => {
                let outcome = match envelope.success {
                    Some(true) => Ok(envelope.result),
                    _ => Err(Refusal {
                        code: envelope.error_code.unwrap_or_default(),
                        z_wave_code: envelope.zwave_error_code,
                        message: [envelope.zwave_error_message, envelope.message]
                            .into_iter()
                            .flatten()
                            .find(|message| !message.is_empty())
                            .unwrap_or_default(),
                    }),
                };
                Self::Result(Answer { id, outcome })
            }
            _ => Self::Other,
        })
    }
}

impl Refusal {
    /// What a person is told. The first line only: some servers add where in their code it happened.
    pub fn words(&self) -> String {
        let line: String = self.message.lines().next().unwrap_or_default().chars().take(500).collect();
        match (line.is_empty(), self.code.is_empty()) {
            (false, _) => line,
            (true, false) => format!("Z-Wave JS refused it: {}", self.code.chars().take(100).collect::<String>()),
            (true, true) => "Z-Wave JS refused it and did not say why".to_owned(),
        }
    }
}

/// A property or its key: a word or a number.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
#[serde(untagged)]
pub enum Key {
    /// A number.
    Number(u64),
    /// A word.
    Word(String),
}

impl Key {
    /// The word, if it is one.
    pub fn word(&self) -> Option<&str> {
        if let Self::Word(word) = self { Some(word) } else { None }
    }

    /// The number, if it is one.
    pub fn number(&self) -> Option<u64> {
        if let Self::Number(number) = self { Some(*number) } else { None }
    }
}

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Json::deserialize(deserializer)? {
            Json::String(word) if word.len() <= 256 => Ok(Self::Word(word)),
            Json::Number(number) if number.is_u64() => Ok(Self::Number(number.as_u64().unwrap_or_default())),
            _ => Err(serde::de::Error::custom("a property is a word or a number")),
        }
    }
}

/// Which value of a node.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ValueId {
    /// The command class.
    pub command_class: u16,
    /// The endpoint; 0 is the root device.
    #[serde(default)]
    pub endpoint: u8,
    /// Which of the class's values.
    pub property: Key,
    /// Which of several of that kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub property_key: Option<Key>,
}

impl ValueId {
    /// A value of a class.
    pub fn new(command_class: u16, endpoint: u8, property: &str, property_key: Option<u64>) -> Self {
        let property_key = property_key.map(Key::Number);
        Self { command_class, endpoint, property: Key::Word(property.to_owned()), property_key }
    }
}

/// What a value is.
#[derive(Clone, PartialEq, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Metadata {
    /// `number`, `boolean`, `string`, `duration` and the like.
    #[serde(rename = "type")]
    pub kind: String,
    /// It can be read.
    pub readable: bool,
    /// It can be set.
    pub writeable: bool,
    /// Its name for people.
    pub label: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// The least number.
    pub min: Option<f64>,
    /// The greatest.
    pub max: Option<f64>,
    /// The unit of a number.
    pub unit: Option<String>,
    /// Words for numbers (and for true and false).
    pub states: Option<BTreeMap<String, String>>,
    /// What the class says of it.
    pub cc_specific: Option<BTreeMap<String, Json>>,
    /// Bytes of a parameter.
    pub value_size: Option<u8>,
    /// How a parameter is read: 0 signed, 1 unsigned, 2 one of several, 3 bits.
    pub format: Option<u8>,
    /// Never to be shown.
    pub secret: Option<bool>,
    /// False: it happens, and is no state.
    pub stateful: Option<bool>,
    /// Words beside which other numbers may be set.
    pub allow_manual_entry: Option<bool>,
}

impl Metadata {
    /// A number that the class says of it.
    pub fn specific(&self, name: &str) -> Option<u64> {
        self.cc_specific.as_ref()?.get(name)?.as_u64()
    }

    /// The numbers that have words.
    pub fn state_numbers(&self) -> impl Iterator<Item = u16> + '_ {
        self.states.iter().flat_map(|states| states.keys()).filter_map(|key| key.parse().ok())
    }
}

/// A value as a state lists it.
#[derive(Clone, PartialEq, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ValueState {
    /// Which.
    #[serde(flatten)]
    pub id: ValueId,
    /// What it is.
    #[serde(default)]
    pub metadata: Metadata,
    /// Its value; null = not known.
    #[serde(default)]
    pub value: Json,
}

/// A device class.
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(default)]
pub struct DeviceClass {
    /// The generic one.
    pub generic: Labelled,
    /// The specific one.
    pub specific: Labelled,
}

/// A number that has a name.
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Labelled {
    /// The number.
    pub key: u8,
}

/// A command class of an endpoint.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
pub struct ClassState {
    /// Its number.
    pub id: u16,
    /// Its version; 0 = not known.
    #[serde(default)]
    pub version: u8,
}

/// An endpoint.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EndpointState {
    /// 0 is the root device.
    pub index: u8,
    /// What it is.
    #[serde(default)]
    pub device_class: Option<DeviceClass>,
    /// What it supports.
    #[serde(default)]
    pub command_classes: Vec<ClassState>,
    /// What its maker calls it.
    #[serde(default)]
    pub endpoint_label: Option<String>,
}

/// What the device database says of a node.
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(default)]
pub struct DeviceConfig {
    /// Its maker.
    pub manufacturer: Option<String>,
    /// Its model.
    pub label: Option<String>,
    /// What it is.
    pub description: Option<String>,
}

/// How far it was found out what a node is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum InterviewStage {
    /// The server does not say.
    #[default]
    Unknown,
    /// Something is left to be asked.
    Unfinished,
    /// Everything was asked.
    Complete,
}

/// A node, without its values.
#[derive(Clone, PartialEq, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NodeState {
    /// Its number.
    pub node_id: u16,
    /// 0 unknown, 1 asleep, 2 awake, 3 dead, 4 alive.
    #[serde(default)]
    pub status: u8,
    /// It was found out what it is, now or before.
    #[serde(default)]
    pub ready: bool,
    /// It is the stick.
    #[serde(default)]
    pub is_controller_node: bool,
    /// It always listens.
    #[serde(default)]
    pub is_listening: Option<bool>,
    /// It listens now and then; the server says with a text how often.
    #[serde(default, deserialize_with = "is_frequent_listening")]
    pub is_frequent_listening: bool,
    /// The highest security class that it was granted, by number: -1 none; absent where that is not known.
    #[serde(default)]
    pub highest_security_class: Option<i64>,
    /// Its maker, by number.
    #[serde(default)]
    pub manufacturer_id: Option<u16>,
    /// Its product, by number.
    #[serde(default)]
    pub product_id: Option<u16>,
    /// Its kind of product, by number.
    #[serde(default)]
    pub product_type: Option<u16>,
    /// The version of its firmware.
    #[serde(default)]
    pub firmware_version: Option<String>,
    /// What people call it.
    #[serde(default)]
    pub name: Option<String>,
    /// What the device database says of it.
    #[serde(default)]
    pub device_config: Option<DeviceConfig>,
    /// The device class of the root device.
    #[serde(default)]
    pub device_class: Option<DeviceClass>,
    /// How far it was found out what it is.
    #[serde(default, deserialize_with = "interview_stage")]
    pub interview_stage: InterviewStage,
    /// Its endpoints.
    #[serde(default)]
    pub endpoints: Vec<EndpointState>,
}

impl NodeState {
    /// Everything was asked.
    pub fn is_complete(&self) -> bool {
        match self.interview_stage {
            InterviewStage::Complete => true,
            InterviewStage::Unfinished => false,
            InterviewStage::Unknown => self.ready,
        }
    }
}

/// A word; anything else says nothing.
fn interview_stage<'de, D: Deserializer<'de>>(deserializer: D) -> Result<InterviewStage, D::Error> {
    Ok(match Json::deserialize(deserializer)? {
        Json::String(stage) if stage == "Complete" => InterviewStage::Complete,
        Json::String(_) => InterviewStage::Unfinished,
        _ => InterviewStage::Unknown,
    })
}

/// No is false or nothing.
fn is_frequent_listening<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    Ok(!matches!(Json::deserialize(deserializer)?, Json::Null | Json::Bool(false)))
}

/// A request.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Outgoing<'request> {
    message_id: &'request str,
    command: &'request str,
    #[serde(flatten)]
    arguments: &'request Json,
}

/// Writes a request. The arguments are an object.
pub fn request(id: &str, command: &str, arguments: &Json) -> String {
    serde_json::to_string(&Outgoing { message_id: id, command, arguments }).unwrap_or_default()
}

/// What setting a value came to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SetOutcome {
    /// The device has done it, or took it and works on it.
    Done,
    /// It did not happen.
    Failed(String),
}

/// Words for what went wrong, by the number of a result (schema 29 and later).
const SET_FAILURES: &[(u64, &str)] = &[
    (0, "the device says that it does not know this command"),
    (2, "the device says that it could not do it"),
    (3, "Z-Wave JS knows no such endpoint"),
    (4, "Z-Wave JS cannot set this value"),
    (5, "Z-Wave JS says that the value does not fit"),
];

/// Reads the answer to setting a value: before schema 29 yes or no, from then on a status.
pub fn set_outcome(schema: u64, result: Option<&RawValue>) -> SetOutcome {
    #[derive(Deserialize)]
    struct YesOrNo {
        success: bool,
    }
    #[derive(Deserialize)]
    struct Outer {
        result: Inner,
    }
    #[derive(Deserialize)]
    struct Inner {
        status: u64,
        #[serde(default)]
        message: Option<String>,
    }
    let unreadable = || SetOutcome::Failed("the answer of Z-Wave JS could not be read".to_owned());
    let Some(result) = result.map(RawValue::get) else { return unreadable() };
    if schema < SET_VALUE_RESULTS {
        return match serde_json::from_str(result) {
            Ok(YesOrNo { success: true }) => SetOutcome::Done,
            Ok(YesOrNo { success: false }) => {
                SetOutcome::Failed("Z-Wave JS or the device refused it; look at the log of Z-Wave JS".to_owned())
            }
            Err(_) => unreadable(),
        };
    }
    let Ok(Outer { result: Inner { status, message } }) = serde_json::from_str(result) else { return unreadable() };
    // Working on it, sent without supervision, done.
    if matches!(status, 1 | 254 | 255) {
        return SetOutcome::Done;
    }
    let words = SET_FAILURES.iter().find(|(number, _)| *number == status).map(|(_, words)| *words);
    let words = words.map_or_else(|| format!("Z-Wave JS answered with the status {status}"), str::to_owned);
    SetOutcome::Failed(match message {
        Some(message) => format!("{words}: {}", message.chars().take(300).collect::<String>()),
        None => words,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(schema: u64, result: &str) -> SetOutcome {
        set_outcome(schema, Some(&RawValue::from_string(result.to_owned()).unwrap()))
    }

    #[test]
    fn setting_a_value_is_answered_in_two_ways() {
        assert_eq!(outcome(28, r#"{"success":true}"#), SetOutcome::Done);
        assert!(matches!(outcome(28, r#"{"success":false}"#), SetOutcome::Failed(_)));
        for status in [1, 254, 255] {
            assert_eq!(outcome(29, &format!(r#"{{"result":{{"status":{status}}}}}"#)), SetOutcome::Done);
        }
        for status in [0, 2, 3, 4, 5, 77] {
            let answer = outcome(50, &format!(r#"{{"result":{{"status":{status},"message":"no"}}}}"#));
            assert!(matches!(answer, SetOutcome::Failed(words) if words.ends_with(": no")));
        }
        // Neither is taken for the other.
        assert!(matches!(outcome(50, r#"{"success":true}"#), SetOutcome::Failed(_)));
        assert!(matches!(outcome(28, r#"{"result":{"status":255}}"#), SetOutcome::Failed(_)));
    }

    #[test]
    fn a_request_is_one_object() {
        let id = ValueId::new(67, 1, "setpoint", Some(1));
        let text = request("7", "node.set_value", &serde_json::json!({"nodeId": 5, "valueId": id, "value": 21.5}));
        let expected = serde_json::json!({"messageId": "7", "command": "node.set_value", "nodeId": 5, "value": 21.5,
            "valueId": {"commandClass": 67, "endpoint": 1, "property": "setpoint", "propertyKey": 1}});
        assert_eq!(serde_json::from_str::<Json>(&text).unwrap(), expected);
    }
}
