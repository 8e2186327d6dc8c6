//! Letting nodes in and out: the stick listens, people press buttons and answer, keys are handed over.

mod keys;
mod replace;

use std::sync::Arc;
use std::time::Duration;

use driver_api::{DriverEvent, ManageError, RequestId};
use hub_model::pairing::{PairingAction, PairingProgress, PairingStage, Question, QuestionKind};
use hub_model::{Monotonic, SessionId, Value};

use super::ZWave;
use super::errands::Errand;
use crate::controller::Outcome;
use crate::network::{Received, TaskId};
use crate::security::Label;
use crate::security::label::LabelError;
use crate::serial_api::add_node::{AddNodeProgress, AddNodeStatus};
use crate::serial_api::node_information::NodeInformation;
use crate::serial_api::node_protocol_information::NodeProtocolInformation;
use crate::serial_api::remove_node::{RemoveNodeProgress, RemoveNodeStatus};
use crate::serial_api::{Callback, Function, NodeId};
use keys::KeyExchange;
pub(super) use replace::NOT_FAILED;

/// How long the stick may take for its part, once a node was heard.
const PROTOCOL_LIMIT: Duration = Duration::from_secs(60);
/// How long people may take to answer; nodes wait for four minutes (SDS13783).
const ANSWER_LIMIT: Duration = Duration::from_secs(230);
/// How long a node may take for each step of the key exchange.
const STEP_LIMIT: Duration = Duration::from_secs(15);

const NOT_ADDED: &str = "The device could not be added. Exclude it, bring it nearer and start again.";
const NOT_FINISHED: &str = "The device was heard and did not finish. Exclude it and start again.";
const TRIES_AGAIN: &str =
    "The device could not be added. It tries again by itself; bring it nearer if that does not help.";

/// A pairing under way.
#[derive(Debug)]
pub(super) struct Pairing {
    session: SessionId,
    direction: Direction,
    /// What is known of the device from its label.
    label: Option<Label>,
    /// A person is there, who can be asked.
    attended: bool,
    step: Step,
    until: Monotonic,
    request: Option<RequestId>,
    node: Option<NodeId>,
    information: Option<NodeInformation>,
    exchange: Option<KeyExchange>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Direction {
    In,
    Out,
    /// A new node takes the number of this one, which does not answer any more.
    Replace(NodeId),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Step {
    /// The stick listens.
    Listening,
    /// A node was heard, and the stick does its part.
    Protocol,
    /// Keys are exchanged.
    Keys,
    /// People are asked.
    Asking(QuestionKind),
}

impl Pairing {
    fn new(session: SessionId, direction: Direction, label: Option<Label>, until: Monotonic) -> Self {
        Self {
            session,
            direction,
            label,
            attended: true,
            step: Step::Listening,
            until,
            request: None,
            node: None,
            information: None,
            exchange: None,
        }
    }
}

impl ZWave {
    pub(super) fn start_pairing(
        &mut self,
        now: Monotonic,
        request: RequestId,
        session: SessionId,
        action: PairingAction,
        duration: Duration,
    ) -> Result<(), ManageError> {
        if self.pairing.is_some() {
            return Err(ManageError::Refused("a pairing is under way; finish or stop it first".into()));
        }
        let (direction, code, function, errand) = match action {
            PairingAction::Include { code, .. } => (Direction::In, code, Function::ADD_NODE_TO_NETWORK, Errand::Add),
            PairingAction::Exclude => (Direction::Out, None, Function::REMOVE_NODE_FROM_NETWORK, Errand::Exclude),
            PairingAction::Replace { device } => {
                let node = self.replaceable(&device)?;
                (Direction::Replace(node), None, Function::REPLACE_FAILED_NODE, Errand::replace(node))
            }
        };
        self.needs_stick(function)?;
        let label = code.map(|code| code.parse()).transpose();
        let label = label.map_err(|error: LabelError| ManageError::Refused(error.to_string().into()))?;
        let until = now.plus(duration);
        self.pairing = Some(Pairing { request: Some(request), ..Pairing::new(session, direction, label, until) });
        self.errands.push_back(errand);
        Ok(())
    }

    /// A device that announced itself is let in; nobody is there to be asked.
    pub(super) fn begin_unattended(&mut self, now: Monotonic, session: SessionId, label: Label) {
        let pairing = Pairing::new(session, Direction::In, Some(label), now.plus(PROTOCOL_LIMIT));
        self.pairing = Some(Pairing { step: Step::Protocol, attended: false, ..pairing });
    }

    /// Whether the stick's radio is needed for the protocol's own part.
    pub(super) fn pairing_holds_radio(&self) -> bool {
        self.pairing.as_ref().is_some_and(|pairing| matches!(pairing.step, Step::Listening | Step::Protocol))
    }

    pub(super) fn stop_pairing(&mut self, session: &SessionId) -> Result<Value, ManageError> {
        if self.pairing.as_ref().is_none_or(|pairing| pairing.session != *session) {
            return Err(ManageError::NotFound);
        }
        match self.unattended_node() {
            Some(node) => self.dismiss(self.now, node, "It was stopped."),
            None => self.close_pairing("The network is closed again."),
        }
        Ok(Value::Unknown)
    }

    /// The node that is in the network already, and came by itself.
    fn unattended_node(&self) -> Option<NodeId> {
        self.pairing.as_ref().filter(|pairing| !pairing.attended)?.node
    }

    pub(super) fn tell_pairing(&mut self, stage: PairingStage, ask: Option<Question>, next_step: &str) {
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

    fn ask(&mut self, now: Monotonic, kind: QuestionKind, fields: Vec<Arc<str>>, next_step: &str) {
        if let Some(pairing) = &mut self.pairing {
            pairing.step = Step::Asking(kind);
            pairing.until = now.plus(ANSWER_LIMIT);
        }
        self.tell_pairing(PairingStage::Keys, Some(Question { kind, fields }), next_step);
    }

    /// Ends the pairing; the stick stops to listen, if it still does.
    fn close_pairing(&mut self, next_step: &str) {
        self.tell_pairing(PairingStage::Closed, None, next_step);
        let Some(pairing) = self.pairing.take() else { return };
        if matches!(pairing.step, Step::Listening | Step::Protocol) {
            // What stops adding stops replacing too.
            let stop = if pairing.direction == Direction::Out { Errand::StopExcluding } else { Errand::StopAdding };
            self.errands.push_front(stop);
        }
        if let Some(node) = pairing.node {
            self.network.set_temporary_keys(node, None);
        }
        if let Some(request) = pairing.request {
            self.answer(request, Err(ManageError::Refused("the stick did not open the network; try again".into())));
        }
    }

    pub(super) fn fail_pairing(&mut self, next_step: &str) {
        if let Some(request) = self.pairing.as_mut().and_then(|pairing| pairing.request.take()) {
            self.answer(request, Err(ManageError::Refused(next_step.into())));
        }
        self.tell_pairing(PairingStage::Failed, None, next_step);
        self.close_pairing("The network is closed again.");
    }

    /// The stick is not there any more.
    pub(super) fn lose_pairing(&mut self) {
        if let Some(node) = self.unattended_node() {
            self.dismiss(self.now, node, "The stick was lost.");
        } else if self.pairing.is_some() {
            self.fail_pairing("The stick was lost. Wait until it is back and start again.");
        }
    }

    /// The stick's first word, or that there is none.
    pub(super) fn handle_pairing_outcome(&mut self, now: Monotonic, outcome: Outcome) {
        match outcome {
            Outcome::Callback(callback) => self.handle_pairing_callback(now, callback),
            _ => self.fail_pairing("The stick did not answer. Wait a minute and start again."),
        }
    }

    pub(super) fn handle_pairing_callback(&mut self, now: Monotonic, callback: Callback) {
        match callback {
            Callback::AddNode(progress) => self.handle_add(now, progress),
            Callback::RemoveNode(progress) => self.handle_remove(now, progress),
            Callback::FailedNode { function: Function::REPLACE_FAILED_NODE, progress } => {
                self.handle_replacement(now, progress);
            }
            _ => {}
        }
    }

    fn opened(&mut self, next_step: &str) {
        if let Some(request) = self.pairing.as_mut().and_then(|pairing| pairing.request.take()) {
            self.answer(request, Ok(Value::Unknown));
        }
        self.tell_pairing(PairingStage::Waiting, None, next_step);
    }

    fn heard(&mut self, now: Monotonic, next_step: &str) {
        if let Some(pairing) = &mut self.pairing {
            pairing.step = Step::Protocol;
            pairing.until = now.plus(PROTOCOL_LIMIT);
        }
        self.tell_pairing(PairingStage::Heard, None, next_step);
    }

    fn handle_add(&mut self, now: Monotonic, progress: AddNodeProgress) {
        let Some(pairing) = self.pairing.as_mut().filter(|pairing| pairing.direction == Direction::In) else { return };
        match progress.status {
            AddNodeStatus::Ready if !pairing.attended => {}
            AddNodeStatus::Ready => {
                self.opened("Press the button of the new device as its manual says, often three times.");
            }
            AddNodeStatus::NodeFound => self.heard(now, "A new device was heard. Leave it where it is."),
            AddNodeStatus::AddingEndNode | AddNodeStatus::AddingController => {
                pairing.node = progress.node;
                pairing.information = progress.information;
            }
            // The stick finishes when it is told to stop, and says so once more.
            AddNodeStatus::ProtocolDone => self.errands.push_front(Errand::FinishAdding),
            AddNodeStatus::Done if pairing.node.is_some() => self.errands.push_front(Errand::Joined),
            AddNodeStatus::Done => {}
            AddNodeStatus::Failed | AddNodeStatus::NotPrimary => {
                let next_step = if pairing.attended { NOT_ADDED } else { TRIES_AGAIN };
                self.fail_pairing(next_step);
            }
        }
    }

    fn handle_remove(&mut self, now: Monotonic, progress: RemoveNodeProgress) {
        let Some(pairing) = self.pairing.as_mut().filter(|pairing| pairing.direction == Direction::Out) else { return };
        match progress.status {
            RemoveNodeStatus::Ready => {
                self.opened("Press the button of the device that shall leave, often three times.");
            }
            RemoveNodeStatus::NodeFound => self.heard(now, "A device was heard that wants to leave."),
            RemoveNodeStatus::RemovingEndNode | RemoveNodeStatus::RemovingController => pairing.node = progress.node,
            RemoveNodeStatus::ProtocolDone => {}
            RemoveNodeStatus::Done => {
                let node = pairing.node;
                self.tell_pairing(PairingStage::Confirmed, None, "It has left. It can be used in another network.");
                self.close_pairing("The network is closed again.");
                if let Some(node) = node {
                    self.forget_node(node);
                }
            }
            RemoveNodeStatus::Failed | RemoveNodeStatus::NotPrimary => {
                self.fail_pairing("The device could not be removed. Bring it nearer and start again.");
            }
        }
    }

    /// The node to ask the stick about, once it is in the network.
    pub(super) fn pairing_node(&self) -> Option<NodeId> {
        self.pairing.as_ref()?.node
    }

    /// The node is in the network, and the stick has said what it remembers of it.
    pub(super) fn handle_joined(&mut self, now: Monotonic, protocol: NodeProtocolInformation) {
        let Some(node) = self.pairing_node() else { return };
        if let Some(stick) = &mut self.stick {
            stick.nodes.insert(node, protocol);
        }
        self.stop_dismissing(node);
        let told = self.make_room(node);
        self.add_member(node, protocol);
        if let Some(member) = self.members.get_mut(&node) {
            member.told = told;
        }
        self.network.handle_awake(now, node);
        let information = self.pairing.as_mut().and_then(|pairing| pairing.information.take());
        if let (Some(member), Some(information)) = (self.members.get_mut(&node), information) {
            member.known.handle_information(&information);
            member.is_changed = true;
        }
        if let Some(pairing) = &mut self.pairing {
            pairing.step = Step::Keys;
            pairing.until = now.plus(STEP_LIMIT);
        }
        self.tell_pairing(PairingStage::Joined, None, "It is in the network.");
        self.begin_keys(now, node);
    }

    /// Keys were exchanged, or are not needed: it is found out what it is, as with every node.
    fn finish_pairing(&mut self, now: Monotonic, node: NodeId, next_step: &str) {
        let dsk = self.pairing.as_ref().and_then(|pairing| pairing.label.as_ref()).and_then(|label| label.dsk);
        self.note_joined(dsk, node);
        self.tell_pairing(PairingStage::Keys, None, next_step);
        self.tell_pairing(
            PairingStage::Confirmed,
            None,
            "It works. What it can is found out now; give it a name and a room.",
        );
        self.close_pairing("The network is closed again.");
        self.keep(node);
        self.teach_way_home(node);
        self.proceed_with_interview(now, node);
    }

    pub(super) fn answer_pairing(
        &mut self,
        now: Monotonic,
        session: &SessionId,
        answer: &Value,
    ) -> Result<Value, ManageError> {
        let Some(pairing) = self.pairing.as_ref().filter(|pairing| pairing.session == *session) else {
            return Err(ManageError::NotFound);
        };
        let Step::Asking(kind) = pairing.step else { return Err(ManageError::Refused("nothing was asked".into())) };
        match kind {
            QuestionKind::Grant => self.answer_grant(now, answer),
            QuestionKind::Pin => self.answer_pin(now, answer),
            QuestionKind::Confirm => self.answer_insecure(now, answer),
        }?;
        Ok(Value::Unknown)
    }

    /// Whether a node that is just let in is not to be asked other things.
    pub(super) fn is_being_paired(&self, node: NodeId) -> bool {
        self.pairing_node() == Some(node)
    }

    pub(super) fn handle_pairing_received(&mut self, now: Monotonic, received: &Received) {
        if self.pairing_node() == Some(received.node) {
            self.handle_key_command(now, received);
        }
    }

    pub(super) fn handle_pairing_task(&mut self, now: Monotonic, task: TaskId, arrived: bool) {
        let is_ours = self.pairing.as_ref().and_then(|pairing| pairing.exchange.as_ref());
        if !arrived && is_ours.is_some_and(|exchange| exchange.task == Some(task)) {
            self.give_keys_up(now, "The device did not answer.");
        }
    }

    pub(super) fn pairing_timeout(&self) -> Option<Monotonic> {
        self.pairing.as_ref().map(|pairing| pairing.until)
    }

    pub(super) fn handle_pairing_timeout(&mut self, now: Monotonic) {
        let Some(pairing) = self.pairing.as_ref().filter(|pairing| pairing.until <= now) else { return };
        match pairing.step {
            Step::Listening => {
                self.close_pairing("The time is up and no device was heard. Go nearer to the hub and start again.");
            }
            Step::Protocol => {
                let next_step = if pairing.attended { NOT_FINISHED } else { TRIES_AGAIN };
                self.fail_pairing(next_step);
            }
            Step::Keys => self.give_keys_up(now, "The device did not go on with the exchange of keys."),
            Step::Asking(_) => self.give_keys_up(now, "There was no answer in time."),
        }
    }
}
