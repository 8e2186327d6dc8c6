//! Pairing a device that does not exist: its stages, its questions, and what goes wrong.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use driver_api::ManageError;
use hub_model::pairing::{PairingAction, PairingProgress, PairingStage, Question, QuestionKind};
use hub_model::{DeviceId, DriverId, Monotonic, SessionId, Value};

use crate::catalogue::Model;

/// The five digits on every simulated device.
pub(crate) const PIN: &str = "03415";

/// One thing that happens, or is asked, in a pairing.
struct Step {
    stage: PairingStage,
    /// How long it takes, or for a question how long it may be left open.
    limit: Duration,
    question: Option<(QuestionKind, &'static [&'static str])>,
    next_step: &'static str,
}

const fn stage(stage: PairingStage, milliseconds: u64, next_step: &'static str) -> Step {
    Step { stage, limit: Duration::from_millis(milliseconds), question: None, next_step }
}

const fn ask(
    stage: PairingStage,
    seconds: u64,
    kind: QuestionKind,
    fields: &'static [&'static str],
    next_step: &'static str,
) -> Step {
    Step { stage, limit: Duration::from_secs(seconds), question: Some((kind, fields)), next_step }
}

/// A device with keys of its own: every kind of question is asked.
const SECURE: &[Step] = &[
    stage(PairingStage::Heard, 1_500, "A new device was heard. Leave it where it is."),
    stage(PairingStage::Joined, 700, "It is in the network. Keys come next."),
    ask(
        PairingStage::Keys,
        120,
        QuestionKind::Grant,
        &["s2_authenticated", "s2_unauthenticated"],
        "Choose within 2 minutes which security classes the device may use. Leave all of them on if in doubt.",
    ),
    ask(
        PairingStage::Keys,
        240,
        QuestionKind::Pin,
        &["pin"],
        "Type within 4 minutes the five underlined digits of the number on the device.",
    ),
    stage(PairingStage::Keys, 600, "The keys are exchanged."),
    stage(PairingStage::Identified, 800, "It is a door and window contact."),
    ask(
        PairingStage::Identified,
        120,
        QuestionKind::Confirm,
        &["confirm"],
        "Its light blinks now. Say within 2 minutes whether this is the right device.",
    ),
    stage(PairingStage::Configured, 600, "It is set up to report."),
    stage(PairingStage::Confirmed, 600, "It works. Give it a name and a room."),
];

/// A device that only has to be let in.
const SIMPLE: &[Step] = &[
    stage(PairingStage::Heard, 1_500, "A new device was heard. Leave it where it is."),
    ask(
        PairingStage::Heard,
        120,
        QuestionKind::Confirm,
        &["confirm"],
        "A plug wants to join. Say within 2 minutes whether its light blinks.",
    ),
    stage(PairingStage::Joined, 700, "It is in the network."),
    stage(PairingStage::Keys, 400, "The keys are exchanged."),
    stage(PairingStage::Identified, 800, "It is a plug that measures."),
    stage(PairingStage::Configured, 600, "It is set up to report."),
    stage(PairingStage::Confirmed, 600, "It works. Give it a name and a room."),
];

/// A device goes.
const LEAVING: &[Step] = &[
    stage(PairingStage::Heard, 1_500, "A device was heard that wants to leave."),
    stage(PairingStage::Confirmed, 600, "It has left. It can be used in another network."),
];

/// A device takes the place of another.
const REPLACING: &[Step] = &[
    stage(PairingStage::Heard, 1_500, "The new device was heard. Leave it where it is."),
    stage(PairingStage::Joined, 700, "It has the place of the old one."),
    stage(PairingStage::Keys, 400, "The keys are exchanged."),
    stage(PairingStage::Identified, 800, "It is of the same model."),
    stage(PairingStage::Configured, 600, "It is set up to report."),
    stage(PairingStage::Confirmed, 600, "It works, with the name and room of the old one."),
];

/// What the home has to do for a pairing.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Happening {
    /// Tell the hub.
    Tell(PairingProgress),
    /// Put the new device into the home.
    Arrive { address: Arc<str>, model: Model },
    /// A device starts anew at the address it had.
    Renew(DeviceId),
    /// A device leaves.
    Leave(DeviceId),
}

/// A pairing under way.
#[derive(Debug)]
pub(crate) struct Session {
    id: SessionId,
    driver: DriverId,
    plan: Plan,
    steps: &'static [Step],
    next: usize,
    at: Monotonic,
    closes_at: Monotonic,
    asked: bool,
    open: bool,
    told: VecDeque<Happening>,
}

/// What a session is for.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Plan {
    /// A new device; the digits of a code that was given with the request answer the question for them.
    Include { address: Arc<str>, model: Model, code: Option<Arc<str>> },
    /// This device leaves; none = nothing will be heard.
    Exclude(Option<DeviceId>),
    /// A new device in the place of this one.
    Replace(DeviceId),
}

impl std::fmt::Debug for Step {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{:?}", self.stage)
    }
}

impl Session {
    pub(crate) fn start(id: SessionId, driver: DriverId, plan: Plan, now: Monotonic, duration: Duration) -> Self {
        let (steps, first) = match &plan {
            Plan::Include { model: Model::ContactSensor, .. } => {
                (SECURE, "Press the button on the new device three times.")
            }
            Plan::Include { .. } => (SIMPLE, "Hold the button on the new device for five seconds."),
            Plan::Exclude(_) => (LEAVING, "Press the button on the device that shall leave three times."),
            Plan::Replace(_) => (REPLACING, "Press the button on the new device three times."),
        };
        let closes_at = now.plus(duration);
        let at = if plan == Plan::Exclude(None) { closes_at } else { now.plus(first_limit(steps)) };
        let mut session =
            Self { id, driver, plan, steps, next: 0, at, closes_at, asked: false, open: true, told: VecDeque::new() };
        session.tell(PairingStage::Waiting, None, first);
        session
    }

    pub(crate) fn id(&self) -> &SessionId {
        &self.id
    }

    /// Whether the network is still open.
    pub(crate) fn is_open(&self) -> bool {
        self.open
    }

    pub(crate) fn poll_timeout(&self) -> Option<Monotonic> {
        // A device that was heard in time is let in to the end.
        self.open.then(|| if self.next == 0 { self.at.min(self.closes_at) } else { self.at })
    }

    pub(crate) fn poll(&mut self) -> Option<Happening> {
        self.told.pop_front()
    }

    pub(crate) fn handle_timeout(&mut self, now: Monotonic) {
        if !self.open {
            return;
        }
        if self.next == 0 && now >= self.closes_at {
            self.close("The time is up and no device was heard. Go nearer to the hub and start again.");
            return;
        }
        if now < self.at {
            return;
        }
        if self.asked {
            self.fail("There was no answer in time. Reset the device and start again.");
            return;
        }
        self.proceed(now);
    }

    /// Does the step whose time has come, and sets the time of the next.
    fn proceed(&mut self, now: Monotonic) {
        let Some(step) = self.steps.get(self.next) else { return };
        if let Some((kind, fields)) = step.question {
            if kind == QuestionKind::Pin && self.code().is_some() {
                self.check_pin(now, self.code());
                return;
            }
            self.asked = true;
            self.at = now.plus(step.limit);
            let fields = fields.iter().map(|field| Arc::from(*field)).collect();
            self.tell(step.stage, Some(Question { kind, fields }), step.next_step);
            return;
        }
        if step.stage == PairingStage::Configured {
            self.told.extend(match &self.plan {
                Plan::Include { address, model, .. } => {
                    Some(Happening::Arrive { address: Arc::clone(address), model: *model })
                }
                Plan::Replace(device) => Some(Happening::Renew(device.clone())),
                Plan::Exclude(_) => None,
            });
        }
        self.tell(step.stage, None, step.next_step);
        self.advance(now);
    }

    fn advance(&mut self, now: Monotonic) {
        self.asked = false;
        self.next += 1;
        let Some(step) = self.steps.get(self.next) else {
            if let Plan::Exclude(Some(device)) = &self.plan {
                self.told.push_back(Happening::Leave(device.clone()));
            }
            self.close("The network is closed again.");
            return;
        };
        // A question is asked at once; everything else takes its time.
        self.at = if step.question.is_some() { now } else { now.plus(step.limit) };
        if step.question.is_some() {
            self.proceed(now);
        }
    }

    /// A person's answer.
    pub(crate) fn answer(&mut self, now: Monotonic, answer: &Value) -> Result<(), ManageError> {
        let step = self.steps.get(self.next).filter(|_| self.open && self.asked);
        let Some((kind, fields)) = step.and_then(|step| step.question) else {
            return Err(ManageError::NotPossible("nothing was asked".into()));
        };
        let refuse = |field: &'static str, what: &str| Err(ManageError::invalid(field, what));
        match kind {
            QuestionKind::Pin => match answer.field("pin").and_then(Value::as_text) {
                Some(pin) if pin.len() == 5 && pin.bytes().all(|byte| byte.is_ascii_digit()) => {
                    let pin = Some(Arc::from(pin));
                    self.check_pin(now, pin);
                    Ok(())
                }
                _ => refuse("pin", "give the five digits as text: {\"pin\": \"01234\"}"),
            },
            QuestionKind::Grant => {
                let granted = |field: &&&str| answer.field(field).and_then(Value::as_bool);
                if fields.iter().all(|field| granted(&field).is_none()) {
                    return refuse("answer", "say true or false for each class that is offered");
                }
                if fields.iter().any(|field| granted(&field) == Some(true)) {
                    self.advance(now);
                } else {
                    self.fail("No security class was granted, so the device stays outside. Start again.");
                }
                Ok(())
            }
            QuestionKind::Confirm => match answer.field("confirm").and_then(Value::as_bool) {
                Some(true) => {
                    self.advance(now);
                    Ok(())
                }
                Some(false) => {
                    self.fail("It was another device. Move that one away and start again.");
                    Ok(())
                }
                None => refuse("confirm", "answer {\"confirm\": true} or {\"confirm\": false}"),
            },
        }
    }

    /// The digits of a code given beforehand; a code may be the digits alone or begin with them.
    fn code(&self) -> Option<Arc<str>> {
        match &self.plan {
            Plan::Include { code: Some(code), .. } => Some(code.chars().take(5).collect::<String>().into()),
            _ => None,
        }
    }

    fn check_pin(&mut self, now: Monotonic, pin: Option<Arc<str>>) {
        if pin.as_deref() == Some(PIN) {
            self.advance(now);
        } else {
            self.fail("The digits are not those of the device. Look at its label, reset it and start again.");
        }
    }

    /// A person closes the network.
    pub(crate) fn stop(&mut self) {
        if self.open {
            self.close("The network is closed again.");
        }
    }

    fn fail(&mut self, next_step: &str) {
        self.tell(PairingStage::Failed, None, next_step);
        self.close("The network is closed again.");
    }

    fn close(&mut self, next_step: &str) {
        self.open = false;
        self.tell(PairingStage::Closed, None, next_step);
    }

    fn tell(&mut self, stage: PairingStage, ask: Option<Question>, next_step: &str) {
        let known = (PairingStage::Joined..=PairingStage::Confirmed).contains(&stage);
        let device = match &self.plan {
            Plan::Include { address, .. } if known => Some(DeviceId::of(&self.driver, address)),
            Plan::Exclude(device) if known || stage == PairingStage::Heard => device.clone(),
            Plan::Replace(device) if stage != PairingStage::Closed => Some(device.clone()),
            _ => None,
        };
        self.told.push_back(Happening::Tell(PairingProgress {
            session: self.id.clone(),
            driver: self.driver.clone(),
            stage,
            device,
            ask,
            next_step: next_step.into(),
        }));
    }
}

fn first_limit(steps: &[Step]) -> Duration {
    steps.first().map_or(Duration::ZERO, |step| step.limit)
}

/// What a pairing of this kind is for, given the devices that could leave.
pub(crate) fn plan(action: PairingAction, new: (Arc<str>, Model), last_paired: Option<DeviceId>) -> Plan {
    match action {
        PairingAction::Include { code, .. } => Plan::Include { address: new.0, model: new.1, code },
        PairingAction::Exclude => Plan::Exclude(last_paired),
        PairingAction::Replace { device } => Plan::Replace(device),
    }
}
