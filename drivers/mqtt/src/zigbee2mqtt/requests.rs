//! Requests to the bridge and their answers, matched by a transaction id. An unknown request gets no answer at all, so
//! each has a limit.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use driver_api::{DriverEvent, ManageError, RequestId};
use hub_model::{DeviceId, Monotonic, Now, SessionId, Value};
use serde::Deserialize;
use serde_json::{Map, Value as Json};

use super::machine::Zigbee2Mqtt;
use super::network::network;

/// The most requests under way at once.
const MOST_PENDING: usize = 64;
/// The longest text of an error that is passed on.
const LONGEST_ERROR: usize = 500;

/// What an answer is for.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Purpose {
    /// The hub asked.
    Answer,
    /// The hub asked for this name, so it need not be told of it.
    Rename { device: DeviceId, name: Arc<str> },
    /// The hub wants to see the network in its own words.
    NetworkMap,
    /// A group was made; the hub wants to know which device it is.
    CreateGroup,
    /// An install code was given; the network is opened next.
    InstallCode { session: SessionId },
    /// The network is to open for a pairing.
    Open { session: SessionId },
    /// The network is to stay open.
    KeepOpen { session: SessionId },
    /// The network is to close.
    Close,
}

/// A request under way.
#[derive(Debug)]
pub(super) struct Pending {
    /// None = nobody waits for the answer.
    pub(super) request: Option<RequestId>,
    pub(super) purpose: Purpose,
    deadline: Monotonic,
    limit: Duration,
}

/// All requests under way.
#[derive(Debug)]
pub(super) struct Requests {
    prefix: String,
    next: u64,
    pending: BTreeMap<u64, Pending>,
}

impl Requests {
    pub(super) fn new(seed: u64) -> Self {
        Self { prefix: format!("hearth-{seed:016x}-"), next: 1, pending: BTreeMap::new() }
    }

    pub(super) fn next_timeout(&self) -> Option<Monotonic> {
        self.pending.values().map(|pending| pending.deadline).min()
    }

    /// Whether the hub itself is giving this device this name.
    pub(super) fn is_renaming(&self, device: &DeviceId, name: &str) -> bool {
        self.pending.values().any(|pending| {
            matches!(&pending.purpose, Purpose::Rename { device: whose, name: wanted } if whose == device && &**wanted == name)
        })
    }

    fn take(&mut self, transaction: &Json) -> Option<Pending> {
        let number = transaction.as_str()?.strip_prefix(&self.prefix)?.parse().ok()?;
        self.pending.remove(&number)
    }
}

#[derive(Deserialize)]
struct Response {
    status: String,
    #[serde(default)]
    data: Json,
    #[serde(default)]
    error: Option<String>,
    #[serde(default)]
    transaction: Json,
}

impl Zigbee2Mqtt {
    /// Sends a request. It ends at once when there is no bridge, too much is under way, or it cannot leave.
    pub(super) fn request(
        &mut self,
        now: Now,
        request: Option<RequestId>,
        path: &str,
        mut body: Map<String, Json>,
        limit: Duration,
        purpose: Purpose,
    ) {
        let pending = Pending { request, purpose, deadline: now.mono.plus(limit), limit };
        if self.require_bridge().is_err() {
            return self.conclude(now, pending, Err(ManageError::Offline));
        }
        if self.requests.pending.len() >= MOST_PENDING {
            let refused = "too many requests are under way; try again in a moment";
            return self.conclude(now, pending, Err(ManageError::NotPossible(refused.into())));
        }
        let number = self.requests.next;
        self.requests.next += 1;
        body.insert("transaction".to_owned(), Json::from(format!("{}{number}", self.requests.prefix)));
        match self.publish(&format!("bridge/request/{path}"), Json::Object(body).to_string()) {
            Ok(()) => {
                self.requests.pending.insert(number, pending);
            }
            Err(no_room) => self.conclude(now, pending, Err(ManageError::NotPossible(no_room.to_string().into()))),
        }
    }

    pub(super) fn answer(&mut self, request: Option<RequestId>, result: Result<Value, ManageError>) {
        if let Some(request) = request {
            self.emit(DriverEvent::Managed { request, result });
        }
    }

    /// `bridge/response/…`; those to others' requests are left alone.
    pub(super) fn handle_response(&mut self, now: Now, payload: &[u8]) {
        let Ok(response) = serde_json::from_slice::<Response>(payload) else {
            self.counters.malformed += 1;
            return;
        };
        let Some(pending) = self.requests.take(&response.transaction) else { return };
        let result = match response.status.as_str() {
            "ok" => Ok(serde_json::from_value(response.data).unwrap_or_default()),
            _ => {
                let error = response.error.unwrap_or_else(|| "zigbee2mqtt refused and did not say why".to_owned());
                Err(ManageError::Refused(error.chars().take(LONGEST_ERROR).collect::<String>().into()))
            }
        };
        self.conclude(now, pending, result);
    }

    /// Ends the requests whose time is over.
    pub(super) fn expire_requests(&mut self, now: Now) {
        let expired: Vec<u64> = self
            .requests
            .pending
            .iter()
            .filter(|(_, pending)| pending.deadline <= now.mono)
            .map(|(number, _)| *number)
            .collect();
        for number in expired {
            if let Some(pending) = self.requests.pending.remove(&number) {
                let limit = pending.limit;
                self.conclude(now, pending, Err(ManageError::TimedOut(limit)));
            }
        }
    }

    /// Ends all requests: without bridge no answer will come.
    pub(super) fn abandon_requests(&mut self) {
        for pending in std::mem::take(&mut self.requests.pending).into_values() {
            self.answer(pending.request, Err(ManageError::Offline));
        }
    }

    fn conclude(&mut self, now: Now, pending: Pending, result: Result<Value, ManageError>) {
        match pending.purpose {
            Purpose::Answer | Purpose::Rename { .. } | Purpose::Close => self.answer(pending.request, result),
            Purpose::NetworkMap => {
                let result = result.and_then(|answer| {
                    let network = network(&answer, &self.driver).map(|network| network.to_value());
                    network.ok_or_else(|| ManageError::NotPossible("zigbee2mqtt answered with something else".into()))
                });
                self.answer(pending.request, result);
            }
            Purpose::CreateGroup => {
                let made = |answer: Value| {
                    let number = answer.field("id").and_then(Value::as_number);
                    let id = number.map(|number| DeviceId::of(&self.driver, &format!("group-{number}")));
                    Value::composite([("device", id.map_or(Value::Unknown, |id| Value::text(id.as_str())))])
                };
                let result = result.map(made);
                self.answer(pending.request, result);
            }
            Purpose::InstallCode { session } => self.code_taken(now, session, pending.request, result),
            Purpose::Open { session } => self.opened(now, session, pending.request, result),
            Purpose::KeepOpen { session } => self.kept_open(session, result),
        }
    }
}
