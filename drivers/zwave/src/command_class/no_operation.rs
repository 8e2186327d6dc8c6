//! No Operation, version 1: nothing but a class, to find out whether a node answers.

use super::reader::Reader;
use super::writer::Writer;
use super::{CommandClass, Malformed};

/// The one command of No Operation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Command;

impl Command {
    pub(super) fn read(_reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(Self)
    }

    pub(super) fn write(&self) -> Writer {
        Writer::class(CommandClass::NO_OPERATION)
    }
}
