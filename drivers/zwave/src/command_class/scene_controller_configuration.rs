//! Scene Controller Configuration, version 1: which scene a key calls.

use super::reader::Reader;
use super::value::Duration;
use super::writer::Writer;
use super::{CommandClass, Malformed};

/// A command of Scene Controller Configuration. Groups are those of Association; scene 0 = none.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Command {
    /// Sets the scene of a group.
    Set { group: u8, scene: u8, duration: Duration },
    /// Asks for the scene of a group; 0 = of the one that was used last.
    Get { group: u8 },
    /// The scene of a group.
    Report { group: u8, scene: u8, duration: Duration },
}

impl Command {
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        const GROUP: &str = "the group";
        Ok(match reader.command() {
            0x01 => {
                let (group, scene) = (reader.byte(GROUP)?, reader.byte("the scene")?);
                Self::Set { group, scene, duration: Duration(reader.byte("the duration")?) }
            }
            0x02 => Self::Get { group: reader.byte(GROUP)? },
            0x03 => {
                let (group, scene) = (reader.byte(GROUP)?, reader.byte("the scene")?);
                Self::Report { group, scene, duration: Duration(reader.byte("the duration")?) }
            }
            _ => return reader.unknown_command(),
        })
    }

    pub(super) fn write(&self) -> Writer {
        let command = |command| Writer::new(CommandClass::SCENE_CONTROLLER_CONFIGURATION, command);
        match *self {
            Self::Set { group, scene, duration } => command(0x01).byte(group).byte(scene).byte(duration),
            Self::Get { group } => command(0x02).byte(group),
            Self::Report { group, scene, duration } => command(0x03).byte(group).byte(scene).byte(duration),
        }
    }
}
