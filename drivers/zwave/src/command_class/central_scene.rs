//! Central Scene, version 3: keys of remotes and wall switches.

use super::reader::Reader;
use super::value::{BitMask, Names};
use super::writer::Writer;
use super::{CommandClass, Malformed};

/// What can be done with a key.
pub const KEY_ATTRIBUTES: Names = &[
    (0x00, "Key Pressed 1 time"),
    (0x01, "Key Released"),
    (0x02, "Key Held Down"),
    (0x03, "Key Pressed 2 times"),
    (0x04, "Key Pressed 3 times"),
    (0x05, "Key Pressed 4 times"),
    (0x06, "Key Pressed 5 times"),
];

/// A command of Central Scene.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Command {
    /// Asks for the scenes and keys.
    SupportedGet,
    /// How many scenes there are; from version 2 on with what can be done with their keys.
    SupportedReport { scenes: u8, keys: Option<Keys> },
    /// Something was done with a key. The same sequence number again is the same happening again.
    Notification { sequence_number: u8, key_attribute: u8, slow_refresh: bool, scene: u8 },
    /// Sets whether a key that is held is told of seldom; from version 3 on.
    ConfigurationSet { slow_refresh: bool },
    /// Asks for it.
    ConfigurationGet,
    /// Whether a key that is held is told of seldom.
    ConfigurationReport { slow_refresh: bool },
}

/// What can be done with keys: bit 0 of a mask is attribute 0 of [`KEY_ATTRIBUTES`].
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Keys {
    /// It can tell of a key that is held seldom.
    pub can_refresh_slowly: bool,
    /// One mask for every scene, or a single one for all of them.
    pub masks: Vec<BitMask>,
}

impl Command {
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(match reader.command() {
            0x01 => Self::SupportedGet,
            0x02 => {
                let scenes = reader.byte("the number of scenes")?;
                Self::SupportedReport { scenes, keys: read_keys(reader, scenes)? }
            }
            0x03 => {
                let sequence_number = reader.byte("the sequence number")?;
                let second = reader.byte("the key attribute")?;
                let (slow_refresh, key_attribute) = (second & 0x80 != 0, second & 0b111);
                Self::Notification { sequence_number, key_attribute, slow_refresh, scene: reader.byte("the scene")? }
            }
            0x04 => Self::ConfigurationSet { slow_refresh: reader.byte("the properties")? & 0x80 != 0 },
            0x05 => Self::ConfigurationGet,
            0x06 => Self::ConfigurationReport { slow_refresh: reader.byte("the properties")? & 0x80 != 0 },
            _ => return reader.unknown_command(),
        })
    }

    pub(super) fn write(&self) -> Writer {
        let command = |command| Writer::new(CommandClass::CENTRAL_SCENE, command);
        match self {
            Self::SupportedGet => command(0x01),
            Self::SupportedReport { scenes, keys: None } => command(0x02).byte(*scenes),
            Self::SupportedReport { scenes, keys: Some(keys) } => {
                let length = keys.masks.first().map_or(0, |mask| mask.0.len().min(3) as u8);
                let flags = super::writer::bits([(keys.can_refresh_slowly, 7), (keys.masks.len() == 1, 0)]);
                let writer = command(0x02).byte(*scenes).byte(flags | length << 1);
                writer.each(&keys.masks, |writer, mask| {
                    // All masks are as long as the first.
                    let bytes = (0..usize::from(length)).map(|index| mask.0.get(index).copied().unwrap_or_default());
                    bytes.fold(writer, Writer::byte)
                })
            }
            Self::Notification { sequence_number, key_attribute, slow_refresh, scene } => {
                let second = super::writer::bits([(*slow_refresh, 7)]);
                command(0x03).byte(*sequence_number).byte(second | key_attribute & 0b111).byte(*scene)
            }
            Self::ConfigurationSet { slow_refresh } => command(0x04).flags([(*slow_refresh, 7)]),
            Self::ConfigurationGet => command(0x05),
            Self::ConfigurationReport { slow_refresh } => command(0x06).flags([(*slow_refresh, 7)]),
        }
    }
}

fn read_keys(reader: &mut Reader<'_>, scenes: u8) -> Result<Option<Keys>, Malformed> {
    let Some(properties) = reader.next() else { return Ok(None) };
    let (length, are_identical) = (properties >> 1 & 0b11, properties & 0b1 != 0);
    let count = if are_identical { 1 } else { scenes };
    let masks = (0..count).map(|_| reader.mask(length, "the keys")).collect::<Result<_, _>>()?;
    Ok(Some(Keys { can_refresh_slowly: properties & 0x80 != 0, masks }))
}
