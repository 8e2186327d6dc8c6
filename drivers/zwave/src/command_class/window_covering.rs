//! Window Covering, version 1: blinds and curtains, each movement of them a parameter of its own.

use super::multilevel_switch::{change, read_change};
use super::reader::Reader;
use super::value::{BitMask, Direction, Duration, Level, Names, Target};
use super::writer::Writer;
use super::{CommandClass, Malformed};

/// The movements. An even number can only be moved, the odd number behind it can be sent to a position.
pub const PARAMETERS: Names = &[
    (0, "Outbound Left (no position)"),
    (1, "Outbound Left"),
    (2, "Outbound Right (no position)"),
    (3, "Outbound Right"),
    (4, "Inbound Left (no position)"),
    (5, "Inbound Left"),
    (6, "Inbound Right (no position)"),
    (7, "Inbound Right"),
    (8, "Inbound Left/Right (no position)"),
    (9, "Inbound Left/Right"),
    (10, "Vertical Slats Angle (no position)"),
    (11, "Vertical Slats Angle"),
    (12, "Outbound Bottom (no position)"),
    (13, "Outbound Bottom"),
    (14, "Outbound Top (no position)"),
    (15, "Outbound Top"),
    (16, "Inbound Bottom (no position)"),
    (17, "Inbound Bottom"),
    (18, "Inbound Top (no position)"),
    (19, "Inbound Top"),
    (20, "Inbound Top/Bottom (no position)"),
    (21, "Inbound Top/Bottom"),
    (22, "Horizontal Slats Angle (no position)"),
    (23, "Horizontal Slats Angle"),
];

/// A movement and where it is to end.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Position {
    /// By [`PARAMETERS`].
    pub parameter: u8,
    /// 0 is closed (of slats: closed one way), 99 open (closed the other way).
    pub value: Level,
}

/// A command of Window Covering.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Command {
    /// Asks for the movements.
    SupportedGet,
    /// The movements: bit 0 is parameter 0.
    SupportedReport { parameters: BitMask },
    /// Asks where a movement is.
    Get { parameter: u8 },
    /// Where a movement is, and where it will be.
    Report { current: Position, target: Target },
    /// Moves, at most 31 at once.
    Set { positions: Vec<Position>, duration: Option<Duration> },
    /// Moves until it is stopped.
    StartLevelChange { direction: Direction, parameter: u8, duration: Option<Duration> },
    /// Stops a movement.
    StopLevelChange { parameter: u8 },
}

impl Command {
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        const PARAMETER: &str = "the parameter";
        Ok(match reader.command() {
            0x01 => Self::SupportedGet,
            0x02 => {
                let length = reader.byte("the length of the parameters")? & 0b1111;
                Self::SupportedReport { parameters: reader.mask(length, "the parameters")? }
            }
            0x03 => Self::Get { parameter: reader.byte(PARAMETER)? },
            0x04 => {
                let current = read_position(reader)?;
                let (level, duration) = (reader.level("the target value")?, Duration(reader.byte("the duration")?));
                Self::Report { current, target: Target { level, duration } }
            }
            0x05 => {
                let count = reader.byte("the number of parameters")? & 0b1_1111;
                let positions = (0..count).map(|_| read_position(reader)).collect::<Result<_, _>>()?;
                Self::Set { positions, duration: reader.next_duration() }
            }
            0x06 => {
                let (direction, _) = read_change(reader.byte("the direction")?);
                let parameter = reader.byte(PARAMETER)?;
                Self::StartLevelChange { direction, parameter, duration: reader.next_duration() }
            }
            0x07 => Self::StopLevelChange { parameter: reader.byte(PARAMETER)? },
            _ => return reader.unknown_command(),
        })
    }

    pub(super) fn write(&self) -> Writer {
        let command = |command| Writer::new(CommandClass::WINDOW_COVERING, command);
        let position = |writer: Writer, item: &Position| writer.byte(item.parameter).byte(item.value);
        match self {
            Self::SupportedGet => command(0x01),
            Self::SupportedReport { parameters } => command(0x02).counted(0, 4, &parameters.0),
            Self::Get { parameter } => command(0x03).byte(*parameter),
            Self::Report { current, target } => position(command(0x04), current).target(Some(*target)),
            Self::Set { positions, duration } => {
                let positions = positions.get(..0b1_1111).unwrap_or(positions);
                command(0x05).byte(positions.len() as u8).each(positions, position).optional(*duration)
            }
            Self::StartLevelChange { direction, parameter, duration } => {
                command(0x06).byte(change(*direction, false)).byte(*parameter).optional(*duration)
            }
            Self::StopLevelChange { parameter } => command(0x07).byte(*parameter),
        }
    }
}

fn read_position(reader: &mut Reader<'_>) -> Result<Position, Malformed> {
    Ok(Position { parameter: reader.byte("the parameter")?, value: reader.level("the value")? })
}
