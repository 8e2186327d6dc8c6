//! Climate Control Schedule, version 1: setbacks of a thermostat through the week.

use super::reader::Reader;
use super::writer::Writer;
use super::{CommandClass, Malformed};

/// From this time of day on, this setback (as in Thermostat Setback).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SwitchPoint {
    /// 0–23.
    pub hour: u8,
    /// 0–59.
    pub minute: u8,
    /// Tenths of a kelvin, or one of Thermostat Setback's constants.
    pub state: i8,
}

impl SwitchPoint {
    /// A switch point that is not used.
    pub const UNUSED: Self = Self { hour: 0, minute: 0, state: super::thermostat_setback::UNUSED };
}

/// How many switch points a day has.
pub const SWITCH_POINTS: usize = 9;

/// A command of Climate Control Schedule. Weekdays are 1 (Monday) to 7.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Command {
    /// Sets a day.
    Set { weekday: u8, switch_points: [SwitchPoint; SWITCH_POINTS] },
    /// Asks for a day.
    Get { weekday: u8 },
    /// A day.
    Report { weekday: u8, switch_points: [SwitchPoint; SWITCH_POINTS] },
    /// Asks whether something changed.
    ChangedGet,
    /// Another number than before: something changed. 0 = the schedule is off.
    ChangedReport { counter: u8 },
    /// Sets another setback than the schedule's, by Thermostat Setback's types.
    OverrideSet { override_type: u8, state: i8 },
    /// Asks for it.
    OverrideGet,
    /// Another setback than the schedule's.
    OverrideReport { override_type: u8, state: i8 },
}

impl Command {
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        const WEEKDAY: &str = "the weekday";
        const TYPE: &str = "the override type";
        Ok(match reader.command() {
            0x01 => {
                let weekday = reader.byte(WEEKDAY)? & 0b111;
                Self::Set { weekday, switch_points: read_switch_points(reader)? }
            }
            0x02 => Self::Get { weekday: reader.byte(WEEKDAY)? & 0b111 },
            0x03 => {
                let weekday = reader.byte(WEEKDAY)? & 0b111;
                Self::Report { weekday, switch_points: read_switch_points(reader)? }
            }
            0x04 => Self::ChangedGet,
            0x05 => Self::ChangedReport { counter: reader.byte("the counter")? },
            0x06 => Self::OverrideSet { override_type: reader.byte(TYPE)? & 0b11, state: read_state(reader)? },
            0x07 => Self::OverrideGet,
            0x08 => Self::OverrideReport { override_type: reader.byte(TYPE)? & 0b11, state: read_state(reader)? },
            _ => return reader.unknown_command(),
        })
    }

    pub(super) fn write(&self) -> Writer {
        let command = |command| Writer::new(CommandClass::CLIMATE_CONTROL_SCHEDULE, command);
        let points = |writer: Writer, points: [SwitchPoint; SWITCH_POINTS]| {
            writer.each(points, |writer, point| {
                writer.byte(point.hour & 0b1_1111).byte(point.minute & 0b11_1111).byte(point.state as u8)
            })
        };
        match *self {
            Self::Set { weekday, switch_points } => points(command(0x01).byte(weekday & 0b111), switch_points),
            Self::Get { weekday } => command(0x02).byte(weekday & 0b111),
            Self::Report { weekday, switch_points } => points(command(0x03).byte(weekday & 0b111), switch_points),
            Self::ChangedGet => command(0x04),
            Self::ChangedReport { counter } => command(0x05).byte(counter),
            Self::OverrideSet { override_type, state } => command(0x06).byte(override_type & 0b11).byte(state as u8),
            Self::OverrideGet => command(0x07),
            Self::OverrideReport { override_type, state } => command(0x08).byte(override_type & 0b11).byte(state as u8),
        }
    }
}

fn read_state(reader: &mut Reader<'_>) -> Result<i8, Malformed> {
    Ok(i8::from_be_bytes([reader.byte("the setback state")?]))
}

fn read_switch_points(reader: &mut Reader<'_>) -> Result<[SwitchPoint; SWITCH_POINTS], Malformed> {
    let mut points = [SwitchPoint::UNUSED; SWITCH_POINTS];
    for point in &mut points {
        *point = SwitchPoint {
            hour: reader.byte("the hour of a switch point")? & 0b1_1111,
            minute: reader.byte("the minute of a switch point")? & 0b11_1111,
            state: read_state(reader)?,
        };
    }
    Ok(points)
}
