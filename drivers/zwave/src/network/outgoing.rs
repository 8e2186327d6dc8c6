//! Commands on their way out: wrapped in the order that the specification gives (Supervision, Multi Channel, security or
//! checksum), and what follows when they are sent.

use std::time::Duration;

use hub_model::Monotonic;

use super::node::{Listening, Presence, Reach, is_secure, limit_of};
use super::task::{Done, Failure, Frame, OnAir, Protection, Queued, What};
use super::{Event, JAM_PAUSE, MOST_JAMS, Network, Transmitted};
use crate::command_class::value::Endpoints;
use crate::command_class::{Command, multi_channel, security, supervision};
use crate::encapsulation::crc16;
use crate::security::SecurityClass;
use crate::security::s0::{self, S0Nonce};
use crate::security::s2::{Additions, Addresses, KeyId};
use crate::serial_api::NodeId;

/// How often a node that was there is sent the same again when it does not acknowledge.
const ATTEMPTS: u32 = 2;
/// Between two attempts: others send meanwhile.
const ATTEMPT_PAUSE: Duration = Duration::from_millis(500);
/// How often a task is begun again because the stick could not send it, or failed.
const MOST_FAILURES: u32 = 5;
/// How often a task waits on for a node that fell asleep over it.
const MOST_BOUNCES: u32 = 20;
/// A node whose frames take longer than this on the air is a slow one: over several repeaters, or it has to be woken.
const SLOW: Duration = Duration::from_millis(300);
/// How long node information may take.
const INFORMATION_LIMIT: Duration = Duration::from_secs(3);

pub(super) fn key_id(protection: Protection) -> Option<KeyId> {
    match protection {
        Protection::Class(SecurityClass::S0) | Protection::TemporaryS0 | Protection::None | Protection::Crc16 => None,
        Protection::Class(class) => Some(KeyId::Class(class)),
        Protection::Temporary => Some(KeyId::Temporary),
    }
}

/// How many bytes a protection puts around a command, once the node's nonces are known.
pub(super) fn overhead(protection: Protection) -> usize {
    match protection {
        Protection::None => 0,
        Protection::Crc16 => 4,
        Protection::Class(SecurityClass::S0) | Protection::TemporaryS0 => 20,
        Protection::Class(_) | Protection::Temporary => 12,
    }
}

impl Network {
    /// The question for a nonce, if one is needed before this can be sent.
    pub(super) fn needs_nonce(
        &mut self,
        now: Monotonic,
        id: NodeId,
        protection: Protection,
    ) -> Result<Option<Vec<u8>>, Failure> {
        let Some(node) = self.nodes.get_mut(&id) else { return Err(Failure::Removed) };
        match key_id(protection) {
            Some(key_id) => {
                let known = match key_id {
                    KeyId::Temporary => node.temporary.is_some(),
                    KeyId::Class(class) => self.keys.s2(id, class).is_some(),
                };
                if !known {
                    return Err(Failure::NoKeys);
                }
                Ok((!node.s2.is_ready(key_id)).then(|| node.s2.nonce_get()))
            }
            None if is_secure(protection) => {
                if self.keys.s0(false).is_none() {
                    return Err(Failure::NoKeys);
                }
                let is_good = node.s0_nonce.is_some_and(|(_, until)| until > now);
                Ok((!is_good).then(|| Command::Security(security::Command::NonceGet).encode()))
            }
            None => Ok(None),
        }
    }

    /// Wraps a command as its task wants it.
    pub(super) fn wrap(&mut self, now: Monotonic, queued: &mut Queued, command: Vec<u8>) -> Result<Vec<u8>, Failure> {
        let entropy = self.random();
        let sender_nonce: S0Nonce = self.random();
        let Some(node) = self.nodes.get_mut(&queued.task.node) else { return Err(Failure::Removed) };
        queued.is_unreadable = false;
        let mut bytes = command;
        if queued.task.supervised {
            let session = node.next_session();
            queued.session = Some(session);
            let get = supervision::Command::Get { status_updates: true, session, inner: bytes };
            bytes = Command::Supervision(get).encode();
        }
        if queued.task.endpoint != 0 {
            let destination = Endpoints::One(queued.task.endpoint);
            let encapsulation = multi_channel::Command::Encapsulation { source: 0, destination, inner: bytes };
            bytes = Command::MultiChannel(encapsulation).encode();
        }
        Ok(match (queued.task.protection, key_id(queued.task.protection)) {
            (_, Some(key_id)) => {
                let addresses = Addresses { home: self.home, source: self.own, destination: node.id };
                let keys = match key_id {
                    KeyId::Temporary => node.temporary.as_ref(),
                    KeyId::Class(class) => self.keys.s2(node.id, class).map(|keys| &keys.session),
                };
                let keys = keys.ok_or(Failure::NoKeys)?;
                node.s2
                    .encapsulate(now, (key_id, keys), addresses, &bytes, &Additions::default(), entropy)
                    .map_err(|_| Failure::TooLong)?
            }
            (Protection::Class(_) | Protection::TemporaryS0, None) => {
                let keys = self.keys.s0(queued.task.protection == Protection::TemporaryS0).ok_or(Failure::NoKeys)?;
                let part = match queued.rest.take() {
                    Some(rest) => rest,
                    None => {
                        node.parts = node.parts.wrapping_add(1) & 0x0F;
                        let (first, rest) =
                            s0::split(&bytes, self.longest, node.parts).map_err(|_| Failure::TooLong)?;
                        queued.rest = rest;
                        first
                    }
                };
                let (nonce, _) = node.s0_nonce.take().ok_or(Failure::NoKeys)?;
                let addresses = s0::encapsulation::Addresses { source: self.own, destination: node.id };
                s0::encapsulate(keys, addresses, &part, &nonce, &sender_nonce)
            }
            (Protection::Crc16, None) => crc16::encapsulate(&bytes),
            (_, None) => bytes,
        })
    }

    /// What was on the air is sent, or not.
    pub fn handle_transmitted(&mut self, now: Monotonic, transmitted: Transmitted) {
        let Some(OnAir { node: id, frame, queued }) = self.on_air.take() else { return };
        self.count_transmitted(now, id, transmitted);
        self.handle_jams(now, transmitted);
        let is_question = queued.as_ref().is_some_and(|queued| queued.task.what == What::NodeInformation);
        if let Some(node) = self.nodes.get_mut(&id).filter(|_| !is_question) {
            node.is_slow = now.since(self.on_air_since) > SLOW;
        }
        match frame {
            Frame::Segment => self.handle_segment_transmitted(now, id, transmitted),
            _ => self.handle_transmitted_frame(now, id, frame, queued, transmitted),
        }
    }

    pub(super) fn handle_transmitted_frame(
        &mut self,
        now: Monotonic,
        id: NodeId,
        frame: Frame,
        queued: Option<Queued>,
        transmitted: Transmitted,
    ) {
        match transmitted {
            Transmitted::Arrived => self.handle_arrived(now, id, frame, queued),
            Transmitted::NotAcknowledged => self.handle_not_acknowledged(now, id, frame, queued),
            Transmitted::NotSent { .. } | Transmitted::StickFailed => {
                let Some(node) = self.nodes.get_mut(&id) else { return };
                // Nothing came of it: it is as if it had not been begun.
                match (frame, queued) {
                    (Frame::NonceGet, _) => node.nonce = None,
                    (Frame::Task, Some(queued)) => {
                        let failure = match transmitted {
                            Transmitted::StickFailed => Failure::StickFailed,
                            _ => Failure::NotSent,
                        };
                        self.try_again_later(now, queued, failure);
                    }
                    _ => {}
                }
            }
        }
    }

    fn handle_jams(&mut self, now: Monotonic, transmitted: Transmitted) {
        match transmitted {
            Transmitted::NotSent { was_on_air } => {
                self.paused_until = now.plus(JAM_PAUSE);
                self.jams = if was_on_air { 0 } else { self.jams + 1 };
                if self.jams == MOST_JAMS {
                    self.jams = 0;
                    self.push(Event::Jammed);
                }
            }
            Transmitted::Arrived | Transmitted::NotAcknowledged => self.jams = 0,
            Transmitted::StickFailed => {}
        }
    }

    fn try_again_later(&mut self, now: Monotonic, mut queued: Queued, failure: Failure) {
        queued.failures += 1;
        // A half that is lost takes the other with it.
        queued.rest = None;
        queued.not_before = now.plus(ATTEMPT_PAUSE);
        self.forget_question(&queued);
        match self.nodes.get_mut(&queued.task.node) {
            Some(node) if queued.failures < MOST_FAILURES => node.put_back(queued),
            _ => self.end(&queued, Err(failure)),
        }
    }

    fn forget_question(&mut self, queued: &Queued) {
        if queued.task.what == What::NodeInformation {
            self.asked_for_information = None;
        }
    }

    fn handle_arrived(&mut self, now: Monotonic, id: NodeId, frame: Frame, queued: Option<Queued>) {
        if queued.as_ref().is_some_and(|queued| queued.task.what == What::NodeInformation) {
            // The stick does nothing else until it comes.
            self.asked_for_information = Some((id, now.plus(INFORMATION_LIMIT)));
            self.on_air = Some(OnAir { node: id, frame, queued });
            return;
        }
        self.handle_heard(now, id);
        let Some(node) = self.nodes.get_mut(&id) else { return };
        match frame {
            Frame::NonceGet | Frame::Probe | Frame::Segment => {}
            Frame::NoMoreInformation => {
                node.fall_asleep();
                self.tell_reach(id, Reach::Asleep);
            }
            Frame::Task => {
                let Some(mut queued) = queued else { return };
                if queued.rest.is_some() {
                    // The node sends a nonce for the second half by itself.
                    node.want_nonce(now);
                    node.put_back(queued);
                    return;
                }
                if queued.is_unreadable {
                    self.send_again(now, id, queued);
                    return;
                }
                if Self::is_good_night(&queued.task.what) {
                    node.fall_asleep();
                    self.tell_reach(id, Reach::Asleep);
                    self.end(&queued, Ok(Done::Acknowledged));
                    return;
                }
                if !std::mem::replace(&mut queued.was_sent, true) {
                    self.push(Event::Sent(queued.id));
                }
                // What came before its acknowledgement.
                self.wait_or_end(now, id, queued);
            }
        }
    }

    fn wait_or_end(&mut self, now: Monotonic, id: NodeId, queued: Queued) {
        let secure = is_secure(queued.task.protection);
        let Some(node) = self.nodes.get_mut(&id) else { return };
        if !queued.waits_for_something() && !secure {
            self.end(&queued, Ok(Done::Acknowledged));
            return;
        }
        let limit = limit_of(&queued);
        if let Some(forgotten) = node.wait_for(now, queued, limit) {
            let result =
                if forgotten.task.expected.is_some() { Err(Failure::NoReport) } else { Ok(Done::Acknowledged) };
            self.end(&forgotten, result);
        }
    }

    fn handle_not_acknowledged(&mut self, now: Monotonic, id: NodeId, frame: Frame, queued: Option<Queued>) {
        if frame == Frame::Task && queued.is_none() {
            // Its report came before, so the node is there and the acknowledgement was lost; or nobody wants it any more.
            return;
        }
        let Some(node) = self.nodes.get_mut(&id) else { return };
        node.nonce = None;
        // It may have used up a nonce, or not: a new one is asked for.
        node.s0_nonce = None;
        let queued = queued.map(|mut queued| {
            queued.rest = None;
            queued.attempts += 1;
            queued
        });
        if node.listening == Listening::Sleeping {
            let was_awake = matches!(node.reach, Presence::Awake { .. } | Presence::Alive);
            node.fall_asleep();
            match queued {
                Some(queued) if queued.task.urgency == super::Urgency::Reply || queued.attempts > MOST_BOUNCES => {
                    self.end(&queued, Err(Failure::NotAcknowledged));
                }
                Some(queued) => node.put_back(queued),
                None => {}
            }
            if was_awake {
                self.tell_reach(id, Reach::Asleep);
            }
            return;
        }
        let is_dead = matches!(node.reach, Presence::Dead { .. });
        if frame == Frame::NonceGet {
            // The task that it was for has to bear it.
            let place = node.most_urgent(|queued| is_secure(queued.task.protection));
            if let Some(mut queued) = place.and_then(|place| node.queue.remove(place)) {
                queued.attempts += 1;
                self.retry_or_give_up(now, id, Some(queued), is_dead);
                return;
            }
        }
        self.retry_or_give_up(now, id, queued, is_dead);
    }

    /// One attempt for a node that did not answer before, two for others; then it is taken for dead.
    fn retry_or_give_up(&mut self, now: Monotonic, id: NodeId, queued: Option<Queued>, is_dead: bool) {
        let Some(node) = self.nodes.get_mut(&id) else { return };
        match queued {
            // Who is only tried out is neither given up for it nor tried twice.
            Some(queued) if queued.task.once => self.end(&queued, Err(Failure::NotAcknowledged)),
            Some(mut queued) if !is_dead && queued.attempts < ATTEMPTS => {
                queued.not_before = now.plus(ATTEMPT_PAUSE);
                node.put_back(queued);
            }
            queued => {
                let is_new = node.handle_dead(now);
                if let Some(queued) = queued {
                    self.end(&queued, Err(Failure::NotAcknowledged));
                }
                if is_new {
                    self.tell_reach(id, Reach::Dead);
                }
            }
        }
    }

    pub(super) fn s0_addresses(source: NodeId, destination: NodeId) -> s0::encapsulation::Addresses {
        s0::encapsulation::Addresses { source, destination }
    }
}
