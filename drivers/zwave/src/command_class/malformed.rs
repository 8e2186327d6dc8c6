//! What can be wrong with the bytes of a command.

use super::CommandClass;

/// Bytes that are not the command they say they are. A node that sends such a thing has a fault; the command is left
/// out, and nothing else is concerned.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Malformed {
    /// Nothing at all.
    #[error("a command without a command class")]
    Empty,
    /// The frame ends before a field that must be there.
    #[error("{class}, command {command:#04x}: it ends before byte {byte}, where {field} belongs")]
    TooShort {
        /// The class.
        class: CommandClass,
        /// The command within the class.
        command: u8,
        /// Counted from the command class's, which is byte 0.
        byte: usize,
        /// What is missing.
        field: &'static str,
    },
    /// A field has a value that it cannot have.
    #[error("{class}, command {command:#04x}: byte {byte}, {field}, is {value:#04x}; {expected}")]
    Invalid {
        /// The class.
        class: CommandClass,
        /// The command within the class.
        command: u8,
        /// Counted from the command class's, which is byte 0.
        byte: usize,
        /// What the byte is.
        field: &'static str,
        /// What stands there.
        value: u8,
        /// What may stand there.
        expected: &'static str,
    },
    /// A command that the class does not have, or only in a version that is not known here.
    #[error("{class} has no command {command:#04x} in the versions that are known")]
    UnknownCommand {
        /// The class.
        class: CommandClass,
        /// The command within the class.
        command: u8,
    },
}
