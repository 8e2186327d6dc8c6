//! Door Lock Logging, version 1: what happened at a lock.

use super::reader::Reader;
use super::user_code::Code;
use super::value::{DateTime, Names};
use super::writer::Writer;
use super::{CommandClass, Malformed};

/// What happened.
pub const EVENT_TYPES: Names = &[
    (0x01, "Locked via Access Code"),
    (0x02, "Unlocked via Access Code"),
    (0x03, "Locked via Lock Button"),
    (0x04, "Unlocked via Unlock Button"),
    (0x05, "Out of Schedule Lock Attempt via Access Code"),
    (0x06, "Out of Schedule Unlock Attempt via Access Code"),
    (0x07, "Illegal Access Code Entered"),
    (0x08, "Manually Locked"),
    (0x09, "Manually Unlocked"),
    (0x0a, "Auto Locked"),
    (0x0b, "Auto Unlocked"),
    (0x0c, "Locked via Remote Access Code"),
    (0x0d, "Unlocked via Remote Access Code"),
    (0x0e, "Locked via Remote"),
    (0x0f, "Unlocked via Remote"),
    (0x10, "Out of Schedule Lock Attempt via Remote Access Code"),
    (0x11, "Out of Schedule Unlock Attempt via Remote Access Code"),
    (0x12, "Illegal Remote Access Code"),
    (0x13, "Manually Locked (2)"),
    (0x14, "Manually Unlocked (2)"),
    (0x15, "Lock Secured"),
    (0x16, "Lock Unsecured"),
    (0x17, "User Code Added"),
    (0x18, "User Code Deleted"),
    (0x19, "All User Codes Deleted"),
    (0x1a, "Admin Code Changed"),
    (0x1b, "User Code Changed"),
    (0x1c, "Lock Reset"),
    (0x1d, "Configuration Changed"),
    (0x1e, "Low Battery"),
    (0x1f, "New Battery Installed"),
    (0x20, "Unknown"),
];

/// In a question: the newest record.
pub const NEWEST: u8 = 0;

/// What happened, when and by whom.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Record {
    /// The number of the record.
    pub record: u8,
    /// The record holds something.
    pub is_used: bool,
    /// When it happened, by the lock's clock.
    pub at: DateTime,
    /// By [`EVENT_TYPES`].
    pub event_type: u8,
    /// The user; 0 = none.
    pub user: u8,
    /// The code that was typed in.
    pub code: Code,
}

/// A command of Door Lock Logging.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Command {
    /// Asks how many records there can be.
    RecordsSupportedGet,
    /// How many records there can be.
    RecordsSupportedReport { records: u8 },
    /// Asks for a record.
    RecordGet { record: u8 },
    /// A record.
    RecordReport(Record),
}

impl Command {
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        const RECORD: &str = "the record";
        Ok(match reader.command() {
            0x01 => Self::RecordsSupportedGet,
            0x02 => Self::RecordsSupportedReport { records: reader.byte("the number of records")? },
            0x03 => Self::RecordGet { record: reader.byte(RECORD)? },
            0x04 => {
                let (record, mut at) = (reader.byte(RECORD)?, reader.date_time("the time")?);
                // The upper bits of the hour say whether there is a record.
                let is_used = at.time.hour >> 5 != 0;
                at.time.hour &= 0b1_1111;
                let (event_type, user) = (reader.byte("the event type")?, reader.byte("the user")?);
                let length = reader.byte("the length of the code")?;
                let code = Code(reader.bytes(length, "the code")?);
                Self::RecordReport(Record { record, is_used, at, event_type, user, code })
            }
            _ => return reader.unknown_command(),
        })
    }

    pub(super) fn write(&self) -> Writer {
        let command = |command| Writer::new(CommandClass::DOOR_LOCK_LOGGING, command);
        match self {
            Self::RecordsSupportedGet => command(0x01),
            Self::RecordsSupportedReport { records } => command(0x02).byte(*records),
            Self::RecordGet { record } => command(0x03).byte(*record),
            Self::RecordReport(record) => {
                let mut at = record.at;
                at.time.hour = at.time.hour & 0b1_1111 | u8::from(record.is_used) << 5;
                command(0x04).byte(record.record).date_time(at).byte(record.event_type).byte(record.user).counted(
                    0,
                    8,
                    &record.code.0,
                )
            }
        }
    }
}
