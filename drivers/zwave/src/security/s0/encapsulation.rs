//! Security Message Encapsulation (SDS13783, Security 0): AES-128 in OFB, authenticated by a CBC-MAC.

use hub_model::Monotonic;

use super::COMMAND_CLASS;
use super::nonces::{Nonces, S0Nonce};
use super::sequence::Part;
use crate::node_id::NodeId;
use crate::read::{Problem, Reader, length_byte};
use crate::security::cipher::{Block, encrypt_block};
use crate::security::secret::{Key, equal_in_constant_time};

/// Message Encapsulation.
const ENCAPSULATION: u8 = 0x81;
/// The same, and asks for another nonce.
const ENCAPSULATION_NONCE_GET: u8 = 0xC1;
const MAC_LENGTH: usize = 8;
/// How much longer a command becomes.
pub const OVERHEAD: usize = 20;

/// The two keys of Security 0.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct S0Keys {
    authentication: Key,
    encryption: Key,
}

impl S0Keys {
    /// From the network key. While a node gets its key, that is all zeros.
    pub fn new(network_key: &Key) -> Self {
        Self {
            authentication: Key::new(encrypt_block(network_key, &[0x55; 16])),
            encryption: Key::new(encrypt_block(network_key, &[0xAA; 16])),
        }
    }

    #[cfg(test)]
    pub(in crate::security) fn expose(&self) -> [[u8; 16]; 2] {
        [*self.authentication.expose(), *self.encryption.expose()]
    }

    /// Encrypts or decrypts, which is the same.
    fn apply_ofb(&self, vector: Block, bytes: &mut [u8]) {
        let mut stream = vector;
        for chunk in bytes.chunks_mut(16) {
            stream = encrypt_block(&self.encryption, &stream);
            for (byte, key) in chunk.iter_mut().zip(stream) {
                *byte ^= key;
            }
        }
    }

    /// Over initialization vector, header, addresses, length and ciphertext, padded with zeros.
    fn authenticate(&self, vector: Block, command: u8, addresses: Addresses, ciphertext: &[u8]) -> [u8; MAC_LENGTH] {
        let [source, destination] = addresses.bytes();
        let header = [command, source, destination, length_byte(ciphertext)];
        let message = [&vector[..], &header, ciphertext].concat();
        let mut state = Block::default();
        for chunk in message.chunks(16) {
            for (byte, message) in state.iter_mut().zip(chunk) {
                *byte ^= message;
            }
            state = encrypt_block(&self.authentication, &state);
        }
        std::array::from_fn(|index| state[index])
    }
}

/// Who speaks to whom.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Addresses {
    /// Who speaks.
    pub source: NodeId,
    /// To whom.
    pub destination: NodeId,
}

impl Addresses {
    /// Security 0 is not for Long Range; its frames have 8 bits for a node.
    fn bytes(self) -> [u8; 2] {
        [self.source, self.destination].map(|node| node.0.to_be_bytes()[1])
    }
}

/// Whether this is such a message.
pub fn is_message(bytes: &[u8]) -> bool {
    matches!(bytes, [COMMAND_CLASS, ENCAPSULATION | ENCAPSULATION_NONCE_GET, ..])
}

/// Encapsulates a part of a command with the receiver's nonce and eight random bytes.
pub fn encapsulate(
    keys: &S0Keys,
    addresses: Addresses,
    part: &Part,
    receiver_nonce: &S0Nonce,
    sender_nonce: &S0Nonce,
) -> Vec<u8> {
    let command = if part.wants_nonce() { ENCAPSULATION_NONCE_GET } else { ENCAPSULATION };
    let vector = vector(sender_nonce, receiver_nonce);
    let mut ciphertext = [&[part.control()], part.bytes()].concat();
    keys.apply_ofb(vector, &mut ciphertext);
    let mac = keys.authenticate(vector, command, addresses, &ciphertext);
    [&[COMMAND_CLASS, command], &sender_nonce[..], &ciphertext, &receiver_nonce[..1], &mac].concat()
}

/// What was in a frame.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Decapsulated {
    /// A command, or half of one.
    pub part: Part,
    /// The sender wants to be given a nonce at once.
    pub wants_nonce: bool,
}

/// Why a frame is not read.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Refused {
    /// It is no such frame.
    #[error("the Security 0 frame cannot be read: {0}")]
    Malformed(#[from] Problem),
    /// Its nonce is not one of ours, is used up, or too old.
    #[error("the nonce {id:#04x} of the Security 0 frame is not good any more")]
    Nonce {
        /// The first byte.
        id: u8,
    },
    /// It was changed, or encrypted with another key.
    #[error("the Security 0 frame is not authentic")]
    Authentication,
}

/// Reads a frame that was sent to us with one of our nonces.
pub fn decapsulate(
    now: Monotonic,
    keys: &S0Keys,
    addresses: Addresses,
    nonces: &mut Nonces,
    message: &[u8],
) -> Result<Decapsulated, Refused> {
    let mut reader = Reader::new(message);
    let [class, command] = reader.array("command")?;
    if class != COMMAND_CLASS || !matches!(command, ENCAPSULATION | ENCAPSULATION_NONCE_GET) {
        return Err(
            Problem::Unknown { field: "command", value: if class == COMMAND_CLASS { command } else { class } }.into()
        );
    }
    let sender_nonce: S0Nonce = reader.array("sender's nonce")?;
    // One byte at least, which says which part of a command follows.
    let length = reader.remaining().saturating_sub(1 + MAC_LENGTH).max(1);
    let mut plaintext = reader.bytes(length, "ciphertext")?.to_vec();
    let id = reader.byte("receiver's nonce")?;
    let mac: [u8; MAC_LENGTH] = reader.array("authentication code")?;
    let receiver_nonce = nonces.take(now, addresses.source, id).ok_or(Refused::Nonce { id })?;
    let vector = vector(&sender_nonce, &receiver_nonce);
    if !equal_in_constant_time(&keys.authenticate(vector, command, addresses, &plaintext), &mac) {
        return Err(Refused::Authentication);
    }
    keys.apply_ofb(vector, &mut plaintext);
    let (control, bytes) = plaintext.split_first().ok_or(Refused::Authentication)?;
    Ok(Decapsulated {
        part: Part::from_control(*control, bytes.to_vec()),
        wants_nonce: command == ENCAPSULATION_NONCE_GET,
    })
}

fn vector(sender: &S0Nonce, receiver: &S0Nonce) -> Block {
    std::array::from_fn(|index| if index < 8 { sender[index] } else { receiver[index - 8] })
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: NodeId = NodeId(1);
    const THERE: NodeId = NodeId(10);

    fn keys() -> S0Keys {
        S0Keys::new(&Key::new(*b"0123456789abcdef"))
    }

    fn sent(nonces: &mut Nonces, part: &Part) -> Vec<u8> {
        let nonce = nonces.issue(Monotonic::default(), THERE, [9; 8]);
        encapsulate(&keys(), Addresses { source: THERE, destination: HERE }, part, &nonce, &[3; 8])
    }

    fn received(nonces: &mut Nonces, message: &[u8]) -> Result<Decapsulated, Refused> {
        let addresses = Addresses { source: THERE, destination: HERE };
        decapsulate(Monotonic::default(), &keys(), addresses, nonces, message)
    }

    #[test]
    fn there_and_back() {
        for length in [0, 1, 15, 16, 17, 40] {
            let mut nonces = Nonces::default();
            let part = Part::Whole(vec![0x25; length]);
            let message = sent(&mut nonces, &part);
            assert_eq!(message.len(), length + OVERHEAD);
            assert_eq!(received(&mut nonces, &message), Ok(Decapsulated { part, wants_nonce: false }));
            assert_eq!(received(&mut nonces, &message), Err(Refused::Nonce { id: 9 }));
        }
    }

    #[test]
    fn any_changed_bit_is_seen() {
        let message = sent(&mut Nonces::default(), &Part::Whole(vec![0x25, 0x01, 0xFF]));
        for bit in 0..message.len() * 8 {
            let mut nonces = Nonces::default();
            sent(&mut nonces, &Part::Whole(vec![]));
            let mut changed = message.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            assert!(received(&mut nonces, &changed).is_err(), "bit {bit}");
        }
    }

    #[test]
    fn any_shorter_frame_is_refused() {
        let message = sent(&mut Nonces::default(), &Part::Whole(vec![0x25, 0x01, 0xFF]));
        for length in 0..message.len() {
            let mut nonces = Nonces::default();
            sent(&mut nonces, &Part::Whole(vec![]));
            assert!(received(&mut nonces, &message[..length]).is_err(), "length {length}");
        }
    }
}
