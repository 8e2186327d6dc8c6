//! Commands on their way in: what was wrapped around them is taken off, in whatever order it comes, and what it asks of
//! us is answered.

use std::time::Duration;

use hub_model::Monotonic;

use super::node::Reach;
use super::task::{Done, Protection, Queued, REPORT_LIMIT};
use super::{Event, Network, Received};
use crate::command_class::value::Duration as Taken;
use crate::command_class::{Command, CommandClass, multi_channel, security, supervision, wake_up};
use crate::encapsulation::transport_service::Segment;
use crate::encapsulation::{crc16, multi_command};
use crate::security::ckdf::SessionKeys;
use crate::security::s2::frame::MESSAGE_ENCAPSULATION;
use crate::security::s2::{Addresses, KeyId, Refused};
use crate::security::{SecurityClass, s0};
use crate::serial_api::NodeId;

/// How deep one thing may be wrapped in another.
const DEEPEST: u8 = 8;

/// What is known of a command from what was taken off it.
#[derive(Clone, Copy, Debug)]
struct Wrapping {
    endpoint: u8,
    protection: Protection,
    /// It went to us and to nobody else.
    alone: bool,
    depth: u8,
}

impl Wrapping {
    fn inside(self) -> Self {
        Self { depth: self.depth + 1, ..self }
    }
}

impl Network {
    /// A node sent a command to us. `alone` = to nobody else.
    pub fn handle_command(&mut self, now: Monotonic, source: NodeId, bytes: &[u8], alone: bool) {
        if !self.nodes.contains_key(&source) {
            tracing::debug!(node = source.0, "A node that is not in the network sent something.");
            return;
        }
        self.count_received(now, source);
        self.handle_heard(now, source);
        let wrapping = Wrapping { endpoint: 0, protection: Protection::None, alone, depth: 0 };
        self.unwrap_command(now, source, bytes, wrapping);
    }

    fn unwrap_command(&mut self, now: Monotonic, source: NodeId, bytes: &[u8], wrapping: Wrapping) {
        if wrapping.depth > DEEPEST {
            return;
        }
        let class = bytes.first().copied().map(|byte| CommandClass(u16::from(byte)));
        let inside = wrapping.inside();
        match class {
            Some(CommandClass::TRANSPORT_SERVICE) => {
                let segment = Segment::decode(bytes).ok().filter(|_| wrapping.alone && wrapping.depth == 0);
                if let Some(datagram) = segment.and_then(|segment| self.handle_segment(now, source, segment)) {
                    self.unwrap_command(now, source, &datagram, inside);
                }
            }
            Some(CommandClass::CRC_16_ENCAPSULATION) => match crc16::decapsulate(bytes) {
                Ok(inner) => {
                    let inside = Wrapping { protection: Protection::Crc16, ..inside };
                    self.unwrap_command(now, source, inner, inside);
                }
                Err(error) => tracing::debug!(node = source.0, %error, "A command was refused."),
            },
            Some(CommandClass::MULTI_COMMAND) => {
                for inner in multi_command::decapsulate(bytes).unwrap_or_default() {
                    self.unwrap_command(now, source, inner, inside);
                }
            }
            Some(CommandClass::SECURITY_2) if wrapping.alone => self.handle_s2(now, source, bytes, wrapping),
            Some(CommandClass::SECURITY) if wrapping.alone => self.handle_s0(now, source, bytes, wrapping),
            Some(CommandClass::MULTI_CHANNEL) => match Command::decode(0, bytes) {
                Ok(Command::MultiChannel(multi_channel::Command::Encapsulation {
                    source: endpoint, inner, ..
                })) => {
                    self.unwrap_command(now, source, &inner, Wrapping { endpoint, ..inside });
                }
                Ok(Command::MultiChannel(multi_channel::Command::InstanceEncapsulation { instance, inner })) => {
                    self.unwrap_command(now, source, &inner, Wrapping { endpoint: instance, ..inside });
                }
                _ => self.deliver(source, bytes, wrapping),
            },
            Some(CommandClass::SUPERVISION) => self.handle_supervision(now, source, bytes, wrapping),
            Some(CommandClass::WAKE_UP) => {
                if let Ok(Command::WakeUp(wake_up::Command::Notification)) = Command::decode(0, bytes) {
                    self.handle_woken(now, source);
                }
                self.deliver(source, bytes, wrapping);
            }
            _ => self.deliver(source, bytes, wrapping),
        }
    }

    fn handle_woken(&mut self, now: Monotonic, id: NodeId) {
        let Some(node) = self.nodes.get_mut(&id) else { return };
        let was_asleep = node.reach.state() == Reach::Asleep;
        node.handle_awake(now);
        if was_asleep && node.reach.state() == Reach::Alive {
            self.tell_reach(id, Reach::Alive);
        }
    }

    fn deliver(&mut self, source: NodeId, bytes: &[u8], wrapping: Wrapping) {
        let (security, temporary) = match wrapping.protection {
            Protection::Class(class) => (Some(class), false),
            Protection::Temporary | Protection::TemporaryS0 => (None, true),
            Protection::None | Protection::Crc16 => (None, false),
        };
        let Some(node) = self.nodes.get_mut(&source) else { return };
        let is_answered = |queued: &Queued| {
            let expects = queued.task.expected.as_ref().is_some_and(|expected| Self::answers(expected, bytes));
            expects
                && queued.task.endpoint == wrapping.endpoint
                && is_at_least(wrapping.protection, queued.task.protection)
        };
        let answered = node.take_waiting(is_answered);
        // A report may overtake the word that its question was sent.
        let datagram = node.datagram.take_if(|datagram| is_answered(&datagram.queued)).map(|datagram| datagram.queued);
        let on_air = self.on_air.as_mut().filter(|on_air| on_air.node == source);
        let overtaken =
            on_air.and_then(|on_air| on_air.queued.take_if(|queued| queued.rest.is_none() && is_answered(queued)));
        let command = bytes.to_vec();
        let answer = wrapping.alone.then_some(wrapping.protection);
        let received = Received { node: source, endpoint: wrapping.endpoint, command, security, answer, temporary };
        self.push(Event::Received(received));
        for queued in [answered, datagram, overtaken].into_iter().flatten() {
            if !queued.was_sent {
                self.push(Event::Sent(queued.id));
            }
            self.end(&queued, Ok(Done::Reported(bytes.to_vec())));
        }
    }

    fn handle_s2(&mut self, now: Monotonic, source: NodeId, bytes: &[u8], wrapping: Wrapping) {
        if self.handle_s2_nonce(now, source, bytes) {
            return;
        }
        match bytes.get(1) {
            Some(&MESSAGE_ENCAPSULATION) => self.open_s2(now, source, bytes, wrapping),
            _ => self.deliver(source, bytes, wrapping),
        }
    }

    fn open_s2(&mut self, now: Monotonic, source: NodeId, bytes: &[u8], wrapping: Wrapping) {
        let addresses = Addresses { home: self.home, source, destination: self.own };
        let Some(node) = self.nodes.get_mut(&source) else { return };
        let keys = &self.keys;
        // A node speaks with its highest key; with another somebody else might.
        let classes =
            SecurityClass::ALL.into_iter().filter(|class| node.granted.is_none_or(|granted| granted == *class));
        // The key of Security 0 serves Security 2 only to verify that a node has got it.
        let classes = classes.filter(|class| *class != SecurityClass::S0 || node.temporary.is_some());
        let of_classes = classes.filter_map(|class| Some((KeyId::Class(class), &keys.s2(source, class)?.session)));
        let temporary = node.temporary.iter().map(|keys| (KeyId::Temporary, keys));
        let candidates: Vec<(KeyId, &SessionKeys)> = temporary.chain(of_classes).collect();
        match node.s2.decapsulate(now, &candidates, addresses, bytes) {
            Ok(opened) => {
                let protection = match opened.key_id {
                    KeyId::Temporary => Protection::Temporary,
                    KeyId::Class(class) => Protection::Class(class),
                };
                if opened.answer_multicast_out_of_sync {
                    let report = node.s2.multicast_nonce_report();
                    self.reply(now, source, 0, report, Protection::None);
                }
                if !opened.command.is_empty() {
                    let inside = Wrapping { protection, ..wrapping.inside() };
                    self.unwrap_command(now, source, &opened.command, inside);
                }
            }
            Err(Refused::OutOfSync { answer: true }) => self.give_s2_nonce(now, source),
            Err(error) => tracing::debug!(node = source.0, %error, "A command was refused."),
        }
    }

    fn handle_s0(&mut self, now: Monotonic, source: NodeId, bytes: &[u8], wrapping: Wrapping) {
        if s0::encapsulation::is_message(bytes) {
            return self.open_s0(now, source, bytes, wrapping);
        }
        match Command::decode(0, bytes) {
            Ok(Command::Security(security::Command::NonceGet)) => self.give_s0_nonce(now, source),
            Ok(Command::Security(security::Command::NonceReport { nonce })) => {
                if let Some(node) = self.nodes.get_mut(&source) {
                    node.keep_s0_nonce(now, nonce);
                }
            }
            _ => self.deliver(source, bytes, wrapping),
        }
    }

    fn give_s0_nonce(&mut self, now: Monotonic, to: NodeId) {
        let random = self.random();
        let nonce = self.s0_nonces.issue(now, to, random);
        let report = Command::Security(security::Command::NonceReport { nonce }).encode();
        self.reply(now, to, 0, report, Protection::None);
    }

    fn open_s0(&mut self, now: Monotonic, source: NodeId, bytes: &[u8], wrapping: Wrapping) {
        let granted = self.nodes.get(&source).and_then(|node| node.granted);
        if granted.is_some_and(|granted| granted != SecurityClass::S0) {
            // A node speaks with its highest key, and everybody with the key of Security 0 could say this.
            tracing::debug!(
                node = source.0,
                "A command came with Security 0 from a node that has better keys; it is ignored."
            );
            return;
        }
        let addresses = Self::s0_addresses(source, self.own);
        let Some(keys) = self.keys.s0(false) else { return };
        match s0::decapsulate(now, keys, addresses, &mut self.s0_nonces, bytes) {
            Ok(opened) => {
                if opened.wants_nonce {
                    self.give_s0_nonce(now, source);
                }
                if let Some(command) = self.s0_parts.handle_part(now, source, opened.part) {
                    let inside = Wrapping { protection: Protection::Class(SecurityClass::S0), ..wrapping.inside() };
                    self.unwrap_command(now, source, &command, inside);
                }
            }
            Err(error) => tracing::debug!(node = source.0, %error, "A command was refused."),
        }
    }

    fn handle_supervision(&mut self, now: Monotonic, source: NodeId, bytes: &[u8], wrapping: Wrapping) {
        match Command::decode(0, bytes) {
            Ok(Command::Supervision(supervision::Command::Get { session, inner, .. })) => {
                let (from, what) = ((source, wrapping.endpoint), (session, &*inner));
                if self.answer_supervision(now, from, what, (wrapping.protection, wrapping.alone)) {
                    self.unwrap_command(now, source, &inner, wrapping.inside());
                }
            }
            Ok(Command::Supervision(supervision::Command::Report {
                more_follow, session, status, duration, ..
            })) => {
                self.handle_supervised(now, source, (session, wrapping.protection), (status, duration), more_follow);
            }
            _ => {}
        }
    }

    fn handle_supervised(
        &mut self,
        now: Monotonic,
        source: NodeId,
        (session, protection): (u8, Protection),
        (status, duration): (supervision::Status, Taken),
        more_follow: bool,
    ) {
        let of_session = |queued: &Queued| {
            queued.task.supervised && queued.session == Some(session) && is_at_least(protection, queued.task.protection)
        };
        let Some(node) = self.nodes.get_mut(&source) else { return };
        let on_air = self.on_air.as_mut().filter(|on_air| on_air.node == source);
        let overtaken = on_air.and_then(|on_air| on_air.queued.take_if(|queued| of_session(queued)));
        // It may overtake the word that all segments are there.
        let datagram =
            || node.datagram.take_if(|datagram| of_session(&datagram.queued)).map(|datagram| datagram.queued);
        let Some(mut queued) = overtaken.or_else(datagram).or_else(|| node.take_waiting(of_session)) else { return };
        if status != supervision::Status::Working && !more_follow {
            if !queued.was_sent {
                self.push(Event::Sent(queued.id));
            }
            self.end(&queued, Ok(Done::Supervised(status)));
            return;
        }
        if !std::mem::replace(&mut queued.was_sent, true) {
            self.push(Event::Sent(queued.id));
        }
        let takes = duration.seconds().map(|seconds| Duration::from_secs(seconds.into()));
        self.push(Event::Working(queued.id, takes));
        let Some(node) = self.nodes.get_mut(&source) else { return };
        // Once it works, nothing is sent again.
        queued.repetitions += 1;
        queued.is_working = true;
        let limit = takes.unwrap_or(Duration::from_secs(60)) + REPORT_LIMIT;
        if let Some(forgotten) = node.wait_for(now, queued, limit) {
            self.end(&forgotten, Ok(Done::Acknowledged));
        }
    }
}

/// An answer is as well protected as its question.
fn is_at_least(answer: Protection, question: Protection) -> bool {
    match question {
        Protection::None | Protection::Crc16 => true,
        _ => answer == question,
    }
}
