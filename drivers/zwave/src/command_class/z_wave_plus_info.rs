//! Z-Wave Plus Info, version 2: which part a node plays, and its icons.

use super::reader::Reader;
use super::value::Names;
use super::writer::Writer;
use super::{CommandClass, Malformed};

/// Role types.
pub const ROLE_TYPES: Names = &[
    (0x00, "Central Static Controller"),
    (0x01, "Sub Static Controller"),
    (0x02, "Portable Controller"),
    (0x03, "Portable Reporting Controller"),
    (0x04, "Portable End Node"),
    (0x05, "Always On End Node"),
    (0x06, "Sleeping Reporting End Node"),
    (0x07, "Listening Sleeping End Node"),
    (0x08, "Network Aware End Node"),
];

/// A command of Z-Wave Plus Info.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Command {
    /// Asks for it.
    Get,
    /// The version of Z-Wave Plus, the role by [`ROLE_TYPES`], the node type (0 = a node), and icons.
    Report { plus_version: u8, role_type: u8, node_type: u8, icons: Option<Icons> },
}

/// Numbers of icons; from version 2 on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Icons {
    /// For those who install.
    pub installer: u16,
    /// For those who live there.
    pub user: u16,
}

impl Command {
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(match reader.command() {
            0x01 => Self::Get,
            0x02 => Self::Report {
                plus_version: reader.byte("the version")?,
                role_type: reader.byte("the role type")?,
                node_type: reader.byte("the node type")?,
                icons: match reader.left() {
                    0..=3 => None,
                    _ => Some(Icons { installer: reader.word("an icon")?, user: reader.word("an icon")? }),
                },
            },
            _ => return reader.unknown_command(),
        })
    }

    pub(super) fn write(&self) -> Writer {
        let command = |command| Writer::new(CommandClass::Z_WAVE_PLUS_INFO, command);
        match *self {
            Self::Get => command(0x01),
            Self::Report { plus_version, role_type, node_type, icons } => {
                let writer = command(0x02).byte(plus_version).byte(role_type).byte(node_type);
                icons.iter().fold(writer, |writer, icons| writer.word(icons.installer).word(icons.user))
            }
        }
    }
}
