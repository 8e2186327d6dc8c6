//! Alarm Sensor, version 1: an alarm of a sensor of before Notification.

use super::reader::Reader;
use super::value::{BitMask, Names};
use super::writer::Writer;
use super::{CommandClass, Malformed};

/// What a sensor gives alarm of.
pub const SENSOR_TYPES: Names =
    &[(0x00, "General purpose"), (0x01, "Smoke"), (0x02, "CO"), (0x03, "CO2"), (0x04, "Heat"), (0x05, "Water Leak")];

/// A command of Alarm Sensor.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Command {
    /// Asks for an alarm, by [`SENSOR_TYPES`]; 255 = the first type.
    Get { sensor_type: u8 },
    /// Whether there is an alarm: 0 none, 1–100 how grave, 255 yes. The node is that of the sensor where another one
    /// sends for it; the seconds are how long it lasts, 0 = not known.
    Report { node: u8, sensor_type: u8, state: u8, seconds: u16 },
    /// Asks for the types.
    SupportedGet,
    /// The types: bit 0 is type 0.
    SupportedReport { types: BitMask },
}

impl Command {
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        const TYPE: &str = "the sensor type";
        Ok(match reader.command() {
            0x01 => Self::Get { sensor_type: reader.byte(TYPE)? },
            0x02 => Self::Report {
                node: reader.byte("the node")?,
                sensor_type: reader.byte(TYPE)?,
                state: reader.byte("the state")?,
                seconds: reader.word("the seconds")?,
            },
            0x03 => Self::SupportedGet,
            0x04 => {
                let length = reader.byte("the length of the types")?;
                Self::SupportedReport { types: reader.mask(length, "the sensor types")? }
            }
            _ => return reader.unknown_command(),
        })
    }

    pub(super) fn write(&self) -> Writer {
        let command = |command| Writer::new(CommandClass::ALARM_SENSOR, command);
        match self {
            Self::Get { sensor_type } => command(0x01).byte(*sensor_type),
            Self::Report { node, sensor_type, state, seconds } => {
                command(0x02).byte(*node).byte(*sensor_type).byte(*state).word(*seconds)
            }
            Self::SupportedGet => command(0x03),
            Self::SupportedReport { types } => command(0x04).counted(0, 8, &types.0),
        }
    }
}
