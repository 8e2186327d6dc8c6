//! Protection, version 2: whether keys and the radio may control a device.

use super::reader::Reader;
use super::value::Names;
use super::writer::Writer;
use super::{CommandClass, Malformed};

/// Protection against people at the device.
pub const LOCAL_STATES: Names = &[(0, "Unprotected"), (1, "Protection by sequence"), (2, "No operation possible")];
/// Protection against the radio.
pub const RF_STATES: Names = &[(0, "Unprotected"), (1, "No RF control"), (2, "No RF response at all")];

/// A command of Protection.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Command {
    /// Sets local and (from version 2 on) radio protection, by [`LOCAL_STATES`] and [`RF_STATES`].
    Set { local: u8, rf: Option<u8> },
    /// Asks for both.
    Get,
    /// Local and radio protection.
    Report { local: u8, rf: Option<u8> },
    /// Asks what can be set, from version 2 on.
    SupportedGet,
    /// What can be set: bit 0 of the states is state 0.
    SupportedReport { has_timeout: bool, has_exclusive_control: bool, local_states: u16, rf_states: u16 },
    /// Sets the one node that may control the device; 0 = none.
    ExclusiveControlSet { node: u8 },
    /// Asks for that node.
    ExclusiveControlGet,
    /// That node.
    ExclusiveControlReport { node: u8 },
    /// Sets how long radio protection lasts: 0 it ends, 1–60 seconds, 65–191 minutes from 2 on, 255 for ever.
    TimeoutSet { timeout: u8 },
    /// Asks how long it still lasts.
    TimeoutGet,
    /// How long it still lasts.
    TimeoutReport { timeout: u8 },
}

impl Command {
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        const LOCAL: &str = "the local state";
        Ok(match reader.command() {
            0x01 => Self::Set { local: reader.byte(LOCAL)? & 0b1111, rf: reader.next().map(|byte| byte & 0b1111) },
            0x02 => Self::Get,
            0x03 => Self::Report { local: reader.byte(LOCAL)? & 0b1111, rf: reader.next().map(|byte| byte & 0b1111) },
            0x04 => Self::SupportedGet,
            0x05 => {
                let flags = reader.byte("the properties")?;
                Self::SupportedReport {
                    has_timeout: flags & 0b1 != 0,
                    has_exclusive_control: flags & 0b10 != 0,
                    local_states: u16::from_le_bytes(reader.key("the local states")?),
                    rf_states: u16::from_le_bytes(reader.key("the radio states")?),
                }
            }
            0x06 => Self::ExclusiveControlSet { node: reader.byte("the node")? },
            0x07 => Self::ExclusiveControlGet,
            0x08 => Self::ExclusiveControlReport { node: reader.byte("the node")? },
            0x09 => Self::TimeoutSet { timeout: reader.byte("the timeout")? },
            0x0a => Self::TimeoutGet,
            0x0b => Self::TimeoutReport { timeout: reader.byte("the timeout")? },
            _ => return reader.unknown_command(),
        })
    }

    pub(super) fn write(&self) -> Writer {
        let command = |command| Writer::new(CommandClass::PROTECTION, command);
        match *self {
            Self::Set { local, rf } => command(0x01).byte(local & 0b1111).optional(rf.map(|state| state & 0b1111)),
            Self::Get => command(0x02),
            Self::Report { local, rf } => command(0x03).byte(local & 0b1111).optional(rf.map(|state| state & 0b1111)),
            Self::SupportedGet => command(0x04),
            Self::SupportedReport { has_timeout, has_exclusive_control, local_states, rf_states } => command(0x05)
                .flags([(has_timeout, 0), (has_exclusive_control, 1)])
                .bytes(&local_states.to_le_bytes())
                .bytes(&rf_states.to_le_bytes()),
            Self::ExclusiveControlSet { node } => command(0x06).byte(node),
            Self::ExclusiveControlGet => command(0x07),
            Self::ExclusiveControlReport { node } => command(0x08).byte(node),
            Self::TimeoutSet { timeout } => command(0x09).byte(timeout),
            Self::TimeoutGet => command(0x0a),
            Self::TimeoutReport { timeout } => command(0x0b).byte(timeout),
        }
    }
}
