//! Nonces of messages to many (MPAN, multicast pre-agreed nonce): a counter, encrypted.

use super::extension::Extension;
use super::frame::{self, Addresses, Sealed};
use crate::node_id::{HomeId, NodeId};
use crate::security::cipher::{Nonce, encrypt_block};
use crate::security::ckdf::NetworkKeys;
use crate::security::secret::{Key, Secret};

/// How many nonces a receiver tries.
const LOOK_AHEAD: usize = 5;

/// The state of a group's nonces.
#[derive(Clone, Debug)]
pub(super) struct Mpan(Secret<16>);

impl Mpan {
    pub(super) fn new(state: Secret<16>) -> Self {
        Self(state)
    }

    pub(super) fn advance(&mut self) {
        self.0 = Secret::new(u128::from_be_bytes(*self.0.expose()).wrapping_add(1).to_be_bytes());
    }

    fn next(&mut self, key: &Key) -> Nonce {
        let block = encrypt_block(key, self.0.expose());
        self.advance();
        std::array::from_fn(|index| block[index])
    }

    /// Decrypts a message to the group. Moves on only if it can be decrypted.
    pub(super) fn open(&mut self, keys: &NetworkKeys, sealed: &Sealed<'_>, addresses: Addresses) -> Option<Vec<u8>> {
        let mut ahead = self.clone();
        for _ in 0..LOOK_AHEAD {
            let nonce = ahead.next(&keys.mpan);
            if let Some(plaintext) = sealed.open(&keys.session.ccm, &nonce, addresses) {
                *self = ahead;
                return Some(plaintext);
            }
        }
        None
    }
}

/// A set of nodes of one security class that are addressed at once. Its members learn its nonces by
/// [`MulticastGroup::state`], each in a message to it alone.
#[derive(Debug)]
pub struct MulticastGroup {
    number: u8,
    mpan: Mpan,
    sequence: u8,
}

impl MulticastGroup {
    /// Makes a group of 16 random bytes and a random sequence number.
    pub fn new(number: u8, random: Secret<16>, sequence: u8) -> Self {
        Self { number, mpan: Mpan::new(random), sequence }
    }

    /// Its number, for [`super::Additions::follow_up`].
    pub fn number(&self) -> u8 {
        self.number
    }

    /// A message to all of the group. Every member is to be sent the same command again, with
    /// [`super::Additions::follow_up`], so that each confirms it. `None` if the command is longer than any frame.
    pub fn encapsulate(&mut self, keys: &NetworkKeys, home: HomeId, source: NodeId, command: &[u8]) -> Option<Vec<u8>> {
        self.sequence = self.sequence.wrapping_add(1);
        let nonce = self.mpan.next(&keys.mpan);
        let addresses = Addresses { home, source, destination: NodeId(self.number.into()) };
        let extensions = [Extension::MulticastGroup(self.number)];
        frame::seal((&keys.session.ccm, &nonce), addresses, self.sequence, &extensions, command)
    }

    /// All members were sent the follow-up of a message: those who heard it have moved their nonces on, and so must we.
    pub fn handle_followed_up(&mut self) {
        self.mpan.advance();
    }

    /// What a member has to be sent to know the nonces, by [`super::Additions::mpan`].
    pub fn state(&self) -> (u8, Secret<16>) {
        (self.number, self.mpan.0.clone())
    }
}
