//! Entry Control, version 1: key pads.

use super::reader::Reader;
use super::user_code::Code;
use super::value::{BitMask, Names};
use super::writer::Writer;
use super::{CommandClass, Malformed};

/// What was done at a key pad.
pub const EVENT_TYPES: Names = &[
    (0x00, "Caching"),
    (0x01, "Cached keys"),
    (0x02, "Enter"),
    (0x03, "Disarm all"),
    (0x04, "Arm all"),
    (0x05, "Away"),
    (0x06, "Home"),
    (0x07, "Arm delay"),
    (0x08, "Arm zone 1"),
    (0x09, "Arm zone 2"),
    (0x0a, "Arm zone 3"),
    (0x0b, "Arm zone 4"),
    (0x0c, "Arm zone 5"),
    (0x0d, "Arm zone 6"),
    (0x0e, "RFID"),
    (0x0f, "Bell"),
    (0x10, "Fire"),
    (0x11, "Police"),
    (0x12, "Panic alert"),
    (0x13, "Medical alert"),
    (0x14, "Open gate"),
    (0x15, "Close gate"),
    (0x16, "Lock"),
    (0x17, "Unlock"),
    (0x18, "Test"),
    (0x19, "Cancel"),
];
/// How the data of an event is to be read.
pub const DATA_TYPES: Names = &[(0x00, "None"), (0x01, "Raw"), (0x02, "ASCII"), (0x03, "MD5")];

/// A command of Entry Control.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Command {
    /// Something was done, by [`EVENT_TYPES`], with what was typed in, by [`DATA_TYPES`]. The same sequence number again
    /// is the same happening again.
    Notification { sequence_number: u8, data_type: u8, event_type: u8, data: Code },
    /// Asks for the keys.
    KeySupportedGet,
    /// The keys, as letters: bit 0x30 is «0».
    KeySupportedReport { keys: BitMask },
    /// Asks what it can tell.
    EventSupportedGet,
    /// What it can tell.
    EventSupportedReport(Supported),
    /// Sets how many keys are kept, and for how many seconds, before they are sent.
    ConfigurationSet { keys: u8, seconds: u8 },
    /// Asks for it.
    ConfigurationGet,
    /// How many keys are kept, and for how many seconds.
    ConfigurationReport { keys: u8, seconds: u8 },
}

/// What a key pad can tell.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Supported {
    /// Bit 0 is type 0.
    pub data_types: BitMask,
    /// Bit 0 is type 0.
    pub event_types: BitMask,
    /// Least and greatest number of keys.
    pub keys: [u8; 2],
    /// Least and greatest number of seconds.
    pub seconds: [u8; 2],
}

impl Command {
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        const KEYS: &str = "the number of keys";
        const SECONDS: &str = "the seconds";
        Ok(match reader.command() {
            0x01 => {
                let sequence_number = reader.byte("the sequence number")?;
                let data_type = reader.byte("the data type")? & 0b11;
                let (event_type, length) = (reader.byte("the event type")?, reader.byte("the length of the data")?);
                let data = Code(reader.bytes(length, "the data")?);
                Self::Notification { sequence_number, data_type, event_type, data }
            }
            0x02 => Self::KeySupportedGet,
            0x03 => {
                let length = reader.byte("the length of the keys")?;
                Self::KeySupportedReport { keys: reader.mask(length, "the keys")? }
            }
            0x04 => Self::EventSupportedGet,
            0x05 => {
                let length = reader.byte("the length of the data types")? & 0b11;
                let data_types = reader.mask(length, "the data types")?;
                let length = reader.byte("the length of the event types")? & 0b1_1111;
                let event_types = reader.mask(length, "the event types")?;
                let (keys, seconds) = (reader.key(KEYS)?, reader.key(SECONDS)?);
                Self::EventSupportedReport(Supported { data_types, event_types, keys, seconds })
            }
            0x06 => Self::ConfigurationSet { keys: reader.byte(KEYS)?, seconds: reader.byte(SECONDS)? },
            0x07 => Self::ConfigurationGet,
            0x08 => Self::ConfigurationReport { keys: reader.byte(KEYS)?, seconds: reader.byte(SECONDS)? },
            _ => return reader.unknown_command(),
        })
    }

    pub(super) fn write(&self) -> Writer {
        let command = |command| Writer::new(CommandClass::ENTRY_CONTROL, command);
        match self {
            Self::Notification { sequence_number, data_type, event_type, data } => {
                let writer = command(0x01).byte(*sequence_number).byte(data_type & 0b11).byte(*event_type);
                writer.counted(0, 8, &data.0)
            }
            Self::KeySupportedGet => command(0x02),
            Self::KeySupportedReport { keys } => command(0x03).counted(0, 8, &keys.0),
            Self::EventSupportedGet => command(0x04),
            Self::EventSupportedReport(supported) => command(0x05)
                .counted(0, 2, &supported.data_types.0)
                .counted(0, 5, &supported.event_types.0)
                .bytes(&supported.keys)
                .bytes(&supported.seconds),
            Self::ConfigurationSet { keys, seconds } => command(0x06).byte(*keys).byte(*seconds),
            Self::ConfigurationGet => command(0x07),
            Self::ConfigurationReport { keys, seconds } => command(0x08).byte(*keys).byte(*seconds),
        }
    }
}
