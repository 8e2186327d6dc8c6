//! The sequence of nonces of a conversation (SPAN, singlecast pre-agreed nonce): both directions share one, so each
//! message of either side moves it on.

use std::time::Duration;

use hub_model::Monotonic;

use super::Entropy;
use super::frame::{Addresses, Sealed};
use super::session::KeyId;
use crate::security::cipher::Nonce;
use crate::security::ckdf::{SessionKeys, mixed_entropy};
use crate::security::ctr_drbg::CtrDrbg;
use crate::security::secret::Key;

/// How many nonces a receiver tries; one message fewer may be lost on the way.
const LOOK_AHEAD: usize = 5;
/// The same for a message that repeats a multicast, where the specification allows no more.
const LOOK_AHEAD_FOLLOW_UP: usize = 1;
/// How long the other side may use the nonce that we just used, because both sent at once.
const SIMULTANEOUS: Duration = Duration::from_millis(500);

/// A sequence of nonces, and the key that goes with it.
#[derive(Clone, Debug)]
pub(super) struct Span {
    pub(super) key_id: KeyId,
    key: Key,
    nonces: CtrDrbg,
    last_own: Option<(Nonce, Monotonic)>,
}

impl Span {
    pub(super) fn new(key_id: KeyId, keys: &SessionKeys, sender: &Entropy, receiver: &Entropy) -> Self {
        let nonces = CtrDrbg::new(&mixed_entropy(sender, receiver), &keys.personalization);
        Self { key_id, key: keys.ccm.clone(), nonces, last_own: None }
    }

    /// Key and nonce for a message of ours.
    pub(super) fn next_own(&mut self, now: Monotonic) -> (&Key, Nonce) {
        let nonce = next(&mut self.nonces);
        self.last_own = Some((nonce, now.plus(SIMULTANEOUS)));
        (&self.key, nonce)
    }

    /// Decrypts a message of the other side. `expected` says that its sequence number is the very next one. Moves on
    /// only if it can be decrypted, so that a forged message changes nothing.
    pub(super) fn open(
        &mut self,
        now: Monotonic,
        sealed: &Sealed<'_>,
        addresses: Addresses,
        expected: bool,
    ) -> Option<Vec<u8>> {
        if let Some((nonce, _)) = self.last_own.filter(|(_, until)| expected && now < *until)
            && let Some(plaintext) = sealed.open(&self.key, &nonce, addresses)
        {
            self.last_own = None;
            return Some(plaintext);
        }
        let tries = if sealed.group().is_some() { LOOK_AHEAD_FOLLOW_UP } else { LOOK_AHEAD };
        let mut ahead = self.nonces.clone();
        for _ in 0..tries {
            if let Some(plaintext) = sealed.open(&self.key, &next(&mut ahead), addresses) {
                self.nonces = ahead;
                self.last_own = None;
                return Some(plaintext);
            }
        }
        None
    }
}

fn next(nonces: &mut CtrDrbg) -> Nonce {
    let block = nonces.generate::<16>();
    std::array::from_fn(|index| block[index])
}
