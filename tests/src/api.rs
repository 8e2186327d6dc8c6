//! A client of the hub's HTTP API.

use std::time::Duration;

use serde_json::{Value, json};
use ureq::Agent;
use ureq::http::Response;

use crate::wait::eventually;

/// What the hub answered.
#[derive(Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The body; `null` when there is none, a text when it is not JSON.
    pub body: Value,
}

impl Answer {
    /// The body of a success.
    ///
    /// # Panics
    /// When it is none.
    pub fn ok(self) -> Value {
        assert!((200..300).contains(&self.status), "the hub answered {} {}", self.status, self.body);
        self.body
    }
}

/// The API of one hub, as one person.
#[derive(Clone, Debug)]
pub struct Api {
    agent: Agent,
    base: String,
    token: Option<String>,
}

type Sent = Result<Response<ureq::Body>, ureq::Error>;

impl Api {
    /// The API at a port of loopback, as nobody.
    pub fn new(port: u16) -> Self {
        let agent = Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(Duration::from_secs(70)))
            .build()
            .into();
        Self { agent, base: format!("http://127.0.0.1:{port}"), token: None }
    }

    /// The same as whoever holds the token.
    pub fn with_token(&self, token: &str) -> Self {
        Self { token: Some(token.to_owned()), ..self.clone() }
    }

    /// The token.
    pub fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }

    fn url(&self, path: &str) -> String {
        // Anything that is not below the API says so by a leading slash.
        if path.starts_with('/') { format!("{}{path}", self.base) } else { format!("{}/api/v1/{path}", self.base) }
    }

    fn authorization(&self) -> String {
        self.token.as_ref().map(|token| format!("Bearer {token}")).unwrap_or_default()
    }

    fn answer(sent: Sent) -> Result<Answer, String> {
        let mut response = sent.map_err(|error| error.to_string())?;
        let status = response.status().as_u16();
        let text = response.body_mut().read_to_string().map_err(|error| error.to_string())?;
        let body =
            if text.is_empty() { Value::Null } else { serde_json::from_str(&text).unwrap_or(Value::String(text)) };
        Ok(Answer { status, body })
    }

    /// `GET`; an error when the hub cannot be reached.
    pub fn try_get(&self, path: &str) -> Result<Answer, String> {
        Self::answer(self.agent.get(self.url(path)).header("Authorization", self.authorization()).call())
    }

    /// `POST`; an error when the hub cannot be reached.
    pub fn try_post(&self, path: &str, body: &Value) -> Result<Answer, String> {
        Self::answer(self.agent.post(self.url(path)).header("Authorization", self.authorization()).send_json(body))
    }

    /// `PATCH`; an error when the hub cannot be reached.
    pub fn try_patch(&self, path: &str, body: &Value) -> Result<Answer, String> {
        Self::answer(self.agent.patch(self.url(path)).header("Authorization", self.authorization()).send_json(body))
    }

    /// `DELETE`; an error when the hub cannot be reached.
    pub fn try_delete(&self, path: &str) -> Result<Answer, String> {
        Self::answer(self.agent.delete(self.url(path)).header("Authorization", self.authorization()).call())
    }

    /// `GET` that is answered.
    pub fn get(&self, path: &str) -> Answer {
        self.try_get(path).expect("the hub answers")
    }

    /// `POST` that is answered.
    pub fn post(&self, path: &str, body: &Value) -> Answer {
        self.try_post(path, body).expect("the hub answers")
    }

    /// `PATCH` that is answered.
    pub fn patch(&self, path: &str, body: &Value) -> Answer {
        self.try_patch(path, body).expect("the hub answers")
    }

    /// `DELETE` that is answered.
    pub fn delete(&self, path: &str) -> Answer {
        self.try_delete(path).expect("the hub answers")
    }

    /// Every device.
    pub fn devices(&self) -> Vec<Value> {
        items(self.get("devices?limit=1000").ok())
    }

    /// One device, if it is there.
    pub fn device(&self, id: &str) -> Option<Value> {
        let answer = self.get(&format!("devices/{id}"));
        (answer.status != 404).then(|| answer.ok())
    }

    /// The value of an attribute; `null` when it is unknown or not there.
    pub fn value(&self, device: &str, endpoint: u64, attribute: &str) -> Value {
        self.device(device)
            .map(|device| attribute_of(&device, endpoint, attribute)["state"]["value"].clone())
            .unwrap_or_default()
    }

    /// Waits until an attribute has a value that suits.
    pub fn until_value(
        &self,
        device: &str,
        endpoint: u64,
        attribute: &str,
        limit: Duration,
        suits: impl Fn(&Value) -> bool,
    ) -> Value {
        eventually(&format!("{attribute} of {device}"), limit, || {
            let value = self.value(device, endpoint, attribute);
            if suits(&value) { Ok(value) } else { Err(value) }
        })
    }

    /// Commands a device and waits for the end of the command.
    pub fn command(&self, device: &str, command: &Value) -> Value {
        self.post(&format!("devices/{device}/commands?wait=30s"), command).ok()
    }

    /// Sets attributes of a device and insists that it is confirmed.
    pub fn set(&self, device: &str, set: &Value) {
        let command = self.command(device, &json!({"set": set}));
        assert_eq!(command["status"], "confirmed", "{device} was set {set}: {command:#}");
    }
}

/// The items of a list.
pub fn items(list: Value) -> Vec<Value> {
    match list {
        Value::Object(mut fields) => match fields.remove("items") {
            Some(Value::Array(items)) => items,
            other => panic!("a list has items: {other:?}"),
        },
        other => panic!("a list is an object: {other}"),
    }
}

/// An attribute of a device as it is on the wire; `null` when it is not there.
pub fn attribute_of(device: &Value, endpoint: u64, name: &str) -> Value {
    device["endpoints"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|candidate| candidate["id"] == endpoint)
        .flat_map(|endpoint| endpoint["attributes"].as_array().into_iter().flatten())
        .find(|attribute| attribute["name"] == name)
        .cloned()
        .unwrap_or_default()
}
