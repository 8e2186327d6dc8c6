//! Security 2, version 1: how a node gets its keys, and what it supports with them. Nonces and encrypted messages are
//! in [`crate::security::s2`].

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
        Ok(match reader.command() {
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
