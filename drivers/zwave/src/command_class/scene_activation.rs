//! Scene Activation, version 1: a scene is called.

use super::reader::Reader;
use super::value::Duration;
use super::writer::Writer;
use super::{CommandClass, Malformed};

/// A command of Scene Activation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Command {
    /// Calls a scene, 1–255.
    Set { scene: u8, duration: Option<Duration> },
}

impl Command {
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        match reader.command() {
            0x01 => Ok(Self::Set { scene: reader.byte("the scene")?, duration: reader.next_duration() }),
            _ => reader.unknown_command(),
        }
    }

    pub(super) fn write(&self) -> Writer {
        let Self::Set { scene, duration } = *self;
        Writer::new(CommandClass::SCENE_ACTIVATION, 0x01).byte(scene).optional(duration)
    }
}
