//! Multi Channel Association, version 5: to which endpoints of which nodes a node reports by itself.

use super::reader::Reader;
use super::value::{Destination, Endpoints};
use super::writer::Writer;
use super::{CommandClass, Malformed};

/// Stands between nodes and endpoints.
const MARKER: u8 = 0x00;

/// Nodes, and endpoints of nodes.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Members {
    /// Nodes as a whole: reports come without encapsulation.
    pub nodes: Vec<u8>,
    /// Endpoints: reports come in Multi Channel encapsulation. Endpoint 0 makes a node say which of its own endpoints
    /// a report is of.
    pub endpoints: Vec<Destination>,
}

/// A command of Multi Channel Association.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Command {
    /// Adds members to a group.
    Set { group: u8, members: Members },
    /// Asks for the members of a group.
    Get { group: u8 },
    /// The members of a group.
    Report { group: u8, most_nodes: u8, reports_to_follow: u8, members: Members },
    /// Takes members out of a group: no members = all of them, group 0 = out of every group.
    Remove { group: u8, members: Members },
    /// Asks how many groups there are.
    SupportedGroupingsGet,
    /// How many groups there are.
    SupportedGroupingsReport { groups: u8 },
}

impl Command {
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        const GROUP: &str = "the group";
        Ok(match reader.command() {
            0x01 => Self::Set { group: reader.byte(GROUP)?, members: read_members(reader) },
            0x02 => Self::Get { group: reader.byte(GROUP)? },
            0x03 => Self::Report {
                group: reader.byte(GROUP)?,
                most_nodes: reader.byte("the most nodes")?,
                reports_to_follow: reader.byte("the reports to follow")?,
                members: read_members(reader),
            },
            0x04 => Self::Remove { group: reader.byte(GROUP)?, members: read_members(reader) },
            0x05 => Self::SupportedGroupingsGet,
            0x06 => Self::SupportedGroupingsReport { groups: reader.byte("the number of groups")? },
            _ => return reader.unknown_command(),
        })
    }

    pub(super) fn write(&self) -> Writer {
        let command = |command| Writer::new(CommandClass::MULTI_CHANNEL_ASSOCIATION, command);
        match self {
            Self::Set { group, members } => write_members(command(0x01).byte(*group), members),
            Self::Get { group } => command(0x02).byte(*group),
            Self::Report { group, most_nodes, reports_to_follow, members } => {
                write_members(command(0x03).byte(*group).byte(*most_nodes).byte(*reports_to_follow), members)
            }
            Self::Remove { group, members } => write_members(command(0x04).byte(*group), members),
            Self::SupportedGroupingsGet => command(0x05),
            Self::SupportedGroupingsReport { groups } => command(0x06).byte(*groups),
        }
    }
}

/// Half an endpoint at the end, which some devices send, is left out.
fn read_members(reader: &mut Reader<'_>) -> Members {
    let mut members = Members::default();
    while let Some(node) = reader.next().filter(|node| *node != MARKER) {
        members.nodes.push(node);
    }
    while let (Some(node), Some(endpoint)) = (reader.next(), reader.next()) {
        members.endpoints.push(Destination { node, endpoints: Endpoints::from(endpoint) });
    }
    members
}

fn write_members(writer: Writer, members: &Members) -> Writer {
    let writer = writer.bytes(&members.nodes);
    if members.endpoints.is_empty() {
        return writer;
    }
    writer.byte(MARKER).each(&members.endpoints, |writer, member| writer.byte(member.node).byte(member.endpoints))
}
