//! Association, version 4: to whom a node reports by itself. Group 1 is its lifeline.

use super::reader::Reader;
use super::writer::Writer;
use super::{CommandClass, Malformed};

/// A command of Association. Lists of nodes are as long as the frame.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Command {
    /// Adds nodes to a group.
    Set { group: u8, nodes: Vec<u8> },
    /// Asks for the nodes of a group.
    Get { group: u8 },
    /// The nodes of a group.
    Report { group: u8, most_nodes: u8, reports_to_follow: u8, nodes: Vec<u8> },
    /// Takes nodes out of a group: no nodes = all of them, group 0 = out of every group (from version 2 on).
    Remove { group: u8, nodes: Vec<u8> },
    /// Asks how many groups there are.
    SupportedGroupingsGet,
    /// How many groups there are.
    SupportedGroupingsReport { groups: u8 },
    /// Asks for the group of the button that was pressed last, from version 2 on.
    SpecificGroupGet,
    /// The group of the button that was pressed last; 0 = none.
    SpecificGroupReport { group: u8 },
}

impl Command {
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        const GROUP: &str = "the group";
        Ok(match reader.command() {
            0x01 => Self::Set { group: reader.byte(GROUP)?, nodes: reader.rest() },
            0x02 => Self::Get { group: reader.byte(GROUP)? },
            0x03 => Self::Report {
                group: reader.byte(GROUP)?,
                most_nodes: reader.byte("the most nodes")?,
                reports_to_follow: reader.byte("the reports to follow")?,
                nodes: reader.rest(),
            },
            0x04 => Self::Remove { group: reader.byte(GROUP)?, nodes: reader.rest() },
            0x05 => Self::SupportedGroupingsGet,
            0x06 => Self::SupportedGroupingsReport { groups: reader.byte("the number of groups")? },
            0x0b => Self::SpecificGroupGet,
            0x0c => Self::SpecificGroupReport { group: reader.byte(GROUP)? },
            _ => return reader.unknown_command(),
        })
    }

    pub(super) fn write(&self) -> Writer {
        let command = |command| Writer::new(CommandClass::ASSOCIATION, command);
        match self {
            Self::Set { group, nodes } => command(0x01).byte(*group).bytes(nodes),
            Self::Get { group } => command(0x02).byte(*group),
            Self::Report { group, most_nodes, reports_to_follow, nodes } => {
                command(0x03).byte(*group).byte(*most_nodes).byte(*reports_to_follow).bytes(nodes)
            }
            Self::Remove { group, nodes } => command(0x04).byte(*group).bytes(nodes),
            Self::SupportedGroupingsGet => command(0x05),
            Self::SupportedGroupingsReport { groups } => command(0x06).byte(*groups),
            Self::SpecificGroupGet => command(0x0b),
            Self::SpecificGroupReport { group } => command(0x0c).byte(*group),
        }
    }
}
