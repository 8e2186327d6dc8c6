//! The bytes of Nonce Get, Nonce Report and Message Encapsulation (SDS13783, Security 2).

use super::extension::{self, Extension, Place};
use super::{COMMAND_CLASS, Entropy};
use crate::node_id::{HomeId, NodeId};
use crate::read::{Problem, Reader};
use crate::security::cipher::{self, Nonce, TAG_LENGTH};
use crate::security::secret::Key;

/// Nonce Get.
pub const NONCE_GET: u8 = 0x01;
/// Nonce Report.
pub const NONCE_REPORT: u8 = 0x02;
/// Message Encapsulation.
pub const MESSAGE_ENCAPSULATION: u8 = 0x03;

const SINGLECAST_OUT_OF_SYNC: u8 = 0x01;
const MULTICAST_OUT_OF_SYNC: u8 = 0x02;
const HAS_EXTENSIONS: u8 = 0x01;
const HAS_ENCRYPTED_EXTENSIONS: u8 = 0x02;
/// Command class, command, sequence number, flags.
const HEADER: usize = 4;

/// Why a message is not read.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Refused {
    /// It is no such message.
    #[error("the Security 2 message cannot be read: {0}")]
    Malformed(#[from] Problem),
    /// It has an extension that must not be ignored, in a wrong place, or of a wrong length.
    #[error("the Security 2 message has an extension {kind:#04x} that cannot be obeyed")]
    Extension {
        /// Type and flags.
        kind: u8,
    },
    /// It came before.
    #[error("the Security 2 message {sequence} came before")]
    Duplicate {
        /// Its sequence number.
        sequence: u8,
    },
    /// Both sides do not have the same nonces, or the message was changed.
    #[error("the Security 2 message does not fit the nonces of this conversation")]
    OutOfSync {
        /// Whether to answer with a Nonce Report. Not if one was just sent: the other side still has to hear it.
        answer: bool,
    },
    /// The group's nonces are not known, or the message was changed. The answer waits until the sender repeats it to us
    /// alone.
    #[error("the Security 2 message to group {group} does not fit its nonces")]
    MulticastOutOfSync {
        /// Which group.
        group: u8,
    },
}

/// Who speaks to whom, as it goes into the authentication.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Addresses {
    /// The network.
    pub home: HomeId,
    /// Who speaks.
    pub source: NodeId,
    /// To whom; for many, the number of the group.
    pub destination: NodeId,
}

impl Addresses {
    /// What is authenticated though it is not encrypted. `head` is sequence number, flags and unencrypted extensions.
    fn associated_data(self, total_length: usize, head: &[u8]) -> Vec<u8> {
        let mut data = Vec::with_capacity(10 + head.len());
        let wide = self.source.is_long_range() || self.destination.is_long_range();
        for node in [self.source, self.destination] {
            let bytes = node.0.to_be_bytes();
            data.extend_from_slice(if wide { &bytes } else { &bytes[1..] });
        }
        data.extend_from_slice(&self.home.0);
        data.extend_from_slice(&u16::try_from(total_length).unwrap_or(u16::MAX).to_be_bytes());
        data.extend_from_slice(head);
        data
    }
}

/// A question for the receiver's entropy.
pub(super) fn nonce_get(sequence: u8) -> Vec<u8> {
    vec![COMMAND_CLASS, NONCE_GET, sequence]
}

/// Reads the sequence number of a Nonce Get.
pub(super) fn read_nonce_get(message: &[u8]) -> Result<u8, Refused> {
    let mut reader = Reader::new(message);
    expect_command(&mut reader, NONCE_GET)?;
    Ok(reader.byte("sequence number")?)
}

/// The receiver's entropy, or that it could not read a message to a group.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NonceReport {
    /// Of the receiver.
    pub sequence: u8,
    /// The receiver's entropy: the next message begins a new sequence of nonces.
    pub entropy: Option<Entropy>,
    /// The receiver could not read the last message to the group.
    pub multicast_out_of_sync: bool,
}

impl NonceReport {
    /// The message.
    pub fn encode(&self) -> Vec<u8> {
        let singlecast = if self.entropy.is_some() { SINGLECAST_OUT_OF_SYNC } else { 0 };
        let multicast = if self.multicast_out_of_sync { MULTICAST_OUT_OF_SYNC } else { 0 };
        let mut message = vec![COMMAND_CLASS, NONCE_REPORT, self.sequence, singlecast | multicast];
        message.extend(self.entropy.iter().flatten());
        message
    }

    /// Reads the message.
    pub fn decode(message: &[u8]) -> Result<Self, Refused> {
        let mut reader = Reader::new(message);
        expect_command(&mut reader, NONCE_REPORT)?;
        let sequence = reader.byte("sequence number")?;
        let flags = reader.byte("flags")?;
        let entropy = if flags & SINGLECAST_OUT_OF_SYNC != 0 { Some(reader.array("entropy")?) } else { None };
        Ok(Self { sequence, entropy, multicast_out_of_sync: flags & MULTICAST_OUT_OF_SYNC != 0 })
    }
}

fn expect_command(reader: &mut Reader<'_>, expected: u8) -> Result<(), Refused> {
    for (field, expected) in [("command class", COMMAND_CLASS), ("command", expected)] {
        let value = reader.byte(field)?;
        if value != expected {
            return Err(Problem::Unknown { field, value }.into());
        }
    }
    Ok(())
}

/// Makes a Message Encapsulation. `None` if it is longer than any frame.
pub(super) fn seal(
    (key, nonce): (&Key, &Nonce),
    addresses: Addresses,
    sequence: u8,
    extensions: &[Extension],
    command: &[u8],
) -> Option<Vec<u8>> {
    let (encrypted, unencrypted): (Vec<Extension>, Vec<Extension>) =
        extensions.iter().cloned().partition(|extension| matches!(extension, Extension::Mpan { .. }));
    let flag = |of: &[Extension], flag: u8| if of.is_empty() { 0 } else { flag };
    let flags = flag(&unencrypted, HAS_EXTENSIONS) | flag(&encrypted, HAS_ENCRYPTED_EXTENSIONS);
    let plaintext = [&extension::write_all(&encrypted)[..], command].concat();
    let mut message = vec![COMMAND_CLASS, MESSAGE_ENCAPSULATION, sequence, flags];
    message.extend(extension::write_all(&unencrypted));
    let associated = addresses.associated_data(message.len() + plaintext.len() + TAG_LENGTH, &message[2..]);
    message.extend(cipher::encrypt_ccm(key, nonce, &associated, &plaintext)?);
    Some(message)
}

/// A Message Encapsulation that is not decrypted yet.
#[derive(Debug)]
pub(super) struct Sealed<'message> {
    pub(super) sequence: u8,
    pub(super) extensions: Vec<Extension>,
    flags: u8,
    total_length: usize,
    head: &'message [u8],
    ciphertext: &'message [u8],
}

impl<'message> Sealed<'message> {
    pub(super) fn read(message: &'message [u8]) -> Result<Self, Refused> {
        let mut reader = Reader::new(message);
        expect_command(&mut reader, MESSAGE_ENCAPSULATION)?;
        let [sequence, flags] = reader.array("sequence number and flags")?;
        let extensions = match flags & HAS_EXTENSIONS {
            0 => Vec::new(),
            _ => extension::read_all(&mut reader, Place::Unencrypted)?,
        };
        let head = message.get(HEADER - 2..reader.position()).unwrap_or_default();
        let ciphertext = reader.rest();
        if ciphertext.len() < TAG_LENGTH {
            return Err(Problem::TooShort { field: "authentication tag", length: message.len() }.into());
        }
        Ok(Self { sequence, extensions, flags, total_length: message.len(), head, ciphertext })
    }

    pub(super) fn span(&self) -> Option<&Entropy> {
        self.extensions.iter().find_map(|extension| match extension {
            Extension::Span(entropy) => Some(entropy),
            _ => None,
        })
    }

    pub(super) fn group(&self) -> Option<u8> {
        self.extensions.iter().find_map(|extension| match extension {
            Extension::MulticastGroup(group) => Some(*group),
            _ => None,
        })
    }

    /// The plaintext, if it was encrypted with this.
    pub(super) fn open(&self, key: &Key, nonce: &Nonce, addresses: Addresses) -> Option<Vec<u8>> {
        let associated = addresses.associated_data(self.total_length, self.head);
        cipher::decrypt_ccm(key, nonce, &associated, self.ciphertext)
    }

    /// Takes the encrypted extensions off the plaintext; the rest is the command.
    pub(super) fn read_plaintext(&self, plaintext: &[u8]) -> Result<(Vec<Extension>, Vec<u8>), Refused> {
        let mut reader = Reader::new(plaintext);
        let extensions = match self.flags & HAS_ENCRYPTED_EXTENSIONS {
            0 => Vec::new(),
            _ => extension::read_all(&mut reader, Place::Encrypted)?,
        };
        Ok((extensions, reader.rest().to_vec()))
    }
}
