//! Security 2 (SDS13783): what two nodes keep of their conversation, and the encapsulation of commands.
//!
//! A [`Session`] is kept for each node; a [`MulticastGroup`] for each set of nodes that are addressed at once.

pub mod extension;
pub mod frame;
pub mod multicast;
pub mod session;
pub mod span;
#[cfg(test)]
mod tests;

pub use extension::Extension;
pub use frame::{Addresses, NonceReport, Refused};
pub use multicast::MulticastGroup;
pub use session::{Additions, KeyId, NotEncapsulated, Opened, Session};

/// The command class.
pub const COMMAND_CLASS: u8 = 0x9F;
/// Of entropy inputs and of the state of multicast nonces.
pub type Entropy = [u8; 16];
