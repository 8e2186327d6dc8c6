//! Scene Actuator Configuration, version 1: what a device does when a scene is called.

use super::reader::Reader;
use super::value::{Duration, Level};
use super::writer::Writer;
use super::{CommandClass, Malformed};

/// A command of Scene Actuator Configuration.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Command {
    /// Sets a scene; without «override» the level that the device has now is taken.
    Set { scene: u8, duration: Duration, override_level: bool, level: Level },
    /// Asks for a scene; 0 = the one that is in force.
    Get { scene: u8 },
    /// A scene; scene 0 = none is in force.
    Report { scene: u8, level: Level, duration: Duration },
}

impl Command {
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        const SCENE: &str = "the scene";
        const LEVEL: &str = "the level";
        Ok(match reader.command() {
            0x01 => {
                let (scene, duration) = (reader.byte(SCENE)?, Duration(reader.byte("the duration")?));
                let override_level = reader.byte("the properties")? & 0x80 != 0;
                Self::Set { scene, duration, override_level, level: reader.level(LEVEL)? }
            }
            0x02 => Self::Get { scene: reader.byte(SCENE)? },
            0x03 => {
                let (scene, level) = (reader.byte(SCENE)?, reader.level(LEVEL)?);
                Self::Report { scene, level, duration: Duration(reader.byte("the duration")?) }
            }
            _ => return reader.unknown_command(),
        })
    }

    pub(super) fn write(&self) -> Writer {
        let command = |command| Writer::new(CommandClass::SCENE_ACTUATOR_CONFIGURATION, command);
        match *self {
            Self::Set { scene, duration, override_level, level } => {
                command(0x01).byte(scene).byte(duration).flags([(override_level, 7)]).byte(level)
            }
            Self::Get { scene } => command(0x02).byte(scene),
            Self::Report { scene, level, duration } => command(0x03).byte(scene).byte(level).byte(duration),
        }
    }
}
