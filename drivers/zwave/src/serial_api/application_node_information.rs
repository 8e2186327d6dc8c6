//! Serial API Application Node Information (0x03): what the stick says of us to nodes that ask.

use super::{Function, NodeIdWidth, Request};
use crate::read::length_byte;

/// Sets it. Has no answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ApplicationNodeInformation {
    /// Whether we always listen.
    pub listening: bool,
    /// Generic device class.
    pub generic: u8,
    /// Specific device class.
    pub specific: u8,
    /// Command classes that we support, by their numbers.
    pub command_classes: Vec<u8>,
}

/// The longest list that sticks take (APPL_NODEPARM_MAX).
pub const MOST_COMMAND_CLASSES: usize = 35;

impl Request for ApplicationNodeInformation {
    fn function(&self) -> Function {
        Function::APPLICATION_NODE_INFORMATION
    }

    fn write(&self, _: NodeIdWidth, payload: &mut Vec<u8>) {
        let classes = &self.command_classes[..self.command_classes.len().min(MOST_COMMAND_CLASSES)];
        payload.extend_from_slice(&[u8::from(self.listening), self.generic, self.specific, length_byte(classes)]);
        payload.extend_from_slice(classes);
    }
}
