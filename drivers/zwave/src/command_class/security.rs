//! Security, version 1 (Security 0): nonces, how a node gets its key, and what it supports with it. Encrypted messages
//! are in [`crate::security::s0`].

use super::reader::Reader;
use super::value::NetworkKey;
use super::writer::Writer;
use super::{CommandClass, Malformed};

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
        }
    }
}
