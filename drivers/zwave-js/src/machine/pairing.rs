//! Letting nodes in and out: Z-Wave JS does it, people press buttons and answer.

use std::sync::Arc;
use std::time::Duration;

use driver_api::{DriverEvent, ManageError, RequestId};
use driver_zwave::security::{Dsk, Pin, SecurityClass};
use hub_model::pairing::{PairingAction, PairingProgress, PairingStage, Question, QuestionKind};
use hub_model::{Monotonic, SessionId, Value};
use serde::Deserialize;
use serde_json::{Value as Json, json};

use super::events::Event;
use super::manage::{Task, check_code};
use super::{ANSWER_LIMIT, Purpose, ZWaveJs};

/// How long Z-Wave JS may take for its part, once a node was heard.
const PROTOCOL_LIMIT: Duration = Duration::from_secs(150);
/// How long people may take to answer; nodes wait for four minutes (SDS13783).
const PERSON_LIMIT: Duration = Duration::from_secs(230);
/// Ways to include: as the device can; or with Security 2, where Z-Wave JS cannot see before what the device can.
const DEFAULT: u8 = 0;
const SECURITY_2: u8 = 4;

/// The words for security classes, by the number that Z-Wave JS has for them.
const CLASSES: &[(u8, &str)] =
    &[(2, "s2_access_control"), (1, "s2_authenticated"), (0, "s2_unauthenticated"), (7, "s0")];

/// The number that Z-Wave JS has for a security class.
pub(super) fn number_of(class: SecurityClass) -> u8 {
    match class {
        SecurityClass::S2Unauthenticated => 0,
        SecurityClass::S2Authenticated => 1,
        SecurityClass::S2AccessControl => 2,
        SecurityClass::S0 => 7,
    }
}

/// A pairing under way.
#[derive(Debug)]
pub(super) struct Pairing {
    session: SessionId,
    direction: Direction,
    code: Option<Arc<str>>,
    step: Step,
    until: Monotonic,
    request: Option<RequestId>,
    node: Option<u16>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Direction {
    In,
    Out,
    /// In, in the place of a node that is dead.
    Instead,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Step {
    /// The stick listens.
    Listening,
    /// A node was heard.
    Protocol,
    /// People are asked.
    Asking(QuestionKind),
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Requested {
    #[serde(default)]
    security_classes: Vec<u8>,
}

impl ZWaveJs {
    pub(super) fn start_pairing(
        &mut self,
        request: RequestId,
        session: SessionId,
        action: PairingAction,
        duration: Duration,
    ) -> Result<(), ManageError> {
        if self.pairing.is_some() {
            return Err(ManageError::NotPossible("a pairing is under way; finish or stop it first".into()));
        }
        let (direction, code, command, arguments) = match action {
            PairingAction::Include { code, .. } => {
                code.as_deref().map_or(Ok(()), check_code)?;
                let options = include_options(code.as_deref());
                (Direction::In, code, "controller.begin_inclusion", json!({"options": options}))
            }
            PairingAction::Exclude => (Direction::Out, None, "controller.begin_exclusion", json!({})),
            PairingAction::Replace { device } => {
                let node = self.known_node(&device)?;
                let arguments = json!({"nodeId": node, "options": {"strategy": SECURITY_2}});
                (Direction::Instead, None, "controller.replace_failed_node", arguments)
            }
        };
        self.task(command, &arguments, Task::Open(request), ANSWER_LIMIT)?;
        let until = self.now.plus(duration);
        let request = Some(request);
        self.pairing = Some(Pairing { session, direction, code, step: Step::Listening, until, request, node: None });
        Ok(())
    }

    /// The server has opened the network, or says why not.
    pub(super) fn handle_opened(
        &mut self,
        request: RequestId,
        outcome: Result<Option<&serde_json::value::RawValue>, String>,
    ) {
        let Some(pairing) = self.pairing.as_mut().filter(|pairing| pairing.request == Some(request)) else { return };
        pairing.request = None;
        let direction = pairing.direction;
        let why = match outcome {
            Ok(Some(raw)) if super::manage::is_success(raw) => None,
            Ok(_) => Some("Z-Wave JS did not open the network; another inclusion may be under way".to_owned()),
            Err(why) => Some(why),
        };
        if let Some(why) = why {
            self.answer(request, Err(ManageError::Refused(why.into())));
            self.tell_pairing(PairingStage::Closed, None, "The network was not opened.");
            self.pairing = None;
            return;
        }
        self.answer(request, Ok(Value::Unknown));
        self.tell_pairing(
            PairingStage::Waiting,
            None,
            match direction {
                Direction::Out => "Press the button of the device that shall leave, often three times.",
                _ => "Press the button of the new device as its manual says, often three times.",
            },
        );
    }

    fn tell_pairing(&mut self, stage: PairingStage, ask: Option<Question>, next_step: &str) {
        let Some(pairing) = &self.pairing else { return };
        let device = pairing.node.map(|node| self.device_id(node));
        self.emit(DriverEvent::Pairing(PairingProgress {
            session: pairing.session.clone(),
            driver: self.id.clone(),
            stage,
            device,
            ask,
            next_step: next_step.into(),
        }));
    }

    /// What the server says while a pairing is under way. Other clients pair too: what is not ours is left alone.
    pub(super) fn handle_pairing_event(&mut self, event: &Event<'_>, node: Option<u16>) {
        let Some(pairing) = &mut self.pairing else { return };
        match (event.event.as_str(), pairing.direction) {
            ("node found", Direction::In | Direction::Instead) => {
                pairing.node = node;
                pairing.step = Step::Protocol;
                pairing.until = self.now.plus(PROTOCOL_LIMIT);
                self.tell_pairing(PairingStage::Heard, None, "A new device was heard. Leave it where it is.");
                self.tell_pairing(PairingStage::Joined, None, "It is in the network.");
            }
            ("grant security classes", Direction::In | Direction::Instead) => self.ask_for_grant(event),
            ("validate dsk and enter pin", Direction::In | Direction::Instead) => self.ask_for_pin(),
            ("inclusion aborted", Direction::In | Direction::Instead) => {
                if let Some(pairing) = &mut self.pairing {
                    pairing.step = Step::Protocol;
                    pairing.until = self.now.plus(PROTOCOL_LIMIT);
                }
                self.tell_pairing(PairingStage::Keys, None, "The exchange of keys was ended.");
            }
            ("node added", direction @ (Direction::In | Direction::Instead)) => {
                pairing.node = node;
                let result: Json =
                    event.result.and_then(|raw| serde_json::from_str(raw.get()).ok()).unwrap_or_default();
                let is_low = result.get("lowSecurity") == Some(&Json::Bool(true));
                let words = match (is_low, direction) {
                    (false, _) => "The keys are exchanged, where it has any.",
                    (true, Direction::Instead) => {
                        "It has taken the place of the old device without Security 2. If it can have that, exclude it and include it again, nearer to the stick."
                    }
                    (true, _) => {
                        "It is in the network without the security that it should have. Exclude it and include it again, nearer to the stick; check its PIN."
                    }
                };
                self.tell_pairing(PairingStage::Keys, None, words);
                if is_low {
                    self.tell_pairing(PairingStage::Failed, None, words);
                } else {
                    let next = "It works. What it can is found out now; give it a name and a room.";
                    self.tell_pairing(PairingStage::Confirmed, None, next);
                }
                self.close_pairing("The network is closed again.");
            }
            ("node removed", Direction::Out) => {
                pairing.node = node;
                self.tell_pairing(PairingStage::Confirmed, None, "It has left. It can be used in another network.");
                self.close_pairing("The network is closed again.");
            }
            ("inclusion failed", Direction::In | Direction::Instead) => {
                self.fail_pairing("The device could not be added. Exclude it, bring it nearer and start again.");
            }
            ("exclusion failed", Direction::Out) => {
                self.fail_pairing("The device could not be removed. Bring it nearer and start again.");
            }
            _ => {}
        }
    }

    fn ask_for_grant(&mut self, event: &Event<'_>) {
        let requested = event.requested.and_then(|raw| serde_json::from_str::<Requested>(raw.get()).ok());
        let requested = requested.map(|requested| requested.security_classes).unwrap_or_default();
        let fields: Vec<Arc<str>> =
            CLASSES.iter().filter(|(number, _)| requested.contains(number)).map(|(_, word)| Arc::from(*word)).collect();
        if fields.is_empty() {
            return self.note_trouble("a question for security classes that offers none".to_owned());
        }
        self.ask_person(
            QuestionKind::Grant,
            fields,
            "Choose within 3 minutes which security classes the device may use. Leave all of them on if in doubt.",
        );
    }

    fn ask_for_pin(&mut self) {
        let code = self.pairing.as_ref().and_then(|pairing| pairing.code.clone());
        let pin = code.and_then(|code| {
            let of_key = code.parse::<Dsk>().map(Dsk::pin);
            of_key.ok().or_else(|| code.parse::<Pin>().ok())
        });
        match pin {
            Some(pin) => self.send_pin(pin),
            None => self.ask_person(
                QuestionKind::Pin,
                vec!["pin".into()],
                "Type within 3 minutes the first five digits of the number on the device, which are underlined.",
            ),
        }
    }

    fn ask_person(&mut self, kind: QuestionKind, fields: Vec<Arc<str>>, next_step: &str) {
        if let Some(pairing) = &mut self.pairing {
            pairing.step = Step::Asking(kind);
            pairing.until = self.now.plus(PERSON_LIMIT);
        }
        self.tell_pairing(PairingStage::Keys, Some(Question { kind, fields }), next_step);
    }

    pub(super) fn answer_pairing(&mut self, session: &SessionId, answer: &Value) -> Result<(), ManageError> {
        let Some(pairing) = self.pairing.as_ref().filter(|pairing| pairing.session == *session) else {
            return Err(ManageError::NotFound);
        };
        match pairing.step {
            Step::Asking(QuestionKind::Grant) => {
                let said = |word: &str| answer.field(word).and_then(Value::as_bool);
                if CLASSES.iter().all(|(_, word)| said(word).is_none()) {
                    return Err(ManageError::invalid("answer", "say true or false for each class that is offered"));
                }
                let granted = CLASSES.iter().filter(|(_, word)| said(word) == Some(true));
                let granted: Vec<u8> = granted.map(|(number, _)| *number).collect();
                // An empty grant ends the exchange of keys.
                let grant = match granted.is_empty() {
                    true => json!(false),
                    false => json!({"securityClasses": granted, "clientSideAuth": false}),
                };
                self.proceed("controller.grant_security_classes", &json!({"inclusionGrant": grant}))
            }
            Step::Asking(QuestionKind::Pin) => {
                match answer.field("pin").and_then(Value::as_text).map(str::parse::<Pin>) {
                    Some(Ok(pin)) => {
                        self.send_pin(pin);
                        Ok(())
                    }
                    _ => Err(ManageError::invalid("pin", "give the five digits as text: {\"pin\": \"01234\"}")),
                }
            }
            _ => Err(ManageError::NotPossible("nothing was asked".into())),
        }
    }

    fn send_pin(&mut self, pin: Pin) {
        let arguments = json!({"pin": format!("{:05}", pin.0)});
        if self.proceed("controller.validate_dsk_and_enter_pin", &arguments).is_err() {
            self.fail_pairing("Too much is under way. Exclude the device and start again.");
        }
    }

    fn proceed(&mut self, command: &str, arguments: &Json) -> Result<(), ManageError> {
        if let Some(pairing) = &mut self.pairing {
            pairing.step = Step::Protocol;
            pairing.until = self.now.plus(PROTOCOL_LIMIT);
        }
        self.task(command, arguments, Task::Pairing, ANSWER_LIMIT)
    }

    pub(super) fn handle_pairing_refused(&mut self, why: &str) {
        self.fail_pairing(&format!("Z-Wave JS refused it: {why}. Start again."));
    }

    pub(super) fn stop_pairing(&mut self, session: &SessionId) -> Result<(), ManageError> {
        if self.pairing.as_ref().is_none_or(|pairing| pairing.session != *session) {
            return Err(ManageError::NotFound);
        }
        self.close_pairing("The network is closed again.");
        Ok(())
    }

    fn fail_pairing(&mut self, next_step: &str) {
        self.tell_pairing(PairingStage::Failed, None, next_step);
        self.close_pairing("The network is closed again.");
    }

    /// Ends the pairing; the stick stops to listen, if it still does.
    fn close_pairing(&mut self, next_step: &str) {
        self.tell_pairing(PairingStage::Closed, None, next_step);
        let Some(pairing) = self.pairing.take() else { return };
        let stop = match (pairing.step, pairing.direction) {
            (Step::Listening, Direction::Out) => Some(("controller.stop_exclusion", json!({}))),
            (Step::Listening, _) => Some(("controller.stop_inclusion", json!({}))),
            (Step::Asking(QuestionKind::Grant), _) => {
                Some(("controller.grant_security_classes", json!({"inclusionGrant": false})))
            }
            (Step::Asking(_), _) => Some(("controller.validate_dsk_and_enter_pin", json!({"pin": false}))),
            (Step::Protocol, _) => None,
        };
        if let Some((command, arguments)) = stop.filter(|_| self.is_listening) {
            self.ask(command, &arguments, Purpose::Poll, ANSWER_LIMIT);
        }
        if let Some(request) = pairing.request {
            self.answer(request, Err(ManageError::NotPossible("the network was not opened; try again".into())));
        }
    }

    /// The server is not there any more.
    pub(super) fn lose_pairing(&mut self) {
        if self.pairing.is_some() {
            self.fail_pairing("Z-Wave JS was lost. Wait until it is back and start again.");
        }
    }

    pub(super) fn pairing_timeout(&self) -> Option<Monotonic> {
        self.pairing.as_ref().map(|pairing| pairing.until)
    }

    pub(super) fn handle_pairing_timeout(&mut self) {
        let Some(pairing) = self.pairing.as_ref().filter(|pairing| pairing.until <= self.now) else { return };
        match pairing.step {
            Step::Listening => {
                self.close_pairing("The time is up and no device was heard. Go nearer to the stick and start again.");
            }
            Step::Protocol => self.fail_pairing("The device was heard and did not finish. Exclude it and start again."),
            Step::Asking(_) => self.fail_pairing("There was no answer in time. Exclude the device and start again."),
        }
    }
}

/// How to include: with what a label's QR code says where there is one, else as the device can.
fn include_options(code: Option<&str>) -> Json {
    match code {
        // Every such code begins with 90.
        Some(code) if code.len() > 40 && code.starts_with("90") => {
            json!({"strategy": SECURITY_2, "provisioning": code})
        }
        _ => json!({"strategy": DEFAULT}),
    }
}
