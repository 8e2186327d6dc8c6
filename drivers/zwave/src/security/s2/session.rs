//! What we keep of the conversation with one node.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use hub_model::Monotonic;

use super::Entropy;
use super::extension::Extension;
use super::frame::{self, Addresses, NonceReport, Refused, Sealed};
use super::multicast::Mpan;
use super::span::Span;
use crate::node_id::NodeId;
use crate::read::Problem;
use crate::security::ckdf::{NetworkKeys, SessionKeys};
use crate::security::secret::Secret;
use crate::security::security_class::SecurityClass;

/// How many sequence numbers are remembered, to know a message that comes twice.
const SEQUENCES: usize = 10;
/// Of how many groups of one node the nonces are kept. Further groups stay out of sync: their follow-ups are read.
const GROUPS: usize = 16;
/// How long one Nonce Report stands for all messages that cannot be read.
const RESYNCHRONISATION: Duration = Duration::from_millis(500);

/// Which keys a conversation uses.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum KeyId {
    /// Those of an inclusion that is under way.
    Temporary,
    /// Those of a security class.
    Class(SecurityClass),
}

/// Why a command is not encapsulated.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum NotEncapsulated {
    /// There is nothing yet to make a nonce of: send a Nonce Get, and wait for the Nonce Report.
    #[error("the node's entropy is not known: ask for it first")]
    NoNonce,
    /// No frame can carry it.
    #[error("the command is longer than any frame: send less at once")]
    TooLong,
}

/// What a message of ours carries beside its command.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Additions {
    /// The command was sent to this group before.
    pub follow_up: Option<u8>,
    /// The nonces of a group, of which the node is a member.
    pub mpan: Option<(u8, Secret<16>)>,
    /// We could not read the node's last message to a group.
    pub multicast_out_of_sync: bool,
}

/// A message of the other side.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Opened {
    /// With which keys it was encrypted.
    pub key_id: KeyId,
    /// The command; empty if the message was sent for its extensions only.
    pub command: Vec<u8>,
    /// It repeats what this group was sent.
    pub follow_up: Option<u8>,
    /// The group could not be read before: answer with [`Session::multicast_nonce_report`].
    pub answer_multicast_out_of_sync: bool,
    /// The other side could not read our last message to a group: send it the group's nonces.
    pub other_is_out_of_sync: bool,
}

/// The conversation. Bounded, and forgotten at a restart: both sides then begin anew.
#[derive(Debug)]
pub struct Session {
    /// What we send with.
    span: Option<Span>,
    /// What the other side may still send with, while it does not know the newer one, or not any more.
    former: Option<Span>,
    /// What we told the other side, for its next message to begin anew.
    our_entropy: Option<Entropy>,
    /// What the other side told us, for our next message to begin anew.
    their_entropy: Option<Entropy>,
    our_sequence: u8,
    their_sequences: VecDeque<u8>,
    /// Until when one of our Nonce Reports is on its way.
    resynchronising_until: Monotonic,
    /// Nonces of the other side's groups; `None` if they are out of sync.
    groups: BTreeMap<u8, Option<Mpan>>,
}

impl Session {
    /// Begins with a random sequence number.
    pub fn new(sequence: u8) -> Self {
        Self {
            span: None,
            former: None,
            our_entropy: None,
            their_entropy: None,
            our_sequence: sequence,
            their_sequences: VecDeque::new(),
            resynchronising_until: Monotonic::default(),
            groups: BTreeMap::new(),
        }
    }

    /// Whether [`Session::encapsulate`] can be called with these keys.
    pub fn is_ready(&self, key_id: KeyId) -> bool {
        self.their_entropy.is_some() || self.span.as_ref().is_some_and(|span| span.key_id == key_id)
    }

    /// A Nonce Get. The other side's Nonce Report goes to [`Session::handle_nonce_report`].
    pub fn nonce_get(&mut self) -> Vec<u8> {
        frame::nonce_get(self.next_sequence())
    }

    /// A Nonce Report with 16 random bytes: the other side's next message begins a new sequence of nonces. What it sends
    /// before it hears of that is still read.
    pub fn nonce_report(&mut self, now: Monotonic, entropy: Entropy) -> Vec<u8> {
        self.former = self.span.take().or_else(|| self.former.take());
        self.our_entropy = Some(entropy);
        self.resynchronising_until = now.plus(RESYNCHRONISATION);
        let sequence = self.next_sequence();
        NonceReport { sequence, entropy: Some(entropy), multicast_out_of_sync: false }.encode()
    }

    /// A Nonce Report that only says that a group could not be read.
    pub fn multicast_nonce_report(&mut self) -> Vec<u8> {
        let sequence = self.next_sequence();
        NonceReport { sequence, entropy: None, multicast_out_of_sync: true }.encode()
    }

    /// The other side asks for entropy: answer with [`Session::nonce_report`].
    pub fn handle_nonce_get(&mut self, message: &[u8]) -> Result<(), Refused> {
        let sequence = frame::read_nonce_get(message)?;
        self.refuse_duplicate(sequence)?;
        self.remember(sequence);
        Ok(())
    }

    /// The other side tells its entropy, by itself if it could not read us: then our last message is to be sent again.
    pub fn handle_nonce_report(&mut self, message: &[u8]) -> Result<NonceReport, Refused> {
        let report = NonceReport::decode(message)?;
        self.refuse_duplicate(report.sequence)?;
        self.remember(report.sequence);
        // Nobody signs a Nonce Report, so it ends nothing by itself: the next message does.
        self.their_entropy = report.entropy.or(self.their_entropy);
        Ok(report)
    }

    /// Encapsulates a command. `entropy` is 16 random bytes, for the case that a new sequence of nonces begins. A
    /// command that is sent again is to be encapsulated again.
    pub fn encapsulate(
        &mut self,
        now: Monotonic,
        (key_id, keys): (KeyId, &SessionKeys),
        addresses: Addresses,
        command: &[u8],
        additions: &Additions,
        entropy: Entropy,
    ) -> Result<Vec<u8>, NotEncapsulated> {
        let mut extensions = Vec::new();
        if let Some(theirs) = self.their_entropy.take() {
            extensions.push(Extension::Span(entropy));
            self.begin(Span::new(key_id, keys, &entropy, &theirs));
        }
        extensions.extend(additions.follow_up.map(Extension::MulticastGroup));
        extensions.extend(additions.multicast_out_of_sync.then_some(Extension::MulticastOutOfSync));
        extensions.extend(additions.mpan.clone().map(|(group, state)| Extension::Mpan { group, state }));
        let sequence = self.next_sequence();
        let span = self.span.as_mut().filter(|span| span.key_id == key_id).ok_or(NotEncapsulated::NoNonce)?;
        let (key, nonce) = span.next_own(now);
        frame::seal((key, &nonce), addresses, sequence, &extensions, command).ok_or(NotEncapsulated::TooLong)
    }

    /// Reads a message to us alone. `candidates` are the keys that it may be encrypted with, the likeliest first; they
    /// are tried where a new sequence of nonces begins.
    pub fn decapsulate(
        &mut self,
        now: Monotonic,
        candidates: &[(KeyId, &SessionKeys)],
        addresses: Addresses,
        message: &[u8],
    ) -> Result<Opened, Refused> {
        let sealed = Sealed::read(message)?;
        self.refuse_duplicate(sealed.sequence)?;
        let (key_id, plaintext) = self
            .open(now, candidates, addresses, &sealed)
            .ok_or(Refused::OutOfSync { answer: self.resynchronising_until <= now })?;
        self.remember(sealed.sequence);
        let (encrypted, command) = sealed.read_plaintext(&plaintext)?;
        for extension in encrypted {
            match extension {
                // The specification has a message either follow a multicast up or tell its nonces.
                Extension::Mpan { .. } if sealed.group().is_some() => return Err(Refused::Extension { kind: 0x42 }),
                Extension::Mpan { group, state } => self.keep_group(group, Some(Mpan::new(state))),
                _ => {}
            }
        }
        Ok(Opened {
            key_id,
            command,
            follow_up: sealed.group(),
            answer_multicast_out_of_sync: self.follow_up(sealed.group()),
            other_is_out_of_sync: sealed.extensions.contains(&Extension::MulticastOutOfSync),
        })
    }

    /// Reads a message to a group, whose number stands in the message; the destination of `addresses` does not matter.
    pub fn decapsulate_multicast(
        &mut self,
        (key_id, keys): (KeyId, &NetworkKeys),
        mut addresses: Addresses,
        message: &[u8],
    ) -> Result<Opened, Refused> {
        let sealed = Sealed::read(message)?;
        let no_group = Problem::TooShort { field: "multicast group", length: message.len() };
        let group = sealed.group().ok_or(no_group)?;
        addresses.destination = NodeId(group.into());
        let mpan = self.groups.get_mut(&group).and_then(Option::as_mut);
        let Some(plaintext) = mpan.and_then(|mpan| mpan.open(keys, &sealed, addresses)) else {
            self.keep_group(group, None);
            return Err(Refused::MulticastOutOfSync { group });
        };
        let (_, command) = sealed.read_plaintext(&plaintext)?;
        Ok(Opened {
            key_id,
            command,
            follow_up: None,
            answer_multicast_out_of_sync: false,
            other_is_out_of_sync: false,
        })
    }

    fn open(
        &mut self,
        now: Monotonic,
        candidates: &[(KeyId, &SessionKeys)],
        addresses: Addresses,
        sealed: &Sealed<'_>,
    ) -> Option<(KeyId, Vec<u8>)> {
        let Some(theirs) = sealed.span() else {
            return self.open_with_known(now, addresses, sealed);
        };
        let ours = self.our_entropy?;
        for (key_id, keys) in candidates {
            let mut span = Span::new(*key_id, keys, theirs, &ours);
            if let Some(plaintext) = span.open(now, sealed, addresses, false) {
                self.begin(span);
                self.our_entropy = None;
                self.their_entropy = None;
                self.resynchronising_until = now;
                return Some((*key_id, plaintext));
            }
        }
        None
    }

    fn open_with_known(
        &mut self,
        now: Monotonic,
        addresses: Addresses,
        sealed: &Sealed<'_>,
    ) -> Option<(KeyId, Vec<u8>)> {
        let expected = self.their_sequences.back().is_some_and(|last| last.wrapping_add(1) == sealed.sequence);
        let mut open = |span: &mut Span| Some((span.key_id, span.open(now, sealed, addresses, expected)?));
        if let Some(opened) = self.span.as_mut().and_then(&mut open) {
            // The other side has come to what we send with, and goes back to nothing.
            self.former = None;
            self.our_entropy = None;
            return Some(opened);
        }
        let opened = self.former.as_mut().and_then(open)?;
        if self.span.is_some() {
            // Both began anew at once, each with the other's entropy; one of the two serves.
            std::mem::swap(&mut self.span, &mut self.former);
        }
        Some(opened)
    }

    /// A new sequence of nonces. The entropy that we told stays good until the other side shows that it knows this.
    fn begin(&mut self, span: Span) {
        self.former = self.span.replace(span).or_else(|| self.former.take());
    }

    /// A message to us alone was read. Says whether to tell the other side that its group is out of sync.
    fn follow_up(&mut self, group: Option<u8>) -> bool {
        match group.and_then(|group| self.groups.get_mut(&group)) {
            Some(Some(mpan)) => {
                mpan.advance();
                false
            }
            Some(None) => true,
            None => {
                if group.is_none() {
                    self.groups.retain(|_, mpan| mpan.is_some());
                }
                false
            }
        }
    }

    fn keep_group(&mut self, group: u8, mpan: Option<Mpan>) {
        if self.groups.len() < GROUPS || self.groups.contains_key(&group) {
            self.groups.insert(group, mpan);
        }
    }

    fn next_sequence(&mut self) -> u8 {
        self.our_sequence = self.our_sequence.wrapping_add(1);
        self.our_sequence
    }

    fn refuse_duplicate(&self, sequence: u8) -> Result<(), Refused> {
        if self.their_sequences.contains(&sequence) { Err(Refused::Duplicate { sequence }) } else { Ok(()) }
    }

    fn remember(&mut self, sequence: u8) {
        if self.their_sequences.len() >= SEQUENCES {
            self.their_sequences.pop_front();
        }
        self.their_sequences.push_back(sequence);
    }
}
