//! Sound Switch, version 2: sirens and door chimes.

use super::reader::Reader;
use super::writer::Writer;
use super::{CommandClass, Malformed};

/// The tone that stops the sound.
pub const OFF: u8 = 0x00;
/// The tone that the device is set up with.
pub const DEFAULT_TONE: u8 = 0xff;
/// The volume that the device had before it was set to 0.
pub const LAST_VOLUME: u8 = 0xff;

/// A command of Sound Switch. Tones are numbered from 1 on, volumes are 0–100 %.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Command {
    /// Asks how many tones there are.
    TonesNumberGet,
    /// How many tones there are.
    TonesNumberReport { tones: u8 },
    /// Asks for a tone.
    ToneInfoGet { tone: u8 },
    /// A tone: how many seconds it takes, and its name in UTF-8.
    ToneInfoReport { tone: u8, seconds: u16, name: Vec<u8> },
    /// Sets default volume and tone.
    ConfigurationSet { volume: u8, default_tone: u8 },
    /// Asks for default volume and tone.
    ConfigurationGet,
    /// Default volume and tone.
    ConfigurationReport { volume: u8, default_tone: u8 },
    /// Plays a tone, or stops it; the volume is of version 2, 0 = as set up.
    TonePlaySet { tone: u8, volume: Option<u8> },
    /// Asks what is played.
    TonePlayGet,
    /// What is played.
    TonePlayReport { tone: u8, volume: Option<u8> },
}

impl Command {
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        const TONE: &str = "the tone";
        const VOLUME: &str = "the volume";
        Ok(match reader.command() {
            0x01 => Self::TonesNumberGet,
            0x02 => Self::TonesNumberReport { tones: reader.byte("the number of tones")? },
            0x03 => Self::ToneInfoGet { tone: reader.byte(TONE)? },
            0x04 => {
                let (tone, seconds) = (reader.byte(TONE)?, reader.word("the duration")?);
                let length = reader.byte("the length of the name")?;
                Self::ToneInfoReport { tone, seconds, name: reader.bytes(length, "the name")? }
            }
            0x05 => Self::ConfigurationSet { volume: reader.byte(VOLUME)?, default_tone: reader.byte(TONE)? },
            0x06 => Self::ConfigurationGet,
            0x07 => Self::ConfigurationReport { volume: reader.byte(VOLUME)?, default_tone: reader.byte(TONE)? },
            0x08 => Self::TonePlaySet { tone: reader.byte(TONE)?, volume: reader.next() },
            0x09 => Self::TonePlayGet,
            0x0a => Self::TonePlayReport { tone: reader.byte(TONE)?, volume: reader.next() },
            _ => return reader.unknown_command(),
        })
    }

    pub(super) fn write(&self) -> Writer {
        let command = |command| Writer::new(CommandClass::SOUND_SWITCH, command);
        match self {
            Self::TonesNumberGet => command(0x01),
            Self::TonesNumberReport { tones } => command(0x02).byte(*tones),
            Self::ToneInfoGet { tone } => command(0x03).byte(*tone),
            Self::ToneInfoReport { tone, seconds, name } => {
                command(0x04).byte(*tone).word(*seconds).counted(0, 8, name)
            }
            Self::ConfigurationSet { volume, default_tone } => command(0x05).byte(*volume).byte(*default_tone),
            Self::ConfigurationGet => command(0x06),
            Self::ConfigurationReport { volume, default_tone } => command(0x07).byte(*volume).byte(*default_tone),
            Self::TonePlaySet { tone, volume } => command(0x08).byte(*tone).optional(*volume),
            Self::TonePlayGet => command(0x09),
            Self::TonePlayReport { tone, volume } => command(0x0a).byte(*tone).optional(*volume),
        }
    }
}
