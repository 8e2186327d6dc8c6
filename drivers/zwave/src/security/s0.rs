//! Security 0 (SDS13783): the older security, of devices without Security 2.

pub mod encapsulation;
pub mod nonces;
pub mod sequence;

pub use encapsulation::{Decapsulated, Refused, S0Keys, decapsulate, encapsulate};
pub use nonces::{Nonces, S0Nonce};
pub use sequence::{Part, Reassembly, split};

/// The command class.
pub const COMMAND_CLASS: u8 = 0x98;
