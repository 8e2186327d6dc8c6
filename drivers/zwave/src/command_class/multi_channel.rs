//! Multi Channel, version 4, and Multi Instance, version 1, of the same number: endpoints of a node.

use super::reader::Reader;
use super::value::{BitMask, Endpoints};
use super::writer::Writer;
use super::{CommandClass, Malformed};

/// The generic device class of an endpoint that is gone.
pub const NON_INTEROPERABLE: u8 = 0xff;
/// In a search: any device class.
pub const ANY: u8 = 0xff;

/// A command of Multi Channel. Endpoints are 1–127.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Command {
    /// Asks how many instances of a class there are, in version 1.
    InstanceGet { class: u8 },
    /// How many instances of a class there are.
    InstanceReport { class: u8, instances: u8 },
    /// A command for or from an instance, in version 1.
    InstanceEncapsulation { instance: u8, inner: Vec<u8> },
    /// Asks how many endpoints there are.
    EndPointGet,
    /// How many endpoints there are; those that stand for several others are counted apart (version 4).
    EndPointReport { is_dynamic: bool, are_identical: bool, endpoints: u8, aggregated: Option<u8> },
    /// Asks what an endpoint is.
    CapabilityGet { endpoint: u8 },
    /// What an endpoint is, and the classes it supports, as in a node information frame.
    CapabilityReport { endpoint: u8, is_dynamic: bool, generic: u8, specific: u8, classes: Vec<u8> },
    /// Asks for the endpoints of a device class; [`ANY`] for all of them.
    EndPointFind { generic: u8, specific: u8 },
    /// The endpoints of a device class.
    EndPointFindReport { reports_to_follow: u8, generic: u8, specific: u8, endpoints: Vec<u8> },
    /// A command from an endpoint to one or several.
    Encapsulation { source: u8, destination: Endpoints, inner: Vec<u8> },
    /// Asks which endpoints an aggregated one stands for.
    AggregatedMembersGet { endpoint: u8 },
    /// Which endpoints an aggregated one stands for: bit 0 is endpoint 1.
    AggregatedMembersReport { endpoint: u8, members: BitMask },
}

impl Command {
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        const ENDPOINT: &str = "the endpoint";
        const GENERIC: &str = "the generic device class";
        const SPECIFIC: &str = "the specific device class";
        Ok(match reader.command() {
            0x04 => Self::InstanceGet { class: reader.byte("the command class")? },
            0x05 => Self::InstanceReport {
                class: reader.byte("the command class")?,
                instances: reader.byte("the number of instances")? & 0x7f,
            },
            0x06 => {
                let instance = reader.byte("the instance")? & 0x7f;
                // Some devices of version 2 and later put a destination behind it, which is 0.
                if reader.peek() == Some(0) && reader.left() > 1 {
                    reader.byte("the destination")?;
                }
                Self::InstanceEncapsulation { instance, inner: reader.rest() }
            }
            0x07 => Self::EndPointGet,
            0x08 => {
                let flags = reader.byte("the properties")?;
                let endpoints = reader.byte("the number of endpoints")? & 0x7f;
                let aggregated = reader.next().map(|byte| byte & 0x7f);
                let (is_dynamic, are_identical) = (flags & 0x80 != 0, flags & 0x40 != 0);
                Self::EndPointReport { is_dynamic, are_identical, endpoints, aggregated }
            }
            0x09 => Self::CapabilityGet { endpoint: reader.byte(ENDPOINT)? & 0x7f },
            0x0a => {
                let first = reader.byte(ENDPOINT)?;
                let (generic, specific) = (reader.byte(GENERIC)?, reader.byte(SPECIFIC)?);
                let (endpoint, is_dynamic) = (first & 0x7f, first & 0x80 != 0);
                Self::CapabilityReport { endpoint, is_dynamic, generic, specific, classes: reader.rest() }
            }
            0x0b => Self::EndPointFind { generic: reader.byte(GENERIC)?, specific: reader.byte(SPECIFIC)? },
            0x0c => {
                let reports_to_follow = reader.byte("the reports to follow")?;
                let (generic, specific) = (reader.byte(GENERIC)?, reader.byte(SPECIFIC)?);
                // 0 stands for «none».
                let endpoints = reader.rest().into_iter().map(|byte| byte & 0x7f).filter(|number| *number != 0);
                Self::EndPointFindReport { reports_to_follow, generic, specific, endpoints: endpoints.collect() }
            }
            0x0d => {
                let source = reader.byte("the source endpoint")? & 0x7f;
                let destination = Endpoints::from(reader.byte("the destination endpoint")?);
                Self::Encapsulation { source, destination, inner: reader.rest() }
            }
            0x0e => Self::AggregatedMembersGet { endpoint: reader.byte(ENDPOINT)? & 0x7f },
            0x0f => {
                let (endpoint, length) = (reader.byte(ENDPOINT)? & 0x7f, reader.byte("the length of the members")?);
                Self::AggregatedMembersReport { endpoint, members: reader.mask(length, "the members")? }
            }
            _ => return reader.unknown_command(),
        })
    }

    pub(super) fn write(&self) -> Writer {
        let command = |command| Writer::new(CommandClass::MULTI_CHANNEL, command);
        match self {
            Self::InstanceGet { class } => command(0x04).byte(*class),
            Self::InstanceReport { class, instances } => command(0x05).byte(*class).byte(instances & 0x7f),
            Self::InstanceEncapsulation { instance, inner } => {
                let writer = command(0x06).byte(instance & 0x7f);
                // A command of No Operation would be taken for a destination.
                let destination = (inner.len() > 1 && inner.first() == Some(&0)).then_some(0);
                writer.optional(destination).bytes(inner)
            }
            Self::EndPointGet => command(0x07),
            Self::EndPointReport { is_dynamic, are_identical, endpoints, aggregated } => command(0x08)
                .flags([(*is_dynamic, 7), (*are_identical, 6)])
                .byte(endpoints & 0x7f)
                .optional(aggregated.map(|count| count & 0x7f)),
            Self::CapabilityGet { endpoint } => command(0x09).byte(endpoint & 0x7f),
            Self::CapabilityReport { endpoint, is_dynamic, generic, specific, classes } => command(0x0a)
                .byte(endpoint & 0x7f | if *is_dynamic { 0x80 } else { 0 })
                .byte(*generic)
                .byte(*specific)
                .bytes(classes),
            Self::EndPointFind { generic, specific } => command(0x0b).byte(*generic).byte(*specific),
            Self::EndPointFindReport { reports_to_follow, generic, specific, endpoints } => {
                command(0x0c).byte(*reports_to_follow).byte(*generic).byte(*specific).bytes(endpoints)
            }
            Self::Encapsulation { source, destination, inner } => {
                command(0x0d).byte(source & 0x7f).byte(*destination).bytes(inner)
            }
            Self::AggregatedMembersGet { endpoint } => command(0x0e).byte(endpoint & 0x7f),
            Self::AggregatedMembersReport { endpoint, members } => {
                command(0x0f).byte(endpoint & 0x7f).counted(0, 8, &members.0)
            }
        }
    }
}
