//! Taking in new devices: the network is opened, kept open, and each stage of a newcomer is told.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use driver_api::{DriverEvent, ManageError, RequestId};
use hub_model::pairing::{PairingAction, PairingProgress, PairingStage};
use hub_model::{DeviceId, Monotonic, Now, SessionId, Value};
use serde::Deserialize;
use serde_json::{Map, Value as Json};

use super::machine::Zigbee2Mqtt;
use super::requests::Purpose;
use super::topics::is_address;

/// The longest time that the bridge opens the network for at once.
const LONGEST_OPEN: Duration = Duration::from_secs(254);
/// How long before its end the network is opened anew.
const RENEW_BEFORE: Duration = Duration::from_secs(20);
/// How long opening and closing may take.
const LIMIT: Duration = Duration::from_secs(30);
/// The most newcomers of one session.
const MOST_NEWCOMERS: usize = 64;

const NEXT_WAITING: &str = "Put the device into pairing mode, close to the coordinator or a mains-powered device.";
const NEXT_STAY: &str = "Keep the device awake and close by: press its button every few seconds.";
const NEXT_USE: &str = "Use the device once, so that it reports.";
const NEXT_AGAIN: &str = "Reset the device, keep it close and awake, and pair it again.";
const NEXT_NOBODY: &str =
    "No device was heard. Reset it to factory settings, bring it close to the coordinator and try again.";

/// An open network.
#[derive(Debug)]
pub(super) struct Session {
    id: SessionId,
    until: Monotonic,
    /// The bridge closes the network by itself then.
    open_until: Option<Monotonic>,
    /// Through which router.
    via: Option<Arc<str>>,
    /// The bridge has said that it is open.
    seen_open: bool,
    /// How far each newcomer is.
    newcomers: HashMap<DeviceId, PairingStage>,
}

impl Session {
    pub(super) fn next_timeout(&self) -> Monotonic {
        match self.renew_at() {
            Some(renew) => renew.min(self.until),
            None => self.until,
        }
    }

    /// When the network is to be opened anew; none = it is open long enough.
    fn renew_at(&self) -> Option<Monotonic> {
        let open_until = self.open_until?;
        (open_until < self.until).then(|| Monotonic(open_until.0.saturating_sub(RENEW_BEFORE)))
    }
}

/// `bridge/event`.
#[derive(Deserialize)]
struct BridgeEvent {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    data: BridgeEventData,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct BridgeEventData {
    ieee_address: String,
    status: Option<String>,
    supported: Option<bool>,
}

impl Zigbee2Mqtt {
    /// Opens the network. A session under way ends.
    pub(super) fn start_pairing(
        &mut self,
        now: Now,
        request: RequestId,
        session: SessionId,
        action: &PairingAction,
        duration: Duration,
    ) {
        let (via, code) = match action {
            PairingAction::Include { via, code } => (via.clone(), code.clone()),
            PairingAction::Replace { .. } => (None, None),
            // A Zigbee device leaves when it is removed; no mode is needed for that.
            PairingAction::Exclude => return self.answer(Some(request), Err(ManageError::Unsupported)),
        };
        if self.require_bridge().is_err() {
            return self.answer(Some(request), Err(ManageError::Offline));
        }
        if via.as_ref().is_some_and(|via| self.registry.by_id(via).is_none()) {
            return self.answer(Some(request), Err(ManageError::NotFound));
        }
        self.abandon_session("Another pairing took its place.");
        self.session = Some(Session {
            id: session.clone(),
            until: now.mono.plus(duration.max(Duration::from_secs(1))),
            open_until: None,
            via: via.map(|via| Arc::from(via.native_address())),
            seen_open: false,
            newcomers: HashMap::new(),
        });
        match code {
            Some(code) => {
                let body = Map::from_iter([("value".to_owned(), Json::from(&*code))]);
                self.request(now, Some(request), "install_code/add", body, LIMIT, Purpose::InstallCode { session });
            }
            None => self.open(now, Some(request), Purpose::Open { session }),
        }
    }

    /// Closes the network.
    pub(super) fn stop_pairing(&mut self, now: Now, request: RequestId, session: &SessionId) {
        if self.session.as_ref().is_none_or(|current| current.id != *session) {
            return self.answer(Some(request), Err(ManageError::NotFound));
        }
        let body = Map::from_iter([("time".to_owned(), Json::from(0))]);
        self.request(now, Some(request), "permit_join", body, LIMIT, Purpose::Close);
        self.close_session("The network is closed.");
    }

    fn open(&mut self, now: Now, request: Option<RequestId>, purpose: Purpose) {
        let Some(session) = &mut self.session else { return };
        let time = session.until.since(now.mono).min(LONGEST_OPEN);
        session.open_until = Some(now.mono.plus(time));
        // The bridge counts whole seconds; closing a little late is closed by the hub.
        let seconds = time.as_secs() + u64::from(time.subsec_nanos() > 0);
        let mut body = Map::from_iter([("time".to_owned(), Json::from(seconds.min(LONGEST_OPEN.as_secs())))]);
        if let Some(via) = &session.via {
            body.insert("device".to_owned(), Json::from(&**via));
        }
        self.request(now, request, "permit_join", body, LIMIT, purpose);
    }

    pub(super) fn code_taken(
        &mut self,
        now: Now,
        session: SessionId,
        request: Option<RequestId>,
        result: Result<Value, ManageError>,
    ) {
        match result {
            Ok(_) if self.is_current(&session) => self.open(now, request, Purpose::Open { session }),
            Ok(_) => self.answer(request, Err(ManageError::NotPossible("the pairing was stopped".into()))),
            Err(error) => {
                self.fail_session(&session, "Check the install code: it is printed on the device or its box.");
                self.answer(request, Err(error));
            }
        }
    }

    pub(super) fn opened(
        &mut self,
        _now: Now,
        session: SessionId,
        request: Option<RequestId>,
        result: Result<Value, ManageError>,
    ) {
        if let Err(error) = &result {
            self.fail_session(&session, &format!("The network could not be opened: {error}."));
        } else if self.is_current(&session) {
            self.progress(PairingStage::Waiting, None, NEXT_WAITING);
        }
        self.answer(request, result);
    }

    pub(super) fn kept_open(&mut self, session: SessionId, result: Result<Value, ManageError>) {
        if let Err(error) = result {
            self.fail_session(&session, &format!("The network could not be kept open: {error}."));
        }
    }

    /// Renews and ends the session when it is time.
    pub(super) fn tick_session(&mut self, now: Now) {
        let Some(session) = &self.session else { return };
        if session.until <= now.mono {
            let nobody = session.newcomers.is_empty();
            let waiting = session.newcomers.values().any(|stage| *stage == PairingStage::Configured);
            if nobody {
                self.progress(PairingStage::Failed, None, NEXT_NOBODY);
            }
            self.close_session(if waiting { NEXT_USE } else { "The network is closed." });
            if self.require_bridge().is_ok() {
                let body = Map::from_iter([("time".to_owned(), Json::from(0))]);
                self.request(now, None, "permit_join", body, LIMIT, Purpose::Close);
            }
        } else if session.renew_at().is_some_and(|renew| renew <= now.mono) {
            let purpose = Purpose::KeepOpen { session: session.id.clone() };
            self.open(now, None, purpose);
        }
    }

    /// Somebody else closed the network.
    pub(super) fn note_permit_join(&mut self, open: bool) {
        let Some(session) = &mut self.session else { return };
        if open {
            session.seen_open = true;
        } else if session.seen_open {
            self.close_session("The network was closed from somewhere else.");
        }
    }

    /// `bridge/event`: somebody joined, spoke up, is being interviewed or left.
    pub(super) fn handle_event(&mut self, _now: Now, payload: &[u8]) {
        let Ok(event) = serde_json::from_slice::<BridgeEvent>(payload) else {
            self.counters.malformed += 1;
            return;
        };
        if self.session.is_none() || !is_address(&event.data.ieee_address) {
            return;
        }
        let device = DeviceId::of(&self.driver, &event.data.ieee_address);
        match (event.kind.as_str(), event.data.status.as_deref()) {
            ("device_joined", _) => {
                // Whoever joins anew starts over.
                if let Some(session) = &mut self.session {
                    session.newcomers.remove(&device);
                }
                self.advance(&device, PairingStage::Heard, NEXT_STAY);
                self.advance(&device, PairingStage::Joined, NEXT_STAY);
            }
            ("device_announce", _) if self.registry.by_id(&device).is_none() => {
                self.advance(&device, PairingStage::Heard, NEXT_STAY);
            }
            ("device_interview", Some("started")) => self.advance(&device, PairingStage::Joined, NEXT_STAY),
            ("device_interview", Some("successful")) => {
                let next = match event.data.supported {
                    Some(false) => "It is not known to zigbee2mqtt; what it says of itself is used.",
                    _ => "",
                };
                self.advance(&device, PairingStage::Identified, next);
            }
            ("device_interview", Some("failed")) => self.fail_newcomer(&device, NEXT_AGAIN),
            ("device_leave", _) => self.fail_newcomer(&device, NEXT_AGAIN),
            _ => {}
        }
    }

    /// After each list of devices: who is in it with all its attributes is set up.
    pub(super) fn note_listed_devices(&mut self) {
        let Some(session) = &self.session else { return };
        let mut ready: Vec<DeviceId> = session
            .newcomers
            .iter()
            .filter(|(_, stage)| **stage == PairingStage::Identified)
            .map(|(device, _)| device.clone())
            .collect();
        ready.sort();
        for device in ready {
            let entry = self.registry.by_id(&device).and_then(|key| self.registry.get(key));
            if entry.is_some_and(|entry| entry.device.interviewed) {
                self.advance(&device, PairingStage::Configured, NEXT_USE);
            }
        }
    }

    /// A device reported: if it is new, it works.
    pub(super) fn note_paired_report(&mut self, device: &DeviceId) {
        let Some(session) = &self.session else { return };
        let stage = session.newcomers.get(device);
        if matches!(stage, Some(PairingStage::Identified | PairingStage::Configured)) {
            self.advance(device, PairingStage::Configured, NEXT_USE);
            self.advance(device, PairingStage::Confirmed, "");
        }
    }

    /// The session ends because it cannot go on.
    pub(super) fn abandon_session(&mut self, why: &str) {
        if self.session.is_some() {
            self.close_session(why);
        }
    }

    fn advance(&mut self, device: &DeviceId, stage: PairingStage, next_step: &str) {
        let Some(session) = &mut self.session else { return };
        let before = session.newcomers.get(device).copied();
        let room = session.newcomers.len() < MOST_NEWCOMERS || before.is_some();
        if room && before.is_none_or(|before| before < stage) {
            session.newcomers.insert(device.clone(), stage);
            self.progress(stage, Some(device.clone()), next_step);
        }
    }

    fn fail_newcomer(&mut self, device: &DeviceId, next_step: &str) {
        let Some(session) = &mut self.session else { return };
        // A device may leave in order to join anew; only one that was on its way has failed.
        let stage = session.newcomers.get(device).copied();
        if stage.is_some_and(|stage| stage < PairingStage::Confirmed) {
            session.newcomers.insert(device.clone(), PairingStage::Failed);
            self.progress(PairingStage::Failed, Some(device.clone()), next_step);
        }
    }

    fn is_current(&self, session: &SessionId) -> bool {
        self.session.as_ref().is_some_and(|current| current.id == *session)
    }

    fn fail_session(&mut self, session: &SessionId, next_step: &str) {
        if self.is_current(session) {
            self.progress(PairingStage::Failed, None, next_step);
            self.session = None;
        }
    }

    fn close_session(&mut self, next_step: &str) {
        self.progress(PairingStage::Closed, None, next_step);
        self.session = None;
    }

    fn progress(&mut self, stage: PairingStage, device: Option<DeviceId>, next_step: &str) {
        let Some(session) = &self.session else { return };
        let progress = PairingProgress {
            session: session.id.clone(),
            driver: self.driver.clone(),
            stage,
            device,
            ask: None,
            next_step: Arc::from(next_step),
        };
        self.emit(DriverEvent::Pairing(progress));
    }
}
