//! Thermostat Operating State, version 2: what heating or cooling is doing.

use super::reader::Reader;
use super::value::{BitMask, Names};
use super::writer::Writer;
use super::{CommandClass, Malformed};

/// The states.
pub const STATES: Names = &[
    (0x00, "Idle"),
    (0x01, "Heating"),
    (0x02, "Cooling"),
    (0x03, "Fan Only"),
    (0x04, "Pending Heat"),
    (0x05, "Pending Cool"),
    (0x06, "Vent/Economizer"),
    (0x07, "Aux Heating"),
    (0x08, "2nd Stage Heating"),
    (0x09, "2nd Stage Cooling"),
    (0x0a, "2nd Stage Aux Heat"),
    (0x0b, "3rd Stage Aux Heat"),
];

/// How long a state lasted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Usage {
    /// By [`STATES`].
    pub state: u8,
    /// Today, in hours and minutes.
    pub today: [u8; 2],
    /// Yesterday, in hours and minutes.
    pub yesterday: [u8; 2],
}

/// A command of Thermostat Operating State.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Command {
    /// Asks which states are counted, from version 2 on.
    LoggingSupportedGet,
    /// Asks for the state.
    Get,
    /// The state, by [`STATES`].
    Report { state: u8 },
    /// Which states are counted: bit 1 is state 1.
    LoggingSupportedReport { states: BitMask },
    /// Asks how long states lasted.
    LoggingGet { states: BitMask },
    /// How long states lasted.
    LoggingReport { reports_to_follow: u8, usages: Vec<Usage> },
}

impl Command {
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(match reader.command() {
            0x01 => Self::LoggingSupportedGet,
            0x02 => Self::Get,
            0x03 => Self::Report { state: reader.byte("the state")? },
            0x04 => Self::LoggingSupportedReport { states: reader.rest_mask("the states")? },
            0x05 => Self::LoggingGet { states: reader.rest_mask("the states")? },
            0x06 => {
                let reports_to_follow = reader.byte("the reports to follow")?;
                let mut usages = Vec::new();
                // Less than one is what a later version added.
                while reader.left() >= 5 {
                    let state = reader.byte("the state")? & 0b1111;
                    let (today, yesterday) = (reader.key("the time of today")?, reader.key("the time of yesterday")?);
                    usages.push(Usage { state, today, yesterday });
                }
                Self::LoggingReport { reports_to_follow, usages }
            }
            _ => return reader.unknown_command(),
        })
    }

    pub(super) fn write(&self) -> Writer {
        let command = |command| Writer::new(CommandClass::THERMOSTAT_OPERATING_STATE, command);
        match self {
            Self::LoggingSupportedGet => command(0x01),
            Self::Get => command(0x02),
            Self::Report { state } => command(0x03).byte(*state),
            Self::LoggingSupportedReport { states } => command(0x04).mask(states),
            Self::LoggingGet { states } => command(0x05).mask(states),
            Self::LoggingReport { reports_to_follow, usages } => {
                command(0x06).byte(*reports_to_follow).each(usages, |writer, usage| {
                    writer.byte(usage.state & 0b1111).bytes(&usage.today).bytes(&usage.yesterday)
                })
            }
        }
    }
}
