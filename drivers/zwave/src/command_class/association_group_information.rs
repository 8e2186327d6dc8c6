//! Association Group Information, version 3: what the groups of Association are for.

use super::reader::Reader;
use super::writer::Writer;
use super::{CommandClass, Malformed};

/// The profile of the lifeline.
pub const LIFELINE: u16 = 0x0001;
/// In a question: of every group.
pub const EVERY_GROUP: u8 = 0;

/// What a group is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Group {
    /// Its number.
    pub group: u8,
    /// What it is for: [`LIFELINE`], or the class and number of a key, sensor, notification or meter.
    pub profile: u16,
}

/// A command of Association Group Information.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Command {
    /// Asks for a group's name.
    NameGet { group: u8 },
    /// A group's name, in UTF-8.
    NameReport { group: u8, name: Vec<u8> },
    /// Asks what groups are for: one, or all of them as a list.
    InfoGet { refresh: bool, list: bool, group: u8 },
    /// What groups are for.
    InfoReport { list: bool, is_dynamic: bool, groups: Vec<Group> },
    /// Asks which commands a group sends.
    CommandListGet { allow_cache: bool, group: u8 },
    /// Which commands a group sends: class and command, one after the other.
    CommandListReport { group: u8, commands: Vec<u8> },
}

impl Command {
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        const GROUP: &str = "the group";
        Ok(match reader.command() {
            0x01 => Self::NameGet { group: reader.byte(GROUP)? },
            0x02 => {
                let (group, length) = (reader.byte(GROUP)?, reader.byte("the length of the name")?);
                Self::NameReport { group, name: reader.bytes(length, "the name")? }
            }
            0x03 => {
                let flags = reader.byte("the options")?;
                let (refresh, list) = (flags & 0x80 != 0, flags & 0x40 != 0);
                Self::InfoGet { refresh, list, group: reader.byte(GROUP)? }
            }
            0x04 => {
                let flags = reader.byte("the number of groups")?;
                let groups = (0..flags & 0b11_1111).map(|_| read_group(reader)).collect::<Result<_, _>>()?;
                Self::InfoReport { list: flags & 0x80 != 0, is_dynamic: flags & 0x40 != 0, groups }
            }
            0x05 => {
                let allow_cache = reader.byte("the options")? & 0x80 != 0;
                Self::CommandListGet { allow_cache, group: reader.byte(GROUP)? }
            }
            0x06 => {
                let (group, length) = (reader.byte(GROUP)?, reader.byte("the length of the commands")?);
                Self::CommandListReport { group, commands: reader.bytes(length, "the commands")? }
            }
            _ => return reader.unknown_command(),
        })
    }

    pub(super) fn write(&self) -> Writer {
        let command = |command| Writer::new(CommandClass::ASSOCIATION_GROUP_INFORMATION, command);
        match self {
            Self::NameGet { group } => command(0x01).byte(*group),
            Self::NameReport { group, name } => command(0x02).byte(*group).counted(0, 8, name),
            Self::InfoGet { refresh, list, group } => command(0x03).flags([(*refresh, 7), (*list, 6)]).byte(*group),
            Self::InfoReport { list, is_dynamic, groups } => {
                let groups = groups.get(..0b11_1111).unwrap_or(groups);
                let flags = super::writer::bits([(*list, 7), (*is_dynamic, 6)]);
                // Mode, the byte behind the profile and the event's two are reserved.
                command(0x04)
                    .byte(flags | groups.len() as u8)
                    .each(groups, |writer, group| writer.byte(group.group).byte(0).word(group.profile).byte(0).word(0))
            }
            Self::CommandListGet { allow_cache, group } => command(0x05).flags([(*allow_cache, 7)]).byte(*group),
            Self::CommandListReport { group, commands } => command(0x06).byte(*group).counted(0, 8, commands),
        }
    }
}

fn read_group(reader: &mut Reader<'_>) -> Result<Group, Malformed> {
    let group = reader.byte("the group")?;
    reader.byte("the mode")?;
    let profile = reader.word("the profile")?;
    reader.slice(3, "the event")?;
    Ok(Group { group, profile })
}
