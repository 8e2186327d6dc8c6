//! Letting nodes in and out: the stick listens, people press buttons and answer, keys are handed over.

mod keys;
mod replace;

use std::sync::Arc;
use std::time::Duration;

use driver_api::{DriverEvent, ManageError, RequestId};
use hub_model::pairing::{PairingAction, PairingProgress, PairingStage, Question, QuestionKind};
use hub_model::{Monotonic, SessionId, Value};

use super::errands::Errand;
use super::{Purpose, ZWave};
use crate::controller::Outcome;
use crate::network::{Received, TaskId};
use crate::security::label::LabelError;
use crate::security::{Label, SecurityClass};
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

const PIN_UNUSED: &str = " The PIN was not needed, so nothing shows that it is the device with this PIN.";
const NOT_ADDED: &str = "The device could not be added. Exclude it, bring it nearer and start again.";
const NOT_FINISHED: &str = "The device was heard and did not finish. Exclude it and start again.";
const NOT_ADDED_BY_ITSELF: &str = "The device could not be added.";
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

impl Step {
    /// Whether the stick has a part in it: it listens, or works on a node.
    fn is_of_stick(self) -> bool {
        matches!(self, Self::Listening | Self::Protocol)
    }
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
            return Err(ManageError::NotPossible("a pairing is under way; finish or stop it first".into()));
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
        let label = label.map_err(|error: LabelError| ManageError::invalid("code", error.to_string()))?;
        let until = now.plus(duration);
        self.pairing = Some(Pairing { request: Some(request), ..Pairing::new(session, direction, label, until) });
        self.errands.push_back(errand);
        Ok(())
    }

    /// A device that announced itself is let in; nobody is there to be asked.
    pub(super) fn begin_unattended(&mut self, now: Monotonic, session: SessionId, label: Label) {
        let pairing = Pairing::new(session, Direction::In, Some(label), now.plus(PROTOCOL_LIMIT));
        self.pairing = Some(Pairing { attended: false, ..pairing });
    }

    /// Whether the stick's radio is needed for the protocol's own part. While a device that announced itself is waited
    /// for, it is not: anybody can repeat an announcement, and the home is not to fall silent for it.
    pub(super) fn pairing_holds_radio(&self) -> bool {
        self.pairing.as_ref().is_some_and(|pairing| match pairing.step {
            Step::Listening => pairing.attended,
            step => step.is_of_stick(),
        })
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
        // Nothing of it is to be done within the next one.
        self.errands.retain(|errand| !errand.is_of_pairing());
        if let Some((_, purpose)) = &mut self.request
            && matches!(purpose, Purpose::Errand(errand) if errand.is_of_pairing())
        {
            *purpose = Purpose::Forgotten;
        }
        if pairing.step.is_of_stick() {
            // What stops adding stops replacing too.
            let stop = if pairing.direction == Direction::Out { Errand::StopExcluding } else { Errand::StopAdding };
            self.errands.push_front(stop);
        }
        if let Some(node) = pairing.node {
            self.network.set_temporary_keys(node, None);
            // Whatever came of its keys, who is in the network is to be seen.
            if pairing.attended && pairing.direction != Direction::Out {
                self.proceed_with_interview(self.now, node);
            }
        }
        if let Some(request) = pairing.request {
            self.answer(request, Err(ManageError::NotPossible("the stick did not open the network; try again".into())));
        }
    }

    pub(super) fn fail_pairing(&mut self, next_step: &str) {
        if let Some(request) = self.pairing.as_mut().and_then(|pairing| pairing.request.take()) {
            self.answer(request, Err(ManageError::NotPossible(next_step.into())));
        }
        let unattended = self.pairing.as_ref().filter(|pairing| !pairing.attended);
        let dsk = unattended.and_then(|pairing| pairing.label.as_ref()?.dsk);
        if let Some(dsk) = dsk.filter(|dsk| self.provisioning.is_listed(dsk)) {
            self.smart_start.note_failure(self.now, dsk);
        }
        self.tell_pairing(PairingStage::Failed, None, next_step);
        self.close_pairing("The network is closed again.");
    }

    /// The stick is not there any more.
    pub(super) fn lose_pairing(&mut self) {
        if self.pairing.is_some() {
            self.fail_or_dismiss(self.now, "The stick was lost.", "Wait until it is back and start again.");
        }
    }

    /// The stick has started anew: what it was doing it has forgotten, what it was not told yet it still does.
    pub(super) fn restart_pairing(&mut self, now: Monotonic) {
        let is_begun = self.pairing.as_ref().is_some_and(|pairing| pairing.step.is_of_stick());
        if is_begun && !self.errands.iter().any(Errand::is_of_pairing) {
            self.fail_or_dismiss(now, "The stick has started anew.", "Start again.");
        }
    }

    /// The pairing came to nothing. A node that came by itself and is in the network already does not stay there;
    /// people are told what they can do.
    fn fail_or_dismiss(&mut self, now: Monotonic, words: &str, what_to_do: &str) {
        match self.unattended_node() {
            Some(node) => self.dismiss(now, node, words),
            None => self.fail_pairing(&format!("{words} {what_to_do}")),
        }
    }

    fn fail_protocol(&mut self, now: Monotonic, next_step: &str) {
        match self.unattended_node() {
            Some(node) => self.dismiss(now, node, NOT_ADDED_BY_ITSELF),
            None if self.pairing.as_ref().is_some_and(|pairing| !pairing.attended) => self.fail_pairing(TRIES_AGAIN),
            None => self.fail_pairing(next_step),
        }
    }

    /// The stick's first word, or that there is none.
    pub(super) fn handle_pairing_outcome(&mut self, now: Monotonic, outcome: Outcome) {
        match outcome {
            Outcome::Callback(callback) => self.handle_pairing_callback(now, callback),
            _ => self.fail_or_dismiss(now, "The stick did not answer.", "Wait a minute and start again."),
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

    /// A node was heard. Only the first time: a stick that says so again and again does not prolong anything.
    fn heard(&mut self, now: Monotonic, next_step: &str) {
        let Some(pairing) = self.pairing.as_mut().filter(|pairing| pairing.step == Step::Listening) else { return };
        pairing.step = Step::Protocol;
        pairing.until = now.plus(PROTOCOL_LIMIT);
        self.tell_pairing(PairingStage::Heard, None, next_step);
    }

    fn handle_add(&mut self, now: Monotonic, progress: AddNodeProgress) {
        let is_awaited = |pairing: &&mut Pairing| pairing.direction == Direction::In && pairing.step.is_of_stick();
        let Some(pairing) = self.pairing.as_mut().filter(is_awaited) else { return };
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
            AddNodeStatus::ProtocolDone => self.go_on_with(Errand::FinishAdding),
            AddNodeStatus::Done if pairing.node.is_some() => self.go_on_with(Errand::Joined),
            AddNodeStatus::Done => {}
            AddNodeStatus::Failed | AddNodeStatus::NotPrimary => {
                self.fail_protocol(now, NOT_ADDED);
            }
        }
    }

    /// The next thing that the stick is to do for the pairing; once, however often it says that it is at that point.
    fn go_on_with(&mut self, errand: Errand) {
        let is_same = |other: &Errand| std::mem::discriminant(other) == std::mem::discriminant(&errand);
        let is_under_way = matches!(&self.request, Some((_, Purpose::Errand(other))) if is_same(other));
        if !is_under_way && !self.errands.iter().any(is_same) {
            self.errands.push_front(errand);
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
        if self.members.get(&node).is_some_and(|member| member.known.information.is_none()) {
            self.ask_for_information(now, node);
        } else {
            self.begin_keys(now, node);
        }
    }

    /// Keys were exchanged, or are not needed: it is found out what it is, as with every node.
    fn finish_pairing(&mut self, now: Monotonic, node: NodeId, next_step: &str) {
        let label = self.pairing.as_ref().and_then(|pairing| pairing.label.as_ref());
        let dsk = label.and_then(|label| label.dsk);
        // A PIN is only compared where keys are that need it.
        let security = self.members.get(&node).and_then(|member| member.known.security);
        let is_unused = label.is_some() && dsk.is_none() && !security.is_some_and(SecurityClass::is_authenticated);
        let unused = if is_unused { PIN_UNUSED } else { "" };
        self.note_joined(dsk, node);
        self.tell_pairing(PairingStage::Keys, None, &format!("{next_step}{unused}"));
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
        let Step::Asking(kind) = pairing.step else { return Err(ManageError::NotPossible("nothing was asked".into())) };
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
        let exchange = self.pairing.as_ref().and_then(|pairing| pairing.exchange.as_ref());
        let Some(exchange) = exchange.filter(|exchange| exchange.task == Some(task)) else { return };
        if exchange.asks_for_information() || !arrived {
            self.give_keys_up(now, "The device did not answer.");
        }
    }

    pub(super) fn pairing_timeout(&self) -> Option<Monotonic> {
        self.pairing.as_ref().map(|pairing| pairing.until)
    }

    pub(super) fn handle_pairing_timeout(&mut self, now: Monotonic) {
        let Some(pairing) = self.pairing.as_ref().filter(|pairing| pairing.until <= now) else { return };
        match pairing.step {
            Step::Listening if !pairing.attended => self.fail_pairing(TRIES_AGAIN),
            Step::Listening => {
                self.close_pairing("The time is up and no device was heard. Go nearer to the hub and start again.");
            }
            Step::Protocol => self.fail_protocol(now, NOT_FINISHED),
            Step::Keys => self.give_keys_up(now, "The device did not go on with the exchange of keys."),
            Step::Asking(_) => self.give_keys_up(now, "There was no answer in time."),
        }
    }
}
