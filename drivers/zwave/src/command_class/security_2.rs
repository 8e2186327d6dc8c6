//! Security 2, version 1: the commands as they are sent. Nothing is encrypted or decrypted here.

use super::reader::Reader;
use super::value::{Names, NetworkKey};
use super::writer::Writer;
use super::{CommandClass, Malformed};

/// Why an inclusion with security ended.
pub const KEX_FAIL_TYPES: Names = &[
    (0x01, "KEX_KEY: no match between requested and granted keys"),
    (0x02, "KEX_SCHEME: no scheme is supported by both"),
    (0x03, "KEX_CURVES: no curve is supported by both"),
    (0x05, "DECRYPT: a frame could not be decrypted"),
    (0x06, "CANCEL: the inclusion was cancelled"),
    (0x07, "AUTH: the echoed frame does not match"),
    (0x08, "KEY_GET: a key was asked for that was not granted"),
    (0x09, "KEY_VERIFY: a key could not be verified"),
    (0x0a, "KEY_REPORT: another key was sent than asked for"),
];

/// The tag of an encrypted message, in bytes.
const TAG: usize = 8;

/// A message that is encrypted.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Encapsulation {
    /// Counts up with every frame.
    pub sequence_number: u8,
    /// The encrypted part begins with extensions.
    pub has_encrypted_extensions: bool,
    /// Extensions in the clear.
    pub extensions: Vec<Extension>,
    /// The encrypted part with its tag of 8 bytes.
    pub ciphertext: Vec<u8>,
}

/// An extension of a message.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Extension {
    /// 1 SPAN (entropy), 2 MPAN, 3 MGRP (group), 4 MOS.
    pub extension_type: u8,
    /// A receiver that does not know it leaves the message out.
    pub is_critical: bool,
    /// What it says.
    pub data: Vec<u8>,
}

/// What a node wants, or a controller grants, at inclusion.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct KeyExchange {
    /// The frame repeats an earlier one, encrypted.
    pub echo: bool,
    /// Client-side authentication is wanted or permitted.
    pub client_side_authentication: bool,
    /// Bits that have no meaning yet; an echo has them as they were.
    pub reserved: u8,
    /// Schemes: bit 1 is scheme 1.
    pub schemes: u8,
    /// Curves: bit 0 is Curve25519.
    pub curves: u8,
    /// Keys: bit 0 unauthenticated, 1 authenticated, 2 access control, 7 Security 0.
    pub keys: u8,
}

/// A command of Security 2.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Command {
    /// Asks for entropy.
    NonceGet { sequence_number: u8 },
    /// Entropy of the receiver of singlecasts (16 bytes), and whether it missed a multicast.
    NonceReport { sequence_number: u8, missed_multicast: bool, receiver_entropy: Option<[u8; 16]> },
    /// An encrypted message.
    MessageEncapsulation(Encapsulation),
    /// Asks a node at inclusion what it wants.
    KexGet,
    /// What a node wants.
    KexReport(KeyExchange),
    /// What a controller grants.
    KexSet(KeyExchange),
    /// The inclusion ended, by [`KEX_FAIL_TYPES`].
    KexFail { fail_type: u8 },
    /// A public key, of the including controller or of the node; its first bytes may be left out.
    PublicKeyReport { from_including_node: bool, public_key: Vec<u8> },
    /// Asks for a granted key (one bit of [`KeyExchange::keys`]).
    NetworkKeyGet { key: u8 },
    /// A granted key.
    NetworkKeyReport { key: u8, network_key: NetworkKey },
    /// The node has the key.
    NetworkKeyVerify,
    /// A key, or the whole exchange, is done.
    TransferEnd { key_verified: bool, key_request_complete: bool },
    /// Asks for the classes that are supported with the key that is used.
    CommandsSupportedGet,
    /// The classes that are supported with it, as [`CommandClass::list`] reads them.
    CommandsSupportedReport { classes: Vec<u8> },
}

impl Command {
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        const SEQUENCE: &str = "the sequence number";
        Ok(match reader.command() {
            0x01 => Self::NonceGet { sequence_number: reader.byte(SEQUENCE)? },
            0x02 => {
                let (sequence_number, flags) = (reader.byte(SEQUENCE)?, reader.byte("the properties")?);
                let receiver_entropy =
                    if flags & 0b1 == 0 { None } else { Some(reader.key("the receiver's entropy")?) };
                Self::NonceReport { sequence_number, missed_multicast: flags & 0b10 != 0, receiver_entropy }
            }
            0x03 => Self::MessageEncapsulation(read_encapsulation(reader)?),
            0x04 => Self::KexGet,
            0x05 => Self::KexReport(read_key_exchange(reader)?),
            0x06 => Self::KexSet(read_key_exchange(reader)?),
            0x07 => Self::KexFail { fail_type: reader.byte("the reason")? },
            0x08 => {
                let from_including_node = reader.byte("the properties")? & 0b1 != 0;
                Self::PublicKeyReport { from_including_node, public_key: reader.rest() }
            }
            0x09 => Self::NetworkKeyGet { key: reader.byte("the key")? },
            0x0a => Self::NetworkKeyReport {
                key: reader.byte("the key")?,
                network_key: NetworkKey(reader.key("the network key")?),
            },
            0x0b => Self::NetworkKeyVerify,
            0x0c => {
                let flags = reader.byte("the properties")?;
                Self::TransferEnd { key_verified: flags & 0b10 != 0, key_request_complete: flags & 0b1 != 0 }
            }
            0x0d => Self::CommandsSupportedGet,
            0x0e => Self::CommandsSupportedReport { classes: reader.rest() },
            _ => return reader.unknown_command(),
        })
    }

    pub(super) fn write(&self) -> Writer {
        let command = |command| Writer::new(CommandClass::SECURITY_2, command);
        match self {
            Self::NonceGet { sequence_number } => command(0x01).byte(*sequence_number),
            Self::NonceReport { sequence_number, missed_multicast, receiver_entropy } => {
                let flags = [(*missed_multicast, 1), (receiver_entropy.is_some(), 0)];
                let writer = command(0x02).byte(*sequence_number).flags(flags);
                receiver_entropy.iter().fold(writer, |writer, entropy| writer.bytes(entropy))
            }
            Self::MessageEncapsulation(encapsulation) => write_encapsulation(command(0x03), encapsulation),
            Self::KexGet => command(0x04),
            Self::KexReport(exchange) => write_key_exchange(command(0x05), *exchange),
            Self::KexSet(exchange) => write_key_exchange(command(0x06), *exchange),
            Self::KexFail { fail_type } => command(0x07).byte(*fail_type),
            Self::PublicKeyReport { from_including_node, public_key } => {
                command(0x08).flags([(*from_including_node, 0)]).bytes(public_key)
            }
            Self::NetworkKeyGet { key } => command(0x09).byte(*key),
            Self::NetworkKeyReport { key, network_key } => command(0x0a).byte(*key).bytes(&network_key.0),
            Self::NetworkKeyVerify => command(0x0b),
            Self::TransferEnd { key_verified, key_request_complete } => {
                command(0x0c).flags([(*key_verified, 1), (*key_request_complete, 0)])
            }
            Self::CommandsSupportedGet => command(0x0d),
            Self::CommandsSupportedReport { classes } => command(0x0e).bytes(classes),
        }
    }
}

fn read_encapsulation(reader: &mut Reader<'_>) -> Result<Encapsulation, Malformed> {
    let (sequence_number, flags) = (reader.byte("the sequence number")?, reader.byte("the properties")?);
    let mut extensions = Vec::new();
    let mut more = flags & 0b1 != 0;
    while more {
        let length = reader.byte("the length of an extension")?;
        if length < 2 {
            return reader.invalid("the length of an extension", length, "an extension is at least 2 bytes long");
        }
        let properties = reader.byte("the type of an extension")?;
        let data = reader.bytes(length - 2, "an extension")?;
        more = properties & 0x80 != 0;
        extensions.push(Extension {
            extension_type: properties & 0b11_1111,
            is_critical: properties & 0x40 != 0,
            data,
        });
    }
    let ciphertext = reader.slice(reader.left().max(TAG), "the tag")?.to_vec();
    Ok(Encapsulation { sequence_number, has_encrypted_extensions: flags & 0b10 != 0, extensions, ciphertext })
}

fn write_encapsulation(writer: Writer, encapsulation: &Encapsulation) -> Writer {
    let extensions = &encapsulation.extensions;
    let flags = [(!extensions.is_empty(), 0), (encapsulation.has_encrypted_extensions, 1)];
    let last = extensions.len().saturating_sub(1);
    writer
        .byte(encapsulation.sequence_number)
        .flags(flags)
        .each(extensions.iter().enumerate(), |writer, (index, extension)| {
            let data = extension.data.get(..253).unwrap_or(&extension.data);
            let properties = super::writer::bits([(index < last, 7), (extension.is_critical, 6)]);
            writer.byte(data.len() as u8 + 2).byte(properties | extension.extension_type & 0b11_1111).bytes(data)
        })
        .bytes(&encapsulation.ciphertext)
}

fn read_key_exchange(reader: &mut Reader<'_>) -> Result<KeyExchange, Malformed> {
    let flags = reader.byte("the properties")?;
    Ok(KeyExchange {
        echo: flags & 0b1 != 0,
        client_side_authentication: flags & 0b10 != 0,
        reserved: flags & 0b1111_1100,
        schemes: reader.byte("the schemes")?,
        curves: reader.byte("the curves")?,
        keys: reader.byte("the keys")?,
    })
}

fn write_key_exchange(writer: Writer, exchange: KeyExchange) -> Writer {
    let flags = super::writer::bits([(exchange.echo, 0), (exchange.client_side_authentication, 1)]);
    writer
        .byte(flags | exchange.reserved & 0b1111_1100)
        .byte(exchange.schemes)
        .byte(exchange.curves)
        .byte(exchange.keys)
}
