//! Barrier Operator, version 1: garage doors and gates.

use super::reader::Reader;
use super::value::{BitMask, Names};
use super::writer::Writer;
use super::{CommandClass, Malformed};

/// The barrier is closed.
pub const CLOSED: u8 = 0x00;
/// The barrier is open.
pub const OPEN: u8 = 0xff;

/// States that are no position; 1–99 is where a barrier was stopped, in percent.
pub const STATES: Names =
    &[(CLOSED, "Closed"), (0xfc, "Closing"), (0xfd, "Stopped"), (0xfe, "Opening"), (OPEN, "Open")];

/// How a barrier warns that it moves.
pub const SIGNALS: Names = &[(0x01, "Audible"), (0x02, "Visual")];

/// A command of Barrier Operator.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Command {
    /// Opens or closes.
    Set { open: bool },
    /// Asks for the state.
    Get,
    /// The state, by [`STATES`].
    Report { state: u8 },
    /// Asks how it can warn.
    SignalingCapabilitiesGet,
    /// How it can warn: bit 0 is signal 1.
    SignalingCapabilitiesReport { signals: BitMask },
    /// Sets whether it warns so.
    EventSignalingSet { signal: u8, on: bool },
    /// Asks whether it warns so.
    EventSignalingGet { signal: u8 },
    /// Whether it warns so.
    EventSignalingReport { signal: u8, on: bool },
}

impl Command {
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        const SIGNAL: &str = "the signal";
        Ok(match reader.command() {
            0x01 => Self::Set { open: reader.byte("the target value")? != 0 },
            0x02 => Self::Get,
            0x03 => Self::Report { state: reader.byte("the state")? },
            0x04 => Self::SignalingCapabilitiesGet,
            0x05 => Self::SignalingCapabilitiesReport { signals: reader.rest_mask("the signals")? },
            0x06 => Self::EventSignalingSet { signal: reader.byte(SIGNAL)?, on: reader.byte("the state")? != 0 },
            0x07 => Self::EventSignalingGet { signal: reader.byte(SIGNAL)? },
            0x08 => Self::EventSignalingReport { signal: reader.byte(SIGNAL)?, on: reader.byte("the state")? != 0 },
            _ => return reader.unknown_command(),
        })
    }

    pub(super) fn write(&self) -> Writer {
        let command = |command| Writer::new(CommandClass::BARRIER_OPERATOR, command);
        let whether = |on: &bool| if *on { OPEN } else { CLOSED };
        match self {
            Self::Set { open } => command(0x01).byte(whether(open)),
            Self::Get => command(0x02),
            Self::Report { state } => command(0x03).byte(*state),
            Self::SignalingCapabilitiesGet => command(0x04),
            Self::SignalingCapabilitiesReport { signals } => command(0x05).mask(signals),
            Self::EventSignalingSet { signal, on } => command(0x06).byte(*signal).byte(whether(on)),
            Self::EventSignalingGet { signal } => command(0x07).byte(*signal),
            Self::EventSignalingReport { signal, on } => command(0x08).byte(*signal).byte(whether(on)),
        }
    }
}
