//! The key agreement of Security 2: X25519 (RFC 7748).

use x25519_dalek::{PublicKey, StaticSecret};

use super::secret::Secret;

/// A pair of keys, made for one inclusion.
#[derive(Clone)]
pub struct KeyPair {
    private: StaticSecret,
    public: PublicKey,
}

impl std::fmt::Debug for KeyPair {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("KeyPair")
    }
}

impl KeyPair {
    /// Makes it of 32 random bytes.
    pub fn from_random(random: &Secret<32>) -> Self {
        let private = StaticSecret::from(*random.expose());
        let public = PublicKey::from(&private);
        Self { private, public }
    }

    /// What the other side is told.
    pub fn public(&self) -> [u8; 32] {
        self.public.to_bytes()
    }

    /// What both sides know. `None` if the other side's key is one of those that lead to zero whatever ours is: it was
    /// chosen to be heard by everybody.
    pub fn agree(&self, theirs: &[u8; 32]) -> Option<Secret<32>> {
        let shared = self.private.diffie_hellman(&PublicKey::from(*theirs));
        shared.was_contributory().then(|| Secret::new(shared.to_bytes()))
    }
}
