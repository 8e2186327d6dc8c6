//! The exchange of keys with a node that was just let in (SDS13783): Security 2 where the node has it, else Security 0,
//! else none. Without security only if a person says so.

use std::sync::Arc;

use driver_api::ManageError;
use hub_model::pairing::QuestionKind;
use hub_model::{Monotonic, Value};

use super::{ANSWER_LIMIT, STEP_LIMIT, Step};
use crate::command_class::value::NetworkKey;
use crate::command_class::{Command, CommandClass, security, security_2};
use crate::machine::{Job, ZWave};
use crate::network::{Protection, Received, Task, TaskId, Urgency, What};
use crate::security::ckdf::temporary_keys;
use crate::security::ecdh::KeyPair;
use crate::security::{Dsk, Pin, Secret, SecurityClass};
use crate::serial_api::NodeId;

/// The scheme and the curve of Security 2.
const SCHEME: u8 = 0x02;
const CURVE: u8 = 0x01;
/// KEX Fail: no key, scheme or curve that both know.
const NO_KEY: u8 = 0x01;
const NO_SCHEME: u8 = 0x02;
const NO_CURVE: u8 = 0x03;
/// KEX Fail: the inclusion was cancelled; the echoed frame does not match; a key was asked for that was not granted; a
/// key was not verified.
const CANCELLED: u8 = 0x06;
const ECHO_DIFFERS: u8 = 0x07;
const NOT_GRANTED: u8 = 0x08;
const NOT_VERIFIED: u8 = 0x09;

/// How far the exchange is.
#[derive(Debug)]
pub(in crate::machine) struct KeyExchange {
    /// What was sent last, to know that it did not arrive.
    pub(super) task: Option<TaskId>,
    kind: Kind,
}

impl KeyExchange {
    /// It has not begun: the node is asked what it is.
    pub(super) fn asks_for_information(&self) -> bool {
        matches!(self.kind, Kind::Information)
    }
}

#[derive(Debug)]
enum Kind {
    /// The node did not say what it is, and is asked.
    Information,
    S0,
    S2 {
        /// What the node wants, as it said it.
        report: Option<security_2::KeyExchange>,
        /// What it was granted, as it was told.
        set: Option<security_2::KeyExchange>,
        public_key: Option<[u8; 32]>,
        /// The key that was handed over last.
        handed: Option<SecurityClass>,
        /// The keys that it has shown to have.
        verified: u8,
    },
}

impl ZWave {
    /// The stick did not say what the node is, as when it replaces another: it is asked before keys are exchanged.
    pub(super) fn ask_for_information(&mut self, now: Monotonic, node: NodeId) {
        self.set_exchange(Some(KeyExchange { task: None, kind: Kind::Information }));
        let question = Task { what: What::NodeInformation, ..Task::new(node, Vec::new(), Urgency::Person) };
        self.push_part(now, question);
    }

    /// Begins with the best that the node has. If it has not said what it has, everything is tried.
    pub(super) fn begin_keys(&mut self, now: Monotonic, node: NodeId) {
        let Some(member) = self.members.get(&node) else { return };
        let is_unknown = member.known.information.is_none();
        let has_s2 = is_unknown || member.known.has(CommandClass::SECURITY_2);
        let has_s0 = member.known.has(CommandClass::SECURITY);
        let is_unattended = self.pairing.as_ref().is_some_and(|pairing| !pairing.attended);
        let label = self.pairing.as_ref().and_then(|pairing| pairing.label.as_ref());
        // A label with a DSK says that it has Security 2, and node information is signed by nobody.
        let is_promised = label.is_some_and(|label| label.dsk.is_some());
        if has_s2 {
            let kind = Kind::S2 { report: None, set: None, public_key: None, handed: None, verified: 0 };
            self.set_exchange(Some(KeyExchange { task: None, kind }));
            self.say(now, node, Command::Security2(security_2::Command::KexGet), Protection::None);
        } else if is_unattended || is_promised || node.is_long_range() {
            self.give_keys_up(now, "The device has no Security 2.");
        } else if has_s0 {
            self.begin_s0(now, node);
        } else {
            self.finish_pairing(now, node, "It has no security to exchange keys for.");
        }
    }

    fn begin_s0(&mut self, now: Monotonic, node: NodeId) {
        self.set_exchange(Some(KeyExchange { task: None, kind: Kind::S0 }));
        self.say(now, node, Command::Security(security::Command::SchemeGet { schemes: 0 }), Protection::None);
    }

    /// What came to nothing was a question for what the node is, or for Security 2 of which it is not known that it has
    /// it: the next thing is tried. Says whether there is one.
    fn try_next(&mut self, now: Monotonic, node: NodeId) -> bool {
        let Some(pairing) = &self.pairing else { return false };
        let may_be_s0 = pairing.attended && !node.is_long_range();
        let has_s2 = self.members.get(&node).is_some_and(|member| member.known.has(CommandClass::SECURITY_2));
        match pairing.exchange.as_ref().map(|exchange| &exchange.kind) {
            Some(Kind::Information) => self.begin_keys(now, node),
            Some(Kind::S2 { report: None, .. }) if may_be_s0 && !has_s2 => self.begin_s0(now, node),
            _ => return false,
        }
        true
    }

    fn set_exchange(&mut self, exchange: Option<KeyExchange>) {
        if let Some(pairing) = &mut self.pairing {
            pairing.exchange = exchange;
        }
    }

    /// Sends a part of the exchange, and gives the node time to go on.
    fn say(&mut self, now: Monotonic, node: NodeId, command: Command, protection: Protection) {
        self.push_part(now, Task { protection, ..Task::new(node, command.encode(), Urgency::Person) });
    }

    fn push_part(&mut self, now: Monotonic, task: Task) {
        let task = self.network.push_task(now, task);
        self.jobs.insert(task, Job::Pairing);
        if let Some(pairing) = &mut self.pairing {
            pairing.step = Step::Keys;
            pairing.until = now.plus(STEP_LIMIT);
            if let Some(exchange) = &mut pairing.exchange {
                exchange.task = Some(task);
            }
        }
    }

    pub(super) fn handle_key_command(&mut self, now: Monotonic, received: &Received) {
        let node = received.node;
        match Command::decode(0, &received.command) {
            Ok(Command::Security2(command)) => self.handle_s2_command(now, node, command, received),
            Ok(Command::Security(security::Command::SchemeReport { .. })) if self.exchanges_s0() => {
                let Some(key) = self.network.keys().network_key(node, SecurityClass::S0).cloned() else { return };
                let set = security::Command::NetworkKeySet { key: NetworkKey(*key.expose()) };
                self.say(now, node, Command::Security(set), Protection::TemporaryS0);
            }
            Ok(Command::Security(security::Command::NetworkKeyVerify))
                if self.exchanges_s0() && received.security == Some(SecurityClass::S0) =>
            {
                self.granted(now, node, SecurityClass::S0);
            }
            _ => {}
        }
    }

    fn exchanges_s0(&self) -> bool {
        let exchange = self.pairing.as_ref().and_then(|pairing| pairing.exchange.as_ref());
        matches!(exchange, Some(KeyExchange { kind: Kind::S0, .. }))
    }

    fn granted(&mut self, now: Monotonic, node: NodeId, class: SecurityClass) {
        if let Some(member) = self.members.get_mut(&node) {
            member.known.security = Some(class);
            member.known.handle_keys_fit();
        }
        self.network.set_security(node, Some(class));
        self.finish_pairing(now, node, "The keys are exchanged.");
    }

    fn handle_s2_command(&mut self, now: Monotonic, node: NodeId, command: security_2::Command, received: &Received) {
        use security_2::Command as C;
        let Some(exchange) = self.pairing.as_mut().and_then(|pairing| pairing.exchange.as_mut()) else { return };
        let Kind::S2 { report, set, public_key, handed, verified } = &mut exchange.kind else { return };
        match command {
            C::KexReport(wanted) if report.is_none() => {
                *report = Some(wanted);
                self.ask_for_grant(now, node, wanted);
            }
            // Before the grant nobody knows whether its PIN is to be checked.
            C::PublicKeyReport { from_including_node: false, public_key: key }
                if public_key.is_none() && set.is_some() =>
            {
                let Ok(key) = <[u8; 32]>::try_from(key.as_slice()) else {
                    return self.give_keys_up(now, "The device sent no proper key.");
                };
                *public_key = Some(key);
                let authenticated =
                    set.is_some_and(|set| SecurityClass::of_bits(set.keys).any(SecurityClass::is_authenticated));
                self.handle_public_key(now, node, key, authenticated);
            }
            C::KexSet(echo) if echo.echo && received.temporary => {
                let matches = set.is_some_and(|set| security_2::KeyExchange { echo: true, ..set } == echo);
                let Some(report) = report.filter(|_| matches) else {
                    return self.refuse(now, node, ECHO_DIFFERS, "The exchange of keys was disturbed.");
                };
                let report = security_2::KeyExchange { echo: true, ..report };
                self.say(now, node, Command::Security2(C::KexReport(report)), Protection::Temporary);
            }
            C::NetworkKeyGet { key } if received.temporary => {
                let granted = set.map(|set| set.keys).unwrap_or_default();
                let class = SecurityClass::of_bits(key & granted).next().filter(|class| class.bit() == key);
                let Some((class, network_key)) =
                    class.and_then(|class| Some((class, self.network.keys().network_key(node, class)?.clone())))
                else {
                    return self.refuse(now, node, NOT_GRANTED, "The device asked for a key that it was not granted.");
                };
                *handed = Some(class);
                let report = C::NetworkKeyReport { key, network_key: NetworkKey(*network_key.expose()) };
                self.say(now, node, Command::Security2(report), Protection::Temporary);
            }
            // With the key that it was just handed: so it has it.
            C::NetworkKeyVerify if received.security.is_some() && received.security == *handed => {
                *verified |= SecurityClass::bits_of(*handed);
                let end = C::TransferEnd { key_verified: true, key_request_complete: false };
                self.say(now, node, Command::Security2(end), Protection::Temporary);
            }
            C::TransferEnd { key_request_complete: true, .. } if received.temporary => {
                let granted = set.map(|set| set.keys).unwrap_or_default();
                match SecurityClass::of_bits(granted).next() {
                    _ if *verified != granted => {
                        self.refuse(now, node, NOT_VERIFIED, "The device did not take all keys that it was granted.");
                    }
                    Some(class) => self.granted(now, node, class),
                    None => self.give_keys_up(now, "The device was granted nothing."),
                }
            }
            C::KexFail { .. } => self.give_keys_up(now, "The device ended the exchange of keys; check its PIN."),
            _ => {}
        }
    }

    fn ask_for_grant(&mut self, now: Monotonic, node: NodeId, wanted: security_2::KeyExchange) {
        let grantable = wanted.keys & SecurityClass::bits_of(self.network.keys().classes(node));
        let fields: Vec<Arc<str>> = SecurityClass::of_bits(grantable).map(|class| Arc::from(class.word())).collect();
        let lacks = [
            (wanted.schemes & SCHEME == 0, NO_SCHEME),
            (wanted.curves & CURVE == 0, NO_CURVE),
            (fields.is_empty(), NO_KEY),
        ];
        if let Some((_, fail_type)) = lacks.into_iter().find(|(is_lacking, _)| *is_lacking) {
            return self.refuse(now, node, fail_type, "The device knows no security that this hub knows.");
        }
        if let Some(keys) = self.keys_of_label() {
            return self.grant(now, node, grantable & keys);
        }
        self.ask(
            now,
            QuestionKind::Grant,
            fields,
            "Choose within 3 minutes which security classes the device may use. Leave all of them on if in doubt.",
        );
    }

    /// What is granted without asking: what the device's QR code asks for; and to a device that a person put on the
    /// provisioning list by its DSK, what it wants. Its DSK is compared.
    fn keys_of_label(&self) -> Option<u8> {
        let pairing = self.pairing.as_ref()?;
        let requested = pairing.label.as_ref().and_then(|label| label.requested.as_ref());
        match requested {
            Some(classes) => Some(SecurityClass::bits_of(classes.iter().copied())),
            None => (!pairing.attended).then(|| SecurityClass::bits_of(SecurityClass::ALL)),
        }
    }

    pub(super) fn answer_grant(&mut self, now: Monotonic, answer: &Value) -> Result<(), ManageError> {
        let Some(node) = self.pairing_node() else { return Err(ManageError::NotFound) };
        let said = |word: &str| answer.field(word).and_then(Value::as_bool);
        if SecurityClass::ALL.into_iter().all(|class| said(class.word()).is_none()) {
            return Err(ManageError::invalid("answer", "say true or false for each class that is offered"));
        }
        let chosen = SecurityClass::ALL.into_iter().filter(|class| said(class.word()) == Some(true));
        let chosen = SecurityClass::bits_of(chosen);
        let exchange = self.pairing.as_ref().and_then(|pairing| pairing.exchange.as_ref());
        let Some(KeyExchange { kind: Kind::S2 { report: Some(report), .. }, .. }) = exchange else {
            return Err(ManageError::NotPossible("nothing was asked".into()));
        };
        let grantable = report.keys & SecurityClass::bits_of(self.network.keys().classes(node));
        self.grant(now, node, grantable & chosen);
        Ok(())
    }

    fn grant(&mut self, now: Monotonic, node: NodeId, keys: u8) {
        if keys == 0 {
            return self.refuse(now, node, CANCELLED, "No security class was granted.");
        }
        let grant = security_2::KeyExchange {
            echo: false,
            client_side_authentication: false,
            reserved: 0,
            schemes: SCHEME,
            curves: CURVE,
            keys,
        };
        let exchange = self.pairing.as_mut().and_then(|pairing| pairing.exchange.as_mut());
        if let Some(KeyExchange { kind: Kind::S2 { set, .. }, .. }) = exchange {
            *set = Some(grant);
        }
        self.say(now, node, Command::Security2(security_2::Command::KexSet(grant)), Protection::None);
    }

    fn handle_public_key(&mut self, now: Monotonic, node: NodeId, key: [u8; 32], authenticated: bool) {
        let label = self.pairing.as_ref().and_then(|pairing| pairing.label.as_ref());
        let (pin, dsk) = (label.map(|label| label.pin), label.and_then(|label| label.dsk));
        match pin {
            _ if !authenticated && dsk.is_none() => self.agree(now, node, key),
            Some(pin) => {
                let key = if authenticated { pin.complete(key) } else { key };
                if dsk.is_some_and(|dsk| dsk != Dsk::of_public_key(&key)) {
                    return self.refuse(now, node, CANCELLED, "The device is another than the one of the code.");
                }
                self.agree(now, node, key);
            }
            None => self.ask(
                now,
                QuestionKind::Pin,
                vec!["pin".into()],
                "Type within 3 minutes the first five digits of the number on the device, which are underlined.",
            ),
        }
    }

    pub(super) fn answer_pin(&mut self, now: Monotonic, answer: &Value) -> Result<(), ManageError> {
        let pin = answer.field("pin").and_then(Value::as_text).map(str::parse::<Pin>);
        let Some(Ok(pin)) = pin else {
            return Err(ManageError::invalid("pin", "give the five digits as text: {\"pin\": \"01234\"}"));
        };
        let exchange = self.pairing.as_ref().and_then(|pairing| pairing.exchange.as_ref());
        let (Some(KeyExchange { kind: Kind::S2 { public_key: Some(key), .. }, .. }), Some(node)) =
            (exchange, self.pairing_node())
        else {
            return Err(ManageError::NotPossible("nothing was asked".into()));
        };
        let key = pin.complete(*key);
        self.agree(now, node, key);
        Ok(())
    }

    /// Tells the node our key; from then on both sides have keys of their own.
    fn agree(&mut self, now: Monotonic, node: NodeId, theirs: [u8; 32]) {
        let pair = KeyPair::from_random(&Secret::new(self.network.random()));
        let Some(shared) = pair.agree(&theirs) else {
            return self.give_keys_up(now, "The device sent no proper key.");
        };
        let ours = pair.public();
        self.network.set_temporary_keys(node, Some(temporary_keys(&shared, &ours, &theirs)));
        let report = security_2::Command::PublicKeyReport { from_including_node: true, public_key: ours.to_vec() };
        self.say(now, node, Command::Security2(report), Protection::None);
    }

    fn refuse(&mut self, now: Monotonic, node: NodeId, fail_type: u8, words: &str) {
        let fail = Command::Security2(security_2::Command::KexFail { fail_type });
        self.network.push_task(now, Task::new(node, fail.encode(), Urgency::Reply));
        self.give_keys_up(now, words);
    }

    /// There are no keys: whether it may stay without them is for a person to say.
    pub(super) fn give_keys_up(&mut self, now: Monotonic, words: &str) {
        let Some(node) = self.pairing_node() else { return };
        if self.try_next(now, node) {
            return;
        }
        self.network.set_temporary_keys(node, None);
        if self.pairing.as_ref().is_some_and(|pairing| !pairing.attended) {
            return self.dismiss(now, node, words);
        }
        let was_asked =
            self.pairing.as_ref().is_some_and(|pairing| pairing.step == Step::Asking(QuestionKind::Confirm));
        self.set_exchange(None);
        if was_asked {
            return self.reject(node);
        }
        self.ask(
            now,
            QuestionKind::Confirm,
            vec!["confirm".into()],
            &format!(
                "{words} It is in the network without security. Say within {} minutes whether it may stay so; better is to exclude it and start again.",
                ANSWER_LIMIT.as_secs() / 60
            ),
        );
    }

    pub(super) fn answer_insecure(&mut self, now: Monotonic, answer: &Value) -> Result<(), ManageError> {
        let Some(node) = self.pairing_node() else { return Err(ManageError::NotFound) };
        match answer.field("confirm").and_then(Value::as_bool) {
            Some(true) => self.finish_pairing(now, node, "It stays without security."),
            Some(false) => self.reject(node),
            None => return Err(ManageError::invalid("confirm", "answer {\"confirm\": true} or {\"confirm\": false}")),
        }
        Ok(())
    }

    fn reject(&mut self, _node: NodeId) {
        self.fail_pairing("It is not to be used so. Start an exclusion, press its button, and add it again.");
    }
}
