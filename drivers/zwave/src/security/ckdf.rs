//! The key derivation of Security 2: CKDF (SDS13783, Security 2), a chain of CMACs.

use super::cipher::{Block, cmac};
use super::secret::{Key, Secret};

const CONSTANT_PRK: Block = [0x33; 16];
const CONSTANT_TEMPORARY: [u8; 15] = [0x88; 15];
const CONSTANT_NETWORK: [u8; 15] = [0x55; 15];
const CONSTANT_NONCE: Block = [0x26; 16];
const CONSTANT_ENTROPY: [u8; 15] = [0x88; 15];

/// What encrypts a conversation: the key of CCM, and what personalizes its nonces.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SessionKeys {
    /// Encrypts and authenticates.
    pub ccm: Key,
    /// Goes into the sequence of nonces.
    pub personalization: Secret<32>,
}

/// What one security class needs.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NetworkKeys {
    /// For commands to one node.
    pub session: SessionKeys,
    /// For the nonces of commands to many nodes.
    pub mpan: Key,
}

/// The keys that are used while a node gets its network keys: CKDF-TempExtract and CKDF-TempExpand. `including` and
/// `joining` are the public keys of the controller and of the node.
pub fn temporary_keys(shared: &Secret<32>, including: &[u8; 32], joining: &[u8; 32]) -> SessionKeys {
    let prk = cmac(&Key::new(CONSTANT_PRK), &[shared.expose(), including, joining]);
    let [ccm, personalization @ ..] = expand::<3>(&Key::new(prk), &CONSTANT_TEMPORARY, &[]);
    SessionKeys { ccm: Key::new(ccm), personalization: join(personalization) }
}

/// The keys of a security class, from its network key: CKDF-NetworkKeyExpand.
pub fn network_keys(network_key: &Key) -> NetworkKeys {
    let [ccm, first, second, mpan] = expand::<4>(network_key, &CONSTANT_NETWORK, &[]);
    let session = SessionKeys { ccm: Key::new(ccm), personalization: join([first, second]) };
    NetworkKeys { session, mpan: Key::new(mpan) }
}

/// The mixed entropy input of both sides: CKDF-MEI-Extract and CKDF-MEI-Expand.
pub fn mixed_entropy(sender: &[u8; 16], receiver: &[u8; 16]) -> Secret<32> {
    let prk = cmac(&Key::new(CONSTANT_NONCE), &[sender, receiver]);
    // T0, which the other expansions do not have.
    let before: Block = std::array::from_fn(|index| CONSTANT_ENTROPY.get(index).copied().unwrap_or(0x00));
    join(expand::<2>(&Key::new(prk), &CONSTANT_ENTROPY, &before))
}

/// Each block is made from the one before, a constant and its number.
fn expand<const N: usize>(key: &Key, constant: &[u8; 15], before: &[u8]) -> [Block; N] {
    let mut blocks = [Block::default(); N];
    let mut last = before.to_vec();
    for (block, number) in blocks.iter_mut().zip(1_u8..) {
        *block = cmac(key, &[&last, constant, &[number]]);
        last = block.to_vec();
    }
    blocks
}

fn join([first, second]: [Block; 2]) -> Secret<32> {
    Secret::new(std::array::from_fn(|index| if index < 16 { first[index] } else { second[index - 16] }))
}
