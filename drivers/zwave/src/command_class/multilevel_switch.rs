//! Multilevel Switch, version 4: dimmers, covers, fans.

use super::reader::Reader;
use super::value::{Direction, Duration, Level, Names, Target};
use super::writer::Writer;
use super::{CommandClass, Malformed};

/// What the two ends of a switch mean, from its Supported Report.
pub const SWITCH_TYPES: Names = &[
    (0x01, "Off/On"),
    (0x02, "Down/Up"),
    (0x03, "Close/Open"),
    (0x04, "Counter-Clockwise/Clockwise"),
    (0x05, "Left/Right"),
    (0x06, "Reverse/Forward"),
    (0x07, "Pull/Push"),
];

/// A command of Multilevel Switch.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Command {
    /// Sets the level; the duration is of version 2.
    Set { target: Level, duration: Option<Duration> },
    /// Asks for the level.
    Get,
    /// The level; from version 4 on with its target.
    Report { current: Level, target: Option<Target> },
    /// Changes the level until it is stopped. The duration, of version 2, is that of the whole range.
    StartLevelChange { direction: Direction, ignore_start_level: bool, start: Level, duration: Option<Duration> },
    /// Stops a change.
    StopLevelChange,
    /// Asks what the switch does, from version 3 on.
    SupportedGet,
    /// What the ends of the range mean, by [`SWITCH_TYPES`].
    SupportedReport { switch_type: u8 },
}

impl Command {
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(match reader.command() {
            0x01 => Self::Set { target: reader.level("the target value")?, duration: reader.next_duration() },
            0x02 => Self::Get,
            0x03 => Self::Report { current: reader.level("the current value")?, target: reader.next_target() },
            0x04 => {
                let (direction, ignore_start_level) = read_change(reader.byte("the direction")?);
                let (start, duration) = (reader.level("the start level")?, reader.next_duration());
                Self::StartLevelChange { direction, ignore_start_level, start, duration }
            }
            0x05 => Self::StopLevelChange,
            0x06 => Self::SupportedGet,
            0x07 => Self::SupportedReport { switch_type: reader.byte("the switch type")? & 0b1_1111 },
            _ => return reader.unknown_command(),
        })
    }

    pub(super) fn write(&self) -> Writer {
        let command = |command| Writer::new(CommandClass::MULTILEVEL_SWITCH, command);
        match *self {
            Self::Set { target, duration } => command(0x01).byte(target).optional(duration),
            Self::Get => command(0x02),
            Self::Report { current, target } => command(0x03).byte(current).target(target),
            Self::StartLevelChange { direction, ignore_start_level, start, duration } => {
                command(0x04).byte(change(direction, ignore_start_level)).byte(start).optional(duration)
            }
            Self::StopLevelChange => command(0x05),
            Self::SupportedGet => command(0x06),
            // The second switch type is that of a toggle, which no device has any more.
            Self::SupportedReport { switch_type } => command(0x07).byte(switch_type & 0b1_1111).byte(0),
        }
    }
}

/// Direction and «ignore start level», as Color Switch and Window Covering have them too.
pub(super) fn read_change(byte: u8) -> (Direction, bool) {
    let direction = if byte & 0b0100_0000 == 0 { Direction::Up } else { Direction::Down };
    (direction, byte & 0b0010_0000 != 0)
}

/// The byte of [`read_change`].
pub(super) fn change(direction: Direction, ignore_start_level: bool) -> u8 {
    super::writer::bits([(direction == Direction::Down, 6), (ignore_start_level, 5)])
}
