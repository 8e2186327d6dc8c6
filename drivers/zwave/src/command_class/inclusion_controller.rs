//! Inclusion Controller, version 1: another controller includes nodes for this one.

use super::reader::Reader;
use super::value::Names;
use super::writer::Writer;
use super::{CommandClass, Malformed};

/// Steps of an inclusion.
pub const STEPS: Names = &[(0x01, "Proxy inclusion"), (0x02, "S0 inclusion"), (0x03, "Proxy inclusion replace")];
/// How a step ended.
pub const STATUSES: Names =
    &[(0x01, "Step OK"), (0x02, "User rejected"), (0x03, "Step failed"), (0x04, "Not supported")];

/// A command of Inclusion Controller.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Command {
    /// A node was included; this step is to be done, by [`STEPS`].
    Initiate { node: u8, step: u8 },
    /// A step has ended, by [`STATUSES`].
    Complete { step: u8, status: u8 },
}

impl Command {
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(match reader.command() {
            0x01 => Self::Initiate { node: reader.byte("the node")?, step: reader.byte("the step")? },
            0x02 => Self::Complete { step: reader.byte("the step")?, status: reader.byte("the status")? },
            _ => return reader.unknown_command(),
        })
    }

    pub(super) fn write(&self) -> Writer {
        let command = |command| Writer::new(CommandClass::INCLUSION_CONTROLLER, command);
        match *self {
            Self::Initiate { node, step } => command(0x01).byte(node).byte(step),
            Self::Complete { step, status } => command(0x02).byte(step).byte(status),
        }
    }
}
