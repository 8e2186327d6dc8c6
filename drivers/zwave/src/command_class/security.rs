//! Security, version 1 (Security 0): the commands as they are sent. Nothing is encrypted or decrypted here.

use super::reader::Reader;
use super::value::NetworkKey;
use super::writer::Writer;
use super::{CommandClass, Malformed};

/// A command that is encrypted.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Encapsulation {
    /// The sender's half of the nonce.
    pub initialization_vector: [u8; 8],
    /// The encrypted part: properties and command.
    pub payload: Vec<u8>,
    /// The first byte of the receiver's nonce.
    pub receiver_nonce_id: u8,
    /// The authentication code.
    pub authentication_code: [u8; 8],
}

/// A command of Security.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Command {
    /// Asks for the classes that are supported with security.
    CommandsSupportedGet,
    /// The classes that are supported (and, behind a mark, controlled) with security, as [`CommandClass::list`] reads
    /// them.
    CommandsSupportedReport { reports_to_follow: u8, classes: Vec<u8> },
    /// Asks for the schemes; bit 0 unset = scheme 0.
    SchemeGet { schemes: u8 },
    /// The schemes.
    SchemeReport { schemes: u8 },
    /// Sets the network key.
    NetworkKeySet { key: NetworkKey },
    /// The key has been taken over.
    NetworkKeyVerify,
    /// The schemes that a controller hands on.
    SchemeInherit { schemes: u8 },
    /// Asks for a nonce.
    NonceGet,
    /// A nonce.
    NonceReport { nonce: [u8; 8] },
    /// An encrypted command.
    MessageEncapsulation(Encapsulation),
    /// An encrypted command whose sender wants a nonce for the next part of it.
    MessageEncapsulationNonceGet(Encapsulation),
}

impl Command {
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        const SCHEMES: &str = "the schemes";
        Ok(match reader.command() {
            0x02 => Self::CommandsSupportedGet,
            0x03 => Self::CommandsSupportedReport {
                reports_to_follow: reader.byte("the reports to follow")?,
                classes: reader.rest(),
            },
            0x04 => Self::SchemeGet { schemes: reader.byte(SCHEMES)? },
            0x05 => Self::SchemeReport { schemes: reader.byte(SCHEMES)? },
            0x06 => Self::NetworkKeySet { key: NetworkKey(reader.key("the network key")?) },
            0x07 => Self::NetworkKeyVerify,
            0x08 => Self::SchemeInherit { schemes: reader.byte(SCHEMES)? },
            0x40 => Self::NonceGet,
            0x80 => Self::NonceReport { nonce: reader.key("the nonce")? },
            0x81 => Self::MessageEncapsulation(read_encapsulation(reader)?),
            0xc1 => Self::MessageEncapsulationNonceGet(read_encapsulation(reader)?),
            _ => return reader.unknown_command(),
        })
    }

    pub(super) fn write(&self) -> Writer {
        let command = |command| Writer::new(CommandClass::SECURITY, command);
        match self {
            Self::CommandsSupportedGet => command(0x02),
            Self::CommandsSupportedReport { reports_to_follow, classes } => {
                command(0x03).byte(*reports_to_follow).bytes(classes)
            }
            Self::SchemeGet { schemes } => command(0x04).byte(*schemes),
            Self::SchemeReport { schemes } => command(0x05).byte(*schemes),
            Self::NetworkKeySet { key } => command(0x06).bytes(&key.0),
            Self::NetworkKeyVerify => command(0x07),
            Self::SchemeInherit { schemes } => command(0x08).byte(*schemes),
            Self::NonceGet => command(0x40),
            Self::NonceReport { nonce } => command(0x80).bytes(nonce),
            Self::MessageEncapsulation(encapsulation) => write_encapsulation(command(0x81), encapsulation),
            Self::MessageEncapsulationNonceGet(encapsulation) => write_encapsulation(command(0xc1), encapsulation),
        }
    }
}

/// The payload is what stands between the vector (8 bytes) and the nonce's id with the code (9 bytes).
fn read_encapsulation(reader: &mut Reader<'_>) -> Result<Encapsulation, Malformed> {
    let initialization_vector = reader.key("the initialization vector")?;
    let payload = reader.slice(reader.left().saturating_sub(9), "the encrypted payload")?.to_vec();
    Ok(Encapsulation {
        initialization_vector,
        payload,
        receiver_nonce_id: reader.byte("the receiver's nonce id")?,
        authentication_code: reader.key("the authentication code")?,
    })
}

fn write_encapsulation(writer: Writer, encapsulation: &Encapsulation) -> Writer {
    writer
        .bytes(&encapsulation.initialization_vector)
        .bytes(&encapsulation.payload)
        .byte(encapsulation.receiver_nonce_id)
        .bytes(&encapsulation.authentication_code)
}
